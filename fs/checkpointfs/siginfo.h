/* SPDX-License-Identifier: GPL-2.0-only */
/* Queues of pending signals: what signals.c and process.c share. */
#ifndef _CKPT_SIGINFO_H
#define _CKPT_SIGINFO_H

#include <linux/pid_types.h>

struct ckpt_siginfo;
struct ckpt_writer;
struct sigpending;
struct task_struct;

/**
 * ckpt_siginfo_save() - write a record whose elements are queued signals
 * @w: writer
 * @record: CKPT_REC_SIGNALS or CKPT_REC_SHARED_SIGNALS
 * @t: a task whose sighand protects the queue
 * @queue: the queue
 * @pending: set to the set of pending signals
 * @body: set to the fixed part of the record, to be filled by the caller
 *
 * Return: 0 or -errno.
 */
int ckpt_siginfo_save(struct ckpt_writer *w, u16 record, struct task_struct *t,
		      struct sigpending *queue, u64 *pending, void **body);

/**
 * ckpt_siginfo_restore() - queue signals to the current task or process
 * @info: the signals, in order
 * @nr: how many
 * @pending: set of those that are pending
 * @type: PIDTYPE_PID or PIDTYPE_TGID
 *
 * The signals are blocked. Return: 0 or -errno.
 */
int ckpt_siginfo_restore(const struct ckpt_siginfo *info, u32 nr, u64 pending,
			 enum pid_type type);

#endif /* _CKPT_SIGINFO_H */
