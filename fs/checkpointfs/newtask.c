// SPDX-License-Identifier: GPL-2.0-only
/*
 * A new task on its way from clone() to the program that it becomes.
 *
 * It is cloned with a kernel function that only queues a task work, which then
 * runs inside get_signal(): where the task it replaces was stopped. There it
 * sheds what it has of the writer, clones those that its image says it has
 * made, and goes through the steps of the restore together with all others.
 * At the end it waits to be released, and returns into get_signal(), which
 * makes an interrupted system call go on like after any other interruption.
 *
 * Until then all signals but SIGKILL are blocked and its parent is the
 * nursery, so that a restore that is given up leaves no zombie. Whoever dies
 * or fails on the way sets ckpt_restore.error, and all the others give up.
 */
#include <linux/fdtable.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/prctl.h>
#include <linux/resource.h>
#include <linux/rseq.h>
#include <linux/sched/jobctl.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/task_work.h>
#include <asm/elf.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "restart.h"
#include "sched.h"
#include "seccomp.h"
#include "semundo.h"
#include "settings.h"
#include "tracee.h"
#include "ttyend.h"
#include "uprobes.h"
#include "waits.h"
#include "restore.h"
#include "arch/x86/regs.h"

/* Most tasks that are dealt with while interrupts are off. */
#define CHUNK	128

static bool has_flag(const struct ckpt_newtask *t, u32 flag)
{
	return le32_to_cpu(t->rec->flags) & flag;
}

/* ---- cloning ---------------------------------------------------------------- */

/* What a clone shares with the one that makes it. */
static u64 clone_flags(const struct ckpt_newtask *t)
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
	if (has_flag(t, CKPT_TASK_SYSVSEM))
		flags |= CLONE_SYSVSEM;
	if (to->fs == from->fs)
		flags |= CLONE_FS;
	if (to->fdtable == from->fdtable)
		flags |= CLONE_FILES;
	if (has_flag(t, CKPT_TASK_IO))
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
		.flags = clone_flags(t) | CLONE_UNTRACED,
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

/* ---- the steps ---------------------------------------------------------------- */

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

/* Addresses in the writer's memory that the kernel would write to. */
static void shed_addresses(void)
{
	current->set_child_tid = NULL;
	current->clear_child_tid = NULL;
	current->robust_list = NULL;
#ifdef CONFIG_COMPAT
	current->compat_robust_list = NULL;
#endif
	rseq_execve(current);
	current->sas_ss_sp = 0;
	current->sas_ss_size = 0;
	current->sas_ss_flags = SS_DISABLE;
}

/*
 * The inherited table of descriptors holds the very file that the image is
 * written to, whose release would else wait for us: it goes first of all.
 */
static int shed_writer(struct ckpt_newtask *t)
{
	u64 shared = clone_flags(t);
	int err = 0;

	shed_addresses();
	if (ckpt_is_bare(t))
		return 0;
	if (!(shared & CLONE_FILES))
		ckpt_fdtable_clear();
	if (!(shared & CLONE_VM))
		err = vm_munmap(0, TASK_SIZE - PAGE_SIZE);
	ckpt_regs_set_mode(has_flag(t, CKPT_TASK_32BIT), !(shared & CLONE_VM));
	return err;
}

/* A session leader makes its session before its children, who then are in it. */
static int start_session(struct ckpt_newtask *t)
{
	const struct ckpt_process *p;
	struct ckpt_item *item;
	long sid;

	if (!ckpt_is_leader(t))
		return 0;
	item = ckpt_item(t->r->img, CKPT_TYPE_PROCESS, le64_to_cpu(t->rec->process));
	p = ckpt_item_body(item, CKPT_REC_PROCESS);
	/* Those that it clones are told by clone(). */
	current->signal->is_child_subreaper =
		!!(le32_to_cpu(p->flags) & CKPT_PROCESS_SUBREAPER);
	if (p->sid != p->tgid)
		return 0;
	sid = ckpt_syscall(__NR_setsid, 0, 0, 0, 0, 0, 0);
	if (sid < 0)
		ckpt_restore_err(t->r, item, "cannot start a session: %pe", ERR_PTR(sid));
	return sid < 0 ? sid : 0;
}

