/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The packets of a TCP connection, held back while who has it is frozen, or has been
 * killed and has yet to be restored (nethold.c).
 */
#ifndef _CKPT_NETHOLD_H
#define _CKPT_NETHOLD_H

#include <linux/build_bug.h>
#include <linux/types.h>

struct net;
struct ckpt_nethold;

/**
 * struct ckpt_connection - what its packets are known by
 * @net:	network namespace of its socket, which is alive
 * @local:	address of this end; of IPv4 the first four bytes, the others are zero
 * @peer:	of the other, the same
 * @local_port:	of this end
 * @peer_port:	of the other
 * @v6:		the packets are of IPv6
 *
 * Compared as bytes: there are no holes in it.
 */
struct ckpt_connection {
	struct net *net;
	u8 local[16];
	u8 peer[16];
	__be16 local_port;
	__be16 peer_port;
	u32 v6;
};

static_assert(sizeof(struct ckpt_connection) == sizeof(struct net *) + 40);

/**
 * ckpt_nethold_get() - hold back the packets of a connection, both ways
 * @conn: the connection
 * @asks: it is none yet: with them, what asks for it
 *
 * From the return on none arrives, and none that is sent later leaves. May sleep; not
 * under the lock of a socket. Return: the hold, which the caller gives back by one of
 * the next three, or ERR_PTR().
 */
struct ckpt_nethold *ckpt_nethold_get(const struct ckpt_connection *conn, bool asks);
/* It is as before: others may hold it, or have left it. */
void ckpt_nethold_put(struct ckpt_nethold *hold);
/* The same, but it goes on for so many seconds, unless somebody ends it. */
void ckpt_nethold_leave(struct ckpt_nethold *hold, unsigned int seconds);
/* The connection is there again: what has been left ends, too. */
void ckpt_nethold_end(struct ckpt_nethold *hold);

int ckpt_nethold_init(void);
void ckpt_nethold_exit(void);

#endif /* _CKPT_NETHOLD_H */
