/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packet sockets: objects/packet.c, packetqueue.c, which has what is in their queues,
 * packetring.c, which has their rings, and packetgroup.c, which has their groups.
 */
#ifndef _CKPT_PACKET_H
#define _CKPT_PACKET_H

#include "inet.h"

/**
 * ckpt_packet_queue_copy() - copy what is in the queue of a packet socket
 * @sk: whose readers are frozen
 * @obstacle: set to what cannot be saved, or NULL
 * Return: the queue, with a reference that is the caller's; NULL: it is empty,
 * or there is an obstacle; or ERR_PTR(-ENOMEM).
 */
struct ckpt_inet_queue *ckpt_packet_queue_copy(struct sock *sk, const char **obstacle);
/* Fill that of a new socket, which hears nothing yet. Return: 0 or -errno (reported). */
int ckpt_packet_queue_fill(struct ckpt_restore *r, struct ckpt_item *item, struct sock *sk);

/**
 * struct ckpt_packet_rings - the rings of a packet socket when it was collected
 * @ref:	of the two objects
 * @nr:		length of @recs
 * @recs:	what there is: the one that receives, and the one that sends
 * @size:	of both, bytes
 * @content:	the same; what has been zero is a hole
 * @hears:	there is one that receives, of which the following are true:
 * @received:	packets that had come, those that had found no room not counted
 * @freezes:	how often it was full
 * @drops:	packets that have found no room
 */
struct ckpt_packet_rings {
	refcount_t ref;
	u32 nr;
	struct ckpt_packet_ring recs[2];
	u64 size;
	struct ckpt_content *content;
	bool hears;
	u32 received;
	u32 freezes;
	u32 drops;
};

/*
 * Is it a mapping of all rings of a packet socket? 1; 0: of no such socket; -EOPNOTSUPP: a
 * part of that, or one that is not shared. mmap_lock is held.
 */
int ckpt_packet_mapping(const struct vm_area_struct *vma);
/**
 * ckpt_packet_rings_copy() - copy the rings of a packet socket, as they are at one instant
 * @m: whose stage_max they count against
 * @sk: whose program is frozen; packets may come
 * @obstacle: set to what cannot be saved, or NULL
 * Return: the rings, with a reference that is the caller's; NULL: there are none, or there
 * is an obstacle; or ERR_PTR(): -ENOMEM, -ENOSPC (reported), -EINTR.
 */
struct ckpt_packet_rings *ckpt_packet_rings_copy(struct ckpt_mount *m, struct sock *sk,
						 const char **obstacle);
void ckpt_packet_rings_get(void *ptr);
void ckpt_packet_rings_put(void *ptr);
/* A record for each; @rings may be NULL. Return: 0 or w->error. */
int ckpt_packet_rings_save(const struct ckpt_packet_rings *rings, struct ckpt_writer *w);
/*
 * Make those of a new socket, which nobody else has and which hears nothing yet, when its
 * options are set and before its queue is filled. Return: 0 or -errno (reported).
 */
int ckpt_packet_rings_restore(struct ckpt_restore *r, struct ckpt_item *item,
			      struct socket *sock);

/* Return: what of the group that a packet socket is in cannot be saved, or NULL. */
const char *ckpt_packet_group_obstacle(const struct sock *sk);
/* Count it among the members of its group. Return: 0 or -ENOMEM. */
int ckpt_packet_group_collect(struct ckpt_collect *c, const struct sock *sk);
/* For verify(): has that group a member which is not in the container? */
bool ckpt_packet_group_shared(struct ckpt_collect *c, const struct sock *sk);
/* Writes its record, if it is in one. Return: 0, -ENODEV: its device is down, w->error. */
int ckpt_packet_group_save(const struct sock *sk, struct ckpt_writer *w);
/* Have a new socket hear what it is to. Return: 0 or -errno (reported). */
typedef int ckpt_packet_attend(struct ckpt_restore *r, struct ckpt_item *item,
			       struct socket *sock);
/*
 * Have those that are in groups attend, and join, when all packet sockets have been made.
 * Return: 0 or -errno (reported, but for -ENOMEM).
 */
int ckpt_packet_groups_restore(struct ckpt_restore *r, ckpt_packet_attend *attend);

/* What is known of the sum of a packet, and where one belongs that is missing. */
struct ckpt_skb_sum {
	u8 kind;	/* enum ckpt_packet_sum */
	__le16 start;
	__le16 place;
};

/* Return: why it cannot be told, or NULL. */
const char *ckpt_skb_get_sum(const struct sk_buff *skb, struct ckpt_skb_sum *sum);
/* Of a new packet, with all its bytes, among which the check has found that to be. */
void ckpt_skb_set_sum(struct sk_buff *skb, const struct ckpt_skb_sum *sum);

#endif /* _CKPT_PACKET_H */
