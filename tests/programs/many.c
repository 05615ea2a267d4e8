// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many threads, and many processes. Each has a number of its own, in its memory and on its
 * stack, and knows its id; all of them wait, without looking for anything, until they
 * are told to go on.
 *
 * Usage: many THREADS PROCESSES
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/wait.h>

#include "program.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int waiting, go_on;
static __thread unsigned long own;
static unsigned long in_memory;

static void *thread(void *number)
{
	unsigned long value = (unsigned long)number;
	pid_t tid = gettid();

	own = value * 3;
	check(!pthread_mutex_lock(&lock));
	waiting++;
	check(!pthread_cond_broadcast(&changed));
	while (!go_on)
		check(!pthread_cond_wait(&changed, &lock));
	waiting--;
	check(!pthread_mutex_unlock(&lock));
	check(gettid() == tid && own == value * 3 && value == (unsigned long)number);
	return (void *)(value * 5);
}

static pthread_t *make_threads(unsigned long nr)
{
	pthread_t *threads = calloc(nr + 1, sizeof(*threads));
	pthread_attr_t attr;
	unsigned long i;

	check(threads && !pthread_attr_init(&attr));
	check(!pthread_attr_setstacksize(&attr, 65536));
	for (i = 0; i < nr; i++)
		check(!pthread_create(&threads[i], &attr, thread, (void *)i));
	check(!pthread_attr_destroy(&attr) && !pthread_mutex_lock(&lock));
	while (waiting < (int)nr)
		check(!pthread_cond_wait(&changed, &lock));
	check(!pthread_mutex_unlock(&lock));
	return threads;
}

static void join_threads(pthread_t *threads, unsigned long nr)
{
	unsigned long i;
	void *value;

	check(!pthread_mutex_lock(&lock));
	check(waiting == (int)nr);
	go_on = 1;
	check(!pthread_cond_broadcast(&changed) && !pthread_mutex_unlock(&lock));
	for (i = 0; i < nr; i++)
		check(!pthread_join(threads[i], &value) && (unsigned long)value == i * 5);
	check(!waiting);
	free(threads);
}

/* Until nobody has the other end of the pipe. */
static void __attribute__((noreturn)) child(unsigned long number, const int fds[2])
{
	unsigned long value = number * 7;
	pid_t pid = getpid(), parent = getppid();
	char byte;

	in_memory = number;
	check(!close(fds[1]));
	check(!read(fds[0], &byte, 1));
	check(in_memory == number && value == number * 7);
	check(getpid() == pid && getppid() == parent);
	_exit(number % 100);
}

static pid_t *make_processes(unsigned long nr, const int fds[2])
{
	pid_t *pids = calloc(nr + 1, sizeof(*pids));
	unsigned long i;

	check(pids);
	for (i = 0; i < nr; i++) {
		pids[i] = fork();
		check(pids[i] >= 0);
		if (!pids[i])
			child(i, fds);
	}
	return pids;
}

static void wait_for_processes(pid_t *pids, unsigned long nr, const int fds[2])
{
	unsigned long i;
	int status;

	check(!close(fds[1]));
	for (i = 0; i < nr; i++) {
		check(waitpid(pids[i], &status, 0) == pids[i]);
		check(WIFEXITED(status) && WEXITSTATUS(status) == (int)(i % 100));
	}
	check(waitpid(-1, NULL, 0) == -1 && errno == ECHILD);
	free(pids);
}

int main(int argc, char *argv[])
{
	unsigned long nr_threads, nr_processes;
	pthread_t *threads;
	pid_t *pids;
	int fds[2];

	check(argc == 3);
	nr_threads = atoi(argv[1]);
	nr_processes = atoi(argv[2]);
	check(!pipe(fds));
	/* Before there are threads. */
	pids = make_processes(nr_processes, fds);
	threads = make_threads(nr_threads);
	ready();
	join_threads(threads, nr_threads);
	wait_for_processes(pids, nr_processes, fds);
	return passed();
}
