// SPDX-License-Identifier: GPL-2.0-only
/*
 * Named pipes: contents, both directions, the last of a side gone or not come.
 *
 * Usage: fifo DIR
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>

#include "program.h"

static int open_fifo(const char *name, int flags)
{
	int fd;

	check(mkfifo(name, 0600) == 0 || errno == EEXIST);
	fd = open(name, flags);
	check(fd >= 0);
	return fd;
}

static int events(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };

	check(poll(&p, 1, 0) >= 0);
	return p.revents;
}

int main(int argc, char **argv)
{
	int both, r, w, w2, unmet, left, broken, other, flags;
	char text[64];

	check(argc == 2 && chdir(argv[1]) == 0);
	signal(SIGPIPE, SIG_IGN);

	/* One file for both directions. */
	both = open_fifo("both", O_RDWR);
	check(write(both, "hello", 5) == 5);

	/* A reader, and two writers, the second by another name. */
	r = open_fifo("pair", O_RDONLY | O_NONBLOCK);
	w = open_fifo("pair", O_WRONLY);
	unlink("other");
	check(link("pair", "other") == 0);
	w2 = open("other", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	check(w2 >= 0 && fcntl(r, F_SETFL, 0) == 0);
	check(fcntl(w, F_SETPIPE_SZ, 8 * 4096) == 8 * 4096);
	check(write(w, "one", 3) == 3 && write(w2, "two", 3) == 3);
	flags = fcntl(w2, F_GETFL);

	/* A reader to whom nobody has come, one whose writer has left. */
	unmet = open_fifo("unmet", O_RDONLY | O_NONBLOCK);
	left = open_fifo("left", O_RDONLY | O_NONBLOCK);
	other = open_fifo("left", O_WRONLY);
	check(write(other, "bye", 3) == 3 && close(other) == 0);

	/* A writer whose reader has left. */
	other = open_fifo("broken", O_RDONLY | O_NONBLOCK);
	broken = open_fifo("broken", O_WRONLY);
	check(write(broken, "lost", 4) == 4 && close(other) == 0);
	check(events(unmet) == 0);

	ready();

	check(read(both, text, sizeof(text)) == 5 && !memcmp(text, "hello", 5));
	check(write(both, "again", 5) == 5 && read(both, text, 64) == 5);

	check(fcntl(r, F_GETPIPE_SZ) == 8 * 4096);
	check(fcntl(w2, F_GETFL) == flags && fcntl(w2, F_GETFD) == FD_CLOEXEC);
	check(read(r, text, sizeof(text)) == 6 && !memcmp(text, "onetwo", 6));
	check(close(w) == 0 && (fcntl(r, F_SETFL, O_NONBLOCK) == 0));
	check(read(r, text, sizeof(text)) == -1 && errno == EAGAIN);
	check(close(w2) == 0 && read(r, text, sizeof(text)) == 0);

	check(events(unmet) == 0 && read(unmet, text, 1) == 0);
	other = open("unmet", O_WRONLY);
	check(other >= 0 && write(other, "x", 1) == 1);
	check(events(unmet) == POLLIN && close(other) == 0);
	check(events(unmet) == (POLLIN | POLLHUP));

	check(events(left) == (POLLIN | POLLHUP));
	check(read(left, text, 64) == 3 && read(left, text, 64) == 0);
	check(write(broken, "x", 1) == -1 && errno == EPIPE);
	check(events(broken) & POLLERR);
	return passed();
}
