// SPDX-License-Identifier: GPL-2.0-only
/*
 * Raw sockets of IPv4 and, where the kernel has it, IPv6: bound, connected, not any
 * more; packets with their headers, who has sent them and what came with them;
 * options, filters of types of ICMP, checksums, a queue that is full, who waits.
 * What each is about has a protocol of its own, since all hear what their protocol does.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/filter.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "inet.h"
#include "openfile.h"
#include "tasks.h"

#ifndef IPV6_HDRINCL
#define IPV6_HDRINCL	36
#endif
#ifndef IPV6_ROUTER_ALERT_ISOLATE
#define IPV6_ROUTER_ALERT_ISOLATE	30
#endif
#ifndef IPV6_FREEBIND
#define IPV6_FREEBIND	78
#endif
#ifndef SO_MEMINFO
#define SO_MEMINFO	55
#endif
#define DROPS		8	/* of SO_MEMINFO */
#ifndef ICMP_FILTER
#define ICMP_FILTER	1
#endif

#define LARGE	60000
#define HEADER	20

static char large[LARGE];

static int raw(int family, int protocol)
{
	int fd = socket(family, SOCK_RAW, protocol);

	check(fd >= 0);
	return fd;
}

/* 127.0.0.@last; of IPv6 there is one only. */
static union address local(int family, int last)
{
	union address a = loopback(family);

	if (family == AF_INET)
		a.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + last);
	return a;
}

