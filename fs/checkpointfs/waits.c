// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waits that the kernel never restarts: epoll_wait(2), sigtimedwait(2),
 * semtimedop(2), io_getevents(2) and their kin, tcdrain(3), and those for a socket
 * with a time-out of its own, return EINTR when a task is stopped (signal(7)). To the
 * program that is stopped by us nothing has happened, so the call is made again in
 * its place: with the same arguments if it waits for ever, and else from a task work,
 * inside get_signal(), with what is left of its time-out. A socket's own begins
 * anew: no call can be told what was left of it. io_pgetevents(2), which the kernel does
 * restart, waits for the whole of its time-out again if it is left to the kernel. And both
 * return what they have got, if it is less than they were asked for: they go on behind it.
 *
 * FUTEX_WAIT_REQUEUE_PI returns EAGAIN when the task has been moved to the second futex,
 * the mutex of a condition variable, and waits for that when it is stopped. All that is
 * left of the call is to take the mutex: another call, made in its place. The same if
 * EAGAIN says that the first futex had another value: then, too, somebody has woken who
 * was to wait there, and he takes the mutex.
 *
 * When such a wait ends is known to nobody but the timer on the waiting task's
 * kernel stack. So before tasks are stopped, those of them that sleep in such
 * a call are looked up among the running timers. A task that goes to sleep
 * after that look has all of its time-out left when it is stopped: the count
 * of its context switches tells the two apart.
 *
 * taskset.waits maps tasks to struct ckpt_wait; it belongs to the freezer, and the
 * entry to the task work once the task has been let go.
 */
#include <linux/aio_abi.h>
#include <linux/cgroup.h>
#include <uapi/linux/futex.h>
#include <linux/hrtimer.h>
#include <linux/ipc.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/task_work.h>
#include <linux/termios.h>
#include <linux/time64.h>
#include <linux/uaccess.h>
#include <asm/syscall.h>
#include <asm/unistd.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "pifutex.h"
#include "waits.h"

/* How a call is told its time-out. */
enum timeout {
	TIMEOUT_MS,		/* in an argument, ms, negative: none */
	TIMEOUT_TIMESPEC,	/* struct __kernel_timespec, NULL: none */
	TIMEOUT_TIMESPEC32,
	TIMEOUT_NEVER,		/* it has none, or the file has it */
	TIMEOUT_CLOCK,		/* a time of a clock, which stays: FUTEX_WAIT_REQUEUE_PI */
};

struct call {
	int nr;
	u8 arg;			/* which argument the time-out is */
	u8 timeout;		/* enum timeout */
	bool events;		/* arguments 1 to 3: how many at least, at most, to where */
};

static const struct call calls_64[] = {
	{ __NR_epoll_wait, 3, TIMEOUT_MS },
	{ __NR_epoll_pwait, 3, TIMEOUT_MS },
	{ __NR_epoll_pwait2, 3, TIMEOUT_TIMESPEC },
	{ __NR_rt_sigtimedwait, 2, TIMEOUT_TIMESPEC },
	{ __NR_semtimedop, 3, TIMEOUT_TIMESPEC },
	{ __NR_io_getevents, 4, TIMEOUT_TIMESPEC, true },
	{ __NR_io_pgetevents, 4, TIMEOUT_TIMESPEC, true },
	{ __NR_semop, 0, TIMEOUT_NEVER },
	{ __NR_read, 0, TIMEOUT_NEVER },
	{ __NR_readv, 0, TIMEOUT_NEVER },
	{ __NR_recvfrom, 0, TIMEOUT_NEVER },
	{ __NR_recvmsg, 0, TIMEOUT_NEVER },
	{ __NR_write, 0, TIMEOUT_NEVER },
	{ __NR_writev, 0, TIMEOUT_NEVER },
	{ __NR_sendto, 0, TIMEOUT_NEVER },
	{ __NR_sendmsg, 0, TIMEOUT_NEVER },
	{ __NR_connect, 0, TIMEOUT_NEVER },
	{ __NR_accept, 0, TIMEOUT_NEVER },
	{ __NR_accept4, 0, TIMEOUT_NEVER },
	{ __NR_futex, 3, TIMEOUT_CLOCK },
};

