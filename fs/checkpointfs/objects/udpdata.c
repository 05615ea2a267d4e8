// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bytes of all datagrams in the queue of a UDP, raw, ping or packet socket, or of a
 * descriptor of /dev/net/tun: copied when it was collected (udp.c, raw.c, packet.c, tun.c),
 * and constant from then on.
 */
#include "../object.h"

static int udpdata_check(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size)
{
	if (!chk->exists(chk->priv, CKPT_TYPE_UDP, id) &&
	    !chk->exists(chk->priv, CKPT_TYPE_RAW, id) &&
	    !chk->exists(chk->priv, CKPT_TYPE_PACKET, id) &&
	    !chk->exists(chk->priv, CKPT_TYPE_TUN, id))
		return ckpt_bad(chk, "datagrams of what has none");
	return 0;
}

#ifdef __KERNEL__

#include <linux/uio.h>

#include "../inet.h"

static int udpdata_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	/* obj->ptr is let go at the commit, the bytes are not. */
	ckpt_inet_queue_get(obj->ptr);
	obj->priv = obj->ptr;
	return 0;
}

static u64 udpdata_size(struct ckpt_object *obj)
{
	const struct ckpt_inet_queue *queue = obj->priv;

	return queue->size;
}

static ssize_t udpdata_read(struct ckpt_object *obj, loff_t pos, struct iov_iter *to)
{
	const struct ckpt_inet_queue *queue = obj->priv;
	size_t left = pos < queue->size ? queue->size - pos : 0;

	return copy_to_iter(queue->bytes + pos, min(left, iov_iter_count(to)), to);
}

static void udpdata_release(struct ckpt_object *obj)
{
	ckpt_inet_queue_put(obj->priv);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_udpdata_ops = {
	.type = CKPT_TYPE_UDPDATA,
	.name = "udp socket data",
	.dir = "files",
	.part = "datagrams",
	.flags = CKPT_ROW_RAW,
	.check = udpdata_check,
	CKPT_KERNEL(.get = ckpt_inet_queue_get, .put = ckpt_inet_queue_put,
		    .collect = udpdata_collect, .size = udpdata_size,
		    .read = udpdata_read, .release = udpdata_release)
};
