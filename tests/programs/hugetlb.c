// SPDX-License-Identifier: GPL-2.0-only
/*
 * Huge pages of a pool: private mappings, with a child that has written to its own copy,
 * some of them read-only, unmapped in part, or never touched; shared ones.
 *
 * The pool has to have pages: /proc/sys/vm/nr_hugepages.
 *
 * Usage: hugetlb WHAT, of the table at the end.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/wait.h>

#include "program.h"
#include "tasks.h"

#define PAGE	4096UL
#define HUGE	(512 * PAGE)

/* Each page of the usual size has its number, and @seed. */
static void fill(char *at, unsigned int seed)
{
	size_t i;

	for (i = 0; i < HUGE; i += PAGE) {
		*(unsigned int *)(at + i) = seed + i / PAGE;
		at[i + PAGE - 1] = seed;
	}
}

static int filled(const char *at, unsigned int seed)
{
	size_t i;

	for (i = 0; i < HUGE; i += PAGE)
		if (*(const unsigned int *)(at + i) != seed + i / PAGE ||
		    at[i + PAGE - 1] != (char)seed)
			return 0;
	return 1;
}

static int empty(const char *at)
{
	size_t i;

	for (i = 0; i < HUGE; i++)
		if (at[i])
			return 0;
	return 1;
}

/*
 * How many huge pages has the mapping that begins at @at? -1: there is no such mapping, or
 * its pages are others; read from memory that is there anyway.
 */
static int pages_at(const void *at)
{
	static char line[400];
	unsigned long start, kb, sum = 0;
	int found = 0, huge = 0;
	FILE *f = fopen("/proc/self/smaps", "r");
	char more;

	check(f);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%*x %c", &start, &more) == 2)
			found = start == (unsigned long)at;
		else if (found && sscanf(line, "KernelPageSize: %lu", &kb) == 1)
			huge = kb == HUGE / 1024;
		else if (found && (sscanf(line, "Shared_Hugetlb: %lu", &kb) == 1 ||
				   sscanf(line, "Private_Hugetlb: %lu", &kb) == 1))
			sum += kb;
	}
	fclose(f);
	return huge ? (int)(sum / (HUGE / 1024)) : -1;
}

static char *map(size_t pages, int flags)
{
	char *at = mmap(NULL, pages * HUGE, PROT_READ | PROT_WRITE,
			MAP_ANONYMOUS | MAP_HUGETLB | flags, -1, 0);

	need(at != MAP_FAILED);
	return at;
}

/* ---- private ------------------------------------------------------------------- */

/* The child has written to its second page, and to none of the rest. */
static void be_child(char *area, char *noreserve)
{
	fill(area + HUGE, 300);
	wait_to_go_on();
	check(filled(area, 100) && filled(area + HUGE, 300) && empty(area + 2 * HUGE));
	check(filled(noreserve, 500));
	_exit(7);
}

static void private_memory(void)
{
	/* A hole, one for reading, one for nothing, one that is unmapped. */
	char *area = map(6, MAP_PRIVATE), *noreserve = map(2, MAP_PRIVATE | MAP_NORESERVE);
	char *untouched = map(1, MAP_PRIVATE);
	pid_t child;

	fill(area, 100);
	fill(area + HUGE, 200);
	fill(area + 3 * HUGE, 400);
	check(!mprotect(area + 3 * HUGE, HUGE, PROT_READ));
	fill(area + 4 * HUGE, 450);
	check(!mprotect(area + 4 * HUGE, HUGE, PROT_NONE));
	check(!munmap(area + 5 * HUGE, HUGE));
	fill(noreserve, 500);
	check(!madvise(noreserve, 2 * HUGE, MADV_DONTDUMP));
	child = fork();
	check(child >= 0);
	if (!child)
		be_child(area, noreserve);
	ready();
	check(pages_at(area) == 2 && pages_at(area + 3 * HUGE) == 1);
	check(pages_at(area + 4 * HUGE) == 1);
	check(pages_at(noreserve) == 1 && pages_at(untouched) == 0);
	check(filled(area, 100) && filled(area + HUGE, 200) && empty(area + 2 * HUGE));
	check(filled(area + 3 * HUGE, 400) && empty(untouched));
	check(!mprotect(area + 4 * HUGE, HUGE, PROT_READ) && filled(area + 4 * HUGE, 450));
	check(filled(noreserve, 500) && empty(noreserve + HUGE));
	/* It can still be written to, and given back. */
	check(exited_with(child, 7));
	fill(area, 600);
	check(filled(area, 600) && !madvise(area, HUGE, MADV_DONTNEED) && empty(area));
	check(!munmap(area, 5 * HUGE));
}

/* ---- shared -------------------------------------------------------------------- */

static void shared_memory(void)
{
	char *area = map(4, MAP_SHARED), *noreserve = map(2, MAP_SHARED | MAP_NORESERVE);
	pid_t child;

	fill(area, 100);
	fill(area + 2 * HUGE, 200);
	check(!mprotect(area + 2 * HUGE, HUGE, PROT_READ));
	fill(noreserve + HUGE, 300);
	child = fork();
	check(child >= 0);
	if (!child) {
		wait_to_go_on();
		check(filled(area, 100) && filled(area + 2 * HUGE, 200));
		fill(area + HUGE, 400);
		fill(noreserve + HUGE, 500);
		_exit(7);
	}
	ready();
	check(exited_with(child, 7));
	check(filled(area, 100) && filled(area + HUGE, 400) && filled(area + 2 * HUGE, 200));
	check(filled(noreserve + HUGE, 500) && empty(noreserve));
	check(pages_at(area) == 2 && pages_at(area + 2 * HUGE) == 1);
	check(empty(area + 3 * HUGE));
}

static const struct {
	const char *name;
	void (*run)(void);
} rows[] = {
	{ "private", private_memory },
	{ "shared", shared_memory },
};

int main(int argc, char **argv)
{
	size_t i;

	check(argc == 2);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!strcmp(argv[1], rows[i].name))
			break;
	check(i < sizeof(rows) / sizeof(rows[0]));
	rows[i].run();
	return passed();
}