/* Numbers of the 32-bit table: the ABI has no header in 64-bit kernels. */
static const struct call calls_32[] = {
	{ 256, 3, TIMEOUT_MS },			/* epoll_wait */
	{ 319, 3, TIMEOUT_MS },			/* epoll_pwait */
	{ 441, 3, TIMEOUT_TIMESPEC },		/* epoll_pwait2 */
	{ 177, 2, TIMEOUT_TIMESPEC32 },		/* rt_sigtimedwait */
	{ 421, 2, TIMEOUT_TIMESPEC },		/* rt_sigtimedwait_time64 */
	{ 420, 3, TIMEOUT_TIMESPEC },		/* semtimedop_time64 */
	{ 247, 4, TIMEOUT_TIMESPEC32, true },	/* io_getevents */
	{ 385, 4, TIMEOUT_TIMESPEC32, true },	/* io_pgetevents */
	{ 416, 4, TIMEOUT_TIMESPEC, true },	/* io_pgetevents_time64 */
	{ 3, 0, TIMEOUT_NEVER },		/* read */
	{ 4, 0, TIMEOUT_NEVER },		/* write */
	{ 102, 0, TIMEOUT_NEVER },		/* socketcall */
	{ 145, 0, TIMEOUT_NEVER },		/* readv */
	{ 146, 0, TIMEOUT_NEVER },		/* writev */
	{ 362, 0, TIMEOUT_NEVER },		/* connect */
	{ 364, 0, TIMEOUT_NEVER },		/* accept4 */
	{ 369, 0, TIMEOUT_NEVER },		/* sendto */
	{ 370, 0, TIMEOUT_NEVER },		/* sendmsg */
	{ 371, 0, TIMEOUT_NEVER },		/* recvfrom */
	{ 372, 0, TIMEOUT_NEVER },		/* recvmsg */
	{ 240, 3, TIMEOUT_CLOCK },		/* futex */
	{ 422, 3, TIMEOUT_CLOCK },		/* futex_time64 */
};

/* ipc(2), whose first argument says which call is meant: linux/ipc.h. */
#define IPC_32		117
static const struct call ipc_semop = { IPC_32, 0, TIMEOUT_NEVER };
static const struct call ipc_semtimedop = { IPC_32, 5, TIMEOUT_TIMESPEC32 };

/* io_submit(2) */
#define IO_SUBMIT_32	248

/* tcdrain(3) and what else looks, on a terminal, whether all has been written. */
#define IOCTL_32	54
static const struct call ioctl_drain = { __NR_ioctl, 0, TIMEOUT_NEVER };

/**
 * struct ckpt_wait - a wait with a time-out
 * @work:	makes the call again when the task is let go
 * @expires:	CLOCK_MONOTONIC, ns
 * @left:	ns left when the task was stopped
 * @got:	events that the call had got by then
 * @switches:	the task's voluntary context switches when it was looked up
 * @found:	a timer has been found: @expires is meant
 * @forever:	it has no time-out: @expires and @left are not meant
 * @settled:	the wait was ended by us
 */
struct ckpt_wait {
	struct callback_head work;
	s64 expires;
	s64 left;
	u32 got;
	unsigned long switches;
	bool found;
	bool forever;
	bool settled;
};

static bool is_compat(struct task_struct *t)
{
	return task_thread_info(t)->status & TS_COMPAT;
}

static const struct call *ipc_call_of(struct task_struct *t)
{
	unsigned long args[6];

	syscall_get_arguments(t, task_pt_regs(t), args);
	switch (args[0] & 0xffff) {
	case SEMOP:
		return &ipc_semop;
	case SEMTIMEDOP:
		return &ipc_semtimedop;
	default:
		return NULL;
	}
}

/* Of others it is not known whether they may be made again. */
static const struct call *ioctl_call_of(struct task_struct *t)
{
	unsigned long args[6];

	syscall_get_arguments(t, task_pt_regs(t), args);
	switch (args[1]) {
	case TCSBRK:
	case TCSBRKP:
	case TIOCSBRK:
	case TIOCSETD:
		return &ioctl_drain;
	default:
		return NULL;
	}
}

