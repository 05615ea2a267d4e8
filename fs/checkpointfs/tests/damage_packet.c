// SPDX-License-Identifier: GPL-2.0-only
/*
 * Wrong packet sockets and tun devices.
 */
#include "damage.h"

#define FRAMES(s)	BODY(s, PACKET, 95, PACKET, packet)
#define FRAME(s)	ELEMS(s, PACKET, 95, PACKETS, packet_message)
#define PROMISC(s)	ELEMS(s, PACKET, 95, PACKET, packet_member)
DAMAGED(frames_type, FRAMES(s)->type = 0)
DAMAGED(frames_protocol, FRAMES(s)->protocol = cpu_to_le32(0x10000))
DAMAGED(frames_mode, FRAMES(s)->mode = cpu_to_le32(0100777))
DAMAGED(frames_device, memset(FRAMES(s)->device, 'x', 16))
DAMAGED(frames_flags, FRAMES(s)->flags = cpu_to_le32(CKPT_PACKET_FLAGS + 1))
DAMAGED(frames_down, FRAMES(s)->flags = cpu_to_le32(CKPT_PACKET_DOWN);
	memset(FRAMES(s)->device, 0, 16))
DAMAGED(frames_option, ELEMS(s, PACKET, 95, PACKETOPTS, sockopt)->option = cpu_to_le32(12))
DAMAGED(promisc_kind, PROMISC(s)->kind = cpu_to_le32(5))
DAMAGED(promisc_none, PROMISC(s)->count = 0)
DAMAGED(promisc_often, PROMISC(s)->count = cpu_to_le32(1025))
DAMAGED(promisc_long, PROMISC(s)->len = cpu_to_le32(33))
DAMAGED(promisc_address, PROMISC(s)->addr[0] = 1)
DAMAGED(promisc_device, memset(PROMISC(s)->device, 0, 16))
DAMAGED(frame_long, FRAME(s)->len = cpu_to_le32(0x20001))
DAMAGED(frame_bytes, FRAME(s)->len = cpu_to_le32(41))
DAMAGED(frame_kind, FRAME(s)->kind = 8)
DAMAGED(frame_halen, FRAME(s)->halen = 33)
DAMAGED(frame_address, FRAME(s)->halen = 5)
DAMAGED(frame_header, FRAME(s)->network = cpu_to_le16(41))
DAMAGED(frame_sum, FRAME(s)->sum = 3)
DAMAGED(frame_sum_there, FRAME(s)->sum = CKPT_PACKET_SUM_VALID)
DAMAGED(frame_sum_behind, FRAME(s)->sum_place = cpu_to_le16(7))
DAMAGED(frame_tag, FRAME(s)->tag_protocol = cpu_to_le16(0x800))
DAMAGED(frame_untagged, FRAME(s)->tagged = 0)
DAMAGED(frame_tagged_twice, FRAME(s)->tagged = 2)
DAMAGED(frame_tag_in_it, FRAME(s)->protocol = cpu_to_le16(0x8100))
DAMAGED(frame_device, memset(FRAME(s)->device, 0, 16))
DAMAGED(frame_data, sample_remove(s, CKPT_TYPE_UDPDATA, 95))
DAMAGED(frame_alone, sample_remove(s, CKPT_TYPE_PACKET, 95))
#define BLOCKS(s)	BODY(s, PACKET, 95, PACKETRING, packet_ring)
DAMAGED(blocks_kind, BLOCKS(s)->kind = cpu_to_le32(3))
DAMAGED(blocks_order, BLOCKS(s)->kind = cpu_to_le32(CKPT_PACKET_RING_TX))
DAMAGED(blocks_size, BLOCKS(s)->block_size = cpu_to_le32(2 * CKPT_PAGE_SIZE))
DAMAGED(blocks_size_odd, BLOCKS(s)->block_size = cpu_to_le32(CKPT_PAGE_SIZE + 16))
DAMAGED(blocks_size_none, BLOCKS(s)->block_size = 0)
DAMAGED(blocks_none, BLOCKS(s)->blocks = 0)
DAMAGED(blocks_many, BLOCKS(s)->blocks = cpu_to_le32(3))
DAMAGED(blocks_frame, BLOCKS(s)->frame_size = cpu_to_le32(2040))
DAMAGED(blocks_frame_none, BLOCKS(s)->frame_size = 0)
DAMAGED(blocks_frame_long, BLOCKS(s)->frame_size = cpu_to_le32(CKPT_PAGE_SIZE + 16))
DAMAGED(blocks_head, BLOCKS(s)->head = cpu_to_le32(2))
DAMAGED(blocks_flags, BLOCKS(s)->flags = cpu_to_le32(CKPT_PACKET_RING_FLAGS + 1))
DAMAGED(blocks_room, BLOCKS(s)->room = cpu_to_le32(CKPT_PAGE_SIZE - 48))
DAMAGED(blocks_room_used, BLOCKS(s)->room = cpu_to_le32(17))
DAMAGED(blocks_timeout, BLOCKS(s)->timeout = cpu_to_le32(0x10000))
DAMAGED(blocks_next, BLOCKS(s)->next = cpu_to_le32(CKPT_PAGE_SIZE + 8))
DAMAGED(blocks_next_odd, BLOCKS(s)->next = cpu_to_le32(265))
DAMAGED(blocks_next_short, BLOCKS(s)->next = cpu_to_le32(104))
DAMAGED(blocks_next_none, BLOCKS(s)->next = 0)
DAMAGED(blocks_last, BLOCKS(s)->last = cpu_to_le32(56))
DAMAGED(blocks_last_behind, BLOCKS(s)->last = cpu_to_le32(272))
DAMAGED(blocks_last_empty, BLOCKS(s)->last = cpu_to_le32(264))
DAMAGED(blocks_version, ELEMS(s, PACKET, 95, PACKETOPTS, sockopt)[1].value = cpu_to_le64(1))
DAMAGED(blocks_data, sample_remove(s, CKPT_TYPE_PACKETRING, 95))
#define FANOUT(s)	BODY(s, PACKET, 95, PACKETGROUP, packet_group)
DAMAGED(fanout_number, FANOUT(s)->group = cpu_to_le32(0x10000))
DAMAGED(fanout_share, FANOUT(s)->share = cpu_to_le32(9))
DAMAGED(fanout_share_none, FANOUT(s)->share = 0)
DAMAGED(fanout_flags, FANOUT(s)->flags = cpu_to_le32(CKPT_PACKET_GROUP_FLAGS + 1))
DAMAGED(fanout_most, FANOUT(s)->most = cpu_to_le32(CKPT_PACKET_MEMBERS + 1))
DAMAGED(fanout_place, FANOUT(s)->place = cpu_to_le32(4))
DAMAGED(fanout_turn, FANOUT(s)->share = cpu_to_le32(CKPT_PACKET_SHARE_HASH))
DAMAGED(fanout_other, FANOUT(s)->other = cpu_to_le32(CKPT_PACKET_MEMBERS))
DAMAGED(fanout_nobody, FANOUT(s)->flags = 0)
DAMAGED(fanout_twice, FANOUT(s)->share = cpu_to_le32(CKPT_PACKET_SHARE_FULL);
	FANOUT(s)->turn = 0)
