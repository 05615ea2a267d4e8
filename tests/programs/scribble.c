// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two processes that write to all of their memory over and over: private,
 * shared copy-on-write, shared, of a file. Each writes one number everywhere,
 * then the next, and finds at each turn what it wrote in the last: so an image
 * in which the numbers are mixed cannot go on.
 *
 * Usage: scribble [FILE]
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "program.h"

#define PAGE	4096UL
#define PAGES	512UL

static void turn(char *area, unsigned int now)
{
	unsigned int *word, last = now - 1;
	size_t i;

	for (i = 0; i < PAGES; i++) {
		word = (unsigned int *)(area + i * PAGE + i % 1000 * 4);
		check(*word == last || now == 1);
		*word = now;
	}
}

static void scribble(char **areas, unsigned int nr)
{
	unsigned int now = 1, i;

	do {
		for (i = 0; i < nr; i++)
			turn(areas[i], now);
		/* Memory comes and goes, too. */
		check(!munmap(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE |
				   MAP_ANONYMOUS | MAP_POPULATE, -1, 0), PAGE));
		now++;
		usleep(2000);
	} while (now < 5 || !told_to_go_on());
}

int main(int argc, char **argv)
{
	char *path = argc > 1 ? argv[1] : "/tmp/scribble";
	char *areas[3], *mine[1], *theirs[1];
	int status, fd = open(path, O_RDWR | O_CREAT, 0600);
	pid_t child;

	check(fd >= 0 && !ftruncate(fd, PAGES * PAGE));
	areas[0] = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	areas[1] = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	areas[2] = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mine[0] = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	theirs[0] = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	check(areas[0] != MAP_FAILED && areas[1] != MAP_FAILED && areas[2] != MAP_FAILED &&
	      mine[0] != MAP_FAILED && theirs[0] != MAP_FAILED);
	memset(areas[0], 0, PAGES * PAGE);
	/* Nobody writes to the third, so it stays shared copy-on-write. */
	memset(areas[2], 'c', PAGES * PAGE);
	child = fork();
	check(child >= 0);
	if (!child) {
		areas[2] = theirs[0];
		scribble(areas, 3);
		_exit(0);
	}
	printf("ready\n");
	fflush(stdout);
	mine[0][0] = 0;
	scribble((char *[]){ areas[0], areas[1], mine[0] }, 3);
	check(waitpid(child, &status, 0) == child);
	check(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	check(areas[2][5 * PAGE] == 'c' && areas[2][PAGES * PAGE - 1] == 'c');
	if (argc == 1)
		unlink(path);
	return passed();
}
