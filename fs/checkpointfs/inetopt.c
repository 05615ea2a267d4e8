// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options of sockets of IPv4 and IPv6, of setsockopt(2) at SOL_IP, SOL_IPV6,
 * SOL_UDP and SOL_TCP. Those of SOL_SOCKET are sockopt.c's.
 *
 * Read by the kernel's own functions, but for what these do not tell: that an
 * option is as the machine has it, say. An image has those that differ from the
 * table's; a new socket is given what it does not have already. No lock is held
 * here, those of a socket are taken by whom is called.
 */
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/net.h>
#include <linux/sockptr.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include <net/tcp.h>
#include <net/udplite.h>

#include "compat/ksyms.h"
#include "inet.h"

/* How the socket tells of it, if not by getsockopt(2). */
struct option {
	int option;
	s64 usual;
	s64 (*get)(const struct sock *sk);
};

/* The two lowest bits of a stream's are TCP's own. */
static s64 get_tos(const struct sock *sk)
{
	u8 own = sk->sk_type == SOCK_STREAM ? INET_ECN_MASK : 0;

	return READ_ONCE(inet_sk(sk)->tos) & ~own;
}

static s64 get_ttl(const struct sock *sk)
{
	return READ_ONCE(inet_sk(sk)->uc_ttl);
}

/* Nobody may ask for it of a stream, where it tells of whom it is connected to. */
static s64 get_multicast_ttl(const struct sock *sk)
{
	return sk->sk_type == SOCK_STREAM ? 1 : READ_ONCE(inet_sk(sk)->mc_ttl);
}

static const struct option ip_table[] = {
	[CKPT_IP_TOS] = { IP_TOS, .get = get_tos },
	[CKPT_IP_TTL] = { IP_TTL, -1, get_ttl },
	[CKPT_IP_PKTINFO] = { IP_PKTINFO },
	[CKPT_IP_RECVTTL] = { IP_RECVTTL },
	[CKPT_IP_RECVTOS] = { IP_RECVTOS },
	[CKPT_IP_RECVOPTS] = { IP_RECVOPTS },
	[CKPT_IP_RETOPTS] = { IP_RETOPTS },
	[CKPT_IP_PASSSEC] = { IP_PASSSEC },
	[CKPT_IP_RECVORIGDSTADDR] = { IP_RECVORIGDSTADDR },
	[CKPT_IP_CHECKSUM] = { IP_CHECKSUM },
	[CKPT_IP_RECVFRAGSIZE] = { IP_RECVFRAGSIZE },
	[CKPT_IP_RECVERR] = { IP_RECVERR },
	[CKPT_IP_RECVERR_RFC4884] = { IP_RECVERR_RFC4884 },
	[CKPT_IP_FREEBIND] = { IP_FREEBIND },
	[CKPT_IP_TRANSPARENT] = { IP_TRANSPARENT },
	[CKPT_IP_BIND_ADDRESS_NO_PORT] = { IP_BIND_ADDRESS_NO_PORT },
	[CKPT_IP_MTU_DISCOVER] = { IP_MTU_DISCOVER, IP_PMTUDISC_WANT },
	[CKPT_IP_MINTTL] = { IP_MINTTL },
	[CKPT_IP_LOCAL_PORT_RANGE] = { IP_LOCAL_PORT_RANGE },
	[CKPT_IP_MULTICAST_TTL] = { IP_MULTICAST_TTL, 1, get_multicast_ttl },
	[CKPT_IP_MULTICAST_LOOP] = { IP_MULTICAST_LOOP, 1 },
	[CKPT_IP_MULTICAST_ALL] = { IP_MULTICAST_ALL, 1 },
	[CKPT_IP_HDRINCL] = { IP_HDRINCL },
	[CKPT_IP_NODEFRAG] = { IP_NODEFRAG },
};

#if IS_BUILTIN(CONFIG_IPV6)

