// SPDX-License-Identifier: GPL-2.0-only
/*
 * The queue of a new socket filled, of whatever family: packets are made one after the other,
 * get their bytes from the image, and are put into the queue. What a packet is, and how it is
 * put there, its family says (struct ckpt_skb_maker).
 *
 * Nobody else has the socket, so no lock is held but those that putting takes.
 */
#include <linux/err.h>
#include <linux/sched/signal.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "inet.h"

bool ckpt_skbs_there(const struct ckpt_item *item, const struct ckpt_skb_maker *maker)
{
	struct ckpt_view view;

	return ckpt_find(item->bytes, item->size, maker->record, &view) && view.count;
}

/* Its check has found as many bytes there as all packets have. */
static int read_bytes(struct ckpt_item *data, loff_t pos, void *bytes, size_t len)
{
	struct kvec vec = { .iov_base = bytes, .iov_len = len };
	struct iov_iter to;
	ssize_t n;

	iov_iter_kvec(&to, ITER_DEST, &vec, 1, len);
	n = ckpt_content_read(data->content, pos, &to);
	if (n == len)
		return 0;
	return n < 0 ? n : -EUCLEAN;
}

/* One that is not in one piece gets them by way of others. */
static int put_bytes(struct sk_buff *skb, struct ckpt_item *data, loff_t pos)
{
	void *bytes;
	int err;

	if (!skb->len)
		return 0;
	if (!skb_is_nonlinear(skb))
		return read_bytes(data, pos, skb->data, skb->len);
	bytes = kvmalloc(skb->len, GFP_KERNEL_ACCOUNT);
	if (!bytes)
		return -ENOMEM;
	err = read_bytes(data, pos, bytes, skb->len) ?: skb_store_bits(skb, 0, bytes, skb->len);
	kvfree(bytes);
	return err;
}

static int fill(struct ckpt_restore *r, struct ckpt_item *item, struct sock *sk,
		const struct ckpt_skb_maker *maker)
{
	struct ckpt_item *data = ckpt_item(ckpt_restore_img(r), maker->data, item->id);
	struct ckpt_view view;
	const void *elem;
	loff_t pos = 0;
	u32 i;

	/* Its check has found it there. */
	ckpt_find(item->bytes, item->size, maker->record, &view);
	for (i = 0, elem = view.elems; i < view.count; i++, elem += maker->size) {
		struct sk_buff *skb = maker->make(r, sk, elem);
		u32 len;
		int err;

		if (IS_ERR(skb))
			return PTR_ERR(skb);
		/* Once it has been put, it may be gone. */
		len = skb->len;
		err = put_bytes(skb, data, pos) ?: maker->put(sk, skb, elem);
		if (err) {
			kfree_skb(skb);
			return err;
		}
		pos += len;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

int ckpt_skbs_fill(struct ckpt_restore *r, struct ckpt_item *item, struct sock *sk,
		   const struct ckpt_skb_maker *maker)
{
	int err = fill(r, item, sk, maker);

	if (err)
		ckpt_restore_err(r, item, "its queue cannot be filled: %pe", ERR_PTR(err));
	return err;
}
