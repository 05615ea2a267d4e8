// SPDX-License-Identifier: GPL-2.0-only
/*
 * Images that are differences: what their pages are a difference to.
 *
 * A run of such an image may stand for pages of the parent image. The object
 * names which one of the parent's it means, so that ids may differ, and no two
 * name the same: then each page of a chain is used once, and can be moved.
 * Alone, an image shows only that it names what it needs; whether the parent
 * has it shows with both at hand. Pure, as check.c is.
 */
#include "../object.h"

const struct ckpt_paged ckpt_paged[CKPT_NR_PAGED] = {
	{ CKPT_TYPE_VMAS, CKPT_REC_RUNS, CKPT_TYPE_PAGES },
	{ CKPT_TYPE_SHMEM, CKPT_REC_SHMEM, CKPT_TYPE_SHMEMDATA },
};

u64 ckpt_parent_id(const void *bytes, size_t size)
{
	const struct ckpt_parent *parent;
	struct ckpt_view view;

	if (!bytes || !ckpt_find(bytes, size, CKPT_REC_PARENT, &view))
		return 0;
	parent = view.body;
	return le64_to_cpu(parent->id);
}

/* Go to the run that ends above @start. Return: does it have @start? */
static bool step(struct ckpt_ancestor *a, u64 start)
{
	while (a->run < a->end && ckpt_run_end(a->run) <= start) {
		if (le32_to_cpu(a->run->kind) == CKPT_RUN_PAGES)
			a->first += le32_to_cpu(a->run->pages);
		a->run++;
	}
	return a->run < a->end && ckpt_run_start(a->run) <= start;
}

u32 ckpt_find_inherited(struct ckpt_ancestor *vec, u32 nr, u64 start, u32 pages,
			void **contents, u64 *index)
{
	struct ckpt_ancestor *a;

	for (a = vec; a < vec + nr && step(a, start); a++) {
		u64 skip = (start - ckpt_run_start(a->run)) / CKPT_PAGE_SIZE;

		pages = min_t(u64, pages, le32_to_cpu(a->run->pages) - skip);
		switch (le32_to_cpu(a->run->kind)) {
		case CKPT_RUN_PAGES:
			*contents = a->contents;
			*index = a->first + skip;
			return a->contents ? pages : 0;
		case CKPT_RUN_PARENT:
			break;
		default:
			return 0;
		}
	}
	return 0;
}

static bool inherits(const struct ckpt_view *runs)
{
	const struct ckpt_run *run = runs->elems;
	u32 i;

	for (i = 0; i < runs->count; i++)
		if (le32_to_cpu(run[i].kind) == CKPT_RUN_PARENT)
			return true;
	return false;
}

static bool find_runs(const struct ckpt_check *chk, const struct ckpt_paged *paged,
		      u64 id, struct ckpt_view *runs)
{
	u64 size = 0;
	const void *bytes = chk->bytes(chk->priv, paged->type, id, &size);

	return bytes && ckpt_find(bytes, size, paged->runs, runs);
}

/* ---- alone ------------------------------------------------------------------ */

static const struct ckpt_header *find_header(const struct ckpt_check *chk)
{
	struct ckpt_view view;

	return ckpt_check_record(chk, 0, CKPT_TOP_HEADER, CKPT_REC_HEADER, &view);
}

/* @parent: set to the id that the object names, 0: none. */
static int check_object(const struct ckpt_check *chk, const struct ckpt_paged *paged,
			u64 id, u64 *parent)
{
	const struct ckpt_header *header = find_header(chk);
	struct ckpt_view view, runs;
	const void *bytes;
	u64 size = 0;
	int ret;

	*parent = 0;
	if (!find_runs(chk, paged, id, &runs))
		return ckpt_bad(chk, "runs are missing");
	bytes = chk->bytes(chk->priv, paged->type, id, &size);
	if (!ckpt_find(bytes, size, CKPT_REC_PARENT, &view))
		return inherits(&runs) ? ckpt_bad(chk, "pages of a parent that is not named") : 0;
	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_PARENT, &view);
	if (ret)
		return ret;
	*parent = ckpt_parent_id(bytes, size);
	if (!*parent || !inherits(&runs))
		return ckpt_bad(chk, "a parent without pages of it");
	if (!header || !(le64_to_cpu(header->incompat) & CKPT_INCOMPAT_PARENT))
		return ckpt_bad(chk, "a parent, but the image has none");
	/* Whoever reads them gets the parent's as well. */
	if (!chk->exists(chk->priv, paged->contents, id))
		return ckpt_bad(chk, "contents are missing");
	return 0;
}

