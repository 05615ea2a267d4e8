// SPDX-License-Identifier: GPL-2.0-only
/*
 * The marks of a fanotify made again, by fanotify_mark(2).
 *
 * What the path of a mark leads to has to be what was marked, also for a program that knows
 * it by the number of its filesystem and by its handle, as events tell of it.
 *
 * What is ignored of a file until it is modified cannot be set while somebody has it open
 * for writing, and what was ignored until it was leaves a mark that ignores nothing: so it
 * is first set for good, and then made what it was. Nothing is heard of more than the
 * kernel has agreed to.
 *
 * fsnotify_group.mark_mutex protects the marks; a mark's lock its flags and masks.
 */
#include <linux/exportfs.h>
#include <linux/fanotify.h>
#include <linux/fcntl.h>
#include <linux/fsnotify_backend.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/statfs.h>
#include <asm/unistd.h>

#include "compat/ksyms.h"
#include "fan.h"

static_assert(CKPT_HANDLE_MAX == MAX_HANDLE_SZ && CKPT_FAN_ON_CHILD == FAN_EVENT_ON_CHILD &&
	      CKPT_FAN_ON_FLAGS == FANOTIFY_EVENT_FLAGS && CKPT_FAN_FS_ERROR == FAN_FS_ERROR &&
	      CKPT_FAN_PERMISSIONS == FANOTIFY_PERM_EVENTS);

/* What is said of a mark when it is made, and kept in its flags. */
static const struct {
	u32 image;
	unsigned int kernel;
} mark_flags[] = {
	{ CKPT_FANMARK_SURV_MODIFY, FSNOTIFY_MARK_FLAG_IGNORED_SURV_MODIFY },
	{ CKPT_FANMARK_EVICTABLE, FSNOTIFY_MARK_FLAG_NO_IREF },
	{ CKPT_FANMARK_IGNORE, FSNOTIFY_MARK_FLAG_HAS_IGNORE_FLAGS },
};

u32 ckpt_fan_mark_image(unsigned int flags)
{
	unsigned int i;
	u32 image = 0;

	for (i = 0; i < ARRAY_SIZE(mark_flags); i++)
		if (flags & mark_flags[i].kernel)
			image |= mark_flags[i].image;
	return image;
}

void ckpt_fan_handle_get(struct inode *inode, struct ckpt_fan_handle *handle)
{
	int words = sizeof(handle->bytes) / 4, type;

	memset(handle, 0, sizeof(*handle));
	type = exportfs_encode_fid(inode, (struct fid *)handle->bytes, &words);
	if (type > 0 && type < FILEID_INVALID && words > 0 &&
	    words <= (int)sizeof(handle->bytes) / 4) {
		handle->type = type;
		handle->len = words * 4;
	}
	/* It may have been written to though it was too short. */
	memset(handle->bytes + handle->len, 0, sizeof(handle->bytes) - handle->len);
}

/* Is it what was marked, for those who know it by its number and its handle? */
static int check_told(struct ckpt_restore *r, struct ckpt_item *item, const char *text,
		      const struct ckpt_fanmark *rec, const struct path *path)
{
	struct ckpt_fan_handle *handle __free(kfree) = NULL;
	__kernel_fsid_t fsid;
	int err = vfs_get_fsid(path->dentry, &fsid);

	if (!err && ckpt_fan_fsid(&fsid) != le64_to_cpu(rec->fsid))
		err = -ESTALE;
	if (err) {
		ckpt_restore_err(r, item, "%s: not on the same filesystem any more: %pe",
				 text, ERR_PTR(err));
		return err;
	}
	if (le32_to_cpu(rec->kind) != CKPT_FANMARK_INODE)
		return 0;
	handle = kmalloc(sizeof(*handle), GFP_KERNEL);
	if (!handle)
		return -ENOMEM;
	ckpt_fan_handle_get(d_inode(path->dentry), handle);
	if (handle->type == le32_to_cpu(rec->handle_type) &&
	    handle->len == le32_to_cpu(rec->handle_len) &&
	    !memcmp(handle->bytes, rec->handle, handle->len))
		return 0;
	ckpt_restore_err(r, item, "%s: not the file any more that it was", text);
	return -ESTALE;
}

/* What leads to it, referenced. */
static int find_object(struct ckpt_restore *r, struct ckpt_item *item,
		       const struct fsnotify_group *group, const struct ckpt_view *view,
		       struct path *path)
{
	const struct ckpt_fanmark *rec = view->body;
	u32 mode = le32_to_cpu(rec->mode);
	const char *text = view->elems;
	int err = kern_path(text, 0, path);

	if (err) {
		ckpt_restore_err(r, item, "%s: not found (%d)", text, err);
		return err;
	}
	if (mode && (d_inode(path->dentry)->i_mode & S_IFMT) != mode) {
		ckpt_restore_err(r, item, "%s: not a file of the same type any more", text);
		return -ESTALE;
	}
	return FAN_GROUP_FLAG(group, FANOTIFY_FID_BITS) ?
		check_told(r, item, text, rec, path) : 0;
}

static const void *object_of(const struct ckpt_fanmark *rec, const struct path *path)
{
	switch (le32_to_cpu(rec->kind)) {
	case CKPT_FANMARK_MOUNT:
		return path->mnt;
	case CKPT_FANMARK_FILESYSTEM:
		return path->mnt->mnt_sb;
	default:
		return d_inode(path->dentry);
	}
}

