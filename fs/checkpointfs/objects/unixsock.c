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
 * @creds:	of its peer, which are an object; NULL
 * @pid:	of the same, referenced; NULL
 * @listener:	in whose queue it waits to be accepted; NULL: it has a file, that keeps
 *		sock.sk_socket
 * @place:	in that queue
 */
struct kept {
	struct ckpt_unix_queue *queue;
	char *path;
	const struct cred *creds;
	struct pid *pid;
	struct ckpt_object *listener;
	u32 place;
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

/*
 * What waits to be accepted is its listener's. Whether it still waits is not asked of the
 * socket: who has got hold of the listener may accept it at any time.
 */
static const void *holder(const struct ckpt_object *obj)
{
	const struct kept *kept = obj->priv;
	const struct sock *sk = kept->listener ? kept->listener->ptr : obj->ptr;

	return SOCK_INODE(sk->sk_socket);
}

static const char *who_has(struct ckpt_collect *c, const struct ckpt_object *obj, char *buf)
{
	return ckpt_who(c, holder(obj), buf, CKPT_WHO_MAX);
}

static const char *obstacle(const struct ckpt_object *obj)
{
	const struct kept *kept = obj->priv;
	struct sock *sk = obj->ptr;

	if (sock_net(sk) != current->nsproxy->net_ns)
		return "a socket of another network namespace";
	if (sk->sk_bound_dev_if)
		return "a socket that is bound to a device";
	return kept->listener ? NULL : ckpt_sockopts_obstacle(sk);
}

/* A process that is remembered: of the container, or ended. */
static int collect_pid(struct ckpt_collect *c, const struct ckpt_object *obj, struct pid *pid)
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
		    who_has(c, obj, who));
	return 0;
}

/* Who listens again is another one from then on. */
static int collect_peer_creds(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct kept *kept = obj->priv;
	struct sock *sk = obj->ptr;
	struct ckpt_object *creds;

	scoped_guard(spinlock, &sk->sk_peer_lock) {
		kept->creds = get_cred(sk->sk_peer_cred);
		kept->pid = get_pid(sk->sk_peer_pid);
	}
	if (!kept->creds)
		return 0;
	creds = ckpt_collect_ref(c, CKPT_TYPE_CREDS, (void *)kept->creds);
	put_cred(kept->creds);
	return IS_ERR(creds) ? PTR_ERR(creds) : collect_pid(c, obj, kept->pid);
}

static bool has_numbers(const struct ckpt_unix_letter *letter)
{
	if (!uid_valid(letter->uid) && !gid_valid(letter->gid))
		return true;
	return kuid_has_mapping(current_user_ns(), letter->uid) &&
	       kgid_has_mapping(current_user_ns(), letter->gid);
}

