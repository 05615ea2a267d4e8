// SPDX-License-Identifier: GPL-2.0-only
/*
 * meddler KIND PID DIRECTORY: until it is killed takes the open files of a process, changes a
 * few of them, and lets them go, as who may trace it can, frozen or not. KIND is that of
 * meddled.c. Whether a change succeeds is no matter.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include "program.h"

#define FIRST	3		/* behind the standard ones */
#define MOST	64
#define CHANGES	20
#define FILES	40		/* as meddled.c */

static int files[MOST];
static unsigned int nr;

static int any(int below)
{
	return random() % below;
}

static int some_file(void)
{
	return files[any(nr)];
}

static int value_of(int fd, int option)
{
	int value = -1;
	socklen_t len = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, option, &value, &len) == 0 ? value : -1;
}

/* ---- UNIX sockets --------------------------------------------------------------------------- */

static void read_all(int fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	char bytes[10];
	struct iovec iov = { bytes, sizeof(bytes) };
	int file;

	for (;;) {
		struct msghdr msg = {
			.msg_iov = &iov, .msg_iovlen = 1,
			.msg_control = &control, .msg_controllen = sizeof(control),
		};

		if (recvmsg(fd, &msg, MSG_DONTWAIT) <= 0)
			return;
		if (!msg.msg_controllen || control.head.cmsg_type != SCM_RIGHTS)
			continue;
		memcpy(&file, CMSG_DATA(&control.head), sizeof(file));
		close(file);
	}
}

/* To one that is there for a moment. Its queue is purged. */
static void connect_anew(int fd)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int peer = socket(AF_UNIX, SOCK_DGRAM, 0);
	socklen_t len = sizeof(name);

	check(peer >= 0 && bind(peer, (struct sockaddr *)&name, sizeof(sa_family_t)) == 0);
	check(getsockname(peer, (struct sockaddr *)&name, &len) == 0);
	connect(fd, (struct sockaddr *)&name, len);
	close(peer);
}

static void meddle_unix(void)
{
	int fd = some_file(), accepted;

	switch (value_of(fd, SO_TYPE)) {
	case SOCK_STREAM:
		if (any(4) == 0)
			listen(fd, 6);
		if (value_of(fd, SO_ACCEPTCONN) != 1)
			return;
		accepted = accept4(fd, NULL, NULL, SOCK_NONBLOCK);
		if (accepted >= 0)
			close(accepted);
		return;
	case SOCK_DGRAM:
		if (any(3))
			read_all(fd);
		else
			connect_anew(fd);
	}
}

/* ---- epoll ---------------------------------------------------------------------------------- */

static void meddle_epoll(void)
{
	struct epoll_event event = { .events = EPOLLIN };

	epoll_ctl(some_file(), any(2) ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, some_file(), &event);
}

/* ---- sockets -------------------------------------------------------------------------------- */

static void filter(int fd)
{
	static struct sock_filter insns[50];
	struct sock_fprog prog = { .len = 1 + any(50), .filter = insns };
	unsigned int i;
	int none = 0;

	for (i = 0; i < 50; i++)
		insns[i] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 1000);
	if (any(3))
		setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog));
	else
		setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof(none));
}

static void join_udp(int fd)
{
	struct ip_mreqn req = {
		.imr_multiaddr.s_addr = htonl(0xef010100 + any(30)),
		.imr_ifindex = if_nametoindex("lo"),
	};

	setsockopt(fd, IPPROTO_IP, any(2) ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP, &req,
		   sizeof(req));
}

static void join_netlink(int fd)
{
	int group = 1 + any(30);

	setsockopt(fd, SOL_NETLINK, any(2) ? NETLINK_ADD_MEMBERSHIP : NETLINK_DROP_MEMBERSHIP,
		   &group, sizeof(group));
}

