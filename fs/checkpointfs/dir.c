// SPDX-License-Identifier: GPL-2.0-only
/*
 * The root directory: four fixed names, and NAME and NAME.tar of each
 * container.
 *
 * The fixed ones are pinned dentries, made when the filesystem is mounted.
 * Containers come and go in ckpt_mount.containers; its lock is held for one
 * step along the list at a time, never while user memory is written. Their
 * order in the directory is that of their inode numbers, which are given out
 * once, so a reader finds his place again whatever has come or gone.
 *
 * A name can be taken at any time, so no look-up here leaves a negative
 * dentry; those that exist are restore/'s. And it can die at any time: then its
 * dentries are dropped (ckpt_tree_forget()), and what a look-up under way adds
 * after that neither passes d_revalidate nor survives d_delete.
 */
#include <linux/namei.h>

#include "checkpointfs.h"

static const char *const fixed_names[] = {
	"control", "features", "log", "restore",
};

/* Cut ".tar" off; @name has room for any that a container can have. */
static bool split_name(const struct qstr *q, char name[CKPT_NAME_MAX + 1],
		       bool *tar)
{
	size_t len = q->len;

	*tar = len > 4 && !strcmp(q->name + len - 4, ".tar");
	if (*tar)
		len -= 4;
	if (len > CKPT_NAME_MAX)
		return false;
	memcpy(name, q->name, len);
	name[len] = '\0';
	return true;
}

static struct dentry *root_lookup(struct inode *dir, struct dentry *dentry,
				  unsigned int flags)
{
	struct ckpt_container *con;
	char name[CKPT_NAME_MAX + 1];
	struct dentry *found;
	bool tar;

	if (!split_name(&dentry->d_name, name, &tar))
		return NULL;
	con = ckpt_container_find(ckpt_mount(dir->i_sb), name);
	if (!con)
		return NULL;
	found = ckpt_tree_lookup(dentry, con, tar);
	ckpt_container_put(con);
	return found;
}

static bool visible(const struct ckpt_container *con)
{
	return con->state == CKPT_FROZEN || con->state == CKPT_COMMITTED;
}

/* The container with the lowest inode numbers from @ino on, referenced. */
static struct ckpt_container *next_container(struct ckpt_mount *m, u64 ino)
{
	struct ckpt_container *con, *next = NULL;

	guard(mutex)(&m->lock);
	list_for_each_entry(con, &m->containers, node)
		if (visible(con) && con->ino >= ino &&
		    (!next || con->ino < next->ino))
			next = con;
	if (next)
		ckpt_container_get(next);
	return next;
}

/*
 * The position before NAME is twice its inode number, that before NAME.tar
 * one more; all of them are above those of the fixed names.
 */
static bool emit_container(struct dir_context *ctx,
			   const struct ckpt_container *con)
{
	char name[CKPT_NAME_MAX + sizeof(".tar")];
	int len;

	if (ctx->pos <= 2 * con->ino) {
		ctx->pos = 2 * con->ino;
		if (!dir_emit(ctx, con->name, strlen(con->name),
			      ckpt_tree_ino(con, false), DT_DIR))
			return false;
		ctx->pos++;
	}
	len = snprintf(name, sizeof(name), "%s.tar", con->name);
	if (!dir_emit(ctx, name, len, ckpt_tree_ino(con, true), DT_REG))
		return false;
	ctx->pos++;
	return true;
}

static void emit_containers(struct ckpt_mount *m, struct dir_context *ctx)
{
	struct ckpt_container *con;
	bool room = true;

	while (room && (con = next_container(m, ctx->pos / 2))) {
		room = emit_container(ctx, con);
		ckpt_container_put(con);
	}
}

