// SPDX-License-Identifier: GPL-2.0-only
/*
 * Traced tasks, made again: each with its tracer, and in its stop.
 *
 * No request of ptrace(2) is made. When nothing can fail any more and all tasks are parked, the
 * writer links tracees and tracers as PTRACE_SEIZE would; whether a tracer may have his
 * tracee he has looked at before, by the rights of the new tasks. A tracee that runs is let go with
 * all others. One that was in a stop is let go before them, and takes the kernel's own way into
 * it: its task work returns into get_signal(), where the stop lies that it was in,
 *
 *  - before a signal is delivered: the only one that is neither blocked nor set aside is
 *    a stand-in, which get_signal() takes and stops for. Which signal it is does not matter
 *    afterwards: the kernel goes by the siginfo and by what the tracer says;
 *  - of job control or PTRACE_INTERRUPT: a trap is pending (JOBCTL_TRAP_STOP).
 *
 * So whatever happens when the tracer lets it go is done by the code that would have done it
 * before. While it sleeps there the writer makes what the tracer sees of it that of the
 * image, as requests of ptrace(2) would: siginfo, message, mask, and what wait(2) has yet to
 * say; and gives it back the signals that were aside. Then all others run.
 *
 * The kernel tells a tracer of each stop, and he has been told long ago. Meanwhile he has
 * SA_NOCLDSTOP, which he cannot see, as he is parked; nobody waits for him to stop.
 *
 * Who is killed meanwhile is not in a stop, and needs none. If that is the tracer, his tracee
 * goes on as the kernel has it. Attributes of a stop, and newtask.apart, are protected by
 * the tracee's siglock; who traces whom by tasklist_lock.
 */
#include <linux/cred.h>
#include <linux/delay.h>
#include <linux/ptrace.h>
#include <linux/sched/jobctl.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/signal.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "guard.h"
#include "restore.h"
#include "siginfo.h"
#include "tracee.h"
#include "arch/x86/regs.h"

/* If its tracer dies meanwhile it is delivered after all: most programs ignore it. */
#define STAND_IN	SIGURG

static bool has_flag(const struct ckpt_newtask *t, u32 flag)
{
	return le32_to_cpu(t->tracee->flags) & flag;
}

static u32 stop_of(const struct ckpt_newtask *t)
{
	return le32_to_cpu(t->tracee->stop);
}

bool ckpt_tracee_stops(const struct ckpt_newtask *t)
{
	return t->tracee && stop_of(t) != CKPT_TRACEE_RUNS;
}

int ckpt_tracees_check(struct ckpt_restore *r)
{
	unsigned int i;

	for (i = 0; i < r->nr; i++) {
		struct ckpt_newtask *t = &r->new[i];

		if (!t->tracee || ckpt_may_trace(t->tracer->task, t->task))
			continue;
		ckpt_restore_err(r, t->item, "task %u has no right to trace it",
				 le32_to_cpu(t->tracee->tracer));
		return -EPERM;
	}
	return 0;
}

/* ---- who traces whom -------------------------------------------------------------- */

static unsigned int ptrace_flags(const struct ckpt_newtask *t)
{
	u32 options = le32_to_cpu(t->tracee->options);
	unsigned int flags = PT_PTRACED;

	if (has_flag(t, CKPT_TRACEE_SEIZED))
		flags |= PT_SEIZED;
	if (options & CKPT_TRACEE_EXITKILL)
		flags |= PT_EXITKILL;
	return flags | ((options & CKPT_TRACEE_EVENTS) << PT_OPT_FLAG_SHIFT);
}

/* The kernel wants one wherever a group has stopped, however long ago. */
static unsigned long stop_signal(const struct ckpt_newtask *t)
{
	return le32_to_cpu(t->tracee->stop_signal) ?: SIGSTOP;
}

/* Not if its tracer has been killed, or another one has come first. */
static bool is_linked(const struct ckpt_newtask *t)
{
	return READ_ONCE(t->task->ptrace) &&
	       rcu_access_pointer(t->task->parent) == t->tracer->task;
}

/* Is it on its way out, where it has no stop to come to? */
static bool is_exiting(const struct task_struct *t)
{
	return READ_ONCE(t->exit_state) || READ_ONCE(t->flags) & PF_EXITING;
}

