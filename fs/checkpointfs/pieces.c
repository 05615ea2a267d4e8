// SPDX-License-Identifier: GPL-2.0-only
/*
 * All private pages of an address space shared with another one, piece by piece.
 *
 * Pieces are of whole page tables, so that several processors may each have one: what
 * they change lies below different entries, and counts are atomic. Not so the sequence
 * that tells get_user_pages_fast() to keep off, which they would all count up: it is odd
 * all the time. And what copy_page_range() has to look at, which counts it up itself,
 * waits until nobody else is at it.
 *
 * Both mmap_locks are the caller's, who waits: workers change nothing that they do not
 * protect against others, and lockdep is told that they have them.
 */
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/slab.h>

#include "checkpointfs.h"

/* Large enough for a worker to be worth waking; of mappings, about as much work. */
#define PIECE		SZ_32M
#define PIECE_VMAS	64

/**
 * struct pieces - an address space that is being shared
 * @to:		has the mappings, and gets the pages
 * @from:	has the pages
 * @tables:	for huge pages, or NULL: @to has no pages yet
 * @caller:	has both mmap_locks
 * @lock:	protects @addr
 * @addr:	where the next piece begins; ULONG_MAX: there is none
 * @late:	what is left for the caller
 */
struct pieces {
	struct mm_struct *to, *from;
	struct ckpt_tables *tables;
	struct task_struct *caller;
	spinlock_t lock;	/* addr */
	unsigned long addr;
	struct ckpt_late late;
};

/* Return: false: there is none. */
static bool next_piece(struct pieces *p, unsigned long *start, unsigned long *end)
{
	unsigned int nr = 0;

	guard(spinlock)(&p->lock);
	VMA_ITERATOR(vmi, p->from, p->addr);
	struct vm_area_struct *vma = vma_next(&vmi);

	if (p->addr == ULONG_MAX || !vma) {
		p->addr = ULONG_MAX;
		return false;
	}
	*start = max(p->addr, vma->vm_start);
	*end = ALIGN(*start + 1, PIECE);
	while (vma && vma->vm_end < *end && ++nr < PIECE_VMAS)
		vma = vma_next(&vmi);
	if (vma && nr == PIECE_VMAS)
		*end = ALIGN(vma->vm_end, PMD_SIZE);
	p->addr = *end;
	return true;
}

static int share(struct pieces *p, struct vm_area_struct *from, unsigned long start,
		 unsigned long end, struct ckpt_late *late)
{
	struct vm_area_struct *to = vma_lookup(p->to, from->vm_start);

	if (!to)
		return 0;
	start = max(start, from->vm_start);
	end = min(end, from->vm_end);
	if (!p->tables)
		return ckpt_share_range(to, from, start, end, late);
	return ckpt_share_again(to, from, start, end, p->tables, late);
}

static int share_piece(struct pieces *p, unsigned long start, unsigned long end,
		       struct ckpt_late *late)
{
	VMA_ITERATOR(vmi, p->from, start);
	struct vm_area_struct *from;

	for_each_vma_range(vmi, from, end) {
		int err = share(p, from, start, end, late);

		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

/* For those who look whether the locks are held. */
static void borrow_locks(const struct pieces *p)
{
	if (current == p->caller)
		return;
	rwsem_acquire(&p->from->mmap_lock.dep_map, 0, 1, _RET_IP_);
	rwsem_acquire(&p->to->mmap_lock.dep_map, SINGLE_DEPTH_NESTING, 1, _RET_IP_);
}

static void return_locks(const struct pieces *p)
{
	if (current == p->caller)
		return;
	rwsem_release(&p->to->mmap_lock.dep_map, _RET_IP_);
	rwsem_release(&p->from->mmap_lock.dep_map, _RET_IP_);
}

static int share_next(void *arg)
{
	unsigned long start, end;
	struct pieces *p = arg;
	int err = 0;
	bool found;

	borrow_locks(p);
	found = next_piece(p, &start, &end);
	if (found)
		err = share_piece(p, start, end, &p->late);
	return_locks(p);
	return err ?: found;
}

/* @err: of the others; then they are only freed. */
static int share_late(struct pieces *p, int err)
{
	struct ckpt_late_range *range, *next;

	list_for_each_entry_safe(range, next, &p->late.ranges, node) {
		if (!err)
			err = share_piece(p, range->start, range->end, NULL);
		kfree(range);
		cond_resched();
	}
	return err;
}

static int share_together(struct pieces *p, u64 most)
{
	int err;

	spin_lock_init(&p->lock);
	spin_lock_init(&p->late.lock);
	INIT_LIST_HEAD(&p->late.ranges);
	raw_write_seqcount_begin(&p->from->write_protect_seq);
	err = ckpt_team_run(most, share_next, p);
	raw_write_seqcount_end(&p->from->write_protect_seq);
	return share_late(p, err);
}

int ckpt_share_pieces(struct mm_struct *to, struct mm_struct *from,
		      struct ckpt_tables *tables, bool alone)
{
	struct pieces p = { .to = to, .from = from, .tables = tables, .caller = current };
	u64 most = get_mm_counter(from, MM_ANONPAGES) / (PIECE >> PAGE_SHIFT);

	mmap_assert_write_locked(to);
	mmap_assert_write_locked(from);
	if (!alone || !most || mm_has_notifiers(from))
		return share_piece(&p, 0, ULONG_MAX, NULL);
	return share_together(&p, most);
}
