// SPDX-License-Identifier: GPL-2.0-only
/*
 * Private pages of one address space mapped in another as well, copy-on-write.
 *
 * What fork does for a whole mapping is done here for a range, and only for
 * the entries that have private pages: present anonymous pages in a loop of
 * their own, which is several times faster than fork's as it need not tell
 * what else there may be; everything else (swap, migration, pages pinned for
 * DMA) by copy_page_range(). Of a huge page the most expensive part is the page
 * table that is kept for the day when it is split: those can be allocated ahead.
 *
 * Both mmap_locks are held for writing, and both mappings are locked. The page
 * table lock of the source nests in that of the other, as in fork. While pages
 * become read-only the source's write_protect_seq is odd, so that nobody pins
 * one without looking at mmap_lock. Where several share one address space
 * (pieces.c), it is odd for all of them, and copy_page_range() is left for later.
 *
 * What has been shared before can be brought up to date: entries that still
 * lead to the same page stay as they are.
 */
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/pagewalk.h>
#include <linux/rmap.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/swap.h>
#include <linux/swapops.h>

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

static int copy_range(struct vm_area_struct *to, struct vm_area_struct *from,
		      unsigned long start, unsigned long end)
{
	struct vm_area_struct cut_to, cut_from;

	cut_vma(&cut_to, to, start, end);
	cut_vma(&cut_from, from, start, end);
	return ksym(copy_page_range)(&cut_to, &cut_from);
}

/**
 * struct share - a walk under way
 * @to:		the mapping that gets the pages
 * @tables:	page tables for huge pages, or NULL
 * @late:	what copy_page_range() has to look at, where several share; or NULL
 * @no_huge:	huge pages are left out, and their tables allocated
 * @only_huge:	nothing else, and only where @to has nothing
 */
struct share {
	struct vm_area_struct *to;
	struct ckpt_tables *tables;
	struct ckpt_late *late;
	bool no_huge;
	bool only_huge;
};

/* What the caller has made odd for all of them stays so. */
static void begin_protect(const struct share *s, struct mm_struct *from)
{
	if (!s->late)
		raw_write_seqcount_begin(&from->write_protect_seq);
}

static void end_protect(const struct share *s, struct mm_struct *from)
{
	if (!s->late)
		raw_write_seqcount_end(&from->write_protect_seq);
}

static int put_off(struct ckpt_late *late, unsigned long start, unsigned long end)
{
	struct ckpt_late_range *range = kmalloc(sizeof(*range), GFP_KERNEL_ACCOUNT);

	if (!range)
		return -ENOMEM;
	range->start = start;
	range->end = end;
	guard(spinlock)(&late->lock);
	list_add_tail(&range->node, &late->ranges);
	return 0;
}

static int share_slowly(struct share *s, struct vm_area_struct *from,
			unsigned long start, unsigned long end)
{
	if (s->late)
		return put_off(s->late, start, end);
	return copy_range(s->to, from, start, end);
}

/* ---- one page table ---------------------------------------------------------- */

enum entry {
	ENTRY_NONE,	/* no private page */
	ENTRY_PLAIN,	/* a present one */
	ENTRY_SLOW,	/* for copy_page_range() to look at */
};

static enum entry classify(pte_t pte)
{
	if (pte_none(pte))
		return ENTRY_NONE;
	if (!pte_present(pte))
		return ENTRY_SLOW;
	/* The zero page is special. */
	if (pte_special(pte) || pte_devmap(pte) || !PageAnon(pte_page(pte)))
		return ENTRY_NONE;
	return pte_uffd_wp(pte) ? ENTRY_SLOW : ENTRY_PLAIN;
}

/* How many of the @nr entries from @pte on map the pages that follow in @folio. */
static unsigned int batch(struct folio *folio, struct page *page, pte_t *pte,
			  unsigned int nr)
{
	unsigned long pfn = page_to_pfn(page);
	unsigned int n = 1;

	if (!folio_test_large(folio))
		return 1;
	nr = min_t(unsigned long, nr, folio_nr_pages(folio) - folio_page_idx(folio, page));
	while (n < nr && classify(ptep_get(pte + n)) == ENTRY_PLAIN &&
	       pte_pfn(ptep_get(pte + n)) == pfn + n)
		n++;
	return n;
}

