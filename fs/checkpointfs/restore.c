// SPDX-License-Identifier: GPL-2.0-only
/*
 * The phases of a restore, as the writer of the image goes through them.
 *
 * The image has been checked. The writer clones the root tasks, which clone
 * the others; all of them go through the same steps in their own context
 * (newtask.c) while the writer waits. When all are parked, nothing can fail
 * any more but their registers; then they get their parents and run.
 *
 * If anything fails before that, all are killed and the writer waits until
 * their pids are free. ckpt_restore.lock protects the step and the error;
 * whoever sees an error gives up. A restore lives as long as the last new task
 * that may still look at it; the image only until the writer is through.
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "joint.h"
#include "restore.h"
#include "sched.h"

struct task_struct *ckpt_nursery;

/* ---- what the objects ask for ------------------------------------------------ */

struct ckpt_image *ckpt_restore_img(struct ckpt_restore *r)
{
	return r->img;
}

void ckpt_restore_err(struct ckpt_restore *r, const struct ckpt_item *item,
		      const char *fmt, ...)
{
	struct va_format vaf = { .fmt = fmt };
	char name[CKPT_FILE_NAME_MAX];
	va_list args;

	va_start(args, fmt);
	vaf.va = &args;
	ckpt_name_format(name, sizeof(name), item->ops, item->id);
	ckpt_err(r->mount, "%s: %s: %pV", r->img->name, name, &vaf);
	va_end(args);
}

static void *make(struct ckpt_restore *r, struct ckpt_item *item)
{
	void *made;

	if (item->made || !item->ops->restore)
		return item->made;
	made = item->ops->restore(r, item);
	if (IS_ERR(made))
		ckpt_restore_fail(r, PTR_ERR(made));
	else
		item->made = made;
	return made;
}

/*
 * An object that another one asks for while the first new task makes them all
 * is made then; no other task makes any, and references do not go in circles.
 */
void *ckpt_restored(struct ckpt_restore *r, u32 type, u64 id)
{
	struct ckpt_item *item = ckpt_item(r->img, type, id);

	return item ? make(r, item) : NULL;
}

struct file *ckpt_restored_file(struct ckpt_restore *r, u64 id)
{
	struct ckpt_item *item = ckpt_item_file(r->img, id);

	return item ? make(r, item) : NULL;
}

struct mm_struct *ckpt_restored_mm(struct ckpt_restore *r, u64 id)
{
	struct mm_struct *mm = NULL;
	unsigned int i;

	for (i = 0; i < r->nr && !mm; i++) {
		if (le64_to_cpu(r->new[i].rec->mm) == id)
			mm = get_task_mm(r->new[i].task);
		cond_resched();
	}
	return mm;
}

static int make_row(struct ckpt_restore *r, const struct ckpt_object_ops *ops)
{
	struct xarray *items = &r->img->items[ops->type];
	struct ckpt_item *item;
	unsigned long id;

	xa_for_each(items, id, item) {
		void *made = make(r, item);

		if (IS_ERR(made))
			return PTR_ERR(made);
		if (READ_ONCE(r->error) || fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return ops->complete ? ops->complete(r) : 0;
}

int ckpt_restore_make(struct ckpt_restore *r)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < ckpt_nr_types; i++)
		if (ckpt_types[i]->restore)
			err = make_row(r, ckpt_types[i]);
	return err ?: ckpt_owners_restore(r);
}

static void end_made(struct ckpt_restore *r)
{
	struct ckpt_item *item;
	unsigned long id;
	unsigned int i;

	for (i = 0; i < ckpt_nr_types; i++) {
		if (!ckpt_types[i]->end)
			continue;
		xa_for_each(&r->img->items[ckpt_types[i]->type], id, item) {
			ckpt_types[i]->end(item, READ_ONCE(r->error));
			cond_resched();
		}
	}
}

static void drop_made(struct ckpt_restore *r)
{
	struct ckpt_item *item;
	unsigned long id;
	unsigned int i;

	end_made(r);
	for (i = 0; i < ckpt_nr_types; i++) {
		if (!ckpt_types[i]->drop)
			continue;
		xa_for_each(&r->img->items[ckpt_types[i]->type], id, item) {
			if (item->made)
				ckpt_types[i]->drop(item->made);
			item->made = NULL;
			cond_resched();
		}
	}
}

/* ---- the life of a restore --------------------------------------------------- */