static int clone_all(struct ckpt_newtask *t)
{
	struct ckpt_newtask *child;

	list_for_each_entry(child, &t->clones, node) {
		int pid = has_flag(child, CKPT_TASK_IO) ? ckpt_sched_make_io() : 0;

		if (!pid)
			pid = ckpt_newtask_clone(child);
		if (pid < 0)
			return pid;
		if (READ_ONCE(t->r->error))
			return t->r->error;
		cond_resched();
	}
	return 0;
}

static int step_clone(struct ckpt_newtask *t)
{
	int err = shed_writer(t);

	if (ckpt_is_leader(t))
		ckpt_terminal_set(NULL);
	if (!err && !ckpt_is_bare(t))
		err = start_session(t);
	if (!err)
		err = clone_all(t);
	/* None of those that it has cloned is in it. */
	return err ?: ckpt_sched_begin_core(t);
}

/* Who has no_new_privs needs no right to set a filter: as in step_creds(), the image says so. */
static int step_listen(struct ckpt_newtask *t)
{
	if (has_flag(t, CKPT_TASK_NO_NEW_PRIVS))
		task_set_no_new_privs(current);
	return ckpt_seccomp_restore(t);
}

static int step_make(struct ckpt_newtask *t)
{
	return ckpt_restore_make(t->r);
}

static int call(struct ckpt_newtask *t, struct ckpt_item *item, unsigned int bit)
{
	int (*op)(struct ckpt_restore *r, struct ckpt_item *item);

	if (!item)
		return 0;
	switch (bit) {
	case CKPT_STEP_ARM:
		op = item->ops->arm;
		break;
	case CKPT_STEP_BIND:
		op = item->ops->bind;
		break;
	case CKPT_STEP_QUEUE:
		op = item->ops->queue;
		break;
	default:
		op = item->ops->apply;
	}
	return op ? op(t->r, item) : 0;
}

/*
 * Each object in the first task that comes to it. The parts of an address
 * space build on each other: whoever has its layout has them all.
 */
static int call_once(struct ckpt_newtask *t, u32 type, u64 id, unsigned int bit)
{
	struct ckpt_image *img = t->r->img;
	struct ckpt_item *item = ckpt_item(img, type, id);
	int err;

	if (!item || test_and_set_bit(bit, &item->claims))
		return 0;
	err = call(t, item, bit);
	if (!err && type == CKPT_TYPE_MM)
		err = call(t, ckpt_item(img, CKPT_TYPE_VMAS, id), bit);
	if (!err && type == CKPT_TYPE_MM)
		err = call(t, ckpt_item(img, CKPT_TYPE_PAGES, id), bit);
	return err;
}

static int for_objects(struct ckpt_newtask *t, unsigned int bit)
{
	const struct ckpt_task *rec = t->rec;
	const struct {
		u32 type;
		__le64 id;
	} objects[] = {
		{ CKPT_TYPE_PROCESS, rec->process },
		{ CKPT_TYPE_SIGHAND, rec->sighand },
		{ CKPT_TYPE_FS, rec->fs },
		{ CKPT_TYPE_FDTABLE, rec->fdtable },
		{ CKPT_TYPE_SIGNALS, cpu_to_le64(le32_to_cpu(rec->tid)) },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(objects); i++) {
		int err = call_once(t, objects[i].type, le64_to_cpu(objects[i].id), bit);

		if (err)
			return err;
	}
	return 0;
}

/*
 * What was sent to us until now was meant for the writer; but not SIGKILL. It is
 * taken once only: a task that loses it can never be killed again.
 */
