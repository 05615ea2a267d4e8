// SPDX-License-Identifier: GPL-2.0-only
/*
 * The two directions of a TCP connection: copied out, and filled again.
 *
 * Its tasks are frozen, TCP is not: it still sends what is in a queue, and hears
 * of what has arrived. So what each end has to send is copied of all sockets
 * before what any has received: all that the other end had not got when the
 * first of these was copied is there, at least. What is there twice has the same
 * numbers, and is dropped by TCP itself. Each copy is made under the lock of the
 * socket, which has packets wait for that time; nobody outside has the socket, who
 * could hold that for as long as he likes.
 *
 * They are filled with the means of TCP_REPAIR, and its rights: first what all have
 * received, which sends nothing; then what they have sent, which may be sent again
 * from then on, and finds a peer that has it or takes it. What the peer has received
 * has been sent, whatever was known of it at the other end. When all have been filled
 * they go on, with what has not been sent. An end whose peer has been closed has heard
 * of that already, and nobody will say it again; nor does a peer outside that has been
 * told that it was heard.
 */
#include <linux/sched/signal.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <linux/uio.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "compat/ksyms.h"
#include "inet.h"

#define STAMPED	"a byte on its way that will be told of (SO_TIMESTAMPING)"

/* ---- copied ------------------------------------------------------------------------------- */

void ckpt_tcp_stream_get(void *ptr)
{
	struct ckpt_tcp_stream *stream = ptr;

	refcount_inc(&stream->ref);
}

void ckpt_tcp_stream_put(void *ptr)
{
	struct ckpt_tcp_stream *stream = ptr;

	if (!stream || !refcount_dec_and_test(&stream->ref))
		return;
	kvfree(stream->queued);
	kvfree(stream->unread);
	kfree(stream);
}

struct ckpt_tcp_stream *ckpt_tcp_stream_create(void)
{
	struct ckpt_tcp_stream *stream = kzalloc(sizeof(*stream), GFP_KERNEL_ACCOUNT);

	if (stream)
		refcount_set(&stream->ref, 1);
	return stream;
}

bool ckpt_tcp_connected(const struct sock *sk)
{
	return (1 << READ_ONCE(sk->sk_state)) &
	       (TCPF_ESTABLISHED | TCPF_FIN_WAIT1 | TCPF_FIN_WAIT2 | TCPF_CLOSE_WAIT |
		TCPF_CLOSING | TCPF_LAST_ACK);
}

/* Has it said that it has no more to send? That counts as a byte. */
static bool fin_queued(const struct sock *sk)
{
	return (1 << sk->sk_state) & (TCPF_FIN_WAIT1 | TCPF_FIN_WAIT2 | TCPF_CLOSING |
				      TCPF_LAST_ACK);
}

/* Has its peer? */
static bool fin_received(const struct sock *sk)
{
	return (1 << sk->sk_state) & (TCPF_CLOSE_WAIT | TCPF_CLOSING | TCPF_LAST_ACK);
}

/**
 * struct piece - of a stream, while it is copied
 * @to:		where it goes
 * @next:	number of the byte that comes next
 * @end:	behind the last
 * @fin:	an end has been met
 */
struct piece {
	u8 *to;
	u32 next;
	u32 end;
	bool fin;
};

/* Return: 0, or -EUCLEAN where bytes are missing. */
static int copy_skb(const struct sk_buff *skb, struct piece *piece)
{
	u32 seq = TCP_SKB_CB(skb)->seq, offset = piece->next - seq, len;
	int err;

	if (TCP_SKB_CB(skb)->tcp_flags & TCPHDR_FIN)
		piece->fin = true;
	if (before(piece->next, seq))
		return -EUCLEAN;
	if (offset >= skb->len || !before(piece->next, piece->end))
		return 0;
	len = min(skb->len - offset, piece->end - piece->next);
	err = skb_copy_bits(skb, offset, piece->to, len);
	piece->to += len;
	piece->next += len;
	return err;
}

