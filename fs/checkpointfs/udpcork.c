// SPDX-License-Identifier: GPL-2.0-only
/*
 * A datagram that a UDP socket has not sent yet, since there is more to come (UDP_CORK,
 * MSG_MORE): its bytes, and to whom it goes.
 *
 * It is begun again as the program has begun it, by sending all of its bytes and more to
 * come. To whom it goes and from where is looked at afterwards: the kernel chooses a route
 * then. What a message of the program has asked for beside this is refused but for how far the
 * datagram goes; so is a datagram to many, whose device might be of its own choice.
 *
 * All this is under the lock of the socket, which nobody outside has who could hold that for as
 * long as he likes.
 */
#include <linux/net.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/udp.h>
#include <linux/uio.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/udp.h>

#include "inet.h"

/* ---- saved ------------------------------------------------------------------------------ */

int ckpt_udpcork_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct ckpt_inet_queue *queue = obj->priv;

	if (!READ_ONCE(udp_sk(sock_from_file(obj->ptr)->sk)->pending))
		return 0;
	if (!queue) {
		queue = kzalloc(sizeof(*queue), GFP_KERNEL_ACCOUNT);
		if (!queue)
			return -ENOMEM;
		refcount_set(&queue->ref, 1);
		obj->priv = queue;
	}
	queue->corked = true;
	if (queue->size)
		return 0;
	return PTR_ERR_OR_ZERO(ckpt_collect_id(c, CKPT_TYPE_UDPDATA, queue, obj->id));
}

/* What messages and options have asked for, until now, but for what the record tells. */
static bool is_plain(const struct sock *sk)
{
	const struct inet_cork *cork = &inet_sk(sk)->cork.base;

	return !cork->opt && !(cork->flags & IPCORK_OPT) && !cork->tx_flags &&
	       !cork->transmit_time && cork->mark == READ_ONCE(sk->sk_mark) &&
	       cork->gso_size == READ_ONCE(udp_sk(sk)->gso_size) && inet_sk(sk)->inet_sport;
}

static bool is_plain_v4(const struct sock *sk)
{
	const struct inet_cork *cork = &inet_sk(sk)->cork.base;
	const struct rtable *rt = dst_rtable(cork->dst);

	return is_plain(sk) && cork->tos == -1 && rt &&
	       !(rt->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)) &&
	       !ipv4_is_multicast(inet_sk(sk)->cork.fl.u.ip4.daddr);
}

static void describe_v4(const struct sock *sk, struct ckpt_udpcork *rec)
{
	const struct flowi4 *fl4 = &inet_sk(sk)->cork.fl.u.ip4;

	rec->family = cpu_to_le32(CKPT_INET_IPV4);
	memcpy(rec->from, &fl4->saddr, sizeof(fl4->saddr));
	memcpy(rec->to, &fl4->daddr, sizeof(fl4->daddr));
	rec->to_port = cpu_to_le16(ntohs(fl4->fl4_dport));
	rec->ttl = inet_sk(sk)->cork.base.ttl;
}

#if IS_BUILTIN(CONFIG_IPV6)

static bool is_plain_v6(const struct sock *sk)
{
	const struct ipv6_pinfo *np = inet6_sk(sk);
	const struct flowi6 *fl6 = &inet_sk(sk)->cork.fl.u.ip6;

	return is_plain(sk) && !np->cork.opt && np->cork.tclass == np->tclass &&
	       np->cork.dontfrag == inet6_test_bit(DONTFRAG, sk) &&
	       !(fl6->flowlabel & IPV6_FLOWLABEL_MASK) &&
	       !(ipv6_addr_type(&fl6->daddr) & (IPV6_ADDR_MULTICAST | IPV6_ADDR_LINKLOCAL));
}

static void describe_v6(const struct sock *sk, struct ckpt_udpcork *rec)
{
	const struct flowi6 *fl6 = &inet_sk(sk)->cork.fl.u.ip6;

	rec->family = cpu_to_le32(CKPT_INET_IPV6);
	memcpy(rec->from, &fl6->saddr, sizeof(fl6->saddr));
	memcpy(rec->to, &fl6->daddr, sizeof(fl6->daddr));
	rec->to_port = cpu_to_le16(ntohs(fl6->fl6_dport));
	rec->ttl = inet6_sk(sk)->cork.hop_limit;
}

