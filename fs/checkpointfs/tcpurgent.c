// SPDX-License-Identifier: GPL-2.0-only
/*
 * Urgent data of a TCP connection (MSG_OOB): where it is in what has not been
 * acknowledged, and in what has not been read.
 *
 * It is a byte of the stream like others (tcpstream.c), to which a number points. All
 * of this is under the lock of the socket.
 */
#include <linux/tcp.h>
#include <net/tcp.h>

#include "inet.h"

/* ---- saved ------------------------------------------------------------------------------ */

int ckpt_tcp_urgent_queued(const struct sock *sk, struct ckpt_tcp_stream *stream)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 len = tp->snd_up - le32_to_cpu(stream->rec.snd_seq);

	if (tp->snd_up == tp->snd_una)
		return 0;
	if (len > stream->nr_queued)
		return -EUCLEAN;
	stream->urgent.queued = cpu_to_le32(len);
	return 0;
}

int ckpt_tcp_urgent_unread(const struct sock *sk, struct ckpt_tcp_stream *stream)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 place = tp->urg_seq - le32_to_cpu(stream->rec.rcv_seq);
	u32 state = CKPT_URGENT_EXPECTED;

	if (!tp->urg_data)
		return 0;
	if (tp->urg_data & TCP_URG_READ)
		state = CKPT_URGENT_READ;
	else if (tp->urg_data & TCP_URG_VALID)
		state = CKPT_URGENT_UNREAD;
	if (state == CKPT_URGENT_EXPECTED ? place > CKPT_TCPCONN_BYTES :
					    place >= stream->nr_unread)
		return -EUCLEAN;
	stream->urgent.state = cpu_to_le32(state);
	stream->urgent.place = cpu_to_le32(place);
	if (state == CKPT_URGENT_UNREAD)
		stream->urgent.byte = cpu_to_le32(tp->urg_data & 0xff);
	return 0;
}

int ckpt_tcp_urgent_save(const struct ckpt_tcp_stream *stream, struct ckpt_writer *w)
{
	struct ckpt_tcpurgent *rec;

	if (!stream->urgent.queued && !stream->urgent.state)
		return 0;
	rec = ckpt_add(w, CKPT_REC_TCPURGENT, 0);
	if (!rec)
		return w->error;
	*rec = stream->urgent;
	return 0;
}

/* ---- had again -------------------------------------------------------------------------- */

static u16 urg_data(const struct ckpt_tcpurgent *rec)
{
	switch (le32_to_cpu(rec->state)) {
	case CKPT_URGENT_EXPECTED:
		return TCP_URG_NOTYET;
	case CKPT_URGENT_UNREAD:
		return TCP_URG_VALID | le32_to_cpu(rec->byte);
	case CKPT_URGENT_READ:
		return TCP_URG_READ;
	default:
		return 0;
	}
}

void ckpt_tcp_urgent_restore(const struct ckpt_item *item, struct sock *sk)
{
	const struct ckpt_tcpurgent *rec = ckpt_item_body(item, CKPT_REC_TCPURGENT);
	struct tcp_sock *tp = tcp_sk(sk);

	if (!rec)
		return;
	lock_sock(sk);
	tp->snd_up = tp->snd_una + le32_to_cpu(rec->queued);
	WRITE_ONCE(tp->urg_seq, tp->copied_seq + le32_to_cpu(rec->place));
	WRITE_ONCE(tp->urg_data, urg_data(rec));
	/* As whoever hears of some does: each segment is looked at. */
	tp->pred_flags = 0;
	release_sock(sk);
}
