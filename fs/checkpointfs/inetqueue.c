// SPDX-License-Identifier: GPL-2.0-only
/*
 * The queue of a UDP, raw or ping socket: copied out datagram by datagram, and filled
 * again.
 *
 * UDP has two, for readers and for what comes, whose locks are taken in this
 * order; under them references are taken, and all else is done without, while
 * more may come. A datagram that is not what its checksum says is left out, as
 * whoever receives would do. Each is put back with a header of its own, made of
 * the fields that can be read of it, into a socket that nobody else has; as with
 * a raw socket, one may say then who has sent it. What a raw socket of IPv4 reads
 * begins with the header itself, which the image has in its bytes: it is looked at
 * before the kernel does so.
 *
 * Not kept: the label of a security module (IP_PASSSEC).
 */
#include <linux/capability.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/sizes.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/udp.h>
#include <net/dsfield.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/udp.h>

#include "inet.h"

/* ---- copied --------------------------------------------------------------------------- */

static void grab(struct ckpt_skbs *skbs, struct sk_buff_head *queue)
{
	struct sk_buff *skb;

	skb_queue_walk(queue, skb)
		if (skbs->nr < skbs->room)
			skbs->vec[skbs->nr++] = skb_get(skb);
}

static u32 grab_incoming(struct sock *sk, struct ckpt_skbs *skbs)
{
	u32 nr;

	spin_lock_bh(&sk->sk_receive_queue.lock);
	nr = skb_queue_len(&sk->sk_receive_queue);
	grab(skbs, &sk->sk_receive_queue);
	spin_unlock_bh(&sk->sk_receive_queue.lock);
	return nr;
}

/* As many as there is room for. Return: how many there are. */
static u32 grab_all(struct sock *sk, struct ckpt_skbs *skbs)
{
	struct sk_buff_head *reader;
	u32 nr;

	if (!ckpt_inet_is_udp(sk))
		return grab_incoming(sk, skbs);
	reader = &udp_sk(sk)->reader_queue;
	spin_lock_bh(&reader->lock);
	spin_lock(&sk->sk_receive_queue.lock);
	nr = skb_queue_len(reader) + skb_queue_len(&sk->sk_receive_queue);
	grab(skbs, reader);
	grab(skbs, &sk->sk_receive_queue);
	spin_unlock(&sk->sk_receive_queue.lock);
	spin_unlock_bh(&reader->lock);
	return nr;
}

/* Return: the index of the device by which it came, 0: not known. */
static int describe_v4(const struct sk_buff *skb, struct ckpt_datagram *rec)
{
	const struct in_pktinfo *info = PKTINFO_SKB_CB(skb);
	const struct iphdr *ip = ip_hdr(skb);

	rec->family = cpu_to_le32(CKPT_INET_IPV4);
	memcpy(rec->from, &ip->saddr, sizeof(ip->saddr));
	memcpy(rec->to, &ip->daddr, sizeof(ip->daddr));
	memcpy(rec->spec_dst, &info->ipi_spec_dst, sizeof(info->ipi_spec_dst));
	rec->ttl = ip->ttl;
	rec->tos = ip->tos;
	rec->fragment = cpu_to_le16(IPCB(skb)->frag_max_size);
	return info->ipi_ifindex;
}

static int describe_v6(const struct sk_buff *skb, struct ckpt_datagram *rec)
{
	const struct ipv6hdr *ip = ipv6_hdr(skb);

	rec->family = cpu_to_le32(CKPT_INET_IPV6);
	memcpy(rec->from, &ip->saddr, sizeof(ip->saddr));
	memcpy(rec->to, &ip->daddr, sizeof(ip->daddr));
	rec->ttl = ip->hop_limit;
	rec->tos = ipv6_get_dsfield(ip);
	rec->flow = cpu_to_le32(ntohl(ip6_flowlabel(ip)));
	rec->fragment = cpu_to_le16(IP6CB(skb)->frag_max_size);
	return IP6CB(skb)->iif;
}

static bool is_v6(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IPV6);
}

static const char *obstacle(const struct sock *sk, struct sk_buff *skb)
{
	if (ckpt_inet_is_udp(sk) && skb_is_gso(skb))
		return "datagrams that came together (UDP_GRO)";
	if (skb->len > U16_MAX)
		return "a packet of more than 64 KiB";
	if (ckpt_skb_told_by_device(sk, skb))
		return "a datagram with a time stamp of its device";
	if (!is_v6(skb))
		return ip_hdr(skb)->ihl == 5 ? NULL : "IP options of a datagram";
	if (ipv6_hdr(skb)->nexthdr != sk->sk_protocol)
		return "extension headers of a datagram";
	return IP6CB(skb)->flags & IP6SKB_L3SLAVE ? "a datagram of a VRF" : NULL;
}

