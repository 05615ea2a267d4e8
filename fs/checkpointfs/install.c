// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages into new address spaces.
 *
 * Contents have been collected in the folios that the program is to have, so
 * that all that is left is to put them into page tables: as new anonymous
 * memory, exclusively the mapping's, dirty, whatever its protection is. Where a
 * folio fits depends on what the mapping is now, whatever it was collected for:
 * one that does not fit is taken as single pages. The address space is that of
 * tasks which have not run yet. Whoever looks into it from outside meanwhile
 * (/proc/PID/mem), or puts a probe into its files just then (uprobes.c), may bring pages
 * into being; that ends the restore, and harms nothing else.
 *
 * Huge pages of a pool are not collected as such: hugetlb.c copies contents into them.
 *
 * mmap_lock of the address space is held for reading. A folio belongs to the
 * content, then to this file, then to the page table.
 */
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/rmap.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/swap.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "hugetlb.h"

#define BATCH	32

/* ---- an item's mappings, each with its runs ---------------------------------- */

void ckpt_space_init(struct ckpt_space *space, const struct ckpt_item *item)
{
	struct ckpt_view view;

	*space = (struct ckpt_space) {};
	if (ckpt_find(item->bytes, item->size, CKPT_REC_VMAS, &view)) {
		space->vma = view.elems;
		space->end = space->vma + view.count;
	}
	if (ckpt_find(item->bytes, item->size, CKPT_REC_RUNS, &view)) {
		space->run = view.elems;
		space->run_end = space->run + view.count;
	}
}

const struct ckpt_vma *ckpt_space_next(struct ckpt_space *space,
				       struct ckpt_vma_runs *runs)
{
	const struct ckpt_vma *vma = space->vma;
	u64 end;

	if (vma == space->end)
		return NULL;
	end = le64_to_cpu(vma->end);
	*runs = (struct ckpt_vma_runs) {
		.run = space->run,
		.first = space->first,
	};
	/* Runs lie within mappings, and both ascend: the check has seen to it. */
	while (space->run < space->run_end && le64_to_cpu(space->run->start) < end) {
		if (le32_to_cpu(space->run->kind) == CKPT_RUN_SOURCE)
			runs->shares = true;
		else if (le32_to_cpu(space->run->kind) == CKPT_RUN_PAGES)
			space->first += le32_to_cpu(space->run->pages);
		runs->nr++;
		space->run++;
	}
	space->vma++;
	return vma;
}

/* ---- page tables --------------------------------------------------------------- */

static pmd_t *alloc_pmd(struct mm_struct *mm, unsigned long addr)
{
	pgd_t *pgd = pgd_offset(mm, addr);
	p4d_t *p4d;
	pud_t *pud;

#ifndef __PAGETABLE_P4D_FOLDED
	if (pgd_none(*pgd) && ksym(__p4d_alloc)(mm, pgd, addr))
		return NULL;
#endif
	p4d = p4d_offset(pgd, addr);
	if (p4d_none(*p4d) && ksym(__pud_alloc)(mm, p4d, addr))
		return NULL;
	pud = pud_offset(p4d, addr);
	if (pud_none(*pud) && ksym(__pmd_alloc)(mm, pud, addr))
		return NULL;
	return pmd_offset(pud, addr);
}

pmd_t *ckpt_alloc_table(struct mm_struct *mm, unsigned long addr)
{
	pmd_t *pmd = alloc_pmd(mm, addr);

	if (pmd && pmd_none(*pmd) && ksym(__pte_alloc)(mm, pmd))
		return NULL;
	return pmd;
}

/* It becomes memory of @vma, which has it alone. */
static void adopt_folio(struct vm_area_struct *vma, unsigned long addr, struct folio *folio)
{
	ksym(folio_add_new_anon_rmap)(folio, vma, addr, RMAP_EXCLUSIVE);
	/* folio_add_lru_vma() would not, for the mark that vmas.c sets. */
	if (vma->vm_flags & VM_LOCKED)
		ksym(mlock_new_folio)(folio);
	else
		folio_add_lru(folio);
	percpu_counter_add(&vma->vm_mm->rss_stat[MM_ANONPAGES], folio_nr_pages(folio));
}

/* ---- a huge page ----------------------------------------------------------------- */

static int map_huge_locked(struct vm_area_struct *vma, unsigned long addr, pmd_t *pmd,
			   pgtable_t table, struct folio *folio)
{
	pmd_t entry = pmd_mkdirty(pmd_mkhuge(mk_pmd(folio_page(folio, 0), vma->vm_page_prot)));

	/* As in map_folio(). */
	if (vma->vm_flags & VM_WRITE)
		entry = pmd_mkwrite_novma(entry);
	if (!pmd_none(*pmd))
		return -EEXIST;
	adopt_folio(vma, addr, folio);
	/* For the day when it is split. */
	ksym(pgtable_trans_huge_deposit)(vma->vm_mm, pmd, table);
	set_pmd_at(vma->vm_mm, addr, pmd, entry);
	mm_inc_nr_ptes(vma->vm_mm);
	return 0;
}

