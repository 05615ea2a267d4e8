// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sockets that are told when their packets came and left (SO_TIMESTAMPING), by both ABIs,
 * with a number for each: of UDP of IPv4 and, where the kernel has it, IPv6, with datagrams that
 * have not been read; of TCP connections, where that is the number of a byte.
 */
#define _GNU_SOURCE
#include <time.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/tcp.h>
#include <poll.h>

#include "inet.h"

#define OLD	37	/* SO_TIMESTAMPING_OLD, also in a message */
#define NEW	65	/* SO_TIMESTAMPING_NEW */
#define ID_TCP	(1 << 16)

static const int of_datagrams = SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_RX_SOFTWARE |
				SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID |
				SOF_TIMESTAMPING_OPT_TSONLY;
static const int of_bytes = SOF_TIMESTAMPING_TX_ACK | SOF_TIMESTAMPING_TX_SOFTWARE |
			    SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID |
			    SOF_TIMESTAMPING_OPT_TSONLY | ID_TCP;

struct stamps {
	int option, udp, tcp[2], listener;
	union address at;
};

static void set(int fd, int option, int flags)
{
	check(setsockopt(fd, SOL_SOCKET, option, &flags, sizeof(flags)) == 0);
}

/* What has been told, next: of which number. */
static unsigned int told(int fd)
{
	struct pollfd p = { .fd = fd };
	char control[500], byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct sock_extended_err err = {};
	struct cmsghdr *c;

	check(poll(&p, 1, -1) == 1 && p.revents & POLLERR);
	check(recvmsg(fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) == 0);
	for (c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c))
		if ((c->cmsg_level == SOL_IP && c->cmsg_type == IP_RECVERR) ||
		    (c->cmsg_level == SOL_IPV6 && c->cmsg_type == IPV6_RECVERR))
			memcpy(&err, CMSG_DATA(c), sizeof(err));
	check(err.ee_origin == SO_EE_ORIGIN_TIMESTAMPING);
	return err.ee_data;
}

static void nothing_told(int fd)
{
	char byte;

	check(recv(fd, &byte, 1, MSG_ERRQUEUE | MSG_DONTWAIT) == -1 && errno == EAGAIN);
}

/* The time of the next datagram, in the shape of that ABI; 0: it comes without one. */
static long long time_of(int fd, int option)
{
	char control[500], byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;
	long long time = 0;

	check(recvmsg(fd, &msg, MSG_DONTWAIT) == 1);
	for (c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == option)
			memcpy(&time, CMSG_DATA(c), sizeof(time));
	return time;
}

static void get(int fd, int option)
{
	check(time_of(fd, option) > 0);
}

/* The kernel begins to take times a while after the first socket has asked for them. */
static void wait_for_times(void)
{
	union address a = loopback(AF_INET);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	check(fd >= 0 && bind(fd, &a.any, size_of(&a)) == 0);
	a = name(fd);
	set(fd, NEW, SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE);
	do
		check(sendto(fd, "x", 1, 0, &a.any, size_of(&a)) == 1);
	while (!time_of(fd, NEW));
	close(fd);
}

static void put(const struct stamps *s)
{
	check(sendto(s->udp, "x", 1, 0, &s->at.any, size_of(&s->at)) == 1);
}

static int flags_of(int fd, int option)
{
	int flags[2] = {};
	socklen_t len = sizeof(flags);

	check(getsockopt(fd, SOL_SOCKET, option, flags, &len) == 0 && len == sizeof(flags));
	return flags[0];
}

static void make(struct stamps *s, int family, int option)
{
	union address a = loopback(family);
	unsigned int i;
	char got[10];

	s->option = option;
	s->udp = socket(family, SOCK_DGRAM, 0);
	check(s->udp >= 0 && bind(s->udp, &a.any, size_of(&a)) == 0);
	s->at = name(s->udp);
	set(s->udp, option, of_datagrams);
	wait_for_times();
	for (i = 0; i < 3; i++) {
		put(s);
		check(told(s->udp) == i);
	}
	get(s->udp, option);
	s->listener = socket(family, SOCK_STREAM, 0);
	set(s->listener, option, SOF_TIMESTAMPING_RX_SOFTWARE);
	check(bind(s->listener, &a.any, size_of(&a)) == 0 && listen(s->listener, 3) == 0);
	a = name(s->listener);
	s->tcp[0] = socket(family, SOCK_STREAM, 0);
	check(connect(s->tcp[0], &a.any, size_of(&a)) == 0);
	s->tcp[1] = accept(s->listener, NULL, NULL);
	check(s->tcp[1] >= 0);
	check(send(s->tcp[0], "before", 6, 0) == 6);
	check(recv(s->tcp[1], got, 6, MSG_WAITALL) == 6);
	set(s->tcp[0], option, of_bytes);
	check(send(s->tcp[0], "0123456789", 10, 0) == 10);
	check(recv(s->tcp[1], got, 10, MSG_WAITALL) == 10);
	check(told(s->tcp[0]) == 9 && told(s->tcp[0]) == 9);
	/* Nobody has asked to be told of that, though the other end has not read it. */
	check(send(s->tcp[1], "an answer", 9, 0) == 9);
}

static void check_made(const struct stamps *s)
{
	int other = s->option == OLD ? NEW : OLD;
	char got[10];

	check(flags_of(s->udp, s->option) == of_datagrams);
	check(other == OLD || flags_of(s->udp, other) == 0);
	nothing_told(s->udp);
	wait_for_times();
	get(s->udp, s->option);
	get(s->udp, s->option);
	put(s);
	check(told(s->udp) == 3);
	get(s->udp, s->option);
	check(flags_of(s->tcp[0], s->option) == of_bytes);
	check(flags_of(s->tcp[1], s->option) == SOF_TIMESTAMPING_RX_SOFTWARE);
	check(flags_of(s->listener, s->option) == SOF_TIMESTAMPING_RX_SOFTWARE);
	nothing_told(s->tcp[0]);
	check(recv(s->tcp[0], got, 9, MSG_WAITALL) == 9 && !memcmp(got, "an answer", 9));
	check(send(s->tcp[0], "abcde", 5, 0) == 5);
	check(recv(s->tcp[1], got, 5, MSG_WAITALL) == 5 && !memcmp(got, "abcde", 5));
	check(told(s->tcp[0]) == 14 && told(s->tcp[0]) == 14);
	nothing_told(s->tcp[0]);
}

int main(void)
{
	static const int options[] = { OLD, NEW };
	int v6 = socket(AF_INET6, SOCK_DGRAM, 0), nr = 0, i;
	struct stamps s[4];

	close(v6);
	for (i = 0; i < 2; i++) {
		make(&s[nr++], AF_INET, options[i]);
		if (v6 >= 0)
			make(&s[nr++], AF_INET6, options[i]);
	}

	ready();

	for (i = 0; i < nr; i++)
		check_made(&s[i]);
	return passed();
}
