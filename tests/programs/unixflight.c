// SPDX-License-Identifier: GPL-2.0-only
/*
 * Open files in flight: in the queues of UNIX sockets, some of which are in
 * flight themselves, or in their own queue; and nowhere else.
 */
#define _GNU_SOURCE
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "openfile.h"
#include "tasks.h"

#define MOST	253

static int many[2], own[2], outer[2], inner[2], packets[2], inherited[2], told[2], filled[2];
static int writer, held;
static pid_t child;

static void pair(int type, int *fd)
{
	check(socketpair(AF_UNIX, type, 0, fd) == 0);
}

static void put_files(int to, const char *text, const int *fds, int nr)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(MOST * sizeof(int))];
	} control = {};
	struct iovec iov = { (void *)text, strlen(text) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = CMSG_SPACE(nr * sizeof(int)),
	};

	control.head.cmsg_level = SOL_SOCKET;
	control.head.cmsg_type = SCM_RIGHTS;
	control.head.cmsg_len = CMSG_LEN(nr * sizeof(int));
	memcpy(CMSG_DATA(&control.head), fds, nr * sizeof(int));
	check(sendmsg(to, &msg, 0) == (ssize_t)strlen(text));
}

static void get_files(int from, const char *text, int *fds, int nr)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(MOST * sizeof(int))];
	} control;
	char got[100] = "";
	struct iovec iov = { got, sizeof(got) - 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};

	check(recvmsg(from, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) == (ssize_t)strlen(text));
	check(!strcmp(got, text) && !(msg.msg_flags & MSG_CTRUNC));
	if (!nr) {
		check(!msg.msg_controllen);
		return;
	}
	check(control.head.cmsg_type == SCM_RIGHTS);
	check(control.head.cmsg_len == CMSG_LEN(nr * sizeof(int)));
	memcpy(fds, CMSG_DATA(&control.head), nr * sizeof(int));
}

/* One of each kind, the text in two messages. */
static void make_many(void)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = 5 };
	int fds[6], ends[2], counter = eventfd(3, 0), i;

	check(pipe(ends) == 0 && write(ends[1], "pipe", 4) == 4);
	writer = ends[1];
	held = memfd_create("held", 0);
	check(write(held, "memory", 6) == 6 && lseek(held, 2, SEEK_SET) == 2);
	fds[0] = ends[0];
	fds[1] = held;
	fds[2] = epoll_create1(0);
	check(epoll_ctl(fds[2], EPOLL_CTL_ADD, counter, &event) == 0);
	fds[3] = counter;
	fds[4] = held;
	fds[5] = open("/proc/self/exe", O_RDONLY);
	check(fds[5] >= 0 && lseek(fds[5], 1, SEEK_SET) == 1);
	pair(SOCK_STREAM, many);
	put_files(many[0], "no files", NULL, 0);
	put_files(many[0], ", six files", fds, 6);
	put_files(many[0], "one file", fds + 1, 1);
	for (i = 0; i < 6; i++)
		if (fds[i] != held)
			check(close(fds[i]) == 0 || i == 4);
}

static void check_many(void)
{
	struct epoll_event event;
	char got[10] = "";
	eventfd_t count;
	int fds[6];

	/* A stream is read up to where files come. */
	get_files(many[1], "no files, six files", fds, 6);
	check(read(fds[0], got, sizeof(got)) == 4 && !memcmp(got, "pipe", 4));
	check(write(writer, "x", 1) == 1 && read(fds[0], got, sizeof(got)) == 1);
	check(same_file(getpid(), fds[1], getpid(), held));
	check(same_file(getpid(), fds[4], getpid(), held) && lseek(held, 0, SEEK_CUR) == 2);
	check(epoll_wait(fds[2], &event, 1, 0) == 1 && event.data.u32 == 5);
	check(eventfd_read(fds[3], &count) == 0 && count == 3);
	check(epoll_wait(fds[2], &event, 1, 0) == 0);
	check(read(fds[5], got, 3) == 3 && !memcmp(got, "ELF", 3));
	get_files(many[1], "one file", fds, 1);
	check(same_file(getpid(), fds[0], getpid(), held));
}

