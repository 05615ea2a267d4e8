// SPDX-License-Identifier: GPL-2.0-only
/*
 * A frozen task can be killed at any time, and then gives up what it has:
 * memory, files, namespaces, its kernel stack. While it is looked at it must
 * not. So each stopped task has a task work pending, which get_signal() runs
 * as soon as the task wakes in the freezer's trap, before it dies; the work
 * waits until the collection is over.
 *
 * The collection learns at its end, from ckpt_tasks_frozen(), that somebody
 * has been killed. Entries belong to the freezer; a work that runs has its
 * own until it sets @done, its last look at it.
 */
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/task_work.h>
#include <linux/wait.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "guard.h"

/**
 * struct ckpt_guard - one guarded task
 * @work:	pending in it
 * @set:	of which it is
 * @added:	the work has been added
 * @done:	the work has run
 */
struct ckpt_guard {
	struct callback_head work;
	const struct ckpt_taskset *set;
	bool added;
	bool done;
};

static DECLARE_WAIT_QUEUE_HEAD(guard_wait);

static void guard_work(struct callback_head *work)
{
	struct ckpt_guard *g = container_of(work, struct ckpt_guard, work);

	wait_event(guard_wait, !READ_ONCE(g->set->guarded));
	smp_store_release(&g->done, true);
	wake_up_all(&guard_wait);
}

/* Killed before its guard was there? */
static bool is_dying(struct task_struct *t)
{
	return t->signal->flags & SIGNAL_GROUP_EXIT || t->signal->group_exec_task ||
	       __fatal_signal_pending(t);
}

static int add(struct ckpt_guard *g, struct task_struct *t)
{
	init_task_work(&g->work, guard_work);
	if (task_work_add(t, &g->work, TWA_NONE))
		return -EBUSY;
	g->added = true;
	return is_dying(t) ? -EBUSY : 0;
}

int ckpt_guard_tasks(struct ckpt_taskset *set)
{
	unsigned int i;

	set->guards = kvcalloc(set->nr, sizeof(*set->guards), GFP_KERNEL_ACCOUNT);
	if (!set->guards)
		return -ENOMEM;
	WRITE_ONCE(set->guarded, true);
	for (i = 0; i < set->nr; i++) {
		int err;

		set->guards[i].set = set;
		if (READ_ONCE(set->vec[i]->exit_state))
			continue;
		err = add(&set->guards[i], set->vec[i]);
		if (err)
			return err;
		cond_resched();
	}
	return ckpt_tasks_frozen(set) ? 0 : -EBUSY;
}

void ckpt_unguard_tasks(struct ckpt_taskset *set)
{
	unsigned int i;

	if (!set->guards)
		return;
	WRITE_ONCE(set->guarded, false);
	wake_up_all(&guard_wait);
	for (i = 0; i < set->nr; i++) {
		struct ckpt_guard *g = &set->guards[i];

		if (g->added && !ksym(task_work_cancel)(set->vec[i], &g->work))
			wait_event(guard_wait, smp_load_acquire(&g->done));
		cond_resched();
	}
	kvfree(set->guards);
	set->guards = NULL;
}