static int bound(int family, int protocol, int last)
{
	union address a = local(family, last);
	int fd = raw(family, protocol);

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

/* The next one, of IPv4 behind its header. */
static void get(int fd, int family, const char *text, const union address *from)
{
	size_t header = family == AF_INET ? HEADER : 0;
	union address a = {};
	socklen_t len = sizeof(a);
	char got[200] = "";
	ssize_t n = recvfrom(fd, got, sizeof(got) - 1, MSG_DONTWAIT, &a.any, &len);

	if (n != (ssize_t)(header + strlen(text)) || strcmp(got + header, text))
		printf("got '%s' (%zd), not '%s'\n", got + header, n, text);
	check(n == (ssize_t)(header + strlen(text)) && !strcmp(got + header, text));
	check(!header || got[0] == 0x45);
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
	{ SOL_SOCKET, SO_REUSEADDR, 0 }, { SOL_SOCKET, SO_BROADCAST, 1 },
	{ SOL_SOCKET, SO_RCVBUF, 50000 }, { SOL_SOCKET, SO_MARK, 7 },
	{ SOL_IP, IP_HDRINCL, 1 }, { SOL_IP, IP_NODEFRAG, 1 }, { SOL_IP, IP_TOS, 0x48 },
	{ SOL_IP, IP_TTL, 33 }, { SOL_IP, IP_PKTINFO, 1 }, { SOL_IP, IP_RECVERR, 1 },
	{ SOL_IP, IP_FREEBIND, 1 }, { SOL_IP, IP_TRANSPARENT, 1 },
	{ SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO }, { SOL_IP, IP_MULTICAST_LOOP, 0 },
	{ SOL_IPV6, IPV6_HDRINCL, 1 }, { SOL_IPV6, IPV6_CHECKSUM, 6 },
	{ SOL_IPV6, IPV6_UNICAST_HOPS, 44 }, { SOL_IPV6, IPV6_MULTICAST_LOOP, 0 },
	{ SOL_IPV6, IPV6_FREEBIND, 1 }, { SOL_IPV6, IPV6_TRANSPARENT, 1 },
	{ SOL_IPV6, IPV6_ROUTER_ALERT_ISOLATE, 1 }, { SOL_IPV6, IPV6_TCLASS, 0x20 },
	{ SOL_IPV6, IPV6_RECVPKTINFO, 1 }, { SOL_IPV6, IPV6_RECVERR, 1 },
	{ SOL_SOCKET, SO_PRIORITY, 5 },
};

#define NR_OPTIONS	(sizeof(options) / sizeof(options[0]))

struct optioned {
	int fd, plain, family;
	int before[NR_OPTIONS], usual[NR_OPTIONS];
};

static int is_of(int family, size_t i)
{
	return options[i].level != (family == AF_INET ? SOL_IPV6 : SOL_IP);
}

static void make_optioned(struct optioned *o, int family)
{
	size_t i;

	o->family = family;
	o->fd = raw(family, 200);
	o->plain = raw(family, 200);
	for (i = 0; i < NR_OPTIONS; i++) {
		if (!is_of(family, i))
			continue;
		o->usual[i] = option(o->plain, options[i].level, options[i].option);
		set(o->fd, options[i].level, options[i].option, options[i].value);
	}
	for (i = 0; i < NR_OPTIONS; i++) {
		if (!is_of(family, i))
			continue;
		o->before[i] = option(o->fd, options[i].level, options[i].option);
		if (o->before[i] != options[i].value && options[i].option != SO_RCVBUF)
			printf("option %d of level %d stays %d\n", options[i].option,
			       options[i].level, o->before[i]);
	}
}

static void check_optioned(const struct optioned *o)
{
	int bad = 0;
	size_t i;

	for (i = 0; i < NR_OPTIONS; i++) {
		int now = option(o->fd, options[i].level, options[i].option);
		int plain = option(o->plain, options[i].level, options[i].option);

		if (!is_of(o->family, i) || (now == o->before[i] && plain == o->usual[i]))
			continue;
		printf("option %d of level %d is %d and %d, was %d and %d\n",
		       options[i].option, options[i].level, now, plain, o->before[i],
		       o->usual[i]);
		bad++;
	}
	check(!bad);
	check(option(o->fd, SOL_SOCKET, SO_PROTOCOL) == 200);
	check(option(o->fd, SOL_SOCKET, SO_TYPE) == SOCK_RAW);
}

/* ---- packets ------------------------------------------------------------------- */

struct queued {
	int family, to, from;
	union address at, from_at;
	char first[HEADER + 5];
};

static void make_queued(struct queued *q, int family)
{
	q->family = family;
	q->to = bound(family, 201, 1);
	q->from = bound(family, 201, 2);
	q->at = local(family, 1);
	q->from_at = local(family, 2);
	set(q->to, SOL_SOCKET, SO_TIMESTAMPNS, 1);
	if (family == AF_INET6) {
		set(q->to, SOL_IPV6, IPV6_RECVPKTINFO, 1);
		set(q->to, SOL_IPV6, IPV6_RECVHOPLIMIT, 1);
		set(q->to, SOL_IPV6, IPV6_RECVTCLASS, 1);
		set(q->from, SOL_IPV6, IPV6_UNICAST_HOPS, 77);
		set(q->from, SOL_IPV6, IPV6_TCLASS, 0x28);
	} else {
		set(q->to, SOL_IP, IP_PKTINFO, 1);
		set(q->to, SOL_IP, IP_RECVTTL, 1);
		set(q->to, SOL_IP, IP_RECVTOS, 1);
		set(q->from, SOL_IP, IP_TTL, 77);
		set(q->from, SOL_IP, IP_TOS, 0x28);
	}
	put(q->from, "read before", &q->at);
	put(q->from, "first", &q->at);
	put(q->from, "", &q->at);
	check(sendto(q->from, large, LARGE, 0, &q->at.any, size_of(&q->at)) == LARGE);
	put(q->from, "last", &q->at);
	get(q->to, family, "read before", &q->from_at);
	if (family == AF_INET)
		check(recv(q->to, q->first, sizeof(q->first), MSG_PEEK) == sizeof(q->first));
}

/* The next one, with all that is told of it. */
static void check_told(const struct queued *q)
{
	size_t header = q->family == AF_INET ? HEADER : 0;
	char got[100] = "", control[500];
	struct iovec iov = { got, sizeof(got) };
	union address from = {};
	struct msghdr msg = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov,
		.msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control),
	};
	int ttl = 0, tos = 0, index = 0, lo = if_nametoindex("lo");
	struct timespec now, then = {};
	struct cmsghdr *c;

	check(recvmsg(q->to, &msg, MSG_DONTWAIT) == (ssize_t)header + 5);
	check(!strcmp(got + header, "first") && same(&q->from_at, &from));
	check(!header || !memcmp(got, q->first, sizeof(q->first)));
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
	check(clock_gettime(CLOCK_REALTIME, &now) == 0);
	check(then.tv_sec > 0 && (then.tv_sec < now.tv_sec || then.tv_nsec < now.tv_nsec));
}

static void check_queued(const struct queued *q)
{
	ssize_t header = q->family == AF_INET ? HEADER : 0;
	static char got[HEADER + LARGE];
	union address a = name(q->to);
	int left;

	check(a.v4.sin_port == htons(201));
	a.v4.sin_port = 0;
	check(same(&a, &q->at));
	check(ioctl(q->to, FIONREAD, &left) == 0 && left == header + 5);
	check_told(q);
	get(q->to, q->family, "", &q->from_at);
	check(recv(q->to, got, sizeof(got), MSG_PEEK) == header + LARGE);
	check(recv(q->to, got, sizeof(got), MSG_DONTWAIT) == header + LARGE);
	check(!memcmp(got + header, large, LARGE));
	check(recv(q->to, got, header + 2, MSG_TRUNC | MSG_DONTWAIT) == header + 4);
	check(!memcmp(got + header, "la", 2));
	nothing(q->to);
	put(q->from, "again", &q->at);
	get(q->to, q->family, "again", &q->from_at);
}