/* Return: what of it is not saved, or NULL. */
static const char *describe(const struct sock *sk, struct sk_buff *skb,
			    struct ckpt_datagram *rec)
{
	const char *why = obstacle(sk, skb);
	int index;

	if (why)
		return why;
	index = is_v6(skb) ? describe_v6(skb, rec) : describe_v4(skb, rec);
	rec->len = cpu_to_le32(skb->len);
	rec->time = cpu_to_le64(skb->tstamp);
	if (ckpt_inet_is_udp(sk)) {
		rec->from_port = cpu_to_le16(ntohs(udp_hdr(skb)->source));
		rec->to_port = cpu_to_le16(ntohs(udp_hdr(skb)->dest));
	}
	rec->mark = cpu_to_le32(skb->mark);
	rec->drops = cpu_to_le32(SOCK_SKB_CB(skb)->dropcount);
	return ckpt_device_name(sock_net(sk), index, rec->device) ?
		"a datagram of a device that is gone" : NULL;
}

/* Whoever reads from the others gets what is not, too. */
static bool is_sound(const struct sock *sk, struct sk_buff *skb)
{
	if (ckpt_inet_is_udp(sk))
		return !udp_lib_checksum_complete(skb);
	return !ckpt_inet_is_raw6(sk) || skb_csum_unnecessary(skb) ||
	       !__skb_checksum_complete(skb);
}

static bool tell(const struct sock *sk, struct sk_buff *skb, void *elem, const char **why)
{
	if (!is_sound(sk, skb))
		return false;
	*why = describe(sk, skb, elem);
	return true;
}

static const struct ckpt_skb_teller teller = {
	.size = sizeof(struct ckpt_datagram),
	.tell = tell,
};

/* How many there are is known under the locks only, where no memory can be had. */
int ckpt_skbs_grab(struct sock *sk, struct ckpt_skbs *skbs)
{
	skbs->room = grab_all(sk, skbs);
	if (!skbs->room)
		return 0;
	skbs->vec = kvcalloc(skbs->room, sizeof(*skbs->vec), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!skbs->vec)
		return -ENOMEM;
	grab_all(sk, skbs);
	return 0;
}

/* As ckpt_skbs_copy(). */
static struct ckpt_inet_queue *copy_queue(struct sock *sk, const char **why)
{
	struct ckpt_skbs skbs = {};
	int err = ckpt_skbs_grab(sk, &skbs);

	if (err)
		return ERR_PTR(err);
	*why = skbs.nr && inet_test_bit(CHECKSUM, sk) ?
		"a checksum that has not been read (IP_CHECKSUM)" : NULL;
	return ckpt_skbs_copy(sk, &skbs, &teller, why);
}

int ckpt_inet_queue_collect(struct ckpt_collect *c, struct ckpt_object *obj, const char *why)
{
	struct ckpt_inet_queue *queue;
	const char *queued;
	int err;

	queue = copy_queue(sock_from_file(obj->ptr)->sk, &queued);
	if (IS_ERR(queue))
		return PTR_ERR(queue);
	obj->priv = queue;
	err = ckpt_inet_collect(c, obj, queued ?: why);
	if (!err && queue && queue->size)
		err = PTR_ERR_OR_ZERO(ckpt_collect_id(c, CKPT_TYPE_UDPDATA, queue, obj->id));
	return err;
}

int ckpt_inet_queue_save(struct ckpt_collect *c, struct ckpt_object *obj, struct ckpt_writer *w)
{
	const struct ckpt_inet_queue *queue = obj->priv;
	u32 nr = queue ? queue->nr : 0;
	int err = ckpt_inet_save(c, obj, w);
	void *rec;

	if (err)
		return err;
	rec = ckpt_add(w, CKPT_REC_DATAGRAMS, nr);
	if (!rec)
		return w->error;
	if (nr)
		memcpy(ckpt_elems(rec), queue->elems, nr * sizeof(struct ckpt_datagram));
	return 0;
}

/* ---- filled ------------------------------------------------------------------------------ */

