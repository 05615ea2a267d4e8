// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which private pages an address space has, and which of them are its
 * source's: the same page frame, or the same slot of swap, at the same address
 * in the address space that it was forked from. And which are those of an
 * older snapshot of it, by the same sign: the snapshot holds its pages, so that
 * one which has been written to since is another.
 *
 * Reads page tables and changes nothing; what is not present is not faulted
 * in. The kernel itself may move pages meanwhile, so an entry and those of
 * the source and of the older snapshot are compared under all page table
 * locks, these two nested in the first, as fork takes them. Where one has been
 * moved and the other not yet, they are different: that costs a page of the
 * image. mmap_lock of all is held for reading.
 */
#include <linux/hugetlb.h>
#include <linux/mm.h>
#include <linux/pagewalk.h>
#include <linux/slab.h>
#include <linux/swapops.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "uprobes.h"

/* ---- the list of runs ------------------------------------------------------ */

static int grow(struct ckpt_pagemap *map)
{
	size_t room = max_t(size_t, 64, map->room * 2);
	struct ckpt_pagerun *runs;

	runs = kvmalloc_array(room, sizeof(*runs), GFP_KERNEL_ACCOUNT);
	if (!runs)
		return -ENOMEM;
	if (map->nr)
		memcpy(runs, map->runs, map->nr * sizeof(*runs));
	kvfree(map->runs);
	map->runs = runs;
	map->room = room;
	return 0;
}

/* Do @pages from @start on continue the run? */
static bool continues(const struct ckpt_pagerun *run, u64 start, u32 pages, u32 kind)
{
	return run->kind == kind && pages <= U32_MAX - run->pages &&
	       run->start + (u64)run->pages * PAGE_SIZE == start;
}

int ckpt_pagemap_add(struct ckpt_pagemap *map, u64 start, u32 pages, u32 kind)
{
	struct ckpt_pagerun *last = map->nr ? &map->runs[map->nr - 1] : NULL;
	int err;

	if (last && !map->closed && continues(last, start, pages, kind)) {
		last->pages += pages;
	} else {
		err = map->nr == map->room ? grow(map) : 0;
		if (err)
			return err;
		map->runs[map->nr++] = (struct ckpt_pagerun) {
			.start = start,
			.first = map->pages,
			.pages = pages,
			.kind = kind,
		};
		map->closed = false;
	}
	if (kind == CKPT_RUN_PAGES)
		map->pages += pages;
	map->shares |= kind == CKPT_RUN_SOURCE;
	map->inherits |= kind == CKPT_RUN_PARENT;
	return 0;
}

const struct ckpt_pagerun *ckpt_pagemap_find(const struct ckpt_pagemap *map, u64 index)
{
	size_t low = 0, high = map->nr;

	/* The last run whose first page is not above @index has it. */
	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;

		if (map->runs[mid].first <= index)
			low = mid;
		else
			high = mid;
	}
	return &map->runs[low];
}

static bool run_has(const struct ckpt_pagerun *run, u64 start)
{
	return start >= run->start && start - run->start < (u64)run->pages * PAGE_SIZE;
}

