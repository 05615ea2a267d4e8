// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP connections, both of whose ends are open files of the container.
 *
 * What each end has to send is read when all have been collected, what it has
 * received when the first has been done of all (tcpstream.c). They are made again
 * with TCP_REPAIR, so that no packet goes before both are there; then each goes on,
 * and says again that it has no more to send, which the other end has to hear before
 * anybody watches it: an epoll is told once.
 *
 * The ends of a program that is killed vanish without a word: what is left of
 * them would be in the way of those that are restored.
 *
 * Not kept: what TCP has learnt of the path between the two, among this whether it
 * tells of congestion (ECN), and what TCP_INFO counts.
 */
#include "../object.h"

#ifdef __KERNEL__

#include <linux/delay.h>
#include <linux/file.h>
#include <linux/sched/signal.h>
#include <linux/tcp.h>
#include <net/inet_hashtables.h>
#include <net/inet6_hashtables.h>
#include <net/tcp.h>

#include "../inet.h"

static bool tcpconn_match(struct file *file)
{
	return ckpt_inet_match(file, SOCK_STREAM, IPPROTO_TCP) &&
	       ckpt_tcp_connected(sock_from_file(file)->sk);
}

#define OUTSIDE	"a tcp connection to outside of the container"

static struct sock *sock_of(const struct ckpt_object *obj)
{
	return sock_from_file(obj->ptr)->sk;
}

/* ---- saved --------------------------------------------------------------------------- */

static int tcpconn_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct ckpt_tcp_stream *stream = ckpt_tcp_stream_create();
	int err;

	if (!stream)
		return -ENOMEM;
	obj->priv = stream;
	err = ckpt_inet_collect(c, obj, ckpt_tcp_obstacle(sock_of(obj)));
	return err ?: PTR_ERR_OR_ZERO(ckpt_collect_id(c, CKPT_TYPE_TCPDATA, stream, obj->id));
}

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

/* Its object, if it is of the container. @why: set to what it is else. */
static struct ckpt_object *find_peer_object(struct ckpt_collect *c, const struct sock *sk,
					    const char **why)
{
	struct sock *peer = find_peer(sk);
	struct ckpt_object *found = NULL;

	*why = OUTSIDE;
	if (!peer)
		return NULL;
	if (!sk_fullsock(peer) || !READ_ONCE(peer->sk_socket))
		*why = "a tcp connection whose other end is closed or has not been accepted";
	if (sk_fullsock(peer)) {
		read_lock_bh(&peer->sk_callback_lock);
		if (peer->sk_socket && peer->sk_socket->file)
			found = ckpt_lookup(c, CKPT_TYPE_TCPCONN, peer->sk_socket->file);
		read_unlock_bh(&peer->sk_callback_lock);
	}
	if (found || peer == sk)
		*why = peer == sk ? "a tcp connection to itself" : NULL;
	sock_gen_put(peer);
	return found;
}

static int refuse(struct ckpt_collect *c, struct ckpt_object *obj, const char *why)
{
	char who[CKPT_WHO_MAX];

	if (why)
		ckpt_refuse(c, "%s: %s cannot be saved",
			    ckpt_who(c, obj->ptr, who, sizeof(who)), why);
	return 0;
}

static int tcpconn_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct ckpt_tcp_stream *stream = obj->priv;
	struct ckpt_object *peer;
	const char *why;
	int err;

	/* Whoever has it outside, too, may hold its lock for as long as he sends. */
	if (ckpt_file_shared(c, obj))
		return 0;
	err = ckpt_tcp_stream_queued(sock_of(obj), stream, &why);
	if (err || why)
		return err ?: refuse(c, obj, why);
	peer = find_peer_object(c, sock_of(obj), &why);
	if (why)
		return refuse(c, obj, why);
	stream->rec.peer = cpu_to_le64(peer->id);
	stream->peer = peer->priv;
	return 0;
}

/* By its addresses it is the peer; is it by its numbers? */
static const char *peer_obstacle(const struct ckpt_tcp_stream *stream)
{
	const struct ckpt_tcp_stream *peer = stream->peer;

	return peer->peer == stream && ckpt_tcpconn_fits(&peer->rec, &stream->rec) ?
		NULL : OUTSIDE;
}

static int save_stream(struct ckpt_collect *c, struct ckpt_object *obj,
		       struct ckpt_tcp_stream *stream, struct ckpt_writer *w)
{
	struct ckpt_tcpconn *rec;
	const char *why;
	int err;

	/* It was shared when it was verified, and a moment later was not. */
	if (!stream->peer)
		return refuse(c, obj, "a tcp connection that others look at");
	err = ckpt_tcp_stream_unread(sock_of(obj), stream, &why);
	if (err)
		return err;
	why = why ?: peer_obstacle(stream);
	rec = why ? NULL : ckpt_add(w, CKPT_REC_TCPCONN, 0);
	if (!rec)
		return w->error ?: refuse(c, obj, why);
	*rec = stream->rec;
	return 0;
}

/*
 * What may change by itself only goes on, towards an end: what the stream tells,
 * which is read last, has all of it, or it is closed.
 */
