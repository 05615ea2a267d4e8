// SPDX-License-Identifier: GPL-2.0-only
/*
 * POSIX message queues: mqueue/ID.
 *
 * Of the container are those that a task of it has open (mqfile.c), with a name or
 * unlinked; nobody outside may have them open. Saved are the messages in their order, the
 * limits, who is to be told of a message and by which socket, owner, mode and times, and for
 * whose RLIMIT_MSGQUEUE it counts. Who waits is not in the queue while he is frozen: his call is
 * made again.
 *
 * Not kept: inode number, and the name of one that has been unlinked.
 *
 * mqueue_inode_info.lock protects a queue. Who finds it by its name may use it while it is
 * being saved: the messages are copied at one moment, under the lock. How it is made
 * again is in mqmake.c.
 */
#include "../object.h"

#define LARGEST	(64 << 20)	/* of all messages, in the image */

static int check_socket(const struct ckpt_check *chk, const void *bytes, size_t size)
{
	const struct ckpt_mqnotify *rec;
	struct ckpt_view view;
	int err = ckpt_check_once(chk, bytes, size, CKPT_REC_MQNOTIFY, &view);

	if (err)
		return err;
	rec = view.body;
	return rec->socket ? 0 : ckpt_bad(chk, "no socket to be told of a message");
}

static int check_notify(const struct ckpt_check *chk, const struct ckpt_mqueue *rec,
			const void *bytes, size_t size)
{
	u32 notify = le32_to_cpu(rec->notify);
	struct ckpt_view view;

	if (!notify != !rec->owner)
		return ckpt_bad(chk, "nobody to be told of a message");
	if (notify != CKPT_MQUEUE_SIGNAL && (rec->signal || rec->value || rec->flags))
		return ckpt_bad(chk, "a signal that is not sent");
	if (notify == CKPT_MQUEUE_THREAD)
		return check_socket(chk, bytes, size);
	if (ckpt_find(bytes, size, CKPT_REC_MQNOTIFY, &view))
		return ckpt_bad(chk, "a socket that is not told of a message");
	return 0;
}

static int check_name(const struct ckpt_check *chk, const void *bytes, size_t size)
{
	struct ckpt_view view;
	const char *name;
	int err;

	if (!ckpt_find(bytes, size, CKPT_REC_NAME, &view))
		return 0;
	err = ckpt_check_once(chk, bytes, size, CKPT_REC_NAME, &view);
	if (err)
		return err;
	name = view.elems;
	if (!*name || strchr(name, '/'))
		return ckpt_bad(chk, "not the name of a message queue");
	return 0;
}

static int check_messages(const struct ckpt_check *chk, const struct ckpt_mqueue *rec,
			  const void *bytes, size_t size)
{
	u32 left = le32_to_cpu(rec->maxmsg), last = U32_MAX, priority;
	struct ckpt_cursor cur;
	struct ckpt_view view;

	ckpt_cursor_init(&cur, bytes, size);
	while (ckpt_next(&cur, &view) > 0) {
		if (view.type != CKPT_REC_MQMESSAGE)
			continue;
		if (!left--)
			return ckpt_bad(chk, "more messages than it may have");
		if (view.count > le32_to_cpu(rec->msgsize))
			return ckpt_bad(chk, "a longer message than it may have");
		priority = le32_to_cpu(((const struct ckpt_mqmessage *)view.body)->priority);
		if (priority > last)
			return ckpt_bad(chk, "messages in the wrong order");
		last = priority;
	}
	return 0;
}

static int mqueue_check(const struct ckpt_check *chk, u64 id,
			const void *bytes, size_t size)
{
	const struct ckpt_mqueue *rec;
	struct ckpt_view view;
	int err = ckpt_check_once(chk, bytes, size, CKPT_REC_MQUEUE, &view);

	if (err)
		return err;
	rec = view.body;
	if (!rec->maxmsg || !rec->msgsize)
		return ckpt_bad(chk, "a queue for no messages");
	if (!S_ISREG(le32_to_cpu(rec->mode)))
		return ckpt_bad(chk, "not the mode of a message queue");
	err = check_notify(chk, rec, bytes, size);
	if (!err)
		err = check_name(chk, bytes, size);
	return err ?: check_messages(chk, rec, bytes, size);
}