void ckpt_restore_put(struct ckpt_restore *r)
{
	unsigned int i;

	if (!refcount_dec_and_test(&r->ref))
		return;
	for (i = 0; i < r->nr; i++)
		if (r->new[i].task)
			put_task_struct(r->new[i].task);
	kvfree(r->new);
	mutex_destroy(&r->connect_lock);
	mutex_destroy(&r->seccomp_lock);
	kfree(r);
}

void ckpt_restore_wake(struct ckpt_restore *r)
{
	enum ckpt_step step = READ_ONCE(r->error) ? CKPT_STEP_GO : READ_ONCE(r->step);
	unsigned int i;

	for (i = 0; i < r->nr; i++) {
		if (READ_ONCE(r->new[i].until) <= step)
			wake_up_all(&r->new[i].wait);
		cond_resched();
	}
}

void ckpt_restore_advance(struct ckpt_restore *r)
{
	enum ckpt_step step = r->step;

	lockdep_assert_held(&r->lock);
	while (step < ARRAY_SIZE(r->left) && !r->left[step])
		step++;
	WRITE_ONCE(r->step, step);
}

void ckpt_restore_leave(struct ckpt_restore *r)
{
	if (atomic_dec_and_test(&r->running))
		wake_up_all(&r->wait);
}

/* All of them come here, after the first error. */
int ckpt_restore_fail(struct ckpt_restore *r, int err)
{
	bool first;

	spin_lock(&r->lock);
	first = !r->error && r->step < CKPT_STEP_COMMIT;
	if (first)
		WRITE_ONCE(r->error, err);
	spin_unlock(&r->lock);
	if (first) {
		wake_up_all(&r->wait);
		ckpt_restore_wake(r);
	}
	return err;
}

static struct ckpt_newtask *newtask(struct ckpt_restore *r, u32 tid)
{
	struct ckpt_item *item = ckpt_item(r->img, CKPT_TYPE_TASK, tid);

	return item ? item->priv : NULL;
}

/* The one that clones it, if no other: its leader if it is a thread, else its parent. */
static struct ckpt_newtask *creator(struct ckpt_restore *r, const struct ckpt_task *rec)
{
	if (rec->maker)
		return newtask(r, le32_to_cpu(rec->maker));
	return newtask(r, le32_to_cpu(rec->tid != rec->tgid ? rec->tgid : rec->ppid));
}

/*
 * A filter of system calls may become that of all threads at once, which has to wait
 * until they all have what they need the writer's rights for. Who is in a core
 * scheduling group waits until it is there.
 */
static bool is_plain(struct ckpt_restore *r, const struct ckpt_newtask *t)
{
	const struct ckpt_task *rec = t->rec, *leader;

	if (ckpt_is_leader(t) || ckpt_is_zombie(t) || !list_empty(&t->clones) ||
	    t->core || rec->seccomp || le32_to_cpu(rec->flags) & CKPT_TASK_STRICT)
		return false;
	leader = newtask(r, le32_to_cpu(rec->tgid))->rec;
	return le32_to_cpu(leader->state) != CKPT_TASK_ZOMBIE &&
	       rec->process == leader->process && rec->sighand == leader->sighand &&
	       rec->fs == leader->fs && rec->fdtable == leader->fdtable;
}

static void link_tasks(struct ckpt_restore *r)
{
	unsigned int i;

	for (i = 0; i < r->nr; i++) {
		struct ckpt_newtask *t = &r->new[i];

		t->creator = creator(r, t->rec);
		if (t->creator)
			list_add_tail(&t->node, &t->creator->clones);
		if (t->rec->tid != t->rec->tgid)
			list_add_tail(&t->thread,
				      &newtask(r, le32_to_cpu(t->rec->tgid))->threads);
		else
			t->parent = newtask(r, le32_to_cpu(t->rec->ppid));
		if (le32_to_cpu(t->rec->flags) & CKPT_TASK_VFORKING) {
			t->vfork_nr = le32_to_cpu(t->rec->vfork_child);
			t->vfork_child = newtask(r, t->vfork_nr);
			t->vfork_child->vforker = t;
		}
		t->tracee = ckpt_item_body(t->item, CKPT_REC_TRACEE);
		if (t->tracee)
			t->tracer = newtask(r, le32_to_cpu(t->tracee->tracer));
		ckpt_joint_link(t);
	}
	/* Now that it is known who clones others. */
	for (i = 0; i < r->nr; i++)
		r->new[i].plain = is_plain(r, &r->new[i]);
}

