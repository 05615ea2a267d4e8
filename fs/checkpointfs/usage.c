// SPDX-License-Identifier: GPL-2.0-only
/*
 * What has been used: CPU time, page faults, I/O, and the time of the start.
 *
 * The clocks of CPU time are sums of these, so that timers on them, and
 * RLIMIT_CPU, mean after a restore what they meant before. Times of a task are
 * written by the scheduler, under locks of its own: they are set from outside
 * while the task does not run. Sums of a process are under its stats_lock.
 *
 * When a task was started is kept by the time of day, whose distance from the
 * time since boot is constant while nobody sets the clock: on the same machine
 * the start is the same to the nanosecond.
 */
#include <linux/sched/cputime.h>
#include <linux/sched/signal.h>
#include <linux/seqlock.h>
#include <linux/timekeeping.h>

#include "checkpointfs.h"
#include "usage.h"

static void save_io(struct ckpt_usage *rec, const struct task_io_accounting *io)
{
#ifdef CONFIG_TASK_XACCT
	rec->rchar = cpu_to_le64(io->rchar);
	rec->wchar = cpu_to_le64(io->wchar);
	rec->syscr = cpu_to_le64(io->syscr);
	rec->syscw = cpu_to_le64(io->syscw);
#endif
#ifdef CONFIG_TASK_IO_ACCOUNTING
	rec->read_bytes = cpu_to_le64(io->read_bytes);
	rec->write_bytes = cpu_to_le64(io->write_bytes);
	rec->cancelled_write_bytes = cpu_to_le64(io->cancelled_write_bytes);
#endif
}

static void restore_io(const struct ckpt_usage *rec, struct task_io_accounting *io)
{
#ifdef CONFIG_TASK_XACCT
	io->rchar = le64_to_cpu(rec->rchar);
	io->wchar = le64_to_cpu(rec->wchar);
	io->syscr = le64_to_cpu(rec->syscr);
	io->syscw = le64_to_cpu(rec->syscw);
#endif
#ifdef CONFIG_TASK_IO_ACCOUNTING
	io->read_bytes = le64_to_cpu(rec->read_bytes);
	io->write_bytes = le64_to_cpu(rec->write_bytes);
	io->cancelled_write_bytes = le64_to_cpu(rec->cancelled_write_bytes);
#endif
}

static void save_told(struct ckpt_usage *rec, struct prev_cputime *prev)
{
#ifndef CONFIG_VIRT_CPU_ACCOUNTING_NATIVE
	guard(raw_spinlock_irqsave)(&prev->lock);
	rec->told_utime = cpu_to_le64(min(prev->utime, CKPT_USAGE_TIME_MAX));
	rec->told_stime = cpu_to_le64(min(prev->stime, CKPT_USAGE_TIME_MAX));
#endif
}

static void restore_told(const struct ckpt_usage *rec, struct prev_cputime *prev)
{
#ifndef CONFIG_VIRT_CPU_ACCOUNTING_NATIVE
	guard(raw_spinlock_irqsave)(&prev->lock);
	prev->utime = le64_to_cpu(rec->told_utime);
	prev->stime = le64_to_cpu(rec->told_stime);
#endif
}

static struct ckpt_usage *add(struct ckpt_writer *w, u32 who)
{
	struct ckpt_usage *rec = ckpt_add(w, CKPT_REC_USAGE, 0);

	if (rec)
		rec->who = cpu_to_le32(who);
	return rec;
}

int ckpt_usage_save_task(struct ckpt_writer *w, struct task_struct *t)
{
	struct ckpt_usage *rec = add(w, CKPT_USAGE_TASK);

	if (!rec)
		return w->error;
	rec->utime = cpu_to_le64(t->utime);
	rec->stime = cpu_to_le64(t->stime);
	rec->gtime = cpu_to_le64(t->gtime);
	rec->runtime = cpu_to_le64(t->se.sum_exec_runtime);
	rec->nvcsw = cpu_to_le64(t->nvcsw);
	rec->nivcsw = cpu_to_le64(t->nivcsw);
	rec->min_flt = cpu_to_le64(t->min_flt);
	rec->maj_flt = cpu_to_le64(t->maj_flt);
	save_told(rec, &t->prev_cputime);
	save_io(rec, &t->ioac);
	return 0;
}

