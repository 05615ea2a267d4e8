// SPDX-License-Identifier: GPL-2.0-only
/*
 * An address space with two processes in it, neither a thread of the other nor
 * waiting for it. Prints the second one's pid.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#include "program.h"

static char stack[65536] __attribute__((aligned(16)));
static volatile int count;

static int second(void *unused)
{
	const struct timespec pause = { .tv_nsec = 1000 * 1000 };

	(void)unused;
	while (count >= 0) {
		count++;
		nanosleep(&pause, NULL);
	}
	return 5;
}

int main(void)
{
	int status, before;
	pid_t pid = clone(second, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL), ended;

	check(pid > 0);
	printf("second %d\n", pid);
	while (!count)
		usleep(1000);
	ready();
	before = count;
	while (count == before)
		usleep(1000);
	/* It may be adding to what was there before. */
	while (!(ended = waitpid(pid, &status, WNOHANG))) {
		count = -2;
		usleep(1000);
	}
	check(ended == pid);
	check(WIFEXITED(status) && WEXITSTATUS(status) == 5);
	return passed();
}
