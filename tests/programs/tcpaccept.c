// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP connections that nobody has accepted yet, of IPv4 and, where the kernel has it,
 * IPv6: which have said something, nothing, more than fits, all that they had to say;
 * whose other end has been closed, is another process's, or in flight. They are
 * accepted in the order in which they have come, with the options that whom they have
 * come to had then.
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "inet.h"
#include "openfile.h"
#include "tasks.h"

#define BACKLOG	9

static int port_of(const union address *a)
{
	return ntohs(a->any.sa_family == AF_INET ? a->v4.sin_port : a->v6.sin6_port);
}

static int listen_on(int family, int backlog)
{
	union address a = { .any.sa_family = family };
	int fd = socket(family, SOCK_STREAM, 0);

	if (family == AF_INET)
		a.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		a.v6.sin6_addr = in6addr_any;
	/* Who is accepted has that as well: not too much is to fit. */
	check(fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &(int){ 20000 }, sizeof(int)) == 0);
	check(setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &(int){ 1 }, sizeof(int)) == 0);
	check(bind(fd, &a.any, sizeof(a)) == 0 && listen(fd, backlog) == 0);
	return fd;
}

static int connect_to(int listener, int family)
{
	union address a = name(listener), to = { .any.sa_family = family };
	int fd = socket(family, SOCK_STREAM, 0);

	if (family == AF_INET) {
		to.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		to.v4.sin_port = htons(port_of(&a));
	} else {
		to.v6.sin6_addr = in6addr_loopback;
		to.v6.sin6_port = htons(port_of(&a));
	}
	check(fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &(int){ 30000 }, sizeof(int)) == 0);
	check(connect(fd, &to.any, sizeof(to)) == 0);
	return fd;
}

static void await(int fd, int events)
{
	struct pollfd p = { .fd = fd, .events = events };

	check(poll(&p, 1, -1) == 1);
}

static void put(int fd, const char *text)
{
	check(send(fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text));
}

static void get(int fd, const char *text)
{
	char got[100] = "";

	check(recv(fd, got, strlen(text), MSG_WAITALL) == (ssize_t)strlen(text));
	check(!strcmp(got, text));
}

/* Nothing, for good, or only for now. */
static void get_nothing(int fd, int end)
{
	char byte;
	ssize_t n = recv(fd, &byte, 1, end ? 0 : MSG_DONTWAIT);

	check(end ? n == 0 : n == -1 && errno == EAGAIN);
}

/* ---- more than fits --------------------------------------------------------------------- */

static unsigned char byte_at(size_t i)
{
	return i * 7 + i / 256;
}

static size_t flood(int fd)
{
	static unsigned char bytes[10000];
	size_t sent = 0, i;
	ssize_t n;

	for (;;) {
		for (i = 0; i < sizeof(bytes); i++)
			bytes[i] = byte_at(sent + i);
		n = send(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		if (n < 0)
			break;
		sent += n;
	}
	check(errno == EAGAIN && sent > 30000);
	return sent;
}

static void drain(int fd, size_t end)
{
	static unsigned char bytes[10000];
	size_t at = 0;

	while (at < end) {
		ssize_t n = recv(fd, bytes, sizeof(bytes), 0), i;

		check(n > 0);
		for (i = 0; i < n; i++)
			check(bytes[i] == byte_at(at + i));
		at += n;
	}
	check(at == end);
}

/* ---- in flight ---------------------------------------------------------------------------- */

static void send_file(int to, int fd)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { .head = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
	struct iovec iov = { "x", 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
			      .msg_controllen = sizeof(control) };

	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	check(sendmsg(to, &msg, 0) == 1);
}

static int receive_file(int from)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	int fd;

	check(recvmsg(from, &msg, 0) == 1 && msg.msg_controllen >= sizeof(control.head));
	memcpy(&fd, CMSG_DATA(&control.head), sizeof(fd));
	return fd;
}

/* ---- the queue ----------------------------------------------------------------------------- */

enum { PLAIN, SILENT, HALF, CLOSED, CHILD, FLOOD, FLIGHT, NR };

struct queue {
	int family, listener, fd[NR], mail[2], ep, abandoned, left;
	union address name[NR];
	size_t sent;
	pid_t pid;
};

static void come(struct queue *q, int nr, const char *text)
{
	q->fd[nr] = connect_to(q->listener, q->family);
	q->name[nr] = name(q->fd[nr]);
	put(q->fd[nr], text);
}

static void be_child(int fd)
{
	char got[5] = "";

	check(dup2(fd, 3) == 3 && close_range(4, ~0U, 0) == 0);
	_exit(recv(3, got, 4, MSG_WAITALL) == 4 && !strcmp(got, "pong") ? 0 : 1);
}

static struct tcp_info info_of(int fd)
{
	socklen_t len = sizeof(struct tcp_info);
	struct tcp_info info = {};

	check(getsockopt(fd, SOL_TCP, TCP_INFO, &info, &len) == 0);
	return info;
}

/* Closed when the other end has heard of it. */
static void say_goodbye(int fd)
{
	check(shutdown(fd, SHUT_WR) == 0);
	while (info_of(fd).tcpi_state != TCP_FIN_WAIT2)
		nap(5);
	check(close(fd) == 0);
}

