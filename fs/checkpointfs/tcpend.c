// SPDX-License-Identifier: GPL-2.0-only
/*
 * An end of a TCP connection: of an open file (objects/tcpconn.c), or in the queue of
 * whom it waits to be accepted by (objects/tcpwaiting.c).
 *
 * Its other end is found by the addresses. That is another end of the container, or
 * it has been closed, and all that it had to say is here: nobody has it any more, and
 * TCP is to forget it soon. Such an end is not made again; what is sent to it is
 * answered by a reset, as it would be after a while.
 *
 * Any other is outside, on this machine or elsewhere, and goes on while this one is
 * saved. It must not hear more from it than the image tells, nor tell it more: the packets
 * between them are held back (nethold.c), from before the first is copied until the
 * program runs on, or has been restored.
 *
 * What each end has to send is read when all have been collected, what it has
 * received when the first has been done of all (tcpstream.c). They are made again
 * with TCP_REPAIR, so that no packet goes before all are there; then each goes on,
 * and says again that it has no more to send, which the other end has to hear before
 * anybody watches it: an epoll is told once.
 */
#include <linux/delay.h>
#include <linux/file.h>
#include <linux/sched/signal.h>
#include <linux/tcp.h>
#include <net/inet_hashtables.h>
#include <net/inet6_hashtables.h>
#include <net/tcp.h>

#include "inet.h"

/* ---- saved --------------------------------------------------------------------------- */

#define UNFIT	"a tcp connection whose other end is another's"

/* With a reference; NULL: there is none in this network namespace. */
static struct sock *find_peer(const struct sock *sk)
{
	const struct inet_sock *inet = inet_sk(sk);
	struct inet_hashinfo *hash = sock_net(sk)->ipv4.tcp_death_row.hashinfo;
	int dif = sk->sk_bound_dev_if ?: LOOPBACK_IFINDEX;

	/* The chains are walked without a lock, past sockets that are anybody's. */
	guard(rcu)();
#if IS_BUILTIN(CONFIG_IPV6)
	if (ckpt_inet_is_v6(sk) && !ipv6_addr_v4mapped(&sk->sk_v6_daddr))
		return __inet6_lookup_established(sock_net(sk), hash, &sk->sk_v6_rcv_saddr,
						  inet->inet_sport, &sk->sk_v6_daddr,
						  ntohs(inet->inet_dport), dif, 0);
#endif
	return __inet_lookup_established(sock_net(sk), hash, inet->inet_rcv_saddr,
					 inet->inet_sport, inet->inet_daddr,
					 ntohs(inet->inet_dport), dif, 0);
}

static struct ckpt_object *object_of(struct ckpt_collect *c, struct sock *sk)
{
	struct ckpt_object *found = NULL;

	read_lock_bh(&sk->sk_callback_lock);
	if (!sk->sk_socket)
		found = ckpt_lookup(c, CKPT_TYPE_TCPWAITING, sk);
	else if (sk->sk_socket->file)
		found = ckpt_lookup(c, CKPT_TYPE_TCPCONN, sk->sk_socket->file);
	read_unlock_bh(&sk->sk_callback_lock);
	return found;
}

static bool is_closed(const struct sock *sk)
{
	return sk->sk_state == TCP_TIME_WAIT || (sk_fullsock(sk) && sock_flag(sk, SOCK_DEAD));
}

/*
 * Sets its number and its stream, if it is of the container, or *@outside.
 * Return: what it is that cannot be saved, or NULL.
 */
static const char *examine_peer(struct ckpt_collect *c, const struct sock *sk,
				struct sock *peer, struct ckpt_tcp_stream *stream,
				bool *outside)
{
	const struct ckpt_object *found;

	if (peer == sk)
		return "a tcp connection to itself";
	if (is_closed(peer))
		return READ_ONCE(sk->sk_state) == TCP_CLOSE_WAIT ? NULL :
			"a tcp connection whose other end is closed and has yet to say so";
	if (!sk_fullsock(peer))
		return "a tcp connection that its other end has not made yet";
	found = object_of(c, peer);
	*outside = !found;
	if (found) {
		stream->rec.peer = cpu_to_le64(found->id);
		stream->peer = found->priv;
	}
	return NULL;
}

