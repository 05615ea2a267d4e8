// SPDX-License-Identifier: GPL-2.0-only
/*
 * A System V message queue made again, by msgget(2), or found.
 *
 * A queue stays when the tasks are killed. One that is the same by id, key, makers
 * and time of change, in which nobody waits and which nobody who lives has used, is the
 * writer's alone until the restore is over. The messages of the image are sent to another
 * queue, as the writer may send them, and exchanged for its own when all tasks are there,
 * unless somebody has used one of the two meanwhile; should the restore fail after
 * that, it gets its own again. Who waits looks again when he is woken, for whatever reason.
 */
#include <linux/cred.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <uapi/linux/msg.h>
#include <asm/unistd.h>

#include "compat/private.h"
#include "restore.h"
#include "sysvipc.h"

bool ckpt_queue_has_waiters(const struct ckpt_msg_queue *q)
{
	return !list_empty(&q->q_receivers) || !list_empty(&q->q_senders);
}

bool ckpt_queue_note(struct ckpt_msg_queue *q, struct ckpt_queue_state *n)
{
	n->rec.stime = cpu_to_le64(q->q_stime);
	n->rec.rtime = cpu_to_le64(q->q_rtime);
	n->rec.ctime = cpu_to_le64(q->q_ctime);
	n->rec.limit = cpu_to_le64(q->q_qbytes);
	n->sender = get_pid(q->q_lspid);
	n->receiver = get_pid(q->q_lrpid);
	n->bytes = q->q_cbytes;
	n->nr = q->q_qnum;
	n->waited = ckpt_queue_has_waiters(q);
	return ckpt_ipc_fill(&n->ipc, &q->q_perm);
}

bool ckpt_queue_is_as_noted(const struct ckpt_msg_queue *q, const struct ckpt_queue_state *n)
{
	return q->q_lspid == n->sender && q->q_lrpid == n->receiver &&
	       q->q_cbytes == n->bytes && q->q_qnum == n->nr && !ckpt_queue_has_waiters(q);
}

void ckpt_queue_forget(struct ckpt_queue_state *n)
{
	put_pid(n->sender);
	put_pid(n->receiver);
}

/**
 * struct made - a queue until the restore is over
 * @found:	there was one, as noted in @old
 * @given:	it has the messages of the image, and @other its own
 * @old:	what it was; of a new one all is 0
 * @other:	another queue with the messages of the image, referenced; or NULL
 * @nr:		of messages in the image
 */
struct made {
	bool found;
	bool given;
	struct ckpt_queue_state old;
	struct kern_ipc_perm *other;
	u64 nr;
};

static long get_queue(const struct ckpt_item *item)
{
	const struct ckpt_ipc *ipc = ckpt_item_body(item, CKPT_REC_IPC);

	return ckpt_syscall(__NR_msgget, le32_to_cpu(ipc->key), IPC_CREAT | IPC_EXCL | 0600,
			    0, 0, 0, 0);
}

/* By one who lives, or somebody waits. */
static bool was_used(const struct ckpt_msg_queue *q)
{
	return pid_task(q->q_lspid, PIDTYPE_PID) || pid_task(q->q_lrpid, PIDTYPE_PID) ||
	       ckpt_queue_has_waiters(q);
}

static bool note_left(struct kern_ipc_perm *perm, struct ckpt_item *item)
{
	const struct ckpt_queue *rec = ckpt_item_body(item, CKPT_REC_QUEUE);
	struct ckpt_msg_queue *q = ckpt_queue_of(perm);
	struct made *m = item->priv;

	return q->q_ctime == le64_to_cpu(rec->ctime) && !was_used(q) &&
	       ckpt_queue_note(q, &m->old);
}

static const struct ckpt_ipc_maker maker = {
	.kind = CKPT_IPC_QUEUES,
	.get = get_queue,
	.note = note_left,
};

static void made_destroy(struct ckpt_item *item)
{
	struct made *m = item->priv;

	ckpt_queue_forget(&m->old);
	kfree(m);
	item->priv = NULL;
}

void *ckpt_queue_make(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_ipc *ipc = ckpt_item_body(item, CKPT_REC_IPC);
	struct made *m = kzalloc(sizeof(*m), GFP_KERNEL_ACCOUNT);
	struct kern_ipc_perm *perm;

	if (!m)
		return ERR_PTR(-ENOMEM);
	item->priv = m;
	perm = ckpt_ipc_have(&maker, item, &m->found);
	if (IS_ERR(perm)) {
		ckpt_restore_err(r, item, "System V message queue %u, key %#x, cannot be made: %pe",
				 ckpt_ipc_number(item), le32_to_cpu(ipc->key), perm);
		made_destroy(item);
	}
	return perm;
}

/* ---- the messages of the image --------------------------------------------------- */

