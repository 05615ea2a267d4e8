// SPDX-License-Identifier: GPL-2.0-only
/*
 * memfd: contents with holes, seals, names, owners; mapped by relatives, and
 * open in several ways.
 *
 * Usage: memfd [outside], where a child has a memfd mapped, and nothing else
 */
#define _GNU_SOURCE
#include <linux/memfd.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "openfile.h"
#include "tasks.h"

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE	0x10
#endif
#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC		0x20
#endif
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL		0x8U
#endif

#define PAGE	4096
#define SIZE	(100 * PAGE + 123)

static int plain, reader, appender, sealed, future, unsealed, noexec, empty, closed,
	   older;
static char *map, *closed_map, *private_map, *sealed_map, *future_map, *older_map, *older_reader;
static pid_t child;

static int make(const char *name, unsigned int flags)
{
	int fd = memfd_create(name, flags);

	check(fd >= 0);
	return fd;
}

static int named(int fd, const char *name)
{
	char path[40], text[400] = "", want[400];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	check(readlink(path, text, sizeof(text) - 1) > 0);
	snprintf(want, sizeof(want), "/memfd:%s (deleted)", name);
	return !strcmp(text, want);
}

static char *map_shared(int fd, int prot)
{
	char *at = mmap(NULL, SIZE, prot, MAP_SHARED, fd, 0);

	check(at != MAP_FAILED);
	return at;
}

static void make_files(void)
{
	plain = make("a name", MFD_CLOEXEC);
	check(ftruncate(plain, SIZE) == 0);
	check(pwrite(plain, "start", 5, 0) == 5);
	check(pwrite(plain, "middle", 6, 50 * PAGE - 3) == 6);
	check(pwrite(plain, "end", 3, SIZE - 3) == 3);
	check(lseek(plain, 77, SEEK_SET) == 77);
	check(fchmod(plain, 0640) == 0 && fchown(plain, 1234, 5678) == 0);
	reader = open_again(plain, O_RDONLY);
	appender = open_again(plain, O_WRONLY | O_APPEND);
	check(lseek(reader, 5, SEEK_SET) == 5);
	map = map_shared(plain, PROT_READ | PROT_WRITE);
	private_map = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, plain, 0);
	check(private_map != MAP_FAILED);
	private_map[0] = 'S';

	sealed = make("", MFD_ALLOW_SEALING);
	check(write(sealed, "sealed", 6) == 6);
	check(fcntl(sealed, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW |
		    F_SEAL_SEAL) == 0);
	sealed_map = map_shared(sealed, PROT_READ);
	future = make("future", MFD_ALLOW_SEALING);
	check(write(future, "future", 6) == 6);
	check(fcntl(future, F_ADD_SEALS, F_SEAL_FUTURE_WRITE) == 0);
	future_map = map_shared(future, PROT_READ);
	older = make("older", MFD_ALLOW_SEALING);
	check(ftruncate(older, SIZE) == 0);
	older_map = map_shared(older, PROT_READ | PROT_WRITE);
	older_reader = map_shared(older, PROT_READ);
	strcpy(older_map, "older");
	check(fcntl(older, F_ADD_SEALS, F_SEAL_FUTURE_WRITE | F_SEAL_SEAL) == 0);
	unsealed = make("unsealed", MFD_ALLOW_SEALING);
	noexec = make("noexec", MFD_NOEXEC_SEAL);
	empty = make("empty", 0);

	/* Nothing but the mapping is left of it. */
	closed = make("closed", 0);
	check(ftruncate(closed, SIZE) == 0);
	closed_map = map_shared(closed, PROT_READ | PROT_WRITE);
	strcpy(closed_map + 9 * PAGE, "mapped");
	check(close(closed) == 0);
}

/* Writes what it is told into the shared memory. */
static void be_child(void)
{
	while (map[PAGE] != 'g')
		nap(1);
	map[2 * PAGE] = 'o';
	closed_map[3 * PAGE] = 'k';
	_exit(0);
}

