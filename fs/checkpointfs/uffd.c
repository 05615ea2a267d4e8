// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory whose faults a userfaultfd(2) tells of.
 *
 * Saved of each mapping that is registered: with which descriptor, for which faults, and
 * what makes the difference between a fault that is told of and one that is not: which
 * pages are write-protected (in entries of the page table, and in those that stand for a
 * page that is not there), where the kernel's page of zeroes is, what is poisoned, and,
 * where faults of pages that are only not mapped are told of, which are. All of that is in
 * page tables, and is read from the program's own while it is frozen: a snapshot has none.
 *
 * Not saved are faults. A task that waits for one to be dealt with gives up when it is
 * stopped, as for a signal, and meets it again when it goes on: then there is a new
 * message, even if the old one had been read. So must whoever reads them expect it, for any
 * signal does the same. A task that waits in the kernel, in the middle of a system call
 * (which needs a descriptor that is not UFFD_USER_MODE_ONLY), or because another one is to
 * be told what it does to its memory (UFFD_EVENT_*), cannot be stopped: the freeze fails.
 *
 * All of it is made again by uffdmake.c.
 *
 * A descriptor leaves mappings before it goes: while mmap_lock is held it is there.
 */
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/pagewalk.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <linux/userfaultfd_k.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "uffd.h"

static struct userfaultfd_ctx *ctx_of(const struct vm_area_struct *vma)
{
	return vma->vm_userfaultfd_ctx.ctx;
}

/* ---- freeze -------------------------------------------------------------------- */

/* The first such mapping at or above *@end. */
static bool next_foreign(struct ckpt_collect *c, struct mm_struct *mm,
			 unsigned long *start, unsigned long *end)
{
	struct vm_area_struct *vma;
	VMA_ITERATOR(vmi, mm, *end);
	bool found = false;

	mmap_read_lock(mm);
	for_each_vma(vmi, vma) {
		if (!ctx_of(vma) || xa_load(&c->uffds, (unsigned long)ctx_of(vma)))
			continue;
		*start = vma->vm_start;
		*end = vma->vm_end;
		found = true;
		break;
	}
	mmap_read_unlock(mm);
	return found;
}

int ckpt_uffd_verify(struct ckpt_collect *c, struct mm_struct *mm, u64 tid)
{
	unsigned long start, end = 0;

	if (!mmget_not_zero(mm))
		return -ESRCH;
	while (next_foreign(c, mm, &start, &end)) {
		ckpt_refuse_shared(c, "task %llu: mapping %lx-%lx: is registered with a userfaultfd outside of the container",
				   tid, start, end);
		cond_resched();
	}
	mmput(mm);
	return 0;
}

static bool has_waiters(struct userfaultfd_ctx *ctx)
{
	if (atomic_read(&ctx->mmap_changing))
		return true;
	/* Without their locks: nothing but a message depends on it. */
	return waitqueue_active(&ctx->fault_pending_wqh) || waitqueue_active(&ctx->fault_wqh);
}

static bool mm_has_waiters(struct mm_struct *mm)
{
	struct vm_area_struct *vma;
	VMA_ITERATOR(vmi, mm, 0);
	bool waits = false;

	if (!mmap_read_trylock(mm))
		return false;
	for_each_vma(vmi, vma)
		waits |= ctx_of(vma) && has_waiters(ctx_of(vma));
	mmap_read_unlock(mm);
	return waits;
}

/* Looks of ckpt_uffd_waits(), 50 us each. */
#define LOOKS	400

/*
 * Who waits in the kernel does so again and again, once it is to stop: it is in the queue
 * for a part of the time only.
 */
bool ckpt_uffd_waits(struct task_struct *t)
{
	struct mm_struct *mm = get_task_mm(t);
	unsigned int looks;
	bool waits = false;

	if (!mm)
		return false;
	for (looks = 0; !waits && looks < LOOKS; looks++) {
		waits = mm_has_waiters(mm);
		usleep_range(50, 100);
	}
	mmput(mm);
	return waits;
}

