// SPDX-License-Identifier: GPL-2.0-only
/*
 * Address spaces as they were at the freeze.
 *
 * A snapshot is an address space that no task uses: a duplicate of the
 * mappings with private pages, and of their page tables, made as fork makes
 * them. It holds pages and nothing else: no file, no lock on memory, no share
 * of the overcommit limit. It dies by mmput().
 *
 * It may be made ahead, while the program runs, in steps between which the
 * program can change its memory. What is left to do at the freeze is to renew
 * it: mappings that have changed are replaced, their page tables stay, and
 * entries that do not lead to the program's page are shared again. A page that
 * the snapshot maps is never written to, so the same page is the same contents.
 *
 * The snapshot's mmap_lock nests in the program's.
 */
#include <linux/hugetlb.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/mmu_notifier.h>
#include <linux/rmap.h>
#include <linux/sched/mm.h>
#include <linux/userfaultfd_k.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "uprobes.h"

/* After what that declares, and a module has no other declaration of. */
#include <asm/tlb.h>

/* How much of the program's memory is looked at before it may fault again. */
#define STEP_MIN	SZ_32M
#define STEP_MAX	SZ_1G
/* As much work as a mapping is. */
#define STEP_VMA	SZ_512K
/* The same of huge pages, and how much of it is looked at again. */
#define STEP_HUGE	SZ_256M
#define STEP_SAMPLE	(64 * PMD_SIZE)

/* ---- mappings -------------------------------------------------------------------- */

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

static struct vm_area_struct *fork_vma(struct mm_struct *snapshot,
				       struct vm_area_struct *vma)
{
	struct vm_area_struct *new = add_vma(snapshot, vma);

	return new && !ksym(anon_vma_fork)(new, vma) ? new : NULL;
}

static bool has_copy(const struct vm_area_struct *vma)
{
	return ckpt_vma_private(vma) && !is_vm_hugetlb_page(vma);
}

/* Are the rest of one list from @a on and that of another from @b on the same? */
static bool same_rest(struct list_head *a, struct list_head *a_end,
		      struct list_head *b, struct list_head *b_end)
{
	for (; a != a_end && b != b_end; a = a->next, b = b->next)
		if (list_entry(a, struct anon_vma_chain, same_vma)->anon_vma !=
		    list_entry(b, struct anon_vma_chain, same_vma)->anon_vma)
			return false;
	return a == a_end && b == b_end;
}

/*
 * Is the page that @vma maps at an address one that @copy may map there: the
 * same place in the same anon_vmas? A fork has those of its source, in their
 * order, and mostly one of its own before them.
 */
static bool is_fork(struct vm_area_struct *copy, struct vm_area_struct *vma)
{
	struct list_head *a = &copy->anon_vma_chain, *b = &vma->anon_vma_chain;

	return copy->vm_pgoff - (copy->vm_start >> PAGE_SHIFT) ==
	       vma->vm_pgoff - (vma->vm_start >> PAGE_SHIFT) &&
	       (same_rest(a->next->next, a, b->next, b) ||
		same_rest(a->next, a, b->next, b));
}

/* Is @copy, found in the snapshot, the copy of @vma as it is now? */
static bool is_copy(struct vm_area_struct *copy, struct vm_area_struct *vma)
{
	return copy && copy->vm_start == vma->vm_start &&
	       copy->vm_end == vma->vm_end && is_fork(copy, vma);
}

/* ---- all at once ----------------------------------------------------------------- */

static int copy_vma(struct mm_struct *snapshot, struct vm_area_struct *vma)
{
	vma_start_write(vma);
	return fork_vma(snapshot, vma) ? 0 : -ENOMEM;
}

static int copy_mm(struct mm_struct *snapshot, struct mm_struct *mm, bool alone)
{
	struct vm_area_struct *vma;
	VMA_ITERATOR(vmi, mm, 0);

	for_each_vma(vmi, vma) {
		int err = has_copy(vma) ? copy_vma(snapshot, vma) : 0;

		if (err)
			return err;
		cond_resched();
	}
	return ckpt_share_pieces(snapshot, mm, NULL, alone);
}

/* ---- ahead, step by step ----------------------------------------------------------- */

/*
 * Huge pages are shared in a second pass, shortly before the freeze. One that has been
 * shared costs the freeze a look; but if the program writes to it before, it is split, and
 * costs the freeze as much as 512 others. The pass ends when that has happened to a
 * sixteenth of its first pages, which have had the most time for it.
 */

