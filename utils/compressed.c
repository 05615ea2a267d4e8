// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is an image compressed? Its first bytes tell, and stay to be read: whatever
 * reads it then reads all of it.
 *
 * The first bytes of an archive are those of a container's name, which has
 * letters, digits, '_' and '-' only.
 */
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "ckpt.h"

#define MAGIC	4

static const struct {
	u8 bytes[MAGIC];
	u8 size;
} magics[] = {
	{ { 0x28, 0xb5, 0x2f, 0xfd }, 4 },	/* zstd */
	{ { 0x1f, 0x8b, 0x08 }, 3 },		/* gzip */
	{ { 0xfd, '7', 'z', 'X' }, 4 },		/* xz */
	{ { 0x04, 0x22, 0x4d, 0x18 }, 4 },	/* lz4 */
};

static bool nobody_writes(int pipe)
{
	struct pollfd fd = { .fd = pipe, .events = POLLRDHUP };

	return poll(&fd, 1, 0) == 1 && fd.revents & (POLLRDHUP | POLLHUP | POLLERR);
}

/* Waits for the first byte. Return: how many there are by now, or -1. */
static ssize_t copy_pipe(int pipe, const int copy[2], u8 *buf, size_t size)
{
	struct pollfd fd = { .fd = pipe, .events = POLLIN };
	ssize_t n;

	for (;;) {
		n = tee(pipe, copy[1], size, 0);
		if (n >= 0)
			break;
		if (errno == EAGAIN)
			poll(&fd, 1, -1);
		else if (errno != EINTR)
			return -1;
	}
	return n ? read(copy[0], buf, n) : 0;
}

/* The same of a socket. */
static ssize_t look_into(int socket, u8 *buf, size_t size)
{
	struct pollfd fd = { .fd = socket, .events = POLLIN };
	ssize_t n;

	for (;;) {
		n = recv(socket, buf, size, MSG_PEEK);
		if (n < 0 && errno == EAGAIN)
			poll(&fd, 1, -1);
		else if (n >= 0 || errno != EINTR)
			return n;
	}
}

/* @copy: NULL for a socket. */
static ssize_t peek_stream(int fd, const int *copy, u8 *buf, size_t size)
{
	const struct timespec moment = { .tv_nsec = 1000 * 1000 };
	ssize_t n;
	bool last;

	/* Who writes a byte at a time writes another one, or goes. */
	for (;;) {
		last = nobody_writes(fd);
		n = copy ? copy_pipe(fd, copy, buf, size) : look_into(fd, buf, size);
		if (n <= 0 || n == (ssize_t)size || last)
			return n;
		nanosleep(&moment, NULL);
	}
}

static ssize_t peek_pipe(int pipe, u8 *buf, size_t size)
{
	int copy[2];
	ssize_t n;

	if (pipe2(copy, O_CLOEXEC))
		return -1;
	n = peek_stream(pipe, copy, buf, size);
	close(copy[0]);
	close(copy[1]);
	return n;
}

static ssize_t peek(int fd, u8 *buf, size_t size)
{
	struct stat st;

	if (fstat(fd, &st))
		return -1;
	if (S_ISFIFO(st.st_mode))
		return peek_pipe(fd, buf, size);
	if (S_ISSOCK(st.st_mode))
		return peek_stream(fd, NULL, buf, size);
	return pread(fd, buf, size, lseek(fd, 0, SEEK_CUR));
}

int is_compressed(int fd)
{
	u8 first[MAGIC];
	size_t i;
	ssize_t n = peek(fd, first, MAGIC);

	if (!n)
		return -ENODATA;
	if (n != MAGIC)
		return 0;
	for (i = 0; i < ARRAY_SIZE(magics); i++)
		if (!memcmp(first, magics[i].bytes, magics[i].size))
			return 1;
	return 0;
}