/* The other commands of futex(2) are made again by themselves. */
static bool requeues(struct task_struct *t)
{
	unsigned long args[6];

	return ckpt_futex_command(t, args) == FUTEX_WAIT_REQUEUE_PI;
}

/* The call that @t is in, if it is one of these. */
static const struct call *call_of(struct task_struct *t)
{
	const struct call *calls = is_compat(t) ? calls_32 : calls_64;
	unsigned int n = is_compat(t) ? ARRAY_SIZE(calls_32) : ARRAY_SIZE(calls_64);
	int nr = syscall_get_nr(t, task_pt_regs(t));
	unsigned int i;

	for (i = 0; i < n; i++)
		if (calls[i].nr == nr)
			return calls[i].timeout != TIMEOUT_CLOCK || requeues(t) ? &calls[i] : NULL;
	if (nr == (is_compat(t) ? IOCTL_32 : __NR_ioctl))
		return ioctl_call_of(t);
	return is_compat(t) && nr == IPC_32 ? ipc_call_of(t) : NULL;
}

static unsigned long timeout_arg(struct task_struct *t, const struct call *call)
{
	unsigned long args[6];

	syscall_get_arguments(t, task_pt_regs(t), args);
	return args[call->arg];
}

static bool waits_forever(struct task_struct *t, const struct call *call)
{
	switch (call->timeout) {
	case TIMEOUT_MS:
		return (int)timeout_arg(t, call) < 0;
	case TIMEOUT_NEVER:
		return true;
	case TIMEOUT_CLOCK:
		return false;
	default:
		return !timeout_arg(t, call);
	}
}

/*
 * io_submit(2) that sleeps until something comes, of a pipe, would tell the program of a
 * request that was interrupted.
 */
bool ckpt_wait_submits(struct task_struct *t)
{
	bool submits;

	if (t->frozen || !(READ_ONCE(t->__state) & TASK_INTERRUPTIBLE) || !try_get_task_stack(t))
		return false;
	submits = syscall_get_nr(t, task_pt_regs(t)) ==
		  (is_compat(t) ? IO_SUBMIT_32 : __NR_io_submit);
	ksym(put_task_stack)(t);
	return submits;
}

/* ---- before the stop ---------------------------------------------------------- */

/*
 * It runs: what it is in may change at any time, and is settled later. It may
 * even end, so that its registers, on its stack, are gone.
 */
static bool is_candidate(struct task_struct *t)
{
	const struct call *call;
	bool timed;

	if (!try_get_task_stack(t))
		return false;
	call = call_of(t);
	timed = call && call->timeout != TIMEOUT_CLOCK && !waits_forever(t, call);
	ksym(put_task_stack)(t);
	return timed;
}

static int add_candidate(struct ckpt_taskset *set, struct task_struct *t)
{
	struct ckpt_wait *w;
	int err;

	if (!is_candidate(t))
		return 0;
	w = kzalloc(sizeof(*w), GFP_KERNEL_ACCOUNT);
	if (!w)
		return -ENOMEM;
	w->switches = READ_ONCE(t->nvcsw);
	err = xa_insert(&set->waits, (unsigned long)t, w, GFP_KERNEL_ACCOUNT);
	if (err)
		kfree(w);
	return err;
}

static void look_at_timer(struct ckpt_taskset *set, struct hrtimer *timer)
{
	struct hrtimer_sleeper *sleeper = container_of(timer, struct hrtimer_sleeper, timer);
	struct task_struct *t;
	struct ckpt_wait *w;

	if (timer->function != ksym_addr(hrtimer_wakeup))
		return;
	t = READ_ONCE(sleeper->task);
	w = t ? xa_load(&set->waits, (unsigned long)t) : NULL;
	if (!w || w->found || w->switches != READ_ONCE(t->nvcsw))
		return;
	w->expires = hrtimer_get_softexpires_tv64(timer);
	w->found = true;
}