/**
 * struct step - how far a snapshot made ahead is
 * @addr:	of what is to be looked at next; ULONG_MAX: nothing
 * @size:	how much of the address space in one step
 * @least:	of @size
 * @huge:	huge pages, where all else is shared; or else all else
 * @first:	where the first of them are, in whole ones
 * @first_end:	and where those end that are looked at again; 0: there are none yet
 * @tables:	page tables for huge pages, allocated in the first pass
 */
struct step {
	unsigned long addr;
	unsigned long size;
	unsigned long least;
	bool huge;
	unsigned long first, first_end;
	struct ckpt_tables *tables;
};

/* Return: 0 or -errno. */
static int step_huge(struct vm_area_struct *copy, struct vm_area_struct *vma,
		     struct step *step, unsigned long start, unsigned long end)
{
	unsigned long before = get_mm_counter(copy->vm_mm, MM_ANONPAGES);
	int err;

	if (!vma_is_anonymous(vma))
		return 0;
	err = ckpt_share_huge(copy, vma, start, end, step->tables);
	if (!step->first_end && get_mm_counter(copy->vm_mm, MM_ANONPAGES) != before) {
		step->first = ALIGN(start, PMD_SIZE);
		step->first_end = min(ALIGN_DOWN(end, PMD_SIZE), step->first + STEP_SAMPLE);
	}
	return err;
}

/* Share the rest of @vma, or as much as @room is for. Return: bytes, or -errno. */
static long step_vma(struct mm_struct *snapshot, struct vm_area_struct *vma,
		     struct step *step, unsigned long room)
{
	unsigned long end = vma->vm_end, start = max(step->addr, vma->vm_start);
	struct vm_area_struct *copy;
	int err;

	copy = find_vma_intersection(snapshot, vma->vm_start, vma->vm_end);
	/* It has changed since the last step: it is left to the renewal. */
	if (copy && !is_copy(copy, vma))
		return end - start;
	if (!copy && step->huge)
		return end - start;
	if (!copy)
		copy = fork_vma(snapshot, vma);
	if (!copy)
		return -ENOMEM;
	if (end - start > room)
		end = min(end, ALIGN(start + room, PMD_SIZE));
	vma_start_write(vma);
	err = step->huge ? step_huge(copy, vma, step, start, end) :
			   ckpt_share_tables(copy, vma, start, end, step->tables);
	return err ?: end - start;
}

static int step_locked(struct mm_struct *snapshot, struct mm_struct *mm, struct step *step)
{
	unsigned long room = step->size;
	struct vm_area_struct *vma;
	VMA_ITERATOR(vmi, mm, step->addr);

	for_each_vma(vmi, vma) {
		long done;

		if (!has_copy(vma))
			continue;
		if (room <= STEP_VMA)
			return 0;
		done = step_vma(snapshot, vma, step, room);
		if (done < 0)
			return done;
		step->addr = max(step->addr, vma->vm_start) + done;
		room -= min_t(unsigned long, room, done + STEP_VMA);
		if (step->addr < vma->vm_end)
			return 0;
	}
	step->addr = ULONG_MAX;
	return 0;
}

/* Where few pages are, steps become larger. */
static void next_size(struct step *step, unsigned long pages)
{
	if (pages << PAGE_SHIFT > step->least / 2)
		step->size = step->least;
	else if (step->size < STEP_MAX)
		step->size *= 2;
}

static bool too_many_lost(struct mm_struct *snapshot, struct mm_struct *mm,
			  const struct step *step)
{
	return step->first_end &&
	       ckpt_share_lost(snapshot, mm, step->first, step->first_end) >
	       (step->first_end - step->first) / PMD_SIZE / 16;
}

/* Return: 0, or -errno: nothing more is to be done ahead. */
static int make_step(struct mm_struct *snapshot, struct mm_struct *mm, struct step *step)
{
	unsigned long before = get_mm_counter(snapshot, MM_ANONPAGES);
	int err = mmap_write_lock_killable(mm);

	if (err)
		return err;
	mmap_write_lock_nested(snapshot, SINGLE_DEPTH_NESTING);
	err = too_many_lost(snapshot, mm, step) ? -EBUSY : step_locked(snapshot, mm, step);
	mmap_write_unlock(snapshot);
	/* The program's entries have become read-only. */
	ksym(flush_tlb_mm_range)(mm, 0, TLB_FLUSH_ALL, 0, false);
	mmap_write_unlock(mm);
	next_size(step, get_mm_counter(snapshot, MM_ANONPAGES) - before);
	cond_resched();
	return err;
}

/* ---- what has changed since -------------------------------------------------------- */

/**
 * struct renewal - a snapshot made ahead, at the freeze
 * @snapshot:	the snapshot
 * @stale:	mappings taken out of it, ascending; vm_private_data links them.
 *		Their pages stay until they are dropped or another mapping has them.
 * @next:	the first of them whose pages are not all decided about
 * @from:	where those of @next begin
 */
