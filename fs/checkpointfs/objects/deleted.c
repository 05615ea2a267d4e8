// SPDX-License-Identifier: GPL-2.0-only
/*
 * Regular files without a name: deleted ones, and those of O_TMPFILE.
 *
 * Nobody could open them by a path again, so their contents are in the image,
 * files/ID/data (shmemdata.c); all that have one open or mapped must be of the
 * container, unless nobody writes to it. Several open files may be of one: the
 * first that is found holds what the file itself has, the others refer to it.
 *
 * It is made again by O_TMPFILE, in the directory that it was in or the nearest
 * above that is still there, as the writer of the image may: so its filesystem
 * must have O_TMPFILE. A file that has lost a name and still has another is not
 * of this kind (path.c).
 *
 * Not kept: inode number, ctime, space that was reserved and not written to,
 * holes smaller than a page, the name that it once had.
 */
#include "../object.h"

#define PATH_FLAGS	(CKPT_O_PATH | CKPT_O_DIRECTORY | CKPT_O_NOFOLLOW)

static int check_flags(const struct ckpt_check *chk, const struct ckpt_file *file)
{
	u32 flags = le32_to_cpu(file->flags);

	if (flags & CKPT_O_PATH && (flags & ~PATH_FLAGS || file->pos))
		return ckpt_bad(chk, "not what O_PATH opens");
	if (flags & CKPT_O_DIRECTORY && !(flags & (CKPT_O_PATH | CKPT_O_TMPFILE)))
		return ckpt_bad(chk, "flags that this kind of file cannot have");
	return 0;
}

static int check_other(const struct ckpt_check *chk, const struct ckpt_deleted *rec, u32 runs)
{
	const struct ckpt_deleted *holder;
	struct ckpt_view view;

	holder = ckpt_check_record(chk, CKPT_TYPE_DELETED, le64_to_cpu(rec->holder),
				   CKPT_REC_DELETED, &view);
	if (!holder || holder->holder)
		return ckpt_bad(chk, "not the file that holds a deleted one");
	if (rec->size || rec->pages || rec->mode || rec->flags || runs)
		return ckpt_bad(chk, "a deleted file that another one holds");
	return 0;
}

static int deleted_check(const struct ckpt_check *chk, u64 id,
			 const void *bytes, size_t size)
{
	const struct ckpt_deleted *rec;
	struct ckpt_view view, path;
	int ret;

	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_FILE, &view);
	if (!ret)
		ret = check_flags(chk, view.body);
	if (!ret)
		ret = ckpt_check_once(chk, bytes, size, CKPT_REC_DELETED, &view);
	if (ret)
		return ret;
	rec = view.body;
	if (rec->holder)
		return check_other(chk, rec, view.count);
	if (!S_ISREG(le32_to_cpu(rec->mode)))
		return ckpt_bad(chk, "not the mode of a regular file");
	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_PATH, &path);
	if (!ret)
		ret = ckpt_check_path(chk, &path, CKPT_PATH_FILE);
	return ret ?: ckpt_check_pages(chk, CKPT_TYPE_SHMEMDATA, id, &view, le64_to_cpu(rec->size),
				       le64_to_cpu(rec->pages));
}

#ifdef __KERNEL__

#include <linux/cred.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/filelock.h>
#include <linux/highmem.h>
#include <linux/mount.h>
#include <linux/path.h>
#include <linux/sched/signal.h>
#include <linux/shmem_fs.h>
#include <linux/slab.h>
#include <linux/xattr.h>
#include <asm/unistd.h>

#include "../hugetlb.h"
#include "shmem.h"

/* ---- saved ------------------------------------------------------------------ */

/* Not that of a layer of overlayfs, which is what is mapped. */
static struct inode *inode_of(struct file *file)
{
	return d_inode(file_user_path(file)->dentry);
}

/* Files of the kernel's own mounts (memfd, shared memory ...) never had a name. */
static bool deleted_match(struct file *file)
{
	const struct inode *inode = inode_of(file);

	return S_ISREG(inode->i_mode) && !inode->i_nlink &&
	       !(file->f_path.mnt->mnt_flags & MNT_INTERNAL);
}

/**
 * struct where - where a deleted file can be made again
 * @dir:	referenced; empty unless the object holds the file
 * @text:	that leads there
 */
struct where {
	struct path dir;
	char *text;
};

