// SPDX-License-Identifier: GPL-2.0-only
/*
 * Directories, read half-way: the rest comes after, each entry once.
 *
 * Usage: directory DIR
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "program.h"

#define ENTRIES 600

static unsigned char seen[ENTRIES];

static int read_some(DIR *dir, int most)
{
	struct dirent *entry;
	int nr = 0, i;

	while (nr < most && (entry = readdir(dir))) {
		if (sscanf(entry->d_name, "entry-%d", &i) != 1)
			continue;
		check(i >= 0 && i < ENTRIES && !seen[i]);
		seen[i] = 1;
		nr++;
	}
	return nr;
}

int main(int argc, char **argv)
{
	int i, fd, plain, flags;
	char name[32];
	struct stat st;
	DIR *dir;

	check(argc == 2 && chdir(argv[1]) == 0);
	check((mkdir("many", 0700) == 0 || errno == EEXIST) && chdir("many") == 0);
	for (i = 0; i < ENTRIES; i++) {
		snprintf(name, sizeof(name), "entry-%d", i);
		fd = open(name, O_CREAT | O_WRONLY, 0600);
		check(fd >= 0);
		close(fd);
	}
	dir = opendir(".");
	check(dir);
	check(read_some(dir, 250) == 250);
	plain = open("..", O_RDONLY | O_NONBLOCK);
	check(plain >= 0);
	flags = fcntl(plain, F_GETFL);

	ready();

	check(fcntl(plain, F_GETFL) == flags);
	check(read_some(dir, ENTRIES) == ENTRIES - 250);
	rewinddir(dir);
	memset(seen, 0, sizeof(seen));
	check(read_some(dir, ENTRIES) == ENTRIES);
	check(fstatat(plain, "many/entry-7", &st, 0) == 0);
	check(fchdir(plain) == 0 && access("many", F_OK) == 0);
	return passed();
}
