// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every option of sockets that the running kernel knows, at the levels of sockets, IPv4, IPv6,
 * UDP and TCP: one that is not in the table below is an error. What the table says is kept is
 * set, each of a socket of its own, and read again. "sockopts N" has instead the option of row
 * N, which is refused by name; "sockopts refused" lists those.
 */
#define _GNU_SOURCE
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "program.h"

#define MOST	256	/* numbers of options at a level, there are no larger ones */

enum level { SOCKET, IP, IP6, TCP, UDP, LEVELS };

static const int numbers[LEVELS] = { SOL_SOCKET, SOL_IP, SOL_IPV6, SOL_TCP, IPPROTO_UDP };

enum kind {
	KEPT,		/* with this value */
	FREE,		/* the same, where the machine lets it be set */
	REFUSED,	/* with this value, by this name */
	TOLD,		/* can be asked for only, or does something at once; nothing remains */
	ELSEWHERE,	/* kept or refused: of what else tests says more */
};

struct row {
	enum level level;
	int option;
	enum kind kind;
	const char *words;
	int len, value[5];
};

#define VALUE(...)	.len = sizeof((int[]){ __VA_ARGS__ }), .value = { __VA_ARGS__ }
#define ROW(at, number, what)	.level = (at), .option = (number), .kind = (what)

#define KEEP(level, option, ...)	{ ROW(level, option, KEPT), VALUE(__VA_ARGS__) }
#define MAYBE(level, option, ...)	{ ROW(level, option, FREE), VALUE(__VA_ARGS__) }
#define REFUSE(level, option, said, ...) \
	{ ROW(level, option, REFUSED), .words = (said), VALUE(__VA_ARGS__) }
#define TELL(level, option)		{ ROW(level, option, TOLD) }
#define SEE(level, option, said)	{ ROW(level, option, ELSEWHERE), .words = (said) }

