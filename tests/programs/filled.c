// SPDX-License-Identifier: GPL-2.0-only
/*
 * So much memory: shared, and private, all of it there and each page another.
 *
 * Usage: filled MIB_SHARED MIB_PRIVATE
 */
#define _GNU_SOURCE
#include <sys/mman.h>

#include "program.h"

#define WORDS	(4096 / sizeof(unsigned long))

static unsigned long value_of(size_t page, int flags)
{
	return 0x9e3779b97f4a7c15UL * (page * 4 + flags);
}

static unsigned long *fill(size_t mib, int flags)
{
	size_t pages = mib << 8, i;
	unsigned long *words;

	if (!pages)
		return NULL;
	words = mmap(NULL, mib << 20, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | flags, -1, 0);
	check(words != MAP_FAILED);
	for (i = 0; i < pages; i++) {
		words[i * WORDS] = value_of(i, flags);
		words[i * WORDS + WORDS - 1] = value_of(i, flags);
	}
	return words;
}

static void verify(const unsigned long *words, size_t mib, int flags)
{
	size_t pages = mib << 8, i;

	for (i = 0; i < pages; i++) {
		check(words[i * WORDS] == value_of(i, flags));
		check(words[i * WORDS + WORDS - 1] == value_of(i, flags));
	}
}

int main(int argc, char *argv[])
{
	unsigned long *shared, *private;
	size_t mib_shared, mib_private;

	check(argc == 3);
	mib_shared = atoi(argv[1]);
	mib_private = atoi(argv[2]);
	shared = fill(mib_shared, MAP_SHARED);
	private = fill(mib_private, MAP_PRIVATE);
	ready();
	verify(shared, mib_shared, MAP_SHARED);
	verify(private, mib_private, MAP_PRIVATE);
	return passed();
}
