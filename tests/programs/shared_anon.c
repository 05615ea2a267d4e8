// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory shared between relatives, by MAP_SHARED | MAP_ANONYMOUS and by a
 * shared mapping of /dev/zero: seen by all who share it, also later.
 * (also 32-bit)
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "program.h"

#define PAGE	4096UL
#define PAGES	300UL

/**
 * struct board - what the two write to
 * @turn:	whose it is: 0 parent, 1 child
 * @count:	of turns
 */
struct board {
	volatile int turn;
	volatile int count;
};

static void play(struct board *b, int who, int turns)
{
	while (turns--) {
		while (b->turn != who)
			usleep(100);
		b->count++;
		b->turn = !who;
	}
}

int main(void)
{
	char *area, *hole, *part, *zero;
	struct board *b;
	int fd, status;
	size_t i;
	pid_t child;

	b = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	area = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	check(b != MAP_FAILED && area != MAP_FAILED);
	for (i = 0; i < PAGES; i += 3)
		memset(area + i * PAGE, i, PAGE);
	fd = open("/dev/zero", O_RDWR);
	zero = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	check(fd >= 0 && zero != MAP_FAILED);
	close(fd);
	strcpy(zero + PAGE, "zero");
	/* A part of it with another protection, and a hole. */
	part = area + 30 * PAGE;
	check(!mprotect(part, 3 * PAGE, PROT_READ));
	hole = area + 60 * PAGE;
	check(!munmap(hole, 10 * PAGE));

	child = fork();
	check(child >= 0);
	if (!child) {
		play(b, 1, 10);
		wait_to_go_on();
		play(b, 1, 10);
		check(zero[0] == 'p' && !strcmp(zero + PAGE, "zero"));
		zero[0] = 'c';
		check(area[1] == 0);
		area[1] = 77;
		_exit(7);
	}
	play(b, 0, 10);
	zero[0] = 'p';
	ready();
	play(b, 0, 10);
	check(waitpid(child, &status, 0) == child);
	check(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	check(b->count == 40 && zero[0] == 'c' && area[1] == 77);
	area[1] = 0;
	for (i = 0; i < PAGES; i++) {
		if (i >= 60 && i < 70)
			continue;
		check(area[i * PAGE] == (i % 3 ? 0 : (char)i));
		check(area[i * PAGE + PAGE - 1] == (i % 3 ? 0 : (char)i));
	}
	check(mmap(hole, 10 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
		   -1, 0) == hole);
	return passed();
}
