// SPDX-License-Identifier: GPL-2.0-only
/*
 * UNIX sockets: whom they are connected to, what is in their queues, options.
 *
 * Stands for a struct sock, which its file (socket.c) keeps alive. Whatever it
 * is connected to must be of the container, or closed; so must be whoever has
 * sent what is still in its queue. The files that are in flight are objects
 * like any others. unix_sock.lock protects peer and state, the queue has locks
 * of its own (unixqueue.c). Its name is unixname.c's.
 *
 * Made again by unixmake.c.
 *
 * Not kept: the inode of an accepted socket's name (SIOCUNIXFILE).
 */
#include "../object.h"

#ifdef __KERNEL__

#include <linux/cred.h>
#include <linux/file.h>
#include <linux/nsproxy.h>
#include <linux/pid.h>
#include <net/tcp_states.h>

#include "../unixname.h"
#include "../unixqueue.h"

/* ---- saved ----------------------------------------------------------------- */

/**
 * struct kept - what is remembered of a socket when it has been collected
 * @queue:	its messages, or connections; NULL: there are none
 * @path:	of the file that it is bound to, or NULL
 */
struct kept {
	struct ckpt_unix_queue *queue;
	char *path;
};

static struct ckpt_unix_queue *queue_of(const struct ckpt_object *obj)
{
	const struct kept *kept = obj->priv;

	return kept ? kept->queue : NULL;
}

static void unixsock_get(void *ptr)
{
	sock_hold(ptr);
}

static void unixsock_put(void *ptr)
{
	sock_put(ptr);
}

/* What waits to be accepted is its listener's. */
static const void *holder(const struct sock *sk)
{
	return SOCK_INODE((sk->sk_socket ? sk : unix_sk(sk)->listener)->sk_socket);
}

static const char *who_has(struct ckpt_collect *c, const struct sock *sk, char *buf)
{
	return ckpt_who(c, holder(sk), buf, CKPT_WHO_MAX);
}

static const char *obstacle(struct sock *sk)
{
	if (sock_net(sk) != current->nsproxy->net_ns)
		return "a socket of another network namespace";
	if (sk->sk_bound_dev_if)
		return "a socket that is bound to a device";
	return sk->sk_socket ? ckpt_sockopts_obstacle(sk) : NULL;
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
	if (!ckpt_file_known(c, file))
		who_has(c, sk, who);
	obj = ckpt_collect_file(c, file, "%s, in flight", who);
	if (IS_ERR(obj))
		return PTR_ERR(obj) == -EOPNOTSUPP ? 0 : PTR_ERR(obj);
	obj->has_fd = true;
	return 0;
}

/* In the order in which they will be accepted. */
static int collect_pending(struct ckpt_collect *c, const struct ckpt_unix_queue *queue)
{
	struct ckpt_object *obj;
	u32 i;

	for (i = 0; i < queue->nr; i++) {
		obj = ckpt_collect_ref(c, CKPT_TYPE_UNIXSOCK, queue->letters[i].sender);
		if (IS_ERR(obj))
			return PTR_ERR(obj);
	}
	return 0;
}

static int collect_queue(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct ckpt_unix_queue *queue = queue_of(obj);
	struct sock *sk = obj->ptr;
	int err;
	u32 i;

	if (!queue)
		return 0;
	if (sk->sk_state == TCP_LISTEN)
		return collect_pending(c, queue);
	err = collect_letters(c, sk, queue);
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

static int keep(struct ckpt_collect *c, struct ckpt_object *obj, const char **why)
{
	struct kept *kept = kzalloc(sizeof(*kept), GFP_KERNEL_ACCOUNT);
	void *made;

	if (!kept)
		return -ENOMEM;
	obj->priv = kept;
	made = ckpt_unix_queue_copy(obj->ptr, why);
	if (IS_ERR(made))
		return PTR_ERR(made);
	kept->queue = made;
	made = ckpt_unix_name_collect(c, obj->ptr, holder(obj->ptr));
	if (IS_ERR(made))
		return PTR_ERR(made);
	kept->path = made;
	return 0;
}

static int unixsock_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct sock *sk = obj->ptr;
	struct ckpt_object *peer;
	char who[CKPT_WHO_MAX];
	bool alive, mutual;
	const char *why = obstacle(sk), *queued = NULL;
	int err = keep(c, obj, &queued);

	if (err)
		return err;
	why = why ?: queued;
	if (why)
		ckpt_refuse(c, "%s: %s cannot be saved", who_has(c, sk, who), why);
	peer = find_peer(c, sk, &alive, &mutual);
	/* Whom others are connected to has their references. */
	if (peer && !mutual)
		peer->refs++;
	err = collect_peer_creds(c, sk);
	return err ?: collect_queue(c, obj);
}