const struct ckpt_pagerun *ckpt_pagemap_at(const struct ckpt_pagemap *map, u64 start)
{
	size_t low = 0, high = map->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (run_has(&map->runs[mid], start))
			return &map->runs[mid];
		if (map->runs[mid].start < start)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* The run of either that comes next. */
static const struct ckpt_pagerun *take_first(const struct ckpt_pagemap *map, size_t *i,
					     const struct ckpt_pagemap *more, size_t *j)
{
	if (*j == more->nr ||
	    (*i < map->nr && map->runs[*i].start < more->runs[*j].start))
		return &map->runs[(*i)++];
	return &more->runs[(*j)++];
}

int ckpt_pagemap_merge(struct ckpt_pagemap *map, const struct ckpt_pagemap *more)
{
	struct ckpt_pagemap both = { .poisoned = map->poisoned };
	size_t i = 0, j = 0;
	int err = 0;

	if (!more->nr)
		return 0;
	while (!err && (i < map->nr || j < more->nr)) {
		const struct ckpt_pagerun *run = take_first(map, &i, more, &j);

		both.closed = true;
		err = ckpt_pagemap_add(&both, run->start, run->pages, run->kind);
	}
	swap(*map, both);
	ckpt_pagemap_free(&both);
	return err;
}

void ckpt_pagemap_save(const struct ckpt_pagemap *map, struct ckpt_run *rec)
{
	size_t i;

	for (i = 0; i < map->nr; i++, rec++) {
		rec->start = cpu_to_le64(map->runs[i].start);
		rec->pages = cpu_to_le32(map->runs[i].pages);
		rec->kind = cpu_to_le32(map->runs[i].kind);
	}
}

void ckpt_pagemap_free(struct ckpt_pagemap *map)
{
	kvfree(map->runs);
	*map = (struct ckpt_pagemap) {};
}

/* ---- what a page table entry leads to --------------------------------------- */

/*
 * Where the contents of a private page are, in a form that can be compared:
 * page frames are even, slots of swap are odd, 0 is none.
 */
static u64 frame(struct page *page)
{
	return PageAnon(page) ? (u64)page_to_pfn(page) << 1 : 0;
}

/*
 * What a device has for itself for a moment (atomic operations) is still where it was, and
 * comes back when it is copied or read.
 * Return: -EOPNOTSUPP for what has no contents that could be read.
 */
static int swap_place(swp_entry_t entry, u64 *place)
{
	*place = 0;
	if (!non_swap_entry(entry))
		*place = (u64)entry.val << 1 | 1;
	else if (is_migration_entry(entry) || is_device_exclusive_entry(entry))
		*place = frame(pfn_swap_entry_to_page(entry));
	/* That of a userfaultfd says what is to become of a page when there is one: uffd.c. */
	else if (!is_pte_marker_entry(entry) || pte_marker_get(entry) != PTE_MARKER_UFFD_WP)
		return -EOPNOTSUPP;
	return 0;
}

static int pte_place(pte_t pte, u64 *place)
{
	*place = 0;
	if (pte_none(pte))
		return 0;
	if (!pte_present(pte))
		return swap_place(pte_to_swp_entry(pte), place);
	/* The zero page is special. */
	if (!pte_special(pte) && !pte_devmap(pte))
		*place = frame(pte_page(pte));
	return 0;
}

static bool pmd_is_huge(pmd_t pmd)
{
	return is_swap_pmd(pmd) || pmd_trans_huge(pmd) || pmd_devmap(pmd);
}

static int pmd_place(pmd_t pmd, u64 *place)
{
	*place = 0;
	if (is_swap_pmd(pmd))
		return swap_place(pmd_to_swp_entry(pmd), place);
	if (!pmd_devmap(pmd))
		*place = frame(pmd_page(pmd));
	return 0;
}

/* ---- page tables side by side -------------------------------------------- */

/**
 * struct table - the entries for a range of at most PMD_SIZE, locked
 * @pte:	the first, if there is a page table
 * @huge:	else where the first page is, in a huge page; 0: nowhere
 * @ptl:	held, unless NULL
 */
struct table {
	pte_t *pte;
	u64 huge;
	spinlock_t *ptl;
};

static int table_place(const struct table *t, unsigned int i, u64 *place)
{
	if (t->pte)
		return pte_place(ptep_get(t->pte + i), place);
	*place = t->huge ? t->huge + ((u64)i << 1) : 0;
	return 0;
}

static void unlock_table(struct table *t)
{
	if (t->pte)
		pte_unmap_unlock(t->pte, t->ptl);
	else if (t->ptl)
		spin_unlock(t->ptl);
}

/* Return: 0, -EAGAIN if the kernel is changing it, -EOPNOTSUPP. */
static int lock_table(struct mm_struct *mm, pmd_t *pmd, unsigned long addr,
		      int subclass, struct table *t)
{
	spinlock_t *ptl = pmd_lockptr(mm, pmd);
	int err;

	*t = (struct table) {};
	spin_lock_nested(ptl, subclass);
	if (pmd_is_huge(*pmd)) {
		t->ptl = ptl;
		err = pmd_place(*pmd, &t->huge);
		if (t->huge)
			t->huge += (u64)((addr & ~PMD_MASK) >> PAGE_SHIFT) << 1;
		if (err)
			unlock_table(t);
		return err;
	}
	spin_unlock(ptl);
	if (pmd_none(*pmd))
		return 0;
	t->pte = ksym(pte_offset_map_nolock)(mm, pmd, addr, &ptl);
	if (!t->pte)
		return -EAGAIN;
	t->ptl = ptl;
	spin_lock_nested(ptl, subclass);
	return 0;
}

pmd_t *ckpt_find_pmd(struct mm_struct *mm, unsigned long addr)
{
	pgd_t *pgd = pgd_offset(mm, addr);
	p4d_t *p4d;
	pud_t *pud;

	if (pgd_none(*pgd))
		return NULL;
	p4d = p4d_offset(pgd, addr);
	if (p4d_none(*p4d))
		return NULL;
	pud = pud_offset(p4d, addr);
	if (pud_none(*pud) || pud_leaf(*pud))
		return NULL;
	return pmd_offset(pud, addr);
}

/* The same in @mm, which may be NULL; what it cannot show is like nothing. */
static int lock_other(struct mm_struct *mm, unsigned long addr, int subclass,
		      struct table *t)
{
	pmd_t *pmd = mm ? ckpt_find_pmd(mm, addr) : NULL;
	int err = pmd ? lock_table(mm, pmd, addr, subclass, t) : -EOPNOTSUPP;

	if (err)
		*t = (struct table) {};
	return err == -EOPNOTSUPP ? 0 : err;
}

/* ---- the walk ------------------------------------------------------------------ */

/**
 * struct scan - a walk under way
 * @memory:	whose map it is
 * @map:	what has been found
 * @source:	the source's mapping at these addresses, or NULL
 * @older:	an older snapshot, or NULL
 * @older_run:	index of the first of its runs that does not end before the walk
 * @bad:	address of what cannot be saved
 * @present:	which pages of the range there are
 * @shared:	which of them are the source's too
 * @kept:	which are the older snapshot's
 */
struct scan {
	const struct ckpt_memory *memory;
	struct ckpt_pagemap *map;
	struct vm_area_struct *source;
	const struct ckpt_memory *older;
	size_t older_run;
	unsigned long bad;
	DECLARE_BITMAP(present, PTRS_PER_PTE);
	DECLARE_BITMAP(shared, PTRS_PER_PTE);
	DECLARE_BITMAP(kept, PTRS_PER_PTE);
};

static bool same_place(const struct table *t, unsigned int i, u64 place)
{
	u64 other;

	return !table_place(t, i, &other) && other == place;
}

/* Has it no contents, as an image tells? */
static bool is_poisoned(const struct scan *s, unsigned long addr)
{
	return s->map->poisoned && ckpt_pagemap_at(s->map->poisoned, addr);
}

static int compare_entries(struct scan *s, unsigned long addr, unsigned int nr,
			   const struct table *own, const struct table *source,
			   const struct table *older)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		u64 place;
		int err = table_place(own, i, &place);

		s->bad = addr + i * PAGE_SIZE;
		if (err && !is_poisoned(s, s->bad))
			return err;
		if (err || !place)
			continue;
		__set_bit(i, s->present);
		if (same_place(source, i, place))
			__set_bit(i, s->shared);
		if (same_place(older, i, place))
			__set_bit(i, s->kept);
	}
	return 0;
}