/* ---- peers ------------------------------------------------------------------------ */

struct ends {
	int family, one, two, three, deaf, moved, shut, sender;
	union address at, two_at, peer;
};

static void disconnect(int fd)
{
	check(connect(fd, &(struct sockaddr){ AF_UNSPEC }, sizeof(struct sockaddr)) == 0);
}

static void make_ends(struct ends *e, int family)
{
	e->family = family;
	e->at = local(family, 1);
	e->two_at = local(family, 2);
	/* Without a port getpeername() does not tell. */
	e->peer = e->two_at;
	e->peer.v4.sin_port = htons(9);
	e->one = raw(family, 202);
	check(connect(e->one, &e->peer.any, size_of(&e->peer)) == 0);
	e->two = bound(family, 202, 2);
	e->three = bound(family, 202, 3);
	put(e->two, "from two", &e->at);
	/* These hear nothing any more, the second by an address, which it has got since. */
	e->deaf = raw(family, 203);
	check(connect(e->deaf, &e->at.any, size_of(&e->at)) == 0);
	disconnect(e->deaf);
	e->moved = raw(family, 203);
	check(connect(e->moved, &e->at.any, size_of(&e->at)) == 0);
	disconnect(e->moved);
	check(bind(e->moved, &e->at.any, size_of(&e->at)) == 0);
	e->sender = raw(family, 203);
	put(e->sender, "not heard", &e->at);
	nothing(e->deaf);
	nothing(e->moved);
	check(name(e->deaf).v4.sin_port == 0 && name(e->moved).v4.sin_port == 0);
	e->shut = raw(family, 204);
	check(connect(e->shut, &e->at.any, size_of(&e->at)) == 0);
	check(shutdown(e->shut, SHUT_RD) == 0);
}

static void check_ends(const struct ends *e)
{
	union address a = {}, any = { .any.sa_family = e->family };
	socklen_t len = sizeof(a);
	char byte;

	get(e->one, e->family, "from two", &e->two_at);
	check(getpeername(e->one, &a.any, &len) == 0 && same(&a, &e->peer));
	a = name(e->one);
	check(a.v4.sin_port == htons(202));
	a.v4.sin_port = 0;
	check(same(&a, &e->at));
	/* It hears nobody else. */
	if (e->family == AF_INET) {
		put(e->three, "x", &e->at);
		nothing(e->one);
	}
	put(e->two, "more", &e->at);
	get(e->one, e->family, "more", &e->two_at);
	check(send(e->one, "to two", 6, 0) == 6);
	if (e->family == AF_INET)
		get(e->two, e->family, "to two", &e->at);
	/* Its address was chosen by connect(), and goes with it. */
	disconnect(e->one);
	a = name(e->one);
	check(same(&a, &any));
	put(e->sender, "not heard", &e->at);
	nothing(e->deaf);
	nothing(e->moved);
	a = name(e->deaf);
	check(same(&a, &any));
	a = name(e->moved);
	check(same(&a, &e->at));
	put(e->deaf, "it can speak", &e->at);
	get(e->sender, e->family, "not heard", NULL);
	get(e->sender, e->family, "not heard", NULL);
	get(e->sender, e->family, "it can speak", NULL);
	check(recv(e->shut, &byte, 1, 0) == 0);
}

/* ---- filters of types, and checksums ----------------------------------------------------- */

static int requests, replies, asker, asker6, included, excluded, summed, summer, unsummed, quiet6;
static struct icmp6_filter filter6;

static void ask(int fd, int family)
{
	struct icmphdr v4 = { .type = ICMP_ECHO, .checksum = htons(0xf7ff) };
	struct icmp6_hdr v6 = { .icmp6_type = ICMP6_ECHO_REQUEST };
	union address to = local(family, 1);

	if (family == AF_INET)
		check(sendto(fd, &v4, sizeof(v4), 0, &to.any, size_of(&to)) == sizeof(v4));
	else
		check(sendto(fd, &v6, sizeof(v6), 0, &to.any, size_of(&to)) == sizeof(v6));
}

/* Waits until a packet of that type has come to @fd, which is not filtered. */
static void wait_for_type(int fd, int family, int type)
{
	size_t header = family == AF_INET ? HEADER : 0;
	unsigned char got[200];

	do
		check(recv(fd, got, sizeof(got), 0) >= (ssize_t)header + 8);
	while (got[header] != type);
}

