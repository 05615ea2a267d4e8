// SPDX-License-Identifier: GPL-2.0-only
/*
 * References to the pages of a snapshot.
 *
 * Taken from the page tables, without a fault for each page. Nobody writes to
 * these pages any more, for whoever maps them besides the snapshot does so
 * copy-on-write, and a reference keeps them so even when the snapshot is gone:
 * they may go wherever references go, into pipes and sockets.
 */
#include <linux/mm.h>
#include <linux/pagewalk.h>
#include <linux/swap.h>
#include <linux/swapops.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"

/**
 * struct grab - pages that follow one another
 * @pages:	where they go
 * @nr:		how many there are
 */
struct grab {
	struct page **pages;
	unsigned int nr;
};

static void add(struct grab *g, struct page *page)
{
	get_page(page);
	g->pages[g->nr++] = page;
}

/* Return: 1 where what is wanted is not in the table, which ends the walk. */
static int grab_table(struct grab *g, struct mm_walk *walk, pmd_t *pmd,
		      unsigned long addr, unsigned long end)
{
	spinlock_t *ptl;
	pte_t *start, *pte;

	start = ksym(__pte_offset_map_lock)(walk->mm, pmd, addr, &ptl);
	if (!start)
		return 1;
	for (pte = start; addr < end; addr += PAGE_SIZE, pte++) {
		pte_t entry = ptep_get(pte);

		if (!pte_present(entry) || pte_special(entry))
			break;
		add(g, pte_page(entry));
	}
	pte_unmap_unlock(start, ptl);
	return addr < end;
}

static int grab_huge(struct grab *g, struct mm_walk *walk, pmd_t *pmd,
		     unsigned long addr, unsigned long end)
{
	spinlock_t *ptl = pmd_lock(walk->mm, pmd);
	bool huge = pmd_present(*pmd) && pmd_trans_huge(*pmd);
	struct page *page;

	if (huge) {
		page = pmd_page(*pmd) + ((addr & ~PMD_MASK) >> PAGE_SHIFT);
		for (; addr < end; addr += PAGE_SIZE)
			add(g, page++);
	}
	spin_unlock(ptl);
	return !huge;
}

static int grab_pmd(pmd_t *pmd, unsigned long addr, unsigned long end,
		    struct mm_walk *walk)
{
	pmd_t entry = pmdp_get_lockless(pmd);

	walk->action = ACTION_CONTINUE;
	if (is_swap_pmd(entry) || pmd_devmap(entry))
		return 1;
	if (pmd_trans_huge(entry))
		return grab_huge(walk->private, walk, pmd, addr, end);
	return grab_table(walk->private, walk, pmd, addr, end);
}

static int grab_hole(unsigned long addr, unsigned long end, int depth,
		     struct mm_walk *walk)
{
	return 1;
}

static const struct mm_walk_ops grab_ops = {
	.pmd_entry = grab_pmd,
	.pte_hole = grab_hole,
	.walk_lock = PGWALK_RDLOCK,
};

unsigned int ckpt_grab_pages(struct mm_struct *mm, unsigned long addr,
			     unsigned int nr, struct page **pages)
{
	struct grab g = { .pages = pages };

	mmap_assert_locked(mm);
	ksym(walk_page_range)(mm, addr, addr + nr * PAGE_SIZE, &grab_ops, &g);
	return g.nr;
}
