// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that never rests: two threads write to random pages of theirs, drop,
 * move, unmap and protect them, make them huge or the same (for KSM), send them to
 * swap, and fork. Each keeps a table of what every page must hold. The table is
 * memory like any other, so an image that is not of one instant has pages that
 * differ from it.
 *
 * Usage: shifting [MiB for each thread]
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "program.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

#define PAGE	4096UL
#define CHUNK	512UL		/* pages: one huge page */
#define SLOTS	4		/* places for each chunk */

enum {
	NO_CHILDS,		/* the chunk that no child has */
	WIPED,			/* the one that is zero in a child */
	FIRST,			/* the first of the others */
};

/**
 * struct worker - one thread and its memory
 * @random:	state of its generator
 * @nr:		chunks; at each time they are in nr of the nr * SLOTS places
 * @arena:	of all places
 * @place:	where each chunk is
 * @used:	which places are taken
 * @want:	what each page must hold in its first word, and in one more
 * @value:	the last one written
 */
struct worker {
	unsigned long random;
	unsigned int nr;
	char *arena;
	unsigned int *place;
	char *used;
	unsigned long *want;
	unsigned long value;
};

static unsigned long next(struct worker *w)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return w->random;
}

static char *chunk_at(struct worker *w, unsigned int i)
{
	return w->arena + w->place[i] * CHUNK * PAGE;
}

static void look(struct worker *w, unsigned int i, unsigned int page)
{
	unsigned long want = w->want[i * CHUNK + page];
	unsigned long *word = (unsigned long *)(chunk_at(w, i) + page * PAGE);

	check(word[0] == want);
	check(word[want % 512] == want);
}

static void look_at_all(struct worker *w)
{
	unsigned int i, page;

	for (i = 0; i < w->nr; i++)
		for (page = 0; page < CHUNK; page++)
			look(w, i, page);
}

static void fill_page(struct worker *w, unsigned int i, unsigned int page,
		      unsigned long value)
{
	unsigned long *word = (unsigned long *)(chunk_at(w, i) + page * PAGE);

	/* What is there is no longer there. */
	word[w->want[i * CHUNK + page] % 512] = 0;
	word[0] = value;
	word[value % 512] = value;
	w->want[i * CHUNK + page] = value;
}

static void write_page(struct worker *w, unsigned int i, unsigned int page)
{
	fill_page(w, i, page, ++w->value);
}

static void forget(struct worker *w, unsigned int i, unsigned int page, unsigned int nr)
{
	memset(w->want + i * CHUNK + page, 0, nr * sizeof(*w->want));
}

static unsigned int free_place(struct worker *w)
{
	unsigned int place;

	do
		place = next(w) % (w->nr * SLOTS);
	while (w->used[place]);
	return place;
}

static void take_place(struct worker *w, unsigned int i, unsigned int place)
{
	w->used[w->place[i]] = 0;
	w->used[place] = 1;
	w->place[i] = place;
}