static void check_contents(void)
{
	struct stat st;
	char text[16];

	check(fstat(plain, &st) == 0 && st.st_size == SIZE && st.st_nlink == 0);
	check(st.st_mode == (S_IFREG | 0640) && st.st_uid == 1234 && st.st_gid == 5678);
	/* Four pages have been written to, of a hundred. */
	check(st.st_blocks <= 6 * PAGE / 512);
	check(lseek(plain, 0, SEEK_CUR) == 77 && lseek(reader, 0, SEEK_CUR) == 5);
	check(pread(reader, text, 5, 0) == 5 && !memcmp(text, "start", 5));
	check(pread(plain, text, 6, 50 * PAGE - 3) == 6 && !memcmp(text, "middle", 6));
	check(!memcmp(map + SIZE - 3, "end", 3));
	check(private_map[0] == 'S' && !memcmp(private_map + 50 * PAGE - 3, "middle", 6));
	check(fcntl(reader, F_GETFL) == (O_RDONLY | 0100000));
	check(fcntl(appender, F_GETFL) == (O_WRONLY | O_APPEND | 0100000));
	check(fcntl(plain, F_GETFD) == FD_CLOEXEC && named(plain, "a name"));
	check(write(appender, "more", 4) == 4 && fstat(plain, &st) == 0);
	check(st.st_size == SIZE + 4 && !memcmp(map + SIZE, "more", 4));
}

static void check_seals(void)
{
	check(fcntl(sealed, F_GET_SEALS) == (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW |
					     F_SEAL_SEAL));
	check(write(sealed, "x", 1) == -1 && errno == EPERM && named(sealed, ""));
	check(!strcmp(sealed_map, "sealed") && !strcmp(future_map, "future"));
	check(mprotect(sealed_map, PAGE, PROT_READ | PROT_WRITE) == -1 && errno == EACCES);
	check(mprotect(future_map, PAGE, PROT_READ | PROT_WRITE) == -1 && errno == EACCES);
	check(fcntl(future, F_GET_SEALS) == F_SEAL_FUTURE_WRITE);
	check(write(future, "x", 1) == -1 && errno == EPERM);
	check(fcntl(unsealed, F_GET_SEALS) == 0);
	check(fcntl(unsealed, F_ADD_SEALS, F_SEAL_GROW) == 0);
	check(fcntl(noexec, F_GET_SEALS) == F_SEAL_EXEC);
	check(fchmod(noexec, 0777) == -1 && errno == EPERM);
	check(fcntl(empty, F_GET_SEALS) == F_SEAL_SEAL);
	check(fchmod(empty, 0700) == 0 && lseek(empty, 0, SEEK_END) == 0);
}

/* Mappings that are older than the seal may be written to, and no others. */
static void check_older(void)
{
	char *at;

	check(fcntl(older, F_GET_SEALS) == (F_SEAL_FUTURE_WRITE | F_SEAL_SEAL));
	check(fcntl(older, F_ADD_SEALS, F_SEAL_GROW) == -1 && errno == EPERM);
	check(write(older, "x", 1) == -1 && errno == EPERM);
	check(!strcmp(older_reader, "older"));
	older_map[0] = 'O';
	check(!mprotect(older_reader, PAGE, PROT_READ | PROT_WRITE));
	older_reader[1] = 'L';
	check(!strcmp(older_map, "OLder"));
	check(mmap(NULL, PAGE, PROT_WRITE, MAP_SHARED, older, 0) == MAP_FAILED &&
	      errno == EPERM);
	at = map_shared(older, PROT_READ);
	check(mprotect(at, PAGE, PROT_READ | PROT_WRITE) == -1 && errno == EACCES);
}

int main(int argc, char **argv)
{
	struct dressed dressed;

	make_files();
	child = fork();
	check(child >= 0);
	if (!child) {
		if (argc > 1 && !strcmp(argv[1], "outside"))
			check(syscall(SYS_close_range, 3, ~0U, 0) == 0);
		be_child();
	}
	dressed = dress(make("dressed", 0), SIGUSR1);

	ready();

	check_contents();
	check_seals();
	check_older();
	check(!strcmp(closed_map + 9 * PAGE, "mapped"));
	map[PAGE] = 'g';
	check(status_of(child) == 0);
	check(map[2 * PAGE] == 'o' && closed_map[3 * PAGE] == 'k');
	check_dressed(&dressed, SIGUSR1);
	return passed();
}
