/* SPDX-License-Identifier: GPL-2.0-only */
/* What prctl(2) sets for a task: what task.c, process.c and newtask.c share. */
#ifndef _CKPT_SETTINGS_H
#define _CKPT_SETTINGS_H

struct ckpt_collect;
struct ckpt_item;
struct ckpt_newtask;
struct ckpt_process;
struct ckpt_restore;
struct ckpt_writer;
struct task_struct;

/* Bits of ckpt_task.flags. */
u32 ckpt_settings_flags(struct task_struct *t);
/* Write CKPT_REC_DISPATCH, if there is one. Return: w->error. */
int ckpt_settings_save(struct ckpt_writer *w, const struct task_struct *t);
/* In the new task, with the writer's rights. Return: 0 or -errno (reported). */
int ckpt_settings_restore(struct ckpt_newtask *t);
/* The same with its own: what needs no right, and what new credentials reset. */
void ckpt_settings_finish(struct ckpt_newtask *t);

/* Who may trace a process besides its ancestors (Yama): refuse, save, restore. */
void ckpt_ptracer_collect(struct ckpt_collect *c, struct task_struct *leader);
void ckpt_ptracer_save(struct ckpt_collect *c, struct task_struct *leader,
		       struct ckpt_process *rec);
int ckpt_ptracer_restore(struct ckpt_restore *r, struct ckpt_item *item,
			 const struct ckpt_process *rec);

#endif /* _CKPT_SETTINGS_H */
