// SPDX-License-Identifier: GPL-2.0-only
/*
 * What bounds every system: how long the machine takes for the plain thing.
 *
 *   reference memcpy MIB [huge]	copy MIB into fresh memory, then again
 *   reference touch MIB		write to MIB of memory
 *   reference read FILE		read all of FILE
 *   reference read FILE NUMBER	the same by so many processes at once, a part each
 *   reference splice FILE		pass on all of FILE by a pipe to /dev/null
 *
 * Prints nanoseconds, a number a line.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "board.h"

#define BUFFER	(128 << 10)
#define PIPE	(1 << 20)

static void *get(size_t size, int huge)
{
	size_t align = 2 << 20;
	char *p = mmap(NULL, size + align, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		err(1, "mmap");
	p = (char *)(((uintptr_t)p + align - 1) & -align);
	if (madvise(p, size, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE))
		err(1, "madvise");
	return p;
}

static void time_memcpy(size_t size, int huge)
{
	void *from = get(size, huge), *to = get(size, huge);
	int i;

	memset(from, 1, size);
	for (i = 0; i < 2; i++) {
		uint64_t start = now_ns();

		memcpy(to, from, size);
		printf("%llu\n", (unsigned long long)(now_ns() - start));
	}
}

static void time_touch(size_t size)
{
	uint64_t start = now_ns();

	memset(get(size, 1), 1, size);
	printf("%llu\n", (unsigned long long)(now_ns() - start));
}

static char *get_buffer(void)
{
	char *buffer = malloc(BUFFER);

	if (!buffer)
		err(1, "memory");
	memset(buffer, 1, BUFFER);
	return buffer;
}

static void time_read(int fd)
{
	char *buffer = get_buffer();
	uint64_t start;
	ssize_t n;

	start = now_ns();
	do {
		n = read(fd, buffer, BUFFER);
	} while (n > 0);
	if (n < 0)
		err(1, "read");
	printf("%llu\n", (unsigned long long)(now_ns() - start));
}

/* Begins when the other end of @start is closed. */
static void read_part(int fd, off_t at, off_t end, int ready, int start)
{
	char *buffer = get_buffer();

	if (write(ready, "r", 1) != 1 || read(start, buffer, 1))
		err(1, "pipe");
	while (at < end) {
		ssize_t n = pread(fd, buffer, end - at < BUFFER ? end - at : BUFFER, at);

		if (n <= 0)
			err(1, "read");
		at += n;
	}
}

static void time_readers(int fd, unsigned int nr)
{
	int ready[2], start[2], status;
	struct stat st;
	uint64_t began;
	unsigned int i;
	char c;

	if (fstat(fd, &st) || pipe(ready) || pipe(start))
		err(1, "pipe");
	for (i = 0; i < nr; i++) {
		pid_t pid = fork();

		if (pid < 0)
			err(1, "fork");
		if (pid)
			continue;
		close(start[1]);
		read_part(fd, st.st_size / nr * i,
			  i == nr - 1 ? st.st_size : st.st_size / nr * (i + 1),
			  ready[1], start[0]);
		_exit(0);
	}
	for (i = 0; i < nr; i++)
		if (read(ready[0], &c, 1) != 1)
			err(1, "pipe");
	began = now_ns();
	close(start[1]);
	for (i = 0; i < nr; i++)
		if (wait(&status) < 0 || status)
			errx(1, "a reader failed");
	printf("%llu\n", (unsigned long long)(now_ns() - began));
}

static void time_splice(int fd)
{
	int null = open("/dev/null", O_WRONLY), p[2];
	uint64_t start;
	ssize_t n;

	if (null < 0 || pipe(p) || fcntl(p[1], F_SETPIPE_SZ, PIPE) < 0)
		err(1, "pipe");
	start = now_ns();
	while ((n = splice(fd, NULL, p[1], NULL, PIPE, 0)) > 0) {
		while (n > 0) {
			ssize_t out = splice(p[0], NULL, null, NULL, n, 0);

			if (out <= 0)
				err(1, "splice to /dev/null");
			n -= out;
		}
	}
	if (n < 0)
		err(1, "splice");
	printf("%llu\n", (unsigned long long)(now_ns() - start));
}

int main(int argc, char **argv)
{
	int fd;

	if (argc < 3)
		errx(2, "usage: reference memcpy|touch|read|splice WHAT");
	if (!strcmp(argv[1], "memcpy")) {
		time_memcpy(strtoull(argv[2], NULL, 0) << 20, argc > 3);
		return 0;
	}
	if (!strcmp(argv[1], "touch")) {
		time_touch(strtoull(argv[2], NULL, 0) << 20);
		return 0;
	}
	fd = open(argv[2], O_RDONLY);
	if (fd < 0)
		err(1, "%s", argv[2]);
	if (!strcmp(argv[1], "read") && argc > 3)
		time_readers(fd, strtoul(argv[3], NULL, 0) ?: 1);
	else if (!strcmp(argv[1], "read"))
		time_read(fd);
	else if (!strcmp(argv[1], "splice"))
		time_splice(fd);
	else
		errx(2, "%s: no such measurement", argv[1]);
	return 0;
}
