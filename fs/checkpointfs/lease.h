/* SPDX-License-Identifier: GPL-2.0-only */
/* Leases of files: what locks.c has of them. */
#ifndef _CKPT_LEASE_H
#define _CKPT_LEASE_H

#include <linux/types.h>

struct ckpt_collect;
struct ckpt_item;
struct ckpt_object;
struct ckpt_restore;
struct ckpt_writer;
struct file_lock_core;

/*
 * Of an inode, &ckpt_object.ptr: keep what its leases are now, before any signal is
 * saved, and refuse what is no lease. To be released. Return: 0 or -ENOMEM.
 */
int ckpt_leases_verify(struct ckpt_collect *c, struct ckpt_object *obj);
/* Write CKPT_REC_LEASES, if there are any. Return: 0 or w->error. */
int ckpt_leases_save(struct ckpt_object *obj, struct ckpt_writer *w);
void ckpt_leases_release(struct ckpt_object *obj);
/* Have them again, by files that have been restored. Return: 0 or -errno (reported). */
int ckpt_leases_restore(struct ckpt_restore *r, struct ckpt_item *item);

/* Number of the process that has taken a lock; 0: it is not of the container. */
u32 ckpt_lock_pid(struct ckpt_collect *c, const struct file_lock_core *flc);
/* The same, as the kernel keeps it: of the first pid namespace. */
pid_t ckpt_lock_kernel_pid(u32 nr);

#endif /* _CKPT_LEASE_H */
