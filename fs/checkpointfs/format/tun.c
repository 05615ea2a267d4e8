// SPDX-License-Identifier: GPL-2.0-only
/*
 * The checks of descriptors of /dev/net/tun. Pure functions.
 *
 * Which of them are attached to the same device is told by their references; that each
 * place among these is taken once is found out when they are attached again.
 */
#include "../object.h"

#define TUN_OPEN_FLAGS	(CKPT_O_FLAGS & ~(CKPT_O_PATH | CKPT_O_DIRECTORY | CKPT_O_TMPFILE))

/* The least there is, of which TUNSETVNETHDRSZ allows no less. */
#define LEAST_HEADER	10
#define LEAST_MTU	68

static bool is_zero(const u8 *bytes, size_t size)
{
	return !memchr_inv(bytes, 0, size);
}

/* ---- packets ---------------------------------------------------------------------------- */

static bool is_tag(u32 protocol)
{
	return protocol == CKPT_PACKET_8021Q || protocol == CKPT_PACKET_8021AD;
}

static int check_segments(const struct ckpt_check *chk, const struct ckpt_tun_packet *rec)
{
	u32 len = le32_to_cpu(rec->len), headers = le32_to_cpu(rec->headers);

	if (rec->segments == CKPT_TUN_WHOLE)
		return rec->segment || rec->headers || rec->ecn ?
			ckpt_bad(chk, "segments of what has none") : 0;
	if (!rec->segment || headers > len)
		return ckpt_bad(chk, "not segments of it");
	return rec->ecn && rec->segments == CKPT_TUN_UDP ?
		ckpt_bad(chk, "a flag of TCP") : 0;
}

static int check_packet(const struct ckpt_check *chk, const struct ckpt_tun_packet *rec)
{
	u32 len = le32_to_cpu(rec->len);

	if (!len)
		return ckpt_bad(chk, "a packet without bytes");
	if (rec->tagged ? !is_tag(le16_to_cpu(rec->tag_protocol)) :
			  rec->tag || rec->tag_protocol)
		return ckpt_bad(chk, "not a tag");
	if (rec->sum != CKPT_PACKET_SUM_MISSING && (rec->sum_start || rec->sum_place))
		return ckpt_bad(chk, "a place of a sum that is not missing");
	if ((u32)le16_to_cpu(rec->sum_start) + le16_to_cpu(rec->sum_place) > len)
		return ckpt_bad(chk, "a sum behind its packet");
	return check_segments(chk, rec);
}

/* What waits in the queue @id. */
static int check_packets(const struct ckpt_check *chk, u64 id, const struct ckpt_view *queue)
{
	const struct ckpt_tun *tun = queue->body;
	const struct ckpt_tun_packet *rec = queue->elems;
	u64 sum = 0, stored = 0;
	int ret = 0;
	u32 i;

	if (queue->count && (!tun->first || tun->flags))
		return ckpt_bad(chk, "packets of what gets none");
	for (i = 0; !ret && i < queue->count; i++) {
		ret = check_packet(chk, rec + i);
		sum += le32_to_cpu(rec[i].len);
		ckpt_relax();
	}
	if (ret)
		return ret;
	chk->bytes(chk->priv, CKPT_TYPE_UDPDATA, id, &stored);
	return sum == stored ? 0 : ckpt_bad(chk, "not as many bytes as its packets say");
}

/* ---- addresses -------------------------------------------------------------------------- */

static int check_v4(const struct ckpt_check *chk, const struct ckpt_tun_addr *rec)
{
	if (le32_to_cpu(rec->prefix) > 32 || !is_zero(rec->addr + 4, sizeof(rec->addr) - 4) ||
	    !is_zero(rec->peer + 4, sizeof(rec->peer) - 4))
		return ckpt_bad(chk, "an address that is too long");
	if (le32_to_cpu(rec->flags) & ~CKPT_ADDR_NOPREFIXROUTE || !rec->label[0])
		return ckpt_bad(chk, "not an address of IPv4");
	return 0;
}

