// SPDX-License-Identifier: GPL-2.0-only
/*
 * Members of multicast groups of IPv4 and, where the kernel has it, IPv6, that hear some of
 * those who send there and not others: UDP sockets, and a raw one. Who is heard is asked for,
 * and tried.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

#include "inet.h"

#define GROUP	"239.1.2.5"
#define OTHER	"239.1.2.6"

static int lo;

static struct in_addr address(const char *text)
{
	struct in_addr addr;

	check(inet_pton(AF_INET, text, &addr) == 1);
	return addr;
}

/* ---- IPv4: members of both groups, and two who send to them ----------------------------- */

enum { INCLUDES, EXCLUDES, LISTS, RAW, MEMBERS };

static int members[MEMBERS], senders[2];
static const char *const from[] = { "127.0.0.1", "127.0.0.2" };

static void join(int fd, const char *group)
{
	struct ip_mreqn req = { .imr_multiaddr = address(group), .imr_ifindex = lo };

	check(setsockopt(fd, SOL_IP, IP_ADD_MEMBERSHIP, &req, sizeof(req)) == 0);
}

static void source(int fd, int option, const char *group, const char *sender)
{
	struct ip_mreq_source req = {
		.imr_multiaddr = address(group), .imr_interface = address("127.0.0.1"),
		.imr_sourceaddr = address(sender),
	};

	check(setsockopt(fd, SOL_IP, option, &req, sizeof(req)) == 0);
}

/* Of IPv4 or, of no group, IPv6. */
static struct sockaddr_storage sockaddr(const char *text)
{
	struct sockaddr_storage to = {};
	struct sockaddr_in6 *to6 = (void *)&to;
	struct sockaddr_in *to4 = (void *)&to;

	if (inet_pton(AF_INET, text, &to4->sin_addr) == 1) {
		to.ss_family = AF_INET;
	} else {
		to.ss_family = AF_INET6;
		check(inet_pton(AF_INET6, text, &to6->sin6_addr) == 1);
	}
	return to;
}

/* In that order. */
static void hear(int fd, int level, int mode, const char *group, int nr, const char *const *list)
{
	char room[GROUP_FILTER_SIZE(4)] = {};
	struct group_filter *filter = (void *)room;
	struct sockaddr_storage to = sockaddr(group);
	int i;

	check(nr <= 4);
	filter->gf_interface = lo;
	filter->gf_fmode = mode;
	filter->gf_numsrc = nr;
	memcpy(&filter->gf_group, &to, sizeof(to));
	for (i = 0; i < nr; i++) {
		to = sockaddr(list[i]);
		memcpy((char *)filter->gf_slist + i * sizeof(to), &to, sizeof(to));
	}
	check(setsockopt(fd, level, MCAST_MSFILTER, filter, GROUP_FILTER_SIZE(nr)) == 0);
}

static void is_heard(int fd, int level, int mode, const char *group, int nr,
		     const char *const *list)
{
	char room[GROUP_FILTER_SIZE(4)] = {};
	struct group_filter *filter = (void *)room;
	struct sockaddr_storage to = sockaddr(group), got;
	socklen_t len = sizeof(room);
	int i;

	filter->gf_interface = lo;
	filter->gf_numsrc = 4;
	memcpy(&filter->gf_group, &to, sizeof(to));
	check(getsockopt(fd, level, MCAST_MSFILTER, filter, &len) == 0);
	if ((int)filter->gf_fmode != mode || (int)filter->gf_numsrc != nr)
		printf("%s: mode %u of %u\n", group, filter->gf_fmode, filter->gf_numsrc);
	check((int)filter->gf_fmode == mode && (int)filter->gf_numsrc == nr);
	for (i = 0; i < nr; i++) {
		to = sockaddr(list[i]);
		memcpy(&got, (char *)filter->gf_slist + i * sizeof(got), sizeof(got));
		check(got.ss_family == to.ss_family);
		if (to.ss_family == AF_INET)
			check(!memcmp(&got, &to, sizeof(struct sockaddr_in)));
		else
			check(!memcmp(&((struct sockaddr_in6 *)&got)->sin6_addr,
				      &((struct sockaddr_in6 *)&to)->sin6_addr, 16));
	}
}

static const char *const blocked[] = { "127.0.0.2" };
static const char *const one[] = { "127.0.0.1" };
static const char *const several[] = { "127.0.0.9", "127.0.0.2", "10.1.1.1" };

static void make4(void)
{
	union address any = { .v4.sin_family = AF_INET };
	struct ip_mreqn req = { .imr_ifindex = lo };
	int i;

	for (i = 0; i < MEMBERS; i++) {
		members[i] = socket(AF_INET, i == RAW ? SOCK_RAW : SOCK_DGRAM,
				    i == RAW ? IPPROTO_UDP : 0);
		check(members[i] >= 0);
		check(setsockopt(members[i], SOL_IP, IP_MULTICAST_ALL, &(int){ 0 },
				 sizeof(int)) == 0);
		check(bind(members[i], &any.any, sizeof(any.v4)) == 0);
	}
	source(members[INCLUDES], IP_ADD_SOURCE_MEMBERSHIP, GROUP, from[0]);
	join(members[INCLUDES], OTHER);
	join(members[EXCLUDES], OTHER);
	join(members[EXCLUDES], GROUP);
	source(members[EXCLUDES], IP_BLOCK_SOURCE, GROUP, from[1]);
	/* That has been one of a list, which is empty now. */
	source(members[EXCLUDES], IP_BLOCK_SOURCE, OTHER, from[1]);
	source(members[EXCLUDES], IP_UNBLOCK_SOURCE, OTHER, from[1]);
	join(members[LISTS], GROUP);
	hear(members[LISTS], SOL_IP, MCAST_INCLUDE, GROUP, 3, several);
	source(members[RAW], IP_ADD_SOURCE_MEMBERSHIP, GROUP, from[0]);
	for (i = 0; i < 2; i++) {
		union address a = { .v4.sin_family = AF_INET };

		a.v4.sin_addr = address(from[i]);
		senders[i] = socket(AF_INET, SOCK_DGRAM, 0);
		check(senders[i] >= 0 && bind(senders[i], &a.any, sizeof(a.v4)) == 0);
		check(setsockopt(senders[i], SOL_IP, IP_MULTICAST_IF, &req, sizeof(req)) == 0);
	}
}

