// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP sockets that have asked for a connection and are not answered, because the queue of
 * whom they ask is full: of IPv4, of IPv6, and of IPv6 to an address of IPv4. Who does not
 * wait and who sleeps in connect(2), with and without a time-out; who has bound his socket
 * and who has not; who watches one. In the end there is room, or nobody is there any more.
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "inet.h"
#include "tasks.h"

#define FILL	2

/* A socket that listens, to which nobody can connect. */
struct full {
	int fd, in[FILL];
	union address at;
};

static void fill(struct full *f, int family, int mapped)
{
	union address a = loopback(family), to;
	int i;

	f->fd = socket(family, SOCK_STREAM, 0);
	check(f->fd >= 0 && bind(f->fd, &a.any, size_of(&a)) == 0 && listen(f->fd, FILL - 1) == 0);
	to = name(f->fd);
	f->at = to;
	for (i = 0; i < FILL; i++) {
		f->in[i] = socket(family, SOCK_STREAM, 0);
		check(connect(f->in[i], &to.any, size_of(&to)) == 0);
	}
	if (!mapped)
		return;
	f->at = (union address){ .v6.sin6_family = AF_INET6, .v6.sin6_port = to.v4.sin_port };
	memset(f->at.v6.sin6_addr.s6_addr + 10, 0xff, 2);
	memcpy(f->at.v6.sin6_addr.s6_addr + 12, &to.v4.sin_addr, 4);
}

/* It asks often: nobody answers for as long as the test takes. */
static int asker(const struct full *f)
{
	int fd = socket(f->at.any.sa_family, SOCK_STREAM, 0);

	check(fd >= 0);
	check(setsockopt(fd, SOL_TCP, TCP_SYNCNT, &(int){ 99 }, sizeof(int)) == 0);
	return fd;
}

static void ask(int fd, const struct full *f)
{
	check(fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK) == 0);
	check(connect(fd, &f->at.any, size_of(&f->at)) == -1 && errno == EINPROGRESS);
}

static int asking(const struct full *f)
{
	int fd = asker(f);

	ask(fd, f);
	return fd;
}

/* A child that sleeps in connect(2), 1000 s at most or for ever, and has nothing else. */
static pid_t sleeper(const struct full *f, int timed)
{
	const struct timeval time = { .tv_sec = 1000 };
	pid_t pid = fork();
	char byte;
	int fd;

	check(pid >= 0);
	if (pid) {
		wait_for_state(pid, 'S');
		return pid;
	}
	close_range(3, ~0U, 0);
	fd = asker(f);
	if (timed)
		check(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof(time)) == 0);
	check(connect(fd, &f->at.any, size_of(&f->at)) == 0);
	check(send(fd, "s", 1, 0) == 1 && recv(fd, &byte, 1, 0) == 1 && byte == 'S');
	_exit(0);
}

static int events_of(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };

	check(poll(&p, 1, 0) >= 0);
	return p.revents;
}

static int is_asking(int fd)
{
	struct tcp_info info = {};
	socklen_t len = sizeof(info);
	union address a;

	check(getsockopt(fd, SOL_TCP, TCP_INFO, &info, &len) == 0);
	len = sizeof(a);
	return info.tcpi_state == TCP_SYN_SENT && !events_of(fd) &&
	       getpeername(fd, &a.any, &len) == -1 && errno == ENOTCONN;
}

/* ---- one pair of families ---------------------------------------------------------------- */

enum { PLAIN, BOUND, FAST, WATCHED, NR };

struct set {
	struct full room, gone;
	int fd[NR], refused, ep;
	union address from[NR];
	pid_t sleepers[2];
};

static void make(struct set *s, int family, int mapped)
{
	struct epoll_event event = { .events = EPOLLOUT | EPOLLET, .data.u32 = 7 };
	union address a;
	int i;

	fill(&s->room, family, mapped);
	for (i = 0; i < 2; i++)
		s->sleepers[i] = sleeper(&s->room, i);
	fill(&s->gone, family, mapped);
	for (i = 0; i < NR; i++)
		s->fd[i] = asker(&s->room);
	a = s->room.at;
	if (a.any.sa_family == AF_INET)
		a.v4.sin_port = 0;
	else
		a.v6.sin6_port = 0;
	check(bind(s->fd[BOUND], &a.any, size_of(&a)) == 0);
	check(setsockopt(s->fd[BOUND], SOL_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int)) == 0);
	check(setsockopt(s->fd[FAST], SOL_TCP, TCP_FASTOPEN_CONNECT, &(int){ 1 },
			 sizeof(int)) == 0);
	for (i = 0; i < NR; i++) {
		ask(s->fd[i], &s->room);
		s->from[i] = name(s->fd[i]);
	}
	s->refused = asking(&s->gone);
	s->ep = epoll_create1(0);
	check(epoll_ctl(s->ep, EPOLL_CTL_ADD, s->fd[WATCHED], &event) == 0);
}