/* As long as a header of either sort, and UDP's. */
#define HEADERS	(sizeof(struct ipv6hdr) + sizeof(struct udphdr))
/* Of what is longer the bytes are in pages of their own. */
#define LINEAR	2048

struct sk_buff *ckpt_skb_alloc_parts(u32 linear, u32 paged)
{
	struct sk_buff *skb;
	int err;

	skb = alloc_skb_with_frags(linear, paged, PAGE_ALLOC_COSTLY_ORDER, &err, GFP_KERNEL);
	/* That is what is said when there is no memory. */
	return skb ?: ERR_PTR(err == -ENOBUFS ? -ENOMEM : err);
}

struct sk_buff *ckpt_skb_alloc(u32 headers, u32 len)
{
	u32 linear = len <= LINEAR ? len : 0;

	return ckpt_skb_alloc_parts(headers + linear, len - linear);
}

void ckpt_skb_extend(struct sk_buff *skb, u32 len)
{
	u32 linear = len <= LINEAR ? len : 0;

	skb_put(skb, linear);
	skb->data_len = len - linear;
	skb->len = len;
}

static void put_v4(struct sk_buff *skb, int protocol, const struct ckpt_datagram *rec,
		   int index)
{
	struct iphdr *ip = skb_put_zero(skb, sizeof(*ip));

	ip->version = 4;
	ip->ihl = 5;
	ip->ttl = rec->ttl;
	ip->tos = rec->tos;
	ip->protocol = protocol;
	memcpy(&ip->saddr, rec->from, sizeof(ip->saddr));
	memcpy(&ip->daddr, rec->to, sizeof(ip->daddr));
	skb->protocol = htons(ETH_P_IP);
	IPCB(skb)->frag_max_size = le16_to_cpu(rec->fragment);
	PKTINFO_SKB_CB(skb)->ipi_ifindex = index;
	memcpy(&PKTINFO_SKB_CB(skb)->ipi_spec_dst, rec->spec_dst, sizeof(rec->spec_dst));
}

static void put_v6(struct sk_buff *skb, int protocol, const struct ckpt_datagram *rec,
		   int index)
{
	struct ipv6hdr *ip = skb_put_zero(skb, sizeof(*ip));

	ip6_flow_hdr(ip, rec->tos, htonl(le32_to_cpu(rec->flow)));
	ip->hop_limit = rec->ttl;
	ip->nexthdr = protocol;
	memcpy(&ip->saddr, rec->from, sizeof(ip->saddr));
	memcpy(&ip->daddr, rec->to, sizeof(ip->daddr));
	skb->protocol = htons(ETH_P_IPV6);
	IP6CB(skb)->frag_max_size = le16_to_cpu(rec->fragment);
	IP6CB(skb)->iif = index;
}

static void put_udp(struct sk_buff *skb, const struct ckpt_datagram *rec)
{
	struct udphdr *udp = skb_put_zero(skb, sizeof(*udp));
	u32 len = le32_to_cpu(rec->len) + sizeof(*udp);

	udp->source = htons(le16_to_cpu(rec->from_port));
	udp->dest = htons(le16_to_cpu(rec->to_port));
	udp->len = htons(min_t(u32, len, U16_MAX));
}

static void put_headers(const struct sock *sk, struct sk_buff *skb,
			const struct ckpt_datagram *rec, int index)
{
	skb_reset_network_header(skb);
	if (le32_to_cpu(rec->family) == CKPT_INET_IPV4)
		put_v4(skb, sk->sk_protocol, rec, index);
	else
		put_v6(skb, sk->sk_protocol, rec, index);
	skb_set_transport_header(skb, skb->len);
	if (ckpt_inet_is_udp(sk))
		put_udp(skb, rec);
	__skb_pull(skb, skb->len);
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb->mark = le32_to_cpu(rec->mark);
	skb->tstamp = le64_to_cpu(rec->time);
}

/* How much of its headers whoever reads from the socket gets. */
static u32 header_read(const struct sock *sk)
{
	return sk->sk_type == SOCK_RAW && sk->sk_family == AF_INET ? sizeof(struct iphdr) : 0;
}

static struct sk_buff *make_skb(struct ckpt_restore *r, struct sock *sk, const void *elem)
{
	const struct ckpt_datagram *rec = elem;
	u32 header = header_read(sk), len = le32_to_cpu(rec->len) - header;
	int index = ckpt_device_index(sock_net(sk), rec->device);
	struct sk_buff *skb;