static struct ckpt_connection connection_of(const struct sock *sk)
{
	const struct inet_sock *inet = inet_sk(sk);
	struct ckpt_connection conn = {
		.net = sock_net(sk),
		.local_port = inet->inet_sport,
		.peer_port = inet->inet_dport,
	};

#if IS_BUILTIN(CONFIG_IPV6)
	if (ckpt_inet_is_v6(sk) && !ipv6_addr_v4mapped(&sk->sk_v6_daddr)) {
		memcpy(conn.local, &sk->sk_v6_rcv_saddr, sizeof(conn.local));
		memcpy(conn.peer, &sk->sk_v6_daddr, sizeof(conn.peer));
		conn.v6 = true;
		return conn;
	}
#endif
	memcpy(conn.local, &inet->inet_rcv_saddr, sizeof(__be32));
	memcpy(conn.peer, &inet->inet_daddr, sizeof(__be32));
	return conn;
}

struct ckpt_nethold *ckpt_tcp_hold(const struct sock *sk, bool asks)
{
	struct ckpt_connection conn = connection_of(sk);

	return ckpt_nethold_get(&conn, asks);
}

/*
 * Without a hold, which is when the program only runs on, the image tells of a moment
 * that has passed for the peer.
 */
static int hold_back(struct ckpt_collect *c, const struct sock *sk,
		     struct ckpt_tcp_stream *stream)
{
	struct ckpt_nethold *hold;

	stream->rec.flags |= cpu_to_le32(CKPT_TCPCONN_OUTSIDE);
	if (!c->con->holds)
		return 0;
	hold = ckpt_tcp_hold(sk, false);
	if (IS_ERR(hold))
		return PTR_ERR(hold);
	stream->hold = hold;
	return 0;
}

int ckpt_tcp_end_find(struct ckpt_collect *c, struct sock *sk, struct ckpt_tcp_stream *stream)
{
	struct sock *peer = find_peer(sk);
	bool outside = !peer;

	if (peer) {
		stream->obstacle = examine_peer(c, sk, peer, stream, &outside);
		sock_gen_put(peer);
	}
	return outside ? hold_back(c, sk, stream) : 0;
}

int ckpt_tcp_end_verify(struct sock *sk, struct ckpt_tcp_stream *stream, const char **why)
{
	int err = ckpt_tcp_stream_queued(sk, stream, why);

	if (err || *why)
		return err;
	*why = stream->obstacle;
	stream->verified = !*why;
	return 0;
}

/* By its addresses it is the peer; is it by its numbers? */
static const char *peer_obstacle(const struct ckpt_tcp_stream *stream)
{
	const struct ckpt_tcp_stream *peer = stream->peer;

	if (!peer)
		return le32_to_cpu(stream->rec.flags) &
		       (CKPT_TCPCONN_RCV_END | CKPT_TCPCONN_OUTSIDE) ? NULL : UNFIT;
	return peer->peer == stream && ckpt_tcpconn_fits(&peer->rec, &stream->rec) ?
		NULL : UNFIT;
}

int ckpt_tcp_end_save(struct sock *sk, struct ckpt_tcp_stream *stream, struct ckpt_writer *w,
		      const char **why)
{
	struct ckpt_tcpconn *rec;
	int err;

	/* It was shared when it was verified, and a moment later was not. */
	*why = "a tcp connection that others look at";
	if (!stream->verified)
		return 0;
	err = ckpt_tcp_stream_unread(sk, stream, why);
	if (err)
		return err;
	*why = *why ?: peer_obstacle(stream);
	if (*why)
		return 0;
	rec = ckpt_add(w, CKPT_REC_TCPCONN, 0);
	if (!rec)
		return w->error;
	*rec = stream->rec;
	return ckpt_tcp_urgent_save(stream, w);
}

void ckpt_tcp_end_thaw(struct ckpt_object *obj, unsigned int hold)
{
	struct ckpt_tcp_stream *stream = obj->priv;

	if (!stream || !stream->hold)
		return;
	ckpt_nethold_leave(stream->hold, hold);
	stream->hold = NULL;
}

/* ---- made again ------------------------------------------------------------------------ */

static const struct ckpt_tcpconn *record_of(const struct ckpt_item *item)
{
	return ckpt_item_body(item, CKPT_REC_TCPCONN);
}

