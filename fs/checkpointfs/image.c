// SPDX-License-Identifier: GPL-2.0-only
/*
 * An image to be restored: the files it has, found by object.
 *
 * An archive or a staged tree fills it, ckpt_image_check() proves it whole and
 * sane, and the restore uses it up. Until then nothing of it is believed. One
 * task at a time works with an image, so there is no lock.
 */
#include <linux/highmem.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "checkpointfs.h"

/* No header or cpu that this version accepts is near it. */
#define TOP_MAX		PAGE_SIZE

struct ckpt_image *ckpt_image_create(struct ckpt_mount *m)
{
	struct ckpt_image *img = kvzalloc(sizeof(*img), GFP_KERNEL_ACCOUNT);
	unsigned int i;

	if (!img)
		return NULL;
	img->mount = m;
	for (i = 0; i < ARRAY_SIZE(img->items); i++)
		xa_init_flags(&img->items[i], XA_FLAGS_ACCOUNT);
	xa_init_flags(&img->files, XA_FLAGS_ACCOUNT);
	return img;
}

static void clear_item(struct ckpt_image *img, struct ckpt_item *item)
{
	kvfree(item->bytes);
	if (!img->borrowed)
		ckpt_content_destroy(item->content);
}

static void destroy_items(struct ckpt_image *img, struct xarray *items)
{
	struct ckpt_item *item;
	unsigned long id;

	xa_for_each(items, id, item) {
		clear_item(img, item);
		kfree(item);
		cond_resched();
	}
	xa_destroy(items);
}

void ckpt_image_destroy(struct ckpt_image *img)
{
	unsigned int i;

	if (!img)
		return;
	for (i = 0; i < ckpt_nr_types; i++) {
		struct xarray *items = &img->items[ckpt_types[i]->type];

		/* Open files are in img->files too, which owns them. */
		if (ckpt_types[i]->flags & CKPT_ROW_FILE)
			xa_destroy(items);
		else
			destroy_items(img, items);
	}
	destroy_items(img, &img->files);
	clear_item(img, &img->header);
	clear_item(img, &img->cpu);
	clear_item(img, &img->tail);
	ckpt_stage_uncharge(img->mount, img->charged);
	kvfree(img);
}

static int add_top(struct ckpt_item *item, struct ckpt_content *content)
{
	if (item->content)
		return -EEXIST;
	item->content = content;
	return 0;
}

static int add_item(struct xarray *items, const struct ckpt_name *name,
		    struct ckpt_content *content)
{
	struct ckpt_item *item;
	int err;

	if (name->id > ULONG_MAX)
		return -ENOENT;
	item = kzalloc(sizeof(*item), GFP_KERNEL_ACCOUNT);
	if (!item)
		return -ENOMEM;
	item->ops = name->ops;
	item->id = name->id;
	item->content = content;
	err = xa_insert(items, name->id, item, GFP_KERNEL);
	if (err)
		kfree(item);
	return err == -EBUSY ? -EEXIST : err;
}

static int add_named(struct ckpt_image *img, const struct ckpt_name *name,
		     struct ckpt_content *content)
{
	switch (name->kind) {
	case CKPT_NAME_HEADER:
		return add_top(&img->header, content);
	case CKPT_NAME_CPU:
		return add_top(&img->cpu, content);
	case CKPT_NAME_TAIL:
		return add_top(&img->tail, content);
	case CKPT_NAME_FILE:
		return add_item(&img->files, name, content);
	case CKPT_NAME_OBJECT:
		return add_item(&img->items[name->ops->type], name, content);
	}
	return -ENOENT;
}

/* Mappings tell where pages will be, if they have come before them. */
static void place_pages(struct ckpt_image *img, const struct ckpt_name *name,
			struct ckpt_content *content)
{
	struct ckpt_item *vmas;

	if (name->kind != CKPT_NAME_OBJECT || name->ops->type != CKPT_TYPE_PAGES)
		return;
	vmas = ckpt_item(img, CKPT_TYPE_VMAS, name->id);
	if (vmas)
		ckpt_content_place(content, vmas->content);
}

