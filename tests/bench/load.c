// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program to be saved, of a given size, that notices its own pauses.
 *
 *   load [-m MIB] [-H | -S] [-t THREADS] [-p PROCESSES] [-f | -u | -c NUMBER] BOARD
 *
 * It fills MIB of memory (-H: in huge pages; -S: shared), starts idle threads and
 * processes, opens many descriptors (descriptors.h says which), and obeys what is
 * written on BOARD. Commands:
 *
 *   r	nothing: it is ready
 *   f	how long fork() of this process takes, and fork() until the child is gone
 *   F	the same of each of the processes, in turn, added up
 *   1	write to one page in a hundred; 0: to one in ten. How long that takes
 *   s	a checksum of all the memory, and how many of the descriptors work
 *
 * While it is to work it writes to pages of the memory at random.
 */
#define _GNU_SOURCE
#include <err.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "board.h"
#include "descriptors.h"

#define PAGE	4096

static char *memory;
static size_t size;
static pid_t *children;
static unsigned int processes;

/* Shared with the children: whose turn it was, and what it took. */
static struct turn {
	atomic_uint done;
	uint64_t result[2];
} *turn;

static void *idle(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static void take_turn(int signal)
{
	(void)signal;
	time_fork(turn->result);
	atomic_fetch_add(&turn->done, 1);
}

static void fork_each(void)
{
	uint64_t sum[2] = {};
	unsigned int i;

	atomic_store(&turn->done, 0);
	for (i = 0; i < processes; i++) {
		kill(children[i], SIGUSR1);
		while (atomic_load(&turn->done) == i)
			usleep(100);
		sum[0] += turn->result[0];
		sum[1] += turn->result[1];
	}
	board->result[0] = sum[0];
	board->result[1] = sum[1];
}

static void start_processes(void)
{
	unsigned int i;

	turn = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	children = calloc(processes, sizeof(*children));
	if (turn == MAP_FAILED || !children)
		err(1, "memory");
	signal(SIGUSR1, take_turn);
	for (i = 0; i < processes; i++) {
		children[i] = fork();
		if (children[i] < 0)
			err(1, "fork");
		if (!children[i])
			idle(NULL);
	}
}

static void fill(int huge, int sharing)
{
	size_t align = 2 << 20, i;

	memory = mmap(NULL, size + align, PROT_READ | PROT_WRITE,
		      sharing | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED)
		err(1, "mmap");
	memory = (char *)(((uintptr_t)memory + align - 1) & -align);
	if (madvise(memory, size, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE))
		err(1, "madvise");
	for (i = 0; i < size; i += 8)
		*(uint64_t *)(memory + i) = i * 0x9E3779B97F4A7C15ULL;
}

static void touch(unsigned int every)
{
	uint64_t start = now_ns();
	size_t i;

	for (i = 0; i < size; i += every * PAGE)
		memory[i]++;
	board->result[0] = now_ns() - start;
}

static void sum(void)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < size; i += 8)
		sum = sum * 31 + *(const uint64_t *)(memory + i);
	board->result[0] = sum;
	board->result[1] = count_working();
}

static void *work(void *unused)
{
	uint64_t random = 1;

	for (;;) {
		if (!atomic_load(&board->working)) {
			usleep(1000);
			continue;
		}
		random = random * 6364136223846793005ULL + 1442695040888963407ULL;
		if (size)
			memory[(random >> 33) % (size / PAGE) * PAGE]++;
		atomic_fetch_add_explicit(&board->work, 1, memory_order_relaxed);
	}
	return unused;
}

static int more(unsigned long command)
{
	switch (command) {
	case 'F':
		fork_each();
		return 0;
	case '1':
		touch(100);
		return 0;
	case '0':
		touch(10);
		return 0;
	case 's':
		sum();
		return 0;
	}
	return -1;
}

int main(int argc, char **argv)
{
	unsigned int threads = 0, nr = 0, i;
	int c, huge = 0, sharing = MAP_PRIVATE, kind = 0;

	while ((c = getopt(argc, argv, "m:HSt:p:f:u:c:")) != -1) {
		switch (c) {
		case 'm':
			size = strtoull(optarg, NULL, 0) << 20;
			break;
		case 'H':
			huge = 1;
			break;
		case 'S':
			sharing = MAP_SHARED;
			break;
		case 't':
			threads = strtoul(optarg, NULL, 0);
			break;
		case 'p':
			processes = strtoul(optarg, NULL, 0);
			break;
		case 'f':
		case 'u':
		case 'c':
			kind = c;
			nr = strtoul(optarg, NULL, 0);
			break;
		default:
			return 2;
		}
	}
	if (optind != argc - 1)
		errx(2, "usage: load [options] BOARD");
	if (processes)
		start_processes();
	if (size)
		fill(huge, sharing);
	for (i = 0; i < threads; i++)
		start_thread(idle);
	if (nr)
		open_many(kind, nr, argv[optind]);
	board_open(argv[optind]);
	/* A trivial process has a thread less. */
	if (size)
		start_thread(work);
	obey(more);
	return 0;
}