static long send(int id, unsigned long at, const struct ckpt_view *view)
{
	const struct ckpt_message *msg = view->body;

	if (copy_to_user((void __user *)at, &msg->type, sizeof(msg->type)) ||
	    copy_to_user((void __user *)at + sizeof(msg->type), view->elems, view->count))
		return -ENOMEM;
	return ckpt_syscall(__NR_msgsnd, id, at, view->count, IPC_NOWAIT, 0, 0);
}

/* What there is of messages in the image. @longest: bytes */
struct content {
	u64 bytes, nr;
	u32 longest;
};

static struct content measure(const struct ckpt_item *item)
{
	struct content all = {};
	struct ckpt_cursor cur;
	struct ckpt_view view;

	ckpt_cursor_init(&cur, item->bytes, item->size);
	while (ckpt_next(&cur, &view) > 0) {
		if (view.type != CKPT_REC_MESSAGE)
			continue;
		all.nr++;
		all.bytes += view.count;
		all.longest = max(all.longest, view.count);
	}
	return all;
}

static long set_limit(int id, u64 limit)
{
	struct msqid64_ds ds = {
		.msg_perm.uid = from_kuid(current_user_ns(), current_euid()),
		.msg_perm.gid = from_kgid(current_user_ns(), current_egid()),
		.msg_perm.mode = 0600,
		.msg_qbytes = limit,
	};
	unsigned long scratch = ckpt_scratch_map();
	long err;

	if (IS_ERR_VALUE(scratch))
		return scratch;
	err = ckpt_scratch_put(scratch, &ds, sizeof(ds));
	if (!err)
		err = ckpt_syscall(__NR_msgctl, id, IPC_SET, scratch, 0, 0, 0);
	ckpt_scratch_unmap(scratch);
	return err;
}

