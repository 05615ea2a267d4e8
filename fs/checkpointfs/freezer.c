// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stopping tasks at the user/kernel boundary, and letting them go.
 *
 * A task is held by the jobctl bit of the cgroup freezer, set directly: it
 * then waits in get_signal(), where no system call is under way and no lock is
 * held. That works for stopped tasks and for vfork() parents too, and needs no
 * cgroup. A task that job control has stopped is moved from its stop into the
 * trap, and back when it is let go; one in a stop of its tracer stays in that,
 * see tracee.c. The bit belongs to whoever
 * freezes the task's cgroup as well: it is left alone if the cgroup is to be
 * frozen when we let go, and if a thaw of the cgroup clears it under us, the
 * guards (guard.c) hold the task.
 *
 * The trees are walked again and again until every task in them is held,
 * stopped and guarded: only a task that still runs can make another one. Those
 * that sleep are stopped first and let go last: it is nothing to them, and as long
 * as that takes those that run can run on.
 *
 * held: maps the place of each held task to its set, for as long as it is in one; a
 * task is in one set at most. Locks: tasklist_lock for the tree, siglock for the
 * bit, both the kernel's own, never together here.
 */
#include <linux/cgroup.h>
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/ptrace.h>
#include <linux/sched/jobctl.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "guard.h"
#include "members.h"
#include "seccomp.h"
#include "tracee.h"
#include "uffd.h"
#include "waits.h"

/* How long a task may take to reach the boundary before it is named. */
#define STRAGGLER_SECONDS	10
/* The same of one that writes a core, which lasts as long as the core's reader likes. */
#define DUMP_SECONDS		1
/* What is left of that when the caller has been killed: most are nearly there. */
#define KILLED_NS		(NSEC_PER_SEC / 10)

static DEFINE_XARRAY(held);

/* Marks in it: to be kept, in forget_others(); and who ran when it was stopped. */
#define KEPT	XA_MARK_0
#define RAN	XA_MARK_1

/* Small numbers near to each other: an xarray of addresses is a tree of single entries. */
static unsigned long place_of(const struct task_struct *t)
{
	return virt_to_phys((void *)t) / L1_CACHE_BYTES;
}

static struct task_struct *task_at(unsigned long place)
{
	return phys_to_virt((phys_addr_t)place * L1_CACHE_BYTES);
}

bool ckpt_taskset_has(const struct ckpt_taskset *set, const struct task_struct *t)
{
	return xa_load(&held, place_of(t)) == set;
}

static int may_freeze(struct ckpt_mount *m, struct task_struct *t)
{
	pid_t nr = task_pid_vnr(t);

	if (t->group_leader == current->group_leader) {
		ckpt_err(m, "task %d: is the one that asks: the caller must be outside of what it freezes",
			 nr);
		return -EDEADLK;
	}
	if (t->flags & (PF_KTHREAD | PF_USER_WORKER)) {
		ckpt_err(m, "task %d: a kernel thread cannot be saved", nr);
		return -EOPNOTSUPP;
	}
	/* Just gone: it is not in the next list. */
	if (!nr && !pid_alive(t))
		return 0;
	if (!nr) {
		ckpt_err(m, "%s: a task outside of the caller's pid namespace", t->comm);
		return -EPERM;
	}
	if (!ksym(ptrace_may_access)(t, PTRACE_MODE_ATTACH_REALCREDS)) {
		ckpt_err(m, "task %d: no right to trace it", nr);
		return -EPERM;
	}
	/* A request that a stop would end: this is the last time to see that. */
	if (ckpt_wait_submits(t)) {
		ckpt_err(m, "task %d: asynchronous I/O under way cannot be saved", nr);
		return -EOPNOTSUPP;
	}
	return 0;
}

/* Does it never run again? (A zombie, or a thread that has been released.) */
static bool gone(const struct task_struct *t)
{
	return READ_ONCE(t->exit_state);
}

