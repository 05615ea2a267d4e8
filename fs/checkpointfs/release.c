// SPDX-License-Identifier: GPL-2.0-only
/*
 * Letting the new tasks go: what the writer does when all of them are parked.
 *
 * They sleep in wait_step() and cannot be woken but by SIGKILL, so that he may
 * write to them: first what is among processes, registers and clocks, which may
 * still fail; then, when nothing can any more, they get their parents, those
 * that are zombies die, those that are traced get their tracers, and all others run.
 */
#include <linux/delay.h>
#include <linux/sched/jobctl.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "groups.h"
#include "guard.h"
#include "restore.h"
#include "tracee.h"
#include "ttyend.h"
#include "usage.h"
#include "arch/x86/regs.h"

/* Its registers are on its stack, which goes with it if it has been killed. */
static int write_task(struct ckpt_restore *r, struct ckpt_item *item,
		      struct task_struct *t)
{
	int err;

	/* No state matches TASK_RUNNING: it may have yet to go to sleep. */
	while (!READ_ONCE(t->exit_state) && !ksym(wait_task_inactive)(t, CKPT_OFF_CPU))
		usleep_range(20, 60);
	if (!try_get_task_stack(t))
		return -ECANCELED;
	err = item ? ckpt_regs_write(r, item, t) : 0;
	ksym(put_task_stack)(t);
	return err;
}

/* Who could be mistaken for another by it is nobody who may choose pids himself. */
static void restore_start(const struct ckpt_newtask *t, u64 origin)
{
	if (checkpoint_restore_ns_capable(&init_user_ns))
		ckpt_set_start_time(t->task, le64_to_cpu(t->rec->start_time), origin);
}

static int write_registers(struct ckpt_restore *r)
{
	u64 origin = r->new[0].task->start_boottime;
	unsigned int i;

	for (i = 0; i < r->nr; i++) {
		struct ckpt_newtask *t = &r->new[i];
		struct ckpt_item *item = ckpt_item(r->img, CKPT_TYPE_REGS, t->item->id);
		int err;

		restore_start(t, origin);
		if (ckpt_is_bare(t))
			continue;
		err = write_task(r, item, t->task);
		if (err)
			return err;
		ckpt_usage_restore_task(t->item, t->task);
		cond_resched();
	}
	return 0;
}

static struct ckpt_item *process_of(const struct ckpt_newtask *t)
{
	return ckpt_item(t->r->img, CKPT_TYPE_PROCESS, le64_to_cpu(t->rec->process));
}

/* All tasks sleep, and have what they have used themselves. */
static int restore_usage(struct ckpt_restore *r)
{
	unsigned int i;
	int err;

	for (i = 0; i < r->nr; i++) {
		struct ckpt_newtask *t = &r->new[i];

		if (!ckpt_is_leader(t) || ckpt_is_bare(t))
			continue;
		err = ckpt_usage_restore_process(process_of(t), t->task);
		if (err) {
			ckpt_restore_err(r, process_of(t), "has used more time than there is");
			return err;
		}
	}
	return 0;
}

/* The stop of its process is not complete before it has stopped. */
static bool has_to_stop(const struct ckpt_newtask *t)
{
	return ckpt_newtask_has(t, CKPT_TASK_STOPPING) && !t->tracee && !ckpt_is_zombie(t);
}

static unsigned int count_stopping(const struct ckpt_newtask *leader)
{
	unsigned int nr = has_to_stop(leader);
	const struct ckpt_newtask *t;

	list_for_each_entry(t, &leader->threads, thread)
		nr += has_to_stop(t);
	return nr;
}

/* Return: does the group stop? */
static bool restore_state(const struct ckpt_newtask *t, const struct ckpt_process *p)
{
	struct signal_struct *sig = t->task->signal;
	unsigned int stopping = count_stopping(t);
	u32 flags = le32_to_cpu(p->flags);
	unsigned long irq;

	/* Not there: it has been killed. */
	if (!ksym(__lock_task_sighand)(t->task, &irq))
		return false;
	if (sig->flags & SIGNAL_GROUP_EXIT)
		flags = 0;
	/* None of them has: a SIGCONT came while they were saved. */
	if (!stopping)
		flags &= ~CKPT_PROCESS_STOPPING;
	if (flags & CKPT_PROCESS_STOPPED)
		sig->flags |= SIGNAL_STOP_STOPPED;
	if (flags & CKPT_PROCESS_STOPPING)
		sig->group_stop_count = stopping;
	if (flags & (CKPT_PROCESS_STOPPED | CKPT_PROCESS_STOPPING))
		sig->group_exit_code = le32_to_cpu(p->stop_code);
	if (flags & CKPT_PROCESS_CONTINUED)
		sig->flags |= SIGNAL_STOP_CONTINUED;
	unlock_task_sighand(t->task, &irq);
	return flags & (CKPT_PROCESS_STOPPED | CKPT_PROCESS_STOPPING);
}

/*
 * Unless a SIGCONT has come, which does not find those that are not stopped yet. In which stop
 * a traced one is, if it is, its tracer has decided.
 */
static void stop_thread(const struct ckpt_newtask *new)
{
	struct task_struct *t = new->task;
	unsigned long irq;

	if (new->tracee || !ksym(__lock_task_sighand)(t, &irq))
		return;
	if (t->signal->flags & SIGNAL_STOP_STOPPED || t->signal->group_stop_count) {
		t->jobctl |= JOBCTL_STOP_PENDING | SIGSTOP;
		if (t->signal->group_stop_count && has_to_stop(new))
			t->jobctl |= JOBCTL_STOP_CONSUME;
		set_tsk_thread_flag(t, TIF_SIGPENDING);
	}
	unlock_task_sighand(t, &irq);
}

