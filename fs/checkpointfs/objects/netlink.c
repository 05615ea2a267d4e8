// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netlink sockets: a port and groups, whom they are connected to, options, and the
 * messages that had come when they were collected (netlinkqueue.c).
 *
 * Port, groups, peer and options are made again by the kernel's own calls, with the
 * writer's rights; what is bound already has another's number otherwise. Requests are
 * judged by who has opened the socket, too: that is kept, so that no restore gives
 * a program one that it could have others use for it.
 *
 * What is said in a group between the freeze and the restore is lost. The kernel has
 * a word for that, ENOBUFS, upon which a program asks anew for all that it watches; so
 * that is what the first call on a restored socket in a group returns, unless the
 * program wants not to be told (NETLINK_NO_ENOBUFS).
 *
 * Refused: what the kernel keeps for a socket elsewhere. That are dumps in progress,
 * whose place only the callback knows; protocols that remember ports (netfilter, the
 * connector); and sockets that have a port, of generic netlink, whose families may
 * remember it, and of the audit system, which answers later, where the opener or a task
 * of the container could have asked for that. Of others nothing has an answer pending:
 * they come while the request is sent.
 *
 * The kernel tells no other part of itself about all of this, so struct netlink_sock
 * is read (compat/private_net.h); its groups under nl_table_lock, the others are numbers, of
 * which any moment is as good as another. The numbers of generic families and groups, like those of
 * network devices, are the machine's.
 *
 * Not kept: inode number and timestamps.
 */
#include "../object.h"

#ifdef __KERNEL__

#include <linux/audit.h>
#include <linux/bitmap.h>
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/idr.h>
#include <linux/netlink.h>
#include <linux/nsproxy.h>
#include <linux/security.h>
#include <linux/xarray.h>
#include <net/genetlink.h>
#include <net/sock.h>
#include <asm/unistd.h>

#include "../compat/ksyms.h"
#include "../compat/private_net.h"
#include "../netlink.h"

static const int protocols[] = {
	[CKPT_NETLINK_ROUTE] = NETLINK_ROUTE,
	[CKPT_NETLINK_USERSOCK] = NETLINK_USERSOCK,
	[CKPT_NETLINK_SOCK_DIAG] = NETLINK_SOCK_DIAG,
	[CKPT_NETLINK_XFRM] = NETLINK_XFRM,
	[CKPT_NETLINK_AUDIT] = NETLINK_AUDIT,
	[CKPT_NETLINK_FIB_LOOKUP] = NETLINK_FIB_LOOKUP,
	[CKPT_NETLINK_UEVENT] = NETLINK_KOBJECT_UEVENT,
	[CKPT_NETLINK_GENERIC] = NETLINK_GENERIC,
	[CKPT_NETLINK_CRYPTO] = NETLINK_CRYPTO,
	[CKPT_NETLINK_RDMA] = NETLINK_RDMA,
};

static const struct {
	u32 image;
	int bit;
	int option;
} options[] = {
	{ CKPT_NETLINK_PKTINFO, CKPT_NETLINK_F_PKTINFO, NETLINK_PKTINFO },
	{ CKPT_NETLINK_BROADCAST_ERROR, CKPT_NETLINK_F_BROADCAST_ERROR,
	  NETLINK_BROADCAST_ERROR },
	{ CKPT_NETLINK_NO_ENOBUFS, CKPT_NETLINK_F_NO_ENOBUFS, NETLINK_NO_ENOBUFS },
	{ CKPT_NETLINK_LISTEN_ALL_NSID, CKPT_NETLINK_F_LISTEN_ALL_NSID,
	  NETLINK_LISTEN_ALL_NSID },
	{ CKPT_NETLINK_CAP_ACK, CKPT_NETLINK_F_CAP_ACK, NETLINK_CAP_ACK },
	{ CKPT_NETLINK_EXT_ACK, CKPT_NETLINK_F_EXT_ACK, NETLINK_EXT_ACK },
	{ CKPT_NETLINK_STRICT_CHK, CKPT_NETLINK_F_STRICT_CHK, NETLINK_GET_STRICT_CHK },
};

static struct ckpt_netlink_sock *private_of(struct sock *sk)
{
	return container_of(sk, struct ckpt_netlink_sock, sk);
}

