// SPDX-License-Identifier: GPL-2.0-only
/*
 * What holds within and between the address spaces of an image.
 *
 * Mappings, the runs of pages in them, and the runs whose pages are another
 * space's. Spaces are looked at in the order of their ids, and a source has a
 * smaller one, so that it is known to be sound by then. What has been learned
 * of a space is kept until the check ends.
 */
#include "../object.h"

/* Above the end of every mapping, with 5-level page tables too. */
#define USER_LIMIT	((1ULL << 56) - CKPT_PAGE_SIZE)

/**
 * struct space - an address space
 * @id:		of its mm
 * @runs:	its runs, ascending, checked
 * @nr:		how many
 * @before:	pages in all runs before each run; made when first a source
 */
struct space {
	u64 id;
	const struct ckpt_run *runs;
	u32 nr;
	u64 *before;
};

struct spaces {
	struct ckpt_check *chk;
	struct space *vec;
	u32 nr;
};

static bool page_aligned(u64 n)
{
	return IS_ALIGNED(n, CKPT_PAGE_SIZE);
}

/* ---- mappings --------------------------------------------------------------- */

static int check_vmas(const struct ckpt_check *chk, const struct ckpt_view *vmas)
{
	const struct ckpt_vma *vma = vmas->elems;
	u64 start, end, last = 0;
	u32 i;

	for (i = 0; i < vmas->count; i++, vma++) {
		start = le64_to_cpu(vma->start);
		end = le64_to_cpu(vma->end);
		if (!page_aligned(start | end) || start >= end)
			return ckpt_bad(chk, "a mapping has no pages");
		if (start < last || end > USER_LIMIT)
			return ckpt_bad(chk, "a mapping is out of order");
		last = end;
	}
	return 0;
}

/* ---- runs ------------------------------------------------------------------- */

/* Both ascend, so that one pass over both is enough. */
static int check_in_vmas(const struct ckpt_check *chk,
			 const struct ckpt_view *runs,
			 const struct ckpt_view *vmas)
{
	const struct ckpt_run *run = runs->elems;
	const struct ckpt_vma *vma = vmas->elems, *end = vma + vmas->count;
	u32 i;

	for (i = 0; i < runs->count; i++, run++) {
		while (vma < end && le64_to_cpu(vma->end) <= ckpt_run_start(run))
			vma++;
		if (vma == end || ckpt_run_start(run) < le64_to_cpu(vma->start) ||
		    ckpt_run_end(run) > le64_to_cpu(vma->end))
			return ckpt_bad(chk, "pages outside of a mapping");
	}
	return 0;
}

int ckpt_check_runs(const struct ckpt_check *chk, const struct ckpt_run *run,
		    u32 nr, u64 limit, u64 *pages)
{
	u64 last = 0;
	u32 i;

	*pages = 0;
	for (i = 0; i < nr; i++, run++) {
		if (!run->pages || !page_aligned(ckpt_run_start(run)))
			return ckpt_bad(chk, "a run has no pages");
		if (ckpt_run_start(run) < last || ckpt_run_start(run) > limit ||
		    ckpt_run_end(run) > limit)
			return ckpt_bad(chk, "a run is out of order");
		last = ckpt_run_end(run);
		if (le32_to_cpu(run->kind) == CKPT_RUN_PAGES)
			*pages += le32_to_cpu(run->pages);
	}
	return 0;
}

/* ---- pages of a source -------------------------------------------------------- */

static struct space *find_space(const struct spaces *spaces, u64 id)
{
	u32 low = 0, high = spaces->nr;

