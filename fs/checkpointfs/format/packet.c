// SPDX-License-Identifier: GPL-2.0-only
/*
 * The checks of packet sockets. Pure functions.
 *
 * Where headers and sums are, the kernel adds to pointers later: it has to be in the packet.
 */
#include "../object.h"

static bool is_zero(const u8 *bytes, size_t size)
{
	return !memchr_inv(bytes, 0, size);
}

static int check_member(const struct ckpt_check *chk, const struct ckpt_packet_member *rec)
{
	u32 len = le32_to_cpu(rec->len);

	if (!rec->count)
		return ckpt_bad(chk, "asked for by nobody");
	if (!rec->device[0])
		return ckpt_bad(chk, "a device without a name");
	return is_zero(rec->addr + len, sizeof(rec->addr) - len) ?
		0 : ckpt_bad(chk, "an address that is too long");
}

static bool is_tag(u32 protocol)
{
	return protocol == CKPT_PACKET_8021Q || protocol == CKPT_PACKET_8021AD;
}

static int check_message(const struct ckpt_check *chk, const struct ckpt_packet_message *rec)
{
	u32 len = le32_to_cpu(rec->len);

	if (!is_zero(rec->addr + rec->halen, sizeof(rec->addr) - rec->halen))
		return ckpt_bad(chk, "an address that is too long");
	if (is_tag(le16_to_cpu(rec->protocol)))
		return ckpt_bad(chk, "a packet with a tag in it");
	if (rec->tagged ? !is_tag(le16_to_cpu(rec->tag_protocol)) :
			  rec->tag || rec->tag_protocol)
		return ckpt_bad(chk, "not a tag");
	if (le16_to_cpu(rec->network) > len)
		return ckpt_bad(chk, "a header behind its packet");
	if (rec->sum != CKPT_PACKET_SUM_MISSING && (rec->sum_start || rec->sum_place))
		return ckpt_bad(chk, "a place of a sum that is not missing");
	if ((u32)le16_to_cpu(rec->sum_start) + le16_to_cpu(rec->sum_place) > len)
		return ckpt_bad(chk, "a sum behind its packet");
	return rec->device[0] ? 0 : ckpt_bad(chk, "a device without a name");
}

/* Of the socket @id. */
static int check_queue(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size)
{
	const struct ckpt_packet_message *rec;
	struct ckpt_view view;
	u64 sum = 0, stored = 0;
	int ret;
	u32 i;

	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_PACKETS, &view);
	if (ret)
		return ret;
	rec = view.elems;
	for (i = 0; !ret && i < view.count; i++) {
		ret = check_message(chk, rec + i);
		sum += le32_to_cpu(rec[i].len);
		ckpt_relax();
	}
	if (ret)
		return ret;
	chk->bytes(chk->priv, CKPT_TYPE_UDPDATA, id, &stored);
	return sum == stored ? 0 : ckpt_bad(chk, "not as many bytes as its packets say");
}

/* Of the one whose turn it is, or that had room, there are groups only that ask. */
static int check_group(const struct ckpt_check *chk, const void *bytes, size_t size,
		       const struct ckpt_packet *sock)
{
	const struct ckpt_packet_group *rec;
	struct ckpt_view view;
	u32 share, flags;
	int ret;

	if (!ckpt_find(bytes, size, CKPT_REC_PACKETGROUP, &view))
		return 0;
	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_PACKETGROUP, &view);
	if (ret)
		return ret;
	rec = view.body;
	share = le32_to_cpu(rec->share);
	flags = le32_to_cpu(rec->flags);
	if (!sock->protocol || le32_to_cpu(sock->flags) & CKPT_PACKET_DOWN)
		return ckpt_bad(chk, "in a group, and hears nothing");
	if (le32_to_cpu(rec->place) >= le32_to_cpu(rec->most))
		return ckpt_bad(chk, "a place that its group does not have");
	if (rec->turn && share != CKPT_PACKET_SHARE_TURN)
		return ckpt_bad(chk, "a turn where nobody takes one");
	if (share != CKPT_PACKET_SHARE_FULL && !(flags & CKPT_PACKET_GROUP_ROLLOVER) &&
	    (rec->other || rec->moved || rec->moved_huge || rec->failed))
		return ckpt_bad(chk, "packets of another where nobody is asked");
	if (share == CKPT_PACKET_SHARE_FULL && flags & CKPT_PACKET_GROUP_ROLLOVER)
		return ckpt_bad(chk, "another is asked in two ways");
	return 0;
}

int ckpt_check_packet(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size)
{
	const struct ckpt_packet *rec;
	const struct ckpt_packet_member *member;
	struct ckpt_view view;
	int ret;
	u32 i;

	ret = ckpt_check_unnamed(chk, bytes, size, CKPT_O_RDWR);
	if (!ret)
		ret = ckpt_check_once(chk, bytes, size, CKPT_REC_PACKET, &view);
	if (ret)
		return ret;
	rec = view.body;
	if (!S_ISSOCK(le32_to_cpu(rec->mode)))
		return ckpt_bad(chk, "not the mode of a socket");
	if (le32_to_cpu(rec->flags) & CKPT_PACKET_DOWN && (!rec->device[0] || !rec->protocol))
		return ckpt_bad(chk, "told of a device that it does not hear");
	member = view.elems;
	for (i = 0; !ret && i < view.count; i++)
		ret = check_member(chk, member + i);
	if (!ret)
		ret = ckpt_check_options(chk, bytes, size, CKPT_REC_PACKETOPTS);
	if (!ret)
		ret = check_queue(chk, id, bytes, size);
	if (!ret)
		ret = ckpt_check_packet_rings(chk, id, bytes, size);
	if (!ret)
		ret = check_group(chk, bytes, size, rec);
	return ret ?: ckpt_check_sockopts(chk, bytes, size);
}
