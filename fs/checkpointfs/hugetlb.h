/* SPDX-License-Identifier: GPL-2.0-only */
/* Huge pages of a pool (hugetlb): what mappings and files of memory ask of hugetlb.c. */
#ifndef _CKPT_HUGETLB_H
#define _CKPT_HUGETLB_H

#include <linux/types.h>

struct ckpt_content;
struct ckpt_pagemap;
struct ckpt_writer;
struct file;
struct mm_struct;
struct vm_area_struct;

#ifdef CONFIG_HUGETLBFS

/* ---- files ----------------------------------------------------------------------- */

/* Is it of the kernel's own hugetlbfs: of a mapping, a memfd, a System V segment? */
bool ckpt_huge_internal(const struct file *file);
/* Is it that of mmap(MAP_ANONYMOUS | MAP_HUGETLB)? */
bool ckpt_huge_anonymous(const struct file *file);
/* Has it huge pages, whatever file it is? */
bool ckpt_huge_file(const struct file *file);
/* Write CKPT_REC_HUGETLB of a file that has huge pages. Return: 0 or w->error. */
int ckpt_huge_save(struct ckpt_writer *w, struct file *file);
/* Find the pages that @file has. Return: 0, -ENOMEM or -EINTR. */
int ckpt_huge_find(struct file *file, struct ckpt_pagemap *map);
/*
 * As mmap(MAP_ANONYMOUS | MAP_HUGETLB) makes it, with pages of 1 << @shift bytes; nothing
 * is reserved. Return: the file, or ERR_PTR(): -ENODEV: there are no such pages here.
 */
struct file *ckpt_huge_create(u64 size, unsigned int shift);
/* The same of a System V segment, which may reserve all of its pages. */
struct file *ckpt_huge_segment(const char *name, u64 size, unsigned int shift, bool reserve);
/* log2 of the size of its pages, in bytes; 0: they are not huge. */
unsigned int ckpt_huge_shift(const struct file *file);
/* Has a file of huge pages reserved some that it does not have yet? */
bool ckpt_huge_reserves(const struct file *file);
/**
 * ckpt_huge_fill() - put contents into a file
 * @file: open for reading and writing, filled by the first new task
 * @pos: of the first page, bytes
 * @pages: how many
 * @content: where the contents are; what is put there is taken out
 * @index: of the first page in it
 *
 * Return: 0, -ENOMEM if the pool has too few pages, -EINTR.
 */
int ckpt_huge_fill(struct file *file, u64 pos, u32 pages, struct ckpt_content *content,
		   u64 index);

/* ---- mappings -------------------------------------------------------------------- */

/* What cannot be saved of a mapping of huge pages; NULL: nothing. mmap_lock is held. */
const char *ckpt_huge_obstacle(const struct vm_area_struct *vma);
/* Is it private, and has neither a reservation nor MAP_NORESERVE? As fork() leaves it. */
bool ckpt_huge_unreserved(const struct vm_area_struct *vma);
/**
 * ckpt_huge_scan() - find the private huge pages of an address space
 * @map: filled in, with a run of its own for each mapping
 * @mm: of frozen tasks, its mmap_lock held
 * @bad: after -EOPNOTSUPP: the address of a page that has no contents
 *
 * Return: 0, -EOPNOTSUPP, -ENOMEM or -EINTR.
 */
int ckpt_huge_scan(struct ckpt_pagemap *map, struct mm_struct *mm, unsigned long *bad);
/* Copy the pages of @map, back to back; mmap_lock is not held. Return: 0 or -errno. */
int ckpt_huge_copy(struct mm_struct *mm, const struct ckpt_pagemap *map,
		   struct ckpt_content *copy);
/* As ckpt_huge_fill(), for addresses of @vma, which may be written; mmap_lock is held. */
int ckpt_huge_install(struct vm_area_struct *vma, unsigned long addr, u32 pages,
		      struct ckpt_content *content, u64 index);

#else

#include <linux/err.h>

static inline bool ckpt_huge_internal(const struct file *file)
{
	return false;
}

static inline bool ckpt_huge_anonymous(const struct file *file)
{
	return false;
}

static inline bool ckpt_huge_file(const struct file *file)
{
	return false;
}

static inline int ckpt_huge_save(struct ckpt_writer *w, struct file *file)
{
	return -EOPNOTSUPP;
}

static inline int ckpt_huge_find(struct file *file, struct ckpt_pagemap *map)
{
	return -EOPNOTSUPP;
}

static inline struct file *ckpt_huge_create(u64 size, unsigned int shift)
{
	return ERR_PTR(-ENODEV);
}

static inline struct file *ckpt_huge_segment(const char *name, u64 size, unsigned int shift,
					     bool reserve)
{
	return ERR_PTR(-ENODEV);
}

static inline unsigned int ckpt_huge_shift(const struct file *file)
{
	return 0;
}

static inline bool ckpt_huge_reserves(const struct file *file)
{
	return false;
}

static inline int ckpt_huge_fill(struct file *file, u64 pos, u32 pages,
				 struct ckpt_content *content, u64 index)
{
	return -EOPNOTSUPP;
}

static inline const char *ckpt_huge_obstacle(const struct vm_area_struct *vma)
{
	return "hugetlb";
}

static inline bool ckpt_huge_unreserved(const struct vm_area_struct *vma)
{
	return false;
}

static inline int ckpt_huge_scan(struct ckpt_pagemap *map, struct mm_struct *mm,
				 unsigned long *bad)
{
	return 0;
}

static inline int ckpt_huge_copy(struct mm_struct *mm, const struct ckpt_pagemap *map,
				 struct ckpt_content *copy)
{
	return 0;
}

static inline int ckpt_huge_install(struct vm_area_struct *vma, unsigned long addr, u32 pages,
				    struct ckpt_content *content, u64 index)
{
	return -EUCLEAN;
}

#endif

#endif /* _CKPT_HUGETLB_H */
