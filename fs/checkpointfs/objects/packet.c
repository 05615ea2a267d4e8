// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packet sockets: what they hear, and of which device; what they have devices receive,
 * options, statistics, rings (packetring.c), groups (packetgroup.c), and the packets that had
 * come when they were collected (packetqueue.c). What comes afterwards is lost.
 *
 * Made by the kernel's own socket(2), so by a writer with CAP_NET_RAW, for no protocol:
 * it hears nothing until its queue is filled, and then by bind(2). A device is known by
 * its name. All but that is asked by calls that copy to the user only, so struct
 * packet_sock is read (compat/private_net.h); memberships, and its device, under rtnl_lock(). All
 * else is a number, of which any moment is as good as another.
 *
 * Refused: SOCK_PACKET, and whose device is gone. Not kept: inode number and timestamps, the
 * time of the last packet (SIOCGSTAMP).
 */
#include "../object.h"

#ifdef __KERNEL__

#include <linux/file.h>
#include <linux/if_packet.h>
#include <linux/nsproxy.h>
#include <linux/rtnetlink.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <linux/sockptr.h>
#include <net/sock.h>
#include <asm/unistd.h>

#include "../compat/ksyms.h"
#include "../compat/private_net.h"
#include "../packet.h"

static struct ckpt_packet_sock *private_of(const struct sock *sk)
{
	return container_of((struct sock *)sk, struct ckpt_packet_sock, sk);
}

static bool packet_match(struct file *file)
{
	const struct socket *sock = sock_from_file(file);

	return sock && sock->sk && sock->sk->sk_family == AF_PACKET;
}

static struct fasync_struct *packet_async(struct file *file)
{
	return READ_ONCE(sock_from_file(file)->wq.fasync_list);
}

/* ---- options ---------------------------------------------------------------------------- */

static const struct {
	int option;
	int bit;
} options[] = {
	[CKPT_PACKET_AUXDATA] = { PACKET_AUXDATA, CKPT_PACKET_SOCK_AUXDATA },
	[CKPT_PACKET_ORIGDEV] = { PACKET_ORIGDEV, CKPT_PACKET_SOCK_ORIGDEV },
	[CKPT_PACKET_VNET_HDR_SZ] = { PACKET_VNET_HDR_SZ, -1 },
	[CKPT_PACKET_COPY_THRESH] = { PACKET_COPY_THRESH, -1 },
	[CKPT_PACKET_VERSION] = { PACKET_VERSION, -1 },
	[CKPT_PACKET_RESERVE] = { PACKET_RESERVE, -1 },
	[CKPT_PACKET_LOSS] = { PACKET_LOSS, CKPT_PACKET_SOCK_TP_LOSS },
	[CKPT_PACKET_TIMESTAMP] = { PACKET_TIMESTAMP, -1 },
	[CKPT_PACKET_IGNORE_OUTGOING] = { PACKET_IGNORE_OUTGOING, -1 },
	[CKPT_PACKET_TX_HAS_OFF] = { PACKET_TX_HAS_OFF, CKPT_PACKET_SOCK_TX_HAS_OFF },
	[CKPT_PACKET_QDISC_BYPASS] = { PACKET_QDISC_BYPASS, CKPT_PACKET_SOCK_QDISC_BYPASS },
};

/* All are 0 of a new one. */
static s64 get(const struct sock *sk, u32 nr)
{
	const struct ckpt_packet_sock *po = private_of(sk);

	if (options[nr].bit >= 0)
		return test_bit(options[nr].bit, &po->flags);
	switch (nr) {
	case CKPT_PACKET_VNET_HDR_SZ:
		return READ_ONCE(po->vnet_hdr_sz);
	case CKPT_PACKET_COPY_THRESH:
		return READ_ONCE(po->copy_thresh);
	case CKPT_PACKET_VERSION:
		return po->tp_version;
	case CKPT_PACKET_RESERVE:
		return po->tp_reserve;
	case CKPT_PACKET_TIMESTAMP:
		return (int)READ_ONCE(po->tp_tstamp);
	case CKPT_PACKET_IGNORE_OUTGOING:
		return READ_ONCE(po->prot_hook.ignore_outgoing);
	default:
		return 0;
	}
}

static int save_options(const struct sock *sk, struct ckpt_writer *w)
{
	struct ckpt_sockopt found[ARRAY_SIZE(options)] = {};
	u32 i, nr = 0;
	void *rec;

	for (i = 1; i < ARRAY_SIZE(options); i++) {
		s64 value = get(sk, i);

		if (!value)
			continue;
		found[nr].option = cpu_to_le32(i);
		found[nr++].value = cpu_to_le64(value);
	}
	rec = ckpt_add(w, CKPT_REC_PACKETOPTS, nr);
	if (!rec)
		return w->error;
	memcpy(ckpt_elems(rec), found, nr * sizeof(*found));
	return 0;
}

