/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Traced tasks: what freezer.c, guard.c, task.c, newtask.c and release.c use of tracee.c
 * and tracemake.c.
 */
#ifndef _CKPT_TRACEE_H
#define _CKPT_TRACEE_H

#include <linux/types.h>

struct ckpt_collect;
struct ckpt_mount;
struct ckpt_newtask;
struct ckpt_restore;
struct ckpt_taskset;
struct ckpt_writer;
struct task_struct;

/* ---- tracee.c ---- */

/**
 * ckpt_tracee_may_freeze() - may a stop of this task come, as far as its tracer goes?
 * @m: for messages
 * @set: all that are held
 * @t: one of them
 *
 * Return: 0, or -EOPNOTSUPP (reported): its tracer is outside, or would see the stop.
 */
int ckpt_tracee_may_freeze(struct ckpt_mount *m, const struct ckpt_taskset *set,
			   struct task_struct *t);
/* Is it in a stop of a tracer that is of the set? It stays there when it is frozen. */
bool ckpt_tracee_is_stopped(const struct ckpt_taskset *set, struct task_struct *t);
/* Would @tracer, with the rights that it has now, have that of tracing @t? May sleep. */
bool ckpt_may_trace(struct task_struct *tracer, struct task_struct *t);

/* Refuse what is not kept of how it is traced. */
void ckpt_tracee_collect(struct ckpt_collect *c, struct task_struct *t);
/* Refuse one that traces somebody outside. */
void ckpt_tracer_verify(struct ckpt_collect *c, struct task_struct *t);
/* Write CKPT_REC_TRACEE, if it is traced. Return: 0 or w->error. */
int ckpt_tracee_save(struct ckpt_collect *c, struct task_struct *t, struct ckpt_writer *w);

/* ---- tracemake.c ---- */

/* Does it begin in a stop of its tracer? */
bool ckpt_tracee_stops(const struct ckpt_newtask *t);
/* All are parked, with rights of their own. Return: 0 or -EPERM (reported). */
int ckpt_tracees_check(struct ckpt_restore *r);

/**
 * ckpt_tracees_link() - give the new tasks their tracers
 * @r: a restore that cannot fail any more; all tasks are parked
 *
 * Return: is there one that begins in a stop? It has to go on until it is in it, before
 * any other runs.
 */
bool ckpt_tracees_link(struct ckpt_restore *r);
/* Of current, last of all: if it begins in a stop, get_signal() takes it there from here on. */
void ckpt_tracee_enter(struct ckpt_newtask *t);
/* Wait until all of these are there, and make each stop that of the image. */
void ckpt_tracees_settle(struct ckpt_restore *r);

#endif /* _CKPT_TRACEE_H */
