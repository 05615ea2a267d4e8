/* SPDX-License-Identifier: GPL-2.0-only */
/* How a task is scheduled: what task.c, process.c and newtask.c share. */
#ifndef _CKPT_SCHED_H
#define _CKPT_SCHED_H

struct ckpt_collect;
struct ckpt_newtask;
struct ckpt_writer;
struct task_struct;

/* Refuse what no record has. */
void ckpt_sched_collect(struct ckpt_collect *c, struct task_struct *t);
/* Refuse an I/O context that clones cannot come to share again. */
void ckpt_sched_verify(struct ckpt_collect *c, struct task_struct *t,
		       struct task_struct *maker);
/* Does it share the I/O context of the one that has made it? */
bool ckpt_sched_shares_io(const struct task_struct *t, const struct task_struct *maker);
/* Write CKPT_REC_SCHED, CKPT_REC_MEMPOLICY. Return: w->error. */
int ckpt_sched_save(struct ckpt_writer *w, struct task_struct *t);
/*
 * Give the current task, with the writer's rights and limits, what its image
 * says. Return: 0 or -errno (reported).
 */
int ckpt_sched_restore(struct ckpt_newtask *t);
/* Have an I/O context that clones can share. Return: 0 or -errno. */
int ckpt_sched_make_io(void);

/* Nice of the autogroup of a task. */
int ckpt_autogroup_nice(struct task_struct *t);

#endif /* _CKPT_SCHED_H */
