// SPDX-License-Identifier: GPL-2.0-only
/*
 * Traced tasks, with their tracers.
 *
 * A tracee that runs is frozen like any other task, in the freezer's trap: it has then no
 * stop pending. One that is in a stop of its tracer sleeps in ptrace_stop(), and the kernel
 * counts it as frozen already. There it stays. Who could let it go is its tracer, who is
 * frozen as well, or SIGKILL, from which the flag keeps it that ptrace(2) itself sets
 * while a request is under way (JOBCTL_PTRACE_FROZEN, guard.c); with JOBCTL_TRAP_FREEZE it
 * goes into the trap should it get out all the same. So neither of the two notices anything, and
 * what the tracer sees of the stop can be read: it lies in the task_struct, and the siginfo
 * on the kernel stack of who sleeps.
 *
 * Stops are kept that lie at the border of user mode, where a new task can be brought: in
 * get_signal(), before a signal is delivered, or for a stop of job control or
 * PTRACE_INTERRUPT. How a new task gets into its stop is in tracemake.c. Those inside a
 * system call (events of clone() or execve(), its entry and exit) are refused. So is a
 * tracer of system calls as long as its tracee runs: the end of the call that a freeze
 * interrupts would be a stop that it sees. That goes for a single step under way, too, and
 * therefore both are looked for before anybody is stopped.
 *
 * A tracer keeps the rights that it had when it began (ptracer_cred). All that the kernel
 * asks of them later is CAP_SYS_PTRACE: so they are told by whose of the two rights they
 * are like. And a tracer that would have no right to begin now could not be restored.
 *
 * Attributes of a stop are protected by the tracee's siglock. Who traces whom is under
 * tasklist_lock, and for readers under RCU; it does not change while the tracer is frozen.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/ptrace.h>
#include <linux/sched/jobctl.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/signal.h>
#include <linux/thread_info.h>
#include <asm/syscall.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "siginfo.h"
#include "tracee.h"
#include "arch/x86/regs.h"

/**
 * struct stop - where a traced task is
 * @kind:	enum ckpt_tracee_stop, 0: in a stop that is not kept
 * @code:	not yet told by wait(2)
 * @info:	of a CKPT_TRACEE_SIGNAL or CKPT_TRACEE_TRAP
 */
struct stop {
	u32 kind;
	u32 code;
	kernel_siginfo_t info;
};

/*
 * Its tracer may have changed it, to what no kernel says. So what looks like a signal is
 * looked at once more, is_in_event().
 */
static u32 kind_of(const kernel_siginfo_t *info)
{
	if (info->si_code >> 8 == PTRACE_EVENT_STOP)
		return CKPT_TRACEE_TRAP;
	if (info->si_signo != SIGTRAP)
		return CKPT_TRACEE_SIGNAL;
	/* An event; or the entry or exit of a call, with PTRACE_O_TRACESYSGOOD or without. */
	return info->si_code > 0xff || (info->si_code & ~0x80) == SIGTRAP ?
		0 : CKPT_TRACEE_SIGNAL;
}

static bool has_siginfo(const struct stop *s)
{
	return s->kind == CKPT_TRACEE_SIGNAL || s->kind == CKPT_TRACEE_TRAP;
}

static void read_stop(struct task_struct *t, struct stop *s)
{
	unsigned long flags;

	memset(s, 0, sizeof(*s));
	s->kind = CKPT_TRACEE_RUNS;
	if (!task_is_traced(t) || !ksym(__lock_task_sighand)(t, &flags))
		return;
	s->kind = CKPT_TRACEE_GROUP;
	s->code = t->exit_code;
	if (t->last_siginfo) {
		copy_siginfo(&s->info, t->last_siginfo);
		s->kind = kind_of(&s->info);
	}
	unlock_task_sighand(t, &flags);
}

/* ---- what is not kept --------------------------------------------------------------- */

/* In a stop it does not matter any more: the next request says it anew. */
static bool traces_calls(struct task_struct *t)
{
	return !task_is_traced(t) && (test_task_syscall_work(t, SYSCALL_TRACE) ||
				      test_task_syscall_work(t, SYSCALL_EMU));
}

static bool is_stepping(struct task_struct *t)
{
	return !task_is_traced(t) && ckpt_step_made(t);
}

/* Not back from its call: it has not come to where it returns something. */
static bool is_in_call(struct task_struct *t)
{
	struct pt_regs *regs = task_pt_regs(t);

	return syscall_get_nr(t, regs) != -1 && (long)regs->ax == -ENOSYS;
}

static bool is_in_event(struct task_struct *t)
{
	bool seized = t->ptrace & PT_SEIZED;
	struct stop s;

	read_stop(t, &s);
	if (!s.kind || !ckpt_stop_code_fits(s.kind, s.code))
		return true;
	if ((s.kind == CKPT_TRACEE_TRAP && !seized) || (s.kind == CKPT_TRACEE_GROUP && seized))
		return true;
	return has_siginfo(&s) && (!s.info.si_signo || !valid_signal(s.info.si_signo) ||
				   is_in_call(t));
}

