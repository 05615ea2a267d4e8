// SPDX-License-Identifier: GPL-2.0-only
/*
 * A directory or fifo that has been deleted, of which there are open files, or working
 * directories.
 *
 * Stands for the inode, of which the collection holds a reference. Made again by
 * mkdir(2) or mknod(2) under a name that nobody has, which is removed at once; kept as
 * a file of O_PATH, from which the others are opened. Mode and owner are set when it has
 * no name any more, and the times last of all.
 *
 * Not kept: inode number, ctime, the name that it once had.
 */
#include "../object.h"

static int unnamed_check(const struct ckpt_check *chk, u64 id,
			 const void *bytes, size_t size)
{
	const struct ckpt_unnamed *rec;
	struct ckpt_view view, path;
	u32 mode;
	int ret;

	/* There, once and in front: ckpt_check_file() has seen to that. */
	if (!ckpt_find(bytes, size, CKPT_REC_UNNAMED, &view))
		return ckpt_bad(chk, "unnamed");
	rec = view.body;
	mode = le32_to_cpu(rec->mode);
	if (!S_ISDIR(mode) && !S_ISFIFO(mode))
		return ckpt_bad(chk, "neither a directory nor a fifo");
	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_PATH, &path);
	return ret ?: ckpt_check_path(chk, &path, CKPT_PATH_FILE);
}

#ifdef __KERNEL__

#include <linux/cred.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mount.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/xattr.h>
#include <asm/unistd.h>

#include "../checkpointfs.h"

/* Names that are tried, of 2^64. */
#define TRIES	8

static void unnamed_get(void *ptr)
{
	ihold(ptr);
}

static void unnamed_put(void *ptr)
{
	iput(ptr);
}

static void unnamed_release(struct ckpt_object *obj)
{
	kfree(obj->priv);
}

static int unnamed_save(struct ckpt_collect *c, struct ckpt_object *obj,
			struct ckpt_writer *w)
{
	struct ckpt_unnamed *rec = ckpt_add(w, CKPT_REC_UNNAMED, 0);
	const struct inode *inode = obj->ptr;
	uid_t uid = from_kuid(current_user_ns(), inode->i_uid);
	gid_t gid = from_kgid(current_user_ns(), inode->i_gid);

	if (!rec)
		return w->error;
	if (uid == (uid_t)-1 || gid == (gid_t)-1)
		return -EOVERFLOW;
	rec->atime = cpu_to_le64(inode_get_atime_sec(inode));
	rec->mtime = cpu_to_le64(inode_get_mtime_sec(inode));
	rec->atime_ns = cpu_to_le32(inode_get_atime_nsec(inode));
	rec->mtime_ns = cpu_to_le32(inode_get_mtime_nsec(inode));
	rec->mode = cpu_to_le32(inode->i_mode);
	rec->uid = cpu_to_le32(uid);
	rec->gid = cpu_to_le32(gid);
	return ckpt_add_path(w, CKPT_PATH_FILE, obj->priv);
}

/* ---- made again --------------------------------------------------------------- */

/* @name is in user memory. Return: a descriptor or -errno. */
static long create(unsigned long name, bool dir)
{
	long err, fd;

	if (dir)
		err = ckpt_syscall(__NR_mkdir, name, 0700, 0, 0, 0, 0);
	else
		err = ckpt_syscall(__NR_mknod, name, S_IFIFO | 0600, 0, 0, 0, 0);
	if (err)
		return err;
	fd = ckpt_syscall(__NR_openat, AT_FDCWD, name,
			  O_NOFOLLOW | O_NONBLOCK | (dir ? O_DIRECTORY : O_RDWR), 0, 0, 0);
	err = ckpt_syscall(dir ? __NR_rmdir : __NR_unlink, name, 0, 0, 0, 0, 0);
	if (err && fd >= 0) {
		close_fd(fd);
		return err;
	}
	return fd;
}

static long create_somewhere(const struct ckpt_view *dir, bool is_dir)
{
	unsigned long scratch = ckpt_scratch_map();
	unsigned int tries = TRIES;
	char *name;
	long fd;

	if (IS_ERR_VALUE(scratch))
		return scratch;
	do {
		name = kasprintf(GFP_KERNEL_ACCOUNT, "%s/.ckpt-%016llx",
				 (const char *)dir->elems, get_random_u64());
		fd = name ? ckpt_scratch_put(scratch, name, strlen(name) + 1) : -ENOMEM;
		if (!fd)
			fd = create(scratch, is_dir);
		kfree(name);
	} while (fd == -EEXIST && --tries);
	ckpt_scratch_unmap(scratch);
	return fd;
}

