// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptors of /dev/net/tun: without a device; of a tap with a header for virtio, of which
 * packets of several sorts have not been read; of a tap with three queues, one of
 * which takes no part, and a filter; of tun devices, by which IP goes in and out, one of
 * them of another type. Their addresses, owners, settings; sockets that are bound to
 * them; who waits for a packet, and who is told of one.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "openfile.h"
#include "tasks.h"

#define PROTOCOL	0x88b5
#define PORT		7935
#define INDEX		4711
#define SEGMENT		1000

#ifndef UDP_SEGMENT
#define UDP_SEGMENT	103
#endif
#ifndef TUN_F_USO4
#define TUN_F_USO4	0x20
#define TUN_F_USO6	0x40
#endif
#ifndef VIRTIO_NET_HDR_GSO_UDP_L4
#define VIRTIO_NET_HDR_GSO_UDP_L4	5
#endif
#ifndef IFF_NO_CARRIER
#define IFF_NO_CARRIER	0x40
#endif
#ifndef TUNSETCARRIER
#define TUNSETCARRIER	_IOW('T', 226, int)
#endif

/* As struct in6_ifreq, whose header does not go with those of the C library. */
struct v6_request {
	struct in6_addr addr;
	unsigned int prefix;
	int index;
};

/* The second is -1 where there is no IPv6. */
static int control, control6, frames;

/* ---- devices ----------------------------------------------------------------------------- */

static struct ifreq request(const char *name)
{
	struct ifreq req = {};

	strcpy(req.ifr_name, name);
	return req;
}

static int plain(int flags)
{
	int fd = open("/dev/net/tun", O_RDWR | flags);

	need(fd >= 0);
	return fd;
}

static void attach(int fd, const char *name, int flags)
{
	struct ifreq req = request(name);

	req.ifr_flags = flags;
	check(ioctl(fd, TUNSETIFF, &req) == 0);
}

static int attached(const char *name, int flags)
{
	int fd = plain(O_NONBLOCK);

	attach(fd, name, flags);
	return fd;
}

static int flags_of(int fd)
{
	struct ifreq req = {};

	if (ioctl(fd, TUNGETIFF, &req))
		return -1;
	return (unsigned short)req.ifr_flags;
}

static void set_number(int fd, unsigned long cmd, int value)
{
	check(ioctl(fd, cmd, &value) == 0);
}

static int number(int fd, unsigned long cmd)
{
	int value = -1;

	check(ioctl(fd, cmd, &value) == 0);
	return value;
}

static void up(const char *name)
{
	struct ifreq req = request(name);

	check(ioctl(control, SIOCGIFFLAGS, &req) == 0);
	req.ifr_flags |= IFF_UP;
	check(ioctl(control, SIOCSIFFLAGS, &req) == 0);
}

static struct sockaddr_in v4(const char *text, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };

	check(inet_pton(AF_INET, text, &a.sin_addr) == 1);
	return a;
}

/* @name may be a label. */
static void add_v4(const char *name, const char *text)
{
	struct sockaddr_in addr = v4(text, 0), mask = v4("255.255.255.0", 0);
	struct ifreq req = request(name);

	memcpy(&req.ifr_addr, &addr, sizeof(addr));
	check(ioctl(control, SIOCSIFADDR, &req) == 0);
	memcpy(&req.ifr_netmask, &mask, sizeof(mask));
	check(ioctl(control, SIOCSIFNETMASK, &req) == 0);
}

static void add_v6(const char *name, const char *text)
{
	struct v6_request req = { .prefix = 64, .index = if_nametoindex(name) };

	if (control6 < 0)
		return;
	check(inet_pton(AF_INET6, text, &req.addr) == 1);
	check(ioctl(control6, SIOCSIFADDR, &req) == 0);
}

