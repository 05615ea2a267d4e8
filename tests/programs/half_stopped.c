// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process whose stop by a signal cannot be completed: one of its threads
 * waits for a vfork() child.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/wait.h>

#include "program.h"

static volatile int begun;	/* by the child, whose memory it is, too */

static void *wait_for_child(void *arg)
{
	pid_t child = vfork();

	if (!child) {
		begun = 1;
		wait_to_go_on();
		_exit(0);
	}
	check(child > 0 && waitpid(child, NULL, 0) == child);
	return arg;
}

int main(void)
{
	pthread_t thread;

	check(!pthread_create(&thread, NULL, wait_for_child, NULL));
	while (!begun)
		usleep(1000);
	ready();
	check(!pthread_join(thread, NULL));
	return passed();
}
