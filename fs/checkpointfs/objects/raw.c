// SPDX-License-Identifier: GPL-2.0-only
/*
 * Raw and ping sockets of IPv4 and IPv6.
 *
 * An open file and its socket, whose address, peer, options and devices are as those
 * of others (inetsock.c), with the packets that had come when it was collected
 * (inetqueue.c). What comes afterwards is lost, as the network may lose it.
 *
 * A raw socket is made by the kernel's own socket(2), so by a writer with CAP_NET_RAW,
 * a ping socket by one of a group of ping_group_range; its port is the identifier of
 * what it sends. A raw socket has the number of its protocol instead, and hears from
 * its first moment on: it is made deaf until its queue is filled, and all else is
 * as it was. One that was connected, and is not any more, remains deaf.
 *
 * Refused: who gets packets with a router alert (IP_ROUTER_ALERT), and who routes
 * multicast packets for the machine.
 */
#include "../object.h"

#ifdef __KERNEL__

#include <linux/file.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ipv6.h>
#include <linux/mroute_base.h>
#include <linux/skbuff.h>
#include <linux/sockptr.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>
#include <net/raw.h>
#include <net/sock.h>

#include "../compat/ksyms.h"
#include "../inet.h"

static bool is_raw(const struct sock *sk)
{
	return sk->sk_type == SOCK_RAW;
}

static bool raw_match(struct file *file)
{
	const struct sock *sk = ckpt_inet_of(file);

	if (!sk)
		return false;
	return is_raw(sk) || ckpt_inet_match(file, SOCK_DGRAM, IPPROTO_ICMP) ||
	       ckpt_inet_match(file, SOCK_DGRAM, IPPROTO_ICMPV6);
}

/* ---- saved ------------------------------------------------------------------------------ */

/* Who routes is among those who get router alerts, and has not asked for that. */
static bool routes_v4(const struct sock *sk)
{
	const struct ip_ra_chain *ra;

	guard(rcu)();
	for (ra = rcu_dereference(sock_net(sk)->ipv4.ra_chain); ra;
	     ra = rcu_dereference(ra->next))
		if (ra->sk == sk)
			return true;
	return raw_sk(sk)->ipmr_table;
}

static bool routes_v6(const struct sock *sk)
{
	bool found = false;
#if IS_BUILTIN(CONFIG_IPV6) && defined(CONFIG_IPV6_MROUTE)
	const struct mr_table *table;

	guard(rcu)();
#ifdef CONFIG_IPV6_MROUTE_MULTIPLE_TABLES
	list_for_each_entry_rcu(table, &sock_net(sk)->ipv6.mr6_tables, list)
		found |= rcu_access_pointer(table->mroute_sk) == sk;
#else
	table = sock_net(sk)->ipv6.mrt6;
	found = table && rcu_access_pointer(table->mroute_sk) == sk;
#endif
	found |= !!raw6_sk(sk)->ip6mr_table;
#endif
	return found;
}

/* Of IPv6 the bit that getsockopt(2) tells is not set for all of them. */
static bool hears_alerts(const struct sock *sk)
{
#if IS_BUILTIN(CONFIG_IPV6)
	const struct ip6_ra_chain *ra;

	if (ckpt_inet_is_v6(sk)) {
		guard(read_lock_irq)(&ksym_data(ip6_ra_lock));
		for (ra = ksym_data(ip6_ra_chain); ra; ra = ra->next)
			if (ra->sk == sk)
				return true;
	}
#endif
	return inet_test_bit(RTALERT, sk);
}

/* Bound to a group, after an address of which it still sends. */
static bool sends_from_another(const struct sock *sk)
{
#if IS_BUILTIN(CONFIG_IPV6)
	return ckpt_inet_is_v6(sk) && ipv6_addr_is_multicast(&sk->sk_v6_rcv_saddr) &&
	       !ipv6_addr_any(&inet6_sk(sk)->saddr);
#else
	return false;
#endif
}

static const char *obstacle(const struct sock *sk)
{
	if (!skb_queue_empty_lockless(&sk->sk_write_queue))
		return "a packet that is not complete (MSG_MORE)";
	if (!is_raw(sk))
		return NULL;
	if (hears_alerts(sk))
		return "a raw socket with IP_ROUTER_ALERT";
	if (ckpt_inet_is_v6(sk) ? routes_v6(sk) : routes_v4(sk))
		return "a raw socket of multicast routing";
	if (sends_from_another(sk))
		return "a raw socket that is bound to a group, and sends from an address";
	return NULL;
}

static int raw_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	return ckpt_inet_queue_collect(c, obj, obstacle(sock_from_file(obj->ptr)->sk));
}

static void save_filter(const struct sock *sk, struct ckpt_raw *rec)
{
	__le32 words[8] = {};

	static_assert(sizeof(words) == sizeof(rec->filter));
	if (sk->sk_family == AF_INET && sk->sk_protocol == IPPROTO_ICMP)
		words[0] = cpu_to_le32(READ_ONCE(raw_sk(sk)->filter.data));
#if IS_BUILTIN(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6 && sk->sk_protocol == IPPROTO_ICMPV6) {
		unsigned int i;

		static_assert(sizeof(struct icmp6_filter) == sizeof(words));
		for (i = 0; i < ARRAY_SIZE(words); i++)
			words[i] = cpu_to_le32(READ_ONCE(raw6_sk(sk)->filter.data[i]));
	}
#endif
	memcpy(rec->filter, words, sizeof(words));
}

