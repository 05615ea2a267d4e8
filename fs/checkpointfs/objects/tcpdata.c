// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bytes of a TCP connection (tcpend.c), or of what is none any more (tcp.c): what has
 * been received and not been read, then what has not been acknowledged. Constant when all has
 * been saved.
 */
#include "../object.h"

static int tcpdata_check(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size)
{
	if (!chk->exists(chk->priv, CKPT_TYPE_TCP, id) &&
	    !chk->exists(chk->priv, CKPT_TYPE_TCPCONN, id) &&
	    !chk->exists(chk->priv, CKPT_TYPE_TCPWAITING, id))
		return ckpt_bad(chk, "a stream of what has none");
	return 0;
}

#ifdef __KERNEL__

#include <linux/uio.h>

#include "../inet.h"

static int tcpdata_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	/* obj->ptr is let go at the commit, the bytes are not. */
	ckpt_tcp_stream_get(obj->ptr);
	obj->priv = obj->ptr;
	return 0;
}

static u64 tcpdata_size(struct ckpt_object *obj)
{
	const struct ckpt_tcp_stream *stream = obj->priv;

	return (u64)stream->nr_unread + stream->nr_queued;
}

static ssize_t tcpdata_read(struct ckpt_object *obj, loff_t pos, struct iov_iter *to)
{
	const struct ckpt_tcp_stream *stream = obj->priv;
	size_t n = 0, len;

	if (pos < stream->nr_unread) {
		len = min(stream->nr_unread - (size_t)pos, iov_iter_count(to));
		n = copy_to_iter(stream->unread + pos, len, to);
		if (n < len)
			return n;
	}
	pos = max(pos, (loff_t)stream->nr_unread) - stream->nr_unread;
	if (pos >= stream->nr_queued)
		return n;
	len = min(stream->nr_queued - (size_t)pos, iov_iter_count(to));
	return n + copy_to_iter(stream->queued + pos, len, to);
}

static void tcpdata_release(struct ckpt_object *obj)
{
	ckpt_tcp_stream_put(obj->priv);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_tcpdata_ops = {
	.type = CKPT_TYPE_TCPDATA,
	.name = "tcp connection data",
	.dir = "files",
	.part = "stream",
	.flags = CKPT_ROW_RAW,
	.check = tcpdata_check,
	CKPT_KERNEL(.get = ckpt_tcp_stream_get, .put = ckpt_tcp_stream_put,
		    .collect = tcpdata_collect, .size = tcpdata_size,
		    .read = tcpdata_read, .release = tcpdata_release)
};
