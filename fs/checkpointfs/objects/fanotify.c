// SPDX-License-Identifier: GPL-2.0-only
/*
 * fanotify_init(2): how it was made, and what has been reported and not been read.
 *
 * Events are kept as they are queued (fanqueue.c): a handle as the bytes that it is, a path
 * as a text that leads there, and who did it as a number, which is that of a restored task
 * if he is one. What is watched is another object, fanmarks.c: that is had again when all
 * files have been made, which would else be reported.
 *
 * Refused are permission events, for which somebody waits, and errors of filesystems. Of a
 * task outside only the number is kept, and none if it would be reported by a pidfd.
 *
 * fsnotify_group.notification_lock protects the queue. Others may add to it while the
 * container is frozen: what came after it was noted is lost with the program that it was
 * meant for.
 *
 * Not kept: how many events may be queued; the system's limit is.
 */
#include "../object.h"

#ifdef __KERNEL__

#include <linux/fanotify.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fsnotify_backend.h>
#include <linux/namei.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <asm/unistd.h>

#include "../compat/ksyms.h"
#include "../compat/private.h"
#include "../fan.h"

static_assert(CKPT_FAN_PATH_EVENTS == FANOTIFY_PATH_EVENTS &&
	      CKPT_FAN_HANDLE_EVENTS == (FANOTIFY_PATH_EVENTS | FANOTIFY_INODE_EVENTS) &&
	      CKPT_FAN_RENAME == FAN_RENAME && CKPT_FAN_OVERFLOW == FAN_Q_OVERFLOW);

/* Of fanotify_init(2), but for classes. */
static const struct {
	u32 image;
	unsigned int kernel;
} init_flags[] = {
	{ CKPT_FANOTIFY_CLOEXEC, FAN_CLOEXEC },
	{ CKPT_FANOTIFY_NONBLOCK, FAN_NONBLOCK },
	{ CKPT_FANOTIFY_UNLIMITED_QUEUE, FAN_UNLIMITED_QUEUE },
	{ CKPT_FANOTIFY_UNLIMITED_MARKS, FAN_UNLIMITED_MARKS },
	{ CKPT_FANOTIFY_ENABLE_AUDIT, FAN_ENABLE_AUDIT },
	{ CKPT_FANOTIFY_REPORT_PIDFD, FAN_REPORT_PIDFD },
	{ CKPT_FANOTIFY_REPORT_TID, FAN_REPORT_TID },
	{ CKPT_FANOTIFY_REPORT_FID, FAN_REPORT_FID },
	{ CKPT_FANOTIFY_REPORT_DIR_FID, FAN_REPORT_DIR_FID },
	{ CKPT_FANOTIFY_REPORT_NAME, FAN_REPORT_NAME },
	{ CKPT_FANOTIFY_REPORT_TARGET_FID, FAN_REPORT_TARGET_FID },
	{ CKPT_FANOTIFY_REPORT_FD_ERROR, FAN_REPORT_FD_ERROR },
	{ CKPT_FANOTIFY_UNPRIVILEGED, FANOTIFY_UNPRIV },
};

static const struct {
	u32 odd;
	const char *what;
} obstacles[] = {
	{ CKPT_FAN_PERMISSION, "a fanotify permission event that waits for an answer" },
	{ CKPT_FAN_ERROR, "a fanotify event of an error of a filesystem" },
	{ CKPT_FAN_UNKNOWN, "a fanotify event of an unknown kind" },
	{ CKPT_FAN_TOO_MANY, "a fanotify queue of more than 64 MiB" },
};

static bool fanotify_match(struct file *file)
{
	return file->f_op == ksym_addr(fanotify_fops);
}

/* ---- saved ------------------------------------------------------------------ */

/* CKPT_FANOTIFY_* of a group, but for its class; @left: what there is no flag for. */
static u32 flags_of(const struct fsnotify_group *group, unsigned int *left)
{
	u32 flags = 0;
	unsigned int i;

	*left = group->fanotify_data.flags & ~FANOTIFY_CLASS_BITS;
	for (i = 0; i < ARRAY_SIZE(init_flags); i++) {
		if (!(*left & init_flags[i].kernel))
			continue;
		flags |= init_flags[i].image;
		*left &= ~init_flags[i].kernel;
	}
	return flags;
}

