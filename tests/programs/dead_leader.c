// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process that leads a session, whose first thread has ended, of which two more live:
 * one is in another directory. It ends when they have; also 32-bit.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>

#include "tasks.h"

static int said[2], told[2];
static volatile int signals, value;

static void on_signal(int sig)
{
	(void)sig;
	signals++;
}

static void *elsewhere(void *arg)
{
	char path[64], byte;

	check(!unshare(CLONE_FS));
	check(!chdir("/usr"));
	check(write(said[1], "x", 1) == 1);
	check(read(told[0], &byte, 1) == 1);
	check(getcwd(path, sizeof(path)) && !strcmp(path, "/usr"));
	value++;
	return arg;
}

static void check_child(void)
{
	pid_t pid = fork();

	check(pid >= 0);
	if (!pid)
		_exit(3);
	check(exited_with(pid, 3));
}

static void *outlives(void *arg)
{
	pthread_t other;
	char path[64], byte;

	check(!pthread_create(&other, NULL, elsewhere, NULL));
	wait_for_state(getpid(), 'Z');
	check(write(said[1], "x", 1) == 1);
	check(read(told[0], &byte, 1) == 1);
	check(state_of(getpid()) == 'Z');
	check(!pthread_join(other, NULL));
	check(value == 1);
	check(getcwd(path, sizeof(path)) && !strcmp(path, "/"));
	check(getsid(0) == getpid() && getpgrp() == getpid());
	check(!kill(getpid(), SIGUSR1));
	check(signals == 1);
	check_child();
	fflush(stdout);
	syscall(SYS_exit, 7);
	return arg;
}

static void child(void)
{
	pthread_t thread;

	check(setsid() > 0);
	check(!chdir("/"));
	signal(SIGUSR1, on_signal);
	check(!pthread_create(&thread, NULL, outlives, NULL));
	syscall(SYS_exit, 5);
}

int main(void)
{
	char bytes[2];
	siginfo_t info = { 0 };
	pid_t pid;

	check(!pipe(said) && !pipe(told));
	pid = fork();
	check(pid >= 0);
	if (!pid)
		child();
	check(read(said[0], &bytes[0], 1) == 1);
	check(read(said[0], &bytes[1], 1) == 1);
	ready();
	/* Nobody has been told of an end. */
	check(!waitid(P_PID, pid, &info, WEXITED | WNOHANG) && !info.si_pid);
	check(write(told[1], "xx", 2) == 2);
	check(exited_with(pid, 7));
	return passed();
}