/* @folio is the mapping's, unless it fails. */
static int map_huge(struct vm_area_struct *vma, unsigned long addr, struct folio *folio)
{
	pmd_t *pmd = alloc_pmd(vma->vm_mm, addr);
	pgtable_t table = pmd ? ksym(pte_alloc_one)(vma->vm_mm) : NULL;
	spinlock_t *ptl;
	int err;

	if (!table)
		return -ENOMEM;
	ptl = pmd_lock(vma->vm_mm, pmd);
	err = map_huge_locked(vma, addr, pmd, table, folio);
	spin_unlock(ptl);
	/* pte_free() is an inline function that needs what is not exported. */
	if (err)
		ksym(pte_free_defer)(vma->vm_mm, table);
	return err;
}

/* ---- a page table ---------------------------------------------------------------- */

/**
 * struct batch - folios for one page table
 * @folios:	owned
 * @addrs:	where each goes
 * @nr:		how many
 */
struct batch {
	struct folio *folios[BATCH];
	unsigned long addrs[BATCH];
	unsigned int nr;
};

static int map_folio(struct vm_area_struct *vma, unsigned long addr, pte_t *pte,
		     struct folio *folio)
{
	pte_t entry = pte_mkdirty(mk_pte(folio_page(folio, 0), vma->vm_page_prot));
	unsigned int i, nr = folio_nr_pages(folio);

	/* No shadow stacks here, so this is all that pte_mkwrite() does. */
	if (vma->vm_flags & VM_WRITE)
		entry = pte_mkwrite_novma(entry);
	for (i = 0; i < nr; i++)
		if (!pte_none(ptep_get(pte + i)))
			return -EEXIST;
	/* A reference for each entry. */
	folio_ref_add(folio, nr - 1);
	adopt_folio(vma, addr, folio);
	set_ptes(vma->vm_mm, addr, pte, entry, nr);
	return 0;
}

static int map_batch_locked(struct vm_area_struct *vma, struct batch *b, pte_t *pte)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < b->nr && !err; i++) {
		unsigned long offset = b->addrs[i] - b->addrs[0];

		err = map_folio(vma, b->addrs[i], pte + (offset >> PAGE_SHIFT), b->folios[i]);
		if (!err)
			b->folios[i] = NULL;
	}
	return err;
}

static int map_batch(struct vm_area_struct *vma, struct batch *b)
{
	pmd_t *pmd = ckpt_alloc_table(vma->vm_mm, b->addrs[0]);
	spinlock_t *ptl;
	pte_t *pte;
	int err;

	if (!pmd)
		return -ENOMEM;
	pte = ksym(__pte_offset_map_lock)(vma->vm_mm, pmd, b->addrs[0], &ptl);
	if (!pte)
		return -EEXIST;
	err = map_batch_locked(vma, b, pte);
	pte_unmap_unlock(pte, ptl);
	return err;
}

/* Map what there is; the batch is empty afterwards. */
static int flush_batch(struct vm_area_struct *vma, struct batch *b)
{
	int err = b->nr ? map_batch(vma, b) : 0;
	unsigned int i;

	for (i = 0; err && i < b->nr; i++)
		if (b->folios[i])
			folio_put(b->folios[i]);
	b->nr = 0;
	return err;
}

static int add_to_batch(struct vm_area_struct *vma, struct batch *b, unsigned long addr,
			struct folio *folio)
{
	int err = 0;

	if (b->nr == BATCH || (b->nr && (b->addrs[0] ^ addr) & PMD_MASK))
		err = flush_batch(vma, b);
	if (err) {
		folio_put(folio);
		return err;
	}
	b->folios[b->nr] = folio;
	b->addrs[b->nr++] = addr;
	return 0;
}

/* ---- runs ---------------------------------------------------------------------- */

static bool may_be_huge(struct vm_area_struct *vma)
{
	return ckpt_huge_enabled(vma->vm_flags & VM_HUGEPAGE) &&
	       ksym(__thp_vma_allowable_orders)(vma, vma->vm_flags, TVA_IN_PF,
						BIT(CKPT_HUGE_ORDER));
}

static bool fits(unsigned long addr, unsigned long end, unsigned long size)
{
	return IS_ALIGNED(addr, size) && end - addr >= size;
}

/* Of how many pages may a folio at @addr be? A huge one replaces a page table. */
static unsigned int most_pages(struct vm_area_struct *vma, unsigned long addr,
			       unsigned long end, bool huge)
{
	pmd_t *pmd;

	if (!vma_is_anonymous(vma))
		return 1;
	if (huge && fits(addr, end, PMD_SIZE)) {
		pmd = alloc_pmd(vma->vm_mm, addr);
		if (pmd && pmd_none(pmdp_get_lockless(pmd)))
			return CKPT_HUGE_PAGES;
	}
	return fits(addr, end, CKPT_LARGE_PAGES * PAGE_SIZE) ? CKPT_LARGE_PAGES : 1;
}

