// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappings of files and of everything: shared and private, changed pages,
 * offsets, a file without a descriptor, growing down, without reserve; and
 * /proc/self/maps, which has to be the same line by line. (also 32-bit)
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "program.h"

#define PAGE	4096UL

static char maps[2][65536];

static void read_maps(char *to)
{
	int fd = open("/proc/self/maps", O_RDONLY);
	ssize_t n, len = 0;

	check(fd >= 0);
	while ((n = read(fd, to + len, sizeof(maps[0]) - 1 - len)) > 0)
		len += n;
	check(!n && len);
	close(fd);
}

static char *map(int fd, size_t pages, int prot, int flags, off_t page)
{
	char *p = mmap(NULL, pages * PAGE, prot, flags, fd, page * PAGE);

	check(p != MAP_FAILED);
	return p;
}

int main(void)
{
	char dir[] = "/tmp/mappings.XXXXXX", path[64], page[PAGE], byte;
	char *shared, *private, *offset, *rdonly, *down, *noreserve, *zero, *past;
	int fd, zfd, i;

	check(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/file", dir);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	check(fd >= 0);
	for (i = 0; i < 16; i++) {
		memset(page, 'a' + i, PAGE);
		check(write(fd, page, PAGE) == (ssize_t)PAGE);
	}
	shared = map(fd, 4, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
	private = map(fd, 8, PROT_READ | PROT_WRITE, MAP_PRIVATE, 0);
	offset = map(fd, 2, PROT_READ, MAP_PRIVATE, 14);
	past = map(fd, 4, PROT_READ | PROT_WRITE, MAP_PRIVATE, 14);
	rdonly = map(open(path, O_RDONLY), 1, PROT_READ, MAP_SHARED, 3);
	down = map(-1, 4, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN, 0);
	noreserve = map(-1, 1024, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, 0);
	zfd = open("/dev/zero", O_RDWR);
	zero = map(zfd, 4, PROT_READ | PROT_WRITE, MAP_PRIVATE, 0);
	close(zfd);
	shared[10] = 'S';
	private[2 * PAGE] = 'P';
	private[5 * PAGE] = 'Q';
	memset(private + 6 * PAGE, 0, PAGE);
	past[PAGE] = 'X';
	byte = private[3 * PAGE];
	check(byte == 'd');
	check(!mprotect(private + 5 * PAGE, PAGE, PROT_READ));
	noreserve[100 * PAGE] = 'N';
	zero[PAGE] = 'Z';
	down[0] = 'D';
	/* Two mappings that the kernel would make one if they were new. */
	check(!mprotect(down + PAGE, PAGE, PROT_READ));
	down[3 * PAGE] = 'E';
	close(fd);

	/* What the C library needs for it, it has mapped afterwards. */
	printf("mapped\n");
	read_maps(maps[0]);
	ready();
	read_maps(maps[1]);
	if (strcmp(maps[0], maps[1]))
		printf("before:\n%safter:\n%s", maps[0], maps[1]);
	check(!strcmp(maps[0], maps[1]));

	fd = open(path, O_RDWR);
	check(fd >= 0);
	check(shared[10] == 'S' && shared[11] == 'a');
	check(private[2 * PAGE] == 'P' && private[2 * PAGE + 1] == 'c');
	check(private[5 * PAGE] == 'Q' && private[3 * PAGE] == 'd' && !private[6 * PAGE]);
	check(offset[0] == 'o' && offset[PAGE] == 'p' && past[PAGE] == 'X');
	check(rdonly[0] == 'd' && noreserve[100 * PAGE] == 'N' && zero[PAGE] == 'Z');
	check(!zero[0] && down[0] == 'D' && down[3 * PAGE] == 'E');
	/* Shared means seen by others, private does not. */
	shared[20] = 'T';
	check(pread(fd, &byte, 1, 20) == 1 && byte == 'T');
	check(pread(fd, &byte, 1, 2 * PAGE) == 1 && byte == 'c');
	byte = 'U';
	check(pwrite(fd, &byte, 1, 3 * PAGE) == 1 && rdonly[0] == 'U');
	check(mprotect(rdonly, PAGE, PROT_READ | PROT_WRITE) == -1 && errno == EACCES);
	unlink(path);
	rmdir(dir);
	return passed();
}