/*
 * A bit field that only the task itself writes: a stale value is looked at
 * again, and the last look comes when the task is off its CPU.
 */
static bool is_frozen(const struct task_struct *t)
{
	return t->frozen;
}

/* Did it stop for job control after all, instead of in the trap? */
static bool is_in_stop(const struct task_struct *t)
{
	return READ_ONCE(t->jobctl) & JOBCTL_STOPPED;
}

/* It dies when its core is written, and a signal would cut that short. */
static bool is_dumping(const struct task_struct *t)
{
	return READ_ONCE(t->signal->core_state);
}

/* So that it goes to the trap, if it wakes at all. */
static void arm(struct task_struct *t)
{
	unsigned long flags;

	if (!ksym(__lock_task_sighand)(t, &flags))
		return;
	t->jobctl |= JOBCTL_TRAP_FREEZE;
	unlock_task_sighand(t, &flags);
}

static void stop(struct task_struct *t)
{
	unsigned long flags;

	if (!ksym(__lock_task_sighand)(t, &flags))
		return;
	if (!is_dumping(t)) {
		t->jobctl |= JOBCTL_TRAP_FREEZE;
		/* From its stop into the trap, where a guard can reach it. */
		t->jobctl &= ~JOBCTL_STOPPED;
		ksym(signal_wake_up_state)(t, __TASK_STOPPED);
	}
	unlock_task_sighand(t, &flags);
}

bool ckpt_cgroup_freezes(struct task_struct *t)
{
	guard(rcu)();
	return test_bit(CGRP_FREEZE, &task_dfl_cgroup(t)->flags);
}

/*
 * A stop by job control in which it would be, complete or not, had it not been
 * moved into the trap. A SIGCONT may have ended it meanwhile, and told the
 * parent.
 */
static bool belongs_in_stop(const struct task_struct *t)
{
	return (t->signal->flags & SIGNAL_STOP_STOPPED || t->signal->group_stop_count) &&
	       !t->ptrace && !(t->jobctl & (JOBCTL_STOPPED | JOBCTL_STOP_PENDING));
}

/*
 * The cgroup freezer marks the cgroup before it sets or clears the bit of each
 * task under siglock: so here it is left to it, or it comes after us.
 */
static void let_go(struct task_struct *t, struct ckpt_wait **wait, bool kill)
{
	unsigned long flags;
	bool armed;

	if (!ksym(__lock_task_sighand)(t, &flags))
		return;
	armed = t->jobctl & JOBCTL_TRAP_FREEZE;
	/* If others have let it go it is not where a call can be made again. */
	if (armed && !kill)
		ckpt_wait_resume(t, wait);
	if (!ckpt_cgroup_freezes(t))
		t->jobctl &= ~JOBCTL_TRAP_FREEZE;
	if (belongs_in_stop(t))
		t->jobctl |= JOBCTL_STOP_PENDING | SIGSTOP;
	/* Who has not been stopped yet sleeps in a call that ends when it is woken. */
	if (armed && !kill)
		ksym(wake_up_state)(t, TASK_INTERRUPTIBLE);
	unlock_task_sighand(t, &flags);
}

/* Nobody else may stop it, and count on the bit, before we have cleared it. */
static void release(struct ckpt_taskset *set, struct task_struct *t, bool kill)
{
	struct ckpt_wait *wait = ckpt_wait_take(set, t);

	let_go(t, &wait, kill);
	ckpt_wait_drop(wait);
	xa_erase(&held, place_of(t));
	set->held--;
	put_task_struct(t);
}

