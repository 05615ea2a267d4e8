// SPDX-License-Identifier: GPL-2.0-only
/*
 * A connection to a server that is outside, which the program has by two
 * descriptors, 5 and 20, in a child, in an epoll and in a message in flight.
 * external PORT: whoever calls the server hears "again" four times, of which the
 * first comes before `ready`.
 */
#include <arpa/inet.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "tasks.h"

enum { CONNECTION = 5, COPY = 20 };

static void expect(int fd, const char *text)
{
	char buf[64] = "";
	size_t len = strlen(text);

	check(recv(fd, buf, len, MSG_WAITALL) == (ssize_t)len);
	check(!strcmp(buf, text));
}

static void say(int fd, const char *text)
{
	size_t len = strlen(text);

	check(write(fd, text, len) == (ssize_t)len);
}

static void call(int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	check(fd >= 0 && !connect(fd, (struct sockaddr *)&to, sizeof(to)));
	check(dup2(fd, COPY) == COPY && dup2(fd, CONNECTION) == CONNECTION);
	if (fd != CONNECTION)
		close(fd);
}

/* Sends @fd, or, with -1, receives one. */
static int pass(int sock, int fd)
{
	char byte = 'x', control[CMSG_SPACE(sizeof(int))] = {};
	struct iovec vec = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &vec, .msg_iovlen = 1,
			      .msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	if (fd < 0) {
		check(recvmsg(sock, &msg, 0) == 1);
		cmsg = CMSG_FIRSTHDR(&msg);
		check(cmsg && cmsg->cmsg_type == SCM_RIGHTS);
		memcpy(&fd, CMSG_DATA(cmsg), sizeof(fd));
		return fd;
	}
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	check(sendmsg(sock, &msg, 0) == 1);
	return fd;
}

static void child(void)
{
	while (access(getenv("GO"), F_OK))
		nap(10);
	expect(CONNECTION, "again\n");
	say(CONNECTION, "child\n");
	_exit(0);
}

int main(int argc, char **argv)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = 7 };
	int pair[2], epoll, fd;
	pid_t pid;

	check(argc == 2);
	call(atoi(argv[1]));
	expect(CONNECTION, "again\n");
	check(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	pass(pair[0], CONNECTION);
	epoll = epoll_create1(0);
	check(epoll >= 0 && !epoll_ctl(epoll, EPOLL_CTL_ADD, COPY, &event));
	pid = fork();
	check(pid >= 0);
	if (!pid)
		child();
	ready();
	check(exited_with(pid, 0));
	check(epoll_wait(epoll, &event, 1, -1) == 1 && event.data.u32 == 7);
	expect(COPY, "again\n");
	fd = pass(pair[1], -1);
	expect(fd, "again\n");
	say(fd, "parent\n");
	return passed();
}
