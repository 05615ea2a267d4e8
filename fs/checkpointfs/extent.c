// SPDX-License-Identifier: GPL-2.0-only
/*
 * Extents: where neighbouring pages of a content will be mapped.
 *
 * Made from the mappings of an address space when these arrive before its
 * pages, so that the pages can be collected in the folios that they are to be
 * mapped in: huge ones where the mapping may have them, large ones in any
 * anonymous memory, for nothing tells those from single pages but their speed.
 * Nothing has been checked by then and all of it may change, so this is no more
 * than a hint: it says what to try, and install.c looks again. Constant once
 * made.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"

/**
 * struct extent - a run of pages in which a large folio fits
 * @first:	index of its first page in the content
 * @start:	page number of the address of that
 * @pages:	how many
 * @order:	of the largest folios that may be tried
 */
struct extent {
	u64 first;
	u64 start;
	u32 pages;
	u32 order;
};

struct ckpt_extents {
	size_t nr;
	struct extent extents[] __counted_by(nr);
};

bool ckpt_huge_enabled(bool advised)
{
	unsigned long flags = READ_ONCE(ksym_data(transparent_hugepage_flags));
	unsigned long orders = READ_ONCE(ksym_data(huge_anon_orders_always));

	if (advised)
		orders |= READ_ONCE(ksym_data(huge_anon_orders_madvise));
	if (flags & BIT(TRANSPARENT_HUGEPAGE_FLAG) ||
	    (advised && flags & BIT(TRANSPARENT_HUGEPAGE_REQ_MADV_FLAG)))
		orders |= READ_ONCE(ksym_data(huge_anon_orders_inherit));
	return orders & BIT(CKPT_HUGE_ORDER);
}

/* ---- making them ------------------------------------------------------------- */

static u32 vma_order(const struct ckpt_vma *vma)
{
	u32 flags = le32_to_cpu(vma->flags);

	if (le32_to_cpu(vma->kind) != CKPT_VMA_ANON)
		return 0;
	if (flags & CKPT_VMA_NOHUGEPAGE || !ckpt_huge_enabled(flags & CKPT_VMA_HUGEPAGE))
		return CKPT_LARGE_ORDER;
	return CKPT_HUGE_ORDER;
}

/* 0: no large folio fits, or it is not as a run has to be. */
static u32 run_order(const struct ckpt_run *run, const struct ckpt_vma *vma)
{
	u64 start = le64_to_cpu(run->start) >> PAGE_SHIFT;
	u64 end = start + le32_to_cpu(run->pages);

	if (le64_to_cpu(run->start) < le64_to_cpu(vma->start) ||
	    end > le64_to_cpu(vma->end) >> PAGE_SHIFT)
		return 0;
	return ALIGN(start, CKPT_LARGE_PAGES) + CKPT_LARGE_PAGES <= end ? vma_order(vma) : 0;
}

/* Return: how many there are; they go to @extents, unless that is NULL. */
static size_t find_extents(const struct ckpt_view *vmas, const struct ckpt_view *runs,
			   struct extent *extents)
{
	const struct ckpt_vma *vma = vmas->elems, *vma_end = vma + vmas->count;
	const struct ckpt_run *run = runs->elems, *run_end = run + runs->count;
	size_t nr = 0;
	u64 first = 0;

	for (; run < run_end; run++) {
		u32 order;

		if (le32_to_cpu(run->kind) != CKPT_RUN_PAGES)
			continue;
		while (vma < vma_end && le64_to_cpu(vma->end) <= le64_to_cpu(run->start))
			vma++;
		order = vma < vma_end ? run_order(run, vma) : 0;
		if (order && extents)
			extents[nr] = (struct extent) {
				.first = first,
				.start = le64_to_cpu(run->start) >> PAGE_SHIFT,
				.pages = le32_to_cpu(run->pages),
				.order = order,
			};
		nr += !!order;
		first += le32_to_cpu(run->pages);
	}
	return nr;
}

struct ckpt_extents *ckpt_extents_create(const void *bytes, size_t size)
{
	struct ckpt_view vmas, runs;
	struct ckpt_extents *x;
	size_t nr;

	if (!ckpt_find(bytes, size, CKPT_REC_VMAS, &vmas) ||
	    !ckpt_find(bytes, size, CKPT_REC_RUNS, &runs))
		return NULL;
	nr = find_extents(&vmas, &runs, NULL);
	if (!nr)
		return NULL;
	x = kvmalloc(struct_size(x, extents, nr), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!x)
		return NULL;
	x->nr = nr;
	/* What is enabled may have changed since they were counted, not what is large. */
	find_extents(&vmas, &runs, x->extents);
	return x;
}

void ckpt_extents_destroy(struct ckpt_extents *x)
{
	kvfree(x);
}

size_t ckpt_extents_size(const struct ckpt_extents *x)
{
	return struct_size(x, extents, x->nr);
}

/* ---- asking them ------------------------------------------------------------- */

static const struct extent *find(const struct ckpt_extents *x, u64 index)
{
	size_t low = 0, high = x->nr;

	/* The last that does not begin behind @index. */
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (x->extents[mid].first <= index)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low || index - x->extents[low - 1].first >= x->extents[low - 1].pages)
		return NULL;
	return &x->extents[low - 1];
}

static bool fits(const struct extent *e, u64 index, unsigned int order, struct ckpt_fit *fit)
{
	u64 page = e->start + (index - e->first), end = e->start + e->pages;
	u64 start = ALIGN_DOWN(page, 1ULL << order);

	if (start < e->start || start + (1ULL << order) > end)
		return false;
	*fit = (struct ckpt_fit) {
		.first = index - (page - start),
		.order = order,
		.more = ((end - start) >> order) - 1,
	};
	return true;
}

bool ckpt_extents_fit(const struct ckpt_extents *x, u64 index, unsigned int max,
		      struct ckpt_fit *fit)
{
	static const unsigned int orders[] = { CKPT_HUGE_ORDER, CKPT_LARGE_ORDER };
	const struct extent *e = find(x, index);
	unsigned int i;

	for (i = 0; e && i < ARRAY_SIZE(orders); i++)
		if (orders[i] <= min(max, e->order) && fits(e, index, orders[i], fit))
			return true;
	return false;
}

#ifdef CONFIG_CHECKPOINTFS_KUNIT_TEST
#include "tests/extent_kunit.c"
#endif