/* What sysfs has of a device, in one text. */
static void read_link(const char *name, char *text, size_t size)
{
	static const char *const files[] = {
		"ifindex", "type", "address", "mtu", "tx_queue_len", "flags", "carrier",
		"netdev_group", "tun_flags", "owner", "group",
	};
	size_t i, len = 0;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char path[100], line[100] = "-\n";
		FILE *file;

		snprintf(path, sizeof(path), "/sys/class/net/%s/%s", name, files[i]);
		file = fopen(path, "r");
		check(file);
		/* There is no carrier of what is down. */
		if (!fgets(line, sizeof(line), file))
			strcpy(line, "-\n");
		fclose(file);
		len += snprintf(text + len, size - len, "%s %s %s", name, files[i], line);
		check(len < size);
	}
}

/* One may be tentative for a while. */
static int read_v6(const char *name, char *text, size_t size)
{
	FILE *file = fopen("/proc/net/if_inet6", "r");
	char addr[40], device[20];
	unsigned int prefix, scope, flags;
	size_t len = strlen(text);
	int tentative = 0;

	if (control6 < 0)
		return 0;
	check(file);
	while (fscanf(file, "%39s %*x %x %x %x %19s", addr, &prefix, &scope, &flags, device) == 5) {
		if (strcmp(device, name))
			continue;
		tentative |= flags & 0x40;
		len += snprintf(text + len, size - len, "%s/%u scope %x flags %x\n", addr, prefix,
				scope, flags);
		check(len < size);
	}
	fclose(file);
	return tentative;
}

static void read_v4(const char *name, char *text, size_t size)
{
	struct ifaddrs *all, *one;
	size_t len = strlen(text), first = strlen(name);

	check(getifaddrs(&all) == 0);
	for (one = all; one; one = one->ifa_next) {
		char addr[20], mask[20];

		if (strncmp(one->ifa_name, name, first) || !one->ifa_addr ||
		    one->ifa_addr->sa_family != AF_INET)
			continue;
		inet_ntop(AF_INET, &((struct sockaddr_in *)one->ifa_addr)->sin_addr, addr,
			  sizeof(addr));
		inet_ntop(AF_INET, &((struct sockaddr_in *)one->ifa_netmask)->sin_addr, mask,
			  sizeof(mask));
		len += snprintf(text + len, size - len, "%s %s mask %s\n", one->ifa_name, addr,
				mask);
		check(len < size);
	}
	freeifaddrs(all);
}

#define TEXT	4096

static void read_device(const char *name, char *text)
{
	do {
		text[0] = 0;
		read_v4(name, text, TEXT / 2);
		nap(10);
	} while (read_v6(name, text, TEXT / 2));
	read_link(name, text + strlen(text), TEXT / 2);
}

#define NR_DEVICES	5

static const char *const names[NR_DEVICES] = {
	"ckpttap0", "ckpttap1", "ckpttap2", "ckpttun0", "ckpttun1",
};
static char texts[NR_DEVICES][TEXT];

static void read_devices(void)
{
	int i;

	for (i = 0; i < NR_DEVICES; i++)
		read_device(names[i], texts[i]);
}

static void check_devices(void)
{
	char now[TEXT];
	int i;

	for (i = 0; i < NR_DEVICES; i++) {
		read_device(names[i], now);
		if (strcmp(now, texts[i]))
			printf("was:\n%sis:\n%s", texts[i], now);
		check(!strcmp(now, texts[i]));
	}
}

/* ---- frames ------------------------------------------------------------------------------ */

static const unsigned char own[ETH_ALEN] = { 2, 0, 0, 0, 0, 1 };
static const unsigned char other[ETH_ALEN] = { 2, 0, 0, 0, 0, 2 };

