// SPDX-License-Identifier: GPL-2.0-only
/*
 * UDP sockets, or with the word "lite" UDP-Lite's, of IPv4 and, where the kernel has it,
 * IPv6: unbound, bound, connected,
 * shut down; datagrams with who has sent them and what came with them; options,
 * devices, groups, an error, a filter, who watches and who shares.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/filter.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "inet.h"
#include "openfile.h"
#include "tasks.h"

#ifndef IPV6_MULTICAST_ALL
#define IPV6_MULTICAST_ALL	29
#endif
#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE	51
#endif

#ifndef UDPLITE_SEND_CSCOV
#define UDPLITE_SEND_CSCOV	10
#define UDPLITE_RECV_CSCOV	11
#endif

#define LARGE	60000

static char large[LARGE];
static int protocol = IPPROTO_UDP;

static int udp(int family)
{
	int fd = socket(family, SOCK_DGRAM, protocol);

	check(fd >= 0);
	return fd;
}

/* Bound to the loopback address and a port that is free. */
static int bound(int family)
{
	union address a = loopback(family);
	int fd = udp(family);

	check(bind(fd, &a.any, size_of(&a)) == 0);
	return fd;
}

static void set(int fd, int level, int option, int value)
{
	if (setsockopt(fd, level, option, &value, sizeof(value)))
		printf("option %d of level %d: %s\n", option, level, strerror(errno));
}

static void put(int fd, const char *text, const union address *to)
{
	check(sendto(fd, text, strlen(text), 0, &to->any, size_of(to)) == (ssize_t)strlen(text));
}

static void get(int fd, const char *text, const union address *from)
{
	union address a = {};
	socklen_t len = sizeof(a);
	char got[100] = "";
	ssize_t n = recvfrom(fd, got, sizeof(got) - 1, MSG_DONTWAIT, &a.any, &len);

	if (n != (ssize_t)strlen(text) || strcmp(got, text))
		printf("got '%s' (%zd), not '%s'\n", got, n, text);
	check(n == (ssize_t)strlen(text) && !strcmp(got, text));
	check(!from || same(from, &a));
}

