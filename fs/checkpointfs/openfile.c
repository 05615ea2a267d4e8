// SPDX-License-Identifier: GPL-2.0-only
/*
 * What all kinds of open files have in common: flags, position, advice, whether fanotify
 * hears of it; and the owner of its signals (owner.c).
 *
 * Saved from a struct file that no task uses, because all who could are
 * frozen; its reference is the collection's. Made again by opening its path
 * as the writer of the image may.
 *
 * Not kept: who opened a file (f_cred: it is the writer now, but of those of the
 * kernel's own filesystems, where it matters), how far ahead it was being read,
 * timestamps.
 */
#include <linux/backing-dev.h>
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/delay.h>
#include <linux/fadvise.h>
#include <linux/fcntl.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/filelock.h>
#include <linux/kdev_t.h>
#include <linux/mount.h>
#include <linux/slab.h>

#include "checkpointfs.h"
#include "compat/private.h"

static const struct {
	u32 image;
	unsigned int kernel;
} open_flags[] = {
	{ CKPT_O_APPEND, O_APPEND },
	{ CKPT_O_NONBLOCK, O_NONBLOCK },
	{ CKPT_O_DSYNC, O_DSYNC },
	{ CKPT_O_SYNC, __O_SYNC },
	{ CKPT_O_DIRECT, O_DIRECT },
	{ CKPT_O_LARGEFILE, O_LARGEFILE },
	{ CKPT_O_DIRECTORY, O_DIRECTORY },
	{ CKPT_O_NOFOLLOW, O_NOFOLLOW },
	{ CKPT_O_NOATIME, O_NOATIME },
	{ CKPT_O_PATH, O_PATH },
	{ CKPT_O_ASYNC, FASYNC },
	{ CKPT_O_TMPFILE, __O_TMPFILE },
};

/* Stand in f_flags and mean nothing once the file is open. */
#define MEANINGLESS	(O_CLOEXEC | __FMODE_EXEC)

void ckpt_file_get(void *ptr)
{
	get_file(ptr);
}

void ckpt_file_put(void *ptr)
{
	fput(ptr);
}

/* ---- what an open file may not carry --------------------------------------- */

static bool has_locks(const struct file *file)
{
	struct file_lock_context *ctx = locks_inode_context(file_inode(file));

	return ctx && (!list_empty_careful(&ctx->flc_flock) ||
		       !list_empty_careful(&ctx->flc_posix) ||
		       !list_empty_careful(&ctx->flc_lease));
}

/* Whose they are is known when all files are. */
static int collect_locks(struct ckpt_collect *c, struct file *file)
{
	if (!has_locks(file))
		return 0;
	return PTR_ERR_OR_ZERO(ckpt_collect_ref(c, CKPT_TYPE_LOCKS, file_inode(file)));
}

u32 ckpt_flags_image(unsigned int flags, unsigned int *unknown)
{
	u32 image = flags & O_ACCMODE;
	unsigned int i;

	static_assert(CKPT_O_WRONLY == O_WRONLY && CKPT_O_RDWR == O_RDWR &&
		      CKPT_O_ACCMODE == O_ACCMODE);
	flags &= ~O_ACCMODE;
	for (i = 0; i < ARRAY_SIZE(open_flags); i++) {
		if (!(flags & open_flags[i].kernel))
			continue;
		image |= open_flags[i].image;
		flags &= ~open_flags[i].kernel;
	}
	*unknown = flags;
	return image;
}

/* One that fanotify opens for who listens, or asks about. */
static bool is_told(const struct file *file)
{
	umode_t mode = file_inode(file)->i_mode;

	return (S_ISREG(mode) || S_ISDIR(mode)) && !(file->f_mode & FMODE_PATH) &&
	       !(file->f_path.mnt->mnt_flags & MNT_INTERNAL);
}

static u32 image_flags(const struct file *file, unsigned int *unknown)
{
	unsigned int flags = file->f_flags & ~MEANINGLESS;

	if (is_told(file) && FMODE_FSNOTIFY_NONE(file->f_mode))
		flags &= ~__FMODE_NONOTIFY;
	return ckpt_flags_image(flags, unknown);
}