static void save_ended(struct ckpt_usage *rec, struct signal_struct *sig)
{
	rec->utime = cpu_to_le64(sig->utime);
	rec->stime = cpu_to_le64(sig->stime);
	rec->gtime = cpu_to_le64(sig->gtime);
	rec->runtime = cpu_to_le64(sig->sum_sched_runtime);
	rec->nvcsw = cpu_to_le64(sig->nvcsw);
	rec->nivcsw = cpu_to_le64(sig->nivcsw);
	rec->min_flt = cpu_to_le64(sig->min_flt);
	rec->maj_flt = cpu_to_le64(sig->maj_flt);
	rec->inblock = cpu_to_le64(sig->inblock);
	rec->oublock = cpu_to_le64(sig->oublock);
	rec->maxrss = cpu_to_le64(sig->maxrss);
	save_told(rec, &sig->prev_cputime);
	save_io(rec, &sig->ioac);
}

static void save_children(struct ckpt_usage *rec, struct signal_struct *sig)
{
	rec->utime = cpu_to_le64(sig->cutime);
	rec->stime = cpu_to_le64(sig->cstime);
	rec->gtime = cpu_to_le64(sig->cgtime);
	rec->nvcsw = cpu_to_le64(sig->cnvcsw);
	rec->nivcsw = cpu_to_le64(sig->cnivcsw);
	rec->min_flt = cpu_to_le64(sig->cmin_flt);
	rec->maj_flt = cpu_to_le64(sig->cmaj_flt);
	rec->inblock = cpu_to_le64(sig->cinblock);
	rec->oublock = cpu_to_le64(sig->coublock);
	rec->maxrss = cpu_to_le64(sig->cmaxrss);
}

/* The sums change when a thread ends or a child is waited for: nobody can now. */
int ckpt_usage_save_process(struct ckpt_writer *w, struct signal_struct *sig)
{
	struct ckpt_usage *rec = add(w, CKPT_USAGE_ENDED);

	if (!rec)
		return w->error;
	save_ended(rec, sig);
	rec = add(w, CKPT_USAGE_CHILDREN);
	if (!rec)
		return w->error;
	save_children(rec, sig);
	return 0;
}

/* Return: NULL if the item has none. */
static const struct ckpt_usage *find(const struct ckpt_item *item, u32 who)
{
	const struct ckpt_usage *rec;
	struct ckpt_cursor cur;
	struct ckpt_view view;

	ckpt_cursor_init(&cur, item->bytes, item->size);
	while (ckpt_next(&cur, &view) > 0) {
		rec = view.body;
		if (view.type == CKPT_REC_USAGE && le32_to_cpu(rec->who) == who)
			return rec;
	}
	return NULL;
}

void ckpt_usage_restore_task(const struct ckpt_item *item, struct task_struct *t)
{
	const struct ckpt_usage *rec = find(item, CKPT_USAGE_TASK);

	if (!rec)
		return;
	t->utime = le64_to_cpu(rec->utime);
	t->stime = le64_to_cpu(rec->stime);
	t->gtime = le64_to_cpu(rec->gtime);
	t->se.sum_exec_runtime = le64_to_cpu(rec->runtime);
	t->se.prev_sum_exec_runtime = t->se.sum_exec_runtime;
	t->nvcsw = le64_to_cpu(rec->nvcsw);
	t->nivcsw = le64_to_cpu(rec->nivcsw);
	t->min_flt = le64_to_cpu(rec->min_flt);
	t->maj_flt = le64_to_cpu(rec->maj_flt);
	restore_told(rec, &t->prev_cputime);
	restore_io(rec, &t->ioac);
}

