/* SPDX-License-Identifier: GPL-2.0-only */
/* How an interrupted system call goes on: restart.c. */
#ifndef _CKPT_RESTART_H
#define _CKPT_RESTART_H

struct ckpt_collect;
struct ckpt_item;
struct ckpt_restore;
struct ckpt_writer;
struct task_struct;

/* Refuse an interrupted call whose kind is not known. */
void ckpt_restart_collect(struct ckpt_collect *c, struct task_struct *t);
/* Write CKPT_REC_RESTART if there is something to write. */
int ckpt_restart_save(struct ckpt_collect *c, struct task_struct *t,
		      struct ckpt_writer *w);
/* Set current's restart block from its item. */
int ckpt_restart_restore(struct ckpt_restore *r, struct ckpt_item *item);

#endif /* _CKPT_RESTART_H */
