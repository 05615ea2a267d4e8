// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who shares what with one that is neither its parent nor its leader: brothers, orphans,
 * and a thread of a thread; also 32-bit.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "tasks.h"

static int said[2], told[2];

static void say(pid_t pid)
{
	check(write(said[1], &pid, sizeof(pid)) == sizeof(pid));
}

static pid_t hear(void)
{
	pid_t pid;

	check(read(said[0], &pid, sizeof(pid)) == sizeof(pid));
	return pid;
}

static void wait_for_byte(void)
{
	char byte;

	check(read(told[0], &byte, 1) == 1);
}

static int is_in(const char *dir)
{
	char path[64];

	return getcwd(path, sizeof(path)) && !strcmp(path, dir);
}

/* ---- brothers that share all there is ---- */

static char stack[65536] __attribute__((aligned(16)));
static volatile int go;

static int younger(void *arg)
{
	struct sigaction action;

	(void)arg;
	say(syscall(SYS_getpid));
	while (!go)
		nap(5);
	check(is_in("/proc"));
	check(fcntl(50, F_GETFD) >= 0);
	check(!sigaction(SIGUSR1, NULL, &action) && action.sa_handler == SIG_IGN);
	return 4;
}

static void elder(void)
{
	const int all = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND;

	check(clone(younger, stack + sizeof(stack), CLONE_PARENT | all | SIGCHLD, NULL) > 0);
	wait_for_byte();
	check(!chdir("/proc"));
	check(dup2(0, 50) == 50);
	signal(SIGUSR1, SIG_IGN);
	go = 1;
	syscall(SYS_exit_group, 0);
}

/* ---- orphans with a table of descriptors ---- */

static void orphan(const int turn[2], int first)
{
	char byte;

	say(getpid());
	if (first) {
		wait_for_byte();
		check(dup2(0, 60) == 60);
		check(write(turn[1], "x", 1) == 1);
	} else {
		check(read(turn[0], &byte, 1) == 1);
	}
	check(fcntl(60, F_GETFD) >= 0);
	_exit(0);
}

static void leave_orphans(void)
{
	int turn[2], i;

	check(!pipe(turn));
	for (i = 0; i < 2; i++) {
		pid_t pid = syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL);

		check(pid >= 0);
		if (!pid)
			orphan(turn, !i);
	}
	_exit(0);
}

/* ---- threads: the second and the third are in one directory ---- */

static pthread_barrier_t barrier;

static void *third(void *arg)
{
	say(0);
	pthread_barrier_wait(&barrier);
	check(is_in("/proc"));
	return arg;
}

static void *second(void *arg)
{
	pthread_t thread;

	check(!unshare(CLONE_FS));
	check(!chdir("/tmp"));
	check(!pthread_create(&thread, NULL, third, NULL));
	wait_for_byte();
	check(!chdir("/proc"));
	pthread_barrier_wait(&barrier);
	check(!pthread_join(thread, NULL));
	return arg;
}

static void threads(void)
{
	pthread_t thread;

	check(!chdir("/"));
	pthread_barrier_init(&barrier, NULL, 2);
	check(!pthread_create(&thread, NULL, second, NULL));
	check(!pthread_join(thread, NULL));
	check(is_in("/"));
	_exit(0);
}

static pid_t start(void (*run)(void))
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	check(pid >= 0);
	if (!pid)
		run();
	return pid;
}

int main(void)
{
	pid_t brothers[2], orphans[2], process;
	int i;

	check(!prctl(PR_SET_CHILD_SUBREAPER, 1));
	check(!pipe(said) && !pipe(told));
	brothers[0] = start(elder);
	brothers[1] = hear();
	check(exited_with(start(leave_orphans), 0));
	orphans[0] = hear();
	orphans[1] = hear();
	process = start(threads);
	check(!hear());
	ready();
	check(write(told[1], "xxx", 3) == 3);
	for (i = 0; i < 2; i++)
		check(exited_with(orphans[i], 0));
	check(exited_with(brothers[0], 0));
	check(exited_with(brothers[1], 4));
	check(exited_with(process, 0));
	return passed();
}