static int raw_save(struct ckpt_collect *c, struct ckpt_object *obj, struct ckpt_writer *w)
{
	const struct sock *sk = sock_from_file(obj->ptr)->sk;
	int err = ckpt_inet_queue_save(c, obj, w);
	struct ckpt_raw *rec;

	if (err)
		return err;
	rec = ckpt_add(w, CKPT_REC_RAW, 0);
	if (!rec)
		return w->error;
	rec->kind = cpu_to_le32(is_raw(sk) ? CKPT_RAW_RAW : CKPT_RAW_PING);
	rec->protocol = cpu_to_le32(sk->sk_protocol);
	if (is_raw(sk))
		save_filter(sk, rec);
#if IS_BUILTIN(CONFIG_IPV6)
	if (ckpt_inet_is_raw6(sk) && raw6_sk(sk)->checksum) {
		rec->flags = cpu_to_le32(CKPT_RAW_CHECKSUM);
		rec->checksum = cpu_to_le32(raw6_sk(sk)->offset);
	}
#endif
	return 0;
}

static void raw_release(struct ckpt_object *obj)
{
	ckpt_inet_queue_put(obj->priv);
}

/* ---- made again ------------------------------------------------------------------------- */

static int set(struct socket *sock, int level, int option, void *value, int len)
{
	return do_sock_setsockopt(sock, false, level, option, KERNEL_SOCKPTR(value), len);
}

static int set_filter(struct socket *sock, const struct ckpt_raw *rec)
{
	__le32 words[8];
	u32 filter[8], i;

	memcpy(words, rec->filter, sizeof(words));
	for (i = 0; i < ARRAY_SIZE(words); i++)
		filter[i] = le32_to_cpu(words[i]);
	if (sock->sk->sk_family == AF_INET && le32_to_cpu(rec->protocol) == IPPROTO_ICMP)
		return set(sock, SOL_RAW, ICMP_FILTER, filter, sizeof(filter[0]));
	if (sock->sk->sk_family == AF_INET6 && le32_to_cpu(rec->protocol) == IPPROTO_ICMPV6)
		return set(sock, SOL_ICMPV6, ICMPV6_FILTER, filter, sizeof(filter));
	return 0;
}

static int set_checksum(struct socket *sock, const struct ckpt_raw *rec)
{
	int place = le32_to_cpu(rec->flags) & CKPT_RAW_CHECKSUM ? le32_to_cpu(rec->checksum) : -1;

	if (!ckpt_inet_is_raw6(sock->sk))
		return 0;
	return set(sock, SOL_RAW, IPV6_CHECKSUM, &place, sizeof(place));
}

/* What has come until now is nothing of the image's. */
static void make_deaf(struct sock *sk)
{
	sk->sk_prot->unhash(sk);
	synchronize_rcu_expedited();
	skb_queue_purge(&sk->sk_receive_queue);
	skb_queue_purge(&sk->sk_error_queue);
}

/*
 * @port: is it found by that? Of a raw socket it was not while it was made; a ping socket
 * has got one with its address.
 */
static int hear(struct sock *sk, bool port)
{
	int err = 0;

	lock_sock(sk);
	if (!port) {
		sk->sk_prot->unhash(sk);
		inet_sk(sk)->inet_sport = 0;
	} else if (is_raw(sk)) {
		err = sk->sk_prot->hash(sk);
	}
	release_sock(sk);
	return err;
}

static int make(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock,
		const struct ckpt_raw *rec)
{
	const struct ckpt_inet *inet = ckpt_item_body(item, CKPT_REC_INET);
	int err;

	if (is_raw(sock->sk)) {
		make_deaf(sock->sk);
		err = set_filter(sock, rec) ?: set_checksum(sock, rec);
		if (err) {
			ckpt_restore_err(r, item, "its filter or checksum cannot be set: %pe",
					 ERR_PTR(err));
			return err;
		}
	}
	err = ckpt_inet_queue_fill(r, item, sock->sk);
	if (!err)
		err = ckpt_inet_bind(r, item, sock);
	if (!err)
		err = ckpt_inet_connect(r, item, sock);
	if (err)
		return err;
	ckpt_inet_finish(item, sock);
	return hear(sock->sk, le32_to_cpu(inet->flags) & CKPT_INET_PORT);
}

static void *raw_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_raw *rec = ckpt_item_body(item, CKPT_REC_RAW);
	bool raw = le32_to_cpu(rec->kind) == CKPT_RAW_RAW;
	struct file *file = ckpt_inet_create(r, item, raw ? SOCK_RAW : SOCK_DGRAM,
					     le32_to_cpu(rec->protocol));
	int err;

	if (IS_ERR(file))
		return file;
	err = make(r, item, sock_from_file(file), rec);
	if (!err)
		return file;
	fput(file);
	return ERR_PTR(err);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_raw_ops = {
	.type = CKPT_TYPE_RAW,
	.name = "raw socket",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE,
	.records = { CKPT_REC_FILE, CKPT_REC_INET, CKPT_REC_INET_DEVICES, CKPT_REC_IPOPTS,
		     CKPT_REC_IP6OPTS, CKPT_REC_SOCKOPTS, CKPT_REC_SOCKFILTER,
		     CKPT_REC_DATAGRAMS, CKPT_REC_RAW, CKPT_REC_INET_SOURCES,
		     CKPT_REC_INET_HEADERS },
	.max_size = 64 << 20,
	.check = ckpt_check_raw,
	CKPT_KERNEL(.match = raw_match, .async = ckpt_inet_async,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = raw_collect, .save = raw_save, .release = raw_release,
		    .restore = raw_restore, .drop = ckpt_file_put)
};