/* ---- the state of pages ---------------------------------------------------------- */

/**
 * struct look - a walk over a mapping that is registered
 * @map:	what has been found; the kind of a run is CKPT_UFFD_RUN_*
 * @private:	its pages may be its own
 * @protects:	they may be write-protected
 * @maps:	it matters which pages of shared memory are mapped
 * @states:	of the pages of one page table
 */
struct look {
	struct ckpt_pagemap map;
	bool private;
	bool protects;
	bool maps;
	u8 states[PTRS_PER_PTE];
};

static u8 state_of_page(const struct look *l, struct page *page, bool protected)
{
	u8 state = l->protects && protected ? CKPT_UFFD_RUN_PROTECTED : 0;

	if (l->maps && !PageAnon(page))
		state |= CKPT_UFFD_RUN_MAPPED;
	return state;
}

static u8 state_of_nothing(const struct look *l, bool protected, u8 state)
{
	return state | (l->protects && protected ? CKPT_UFFD_RUN_PROTECTED : 0);
}

/* Of what is not present: in swap, on its way to another page, or a mark of the kernel's. */
static u8 absent_state(const struct look *l, pte_t pte)
{
	swp_entry_t entry = pte_to_swp_entry(pte);
	bool protected = pte_swp_uffd_wp_any(pte);

	if (is_poisoned_swp_entry(entry))
		return CKPT_UFFD_RUN_POISON;
	if (is_migration_entry(entry))
		return state_of_page(l, pfn_swap_entry_to_page(entry), protected);
	return state_of_nothing(l, protected, 0);
}

static u8 pte_state(const struct look *l, pte_t pte)
{
	if (pte_none(pte))
		return 0;
	if (!pte_present(pte))
		return absent_state(l, pte);
	if (l->private && pte_special(pte) && is_zero_pfn(pte_pfn(pte)))
		return state_of_nothing(l, pte_uffd_wp(pte), CKPT_UFFD_RUN_ZERO);
	if (pte_special(pte) || pte_devmap(pte))
		return state_of_nothing(l, pte_uffd_wp(pte), 0);
	return state_of_page(l, pte_page(pte), pte_uffd_wp(pte));
}

/* Anonymous memory has huge pages of its own, or the kernel's one of zeroes. */
static u8 huge_state(const struct look *l, struct vm_area_struct *vma, pmd_t pmd)
{
	if (is_swap_pmd(pmd))
		return state_of_page(l, pfn_swap_entry_to_page(pmd_to_swp_entry(pmd)),
				     pmd_swp_uffd_wp(pmd));
	if (pmd_devmap(pmd))
		return state_of_nothing(l, pmd_uffd_wp(pmd), 0);
	if (vma_is_anonymous(vma) && !PageAnon(pmd_page(pmd)))
		return state_of_nothing(l, pmd_uffd_wp(pmd), CKPT_UFFD_RUN_ZERO);
	return state_of_page(l, pmd_page(pmd), pmd_uffd_wp(pmd));
}

static bool is_huge(pmd_t pmd)
{
	return is_swap_pmd(pmd) || pmd_trans_huge(pmd) || pmd_devmap(pmd);
}

/* Return: false if the kernel is changing the page table. */
static bool read_states(struct look *l, struct vm_area_struct *vma, pmd_t *pmd,
			unsigned long addr, unsigned int nr)
{
	spinlock_t *ptl = pmd_lock(vma->vm_mm, pmd);
	bool huge = is_huge(*pmd);
	unsigned int i;
	pte_t *pte;

	if (huge)
		memset(l->states, huge_state(l, vma, *pmd), nr);
	spin_unlock(ptl);
	if (huge)
		return true;
	pte = ksym(__pte_offset_map_lock)(vma->vm_mm, pmd, addr, &ptl);
	if (!pte)
		return false;
	for (i = 0; i < nr; i++)
		l->states[i] = pte_state(l, ptep_get(pte + i));
	pte_unmap_unlock(pte, ptl);
	return true;
}

