// SPDX-License-Identifier: GPL-2.0-only
/*
 * The elements of a map of BPF: copied when it was collected (bpfmap.c), and constant from
 * then on.
 *
 * Of an array they are its values, in order, and of a queue or stack, the oldest first; of
 * any other kind each is its key and its value. Where processors have values of their own an
 * element has one for each. Keys and values are filled up with zeroes to 8 bytes. Of a bloom
 * filter they are its bits.
 */
#include "../object.h"

static int bpfdata_check(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size)
{
	if (!chk->exists(chk->priv, CKPT_TYPE_BPFMAP, id))
		return ckpt_bad(chk, "elements of what has none");
	return 0;
}

#ifdef __KERNEL__

#include <linux/uio.h>

#include "../bpfmap.h"

static int bpfdata_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	/* obj->ptr is let go at the commit, the bytes are not. */
	ckpt_bpf_elems_get(obj->ptr);
	obj->priv = obj->ptr;
	return 0;
}

static u64 bpfdata_size(struct ckpt_object *obj)
{
	const struct ckpt_bpf_elems *elems = obj->priv;

	return elems->size;
}

static ssize_t bpfdata_read(struct ckpt_object *obj, loff_t pos, struct iov_iter *to)
{
	const struct ckpt_bpf_elems *elems = obj->priv;
	size_t left = pos < elems->size ? elems->size - pos : 0;

	return copy_to_iter(elems->bytes + pos, min(left, iov_iter_count(to)), to);
}

static void bpfdata_release(struct ckpt_object *obj)
{
	ckpt_bpf_elems_put(obj->priv);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_bpfdata_ops = {
	.type = CKPT_TYPE_BPFDATA,
	.name = "bpf map data",
	.dir = "files",
	.part = "elements",
	.flags = CKPT_ROW_RAW,
	.check = bpfdata_check,
	CKPT_KERNEL(.get = ckpt_bpf_elems_get, .put = ckpt_bpf_elems_put,
		    .collect = bpfdata_collect, .size = bpfdata_size,
		    .read = bpfdata_read, .release = bpfdata_release)
};