/**
 * struct tables - the entries of both address spaces for the same addresses
 * @to:	the first of the one that gets the pages
 * @from:	the first of the one that has them
 * @addr:	its address
 * @nr:		how many, in one page table
 */
struct tables {
	pte_t *to, *from;
	unsigned long addr;
	unsigned int nr;
};

/* Return: how many entries have been shared, or 0 if they are pinned. */
static unsigned int share_batch(const struct tables *t, unsigned int i,
				struct vm_area_struct *to, struct vm_area_struct *from)
{
	struct page *page = pte_page(ptep_get(t->from + i));
	struct folio *folio = page_folio(page);
	unsigned int n = batch(folio, page, t->from + i, t->nr - i), end = i + n;

	folio_ref_add(folio, n);
	if (folio_try_dup_anon_rmap_ptes(folio, page, n, from)) {
		folio_ref_sub(folio, n);
		return 0;
	}
	for (; i < end; i++) {
		unsigned long addr = t->addr + i * PAGE_SIZE;
		pte_t pte = ptep_get(t->from + i);

		if (pte_write(pte))
			ptep_set_wrprotect(from->vm_mm, addr, t->from + i);
		set_pte_at(to->vm_mm, addr, t->to + i, pte_wrprotect(pte_mkold(pte)));
	}
	return n;
}

/* Return: the first entry that could not be shared, t->nr if there is none. */
static unsigned int share_entries(const struct share *s, const struct tables *t,
				  unsigned int i, struct vm_area_struct *from)
{
	struct vm_area_struct *to = s->to;
	unsigned int shared = 0, n;

	begin_protect(s, from->vm_mm);
	for (; i < t->nr; i += n) {
		enum entry entry = classify(ptep_get(t->from + i));

		n = 1;
		if (entry == ENTRY_NONE)
			continue;
		if (entry == ENTRY_PLAIN)
			n = share_batch(t, i, to, from);
		if (entry == ENTRY_SLOW || !n)
			break;
		shared += n;
	}
	end_protect(s, from->vm_mm);
	percpu_counter_add(&to->vm_mm->rss_stat[MM_ANONPAGES], shared);
	return i;
}

/* From @i on, how many entries copy_page_range() should take at once. */
static unsigned int count_slow(const struct tables *t, unsigned int i)
{
	unsigned int n = 1;

	while (i + n < t->nr && classify(ptep_get(t->from + i + n)) == ENTRY_SLOW)
		n++;
	return n;
}

static bool has_pages(pte_t *pte, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (classify(ptep_get(pte + i)) != ENTRY_NONE)
			return true;
	return false;
}

/*
 * Share what can be shared in a loop, from @addr on.
 * @slow: how many pages, from where that ended, are for copy_page_range()
 * Return: bytes shared, or -errno.
 */
static long share_plain(const struct share *s, struct vm_area_struct *from,
			pmd_t *pmd, unsigned long addr, unsigned long end,
			unsigned int *slow)
{
	struct tables t = { .addr = addr, .nr = (end - addr) >> PAGE_SHIFT };
	struct mm_struct *to = s->to->vm_mm;
	spinlock_t *to_ptl, *from_ptl;
	unsigned int done = t.nr;
	pmd_t *to_pmd;

	*slow = 0;
	to_pmd = ckpt_alloc_table(to, addr);
	if (!to_pmd)
		return -ENOMEM;
	t.to = ksym(__pte_offset_map_lock)(to, to_pmd, addr, &to_ptl);
	if (!t.to)
		return -EEXIST;
	t.from = ksym(pte_offset_map_nolock)(from->vm_mm, pmd, addr, &from_ptl);
	if (t.from) {
		spin_lock_nested(from_ptl, SINGLE_DEPTH_NESTING);
		done = share_entries(s, &t, 0, from);
		if (done < t.nr)
			*slow = count_slow(&t, done);
		pte_unmap_unlock(t.from, from_ptl);
	}
	pte_unmap_unlock(t.to, to_ptl);
	return done * PAGE_SIZE;
}