static const struct row rows[] = {
	KEEP(SOCKET, 1 /* SO_DEBUG */, 1), KEEP(SOCKET, 2 /* SO_REUSEADDR */, 1),
	TELL(SOCKET, 3 /* SO_TYPE */), TELL(SOCKET, 4 /* SO_ERROR */),
	KEEP(SOCKET, 5 /* SO_DONTROUTE */, 1), KEEP(SOCKET, 6 /* SO_BROADCAST */, 1),
	KEEP(SOCKET, 7 /* SO_SNDBUF */, 12345), KEEP(SOCKET, 8 /* SO_RCVBUF */, 12345),
	KEEP(SOCKET, 9 /* SO_KEEPALIVE */, 1), KEEP(SOCKET, 10 /* SO_OOBINLINE */, 1),
	KEEP(SOCKET, 11 /* SO_NO_CHECK */, 1), KEEP(SOCKET, 12 /* SO_PRIORITY */, 5),
	KEEP(SOCKET, 13 /* SO_LINGER */, 1, 7), TELL(SOCKET, 14 /* SO_BSDCOMPAT */),
	KEEP(SOCKET, 15 /* SO_REUSEPORT */, 1), KEEP(SOCKET, 16 /* SO_PASSCRED */, 1),
	SEE(SOCKET, 17 /* SO_PEERCRED */, "unixsocket"), KEEP(SOCKET, 18 /* SO_RCVLOWAT */, 9),
	TELL(SOCKET, 19 /* SO_SNDLOWAT */), KEEP(SOCKET, 20 /* SO_RCVTIMEO_OLD */, 3, 0, 0, 0),
	KEEP(SOCKET, 21 /* SO_SNDTIMEO_OLD */, 4, 0, 0, 0),
	SEE(SOCKET, 25 /* SO_BINDTODEVICE */, "udp"),
	SEE(SOCKET, 26 /* SO_ATTACH_FILTER */, "udp"), TELL(SOCKET, 27 /* SO_DETACH_FILTER */),
	TELL(SOCKET, 28 /* SO_PEERNAME */), KEEP(SOCKET, 29 /* SO_TIMESTAMP_OLD */, 1),
	TELL(SOCKET, 30 /* SO_ACCEPTCONN */), TELL(SOCKET, 31 /* SO_PEERSEC */),
	MAYBE(SOCKET, 32 /* SO_SNDBUFFORCE */, 23456),
	MAYBE(SOCKET, 33 /* SO_RCVBUFFORCE */, 23456),
	KEEP(SOCKET, 34 /* SO_PASSSEC */, 1), KEEP(SOCKET, 35 /* SO_TIMESTAMPNS_OLD */, 1),
	KEEP(SOCKET, 36 /* SO_MARK */, 99),
	KEEP(SOCKET, 37 /* SO_TIMESTAMPING_OLD */, SOF_TIMESTAMPING_RX_SOFTWARE, 0),
	TELL(SOCKET, 38 /* SO_PROTOCOL */), TELL(SOCKET, 39 /* SO_DOMAIN */),
	KEEP(SOCKET, 40 /* SO_RXQ_OVFL */, 1), KEEP(SOCKET, 41 /* SO_WIFI_STATUS */, 1),
	KEEP(SOCKET, 42 /* SO_PEEK_OFF */, 3), KEEP(SOCKET, 43 /* SO_NOFCS */, 1),
	KEEP(SOCKET, 44 /* SO_LOCK_FILTER */, 1), KEEP(SOCKET, 45 /* SO_SELECT_ERR_QUEUE */, 1),
	MAYBE(SOCKET, 46 /* SO_BUSY_POLL */, 7),
	KEEP(SOCKET, 47 /* SO_MAX_PACING_RATE */, 705032704, 1 /* 5 GB a second */),
	TELL(SOCKET, 48 /* SO_BPF_EXTENSIONS */), KEEP(SOCKET, 49 /* SO_INCOMING_CPU */, 0),
	SEE(SOCKET, 50 /* SO_ATTACH_BPF */, "an eBPF filter of a socket"),
	SEE(SOCKET, 51 /* SO_ATTACH_REUSEPORT_CBPF */, "reuseport"),
	SEE(SOCKET, 52 /* SO_ATTACH_REUSEPORT_EBPF */, "an eBPF program of a SO_REUSEPORT group"),
	TELL(SOCKET, 53 /* SO_CNX_ADVICE */), TELL(SOCKET, 55 /* SO_MEMINFO */),
	TELL(SOCKET, 56 /* SO_INCOMING_NAPI_ID */), TELL(SOCKET, 57 /* SO_COOKIE */),
	TELL(SOCKET, 58 /* of a message */), SEE(SOCKET, 59 /* SO_PEERGROUPS */, "unixsocket"),
	KEEP(SOCKET, 60 /* SO_ZEROCOPY */, 1),
	KEEP(SOCKET, 61 /* SO_TXTIME */, 11 /* CLOCK_TAI */, 3),
	SEE(SOCKET, 62 /* SO_BINDTOIFINDEX */, "udp"), KEEP(SOCKET, 63 /* SO_TIMESTAMP_NEW */, 1),
	KEEP(SOCKET, 64 /* SO_TIMESTAMPNS_NEW */, 1),
	KEEP(SOCKET, 65 /* SO_TIMESTAMPING_NEW */, SOF_TIMESTAMPING_SOFTWARE, 0),
	KEEP(SOCKET, 66 /* SO_RCVTIMEO_NEW */, 5, 0, 0, 0),
	KEEP(SOCKET, 67 /* SO_SNDTIMEO_NEW */, 6, 0, 0, 0),
	TELL(SOCKET, 68 /* SO_DETACH_REUSEPORT_BPF */),
	MAYBE(SOCKET, 69 /* SO_PREFER_BUSY_POLL */, 1),
	SEE(SOCKET, 70 /* SO_BUSY_POLL_BUDGET */, "below"), TELL(SOCKET, 71 /* SO_NETNS_COOKIE */),
	KEEP(SOCKET, 72 /* SO_BUF_LOCK */, 2), MAYBE(SOCKET, 73 /* SO_RESERVE_MEM */, 8192),
	KEEP(SOCKET, 74 /* SO_TXREHASH */, 0), KEEP(SOCKET, 75 /* SO_RCVMARK */, 1),
	KEEP(SOCKET, 76 /* SO_PASSPIDFD */, 1), SEE(SOCKET, 77 /* SO_PEERPIDFD */, "unixsocket"),
	TELL(SOCKET, 80 /* SO_DEVMEM_DONTNEED */),

	KEEP(IP, 1 /* IP_TOS */, 0x48), KEEP(IP, 2 /* IP_TTL */, 33),
	KEEP(IP, 3 /* IP_HDRINCL */, 1), KEEP(IP, 4 /* IP_OPTIONS */, 0x00010101),
	SEE(IP, 5 /* IP_ROUTER_ALERT */, "raw.bats"), KEEP(IP, 6 /* IP_RECVOPTS */, 1),
	KEEP(IP, 7 /* IP_RETOPTS */, 1), KEEP(IP, 8 /* IP_PKTINFO */, 1),
	TELL(IP, 9 /* IP_PKTOPTIONS */), KEEP(IP, 10 /* IP_MTU_DISCOVER */, 2),
	KEEP(IP, 11 /* IP_RECVERR */, 1), KEEP(IP, 12 /* IP_RECVTTL */, 1),
	KEEP(IP, 13 /* IP_RECVTOS */, 1), TELL(IP, 14 /* IP_MTU */),
	KEEP(IP, 15 /* IP_FREEBIND */, 1),
	SEE(IP, 16 /* IP_IPSEC_POLICY */, "a policy of IPsec of a socket"),
	SEE(IP, 17 /* IP_XFRM_POLICY */, "a policy of IPsec of a socket"),
	KEEP(IP, 18 /* IP_PASSSEC */, 1), KEEP(IP, 19 /* IP_TRANSPARENT */, 1),
	KEEP(IP, 20 /* IP_RECVORIGDSTADDR */, 1), KEEP(IP, 21 /* IP_MINTTL */, 3),
	KEEP(IP, 22 /* IP_NODEFRAG */, 1), KEEP(IP, 23 /* IP_CHECKSUM */, 1),
	KEEP(IP, 24 /* IP_BIND_ADDRESS_NO_PORT */, 1), KEEP(IP, 25 /* IP_RECVFRAGSIZE */, 1),
	KEEP(IP, 26 /* IP_RECVERR_RFC4884 */, 1), SEE(IP, 32 /* IP_MULTICAST_IF */, "udp"),
	KEEP(IP, 33 /* IP_MULTICAST_TTL */, 7), KEEP(IP, 34 /* IP_MULTICAST_LOOP */, 0),
	SEE(IP, 35 /* IP_ADD_MEMBERSHIP */, "udp"), SEE(IP, 36 /* IP_DROP_MEMBERSHIP */, "udp"),
	SEE(IP, 37 /* IP_UNBLOCK_SOURCE */, "sources"),
	SEE(IP, 38 /* IP_BLOCK_SOURCE */, "sources"),
	SEE(IP, 39 /* IP_ADD_SOURCE_MEMBERSHIP */, "sources"),
	SEE(IP, 40 /* IP_DROP_SOURCE_MEMBERSHIP */, "sources"),
	SEE(IP, 41 /* IP_MSFILTER */, "sources"), SEE(IP, 42 /* MCAST_JOIN_GROUP */, "udp"),
	SEE(IP, 43 /* MCAST_BLOCK_SOURCE */, "sources"),
	SEE(IP, 44 /* MCAST_UNBLOCK_SOURCE */, "sources"),
	SEE(IP, 45 /* MCAST_LEAVE_GROUP */, "udp"),
	SEE(IP, 46 /* MCAST_JOIN_SOURCE_GROUP */, "sources"),
	SEE(IP, 47 /* MCAST_LEAVE_SOURCE_GROUP */, "sources"),
	SEE(IP, 48 /* MCAST_MSFILTER */, "sources"), KEEP(IP, 49 /* IP_MULTICAST_ALL */, 0),
	SEE(IP, 50 /* IP_UNICAST_IF */, "udp"),
	KEEP(IP, 51 /* IP_LOCAL_PORT_RANGE */, (int)(50000u << 16 | 40000)),
	TELL(IP, 52 /* IP_PROTOCOL */),
	/* Of the machine: iptables, arptables, the address that was redirected. */
	TELL(IP, 64), TELL(IP, 65), TELL(IP, 66), TELL(IP, 67), TELL(IP, 80), TELL(IP, 81),
	TELL(IP, 96), TELL(IP, 97), TELL(IP, 98), TELL(IP, 99), TELL(IP, 128), TELL(IP, 129),

	TELL(IP6, 1 /* IPV6_ADDRFORM */), KEEP(IP6, 2 /* IPV6_2292PKTINFO */, 1),
	KEEP(IP6, 3 /* IPV6_2292HOPOPTS */, 1), KEEP(IP6, 4 /* IPV6_2292DSTOPTS */, 1),
	KEEP(IP6, 5 /* IPV6_2292RTHDR */, 1), TELL(IP6, 6 /* IPV6_2292PKTOPTIONS */),
	SEE(IP6, 7 /* IPV6_CHECKSUM */, "raw"), KEEP(IP6, 8 /* IPV6_2292HOPLIMIT */, 1),
	KEEP(IP6, 11 /* IPV6_FLOWINFO */, 1), KEEP(IP6, 16 /* IPV6_UNICAST_HOPS */, 44),
	SEE(IP6, 17 /* IPV6_MULTICAST_IF */, "udp"), KEEP(IP6, 18 /* IPV6_MULTICAST_HOPS */, 4),
	KEEP(IP6, 19 /* IPV6_MULTICAST_LOOP */, 0), SEE(IP6, 20 /* IPV6_ADD_MEMBERSHIP */, "udp"),
	SEE(IP6, 21 /* IPV6_DROP_MEMBERSHIP */, "udp"),
	SEE(IP6, 22 /* IPV6_ROUTER_ALERT */, "raw.bats"),
	KEEP(IP6, 23 /* IPV6_MTU_DISCOVER */, 3), SEE(IP6, 24 /* IPV6_MTU */, "headers"),
	KEEP(IP6, 25 /* IPV6_RECVERR */, 1), KEEP(IP6, 26 /* IPV6_V6ONLY */, 1),
	SEE(IP6, 27 /* IPV6_JOIN_ANYCAST */, "an anycast address"),
	TELL(IP6, 28 /* ..._LEAVE_... */),
	KEEP(IP6, 29 /* IPV6_MULTICAST_ALL */, 0), MAYBE(IP6, 30 /* ..._ROUTER_ALERT_ISOLATE */, 1),
	KEEP(IP6, 31 /* IPV6_RECVERR_RFC4884 */, 1),
	SEE(IP6, 32 /* ..._FLOWLABEL_MGR */, "a flow label"),
	KEEP(IP6, 33 /* IPV6_FLOWINFO_SEND */, 1),
	SEE(IP6, 34 /* IPV6_IPSEC_POLICY */, "a policy of IPsec of a socket"),
	SEE(IP6, 35 /* IPV6_XFRM_POLICY */, "a policy of IPsec of a socket"),
	KEEP(IP6, 36 /* IPV6_HDRINCL */, 1), SEE(IP6, 42 /* MCAST_JOIN_GROUP */, "udp"),
	SEE(IP6, 43 /* MCAST_BLOCK_SOURCE */, "sources"),
	SEE(IP6, 44 /* MCAST_UNBLOCK_SOURCE */, "sources"),
	SEE(IP6, 45 /* MCAST_LEAVE_GROUP */, "udp"),
	SEE(IP6, 46 /* MCAST_JOIN_SOURCE_GROUP */, "sources"),
	SEE(IP6, 47 /* MCAST_LEAVE_SOURCE_GROUP */, "sources"),
	SEE(IP6, 48 /* MCAST_MSFILTER */, "sources"), KEEP(IP6, 49 /* IPV6_RECVPKTINFO */, 1),
	SEE(IP6, 50 /* IPV6_PKTINFO */, "headers"),
	KEEP(IP6, 51 /* IPV6_RECVHOPLIMIT */, 1), KEEP(IP6, 53 /* IPV6_RECVHOPOPTS */, 1),
	KEEP(IP6, 54 /* IPV6_HOPOPTS */, 0x04010000, 0),
	KEEP(IP6, 55 /* IPV6_RTHDRDSTOPTS */, 0x04010000, 0),
	KEEP(IP6, 56 /* IPV6_RECVRTHDR */, 1),
	SEE(IP6, 57 /* IPV6_RTHDR */, "headers"),
	KEEP(IP6, 58 /* IPV6_RECVDSTOPTS */, 1),
	KEEP(IP6, 59 /* IPV6_DSTOPTS */, 0x04010000, 0),
	KEEP(IP6, 60 /* IPV6_RECVPATHMTU */, 1), TELL(IP6, 61 /* IPV6_PATHMTU */),
	KEEP(IP6, 62 /* IPV6_DONTFRAG */, 1), TELL(IP6, 64), TELL(IP6, 65), TELL(IP6, 68),
	TELL(IP6, 69), TELL(IP6, 80), KEEP(IP6, 66 /* IPV6_RECVTCLASS */, 1),
	KEEP(IP6, 67 /* IPV6_TCLASS */, 0x20), KEEP(IP6, 70 /* IPV6_AUTOFLOWLABEL */, 0),
	KEEP(IP6, 72 /* IPV6_ADDR_PREFERENCES */, 0x401), KEEP(IP6, 73 /* IPV6_MINHOPCOUNT */, 2),
	KEEP(IP6, 74 /* IPV6_RECVORIGDSTADDR */, 1), KEEP(IP6, 75 /* IPV6_TRANSPARENT */, 1),
	SEE(IP6, 76 /* IPV6_UNICAST_IF */, "udp"), KEEP(IP6, 77 /* IPV6_RECVFRAGSIZE */, 1),
	KEEP(IP6, 78 /* IPV6_FREEBIND */, 1),

	KEEP(TCP, 1 /* TCP_NODELAY */, 1), KEEP(TCP, 2 /* TCP_MAXSEG */, 1000),
	KEEP(TCP, 3 /* TCP_CORK */, 1), KEEP(TCP, 4 /* TCP_KEEPIDLE */, 77),
	KEEP(TCP, 5 /* TCP_KEEPINTVL */, 7), KEEP(TCP, 6 /* TCP_KEEPCNT */, 3),
	KEEP(TCP, 7 /* TCP_SYNCNT */, 2), KEEP(TCP, 8 /* TCP_LINGER2 */, 9),
	KEEP(TCP, 9 /* TCP_DEFER_ACCEPT */, 7), KEEP(TCP, 10 /* TCP_WINDOW_CLAMP */, 60000),
	TELL(TCP, 11 /* TCP_INFO */), KEEP(TCP, 12 /* TCP_QUICKACK */, 0),
	SEE(TCP, 13 /* TCP_CONGESTION */, "tcp"),
	SEE(TCP, 14 /* TCP_MD5SIG */, "a signature (TCP_MD5SIG)"),
	KEEP(TCP, 16 /* TCP_THIN_LINEAR_TIMEOUTS */, 1), TELL(TCP, 17 /* TCP_THIN_DUPACK */),
	KEEP(TCP, 18 /* TCP_USER_TIMEOUT */, 12345),
	REFUSE(TCP, 19, "a socket in repair (TCP_REPAIR)", 1), TELL(TCP, 20 /* TCP_REPAIR_QUEUE */),
	TELL(TCP, 21 /* TCP_QUEUE_SEQ */), TELL(TCP, 22 /* TCP_REPAIR_OPTIONS */),
	KEEP(TCP, 23 /* TCP_FASTOPEN */, 5), SEE(TCP, 24 /* TCP_TIMESTAMP */, "tcpconn"),
	KEEP(TCP, 25 /* TCP_NOTSENT_LOWAT */, 4000), TELL(TCP, 26 /* TCP_CC_INFO */),
	KEEP(TCP, 27 /* TCP_SAVE_SYN */, 1), SEE(TCP, 28, "a saved SYN (TCP_SAVED_SYN)"),
	TELL(TCP, 29 /* TCP_REPAIR_WINDOW */), KEEP(TCP, 30 /* TCP_FASTOPEN_CONNECT */, 1),
	SEE(TCP, 31 /* TCP_ULP */, "a protocol upon TCP (TCP_ULP)"),
	SEE(TCP, 32 /* TCP_MD5SIG_EXT */, "a signature (TCP_MD5SIG)"),
	KEEP(TCP, 33 /* TCP_FASTOPEN_KEY */, 1, 2, 3, 4),
	KEEP(TCP, 34 /* TCP_FASTOPEN_NO_COOKIE */, 1), TELL(TCP, 35 /* TCP_ZEROCOPY_RECEIVE */),
	KEEP(TCP, 36 /* TCP_INQ */, 1), KEEP(TCP, 37 /* TCP_TX_DELAY */, 10),
	SEE(TCP, 38 /* TCP_AO_ADD_KEY */, "a signature (TCP_AO)"), TELL(TCP, 39 /* ..._DEL_KEY */),
	SEE(TCP, 40 /* TCP_AO_INFO */, "a signature (TCP_AO)"), TELL(TCP, 41 /* ..._GET_KEYS */),
	TELL(TCP, 42 /* TCP_AO_REPAIR */), TELL(TCP, 43 /* TCP_IS_MPTCP */),

	KEEP(UDP, 1 /* UDP_CORK */, 1), KEEP(UDP, 10 /* UDPLITE_SEND_CSCOV */, 20),
	KEEP(UDP, 11 /* UDPLITE_RECV_CSCOV */, 20),
	SEE(UDP, 100 /* UDP_ENCAP */, "encapsulation (UDP_ENCAP)"),
	KEEP(UDP, 101 /* UDP_NO_CHECK6_TX */, 1), KEEP(UDP, 102 /* UDP_NO_CHECK6_RX */, 1),
	KEEP(UDP, 103 /* UDP_SEGMENT */, 1200), KEEP(UDP, 104 /* UDP_GRO */, 1),
};

