// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ping sockets of IPv4 and, where the kernel has it, IPv6: with an identifier that was
 * asked for, found, or given up; answers that have come, with what came with them;
 * peers, options. Who runs it is of a group of ping_group_range.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>

#include "inet.h"
#include "openfile.h"
#include "tasks.h"

struct echo {
	struct icmphdr header;
	char text[24];
};

static int ping(int family)
{
	int fd = socket(family, SOCK_DGRAM, family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6);

	check(fd >= 0);
	return fd;
}

static void set(int fd, int level, int option, int value)
{
	check(setsockopt(fd, level, option, &value, sizeof(value)) == 0);
}

static int identifier(int fd)
{
	return ntohs(name(fd).v4.sin_port);
}

/* Of that address, where it is not 0, with an identifier, or another one. */
static int bound(int family, int ident, int addressed)
{
	union address a = loopback(family);
	int fd = ping(family);

	if (!addressed)
		a = (union address){ .any.sa_family = family };
	a.v4.sin_port = htons(ident);
	check(bind(fd, &a.any, size_of(&a)) == 0);
	check(!ident || identifier(fd) == ident);
	return fd;
}

/* @connected: to where it is connected, else to the loopback address. */
static void ask(int fd, int family, int nr, int connected)
{
	union address to = loopback(family);
	struct echo e = { .text = "somebody there?" };

	e.header.type = family == AF_INET ? ICMP_ECHO : ICMP6_ECHO_REQUEST;
	e.header.un.echo.sequence = htons(nr);
	if (connected)
		check(send(fd, &e, sizeof(e), 0) == sizeof(e));
	else
		check(sendto(fd, &e, sizeof(e), 0, &to.any, size_of(&to)) == sizeof(e));
}

static void check_answer(int fd, int family, int nr, const struct echo *e,
			 const union address *from)
{
	union address expected = loopback(family);

	check(e->header.type == (family == AF_INET ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY));
	check(e->header.un.echo.sequence == htons(nr) && !strcmp(e->text, "somebody there?"));
	check(e->header.un.echo.id == htons(identifier(fd)));
	check(same(from, &expected));
}

static void answer(int fd, int family, int nr)
{
	union address a = {};
	socklen_t len = sizeof(a);
	struct echo e;

	check(recvfrom(fd, &e, sizeof(e), 0, &a.any, &len) == sizeof(e));
	check_answer(fd, family, nr, &e, &a);
}

static void nothing(int fd)
{
	char byte;

	check(recv(fd, &byte, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN);
}

static void disconnect(int fd)
{
	check(connect(fd, &(struct sockaddr){ AF_UNSPEC }, sizeof(struct sockaddr)) == 0);
}

/* ---- what there is for each family ---------------------------------------------------- */

struct pings {
	int family, asked, found, found_ident, unused, twins[2], alone;
	int connected, connected_ident, free, kept, optioned;
};

static void make(struct pings *p, int family, int ident)
{
	union address a = loopback(family);

	p->family = family;
	p->asked = bound(family, ident, 1);
	if (family == AF_INET) {
		set(p->asked, SOL_IP, IP_PKTINFO, 1);
		set(p->asked, SOL_IP, IP_RECVTTL, 1);
		set(p->asked, SOL_IP, IP_RECVTOS, 1);
	} else {
		set(p->asked, SOL_IPV6, IPV6_RECVPKTINFO, 1);
		set(p->asked, SOL_IPV6, IPV6_RECVHOPLIMIT, 1);
		set(p->asked, SOL_IPV6, IPV6_RECVTCLASS, 1);
	}
	set(p->asked, SOL_SOCKET, SO_TIMESTAMPNS, 1);
	ask(p->asked, family, 1, 0);
	ask(p->asked, family, 2, 0);
	ask(p->asked, family, 3, 0);
	answer(p->asked, family, 1);
	p->found = ping(family);
	ask(p->found, family, 4, 0);
	p->found_ident = identifier(p->found);
	check(p->found_ident);
	p->unused = ping(family);
	p->twins[0] = bound(family, ident + 1, 0);
	p->twins[1] = bound(family, ident + 1, 0);
	p->alone = ping(family);
	set(p->alone, SOL_SOCKET, SO_REUSEADDR, 0);
	/* Without a port getpeername() does not tell. */
	a.v4.sin_port = htons(9);
	p->connected = ping(family);
	check(connect(p->connected, &a.any, size_of(&a)) == 0);
	p->connected_ident = identifier(p->connected);
	check(p->connected_ident);
	ask(p->connected, family, 5, 1);
	/* It has had an identifier, and an address; it has kept the latter. */
	p->free = bound(family, 0, 1);
	check(connect(p->free, &a.any, size_of(&a)) == 0);
	disconnect(p->free);
	check(identifier(p->free) == 0);
	/* It had asked for both. */
	p->kept = bound(family, ident + 2, 1);
	check(connect(p->kept, &a.any, size_of(&a)) == 0);
	disconnect(p->kept);
	check(identifier(p->kept) == ident + 2);
	p->optioned = ping(family);
	set(p->optioned, SOL_SOCKET, SO_RCVBUF, 50000);
	if (family == AF_INET)
		set(p->optioned, SOL_IP, IP_TTL, 33);
	else
		set(p->optioned, SOL_IPV6, IPV6_UNICAST_HOPS, 33);
}

/* The next one, with all that is told of it. */
static void check_told(const struct pings *p, int nr)
{
	char control[500];
	struct echo e = {};
	struct iovec iov = { &e, sizeof(e) };
	union address from = {}, at = loopback(p->family);
	struct msghdr msg = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov,
		.msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control),
	};
	int ttl = 0, tos = -1, index = 0, lo = if_nametoindex("lo");
	struct timespec then = {};
	struct cmsghdr *c;

	check(recvmsg(p->asked, &msg, MSG_DONTWAIT) == sizeof(e));
	check_answer(p->asked, p->family, nr, &e, &from);
	for (c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		void *data = CMSG_DATA(c);

		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS)
			memcpy(&then, data, sizeof(then));
		if (c->cmsg_level == SOL_IP && c->cmsg_type == IP_TTL)
			ttl = *(int *)data;
		if (c->cmsg_level == SOL_IP && c->cmsg_type == IP_TOS)
			tos = *(unsigned char *)data;
		if (c->cmsg_level == SOL_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo *info = data;

			index = info->ipi_ifindex;
			check(info->ipi_addr.s_addr == at.v4.sin_addr.s_addr);
		}
		if (c->cmsg_level == SOL_IPV6 && c->cmsg_type == IPV6_HOPLIMIT)
			ttl = *(int *)data;
		if (c->cmsg_level == SOL_IPV6 && c->cmsg_type == IPV6_TCLASS)
			tos = *(int *)data;
		if (c->cmsg_level == SOL_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo *info = data;

			index = info->ipi6_ifindex;
			check(!memcmp(&info->ipi6_addr, &in6addr_loopback, 16));
		}
	}
	check(ttl == 64 && tos == 0 && index == lo && then.tv_sec > 0);
}

