// SPDX-License-Identifier: GPL-2.0-only
/*
 * UNIX sockets: whom they are connected to, what is in their queues, options.
 *
 * Stands for a struct sock, which its file (socket.c) keeps alive. Whatever it
 * is connected to must be of the container, or closed; so must be whoever has
 * sent what is still in its queue. The files that are in flight are objects
 * like any others. unix_sock.lock protects peer and state, the queue has locks
 * of its own (unixqueue.c).
 *
 * Made again on a file that exists: the queue is filled before the socket gets
 * what would change that, its peer among it. One that has been closed is
 * another socket for that time.
 */
#include "../object.h"

static const struct ckpt_unixsock *sock_record(const struct ckpt_check *chk, __le64 id)
{
	return ckpt_check_body(chk, CKPT_TYPE_UNIXSOCK, le64_to_cpu(id));
}

static bool has_flag(const struct ckpt_unixsock *rec, u32 flag)
{
	return le32_to_cpu(rec->flags) & flag;
}

static int check_peer(const struct ckpt_check *chk, u64 id, const struct ckpt_unixsock *rec)
{
	const struct ckpt_unixsock *peer = sock_record(chk, rec->peer);
	bool closed = has_flag(rec, CKPT_UNIX_PEER_CLOSED);

	if (rec->peer && (closed || !peer || peer->type != rec->type))
		return ckpt_bad(chk, "not a peer");
	if (le32_to_cpu(rec->type) == CKPT_UNIX_DGRAM)
		return 0;
	if (peer && le64_to_cpu(peer->peer) != id)
		return ckpt_bad(chk, "connected to one that is not to it");
	if (has_flag(rec, CKPT_UNIX_ESTABLISHED) != (closed || rec->peer))
		return ckpt_bad(chk, "connected to nothing");
	return 0;
}

/* Who was the peer: all of it or nothing. */
static int check_creds(const struct ckpt_check *chk, const struct ckpt_unixsock *rec)
{
	if (rec->pid && !chk->exists(chk->priv, CKPT_TYPE_TASK, le32_to_cpu(rec->pid)))
		return ckpt_bad(chk, "a peer that is not there");
	if ((rec->pid && rec->ended) || !rec->creds != (!rec->pid && !rec->ended))
		return ckpt_bad(chk, "not one peer");
	return 0;
}

static int check_message(const struct ckpt_check *chk, const struct ckpt_unixsock *rec,
			 const struct ckpt_unix_message *message)
{
	const struct ckpt_unixsock *sender = sock_record(chk, message->sender);
	bool dgram = le32_to_cpu(rec->type) == CKPT_UNIX_DGRAM;

	if (message->sender && (!sender || sender->type != rec->type))
		return ckpt_bad(chk, "a message from what cannot send it");
	if (!dgram && (message->sender != rec->peer || !has_flag(rec, CKPT_UNIX_ESTABLISHED)))
		return ckpt_bad(chk, "a message from another than the peer");
	if (le32_to_cpu(rec->type) == CKPT_UNIX_STREAM && !message->len)
		return ckpt_bad(chk, "an empty message in a stream");
	if (!message->flags && (message->pid || message->ended || message->uid || message->gid))
		return ckpt_bad(chk, "a message from somebody without credentials");
	if (message->pid && (message->ended ||
			     !chk->exists(chk->priv, CKPT_TYPE_TASK, le32_to_cpu(message->pid))))
		return ckpt_bad(chk, "a message from a process that is not there");
	return 0;
}

static int check_queue(const struct ckpt_check *chk, u64 id, const struct ckpt_unixsock *rec,
		       const void *bytes, size_t size)
{
	u64 sum = 0, stored = 0, nr_files = 0;
	const struct ckpt_unix_message *message;
	struct ckpt_view messages, files;
	int ret;
	u32 i;

	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_UNIX_MESSAGES, &messages);
	if (!ret)
		ret = ckpt_check_once(chk, bytes, size, CKPT_REC_UNIX_FILES, &files);
	message = messages.elems;
	for (i = 0; !ret && i < messages.count; i++) {
		ret = check_message(chk, rec, message + i);
		sum += le32_to_cpu(message[i].len);
		nr_files += le32_to_cpu(message[i].files);
		ckpt_relax();
	}
	if (ret)
		return ret;
	chk->bytes(chk->priv, CKPT_TYPE_UNIXDATA, id, &stored);
	if (sum != le64_to_cpu(rec->bytes) || sum != stored)
		return ckpt_bad(chk, "not as many bytes as its messages say");
	if (nr_files != files.count)
		return ckpt_bad(chk, "not as many files as its messages say");
	for (i = 0; i < files.count; i++)
		if (!((const __le64 *)files.elems)[i])
			return ckpt_bad(chk, "a message with no file");
	return 0;
}

