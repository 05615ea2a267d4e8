/* SPDX-License-Identifier: GPL-2.0-only */
/* A restore under way: what restore.c, newtask.c, steps.c, release.c and others share. */
#ifndef _CKPT_RESTORE_H
#define _CKPT_RESTORE_H

#include <linux/completion.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/signal_types.h>
#include <linux/wait.h>

#include "checkpointfs.h"

/*
 * Where the new tasks are. Each step ends when all of them are through it, and
 * a task waits for the end of those before one that it has something to do in;
 * but for the last ones, which the writer takes: when all are parked, it gives
 * them their registers and clocks; when their timers run it gives them their
 * parents, lets the zombies die, and lets go. From CKPT_STEP_COMMIT on nothing can
 * fail any more.
 */
enum ckpt_step {
	CKPT_STEP_CLONE,	/* all tasks cloned */
	CKPT_STEP_LISTEN,	/* filters of system calls, if some have listeners */
	CKPT_STEP_MAKE,		/* ops->restore, in the first of them */
	CKPT_STEP_APPLY,	/* ops->apply, but of address spaces */
	CKPT_STEP_MAP,		/* ops->apply of address spaces */
	CKPT_STEP_BIND,		/* ops->bind */
	CKPT_STEP_QUEUE,	/* ops->queue */
	CKPT_STEP_LAST,		/* ops->bind of what needs all else: locks, epolls */
	CKPT_STEP_CREDS,	/* credentials, and what they decide */
	CKPT_STEP_PARKED,	/* the writer's: registers and clocks */
	CKPT_STEP_ARM,		/* ops->arm */
	CKPT_STEP_ARMED,	/* the writer's */
	CKPT_STEP_COMMIT,	/* they get their parents */
	CKPT_STEP_BURY,		/* zombies die: not before, or nobody could wait for them */
	CKPT_STEP_TRACE,	/* who was in a stop of its tracer goes into it */
	CKPT_STEP_GO,
};

/* Kinds of things that a JOINT record can name: its fields. */
#define CKPT_JOINTS	4

/**
 * struct ckpt_newtask - a task of the image, becoming one
 * @work:	runs ckpt_newtask_run() in it, inside get_signal()
 * @r:		the restore
 * @item:	tasks/TID/task
 * @rec:	its main record
 * @task:	the task, referenced; NULL before it has run
 * @creator:	the new task that clones it; NULL: the writer does
 * @parent:	of a leader: the new task whose child it is; NULL: it is given to
 *		the parent of the restore
 * @clones:	those that it clones: threads, then children
 * @node:	in the creator's @clones
 * @threads:	of a leader: the others of its process
 * @thread:	in the leader's @threads
 * @vfork_child: whom it waits for in vfork(), or NULL
 * @vfork_nr:	its pid, as vfork() returns it
 * @vfork:	completed if that child has gone its way before it waits for it
 * @vforker:	who waits so for it, or NULL
 * @session:	that it is out of while it dies, referenced; or NULL
 * @tracee:	how it is traced, or NULL
 * @tracer:	by whom
 * @aside:	its pending signals, and
 * @blocked:	its mask, while it goes into a stop of its tracer and
 * @apart:	has neither
 * @hushed:	table of its tracer, who is not told of its stops meanwhile; referenced
 * @core:	the first of the core scheduling group that it is in; NULL: in none
 * @joint:	bits of what it is the first to have of those that no relatives share, and
 * @shown:	who shows each of these to the others by now: joint.c
 * @plain:	a thread that shares all it can with its leader, who restores it
 * @until:	the step that it waits for, in its turn
 * @wait:	it waits here, alone, for that or an error
 */
struct ckpt_newtask {
	struct callback_head work;
	struct ckpt_restore *r;
	struct ckpt_item *item;
	const struct ckpt_task *rec;
	struct task_struct *task;
	struct ckpt_newtask *creator;
	struct ckpt_newtask *parent;
	struct list_head clones;
	struct list_head node;
	struct list_head threads;
	struct list_head thread;
	struct ckpt_newtask *vfork_child;
	pid_t vfork_nr;
	struct completion vfork;
	struct ckpt_newtask *vforker;
	struct pid *session;
	const struct ckpt_tracee *tracee;
	struct ckpt_newtask *tracer;
	struct sigpending aside;
	sigset_t blocked;
	bool apart;
	struct sighand_struct *hushed;
	struct ckpt_newtask *core;
	unsigned long joint;
	struct ckpt_newtask *shown[CKPT_JOINTS];
	bool plain;
	enum ckpt_step until;
	wait_queue_head_t wait;
};