static int shed_signals(void)
{
	struct signal_struct *sig = current->signal;

	guard(spinlock_irq)(&current->sighand->siglock);
	if (sig->flags & SIGNAL_GROUP_EXIT || __fatal_signal_pending(current))
		return -ECANCELED;
	ksym(flush_sigqueue)(&current->pending);
	ksym(flush_sigqueue)(&sig->shared_pending);
	recalc_sigpending();
	return 0;
}

static int step_apply(struct ckpt_newtask *t)
{
	int err = shed_signals() ?: ckpt_sched_join_core(t);

	return err || ckpt_is_bare(t) ? err : for_objects(t, CKPT_STEP_APPLY);
}

static int call_mm(struct ckpt_newtask *t, unsigned int bit)
{
	return call_once(t, CKPT_TYPE_MM, le64_to_cpu(t->rec->mm), bit);
}

/*
 * By now no task needs a scratch mapping any more, which could else lie where
 * another one that shares its address space is to map something.
 */
static int step_map(struct ckpt_newtask *t)
{
	return call_mm(t, CKPT_STEP_MAP);
}

static void restore_addresses(const struct ckpt_task *rec)
{
	current->clear_child_tid = (int __user *)le64_to_cpu(rec->clear_child_tid);
	current->robust_list = (struct robust_list_head __user *)
		le64_to_cpu(rec->robust_list);
#ifdef CONFIG_COMPAT
	current->compat_robust_list = (struct compat_robust_list_head __user *)
		le64_to_cpu(rec->compat_robust_list);
#endif
#ifdef CONFIG_RSEQ
	current->rseq_len = le32_to_cpu(rec->rseq_len);
	current->rseq_sig = le32_to_cpu(rec->rseq_sig);
	current->rseq = (struct rseq __user *)le64_to_cpu(rec->rseq);
	/* A critical section was interrupted by the freeze: it starts again. */
	if (current->rseq) {
		__set_bit(RSEQ_EVENT_SIGNAL_BIT, &current->rseq_event_mask);
		rseq_set_notify_resume(current);
	}
#endif
}

/* A zombie has one, too. */
static int restore_terminal(struct ckpt_newtask *t)
{
	struct ckpt_item *item;

	if (!ckpt_is_leader(t))
		return 0;
	item = ckpt_item(t->r->img, CKPT_TYPE_PROCESS, le64_to_cpu(t->rec->process));
	return ckpt_terminal_restore(t->r, item);
}

static int bind(struct ckpt_newtask *t)
{
	char comm[TASK_COMM_LEN];
	int err;

	strscpy_pad(comm, t->rec->comm, sizeof(comm));
	ksym(__set_task_comm)(current, comm, false);
	err = restore_terminal(t);
	if (err || ckpt_is_bare(t))
		return err;
	err = for_objects(t, CKPT_STEP_BIND);
	if (!err)
		err = call_mm(t, CKPT_STEP_BIND);
	if (ckpt_is_zombie(t))
		return err;
	if (!err)
		err = ckpt_sched_restore(t) ?: ckpt_settings_restore(t) ?:
		      ckpt_semundo_restore(t) ?: ckpt_restart_restore(t->r, t->item) ?:
		      ckpt_regs_bind(t->r, t->item->id);
	restore_addresses(t->rec);
	return err;
}

/* The last step that needs the writer's rights is over. */
static int step_creds(struct ckpt_newtask *t)
{
	const struct cred *cred;
	int err;

	if (task_no_new_privs(current) && !ckpt_is_zombie(t) &&
	    !has_flag(t, CKPT_TASK_NO_NEW_PRIVS)) {
		ckpt_restore_err(t->r, t->item, "would inherit no_new_privs");
		return -EOPNOTSUPP;
	}
	if (has_flag(t, CKPT_TASK_NO_NEW_PRIVS))
		task_set_no_new_privs(current);
	err = ckpt_is_zombie(t) ? 0 : ckpt_seccomp_restore(t);
	if (err)
		return err;
	cred = ckpt_restored(t->r, CKPT_TYPE_CREDS, le64_to_cpu(t->rec->creds));
	err = commit_creds((struct cred *)get_cred(cred));
	ckpt_settings_finish(t);
	return err;
}

