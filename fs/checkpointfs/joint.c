// SPDX-License-Identifier: GPL-2.0-only
/*
 * What tasks have in common by the flags of clone(2) without being relatives: tables of
 * descriptors, directories, I/O contexts, lists of semaphore adjustments.
 *
 * A new task has from the one that clones it what both have. What it has in common with any
 * other the image tells by the first that has it. Of these the one who comes there before
 * the others shows its own, and the others take that instead of theirs: each before it clones
 * anybody, who then has it from it. An address space and a signal table only a clone can have:
 * there it is chosen who makes it (objects/task.c).
 *
 * Who shows something keeps its reference until ckpt_joint_end(), and with it what others count
 * on. ckpt_restore.lock protects what is shown. All of them take before CKPT_STEP_CLONE is over,
 * and nobody uses or changes what he has before that: a table of descriptors that one task has
 * is looked at without references (fdget()).
 */
#include <linux/fdtable.h>
#include <linux/fs_struct.h>
#include <linux/iocontext.h>
#include <linux/refcount.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sem.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "compat/private.h"
#include "joint.h"
#include "sched.h"

/* ---- saved ----------------------------------------------------------------------- */

struct task_struct *ckpt_living(struct task_struct *t)
{
	struct task_struct *thread;

	guard(rcu)();
	if (!t->exit_state)
		return t;
	for_each_thread(t, thread)
		if (!thread->exit_state)
			return thread;
	return NULL;
}

/* How many there are in a container takes no more bits. */
#define PLACE_BITS	30

/* Small numbers near to each other, see freezer.c. */
static unsigned long key_of(const void *ptr)
{
	return virt_to_phys((void *)ptr) / sizeof(void *);
}

static struct ckpt_sem_undo_list *undos_of(const struct task_struct *t)
{
	return (void *)t->sysvsem.undo_list;
}

/* In @users, how many have it. It stays: who has it is frozen. */
static struct io_context *io_of(struct task_struct *t, unsigned int *users)
{
	guard(task_lock)(t);
	*users = t->io_context ? atomic_read(&t->io_context->active_ref) : 0;
	return t->io_context;
}

/* The place of the first of the tasks that has it, and how many of them live. */
static int note(struct ckpt_collect *c, const void *ptr, unsigned int users, unsigned int place)
{
	unsigned long key = key_of(ptr), lives = !c->tasks->vec[place]->exit_state;
	void *old;

	if (users <= 1)
		return 0;
	old = xa_load(&c->joint, key);
	if (old)
		old = xa_mk_value(xa_to_value(old) + (lives << PLACE_BITS));
	else
		old = xa_mk_value(lives << PLACE_BITS | place);
	return xa_err(xa_store(&c->joint, key, old, GFP_KERNEL_ACCOUNT));
}

static int note_all(struct ckpt_collect *c, struct task_struct *t, unsigned int place)
{
	struct ckpt_sem_undo_list *undos = undos_of(t);
	struct io_context *io;
	unsigned int users;
	int err;

	err = note(c, t->files, atomic_read(&t->files->count), place);
	if (!err)
		err = note(c, t->fs, READ_ONCE(t->fs->users), place);
	io = io_of(t, &users);
	if (!err && io)
		err = note(c, io, users, place);
	if (!err && undos)
		err = note(c, undos, refcount_read(&undos->refcnt), place);
	return err;
}

int ckpt_joint_collect(struct ckpt_collect *c)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < c->tasks->nr; i++) {
		struct task_struct *t = ckpt_living(c->tasks->vec[i]);

		if (t)
			err = note_all(c, t, i);
		cond_resched();
	}
	return err;
}

/* The first that has it, and how many; NULL: it is not shared. */
static struct task_struct *first_with(struct ckpt_collect *c, const void *ptr, unsigned int *nr)
{
	void *entry = ptr ? xa_load(&c->joint, key_of(ptr)) : NULL;

	if (!entry)
		return NULL;
	*nr = xa_to_value(entry) >> PLACE_BITS;
	return c->tasks->vec[xa_to_value(entry) & GENMASK(PLACE_BITS - 1, 0)];
}

