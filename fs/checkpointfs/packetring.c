// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rings of packet sockets: memory that the kernel and a program share, in which each
 * frame, or with TPACKET_V3 each block, belongs to one of them.
 *
 * Packets go on coming while the program is frozen. What is copied is of one instant, at
 * which none was on its way into a frame: from then on the kernel only turns free frames
 * into such as are the program's, and those in a row, which is undone in the copy. So
 * nothing is copied under the lock of the queue but where the row begins. What is the
 * program's the kernel does not touch; what is the kernel's has nothing for the program,
 * but the room that it has in each block, and the block that is being filled. In a ring
 * that sends, all is the program's, and a frame that is on its way has been sent.
 *
 * The lock of the socket keeps its rings while they are copied; a mapping does so too,
 * and keeps their size. The contents are as a mapping shows them.
 *
 * A ring is made again by setsockopt(2), and filled while nobody else has its socket
 * (ckpt_file_from_fd()): who had could give it up meanwhile.
 *
 * Not kept: frames that the kernel has, what is behind the last frame of a block, and how
 * long a block has been waiting. Numbers of devices are those that the program has seen.
 */
#include <linux/bitmap.h>
#include <linux/delay.h>
#include <linux/if_packet.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/net.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/sockptr.h>
#include <linux/timer.h>
#include <linux/uio.h>
#include <net/sock.h>

#include "compat/private_net.h"
#include "packet.h"

/* How often to look for an instant at which no packet is being copied. */
#define TRIES	1000

/* The kernel's, in front of the program's room. */
#define BLOCK_HEADER	ALIGN(sizeof(struct tpacket_block_desc), 8)

static struct ckpt_packet_sock *private_of(const struct sock *sk)
{
	return container_of((struct sock *)sk, struct ckpt_packet_sock, sk);
}

static u64 block_size(const struct ckpt_packet_ring_buffer *rb)
{
	return (u64)rb->pg_vec_pages << PAGE_SHIFT;
}

static u64 ring_size(const struct ckpt_packet_ring_buffer *rb)
{
	return rb->pg_vec ? block_size(rb) * rb->pg_vec_len : 0;
}

/* A ring cannot be had, or be given up, while it is mapped. */
int ckpt_packet_mapping(const struct vm_area_struct *vma)
{
	const struct socket *sock = vma->vm_file ? sock_from_file(vma->vm_file) : NULL;
	const struct ckpt_packet_sock *po;

	if (!sock || !sock->sk || sock->sk->sk_family != AF_PACKET)
		return 0;
	po = private_of(sock->sk);
	if (!(vma->vm_flags & VM_MAYSHARE) || vma->vm_pgoff ||
	    ring_size(&po->rx_ring) + ring_size(&po->tx_ring) != vma->vm_end - vma->vm_start)
		return -EOPNOTSUPP;
	return 1;
}

/* ---- copied --------------------------------------------------------------------------- */

/**
 * struct copy - a ring on its way into contents
 * @po:		its socket
 * @rb:		the ring
 * @content:	of all rings of the socket
 * @base:	where it begins there
 */
struct copy {
	const struct ckpt_packet_sock *po;
	const struct ckpt_packet_ring_buffer *rb;
	struct ckpt_content *content;
	u64 base;
};

static int put_bytes(const struct copy *c, u64 at, const void *bytes, size_t len)
{
	struct kvec vec = { .iov_base = (void *)bytes, .iov_len = len };
	struct iov_iter from;
	ssize_t n;

	iov_iter_kvec(&from, ITER_SOURCE, &vec, 1, len);
	n = ckpt_content_write(c->content, c->base + at, &from);
	if (n == len)
		return 0;
	return n < 0 ? n : -EFAULT;
}

