// SPDX-License-Identifier: GPL-2.0-only
/*
 * System V message queues: msg/ID.
 *
 * Of the container are those in whose msgsnd(2) or msgrcv(2) a task of it is, or was
 * last, and those to which one has been the last to send, or from which to receive.
 * Saved are the messages in their order, the limit, who was last, times, owners and
 * mode. Who waits is not in the queue while he is frozen: his call is made again.
 *
 * kern_ipc_perm.lock protects a queue. How it is made again is in quemake.c.
 */
#include "../object.h"

#define LARGEST	(64 << 20)	/* of all messages, in the image */

static int queue_check(const struct ckpt_check *chk, u64 id,
		       const void *bytes, size_t size)
{
	const struct ckpt_queue *rec;
	const struct ckpt_message *msg;
	struct ckpt_cursor cur;
	struct ckpt_view view;
	int err = ckpt_check_once(chk, bytes, size, CKPT_REC_QUEUE, &view);

	if (err)
		return err;
	rec = view.body;
	if ((rec->sender && rec->sender_ended) || (rec->receiver && rec->receiver_ended))
		return ckpt_bad(chk, "a process that has and has not ended");
	ckpt_cursor_init(&cur, bytes, size);
	while (ckpt_next(&cur, &view) > 0) {
		if (view.type != CKPT_REC_MESSAGE)
			continue;
		msg = view.body;
		if (!msg->type)
			return ckpt_bad(chk, "a message of no type");
	}
	return 0;
}

#ifdef __KERNEL__

#include <linux/msg.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "../compat/private.h"
#include "../sysvipc.h"

/* What msgutil.c puts behind the head of a message, and of each part that follows. */
#define IN_HEAD	(PAGE_SIZE - sizeof(struct msg_msg))
#define IN_PART	(PAGE_SIZE - sizeof(struct ckpt_msg_msgseg))

#define MOST	(LARGEST / sizeof(struct ckpt_message))
#define AT_ONCE	64		/* messages, or parts of them, between two looks at others */

/* ---- saved ------------------------------------------------------------------ */

void *ckpt_queue_find(struct ckpt_collect *c, struct kern_ipc_perm *perm)
{
	const struct ckpt_msg_queue *q = ckpt_queue_of(perm);

	if (!ckpt_ipc_is_ours(c, q->q_lspid) && !ckpt_ipc_is_ours(c, q->q_lrpid))
		return NULL;
	ckpt_ipc_get(perm);
	return perm;
}

static void queue_get(void *ptr)
{
	ckpt_ipc_get(ptr);
}

static void queue_put(void *ptr)
{
	ckpt_ipc_put(CKPT_IPC_QUEUES, ptr);
}

/* Why it cannot be saved, or NULL. It is locked. */
static const char *obstacle(struct ckpt_msg_queue *q, struct ckpt_queue_state *n)
{
	if (!ckpt_queue_note(q, n))
		return "an owner of another user namespace";
	if (!ckpt_ipc_may_read(&q->q_perm))
		return "one that the caller may not read";
	/* As kernel.msgmnb lets it be, and msgctl() does not. */
	return q->q_qbytes > S32_MAX ? "so high a limit" : NULL;
}

static int queue_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct ckpt_queue_state *n = kzalloc(sizeof(*n), GFP_KERNEL_ACCOUNT);
	const char *why = "one that has just been removed";
	struct kern_ipc_perm *perm = obj->ptr;
	int err;

	obj->priv = n;
	if (!n)
		return -ENOMEM;
	n->held = ckpt_ipc_is_shared(c, perm);
	if (ckpt_ipc_lock(perm)) {
		why = obstacle(ckpt_queue_of(perm), n);
		ckpt_ipc_unlock(perm);
	}
	if (why)
		ckpt_refuse(c, "System V message queue %d: %s cannot be saved", perm->id, why);
	err = ckpt_ipc_collect_pid(c, n->sender);
	return err ?: ckpt_ipc_collect_pid(c, n->receiver);
}

static void queue_release(struct ckpt_object *obj)
{
	if (!obj->priv)
		return;
	ckpt_queue_forget(obj->priv);
	kfree(obj->priv);
}

static int queue_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct ckpt_queue_state *n = obj->priv;

	if (n->waited || n->held || ckpt_ipc_is_foreign(c, n->sender) ||
	    ckpt_ipc_is_foreign(c, n->receiver))
		ckpt_refuse_shared(c, "System V message queue %u: a task outside of the container uses it",
				   le32_to_cpu(n->ipc.id));
	return 0;
}

/*
 * No restore exchanges the messages of a queue to which there is a reference.
 * Return: locked, unless somebody has used it; or NULL.
 */
static struct ckpt_msg_queue *lock_noted(const struct ckpt_object *obj)
{
	struct ckpt_msg_queue *q = ckpt_queue_of(obj->ptr);

	if (!ckpt_ipc_lock(obj->ptr))
		return NULL;
	if (ckpt_queue_is_as_noted(q, obj->priv))
		return q;
	ckpt_ipc_unlock(obj->ptr);
	return NULL;
}