static s64 get_tclass(const struct sock *sk)
{
	u8 own = sk->sk_type == SOCK_STREAM ? INET_ECN_MASK : 0;

	return inet6_sk(sk)->tclass & ~own;
}

static s64 get_hops(const struct sock *sk)
{
	return READ_ONCE(inet6_sk(sk)->hop_limit);
}

static s64 get_multicast_hops(const struct sock *sk)
{
	return sk->sk_type == SOCK_STREAM ? 1 : READ_ONCE(inet6_sk(sk)->mcast_hops);
}

/* What getsockopt(2) tells of is the path's. */
static s64 get_mtu(const struct sock *sk)
{
	return READ_ONCE(inet6_sk(sk)->frag_size);
}

static s64 get_autoflowlabel(const struct sock *sk)
{
	return inet6_test_bit(AUTOFLOWLABEL_SET, sk) ? inet6_test_bit(AUTOFLOWLABEL, sk) : -1;
}

/* Of others they are asked for by the options of IPv4, which are the same. */
static s64 get_raw_hdrincl(const struct sock *sk)
{
	return sk->sk_type == SOCK_RAW && inet_test_bit(HDRINCL, sk);
}

static s64 get_raw_freebind(const struct sock *sk)
{
	return sk->sk_type == SOCK_RAW && inet_test_bit(FREEBIND, sk);
}

static s64 get_raw_transparent(const struct sock *sk)
{
	return sk->sk_type == SOCK_RAW && inet_test_bit(TRANSPARENT, sk);
}

/* One that the kernel made has that of the network namespace, which means nothing to it. */
static s64 get_v6only(const struct sock *sk)
{
	return sk->sk_type != SOCK_RAW && sk->sk_ipv6only;
}

#define NO_PREFERENCES	(IPV6_PREFER_SRC_PUBTMP_DEFAULT | IPV6_PREFER_SRC_HOME)

static const struct option ip6_table[] = {
	[CKPT_IP6_V6ONLY] = { IPV6_V6ONLY, .get = get_v6only },
	[CKPT_IP6_UNICAST_HOPS] = { IPV6_UNICAST_HOPS, -1, get_hops },
	[CKPT_IP6_MULTICAST_HOPS] = { IPV6_MULTICAST_HOPS, 1, get_multicast_hops },
	[CKPT_IP6_MULTICAST_LOOP] = { IPV6_MULTICAST_LOOP, 1 },
	[CKPT_IP6_MULTICAST_ALL] = { IPV6_MULTICAST_ALL, 1 },
	[CKPT_IP6_MTU_DISCOVER] = { IPV6_MTU_DISCOVER, IPV6_PMTUDISC_WANT },
	[CKPT_IP6_TCLASS] = { IPV6_TCLASS, .get = get_tclass },
	[CKPT_IP6_DONTFRAG] = { IPV6_DONTFRAG },
	[CKPT_IP6_AUTOFLOWLABEL] = { IPV6_AUTOFLOWLABEL, -1, get_autoflowlabel },
	[CKPT_IP6_FLOWINFO_SEND] = { IPV6_FLOWINFO_SEND },
	[CKPT_IP6_ADDR_PREFERENCES] = { IPV6_ADDR_PREFERENCES, NO_PREFERENCES },
	[CKPT_IP6_MINHOPCOUNT] = { IPV6_MINHOPCOUNT },
	[CKPT_IP6_RECVERR] = { IPV6_RECVERR },
	[CKPT_IP6_RECVERR_RFC4884] = { IPV6_RECVERR_RFC4884 },
	[CKPT_IP6_RECVPKTINFO] = { IPV6_RECVPKTINFO },
	[CKPT_IP6_RECVHOPLIMIT] = { IPV6_RECVHOPLIMIT },
	[CKPT_IP6_RECVRTHDR] = { IPV6_RECVRTHDR },
	[CKPT_IP6_RECVHOPOPTS] = { IPV6_RECVHOPOPTS },
	[CKPT_IP6_RECVDSTOPTS] = { IPV6_RECVDSTOPTS },
	[CKPT_IP6_RECVTCLASS] = { IPV6_RECVTCLASS },
	[CKPT_IP6_FLOWINFO] = { IPV6_FLOWINFO },
	[CKPT_IP6_RECVPATHMTU] = { IPV6_RECVPATHMTU },
	[CKPT_IP6_RECVORIGDSTADDR] = { IPV6_RECVORIGDSTADDR },
	[CKPT_IP6_RECVFRAGSIZE] = { IPV6_RECVFRAGSIZE },
	[CKPT_IP6_2292PKTINFO] = { IPV6_2292PKTINFO },
	[CKPT_IP6_2292HOPLIMIT] = { IPV6_2292HOPLIMIT },
	[CKPT_IP6_2292RTHDR] = { IPV6_2292RTHDR },
	[CKPT_IP6_2292HOPOPTS] = { IPV6_2292HOPOPTS },
	[CKPT_IP6_2292DSTOPTS] = { IPV6_2292DSTOPTS },
	[CKPT_IP6_ROUTER_ALERT_ISOLATE] = { IPV6_ROUTER_ALERT_ISOLATE },
	[CKPT_IP6_HDRINCL] = { IPV6_HDRINCL, .get = get_raw_hdrincl },
	[CKPT_IP6_FREEBIND] = { IPV6_FREEBIND, .get = get_raw_freebind },
	[CKPT_IP6_TRANSPARENT] = { IPV6_TRANSPARENT, .get = get_raw_transparent },
	[CKPT_IP6_MTU] = { IPV6_MTU, .get = get_mtu },
};

