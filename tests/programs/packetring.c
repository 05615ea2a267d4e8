// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rings of packet sockets: of frames (TPACKET_V1, V2) and of blocks (V3), that receive and
 * that send; frames which nobody has read, which are the program's or free again, a block that
 * is being filled, a ring that is full; mapped twice, in a child, of a socket that is closed.
 * All on the loopback device, by protocols that nobody else speaks.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "program.h"
#include "tasks.h"

#define PROTOCOL	0x88d0
#define FRAME		1024
#define FRAMES		8
#define BLOCK		8192
#define ROOM		16
/* As long as there may be; nobody waits for it. */
#define FOR_EVER	65535
/* Of which there are five in a block. */
#define LARGE		1500

static int lo, sender;

struct ring {
	int fd;
	int version;
	int protocol;
	char *map;
	size_t size;
};

static struct sockaddr_ll address(int protocol)
{
	return (struct sockaddr_ll){
		.sll_family = AF_PACKET, .sll_protocol = htons(protocol), .sll_ifindex = lo,
		.sll_halen = 6,
	};
}

static int packet(int version)
{
	int fd = socket(AF_PACKET, SOCK_DGRAM, 0);

	check(fd >= 0);
	check(setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) == 0);
	return fd;
}

static void hear(int fd, int protocol)
{
	struct sockaddr_ll a = address(protocol);

	check(bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
}

static char *map(int fd, size_t size, int prot)
{
	char *at = mmap(NULL, size, prot, MAP_SHARED, fd, 0);

	check(at != MAP_FAILED);
	return at;
}

static void ask_frames(int fd, int which)
{
	struct tpacket_req3 req = {
		.tp_block_size = 4 * FRAME, .tp_block_nr = FRAMES / 4,
		.tp_frame_size = FRAME, .tp_frame_nr = FRAMES,
	};

	check(setsockopt(fd, SOL_PACKET, which, &req, sizeof(req)) == 0);
}

static void put_bytes(int protocol, const void *bytes, size_t len)
{
	struct sockaddr_ll a = address(protocol);

	check(sendto(sender, bytes, len, 0, (struct sockaddr *)&a, sizeof(a)) == (ssize_t)len);
}

static void put(int protocol, const char *text)
{
	put_bytes(protocol, text, strlen(text) + 1);
}

static void pause_briefly(void)
{
	const struct timespec pause = { .tv_nsec = 1000 * 1000 };

	nanosleep(&pause, NULL);
}

/* ---- frames ----------------------------------------------------------------------- */

static char *frame(const struct ring *r, int i)
{
	return r->map + i * FRAME;
}

static unsigned int status(const struct ring *r, int i)
{
	void *at = frame(r, i);

	if (r->version == TPACKET_V1)
		return *(volatile unsigned long *)&((struct tpacket_hdr *)at)->tp_status;
	if (r->version == TPACKET_V2)
		return *(volatile unsigned int *)&((struct tpacket2_hdr *)at)->tp_status;
	return *(volatile unsigned int *)&((struct tpacket3_hdr *)at)->tp_status;
}

static void set_status(const struct ring *r, int i, unsigned int status)
{
	void *at = frame(r, i);

	if (r->version == TPACKET_V1)
		*(volatile unsigned long *)&((struct tpacket_hdr *)at)->tp_status = status;
	else if (r->version == TPACKET_V2)
		*(volatile unsigned int *)&((struct tpacket2_hdr *)at)->tp_status = status;
	else
		*(volatile unsigned int *)&((struct tpacket3_hdr *)at)->tp_status = status;
}

static const char *text(const struct ring *r, int i)
{
	char *at = frame(r, i);

	return at + (r->version == TPACKET_V1 ? ((struct tpacket_hdr *)at)->tp_mac :
						((struct tpacket2_hdr *)at)->tp_mac);
}

/* Packet @nr has come, or comes now, and is in that frame. */
static void expect(const struct ring *r, int i, int nr)
{
	char want[20];

	while (!(status(r, i) & TP_STATUS_USER))
		pause_briefly();
	snprintf(want, sizeof(want), "packet %d", nr);
	if (strcmp(text(r, i), want))
		printf("frame %d of a ring of version %d: %s\n", i, r->version, text(r, i));
	check(!strcmp(text(r, i), want));
}

static void put_numbered(const struct ring *r, int nr)
{
	char said[20];

	snprintf(said, sizeof(said), "packet %d", nr);
	put(r->protocol, said);
}

/* What has come, until so many have, and how many of them have found no room. */
static unsigned int drops_of(const struct ring *r, unsigned int packets, unsigned int *freezes)
{
	unsigned int sum = 0, drops = 0;

	for (;;) {
		struct tpacket_stats_v3 stats = {};
		socklen_t len = sizeof(stats);

		check(getsockopt(r->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len) == 0);
		sum += stats.tp_packets;
		drops += stats.tp_drops;
		if (freezes)
			*freezes += stats.tp_freeze_q_cnt;
		check(sum <= packets);
		if (sum == packets)
			return drops;
		pause_briefly();
	}
}

static struct ring frames[2];
static char before[2][FRAMES * FRAME];

/* Six have come: two have been read and given back, one has been read, three have not. */
static void make_frames(struct ring *r, int version, char *copy)
{
	int i;

	*r = (struct ring){
		.fd = packet(version), .version = version, .protocol = PROTOCOL + version,
		.size = FRAMES * FRAME,
	};
	ask_frames(r->fd, PACKET_RX_RING);
	r->map = map(r->fd, r->size, PROT_READ | PROT_WRITE);
	hear(r->fd, r->protocol);
	for (i = 0; i < 6; i++) {
		put_numbered(r, i);
		expect(r, i, i);
	}
	set_status(r, 0, TP_STATUS_KERNEL);
	set_status(r, 1, TP_STATUS_KERNEL);
	strcpy(frame(r, 2) + FRAME - 20, "of the program");
	memcpy(copy, r->map, r->size);
}

static void check_frames(struct ring *r, const char *copy)
{
	struct pollfd p = { .fd = r->fd, .events = POLLIN };
	int i;

	check(poll(&p, 1, 0) == 1 && p.revents == POLLIN);
	check(!status(r, 0) && !status(r, 1) && !status(r, 6) && !status(r, 7));
	for (i = 2; i < 6; i++)
		check(!memcmp(frame(r, i), copy + i * FRAME, FRAME));
	/* There is room for four, and none for the fifth. */
	for (i = 6; i < 11; i++)
		put_numbered(r, i);
	for (i = 6; i < 10; i++)
		expect(r, i % FRAMES, i);
	check(drops_of(r, 11, NULL) == 1);
	for (i = 2; i < 6; i++)
		expect(r, i, i);
	set_status(r, 2, TP_STATUS_KERNEL);
	put_numbered(r, 11);
	expect(r, 2, 11);
}

/* ---- blocks ------------------------------------------------------------------------ */

static struct ring blocks, full, timed;
static char block_before[BLOCK];

static struct tpacket_block_desc *block(const struct ring *r, int i)
{
	return (void *)(r->map + i * BLOCK);
}

static unsigned int block_status(const struct ring *r, int i)
{
	return *(volatile unsigned int *)&block(r, i)->hdr.bh1.block_status;
}

static unsigned int packets_in(const struct ring *r, int i)
{
	return *(volatile unsigned int *)&block(r, i)->hdr.bh1.num_pkts;
}

static void wait_for_packets(const struct ring *r, int i, unsigned int nr)
{
	while (packets_in(r, i) != nr)
		pause_briefly();
}

static void wait_for_block(const struct ring *r, int i)
{
	while (!(block_status(r, i) & TP_STATUS_USER))
		pause_briefly();
}

static void make_blocks(struct ring *r, int protocol, int nr, int timeout)
{
	struct tpacket_req3 req = {
		.tp_block_size = BLOCK, .tp_block_nr = nr, .tp_frame_size = FRAME,
		.tp_frame_nr = nr * BLOCK / FRAME, .tp_retire_blk_tov = timeout,
		.tp_sizeof_priv = ROOM, .tp_feature_req_word = TP_FT_REQ_FILL_RXHASH,
	};

	*r = (struct ring){
		.fd = packet(TPACKET_V3), .version = TPACKET_V3, .protocol = protocol,
		.size = nr * BLOCK,
	};
	check(setsockopt(r->fd, SOL_PACKET, PACKET_RX_RING, &req, sizeof(req)) == 0);
	r->map = map(r->fd, r->size, PROT_READ | PROT_WRITE);
	hear(r->fd, r->protocol);
}

static void put_large(const struct ring *r, int nr)
{
	static char bytes[LARGE];

	memset(bytes, 'a' + nr, sizeof(bytes));
	put_bytes(r->protocol, bytes, sizeof(bytes));
}

/* It has five, from number @nr on, one behind the other. */
static void check_block(const struct ring *r, int i, int nr)
{
	struct tpacket_block_desc *b = block(r, i);
	char *at = (char *)b + b->hdr.bh1.offset_to_first_pkt;
	int n;

	check(b->hdr.bh1.num_pkts == 5);
	for (n = 0; n < 5; n++) {
		struct tpacket3_hdr *h = (void *)at;

		check(h->tp_len == LARGE && h->tp_snaplen == LARGE);
		check(at[h->tp_mac] == 'a' + nr + n && at[h->tp_mac + LARGE - 1] == 'a' + nr + n);
		check(!h->tp_next_offset == (n == 4));
		at += h->tp_next_offset;
	}
}

/* One has been given back, one is the program's, one is being filled, one is free. */
static void make_all_blocks(void)
{
	int i;

	make_blocks(&blocks, PROTOCOL + 4, 4, FOR_EVER);
	for (i = 0; i < 12; i++)
		put_large(&blocks, i);
	wait_for_packets(&blocks, 2, 2);
	wait_for_block(&blocks, 0);
	wait_for_block(&blocks, 1);
	check_block(&blocks, 0, 0);
	block(&blocks, 0)->hdr.bh1.block_status = TP_STATUS_KERNEL;
	strcpy((char *)block(&blocks, 2) + block(&blocks, 2)->offset_to_priv, "being filled");
	strcpy((char *)block(&blocks, 3) + sizeof(struct tpacket_block_desc), "free");
	memcpy(block_before, block(&blocks, 1), BLOCK);
	/* Both are the program's, and the eleventh has found no room. */
	make_blocks(&full, PROTOCOL + 5, 2, FOR_EVER);
	for (i = 0; i < 11; i++)
		put_large(&full, i);
	wait_for_block(&full, 0);
	wait_for_block(&full, 1);
	make_blocks(&timed, PROTOCOL + 6, 2, 10);
}

static void check_all_blocks(void)
{
	struct pollfd p = { .fd = timed.fd, .events = POLLIN };
	unsigned int freezes = 0;
	int i;

	check(!memcmp(block_before, block(&blocks, 1), BLOCK));
	check(!block_status(&blocks, 2) && packets_in(&blocks, 2) == 2);
	for (i = 12; i < 16; i++)
		put_large(&blocks, i);
	wait_for_block(&blocks, 2);
	check_block(&blocks, 1, 5);
	check_block(&blocks, 2, 10);
	wait_for_packets(&blocks, 3, 1);
	check(block(&blocks, 2)->hdr.bh1.seq_num == 3 && block(&blocks, 3)->hdr.bh1.seq_num == 4);
	check(!strcmp((char *)block(&blocks, 2) + block(&blocks, 2)->offset_to_priv,
		      "being filled"));
	check(!strcmp((char *)block(&blocks, 3) + block(&blocks, 3)->offset_to_priv, "free"));
	check(!block_status(&blocks, 0));

	put_large(&full, 11);
	check(drops_of(&full, 12, &freezes) == 2 && freezes == 1);
	check_block(&full, 0, 0);
	check_block(&full, 1, 5);
	block(&full, 0)->hdr.bh1.block_status = TP_STATUS_KERNEL;
	put_large(&full, 12);
	wait_for_packets(&full, 0, 1);
	check(block(&full, 0)->hdr.bh1.seq_num == 3);

	/* Nobody fills it, and it is given to the program all the same. */
	put_large(&timed, 0);
	check(poll(&p, 1, -1) == 1 && p.revents == POLLIN);
	wait_for_block(&timed, 0);
	check(packets_in(&timed, 0) == 1);
}

/* ---- rings that send ------------------------------------------------------------------ */

static struct ring sending[2];
static int listener;

static char *sent_text(const struct ring *r, int i)
{
	size_t header = r->version == TPACKET_V3 ? sizeof(struct tpacket3_hdr) :
						   sizeof(struct tpacket2_hdr);

	return frame(r, i) + TPACKET_ALIGN(header);
}

static void request(const struct ring *r, int i)
{
	void *at = frame(r, i);

	if (r->version == TPACKET_V3)
		((struct tpacket3_hdr *)at)->tp_len = strlen(sent_text(r, i)) + 1;
	else
		((struct tpacket2_hdr *)at)->tp_len = strlen(sent_text(r, i)) + 1;
	set_status(r, i, TP_STATUS_SEND_REQUEST);
}

static void send_all(const struct ring *r)
{
	struct sockaddr_ll a = address(PROTOCOL + 7);

	check(sendto(r->fd, NULL, 0, 0, (struct sockaddr *)&a, sizeof(a)) > 0);
}

static void is_heard(const struct ring *r, int i)
{
	char want[20], got[FRAME] = "";

	snprintf(want, sizeof(want), "sent %d", i);
	check(recv(listener, got, sizeof(got), 0) == (ssize_t)strlen(want) + 1);
	check(!strcmp(got, want));
	while (status(r, i) != TP_STATUS_AVAILABLE)
		pause_briefly();
}

/* All are prepared, three have been sent, and the next one is to be. */
static void make_sending(struct ring *r, int version)
{
	int i;

	*r = (struct ring){ .fd = packet(version), .version = version, .size = FRAMES * FRAME };
	ask_frames(r->fd, PACKET_TX_RING);
	r->map = map(r->fd, r->size, PROT_READ | PROT_WRITE);
	for (i = 0; i < FRAMES; i++)
		sprintf(sent_text(r, i), "sent %d", i);
	for (i = 0; i < 3; i++)
		request(r, i);
	send_all(r);
	for (i = 0; i < 3; i++)
		is_heard(r, i);
	request(r, 3);
}

static void check_sending(const struct ring *r)
{
	int i;

	send_all(r);
	is_heard(r, 3);
	for (i = 4; i < FRAMES + 2; i++) {
		request(r, i % FRAMES);
		send_all(r);
		is_heard(r, i % FRAMES);
	}
}

/* ---- mappings -------------------------------------------------------------------------- */

static struct ring both, closed;
static char *again;
static pid_t child;

/* It sees what is written to the ring elsewhere, and the other way round. */
static int look_from_child(void)
{
	wait_to_go_on();
	expect(&both, 0, 0);
	while (strcmp(frame(&both, 0) + FRAME - 20, "from parent"))
		pause_briefly();
	strcpy(frame(&both, 0) + FRAME - 20, "from child");
	return 0;
}

/* One that receives and one that sends, in one mapping. */
static void make_mappings(void)
{
	both = (struct ring){
		.fd = packet(TPACKET_V2), .version = TPACKET_V2, .protocol = PROTOCOL + 8,
		.size = 2 * FRAMES * FRAME,
	};
	ask_frames(both.fd, PACKET_RX_RING);
	ask_frames(both.fd, PACKET_TX_RING);
	both.map = map(both.fd, both.size, PROT_READ | PROT_WRITE);
	again = map(both.fd, both.size, PROT_READ);
	hear(both.fd, both.protocol);
	put_numbered(&both, 0);
	expect(&both, 0, 0);
	strcpy(sent_text(&both, FRAMES), "sent 8");
	child = fork();
	check(child >= 0);
	if (!child)
		_exit(look_from_child());
	closed = (struct ring){
		.fd = packet(TPACKET_V2), .version = TPACKET_V2, .protocol = PROTOCOL + 9,
		.size = FRAMES * FRAME,
	};
	ask_frames(closed.fd, PACKET_RX_RING);
	closed.map = map(closed.fd, closed.size, PROT_READ | PROT_WRITE);
	hear(closed.fd, closed.protocol);
	put_numbered(&closed, 0);
	check(close(closed.fd) == 0);
}

static void check_mappings(void)
{
	struct ring other = both;

	other.map = again;
	expect(&other, 0, 0);
	strcpy(frame(&both, 0) + FRAME - 20, "from parent");
	check(!strcmp(frame(&other, 0) + FRAME - 20, "from parent") ||
	      !strcmp(frame(&other, 0) + FRAME - 20, "from child"));
	check(status_of(child) == 0);
	check(!strcmp(frame(&other, 0) + FRAME - 20, "from child"));
	put_numbered(&both, 1);
	expect(&other, 1, 1);
	request(&both, FRAMES);
	send_all(&both);
	is_heard(&both, FRAMES);
	expect(&closed, 0, 0);
	put_numbered(&closed, 1);
	expect(&closed, 1, 1);
}

int main(void)
{
	int i;

	lo = if_nametoindex("lo");
	sender = socket(AF_PACKET, SOCK_DGRAM, 0);
	listener = socket(AF_PACKET, SOCK_DGRAM, 0);
	check(sender >= 0 && listener >= 0);
	hear(listener, PROTOCOL + 7);
	for (i = 0; i < 2; i++)
		make_frames(&frames[i], i ? TPACKET_V2 : TPACKET_V1, before[i]);
	make_all_blocks();
	for (i = 0; i < 2; i++)
		make_sending(&sending[i], i ? TPACKET_V3 : TPACKET_V2);
	make_mappings();

	ready();

	for (i = 0; i < 2; i++)
		check_frames(&frames[i], before[i]);
	check_all_blocks();
	for (i = 0; i < 2; i++)
		check_sending(&sending[i]);
	check_mappings();
	return passed();
}