/*
 * Stopped by a signal, as it was: do_signal_stop() finds the stop pending, and
 * SIGNAL_STOP_STOPPED keeps it from telling the parent once more. Of a stop that is not
 * complete, as a thread waits in vfork(), the last of those counts tells (JOBCTL_STOP_CONSUME).
 * All threads, one by one, before any task runs: a SIGCONT from one of them ends it.
 */
static void restore_stop(struct ckpt_newtask *leader, const struct ckpt_process *p)
{
	struct ckpt_newtask *t;

	if (!restore_state(leader, p))
		return;
	if (!ckpt_is_zombie(leader))
		stop_thread(leader);
	list_for_each_entry(t, &leader->threads, thread) {
		stop_thread(t);
		cond_resched();
	}
}

/* What processes are among each other. */
static void restore_processes(struct ckpt_restore *r)
{
	unsigned int i;

	for (i = 0; i < r->nr; i++) {
		struct ckpt_newtask *t = &r->new[i];
		const struct ckpt_process *p;

		if (!ckpt_is_leader(t))
			continue;
		p = ckpt_item_body(process_of(t), CKPT_REC_PROCESS);
		ckpt_group_join(t, PIDTYPE_SID, le32_to_cpu(p->sid));
		if (!p->sid)
			ckpt_terminal_inherit(t->task);
		ckpt_group_join(t, PIDTYPE_PGID, le32_to_cpu(p->pgid));
		restore_stop(t, p);
		cond_resched();
	}
}

/* As copy_process() has it of the parent that it knows, which was another. */
static void set_reaper(struct task_struct *t, const struct task_struct *parent)
{
	if (parent->signal->is_child_subreaper || parent->signal->has_child_subreaper)
		t->signal->has_child_subreaper = true;
}

/*
 * A zombie tells nobody that it dies: its parent has known for long. With no
 * exit signal nothing is sent, and nothing is reaped.
 */
static void give_away(struct ckpt_restore *r, struct task_struct *parent)
{
	unsigned int i;

	for (i = 0; i < r->nr; i++) {
		struct ckpt_newtask *t = &r->new[i];

		if (!ckpt_is_leader(t))
			continue;
		t->task->exit_signal =
			ckpt_is_zombie(t) ? 0 : le32_to_cpu(t->rec->exit_signal);
		ckpt_reparent(t, t->parent ? t->parent->task : parent);
		set_reaper(t->task, parent);
		cond_resched();
	}
}

/* Who waits for it has yet to be woken. */
static void set_step(struct ckpt_restore *r, enum ckpt_step step)
{
	guard(spinlock)(&r->lock);
	WRITE_ONCE(r->step, step);
}

bool ckpt_is_traced(struct task_struct *t)
{
	struct task_struct *thread;

	guard(rcu)();
	for_each_thread(t, thread)
		if (READ_ONCE(thread->ptrace))
			return true;
	return false;
}

/*
 * exit_notify() makes it a zombie and then tells the parent, both under the lock:
 * without it the signal could be there in time to be sent.
 * Return: has it died, or will it when its tracer has seen it?
 */
static bool set_exit_signal(struct ckpt_newtask *t)
{
	guard(write_lock_irq)(&ksym_data(tasklist_lock));
	if (!t->task->exit_state && !ckpt_is_traced(t->task))
		return false;
	t->task->exit_signal = le32_to_cpu(t->rec->exit_signal);
	return true;
}

/* It has left its processor, too. */
static bool has_ended(const struct task_struct *t)
{
	return READ_ONCE(t->exit_state) && !READ_ONCE(t->on_cpu);
}

/* Those that are zombies die; for them the step is the last. */
static void bury(struct ckpt_restore *r)
{
	unsigned int i;

	/* From the step on they may die, also those that are not asleep yet. */
	for (i = 0; i < r->nr; i++)
		if (ckpt_is_bare(&r->new[i]))
			ckpt_session_leave(&r->new[i]);
	set_step(r, CKPT_STEP_BURY);
	for (i = 0; i < r->nr; i++) {
		struct ckpt_newtask *t = &r->new[i];

		if (!ckpt_is_zombie(t))
			continue;
		wake_up_all(&t->wait);
		while (!has_ended(t->task) && !ckpt_is_traced(t->task))
			usleep_range(20, 100);
		ckpt_session_return(t);
		/* Its own end is not what its parent is to be told of. */
		ckpt_usage_restore_task(t->item, t->task);
		if (ckpt_is_bare(t))
			ckpt_usage_restore_process(process_of(t), t->task);
		while (!set_exit_signal(t))
			usleep_range(20, 100);
	}
}

/* Who begins in a stop is there before its tracer could ask. */
static void trace(struct ckpt_restore *r)
{
	if (!ckpt_tracees_link(r))
		return;
	set_step(r, CKPT_STEP_TRACE);
	ckpt_restore_wake(r);
	ckpt_tracees_settle(r);
}

int ckpt_release_prepare(struct ckpt_restore *r)
{
	int err;

	err = ckpt_tracees_check(r);
	if (err)
		return err;
	restore_processes(r);
	err = write_registers(r);
	return err ?: restore_usage(r);
}

void ckpt_release(struct ckpt_restore *r, struct task_struct *parent)
{
	give_away(r, parent);
	bury(r);
	trace(r);
	set_step(r, CKPT_STEP_GO);
	ckpt_restore_wake(r);
}
