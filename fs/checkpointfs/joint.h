/* SPDX-License-Identifier: GPL-2.0-only */
/* What tasks have in common without being relatives: joint.c. */
#ifndef _CKPT_JOINT_H
#define _CKPT_JOINT_H

#include "restore.h"

/*
 * Itself; of a leader that has ended a thread that lives, which has what the leader
 * had; or NULL. Tasks that are frozen stay, and threads that have ended are gone.
 */
struct task_struct *ckpt_living(struct task_struct *t);

/* Before objects are collected, which count. Return: 0 or -errno. */
int ckpt_joint_collect(struct ckpt_collect *c);
/* Refuse what @t, which lives, shares with a task outside, and is no object. */
void ckpt_joint_verify(struct ckpt_collect *c, struct task_struct *t);
/* CKPT_TASK_IO, CKPT_TASK_SYSVSEM: what @t has that it will have from @maker, or NULL. */
u32 ckpt_joint_flags(struct task_struct *t, struct task_struct *maker);
/* Write CKPT_REC_JOINT, if @t, of which something lives, has anything from others. */
int ckpt_joint_save(struct ckpt_collect *c, struct task_struct *t, struct task_struct *maker,
		    struct ckpt_writer *w);

/* All new tasks are known: set newtask.joint of those that @t names. */
void ckpt_joint_link(struct ckpt_newtask *t);
/* In the context of @t, which has cloned nobody yet. Return: 0 or -errno (reported). */
int ckpt_joint_take(struct ckpt_newtask *t);
/* In its context, before it is let go, or exits: nobody takes what it has any more. */
void ckpt_joint_end(struct ckpt_newtask *t);

#endif /* _CKPT_JOINT_H */