#define NR_ROWS	(sizeof(rows) / sizeof(rows[0]))

/* Of these one is asked after the other who knows it. */
static const struct {
	int family, type, protocol;
} kinds[] = {
	{ AF_INET, SOCK_DGRAM, 0 }, { AF_INET6, SOCK_DGRAM, 0 },
	{ AF_INET, SOCK_STREAM, 0 }, { AF_INET6, SOCK_STREAM, 0 },
	{ AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE },
	{ AF_INET, SOCK_RAW, 99 }, { AF_INET6, SOCK_RAW, 99 },
	{ AF_UNIX, SOCK_DGRAM, 0 },
};

#define NR_KINDS	(sizeof(kinds) / sizeof(kinds[0]))

static int open_kind(size_t kind)
{
	return socket(kinds[kind].family, kinds[kind].type, kinds[kind].protocol);
}

/* ---- is there one that nobody has thought of? --------------------------------------- */

static int is_known(int fd, enum level level, int option)
{
	char buf[256] = "";
	socklen_t len = sizeof(buf);

	if (getsockopt(fd, numbers[level], option, buf, &len) == 0 ||
	    (errno != ENOPROTOOPT && errno != EOPNOTSUPP))
		return 1;
	return setsockopt(fd, numbers[level], option, &(int){ 0 }, sizeof(int)) == 0 ||
	       (errno != ENOPROTOOPT && errno != EOPNOTSUPP);
}

