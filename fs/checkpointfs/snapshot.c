// SPDX-License-Identifier: GPL-2.0-only
/*
 * Address spaces as they were at the freeze.
 *
 * A snapshot is an address space that no task uses: a duplicate of the
 * mappings with private pages, and of their page tables, made as fork makes
 * them. It holds pages and nothing else: no file, no lock on memory, no share
 * of the overcommit limit. It dies by mmput().
 *
 * The snapshot's mmap_lock nests in the program's.
 */
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/rmap.h>
#include <linux/sched/mm.h>
#include <linux/userfaultfd_k.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"

/*
 * copy_page_range() takes whole mappings: it gets copies of them, cut to the
 * range. Nobody else sees the copies; what it looks at besides the addresses
 * (anon_vma, flags, the lock's sequence) is the same in them.
 */
static void cut_vma(struct vm_area_struct *cut, const struct vm_area_struct *vma,
		    unsigned long start, unsigned long end)
{
	memcpy(cut, vma, sizeof(*cut));
	cut->vm_pgoff += (start - vma->vm_start) >> PAGE_SHIFT;
	cut->vm_start = start;
	cut->vm_end = end;
}

int ckpt_share_range(struct vm_area_struct *to, struct vm_area_struct *from,
		     unsigned long start, unsigned long end)
{
	struct vm_area_struct cut_to, cut_from;

	mmap_assert_write_locked(to->vm_mm);
	mmap_assert_write_locked(from->vm_mm);
	cut_vma(&cut_to, to, start, end);
	cut_vma(&cut_from, from, start, end);
	return ksym(copy_page_range)(&cut_to, &cut_from);
}

/*
 * An empty mapping of @snapshot, in its tree as soon as it exists, so that
 * mmput() cleans up whatever happens afterwards.
 */
static struct vm_area_struct *add_vma(struct mm_struct *snapshot,
				      struct vm_area_struct *vma)
{
	MA_STATE(mas, &snapshot->mm_mt, vma->vm_start, vma->vm_end - 1);
	struct vm_area_struct *new = ksym(vm_area_dup)(vma);

	if (!new)
		return NULL;
	new->vm_mm = snapshot;
	new->anon_vma = NULL;
	new->vm_file = NULL;
	new->vm_ops = NULL;
	new->vm_private_data = NULL;
#ifdef CONFIG_NUMA
	new->vm_policy = NULL;
#endif
	new->vm_userfaultfd_ctx = NULL_VM_UFFD_CTX;
	vm_flags_clear(new, VM_LOCKED_MASK | VM_ACCOUNT | VM_MERGEABLE | __VM_UFFD_FLAGS);
	if (mas_store_gfp(&mas, new, GFP_KERNEL)) {
		ksym(vm_area_free)(new);
		return NULL;
	}
	snapshot->map_count++;
	return new;
}

static int copy_runs(struct vm_area_struct *new, struct vm_area_struct *vma,
		     const struct ckpt_pagerun *run, const struct ckpt_pagerun *end)
{
	/* All there is may be copied at once where nothing else is mapped. */
	if (!vma->vm_file)
		return ckpt_share_range(new, vma, vma->vm_start, vma->vm_end);
	for (; run < end && run->start < vma->vm_end; run++) {
		int err;

		if (run->kind != CKPT_RUN_PAGES)
			continue;
		err = ckpt_share_range(new, vma, run->start,
				       run->start + (u64)run->pages * PAGE_SIZE);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

static int copy_vma(struct mm_struct *snapshot, struct vm_area_struct *vma,
		    const struct ckpt_pagerun *run, const struct ckpt_pagerun *end)
{
	struct vm_area_struct *new;

	vma_start_write(vma);
	new = add_vma(snapshot, vma);
	if (!new || ksym(anon_vma_fork)(new, vma))
		return -ENOMEM;
	return copy_runs(new, vma, run, end);
}

static int copy_mm(struct mm_struct *snapshot, struct mm_struct *mm,
		   const struct ckpt_pagemap *map)
{
	const struct ckpt_pagerun *run = map->runs, *end = run + map->nr;

	while (run < end) {
		struct vm_area_struct *vma;
		int err;

		if (run->kind != CKPT_RUN_PAGES) {
			run++;
			continue;
		}
		vma = vma_lookup(mm, run->start);
		if (!vma)
			return -ESTALE;
		err = copy_vma(snapshot, vma, run, end);
		if (err)
			return err;
		while (run < end && run->start < vma->vm_end)
			run++;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

struct mm_struct *ckpt_snapshot_mm(struct mm_struct *mm, const struct ckpt_pagemap *map)
{
	struct mm_struct *snapshot = ksym(mm_alloc)();
	int err;

	if (!snapshot)
		return ERR_PTR(-ENOMEM);
#ifdef CONFIG_MEMCG
	/* The caller goes away and is no owner of this. */
	RCU_INIT_POINTER(snapshot->owner, NULL);
#endif
	err = mmap_write_lock_killable(mm);
	if (!err) {
		mmap_write_lock_nested(snapshot, SINGLE_DEPTH_NESTING);
		err = copy_mm(snapshot, mm, map);
		mmap_write_unlock(snapshot);
		/* The program's entries have become read-only. */
		ksym(flush_tlb_mm_range)(mm, 0, TLB_FLUSH_ALL, 0, true);
		mmap_write_unlock(mm);
	}
	if (err) {
		mmput(snapshot);
		return ERR_PTR(err);
	}
	return snapshot;
}
