// SPDX-License-Identifier: GPL-2.0-only
/*
 * The queue of a packet socket: copied out packet by packet, and filled again.
 *
 * What is told of each is in its sk_buff and in the control block of that, which has
 * room for an address of any length, and nothing behind: its length is in the schema.
 * References are taken under the lock of the queue, all else is done without
 * (inetqueue.c).
 *
 * Refused: segments that came together, and what has a VLAN tag among its bytes, whose
 * readers look for headers in them. Not kept: the flow hash.
 */
#include <linux/if_packet.h>
#include <linux/if_vlan.h>
#include <linux/skbuff.h>
#include <net/sock.h>

#include "compat/private_net.h"
#include "packet.h"

static struct ckpt_packet_skb_cb *block_of(const struct sk_buff *skb)
{
	return (struct ckpt_packet_skb_cb *)skb->cb;
}

/* Behind what struct sockaddr_ll has of it. */
static u8 *address_of(const struct sk_buff *skb)
{
	static_assert(offsetof(struct sockaddr_ll, sll_addr) + MAX_ADDR_LEN <=
		      sizeof_field(struct sk_buff, cb) - sizeof(struct sock_skb_cb));
	return (u8 *)skb->cb + offsetof(struct sockaddr_ll, sll_addr);
}

/* ---- copied --------------------------------------------------------------------------- */

static const char *obstacle(const struct sk_buff *skb)
{
	int network = skb_network_offset(skb);

	if (skb_is_gso(skb))
		return "a packet of several segments";
	if (eth_type_vlan(skb->protocol))
		return "a packet with a VLAN tag in it";
	if (skb->len > CKPT_PACKET_BYTES)
		return "a packet of more than 128 KiB";
	if (network < 0 || network > skb->len || network > U16_MAX)
		return "a packet that has been cut in its headers";
	return NULL;
}

const char *ckpt_skb_get_sum(const struct sk_buff *skb, struct ckpt_skb_sum *sum)
{
	int start;

	if (skb->ip_summed != CHECKSUM_PARTIAL) {
		sum->kind = skb_csum_unnecessary(skb) ? CKPT_PACKET_SUM_VALID :
							CKPT_PACKET_SUM_UNKNOWN;
		return NULL;
	}
	start = skb_checksum_start_offset(skb);
	if (start < 0 || start + skb->csum_offset > skb->len || start > U16_MAX)
		return "a packet that has been cut in its headers";
	sum->kind = CKPT_PACKET_SUM_MISSING;
	sum->start = cpu_to_le16(start);
	sum->place = cpu_to_le16(skb->csum_offset);
	return NULL;
}

static const char *describe_sum(const struct sk_buff *skb, struct ckpt_packet_message *rec)
{
	struct ckpt_skb_sum sum = {};
	const char *why = ckpt_skb_get_sum(skb, &sum);

	rec->sum = sum.kind;
	rec->sum_start = sum.start;
	rec->sum_place = sum.place;
	return why;
}

/* Return: what of it is not saved, or NULL. */
static const char *describe(const struct sock *sk, struct sk_buff *skb,
			    struct ckpt_packet_message *rec)
{
	const struct sockaddr_ll *ll = &block_of(skb)->ll;
	const char *why = obstacle(skb) ?: describe_sum(skb, rec);

	if (why)
		return why;
	if (ckpt_skb_told_by_device(sk, skb))
		return "a packet with a time stamp of its device";
	rec->len = cpu_to_le32(skb->len);
	rec->whole = cpu_to_le32(block_of(skb)->origlen);
	rec->time = cpu_to_le64(skb->tstamp);
	rec->mark = cpu_to_le32(skb->mark);
	rec->drops = cpu_to_le32(SOCK_SKB_CB(skb)->dropcount);
	rec->protocol = cpu_to_le16(ntohs(skb->protocol));
	rec->hatype = cpu_to_le16(ll->sll_hatype);
	rec->kind = skb->pkt_type;
	rec->halen = min_t(u8, ll->sll_halen, sizeof(rec->addr));
	memcpy(rec->addr, address_of(skb), rec->halen);
	rec->network = cpu_to_le16(skb_network_offset(skb));
	if (skb_vlan_tag_present(skb)) {
		rec->tagged = 1;
		rec->tag = cpu_to_le16(skb_vlan_tag_get(skb));
		rec->tag_protocol = cpu_to_le16(ntohs(skb->vlan_proto));
	}
	return ckpt_device_name(sock_net(sk), ll->sll_ifindex, rec->device) || !ll->sll_ifindex ?
		"a packet of a device that is gone" : NULL;
}