#ifdef __KERNEL__

#include <linux/dcache.h>
#include <linux/ipc_namespace.h>
#include <linux/mount.h>
#include <linux/mqueue.h>
#include <linux/msg.h>
#include <linux/net.h>
#include <linux/nsproxy.h>
#include <linux/pid.h>
#include <linux/rbtree.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/skbuff.h>
#include <linux/user_namespace.h>
#include <net/sock.h>

#include "../mqueue.h"
#include "../sysvipc.h"

static_assert(sizeof_field(struct ckpt_mqnotify, cookie) == NOTIFY_COOKIE_LEN);

/* What msgutil.c puts behind the head of a message, and of each part that follows. */
#define IN_HEAD	(PAGE_SIZE - sizeof(struct msg_msg))
#define IN_PART	(PAGE_SIZE - sizeof(struct ckpt_msg_msgseg))

static void mqueue_get(void *ptr)
{
	dget(ptr);
}

static void mqueue_put(void *ptr)
{
	dput(ptr);
}

/* ---- refused ------------------------------------------------------------------ */

static bool is_here(const struct dentry *queue)
{
	return queue->d_sb == current->nsproxy->ipc_ns->mq_mnt->mnt_sb;
}

/* Have all users that it knows a number here? It is locked. */
static bool has_known_users(const struct ckpt_mqueue_inode_info *q)
{
	struct user_namespace *ns = current_user_ns();

	return kuid_has_mapping(ns, q->vfs_inode.i_uid) &&
	       kgid_has_mapping(ns, q->vfs_inode.i_gid) &&
	       q->ucounts && q->ucounts->ns == ns && kuid_has_mapping(ns, q->ucounts->uid) &&
	       (!q->notify_owner || q->notify_user_ns == ns);
}

/* Why it cannot be saved, or NULL. It is locked. */
static const char *obstacle(struct ckpt_collect *c, const struct ckpt_mqueue_inode_info *q)
{
	if (!has_known_users(q))
		return "an owner of another user namespace";
	if (!q->notify_owner)
		return NULL;
	if (!ckpt_ipc_is_ours(c, q->notify_owner) && !ckpt_ipc_is_foreign(c, q->notify_owner))
		return "a notification of a process that has ended";
	return NULL;
}

static int mqueue_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct ckpt_mqueue_inode_info *q = ckpt_mqueue_of(obj->ptr);
	const char *why;

	scoped_guard(spinlock, &q->lock)
		why = obstacle(c, q);
	if (!is_here(obj->ptr))
		why = "one of another IPC namespace";
	if (why)
		ckpt_refuse(c, "POSIX message queue /%pd: %s cannot be saved", obj->ptr, why);
	return 0;
}

/* Does the container have it open by a file of that type, with these bits of f_mode? */
static bool has_file(const struct ckpt_object *obj, u32 type, fmode_t mode)
{
	const struct ckpt_object *other;

	list_for_each_entry(other, &obj->con->objects, node) {
		const struct file *file = other->ptr;

		if (other->ops->type == type && file_dentry(file) == obj->ptr &&
		    file->f_mode & mode)
			return true;
	}
	return false;
}

/* Who waits outside, or is told, need not have it open, if he shares a table of descriptors. */
static bool is_used(struct ckpt_collect *c, const struct dentry *queue)
{
	struct ckpt_mqueue_inode_info *q = ckpt_mqueue_of(queue);

	guard(spinlock)(&q->lock);
	return ckpt_mqueue_has_waiters(q) ||
	       (q->notify_owner && ckpt_ipc_is_foreign(c, q->notify_owner));
}

/*
 * The id of the socket that is told, if the container has it. The lock keeps who closes it
 * from taking the file away, of which nothing but the address is looked at.
 */