/*
 * A plain thread, of which there may be thousands, does all that it has to do at once:
 * it sleeps and is woken twice, not five times. Nobody but itself needs its rights.
 */
static int step_bind(struct ckpt_newtask *t)
{
	int err;

	if (!t->plain)
		return bind(t);
	err = shed_signals();
	if (!err)
		err = bind(t);
	return err ?: step_creds(t);
}

static int call_process(struct ckpt_newtask *t, unsigned int bit)
{
	return call_once(t, CKPT_TYPE_PROCESS, le64_to_cpu(t->rec->process), bit);
}

/* What watches for signals, as an epoll does, is not there yet: it is not woken. */
static int step_queue(struct ckpt_newtask *t)
{
	return call_process(t, CKPT_STEP_QUEUE);
}

static bool binds_last(const struct ckpt_newtask *t, const struct ckpt_item *item)
{
	if (item->ops->flags & CKPT_ROW_LAST)
		return t == &t->r->new[0];
	return item->ops->sighand(item) == le64_to_cpu(t->rec->sighand);
}

static int bind_last(struct ckpt_newtask *t, const struct ckpt_object_ops *ops)
{
	struct ckpt_item *item;
	unsigned long id;

	xa_for_each(&t->r->img->items[ops->type], id, item) {
		int err;

		if (!binds_last(t, item) ||
		    test_and_set_bit(CKPT_STEP_LAST, &item->claims))
			continue;
		err = ops->bind(t->r, item);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

static int step_last(struct ckpt_newtask *t)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < ckpt_nr_types; i++)
		if (ckpt_types[i]->flags & CKPT_ROW_LAST || ckpt_types[i]->sighand)
			err = bind_last(t, ckpt_types[i]);
	return err;
}

/* The writer has set all clocks. */
static int step_arm(struct ckpt_newtask *t)
{
	return call_process(t, CKPT_STEP_ARM);
}

/* ---- waiting for each other ----------------------------------------------------- */

static bool is_first(const struct ckpt_newtask *t)
{
	return t == &t->r->new[0];
}

/* Does what there is of a process to do once? */
static bool has_process(const struct ckpt_newtask *t)
{
	return ckpt_is_leader(t) && !ckpt_is_bare(t);
}

/* Does it leave anything to steps of their own? */
static bool is_not_plain(const struct ckpt_newtask *t)
{
	return !t->plain;
}

/* Or shares filters with one that is. */
static bool is_listened_to(const struct ckpt_newtask *t)
{
	return !ckpt_is_zombie(t) && ckpt_seccomp_comes_first(t);
}

/* No task is. */
static bool is_writer(const struct ckpt_newtask *t)
{
	return false;
}

/**
 * struct step - a step on the way to a task of the program
 * @run:	goes through it
 * @needed:	has this task anything to do in it? NULL: all have
 */
struct step {
	int (*run)(struct ckpt_newtask *t);
	bool (*needed)(const struct ckpt_newtask *t);
};

static const struct step steps[CKPT_STEP_COMMIT] = {
	[CKPT_STEP_CLONE] = { step_clone },
	[CKPT_STEP_LISTEN] = { step_listen, is_listened_to },
	[CKPT_STEP_MAKE] = { step_make, is_first },
	[CKPT_STEP_APPLY] = { step_apply, is_not_plain },
	[CKPT_STEP_MAP] = { step_map, has_process },
	[CKPT_STEP_BIND] = { step_bind },
	[CKPT_STEP_QUEUE] = { step_queue, has_process },
	[CKPT_STEP_LAST] = { step_last, has_process },
	[CKPT_STEP_CREDS] = { step_creds, is_not_plain },
	[CKPT_STEP_PARKED] = { NULL, is_writer },
	[CKPT_STEP_ARM] = { step_arm, has_process },
	[CKPT_STEP_ARMED] = { NULL, is_writer },
};