/* Take what is not held yet into @new. Return: 0 or -errno. */
static int hold(struct ckpt_mount *m, struct ckpt_taskset *owner,
		const struct ckpt_taskset *now, struct task_struct **new,
		unsigned int *nr)
{
	unsigned int i;

	for (i = 0; i < now->nr; i++) {
		struct task_struct *t = now->vec[i];
		int err;

		if (ckpt_taskset_has(owner, t))
			continue;
		err = may_freeze(m, t);
		if (err)
			return err;
		err = xa_insert(&held, place_of(t), owner, GFP_KERNEL_ACCOUNT);
		if (err == -EBUSY)
			ckpt_err(m, "task %d: is held by another container",
				 task_pid_vnr(t));
		if (err)
			return err;
		/* The entry in held keeps the task. */
		new[(*nr)++] = get_task_struct(t);
		owner->held++;
		cond_resched();
	}
	return 0;
}

/* Now that all are held who are inside: are their tracers? */
static int check_tracers(struct ckpt_mount *m, const struct ckpt_taskset *owner,
			 struct task_struct **vec, unsigned int nr)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < nr; i++)
		err = ckpt_tracee_may_freeze(m, owner, vec[i]);
	return err;
}

static struct task_struct *straggler(const struct ckpt_taskset *set)
{
	unsigned int i;

	for (i = 0; i < set->nr; i++)
		if (!gone(set->vec[i]) &&
		    (!is_frozen(set->vec[i]) || is_in_stop(set->vec[i])))
			return set->vec[i];
	return NULL;
}

/*
 * Who waits for a PI futex spins for as long as the owner is on a processor, and looks
 * for signals only when it is to give up its own, which nobody else may want.
 */
static void hurry(struct task_struct *t)
{
	if (!READ_ONCE(t->on_cpu))
		return;
	set_tsk_need_resched(t);
	kick_process(t);
}

static u64 patience_ns(const struct task_struct *t)
{
	return (is_dumping(t) ? DUMP_SECONDS : STRAGGLER_SECONDS) * NSEC_PER_SEC;
}

static const char *why_straggling(struct task_struct *t)
{
	if (ckpt_notified_waits(t))
		return ": the listener of its seccomp filter is to answer";
	return ckpt_uffd_waits(t) ? ": a userfaultfd of its memory is to be read or answered" : "";
}

static int name_straggler(struct ckpt_mount *m, struct task_struct *t)
{
	if (is_dumping(t) || READ_ONCE(t->signal->group_exec_task)) {
		ckpt_err(m, "task %d: a core dump or exec under way cannot be saved",
			 task_pid_vnr(t));
		return -EOPNOTSUPP;
	}
	ckpt_err(m, "task %d: did not stop within %d s%s", task_pid_vnr(t), STRAGGLER_SECONDS,
		 why_straggling(t));
	return -ETIMEDOUT;
}

static int wait_stopped(struct ckpt_mount *m, struct task_struct *const *vec,
			unsigned int nr)
{
	u64 start = ktime_get_ns();
	unsigned int i = 0, naps = 0;

	while (i < nr) {
		struct task_struct *t = vec[i];

		if (is_frozen(t) && is_in_stop(t))
			stop(t);
		if (gone(t) || is_frozen(t)) {
			i++;
			continue;
		}
		if (fatal_signal_pending(current) && ktime_get_ns() - start > KILLED_NS)
			return -EINTR;
		if (ktime_get_ns() - start > patience_ns(t))
			return name_straggler(m, t);
		if (naps++ < 50) {
			cond_resched();
		} else {
			hurry(t);
			usleep_range(20, 60);
		}
	}
	return 0;
}

/* Those that sleep come first. Return: how many they are. */
static unsigned int sleepers_first(struct task_struct **vec, unsigned int nr)
{
	unsigned int i, sleepers = 0;

	for (i = 0; i < nr; i++)
		if (READ_ONCE(vec[i]->__state) != TASK_RUNNING) {
			swap(vec[i], vec[sleepers]);
			sleepers++;
		}
	return sleepers;
}

static int stop_all(struct ckpt_mount *m, struct ckpt_taskset *owner,
		    struct task_struct **vec, unsigned int nr)
{
	int err = ckpt_waits_sample(owner, vec, nr);
	unsigned int i;

