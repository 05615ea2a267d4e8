// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory whose faults a userfaultfd(2) tells of, made again.
 *
 * A new mapping is registered when it is empty, by an ioctl of the new descriptor, so that the
 * kernel's own checks decide and nothing ever fills what is to be missing. It gets its pages
 * by install.c; then come zeroes where contents have holes, and the state of pages, by
 * ioctls again. From there to the end of the restore nobody looks at its memory.
 *
 * All of it is done by a task of the address space, whose mmap_lock these calls take. No
 * program runs in it, but somebody outside may get at the descriptor (pidfd_getfd(2)), and
 * do what a debugger can do.
 */
#include <linux/fs.h>
#include <linux/ioctl.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>
#include <linux/userfaultfd_k.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "mapping.h"
#include "uffd.h"

/* How much one call deals with: nobody can be killed in it. */
#define STEP	SZ_1G

int ckpt_uffd_call(struct file *file, unsigned int cmd, unsigned long scratch,
		   void *arg, size_t size)
{
	int err = ckpt_scratch_put(scratch, arg, size);

	if (err)
		return err;
	err = ckpt_ioctl(file, cmd, scratch);
	return copy_from_user(arg, (void __user *)scratch, size) ? -ENOMEM : err;
}

/**
 * struct part - a mapping of an item (VMAS) that is registered
 * @vma:	the mapping
 * @runs:	its runs
 * @view:	its record
 * @file:	the userfaultfd; the restore's
 * @scratch:	for arguments
 */
struct part {
	const struct ckpt_vma *vma;
	struct ckpt_vma_runs runs;
	struct ckpt_view view;
	struct file *file;
	unsigned long scratch;
};

/* As the kernel does not register what has the flag by which mappings are kept apart. */
static int register_part(const struct part *p)
{
	u64 start = le64_to_cpu(p->vma->start), mode = 0;
	u32 flags = le32_to_cpu(p->vma->flags);
	struct uffdio_register arg = {
		.range = { .start = start, .len = le64_to_cpu(p->vma->end) - start },
	};
	int err = ckpt_mapping_let_merge(p->vma, 0);

	if (flags & CKPT_VMA_UFFD_MISSING)
		mode |= UFFDIO_REGISTER_MODE_MISSING;
	if (flags & CKPT_VMA_UFFD_WP)
		mode |= UFFDIO_REGISTER_MODE_WP;
	if (flags & CKPT_VMA_UFFD_MINOR)
		mode |= UFFDIO_REGISTER_MODE_MINOR;
	arg.mode = mode;
	if (!err)
		err = ckpt_uffd_call(p->file, UFFDIO_REGISTER, p->scratch, &arg, sizeof(arg));
	return err ?: ckpt_mapping_keep_apart(p->vma);
}

/* Up to the end of a page table, if there is one and not a huge page. */
static int fill_table(struct vm_area_struct *vma, unsigned long addr, unsigned long end)
{
	pmd_t *pmd = ckpt_alloc_table(vma->vm_mm, addr);
	spinlock_t *ptl;
	pte_t *first, *pte;

	if (!pmd)
		return -ENOMEM;
	first = ksym(__pte_offset_map_lock)(vma->vm_mm, pmd, addr, &ptl);
	if (!first)
		return 0;
	for (pte = first; addr < end; pte++, addr += PAGE_SIZE)
		if (pte_none(ptep_get(pte)))
			set_pte_at(vma->vm_mm, addr, pte,
				   pte_mkspecial(pfn_pte(my_zero_pfn(addr), vma->vm_page_prot)));
	pte_unmap_unlock(first, ptl);
	return 0;
}