/* From the kernel's side: whoever reads from the tap gets it. */
static void put_to(const char *name, const unsigned char *to, const char *text)
{
	struct sockaddr_ll a = { .sll_family = AF_PACKET, .sll_ifindex = if_nametoindex(name) };
	unsigned char frame[60] = {};
	unsigned short protocol = htons(PROTOCOL);

	memcpy(frame, to, ETH_ALEN);
	memcpy(frame + ETH_ALEN, own, ETH_ALEN);
	memcpy(frame + 2 * ETH_ALEN, &protocol, sizeof(protocol));
	strcpy((char *)frame + ETH_HLEN, text);
	check(sendto(frames, frame, sizeof(frame), 0, (struct sockaddr *)&a, sizeof(a)) ==
	      sizeof(frame));
}

/*
 * The next frame of that protocol, behind a header; the kernel speaks, too. Return: bytes,
 * with the header; 0: there is none.
 */
static ssize_t next(int fd, size_t header, int protocol, unsigned char *bytes, size_t size)
{
	ssize_t n;

	while ((n = read(fd, bytes, size)) > 0) {
		unsigned short of;

		memcpy(&of, bytes + header + 2 * ETH_ALEN, sizeof(of));
		if (n >= (ssize_t)header + ETH_HLEN && ntohs(of) == protocol)
			return n;
	}
	check(n == -1 && errno == EAGAIN);
	return 0;
}

static int has_text(int fd, size_t header, const char *text)
{
	unsigned char bytes[2000];
	ssize_t n = next(fd, header, PROTOCOL, bytes, sizeof(bytes));

	return n == (ssize_t)header + 60 && !strcmp((char *)bytes + header + ETH_HLEN, text);
}

static int has_none(int fd, size_t header)
{
	unsigned char bytes[2000];

	return !next(fd, header, PROTOCOL, bytes, sizeof(bytes));
}

/* ---- a tap with a header for virtio ------------------------------------------------------- */

#define HEADER	12

static struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
static int tap, asker, bound6, ep;
static unsigned char sum_told[4000], segments_told[4000];
static ssize_t sum_len, segments_len;
static char datagram[3 * SEGMENT];

/* Nobody would answer. */
static void know(const char *name, const char *text)
{
	struct arpreq req = { .arp_flags = ATF_COM | ATF_PERM };
	struct sockaddr_in a = v4(text, 0);

	memcpy(&req.arp_pa, &a, sizeof(a));
	req.arp_ha.sa_family = ARPHRD_ETHER;
	memcpy(req.arp_ha.sa_data, other, ETH_ALEN);
	strcpy(req.arp_dev, name);
	check(ioctl(control, SIOCSARP, &req) == 0);
}

static void ask(const char *to, size_t len, int segment)
{
	struct sockaddr_in a = v4(to, PORT);

	check(setsockopt(asker, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof(segment)) == 0);
	check(sendto(asker, datagram, len, 0, (struct sockaddr *)&a, sizeof(a)) == (ssize_t)len);
}

static struct virtio_net_hdr header_of(const unsigned char *bytes)
{
	struct virtio_net_hdr header;

	memcpy(&header, bytes, sizeof(header));
	return header;
}

/* A sum that is missing, and segments that are to be made: each twice, one is read. */
static void fill_tap(void)
{
	int whole = IP_PMTUDISC_DO;
	struct virtio_net_hdr header;

	asker = socket(AF_INET, SOCK_DGRAM, 0);
	/* All have the same number then, 0. */
	check(setsockopt(asker, IPPROTO_IP, IP_MTU_DISCOVER, &whole, sizeof(whole)) == 0);
	know("ckpttap0", "10.98.0.2");
	ask("10.98.0.2", 100, 0);
	sum_len = next(tap, HEADER, ETH_P_IP, sum_told, sizeof(sum_told));
	header = header_of(sum_told);
	check(sum_len == HEADER + ETH_HLEN + 28 + 100);
	check(header.flags == VIRTIO_NET_HDR_F_NEEDS_CSUM && header.csum_start == 34);
	ask("10.98.0.2", sizeof(datagram), SEGMENT);
	segments_len = next(tap, HEADER, ETH_P_IP, segments_told, sizeof(segments_told));
	header = header_of(segments_told);
	check(segments_len == HEADER + ETH_HLEN + 28 + 3 * SEGMENT);
	check(header.gso_type == VIRTIO_NET_HDR_GSO_UDP_L4 && header.gso_size == SEGMENT);
	put_to("ckpttap0", other, "the first");
	ask("10.98.0.2", 100, 0);
	ask("10.98.0.2", sizeof(datagram), SEGMENT);
	put_to("ckpttap0", other, "the last");
}