static struct ckpt_object *contents_of(struct ckpt_collect *c, const struct ckpt_object *obj)
{
	return ckpt_lookup(c, CKPT_TYPE_SHMEMDATA, inode_of(obj->ptr));
}

/* Its owner would be told when the contents are read: by another open file. */
static bool has_exclusive_lease(const struct inode *inode)
{
	struct file_lock_context *ctx = locks_inode_context(inode);
	const struct file_lock_core *flc;

	if (!ctx)
		return false;
	guard(spinlock)(&ctx->flc_lock);
	list_for_each_entry(flc, &ctx->flc_lease, flc_list)
		if (flc->flc_type == F_WRLCK)
			return true;
	return false;
}

static const char *obstacle(const struct path *path, const struct path *dir)
{
	const unsigned int odd = S_SYNC | S_NOATIME | S_APPEND | S_IMMUTABLE | S_SWAPFILE |
				 S_VERITY;
	struct inode *inode = d_inode(path->dentry);

	if (!d_inode(dir->dentry)->i_op->tmpfile)
		return "without O_TMPFILE in its filesystem";
	if (inode->i_flags & odd)
		return "with file attributes (chattr)";
	if (shmem_mapping(inode->i_mapping) && ckpt_shmem_has_policy(inode))
		return "with a memory policy (mbind)";
	if (has_exclusive_lease(inode))
		return "with an exclusive lease";
	if (vfs_listxattr(path->dentry, NULL, 0) > 0)
		return "with extended attributes";
	if (i_size_read(inode) > S64_MAX - PAGE_SIZE)
		return "larger than an image can tell";
	return NULL;
}

static int collect_where(struct ckpt_collect *c, struct ckpt_object *obj)
{
	const struct path *path = file_user_path(obj->ptr);
	struct where *where = kzalloc(sizeof(*where), GFP_KERNEL_ACCOUNT);
	char who[CKPT_WHO_MAX];
	const char *why;
	char *text;

	if (!where)
		return -ENOMEM;
	obj->priv = where;
	ckpt_path_living_dir(path, &where->dir);
	why = obstacle(path, &where->dir);
	if (why)
		ckpt_refuse(c, "%s: %pd4 (deleted, %s) cannot be saved",
			    ckpt_who(c, obj->ptr, who, sizeof(who)), path->dentry, why);
	text = ckpt_path_collect(c, &where->dir, obj->ptr, ", deleted, its directory");
	if (IS_ERR(text))
		return PTR_ERR(text);
	where->text = text;
	return 0;
}

static int deleted_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct ckpt_object *contents;
	int err = 0;

	contents = ckpt_collect_id(c, CKPT_TYPE_SHMEMDATA, inode_of(obj->ptr), obj->id);
	if (IS_ERR(contents))
		return PTR_ERR(contents);
	if (contents->id == obj->id)
		err = collect_where(c, obj);
	return err ?: ckpt_file_collect(c, obj);
}

static void deleted_release(struct ckpt_object *obj)
{
	struct where *where = obj->priv;

	if (!where)
		return;
	path_put(&where->dir);
	kfree(where->text);
	kfree(where);
}

/* The file that an open file of overlayfs has open itself, of the layer; or NULL. */
static struct file *file_below(struct file *file)
{
	if (file->f_mode & (FMODE_PATH | FMODE_BACKING) ||
	    strcmp(file_inode(file)->i_sb->s_type->name, "overlay"))
		return NULL;
	return file->private_data;
}

/*
 * Each open file has one reference to the name. So has one of overlayfs, and the
 * file below; that is what is mapped, and then collected too.
 */
static void account(struct ckpt_collect *c, const struct ckpt_object *obj,
		    struct ckpt_shared *shared)
{
	struct file *file = obj->ptr, *below = file_below(file);
	bool mapped = below && ckpt_file_id(c, below);

	if (!(file->f_mode & FMODE_BACKING))
		shared->foreign += ckpt_file_shared(c, obj);
	else
		shared->foreign += file_count(file) - obj->refs - 1;
	shared->foreign -= mapped;
	shared->known += below && !mapped ? 2 : 1;
}

/* One that is deleted as well, by which it is open: a name without users goes. */
static bool has_other_name(const struct dentry *name)
{
	struct inode *inode = d_inode(name);
	const struct dentry *other;

	guard(spinlock)(&inode->i_lock);
	hlist_for_each_entry(other, &inode->i_dentry, d_u.d_alias)
		if (other != name)
			return true;
	return false;
}

