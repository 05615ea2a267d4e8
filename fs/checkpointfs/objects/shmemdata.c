// SPDX-License-Identifier: GPL-2.0-only
/*
 * The contents of shared memory, and of deleted files: files/ID/data, shm/ID/data.
 *
 * The pages of the runs of files/ID/file, back to back. Read from the frozen
 * program's file; a commit copies them, because nothing makes a program copy a
 * shared page before it writes to it: into memory, but those of a deleted file
 * into another one of its filesystem, which may share blocks, unless it has huge
 * pages. A reader takes bytes out under the lock into a buffer of its own, and
 * copies to the user without: that may fault for as long as it likes, and the
 * commit must not wait for it.
 */
#include "../object.h"

#ifdef __KERNEL__

#include <linux/cred.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/mount.h>
#include <linux/path.h>
#include <linux/pid.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/shmem_fs.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "shmem.h"
#include "../hugetlb.h"
#include "../sysvipc.h"

static int shmemdata_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct ckpt_shared *s = kzalloc(sizeof(*s), GFP_KERNEL_ACCOUNT);

	if (!s)
		return -ENOMEM;
	init_rwsem(&s->lock);
	obj->priv = s;
	return 0;
}

/* The file has been saved before: it has counted the pages. */
static u64 shmemdata_size(struct ckpt_object *obj)
{
	return ckpt_shared_image(obj->priv)->pages << PAGE_SHIFT;
}

/* All of the page, whatever the size is: those who have it mapped see all of it. */
static int read_mapped(struct address_space *mapping, pgoff_t index, void *page)
{
	struct page *from = shmem_read_mapping_page(mapping, index);

	if (IS_ERR(from))
		return PTR_ERR(from);
	memcpy_from_page(page, from, 0, PAGE_SIZE);
	put_page(from);
	return 0;
}

/* The page at @pos of the contents into @page; zeroes past the file's end. */
static int read_page(const struct ckpt_shared *s, loff_t pos, void *page)
{
	u64 index = pos >> PAGE_SHIFT;
	const struct ckpt_pagerun *run = ckpt_pagemap_find(&s->map, index);
	loff_t at = run->start + ((index - run->first) << PAGE_SHIFT);
	ssize_t n;

	if (shmem_mapping(s->file->f_mapping))
		return read_mapped(s->file->f_mapping, at >> PAGE_SHIFT, page);
	n = kernel_read(s->file, page, PAGE_SIZE, &at);
	if (n < 0)
		return n;
	memset(page + n, 0, PAGE_SIZE - n);
	return 0;
}

/* Return: 1 if it is in the copy, 0 if @page has it now, -errno. */
static int fetch(struct ckpt_shared *s, loff_t pos, void *page)
{
	guard(rwsem_read)(&s->lock);
	if (s->copy)
		return 1;
	return s->file ? read_page(s, pos, page) : -ESTALE;
}

static ssize_t read_frozen(struct ckpt_shared *s, loff_t pos, struct iov_iter *to)
{
	void *page __free(kfree) = kmalloc(PAGE_SIZE, GFP_KERNEL);
	u64 size = s->map.pages << PAGE_SHIFT;
	ssize_t done = 0;

	/* A frozen image is no difference, so it has all of the map. */
	if (!page)
		return -ENOMEM;
	while (iov_iter_count(to) && pos < size) {
		size_t offset = offset_in_page(pos), n, copied;
		int err = fetch(s, pos, page);

		if (err > 0)
			return done + ckpt_content_read(s->copy, pos, to);
		if (err)
			return done ?: err;
		n = min(PAGE_SIZE - offset, iov_iter_count(to));
		copied = copy_to_iter(page + offset, n, to);
		done += copied;
		pos += copied;
		if (copied < n)
			return done ?: -EFAULT;
		if (fatal_signal_pending(current))
			return done ?: -EINTR;
		cond_resched();
	}
	return done;
}

/* Up to the end of the run that the contents at @pos are in. */
static ssize_t read_changed(const struct ckpt_shared *s, loff_t pos, struct iov_iter *to)
{
	const struct ckpt_pagerun *run = ckpt_pagemap_find(&s->image, pos >> PAGE_SHIFT);
	const struct ckpt_pagerun *all = ckpt_pagemap_at(&s->map, run->start);
	loff_t in_run = pos - (run->first << PAGE_SHIFT), at;
	size_t count = iov_iter_count(to);
	ssize_t n;

	at = (all->first << PAGE_SHIFT) + run->start - all->start + in_run;
	iov_iter_truncate(to, ((u64)run->pages << PAGE_SHIFT) - in_run);
	n = ckpt_content_read(s->copy, at, to);
	iov_iter_reexpand(to, count - max_t(ssize_t, n, 0));
	return n;
}

