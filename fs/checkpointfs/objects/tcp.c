// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP sockets of IPv4 and IPv6 that listen, or are not connected, or not yet.
 *
 * An open file and its socket, whose address, options and devices are as those
 * of others (inetsock.c). A listening socket is had again by bind(2) and
 * listen(2). What has been connected, and is not any more, has an end that was
 * reached, an error maybe, what the program has not read yet, and a name by which nobody
 * finds it. What has asked for a connection asks again (tcpask.c).
 *
 * Who connects between the freeze and a restore is not of the image. Somebody who
 * has connected before, and has not been accepted, is (tcpwaiting.c). Whatever may
 * change without the program is read under the lock of the socket.
 *
 * Not kept: who has asked for a connection, and has not been answered; TCP asks again.
 */
#include "../object.h"

#ifdef __KERNEL__

#include <linux/capability.h>
#include <linux/file.h>
#include <linux/security.h>
#include <linux/tcp.h>
#include <net/inet_connection_sock.h>
#include <net/tcp.h>

#include "../compat/ksyms.h"
#include "../inet.h"

/* What is connected is tcpconn.c's. */
static bool tcp_match(struct file *file)
{
	static const u32 mine = TCPF_CLOSE | TCPF_LISTEN | TCPF_SYN_SENT | TCPF_TIME_WAIT;

	return ckpt_inet_match(file, SOCK_STREAM, IPPROTO_TCP) &&
	       (1 << READ_ONCE(sock_from_file(file)->sk->sk_state)) & mine;
}

/* Who thinks that he is connected, and is not yet, does not ask again. */
static const char *request_obstacle(const struct sock *sk)
{
	const struct request_sock_queue *queue = &inet_csk(sk)->icsk_accept_queue;

	if (!reqsk_queue_len(queue))
		return NULL;
	if (READ_ONCE(queue->rskq_defer_accept))
		return "a tcp connection that has yet to say something (TCP_DEFER_ACCEPT)";
	return sk_acceptq_is_full(sk) ? "a tcp connection that finds the queue full" : NULL;
}

static const char *state_obstacle(struct sock *sk)
{
	switch (sk->sk_state) {
	case TCP_LISTEN:
		return request_obstacle(sk);
	case TCP_SYN_SENT:
		return NULL;
	case TCP_CLOSE:
		return tcp_sk(sk)->urg_data ? "urgent data of a tcp connection that is closed" :
			NULL;
	default:
		return "a tcp connection that is being made";
	}
}

const char *ckpt_tcp_obstacle(const struct sock *sk)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	const struct tcp_sock *tp = tcp_sk(sk);

	if (icsk->icsk_ulp_ops)
		return "a protocol upon TCP (TCP_ULP)";
#ifdef CONFIG_TCP_MD5SIG
	if (rcu_access_pointer(tp->md5sig_info))
		return "a signature (TCP_MD5SIG)";
#endif
#ifdef CONFIG_TCP_AO
	if (rcu_access_pointer(tp->ao_info))
		return "a signature (TCP_AO)";
#endif
#ifdef CONFIG_BPF
	if (tp->bpf_sock_ops_cb_flags)
		return "eBPF calls of a socket";
#endif
	if (tp->repair)
		return "a socket in repair (TCP_REPAIR)";
	return tp->saved_syn ? "a saved SYN (TCP_SAVED_SYN)" : NULL;
}

static const char *obstacle(struct sock *sk)
{
	const char *why = ckpt_tcp_obstacle(sk);

	if (why || inet_sk_state_load(sk) == TCP_SYN_SENT)
		return why;
	/* Whoever shares it with us may hold its lock for as long as he sends. */
	if (!((1 << inet_sk_state_load(sk)) & (TCPF_LISTEN | TCPF_CLOSE)))
		return "a tcp connection that is being made";
	lock_sock(sk);
	why = state_obstacle(sk);
	release_sock(sk);
	return why;
}