/* A timer that is queued, seen under its base's lock, is in live memory. */
static void look_at_timers(struct ckpt_taskset *set, int cpu)
{
	struct hrtimer_cpu_base *cpu_base = per_cpu_ptr(&ksym_data(hrtimer_bases), cpu);
	struct hrtimer_clock_base *base = &cpu_base->clock_base[HRTIMER_BASE_MONOTONIC];
	struct rb_node *node;

	raw_spin_lock_irq(&cpu_base->lock);
	for (node = rb_first_cached(&base->active.rb_root); node; node = rb_next(node))
		look_at_timer(set, container_of(node, struct hrtimer, node.node));
	raw_spin_unlock_irq(&cpu_base->lock);
}

int ckpt_waits_sample(struct ckpt_taskset *set, struct task_struct **vec,
		      unsigned int nr)
{
	unsigned int i;
	int cpu;

	for (i = 0; i < nr; i++) {
		int err = add_candidate(set, vec[i]);

		if (err && err != -EBUSY)
			return err;
	}
	if (xa_empty(&set->waits))
		return 0;
	for_each_possible_cpu(cpu)
		look_at_timers(set, cpu);
	return 0;
}

/* ---- while stopped ------------------------------------------------------------- */

/* Was it a signal for the task that ended its call, and not our stop alone? */
static bool has_signal(struct task_struct *t)
{
	unsigned long flags;
	sigset_t pending;

	/* It may have been killed meanwhile. */
	if (!ksym(__lock_task_sighand)(t, &flags))
		return true;
	sigorsets(&pending, &t->pending.signal, &t->signal->shared_pending.signal);
	sigandnsets(&pending, &pending, &t->blocked);
	unlock_task_sighand(t, &flags);
	return !sigisemptyset(&pending);
}

/* Events that the call has got, if it would wait for more; else 0. */
static u32 got_events(struct task_struct *t, const struct call *call)
{
	unsigned long args[6];
	long got, least;

	if (!call->events)
		return 0;
	syscall_get_arguments(t, task_pt_regs(t), args);
	least = is_compat(t) ? (int)args[1] : (long)args[1];
	got = syscall_get_return_value(t, task_pt_regs(t));
	return got > 0 && got < least ? min_t(long, got, INT_MAX) : 0;
}

/* Has @t returned from @call as it does when it is interrupted? */
static bool is_interrupted(struct task_struct *t, const struct call *call)
{
	long error = syscall_get_error(t, task_pt_regs(t));

	if (call->timeout == TIMEOUT_CLOCK)
		return error == -EAGAIN;
	return error == -EINTR || error == -ERESTARTNOHAND || got_events(t, call);
}

static bool ended_by_us(struct task_struct *t, const struct call *call)
{
	return call && is_interrupted(t, call) && !has_signal(t);
}

/* Was it woken once since its timer was looked up, and that to be stopped? */
static bool is_of_timer(const struct ckpt_wait *w, const struct task_struct *t)
{
	return w && w->found && t->nvcsw == w->switches + 1;
}

static s64 whole_timeout(struct task_struct *t, const struct call *call)
{
	unsigned long arg = timeout_arg(t, call);
	struct __kernel_timespec ts;
	struct old_timespec32 ts32;

	switch (call->timeout) {
	case TIMEOUT_MS:
		return (s64)(int)arg * NSEC_PER_MSEC;
	case TIMEOUT_TIMESPEC32:
		if (access_process_vm(t, arg, &ts32, sizeof(ts32), 0) != sizeof(ts32))
			return 0;
		return (s64)ts32.tv_sec * NSEC_PER_SEC + ts32.tv_nsec;
	default:
		if (access_process_vm(t, arg, &ts, sizeof(ts), 0) != sizeof(ts))
			return 0;
		return ktime_set(ts.tv_sec, ts.tv_nsec);
	}
}

static s64 time_left(const struct ckpt_wait *w, struct task_struct *t,
		     const struct call *call, s64 now)
{
	if (call->timeout == TIMEOUT_CLOCK)
		return 0;
	if (is_of_timer(w, t))
		return max(w->expires - now, 0);
	return whole_timeout(t, call);
}