static u64 socket_id(struct ckpt_collect *c, const struct ckpt_mqueue_inode_info *q)
{
	struct sock *sk = q->notify_sock;
	const struct file *file;

	read_lock_bh(&sk->sk_callback_lock);
	file = sk->sk_socket ? sk->sk_socket->file : NULL;
	read_unlock_bh(&sk->sk_callback_lock);
	return ckpt_id(c, CKPT_TYPE_NETLINK, file);
}

/* Is it locked, and told by SIGEV_THREAD? */
static bool tells_socket(const struct ckpt_mqueue_inode_info *q)
{
	lockdep_assert_held(&q->lock);
	return q->notify_owner && q->notify.sigev_notify == SIGEV_THREAD;
}

/* A process outside is another's matter: is_used(). */
static bool tells_stranger(struct ckpt_collect *c, const struct dentry *queue)
{
	struct ckpt_mqueue_inode_info *q = ckpt_mqueue_of(queue);

	guard(spinlock)(&q->lock);
	return tells_socket(q) && ckpt_ipc_is_ours(c, q->notify_owner) && !socket_id(c, q);
}

/* Each open file has one reference, and the collection. */
static bool is_shared(struct ckpt_collect *c, const struct ckpt_object *obj)
{
	while (ckpt_mqueue_users(obj->ptr) > obj->refs + 1)
		if (!ckpt_look_again(c))
			return true;
	return is_used(c, obj->ptr);
}

/* A task of the container that has it open for reading may be read, too. */
static const char *odd_file(struct ckpt_collect *c, const struct ckpt_object *obj)
{
	if (tells_stranger(c, obj->ptr))
		return "a notification by SIGEV_THREAD to a socket that the container has not";
	if (has_file(obj, CKPT_TYPE_OPATH, FMODE_PATH))
		return "one that is open by O_PATH as well";
	if (!has_file(obj, CKPT_TYPE_MQFILE, FMODE_READ) &&
	    inode_permission(&nop_mnt_idmap, d_inode(obj->ptr), MAY_READ))
		return "one that the caller may not read";
	return NULL;
}

static int mqueue_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	const char *why = odd_file(c, obj);

	if (why)
		ckpt_refuse(c, "POSIX message queue /%pd: %s cannot be saved", obj->ptr, why);
	else if (is_shared(c, obj))
		ckpt_refuse_shared(c, "POSIX message queue /%pd: a task outside of the container uses it",
				   obj->ptr);
	return 0;
}

/* ---- saved -------------------------------------------------------------------- */

/**
 * struct place - a message in a queue
 * @leaf:	those of its priority; NULL: there is no message
 * @msg:	it
 */
struct place {
	struct ckpt_posix_msg_tree_node *leaf;
	struct msg_msg *msg;
};

static struct place first_of(struct rb_node *node)
{
	struct place p = { .leaf = rb_entry_safe(node, typeof(*p.leaf), rb_node) };

	if (p.leaf)
		p.msg = list_first_entry(&p.leaf->msg_list, struct msg_msg, m_list);
	return p;
}

/* In the order in which they will be received. The queue is locked. */
static struct place next_of(struct place p)
{
	if (list_is_last(&p.msg->m_list, &p.leaf->msg_list))
		return first_of(rb_prev(&p.leaf->rb_node));
	p.msg = list_next_entry(p.msg, m_list);
	return p;
}

static void copy_text(const struct msg_msg *msg, void *to)
{
	const struct ckpt_msg_msgseg *part = (const void *)msg->next;
	size_t left = msg->m_ts, n = min(left, IN_HEAD);

	memcpy(to, msg + 1, n);
	for (left -= n, to += n; left && part; left -= n, to += n, part = part->next) {
		n = min(left, IN_PART);
		memcpy(to, part + 1, n);
	}
}