int ckpt_image_add(struct ckpt_image *img, const char *path, struct ckpt_content *content)
{
	struct ckpt_name name = {};
	int err;

	err = ckpt_name_parse(path, &name);
	if (!err)
		err = add_named(img, &name, content);
	if (err)
		return err;
	img->nr_files++;
	place_pages(img, &name, content);
	return 0;
}

/* ---- what the checks ask ---------------------------------------------------- */

static struct ckpt_item *find_item(struct ckpt_image *img, u32 type, u64 id)
{
	if (type)
		return ckpt_item(img, type, id);
	switch (id) {
	case CKPT_TOP_HEADER:
		return &img->header;
	case CKPT_TOP_CPU:
		return &img->cpu;
	case CKPT_TOP_TAIL:
		return &img->tail;
	}
	return NULL;
}

static u32 check_exists(void *priv, u32 type, u64 id)
{
	struct ckpt_item *item = type ? ckpt_item(priv, type, id) :
					ckpt_item_file(priv, id);

	return item && item->ops ? item->ops->type : 0;
}

static const void *check_bytes(void *priv, u32 type, u64 id, u64 *size)
{
	struct ckpt_item *item = find_item(priv, type, id);

	*size = item ? item->size : 0;
	return item ? item->bytes : NULL;
}

static u64 check_next(void *priv, u32 type, u64 after)
{
	struct ckpt_image *img = priv;
	unsigned long id = after;

	if (type >= CKPT_TYPE_LIMIT)
		return 0;
	return xa_find_after(&img->items[type], &id, ULONG_MAX, XA_PRESENT) ? id : 0;
}