static void nothing(int fd)
{
	char byte;

	check(recv(fd, &byte, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN);
}

/* ---- options ------------------------------------------------------------------ */

static const struct {
	int level, option, value;
} options[] = {
	{ SOL_SOCKET, SO_REUSEADDR, 1 }, { SOL_SOCKET, SO_BROADCAST, 1 },
	{ SOL_SOCKET, SO_REUSEPORT, 1 }, { SOL_SOCKET, SO_DONTROUTE, 1 },
	{ SOL_SOCKET, SO_RCVBUF, 50000 }, { SOL_SOCKET, SO_ZEROCOPY, 1 },
	{ SOL_SOCKET, SO_NO_CHECK, 1 }, { SOL_SOCKET, SO_TXREHASH, 0 },
	{ SOL_IP, IP_TOS, 0x48 }, { SOL_IP, IP_TTL, 33 }, { SOL_IP, IP_PKTINFO, 1 },
	{ SOL_IP, IP_RECVTTL, 1 }, { SOL_IP, IP_RECVTOS, 1 }, { SOL_IP, IP_RECVERR, 1 },
	{ SOL_IP, IP_FREEBIND, 1 }, { SOL_IP, IP_TRANSPARENT, 1 },
	{ SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO }, { SOL_IP, IP_MINTTL, 3 },
	{ SOL_IP, IP_MULTICAST_TTL, 7 }, { SOL_IP, IP_MULTICAST_LOOP, 0 },
	{ SOL_IP, IP_MULTICAST_ALL, 0 }, { SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1 },
	{ SOL_IP, IP_LOCAL_PORT_RANGE, (int)(50000u << 16 | 40000) },
	{ SOL_UDP, UDP_CORK, 1 }, { SOL_UDP, UDP_SEGMENT, 1200 },
	{ SOL_UDP, UDP_NO_CHECK6_TX, 1 }, { SOL_UDP, UDP_NO_CHECK6_RX, 1 },
	{ SOL_UDP, UDP_GRO, 1 },
	{ SOL_UDP, UDPLITE_SEND_CSCOV, 20 }, { SOL_UDP, UDPLITE_RECV_CSCOV, 0 },
	{ SOL_IPV6, IPV6_V6ONLY, 1 }, { SOL_IPV6, IPV6_UNICAST_HOPS, 44 },
	{ SOL_IPV6, IPV6_MULTICAST_HOPS, 4 }, { SOL_IPV6, IPV6_MULTICAST_LOOP, 0 },
	{ SOL_IPV6, IPV6_MULTICAST_ALL, 0 }, { SOL_IPV6, IPV6_TCLASS, 0x20 },
	{ SOL_IPV6, IPV6_DONTFRAG, 1 }, { SOL_IPV6, IPV6_AUTOFLOWLABEL, 0 },
	{ SOL_IPV6, IPV6_RECVPKTINFO, 1 }, { SOL_IPV6, IPV6_RECVTCLASS, 1 },
	{ SOL_IPV6, IPV6_RECVHOPLIMIT, 1 }, { SOL_IPV6, IPV6_MINHOPCOUNT, 2 },
	{ SOL_IPV6, IPV6_RECVERR, 1 }, { SOL_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE },
	{ SOL_IPV6, IPV6_ADDR_PREFERENCES, 0x401 /* temporary, home */ },
	/* IP_TOS sets it as well. */
	{ SOL_SOCKET, SO_PRIORITY, 5 },
};

#define NR_OPTIONS	(sizeof(options) / sizeof(options[0]))

struct optioned {
	int fd, plain, family;
	int before[NR_OPTIONS], usual[NR_OPTIONS];
};

static int is_of_it(int family, size_t i)
{
	if (family == AF_INET && options[i].level == SOL_IPV6)
		return 0;
	return protocol == IPPROTO_UDPLITE || options[i].level != SOL_UDP ||
	       (options[i].option != UDPLITE_SEND_CSCOV &&
		options[i].option != UDPLITE_RECV_CSCOV);
}

static void make_optioned(struct optioned *o, int family)
{
	size_t i;

	o->family = family;
	o->fd = udp(family);
	o->plain = udp(family);
	for (i = 0; i < NR_OPTIONS; i++) {
		o->usual[i] = option(o->plain, options[i].level, options[i].option);
		if (!is_of_it(family, i))
			continue;
		set(o->fd, options[i].level, options[i].option, options[i].value);
	}
	for (i = 0; i < NR_OPTIONS; i++) {
		if (!is_of_it(family, i))
			continue;
		o->before[i] = option(o->fd, options[i].level, options[i].option);
		if (o->before[i] != options[i].value && options[i].option != SO_RCVBUF)
			printf("option %d of level %d stays %d\n", options[i].option,
			       options[i].level, o->before[i]);
	}
	check(fchmod(o->fd, 0600) == 0 && fchown(o->fd, 1234, 5678) == 0);
}

static void check_optioned(struct optioned *o)
{
	struct stat st;
	int bad = 0;
	size_t i;

	for (i = 0; i < NR_OPTIONS; i++) {
		int now = option(o->fd, options[i].level, options[i].option);
		int plain = option(o->plain, options[i].level, options[i].option);

		if (!is_of_it(o->family, i))
			continue;
		if (now == o->before[i] && plain == o->usual[i])
			continue;
		printf("option %d of level %d is %d and %d, was %d and %d\n",
		       options[i].option, options[i].level, now, plain, o->before[i],
		       o->usual[i]);
		bad++;
	}
	check(!bad);
	check(fstat(o->fd, &st) == 0 && st.st_mode == (S_IFSOCK | 0600));
	check(st.st_uid == 1234 && st.st_gid == 5678);
	check(option(o->fd, SOL_SOCKET, SO_PROTOCOL) == protocol);
}

/* ---- what only UDP-Lite has ------------------------------------------------------- */

struct covered {
	int to, from, all, unset;
	union address at;
};

/* Of what comes the first 20 bytes must be covered by a checksum, header and all. */
static void make_covered(struct covered *c, int family)
{
	c->to = bound(family);
	c->at = name(c->to);
	set(c->to, IPPROTO_UDPLITE, UDPLITE_RECV_CSCOV, 20);
	c->from = bound(family);
	set(c->from, IPPROTO_UDPLITE, UDPLITE_SEND_CSCOV, 20);
	c->all = bound(family);
	set(c->all, IPPROTO_UDPLITE, UDPLITE_SEND_CSCOV, 0);
	/* Of what has asked for nothing all is covered, and taken if it is. */
	c->unset = bound(family);
	put(c->from, "covered in part, when it came", &c->at);
	put(c->all, "covered", &c->at);
	check(option(c->to, IPPROTO_UDPLITE, UDPLITE_RECV_CSCOV) == 20);
}

static void check_covered(const struct covered *c)
{
	union address from = name(c->from), unset = name(c->unset);

	check(option(c->to, IPPROTO_UDPLITE, UDPLITE_RECV_CSCOV) == 20);
	check(option(c->to, IPPROTO_UDPLITE, UDPLITE_SEND_CSCOV) == 0);
	check(option(c->from, IPPROTO_UDPLITE, UDPLITE_SEND_CSCOV) == 20);
	get(c->to, "covered in part, when it came", &from);
	get(c->to, "covered", NULL);
	put(c->from, "covered in part", &c->at);
	get(c->to, "covered in part", &from);
	/* Whoever asks for part of it, and gets less, does not take it. */
	set(c->from, IPPROTO_UDPLITE, UDPLITE_SEND_CSCOV, 9);
	put(c->from, "covered in too small a part", &c->at);
	nothing(c->to);
	put(c->from, "covered in too small a part", &unset);
	get(c->unset, "covered in too small a part", &from);
}

/* ---- messages ------------------------------------------------------------------ */

struct queued {
	int family, to, from, other, from_port;
	union address at, from_at, gone_at;
};

static void make_queued(struct queued *q, int family)
{
	int gone = bound(family);

	q->family = family;
	q->to = bound(family);
	q->from = bound(family);
	q->other = udp(family);
	q->at = name(q->to);
	q->from_at = name(q->from);
	q->gone_at = name(gone);
	set(q->to, SOL_SOCKET, SO_TIMESTAMPNS, 1);
	set(q->to, SOL_IP, IP_PKTINFO, 1);
	set(q->to, SOL_IP, IP_RECVTTL, 1);
	set(q->to, SOL_IP, IP_RECVTOS, 1);
	set(q->to, SOL_IP, IP_RECVORIGDSTADDR, 1);
	if (family == AF_INET6) {
		set(q->to, SOL_IPV6, IPV6_RECVPKTINFO, 1);
		set(q->to, SOL_IPV6, IPV6_RECVHOPLIMIT, 1);
		set(q->to, SOL_IPV6, IPV6_RECVTCLASS, 1);
		set(q->from, SOL_IPV6, IPV6_UNICAST_HOPS, 77);
		set(q->from, SOL_IPV6, IPV6_TCLASS, 0x28);
	} else {
		set(q->from, SOL_IP, IP_TTL, 77);
		set(q->from, SOL_IP, IP_TOS, 0x28);
	}
	put(q->from, "read before", &q->at);
	put(q->from, "first", &q->at);
	put(gone, "from one that is closed", &q->at);
	put(q->from, "", &q->at);
	check(sendto(q->from, large, LARGE, 0, &q->at.any, size_of(&q->at)) == LARGE);
	put(q->other, "from a port of its own", &q->at);
	q->from_port = ntohs(name(q->other).v4.sin_port);
	check(q->from_port);
	close(gone);
	/* The rest of the queue becomes the reader's. */
	get(q->to, "read before", &q->from_at);
}

/* The next one, with all that is told of it. */
static void check_told(const struct queued *q)
{
	char got[100] = "", control[500];
	struct iovec iov = { got, sizeof(got) };
	union address from = {}, to = {};
	struct msghdr msg = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov,
		.msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control),
	};
	int ttl = 0, tos = 0, index = 0, lo = if_nametoindex("lo");
	struct timespec now, then = {};
	struct cmsghdr *c;

	check(recvmsg(q->to, &msg, MSG_DONTWAIT) == 5 && !strcmp(got, "first"));
	check(same(&q->from_at, &from));
	for (c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		void *data = CMSG_DATA(c);

		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS)
			memcpy(&then, data, sizeof(then));
		if (c->cmsg_level == SOL_IP && c->cmsg_type == IP_TTL)
			ttl = *(int *)data;
		if (c->cmsg_level == SOL_IP && c->cmsg_type == IP_TOS)
			tos = *(unsigned char *)data;
		if (c->cmsg_level == SOL_IP && c->cmsg_type == IP_ORIGDSTADDR)
			memcpy(&to, data, sizeof(to.v4));
		if (c->cmsg_level == SOL_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo *info = data;

			index = info->ipi_ifindex;
			check(info->ipi_addr.s_addr == q->at.v4.sin_addr.s_addr);
			check(info->ipi_spec_dst.s_addr == q->at.v4.sin_addr.s_addr);
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
	check(ttl == 77 && tos == 0x28 && index == lo);
	check(q->family == AF_INET6 || same(&q->at, &to));
	check(clock_gettime(CLOCK_REALTIME, &now) == 0);
	check(then.tv_sec > 0 && (then.tv_sec < now.tv_sec || then.tv_nsec < now.tv_nsec));
}

