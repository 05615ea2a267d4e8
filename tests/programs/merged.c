// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages that the kernel has merged (KSM), because they are the same, of this process and
 * of a child. Each may be one's own again afterwards, but has to be what it was.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/wait.h>

#include "program.h"

#define PAGE	4096UL
#define PAGES	400UL
#define KINDS	4UL

/* What the first bytes of page @i are repeated to. */
static unsigned long word_of(size_t i)
{
	return 0x9e3779b97f4a7c15UL * (i % KINDS + 1);
}

static unsigned long *map(void)
{
	unsigned long *words = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t i;

	check(words != MAP_FAILED);
	need(!madvise(words, PAGES * PAGE, MADV_NOHUGEPAGE));
	for (i = 0; i < PAGES * PAGE / sizeof(*words); i++)
		words[i] = word_of(i * sizeof(*words) / PAGE);
	need(!madvise(words, PAGES * PAGE, MADV_MERGEABLE));
	return words;
}

static long merged(void)
{
	FILE *file = fopen("/proc/self/ksm_merging_pages", "r");
	long n = -1;

	check(file && fscanf(file, "%ld", &n) == 1 && !fclose(file));
	return n;
}

/* Most of them, at least. */
static void wait_until_merged(void)
{
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };

	while (merged() < (long)(PAGES * 3 / 4))
		nanosleep(&pause, NULL);
}

/* Every page is what it was; then a word of each is changed, which parts them all. */
static void verify(unsigned long *words, unsigned long change)
{
	size_t per_page = PAGE / sizeof(*words), i;

	for (i = 0; i < PAGES * per_page; i++)
		check(words[i] == word_of(i / per_page));
	for (i = 0; i < PAGES; i++)
		words[i * per_page + i] = change + i;
	for (i = 0; i < PAGES * per_page; i++)
		check(words[i] == (i % per_page == i / per_page ? change + i / per_page :
								   word_of(i / per_page)));
}

int main(void)
{
	unsigned long *words;
	int status, pipe_of_child[2];
	pid_t child;
	char byte;

	check(!pipe(pipe_of_child));
	child = fork();
	check(child >= 0);
	words = map();
	wait_until_merged();
	if (!child) {
		check(write(pipe_of_child[1], "", 1) == 1);
		wait_to_go_on();
		verify(words, 7);
		_exit(9);
	}
	check(read(pipe_of_child[0], &byte, 1) == 1);
	ready();
	check(waitpid(child, &status, 0) == child);
	check(WIFEXITED(status) && WEXITSTATUS(status) == 9);
	verify(words, 1000);
	return passed();
}
