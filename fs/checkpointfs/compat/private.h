/* SPDX-License-Identifier: GPL-2.0-only */
/* Structures that the kernel defines in .c files, as far as they are read here. */
#ifndef _CKPT_PRIVATE_H
#define _CKPT_PRIVATE_H

#include <linux/fsnotify_backend.h>
#include <linux/list.h>
#include <linux/refcount_types.h>
#include <linux/spinlock_types.h>

/* These are compared with the kernel that runs by tests/bats/fields.bats. */

struct ckpt_dnotify_mark {
	struct fsnotify_mark fsn_mark;
	struct dnotify_struct *dn;
};

/*
 * The head of struct sem_undo_list of ipc/sem.c.
 */
struct ckpt_sem_undo_list {
	refcount_t refcnt;
	spinlock_t lock;
	struct list_head undos;
};

#endif /* _CKPT_PRIVATE_H */