/* Now and then, for others that are at the lock. Return: false: it is not locked any more. */
static bool breathe(const struct ckpt_object *obj, size_t *done)
{
	if (++*done % AT_ONCE)
		return true;
	ckpt_ipc_unlock(obj->ptr);
	cond_resched();
	return lock_noted(obj);
}

/* The queue is locked. Return: as breathe(). */
static bool copy_text(const struct ckpt_object *obj, const struct msg_msg *msg, void *to,
		      size_t *done)
{
	const struct ckpt_msg_msgseg *part = (const void *)msg->next;
	size_t left = msg->m_ts, n = min(left, IN_HEAD);

	memcpy(to, msg + 1, n);
	for (left -= n, to += n; left && part; left -= n, to += n, part = part->next) {
		n = min(left, IN_PART);
		memcpy(to, part + 1, n);
		if (!breathe(obj, done))
			return false;
	}
	return breathe(obj, done);
}

/* How long each message is. */
static int measure(const struct ckpt_object *obj, size_t *len)
{
	struct ckpt_msg_queue *q = lock_noted(obj);
	const struct msg_msg *msg;
	size_t i = 0;

	if (!q)
		return -EBUSY;
	list_for_each_entry(msg, &q->q_messages, m_list) {
		*len++ = msg->m_ts;
		if (!breathe(obj, &i))
			return -EBUSY;
	}
	ckpt_ipc_unlock(&q->q_perm);
	return 0;
}

static int add_messages(struct ckpt_writer *w, const size_t *len, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		if (!ckpt_add(w, CKPT_REC_MESSAGE, len[i]))
			return w->error;
		cond_resched();
	}
	return 0;
}

/* As many records as messages, as long as these. */
static int fill_messages(const struct ckpt_object *obj, struct ckpt_writer *w)
{
	struct ckpt_msg_queue *q = lock_noted(obj);
	const struct msg_msg *msg;
	struct ckpt_cursor cur;
	struct ckpt_view view;
	size_t done = 0;

	if (!q)
		return -EBUSY;
	msg = list_first_entry(&q->q_messages, struct msg_msg, m_list);
	ckpt_cursor_init(&cur, w->buf, w->len);
	while (ckpt_next(&cur, &view) > 0) {
		if (view.type != CKPT_REC_MESSAGE)
			continue;
		if (list_entry_is_head(msg, &q->q_messages, m_list) ||
		    msg->m_ts != view.count) {
			ckpt_ipc_unlock(&q->q_perm);
			return -EBUSY;
		}
		((struct ckpt_message *)view.body)->type = cpu_to_le64(msg->m_type);
		if (!copy_text(obj, msg, (void *)view.elems, &done))
			return -EBUSY;
		msg = list_next_entry(msg, m_list);
	}
	ckpt_ipc_unlock(&q->q_perm);
	return 0;
}

static int save_messages(const struct ckpt_object *obj, struct ckpt_writer *w)
{
	const struct ckpt_queue_state *n = obj->priv;
	size_t *len __free(kvfree) = NULL;
	int err;

	if (n->nr > MOST || n->bytes > LARGEST)
		return -EFBIG;
	len = kvcalloc(n->nr + 1, sizeof(*len), GFP_KERNEL_ACCOUNT);
	if (!len)
		return -ENOMEM;
	err = measure(obj, len);
	if (!err)
		err = add_messages(w, len, n->nr);
	if (!err)
		err = fill_messages(obj, w);
	if (err == -EBUSY)
		ckpt_err(obj->con->mount, "%s: somebody outside has used System V message queue %u meanwhile",
			 obj->con->name, le32_to_cpu(n->ipc.id));
	return err;
}

static int queue_save(struct ckpt_collect *c, struct ckpt_object *obj,
		      struct ckpt_writer *w)
{
	struct ckpt_ipc *ipc = ckpt_add(w, CKPT_REC_IPC, 0);
	struct ckpt_queue_state *n = obj->priv;
	struct ckpt_queue *rec;

	if (!ipc)
		return w->error;
	*ipc = n->ipc;
	rec = ckpt_add(w, CKPT_REC_QUEUE, 0);
	if (!rec)
		return w->error;
	*rec = n->rec;
	ckpt_ipc_save_pid(c, n->sender, &rec->sender, &rec->sender_ended);
	ckpt_ipc_save_pid(c, n->receiver, &rec->receiver, &rec->receiver_ended);
	return save_messages(obj, w);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_queue_ops = {
	.type = CKPT_TYPE_QUEUE,
	.name = "sysv message queue",
	.dir = "msg",
	.flags = CKPT_ROW_LAST,
	.records = { CKPT_REC_IPC, CKPT_REC_QUEUE, CKPT_REC_MESSAGE },
	.max_size = LARGEST,
	.check = queue_check,
	CKPT_KERNEL(.get = queue_get, .put = queue_put,
		    .collect = queue_collect, .verify = queue_verify,
		    .save = queue_save, .release = queue_release,
		    .restore = ckpt_queue_make, .complete = ckpt_queue_fill_all,
		    .end = ckpt_queue_end,
		    .drop = queue_put, .bind = ckpt_queue_finish)
};