static int settle(struct ckpt_taskset *set, struct task_struct *t)
{
	struct ckpt_wait *w = xa_load(&set->waits, (unsigned long)t);
	const struct call *call = call_of(t);
	u64 now = ktime_get_ns();
	bool forever;
	u32 got;

	if ((w && w->settled) || !ended_by_us(t, call))
		return 0;
	forever = waits_forever(t, call);
	got = got_events(t, call);
	/* Of what has got something nobody can tell whether its time was over. */
	if (got && !forever && !is_of_timer(w, t))
		return 0;
	if (forever && !got) {
		task_pt_regs(t)->ax = -ERESTARTNOHAND;
		return 0;
	}
	if (!w) {
		w = kzalloc(sizeof(*w), GFP_KERNEL_ACCOUNT);
		if (!w)
			return -ENOMEM;
		if (xa_err(xa_store(&set->waits, (unsigned long)t, w, GFP_KERNEL_ACCOUNT))) {
			kfree(w);
			return -ENOMEM;
		}
	}
	w->got = got;
	w->forever = forever;
	w->left = forever ? 0 : time_left(w, t, call, now);
	w->expires = ktime_add_safe(now, w->left);
	w->settled = true;
	/* The kernel would make it again, in full. */
	if (!got && call->timeout != TIMEOUT_CLOCK)
		task_pt_regs(t)->ax = -EINTR;
	return 0;
}

int ckpt_wait_settle(struct ckpt_taskset *set, struct task_struct *t)
{
	int err;

	/* In a stop of its tracer, not of ours: that is what has ended its call. */
	if (t->exit_state || task_is_traced(t) || !try_get_task_stack(t))
		return 0;
	err = settle(set, t);
	ksym(put_task_stack)(t);
	return err;
}

bool ckpt_wait_left(const struct ckpt_taskset *set, struct task_struct *t,
		    u32 *call, u64 *left, u32 *got)
{
	const struct ckpt_wait *w = xa_load((struct xarray *)&set->waits, (unsigned long)t);

	if (!w || !w->settled)
		return false;
	*call = syscall_get_nr(t, task_pt_regs(t));
	*left = w->forever ? CKPT_WAIT_FOREVER : w->left;
	*got = w->got;
	return true;
}

/* ---- going on --------------------------------------------------------------------- */

/*
 * A time-out that is passed by address is put below the red zone of the
 * stack, where a signal's frame would go: the call reads it before it waits.
 */
static unsigned long put_timespec(u64 left, bool narrow)
{
	unsigned long at = (current_pt_regs()->sp - 128 - 64) & ~15UL;
	struct __kernel_timespec ts = {
		.tv_sec = div_u64(left, NSEC_PER_SEC),
		.tv_nsec = left % NSEC_PER_SEC,
	};
	struct old_timespec32 ts32 = { .tv_sec = ts.tv_sec, .tv_nsec = ts.tv_nsec };
	unsigned long failed = narrow ?
		copy_to_user((void __user *)at, &ts32, sizeof(ts32)) :
		copy_to_user((void __user *)at, &ts, sizeof(ts));

	return failed ? 0 : at;
}

/*
 * Without one the registers have none either. Return: the argument, 0 where there is no
 * room for it (0 is no address).
 */
static unsigned long new_timeout(const struct call *call, u64 left)
{
	if (call->timeout == TIMEOUT_MS)
		return min_t(u64, DIV_ROUND_UP_ULL(left, NSEC_PER_MSEC), INT_MAX);
	return put_timespec(left, call->timeout == TIMEOUT_TIMESPEC32);
}

static long make_call(const struct call *call, const unsigned long args[6])
{
	struct pt_regs regs = *current_pt_regs();

	if (is_compat(current)) {
		regs.bx = args[0];
		regs.cx = args[1];
		regs.dx = args[2];
		regs.si = args[3];
		regs.di = args[4];
		regs.bp = args[5];
		return ksym(ia32_sys_call)(&regs, call->nr);
	}
	regs.di = args[0];
	regs.si = args[1];
	regs.dx = args[2];
	regs.r10 = args[3];
	regs.r8 = args[4];
	regs.r9 = args[5];
	return ksym(x64_sys_call)(&regs, call->nr);
}

