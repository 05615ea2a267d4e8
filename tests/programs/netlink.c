// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netlink sockets: of each protocol, bound and not, in groups, connected; messages of
 * programs and of the kernel with who has sent them; options, a filter, a queue that has
 * run over, who watches, waits and shares, and with whose rights the kernel is asked.
 *
 * netlink NAME makes something for a test of its own: see main().
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/epoll.h>
#include <sys/fsuid.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "handover.h"
#include "openfile.h"
#include "tasks.h"

#ifndef SOL_NETLINK
#define SOL_NETLINK		270
#endif
#ifndef NETLINK_GET_STRICT_CHK
#define NETLINK_GET_STRICT_CHK	12
#endif

#define LARGE	150000
/* No pid is like it. */
#define PORT	3000000001u

static char large[LARGE];

static int opened(int type, int protocol)
{
	int fd = socket(AF_NETLINK, type, protocol);

	check(fd >= 0);
	return fd;
}

static struct sockaddr_nl address(unsigned int port, unsigned int groups)
{
	return (struct sockaddr_nl){
		.nl_family = AF_NETLINK, .nl_pid = port, .nl_groups = groups,
	};
}

static int bound(int protocol, unsigned int port, unsigned int groups)
{
	struct sockaddr_nl a = address(port, groups);
	int fd = opened(SOCK_RAW, protocol);

	check(bind(fd, (void *)&a, sizeof(a)) == 0);
	return fd;
}

static struct sockaddr_nl name(int fd)
{
	struct sockaddr_nl a = {};
	socklen_t len = sizeof(a);

	check(getsockname(fd, (void *)&a, &len) == 0);
	return a;
}

static int is_named(int fd, unsigned int port, unsigned int groups)
{
	struct sockaddr_nl a = name(fd);

	if (a.nl_pid != port || a.nl_groups != groups)
		printf("is port %u, groups %#x, not %u, %#x\n", a.nl_pid, a.nl_groups, port,
		       groups);
	return a.nl_family == AF_NETLINK && a.nl_pid == port && a.nl_groups == groups;
}

static int is_connected(int fd, unsigned int port, unsigned int groups)
{
	struct sockaddr_nl a = {};
	socklen_t len = sizeof(a);

	check(getpeername(fd, (void *)&a, &len) == 0);
	return a.nl_pid == port && a.nl_groups == groups;
}

static void set(int fd, int level, int option, int value)
{
	check(setsockopt(fd, level, option, &value, sizeof(value)) == 0);
}

static int get(int fd, int level, int option)
{
	int value = -1;
	socklen_t len = sizeof(value);

	check(getsockopt(fd, level, option, &value, &len) == 0);
	return value;
}

static int is_member(int fd, unsigned int group)
{
	unsigned int words[8] = {};
	socklen_t len = sizeof(words);

	check(getsockopt(fd, SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS, words, &len) == 0);
	return words[(group - 1) / 32] >> (group - 1) % 32 & 1;
}

/* To who is in a group it may be said that something was lost while it was away. */
static void settle(int fd)
{
	int err = get(fd, SOL_SOCKET, SO_ERROR);

	check(!err || err == ENOBUFS);
}

/* ---- names ---------------------------------------------------------------------------- */

static const struct {
	int protocol, type;
} kinds[] = {
	{ NETLINK_ROUTE, SOCK_RAW }, { NETLINK_ROUTE, SOCK_DGRAM },
	{ NETLINK_USERSOCK, SOCK_RAW }, { NETLINK_SOCK_DIAG, SOCK_RAW },
	{ NETLINK_AUDIT, SOCK_RAW }, { NETLINK_FIB_LOOKUP, SOCK_DGRAM },
	{ NETLINK_KOBJECT_UEVENT, SOCK_DGRAM }, { NETLINK_GENERIC, SOCK_RAW },
	{ NETLINK_XFRM, SOCK_RAW }, { NETLINK_CRYPTO, SOCK_RAW }, { NETLINK_RDMA, SOCK_RAW },
};

#define NR_KINDS	(sizeof(kinds) / sizeof(kinds[0]))

static int of_kind[NR_KINDS];
static int chosen, automatic, grouped, portless, to_port, to_group, again, ruled;

