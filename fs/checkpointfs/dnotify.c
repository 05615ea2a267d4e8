// SPDX-License-Identifier: GPL-2.0-only
/*
 * Directories that are watched by fcntl(2) F_NOTIFY.
 *
 * A watch is of a table of descriptors, as a POSIX lock is: it goes when a descriptor of its
 * open file is closed in that table. Its signals tell the number of the descriptor, and go to
 * the owner of the open file (owner.c), who is the one that has asked first if there is none.
 * So the descriptor that it was asked by is there as long as it is; and where an open file is
 * not shared with the outside, no table outside has one.
 *
 * All watches of a directory are in a list, the youngest first, which is the order in which
 * signals are sent; those of a table are made again in the same order. fsnotify_mark.lock
 * protects it. Events come from others while the tasks are frozen, and one ends a watch
 * without DN_MULTISHOT: under the lock its owner is told. So watches are looked at before
 * signals are, and none is lost.
 *
 * Made again by fcntl(), with its checks, when all files have been made: what that changes is
 * told nobody.
 */
#include <linux/dnotify.h>
#include <linux/fcntl.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/fsnotify_backend.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <asm/unistd.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "compat/private.h"
#include "dnotify.h"

static const struct {
	u32 image;
	u32 asked;
	u32 kernel;
} events[] = {
	{ CKPT_DN_ACCESS, DN_ACCESS, FS_ACCESS },
	{ CKPT_DN_MODIFY, DN_MODIFY, FS_MODIFY },
	{ CKPT_DN_CREATE, DN_CREATE, FS_CREATE | FS_MOVED_TO },
	{ CKPT_DN_DELETE, DN_DELETE, FS_DELETE | FS_MOVED_FROM },
	{ CKPT_DN_RENAME, DN_RENAME, FS_RENAME },
	{ CKPT_DN_ATTRIB, DN_ATTRIB, FS_ATTRIB },
	{ CKPT_DN_MULTISHOT, DN_MULTISHOT, FS_DN_MULTISHOT },
};

/* ---- saved ------------------------------------------------------------------ */

#ifdef CONFIG_DNOTIFY

/* Descriptors that are looked at while the lock of their table is held. */
#define CHUNK	4096

/**
 * struct watch - of a directory
 * @age:	how many older ones its directory has
 * @fd:		descriptor by which it was asked for
 * @events:	as they are written
 */
struct watch {
	u32 age;
	u32 fd;
	u32 events;
};

/**
 * struct watches - of a table of descriptors, &ckpt_object.priv
 * @nr:		how many there are
 * @vec:	in the order in which they have to be made
 */
struct watches {
	u32 nr;
	struct watch vec[] __counted_by(nr);
};

/**
 * struct place - where in a table it is gone on with
 * @left:	descriptors until it is left for a moment
 * @fd:		of the last one that was looked at
 * @file:	that is a directory, referenced; NULL: it is none
 */
struct place {
	unsigned int left;
	unsigned int fd;
	struct file *file;
};

/* Of all who watch. */
static struct fsnotify_group *group(void)
{
	return *(struct fsnotify_group **)ksym_addr(dnotify_group);
}

/* Return: a reference to the mark that has the watches of its directory, or NULL. */
static struct fsnotify_mark *get_mark(struct file *file)
{
	return fsnotify_find_inode_mark(file_inode(file), group());
}

static const struct dnotify_struct *first_watch(struct fsnotify_mark *mark)
{
	lockdep_assert_held(&mark->lock);
	return container_of(mark, struct ckpt_dnotify_mark, fsn_mark)->dn;
}

bool ckpt_dnotify_has(struct file *file)
{
	struct fsnotify_mark *mark = get_mark(file);
	const struct dnotify_struct *dn = NULL;

	if (!mark)
		return false;
	scoped_guard(spinlock, &mark->lock) {
		dn = first_watch(mark);
		while (dn && dn->dn_filp != file)
			dn = dn->dn_next;
	}
	fsnotify_put_mark(mark);
	return dn;
}

static u32 image_events(u32 mask)
{
	unsigned int i;
	u32 image = 0;

	for (i = 0; i < ARRAY_SIZE(events); i++)
		if (mask & events[i].kernel)
			image |= events[i].image;
	return image;
}

/* The watch that was asked for by this descriptor, if there is one. */
static bool take_watch(const struct files_struct *files, const struct place *at,
		       struct watch *to)
{
	struct fsnotify_mark *mark = get_mark(at->file);
	const struct dnotify_struct *dn;
	bool found = false;

	if (!mark)
		return false;
	scoped_guard(spinlock, &mark->lock) {
		for (dn = first_watch(mark); dn; dn = dn->dn_next) {
			if (found) {
				to->age++;
				continue;
			}
			if (dn->dn_owner != files || dn->dn_filp != at->file || dn->dn_fd != at->fd)
				continue;
			*to = (struct watch){ .fd = at->fd, .events = image_events(dn->dn_mask) };
			found = true;
		}
	}
	fsnotify_put_mark(mark);
	return found;
}

