// SPDX-License-Identifier: GPL-2.0-only
/*
 * The queue of a netlink socket: copied out message by message, and filled again.
 *
 * Under its lock references are taken, and all else is done without, while more may
 * come. A message is put back into a socket that nobody else has, is bound to nothing
 * and in no group; what would have kept it away, a filter or a full queue, it has
 * passed.
 *
 * Who puts a message there says who has sent it. Through the kernel he may say so if
 * he administers the network, and sign as himself, or as whom he may become: the
 * kernel's own signature is that of the machine's root.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/netlink.h>
#include <linux/pid_namespace.h>
#include <linux/skbuff.h>
#include <linux/slab.h>

#include "compat/ksyms.h"
#include "inet.h"
#include "netlink.h"
#include "unixqueue.h"

/* As its schema says. */
#define LONGEST	(8 << 20)

/* ---- copied --------------------------------------------------------------------------- */

void ckpt_netlink_queue_get(void *ptr)
{
	struct ckpt_netlink_queue *queue = ptr;

	refcount_inc(&queue->ref);
}

void ckpt_netlink_queue_put(void *ptr)
{
	struct ckpt_netlink_queue *queue = ptr;

	if (!queue || !refcount_dec_and_test(&queue->ref))
		return;
	kvfree(queue->messages);
	kvfree(queue->bytes);
	kfree(queue);
}

/* References to as many as there is room for. Return: how many there are. */
static u32 grab(struct sock *sk, struct sk_buff **vec, u32 room)
{
	struct sk_buff *skb;
	u32 nr = 0;

	guard(spinlock_irqsave)(&sk->sk_receive_queue.lock);
	skb_queue_walk(&sk->sk_receive_queue, skb) {
		if (nr < room)
			vec[nr] = skb_get(skb);
		nr++;
	}
	return nr;
}

static void drop(struct sk_buff **vec, u32 nr)
{
	while (nr) {
		consume_skb(vec[--nr]);
		cond_resched();
	}
	kvfree(vec);
}

static bool is_kernels(const struct scm_creds *creds)
{
	return !creds->pid && uid_eq(creds->uid, GLOBAL_ROOT_UID) &&
	       gid_eq(creds->gid, GLOBAL_ROOT_GID);
}

/* Return: what of it is not saved, or NULL. */
static const char *describe(const struct sk_buff *skb, struct ckpt_netlink_message *rec)
{
	const struct netlink_skb_parms *cb = &NETLINK_CB(skb);
	uid_t uid = from_kuid(current_user_ns(), cb->creds.uid);
	gid_t gid = from_kgid(current_user_ns(), cb->creds.gid);
	u32 flags = 0;

	/* Beside the bytes there are others for a program of 32 bits. */
	if (skb_has_frag_list(skb))
		return "a message in two forms (wireless extensions)";
	if (skb->len > LONGEST)
		return "a message of more than 8 MiB";
	if (!is_kernels(&cb->creds)) {
		if (uid == (uid_t)-1 || gid == (gid_t)-1)
			return "a message from an unknown user";
		flags |= CKPT_NETLINK_MESSAGE_CREDS;
		rec->pid = cpu_to_le32(cb->creds.pid);
		rec->uid = cpu_to_le32(uid);
		rec->gid = cpu_to_le32(gid);
	}
	if (cb->nsid_is_set) {
		flags |= CKPT_NETLINK_MESSAGE_NSID;
		rec->nsid = cpu_to_le32(cb->nsid);
	}
	rec->len = cpu_to_le32(skb->len);
	rec->flags = cpu_to_le32(flags);
	rec->portid = cpu_to_le32(cb->portid);
	rec->group = cpu_to_le32(cb->dst_group);
	return NULL;
}

static int copy(struct sk_buff **vec, struct ckpt_netlink_queue *queue, const char **why)
{
	const gfp_t gfp = GFP_KERNEL_ACCOUNT | __GFP_NOWARN;
	u32 nr = queue->nr, i;
	u8 *to;

	for (i = 0; i < nr; i++)
		queue->size += vec[i]->len;
	queue->messages = kvcalloc(nr, sizeof(*queue->messages), gfp);
	queue->bytes = kvmalloc(queue->size, gfp);
	if (!queue->messages || !queue->bytes)
		return -ENOMEM;
	to = queue->bytes;
	for (i = 0; !*why && i < nr; i++) {
		int err = skb_copy_bits(vec[i], 0, to, vec[i]->len);

		if (err)
			return err;
		to += vec[i]->len;
		*why = describe(vec[i], &queue->messages[i]);
		cond_resched();
	}
	return 0;
}

struct ckpt_netlink_queue *ckpt_netlink_queue_copy(struct sock *sk, const char **obstacle)
{
	struct ckpt_netlink_queue *queue;
	struct sk_buff **vec;
	/* Known under the lock only, where no memory can be had; more may come. */
	u32 room = grab(sk, NULL, 0), nr;
	int err;