static void check_queued(const struct queued *q)
{
	static char got[LARGE];
	union address a = {};
	socklen_t len = sizeof(a);
	int left;

	check(ioctl(q->to, FIONREAD, &left) == 0 && left == 5);
	check_told(q);
	get(q->to, "from one that is closed", &q->gone_at);
	get(q->to, "", &q->from_at);
	check(recv(q->to, got, LARGE, MSG_PEEK) == LARGE && !memcmp(got, large, LARGE));
	check(recv(q->to, got, LARGE, MSG_DONTWAIT) == LARGE && !memcmp(got, large, LARGE));
	check(recvfrom(q->to, got, 5, MSG_TRUNC, &a.any, &len) == 22 && !memcmp(got, "from ", 5));
	check(ntohs(a.v4.sin_port) == q->from_port);
	nothing(q->to);
	/* It has kept that port. */
	put(q->other, "again", &q->at);
	get(q->to, "again", &a);
	a = name(q->from);
	check(same(&a, &q->from_at));
	put(q->to, "back", &q->from_at);
	get(q->from, "back", &q->at);
}

/* ---- peers and ends --------------------------------------------------------------- */

struct ends {
	int family, one, two, deaf, alone, twins[2], refused, used, unheard;
	union address one_at, two_at;
};

static void make_ends(struct ends *e, int family)
{
	union address a;
	int i;

	e->family = family;
	e->two = bound(family);
	e->two_at = name(e->two);
	e->one = udp(family);
	check(connect(e->one, &e->two_at.any, size_of(&e->two_at)) == 0);
	e->one_at = name(e->one);
	check(connect(e->two, &e->one_at.any, size_of(&e->one_at)) == 0);
	check(send(e->one, "one to two", 10, 0) == 10);
	e->deaf = bound(family);
	a = name(e->deaf);
	check(connect(e->deaf, &a.any, size_of(&a)) == 0);
	check(shutdown(e->deaf, SHUT_RD) == 0);
	/* An address and no port. */
	e->alone = udp(family);
	set(e->alone, SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1);
	a = loopback(family);
	check(bind(e->alone, &a.any, size_of(&a)) == 0);
	set(e->alone, SOL_IP, IP_BIND_ADDRESS_NO_PORT, 0);
	for (i = 0; i < 2; i++) {
		e->twins[i] = udp(family);
		set(e->twins[i], SOL_SOCKET, SO_REUSEPORT, 1);
		check(bind(e->twins[i], &a.any, size_of(&a)) == 0);
		a = name(e->twins[i]);
	}
	/* Nobody is at that port, which is told by the next call. */
	e->refused = udp(family);
	e->unheard = bound(family);
	a = name(e->unheard);
	check(connect(e->refused, &a.any, size_of(&a)) == 0);
	close(e->unheard);
	check(send(e->refused, "x", 1, 0) == 1);
	/* What was connected is not any more. */
	e->used = udp(family);
	check(connect(e->used, &a.any, size_of(&a)) == 0);
	check(connect(e->used, &(struct sockaddr){ AF_UNSPEC }, sizeof(a.any)) == 0);
}

