/* SPDX-License-Identifier: GPL-2.0-only */
/* Frozen tasks stay where they are, whoever wakes them: guard.c. */
#ifndef _CKPT_GUARD_H
#define _CKPT_GUARD_H

#include <linux/sched.h>

struct ckpt_taskset;

/**
 * ckpt_guard_tasks() - from now on no task of the set can go on, or exit
 * @set: frozen tasks, in the freezer's trap or a stop of their tracer
 *
 * To be undone with ckpt_unguard_tasks(), also after an error.
 * Return: 0; -EBUSY one has been killed already, or runs; -ENOMEM.
 */
int ckpt_guard_tasks(struct ckpt_taskset *set);
/* The trap is armed for all of them; those that were woken are back in it. */
void ckpt_unguard_tasks(struct ckpt_taskset *set);

/*
 * The states in which a task that is in no queue sleeps. In TASK_WAKING it is on
 * its way into one, and to wait_task_inactive(TASK_ANY) as good as asleep.
 */
#define CKPT_OFF_CPU	(TASK_ANY & ~TASK_WAKING)

/* A task that is marked frozen has decided to sleep: wait until it does. */
void ckpt_wait_trapped(struct task_struct *t);

/* Is it the trap that its cgroup keeps it in, or will? freezer.c */
bool ckpt_cgroup_freezes(struct task_struct *t);

#endif /* _CKPT_GUARD_H */
