// SPDX-License-Identifier: GPL-2.0-only
/*
 * Children that are scheduled in all ways there are but clamps (uclamp.c); each notes
 * what the kernel tells of it, and compares. Two of them share an I/O context.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "tasks.h"

#define MS		1000000ULL
#define RESET_ON_FORK	1
#define DL_RECLAIM	2
#define IOPRIO(class, data)	((class) << 13 | (data))

struct attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max;
};

/* All that the kernel tells, to be compared as bytes. */
struct state {
	struct attr attr;
	cpu_set_t cpus;
	int ioprio, slack, mode;
	unsigned long nodes[16];
	char default_slack[32], autogroup[32], oom[32];
};

static void read_line(const char *path, char *line, size_t size)
{
	FILE *f = fopen(path, "r");

	check(f);
	check(fgets(line, size, f));
	fclose(f);
}

static void set_attr(struct attr attr)
{
	attr.size = sizeof(attr);
	check(!syscall(SYS_sched_setattr, 0, &attr, 0));
}

static void get(struct state *s)
{
	char *nice;

	memset(s, 0, sizeof(*s));
	check(!syscall(SYS_sched_getattr, 0, &s->attr, sizeof(s->attr), 0));
	check(!sched_getaffinity(0, sizeof(s->cpus), &s->cpus));
	s->ioprio = syscall(SYS_ioprio_get, 1, 0);
	s->slack = prctl(PR_GET_TIMERSLACK);
	check(!syscall(SYS_get_mempolicy, &s->mode, s->nodes, 8 * sizeof(s->nodes), NULL, 0));
	read_line("/proc/self/autogroup", s->autogroup, sizeof(s->autogroup));
	/* Which one it is has no meaning. */
	nice = strstr(s->autogroup, "nice");
	check(nice);
	memmove(s->autogroup, nice, strlen(nice) + 1);
	memset(s->autogroup + strlen(s->autogroup), 0,
	       sizeof(s->autogroup) - strlen(s->autogroup));
	read_line("/proc/self/oom_score_adj", s->oom, sizeof(s->oom));
}

/* ---- ways ---- */

static void fifo(void)
{
	set_attr((struct attr){ .policy = SCHED_FIFO, .priority = 7 });
}

static void rr(void)
{
	const struct attr attr = {
		.policy = SCHED_RR, .priority = 99, .flags = RESET_ON_FORK,
	};

	check(!setpriority(PRIO_PROCESS, 0, 5));
	set_attr(attr);
}

static void deadline(void)
{
	const struct attr attr = {
		.policy = SCHED_DEADLINE, .flags = DL_RECLAIM,
		.runtime = 5 * MS, .deadline = 90 * MS, .period = 100 * MS,
	};

	set_attr(attr);
}

static void batch(void)
{
	set_attr((struct attr){ .policy = SCHED_BATCH, .nice = -3, .flags = RESET_ON_FORK });
}

static void idle(void)
{
	set_attr((struct attr){ .policy = SCHED_IDLE, .nice = 9 });
}

static void slice(void)
{
	set_attr((struct attr){ .runtime = 7 * MS, .nice = 2 });
}

static void one_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sysconf(_SC_NPROCESSORS_ONLN) - 1, &set);
	check(!sched_setaffinity(0, sizeof(set), &set));
}

static void memory(void)
{
	unsigned long nodes = 1;

	/* MPOL_BIND, of static nodes. */
	check(!syscall(SYS_set_mempolicy, 2 | 1 << 15, &nodes, 8 * sizeof(nodes)));
}

static void local_memory(void)
{
	check(!syscall(SYS_set_mempolicy, 4, NULL, 0));
}

static void ioprio(void)
{
	check(!syscall(SYS_ioprio_set, 1, 0, IOPRIO(2, 7)));
}

static void slack(void)
{
	check(!prctl(PR_SET_TIMERSLACK, 70000));
}

static void autogroup(void)
{
	check(setsid() > 0);
	write_to("/proc/self/autogroup", "5");
}

