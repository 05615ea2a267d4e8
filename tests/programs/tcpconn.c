// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP connections of IPv4 and, where the kernel has it, IPv6, with both ends in the
 * program or its child: data in the queues of both sides, more than the peer takes,
 * urgent data, ends that have no more to say, or have been closed, options, who accepted
 * them still listening.
 */
#define _GNU_SOURCE
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "inet.h"
#include "openfile.h"
#include "tasks.h"

static int listen_on(int family)
{
	union address a = { .any.sa_family = family };
	int fd = socket(family, SOCK_STREAM, 0);

	if (family == AF_INET)
		a.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		a.v6.sin6_addr = in6addr_any;
	/* Who is accepted has that as well: not too much is to fit. */
	check(fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &(int){ 20000 }, sizeof(int)) == 0);
	check(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &(int){ 30000 }, sizeof(int)) == 0);
	check(bind(fd, &a.any, sizeof(a)) == 0 && listen(fd, 5) == 0);
	return fd;
}

static void await(int fd, int events)
{
	struct pollfd p = { .fd = fd, .events = events };

	check(poll(&p, 1, -1) == 1);
}

/* @fd: the client, the server. */
static void connect_pair(int listener, int family, int *fd)
{
	union address a = name(listener), to = { .any.sa_family = family };

	if (family == AF_INET) {
		to.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		to.v4.sin_port = a.v4.sin_port;
	} else {
		to.v6.sin6_addr = in6addr_loopback;
		to.v6.sin6_port = a.v6.sin6_port;
	}
	fd[0] = socket(family, SOCK_STREAM, 0);
	check(setsockopt(fd[0], SOL_SOCKET, SO_SNDBUF, &(int){ 30000 }, sizeof(int)) == 0);
	/* There is nobody who would take it, but it stays. */
	check(setsockopt(fd[0], SOL_TCP, TCP_FASTOPEN_CONNECT, &(int){ 1 }, sizeof(int)) == 0);
	/* As who does not wait for it, and does not ask once more. */
	check(fcntl(fd[0], F_SETFL, O_NONBLOCK) == 0);
	check(connect(fd[0], &to.any, sizeof(to)) == -1 && errno == EINPROGRESS);
	fd[1] = accept(listener, NULL, NULL);
	check(fd[1] >= 0);
	await(fd[0], POLLOUT);
	check(fcntl(fd[0], F_SETFL, 0) == 0);
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

/* ---- more than fits: what is not sent yet, in both directions ------------------------ */

struct flood {
	int fd[2];
	size_t sent[2];
};

static unsigned char byte_at(size_t i, int side)
{
	return i * 7 + i / 256 + side;
}

static void make_flood(struct flood *f, int listener, int family)
{
	static char bytes[10000];
	int side;

	connect_pair(listener, family, f->fd);
	for (side = 0; side < 2; side++) {
		f->sent[side] = 0;
		for (;;) {
			ssize_t n;
			size_t i;

			for (i = 0; i < sizeof(bytes); i++)
				bytes[i] = byte_at(f->sent[side] + i, side);
			n = send(f->fd[side], bytes, sizeof(bytes), MSG_DONTWAIT);
			if (n < 0)
				break;
			f->sent[side] += n;
			if (side && f->sent[side] > 30000)
				break;
		}
		check(f->sent[side] > 30000);
	}
	/* A part of it has been read. */
	check(recv(f->fd[1], bytes, 1234, 0) == 1234);
	check((unsigned char)bytes[1233] == byte_at(1233, 0));
}

/* All that was sent, and nothing else. */
static void drain(int fd, size_t at, size_t end, int side)
{
	static unsigned char bytes[10000];

	while (at < end) {
		ssize_t n = recv(fd, bytes, sizeof(bytes), 0), i;

		check(n > 0);
		for (i = 0; i < n; i++)
			check(bytes[i] == byte_at(at + i, side));
		at += n;
	}
	check(at == end);
}

static void check_flood(struct flood *f)
{
	char byte;
	int side;

	for (side = 0; side < 2; side++) {
		drain(f->fd[!side], side ? 0 : 1234, f->sent[side], side);
		check(recv(f->fd[!side], &byte, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN);
	}
	put(f->fd[0], "afterwards");
	get(f->fd[1], "afterwards");
}

/* ---- the rest ---------------------------------------------------------------------------- */

struct conns {
	int listener, plain[2], half[2], done[2], gone[2], child[2], watched[2], ep, clamp;
	int urgent[2], taken[2];
	unsigned int mss;
	union address name[2], peer[2];
	struct flood flood, slow, hasty;
	pid_t pid;
};

static struct tcp_info info_of(int fd)
{
	socklen_t len = sizeof(struct tcp_info);
	struct tcp_info info = {};

	check(getsockopt(fd, SOL_TCP, TCP_INFO, &info, &len) == 0);
	return info;
}

static unsigned int mss_of(int fd)
{
	return info_of(fd).tcpi_snd_mss;
}

/* Closed when the other end has heard of it. */
static void say_goodbye(int fd)
{
	check(shutdown(fd, SHUT_WR) == 0);
	while (info_of(fd).tcpi_state != TCP_FIN_WAIT2)
		nap(5);
	check(close(fd) == 0);
}

/* It has got one already, and lets none pass any more. */
static void drop_ends(int fd)
{
	struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 1, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, -1U),
	};
	struct sock_fprog prog = { 4, insns };

	await(fd, POLLRDHUP);
	check(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) == 0);
	check(setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &(int){ 1 }, sizeof(int)) == 0);
}