static void make_names(void)
{
	struct sockaddr_nl a = address(PORT + 7, 0), b = address(0, 1 << 4);
	size_t i;

	for (i = 0; i < NR_KINDS; i++) {
		/* Not every kernel has all of them. */
		of_kind[i] = socket(AF_NETLINK, kinds[i].type, kinds[i].protocol);
		if (of_kind[i] < 0)
			printf("no protocol %d: %s\n", kinds[i].protocol, strerror(errno));
	}
	chosen = bound(NETLINK_ROUTE, PORT, 0);
	automatic = bound(NETLINK_ROUTE, 0, 0);
	grouped = bound(NETLINK_ROUTE, 0, RTMGRP_LINK | RTMGRP_NEIGH);
	set(grouped, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, RTNLGRP_NSID);
	set(grouped, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, RTNLGRP_BRVLAN);
	portless = opened(SOCK_DGRAM, NETLINK_KOBJECT_UEVENT);
	set(portless, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, 2);
	set(portless, SOL_NETLINK, NETLINK_NO_ENOBUFS, 1);
	to_port = bound(NETLINK_USERSOCK, PORT + 1, 0);
	check(connect(to_port, (void *)&a, sizeof(a)) == 0);
	to_group = opened(SOCK_DGRAM, NETLINK_USERSOCK);
	check(connect(to_group, (void *)&b, sizeof(b)) == 0);
	again = bound(NETLINK_USERSOCK, PORT + 2, 0);
	check(connect(again, (void *)&a, sizeof(a)) == 0);
	check(connect(again, &(struct sockaddr){ AF_UNSPEC }, sizeof(a)) == 0);
	ruled = opened(SOCK_RAW, NETLINK_ROUTE);
	check(fchmod(ruled, 0600) == 0 && fchown(ruled, 1234, 5678) == 0);
}

static void check_names(unsigned int port, unsigned int dgram_port, unsigned int group_port)
{
	struct sockaddr_nl a = address(PORT, 0);
	struct stat st;
	size_t i;

	for (i = 0; i < NR_KINDS; i++) {
		if (of_kind[i] < 0)
			continue;
		check(get(of_kind[i], SOL_SOCKET, SO_TYPE) == kinds[i].type);
		check(get(of_kind[i], SOL_SOCKET, SO_PROTOCOL) == kinds[i].protocol);
		check(is_named(of_kind[i], 0, 0));
	}
	check(is_named(chosen, PORT, 0) && is_named(automatic, port, 0));
	/* It is taken. */
	check(bind(ruled, (void *)&a, sizeof(a)) == -1 && errno == EADDRINUSE);
	check(is_named(grouped, group_port, RTMGRP_LINK | RTMGRP_NEIGH | 1 << (RTNLGRP_NSID - 1)));
	check(is_member(grouped, RTNLGRP_BRVLAN) && is_member(grouped, RTNLGRP_NSID));
	check(!is_member(grouped, RTNLGRP_IPV4_ROUTE) && !is_member(grouped, RTNLGRP_STATS));
	settle(grouped);
	check(is_named(portless, 0, 2));
	check(is_connected(to_port, PORT + 7, 0));
	check(is_named(to_group, dgram_port, 0) && is_connected(to_group, 0, 1 << 4));
	check(is_named(again, PORT + 2, 0) && is_connected(again, 0, 0));
	check(fstat(ruled, &st) == 0 && st.st_mode == (S_IFSOCK | 0600));
	check(st.st_uid == 1234 && st.st_gid == 5678);
	/* Such a change is of the next owner only. */
	set(grouped, SOL_NETLINK, NETLINK_DROP_MEMBERSHIP, RTNLGRP_BRVLAN);
	check(!is_member(grouped, RTNLGRP_BRVLAN) && is_member(grouped, RTNLGRP_LINK));
}

/* ---- options --------------------------------------------------------------------------- */