/*
 * By the same clock, until the same time. What else it may say is left to him who is told
 * EAGAIN, and asks for the mutex himself. So is a signal, as in the kernel.
 */
static long take_mutex(const struct call *call, unsigned long args[6])
{
	long ret;

	args[0] = args[4];
	args[1] = ((int)args[1] & ~FUTEX_CMD_MASK) | FUTEX_LOCK_PI2;
	ret = make_call(call, args);
	return !ret || ret == -ETIMEDOUT ? ret : -EAGAIN;
}

/* Behind what it has got. */
static void skip_events(unsigned long args[6], u32 got)
{
	args[1] -= got;
	args[2] -= got;
	args[3] += got * sizeof(struct io_event);
}

void ckpt_wait_again(u64 left, u32 got)
{
	const struct call *call = call_of(current);
	unsigned long args[6];
	long ret;

	if (!call || call->timeout == TIMEOUT_NEVER)
		return;
	syscall_get_arguments(current, current_pt_regs(), args);
	if (call->timeout == TIMEOUT_CLOCK) {
		current_pt_regs()->ax = take_mutex(call, args);
		return;
	}
	if (left != CKPT_WAIT_FOREVER) {
		args[call->arg] = new_timeout(call, left);
		if (!args[call->arg] && call->timeout != TIMEOUT_MS)
			return;
	}
	if (call->events)
		skip_events(args, got);
	else
		got = 0;
	/* The call sets the mask of its own again, from the one before it. */
	if (test_restore_sigmask()) {
		clear_restore_sigmask();
		sigprocmask(SIG_SETMASK, &current->saved_sigmask, NULL);
	}
	ret = make_call(call, args);
	if (got)
		ret = max(ret, 0) + got;
	current_pt_regs()->ax = ret;
}

/* Does current return what settle() has left it? */
static bool has_stopped(const struct call *call, u32 got)
{
	long ret = call->timeout == TIMEOUT_CLOCK ? -EAGAIN : -EINTR;

	return syscall_get_return_value(current, current_pt_regs()) == (got ? (long)got : ret);
}

/*
 * In the trap, whose mark of the task would interrupt each call at once. If its
 * cgroup has been frozen meanwhile, that is what happens.
 */
static void resume_work(struct callback_head *work)
{
	struct ckpt_wait *w = container_of(work, struct ckpt_wait, work);
	s64 left = max_t(s64, w->expires - (s64)ktime_get_ns(), 0);
	bool forever = w->forever;
	u32 got = w->got;
	const struct call *call = call_of(current);

	kfree(w);
	if (!(current->flags & PF_EXITING) && call && has_stopped(call, got)) {
		if (cgroup_task_frozen(current))
			ksym(cgroup_leave_frozen)(false);
		ckpt_wait_again(forever ? CKPT_WAIT_FOREVER : left, got);
	}
	/* Module exit waits until nobody is in this text any more. */
	module_put(THIS_MODULE);
}

struct ckpt_wait *ckpt_wait_take(struct ckpt_taskset *set, struct task_struct *t)
{
	struct ckpt_wait *w;

	/* Mostly there are none. */
	if (xa_empty(&set->waits))
		return NULL;
	w = xa_erase(&set->waits, (unsigned long)t);
	if (w && w->settled)
		return w;
	kfree(w);
	return NULL;
}

void ckpt_wait_drop(struct ckpt_wait *w)
{
	kfree(w);
}

void ckpt_wait_resume(struct task_struct *t, struct ckpt_wait **wait)
{
	struct ckpt_wait *w = *wait;

	if (!w)
		return;
	init_task_work(&w->work, resume_work);
	__module_get(THIS_MODULE);
	if (task_work_add(t, &w->work, TWA_NONE))
		module_put(THIS_MODULE);
	else
		*wait = NULL;
}

void ckpt_waits_free(struct ckpt_taskset *set)
{
	unsigned long index;
	struct ckpt_wait *w;

	xa_for_each(&set->waits, index, w)
		kfree(w);
	xa_destroy(&set->waits);
}
