// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bytes in a pipe: copied when its buffer was collected (pipebuf.c).
 *
 * Constant from then on, so any number of readers need no lock, and a commit
 * changes nothing. Whether there are as many as the buffer says is the check
 * of that one.
 */
#include "../object.h"

#ifdef __KERNEL__

#include <linux/uio.h>

#include "../checkpointfs.h"
#include "../pipering.h"

static int pipedata_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	/* obj->ptr is let go at the commit, the bytes are not. */
	ckpt_pipe_contents_get(obj->ptr);
	obj->priv = obj->ptr;
	return 0;
}

static u64 pipedata_size(struct ckpt_object *obj)
{
	const struct ckpt_pipe_contents *contents = obj->priv;

	return contents->size;
}

static ssize_t pipedata_read(struct ckpt_object *obj, loff_t pos, struct iov_iter *to)
{
	const struct ckpt_pipe_contents *contents = obj->priv;
	size_t left = pos < contents->size ? contents->size - pos : 0;

	return copy_to_iter(contents->bytes + pos,
			    min(left, iov_iter_count(to)), to);
}

static void pipedata_release(struct ckpt_object *obj)
{
	ckpt_pipe_contents_put(obj->priv);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_pipedata_ops = {
	.type = CKPT_TYPE_PIPEDATA,
	.name = "pipe data",
	.dir = "pipes",
	.part = "data",
	.flags = CKPT_ROW_RAW,
	CKPT_KERNEL(.get = ckpt_pipe_contents_get, .put = ckpt_pipe_contents_put,
		    .collect = pipedata_collect, .size = pipedata_size,
		    .read = pipedata_read, .release = pipedata_release)
};
