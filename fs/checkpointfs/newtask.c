// SPDX-License-Identifier: GPL-2.0-only
/*
 * A new task on its way from clone() to the program that it becomes.
 *
 * It is cloned with a kernel function that only queues a task work, which then
 * runs inside get_signal(): where the task it replaces was stopped. There it
 * goes through the steps of the restore together with all others (steps.c).
 * At the end it waits to be released, and returns into get_signal(), which
 * makes an interrupted system call go on like after any other interruption.
 *
 * Until then all signals but SIGKILL are blocked and its parent is the
 * nursery, so that a restore that is given up leaves no zombie.
 */
#include <linux/module.h>
#include <linux/ptrace.h>
#include <linux/sched/jobctl.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/task_work.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "joint.h"
#include "tracee.h"
#include "uprobes.h"
#include "vfork.h"
#include "waits.h"
#include "restore.h"

/* Most tasks that are dealt with while interrupts are off. */
#define CHUNK	128

/* ---- cloning ---------------------------------------------------------------- */

u64 ckpt_newtask_shares(const struct ckpt_newtask *t)
{
	const struct ckpt_task *to = t->rec, *from;
	u64 flags = 0;

	if (!t->creator)
		return 0;
	from = t->creator->rec;
	if (ckpt_is_bare(t))
		return CLONE_VM | CLONE_FS | CLONE_FILES;
	if (!ckpt_is_leader(t))
		flags |= CLONE_THREAD;
	if (to->mm == from->mm)
		flags |= CLONE_VM;
	if (to->sighand == from->sighand)
		flags |= CLONE_SIGHAND;
	if (ckpt_newtask_has(t, CKPT_TASK_SYSVSEM))
		flags |= CLONE_SYSVSEM;
	if (to->fs == from->fs)
		flags |= CLONE_FS;
	if (to->fdtable == from->fdtable)
		flags |= CLONE_FILES;
	if (ckpt_newtask_has(t, CKPT_TASK_IO))
		flags |= CLONE_IO;
	return flags;
}

static void newtask_work(struct callback_head *work);

static int newtask_start(void *arg)
{
	struct ckpt_newtask *t = arg;

	/* Before its works run, one of which may be theirs. */
	ckpt_uprobes_shed();
	init_task_work(&t->work, newtask_work);
	/* Not after exit_task_work(), which a task that has not run is not. */
	return task_work_add(current, &t->work, TWA_SIGNAL);
}

/*
 * clone() wants whatever is pending for us to be over first. A task work runs
 * when we return to user mode, whatever this flag says. A freeze of our cgroup
 * or a tracer's stop is not over before that, but may be called off: wait for
 * it, as we cannot stop here.
 */
static bool may_clone_again(struct ckpt_restore *r)
{
	clear_notify_signal();
	schedule_timeout_killable(1);
	return !READ_ONCE(r->error) && !fatal_signal_pending(current);
}

int ckpt_newtask_clone(struct ckpt_newtask *t)
{
	struct ckpt_restore *r = t->r;
	pid_t tid = le32_to_cpu(t->rec->tid);
	struct kernel_clone_args args = {
		.flags = ckpt_newtask_shares(t) | CLONE_UNTRACED,
		.exit_signal = ckpt_is_leader(t) ? SIGCHLD : 0,
		.fn = newtask_start,
		.fn_arg = t,
		.set_tid = &tid,
		.set_tid_size = 1,
	};
	int pid;

	refcount_inc(&r->ref);
	atomic_inc(&r->running);
	/* The new task's, until it has left our text. */
	__module_get(THIS_MODULE);
	do {
		pid = ksym(kernel_clone)(&args);
	} while (pid == -ERESTARTNOINTR && may_clone_again(r));
	if (pid > 0)
		return pid;
	if (pid == -ERESTARTNOINTR)
		pid = -EINTR;
	module_put(THIS_MODULE);
	ckpt_restore_leave(r);
	refcount_dec(&r->ref);
	if (pid == -EEXIST)
		ckpt_restore_err(r, t->item, "pid %d is in use", tid);
	else
		ckpt_restore_err(r, t->item, "cannot be cloned: %pe", ERR_PTR(pid));
	return pid;
}

/* Whoever the children of @parent are given to if it is dying, or @parent. */
static struct task_struct *living(struct task_struct *parent, struct task_struct *t)
{
	struct task_struct *thread;

	lockdep_assert_held(&ksym_data(tasklist_lock));
	if (!parent->exit_state)
		return parent;
	for_each_thread(parent, thread)
		if (!thread->exit_state)
			return thread;
	return task_active_pid_ns(t)->child_reaper;
}

static void set_parent(struct task_struct *t, struct task_struct *parent)
{
	RCU_INIT_POINTER(t->real_parent, parent);
	if (!t->ptrace)
		t->parent = parent;
}

/*
 * Its threads first, a few at a time. One that has not been given away yet
 * counts as the leader's: nobody looks for the parent's children among threads.
 */
