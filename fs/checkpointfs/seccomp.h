/* SPDX-License-Identifier: GPL-2.0-only */
/* Filters of system calls and who answers for them: objects/seccomp.c, notified.c. */
#ifndef _CKPT_SECCOMP_H
#define _CKPT_SECCOMP_H

#include <linux/types.h>

struct ckpt_collect;
struct ckpt_mount;
struct ckpt_newtask;
struct task_struct;

/* Announce the filters of a task. Return: 0 or -errno; a refusal is none. */
int ckpt_seccomp_collect(struct ckpt_collect *c, struct task_struct *t);
/* Return: the id of its latest filter, 0: it has none. */
u64 ckpt_seccomp_id(struct ckpt_collect *c, const struct task_struct *t);
/*
 * Give the current task, with the writer's rights and the image's no_new_privs,
 * its filters or strict mode, unless it has them. Return: 0 or -errno (reported).
 */
int ckpt_seccomp_restore(struct ckpt_newtask *t);
/* Is that to be done before objects are made, because listeners come of it? */
bool ckpt_seccomp_comes_first(const struct ckpt_newtask *t);

/*
 * Tasks that are about to be stopped, and still run: has one of them a seccomp listener that
 * has got a system call and not answered? Return: 0, or -errno (reported, but for -EINTR).
 */
int ckpt_notified_check(struct ckpt_mount *m, struct task_struct *const *vec, unsigned int nr);
/* Does it wait for an answer, and cannot be interrupted? A hint. */
bool ckpt_notified_waits(struct task_struct *t);

#endif /* _CKPT_SECCOMP_H */
