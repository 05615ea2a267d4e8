// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files of sysfs and of a cgroup, half read, and what they have to tell by poll(2).
 *
 * Usage: kernfile CGROUP [denied]
 *   CGROUP: a directory of cgroup2 that is nobody else's
 *   denied: only its cgroup.procs, opened by one who may not move tasks
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>

#include "program.h"

static char text[1 << 17];

static size_t read_rest(int fd)
{
	size_t size = 0;
	ssize_t n;

	while ((n = read(fd, text + size, sizeof(text) - 1 - size)) > 0)
		size += n;
	check(n == 0);
	text[size] = 0;
	return size;
}

static struct half {
	const char *path;
	int flags;
	size_t part;
	int fd;
	char *whole;
	size_t size;
} halves[] = {
	{ .path = "/sys/kernel/notes", .part = 5 },
	{ .path = "/sys/devices/system/cpu/online", .part = 1 },
	{ .path = "/sys/class/net/lo/mtu", .flags = O_RDWR, .part = 2 },
	{ .path = "cgroup.type", .flags = O_NONBLOCK, .part = 1 },
	{ .path = "cgroup.stat", .part = 7 },
	{ .path = "cgroup.max.depth", .flags = O_RDWR, .part = 1 },
};

#define HALVES (sizeof(halves) / sizeof(halves[0]))

static void make_halves(void)
{
	unsigned int i;

	for (i = 0; i < HALVES; i++) {
		struct half *h = &halves[i];

		h->fd = open(h->path, h->flags);
		check(h->fd >= 0);
		h->size = read_rest(h->fd);
		check(h->size > h->part);
		h->whole = memcpy(malloc(h->size), text, h->size);
		check(h->whole && lseek(h->fd, 0, SEEK_SET) == 0);
		check(read(h->fd, text, h->part) == (ssize_t)h->part);
	}
}

static void check_halves(void)
{
	unsigned int i;

	for (i = 0; i < HALVES; i++) {
		struct half *h = &halves[i];

		check(lseek(h->fd, 0, SEEK_CUR) == (off_t)h->part);
		check((fcntl(h->fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK)) == h->flags);
		check(read_rest(h->fd) == h->size - h->part);
		check(!memcmp(text, h->whole + h->part, h->size - h->part));
		check(lseek(h->fd, 0, SEEK_SET) == 0);
		check(read_rest(h->fd) == h->size && !memcmp(text, h->whole, h->size));
	}
}

static int told(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLPRI };

	check(poll(&p, 1, 0) >= 0);
	return p.revents & POLLPRI;
}

/* Reading is to have been told. */
static void hear(int fd)
{
	check(lseek(fd, 0, SEEK_SET) == 0 && read_rest(fd));
}

/* What cgroup.events tells is something else: no task is in it, so it is so at once. */
static void change(void)
{
	int fd = open("cgroup.freeze", O_RDWR);

	check(fd >= 0 && read_rest(fd) == 2);
	check(pwrite(fd, *text == '0' ? "1" : "0", 1, 0) == 1 && close(fd) == 0);
}

static int denied(void)
{
	int fd = open("cgroup.procs", O_RDWR);

	check(fd >= 0);
	ready();
	check(write(fd, "0", 1) == -1 && errno == EACCES);
	return passed();
}

int main(int argc, char **argv)
{
	struct epoll_event event = { .events = EPOLLPRI | EPOLLET };
	int heard, pending, epoll = epoll_create1(0), edge;

	check(argc > 1 && chdir(argv[1]) == 0);
	if (argc > 2)
		return denied();
	make_halves();
	heard = open("cgroup.events", O_RDONLY);
	pending = open("cgroup.events", O_RDONLY);
	edge = open("cgroup.events", O_RDONLY);
	check(heard >= 0 && pending >= 0 && edge >= 0 && epoll >= 0);
	hear(pending);
	hear(edge);
	check(!told(pending) && epoll_ctl(epoll, EPOLL_CTL_ADD, edge, &event) == 0);
	check(epoll_wait(epoll, &event, 1, 0) == 0);
	change();
	/* The kernel may take a moment to say so. */
	while (!told(pending))
		usleep(1000);
	hear(heard);

	ready();

	check(told(pending));
	hear(pending);
	check(!told(pending));
	check(epoll_wait(epoll, &event, 1, 10000) == 1 && epoll_wait(epoll, &event, 1, 0) == 0);
	/* That may be told once more, until it is read. */
	hear(heard);
	hear(edge);
	check(!told(heard));
	change();
	while (!told(heard) || !told(pending))
		usleep(1000);
	check(epoll_wait(epoll, &event, 1, 10000) == 1);
	check_halves();
	return passed();
}