#endif

static s64 get_cork(const struct sock *sk)
{
	return udp_test_bit(CORK, sk);
}

static s64 get_segment(const struct sock *sk)
{
	return READ_ONCE(udp_sk(sk)->gso_size);
}

static s64 get_gro(const struct sock *sk)
{
	return udp_test_bit(GRO_ENABLED, sk);
}

static s64 get_no_check6_tx(const struct sock *sk)
{
	return udp_get_no_check6_tx(sk);
}

static s64 get_no_check6_rx(const struct sock *sk)
{
	return udp_get_no_check6_rx(sk);
}

/* Once asked for, they are so for ever, be it that 0 stands for all of it. */
static s64 get_send_coverage(const struct sock *sk)
{
	return udp_test_bit(UDPLITE_SEND_CC, sk) ? READ_ONCE(udp_sk(sk)->pcslen) : -1;
}

static s64 get_receive_coverage(const struct sock *sk)
{
	return udp_test_bit(UDPLITE_RECV_CC, sk) ? READ_ONCE(udp_sk(sk)->pcrlen) : -1;
}

static const struct option udp_opts[] = {
	[CKPT_UDP_CORK] = { UDP_CORK, .get = get_cork },
	[CKPT_UDP_SEGMENT] = { UDP_SEGMENT, .get = get_segment },
	[CKPT_UDP_GRO] = { UDP_GRO, .get = get_gro },
	[CKPT_UDP_NO_CHECK6_TX] = { UDP_NO_CHECK6_TX, .get = get_no_check6_tx },
	[CKPT_UDP_NO_CHECK6_RX] = { UDP_NO_CHECK6_RX, .get = get_no_check6_rx },
	[CKPT_UDP_SEND_CSCOV] = { UDPLITE_SEND_CSCOV, -1, get_send_coverage },
	[CKPT_UDP_RECV_CSCOV] = { UDPLITE_RECV_CSCOV, -1, get_receive_coverage },
};

/* ---- TCP: what a connection or the machine adds is not asked for -------------------- */

static s64 get_nodelay(const struct sock *sk)
{
	return !!(tcp_sk(sk)->nonagle & TCP_NAGLE_OFF);
}

static s64 get_tcp_cork(const struct sock *sk)
{
	return !!(tcp_sk(sk)->nonagle & TCP_NAGLE_CORK);
}

