/* SPDX-License-Identifier: GPL-2.0-only */
/* Structures that the kernel defines in .c files, as far as they are read here. */
#ifndef _CKPT_PRIVATE_H
#define _CKPT_PRIVATE_H

#include <linux/alarmtimer.h>
#include <linux/fsnotify_backend.h>
#include <linux/hrtimer.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/refcount_types.h>
#include <linux/signal_types.h>
#include <linux/spinlock_types.h>
#include <linux/wait.h>

/* These are compared with the kernel that runs by tests/bats/fields.bats. */

struct ckpt_eventfd_ctx {
	struct kref kref;
	wait_queue_head_t wqh;
	__u64 count;
	unsigned int flags;
};

struct ckpt_signalfd_ctx {
	sigset_t sigmask;
};

struct ckpt_timerfd_ctx {
	union {
		struct hrtimer tmr;
		struct alarm alarm;
	} t;
	ktime_t tintv;
	ktime_t moffs;
	wait_queue_head_t wqh;
	u64 ticks;
	int clockid;
	unsigned short expired;
	unsigned short settime_flags;
	struct rcu_head rcu;
	struct list_head clist;
	spinlock_t cancel_lock;
	bool might_cancel;
};

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
