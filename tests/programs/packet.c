// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packet sockets: with and without headers, of a protocol, of all, of none; packets with
 * who has sent them and what came with them, tags of VLANs and sums that are missing
 * too; memberships, options, statistics, a filter, a queue that is full, who waits. All on
 * the loopback device, by protocols and to a port that nobody else speaks to.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "openfile.h"
#include "tasks.h"

#define LARGE	60000
#define PROTOCOL	0x88b5
#define PORT	7934
#define TAG	0x6005

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING	23
#endif
#ifndef PACKET_VNET_HDR_SZ
#define PACKET_VNET_HDR_SZ	24
#endif

static char large[LARGE];
static int lo;

/* What is told of a packet, besides of when it came. */
struct told {
	ssize_t len;
	char bytes[100];
	struct sockaddr_ll from;
	struct tpacket_auxdata aux;
	int timed;
};

static int packet(int type, int protocol)
{
	int fd = socket(AF_PACKET, type, htons(protocol));

	check(fd >= 0);
	return fd;
}

static struct sockaddr_ll address(int protocol)
{
	return (struct sockaddr_ll){
		.sll_family = AF_PACKET, .sll_protocol = htons(protocol), .sll_ifindex = lo,
		.sll_halen = 6,
	};
}

static int bound(int type, int protocol)
{
	struct sockaddr_ll a = address(protocol);
	int fd = packet(type, 0);

	check(bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	return fd;
}

static void set(int fd, int option, int value)
{
	check(setsockopt(fd, SOL_PACKET, option, &value, sizeof(value)) == 0);
}

static int option(int fd, int level, int option)
{
	socklen_t len = sizeof(int);
	int value = -1;

	getsockopt(fd, level, option, &value, &len);
	return value;
}

static void put(int fd, const char *text, int protocol)
{
	struct sockaddr_ll a = address(protocol);
	ssize_t len = strlen(text);

	check(sendto(fd, text, len, 0, (struct sockaddr *)&a, sizeof(a)) == len);
}

static void nothing(int fd)
{
	char byte;

	check(recv(fd, &byte, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN);
}

static struct told get(int fd)
{
	struct told t = {};
	char control[300];
	struct iovec iov = { t.bytes, sizeof(t.bytes) };
	struct msghdr msg = {
		.msg_name = &t.from, .msg_namelen = sizeof(t.from), .msg_iov = &iov,
		.msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;

	t.len = recvmsg(fd, &msg, MSG_DONTWAIT);
	check(t.len > 0);
	for (c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		if (c->cmsg_level == SOL_PACKET && c->cmsg_type == PACKET_AUXDATA)
			memcpy(&t.aux, CMSG_DATA(c), sizeof(t.aux));
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS)
			t.timed = ((struct timespec *)CMSG_DATA(c))->tv_sec > 0;
	}
	return t;
}

static void get_text(int fd, int header, const char *text)
{
	struct told t = get(fd);

	check(t.len == header + (ssize_t)strlen(text));
	check(!strcmp(t.bytes + header, text));
}

/* ---- packets --------------------------------------------------------------------- */

static int raw, cooked, cut, all, sender;
static struct told raw_told, cooked_told, cut_told, out_told, in_told;

/* Lets the first 20 bytes pass. */
static struct sock_filter cutter[] = { BPF_STMT(BPF_RET | BPF_K, 20) };

/* Lets packets of our own pass, to which others listen that hear all. */
static struct sock_filter ours[] = {
	BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PROTOCOL + 2, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, 0x40000),
	BPF_STMT(BPF_RET | BPF_K, 0),
};

static void attach(int fd, struct sock_filter *filter, int len)
{
	struct sock_fprog prog = { .len = len, .filter = filter };

	check(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) == 0);
}

static int told_all(int type, int protocol)
{
	int fd = bound(type, protocol), one = 1;

	set(fd, PACKET_AUXDATA, 1);
	check(setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof(one)) == 0);
	return fd;
}

