// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a fanotify watches: files/ID/marks.
 *
 * Stands for the open file that is files/ID/file, whose marks they are. A mark is of an
 * inode, a mount or a filesystem, and knows no path: one is found that leads there, by a name
 * that the kernel knows of the inode and a mount. By that it is marked again (fanmake.c).
 *
 * One that may be evicted, of an inode of which the kernel knows no name any more, is lost, as
 * it would have been with the inode.
 *
 * fsnotify_group.mark_mutex protects the marks; a mark's lock its flags and masks.
 */
#include "../object.h"

#ifdef __KERNEL__

#include <linux/fanotify.h>
#include <linux/fsnotify_backend.h>
#include <linux/mount.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "../compat/private.h"
#include "../fan.h"

/* ---- saved ------------------------------------------------------------------ */

/**
 * struct mark - a mark
 * @inode:	of CKPT_FANMARK_INODE; one of the three is referenced while it is collected
 * @mnt:	of CKPT_FANMARK_MOUNT
 * @sb:		of CKPT_FANMARK_FILESYSTEM
 * @path:	that leads there; NULL: none does
 * @handle:	of an inode in a group that is told of handles; NULL: it has none
 * @fsid:	as in the record
 * @kind:	enum ckpt_fanmark_kind
 * @flags:	of the kernel
 * @mask:	FAN_*
 * @ignored:	FAN_*
 * @mode:	type of what is there
 */
struct mark {
	struct inode *inode;
	struct vfsmount *mnt;
	struct super_block *sb;
	char *path;
	struct ckpt_fan_handle *handle;
	u64 fsid;
	u32 kind;
	unsigned int flags;
	u32 mask;
	u32 ignored;
	umode_t mode;
};

/**
 * struct marks - those of a group
 * @nr:		how many
 * @items:	the youngest first, as in the kernel
 */
struct marks {
	u32 nr;
	struct mark items[];
};

/* Return: false: what it is of is about to go, or has gone. */
static bool take_object(const struct fsnotify_mark_connector *conn, struct mark *m)
{
	switch (conn->type) {
	case FSNOTIFY_OBJ_TYPE_INODE:
		m->kind = CKPT_FANMARK_INODE;
		m->inode = igrab(conn->obj);
		m->mode = m->inode ? m->inode->i_mode & S_IFMT : 0;
		return m->inode;
	case FSNOTIFY_OBJ_TYPE_VFSMOUNT:
		if (!ckpt_mount_get(conn->obj))
			return false;
		m->kind = CKPT_FANMARK_MOUNT;
		m->mnt = conn->obj;
		m->mode = d_inode(m->mnt->mnt_root)->i_mode & S_IFMT;
		return true;
	case FSNOTIFY_OBJ_TYPE_SB:
		m->kind = CKPT_FANMARK_FILESYSTEM;
		if (!atomic_inc_not_zero(&((struct super_block *)conn->obj)->s_active))
			return false;
		m->sb = conn->obj;
		return true;
	default:
		return false;
	}
}

static bool take_mark(const struct fsnotify_mark *mark, struct mark *m)
{
	if (!mark->connector || !take_object(mark->connector, m))
		return false;
	m->mask = mark->mask;
	m->ignored = READ_ONCE(mark->ignore_mask);
	m->flags = mark->flags;
	if (m->flags & FSNOTIFY_MARK_FLAG_HAS_FSID)
		m->fsid = ckpt_fan_fsid(&container_of(mark, struct ckpt_fanotify_mark,
						      fsn_mark)->fsid);
	return true;
}

static void drop_objects(struct marks *marks)
{
	u32 i;

	for (i = 0; i < marks->nr; i++) {
		struct mark *m = &marks->items[i];

		iput(m->inode);
		mntput(m->mnt);
		if (m->sb)
			deactivate_super(m->sb);
		m->inode = NULL;
		m->mnt = NULL;
		m->sb = NULL;
	}
}

/* Return: how many there are, if these are more than @room; 0; -EAGAIN. */
static long take_marks(struct fsnotify_group *group, struct marks *marks, u32 room)
{
	const struct fsnotify_mark *mark;
	bool taken = true;
	u32 nr = 0;

	fsnotify_group_lock(group);
	list_for_each_entry(mark, &group->marks_list, g_list)
		nr++;
	if (nr <= room)
		list_for_each_entry(mark, &group->marks_list, g_list) {
			taken = taken && take_mark(mark, &marks->items[marks->nr]);
			marks->nr += taken;
		}
	fsnotify_group_unlock(group);
	if (taken)
		return nr <= room ? 0 : nr;
	drop_objects(marks);
	return -EAGAIN;
}

/* With references to what they are of. */
static struct marks *get_marks(struct ckpt_collect *c, struct fsnotify_group *group)
{
	struct marks *marks;
	long need, room = 0;

	for (;;) {
		marks = kvzalloc(struct_size(marks, items, room), GFP_KERNEL_ACCOUNT);
		if (!marks)
			return ERR_PTR(-ENOMEM);
		need = take_marks(group, marks, room);
		if (!need)
			return marks;
		kvfree(marks);
		if (need > 0) {
			room = need;
		} else if (!ckpt_look_again(c)) {
			ckpt_err(c->mount, "%s: a mark (fanotify) is being removed", c->con->name);
			return ERR_PTR(-EBUSY);
		}
	}
}

