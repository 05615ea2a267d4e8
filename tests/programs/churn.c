// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads and processes that begin and end all the time, of which nobody waits
 * for any: whenever it is frozen, some are just about to be gone.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>

#include "program.h"

#define NR 6

static volatile int stop;

static void *nothing(void *arg)
{
	return arg;
}

static void *make_threads(void *arg)
{
	pthread_attr_t attr;
	pthread_t thread;

	check(!pthread_attr_init(&attr));
	check(!pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED));
	check(!pthread_attr_setstacksize(&attr, 65536));
	while (!stop) {
		int err = pthread_create(&thread, &attr, nothing, NULL);

		check(!err || err == EAGAIN);
	}
	return arg;
}

static void *make_processes(void *arg)
{
	while (!stop) {
		pid_t pid = fork();

		check(pid >= 0 || errno == EAGAIN);
		if (!pid)
			_exit(0);
	}
	return arg;
}

int main(void)
{
	pthread_t threads[NR];
	unsigned int i;

	check(signal(SIGCHLD, SIG_IGN) != SIG_ERR);
	for (i = 0; i < NR; i++)
		check(!pthread_create(&threads[i], NULL,
				      i % 2 ? make_processes : make_threads, NULL));
	ready();
	stop = 1;
	for (i = 0; i < NR; i++)
		check(!pthread_join(threads[i], NULL));
	return passed();
}