/* Each comes twice: once to be told, and once to wait. */
static void make_packets(void)
{
	struct sockaddr_ll a = address(PROTOCOL);

	raw = told_all(SOCK_RAW, PROTOCOL);
	cooked = told_all(SOCK_DGRAM, PROTOCOL);
	cut = told_all(SOCK_RAW, PROTOCOL + 1);
	attach(cut, cutter, 1);
	all = packet(SOCK_RAW, 0);
	attach(all, ours, 4);
	a.sll_protocol = htons(ETH_P_ALL);
	check(bind(all, (struct sockaddr *)&a, sizeof(a)) == 0);
	set(all, PACKET_AUXDATA, 1);
	sender = packet(SOCK_DGRAM, 0);
	put(sender, "a packet", PROTOCOL);
	put(sender, "a packet", PROTOCOL);
	a = address(PROTOCOL);
	check(sendto(sender, large, LARGE, 0, (struct sockaddr *)&a, sizeof(a)) == LARGE);
	put(sender, "the last one", PROTOCOL);
	put(sender, "one that is cut off", PROTOCOL + 1);
	put(sender, "one that is cut off", PROTOCOL + 1);
	put(sender, "out, and in", PROTOCOL + 2);
	put(sender, "out, and in", PROTOCOL + 2);
	raw_told = get(raw);
	cooked_told = get(cooked);
	cut_told = get(cut);
	out_told = get(all);
	in_told = get(all);
	check(raw_told.len == ETH_HLEN + 8 && !strcmp(raw_told.bytes + ETH_HLEN, "a packet"));
	check(cooked_told.len == 8 && !strcmp(cooked_told.bytes, "a packet"));
	check(raw_told.timed && cooked_told.aux.tp_len == 8);
	check(cut_told.len == 20 && cut_told.aux.tp_len == ETH_HLEN + 19);
	check(out_told.from.sll_pkttype == PACKET_OUTGOING);
	check(in_told.from.sll_pkttype == PACKET_HOST);
}

static void same(const struct told *t, struct told now)
{
	check(now.len == t->len && !memcmp(now.bytes, t->bytes, sizeof(now.bytes)));
	check(!memcmp(&now.from, &t->from, sizeof(now.from)));
	if (memcmp(&now.aux, &t->aux, sizeof(now.aux)))
		printf("status %x len %u snaplen %u mac %u net %u, was %x %u %u %u %u\n",
		       now.aux.tp_status, now.aux.tp_len, now.aux.tp_snaplen,
		       now.aux.tp_mac, now.aux.tp_net, t->aux.tp_status, t->aux.tp_len,
		       t->aux.tp_snaplen, t->aux.tp_mac, t->aux.tp_net);
	check(!memcmp(&now.aux, &t->aux, sizeof(now.aux)) && now.timed == t->timed);
}

static void check_packets(void)
{
	static char got[LARGE + 100];

	same(&raw_told, get(raw));
	same(&cooked_told, get(cooked));
	same(&cut_told, get(cut));
	same(&out_told, get(all));
	same(&in_told, get(all));
	nothing(all);
	nothing(cut);
	check(recv(raw, got, sizeof(got), MSG_DONTWAIT) == ETH_HLEN + LARGE);
	check(!memcmp(got + ETH_HLEN, large, LARGE));
	check(recv(cooked, got, sizeof(got), MSG_DONTWAIT) == LARGE);
	check(!memcmp(got, large, LARGE));
	get_text(raw, ETH_HLEN, "the last one");
	get_text(cooked, 0, "the last one");
	nothing(raw);
	nothing(cooked);
	put(sender, "afterwards", PROTOCOL);
	get_text(raw, ETH_HLEN, "afterwards");
	get_text(cooked, 0, "afterwards");
	put(sender, "one that is cut off", PROTOCOL + 1);
	check(get(cut).len == 20);
	put(sender, "out, and in", PROTOCOL + 2);
	same(&out_told, get(all));
	same(&in_told, get(all));
	nothing(all);
}

/* ---- tags and sums ----------------------------------------------------------------------- */

static int tagged, summed, asker;
static struct told tagged_told, summed_told;

/* By the protocol behind the tag, which the kernel has taken out of it. */
static struct sock_filter behind[] = {
	BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PROTOCOL + 9, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, 0x40000),
	BPF_STMT(BPF_RET | BPF_K, 0),
};