/* Return: how many pages are dealt with, a hole for one, or -errno. */
static long install_folio(struct vm_area_struct *vma, struct batch *b, unsigned long addr,
			  struct folio *folio)
{
	long nr;
	int err;

	if (IS_ERR_OR_NULL(folio))
		return folio ? PTR_ERR(folio) : 1;
	nr = folio_nr_pages(folio);
	if (nr < CKPT_HUGE_PAGES)
		return add_to_batch(vma, b, addr, folio) ?: nr;
	err = map_huge(vma, addr, folio);
	if (err)
		folio_put(folio);
	return err ?: nr;
}

/* Holes of the content stay holes where they read as zeroes, and not as a page of the file. */
static struct folio *take_folio(struct vm_area_struct *vma, struct ckpt_content *content,
				u64 index, unsigned int most)
{
	struct folio *folio = ckpt_content_take(content, index, most);

	return folio || vma_is_anonymous(vma) ? folio : ckpt_content_zeroes();
}

static int install_folios(struct vm_area_struct *vma, unsigned long addr, u32 pages,
			  struct ckpt_content *content, u64 index)
{
	unsigned long end = addr + (u64)pages * PAGE_SIZE;
	bool huge = may_be_huge(vma);
	struct batch b = { .nr = 0 };
	long n = 0;
	int err;

	while (addr < end) {
		unsigned int most = most_pages(vma, addr, end, huge);

		n = install_folio(vma, &b, addr, take_folio(vma, content, index, most));
		if (n >= 0 && fatal_signal_pending(current))
			n = -EINTR;
		if (n < 0)
			break;
		addr += n * PAGE_SIZE;
		index += n;
		cond_resched();
	}
	err = flush_batch(vma, &b);
	return n < 0 ? n : err;
}

static int install_pages(struct vm_area_struct *vma, unsigned long addr, u32 pages,
			 struct ckpt_content *content, u64 index)
{
	if (vma->vm_flags & VM_HUGETLB)
		return ckpt_huge_install(vma, addr, pages, content, index);
	return install_folios(vma, addr, pages, content, index);
}

/* The same for pages that the image's parents have. */
static int install_inherited(struct vm_area_struct *vma, const struct ckpt_run *run,
			     struct ckpt_lineage *lineage)
{
	u64 addr = ckpt_run_start(run), end = ckpt_run_end(run);

	while (addr < end) {
		struct ckpt_content *content;
		u64 index;
		long nr = ckpt_lineage_find(lineage, addr, (end - addr) >> PAGE_SHIFT,
					    &content, &index);
		int err = nr < 0 ? nr : install_pages(vma, addr, nr, content, index);

		if (err)
			return err;
		addr += (u64)nr * PAGE_SIZE;
	}
	return 0;
}

/* The mapping that all of @runs lie in, ready for anonymous pages. */
static struct vm_area_struct *runs_vma(struct mm_struct *mm,
				       const struct ckpt_vma_runs *runs)
{
	const struct ckpt_run *last = runs->run + runs->nr - 1;
	struct vm_area_struct *vma = vma_lookup(mm, le64_to_cpu(runs->run->start));
	u64 end = le64_to_cpu(last->start) + (u64)le32_to_cpu(last->pages) * PAGE_SIZE;

	if (!vma || end > vma->vm_end ||
	    vma->vm_flags & (VM_MAYSHARE | VM_IO | VM_PFNMAP | VM_MIXEDMAP))
		return ERR_PTR(-EUCLEAN);
	if (!vma->anon_vma && ksym(__anon_vma_prepare)(vma))
		return ERR_PTR(-ENOMEM);
	return vma;
}

static int install_locked(struct mm_struct *mm, const struct ckpt_vma_runs *runs,
			  struct ckpt_content *content, struct ckpt_lineage *lineage)
{
	struct vm_area_struct *vma = runs_vma(mm, runs);
	u64 index = runs->first;
	size_t i;

	if (IS_ERR(vma))
		return PTR_ERR(vma);
	for (i = 0; i < runs->nr; i++) {
		const struct ckpt_run *run = runs->run + i;
		u32 pages = le32_to_cpu(run->pages);
		int err = 0;

		switch (le32_to_cpu(run->kind)) {
		case CKPT_RUN_PAGES:
			err = install_pages(vma, ckpt_run_start(run), pages, content, index);
			index += pages;
			break;
		case CKPT_RUN_PARENT:
			err = install_inherited(vma, run, lineage);
			break;
		}
		if (err)
			return err;
	}
	return 0;
}

int ckpt_install_runs(struct mm_struct *mm, const struct ckpt_vma_runs *runs,
		      struct ckpt_content *content, struct ckpt_lineage *lineage)
{
	int err;

	if (!runs->nr)
		return 0;
	err = mmap_read_lock_killable(mm);
	if (err)
		return err;
	err = install_locked(mm, runs, content, lineage);
	mmap_read_unlock(mm);
	return err;
}