/* In its own queue, and in that of its peer. */
static void make_own(void)
{
	pair(SOCK_DGRAM, own);
	put_files(own[1], "myself", own, 2);
	put_files(own[0], "you", own + 1, 1);
}

static void check_own(void)
{
	int fds[2];

	get_files(own[0], "myself", fds, 2);
	check(same_file(getpid(), fds[0], getpid(), own[0]));
	check(same_file(getpid(), fds[1], getpid(), own[1]));
	get_files(own[1], "you", fds, 1);
	check(same_file(getpid(), fds[0], getpid(), own[1]));
}

/* A pair of which both ends are in flight only, one with a file in flight. */
static void make_inner(void)
{
	pair(SOCK_STREAM, outer);
	pair(SOCK_SEQPACKET, inner);
	put_files(inner[0], "inner", &held, 1);
	put_files(outer[0], "outer", &inner[1], 1);
	put_files(outer[1], "other", &inner[0], 1);
	check(close(inner[0]) == 0 && close(inner[1]) == 0);
	/* What has it is in flight in what it has. */
	pair(SOCK_DGRAM, packets);
	put_files(packets[0], "round", &outer[1], 1);
	put_files(outer[0], "about", &packets[1], 1);
	check(close(packets[1]) == 0);
}

static void check_inner(void)
{
	int fds[2];

	get_files(outer[1], "outer", fds, 1);
	get_files(outer[0], "other", fds + 1, 1);
	get_files(fds[0], "inner", &inner[0], 1);
	check(same_file(getpid(), inner[0], getpid(), held));
	check(write(fds[1], "again", 5) == 5);
	get_files(fds[0], "again", NULL, 0);
	get_files(outer[1], "about", fds, 1);
	get_files(fds[0], "round", fds + 1, 1);
	check(same_file(getpid(), fds[1], getpid(), outer[1]));
}

/* One that watches a socket which is made after it, and has told of what is in there. */
static void make_told(void)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int ep = epoll_create1(0);

	pair(SOCK_STREAM, told);
	pair(SOCK_DGRAM, filled);
	check(write(filled[0], "old", 3) == 3);
	check(epoll_ctl(ep, EPOLL_CTL_ADD, filled[1], &event) == 0);
	check(epoll_wait(ep, &event, 1, 0) == 1 && epoll_wait(ep, &event, 1, 0) == 0);
	put_files(told[0], "told", &ep, 1);
	check(close(ep) == 0);
}

static void check_told(void)
{
	struct epoll_event event;
	int ep;

	get_files(told[1], "told", &ep, 1);
	check(epoll_wait(ep, &event, 1, 0) == 0);
	check(write(filled[0], "new", 3) == 3);
	check(epoll_wait(ep, &event, 1, 0) == 1 && epoll_wait(ep, &event, 1, 0) == 0);
}

/* A child that has nothing but the socket takes the file out. */
static void be_child(void)
{
	char byte;
	int fd;

	check(read(inherited[0], &byte, 1) == 1);
	get_files(inherited[1], "for a child", &fd, 1);
	check(pread(fd, &byte, 1, 0) == 1 && byte == 'm');
	_exit(0);
}

int main(void)
{
	make_many();
	make_own();
	make_inner();
	make_told();
	pair(SOCK_SEQPACKET, inherited);
	put_files(inherited[0], "for a child", &held, 1);
	child = fork();
	check(child >= 0);
	if (!child)
		be_child();

	ready();

	check_many();
	check_own();
	check_inner();
	check_told();
	check(write(inherited[1], "g", 1) == 1);
	check(status_of(child) == 0);
	return passed();
}