/* UDP to our port: its header is behind those of Ethernet and of IP. */
static struct sock_filter to_port[] = {
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 23),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 3),
	BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 36),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PORT, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, 0x40000),
	BPF_STMT(BPF_RET | BPF_K, 0),
};

static void put_tagged(void)
{
	struct sockaddr_ll a = address(ETH_P_8021Q);
	unsigned short head[] = { htons(ETH_P_8021Q), htons(TAG), htons(PROTOCOL + 9) };
	char bytes[64] = {};

	memcpy(bytes + 2 * ETH_ALEN, head, sizeof(head));
	strcpy(bytes + 2 * ETH_ALEN + sizeof(head), "tagged");
	check(sendto(all, bytes, sizeof(bytes), 0, (struct sockaddr *)&a, sizeof(a)) == 64);
}

static void ask(const char *text)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	ssize_t len = strlen(text);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	check(sendto(asker, text, len, 0, (struct sockaddr *)&to, sizeof(to)) == len);
}

static struct virtio_net_hdr sum_of(const struct told *t)
{
	struct virtio_net_hdr header;

	memcpy(&header, t->bytes, sizeof(header));
	return header;
}

static void make_sums(void)
{
	struct sockaddr_ll a = address(ETH_P_ALL);
	int whole = IP_PMTUDISC_DO;

	tagged = packet(SOCK_RAW, 0);
	attach(tagged, behind, 4);
	set(tagged, PACKET_AUXDATA, 1);
	set(tagged, PACKET_IGNORE_OUTGOING, 1);
	check(bind(tagged, (struct sockaddr *)&a, sizeof(a)) == 0);
	put_tagged();
	put_tagged();
	tagged_told = get(tagged);
	check(tagged_told.aux.tp_status & TP_STATUS_VLAN_VALID);
	check(tagged_told.aux.tp_vlan_tci == TAG && tagged_told.aux.tp_vlan_tpid == ETH_P_8021Q);
	asker = socket(AF_INET, SOCK_DGRAM, 0);
	/* All have the same number then, 0. */
	check(setsockopt(asker, IPPROTO_IP, IP_MTU_DISCOVER, &whole, sizeof(whole)) == 0);
	summed = packet(SOCK_RAW, 0);
	attach(summed, to_port, 6);
	set(summed, PACKET_AUXDATA, 1);
	set(summed, PACKET_VNET_HDR, 1);
	a.sll_protocol = htons(ETH_P_IP);
	check(bind(summed, (struct sockaddr *)&a, sizeof(a)) == 0);
	ask("of IP");
	ask("of IP");
	summed_told = get(summed);
	check(summed_told.aux.tp_status & TP_STATUS_CSUMNOTREADY);
	check(sum_of(&summed_told).flags == VIRTIO_NET_HDR_F_NEEDS_CSUM);
	check(sum_of(&summed_told).csum_start == ETH_HLEN + 20);
	check(sum_of(&summed_told).csum_offset == 6);
}

static void check_sums(void)
{
	same(&tagged_told, get(tagged));
	same(&summed_told, get(summed));
	nothing(tagged);
	nothing(summed);
	put_tagged();
	same(&tagged_told, get(tagged));
	ask("of IP");
	same(&summed_told, get(summed));
}

/* ---- what they hear, and what devices receive ------------------------------------------- */

static int deaf, unbound, devices, half;

static unsigned int device_flags(void)
{
	unsigned int flags = 0;
	FILE *file = fopen("/sys/class/net/lo/flags", "r");

	check(file && fscanf(file, "%x", &flags) == 1);
	fclose(file);
	return flags & (IFF_PROMISC | IFF_ALLMULTI);
}

/* How many have asked for the addresses of groups of our own, in one number. */
static int groups(void)
{
	FILE *file = fopen("/proc/net/dev_mcast", "r");
	char device[20], addr[20];
	int users, sum = 0;

	check(file);
	while (fscanf(file, "%*d %19s %d %*d %19s", device, &users, addr) == 3) {
		if (!strcmp(device, "lo") && !strcmp(addr, "010000000000"))
			sum += users;
		if (!strcmp(device, "lo") && !strcmp(addr, "030000000000"))
			sum += 10 * users;
	}
	fclose(file);
	return sum;
}