static s64 get_maxseg(const struct sock *sk)
{
	return READ_ONCE(tcp_sk(sk)->rx_opt.user_mss);
}

static s64 get_keepidle(const struct sock *sk)
{
	return READ_ONCE(tcp_sk(sk)->keepalive_time) / HZ;
}

static s64 get_keepintvl(const struct sock *sk)
{
	return READ_ONCE(tcp_sk(sk)->keepalive_intvl) / HZ;
}

static s64 get_keepcnt(const struct sock *sk)
{
	return READ_ONCE(tcp_sk(sk)->keepalive_probes);
}

static s64 get_syncnt(const struct sock *sk)
{
	return READ_ONCE(inet_csk(sk)->icsk_syn_retries);
}

static s64 get_linger2(const struct sock *sk)
{
	int linger = READ_ONCE(tcp_sk(sk)->linger2);

	return linger < 0 ? -1 : linger / HZ;
}

static const struct option tcp_table[] = {
	[CKPT_TCP_NODELAY] = { TCP_NODELAY, .get = get_nodelay },
	[CKPT_TCP_MAXSEG] = { TCP_MAXSEG, .get = get_maxseg },
	[CKPT_TCP_CORK] = { TCP_CORK, .get = get_tcp_cork },
	[CKPT_TCP_KEEPIDLE] = { TCP_KEEPIDLE, .get = get_keepidle },
	[CKPT_TCP_KEEPINTVL] = { TCP_KEEPINTVL, .get = get_keepintvl },
	[CKPT_TCP_KEEPCNT] = { TCP_KEEPCNT, .get = get_keepcnt },
	[CKPT_TCP_SYNCNT] = { TCP_SYNCNT, .get = get_syncnt },
	[CKPT_TCP_LINGER2] = { TCP_LINGER2, .get = get_linger2 },
	[CKPT_TCP_DEFER_ACCEPT] = { TCP_DEFER_ACCEPT },
	[CKPT_TCP_WINDOW_CLAMP] = { TCP_WINDOW_CLAMP },
	[CKPT_TCP_QUICKACK] = { TCP_QUICKACK, 1 },
	[CKPT_TCP_THIN_LINEAR_TIMEOUTS] = { TCP_THIN_LINEAR_TIMEOUTS },
	[CKPT_TCP_USER_TIMEOUT] = { TCP_USER_TIMEOUT },
	[CKPT_TCP_FASTOPEN] = { TCP_FASTOPEN },
	[CKPT_TCP_FASTOPEN_CONNECT] = { TCP_FASTOPEN_CONNECT },
	[CKPT_TCP_FASTOPEN_NO_COOKIE] = { TCP_FASTOPEN_NO_COOKIE },
	[CKPT_TCP_SAVE_SYN] = { TCP_SAVE_SYN },
	[CKPT_TCP_NOTSENT_LOWAT] = { TCP_NOTSENT_LOWAT },
	[CKPT_TCP_INQ] = { TCP_INQ },
	[CKPT_TCP_TX_DELAY] = { TCP_TX_DELAY },
};

/* ---- the levels ------------------------------------------------------------------ */

static bool is_any(const struct sock *sk)
{
	return true;
}

static bool is_tcp(const struct sock *sk)
{
	return sk_is_tcp(sk);
}

static const struct level {
	int level;
	u16 record;
	u16 nr;
	const struct option *table;
	bool (*has)(const struct sock *sk);
} levels[] = {
	{ SOL_IP, CKPT_REC_IPOPTS, ARRAY_SIZE(ip_table), ip_table, is_any },
#if IS_BUILTIN(CONFIG_IPV6)
	{ SOL_IPV6, CKPT_REC_IP6OPTS, ARRAY_SIZE(ip6_table), ip6_table, ckpt_inet_is_v6 },
#endif
	{ SOL_UDP, CKPT_REC_UDPOPTS, ARRAY_SIZE(udp_opts), udp_opts, ckpt_inet_is_udp },
	{ SOL_TCP, CKPT_REC_TCPOPTS, ARRAY_SIZE(tcp_table), tcp_table, is_tcp },
};

