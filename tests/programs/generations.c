// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that changes in steps, in all the ways there are, between which images
 * are taken: written to, grown, unmapped, moved, mapped anew, given back; huge
 * pages, pages of files, shared memory; with a child that shares pages until it
 * writes to them and ends before the last, and one that executes a program.
 * After each step a process writes down the checksum of all of its memory, and
 * verifies it at the end.
 *
 * A step N is taken when the file $GO.N is there, and "step N" is said then.
 *
 * Usage: generations [exec | executed FD]
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "program.h"

#define PAGE	4096UL
#define HUGE	(512 * PAGE)
#define PAGES	256UL
#define STEPS	5
#define AREAS	10

/**
 * struct board - what the processes share
 * @step:	that the parent has begun
 * @taken:	that the child has taken
 */
struct board {
	volatile int step;
	volatile int taken;
};

/* What has contents; the sum is over all of it. */
static struct {
	volatile unsigned char *at;
	size_t size;
} areas[AREAS];
static uint64_t sum;
static struct board *board;

static uint64_t sum_now(void)
{
	uint64_t n = 0xcbf29ce484222325ULL;
	size_t i, at;

	for (i = 0; i < AREAS; i++)
		for (at = 0; at < areas[i].size; at += 8)
			n = (n ^ *(volatile uint64_t *)(areas[i].at + at)) * 0x100000001b3ULL;
	return n;
}

static void *map(size_t size, int flags, int fd)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);

	check(p != MAP_FAILED);
	return p;
}

static void set_area(int i, void *at, size_t size)
{
	areas[i].at = at;
	areas[i].size = size;
}

static void fill(int i, unsigned int seed)
{
	size_t at;

	for (at = 0; at < areas[i].size; at += 8)
		*(volatile uint64_t *)(areas[i].at + at) = (at + seed) * 0x9e3779b97f4a7c15ULL;
}

static void change(int i, size_t page, int step)
{
	areas[i].at[page * PAGE % areas[i].size + step] += 0x5a + step;
}

static void build(void)
{
	int fd = open("/proc/self/exe", O_RDONLY);
	unsigned long huge;

	check(fd >= 0);
	set_area(0, map(PAGES * PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1), PAGES * PAGE);
	madvise((void *)areas[0].at, PAGES * PAGE, MADV_NOHUGEPAGE);
	huge = (unsigned long)map(3 * HUGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	set_area(1, (void *)((huge + HUGE - 1) & ~(HUGE - 1)), 2 * HUGE);
	madvise((void *)areas[1].at, 2 * HUGE, MADV_HUGEPAGE);
	set_area(2, map(4 * PAGE, MAP_PRIVATE, fd), 4 * PAGE);
	set_area(3, map(PAGES * PAGE, MAP_SHARED | MAP_ANONYMOUS, -1), PAGES * PAGE);
	set_area(4, map(64 * PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1), 64 * PAGE);
	set_area(5, map(64 * PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1), 64 * PAGE);
	close(fd);
	fill(0, 1);
	fill(1, 2);
	fill(3, 3);
	fill(4, 4);
	fill(5, 5);
}

/* Half of it to another place, from which something has been unmapped. */
static void move(void)
{
	unsigned char *to = map(32 * PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	check(mremap((void *)(areas[4].at + 32 * PAGE), 32 * PAGE, 32 * PAGE,
		     MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
	areas[4].size = 32 * PAGE;
	set_area(6, to, 32 * PAGE);
	check(!madvise((void *)(areas[0].at + 10 * PAGE), 10 * PAGE, MADV_DONTNEED));
}

/* Other pages, and fewer, where there were some. */
static void map_anew(void)
{
	check(!munmap((void *)areas[5].at, areas[5].size));
	check(mmap((void *)areas[5].at, areas[5].size, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == areas[5].at);
	change(5, 3, 3);
	change(5, 40, 3);
}

/* A child's: it shares what it does not write to. */
static void live(void)
{
	int step;

	for (step = 1; step < STEPS; step++) {
		change(0, 100 + step, step);
		change(1, 900 + step, step);
		/* What others write to as well. */
		areas[3].size = 0;
		sum = sum_now();
		board->taken = step;
		while (board->step == step && !told_to_go_on())
			usleep(1000);
		if (board->step == step)
			break;
	}
	check(sum_now() == sum);
	_exit(3);
}

static pid_t start_child(void)
{
	pid_t pid = fork();

	check(pid >= 0);
	if (!pid)
		live();
	return pid;
}

static void execute(const char *how, int fd)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", fd);
	execl("/proc/self/exe", "generations", how, number, NULL);
	check(0);
}

/* It says when it is what it will be. */
static pid_t start_program(void)
{
	int fds[2];
	char byte;
	pid_t pid;

	check(!pipe(fds));
	pid = fork();
	check(pid >= 0);
	if (!pid)
		execute("executed", fds[1]);
	close(fds[1]);
	check(read(fds[0], &byte, 1) == 1);
	close(fds[0]);
	return pid;
}

static int executed(int fd)
{
	build();
	sum = sum_now();
	check(write(fd, "x", 1) == 1);
	close(fd);
	wait_to_go_on();
	check(sum_now() == sum);
	return 4;
}

static void end(pid_t pid, int code)
{
	int status;

	check(waitpid(pid, &status, 0) == pid);
	check(WIFEXITED(status) && WEXITSTATUS(status) == code);
}

static pid_t child, program;

static void take(int step)
{
	size_t size = 30 * PAGE;
	void *grown = malloc(size);
	int i;

	check(grown);
	/* Grown, each time from where the last has ended. */
	memset(grown, step, size);
	if (step == 4)
		set_area(7, grown, size);
	for (i = 0; i < 5; i++)
		change(0, step * 7 + i * 37, step);
	change(1, 100 * step, step);
	change(2, step % 4, step);
	change(3, step, step);
	change(3, 3 * step, step);
	if (step == 1)
		child = start_child();
	if (step == 2)
		move();
	if (step == 3)
		map_anew();
	if (step == 3)
		program = start_program();
	if (step == 4)
		check(!mprotect((void *)(areas[0].at + 50 * PAGE), PAGE, PROT_READ));
	board->step = step;
	while (board->taken < step && step < STEPS)
		usleep(1000);
	if (step == STEPS) {
		end(child, 3);
		child = 0;
	}
	sum = sum_now();
}

/* Return: 0 when told to go on instead. */
static int wait_for_step(int step)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s.%d", getenv("GO") ?: "", step);
	while (access(path, F_OK)) {
		if (told_to_go_on())
			return 0;
		usleep(5000);
	}
	return 1;
}

int main(int argc, char **argv)
{
	int step;

	if (argc == 3 && !strcmp(argv[1], "executed"))
		return executed(atoi(argv[2]));
	board = map(PAGE, MAP_SHARED | MAP_ANONYMOUS, -1);
	build();
	sum = sum_now();
	if (argc == 1) {
		printf("ready\n");
		fflush(stdout);
	}
	for (step = 1; step <= STEPS && wait_for_step(step); step++) {
		if (argc == 2 && !strcmp(argv[1], "exec"))
			execute("again", 0);
		take(step);
		printf("step %d\n", step);
		fflush(stdout);
	}
	wait_to_go_on();
	check(sum_now() == sum);
	if (child)
		end(child, 3);
	if (program)
		end(program, 4);
	return passed();
}