	if (err)
		return err;
	for (i = 0; i < nr; i++) {
		stop(vec[i]);
		cond_resched();
	}
	return wait_stopped(m, vec, nr);
}

/* Hold and stop what is new. Return: how many were, or -errno. */
static int stop_new(struct ckpt_mount *m, struct ckpt_taskset *owner,
		    const struct ckpt_taskset *now)
{
	struct task_struct **new __free(kvfree) =
		kvmalloc_array(now->nr, sizeof(*new), GFP_KERNEL_ACCOUNT);
	unsigned int nr = 0, sleepers, i;
	int err;

	if (!new)
		return -ENOMEM;
	err = hold(m, owner, now, new, &nr) ?: check_tracers(m, owner, new, nr) ?:
	      ckpt_notified_check(m, new, nr);
	if (err)
		return err;
	sleepers = sleepers_first(new, nr);
	err = stop_all(m, owner, new, sleepers);
	if (err)
		return err;
	for (i = sleepers; i < nr; i++)
		xa_set_mark(&held, place_of(new[i]), RAN);
	err = stop_all(m, owner, new + sleepers, nr - sleepers);
	return err ?: nr;
}

static void wait_off_cpu(const struct ckpt_taskset *set)
{
	unsigned int i;

	for (i = 0; i < set->nr; i++)
		ckpt_wait_trapped(set->vec[i]);
}

/* See what the stop has done to system calls. */
static int settle_all(struct ckpt_taskset *owner, const struct ckpt_taskset *now)
{
	unsigned int i;

	for (i = 0; i < now->nr; i++) {
		int err = gone(now->vec[i]) ? 0 : ckpt_wait_settle(owner, now->vec[i]);

		if (err)
			return err;
	}
	return 0;
}

/*
 * On its way here it may have executed a file that gives other rights, after
 * may_freeze() had looked at it.
 */
static int check_rights(struct ckpt_mount *m, const struct ckpt_taskset *set)
{
	unsigned int i;

	for (i = 0; i < set->nr; i++) {
		int err = may_freeze(m, set->vec[i]);

		if (err)
			return err;
		cond_resched();
	}
	return check_tracers(m, set, set->vec, set->nr);
}

static void forget(struct ckpt_taskset *owner, struct task_struct *t)
{
	/* Without memory it sees its call interrupted, as by SIGCONT. */
	if (is_frozen(t) && !gone(t)) {
		ckpt_wait_trapped(t);
		ckpt_wait_settle(owner, t);
	}
	release(owner, t, false);
}

/*
 * Tasks that ended while they were held (a killed one, a thread that exec()
 * swept away) are in held but in no tree any more: forget them. With nothing
 * to keep, the freeze has failed, and all run on. A list may name a task twice, if
 * its leader has changed meanwhile: so they are counted by their marks.
 */
static void forget_others(struct ckpt_taskset *owner, const struct ckpt_taskset *keep)
{
	unsigned int kept = 0, i;
	unsigned long index;
	void *entry;

	for (i = 0; i < keep->nr; i++) {
		kept += !xa_get_mark(&held, place_of(keep->vec[i]), KEPT);
		xa_set_mark(&held, place_of(keep->vec[i]), KEPT);
	}
	if (kept != owner->held)
		xa_for_each(&held, index, entry)
			if (entry == owner && !xa_get_mark(&held, index, KEPT))
				forget(owner, task_at(index));
	for (i = 0; i < keep->nr; i++)
		xa_clear_mark(&held, place_of(keep->vec[i]), KEPT);
}

/*
 * One round: list the trees, hold what is new, wait for it. Return: 1 when
 * nothing was new and all is stopped, so that nothing new can come.
 */
