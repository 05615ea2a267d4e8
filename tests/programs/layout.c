// SPDX-License-Identifier: GPL-2.0-only
/*
 * What prctl(PR_SET_MM) sets: the addresses of code, data, heap, stack, arguments and
 * environment, the auxiliary vector, also behind its end, and the executed file; also 32-bit.
 *
 * Usage: layout addresses
 *        layout exe FILE | layout deleted FILE: it becomes a copy of itself
 */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "program.h"

/* Not in every C library's headers. */
#ifndef PR_GET_AUXV
#define PR_GET_AUXV 0x41555856
#endif

#define PAGE	4096UL

static size_t contents(const char *path, char *to, size_t room)
{
	int fd = open(path, O_RDONLY);
	size_t size = 0;
	ssize_t got;

	check(fd >= 0);
	while ((got = read(fd, to + size, room - size)) > 0)
		size += got;
	check(got == 0 && size < room && close(fd) == 0);
	to[size] = 0;
	return size;
}

/* ---- addresses ---- */

/* struct prctl_mm_map, of which a 32-bit program needs the 64-bit one. */
static struct map {
	uint64_t start_code, end_code, start_data, end_data, start_brk, brk, start_stack;
	uint64_t arg_start, arg_end, env_start, env_end;
	uint64_t auxv;
	uint32_t auxv_size, exe_fd;
} map;

static const char arguments[] = "of\0no\0program";
static const char environment[] = "THAT=is\0SO=";

static unsigned long auxv[128], now[128];
static int auxv_size;
static char *area, *heap;

/* The field of that number in /proc/self/stat, from 1 on. */
static uint64_t stat_field(int nr)
{
	char text[1024], *at;

	contents("/proc/self/stat", text, sizeof(text));
	at = strrchr(text, ')');
	check(at);
	for (nr--; nr > 1; nr--) {
		at = strchr(at + 1, ' ');
		check(at);
	}
	return strtoull(at + 1, NULL, 10);
}

static char *anonymous(size_t size)
{
	char *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	check(at != MAP_FAILED);
	return at;
}

static char *set_brk(char *to)
{
	return (char *)syscall(SYS_brk, to);
}

/* As much of it as there can be: the last two long words of the kernel are zero. */
static void make_auxv(void)
{
	const int words = auxv_size / sizeof(long), zeroes = 16 / sizeof(long);
	int i;

	for (i = 0; i < words - zeroes; i++)
		auxv[i] = 0x1000 + i;
	auxv[0] = AT_PAGESZ;
	auxv[1] = PAGE;
	auxv[2] = AT_NULL;
	auxv[3] = 0x77;
}

static void make_map(void)
{
	uint64_t at = (uintptr_t)area;

	map = (struct map){
		.start_code = at + 1, .end_code = at + 2, .start_data = at + 3, .end_data = at + 4,
		.start_brk = (uintptr_t)heap, .brk = (uintptr_t)heap, .start_stack = at + 5,
		.arg_start = at + PAGE, .arg_end = at + PAGE + sizeof(arguments),
		.env_start = at + 2 * PAGE, .env_end = at + 2 * PAGE + sizeof(environment),
		.auxv = (uintptr_t)auxv, .auxv_size = auxv_size, .exe_fd = -1,
	};
	memcpy(area + PAGE, arguments, sizeof(arguments));
	memcpy(area + 2 * PAGE, environment, sizeof(environment));
}

static void check_addresses(void)
{
	char text[1024];
	size_t size;

	check(stat_field(26) == map.start_code && stat_field(27) == map.end_code);
	check(stat_field(28) == map.start_stack);
	check(stat_field(45) == map.start_data && stat_field(46) == map.end_data);
	check(stat_field(47) == map.start_brk);
	check(stat_field(48) == map.arg_start && stat_field(49) == map.arg_end);
	check(stat_field(50) == map.env_start && stat_field(51) == map.env_end);
	check(contents("/proc/self/cmdline", text, sizeof(text)) == sizeof(arguments));
	check(!memcmp(text, arguments, sizeof(arguments)));
	check(contents("/proc/self/environ", text, sizeof(text)) == sizeof(environment));
	check(!memcmp(text, environment, sizeof(environment)));
	/* Up to and with the entry that ends it; of a 32-bit one the kernel finds no end. */
	size = sizeof(long) == 8 ? 4 * sizeof(long) : (size_t)auxv_size;
	check(contents("/proc/self/auxv", text, sizeof(text)) == size);
	check(!memcmp(text, auxv, size));
	check(prctl(PR_GET_AUXV, now, sizeof(now), 0, 0) == auxv_size);
	check(!memcmp(now, auxv, sizeof(auxv)));
}

