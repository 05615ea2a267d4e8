// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packet sockets that share what they hear (PACKET_FANOUT): in turn, with a ring among them;
 * one after the other when one is full, with its counts; by hash, of a number that the kernel
 * has found. Members keep their places, and others may join.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "program.h"

#define PROTOCOL	0x88e0
#define GROUP		77
#define FRAME		1024
#define FRAMES		8
#define MEMBERS		3

#ifndef PACKET_ROLLOVER_STATS
#define PACKET_ROLLOVER_STATS	21
#endif

static int lo, sender;
static char *ring;

static struct sockaddr_ll address(int protocol)
{
	return (struct sockaddr_ll){
		.sll_family = AF_PACKET, .sll_protocol = htons(protocol), .sll_ifindex = lo,
		.sll_halen = 6,
	};
}

static void hear(int fd, int protocol)
{
	struct sockaddr_ll a = address(protocol);

	check(bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
}

static void join(int fd, unsigned int group, unsigned int how)
{
	unsigned int value = group | how << 16;

	check(setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &value, sizeof(value)) == 0);
}

static unsigned int group_of(int fd)
{
	unsigned int value = -1;
	socklen_t len = sizeof(value);

	check(getsockopt(fd, SOL_PACKET, PACKET_FANOUT, &value, &len) == 0);
	return value;
}

static int member(int protocol, unsigned int group, unsigned int how)
{
	int fd = socket(AF_PACKET, SOCK_DGRAM, 0);

	check(fd >= 0);
	hear(fd, protocol);
	join(fd, group, how);
	return fd;
}

static void put(int protocol, int number)
{
	struct sockaddr_ll a = address(protocol);

	check(sendto(sender, &number, sizeof(number), 0, (struct sockaddr *)&a,
		     sizeof(a)) == sizeof(number));
}

static int get(int fd)
{
	int number;

	check(recv(fd, &number, sizeof(number), 0) == sizeof(number));
	return number;
}

static void nothing(int fd)
{
	char byte;

	check(recv(fd, &byte, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN);
}

/* ---- in turn ----------------------------------------------------------------------- */

/* The first of them has a ring. */
static int turns[MEMBERS];

/* Of the frame that is filled next. */
static int get_from_ring(int i)
{
	struct tpacket2_hdr *h = (void *)(ring + i * FRAME);
	const struct timespec pause = { .tv_nsec = 1000 * 1000 };
	int number;

	while (!(*(volatile unsigned int *)&h->tp_status & TP_STATUS_USER))
		nanosleep(&pause, NULL);
	memcpy(&number, (char *)h + h->tp_mac, sizeof(number));
	return number;
}

static void make_turns(void)
{
	struct tpacket_req req = {
		.tp_block_size = 4 * FRAME, .tp_block_nr = FRAMES / 4,
		.tp_frame_size = FRAME, .tp_frame_nr = FRAMES,
	};
	int version = TPACKET_V2, i;

	turns[0] = socket(AF_PACKET, SOCK_DGRAM, 0);
	check(turns[0] >= 0);
	check(setsockopt(turns[0], SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) == 0);
	check(setsockopt(turns[0], SOL_PACKET, PACKET_RX_RING, &req, sizeof(req)) == 0);
	ring = mmap(NULL, FRAMES * FRAME, PROT_READ | PROT_WRITE, MAP_SHARED, turns[0], 0);
	check(ring != MAP_FAILED);
	hear(turns[0], PROTOCOL);
	join(turns[0], GROUP, PACKET_FANOUT_LB);
	for (i = 1; i < MEMBERS; i++)
		turns[i] = member(PROTOCOL, GROUP, PACKET_FANOUT_LB);
	/* The first turn is that of the second. */
	for (i = 1; i < 6; i++)
		put(PROTOCOL, i);
	check(get_from_ring(0) == 3);
	check(get(turns[1]) == 1);
	check(get(turns[2]) == 2);
}

static void check_turns(void)
{
	int i, late;

	check(group_of(turns[0]) == (GROUP | PACKET_FANOUT_LB << 16));
	check(get_from_ring(0) == 3);
	check(get(turns[1]) == 4);
	check(get(turns[2]) == 5);
	nothing(turns[1]);
	nothing(turns[2]);
	for (i = 6; i < 12; i++)
		put(PROTOCOL, i);
	check(get_from_ring(1) == 6 && get_from_ring(2) == 9);
	check(get(turns[1]) == 7 && get(turns[1]) == 10);
	check(get(turns[2]) == 8 && get(turns[2]) == 11);
	nothing(turns[1]);
	nothing(turns[2]);
	late = member(PROTOCOL, GROUP, PACKET_FANOUT_LB);
	for (i = 12; i < 16; i++)
		put(PROTOCOL, i);
	/* 12 % 4 is 0. */
	check(get_from_ring(3) == 12 && get(turns[1]) == 13);
	check(get(turns[2]) == 14 && get(late) == 15);
}

/* ---- when one is full ---------------------------------------------------------------- */

static int filled[2], hashed[2];
static unsigned int number;
static struct tpacket_rollover_stats stats;

static struct tpacket_rollover_stats stats_of(int fd)
{
	struct tpacket_rollover_stats found = {};
	socklen_t len = sizeof(found);

	check(getsockopt(fd, SOL_PACKET, PACKET_ROLLOVER_STATS, &found, &len) == 0);
	return found;
}

static void make_filled(void)
{
	const unsigned int unique = PACKET_FANOUT_FLAG_UNIQUEID;
	const unsigned int whole = PACKET_FANOUT_FLAG_DEFRAG;
	int i, least = 1;

	for (i = 0; i < 2; i++) {
		filled[i] = member(PROTOCOL + 1, GROUP + 1, PACKET_FANOUT_ROLLOVER);
		check(setsockopt(filled[i], SOL_SOCKET, SO_RCVBUF, &least, sizeof(least)) == 0);
	}
	for (i = 0; i < 20; i++)
		put(PROTOCOL + 1, i);
	stats = stats_of(filled[0]);
	check(stats.tp_all > 0 && stats.tp_failed > 0);
	hashed[0] = member(PROTOCOL + 2, 0, PACKET_FANOUT_HASH | unique | whole);
	number = group_of(hashed[0]);
	check(number >> 16 == (PACKET_FANOUT_HASH | whole));
	hashed[1] = member(PROTOCOL + 2, number & 0xffff, PACKET_FANOUT_HASH | whole);
}

static void check_filled(void)
{
	struct tpacket_rollover_stats now = stats_of(filled[0]);

	check(!memcmp(&now, &stats, sizeof(now)));
	check(group_of(filled[1]) == (GROUP + 1) + (PACKET_FANOUT_ROLLOVER << 16));
	put(PROTOCOL + 1, 20);
	now = stats_of(filled[0]);
	check(now.tp_all + now.tp_failed == stats.tp_all + stats.tp_failed + 1);
	check(group_of(hashed[0]) == number && group_of(hashed[1]) == number);
}

int main(void)
{
	lo = if_nametoindex("lo");
	sender = socket(AF_PACKET, SOCK_DGRAM, 0);
	check(sender >= 0);
	make_turns();
	make_filled();

	ready();

	check_turns();
	check_filled();
	return passed();
}