static int check_v6(const struct ckpt_check *chk, const struct ckpt_tun_addr *rec)
{
	return rec->scope || rec->label[0] || !is_zero(rec->broadcast, sizeof(rec->broadcast)) ?
		ckpt_bad(chk, "not an address of IPv6") : 0;
}

static int check_addresses(const struct ckpt_check *chk, const struct ckpt_view *device)
{
	const struct ckpt_tun_device *of = device->body;
	const struct ckpt_tun_addr *rec = device->elems;
	u32 i, last = CKPT_INET_IPV4;
	int ret = 0;

	for (i = 0; !ret && i < device->count; i++, rec++) {
		u32 family = le32_to_cpu(rec->family);

		if (family < last)
			return ckpt_bad(chk, "addresses in the wrong order");
		last = family;
		if (is_zero(rec->addr, sizeof(rec->addr)))
			return ckpt_bad(chk, "an address that is none");
		if (!rec->valid || le32_to_cpu(rec->preferred) > le32_to_cpu(rec->valid))
			return ckpt_bad(chk, "an address that is used longer than there is one");
		ret = family == CKPT_INET_IPV4 ? check_v4(chk, rec) : check_v6(chk, rec);
		ckpt_relax();
	}
	if (!ret && last == CKPT_INET_IPV6 && !of->addresses)
		return ckpt_bad(chk, "an address of IPv6 without IPv6");
	return ret;
}

/* ---- devices ---------------------------------------------------------------------------- */

static int check_filter(const struct ckpt_check *chk, const struct ckpt_tun_device *rec)
{
	u32 exact = le32_to_cpu(rec->exact);
	u64 hashed = le64_to_cpu(rec->hashed);

	if (exact && le32_to_cpu(rec->kind) != CKPT_TUN_ETHERNET)
		return ckpt_bad(chk, "a filter of what cannot have one");
	/* What comes behind the exact ones is hashed: all of it, or what is there is full. */
	if (exact < CKPT_TUN_EXACT && hashed && (!exact || hashed != U64_MAX))
		return ckpt_bad(chk, "a filter that cannot be");
	return is_zero(rec->filter + 6 * exact, sizeof(rec->filter) - 6 * exact) ?
		0 : ckpt_bad(chk, "addresses of a filter that it does not have");
}

/* A name with a '%' in it is a pattern, of which nobody knows what it becomes. */
static int check_link(const struct ckpt_check *chk, const struct ckpt_tun_device *rec)
{
	bool tap = le32_to_cpu(rec->kind) == CKPT_TUN_ETHERNET;

	if (!rec->name[0] || memchr(rec->name, '%', sizeof(rec->name)))
		return ckpt_bad(chk, "not the name of a device");
	if (!rec->index || le32_to_cpu(rec->mtu) < LEAST_MTU)
		return ckpt_bad(chk, "a device that cannot be");
	if (tap ? is_zero(rec->hwaddr, sizeof(rec->hwaddr)) || rec->hwaddr[0] & 1 :
		  !is_zero(rec->hwaddr, sizeof(rec->hwaddr)))
		return ckpt_bad(chk, "not its hardware address");
	return 0;
}