/* None of them is a page table. */
static void compare_huge(struct scan *s, unsigned int nr, const struct table *own,
			 const struct table *source, const struct table *older)
{
	if (!own->huge)
		return;
	bitmap_set(s->present, 0, nr);
	if (source->huge == own->huge)
		bitmap_set(s->shared, 0, nr);
	if (older->huge == own->huge)
		bitmap_set(s->kept, 0, nr);
}

static int compare(struct scan *s, unsigned long addr, unsigned int nr,
		   const struct table *own, const struct table *source,
		   const struct table *older)
{
	if (own->pte || source->pte || older->pte)
		return compare_entries(s, addr, nr, own, source, older);
	compare_huge(s, nr, own, source, older);
	return 0;
}

static int scan_tables(struct scan *s, struct mm_struct *mm, pmd_t *pmd,
		       unsigned long addr, unsigned int nr)
{
	struct mm_struct *source_mm = s->source ? s->source->vm_mm : NULL;
	struct table own, source, older;
	int err;

	s->bad = addr;
	err = lock_table(mm, pmd, addr, 0, &own);
	if (err)
		return err;
	err = lock_other(source_mm, addr, SINGLE_DEPTH_NESTING, &source);
	if (err)
		goto out_unlock;
	err = lock_other(s->older ? s->older->mm : NULL, addr, SINGLE_DEPTH_NESTING + 1,
			 &older);
	if (!err) {
		err = compare(s, addr, nr, &own, &source, &older);
		unlock_table(&older);
	}
	unlock_table(&source);
out_unlock:
	unlock_table(&own);
	return err;
}

