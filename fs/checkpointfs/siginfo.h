/* SPDX-License-Identifier: GPL-2.0-only */
/* Queues of pending signals: what signals.c, process.c and tracee.c share. */
#ifndef _CKPT_SIGINFO_H
#define _CKPT_SIGINFO_H

#include <linux/pid_types.h>
#include <linux/signal_types.h>

struct ckpt_process;
struct ckpt_siginfo;
struct ckpt_writer;
struct sigpending;
struct task_struct;

/**
 * ckpt_siginfo_save() - write a record whose elements are queued signals
 * @w: writer
 * @t: a task whose sighand protects the queue
 * @alarm: NULL, with its own queue: CKPT_REC_SIGNALS. Or the record of its
 *	   process, whose queue is written, CKPT_REC_SHARED_SIGNALS: it gets
 *	   ITIMER_REAL of the same instant
 * @pending: set to the set of pending signals
 * @body: set to the fixed part of the record, to be filled by the caller
 *
 * Signals that a POSIX timer has queued are not among them: timers.c.
 * Return: 0 or -errno.
 */
int ckpt_siginfo_save(struct ckpt_writer *w, struct task_struct *t,
		      struct ckpt_process *alarm, u64 *pending, void **body);

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

/* A siginfo as the image tells of it, and back. */
void ckpt_siginfo_describe(struct ckpt_siginfo *to, const kernel_siginfo_t *from);
void ckpt_siginfo_undescribe(kernel_siginfo_t *to, const struct ckpt_siginfo *from);

#endif /* _CKPT_SIGINFO_H */