/* It was settled when it was opened, by who listened then. */
static u32 image_notice(const struct file *file)
{
	if (!is_told(file))
		return 0;
	if (FMODE_FSNOTIFY_NONE(file->f_mode))
		return CKPT_O_UNHEARD;
	return FMODE_FSNOTIFY_PERM(file->f_mode) ? CKPT_O_ASKED : 0;
}

/* What the next fsync(2) or syncfs(2) by this file would return. */
static bool has_write_error(struct file *file)
{
	struct super_block *sb = file->f_path.dentry->d_sb;

	return (file->f_mapping &&
		errseq_check(&file->f_mapping->wb_err, READ_ONCE(file->f_wb_err))) ||
	       errseq_check(&sb->s_wb_err, READ_ONCE(file->f_sb_err));
}

int ckpt_file_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct file *file = obj->ptr;
	char who[CKPT_WHO_MAX];
	unsigned int unknown;

	image_flags(file, &unknown);
	unknown &= ~obj->ops->own_flags;
	if (file->f_flags & FASYNC && file->f_op->fasync && !obj->ops->async)
		ckpt_refuse(c, "%s: signals on events (O_ASYNC) cannot be saved",
			    ckpt_who(c, file, who, sizeof(who)));
	if (unknown)
		ckpt_refuse(c, "%s: flags %#x cannot be saved",
			    ckpt_who(c, file, who, sizeof(who)), unknown);
	if (has_write_error(file))
		ckpt_refuse(c, "%s: a write error not yet reported cannot be saved",
			    ckpt_who(c, file, who, sizeof(who)));
	return ckpt_owner_collect(c, file) ?: collect_locks(c, file);
}

/* posix_fadvise(2); advice for a part of a file leaves no trace in it. */
static u32 image_advice(const struct file *file)
{
	u32 flags = 0;

	if (file->f_mode & FMODE_PATH)
		return 0;
	if (file->f_mode & FMODE_RANDOM)
		flags |= CKPT_O_RANDOM;
	if (file->f_mode & FMODE_NOREUSE)
		flags |= CKPT_O_NOREUSE;
	if (S_ISREG(file_inode(file)->i_mode) &&
	    file->f_ra.ra_pages > inode_to_bdi(file->f_mapping->host)->ra_pages)
		flags |= CKPT_O_SEQUENTIAL;
	return flags;
}

int ckpt_file_save(struct ckpt_collect *c, struct ckpt_object *obj,
		   struct ckpt_writer *w)
{
	struct ckpt_file *rec = ckpt_add(w, CKPT_REC_FILE, 0);
	struct file *file = obj->ptr;
	unsigned int unknown;

	if (!rec)
		return w->error;
	rec->type = cpu_to_le32(obj->ops->type);
	rec->flags = cpu_to_le32(image_flags(file, &unknown) | image_advice(file) |
				 image_notice(file));
	if (file->f_mode & FMODE_LSEEK)
		rec->pos = cpu_to_le64(file->f_pos);
	return ckpt_owner_save(c, obj, w);
}

/* ---- files with a path ------------------------------------------------------ */

int ckpt_named_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	int err = ckpt_file_collect(c, obj);
	char *text;

	if (err)
		return err;
	text = ckpt_path_collect(c, file_user_path(obj->ptr), obj->ptr, "");
	if (IS_ERR(text))
		return PTR_ERR(text);
	obj->priv = text;
	return 0;
}

void ckpt_named_release(struct ckpt_object *obj)
{
	kfree(obj->priv);
}

static int save_as(struct ckpt_collect *c, struct ckpt_object *obj, const char *path,
		   struct ckpt_writer *w)
{
	int err = ckpt_file_save(c, obj, w);

	if (!err)
		err = ckpt_add_path(w, CKPT_PATH_FILE, path);
	if (!err)
		err = ckpt_inode_save(file_user_path(obj->ptr), w);
	return err;
}

int ckpt_named_save(struct ckpt_collect *c, struct ckpt_object *obj,
		    struct ckpt_writer *w)
{
	return save_as(c, obj, obj->priv, w);
}

int ckpt_device_save_as(struct ckpt_collect *c, struct ckpt_object *obj, const char *path,
			struct ckpt_writer *w)
{
	dev_t dev = file_inode(obj->ptr)->i_rdev;
	struct ckpt_device *rec;
	int err = save_as(c, obj, path, w);