static bool is_file_of(const struct ckpt_check *chk, u64 file, u64 id)
{
	const struct ckpt_socket *socket;
	struct ckpt_view view;
	const void *bytes;
	u64 size = 0;

	bytes = chk->bytes(chk->priv, CKPT_TYPE_SOCKET, file, &size);
	if (!bytes || !ckpt_find(bytes, size, CKPT_REC_SOCKET, &view))
		return false;
	socket = view.body;
	return le64_to_cpu(socket->socket) == id;
}

static int unixsock_check(const struct ckpt_check *chk, u64 id,
			  const void *bytes, size_t size)
{
	const struct ckpt_unixsock *rec;
	struct ckpt_view view;
	int ret;

	/* There, once and in front: ckpt_check_file() has seen to that. */
	if (!ckpt_find(bytes, size, CKPT_REC_UNIXSOCK, &view))
		return ckpt_bad(chk, "unixsock");
	rec = view.body;
	if (!is_file_of(chk, le64_to_cpu(rec->file), id))
		return ckpt_bad(chk, "a socket without a file");
	ret = check_peer(chk, id, rec);
	if (!ret)
		ret = check_creds(chk, rec);
	if (!ret)
		ret = check_queue(chk, id, rec, bytes, size);
	return ret ?: ckpt_check_sockopts(chk, bytes, size);
}

#ifdef __KERNEL__

#include <linux/cred.h>
#include <linux/delay.h>
#include <linux/file.h>
#include <linux/nsproxy.h>
#include <linux/pid.h>
#include <linux/security.h>
#include <net/tcp_states.h>

#include "../unixqueue.h"
#include "../compat/ksyms.h"

/* ---- saved ----------------------------------------------------------------- */

static void unixsock_get(void *ptr)
{
	sock_hold(ptr);
}

static void unixsock_put(void *ptr)
{
	sock_put(ptr);
}

static const char *who_has(struct ckpt_collect *c, const struct sock *sk, char *buf)
{
	return ckpt_who(c, SOCK_INODE(sk->sk_socket), buf, CKPT_WHO_MAX);
}

static const char *obstacle(struct sock *sk)
{
	if (sock_net(sk) != current->nsproxy->net_ns)
		return "a socket of another network namespace";
	if (sk->sk_state == TCP_LISTEN)
		return "a listening unix socket";
	if (unix_sk(sk)->addr)
		return "a unix socket with a name";
	return ckpt_sockopts_obstacle(sk->sk_socket);
}

/* A process that is remembered: of the container, or ended. */
static int collect_pid(struct ckpt_collect *c, const struct sock *sk, struct pid *pid)
{
	char who[CKPT_WHO_MAX];
	struct task_struct *t;

	if (!pid)
		return 0;
	scoped_guard(rcu) {
		t = pid_task(pid, PIDTYPE_PID);
		if (t && ckpt_lookup(c, CKPT_TYPE_TASK, t))
			return 0;
	}
	if (!t && ckpt_pid_nr(c, pid))
		return PTR_ERR_OR_ZERO(ckpt_collect_ref(c, CKPT_TYPE_ENDEDPID, pid));
	ckpt_refuse(c, "%s: credentials of a process outside of the container cannot be saved",
		    who_has(c, sk, who));
	return 0;
}

/* No lock: they are set by who is frozen. */
static int collect_peer_creds(struct ckpt_collect *c, struct sock *sk)
{
	struct ckpt_object *creds;

	if (!sk->sk_peer_cred)
		return 0;
	creds = ckpt_collect_ref(c, CKPT_TYPE_CREDS, (void *)sk->sk_peer_cred);
	return IS_ERR(creds) ? PTR_ERR(creds) : collect_pid(c, sk, sk->sk_peer_pid);
}

