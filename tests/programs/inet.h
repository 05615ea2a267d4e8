/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses and options of sockets of IPv4 and IPv6. */
#ifndef INET_H
#define INET_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "program.h"

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static inline socklen_t size_of(const union address *a)
{
	return a->any.sa_family == AF_INET ? sizeof(a->v4) : sizeof(a->v6);
}

static inline union address loopback(int family)
{
	union address a = { .any.sa_family = family };

	if (family == AF_INET)
		a.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		a.v6.sin6_addr = in6addr_loopback;
	return a;
}

static inline union address name(int fd)
{
	union address a = {};
	socklen_t len = sizeof(a);

	check(getsockname(fd, &a.any, &len) == 0);
	return a;
}

static inline union address peer_name(int fd)
{
	union address a = {};
	socklen_t len = sizeof(a);

	check(getpeername(fd, &a.any, &len) == 0);
	return a;
}

static inline int same(const union address *a, const union address *b)
{
	return !memcmp(a, b, size_of(a));
}

/* -1: there is none. */
static inline int option(int fd, int level, int option)
{
	socklen_t len = sizeof(int);
	int value = -1;

	getsockopt(fd, level, option, &value, &len);
	return value;
}

#endif