	if (err)
		return err;
	rec = ckpt_add(w, CKPT_REC_DEVICE, 0);
	if (!rec)
		return w->error;
	rec->major = cpu_to_le32(MAJOR(dev));
	rec->minor = cpu_to_le32(MINOR(dev));
	return 0;
}

int ckpt_device_save(struct ckpt_collect *c, struct ckpt_object *obj, struct ckpt_writer *w)
{
	return ckpt_device_save_as(c, obj, obj->priv, w);
}

/* ---- opened again ---------------------------------------------------------- */

int ckpt_flags_kernel(u32 image)
{
	int flags = image & CKPT_O_ACCMODE;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(open_flags); i++)
		if (image & open_flags[i].image)
			flags |= open_flags[i].kernel;
	return flags;
}

int ckpt_file_flags(const struct ckpt_item *item)
{
	const struct ckpt_file *rec = ckpt_item_body(item, CKPT_REC_FILE);

	return ckpt_flags_kernel(le32_to_cpu(rec->flags));
}

static void set_flags(struct file *file, int flags)
{
	unsigned int known = 0, i;

	for (i = 0; i < ARRAY_SIZE(open_flags); i++)
		known |= open_flags[i].kernel;
	guard(spinlock)(&file->f_lock);
	file->f_flags = (file->f_flags & ~known) | (flags & known);
	file->f_iocb_flags = iocb_flags(file);
}

static int set_advice(struct file *file, u32 flags)
{
	int err = 0;

	if (flags & CKPT_O_SEQUENTIAL)
		err = vfs_fadvise(file, 0, 0, POSIX_FADV_SEQUENTIAL);
	if (!err && flags & CKPT_O_RANDOM)
		err = vfs_fadvise(file, 0, 0, POSIX_FADV_RANDOM);
	if (!err && flags & CKPT_O_NOREUSE)
		err = vfs_fadvise(file, 0, 0, POSIX_FADV_NOREUSE);
	return err;
}

/*
 * Who watches the file by the image does so when all files are there. To be asked of more
 * than need be is no harm; to be heard of less only those can have who may listen. It may be
 * another kind of file, that is external, of which nobody is told.
 */
static int set_notice(struct ckpt_restore *r, struct ckpt_item *item, struct file *file)
{
	const struct ckpt_file *rec = ckpt_item_body(item, CKPT_REC_FILE);
	u32 flags = le32_to_cpu(rec->flags);

	if (!(flags & (CKPT_O_UNHEARD | CKPT_O_ASKED)) || !is_told(file))
		return 0;
	if (flags & CKPT_O_UNHEARD && !capable(CAP_SYS_ADMIN)) {
		ckpt_restore_err(r, item, "what fanotify has opened needs CAP_SYS_ADMIN");
		return -EPERM;
	}
	guard(spinlock)(&file->f_lock);
	file->f_mode &= ~FMODE_FSNOTIFY_MASK;
	if (flags & CKPT_O_UNHEARD) {
		file->f_mode |= FMODE_NONOTIFY;
		file->f_flags |= __FMODE_NONOTIFY;
	}
	return 0;
}

static int finish(struct ckpt_restore *r, struct ckpt_item *item, struct file *file, loff_t pos)
{
	const struct ckpt_file *rec = ckpt_item_body(item, CKPT_REC_FILE);
	int err;

	set_flags(file, ckpt_file_flags(item));
	err = set_notice(r, item, file);
	if (err)
		return err;
	err = set_advice(file, le32_to_cpu(rec->flags));
	if (err) {
		ckpt_restore_err(r, item, "the file takes no advice (%d)", err);
		return err;
	}
	if (pos && vfs_llseek(file, pos, SEEK_SET) != pos) {
		ckpt_restore_err(r, item, "position %lld cannot be set", pos);
		return -ESTALE;
	}
	return 0;
}

int ckpt_file_finish(struct ckpt_restore *r, struct ckpt_item *item, struct file *file)
{
	const struct ckpt_file *rec = ckpt_item_body(item, CKPT_REC_FILE);

	return finish(r, item, file, le64_to_cpu(rec->pos));
}

int ckpt_file_finish_still(struct ckpt_restore *r, struct ckpt_item *item, struct file *file)
{
	return finish(r, item, file, 0);
}