static void watch(int ep, int fd, int events, int nr)
{
	struct epoll_event event = { .events = events | EPOLLET, .data.u32 = nr };

	check(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event) == 0);
}

/* ---- urgent data ------------------------------------------------------------------------- */

static void put_urgent(int fd)
{
	check(send(fd, "u", 1, MSG_OOB | MSG_NOSIGNAL) == 1);
}

static void get_urgent(int fd)
{
	char byte = 0;

	check(recv(fd, &byte, 1, MSG_OOB) == 1 && byte == 'u');
}

static int at_mark(int fd)
{
	int at;

	check(ioctl(fd, SIOCATMARK, &at) == 0);
	return at;
}

static void make_urgent(struct conns *c, int family)
{
	connect_pair(c->listener, family, c->urgent);
	put(c->urgent[0], "before");
	put_urgent(c->urgent[0]);
	put(c->urgent[0], "behind");
	await(c->urgent[1], POLLPRI);
	connect_pair(c->listener, family, c->taken);
	put(c->taken[1], "before");
	put_urgent(c->taken[1]);
	await(c->taken[0], POLLPRI);
	get_urgent(c->taken[0]);
	/* Behind what has not been sent. */
	make_flood(&c->hasty, c->listener, family);
	check(setsockopt(c->hasty.fd[0], SOL_SOCKET, SO_SNDBUF, &(int){ 200000 },
			 sizeof(int)) == 0);
	put_urgent(c->hasty.fd[0]);
}

/* A read ends before what is urgent, and goes on behind it. */
static void check_urgent(struct conns *c)
{
	char got[20] = "";

	check(!at_mark(c->urgent[1]));
	check(recv(c->urgent[1], got, sizeof(got), 0) == 6 && !strcmp(got, "before"));
	check(at_mark(c->urgent[1]));
	get_urgent(c->urgent[1]);
	get(c->urgent[1], "behind");
	check(recv(c->taken[0], got, 1, MSG_OOB) == -1 && errno == EINVAL);
	get(c->taken[0], "before");
	check(at_mark(c->taken[0]));
	drain(c->hasty.fd[1], 1234, c->hasty.sent[0], 0);
	await(c->hasty.fd[1], POLLPRI);
	check(at_mark(c->hasty.fd[1]));
	get_urgent(c->hasty.fd[1]);
}

static void answer(int fd)
{
	char got[5] = "";

	for (;;) {
		if (recv(fd, got, 4, MSG_WAITALL) != 4)
			_exit(strcmp(got, "pong") ? 1 : 0);
		strcpy(got, "pong");
		put(fd, got);
	}
}

