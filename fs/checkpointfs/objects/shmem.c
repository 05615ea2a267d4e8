// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory shared between relatives: what mmap(MAP_SHARED | MAP_ANONYMOUS) makes.
 *
 * The kernel backs it by an unlinked file that no descriptor leads to; all
 * mappings refer to the same struct file, and so does this object. Saved are
 * its size and where it has pages; the contents are in files/ID/data
 * (shmemdata.c). It is made again as mmap() makes it and filled before any
 * task maps it.
 */
#include "../object.h"

static int shmem_check(const struct ckpt_check *chk, u64 id,
		       const void *bytes, size_t size)
{
	const struct ckpt_shmem *rec;
	struct ckpt_view view;
	int err;

	err = ckpt_check_once(chk, bytes, size, CKPT_REC_SHMEM, &view);
	if (err)
		return err;
	rec = view.body;
	return ckpt_check_pages(chk, id, &view, le64_to_cpu(rec->size),
				le64_to_cpu(rec->pages));
}

#ifdef __KERNEL__

#include <linux/file.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/mount.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/shmem_fs.h>

#include "shmem.h"

/* As shmem_zero_setup() makes it; not memfd, not System V, not a device's. */
static bool shmem_match(struct file *file)
{
	struct inode *inode = file_inode(file);

	return S_ISREG(inode->i_mode) && IS_PRIVATE(inode) &&
	       shmem_mapping(file->f_mapping) && file->f_op == inode->i_fop &&
	       file->f_path.mnt->mnt_flags & MNT_INTERNAL &&
	       !strcmp(file->f_path.dentry->d_name.name, "dev/zero");
}

bool ckpt_shmem_has_policy(struct inode *inode)
{
#ifdef CONFIG_NUMA
	return !RB_EMPTY_ROOT(&SHMEM_I(inode)->policy.root);
#else
	return false;
#endif
}

static int shmem_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct file *file = obj->ptr;
	struct ckpt_object *contents;
	char who[CKPT_WHO_MAX];

	/* /proc/PID/map_files leads to it too, by another struct file. */
	if (d_count(file->f_path.dentry) > 1)
		ckpt_refuse(c, "%s: shared memory that is open as a file cannot be saved",
			    ckpt_who(c, file, who, sizeof(who)));
	if (ckpt_shmem_has_policy(file_inode(file)))
		ckpt_refuse(c, "%s: a memory policy (mbind) cannot be saved",
			    ckpt_who(c, file, who, sizeof(who)));
	contents = ckpt_collect_id(c, CKPT_TYPE_SHMEMDATA, file, obj->id);
	if (IS_ERR(contents))
		return PTR_ERR(contents);
	return ckpt_file_collect(c, obj);
}

/*
 * Each mapping of the container has referred to it once, and the collection
 * itself: with more there is a mapping outside, whose writes it would miss.
 */
static int shmem_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct file *file = obj->ptr;
	char who[CKPT_WHO_MAX];

	if (ckpt_file_shared(c, obj))
		ckpt_refuse_shared(c, "%s: its memory is shared with a task outside of the container",
				   ckpt_who(c, file, who, sizeof(who)));
	return 0;
}

/* Add the pages from @start to @end. */
static int add_data(struct ckpt_pagemap *map, loff_t start, loff_t end)
{
	loff_t pos;

	for (pos = round_down(start, PAGE_SIZE); pos < end; pos += PAGE_SIZE) {
		int err = ckpt_pagemap_add(map, pos, CKPT_RUN_PAGES);

		if (err)
			return err;
	}
	return 0;
}