static int is_listed(enum level level, int option)
{
	size_t i;

	for (i = 0; i < NR_ROWS; i++)
		if (rows[i].level == level && rows[i].option == option)
			return 1;
	return 0;
}

static void look_for_others(void)
{
	int level, option, bad = 0, known = 0;
	size_t kind;

	for (kind = 0; kind < NR_KINDS; kind++) {
		int fd = open_kind(kind);

		for (level = 0; fd >= 0 && level < LEVELS; level++)
			for (option = 0; option < MOST; option++) {
				if (!is_known(fd, level, option))
					continue;
				known++;
				if (is_listed(level, option))
					continue;
				printf("option %d of level %d (socket %zu) is not in the table\n",
				       option, numbers[level], kind);
				bad++;
			}
		close(fd);
	}
	check(known > 100 && !bad);
}

/* ---- those that are kept ----------------------------------------------------------------- */

struct kept {
	int fd;
	socklen_t len;
	char value[64];
};

static struct kept kept[NR_ROWS];

static socklen_t get(int fd, const struct row *row, char value[64])
{
	socklen_t len = 64;

	memset(value, 0, 64);
	if (getsockopt(fd, numbers[row->level], row->option, value, &len))
		return 0;
	return len;
}

/* By which one it is asked for. */
static const struct row *asked(const struct row *row)
{
	if (row->level == SOCKET && row->option == 32)
		return &rows[6];	/* SO_SNDBUF */
	if (row->level == SOCKET && row->option == 33)
		return &rows[7];	/* SO_RCVBUF */
	return row;
}

