// SPDX-License-Identifier: GPL-2.0-only
/*
 * restore/: images that are being put together, or edited, file by file.
 *
 * restore/NAME is a tree of directories and regular files like any other; its
 * dentries are pinned, as nothing else remembers them, and a file's bytes are
 * a struct ckpt_content in i_private. Names need mean nothing until the tree
 * is committed: archivers rename temporary ones. Then lend.c lends the contents
 * to an image and i_private is NULL: reads and writes give EBUSY until they are
 * back. A tree goes by rmdir, when it has been restored, or at umount.
 *
 * The inode's lock protects i_private, that of the parent directory the set of
 * names. Directories stay in the directory where they were made, so the way
 * from a file up to restore/ is constant, and three steps long at most.
 */
#include <linux/fs.h>
#include <linux/splice.h>
#include <linux/uio.h>

#include "checkpointfs.h"

#define STAGE_NAME	"restore"
#define COMMIT_NAME	"commit"

static const struct inode_operations root_iops;
static const struct inode_operations dir_iops;

/* ---- a staged file ------------------------------------------------------------ */

static ssize_t stage_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	ssize_t n = -EBUSY;

	inode_lock_shared(inode);
	if (inode->i_private)
		n = ckpt_content_read(inode->i_private, iocb->ki_pos, to);
	inode_unlock_shared(inode);
	if (n > 0)
		iocb->ki_pos += n;
	file_accessed(iocb->ki_filp);
	return n;
}

static ssize_t write_locked(struct kiocb *iocb, struct iov_iter *from)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	struct ckpt_content *content = inode->i_private;
	ssize_t n;

	if (!content)
		return -EBUSY;
	n = generic_write_checks(iocb, from);
	if (n <= 0)
		return n;
	n = file_modified(iocb->ki_filp);
	if (n)
		return n;
	n = ckpt_content_write(content, iocb->ki_pos, from);
	if (n > 0)
		iocb->ki_pos += n;
	i_size_write(inode, content->size);
	return n;
}

static ssize_t stage_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	ssize_t n;

	inode_lock(inode);
	n = write_locked(iocb, from);
	inode_unlock(inode);
	return n;
}

static const struct file_operations file_fops = {
	.owner		= THIS_MODULE,
	.llseek		= generic_file_llseek,
	.read_iter	= stage_read_iter,
	.write_iter	= stage_write_iter,
	.fsync		= noop_fsync,
	.splice_read	= copy_splice_read,
	.splice_write	= iter_file_splice_write,
};

/* The caller holds the inode's lock. */
static int file_setattr(struct mnt_idmap *idmap, struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = d_inode(dentry);
	struct ckpt_content *content = inode->i_private;
	int err;

	err = setattr_prepare(idmap, dentry, attr);
	if (err)
		return err;
	if (attr->ia_valid & ATTR_SIZE) {
		err = content ? ckpt_content_truncate(content, attr->ia_size) : -EBUSY;
		if (err)
			return err;
		i_size_write(inode, attr->ia_size);
	}
	setattr_copy(idmap, inode, attr);
	return 0;
}

static const struct inode_operations file_iops = {
	.setattr	= file_setattr,
};

/* ---- directories ------------------------------------------------------------------ */

static bool is_root(const struct inode *inode)
{
	return inode->i_op == &root_iops;
}

/* Directories between @dir and restore/, @dir counted. */
static unsigned int depth_of(const struct dentry *dir)
{
	unsigned int depth = 0;

	for (; !is_root(d_inode(dir)); dir = dir->d_parent)
		depth++;
	return depth;
}

static void add_pinned(struct inode *dir, struct dentry *dentry, struct inode *inode)
{
	inode_set_mtime_to_ts(dir, inode_set_ctime_current(dir));
	d_instantiate(dentry, inode);
	dget(dentry);		/* until it is unlinked */
}

static struct inode *new_inode_in(struct inode *dir, umode_t mode)
{
	struct inode *inode = ckpt_new_inode(dir->i_sb, mode, ckpt_new_inos(1));

	if (inode)
		inode_init_owner(&nop_mnt_idmap, inode, dir, mode);
	return inode;
}

static int stage_create(struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry,
			umode_t mode, bool excl)
{
	struct ckpt_content *content;
	struct inode *inode;

	content = ckpt_content_create(ckpt_mount(dir->i_sb));
	if (IS_ERR(content))
		return PTR_ERR(content);
	inode = new_inode_in(dir, S_IFREG | mode);
	if (!inode) {
		ckpt_content_destroy(content);
		return -ENOMEM;
	}
	inode->i_private = content;	/* the inode owns it */
	inode->i_op = &file_iops;
	inode->i_fop = &file_fops;
	add_pinned(dir, dentry, inode);
	return 0;
}

static int make_dir(struct inode *dir, struct dentry *dentry, umode_t mode)
{
	struct ckpt_mount *m = ckpt_mount(dir->i_sb);
	struct inode *inode;
	int err;

	err = ckpt_stage_charge(m, CKPT_STAGE_ENTRY);
	if (err)
		return err;
	inode = new_inode_in(dir, S_IFDIR | mode);
	if (!inode) {
		ckpt_stage_uncharge(m, CKPT_STAGE_ENTRY);
		return -ENOMEM;
	}
	inode->i_op = &dir_iops;
	inode->i_fop = &simple_dir_operations;
	inc_nlink(inode);
	inc_nlink(dir);
	add_pinned(dir, dentry, inode);
	return 0;
}

static int stage_mkdir(struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry,
		       umode_t mode)
{
	/* No image is deeper, and what walks a tree relies on it. */
	if (depth_of(dentry->d_parent) >= CKPT_STAGE_DEPTH) {
		ckpt_err(ckpt_mount(dir->i_sb), "restore: %pd3: no directory of an image is so deep",
			 dentry);
		return -EINVAL;
	}
	return make_dir(dir, dentry, mode);
}