static void join_packet(int fd)
{
	struct packet_mreq req = {
		.mr_ifindex = if_nametoindex("lo"),
		.mr_type = PACKET_MR_MULTICAST,
		.mr_alen = 6,
		.mr_address = { 1, 0, 0x5e, 1, 1, any(30) },
	};

	setsockopt(fd, SOL_PACKET, any(2) ? PACKET_ADD_MEMBERSHIP : PACKET_DROP_MEMBERSHIP, &req,
		   sizeof(req));
}

static void change_ring(int fd)
{
	struct tpacket_req3 req = {
		.tp_block_size = 4096, .tp_block_nr = any(2) * (1 + any(4)),
		.tp_frame_size = 2048,
	};
	int version = any(3);

	req.tp_frame_nr = 2 * req.tp_block_nr;
	setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version));
	setsockopt(fd, SOL_PACKET, any(2) ? PACKET_RX_RING : PACKET_TX_RING, &req,
		   version == TPACKET_V3 ? sizeof(req) : sizeof(struct tpacket_req));
}

static void meddle_inet(void)
{
	int fd = some_file();

	if (any(3) == 0)
		filter(fd);
	switch (value_of(fd, SO_DOMAIN)) {
	case AF_INET:
		return join_udp(fd);
	case AF_NETLINK:
		return join_netlink(fd);
	case AF_PACKET:
		return any(2) ? join_packet(fd) : change_ring(fd);
	}
}

static void meddle_tun(void)
{
	struct ifreq req = {};

	req.ifr_flags = any(2) ? IFF_ATTACH_QUEUE : IFF_DETACH_QUEUE;
	ioctl(some_file(), TUNSETQUEUE, &req);
}

/* ---- files ---------------------------------------------------------------------------------- */

static void watch(int fd)
{
	char name[20];

	snprintf(name, sizeof(name), "meddled%u", any(FILES));
	inotify_add_watch(fd, name, IN_ATTRIB);
	chmod(name, 0600);
	inotify_rm_watch(fd, 1 + any(FILES));
}

static void lock(int fd)
{
	struct flock lock = {
		.l_type = any(2) ? F_WRLCK : F_UNLCK, .l_start = any(100), .l_len = 1,
	};

	fcntl(fd, F_OFD_SETLK, &lock);
	flock(fd, LOCK_NB | (any(2) ? LOCK_EX : LOCK_UN));
}

/* Who asks for one is told of it, and this one is outside. */
static void lease(int fd)
{
	fcntl(fd, F_SETLEASE, F_RDLCK);
	fcntl(fd, F_SETOWN, 0);
	if (any(2))
		fcntl(fd, F_SETLEASE, F_UNLCK);
}

static void meddle_files(void)
{
	int fd = some_file();

	watch(fd);
	lock(fd);
	lease(fd);
}

/* ---- all ------------------------------------------------------------------------------------ */

static const struct kind {
	const char *name;
	void (*meddle)(void);
} kinds[] = {
	{ "unix", meddle_unix },
	{ "epoll", meddle_epoll },
	{ "inet", meddle_inet },
	{ "tun", meddle_tun },
	{ "files", meddle_files },
};

int main(int argc, char **argv)
{
	const struct kind *kind = kinds;
	unsigned int i;
	int pidfd, fd;

	check(argc == 4 && chdir(argv[3]) == 0);
	while (strcmp(kind->name, argv[1]))
		check(++kind < kinds + sizeof(kinds) / sizeof(kinds[0]));
	pidfd = syscall(SYS_pidfd_open, atoi(argv[2]), 0);
	check(pidfd >= 0);
	printf("ready\n");
	fflush(stdout);
	for (;;) {
		struct timespec pause = { .tv_nsec = any(2000) * 1000 };

		for (nr = 0, i = 0; i < MOST; i++) {
			fd = syscall(SYS_pidfd_getfd, pidfd, FIRST + i, 0);
			if (fd >= 0)
				files[nr++] = fd;
		}
		for (i = 0; nr && i < CHANGES; i++)
			kind->meddle();
		while (nr)
			close(files[--nr]);
		nanosleep(&pause, NULL);
	}
}
