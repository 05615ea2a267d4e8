/* SPDX-License-Identifier: GPL-2.0-only */
/* Text that is sent and received by sockets. */
#ifndef MESSAGE_H
#define MESSAGE_H

#include <sys/socket.h>

#include "program.h"

static inline void put(int fd, const char *text)
{
	check(send(fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text));
}

/* The next message, or what there is of a stream, is that text. */
static inline void get(int fd, const char *text)
{
	char got[100] = "";
	ssize_t n = recv(fd, got, sizeof(got) - 1, MSG_DONTWAIT);

	if (n != (ssize_t)strlen(text) || strcmp(got, text))
		printf("got '%s' (%zd), not '%s'\n", got, n, text);
	check(n == (ssize_t)strlen(text) && !strcmp(got, text));
}

#endif
