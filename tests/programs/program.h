/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every test program does: build its state, say that it is ready, wait
 * to be told to go on, during which it may be saved and restored, and verify
 * itself. It waits by looking for a file, so that nothing of what a program
 * may be about (signals, timers, descriptors) is needed for the waiting.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <time.h>
#include <unistd.h>

/* Ends the program if @what does not hold. */
#define check(what)							\
	do {								\
		if (!(what)) {						\
			printf("%s:%d: %s does not hold (errno: %s)\n",	\
			       __FILE__, __LINE__, #what,		\
			       strerror(errno));			\
			fflush(stdout);					\
			_exit(1);					\
		}							\
	} while (0)

/* Ends the program if the kernel or the machine cannot do @what. */
#define need(what)							\
	do {								\
		if (!(what)) {						\
			printf("not here: %s (errno: %s)\n", #what,	\
			       strerror(errno));			\
			fflush(stdout);					\
			_exit(1);					\
		}							\
	} while (0)

/* True once the program is to go on; always, if it was started by hand. */
static inline int told_to_go_on(void)
{
	const char *go = getenv("GO");

	return !go || access(go, F_OK) == 0;
}

static inline void wait_to_go_on(void)
{
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };

	while (!told_to_go_on())
		nanosleep(&pause, NULL);
}

/* The state is built; returns when it is to be verified. */
static inline void ready(void)
{
	printf("ready\n");
	fflush(stdout);
	wait_to_go_on();
}

/* The state is verified. */
static inline int passed(void)
{
	printf("passed\n");
	fflush(stdout);
	return 0;
}

#endif
