// SPDX-License-Identifier: GPL-2.0-only
/*
 * The yardstick: a thread that reads the clock in a loop, in the program that
 * is measured, and so notices how long it stood still and when it ran again,
 * whoever stopped it.
 *
 * load has it built in. Any other program gets it by LD_PRELOAD and the path of
 * the board in BENCH_BOARD.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "board.h"

struct board *board;

static void *watch(void *unused)
{
	uint64_t last = now_ns(), now;

	for (;; last = now) {
		unsigned long nap = atomic_load_explicit(&board->nap, memory_order_relaxed);
		unsigned int at;

		if (nap)
			usleep(nap);
		now = now_ns();
		if (now - last > atomic_load_explicit(&board->longest, memory_order_relaxed)) {
			atomic_store(&board->ended, now);
			atomic_store(&board->longest, now - last);
		}
		at = now / SAMPLE_NS % BOARD_SAMPLES;
		board->sample[at].work =
			atomic_load_explicit(&board->work, memory_order_relaxed);
		board->sample[at].time = now;
	}
	return unused;
}

void start_thread(void *(*fn)(void *unused))
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 64 * 1024);
	if (pthread_create(&thread, &attr, fn, NULL))
		errx(1, "pthread_create");
	pthread_attr_destroy(&attr);
}

void board_open(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		err(2, "%s", path);
	board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (board == MAP_FAILED)
		err(1, "%s", path);
	close(fd);
	start_thread(watch);
}

void time_fork(uint64_t result[2])
{
	uint64_t start = now_ns(), forked;
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (!pid)
		_exit(0);
	forked = now_ns();
	waitpid(pid, NULL, 0);
	result[0] = forked - start;
	result[1] = now_ns() - start;
}

void obey(int (*more)(unsigned long command))
{
	for (;;) {
		unsigned long command = atomic_load(&board->command);

		if (!command) {
			usleep(1000);
			continue;
		}
		if (command == 'f')
			time_fork(board->result);
		else if (command != 'r' && (!more || more(command)))
			errx(2, "no such command");
		atomic_store(&board->command, 0);
	}
}

static void *obey_thread(void *unused)
{
	obey(NULL);
	return unused;
}

static __attribute__((constructor)) void preloaded(void)
{
	const char *path = getenv("BENCH_BOARD");

	if (!path)
		return;
	board_open(path);
	start_thread(obey_thread);
}
