// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tree of a container: what its inodes stand for, and its directories.
 *
 * A tree is in its container's index only. Dentries and inodes are made when
 * somebody looks, are not pinned, and go when memory is needed or when the
 * container dies. Each inode holds a reference to its container, whose
 * objects and index do not change any more, so no lock is taken here. All of
 * it is read-only: what acts on a container is in the root, see dir.c.
 */
#include "checkpointfs.h"

/* ---- spots: what an inode of a tree stands for ----------------------------- */

enum spot_kind {
	SPOT_TREE,		/* NAME */
	SPOT_TAR,		/* NAME.tar */
	SPOT_HEADER,
	SPOT_CPU,
	SPOT_TAIL,
	SPOT_DIR,		/* DIR, the @n-th of the index */
	SPOT_FILE,		/* the file of the @n-th object */
	SPOT_ID,		/* DIR/ID, which the @n-th object leads */
};

struct spot {
	enum spot_kind kind;
	u32 n;
};

/*
 * The number of an inode is the container's first number plus its place. The
 * places of a kind are neighbours, and the kinds follow each other.
 */
static u64 first_place(const struct ckpt_index *index, enum spot_kind kind)
{
	switch (kind) {
	case SPOT_ID:
		return SPOT_DIR + index->nr_dirs + index->nr;
	case SPOT_FILE:
		return SPOT_DIR + index->nr_dirs;
	default:
		return kind;
	}
}

u64 ckpt_nr_places(const struct ckpt_index *index)
{
	return first_place(index, SPOT_ID) + index->nr;
}

static u64 spot_ino(const struct ckpt_container *con, struct spot spot)
{
	return con->ino + first_place(con->index, spot.kind) + spot.n;
}

static struct spot inode_spot(const struct inode *inode)
{
	const struct ckpt_container *con = ckpt_inode_container(inode);
	u64 place = inode->i_ino - con->ino;
	struct spot spot = { .kind = SPOT_ID };

	while (place < first_place(con->index, spot.kind))
		spot.kind--;
	spot.n = place - first_place(con->index, spot.kind);
	return spot;
}

static bool spot_is_dir(struct spot spot)
{
	return spot.kind == SPOT_TREE || spot.kind == SPOT_DIR ||
	       spot.kind == SPOT_ID;
}

static const struct ckpt_bytes *spot_bytes(const struct ckpt_container *con,
					   struct spot spot)
{
	switch (spot.kind) {
	case SPOT_HEADER:
		return &con->header;
	case SPOT_CPU:
		return &con->cpu;
	case SPOT_TAIL:
		return &con->tail;
	default:
		return NULL;
	}
}

static u64 spot_size(const struct ckpt_container *con, struct spot spot)
{
	if (spot_is_dir(spot))
		return 0;
	if (spot.kind == SPOT_TAR)
		return con->index->tar_size;
	if (spot.kind == SPOT_FILE)
		return con->index->objects[spot.n]->size;
	return spot_bytes(con, spot)->size;
}

static u32 spot_nlink(const struct ckpt_index *index, struct spot spot)
{
	u32 d, n = 2;

	if (!spot_is_dir(spot))
		return 1;
	if (spot.kind == SPOT_DIR)
		n += index->dirs[spot.n].nr_ids;
	if (spot.kind == SPOT_TREE)
		for (d = 0; d < index->nr_dirs; d++)
			n += index->dirs[d].end > 0;
	return n;
}

struct ckpt_container *ckpt_inode_container(const struct inode *inode)
{
	if (inode->i_op != &checkpointfs_tree_iops &&
	    inode->i_op != &checkpointfs_file_iops)
		return NULL;
	return inode->i_private;
}

struct ckpt_object *ckpt_inode_object(const struct inode *inode,
				      const struct ckpt_bytes **top)
{
	const struct ckpt_container *con = ckpt_inode_container(inode);
	struct spot spot = inode_spot(inode);

	*top = spot_bytes(con, spot);
	return *top ? NULL : con->index->objects[spot.n];
}

static struct inode *make_inode(struct ckpt_container *con, struct spot spot)
{
	bool dir = spot_is_dir(spot);
	umode_t mode = dir ? S_IFDIR | 0500 : S_IFREG | 0400;
	struct inode *inode;