static int copy_queued(struct sock *sk, struct piece *piece)
{
	struct sk_buff *skb;
	int err;

	for (skb = tcp_rtx_queue_head(sk); skb; skb = skb_rb_next(skb)) {
		err = copy_skb(skb, piece);
		if (err)
			return err;
	}
	skb_queue_walk(&sk->sk_write_queue, skb) {
		err = copy_skb(skb, piece);
		if (err)
			return err;
	}
	return piece->next == piece->end ? 0 : -EUCLEAN;
}

static int copy_unread(struct sock *sk, struct piece *piece)
{
	struct sk_buff *skb;
	int err;

	skb_queue_walk(&sk->sk_receive_queue, skb) {
		err = copy_skb(skb, piece);
		if (err)
			return err;
	}
	return piece->next == piece->end ? 0 : -EUCLEAN;
}

static u32 value_of(struct sock *sk, int option)
{
	int value = 0, len = sizeof(value);

	ksym(do_tcp_getsockopt)(sk, SOL_TCP, option, KERNEL_SOCKPTR(&value),
				KERNEL_SOCKPTR(&len));
	return value;
}

static void save_options(const struct tcp_sock *tp, struct ckpt_tcpconn *rec)
{
	u32 flags = 0;

	if (tp->rx_opt.sack_ok)
		flags |= CKPT_TCPCONN_SACK;
	if (tp->rx_opt.tstamp_ok)
		flags |= CKPT_TCPCONN_TIMESTAMPS;
	if (tp->rx_opt.wscale_ok) {
		flags |= CKPT_TCPCONN_SCALED;
		rec->snd_wscale = tp->rx_opt.snd_wscale;
		rec->rcv_wscale = tp->rx_opt.rcv_wscale;
	}
	rec->flags |= cpu_to_le32(flags);
	rec->mss = cpu_to_le16(tp->rx_opt.mss_clamp);
}

/* Room for the bytes of @piece. Return: 0, -ENOMEM, -EFBIG: more than a record tells. */
static int make_room(struct piece *piece, u8 **bytes, size_t *nr)
{
	*nr = piece->end - piece->next;
	if (*nr > CKPT_TCPCONN_BYTES)
		return -EFBIG;
	*bytes = kvmalloc(*nr, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	piece->to = *bytes;
	return *bytes ? 0 : -ENOMEM;
}

static int copy_send_side(struct sock *sk, struct ckpt_tcp_stream *stream)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	struct ckpt_tcpconn *rec = &stream->rec;
	u32 end = tp->write_seq - fin_queued(sk);
	struct piece piece = { .next = tp->snd_una, .end = end };
	bool fin = fin_queued(sk);
	int err;

	/* It has been acknowledged, too. */
	if (after(tp->snd_una, end)) {
		piece.next = end;
		fin = false;
	}
	err = make_room(&piece, &stream->queued, &stream->nr_queued);
	if (err)
		return err;
	rec->snd_seq = cpu_to_le32(piece.next);
	rec->queued = cpu_to_le32(stream->nr_queued);
	rec->sent = cpu_to_le32(min(tp->snd_nxt - piece.next, stream->nr_queued));
	rec->snd_wl1 = cpu_to_le32(tp->snd_wl1);
	rec->snd_wnd = cpu_to_le32(tp->snd_wnd);
	rec->max_window = cpu_to_le32(tp->max_window);
	if (fin_queued(sk))
		rec->flags |= cpu_to_le32(CKPT_TCPCONN_SEND_END);
	save_options(tp, rec);
	err = copy_queued(sk, &piece);
	/* There may have been no memory for it. */
	return err ?: piece.fin == fin ? 0 : -EUCLEAN;
}