static void check_ends(const struct ends *e)
{
	union address a = {};
	socklen_t len = sizeof(a);
	char byte;
	int other;

	get(e->two, "one to two", &e->one_at);
	check(getpeername(e->one, &a.any, &len) == 0 && same(&a, &e->two_at));
	a = name(e->one);
	check(same(&a, &e->one_at));
	check(send(e->two, "two to one", 10, 0) == 10);
	get(e->one, "two to one", &e->two_at);
	/* It hears nobody else. */
	other = udp(e->family);
	put(other, "x", &e->one_at);
	nothing(e->one);
	/* Its address was chosen by connect(), and goes with it. */
	check(connect(e->one, &(struct sockaddr){ AF_UNSPEC }, sizeof(a.any)) == 0);
	a = name(e->one);
	check(a.v4.sin_port == 0);
	/* That was asked for, but not with that port. */
	check(connect(e->two, &(struct sockaddr){ AF_UNSPEC }, sizeof(a.any)) == 0);
	a = name(e->two);
	check(a.v4.sin_port == 0);
	a.v4.sin_port = e->two_at.v4.sin_port;
	check(same(&a, &e->two_at));
	check(recv(e->deaf, &byte, 1, 0) == 0);
	a = name(e->alone);
	check(a.v4.sin_port == 0);
	check(a.any.sa_family == AF_INET6 || a.v4.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
	check(option(e->alone, SOL_IP, IP_BIND_ADDRESS_NO_PORT) == 0);
	a = name(e->twins[0]);
	check(connect(e->twins[1], &a.any, size_of(&a)) == 0);
	check(connect(e->twins[1], &(struct sockaddr){ AF_UNSPEC }, sizeof(a.any)) == 0);
	check(name(e->twins[1]).v4.sin_port == a.v4.sin_port);
	check(recv(e->refused, &byte, 1, MSG_DONTWAIT) == -1 && errno == ECONNREFUSED);
	nothing(e->refused);
	check(getpeername(e->used, &a.any, &len) == -1 && errno == ENOTCONN);
}

/* ---- both families at once --------------------------------------------------------- */

static int both, only4;
static union address both_at;

/* One of IPv6 to which IPv4 comes. */
static void make_both(void)
{
	union address a = { .v6.sin6_family = AF_INET6 }, to = loopback(AF_INET);

	both = udp(AF_INET6);
	set(both, SOL_IPV6, IPV6_RECVPKTINFO, 1);
	check(bind(both, &a.any, sizeof(a.v6)) == 0);
	both_at = name(both);
	to.v4.sin_port = both_at.v6.sin6_port;
	only4 = bound(AF_INET);
	put(only4, "of IPv4", &to);
}

static void check_both(void)
{
	union address a = {}, from = name(only4), to = loopback(AF_INET6);
	socklen_t len = sizeof(a);
	char got[10];

	check(recvfrom(both, got, 10, MSG_DONTWAIT, &a.any, &len) == 7 &&
	      !memcmp(got, "of IPv4", 7));
	check(IN6_IS_ADDR_V4MAPPED(&a.v6.sin6_addr) && a.v6.sin6_port == from.v4.sin_port);
	put(both, "back", &a);
	get(only4, "back", NULL);
	to.v6.sin6_port = both_at.v6.sin6_port;
	put(both, "of IPv6", &to);
	get(both, "of IPv6", &to);
}

/* ---- devices and groups -------------------------------------------------------------- */

static int member, sender, fixed, unicast, member6 = -1;
static const char *const groups[] = { "239.1.2.3", "239.1.2.4" };

static struct ip_mreqn group(const char *text)
{
	struct ip_mreqn req = { .imr_ifindex = if_nametoindex("lo") };

	check(inet_pton(AF_INET, text, &req.imr_multiaddr) == 1);
	return req;
}

static struct ipv6_mreq group6(void)
{
	struct ipv6_mreq req = { .ipv6mr_interface = if_nametoindex("lo") };

	req.ipv6mr_multiaddr.s6_addr[0] = 0xff;
	req.ipv6mr_multiaddr.s6_addr[1] = 0x15;
	req.ipv6mr_multiaddr.s6_addr[15] = 7;
	return req;
}

static void make_devices(int v6)
{
	union address any = { .v4.sin_family = AF_INET };
	struct ip_mreqn req = group(groups[0]);
	struct ipv6_mreq req6 = group6();

	member = udp(AF_INET);
	set(member, SOL_IP, IP_MULTICAST_ALL, 0);
	check(bind(member, &any.any, sizeof(any.v4)) == 0);
	check(setsockopt(member, SOL_IP, IP_ADD_MEMBERSHIP, &req, sizeof(req)) == 0);
	req = group(groups[1]);
	req.imr_address.s_addr = htonl(INADDR_LOOPBACK);
	check(setsockopt(member, SOL_IP, IP_ADD_MEMBERSHIP, &req, sizeof(req)) == 0);
	sender = bound(AF_INET);
	check(setsockopt(sender, SOL_IP, IP_MULTICAST_IF, &req, sizeof(req)) == 0);
	fixed = udp(AF_INET);
	check(setsockopt(fixed, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3) == 0);
	unicast = udp(AF_INET);
	set(unicast, SOL_IP, IP_UNICAST_IF, htonl(req.imr_ifindex));
	if (!v6)
		return;
	member6 = udp(AF_INET6);
	check(setsockopt(member6, SOL_IPV6, IPV6_ADD_MEMBERSHIP, &req6, sizeof(req6)) == 0);
	set(member6, SOL_IPV6, IPV6_MULTICAST_IF, req.imr_ifindex);
	set(member6, SOL_IPV6, IPV6_UNICAST_IF, htonl(req.imr_ifindex));
}

static void check_devices(void)
{
	union address to = name(member), from = name(sender);
	struct ip_mreqn req = group(groups[1]);
	struct ipv6_mreq req6 = group6();
	char device[IFNAMSIZ] = "";
	socklen_t len = sizeof(device);
	struct in_addr address;
	size_t i;

	for (i = 0; i < 2; i++) {
		to.v4.sin_addr = group(groups[i]).imr_multiaddr;
		put(sender, "to all", &to);
		get(member, "to all", &from);
	}
	/* It was joined by that address, too. */
	req.imr_ifindex = 0;
	req.imr_address.s_addr = htonl(INADDR_LOOPBACK);
	check(setsockopt(member, SOL_IP, IP_DROP_MEMBERSHIP, &req, sizeof(req)) == 0);
	put(sender, "to all", &to);
	nothing(member);
	len = sizeof(address);
	check(getsockopt(sender, SOL_IP, IP_MULTICAST_IF, &address, &len) == 0 &&
	      address.s_addr == htonl(INADDR_LOOPBACK));
	len = sizeof(device);
	check(getsockopt(fixed, SOL_SOCKET, SO_BINDTODEVICE, device, &len) == 0 &&
	      !strcmp(device, "lo"));
	check(option(unicast, SOL_IP, IP_UNICAST_IF) == (int)htonl(if_nametoindex("lo")));
	if (member6 < 0)
		return;
	check(setsockopt(member6, SOL_IPV6, IPV6_ADD_MEMBERSHIP, &req6, sizeof(req6)) == -1 &&
	      errno == EADDRINUSE);
	check(option(member6, SOL_IPV6, IPV6_MULTICAST_IF) == (int)if_nametoindex("lo"));
	check(option(member6, SOL_IPV6, IPV6_UNICAST_IF) == (int)htonl(if_nametoindex("lo")));
}

/* ---- what any socket may have ---------------------------------------------------------- */

static int filtered, peeked, watched, ep, shared, signaled;
static union address filtered_at, peeked_at, watched_at, shared_at, signaled_at;
static volatile sig_atomic_t signals;
static pid_t child;

/* Lets datagrams pass that do not begin with an x. UDP's header comes first. */
static struct sock_filter program[] = {
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 8),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 'x', 0, 1),
	BPF_STMT(BPF_RET | BPF_K, 0),
	BPF_STMT(BPF_RET | BPF_K, 100),
};

