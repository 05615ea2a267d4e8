// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP sockets of IPv4 and, where the kernel has it, IPv6, that are not connected:
 * new, bound, listening, refused, and what remains of connections that have ended, also
 * what has not been read; options, which those that are accepted inherit.
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "inet.h"
#include "openfile.h"
#include "tasks.h"

#ifndef TCP_TX_DELAY
#define TCP_TX_DELAY	37
#endif

static int tcp(int family)
{
	int fd = socket(family, SOCK_STREAM, 0);

	check(fd >= 0);
	return fd;
}

static int bound(int family)
{
	union address a = loopback(family);
	int fd = tcp(family);

	check(bind(fd, &a.any, size_of(&a)) == 0);
	return fd;
}

static int connect_to(int fd)
{
	union address a = name(fd);
	int client = tcp(a.any.sa_family);

	check(connect(client, &a.any, size_of(&a)) == 0);
	return client;
}

static int accept_from(int fd)
{
	int server = accept(fd, NULL, NULL);

	check(server >= 0);
	return server;
}

/* A connection by it works, and ends. */
static void try(int listener)
{
	int client = connect_to(listener), server = accept_from(listener);
	char got[4];

	check(send(client, "ping", 4, 0) == 4 && recv(server, got, 4, MSG_WAITALL) == 4);
	check(!memcmp(got, "ping", 4));
	check(close(client) == 0 && recv(server, got, 4, 0) == 0 && close(server) == 0);
}

/* ---- options --------------------------------------------------------------------- */

static const struct {
	int level, option, value;
} options[] = {
	{ SOL_SOCKET, SO_REUSEADDR, 1 }, { SOL_SOCKET, SO_KEEPALIVE, 1 },
	{ SOL_SOCKET, SO_RCVBUF, 70000 }, { SOL_SOCKET, SO_SNDBUF, 80000 },
	{ SOL_IP, IP_TOS, 0x48 }, { SOL_IP, IP_TTL, 33 },
	{ SOL_IPV6, IPV6_V6ONLY, 1 }, { SOL_IPV6, IPV6_TCLASS, 0x20 },
	{ SOL_IPV6, IPV6_RECVTCLASS, 1 },
	{ SOL_TCP, TCP_NODELAY, 1 }, { SOL_TCP, TCP_MAXSEG, 1000 }, { SOL_TCP, TCP_CORK, 1 },
	{ SOL_TCP, TCP_KEEPIDLE, 77 }, { SOL_TCP, TCP_KEEPINTVL, 7 }, { SOL_TCP, TCP_KEEPCNT, 3 },
	{ SOL_TCP, TCP_SYNCNT, 2 }, { SOL_TCP, TCP_LINGER2, 9 }, { SOL_TCP, TCP_DEFER_ACCEPT, 7 },
	{ SOL_TCP, TCP_WINDOW_CLAMP, 60000 }, { SOL_TCP, TCP_QUICKACK, 0 },
	{ SOL_TCP, TCP_THIN_LINEAR_TIMEOUTS, 1 }, { SOL_TCP, TCP_USER_TIMEOUT, 12345 },
	{ SOL_TCP, TCP_FASTOPEN, 5 }, { SOL_TCP, TCP_FASTOPEN_NO_COOKIE, 1 },
	{ SOL_TCP, TCP_SAVE_SYN, 1 }, { SOL_TCP, TCP_NOTSENT_LOWAT, 4000 },
	{ SOL_TCP, TCP_INQ, 1 }, { SOL_TCP, TCP_TX_DELAY, 10 },
};

#define NR_OPTIONS	(sizeof(options) / sizeof(options[0]))

/* The second one is that of cookies which are older. */
static const char keys[33] = "the key now in use,the older one";

struct optioned {
	int fd, plain, before[NR_OPTIONS], usual[NR_OPTIONS];
};