static const struct {
	int level, option, value;
} options[] = {
	{ SOL_NETLINK, NETLINK_PKTINFO, 1 }, { SOL_NETLINK, NETLINK_BROADCAST_ERROR, 1 },
	{ SOL_NETLINK, NETLINK_NO_ENOBUFS, 1 }, { SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, 1 },
	{ SOL_NETLINK, NETLINK_CAP_ACK, 1 }, { SOL_NETLINK, NETLINK_EXT_ACK, 1 },
	{ SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1 }, { SOL_SOCKET, SO_PASSCRED, 1 },
	{ SOL_SOCKET, SO_RCVBUF, 40000 }, { SOL_SOCKET, SO_SNDBUF, 50000 },
	{ SOL_SOCKET, SO_PRIORITY, 5 }, { SOL_SOCKET, SO_TIMESTAMP, 1 },
};

#define NR_OPTIONS	(sizeof(options) / sizeof(options[0]))

/* All of them, none, and each alone. */
static int optioned[NR_OPTIONS + 2], values[NR_OPTIONS + 2][NR_OPTIONS];

static int has_option(size_t i, size_t option)
{
	return i == NR_OPTIONS || i == option;
}

static void make_options(void)
{
	size_t i, j;

	for (i = 0; i < NR_OPTIONS + 2; i++) {
		optioned[i] = opened(SOCK_RAW, NETLINK_ROUTE);
		for (j = 0; j < NR_OPTIONS; j++)
			if (has_option(i, j))
				set(optioned[i], options[j].level, options[j].option,
				    options[j].value);
		for (j = 0; j < NR_OPTIONS; j++) {
			values[i][j] = get(optioned[i], options[j].level, options[j].option);
			if (options[j].value == 1)
				check(values[i][j] == has_option(i, j));
		}
	}
}

static void check_options(void)
{
	size_t i, j;
	int bad = 0;

	for (i = 0; i < NR_OPTIONS + 2; i++)
		for (j = 0; j < NR_OPTIONS; j++) {
			int now = get(optioned[i], options[j].level, options[j].option);

			if (now == values[i][j])
				continue;
			printf("option %d of level %d of socket %zu is %d, was %d\n",
			       options[j].option, options[j].level, i, now, values[i][j]);
			bad++;
		}
	check(!bad);
}

/* ---- messages of programs ---------------------------------------------------------------- */

/* What is told of a message. */
struct told {
	struct sockaddr_nl from;
	struct ucred creds;
	int has_creds, group, len;
	char text[200];
};

static struct told receive(int fd)
{
	char control[200];
	struct told t = { .group = -1 };
	struct iovec iov = { t.text, sizeof(t.text) - 1 };
	struct msghdr msg = {
		.msg_name = &t.from, .msg_namelen = sizeof(t.from), .msg_iov = &iov,
		.msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;

	t.len = recvmsg(fd, &msg, MSG_DONTWAIT);
	for (c = t.len < 0 ? NULL : CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS) {
			memcpy(&t.creds, CMSG_DATA(c), sizeof(t.creds));
			t.has_creds = 1;
		}
		if (c->cmsg_level == SOL_NETLINK && c->cmsg_type == NETLINK_PKTINFO)
			memcpy(&t.group, CMSG_DATA(c), sizeof(t.group));
	}
	return t;
}

static void put(int fd, const char *text, unsigned int port, unsigned int groups)
{
	struct sockaddr_nl a = address(port, groups);
	ssize_t n = sendto(fd, text, strlen(text), 0, (void *)&a, sizeof(a));

	/* One that goes to a group only has no other receiver. */
	check(n == (ssize_t)strlen(text) || (groups && errno == ECONNREFUSED));
}

static void take(int fd, const char *text, unsigned int port, unsigned int groups, pid_t pid,
		 uid_t uid, gid_t gid)
{
	struct told t = receive(fd);

	if (t.len != (int)strlen(text) || strcmp(t.text, text))
		printf("got '%s' (%d), not '%s'\n", t.text, t.len, text);
	check(t.len == (int)strlen(text) && !strcmp(t.text, text));
	if (t.creds.pid != pid || t.creds.uid != uid || t.creds.gid != gid)
		printf("from process %d, user %u, group %u\n", t.creds.pid, t.creds.uid,
		       t.creds.gid);
	check(t.from.nl_pid == port && t.from.nl_groups == groups);
	check(t.has_creds && t.creds.pid == pid && t.creds.uid == uid && t.creds.gid == gid);
	check(t.group == (groups ? ffs(groups) : 0));
}