static int share_table(struct share *s, struct vm_area_struct *from,
		       pmd_t *pmd, unsigned long addr, unsigned long end)
{
	while (addr < end) {
		unsigned int slow;
		long done = share_plain(s, from, pmd, addr, end, &slow);
		unsigned long next;
		int err;

		if (done < 0)
			return done;
		addr += done;
		if (!slow)
			continue;
		/* One entry for each table at most. */
		if (s->late)
			return put_off(s->late, addr, end);
		next = addr + slow * PAGE_SIZE;
		err = share_slowly(s, from, addr, next);
		if (err)
			return err;
		addr = next;
	}
	return 0;
}

/* ---- a range ------------------------------------------------------------------ */

/* Most tables of a mapped file have no private page: they get no table. */
static bool table_is_empty(struct vm_area_struct *from, pmd_t *pmd,
			   unsigned long addr, unsigned long end)
{
	spinlock_t *ptl;
	pte_t *pte;
	bool empty;

	if (!from->vm_file)
		return false;
	pte = ksym(__pte_offset_map_lock)(from->vm_mm, pmd, addr, &ptl);
	if (!pte)
		return true;
	empty = !has_pages(pte, (end - addr) >> PAGE_SHIFT);
	pte_unmap_unlock(pte, ptl);
	return empty;
}

static bool pmd_is_table(pmd_t pmd)
{
	return !is_swap_pmd(pmd) && !pmd_trans_huge(pmd) && !pmd_devmap(pmd);
}

static bool has_entries(struct mm_struct *mm, unsigned long addr)
{
	pmd_t *pmd = ckpt_find_pmd(mm, addr);

	return pmd && !pmd_none(pmdp_get_lockless(pmd));
}

/* That there is none is no error: one is then allocated when it is needed. */
static void prepare_table(struct share *s)
{
	pgtable_t table = ksym(pte_alloc_one)(s->to->vm_mm);

	if (!table)
		return;
	guard(spinlock)(&s->tables->lock);
	list_add(&table->lru, &s->tables->list);
}

static pgtable_t take_prepared(struct ckpt_tables *tables)
{
	pgtable_t table;

	guard(spinlock)(&tables->lock);
	table = list_first_entry_or_null(&tables->list, struct page, lru);
	if (table)
		list_del(&table->lru);
	return table;
}

static pgtable_t take_table(struct share *s)
{
	pgtable_t table = s->tables ? take_prepared(s->tables) : NULL;

	return table ?: ksym(pte_alloc_one)(s->to->vm_mm);
}

void ckpt_share_split(struct vm_area_struct *vma, unsigned long addr)
{
	pmd_t *pmd = IS_ALIGNED(addr, PMD_SIZE) ? NULL : ckpt_find_pmd(vma->vm_mm, addr);

	/* One that is being migrated is split as well, so that it ends where @addr does. */
	if (pmd && (pmd_trans_huge(pmdp_get_lockless(pmd)) ||
		    is_swap_pmd(pmdp_get_lockless(pmd))))
		ksym(__split_huge_pmd)(vma, pmd, addr, false, NULL);
}

void ckpt_share_drop_tables(struct ckpt_tables *tables)
{
	struct page *table, *next;

	list_for_each_entry_safe(table, next, &tables->list, lru) {
		list_del(&table->lru);
		ksym(pte_free_defer)(NULL, table);
		cond_resched();
	}
}

static enum entry classify_huge(pmd_t pmd)
{
	/* Reclaim may have split it: that needs no mmap_lock. */
	if (!pmd_present(pmd) || pmd_is_table(pmd) || pmd_uffd_wp(pmd))
		return ENTRY_SLOW;
	/* Not the huge zero page. */
	if (!pmd_trans_huge(pmd) || !PageAnon(pmd_page(pmd)))
		return ENTRY_NONE;
	return ENTRY_PLAIN;
}

/**
 * struct huge - the entries of both address spaces for a huge page
 * @to:		of the one that gets it
 * @from:	of the one that has it
 * @addr:	its address
 * @table:	for @to; NULL as soon as it has it
 */
struct huge {
	pmd_t *to, *from;
	unsigned long addr;
	pgtable_t table;
};