static bool emit_fixed(struct dentry *root, struct dir_context *ctx)
{
	for (; ctx->pos - 2 < ARRAY_SIZE(fixed_names); ctx->pos++) {
		const char *name = fixed_names[ctx->pos - 2];
		struct qstr q = QSTR_INIT(name, strlen(name));
		struct dentry *dentry = d_hash_and_lookup(root, &q);
		struct inode *inode;
		bool room;

		if (IS_ERR_OR_NULL(dentry))
			continue;
		inode = d_inode(dentry);
		room = dir_emit(ctx, name, q.len, inode->i_ino,
				fs_umode_to_dtype(inode->i_mode));
		dput(dentry);
		if (!room)
			return false;
	}
	return true;
}

static int root_readdir(struct file *file, struct dir_context *ctx)
{
	if (dir_emit_dots(file, ctx) && emit_fixed(file->f_path.dentry, ctx))
		emit_containers(ckpt_mount(file_inode(file)->i_sb), ctx);
	return 0;
}

static int root_getattr(struct mnt_idmap *idmap, const struct path *path,
			struct kstat *stat, u32 mask, unsigned int flags)
{
	struct inode *inode = d_inode(path->dentry);
	struct ckpt_mount *m = ckpt_mount(inode->i_sb);
	const struct ckpt_container *con;

	generic_fillattr(idmap, mask, inode, stat);
	stat->nlink = 3;	/* "." and restore/ among them */
	guard(mutex)(&m->lock);
	list_for_each_entry(con, &m->containers, node)
		stat->nlink += visible(con);
	return 0;
}

/*
 * The same as the command remove. The locks of both directories are held; the
 * death of a container takes neither.
 */
static int root_rmdir(struct inode *dir, struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);
	struct ckpt_container *con = ckpt_inode_container(inode);
	int err;

	if (!con)
		return -EPERM;
	err = ckpt_container_permission(con);
	if (!err)
		err = ckpt_container_remove(con);
	if (!err)
		clear_nlink(inode);
	return err;
}

static void forget_name(struct ckpt_container *con, const char *suffix)
{
	char name[CKPT_NAME_MAX + sizeof(".tar")];
	struct qstr q = { .name = name };
	struct dentry *dentry;

	q.len = snprintf(name, sizeof(name), "%s%s", con->name, suffix);
	dentry = d_hash_and_lookup(con->mount->sb->s_root, &q);
	if (IS_ERR_OR_NULL(dentry))
		return;
	/* The name may be another's by now. */
	if (d_is_positive(dentry) &&
	    ckpt_inode_container(d_inode(dentry)) == con)
		d_invalidate(dentry);
	dput(dentry);
}

/* What is still open of it stays as it is, but is found no more. */
void ckpt_tree_forget(struct ckpt_container *con)
{
	lockdep_assert(ckpt_container_dead(con));
	forget_name(con, "");
	forget_name(con, ".tar");
}

static bool is_dead(const struct dentry *dentry)
{
	struct ckpt_container *con = ckpt_inode_container(d_inode(dentry));

	return con && ckpt_container_dead(con);
}

/* Without a reference to the inode there is none to the container either. */
static int dentry_revalidate(struct dentry *dentry, unsigned int flags)
{
	if (flags & LOOKUP_RCU)
		return -ECHILD;
	return d_really_is_negative(dentry) || !is_dead(dentry);
}

/* Is it of no use once nobody has it open? */
static int dentry_delete(const struct dentry *dentry)
{
	return d_really_is_negative(dentry) || is_dead(dentry);
}

const struct dentry_operations checkpointfs_dops = {
	.d_revalidate	= dentry_revalidate,
	.d_delete	= dentry_delete,
};

const struct inode_operations checkpointfs_root_iops = {
	.lookup		= root_lookup,
	.rmdir		= root_rmdir,
	.getattr	= root_getattr,
};

const struct file_operations checkpointfs_root_fops = {
	.owner		= THIS_MODULE,
	.llseek		= generic_file_llseek,
	.read		= generic_read_dir,
	.iterate_shared	= root_readdir,
};