struct renewal {
	struct mm_struct *snapshot;
	struct vm_area_struct *stale;
	struct vm_area_struct *next;
	unsigned long from;
};

static int take_out(struct mm_struct *snapshot, struct vm_area_struct *copy)
{
	MA_STATE(mas, &snapshot->mm_mt, copy->vm_start, copy->vm_end - 1);
	int err = mas_store_gfp(&mas, NULL, GFP_KERNEL);

	if (!err)
		snapshot->map_count--;
	return err;
}

/*
 * Where a mapping of the program begins or ends in @copy there is no huge page of the
 * program's any more, and in the snapshot none may be in two mappings.
 */
static void split_at_bounds(struct vm_area_struct *copy, struct mm_struct *mm)
{
	struct vm_area_struct *vma;
	VMA_ITERATOR(vmi, mm, copy->vm_start);

	for_each_vma_range(vmi, vma, copy->vm_end) {
		if (vma->vm_start > copy->vm_start)
			ckpt_share_split(copy, vma->vm_start);
		if (vma->vm_end < copy->vm_end)
			ckpt_share_split(copy, vma->vm_end);
	}
}

/* Mappings that are no longer the program's go out of the snapshot. */
static int retire(struct renewal *r, struct mm_struct *mm)
{
	void **link = (void **)&r->stale;
	struct vm_area_struct *copy;
	VMA_ITERATOR(vmi, r->snapshot, 0);

	for_each_vma(vmi, copy) {
		struct vm_area_struct *vma = vma_lookup(mm, copy->vm_start);
		int err;

		if (vma && has_copy(vma) && is_copy(copy, vma))
			continue;
		split_at_bounds(copy, mm);
		err = take_out(r->snapshot, copy);
		if (err)
			return err;
		vma_iter_set(&vmi, copy->vm_end);
		*link = copy;
		link = &copy->vm_private_data;
	}
	return 0;
}

/* The stale pages up to @end, about which nothing is decided yet, go. */
static void drop_stale(struct renewal *r, unsigned long end)
{
	struct vm_area_struct *copy;

	while ((copy = r->next) && copy->vm_start < end) {
		unsigned long start = max(r->from, copy->vm_start);
		unsigned long stop = min(end, copy->vm_end);

		if (start < stop)
			zap_page_range_single(copy, start, stop - start, NULL);
		r->from = stop;
		if (copy->vm_end > end)
			return;
		r->next = copy->vm_private_data;
		r->from = 0;
	}
}

/*
 * The stale mapping whose pages @vma goes on with, if there is one; other pages
 * at its addresses go.
 */
static struct vm_area_struct *inherit(struct renewal *r, struct vm_area_struct *vma)
{
	struct vm_area_struct *copy;

	drop_stale(r, vma->vm_start);
	copy = r->next;
	if (copy && (copy->vm_start >= vma->vm_end || !is_fork(copy, vma)))
		copy = NULL;
	if (copy)
		r->from = min(copy->vm_end, vma->vm_end);
	drop_stale(r, vma->vm_end);
	return copy;
}

/*
 * A copy of @vma with the pages of @stale: what that had copied for itself has
 * its own anon_vma.
 */
static struct vm_area_struct *heir(struct mm_struct *snapshot,
				   struct vm_area_struct *vma,
				   struct vm_area_struct *stale)
{
	struct vm_area_struct *new = add_vma(snapshot, vma);

	if (!new)
		return NULL;
	new->anon_vma = stale->anon_vma;
	return ksym(anon_vma_clone)(new, stale) ? NULL : new;
}

static int renew_vma(struct renewal *r, struct vm_area_struct *vma)
{
	struct vm_area_struct *copy = vma_lookup(r->snapshot, vma->vm_start), *stale;

	vma_start_write(vma);
	if (!copy) {
		stale = inherit(r, vma);
		copy = stale ? heir(r->snapshot, vma, stale) : fork_vma(r->snapshot, vma);
	}
	return copy ? 0 : -ENOMEM;
}