static bool netlink_match(struct file *file)
{
	const struct socket *sock = sock_from_file(file);

	return sock && sock->sk && sock->sk->sk_family == AF_NETLINK;
}

static struct fasync_struct *netlink_async(struct file *file)
{
	return READ_ONCE(sock_from_file(file)->wq.fasync_list);
}

/* ---- saved ------------------------------------------------------------------------------ */

/* enum ckpt_netlink_protocol, 0: none of them. */
static u32 protocol_of(const struct sock *sk)
{
	u32 i;

	for (i = 1; i < ARRAY_SIZE(protocols); i++)
		if (protocols[i] == sk->sk_protocol)
			return i;
	return 0;
}

static const char *unknown_protocol(const struct sock *sk)
{
	switch (sk->sk_protocol) {
	case NETLINK_NETFILTER:
		return "a netlink socket of netfilter";
	case NETLINK_CONNECTOR:
		return "a netlink socket of the connector";
	default:
		return "a netlink socket of this protocol";
	}
}

/* Those that keep something for sockets; nobody else has this lock for long. */
static bool has_family_state(const struct sock *sk)
{
	struct idr *families = ksym_addr(genl_fam_idr);
	const struct genl_family *family;
	bool found = false;
	int id;

	genl_lock();
	idr_for_each_entry(families, family, id)
		if (family->sock_privs && xa_load(family->sock_privs, (unsigned long)sk))
			found = true;
	genl_unlock();
	return found;
}

/* By the right that it has, or might take. */
static bool may_ask(struct ckpt_collect *c, const struct file *file, int cap)
{
	u32 i;

	if (cap_raised(file->f_cred->cap_effective, cap))
		return true;
	guard(rcu)();
	for (i = 0; i < c->tasks->nr; i++)
		if (cap_raised(__task_cred(c->tasks->vec[i])->cap_permitted, cap))
			return true;
	return false;
}

/*
 * Families remember ports only for who may administer the network: with an address
 * the sender alone is asked for that, without one the opener as well.
 */
static const char *generic_obstacle(struct ckpt_collect *c, const struct file *file,
				    struct sock *sk)
{
	if (sk->sk_protocol != NETLINK_GENERIC)
		return NULL;
	if (has_family_state(sk))
		return "a generic netlink socket for which a family keeps something";
	if (READ_ONCE(private_of(sk)->bound) && may_ask(c, file, CAP_NET_ADMIN))
		return "a generic netlink socket that administers the network";
	return NULL;
}

/* Its answers are sent by threads of the kernel, at any time. */
static const char *audit_obstacle(struct ckpt_collect *c, const struct file *file,
				  const struct sock *sk)
{
#ifdef CONFIG_AUDIT
	u32 i;

	if (sk->sk_protocol != NETLINK_AUDIT)
		return NULL;
	for (i = 0; i < c->tasks->nr; i++) {
		struct task_struct *t = c->tasks->vec[i];

		if (ksym(auditd_test_task)(t))
			return "a netlink socket of the audit daemon";
	}
	if (READ_ONCE(private_of((struct sock *)sk)->bound) &&
	    may_ask(c, file, CAP_AUDIT_CONTROL))
		return "a netlink socket that controls the audit system";
#endif
	return NULL;
}

static const char *obstacle(struct ckpt_collect *c, const struct file *file, struct sock *sk)
{
	if (sock_net(sk) != current->nsproxy->net_ns)
		return "a socket of another network namespace";
	if (!protocol_of(sk))
		return unknown_protocol(sk);
	if (sk->sk_bound_dev_if)
		return "a socket that is bound to a device";
	if (READ_ONCE(private_of(sk)->cb_running))
		return "a netlink dump that has not been read to its end";
	return generic_obstacle(c, file, sk) ?: audit_obstacle(c, file, sk) ?:
	       ckpt_sockopts_obstacle(sk);
}

static int netlink_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct sock *sk = sock_from_file(obj->ptr)->sk;
	const struct file *file = obj->ptr;
	struct ckpt_netlink_queue *queue;
	char who[CKPT_WHO_MAX];
	const char *why, *queued;
	int err;

	queue = ckpt_netlink_queue_copy(sk, &queued);
	if (IS_ERR(queue))
		return PTR_ERR(queue);
	obj->priv = queue;
	why = obstacle(c, file, sk) ?: queued;
	if (why)
		ckpt_refuse(c, "%s: %s cannot be saved",
			    ckpt_who(c, obj->ptr, who, sizeof(who)), why);
	err = PTR_ERR_OR_ZERO(ckpt_collect_ref(c, CKPT_TYPE_CREDS, (void *)file->f_cred));
	if (!err && queue && queue->size)
		err = PTR_ERR_OR_ZERO(ckpt_collect_id(c, CKPT_TYPE_NETLINKDATA, queue, obj->id));
	return err ?: ckpt_file_collect(c, obj);
}