static bool has_numbers(const struct ckpt_unix_letter *letter)
{
	if (!uid_valid(letter->uid) && !gid_valid(letter->gid))
		return true;
	return kuid_has_mapping(current_user_ns(), letter->uid) &&
	       kgid_has_mapping(current_user_ns(), letter->gid);
}

static int collect_letters(struct ckpt_collect *c, const struct sock *sk,
			   const struct ckpt_unix_queue *queue)
{
	char who[CKPT_WHO_MAX];
	u32 i;

	for (i = 0; i < queue->nr; i++) {
		const struct ckpt_unix_letter *letter = &queue->letters[i];
		int err;

		if (!has_numbers(letter))
			ckpt_refuse(c, "%s: a message from an unknown user cannot be saved",
				    who_has(c, sk, who));
		err = collect_pid(c, sk, letter->pid);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

static int collect_in_flight(struct ckpt_collect *c, const struct sock *sk, struct file *file)
{
	char who[CKPT_WHO_MAX] = "";
	struct ckpt_object *obj;

	/* To be named if it is refused; to search for a name takes its time. */
	if (!ckpt_file_known(file))
		who_has(c, sk, who);
	obj = ckpt_collect_file(c, file, "%s, in flight", who);
	if (IS_ERR(obj))
		return PTR_ERR(obj) == -EOPNOTSUPP ? 0 : PTR_ERR(obj);
	obj->has_fd = true;
	return 0;
}

static int collect_queue(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct ckpt_unix_queue *queue = obj->priv;
	int err = collect_letters(c, obj->ptr, queue);
	u32 i;

	for (i = 0; !err && i < queue->nr_files; i++)
		err = collect_in_flight(c, obj->ptr, queue->files[i]);
	if (!err && queue->size)
		err = PTR_ERR_OR_ZERO(ckpt_collect_id(c, CKPT_TYPE_UNIXDATA, queue, obj->id));
	return err;
}

/* The peer, if it is one of the container; *@alive: there is one that is not closed. */
static struct ckpt_object *find_peer(struct ckpt_collect *c, struct sock *sk, bool *alive,
				     bool *mutual)
{
	struct ckpt_object *found = NULL;
	struct sock *peer = unix_peer_get(sk);

	*alive = peer && !sock_flag(peer, SOCK_DEAD);
	*mutual = *alive && READ_ONCE(unix_peer(peer)) == sk;
	if (*alive)
		found = ckpt_lookup(c, CKPT_TYPE_UNIXSOCK, peer);
	if (peer)
		sock_put(peer);
	return found;
}

static int unixsock_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct sock *sk = obj->ptr;
	struct ckpt_object *peer;
	char who[CKPT_WHO_MAX];
	bool alive, mutual;
	const char *why = obstacle(sk), *queued;
	int err;

	obj->priv = ckpt_unix_queue_copy(sk, &queued);
	if (IS_ERR(obj->priv)) {
		err = PTR_ERR(obj->priv);
		obj->priv = NULL;
		return err;
	}
	why = why ?: queued;
	if (why)
		ckpt_refuse(c, "%s: %s cannot be saved", who_has(c, sk, who), why);
	peer = find_peer(c, sk, &alive, &mutual);
	/* Whom others are connected to has their references. */
	if (peer && !mutual)
		peer->refs++;
	err = collect_peer_creds(c, sk);
	return !err && obj->priv ? collect_queue(c, obj) : err;
}

static void unixsock_release(struct ckpt_object *obj)
{
	ckpt_unix_queue_put(obj->priv);
}

/* How many sockets of the container are connected to one. */
static int count_peers(const struct ckpt_object *obj)
{
	struct ckpt_object *other;
	int nr = 0;

	list_for_each_entry(other, &obj->con->objects, node) {
		nr += other->ops == obj->ops && READ_ONCE(unix_peer(other->ptr)) == obj->ptr;
		cond_resched();
	}
	return nr;
}

/*
 * References of an open socket: its own, that of the list of all sockets, the
 * collection's, and one for each that is connected to it. Those of one that was
 * found late, in flight, are counted when they seem too many.
 */
static bool has_strangers(struct ckpt_collect *c, const struct ckpt_object *obj, bool mutual)
{
	struct sock *sk = obj->ptr;
	int known = 3 + mutual + obj->refs - 1;

	if (refcount_read(&sk->sk_refcnt) <= known)
		return false;
	known = 3 + count_peers(obj);
	while (refcount_read(&sk->sk_refcnt) > known) {
		if (!c->patience)
			return true;
		c->patience--;
		usleep_range(50, 100);
	}
	return false;
}

/* Only where nothing was refused: such a queue has not been copied. */
static bool has_grown(const struct ckpt_object *obj)
{
	const struct ckpt_unix_queue *queue = obj->priv;
	struct sock *sk = obj->ptr;

	return skb_queue_len_lockless(&sk->sk_receive_queue) != (queue ? queue->nr : 0);
}

/* Has it sent nothing, or can it be found? Closed ones send nothing any more. */
static bool sender_known(struct ckpt_collect *c, const struct ckpt_unix_letter *letter)
{
	return sock_flag(letter->sender, SOCK_DEAD) ||
	       ckpt_lookup(c, CKPT_TYPE_UNIXSOCK, letter->sender);
}

static bool senders_known(struct ckpt_collect *c, const struct ckpt_object *obj)
{
	const struct ckpt_unix_queue *queue = obj->priv;
	u32 i;

	for (i = 0; queue && i < queue->nr; i++)
		if (!sender_known(c, &queue->letters[i]))
			return false;
	return true;
}

static int unixsock_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	char who[CKPT_WHO_MAX];
	const char *why = NULL;
	struct ckpt_object *peer;
	bool alive, mutual;

	peer = find_peer(c, obj->ptr, &alive, &mutual);
	if (alive && !peer)
		why = "a unix socket is connected to one outside of the container";
	else if (has_strangers(c, obj, mutual))
		why = "a unix socket is connected to from outside of the container";
	else if (!senders_known(c, obj) || (!c->refused && has_grown(obj)))
		why = "a unix socket has a message from outside of the container";
	if (why)
		ckpt_refuse_shared(c, "%s: %s", who_has(c, obj->ptr, who), why);
	return 0;
}