/* One that is closed gets no more, so that it stays what it is. Who has it may read, though. */
static int collect_unread(struct ckpt_collect *c, struct ckpt_object *obj, const char **why)
{
	struct sock *sk = sock_from_file(obj->ptr)->sk;
	struct ckpt_tcp_stream *stream;
	int err = 0;

	if (inet_sk_state_load(sk) != TCP_CLOSE ||
	    skb_queue_empty_lockless(&sk->sk_receive_queue))
		return 0;
	stream = ckpt_tcp_stream_create();
	if (!stream)
		return -ENOMEM;
	obj->priv = stream;
	lock_sock(sk);
	if (sk->sk_state == TCP_CLOSE)
		err = ckpt_tcp_stream_rest(sk, stream);
	release_sock(sk);
	if (err == -ENOMEM)
		return err;
	if (err)
		*why = *why ?: "what has not been read of a tcp connection that is closed";
	return PTR_ERR_OR_ZERO(ckpt_collect_id(c, CKPT_TYPE_TCPDATA, stream, obj->id));
}

static int tcp_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	const char *why = obstacle(sock_from_file(obj->ptr)->sk);
	int err = collect_unread(c, obj, &why);

	if (!err && !obj->priv)
		err = ckpt_tcp_ask_collect(obj);
	if (!err)
		err = ckpt_inet_collect(c, obj, why);
	return err ?: ckpt_tcp_collect_waiting(c, obj);
}

static int tcp_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	return ckpt_reuseport_verify(c, obj) ?: ckpt_tcp_ask_verify(c, obj);
}

static void tcp_thaw(struct ckpt_object *obj, unsigned int hold)
{
	ckpt_tcp_ask_thaw(obj);
}

static void tcp_release(struct ckpt_object *obj)
{
	ckpt_tcp_stream_put(obj->priv);
}

static int save_unread(const struct ckpt_tcp_stream *stream, struct ckpt_writer *w)
{
	struct ckpt_tcpunread *rec;

	if (!stream || stream->asks)
		return 0;
	rec = ckpt_add(w, CKPT_REC_TCPUNREAD, 0);
	if (!rec)
		return w->error;
	rec->len = cpu_to_le32(stream->nr_unread);
	if (le32_to_cpu(stream->rec.flags) & CKPT_TCPCONN_RCV_END)
		rec->flags = cpu_to_le32(CKPT_TCPUNREAD_END);
	return 0;
}

static u32 state_of(const struct sock *sk)
{
	switch (sk->sk_state) {
	case TCP_LISTEN:
		return CKPT_TCP_LISTENING;
	case TCP_CLOSE:
		return CKPT_TCP_CLOSED;
	case TCP_SYN_SENT:
		return CKPT_TCP_ASKING;
	default:
		return CKPT_TCP_OPEN;
	}
}

/* Nobody else has the socket who could change them, so they are whole. */
static int save_keys(struct sock *sk, struct ckpt_writer *w)
{
	u8 keys[TCP_FASTOPEN_KEY_BUF_LENGTH];
	int len = sizeof(keys), err;
	void *rec;

	static_assert(TCP_FASTOPEN_KEY_LENGTH == sizeof(struct ckpt_tcpkey));
	if (!rcu_access_pointer(inet_csk(sk)->icsk_accept_queue.fastopenq.ctx))
		return 0;
	err = ksym(do_tcp_getsockopt)(sk, SOL_TCP, TCP_FASTOPEN_KEY, KERNEL_SOCKPTR(keys),
				      KERNEL_SOCKPTR(&len));
	if (err)
		return err;
	rec = ckpt_add(w, CKPT_REC_TCPKEY, len / TCP_FASTOPEN_KEY_LENGTH);
	if (rec)
		memcpy(ckpt_elems(rec), keys, len);
	memzero_explicit(keys, sizeof(keys));
	return w->error;
}