/* Pages of zeroes stay holes. */
static int put_pages(const struct copy *c, u64 at, const void *bytes, size_t len)
{
	while (len) {
		size_t n = min_t(size_t, len, PAGE_SIZE - offset_in_page(at));
		int err = memchr_inv(bytes, 0, n) ? put_bytes(c, at, bytes, n) : 0;

		if (err)
			return err;
		at += n;
		bytes += n;
		len -= n;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

/* ---- frames --------------------------------------------------------------------------- */

static u32 nr_frames(const struct ckpt_packet_ring_buffer *rb)
{
	return rb->frame_max + 1;
}

/* Where a frame is in its ring. */
static u64 frame_at(const struct ckpt_packet_ring_buffer *rb, u32 i)
{
	return i / rb->frames_per_block * block_size(rb) +
	       (u64)(i % rb->frames_per_block) * rb->frame_size;
}

static const void *frame(const struct ckpt_packet_ring_buffer *rb, u32 i)
{
	return rb->pg_vec[i / rb->frames_per_block].buffer +
	       (size_t)(i % rb->frames_per_block) * rb->frame_size;
}

/* Of a machine that is little-endian: the lower half is in front. */
static size_t status_at(const struct ckpt_packet_sock *po)
{
	switch (po->tp_version) {
	case TPACKET_V1:
		return offsetof(struct tpacket_hdr, tp_status);
	case TPACKET_V2:
		return offsetof(struct tpacket2_hdr, tp_status);
	default:
		return offsetof(struct tpacket3_hdr, tp_status);
	}
}

static u32 status_of(const struct copy *c, u32 i)
{
	return READ_ONCE(*(const u32 *)(frame(c->rb, i) + status_at(c->po)));
}

/* It is free in the copy: TP_STATUS_KERNEL or TP_STATUS_AVAILABLE. */
static int set_free(const struct copy *c, u32 i)
{
	static const unsigned long zero;
	size_t size = c->po->tp_version == TPACKET_V1 ? sizeof(zero) : sizeof(u32);

	return put_bytes(c, frame_at(c->rb, i) + status_at(c->po), &zero, size);
}

static int copy_received(const struct copy *c)
{
	u32 i, nr = nr_frames(c->rb);
	int err = 0;

	for (i = 0; !err && i < nr; i++) {
		if (status_of(c, i) != TP_STATUS_KERNEL)
			err = put_pages(c, frame_at(c->rb, i), frame(c->rb, i),
					c->rb->frame_size);
		cond_resched();
	}
	return err;
}

/* What is being sent has its status set when it has been, at any time. */
static int copy_sent(const struct copy *c)
{
	u32 i, nr = nr_frames(c->rb);
	int err = 0;

	for (i = 0; !err && i < nr; i++) {
		bool sending = status_of(c, i) == TP_STATUS_SENDING;

		err = put_pages(c, frame_at(c->rb, i), frame(c->rb, i), c->rb->frame_size);
		if (!err && sending)
			err = set_free(c, i);
		cond_resched();
	}
	return err;
}

/* ---- the instant ---------------------------------------------------------------------- */

/**
 * struct instant - the state of a ring that receives
 * @head:	frame, or block, that is filled next
 * @next:	in that block, where the next packet goes; 0: it is the program's
 * @last:	the same of the packet before
 * @sequence:	of the next block that is begun
 * @received:	packets that have come
 * @freezes:	how often it was full
 * @drops:	how many have not found room
 * @block:	header of that block
 */
struct instant {
	u32 head;
	u32 next;
	u32 last;
	u64 sequence;
	u32 received;
	u32 freezes;
	u32 drops;
	struct tpacket_block_desc block;
};

static void note_blocks(struct ckpt_tpacket_kbdq_core *core, struct instant *now)
{
	/* Whoever copies into the block has it for reading. Nobody begins to: as the kernel. */
	write_lock(&core->blk_fill_in_prog_lock);
	write_unlock(&core->blk_fill_in_prog_lock);
	now->head = core->kactive_blk_num;
	now->sequence = core->knxt_seq_num;
	if (core->reset_pending_on_curr_blk)
		return;
	now->next = core->nxt_offset - core->pkblk_start;
	now->last = core->prev - core->pkblk_start;
	memcpy(&now->block, core->pkblk_start, sizeof(now->block));
}

/* Return: was no packet on its way into the ring? */
static bool note(struct ckpt_packet_sock *po, struct instant *now)
{
	struct ckpt_packet_ring_buffer *rb = &po->rx_ring;

	*now = (struct instant) {};
	guard(spinlock_bh)(&po->sk.sk_receive_queue.lock);
	if (po->tp_version == TPACKET_V3)
		note_blocks(&rb->prb_bdqc, now);
	else if (bitmap_empty(rb->rx_owner_map, nr_frames(rb)))
		now->head = rb->head;
	else
		return false;
	now->received = po->stats.stats3.tp_packets;
	now->freezes = po->stats.stats3.tp_freeze_q_cnt;
	now->drops = atomic_read(&po->tp_drops);
	return true;
}

/* Return: 0, -EBUSY or -EINTR. */
static int note_patiently(struct ckpt_packet_sock *po, struct instant *now)
{
	unsigned int i;

	for (i = 0; i < TRIES; i++) {
		if (note(po, now))
			return 0;
		if (fatal_signal_pending(current))
			return -EINTR;
		usleep_range(50, 100);
	}
	return -EBUSY;
}

static u32 received_since(struct ckpt_packet_sock *po, const struct instant *then)
{
	guard(spinlock_bh)(&po->sk.sk_receive_queue.lock);
	return po->stats.stats3.tp_packets - then->received;
}

/* Packets that have come since: as many frames from the first one on. */
static int forget_frames(const struct copy *c, struct ckpt_packet_sock *po,
			 const struct instant *then)
{
	u32 nr = nr_frames(c->rb), count = min(received_since(po, then), nr), i;
	int err = 0;

	for (i = 0; !err && i < count; i++)
		err = set_free(c, ((u64)then->head + i) % nr);
	return err;
}

/* ---- blocks --------------------------------------------------------------------------- */

static u32 packets_at(const struct ckpt_packet_ring_buffer *rb)
{
	return BLOCK_HEADER + ALIGN((u64)rb->prb_bdqc.blk_sizeof_priv, 8);
}

/*
 * The one that is being filled, as it was then. The packet that was the last has been told
 * meanwhile, perhaps, that it is the last one of its block.
 */
static int copy_active(const struct copy *c, const struct instant *then)
{
	const void *block = c->rb->pg_vec[then->head].buffer;
	u32 distance = then->next - then->last;
	u64 at = then->head * block_size(c->rb);
	int err = put_pages(c, at, block, then->next);

	if (!err)
		err = put_bytes(c, at, &then->block, sizeof(then->block));
	if (!err && distance)
		err = put_bytes(c, at + then->last + offsetof(struct tpacket3_hdr, tp_next_offset),
				&distance, sizeof(distance));
	return err;
}

static int copy_block(const struct copy *c, u32 i)
{
	const struct tpacket_block_desc *block = (void *)c->rb->pg_vec[i].buffer;
	bool given = READ_ONCE(block->hdr.bh1.block_status) & TP_STATUS_USER;

	return put_pages(c, i * block_size(c->rb), block,
			 given ? block_size(c->rb) : packets_at(c->rb));
}

static int copy_blocks(const struct copy *c, const struct instant *then)
{
	u32 i, nr = c->rb->pg_vec_len;
	int err = 0;

	for (i = 0; !err && i < nr; i++) {
		if (i == then->head && then->next)
			err = copy_active(c, then);
		else
			err = copy_block(c, i);
	}
	return err;
}

static u64 begun_since(struct ckpt_packet_sock *po, const struct instant *then)
{
	guard(spinlock_bh)(&po->sk.sk_receive_queue.lock);
	return po->rx_ring.prb_bdqc.knxt_seq_num - then->sequence;
}

/* Blocks that have been begun since are free: those behind the one that was then. */
static int forget_blocks(const struct copy *c, struct ckpt_packet_sock *po,
			 const struct instant *then)
{
	const size_t at = offsetof(struct tpacket_block_desc, hdr.bh1.block_status);
	u32 nr = c->rb->pg_vec_len, i;
	u64 count = min_t(u64, begun_since(po, then), nr - 1);
	const u32 zero = 0;
	int err = 0;

	for (i = 1; !err && i <= count; i++)
		err = put_bytes(c, ((u64)then->head + i) % nr * block_size(c->rb) + at, &zero,
				sizeof(zero));
	return err;
}

/* ---- all of it ------------------------------------------------------------------------ */

static struct ckpt_packet_ring *describe(struct ckpt_packet_rings *rings, u32 kind,
					 const struct ckpt_packet_ring_buffer *rb)
{
	struct ckpt_packet_ring *rec = &rings->recs[rings->nr++];

	rec->kind = cpu_to_le32(kind);
	rec->block_size = cpu_to_le32(block_size(rb));
	rec->blocks = cpu_to_le32(rb->pg_vec_len);
	rec->frame_size = cpu_to_le32(rb->frame_size);
	rec->head = cpu_to_le32(rb->head);
	return rec;
}

static void describe_blocks(struct ckpt_packet_ring *rec,
			    const struct ckpt_tpacket_kbdq_core *core,
			    const struct instant *then)
{
	if (core->feature_req_word & TP_FT_REQ_FILL_RXHASH)
		rec->flags = cpu_to_le32(CKPT_PACKET_RING_HASH);
	rec->room = cpu_to_le32(core->blk_sizeof_priv);
	rec->timeout = cpu_to_le32(core->retire_blk_tov);
	rec->next = cpu_to_le32(then->next);
	rec->last = cpu_to_le32(then->last);
	rec->sequence = cpu_to_le64(then->sequence);
}

static int copy_rx(struct ckpt_packet_rings *rings, struct ckpt_packet_sock *po)
{
	struct copy c = { .po = po, .rb = &po->rx_ring, .content = rings->content };
	struct ckpt_packet_ring *rec;
	struct instant then;
	int err = note_patiently(po, &then);

	if (err)
		return err;
	rec = describe(rings, CKPT_PACKET_RING_RX, c.rb);
	rec->head = cpu_to_le32(then.head);
	rings->hears = true;
	rings->received = then.received;
	rings->freezes = then.freezes;
	rings->drops = then.drops;
	if (po->tp_version == TPACKET_V3) {
		describe_blocks(rec, &c.rb->prb_bdqc, &then);
		return copy_blocks(&c, &then) ?: forget_blocks(&c, po, &then);
	}
	return copy_received(&c) ?: forget_frames(&c, po, &then);
}

static int copy_tx(struct ckpt_packet_rings *rings, struct ckpt_packet_sock *po)
{
	struct copy c = {
		.po = po, .rb = &po->tx_ring, .content = rings->content,
		.base = ring_size(&po->rx_ring),
	};

	describe(rings, CKPT_PACKET_RING_TX, c.rb);
	return copy_sent(&c);
}

static const char *obstacle(const struct ckpt_packet_sock *po)
{
	if (!po->rx_ring.pg_vec)
		return NULL;
	if (po->tp_version != TPACKET_V3)
		return READ_ONCE(po->copy_thresh) ?
			"a packet socket with a ring and PACKET_COPY_THRESH" : NULL;
	return po->rx_ring.prb_bdqc.feature_req_word & ~TP_FT_REQ_FILL_RXHASH ?
		"a packet socket with a ring of unknown features" : NULL;
}

static int copy_rings(struct ckpt_mount *m, struct ckpt_packet_rings *rings,
		      struct ckpt_packet_sock *po)
{
	int err;

	rings->content = ckpt_content_create(m);
	if (IS_ERR(rings->content)) {
		err = PTR_ERR(rings->content);
		rings->content = NULL;
		return err;
	}
	rings->size = ring_size(&po->rx_ring) + ring_size(&po->tx_ring);
	err = ckpt_content_truncate(rings->content, rings->size);
	if (!err && po->rx_ring.pg_vec)
		err = copy_rx(rings, po);
	if (!err && po->tx_ring.pg_vec)
		err = copy_tx(rings, po);
	return err;
}

void ckpt_packet_rings_get(void *ptr)
{
	struct ckpt_packet_rings *rings = ptr;

	refcount_inc(&rings->ref);
}

void ckpt_packet_rings_put(void *ptr)
{
	struct ckpt_packet_rings *rings = ptr;

	if (!rings || !refcount_dec_and_test(&rings->ref))
		return;
	ckpt_content_destroy(rings->content);
	kfree(rings);
}

/* The lock of the socket is held, so that it keeps its rings. */
static struct ckpt_packet_rings *copy_locked(struct ckpt_mount *m, struct ckpt_packet_sock *po,
					     const char **why)
{
	struct ckpt_packet_rings *rings;
	int err;

	if (!po->rx_ring.pg_vec && !po->tx_ring.pg_vec)
		return NULL;
	*why = obstacle(po);
	if (*why)
		return NULL;
	rings = kzalloc(sizeof(*rings), GFP_KERNEL_ACCOUNT);
	if (!rings)
		return ERR_PTR(-ENOMEM);
	refcount_set(&rings->ref, 1);
	err = copy_rings(m, rings, po);
	if (!err)
		return rings;
	ckpt_packet_rings_put(rings);
	if (err != -EBUSY)
		return ERR_PTR(err);
	*why = "a packet socket with a ring that is filled all the time";
	return NULL;
}

struct ckpt_packet_rings *ckpt_packet_rings_copy(struct ckpt_mount *m, struct sock *sk,
						 const char **obstacle)
{
	struct ckpt_packet_rings *rings;

	*obstacle = NULL;
	lock_sock(sk);
	rings = copy_locked(m, private_of(sk), obstacle);
	release_sock(sk);
	return rings;
}

int ckpt_packet_rings_save(const struct ckpt_packet_rings *rings, struct ckpt_writer *w)
{
	u32 i;

	for (i = 0; rings && i < rings->nr; i++) {
		struct ckpt_packet_ring *rec = ckpt_add(w, CKPT_REC_PACKETRING, 0);

		if (!rec)
			return w->error;
		*rec = rings->recs[i];
	}
	return 0;
}

/* ---- made again ----------------------------------------------------------------------- */

static bool is_rx(const struct ckpt_packet_ring *rec)
{
	return le32_to_cpu(rec->kind) == CKPT_PACKET_RING_RX;
}

static bool has_blocks(const struct ckpt_packet_sock *po, const struct ckpt_packet_ring *rec)
{
	return is_rx(rec) && po->tp_version == TPACKET_V3;
}

static int ask(struct socket *sock, const struct ckpt_packet_ring *rec)
{
	u32 size = le32_to_cpu(rec->block_size), frame = le32_to_cpu(rec->frame_size);
	u32 blocks = le32_to_cpu(rec->blocks);
	/* Of what has no blocks the rest is not read, or has to be 0. */
	struct tpacket_req3 req = {
		.tp_block_size = size,
		.tp_block_nr = blocks,
		.tp_frame_size = frame,
		.tp_frame_nr = size / frame * blocks,
	};

	if (has_blocks(private_of(sock->sk), rec)) {
		/* Of 0 the kernel makes a usual one, of more it takes 16 bits. */
		req.tp_retire_blk_tov = le32_to_cpu(rec->timeout) ?: U16_MAX + 1;
		req.tp_sizeof_priv = le32_to_cpu(rec->room);
		if (le32_to_cpu(rec->flags) & CKPT_PACKET_RING_HASH)
			req.tp_feature_req_word = TP_FT_REQ_FILL_RXHASH;
	}
	return do_sock_setsockopt(sock, false, SOL_PACKET,
				  is_rx(rec) ? PACKET_RX_RING : PACKET_TX_RING,
				  KERNEL_SOCKPTR(&req), sizeof(req));
}

/* What is relied on below. */
static bool is_as_asked(const struct ckpt_packet_sock *po,
			const struct ckpt_packet_ring_buffer *rb,
			const struct ckpt_packet_ring *rec)
{
	const struct ckpt_tpacket_kbdq_core *core = &rb->prb_bdqc;
	u32 head = le32_to_cpu(rec->head);

	if (!rb->pg_vec || block_size(rb) != le32_to_cpu(rec->block_size) ||
	    rb->pg_vec_len != le32_to_cpu(rec->blocks) ||
	    rb->frame_size != le32_to_cpu(rec->frame_size))
		return false;
	if (!has_blocks(po, rec))
		return head <= rb->frame_max;
	return head < rb->pg_vec_len && core->kblk_size == le32_to_cpu(rec->block_size) &&
	       core->knum_blocks == rb->pg_vec_len && core->pkbdq == rb->pg_vec &&
	       core->blk_sizeof_priv == le32_to_cpu(rec->room) &&
	       core->retire_blk_tov == le32_to_cpu(rec->timeout);
}

static int fill(const struct ckpt_packet_ring_buffer *rb, struct ckpt_content *content, u64 pos)
{
	u32 i;

	for (i = 0; i < rb->pg_vec_len; i++, pos += block_size(rb)) {
		struct kvec vec = {
			.iov_base = rb->pg_vec[i].buffer,
			.iov_len = block_size(rb),
		};
		struct iov_iter to;
		ssize_t n;

		iov_iter_kvec(&to, ITER_DEST, &vec, 1, vec.iov_len);
		n = ckpt_content_read(content, pos, &to);
		if (n != vec.iov_len)
			return n < 0 ? n : -EUCLEAN;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

/* It would close a block of which all is not there yet. */
static void stop_timer(struct sock *sk, struct ckpt_tpacket_kbdq_core *core)
{
	scoped_guard(spinlock_bh, &sk->sk_receive_queue.lock)
		core->delete_blk_timer = 1;
	timer_delete_sync(&core->retire_blk_timer);
}

static void set_block(struct sock *sk, struct ckpt_packet_ring_buffer *rb,
		      const struct ckpt_packet_ring *rec)
{
	u32 next = le32_to_cpu(rec->next), last = le32_to_cpu(rec->last);
	struct ckpt_tpacket_kbdq_core *core = &rb->prb_bdqc;
	u32 head = le32_to_cpu(rec->head);
	char *block = rb->pg_vec[head].buffer;

	guard(spinlock_bh)(&sk->sk_receive_queue.lock);
	core->kactive_blk_num = head;
	core->last_kactive_blk_num = head;
	core->knxt_seq_num = le64_to_cpu(rec->sequence);
	core->reset_pending_on_curr_blk = !next;
	core->pkblk_start = block;
	core->pkblk_end = block + core->kblk_size;
	core->nxt_offset = block + (next ?: packets_at(rb));
	core->prev = block + (next ? last : packets_at(rb));
	core->delete_blk_timer = 0;
	mod_timer(&core->retire_blk_timer, jiffies + core->tov_in_jiffies);
}

static void set_frame(struct sock *sk, struct ckpt_packet_ring_buffer *rb,
		      const struct ckpt_packet_ring *rec)
{
	struct sk_buff_head *queue = is_rx(rec) ? &sk->sk_receive_queue : &sk->sk_write_queue;

	guard(spinlock_bh)(&queue->lock);
	rb->head = le32_to_cpu(rec->head);
}

static int make_ring(struct socket *sock, const struct ckpt_packet_ring *rec,
		     struct ckpt_content *content, u64 pos)
{
	struct ckpt_packet_sock *po = private_of(sock->sk);
	struct ckpt_packet_ring_buffer *rb = is_rx(rec) ? &po->rx_ring : &po->tx_ring;
	int err = ask(sock, rec);

	if (err)
		return err;
	if (!is_as_asked(po, rb, rec))
		return -EINVAL;
	if (has_blocks(po, rec))
		stop_timer(sock->sk, &rb->prb_bdqc);
	err = fill(rb, content, pos);
	if (err)
		return err;
	if (has_blocks(po, rec))
		set_block(sock->sk, rb, rec);
	else
		set_frame(sock->sk, rb, rec);
	return 0;
}

int ckpt_packet_rings_restore(struct ckpt_restore *r, struct ckpt_item *item,
			      struct socket *sock)
{
	struct ckpt_item *data = ckpt_item(ckpt_restore_img(r), CKPT_TYPE_PACKETRING, item->id);
	struct ckpt_cursor cur;
	struct ckpt_view view;
	u64 pos = 0;
	int err = 0;

	ckpt_cursor_init(&cur, item->bytes, item->size);
	while (!err && ckpt_next(&cur, &view) > 0) {
		const struct ckpt_packet_ring *rec = view.body;

		if (view.type != CKPT_REC_PACKETRING)
			continue;
		/* As long as all of them, its check has found. */
		err = make_ring(sock, rec, data->content, pos);
		pos += (u64)le32_to_cpu(rec->block_size) * le32_to_cpu(rec->blocks);
	}
	if (err)
		ckpt_restore_err(r, item, "its ring cannot be made: %pe", ERR_PTR(err));
	return err;
}
