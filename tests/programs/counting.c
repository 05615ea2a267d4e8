// SPDX-License-Identifier: GPL-2.0-only
/* Writes to all of some memory all the time, and so does its child. */
#include <sys/mman.h>
#include <sys/wait.h>

#include "program.h"

#define SIZE (256 * 1024)

static void count(volatile unsigned long *words)
{
	unsigned long i;

	while (!told_to_go_on())
		for (i = 0; i < SIZE / sizeof(*words); i++)
			words[i]++;
}

int main(void)
{
	volatile unsigned long *words = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
					     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t child;
	int status;

	check(words != MAP_FAILED);
	child = fork();
	check(child >= 0);
	if (!child) {
		count(words);
		_exit(0);
	}
	printf("ready\n");
	fflush(stdout);
	count(words);
	check(waitpid(child, &status, 0) == child);
	return passed();
}
