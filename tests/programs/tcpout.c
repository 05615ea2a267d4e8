// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP connections of a program that is saved to a peer that is not.
 *
 * tcpout peer PORT	serves any number of programs, whatever their addresses
 * tcpout PORT ADDRESS...	the program: connections of each kind to the peer at each of its
 *			addresses, half of them made by the peer
 *
 * A connection begins with a byte that says of which kind it is: there is a row for
 * each, which has what the program does before it is saved, what it does afterwards, and
 * what the peer does meanwhile. The peer ends a connection when all that it had to hear
 * has come, in order and once; it says what was wrong if it was not so.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>

#include "inet.h"
#include "tasks.h"

#define FLOOD	120000		/* bytes: more than the other end takes at once */

static unsigned char byte_at(size_t i)
{
	return i * 7 + i / 256;
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

static void get_end(int fd)
{
	char byte;

	check(recv(fd, &byte, 1, 0) == 0);
}

static void end_sending(int fd)
{
	check(shutdown(fd, SHUT_WR) == 0);
}

static void put_flood(int fd)
{
	static unsigned char bytes[FLOOD];
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = byte_at(i);
	/* It has room for all of it. */
	check(send(fd, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_NOSIGNAL) == FLOOD);
}

static void get_flood(int fd)
{
	unsigned char bytes[10000];
	size_t at = 0;

	while (at < FLOOD) {
		ssize_t n = recv(fd, bytes, sizeof(bytes), 0), i;

		check(n > 0 && at + n <= FLOOD);
		for (i = 0; i < n; i++)
			check(bytes[i] == byte_at(at + i));
		at += n;
	}
}

static int state_of_tcp(int fd)
{
	socklen_t len = sizeof(struct tcp_info);
	struct tcp_info info = {};

	check(getsockopt(fd, SOL_TCP, TCP_INFO, &info, &len) == 0);
	return info.tcpi_state;
}

/* For the peer: the program is frozen, if anybody says so, or has been told to go on. */
static void wait_until_frozen(void)
{
	char name[4096];

	snprintf(name, sizeof(name), "%s.frozen", getenv("GO") ?: "");
	while (!told_to_go_on() && access(name, F_OK))
		nap(10);
}

static void peer_says(const char *what)
{
	printf("%s\n", what);
	fflush(stdout);
}

/* ---- nothing in flight, or something to read at both ends ------------------------------ */

static void idle_verify(int fd)
{
	put(fd, "ping");
	get(fd, "pong");
	end_sending(fd);
	get_end(fd);
}

static void idle_peer(int fd)
{
	get(fd, "ping");
	put(fd, "pong");
	get_end(fd);
}

static void hello_prepare(int fd)
{
	await(fd, POLLIN);
	put(fd, "world");
}

static void hello_verify(int fd)
{
	get(fd, "hello");
	put(fd, "done");
	end_sending(fd);
	get_end(fd);
}

static void hello_peer(int fd)
{
	put(fd, "hello");
	wait_to_go_on();
	get(fd, "worlddone");
	get_end(fd);
}

/* ---- more than fits, in both directions ------------------------------------------------ */

static void flood_prepare(int fd)
{
	put_flood(fd);
	await(fd, POLLIN);
}

static void flood_verify(int fd)
{
	get_flood(fd);
	put(fd, "more");
	get(fd, "more");
	end_sending(fd);
	get_end(fd);
}

static void flood_peer(int fd)
{
	put_flood(fd);
	wait_to_go_on();
	get_flood(fd);
	get(fd, "more");
	put(fd, "more");
	get_end(fd);
}

/* ---- ends ------------------------------------------------------------------------------- */

/* FIN_WAIT2 */
static void last_prepare(int fd)
{
	put(fd, "last words");
	end_sending(fd);
	while (state_of_tcp(fd) != TCP_FIN_WAIT2)
		nap(5);
}

static void last_verify(int fd)
{
	get(fd, "answer");
	get_end(fd);
	check(send(fd, "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
}

static void last_peer(int fd)
{
	get(fd, "last words");
	get_end(fd);
	wait_to_go_on();
	put(fd, "answer");
}

/* FIN_WAIT1, the end behind what the other does not take */
static void ending_prepare(int fd)
{
	put_flood(fd);
	end_sending(fd);
	check(state_of_tcp(fd) == TCP_FIN_WAIT1);
}

static void ending_verify(int fd)
{
	get(fd, "all of it");
	get_end(fd);
}

static void ending_peer(int fd)
{
	wait_to_go_on();
	get_flood(fd);
	get_end(fd);
	put(fd, "all of it");
}

/* CLOSE_WAIT */
static void heard_prepare(int fd)
{
	await(fd, POLLRDHUP);
	check(state_of_tcp(fd) == TCP_CLOSE_WAIT);
}

static void heard_verify(int fd)
{
	get(fd, "farewell");
	get_end(fd);
	put(fd, "answer");
	check(state_of_tcp(fd) == TCP_CLOSE_WAIT);
	end_sending(fd);
}

static void heard_peer(int fd)
{
	put(fd, "farewell");
	end_sending(fd);
	get(fd, "answer");
	get_end(fd);
}

/* LAST_ACK, the same */
static void both_prepare(int fd)
{
	await(fd, POLLRDHUP);
	put_flood(fd);
	end_sending(fd);
	check(state_of_tcp(fd) == TCP_LAST_ACK);
}

static void both_verify(int fd)
{
	get(fd, "farewell");
	get_end(fd);
	/* All of it has been acknowledged, and nothing else has come. */
	while (state_of_tcp(fd) != TCP_CLOSE)
		nap(10);
	check(option(fd, SOL_SOCKET, SO_ERROR) == 0);
}

static void both_peer(int fd)
{
	put(fd, "farewell");
	end_sending(fd);
	wait_to_go_on();
	get_flood(fd);
	get_end(fd);
}

/* ---- what the peer does while the program is frozen, or killed ------------------------- */

static void closed_verify(int fd)
{
	get(fd, "bye");
	get_end(fd);
}

static void closed_peer(int fd)
{
	wait_until_frozen();
	put(fd, "bye");
	check(close(fd) == 0);
	peer_says("has closed");
}

/* Which is not told twice: the program learns of it when it sends something. */
static void reset_verify(int fd)
{
	while (send(fd, "x", 1, MSG_NOSIGNAL) == 1)
		nap(10);
	check(errno == ECONNRESET || errno == EPIPE);
}

static void reset_peer(int fd)
{
	struct linger at_once = { .l_onoff = 1 };

	wait_until_frozen();
	check(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)) == 0);
	check(close(fd) == 0);
	peer_says("has reset");
}

/* ---- traffic, all the time ------------------------------------------------------------- */

/* Says ever more, and hears it again. */
static void chatter(int fd)
{
	unsigned char bytes[4096];
	size_t said = 0, heard = 0;
	int ended = 0;

	while (!ended || heard < said) {
		int may_say = !ended && said - heard < 60000;
		struct pollfd p = { .fd = fd, .events = POLLIN | (may_say ? POLLOUT : 0) };
		ssize_t n = 0, i;

		if (!ended && said && told_to_go_on()) {
			end_sending(fd);
			ended = 1;
			continue;
		}
		check(poll(&p, 1, 100) >= 0);
		if (p.revents & POLLOUT) {
			for (i = 0; i < (ssize_t)sizeof(bytes); i++)
				bytes[i] = byte_at(said + i);
			n = send(fd, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_NOSIGNAL);
			check(n > 0 || errno == EAGAIN);
			said += n > 0 ? n : 0;
		}
		if (!(p.revents & POLLIN))
			continue;
		n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		check(n > 0);
		for (i = 0; i < n; i++)
			check(bytes[i] == byte_at(heard + i));
		heard += n;
	}
	check(said == heard && said > 0);
	get_end(fd);
}

static pid_t children[1000];		/* by the descriptor that they got */

static void traffic_prepare(int fd)
{
	pid_t pid = fork();

	check(pid >= 0);
	if (!pid) {
		check(dup2(fd, 3) == 3 && close_range(4, ~0U, 0) == 0);
		chatter(3);
		_exit(0);
	}
	children[fd] = pid;
}

static void traffic_verify(int fd)
{
	check(status_of(children[fd]) == 0);
}

static void traffic_peer(int fd)
{
	char bytes[4096];
	ssize_t n;

	while ((n = recv(fd, bytes, sizeof(bytes), 0)) > 0)
		check(send(fd, bytes, n, MSG_NOSIGNAL) == n);
	check(n == 0);
}

/* ---- not accepted before the program goes on ------------------------------------------- */

static void waiting_verify(int fd)
{
	get(fd, "early");
	put(fd, "late");
	end_sending(fd);
	get_end(fd);
}

static void waiting_peer(int fd)
{
	put(fd, "early");
	get(fd, "late");
	get_end(fd);
}

/* ---- all of them ----------------------------------------------------------------------- */

#define CONTROL	'C'		/* on which the program says whom the peer is to call */
#define WAITING	'w'		/* by the peer only */

static const struct kind {
	char name;
	void (*prepare)(int fd);
	void (*verify)(int fd);
	void (*peer)(int fd);
} kinds[] = {
	{ 'i', NULL, idle_verify, idle_peer },
	{ 'h', hello_prepare, hello_verify, hello_peer },
	{ 'f', flood_prepare, flood_verify, flood_peer },
	{ 'l', last_prepare, last_verify, last_peer },
	{ 'e', ending_prepare, ending_verify, ending_peer },
	{ 'd', heard_prepare, heard_verify, heard_peer },
	{ 'b', both_prepare, both_verify, both_peer },
	{ 'c', NULL, closed_verify, closed_peer },
	{ 'r', NULL, reset_verify, reset_peer },
	{ 't', traffic_prepare, traffic_verify, traffic_peer },
	{ WAITING, NULL, waiting_verify, waiting_peer },
};

#define NR_KINDS	(sizeof(kinds) / sizeof(kinds[0]))
#define MANY		30		/* idle ones */

static const struct kind *kind_of(char name)
{
	unsigned int i;

	for (i = 0; i < NR_KINDS; i++)
		if (kinds[i].name == name)
			return &kinds[i];
	return NULL;
}

/* What is sent fits into its queue, and what is received does not. */
static int new_socket(int family)
{
	int fd = socket(family, SOCK_STREAM, 0);

	check(fd >= 0);
	check(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &(int){ 200000 }, sizeof(int)) == 0);
	check(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &(int){ 20000 }, sizeof(int)) == 0);
	return fd;
}

