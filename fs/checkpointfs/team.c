// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work in parts, on several processors.
 *
 * The caller does parts himself until there are none left. Workers help if and when they
 * get a processor, with his credentials and at the expense of his cgroup. One that has not
 * begun by then is not waited for; one that has is, until the part that it does is done,
 * also if it has lost its processor to others. So parts are to be small, and no part may
 * wait for another.
 */
#include <linux/cred.h>
#include <linux/memcontrol.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>

#include "checkpointfs.h"

/* What many at once wait for each other for, they do not do faster. */
#define WORKERS_MAX	31
/* What is over by then is over before a worker could help. */
#define ALONE		(1 * NSEC_PER_MSEC)

/**
 * struct team - those who do one work
 * @part:	does one part of it
 * @arg:	for @part
 * @error:	the first one; no part begins any more
 * @cred:	of the caller
 * @memcg:	of the caller, or NULL
 */
struct team {
	int (*part)(void *arg);
	void *arg;
	int error;
	const struct cred *cred;
	struct mem_cgroup *memcg;
};

struct worker {
	struct work_struct work;
	struct team *team;
};

static void fail(struct team *t, int err)
{
	cmpxchg(&t->error, 0, err);
}

/* Return: false if there may be more at @end, in ns. */
static bool do_parts(struct team *t, u64 end)
{
	while (!READ_ONCE(t->error)) {
		int ret = t->part(t->arg);

		if (!ret)
			return true;
		if (ret < 0)
			fail(t, ret);
		/* Only the caller gets signals. */
		if (fatal_signal_pending(current))
			fail(t, -EINTR);
		if (ktime_get_ns() >= end)
			return false;
		cond_resched();
	}
	return true;
}

static void help(struct work_struct *work)
{
	struct team *t = container_of(work, struct worker, work)->team;
	const struct cred *cred = override_creds(t->cred);
	struct mem_cgroup *memcg = set_active_memcg(t->memcg);

	do_parts(t, U64_MAX);
	set_active_memcg(memcg);
	revert_creds(cred);
}

static void start_workers(struct team *t, struct worker *workers, unsigned int nr,
			  struct lock_class_key *key)
{
	unsigned int i;

	t->memcg = get_mem_cgroup_from_mm(current->mm);
	for (i = 0; i < nr; i++) {
		workers[i].team = t;
		__INIT_WORK_KEY(&workers[i].work, help, 0, key);
		queue_work(system_unbound_wq, &workers[i].work);
	}
}

static void end_workers(struct team *t, struct worker *workers, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		cancel_work_sync(&workers[i].work);
	mem_cgroup_put(t->memcg);
}

int __ckpt_team_run(u64 most, int (*part)(void *arg), void *arg, struct lock_class_key *key)
{
	struct team t = { .part = part, .arg = arg, .cred = current_cred() };
	unsigned int nr = min3(most, (u64)num_online_cpus() - 1, (u64)WORKERS_MAX);
	struct worker *workers __free(kfree) = NULL;

	if (do_parts(&t, nr ? ktime_get_ns() + ALONE : U64_MAX))
		return t.error;
	workers = kcalloc(nr, sizeof(*workers), GFP_KERNEL);
	if (workers)
		start_workers(&t, workers, nr, key);
	do_parts(&t, U64_MAX);
	if (workers)
		end_workers(&t, workers, nr);
	return t.error;
}

#ifdef CONFIG_CHECKPOINTFS_KUNIT_TEST
#include "tests/team_kunit.c"
#endif
