// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP connections that wait to be accepted (tcpend.c).
 *
 * Stands for a struct sock without a struct socket, which is in the queue of its
 * listener (tcp.c). It is locked with the listener's lock held only: whoever takes
 * it out of the queue, or ends it there, needs that one first. The order of a queue
 * is that of the numbers of these objects.
 *
 * Made again on a socket that goes when the listener gets it. Until it is accepted
 * its memory is charged to nobody.
 */
#include "../object.h"

#ifdef __KERNEL__

#include <linux/file.h>
#include <linux/memcontrol.h>
#include <linux/tcp.h>
#include <net/inet_connection_sock.h>
#include <net/tcp.h>

#include "../compat/ksyms.h"
#include "../inet.h"

/* ---- saved --------------------------------------------------------------------------- */

static void tcpwaiting_get(void *ptr)
{
	sock_hold(ptr);
}

static void tcpwaiting_put(void *ptr)
{
	sock_put(ptr);
}

static struct file *listener_of(const struct ckpt_object *obj)
{
	const struct ckpt_tcp_stream *stream = obj->priv;

	return stream->listener->ptr;
}

/* Return: does it still listen, so that nobody ends what waits for it? */
static bool lock_listener(const struct ckpt_object *obj)
{
	struct sock *sk = sock_from_file(listener_of(obj))->sk;

	lock_sock_nested(sk, SINGLE_DEPTH_NESTING);
	return sk->sk_state == TCP_LISTEN;
}

static void unlock_listener(const struct ckpt_object *obj)
{
	release_sock(sock_from_file(listener_of(obj))->sk);
}

#define SHARED	"a tcp connection that others look at"

static int refuse(struct ckpt_collect *c, const struct ckpt_object *obj, const char *why)
{
	char who[CKPT_WHO_MAX];

	if (why)
		ckpt_refuse(c, "%s, not accepted: %s cannot be saved",
			    ckpt_who(c, listener_of(obj), who, sizeof(who)), why);
	return 0;
}

/* The oldest first, with references. Return: how many. */
static u32 list_waiting(struct sock *listener, struct sock **found, u32 most)
{
	struct request_sock_queue *queue = &inet_csk(listener)->icsk_accept_queue;
	struct request_sock *req;
	u32 nr = 0;

	guard(spinlock_bh)(&queue->rskq_lock);
	for (req = queue->rskq_accept_head; req && nr < most; req = req->dl_next) {
		sock_hold(req->sk);
		found[nr++] = req->sk;
	}
	return nr;
}

static int collect_one(struct ckpt_collect *c, struct ckpt_object *listener, struct sock *sk)
{
	struct ckpt_object *obj = ckpt_collect_ref(c, CKPT_TYPE_TCPWAITING, sk);
	struct ckpt_tcp_stream *stream;

	if (IS_ERR(obj))
		return PTR_ERR(obj);
	/* Another listener, which is gone, has left it to this one. */
	if (obj->priv)
		return 0;
	stream = ckpt_tcp_stream_create();
	if (!stream)
		return -ENOMEM;
	stream->listener = listener;
	obj->priv = stream;
	return 0;
}

/* In the order in which they will be accepted. Who comes meanwhile comes too late. */
int ckpt_tcp_collect_waiting(struct ckpt_collect *c, struct ckpt_object *listener)
{
	struct sock *sk = sock_from_file(listener->ptr)->sk, **found;
	u32 nr = READ_ONCE(sk->sk_ack_backlog), i;
	int err = 0;

	if (inet_sk_state_load(sk) != TCP_LISTEN || !nr)
		return 0;
	found = kvmalloc_array(nr, sizeof(*found), GFP_KERNEL_ACCOUNT);
	if (!found)
		return -ENOMEM;
	nr = list_waiting(sk, found, nr);
	for (i = 0; i < nr; i++) {
		err = err ?: collect_one(c, listener, found[i]);
		sock_put(found[i]);
		cond_resched();
	}
	kvfree(found);
	return err;
}