static int look_at_pmd(pmd_t *pmd, unsigned long addr, unsigned long end,
		       struct mm_walk *walk)
{
	unsigned int nr = (end - addr) >> PAGE_SHIFT, i, n;
	struct look *l = walk->private;

	if (!read_states(l, walk->vma, pmd, addr, nr)) {
		walk->action = ACTION_AGAIN;
		return 0;
	}
	walk->action = ACTION_CONTINUE;
	for (i = 0; i < nr; i += n) {
		int err = 0;

		for (n = 1; i + n < nr && l->states[i + n] == l->states[i];)
			n++;
		if (l->states[i])
			err = ckpt_pagemap_add(&l->map, addr + i * PAGE_SIZE, n, l->states[i]);
		if (err)
			return err;
	}
	cond_resched();
	return fatal_signal_pending(current) ? -EINTR : 0;
}

static const struct mm_walk_ops look_ops = {
	.pmd_entry = look_at_pmd,
	.walk_lock = PGWALK_RDLOCK,
};

static int write_record(const struct vm_area_struct *vma, u64 file,
			const struct ckpt_pagemap *map, struct ckpt_writer *w)
{
	struct ckpt_uffd *rec = ckpt_add(w, CKPT_REC_UFFD, map->nr);
	struct ckpt_uffd_run *run;
	size_t i;

	if (!rec)
		return w->error;
	rec->start = cpu_to_le64(vma->vm_start);
	rec->file = cpu_to_le64(file);
	for (i = 0, run = ckpt_elems(rec); i < map->nr; i++, run++) {
		run->start = cpu_to_le64(map->runs[i].start);
		run->pages = cpu_to_le32(map->runs[i].pages);
		run->flags = cpu_to_le32(map->runs[i].kind);
	}
	return 0;
}

static int note_poison(const struct ckpt_pagemap *map, struct ckpt_pagemap *poisoned)
{
	size_t i;

	for (i = 0; i < map->nr; i++) {
		const struct ckpt_pagerun *run = &map->runs[i];
		int err = 0;

		if (run->kind == CKPT_UFFD_RUN_POISON)
			err = ckpt_pagemap_add(poisoned, run->start, run->pages, run->kind);
		if (err)
			return err;
	}
	return 0;
}

/* Locked memory is there, as far as it is shared, and not missing. */
static bool maps_matter(vm_flags_t flags)
{
	return flags & VM_UFFD_MINOR || (flags & VM_UFFD_MISSING &&
					 (flags & VM_LOCKED_MASK) == VM_LOCKED);
}

static int save_mapping(struct ckpt_collect *c, struct vm_area_struct *vma,
			struct ckpt_memory *memory, struct ckpt_writer *w)
{
	const struct ckpt_object *file = xa_load(&c->uffds, (unsigned long)ctx_of(vma));
	struct look l = {
		.private = !(vma->vm_flags & VM_MAYSHARE),
		.protects = vma->vm_flags & VM_UFFD_WP,
		.maps = maps_matter(vma->vm_flags),
	};
	int err;

	if (!file)
		return -EBUSY;
	err = ksym(walk_page_range)(vma->vm_mm, vma->vm_start, vma->vm_end, &look_ops, &l);
	if (!err)
		err = write_record(vma, file->id, &l.map, w);
	if (!err)
		err = note_poison(&l.map, &memory->poisoned);
	ckpt_pagemap_free(&l.map);
	return err;
}

int ckpt_uffd_save(struct ckpt_collect *c, struct mm_struct *mm, struct ckpt_memory *memory,
		   struct ckpt_writer *w)
{
	struct vm_area_struct *vma;
	VMA_ITERATOR(vmi, mm, 0);

	mmap_assert_locked(mm);
	for_each_vma(vmi, vma) {
		int err = ctx_of(vma) ? save_mapping(c, vma, memory, w) : 0;

		if (err)
			return err;
	}
	return 0;
}