static int tcpconn_save(struct ckpt_collect *c, struct ckpt_object *obj, struct ckpt_writer *w)
{
	int err = ckpt_inet_save(c, obj, w);

	if (!err)
		err = ckpt_tcp_save(sock_of(obj), sock_from_file(obj->ptr)->state, w);
	return err ?: save_stream(c, obj, obj->priv, w);
}

/*
 * Whoever has got hold of it since the freeze, by pidfd_getfd(), may hold its lock, too: with
 * him it goes on.
 */
static void tcpconn_kill(struct ckpt_object *obj)
{
	if (file_count((struct file *)obj->ptr) <= obj->refs + 1)
		ckpt_tcp_silence(sock_of(obj));
}

static void tcpconn_release(struct ckpt_object *obj)
{
	ckpt_tcp_stream_put(obj->priv);
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

/* What its peer has received it has sent, though it may not have known when it was copied. */
static u32 sent_of(struct ckpt_restore *r, const struct ckpt_item *item)
{
	const struct ckpt_tcpconn *rec = record_of(item), *peer;
	u32 received;

	peer = record_of(ckpt_item(ckpt_restore_img(r), CKPT_TYPE_TCPCONN,
				   le64_to_cpu(rec->peer)));
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
static int reach_peer(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock)
{
	struct tcp_sock *tp = tcp_sk(sock->sk);
	bool fastopen = tp->fastopen_connect;
	u32 clamp = tp->window_clamp;
	int err;

	tp->fastopen_connect = 0;
	err = ckpt_inet_bind(r, item, sock) ?: ckpt_inet_connect(r, item, sock);
	if (err)
		return err;
	lock_sock(sock->sk);
	tp->fastopen_connect = fastopen;
	if (clamp)
		WRITE_ONCE(tp->window_clamp, clamp);
	release_sock(sock->sk);
	return 0;
}

static int make(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock)
{
	const struct ckpt_tcpconn *rec = record_of(item);
	int err = ckpt_tcp_congestion(r, item, sock);

	if (err)
		return err;
	err = ckpt_tcp_stream_begin(sock, rec);
	if (err)
		return failed(r, item, "may not be repaired (TCP_REPAIR)", err);
	err = reach_peer(r, item, sock);
	if (err)
		return err;
	err = ckpt_tcp_stream_fill(sock, data_of(r, item), rec);
	return err ? failed(r, item, "what it has received cannot be had", err) : 0;
}

static void *tcpconn_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	struct file *file = ckpt_inet_create(r, item, SOCK_STREAM);
	int err;

	if (IS_ERR(file))
		return file;
	err = make(r, item, sock_from_file(file));
	if (!err)
		return file;
	fput(file);
	return ERR_PTR(err);
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
	struct socket *sock = sock_from_file(item->made);
	int err = wait_for_end(r, item, sock->sk);

	if (!err)
		err = ckpt_sockopts_again(r, item, sock);
	if (!err)
		finish(item, sock);
	return err;
}

static int queue(struct ckpt_restore *r, struct ckpt_item *item)
{
	int err = ckpt_tcp_stream_queue(sock_from_file(item->made), data_of(r, item),
					record_of(item), sent_of(r, item));

	return err ? failed(r, item, "what it has sent cannot be had", err) : 0;
}

static int start(struct ckpt_restore *r, struct ckpt_item *item)
{
	int err = ckpt_tcp_stream_start(sock_from_file(item->made), data_of(r, item),
					record_of(item), sent_of(r, item));

	return err ? failed(r, item, "cannot go on", err) : 0;
}

static int for_all(struct ckpt_restore *r,
		   int (*step)(struct ckpt_restore *r, struct ckpt_item *item))
{
	struct ckpt_item *item;
	unsigned long id;
	int err = 0;

	xa_for_each(&ckpt_restore_img(r)->items[CKPT_TYPE_TCPCONN], id, item) {
		err = step(r, item);
		if (err)
			break;
		cond_resched();
	}
	return err;
}

static int tcpconn_complete(struct ckpt_restore *r)
{
	return for_all(r, queue) ?: for_all(r, start) ?: for_all(r, settle);
}

static void tcpconn_end(struct ckpt_item *item, bool failed)
{
	if (failed && item->made)
		ckpt_tcp_silence(sock_from_file(item->made)->sk);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_tcpconn_ops = {
	.type = CKPT_TYPE_TCPCONN,
	.name = "tcp connection",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE,
	.records = { CKPT_REC_FILE, CKPT_REC_INET, CKPT_REC_INET_DEVICES, CKPT_REC_IPOPTS,
		     CKPT_REC_IP6OPTS, CKPT_REC_TCPOPTS, CKPT_REC_SOCKOPTS,
		     CKPT_REC_SOCKFILTER, CKPT_REC_TCP, CKPT_REC_TCPCONN },
	.max_size = 1 << 20,
	.check = ckpt_check_tcpconn,
	CKPT_KERNEL(.match = tcpconn_match, .async = ckpt_inet_async,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = tcpconn_collect, .verify = tcpconn_verify,
		    .save = tcpconn_save, .kill = tcpconn_kill,
		    .release = tcpconn_release, .restore = tcpconn_restore,
		    .complete = tcpconn_complete,
		    .end = tcpconn_end, .drop = ckpt_file_put)
};