static bool tell(const struct sock *sk, struct sk_buff *skb, void *elem, const char **why)
{
	*why = describe(sk, skb, elem);
	return true;
}

static const struct ckpt_skb_teller teller = {
	.size = sizeof(struct ckpt_packet_message),
	.tell = tell,
};

struct ckpt_inet_queue *ckpt_packet_queue_copy(struct sock *sk, const char **obstacle)
{
	struct ckpt_skbs skbs = {};
	int err = ckpt_skbs_grab(sk, &skbs);

	*obstacle = NULL;
	return err ? ERR_PTR(err) : ckpt_skbs_copy(sk, &skbs, &teller, obstacle);
}

/* ---- filled ------------------------------------------------------------------------------ */

void ckpt_skb_set_sum(struct sk_buff *skb, const struct ckpt_skb_sum *sum)
{
	if (sum->kind == CKPT_PACKET_SUM_VALID)
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	if (sum->kind != CKPT_PACKET_SUM_MISSING)
		return;
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_headroom(skb) + le16_to_cpu(sum->start);
	skb->csum_offset = le16_to_cpu(sum->place);
}

/* Its check has found all places to be in it. */
static void set_headers(struct sk_buff *skb, const struct ckpt_packet_message *rec)
{
	const struct ckpt_skb_sum sum = {
		.kind = rec->sum, .start = rec->sum_start, .place = rec->sum_place,
	};

	skb_reset_mac_header(skb);
	skb_set_network_header(skb, le16_to_cpu(rec->network));
	skb->protocol = htons(le16_to_cpu(rec->protocol));
	skb->pkt_type = rec->kind;
	skb->tstamp = le64_to_cpu(rec->time);
	skb->mark = le32_to_cpu(rec->mark);
	if (rec->tagged)
		__vlan_hwaccel_put_tag(skb, htons(le16_to_cpu(rec->tag_protocol)),
				       le16_to_cpu(rec->tag));
	ckpt_skb_set_sum(skb, &sum);
}

static void set_address(struct sk_buff *skb, const struct ckpt_packet_message *rec, int index)
{
	struct sockaddr_ll *ll = &block_of(skb)->ll;

	ll->sll_ifindex = index;
	ll->sll_hatype = le16_to_cpu(rec->hatype);
	ll->sll_pkttype = rec->kind;
	ll->sll_halen = rec->halen;
	memcpy(address_of(skb), rec->addr, rec->halen);
	block_of(skb)->origlen = le32_to_cpu(rec->whole);
}

static struct sk_buff *make_skb(struct ckpt_restore *r, struct sock *sk, const void *elem)
{
	const struct ckpt_packet_message *rec = elem;
	int index = ckpt_device_index(sock_net(sk), rec->device);
	struct sk_buff *skb;

	if (index <= 0)
		return ERR_PTR(-ENODEV);
	skb = ckpt_skb_alloc(0, le32_to_cpu(rec->len));
	if (IS_ERR(skb))
		return skb;
	ckpt_skb_extend(skb, le32_to_cpu(rec->len));
	set_headers(skb, rec);
	set_address(skb, rec, index);
	return skb;
}

static int put(struct sock *sk, struct sk_buff *skb, const void *elem)
{
	const struct ckpt_packet_message *rec = elem;

	return ckpt_skb_enqueue(sk, skb, le32_to_cpu(rec->drops));
}

static const struct ckpt_skb_maker maker = {
	.record = CKPT_REC_PACKETS,
	.size = sizeof(struct ckpt_packet_message),
	.data = CKPT_TYPE_UDPDATA,
	.make = make_skb,
	.put = put,
};

int ckpt_packet_queue_fill(struct ckpt_restore *r, struct ckpt_item *item, struct sock *sk)
{
	return ckpt_skbs_fill(r, item, sk, &maker);
}