/* Others look their tree up by its name, so that must be one. */
static int root_mkdir(struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry,
		      umode_t mode)
{
	if (!ckpt_name_valid(dentry->d_name.name)) {
		ckpt_err(ckpt_mount(dir->i_sb), "restore: %pd is no name of a container", dentry);
		return -EINVAL;
	}
	return make_dir(dir, dentry, mode);
}

static int root_create(struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry,
		       umode_t mode, bool excl)
{
	ckpt_err(ckpt_mount(dir->i_sb), "restore: %pd is not inside the directory of a container",
		 dentry);
	return -EPERM;
}

/* The only file in restore/ itself is commit. */
static int root_unlink(struct inode *dir, struct dentry *dentry)
{
	return -EPERM;
}

int ckpt_stage_claim(const struct inode *inode)
{
	if (IS_DEADDIR(inode))
		return -ENOENT;
	return inode->i_private ? -EBUSY : 0;
}

/*
 * The whole tree, whatever is in it. The caller holds the locks of both
 * directories, which the removal takes one by one: a dead directory takes no
 * new names, keeps the others out, and makes this the only removal.
 */
static int root_rmdir(struct inode *dir, struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);
	int err = ckpt_stage_claim(inode);

	if (err)
		return err;
	inode->i_flags |= S_DEAD;
	inode_unlock(inode);
	inode_unlock(dir);
	simple_recursive_removal(dentry, NULL);
	inode_lock_nested(dir, I_MUTEX_PARENT);
	inode_lock(inode);
	return 0;
}

static int stage_rename(struct mnt_idmap *idmap, struct inode *old_dir,
			struct dentry *old, struct inode *new_dir,
			struct dentry *new, unsigned int flags)
{
	/* mv(1) copies and unlinks when it gets this. */
	if (old_dir != new_dir && (d_is_dir(old) || d_is_dir(new)))
		return -EXDEV;
	if (is_root(new_dir) != is_root(old_dir))
		return -EPERM;
	return simple_rename(idmap, old_dir, old, new_dir, new, flags);
}

/* In restore/ are trees, which get a name that no tree has, and commit. */
static int root_rename(struct mnt_idmap *idmap, struct inode *old_dir,
		       struct dentry *old, struct inode *new_dir,
		       struct dentry *new, unsigned int flags)
{
	if (old_dir != new_dir || !d_is_dir(old) || d_is_positive(new))
		return -EPERM;
	if (!ckpt_name_valid(new->d_name.name))
		return -EINVAL;
	return simple_rename(idmap, old_dir, old, new_dir, new, flags);
}

static const struct inode_operations dir_iops = {
	.lookup		= simple_lookup,
	.create		= stage_create,
	.unlink		= simple_unlink,
	.mkdir		= stage_mkdir,
	.rmdir		= simple_rmdir,
	.rename		= stage_rename,
	.setattr	= simple_setattr,
};

static const struct inode_operations root_iops = {
	.lookup		= simple_lookup,
	.create		= root_create,
	.unlink		= root_unlink,
	.mkdir		= root_mkdir,
	.rmdir		= root_rmdir,
	.rename		= root_rename,
	.setattr	= simple_setattr,
};

void ckpt_stage_evict(struct inode *inode)
{
	if (inode->i_op == &file_iops)
		ckpt_content_destroy(inode->i_private);
	else if (inode->i_op == &dir_iops)
		ckpt_stage_uncharge(ckpt_mount(inode->i_sb), CKPT_STAGE_ENTRY);
}

/* ---- restore/ itself --------------------------------------------------------------- */

static int commit_setattr(struct mnt_idmap *idmap, struct dentry *dentry, struct iattr *attr)
{
	/* "> commit" truncates. */
	attr->ia_valid &= ~(ATTR_SIZE | ATTR_OPEN);
	return simple_setattr(idmap, dentry, attr);
}

static const struct inode_operations commit_iops = {
	.setattr	= commit_setattr,
};

static struct dentry *add_fixed(struct dentry *parent, const char *name, umode_t mode,
				const struct inode_operations *iops,
				const struct file_operations *fops)
{
	struct dentry *dentry = d_alloc_name(parent, name);
	struct inode *inode;

	if (!dentry)
		return NULL;
	inode = ckpt_new_inode(parent->d_sb, mode, ckpt_new_inos(1));
	if (!inode) {
		dput(dentry);
		return NULL;
	}
	inode->i_op = iops;
	inode->i_fop = fops;
	/* Its reference keeps it in the tree until ckpt_stage_drop(). */
	d_add(dentry, inode);
	return dentry;
}

int ckpt_stage_fill(struct super_block *sb, struct dentry *root)
{
	umode_t mode = ckpt_mount(sb)->mode;
	struct dentry *restore;

	restore = add_fixed(root, STAGE_NAME, S_IFDIR | mode, &root_iops,
			    &simple_dir_operations);
	if (!restore)
		return -ENOMEM;
	inc_nlink(d_inode(restore));
	inc_nlink(d_inode(root));
	if (!add_fixed(restore, COMMIT_NAME, S_IFREG | (mode & 0666), &commit_iops,
		       &checkpointfs_commit_fops))
		return -ENOMEM;
	return 0;
}

void ckpt_stage_drop(struct dentry *root)
{
	struct qstr name = QSTR_INIT(STAGE_NAME, strlen(STAGE_NAME));
	struct dentry *restore = d_hash_and_lookup(root, &name);

	if (IS_ERR_OR_NULL(restore))
		return;
	simple_recursive_removal(restore, NULL);
	dput(restore);
}
