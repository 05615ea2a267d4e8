// SPDX-License-Identifier: GPL-2.0-only
/*
 * Directories and fifos that have been deleted, while somebody has them.
 *
 * A deleted directory is empty for ever; what is in a fifo is in its pipe. So they are
 * made again under a name that nobody has, in the directory that they were in or the
 * nearest above that is still there, and lose it: the object is objects/unnamed.c. This is
 * what open files and working directories have to do with it.
 */
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/namei.h>
#include <linux/xattr.h>

#include "checkpointfs.h"

bool ckpt_is_unnamed(const struct path *path)
{
	const struct inode *inode = d_inode(path->dentry);

	if (!ckpt_path_is_plain(path) || path->dentry->d_flags & DCACHE_NFSFS_RENAMED)
		return false;
	return S_ISDIR(inode->i_mode) ? IS_DEADDIR(inode) :
					S_ISFIFO(inode->i_mode) && !inode->i_nlink;
}

static const char *obstacle(const struct path *path, const struct path *dir)
{
	const unsigned int odd = S_SYNC | S_NOATIME | S_APPEND | S_IMMUTABLE | S_DIRSYNC |
				 S_CASEFOLD;

	if (d_inode(path->dentry)->i_flags & odd)
		return "with file attributes (chattr)";
	if (vfs_listxattr(path->dentry, NULL, 0) > 0)
		return "with extended attributes";
	return d_inode(dir->dentry)->i_op->mkdir ? NULL : "where none can be made";
}

int ckpt_unnamed_collect(struct ckpt_collect *c, const struct path *path, const void *ptr,
			 const char *what)
{
	struct path dir __free(path_put) = {};
	char who[CKPT_WHO_MAX];
	struct ckpt_object *obj;
	const char *why;
	char *text;

	obj = ckpt_collect_ref(c, CKPT_TYPE_UNNAMED, d_inode(path->dentry));
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	if (obj->priv)
		return 0;
	ckpt_path_living_dir(path, &dir);
	why = obstacle(path, &dir);
	if (why)
		ckpt_refuse(c, "%s%s: %pd4 (deleted, %s) cannot be saved",
			    ckpt_who(c, ptr, who, sizeof(who)), what, path->dentry, why);
	text = ckpt_path_collect(c, &dir, ptr, ", deleted, its directory");
	obj->priv = IS_ERR(text) ? NULL : text;
	return PTR_ERR_OR_ZERO(text);
}

int ckpt_unnamed_save(struct ckpt_collect *c, const struct inode *inode, struct ckpt_writer *w)
{
	struct ckpt_nameless *rec = ckpt_add(w, CKPT_REC_NAMELESS, 0);

	if (!rec)
		return w->error;
	rec->unnamed = cpu_to_le64(ckpt_id(c, CKPT_TYPE_UNNAMED, inode));
	return 0;
}

const struct path *ckpt_unnamed_path(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_nameless *rec = ckpt_item_body(item, CKPT_REC_NAMELESS);
	const struct file *made = ckpt_restored(r, CKPT_TYPE_UNNAMED, le64_to_cpu(rec->unnamed));

	return IS_ERR(made) ? ERR_CAST(made) : &made->f_path;
}

struct file *ckpt_unnamed_open(struct ckpt_restore *r, struct ckpt_item *item, int flags)
{
	const struct path *path = ckpt_unnamed_path(r, item);
	struct file *file;

	if (IS_ERR(path))
		return ERR_CAST(path);
	file = file_open_root(path, "", flags | O_LARGEFILE, 0);
	if (IS_ERR(file))
		ckpt_restore_err(r, item, "cannot be opened again: %pe", file);
	return file;
}