static void count(int sig)
{
	signals += sig == SIGUSR2;
}

static void make_rest(void)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data.u32 = 1 };
	struct sock_fprog prog = { .len = 4, .filter = program };
	char got[4];

	filtered = bound(AF_INET);
	filtered_at = name(filtered);
	put(filtered, "x from before", &filtered_at);
	check(setsockopt(filtered, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) == 0);
	peeked = bound(AF_INET);
	peeked_at = name(peeked);
	set(peeked, SOL_SOCKET, SO_PEEK_OFF, 0);
	put(peeked, "abcdefg", &peeked_at);
	check(recv(peeked, got, 3, MSG_PEEK) == 3 && !memcmp(got, "abc", 3));
	watched = bound(AF_INET);
	watched_at = name(watched);
	ep = epoll_create1(0);
	check(epoll_ctl(ep, EPOLL_CTL_ADD, watched, &event) == 0);
	put(watched, "edge", &watched_at);
	signaled = bound(AF_INET);
	signaled_at = name(signaled);
	check(signal(SIGUSR2, count) != SIG_ERR);
	set_owner(signaled, F_OWNER_PID, getpid(), SIGUSR2);
	check(fcntl(signaled, F_SETFL, O_RDWR | O_ASYNC) == 0);
	put(signaled, "one signal", &signaled_at);
	check(signals == 1);
	shared = bound(AF_INET);
	shared_at = name(shared);
	child = fork();
	check(child >= 0);
	/* It waits in recv(), for what comes afterwards. */
	if (!child)
		_exit(recv(shared, got, 4, 0) == 4 && !memcmp(got, "wake", 4) ? 0 : 1);
	wait_for_state(child, 'S');
}

