// SPDX-License-Identifier: GPL-2.0-only
/*
 * UNIX sockets (objects/unixsock.c) made again, each on its file.
 *
 * The queue is filled before the socket gets what would change that, its peer
 * among it. One that has been closed is another socket for that time. A
 * connection that waits to be accepted has no file; it is made on a socket that
 * goes when its listener gets it. All of this is done by one task, and nobody
 * else has these sockets, but for those who find them by their names.
 */
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <net/scm.h>
#include <net/tcp_states.h>

#include "compat/ksyms.h"
#include "unixname.h"
#include "unixqueue.h"

static bool has_flag(const struct ckpt_unixsock *rec, u32 flag)
{
	return le32_to_cpu(rec->flags) & flag;
}

/**
 * struct making - a socket of the image, becoming one
 * @r:		the restore
 * @item:	of the image
 * @rec:	the main record
 * @sock:	new
 * @closed:	stands for one that has sent it messages, or that it is connected
 *		to, and that has been closed
 * @sender:	names of those, still to come
 * @sender_end:	behind the last
 * @message:	number of the message that is being sent
 */
struct making {
	struct ckpt_restore *r;
	struct ckpt_item *item;
	const struct ckpt_unixsock *rec;
	struct socket *sock;
	struct socket *closed;
	const struct ckpt_unix_sender *sender, *sender_end;
	u32 message;
};

static int failed(struct making *m, const char *what, int err)
{
	ckpt_restore_err(m->r, m->item, "%s: %pe", what, ERR_PTR(err));
	return err;
}

/* The new socket of an item, which need not have all yet that it will. */
static struct sock *sock_of(struct ckpt_restore *r, __le64 id)
{
	struct ckpt_item *item = ckpt_item(ckpt_restore_img(r), CKPT_TYPE_UNIXSOCK,
					   le64_to_cpu(id));
	const struct ckpt_unixsock *rec = ckpt_item_body(item, CKPT_REC_UNIXSOCK);
	struct file *file;

	if (!rec->file)
		return ckpt_restored(r, CKPT_TYPE_UNIXSOCK, le64_to_cpu(id));
	file = ckpt_restored_file(r, le64_to_cpu(rec->file));
	return IS_ERR(file) ? ERR_CAST(file) : sock_from_file(file)->sk;
}

static void drop_closed(struct making *m)
{
	if (m->closed)
		sock_release(m->closed);
	m->closed = NULL;
}

/* The one before, or another with another name. */
static struct sock *closed_one(struct making *m)
{
	const struct ckpt_unix_sender *named = NULL;
	int err = 0;

	while (m->sender < m->sender_end && le32_to_cpu(m->sender->message) <= m->message)
		named = m->sender++;
	if (named)
		drop_closed(m);
	if (m->closed)
		return m->closed->sk;
	err = sock_create(AF_UNIX, ckpt_unix_type(le32_to_cpu(m->rec->type)), 0, &m->closed);
	if (!err && named && named->len)
		err = ckpt_unix_call(m->closed->sk, named->name, le32_to_cpu(named->len));
	return err ? ERR_PTR(err) : m->closed->sk;
}

/* With a reference; NULL: there is none. */
static struct pid *get_restored_pid(struct ckpt_restore *r, __le32 nr, __le64 ended)
{
	struct pid *pid;

	if (!ended)
		return nr ? find_get_pid(le32_to_cpu(nr)) ?: ERR_PTR(-ESRCH) : NULL;
	pid = ckpt_restored(r, CKPT_TYPE_ENDEDPID, le64_to_cpu(ended));
	return IS_ERR(pid) ? pid : get_pid(pid);
}

static int post(struct making *m, struct ckpt_unix_post *post)
{
	const struct ckpt_unix_message *rec = post->rec;
	struct sock *from;
	int err;

	from = rec->sender ? sock_of(m->r, rec->sender) : closed_one(m);
	if (IS_ERR(from))
		return PTR_ERR(from);
	/* One that waits to be accepted has sent nothing, whatever the image says. */
	if (!from->sk_socket)
		return -EUCLEAN;
	post->from = from->sk_socket;
	post->pid = get_restored_pid(m->r, rec->pid, rec->ended);
	if (IS_ERR(post->pid))
		return PTR_ERR(post->pid);
	err = ckpt_unix_queue_send(post);
	put_pid(post->pid);
	return err;
}

