// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packet sockets, and the queues of a tap device.
 */
#include "sample_add.h"

/* One that receives in blocks, with a packet in the second of two, and one that sends. */
static void add_rings(struct sample *s)
{
	struct ckpt_writer *w = &sample_file(s, CKPT_TYPE_PACKET, 95)->w;
	struct ckpt_packet_ring *ring = ADD(w, CKPT_REC_PACKETRING, 0);

	ring->kind = cpu_to_le32(CKPT_PACKET_RING_RX);
	ring->block_size = cpu_to_le32(CKPT_PAGE_SIZE);
	ring->blocks = cpu_to_le32(2);
	ring->frame_size = cpu_to_le32(2048);
	ring->head = cpu_to_le32(1);
	ring->flags = cpu_to_le32(CKPT_PACKET_RING_HASH);
	ring->room = cpu_to_le32(15);
	ring->timeout = cpu_to_le32(10);
	ring->last = cpu_to_le32(64);
	ring->next = cpu_to_le32(264);
	ring->sequence = cpu_to_le64(3);
	ring = ADD(w, CKPT_REC_PACKETRING, 0);
	ring->kind = cpu_to_le32(CKPT_PACKET_RING_TX);
	ring->block_size = cpu_to_le32(CKPT_PAGE_SIZE);
	ring->blocks = cpu_to_le32(1);
	ring->frame_size = cpu_to_le32(1024);
	ring->head = cpu_to_le32(3);
	sample_add(s, CKPT_TYPE_PACKETRING, 95);
	sample_file(s, CKPT_TYPE_PACKETRING, 95)->size = 3 * CKPT_PAGE_SIZE;
}

/* With others, to whom it gives what it has no room for. */
static void add_fanout(struct sample *s)
{
	struct ckpt_writer *w = &sample_file(s, CKPT_TYPE_PACKET, 95)->w;
	struct ckpt_packet_group *group = ADD(w, CKPT_REC_PACKETGROUP, 0);

	group->group = cpu_to_le32(7);
	group->share = cpu_to_le32(CKPT_PACKET_SHARE_TURN);
	group->flags = cpu_to_le32(CKPT_PACKET_GROUP_ROLLOVER);
	group->most = cpu_to_le32(4);
	group->place = cpu_to_le32(1);
	group->turn = cpu_to_le32(9);
	group->other = cpu_to_le32(2);
	group->moved = cpu_to_le64(3);
}

/*
 * One that has a device promiscuous, to which a packet has come without its sum; with rings,
 * and in a group.
 */
static void add_packet(struct sample *s)
{
	struct ckpt_writer *w = sample_add(s, CKPT_TYPE_PACKET, 95);
	struct ckpt_packet_message *message;
	struct ckpt_packet_member *member;
	struct ckpt_packet *rec;
	struct ckpt_sockopt *opt;

	sample_open_file(w, CKPT_TYPE_PACKET, CKPT_O_RDWR);
	rec = ADD(w, CKPT_REC_PACKET, 1);
	rec->type = cpu_to_le32(CKPT_PACKET_RAW);
	rec->protocol = cpu_to_le32(3);
	rec->mode = cpu_to_le32(0140777);
	memcpy(rec->device, "lo", 2);
	member = sample_elems(s, CKPT_TYPE_PACKET, 95, CKPT_REC_PACKET) ?: (void *)sample_nowhere;
	member->kind = cpu_to_le32(CKPT_PACKET_PROMISC);
	member->count = cpu_to_le32(2);
	memcpy(member->device, "lo", 2);
	ADD(w, CKPT_REC_PACKETOPTS, 2);
	opt = sample_elems(s, CKPT_TYPE_PACKET, 95, CKPT_REC_PACKETOPTS) ?: (void *)sample_nowhere;
	opt[0].option = cpu_to_le32(CKPT_PACKET_AUXDATA);
	opt[1].option = cpu_to_le32(CKPT_PACKET_VERSION);
	opt[1].value = cpu_to_le64(2);
	ADD(w, CKPT_REC_SOCKOPTS, 0);
	ADD(w, CKPT_REC_PACKETS, 1);
	message = sample_elems(s, CKPT_TYPE_PACKET, 95, CKPT_REC_PACKETS) ?: (void *)sample_nowhere;
	message->len = cpu_to_le32(40);
	message->network = cpu_to_le16(14);
	message->halen = 6;
	message->addr[5] = 1;
	message->sum = CKPT_PACKET_SUM_MISSING;
	message->sum_start = cpu_to_le16(34);
	message->sum_place = cpu_to_le16(6);
	message->tagged = 1;
	message->tag = cpu_to_le16(5);
	message->tag_protocol = cpu_to_le16(0x8100);
	memcpy(message->device, "lo", 2);
	sample_add(s, CKPT_TYPE_UDPDATA, 95);
	sample_file(s, CKPT_TYPE_UDPDATA, 95)->size = 40;
	add_rings(s);
	add_fanout(s);
}