	inode = ckpt_new_inode(con->mount->sb, mode, spot_ino(con, spot));
	if (!inode)
		return NULL;
	ckpt_container_get(con);	/* until evict_inode() */
	inode->i_private = con;
	inode->i_op = dir ? &checkpointfs_tree_iops : &checkpointfs_file_iops;
	inode->i_uid = con->uid;
	inode->i_gid = con->gid;
	inode_set_mtime_to_ts(inode, con->time);
	inode_set_ctime_to_ts(inode, con->time);
	inode_set_atime_to_ts(inode, con->time);
	inode->i_size = spot_size(con, spot);
	/* Archivers take a file without blocks for one big hole. */
	inode->i_blocks = DIV_ROUND_UP_ULL(inode->i_size, 512);
	set_nlink(inode, spot_nlink(con->index, spot));
	if (dir)
		inode->i_fop = &checkpointfs_tree_fops;
	else if (spot.kind == SPOT_TAR)
		inode->i_fop = &checkpointfs_tar_fops;
	else
		inode->i_fop = &checkpointfs_object_fops;
	return inode;
}

static struct dentry *add_spot(struct dentry *dentry,
			       struct ckpt_container *con, struct spot spot)
{
	struct inode *inode = make_inode(con, spot);

	return inode ? d_splice_alias(inode, dentry) : ERR_PTR(-ENOMEM);
}

struct dentry *ckpt_tree_lookup(struct dentry *dentry,
				struct ckpt_container *con, bool tar)
{
	struct spot spot = { .kind = tar ? SPOT_TAR : SPOT_TREE };

	return add_spot(dentry, con, spot);
}

u64 ckpt_tree_ino(const struct ckpt_container *con, bool tar)
{
	struct spot spot = { .kind = tar ? SPOT_TAR : SPOT_TREE };

	return spot_ino(con, spot);
}

/* ---- directories ------------------------------------------------------------- */

static const char *const top_names[] = {
	[SPOT_HEADER] = "header",
	[SPOT_CPU] = "cpu",
	[SPOT_TAIL] = "tail",
};

static bool find_in_tree(const struct ckpt_index *index, const char *name,
			 struct spot *spot)
{
	u32 i;

	for (i = SPOT_HEADER; i <= SPOT_TAIL; i++)
		if (!strcmp(name, top_names[i])) {
			*spot = (struct spot){ .kind = i };
			return true;
		}
	for (i = 0; i < index->nr_dirs; i++)
		if (index->dirs[i].end && !strcmp(name, index->dirs[i].name)) {
			*spot = (struct spot){ .kind = SPOT_DIR, .n = i };
			return true;
		}
	return false;
}

/* An object's file where its type has no parts, else the directory of them. */
static struct spot id_spot(const struct ckpt_index *index, u32 i)
{
	return (struct spot){
		.kind = index->objects[i]->ops->part ? SPOT_ID : SPOT_FILE,
		.n = i,
	};
}

static bool find_in_dir(const struct ckpt_index *index,
			const struct ckpt_dir *dir, const char *name,
			struct spot *spot)
{
	s64 i;
	u64 id;

	/* The number's own spelling and no other. */
	if (*name < '1' || *name > '9' || name[strspn(name, "0123456789")] ||
	    kstrtou64(name, 10, &id))
		return false;
	i = ckpt_index_find(index, dir, id);
	if (i < 0)
		return false;
	*spot = id_spot(index, i);
	return true;
}

static bool find_in_id(const struct ckpt_index *index, u32 i, const char *name,
		       struct spot *spot)
{
	u32 end = ckpt_index_next(index, i);

	for (; i < end; i++)
		if (!strcmp(name, index->objects[i]->ops->part)) {
			*spot = (struct spot){ .kind = SPOT_FILE, .n = i };
			return true;
		}
	return false;
}

static bool find(const struct ckpt_index *index, struct spot dir,
		 const char *name, struct spot *spot)
{
	if (dir.kind == SPOT_TREE)
		return find_in_tree(index, name, spot);
	if (dir.kind == SPOT_DIR)
		return find_in_dir(index, &index->dirs[dir.n], name, spot);
	return find_in_id(index, dir.n, name, spot);
}