static void newtask_init(struct ckpt_restore *r, struct ckpt_newtask *t,
			 struct ckpt_item *item)
{
	t->r = r;
	t->item = item;
	t->rec = ckpt_item_body(item, CKPT_REC_TASK);
	INIT_LIST_HEAD(&t->clones);
	INIT_LIST_HEAD(&t->node);
	INIT_LIST_HEAD(&t->threads);
	INIT_LIST_HEAD(&t->thread);
	init_completion(&t->vfork);
	init_sigpending(&t->aside);
	init_waitqueue_head(&t->wait);
	item->priv = t;
}

/* Of those that the writer clones, the first that lives. */
static unsigned int first_root(struct ckpt_restore *r)
{
	unsigned int n, dead = r->nr;

	for (n = 0; n < r->nr; n++) {
		if (creator(r, r->new[n].rec))
			continue;
		if (!ckpt_is_bare(&r->new[n]))
			return n;
		dead = min(dead, n);
	}
	return dead < r->nr ? dead : 0;
}

/* The first root is new[0], which makes the objects and binds those that are last. */
static int list_tasks(struct ckpt_restore *r)
{
	struct ckpt_item *item;
	unsigned long id;
	unsigned int n = 0;
	int err;

	xa_for_each(&r->img->items[CKPT_TYPE_TASK], id, item)
		r->nr++;
	r->new = kvcalloc(r->nr, sizeof(*r->new), GFP_KERNEL_ACCOUNT);
	if (!r->new)
		return -ENOMEM;
	xa_for_each(&r->img->items[CKPT_TYPE_TASK], id, item)
		newtask_init(r, &r->new[n++], item);
	n = first_root(r);
	if (n) {
		swap(r->new[0].item, r->new[n].item);
		newtask_init(r, &r->new[0], r->new[0].item);
		newtask_init(r, &r->new[n], r->new[n].item);
	}
	err = ckpt_sched_find_cores(r);
	if (err)
		return err;
	link_tasks(r);
	for (n = 0; n < ARRAY_SIZE(r->left); n++)
		r->left[n] = r->nr;
	r->left[CKPT_STEP_PARKED]++;
	r->left[CKPT_STEP_ARMED]++;
	return 0;
}

static struct ckpt_restore *restore_create(struct ckpt_image *img)
{
	struct ckpt_restore *r = kzalloc(sizeof(*r), GFP_KERNEL_ACCOUNT);
	int err;

	if (!r)
		return ERR_PTR(-ENOMEM);
	refcount_set(&r->ref, 1);
	r->img = img;
	r->mount = img->mount;
	spin_lock_init(&r->lock);
	init_waitqueue_head(&r->wait);
	mutex_init(&r->connect_lock);
	mutex_init(&r->seccomp_lock);
	err = list_tasks(r);
	if (err) {
		ckpt_restore_put(r);
		return ERR_PTR(err);
	}
	return r;
}

/* ---- giving up ----------------------------------------------------------------- */

static void kill_all(struct ckpt_restore *r)
{
	unsigned int i;

	for (i = 0; i < r->nr; i++) {
		struct task_struct *t;

		spin_lock(&r->lock);
		t = r->new[i].task;
		spin_unlock(&r->lock);
		if (t)
			send_sig(SIGKILL, t, 1);
	}
}

/*
 * Who is still being cloned sees the error and kills itself. They are the
 * nursery's children, which does not want to know: no zombie remains.
 */
static void abandon(struct ckpt_restore *r)
{
	unsigned int i;

	kill_all(r);
	wait_event(r->wait, !atomic_read(&r->running));
	for (i = 0; i < r->nr; i++) {
		struct task_struct *t = r->new[i].task;

		while (t && pid_alive(t) && !ckpt_is_traced(t))
			usleep_range(50, 200);
	}
}

/* ---- the order of it all -------------------------------------------------------- */

/* From here on it succeeds, unless one of them has been killed meanwhile. */
static int commit(struct ckpt_restore *r)
{
	int err;

	spin_lock(&r->lock);
	err = r->error;
	if (!err)
		WRITE_ONCE(r->step, CKPT_STEP_COMMIT);
	spin_unlock(&r->lock);
	return err;
}

static int wait_for_tasks(struct ckpt_restore *r, enum ckpt_step step)
{
	if (wait_event_killable(r->wait, READ_ONCE(r->error) ||
				READ_ONCE(r->step) == step))
		return ckpt_restore_fail(r, -EINTR);
	return READ_ONCE(r->error);
}