/* PTRACE_EVENT_EXIT: it is dying, and no freeze can keep it from that. */
static bool is_ending(struct task_struct *t)
{
	return task_is_traced(t) && READ_ONCE(t->signal->flags) & SIGNAL_GROUP_EXIT;
}

/* The same of a thread that another one ends to execute a file. */
static bool is_swept_away(struct task_struct *t)
{
	return task_is_traced(t) && READ_ONCE(t->signal->group_exec_task);
}

static bool is_listened_to(struct task_struct *t)
{
	return READ_ONCE(t->jobctl) & JOBCTL_LISTENING;
}

static bool suspends_seccomp(struct task_struct *t)
{
	return t->ptrace & PT_SUSPEND_SECCOMP;
}

/*
 * Frozen in the midst of a call: that is vfork(). An interruption waits there as long as its
 * parent does; whoever is in the trap has none.
 */
static bool is_vforking(struct task_struct *t)
{
	return !task_is_traced(t) && is_in_call(t) &&
	       (t->ptrace & PT_TRACE_VFORK_DONE || READ_ONCE(t->jobctl) & JOBCTL_TRAP_MASK);
}

/* SIGCONT has come. It is the task that tells the parent, as soon as it is let go. */
static bool is_continued(struct task_struct *t)
{
	return task_is_traced(t) && READ_ONCE(t->signal->flags) & SIGNAL_CLD_MASK;
}

static const struct obstacle {
	const char *name;
	bool (*has)(struct task_struct *t);
	bool early;	/* looked for before it is stopped, too */
} obstacles[] = {
	{ "a tracer of its system calls", traces_calls, true },
	{ "a single step under way", is_stepping, true },
	{ "a core dump or exec under way", is_swept_away, true },
	{ "a ptrace event under way", is_ending, true },
	{ "a step to the next branch", ckpt_step_blocks },
	{ "a ptrace event under way", is_in_event },
	{ "PTRACE_LISTEN", is_listened_to },
	{ "PTRACE_O_SUSPEND_SECCOMP", suspends_seccomp },
	{ "a vfork() whose end its tracer waits for", is_vforking },
	{ "a SIGCONT that its parent has yet to be told of", is_continued },
};

/* ---- freeze --------------------------------------------------------------------------- */

static struct task_struct *get_tracer(struct task_struct *t)
{
	struct task_struct *tracer;

	guard(rcu)();
	tracer = ptrace_parent(t);
	return tracer ? get_task_struct(tracer) : NULL;
}

bool ckpt_tracee_is_stopped(const struct ckpt_taskset *set, struct task_struct *t)
{
	struct task_struct *tracer;

	guard(rcu)();
	tracer = ptrace_parent(t);
	return tracer && ckpt_taskset_has(set, tracer) && task_is_traced(t);
}

static const char *early_obstacle(struct task_struct *t)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(obstacles); i++)
		if (obstacles[i].early && obstacles[i].has(t))
			return obstacles[i].name;
	return NULL;
}

/* A tracer outside can make it go on, or die, wherever we keep it. */
int ckpt_tracee_may_freeze(struct ckpt_mount *m, const struct ckpt_taskset *set,
			   struct task_struct *t)
{
	const char *what = NULL;

	scoped_guard(rcu) {
		struct task_struct *tracer = ptrace_parent(t);

		if (!tracer)
			return 0;
		if (!ckpt_taskset_has(set, tracer))
			what = "a tracer outside of the container";
	}
	if (!what && READ_ONCE(t->exit_state))
		what = "a tracer of one that has ended";
	if (!what)
		what = early_obstacle(t);
	if (!what)
		return 0;
	ckpt_err(m, "task %d: %s cannot be saved", task_pid_vnr(t), what);
	return -EOPNOTSUPP;
}

bool ckpt_may_trace(struct task_struct *tracer, struct task_struct *t)
{
	const struct cred *cred = get_task_cred(tracer), *own = override_creds(cred);
	bool may = ksym(ptrace_may_access)(t, PTRACE_MODE_ATTACH_REALCREDS);

	revert_creds(own);
	put_cred(cred);
	return may;
}

/* ---- collect and save ----------------------------------------------------------------- */

static bool may_trace_any(const struct cred *cred)
{
	return cap_raised(cred->cap_effective, CAP_SYS_PTRACE);
}

/* Whose rights are those with which @t is traced? Return: one of the two, or NULL. */
static struct task_struct *whose_rights(struct task_struct *t, struct task_struct *tracer)
{
	const struct cred *cred;
	bool any;

	guard(rcu)();
	cred = rcu_dereference(t->ptracer_cred);
	if (!cred || cred->user_ns != __task_cred(t)->user_ns)
		return NULL;
	any = may_trace_any(cred);
	if (any == may_trace_any(__task_cred(tracer)))
		return tracer;
	return any == may_trace_any(__task_cred(t)) ? t : NULL;
}

