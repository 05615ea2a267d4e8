// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tree of a container as a sorted array of its objects.
 *
 * Built once, while the container is NEW and its tasks are frozen, and never
 * changed: whoever has a reference to the container may use it without a
 * lock. An object's file is DIR/ID/PART, or DIR/ID where the type has no
 * parts; sorted by these, each directory is a range of the array, and what is
 * in it is found by halving. The archive's layout is made with it, see tar.c.
 */
#include <linux/slab.h>
#include <linux/sort.h>

#include "checkpointfs.h"

static int compare(u64 a, u64 b)
{
	return a < b ? -1 : a > b;
}

/* Within DIR/ID the table decides, in which contents come last. */
static int compare_objects(const void *a, const void *b, const void *priv)
{
	const struct ckpt_object *x = *(struct ckpt_object **)a;
	const struct ckpt_object *y = *(struct ckpt_object **)b;
	const struct ckpt_index *index = priv;
	u16 x_type = x->ops->type, y_type = y->ops->type;

	return compare(index->dir_of[x_type], index->dir_of[y_type]) ?:
	       compare(x->id, y->id) ?:
	       compare(index->row_of[x_type], index->row_of[y_type]);
}

static void fill_dirs(struct ckpt_index *index)
{
	unsigned int row, d;

	for (row = 0; row < ckpt_nr_types; row++) {
		const struct ckpt_object_ops *ops = ckpt_types[row];

		for (d = 0; d < index->nr_dirs; d++)
			if (!strcmp(index->dirs[d].name, ops->dir))
				break;
		if (d == index->nr_dirs)
			index->dirs[index->nr_dirs++].name = ops->dir;
		index->dir_of[ops->type] = d;
		index->row_of[ops->type] = row;
	}
}

static void fill_objects(struct ckpt_container *con)
{
	struct ckpt_index *index = con->index;
	struct ckpt_object *obj;

	list_for_each_entry(obj, &con->objects, node)
		index->objects[index->nr++] = obj;
	sort_r(index->objects, index->nr, sizeof(*index->objects),
	       compare_objects, NULL, index);
}

/* Where the directories begin and end among the sorted objects. */
static void fill_ranges(struct ckpt_index *index)
{
	u32 i;

	for (i = 0; i < index->nr; i++) {
		struct ckpt_object *obj = index->objects[i];
		struct ckpt_dir *dir = ckpt_object_dir(index, obj);

		if (!dir->end)
			dir->start = i;
		obj->leads = dir->start == i ||
			     index->objects[i - 1]->id != obj->id;
		if (obj->leads && obj->ops->part)
			dir->nr_ids++;
		dir->end = i + 1;
	}
}

int ckpt_index_build(struct ckpt_container *con)
{
	struct ckpt_index *index = kzalloc(sizeof(*index), GFP_KERNEL_ACCOUNT);

	if (!index)
		return -ENOMEM;
	con->index = index;	/* goes with the container, complete or not */
	index->objects = kvmalloc_array(con->nr_objects,
					sizeof(*index->objects),
					GFP_KERNEL_ACCOUNT);
	if (!index->objects)
		return -ENOMEM;
	fill_dirs(index);
	fill_objects(con);
	fill_ranges(index);
	con->ino = ckpt_new_inos(ckpt_nr_places(index));
	return ckpt_tar_build(con);
}

void ckpt_index_free(struct ckpt_container *con)
{
	if (!con->index)
		return;
	kvfree(con->index->members);
	kvfree(con->index->objects);
	kfree(con->index);
	con->index = NULL;
}

s64 ckpt_index_find(const struct ckpt_index *index, const struct ckpt_dir *dir,
		    u64 id)
{
	u32 low = dir->start, high = dir->end;

	while (low < high) {
		u32 middle = low + (high - low) / 2;

		if (index->objects[middle]->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == dir->end || index->objects[low]->id != id)
		return -ENOENT;
	return low;
}

u32 ckpt_index_next(const struct ckpt_index *index, u32 i)
{
	do {
		i++;
	} while (i < index->nr && !index->objects[i]->leads);
	return i;
}