/* How many of @nr pages from @addr on has the older image itself, and so can say? */
static unsigned int older_has(struct scan *s, unsigned long addr, unsigned int nr)
{
	const struct ckpt_pagemap *map = &s->older->map;
	const struct ckpt_pagerun *run;

	while (s->older_run < map->nr && map->runs[s->older_run].start < addr &&
	       !run_has(&map->runs[s->older_run], addr))
		s->older_run++;
	run = &map->runs[s->older_run];
	if (s->older_run == map->nr || !run_has(run, addr) || run->kind == CKPT_RUN_SOURCE)
		return 0;
	return min_t(u64, nr, run->pages - ((addr - run->start) >> PAGE_SHIFT));
}

/* How many bits from @i on are as it is. */
static unsigned int alike(const unsigned long *bits, unsigned int nr, unsigned int i)
{
	return (test_bit(i, bits) ? find_next_zero_bit(bits, nr, i) :
				    find_next_bit(bits, nr, i)) - i;
}

/* The pages from @i on that are of one kind. Return: how many, or -ENOMEM. */
static int add_run(struct scan *s, unsigned long addr, unsigned int nr, unsigned int i)
{
	unsigned int n = min3(alike(s->present, nr, i), alike(s->shared, nr, i),
			      alike(s->kept, nr, i)), kept = 0;
	unsigned long start = addr + i * PAGE_SIZE;
	u32 kind = CKPT_RUN_PAGES;
	int err;

	if (test_bit(i, s->shared)) {
		kind = CKPT_RUN_SOURCE;
	} else if (test_bit(i, s->kept)) {
		kept = older_has(s, start, n);
		kind = kept ? CKPT_RUN_PARENT : CKPT_RUN_PAGES;
		n = kept ?: 1;
	}
	err = ckpt_pagemap_add(s->map, start, n, kind);
	return err ?: n;
}

static int add_runs(struct scan *s, unsigned long addr, unsigned int nr)
{
	unsigned int i = find_first_bit(s->present, nr);

	while (i < nr) {
		int n = add_run(s, addr, nr, i);

		if (n < 0)
			return n;
		i = find_next_bit(s->present, nr, i + n);
	}
	return 0;
}

/* The pages of a range that have been noted in @pages are none of @bits. */
static void clear_noted(const struct xarray *pages, xa_mark_t mark, unsigned long addr,
			unsigned int nr, unsigned long *bits)
{
	unsigned long first = addr >> PAGE_SHIFT, index = first;

	while (xa_find((struct xarray *)pages, &index, first + nr - 1, mark)) {
		__clear_bit(index - first, bits);
		if (++index == first + nr)
			break;
	}
}

/*
 * Where probes have written the image has a page of its own, whoever else has the same: what
 * he has noted of it need not be this. It has none if the file's does. Who shares pages with
 * this one is scanned afterwards, so that none of those is left out.
 */
static void leave_probed(struct scan *s, unsigned long addr, unsigned int nr)
{
	const struct ckpt_memory *m = s->memory;

	clear_noted(&m->unprobed, XA_PRESENT, addr, nr, s->shared);
	clear_noted(&m->unprobed, XA_PRESENT, addr, nr, s->kept);
	clear_noted(&m->unprobed, CKPT_AS_IN_FILE, addr, nr, s->present);
	if (s->source)
		clear_noted(&m->source->unprobed, XA_PRESENT, addr, nr, s->shared);
	if (s->older)
		clear_noted(&s->older->unprobed, XA_PRESENT, addr, nr, s->kept);
}

static int scan_pmd(pmd_t *pmd, unsigned long addr, unsigned long end,
		    struct mm_walk *walk)
{
	unsigned int nr = (end - addr) >> PAGE_SHIFT;
	struct scan *s = walk->private;
	int err;