	while (low < high) {
		u32 mid = low + (high - low) / 2;

		if (spaces->vec[mid].id == id)
			return spaces->vec + mid;
		if (spaces->vec[mid].id < id)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* Index of the last run that starts at or before @addr, or -1. */
static s64 find_run(const struct space *space, u64 addr)
{
	s64 low = -1, high = space->nr;

	while (high - low > 1) {
		s64 mid = low + (high - low) / 2;

		if (ckpt_run_start(space->runs + mid) <= addr)
			low = mid;
		else
			high = mid;
	}
	return low;
}

static int count_before(struct space *space)
{
	u64 sum = 0;
	u32 i;

	if (space->before)
		return 0;
	space->before = ckpt_alloc(((size_t)space->nr + 1) * sizeof(u64));
	if (!space->before)
		return -ENOMEM;
	for (i = 0; i < space->nr; i++) {
		space->before[i] = sum;
		sum += le32_to_cpu(space->runs[i].pages);
	}
	return 0;
}

/*
 * Has @source all pages of @run? It has if the runs that its ends lie in are
 * as far apart as the pages between them are many.
 */
static bool has_pages(const struct space *source, const struct ckpt_run *run)
{
	s64 first = find_run(source, ckpt_run_start(run));
	s64 last = find_run(source, ckpt_run_end(run) - 1);
	u64 apart;

	if (first < 0 || ckpt_run_end(source->runs + last) < ckpt_run_end(run))
		return false;
	apart = ckpt_run_start(source->runs + last) - ckpt_run_start(source->runs + first);
	return apart == (source->before[last] - source->before[first]) *
			CKPT_PAGE_SIZE;
}

static int check_source(const struct spaces *spaces, const struct space *space,
			u64 source_id)
{
	struct space *source = find_space(spaces, source_id);
	bool shares = false;
	int ret;
	u32 i;

	/* Spaces that come later are not in the array yet. */
	if (source_id && !source)
		return ckpt_bad(spaces->chk, "the source is no earlier space");
	if (source) {
		ret = count_before(source);
		if (ret)
			return ret;
	}
	for (i = 0; i < space->nr; i++) {
		if (le32_to_cpu(space->runs[i].kind) != CKPT_RUN_SOURCE)
			continue;
		shares = true;
		if (!source || !has_pages(source, space->runs + i))
			return ckpt_bad(spaces->chk,
					"the source does not have these pages");
	}
	if (source && !shares)
		return ckpt_bad(spaces->chk, "a source without shared pages");
	return 0;
}

/* ---- the whole ---------------------------------------------------------------- */

static int check_space(struct spaces *spaces, u64 id)
{
	struct ckpt_check *chk = spaces->chk;
	struct space *space = spaces->vec + spaces->nr;
	u64 size = 0, pages, content = 0;
	struct ckpt_view vmas, runs;
	const struct ckpt_vmas *head;
	const struct ckpt_runs *body;
	const void *bytes;
	int ret;

	ckpt_check_where(chk, CKPT_TYPE_VMAS, id);
	bytes = chk->bytes(chk->priv, CKPT_TYPE_VMAS, id, &size);
	if (!bytes || !ckpt_find(bytes, size, CKPT_REC_VMAS, &vmas) ||
	    !ckpt_find(bytes, size, CKPT_REC_RUNS, &runs))
		return ckpt_bad(chk, "mappings or runs are missing");
	head = vmas.body;
	body = runs.body;
	space->id = id;
	space->runs = runs.elems;
	space->nr = runs.count;

	ret = check_vmas(chk, &vmas);
	if (!ret)
		ret = ckpt_check_runs(chk, runs.elems, runs.count, USER_LIMIT,
				      &pages);
	if (!ret)
		ret = check_in_vmas(chk, &runs, &vmas);
	if (!ret)
		ret = check_source(spaces, space, le64_to_cpu(head->source));
	if (ret)
		return ret;

	chk->bytes(chk->priv, CKPT_TYPE_PAGES, id, &content);
	if (pages != le64_to_cpu(body->pages) ||
	    content != pages * CKPT_PAGE_SIZE)
		return ckpt_bad(chk, "runs and contents differ in size");
	spaces->nr++;
	return 0;
}

int ckpt_check_spaces(struct ckpt_check *chk)
{
	struct spaces spaces = { .chk = chk };
	u64 id = 0;
	u32 nr = 0;
	int ret = 0;

	while ((id = chk->next(chk->priv, CKPT_TYPE_MM, id)))
		nr++;
	if (!nr)
		return 0;
	spaces.vec = ckpt_alloc((size_t)nr * sizeof(*spaces.vec));
	if (!spaces.vec)
		return -ENOMEM;
	while (!ret && (id = chk->next(chk->priv, CKPT_TYPE_MM, id))) {
		ret = check_space(&spaces, id);
		ckpt_relax();
	}
	while (nr--)
		ckpt_free(spaces.vec[nr].before);
	ckpt_free(spaces.vec);
	return ret;
}