DAMAGED(fanout_moved, FANOUT(s)->moved = cpu_to_le64(BIT_ULL(63)))
DAMAGED(fanout_deaf, FRAMES(s)->protocol = 0)
DAMAGED(fanout_down, FRAMES(s)->flags = cpu_to_le32(CKPT_PACKET_DOWN))
#define QUEUE(s, id)	BODY(s, TUN, id, TUN, tun)
#define TAP(s)		BODY(s, TUN, 96, TUN_DEVICE, tun_device)
#define TAP_ADDR(s)	ELEMS(s, TUN, 96, TUN_DEVICE, tun_addr)
#define TAP_PACKET(s)	ELEMS(s, TUN, 96, TUN, tun_packet)
DAMAGED(tun_major, BODY(s, TUN, 97, DEVICE, device)->major = cpu_to_le32(1))
DAMAGED(tun_minor, BODY(s, TUN, 97, DEVICE, device)->minor = cpu_to_le32(3))
DAMAGED(tun_pos, BODY(s, TUN, 97, FILE, file)->pos = cpu_to_le64(1))
DAMAGED(tun_flags, BODY(s, TUN, 97, FILE, file)->flags = cpu_to_le32(CKPT_O_PATH))
DAMAGED(tun_first, QUEUE(s, 97)->first = cpu_to_le64(98))
DAMAGED(tun_itself, QUEUE(s, 97)->first = cpu_to_le64(97))
DAMAGED(tun_nothing, QUEUE(s, 96)->first = 0)
DAMAGED(tun_alone, QUEUE(s, 97)->first = 0)
DAMAGED(tun_place, QUEUE(s, 97)->place = cpu_to_le32(2))
DAMAGED(tun_places, QUEUE(s, 97)->place = cpu_to_le32(256))
DAMAGED(tun_second, QUEUE(s, 96)->place = cpu_to_le32(1))
DAMAGED(tun_index, QUEUE(s, 97)->index = cpu_to_le32(1))
DAMAGED(tun_sndbuf, QUEUE(s, 97)->sndbuf = 0)
DAMAGED(tun_sndbuf_large, QUEUE(s, 97)->sndbuf = cpu_to_le32(0x80000000))
DAMAGED(tun_last, QUEUE(s, 97)->last = cpu_to_le32(0x80000000))
DAMAGED(tun_detached, QUEUE(s, 96)->flags = cpu_to_le32(CKPT_TUN_DETACHED))
DAMAGED(tun_queue_flags, QUEUE(s, 97)->flags = cpu_to_le32(CKPT_TUN_QUEUE_FLAGS + 1))
DAMAGED(tap_kind, TAP(s)->kind = 0)
DAMAGED(tap_not_tap, TAP(s)->kind = cpu_to_le32(CKPT_TUN_IP))
DAMAGED(tap_flags, TAP(s)->flags = cpu_to_le32(CKPT_TUN_FLAGS + 1))
DAMAGED(tap_single, TAP(s)->flags = cpu_to_le32(CKPT_TUN_ASKED))
DAMAGED(tap_not_asked, TAP(s)->flags = cpu_to_le32(CKPT_TUN_MULTI_QUEUE))
DAMAGED(tap_frags, TAP(s)->flags |= cpu_to_le32(CKPT_TUN_NAPI_FRAGS))
DAMAGED(tap_unready, TAP(s)->flags |= cpu_to_le32(CKPT_TUN_UNREADY))
DAMAGED(tap_there, TAP(s)->flags |= cpu_to_le32(CKPT_TUN_THERE))
DAMAGED(tap_owner, TAP(s)->owner = cpu_to_le32(1))
DAMAGED(tap_group, TAP(s)->group = cpu_to_le32(1))
DAMAGED(tap_header, TAP(s)->header = cpu_to_le32(9))
DAMAGED(tap_header_large, TAP(s)->header = cpu_to_le32(0x80000000))
DAMAGED(tap_offload, TAP(s)->offload = cpu_to_le32(CKPT_TUN_OFFLOADS + 1))
DAMAGED(tap_queues, TAP(s)->queues = cpu_to_le32(257))
DAMAGED(tap_no_queues, TAP(s)->queues = 0)
DAMAGED(tap_no_index, TAP(s)->index = 0)
DAMAGED(tap_type, TAP(s)->type = cpu_to_le32(0x10000))
DAMAGED(tap_mtu, TAP(s)->mtu = cpu_to_le32(67))
DAMAGED(tap_mtu_large, TAP(s)->mtu = cpu_to_le32(0x10000))
DAMAGED(tap_link, TAP(s)->link = cpu_to_le32(CKPT_LINK_FLAGS + 1))
DAMAGED(tap_addresses, TAP(s)->addresses = cpu_to_le32(4))
DAMAGED(tap_no_ipv6, TAP(s)->addresses = 0)
DAMAGED(tap_exact, TAP(s)->exact = cpu_to_le32(9))
DAMAGED(tap_filter, TAP(s)->exact = 0)
DAMAGED(tap_hashed, TAP(s)->hashed = cpu_to_le64(1))
DAMAGED(tap_group_address, TAP(s)->hwaddr[0] = 3)
DAMAGED(tap_no_address, TAP(s)->hwaddr[0] = 0)
DAMAGED(tap_name, memset(TAP(s)->name, 'x', 16))
DAMAGED(tap_no_name, memset(TAP(s)->name, 0, 16))
DAMAGED(tap_pattern, TAP(s)->name[3] = '%')
DAMAGED(tap_reserved, TAP(s)->reserved[0] = 1)
DAMAGED(tap_addr_family, TAP_ADDR(s)->family = cpu_to_le32(3))
DAMAGED(tap_addr_order,
	TAP_ADDR(s)[1].family = TAP_ADDR(s)->family; TAP_ADDR(s)->family = cpu_to_le32(2))
