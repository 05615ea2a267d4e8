// SPDX-License-Identifier: GPL-2.0-only
/*
 * inotify_init(2): what has been reported and not been read.
 *
 * Events are kept as they are queued, with what the kernel compares when a new
 * one is the same as the last. What is watched is another object, watches.c:
 * that is had again when all files have been made, which would else be reported.
 *
 * fsnotify_group.notification_lock protects the queue. Others may add to it,
 * while the container is frozen: what came after it was saved is lost with the
 * program that it was meant for.
 *
 * Not kept: how many events may be queued; the system's limit is.
 */
#include "../object.h"

/* inotify(7): what is reported. */
#define EVENTS		0x0000ffffU
#define OVERFLOW	0x00004000U
#define IS_DIRECTORY	0x40000000U
/* Bits of EVENTS that no event has: one of fanotify, and what the flags say. */
#define NO_EVENTS	0x00001000U

static int check_event(const struct ckpt_check *chk, const struct ckpt_view *view,
		       unsigned int *overflows)
{
	const struct ckpt_inotify_event *event = view->body;
	u32 mask = le32_to_cpu(event->mask);
	s32 wd = le32_to_cpu(event->wd);

	if (!(mask & EVENTS) || mask & ~(EVENTS | IS_DIRECTORY) || mask & NO_EVENTS)
		return ckpt_bad(chk, "no event of inotify");
	if (mask & OVERFLOW)
		return mask == OVERFLOW && wd == -1 && view->count == 1 && !event->flags &&
		       !event->cookie && !(*overflows)++ ?
			0 : ckpt_bad(chk, "not how events are lost");
	return wd > 0 ? 0 : ckpt_bad(chk, "an event of no watch");
}

static int inotify_check(const struct ckpt_check *chk, u64 id,
			 const void *bytes, size_t size)
{
	unsigned int overflows = 0;
	struct ckpt_cursor cur;
	struct ckpt_view view;
	int ret = ckpt_check_unnamed(chk, bytes, size, CKPT_O_RDONLY);

	ckpt_cursor_init(&cur, bytes, size);
	while (!ret && ckpt_next(&cur, &view) > 0)
		if (view.type == CKPT_REC_INOTIFY_EVENT)
			ret = check_event(chk, &view, &overflows);
	if (!ret && !chk->exists(chk->priv, CKPT_TYPE_WATCHES, id))
		return ckpt_bad(chk, "watches are missing");
	return ret;
}

#ifdef __KERNEL__

#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fsnotify_backend.h>
#include <linux/inotify.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <asm/unistd.h>

#include "../checkpointfs.h"
#include "../compat/ksyms.h"
#include "../compat/private.h"

static_assert(OVERFLOW == IN_Q_OVERFLOW && IS_DIRECTORY == IN_ISDIR &&
	      NO_EVENTS == FS_OPEN_EXEC && !(IN_ALL_EVENTS & ~EVENTS));

/* What is compared and not reported. */
static const struct {
	u32 image;
	u32 kernel;
} hidden[] = {
	{ CKPT_INOTIFY_ON_CHILD, FS_EVENT_ON_CHILD },
	{ CKPT_INOTIFY_OPEN_EXEC, FS_OPEN_EXEC },
};

static bool inotify_match(struct file *file)
{
	return file->f_op == ksym_addr(inotify_fops);
}

static struct fasync_struct *inotify_async(struct file *file)
{
	const struct fsnotify_group *group = file->private_data;

	return READ_ONCE(group->fsn_fa);
}

static const struct ckpt_inotify_event_info *event_of(const struct fsnotify_event *event)
{
	return container_of(event, struct ckpt_inotify_event_info, fse);
}

/* ---- saved ------------------------------------------------------------------ */

static int inotify_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct ckpt_object *watches;

	watches = ckpt_collect_id(c, CKPT_TYPE_WATCHES, obj->ptr, obj->id);
	return IS_ERR(watches) ? PTR_ERR(watches) : ckpt_file_collect(c, obj);
}

static size_t copy_size(const struct ckpt_inotify_event_info *event)
{
	return ALIGN(sizeof(*event) + event->name_len + 1, __alignof__(*event));
}

/* Return: how much room they all need; they are in @to if that is in @room. */
static size_t copy_events(struct fsnotify_group *group, void *to, size_t room)
{
	const struct fsnotify_event *event;
	size_t need = 0;

	guard(spinlock)(&group->notification_lock);
	list_for_each_entry(event, &group->notification_list, list)
		need += copy_size(event_of(event));
	if (need > room)
		return need;
	list_for_each_entry(event, &group->notification_list, list) {
		const struct ckpt_inotify_event_info *from = event_of(event);
		struct ckpt_inotify_event_info *copy = to;

		*copy = *from;
		memcpy(copy->name, from->name, from->name_len);
		copy->name[from->name_len] = 0;
		to += copy_size(from);
	}
	return need;
}