static u32 flags_of(struct sock *sk)
{
	const struct ckpt_netlink_sock *nlk = private_of(sk);
	u32 flags = 0, i;

	if (sk->sk_state == NETLINK_CONNECTED)
		flags |= CKPT_NETLINK_CONNECTED;
	if (sk->sk_state == NETLINK_UNCONNECTED)
		flags |= CKPT_NETLINK_DISCONNECTED;
	if (test_bit(CKPT_NETLINK_S_CONGESTED, &nlk->state))
		flags |= CKPT_NETLINK_CONGESTED;
	for (i = 0; i < ARRAY_SIZE(options); i++)
		if (test_bit(options[i].bit, &nlk->flags))
			flags |= options[i].image;
	return flags;
}

static int save_netlink(struct file *file, struct ckpt_collect *c, struct ckpt_writer *w)
{
	struct sock *sk = sock_from_file(file)->sk;
	const struct ckpt_netlink_sock *nlk = private_of(sk);
	struct inode *inode = file_inode(file);
	uid_t uid = from_kuid(current_user_ns(), inode->i_uid);
	gid_t gid = from_kgid(current_user_ns(), inode->i_gid);
	struct ckpt_netlink *rec;

	if (uid == (uid_t)-1 || gid == (gid_t)-1)
		return -EOVERFLOW;
	rec = ckpt_add(w, CKPT_REC_NETLINK, 0);
	if (!rec)
		return w->error;
	rec->creds = cpu_to_le64(ckpt_id(c, CKPT_TYPE_CREDS, (void *)file->f_cred));
	rec->protocol = cpu_to_le32(protocol_of(sk));
	rec->type = cpu_to_le32(sk->sk_type == SOCK_RAW ? CKPT_NETLINK_RAW :
							  CKPT_NETLINK_DGRAM);
	rec->flags = cpu_to_le32(flags_of(sk));
	rec->mode = cpu_to_le32(inode->i_mode);
	rec->uid = cpu_to_le32(uid);
	rec->gid = cpu_to_le32(gid);
	rec->portid = cpu_to_le32(nlk->bound ? nlk->portid : 0);
	rec->dst_portid = cpu_to_le32(nlk->dst_portid);
	rec->dst_group = cpu_to_le32(nlk->dst_group);
	rec->error = cpu_to_le32(READ_ONCE(sk->sk_err));
	rec->drops = cpu_to_le32(atomic_read(&sk->sk_drops));
	rec->longest = cpu_to_le32(nlk->max_recvmsg_len);
	return 0;
}

/* Bits of its groups, from 0 on. Return: how many there may be. */
static u32 copy_groups(struct sock *sk, unsigned long *groups, u32 room)
{
	const struct ckpt_netlink_sock *nlk = private_of(sk);
	u32 nr;

	/* Somebody outside who has the socket may make room for more of them. */
	guard(read_lock_irq)(&nl_table_lock);
	nr = nlk->groups ? nlk->ngroups : 0;
	if (groups && nr)
		bitmap_copy(groups, nlk->groups, min(nr, room));
	return nr;
}

static int save_groups(struct sock *sk, struct ckpt_writer *w)
{
	u32 room = copy_groups(sk, NULL, 0), nr = 0, bit;
	unsigned long *groups __free(kfree) = kcalloc(BITS_TO_LONGS(room + 1), sizeof(*groups),
						      GFP_KERNEL_ACCOUNT);
	__le32 *group;
	void *rec;

	if (!groups)
		return -ENOMEM;
	copy_groups(sk, groups, room);
	rec = ckpt_add(w, CKPT_REC_NETLINK_GROUPS, bitmap_weight(groups, room));
	if (!rec)
		return w->error;
	group = ckpt_elems(rec);
	for_each_set_bit(bit, groups, room)
		group[nr++] = cpu_to_le32(bit + 1);
	return 0;
}