static int collect_letters(struct ckpt_collect *c, const struct ckpt_object *obj,
			   const struct ckpt_unix_queue *queue)
{
	char who[CKPT_WHO_MAX];
	u32 i;

	for (i = 0; i < queue->nr; i++) {
		const struct ckpt_unix_letter *letter = &queue->letters[i];
		int err;

		if (!has_numbers(letter))
			ckpt_refuse(c, "%s: a message from an unknown user cannot be saved",
				    who_has(c, obj, who));
		err = collect_pid(c, obj, letter->pid);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

static int collect_in_flight(struct ckpt_collect *c, const struct ckpt_object *sock,
			     struct file *file)
{
	char who[CKPT_WHO_MAX] = "";
	struct ckpt_object *obj;

	/* To be named if it is refused; to search for a name takes its time. */
	if (!ckpt_file_known(c, file))
		who_has(c, sock, who);
	obj = ckpt_collect_file(c, file, "%s, in flight", who);
	if (IS_ERR(obj))
		return PTR_ERR(obj) == -EOPNOTSUPP ? 0 : PTR_ERR(obj);
	obj->has_fd = true;
	return 0;
}

static int collect_one(struct ckpt_collect *c, struct ckpt_object *listener, u32 place)
{
	const struct ckpt_unix_queue *queue = queue_of(listener);
	struct ckpt_object *obj;
	struct kept *kept;

	obj = ckpt_collect_ref(c, CKPT_TYPE_UNIXSOCK, queue->letters[place].sender);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	/* Somebody has accepted it, and sent it to the container. */
	if (obj->priv || obj->refs > 1)
		return -EAGAIN;
	kept = kzalloc(sizeof(*kept), GFP_KERNEL_ACCOUNT);
	if (!kept)
		return -ENOMEM;
	kept->listener = listener;
	kept->place = place;
	obj->priv = kept;
	return 0;
}

/* In the order in which they will be accepted. */
static int collect_pending(struct ckpt_collect *c, struct ckpt_object *listener)
{
	u32 nr = queue_of(listener)->nr, i;
	int err = 0;

	for (i = 0; !err && i < nr; i++) {
		err = collect_one(c, listener, i);
		cond_resched();
	}
	return err;
}

static int collect_queue(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct ckpt_unix_queue *queue = queue_of(obj);
	int err;
	u32 i;

	if (!queue)
		return 0;
	if (queue->listening)
		return collect_pending(c, obj);
	err = collect_letters(c, obj, queue);
	for (i = 0; !err && i < queue->nr_files; i++)
		err = collect_in_flight(c, obj, queue->files[i]);
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
	struct kept *kept = obj->priv;
	void *made;

	if (!kept)
		kept = kzalloc(sizeof(*kept), GFP_KERNEL_ACCOUNT);
	if (!kept)
		return -ENOMEM;
	obj->priv = kept;
	made = ckpt_unix_queue_copy(obj->ptr, why);
	if (IS_ERR(made))
		return PTR_ERR(made);
	kept->queue = made;
	made = ckpt_unix_name_collect(c, obj->ptr, holder(obj));
	if (IS_ERR(made))
		return PTR_ERR(made);
	kept->path = made;
	return 0;
}

static int unixsock_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	const char *why, *queued = NULL;
	struct ckpt_object *peer;
	char who[CKPT_WHO_MAX];
	bool alive, mutual;
	int err = keep(c, obj, &queued);

	if (err)
		return err;
	why = obstacle(obj) ?: queued;
	if (why)
		ckpt_refuse(c, "%s: %s cannot be saved", who_has(c, obj, who), why);
	peer = find_peer(c, obj->ptr, &alive, &mutual);
	/* Whom others are connected to has their references. */
	if (peer && !mutual)
		peer->refs++;
	err = collect_peer_creds(c, obj) ?: collect_queue(c, obj);
	ckpt_unix_queue_unpin(queue_of(obj));
	return err;
}

static void unixsock_release(struct ckpt_object *obj)
{
	struct kept *kept = obj->priv;

	if (!kept)
		return;
	ckpt_unix_queue_put(kept->queue);
	put_pid(kept->pid);
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
	return letter->closed || ckpt_lookup(c, CKPT_TYPE_UNIXSOCK, letter->sender);
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
		ckpt_refuse_shared(c, "%s: %s", who_has(c, obj, who), why);
	return 0;
}

static u32 flags_of(const struct sock *sk, u8 state, bool closed)
{
	u32 flags = 0;

	if (state == TCP_ESTABLISHED)
		flags |= CKPT_UNIX_ESTABLISHED;
	if (state == TCP_LISTEN)
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

/**
 * struct sender - a closed socket that messages are from, or that one is connected to
 * @sk:		which; NULL: none
 * @name:	its name, or NULL
 */
struct sender {
	const struct sock *sk;
	const struct unix_address *name;
};

/* Of a message, or behind them @peer. */
static struct sender closed_sender(const struct ckpt_unix_queue *queue, u32 i,
				   const struct sender *peer)
{
	const struct ckpt_unix_letter *letter;

	if (!queue || i >= queue->nr)
		return *peer;
	letter = &queue->letters[i];
	return letter->closed ? (struct sender){ letter->sender, letter->name } :
				(struct sender){};
}

static u32 next_sender(const struct ckpt_unix_queue *queue, u32 i, const struct sender *peer,
		       struct sender *last)
{
	u32 nr = queue ? queue->nr : 0;

	for (; i <= nr; i++) {
		struct sender sender = closed_sender(queue, i, peer);

		if (sender.sk && sender.sk != last->sk && (last->sk || sender.name)) {
			*last = sender;
			break;
		}
	}
	return i;
}

static void save_sender(const struct unix_address *name, u32 message,
			struct ckpt_unix_sender *rec)
{
	rec->message = cpu_to_le32(message);
	if (!name)
		return;
	rec->len = cpu_to_le32(name->len - offsetof(struct sockaddr_un, sun_path));
	memcpy(rec->name, name->name->sun_path, le32_to_cpu(rec->len));
}

/* Those of which there is a name. */
static int write_senders(const struct ckpt_unix_queue *queue, const struct sender *peer,
			 struct ckpt_writer *w)
{
	u32 end = (queue ? queue->nr : 0) + 1, nr = 0, i;
	struct ckpt_unix_sender *rec;
	struct sender last = {};
	void *body;

	for (i = 0; (i = next_sender(queue, i, peer, &last)) < end; i++)
		nr++;
	if (!nr)
		return 0;
	body = ckpt_add(w, CKPT_REC_UNIX_SENDERS, nr);
	if (!body)
		return w->error;
	rec = ckpt_elems(body);
	last = (struct sender){};
	for (i = 0; (i = next_sender(queue, i, peer, &last)) < end; i++)
		save_sender(last.name, i, rec++);
	return 0;
}

/*
 * Whether a sender was closed has been noted with its messages. The peer is looked at once: it
 * may be closed now, and another one a moment later, by connect(2).
 */
static int save_senders(struct sock *sk, const struct ckpt_unix_queue *queue,
			struct ckpt_writer *w)
{
	struct sock *peer = unix_peer_get(sk);
	struct sender last = {};
	int err;

	if (peer && sock_flag(peer, SOCK_DEAD))
		last = (struct sender){ peer, ckpt_unix_address(peer) };
	err = write_senders(queue, &last, w);
	if (peer)
		sock_put(peer);
	return err;
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

static int save_waiting(const struct kept *kept, struct ckpt_writer *w)
{
	struct ckpt_unix_waiting *rec = ckpt_add(w, CKPT_REC_UNIX_WAITING, 0);

	if (!rec)
		return w->error;
	rec->listener = cpu_to_le64(kept->listener->id);
	rec->place = cpu_to_le32(kept->place);
	return ckpt_add(w, CKPT_REC_SOCKOPTS, 0) ? 0 : w->error;
}

static int save_rest(struct ckpt_collect *c, struct ckpt_object *obj, bool listening,
		     struct ckpt_writer *w)
{
	const struct kept *kept = obj->priv;
	struct sock *sk = obj->ptr;
	int err = save_queue(c, kept->queue, listening, w);

	if (!err)
		err = listening ? save_pending(c, kept->queue, w) :
				  save_senders(sk, kept->queue, w);
	if (!err && kept->listener)
		return save_waiting(kept, w);
	if (!err)
		err = ckpt_unix_name_save(sk, kept->path, w);
	return err ?: ckpt_sockopts_save(sk, w);
}

static int unixsock_save(struct ckpt_collect *c, struct ckpt_object *obj,
			 struct ckpt_writer *w)
{
	const struct ckpt_unix_queue *queue = queue_of(obj);
	struct ckpt_unixsock *rec = ckpt_add(w, CKPT_REC_UNIXSOCK, 0);
	const struct kept *kept = obj->priv;
	struct sock *sk = obj->ptr;
	u8 state = READ_ONCE(sk->sk_state);
	struct ckpt_object *peer;
	bool alive, mutual;

	if (!rec)
		return w->error;
	peer = find_peer(c, sk, &alive, &mutual);
	if (!kept->listener)
		rec->file = cpu_to_le64(ckpt_file_id(c, sk->sk_socket->file));
	rec->peer = cpu_to_le64(peer ? peer->id : 0);
	rec->creds = cpu_to_le64(ckpt_id(c, CKPT_TYPE_CREDS, kept->creds));
	save_pid(c, kept->pid, &rec->pid, &rec->ended);
	rec->type = cpu_to_le32(type_of(sk));
	rec->flags = cpu_to_le32(flags_of(sk, state, unix_peer(sk) && !alive));
	rec->error = cpu_to_le32(READ_ONCE(sk->sk_err));
	rec->backlog = cpu_to_le32(READ_ONCE(sk->sk_max_ack_backlog));
	rec->bytes = cpu_to_le64(queue ? queue->size : 0);
	return save_rest(c, obj, state == TCP_LISTEN, w);
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