/* Of the first kind of socket of which it is another value then. */
static int make_one(const struct row *row, struct kept *k)
{
	char usual[64];
	size_t kind;

	for (kind = 0; kind < NR_KINDS; kind++) {
		k->fd = open_kind(kind);
		if (k->fd < 0)
			continue;
		get(k->fd, asked(row), usual);
		if (!setsockopt(k->fd, numbers[row->level], row->option, row->value, row->len)) {
			k->len = get(k->fd, asked(row), k->value);
			if (k->len && memcmp(usual, k->value, k->len))
				return 1;
		}
		close(k->fd);
	}
	k->fd = -1;
	return 0;
}

static void make_kept(void)
{
	int v6 = socket(AF_INET6, SOCK_DGRAM, 0) >= 0, bad = 0;
	size_t i;

	for (i = 0; i < NR_ROWS; i++) {
		if (rows[i].kind != KEPT && rows[i].kind != FREE)
			continue;
		if (rows[i].level == IP6 && !v6)
			continue;
		if (make_one(&rows[i], &kept[i]))
			continue;
		printf("option %d of level %d cannot be set here\n", rows[i].option,
		       numbers[rows[i].level]);
		bad += rows[i].kind == KEPT;
	}
	check(!bad);
}

static void check_kept(void)
{
	char now[64];
	int bad = 0;
	size_t i;

	for (i = 0; i < NR_ROWS; i++) {
		const struct row *row = asked(&rows[i]);

		if (!kept[i].len || kept[i].fd < 0)
			continue;
		if (get(kept[i].fd, row, now) == kept[i].len &&
		    !memcmp(now, kept[i].value, kept[i].len))
			continue;
		printf("option %d of level %d is another one\n", row->option,
		       numbers[row->level]);
		bad++;
	}
	check(!bad);
}