static void check_asking(struct set *s)
{
	struct epoll_event event;
	union address a;
	int i;

	for (i = 0; i < NR; i++) {
		a = name(s->fd[i]);
		check(is_asking(s->fd[i]) && same(&a, &s->from[i]));
		check(option(s->fd[i], SOL_TCP, TCP_SYNCNT) == 99);
		check(option(s->fd[i], SOL_TCP, TCP_NODELAY) == (i == BOUND));
		check(option(s->fd[i], SOL_TCP, TCP_FASTOPEN_CONNECT) == (i == FAST));
		check(option(s->fd[i], SOL_SOCKET, SO_ERROR) == 0);
		a = s->room.at;
		check(connect(s->fd[i], &a.any, size_of(&a)) == -1 && errno == EALREADY);
		check(send(s->fd[i], "x", 1, MSG_NOSIGNAL) == -1 && errno == EAGAIN);
	}
	check(is_asking(s->refused));
	check(epoll_wait(s->ep, &event, 1, 0) == 0);
}

static void await(int fd, int events)
{
	struct pollfd p = { .fd = fd, .events = events };

	check(poll(&p, 1, -1) == 1);
}

/* Each is connected once, from where it was. */
static void check_connected(struct set *s)
{
	struct epoll_event event;
	int i, server, nr = FILL + NR + 2;
	char byte;

	/* For all at once: of too many some would be connected for themselves alone. */
	check(listen(s->room.fd, 100) == 0);
	for (i = 0; i < nr; i++) {
		server = accept(s->room.fd, NULL, NULL);
		check(server >= 0);
		if (i < FILL)
			continue;
		/* Those that do not wait say who they are later. */
		if (fork() == 0) {
			check(recv(server, &byte, 1, 0) == 1);
			byte -= 'a' - 'A';
			check(send(server, &byte, 1, 0) == 1);
			_exit(0);
		}
		close(server);
	}
	check(epoll_wait(s->ep, &event, 1, -1) == 1 && event.data.u32 == 7);
	for (i = 0; i < NR; i++) {
		union address a;

		await(s->fd[i], POLLOUT);
		check(option(s->fd[i], SOL_SOCKET, SO_ERROR) == 0);
		a = name(s->fd[i]);
		check(same(&a, &s->from[i]));
		a = peer_name(s->fd[i]);
		check(same(&a, &s->room.at));
		check(connect(s->fd[i], &a.any, size_of(&a)) == 0);
		check(connect(s->fd[i], &a.any, size_of(&a)) == -1 && errno == EISCONN);
		byte = 'a' + i;
		check(send(s->fd[i], &byte, 1, 0) == 1);
		await(s->fd[i], POLLIN);
		check(recv(s->fd[i], &byte, 1, 0) == 1 && byte == 'A' + i);
	}
	for (i = 0; i < 2; i++)
		check(status_of(s->sleepers[i]) == 0);
	check(fcntl(s->room.fd, F_SETFL, O_RDWR | O_NONBLOCK) == 0);
	check(accept(s->room.fd, NULL, NULL) == -1 && errno == EAGAIN);
	check(close(s->gone.fd) == 0);
	await(s->refused, POLLOUT);
	check(option(s->refused, SOL_SOCKET, SO_ERROR) == ECONNREFUSED);
}

int main(void)
{
	int fd = socket(AF_INET6, SOCK_STREAM, 0), nr = fd >= 0 ? 3 : 1, i;
	struct set s[3];

	close(fd);
	for (i = 0; i < nr; i++)
		make(&s[i], i == 1 ? AF_INET6 : AF_INET, i == 2);

	ready();

	for (i = 0; i < nr; i++)
		check_asking(&s[i]);
	for (i = 0; i < nr; i++)
		check_connected(&s[i]);
	return passed();
}
