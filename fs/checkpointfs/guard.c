// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frozen tasks stay where they are, whoever wakes them.
 *
 * Each stopped task has a task work pending, which get_signal() runs as soon
 * as the task wakes in the freezer's trap, whether a signal has woken it, a
 * thaw of its cgroup, a tracer, or SIGKILL; the work waits. A task that is
 * killed gives up what it has: memory, files, namespaces, its kernel stack. So
 * while objects are collected it has to wait as well. Afterwards it may go and
 * die, but says so before it changes anything (set->left): what is read from
 * the program from then on is not of one moment with what was read before.
 *
 * A task in a stop of its tracer (tracee.c) does not come to its work when it is killed,
 * but late in its exit. As long as nobody may exit it is kept in its stop as ptrace(2) keeps
 * it during a request; afterwards it has left if it is in the stop no more.
 *
 * Entries belong to the freezer; a work that runs has its own until it sets
 * @done, its last look at it.
 */
#include <linux/delay.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/task_work.h>
#include <linux/wait.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "guard.h"
#include "tracee.h"

/**
 * struct ckpt_guard - one guarded task
 * @work:	pending in it
 * @set:	of which it is
 * @added:	the work has been added
 * @done:	the work has run
 * @stopped:	it is in a stop of its tracer
 */
struct ckpt_guard {
	struct callback_head work;
	struct ckpt_taskset *set;
	bool added;
	bool done;
	bool stopped;
};

#define UNTIL_KILLED	(TASK_KILLABLE | TASK_FREEZABLE | TASK_NOLOAD)

/* Guarded tasks sleep on the one, who takes the guards away on the other. */
static DECLARE_WAIT_QUEUE_HEAD(guard_wait);
static DECLARE_WAIT_QUEUE_HEAD(done_wait);

static bool is_guarded(const struct ckpt_taskset *set, enum ckpt_guarded how)
{
	return READ_ONCE(set->guarded) >= how;
}

static void guard_work(struct callback_head *work)
{
	struct ckpt_guard *g = container_of(work, struct ckpt_guard, work);
	struct ckpt_taskset *set = g->set;

	wait_event(guard_wait, !is_guarded(set, CKPT_GUARDED_ALL));
	/* Killed in a stop of its tracer it comes here from its exit: it does not wait. */
	if (current->flags & PF_EXITING ||
	    wait_event_state(guard_wait, !is_guarded(set, CKPT_GUARDED), UNTIL_KILLED)) {
		WRITE_ONCE(set->left, true);
		/* With ckpt_tasks_left(), before it writes to any memory. */
		smp_wmb();
	}
	/* The entry may go as soon as this is seen. */
	smp_store_release(&g->done, true);
	wake_up_all(&done_wait);
}

static bool is_dying(struct task_struct *t)
{
	return t->signal->flags & SIGNAL_GROUP_EXIT || t->signal->group_exec_task ||
	       __fatal_signal_pending(t);
}

static int add(struct ckpt_guard *g, struct task_struct *t)
{
	init_task_work(&g->work, guard_work);
	if (task_work_add(t, &g->work, TWA_NONE))
		return -EBUSY;
	g->added = true;
	return is_dying(t) ? -EBUSY : 0;
}

/*
 * Who is listened to (PTRACE_LISTEN) leaves its stop by itself: it is refused. And who is
 * dying is seen to do so when all are guarded.
 */
static void hold_stopped(struct ckpt_guard *g, struct task_struct *t)
{
	unsigned long flags;

	if (!ksym(__lock_task_sighand)(t, &flags))
		return;
	if (ckpt_tracee_is_stopped(g->set, t) && !is_dying(t) &&
	    !(t->jobctl & JOBCTL_LISTENING)) {
		t->jobctl |= JOBCTL_PTRACE_FROZEN;
		g->stopped = true;
		g->set->stopped++;
	}
	unlock_task_sighand(t, &flags);
}

/*
 * A tracer that died before it was guarded has let his tracee go, under the siglock that we
 * have had since. Out of its stop it comes to its work too late, after it has taken its
 * signal: but then it is frozen no more, as soon as it has run.
 */
static void wait_settled(struct task_struct *t)
{
	if (READ_ONCE(t->__state) == TASK_RUNNING)
		ckpt_wait_trapped(t);
}