int ckpt_tcp_save(struct sock *sk, u32 call, struct ckpt_writer *w)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	struct ckpt_tcp *rec;

	static_assert((int)CKPT_TCP_UNCONNECTED == SS_UNCONNECTED &&
		      (int)CKPT_TCP_CONNECTING == SS_CONNECTING &&
		      (int)CKPT_TCP_CONNECTED == SS_CONNECTED &&
		      (int)CKPT_TCP_DISCONNECTING == SS_DISCONNECTING);
	static_assert(sizeof(rec->congestion) == TCP_CA_NAME_MAX);
	rec = ckpt_add(w, CKPT_REC_TCP, 0);
	if (!rec)
		return w->error;
	rec->state = cpu_to_le32(state_of(sk));
	rec->call = cpu_to_le32(call);
	if (sock_flag(sk, SOCK_DONE))
		rec->flags |= cpu_to_le32(CKPT_TCP_DONE);
	if (icsk->icsk_ca_setsockopt)
		rec->flags |= cpu_to_le32(CKPT_TCP_CONGESTION);
	rec->backlog = cpu_to_le32(READ_ONCE(sk->sk_max_ack_backlog));
	/* Who has got hold of it may set another; whose module goes when no reader is left. */
	scoped_guard(rcu)
		strscpy_pad(rec->congestion, READ_ONCE(icsk->icsk_ca_ops)->name);
	return save_keys(sk, w);
}

static int tcp_save(struct ckpt_collect *c, struct ckpt_object *obj, struct ckpt_writer *w)
{
	const struct socket *sock = sock_from_file(obj->ptr);
	int err = ckpt_inet_save(c, obj, w);

	if (!err)
		err = ckpt_tcp_save(sock->sk, sock->state, w);
	if (!err)
		err = save_unread(obj->priv, w);
	return err ?: ckpt_tcp_ask_saved(c, obj);
}

/* ---- made again ------------------------------------------------------------------ */

static int set_keys(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock)
{
	u8 keys[TCP_FASTOPEN_KEY_BUF_LENGTH];
	struct ckpt_view view;
	int len, err;

	if (!ckpt_find(item->bytes, item->size, CKPT_REC_TCPKEY, &view))
		return 0;
	/* One or two, its check has said. */
	len = view.count * sizeof(struct ckpt_tcpkey);
	memcpy(keys, view.elems, len);
	err = do_sock_setsockopt(sock, false, SOL_TCP, TCP_FASTOPEN_KEY, KERNEL_SOCKPTR(keys),
				 len);
	memzero_explicit(keys, sizeof(keys));
	if (err)
		ckpt_restore_err(r, item, "its key cannot be had: %pe", ERR_PTR(err));
	return err;
}

static int set_congestion(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock)
{
	const struct ckpt_tcp *rec = ckpt_item_body(item, CKPT_REC_TCP);
	char name[TCP_CA_NAME_MAX];
	int err;

	if (!(le32_to_cpu(rec->flags) & CKPT_TCP_CONGESTION) &&
	    !strcmp(rec->congestion, inet_csk(sock->sk)->icsk_ca_ops->name))
		return 0;
	memcpy(name, rec->congestion, sizeof(name));
	err = do_sock_setsockopt(sock, false, SOL_TCP, TCP_CONGESTION, KERNEL_SOCKPTR(name),
				 strlen(name));
	if (err)
		ckpt_restore_err(r, item, "congestion control %s cannot be had: %pe",
				 rec->congestion, ERR_PTR(err));
	return err;
}

int ckpt_tcp_set_up(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock)
{
	return set_congestion(r, item, sock) ?: set_keys(r, item, sock);
}

/* As listen(2) asks; the network's administrator says how many may wait. */
static int may_listen(struct socket *sock, u32 backlog)
{
	const struct net *net = sock_net(sock->sk);

	if (backlog > READ_ONCE(net->core.sysctl_somaxconn) &&
	    !ns_capable(net->user_ns, CAP_NET_ADMIN))
		return -EPERM;
#ifdef CONFIG_SECURITY_NETWORK
	return ksym(security_socket_listen)(sock, backlog);
#else
	return 0;
#endif
}

static int start_listening(struct ckpt_restore *r, struct ckpt_item *item,
			   struct socket *sock, const struct ckpt_tcp *rec)
{
	u32 backlog = le32_to_cpu(rec->backlog);
	int err;

