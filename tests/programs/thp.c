// SPDX-License-Identifier: GPL-2.0-only
/*
 * Huge pages: whole, split by a child that has written to some, at the edge of
 * a mapping. What they are afterwards is the kernel's affair; contents are not.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/wait.h>

#include "program.h"

#define PAGE	4096UL
#define HUGE	(512 * PAGE)
#define SIZE	(4 * HUGE)

static char byte(size_t i) { return i / PAGE * 11 + i % 251; }

static int intact(const char *p, size_t changed)
{
	size_t i;

	for (i = 0; i < SIZE; i++)
		if (p[i] != byte(i) && i / PAGE != changed)
			return 0;
	return 1;
}

int main(void)
{
	char *map = mmap(NULL, SIZE + HUGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *p;
	int status;
	pid_t child;
	size_t i;

	check(map != MAP_FAILED);
	p = (char *)(((unsigned long)map + HUGE - 1) & ~(HUGE - 1));
	check(!madvise(p, SIZE, MADV_HUGEPAGE) || errno == EINVAL);
	for (i = 0; i < SIZE; i++)
		p[i] = byte(i);
	child = fork();
	check(child >= 0);
	if (!child) {
		p[700 * PAGE] = 'c';
		wait_to_go_on();
		check(p[700 * PAGE] == 'c' && intact(p, 700));
		_exit(0);
	}
	p[1500 * PAGE] = 'p';
	check(!mprotect(p + 100 * PAGE, PAGE, PROT_READ));
	ready();
	check(p[1500 * PAGE] == 'p' && intact(p, 1500));
	check(waitpid(child, &status, 0) == child);
	check(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	return passed();
}
