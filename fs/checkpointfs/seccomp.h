/* SPDX-License-Identifier: GPL-2.0-only */
/* Filters of system calls: what task.c and newtask.c use of objects/seccomp.c. */
#ifndef _CKPT_SECCOMP_H
#define _CKPT_SECCOMP_H

struct ckpt_collect;
struct ckpt_newtask;
struct task_struct;

/* Announce the filters of a task. Return: 0 or -errno; a refusal is none. */
int ckpt_seccomp_collect(struct ckpt_collect *c, struct task_struct *t);
/* Return: the id of its latest filter, 0: it has none. */
u64 ckpt_seccomp_id(struct ckpt_collect *c, const struct task_struct *t);
/*
 * Give the current task, with the writer's rights and the image's no_new_privs,
 * its filters or strict mode. Return: 0 or -errno (reported).
 */
int ckpt_seccomp_restore(struct ckpt_newtask *t);

#endif /* _CKPT_SECCOMP_H */