static int netlink_save(struct ckpt_collect *c, struct ckpt_object *obj, struct ckpt_writer *w)
{
	const struct ckpt_netlink_queue *queue = obj->priv;
	struct sock *sk = sock_from_file(obj->ptr)->sk;
	u32 nr = queue ? queue->nr : 0;
	int err = ckpt_file_save(c, obj, w);
	void *rec;

	if (!err)
		err = save_netlink(obj->ptr, c, w);
	if (!err)
		err = save_groups(sk, w);
	if (err)
		return err;
	rec = ckpt_add(w, CKPT_REC_NETLINK_MESSAGES, nr);
	if (!rec)
		return w->error;
	if (nr)
		memcpy(ckpt_elems(rec), queue->messages, nr * sizeof(*queue->messages));
	return ckpt_sockopts_save(sk, w);
}

static void netlink_release(struct ckpt_object *obj)
{
	ckpt_netlink_queue_put(obj->priv);
}

/* ---- made again ------------------------------------------------------------------------- */

static int failed(struct ckpt_restore *r, struct ckpt_item *item, const char *what, int err)
{
	ckpt_restore_err(r, item, "%s: %pe", what, ERR_PTR(err));
	return err;
}

/* Opened by whom it was opened by. All else is the writer's to do. */
static struct file *open_again(struct ckpt_restore *r, struct ckpt_item *item,
			       const struct ckpt_netlink *rec)
{
	int type = le32_to_cpu(rec->type) == CKPT_NETLINK_RAW ? SOCK_RAW : SOCK_DGRAM;
	const struct cred *opener, *old;
	struct file *file;
	long fd;
	int err;

	opener = ckpt_restored(r, CKPT_TYPE_CREDS, le64_to_cpu(rec->creds));
	if (IS_ERR(opener))
		return ERR_CAST(opener);
	old = override_creds(opener);
	fd = ckpt_syscall(__NR_socket, AF_NETLINK, type, protocols[le32_to_cpu(rec->protocol)],
			  0, 0, 0);
	revert_creds(old);
	file = ckpt_file_from_fd(r, item, fd);
	if (IS_ERR(file))
		return file;
	err = ckpt_inode_owner(file, le32_to_cpu(rec->mode), le32_to_cpu(rec->uid),
			       le32_to_cpu(rec->gid));
	if (!err)
		return file;
	fput(file);
	return ERR_PTR(failed(r, item, "the socket cannot have that owner", err));
}

static int set(struct socket *sock, int option, int value)
{
	return do_sock_setsockopt(sock, false, SOL_NETLINK, option, KERNEL_SOCKPTR(&value),
				  sizeof(value));
}

static int set_options(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock,
		       u32 flags)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(options); i++) {
		int err = flags & options[i].image ? set(sock, options[i].option, 1) : 0;

		if (err) {
			ckpt_restore_err(r, item, "netlink option %d cannot be set: %pe",
					 options[i].option, ERR_PTR(err));
			return err;
		}
	}
	return 0;
}

/* As bind(2). */
static int take_port(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock,
		     u32 portid)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK, .nl_pid = portid };
	int err = 0;

	if (!portid)
		return 0;
#ifdef CONFIG_SECURITY_NETWORK
	err = ksym(security_socket_bind)(sock, (struct sockaddr *)&addr, sizeof(addr));
#endif
	if (!err)
		err = kernel_bind(sock, (struct sockaddr *)&addr, sizeof(addr));
	if (err)
		ckpt_restore_err(r, item, "port %u of netlink cannot be had: %pe", portid,
				 ERR_PTR(err));
	return err;
}

static int join_groups(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock,
		       const struct ckpt_view *groups)
{
	u32 i;

	for (i = 0; i < groups->count; i++) {
		u32 group = le32_to_cpu(((const __le32 *)groups->elems)[i]);
		int err = set(sock, NETLINK_ADD_MEMBERSHIP, group);

		if (err) {
			ckpt_restore_err(r, item, "group %u of netlink cannot be joined: %pe",
					 group, ERR_PTR(err));
			return err;
		}
	}
	return 0;
}

