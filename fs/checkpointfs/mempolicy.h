/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory policies of tasks, mappings and shared memory. */
#ifndef _CKPT_MEMPOLICY_H
#define _CKPT_MEMPOLICY_H

#include <linux/types.h>

struct ckpt_item;
struct ckpt_newtask;
struct ckpt_restore;
struct ckpt_writer;
struct file;
struct inode;
struct mm_struct;
struct task_struct;

/* Write CKPT_REC_MEMPOLICY of a task, if it has one. Return: 0 or w->error. */
int ckpt_mempolicy_save_task(struct ckpt_writer *w, struct task_struct *t);
/* Write CKPT_REC_POLICY of each mapping that has one; mmap_lock is held. */
int ckpt_mempolicy_save_mappings(struct ckpt_writer *w, struct mm_struct *mm);
/* The same of each range of shared memory. */
int ckpt_mempolicy_save_shared(struct ckpt_writer *w, struct inode *inode);

/*
 * Set them by mbind(2) and others, with their checks, in current: its own; those of its
 * mappings, which have been made; those of @file, which has none and may be mapped.
 * Return: 0 or -errno (reported).
 */
int ckpt_mempolicy_restore_task(struct ckpt_newtask *t, unsigned long scratch);
int ckpt_mempolicy_restore_mappings(struct ckpt_restore *r, struct ckpt_item *item);
int ckpt_mempolicy_restore_shared(struct ckpt_restore *r, struct ckpt_item *item,
				  struct file *file);

#endif /* _CKPT_MEMPOLICY_H */