static int set(struct socket *sock, int option, void *value, int len)
{
	return do_sock_setsockopt(sock, false, SOL_PACKET, option, KERNEL_SOCKPTR(value), len);
}

static int restore_options(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock)
{
	const struct ckpt_sockopt *rec;
	struct ckpt_view view;
	u32 i;

	/* Its check has found it there, with options that it knows. */
	ckpt_find(item->bytes, item->size, CKPT_REC_PACKETOPTS, &view);
	rec = view.elems;
	for (i = 0; i < view.count; i++, rec++) {
		u32 nr = le32_to_cpu(rec->option);
		s64 want = le64_to_cpu(rec->value);
		int value = want, err;

		err = value == want ? set(sock, options[nr].option, &value, sizeof(value)) :
				      -EINVAL;
		if (!err && get(sock->sk, nr) != want)
			err = -EINVAL;
		if (err) {
			ckpt_restore_err(r, item, "packet option %d cannot be set to %lld: %pe",
					 options[nr].option, want, ERR_PTR(err));
			return err;
		}
	}
	return 0;
}

/* ---- memberships ------------------------------------------------------------------------- */

static const u16 kinds[] = {
	[CKPT_PACKET_MULTICAST] = PACKET_MR_MULTICAST,
	[CKPT_PACKET_PROMISC] = PACKET_MR_PROMISC,
	[CKPT_PACKET_ALLMULTI] = PACKET_MR_ALLMULTI,
	[CKPT_PACKET_UNICAST] = PACKET_MR_UNICAST,
};

/* enum ckpt_packet_membership, 0: none of them. */
static u32 kind_of(const struct ckpt_packet_mclist *ml)
{
	u32 i;

	for (i = 1; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i] == ml->type)
			return i;
	return 0;
}

/* A device that goes takes its memberships along. */
static u32 count_members(const struct sock *sk, const char **why)
{
	const struct ckpt_packet_mclist *ml;
	u32 nr = 0;

	ASSERT_RTNL();
	for (ml = private_of(sk)->mclist; ml; ml = ml->next) {
		nr++;
		if (!kind_of(ml) || ml->alen > sizeof_field(struct ckpt_packet_member, addr))
			*why = "a membership of another kind";
		if (ml->count < 1 || ml->count > CKPT_PACKET_COUNT)
			*why = "a membership that was asked for too often";
	}
	return nr;
}

static int save_members(const struct sock *sk, struct ckpt_packet_member *rec)
{
	const struct ckpt_packet_mclist *ml;
	int err = 0;

	for (ml = private_of(sk)->mclist; !err && ml; ml = ml->next, rec++) {
		rec->kind = cpu_to_le32(kind_of(ml));
		rec->count = cpu_to_le32(ml->count);
		rec->len = cpu_to_le32(ml->alen);
		memcpy(rec->addr, ml->addr, ml->alen);
		err = ckpt_device_name(sock_net(sk), ml->ifindex, rec->device);
	}
	return err;
}

static int join(struct socket *sock, const struct ckpt_packet_member *rec)
{
	/* As packet_mreq, with room for any address. */
	struct {
		int index;
		unsigned short type;
		unsigned short alen;
		u8 address[sizeof(rec->addr)];
	} req = {
		.index = ckpt_device_index(sock_net(sock->sk), rec->device),
		.type = kinds[le32_to_cpu(rec->kind)],
		.alen = le32_to_cpu(rec->len),
	};
	u32 i;
	int err = 0;

	static_assert(offsetof(typeof(req), address) == offsetof(struct packet_mreq, mr_address));
	if (req.index <= 0)
		return -ENODEV;
	memcpy(req.address, rec->addr, sizeof(req.address));
	for (i = 0; !err && i < le32_to_cpu(rec->count); i++) {
		err = set(sock, PACKET_ADD_MEMBERSHIP, &req, sizeof(req));
		cond_resched();
	}
	return err;
}

/* The newest is in front of the list: so the last one first. */
static int restore_members(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock)
{
	const struct ckpt_packet_member *rec;
	struct ckpt_view view;
	int err = 0;
	u32 i;

	ckpt_find(item->bytes, item->size, CKPT_REC_PACKET, &view);
	rec = view.elems;
	for (i = view.count; !err && i; i--) {
		err = fatal_signal_pending(current) ? -EINTR : join(sock, rec + i - 1);
		if (err)
			ckpt_restore_err(r, item, "device %.16s cannot be used: %pe",
					 rec[i - 1].device, ERR_PTR(err));
	}
	return err;
}

