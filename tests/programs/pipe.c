// SPDX-License-Identifier: GPL-2.0-only
/*
 * Anonymous pipes: what is in them, how it is cut, who else has them.
 *
 * Usage: pipe [DIR]
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "program.h"

#define R 0
#define W 1

static char bytes[1 << 20];

static void make(int p[2], int flags)
{
	check(pipe2(p, flags) == 0);
}

/* Opens the same pipe once more. */
static int again(int fd, int flags)
{
	char path[32];
	int new;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	new = open(path, flags);
	check(new >= 0);
	return new;
}

static void check_read(int fd, const char *want, ssize_t len)
{
	char text[4096];

	check(read(fd, text, sizeof(text)) == len);
	check(!memcmp(text, want, len));
}

static int events(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };

	check(poll(&p, 1, 0) >= 0);
	return p.revents;
}

/* ---- packets --------------------------------------------------------------- */

static int packets[2], mixed[2];

static void make_packets(void)
{
	make(packets, O_DIRECT);
	check(write(packets[W], "one", 3) == 3);
	check(write(packets[W], "three", 5) == 5);
	check(write(packets[W], bytes, 5000) == 5000);

	/* Plain bytes, then a packet, then plain bytes. */
	make(mixed, 0);
	check(write(mixed[W], bytes, 4000) == 4000);
	check(fcntl(mixed[W], F_SETFL, O_DIRECT) == 0);
	check(write(mixed[W], "a packet, cut off here", 22) == 22);
	check(write(mixed[W], bytes, 200) == 200);
	check(write(mixed[W], "another", 7) == 7);
	check(fcntl(mixed[W], F_SETFL, 0) == 0);
	check(write(mixed[W], "plain", 5) == 5);
	/* Makes room in front, into which no packet may slip. */
	check(read(mixed[R], bytes + 100000, 3900) == 3900);
}

static void check_packets(void)
{
	char text[8192];

	check(fcntl(packets[W], F_GETFL) == (O_WRONLY | O_DIRECT));
	check_read(packets[R], "one", 3);
	check_read(packets[R], "three", 5);
	check(read(packets[R], text, sizeof(text)) == 4096);
	check(read(packets[R], text, sizeof(text)) == 904);
	check(write(packets[W], "new", 3) == 3 && write(packets[W], "er", 2) == 2);
	check_read(packets[R], "new", 3);
	check_read(packets[R], "er", 2);

	check(fcntl(mixed[W], F_GETFL) == O_WRONLY);
	check(read(mixed[R], text, 100) == 100 && !memcmp(text, bytes + 3900, 100));
	/* What follows was merged into the plain page or not, but is all there. */
	check(fcntl(mixed[R], F_SETFL, O_NONBLOCK) == 0);
}

/* The cuts of the mixed pipe must be those that a run without a break has. */
static int cuts(int fd, char *text)
{
	int sum = 0, n;

	while ((n = read(fd, text, 4096)) > 0)
		sum = sum * 31 + n;
	return sum;
}

/* ---- others ---------------------------------------------------------------- */

static int full[2], small[2], large[2], empty[2], spliced[2], owned[2];
static int no_reader[2], no_writer[2], extra[2], reader, writer, both, chat[2][2];
static pid_t child;

static void make_sizes(void)
{
	make(full, O_NONBLOCK | O_CLOEXEC);
	while (write(full[W], bytes, sizeof(bytes)) > 0)
		;
	make(small, 0);
	check(fcntl(small[W], F_SETPIPE_SZ, 4096) == 4096);
	make(large, 0);
	check(fcntl(large[W], F_SETPIPE_SZ, 1 << 20) == 1 << 20);
	check(write(large[W], bytes, 1000000) == 1000000);
	check(read(large[R], bytes, 10000) == 10000);
	make(empty, 0);
}

static void check_sizes(void)
{
	char text[4096];
	int n, sum = 0, at = 10000;

	check(fcntl(full[R], F_GETFL) == O_NONBLOCK);
	check(fcntl(full[R], F_GETFD) == FD_CLOEXEC);
	check(write(full[W], "x", 1) == -1 && errno == EAGAIN);
	while ((n = read(full[R], text, sizeof(text))) > 0) {
		check(!memcmp(text, bytes + sum, n));
		sum += n;
	}
	check(sum == 65536 && errno == EAGAIN);
	check(fcntl(small[R], F_GETPIPE_SZ) == 4096);
	check(fcntl(large[R], F_GETPIPE_SZ) == 1 << 20);
	while (at < 1000000) {
		n = read(large[R], text, sizeof(text));
		check(n > 0 && !memcmp(text, bytes + at, n));
		at += n;
	}
	check(write(empty[W], "now", 3) == 3);
	check_read(empty[R], "now", 3);
}