static void restore_ended(const struct ckpt_usage *rec, struct signal_struct *sig)
{
	sig->utime = le64_to_cpu(rec->utime);
	sig->stime = le64_to_cpu(rec->stime);
	sig->gtime = le64_to_cpu(rec->gtime);
	sig->sum_sched_runtime = le64_to_cpu(rec->runtime);
	sig->nvcsw = le64_to_cpu(rec->nvcsw);
	sig->nivcsw = le64_to_cpu(rec->nivcsw);
	sig->min_flt = le64_to_cpu(rec->min_flt);
	sig->maj_flt = le64_to_cpu(rec->maj_flt);
	sig->inblock = le64_to_cpu(rec->inblock);
	sig->oublock = le64_to_cpu(rec->oublock);
	sig->maxrss = le64_to_cpu(rec->maxrss);
	restore_told(rec, &sig->prev_cputime);
	restore_io(rec, &sig->ioac);
}

static void restore_children(const struct ckpt_usage *rec, struct signal_struct *sig)
{
	sig->cutime = le64_to_cpu(rec->utime);
	sig->cstime = le64_to_cpu(rec->stime);
	sig->cgtime = le64_to_cpu(rec->gtime);
	sig->cnvcsw = le64_to_cpu(rec->nvcsw);
	sig->cnivcsw = le64_to_cpu(rec->nivcsw);
	sig->cmin_flt = le64_to_cpu(rec->min_flt);
	sig->cmaj_flt = le64_to_cpu(rec->maj_flt);
	sig->cinblock = le64_to_cpu(rec->inblock);
	sig->coublock = le64_to_cpu(rec->oublock);
	sig->cmaxrss = le64_to_cpu(rec->maxrss);
}

/* The kernel divides by such sums, which must not come out as zero. */
static bool too_much_time(struct task_struct *leader)
{
	struct signal_struct *sig = leader->signal;
	u64 sum = sig->utime / 2 + sig->stime / 2;
	u64 runtime = sig->sum_sched_runtime;
	struct task_struct *t;

	guard(rcu)();
	for_each_thread(leader, t) {
		sum += t->utime / 2 + t->stime / 2;
		runtime += t->se.sum_exec_runtime;
		if (sum > CKPT_USAGE_TIME_MAX || runtime > CKPT_USAGE_TIME_MAX)
			return true;
	}
	return false;
}

int ckpt_usage_restore_process(const struct ckpt_item *item, struct task_struct *leader)
{
	const struct ckpt_usage *ended = find(item, CKPT_USAGE_ENDED);
	const struct ckpt_usage *children = find(item, CKPT_USAGE_CHILDREN);
	struct signal_struct *sig = leader->signal;
	struct task_cputime_atomic *sums = &sig->cputimer.cputime_atomic;

	scoped_guard(irq) {
		write_seqlock(&sig->stats_lock);
		if (ended)
			restore_ended(ended, sig);
		if (children)
			restore_children(children, sig);
		write_sequnlock(&sig->stats_lock);
	}
	/* RLIMIT_CPU has made them begin with what the restore has used. */
	WRITE_ONCE(sig->posix_cputimers.timers_active, false);
	atomic64_set(&sums->utime, 0);
	atomic64_set(&sums->stime, 0);
	atomic64_set(&sums->sum_exec_runtime, 0);
	return too_much_time(leader) ? -EUCLEAN : 0;
}

/* From the time since boot to the time of day; less than 0 on an odd clock. */
static s64 boot_to_real(void)
{
	return ktime_mono_to_any(0, TK_OFFS_REAL) - ktime_mono_to_any(0, TK_OFFS_BOOT);
}

u64 ckpt_start_time(const struct task_struct *t)
{
	return t->start_boottime + boot_to_real();
}

void ckpt_set_start_time(struct task_struct *t, u64 time, u64 origin)
{
	s64 now = ktime_get_boottime_ns();
	s64 least = max((s64)(t->start_boottime - origin), 0);
	s64 start = clamp((s64)(time - boot_to_real()), least, now);

	t->start_boottime = start;
	t->start_time = max((s64)ktime_get_ns() - (now - start), 0);
}