static void addresses(void)
{
	static char buffer[BUFSIZ];
	unsigned int i;

	/* What malloc() has it asks brk() for. */
	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	auxv_size = prctl(PR_GET_AUXV, now, sizeof(now), 0, 0);
	check(auxv_size > 100 && auxv_size <= (int)sizeof(auxv) && !(auxv_size % 8));
	memset(now, 0, sizeof(now));
	make_auxv();
	/* There is room behind where the heap begins. */
	heap = anonymous(64 * PAGE);
	check(!munmap(heap, 64 * PAGE));
	area = anonymous(3 * PAGE);
	check(area + 3 * PAGE <= heap || area >= heap + 32 * PAGE);
	make_map();
	check(!prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof(map), 0));
	check(set_brk(heap + 3 * PAGE) == heap + 3 * PAGE);
	memset(heap, 0x5a, 3 * PAGE);
	check_addresses();

	ready();

	check_addresses();
	check(set_brk(NULL) == heap + 3 * PAGE);
	check(set_brk(heap + 5 * PAGE) == heap + 5 * PAGE);
	for (i = 0; i < 5 * PAGE; i++)
		check(heap[i] == (i < 3 * PAGE ? 0x5a : 0));
	/* Not below where it begins. */
	check(set_brk(heap - 1) == heap + 5 * PAGE);
	check(set_brk(heap) == heap);
}

/* ---- the executed file ---- */

static void replace(char *start, char *end, int prot)
{
	size_t size = end - start;
	char *copy = anonymous(size);

	memcpy(copy, start, size);
	check(!mprotect(copy, size, prot));
	check(mremap(copy, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, start) == start);
}

/* Nothing of the old one may be mapped: memory with the same contents takes its place. */
static void leave_file(void)
{
	static char maps[1 << 16];
	char exe[4096], *line, *next;
	ssize_t size = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	check(size > 0);
	exe[size] = 0;
	contents("/proc/self/maps", maps, sizeof(maps));
	for (line = maps; *line; line = next) {
		char *end = strchr(line, '\n'), *at, *to;
		int prot;

		check(end);
		*end = 0;
		next = end + 1;
		if (end - line < size || strcmp(end - size, exe))
			continue;
		at = (char *)strtoul(line, &to, 16);
		to = (char *)strtoul(to + 1, &line, 16);
		check(line[0] == ' ' && line[1] == 'r');
		prot = PROT_READ | (line[2] == 'w' ? PROT_WRITE : 0) |
		       (line[3] == 'x' ? PROT_EXEC : 0);
		replace(at, to, prot);
	}
}

static void check_exe(const char *name)
{
	char exe[4096];
	ssize_t size = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	check(size > 0);
	exe[size] = 0;
	check(!strcmp(exe, name));
}

static void copy_itself(const char *name)
{
	int from = open("/proc/self/exe", O_RDONLY);
	int to = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0700);
	char bytes[4096];
	ssize_t size;

	check(from >= 0 && to >= 0);
	while ((size = read(from, bytes, sizeof(bytes))) > 0)
		check(write(to, bytes, size) == size);
	check(size == 0 && close(from) == 0 && close(to) == 0);
}

static void executed(const char *name, int deleted)
{
	char left[4200];
	int fd;

	copy_itself(name);
	leave_file();
	fd = open(name, O_RDONLY);
	check(fd >= 0);
	check(!prctl(PR_SET_MM, PR_SET_MM_EXE_FILE, fd, 0, 0));
	check(close(fd) == 0);
	check(!deleted || !unlink(name));
	snprintf(left, sizeof(left), "%s%s", name, deleted ? " (deleted)" : "");
	check_exe(left);

	ready();

	if (!deleted)
		check_exe(left);
	/* It is no other file: a deleted one has another name, of which this is the end. */
	fd = open("/proc/self/exe", O_RDONLY);
	check(fd >= 0 && read(fd, left, 4) == 4 && !memcmp(left, ELFMAG, 4));
	check(close(fd) == 0);
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "addresses"))
		addresses();
	else if (argc == 3 && !strcmp(argv[1], "exe"))
		executed(argv[2], 0);
	else if (argc == 3 && !strcmp(argv[1], "deleted"))
		executed(argv[2], 1);
	else
		return 2;
	return passed();
}
