// SPDX-License-Identifier: GPL-2.0-only
/*
 * An image that is a difference, with those that it is a difference to.
 *
 * The parents are looked for among the staged trees, by the id that the header
 * names; each lends its files, is checked as any image is, and then for having
 * what its child wants of it. What a parent is said to be matters no more than
 * that: pages are found by its own runs, whose bounds have been checked. All of
 * them are moved out at most once, as no two objects of an image name the same
 * one of the parent. A restore uses the chain up; there is no lock, since one
 * task at a time works with an image, or with an address space of it.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "checkpointfs.h"

static const struct ckpt_header *header_of(const struct ckpt_image *img)
{
	return ckpt_item_body(&img->header, CKPT_REC_HEADER);
}

static bool is_difference(const struct ckpt_image *img)
{
	return le64_to_cpu(header_of(img)->incompat) & CKPT_INCOMPAT_PARENT;
}

/* ---- the images ----------------------------------------------------------------- */

static bool has_member(const struct ckpt_image *img, const u8 id[16])
{
	for (; img; img = img->parent)
		if (!memcmp(header_of(img)->id, id, 16))
			return true;
	return false;
}

static struct ckpt_image *borrow(struct ckpt_image *img, struct dentry *restore)
{
	const u8 *id = header_of(img)->parent;
	struct ckpt_image *parent;
	char name[CKPT_NAME_MAX + 1];

	if (!ckpt_staged_find(restore, id, name)) {
		ckpt_err(img->mount, "restore: %s: its parent, the image %*phN, is not staged",
			 img->name, 16, id);
		return ERR_PTR(-ENOENT);
	}
	parent = ckpt_image_create(img->mount);
	if (!parent)
		return ERR_PTR(-ENOMEM);
	parent->staged = ckpt_staged_lend(parent, restore, name);
	if (IS_ERR(parent->staged)) {
		int err = PTR_ERR(parent->staged);

		ckpt_image_destroy(parent);
		return ERR_PTR(err);
	}
	return parent;
}

static int add_parent(struct ckpt_image *first, struct ckpt_image *img,
		      struct dentry *restore)
{
	struct ckpt_image *parent;
	int err;

	if (has_member(first, header_of(img)->parent)) {
		ckpt_err(img->mount, "restore: %s: its parent, the image %*phN, is a difference to itself",
			 img->name, 16, header_of(img)->parent);
		return -EUCLEAN;
	}
	parent = borrow(img, restore);
	if (IS_ERR(parent))
		return PTR_ERR(parent);
	/* Checked before it is a member, whose header is believed. */
	err = ckpt_image_check(parent) ?: ckpt_image_check_parent(img, parent);
	if (err) {
		ckpt_staged_return(parent->staged, false);
		ckpt_image_destroy(parent);
		return err;
	}
	img->parent = parent;
	return 0;
}

int ckpt_chain_build(struct ckpt_image *first, struct dentry *restore)
{
	struct ckpt_image *img;

	for (img = first; is_difference(img); img = img->parent) {
		int err = add_parent(first, img, restore);

		if (err)
			return err;
	}
	return 0;
}

void ckpt_chain_return(struct ckpt_image *img, bool restored)
{
	struct ckpt_image *parent = img->parent;

	img->parent = NULL;
	while (parent) {
		struct ckpt_image *next = parent->parent;

		ckpt_staged_return(parent->staged, restored);
		ckpt_image_destroy(parent);
		parent = next;
	}
}

/* ---- the pages of an object ------------------------------------------------------- */

/**
 * struct ckpt_lineage - an object, from image to image
 * @nr:		how many
 * @vec:	the parent's first
 */
struct ckpt_lineage {
	unsigned int nr;
	struct ckpt_ancestor vec[] __counted_by(nr);
};

static const struct ckpt_paged *find_paged(u32 type)
{
	const struct ckpt_paged *paged = ckpt_paged;

	while (paged->type != type)
		paged++;
	return paged;
}

/* Return: the id of its object in its parent, in turn; 0: there is none. */
static u64 ancestor_init(struct ckpt_ancestor *a, struct ckpt_image *img,
			 const struct ckpt_paged *paged, u64 id)
{
	struct ckpt_item *item = ckpt_item(img, paged->type, id);
	struct ckpt_item *contents = ckpt_item(img, paged->contents, id);
	struct ckpt_view runs;

	if (!item || !ckpt_find(item->bytes, item->size, paged->runs, &runs))
		return 0;
	a->run = runs.elems;
	a->end = a->run + runs.count;
	a->contents = contents ? contents->content : NULL;
	return ckpt_parent_id(item->bytes, item->size);
}

struct ckpt_lineage *ckpt_lineage_create(const struct ckpt_image *img,
					 const struct ckpt_item *item)
{
	const struct ckpt_paged *paged = find_paged(item->ops->type);
	u64 id = ckpt_parent_id(item->bytes, item->size);
	struct ckpt_image *parent;
	struct ckpt_lineage *l;
	unsigned int nr = 0;

	if (!id)
		return NULL;
	for (parent = img->parent; parent; parent = parent->parent)
		nr++;
	l = kvzalloc(struct_size(l, vec, nr), GFP_KERNEL_ACCOUNT);
	if (!l)
		return ERR_PTR(-ENOMEM);
	l->nr = nr;
	nr = 0;
	for (parent = img->parent; parent && id; parent = parent->parent)
		id = ancestor_init(&l->vec[nr++], parent, paged, id);
	return l;
}

void ckpt_lineage_destroy(struct ckpt_lineage *l)
{
	if (!IS_ERR(l))
		kvfree(l);
}

long ckpt_lineage_find(struct ckpt_lineage *l, u64 start, u32 pages,
		       struct ckpt_content **content, u64 *index)
{
	void *found = NULL;

	pages = l ? ckpt_find_inherited(l->vec, l->nr, start, pages, &found, index) : 0;
	*content = found;
	return pages ?: -EUCLEAN;
}
