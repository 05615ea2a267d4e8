// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is in the rings of a packet socket: copied when it was collected (packet.c,
 * packetring.c), and constant from then on.
 */
#include "../object.h"

static int packetring_check(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size)
{
	if (!chk->exists(chk->priv, CKPT_TYPE_PACKET, id))
		return ckpt_bad(chk, "a ring of what has none");
	return 0;
}

#ifdef __KERNEL__

#include "../packet.h"

static int packetring_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	/* obj->ptr is let go at the commit, the contents are not. */
	ckpt_packet_rings_get(obj->ptr);
	obj->priv = obj->ptr;
	return 0;
}

static u64 packetring_size(struct ckpt_object *obj)
{
	const struct ckpt_packet_rings *rings = obj->priv;

	return rings->size;
}

static ssize_t packetring_read(struct ckpt_object *obj, loff_t pos, struct iov_iter *to)
{
	const struct ckpt_packet_rings *rings = obj->priv;

	return ckpt_content_read(rings->content, pos, to);
}

static void packetring_release(struct ckpt_object *obj)
{
	ckpt_packet_rings_put(obj->priv);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_packetring_ops = {
	.type = CKPT_TYPE_PACKETRING,
	.name = "packet socket ring",
	.dir = "files",
	.part = "ring",
	.flags = CKPT_ROW_RAW,
	.check = packetring_check,
	CKPT_KERNEL(.get = ckpt_packet_rings_get, .put = ckpt_packet_rings_put,
		    .collect = packetring_collect, .size = packetring_size,
		    .read = packetring_read, .release = packetring_release)
};