/* Of IPv6, and IPv4, where there is that. */
static int listen_on(int family, in_port_t port)
{
	union address a = { .any.sa_family = family };
	int fd = new_socket(family);

	if (family == AF_INET)
		a.v4.sin_port = port;
	else
		a.v6.sin6_port = port;
	check(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int)) == 0);
	check(bind(fd, &a.any, size_of(&a)) == 0 && listen(fd, 100) == 0);
	return fd;
}

static int has_v6(void)
{
	int fd = socket(AF_INET6, SOCK_STREAM, 0);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static int dial(const union address *to, char kind)
{
	int fd = new_socket(to->any.sa_family);

	check(connect(fd, &to->any, size_of(to)) == 0);
	check(send(fd, &kind, 1, MSG_NOSIGNAL) == 1);
	return fd;
}

/* ---- the peer -------------------------------------------------------------------------- */

struct call {
	char kind;
	in_port_t port;
};

/* To where the program is that has this connection. */
static void call_back(int control, const struct call *call)
{
	union address a = peer_name(control);
	int fd;

	if (a.any.sa_family == AF_INET)
		a.v4.sin_port = call->port;
	else
		a.v6.sin6_port = call->port;
	if (fork())
		return;
	close(control);
	fd = dial(&a, call->kind);
	kind_of(call->kind)->peer(fd);
	_exit(0);
}

static void serve(int fd)
{
	struct call call;
	char kind;

	check(recv(fd, &kind, 1, 0) == 1);
	if (kind != CONTROL) {
		check(kind_of(kind));
		kind_of(kind)->peer(fd);
		_exit(0);
	}
	while (recv(fd, &call, sizeof(call), MSG_WAITALL) == sizeof(call))
		call_back(fd, &call);
	_exit(0);
}

static int be_peer(in_port_t port)
{
	int listener = listen_on(has_v6() ? AF_INET6 : AF_INET, port);

	signal(SIGCHLD, SIG_IGN);
	printf("ready\n");
	fflush(stdout);
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		check(fd >= 0);
		if (!fork()) {
			close(listener);
			serve(fd);
		}
		close(fd);
	}
}

