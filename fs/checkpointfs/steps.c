// SPDX-License-Identifier: GPL-2.0-only
/*
 * The steps of a restore, as a new task goes through them.
 *
 * Each is a row of a table: what a task does in it, and whether it has anything to do. Most
 * hand over to the rows of the objects that the task has: whoever comes to one that several
 * share does what is to be done, once. Nobody begins a step before all are through those
 * before it: ckpt_restore.lock protects how many are not. Whoever dies or fails on the way
 * sets ckpt_restore.error, and all the others give up.
 */
#include <linux/cred.h>
#include <linux/mm.h>
#include <linux/rseq.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "joint.h"
#include "label.h"
#include "restart.h"
#include "sched.h"
#include "seccomp.h"
#include "semundo.h"
#include "settings.h"
#include "tracee.h"
#include "ttyend.h"
#include "restore.h"
#include "arch/x86/regs.h"

/* ---- cloning ---------------------------------------------------------------- */

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
	u64 shared = ckpt_newtask_shares(t);
	int err = 0;

	shed_addresses();
	if (ckpt_is_bare(t))
		return 0;
	if (!(shared & CLONE_FILES))
		ckpt_fdtable_clear();
	if (!(shared & CLONE_VM))
		err = vm_munmap(0, TASK_SIZE - PAGE_SIZE);
	ckpt_regs_set_mode(ckpt_newtask_has(t, CKPT_TASK_32BIT), !(shared & CLONE_VM));
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
		int pid = ckpt_newtask_has(child, CKPT_TASK_IO) ? ckpt_sched_make_io() : 0;

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
		err = ckpt_joint_take(t);
	if (!err)
		err = clone_all(t);
	/* None of those that it has cloned is in it. */
	return err ?: ckpt_sched_begin_core(t);
}

/* ---- the objects ---------------------------------------------------------------- */

/* Who has no_new_privs needs no right to set a filter: as in step_creds(), the image says so. */
static int step_listen(struct ckpt_newtask *t)
{
	if (ckpt_newtask_has(t, CKPT_TASK_NO_NEW_PRIVS))
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
	    !ckpt_newtask_has(t, CKPT_TASK_NO_NEW_PRIVS)) {
		ckpt_restore_err(t->r, t->item, "would inherit no_new_privs");
		return -EOPNOTSUPP;
	}
	if (ckpt_newtask_has(t, CKPT_TASK_NO_NEW_PRIVS))
		task_set_no_new_privs(current);
	err = ckpt_is_zombie(t) ? 0 : ckpt_seccomp_restore(t);
	if (err)
		return err;
	cred = ckpt_restored(t->r, CKPT_TYPE_CREDS, le64_to_cpu(t->rec->creds));
	err = commit_creds((struct cred *)get_cred(cred));
	ckpt_settings_finish(t);
	return err || ckpt_is_zombie(t) ? err : ckpt_label_restore_task(t);
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

int ckpt_steps_run(struct ckpt_newtask *t)
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