/* Is @t the first of them, and are there others outside? */
static bool is_shared_outside(struct ckpt_collect *c, struct task_struct *t, const void *ptr,
			      unsigned int users)
{
	unsigned int nr;
	struct task_struct *first = first_with(c, ptr, &nr);

	return first && ckpt_living(first) == t && users > nr;
}

/* Descriptors and directories are objects, which see to that themselves. */
void ckpt_joint_verify(struct ckpt_collect *c, struct task_struct *t)
{
	struct ckpt_sem_undo_list *undos = undos_of(t);
	unsigned int users;
	struct io_context *io = io_of(t, &users);

	if (is_shared_outside(c, t, io, users))
		ckpt_refuse_shared(c, "task %d: the I/O context is shared with a task outside of the container",
				   task_pid_vnr(t));
	if (undos && is_shared_outside(c, t, undos, refcount_read(&undos->refcnt)))
		ckpt_refuse_shared(c, "task %d: its semaphore adjustments are shared with a task outside of the container",
				   task_pid_vnr(t));
}

u32 ckpt_joint_flags(struct task_struct *t, struct task_struct *maker)
{
	u32 flags = 0;

	if (!maker)
		return 0;
	if (t->io_context && t->io_context == maker->io_context)
		flags |= CKPT_TASK_IO;
	if (undos_of(t) && undos_of(t) == undos_of(maker))
		flags |= CKPT_TASK_SYSVSEM;
	return flags;
}

/* Who was the first to have what @t has; 0: itself, or it is its maker's. */
static __le32 number(struct ckpt_collect *c, struct task_struct *t, const void *ptr,
		     const void *makers)
{
	struct task_struct *first;
	unsigned int nr;

	if (ptr == makers)
		return 0;
	first = first_with(c, ptr, &nr);
	return first && first != t ? cpu_to_le32(ckpt_id(c, CKPT_TYPE_TASK, first)) : 0;
}

int ckpt_joint_save(struct ckpt_collect *c, struct task_struct *t, struct task_struct *maker,
		    struct ckpt_writer *w)
{
	const struct task_struct *has = ckpt_living(t);
	const struct ckpt_joint joint = {
		.files = number(c, t, has->files, maker ? maker->files : NULL),
		.fs = number(c, t, has->fs, maker ? maker->fs : NULL),
		.io = number(c, t, has->io_context, maker ? maker->io_context : NULL),
		.sysvsem = number(c, t, undos_of(has), maker ? undos_of(maker) : NULL),
	};
	struct ckpt_joint *rec;

	if (!memchr_inv(&joint, 0, sizeof(joint)))
		return 0;
	rec = ckpt_add(w, CKPT_REC_JOINT, 0);
	if (!rec)
		return w->error;
	*rec = joint;
	return 0;
}

/* ---- made again --------------------------------------------------------------------- */

/* A clone of the kernel's own has one made, and counts itself: here it is the same task. */
static int make_undos(void)
{
	int err;

	if (undos_of(current))
		return 0;
	err = ksym(copy_semundo)(CLONE_SYSVSEM, current);
	if (!err)
		refcount_dec(&undos_of(current)->refcnt);
	return err;
}

static void *get_files(struct task_struct *t)
{
	atomic_inc(&t->files->count);
	return t->files;
}

static void set_files(void *ptr)
{
	struct files_struct *old = current->files;

	scoped_guard(task_lock, current)
		current->files = ptr;
	ksym(put_files_struct)(old);
}

static void *get_fs(struct task_struct *t)
{
	guard(spinlock)(&t->fs->lock);
	t->fs->users++;
	return t->fs;
}

static void set_fs(void *ptr)
{
	struct fs_struct *old = current->fs;
	int left;

	scoped_guard(task_lock, current)
		current->fs = ptr;
	scoped_guard(spinlock, &old->lock)
		left = --old->users;
	if (!left)
		ksym(free_fs_struct)(old);
}