static int renew_vmas(struct renewal *r, struct mm_struct *mm)
{
	struct vm_area_struct *vma;
	VMA_ITERATOR(vmi, mm, 0);

	for_each_vma(vmi, vma) {
		int err = has_copy(vma) ? renew_vma(r, vma) : 0;

		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

/*
 * Page tables where no mapping is any more, for mmput() looks for them below
 * mappings only. The pages are gone, and nothing leads rmap there.
 */
static void free_tables(struct mm_struct *snapshot, unsigned long addr, unsigned long end)
{
	struct mmu_gather tlb;

	ksym(tlb_gather_mmu)(&tlb, snapshot);
	while (addr < end) {
		VMA_ITERATOR(vmi, snapshot, addr);
		struct vm_area_struct *vma = mas_walk(&vmi.mas), *prev = vma_prev(&vmi);
		unsigned long stop;

		if (vma) {
			addr = vma->vm_end;
			continue;
		}
		vma = find_vma(snapshot, addr);
		stop = vma ? min(end, vma->vm_start) : end;
		ksym(free_pgd_range)(&tlb, addr, stop,
				     prev ? prev->vm_end : FIRST_USER_ADDRESS,
				     vma ? vma->vm_start : USER_PGTABLES_CEILING);
		addr = stop;
	}
	ksym(tlb_finish_mmu)(&tlb);
}

static void free_stale(struct renewal *r)
{
	struct vm_area_struct *copy, *next;

	/* Two may have a table in common. */
	for (copy = r->stale; copy; copy = copy->vm_private_data)
		ksym(unlink_anon_vmas)(copy);
	for (copy = r->stale; copy; copy = next) {
		next = copy->vm_private_data;
		free_tables(r->snapshot, copy->vm_start, copy->vm_end);
		ksym(vm_area_free)(copy);
	}
}

static int renew_mm(struct mm_struct *snapshot, struct mm_struct *mm,
		    struct ckpt_tables *tables, bool alone)
{
	struct renewal r = { .snapshot = snapshot };
	int err = retire(&r, mm);

	r.next = r.stale;
	if (!err)
		err = renew_vmas(&r, mm);
	if (!err)
		err = ckpt_share_pieces(snapshot, mm, tables, alone);
	if (err) {
		/* All of them: nobody else will find their pages. */
		r.next = r.stale;
		r.from = 0;
	}
	drop_stale(&r, ULONG_MAX);
	free_stale(&r);
	return err;
}

/* ---- making one -------------------------------------------------------------------- */

static struct mm_struct *alloc_snapshot(void)
{
	struct mm_struct *snapshot = ksym(mm_alloc)();

#ifdef CONFIG_MEMCG
	/* The caller goes away and is no owner of this. */
	if (snapshot)
		RCU_INIT_POINTER(snapshot->owner, NULL);
#endif
	return snapshot;
}

struct mm_struct *ckpt_snapshot_ahead(struct mm_struct *mm, struct ckpt_tables *tables)
{
	struct step step = { .size = STEP_MIN, .least = STEP_MIN, .tables = tables };
	struct mm_struct *snapshot;
	int err = 0;

	/* Others that map its pages hear of it once, at the freeze. */
	if (mm_has_notifiers(mm))
		return NULL;
	snapshot = alloc_snapshot();
	if (!snapshot)
		return NULL;
	while (!err && step.addr != ULONG_MAX)
		err = make_step(snapshot, mm, &step);
	if (!err)
		return snapshot;
	mmput(snapshot);
	return NULL;
}

void ckpt_snapshot_huge(struct mm_struct *snapshot, struct mm_struct *mm,
			struct ckpt_tables *tables)
{
	struct step step = { .size = STEP_HUGE, .least = STEP_HUGE, .huge = true,
			     .tables = tables };

	while (step.addr != ULONG_MAX && !make_step(snapshot, mm, &step))
		;
}

struct mm_struct *ckpt_snapshot_mm(struct mm_struct *mm, struct mm_struct *ahead,
				   struct ckpt_tables *tables, struct ckpt_memory *memory,
				   bool alone)
{
	struct mm_struct *snapshot;
	int err;

	if (ahead && mm_has_notifiers(mm)) {
		mmput(ahead);
		ahead = NULL;
	}
	snapshot = ahead ?: alloc_snapshot();
	if (!snapshot)
		return ERR_PTR(-ENOMEM);
	err = mmap_write_lock_killable(mm);
	if (!err) {
		mmap_write_lock_nested(snapshot, SINGLE_DEPTH_NESTING);
		err = ahead ? renew_mm(snapshot, mm, tables, alone) :
			      copy_mm(snapshot, mm, alone);
		mmap_write_unlock(snapshot);
		/* The program's entries have become read-only. */
		ksym(flush_tlb_mm_range)(mm, 0, TLB_FLUSH_ALL, 0, false);
		/* Under the same lock: those that are in the pages of the snapshot. */
		if (!err)
			err = ckpt_uprobes_note(memory, mm, 0, TASK_SIZE_MAX);
		mmap_write_unlock(mm);
	}
	if (err) {
		mmput(snapshot);
		return ERR_PTR(err);
	}
	return snapshot;
}
