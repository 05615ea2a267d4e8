// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sockets that add something to the headers of what they send: options of IPv4 and, where the
 * kernel has it, extension headers of IPv6; of UDP, of TCP that is connected and not, raw.
 * Who listens sees that they still do. Also what else of IPv6 nobody can simply ask for:
 * how large a packet may become (IPV6_MTU), and IPV6_PKTINFO.
 */
#define _GNU_SOURCE
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "inet.h"

#define HDRINFO_2292	2	/* IPV6_2292PKTINFO */
#define OPTIONS_2292	6	/* IPV6_2292PKTOPTIONS */

/* A record of the route with room for one address. */
static const unsigned char options[8] = { 7, 7, 4 };
/* Nothing but padding, of which the second byte tells how much follows. */
static const unsigned char padding[8] = { 0, 0, 1, 4 };
/* An option that nobody knows, and may skip. */
static const unsigned char longer[24] = { 0, 2, 0x1e, 20 };
/* Of mobile IPv6, by ::1. */
static const unsigned char route[24] = { 0, 2, 2, 1, [23] = 1 };

static const struct header {
	int family, level, option;
	const unsigned char *bytes;
	socklen_t len;
} headers[] = {
	{ AF_INET, SOL_IP, IP_OPTIONS, options, sizeof(options) },
	{ AF_INET6, SOL_IPV6, IPV6_HOPOPTS, padding, sizeof(padding) },
	{ AF_INET6, SOL_IPV6, IPV6_DSTOPTS, longer, sizeof(longer) },
	/* Those that follow are not sent. */
	{ AF_INET6, SOL_IPV6, IPV6_RTHDRDSTOPTS, padding, sizeof(padding) },
	{ AF_INET6, SOL_IPV6, IPV6_RTHDR, route, sizeof(route) },
};

#define NR_HEADERS	(sizeof(headers) / sizeof(headers[0]))
#define NR_SENT		3

static void add_headers(int fd, int family, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (headers[i].family == family)
			check(setsockopt(fd, headers[i].level, headers[i].option,
					 headers[i].bytes, headers[i].len) == 0);
}

static void check_headers(int fd, int family, size_t nr)
{
	size_t i;

	for (i = 0; i < NR_HEADERS; i++) {
		const struct header *h = &headers[i];
		unsigned char got[100] = "";
		socklen_t len = sizeof(got);

		if (h->family != family)
			continue;
		check(getsockopt(fd, h->level, h->option, got, &len) == 0);
		if (i < nr)
			check(len == h->len && !memcmp(got, h->bytes, len));
		else
			check(!len);
	}
}

/* ---- datagrams ------------------------------------------------------------------------ */

static int listening(int family, int type)
{
	union address a = loopback(family);
	int fd = socket(family, type, 0), one = 1;

	check(fd >= 0 && bind(fd, &a.any, size_of(&a)) == 0);
	if (type != SOCK_DGRAM)
		return fd;
	if (family == AF_INET) {
		check(setsockopt(fd, SOL_IP, IP_RECVOPTS, &one, sizeof(one)) == 0);
		return fd;
	}
	check(setsockopt(fd, SOL_IPV6, IPV6_RECVHOPOPTS, &one, sizeof(one)) == 0);
	check(setsockopt(fd, SOL_IPV6, IPV6_RECVDSTOPTS, &one, sizeof(one)) == 0);
	check(setsockopt(fd, SOL_IPV6, IPV6_RECVFRAGSIZE, &one, sizeof(one)) == 0);
	return fd;
}

static int connected_to(int fd, int type)
{
	union address a = name(fd);
	int client = socket(a.any.sa_family, type, 0);

	check(client >= 0);
	if (type == SOCK_STREAM)
		add_headers(client, a.any.sa_family, NR_SENT);
	check(connect(client, &a.any, size_of(&a)) == 0);
	return client;
}

