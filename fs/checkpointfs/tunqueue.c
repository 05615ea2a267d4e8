// SPDX-License-Identifier: GPL-2.0-only
/*
 * What has been sent to a device of tun and waits to be read: copied out packet by packet,
 * and put into the ring of a new descriptor.
 *
 * References are taken under the lock of who reads from the ring, which no reader
 * leaves it without; all else is done without, while more may come (inetqueue.c). A
 * packet that has been read is behind the head of the ring, and may stand there
 * for a while.
 *
 * Refused: frames that an XDP program of another device has sent there. Not kept: hashes,
 * marks and what else is of no interest to who reads.
 */
#include <linux/if_tun.h>
#include <linux/if_vlan.h>
#include <linux/ptr_ring.h>
#include <linux/skbuff.h>
#include <linux/slab.h>

#include "packet.h"
#include "tun.h"

/* ---- copied --------------------------------------------------------------------------- */

/* As many as there is room for. Return: how many there are, or too many. */
static u32 grab(struct ptr_ring *ring, struct ckpt_skbs *skbs, const char **why)
{
	u32 nr = 0;
	int at, left;

	spin_lock_bh(&ring->consumer_lock);
	at = ring->consumer_head;
	for (left = ring->size - (at - ring->consumer_tail); left > 0; left--) {
		void *ptr = READ_ONCE(ring->queue[at]);

		if (!ptr || nr > CKPT_TUN_PACKETS)
			break;
		if (tun_is_xdp_frame(ptr))
			*why = "a frame that an XDP program has sent";
		else if (skbs->nr < skbs->room)
			skbs->vec[skbs->nr++] = skb_get(ptr);
		nr++;
		at = at + 1 < ring->size ? at + 1 : 0;
	}
	spin_unlock_bh(&ring->consumer_lock);
	return nr;
}

/* How many there are is known under the lock only, where no memory can be had. */
static int grab_all(struct ptr_ring *ring, struct ckpt_skbs *skbs, const char **why)
{
	skbs->room = grab(ring, skbs, why);
	if (skbs->room > CKPT_TUN_PACKETS)
		*why = "more than 65536 packets in a queue";
	if (!skbs->room || *why)
		return 0;
	skbs->vec = kvcalloc(skbs->room, sizeof(*skbs->vec), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!skbs->vec)
		return -ENOMEM;
	grab(ring, skbs, why);
	return 0;
}

static const char *describe_segments(const struct sk_buff *skb, struct ckpt_tun_packet *rec)
{
	const struct skb_shared_info *info = skb_shinfo(skb);

	if (!skb_is_gso(skb))
		return NULL;
	if (info->gso_type & SKB_GSO_TCPV4)
		rec->segments = CKPT_TUN_TCP4;
	else if (info->gso_type & SKB_GSO_TCPV6)
		rec->segments = CKPT_TUN_TCP6;
	else if (info->gso_type & SKB_GSO_UDP_L4)
		rec->segments = CKPT_TUN_UDP;
	else
		return "a packet of segments of another kind";
	rec->ecn = rec->segments != CKPT_TUN_UDP && info->gso_type & SKB_GSO_TCP_ECN;
	rec->segment = cpu_to_le16(info->gso_size);
	rec->headers = cpu_to_le32(min_t(u32, skb_headlen(skb), CKPT_TUN_HEADERS));
	return NULL;
}

/* Return: what of it is not saved, or NULL. */
static const char *describe(const struct sk_buff *skb, struct ckpt_tun_packet *rec)
{
	struct ckpt_skb_sum sum = {};
	const char *why = ckpt_skb_get_sum(skb, &sum) ?: describe_segments(skb, rec);

	if (skb->len > CKPT_PACKET_BYTES)
		why = "a packet of more than 128 KiB";
	rec->len = cpu_to_le32(skb->len);
	rec->protocol = cpu_to_le16(ntohs(skb->protocol));
	rec->sum = sum.kind;
	rec->sum_start = sum.start;
	rec->sum_place = sum.place;
	if (skb_vlan_tag_present(skb)) {
		rec->tagged = 1;
		rec->tag = cpu_to_le16(skb_vlan_tag_get(skb));
		rec->tag_protocol = cpu_to_le16(ntohs(skb->vlan_proto));
	}
	return why;
}