/* From now on time passes for them. */
static void end_parked(struct ckpt_restore *r)
{
	scoped_guard(spinlock, &r->lock) {
		r->left[CKPT_STEP_PARKED]--;
		ckpt_restore_advance(r);
	}
	ckpt_restore_wake(r);
}

static int clone_roots(struct ckpt_restore *r)
{
	unsigned int i;

	for (i = 0; i < r->nr; i++) {
		int pid;

		if (r->new[i].creator)
			continue;
		pid = ckpt_newtask_clone(&r->new[i]);
		if (pid < 0)
			return ckpt_restore_fail(r, pid);
	}
	return 0;
}

static struct task_struct *find_parent(struct ckpt_restore *r, struct pid *pid)
{
	struct task_struct *t = pid ? get_pid_task(pid, PIDTYPE_PID) :
		get_task_struct(current);

	if (!t)
		ckpt_err(r->mount, "%s: no task has the pid of parent=", r->img->name);
	return t;
}

static int restore(struct ckpt_restore *r, struct task_struct *parent)
{
	int err = clone_roots(r);

	if (!err)
		err = wait_for_tasks(r, CKPT_STEP_PARKED);
	if (err)
		return err;
	err = ckpt_release_prepare(r);
	if (err)
		return ckpt_restore_fail(r, err);
	end_parked(r);
	err = wait_for_tasks(r, CKPT_STEP_ARMED);
	if (err)
		return err;
	ckpt_mm_finish(r->img);
	err = commit(r);
	if (err)
		return err;
	drop_made(r);
	ckpt_release(r, parent);
	/* They still look at the image on their way out. */
	wait_event(r->wait, !atomic_read(&r->running));
	return 0;
}

/*
 * A signal would make clone() fail, and be inherited by none: all of them wait
 * until the restore is over, but for SIGKILL.
 */
static void block_signals(sigset_t *old)
{
	sigset_t all;

	siginitsetinv(&all, sigmask(SIGKILL));
	*old = current->blocked;
	spin_lock_irq(&current->sighand->siglock);
	current->blocked = all;
	recalc_sigpending();
	spin_unlock_irq(&current->sighand->siglock);
}

static void unblock_signals(const sigset_t *old)
{
	spin_lock_irq(&current->sighand->siglock);
	current->blocked = *old;
	recalc_sigpending();
	spin_unlock_irq(&current->sighand->siglock);
}

static int restore_given(struct ckpt_image *img, struct pid *parent_pid,
			 struct ckpt_restore_result *result)
{
	struct task_struct *parent;
	struct ckpt_restore *r;
	sigset_t old;
	int err;

	r = restore_create(img);
	if (IS_ERR(r))
		return PTR_ERR(r);
	parent = find_parent(r, parent_pid);
	if (!parent) {
		ckpt_restore_put(r);
		return -ESRCH;
	}
	result->pid = le32_to_cpu(r->new[0].rec->tid);
	result->nr_tasks = r->nr;
	block_signals(&old);
	err = restore(r, parent);
	if (err) {
		abandon(r);
		drop_made(r);
	}
	unblock_signals(&old);
	put_task_struct(parent);
	ckpt_restore_put(r);
	return err;
}

int ckpt_restore_image(struct ckpt_image *img, struct pid *parent,
		       const struct ckpt_externals *externals,
		       struct ckpt_restore_result *result)
{
	int err = ckpt_refuse_writer(img->mount) ?: ckpt_externals_give(img, externals);

	if (!err)
		err = restore_given(img, parent, result);
	ckpt_externals_take_back(img, externals, err);
	return err;
}

/* ---- the nursery ------------------------------------------------------------------ */

static int nursery(void *unused)
{
	kernel_sigaction(SIGCHLD, SIG_IGN);
	set_current_state(TASK_IDLE);
	while (!kthread_should_stop()) {
		schedule();
		set_current_state(TASK_IDLE);
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

int __init ckpt_restore_init(void)
{
	ckpt_nursery = kthread_run(nursery, NULL, "checkpointfs");
	return PTR_ERR_OR_ZERO(ckpt_nursery);
}

/* A task that has given its reference of the module back may still be in it. */
void ckpt_restore_exit(void)
{
	kthread_stop(ckpt_nursery);
#ifdef CONFIG_TASKS_RCU
	ksym(synchronize_rcu_tasks)();
#else
	synchronize_rcu();
#endif
}