#else

static bool is_plain_v6(const struct sock *sk)
{
	return false;
}

static void describe_v6(const struct sock *sk, struct ckpt_udpcork *rec)
{
}

#endif

/* Return: false: it is one that cannot be saved. */
static bool describe(const struct sock *sk, struct ckpt_udpcork *rec)
{
	if (udp_sk(sk)->pending == AF_INET) {
		if (!is_plain_v4(sk))
			return false;
		describe_v4(sk, rec);
	} else {
		if (!is_plain_v6(sk))
			return false;
		describe_v6(sk, rec);
	}
	return true;
}

/* The first piece begins with room for UDP's header, each with that for IP's. */
static int copy_pieces(struct sock *sk, u8 *to, u32 left)
{
	u32 header = sizeof(struct udphdr);
	struct sk_buff *skb;

	skb_queue_walk(&sk->sk_write_queue, skb) {
		u32 offset = skb_transport_offset(skb) + header, len = skb->len - offset;
		int err;

		if (skb->len < offset || len > left)
			return -EUCLEAN;
		err = skb_copy_bits(skb, offset, to, len);
		if (err)
			return err;
		to += len;
		left -= len;
		header = 0;
	}
	return left ? -EUCLEAN : 0;
}

/* Behind the datagrams that have come. Return: 0, -ENOMEM, or -EUCLEAN: it cannot be saved. */
static int copy(struct sock *sk, struct ckpt_inet_queue *queue)
{
	u32 len = udp_sk(sk)->len - sizeof(struct udphdr);
	u8 *bytes;
	int err;

	if (len > CKPT_UDPCORK_BYTES || !describe(sk, &queue->cork))
		return -EUCLEAN;
	bytes = kvmalloc(queue->size + len, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!bytes)
		return -ENOMEM;
	err = copy_pieces(sk, bytes + queue->size, len);
	if (err) {
		kvfree(bytes);
		return err;
	}
	if (queue->size)
		memcpy(bytes, queue->bytes, queue->size);
	kvfree(queue->bytes);
	queue->bytes = bytes;
	queue->size += len;
	queue->cork.len = cpu_to_le32(len);
	return 0;
}

int ckpt_udpcork_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct sock *sk = sock_from_file(obj->ptr)->sk;
	struct ckpt_inet_queue *queue = obj->priv;
	char who[CKPT_WHO_MAX];
	int err = 0;

	/* Whoever has it outside, too, is refused. */
	if (ckpt_file_shared(c, obj))
		return 0;
	lock_sock(sk);
	if (!udp_sk(sk)->pending) {
		if (queue)
			queue->corked = false;
	} else {
		/* By one who has gone since then, it may have been begun meanwhile. */
		err = queue && queue->corked ? copy(sk, queue) : -EUCLEAN;
	}
	release_sock(sk);
	if (!err || err == -ENOMEM)
		return err;
	ckpt_refuse(c, "%s: a datagram that is not complete (UDP_CORK, MSG_MORE) cannot be saved",
		    ckpt_who(c, obj->ptr, who, sizeof(who)));
	return 0;
}

int ckpt_udpcork_save(const struct ckpt_inet_queue *queue, struct ckpt_writer *w)
{
	struct ckpt_udpcork *rec;

	if (!queue || !queue->corked)
		return 0;
	rec = ckpt_add(w, CKPT_REC_UDPCORK, 0);
	if (!rec)
		return w->error;
	*rec = queue->cork;
	return 0;
}

/* ---- begun again -------------------------------------------------------------------------- */