	if (index < 0)
		return ERR_PTR(index);
	skb = ckpt_skb_alloc(HEADERS, len);
	if (IS_ERR(skb))
		return skb;
	put_headers(sk, skb, rec, index);
	ckpt_skb_extend(skb, len);
	/* Its check has seen to it that they are in its length. */
	__skb_push(skb, header);
	return skb;
}

/*
 * UDP has all of it charged. Others have nothing but their buffer for a limit, which may
 * have been made smaller since: so to as much as the writer could have given them.
 */
static bool has_room(const struct sock *sk)
{
	int room = min_t(u32, READ_ONCE(sysctl_rmem_max), SZ_512M) * 2;
	int used = atomic_read(&sk->sk_rmem_alloc);

	if (ckpt_inet_is_udp(sk) || used < max(sk->sk_rcvbuf, room))
		return true;
	return used < SZ_1G && ns_capable(sock_net(sk)->user_ns, CAP_NET_ADMIN);
}

/* With the limits and the count of drops that it was received with. */
int ckpt_skb_enqueue(struct sock *sk, struct sk_buff *skb, u32 drops)
{
	int rcvbuf = sk->sk_rcvbuf, err;

	if (!has_room(sk))
		return -ENOBUFS;
	WRITE_ONCE(sk->sk_rcvbuf, INT_MAX);
	atomic_set(&sk->sk_drops, drops);
	/* Its callers are softirqs. */
	local_bh_disable();
	err = ckpt_inet_is_udp(sk) ? __udp_enqueue_schedule_skb(sk, skb) :
				     __sock_queue_rcv_skb(sk, skb);
	local_bh_enable();
	WRITE_ONCE(sk->sk_rcvbuf, rcvbuf);
	return err == -ENOBUFS ? -ENOMEM : err;
}

/* Is it a header that the kernel can read, and that its record tells of? */
static bool is_header(const struct sock *sk, const struct iphdr *ip,
		      const struct ckpt_datagram *rec)
{
	return ip->version == 4 && ip->ihl == 5 && ip->protocol == sk->sk_protocol &&
	       ip->ttl == rec->ttl && ip->tos == rec->tos &&
	       !memcmp(&ip->saddr, rec->from, sizeof(ip->saddr)) &&
	       !memcmp(&ip->daddr, rec->to, sizeof(ip->daddr));
}

/* The header is in one piece. */
static int put(struct sock *sk, struct sk_buff *skb, const void *elem)
{
	const struct ckpt_datagram *rec = elem;

	if (header_read(sk) && !is_header(sk, (const void *)skb->data, rec))
		return -EUCLEAN;
	return ckpt_skb_enqueue(sk, skb, le32_to_cpu(rec->drops));
}

static const struct ckpt_skb_maker maker = {
	.record = CKPT_REC_DATAGRAMS,
	.size = sizeof(struct ckpt_datagram),
	.data = CKPT_TYPE_UDPDATA,
	.make = make_skb,
	.put = put,
};

int ckpt_inet_queue_fill(struct ckpt_restore *r, struct ckpt_item *item, struct sock *sk)
{
	if (ckpt_skbs_there(item, &maker) && !ns_capable(sock_net(sk)->user_ns, CAP_NET_RAW)) {
		ckpt_restore_err(r, item, "may not have datagrams that others have sent");
		return -EPERM;
	}
	return ckpt_skbs_fill(r, item, sk, &maker);
}

void ckpt_inet_queue_trim(const struct ckpt_item *item, struct sock *sk)
{
	struct sk_buff_head *queue = &udp_sk(sk)->reader_queue, others;
	struct sk_buff *skb, *next;
	struct ckpt_view view;

	ckpt_find(item->bytes, item->size, CKPT_REC_DATAGRAMS, &view);
	__skb_queue_head_init(&others);
	spin_lock_bh(&queue->lock);
	spin_lock(&sk->sk_receive_queue.lock);
	skb_queue_splice_tail_init(&sk->sk_receive_queue, queue);
	spin_unlock(&sk->sk_receive_queue.lock);
	skb_queue_walk_safe(queue, skb, next) {
		if (view.count) {
			view.count--;
			continue;
		}
		__skb_unlink(skb, queue);
		__skb_queue_tail(&others, skb);
	}
	skb_queue_walk(&others, skb)
		udp_skb_destructor(sk, skb);
	spin_unlock_bh(&queue->lock);
	__skb_queue_purge(&others);
}
