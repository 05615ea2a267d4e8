/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a measured program and the one who measures it tell each other.
 *
 * The board is a file that the program maps, as a pipe to somebody outside
 * could not be saved. It is not part of an image: what was written on it before
 * a restore is still there afterwards. bench knows it as an array of numbers.
 */
#ifndef BOARD_H
#define BOARD_H

#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

#define BOARD_SAMPLES	8192
#define SAMPLE_NS	10000000ULL

/**
 * struct board - times are nanoseconds of CLOCK_REALTIME
 * @command:	a letter; 0 when it has been obeyed
 * @result:	of the command, up to two numbers
 * @longest:	longest gap between two readings of the clock since somebody
 *		wrote 0 here
 * @ended:	when it was over
 * @nap:	microseconds that the watch sleeps between two readings
 * @working:	whether the program is to work
 * @work:	pieces of work that it has done
 * @sample:	@work at the last reading in each SAMPLE_NS, a ring
 */
struct board {
	atomic_ulong command;
	uint64_t result[2];
	atomic_ulong longest;
	atomic_ulong ended;
	atomic_ulong nap;
	atomic_ulong working;
	atomic_ulong work;
	struct {
		uint64_t time;
		uint64_t work;
	} sample[BOARD_SAMPLES];
};

extern struct board *board;

/* CRIU restores into a time namespace of its own, where other clocks are set back. */
static inline uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

/* Maps the board and starts the watch. */
void board_open(const char *path);

/* Starts a thread with a small stack. */
void start_thread(void *(*fn)(void *unused));

/* Fork and wait for the child, and leave the time of both in @result. */
void time_fork(uint64_t result[2]);

/* Obeys for ever; what is not of everybody goes to @more, which may be NULL. */
void obey(int (*more)(unsigned long command));

#endif
