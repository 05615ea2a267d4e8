/* SPDX-License-Identifier: GPL-2.0-only */
/* Labels of security modules: what creds.c, task.c, steps.c and refuse.c share. */
#ifndef _CKPT_LABEL_H
#define _CKPT_LABEL_H

struct ckpt_collect;
struct ckpt_item;
struct ckpt_newtask;
struct ckpt_restore;
struct ckpt_writer;
struct cred;
struct task_struct;

/* Refuse what a task has besides its credentials, and cannot be set again. */
void ckpt_label_collect(struct ckpt_collect *c, struct task_struct *t);
/* Write what it has of that. Return: 0 or -errno. */
int ckpt_label_save_task(struct ckpt_writer *w, struct task_struct *t);

/*
 * Labels of credentials; @t: a task that has them, or NULL: then some task of the container,
 * or the freezer, must have the same label. Return: what about them cannot be saved, NULL.
 */
const char *ckpt_label_refused(struct ckpt_collect *c, const struct cred *cred,
			       struct task_struct *t);
/* Write them. Return: 0 or -errno. */
int ckpt_label_save_creds(struct ckpt_collect *c, const struct cred *cred,
			  struct task_struct *t, struct ckpt_writer *w);

/*
 * Give the current task the labels of @item, credentials, as its security module lets
 * it. One that it has is not set. Return: 0 or -errno (reported).
 */
int ckpt_label_restore_creds(struct ckpt_restore *r, struct ckpt_item *item);
/* The same of what the task has besides them, which it has. Return: 0 or -errno (reported). */
int ckpt_label_restore_task(struct ckpt_newtask *t);

/* Has it a label that a clone inherits, and that comes to nothing until it is of use? */
bool ckpt_label_pending(struct task_struct *t);

#endif /* _CKPT_LABEL_H */