/* Whoever may write to that directory may have put another one there. */
static bool is_ours(const struct file *file, bool dir)
{
	const struct inode *inode = file_inode(file);

	return uid_eq(inode->i_uid, current_fsuid()) &&
	       (dir ? IS_DEADDIR(inode) : S_ISFIFO(inode->i_mode) && !inode->i_nlink) &&
	       vfs_listxattr(file->f_path.dentry, NULL, 0) <= 0;
}

static int set_times(struct file *file, const struct ckpt_unnamed *rec)
{
	struct inode *inode = file_inode(file);
	struct iattr attr = {
		.ia_valid = ATTR_ATIME | ATTR_MTIME | ATTR_ATIME_SET | ATTR_MTIME_SET | ATTR_CTIME,
		.ia_atime = { le64_to_cpu(rec->atime), le32_to_cpu(rec->atime_ns) },
		.ia_mtime = { le64_to_cpu(rec->mtime), le32_to_cpu(rec->mtime_ns) },
	};

	guard(rwsem_write)(&inode->i_rwsem);
	return notify_change(file_mnt_idmap(file), file_dentry(file), &attr, NULL);
}

/* A directory is watched by the image (F_NOTIFY) when all have been made, and not before. */
static int set_attributes(struct file *file, const struct ckpt_unnamed *rec)
{
	u32 mode = le32_to_cpu(rec->mode);
	int err = mnt_want_write(file->f_path.mnt);

	if (err)
		return err;
	err = ckpt_inode_owner(file, mode, le32_to_cpu(rec->uid), le32_to_cpu(rec->gid));
	if (!err && file_inode(file)->i_mode != mode)
		err = -EPERM;
	if (!err && S_ISDIR(mode))
		err = set_times(file, rec);
	mnt_drop_write(file->f_path.mnt);
	return err;
}

static struct file *make(const struct ckpt_unnamed *rec, const struct ckpt_view *dir)
{
	bool is_dir = S_ISDIR(le32_to_cpu(rec->mode));
	long fd = create_somewhere(dir, is_dir);
	struct file *file, *made;
	int err;

	if (fd < 0)
		return ERR_PTR(fd);
	file = fget(fd);
	close_fd(fd);
	if (!file)
		return ERR_PTR(-EBADF);
	err = is_ours(file, is_dir) ? set_attributes(file, rec) : -ESTALE;
	made = err ? ERR_PTR(err) : dentry_open(&file->f_path, O_PATH, current_cred());
	/* At once: nobody has the fifo open. */
	__fput_sync(file);
	return made;
}

static void *unnamed_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	struct ckpt_view dir;
	struct file *made;

	ckpt_find(item->bytes, item->size, CKPT_REC_PATH, &dir);
	made = make(ckpt_item_body(item, CKPT_REC_UNNAMED), &dir);
	if (IS_ERR(made))
		ckpt_restore_err(r, item, "%s: what was deleted cannot be made here: %pe",
				 (const char *)dir.elems, made);
	return made;
}

/* What is in the fifo has been put there by now, which changes them. */
static int unnamed_bind(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_unnamed *rec = ckpt_item_body(item, CKPT_REC_UNNAMED);
	struct file *file = item->made;
	int err;

	if (S_ISDIR(le32_to_cpu(rec->mode)))
		return 0;
	err = mnt_want_write(file->f_path.mnt);
	if (!err) {
		err = set_times(file, rec);
		mnt_drop_write(file->f_path.mnt);
	}
	if (err)
		ckpt_restore_err(r, item, "the times cannot be set (%d)", err);
	return err;
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_unnamed_ops = {
	.type = CKPT_TYPE_UNNAMED,
	.name = "deleted node",
	.dir = "unnamed",
	.flags = CKPT_ROW_LAST,
	.records = { CKPT_REC_UNNAMED, CKPT_REC_PATH },
	.max_size = 2 * CKPT_PATH_MAX,
	.check = unnamed_check,
	CKPT_KERNEL(.get = unnamed_get, .put = unnamed_put, .save = unnamed_save,
		    .release = unnamed_release, .restore = unnamed_restore,
		    .drop = ckpt_file_put, .bind = unnamed_bind)
};