static int freeze_round(struct ckpt_mount *m, const struct ckpt_root *roots,
			unsigned int nr, struct ckpt_taskset *owner,
			struct ckpt_taskset *now)
{
	int new, err;

	err = ckpt_members_list(m, roots, nr, now);
	if (err)
		return err;
	new = stop_new(m, owner, now);
	if (new < 0)
		return new;
	err = wait_stopped(m, now->vec, now->nr);
	if (err)
		return err;
	wait_off_cpu(now);
	return !new && !straggler(now);
}

static int freeze(struct ckpt_mount *m, const struct ckpt_root *roots,
		  unsigned int nr, struct ckpt_taskset *owner,
		  struct ckpt_taskset *now)
{
	u64 start = ktime_get_ns();
	int ret;

	for (;;) {
		ret = freeze_round(m, roots, nr, owner, now);
		if (ret)
			return min(ret, 0);
		if (ktime_get_ns() - start > 2 * STRAGGLER_SECONDS * NSEC_PER_SEC) {
			ckpt_err(m, "new tasks appear faster than they can be stopped");
			return -ETIMEDOUT;
		}
		ckpt_members_drop(now);
	}
}

/* All of a process are told by one, but by no leader that has ended. */
static void kill_process_of(struct task_struct *t)
{
	if (thread_group_leader(t) || READ_ONCE(t->group_leader->exit_state))
		send_sig(SIGKILL, t, 1);
}

void ckpt_thaw_tasks(struct ckpt_taskset *set, bool kill)
{
	unsigned long place;
	unsigned int i;
	void *entry;

	if (kill)
		for (i = 0; i < set->nr; i++)
			kill_process_of(set->vec[i]);
	for (i = 0; i < set->nr; i++)
		arm(set->vec[i]);
	ckpt_unguard_tasks(set);
	xa_for_each_marked(&held, place, entry, RAN) {
		if (entry == set)
			release(set, task_at(place), kill);
		cond_resched();
	}
	for (i = 0; i < set->nr; i++) {
		if (ckpt_taskset_has(set, set->vec[i]))
			release(set, set->vec[i], kill);
		cond_resched();
	}
	ckpt_waits_free(set);
	ckpt_members_drop(set);
}

/* Has anybody run, and made another, before the guards were there? */
static int check_members(struct ckpt_mount *m, const struct ckpt_root *roots,
			 unsigned int nr, const struct ckpt_taskset *set)
{
	struct ckpt_taskset now = {};
	int err = ckpt_members_list(m, roots, nr, &now);
	unsigned int i;

	for (i = 0; !err && i < now.nr; i++)
		if (!ckpt_taskset_has(set, now.vec[i]))
			err = -EBUSY;
	ckpt_members_drop(&now);
	return err;
}

/* All are stopped: see to it that this stays so, whoever thaws their cgroup. */
static int hold_fast(struct ckpt_mount *m, const struct ckpt_root *roots,
		     unsigned int nr, struct ckpt_taskset *set)
{
	int err = ckpt_guard_tasks(set), settled = settle_all(set, set);

	if (!err)
		err = check_members(m, roots, nr, set);
	if (err == -EBUSY)
		ckpt_err(m, "a task was killed or thawed while it was being frozen");
	return err ?: settled ?: check_rights(m, set);
}

int ckpt_freeze_tasks(struct ckpt_mount *m, const struct ckpt_root *roots,
		      unsigned int nr, struct ckpt_taskset *set)
{
	struct ckpt_taskset now = {}, none = {};
	int err;

	xa_init(&set->waits);
	err = freeze(m, roots, nr, set, &now);
	forget_others(set, err ? &none : &now);
	if (err) {
		ckpt_members_drop(&now);
		ckpt_waits_free(set);
		return err;
	}
	set->vec = now.vec;
	set->nr = now.nr;
	set->room = now.room;
	err = hold_fast(m, roots, nr, set);
	if (err)
		ckpt_thaw_tasks(set, false);
	return err;
}
