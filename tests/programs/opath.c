// SPDX-License-Identifier: GPL-2.0-only
/*
 * O_PATH of everything that has a path.
 *
 * Usage: opath DIR
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "program.h"

static const struct {
	const char *name;
	int flags;
} places[] = {
	{ ".", O_PATH | O_DIRECTORY },
	{ "file", O_PATH },
	{ "link", O_PATH | O_NOFOLLOW },
	{ "link", O_PATH },
	{ "fifo", O_PATH },
	{ "socket", O_PATH },
	{ "nowhere", O_PATH | O_NOFOLLOW | O_CLOEXEC },
	{ "/dev/null", O_PATH },
	{ "/dev/ptmx", O_PATH },
	{ "/sys/kernel", O_PATH },
};

#define PLACES (sizeof(places) / sizeof(places[0]))

static void make_socket(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX, .sun_path = "socket" };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	unlink("socket");
	check(fd >= 0 && bind(fd, (void *)&addr, sizeof(addr)) == 0);
	close(fd);
}

int main(int argc, char **argv)
{
	int fds[PLACES], flags[PLACES], fd;
	struct stat before[PLACES], st;
	char text[16];
	size_t i;

	check(argc == 2 && chdir(argv[1]) == 0);
	fd = open("file", O_CREAT | O_WRONLY | O_TRUNC, 0600);
	check(fd >= 0 && write(fd, "contents", 8) == 8 && close(fd) == 0);
	check(symlink("file", "link") == 0 || errno == EEXIST);
	check(symlink("away", "nowhere") == 0 || errno == EEXIST);
	check(mkfifo("fifo", 0600) == 0 || errno == EEXIST);
	make_socket();
	for (i = 0; i < PLACES; i++) {
		fds[i] = open(places[i].name, places[i].flags);
		check(fds[i] >= 0 && fstat(fds[i], &before[i]) == 0);
		flags[i] = fcntl(fds[i], F_GETFL);
	}

	ready();

	for (i = 0; i < PLACES; i++) {
		check(fstat(fds[i], &st) == 0);
		check(st.st_ino == before[i].st_ino && st.st_dev == before[i].st_dev);
		check(fcntl(fds[i], F_GETFL) == flags[i]);
		check(fcntl(fds[i], F_GETFD) ==
		      (places[i].flags & O_CLOEXEC ? FD_CLOEXEC : 0));
		check(read(fds[i], text, 1) < 0 && errno == EBADF);
	}
	check(readlinkat(fds[2], "", text, sizeof(text)) == 4);
	check(!memcmp(text, "file", 4));
	check(faccessat(fds[0], "file", R_OK, 0) == 0);
	fd = openat(fds[0], "file", O_RDONLY);
	check(fd >= 0 && read(fd, text, 8) == 8 && !memcmp(text, "contents", 8));
	return passed();
}