/* When all are parked, the writer sets their registers and clocks. */
static enum ckpt_step step_after(const struct ckpt_newtask *t, enum ckpt_step step)
{
	while (++step < ARRAY_SIZE(steps))
		if (!steps[step].needed || steps[step].needed(t))
			return step;
	step = ckpt_tracee_stops(t) ? CKPT_STEP_TRACE : CKPT_STEP_GO;
	return ckpt_is_zombie(t) ? CKPT_STEP_BURY : step;
}

/*
 * Through @step and all up to @next. Whoever is woken has said before, under
 * the lock, what it waits for; or it sees the new step.
 */
static void leave_step(struct ckpt_newtask *t, enum ckpt_step step, enum ckpt_step next)
{
	struct ckpt_restore *r = t->r;
	enum ckpt_step old;

	scoped_guard(spinlock, &r->lock) {
		for (; step < next && step < ARRAY_SIZE(steps); step++)
			r->left[step]--;
		WRITE_ONCE(t->until, next);
		old = r->step;
		ckpt_restore_advance(r);
		step = r->step;
	}
	if (step == old)
		return;
	ckpt_restore_wake(r);
	if (step == CKPT_STEP_PARKED || step == CKPT_STEP_ARMED)
		wake_up_all(&r->wait);
}

/* Return: the first error. */
static int wait_step(struct ckpt_newtask *t, enum ckpt_step step)
{
	struct ckpt_restore *r = t->r;

	if (wait_event_killable(t->wait, READ_ONCE(r->step) >= step || READ_ONCE(r->error)))
		ckpt_restore_fail(r, -ECANCELED);
	/* Too late for that, it dies as one of the program: the writer is quick. */
	wait_event(t->wait, READ_ONCE(r->step) >= step || READ_ONCE(r->error));
	return READ_ONCE(r->error);
}

static int go_through_steps(struct ckpt_newtask *t)
{
	enum ckpt_step step = CKPT_STEP_CLONE, next;
	int err = READ_ONCE(t->r->error);

	for (; !err && step < ARRAY_SIZE(steps); step = next) {
		err = steps[step].run(t);
		if (err)
			return ckpt_restore_fail(t->r, err);
		next = step_after(t, step);
		leave_step(t, step, next);
		err = wait_step(t, next);
	}
	return err;
}

/* ---- and off ---------------------------------------------------------------------- */

/*
 * What vfork() does after the clone: wait for the child, outside of any
 * freezer's reach, as the parent that was saved did.
 */
static void wait_vfork(struct ckpt_newtask *t)
{
	struct task_struct *child = t->vfork_child->task;
	int killed;

	ksym(cgroup_enter_frozen)();
	killed = wait_for_completion_state(&t->vfork, TASK_KILLABLE | TASK_FREEZABLE);
	ksym(cgroup_leave_frozen)(false);
	if (!killed) {
		current_pt_regs()->ax = t->vfork_nr;
		return;
	}
	/* Under the lock it has told us, or never will. */
	task_lock(child);
	if (child->vfork_done == &t->vfork)
		child->vfork_done = NULL;
	task_unlock(child);
}

/* The parent that waits for us is told when we exec() or exit. */
static void register_vfork(struct ckpt_newtask *t)
{
	if (!t->parent || t->parent->vfork_child != t)
		return;
	task_lock(current);
	current->vfork_done = &t->parent->vfork;
	task_unlock(current);
}

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
	register_vfork(t);
	err = go_through_steps(t);
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
		wait_vfork(t);
	ckpt_restore_put(r);
	if (waits)
		ckpt_wait_again(left, got);
	/* Module exit waits until nobody is in this text any more. */
	module_put(THIS_MODULE);
}
