// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many descriptors of one kind, for a measured program.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "descriptors.h"

/* What is written to the first can be read from the second; files have one. */
static struct ends {
	int fd[2];
} *many;
static unsigned int count;

static void open_files(const char *path)
{
	char name[4096];
	unsigned int i;

	for (i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "%s.%u", path, i);
		many[i].fd[0] = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		if (many[i].fd[0] < 0)
			err(1, "%s", name);
		many[i].fd[1] = many[i].fd[0];
	}
}

static void make_pairs(void)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, many[i].fd))
			err(1, "socketpair");
}

static void connect_pairs(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	unsigned int i;

	if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) ||
	    listen(listener, 1) || getsockname(listener, (struct sockaddr *)&address, &size))
		err(1, "listen");
	for (i = 0; i < count; i++) {
		many[i].fd[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (many[i].fd[0] < 0 || connect(many[i].fd[0], (struct sockaddr *)&address, size))
			err(1, "connect");
		many[i].fd[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (many[i].fd[1] < 0)
			err(1, "accept");
	}
	close(listener);
}

static int works(const struct ends *ends, char sent)
{
	char got = ~sent;

	if (write(ends->fd[0], &sent, 1) != 1)
		return 0;
	if (ends->fd[0] == ends->fd[1] && lseek(ends->fd[0], -1, SEEK_CUR) < 0)
		return 0;
	return read(ends->fd[1], &got, 1) == 1 && got == sent;
}

uint64_t count_working(void)
{
	uint64_t working = 0;
	unsigned int i;

	for (i = 0; i < count; i++)
		working += works(&many[i], i);
	return working;
}

void open_many(int kind, unsigned int nr, const char *path)
{
	const struct rlimit limit = { 2 * nr + 64, 2 * nr + 64 };

	if (setrlimit(RLIMIT_NOFILE, &limit))
		err(1, "RLIMIT_NOFILE");
	many = calloc(nr, sizeof(*many));
	if (!many)
		err(1, "memory");
	count = nr;
	switch (kind) {
	case 'f':
		open_files(path);
		break;
	case 'u':
		make_pairs();
		break;
	case 'c':
		connect_pairs();
		break;
	}
	if (count_working() != nr)
		errx(1, "not all of them work");
}