DAMAGED(tap_addr_prefix, TAP_ADDR(s)->prefix = cpu_to_le32(33))
DAMAGED(tap_addr_prefix6, TAP_ADDR(s)[1].prefix = cpu_to_le32(129))
DAMAGED(tap_addr_flags, TAP_ADDR(s)->flags = cpu_to_le32(CKPT_ADDR_NODAD))
DAMAGED(tap_addr_flags6, TAP_ADDR(s)[1].flags = cpu_to_le32(CKPT_ADDR_FLAGS + 1))
DAMAGED(tap_addr_scope, TAP_ADDR(s)[1].scope = cpu_to_le32(1))
DAMAGED(tap_addr_valid, TAP_ADDR(s)->valid = 0)
DAMAGED(tap_addr_preferred, TAP_ADDR(s)->preferred = cpu_to_le32(61))
DAMAGED(tap_addr_none, TAP_ADDR(s)->addr[0] = 0)
DAMAGED(tap_addr_long, TAP_ADDR(s)->addr[4] = 1)
DAMAGED(tap_addr_peer, TAP_ADDR(s)->peer[4] = 1)
DAMAGED(tap_addr_broadcast, TAP_ADDR(s)[1].broadcast[0] = 1)
DAMAGED(tap_addr_label, memset(TAP_ADDR(s)->label, 0, 16))
DAMAGED(tap_addr_label6, TAP_ADDR(s)[1].label[0] = 'x')
DAMAGED(tap_packet_none, TAP_PACKET(s)->len = 0)
DAMAGED(tap_packet_bytes, TAP_PACKET(s)->len = cpu_to_le32(101))
DAMAGED(tap_packet_sum, TAP_PACKET(s)->sum = 3)
DAMAGED(tap_packet_sum_there, TAP_PACKET(s)->sum = CKPT_PACKET_SUM_VALID)
DAMAGED(tap_packet_sum_behind, TAP_PACKET(s)->sum_place = cpu_to_le16(47))
DAMAGED(tap_packet_tagged, TAP_PACKET(s)->tagged = 2)
DAMAGED(tap_packet_tag, TAP_PACKET(s)->tag_protocol = cpu_to_le16(0x800))
DAMAGED(tap_packet_untagged, TAP_PACKET(s)->tagged = 0)
DAMAGED(tap_packet_segments, TAP_PACKET(s)->segments = 4)
DAMAGED(tap_packet_whole, TAP_PACKET(s)->segments = CKPT_TUN_WHOLE)
DAMAGED(tap_packet_segment, TAP_PACKET(s)->segment = 0)
DAMAGED(tap_packet_headers, TAP_PACKET(s)->headers = cpu_to_le32(101))
DAMAGED(tap_packet_ecn, TAP_PACKET(s)->ecn = 1; TAP_PACKET(s)->segments = CKPT_TUN_UDP)
DAMAGED(tap_packet_detached, QUEUE(s, 97)->flags = 0; QUEUE(s, 96)->flags = cpu_to_le32(1))
DAMAGED(tap_data, sample_remove(s, CKPT_TYPE_UDPDATA, 96))
DAMAGED(tap_gone, sample_remove(s, CKPT_TYPE_TUN, 96))