static void give_threads(struct ckpt_newtask *leader, struct task_struct *parent)
{
	unsigned int nr = 0;
	struct ckpt_newtask *t;

	write_lock_irq(&ksym_data(tasklist_lock));
	list_for_each_entry(t, &leader->threads, thread) {
		struct task_struct *task = READ_ONCE(t->task);

		if (!task)
			continue;
		set_parent(task, parent);
		if (++nr % CHUNK)
			continue;
		write_unlock_irq(&ksym_data(tasklist_lock));
		cond_resched();
		write_lock_irq(&ksym_data(tasklist_lock));
	}
	write_unlock_irq(&ksym_data(tasklist_lock));
}

/*
 * Then the leader, which is what the parent looks for when it dies.
 * Return: false if it is dying, so that all of them need another.
 */
static bool give_leader(struct task_struct *t, struct task_struct *parent)
{
	guard(write_lock_irq)(&ksym_data(tasklist_lock));
	if (t->exit_state == EXIT_DEAD || !pid_alive(t))
		return true;
	if (living(parent, t) != parent)
		return false;
	set_parent(t, parent);
	t->parent_exec_id = parent->self_exec_id;
	list_move_tail(&t->sibling, &parent->children);
	return true;
}

static struct task_struct *get_living(struct task_struct *parent, struct task_struct *t)
{
	guard(read_lock)(&ksym_data(tasklist_lock));
	return get_task_struct(pid_alive(t) ? living(parent, t) : parent);
}

void ckpt_reparent(struct ckpt_newtask *t, struct task_struct *parent)
{
	bool given;

	do {
		struct task_struct *to = get_living(parent, t->task);

		give_threads(t, to);
		given = give_leader(t->task, to);
		put_task_struct(to);
	} while (!given);
}

/*
 * Threads find their real_parent again when the leader is given away; until
 * then a thread keeps the parent that its leader had when it was cloned, and
 * that is the nursery: a leader is moved before it clones. It is moved even if
 * the restore has failed already: the writer waits until it is gone, and would
 * wait for ever for a zombie that is its own child.
 */
static void shed_parent(struct ckpt_newtask *t)
{
	if (ckpt_is_leader(t))
		ckpt_reparent(t, ckpt_nursery);
}

/* ---- and off ---------------------------------------------------------------------- */

static void restore_masks(struct ckpt_newtask *t)
{
	const struct ckpt_item *item = ckpt_item(t->r->img, CKPT_TYPE_SIGNALS,
						 le32_to_cpu(t->rec->tid));
	const struct ckpt_signals *s = ckpt_item_body(item, CKPT_REC_SIGNALS);
	sigset_t blocked = { .sig[0] = le64_to_cpu(s->blocked) };

	sigdelsetmask(&blocked, sigmask(SIGKILL) | sigmask(SIGSTOP));
	spin_lock_irq(&current->sighand->siglock);
	current->blocked = blocked;
	current->saved_sigmask.sig[0] = le64_to_cpu(s->saved);
	if (le32_to_cpu(s->flags) & CKPT_SIGNALS_RESTORE_MASK)
		set_restore_sigmask();
	else
		clear_restore_sigmask();
	recalc_sigpending();
	spin_unlock_irq(&current->sighand->siglock);
	ckpt_tracee_enter(t);
}

/* The writer has given us to our parent, so that it has a child to wait for. */
static void become_zombie(struct ckpt_newtask *t)
{
	int code = le32_to_cpu(t->rec->exit_code);
	struct ckpt_restore *r = t->r;

	ckpt_restore_leave(r);
	ckpt_restore_put(r);
	module_put(THIS_MODULE);
	ksym(do_exit)(code);
}

/* Is there a wait that is to be made again? For how many ns, behind how many events? */
static bool has_wait(const struct ckpt_newtask *t, u64 *left, u32 *got)
{
	const struct ckpt_restart *rec = ckpt_item_body(t->item, CKPT_REC_RESTART);

	if (!rec || le32_to_cpu(rec->kind) != CKPT_RESTART_WAIT)
		return false;
	*left = CKPT_WAIT_FOREVER;
	if (le32_to_cpu(rec->flags) & CKPT_RESTART_TIMED)
		*left = min_t(u64, le64_to_cpu(rec->left), S64_MAX);
	*got = min_t(u64, le64_to_cpu(rec->arg[0]), INT_MAX);
	return true;
}

static void newtask_work(struct callback_head *work)
{
	struct ckpt_newtask *t = container_of(work, struct ckpt_newtask, work);
	struct ckpt_restore *r = t->r;
	bool waits;
	u64 left = 0;
	u32 got = 0;
	int err;

	spin_lock(&r->lock);
	t->task = get_task_struct(current);
	spin_unlock(&r->lock);
	shed_parent(t);
	ckpt_vfork_begin(t);
	err = ckpt_steps_run(t);
	ckpt_joint_end(t);
	if (err)
		send_sig(SIGKILL, current, 1);
	else if (ckpt_is_zombie(t))
		become_zombie(t);
	else
		restore_masks(t);
	waits = !err && has_wait(t, &left, &got);
	/* From here on the image may be gone. */
	ckpt_restore_leave(r);
	if (!err && t->vfork_child)
		ckpt_vfork_wait(t);
	ckpt_restore_put(r);
	if (waits)
		ckpt_wait_again(left, got);
	/* Module exit waits until nobody is in this text any more. */
	module_put(THIS_MODULE);
}