static void *get_io(struct task_struct *t)
{
	atomic_inc(&t->io_context->active_ref);
	return t->io_context;
}

/* Who may set its priority may give it one at any time, if it has none. */
static void set_io(void *ptr)
{
	while (ptr) {
		if (READ_ONCE(current->io_context))
			ksym(exit_io_context)(current);
		guard(task_lock)(current);
		if (!current->io_context)
			swap(current->io_context, ptr);
	}
}

static void *get_undos(struct task_struct *t)
{
	refcount_inc(&undos_of(t)->refcnt);
	return undos_of(t);
}

static void set_undos(void *ptr)
{
	ksym(exit_sem)(current);
	current->sysvsem.undo_list = ptr;
}

/**
 * struct joint - what tasks can have in common
 * @flag:	of clone(2), by which a clone has it
 * @field:	of struct ckpt_joint
 * @make:	sees to it that current has one; NULL: every task has
 * @get:	that of @t, which shows it, with a reference
 * @set:	gives it to current, instead of its own
 */
struct joint {
	u64 flag;
	size_t field;
	int (*make)(void);
	void *(*get)(struct task_struct *t);
	void (*set)(void *ptr);
};

static const struct joint joints[CKPT_JOINTS] = {
	{ CLONE_FILES, offsetof(struct ckpt_joint, files), NULL, get_files, set_files },
	{ CLONE_FS, offsetof(struct ckpt_joint, fs), NULL, get_fs, set_fs },
	{ CLONE_IO, offsetof(struct ckpt_joint, io), ckpt_sched_make_io, get_io, set_io },
	{ CLONE_SYSVSEM, offsetof(struct ckpt_joint, sysvsem), make_undos, get_undos, set_undos },
};

/* The first that has what @t has, by the image; NULL: nobody has the same as @t. */
static struct ckpt_newtask *first_of(struct ckpt_newtask *t, unsigned int i)
{
	const struct ckpt_joint *rec = ckpt_item_body(t->item, CKPT_REC_JOINT);
	struct ckpt_item *item;
	__le32 tid;

	tid = rec ? *(const __le32 *)((const void *)rec + joints[i].field) : 0;
	if (!tid)
		return t->joint & BIT(i) ? t : NULL;
	item = ckpt_item(t->r->img, CKPT_TYPE_TASK, le32_to_cpu(tid));
	return item ? item->priv : NULL;
}

void ckpt_joint_link(struct ckpt_newtask *t)
{
	unsigned int i;

	for (i = 0; i < CKPT_JOINTS; i++) {
		struct ckpt_newtask *first = first_of(t, i);

		if (first)
			first->joint |= BIT(i);
	}
}

static int take(struct ckpt_newtask *t, struct ckpt_newtask *first, unsigned int i)
{
	const struct joint *joint = &joints[i];
	void *got = NULL;
	int err = joint->make ? joint->make() : 0;

	if (err)
		return err;
	scoped_guard(spinlock, &t->r->lock) {
		if (first->shown[i])
			got = joint->get(first->shown[i]->task);
		else
			first->shown[i] = t;
	}
	if (got)
		joint->set(got);
	return 0;
}

int ckpt_joint_take(struct ckpt_newtask *t)
{
	u64 shares = ckpt_newtask_shares(t);
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < CKPT_JOINTS; i++) {
		struct ckpt_newtask *first = first_of(t, i);

		if (first && !(shares & joints[i].flag))
			err = take(t, first, i);
	}
	if (err)
		ckpt_restore_err(t->r, t->item, "cannot have in common what it had: %pe",
				 ERR_PTR(err));
	return err;
}

void ckpt_joint_end(struct ckpt_newtask *t)
{
	unsigned int i;

	for (i = 0; i < CKPT_JOINTS; i++) {
		struct ckpt_newtask *first = first_of(t, i);

		if (!first)
			continue;
		guard(spinlock)(&t->r->lock);
		if (first->shown[i] == t)
			first->shown[i] = NULL;
	}
}