static struct ckpt_item *data_of(struct ckpt_restore *r, const struct ckpt_item *item)
{
	return ckpt_item(ckpt_restore_img(r), CKPT_TYPE_TCPDATA, item->id);
}

static const struct ckpt_tcpconn *peer_of(struct ckpt_restore *r, const struct ckpt_tcpconn *rec)
{
	struct ckpt_image *img = ckpt_restore_img(r);
	u64 id = le64_to_cpu(rec->peer);

	return record_of(ckpt_item(img, CKPT_TYPE_TCPCONN, id) ?:
			 ckpt_item(img, CKPT_TYPE_TCPWAITING, id));
}

static struct socket *socket_of(const struct ckpt_item *item)
{
	if (item->ops->type == CKPT_TYPE_TCPCONN)
		return sock_from_file(item->made);
	return ((struct sock *)item->made)->sk_socket;
}

/* What its peer has received it has sent, though it may not have known when it was copied. */
static u32 sent_of(struct ckpt_restore *r, const struct ckpt_item *item)
{
	const struct ckpt_tcpconn *rec = record_of(item), *peer;
	u32 received;

	if (!rec->peer)
		return le32_to_cpu(rec->sent);
	peer = peer_of(r, rec);
	received = le32_to_cpu(peer->rcv_seq) + le32_to_cpu(peer->unread) -
		   le32_to_cpu(rec->snd_seq);
	return max(le32_to_cpu(rec->sent), received);
}

static int failed(struct ckpt_restore *r, struct ckpt_item *item, const char *what, int err)
{
	ckpt_restore_err(r, item, "%s: %pe", what, ERR_PTR(err));
	return err;
}

/* Options by which connect(2) would wait for the first bytes, or which it changes. */
int ckpt_tcp_connect(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock)
{
	struct tcp_sock *tp = tcp_sk(sock->sk);
	bool fastopen = tp->fastopen_connect;
	u32 clamp = tp->window_clamp;
	int err;

	tp->fastopen_connect = 0;
	err = ckpt_inet_connect(r, item, sock);
	if (err)
		return err;
	lock_sock(sock->sk);
	tp->fastopen_connect = fastopen;
	if (clamp)
		WRITE_ONCE(tp->window_clamp, clamp);
	release_sock(sock->sk);
	return 0;
}

/* An address of the image, as the packets have it. */
static void put_address(u8 to[16], const u8 addr[16], bool mapped)
{
	if (mapped)
		memcpy(to, addr + 12, 4);
	else
		memcpy(to, addr, 16);
}

int ckpt_tcp_hold_again(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock,
			bool asks)
{
	const struct ckpt_inet *rec = ckpt_item_body(item, CKPT_REC_INET);
	bool mapped = le32_to_cpu(rec->family) == CKPT_INET_IPV6 &&
		      ipv6_addr_v4mapped((const struct in6_addr *)rec->peer);
	struct ckpt_connection conn = {
		.net = sock_net(sock->sk),
		.local_port = htons(le16_to_cpu(rec->local_port)),
		.peer_port = htons(le16_to_cpu(rec->peer_port)),
		.v6 = le32_to_cpu(rec->family) == CKPT_INET_IPV6 && !mapped,
	};
	struct ckpt_nethold *hold;

	put_address(conn.local, rec->local, mapped);
	put_address(conn.peer, rec->peer, mapped);
	hold = ckpt_nethold_get(&conn, asks);
	if (IS_ERR(hold))
		return failed(r, item, "its packets cannot be held back", PTR_ERR(hold));
	item->priv = hold;
	return 0;
}

/*
 * Until the restore has succeeded nothing arrives of what would be lost if it fails, and
 * nothing leaves that would tell of it. By now it is known that the writer may repair
 * connections: he could have had any such one, and let it hear nothing.
 */
static int hold_back_again(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock)
{
	if (!(le32_to_cpu(record_of(item)->flags) & CKPT_TCPCONN_OUTSIDE))
		return 0;
	return ckpt_tcp_hold_again(r, item, sock, false);
}

void ckpt_tcp_end_over(struct ckpt_item *item, struct sock *sk, bool abandoned)
{
	struct ckpt_nethold *hold = item->priv;

	if (!hold)
		return;
	item->priv = NULL;
	if (abandoned) {
		ckpt_nethold_put(hold);
		return;
	}
	ckpt_nethold_end(hold);
	ckpt_tcp_stream_hurry(sk);
}