static const struct damage_case cases[] = {
#define ROW(damage, result) { #damage, damage, result }
	ROW(frames_type, -EUCLEAN),	ROW(frames_protocol, -EUCLEAN),
	ROW(frames_mode, -EUCLEAN),	ROW(frames_device, -EUCLEAN),
	ROW(frames_flags, -EUCLEAN),	ROW(frames_down, -EUCLEAN),
	ROW(frames_option, -EUCLEAN),	ROW(promisc_kind, -EUCLEAN),
	ROW(promisc_none, -EUCLEAN),	ROW(promisc_often, -EUCLEAN),
	ROW(promisc_long, -EUCLEAN),	ROW(promisc_address, -EUCLEAN),
	ROW(promisc_device, -EUCLEAN),	ROW(frame_long, -EUCLEAN),
	ROW(frame_bytes, -EUCLEAN),	ROW(frame_kind, -EUCLEAN),
	ROW(frame_halen, -EUCLEAN),	ROW(frame_address, -EUCLEAN),
	ROW(frame_header, -EUCLEAN),	ROW(frame_sum, -EUCLEAN),
	ROW(frame_sum_there, -EUCLEAN),	ROW(frame_sum_behind, -EUCLEAN),
	ROW(frame_tag, -EUCLEAN),	ROW(frame_untagged, -EUCLEAN),
	ROW(frame_tagged_twice, -EUCLEAN), ROW(frame_tag_in_it, -EUCLEAN),
	ROW(frame_device, -EUCLEAN),	ROW(frame_data, -EUCLEAN),
	ROW(frame_alone, -EUCLEAN),	ROW(blocks_kind, -EUCLEAN),
	ROW(blocks_order, -EUCLEAN),	ROW(blocks_size, -EUCLEAN),
	ROW(blocks_size_odd, -EUCLEAN),	ROW(blocks_size_none, -EUCLEAN),
	ROW(blocks_none, -EUCLEAN),	ROW(blocks_many, -EUCLEAN),
	ROW(blocks_frame, -EUCLEAN),	ROW(blocks_frame_none, -EUCLEAN),
	ROW(blocks_frame_long, -EUCLEAN), ROW(blocks_head, -EUCLEAN),
	ROW(blocks_flags, -EUCLEAN),	ROW(blocks_room, -EUCLEAN),
	ROW(blocks_room_used, -EUCLEAN), ROW(blocks_timeout, -EUCLEAN),
	ROW(blocks_next, -EUCLEAN),	ROW(blocks_next_odd, -EUCLEAN),
	ROW(blocks_next_short, -EUCLEAN), ROW(blocks_next_none, -EUCLEAN),
	ROW(blocks_last, -EUCLEAN),	ROW(blocks_last_behind, -EUCLEAN),
	ROW(blocks_last_empty, -EUCLEAN), ROW(blocks_version, -EUCLEAN),
	ROW(blocks_data, -EUCLEAN),	ROW(fanout_number, -EUCLEAN),
	ROW(fanout_share, -EUCLEAN),	ROW(fanout_share_none, -EUCLEAN),
	ROW(fanout_flags, -EUCLEAN),	ROW(fanout_most, -EUCLEAN),
	ROW(fanout_place, -EUCLEAN),	ROW(fanout_turn, -EUCLEAN),
	ROW(fanout_other, -EUCLEAN),	ROW(fanout_nobody, -EUCLEAN),
	ROW(fanout_twice, -EUCLEAN),	ROW(fanout_moved, -EUCLEAN),
	ROW(fanout_deaf, -EUCLEAN),	ROW(fanout_down, -EUCLEAN),
	ROW(tun_major, -EUCLEAN),	ROW(tun_minor, -EUCLEAN),
	ROW(tun_pos, -EUCLEAN),		ROW(tun_flags, -EUCLEAN),
	ROW(tun_first, -EUCLEAN),	ROW(tun_itself, -EUCLEAN),
	ROW(tun_nothing, -EUCLEAN),	ROW(tun_alone, -EUCLEAN),
	ROW(tun_place, -EUCLEAN),	ROW(tun_places, -EUCLEAN),
	ROW(tun_second, -EUCLEAN),	ROW(tun_index, -EUCLEAN),
	ROW(tun_sndbuf, -EUCLEAN),	ROW(tun_sndbuf_large, -EUCLEAN),
	ROW(tun_last, -EUCLEAN),	ROW(tun_detached, -EUCLEAN),
	ROW(tun_queue_flags, -EUCLEAN),	ROW(tap_kind, -EUCLEAN),
	ROW(tap_not_tap, -EUCLEAN),	ROW(tap_flags, -EUCLEAN),
	ROW(tap_single, -EUCLEAN),	ROW(tap_not_asked, -EUCLEAN),
	ROW(tap_frags, -EUCLEAN),	ROW(tap_there, -EUCLEAN),
	ROW(tap_owner, -EUCLEAN),	ROW(tap_group, -EUCLEAN),
	ROW(tap_header, -EUCLEAN),	ROW(tap_header_large, -EUCLEAN),
	ROW(tap_offload, -EUCLEAN),	ROW(tap_queues, -EUCLEAN),
	ROW(tap_no_queues, -EUCLEAN),	ROW(tap_no_index, -EUCLEAN),
	ROW(tap_type, -EUCLEAN),	ROW(tap_mtu, -EUCLEAN),
	ROW(tap_mtu_large, -EUCLEAN),	ROW(tap_link, -EUCLEAN),
	ROW(tap_addresses, -EUCLEAN),	ROW(tap_no_ipv6, -EUCLEAN),
	ROW(tap_exact, -EUCLEAN),	ROW(tap_filter, -EUCLEAN),
	ROW(tap_hashed, -EUCLEAN),	ROW(tap_group_address, -EUCLEAN),
	ROW(tap_no_address, -EUCLEAN),	ROW(tap_name, -EUCLEAN),
	ROW(tap_no_name, -EUCLEAN),	ROW(tap_pattern, -EUCLEAN),
	ROW(tap_reserved, -EUCLEAN),	ROW(tap_addr_family, -EUCLEAN),
	ROW(tap_addr_order, -EUCLEAN),	ROW(tap_addr_prefix, -EUCLEAN),
	ROW(tap_addr_prefix6, -EUCLEAN), ROW(tap_addr_flags, -EUCLEAN),
	ROW(tap_addr_flags6, -EUCLEAN),	ROW(tap_addr_scope, -EUCLEAN),
	ROW(tap_addr_valid, -EUCLEAN),	ROW(tap_addr_preferred, -EUCLEAN),
	ROW(tap_addr_none, -EUCLEAN),	ROW(tap_addr_long, -EUCLEAN),
	ROW(tap_addr_peer, -EUCLEAN),	ROW(tap_addr_broadcast, -EUCLEAN),
	ROW(tap_addr_label, -EUCLEAN),	ROW(tap_addr_label6, -EUCLEAN),
	ROW(tap_packet_none, -EUCLEAN),	ROW(tap_packet_bytes, -EUCLEAN),
	ROW(tap_packet_sum, -EUCLEAN),	ROW(tap_packet_sum_there, -EUCLEAN),
	ROW(tap_packet_sum_behind, -EUCLEAN), ROW(tap_packet_tagged, -EUCLEAN),
	ROW(tap_packet_tag, -EUCLEAN),	ROW(tap_packet_untagged, -EUCLEAN),
	ROW(tap_packet_segments, -EUCLEAN), ROW(tap_packet_whole, -EUCLEAN),
	ROW(tap_packet_segment, -EUCLEAN), ROW(tap_packet_headers, -EUCLEAN),
	ROW(tap_packet_ecn, -EUCLEAN),	ROW(tap_packet_detached, -EUCLEAN),
	ROW(tap_data, -EUCLEAN),	ROW(tap_gone, -EUCLEAN),
	ROW(tap_unready, -EUCLEAN),
#undef ROW
};

const struct damage_table damage_packets = { cases, ARRAY_SIZE(cases) };