static void member(int fd, int what, int type, int first)
{
	struct packet_mreq req = { .mr_ifindex = lo, .mr_type = type };

	if (type == PACKET_MR_MULTICAST) {
		req.mr_alen = 6;
		req.mr_address[0] = first;
	}
	check(setsockopt(fd, SOL_PACKET, what, &req, sizeof(req)) == 0);
}

static struct sockaddr_ll name(int fd)
{
	struct sockaddr_ll a = {};
	socklen_t len = sizeof(a);

	check(getsockname(fd, (struct sockaddr *)&a, &len) == 0);
	return a;
}

static void make_devices(void)
{
	struct sockaddr_ll a = address(0);

	deaf = packet(SOCK_DGRAM, 0);
	unbound = packet(SOCK_DGRAM, PROTOCOL + 3);
	/* To a device, and no protocol. */
	half = packet(SOCK_DGRAM, 0);
	check(bind(half, (struct sockaddr *)&a, sizeof(a)) == 0);
	devices = packet(SOCK_RAW, 0);
	check(!device_flags() && !groups());
	member(devices, PACKET_ADD_MEMBERSHIP, PACKET_MR_PROMISC, 0);
	member(devices, PACKET_ADD_MEMBERSHIP, PACKET_MR_MULTICAST, 1);
	member(devices, PACKET_ADD_MEMBERSHIP, PACKET_MR_PROMISC, 0);
	member(devices, PACKET_ADD_MEMBERSHIP, PACKET_MR_ALLMULTI, 0);
	member(devices, PACKET_ADD_MEMBERSHIP, PACKET_MR_MULTICAST, 3);
	check(device_flags() == (IFF_PROMISC | IFF_ALLMULTI) && groups() == 11);
}

static void check_devices(void)
{
	struct sockaddr_ll a = name(unbound);

	check(a.sll_ifindex == 0 && a.sll_protocol == htons(PROTOCOL + 3));
	put(deaf, "to who is not bound", PROTOCOL + 3);
	get_text(unbound, 0, "to who is not bound");
	nothing(deaf);
	nothing(half);
	a = name(half);
	check(a.sll_ifindex == lo && a.sll_protocol == 0);
	a = name(raw);
	check(a.sll_ifindex == lo && a.sll_protocol == htons(PROTOCOL));
	check(device_flags() == (IFF_PROMISC | IFF_ALLMULTI) && groups() == 11);
	member(devices, PACKET_DROP_MEMBERSHIP, PACKET_MR_PROMISC, 0);
	check(device_flags() == (IFF_PROMISC | IFF_ALLMULTI));
	member(devices, PACKET_DROP_MEMBERSHIP, PACKET_MR_PROMISC, 0);
	check(device_flags() == IFF_ALLMULTI);
	member(devices, PACKET_DROP_MEMBERSHIP, PACKET_MR_MULTICAST, 1);
	check(groups() == 10);
	member(devices, PACKET_DROP_MEMBERSHIP, PACKET_MR_MULTICAST, 3);
	member(devices, PACKET_DROP_MEMBERSHIP, PACKET_MR_ALLMULTI, 0);
	check(!device_flags() && !groups());
}

/* ---- options, statistics and the rest ---------------------------------------------------- */

static const struct {
	int option, value;
} options[] = {
	{ PACKET_AUXDATA, 1 }, { PACKET_ORIGDEV, 1 }, { PACKET_VNET_HDR_SZ, 12 },
	{ PACKET_COPY_THRESH, 77 }, { PACKET_VERSION, TPACKET_V3 }, { PACKET_RESERVE, 32 },
	{ PACKET_LOSS, 1 }, { PACKET_TIMESTAMP, 64 }, { PACKET_IGNORE_OUTGOING, 1 },
	{ PACKET_TX_HAS_OFF, 1 }, { PACKET_QDISC_BYPASS, 1 },
};

#define NR_OPTIONS	(sizeof(options) / sizeof(options[0]))

static int optioned, plain, counted, full, held, watched, ep, shared;
static pid_t child;