/* What the image has of the copy, when an older image has the rest. */
static ssize_t read_difference(const struct ckpt_shared *s, loff_t pos, struct iov_iter *to)
{
	u64 size = s->image.pages << PAGE_SHIFT;
	ssize_t done = 0;

	while (iov_iter_count(to) && pos < size) {
		ssize_t n = read_changed(s, pos, to);

		if (n <= 0)
			return done ?: n;
		done += n;
		pos += n;
	}
	return done;
}

static ssize_t shmemdata_read(struct ckpt_object *obj, loff_t pos, struct iov_iter *to)
{
	struct ckpt_shared *s = obj->priv;

	if (s->image.nr)
		return read_difference(s, pos, to);
	/* Once there is a copy it stays, and does not change. */
	if (smp_load_acquire(&s->copy))
		return ckpt_content_read(s->copy, pos, to);
	return read_frozen(s, pos, to);
}

/*
 * Anybody may find it by its id, and write to it. Until this returns there is no copy if
 * there is none yet, and no task runs on.
 */
static ssize_t segmentdata_read(struct ckpt_object *obj, loff_t pos, struct iov_iter *to)
{
	struct ckpt_shared *s = obj->priv;
	ssize_t n = shmemdata_read(obj, pos, to);

	if (n <= 0 || s->copy)
		return n;
	return ckpt_segment_look_again(obj, s) ?: n;
}

/* ---- copying it ---------------------------------------------------------------- */

/* Pages that are copied before the next is asked for. */
#define PART	1024

/**
 * struct copying - a copy that several may be making
 * @s:		of what
 * @copy:	of the size that it is going to have
 * @next:	the first page that nobody has begun
 */
struct copying {
	const struct ckpt_shared *s;
	struct ckpt_content *copy;
	atomic64_t next;
};

static int copy_one(const struct copying *c, u64 index)
{
	struct folio *folio = ckpt_content_new_page();
	void *page;
	int err;

	if (!folio)
		return -ENOMEM;
	page = kmap_local_folio(folio, 0);
	err = read_page(c->s, index << PAGE_SHIFT, page);
	kunmap_local(page);
	if (!err)
		err = ckpt_content_add(c->copy, index, folio);
	if (err)
		folio_put(folio);
	return err;
}

static int copy_part(void *arg)
{
	struct copying *c = arg;
	u64 i = atomic64_fetch_add(PART, &c->next), end = min(i + PART, c->s->map.pages);

	if (i >= c->s->map.pages)
		return 0;
	for (; i < end; i++) {
		int err = copy_one(c, i);

		if (err)
			return err;
		cond_resched();
	}
	return 1;
}

static int copy_all(const struct ckpt_shared *s, struct ckpt_content *copy, bool alone)
{
	struct copying c = { .s = s, .copy = copy };
	int err = ckpt_content_truncate(copy, s->map.pages << PAGE_SHIFT);

	return err ?: ckpt_team_run(alone ? s->map.pages / PART : 0, copy_part, &c);
}

/* Nobody else will ever open it, and nobody is told of it. */
static struct file *create_file(const struct path *dir)
{
	const int flags = O_RDWR | O_EXCL | O_LARGEFILE | __FMODE_NONOTIFY;
	struct file *file;
	int err = mnt_want_write(dir->mnt);

	if (err)
		return ERR_PTR(err);
	file = kernel_tmpfile_open(mnt_idmap(dir->mnt), dir, S_IFREG | 0600, flags,
				   current_cred());
	mnt_drop_write(dir->mnt);
	return file;
}

/* Layers of one filesystem may be several underneath, which is no reason to fail. */
static ssize_t copy_some(struct file *from, struct file *to, loff_t pos, size_t len)
{
	ssize_t n = vfs_copy_file_range(from, pos, to, pos, len, 0);

	if (n <= 0 && !fatal_signal_pending(current))
		n = vfs_copy_file_range(from, pos, to, pos, len, COPY_FILE_SPLICE);
	return n ?: -EIO;
}

static int copy_run(const struct ckpt_shared *s, const struct ckpt_pagerun *run,
		    struct file *to)
{
	loff_t pos = run->start, size = i_size_read(file_inode(s->file));
	loff_t end = min_t(loff_t, pos + (u64)run->pages * PAGE_SIZE, size);