static int fill_locked(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	const vm_flags_t other = VM_MAYSHARE | VM_IO | VM_PFNMAP | VM_MIXEDMAP | VM_HUGETLB;
	struct vm_area_struct *vma = vma_lookup(mm, start);
	int err = 0;

	if (!vma || end > vma->vm_end || vma->vm_flags & other)
		return -EUCLEAN;
	while (!err && start < end) {
		unsigned long next = pmd_addr_end(start, end);

		err = fill_table(vma, start, next);
		start = next;
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err;
}

/* The kernel's page of zeroes wherever there is nothing. */
static int fill(unsigned long start, unsigned long end)
{
	struct mm_struct *mm = current->mm;
	int err = mmap_read_lock_killable(mm);

	if (err)
		return err;
	err = fill_locked(mm, start, end);
	mmap_read_unlock(mm);
	return err;
}

/* A page of zeroes is there, though an archive may have had a hole for it. */
static int fill_holes(const struct part *p)
{
	const struct ckpt_run *run = p->runs.run;
	size_t i;
	int err = 0;

	for (i = 0; !err && i < p->runs.nr; i++, run++)
		err = fill(ckpt_run_start(run), ckpt_run_end(run));
	return err;
}

/* One struct for both. */
static_assert(sizeof(struct uffdio_poison) == sizeof(struct uffdio_continue) &&
	      offsetof(struct uffdio_poison, updated) ==
	      offsetof(struct uffdio_continue, mapped));

/*
 * Pages that have gone from their file, and those that have come meanwhile, are left out: at
 * any time the kernel may unmap a page, and a program has to put up with it.
 */
static int put_pages(const struct part *p, unsigned int cmd, u64 start, u64 end)
{
	while (start < end) {
		struct uffdio_continue arg = {
			.range = { .start = start, .len = min_t(u64, end - start, STEP) },
			.mode = UFFDIO_CONTINUE_MODE_DONTWAKE,
		};
		int err = ckpt_uffd_call(p->file, cmd, p->scratch, &arg, sizeof(arg));

		if (arg.mapped > 0)
			start += arg.mapped;
		else if (arg.mapped == -EEXIST || arg.mapped == -EFAULT)
			start += PAGE_SIZE;
		else
			return err ?: -EIO;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

static int protect(const struct part *p, u64 start, u64 end)
{
	while (start < end) {
		struct uffdio_writeprotect arg = {
			.range = { .start = start, .len = min_t(u64, end - start, STEP) },
			.mode = UFFDIO_WRITEPROTECT_MODE_WP,
		};
		int err = ckpt_uffd_call(p->file, UFFDIO_WRITEPROTECT, p->scratch, &arg,
					 sizeof(arg));

		if (err)
			return err;
		if (fatal_signal_pending(current))
			return -EINTR;
		start += arg.range.len;
		cond_resched();
	}
	return 0;
}

static int finish_run(const struct part *p, const struct ckpt_uffd_run *run)
{
	u64 start = le64_to_cpu(run->start);
	u64 end = start + (u64)le32_to_cpu(run->pages) * PAGE_SIZE;
	u32 flags = le32_to_cpu(run->flags);
	int err = 0;

	if (flags & CKPT_UFFD_RUN_POISON)
		return put_pages(p, UFFDIO_POISON, start, end);
	if (flags & CKPT_UFFD_RUN_ZERO)
		err = fill(start, end);
	if (flags & CKPT_UFFD_RUN_MAPPED)
		err = put_pages(p, UFFDIO_CONTINUE, start, end);
	if (!err && flags & CKPT_UFFD_RUN_PROTECTED)
		err = protect(p, start, end);
	return err;
}

static int finish_part(const struct part *p)
{
	const struct ckpt_uffd_run *run = p->view.elems;
	int err = 0;
	u32 i;

	if (le32_to_cpu(p->vma->kind) != CKPT_VMA_SHARED)
		err = fill_holes(p);
	for (i = 0; !err && i < p->view.count; i++, run++)
		err = finish_run(p, run);
	return err;
}

/* The check has seen to it that there is one for each mapping. */
static bool next_record(struct ckpt_cursor *cur, struct ckpt_view *view)
{
	while (ckpt_next(cur, view) > 0)
		if (view->type == CKPT_REC_UFFD)
			return true;
	return false;
}

/* Whatever the check has said: it is here that a wrong address space would matter. */
static int find_file(struct ckpt_restore *r, struct part *p)
{
	const struct ckpt_uffd *rec = p->view.body;
	const struct userfaultfd_ctx *ctx;

	p->file = ckpt_restored_file(r, le64_to_cpu(rec->file));
	if (IS_ERR_OR_NULL(p->file) || p->file->f_op != ksym_addr(userfaultfd_fops))
		return -EUCLEAN;
	ctx = p->file->private_data;
	return ctx->mm == current->mm ? 0 : -EUCLEAN;
}

static int for_parts(struct ckpt_restore *r, struct ckpt_item *item, unsigned long scratch,
		     int (*apply)(const struct part *p))
{
	struct part p = { .scratch = scratch };
	struct ckpt_space space;
	struct ckpt_cursor cur;

	ckpt_cursor_init(&cur, item->bytes, item->size);
	ckpt_space_init(&space, item);
	while ((p.vma = ckpt_space_next(&space, &p.runs))) {
		int err;

		if (!(le32_to_cpu(p.vma->flags) & CKPT_VMA_UFFD))
			continue;
		err = next_record(&cur, &p.view) ? find_file(r, &p) : -EUCLEAN;
		if (!err)
			err = apply(&p);
		if (err) {
			ckpt_restore_err(r, item, "mapping %llx: its faults cannot be told of: %pe",
					 le64_to_cpu(p.vma->start), ERR_PTR(err));
			return err;
		}
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

static int apply_to_parts(struct ckpt_restore *r, struct ckpt_item *item,
			  int (*apply)(const struct part *p))
{
	unsigned long scratch;
	struct ckpt_view view;
	int err;

	if (!ckpt_find(item->bytes, item->size, CKPT_REC_UFFD, &view))
		return 0;
	scratch = ckpt_scratch_map();
	if (IS_ERR_VALUE(scratch)) {
		ckpt_restore_err(r, item, "no room for arguments: %pe", (void *)scratch);
		return scratch;
	}
	err = for_parts(r, item, scratch, apply);
	ckpt_scratch_unmap(scratch);
	return err;
}

int ckpt_uffd_register(struct ckpt_restore *r, struct ckpt_item *item)
{
	return apply_to_parts(r, item, register_part);
}

int ckpt_uffd_finish(struct ckpt_restore *r, struct ckpt_item *item)
{
	return apply_to_parts(r, item, finish_part);
}
