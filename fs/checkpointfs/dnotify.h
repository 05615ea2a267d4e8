/* SPDX-License-Identifier: GPL-2.0-only */
/* Directories that are watched by F_NOTIFY: what fdtable.c and owner.c have of them. */
#ifndef _CKPT_DNOTIFY_H
#define _CKPT_DNOTIFY_H

#include <linux/types.h>

struct ckpt_item;
struct ckpt_object;
struct ckpt_restore;
struct ckpt_writer;
struct file;

/* Does any process watch by this open file? */
bool ckpt_dnotify_has(struct file *file);
/*
 * Of a table of descriptors, &ckpt_object.ptr: keep what is watched by them now, before any
 * signal is saved. To be released. Return: 0 or -ENOMEM.
 */
int ckpt_dnotify_verify(struct ckpt_object *obj);
/* Write CKPT_REC_DNOTIFY, if there is anything. Return: 0 or w->error. */
int ckpt_dnotify_save(struct ckpt_object *obj, struct ckpt_writer *w);
void ckpt_dnotify_release(struct ckpt_object *obj);
/* Watch again, as a task that has the table. Return: 0 or -errno (reported). */
int ckpt_dnotify_restore(struct ckpt_restore *r, struct ckpt_item *item);

#endif /* _CKPT_DNOTIFY_H */