/* The last of the open files has been accounted for. */
static bool is_shared(struct ckpt_collect *c, const struct ckpt_shared *shared)
{
	if (has_other_name(shared->name))
		return true;
	while (d_count(shared->name) > shared->known)
		if (!ckpt_look_again(c))
			return true;
	return shared->foreign > 0;
}

static bool is_written(const struct dentry *dentry)
{
	return inode_is_open_for_write(d_inode(dentry)) ||
	       inode_is_open_for_write(d_real_inode(dentry));
}

static int deleted_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	const struct dentry *name = file_user_path(obj->ptr)->dentry;
	struct ckpt_object *contents = contents_of(c, obj);
	struct ckpt_shared *shared = contents->priv;
	char who[CKPT_WHO_MAX];

	if (!shared->name)
		shared->name = name;
	if (shared->name != name)
		ckpt_refuse(c, "%s: %pd4 (deleted, open by two names) cannot be saved",
			    ckpt_who(c, obj->ptr, who, sizeof(who)), name);
	account(c, obj, shared);
	if (++shared->verified == contents->refs && is_shared(c, shared) && is_written(name))
		ckpt_refuse_shared(c, "%s: the deleted file %pd4 is shared with a task outside of the container",
				   ckpt_who(c, obj->ptr, who, sizeof(who)), name);
	return 0;
}

/* Opened once more, as no program does: at no position yet, and nobody is told. */
static int open_to_read(struct ckpt_shared *shared, const struct path *path)
{
	const int flags = O_RDONLY | O_LARGEFILE | O_NOATIME | O_NONBLOCK | __FMODE_NONOTIFY;
	struct file *file = dentry_open(path, flags, current_cred());

	if (IS_ERR(file))
		return PTR_ERR(file);
	shared->file = file;
	return ckpt_shmem_scan(file, &shared->map);
}

static int fill_record(const struct path *path, struct ckpt_deleted *rec)
{
	struct inode *inode = d_inode(path->dentry);
	struct kstat stat;
	uid_t uid;
	gid_t gid;
	int err = vfs_getattr(path, &stat, STATX_BASIC_STATS, AT_STATX_SYNC_AS_STAT);

	if (err)
		return err;
	uid = from_kuid(current_user_ns(), stat.uid);
	gid = from_kgid(current_user_ns(), stat.gid);
	if (uid == (uid_t)-1 || gid == (gid_t)-1)
		return -EOVERFLOW;
	rec->size = cpu_to_le64(stat.size);
	rec->atime = cpu_to_le64(stat.atime.tv_sec);
	rec->mtime = cpu_to_le64(stat.mtime.tv_sec);
	rec->atime_ns = cpu_to_le32(stat.atime.tv_nsec);
	rec->mtime_ns = cpu_to_le32(stat.mtime.tv_nsec);
	rec->mode = cpu_to_le32(stat.mode);
	rec->uid = cpu_to_le32(uid);
	rec->gid = cpu_to_le32(gid);
	if (READ_ONCE(inode->i_state) & I_LINKABLE)
		rec->flags = cpu_to_le32(CKPT_DELETED_LINKABLE);
	return 0;
}

static int save_held(struct ckpt_object *obj, struct ckpt_shared *shared,
		     struct ckpt_writer *w)
{
	const struct path *path = file_user_path(obj->ptr);
	const struct where *where = obj->priv;
	struct ckpt_deleted *rec;
	int err = open_to_read(shared, path);

	if (err) {
		ckpt_err(obj->con->mount, "%s: the deleted file %pd4 cannot be read: %pe",
			 obj->con->name, path->dentry, ERR_PTR(err));
		return err;
	}
	shared->dir = where->dir;
	path_get(&shared->dir);
	rec = ckpt_add(w, CKPT_REC_DELETED, shared->map.nr);
	if (!rec)
		return w->error;
	err = fill_record(path, rec);
	if (err)
		return err;
	rec->pages = cpu_to_le64(shared->map.pages);
	ckpt_pagemap_save(&shared->map, ckpt_elems(rec));
	return ckpt_add_path(w, CKPT_PATH_FILE, where->text);
}

static int deleted_save(struct ckpt_collect *c, struct ckpt_object *obj,
			struct ckpt_writer *w)
{
	struct ckpt_object *contents = contents_of(c, obj);
	struct ckpt_deleted *rec;
	int err = ckpt_file_save(c, obj, w);

