// SPDX-License-Identifier: GPL-2.0-only
/*
 * A private mapping of a file that is in huge pages, of which one page is a copy:
 * hugefile FILE, on a tmpfs that is mounted with huge=always. The rest stays the
 * file's: what is written to that is seen.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>

#include "program.h"

#define HUGE	(2UL << 20)
#define WORDS	(2 * HUGE / sizeof(unsigned long))

static int fd;
static unsigned long *map;

static void write_word(size_t i, unsigned long word)
{
	check(pwrite(fd, &word, sizeof(word), i * sizeof(word)) == sizeof(word));
}

/* What the file has at a word. */
static unsigned long in_file(size_t i)
{
	return i * 0x9E3779B97F4A7C15UL;
}

static void fill(const char *path)
{
	unsigned long page[512];
	size_t i, j;

	fd = open(path, O_RDWR | O_CREAT, 0600);
	check(fd >= 0);
	for (i = 0; i < WORDS; i += 512) {
		for (j = 0; j < 512; j++)
			page[j] = in_file(i + j);
		check(pwrite(fd, page, sizeof(page), i * sizeof(*page)) == sizeof(page));
	}
}

int main(int argc, char **argv)
{
	char *room;
	size_t i;

	check(argc == 2);
	fill(argv[1]);
	room = mmap(NULL, 4 * HUGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(room != MAP_FAILED);
	room = (char *)(((unsigned long)room + HUGE - 1) & -HUGE);
	map = mmap(room, 2 * HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd, 0);
	check(map == (void *)room);
	check(!madvise(map, 2 * HUGE, MADV_POPULATE_READ));
	map[3] = 7;
	ready();
	for (i = 0; i < WORDS; i++)
		check(map[i] == (i == 3 ? 7 : in_file(i)));
	write_word(WORDS - 1, 11);
	write_word(3, 13);
	check(map[WORDS - 1] == 11 && map[3] == 7);
	return passed();
}
