/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Descriptors of /dev/net/tun: objects/tun.c. tundevice.c has the devices to which they are
 * attached, tunmake.c attaches them again, tunlink.c makes the rest of a device, and
 * tunqueue.c has what waits to be read.
 */
#ifndef _CKPT_TUN_H
#define _CKPT_TUN_H

#include <linux/rtnetlink.h>

#include "inet.h"
#include "compat/private_net.h"

/* What is behind an open file of ours. */
static inline struct ckpt_tun_file *ckpt_tun_of(const struct file *file)
{
	return file->private_data;
}

/* What it is attached to, taking part or not; NULL: nothing. It stays while rtnl is held. */
static inline struct ckpt_tun_struct *ckpt_tun_attached(const struct file *file)
{
	return rtnl_dereference(ckpt_tun_of(file)->tun);
}

/* ---- tundevice.c: all with rtnl held --------------------------------------------------- */

/**
 * ckpt_tun_obstacle() - what of a device is not saved
 * @tun: device
 * Return: that, or NULL. What only keeps it from being made again is none of a
 * device that lasts without its descriptors, which can be attached to it again.
 */
const char *ckpt_tun_obstacle(const struct ckpt_tun_struct *tun);
/* Writes CKPT_REC_TUN_DEVICE. Return: 0 or -errno. */
int ckpt_tun_device_save(const struct ckpt_tun_struct *tun, struct ckpt_writer *w);
/* IFF_TUN, IFF_TAP and what else TUNSETIFF is to be asked for. */
unsigned int ckpt_tun_iff(const struct ckpt_tun_device *rec);
/* IFF_UP and so on: of a record, and of all that a record can tell of. */
unsigned int ckpt_tun_link_flags(u32 link);

/* ---- tunlink.c -------------------------------------------------------------------------- */

/**
 * struct ckpt_tun_link - a new network device, until it is as the one in the image
 * @rec:	of the device
 * @addr:	its addresses
 * @nr:		how many
 * @index:	of the new one
 */
struct ckpt_tun_link {
	const struct ckpt_tun_device *rec;
	const struct ckpt_tun_addr *addr;
	u32 nr;
	int index;
};

/* What it has before it is up, and what it has then. Return: 0 or -errno. */
int ckpt_tun_link_prepare(const struct ckpt_tun_link *link);
int ckpt_tun_link_start(const struct ckpt_tun_link *link);

/* ---- tunmake.c ---------------------------------------------------------------------------- */

/* As ckpt_object_ops.complete and .end. */
int ckpt_tun_attach_all(struct ckpt_restore *r);
void ckpt_tun_end(struct ckpt_item *item, bool failed);

/* ---- tunqueue.c --------------------------------------------------------------------------- */

/**
 * ckpt_tun_queue_copy() - copy what waits to be read
 * @tfile: whose readers are frozen
 * @obstacle: set to what cannot be saved, or NULL
 * Return: the packets, with a reference that is the caller's; NULL: there are none,
 * or there is an obstacle; or ERR_PTR(-ENOMEM).
 */
struct ckpt_inet_queue *ckpt_tun_queue_copy(struct ckpt_tun_file *tfile, const char **obstacle);
/* Fill that of a descriptor that has been attached. Return: 0 or -errno (reported). */
int ckpt_tun_queue_fill(struct ckpt_restore *r, struct ckpt_item *item);

#endif /* _CKPT_TUN_H */