/* Return: 0, or -EAGAIN if it is pinned. */
static int share_huge_plain(const struct share *s, struct huge *h,
			    struct vm_area_struct *from)
{
	struct mm_struct *to = s->to->vm_mm;
	struct page *page = pmd_page(*h->from);
	struct folio *folio = page_folio(page);
	bool pinned;

	folio_get(folio);
	begin_protect(s, from->vm_mm);
	pinned = folio_try_dup_anon_rmap_pmd(folio, page, from);
	if (!pinned && pmd_write(*h->from))
		pmdp_set_wrprotect(from->vm_mm, h->addr, h->from);
	end_protect(s, from->vm_mm);
	if (pinned) {
		folio_put(folio);
		return -EAGAIN;
	}
	percpu_counter_add(&to->rss_stat[MM_ANONPAGES], HPAGE_PMD_NR);
	/* For the day when it is split. */
	ksym(pgtable_trans_huge_deposit)(to, h->to, h->table);
	mm_inc_nr_ptes(to);
	h->table = NULL;
	set_pmd_at(to, h->addr, h->to, pmd_mkold(pmd_wrprotect(*h->from)));
	return 0;
}

static int share_huge_locked(const struct share *s, struct huge *h,
			     struct vm_area_struct *from)
{
	if (!pmd_none(*h->to))
		return -EEXIST;
	switch (classify_huge(*h->from)) {
	case ENTRY_NONE:
		return 0;
	case ENTRY_PLAIN:
		return share_huge_plain(s, h, from);
	default:
		return -EAGAIN;
	}
}

/* Return: 0, -EAGAIN if copy_page_range() should look at it, or -errno. */
static int share_huge_page(struct share *s, struct vm_area_struct *from, pmd_t *pmd,
			   unsigned long addr)
{
	struct mm_struct *mm = s->to->vm_mm;
	struct huge h = { .to = ckpt_find_pmd(mm, addr), .from = pmd, .addr = addr };
	spinlock_t *to_ptl, *from_ptl;
	int err;

	/* The first one of a GiB. */
	if (!h.to)
		return -EAGAIN;
	h.table = take_table(s);
	if (!h.table)
		return -ENOMEM;
	to_ptl = pmd_lock(mm, h.to);
	from_ptl = pmd_lockptr(from->vm_mm, pmd);
	spin_lock_nested(from_ptl, SINGLE_DEPTH_NESTING);
	err = share_huge_locked(s, &h, from);
	spin_unlock(from_ptl);
	spin_unlock(to_ptl);
	if (h.table)
		ksym(pte_free_defer)(mm, h.table);
	return err;
}

/* In a mapping of a file it is the file's page. */
static int share_huge(struct share *s, struct vm_area_struct *from, pmd_t *pmd,
		      unsigned long addr, unsigned long end)
{
	int err;

	if (!vma_is_anonymous(from))
		return 0;
	if (s->no_huge) {
		prepare_table(s);
		return 0;
	}
	err = share_huge_page(s, from, pmd, addr);
	return err == -EAGAIN ? share_slowly(s, from, addr, end) : err;
}

static int share_pmd(pmd_t *pmd, unsigned long addr, unsigned long end,
		     struct mm_walk *walk)
{
	struct vm_area_struct *from = walk->vma;
	struct share *s = walk->private;
	int err = 0;

	walk->action = ACTION_CONTINUE;
	if (s->only_huge && (pmd_is_table(pmdp_get_lockless(pmd)) ||
			     has_entries(s->to->vm_mm, addr)))
		return 0;
	if (!pmd_is_table(pmdp_get_lockless(pmd)))
		err = share_huge(s, from, pmd, addr, end);
	else if (!table_is_empty(from, pmd, addr, end))
		err = share_table(s, from, pmd, addr, end);
	cond_resched();
	return err ?: fatal_signal_pending(current) ? -EINTR : 0;
}

static const struct mm_walk_ops share_ops = {
	.pmd_entry = share_pmd,
	.walk_lock = PGWALK_WRLOCK_VERIFY,
};

static int share(struct share *s, struct vm_area_struct *from,
		 unsigned long start, unsigned long end)
{
	mmap_assert_write_locked(s->to->vm_mm);
	mmap_assert_write_locked(from->vm_mm);
	/* Those who map the pages elsewhere are told by copy_page_range(). */
	if (mm_has_notifiers(from->vm_mm))
		return share_slowly(s, from, start, end);
	return ksym(walk_page_range)(from->vm_mm, start, end, &share_ops, s);
}