/* ---- saved ------------------------------------------------------------------------------ */

static const char *obstacle(const struct sock *sk)
{
	const struct ckpt_packet_sock *po = private_of(sk);
	const char *why = NULL;

	if (sock_net(sk) != current->nsproxy->net_ns)
		return "a socket of another network namespace";
	if (sk->sk_type != SOCK_RAW && sk->sk_type != SOCK_DGRAM)
		return "a packet socket of SOCK_PACKET";
	if (sk->sk_bound_dev_if)
		return "a socket that is bound to a device";
	if (READ_ONCE(po->ifindex) < 0)
		return "a packet socket of a device that is gone";
	if (!skb_queue_empty_lockless(&sk->sk_error_queue))
		return "an error that has not been read (MSG_ERRQUEUE)";
	rtnl_lock();
	count_members(sk, &why);
	rtnl_unlock();
	return why ?: ckpt_packet_group_obstacle(sk);
}

/**
 * struct contents - what was in a packet socket when it was collected
 * @queue:	packets that nobody had read, or NULL
 * @rings:	its rings, or NULL
 */
struct contents {
	struct ckpt_inet_queue *queue;
	struct ckpt_packet_rings *rings;
};

/* Return: 0 or -errno; *@why: what cannot be saved. */
static int copy_contents(struct ckpt_collect *c, struct sock *sk, struct contents *contents,
			 const char **why)
{
	struct ckpt_packet_rings *rings;
	struct ckpt_inet_queue *queue;
	const char *queued;

	queue = ckpt_packet_queue_copy(sk, &queued);
	if (IS_ERR(queue))
		return PTR_ERR(queue);
	contents->queue = queue;
	*why = obstacle(sk) ?: queued ?: ckpt_sockopts_obstacle(sk);
	if (*why)
		return 0;
	rings = ckpt_packet_rings_copy(c->mount, sk, why);
	if (IS_ERR(rings))
		return PTR_ERR(rings);
	contents->rings = rings;
	return 0;
}

static int packet_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct contents *contents = kzalloc(sizeof(*contents), GFP_KERNEL_ACCOUNT);
	struct sock *sk = sock_from_file(obj->ptr)->sk;
	const char *why = NULL;
	char who[CKPT_WHO_MAX];
	int err;

	if (!contents)
		return -ENOMEM;
	obj->priv = contents;
	err = ckpt_packet_group_collect(c, sk) ?: copy_contents(c, sk, contents, &why);
	if (err)
		return err;
	if (why)
		ckpt_refuse(c, "%s: %s cannot be saved",
			    ckpt_who(c, obj->ptr, who, sizeof(who)), why);
	if (contents->queue && contents->queue->size)
		err = PTR_ERR_OR_ZERO(ckpt_collect_id(c, CKPT_TYPE_UDPDATA, contents->queue,
						      obj->id));
	if (!err && contents->rings)
		err = PTR_ERR_OR_ZERO(ckpt_collect_id(c, CKPT_TYPE_PACKETRING, contents->rings,
						      obj->id));
	return err ?: ckpt_file_collect(c, obj);
}

/* One that is only mapped has more than contents to share: packets come. */
static int packet_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	char who[CKPT_WHO_MAX];

	if (!obj->has_fd && ckpt_file_shared(c, obj))
		ckpt_refuse_shared(c, "%s: a ring is shared with a task outside of the container",
				   ckpt_who(c, obj->ptr, who, sizeof(who)));
	if (ckpt_packet_group_shared(c, sock_from_file(obj->ptr)->sk))
		ckpt_refuse_shared(c, "%s: its fanout group is shared with a task outside of the container",
				   ckpt_who(c, obj->ptr, who, sizeof(who)));
	return 0;
}

/*
 * Packets behind those of the queue that are saved have come since, and are lost: they do not
 * count. With a ring nothing comes into the queue, and what counts has been noted.
 */
static void fill_counts(struct sock *sk, const struct contents *contents,
			struct ckpt_packet *rec)
{
	const struct ckpt_packet_rings *rings = contents->rings;
	struct ckpt_packet_sock *po = private_of(sk);
	u32 nr = contents->queue ? contents->queue->nr : 0;

