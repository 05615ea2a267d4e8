// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interval timers and POSIX timers of a process.
 *
 * A timer that waits for the time of day, or for the CPU time of a task, keeps the
 * time at which it expires; any other keeps what is left of it. One that has
 * expired keeps since when, so that what it counts until its signal is taken
 * is right. While tasks are frozen timers expire: a timer and its queued signal
 * are read together under its it_lock, under which it sends it; ITIMER_REAL and
 * SIGALRM under siglock (siginfo.c).
 *
 * Timers are made by timer_create(2) and timer_settime(2), with the writer's
 * rights, so that they never expire. When all clocks of CPU time have been set
 * they are given their times, each process by one of its tasks: nothing of it can
 * fail. it_lock is taken before siglock.
 */
#include <linux/alarmtimer.h>
#include <linux/hrtimer.h>
#include <linux/posix-timers.h>
#include <linux/sched/signal.h>
#include <linux/tick.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include <asm/unistd.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "timers.h"

/* ---- clocks -------------------------------------------------------------------- */

static bool is_cpu_clock(clockid_t clock)
{
	return clock < 0;
}

static bool is_alarm_clock(clockid_t clock)
{
	return clock == CLOCK_REALTIME_ALARM || clock == CLOCK_BOOTTIME_ALARM;
}

/* Does such a timer keep the time at which it expires? */
static bool is_absolute(clockid_t clock, bool relative)
{
	return is_cpu_clock(clock) || clock == CLOCK_TAI || clock == CLOCK_REALTIME_ALARM ||
	       (clock == CLOCK_REALTIME && !relative);
}

/* Of a timer that keeps what is left. */
static s64 clock_now(clockid_t clock)
{
	return clock == CLOCK_BOOTTIME || clock == CLOCK_BOOTTIME_ALARM ?
		ktime_get_boottime_ns() : ktime_get_ns();
}

static enum pid_type clock_type(clockid_t clock)
{
	return CPUCLOCK_PERTHREAD(clock) ? PIDTYPE_PID : PIDTYPE_TGID;
}

/* ---- collect and save ----------------------------------------------------------- */

static const u32 notifications[] = {
	[SIGEV_SIGNAL] = CKPT_NOTIFY_SIGNAL,
	[SIGEV_NONE] = CKPT_NOTIFY_NONE,
	[SIGEV_THREAD] = CKPT_NOTIFY_THREAD,
	[SIGEV_THREAD_ID] = CKPT_NOTIFY_THREAD_ID,
};

static bool is_inside(struct ckpt_collect *c, struct pid *pid, enum pid_type type)
{
	struct task_struct *t;

	guard(rcu)();
	t = pid_task(pid, type);
	return t && ckpt_taskset_has(c->tasks, t);
}

static void collect_timer(struct ckpt_collect *c, const struct k_itimer *timer, pid_t tgid)
{
	if (is_cpu_clock(timer->it_clock) &&
	    !is_inside(c, timer->it.cpu.pid, clock_type(timer->it_clock)))
		ckpt_refuse(c, "task %d: a timer on the clock of a task that has ended or is outside cannot be saved",
			    tgid);
	if (timer->it_sigev_notify == SIGEV_THREAD_ID &&
	    !is_inside(c, timer->it_pid, PIDTYPE_PID))
		ckpt_refuse(c, "task %d: a timer of a thread that has ended cannot be saved",
			    tgid);
}

void ckpt_timers_collect(struct ckpt_collect *c, struct signal_struct *sig)
{
	struct k_itimer *timer;

	hlist_for_each_entry(timer, &sig->posix_timers, list)
		collect_timer(c, timer, ckpt_pid_nr(c, sig->pids[PIDTYPE_TGID]));
}

static u32 save_flags(const struct k_itimer *timer)
{
	u32 flags = 0;

	if (timer->it_clock == CLOCK_REALTIME &&
	    timer->it.real.timer.base->clockid == CLOCK_MONOTONIC)
		flags |= CKPT_TIMER_RELATIVE;
	if (timer->it_active)
		flags |= CKPT_TIMER_ARMED;
	if (!list_empty(&timer->sigq->list))
		flags |= CKPT_TIMER_PENDING;
	if (timer->it_requeue_pending & REQUEUE_PENDING && timer->it_interval)
		flags |= CKPT_TIMER_REARM;
	return flags;
}

static s64 expires_of(const struct k_itimer *timer, u32 flags)
{
	clockid_t clock = timer->it_clock;
	s64 expires;

	if (is_cpu_clock(clock))
		expires = timer->it.cpu.node.expires;
	else if (is_alarm_clock(clock))
		expires = timer->it.alarm.alarmtimer.node.expires;
	else
		expires = hrtimer_get_expires(&timer->it.real.timer);
	/* Never set. */
	if (!expires || is_absolute(clock, flags & CKPT_TIMER_RELATIVE))
		return max(expires, 0);
	return clamp(expires - clock_now(clock), -CKPT_TIMER_LEFT_MAX, CKPT_TIMER_LEFT_MAX);
}

