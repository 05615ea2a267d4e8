// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an inotify watches: files/ID/watches.
 *
 * Stands for the open file that is files/ID/file, whose marks they are. A watch is
 * of an inode and knows no path: one is found that leads there, by a name that
 * the kernel knows of the inode and a mount. It is watched again by that, with the
 * number that it had.
 *
 * fsnotify_group.mark_mutex protects the marks, inotify_data.idr_lock the numbers.
 * A mark that is about to go has a number for a moment longer, until that has been
 * reported.
 */
#include "../object.h"

/* inotify(7): what may be watched for; IN_EXCL_UNLINK and IN_ONESHOT. */
#define EVENTS		0x00000fffU
#define MODES		0x84000000U

static int check_watch(const struct ckpt_check *chk, const struct ckpt_view *view)
{
	const struct ckpt_watch *watch = view->body;
	u32 wd = le32_to_cpu(watch->wd), mode = le32_to_cpu(watch->mode);
	const char *path = view->elems;

	if (!wd || le32_to_cpu(watch->mask) & ~(EVENTS | MODES))
		return ckpt_bad(chk, "not the arguments of a watch");
	if (!mode || mode & ~S_IFMT)
		return ckpt_bad(chk, "not a type of file");
	return path[0] == '/' ? 0 : ckpt_bad(chk, "a path that does not begin at the root");
}

static int watches_check(const struct ckpt_check *chk, u64 id,
			 const void *bytes, size_t size)
{
	struct ckpt_cursor cur;
	struct ckpt_view view;
	int ret = 0;

	if (!chk->exists(chk->priv, CKPT_TYPE_INOTIFY, id))
		return ckpt_bad(chk, "watches of no inotify");
	ckpt_cursor_init(&cur, bytes, size);
	while (!ret && ckpt_next(&cur, &view) > 0)
		if (view.type == CKPT_REC_WATCH)
			ret = check_watch(chk, &view);
	return ret;
}

#ifdef __KERNEL__

#include <linux/fsnotify_backend.h>
#include <linux/idr.h>
#include <linux/inotify.h>
#include <linux/namei.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <asm/unistd.h>

#include "../checkpointfs.h"
#include "../compat/private.h"

static_assert(EVENTS == IN_ALL_EVENTS && MODES == (IN_EXCL_UNLINK | IN_ONESHOT));

/* ---- saved ------------------------------------------------------------------ */

/**
 * struct watch - a watch
 * @inode:	referenced while it is collected
 * @path:	that leads there; NULL: none does
 * @wd:		its number
 * @mask:	inotify_add_watch(2)
 * @mode:	type of the inode
 */
struct watch {
	struct inode *inode;
	char *path;
	u32 wd;
	u32 mask;
	umode_t mode;
};

/**
 * struct watches - those of an inotify
 * @nr:		how many
 * @next:	number that is tried first for the next one; 0: there has been none
 * @items:	the youngest first, as in the kernel
 */
struct watches {
	u32 nr;
	u32 next;
	struct watch items[];
};

static bool take_watch(const struct fsnotify_mark *mark, struct watch *watch)
{
	watch->inode = igrab(mark->connector->obj);
	if (!watch->inode)
		return false;
	watch->wd = container_of(mark, struct ckpt_inotify_inode_mark, fsn_mark)->wd;
	watch->mask = mark->mask & IN_ALL_EVENTS;
	if (mark->flags & FSNOTIFY_MARK_FLAG_EXCL_UNLINK)
		watch->mask |= IN_EXCL_UNLINK;
	if (mark->flags & FSNOTIFY_MARK_FLAG_IN_ONESHOT)
		watch->mask |= IN_ONESHOT;
	watch->mode = watch->inode->i_mode & S_IFMT;
	return true;
}

static void drop_inodes(struct watches *w)
{
	u32 i;

	for (i = 0; i < w->nr; i++)
		iput(w->items[i].inode);
	w->nr = 0;
}

/* Is each number that of a mark, of which there are @nr? */
static bool is_settled(struct fsnotify_group *group, u32 nr)
{
	struct idr *idr = &group->inotify_data.idr;
	void *mark;
	int wd;

	guard(spinlock)(&group->inotify_data.idr_lock);
	idr_for_each_entry(idr, mark, wd)
		if (!nr--)
			return false;
	return !nr;
}

/* Return: how many there are, if these are more than @room; 0; -EAGAIN. */
static long take_watches(struct fsnotify_group *group, struct watches *w, u32 room)
{
	const struct fsnotify_mark *mark;
	bool taken = true;
	u32 nr = 0;

	fsnotify_group_lock(group);
	list_for_each_entry(mark, &group->marks_list, g_list)
		nr++;
	if (nr <= room) {
		list_for_each_entry(mark, &group->marks_list, g_list) {
			taken = taken && take_watch(mark, &w->items[w->nr]);
			w->nr += taken;
		}
		w->next = idr_get_cursor(&group->inotify_data.idr);
		taken = taken && is_settled(group, nr);
	}
	fsnotify_group_unlock(group);
	if (taken)
		return nr <= room ? 0 : nr;
	drop_inodes(w);
	return -EAGAIN;
}

/* With references to the inodes. */
static struct watches *get_watches(struct ckpt_collect *c, struct fsnotify_group *group)
{
	struct watches *w = NULL;
	long need, room = 0;

	for (;;) {
		w = kvzalloc(struct_size(w, items, room), GFP_KERNEL_ACCOUNT);
		if (!w)
			return ERR_PTR(-ENOMEM);
		need = take_watches(group, w, room);
		if (!need)
			return w;
		kvfree(w);
		if (need > 0) {
			room = need;
		} else if (!ckpt_look_again(c)) {
			ckpt_err(c->mount, "%s: a watch (inotify) is being removed", c->con->name);
			return ERR_PTR(-EBUSY);
		}
	}
}