static int save_event(const struct ckpt_inotify_event_info *event, struct ckpt_writer *w)
{
	size_t size = event->name_len + 1;
	u32 left = event->mask, flags = 0;
	struct ckpt_inotify_event *rec;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hidden); i++)
		if (left & hidden[i].kernel) {
			left &= ~hidden[i].kernel;
			flags |= hidden[i].image;
		}
	if (left & ~(EVENTS | IS_DIRECTORY))
		return -EOPNOTSUPP;
	rec = ckpt_add(w, CKPT_REC_INOTIFY_EVENT, size);
	if (!rec)
		return w->error;
	rec->wd = cpu_to_le32(event->wd);
	rec->mask = cpu_to_le32(left);
	rec->cookie = cpu_to_le32(event->sync_cookie);
	rec->flags = cpu_to_le32(flags);
	memcpy(ckpt_elems(rec), event->name, size);
	return 0;
}

static int save_events(struct fsnotify_group *group, struct ckpt_writer *w)
{
	void *events __free(kvfree) = NULL, *at, *end;
	size_t need, room = 0;
	int err = 0;

	while ((need = copy_events(group, events, room)) > room) {
		kvfree(events);
		room = need;
		events = kvmalloc(room, GFP_KERNEL_ACCOUNT);
		if (!events)
			return -ENOMEM;
	}
	end = events + need;
	for (at = events; !err && at < end; at += copy_size(at))
		err = save_event(at, w);
	return err;
}

static int inotify_save(struct ckpt_collect *c, struct ckpt_object *obj,
			struct ckpt_writer *w)
{
	struct file *file = obj->ptr;
	char who[CKPT_WHO_MAX];
	int err = ckpt_file_save(c, obj, w);

	if (err)
		return err;
	err = save_events(file->private_data, w);
	if (err == -EOPNOTSUPP)
		ckpt_refuse(c, "%s: an event of an unknown kind (inotify) cannot be saved",
			    ckpt_who(c, file, who, sizeof(who)));
	return err;
}

/* ---- made again --------------------------------------------------------------- */

/* The event is the queue's afterwards, or gone. */
static int insert(struct fsnotify_group *group, struct fsnotify_event *event)
{
	if (!ksym(fsnotify_insert_event)(group, event, NULL, NULL))
		return 0;
	kfree(event_of(event));
	return -ENOSPC;
}

static int add_event(struct fsnotify_group *group, const struct ckpt_view *view)
{
	const struct ckpt_inotify_event *rec = view->body;
	struct ckpt_inotify_event_info *event;
	unsigned int i;

	if (le32_to_cpu(rec->mask) & OVERFLOW) {
		/* It has one for that, and says that it was not the one that came. */
		ksym(fsnotify_insert_event)(group, group->overflow_event, NULL, NULL);
		return 0;
	}
	event = kmalloc(sizeof(*event) + view->count, GFP_KERNEL_ACCOUNT);
	if (!event)
		return -ENOMEM;
	fsnotify_init_event(&event->fse);
	event->wd = le32_to_cpu(rec->wd);
	event->mask = le32_to_cpu(rec->mask);
	for (i = 0; i < ARRAY_SIZE(hidden); i++)
		if (le32_to_cpu(rec->flags) & hidden[i].image)
			event->mask |= hidden[i].kernel;
	event->sync_cookie = le32_to_cpu(rec->cookie);
	event->name_len = view->count - 1;
	memcpy(event->name, view->elems, view->count);
	return insert(group, &event->fse);
}

static int add_events(struct fsnotify_group *group, const struct ckpt_item *item)
{
	struct ckpt_cursor cur;
	struct ckpt_view view;
	int err = 0;

	ckpt_cursor_init(&cur, item->bytes, item->size);
	while (!err && ckpt_next(&cur, &view) > 0) {
		if (view.type == CKPT_REC_INOTIFY_EVENT)
			err = add_event(group, &view);
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err;
}

static void *inotify_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	long fd = ckpt_syscall(__NR_inotify_init1, 0, 0, 0, 0, 0, 0);
	struct file *file = fd < 0 ? NULL : fget(fd);
	int err;

	if (!file)
		return ckpt_file_from_fd(r, item, fd);
	err = add_events(file->private_data, item);
	fput(file);
	if (!err)
		return ckpt_file_from_fd(r, item, fd);
	close_fd(fd);
	return ckpt_file_from_fd(r, item, err);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_inotify_ops = {
	.type = CKPT_TYPE_INOTIFY,
	.name = "inotify",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE,
	.records = { CKPT_REC_FILE, CKPT_REC_INOTIFY_EVENT },
	.max_size = 64 << 20,
	.check = inotify_check,
	CKPT_KERNEL(.match = inotify_match, .async = inotify_async,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = inotify_collect, .save = inotify_save,
		    .restore = inotify_restore, .drop = ckpt_file_put)
};