static struct tpacket_stats stats_of(int fd)
{
	struct tpacket_stats stats = {};
	socklen_t len = sizeof(stats);

	check(getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len) == 0);
	return stats;
}

static void make_rest(void)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data.u32 = 1 };
	int least = 1;
	char got[8];
	size_t i;

	optioned = packet(SOCK_RAW, 0);
	plain = packet(SOCK_RAW, 0);
	for (i = 0; i < NR_OPTIONS; i++)
		set(optioned, options[i].option, options[i].value);
	check(fchmod(optioned, 0600) == 0 && fchown(optioned, 1234, 5678) == 0);
	counted = bound(SOCK_DGRAM, PROTOCOL + 4);
	for (i = 0; i < 5; i++)
		put(sender, "counted", PROTOCOL + 4);
	full = packet(SOCK_DGRAM, 0);
	check(setsockopt(full, SOL_SOCKET, SO_RCVBUF, &least, sizeof(least)) == 0);
	{
		struct sockaddr_ll a = address(PROTOCOL + 5);

		check(bind(full, (struct sockaddr *)&a, sizeof(a)) == 0);
	}
	for (i = 0; i < 100; i++)
		put(sender, "filled", PROTOCOL + 5);
	held = stats_of(full).tp_packets;
	for (i = 0; i < 10; i++)
		put(sender, "filled", PROTOCOL + 5);
	watched = bound(SOCK_DGRAM, PROTOCOL + 6);
	ep = epoll_create1(0);
	check(epoll_ctl(ep, EPOLL_CTL_ADD, watched, &event) == 0);
	put(sender, "edge", PROTOCOL + 6);
	shared = bound(SOCK_DGRAM, PROTOCOL + 7);
	child = fork();
	check(child >= 0);
	/* It waits in recv(), for what comes afterwards. */
	if (!child)
		_exit(recv(shared, got, sizeof(got), 0) == 4 && !memcmp(got, "wake", 4) ? 0 : 1);
	wait_for_state(child, 'S');
}

static void check_rest(void)
{
	struct tpacket_stats stats;
	struct epoll_event event;
	struct stat st;
	int nr = 0;
	char got[8];
	size_t i;

	for (i = 0; i < NR_OPTIONS; i++) {
		int now = option(optioned, SOL_PACKET, options[i].option);
		int usual = option(plain, SOL_PACKET, options[i].option);

		/* It is only heeded of who has a ring. */
		if (options[i].option == PACKET_TX_HAS_OFF || (now == options[i].value && !usual))
			continue;
		printf("option %d is %d and %d\n", options[i].option, now, usual);
		check(0);
	}
	check(option(optioned, SOL_PACKET, PACKET_TX_HAS_OFF) == 1);
	check(fstat(optioned, &st) == 0 && st.st_mode == (S_IFSOCK | 0600));
	check(st.st_uid == 1234 && st.st_gid == 5678);
	put(sender, "counted", PROTOCOL + 4);
	stats = stats_of(counted);
	check(stats.tp_packets == 6 && stats.tp_drops == 0);
	stats = stats_of(full);
	check(stats.tp_packets == 10 && stats.tp_drops == 10);
	while (recv(full, got, sizeof(got), MSG_DONTWAIT) == 6)
		nr++;
	check(nr > 0 && nr < 100 && held == 100);
	check(epoll_wait(ep, &event, 1, 0) == 1 && event.data.u32 == 1);
	check(epoll_wait(ep, &event, 1, 0) == 0);
	put(sender, "wake", PROTOCOL + 7);
	check(status_of(child) == 0);
}

int main(void)
{
	struct dressed dressed;
	size_t n;

	for (n = 0; n < LARGE; n++)
		large[n] = n * 7 + n / 256;
	lo = if_nametoindex("lo");
	make_packets();
	make_sums();
	make_devices();
	make_rest();
	dressed = dress(bound(SOCK_DGRAM, PROTOCOL + 8), SIGUSR1);

	ready();

	check_packets();
	check_sums();
	check_devices();
	check_rest();
	check_dressed(&dressed, SIGUSR1);
	return passed();
}