static u32 flags_of(struct sock *sk, bool closed)
{
	u32 flags = 0;

	if (sk->sk_state == TCP_ESTABLISHED)
		flags |= CKPT_UNIX_ESTABLISHED;
	if (closed)
		flags |= CKPT_UNIX_PEER_CLOSED;
	if (sk->sk_shutdown & RCV_SHUTDOWN)
		flags |= CKPT_UNIX_RCV_SHUTDOWN;
	if (sk->sk_shutdown & SEND_SHUTDOWN)
		flags |= CKPT_UNIX_SEND_SHUTDOWN;
	return flags;
}

static u32 type_of(const struct sock *sk)
{
	u32 type = CKPT_UNIX_STREAM;

	while (ckpt_unix_type(type) != sk->sk_type)
		type++;
	return type;
}

static void save_pid(struct ckpt_collect *c, struct pid *pid, __le32 *nr, __le64 *ended)
{
	if (!pid)
		return;
	*ended = cpu_to_le64(ckpt_id(c, CKPT_TYPE_ENDEDPID, pid));
	if (!*ended)
		*nr = cpu_to_le32(ckpt_pid_nr(c, pid));
}

static void save_letter(struct ckpt_collect *c, const struct ckpt_unix_letter *letter,
			struct ckpt_unix_message *rec)
{
	rec->sender = cpu_to_le64(ckpt_id(c, CKPT_TYPE_UNIXSOCK, letter->sender));
	rec->time = cpu_to_le64(letter->time);
	rec->len = cpu_to_le32(letter->len);
	rec->files = cpu_to_le32(letter->files);
	if (!uid_valid(letter->uid))
		return;
	rec->flags = cpu_to_le32(CKPT_UNIX_MESSAGE_CREDS);
	rec->uid = cpu_to_le32(from_kuid(current_user_ns(), letter->uid));
	rec->gid = cpu_to_le32(from_kgid(current_user_ns(), letter->gid));
	save_pid(c, letter->pid, &rec->pid, &rec->ended);
}

static int save_queue(struct ckpt_collect *c, const struct ckpt_unix_queue *queue,
		      struct ckpt_writer *w)
{
	u32 nr = queue ? queue->nr : 0, nr_files = queue ? queue->nr_files : 0, i;
	struct ckpt_unix_message *message;
	__le64 *file;
	void *rec;

