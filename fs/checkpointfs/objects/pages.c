// SPDX-License-Identifier: GPL-2.0-only
/*
 * The contents of the private pages of an address space: mm/ID/pages.
 *
 * The pages of the CKPT_RUN_PAGES runs of mm/ID/vmas, in their order, back to
 * back. Read from the frozen program, after a commit from a snapshot; put into
 * the new mappings as they arrived. Pages that are shared with another address
 * space follow when all have theirs, and so do the mappings that have some.
 */
#include "../object.h"

#ifdef __KERNEL__

#include <linux/mm.h>

#include "../checkpointfs.h"

static int pages_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	obj->priv = ckpt_memory_create(obj->ptr);
	return obj->priv ? 0 : -ENOMEM;
}

/* The mappings have been saved before: they have counted the pages. */
static u64 pages_size(struct ckpt_object *obj)
{
	const struct ckpt_memory *m = obj->priv;

	return m->map.pages << PAGE_SHIFT;
}

static ssize_t pages_read(struct ckpt_object *obj, loff_t pos, struct iov_iter *to)
{
	return ckpt_memory_read(obj->priv, pos, to);
}

static u64 pages_weight(const struct ckpt_object *obj)
{
	return ckpt_memory_weight(obj->priv);
}

static int pages_commit(struct ckpt_object *obj, bool alone)
{
	int err = ckpt_memory_commit(obj->priv, obj->con->mount, &obj->con->ahead, alone);

	/* That stage_max does not allow for a copy has been said. */
	if (err && err != -ENOSPC)
		ckpt_err(obj->con->mount, "%s: no copy of the memory of mm/%llu: %pe",
			 obj->con->name, obj->id, ERR_PTR(err));
	return err;
}

static long pages_pages(struct ckpt_object *obj, u64 index, unsigned int nr,
			struct page **pages)
{
	return ckpt_memory_pages(obj->priv, index, nr, pages);
}

static void pages_release(struct ckpt_object *obj)
{
	ckpt_memory_destroy(obj->priv);
}

static void report(struct ckpt_restore *r, struct ckpt_item *item,
		   const struct ckpt_vma *vma, int err)
{
	const char *why = "";

	if (err == -ENOMEM && le32_to_cpu(vma->flags) & CKPT_VMA_HUGETLB)
		why = "the pool has too few huge pages: ";
	else if (err == -EEXIST)
		why = CKPT_LOOKED_IN;
	ckpt_restore_err(r, item, "mapping %llx: %s%pe", le64_to_cpu(vma->start), why,
			 ERR_PTR(err));
}

static int install(struct ckpt_restore *r, struct ckpt_item *item,
		   const struct ckpt_item *vmas, struct ckpt_lineage *lineage)
{
	const struct ckpt_vma *vma;
	struct ckpt_vma_runs runs;
	struct ckpt_space space;

	ckpt_space_init(&space, vmas);
	while ((vma = ckpt_space_next(&space, &runs))) {
		int err;

		if (runs.shares)
			continue;
		err = ckpt_install_runs(current->mm, &runs, item->content, lineage);
		if (err) {
			report(r, item, vma, err);
			return err;
		}
	}
	return 0;
}

static int pages_apply(struct ckpt_restore *r, struct ckpt_item *item)
{
	struct ckpt_image *img = ckpt_restore_img(r);
	struct ckpt_item *vmas = ckpt_item(img, CKPT_TYPE_VMAS, item->id);
	struct ckpt_lineage *lineage = ckpt_lineage_create(img, vmas);
	int err;

	if (IS_ERR(lineage)) {
		ckpt_restore_err(r, item, "no memory to find pages of parents");
		return PTR_ERR(lineage);
	}
	err = install(r, item, vmas, lineage);
	ckpt_lineage_destroy(lineage);
	return err;
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_pages_ops = {
	.type = CKPT_TYPE_PAGES,
	.name = "pages",
	.dir = "mm",
	.part = "pages",
	.flags = CKPT_ROW_RAW,
	CKPT_KERNEL(.collect = pages_collect, .size = pages_size,
		    .read = pages_read, .commit = pages_commit,
		    .weight = pages_weight,
		    .pages = pages_pages, .release = pages_release, .apply = pages_apply)
};