static void bind_v6(void)
{
	if (control6 < 0)
		return;
	v6.sin6_port = htons(PORT);
	check(inet_pton(AF_INET6, "fd00:98::1", &v6.sin6_addr) == 1);
	bound6 = socket(AF_INET6, SOCK_DGRAM, 0);
	check(bind(bound6, (struct sockaddr *)&v6, sizeof(v6)) == 0);
}

static void check_v6(void)
{
	char text[2];

	if (control6 < 0)
		return;
	check(sendto(bound6, "x", 1, 0, (struct sockaddr *)&v6, sizeof(v6)) == 1);
	check(recv(bound6, text, sizeof(text), 0) == 1);
}

static void make_tap(void)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = 1 };
	struct ifreq req = request("ckpttap0");
	char text[TEXT];

	tap = attached("ckpttap0", IFF_TAP | IFF_NO_PI | IFF_VNET_HDR);
	set_number(tap, TUNSETVNETHDRSZ, HEADER);
	set_number(tap, TUNSETVNETLE, 1);
	set_number(tap, TUNSETSNDBUF, 77777);
	check(ioctl(tap, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_USO4 | TUN_F_USO6) == 0);
	check(ioctl(tap, TUNSETOWNER, 1234) == 0 && ioctl(tap, TUNSETGROUP, 5678) == 0);
	req.ifr_hwaddr.sa_family = ARPHRD_ETHER;
	memcpy(req.ifr_hwaddr.sa_data, own, ETH_ALEN);
	check(ioctl(tap, SIOCSIFHWADDR, &req) == 0);
	req = request("ckpttap0");
	req.ifr_mtu = 1400;
	check(ioctl(control, SIOCSIFMTU, &req) == 0);
	req.ifr_qlen = 200;
	check(ioctl(control, SIOCSIFTXQLEN, &req) == 0);
	up("ckpttap0");
	add_v4("ckpttap0", "10.98.0.1");
	add_v4("ckpttap0:also", "10.98.0.3");
	add_v6("ckpttap0", "fd00:98::1");
	/* Only then a socket can be bound to it. */
	read_device("ckpttap0", text);
	bind_v6();
	ep = epoll_create1(0);
	check(epoll_ctl(ep, EPOLL_CTL_ADD, tap, &event) == 0);
	fill_tap();
}

/* Of a header that is longer than its own the kernel leaves the rest as it is. */
static void same(const unsigned char *told, ssize_t len)
{
	unsigned char now[4000] = {};
	ssize_t n = next(tap, HEADER, ETH_P_IP, now, sizeof(now));

	if (n != len || memcmp(now, told, len)) {
		struct virtio_net_hdr a = header_of(now), b = header_of(told);

		printf("%zd %x %x %u %u %u %u, was %zd %x %x %u %u %u %u\n", n, a.flags,
		       a.gso_type, a.hdr_len, a.gso_size, a.csum_start, a.csum_offset, len,
		       b.flags, b.gso_type, b.hdr_len, b.gso_size, b.csum_start, b.csum_offset);
	}
	check(n == len && !memcmp(now, told, len));
}

