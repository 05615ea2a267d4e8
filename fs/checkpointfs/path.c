// SPDX-License-Identifier: GPL-2.0-only
/*
 * Paths: from the file to the text, and from the text to the file.
 *
 * The text that is saved leads to the file from the freezer's root: a lookup
 * has arrived there, so no name can be mistaken for what d_path() adds to it.
 * It is looked up again from the root of the writer of the image, with his
 * rights. No locks; what others rename meanwhile makes the lookup fail.
 */
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/slab.h>
#include <linux/stat.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "compat/private.h"

/*
 * Filesystems of which a path is all that a file is. Those on a block device
 * are such without being named here.
 */
static const struct {
	const char *name;
	bool regular;			/* else: directories and devices only */
} known_filesystems[] = {
	{ "tmpfs", true }, { "ramfs", true }, { "rootfs", true },
	{ "devtmpfs", true }, { "overlay", true }, { "nfs", true },
	{ "nfs4", true }, { "9p", true }, { "virtiofs", true },
	{ "fuse", true }, { "cifs", true }, { "smb3", true },
	{ "ceph", true }, { "ubifs", true }, { "zfs", true },
	{ "hugetlbfs", true },
	{ "mqueue", true },		/* what is in a queue is its own object's */
	{ "sysfs" }, { "cgroup" }, { "cgroup2" }, { "devpts" },
};

static bool known_filesystem(const struct path *path)
{
	const struct file_system_type *type = path->dentry->d_sb->s_type;
	bool regular = d_is_reg(path->dentry);
	unsigned int i;

	if (type->fs_flags & FS_REQUIRES_DEV)
		return true;
	for (i = 0; i < ARRAY_SIZE(known_filesystems); i++)
		if (!strcmp(type->name, known_filesystems[i].name))
			return known_filesystems[i].regular || !regular;
	return false;
}

bool ckpt_path_is_plain(const struct path *path)
{
	const struct file_system_type *type = path->dentry->d_sb->s_type;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(known_filesystems); i++)
		if (!strcmp(type->name, known_filesystems[i].name))
			return known_filesystems[i].regular;
	return type->fs_flags & FS_REQUIRES_DEV;
}

/* NFS keeps a file that is open by another name, until it is closed. */
static bool is_deleted(const struct path *path)
{
	return d_unlinked(path->dentry) || path->dentry->d_flags & DCACHE_NFSFS_RENAMED ||
	       (d_is_reg(path->dentry) && !d_inode(path->dentry)->i_nlink);
}

/*
 * A file may have lost the name by which it was opened, or never have had one
 * then, and have another. Return: a reference to that, as far as the kernel
 * knows it, or to the same.
 */
static struct dentry *living_name(const struct path *path)
{
	struct dentry *other = NULL;

	if (d_unlinked(path->dentry) && !d_is_dir(path->dentry))
		other = d_find_alias(d_inode(path->dentry));
	return other ?: dget(path->dentry);
}

/* Does the text lead from the freezer's root to this very file? Return: that, or -ENOMEM. */
static int leads_to(struct ckpt_collect *c, const char *text, const struct path *path)
{
	struct path found;
	bool same;
	int err;

	err = vfs_path_lookup(c->root.dentry, c->root.mnt, text, 0, &found);
	if (err)
		return err == -ENOMEM ? err : 0;
	same = found.mnt == path->mnt &&
	       d_inode(found.dentry) == d_inode(path->dentry);
	path_put(&found);
	return same;
}

/*
 * Return: why the path cannot be saved, or NULL, or ERR_PTR(-ENOMEM); @text is what
 * d_path() says.
 */
static const char *obstacle(struct ckpt_collect *c, const struct path *path,
			    const char *text)
{
	int leads;

	if (is_deleted(path))
		return "deleted";
	leads = leads_to(c, text, path);
	if (leads < 0)
		return ERR_PTR(leads);
	return leads ? NULL : "leads to another file";
}

