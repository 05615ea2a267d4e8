/* SPDX-License-Identifier: GPL-2.0-only */
/* Timers of a process: what process.c uses. */
#ifndef _CKPT_TIMERS_H
#define _CKPT_TIMERS_H

struct ckpt_collect;
struct ckpt_item;
struct ckpt_process;
struct ckpt_restore;
struct ckpt_writer;
struct signal_struct;

/* Refuse timers that depend on what is not in the container. */
void ckpt_timers_collect(struct ckpt_collect *c, struct signal_struct *sig);
/* Write CKPT_REC_TIMERS if there are any. Return: 0 or -errno. */
int ckpt_timers_save(struct ckpt_collect *c, struct signal_struct *sig,
		     struct ckpt_writer *w);
/*
 * Make the timers of an item (PROCESS) in the current process, stopped; @scratch
 * is mapped. Return: 0 or -errno (reported).
 */
int ckpt_timers_make(struct ckpt_restore *r, struct ckpt_item *item,
		     unsigned long scratch);
/* Queue again the signals of those that have expired. */
void ckpt_timers_queue(const struct ckpt_item *item);
/* Let them go on. All clocks are what they were, and no task runs in user mode. */
void ckpt_timers_arm(const struct ckpt_item *item);

/* ITIMER_REAL: @sig's siglock is held, and not by who waits for its expiry. */
bool ckpt_alarm_settled(struct signal_struct *sig);
void ckpt_alarm_save(struct signal_struct *sig, struct ckpt_process *rec);
/* ITIMER_VIRTUAL and ITIMER_PROF. */
void ckpt_itimers_save(struct signal_struct *sig, struct ckpt_process *rec);
/* Start all three in the current process. */
void ckpt_itimers_arm(const struct ckpt_process *rec);

#endif /* _CKPT_TIMERS_H */