	if (rings && rings->hears) {
		rec->received = cpu_to_le32(rings->received);
		rec->freezes = cpu_to_le32(rings->freezes);
		rec->dropped = cpu_to_le32(rings->drops);
		return;
	}
	spin_lock_bh(&sk->sk_receive_queue.lock);
	rec->received = cpu_to_le32(po->stats.stats3.tp_packets -
				    (skb_queue_len(&sk->sk_receive_queue) - nr));
	rec->freezes = cpu_to_le32(po->stats.stats3.tp_freeze_q_cnt);
	spin_unlock_bh(&sk->sk_receive_queue.lock);
	rec->dropped = cpu_to_le32(atomic_read(&po->tp_drops));
}

/* A socket that is bound, and does not run, waits for its device. */
static void fill_record(struct sock *sk, const struct contents *contents,
			struct ckpt_packet *rec)
{
	struct ckpt_packet_sock *po = private_of(sk);

	if (READ_ONCE(po->num) && !test_bit(CKPT_PACKET_SOCK_RUNNING, &po->flags))
		rec->flags = cpu_to_le32(CKPT_PACKET_DOWN);
	rec->type = cpu_to_le32(sk->sk_type == SOCK_RAW ? CKPT_PACKET_RAW : CKPT_PACKET_DGRAM);
	rec->protocol = cpu_to_le32(ntohs(READ_ONCE(po->num)));
	rec->error = cpu_to_le32(READ_ONCE(sk->sk_err));
	rec->drops = cpu_to_le32(atomic_read(&sk->sk_drops));
	fill_counts(sk, contents, rec);
}

/* Return: 0 or -errno; -ENODEV: a device has gone since it was collected. */
static int save_packet(struct file *file, const struct contents *contents,
		       struct ckpt_writer *w)
{
	struct sock *sk = sock_from_file(file)->sk;
	struct inode *inode = file_inode(file);
	uid_t uid = from_kuid(current_user_ns(), inode->i_uid);
	gid_t gid = from_kgid(current_user_ns(), inode->i_gid);
	const char *why = NULL;
	struct ckpt_packet *rec;
	int err, index;

	if (uid == (uid_t)-1 || gid == (gid_t)-1)
		return -EOVERFLOW;
	rtnl_lock();
	rec = ckpt_add(w, CKPT_REC_PACKET, count_members(sk, &why));
	err = rec ? save_members(sk, ckpt_elems(rec)) : w->error;
	index = READ_ONCE(private_of(sk)->ifindex);
	if (!err)
		err = index < 0 ? -ENODEV : ckpt_device_name(sock_net(sk), index, rec->device);
	rtnl_unlock();
	if (err)
		return err;
	rec->mode = cpu_to_le32(inode->i_mode);
	rec->uid = cpu_to_le32(uid);
	rec->gid = cpu_to_le32(gid);
	fill_record(sk, contents, rec);
	return 0;
}

static int save_queue(const struct ckpt_inet_queue *queue, struct ckpt_writer *w)
{
	u32 nr = queue ? queue->nr : 0;
	void *rec = ckpt_add(w, CKPT_REC_PACKETS, nr);

	if (!rec)
		return w->error;
	if (nr)
		memcpy(ckpt_elems(rec), queue->elems, nr * sizeof(struct ckpt_packet_message));
	return 0;
}

static int packet_save(struct ckpt_collect *c, struct ckpt_object *obj, struct ckpt_writer *w)
{
	struct sock *sk = sock_from_file(obj->ptr)->sk;
	const struct contents *contents = obj->priv;
	int err = ckpt_file_save(c, obj, w);
	char who[CKPT_WHO_MAX];

	if (!err)
		err = save_packet(obj->ptr, contents, w);
	if (!err)
		err = ckpt_packet_group_save(sk, w);
	if (err == -ENODEV) {
		ckpt_refuse(c, "%s: a device that is gone cannot be saved",
			    ckpt_who(c, obj->ptr, who, sizeof(who)));
		return 0;
	}
	if (!err)
		err = save_options(sk, w);
	if (!err)
		err = save_queue(contents->queue, w);
	if (!err)
		err = ckpt_packet_rings_save(contents->rings, w);
	return err ?: ckpt_sockopts_save(sk, w);
}

static void packet_release(struct ckpt_object *obj)
{
	struct contents *contents = obj->priv;

	if (!contents)
		return;
	ckpt_inet_queue_put(contents->queue);
	ckpt_packet_rings_put(contents->rings);
	kfree(contents);
}

/* ---- made again ------------------------------------------------------------------------- */