static char *collect_text(struct ckpt_collect *c, const struct path *path,
			  const void *ptr, const char *what, bool known)
{
	const char *why = known ? NULL : path->dentry->d_sb->s_type->name;
	char who[CKPT_WHO_MAX];
	char *text = NULL;

	if (known) {
		text = d_path(path, c->page, PATH_MAX);
		why = IS_ERR(text) ? "longer than a path may be" : obstacle(c, path, text);
	}
	if (IS_ERR(why))
		return ERR_CAST(why);
	if (why) {
		ckpt_refuse(c, "%s%s: %pd4 (%s) cannot be saved",
			    ckpt_who(c, ptr, who, sizeof(who)), what,
			    path->dentry, why);
		return NULL;
	}
	text = kstrdup(text, GFP_KERNEL_ACCOUNT);
	return text ?: ERR_PTR(-ENOMEM);
}

char *ckpt_path_collect(struct ckpt_collect *c, const struct path *path,
			const void *ptr, const char *what)
{
	struct path named = { .mnt = path->mnt, .dentry = living_name(path) };
	char *text = collect_text(c, &named, ptr, what, known_filesystem(&named));

	dput(named.dentry);
	return text;
}

char *ckpt_path_collect_known(struct ckpt_collect *c, const struct path *path, const void *ptr)
{
	return collect_text(c, path, ptr, "", true);
}

/* The mount number @nr of a filesystem, referenced; NULL: it has not as many. */
static struct vfsmount *get_mount(struct super_block *sb, unsigned int nr)
{
	struct vfsmount *found = NULL;
	struct ckpt_vfs_mount *mount;

	read_seqlock_excl(&ksym_data(mount_lock));
	list_for_each_entry(mount, &sb->s_mounts, mnt_instance)
		if (!nr--) {
			found = mntget(&mount->mnt);
			break;
		}
	read_sequnlock_excl(&ksym_data(mount_lock));
	return found;
}

/* Return: the text, NULL if it does not lead there, or ERR_PTR(-ENOMEM). */
static char *text_to(struct ckpt_collect *c, const struct path *path)
{
	char *text = d_path(path, c->page, PATH_MAX);
	int leads;

	if (IS_ERR(text))
		return NULL;
	leads = leads_to(c, text, path);
	if (leads <= 0)
		return leads ? ERR_PTR(leads) : NULL;
	return kstrdup(text, GFP_KERNEL_ACCOUNT) ?: ERR_PTR(-ENOMEM);
}

/* By the first mount, of all that its filesystem has anywhere, that leads there. */
char *ckpt_inode_text(struct ckpt_collect *c, struct inode *inode)
{
	struct path path = { .dentry = d_find_alias(inode) };
	unsigned int nr = 0;
	char *text = NULL;

	if (!path.dentry)
		return NULL;
	while (!text && (path.mnt = get_mount(inode->i_sb, nr++))) {
		text = text_to(c, &path);
		mntput(path.mnt);
		cond_resched();
	}
	dput(path.dentry);
	return text;
}

char *ckpt_mount_text(struct ckpt_collect *c, struct vfsmount *mnt)
{
	const struct path path = { .mnt = mnt, .dentry = mnt->mnt_root };

	return text_to(c, &path);
}

char *ckpt_sb_text(struct ckpt_collect *c, struct super_block *sb)
{
	struct vfsmount *mnt;
	unsigned int nr = 0;
	char *text = NULL;

	while (!text && (mnt = get_mount(sb, nr++))) {
		text = ckpt_mount_text(c, mnt);
		mntput(mnt);
		cond_resched();
	}
	return text;
}

/* Whoever takes the last reference away looks under this lock whether it was the last. */
bool ckpt_mount_get(struct vfsmount *mnt)
{
	bool alive;

	read_seqlock_excl(&ksym_data(mount_lock));
	alive = !(mnt->mnt_flags & MNT_DOOMED);
	if (alive)
		mntget(mnt);
	read_sequnlock_excl(&ksym_data(mount_lock));
	return alive;
}

/* Up to the root of the mount, above which the file was never made. */
void ckpt_path_living_dir(const struct path *path, struct path *dir)
{
	struct dentry *dentry = dget_parent(path->dentry), *parent;

	while (d_unlinked(dentry) && dentry != path->mnt->mnt_root) {
		parent = dget_parent(dentry);
		dput(dentry);
		dentry = parent;
	}
	dir->mnt = mntget(path->mnt);
	dir->dentry = dentry;
}