static int read_bytes(struct making *m, loff_t pos, void *bytes, size_t len)
{
	struct ckpt_item *data = ckpt_item(ckpt_restore_img(m->r), CKPT_TYPE_UNIXDATA,
					   m->item->id);
	struct kvec vec = { .iov_base = bytes, .iov_len = len };
	struct iov_iter to;
	ssize_t n;

	if (!len)
		return 0;
	iov_iter_kvec(&to, ITER_DEST, &vec, 1, len);
	n = ckpt_content_read(data->content, pos, &to);
	return n == len ? 0 : n < 0 ? n : -EUCLEAN;
}

static int find_files(struct making *m, const __le64 *ids, struct file **files, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		files[i] = ckpt_restored_file(m->r, le64_to_cpu(ids[i]));
		if (IS_ERR(files[i]))
			return PTR_ERR(files[i]);
	}
	return 0;
}

static int fill_from(struct making *m, const struct ckpt_view *messages, const __le64 *ids,
		     struct ckpt_unix_post *msg)
{
	const struct ckpt_unix_message *rec = messages->elems;
	loff_t pos = 0;
	u32 i;

	for (i = 0; i < messages->count; i++, rec++) {
		u32 len = le32_to_cpu(rec->len), nr = le32_to_cpu(rec->files);
		int err;

		msg->rec = rec;
		m->message = i;
		err = read_bytes(m, pos, msg->bytes, len) ?:
		      find_files(m, ids, msg->files, nr) ?: post(m, msg);
		if (err)
			return err;
		pos += len;
		ids += nr;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

static size_t longest(const struct ckpt_view *messages)
{
	const struct ckpt_unix_message *rec = messages->elems;
	u32 len = 0, i;

	for (i = 0; i < messages->count; i++)
		len = max(len, le32_to_cpu(rec[i].len));
	return len;
}

static int fill(struct making *m)
{
	struct ckpt_unix_post msg = { .to = m->sock->sk };
	struct ckpt_view messages, files, senders;
	int err = -ENOMEM;

	/* Their check has found them there. */
	ckpt_find(m->item->bytes, m->item->size, CKPT_REC_UNIX_MESSAGES, &messages);
	ckpt_find(m->item->bytes, m->item->size, CKPT_REC_UNIX_FILES, &files);
	if (ckpt_find(m->item->bytes, m->item->size, CKPT_REC_UNIX_SENDERS, &senders)) {
		m->sender = senders.elems;
		m->sender_end = m->sender + senders.count;
	}
	if (!messages.count)
		return 0;
	msg.bytes = kvmalloc(longest(&messages), GFP_KERNEL_ACCOUNT);
	msg.files = kmalloc_array(SCM_MAX_FD, sizeof(*msg.files), GFP_KERNEL_ACCOUNT);
	if (msg.bytes && msg.files)
		err = fill_from(m, &messages, files.elems, &msg);
	kfree(msg.files);
	kvfree(msg.bytes);
	return err ? failed(m, "its queue cannot be filled", err) : 0;
}

static int set_peer_creds(struct making *m)
{
	struct sock *sk = m->sock->sk;
	const struct cred *cred;
	struct pid *pid;

	if (!m->rec->creds)
		return 0;
	cred = ckpt_restored(m->r, CKPT_TYPE_CREDS, le64_to_cpu(m->rec->creds));
	if (IS_ERR(cred))
		return PTR_ERR(cred);
	pid = get_restored_pid(m->r, m->rec->pid, m->rec->ended);
	if (IS_ERR(pid))
		return failed(m, "its peer's credentials cannot be had", PTR_ERR(pid));
	guard(spinlock)(&sk->sk_peer_lock);
	swap(pid, sk->sk_peer_pid);
	put_pid(pid);
	put_cred(sk->sk_peer_cred);
	sk->sk_peer_cred = get_cred(cred);
	return 0;
}

/* As listen(2) asks. */
static int may_listen(struct socket *sock, u32 backlog)
{
#ifdef CONFIG_SECURITY_NETWORK
	return ksym(security_socket_listen)(sock, min(backlog, (u32)INT_MAX));
#else
	return 0;
#endif
}

/* The network's administrator says how many may wait. */
static int set_backlog(struct making *m)
{
	u32 backlog = le32_to_cpu(m->rec->backlog);
	struct sock *sk = m->sock->sk;
	u32 most = sk->sk_max_ack_backlog;
	int err;

	if (has_flag(m->rec, CKPT_UNIX_LISTENING))
		most = READ_ONCE(sock_net(sk)->core.sysctl_somaxconn);
	if (backlog > most &&
	    !ns_capable(sock_net(sk)->user_ns, CAP_NET_ADMIN)) {
		ckpt_restore_err(m->r, m->item, "a queue for %u may not be had", backlog);
		return -EPERM;
	}
	sk->sk_max_ack_backlog = backlog;
	if (!has_flag(m->rec, CKPT_UNIX_LISTENING))
		return 0;
	err = may_listen(m->sock, backlog);
	if (!err)
		err = kernel_listen(m->sock, backlog);
	return err ? failed(m, "it cannot listen", err) : 0;
}

static struct sock *find_peer_sock(struct making *m)
{
	m->message = U32_MAX;
	if (m->rec->peer)
		return sock_of(m->r, m->rec->peer);
	return has_flag(m->rec, CKPT_UNIX_PEER_CLOSED) ? closed_one(m) : NULL;
}

/* As socketpair(2) asks, when the second of the two is connected. */
static int may_connect(struct making *m, struct sock *peer)
{
	int err = 0;

#ifdef CONFIG_SECURITY_NETWORK
	if (m->rec->peer && unix_peer(peer) == m->sock->sk && peer->sk_socket)
		err = ksym(security_socket_socketpair)(m->sock, peer->sk_socket);
#endif
	if (err)
		ckpt_restore_err(m->r, m->item, "may not be connected: %pe", ERR_PTR(err));
	return err;
}

/* Cannot fail: the last step. Each of the two does its own part. */
static void connect_to(struct making *m, struct sock *peer)
{
	struct sock *sk = m->sock->sk;
	u8 shutdown = 0;

	if (has_flag(m->rec, CKPT_UNIX_RCV_SHUTDOWN))
		shutdown |= RCV_SHUTDOWN;
	if (has_flag(m->rec, CKPT_UNIX_SEND_SHUTDOWN))
		shutdown |= SEND_SHUTDOWN;
	unix_state_lock(sk);
	if (peer) {
		sock_hold(peer);
		unix_peer(sk) = peer;
		m->sock->state = SS_CONNECTED;
	}
	if (has_flag(m->rec, CKPT_UNIX_ESTABLISHED))
		WRITE_ONCE(sk->sk_state, TCP_ESTABLISHED);
	WRITE_ONCE(sk->sk_shutdown, shutdown);
	WRITE_ONCE(sk->sk_err, le32_to_cpu(m->rec->error));
	unix_state_unlock(sk);
}

static int make(struct making *m)
{
	struct sock *peer;
	int err = fill(m);

	if (!err)
		err = ckpt_unix_name_restore(m->r, m->item, m->sock);
	if (!err)
		err = set_backlog(m);
	if (!err)
		err = set_peer_creds(m);
	if (!err)
		err = ckpt_sockopts_restore(m->r, m->item, m->sock);
	if (err)
		return err;
	peer = find_peer_sock(m);
	if (IS_ERR(peer))
		return failed(m, "it cannot have a peer", PTR_ERR(peer));
	err = may_connect(m, peer);
	if (!err)
		connect_to(m, peer);
	return err;
}

/* Into the queue of its listener, as connect(2) does: its file goes, and its socket. */
static int queue_up(struct sock *sk, struct sock *listener)
{
	struct unix_sock *u = unix_sk(sk), *from = unix_sk(listener);
	struct socket *sock = sk->sk_socket;
	struct sk_buff *skb = sock ? sock_wmalloc(sk, 1, 0, GFP_KERNEL_ACCOUNT) : NULL;

	if (!skb)
		return sock ? -ENOMEM : -EUCLEAN;
	write_lock_bh(&sk->sk_callback_lock);
	sk_set_socket(sk, NULL);
	RCU_INIT_POINTER(sk->sk_wq, &u->peer_wq);
	write_unlock_bh(&sk->sk_callback_lock);
	sock->sk = NULL;
	sock_release(sock);
	if (from->path.dentry) {
		path_get(&from->path);
		u->path = from->path;
	}
	refcount_inc(&from->addr->refcnt);
	/* Orders path before address, for who reads that without a lock. */
	smp_store_release(&u->addr, from->addr);
	guard(spinlock)(&listener->sk_receive_queue.lock);
	__skb_queue_tail(&listener->sk_receive_queue, skb);
	return 0;
}

static int queue_pending(struct making *m)
{
	struct ckpt_view view;
	u32 i;

	if (!ckpt_find(m->item->bytes, m->item->size, CKPT_REC_UNIX_PENDING, &view))
		return 0;
	for (i = 0; i < view.count; i++) {
		struct sock *sk = ckpt_restored(m->r, CKPT_TYPE_UNIXSOCK,
						le64_to_cpu(((const __le64 *)view.elems)[i]));
		int err = IS_ERR(sk) ? PTR_ERR(sk) : queue_up(sk, m->sock->sk);

		if (err)
			return failed(m, "nobody can wait for it", err);
		cond_resched();
	}
	return 0;
}

/* Of a connection that waits: what its messages are sent to counts for its listener. */
static struct socket *create_waiting(struct making *m)
{
	const struct ckpt_unix_waiting *rec = ckpt_item_body(m->item, CKPT_REC_UNIX_WAITING);
	struct sock *listener = sock_of(m->r, rec->listener);
	struct socket *sock;
	int err;

	if (IS_ERR(listener))
		return ERR_CAST(listener);
	err = sock_create(AF_UNIX, ckpt_unix_type(le32_to_cpu(m->rec->type)), 0, &sock);
	if (err)
		return ERR_PTR(failed(m, "the socket cannot be made", err));
	unix_sk(sock->sk)->listener = listener;
	return sock;
}

static void drop_waiting(struct socket *sock)
{
	unix_sk(sock->sk)->listener = NULL;
	sock_release(sock);
}

static struct socket *socket_of(struct making *m)
{
	struct file *file;

	if (!m->rec->file)
		return create_waiting(m);
	file = ckpt_restored_file(m->r, le64_to_cpu(m->rec->file));
	return IS_ERR(file) ? ERR_CAST(file) : sock_from_file(file);
}

void *ckpt_unix_make(struct ckpt_restore *r, struct ckpt_item *item)
{
	struct making m = {
		.r = r,
		.item = item,
		.rec = ckpt_item_body(item, CKPT_REC_UNIXSOCK),
	};
	struct sock *sk;
	int err;

	m.sock = socket_of(&m);
	if (IS_ERR(m.sock))
		return m.sock;
	sk = m.sock->sk;
	err = make(&m);
	drop_closed(&m);
	if (!err)
		err = queue_pending(&m);
	if (err) {
		if (!m.rec->file)
			drop_waiting(m.sock);
		return ERR_PTR(err);
	}
	sock_hold(sk);
	return sk;
}

/* One that still has a socket of its own, and no file, has not been queued. */
void ckpt_unix_end(struct ckpt_item *item, bool failed)
{
	const struct ckpt_unixsock *rec = ckpt_item_body(item, CKPT_REC_UNIXSOCK);
	struct sock *sk = item->made;

	ckpt_unix_name_end(item, failed);
	if (sk && !rec->file && sk->sk_socket)
		drop_waiting(sk->sk_socket);
}