static int tcpwaiting_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	const char *why = SHARED;

	if (lock_listener(obj))
		why = ckpt_tcp_obstacle(obj->ptr) ?: ckpt_inet_obstacle(obj->ptr);
	unlock_listener(obj);
	refuse(c, obj, why);
	return PTR_ERR_OR_ZERO(ckpt_collect_id(c, CKPT_TYPE_TCPDATA, obj->priv, obj->id));
}

/* Is the listener shared? That is an obstacle of its own. */
static bool has_strangers(struct ckpt_collect *c, const struct ckpt_object *obj)
{
	const struct ckpt_tcp_stream *stream = obj->priv;

	return ckpt_file_shared(c, stream->listener);
}

static int tcpwaiting_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	const char *why = SHARED;
	int err;

	if (has_strangers(c, obj))
		return 0;
	err = ckpt_tcp_end_find(c, obj->ptr, obj->priv);
	if (err)
		return err;
	if (lock_listener(obj))
		err = ckpt_tcp_end_verify(obj->ptr, obj->priv, &why);
	unlock_listener(obj);
	return err ?: refuse(c, obj, why);
}

static int save_rest(struct ckpt_collect *c, struct ckpt_object *obj, struct ckpt_writer *w,
		     const char **why)
{
	int err = ckpt_inet_save_sock(c, obj->ptr, listener_of(obj), w);

	if (!err)
		err = ckpt_tcp_save(obj->ptr, SS_CONNECTED, w);
	return err ?: ckpt_tcp_end_save(obj->ptr, obj->priv, w, why);
}

static int tcpwaiting_save(struct ckpt_collect *c, struct ckpt_object *obj,
			   struct ckpt_writer *w)
{
	struct ckpt_tcpwaiting *rec = ckpt_add(w, CKPT_REC_TCPWAITING, 0);
	const char *why = SHARED;
	int err = 0;

	if (!rec)
		return w->error;
	rec->listener = cpu_to_le64(ckpt_file_id(c, listener_of(obj)));
	if (lock_listener(obj))
		err = save_rest(c, obj, w, &why);
	unlock_listener(obj);
	return err ?: refuse(c, obj, why);
}

/* Whoever has got hold of the listener since the freeze may accept it. */
static void tcpwaiting_kill(struct ckpt_object *obj)
{
	const struct ckpt_tcp_stream *stream = obj->priv;

	if (file_count(listener_of(obj)) > stream->listener->refs + 1)
		return;
	if (lock_listener(obj))
		ckpt_tcp_silence(obj->ptr);
	unlock_listener(obj);
}

static void tcpwaiting_release(struct ckpt_object *obj)
{
	ckpt_tcp_stream_put(obj->priv);
}

/* ---- made again ------------------------------------------------------------------------ */

/* It is accept(2) that charges it, and takes it to be charged to nobody. */
static void charge_nobody(struct sock *sk)
{
#ifdef CONFIG_MEMCG
	if (sk->sk_memcg)
		css_put(&sk->sk_memcg->css);
	sk->sk_memcg = NULL;
#endif
}

static struct socket *create(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_inet *rec = ckpt_item_body(item, CKPT_REC_INET);
	bool v6 = le32_to_cpu(rec->family) == CKPT_INET_IPV6;
	struct socket *sock;
	int err = sock_create(v6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0, &sock);

	if (err) {
		ckpt_restore_err(r, item, "the socket cannot be made: %pe", ERR_PTR(err));
		return ERR_PTR(err);
	}
	charge_nobody(sock->sk);
	return sock;
}

static void *tcpwaiting_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	struct socket *sock = create(r, item);
	int err;

	if (IS_ERR(sock))
		return sock;
	err = ckpt_inet_set_up(r, item, sock) ?: ckpt_tcp_end_make(r, item, sock);
	if (err) {
		sock_release(sock);
		return ERR_PTR(err);
	}
	sock_hold(sock->sk);
	return sock->sk;
}

/* The socket goes, and what was behind it does not. */
static void drop_socket(struct sock *sk)
{
	struct socket *sock = sk->sk_socket;

	write_lock_bh(&sk->sk_callback_lock);
	sk_set_socket(sk, NULL);
	RCU_INIT_POINTER(sk->sk_wq, NULL);
	write_unlock_bh(&sk->sk_callback_lock);
	sock->sk = NULL;
	sock_release(sock);
}

