// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory large enough to be saved by several processors, all of it written to all the time.
 *
 * A thread adds 1 to a word of each page in turn: private pages, huge ones, shared ones.
 * At any instant those before its place have one more than those behind it, and a
 * page that was ever lost, or is of another instant, stays behind for good. Meanwhile
 * pieces of the memory go to swap, and mappings are cut in two and joined. Children have
 * small memories of their own.
 *
 * Usage: large [PERCENT], of the memory that are used: they lie as far apart as ever, so
 * that it is dealt out to as many processors.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "program.h"

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

#define PAGE		4096UL
#define HUGE		(512 * PAGE)
#define PLAIN		(72UL << 20)
#define LARGE_PAGES	(16UL << 20)
#define SHARED		(72UL << 20)
#define CHILDREN	12
#define OWN		256

static struct {
	char *start;
	size_t size;
} area[3];
static atomic_int stop;
/* Of so many tables of pages one is used. */
static size_t every = 1;

/* The page at that offset is. */
static int is_used(size_t at)
{
	return at / HUGE % every == 0;
}

static char *map(size_t size, int flags, int advice)
{
	char *p = mmap(NULL, size + HUGE, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);

	check(p != MAP_FAILED);
	p += HUGE - (unsigned long)p % HUGE;
	madvise(p, size, advice);
	return p;
}

static void *count_up(void *arg)
{
	while (!stop)
		for (size_t a = 0; a < 3; a++)
			for (size_t i = 0; i < area[a].size; i += PAGE)
				if (is_used(i))
					++*(volatile unsigned int *)(area[a].start + i);
	return arg;
}

/* Once before the first count all are equal; afterwards each count is complete. */
static void compare(void)
{
	unsigned int all = *(unsigned int *)area[0].start;

	for (size_t a = 0; a < 3; a++)
		for (size_t i = 0; i < area[a].size; i += PAGE)
			check(!is_used(i) || *(unsigned int *)(area[a].start + i) == all);
}

/* Something else each time. */
static void disturb(unsigned int n)
{
	char *p = area[0].start + n * 7 % (PLAIN / HUGE) * HUGE;

	madvise(p, HUGE, MADV_PAGEOUT);
	p = area[0].start + n * 11 % (PLAIN / HUGE) * HUGE + 5 * PAGE;
	check(!mprotect(p, 9 * PAGE, PROT_READ | PROT_WRITE | (n & 1 ? PROT_EXEC : 0)));
}

static void have_child(void)
{
	const size_t size = OWN / every * PAGE;
	pid_t child = fork();
	unsigned char *own;

	check(child >= 0);
	if (child)
		return;
	own = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(own != MAP_FAILED);
	for (size_t i = 0; i < size; i++)
		own[i] = getpid() + i / PAGE;
	wait_to_go_on();
	for (size_t i = 0; i < size; i++)
		check(own[i] == (unsigned char)(getpid() + i / PAGE));
	_exit(0);
}

int main(int argc, char **argv)
{
	const struct timespec pause = { .tv_nsec = 2 * 1000 * 1000 };
	unsigned int n = 0;
	pthread_t counter;
	int status;

	if (argc > 1)
		every = 100 / atoi(argv[1]);
	for (int i = 0; i < CHILDREN; i++)
		have_child();
	area[0].start = map(PLAIN, MAP_PRIVATE, MADV_NOHUGEPAGE);
	area[0].size = PLAIN;
	area[1].start = map(LARGE_PAGES, MAP_PRIVATE, MADV_HUGEPAGE);
	area[1].size = LARGE_PAGES;
	area[2].start = map(SHARED, MAP_SHARED, MADV_NORMAL);
	area[2].size = SHARED;
	for (size_t a = 0; a < 3; a++)
		for (size_t i = 0; i < area[a].size; i += PAGE)
			if (is_used(i))
				*(unsigned int *)(area[a].start + i) = 1;
	check(!pthread_create(&counter, NULL, count_up, NULL));
	printf("ready\n");
	fflush(stdout);
	while (!told_to_go_on()) {
		disturb(n++);
		nanosleep(&pause, NULL);
	}
	stop = 1;
	check(!pthread_join(counter, NULL));
	compare();
	for (int i = 0; i < CHILDREN; i++)
		check(wait(&status) > 0 && WIFEXITED(status) && !WEXITSTATUS(status));
	return passed();
}
