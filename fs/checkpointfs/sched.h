/* SPDX-License-Identifier: GPL-2.0-only */
/* How a task is scheduled: what task.c, process.c and newtask.c share. */
#ifndef _CKPT_SCHED_H
#define _CKPT_SCHED_H

struct ckpt_collect;
struct ckpt_newtask;
struct ckpt_restore;
struct ckpt_writer;
struct task_struct;

/* Refuse what no record has. */
void ckpt_sched_collect(struct ckpt_collect *c, struct task_struct *t);
/* Write CKPT_REC_SCHED, CKPT_REC_MEMPOLICY, CKPT_REC_CORE_GROUP. Return: 0 or -errno. */
int ckpt_sched_save(struct ckpt_collect *c, struct task_struct *t, struct ckpt_writer *w);
/* Find newtask.core of all new tasks. Return: 0 or -ENOMEM. */
int ckpt_sched_find_cores(struct ckpt_restore *r);
/*
 * The current task begins the core scheduling group that it is the first of, if it is.
 * In a step after that the others join it, all still with the writer's credentials and in
 * address spaces that he may look at. Return: 0 or -errno (reported).
 */
int ckpt_sched_begin_core(struct ckpt_newtask *t);
int ckpt_sched_join_core(struct ckpt_newtask *t);
/*
 * Give the current task, with the writer's rights and limits, what its image
 * says. Return: 0 or -errno (reported).
 */
int ckpt_sched_restore(struct ckpt_newtask *t);
/* Have an I/O context that others can share. Return: 0 or -errno. */
int ckpt_sched_make_io(void);

/* Nice of the autogroup of a task. */
int ckpt_autogroup_nice(struct task_struct *t);

#endif /* _CKPT_SCHED_H */
