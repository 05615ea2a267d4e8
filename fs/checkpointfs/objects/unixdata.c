// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bytes of all messages in the queue of a UNIX socket: copied when it was
 * collected (unixsock.c).
 *
 * Constant from then on, so any number of readers need no lock, and a commit
 * changes nothing. Whether there are as many as the messages say is the check
 * of the socket.
 */
#include "../object.h"

#ifdef __KERNEL__

#include <linux/uio.h>

#include "../checkpointfs.h"
#include "../unixqueue.h"

static int unixdata_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	/* obj->ptr is let go at the commit, the bytes are not. */
	ckpt_unix_queue_get(obj->ptr);
	obj->priv = obj->ptr;
	return 0;
}

static u64 unixdata_size(struct ckpt_object *obj)
{
	const struct ckpt_unix_queue *queue = obj->priv;

	return queue->size;
}

static ssize_t unixdata_read(struct ckpt_object *obj, loff_t pos, struct iov_iter *to)
{
	const struct ckpt_unix_queue *queue = obj->priv;
	size_t left = pos < queue->size ? queue->size - pos : 0;

	return copy_to_iter(queue->bytes + pos, min(left, iov_iter_count(to)), to);
}

static void unixdata_release(struct ckpt_object *obj)
{
	ckpt_unix_queue_put(obj->priv);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_unixdata_ops = {
	.type = CKPT_TYPE_UNIXDATA,
	.name = "unix socket data",
	.dir = "sockets",
	.part = "data",
	.flags = CKPT_ROW_RAW,
	CKPT_KERNEL(.get = ckpt_unix_queue_get, .put = ckpt_unix_queue_put,
		    .collect = unixdata_collect, .size = unixdata_size,
		    .read = unixdata_read, .release = unixdata_release)
};