static int check_device(const struct ckpt_check *chk, const struct ckpt_view *view)
{
	const struct ckpt_tun_device *rec = view->body;
	u32 flags = le32_to_cpu(rec->flags), queues = le32_to_cpu(rec->queues);
	bool tap = le32_to_cpu(rec->kind) == CKPT_TUN_ETHERNET;
	int ret;

	if (!queues || (queues > 1 && !(flags & CKPT_TUN_MULTI_QUEUE)))
		return ckpt_bad(chk, "not as many queues as there may be");
	if (flags & CKPT_TUN_NAPI_FRAGS && (!tap || !(flags & CKPT_TUN_NAPI)))
		return ckpt_bad(chk, "fragments without NAPI");
	if ((rec->owner && !(flags & CKPT_TUN_OWNER)) || (rec->group && !(flags & CKPT_TUN_GROUP)))
		return ckpt_bad(chk, "an owner that it does not have");
	if (rec->offload && !(flags & CKPT_TUN_ASKED))
		return ckpt_bad(chk, "offloads that nobody has asked for");
	if (flags & CKPT_TUN_UNREADY && !(flags & CKPT_TUN_NO_CARRIER))
		return ckpt_bad(chk, "a device that waits for a carrier that it has");
	if (flags & CKPT_TUN_THERE && !(flags & CKPT_TUN_PERSIST))
		return ckpt_bad(chk, "a device that is there though it does not last");
	if (le32_to_cpu(rec->header) < LEAST_HEADER)
		return ckpt_bad(chk, "a header that is too short");
	ret = check_filter(chk, rec);
	if (!ret)
		ret = check_link(chk, rec);
	return ret ?: check_addresses(chk, view);
}

/* ---- descriptors ------------------------------------------------------------------------ */

static int check_queue(const struct ckpt_check *chk, u64 id, const struct ckpt_tun *rec,
		       bool has_device)
{
	const struct ckpt_tun_device *device;
	u64 first = le64_to_cpu(rec->first);
	bool is_first = first == id;
	struct ckpt_view view;

	if (!rec->sndbuf)
		return ckpt_bad(chk, "no room for what is sent");
	if (has_device != is_first)
		return ckpt_bad(chk, "a device of somebody else");
	if (!first)
		return rec->flags || rec->place ? ckpt_bad(chk, "a queue without a device") : 0;
	device = ckpt_check_record(chk, CKPT_TYPE_TUN, first, CKPT_REC_TUN_DEVICE, &view);
	if (!device || rec->index || le32_to_cpu(rec->place) >= le32_to_cpu(device->queues))
		return ckpt_bad(chk, "not a queue of its device");
	if (has_device && rec->place)
		return ckpt_bad(chk, "a device of who is not the first");
	return rec->flags && !(le32_to_cpu(device->flags) & CKPT_TUN_MULTI_QUEUE) ?
		ckpt_bad(chk, "the only queue of its device, detached") : 0;
}

static int check_file(const struct ckpt_check *chk, const void *bytes, size_t size)
{
	const struct ckpt_device *dev;
	const struct ckpt_file *file;
	struct ckpt_view view;
	int ret;

	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_DEVICE, &view);
	if (ret)
		return ret;
	dev = view.body;
	if (le32_to_cpu(dev->major) != CKPT_TUN_MAJOR || le32_to_cpu(dev->minor) != CKPT_TUN_MINOR)
		return ckpt_bad(chk, "another device");
	/* There, once and in front: ckpt_check_file() has seen to that. */
	ckpt_find(bytes, size, CKPT_REC_FILE, &view);
	file = view.body;
	if (file->pos)
		return ckpt_bad(chk, "a position of what has none");
	return ckpt_check_named(chk, bytes, size, S_IFCHR, TUN_OPEN_FLAGS);
}

int ckpt_check_tun(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size)
{
	struct ckpt_view queue, device;
	bool has_device;
	int ret;

	ret = check_file(chk, bytes, size);
	if (!ret)
		ret = ckpt_check_once(chk, bytes, size, CKPT_REC_TUN, &queue);
	if (ret)
		return ret;
	has_device = ckpt_find(bytes, size, CKPT_REC_TUN_DEVICE, &device);
	if (has_device)
		ret = ckpt_check_once(chk, bytes, size, CKPT_REC_TUN_DEVICE, &device) ?:
		      check_device(chk, &device);
	if (!ret)
		ret = check_queue(chk, id, queue.body, has_device);
	return ret ?: check_packets(chk, id, &queue);
}