static int find_pages(struct file *file, struct ckpt_pagemap *map)
{
	loff_t start, end = 0;

	for (;;) {
		int err;

		start = vfs_llseek(file, end, SEEK_DATA);
		if (start == -ENXIO)
			return 0;
		if (start < 0)
			return start;
		end = vfs_llseek(file, start, SEEK_HOLE);
		if (end < 0)
			return end;
		err = add_data(map, start, end);
		if (err)
			return err;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
}

/* Pages in memory and in swap are data, all else is a hole. */
int ckpt_shmem_scan(struct file *file, struct ckpt_pagemap *map)
{
	loff_t pos = file->f_pos;
	int err = find_pages(file, map);

	file->f_pos = pos;
	return err;
}

static int shmem_save(struct ckpt_collect *c, struct ckpt_object *obj,
		      struct ckpt_writer *w)
{
	struct ckpt_shared *shared = ckpt_lookup(c, CKPT_TYPE_SHMEMDATA, obj->ptr)->priv;
	struct file *file = obj->ptr;
	struct inode *inode = file_inode(file);
	struct ckpt_shmem *rec;
	int err;

	err = ckpt_shmem_scan(file, &shared->map);
	if (err)
		return err;
	shared->file = get_file(file);
	err = ckpt_file_save(c, obj, w);
	if (err)
		return err;
	rec = ckpt_add(w, CKPT_REC_SHMEM, shared->map.nr);
	if (!rec)
		return w->error;
	rec->size = cpu_to_le64(i_size_read(inode));
	rec->pages = cpu_to_le64(shared->map.pages);
	if (SHMEM_I(inode)->flags & VM_NORESERVE)
		rec->flags = cpu_to_le32(CKPT_SHMEM_NORESERVE);
	ckpt_pagemap_save(&shared->map, ckpt_elems(rec));
	return 0;
}

static int fill_page(struct file *file, u64 pos, struct page *from)
{
	struct page *page = shmem_read_mapping_page(file->f_mapping, pos >> PAGE_SHIFT);

	if (IS_ERR(page))
		return PTR_ERR(page);
	copy_highpage(page, from);
	set_page_dirty(page);
	put_page(page);
	return 0;
}

int ckpt_shmem_fill(struct file *file, const struct ckpt_view *runs,
		    struct ckpt_content *content)
{
	const struct ckpt_run *run = runs->elems, *end = run + runs->count;
	pgoff_t index = 0;

	for (; run < end; run++) {
		u64 pos = le64_to_cpu(run->start);
		u32 i;

		for (i = 0; i < le32_to_cpu(run->pages); i++, pos += PAGE_SIZE) {
			struct folio *from = ckpt_content_take(content, index++, 1);
			int err = PTR_ERR_OR_ZERO(from);

			if (from && !err) {
				err = fill_page(file, pos, folio_page(from, 0));
				folio_put(from);
			}
			if (!err && fatal_signal_pending(current))
				err = -EINTR;
			if (err)
				return err;
			cond_resched();
		}
	}
	return 0;
}

static int fill_and_finish(struct ckpt_restore *r, struct ckpt_item *item,
			   struct file *file)
{
	struct ckpt_item *data = ckpt_item(ckpt_restore_img(r), CKPT_TYPE_SHMEMDATA,
					   item->id);
	struct ckpt_view runs;
	int err;

	ckpt_find(item->bytes, item->size, CKPT_REC_SHMEM, &runs);
	err = ckpt_shmem_fill(file, &runs, data->content);
	if (err) {
		ckpt_restore_err(r, item, "cannot be filled: %pe", ERR_PTR(err));
		return err;
	}
	return ckpt_file_finish(r, item, file);
}

static void *shmem_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_shmem *rec = ckpt_item_body(item, CKPT_REC_SHMEM);
	bool noreserve = le32_to_cpu(rec->flags) & CKPT_SHMEM_NORESERVE;
	struct file *file;
	int err;

	file = shmem_kernel_file_setup("dev/zero", le64_to_cpu(rec->size),
				       noreserve ? VM_NORESERVE : 0);
	if (IS_ERR(file)) {
		ckpt_restore_err(r, item, "no shared memory of %llu bytes: %pe",
				 le64_to_cpu(rec->size), file);
		return file;
	}
	err = fill_and_finish(r, item, file);
	if (err) {
		fput(file);
		return ERR_PTR(err);
	}
	return file;
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_shmem_ops = {
	.type = CKPT_TYPE_SHMEM,
	.name = "shared memory",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE,
	.records = { CKPT_REC_FILE, CKPT_REC_SHMEM },
	.max_size = 320 << 20,
	.check = shmem_check,
	CKPT_KERNEL(.match = shmem_match,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = shmem_collect, .verify = shmem_verify,
		    .save = shmem_save,
		    .restore = shmem_restore, .drop = ckpt_file_put)
};