/* Nobody else has it yet. */
int ckpt_file_set_opener(struct ckpt_restore *r, struct file *file, u64 creds)
{
	const struct cred *cred = ckpt_restored(r, CKPT_TYPE_CREDS, creds), *old = file->f_cred;

	if (IS_ERR(cred))
		return PTR_ERR(cred);
	file->f_cred = get_cred(cred);
	put_cred(old);
	return 0;
}

static void *finish_or_drop(struct ckpt_restore *r, struct ckpt_item *item,
			    struct file *file)
{
	int err = ckpt_file_finish(r, item, file);

	if (!err)
		return file;
	fput(file);
	return ERR_PTR(err);
}

void *ckpt_named_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	struct file *file = ckpt_path_open(r, item, ckpt_file_flags(item), NULL);

	return IS_ERR(file) ? file : finish_or_drop(r, item, file);
}

/* ---- owners of inodes that no path leads to ----------------------------------- */

static int set_attr(struct file *file, struct iattr *attr)
{
	struct inode *inode = file_inode(file);

	guard(rwsem_write)(&inode->i_rwsem);
	return notify_change(file_mnt_idmap(file), file_dentry(file), attr, NULL);
}

int ckpt_inode_owner(struct file *file, u32 mode, u32 uid, u32 gid)
{
	struct inode *inode = file_inode(file);
	struct iattr owner = {
		.ia_valid = ATTR_UID | ATTR_GID | ATTR_CTIME,
		.ia_uid = make_kuid(current_user_ns(), uid),
		.ia_gid = make_kgid(current_user_ns(), gid),
	};
	struct iattr bits = {
		.ia_valid = ATTR_MODE | ATTR_CTIME,
		.ia_mode = mode,
	};
	int err = 0;

	if (!uid_valid(owner.ia_uid) || !gid_valid(owner.ia_gid))
		return -EINVAL;
	/* While it is still the writer's, who need not be its owner. */
	if (inode->i_mode != bits.ia_mode)
		err = set_attr(file, &bits);
	if (!err && (!uid_eq(inode->i_uid, owner.ia_uid) ||
		     !gid_eq(inode->i_gid, owner.ia_gid)))
		err = set_attr(file, &owner);
	return err;
}

/* ---- made by a system call --------------------------------------------------- */

/* Looks at a new one, 50 us each, until nobody else has it. */
#define PATIENCE	200

bool ckpt_file_is_ours(struct file *file)
{
	unsigned int looks;

	for (looks = 0; looks < PATIENCE && file_count(file) > 1; looks++)
		usleep_range(50, 100);
	return file_count(file) == 1;
}

void *ckpt_file_made(struct ckpt_restore *r, struct ckpt_item *item, struct file *file)
{
	if (IS_ERR(file)) {
		ckpt_restore_err(r, item, "the %s cannot be made: %pe", item->ops->name, file);
		return file;
	}
	return finish_or_drop(r, item, file);
}

void *ckpt_file_from_fd(struct ckpt_restore *r, struct ckpt_item *item, long fd)
{
	struct file *file = ERR_PTR(fd);

	if (fd >= 0) {
		file = fget(fd) ?: ERR_PTR(-EBADF);
		close_fd(fd);
	}
	if (IS_ERR(file) || ckpt_file_is_ours(file))
		return ckpt_file_made(r, item, file);
	ckpt_restore_err(r, item, "somebody else has taken the %s", item->ops->name);
	fput(file);
	return ERR_PTR(-EBUSY);
}

void *ckpt_file_add(struct ckpt_restore *r, struct ckpt_item *item, ckpt_file_add_t *add)
{
	struct file *file = ckpt_restored_file(r, item->id);
	unsigned long scratch;
	int fd, err;

	if (IS_ERR(file))
		return file;
	scratch = ckpt_scratch_map();
	if (IS_ERR_VALUE(scratch))
		return ERR_PTR(scratch);
	fd = get_unused_fd_flags(0);
	err = fd < 0 ? fd : 0;
	if (err) {
		ckpt_restore_err(r, item, "no descriptor is free: %pe", ERR_PTR(err));
	} else {
		fd_install(fd, get_file(file));
		err = add(r, item, fd, scratch);
		close_fd(fd);
	}
	ckpt_scratch_unmap(scratch);
	return err ? ERR_PTR(err) : get_file(file);
}
