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

static int copy_vma(struct mm_struct *snapshot, struct vm_area_struct *vma)
{
	struct vm_area_struct *new;

	vma_start_write(vma);
	new = add_vma(snapshot, vma);
	if (!new || ksym(anon_vma_fork)(new, vma))
		return -ENOMEM;
	return ckpt_share_range(new, vma, vma->vm_start, vma->vm_end);
}

static int copy_mm(struct mm_struct *snapshot, struct mm_struct *mm)
{
	struct vm_area_struct *vma;
	VMA_ITERATOR(vmi, mm, 0);

	for_each_vma(vmi, vma) {
		int err = ckpt_vma_private(vma) ? copy_vma(snapshot, vma) : 0;

		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

struct mm_struct *ckpt_snapshot_mm(struct mm_struct *mm)
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
		err = copy_mm(snapshot, mm);
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