static void collect_rights(struct ckpt_collect *c, struct task_struct *t,
			   struct task_struct *tracer)
{
	if (!ckpt_taskset_has(c->tasks, tracer)) {
		ckpt_refuse(c, "task %d: a tracer outside of the container cannot be saved",
			    task_pid_vnr(t));
		return;
	}
	if (!whose_rights(t, tracer))
		ckpt_refuse(c, "task %d: a tracer that has changed its rights cannot be saved",
			    task_pid_vnr(t));
	if (!ckpt_may_trace(tracer, t))
		ckpt_refuse(c, "task %d: a tracer (%d) that would have no right to trace it now cannot be saved",
			    task_pid_vnr(t), task_pid_vnr(tracer));
}

void ckpt_tracee_collect(struct ckpt_collect *c, struct task_struct *t)
{
	struct task_struct *tracer = get_tracer(t);
	unsigned int i;

	if (!tracer)
		return;
	for (i = 0; i < ARRAY_SIZE(obstacles); i++)
		if (obstacles[i].has(t))
			ckpt_refuse(c, "task %d: %s cannot be saved", task_pid_vnr(t),
				    obstacles[i].name);
	collect_rights(c, t, tracer);
	put_task_struct(tracer);
}

/* A thread that has ended, and waits for its tracer alone, is not in the set. */
void ckpt_tracer_verify(struct ckpt_collect *c, struct task_struct *t)
{
	struct task_struct *tracee;
	pid_t nr = 0;

	scoped_guard(read_lock, &ksym_data(tasklist_lock))
		list_for_each_entry(tracee, &t->ptraced, ptrace_entry)
			if (!ckpt_taskset_has(c->tasks, tracee)) {
				nr = task_pid_nr_ns(tracee, task_active_pid_ns(current)) ?: -1;
				break;
			}
	if (nr)
		ckpt_refuse_shared(c, "task %d: it traces task %d, which is outside of the container or has ended",
				   task_pid_vnr(t), nr);
}

static u32 options_of(const struct task_struct *t)
{
	u32 options = (t->ptrace >> PT_OPT_FLAG_SHIFT) & CKPT_TRACEE_EVENTS;

	return t->ptrace & PT_EXITKILL ? options | CKPT_TRACEE_EXITKILL : options;
}

static u32 flags_of(struct task_struct *t, struct task_struct *tracer, const struct stop *s)
{
	unsigned long jobctl = READ_ONCE(t->jobctl);
	u32 flags = 0;

	if (t->ptrace & PT_SEIZED)
		flags |= CKPT_TRACEE_SEIZED;
	if (whose_rights(t, tracer) == t)
		flags |= CKPT_TRACEE_BY_ITSELF;
	if (s->kind == CKPT_TRACEE_RUNS)
		return flags;
	if (flags & CKPT_TRACEE_SEIZED && jobctl & JOBCTL_TRAP_STOP)
		flags |= CKPT_TRACEE_INTERRUPT;
	if (flags & CKPT_TRACEE_SEIZED && jobctl & JOBCTL_TRAP_NOTIFY)
		flags |= CKPT_TRACEE_NOTIFY;
	if (jobctl & JOBCTL_STOP_DEQUEUED)
		flags |= CKPT_TRACEE_DEQUEUED;
	return flags | ckpt_step_flags(t);
}

static int save(struct ckpt_collect *c, struct task_struct *t, struct task_struct *tracer,
		struct ckpt_writer *w)
{
	struct ckpt_tracee *rec;
	struct stop s;

	read_stop(t, &s);
	rec = ckpt_add(w, CKPT_REC_TRACEE, has_siginfo(&s));
	if (!rec)
		return w->error;
	rec->tracer = cpu_to_le32(ckpt_id(c, CKPT_TYPE_TASK, tracer));
	rec->flags = cpu_to_le32(flags_of(t, tracer, &s));
	rec->options = cpu_to_le32(options_of(t));
	rec->stop = cpu_to_le32(s.kind);
	rec->code = cpu_to_le32(s.code);
	rec->stop_signal = cpu_to_le32(READ_ONCE(t->jobctl) & JOBCTL_STOP_SIGMASK);
	rec->debug_status = cpu_to_le64(ckpt_step_status(t));
	if (s.kind != CKPT_TRACEE_RUNS)
		rec->message = cpu_to_le64(t->ptrace_message);
	if (has_siginfo(&s))
		ckpt_siginfo_describe(ckpt_elems(rec), &s.info);
	return 0;
}

/* Who has come since they were collected is another one's. */
int ckpt_tracee_save(struct ckpt_collect *c, struct task_struct *t, struct ckpt_writer *w)
{
	struct task_struct *tracer = get_tracer(t);
	int err = 0;

	if (!tracer)
		return 0;
	if (ckpt_taskset_has(c->tasks, tracer))
		err = save(c, t, tracer, w);
	put_task_struct(tracer);
	return err;
}