	if (err)
		return err;
	if (contents->id == obj->id)
		return save_held(obj, contents->priv, w);
	rec = ckpt_add(w, CKPT_REC_DELETED, 0);
	if (!rec)
		return w->error;
	rec->holder = cpu_to_le64(contents->id);
	return 0;
}

/* ---- made again --------------------------------------------------------------- */

static long create(const struct ckpt_deleted *rec, const struct ckpt_view *dir)
{
	unsigned long scratch = ckpt_scratch_map();
	int flags = O_TMPFILE | O_RDWR | O_LARGEFILE;
	long fd;

	if (IS_ERR_VALUE(scratch))
		return scratch;
	if (!(le32_to_cpu(rec->flags) & CKPT_DELETED_LINKABLE))
		flags |= O_EXCL;
	fd = ckpt_scratch_put(scratch, dir->elems, dir->count);
	if (!fd)
		fd = ckpt_syscall(__NR_openat, AT_FDCWD, scratch, flags, 0600, 0, 0);
	ckpt_scratch_unmap(scratch);
	return fd;
}

static int write_page(struct file *file, u64 size, u64 pos, struct folio *from)
{
	size_t n = min_t(u64, PAGE_SIZE, size - pos);
	void *bytes = kmap_local_folio(from, 0);
	loff_t at = pos;
	ssize_t done = kernel_write(file, bytes, n, &at);

	kunmap_local(bytes);
	if (done < 0)
		return done;
	return done == n ? 0 : -ENOSPC;
}

/* What has been written is given back. */
static int write_run(struct file *file, u64 size, const struct ckpt_run *run,
		     struct ckpt_content *content, pgoff_t index)
{
	u64 pos = ckpt_run_start(run), end = ckpt_run_end(run);
	int err = 0;

	/* It has no write(2). */
	if (ckpt_huge_file(file))
		return ckpt_huge_fill(file, pos, le32_to_cpu(run->pages), content, index);
	for (; !err && pos < end; pos += PAGE_SIZE) {
		struct folio *from = ckpt_content_take(content, index++, 1);

		if (IS_ERR(from))
			return PTR_ERR(from);
		if (from) {
			err = write_page(file, size, pos, from);
			folio_put(from);
		}
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err;
}

static int fill_in(struct file *file, const struct ckpt_view *view,
		   struct ckpt_content *content)
{
	const struct ckpt_deleted *rec = view->body;
	const struct ckpt_run *run = view->elems;
	pgoff_t index = 0;
	int err = 0;
	u32 i;

	for (i = 0; !err && i < view->count; i++) {
		err = write_run(file, le64_to_cpu(rec->size), run + i, content, index);
		index += le32_to_cpu(run[i].pages);
	}
	return err;
}

static long set_times(long fd, const struct ckpt_deleted *rec)
{
	const struct __kernel_timespec times[] = {
		{ le64_to_cpu(rec->atime), le32_to_cpu(rec->atime_ns) },
		{ le64_to_cpu(rec->mtime), le32_to_cpu(rec->mtime_ns) },
	};
	unsigned long scratch = ckpt_scratch_map();
	long err;

	if (IS_ERR_VALUE(scratch))
		return scratch;
	err = ckpt_scratch_put(scratch, times, sizeof(times));
	if (!err)
		err = ckpt_syscall(__NR_utimensat, fd, 0, scratch, 0, 0, 0);
	ckpt_scratch_unmap(scratch);
	return err;
}

static long set_mode(long fd, const struct file *file, umode_t mode)
{
	const umode_t bits = S_IALLUGO;
	long err;

	if (!((file_inode(file)->i_mode ^ mode) & bits))
		return 0;
	err = ckpt_syscall(__NR_fchmod, fd, mode & bits, 0, 0, 0, 0);
	if (!err && (file_inode(file)->i_mode ^ mode) & bits)
		err = -EPERM;
	return err;
}

/* Which the directory's default has given it: a saved one has none. */
static long drop_acl(long fd)
{
	static const char name[] = XATTR_NAME_POSIX_ACL_ACCESS;
	unsigned long scratch = ckpt_scratch_map();
	long err;

	if (IS_ERR_VALUE(scratch))
		return scratch;
	err = ckpt_scratch_put(scratch, name, sizeof(name));
	if (!err)
		err = ckpt_syscall(__NR_fremovexattr, fd, scratch, 0, 0, 0, 0);
	ckpt_scratch_unmap(scratch);
	return err == -ENODATA || err == -EOPNOTSUPP ? 0 : err;
}

/*
 * While it is the writer's, who need not be its owner; but a new owner clears
 * bits of the mode that let others run it as him, and he who may set them again
 * may do so.
 */
static long set_attributes(long fd, const struct file *file, const struct ckpt_deleted *rec)
{
	const umode_t mode = le32_to_cpu(rec->mode), harmless = mode & ~(S_ISUID | S_ISGID);
	long err = drop_acl(fd);

	if (!err)
		err = set_times(fd, rec);
	if (!err)
		err = set_mode(fd, file, harmless);
	if (!err)
		err = ckpt_syscall(__NR_fchown, fd, le32_to_cpu(rec->uid),
				   le32_to_cpu(rec->gid), 0, 0, 0);
	return err ?: set_mode(fd, file, mode);
}

/* As one who has made it may open it, before he gives it away. */
static struct file *open_again(struct file *file, const struct ckpt_item *item)
{
	int flags = ckpt_file_flags(item) & ~(O_TMPFILE | FASYNC);

