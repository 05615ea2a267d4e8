// SPDX-License-Identifier: GPL-2.0-only
/*
 * Computes for a while and prints intermediate results: the same ones every
 * time, whatever happens to it meanwhile.
 *
 * Usage: compute THREADS ROUNDS. Each round every thread does integer and floating point
 * arithmetic, allocates, fills and frees memory; then all meet and one of
 * them adds up.
 */
#include <linux/types.h>
#include <math.h>
#include <pthread.h>
#include <stdint.h>

#include "program.h"

#define MAX_THREADS	16
#define WORDS		20000

struct worker {
	pthread_t id;
	__u64 seed;
	double value;
	__u64 *memory;
};

static struct worker workers[MAX_THREADS];
static unsigned int nr, rounds;
static pthread_barrier_t barrier;

static __u64 next(__u64 *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static int compare(const void *a, const void *b)
{
	__u64 x = *(const __u64 *)a, y = *(const __u64 *)b;

	return x < y ? -1 : x > y;
}

static void work(struct worker *w)
{
	size_t i, words = WORDS + next(&w->seed) % WORDS;

	free(w->memory);
	w->memory = malloc(words * sizeof(*w->memory));
	check(w->memory);
	for (i = 0; i < words; i++) {
		w->memory[i] = next(&w->seed);
		w->value = sqrt(w->value * 1.0000001 + (w->memory[i] & 0xffff));
	}
	qsort(w->memory, words / 4, sizeof(*w->memory), compare);
	for (i = 1; i < words; i++)
		w->seed += w->memory[i] ^ w->memory[i - 1] << 1;
	if (!w->seed)
		w->seed = 1;
}

static void report(unsigned int round)
{
	__u64 sum = 0;
	double value = 0;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		sum = sum * 31 + workers[i].seed;
		value += workers[i].value;
	}
	printf("%u %016llx %.17g\n", round, sum, value);
	fflush(stdout);
}

static void *body(void *arg)
{
	struct worker *w = arg;
	unsigned int round;

	for (round = 0; round < rounds; round++) {
		work(w);
		pthread_barrier_wait(&barrier);
		if (w == &workers[0])
			report(round);
		pthread_barrier_wait(&barrier);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	unsigned int i;

	check(argc == 3);
	nr = atoi(argv[1]);
	rounds = atoi(argv[2]);
	check(nr >= 1 && nr <= MAX_THREADS);
	check(!pthread_barrier_init(&barrier, NULL, nr));
	for (i = 0; i < nr; i++) {
		workers[i].seed = 0x9e3779b97f4a7c15ULL * (i + 1);
		if (i)
			check(!pthread_create(&workers[i].id, NULL, body, &workers[i]));
	}
	body(&workers[0]);
	for (i = 1; i < nr; i++)
		check(!pthread_join(workers[i].id, NULL));
	return 0;
}