static bool is_inside(struct ckpt_collect *c, struct pid *pid)
{
	const struct task_struct *t;

	guard(rcu)();
	t = pid_task(pid, PIDTYPE_PID);
	return t && ckpt_lookup(c, CKPT_TYPE_TASK, t);
}

static bool is_living(struct pid *pid)
{
	guard(rcu)();
	return pid_task(pid, PIDTYPE_PID);
}

static int collect_pid(struct ckpt_collect *c, struct file *file, struct pid *pid)
{
	const struct fsnotify_group *group = file->private_data;
	char who[CKPT_WHO_MAX];

	if (!pid || is_inside(c, pid) || !ckpt_pid_nr(c, pid))
		return 0;
	if (FAN_GROUP_FLAG(group, FAN_REPORT_PIDFD) && is_living(pid))
		ckpt_refuse(c, "%s: a fanotify event with a pidfd of a task outside of the container cannot be saved",
			    ckpt_who(c, file, who, sizeof(who)));
	return PTR_ERR_OR_ZERO(ckpt_collect_ref(c, CKPT_TYPE_ENDEDPID, pid));
}

static int collect_path(struct ckpt_collect *c, struct file *file, struct ckpt_fan_event *event)
{
	char *text;

	if (event->kind != CKPT_FANEVENT_PATH)
		return 0;
	text = ckpt_path_collect(c, &event->path, file, ", an event (fanotify)");
	if (IS_ERR(text))
		return PTR_ERR(text);
	event->text = text;
	return 0;
}

static int collect_events(struct ckpt_collect *c, struct file *file, struct ckpt_fan_queue *q)
{
	struct ckpt_fan_event *event = NULL;
	int err = 0;

	while (!err && (event = ckpt_fan_next(q, event))) {
		err = collect_pid(c, file, event->pid);
		if (!err)
			err = collect_path(c, file, event);
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err;
}

static void refuse_odd(struct ckpt_collect *c, struct file *file, u32 odd)
{
	const struct fsnotify_group *group = file->private_data;
	unsigned int left, unopened, i;
	char who[CKPT_WHO_MAX];

	for (i = 0; i < ARRAY_SIZE(obstacles); i++)
		if (odd & obstacles[i].odd)
			ckpt_refuse(c, "%s: %s cannot be saved",
				    ckpt_who(c, file, who, sizeof(who)), obstacles[i].what);
	flags_of(group, &left);
	ckpt_flags_image(group->fanotify_data.f_flags & ~O_CLOEXEC, &unopened);
	if (left || unopened)
		ckpt_refuse(c, "%s: fanotify flags %#x, %#x cannot be saved",
			    ckpt_who(c, file, who, sizeof(who)), left, unopened);
}

static int fanotify_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct file *file = obj->ptr;
	struct ckpt_object *marks;
	struct ckpt_fan_queue *q;
	int err;

	marks = ckpt_collect_id(c, CKPT_TYPE_FANMARKS, obj->ptr, obj->id);
	if (IS_ERR(marks))
		return PTR_ERR(marks);
	q = ckpt_fan_queue_get(file->private_data);
	if (IS_ERR(q))
		return PTR_ERR(q);
	obj->priv = q;
	refuse_odd(c, file, q->odd);
	err = collect_events(c, file, q);
	return err ?: ckpt_file_collect(c, obj);
}

static void fanotify_release(struct ckpt_object *obj)
{
	ckpt_fan_queue_put(obj->priv);
	obj->priv = NULL;
}

static int save_event(struct ckpt_collect *c, const struct ckpt_fan_event *event,
		      struct ckpt_writer *w)
{
	size_t size = event->text ? strlen(event->text) + 1 : event->size;
	struct ckpt_fanevent *rec = ckpt_add(w, CKPT_REC_FANEVENT, size);

