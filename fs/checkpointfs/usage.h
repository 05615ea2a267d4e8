/* SPDX-License-Identifier: GPL-2.0-only */
/* What has been used of the machine: what task.c, process.c and release.c share. */
#ifndef _CKPT_USAGE_H
#define _CKPT_USAGE_H

struct ckpt_item;
struct ckpt_writer;
struct signal_struct;
struct task_struct;

/* Write CKPT_REC_USAGE of a task that does not run. Return: w->error. */
int ckpt_usage_save_task(struct ckpt_writer *w, struct task_struct *t);
/* Write those of what a process has besides its tasks. Return: w->error. */
int ckpt_usage_save_process(struct ckpt_writer *w, struct signal_struct *sig);

/* Give a task, which does not run, what its item (TASK) says. */
void ckpt_usage_restore_task(const struct ckpt_item *item, struct task_struct *t);
/*
 * The same for a process (PROCESS), whose tasks do not run and have theirs. No
 * timer of CPU time is armed; the clocks that are kept for such start anew.
 * Return: 0, or -EUCLEAN if it has used more time than there can be.
 */
int ckpt_usage_restore_process(const struct ckpt_item *item, struct task_struct *leader);

/* When a task was started, ns since 1970. */
u64 ckpt_start_time(const struct task_struct *t);
/*
 * Let a new task have been started then, or soon after the machine if that is later:
 * in the order of the new tasks, whose first was made at @origin since boot.
 */
void ckpt_set_start_time(struct task_struct *t, u64 time, u64 origin);

#endif /* _CKPT_USAGE_H */
