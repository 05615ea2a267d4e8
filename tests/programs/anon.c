// SPDX-License-Identifier: GPL-2.0-only
/*
 * Private anonymous memory: written, read only, never touched, of any
 * protection, sparse, next to each other. (also 32-bit)
 */
#define _GNU_SOURCE
#include <sys/mman.h>

#include "program.h"

#define PAGE	4096UL
#define SPARSE	4096UL		/* pages */

static char *map(size_t pages, int prot)
{
	char *p = mmap(NULL, pages * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	check(p != MAP_FAILED);
	return p;
}

static void fill(char *p, size_t pages, unsigned int seed)
{
	size_t i;

	for (i = 0; i < pages * PAGE; i++)
		p[i] = (i * 7 + i / PAGE * 13 + seed) & 0xff;
}

static int filled(const char *p, size_t pages, unsigned int seed)
{
	size_t i;

	for (i = 0; i < pages * PAGE; i++)
		if (p[i] != (char)((i * 7 + i / PAGE * 13 + seed) & 0xff))
			return 0;
	return 1;
}

static int zero(const char *p, size_t pages)
{
	size_t i;

	for (i = 0; i < pages * PAGE; i++)
		if (p[i])
			return 0;
	return 1;
}

static int sparse_page(size_t i) { return i % 7 == 3 || i % 64 < 5; }

/* Does a mapping of exactly these pages have these permissions? */
static int is_mapped(const char *p, size_t pages, const char *perms)
{
	char line[512], has[5];
	unsigned long start, end;
	FILE *f = fopen("/proc/self/maps", "r");
	int found = 0;

	check(f);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%lx-%lx %4s", &start, &end, has) == 3 &&
		    start <= (unsigned long)p && end >= (unsigned long)p + pages * PAGE)
			found = !strcmp(has, perms);
	fclose(f);
	return found;
}

int main(void)
{
	char *written, *rdonly, *none, *untouched, *sparse, *exec, *zeroes, *neighbours;
	volatile char sum = 0;
	size_t i;

	written = map(100, PROT_READ | PROT_WRITE);
	fill(written, 100, 1);
	rdonly = map(3, PROT_READ | PROT_WRITE);
	fill(rdonly, 3, 2);
	check(!mprotect(rdonly, 3 * PAGE, PROT_READ));
	none = map(3, PROT_READ | PROT_WRITE);
	fill(none, 3, 3);
	check(!mprotect(none, 3 * PAGE, PROT_NONE));
	untouched = map(1000, PROT_READ | PROT_WRITE);
	zeroes = map(10, PROT_READ);
	for (i = 0; i < 10; i++)
		sum += zeroes[i * PAGE];
	exec = map(1, PROT_READ | PROT_WRITE | PROT_EXEC);
	exec[0] = 0xc3;
	sparse = map(SPARSE, PROT_READ | PROT_WRITE);
	for (i = 0; i < SPARSE; i++)
		if (sparse_page(i))
			fill(sparse + i * PAGE, 1, i);
	/* Three in a row that differ, so that pages of two may not be mixed up. */
	neighbours = map(3, PROT_READ | PROT_WRITE);
	fill(neighbours, 3, 5);
	check(!mprotect(neighbours + PAGE, PAGE, PROT_READ));

	ready();

	check(filled(written, 100, 1));
	check(is_mapped(rdonly, 3, "r--p") && filled(rdonly, 3, 2));
	check(is_mapped(none, 3, "---p"));
	check(!mprotect(none, 3 * PAGE, PROT_READ) && filled(none, 3, 3));
	check(zero(untouched, 1000) && zero(zeroes, 10));
	check(is_mapped(exec, 1, "rwxp"));
	((void (*)(void))exec)();
	for (i = 0; i < SPARSE; i++)
		check(sparse_page(i) ? filled(sparse + i * PAGE, 1, i) :
				       zero(sparse + i * PAGE, 1));
	check(is_mapped(neighbours + PAGE, 1, "r--p") && filled(neighbours, 3, 5));
	/* What can be written still can, and what could not can not. */
	fill(written, 100, 9);
	fill(untouched, 1000, 9);
	check(filled(written, 100, 9) && filled(untouched, 1000, 9));
	return passed();
}
