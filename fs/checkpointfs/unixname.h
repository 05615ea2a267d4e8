/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of UNIX sockets: unixname.c and objects/unixsock.c. */
#ifndef _CKPT_UNIXNAME_H
#define _CKPT_UNIXNAME_H

#include <linux/net.h>
#include <linux/path.h>
#include <net/af_unix.h>

#include "checkpointfs.h"

/* Of a socket or NULL; it has one until nobody has the socket, not even a message of it. */
struct unix_address *ckpt_unix_address(const struct sock *sk);
/*
 * Refuse a name that cannot be saved. Return: the path of one that is bound to
 * a file, to be freed by the caller (kfree()); NULL; or ERR_PTR(-ENOMEM).
 */
char *ckpt_unix_name_collect(struct ckpt_collect *c, struct sock *sk, const void *who);
/* Writes CKPT_REC_UNIX_NAME and what belongs to it; @path: as above. */
int ckpt_unix_name_save(struct sock *sk, const char *path, struct ckpt_writer *w);
/*
 * The name of a new socket, as its item says. Sets item->priv if that took a
 * new file. Return: 0 or -errno (reported).
 */
int ckpt_unix_name_restore(struct ckpt_restore *r, struct ckpt_item *item,
			   struct socket *sock);
/* The restore is over; if it has @failed a file that was made goes. */
void ckpt_unix_name_end(struct ckpt_item *item, bool failed);
/* Call a socket by @len bytes, without anybody finding it. Return: 0 or -ENOMEM. */
int ckpt_unix_call(struct sock *sk, const void *name, u32 len);

#endif /* _CKPT_UNIXNAME_H */