static void make_optioned(struct optioned *o, int family)
{
	size_t i;

	o->fd = bound(family);
	o->plain = tcp(family);
	for (i = 0; i < NR_OPTIONS; i++)
		setsockopt(o->fd, options[i].level, options[i].option, &options[i].value,
			   sizeof(int));
	check(setsockopt(o->fd, SOL_TCP, TCP_CONGESTION, "reno", 4) == 0);
	check(setsockopt(o->fd, SOL_TCP, TCP_FASTOPEN_KEY, keys, 32) == 0);
	check(listen(o->fd, 10) == 0);
	check(fchmod(o->fd, 0600) == 0 && fchown(o->fd, 1234, 5678) == 0);
	for (i = 0; i < NR_OPTIONS; i++) {
		o->before[i] = option(o->fd, options[i].level, options[i].option);
		o->usual[i] = option(o->plain, options[i].level, options[i].option);
		if (o->before[i] == o->usual[i])
			printf("option %d of level %d stays %d\n", options[i].option,
			       options[i].level, o->usual[i]);
	}
}

static void check_optioned(const struct optioned *o)
{
	char congestion[16] = "", key[64] = "";
	socklen_t len = sizeof(key);
	struct tcp_info info;
	struct stat st;
	int bad = 0;
	size_t i;

	for (i = 0; i < NR_OPTIONS; i++) {
		int now = option(o->fd, options[i].level, options[i].option);
		int plain = option(o->plain, options[i].level, options[i].option);

		if (now == o->before[i] && plain == o->usual[i])
			continue;
		printf("option %d of level %d is %d and %d, was %d and %d\n",
		       options[i].option, options[i].level, now, plain, o->before[i],
		       o->usual[i]);
		bad++;
	}
	check(!bad);
	check(getsockopt(o->fd, SOL_TCP, TCP_FASTOPEN_KEY, key, &len) == 0);
	check(len == 32 && !memcmp(key, keys, 32));
	len = sizeof(congestion);
	check(getsockopt(o->fd, SOL_TCP, TCP_CONGESTION, congestion, &len) == 0);
	check(!strcmp(congestion, "reno"));
	/* Of one that listens that is its backlog. */
	len = sizeof(info);
	check(getsockopt(o->fd, SOL_TCP, TCP_INFO, &info, &len) == 0 && info.tcpi_sacked == 10);
	check(fstat(o->fd, &st) == 0 && st.st_mode == (S_IFSOCK | 0600) && st.st_uid == 1234);
	try(o->fd);
}

/* ---- states ------------------------------------------------------------------------ */

struct states {
	int family, fresh, bound, explicit, listener, twins[2], refused, reset, ended[2], deaf;
	int unread[2], late;
	union address bound_at, explicit_at, listener_at, reset_at, ended_at;
};

/* Its peer has closed the connection without an answer. */
static void make_reset(struct states *s)
{
	const struct linger at_once = { .l_onoff = 1 };
	struct pollfd p = { .events = POLLIN };
	int server;

	s->reset = connect_to(s->listener);
	p.fd = s->reset;
	s->reset_at = name(s->reset);
	server = accept_from(s->listener);
	check(setsockopt(server, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)) == 0);
	check(close(server) == 0);
	check(poll(&p, 1, -1) == 1 && p.revents & POLLERR);
}

static void until_closed(const int fd[2])
{
	int i;

	for (i = 0; i < 2; i++) {
		struct tcp_info info = {};
		socklen_t len = sizeof(info);

		do
			check(getsockopt(fd[i], SOL_TCP, TCP_INFO, &info, &len) == 0);
		while (info.tcpi_state != TCP_CLOSE);
	}
}

/* Both have said that they have no more to say. */
static void make_ended(struct states *s)
{
	struct pollfd p = { .events = POLLIN };
	char byte;
	int i;

	s->ended[0] = connect_to(s->listener);
	s->ended[1] = accept_from(s->listener);
	s->ended_at = name(s->ended[0]);
	for (i = 0; i < 2; i++) {
		check(shutdown(s->ended[i], SHUT_WR) == 0);
		p.fd = s->ended[!i];
		check(poll(&p, 1, -1) == 1 && recv(s->ended[!i], &byte, 1, 0) == 0);
	}
	until_closed(s->ended);
}