int ckpt_share_range(struct vm_area_struct *to, struct vm_area_struct *from,
		     unsigned long start, unsigned long end, struct ckpt_late *late)
{
	struct share s = { .to = to, .late = late };

	return share(&s, from, start, end);
}

int ckpt_share_tables(struct vm_area_struct *to, struct vm_area_struct *from,
		      unsigned long start, unsigned long end, struct ckpt_tables *tables)
{
	struct share s = { .to = to, .tables = tables, .no_huge = true };

	return share(&s, from, start, end);
}

int ckpt_share_huge(struct vm_area_struct *to, struct vm_area_struct *from,
		    unsigned long start, unsigned long end, struct ckpt_tables *tables)
{
	struct share s = { .to = to, .tables = tables, .only_huge = true };

	/* Somebody has registered a notifier since: all is shared at the freeze. */
	if (mm_has_notifiers(from->vm_mm))
		return -EBUSY;
	return share(&s, from, start, end);
}

/* ---- once more ------------------------------------------------------------------ */

/*
 * Do both lead to the same contents, which nobody writes to? A page that is
 * shared is read-only as long as it is.
 */
static bool same_entry(pte_t to, pte_t from)
{
	swp_entry_t slot;

	if (pte_none(to))
		return classify(from) == ENTRY_NONE;
	if (pte_present(to) != pte_present(from) || pte_none(from))
		return false;
	if (pte_present(to))
		return pte_pfn(to) == pte_pfn(from) && !pte_write(from);
	slot = pte_to_swp_entry(to);
	return !non_swap_entry(slot) && slot.val == pte_to_swp_entry(from).val;
}

static bool same(const struct tables *t, unsigned int i)
{
	return same_entry(ptep_get(t->to + i), ptep_get(t->from + i));
}

/* Unmap a page of the snapshot. Return: false if that is not all there is to do. */
static bool drop_entry(const struct tables *t, unsigned int i, struct vm_area_struct *to)
{
	pte_t pte = ptep_get(t->to + i);
	struct page *page;

	if (pte_none(pte))
		return true;
	if (classify(pte) != ENTRY_PLAIN)
		return false;
	page = pte_page(pte);
	/* No processor has ever used this table. */
	ptep_get_and_clear(to->vm_mm, t->addr + i * PAGE_SIZE, t->to + i);
	ksym(folio_remove_rmap_ptes)(page_folio(page), page, 1, to);
	percpu_counter_dec(&to->vm_mm->rss_stat[MM_ANONPAGES]);
	put_page(page);
	return true;
}

/* Return: false if it is not known how to make them the same. */
static bool renew_entries(const struct share *s, const struct tables *t,
			  struct vm_area_struct *from)
{
	struct tables part = *t;
	unsigned int i;

	for (i = 0; i < t->nr; i = part.nr) {
		for (part.nr = i; part.nr < t->nr && !same(t, part.nr); part.nr++)
			if (!drop_entry(t, part.nr, s->to))
				return false;
		if (part.nr > i && share_entries(s, &part, i, from) < part.nr)
			return false;
		if (part.nr == i)
			part.nr++;
	}
	return true;
}

static bool renew_table(const struct share *s, struct vm_area_struct *from,
			pmd_t *to_pmd, pmd_t *pmd, unsigned long addr, unsigned long end)
{
	struct tables t = { .addr = addr, .nr = (end - addr) >> PAGE_SHIFT };
	struct mm_struct *to = s->to->vm_mm;
	spinlock_t *to_ptl, *from_ptl;
	bool renewed = false;

	t.to = ksym(__pte_offset_map_lock)(to, to_pmd, addr, &to_ptl);
	if (!t.to)
		return false;
	t.from = ksym(pte_offset_map_nolock)(from->vm_mm, pmd, addr, &from_ptl);
	if (t.from) {
		spin_lock_nested(from_ptl, SINGLE_DEPTH_NESTING);
		renewed = renew_entries(s, &t, from);
		pte_unmap_unlock(t.from, from_ptl);
	}
	pte_unmap_unlock(t.to, to_ptl);
	return renewed;
}

