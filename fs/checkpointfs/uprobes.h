/* SPDX-License-Identifier: GPL-2.0-only */
/* What uprobes of others have put into a program: uprobes.c. */
#ifndef _CKPT_UPROBES_H
#define _CKPT_UPROBES_H

#include <linux/types.h>
#include <linux/xarray.h>

struct ckpt_collect;
struct ckpt_memory;
struct mm_struct;
struct task_struct;
struct vm_area_struct;

/*
 * Pages without what probes have written to them: struct page by page number, each with a
 * reference, never taken out again. Of those with this mark nothing is left that a mapping
 * of the file would not have: they have become private by the probe alone.
 */
#define CKPT_AS_IN_FILE	XA_MARK_0

#ifdef CONFIG_UPROBES

/* Is it in the midst of a step that a probe has it make elsewhere? It is frozen. */
bool ckpt_uprobes_stepping(struct task_struct *t);
/*
 * Will it go on where a return probe has it go on, in a way that cannot be told of? It is
 * frozen.
 */
bool ckpt_uprobes_returning(struct task_struct *t);
/* Tell its memory where its functions return to. It is frozen. Return: 0 or -errno. */
int ckpt_uprobes_save(struct ckpt_collect *c, struct task_struct *t);
/* Is that a mapping of the probes' own? mmap_lock is held. */
bool ckpt_uprobes_own(const struct vm_area_struct *vma);
/* How many of them there are; mmap_lock is held. */
unsigned int ckpt_uprobes_nr_own(struct mm_struct *mm);
/*
 * Add to @m->unprobed those that @mm, of frozen tasks, has now from @start to @end, whole
 * pages, and that are not there yet; its mmap_lock is held. Return: 0, -ENOMEM, -EINTR ...
 */
int ckpt_uprobes_note(struct ckpt_memory *m, struct mm_struct *mm, unsigned long start,
		      unsigned long end);
/* Give all of them back. */
void ckpt_uprobes_drop(struct xarray *pages);

/* A new task has none of the return probes of the one who cloned it. */
void ckpt_uprobes_shed(void);
/* A new address space, in which no page has been installed, has no traces of probes. */
void ckpt_uprobes_withdraw(struct mm_struct *mm);
/* @mm is going to share pages of @source, in which there may be new ones. */
void ckpt_uprobes_inherit(struct mm_struct *mm, struct mm_struct *source);
/* All its pages are there: it gets what probes there are now. */
void ckpt_uprobes_insert(struct mm_struct *mm);

#else

static inline bool ckpt_uprobes_stepping(struct task_struct *t)
{
	return false;
}

static inline bool ckpt_uprobes_returning(struct task_struct *t)
{
	return false;
}

static inline int ckpt_uprobes_save(struct ckpt_collect *c, struct task_struct *t)
{
	return 0;
}

static inline bool ckpt_uprobes_own(const struct vm_area_struct *vma)
{
	return false;
}

static inline unsigned int ckpt_uprobes_nr_own(struct mm_struct *mm)
{
	return 0;
}

static inline int ckpt_uprobes_note(struct ckpt_memory *m, struct mm_struct *mm,
				    unsigned long start, unsigned long end)
{
	return 0;
}

static inline void ckpt_uprobes_drop(struct xarray *pages)
{
	xa_destroy(pages);
}

static inline void ckpt_uprobes_shed(void)
{
}

static inline void ckpt_uprobes_withdraw(struct mm_struct *mm)
{
}

static inline void ckpt_uprobes_inherit(struct mm_struct *mm, struct mm_struct *source)
{
}

static inline void ckpt_uprobes_insert(struct mm_struct *mm)
{
}

#endif

#endif /* _CKPT_UPROBES_H */