/* Of the next datagram: the control message of that type. Return: its length, 0: none. */
static socklen_t came_with(int fd, int level, int type, unsigned char got[100])
{
	static char payload[5000];
	char control[512];
	struct iovec iov = { payload, sizeof(payload) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;

	check(recvmsg(fd, &msg, MSG_PEEK) > 0);
	for (c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		socklen_t len = c->cmsg_len - CMSG_LEN(0);

		if (c->cmsg_level != level || c->cmsg_type != type || len > 100)
			continue;
		memcpy(got, CMSG_DATA(c), len);
		return len;
	}
	return 0;
}

static void drop(int fd)
{
	char byte;

	check(recv(fd, &byte, 1, 0) == 1);
}

static void check_datagram(int to, int from, int family)
{
	unsigned char got[100];
	size_t i;

	check(send(from, "x", 1, 0) == 1);
	if (family == AF_INET) {
		/* With the address it has come by. */
		check(came_with(to, SOL_IP, IP_RECVOPTS, got) >= 7);
		check(got[0] == 7 && got[1] == 7 && got[2] == 8 && got[3] == 127);
	}
	for (i = 0; i < NR_SENT; i++) {
		if (headers[i].family != family || family == AF_INET)
			continue;
		check(came_with(to, SOL_IPV6, headers[i].option, got) == headers[i].len);
		/* The first byte says what follows in the packet. */
		check(!memcmp(got + 1, headers[i].bytes + 1, headers[i].len - 1));
	}
	drop(to);
}

/* ---- both families ------------------------------------------------------------------------ */

struct sockets {
	int family, to, from, listener, client, server, raw, fresh;
};

static void make(struct sockets *s, int family)
{
	s->family = family;
	s->to = listening(family, SOCK_DGRAM);
	s->from = connected_to(s->to, SOCK_DGRAM);
	add_headers(s->from, family, NR_SENT);
	s->listener = listening(family, SOCK_STREAM);
	add_headers(s->listener, family, NR_SENT);
	check(listen(s->listener, 3) == 0);
	s->client = connected_to(s->listener, SOCK_STREAM);
	s->server = accept(s->listener, NULL, NULL);
	check(s->server >= 0);
	check(send(s->client, "in flight", 9, 0) == 9);
	s->raw = socket(family, SOCK_RAW, 253);
	check(s->raw >= 0);
	add_headers(s->raw, family, NR_HEADERS);
	s->fresh = socket(family, SOCK_STREAM, 0);
	add_headers(s->fresh, family, NR_HEADERS);
}

static void check_sockets(struct sockets *s)
{
	char got[10] = "";

	check_headers(s->to, s->family, 0);
	check_headers(s->from, s->family, NR_SENT);
	check_headers(s->listener, s->family, NR_SENT);
	check_headers(s->client, s->family, NR_SENT);
	check_headers(s->raw, s->family, NR_HEADERS);
	check_headers(s->fresh, s->family, NR_HEADERS);
	check_datagram(s->to, s->from, s->family);
	check(recv(s->server, got, 9, MSG_WAITALL) == 9 && !strcmp(got, "in flight"));
	check(send(s->server, "an answer", 9, 0) == 9);
	check(recv(s->client, got, 9, MSG_WAITALL) == 9 && !strcmp(got, "an answer"));
}

/* ---- of IPv6 only --------------------------------------------------------------------------- */

#define LARGEST	1400

struct v6 {
	int to, from, pktinfo[3];
};

/* A device and an address; the device alone; the address alone. */
static void make_v6(struct v6 *s)
{
	struct in6_pktinfo info = { .ipi6_addr = in6addr_loopback };
	int i;

	s->to = listening(AF_INET6, SOCK_DGRAM);
	s->from = connected_to(s->to, SOCK_DGRAM);
	check(setsockopt(s->from, SOL_IPV6, IPV6_MTU, &(int){ LARGEST }, sizeof(int)) == 0);
	for (i = 0; i < 3; i++) {
		s->pktinfo[i] = socket(AF_INET6, SOCK_STREAM, 0);
		info.ipi6_ifindex = i < 2 ? if_nametoindex("lo") : 0;
		info.ipi6_addr = i == 1 ? in6addr_any : in6addr_loopback;
		check(setsockopt(s->pktinfo[i], SOL_IPV6, IPV6_PKTINFO, &info, sizeof(info)) == 0);
		check(setsockopt(s->pktinfo[i], SOL_IPV6, HDRINFO_2292, &(int){ 1 },
				 sizeof(int)) == 0);
	}
}

static void check_pktinfo(int fd, unsigned int index, int has_address)
{
	char buf[200];
	struct msghdr msg = { .msg_control = buf, .msg_controllen = sizeof(buf) };
	socklen_t len = sizeof(buf);
	struct in6_pktinfo info;
	struct cmsghdr *c;

	check(getsockopt(fd, SOL_IPV6, OPTIONS_2292, buf, &len) == 0);
	msg.msg_controllen = len;
	c = CMSG_FIRSTHDR(&msg);
	check(c && c->cmsg_level == SOL_IPV6 && c->cmsg_type == HDRINFO_2292);
	memcpy(&info, CMSG_DATA(c), sizeof(info));
	check(info.ipi6_ifindex == index);
	check(!memcmp(&info.ipi6_addr, has_address ? &in6addr_loopback : &in6addr_any, 16));
}

static void check_v6(struct v6 *s)
{
	unsigned int lo = if_nametoindex("lo");
	/* What fits into a packet of the loopback device is not made smaller. */
	static char large[65500];
	unsigned char got[100];
	int size;

	check(send(s->from, large, sizeof(large), 0) == sizeof(large));
	check(came_with(s->to, SOL_IPV6, IPV6_RECVFRAGSIZE, got) == sizeof(size));
	memcpy(&size, got, sizeof(size));
	check(size > LARGEST - 100 && size <= LARGEST);
	check_pktinfo(s->pktinfo[0], lo, 1);
	check_pktinfo(s->pktinfo[1], lo, 0);
	check_pktinfo(s->pktinfo[2], 0, 1);
}

int main(void)
{
	int has_v6 = socket(AF_INET6, SOCK_DGRAM, 0);
	struct sockets s[2];
	struct v6 v6 = {};

	make(&s[0], AF_INET);
	if (has_v6 >= 0) {
		make(&s[1], AF_INET6);
		make_v6(&v6);
	}

	ready();

	check_sockets(&s[0]);
	if (has_v6 >= 0) {
		check_sockets(&s[1]);
		check_v6(&v6);
	}
	return passed();
}