static void check_rest(void)
{
	struct epoll_event event;
	char got[10];

	get(filtered, "x from before", &filtered_at);
	put(filtered, "x is not heard", &filtered_at);
	put(filtered, "is heard", &filtered_at);
	get(filtered, "is heard", &filtered_at);
	check(recv(peeked, got, 2, MSG_PEEK) == 2 && !memcmp(got, "de", 2));
	get(peeked, "abcdefg", &peeked_at);
	check(epoll_wait(ep, &event, 1, 0) == 1 && event.data.u32 == 1);
	check(epoll_wait(ep, &event, 1, 0) == 0);
	check(signals == 1);
	put(signaled, "another", &signaled_at);
	check(signals == 2);
	put(watched, "wake", &shared_at);
	check(status_of(child) == 0);
}

int main(int argc, char **argv)
{
	int families[2] = { AF_INET, AF_INET6 }, nr, i;
	struct optioned o[2];
	struct queued q[2];
	struct covered covered[2];
	struct dressed dressed;
	struct ends e[2];
	size_t n;

	if (argc > 1 && !strcmp(argv[1], "lite"))
		protocol = IPPROTO_UDPLITE;

	for (n = 0; n < LARGE; n++)
		large[n] = n * 7 + n / 256;
	i = socket(AF_INET6, SOCK_DGRAM, 0);
	nr = i >= 0 ? 2 : 1;
	close(i);
	for (i = 0; i < nr; i++) {
		make_optioned(&o[i], families[i]);
		make_queued(&q[i], families[i]);
		make_ends(&e[i], families[i]);
		if (protocol == IPPROTO_UDPLITE)
			make_covered(&covered[i], families[i]);
	}
	if (nr == 2)
		make_both();
	make_devices(nr == 2);
	make_rest();
	dressed = dress(udp(AF_INET), SIGUSR1);

	ready();

	for (i = 0; i < nr; i++) {
		check_optioned(&o[i]);
		check_queued(&q[i]);
		check_ends(&e[i]);
		if (protocol == IPPROTO_UDPLITE)
			check_covered(&covered[i]);
	}
	if (nr == 2)
		check_both();
	check_devices();
	check_rest();
	check_dressed(&dressed, SIGUSR1);
	return passed();
}
