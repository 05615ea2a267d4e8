// SPDX-License-Identifier: GPL-2.0-only
/*
 * Datagrams that UDP sockets have begun and not sent yet (UDP_CORK, MSG_MORE), of IPv4 and,
 * where the kernel has it, IPv6, also from one of these to IPv4: short, long and empty ones,
 * to a peer and to an address, in pieces. Afterwards something is added, and they are sent.
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/udp.h>

#include "inet.h"

#define LARGE	40000

static char large[LARGE];

struct corked {
	int to, connected, far, optional, empty, mapped, heard;
	union address at;
};

static int bound(int family)
{
	union address a = loopback(family);
	int fd = socket(family, SOCK_DGRAM, 0);

	check(fd >= 0 && bind(fd, &a.any, size_of(&a)) == 0);
	return fd;
}

static void more(int fd, const void *bytes, size_t len, const union address *to)
{
	check(sendto(fd, bytes, len, MSG_MORE, to ? &to->any : NULL, to ? size_of(to) : 0) ==
	      (ssize_t)len);
}

static void make(struct corked *c, int family)
{
	union address wide = { .v6.sin6_family = AF_INET6 }, a;

	c->to = bound(family);
	c->at = name(c->to);
	check(setsockopt(c->to, SOL_IP, IP_RECVTTL, &(int){ 1 }, sizeof(int)) == 0);
	if (family == AF_INET6)
		check(setsockopt(c->to, SOL_IPV6, IPV6_RECVHOPLIMIT, &(int){ 1 },
				 sizeof(int)) == 0);
	c->connected = socket(family, SOCK_DGRAM, 0);
	check(connect(c->connected, &c->at.any, size_of(&c->at)) == 0);
	more(c->connected, "be", 2, NULL);
	more(c->connected, "gun, ", 5, NULL);
	/* It has a datagram that has come, as well. */
	c->far = bound(family);
	a = name(c->far);
	check(sendto(c->to, "hello", 5, 0, &a.any, size_of(&a)) == 5);
	more(c->far, large, LARGE / 2, &c->at);
	more(c->far, large + LARGE / 2, LARGE / 2 - 9, &c->at);
	/* What is an option when it is begun need not be one when it is sent. */
	c->optional = bound(family);
	check(setsockopt(c->optional, IPPROTO_UDP, UDP_CORK, &(int){ 1 }, sizeof(int)) == 0);
	check(setsockopt(c->optional, family == AF_INET ? SOL_IP : SOL_IPV6,
			 family == AF_INET ? IP_TTL : IPV6_UNICAST_HOPS, &(int){ 55 },
			 sizeof(int)) == 0);
	check(sendto(c->optional, "one", 3, 0, &c->at.any, size_of(&c->at)) == 3);
	if (family == AF_INET6)
		check(setsockopt(c->optional, SOL_IPV6, IPV6_UNICAST_HOPS, &(int){ 66 },
				 sizeof(int)) == 0);
	c->empty = bound(family);
	more(c->empty, "", 0, &c->at);
	if (family == AF_INET)
		return;
	c->heard = bound(AF_INET);
	a = name(c->heard);
	c->mapped = socket(AF_INET6, SOCK_DGRAM, 0);
	check(c->mapped >= 0);
	wide.v6.sin6_addr.s6_addr32[2] = htonl(0xffff);
	wide.v6.sin6_addr.s6_addr32[3] = htonl(INADDR_LOOPBACK);
	wide.v6.sin6_port = a.v4.sin_port;
	more(c->mapped, "to IPv4", 7, &wide);
}

/* What has come, from whom, and from how far. */
static ssize_t get(int fd, char *got, size_t len, const union address *from, int *ttl)
{
	char control[200];
	union address a = {};
	struct iovec iov = { got, len };
	struct msghdr msg = {
		.msg_name = &a, .msg_namelen = sizeof(a), .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(fd, &msg, MSG_DONTWAIT);
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(&msg); n >= 0 && c; c = CMSG_NXTHDR(&msg, c))
		if ((c->cmsg_level == SOL_IP && c->cmsg_type == IP_TTL) ||
		    (c->cmsg_level == SOL_IPV6 && c->cmsg_type == IPV6_HOPLIMIT))
			*ttl = *(int *)CMSG_DATA(c);
	check(n < 0 || same(&a, from));
	return n;
}

static void check_made(const struct corked *c, int family)
{
	static char got[LARGE];
	union address from = name(c->connected);
	int ttl = 0;

	/* Nothing has been sent until now. */
	check(recv(c->to, got, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN);
	check(send(c->connected, "sent", 4, 0) == 4);
	check(get(c->to, got, LARGE, &from, &ttl) == 11 && !memcmp(got, "begun, sent", 11));
	check(get(c->far, got, LARGE, &c->at, &ttl) == 5 && !memcmp(got, "hello", 5));
	from = name(c->far);
	check(sendto(c->far, large + LARGE - 9, 9, 0, &c->at.any, size_of(&c->at)) == 9);
	check(get(c->to, got, LARGE, &from, &ttl) == LARGE && !memcmp(got, large, LARGE));
	from = name(c->optional);
	check(option(c->optional, IPPROTO_UDP, UDP_CORK) == 1);
	check(sendto(c->optional, ", two", 5, 0, &c->at.any, size_of(&c->at)) == 5);
	check(recv(c->to, got, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN);
	check(setsockopt(c->optional, IPPROTO_UDP, UDP_CORK, &(int){ 0 }, sizeof(int)) == 0);
	check(get(c->to, got, LARGE, &from, &ttl) == 8 && !memcmp(got, "one, two", 8));
	if (ttl != 55)
		printf("a datagram comes with %d\n", ttl);
	check(ttl == 55);
	from = name(c->empty);
	check(sendto(c->empty, "", 0, 0, &c->at.any, size_of(&c->at)) == 0);
	check(get(c->to, got, LARGE, &from, &ttl) == 0);
	check(recv(c->to, got, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN);
	if (family == AF_INET)
		return;
	check(send(c->mapped, "!", 1, 0) == 1);
	check(recv(c->heard, got, LARGE, MSG_DONTWAIT) == 8 && !memcmp(got, "to IPv4!", 8));
}

int main(void)
{
	int families[] = { AF_INET, AF_INET6 }, nr, i;
	struct corked c[2];

	for (i = 0; i < LARGE; i++)
		large[i] = i * 11 + i / 256;
	i = socket(AF_INET6, SOCK_DGRAM, 0);
	nr = i >= 0 ? 2 : 1;
	close(i);
	for (i = 0; i < nr; i++)
		make(&c[i], families[i]);

	ready();

	for (i = 0; i < nr; i++)
		check_made(&c[i], families[i]);
	return passed();
}