static struct file *create(struct ckpt_restore *r, struct ckpt_item *item,
			   const struct ckpt_packet *rec)
{
	bool raw = le32_to_cpu(rec->type) == CKPT_PACKET_RAW;
	struct file *file;
	int err;

	file = ckpt_file_from_fd(r, item, ckpt_syscall(__NR_socket, AF_PACKET,
						       raw ? SOCK_RAW : SOCK_DGRAM, 0, 0, 0, 0));
	if (IS_ERR(file))
		return file;
	err = ckpt_inode_owner(file, le32_to_cpu(rec->mode), le32_to_cpu(rec->uid),
			       le32_to_cpu(rec->gid));
	if (!err)
		return file;
	ckpt_restore_err(r, item, "the socket cannot have that owner: %pe", ERR_PTR(err));
	fput(file);
	return ERR_PTR(err);
}

/* As bind(2). */
static int hear(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock,
		const struct ckpt_packet *rec)
{
	struct sockaddr_ll addr = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(le32_to_cpu(rec->protocol)),
		.sll_ifindex = ckpt_device_index(sock_net(sock->sk), rec->device),
	};
	int err = min(addr.sll_ifindex, 0);

	if (!rec->protocol && !rec->device[0])
		return 0;
#ifdef CONFIG_SECURITY_NETWORK
	if (!err)
		err = ksym(security_socket_bind)(sock, (struct sockaddr *)&addr, sizeof(addr));
#endif
	if (!err)
		err = kernel_bind(sock, (struct sockaddr *)&addr, sizeof(addr));
	if (err)
		ckpt_restore_err(r, item, "device %.16s cannot be heard: %pe", rec->device,
				 ERR_PTR(err));
	return err;
}

/* What no call can set, before anything comes. */
static void set_counts(struct sock *sk, const struct ckpt_packet *rec)
{
	struct ckpt_packet_sock *po = private_of(sk);

	spin_lock_bh(&sk->sk_receive_queue.lock);
	po->stats.stats3.tp_packets = le32_to_cpu(rec->received);
	po->stats.stats3.tp_freeze_q_cnt = le32_to_cpu(rec->freezes);
	spin_unlock_bh(&sk->sk_receive_queue.lock);
	atomic_set(&po->tp_drops, le32_to_cpu(rec->dropped));
	atomic_set(&sk->sk_drops, le32_to_cpu(rec->drops));
}

/* All but what it hears has been made. */
static int attend(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock)
{
	const struct ckpt_packet *rec = ckpt_item_body(item, CKPT_REC_PACKET);
	bool told = le32_to_cpu(rec->flags) & CKPT_PACKET_DOWN;
	int err = hear(r, item, sock, rec);

	/* That its device is down is told by an error, once. */
	if (!err && (told || rec->error))
		WRITE_ONCE(sock->sk->sk_err, le32_to_cpu(rec->error));
	return err;
}

static int make(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock,
		const struct ckpt_packet *rec)
{
	int err = ckpt_sockopts_restore(r, item, sock);

	if (!err)
		err = restore_options(r, item, sock);
	/* A ring that is made empties the queue. */
	if (!err)
		err = ckpt_packet_rings_restore(r, item, sock);
	if (!err)
		err = ckpt_packet_queue_fill(r, item, sock->sk);
	if (!err)
		err = restore_members(r, item, sock);
	if (err)
		return err;
	set_counts(sock->sk, rec);
	/* Who shares what it hears does so with the others. */
	return ckpt_item_body(item, CKPT_REC_PACKETGROUP) ? 0 : attend(r, item, sock);
}

static void *packet_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_packet *rec = ckpt_item_body(item, CKPT_REC_PACKET);
	struct file *file = create(r, item, rec);
	int err;

	if (IS_ERR(file))
		return file;
	err = make(r, item, sock_from_file(file), rec);
	if (!err)
		return file;
	fput(file);
	return ERR_PTR(err);
}

static int packet_complete(struct ckpt_restore *r)
{
	return ckpt_packet_groups_restore(r, attend);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_packet_ops = {
	.type = CKPT_TYPE_PACKET,
	.name = "packet socket",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE,
	.records = { CKPT_REC_FILE, CKPT_REC_PACKET, CKPT_REC_PACKETOPTS, CKPT_REC_SOCKOPTS,
		     CKPT_REC_SOCKFILTER, CKPT_REC_PACKETS, CKPT_REC_PACKETRING,
		     CKPT_REC_PACKETGROUP },
	.max_size = 64 << 20,
	.check = ckpt_check_packet,
	CKPT_KERNEL(.match = packet_match, .async = packet_async,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = packet_collect, .verify = packet_verify,
		    .save = packet_save, .release = packet_release,
		    .restore = packet_restore, .complete = packet_complete,
		    .drop = ckpt_file_put)
};
