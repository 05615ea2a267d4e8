/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * struct ckpt_object_ops: one row per object type.
 *
 * Compiled in the kernel and in user space, where only the part of a row that
 * describes and checks images exists. Each file under objects/ ends in its
 * row; CKPT_OBJECT_TYPES() in the uapi header lists them.
 */
#ifndef _CKPT_OBJECT_H
#define _CKPT_OBJECT_H

#include "format/format.h"

struct fasync_struct;
struct file;
struct ckpt_object;
struct ckpt_collect;
struct ckpt_restore;
struct ckpt_item;
struct ckpt_content;
struct iov_iter;

#define CKPT_ROW_FILE	(1 << 0)	/* a kind of open file, lives in files/ */
#define CKPT_ROW_RAW	(1 << 1)	/* contents, not records; written last */
#define CKPT_ROW_SHAREABLE (1 << 2)	/* may be open outside of the container too:
					 * it has no state that sharing would show
					 */

#define CKPT_ROW_LAST	(1 << 3)	/* bound when all else is, in the first task */
#define CKPT_ROW_WHOLE	(1 << 4)	/* no part of what the first row of its directory is */
#define CKPT_ROW_MAPPED	(1 << 5)	/* a kind of file that is mapped, and else nothing */

#define CKPT_ROW_RECORDS 13

/**
 * struct ckpt_object_ops - an object type, in the order of an object's life
 * @type:	its number, enum ckpt_type
 * @name:	for messages and `features`: "pipe"
 * @dir:	directory in the image: "pipes"
 * @part:	file in DIR/ID/; NULL: the object is the file DIR/ID itself
 * @flags:	CKPT_ROW_*
 * @records:	record types that its file may have, 0-terminated; the first
 *		is there exactly once and first
 * @max_size:	of its file, bytes, for restore's allocations (not CKPT_ROW_RAW)
 *
 * @check:	is this file sane beyond what the schema says? Pure: the bytes
 *		are hostile, but records are in bounds and references exist.
 *
 * The rest is the kernel's. @ptr of an object is the kernel object it stands
 * for. While collect, save and size run, all tasks of the container are
 * frozen; they may sleep, and must not change the object.
 *
 * @match:	CKPT_ROW_FILE: is this file mine? May not sleep.
 * @async:	CKPT_ROW_FILE: the list of those who get signals (O_ASYNC), in
 *		which the file may be. NULL: files of this kind are in none.
 *		Called under rcu_read_lock().
 * @own_flags:	CKPT_ROW_FILE: O_* that a record of the kind tells of
 * @get, @put:	take and drop a reference on @ptr; NULL: @ptr is pinned by
 *		another object of the same container.
 * @collect:	announce the objects that this one refers to (ckpt_collect_*),
 *		and refuse what cannot be saved (ckpt_refuse()): all of it, not
 *		only the first. A negative return is trouble (-ENOMEM), not a
 *		refusal.
 * @verify:	everything has been collected, so obj->refs is final: refuse
 *		what the outside shares (ckpt_refuse_shared()). Optional.
 * @save:	write the records. Not for CKPT_ROW_RAW.
 * @size:	CKPT_ROW_RAW: bytes of contents, fixed from now on.
 * @read:	CKPT_ROW_RAW: copy contents from @pos on to @to; short only at
 *		the end or on a fault. Any number of readers at once, at any
 *		time until @release.
 * @commit:	make the object independent of the program, which runs on
 *		afterwards: tasks still frozen; once more is no harm. @alone: nothing
 *		else is done meanwhile, and ckpt_team_run() may be used; else other
 *		objects are committed at the same time, and this may be a worker. An
 *		error is reported. Optional.
 * @weight:	bytes that @commit has to go through, about. Optional.
 * @pages:	references to up to @nr pages of contents, from page @index on,
 *		which nobody will ever write to; called after @commit only.
 *		Returns how many, at least 1, or -errno. Optional.
 * @kill:	the program is going to be killed, and is still frozen: see to it that
 *		nobody is told by the object. Optional.
 * @thaw:	the program runs on, or has been killed: give back what keeps others
 *		away from the object, which stays so for @hold seconds more; 0: no
 *		longer. obj->ptr may be gone. Optional.
 * @seal:	add records that only contents tell, which are read as @read
 *		reads them: from the frozen tasks, or after @commit, when these
 *		run again and obj->ptr may be gone. Optional.
 * @release:	undo what collect, save and commit keep in obj->priv. Optional.
 *
 * The life of a new object, all in the context of new tasks, with the
 * writer's credentials and all signals but SIGKILL blocked. Errors are
 * reported with ckpt_restore_err() where they are found, and end the restore.
 *
 * @restore:	make the object: once, in the first root task, when all tasks
 *		exist and have nothing yet, in an empty address space; types
 *		in the order of the table. Returns the new kernel object, whose reference the
 *		registry owns from then on, or ERR_PTR(). For objects that
 *		exist by themselves (files, pipes, credentials).
 * @complete:	all objects of the row and of those before it have been made, if there
 *		are any, and those of the rows that follow have not: what needs all of
 *		them. Optional.
 * @end:	the restore of this object is over, and maybe @failed: undo what is
 *		not undone by @drop. Called for all objects before that. Optional.
 * @drop:	give back the reference that @restore returned.
 * @apply:	put the object's state into the current task: for what a task
 *		has by being cloned (fdtable, fs, mm ...). Called once per
 *		object, in the first task that holds it; all tasks exist, and
 *		in the address space are the mappings of the image if the
 *		object's row comes after MM, nothing otherwise.
 * @bind:	connect the object to its peers: as @apply, but everything has
 *		been applied everywhere. Rows with CKPT_ROW_LAST or @sighand are
 *		bound when everything else has been.
 * @queue:	what is to be done when all have been bound that are not bound
 *		last: set limits, and queue signals that come after those that
 *		@bind queues.
 * @sighand:	CKPT_ROW_FILE: id of the table of signal handlers in one of
 *		whose tasks @bind is to be called; 0: it need not be. Optional.
 * @arm:	let time go on for it: as @bind, but all clocks are what they were,
 *		rights are the program's own, and nothing can fail any more.
 */