/* With the capability, so that it is the new minimum; without, it is not. */
static void oom(void)
{
	write_to("/proc/self/oom_score_adj", "100");
	check(!setresuid(-1, 1, -1));
	check(!prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
	write_to("/proc/self/oom_score_adj", "250");
	check(!setresuid(-1, 0, -1));
}

static void (*const ways[])(void) = {
	fifo, rr, deadline, batch, idle, slice, one_cpu, memory, local_memory,
	ioprio, slack, autogroup, oom,
};

#define NR_WAYS (sizeof(ways) / sizeof(ways[0]))

/* ---- what get() cannot tell ---- */

/* To set a slack of 0 sets the default. */
static void check_default_slack(void)
{
	check(!prctl(PR_SET_TIMERSLACK, 0));
	check(prctl(PR_GET_TIMERSLACK) == 50000);
}

static void check_oom_minimum(void)
{
	int fd;

	check(!setresuid(1, 1, 1));
	check(!prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
	fd = open("/proc/self/oom_score_adj", O_WRONLY);
	check(fd >= 0);
	check(write(fd, "99", 2) == -1 && errno == EACCES);
	check(write(fd, "100", 3) == 3);
	close(fd);
}

static int child_of(unsigned int way, int fd)
{
	struct state before, after;

	ways[way]();
	get(&before);
	check(write(fd, "x", 1) == 1);
	wait_to_go_on();
	get(&after);
	if (memcmp(&before, &after, sizeof(before))) {
		printf("way %u: is not what it was\n", way);
		printf("policy %u %u flags %lx %lx nice %d %d priority %u %u\n",
		       before.attr.policy, after.attr.policy,
		       (long)before.attr.flags, (long)after.attr.flags, before.attr.nice,
		       after.attr.nice, before.attr.priority, after.attr.priority);
		printf("runtime %lu %lu ioprio %d %d slack %d %d mode %d %d %s %s %s %s\n",
		       (long)before.attr.runtime, (long)after.attr.runtime,
		       before.ioprio, after.ioprio, before.slack, after.slack,
		       before.mode, after.mode, before.autogroup, after.autogroup,
		       before.oom, after.oom);
		return 1;
	}
	if (ways[way] == slack)
		check_default_slack();
	if (ways[way] == oom)
		check_oom_minimum();
	return 0;
}

static pid_t start_child(unsigned int way)
{
	int fds[2], status;
	pid_t pid;
	char byte;

	check(!pipe(fds));
	fflush(stdout);
	pid = fork();
	check(pid >= 0);
	if (!pid) {
		status = child_of(way, fds[1]);
		fflush(stdout);
		_exit(status);
	}
	close(fds[1]);
	check(read(fds[0], &byte, 1) == 1);
	close(fds[0]);
	return pid;
}

/* Sets the priority of both that share the context. */
static pid_t start_sharer(void)
{
	pid_t pid = syscall(SYS_clone, CLONE_IO | SIGCHLD, NULL, NULL, NULL, NULL);

	check(pid >= 0);
	if (!pid) {
		wait_to_go_on();
		check(syscall(SYS_ioprio_get, 1, 0) == IOPRIO(2, 3));
		check(!syscall(SYS_ioprio_set, 1, 0, IOPRIO(2, 6)));
		_exit(0);
	}
	return pid;
}

int main(void)
{
	pid_t pids[NR_WAYS], sharer;
	unsigned int i;
	int failed = 0;

	for (i = 0; i < NR_WAYS; i++)
		pids[i] = start_child(i);
	check(!syscall(SYS_ioprio_set, 1, 0, IOPRIO(2, 3)));
	sharer = start_sharer();
	ready();
	check(exited_with(sharer, 0));
	check(syscall(SYS_ioprio_get, 1, 0) == IOPRIO(2, 6));
	for (i = 0; i < NR_WAYS; i++)
		failed |= !exited_with(pids[i], 0);
	check(!failed);
	return passed();
}