static int copy_receive_side(struct sock *sk, struct ckpt_tcp_stream *stream)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	struct ckpt_tcpconn *rec = &stream->rec;
	bool fin = fin_received(sk);
	u32 edge = tp->rcv_wup + tp->rcv_wnd;
	struct piece piece = { .next = tp->copied_seq, .end = tp->rcv_nxt - fin };
	u32 wup = after(tp->rcv_wup, piece.end) ? piece.end : tp->rcv_wup;
	int err;

	/* Who has read to the end has read that, too. */
	if (after(piece.next, piece.end))
		piece.next = piece.end;
	err = make_room(&piece, &stream->unread, &stream->nr_unread);
	if (err)
		return err;
	rec->rcv_seq = cpu_to_le32(piece.next);
	rec->unread = cpu_to_le32(stream->nr_unread);
	rec->rcv_wup = cpu_to_le32(wup);
	rec->rcv_wnd = cpu_to_le32(edge - wup);
	if (fin)
		rec->flags |= cpu_to_le32(CKPT_TCPCONN_RCV_END);
	return copy_unread(sk, &piece);
}

/* Whatever else it is, it is of the socket: it cannot be saved. */
static int name_obstacle(int err, const char *what, const char **why)
{
	if (err && err != -ENOMEM)
		*why = *why ?: what;
	return err == -ENOMEM ? err : 0;
}

/* Is anything to be told of that byte (SO_TIMESTAMPING)? */
static bool is_stamped(const struct sk_buff *skb)
{
	return skb_shinfo(skb)->tx_flags & SKBTX_ANY_TSTAMP || TCP_SKB_CB(skb)->txstamp_ack;
}

/* It moves from the bytes to the queue of errors, which has nothing when it is collected. */
static const char *news_obstacle(struct sock *sk)
{
	struct sk_buff *skb;

	for (skb = tcp_rtx_queue_head(sk); skb; skb = skb_rb_next(skb))
		if (is_stamped(skb))
			return STAMPED;
	skb_queue_walk(&sk->sk_write_queue, skb)
		if (is_stamped(skb))
			return STAMPED;
	return skb_queue_empty_lockless(&sk->sk_error_queue) ? NULL :
		"an error that has not been read (MSG_ERRQUEUE)";
}

int ckpt_tcp_stream_queued(struct sock *sk, struct ckpt_tcp_stream *stream, const char **why)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	int err = 0;

	*why = NULL;
	lock_sock(sk);
	if (sk->sk_state == TCP_SYN_RECV || rcu_access_pointer(tp->fastopen_rsk))
		*why = "a tcp connection that is being made";
	else if (!ckpt_tcp_connected(sk))
		*why = sk->sk_err ? "a tcp connection that has been reset" :
				    "a tcp connection that is being closed";
	else
		err = copy_send_side(sk, stream) ?: ckpt_tcp_urgent_queued(sk, stream);
	*why = *why ?: news_obstacle(sk);
	release_sock(sk);
	stream->rec.timestamp = cpu_to_le32(value_of(sk, TCP_TIMESTAMP));
	return name_obstacle(err, "what a tcp connection has to send", why);
}

int ckpt_tcp_stream_unread(struct sock *sk, struct ckpt_tcp_stream *stream, const char **why)
{
	int err = 0;

	*why = NULL;
	lock_sock(sk);
	if (!ckpt_tcp_connected(sk))
		*why = "a tcp connection that is being closed";
	else
		err = copy_receive_side(sk, stream) ?: ckpt_tcp_urgent_unread(sk, stream);
	release_sock(sk);
	return name_obstacle(err, "what a tcp connection has received", why);
}

int ckpt_tcp_stream_rest(struct sock *sk, struct ckpt_tcp_stream *stream)
{
	const struct sk_buff *last = skb_peek_tail(&sk->sk_receive_queue);
	const struct tcp_sock *tp = tcp_sk(sk);
	bool fin = last && TCP_SKB_CB(last)->tcp_flags & TCPHDR_FIN;
	struct piece piece = { .next = tp->copied_seq, .end = tp->rcv_nxt - fin };
	int err;

	if (fin)
		stream->rec.flags |= cpu_to_le32(CKPT_TCPCONN_RCV_END);
	err = make_room(&piece, &stream->unread, &stream->nr_unread);
	return err ?: copy_unread(sk, &piece);
}