static void make_ends(void)
{
	make(no_writer, 0);
	check(write(no_writer[W], "last words", 10) == 10 && close(no_writer[W]) == 0);
	make(no_reader, 0);
	check(write(no_reader[W], "unheard", 7) == 7 && close(no_reader[R]) == 0);

	make(extra, 0);
	reader = again(extra[R], O_RDONLY | O_NONBLOCK);
	writer = again(extra[R], O_WRONLY);
	both = again(extra[W], O_RDWR);
	check(write(both, "shared", 6) == 6);
}

static void check_ends(void)
{
	char text[16];

	check_read(no_writer[R], "last words", 10);
	check(read(no_writer[R], text, 1) == 0 && events(no_writer[R]) == POLLHUP);
	check(write(no_reader[W], "x", 1) == -1 && errno == EPIPE);
	check(events(no_reader[W]) & POLLERR);

	check(fcntl(reader, F_GETFL) == (O_RDONLY | O_NONBLOCK | 0100000));
	check_read(reader, "shared", 6);
	check(write(writer, "more", 4) == 4);
	check_read(both, "more", 4);
	/* Each writer counts: the reader sees the end after the last of three. */
	check(close(extra[W]) == 0 && close(writer) == 0);
	check(read(reader, text, 1) == -1 && errno == EAGAIN);
	check(close(both) == 0 && read(reader, text, 1) == 0);
	check(read(extra[R], text, 1) == 0);
}

/* Pages of a file, not copied into the pipe; another's pipe. */
static void make_odd(const char *dir)
{
	char path[4096];
	struct iovec iov = { .iov_base = bytes, .iov_len = 6000 };
	int fd;

	make(spliced, 0);
	snprintf(path, sizeof(path), "%s/spliced", dir);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	check(fd >= 0 && write(fd, bytes, 10000) == 10000 && lseek(fd, 7, SEEK_SET) == 7);
	check(splice(fd, NULL, spliced[W], NULL, 9000, 0) == 9000);
	check(vmsplice(spliced[W], &iov, 1, 0) == 6000);
	check(close(fd) == 0);

	make(owned, 0);
	check(fchmod(owned[R], 0640) == 0 && fchown(owned[R], 1234, 5678) == 0);
}

static void check_odd(void)
{
	struct stat st;
	char text[4096];
	int n, i, at = 0;

	while (at < 15000) {
		n = read(spliced[R], text, sizeof(text));
		check(n > 0);
		for (i = 0; i < n; i++, at++)
			check(text[i] == bytes[at < 9000 ? at + 7 : at - 9000]);
	}
	check(fstat(owned[W], &st) == 0 && st.st_uid == 1234 && st.st_gid == 5678);
	check(S_ISFIFO(st.st_mode) && (st.st_mode & 07777) == 0640);
	check(fstat(empty[W], &st) == 0 && st.st_uid == 0 && (st.st_mode & 07777) == 0600);
}

/* A child that doubles each byte it gets. It has the ends of no other pipe. */
static void make_child(void)
{
	unsigned char c;

	make(chat[0], 0);
	make(chat[1], 0);
	check(write(chat[0][W], "\x05", 1) == 1);
	child = fork();
	check(child >= 0);
	if (child) {
		close(chat[0][R]);
		close(chat[1][W]);
		return;
	}
	close(chat[0][W]);
	close(chat[1][R]);
	while (read(chat[0][R], &c, 1) == 1) {
		c *= 2;
		if (write(chat[1][W], &c, 1) != 1)
			_exit(2);
	}
	_exit(0);
}

static void check_child(void)
{
	unsigned char c = 21;
	int status;

	check(read(chat[1][R], &c, 1) == 1 && c == 10);
	c = 21;
	check(write(chat[0][W], &c, 1) == 1);
	check(read(chat[1][R], &c, 1) == 1 && c == 42);
	check(close(chat[0][W]) == 0);
	check(waitpid(child, &status, 0) == child && status == 0);
	check(read(chat[1][R], &c, 1) == 0);
}

int main(int argc, char **argv)
{
	static char text[4096];
	size_t i;
	int want, twin[2];

	signal(SIGPIPE, SIG_IGN);
	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = i * 31 + i / 251;
	make_child();
	make_packets();
	/* Read at once: what the other one must look like later. */
	memcpy(twin, mixed, sizeof(twin));
	check(read(twin[R], text, 100) == 100);
	fcntl(twin[R], F_SETFL, O_NONBLOCK);
	want = cuts(twin[R], text);
	make_packets();
	make_sizes();
	make_ends();
	make_odd(argc > 1 ? argv[1] : "/tmp");

	ready();

	check_packets();
	check(cuts(mixed[R], text) == want);
	check_sizes();
	check_ends();
	check_odd();
	check_child();
	return passed();
}