static int compare_ids(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

static int check_distinct(const struct ckpt_check *chk, u64 *ids, u32 nr)
{
	u32 i;

	ckpt_sort(ids, nr, sizeof(*ids), compare_ids);
	for (i = 1; i < nr; i++)
		if (ids[i] == ids[i - 1])
			return ckpt_bad(chk, "pages that another object has from the parent");
	return 0;
}

static int check_paged(struct ckpt_check *chk, const struct ckpt_paged *paged)
{
	u64 id, *ids;
	u32 room = 0, nr = 0;
	int ret = 0;

	for (id = 0; (id = chk->next(chk->priv, paged->type, id));)
		room++;
	if (!room)
		return 0;
	ids = ckpt_alloc((size_t)room * sizeof(*ids));
	if (!ids)
		return -ENOMEM;
	while (!ret && (id = chk->next(chk->priv, paged->type, id))) {
		ckpt_check_where(chk, paged->type, id);
		ret = check_object(chk, paged, id, &ids[nr]);
		nr += !!ids[nr];
		ckpt_relax();
	}
	if (!ret)
		ret = check_distinct(chk, ids, nr);
	ckpt_free(ids);
	return ret;
}

int ckpt_check_parents(struct ckpt_check *chk)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < CKPT_NR_PAGED; i++)
		ret = check_paged(chk, ckpt_paged + i);
	return ret;
}

/* ---- with the parent ---------------------------------------------------------- */

/* Has @have all pages that @want has from its parent? Both ascend. */
static bool covers(const struct ckpt_view *have, const struct ckpt_view *want)
{
	const struct ckpt_run *run = have->elems, *end = run + have->count;
	const struct ckpt_run *wanted = want->elems;
	u32 i;

	for (i = 0; i < want->count; i++, wanted++) {
		u64 at = ckpt_run_start(wanted);

		if (le32_to_cpu(wanted->kind) != CKPT_RUN_PARENT)
			continue;
		while (at < ckpt_run_end(wanted)) {
			while (run < end && ckpt_run_end(run) <= at)
				run++;
			if (run == end || ckpt_run_start(run) > at ||
			    le32_to_cpu(run->kind) == CKPT_RUN_SOURCE)
				return false;
			at = ckpt_run_end(run);
		}
	}
	return true;
}

static int check_inherited(struct ckpt_check *chk, const struct ckpt_check *parent,
			   const struct ckpt_paged *paged, u64 id)
{
	const void *bytes;
	struct ckpt_view want, have;
	u64 of, size = 0;

	bytes = chk->bytes(chk->priv, paged->type, id, &size);
	of = ckpt_parent_id(bytes, size);
	if (!of)
		return 0;
	ckpt_check_where(chk, paged->type, id);
	if (!find_runs(parent, paged, of, &have) || !find_runs(chk, paged, id, &want) ||
	    !covers(&have, &want))
		return ckpt_bad(chk, "the parent does not have these pages");
	return 0;
}

int ckpt_check_difference(struct ckpt_check *chk, const struct ckpt_check *parent)
{
	const struct ckpt_header *header = find_header(chk), *other = find_header(parent);
	unsigned int i;
	int ret = 0;

	ckpt_check_where(chk, 0, CKPT_TOP_HEADER);
	if (!header || !other || memcmp(header->parent, other->id, sizeof(other->id)))
		return ckpt_bad(chk, "of another parent");
	for (i = 0; !ret && i < CKPT_NR_PAGED; i++) {
		const struct ckpt_paged *paged = ckpt_paged + i;
		u64 id = 0;

		while (!ret && (id = chk->next(chk->priv, paged->type, id))) {
			ret = check_inherited(chk, parent, paged, id);
			ckpt_relax();
		}
	}
	return ret;
}
