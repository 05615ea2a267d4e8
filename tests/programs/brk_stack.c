// SPDX-License-Identifier: GPL-2.0-only
/*
 * Heap and stack go on growing, exe, arguments, environment and the auxiliary
 * vector are those that the program was started with. (also 32-bit)
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#include "program.h"

#define PAGE	4096UL

/**
 * struct seen - what the kernel tells of a process
 * @exe:	link
 * @cmdline, @environ, @auxv: files, their lengths after them
 */
struct seen {
	char exe[256];
	char cmdline[1024], environ[8192], auxv[1024];
	ssize_t len[3];
};

static struct seen before, after;

static ssize_t read_file(const char *path, char *to, size_t size)
{
	int fd = open(path, O_RDONLY);
	ssize_t n;

	check(fd >= 0);
	n = read(fd, to, size);
	check(n >= 0);
	close(fd);
	return n;
}

static void look(struct seen *s)
{
	check(readlink("/proc/self/exe", s->exe, sizeof(s->exe) - 1) > 0);
	s->len[0] = read_file("/proc/self/cmdline", s->cmdline, sizeof(s->cmdline));
	s->len[1] = read_file("/proc/self/environ", s->environ, sizeof(s->environ));
	s->len[2] = read_file("/proc/self/auxv", s->auxv, sizeof(s->auxv));
}

static int deep(int n)
{
	volatile char frame[2048];

	memset((void *)frame, n, sizeof(frame));
	return n ? deep(n - 1) + (frame[7] == (char)n) : 0;
}

int main(void)
{
	char *heap, *top;
	int i;

	/* The C library takes from the heap what it needs for it. */
	printf("started\n");
	heap = sbrk(10 * PAGE);
	check(heap != (void *)-1);
	memset(heap, 'h', 10 * PAGE);
	top = sbrk(0);
	check(deep(50) == 50);
	look(&before);
	check(before.len[0] && before.len[1] && before.len[2]);
	ready();
	look(&after);
	check(!memcmp(&before, &after, sizeof(before)));
	check(getauxval(AT_PAGESZ) == PAGE);

	check(sbrk(0) == top);
	for (i = 0; i < (int)(10 * PAGE); i++)
		check(heap[i] == 'h');
	check(sbrk(100 * PAGE) == top);
	memset(top, 'g', 100 * PAGE);
	check(sbrk(-100 * (long)PAGE) == top + 100 * PAGE && sbrk(0) == top);
	check(deep(2000) == 2000);
	free(malloc(1 << 22));
	return passed();
}