	rec = ckpt_add(w, CKPT_REC_UNIX_MESSAGES, nr);
	if (!rec)
		return w->error;
	message = ckpt_elems(rec);
	for (i = 0; i < nr; i++)
		save_letter(c, &queue->letters[i], message + i);
	rec = ckpt_add(w, CKPT_REC_UNIX_FILES, nr_files);
	if (!rec)
		return w->error;
	file = ckpt_elems(rec);
	for (i = 0; i < nr_files; i++)
		file[i] = cpu_to_le64(ckpt_file_id(c, queue->files[i]));
	return 0;
}

static int unixsock_save(struct ckpt_collect *c, struct ckpt_object *obj,
			 struct ckpt_writer *w)
{
	const struct ckpt_unix_queue *queue = obj->priv;
	struct ckpt_unixsock *rec = ckpt_add(w, CKPT_REC_UNIXSOCK, 0);
	struct sock *sk = obj->ptr;
	struct ckpt_object *peer;
	bool alive, mutual;
	int err;

	if (!rec)
		return w->error;
	peer = find_peer(c, sk, &alive, &mutual);
	rec->file = cpu_to_le64(ckpt_file_id(c, sk->sk_socket->file));
	rec->peer = cpu_to_le64(peer ? peer->id : 0);
	rec->creds = cpu_to_le64(ckpt_id(c, CKPT_TYPE_CREDS, sk->sk_peer_cred));
	save_pid(c, sk->sk_peer_pid, &rec->pid, &rec->ended);
	rec->type = cpu_to_le32(type_of(sk));
	rec->flags = cpu_to_le32(flags_of(sk, unix_peer(sk) && !alive));
	rec->error = cpu_to_le32(READ_ONCE(sk->sk_err));
	rec->backlog = cpu_to_le32(READ_ONCE(sk->sk_max_ack_backlog));
	rec->bytes = cpu_to_le64(queue ? queue->size : 0);
	err = save_queue(c, queue, w);
	return err ?: ckpt_sockopts_save(sk->sk_socket, w);
}

/* ---- made again ------------------------------------------------------------- */

/**
 * struct making - a socket of the image, becoming one
 * @r:		the restore
 * @item:	of the image
 * @rec:	the main record
 * @sock:	new
 * @closed:	stands for all that have sent it messages, or are connected to
 *		it, and have been closed
 */
struct making {
	struct ckpt_restore *r;
	struct ckpt_item *item;
	const struct ckpt_unixsock *rec;
	struct socket *sock;
	struct socket *closed;
};

/* The new socket of an item, which need not have all yet that it will. */
static struct socket *sock_of(struct ckpt_restore *r, __le64 id)
{
	struct ckpt_item *item = ckpt_item(ckpt_restore_img(r), CKPT_TYPE_UNIXSOCK,
					   le64_to_cpu(id));
	const struct ckpt_unixsock *rec = ckpt_item_body(item, CKPT_REC_UNIXSOCK);
	struct file *file = ckpt_restored_file(r, le64_to_cpu(rec->file));

	return IS_ERR(file) ? ERR_CAST(file) : sock_from_file(file);
}

static struct socket *closed_one(struct making *m)
{
	int type = ckpt_unix_type(le32_to_cpu(m->rec->type));
	int err = m->closed ? 0 : sock_create(AF_UNIX, type, 0, &m->closed);

	return err ? ERR_PTR(err) : m->closed;
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
	int err;

	post->from = rec->sender ? sock_of(m->r, rec->sender) : closed_one(m);
	if (IS_ERR(post->from))
		return PTR_ERR(post->from);
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
	struct ckpt_view messages, files;
	int err = -ENOMEM;

	/* Their check has found them there. */
	ckpt_find(m->item->bytes, m->item->size, CKPT_REC_UNIX_MESSAGES, &messages);
	ckpt_find(m->item->bytes, m->item->size, CKPT_REC_UNIX_FILES, &files);
	if (!messages.count)
		return 0;
	msg.bytes = kvmalloc(longest(&messages), GFP_KERNEL_ACCOUNT);
	msg.files = kmalloc_array(SCM_MAX_FD, sizeof(*msg.files), GFP_KERNEL_ACCOUNT);
	if (msg.bytes && msg.files)
		err = fill_from(m, &messages, files.elems, &msg);
	kfree(msg.files);
	kvfree(msg.bytes);
	if (err)
		ckpt_restore_err(m->r, m->item, "its queue cannot be filled: %pe", ERR_PTR(err));
	return err;
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
		return PTR_ERR(pid);
	guard(spinlock)(&sk->sk_peer_lock);
	swap(pid, sk->sk_peer_pid);
	put_pid(pid);
	put_cred(sk->sk_peer_cred);
	sk->sk_peer_cred = get_cred(cred);
	return 0;
}