/* Return: is it traced by the one it should be? */
static bool link(struct ckpt_newtask *t)
{
	struct task_struct *task = t->task, *tracer = t->tracer->task;
	const struct cred *cred =
		get_task_cred(has_flag(t, CKPT_TRACEE_BY_ITSELF) ? task : tracer);
	bool linked;

	write_lock_irq(&ksym_data(tasklist_lock));
	linked = !task->ptrace && !is_exiting(task) && !is_exiting(tracer);
	if (linked) {
		task->ptrace = ptrace_flags(t);
		ksym(__ptrace_link)(task, tracer, cred);
		spin_lock(&task->sighand->siglock);
		task->jobctl = (task->jobctl & ~JOBCTL_STOP_SIGMASK) | stop_signal(t);
		spin_unlock(&task->sighand->siglock);
	}
	write_unlock_irq(&ksym_data(tasklist_lock));
	put_cred(cred);
	return linked;
}

/* Another, of outside, has come first; or its tracer has been killed. */
static void stay_alone(struct ckpt_restore *r, struct ckpt_newtask *t)
{
	if (READ_ONCE(t->task->ptrace))
		ckpt_restore_err(r, t->item, "is traced by another than task %u",
				 le32_to_cpu(t->tracee->tracer));
	else if (le32_to_cpu(t->tracee->options) & CKPT_TRACEE_EXITKILL)
		send_sig(SIGKILL, t->task, 1);
}

/* ---- into the stop ------------------------------------------------------------------ */

/* He may share the table with others, who are there when he has been killed. */
static void hush(struct ckpt_newtask *t)
{
	struct task_struct *tracer = t->tracer->task;
	struct sigaction *sa;
	unsigned long irq;

	if (!ksym(__lock_task_sighand)(tracer, &irq))
		return;
	sa = &tracer->sighand->action[SIGCHLD - 1].sa;
	if (!(sa->sa_flags & SA_NOCLDSTOP)) {
		sa->sa_flags |= SA_NOCLDSTOP;
		t->hushed = tracer->sighand;
		refcount_inc(&t->hushed->count);
	}
	unlock_task_sighand(tracer, &irq);
}

static void unhush(struct ckpt_newtask *t)
{
	if (!t->hushed)
		return;
	scoped_guard(spinlock_irq, &t->hushed->siglock)
		t->hushed->action[SIGCHLD - 1].sa.sa_flags &= ~SA_NOCLDSTOP;
	ksym(__cleanup_sighand)(t->hushed);
	t->hushed = NULL;
}

bool ckpt_tracees_link(struct ckpt_restore *r)
{
	bool stops = false;
	unsigned int i;

	for (i = 0; i < r->nr; i++) {
		struct ckpt_newtask *t = &r->new[i];

		if (!t->tracee)
			continue;
		stops |= ckpt_tracee_stops(t);
		if (!link(t)) {
			stay_alone(r, t);
			continue;
		}
		ckpt_step_restore(t->task, le32_to_cpu(t->tracee->flags),
				  le64_to_cpu(t->tracee->debug_status));
		if (ckpt_tracee_stops(t))
			hush(t);
		cond_resched();
	}
	return stops;
}

/* What else is pending is taken when the stop is over. */
static void set_apart(struct ckpt_newtask *t)
{
	lockdep_assert_held(&current->sighand->siglock);
	t->apart = true;
	t->blocked = current->blocked;
	t->aside.signal = current->pending.signal;
	list_splice_init(&current->pending.list, &t->aside.list);
	siginitset(&current->pending.signal, sigmask(STAND_IN));
	siginitsetinv(&current->blocked, sigmask(SIGKILL) | sigmask(STAND_IN));
}

/*
 * A freeze of its cgroup would come before the stop: it is put off until then. Both the mask
 * and what it has of its own are there already. (One that begins between this and the stop
 * keeps it from that, and the writer waiting, until the thaw.)
 */
void ckpt_tracee_enter(struct ckpt_newtask *t)
{
	if (!ckpt_tracee_stops(t))
		return;
	guard(spinlock_irq)(&current->sighand->siglock);
	if (!is_linked(t) || __fatal_signal_pending(current))
		return;
	current->jobctl &= ~JOBCTL_TRAP_FREEZE;
	if (stop_of(t) == CKPT_TRACEE_SIGNAL)
		set_apart(t);
	else
		current->jobctl |= JOBCTL_TRAP_STOP;
	recalc_sigpending();
}

