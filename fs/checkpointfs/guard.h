/* SPDX-License-Identifier: GPL-2.0-only */
/* Frozen tasks that are killed wait until nobody looks at them: guard.c. */
#ifndef _CKPT_GUARD_H
#define _CKPT_GUARD_H

struct ckpt_taskset;

/**
 * ckpt_guard_tasks() - from now on no task of the set can exit
 * @set: frozen tasks, in the freezer's trap
 *
 * To be undone with ckpt_unguard_tasks(), also after an error.
 * Return: 0; -EBUSY one has been killed already; -ENOMEM.
 */
int ckpt_guard_tasks(struct ckpt_taskset *set);
void ckpt_unguard_tasks(struct ckpt_taskset *set);

#endif /* _CKPT_GUARD_H */
