/* SPDX-License-Identifier: GPL-2.0-only */
/* Waits that a freeze ends with EINTR, and how they go on: waits.c. */
#ifndef _CKPT_WAITS_H
#define _CKPT_WAITS_H

#include <linux/types.h>

struct ckpt_taskset;
struct ckpt_wait;
struct task_struct;

/* Not ns: as long as the registers say. */
#define CKPT_WAIT_FOREVER	U64_MAX

/**
 * ckpt_waits_sample() - when do the waits of these tasks end?
 * @set: whose waits
 * @vec: tasks that are about to be stopped, and still run
 * @nr: how many
 *
 * Return: 0 or -ENOMEM.
 */
int ckpt_waits_sample(struct ckpt_taskset *set, struct task_struct **vec,
		      unsigned int nr);
/* The same for one that sleeps by now. Return: 0 or -ENOMEM. */
int ckpt_wait_prepare(struct ckpt_taskset *set, struct task_struct *t);
/*
 * Where it is noted that the end of the call of @t is hidden from its tracer, tracedcall.c.
 * Return: NULL if that cannot be.
 */
bool *ckpt_wait_hidden(const struct ckpt_taskset *set, struct task_struct *t);
/* @t is stopped: find out whether that has ended a wait. 0 or -ENOMEM. */
int ckpt_wait_settle(struct ckpt_taskset *set, struct task_struct *t);
/* The call of @t that goes on when it is let go, or NULL; owned by the caller. */
struct ckpt_wait *ckpt_wait_take(struct ckpt_taskset *set, struct task_struct *t);
void ckpt_wait_drop(struct ckpt_wait *wait);
/* Its tracer, if it still has one, is told again of the ends of calls. siglock is held. */
void ckpt_wait_unhide(struct task_struct *t, const struct ckpt_wait *wait);
/*
 * Let the wait of @t, which is in the freezer's trap and about to leave it, go
 * on. Does not sleep. It is the task's then, and *@wait becomes NULL.
 */
void ckpt_wait_resume(struct task_struct *t, struct ckpt_wait **wait);
void ckpt_waits_free(struct ckpt_taskset *set);

/**
 * ckpt_wait_left() - is @t in a wait that has been ended, and is made again?
 * @set: tasks that are held
 * @t: one of them
 * @call: set to the number of the system call
 * @left: set to the ns left at the freeze, or to CKPT_WAIT_FOREVER
 * @got: set to the number of events that it had got
 */
bool ckpt_wait_left(const struct ckpt_taskset *set, struct task_struct *t,
		    u32 *call, u64 *left, u32 *got);
/* Make the call that current's registers hold again, waiting @left ns at most. */
void ckpt_wait_again(u64 left, u32 got);

/* May the call that @t is in be made from elsewhere than its entry? Of one that sleeps. */
bool ckpt_call_fits(struct task_struct *t);
/* Make the interrupted call that current's registers hold again, if it is one. */
void ckpt_call_again(void);

/* Does it sleep in an io_submit(2) that a stop would interrupt? */
bool ckpt_wait_submits(struct task_struct *t);

#endif /* _CKPT_WAITS_H */