static char large[40000];

/*
 * What has come has not been read: much, and the end; the end alone; something, before it
 * was reset.
 */
static void make_unread(struct states *s)
{
	const struct linger at_once = { .l_onoff = 1 };
	struct pollfd p = { .events = POLLIN };
	int server;

	s->unread[0] = connect_to(s->listener);
	s->unread[1] = accept_from(s->listener);
	check(send(s->unread[1], "unread", 6, 0) == 6);
	check(send(s->unread[1], large, sizeof(large), 0) == sizeof(large));
	check(shutdown(s->unread[0], SHUT_WR) == 0 && shutdown(s->unread[1], SHUT_WR) == 0);
	until_closed(s->unread);
	s->late = connect_to(s->listener);
	server = accept_from(s->listener);
	check(send(server, "late", 4, 0) == 4);
	p.fd = s->late;
	check(poll(&p, 1, -1) == 1 && p.revents == POLLIN);
	check(setsockopt(server, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)) == 0);
	check(close(server) == 0);
	p.events = 0;
	check(poll(&p, 1, -1) == 1 && p.revents & POLLERR);
}

static void check_unread(const struct states *s)
{
	static char got[sizeof(large)];
	int left;

	check(ioctl(s->unread[0], FIONREAD, &left) == 0 && left == 6 + sizeof(large));
	check(recv(s->unread[0], got, 6, 0) == 6 && !memcmp(got, "unread", 6));
	check(recv(s->unread[0], got, sizeof(got), MSG_WAITALL) == sizeof(got));
	check(!memcmp(got, large, sizeof(got)));
	check(ioctl(s->unread[0], FIONREAD, &left) == 0 && left == 0);
	check(recv(s->unread[0], got, 1, 0) == 0);
	check(ioctl(s->unread[1], FIONREAD, &left) == 0 && left == 0);
	check(recv(s->unread[1], got, 1, 0) == 0);
	check(recv(s->late, got, 100, 0) == 4 && !memcmp(got, "late", 4));
	check(recv(s->late, got, 1, 0) == -1 && errno == ECONNRESET);
	check(recv(s->late, got, 1, 0) == 0);
}

static void make_states(struct states *s, int family)
{
	union address a;
	int i, gone;

	s->family = family;
	s->fresh = tcp(family);
	s->bound = bound(family);
	s->bound_at = name(s->bound);
	gone = bound(family);
	s->explicit_at = name(gone);
	close(gone);
	s->explicit = tcp(family);
	check(bind(s->explicit, &s->explicit_at.any, size_of(&s->explicit_at)) == 0);
	s->listener = bound(family);
	check(listen(s->listener, 3) == 0);
	s->listener_at = name(s->listener);
	a = loopback(family);
	for (i = 0; i < 2; i++) {
		s->twins[i] = tcp(family);
		check(setsockopt(s->twins[i], SOL_SOCKET, SO_REUSEPORT, &(int){ 1 },
				 sizeof(int)) == 0);
		check(bind(s->twins[i], &a.any, size_of(&a)) == 0);
		check(listen(s->twins[i], 1) == 0);
		a = name(s->twins[i]);
	}
	/* Nobody is there; it is told later. */
	s->refused = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	gone = bound(family);
	a = name(gone);
	check(connect(s->refused, &a.any, size_of(&a)) == -1 && errno == EINPROGRESS);
	close(gone);
	s->deaf = bound(family);
	check(listen(s->deaf, 3) == 0 && shutdown(s->deaf, SHUT_RD) == 0);
	make_reset(s);
	make_ended(s);
	make_unread(s);
}