/* ---- the program ----------------------------------------------------------------------- */

#define MOST	(2 * NR_KINDS + MANY)

/**
 * struct session - with the peer at one of its addresses
 * @control:	who is to call
 * @listener:	whom the peer calls
 * @fd:		connections
 * @kind:	of each
 * @nr:		how many
 */
struct session {
	int control, listener;
	int fd[MOST];
	const struct kind *kind[MOST];
	unsigned int nr;
};

static void add(struct session *s, int fd, const struct kind *kind)
{
	check(fd >= 0 && s->nr < MOST);
	s->fd[s->nr] = fd;
	s->kind[s->nr++] = kind;
}

static void be_called(struct session *s, const struct kind *kind)
{
	union address a = name(s->listener);
	struct call call = {
		.kind = kind->name,
		.port = a.any.sa_family == AF_INET ? a.v4.sin_port : a.v6.sin6_port,
	};
	char byte;
	int fd;

	check(send(s->control, &call, sizeof(call), MSG_NOSIGNAL) == sizeof(call));
	if (kind->name == WAITING) {
		await(s->listener, POLLIN);
		return;
	}
	fd = accept(s->listener, NULL, NULL);
	check(fd >= 0 && recv(fd, &byte, 1, 0) == 1 && byte == kind->name);
	add(s, fd, kind);
}