/*
 * One that this kernel does not have is as usual; so are those of IPv4 of raw sockets of
 * IPv6, which nobody can set.
 */
static s64 get(struct sock *sk, const struct level *level, u32 nr)
{
	const struct option *o = &level->table[nr];
	int value = 0, len = sizeof(value), err = -ENOPROTOOPT;

	if (level->level == SOL_IP && ckpt_inet_is_raw6(sk))
		return o->usual;
	if (o->get)
		return o->get(sk);
	if (level->level == SOL_IP)
		err = ksym(do_ip_getsockopt)(sk, SOL_IP, o->option, KERNEL_SOCKPTR(&value),
					     KERNEL_SOCKPTR(&len));
#if IS_BUILTIN(CONFIG_IPV6)
	if (level->level == SOL_IPV6)
		err = ksym(do_ipv6_getsockopt)(sk, SOL_IPV6, o->option,
					       KERNEL_SOCKPTR(&value), KERNEL_SOCKPTR(&len));
#endif
	if (level->level == SOL_TCP)
		err = ksym(do_tcp_getsockopt)(sk, SOL_TCP, o->option, KERNEL_SOCKPTR(&value),
					      KERNEL_SOCKPTR(&len));
	return err ? o->usual : value;
}

#define MOST	64

static int save_level(struct sock *sk, const struct level *level, struct ckpt_writer *w)
{
	struct ckpt_sockopt found[MOST] = {};
	u32 i, nr = 0;
	void *rec;

	for (i = 1; i < level->nr; i++) {
		s64 value = get(sk, level, i);

		if (value == level->table[i].usual)
			continue;
		found[nr].option = cpu_to_le32(i);
		found[nr++].value = cpu_to_le64(value);
	}
	rec = ckpt_add(w, level->record, nr);
	if (!rec)
		return w->error;
	memcpy(ckpt_elems(rec), found, nr * sizeof(*found));
	return 0;
}

int ckpt_inetopts_save(struct sock *sk, struct ckpt_writer *w)
{
	unsigned int i;
	int err = 0;

	static_assert(ARRAY_SIZE(ip_table) <= MOST && ARRAY_SIZE(udp_opts) <= MOST);
	for (i = 0; !err && i < ARRAY_SIZE(levels); i++)
		if (levels[i].has(sk))
			err = save_level(sk, &levels[i], w);
	return err;
}

/* ---- set again --------------------------------------------------------------------- */

static int set(struct socket *sock, const struct level *level, u32 nr, s64 want)
{
	int value = want, err;

	if (value != want)
		return -EINVAL;
	err = do_sock_setsockopt(sock, false, level->level, level->table[nr].option,
				 KERNEL_SOCKPTR(&value), sizeof(value));
	return err ?: get(sock->sk, level, nr) == want ? 0 : -EINVAL;
}

static int restore_level(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock,
			 const struct level *level)
{
	const struct ckpt_sockopt *rec, *end;
	struct ckpt_view view;
	int err = 0;
	u32 i;

	/* Its check has found it there. */
	ckpt_find(item->bytes, item->size, level->record, &view);
	rec = view.elems;
	end = rec + view.count;
	for (i = 1; !err && i < level->nr; i++) {
		s64 want = level->table[i].usual;

		if (rec < end && le32_to_cpu(rec->option) == i)
			want = le64_to_cpu(rec++->value);
		if (get(sock->sk, level, i) == want)
			continue;
		err = set(sock, level, i, want);
		if (err)
			ckpt_restore_err(r, item, "option %d of level %d cannot be set to %lld: %pe",
					 level->table[i].option, level->level, want,
					 ERR_PTR(err));
	}
	return err;
}

int ckpt_inetopts_restore(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < ARRAY_SIZE(levels); i++)
		if (levels[i].has(sock->sk))
			err = restore_level(r, item, sock, &levels[i]);
	return err;
}