static void check_states(struct states *s)
{
	union address a = name(s->bound);
	char byte;
	int i;

	check_unread(s);
	check(send(s->fresh, "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
	check(recv(s->fresh, &byte, 1, 0) == -1 && errno == ENOTCONN);
	check(same(&a, &s->bound_at));
	check(listen(s->bound, 1) == 0);
	try(s->bound);
	a = name(s->explicit);
	check(same(&a, &s->explicit_at));
	a = name(s->listener);
	check(same(&a, &s->listener_at));
	try(s->listener);
	a = name(s->twins[0]);
	check(name(s->twins[1]).v4.sin_port == a.v4.sin_port);
	check(connect(s->refused, &a.any, size_of(&a)) == -1 && errno == ECONNREFUSED);
	check(accept(s->deaf, NULL, NULL) == -1 && errno == EINVAL);
	check(listen(s->deaf, 1) == 0);
	try(s->deaf);
	a = name(s->reset);
	check(same(&a, &s->reset_at));
	check(recv(s->reset, &byte, 1, 0) == -1 && errno == ECONNRESET);
	check(recv(s->reset, &byte, 1, 0) == 0);
	check(send(s->reset, "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
	a = name(s->listener);
	check(connect(s->reset, &a.any, size_of(&a)) == -1 && errno == EISCONN);
	a = name(s->ended[0]);
	check(same(&a, &s->ended_at));
	for (i = 0; i < 2; i++) {
		check(recv(s->ended[i], &byte, 1, 0) == 0);
		check(send(s->ended[i], "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
	}
}

/* ---- both families, who waits, who watches -------------------------------------------- */

static int both, ep, waited, signaled;
static volatile sig_atomic_t signals;
static pid_t child;

static void count(int sig)
{
	signals += sig == SIGUSR2;
}

static void make_rest(int v6)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data.u32 = 1 };
	union address a = { .v6.sin6_family = AF_INET6 };

	if (v6) {
		both = tcp(AF_INET6);
		check(bind(both, &a.any, sizeof(a.v6)) == 0 && listen(both, 1) == 0);
	}
	waited = bound(AF_INET);
	check(listen(waited, 1) == 0);
	child = fork();
	check(child >= 0);
	if (!child)
		_exit(accept(waited, NULL, NULL) >= 0 ? 0 : 1);
	wait_for_state(child, 'S');
	signaled = bound(AF_INET);
	check(listen(signaled, 5) == 0);
	check(signal(SIGUSR2, count) != SIG_ERR);
	set_owner(signaled, F_OWNER_PID, getpid(), SIGUSR2);
	check(fcntl(signaled, F_SETFL, O_RDWR | O_ASYNC) == 0);
	ep = epoll_create1(0);
	check(epoll_ctl(ep, EPOLL_CTL_ADD, signaled, &event) == 0);
}

static void check_rest(int v6)
{
	union address a = loopback(AF_INET);
	struct epoll_event event;
	int fd;

	if (v6) {
		fd = tcp(AF_INET);
		a.v4.sin_port = name(both).v6.sin6_port;
		check(connect(fd, &a.any, sizeof(a.v4)) == 0);
		check(close(accept_from(both)) == 0 && close(fd) == 0);
	}
	fd = connect_to(waited);
	check(status_of(child) == 0);
	close(fd);
	check(!signals && epoll_wait(ep, &event, 1, 0) == 0);
	fd = connect_to(signaled);
	check(epoll_wait(ep, &event, 1, -1) == 1 && event.data.u32 == 1);
	check(signals == 1);
	check(close(accept_from(signaled)) == 0 && close(fd) == 0);
}

int main(void)
{
	int families[2] = { AF_INET, AF_INET6 }, nr, i;
	struct dressed dressed;
	size_t n;
	struct optioned o[2];
	struct states s[2];

	for (n = 0; n < sizeof(large); n++)
		large[n] = n * 7 + n / 256;
	i = socket(AF_INET6, SOCK_STREAM, 0);
	nr = i >= 0 ? 2 : 1;
	close(i);
	for (i = 0; i < nr; i++) {
		make_optioned(&o[i], families[i]);
		make_states(&s[i], families[i]);
	}
	make_rest(nr == 2);
	dressed = dress(tcp(AF_INET), SIGUSR1);

	ready();

	for (i = 0; i < nr; i++) {
		check_optioned(&o[i]);
		check_states(&s[i]);
	}
	check_rest(nr == 2);
	check_dressed(&dressed, SIGUSR1);
	return passed();
}