/* In the order in which they came, so each is looked for behind the one before. */
static void check_tap(void)
{
	struct epoll_event event;

	check(epoll_wait(ep, &event, 1, 0) == 1 && event.data.u32 == 1);
	check(has_text(tap, HEADER, "the first"));
	same(sum_told, sum_len);
	same(segments_told, segments_len);
	check(has_text(tap, HEADER, "the last"));
	check(has_none(tap, HEADER));
	check(flags_of(tap) == (IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | IFF_NOFILTER));
	check(number(tap, TUNGETVNETHDRSZ) == HEADER && number(tap, TUNGETVNETLE) == 1);
	check(number(tap, TUNGETSNDBUF) == 77777);
	know("ckpttap0", "10.98.0.2");
	ask("10.98.0.2", sizeof(datagram), SEGMENT);
	same(segments_told, segments_len);
	check_v6();
}

/* ---- one of several queues, with a filter --------------------------------------------------- */

static int queues[3];
static const unsigned char group[ETH_ALEN] = { 1, 0, 0x5e, 1, 2, 3 };
static const unsigned char stranger[ETH_ALEN] = { 2, 0, 0, 0, 0, 99 };

static int real_queues(void)
{
	char path[100];
	int nr = 0;

	do
		snprintf(path, sizeof(path), "/sys/class/net/ckpttap1/queues/tx-%d", nr);
	while (access(path, F_OK) == 0 && ++nr);
	return nr;
}

static void set_queue(int fd, int flag)
{
	struct ifreq req = {};

	req.ifr_flags = flag;
	check(ioctl(fd, TUNSETQUEUE, &req) == 0);
}

static void set_filter(int fd)
{
	struct {
		unsigned short flags, count;
		unsigned char addr[9][ETH_ALEN];
	} filter = { .count = 9 };
	int i;

	for (i = 0; i < 8; i++) {
		memcpy(filter.addr[i], other, ETH_ALEN);
		filter.addr[i][4] = i;
	}
	memcpy(filter.addr[8], group, ETH_ALEN);
	check(ioctl(fd, TUNSETTXFILTER, &filter) == 8);
}

static int in_any_queue(const char *text)
{
	int i, nr = 0;

	for (i = 0; i < 3; i++)
		nr += has_text(queues[i], 0, text);
	return nr;
}

static void make_queues(void)
{
	int i, zero = 0;

	for (i = 0; i < 3; i++)
		queues[i] = attached("ckpttap1", IFF_TAP | IFF_NO_PI | IFF_MULTI_QUEUE | IFF_NAPI);
	set_number(queues[2], TUNSETSNDBUF, 1111);
	/* The last one takes the place of the first. */
	set_queue(queues[0], IFF_DETACH_QUEUE);
	set_number(queues[1], TUNSETSNDBUF, 2222);
	set_filter(queues[1]);
	up("ckpttap1");
	put_to("ckpttap1", other, "by one of them");
	check(real_queues() == 2);
	check(ioctl(queues[1], TUNSETCARRIER, &zero) == 0);
}

static void check_queues(void)
{
	int flags = IFF_TAP | IFF_NO_PI | IFF_MULTI_QUEUE | IFF_NAPI | IFF_NOFILTER, one = 1;

	check(flags_of(queues[0]) == (flags | IFF_DETACH_QUEUE));
	check(flags_of(queues[1]) == flags && flags_of(queues[2]) == flags);
	check(number(queues[0], TUNGETSNDBUF) == 1111);
	check(number(queues[1], TUNGETSNDBUF) == 2222);
	check(number(queues[2], TUNGETSNDBUF) == 2222);
	check(real_queues() == 2);
	check(in_any_queue("by one of them") == 1);
	check(ioctl(queues[1], TUNSETCARRIER, &one) == 0);
	/* Without a carrier nothing was sent, and it takes a moment until there is one. */
	do {
		nap(10);
		put_to("ckpttap1", other, "to one that is exact");
	} while (!in_any_queue("to one that is exact"));
	while (in_any_queue("to one that is exact"))
		;
	put_to("ckpttap1", stranger, "to a stranger");
	check(in_any_queue("to a stranger") == 0);
	put_to("ckpttap1", group, "to one that is hashed");
	check(in_any_queue("to one that is hashed") == 1);
	set_queue(queues[0], IFF_ATTACH_QUEUE);
	check(real_queues() == 3);
}