	if (!rec)
		return w->error;
	rec->fsid = cpu_to_le64(event->fsid);
	rec->kind = cpu_to_le32(event->kind);
	rec->mask = cpu_to_le32(event->mask);
	if (event->pid) {
		rec->ended = cpu_to_le64(ckpt_id(c, CKPT_TYPE_ENDEDPID, event->pid));
		if (!rec->ended)
			rec->pid = cpu_to_le32(ckpt_pid_nr(c, event->pid));
	}
	if (event->kind == CKPT_FANEVENT_PATH)
		rec->mode = cpu_to_le32(d_inode(event->path.dentry)->i_mode & S_IFMT);
	rec->dir_len = cpu_to_le16(event->len[CKPT_FAN_DIR]);
	rec->new_dir_len = cpu_to_le16(event->len[CKPT_FAN_NEW_DIR]);
	rec->object_len = cpu_to_le16(event->len[CKPT_FAN_OBJECT]);
	rec->name_len = cpu_to_le16(event->len[CKPT_FAN_NAME]);
	rec->new_name_len = cpu_to_le16(event->len[CKPT_FAN_NEW_NAME]);
	rec->dir_type = cpu_to_le16(event->type[CKPT_FAN_DIR]);
	rec->new_dir_type = cpu_to_le16(event->type[CKPT_FAN_NEW_DIR]);
	rec->object_type = cpu_to_le16(event->type[CKPT_FAN_OBJECT]);
	memcpy(ckpt_elems(rec), event->text ?: (const char *)event->bytes, size);
	return 0;
}

static int save_group(const struct fsnotify_group *group, struct ckpt_writer *w)
{
	struct ckpt_fanotify *rec = ckpt_add(w, CKPT_REC_FANOTIFY, 0);
	unsigned int f_flags = group->fanotify_data.f_flags, left;
	u32 flags = flags_of(group, &left), kind;

	if (!rec)
		return w->error;
	switch (group->fanotify_data.flags & FANOTIFY_CLASS_BITS) {
	case FAN_CLASS_PRE_CONTENT:
		kind = CKPT_FANOTIFY_PRE_CONTENT;
		break;
	case FAN_CLASS_CONTENT:
		kind = CKPT_FANOTIFY_CONTENT;
		break;
	default:
		kind = CKPT_FANOTIFY_NOTIF;
	}
	if (f_flags & O_CLOEXEC)
		flags |= CKPT_FANOTIFY_EVENT_CLOEXEC;
	rec->kind = cpu_to_le32(kind);
	rec->flags = cpu_to_le32(flags);
	rec->event_flags = cpu_to_le32(ckpt_flags_image(f_flags & ~O_CLOEXEC, &left));
	return 0;
}

static int fanotify_save(struct ckpt_collect *c, struct ckpt_object *obj, struct ckpt_writer *w)
{
	struct file *file = obj->ptr;
	struct ckpt_fan_event *event = NULL;
	int err = ckpt_file_save(c, obj, w);

	if (!err)
		err = save_group(file->private_data, w);
	while (!err && (event = ckpt_fan_next(obj->priv, event))) {
		err = save_event(c, event, w);
		cond_resched();
	}
	/* What it holds would keep filesystems busy for as long as the image is kept. */
	fanotify_release(obj);
	return err;
}

/* ---- made again --------------------------------------------------------------- */

/* Return: who did it, referenced; NULL: nobody knows; or ERR_PTR(). */
static struct pid *get_doer(struct ckpt_restore *r, const struct ckpt_fanevent *rec)
{
	struct pid *pid;

	if (!rec->ended)
		return rec->pid ? find_get_pid(le32_to_cpu(rec->pid)) ?: ERR_PTR(-ESRCH) : NULL;
	pid = ckpt_restored(r, CKPT_TYPE_ENDEDPID, le64_to_cpu(rec->ended));
	return IS_ERR(pid) ? pid : get_pid(pid);
}

/*
 * Its reader can open it, whatever he may do with the file: so the writer has to be one who
 * could have made such an event, by reading it.
 */
static int find_path(struct ckpt_restore *r, struct ckpt_item *item,
		     const struct ckpt_view *view, struct path *path)
{
	const struct ckpt_fanevent *rec = view->body;
	const char *text = view->elems;
	int err;

	if (le32_to_cpu(rec->kind) != CKPT_FANEVENT_PATH)
		return 0;
	err = kern_path(text, 0, path);
	if (err) {
		ckpt_restore_err(r, item, "%s: not found (%d)", text, err);
		return err;
	}
	if ((d_inode(path->dentry)->i_mode & S_IFMT) != le32_to_cpu(rec->mode)) {
		ckpt_restore_err(r, item, "%s: not a file of the same type any more", text);
		return -ESTALE;
	}
	err = path_permission(path, MAY_READ);
	if (err)
		ckpt_restore_err(r, item, "%s: may not be read: %pe", text, ERR_PTR(err));
	return err;
}