/* @family: of the socket that listens */
static void make(struct session *s, const union address *peer, int family)
{
	unsigned int i;

	s->nr = 0;
	s->listener = listen_on(family, 0);
	s->control = dial(peer, CONTROL);
	for (i = 0; i < MANY; i++)
		add(s, dial(peer, kinds[0].name), &kinds[0]);
	for (i = 0; i < NR_KINDS; i++) {
		if (kinds[i].name != WAITING)
			add(s, dial(peer, kinds[i].name), &kinds[i]);
		be_called(s, &kinds[i]);
	}
	for (i = 0; i < s->nr; i++)
		if (s->kind[i]->prepare)
			s->kind[i]->prepare(s->fd[i]);
}

static void verify(struct session *s)
{
	char byte;
	unsigned int i;
	int fd = accept(s->listener, NULL, NULL);

	check(fd >= 0 && recv(fd, &byte, 1, 0) == 1 && byte == WAITING);
	add(s, fd, kind_of(WAITING));
	/* Who listens still does. */
	be_called(s, &kinds[0]);
	for (i = 0; i < s->nr; i++) {
		s->kind[i]->verify(s->fd[i]);
		check(close(s->fd[i]) == 0);
	}
	check(close(s->control) == 0);
}

static union address address_of(const char *text, in_port_t port)
{
	union address a = { .any.sa_family = strchr(text, ':') ? AF_INET6 : AF_INET };

	if (a.any.sa_family == AF_INET) {
		a.v4.sin_port = port;
		check(inet_pton(AF_INET, text, &a.v4.sin_addr) == 1);
	} else {
		a.v6.sin6_port = port;
		check(inet_pton(AF_INET6, text, &a.v6.sin6_addr) == 1);
	}
	return a;
}

int main(int argc, char *argv[])
{
	static struct session s[4];
	unsigned int nr = 0, i;
	in_port_t port;

	check(argc > 2 && argc < 6);
	if (!strcmp(argv[1], "peer"))
		return be_peer(htons(atoi(argv[2])));
	port = htons(atoi(argv[1]));
	for (i = 2; i < (unsigned int)argc; i++) {
		union address peer = address_of(argv[i], port);

		if (peer.any.sa_family == AF_INET6 && !has_v6())
			continue;
		/* An address of IPv4 in one of IPv6: so is who is called. */
		make(&s[nr++], &peer, peer.any.sa_family);
	}
	check(nr);

	ready();

	for (i = 0; i < nr; i++)
		verify(&s[i]);
	return passed();
}