static struct request_sock *create_request(struct sock *listener)
{
	const struct request_sock_ops *ops = &ksym_data(tcp_request_sock_ops);
	struct request_sock *req;

#if IS_BUILTIN(CONFIG_IPV6)
	if (ckpt_inet_is_v6(listener))
		ops = &ksym_data(tcp6_request_sock_ops);
#endif
	req = inet_reqsk_alloc(ops, listener, true);
	if (!req)
		return NULL;
	memset_startat(tcp_rsk(req), 0, af_specific);
	refcount_set(&req->rsk_refcnt, 1);
	return req;
}

/* As who connects does at last. The queue owns the socket's reference from then on. */
static int queue_up(struct sock *sk, struct sock *listener)
{
	struct request_sock *req = create_request(listener);
	struct sock *queued;

	if (!req)
		return -ENOMEM;
	sk->sk_uid = listener->sk_uid;
	drop_socket(sk);
	local_bh_disable();
	bh_lock_sock(sk);
	queued = inet_csk_reqsk_queue_add(listener, req, sk);
	bh_unlock_sock(sk);
	local_bh_enable();
	if (queued)
		return 0;
	reqsk_put(req);
	return -ECONNABORTED;
}

/* All ends are there, and go on; each listener gets its own, the oldest first. */
static int tcpwaiting_complete(struct ckpt_restore *r)
{
	struct ckpt_item *item;
	unsigned long id;
	int err = ckpt_tcp_ends_go_on(r);

	if (err)
		return err;
	xa_for_each(&ckpt_restore_img(r)->items[CKPT_TYPE_TCPWAITING], id, item) {
		const struct ckpt_tcpwaiting *rec = ckpt_item_body(item, CKPT_REC_TCPWAITING);
		struct file *listener = ckpt_restored_file(r, le64_to_cpu(rec->listener));

		if (IS_ERR(listener))
			return PTR_ERR(listener);
		err = queue_up(item->made, sock_from_file(listener)->sk);
		if (err) {
			ckpt_restore_err(r, item, "it cannot wait: %pe", ERR_PTR(err));
			return err;
		}
		cond_resched();
	}
	return 0;
}

/* One that still has a socket has not been queued. */
static void tcpwaiting_end(struct ckpt_item *item, bool failed)
{
	struct sock *sk = item->made;

	if (sk && failed)
		ckpt_tcp_silence(sk);
	ckpt_tcp_end_over(item, sk, failed);
	if (sk && failed && sk->sk_socket)
		sock_release(sk->sk_socket);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_tcpwaiting_ops = {
	.type = CKPT_TYPE_TCPWAITING,
	.name = "tcp connection that waits",
	.dir = "files",
	.part = "waiting",
	.flags = CKPT_ROW_WHOLE,
	.records = { CKPT_REC_TCPWAITING, CKPT_REC_INET, CKPT_REC_INET_DEVICES,
		     CKPT_REC_IPOPTS, CKPT_REC_IP6OPTS, CKPT_REC_TCPOPTS, CKPT_REC_SOCKOPTS,
		     CKPT_REC_SOCKFILTER, CKPT_REC_TCP, CKPT_REC_TCPCONN, CKPT_REC_TCPURGENT,
		     CKPT_REC_TCPKEY, CKPT_REC_INET_HEADERS },
	.max_size = 1 << 20,
	.check = ckpt_check_tcpwaiting,
	CKPT_KERNEL(.get = tcpwaiting_get, .put = tcpwaiting_put,
		    .collect = tcpwaiting_collect, .verify = tcpwaiting_verify,
		    .save = tcpwaiting_save, .kill = tcpwaiting_kill,
		    .thaw = ckpt_tcp_end_thaw,
		    .release = tcpwaiting_release, .restore = tcpwaiting_restore,
		    .complete = tcpwaiting_complete, .end = tcpwaiting_end,
		    .drop = tcpwaiting_put)
};