static bool tell(const struct sock *sk, struct sk_buff *skb, void *elem, const char **why)
{
	*why = describe(skb, elem);
	return true;
}

static const struct ckpt_skb_teller teller = {
	.size = sizeof(struct ckpt_tun_packet),
	.tell = tell,
};

struct ckpt_inet_queue *ckpt_tun_queue_copy(struct ckpt_tun_file *tfile, const char **obstacle)
{
	struct ckpt_skbs skbs = {};
	int err;

	*obstacle = NULL;
	err = grab_all(&tfile->tx_ring, &skbs, obstacle);
	return err ? ERR_PTR(err) : ckpt_skbs_copy(&tfile->sk, &skbs, &teller, obstacle);
}

/* ---- filled ------------------------------------------------------------------------------ */

static void set_segments(struct sk_buff *skb, const struct ckpt_tun_packet *rec)
{
	static const unsigned int types[] = {
		[CKPT_TUN_TCP4] = SKB_GSO_TCPV4,
		[CKPT_TUN_TCP6] = SKB_GSO_TCPV6,
		[CKPT_TUN_UDP] = SKB_GSO_UDP_L4,
	};
	struct skb_shared_info *info = skb_shinfo(skb);

	if (rec->segments == CKPT_TUN_WHOLE)
		return;
	info->gso_type = types[rec->segments] | (rec->ecn ? SKB_GSO_TCP_ECN : 0);
	info->gso_size = le16_to_cpu(rec->segment);
}

/* How many of its bytes are in one piece: of segments, who reads is told so (hdr_len). */
static u32 linear_of(const struct ckpt_tun_packet *rec)
{
	u32 len = le32_to_cpu(rec->len);

	if (rec->segments)
		return le32_to_cpu(rec->headers);
	return len <= CKPT_TUN_HEADERS ? len : 0;
}

static struct sk_buff *make_skb(struct ckpt_restore *r, struct sock *sk, const void *elem)
{
	const struct ckpt_tun_packet *rec = elem;
	u32 linear = linear_of(rec), rest = le32_to_cpu(rec->len) - linear;
	const struct ckpt_skb_sum sum = {
		.kind = rec->sum, .start = rec->sum_start, .place = rec->sum_place,
	};
	struct sk_buff *skb = ckpt_skb_alloc_parts(linear, rest);

	if (IS_ERR(skb))
		return skb;
	skb_put(skb, linear);
	skb->data_len = rest;
	skb->len += rest;
	skb_reset_mac_header(skb);
	skb->protocol = htons(le16_to_cpu(rec->protocol));
	if (rec->tagged)
		__vlan_hwaccel_put_tag(skb, htons(le16_to_cpu(rec->tag_protocol)),
				       le16_to_cpu(rec->tag));
	ckpt_skb_set_sum(skb, &sum);
	set_segments(skb, rec);
	return skb;
}

static int put(struct sock *sk, struct sk_buff *skb, const void *elem)
{
	return ptr_ring_produce_bh(&container_of(sk, struct ckpt_tun_file, sk)->tx_ring, skb);
}

static const struct ckpt_skb_maker maker = {
	.record = CKPT_REC_TUN,
	.size = sizeof(struct ckpt_tun_packet),
	.data = CKPT_TYPE_UDPDATA,
	.make = make_skb,
	.put = put,
};

int ckpt_tun_queue_fill(struct ckpt_restore *r, struct ckpt_item *item)
{
	return ckpt_skbs_fill(r, item, &ckpt_tun_of(item->made)->sk, &maker);
}