int ckpt_inode_save(const struct path *path, struct ckpt_writer *w)
{
	struct ckpt_inode *rec = ckpt_add(w, CKPT_REC_INODE, 0);
	struct kstat stat;
	int err;

	if (!rec)
		return w->error;
	err = vfs_getattr(path, &stat, STATX_BASIC_STATS, AT_STATX_SYNC_AS_STAT);
	if (err)
		return err;
	rec->mode = cpu_to_le32(stat.mode);
	if (S_ISREG(stat.mode))
		rec->size = cpu_to_le64(stat.size);
	rec->dev = cpu_to_le64((u64)MAJOR(stat.dev) << 32 | MINOR(stat.dev));
	rec->ino = cpu_to_le64(stat.ino);
	return 0;
}

/* Is what the path leads to what the item's records say? */
static int compare(struct ckpt_restore *r, struct ckpt_item *item,
		   const struct path *path, const char *text)
{
	const struct ckpt_inode *inode = ckpt_item_body(item, CKPT_REC_INODE);
	const struct ckpt_device *dev = ckpt_item_body(item, CKPT_REC_DEVICE);
	umode_t mode = le32_to_cpu(inode->mode);
	struct kstat stat;
	int err;

	err = vfs_getattr(path, &stat, STATX_BASIC_STATS, AT_STATX_SYNC_AS_STAT);
	if (err) {
		ckpt_restore_err(r, item, "%s: no attributes (%d)", text, err);
		return err;
	}
	if ((stat.mode & S_IFMT) != (mode & S_IFMT)) {
		ckpt_restore_err(r, item, "%s: not a file of the same type any more", text);
		return -ESTALE;
	}
	if (S_ISREG(mode) && stat.size != le64_to_cpu(inode->size)) {
		ckpt_restore_err(r, item, "%s: has changed in size, from %llu to %llu",
				 text, le64_to_cpu(inode->size), stat.size);
		return -ESTALE;
	}
	if (dev && (MAJOR(stat.rdev) != le32_to_cpu(dev->major) ||
		    MINOR(stat.rdev) != le32_to_cpu(dev->minor))) {
		ckpt_restore_err(r, item, "%s: not the same device any more", text);
		return -ESTALE;
	}
	return 0;
}

struct file *ckpt_path_open_found(struct ckpt_restore *r, struct ckpt_item *item, int flags,
				  const struct path *path, const char *text)
{
	int err = compare(r, item, path, text);
	struct file *file;

	if (err)
		return ERR_PTR(err);
	/*
	 * The file that was looked at, whatever its name means by now; large
	 * or not, as it may have grown after a program of 32 bits opened it.
	 */
	if (!(flags & O_PATH))
		flags |= O_LARGEFILE;
	if (flags & __O_TMPFILE)
		flags &= ~O_TMPFILE;
	file = file_open_root(path, "", flags, 0);
	if (IS_ERR(file))
		ckpt_restore_err(r, item, "%s: cannot be opened (%ld)", text,
				 PTR_ERR(file));
	return file;
}

const char *ckpt_path_find(struct ckpt_restore *r, struct ckpt_item *item, int flags,
			   struct path *path)
{
	struct ckpt_view view;
	const char *text;
	int err;

	/* Its check has found it there. */
	if (!ckpt_find(item->bytes, item->size, CKPT_REC_PATH, &view))
		return ERR_PTR(-EUCLEAN);
	text = view.elems;
	err = kern_path(text, flags & O_NOFOLLOW ? 0 : LOOKUP_FOLLOW, path);
	if (!err)
		return text;
	ckpt_restore_err(r, item, "%s: not found (%d)", text, err);
	return ERR_PTR(err);
}

struct file *ckpt_path_open(struct ckpt_restore *r, struct ckpt_item *item, int flags,
			    const struct inode *same)
{
	struct path path __free(path_put) = {};
	const char *text = ckpt_path_find(r, item, flags, &path);

	if (IS_ERR(text))
		return ERR_CAST(text);
	if (same && d_inode(path.dentry) != same) {
		ckpt_restore_err(r, item, "%s: leads to another file than it did", text);
		return ERR_PTR(-ESTALE);
	}
	return ckpt_path_open_found(r, item, flags, &path, text);
}