/* ---- filled ---------------------------------------------------------------------------------- */

static int set(struct socket *sock, int option, const void *value, int len)
{
	return do_sock_setsockopt(sock, false, SOL_TCP, option, KERNEL_SOCKPTR((void *)value),
				  len);
}

static int set_int(struct socket *sock, int option, int value)
{
	return set(sock, option, &value, sizeof(value));
}

/*
 * A probe would be answered by a reset yet, and the program's filter may let pass
 * nothing more: they are had when all go on.
 */
static int unset_options(struct socket *sock)
{
	int none = 0, err;

	sock_reset_flag(sock->sk, SOCK_KEEPOPEN);
	sock_reset_flag(sock->sk, SOCK_FILTER_LOCKED);
	err = do_sock_setsockopt(sock, false, SOL_SOCKET, SO_DETACH_FILTER,
				 KERNEL_SOCKPTR(&none), sizeof(none));
	return err == -ENOENT ? 0 : err;
}

int ckpt_tcp_stream_begin(struct socket *sock, const struct ckpt_tcpconn *rec)
{
	int err = set_int(sock, TCP_REPAIR, TCP_REPAIR_ON);

	if (!err)
		err = unset_options(sock);
	if (!err)
		err = set_int(sock, TCP_REPAIR_QUEUE, TCP_SEND_QUEUE);
	if (!err)
		err = set_int(sock, TCP_QUEUE_SEQ, le32_to_cpu(rec->snd_seq));
	if (!err)
		err = set_int(sock, TCP_REPAIR_QUEUE, TCP_RECV_QUEUE);
	return err ?: set_int(sock, TCP_QUEUE_SEQ, le32_to_cpu(rec->rcv_seq));
}

/* What both ends have agreed on. */
static int set_options(struct socket *sock, const struct ckpt_tcpconn *rec)
{
	u32 flags = le32_to_cpu(rec->flags), n = 0;
	struct tcp_sock *tp = tcp_sk(sock->sk);
	struct tcp_repair_opt opts[4] = {};
	int err;

	opts[n++] = (struct tcp_repair_opt){ TCPOPT_MSS, le16_to_cpu(rec->mss) };
	opts[n++] = (struct tcp_repair_opt){ TCPOPT_WINDOW,
					     rec->snd_wscale | rec->rcv_wscale << 16 };
	if (flags & CKPT_TCPCONN_SACK)
		opts[n++] = (struct tcp_repair_opt){ TCPOPT_SACK_PERM };
	if (flags & CKPT_TCPCONN_TIMESTAMPS)
		opts[n++] = (struct tcp_repair_opt){ TCPOPT_TIMESTAMP };
	err = set(sock, TCP_REPAIR_OPTIONS, opts, n * sizeof(*opts));
	if (err)
		return err;
	lock_sock(sock->sk);
	tp->rx_opt.wscale_ok = !!(flags & CKPT_TCPCONN_SCALED);
	/* connect(2) has looked at what this machine would have liked. */
	tp->tcp_header_len = sizeof(struct tcphdr);
	if (flags & CKPT_TCPCONN_TIMESTAMPS)
		tp->tcp_header_len += TCPOLEN_TSTAMP_ALIGNED;
	release_sock(sock->sk);
	return set_int(sock, TCP_TIMESTAMP, le32_to_cpu(rec->timestamp));
}

/**
 * struct feed - bytes of an item, on their way into a socket
 * @data:	where they are
 * @pos:	there
 */
struct feed {
	struct ckpt_item *data;
	loff_t pos;
};

#define FEED	(64 << 10)

static int read_feed(struct feed *feed, void *bytes, size_t len)
{
	struct kvec vec = { .iov_base = bytes, .iov_len = len };
	struct iov_iter to;
	ssize_t n;

	iov_iter_kvec(&to, ITER_DEST, &vec, 1, len);
	n = ckpt_content_read(feed->data->content, feed->pos, &to);
	return n == len ? 0 : n < 0 ? n : -EUCLEAN;
}