/* ---- IP in and out -------------------------------------------------------------------------- */

static int tun, receiver, waited;
static pid_t child;

static unsigned short sum_of(const void *bytes, size_t len)
{
	unsigned short word[10];
	unsigned int sum = 0;
	size_t i;

	check(len == sizeof(word));
	memcpy(word, bytes, len);
	for (i = 0; i < len / 2; i++)
		sum += word[i];
	sum = (sum >> 16) + (sum & 0xffff);
	return ~(sum + (sum >> 16));
}

/* From the other side of the tun: the kernel gets it. */
static void put_in(const char *text)
{
	struct {
		struct tun_pi pi;
		struct iphdr ip;
		struct udphdr udp;
		char text[20];
	} __attribute__((packed)) packet = {};

	packet.pi.proto = htons(ETH_P_IP);
	packet.ip.version = 4;
	packet.ip.ihl = 5;
	packet.ip.ttl = 64;
	packet.ip.protocol = IPPROTO_UDP;
	packet.ip.tot_len = htons(sizeof(packet) - sizeof(packet.pi));
	packet.ip.saddr = v4("10.97.0.2", 0).sin_addr.s_addr;
	packet.ip.daddr = v4("10.97.0.1", 0).sin_addr.s_addr;
	packet.ip.check = sum_of(&packet.ip, sizeof(packet.ip));
	packet.udp.source = htons(PORT);
	packet.udp.dest = htons(PORT);
	packet.udp.len = htons(sizeof(packet.udp) + sizeof(packet.text));
	strcpy(packet.text, text);
	check(write(tun, &packet, sizeof(packet)) == sizeof(packet));
}

/* It comes by a softirq, which may be put off. */
static void get_in(const char *text)
{
	char got[20] = "";

	check(recv(receiver, got, sizeof(got), 0) == sizeof(got) && !strcmp(got, text));
}

static void put_out(const char *to, const char *text)
{
	struct sockaddr_in a = v4(to, PORT);
	ssize_t len = strlen(text) + 1;

	check(sendto(receiver, text, len, 0, (struct sockaddr *)&a, sizeof(a)) == len);
}

/* IP, behind struct tun_pi, with that text. */
static int get_out(int fd, const char *text)
{
	size_t head = sizeof(struct tun_pi) + sizeof(struct iphdr) + sizeof(struct udphdr);
	unsigned char bytes[2000];
	struct tun_pi pi;
	ssize_t n;

	while ((n = read(fd, bytes, sizeof(bytes))) > 0) {
		memcpy(&pi, bytes, sizeof(pi));
		if (pi.proto == htons(ETH_P_IP) && n == (ssize_t)(head + strlen(text) + 1) &&
		    !strcmp((char *)bytes + head, text))
			return 1;
	}
	return 0;
}

static void make_tuns(void)
{
	struct sockaddr_in a = v4("10.97.0.1", PORT);

	tun = attached("ckpttun0", IFF_TUN);
	up("ckpttun0");
	add_v4("ckpttun0", "10.97.0.1");
	receiver = socket(AF_INET, SOCK_DGRAM, 0);
	check(bind(receiver, (struct sockaddr *)&a, sizeof(a)) == 0);
	put_in("one that is read");
	get_in("one that is read");
	put_out("10.97.0.2", "out of it");
	waited = plain(0);
	attach(waited, "ckpttun1", IFF_TUN);
	check(ioctl(waited, TUNSETLINK, ARPHRD_PPP) == 0);
	up("ckpttun1");
	add_v4("ckpttun1", "10.96.0.1");
	child = fork();
	check(child >= 0);
	/* It waits in read(), for what comes afterwards. */
	if (!child)
		_exit(get_out(waited, "wake") ? 0 : 1);
	wait_for_state(child, 'S');
}