/* ---- nobody can ask for the budget, but with too few rights it cannot be made larger ------- */

#define BUDGET	70	/* SO_BUSY_POLL_BUDGET */

static int make_budget(void)
{
	int fd = open_kind(0);

	check(fd >= 0);
	if (setsockopt(fd, SOL_SOCKET, BUDGET, &(int){ 9 }, sizeof(int)) == 0)
		return fd;
	check(errno == ENOPROTOOPT);
	return -1;
}

static void check_budget(int fd)
{
	pid_t child;
	int status;

	if (fd < 0)
		return;
	child = fork();
	check(child >= 0);
	if (!child) {
		check(setresuid(65534, 65534, 65534) == 0);
		check(setsockopt(fd, SOL_SOCKET, BUDGET, &(int){ 10 }, sizeof(int)) == -1 &&
		      errno == EPERM);
		check(setsockopt(fd, SOL_SOCKET, BUDGET, &(int){ 9 }, sizeof(int)) == 0);
		_exit(0);
	}
	check(waitpid(child, &status, 0) == child && status == 0);
}

/* ---- those that are refused ------------------------------------------------------------------ */

/* Those that this kernel knows. */
static int list_refused(void)
{
	int v6 = socket(AF_INET6, SOCK_DGRAM, 0) >= 0;
	size_t i;

	for (i = 0; i < NR_ROWS; i++)
		if (rows[i].kind == REFUSED && (v6 || rows[i].level != IP6))
			printf("%zu %s\n", i, rows[i].words);
	return 0;
}

static int have_refused(size_t i)
{
	size_t kind;
	int fd = -1;

	check(i < NR_ROWS && rows[i].kind == REFUSED);
	for (kind = 0; kind < NR_KINDS; kind++) {
		fd = open_kind(kind);
		if (fd >= 0 && setsockopt(fd, numbers[rows[i].level], rows[i].option,
					  rows[i].value, rows[i].len) == 0)
			break;
		close(fd);
	}
	check(kind < NR_KINDS);
	ready();
	return passed();
}

int main(int argc, char **argv)
{
	int budget;

	if (argc > 1 && !strcmp(argv[1], "refused"))
		return list_refused();
	if (argc > 1)
		return have_refused(atoi(argv[1]));

	look_for_others();
	make_kept();
	budget = make_budget();

	ready();

	check_kept();
	check_budget(budget);
	return passed();
}