static int send_feed(struct socket *sock, struct feed *feed, u32 left)
{
	void *bytes __free(kvfree) = NULL;

	if (!left)
		return 0;
	bytes = kvmalloc(min_t(u32, left, FEED), GFP_KERNEL_ACCOUNT);
	if (!bytes)
		return -ENOMEM;
	while (left) {
		struct msghdr msg = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };
		u32 len = min_t(u32, left, FEED);
		struct kvec vec = { .iov_base = bytes, .iov_len = len };
		int n = read_feed(feed, bytes, len) ?:
			kernel_sendmsg(sock, &msg, &vec, 1, len);

		if (n <= 0)
			return n == -EAGAIN || !n ? -ENOMEM : n;
		feed->pos += n;
		left -= n;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

/* One piece of it, which may be shorter. Return: bytes, or -errno. */
static int put_rest(struct sock *sk, void *bytes, u32 len)
{
	struct kvec vec = { .iov_base = bytes, .iov_len = len };
	int rcvbuf = READ_ONCE(sk->sk_rcvbuf), n;
	struct msghdr msg = {};

	iov_iter_kvec(&msg.msg_iter, ITER_SOURCE, &vec, 1, len);
	lock_sock(sk);
	WRITE_ONCE(sk->sk_rcvbuf, INT_MAX);
	n = ksym(tcp_send_rcvq)(sk, &msg, len);
	WRITE_ONCE(sk->sk_rcvbuf, rcvbuf);
	release_sock(sk);
	return n > 0 ? n : n == -EINTR ? n : -ENOMEM;
}

/* That counts as a byte; without any before it nobody looks for more than the number. */
static void put_end(struct sock *sk)
{
	struct sk_buff *last;

	lock_sock(sk);
	last = skb_peek_tail(&sk->sk_receive_queue);
	if (last) {
		TCP_SKB_CB(last)->tcp_flags |= TCPHDR_FIN;
		TCP_SKB_CB(last)->end_seq++;
	}
	WRITE_ONCE(tcp_sk(sk)->rcv_nxt, tcp_sk(sk)->rcv_nxt + 1);
	release_sock(sk);
}

int ckpt_tcp_stream_refill(struct sock *sk, struct ckpt_item *data, u32 len, bool fin)
{
	struct feed feed = { .data = data };
	void *bytes __free(kvfree) = kvmalloc(FEED, GFP_KERNEL_ACCOUNT);
	u32 nr, done;
	int n;

	if (!bytes)
		return -ENOMEM;
	for (; len; len -= nr) {
		nr = min_t(u32, len, FEED);
		n = read_feed(&feed, bytes, nr);
		for (done = 0; !n && done < nr; done += n, n = 0) {
			n = put_rest(sk, bytes + done, nr - done);
			if (n < 0)
				break;
		}
		if (n < 0)
			return n;
		feed.pos += nr;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	if (fin)
		put_end(sk);
	return 0;
}

static int fill_queue(struct socket *sock, struct feed *feed, int queue, u32 len)
{
	int err = set_int(sock, TCP_REPAIR_QUEUE, queue);

	return err ?: send_feed(sock, feed, len);
}

/* And the segments that fit into them, which connect(2) had to guess. */
static int set_window(struct socket *sock, const struct ckpt_tcpconn *rec)
{
	struct tcp_repair_window window = {
		.snd_wl1 = le32_to_cpu(rec->snd_wl1),
		.snd_wnd = le32_to_cpu(rec->snd_wnd),
		.max_window = le32_to_cpu(rec->max_window),
		.rcv_wnd = le32_to_cpu(rec->rcv_wnd),
		.rcv_wup = le32_to_cpu(rec->rcv_wup),
	};
	int err = set(sock, TCP_REPAIR_WINDOW, &window, sizeof(window));

	if (err)
		return err;
	lock_sock(sock->sk);
	ksym(tcp_sync_mss)(sock->sk, inet_csk(sock->sk)->icsk_pmtu_cookie);
	release_sock(sock->sk);
	return 0;
}

/* With room for whatever there was. */
static int with_room(struct socket *sock, struct feed *feed,
		     int (*fill)(struct socket *sock, struct feed *feed,
				 const struct ckpt_tcpconn *rec, u32 sent),
		     const struct ckpt_tcpconn *rec, u32 sent)
{
	int sndbuf = READ_ONCE(sock->sk->sk_sndbuf), rcvbuf = READ_ONCE(sock->sk->sk_rcvbuf), err;

	WRITE_ONCE(sock->sk->sk_sndbuf, INT_MAX);
	WRITE_ONCE(sock->sk->sk_rcvbuf, INT_MAX);
	err = fill(sock, feed, rec, sent);
	WRITE_ONCE(sock->sk->sk_rcvbuf, rcvbuf);
	WRITE_ONCE(sock->sk->sk_sndbuf, sndbuf);
	return err;
}

static int fill_unread(struct socket *sock, struct feed *feed, const struct ckpt_tcpconn *rec,
		       u32 sent)
{
	return fill_queue(sock, feed, TCP_RECV_QUEUE, le32_to_cpu(rec->unread));
}

/* As tcp_fin() does when it hears of it. */
static void end_received(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	lock_sock(sk);
	WRITE_ONCE(tp->rcv_nxt, tp->rcv_nxt + 1);
	WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | RCV_SHUTDOWN);
	sock_set_flag(sk, SOCK_DONE);
	tcp_set_state(sk, TCP_CLOSE_WAIT);
	release_sock(sk);
}

int ckpt_tcp_stream_fill(struct socket *sock, struct ckpt_item *data,
			 const struct ckpt_tcpconn *rec)
{
	struct feed feed = { .data = data };
	int err = set_options(sock, rec);

	if (!err)
		err = with_room(sock, &feed, fill_unread, rec, 0);
	if (!err)
		err = set_window(sock, rec);
	if (!err && !rec->peer && le32_to_cpu(rec->flags) & CKPT_TCPCONN_RCV_END)
		end_received(sock->sk);
	return err;
}

static int fill_sent(struct socket *sock, struct feed *feed, const struct ckpt_tcpconn *rec,
		     u32 sent)
{
	return fill_queue(sock, feed, TCP_SEND_QUEUE, sent);
}

int ckpt_tcp_stream_queue(struct socket *sock, struct ckpt_item *data,
			  const struct ckpt_tcpconn *rec, u32 sent)
{
	struct feed feed = { .data = data, .pos = le32_to_cpu(rec->unread) };

	return with_room(sock, &feed, fill_sent, rec, sent);
}

static int send_rest(struct socket *sock, struct feed *feed, const struct ckpt_tcpconn *rec,
		     u32 sent)
{
	return send_feed(sock, feed, le32_to_cpu(rec->queued) - sent);
}

int ckpt_tcp_stream_start(struct socket *sock, struct ckpt_item *data,
			  const struct ckpt_tcpconn *rec, u32 sent)
{
	struct feed feed = { .data = data, .pos = (loff_t)le32_to_cpu(rec->unread) + sent };
	int err = set_int(sock, TCP_REPAIR, TCP_REPAIR_OFF);

	if (!err)
		err = with_room(sock, &feed, send_rest, rec, sent);
	if (!err && le32_to_cpu(rec->flags) & CKPT_TCPCONN_SEND_END)
		err = kernel_sock_shutdown(sock, SHUT_WR);
	return err;
}

/* As soon as its timer for that can run, which knows what to do. */
void ckpt_tcp_stream_hurry(struct sock *sk)
{
	lock_sock(sk);
	if (tcp_sk(sk)->packets_out)
		inet_csk_reset_xmit_timer(sk, ICSK_TIME_RETRANS, 1, TCP_RTO_MAX);
	release_sock(sk);
}

void ckpt_tcp_silence(struct sock *sk)
{
	lock_sock(sk);
	if (sk->sk_state != TCP_LISTEN)
		tcp_sk(sk)->repair = 1;
	release_sock(sk);
}