/* All that has come to @fd is of that type. Return: how much. */
static int only_type(int fd, int family, int type)
{
	size_t header = family == AF_INET ? HEADER : 0;
	unsigned char got[200];
	int nr = 0;

	while (recv(fd, got, sizeof(got), MSG_DONTWAIT) > 0) {
		check(got[header] == type);
		nr++;
	}
	return nr;
}

static void make_filters(int v6)
{
	unsigned int only = ~(1u << ICMP_ECHO);

	requests = raw(AF_INET, IPPROTO_ICMP);
	check(setsockopt(requests, SOL_RAW, ICMP_FILTER, &only, sizeof(only)) == 0);
	asker = bound(AF_INET, IPPROTO_ICMP, 2);
	ask(asker, AF_INET);
	wait_for_type(asker, AF_INET, ICMP_ECHOREPLY);
	included = raw(AF_INET, IPPROTO_RAW);
	excluded = raw(AF_INET, IPPROTO_RAW);
	set(excluded, SOL_IP, IP_HDRINCL, 0);
	if (!v6)
		return;
	replies = raw(AF_INET6, IPPROTO_ICMPV6);
	ICMP6_FILTER_SETBLOCKALL(&filter6);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter6);
	check(setsockopt(replies, IPPROTO_ICMPV6, ICMP6_FILTER, &filter6, sizeof(filter6)) == 0);
	asker6 = raw(AF_INET6, IPPROTO_ICMPV6);
	quiet6 = raw(AF_INET6, IPPROTO_ICMPV6);
	set(quiet6, SOL_RAW, IPV6_CHECKSUM, -1);
	check(option(quiet6, SOL_RAW, IPV6_CHECKSUM) == -1);
	summed = raw(AF_INET6, 205);
	set(summed, SOL_IPV6, IPV6_CHECKSUM, 2);
	summer = raw(AF_INET6, 205);
	set(summer, SOL_IPV6, IPV6_CHECKSUM, 2);
	unsummed = raw(AF_INET6, 205);
}

static void check_sums(void)
{
	union address to = loopback(AF_INET6);
	char packet[8] = {}, got[8];

	check(option(summed, SOL_IPV6, IPV6_CHECKSUM) == 2);
	check(option(unsummed, SOL_IPV6, IPV6_CHECKSUM) == -1);
	check(option(quiet6, SOL_RAW, IPV6_CHECKSUM) == -1);
	check(option(asker6, SOL_RAW, IPV6_CHECKSUM) == 2);
	check(sendto(unsummed, packet, 8, 0, &to.any, sizeof(to.v6)) == 8);
	nothing(summed);
	check(recv(unsummed, got, 8, MSG_DONTWAIT) == 8 && !got[2] && !got[3]);
	check(sendto(summer, packet, 8, 0, &to.any, sizeof(to.v6)) == 8);
	check(recv(summed, got, 8, MSG_DONTWAIT) == 8 && (got[2] || got[3]));
}

static void check_filters(int v6)
{
	struct icmp6_filter now = {};
	socklen_t len = sizeof(now);
	unsigned int only = 0;

	check(only_type(requests, AF_INET, ICMP_ECHO) == 1);
	ask(asker, AF_INET);
	wait_for_type(asker, AF_INET, ICMP_ECHOREPLY);
	check(only_type(requests, AF_INET, ICMP_ECHO) == 1);
	len = sizeof(only);
	check(getsockopt(requests, SOL_RAW, ICMP_FILTER, &only, &len) == 0);
	check(only == ~(1u << ICMP_ECHO));
	len = sizeof(only);
	check(getsockopt(asker, SOL_RAW, ICMP_FILTER, &only, &len) == 0 && !only);
	check(option(included, SOL_IP, IP_HDRINCL) == 1);
	check(option(excluded, SOL_IP, IP_HDRINCL) == 0);
	if (!v6)
		return;
	len = sizeof(now);
	check(getsockopt(replies, IPPROTO_ICMPV6, ICMP6_FILTER, &now, &len) == 0);
	check(!memcmp(&now, &filter6, sizeof(now)));
	ask(asker6, AF_INET6);
	wait_for_type(asker6, AF_INET6, ICMP6_ECHO_REPLY);
	check(only_type(replies, AF_INET6, ICMP6_ECHO_REPLY) == 1);
	check_sums();
}

/* ---- what any socket may have ---------------------------------------------------------- */

static int full, filler, held, member, sender, fixed, filtered, watched, ep, shared;
static pid_t child;