struct ckpt_object_ops {
	u16 type;
	const char *name;
	const char *dir;
	const char *part;
	u32 flags;
	u16 records[CKPT_ROW_RECORDS + 1];
	u32 max_size;

	int (*check)(const struct ckpt_check *chk, u64 id,
		     const void *bytes, size_t size);
#ifdef __KERNEL__
	bool (*match)(struct file *file);
	struct fasync_struct *(*async)(struct file *file);
	unsigned int own_flags;
	void (*get)(void *ptr);
	void (*put)(void *ptr);
	int (*collect)(struct ckpt_collect *c, struct ckpt_object *obj);
	int (*verify)(struct ckpt_collect *c, struct ckpt_object *obj);
	int (*save)(struct ckpt_collect *c, struct ckpt_object *obj,
		    struct ckpt_writer *w);
	u64 (*size)(struct ckpt_object *obj);
	ssize_t (*read)(struct ckpt_object *obj, loff_t pos, struct iov_iter *to);
	int (*commit)(struct ckpt_object *obj, bool alone);
	u64 (*weight)(const struct ckpt_object *obj);
	long (*pages)(struct ckpt_object *obj, u64 index, unsigned int nr,
		      struct page **pages);
	void (*kill)(struct ckpt_object *obj);
	void (*thaw)(struct ckpt_object *obj, unsigned int hold);
	int (*seal)(struct ckpt_object *obj, struct ckpt_writer *w);
	void (*release)(struct ckpt_object *obj);

	void *(*restore)(struct ckpt_restore *r, struct ckpt_item *item);
	int (*complete)(struct ckpt_restore *r);
	void (*end)(struct ckpt_item *item, bool failed);
	void (*drop)(void *ptr);
	int (*apply)(struct ckpt_restore *r, struct ckpt_item *item);
	int (*bind)(struct ckpt_restore *r, struct ckpt_item *item);
	int (*queue)(struct ckpt_restore *r, struct ckpt_item *item);
	u64 (*sighand)(const struct ckpt_item *item);
	int (*arm)(struct ckpt_restore *r, struct ckpt_item *item);
#endif
};

#define CKPT_TYPE_DECLARE(NAME, number, ops) \
	extern const struct ckpt_object_ops ckpt_##ops##_ops;
CKPT_OBJECT_TYPES(CKPT_TYPE_DECLARE)
#undef CKPT_TYPE_DECLARE

#endif /* _CKPT_OBJECT_H */
