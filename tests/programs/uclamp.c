// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads whose utilization is clamped, by themselves or by their policy, from below and
 * from above, and one whose is not. Not every kernel has clamps.
 *
 * What is asked for outlives a change of the policy, what a policy gives does not: each
 * becomes SCHED_FIFO in the end, which tells the two apart.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "program.h"

#define RESET_ON_FORK	1
#define MIN		0x20	/* SCHED_FLAG_UTIL_CLAMP_MIN and so on */
#define MAX		0x40
#define BOTH		(MIN | MAX)

struct attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max;
};

#define NORMAL(which, min, max) \
	{ .flags = (which), .util_min = (min), .util_max = (max) }
#define FIFO(which, min, max) \
	{ .policy = SCHED_FIFO, .priority = 1, .flags = (which), .util_min = (min), \
	  .util_max = (max) }

/* What is set, one after the other; what that makes of the clamps, and FIFO of them. */
static const struct row {
	struct attr first, second;
	uint32_t min, max, fifo_min, fifo_max;
} rows[] = {
	{ NORMAL(0, 0, 0), NORMAL(0, 0, 0), 0, 1024, 1024, 1024 },
	{ NORMAL(0, 0, 0), NORMAL(BOTH, 100, 500), 100, 500, 100, 500 },
	{ NORMAL(0, 0, 0), NORMAL(MIN, 300, 0), 300, 1024, 300, 1024 },
	{ NORMAL(0, 0, 0), NORMAL(MAX, 0, 700), 0, 700, 1024, 700 },
	{ NORMAL(0, 0, 0), NORMAL(BOTH, 0, 1024), 0, 1024, 0, 1024 },
	{ NORMAL(0, 0, 0), NORMAL(BOTH | RESET_ON_FORK, 1, 2), 1, 2, 1, 2 },
	{ NORMAL(BOTH, 100, 500), NORMAL(BOTH, -1, -1), 0, 1024, 1024, 1024 },
	{ NORMAL(0, 0, 0), FIFO(0, 0, 0), 1024, 1024, 1024, 1024 },
	{ NORMAL(MAX, 0, 600), FIFO(0, 0, 0), 1024, 600, 1024, 600 },
	{ NORMAL(MIN, 200, 0), FIFO(0, 0, 0), 200, 1024, 200, 1024 },
};

/* Here a policy's clamp has outlived it, or has not come with it. */
static const struct row left[] = {
	{ FIFO(0, 0, 0), NORMAL(MAX, 0, 1024), 1024, 1024, 1024, 1024 },
	{ NORMAL(0, 0, 0), FIFO(MAX, 0, 800), 0, 800, 0, 800 },
};

#define NR_ROWS	(sizeof(rows) / sizeof(rows[0]))
#define NR_LEFT	(sizeof(left) / sizeof(left[0]))

static const struct row *row_of(unsigned int i)
{
	return i < NR_ROWS ? &rows[i] : &left[i - NR_ROWS];
}

static int set_attr(pid_t tid, struct attr attr)
{
	attr.size = sizeof(attr);
	return syscall(SYS_sched_setattr, tid, &attr, 0);
}

static int has_clamps(pid_t tid, uint32_t policy, uint32_t min, uint32_t max)
{
	struct attr attr;

	check(!syscall(SYS_sched_getattr, tid, &attr, sizeof(attr), 0));
	if (attr.policy == policy && attr.util_min == min && attr.util_max == max)
		return 1;
	printf("thread %d of policy %u has clamps %u %u, not %u %u\n", (int)tid, attr.policy,
	       attr.util_min, attr.util_max, min, max);
	return 0;
}

static int is_as_set(pid_t tid, const struct row *row)
{
	return has_clamps(tid, row->second.policy, row->min, row->max);
}

static int is_so_as_fifo(pid_t tid, const struct row *row)
{
	check(!set_attr(tid, (struct attr)FIFO(0, 0, 0)));
	return has_clamps(tid, SCHED_FIFO, row->fifo_min, row->fifo_max);
}

static void *thread(void *arg)
{
	pid_t *tid = arg;

	__atomic_store_n(tid, syscall(SYS_gettid), __ATOMIC_RELEASE);
	for (;;)
		pause();
	return NULL;
}

static pid_t start_thread(void)
{
	static pid_t tid;
	pthread_t id;

	tid = 0;
	check(!pthread_create(&id, NULL, thread, &tid));
	while (!__atomic_load_n(&tid, __ATOMIC_ACQUIRE))
		sched_yield();
	return tid;
}

int main(void)
{
	pid_t tids[NR_ROWS + NR_LEFT];
	unsigned int i;
	int failed = 0;

	for (i = 0; i < NR_ROWS + NR_LEFT; i++) {
		tids[i] = start_thread();
		need(!set_attr(tids[i], (struct attr)NORMAL(BOTH, -1, -1)));
		check(!set_attr(tids[i], row_of(i)->first));
		check(!set_attr(tids[i], row_of(i)->second));
		check(is_as_set(tids[i], row_of(i)));
	}
	ready();
	for (i = 0; i < NR_ROWS + NR_LEFT; i++)
		failed |= !is_as_set(tids[i], row_of(i));
	/* What is left of a policy has been restored as if it were asked for. */
	for (i = 0; i < NR_ROWS; i++)
		failed |= !is_so_as_fifo(tids[i], row_of(i));
	check(!failed);
	return passed();
}