static const struct fsnotify_mark *youngest(struct fsnotify_group *group)
{
	const struct fsnotify_mark *mark;

	fsnotify_group_lock(group);
	mark = list_first_entry_or_null(&group->marks_list, struct fsnotify_mark, g_list);
	fsnotify_group_unlock(group);
	return mark;
}

/*
 * Once for what is watched for, once for what is ignored. That a child is told of
 * may only be asked for of a directory; in a group that needs it the kernel does so for
 * all others.
 */
static long call_mark(const struct ckpt_fanmark *rec, unsigned int fd, unsigned long scratch)
{
	u32 flags = le32_to_cpu(rec->flags), kind = le32_to_cpu(rec->kind);
	u32 mask = le32_to_cpu(rec->mask), ignored = le32_to_cpu(rec->ignored);
	unsigned int how = FAN_MARK_ADD | FAN_MARK_DONT_FOLLOW;
	long err = 0;

	if (kind == CKPT_FANMARK_MOUNT)
		how |= FAN_MARK_MOUNT;
	if (kind == CKPT_FANMARK_FILESYSTEM)
		how |= FAN_MARK_FILESYSTEM;
	if (flags & CKPT_FANMARK_EVICTABLE)
		how |= FAN_MARK_EVICTABLE;
	if (kind != CKPT_FANMARK_INODE || !S_ISDIR(le32_to_cpu(rec->mode)))
		mask &= ~FAN_EVENT_ON_CHILD;
	if (mask)
		err = ckpt_syscall(__NR_fanotify_mark, fd, how, mask, AT_FDCWD, scratch, 0);
	if (err || (mask && !ignored && !(flags & ~CKPT_FANMARK_EVICTABLE)))
		return err;
	how |= FAN_MARK_IGNORED_SURV_MODIFY;
	how |= flags & CKPT_FANMARK_IGNORE ? FAN_MARK_IGNORE : FAN_MARK_IGNORED_MASK;
	return ckpt_syscall(__NR_fanotify_mark, fd, how, ignored ?: FAN_ACCESS, AT_FDCWD,
			    scratch, 0);
}

/* Take back what no call can make, and see whether the rest is as it was. */
static bool settle(struct fsnotify_mark *mark, const struct ckpt_fanmark *rec)
{
	u32 flags = le32_to_cpu(rec->flags);
	bool same;

	spin_lock(&mark->lock);
	if (!rec->ignored)
		mark->ignore_mask = 0;
	if (!(flags & CKPT_FANMARK_SURV_MODIFY))
		mark->flags &= ~FSNOTIFY_MARK_FLAG_IGNORED_SURV_MODIFY;
	mark->mask |= le32_to_cpu(rec->mask) & FAN_EVENT_ON_CHILD;
	same = mark->mask == le32_to_cpu(rec->mask) &&
	       mark->ignore_mask == le32_to_cpu(rec->ignored) &&
	       ckpt_fan_mark_image(mark->flags) == flags;
	spin_unlock(&mark->lock);
	ksym(fsnotify_recalc_mask)(mark->connector);
	return same;
}

/* @before: the youngest mark until now; it is another one if there was none of @object. */
static int settle_youngest(struct fsnotify_group *group, const struct fsnotify_mark *before,
			   const struct ckpt_fanmark *rec, const void *object)
{
	struct fsnotify_mark *mark;
	int err = -ESTALE;

	fsnotify_group_lock(group);
	mark = list_first_entry_or_null(&group->marks_list, struct fsnotify_mark, g_list);
	if (mark && mark == before)
		err = -EEXIST;
	else if (mark && mark->connector && mark->connector->obj == object && settle(mark, rec))
		err = 0;
	fsnotify_group_unlock(group);
	return err;
}

static int add_mark(struct ckpt_restore *r, struct ckpt_item *item, unsigned int fd,
		    unsigned long scratch, const struct ckpt_view *view)
{
	struct fsnotify_group *group = ckpt_restored_file(r, item->id)->private_data;
	struct path path __free(path_put) = {};
	const struct fsnotify_mark *before;
	long err = find_object(r, item, group, view, &path);

	if (err)
		return err;
	before = youngest(group);
	err = ckpt_scratch_put(scratch, view->elems, view->count);
	if (!err)
		err = call_mark(view->body, fd, scratch);
	if (!err)
		err = settle_youngest(group, before, view->body, object_of(view->body, &path));
	if (err)
		ckpt_restore_err(r, item, "%s: cannot be marked as it was: %pe",
				 (const char *)view->elems, ERR_PTR(err));
	return err;
}

static int add_marks(struct ckpt_restore *r, struct ckpt_item *item, unsigned int fd,
		     unsigned long scratch)
{
	struct ckpt_cursor cur;
	struct ckpt_view view;
	int err = 0;

	ckpt_cursor_init(&cur, item->bytes, item->size);
	while (!err && ckpt_next(&cur, &view) > 0) {
		if (view.type == CKPT_REC_FANMARK)
			err = add_mark(r, item, fd, scratch, &view);
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err;
}

/* All files have been made, and what that changes is not to be reported. */
void *ckpt_fan_marks_make(struct ckpt_restore *r, struct ckpt_item *item)
{
	return ckpt_file_add(r, item, add_marks);
}
