// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attributes of a task that no object type saves: each is refused by name.
 *
 * A row is taken out of the table in the change that saves its attribute.
 * Documentation/fields.rst lists every field of the kernel's structures; those
 * it calls "refused" are refused here. The tasks are frozen.
 */
#include <linux/cpumask.h>
#include <linux/ioprio.h>
#include <linux/iocontext.h>
#include <linux/nsproxy.h>
#include <linux/perf_event.h>
#include <linux/pid_namespace.h>
#include <linux/posix-timers.h>
#include <linux/sched/coredump.h>
#include <linux/sched/rt.h>
#include <linux/sched/signal.h>
#include <linux/seccomp.h>
#include <linux/sem.h>
#include <linux/uprobes.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"

#define DEFAULT_TIMER_SLACK	50000	/* ns, of init and so of everything */

static bool traced(struct task_struct *t)
{
	return t->ptrace;
}

static bool dead_leader(struct task_struct *t)
{
	return t->group_leader->exit_state;
}

static bool has_seccomp(struct task_struct *t)
{
	return t->seccomp.mode != SECCOMP_MODE_DISABLED;
}

static bool dispatches_syscalls(struct task_struct *t)
{
	return test_task_syscall_work(t, SYSCALL_USER_DISPATCH);
}

static bool has_policy(struct task_struct *t)
{
	return t->policy != SCHED_NORMAL || t->sched_reset_on_fork;
}

static bool has_affinity(struct task_struct *t)
{
	return t->user_cpus_ptr &&
	       !cpumask_equal(t->user_cpus_ptr, cpu_possible_mask);
}

static bool has_uclamp(struct task_struct *t)
{
#ifdef CONFIG_UCLAMP_TASK
	return t->uclamp_req[UCLAMP_MIN].user_defined ||
	       t->uclamp_req[UCLAMP_MAX].user_defined;
#else
	return false;
#endif
}

static bool has_core_cookie(struct task_struct *t)
{
#ifdef CONFIG_SCHED_CORE
	return t->core_cookie;
#else
	return false;
#endif
}

static bool has_mempolicy(struct task_struct *t)
{
#ifdef CONFIG_NUMA
	return t->mempolicy;
#else
	return false;
#endif
}

static bool has_ioprio(struct task_struct *t)
{
	return t->io_context && t->io_context->ioprio != IOPRIO_DEFAULT;
}

static bool has_timer_slack(struct task_struct *t)
{
	return t->timer_slack_ns != DEFAULT_TIMER_SLACK;
}

static bool has_task_flags(struct task_struct *t)
{
	return t->atomic_flags & ~BIT(PFA_NO_NEW_PRIVS) ||
	       t->flags & (PF_MCE_PROCESS | PF_MCE_EARLY | PF_MEMALLOC_NOIO |
			   PF_LOCAL_THROTTLE);
}

static bool has_io_uring(struct task_struct *t)
{
	return t->io_uring;
}

static bool has_sem_undo(struct task_struct *t)
{
	return t->sysvsem.undo_list;
}

static bool has_pi_futexes(struct task_struct *t)
{
	return !list_empty(&t->pi_state_list);
}

static bool has_pdeath_signal(struct task_struct *t)
{
	return t->pdeath_signal;
}

static bool has_uprobes(struct task_struct *t)
{
	return t->utask;
}

static bool has_cpu_timers(struct task_struct *t)
{
	unsigned int i;

	for (i = 0; i < CPUCLOCK_MAX; i++)
		if (!RB_EMPTY_ROOT(&t->posix_cputimers.bases[i].tqhead.rb_root.rb_root))
			return true;
	return false;
}

static bool is_subreaper(struct task_struct *t)
{
	return t->signal->is_child_subreaper;
}

static bool has_tty(struct task_struct *t)
{
	return t->signal->tty;
}

static bool has_itimer(struct task_struct *t)
{
	return hrtimer_active(&t->signal->real_timer) ||
	       t->signal->it[CPUCLOCK_PROF].expires ||
	       t->signal->it[CPUCLOCK_VIRT].expires;
}

static bool has_posix_timers(struct task_struct *t)
{
	return !hlist_empty(&t->signal->posix_timers);
}

static bool has_oom_floor(struct task_struct *t)
{
	return t->signal->oom_score_adj_min != current->signal->oom_score_adj_min;
}

static bool is_dumping(struct task_struct *t)
{
	return t->signal->core_state || t->signal->group_exec_task;
}

static bool other_pid_ns(struct task_struct *t)
{
	return task_active_pid_ns(t) != task_active_pid_ns(current) ||
	       t->nsproxy->pid_ns_for_children !=
	       current->nsproxy->pid_ns_for_children;
}

static bool other_mount_ns(struct task_struct *t)
{
	return t->nsproxy->mnt_ns != current->nsproxy->mnt_ns;
}

static bool other_net_ns(struct task_struct *t)
{
	return t->nsproxy->net_ns != current->nsproxy->net_ns;
}

static bool other_ipc_ns(struct task_struct *t)
{
	return t->nsproxy->ipc_ns != current->nsproxy->ipc_ns;
}

static bool other_uts_ns(struct task_struct *t)
{
	return t->nsproxy->uts_ns != current->nsproxy->uts_ns;
}

static bool other_cgroup_ns(struct task_struct *t)
{
	return t->nsproxy->cgroup_ns != current->nsproxy->cgroup_ns;
}

static bool other_time_ns(struct task_struct *t)
{
	return t->nsproxy->time_ns != current->nsproxy->time_ns ||
	       t->nsproxy->time_ns_for_children !=
	       current->nsproxy->time_ns_for_children;
}

/* What a task has, as the log says it: "a tracer cannot be saved". */
static const struct attribute_row {
	const char *name;
	bool (*has)(struct task_struct *t);
} attributes[] = {
	{ "a tracer", traced },
	{ "a thread group whose leader has ended", dead_leader },
	{ "a seccomp filter", has_seccomp },
	{ "system call user dispatch", dispatches_syscalls },
	{ "a scheduling policy", has_policy },
	{ "CPU affinity", has_affinity },
	{ "a utilization clamp", has_uclamp },
	{ "a core scheduling cookie", has_core_cookie },
	{ "a memory policy", has_mempolicy },
	{ "an I/O priority", has_ioprio },
	{ "timer slack", has_timer_slack },
	{ "a prctl() setting", has_task_flags },
	{ "io_uring", has_io_uring },
	{ "a semaphore undo list", has_sem_undo },
	{ "a held PI futex", has_pi_futexes },
	{ "a parent death signal", has_pdeath_signal },
	{ "a uprobe", has_uprobes },
	{ "a CPU-time timer", has_cpu_timers },
	{ "a child subreaper", is_subreaper },
	{ "a controlling terminal", has_tty },
	{ "an interval timer", has_itimer },
	{ "a POSIX timer", has_posix_timers },
	{ "oom_score_adj_min", has_oom_floor },
	{ "a core dump or exec under way", is_dumping },
	{ "a pid namespace of its own", other_pid_ns },
	{ "a mount namespace of its own", other_mount_ns },
	{ "a network namespace of its own", other_net_ns },
	{ "an IPC namespace of its own", other_ipc_ns },
	{ "a UTS namespace of its own", other_uts_ns },
	{ "a cgroup namespace of its own", other_cgroup_ns },
	{ "a time namespace of its own", other_time_ns },
};

void ckpt_refuse_task(struct ckpt_collect *c, struct task_struct *t)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(attributes); i++)
		if (attributes[i].has(t))
			ckpt_refuse(c, "task %d: %s cannot be saved",
				    task_pid_vnr(t), attributes[i].name);
}
