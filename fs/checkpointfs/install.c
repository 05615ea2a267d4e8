// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages into new address spaces.
 *
 * Contents have been collected in the pages that the program is to have, so
 * that all that is left is to put them into page tables: as new anonymous
 * pages, exclusively the mapping's, dirty, whatever its protection is. The
 * address space is that of tasks which have not run yet. Whoever looks into it
 * from outside meanwhile (/proc/PID/mem) may bring pages into being; that ends
 * the restore, and harms nothing else.
 *
 * mmap_lock of the address space is held for reading. A page belongs to the
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

#define BATCH	64

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
		else
			space->first += le32_to_cpu(space->run->pages);
		runs->nr++;
		space->run++;
	}
	space->vma++;
	return vma;
}

/* ---- page tables --------------------------------------------------------------- */

pmd_t *ckpt_alloc_table(struct mm_struct *mm, unsigned long addr)
{
	pgd_t *pgd = pgd_offset(mm, addr);
	p4d_t *p4d;
	pud_t *pud;
	pmd_t *pmd;

	if (pgd_none(*pgd) && ksym(__p4d_alloc)(mm, pgd, addr))
		return NULL;
	p4d = p4d_offset(pgd, addr);
	if (p4d_none(*p4d) && ksym(__pud_alloc)(mm, p4d, addr))
		return NULL;
	pud = pud_offset(p4d, addr);
	if (pud_none(*pud) && ksym(__pmd_alloc)(mm, pud, addr))
		return NULL;
	pmd = pmd_offset(pud, addr);
	if (pmd_none(*pmd) && ksym(__pte_alloc)(mm, pmd))
		return NULL;
	return pmd;
}

static void map_page(struct vm_area_struct *vma, unsigned long addr, pte_t *pte,
		     struct page *page)
{
	pte_t entry = pte_mkdirty(mk_pte(page, vma->vm_page_prot));
	struct folio *folio = page_folio(page);

	/* No shadow stacks here, so this is all that pte_mkwrite() does. */
	if (vma->vm_flags & VM_WRITE)
		entry = pte_mkwrite_novma(entry);
	__folio_mark_uptodate(folio);
	ksym(folio_add_new_anon_rmap)(folio, vma, addr, RMAP_EXCLUSIVE);
	/* folio_add_lru_vma() would not, for the mark that vmas.c sets. */
	if (vma->vm_flags & VM_LOCKED)
		ksym(mlock_new_folio)(folio);
	else
		folio_add_lru(folio);
	set_pte_at(vma->vm_mm, addr, pte, entry);
}

/* Map @pages, within one page table; those that have been mapped become NULL. */
static int map_pages(struct vm_area_struct *vma, unsigned long addr,
		     struct page **pages, unsigned int nr)
{
	struct mm_struct *mm = vma->vm_mm;
	pmd_t *pmd = ckpt_alloc_table(mm, addr);
	unsigned int i, mapped = 0;
	spinlock_t *ptl;
	pte_t *pte;
	int err = 0;

	if (!pmd)
		return -ENOMEM;
	pte = ksym(__pte_offset_map_lock)(mm, pmd, addr, &ptl);
	if (!pte)
		return -EEXIST;
	for (i = 0; i < nr && !err; i++) {
		if (!pages[i])
			continue;
		if (!pte_none(ptep_get(pte + i))) {
			err = -EEXIST;
			continue;
		}
		map_page(vma, addr + i * PAGE_SIZE, pte + i, pages[i]);
		pages[i] = NULL;
		mapped++;
	}
	percpu_counter_add(&mm->rss_stat[MM_ANONPAGES], mapped);
	pte_unmap_unlock(pte, ptl);
	return err;
}

/* ---- runs ---------------------------------------------------------------------- */

/* Holes of the content stay holes: they read as zeroes. */
static int install_batch(struct vm_area_struct *vma, unsigned long addr,
			 struct ckpt_content *content, u64 index, unsigned int nr)
{
	struct page *pages[BATCH];
	unsigned int i, found = 0;
	int err;

	for (i = 0; i < nr; i++) {
		pages[i] = ckpt_content_take(content, index + i);
		found += !!pages[i];
	}
	err = found ? map_pages(vma, addr, pages, nr) : 0;
	for (i = 0; err && i < nr; i++)
		if (pages[i])
			put_page(pages[i]);
	return err;
}

static int install_run(struct vm_area_struct *vma, const struct ckpt_run *run,
		       struct ckpt_content *content, u64 index)
{
	unsigned long addr = le64_to_cpu(run->start);
	unsigned long end = addr + (u64)le32_to_cpu(run->pages) * PAGE_SIZE;

	while (addr < end) {
		unsigned long next = min(pmd_addr_end(addr, end), addr + BATCH * PAGE_SIZE);
		unsigned int nr = (next - addr) >> PAGE_SHIFT;
		int err = install_batch(vma, addr, content, index, nr);

		if (err)
			return err;
		addr = next;
		index += nr;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
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
	    vma->vm_flags & (VM_MAYSHARE | VM_IO | VM_PFNMAP | VM_MIXEDMAP | VM_HUGETLB))
		return ERR_PTR(-EUCLEAN);
	if (!vma->anon_vma && ksym(__anon_vma_prepare)(vma))
		return ERR_PTR(-ENOMEM);
	return vma;
}

static int install_locked(struct mm_struct *mm, const struct ckpt_vma_runs *runs,
			  struct ckpt_content *content)
{
	struct vm_area_struct *vma = runs_vma(mm, runs);
	u64 index = runs->first;
	size_t i;

	if (IS_ERR(vma))
		return PTR_ERR(vma);
	for (i = 0; i < runs->nr; i++) {
		const struct ckpt_run *run = runs->run + i;
		int err;

		if (le32_to_cpu(run->kind) != CKPT_RUN_PAGES)
			continue;
		err = install_run(vma, run, content, index);
		if (err)
			return err;
		index += le32_to_cpu(run->pages);
	}
	return 0;
}

int ckpt_install_runs(struct mm_struct *mm, const struct ckpt_vma_runs *runs,
		      struct ckpt_content *content)
{
	int err;

	if (!runs->nr)
		return 0;
	err = mmap_read_lock_killable(mm);
	if (err)
		return err;
	err = install_locked(mm, runs, content);
	mmap_read_unlock(mm);
	return err;
}