static bool same_pmd(pmd_t to, pmd_t from)
{
	return pmd_present(to) && pmd_present(from) && pmd_trans_huge(to) &&
	       pmd_trans_huge(from) && pmd_pfn(to) == pmd_pfn(from) && !pmd_write(from);
}

unsigned int ckpt_share_lost(struct mm_struct *to, struct mm_struct *from,
			     unsigned long start, unsigned long end)
{
	unsigned int lost = 0;
	unsigned long addr;

	mmap_assert_write_locked(to);
	mmap_assert_write_locked(from);
	for (addr = start; addr < end; addr += PMD_SIZE) {
		pmd_t *to_pmd = ckpt_find_pmd(to, addr), *pmd = ckpt_find_pmd(from, addr);
		pmd_t kept = to_pmd ? pmdp_get_lockless(to_pmd) : __pmd(0);

		/* Nothing is changed for what is seen here without the tables' locks. */
		if (pmd_present(kept) && pmd_trans_huge(kept) &&
		    !(pmd && same_pmd(kept, pmdp_get_lockless(pmd))))
			lost++;
	}
	return lost;
}

/* The same huge page, to which nobody writes? */
static bool same_huge(struct vm_area_struct *to, struct vm_area_struct *from,
		      pmd_t *to_pmd, pmd_t *pmd)
{
	spinlock_t *to_ptl = pmd_lock(to->vm_mm, to_pmd);
	spinlock_t *from_ptl = pmd_lockptr(from->vm_mm, pmd);
	bool same;

	spin_lock_nested(from_ptl, SINGLE_DEPTH_NESTING);
	same = same_pmd(*to_pmd, *pmd);
	spin_unlock(from_ptl);
	spin_unlock(to_ptl);
	return same;
}

static int renew_pmd(pmd_t *pmd, unsigned long addr, unsigned long end,
		     struct mm_walk *walk)
{
	struct vm_area_struct *from = walk->vma;
	struct share *s = walk->private;
	struct vm_area_struct *to = s->to;
	pmd_t *to_pmd = ckpt_find_pmd(to->vm_mm, addr);
	bool table, to_table;

	if (!to_pmd || pmd_none(pmdp_get_lockless(to_pmd)))
		return share_pmd(pmd, addr, end, walk);
	table = pmd_is_table(pmdp_get_lockless(pmd));
	to_table = pmd_is_table(pmdp_get_lockless(to_pmd));
	if (table && to_table ? renew_table(s, from, to_pmd, pmd, addr, end) :
	    !table && !to_table && same_huge(to, from, to_pmd, pmd)) {
		walk->action = ACTION_CONTINUE;
		return fatal_signal_pending(current) ? -EINTR : 0;
	}
	zap_page_range_single(to, addr, end - addr, NULL);
	/* The table stays, and a huge page has no place where one is. */
	if (to_table && !table)
		ksym(__split_huge_pmd)(from, pmd, addr, false, NULL);
	return share_pmd(pmd, addr, end, walk);
}

/* The program has no page there: nor has the snapshot, then. */
static int renew_hole(unsigned long addr, unsigned long end, int depth,
		      struct mm_walk *walk)
{
	struct share *s = walk->private;
	struct vm_area_struct *to = s->to;

	if (end - addr > PMD_SIZE || has_entries(to->vm_mm, addr))
		zap_page_range_single(to, addr, end - addr, NULL);
	return 0;
}

static const struct mm_walk_ops renew_ops = {
	.pmd_entry = renew_pmd,
	.pte_hole = renew_hole,
	.walk_lock = PGWALK_WRLOCK_VERIFY,
};

int ckpt_share_again(struct vm_area_struct *to, struct vm_area_struct *from,
		     unsigned long start, unsigned long end,
		     struct ckpt_tables *tables, struct ckpt_late *late)
{
	struct share s = { .to = to, .tables = tables, .late = late };

	mmap_assert_write_locked(to->vm_mm);
	mmap_assert_write_locked(from->vm_mm);
	return ksym(walk_page_range)(from->vm_mm, start, end, &renew_ops, &s);
}