/* ---- in the stop ---------------------------------------------------------------------- */

/* Not if it dies, or has lost its tracer. */
static void wait_stopped(const struct ckpt_newtask *t)
{
	struct task_struct *task = t->task;

	while (is_linked(t) && !is_exiting(task) &&
	       !(task_is_traced(task) && ksym(wait_task_inactive)(task, CKPT_OFF_CPU)))
		usleep_range(20, 60);
}

static void give_back_signals(struct ckpt_newtask *t)
{
	struct task_struct *task = t->task;

	lockdep_assert_held(&task->sighand->siglock);
	if (!t->apart)
		return;
	t->apart = false;
	list_splice_init(&t->aside.list, &task->pending.list);
	sigorsets(&task->pending.signal, &task->pending.signal, &t->aside.signal);
	task->blocked = t->blocked;
}

static unsigned long jobctl_of(const struct ckpt_newtask *t)
{
	unsigned long jobctl = stop_signal(t);

	if (has_flag(t, CKPT_TRACEE_INTERRUPT))
		jobctl |= JOBCTL_TRAP_STOP;
	if (has_flag(t, CKPT_TRACEE_NOTIFY))
		jobctl |= JOBCTL_TRAP_NOTIFY;
	if (has_flag(t, CKPT_TRACEE_DEQUEUED))
		jobctl |= JOBCTL_STOP_DEQUEUED;
	return jobctl;
}

/*
 * Not if it is about to end, or something of outside has come first. What it is given to
 * go on with is looked up as a signal in one kind of stop only: it has to be that.
 */
static bool is_in_its_stop(const struct ckpt_newtask *t)
{
	const struct task_struct *task = t->task;

	lockdep_assert_held(&task->sighand->siglock);
	if (!is_linked(t) || !task_is_traced(task) || task->signal->flags & SIGNAL_GROUP_EXIT)
		return false;
	switch (stop_of(t)) {
	case CKPT_TRACEE_SIGNAL:
		return task->exit_code == STAND_IN;
	case CKPT_TRACEE_TRAP:
		return task->exit_code >> 8 == PTRACE_EVENT_STOP;
	default:
		return task->exit_code && !task->last_siginfo;
	}
}

/* As its tracer saw it. What has come since, of outside, is pending in addition. */
static void set_stop(struct ckpt_newtask *t)
{
	struct task_struct *task = t->task;
	struct ckpt_view view;

	lockdep_assert_held(&task->sighand->siglock);
	task->exit_code = le32_to_cpu(t->tracee->code);
	task->ptrace_message = le64_to_cpu(t->tracee->message);
	task->jobctl &= ~(JOBCTL_STOP_SIGMASK | JOBCTL_STOP_DEQUEUED);
	task->jobctl |= jobctl_of(t);
	if (ckpt_find(t->item->bytes, t->item->size, CKPT_REC_TRACEE, &view) && view.count)
		ckpt_siginfo_undescribe(task->last_siginfo, view.elems);
}

static void settle(struct ckpt_newtask *t)
{
	unsigned long irq;

	wait_stopped(t);
	if (!ksym(__lock_task_sighand)(t->task, &irq)) {
		/* It has ended, and so nobody else has to do with them. */
		ksym(flush_sigqueue)(&t->aside);
		return;
	}
	give_back_signals(t);
	if (is_in_its_stop(t))
		set_stop(t);
	if (ckpt_cgroup_freezes(t->task))
		t->task->jobctl |= JOBCTL_TRAP_FREEZE;
	/* If it runs after all, it looks for what it has been given back. */
	ksym(signal_wake_up_state)(t->task, 0);
	unlock_task_sighand(t->task, &irq);
}

void ckpt_tracees_settle(struct ckpt_restore *r)
{
	unsigned int i;

	for (i = 0; i < r->nr; i++) {
		if (ckpt_tracee_stops(&r->new[i]))
			settle(&r->new[i]);
		cond_resched();
	}
	for (i = 0; i < r->nr; i++)
		if (ckpt_tracee_stops(&r->new[i]))
			unhush(&r->new[i]);
}
