/* SPDX-License-Identifier: GPL-2.0-only */
/* PI futexes, and futex(2) as the call that a task is in: pifutex.c. */
#ifndef _CKPT_PIFUTEX_H
#define _CKPT_PIFUTEX_H

struct ckpt_collect;
struct task_struct;

/**
 * ckpt_futex_command() - is it futex(2) that a task is in?
 * @t: whose stack stays
 * @args: set to the arguments of the call, if it is
 *
 * Return: which command of it (FUTEX_WAIT ...), without its flags, or -1.
 */
int ckpt_futex_command(struct task_struct *t, unsigned long args[6]);
/* Refuse what only one of the two who have to do with a PI futex would take along. */
void ckpt_pifutex_collect(struct ckpt_collect *c, struct task_struct *t);

#endif /* _CKPT_PIFUTEX_H */