	if (le32_to_cpu(rec->state) != CKPT_TCP_LISTENING)
		return 0;
	err = may_listen(sock, backlog) ?: kernel_listen(sock, backlog);
	if (err)
		ckpt_restore_err(r, item, "it cannot listen, with a queue for %u: %pe", backlog,
				 ERR_PTR(err));
	return err;
}

/* Nobody finds it, and nobody else has it. */
static int fill_unread(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock)
{
	struct ckpt_item *data = ckpt_item(ckpt_restore_img(r), CKPT_TYPE_TCPDATA, item->id);
	const struct ckpt_tcpunread *rec;
	struct ckpt_view view;
	int err;

	if (!ckpt_find(item->bytes, item->size, CKPT_REC_TCPUNREAD, &view))
		return 0;
	rec = view.body;
	err = ckpt_tcp_stream_refill(sock->sk, data, le32_to_cpu(rec->len),
				     le32_to_cpu(rec->flags) & CKPT_TCPUNREAD_END);
	if (err)
		ckpt_restore_err(r, item, "what it has received cannot be had: %pe",
				 ERR_PTR(err));
	return err;
}

static void finish(struct ckpt_item *item, struct socket *sock, const struct ckpt_tcp *rec)
{
	struct sock *sk = sock->sk;

	ckpt_inet_finish(item, sock);
	/* It has yet to ask, which is a connect(2). */
	if (le32_to_cpu(rec->state) == CKPT_TCP_ASKING)
		return;
	lock_sock(sk);
	sock->state = le32_to_cpu(rec->call);
	if (le32_to_cpu(rec->flags) & CKPT_TCP_DONE)
		sock_set_flag(sk, SOCK_DONE);
	release_sock(sk);
}

static void *tcp_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_tcp *rec = ckpt_item_body(item, CKPT_REC_TCP);
	struct file *file = ckpt_inet_create(r, item, SOCK_STREAM, 0);
	struct socket *sock;
	int err;

	if (IS_ERR(file))
		return file;
	sock = sock_from_file(file);
	err = ckpt_tcp_set_up(r, item, sock);
	if (!err)
		err = ckpt_inet_bind(r, item, sock);
	if (!err)
		err = start_listening(r, item, sock, rec);
	if (!err)
		err = fill_unread(r, item, sock);
	if (err) {
		fput(file);
		return ERR_PTR(err);
	}
	finish(item, sock, rec);
	return file;
}

static int tcp_complete(struct ckpt_restore *r)
{
	return ckpt_reuseport_complete(r, CKPT_TYPE_TCP) ?: ckpt_tcp_ask_complete(r);
}

/* Nothing goes out of one that is dropped. */
static void tcp_end(struct ckpt_item *item, bool failed)
{
	ckpt_tcp_end_over(item, item->made ? sock_from_file(item->made)->sk : NULL, failed);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_tcp_ops = {
	.type = CKPT_TYPE_TCP,
	.name = "tcp socket",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE,
	.records = { CKPT_REC_FILE, CKPT_REC_INET, CKPT_REC_INET_DEVICES, CKPT_REC_IPOPTS,
		     CKPT_REC_IP6OPTS, CKPT_REC_TCPOPTS, CKPT_REC_SOCKOPTS,
		     CKPT_REC_SOCKFILTER, CKPT_REC_TCP, CKPT_REC_TCPKEY, CKPT_REC_REUSEPORT,
		     CKPT_REC_TCPUNREAD, CKPT_REC_INET_HEADERS },
	.max_size = 1 << 20,
	.check = ckpt_check_tcp,
	CKPT_KERNEL(.match = tcp_match, .async = ckpt_inet_async,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = tcp_collect, .verify = tcp_verify, .save = tcp_save,
		    .thaw = tcp_thaw, .release = tcp_release,
		    .restore = tcp_restore, .complete = tcp_complete, .end = tcp_end,
		    .drop = ckpt_file_put)
};