static void nothing(int fd)
{
	char byte;

	check(recv(fd, &byte, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN);
}

static int reader, far_reader, writer;
static pid_t gone;

/* Another process, which ends; and another user, as whom it may sign. */
static void write_as_child(void)
{
	gone = fork();
	check(gone >= 0);
	if (!gone) {
		int fd = bound(NETLINK_USERSOCK, PORT + 20, 0);

		check(setresgid(4321, 4321, 0) == 0 && setresuid(1234, 1234, 0) == 0);
		put(fd, "from a child", PORT + 10, 0);
		_exit(0);
	}
	check(status_of(gone) == 0);
}

static void make_messages(void)
{
	struct sockaddr_nl a = address(PORT + 11, 0);

	reader = bound(NETLINK_USERSOCK, PORT + 10, 1 << 2);
	far_reader = bound(NETLINK_USERSOCK, PORT + 11, 0);
	writer = bound(NETLINK_USERSOCK, PORT + 12, 0);
	set(reader, SOL_SOCKET, SO_PASSCRED, 1);
	set(reader, SOL_NETLINK, NETLINK_PKTINFO, 1);
	put(writer, "read before", PORT + 10, 0);
	put(writer, "first", PORT + 10, 0);
	put(writer, "to a group", 0, 1 << 2);
	write_as_child();
	check(sendto(writer, large, LARGE, 0, (void *)&a, sizeof(a)) == LARGE);
	take(reader, "read before", PORT + 12, 0, getpid(), 0, 0);
}

static void check_messages(void)
{
	static char got[LARGE + 1];
	struct sockaddr_nl a = {};
	socklen_t len = sizeof(a);

	settle(reader);
	take(reader, "first", PORT + 12, 0, getpid(), 0, 0);
	take(reader, "to a group", PORT + 12, 1 << 2, getpid(), 0, 0);
	take(reader, "from a child", PORT + 20, 0, gone, 1234, 4321);
	nothing(reader);
	check(recv(far_reader, got, 10, MSG_PEEK | MSG_TRUNC) == LARGE);
	check(recvfrom(far_reader, got, sizeof(got), 0, (void *)&a, &len) == LARGE);
	check(!memcmp(got, large, LARGE) && a.nl_pid == PORT + 12);
	nothing(far_reader);
	put(writer, "again", PORT + 10, 0);
	put(writer, "to all", 0, 1 << 2);
	take(reader, "again", PORT + 12, 0, getpid(), 0, 0);
	take(reader, "to all", PORT + 12, 1 << 2, getpid(), 0, 0);
	/* It hears only whom it is connected to. */
	a = address(PORT + 1, 0);
	check(sendto(writer, "x", 1, 0, (void *)&a, sizeof(a)) == -1 && errno == ECONNREFUSED);
	nothing(to_port);
}

/* ---- messages of the kernel -------------------------------------------------------------- */

/* An address of the loopback device, to be added or removed. */
static void change_address(int fd, int type, unsigned int seq)
{
	struct {
		struct nlmsghdr h;
		struct ifaddrmsg a;
		struct rtattr r;
		struct in_addr in;
	} req = {
		.h = { .nlmsg_len = sizeof(req), .nlmsg_type = type, .nlmsg_seq = seq,
		       .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK |
				      (type == RTM_NEWADDR ? NLM_F_CREATE | NLM_F_EXCL : 0) },
		.a = { .ifa_family = AF_INET, .ifa_prefixlen = 32,
		       .ifa_index = if_nametoindex("lo") },
		.r = { .rta_len = sizeof(req.r) + sizeof(req.in), .rta_type = IFA_LOCAL },
	};

	check(inet_pton(AF_INET, "127.9.9.9", &req.in) == 1);
	check(send(fd, &req, sizeof(req), 0) == sizeof(req));
}

static void ask_link(int fd, unsigned int seq)
{
	struct {
		struct nlmsghdr h;
		struct ifinfomsg i;
	} req = {
		.h = { .nlmsg_len = sizeof(req), .nlmsg_type = RTM_GETLINK, .nlmsg_seq = seq,
		       .nlmsg_flags = NLM_F_REQUEST },
		.i = { .ifi_index = if_nametoindex("lo") },
	};

	check(send(fd, &req, sizeof(req), 0) == sizeof(req));
}

static int is_answer(int fd, int type, unsigned int seq)
{
	static union {
		struct nlmsghdr h;
		char bytes[16384];
	} got;
	struct sockaddr_nl a = {};
	socklen_t len = sizeof(a);
	ssize_t n = recvfrom(fd, &got, sizeof(got), MSG_DONTWAIT, (void *)&a, &len);

	if (n < (ssize_t)sizeof(got.h)) {
		printf("no message %d: %s\n", type, strerror(errno));
		return 0;
	}
	if (got.h.nlmsg_type != type || got.h.nlmsg_seq != seq)
		printf("message %d %u, not %d %u\n", got.h.nlmsg_type, got.h.nlmsg_seq, type, seq);
	return got.h.nlmsg_type == type && got.h.nlmsg_seq == seq && a.nl_pid == 0 &&
	       n >= got.h.nlmsg_len;
}

/* The errno that a request was answered with. */
static int answered(int fd)
{
	struct {
		struct nlmsghdr h;
		struct nlmsgerr e;
		char rest[200];
	} got;

	check(recv(fd, &got, sizeof(got), 0) >= (ssize_t)(sizeof(got.h) + sizeof(got.e)));
	check(got.h.nlmsg_type == NLMSG_ERROR);
	return -got.e.error;
}

static int asker, listener, weak, devices;

/* Among others, that of a device which has been told to say that it has changed. */
static int has_uevent(int fd)
{
	const char want[] = "change@/devices/virtual/net/lo";
	char got[4096];
	ssize_t n;

	while ((n = recv(fd, got, sizeof(got), MSG_DONTWAIT)) > 0)
		if (n >= (ssize_t)sizeof(want) && !memcmp(got, want, sizeof(want)))
			return 1;
	return 0;
}

static void make_kernels(void)
{
	struct sockaddr_nl a = address(0, 0);

	asker = bound(NETLINK_ROUTE, PORT + 30, 0);
	listener = bound(NETLINK_ROUTE, PORT + 31, RTMGRP_IPV4_IFADDR);
	devices = bound(NETLINK_KOBJECT_UEVENT, 0, 1);
	write_to("/sys/class/net/lo/uevent", "change");
	ask_link(asker, 5);
	change_address(asker, RTM_NEWADDR, 6);
	/* Root opens this one as another user: the kernel will look at both. */
	check(seteuid(1234) == 0);
	weak = opened(SOCK_RAW, NETLINK_ROUTE);
	check(connect(weak, (void *)&a, sizeof(a)) == 0);
	check(seteuid(0) == 0);
	change_address(weak, RTM_DELADDR, 7);
	check(answered(weak) == EPERM);
}

static void check_kernels(void)
{
	check(is_answer(asker, RTM_NEWLINK, 5));
	check(is_answer(asker, NLMSG_ERROR, 6));
	nothing(asker);
	settle(listener);
	check(is_answer(listener, RTM_NEWADDR, 6));
	nothing(listener);
	change_address(weak, RTM_DELADDR, 7);
	check(answered(weak) == EPERM);
	change_address(asker, RTM_DELADDR, 8);
	check(answered(asker) == 0);
	check(is_answer(listener, RTM_DELADDR, 8));
	settle(devices);
	check(has_uevent(devices) && !has_uevent(devices));
	write_to("/sys/class/net/lo/uevent", "change");
	check(has_uevent(devices));
	ask_link(asker, 9);
	check(is_answer(asker, RTM_NEWLINK, 9));
	nothing(listener);
}

/* ---- a queue that has run over ----------------------------------------------------------- */

static int full, tolerant, full_messages, full_drops;

/* The kernel answers that it has done nothing. */
static void provoke(int fd)
{
	struct nlmsghdr h = {
		.nlmsg_len = sizeof(h), .nlmsg_type = NLMSG_NOOP,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
	};

	check(send(fd, &h, sizeof(h), 0) == sizeof(h));
}

/* What /proc says of who is at that port: bytes and drops. */
static void look_at(unsigned int port, int *bytes, int *drops)
{
	char line[300];
	FILE *f = fopen("/proc/net/netlink", "r");

	check(f);
	*bytes = *drops = -1;
	while (fgets(line, sizeof(line), f)) {
		unsigned int protocol, at;
		int rmem, lost;

		if (sscanf(line, "%*s %u %u %*x %d %*d %*d %*d %d", &protocol, &at, &rmem,
			   &lost) == 4 && protocol == NETLINK_ROUTE && at == port) {
			*bytes = rmem;
			*drops = lost;
		}
	}
	fclose(f);
	check(*drops >= 0);
}

static int overrun(int fd, unsigned int port)
{
	int bytes, drops, i;

	set(fd, SOL_SOCKET, SO_RCVBUF, 4096);
	for (i = 0; i < 100; i++)
		provoke(fd);
	look_at(port, &bytes, &drops);
	check(bytes > 0 && drops > 0 && drops < 100);
	return 100 - drops;
}

static void make_full(void)
{
	full = bound(NETLINK_ROUTE, PORT + 40, 0);
	tolerant = bound(NETLINK_ROUTE, PORT + 41, 0);
	set(tolerant, SOL_NETLINK, NETLINK_NO_ENOBUFS, 1);
	full_messages = overrun(full, PORT + 40);
	full_drops = 100 - full_messages;
	check(overrun(tolerant, PORT + 41) == full_messages);
}

static int drain(int fd)
{
	char got[200];
	int nr = 0;

	while (recv(fd, got, sizeof(got), MSG_DONTWAIT) > 0)
		nr++;
	check(errno == EAGAIN);
	return nr;
}

static void check_full(void)
{
	char got[200];
	int bytes, drops;

	look_at(PORT + 40, &bytes, &drops);
	check(drops == full_drops && bytes > 0);
	check(recv(full, got, sizeof(got), MSG_DONTWAIT) == -1 && errno == ENOBUFS);
	check(recv(full, got, sizeof(got), MSG_DONTWAIT) > 0);
	/* There is room, but nothing comes before it is empty. */
	provoke(full);
	look_at(PORT + 40, &bytes, &drops);
	check(drops == full_drops + 1);
	check(drain(full) == full_messages - 1);
	provoke(full);
	check(drain(full) == 1);
	check(recv(tolerant, got, sizeof(got), MSG_DONTWAIT) > 0);
	provoke(tolerant);
	check(drain(tolerant) == full_messages);
	look_at(PORT + 40, &bytes, &drops);
	check(bytes == 0 && drops == full_drops + 1);
}

/* ---- what any socket may have -------------------------------------------------------------- */

static int filtered, watched, ep, shared, signaled, flight[2];
static volatile sig_atomic_t signals;
static pid_t child;

/* Lets messages pass that do not begin with an x. */
static struct sock_filter program[] = {
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
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
	int fd;

	filtered = bound(NETLINK_USERSOCK, PORT + 50, 0);
	put(filtered, "x from before", PORT + 50, 0);
	check(setsockopt(filtered, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) == 0);
	watched = bound(NETLINK_USERSOCK, PORT + 51, 0);
	ep = epoll_create1(0);
	check(epoll_ctl(ep, EPOLL_CTL_ADD, watched, &event) == 0);
	put(watched, "edge", PORT + 51, 0);
	signaled = bound(NETLINK_USERSOCK, PORT + 52, 0);
	check(signal(SIGUSR2, count) != SIG_ERR);
	set_owner(signaled, F_OWNER_PID, getpid(), SIGUSR2);
	check(fcntl(signaled, F_SETFL, O_RDWR | O_ASYNC) == 0);
	put(writer, "one signal", PORT + 52, 0);
	check(signals == 1);
	check(socketpair(AF_UNIX, SOCK_STREAM, 0, flight) == 0);
	fd = bound(NETLINK_USERSOCK, PORT + 53, 0);
	put(writer, "in flight", PORT + 53, 0);
	send_fd(flight[0], fd);
	close(fd);
	shared = bound(NETLINK_USERSOCK, PORT + 54, 0);
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
	char got[20];
	int fd;

	check(recv(filtered, got, 20, MSG_DONTWAIT) == 13);
	put(writer, "x is not heard", PORT + 50, 0);
	put(writer, "is heard", PORT + 50, 0);
	check(recv(filtered, got, 20, MSG_DONTWAIT) == 8);
	nothing(filtered);
	check(epoll_wait(ep, &event, 1, 0) == 1 && event.data.u32 == 1);
	check(epoll_wait(ep, &event, 1, 0) == 0);
	put(writer, "another", PORT + 51, 0);
	check(epoll_wait(ep, &event, 1, 0) == 1);
	check(signals == 1);
	put(writer, "another", PORT + 52, 0);
	check(signals == 2);
	fd = receive_fd(flight[1]);
	check(is_named(fd, PORT + 53, 0) && recv(fd, got, 20, MSG_DONTWAIT) == 9);
	put(writer, "wake", PORT + 54, 0);
	check(status_of(child) == 0);
}

/* ---- for tests of their own ---------------------------------------------------------------- */

/* Asks for all devices, of whom nothing can be told, for its queue is full. */
static void dump(void)
{
	struct {
		struct nlmsghdr h;
		struct ifinfomsg i;
	} req = {
		.h = { .nlmsg_len = sizeof(req), .nlmsg_type = RTM_GETLINK,
		       .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
	};
	int fd = bound(NETLINK_ROUTE, PORT + 80, 0);

	overrun(fd, PORT + 80);
	check(send(fd, &req, sizeof(req), 0) == sizeof(req));
}

/* In a group from which it has read all, and waits for more. */
static int monitor(int tolerates)
{
	int fd = bound(NETLINK_ROUTE, PORT + 60, RTMGRP_IPV4_IFADDR), quiet, error, woken;
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };

	set(fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, tolerates);
	quiet = bound(NETLINK_ROUTE, PORT + 61, 0);
	ep = epoll_create1(0);
	check(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event) == 0);
	ready();
	nothing(quiet);
	woken = epoll_wait(ep, &event, 1, 0);
	error = get(fd, SOL_SOCKET, SO_ERROR);
	printf("error %d\n", error);
	check(woken == (error ? 1 : 0) && (!error || event.events == EPOLLERR));
	check(epoll_wait(ep, &event, 1, 0) == 0);
	nothing(fd);
	return passed();
}