	*obstacle = NULL;
	if (!room)
		return NULL;
	vec = kvcalloc(room, sizeof(*vec), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	queue = kzalloc(sizeof(*queue), GFP_KERNEL_ACCOUNT);
	if (!vec || !queue) {
		kvfree(vec);
		kfree(queue);
		return ERR_PTR(-ENOMEM);
	}
	/* Fewer if somebody has got hold of it. Who reads a message leaves it what it is. */
	nr = min(grab(sk, vec, room), room);
	refcount_set(&queue->ref, 1);
	queue->nr = nr;
	err = copy(vec, queue, obstacle);
	drop(vec, nr);
	if (!err && !*obstacle)
		return queue;
	ckpt_netlink_queue_put(queue);
	return ERR_PTR(err);
}

/* ---- filled ------------------------------------------------------------------------------ */

/* As scm_check_creds() asks, but that processes of the image have the pids that they had. */
static int make_creds(struct ckpt_restore *r, const struct ckpt_netlink_message *rec,
		      struct scm_creds *creds)
{
	struct user_namespace *ns = task_active_pid_ns(current)->user_ns;
	u32 pid = le32_to_cpu(rec->pid);

	*creds = (struct scm_creds){ .uid = GLOBAL_ROOT_UID, .gid = GLOBAL_ROOT_GID };
	if (le32_to_cpu(rec->flags) & CKPT_NETLINK_MESSAGE_CREDS) {
		creds->pid = pid;
		creds->uid = make_kuid(current_user_ns(), le32_to_cpu(rec->uid));
		creds->gid = make_kgid(current_user_ns(), le32_to_cpu(rec->gid));
		if (!uid_valid(creds->uid) || !gid_valid(creds->gid))
			return -EINVAL;
	} else if (!kuid_has_mapping(current_user_ns(), creds->uid) ||
		   !kgid_has_mapping(current_user_ns(), creds->gid)) {
		return -EPERM;
	}
	if (!ckpt_may_claim(creds->uid, creds->gid))
		return -EPERM;
	if (pid && !ckpt_item(ckpt_restore_img(r), CKPT_TYPE_PROCESS, pid) &&
	    !ns_capable(ns, CAP_SYS_ADMIN))
		return -EPERM;
	return 0;
}

static struct sk_buff *make_skb(struct ckpt_restore *r, struct sock *sk, const void *elem)
{
	const struct ckpt_netlink_message *rec = elem;
	struct netlink_skb_parms *cb;
	struct scm_creds creds;
	struct sk_buff *skb;
	int err = make_creds(r, rec, &creds);

	if (err)
		return ERR_PTR(err);
	skb = ksym(netlink_alloc_large_skb)(le32_to_cpu(rec->len), 0);
	if (!skb)
		return ERR_PTR(-ENOMEM);
	skb_reset_network_header(skb);
	skb_reset_mac_header(skb);
	skb_put(skb, le32_to_cpu(rec->len));
	cb = &NETLINK_CB(skb);
	cb->creds = creds;
	cb->portid = le32_to_cpu(rec->portid);
	cb->dst_group = le32_to_cpu(rec->group);
	cb->nsid_is_set = le32_to_cpu(rec->flags) & CKPT_NETLINK_MESSAGE_NSID;
	cb->nsid = le32_to_cpu(rec->nsid);
	return skb;
}

/*
 * The kernel stops at sk_rcvbuf, which may have been lowered since, and the same bytes
 * may take more room here. Nobody counts this memory but the socket.
 */
static bool has_room(const struct sock *sk, const struct sk_buff *skb)
{
	u64 limit = 2ULL * max_t(u32, sk->sk_rcvbuf, READ_ONCE(sysctl_rmem_max));
	u64 used = (u64)atomic_read(&sk->sk_rmem_alloc) + skb->truesize;

	return used <= INT_MAX / 2 && (used <= limit || capable(CAP_NET_ADMIN));
}

/* Counted as netlink_attachskb() does. A long one has a destructor, which does it, too. */
static int count(struct sock *sk, struct sk_buff *skb)
{
	if (atomic_read(&sk->sk_rmem_alloc) && !has_room(sk, skb))
		return -ENOBUFS;
	skb->sk = sk;
	skb->destructor = skb->destructor ?: sock_rfree;
	atomic_add(skb->truesize, &sk->sk_rmem_alloc);
	return 0;
}

static int put(struct sock *sk, struct sk_buff *skb, const void *elem)
{
	int err = count(sk, skb);

	if (!err)
		skb_queue_tail(&sk->sk_receive_queue, skb);
	return err;
}

struct sk_buff *ckpt_netlink_reserve(struct sock *sk, const void *bytes, size_t size)
{
	struct sk_buff *skb = alloc_skb(size, GFP_KERNEL_ACCOUNT);
	int err;

	if (!skb)
		return ERR_PTR(-ENOMEM);
	skb_put_data(skb, bytes, size);
	err = count(sk, skb);
	if (!err)
		return skb;
	kfree_skb(skb);
	return ERR_PTR(err);
}

static const struct ckpt_skb_maker maker = {
	.record = CKPT_REC_NETLINK_MESSAGES,
	.size = sizeof(struct ckpt_netlink_message),
	.data = CKPT_TYPE_NETLINKDATA,
	.make = make_skb,
	.put = put,
};

int ckpt_netlink_queue_fill(struct ckpt_restore *r, struct ckpt_item *item, struct sock *sk)
{
	if (ckpt_skbs_there(item, &maker) && !ns_capable(sock_net(sk)->user_ns, CAP_NET_ADMIN)) {
		ckpt_restore_err(r, item, "may not have messages that others have sent");
		return -EPERM;
	}
	return ckpt_skbs_fill(r, item, sk, &maker);
}