static void check_tuns(void)
{
	check(flags_of(tun) == (IFF_TUN | IFF_NOFILTER));
	check(get_out(tun, "out of it"));
	put_in("one that comes later");
	get_in("one that comes later");
	put_out("10.97.0.2", "later");
	check(get_out(tun, "later"));
	put_out("10.96.0.2", "wake");
	check(status_of(child) == 0);
}

/* ---- without a carrier, when it came up ------------------------------------------------------ */

static int cold;

static int has_link_local(void)
{
	char text[TEXT] = "";

	read_v6("ckpttap2", text, sizeof(text));
	return !!strstr(text, "fe80");
}

static void make_cold(void)
{
	cold = attached("ckpttap2", IFF_TAP | IFF_NO_PI | IFF_NO_CARRIER);
	up("ckpttap2");
	check(!has_link_local());
}

/* It makes its address when it has one. */
static void check_cold(void)
{
	check(!has_link_local());
	set_number(cold, TUNSETCARRIER, 1);
	while (control6 >= 0 && !has_link_local())
		nap(10);
}

/* ---- without a device ------------------------------------------------------------------------ */

static int unattached, unused;

static void make_unattached(void)
{
	unattached = plain(O_NONBLOCK);
	set_number(unattached, TUNSETIFINDEX, INDEX);
	unused = plain(O_CLOEXEC);
}

static void check_unattached(void)
{
	char byte;

	check(flags_of(unattached) == -1 && errno == EBADFD);
	check(read(unused, &byte, 1) == -1 && errno == EBADFD);
	check(fcntl(unattached, F_GETFL) & O_NONBLOCK && !(fcntl(unused, F_GETFL) & O_NONBLOCK));
	attach(unattached, "ckpttun2", IFF_TUN | IFF_NO_PI);
	attach(unused, "ckpttun3", IFF_TUN | IFF_NO_PI);
	check(if_nametoindex("ckpttun2") == INDEX);
	check(flags_of(unattached) == (IFF_TUN | IFF_NO_PI | IFF_NOFILTER));
	check(flags_of(unused) == (IFF_TUN | IFF_NO_PI | IFF_NOFILTER));
}

/* ---- who is told ----------------------------------------------------------------------------- */

static volatile sig_atomic_t told;

static void note(int sig)
{
	(void)sig;
	told++;
}

static void make_told(void)
{
	signal(SIGUSR2, note);
	set_owner(tun, F_OWNER_PID, getpid(), SIGUSR2);
	check(fcntl(tun, F_SETFL, fcntl(tun, F_GETFL) | O_ASYNC) == 0);
}

static void check_told(void)
{
	int before = told;

	check(fcntl(tun, F_GETFL) & O_ASYNC);
	check_owner(tun, F_OWNER_PID, getpid(), SIGUSR2);
	put_out("10.97.0.2", "that is told");
	while (told == before)
		nap(10);
	check(fcntl(tun, F_SETFL, fcntl(tun, F_GETFL) & ~O_ASYNC) == 0);
	check(get_out(tun, "that is told"));
}

int main(void)
{
	struct dressed dressed;
	size_t n;

	for (n = 0; n < sizeof(datagram); n++)
		datagram[n] = n * 7 + n / 256;
	control = socket(AF_INET, SOCK_DGRAM, 0);
	frames = socket(AF_PACKET, SOCK_RAW, 0);
	check(control >= 0 && frames >= 0);
	control6 = socket(AF_INET6, SOCK_DGRAM, 0);
	check(control6 >= 0 || errno == EAFNOSUPPORT);
	make_unattached();
	make_tap();
	make_queues();
	make_cold();
	make_tuns();
	make_told();
	dressed = dress(plain(0), SIGUSR1);
	read_devices();

	ready();

	check_devices();
	check_tap();
	check_tuns();
	check_told();
	check_queues();
	check_cold();
	check_unattached();
	check_dressed(&dressed, SIGUSR1);
	return passed();
}
