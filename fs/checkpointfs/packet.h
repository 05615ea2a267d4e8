/* SPDX-License-Identifier: GPL-2.0-only */
/* Packet sockets: objects/packet.c, and packetqueue.c, which has what is in their queues. */
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

#endif /* _CKPT_PACKET_H */