static void unixsock_release(struct ckpt_object *obj)
{
	struct kept *kept = obj->priv;

	if (!kept)
		return;
	ckpt_unix_queue_put(kept->queue);
	kfree(kept->path);
	kfree(kept);
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
	while (refcount_read(&sk->sk_refcnt) > known)
		if (!ckpt_look_again(c))
			return true;
	return false;
}

/* Only where nothing was refused: such a queue has not been copied. */
static bool has_grown(const struct ckpt_object *obj)
{
	const struct ckpt_unix_queue *queue = queue_of(obj);
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
	const struct ckpt_unix_queue *queue = queue_of(obj);
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
	if (sk->sk_state == TCP_LISTEN)
		flags |= CKPT_UNIX_LISTENING;
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
		      bool listening, struct ckpt_writer *w)
{
	u32 nr = queue && !listening ? queue->nr : 0;
	u32 nr_files = queue ? queue->nr_files : 0, i;
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

/* A closed socket that messages are from, or that this one is connected to. */
static struct sock *closed_sender(struct sock *sk, const struct ckpt_unix_queue *queue,
				  u32 i)
{
	struct sock *sender = queue && i < queue->nr ? queue->letters[i].sender : unix_peer(sk);

	return sender && sock_flag(sender, SOCK_DEAD) ? sender : NULL;
}

static u32 next_sender(struct sock *sk, const struct ckpt_unix_queue *queue, u32 i,
		       const struct sock **last)
{
	u32 nr = queue ? queue->nr : 0;
	const struct sock *sender;

	for (; i <= nr; i++) {
		sender = closed_sender(sk, queue, i);
		if (sender && sender != *last && (*last || unix_sk(sender)->addr)) {
			*last = sender;
			break;
		}
	}
	return i;
}

static void save_sender(const struct sock *sender, u32 message, struct ckpt_unix_sender *rec)
{
	const struct unix_address *addr = unix_sk(sender)->addr;

	rec->message = cpu_to_le32(message);
	if (!addr)
		return;
	rec->len = cpu_to_le32(addr->len - offsetof(struct sockaddr_un, sun_path));
	memcpy(rec->name, addr->name->sun_path, le32_to_cpu(rec->len));
}

/* Those of which there is a name; the messages pin them, as the peer does. */
static int save_senders(struct sock *sk, const struct ckpt_unix_queue *queue,
			struct ckpt_writer *w)
{
	u32 end = (queue ? queue->nr : 0) + 1, nr = 0, i;
	struct ckpt_unix_sender *rec;
	const struct sock *last = NULL;
	void *body;

	if (sk->sk_state == TCP_LISTEN)
		return 0;
	for (i = 0; (i = next_sender(sk, queue, i, &last)) < end; i++)
		nr++;
	if (!nr)
		return 0;
	body = ckpt_add(w, CKPT_REC_UNIX_SENDERS, nr);
	if (!body)
		return w->error;
	rec = ckpt_elems(body);
	last = NULL;
	for (i = 0; (i = next_sender(sk, queue, i, &last)) < end; i++)
		save_sender(last, i, rec++);
	return 0;
}

static int save_pending(struct ckpt_collect *c, const struct ckpt_unix_queue *queue,
			struct ckpt_writer *w)
{
	u32 nr = queue ? queue->nr : 0, i;
	void *rec = ckpt_add(w, CKPT_REC_UNIX_PENDING, nr);
	__le64 *id;

	if (!rec)
		return w->error;
	id = ckpt_elems(rec);
	for (i = 0; i < nr; i++)
		id[i] = cpu_to_le64(ckpt_id(c, CKPT_TYPE_UNIXSOCK, queue->letters[i].sender));
	return 0;
}

/* All of a queue were collected together, so their ids follow one another. */
static int save_waiting(struct ckpt_collect *c, struct ckpt_object *obj,
			struct ckpt_writer *w)
{
	struct ckpt_unix_waiting *rec = ckpt_add(w, CKPT_REC_UNIX_WAITING, 0);
	struct sock *listener = unix_sk((struct sock *)obj->ptr)->listener;
	const struct ckpt_unix_queue *queue;

	if (!rec)
		return w->error;
	queue = queue_of(ckpt_lookup(c, CKPT_TYPE_UNIXSOCK, listener));
	rec->listener = cpu_to_le64(ckpt_id(c, CKPT_TYPE_UNIXSOCK, listener));
	rec->place = cpu_to_le32(obj->id - ckpt_id(c, CKPT_TYPE_UNIXSOCK,
						   queue->letters[0].sender));
	return ckpt_add(w, CKPT_REC_SOCKOPTS, 0) ? 0 : w->error;
}

static int save_rest(struct ckpt_collect *c, struct ckpt_object *obj, struct ckpt_writer *w)
{
	const struct kept *kept = obj->priv;
	struct sock *sk = obj->ptr;
	bool listening = sk->sk_state == TCP_LISTEN;
	int err = save_queue(c, kept->queue, listening, w);

	if (!err)
		err = save_senders(sk, kept->queue, w);
	if (!err && listening)
		err = save_pending(c, kept->queue, w);
	if (!err && !sk->sk_socket)
		return save_waiting(c, obj, w);
	if (!err)
		err = ckpt_unix_name_save(sk, kept->path, w);
	return err ?: ckpt_sockopts_save(sk, w);
}

static int unixsock_save(struct ckpt_collect *c, struct ckpt_object *obj,
			 struct ckpt_writer *w)
{
	const struct ckpt_unix_queue *queue = queue_of(obj);
	struct ckpt_unixsock *rec = ckpt_add(w, CKPT_REC_UNIXSOCK, 0);
	struct sock *sk = obj->ptr;
	struct ckpt_object *peer;
	bool alive, mutual;

	if (!rec)
		return w->error;
	peer = find_peer(c, sk, &alive, &mutual);
	if (sk->sk_socket)
		rec->file = cpu_to_le64(ckpt_file_id(c, sk->sk_socket->file));
	rec->peer = cpu_to_le64(peer ? peer->id : 0);
	rec->creds = cpu_to_le64(ckpt_id(c, CKPT_TYPE_CREDS, sk->sk_peer_cred));
	save_pid(c, sk->sk_peer_pid, &rec->pid, &rec->ended);
	rec->type = cpu_to_le32(type_of(sk));
	rec->flags = cpu_to_le32(flags_of(sk, unix_peer(sk) && !alive));
	rec->error = cpu_to_le32(READ_ONCE(sk->sk_err));
	rec->backlog = cpu_to_le32(READ_ONCE(sk->sk_max_ack_backlog));
	rec->bytes = cpu_to_le64(queue ? queue->size : 0);
	return save_rest(c, obj, w);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_unixsock_ops = {
	.type = CKPT_TYPE_UNIXSOCK,
	.name = "unix socket state",
	.dir = "sockets",
	.part = "socket",
	.records = { CKPT_REC_UNIXSOCK, CKPT_REC_UNIX_MESSAGES, CKPT_REC_UNIX_FILES,
		     CKPT_REC_UNIX_SENDERS, CKPT_REC_UNIX_PENDING, CKPT_REC_UNIX_WAITING,
		     CKPT_REC_UNIX_NAME, CKPT_REC_PATH, CKPT_REC_SOCKOPTS,
		     CKPT_REC_SOCKFILTER },
	.max_size = 64 << 20,
	.check = ckpt_check_unixsock,
	CKPT_KERNEL(.get = unixsock_get, .put = unixsock_put,
		    .collect = unixsock_collect, .verify = unixsock_verify,
		    .save = unixsock_save, .release = unixsock_release,
		    .restore = ckpt_unix_make, .end = ckpt_unix_end,
		    .drop = unixsock_put)
};