static struct ckpt_tun *add_tun(struct sample *s, u64 id, u32 packets)
{
	struct ckpt_writer *w = sample_named_file(s, id, CKPT_TYPE_TUN, CKPT_O_RDWR, "/dev/net/tun",
						  0020666);
	struct ckpt_device *device = ADD(w, CKPT_REC_DEVICE, 0);
	struct ckpt_tun *rec;

	device->major = cpu_to_le32(10);
	device->minor = cpu_to_le32(200);
	rec = ADD(w, CKPT_REC_TUN, packets);
	rec->first = cpu_to_le64(96);
	rec->sndbuf = cpu_to_le32(1000);
	rec->last = cpu_to_le32(60);
	return rec;
}

/* Of two queues, the second of which takes no part, with an address of either sort. */
static void add_tap(struct sample *s)
{
	struct ckpt_tun_device *device;
	struct ckpt_tun_packet *packet;
	struct ckpt_tun_addr *addr;
	struct ckpt_tun *rec;

	add_tun(s, 96, 1);
	packet = sample_elems(s, CKPT_TYPE_TUN, 96, CKPT_REC_TUN) ?: (void *)sample_nowhere;
	packet->len = cpu_to_le32(100);
	packet->protocol = cpu_to_le16(0x86dd);
	packet->sum = CKPT_PACKET_SUM_MISSING;
	packet->sum_start = cpu_to_le16(54);
	packet->sum_place = cpu_to_le16(16);
	packet->tagged = 1;
	packet->tag_protocol = cpu_to_le16(0x8100);
	packet->segments = CKPT_TUN_TCP6;
	packet->segment = cpu_to_le16(10);
	packet->headers = cpu_to_le32(74);
	sample_add(s, CKPT_TYPE_UDPDATA, 96);
	sample_file(s, CKPT_TYPE_UDPDATA, 96)->size = 100;
	device = ADD(&sample_file(s, CKPT_TYPE_TUN, 96)->w, CKPT_REC_TUN_DEVICE, 2);
	device->kind = cpu_to_le32(CKPT_TUN_ETHERNET);
	device->flags = cpu_to_le32(CKPT_TUN_MULTI_QUEUE | CKPT_TUN_VNET_HDR | CKPT_TUN_ASKED);
	device->header = cpu_to_le32(12);
	device->offload = cpu_to_le32(CKPT_TUN_CSUM | CKPT_TUN_TSO6);
	device->queues = cpu_to_le32(2);
	device->index = cpu_to_le32(7);
	device->type = cpu_to_le32(1);
	device->mtu = cpu_to_le32(1500);
	device->queue_len = cpu_to_le32(500);
	device->link = cpu_to_le32(CKPT_LINK_UP);
	device->addresses = cpu_to_le32(CKPT_LINK_EUI64);
	device->exact = cpu_to_le32(1);
	device->hwaddr[0] = 2;
	device->filter[0] = 2;
	memcpy(device->name, "tap0", 4);
	addr = sample_elems(s, CKPT_TYPE_TUN, 96, CKPT_REC_TUN_DEVICE) ?: (void *)sample_nowhere;
	addr->family = cpu_to_le32(CKPT_INET_IPV4);
	addr->prefix = cpu_to_le32(24);
	addr->valid = cpu_to_le32(60);
	addr->addr[0] = 10;
	addr->peer[0] = 10;
	memcpy(addr->label, "tap0", 4);
	addr++;
	addr->family = cpu_to_le32(CKPT_INET_IPV6);
	addr->prefix = cpu_to_le32(64);
	addr->valid = cpu_to_le32(U32_MAX);
	addr->preferred = cpu_to_le32(U32_MAX);
	addr->addr[0] = 0xfe;
	addr->addr[1] = 0x80;
	rec = add_tun(s, 97, 0);
	rec->flags = cpu_to_le32(CKPT_TUN_DETACHED);
	rec->place = cpu_to_le32(1);
}

void sample_add_packets(struct sample *s)
{
	add_packet(s);
	add_tap(s);
}