static int stop_at_directory(const void *ptr, struct file *file, unsigned int fd)
{
	struct place *at = (struct place *)ptr;

	at->fd = fd;
	if (S_ISDIR(file_inode(file)->i_mode))
		at->file = get_file(file);
	return at->file || !--at->left;
}

/* Into @to, as far as there is room. Return: how many there are. */
static u32 take_watches(struct files_struct *files, struct watches *to, u32 room)
{
	struct watch watch;
	unsigned int fd = 0;
	u32 nr = 0;

	for (;;) {
		struct place at = { .left = CHUNK };

		if (!iterate_fd(files, fd, stop_at_directory, &at))
			return nr;
		if (at.file && take_watch(files, &at, &watch) && nr++ < room)
			to->vec[nr - 1] = watch;
		if (at.file)
			fput(at.file);
		fd = at.fd + 1;
		cond_resched();
	}
}

static int compare_ages(const void *a, const void *b)
{
	const struct watch *x = a, *y = b;

	return x->age < y->age ? -1 : x->age > y->age;
}

int ckpt_dnotify_verify(struct ckpt_object *obj)
{
	struct watches *w;
	u32 nr;

	/* Does anybody watch anything? A mark of ours is in the list. */
	if (list_empty_careful(&group()->marks_list))
		return 0;
	nr = take_watches(obj->ptr, NULL, 0);
	if (!nr)
		return 0;
	w = kvzalloc(struct_size(w, vec, nr), GFP_KERNEL_ACCOUNT);
	if (!w)
		return -ENOMEM;
	w->nr = nr;
	/* Some may have ended since; none is new, only who has the table can ask for one. */
	w->nr = min(nr, take_watches(obj->ptr, w, nr));
	sort(w->vec, w->nr, sizeof(w->vec[0]), compare_ages, NULL);
	obj->priv = w;
	return 0;
}

int ckpt_dnotify_save(struct ckpt_object *obj, struct ckpt_writer *w)
{
	const struct watches *watches = obj->priv;
	struct ckpt_dnotify *rec;
	void *body;
	u32 i;

	if (!watches || !watches->nr)
		return 0;
	body = ckpt_add(w, CKPT_REC_DNOTIFY, watches->nr);
	if (!body)
		return w->error;
	rec = ckpt_elems(body);
	for (i = 0; i < watches->nr; i++) {
		rec[i].fd = cpu_to_le32(watches->vec[i].fd);
		rec[i].events = cpu_to_le32(watches->vec[i].events);
	}
	return 0;
}

#else

bool ckpt_dnotify_has(struct file *file)
{
	return false;
}

int ckpt_dnotify_verify(struct ckpt_object *obj)
{
	return 0;
}

int ckpt_dnotify_save(struct ckpt_object *obj, struct ckpt_writer *w)
{
	return 0;
}

#endif

void ckpt_dnotify_release(struct ckpt_object *obj)
{
	kvfree(obj->priv);
}

/* ---- made again --------------------------------------------------------------- */

static u32 asked_events(u32 image)
{
	unsigned int i;
	u32 asked = 0;

	for (i = 0; i < ARRAY_SIZE(events); i++)
		if (image & events[i].image)
			asked |= events[i].asked;
	return asked;
}

/*
 * The call makes the task an owner that has none; the image's has none. Meanwhile it is
 * nobody's: the number of the idle tasks is that of no task.
 */
static int watch(struct file *file, unsigned int fd, u32 asked)
{
	static DEFINE_MUTEX(lock);	/* who else watches by the file waits for its owner */
	bool owned;
	int err;

	guard(mutex)(&lock);
	err = file_f_owner_allocate(file);
	if (err)
		return err;
	owned = file_f_owner(file)->pid;
	if (!owned)
		__f_setown(file, task_pid(&init_task), PIDTYPE_TGID, 1);
	err = ckpt_syscall(__NR_fcntl, fd, F_NOTIFY, asked, 0, 0, 0);
	if (!owned)
		__f_setown(file, NULL, PIDTYPE_TGID, 1);
	return err;
}

static int watch_by(struct ckpt_restore *r, struct ckpt_item *item,
		    const struct ckpt_dnotify *rec)
{
	unsigned int fd = le32_to_cpu(rec->fd);
	struct file *file = fget(fd);
	int err = file ? watch(file, fd, asked_events(le32_to_cpu(rec->events))) : -EBADF;

	if (err)
		ckpt_restore_err(r, item, "descriptor %u: F_NOTIFY is refused: %pe", fd,
				 ERR_PTR(err));
	if (file)
		fput(file);
	return err;
}

int ckpt_dnotify_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_dnotify *rec;
	struct ckpt_view view;
	int err = 0;
	u32 i;

	if (!ckpt_find(item->bytes, item->size, CKPT_REC_DNOTIFY, &view))
		return 0;
	rec = view.elems;
	for (i = 0; !err && i < view.count; i++) {
		err = watch_by(r, item, rec + i);
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err;
}
