// SPDX-License-Identifier: GPL-2.0-only
/*
 * The queue of a UNIX socket: copied out message by message, and filled again.
 *
 * unix_sock.iolock is held by whoever reads, so with it what is in the messages
 * stays; but who connects a socket of datagrams anew purges its queue without it, so
 * they are referenced as well. Others may be added behind them. Afterwards somebody who has
 * got hold of the socket may read them, and with them go the files in them and the sockets
 * that they are from. A message is
 * put back by sending it, which counts it and the files in flight as ever. What
 * keeps a sender from sending, or tells who is sending, is set aside for that
 * time: the two sockets are ours alone.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/pid.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include <net/scm.h>
#include <net/tcp_states.h>

#include "unixname.h"
#include "unixqueue.h"

/* ---- copied ------------------------------------------------------------------ */

void ckpt_unix_queue_get(void *ptr)
{
	struct ckpt_unix_queue *queue = ptr;

	refcount_inc(&queue->ref);
}

void ckpt_unix_queue_unpin(struct ckpt_unix_queue *queue)
{
	u32 i;

	if (!queue || !queue->pinned)
		return;
	queue->pinned = false;
	for (i = 0; queue->listening && i < queue->nr; i++)
		sock_put(queue->letters[i].sender);
	for (i = 0; queue->files && i < queue->nr_files; i++)
		if (queue->files[i])
			fput(queue->files[i]);
}

/* As it was made by unix_bind(), or by connect(2). */
static void put_name(struct unix_address *name)
{
	if (name && refcount_dec_and_test(&name->refcnt))
		kfree(name);
}

void ckpt_unix_queue_put(void *ptr)
{
	struct ckpt_unix_queue *queue = ptr;
	u32 i;

	if (!queue || !refcount_dec_and_test(&queue->ref))
		return;
	ckpt_unix_queue_unpin(queue);
	for (i = 0; queue->letters && i < queue->nr; i++) {
		put_pid(queue->letters[i].pid);
		put_name(queue->letters[i].name);
	}
	kvfree(queue->letters);
	kvfree(queue->files);
	kvfree(queue->bytes);
	kfree(queue);
}

static u32 files_of(const struct sk_buff *skb)
{
	return UNIXCB(skb).fp ? UNIXCB(skb).fp->count : 0;
}

static u32 left_of(const struct sk_buff *skb)
{
	return skb->len - UNIXCB(skb).consumed;
}

/*
 * References to as many as there is room for, and with them what each is from; a connection
 * is nobody else's until it is taken out. Return: how many there are.
 */
static u32 grab(struct sock *sk, struct ckpt_unix_queue *queue, struct sk_buff **skbs, u32 room)
{
	struct sk_buff *skb;
	u32 nr = 0;

	guard(spinlock)(&sk->sk_receive_queue.lock);
	queue->listening = READ_ONCE(sk->sk_state) == TCP_LISTEN;
	skb_queue_walk(&sk->sk_receive_queue, skb) {
		if (nr < room) {
			skbs[nr] = skb_get(skb);
			queue->letters[nr].sender = skb->sk;
			if (queue->listening)
				sock_hold(skb->sk);
		}
		nr++;
	}
	return nr;
}

/* Return: NULL, or what it is about the queue that is not saved. */
static const char *measure(struct sock *sk, struct sk_buff *const *skbs,
			   struct ckpt_unix_queue *queue)
{
	u32 i;

	if (queue->listening)
		return NULL;
#if IS_ENABLED(CONFIG_AF_UNIX_OOB)
	if (unix_sk(sk)->oob_skb)
		return "out-of-band data";
#endif
	for (i = 0; i < queue->nr; i++) {
		/* It holds the place of a byte that was read out of band. */
		if (sk->sk_type == SOCK_STREAM && !left_of(skbs[i]))
			return "the mark of out-of-band data";
		queue->size += left_of(skbs[i]);
		queue->nr_files += files_of(skbs[i]);
	}
	return NULL;
}

/* The message keeps what it is from. */
static void note_sender(struct ckpt_unix_letter *letter)
{
	struct unix_address *name;

	letter->closed = sock_flag(letter->sender, SOCK_DEAD);
	name = letter->closed ? ckpt_unix_address(letter->sender) : NULL;
	if (!name)
		return;
	refcount_inc(&name->refcnt);
	letter->name = name;
}