static void save_timer(struct ckpt_collect *c, struct k_itimer *timer,
		       struct ckpt_timer *to)
{
	const kernel_siginfo_t *info = &timer->sigq->info;
	u32 flags;

	guard(spinlock_irq)(&timer->it_lock);
	flags = save_flags(timer);
	to->id = cpu_to_le32(timer->it_id);
	to->clock = cpu_to_le32(timer->it_clock);
	if (is_cpu_clock(timer->it_clock))
		to->clock_tid = cpu_to_le32(ckpt_pid_nr(c, timer->it.cpu.pid));
	to->notify = cpu_to_le32(notifications[timer->it_sigev_notify]);
	to->signo = cpu_to_le32(info->si_signo);
	if (timer->it_sigev_notify == SIGEV_THREAD_ID)
		to->tid = cpu_to_le32(ckpt_pid_nr(c, timer->it_pid));
	to->flags = cpu_to_le32(flags);
	if (flags & CKPT_TIMER_PENDING)
		to->pending_overrun = cpu_to_le32(max(info->si_overrun, 0));
	to->value = cpu_to_le64((unsigned long)info->si_value.sival_ptr);
	to->expires = cpu_to_le64(expires_of(timer, flags));
	to->interval = cpu_to_le64(timer->it_interval);
	to->overrun = cpu_to_le64(timer->it_overrun);
	to->overrun_last = cpu_to_le64(timer->it_overrun_last);
}

/* Only the process makes and deletes them, and it is frozen. */
int ckpt_timers_save(struct ckpt_collect *c, struct signal_struct *sig,
		     struct ckpt_writer *w)
{
	struct k_itimer *timer;
	struct ckpt_timer *to;
	unsigned int nr = 0;
	void *rec;

	hlist_for_each_entry(timer, &sig->posix_timers, list)
		nr++;
	if (!nr)
		return 0;
	rec = ckpt_add(w, CKPT_REC_TIMERS, nr);
	if (!rec)
		return w->error;
	to = ckpt_elems(rec);
	hlist_for_each_entry(timer, &sig->posix_timers, list)
		save_timer(c, timer, to++);
	return 0;
}

/* ---- make ----------------------------------------------------------------------- */

static clockid_t clock_of(const struct ckpt_timer *rec)
{
	clockid_t clock = le32_to_cpu(rec->clock);

	/* It may be called by the process's own name for it, but by another thread. */
	if (!is_cpu_clock(clock))
		return clock;
	return make_process_cpuclock(le32_to_cpu(rec->clock_tid), clock & CLOCKFD_MASK);
}

static int notify_of(u32 notify)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(notifications); i++)
		if (notifications[i] == notify)
			return i;
	return -1;
}

static int create(const struct ckpt_timer *rec, unsigned long scratch)
{
	unsigned long made = scratch + sizeof(sigevent_t);
	int id = le32_to_cpu(rec->id), new;
	sigevent_t event = {
		.sigev_notify = notify_of(le32_to_cpu(rec->notify)),
		.sigev_signo = le32_to_cpu(rec->signo),
		.sigev_value.sival_ptr = (void __user *)le64_to_cpu(rec->value),
	};
	long err;

	if (event.sigev_notify == SIGEV_THREAD_ID)
		event.sigev_notify_thread_id = le32_to_cpu(rec->tid);
	err = ckpt_scratch_put(scratch, &event, sizeof(event));
	if (err)
		return err;
	current->signal->next_posix_timer_id = id;
	err = ckpt_syscall(__NR_timer_create, clock_of(rec), scratch, made, 0, 0, 0);
	if (!err && get_user(new, (int __user *)made))
		err = -ENOMEM;
	return err ?: new == id ? 0 : -EEXIST;
}

/* Has it ever been set, or has it nothing but its name? */
static bool is_set(const struct ckpt_timer *rec)
{
	return rec->expires || rec->interval ||
	       le32_to_cpu(rec->flags) & CKPT_TIMER_ARMED;
}

