// SPDX-License-Identifier: GPL-2.0-only
/*
 * Groups of sockets that share a port (SO_REUSEPORT), of UDP and TCP, of IPv4 and, where the
 * kernel has it, IPv6: a program chooses among them by place, or the hash of who sends does,
 * which hits the same ones only if their order is the same; a group of one that has no port yet.
 */
#define _GNU_SOURCE
#include <linux/filter.h>
#include <netinet/in.h>
#include <poll.h>

#include "inet.h"

#define MEMBERS	5
#define SENDERS	12

/* Who gets it says the first byte: '0', '1' ... */
static struct sock_filter by_byte[] = {
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
	BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, '0'),
	BPF_STMT(BPF_RET | BPF_A, 0),
};

static struct sock_filter the_third[] = {
	BPF_STMT(BPF_RET | BPF_K, 2),
};

struct group {
	int family, type, fd[MEMBERS];
	union address at;
};

static void attach(int fd, struct sock_filter *insns, unsigned short len)
{
	struct sock_fprog prog = { .len = len, .filter = insns };

	check(setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &prog, sizeof(prog)) == 0);
}

static int open_one(int family, int type)
{
	int fd = socket(family, type | SOCK_NONBLOCK, 0);

	check(fd >= 0);
	check(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &(int){ 1 }, sizeof(int)) == 0);
	return fd;
}

static void join(const struct group *g, int fd)
{
	check(bind(fd, &g->at.any, size_of(&g->at)) == 0);
	if (g->type == SOCK_STREAM)
		check(listen(fd, 9) == 0);
}

/* The last of them gets the place of one that goes: so they are not in the order of numbers. */
static struct group make_group(int family, int type)
{
	struct group g = { .family = family, .type = type, .at = loopback(family) };
	int goes, i;

	for (i = 0; i < MEMBERS; i++)
		g.fd[i] = open_one(family, type);
	goes = open_one(family, type);
	join(&g, g.fd[0]);
	g.at = name(g.fd[0]);
	join(&g, goes);
	for (i = 1; i < MEMBERS; i++)
		join(&g, g.fd[i]);
	check(close(goes) == 0);
	return g;
}

/* Who has got something, and nobody else. */
static int receiver(const struct group *g)
{
	int i, found = -1, fd;
	char byte;

	while (found < 0)
		for (i = 0; i < MEMBERS; i++) {
			if (g->type == SOCK_STREAM) {
				fd = accept(g->fd[i], NULL, NULL);
				check(fd >= 0 || errno == EAGAIN);
				close(fd);
			} else {
				fd = recv(g->fd[i], &byte, 1, 0);
				check(fd == 1 || errno == EAGAIN);
			}
			if (fd < 0)
				continue;
			check(found < 0);
			found = i;
		}
	return found;
}

static int send_byte(const struct group *g, int from, char byte)
{
	check(sendto(from, &byte, 1, 0, &g->at.any, size_of(&g->at)) == 1);
	return receiver(g);
}

static int connect_to(const struct group *g)
{
	int fd = socket(g->family, SOCK_STREAM, 0), found;

	check(connect(fd, &g->at.any, size_of(&g->at)) == 0);
	found = receiver(g);
	close(fd);
	return found;
}

/* ---- one of each ------------------------------------------------------------------------- */

struct groups {
	struct group chosen, hashed, stream;
	int senders[SENDERS], by_byte[MEMBERS], by_hash[SENDERS], third;
	int alone;
};

static void make(struct groups *g, int family)
{
	union address a = loopback(family);
	int i;

	g->chosen = make_group(family, SOCK_DGRAM);
	attach(g->chosen.fd[3], by_byte, 3);
	g->hashed = make_group(family, SOCK_DGRAM);
	g->stream = make_group(family, SOCK_STREAM);
	attach(g->stream.fd[0], the_third, 1);
	for (i = 0; i < SENDERS; i++) {
		g->senders[i] = socket(family, SOCK_DGRAM, 0);
		check(bind(g->senders[i], &a.any, size_of(&a)) == 0);
		g->by_hash[i] = send_byte(&g->hashed, g->senders[i], 'x');
	}
	for (i = 0; i < MEMBERS; i++)
		g->by_byte[i] = send_byte(&g->chosen, g->senders[0], '0' + i);
	check(g->by_byte[0] == 0 && g->by_byte[1] == MEMBERS - 1);
	g->third = connect_to(&g->stream);
	/* It has the program before it has a port. */
	g->alone = open_one(family, SOCK_DGRAM);
	attach(g->alone, by_byte, 3);
	check(setsockopt(g->alone, SOL_SOCKET, SO_LOCK_FILTER, &(int){ 1 }, sizeof(int)) == 0);
}

static void check_alone(const struct groups *g)
{
	struct group two = { .family = g->chosen.family, .type = SOCK_DGRAM };
	int i;

	two.at = loopback(two.family);
	two.fd[0] = g->alone;
	join(&two, two.fd[0]);
	two.at = name(two.fd[0]);
	for (i = 1; i < MEMBERS; i++) {
		two.fd[i] = open_one(two.family, SOCK_DGRAM);
		join(&two, two.fd[i]);
	}
	for (i = 0; i < MEMBERS; i++)
		check(send_byte(&two, g->senders[0], '0' + i) == i);
	/* That was locked, and is so. */
	check(setsockopt(g->alone, SOL_SOCKET, SO_DETACH_FILTER, &i, sizeof(i)) == -1 &&
	      errno == EPERM);
}

static void check_made(const struct groups *g)
{
	int i;

	for (i = 0; i < MEMBERS; i++)
		check(send_byte(&g->chosen, g->senders[0], '0' + i) == g->by_byte[i]);
	for (i = 0; i < SENDERS; i++)
		check(send_byte(&g->hashed, g->senders[i], 'x') == g->by_hash[i]);
	for (i = 0; i < 3; i++)
		check(connect_to(&g->stream) == g->third);
	check_alone(g);
}

int main(void)
{
	struct groups groups[2];
	int v6 = socket(AF_INET6, SOCK_DGRAM, 0), nr = v6 >= 0 ? 2 : 1, i;

	close(v6);
	make(&groups[0], AF_INET);
	if (nr == 2)
		make(&groups[1], AF_INET6);

	ready();

	for (i = 0; i < nr; i++)
		check_made(&groups[i]);
	return passed();
}