	while (pos < end) {
		ssize_t n = copy_some(s->file, to, pos, min_t(u64, end - pos, MAX_RW_COUNT));

		if (n < 0)
			return n;
		pos += n;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

static int copy_file(struct ckpt_shared *s)
{
	struct file *file = create_file(&s->dir);
	int err = PTR_ERR_OR_ZERO(file);
	size_t i;

	if (err)
		return err;
	for (i = 0; !err && i < s->map.nr; i++)
		err = copy_run(s, &s->map.runs[i], file);
	if (!err) {
		guard(rwsem_write)(&s->lock);
		swap(s->file, file);
		s->copied = true;
	}
	fput(file);
	return err;
}

static int commit_file(struct ckpt_object *obj)
{
	struct ckpt_shared *s = obj->priv;
	int err = s->copied ? 0 : copy_file(s);

	if (err)
		ckpt_err(obj->con->mount, "%s: files/%llu: no copy of the deleted file in %pd4: %pe",
			 obj->con->name, obj->id, s->dir.dentry, ERR_PTR(err));
	return err;
}

static int copy_memory(struct ckpt_object *obj, struct ckpt_shared *s, bool alone)
{
	struct ckpt_content *copy = ckpt_content_create(obj->con->mount);
	struct file *file;
	int err;

	if (IS_ERR(copy))
		return PTR_ERR(copy);
	err = copy_all(s, copy, alone);
	if (!err && s->segment)
		err = ckpt_segment_look_again(obj, s);
	if (err) {
		ckpt_content_destroy(copy);
		return err;
	}
	scoped_guard(rwsem_write, &s->lock) {
		/* Readers find it complete, without the lock. */
		smp_store_release(&s->copy, copy);
		file = s->file;
		s->file = NULL;
	}
	/* Who has asked may unmount its filesystem then, and a worker's fput() is for later. */
	__fput_sync(file);
	return 0;
}

static int commit_memory(struct ckpt_object *obj, bool alone)
{
	struct ckpt_shared *s = obj->priv;
	int err = s->copy ? 0 : copy_memory(obj, s, alone);

	/* That stage_max does not allow for it, or who has used it, has been said. */
	if (err && err != -ENOSPC && err != -EBUSY)
		ckpt_err(obj->con->mount, "%s: %s/%llu: no copy of the shared memory: %pe",
			 obj->con->name, obj->ops->dir, obj->id, ERR_PTR(err));
	return err;
}

/* A file of huge pages has no write(2), and no pages to spare. */
static bool is_memory(const struct ckpt_shared *s)
{
	return s->copy || !s->dir.mnt || ckpt_huge_file(s->file);
}

static int shmemdata_commit(struct ckpt_object *obj, bool alone)
{
	return is_memory(obj->priv) ? commit_memory(obj, alone) : commit_file(obj);
}

static u64 shmemdata_weight(const struct ckpt_object *obj)
{
	const struct ckpt_shared *s = obj->priv;

	if (s->copy || s->copied)
		return 0;
	/* Writing to a file is for the caller himself: no worker has his limits. */
	return is_memory(s) ? s->map.pages << PAGE_SHIFT : U64_MAX;
}

static void shmemdata_release(struct ckpt_object *obj)
{
	struct ckpt_shared *s = obj->priv;

	if (!s)
		return;
	if (s->file)
		fput(s->file);
	path_put(&s->dir);
	ckpt_content_destroy(s->copy);
	ckpt_pagemap_free(&s->map);
	ckpt_pagemap_free(&s->image);
	put_pid(s->last);
	if (s->segment)
		ckpt_ipc_put(CKPT_IPC_SEGMENTS, s->segment);
	kfree(s);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_shmemdata_ops = {
	.type = CKPT_TYPE_SHMEMDATA,
	.name = "contents of shared memory",
	.dir = "files",
	.part = "data",
	.flags = CKPT_ROW_RAW,
	CKPT_KERNEL(.collect = shmemdata_collect, .size = shmemdata_size,
		    .read = shmemdata_read, .commit = shmemdata_commit,
		    .weight = shmemdata_weight,
		    .release = shmemdata_release)
};

/* The same of System V segments, which are in a directory of their own. */
const struct ckpt_object_ops ckpt_segmentdata_ops = {
	.type = CKPT_TYPE_SEGMENTDATA,
	.name = "sysv shared memory data",
	.dir = "shm",
	.part = "data",
	.flags = CKPT_ROW_RAW,
	CKPT_KERNEL(.collect = shmemdata_collect, .size = shmemdata_size,
		    .read = segmentdata_read, .commit = shmemdata_commit,
		    .weight = shmemdata_weight,
		    .release = shmemdata_release)
};
