// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bytes of all messages in the queue of a netlink socket: copied when it was
 * collected (netlink.c), and constant from then on.
 */
#include "../object.h"

static int netlinkdata_check(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size)
{
	if (!chk->exists(chk->priv, CKPT_TYPE_NETLINK, id))
		return ckpt_bad(chk, "messages of what has none");
	return 0;
}

#ifdef __KERNEL__

#include <linux/uio.h>

#include "../netlink.h"

static int netlinkdata_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	/* obj->ptr is let go at the commit, the bytes are not. */
	ckpt_netlink_queue_get(obj->ptr);
	obj->priv = obj->ptr;
	return 0;
}

static u64 netlinkdata_size(struct ckpt_object *obj)
{
	const struct ckpt_netlink_queue *queue = obj->priv;

	return queue->size;
}

static ssize_t netlinkdata_read(struct ckpt_object *obj, loff_t pos, struct iov_iter *to)
{
	const struct ckpt_netlink_queue *queue = obj->priv;
	size_t left = pos < queue->size ? queue->size - pos : 0;

	return copy_to_iter(queue->bytes + pos, min(left, iov_iter_count(to)), to);
}

static void netlinkdata_release(struct ckpt_object *obj)
{
	ckpt_netlink_queue_put(obj->priv);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_netlinkdata_ops = {
	.type = CKPT_TYPE_NETLINKDATA,
	.name = "netlink socket data",
	.dir = "files",
	.part = "messages",
	.flags = CKPT_ROW_RAW,
	.check = netlinkdata_check,
	CKPT_KERNEL(.get = ckpt_netlink_queue_get, .put = ckpt_netlink_queue_put,
		    .collect = netlinkdata_collect, .size = netlinkdata_size,
		    .read = netlinkdata_read, .release = netlinkdata_release)
};