/* As connect(2). */
static int connect_again(struct socket *sock, const struct ckpt_netlink *rec)
{
	u32 flags = le32_to_cpu(rec->flags), group = le32_to_cpu(rec->dst_group);
	struct sockaddr_nl addr = {
		.nl_family = flags & CKPT_NETLINK_CONNECTED ? AF_NETLINK : AF_UNSPEC,
		.nl_pid = le32_to_cpu(rec->dst_portid),
		.nl_groups = group ? BIT(group - 1) : 0,
	};
	int err = 0;

	if (!(flags & (CKPT_NETLINK_CONNECTED | CKPT_NETLINK_DISCONNECTED)))
		return 0;
#ifdef CONFIG_SECURITY_NETWORK
	err = ksym(security_socket_connect)(sock, (struct sockaddr *)&addr, sizeof(addr));
#endif
	return err ?: kernel_connect(sock, (struct sockaddr *)&addr, sizeof(addr), 0);
}

/* Has it been told that something was lost, which it did not know when it was saved? */
static bool is_told(const struct sock *sk, const struct ckpt_netlink *rec)
{
	return !rec->error && READ_ONCE(sk->sk_err);
}

/* What no call can set. Nobody waits for it yet. */
static void finish(struct sock *sk, const struct ckpt_netlink *rec, bool listens)
{
	struct ckpt_netlink_sock *nlk = private_of(sk);
	u32 flags = le32_to_cpu(rec->flags);
	int err = le32_to_cpu(rec->error);

	/* More than another error: that a dump has failed, its reader can find out. */
	if (listens && !(flags & CKPT_NETLINK_NO_ENOBUFS))
		err = ENOBUFS;
	if (flags & CKPT_NETLINK_CONGESTED)
		set_bit(CKPT_NETLINK_S_CONGESTED, &nlk->state);
	WRITE_ONCE(nlk->max_recvmsg_len, le32_to_cpu(rec->longest));
	atomic_set(&sk->sk_drops, le32_to_cpu(rec->drops));
	WRITE_ONCE(sk->sk_err, err);
}

/*
 * The queue is filled before it has a port or a group, so that nothing comes before;
 * but after it is known how much there may be in it.
 */
static int make(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock)
{
	const struct ckpt_netlink *rec = ckpt_item_body(item, CKPT_REC_NETLINK);
	struct ckpt_view groups;
	int err;

	/* Its check has found them there. */
	ckpt_find(item->bytes, item->size, CKPT_REC_NETLINK_GROUPS, &groups);
	err = ckpt_sockopts_restore(r, item, sock);
	if (!err)
		err = ckpt_netlink_queue_fill(r, item, sock->sk);
	if (!err)
		err = set_options(r, item, sock, le32_to_cpu(rec->flags));
	if (!err)
		err = take_port(r, item, sock, le32_to_cpu(rec->portid));
	if (!err)
		err = join_groups(r, item, sock, &groups);
	if (err)
		return err;
	err = connect_again(sock, rec);
	if (err)
		return failed(r, item, "its peer cannot be reached", err);
	finish(sock->sk, rec, groups.count);
	return 0;
}

static void *netlink_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_netlink *rec = ckpt_item_body(item, CKPT_REC_NETLINK);
	struct file *file = open_again(r, item, rec);
	int err;

	if (IS_ERR(file))
		return file;
	err = make(r, item, sock_from_file(file));
	if (!err)
		return file;
	fput(file);
	return ERR_PTR(err);
}

/* Who waits for it by an epoll has not been woken by what it had when that was made. */
static void netlink_end(struct ckpt_item *item, bool failed)
{
	const struct ckpt_netlink *rec = ckpt_item_body(item, CKPT_REC_NETLINK);
	struct file *file = item->made;

	if (!failed && file && is_told(sock_from_file(file)->sk, rec))
		sk_error_report(sock_from_file(file)->sk);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_netlink_ops = {
	.type = CKPT_TYPE_NETLINK,
	.name = "netlink socket",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE,
	.records = { CKPT_REC_FILE, CKPT_REC_NETLINK, CKPT_REC_NETLINK_GROUPS,
		     CKPT_REC_NETLINK_MESSAGES, CKPT_REC_SOCKOPTS, CKPT_REC_SOCKFILTER },
	.max_size = 64 << 20,
	.check = ckpt_check_netlink,
	CKPT_KERNEL(.match = netlink_match, .async = netlink_async,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = netlink_collect, .save = netlink_save,
		    .release = netlink_release, .restore = netlink_restore,
		    .end = netlink_end, .drop = ckpt_file_put)
};