/* Messages of this process, signed by itself; and of another. */
static int queue(int by_other)
{
	int to = bound(NETLINK_USERSOCK, PORT + 70, 0);

	set(to, SOL_SOCKET, SO_PASSCRED, 1);
	set(to, SOL_NETLINK, NETLINK_PKTINFO, 1);
	if (by_other) {
		writer = to;
		gone = fork();
		check(gone >= 0);
		if (!gone) {
			put(bound(NETLINK_USERSOCK, PORT + 71, 0), "signed", PORT + 70, 0);
			_exit(0);
		}
		check(status_of(gone) == 0);
	} else {
		put(bound(NETLINK_USERSOCK, PORT + 71, 0), "signed", PORT + 70, 0);
	}
	ready();
	take(to, "signed", PORT + 71, 0, by_other ? gone : getpid(), getuid(), getgid());
	return passed();
}

static int make_for(const char *what)
{
	if (!strcmp(what, "monitor"))
		return monitor(0);
	if (!strcmp(what, "tolerant"))
		return monitor(1);
	if (!strcmp(what, "queue"))
		return queue(0);
	if (!strcmp(what, "other"))
		return queue(1);
	check(!strcmp(what, "dump"));
	dump();
	ready();
	return passed();
}

int main(int argc, char **argv)
{
	unsigned int port, dgram_port, group_port;
	struct dressed dressed;
	size_t n;

	if (argc > 1)
		return make_for(argv[1]);
	for (n = 0; n < LARGE; n++)
		large[n] = n * 7 + n / 256;
	make_names();
	port = name(automatic).nl_pid;
	dgram_port = name(to_group).nl_pid;
	group_port = name(grouped).nl_pid;
	check(port == (unsigned int)getpid() && group_port != port && group_port);
	make_options();
	make_messages();
	make_kernels();
	make_full();
	make_rest();
	dressed = dress(opened(SOCK_RAW, NETLINK_ROUTE), SIGUSR1);

	ready();

	check_names(port, dgram_port, group_port);
	check_options();
	check_messages();
	check_kernels();
	check_full();
	check_rest();
	check_dressed(&dressed, SIGUSR1);
	return passed();
}
