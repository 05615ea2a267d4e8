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
 * PTRACE_INTERRUPT; and at the entry and the exit of a system call. How a new task gets into its
 * stop is in tracemake.c, how one is frozen whose tracer is told of its calls in
 * tracedcall.c. Stops in the midst of a call (events of clone() or execve()) are refused. So is
 * a single step under way, whose end the tracer would see: it is looked for before
 * anybody is stopped.
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
#include "waits.h"
#include "arch/x86/regs.h"

/**
 * struct stop - where a traced task is
 * @kind:	enum ckpt_tracee_stop, 0: in a stop that is not kept
 * @code:	not yet told by wait(2)
 * @info:	of all, but of CKPT_TRACEE_GROUP
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
static u32 kind_of(const kernel_siginfo_t *info, unsigned long message)
{
	if (info->si_code >> 8 == PTRACE_EVENT_STOP)
		return CKPT_TRACEE_TRAP;
	/* With PTRACE_O_TRACESYSGOOD or without. */
	if (info->si_signo == SIGTRAP && (info->si_code & ~0x80) == SIGTRAP)
		return message == PTRACE_EVENTMSG_SYSCALL_ENTRY ? CKPT_TRACEE_ENTRY :
		       message == PTRACE_EVENTMSG_SYSCALL_EXIT ? CKPT_TRACEE_EXIT : 0;
	/* A signal has no message. */
	return message || (info->si_signo == SIGTRAP && info->si_code > 0xff) ?
		0 : CKPT_TRACEE_SIGNAL;
}

static bool has_siginfo(const struct stop *s)
{
	return s->kind && s->kind != CKPT_TRACEE_RUNS && s->kind != CKPT_TRACEE_GROUP;
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
		s->kind = kind_of(&s->info, t->ptrace_message);
	}
	unlock_task_sighand(t, &flags);
}

/* ---- what is not kept --------------------------------------------------------------- */

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
	if (s.kind == CKPT_TRACEE_ENTRY || s.kind == CKPT_TRACEE_EXIT)
		return false;
	return has_siginfo(&s) && (!s.info.si_signo || !valid_signal(s.info.si_signo) ||
				   is_in_call(t));
}

bool ckpt_tracee_enters(struct task_struct *t)
{
	struct stop s;

	read_stop(t, &s);
	return s.kind == CKPT_TRACEE_ENTRY;
}

/* A new task comes to that entry by the instruction that makes the call. */
static bool is_moved(struct task_struct *t)
{
	return ckpt_tracee_enters(t) && !ckpt_entry_is_there(t);
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
	{ "a single step under way", is_stepping, true },
	{ "a core dump or exec under way", is_swept_away, true },
	{ "a ptrace event under way", is_ending, true },
	{ "a step to the next branch", ckpt_step_blocks },
	{ "a ptrace event under way", is_in_event },
	{ "the entry of a system call that its tracer has moved", is_moved },
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

static bool is_hidden(const struct ckpt_taskset *set, struct task_struct *t)
{
	const bool *hidden = ckpt_wait_hidden(set, t);

	return hidden && *hidden;
}

void ckpt_tracee_collect(struct ckpt_collect *c, struct task_struct *t)
{
	struct task_struct *tracer = get_tracer(t);
	unsigned int i;

	if (!tracer)
		return;
	/* Another than its tracer has interrupted it, before it was in the trap. */
	if (task_is_traced(t) && is_hidden(c->tasks, t))
		ckpt_refuse(c, "task %d: a system call that ends in a stop cannot be saved",
			    task_pid_vnr(t));
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

/* What it was let go with last, which it still is on, or was when it came into its stop. */
static u32 call_flags(const struct ckpt_taskset *set, struct task_struct *t)
{
	if (is_hidden(set, t))
		return CKPT_TRACEE_CALLS | CKPT_TRACEE_IN_CALL;
	if (test_task_syscall_work(t, SYSCALL_EMU))
		return CKPT_TRACEE_EMULATED;
	return test_task_syscall_work(t, SYSCALL_TRACE) ? CKPT_TRACEE_CALLS : 0;
}

static u32 flags_of(const struct ckpt_taskset *set, struct task_struct *t,
		    struct task_struct *tracer, const struct stop *s)
{
	unsigned long jobctl = READ_ONCE(t->jobctl);
	u32 flags = call_flags(set, t);

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
	rec->flags = cpu_to_le32(flags_of(c->tasks, t, tracer, &s));
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