/* If it has been killed meanwhile it wakes only now. */
static void release_stopped(struct ckpt_guard *g, struct task_struct *t)
{
	unsigned long flags;

	if (!g->stopped || !ksym(__lock_task_sighand)(t, &flags))
		return;
	t->jobctl &= ~JOBCTL_PTRACE_FROZEN;
	if (__fatal_signal_pending(t)) {
		t->jobctl &= ~JOBCTL_TRACED;
		ksym(wake_up_state)(t, __TASK_TRACED);
	}
	unlock_task_sighand(t, &flags);
}

/* It is in its stop no more before it is woken. */
static bool stopped_left(const struct ckpt_taskset *set)
{
	unsigned int i;

	if (!set->stopped)
		return false;
	for (i = 0; i < set->nr; i++)
		if (set->guards[i].stopped &&
		    (!task_is_traced(set->vec[i]) || is_dying(set->vec[i])))
			return true;
	return false;
}

int ckpt_guard_tasks(struct ckpt_taskset *set)
{
	unsigned int i;

	set->guards = kvcalloc(set->nr, sizeof(*set->guards), GFP_KERNEL_ACCOUNT);
	if (!set->guards)
		return -ENOMEM;
	WRITE_ONCE(set->guarded, CKPT_GUARDED_ALL);
	for (i = 0; i < set->nr; i++) {
		int err;

		set->guards[i].set = set;
		if (READ_ONCE(set->vec[i]->exit_state))
			continue;
		err = add(&set->guards[i], set->vec[i]);
		if (err)
			return err;
		hold_stopped(&set->guards[i], set->vec[i]);
		wait_settled(set->vec[i]);
		cond_resched();
	}
	return ckpt_tasks_frozen(set) ? 0 : -EBUSY;
}

void ckpt_guard_relax(struct ckpt_taskset *set)
{
	unsigned int i;

	for (i = 0; set->stopped && i < set->nr; i++)
		release_stopped(&set->guards[i], set->vec[i]);
	WRITE_ONCE(set->guarded, CKPT_GUARDED);
	wake_up_all(&guard_wait);
}

bool ckpt_tasks_left(const struct ckpt_taskset *set)
{
	/* What the caller has read was read before this look. */
	smp_rmb();
	return READ_ONCE(set->left) || stopped_left(set);
}

/*
 * A bit field that only the task itself writes: a stale value is looked at
 * again, and the last look comes when the task is off its CPU.
 */
static bool is_there(struct task_struct *t)
{
	return t->exit_state || (t->frozen && !is_dying(t));
}

bool ckpt_tasks_frozen(const struct ckpt_taskset *set)
{
	unsigned int i;

	for (i = 0; i < set->nr; i++)
		if (!is_there(set->vec[i]))
			return false;
	return !ckpt_tasks_left(set);
}

/*
 * wait_task_inactive() gives up if the task is running: that is no state to
 * wait in. A task that has gone on, or is gone, is not frozen any more.
 */
void ckpt_wait_trapped(struct task_struct *t)
{
	while (!READ_ONCE(t->exit_state) && t->frozen &&
	       !ksym(wait_task_inactive)(t, CKPT_OFF_CPU))
		usleep_range(20, 60);
}

/*
 * Its work has run: it goes back to the trap, whose bit may have been cleared
 * by others, and so has to be set again before this.
 */
static void send_back(struct ckpt_guard *g, struct task_struct *t)
{
	/* The last look of the work at its entry. */
	wait_event(done_wait, smp_load_acquire(&g->done));
	ckpt_wait_trapped(t);
}

void ckpt_unguard_tasks(struct ckpt_taskset *set)
{
	unsigned int i;

	if (!set->guards)
		return;
	WRITE_ONCE(set->guarded, CKPT_UNGUARDED);
	wake_up_all(&guard_wait);
	for (i = 0; i < set->nr; i++) {
		struct ckpt_guard *g = &set->guards[i];

		release_stopped(g, set->vec[i]);
		if (g->added && !ksym(task_work_cancel)(set->vec[i], &g->work))
			send_back(g, set->vec[i]);
		cond_resched();
	}
	kvfree(set->guards);
	set->guards = NULL;
	set->stopped = 0;
}