/* Never to expire: that is the longest time there is. */
static int set(const struct ckpt_timer *rec, unsigned long scratch)
{
	struct timespec64 interval = ns_to_timespec64(le64_to_cpu(rec->interval));
	struct __kernel_itimerspec spec = {
		.it_interval = { interval.tv_sec, interval.tv_nsec },
		.it_value.tv_sec = KTIME_SEC_MAX,
	};
	int flags = is_absolute(le32_to_cpu(rec->clock),
				le32_to_cpu(rec->flags) & CKPT_TIMER_RELATIVE) ?
		TIMER_ABSTIME : 0;
	int err;

	if (!is_set(rec))
		return 0;
	err = ckpt_scratch_put(scratch, &spec, sizeof(spec));
	return err ?: ckpt_syscall(__NR_timer_settime, le32_to_cpu(rec->id), flags, scratch,
				   0, 0, 0);
}

/* The kernel lists what was made last first, and so does the image. */
int ckpt_timers_make(struct ckpt_restore *r, struct ckpt_item *item,
		     unsigned long scratch)
{
	const struct ckpt_process *process = ckpt_item_body(item, CKPT_REC_PROCESS);
	struct ckpt_view view = {};
	const struct ckpt_timer *rec;
	int err = 0;
	u32 i;

	ckpt_find(item->bytes, item->size, CKPT_REC_TIMERS, &view);
	rec = view.elems;
	for (i = view.count; !err && i--;) {
		err = create(&rec[i], scratch) ?: set(&rec[i], scratch);
		if (err)
			ckpt_restore_err(r, item, "timer %u cannot be made: %pe",
					 le32_to_cpu(rec[i].id), ERR_PTR(err));
		cond_resched();
	}
	current->signal->next_posix_timer_id = le32_to_cpu(process->next_timer);
	return err;
}

/* ---- arm ------------------------------------------------------------------------- */

/*
 * The next tick finds that something has to be done about the clocks of the
 * process, and begins to keep the time of the next timer, or none.
 */
static void look_at_clocks(struct task_struct *leader)
{
	u64 now = 0;

	lockdep_assert_held(&leader->sighand->siglock);
	ksym(set_process_cpu_timer)(leader, CPUCLOCK_PROF, &now, NULL);
	leader->signal->posix_cputimers.bases[CPUCLOCK_VIRT].nextevt = 0;
	leader->signal->posix_cputimers.bases[CPUCLOCK_SCHED].nextevt = 0;
}

static void settle_cpu(struct k_itimer *timer, s64 expires, bool armed)
{
	struct cpu_timer *cpu = &timer->it.cpu;
	unsigned int which = CPUCLOCK_WHICH(timer->it_clock);
	bool thread = CPUCLOCK_PERTHREAD(timer->it_clock);
	struct posix_cputimers *timers;
	struct task_struct *t;
	unsigned long irq;

	guard(rcu)();
	t = pid_task(cpu->pid, clock_type(timer->it_clock));
	if (!t || !ksym(__lock_task_sighand)(t, &irq))
		return;
	cpu_timer_dequeue(cpu);
	cpu_timer_setexpires(cpu, expires);
	timers = thread ? &t->posix_cputimers : &t->signal->posix_cputimers;
	if (armed) {
		cpu_timer_enqueue(&timers->bases[which].tqhead, cpu);
		timers->bases[which].nextevt = 0;
	}
	if (armed && thread)
		tick_dep_set_task(t, TICK_DEP_BIT_POSIX_TIMER);
	else if (armed)
		look_at_clocks(t);
	unlock_task_sighand(t, &irq);
}

static void settle_alarm(struct alarm *alarm, s64 expires, bool armed)
{
	alarm_try_to_cancel(alarm);
	alarm->node.expires = expires;
	if (armed)
		alarm_start(alarm, expires);
}

static void settle_hrtimer(struct hrtimer *timer, s64 expires, bool armed)
{
	hrtimer_try_to_cancel(timer);
	hrtimer_set_expires(timer, expires);
	if (armed)
		hrtimer_start_expires(timer, HRTIMER_MODE_ABS);
}

static void settle(struct k_itimer *timer, const struct ckpt_timer *rec)
{
	u32 flags = le32_to_cpu(rec->flags);
	s64 expires = le64_to_cpu(rec->expires);
	bool armed = flags & CKPT_TIMER_ARMED;

	if (!is_absolute(timer->it_clock, flags & CKPT_TIMER_RELATIVE))
		expires += clock_now(timer->it_clock);
	if (is_cpu_clock(timer->it_clock))
		settle_cpu(timer, expires, armed);
	else if (is_alarm_clock(timer->it_clock))
		settle_alarm(&timer->it.alarm.alarmtimer, expires, armed);
	else
		settle_hrtimer(&timer->it.real.timer, expires, armed);
}