static void check_waiting(int listener, unsigned int nr, unsigned int backlog)
{
	struct tcp_info info = info_of(listener);

	check(info.tcpi_unacked == nr && info.tcpi_sacked == backlog);
}

static void make(struct queue *q, int family, int listens_on)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };

	q->family = family;
	q->listener = listen_on(listens_on, BACKLOG);
	come(q, PLAIN, "first");
	check(setsockopt(q->listener, SOL_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int)) == 0);
	come(q, SILENT, "");
	come(q, HALF, "last words");
	check(shutdown(q->fd[HALF], SHUT_WR) == 0);
	come(q, CLOSED, "goodbye");
	say_goodbye(q->fd[CLOSED]);
	come(q, CHILD, "ping");
	q->pid = fork();
	check(q->pid >= 0);
	if (!q->pid)
		be_child(q->fd[CHILD]);
	close(q->fd[CHILD]);
	come(q, FLOOD, "");
	q->sent = flood(q->fd[FLOOD]);
	come(q, FLIGHT, "in flight");
	check(socketpair(AF_UNIX, SOCK_STREAM, 0, q->mail) == 0);
	send_file(q->mail[0], q->fd[FLIGHT]);
	close(q->fd[FLIGHT]);
	check_waiting(q->listener, NR, BACKLOG);
	q->ep = epoll_create1(0);
	check(epoll_ctl(q->ep, EPOLL_CTL_ADD, q->listener, &event) == 0);
	check(epoll_wait(q->ep, &event, 1, -1) == 1);
	q->abandoned = listen_on(listens_on, 0);
	q->left = connect_to(q->abandoned, family);
	put(q->left, "is anybody there?");
}

static void accept_all(struct queue *q, int *fd)
{
	union address from, a = name(q->listener), to;
	int i;

	for (i = 0; i < NR; i++) {
		socklen_t len = sizeof(from);

		memset(&from, 0, sizeof(from));
		fd[i] = accept4(q->listener, &from.any, &len, SOCK_CLOEXEC);
		check(fd[i] >= 0);
		to = peer_name(fd[i]);
		check(!memcmp(&from, &to, sizeof(to)));
		check(port_of(&from) == port_of(&q->name[i]));
		to = name(fd[i]);
		check(port_of(&to) == port_of(&a) && to.any.sa_family == a.any.sa_family);
		check(option(fd[i], SOL_TCP, TCP_NODELAY) == (i > PLAIN));
		check(option(fd[i], SOL_SOCKET, SO_KEEPALIVE) == 1);
		check(option(fd[i], SOL_SOCKET, SO_RCVBUF) == 40000);
		check_waiting(q->listener, NR - i - 1, BACKLOG);
	}
	check(fcntl(q->listener, F_SETFL, O_NONBLOCK) == 0);
	check(accept(q->listener, NULL, NULL) == -1 && errno == EAGAIN);
}

static void check_closed(int fd)
{
	get(fd, "goodbye");
	get_nothing(fd, 1);
	/* Nobody is there who would read it. */
	put(fd, "x");
	await(fd, 0);
	check(send(fd, "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
}

static void check_both_ways(int client, int server)
{
	get_nothing(server, 0);
	put(server, "hello");
	get(client, "hello");
	put(client, "good day");
	get(server, "good day");
}

static void check_new(struct queue *q)
{
	struct epoll_event event;
	int client = connect_to(q->listener, q->family), server;

	check(epoll_wait(q->ep, &event, 1, -1) == 1);
	server = accept(q->listener, NULL, NULL);
	check(server >= 0);
	check_both_ways(client, server);
}

static void check_made(struct queue *q)
{
	struct epoll_event event;
	int fd[NR];
	char byte;

	check_waiting(q->listener, NR, BACKLOG);
	/* Who has been told of them is not told again. */
	check(epoll_wait(q->ep, &event, 1, 0) == 0);
	accept_all(q, fd);
	get(fd[PLAIN], "first");
	check_both_ways(q->fd[PLAIN], fd[PLAIN]);
	check_both_ways(q->fd[SILENT], fd[SILENT]);
	get(fd[HALF], "last words");
	get_nothing(fd[HALF], 1);
	put(fd[HALF], "an answer");
	get(q->fd[HALF], "an answer");
	check_closed(fd[CLOSED]);
	get(fd[CHILD], "ping");
	put(fd[CHILD], "pong");
	check(status_of(q->pid) == 0);
	drain(fd[FLOOD], q->sent);
	check_both_ways(q->fd[FLOOD], fd[FLOOD]);
	get(fd[FLIGHT], "in flight");
	check_both_ways(receive_file(q->mail[1]), fd[FLIGHT]);
	check_new(q);
	check_waiting(q->abandoned, 1, 0);
	check(close(q->abandoned) == 0);
	check(recv(q->left, &byte, 1, 0) == -1 && errno == ECONNRESET);
}

int main(void)
{
	struct queue q[3];
	int nr = 1, v6, i;

	v6 = socket(AF_INET6, SOCK_STREAM, 0);
	make(&q[0], AF_INET, AF_INET);
	if (v6 >= 0) {
		make(&q[1], AF_INET6, AF_INET6);
		/* Who comes is of IPv4, who accepts him of IPv6. */
		make(&q[2], AF_INET, AF_INET6);
		nr = 3;
	}

	ready();

	for (i = 0; i < nr; i++)
		check_made(&q[i]);
	return passed();
}