static int copy_letters(struct sk_buff *const *skbs, struct ckpt_unix_queue *queue)
{
	struct file **file = queue->files;
	u8 *to = queue->bytes;
	u32 i, j;

	for (i = 0; !queue->listening && i < queue->nr; i++) {
		struct ckpt_unix_letter *letter = &queue->letters[i];
		const struct sk_buff *skb = skbs[i];
		int err;

		note_sender(letter);
		letter->pid = get_pid(UNIXCB(skb).pid);
		letter->uid = UNIXCB(skb).uid;
		letter->gid = UNIXCB(skb).gid;
		letter->time = skb->tstamp;
		letter->len = left_of(skb);
		letter->files = files_of(skb);
		for (j = 0; j < letter->files; j++)
			*file++ = get_file(UNIXCB(skb).fp->fp[j]);
		err = skb_copy_bits(skb, UNIXCB(skb).consumed, to, letter->len);
		if (err)
			return err;
		to += letter->len;
		cond_resched();
	}
	return 0;
}

static int copy_grabbed(struct sock *sk, struct sk_buff *const *skbs,
			struct ckpt_unix_queue *queue, const char **obstacle)
{
	const gfp_t gfp = GFP_KERNEL_ACCOUNT | __GFP_NOWARN;

	*obstacle = measure(sk, skbs, queue);
	if (*obstacle)
		return 0;
	queue->files = kvcalloc(queue->nr_files, sizeof(*queue->files), gfp);
	queue->bytes = kvmalloc(queue->size, gfp);
	if (!queue->files || !queue->bytes)
		return -ENOMEM;
	return copy_letters(skbs, queue);
}

/* How many there are is known under a lock only, where no memory can be had. */
static int copy(struct sock *sk, struct ckpt_unix_queue *queue, const char **obstacle)
{
	const gfp_t gfp = GFP_KERNEL_ACCOUNT | __GFP_NOWARN;
	u32 room = skb_queue_len_lockless(&sk->sk_receive_queue), i;
	struct sk_buff **skbs __free(kvfree) = kvcalloc(room, sizeof(*skbs), gfp);
	int err;

	queue->letters = kvcalloc(room, sizeof(*queue->letters), gfp);
	if (!skbs || !queue->letters)
		return -ENOMEM;
	guard(mutex)(&unix_sk(sk)->iolock);
	queue->nr = min(grab(sk, queue, skbs, room), room);
	queue->pinned = true;
	err = copy_grabbed(sk, skbs, queue, obstacle);
	for (i = 0; i < queue->nr; i++)
		consume_skb(skbs[i]);
	return err;
}

struct ckpt_unix_queue *ckpt_unix_queue_copy(struct sock *sk, const char **obstacle)
{
	struct ckpt_unix_queue *queue;
	int err;

	*obstacle = NULL;
	if (skb_queue_empty_lockless(&sk->sk_receive_queue))
		return NULL;
	queue = kzalloc(sizeof(*queue), GFP_KERNEL_ACCOUNT);
	if (!queue)
		return ERR_PTR(-ENOMEM);
	refcount_set(&queue->ref, 1);
	err = copy(sk, queue, obstacle);
	if (!err && !*obstacle)
		return queue;
	ckpt_unix_queue_put(queue);
	return ERR_PTR(err);
}

/* ---- filled ------------------------------------------------------------------ */

int ckpt_unix_type(u32 type)
{
	static const int types[] = {
		[CKPT_UNIX_STREAM] = SOCK_STREAM,
		[CKPT_UNIX_DGRAM] = SOCK_DGRAM,
		[CKPT_UNIX_SEQPACKET] = SOCK_SEQPACKET,
	};

	return types[type];
}

/* Bits of a socket's flags by which its messages get credentials and it a name. */
#define PASS	(BIT(SOCK_PASSCRED) | BIT(SOCK_PASSPIDFD))

/* Of a sender what is another's while it sends. */
struct borrowed {
	struct sock *peer;
	int err;
	int sndbuf;
	u8 state;
	u8 shutdown;
	unsigned long pass;
};

static void borrow(struct socket *sock, struct sock *to, struct borrowed *old)
{
	struct sock *sk = sock->sk;

	unix_state_lock(sk);
	old->peer = unix_peer(sk);
	old->err = sk->sk_err;
	old->sndbuf = sk->sk_sndbuf;
	old->state = sk->sk_state;
	old->shutdown = sk->sk_shutdown;
	old->pass = sock->flags & PASS;
	unix_peer(sk) = to;
	WRITE_ONCE(sk->sk_err, 0);
	WRITE_ONCE(sk->sk_sndbuf, INT_MAX);
	WRITE_ONCE(sk->sk_state, TCP_ESTABLISHED);
	WRITE_ONCE(sk->sk_shutdown, 0);
	sock->flags &= ~PASS;
	unix_state_unlock(sk);
}

