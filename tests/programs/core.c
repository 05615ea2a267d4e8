// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tasks in core scheduling groups, and some in none: threads and children that are in that
 * of their maker, have their own, or have joined another's.
 *
 * What the kernel tells of a group is a number that means nothing; what is compared is who
 * has the same.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "tasks.h"

/* Not in every C library's headers. */
#ifndef PR_SCHED_CORE
#define PR_SCHED_CORE			62
#define PR_SCHED_CORE_GET		0
#define PR_SCHED_CORE_CREATE		1
#define PR_SCHED_CORE_SHARE_TO		2
#endif

#define MOST	16

static pid_t tasks[MOST];
static unsigned int nr_tasks;

static void core(int command, pid_t tid)
{
	check(!prctl(PR_SCHED_CORE, command, tid, 0, 0));
}

static unsigned long long group_of(pid_t tid)
{
	unsigned long long id = 0;

	check(!prctl(PR_SCHED_CORE, PR_SCHED_CORE_GET, tid, 0, &id));
	return id;
}

/* Of each task: who is the first that is in its group? Itself; '-': it is in none. */
static void describe(char *text)
{
	unsigned long long ids[MOST];
	unsigned int i, j;

	for (i = 0; i < nr_tasks; i++) {
		ids[i] = group_of(tasks[i]);
		for (j = 0; ids[j] != ids[i]; j++)
			;
		text[i] = ids[i] ? 'a' + j : '-';
	}
	text[i] = '\0';
}

static void *thread(void *arg)
{
	int fd = *(int *)arg;
	pid_t tid = syscall(SYS_gettid);

	check(write(fd, &tid, sizeof(tid)) == sizeof(tid));
	for (;;)
		pause();
	return NULL;
}

static void start_thread(void)
{
	pthread_t id;
	int fds[2];

	check(!pipe(fds));
	check(!pthread_create(&id, NULL, thread, &fds[1]));
	check(read(fds[0], &tasks[nr_tasks], sizeof(pid_t)) == sizeof(pid_t));
	nr_tasks++;
	close(fds[0]);
	close(fds[1]);
}

/* A child with a thread, both in its maker's group. */
static pid_t start_child(void)
{
	pthread_t id;
	pid_t child;
	int fds[2];

	check(!pipe(fds));
	child = fork();
	check(child >= 0);
	if (!child) {
		check(!pthread_create(&id, NULL, thread, &fds[1]));
		for (;;)
			pause();
	}
	tasks[nr_tasks++] = child;
	check(read(fds[0], &tasks[nr_tasks], sizeof(pid_t)) == sizeof(pid_t));
	nr_tasks++;
	close(fds[0]);
	close(fds[1]);
	return child;
}

int main(void)
{
	char before[MOST + 1], after[MOST + 1];
	pid_t children[3];
	unsigned int i;

	tasks[nr_tasks++] = getpid();
	start_thread();
	children[0] = start_child();
	need(!prctl(PR_SCHED_CORE, PR_SCHED_CORE_CREATE, 0, 0, 0));
	/* A thread of a process that is in no group. */
	core(PR_SCHED_CORE_SHARE_TO, tasks[3]);
	start_thread();
	children[1] = start_child();
	/* A thread with a group of its own, and a process without its thread. */
	start_thread();
	core(PR_SCHED_CORE_CREATE, tasks[7]);
	children[2] = start_child();
	core(PR_SCHED_CORE_CREATE, children[2]);
	describe(before);
	check(!strcmp(before, "a--aaaahia"));
	ready();
	describe(after);
	if (strcmp(before, after))
		printf("groups %s were %s\n", after, before);
	check(!strcmp(before, after));
	for (i = 0; i < 3; i++) {
		check(!kill(children[i], SIGKILL));
		status_of(children[i]);
	}
	return passed();
}
