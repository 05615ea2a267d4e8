// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls that a tracer is told of, when they are frozen in the midst.
 *
 * A tracee that was let go by PTRACE_SYSCALL stops at the entry and at the exit of each call.
 * To be frozen it would have to leave the call that it sleeps in: its tracer would see an
 * exit, and the entry of the same call when it is made again. So the end of that call is
 * hidden: the mark at which the kernel looks when the call ends is taken away before the
 * task is woken, and set again when it is let go. Then the task makes the call again from
 * inside get_signal(), where no entry is told of, and last reports its exit as the kernel
 * would. A restored task does the same (newtask.c).
 *
 * The mark may be taken only while the task is inside of the call for certain: a task
 * that is not on a processor, and marked to sleep until a signal comes, stays so as long as
 * task_call_func() has it. Who is in no call is stopped as any other. He who is in neither of
 * the two places is on his way, and looked at again: into a stop of his tracer, most of
 * the time. The tracer is stopped first, so that he does not interrupt in between.
 *
 * Locks: the tracee's siglock, and inside of it those that task_call_func() takes.
 */
#include <linux/ptrace.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/thread_info.h>
#include <linux/wait.h>
#include <asm/syscall.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "tracee.h"
#include "waits.h"

bool ckpt_traces_calls(struct task_struct *t)
{
	return READ_ONCE(t->ptrace) && test_task_syscall_work(t, SYSCALL_TRACE);
}

/* ---- at the freeze ------------------------------------------------------------------ */

/*
 * Who is frozen, and has been woken (TASK_WAKING, TASK_RUNNING), counts as frozen until he runs:
 * he leaves the trap, a stop, or vfork(), and may be in a call soon.
 */
static bool is_at_rest(struct task_struct *t)
{
	return t->frozen && READ_ONCE(t->__state) & (TASK_NORMAL | __TASK_TRACED);
}

/* It is to stay so: a thaw that is just over may not have woken him yet. */
static bool is_tracer_frozen(struct task_struct *t)
{
	struct task_struct *tracer;

	guard(rcu)();
	tracer = ptrace_parent(t);
	if (!tracer || READ_ONCE(tracer->exit_state))
		return true;
	return READ_ONCE(tracer->jobctl) & JOBCTL_TRAP_FREEZE && is_at_rest(tracer);
}

/**
 * struct look - at a task, whose state is fixed
 * @hidden:	set if the end of its call has been hidden
 * @may_hide:	that is possible
 */
struct look {
	bool *hidden;
	bool may_hide;
};

/*
 * Return: will it stop without its tracer noticing? Then it is marked to look for
 * that before it goes back to user mode.
 */
static int look(struct task_struct *t, void *arg)
{
	struct look *l = arg;

	if (t->frozen)
		return is_at_rest(t);
	if (t->on_cpu)
		return false;
	if (syscall_get_nr(t, task_pt_regs(t)) != -1) {
		if (!l->may_hide || !(READ_ONCE(t->__state) & TASK_INTERRUPTIBLE))
			return false;
		clear_task_syscall_work(t, SYSCALL_TRACE);
		*l->hidden = true;
	}
	set_tsk_thread_flag(t, TIF_SIGPENDING);
	return true;
}

/*
 * In a stop of his tracer he is stopped only after him: who could let him into a call then,
 * which would be interrupted at once.
 */
bool ckpt_call_may_stop(const struct ckpt_taskset *set, struct task_struct *t)
{
	struct look l = { .hidden = ckpt_wait_hidden(set, t) };
	bool may;

	lockdep_assert_held(&t->sighand->siglock);
	if (!ckpt_traces_calls(t) || t->jobctl & JOBCTL_TRAP_FREEZE)
		return true;
	if (task_is_traced(t))
		return is_tracer_frozen(t);
	if (!try_get_task_stack(t))
		return true;
	l.may_hide = l.hidden && is_tracer_frozen(t) && ckpt_call_fits(t);
	may = ksym(task_call_func)(t, look, &l);
	ksym(put_task_stack)(t);
	return may;
}

/* ---- when it goes on ---------------------------------------------------------------- */

/* The same as ptrace_report_syscall_exit(). */
void ckpt_call_end(void)
{
	int trap = SIGTRAP | (current->ptrace & PT_TRACESYSGOOD ? 0x80 : 0);
	int signal;

	if (!ckpt_traces_calls(current))
		return;
	signal = ksym(ptrace_notify)(trap, PTRACE_EVENTMSG_SYSCALL_EXIT);
	if (signal)
		send_sig(signal, current, 1);
}