/* How long each message is. Return: how many, of at most @nr, or -errno. */
static long measure(struct ckpt_mqueue_inode_info *q, size_t *len, size_t nr)
{
	struct place p;
	size_t i = 0;

	guard(spinlock)(&q->lock);
	if (q->qsize > LARGEST)
		return -EFBIG;
	for (p = first_of(rb_last(&q->msg_tree)); p.leaf; p = next_of(p)) {
		if (i == nr)
			return -EBUSY;
		len[i++] = p.msg->m_ts;
	}
	return i;
}

static int add_messages(struct ckpt_mqueue_inode_info *q, struct ckpt_writer *w)
{
	size_t nr = READ_ONCE(q->attr.mq_curmsgs), *len __free(kvfree) = NULL;
	long count, i;

	len = kvcalloc(nr + 1, sizeof(*len), GFP_KERNEL_ACCOUNT);
	if (!len)
		return -ENOMEM;
	count = measure(q, len, nr);
	for (i = 0; i < count; i++) {
		if (!ckpt_add(w, CKPT_REC_MQMESSAGE, len[i]))
			return w->error;
		cond_resched();
	}
	return min(count, 0L);
}

/* Room for what is told; fill_notify() sees whether it is still so. */
static int add_notify(struct ckpt_mqueue_inode_info *q, struct ckpt_writer *w)
{
	bool told;

	scoped_guard(spinlock, &q->lock)
		told = tells_socket(q);
	return told && !ckpt_add(w, CKPT_REC_MQNOTIFY, 0) ? w->error : 0;
}

/* As many records as messages, as long as these. The queue is locked. */
static bool fill_messages(struct ckpt_mqueue_inode_info *q, struct ckpt_writer *w)
{
	struct place p = first_of(rb_last(&q->msg_tree));
	struct ckpt_cursor cur;
	struct ckpt_view view;

	ckpt_cursor_init(&cur, w->buf, w->len);
	while (ckpt_next(&cur, &view) > 0) {
		struct ckpt_mqmessage *rec = (void *)view.body;

		if (view.type != CKPT_REC_MQMESSAGE)
			continue;
		if (!p.leaf || p.msg->m_ts != view.count)
			return false;
		rec->priority = cpu_to_le32(p.msg->m_type);
		copy_text(p.msg, (void *)view.elems);
		p = next_of(p);
	}
	return !p.leaf;
}

/* The queue is locked. Return: false if there is room for none, or for one too many. */
static bool fill_socket(struct ckpt_collect *c, const struct ckpt_mqueue_inode_info *q,
			struct ckpt_writer *w)
{
	bool told = tells_socket(q), room;
	struct ckpt_mqnotify *rec;
	struct ckpt_view view;

	room = ckpt_find(w->buf, w->len, CKPT_REC_MQNOTIFY, &view);
	if (!told || !room)
		return told == room;
	rec = (void *)view.body;
	rec->socket = cpu_to_le64(socket_id(c, q));
	memcpy(rec->cookie, q->notify_cookie->data, sizeof(rec->cookie));
	return rec->socket;
}

/* The queue is locked. Return: false if it is not a task of the container any more. */
static bool fill_notify(struct ckpt_collect *c, const struct ckpt_mqueue_inode_info *q,
			struct ckpt_mqueue *rec)
{
	const struct task_struct *owner;

	if (!q->notify_owner)
		return true;
	if (!ckpt_ipc_is_ours(c, q->notify_owner))
		return false;
	rec->owner = cpu_to_le32(ckpt_pid_nr(c, q->notify_owner));
	rec->notify = cpu_to_le32(tells_socket(q) ? CKPT_MQUEUE_THREAD : CKPT_MQUEUE_SILENT);
	if (q->notify.sigev_notify != SIGEV_SIGNAL)
		return true;
	rec->notify = cpu_to_le32(CKPT_MQUEUE_SIGNAL);
	rec->signal = cpu_to_le32(q->notify.sigev_signo);
	rec->value = cpu_to_le64((unsigned long)q->notify.sigev_value.sival_ptr);
	guard(rcu)();
	owner = pid_task(q->notify_owner, PIDTYPE_TGID);
	if (owner && READ_ONCE(owner->self_exec_id) != q->notify_self_exec_id)
		rec->flags = cpu_to_le32(CKPT_MQUEUE_EXECED);
	return true;
}