int ckpt_tcp_end_make(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock)
{
	const struct ckpt_tcpconn *rec = record_of(item);
	int err = ckpt_tcp_set_up(r, item, sock);

	if (err)
		return err;
	err = ckpt_tcp_stream_begin(sock, rec);
	if (err)
		return failed(r, item, "may not be repaired (TCP_REPAIR)", err);
	err = hold_back_again(r, item, sock) ?: ckpt_inet_bind(r, item, sock);
	if (!err)
		err = ckpt_tcp_connect(r, item, sock);
	if (err)
		return err;
	err = ckpt_tcp_stream_fill(sock, data_of(r, item), rec);
	if (err)
		return failed(r, item, "what it has received cannot be had", err);
	ckpt_tcp_urgent_restore(item, sock->sk);
	return 0;
}

/* One that is closed has heard of its peer's end, too. */
static bool has_heard(const struct sock *sk)
{
	return READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN || READ_ONCE(sk->sk_state) == TCP_CLOSE;
}

#define PATIENCE	100000		/* looks, 50 us each at least */

static int wait_for_end(struct ckpt_restore *r, struct ckpt_item *item, const struct sock *sk)
{
	u32 i;

	if (!(le32_to_cpu(record_of(item)->flags) & CKPT_TCPCONN_RCV_END))
		return 0;
	for (i = 0; !has_heard(sk); i++) {
		if (fatal_signal_pending(current))
			return -EINTR;
		if (i == PATIENCE)
			return failed(r, item, "has not heard of the other end", -ETIMEDOUT);
		usleep_range(50, 100);
	}
	return 0;
}

/* What no call can set, but what has come meanwhile stays. */
static void finish(struct ckpt_item *item, struct socket *sock)
{
	const struct ckpt_inet *rec = ckpt_item_body(item, CKPT_REC_INET);
	const struct ckpt_tcp *tcp = ckpt_item_body(item, CKPT_REC_TCP);
	u32 flags = le32_to_cpu(rec->flags);
	struct sock *sk = sock->sk;

	lock_sock(sk);
	/* Who has connected without waiting has yet to ask what came of it. */
	sock->state = le32_to_cpu(tcp->call);
	if (flags & CKPT_INET_RCV_SHUTDOWN)
		WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | RCV_SHUTDOWN);
	if (!sk->sk_err)
		WRITE_ONCE(sk->sk_err, le32_to_cpu(rec->error));
	if (!sk->sk_err_soft)
		WRITE_ONCE(sk->sk_err_soft, le32_to_cpu(rec->soft_error));
	atomic_add(le32_to_cpu(rec->drops), &sk->sk_drops);
	release_sock(sk);
}

static int settle(struct ckpt_restore *r, struct ckpt_item *item)
{
	struct socket *sock = socket_of(item);
	int err = wait_for_end(r, item, sock->sk);

	if (!err)
		err = ckpt_sockopts_again(r, item, sock);
	if (!err)
		finish(item, sock);
	return err;
}

static int queue(struct ckpt_restore *r, struct ckpt_item *item)
{
	int err = ckpt_tcp_stream_queue(socket_of(item), data_of(r, item),
					record_of(item), sent_of(r, item));

	return err ? failed(r, item, "what it has sent cannot be had", err) : 0;
}

static int start(struct ckpt_restore *r, struct ckpt_item *item)
{
	int err = ckpt_tcp_stream_start(socket_of(item), data_of(r, item),
					record_of(item), sent_of(r, item));

	return err ? failed(r, item, "cannot go on", err) : 0;
}

static int for_all(struct ckpt_restore *r,
		   int (*step)(struct ckpt_restore *r, struct ckpt_item *item))
{
	static const u32 types[] = { CKPT_TYPE_TCPCONN, CKPT_TYPE_TCPWAITING };
	struct ckpt_item *item;
	unsigned long id;
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		xa_for_each(&ckpt_restore_img(r)->items[types[i]], id, item) {
			err = step(r, item);
			if (err)
				return err;
			cond_resched();
		}
	}
	return 0;
}

int ckpt_tcp_ends_go_on(struct ckpt_restore *r)
{
	return for_all(r, queue) ?: for_all(r, start) ?: for_all(r, settle);
}