static void make(struct conns *c, int family, int listener)
{
	struct epoll_event event;
	int i;

	c->listener = listener;
	connect_pair(listener, family, c->plain);
	for (i = 0; i < 2; i++) {
		c->name[i] = name(c->plain[i]);
		c->peer[i] = peer_name(c->plain[i]);
	}
	put(c->plain[0], "hello");
	put(c->plain[1], "world");
	check(setsockopt(c->plain[0], SOL_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int)) == 0);
	check(setsockopt(c->plain[0], SOL_SOCKET, SO_KEEPALIVE, &(int){ 1 }, sizeof(int)) == 0);
	check(setsockopt(c->plain[1], SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int)) == 0);
	c->mss = mss_of(c->plain[0]);
	c->clamp = option(c->plain[0], SOL_TCP, TCP_WINDOW_CLAMP);
	check(c->clamp > 0);
	make_flood(&c->flood, listener, family);
	connect_pair(listener, family, c->half);
	put(c->half[0], "last words");
	check(shutdown(c->half[0], SHUT_WR) == 0);
	drop_ends(c->half[1]);
	connect_pair(listener, family, c->done);
	check(shutdown(c->done[1], SHUT_WR) == 0);
	await(c->done[0], POLLRDHUP);
	connect_pair(listener, family, c->gone);
	put(c->gone[0], "farewell");
	say_goodbye(c->gone[0]);
	/* An end behind what has not been sent. */
	make_flood(&c->slow, listener, family);
	check(shutdown(c->slow.fd[0], SHUT_WR) == 0);
	make_urgent(c, family);
	connect_pair(listener, family, c->child);
	c->pid = fork();
	check(c->pid >= 0);
	if (!c->pid) {
		/* An end is there for as long as anybody has it. */
		check(dup2(c->child[1], 3) == 3 && close_range(4, ~0U, 0) == 0);
		answer(3);
	}
	close(c->child[1]);
	put(c->child[0], "ping");
	get(c->child[0], "pong");
	connect_pair(listener, family, c->watched);
	c->ep = epoll_create1(0);
	/* Who has been told of an end is not told again. */
	watch(c->ep, c->done[0], EPOLLIN | EPOLLRDHUP, 2);
	check(epoll_wait(c->ep, &event, 1, 0) == 1 && event.data.u32 == 2);
	watch(c->ep, c->watched[1], EPOLLIN, 1);
	put(c->watched[0], "edge");
	await(c->watched[1], POLLIN);
}

static void check_made(struct conns *c)
{
	struct epoll_event event;
	union address a;
	char byte;
	int i;

	check(connect(c->plain[0], &c->peer[0].any, sizeof(a)) == 0);
	check(connect(c->plain[0], &c->peer[0].any, sizeof(a)) == -1 && errno == EISCONN);
	for (i = 0; i < 2; i++) {
		a = name(c->plain[i]);
		check(same(&a, &c->name[i]));
		a = peer_name(c->plain[i]);
		check(same(&a, &c->peer[i]));
	}
	check(option(c->plain[0], SOL_TCP, TCP_NODELAY) == 1);
	check(option(c->plain[1], SOL_TCP, TCP_NODELAY) == 0);
	check(option(c->plain[0], SOL_SOCKET, SO_KEEPALIVE) == 1);
	check(option(c->plain[0], SOL_SOCKET, SO_REUSEADDR) == 0);
	check(option(c->plain[1], SOL_SOCKET, SO_REUSEADDR) == 1);
	check(option(c->plain[0], SOL_TCP, TCP_FASTOPEN_CONNECT) == 1);
	check(option(c->plain[0], SOL_TCP, TCP_WINDOW_CLAMP) == c->clamp);
	check(mss_of(c->plain[0]) >= c->mss);
	check(option(c->half[1], SOL_SOCKET, SO_LOCK_FILTER) == 1);
	check(epoll_wait(c->ep, &event, 1, 0) == 1 && event.data.u32 == 1);
	check(epoll_wait(c->ep, &event, 1, 0) == 0);
	get(c->plain[1], "hello");
	put(c->plain[0], "again");
	get(c->plain[1], "again");
	get(c->plain[0], "world");
	check(close(c->plain[0]) == 0 && recv(c->plain[1], &byte, 1, 0) == 0);
	check_flood(&c->flood);
	get(c->half[1], "last words");
	check(recv(c->half[1], &byte, 1, MSG_DONTWAIT) == 0);
	put(c->half[1], "an answer");
	get(c->half[0], "an answer");
	check(send(c->half[0], "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
	check(close(c->half[1]) == 0 && recv(c->half[0], &byte, 1, 0) == 0);
	check(recv(c->done[0], &byte, 1, MSG_DONTWAIT) == 0);
	put(c->done[0], "more");
	get(c->done[1], "more");
	check_urgent(c);
	get(c->gone[1], "farewell");
	check(recv(c->gone[1], &byte, 1, 0) == 0);
	drain(c->slow.fd[1], 1234, c->slow.sent[0], 0);
	check(recv(c->slow.fd[1], &byte, 1, 0) == 0);
	put(c->child[0], "ping");
	get(c->child[0], "pong");
	check(close(c->child[0]) == 0 && status_of(c->pid) == 0);
	put(c->watched[0], "more");
	check(epoll_wait(c->ep, &event, 1, -1) == 1);
}

int main(void)
{
	struct conns c[3];
	int nr = 1, v6, i;

	v6 = socket(AF_INET6, SOCK_STREAM, 0);
	make(&c[0], AF_INET, listen_on(AF_INET));
	if (v6 >= 0) {
		int both = listen_on(AF_INET6);

		make(&c[1], AF_INET6, both);
		/* One end is of IPv4, the other of IPv6. */
		make(&c[2], AF_INET, both);
		nr = 3;
	}

	ready();

	for (i = 0; i < nr; i++)
		check_made(&c[i]);
	return passed();
}
