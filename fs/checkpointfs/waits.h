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
/* @t is stopped: find out whether that has ended a wait. 0 or -ENOMEM. */
int ckpt_wait_settle(struct ckpt_taskset *set, struct task_struct *t);
/* The wait of @t that goes on when it is let go, or NULL; owned by the caller. */
struct ckpt_wait *ckpt_wait_take(struct ckpt_taskset *set, struct task_struct *t);
void ckpt_wait_drop(struct ckpt_wait *wait);
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

/* Does it sleep in an io_submit(2) that a stop would interrupt? */
bool ckpt_wait_submits(struct task_struct *t);

#endif /* _CKPT_WAITS_H */