static void verify(const struct pings *p, int ident)
{
	union address a = loopback(p->family), to = a, peer = {};
	socklen_t len = sizeof(peer);
	int family = p->family;

	check(identifier(p->asked) == ident);
	check_told(p, 2);
	check_told(p, 3);
	nothing(p->asked);
	ask(p->asked, family, 6, 0);
	check_told(p, 6);
	check(identifier(p->found) == p->found_ident);
	answer(p->found, family, 4);
	ask(p->found, family, 7, 0);
	answer(p->found, family, 7);
	/* It was not asked for, and can be given up. */
	a.v4.sin_port = htons(9);
	check(connect(p->found, &a.any, size_of(&a)) == 0);
	disconnect(p->found);
	check(identifier(p->found) == 0);
	check(identifier(p->unused) == 0);
	ask(p->unused, family, 8, 0);
	answer(p->unused, family, 8);
	check(identifier(p->twins[0]) == ident + 1 && identifier(p->twins[1]) == ident + 1);
	check(option(p->twins[0], SOL_SOCKET, SO_REUSEADDR) == 1);
	check(option(p->alone, SOL_SOCKET, SO_REUSEADDR) == 0);
	to.v4.sin_port = htons(ident + 1);
	check(bind(p->alone, &to.any, size_of(&to)) == -1 && errno == EADDRINUSE);
	check(getpeername(p->connected, &peer.any, &len) == 0 && same(&peer, &a));
	check(identifier(p->connected) == p->connected_ident);
	answer(p->connected, family, 5);
	ask(p->connected, family, 9, 1);
	answer(p->connected, family, 9);
	peer = name(p->free);
	to = loopback(family);
	check(same(&peer, &to));
	ask(p->free, family, 10, 0);
	answer(p->free, family, 10);
	peer = name(p->kept);
	to.v4.sin_port = htons(ident + 2);
	check(same(&peer, &to));
	ask(p->kept, family, 11, 0);
	answer(p->kept, family, 11);
	check(option(p->optioned, SOL_SOCKET, SO_RCVBUF) == 100000);
	check(option(p->optioned, SOL_SOCKET, SO_TYPE) == SOCK_DGRAM);
	if (family == AF_INET)
		check(option(p->optioned, SOL_IP, IP_TTL) == 33);
	else
		check(option(p->optioned, SOL_IPV6, IPV6_UNICAST_HOPS) == 33);
}

int main(void)
{
	struct dressed dressed;
	struct pings p[2];
	int nr, fd;

	fd = socket(AF_INET6, SOCK_DGRAM, 0);
	nr = fd >= 0 ? 2 : 1;
	close(fd);
	make(&p[0], AF_INET, 4000);
	if (nr == 2)
		make(&p[1], AF_INET6, 5000);
	dressed = dress(ping(AF_INET), SIGUSR1);

	ready();

	verify(&p[0], 4000);
	if (nr == 2)
		verify(&p[1], 5000);
	check_dressed(&dressed, SIGUSR1);
	return passed();
}
