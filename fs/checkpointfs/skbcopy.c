// SPDX-License-Identifier: GPL-2.0-only
/*
 * The queue of a socket copied, of whatever family: what is told of each packet, and the bytes
 * of all of them. What that is, and what cannot be told, its family says (struct
 * ckpt_skb_teller).
 *
 * A family takes references to packets under the locks of its queue; no lock is held here, and
 * more may come. Who reads a packet leaves it what it is; the kernel gives one that it has put
 * into a ring as well (PACKET_COPY_THRESH) its length back a moment later.
 */
#include <linux/err.h>
#include <linux/skbuff.h>
#include <linux/slab.h>

#include "inet.h"

void ckpt_inet_queue_get(void *ptr)
{
	struct ckpt_inet_queue *queue = ptr;

	refcount_inc(&queue->ref);
}

void ckpt_inet_queue_put(void *ptr)
{
	struct ckpt_inet_queue *queue = ptr;

	if (!queue || !refcount_dec_and_test(&queue->ref))
		return;
	kvfree(queue->elems);
	kvfree(queue->bytes);
	kfree(queue);
}

static void drop(struct ckpt_skbs *skbs)
{
	while (skbs->nr) {
		consume_skb(skbs->vec[--skbs->nr]);
		cond_resched();
	}
	kvfree(skbs->vec);
}

static size_t size_of(const struct ckpt_skbs *skbs)
{
	size_t size = 0;
	u32 i;

	for (i = 0; i < skbs->nr; i++)
		size += READ_ONCE(skbs->vec[i]->len);
	return size;
}

/* Return: a queue with room for all of them, and @size bytes, or NULL. */
static struct ckpt_inet_queue *create(const struct ckpt_skbs *skbs, size_t elem, size_t size)
{
	const gfp_t gfp = GFP_KERNEL_ACCOUNT | __GFP_NOWARN;
	struct ckpt_inet_queue *queue = kzalloc(sizeof(*queue), GFP_KERNEL_ACCOUNT);

	if (!queue)
		return NULL;
	refcount_set(&queue->ref, 1);
	queue->elems = kvcalloc(skbs->nr, elem, gfp);
	queue->bytes = kvmalloc(size, gfp);
	if (queue->elems && queue->bytes)
		return queue;
	ckpt_inet_queue_put(queue);
	return NULL;
}

static int copy(struct sock *sk, const struct ckpt_skbs *skbs, struct ckpt_inet_queue *queue,
		size_t room, const struct ckpt_skb_teller *teller, const char **why)
{
	u32 i;

	for (i = 0; i < skbs->nr; i++) {
		struct sk_buff *skb = skbs->vec[i];
		void *elem = queue->elems + queue->nr * teller->size;
		u32 len = READ_ONCE(skb->len);
		int err;

		cond_resched();
		if (!teller->tell(sk, skb, elem, why))
			continue;
		if (*why)
			return 0;
		if (len > room - queue->size || READ_ONCE(skb->len) != len)
			return -EAGAIN;
		err = skb_copy_bits(skb, 0, queue->bytes + queue->size, len);
		if (err)
			return err;
		queue->size += len;
		queue->nr++;
	}
	return 0;
}

struct ckpt_inet_queue *ckpt_skbs_copy(struct sock *sk, struct ckpt_skbs *skbs,
				       const struct ckpt_skb_teller *teller, const char **why)
{
	struct ckpt_inet_queue *queue = NULL;
	size_t room = size_of(skbs);
	int err = 0;

	if (skbs->nr && !*why) {
		queue = create(skbs, teller->size, room);
		err = queue ? copy(sk, skbs, queue, room, teller, why) : -ENOMEM;
	}
	drop(skbs);
	if (!err && !*why)
		return queue;
	ckpt_inet_queue_put(queue);
	return ERR_PTR(err);
}