/* Who sends to a group: is it heard? */
static void try(int member, const char *group, int sender, int expected)
{
	union address to = name(members[member]);
	char got[100];
	ssize_t n;
	int heard;

	to.v4.sin_addr = address(group);
	if (member == RAW)
		to.v4.sin_port = htons(9);
	check(sendto(senders[sender], "x", 1, 0, &to.any, sizeof(to.v4)) == 1);
	n = recv(members[member], got, sizeof(got), MSG_DONTWAIT);
	heard = n > 0;
	if (heard != expected)
		printf("member %d, %s, from %s: %zd\n", member, group, from[sender], n);
	check(heard == expected);
}

static void check4(void)
{
	is_heard(members[INCLUDES], SOL_IP, MCAST_INCLUDE, GROUP, 1, one);
	is_heard(members[INCLUDES], SOL_IP, MCAST_EXCLUDE, OTHER, 0, NULL);
	is_heard(members[EXCLUDES], SOL_IP, MCAST_EXCLUDE, GROUP, 1, blocked);
	is_heard(members[EXCLUDES], SOL_IP, MCAST_EXCLUDE, OTHER, 0, NULL);
	is_heard(members[LISTS], SOL_IP, MCAST_INCLUDE, GROUP, 3, several);
	is_heard(members[RAW], SOL_IP, MCAST_INCLUDE, GROUP, 1, one);
	try(INCLUDES, GROUP, 0, 1);
	try(INCLUDES, GROUP, 1, 0);
	try(INCLUDES, OTHER, 1, 1);
	try(EXCLUDES, GROUP, 0, 1);
	try(EXCLUDES, GROUP, 1, 0);
	try(EXCLUDES, OTHER, 1, 1);
	try(LISTS, GROUP, 0, 0);
	try(LISTS, GROUP, 1, 1);
	/* The last one that it hears goes, and with it the group. */
	source(members[INCLUDES], IP_DROP_SOURCE_MEMBERSHIP, GROUP, from[0]);
	try(INCLUDES, GROUP, 0, 0);
	source(members[EXCLUDES], IP_UNBLOCK_SOURCE, GROUP, from[1]);
	try(EXCLUDES, GROUP, 1, 1);
}

/* ---- IPv6 --------------------------------------------------------------------------------- */

#define GROUP6	"ff15::5"
#define OTHER6	"ff15::6"

static const char *const one6[] = { "::1" };
static const char *const several6[] = { "fd00::9", "::1" };
static int includes6 = -1, excludes6;

static void source6(int fd, int option, const char *group, const char *sender)
{
	struct group_source_req req = { .gsr_interface = lo };
	struct sockaddr_storage to = sockaddr(group), who = sockaddr(sender);

	memcpy(&req.gsr_group, &to, sizeof(to));
	memcpy(&req.gsr_source, &who, sizeof(who));
	check(setsockopt(fd, SOL_IPV6, option, &req, sizeof(req)) == 0);
}

static void make6(void)
{
	struct ipv6_mreq req = { .ipv6mr_interface = lo };

	includes6 = socket(AF_INET6, SOCK_DGRAM, 0);
	if (includes6 < 0)
		return;
	excludes6 = socket(AF_INET6, SOCK_DGRAM, 0);
	source6(includes6, MCAST_JOIN_SOURCE_GROUP, GROUP6, "::1");
	/* One of IPv4, too. */
	source(includes6, IP_ADD_SOURCE_MEMBERSHIP, GROUP, from[0]);
	check(inet_pton(AF_INET6, GROUP6, &req.ipv6mr_multiaddr) == 1);
	check(setsockopt(excludes6, SOL_IPV6, IPV6_ADD_MEMBERSHIP, &req, sizeof(req)) == 0);
	source6(excludes6, MCAST_BLOCK_SOURCE, GROUP6, "::1");
	check(inet_pton(AF_INET6, OTHER6, &req.ipv6mr_multiaddr) == 1);
	check(setsockopt(excludes6, SOL_IPV6, IPV6_ADD_MEMBERSHIP, &req, sizeof(req)) == 0);
	hear(excludes6, SOL_IPV6, MCAST_INCLUDE, OTHER6, 2, several6);
}

static void check6(void)
{
	if (includes6 < 0)
		return;
	is_heard(includes6, SOL_IPV6, MCAST_INCLUDE, GROUP6, 1, one6);
	is_heard(includes6, SOL_IP, MCAST_INCLUDE, GROUP, 1, one);
	is_heard(excludes6, SOL_IPV6, MCAST_EXCLUDE, GROUP6, 1, one6);
	is_heard(excludes6, SOL_IPV6, MCAST_INCLUDE, OTHER6, 2, several6);
	source6(excludes6, MCAST_UNBLOCK_SOURCE, GROUP6, "::1");
	is_heard(excludes6, SOL_IPV6, MCAST_EXCLUDE, GROUP6, 0, NULL);
}

int main(void)
{
	lo = if_nametoindex("lo");
	make4();
	make6();

	ready();

	check4();
	check6();
	return passed();
}
