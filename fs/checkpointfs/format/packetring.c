// SPDX-License-Identifier: GPL-2.0-only
/*
 * The checks of the rings of packet sockets. Pure functions.
 *
 * What is in a ring its program may write, so the kernel trusts none of it. But where the
 * next packet goes it knows by itself, and would write there: that is within the ring.
 */
#include "../object.h"

/* Headers of a block, and of a packet in one, and what a packet there needs at least. */
#define BLOCK_HEADER	48
#define PACKET_HEADER	48
#define PACKET_LEAST	68
#define FRAME_ALIGN	16
#define BLOCK_ALIGN	8

/* As PACKET_VERSION has it; 0 is what it is where nothing has been set. */
#define IN_BLOCKS	2

static bool has_blocks(const void *bytes, size_t size)
{
	const struct ckpt_sockopt *rec;
	struct ckpt_view view;
	u32 i;

	ckpt_find(bytes, size, CKPT_REC_PACKETOPTS, &view);
	rec = view.elems;
	for (i = 0; i < view.count; i++)
		if (le32_to_cpu(rec[i].option) == CKPT_PACKET_VERSION)
			return le64_to_cpu(rec[i].value) == IN_BLOCKS;
	return false;
}

/* Where packets are put one after the other. */
static int check_block(const struct ckpt_check *chk, const struct ckpt_packet_ring *rec)
{
	u32 next = le32_to_cpu(rec->next), last = le32_to_cpu(rec->last);
	u64 start = BLOCK_HEADER + ALIGN((u64)le32_to_cpu(rec->room), BLOCK_ALIGN);
	u32 size = le32_to_cpu(rec->block_size), head = le32_to_cpu(rec->head);

	if (start + PACKET_LEAST > size)
		return ckpt_bad(chk, "a block without room for a packet");
	if (head >= le32_to_cpu(rec->blocks) || head > U16_MAX)
		return ckpt_bad(chk, "a block beyond the end of its ring");
	if (!next)
		return last ? ckpt_bad(chk, "a packet in no block") : 0;
	if (last < start || next < last || next > size ||
	    !IS_ALIGNED(last, BLOCK_ALIGN) || !IS_ALIGNED(next, BLOCK_ALIGN))
		return ckpt_bad(chk, "packets that are not in their block");
	if (next == last ? last != start : next - last < PACKET_HEADER)
		return ckpt_bad(chk, "a packet without its header");
	return 0;
}

static int check_frames(const struct ckpt_check *chk, const struct ckpt_packet_ring *rec,
			u64 frames)
{
	if (le32_to_cpu(rec->head) >= frames)
		return ckpt_bad(chk, "a frame beyond the end of its ring");
	if (rec->flags || rec->room || rec->timeout || rec->next || rec->last || rec->sequence)
		return ckpt_bad(chk, "a ring without blocks that has some");
	return 0;
}

static int check_ring(const struct ckpt_check *chk, const struct ckpt_packet_ring *rec,
		      bool blocks)
{
	u32 size = le32_to_cpu(rec->block_size), frame = le32_to_cpu(rec->frame_size);
	u64 frames;

	if (!size || !rec->blocks || !IS_ALIGNED(size, CKPT_PAGE_SIZE))
		return ckpt_bad(chk, "a ring that is no whole number of pages");
	if (!frame || frame > size || !IS_ALIGNED(frame, FRAME_ALIGN))
		return ckpt_bad(chk, "frames of a size that none have");
	frames = (u64)(size / frame) * le32_to_cpu(rec->blocks);
	if (frames > U32_MAX)
		return ckpt_bad(chk, "a ring of too many frames");
	if (blocks && le32_to_cpu(rec->kind) == CKPT_PACKET_RING_RX)
		return check_block(chk, rec);
	return check_frames(chk, rec, frames);
}

int ckpt_check_packet_rings(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size)
{
	bool blocks = has_blocks(bytes, size);
	u64 sum = 0, stored = 0;
	struct ckpt_cursor cur;
	struct ckpt_view view;
	u32 last = 0;
	int ret = 0;

	ckpt_cursor_init(&cur, bytes, size);
	while (!ret && ckpt_next(&cur, &view) > 0) {
		const struct ckpt_packet_ring *rec = view.body;

		if (view.type != CKPT_REC_PACKETRING)
			continue;
		if (le32_to_cpu(rec->kind) <= last)
			return ckpt_bad(chk, "rings that do not ascend");
		last = le32_to_cpu(rec->kind);
		/* Below 2^63 each. */
		sum += (u64)le32_to_cpu(rec->block_size) * le32_to_cpu(rec->blocks);
		ret = check_ring(chk, rec, blocks);
	}
	if (ret)
		return ret;
	chk->bytes(chk->priv, CKPT_TYPE_PACKETRING, id, &stored);
	return sum == stored ? 0 : ckpt_bad(chk, "not as many bytes as its rings have");
}