	return dentry_open(&file->f_path, flags | O_LARGEFILE, current_cred());
}

static struct file *make(struct ckpt_restore *r, struct ckpt_item *item, long fd)
{
	struct ckpt_item *data = ckpt_item(ckpt_restore_img(r), CKPT_TYPE_SHMEMDATA, item->id);
	struct file *file = fget(fd), *opened;
	struct ckpt_view view;
	long err;

	if (!file)
		return ERR_PTR(-EBADF);
	/* Its check has found it there. */
	ckpt_find(item->bytes, item->size, CKPT_REC_DELETED, &view);
	err = ckpt_syscall(__NR_ftruncate, fd,
			   le64_to_cpu(((const struct ckpt_deleted *)view.body)->size),
			   0, 0, 0, 0);
	if (!err)
		err = fill_in(file, &view, data->content);
	if (err == -ENOMEM && ckpt_huge_file(file))
		ckpt_restore_err(r, item, "the pool has too few huge pages");
	if (!err)
		err = set_attributes(fd, file, view.body);
	close_fd(fd);
	opened = err ? ERR_PTR(err) : open_again(file, item);
	/* At once: one that is open for writing cannot be executed. */
	__fput_sync(file);
	return opened;
}

/* Until it is bound it has O_NOATIME. */
static void *finish(struct ckpt_restore *r, struct ckpt_item *item, struct file *file)
{
	file = ckpt_file_made(r, item, file);
	if (IS_ERR(file))
		return file;
	guard(spinlock)(&file->f_lock);
	file->f_flags |= O_NOATIME;
	return file;
}

static void *deleted_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_deleted *rec = ckpt_item_body(item, CKPT_REC_DELETED);
	struct ckpt_view dir;
	struct file *file;
	long fd;

	if (rec->holder) {
		file = ckpt_restored_file(r, le64_to_cpu(rec->holder));
		return IS_ERR(file) ? file : finish(r, item, open_again(file, item));
	}
	ckpt_find(item->bytes, item->size, CKPT_REC_PATH, &dir);
	fd = create(rec, &dir);
	if (fd < 0) {
		ckpt_restore_err(r, item, "%s: no file can be made here: %pe",
				 (const char *)dir.elems, ERR_PTR(fd));
		return ERR_PTR(fd);
	}
	return finish(r, item, make(r, item, fd));
}

/* Mapped by now, which is an access; its time is the image's all the same. */
static int deleted_bind(struct ckpt_restore *r, struct ckpt_item *item)
{
	struct file *file = item->made;

	guard(spinlock)(&file->f_lock);
	if (!(ckpt_file_flags(item) & O_NOATIME))
		file->f_flags &= ~O_NOATIME;
	return 0;
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_deleted_ops = {
	.type = CKPT_TYPE_DELETED,
	.name = "deleted file",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE | CKPT_ROW_LAST,
	.records = { CKPT_REC_FILE, CKPT_REC_DELETED, CKPT_REC_PATH },
	.max_size = 320 << 20,
	.check = deleted_check,
	CKPT_KERNEL(.match = deleted_match,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = deleted_collect, .verify = deleted_verify,
		    .save = deleted_save, .release = deleted_release,
		    .restore = deleted_restore, .drop = ckpt_file_put,
		    .bind = deleted_bind)
};