/* Lets packets pass that do not begin with an x, behind the header. */
static struct sock_filter program[] = {
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, HEADER),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 'x', 0, 1),
	BPF_STMT(BPF_RET | BPF_K, 0),
	BPF_STMT(BPF_RET | BPF_K, 100),
};

static int drops_of(int fd)
{
	unsigned int info[DROPS + 1] = {};
	socklen_t len = sizeof(info);

	check(getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len) == 0);
	return info[DROPS];
}

static void make_rest(void)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data.u32 = 1 };
	struct ip_mreqn req = { .imr_ifindex = if_nametoindex("lo") };
	struct sock_fprog prog = { .len = 4, .filter = program };
	union address a = local(AF_INET, 1);
	char got[HEADER + 4];
	int i;

	full = bound(AF_INET, 206, 1);
	set(full, SOL_SOCKET, SO_RCVBUF, 1);
	filler = bound(AF_INET, 206, 2);
	for (i = 0; i < 100; i++)
		put(filler, "filled", &a);
	held = 100 - drops_of(full);
	check(held > 0 && held < 100);
	check(inet_pton(AF_INET, "239.1.2.3", &req.imr_multiaddr) == 1);
	member = raw(AF_INET, 207);
	check(setsockopt(member, SOL_IP, IP_ADD_MEMBERSHIP, &req, sizeof(req)) == 0);
	sender = bound(AF_INET, 207, 2);
	check(setsockopt(sender, SOL_IP, IP_MULTICAST_IF, &req, sizeof(req)) == 0);
	fixed = raw(AF_INET, 207);
	check(setsockopt(fixed, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3) == 0);
	filtered = bound(AF_INET, 208, 1);
	put(filtered, "x from before", &a);
	check(setsockopt(filtered, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) == 0);
	watched = bound(AF_INET, 209, 1);
	ep = epoll_create1(0);
	check(epoll_ctl(ep, EPOLL_CTL_ADD, watched, &event) == 0);
	put(watched, "edge", &a);
	shared = bound(AF_INET, 210, 1);
	child = fork();
	check(child >= 0);
	/* It waits in recv(), for what comes afterwards. */
	if (!child)
		_exit(recv(shared, got, sizeof(got), 0) == sizeof(got) &&
		      !memcmp(got + HEADER, "wake", 4) ? 0 : 1);
	wait_for_state(child, 'S');
}

static void check_rest(void)
{
	union address a = local(AF_INET, 1), all = a, from = local(AF_INET, 2);
	struct epoll_event event;
	char device[IFNAMSIZ] = "";
	socklen_t len = sizeof(device);
	int i;

	check(drops_of(full) == 100 - held);
	for (i = 0; i < held; i++)
		get(full, AF_INET, "filled", &from);
	nothing(full);
	check(inet_pton(AF_INET, "239.1.2.3", &all.v4.sin_addr) == 1);
	put(sender, "to all", &all);
	get(member, AF_INET, "to all", &from);
	check(getsockopt(fixed, SOL_SOCKET, SO_BINDTODEVICE, device, &len) == 0 &&
	      !strcmp(device, "lo"));
	get(filtered, AF_INET, "x from before", &a);
	put(filtered, "x is not heard", &a);
	put(filtered, "is heard", &a);
	get(filtered, AF_INET, "is heard", &a);
	check(epoll_wait(ep, &event, 1, 0) == 1 && event.data.u32 == 1);
	check(epoll_wait(ep, &event, 1, 0) == 0);
	put(shared, "wake", &a);
	check(status_of(child) == 0);
}

int main(void)
{
	int families[2] = { AF_INET, AF_INET6 }, nr, i;
	struct optioned o[2];
	struct queued q[2];
	struct dressed dressed;
	struct ends e[2];
	size_t n;

	for (n = 0; n < LARGE; n++)
		large[n] = n * 7 + n / 256;
	i = socket(AF_INET6, SOCK_DGRAM, 0);
	nr = i >= 0 ? 2 : 1;
	close(i);
	for (i = 0; i < nr; i++) {
		make_optioned(&o[i], families[i]);
		make_queued(&q[i], families[i]);
		make_ends(&e[i], families[i]);
	}
	make_filters(nr == 2);
	make_rest();
	dressed = dress(raw(AF_INET, 211), SIGUSR1);

	ready();

	for (i = 0; i < nr; i++) {
		check_optioned(&o[i]);
		check_queued(&q[i]);
		check_ends(&e[i]);
	}
	check_filters(nr == 2);
	check_rest();
	check_dressed(&dressed, SIGUSR1);
	return passed();
}