static int collect_handle(struct mark *m)
{
	if (!m->inode || !(m->flags & FSNOTIFY_MARK_FLAG_HAS_FSID))
		return 0;
	m->handle = kmalloc(sizeof(*m->handle), GFP_KERNEL_ACCOUNT);
	if (!m->handle)
		return -ENOMEM;
	ckpt_fan_handle_get(m->inode, m->handle);
	return 0;
}

/* Is nothing left of it but an inode that the kernel has still to forget? */
static bool is_forgotten(const struct mark *m)
{
	return m->inode && m->flags & FSNOTIFY_MARK_FLAG_NO_IREF &&
	       hlist_empty(&m->inode->i_dentry);
}

static void refuse_nowhere(struct ckpt_collect *c, struct file *file, const struct mark *m)
{
	const struct super_block *sb = m->sb;
	char who[CKPT_WHO_MAX];

	ckpt_who(c, file, who, sizeof(who));
	if (m->inode) {
		ckpt_refuse(c, "%s: a mark (fanotify) of inode %lu (%s), to which no path is known, cannot be saved",
			    who, m->inode->i_ino, m->inode->i_sb->s_type->name);
		return;
	}
	if (m->mnt)
		sb = m->mnt->mnt_sb;
	ckpt_refuse(c, "%s: a mark (fanotify) of a %s (%s), to which no path is known, cannot be saved",
		    who, m->mnt ? "mount" : "filesystem", sb->s_type->name);
}

static int find_path(struct ckpt_collect *c, struct file *file, struct mark *m)
{
	char who[CKPT_WHO_MAX];
	char *text;

	if (m->sb)
		text = ckpt_sb_text(c, m->sb);
	else
		text = m->mnt ? ckpt_mount_text(c, m->mnt) : ckpt_inode_text(c, m->inode);
	if (IS_ERR(text))
		return PTR_ERR(text);
	m->path = text;
	if (!text && !is_forgotten(m))
		refuse_nowhere(c, file, m);
	if (m->flags & ~(CKPT_FAN_MARK_KEPT | CKPT_FAN_MARK_DERIVED))
		ckpt_refuse(c, "%s: flags %#x of a mark (fanotify) cannot be saved",
			    ckpt_who(c, file, who, sizeof(who)), m->flags);
	return collect_handle(m);
}

static int fanmarks_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct file *file = obj->ptr;
	struct marks *marks = get_marks(c, file->private_data);
	int err = 0;
	u32 i;

	if (IS_ERR(marks))
		return PTR_ERR(marks);
	obj->priv = marks;
	for (i = 0; !err && i < marks->nr; i++) {
		err = find_path(c, file, &marks->items[i]);
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	drop_objects(marks);
	return err;
}

static void fanmarks_release(struct ckpt_object *obj)
{
	struct marks *marks = obj->priv;
	u32 i;

	for (i = 0; marks && i < marks->nr; i++) {
		kfree(marks->items[i].path);
		kfree(marks->items[i].handle);
	}
	kvfree(marks);
	obj->priv = NULL;
}

static int save_mark(const struct mark *m, struct ckpt_writer *w)
{
	size_t size = strlen(m->path) + 1;
	struct ckpt_fanmark *rec = ckpt_add(w, CKPT_REC_FANMARK, size);

	if (!rec)
		return w->error;
	rec->fsid = cpu_to_le64(m->fsid);
	rec->kind = cpu_to_le32(m->kind);
	rec->flags = cpu_to_le32(ckpt_fan_mark_image(m->flags));
	rec->mask = cpu_to_le32(m->mask);
	rec->ignored = cpu_to_le32(m->ignored);
	rec->mode = cpu_to_le32(m->mode);
	if (m->handle) {
		rec->handle_type = cpu_to_le32(m->handle->type);
		rec->handle_len = cpu_to_le32(m->handle->len);
		memcpy(rec->handle, m->handle->bytes, sizeof(rec->handle));
	}
	memcpy(ckpt_elems(rec), m->path, size);
	return 0;
}

/* The oldest first. */
static int fanmarks_save(struct ckpt_collect *c, struct ckpt_object *obj,
			 struct ckpt_writer *w)
{
	struct ckpt_fanmarks *rec = ckpt_add(w, CKPT_REC_FANMARKS, 0);
	const struct marks *marks = obj->priv;
	u32 i, nr = 0;
	int err = 0;

	if (!rec)
		return w->error;
	for (i = 0; i < marks->nr; i++)
		nr += !!marks->items[i].path;
	rec->marks = cpu_to_le32(nr);
	while (!err && i--)
		if (marks->items[i].path)
			err = save_mark(&marks->items[i], w);
	fanmarks_release(obj);
	return err;
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_fanmarks_ops = {
	.type = CKPT_TYPE_FANMARKS,
	.name = "fanotify marks",
	.dir = "files",
	.part = "marks",
	.records = { CKPT_REC_FANMARKS, CKPT_REC_FANMARK },
	.max_size = 320 << 20,
	.check = ckpt_check_fanmarks,
	CKPT_KERNEL(.collect = fanmarks_collect, .save = fanmarks_save,
		    .release = fanmarks_release,
		    .restore = ckpt_fan_marks_make, .drop = ckpt_file_put)
};