static struct dentry *tree_lookup(struct inode *dir, struct dentry *dentry,
				  unsigned int flags)
{
	struct ckpt_container *con = ckpt_inode_container(dir);
	struct spot spot;

	if (ckpt_container_dead(con))
		return ERR_PTR(-ESTALE);
	if (!find(con->index, inode_spot(dir), dentry->d_name.name, &spot))
		return NULL;
	return add_spot(dentry, con, spot);
}

static bool emit(struct dir_context *ctx, const struct ckpt_container *con,
		 struct spot spot, const char *name)
{
	return dir_emit(ctx, name, strlen(name), spot_ino(con, spot),
			spot_is_dir(spot) ? DT_DIR : DT_REG);
}

/*
 * The @n-th name in NAME: header, cpu, each directory, tail. NULL: the
 * directory is empty and so not there.
 */
static const char *tree_entry(const struct ckpt_index *index, u32 n,
			      struct spot *spot)
{
	spot->n = 0;
	if (n < 2) {
		spot->kind = SPOT_HEADER + n;
	} else if (n - 2 == index->nr_dirs) {
		spot->kind = SPOT_TAIL;
	} else {
		spot->kind = SPOT_DIR;
		spot->n = n - 2;
		if (!index->dirs[n - 2].end)
			return NULL;
		return index->dirs[n - 2].name;
	}
	return top_names[spot->kind];
}

static void readdir_tree(const struct ckpt_container *con,
			 struct dir_context *ctx)
{
	const struct ckpt_index *index = con->index;

	for (; ctx->pos - 2 < index->nr_dirs + 3; ctx->pos++) {
		struct spot spot;
		const char *name = tree_entry(index, ctx->pos - 2, &spot);

		if (name && !emit(ctx, con, spot, name))
			return;
	}
}

/* Positions behind the dots: the objects that lead an id. */
static void readdir_dir(const struct ckpt_container *con,
			const struct ckpt_dir *dir, struct dir_context *ctx)
{
	const struct ckpt_index *index = con->index;
	char name[24];
	u64 i;

	while ((i = dir->start + (u64)ctx->pos - 2) < dir->end) {
		if (index->objects[i]->leads) {
			snprintf(name, sizeof(name), "%llu",
				 index->objects[i]->id);
			if (!emit(ctx, con, id_spot(index, i), name))
				return;
		}
		ctx->pos++;
	}
}

static void readdir_id(const struct ckpt_container *con, u32 first,
		       struct dir_context *ctx)
{
	u32 end = ckpt_index_next(con->index, first);
	u64 i;

	while ((i = first + (u64)ctx->pos - 2) < end) {
		struct spot spot = { .kind = SPOT_FILE, .n = i };

		if (!emit(ctx, con, spot, con->index->objects[i]->ops->part))
			return;
		ctx->pos++;
	}
}

static int tree_readdir(struct file *file, struct dir_context *ctx)
{
	const struct inode *inode = file_inode(file);
	const struct ckpt_container *con = ckpt_inode_container(inode);
	struct spot spot = inode_spot(inode);

	if (ckpt_container_dead(con))
		return -ESTALE;
	if (!dir_emit_dots(file, ctx))
		return 0;
	if (spot.kind == SPOT_TREE)
		readdir_tree(con, ctx);
	else if (spot.kind == SPOT_DIR)
		readdir_dir(con, &con->index->dirs[spot.n], ctx);
	else
		readdir_id(con, spot.n, ctx);
	return 0;
}

static int tree_getattr(struct mnt_idmap *idmap, const struct path *path,
			struct kstat *stat, u32 mask, unsigned int flags)
{
	struct inode *inode = d_inode(path->dentry);

	if (ckpt_container_dead(ckpt_inode_container(inode)))
		return -ESTALE;
	generic_fillattr(idmap, mask, inode, stat);
	return 0;
}

static int tree_setattr(struct mnt_idmap *idmap, struct dentry *dentry,
			struct iattr *attr)
{
	return -EPERM;
}

const struct inode_operations checkpointfs_tree_iops = {
	.lookup		= tree_lookup,
	.getattr	= tree_getattr,
	.setattr	= tree_setattr,
};

const struct inode_operations checkpointfs_file_iops = {
	.getattr	= tree_getattr,
	.setattr	= tree_setattr,
};

const struct file_operations checkpointfs_tree_fops = {
	.owner		= THIS_MODULE,
	.llseek		= generic_file_llseek,
	.read		= generic_read_dir,
	.iterate_shared	= tree_readdir,
};
