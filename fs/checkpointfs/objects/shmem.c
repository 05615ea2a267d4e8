// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory shared between relatives: what mmap(MAP_SHARED | MAP_ANONYMOUS) makes, and
 * with MAP_HUGETLB also a private mapping, which has such a file, too.
 *
 * The kernel backs it by an unlinked file that no descriptor leads to; all
 * mappings refer to the same struct file, and so does this object. Saved are
 * its size, memory policies, and where it has pages; the contents are in files/ID/data
 * (shmemdata.c). What is as in an older image is found by looking at all of it,
 * as nothing else tells. It is made again as mmap() makes it and filled before any
 * task maps it.
 */
#include "../object.h"

static int shmem_check(const struct ckpt_check *chk, u64 id,
		       const void *bytes, size_t size)
{
	const struct ckpt_shmem *rec;
	struct ckpt_view view;
	u64 len;
	int err;

	err = ckpt_check_once(chk, bytes, size, CKPT_REC_SHMEM, &view) ?:
		ckpt_check_policies(chk, bytes, size);
	if (err)
		return err;
	rec = view.body;
	len = le64_to_cpu(rec->size);
	err = ckpt_check_huge(chk, bytes, size, &len);
	if (err)
		return err;
	if (len != le64_to_cpu(rec->size))
		return ckpt_bad(chk, "a part of a huge page");
	return ckpt_check_pages(chk, CKPT_TYPE_SHMEMDATA, id, &view, len,
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

#include "../hugetlb.h"
#include "shmem.h"

/* As shmem_zero_setup() makes it; not memfd, not System V, not a device's. */
static bool is_zero(const struct file *file)
{
	struct inode *inode = file_inode(file);

	return S_ISREG(inode->i_mode) && IS_PRIVATE(inode) &&
	       shmem_mapping(file->f_mapping) && file->f_op == inode->i_fop &&
	       file->f_path.mnt->mnt_flags & MNT_INTERNAL &&
	       !strcmp(file->f_path.dentry->d_name.name, "dev/zero");
}

static bool shmem_match(struct file *file)
{
	return is_zero(file) || ckpt_huge_anonymous(file);
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
	contents = ckpt_collect_id(c, CKPT_TYPE_SHMEMDATA, file, obj->id);
	if (IS_ERR(contents))
		return PTR_ERR(contents);
	return ckpt_file_collect(c, obj);
}

/*
 * A private mapping of huge pages, of which fork() has made others, whose pages are their
 * own: nothing maps the file shared.
 */
static bool has_no_pages(const struct file *file)
{
	return ckpt_huge_file(file) && !mapping_writably_mapped(file->f_mapping);
}

/*
 * Each mapping of the container has referred to it once, and the collection
 * itself: with more there is a mapping outside, whose writes it would miss.
 */
static int shmem_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct file *file = obj->ptr;
	char who[CKPT_WHO_MAX];

	if (!has_no_pages(file) && ckpt_file_shared(c, obj))
		ckpt_refuse_shared(c, "%s: its memory is shared with a task outside of the container",
				   ckpt_who(c, file, who, sizeof(who)));
	return 0;
}

/* Add the pages from @start to @end. */
static int add_data(struct ckpt_pagemap *map, loff_t start, loff_t end)
{
	loff_t pos;

	for (pos = round_down(start, PAGE_SIZE); pos < end; pos += PAGE_SIZE) {
		int err = ckpt_pagemap_add(map, pos, 1, CKPT_RUN_PAGES);

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
		/* A filesystem may have smaller blocks. */
		end = round_up(end, PAGE_SIZE);
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
}

/* Of tmpfs pages in memory and in swap are data, all else is a hole. */
int ckpt_shmem_scan(struct file *file, struct ckpt_pagemap *map)
{
	loff_t pos = file->f_pos;
	int err;

	if (ckpt_huge_file(file))
		return ckpt_huge_find(file, map);
	err = find_pages(file, map);
	file->f_pos = pos;
	return err;
}

static void note_inode(struct ckpt_shared *s, struct inode *inode)
{
	s->ino = inode->i_ino;
	s->generation = inode->i_generation;
	s->size = i_size_read(inode);
	/* Of huge pages it is the mapping's. */
	if (shmem_mapping(inode->i_mapping) && SHMEM_I(inode)->flags & VM_NORESERVE)
		s->flags = CKPT_SHMEM_NORESERVE;
}

static int shmem_save(struct ckpt_collect *c, struct ckpt_object *obj,
		      struct ckpt_writer *w)
{
	struct ckpt_shared *shared = ckpt_lookup(c, CKPT_TYPE_SHMEMDATA, obj->ptr)->priv;
	struct file *file = obj->ptr;
	int err;

	obj->priv = shared;
	err = ckpt_shmem_scan(file, &shared->map);
	if (err)
		return err;
	note_inode(shared, file_inode(file));
	shared->file = get_file(file);
	err = ckpt_file_save(c, obj, w);
	if (!err && ckpt_huge_file(file))
		return ckpt_huge_save(w, file);
	return err ?: ckpt_mempolicy_save_shared(w, file_inode(file));
}

/* ---- seal ---------------------------------------------------------------------- */

static bool same_memory(const struct ckpt_object *older, const struct ckpt_object *obj)
{
	const struct ckpt_shared *was = older->priv, *is = obj->priv;

	return was->ino == is->ino && was->generation == is->generation;
}

static ssize_t read_copy(const struct ckpt_shared *s, const struct ckpt_pagerun *run,
			 u64 start, void *page)
{
	struct kvec vec = { .iov_base = page, .iov_len = PAGE_SIZE };
	struct iov_iter to;

	iov_iter_kvec(&to, ITER_DEST, &vec, 1, PAGE_SIZE);
	return ckpt_content_read(s->copy, (run->first << PAGE_SHIFT) + start - run->start, &to);
}

/* Return: 1 if both have the same page at @start, 0 or -errno. @pages: two, scratch. */
static int same_page(const struct ckpt_shared *s, const struct ckpt_pagerun *run,
		     const struct ckpt_shared *older, u64 start, void *pages)
{
	const struct ckpt_pagerun *was = ckpt_pagemap_at(&older->map, start);
	ssize_t n;

	if (!was)
		return 0;
	n = read_copy(s, run, start, pages);
	if (n == PAGE_SIZE)
		n = read_copy(older, was, start, pages + PAGE_SIZE);
	if (n != PAGE_SIZE)
		return n < 0 ? n : -EIO;
	return !memcmp(pages, pages + PAGE_SIZE, PAGE_SIZE);
}

/* Both have been committed: nobody writes to the copies. */
static int compare(struct ckpt_shared *s, const struct ckpt_shared *older)
{
	void *pages __free(kvfree) = kvmalloc(2 * PAGE_SIZE, GFP_KERNEL);
	size_t i;

	if (!pages)
		return -ENOMEM;
	for (i = 0; i < s->map.nr; i++) {
		const struct ckpt_pagerun *run = &s->map.runs[i];
		u64 start, end = run->start + (u64)run->pages * PAGE_SIZE;

		for (start = run->start; start < end; start += PAGE_SIZE) {
			int same = same_page(s, run, older, start, pages);

			if (same >= 0)
				same = ckpt_pagemap_add(&s->image, start, 1, same ?
							CKPT_RUN_PARENT : CKPT_RUN_PAGES);
			if (same < 0)
				return same;
			if (fatal_signal_pending(current))
				return -EINTR;
			cond_resched();
		}
	}
	return 0;
}

static int save_runs(const struct ckpt_shared *s, struct ckpt_writer *w)
{
	const struct ckpt_pagemap *image = ckpt_shared_image(s);
	struct ckpt_shmem *rec = ckpt_add(w, CKPT_REC_SHMEM, image->nr);

	if (!rec)
		return w->error;
	rec->size = cpu_to_le64(s->size);
	rec->pages = cpu_to_le64(image->pages);
	rec->flags = cpu_to_le32(s->flags);
	ckpt_pagemap_save(image, ckpt_elems(rec));
	return 0;
}

static int shmem_seal(struct ckpt_object *obj, struct ckpt_writer *w)
{
	const struct ckpt_object *older = ckpt_since_object(obj, same_memory);
	struct ckpt_shared *s = obj->priv;
	int err = older ? compare(s, older->priv) : 0;

	if (!err)
		err = save_runs(s, w);
	if (!err && s->image.inherits)
		err = ckpt_since_save(obj, older, w);
	return err;
}

/* ---- restore ------------------------------------------------------------------- */

/* @from: NULL: of zeroes. It is there as well: a program may have asked to be told of others. */
static int fill_page(struct file *file, u64 pos, struct page *from)
{
	struct page *page = shmem_read_mapping_page(file->f_mapping, pos >> PAGE_SHIFT);

	if (IS_ERR(page))
		return PTR_ERR(page);
	if (from)
		copy_highpage(page, from);
	set_page_dirty(page);
	put_page(page);
	return 0;
}

static int fill_pages(struct file *file, u64 pos, u32 pages,
		      struct ckpt_content *content, pgoff_t index)
{
	if (ckpt_huge_file(file))
		return ckpt_huge_fill(file, pos, pages, content, index);
	for (; pages; pages--, pos += PAGE_SIZE) {
		struct folio *from = ckpt_content_take(content, index++, 1);
		int err = PTR_ERR_OR_ZERO(from);

		if (!err)
			err = fill_page(file, pos, from ? folio_page(from, 0) : NULL);
		if (!IS_ERR_OR_NULL(from))
			folio_put(from);
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

static int fill_inherited(struct file *file, const struct ckpt_run *run,
			  struct ckpt_lineage *lineage)
{
	u64 pos = ckpt_run_start(run), end = ckpt_run_end(run);

	while (pos < end) {
		struct ckpt_content *content;
		u64 index;
		long nr = ckpt_lineage_find(lineage, pos, (end - pos) >> PAGE_SHIFT,
					    &content, &index);
		int err = nr < 0 ? nr : fill_pages(file, pos, nr, content, index);

		if (err)
			return err;
		pos += (u64)nr * PAGE_SIZE;
	}
	return 0;
}

int ckpt_shmem_fill(struct file *file, const struct ckpt_view *runs,
		    struct ckpt_content *content, struct ckpt_lineage *lineage)
{
	const struct ckpt_run *run = runs->elems, *end = run + runs->count;
	pgoff_t index = 0;

	for (; run < end; run++) {
		u32 pages = le32_to_cpu(run->pages);
		int err;

		if (le32_to_cpu(run->kind) == CKPT_RUN_PARENT) {
			err = fill_inherited(file, run, lineage);
		} else {
			err = fill_pages(file, ckpt_run_start(run), pages, content, index);
			index += pages;
		}
		if (err)
			return err;
	}
	return 0;
}

static int fill_and_finish(struct ckpt_restore *r, struct ckpt_item *item,
			   struct file *file)
{
	struct ckpt_image *img = ckpt_restore_img(r);
	struct ckpt_item *data = ckpt_item(img, CKPT_TYPE_SHMEMDATA, item->id);
	struct ckpt_lineage *lineage = ckpt_lineage_create(img, item);
	int err = PTR_ERR_OR_ZERO(lineage);
	struct ckpt_view runs;

	ckpt_find(item->bytes, item->size, CKPT_REC_SHMEM, &runs);
	if (!err)
		err = ckpt_shmem_fill(file, &runs, data->content, lineage);
	ckpt_lineage_destroy(lineage);
	if (err) {
		ckpt_restore_err(r, item, "cannot be filled: %s%pe",
				 err == -ENOMEM && ckpt_huge_file(file) ?
				 "the pool has too few huge pages: " : "", ERR_PTR(err));
		return err;
	}
	return ckpt_file_finish(r, item, file);
}

/* By its policies it is filled. */
static int restore_policies(struct ckpt_restore *r, struct ckpt_item *item,
			    struct file *file)
{
	return ckpt_mempolicy_restore_shared(r, item, file) ?: fill_and_finish(r, item, file);
}

static struct file *create(const struct ckpt_item *item)
{
	const struct ckpt_hugetlb *huge = ckpt_item_body(item, CKPT_REC_HUGETLB);
	const struct ckpt_shmem *rec = ckpt_item_body(item, CKPT_REC_SHMEM);
	bool noreserve = le32_to_cpu(rec->flags) & CKPT_SHMEM_NORESERVE;

	if (huge)
		return ckpt_huge_create(le64_to_cpu(rec->size), le32_to_cpu(huge->shift));
	return shmem_kernel_file_setup("dev/zero", le64_to_cpu(rec->size),
				       noreserve ? VM_NORESERVE : 0);
}

static void *shmem_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_shmem *rec = ckpt_item_body(item, CKPT_REC_SHMEM);
	struct file *file = create(item);
	int err;

	if (PTR_ERR_OR_ZERO(file) == -ENODEV) {
		ckpt_restore_err(r, item, "this machine has no huge pages of that size: %pe", file);
		return file;
	}
	if (IS_ERR(file)) {
		ckpt_restore_err(r, item, "no shared memory of %llu bytes: %pe",
				 le64_to_cpu(rec->size), file);
		return file;
	}
	err = restore_policies(r, item, file);
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
	.records = { CKPT_REC_FILE, CKPT_REC_SHMEM, CKPT_REC_HUGETLB, CKPT_REC_POLICY,
		     CKPT_REC_PARENT },
	.max_size = 320 << 20,
	.check = shmem_check,
	CKPT_KERNEL(.match = shmem_match,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = shmem_collect, .verify = shmem_verify,
		    .save = shmem_save, .seal = shmem_seal,
		    .restore = shmem_restore, .drop = ckpt_file_put)
};