static int add_event(struct ckpt_restore *r, struct ckpt_item *item,
		     struct fsnotify_group *group, const struct ckpt_view *view)
{
	struct path path __free(path_put) = {};
	int err = find_path(r, item, view, &path);
	struct pid *pid;

	if (err)
		return err;
	pid = get_doer(r, view->body);
	err = IS_ERR(pid) ? PTR_ERR(pid) : ckpt_fan_insert(group, view, pid, &path);
	if (err)
		ckpt_restore_err(r, item, "an event cannot be queued: %pe", ERR_PTR(err));
	if (!IS_ERR(pid))
		put_pid(pid);
	return err;
}

static int add_events(struct ckpt_restore *r, struct ckpt_item *item,
		      struct fsnotify_group *group)
{
	struct ckpt_cursor cur;
	struct ckpt_view view;
	int err = 0;

	ckpt_cursor_init(&cur, item->bytes, item->size);
	while (!err && ckpt_next(&cur, &view) > 0) {
		if (view.type == CKPT_REC_FANEVENT)
			err = add_event(r, item, group, &view);
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err;
}

static long make_group(const struct ckpt_fanotify *rec)
{
	unsigned int flags = 0, f_flags = ckpt_flags_kernel(le32_to_cpu(rec->event_flags)), i;
	u32 image = le32_to_cpu(rec->flags);

	for (i = 0; i < ARRAY_SIZE(init_flags); i++)
		if (image & init_flags[i].image)
			flags |= init_flags[i].kernel;
	if (image & CKPT_FANOTIFY_EVENT_CLOEXEC)
		f_flags |= O_CLOEXEC;
	if (le32_to_cpu(rec->kind) == CKPT_FANOTIFY_CONTENT)
		flags |= FAN_CLASS_CONTENT;
	else if (le32_to_cpu(rec->kind) == CKPT_FANOTIFY_PRE_CONTENT)
		flags |= FAN_CLASS_PRE_CONTENT;
	return ckpt_syscall(__NR_fanotify_init, flags & ~FANOTIFY_UNPRIV, f_flags, 0, 0, 0, 0);
}

/* It has the writer's: with less than it had it fails, with more they are taken. */
static int set_rights(struct ckpt_restore *r, struct ckpt_item *item,
		      struct fsnotify_group *group)
{
	const struct ckpt_fanotify *rec = ckpt_item_body(item, CKPT_REC_FANOTIFY);
	bool less = le32_to_cpu(rec->flags) & CKPT_FANOTIFY_UNPRIVILEGED;

	if (FAN_GROUP_FLAG(group, FANOTIFY_UNPRIV) && !less) {
		ckpt_restore_err(r, item, "needs CAP_SYS_ADMIN, with which it was made");
		return -EPERM;
	}
	if (less)
		group->fanotify_data.flags |= FANOTIFY_UNPRIV;
	return 0;
}

static void *fanotify_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	long fd = make_group(ckpt_item_body(item, CKPT_REC_FANOTIFY));
	struct file *file = fd < 0 ? NULL : fget(fd);
	int err;

	if (!file)
		return ckpt_file_from_fd(r, item, fd);
	err = set_rights(r, item, file->private_data);
	if (!err)
		err = add_events(r, item, file->private_data);
	fput(file);
	if (!err)
		return ckpt_file_from_fd(r, item, fd);
	close_fd(fd);
	return ERR_PTR(err);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_fanotify_ops = {
	.type = CKPT_TYPE_FANOTIFY,
	.name = "fanotify",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE,
	.records = { CKPT_REC_FILE, CKPT_REC_FANOTIFY, CKPT_REC_FANEVENT },
	.max_size = 128 << 20,
	.check = ckpt_check_fanotify,
	CKPT_KERNEL(.match = fanotify_match,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = fanotify_collect, .save = fanotify_save,
		    .release = fanotify_release,
		    .restore = fanotify_restore, .drop = ckpt_file_put)
};
