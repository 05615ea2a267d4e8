// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads in one address space, each with a working directory and a umask of
 * its own (CLONE_FS), also 32-bit.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <sys/stat.h>

#include "program.h"

#define THREADS 48

static pthread_barrier_t built, told;

static void *thread(void *arg)
{
	const char *dirs[] = { "/", "/usr", "/etc", "/var" };
	long nr = (long)arg;
	char cwd[64];

	check(!unshare(CLONE_FS));
	check(!chdir(dirs[nr % 4]));
	umask(nr);
	pthread_barrier_wait(&built);
	pthread_barrier_wait(&told);
	check(getcwd(cwd, sizeof(cwd)) && !strcmp(cwd, dirs[nr % 4]));
	check(umask(0) == (mode_t)nr);
	return NULL;
}

int main(void)
{
	pthread_t threads[THREADS];
	long i;

	check(!pthread_barrier_init(&built, NULL, THREADS + 1));
	check(!pthread_barrier_init(&told, NULL, THREADS + 1));
	for (i = 0; i < THREADS; i++)
		check(!pthread_create(&threads[i], NULL, thread, (void *)i));
	pthread_barrier_wait(&built);
	ready();
	pthread_barrier_wait(&told);
	for (i = 0; i < THREADS; i++)
		check(!pthread_join(threads[i], NULL));
	return passed();
}