static int make_name(const struct ckpt_udpcork *rec, struct sockaddr_storage *to)
{
	struct sockaddr_in6 *to6 = (struct sockaddr_in6 *)to;
	struct sockaddr_in *to4 = (struct sockaddr_in *)to;

	*to = (struct sockaddr_storage){};
	if (le32_to_cpu(rec->family) == CKPT_INET_IPV4) {
		to4->sin_family = AF_INET;
		to4->sin_port = htons(le16_to_cpu(rec->to_port));
		memcpy(&to4->sin_addr, rec->to, sizeof(to4->sin_addr));
		return sizeof(*to4);
	}
	to6->sin6_family = AF_INET6;
	to6->sin6_port = htons(le16_to_cpu(rec->to_port));
	memcpy(&to6->sin6_addr, rec->to, sizeof(to6->sin6_addr));
	return sizeof(*to6);
}

/* With room for whatever there was. */
static int send(struct socket *sock, const struct ckpt_udpcork *rec, void *bytes)
{
	struct kvec vec = { .iov_base = bytes, .iov_len = le32_to_cpu(rec->len) };
	struct msghdr msg = { .msg_flags = MSG_MORE | MSG_DONTWAIT | MSG_NOSIGNAL };
	int sndbuf = READ_ONCE(sock->sk->sk_sndbuf), n;
	struct sockaddr_storage to;

	msg.msg_namelen = make_name(rec, &to);
	msg.msg_name = &to;
	WRITE_ONCE(sock->sk->sk_sndbuf, SZ_16M);
	n = kernel_sendmsg(sock, &msg, &vec, 1, vec.iov_len);
	WRITE_ONCE(sock->sk->sk_sndbuf, sndbuf);
	return n == vec.iov_len ? 0 : n < 0 ? n : -EIO;
}

/* Does it go where it went, from where it came? Then also as far. */
static int settle(struct sock *sk, const struct ckpt_udpcork *rec)
{
	struct ckpt_udpcork now = { .len = rec->len };
	int err = -EADDRNOTAVAIL;

	lock_sock(sk);
	if (udp_sk(sk)->pending && describe(sk, &now)) {
		now.ttl = rec->ttl;
		if (!memcmp(&now, rec, sizeof(now)))
			err = 0;
	}
	if (!err && udp_sk(sk)->pending == AF_INET)
		inet_sk(sk)->cork.base.ttl = rec->ttl;
#if IS_BUILTIN(CONFIG_IPV6)
	else if (!err)
		inet6_sk(sk)->cork.hop_limit = rec->ttl;
#endif
	release_sock(sk);
	return err;
}

/* Behind what has come. Its check has found as many bytes there. */
static int read_bytes(struct ckpt_restore *r, const struct ckpt_item *item, void *bytes, u32 len)
{
	struct ckpt_item *data = ckpt_item(ckpt_restore_img(r), CKPT_TYPE_UDPDATA, item->id);
	struct kvec vec = { .iov_base = bytes, .iov_len = len };
	const struct ckpt_datagram *datagram;
	struct ckpt_view view;
	struct iov_iter to;
	loff_t pos = 0;
	ssize_t n;
	u32 i;

	if (!len)
		return 0;
	ckpt_find(item->bytes, item->size, CKPT_REC_DATAGRAMS, &view);
	for (i = 0, datagram = view.elems; i < view.count; i++)
		pos += le32_to_cpu(datagram[i].len);
	iov_iter_kvec(&to, ITER_DEST, &vec, 1, len);
	n = ckpt_content_read(data->content, pos, &to);
	return n == len ? 0 : n < 0 ? n : -EUCLEAN;
}

int ckpt_udpcork_restore(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock)
{
	const struct ckpt_udpcork *rec;
	struct ckpt_view view;
	void *bytes;
	int err;

	if (!ckpt_find(item->bytes, item->size, CKPT_REC_UDPCORK, &view))
		return 0;
	rec = view.body;
	bytes = kvmalloc(max_t(u32, le32_to_cpu(rec->len), 1), GFP_KERNEL_ACCOUNT);
	if (!bytes)
		return -ENOMEM;
	err = read_bytes(r, item, bytes, le32_to_cpu(rec->len)) ?: send(sock, rec, bytes) ?:
	      settle(sock->sk, rec);
	kvfree(bytes);
	if (err)
		ckpt_restore_err(r, item, "its datagram that is not complete cannot be had: %pe",
				 ERR_PTR(err));
	return err;
}
