/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Netlink sockets: what their object types (objects/netlink.c, netlinkdata.c) know of
 * a queue, saved and filled again by netlinkqueue.c.
 */
#ifndef _CKPT_NETLINK_H
#define _CKPT_NETLINK_H

#include <linux/refcount.h>
#include <net/sock.h>

#include "checkpointfs.h"

/**
 * struct ckpt_netlink_queue - what was in the queue of a netlink socket when it was
 *	collected
 * @ref:	of the two objects
 * @nr:		length of @messages
 * @size:	length of @bytes
 * @messages:	oldest first
 * @bytes:	of all of them
 */
struct ckpt_netlink_queue {
	refcount_t ref;
	u32 nr;
	size_t size;
	struct ckpt_netlink_message *messages;
	u8 *bytes;
};

void ckpt_netlink_queue_get(void *ptr);
void ckpt_netlink_queue_put(void *ptr);
/**
 * ckpt_netlink_queue_copy() - copy what is in the queue of a socket
 * @sk: whose readers are frozen
 * @obstacle: set to what cannot be saved, or NULL
 * Return: the queue, with a reference that is the caller's; NULL: it is empty,
 * or there is an obstacle; or ERR_PTR(-ENOMEM).
 */
struct ckpt_netlink_queue *ckpt_netlink_queue_copy(struct sock *sk, const char **obstacle);
/*
 * What a new socket is to get later: these bytes, counted for it as if they were in its queue.
 * It refers to the socket, by ->sk, without a reference. Return: it or ERR_PTR().
 */
struct sk_buff *ckpt_netlink_reserve(struct sock *sk, const void *bytes, size_t size);
/* Fill that of a new socket, which nobody else has. Return: 0 or -errno (reported). */
int ckpt_netlink_queue_fill(struct ckpt_restore *r, struct ckpt_item *item, struct sock *sk);

#endif /* _CKPT_NETLINK_H */