static void fill_inode(const struct inode *inode, struct ckpt_mqueue *rec)
{
	rec->atime = cpu_to_le64(inode_get_atime_sec(inode));
	rec->atime_ns = cpu_to_le32(inode_get_atime_nsec(inode));
	rec->mtime = cpu_to_le64(inode_get_mtime_sec(inode));
	rec->mtime_ns = cpu_to_le32(inode_get_mtime_nsec(inode));
	rec->ctime = cpu_to_le64(inode_get_ctime_sec(inode));
	rec->ctime_ns = cpu_to_le32(inode_get_ctime_nsec(inode));
	rec->mode = cpu_to_le32(inode->i_mode);
	rec->uid = cpu_to_le32(from_kuid(current_user_ns(), inode->i_uid));
	rec->gid = cpu_to_le32(from_kgid(current_user_ns(), inode->i_gid));
}

/*
 * All that others may change, of one moment. The copy takes the lock for as long as
 * LARGEST bytes take, and 800 kB (RLIMIT_MSGQUEUE) is what a user has.
 */
static bool fill_in(struct ckpt_collect *c, struct ckpt_mqueue_inode_info *q,
		    struct ckpt_writer *w)
{
	struct ckpt_view view;
	struct ckpt_mqueue *rec;

	if (!ckpt_find(w->buf, w->len, CKPT_REC_MQUEUE, &view))
		return false;
	rec = (void *)view.body;
	guard(spinlock)(&q->lock);
	rec->maxmsg = cpu_to_le32(q->attr.mq_maxmsg);
	rec->msgsize = cpu_to_le32(q->attr.mq_msgsize);
	rec->account = cpu_to_le32(from_kuid(current_user_ns(), q->ucounts->uid));
	fill_inode(&q->vfs_inode, rec);
	return fill_notify(c, q, rec) && fill_socket(c, q, w) && fill_messages(q, w);
}

static int save_name(const struct dentry *queue, struct ckpt_writer *w)
{
	size_t size = queue->d_name.len + 1;
	void *rec;

	if (!d_inode(queue)->i_nlink)
		return 0;
	rec = ckpt_add(w, CKPT_REC_NAME, size);
	if (!rec)
		return w->error;
	memcpy(ckpt_elems(rec), queue->d_name.name, size);
	return 0;
}

static int mqueue_save(struct ckpt_collect *c, struct ckpt_object *obj,
		       struct ckpt_writer *w)
{
	struct ckpt_mqueue_inode_info *q = ckpt_mqueue_of(obj->ptr);
	int err;

	if (!ckpt_add(w, CKPT_REC_MQUEUE, 0))
		return w->error;
	err = save_name(obj->ptr, w);
	if (!err)
		err = add_notify(q, w);
	if (!err)
		err = add_messages(q, w);
	if (!err && !fill_in(c, q, w))
		err = -EBUSY;
	if (err == -EBUSY)
		ckpt_err(obj->con->mount, "%s: somebody outside has used POSIX message queue /%pd meanwhile",
			 obj->con->name, obj->ptr);
	return err;
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_mqueue_ops = {
	.type = CKPT_TYPE_MQUEUE,
	.name = "posix message queue",
	.dir = "mqueue",
	.flags = CKPT_ROW_LAST,
	.records = { CKPT_REC_MQUEUE, CKPT_REC_NAME, CKPT_REC_MQNOTIFY, CKPT_REC_MQMESSAGE },
	.max_size = LARGEST,
	.check = mqueue_check,
	CKPT_KERNEL(.get = mqueue_get, .put = mqueue_put,
		    .collect = mqueue_collect, .verify = mqueue_verify,
		    .save = mqueue_save,
		    .restore = ckpt_mqueue_make, .end = ckpt_mqueue_end,
		    .drop = ckpt_file_put, .bind = ckpt_mqueue_finish)
};