/**
 * struct ckpt_restore - a restore under way
 * @ref:	one for the writer, one for each new task
 * @img:	the image; the writer keeps it until all tasks are released
 * @mount:	for messages
 * @new:	the new tasks
 * @nr:		how many
 * @lock:	protects @left, @step, newtask.until, newtask.task and newtask.shown
 * @left:	tasks that are not through a step, of each; and the writer in his own
 * @step:	enum ckpt_step that is under way
 * @error:	first error; all give up
 * @running:	new tasks whose ckpt_newtask_run() has not ended
 * @wait:	the writer waits here: until it is his turn, for an error, or for
 *		the end of @running
 * @connect_lock: protects @connected
 * @connected:	address spaces share their pages, connect.c
 * @seccomp_lock: tasks get their filters of system calls one after the other, until one fails
 * @waited:	looks, one after the other, at System V segments that somebody has attached
 */
struct ckpt_restore {
	refcount_t ref;
	struct ckpt_image *img;
	struct ckpt_mount *mount;
	struct ckpt_newtask *new;
	unsigned int nr;
	spinlock_t lock;
	unsigned int left[CKPT_STEP_COMMIT];
	enum ckpt_step step;
	int error;
	atomic_t running;
	wait_queue_head_t wait;
	struct mutex connect_lock;	/* @connected */
	bool connected;
	struct mutex seccomp_lock;	/* priv and made of items SECCOMP */
	unsigned int waited;
};

static inline bool ckpt_is_leader(const struct ckpt_newtask *t)
{
	return t->rec->tid == t->rec->tgid;
}

static inline bool ckpt_is_zombie(const struct ckpt_newtask *t)
{
	return le32_to_cpu(t->rec->state) == CKPT_TASK_ZOMBIE;
}

/* @flag: of task.flags */
static inline bool ckpt_newtask_has(const struct ckpt_newtask *t, u32 flag)
{
	return le32_to_cpu(t->rec->flags) & flag;
}

/* It has nothing but itself, unlike a leader that has ended before its threads. */
static inline bool ckpt_is_bare(const struct ckpt_newtask *t)
{
	return ckpt_is_zombie(t) && !t->rec->mm;
}

void ckpt_restore_put(struct ckpt_restore *r);
/* Remember the first error, and let everybody see it. Return: @err. */
int ckpt_restore_fail(struct ckpt_restore *r, int err);
/* Wake whoever waited for the step that it is, one by one: there may be thousands. */
void ckpt_restore_wake(struct ckpt_restore *r);
/* Go on to the first step that somebody is not through. @lock is held. */
void ckpt_restore_advance(struct ckpt_restore *r);
/* One of @running less. */
void ckpt_restore_leave(struct ckpt_restore *r);
/* Make all objects that exist by themselves, in the first new task. */
int ckpt_restore_make(struct ckpt_restore *r);

/*
 * Groups, sessions, stops, registers and clocks of the tasks, which are parked.
 * Return: 0 or -errno.
 */
int ckpt_release_prepare(struct ckpt_restore *r);
/* Nothing can fail any more: give them to their parents, @parent the roots; and go. */
void ckpt_release(struct ckpt_restore *r, struct task_struct *parent);
/* Does a task, which dies, go when its tracer says so? Nobody may have to wait for that. */
bool ckpt_is_traced(struct task_struct *t);

/* Return: new pid or -errno (reported). Called by its creator. */
int ckpt_newtask_clone(struct ckpt_newtask *t);
/* Return: CLONE_*, what it shares with its creator. */
u64 ckpt_newtask_shares(const struct ckpt_newtask *t);
/* Go through the steps that a new task, which is current, takes. Return: 0 or the first error. */
int ckpt_steps_run(struct ckpt_newtask *t);
/* The parent that new tasks have until they are released: ignores SIGCHLD. */
extern struct task_struct *ckpt_nursery;
/*
 * Make the leader @t and those of its threads that are there the children of
 * @parent, or of whoever gets its children if it is dying.
 */
void ckpt_reparent(struct ckpt_newtask *t, struct task_struct *parent);

#endif /* _CKPT_RESTORE_H */