/* Only one that is to go on with its interval says so in its signal. */
static void queue(struct k_itimer *timer, const struct ckpt_timer *rec)
{
	ktime_t interval;

	guard(spinlock_irq)(&timer->it_lock);
	interval = timer->it_interval;
	if (!(le32_to_cpu(rec->flags) & CKPT_TIMER_REARM))
		timer->it_interval = 0;
	ksym(posix_timer_queue_signal)(timer);
	timer->it_interval = interval;
	timer->sigq->info.si_overrun = le32_to_cpu(rec->pending_overrun);
}

void ckpt_timers_queue(const struct ckpt_item *item)
{
	const struct ckpt_timer *rec;
	struct k_itimer *timer;
	struct ckpt_view view;

	if (!ckpt_find(item->bytes, item->size, CKPT_REC_TIMERS, &view))
		return;
	rec = view.elems;
	hlist_for_each_entry(timer, &current->signal->posix_timers, list) {
		if (le32_to_cpu(rec->flags) & CKPT_TIMER_PENDING)
			queue(timer, rec);
		rec++;
	}
}

static void arm(struct k_itimer *timer, const struct ckpt_timer *rec)
{
	u32 flags = le32_to_cpu(rec->flags);

	guard(spinlock_irq)(&timer->it_lock);
	if (is_cpu_clock(timer->it_clock))
		timer->it_clock = le32_to_cpu(rec->clock);
	if ((flags & (CKPT_TIMER_PENDING | CKPT_TIMER_REARM)) == CKPT_TIMER_REARM)
		timer->it_requeue_pending |= REQUEUE_PENDING;
	if (is_set(rec))
		settle(timer, rec);
	timer->it_active = !!(flags & CKPT_TIMER_ARMED);
	timer->it_overrun = le64_to_cpu(rec->overrun);
	timer->it_overrun_last = le64_to_cpu(rec->overrun_last);
}

/* Nobody of the process but us can make or delete a timer. */
void ckpt_timers_arm(const struct ckpt_item *item)
{
	const struct ckpt_timer *rec;
	struct k_itimer *timer;
	struct ckpt_view view;

	if (!ckpt_find(item->bytes, item->size, CKPT_REC_TIMERS, &view))
		return;
	rec = view.elems;
	hlist_for_each_entry(timer, &current->signal->posix_timers, list)
		arm(timer, rec++);
}

/* ---- interval timers --------------------------------------------------------------- */

bool ckpt_alarm_settled(struct signal_struct *sig)
{
	return hrtimer_is_queued(&sig->real_timer) || !hrtimer_active(&sig->real_timer);
}

void ckpt_alarm_save(struct signal_struct *sig, struct ckpt_process *rec)
{
	u32 alarm = hrtimer_is_queued(&sig->real_timer) ? CKPT_PROCESS_ALARM : 0;
	s64 left = hrtimer_get_expires(&sig->real_timer) - ktime_get_ns();

	rec->flags &= cpu_to_le32(~CKPT_PROCESS_ALARM);
	rec->flags |= cpu_to_le32(alarm);
	if (!alarm && !sig->it_real_incr)
		left = 0;
	rec->real_left = cpu_to_le64(clamp(left, -CKPT_TIMER_LEFT_MAX, CKPT_TIMER_LEFT_MAX));
	rec->real_interval = cpu_to_le64(sig->it_real_incr);
}

void ckpt_itimers_save(struct signal_struct *sig, struct ckpt_process *rec)
{
	const struct cpu_itimer *virt = &sig->it[CPUCLOCK_VIRT];
	const struct cpu_itimer *prof = &sig->it[CPUCLOCK_PROF];

	rec->virtual_end = cpu_to_le64(virt->expires);
	rec->virtual_interval = cpu_to_le64(virt->incr);
	rec->prof_end = cpu_to_le64(prof->expires);
	rec->prof_interval = cpu_to_le64(prof->incr);
}

void ckpt_itimers_arm(const struct ckpt_process *rec)
{
	struct signal_struct *sig = current->signal;

	guard(spinlock_irq)(&current->sighand->siglock);
	sig->it[CPUCLOCK_VIRT].expires = le64_to_cpu(rec->virtual_end);
	sig->it[CPUCLOCK_VIRT].incr = le64_to_cpu(rec->virtual_interval);
	sig->it[CPUCLOCK_PROF].expires = le64_to_cpu(rec->prof_end);
	sig->it[CPUCLOCK_PROF].incr = le64_to_cpu(rec->prof_interval);
	/* RLIMIT_CPU too. */
	look_at_clocks(current);
	sig->it_real_incr = le64_to_cpu(rec->real_interval);
	hrtimer_set_expires(&sig->real_timer, ktime_get_ns() + le64_to_cpu(rec->real_left));
	if (le32_to_cpu(rec->flags) & CKPT_PROCESS_ALARM)
		hrtimer_start_expires(&sig->real_timer, HRTIMER_MODE_ABS);
}