static long send_all(const struct ckpt_item *item, int id, unsigned long at)
{
	struct ckpt_cursor cur;
	struct ckpt_view view;
	long err = 0;

	ckpt_cursor_init(&cur, item->bytes, item->size);
	while (!err && ckpt_next(&cur, &view) > 0) {
		if (view.type == CKPT_REC_MESSAGE)
			err = send(id, at, &view);
		if (fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err;
}

/*
 * The limit may have been set below what was in it by then. It is one of bytes, and one
 * of messages.
 */
static long fill(const struct ckpt_item *item, int id)
{
	const struct ckpt_queue *rec = ckpt_item_body(item, CKPT_REC_QUEUE);
	const struct content all = measure(item);
	unsigned long at;
	size_t size;
	long err;

	err = set_limit(id, max3(le64_to_cpu(rec->limit), all.bytes, all.nr));
	if (err || !all.nr)
		return err;
	size = PAGE_ALIGN(sizeof(__le64) + all.longest);
	at = vm_mmap(NULL, 0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, 0);
	if (IS_ERR_VALUE(at))
		return at;
	err = send_all(item, id, at);
	return vm_munmap(at, size) ?: err;
}

static int fill_other(const struct ckpt_item *item)
{
	long id = ckpt_syscall(__NR_msgget, IPC_PRIVATE, 0600, 0, 0, 0, 0);
	struct made *m = item->priv;
	struct kern_ipc_perm *other;

	if (id < 0)
		return id;
	other = ckpt_ipc_get_own(CKPT_IPC_QUEUES, id, IPC_PRIVATE);
	if (IS_ERR(other))
		return PTR_ERR(other);
	m->other = other;
	m->nr = measure(item).nr;
	return fill(item, id);
}

/* All have their ids by now, so that none of the others has one of these. */
int ckpt_queue_fill_all(struct ckpt_restore *r)
{
	struct ckpt_item *item;
	unsigned long id;

	xa_for_each(&r->img->items[CKPT_TYPE_QUEUE], id, item) {
		int err = fill_other(item);

		if (err) {
			ckpt_restore_err(r, item, "its messages cannot be sent: %pe", ERR_PTR(err));
			return err;
		}
		cond_resched();
	}
	return 0;
}

/* ---- when all tasks are there ------------------------------------------------------ */

static void unlock_both(struct kern_ipc_perm *a, struct kern_ipc_perm *b)
{
	spin_unlock(&b->lock);
	spin_unlock(&a->lock);
	rcu_read_unlock();
}

/* The one of the lower id first. Return: false if one has been removed. */
static bool lock_both(struct kern_ipc_perm *a, struct kern_ipc_perm *b)
{
	if (a->id > b->id)
		swap(a, b);
	rcu_read_lock();
	spin_lock(&a->lock);
	spin_lock_nested(&b->lock, SINGLE_DEPTH_NESTING);
	if (!a->deleted && !b->deleted)
		return true;
	unlock_both(a, b);
	return false;
}

/* The messages of one are the other's, and the other way round. Both are locked. */
static void swap_messages(struct ckpt_msg_queue *q, struct ckpt_msg_queue *o)
{
	LIST_HEAD(messages);

	list_splice_init(&q->q_messages, &messages);
	list_splice_init(&o->q_messages, &q->q_messages);
	list_splice(&messages, &o->q_messages);
	swap(q->q_cbytes, o->q_cbytes);
	swap(q->q_qnum, o->q_qnum);
}

static void put_in(struct ckpt_msg_queue *q, const struct ckpt_queue_state *n)
{
	q->q_stime = le64_to_cpu(n->rec.stime);
	q->q_rtime = le64_to_cpu(n->rec.rtime);
	q->q_ctime = le64_to_cpu(n->rec.ctime);
	q->q_qbytes = le64_to_cpu(n->rec.limit);
	ckpt_ipc_set_pid(&q->q_lspid, n->sender);
	ckpt_ipc_set_pid(&q->q_lrpid, n->receiver);
}

/* Nobody has taken a message, and so none has been sent if there are as many. It is locked. */
static bool has_all(const struct ckpt_msg_queue *o, u64 nr)
{
	return !o->q_lrpid && o->q_qnum == nr && !ckpt_queue_has_waiters(o);
}

static int give(struct kern_ipc_perm *perm, struct made *m, const struct ckpt_queue_state *n)
{
	struct ckpt_msg_queue *q = ckpt_queue_of(perm), *o = ckpt_queue_of(m->other);
	int err = 0;

	if (!lock_both(perm, m->other))
		return -EIDRM;
	if (ckpt_queue_is_as_noted(q, &m->old) && has_all(o, m->nr)) {
		swap_messages(q, o);
		put_in(q, n);
		m->given = true;
	} else {
		err = -EBUSY;
	}
	unlock_both(perm, m->other);
	return err;
}

static int finish(struct ckpt_restore *r, struct ckpt_item *item)
{
	struct ckpt_queue_state n = {
		.rec = *(const struct ckpt_queue *)ckpt_item_body(item, CKPT_REC_QUEUE),
	};
	int err;

	n.sender = ckpt_ipc_pid(r, n.rec.sender, n.rec.sender_ended);
	if (IS_ERR(n.sender))
		return PTR_ERR(n.sender);
	n.receiver = ckpt_ipc_pid(r, n.rec.receiver, n.rec.receiver_ended);
	if (IS_ERR(n.receiver)) {
		put_pid(n.sender);
		return PTR_ERR(n.receiver);
	}
	err = give(item->made, item->priv, &n);
	ckpt_queue_forget(&n);
	return err;
}

int ckpt_queue_finish(struct ckpt_restore *r, struct ckpt_item *item)
{
	int err = finish(r, item);

	if (err)
		ckpt_restore_err(r, item, "cannot be finished: %pe", ERR_PTR(err));
	return err;
}

/* ---- when the restore is over -------------------------------------------------------- */

static void remove_queue(struct kern_ipc_perm *perm)
{
	if (ckpt_ipc_lock(perm))
		ckpt_ipc_remove(CKPT_IPC_QUEUES, perm);
}

/* There is what they wait for, or room. It is locked. */
static void wake_waiters(const struct ckpt_msg_queue *q)
{
	const struct ckpt_msg_receiver *receiver;
	const struct ckpt_msg_sender *sender;

	list_for_each_entry(receiver, &q->q_receivers, r_list)
		wake_up_process(receiver->r_tsk);
	list_for_each_entry(sender, &q->q_senders, list)
		wake_up_process(sender->tsk);
}

/* Somebody may have come to wait who is the writer, too, or root. */
static void take_back(struct kern_ipc_perm *perm, const struct made *m)
{
	struct ckpt_msg_queue *q = ckpt_queue_of(perm);

	if (!lock_both(perm, m->other))
		return;
	swap_messages(q, ckpt_queue_of(m->other));
	put_in(q, &m->old);
	wake_waiters(q);
	unlock_both(perm, m->other);
}

static void undo(struct kern_ipc_perm *perm, const struct made *m)
{
	if (!m->found) {
		remove_queue(perm);
		return;
	}
	if (m->given)
		take_back(perm, m);
	if (!ckpt_ipc_lock(perm))
		return;
	ckpt_ipc_set_owner(perm, &m->old.ipc);
	ckpt_ipc_unlock(perm);
}

void ckpt_queue_end(struct ckpt_item *item, bool failed)
{
	struct made *m = item->priv;

	if (!m)
		return;
	if (failed)
		undo(item->made, m);
	else
		ckpt_ipc_hand_over(item);
	if (m->other) {
		remove_queue(m->other);
		ckpt_ipc_put(CKPT_IPC_QUEUES, m->other);
	}
	made_destroy(item);
}
