// SPDX-License-Identifier: GPL-2.0-only
/*
 * meddled KIND DIRECTORY: has open files of a kind, which meddler.c takes and changes while it
 * is saved. What becomes of them is no matter; it makes more for as long as it runs.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "program.h"

#define CLIENTS	6
#define EPOLLS	3
#define COUNTERS 6
#define FILES	40

/* ---- UNIX sockets --------------------------------------------------------------------------- */

static int listener, box, pair[2], clients[CLIENTS];
static struct sockaddr_un listener_name, box_name;
static socklen_t listener_len, box_len;

/* By a name that the kernel finds. */
static int named(int type, struct sockaddr_un *name, socklen_t *len)
{
	const struct sockaddr_un none = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_NONBLOCK, 0);

	*len = sizeof(*name);
	check(fd >= 0 && bind(fd, (struct sockaddr *)&none, sizeof(sa_family_t)) == 0);
	check(getsockname(fd, (struct sockaddr *)name, len) == 0);
	return fd;
}

static void make_pair(void)
{
	check(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair) == 0);
}

static void begin_unix(const char *directory)
{
	unsigned int i;

	(void)directory;
	listener = named(SOCK_STREAM, &listener_name, &listener_len);
	check(listen(listener, CLIENTS) == 0);
	box = named(SOCK_DGRAM, &box_name, &box_len);
	make_pair();
	for (i = 0; i < CLIENTS; i++)
		clients[i] = -1;
}

/* With an open file that is nowhere else. */
static int put(int to)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {};
	struct iovec iov = { "message", 7 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	int file = eventfd(1, 0), err;

	check(file >= 0);
	control.head.cmsg_level = SOL_SOCKET;
	control.head.cmsg_type = SCM_RIGHTS;
	control.head.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.head), &file, sizeof(int));
	err = sendmsg(to, &msg, MSG_NOSIGNAL) < 0 ? errno : 0;
	close(file);
	return err;
}

/* A client that waits, messages with a file, and of one that has been closed. */
static void refill_unix(void)
{
	static unsigned int next;
	struct sockaddr_un name;
	char bytes[10];
	socklen_t len;
	int *client = &clients[next++ % CLIENTS], sender, err;

	if (*client >= 0)
		close(*client);
	*client = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	check(*client >= 0);
	connect(*client, (struct sockaddr *)&listener_name, listener_len);
	/* It is its own again. */
	listen(listener, CLIENTS);
	err = put(pair[0]);
	if (err == EAGAIN) {
		while (recv(pair[1], bytes, sizeof(bytes), 0) > 0)
			;
	} else if (err) {
		close(pair[0]);
		close(pair[1]);
		make_pair();
	}
	sender = named(SOCK_DGRAM, &name, &len);
	if (sendto(sender, "gone", 4, 0, (struct sockaddr *)&box_name, box_len) == 4)
		err = 0;
	else
		err = errno;
	close(sender);
	if (err == EAGAIN) {
		while (recv(box, bytes, sizeof(bytes), 0) > 0)
			;
	} else if (err) {
		close(box);
		box = named(SOCK_DGRAM, &box_name, &box_len);
	}
}

/* ---- others ---------------------------------------------------------------------------------- */

static void begin_epoll(const char *directory)
{
	unsigned int i;

	(void)directory;
	for (i = 0; i < EPOLLS; i++)
		check(epoll_create1(0) >= 0);
	for (i = 0; i < COUNTERS; i++)
		check(eventfd(i, 0) >= 0);
}

static void begin_inet(const char *directory)
{
	(void)directory;
	check(socket(AF_INET, SOCK_DGRAM, 0) >= 0);
	check(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE) >= 0);
	check(socket(AF_PACKET, SOCK_RAW, 0) >= 0);
}

static void begin_tun(const char *directory)
{
	struct ifreq req = { .ifr_name = "ckptmeddled" };
	unsigned int i;

	(void)directory;
	req.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_MULTI_QUEUE;
	for (i = 0; i < 3; i++) {
		int fd = open("/dev/net/tun", O_RDWR);

		need(fd >= 0);
		check(ioctl(fd, TUNSETIFF, &req) == 0);
	}
}

/* A file with locks, one with a lease, and what is watched. */
static void begin_files(const char *directory)
{
	unsigned int i;

	check(chdir(directory) == 0);
	for (i = 0; i < FILES; i++) {
		char name[20];
		int fd;

		snprintf(name, sizeof(name), "meddled%u", i);
		fd = open(name, O_RDWR | O_CREAT, 0600);
		check(fd >= 0);
		/* The first one stays open. */
		if (i)
			close(fd);
	}
	check(open("meddled1", O_RDONLY) >= 0);
	check(inotify_init1(IN_NONBLOCK) >= 0);
}

static void rest(void)
{
}

static const struct kind {
	const char *name;
	void (*begin)(const char *directory);
	void (*refill)(void);
} kinds[] = {
	{ "unix", begin_unix, refill_unix },
	{ "epoll", begin_epoll, rest },
	{ "inet", begin_inet, rest },
	{ "tun", begin_tun, rest },
	{ "files", begin_files, rest },
};

int main(int argc, char **argv)
{
	const struct timespec pause = { .tv_nsec = 1000 * 1000 };
	const struct kind *kind = kinds;

	check(argc == 3);
	while (strcmp(kind->name, argv[1]))
		check(++kind < kinds + sizeof(kinds) / sizeof(kinds[0]));
	kind->begin(argv[2]);
	printf("ready\n");
	fflush(stdout);
	while (!told_to_go_on()) {
		kind->refill();
		nanosleep(&pause, NULL);
	}
	return passed();
}