static int find_path(struct ckpt_collect *c, struct file *file, struct watch *watch)
{
	char who[CKPT_WHO_MAX];
	char *text = ckpt_inode_text(c, watch->inode);

	if (IS_ERR(text))
		return PTR_ERR(text);
	if (!text)
		ckpt_refuse(c, "%s: watch %u of inode %lu (%s), to which no path is known, cannot be saved",
			    ckpt_who(c, file, who, sizeof(who)), watch->wd,
			    watch->inode->i_ino, watch->inode->i_sb->s_type->name);
	watch->path = text;
	return 0;
}

static int watches_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct file *file = obj->ptr;
	struct watches *w = get_watches(c, file->private_data);
	int err = 0;
	u32 i;

	if (IS_ERR(w))
		return PTR_ERR(w);
	obj->priv = w;
	for (i = 0; !err && i < w->nr; i++) {
		err = find_path(c, file, &w->items[i]);
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	for (i = 0; i < w->nr; i++)
		iput(w->items[i].inode);
	return err;
}

static void watches_release(struct ckpt_object *obj)
{
	struct watches *w = obj->priv;
	u32 i;

	for (i = 0; w && i < w->nr; i++)
		kfree(w->items[i].path);
	kvfree(w);
}

static int save_watch(const struct watch *watch, struct ckpt_writer *w)
{
	size_t size = strlen(watch->path) + 1;
	struct ckpt_watch *rec = ckpt_add(w, CKPT_REC_WATCH, size);

	if (!rec)
		return w->error;
	rec->wd = cpu_to_le32(watch->wd);
	rec->mask = cpu_to_le32(watch->mask);
	rec->mode = cpu_to_le32(watch->mode);
	memcpy(ckpt_elems(rec), watch->path, size);
	return 0;
}

/* The oldest first. */
static int watches_save(struct ckpt_collect *c, struct ckpt_object *obj,
			struct ckpt_writer *w)
{
	struct ckpt_watches *rec = ckpt_add(w, CKPT_REC_WATCHES, 0);
	const struct watches *watches = obj->priv;
	u32 i = watches->nr;
	int err = 0;

	if (!rec)
		return w->error;
	/* Past the last number it begins anew. */
	rec->next = cpu_to_le32(watches->next > INT_MAX ? 1 : watches->next);
	while (!err && i--)
		err = save_watch(&watches->items[i], w);
	return err;
}

/* ---- made again --------------------------------------------------------------- */

/* Is it still of the type that was watched? */
static int check_type(struct ckpt_restore *r, struct ckpt_item *item, const char *path,
		      umode_t mode)
{
	struct path found;
	bool same;
	int err = kern_path(path, 0, &found);

	if (err) {
		ckpt_restore_err(r, item, "%s: not found (%d)", path, err);
		return err;
	}
	same = (d_inode(found.dentry)->i_mode & S_IFMT) == mode;
	path_put(&found);
	if (same)
		return 0;
	ckpt_restore_err(r, item, "%s: not a file of the same type any more", path);
	return -ESTALE;
}

static long set_next(unsigned int fd, u32 wd)
{
	return wd ? ckpt_syscall(__NR_ioctl, fd, INOTIFY_IOC_SETNEXTWD, wd, 0, 0, 0) : 0;
}

/* The path has been followed to its end; another watch may not be of the same. */
static int add_watch(struct ckpt_restore *r, struct ckpt_item *item, unsigned int fd,
		     unsigned long scratch, const struct ckpt_view *view)
{
	const u32 how = IN_DONT_FOLLOW | IN_MASK_CREATE;
	const struct ckpt_watch *rec = view->body;
	u32 wd = le32_to_cpu(rec->wd);
	long got = check_type(r, item, view->elems, le32_to_cpu(rec->mode));

	if (got)
		return got;
	got = set_next(fd, wd);
	if (!got)
		got = ckpt_scratch_put(scratch, view->elems, view->count);
	if (!got)
		got = ckpt_syscall(__NR_inotify_add_watch, fd, scratch,
				   le32_to_cpu(rec->mask) | how, 0, 0, 0);
	if (got == wd)
		return 0;
	if (got >= 0)
		got = -EUCLEAN;
	ckpt_restore_err(r, item, "%s: cannot be watched as %u: %pe",
			 (const char *)view->elems, wd, ERR_PTR(got));
	return got;
}

static int add_watches(struct ckpt_restore *r, struct ckpt_item *item, unsigned int fd,
		       unsigned long scratch)
{
	const struct ckpt_watches *rec = ckpt_item_body(item, CKPT_REC_WATCHES);
	struct ckpt_cursor cur;
	struct ckpt_view view;
	int err = 0;

	ckpt_cursor_init(&cur, item->bytes, item->size);
	while (!err && ckpt_next(&cur, &view) > 0) {
		if (view.type == CKPT_REC_WATCH)
			err = add_watch(r, item, fd, scratch, &view);
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err ?: set_next(fd, le32_to_cpu(rec->next));
}

/* All files have been made, and what that changes is not to be reported. */
static void *watches_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	return ckpt_file_add(r, item, add_watches);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_watches_ops = {
	.type = CKPT_TYPE_WATCHES,
	.name = "inotify watches",
	.dir = "files",
	.part = "watches",
	.records = { CKPT_REC_WATCHES, CKPT_REC_WATCH },
	.max_size = 320 << 20,
	.check = watches_check,
	CKPT_KERNEL(.collect = watches_collect, .save = watches_save,
		    .release = watches_release,
		    .restore = watches_restore, .drop = ckpt_file_put)
};