static void give_back(struct socket *sock, const struct borrowed *old)
{
	struct sock *sk = sock->sk;

	unix_state_lock(sk);
	unix_peer(sk) = old->peer;
	WRITE_ONCE(sk->sk_err, old->err);
	WRITE_ONCE(sk->sk_sndbuf, old->sndbuf);
	WRITE_ONCE(sk->sk_state, old->state);
	WRITE_ONCE(sk->sk_shutdown, old->shutdown);
	sock->flags |= old->pass;
	unix_state_unlock(sk);
}

bool ckpt_may_claim(kuid_t uid, kgid_t gid)
{
	const struct cred *cred = current_cred();

	if (!uid_eq(uid, cred->uid) && !uid_eq(uid, cred->euid) && !uid_eq(uid, cred->suid) &&
	    !ns_capable(cred->user_ns, CAP_SETUID))
		return false;
	return gid_eq(gid, cred->gid) || gid_eq(gid, cred->egid) ||
	       gid_eq(gid, cred->sgid) || ns_capable(cred->user_ns, CAP_SETGID);
}

/* What came after @last, in as many pieces as may be, was sent by these. */
static void sign(struct sock *sk, struct sk_buff *last, const struct ckpt_unix_post *post,
		 kuid_t uid, kgid_t gid)
{
	struct sk_buff_head *queue = &sk->sk_receive_queue;
	struct sk_buff *skb;

	guard(spinlock)(&queue->lock);
	for (skb = last ? last->next : queue->next; skb != (void *)queue; skb = skb->next) {
		put_pid(UNIXCB(skb).pid);
		UNIXCB(skb).pid = get_pid(post->pid);
		UNIXCB(skb).uid = uid;
		UNIXCB(skb).gid = gid;
		skb->tstamp = le64_to_cpu(post->rec->time);
	}
}

/* Descriptors for files that are to go: the first step of SCM_RIGHTS. */
static int open_fds(int *fds, struct file **files, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		fds[i] = get_unused_fd_flags(O_CLOEXEC);
		if (fds[i] < 0)
			break;
		fd_install(fds[i], get_file(files[i]));
	}
	return i;
}

static int send(const struct ckpt_unix_post *post, struct cmsghdr *control)
{
	u32 nr = le32_to_cpu(post->rec->files), opened, i;
	size_t len = le32_to_cpu(post->rec->len);
	int *fds = (int *)CMSG_DATA(control);
	struct kvec vec = { .iov_base = post->bytes, .iov_len = len };
	struct msghdr msg = {
		.msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL,
		.msg_control = nr ? control : NULL,
		.msg_controllen = nr ? CMSG_SPACE(nr * sizeof(int)) : 0,
	};
	int sent;

	control->cmsg_level = SOL_SOCKET;
	control->cmsg_type = SCM_RIGHTS;
	control->cmsg_len = CMSG_LEN(nr * sizeof(int));
	opened = open_fds(fds, post->files, nr);
	sent = opened < nr ? fds[opened] :
			     kernel_sendmsg(post->from, &msg, &vec, 1, len);
	for (i = 0; i < opened; i++)
		close_fd(fds[i]);
	/* That is what is said when there is no memory for a message. */
	if (sent < 0)
		return sent == -ENOBUFS ? -ENOMEM : sent;
	return sent == len ? 0 : -EMSGSIZE;
}

static int send_borrowed(const struct ckpt_unix_post *post, struct cmsghdr *control)
{
	u32 backlog = post->to->sk_max_ack_backlog;
	struct borrowed old;
	int err;

	borrow(post->from, post->to, &old);
	post->to->sk_max_ack_backlog = U32_MAX;
	err = send(post, control);
	post->to->sk_max_ack_backlog = backlog;
	give_back(post->from, &old);
	return err;
}

int ckpt_unix_queue_send(const struct ckpt_unix_post *post)
{
	const bool creds = le32_to_cpu(post->rec->flags) & CKPT_UNIX_MESSAGE_CREDS;
	struct cmsghdr *control __free(kfree) =
		kzalloc(CMSG_SPACE(SCM_MAX_FD * sizeof(int)), GFP_KERNEL_ACCOUNT);
	struct sk_buff *last = skb_peek_tail(&post->to->sk_receive_queue);
	kuid_t uid = INVALID_UID;
	kgid_t gid = INVALID_GID;
	int err;

	if (!control)
		return -ENOMEM;
	if (creds) {
		uid = make_kuid(current_user_ns(), le32_to_cpu(post->rec->uid));
		gid = make_kgid(current_user_ns(), le32_to_cpu(post->rec->gid));
		if (!uid_valid(uid) || !gid_valid(gid))
			return -EINVAL;
		if (!ckpt_may_claim(uid, gid))
			return -EPERM;
	}
	err = send_borrowed(post, control);
	if (!err)
		sign(post->to, last, post, uid, gid);
	return err;
}