/* The network's administrator says how many may wait. */
static int set_backlog(struct making *m)
{
	u32 backlog = le32_to_cpu(m->rec->backlog);
	struct sock *sk = m->sock->sk;

	if (backlog > sk->sk_max_ack_backlog &&
	    !ns_capable(sock_net(sk)->user_ns, CAP_NET_ADMIN)) {
		ckpt_restore_err(m->r, m->item, "a queue for %u may not be had", backlog);
		return -EPERM;
	}
	sk->sk_max_ack_backlog = backlog;
	return 0;
}

static struct socket *find_peer_sock(struct making *m)
{
	if (m->rec->peer)
		return sock_of(m->r, m->rec->peer);
	return has_flag(m->rec, CKPT_UNIX_PEER_CLOSED) ? closed_one(m) : NULL;
}

/* As socketpair(2) asks, when the second of the two is connected. */
static int may_connect(struct making *m, struct socket *peer)
{
	int err = 0;

#ifdef CONFIG_SECURITY_NETWORK
	if (m->rec->peer && unix_peer(peer->sk) == m->sock->sk)
		err = ksym(security_socket_socketpair)(m->sock, peer);
#endif
	if (err)
		ckpt_restore_err(m->r, m->item, "may not be connected: %pe", ERR_PTR(err));
	return err;
}

/* Cannot fail: the last step. Each of the two does its own part. */
static void connect_to(struct making *m, struct socket *peer)
{
	struct sock *sk = m->sock->sk;
	u8 shutdown = 0;

	if (has_flag(m->rec, CKPT_UNIX_RCV_SHUTDOWN))
		shutdown |= RCV_SHUTDOWN;
	if (has_flag(m->rec, CKPT_UNIX_SEND_SHUTDOWN))
		shutdown |= SEND_SHUTDOWN;
	unix_state_lock(sk);
	if (peer) {
		sock_hold(peer->sk);
		unix_peer(sk) = peer->sk;
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
	struct socket *peer;
	int err = fill(m);

	if (!err)
		err = set_peer_creds(m);
	if (!err)
		err = set_backlog(m);
	if (!err)
		err = ckpt_sockopts_restore(m->r, m->item, m->sock);
	if (err)
		return err;
	peer = find_peer_sock(m);
	if (IS_ERR(peer))
		return PTR_ERR(peer);
	err = may_connect(m, peer);
	if (!err)
		connect_to(m, peer);
	return err;
}

static void *unixsock_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	struct making m = {
		.r = r,
		.item = item,
		.rec = ckpt_item_body(item, CKPT_REC_UNIXSOCK),
	};
	struct file *file = ckpt_restored_file(r, le64_to_cpu(m.rec->file));
	int err;

	if (IS_ERR(file))
		return file;
	m.sock = sock_from_file(file);
	err = make(&m);
	if (m.closed)
		sock_release(m.closed);
	if (err)
		return ERR_PTR(err);
	sock_hold(m.sock->sk);
	return m.sock->sk;
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_unixsock_ops = {
	.type = CKPT_TYPE_UNIXSOCK,
	.name = "unix socket state",
	.dir = "sockets",
	.part = "socket",
	.records = { CKPT_REC_UNIXSOCK, CKPT_REC_UNIX_MESSAGES, CKPT_REC_UNIX_FILES,
		     CKPT_REC_SOCKOPTS, CKPT_REC_SOCKFILTER },
	.max_size = 64 << 20,
	.check = unixsock_check,
	CKPT_KERNEL(.get = unixsock_get, .put = unixsock_put,
		    .collect = unixsock_collect, .verify = unixsock_verify,
		    .save = unixsock_save, .release = unixsock_release,
		    .restore = unixsock_restore, .drop = unixsock_put)
};
