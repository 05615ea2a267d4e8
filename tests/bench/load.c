// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program to be saved, of a given size, that notices its own pauses.
 *
 *   load [-m MIB] [-H] [-t THREADS] [-p PROCESSES] [-w PERCENT] BOARD
 *
 * It fills MIB of memory (-H: in huge pages), starts idle threads and
 * processes, and obeys what is written on BOARD, a file that it maps, for a
 * pipe to somebody outside could not be saved: struct board. Commands:
 *
 *   g	the longest gap between two readings of the clock since the last such
 *	command, in microseconds
 *   f	how long fork() of this process takes, and fork() until the child is
 *	gone, in microseconds
 *   t	write to -w PERCENT of the pages, every so many-th; how long that takes,
 *	in microseconds
 *   s	a checksum of all the memory
 *   q	quit
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE	4096

/**
 * struct board - what caller and program tell each other
 * @command:	a letter; 0 when it has been obeyed
 * @result:	its result, in up to two numbers
 */
struct board {
	atomic_ulong command;
	uint64_t result[2];
};

static struct board *board;
static atomic_ulong longest;

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000ULL + t.tv_nsec / 1000;
}

static void *watch(void *unused)
{
	uint64_t last = now_us();

	for (;;) {
		uint64_t now = now_us();

		if (now - last > atomic_load_explicit(&longest, memory_order_relaxed))
			atomic_store(&longest, now - last);
		last = now;
	}
	return unused;
}

static void *idle(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static void start_thread(void *(*fn)(void *))
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 64 * 1024);
	if (pthread_create(&thread, &attr, fn, NULL))
		errx(1, "pthread_create");
}

static char *fill(size_t size, int huge)
{
	size_t align = 2 << 20, i;
	char *memory;

	if (!size)
		return NULL;
	memory = mmap(NULL, size + align, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED)
		err(1, "mmap");
	memory = (char *)(((uintptr_t)memory + align - 1) & -align);
	if (madvise(memory, size, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE))
		err(1, "madvise");
	for (i = 0; i < size; i += 8)
		*(uint64_t *)(memory + i) = i * 0x9E3779B97F4A7C15ULL;
	return memory;
}

static void time_fork(void)
{
	uint64_t start = now_us(), forked;
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (!pid)
		_exit(0);
	forked = now_us();
	waitpid(pid, NULL, 0);
	board->result[0] = forked - start;
	board->result[1] = now_us() - start;
}

static void touch(char *memory, size_t size, unsigned int percent)
{
	uint64_t start = now_us();
	size_t i;

	for (i = 0; percent && i < size; i += 100 / percent * PAGE)
		memory[i]++;
	board->result[0] = now_us() - start;
}

static void sum(const char *memory, size_t size)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < size; i += 8)
		sum = sum * 31 + *(const uint64_t *)(memory + i);
	board->result[0] = sum;
}

static void obey(char *memory, size_t size, unsigned int percent)
{
	for (;;) {
		switch (atomic_load(&board->command)) {
		case 'g':
			board->result[0] = atomic_exchange(&longest, 0);
			break;
		case 'f':
			time_fork();
			break;
		case 't':
			touch(memory, size, percent);
			break;
		case 's':
			sum(memory, size);
			break;
		case 'q':
			exit(0);
		case 0:
			usleep(1000);
			continue;
		default:
			errx(2, "no such command");
		}
		atomic_store(&board->command, 0);
	}
}

static struct board *map_board(const char *path)
{
	int fd = open(path, O_RDWR);
	void *map;

	if (fd < 0)
		err(2, "%s", path);
	map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		err(1, "%s", path);
	close(fd);
	return map;
}

int main(int argc, char **argv)
{
	unsigned int threads = 0, processes = 0, percent = 0, i;
	size_t size = 0;
	int c, huge = 0;
	char *memory;

	while ((c = getopt(argc, argv, "m:Ht:p:w:")) != -1) {
		switch (c) {
		case 'm':
			size = strtoull(optarg, NULL, 0) << 20;
			break;
		case 'H':
			huge = 1;
			break;
		case 't':
			threads = strtoul(optarg, NULL, 0);
			break;
		case 'p':
			processes = strtoul(optarg, NULL, 0);
			break;
		case 'w':
			percent = strtoul(optarg, NULL, 0);
			break;
		default:
			return 2;
		}
	}
	if (optind != argc - 1)
		errx(2, "usage: load [options] BOARD");
	board = map_board(argv[optind]);
	for (i = 0; i < processes; i++) {
		switch (fork()) {
		case -1:
			err(1, "fork");
		case 0:
			idle(NULL);
		}
	}
	memory = fill(size, huge);
	for (i = 0; i < threads; i++)
		start_thread(idle);
	start_thread(watch);
	obey(memory, size, percent);
	return 0;
}
