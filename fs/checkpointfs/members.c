// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which tasks a freeze names: trees of processes, and cgroups with all below.
 *
 * Processes are listed first, each once, then sorted by age, so that parents
 * come before their children, and then their threads are added. The list is
 * of one moment; the freezer asks again until it has stopped all that it finds.
 *
 * tasklist_lock is held for reading while the tree is walked. A cgroup is
 * walked before that, under its own locks; its zombies are found as children.
 *
 * A thread that has ended is gone at once, whatever is left of it in lists for a
 * moment; so is a process that its parent does not have to wait for, or has
 * waited for. They have no number any more, or none soon.
 */
#include <linux/cgroup.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sort.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "members.h"

void ckpt_members_drop(struct ckpt_taskset *set)
{
	unsigned int i;

	for (i = 0; i < set->nr && i < set->room; i++)
		put_task_struct(set->vec[i]);
	kvfree(set->vec);
	set->vec = NULL;
	set->nr = 0;
	set->room = 0;
}

/* Counts what has no room, so that the next try has. */
static void add(struct ckpt_taskset *set, struct task_struct *t)
{
	if (set->nr < set->room)
		set->vec[set->nr] = get_task_struct(t);
	set->nr++;
}

/* Seen under tasklist_lock, or about a task that is frozen, this is final. */
static bool is_gone(struct task_struct *t)
{
	unsigned int state = READ_ONCE(t->exit_state);

	return thread_group_leader(t) ? state == EXIT_DEAD : state;
}

/* ---- processes -------------------------------------------------------------------- */

/* The list is its own work queue: what is added is walked, too. */
static void add_descendants(struct ckpt_taskset *set, unsigned int from)
{
	struct task_struct *t, *child;
	unsigned int i;

	lockdep_assert_held(&ksym_data(tasklist_lock));
	for (i = from; i < set->nr && i < set->room; i++)
		for_each_thread(set->vec[i], t)
			list_for_each_entry(child, &t->children, sibling)
				if (!is_gone(child))
					add(set, child);
}

/* The kernel does not list a cgroup's zombies. */
static void add_zombies(struct ckpt_taskset *set, unsigned int from)
{
	unsigned int end = min(set->nr, set->room), i;
	struct task_struct *t, *child;

	lockdep_assert_held(&ksym_data(tasklist_lock));
	for (i = from; i < end; i++)
		for_each_thread(set->vec[i], t)
			list_for_each_entry(child, &t->children, sibling)
				if (child->exit_state && !is_gone(child))
					add(set, child);
}

static void add_cgroup(struct ckpt_taskset *set, struct cgroup *cgrp)
{
	struct cgroup_subsys_state *css;
	struct css_task_iter it;
	struct task_struct *t;

	rcu_read_lock();
	css_for_each_descendant_pre(css, &cgrp->self) {
		ksym(css_task_iter_start)(css, CSS_TASK_ITER_PROCS, &it);
		while ((t = ksym(css_task_iter_next)(&it)))
			add(set, t);
		ksym(css_task_iter_end)(&it);
	}
	rcu_read_unlock();
}

static int add_cgroups(struct ckpt_mount *m, const struct ckpt_root *roots,
		       unsigned int nr, struct ckpt_taskset *set)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		struct cgroup *cgrp;

		if (!roots[i].cgroup)
			continue;
		cgrp = cgroup_get_from_path(roots[i].cgroup);
		if (IS_ERR(cgrp)) {
			ckpt_err(m, "cgroup %s: %pe", roots[i].cgroup, cgrp);
			return PTR_ERR(cgrp);
		}
		add_cgroup(set, cgrp);
		cgroup_put(cgrp);
	}
	return 0;
}

static void add_trees(struct ckpt_taskset *set, const struct ckpt_root *roots,
		      unsigned int nr)
{
	unsigned int cgroups = set->nr, i;

	read_lock(&ksym_data(tasklist_lock));
	add_zombies(set, 0);
	for (i = 0; i < nr; i++) {
		struct task_struct *t = pid_task(roots[i].pid, PIDTYPE_PID);
		unsigned int from = set->nr;

		if (!t || is_gone(t->group_leader))
			continue;
		add(set, t->group_leader);
		add_descendants(set, max(from, cgroups));
	}
	read_unlock(&ksym_data(tasklist_lock));
}

/* ---- order, and threads ----------------------------------------------------------- */

static int by_age(const void *a, const void *b)
{
	const struct task_struct *x = *(struct task_struct *const *)a;
	const struct task_struct *y = *(struct task_struct *const *)b;

	if (x->start_boottime != y->start_boottime)
		return x->start_boottime < y->start_boottime ? -1 : 1;
	return x < y ? -1 : x > y;
}

/* Sort, and drop what several roots have brought. */
static void sort_once(struct ckpt_taskset *set)
{
	unsigned int i, n = 0;

	sort(set->vec, set->nr, sizeof(*set->vec), by_age, NULL);
	for (i = 0; i < set->nr; i++) {
		if (n && set->vec[n - 1] == set->vec[i])
			put_task_struct(set->vec[i]);
		else
			set->vec[n++] = set->vec[i];
	}
	set->nr = n;
}

static void add_threads(struct ckpt_taskset *set, const struct ckpt_taskset *processes)
{
	struct task_struct *t;
	unsigned int i;

	rcu_read_lock();
	for (i = 0; i < processes->nr; i++) {
		add(set, processes->vec[i]);
		for_each_thread(processes->vec[i], t)
			if (t != processes->vec[i] && !is_gone(t))
				add(set, t);
	}
	rcu_read_unlock();
}

static int make_room(struct ckpt_taskset *set, unsigned int room)
{
	ckpt_members_drop(set);
	set->vec = kvmalloc_array(room, sizeof(*set->vec), GFP_KERNEL_ACCOUNT);
	if (!set->vec)
		return -ENOMEM;
	set->room = room;
	return 0;
}

static int list_processes(struct ckpt_mount *m, const struct ckpt_root *roots,
			  unsigned int nr, struct ckpt_taskset *set)
{
	unsigned int room = 64;
	int err;

	do {
		err = make_room(set, room);
		if (!err)
			err = add_cgroups(m, roots, nr, set);
		if (err)
			return err;
		add_trees(set, roots, nr);
		/* And for some that are new next time. */
		room = set->nr + set->nr / 4;
	} while (set->nr > set->room);
	sort_once(set);
	if (set->nr)
		return 0;
	ckpt_err(m, "freeze: all of its processes have ended");
	return -ESRCH;
}

int ckpt_members_list(struct ckpt_mount *m, const struct ckpt_root *roots,
		      unsigned int nr, struct ckpt_taskset *set)
{
	struct ckpt_taskset processes = {};
	unsigned int room;
	int err = list_processes(m, roots, nr, &processes);

	room = processes.nr * 2 + 64;
	while (!err) {
		err = make_room(set, room);
		if (err)
			break;
		add_threads(set, &processes);
		if (set->nr <= set->room)
			break;
		room = set->nr + set->nr / 4;
	}
	ckpt_members_drop(&processes);
	return err;
}