/* Contents without a page are zeroes. */
static int check_crc(void *priv, u32 type, u64 id, u32 *crc)
{
	struct ckpt_item *item = ckpt_item(priv, type, id);
	struct page *page;
	u64 at, n;

	*crc = 0;
	for (at = 0; item && at < item->size; at += n) {
		const void *bytes;

		n = min(item->size - at, (u64)PAGE_SIZE);
		page = ckpt_content_page(item->content, at >> PAGE_SHIFT);
		bytes = kmap_local_page(page ?: ZERO_PAGE(0));
		*crc = ckpt_crc32c(*crc, bytes, n);
		kunmap_local(bytes);
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

static void check_report(void *priv, const char *where, const char *what)
{
	struct ckpt_image *img = priv;

	ckpt_err(img->mount, "restore: %s%s%s: %s", img->name,
		 *img->name ? "/" : "", where, what);
}

/* ---- from contents to records ------------------------------------------------ */

/* Copy a file of records into one piece, where nobody else can change it. */
static int load_item(struct ckpt_check *chk, struct ckpt_item *item, u64 max)
{
	struct ckpt_image *img = chk->priv;
	struct iov_iter iter;
	struct kvec vec;
	ssize_t n;
	int err;

	if (!item->content)
		return 0;
	item->size = item->content->size;
	if (item->size > max)
		return ckpt_bad(chk, "the file is too large");
	err = ckpt_stage_charge(img->mount, item->size);
	if (err)
		return err;
	img->charged += item->size;
	item->bytes = kvmalloc(item->size ?: 1, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!item->bytes)
		return -ENOMEM;
	vec = (struct kvec){ item->bytes, item->size };
	iov_iter_kvec(&iter, ITER_DEST, &vec, 1, item->size);
	n = ckpt_content_read(item->content, 0, &iter);
	return n < 0 ? n : 0;
}

static int load_top(struct ckpt_check *chk, struct ckpt_item *item, u64 top, u64 max)
{
	ckpt_check_where(chk, 0, top);
	return load_item(chk, item, max);
}

static int load_type(struct ckpt_check *chk, const struct ckpt_object_ops *ops)
{
	struct ckpt_image *img = chk->priv;
	struct ckpt_item *item;
	unsigned long id;
	int err = 0;

	xa_for_each(&img->items[ops->type], id, item) {
		ckpt_check_where(chk, ops->type, id);
		if (ops->flags & CKPT_ROW_RAW)
			item->size = item->content->size;
		else
			err = load_item(chk, item, ops->max_size);
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		if (err)
			break;
		cond_resched();
	}
	return err;
}

/* The largest file that any kind of open file has. */
static u32 max_file_size(void)
{
	unsigned int i;
	u32 max = 0;

	for (i = 0; i < ckpt_nr_types; i++)
		if (ckpt_types[i]->flags & CKPT_ROW_FILE)
			max = max(max, ckpt_types[i]->max_size);
	return max;
}

/* The record of an open file says of which kind it is. */
static int sort_file(struct ckpt_check *chk, struct ckpt_item *item)
{
	struct ckpt_image *img = chk->priv;

	item->ops = ckpt_file_row(item->bytes, item->size);
	if (!item->ops)
		return ckpt_unsupported(chk, "of a kind that is not known");
	return xa_insert(&img->items[item->ops->type], item->id, item, GFP_KERNEL);
}

static int load_files(struct ckpt_check *chk)
{
	struct ckpt_image *img = chk->priv;
	u32 max = max_file_size();
	struct ckpt_item *item;
	unsigned long id;
	int err = 0;

	xa_for_each(&img->files, id, item) {
		/* All kinds are named alike. */
		ckpt_check_where(chk, CKPT_TYPE_REGULAR, id);
		err = load_item(chk, item, max);
		if (!err)
			err = sort_file(chk, item);
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		if (err)
			break;
		cond_resched();
	}
	return err;
}

static u64 tail_max(const struct ckpt_image *img)
{
	return sizeof(struct ckpt_record) + sizeof(struct ckpt_tail) +
	       img->nr_files * sizeof(struct ckpt_tail_file);
}

/* The header comes first: it tells whether the rest can be understood. */
static int load_image(struct ckpt_check *chk)
{
	struct ckpt_image *img = chk->priv;
	unsigned int i;
	int err;

	err = load_top(chk, &img->header, CKPT_TOP_HEADER, TOP_MAX);
	if (!err)
		err = ckpt_check_header(chk, img->header.bytes, img->header.size);
	if (!err)
		err = load_top(chk, &img->cpu, CKPT_TOP_CPU, TOP_MAX);
	if (!err)
		err = load_top(chk, &img->tail, CKPT_TOP_TAIL, tail_max(img));
	for (i = 0; !err && i < ckpt_nr_types; i++)
		if (!(ckpt_types[i]->flags & CKPT_ROW_FILE))
			err = load_type(chk, ckpt_types[i]);
	return err ?: load_files(chk);
}

/* An archive without a directory in its names has that of the header. */
static int check_name(struct ckpt_check *chk)
{
	struct ckpt_image *img = chk->priv;
	const struct ckpt_header *header = ckpt_item_body(&img->header,
							  CKPT_REC_HEADER);

	ckpt_check_where(chk, 0, CKPT_TOP_HEADER);
	if (!ckpt_name_valid(header->name))
		return ckpt_bad(chk, "a name that a container cannot have");
	if (!*img->name)
		strscpy(img->name, header->name);
	return 0;
}

static struct ckpt_check check_of(struct ckpt_image *img)
{
	return (struct ckpt_check) {
		.exists = check_exists,
		.bytes = check_bytes,
		.next = check_next,
		.crc = check_crc,
		.report = check_report,
		.priv = img,
	};
}

int ckpt_image_check_parent(struct ckpt_image *img, struct ckpt_image *parent)
{
	struct ckpt_check chk = check_of(img), other = check_of(parent);

	return ckpt_check_difference(&chk, &other);
}

int ckpt_image_check(struct ckpt_image *img)
{
	struct ckpt_check chk = check_of(img);
	int err;

	err = load_image(&chk);
	if (!err)
		err = ckpt_check_image(&chk);
	if (!err)
		err = check_name(&chk);
	if (!err)
		err = ckpt_cpu_check(img);
	return err;
}

/* ---- look-ups of the restore --------------------------------------------------- */

struct ckpt_item *ckpt_item(struct ckpt_image *img, u32 type, u64 id)
{
	if (type >= CKPT_TYPE_LIMIT || id > ULONG_MAX)
		return NULL;
	return xa_load(&img->items[type], id);
}

struct ckpt_item *ckpt_item_file(struct ckpt_image *img, u64 id)
{
	return id <= ULONG_MAX ? xa_load(&img->files, id) : NULL;
}

const void *ckpt_item_body(const struct ckpt_item *item, u16 record)
{
	struct ckpt_view view;

	if (!item->bytes || !ckpt_find(item->bytes, item->size, record, &view))
		return NULL;
	return view.body;
}
