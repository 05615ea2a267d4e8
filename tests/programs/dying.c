// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads that write to their memory all the time, in a process that ends as soon as a signal
 * says so: SIGUSR1 by exit_group(), SIGUSR2 by an exec() of another program. Whoever has an
 * image of it has all of its memory none the less.
 *
 * Each thread writes one number everywhere, then the next, and finds at each turn what it
 * has written in the last.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "program.h"

#define THREADS	3
#define PAGE	4096UL
#define PAGES	1024UL		/* of each thread: two huge pages, if they are to be had */

/* Nothing else is to come between the signal and the end. */
static void end(int nr)
{
	if (nr == SIGUSR2)
		execl("/bin/true", "true", NULL);
	syscall(SYS_exit_group, 3);
}

static void turn(unsigned int *area, unsigned int now)
{
	size_t i;

	for (i = 0; i < PAGES; i++) {
		unsigned int *word = area + i * PAGE / sizeof(*area) + i % 1000;

		check(*word == now - 1);
		*word = now;
	}
}

static void *scribble(void *flags)
{
	unsigned int *area = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
				  MAP_ANONYMOUS | (int)(long)flags, -1, 0);
	unsigned int now = 0;

	check(area != MAP_FAILED);
	do
		turn(area, ++now);
	while (now < 5 || now % 16 || !told_to_go_on());
	check(!munmap(area, PAGES * PAGE));
	return NULL;
}

int main(void)
{
	static const long flags[THREADS] = { MAP_PRIVATE, MAP_PRIVATE, MAP_SHARED };
	struct sigaction action = { .sa_handler = end };
	pthread_t threads[THREADS];
	int i;

	check(!sigaction(SIGUSR1, &action, NULL) && !sigaction(SIGUSR2, &action, NULL));
	for (i = 0; i < THREADS; i++)
		check(!pthread_create(&threads[i], NULL, scribble, (void *)flags[i]));
	ready();
	for (i = 0; i < THREADS; i++)
		check(!pthread_join(threads[i], NULL));
	return passed();
}