static void move(struct worker *w, unsigned int i)
{
	unsigned int place = free_place(w);
	char *to = w->arena + place * CHUNK * PAGE;

	check(mremap(chunk_at(w, i), CHUNK * PAGE, CHUNK * PAGE,
		     MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
	take_place(w, i, place);
}

static void map_chunk(struct worker *w, unsigned int i)
{
	check(mmap(chunk_at(w, i), CHUNK * PAGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == chunk_at(w, i));
	forget(w, i, 0, CHUNK);
	if (i < FIRST)
		check(!madvise(chunk_at(w, i), CHUNK * PAGE,
			       i == WIPED ? MADV_WIPEONFORK : MADV_DONTFORK));
}

static void remap(struct worker *w, unsigned int i)
{
	check(!munmap(chunk_at(w, i), CHUNK * PAGE));
	take_place(w, i, free_place(w));
	map_chunk(w, i);
}

static void fork_and_die(struct worker *w)
{
	int status;
	pid_t child = fork();

	check(child >= 0);
	if (!child) {
		unsigned int n;

		forget(w, WIPED, 0, CHUNK);
		for (n = 0; n < 64; n++) {
			unsigned int i = WIPED + next(w) % (w->nr - WIPED);

			look(w, i, next(w) % CHUNK);
			write_page(w, i, next(w) % CHUNK);
		}
		_exit(0);
	}
	check(waitpid(child, &status, 0) == child);
	check(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void act(struct worker *w)
{
	unsigned int i = next(w) % w->nr, page = next(w) % CHUNK, n;
	unsigned int nr = 1 + next(w) % (CHUNK - page);
	char *chunk = chunk_at(w, i), *part = chunk + page * PAGE;

	switch (next(w) % 512) {
	case 0 ... 3:
		check(!madvise(part, nr * PAGE, MADV_DONTNEED));
		forget(w, i, page, nr);
		break;
	case 4 ... 6:
		move(w, i);
		break;
	case 7:
		remap(w, i);
		break;
	case 8:
		check(!mprotect(part, nr * PAGE, PROT_READ));
		break;
	case 9:
		/* Where nothing can be collapsed, or swapped: no matter. */
		madvise(chunk, CHUNK * PAGE, MADV_COLLAPSE);
		break;
	case 10:
		madvise(part, nr * PAGE, MADV_PAGEOUT);
		break;
	case 11:
		check(!madvise(chunk, CHUNK * PAGE, next(w) & 1 ? MADV_HUGEPAGE :
								   MADV_NOHUGEPAGE));
		break;
	case 12:
		if (next(w) % 8 == 0)
			fork_and_die(w);
		break;
	case 13:
		for (n = page; n < page + nr; n++)
			write_page(w, i, n);
		break;
	case 14:
		w->value++;
		for (n = page; n < page + nr; n++)
			fill_page(w, i, n, w->value);
		break;
	case 15:
		madvise(chunk, CHUNK * PAGE, next(w) & 1 ? MADV_MERGEABLE : MADV_UNMERGEABLE);
		break;
	case 16 ... 100:
		look(w, i, page);
		break;
	default:
		write_page(w, i, page);
		break;
	}
	/* All may be written to again. */
	check(!mprotect(chunk_at(w, i), CHUNK * PAGE, PROT_READ | PROT_WRITE));
}

static void *work(void *arg)
{
	struct worker *w = arg;
	unsigned int n = 0;

	do
		act(w);
	while (++n < 3000 || n % 256 || !told_to_go_on());
	look_at_all(w);
	return NULL;
}

static void init(struct worker *w, unsigned int nr, unsigned long seed)
{
	size_t size = (nr * SLOTS + 1) * CHUNK * PAGE;
	unsigned int i, page;
	char *arena;

	*w = (struct worker){ .random = seed, .nr = nr };
	arena = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	check(arena != MAP_FAILED);
	w->arena = (char *)(((unsigned long)arena + CHUNK * PAGE - 1) & ~(CHUNK * PAGE - 1));
	w->place = calloc(nr, sizeof(*w->place));
	w->used = calloc(nr, SLOTS);
	w->want = calloc(nr, CHUNK * sizeof(*w->want));
	check(w->place && w->used && w->want);
	for (i = 0; i < nr; i++) {
		w->place[i] = i * SLOTS;
		w->used[i * SLOTS] = 1;
		map_chunk(w, i);
		for (page = 0; page < CHUNK; page++)
			write_page(w, i, page);
	}
}

int main(int argc, char **argv)
{
	unsigned int nr = argc > 1 ? atoi(argv[1]) / 2 : 8;
	struct worker workers[2];
	pthread_t thread;

	init(&workers[0], nr, 88172645463325252UL);
	init(&workers[1], nr, 1181783497276652981UL);
	check(!pthread_create(&thread, NULL, work, &workers[0]));
	printf("ready\n");
	fflush(stdout);
	work(&workers[1]);
	check(!pthread_join(thread, NULL));
	return passed();
}
