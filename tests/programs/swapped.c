// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory in swap: private, shared copy-on-write, shared. It may be in memory
 * afterwards, but has to be what it was.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/wait.h>

#include "program.h"

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

#define PAGE	4096UL
#define PAGES	600UL

static char *map(int flags)
{
	char *p = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
	size_t i;

	check(p != MAP_FAILED);
	for (i = 0; i < PAGES * PAGE; i++)
		p[i] = i / PAGE * 5 + i % 253;
	return p;
}

static int intact(const char *p, size_t changed)
{
	size_t i;

	for (i = 0; i < PAGES * PAGE; i++)
		if (p[i] != (char)(i / PAGE * 5 + i % 253) && i / PAGE != changed)
			return 0;
	return 1;
}

static unsigned long swap_kb(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	unsigned long kb = 0;
	char line[256];

	check(f);
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, "VmSwap:", 7))
			kb = strtoul(line + 7, NULL, 10);
	fclose(f);
	return kb;
}

int main(void)
{
	char *private = map(MAP_PRIVATE), *cow = map(MAP_PRIVATE), *shared = map(MAP_SHARED);
	int status;
	pid_t child;

	madvise(private, PAGES * PAGE, MADV_PAGEOUT);
	child = fork();
	check(child >= 0);
	if (!child) {
		cow[7 * PAGE] = 'c';
		wait_to_go_on();
		check(intact(private, PAGES) && intact(cow, 7) && cow[7 * PAGE] == 'c');
		check(intact(shared, PAGES));
		private[0] = 'C';
		_exit(9);
	}
	usleep(50000);
	madvise(private, PAGES * PAGE / 2, MADV_PAGEOUT);
	madvise(cow, PAGES * PAGE, MADV_PAGEOUT);
	madvise(shared, PAGES * PAGE, MADV_PAGEOUT);
	printf("%lu kB are in swap\n", swap_kb());
	ready();
	check(waitpid(child, &status, 0) == child);
	check(WIFEXITED(status) && WEXITSTATUS(status) == 9);
	check(intact(private, PAGES) && private[0] == 0 && intact(cow, PAGES));
	check(intact(shared, PAGES));
	return passed();
}