	bitmap_zero(s->present, PTRS_PER_PTE);
	bitmap_zero(s->shared, PTRS_PER_PTE);
	bitmap_zero(s->kept, PTRS_PER_PTE);
	err = scan_tables(s, walk->mm, pmd, addr, nr);
	if (err == -EAGAIN) {
		walk->action = ACTION_AGAIN;
		return 0;
	}
	walk->action = ACTION_CONTINUE;
	if (err)
		return err;
	leave_probed(s, addr, nr);
	err = add_runs(s, addr, nr);
	if (err)
		return err;
	cond_resched();
	return fatal_signal_pending(current) ? -EINTR : 0;
}

static const struct mm_walk_ops scan_ops = {
	.pmd_entry = scan_pmd,
	.walk_lock = PGWALK_RDLOCK,
};

static int scan_range(struct scan *s, struct mm_struct *mm, unsigned long start,
		      unsigned long end, struct vm_area_struct *source)
{
	s->source = source;
	return start < end ? ksym(walk_page_range)(mm, start, end, &scan_ops, s) : 0;
}

/* Can a private page of @vma be one of @source's at the same address? */
static bool may_share(const struct vm_area_struct *vma,
		      const struct vm_area_struct *source)
{
	return source->anon_vma && source->vm_file == vma->vm_file &&
	       !(source->vm_flags & VM_MAYSHARE) &&
	       source->vm_pgoff - (source->vm_start >> PAGE_SHIFT) ==
	       vma->vm_pgoff - (vma->vm_start >> PAGE_SHIFT);
}

/*
 * The one mapping of @source that @vma shares pages with: where it was split
 * since the fork, that with the most addresses in common. A mapping cannot be
 * made to share with two.
 */
static struct vm_area_struct *find_source(const struct vm_area_struct *vma,
					  struct mm_struct *source)
{
	VMA_ITERATOR(vmi, source, vma->vm_start);
	struct vm_area_struct *it, *found = NULL;
	unsigned long most = 0;

	for_each_vma_range(vmi, it, vma->vm_end) {
		unsigned long common = min(it->vm_end, vma->vm_end) -
				       max(it->vm_start, vma->vm_start);

		if (common > most && may_share(vma, it)) {
			most = common;
			found = it;
		}
	}
	return found;
}

static int scan_vma(struct scan *s, struct vm_area_struct *vma, struct mm_struct *source)
{
	struct vm_area_struct *peer = source ? find_source(vma, source) : NULL;
	unsigned long start, end;
	int err;

	/* A run lies within one mapping. */
	s->map->closed = true;
	if (!peer)
		return scan_range(s, vma->vm_mm, vma->vm_start, vma->vm_end, NULL);
	start = max(vma->vm_start, peer->vm_start);
	end = min(vma->vm_end, peer->vm_end);
	err = scan_range(s, vma->vm_mm, vma->vm_start, start, NULL);
	if (!err)
		err = scan_range(s, vma->vm_mm, start, end, peer);
	if (!err)
		err = scan_range(s, vma->vm_mm, end, vma->vm_end, NULL);
	return err;
}

/*
 * What is droppable may vanish at any time, and does so in an image: that is
 * where libraries keep the state of random generators, which two restores of it
 * must not both go on with.
 */
bool ckpt_vma_private(const struct vm_area_struct *vma)
{
	return vma->anon_vma &&
	       !(vma->vm_flags & (VM_MAYSHARE | VM_IO | VM_PFNMAP | VM_DROPPABLE));
}

int ckpt_pagemap_scan(struct ckpt_memory *m, struct mm_struct *source,
		      const struct ckpt_memory *older, unsigned long *bad)
{
	struct scan s = { .memory = m, .map = &m->map, .older = older };
	struct vm_area_struct *vma;
	VMA_ITERATOR(vmi, m->mm, 0);
	int err = 0;

	mmap_assert_locked(m->mm);
	for_each_vma(vmi, vma) {
		if (!ckpt_vma_private(vma) || is_vm_hugetlb_page(vma))
			continue;
		err = scan_vma(&s, vma, source);
		if (err)
			break;
	}
	*bad = s.bad;
	return err;
}

#ifdef CONFIG_CHECKPOINTFS_KUNIT_TEST
#include "tests/pagemap_kunit.c"
#endif
