// SPDX-License-Identifier: GPL-2.0-only
/*
 * What sockets of IPv4 and IPv6 have in common, whatever their protocol: an
 * owner, an address, a port and a peer.
 *
 * A port is taken by the kernel's own bind(2), in the writer's network
 * namespace and with his rights. One that was found for a program that had not
 * asked for it, is asked for and marked afterwards. Who could change a socket is
 * frozen, or it is new; what comes from the network may still do so, which is
 * not of the image.
 *
 * Not kept: inode number and timestamps, routes that are remembered, the time of
 * the last packet (SIOCGSTAMP).
 */
#include <linux/file.h>
#include <linux/filter.h>
#include <linux/nsproxy.h>
#include <linux/security.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include <net/tcp_states.h>
#include <asm/unistd.h>

#include "compat/ksyms.h"
#include "inet.h"

const struct sock *ckpt_inet_of(struct file *file)
{
	const struct socket *sock = sock_from_file(file);
	const struct sock *sk = sock ? sock->sk : NULL;

	return sk && (sk->sk_family == AF_INET || ckpt_inet_is_v6(sk)) ? sk : NULL;
}

bool ckpt_inet_match(struct file *file, int type, int protocol)
{
	const struct sock *sk = ckpt_inet_of(file);

	return sk && sk->sk_type == type && sk->sk_protocol == protocol;
}

struct fasync_struct *ckpt_inet_async(struct file *file)
{
	return READ_ONCE(sock_from_file(file)->wq.fasync_list);
}

/* ---- saved ---------------------------------------------------------------------------- */

static const char *obstacle_v6(const struct sock *sk)
{
#if IS_BUILTIN(CONFIG_IPV6)
	const struct ipv6_pinfo *np;

	if (!ckpt_inet_is_v6(sk))
		return NULL;
	np = inet6_sk(sk);
	if (ckpt_flow_labels(sk) || np->flow_label)
		return "a flow label";
	if (inet6_test_bit(REPFLOW, sk) !=
	    !!(READ_ONCE(sock_net(sk)->ipv6.sysctl.flowlabel_reflect) &
	       FLOWLABEL_REFLECT_ESTABLISHED))
		return "a reflected flow label";
	if (np->ipv6_ac_list)
		return "an anycast address";
	if (READ_ONCE(np->rxpmtu) || READ_ONCE(np->pktoptions))
		return "a packet of IPV6_RECVPATHMTU or IPV6_2292PKTOPTIONS";
	/* It is asked for the device when it is bound. */
	if (ipv6_addr_type(&sk->sk_v6_rcv_saddr) & IPV6_ADDR_LINKLOCAL && !sk->sk_bound_dev_if)
		return "a link-local address without its device";
#endif
	return NULL;
}

static bool has_policy(const struct sock *sk)
{
#ifdef CONFIG_XFRM
	return rcu_access_pointer(sk->sk_policy[0]) || rcu_access_pointer(sk->sk_policy[1]);
#else
	return false;
#endif
}

const char *ckpt_inet_obstacle(struct sock *sk)
{
	if (sock_net(sk) != current->nsproxy->net_ns)
		return "a socket of another network namespace";
	if (has_policy(sk))
		return "a policy of IPsec of a socket";
	if (!skb_queue_empty_lockless(&sk->sk_error_queue))
		return "an error that has not been read (MSG_ERRQUEUE)";
	return obstacle_v6(sk) ?: ckpt_inet_devices_obstacle(sk) ?:
	       ckpt_reuseport_obstacle(sk) ?: ckpt_sockopts_obstacle(sk);
}

int ckpt_inet_collect(struct ckpt_collect *c, struct ckpt_object *obj, const char *why)
{
	char who[CKPT_WHO_MAX];

	why = why ?: ckpt_inet_obstacle(sock_from_file(obj->ptr)->sk);
	if (why)
		ckpt_refuse(c, "%s: %s cannot be saved",
			    ckpt_who(c, obj->ptr, who, sizeof(who)), why);
	return ckpt_file_collect(c, obj);
}

static u32 flags_of(const struct sock *sk)
{
	u32 flags = 0;

	/* The number alone is left to a raw socket that is not found any more. */
	if (inet_sk(sk)->inet_num && inet_sk(sk)->inet_sport)
		flags |= CKPT_INET_PORT;
	if (sk->sk_userlocks & SOCK_BINDPORT_LOCK)
		flags |= CKPT_INET_PORT_LOCK;
	if (sk->sk_userlocks & SOCK_BINDADDR_LOCK)
		flags |= CKPT_INET_ADDR_LOCK;
	if (sk->sk_state != TCP_CLOSE && sk->sk_state != TCP_LISTEN)
		flags |= CKPT_INET_CONNECTED;
	if (sk->sk_shutdown & RCV_SHUTDOWN)
		flags |= CKPT_INET_RCV_SHUTDOWN;
	if (sk->sk_shutdown & SEND_SHUTDOWN)
		flags |= CKPT_INET_SEND_SHUTDOWN;
	if (sk->sk_type == SOCK_DGRAM && sk->sk_protocol == IPPROTO_UDPLITE)
		flags |= CKPT_INET_LITE;
	return flags;
}

static void get_addresses(const struct sock *sk, u8 local[16], u8 peer[16])
{
#if IS_BUILTIN(CONFIG_IPV6)
	if (ckpt_inet_is_v6(sk)) {
		memcpy(local, &sk->sk_v6_rcv_saddr, sizeof(struct in6_addr));
		memcpy(peer, &sk->sk_v6_daddr, sizeof(struct in6_addr));
		return;
	}
#endif
	memcpy(local, &inet_sk(sk)->inet_rcv_saddr, sizeof(__be32));
	memcpy(peer, &inet_sk(sk)->inet_daddr, sizeof(__be32));
}

static int save_inet(struct sock *sk, struct inode *inode, struct ckpt_writer *w)
{
	uid_t uid = from_kuid(current_user_ns(), inode->i_uid);
	gid_t gid = from_kgid(current_user_ns(), inode->i_gid);
	u32 flags = flags_of(sk);
	struct ckpt_inet *rec;

	if (uid == (uid_t)-1 || gid == (gid_t)-1)
		return -EOVERFLOW;
	rec = ckpt_add(w, CKPT_REC_INET, 0);
	if (!rec)
		return w->error;
	rec->family = cpu_to_le32(sk->sk_family == AF_INET ? CKPT_INET_IPV4 : CKPT_INET_IPV6);
	rec->flags = cpu_to_le32(flags);
	rec->mode = cpu_to_le32(inode->i_mode);
	rec->uid = cpu_to_le32(uid);
	rec->gid = cpu_to_le32(gid);
	rec->error = cpu_to_le32(READ_ONCE(sk->sk_err));
	rec->soft_error = cpu_to_le32(READ_ONCE(sk->sk_err_soft));
	rec->drops = cpu_to_le32(atomic_read(&sk->sk_drops));
	get_addresses(sk, rec->local, rec->peer);
	rec->local_port = cpu_to_le16(ntohs(inet_sk(sk)->inet_sport));
	rec->peer_port = cpu_to_le16(ntohs(inet_sk(sk)->inet_dport));
	/* One that is no more may still be there. */
	if (!(flags & CKPT_INET_CONNECTED)) {
		memset(rec->peer, 0, sizeof(rec->peer));
		rec->peer_port = 0;
	}
	return 0;
}

int ckpt_inet_save_sock(struct ckpt_collect *c, struct sock *sk, struct file *holder,
			struct ckpt_writer *w)
{
	char who[CKPT_WHO_MAX];
	int err = save_inet(sk, file_inode(holder), w);

	if (!err)
		err = ckpt_inet_devices_save(sk, w);
	/* It has gone since the socket was collected. */
	if (err == -ENODEV) {
		ckpt_refuse(c, "%s: a device that is gone cannot be saved",
			    ckpt_who(c, holder, who, sizeof(who)));
		return 0;
	}
	if (!err)
		err = ckpt_inetopts_save(sk, w);
	if (!err)
		err = ckpt_inet_headers_save(sk, w);
	if (!err)
		err = ckpt_reuseport_save(sk, w);
	return err ?: ckpt_sockopts_save(sk, w);
}

int ckpt_inet_save(struct ckpt_collect *c, struct ckpt_object *obj, struct ckpt_writer *w)
{
	int err = ckpt_file_save(c, obj, w);

	return err ?: ckpt_inet_save_sock(c, sock_from_file(obj->ptr)->sk, obj->ptr, w);
}

/* ---- made again ------------------------------------------------------------------------- */

static const struct ckpt_inet *record_of(const struct ckpt_item *item)
{
	return ckpt_item_body(item, CKPT_REC_INET);
}

/* IP_TOS sets SO_PRIORITY as well. */
int ckpt_inet_set_up(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock)
{
	int err = ckpt_inetopts_restore(r, item, sock);

	if (!err)
		err = ckpt_inet_headers_restore(r, item, sock);
	if (!err)
		err = ckpt_inet_devices_restore(r, item, sock);
	return err ?: ckpt_sockopts_restore(r, item, sock);
}

static int set_owner(struct ckpt_restore *r, struct ckpt_item *item, struct file *file)
{
	const struct ckpt_inet *rec = record_of(item);
	int err = ckpt_inode_owner(file, le32_to_cpu(rec->mode), le32_to_cpu(rec->uid),
				   le32_to_cpu(rec->gid));

	if (err)
		ckpt_restore_err(r, item, "the socket cannot have that owner: %pe", ERR_PTR(err));
	return err;
}

struct file *ckpt_inet_create(struct ckpt_restore *r, struct ckpt_item *item, int type,
			      int protocol)
{
	bool v6 = le32_to_cpu(record_of(item)->family) == CKPT_INET_IPV6;
	struct file *file;
	int err;

	file = ckpt_file_from_fd(r, item, ckpt_syscall(__NR_socket, v6 ? AF_INET6 : AF_INET,
						       type, protocol, 0, 0, 0));
	if (IS_ERR(file))
		return file;
	err = set_owner(r, item, file) ?: ckpt_inet_set_up(r, item, sock_from_file(file));
	if (!err)
		return file;
	fput(file);
	return ERR_PTR(err);
}

/* An address of the image as the kernel has it. Return: its length. */
static int make_address(const struct sock *sk, const u8 addr[16], __le16 port,
			struct sockaddr_storage *to)
{
	struct sockaddr_in6 *to6 = (struct sockaddr_in6 *)to;
	struct sockaddr_in *to4 = (struct sockaddr_in *)to;

	*to = (struct sockaddr_storage){ .ss_family = sk->sk_family };
	if (sk->sk_family == AF_INET) {
		to4->sin_port = htons(le16_to_cpu(port));
		memcpy(&to4->sin_addr, addr, sizeof(to4->sin_addr));
		return sizeof(*to4);
	}
	to6->sin6_port = htons(le16_to_cpu(port));
	memcpy(&to6->sin6_addr, addr, sizeof(to6->sin6_addr));
	to6->sin6_scope_id = sk->sk_bound_dev_if;
	return sizeof(*to6);
}

/* As bind(2). An address without a port is had by IP_BIND_ADDRESS_NO_PORT only. */
static int take_address(struct socket *sock, const struct ckpt_inet *rec, __le16 port)
{
	struct sock *sk = sock->sk;
	bool no_port = inet_test_bit(BIND_ADDRESS_NO_PORT, sk);
	struct sockaddr_storage addr;
	int len = make_address(sk, rec->local, port, &addr), err = 0;

#ifdef CONFIG_SECURITY_NETWORK
	err = ksym(security_socket_bind)(sock, (struct sockaddr *)&addr, len);
#endif
	if (err)
		return err;
	inet_assign_bit(BIND_ADDRESS_NO_PORT, sk, !port);
	err = kernel_bind(sock, (struct sockaddr *)&addr, len);
	inet_assign_bit(BIND_ADDRESS_NO_PORT, sk, no_port);
	return err;
}

/*
 * @v6only: what is bound to an address of IPv6 is of IPv6 only; not so what has got
 * that with its peer, and is found by that peer, or by nobody any more.
 */
static void mark_locks(struct sock *sk, u32 flags, bool v6only)
{
	lock_sock(sk);
	if (flags & CKPT_INET_CONNECTED || !(flags & CKPT_INET_PORT))
		sk->sk_ipv6only = v6only;
	sk->sk_userlocks &= ~(SOCK_BINDPORT_LOCK | SOCK_BINDADDR_LOCK);
	if (flags & CKPT_INET_PORT_LOCK)
		sk->sk_userlocks |= SOCK_BINDPORT_LOCK;
	if (flags & CKPT_INET_ADDR_LOCK)
		sk->sk_userlocks |= SOCK_BINDADDR_LOCK;
	release_sock(sk);
}

int ckpt_inet_bind(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock)
{
	const struct ckpt_inet *rec = record_of(item);
	__le16 port = le32_to_cpu(rec->flags) & CKPT_INET_PORT ? rec->local_port : 0;
	bool v6only = sock->sk->sk_ipv6only;
	int err;

	if (!rec->local_port && !memchr_inv(rec->local, 0, sizeof(rec->local)))
		return 0;
	err = take_address(sock, rec, port);
	if (err) {
		if (sock->sk->sk_family == AF_INET)
			ckpt_restore_err(r, item, "address %pI4 port %u cannot be had: %pe",
					 rec->local, le16_to_cpu(port), ERR_PTR(err));
		else
			ckpt_restore_err(r, item, "address %pI6c port %u cannot be had: %pe",
					 rec->local, le16_to_cpu(port), ERR_PTR(err));
		return err;
	}
	mark_locks(sock->sk, le32_to_cpu(rec->flags), v6only);
	/* By what it has had it is called, and nobody finds it. */
	if (!port)
		inet_sk(sock->sk)->inet_sport = htons(le16_to_cpu(rec->local_port));
	if (inet_sk(sock->sk)->inet_sport == htons(le16_to_cpu(rec->local_port)))
		return 0;
	/* By an eBPF program of a cgroup, with the rights for that. */
	ckpt_restore_err(r, item, "has been given another port than %u",
			 le16_to_cpu(rec->local_port));
	return -EADDRNOTAVAIL;
}

static int reach_peer(struct socket *sock, const struct ckpt_inet *rec)
{
	u8 local[16] = {}, peer[16] = {};
	struct sockaddr_storage addr;
	int len = make_address(sock->sk, rec->peer, rec->peer_port, &addr), err = 0;

#ifdef CONFIG_SECURITY_NETWORK
	err = ksym(security_socket_connect)(sock, (struct sockaddr *)&addr, len);
#endif
	if (!err)
		err = kernel_connect(sock, (struct sockaddr *)&addr, len, O_NONBLOCK);
	/* TCP has asked, and is not waited for (tcpask.c). */
	if (err && err != -EINPROGRESS)
		return err;
	get_addresses(sock->sk, local, peer);
	if (inet_sk(sock->sk)->inet_dport != htons(le16_to_cpu(rec->peer_port)))
		return -EADDRNOTAVAIL;
	return memcmp(local, rec->local, sizeof(local)) ||
	       memcmp(peer, rec->peer, sizeof(peer)) ? -EADDRNOTAVAIL : 0;
}

int ckpt_inet_connect(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock)
{
	const struct ckpt_inet *rec = record_of(item);
	int err;

	if (!(le32_to_cpu(rec->flags) & CKPT_INET_CONNECTED))
		return 0;
	err = reach_peer(sock, rec);
	if (err)
		ckpt_restore_err(r, item, "its peer cannot be reached: %pe", ERR_PTR(err));
	return err;
}

void ckpt_inet_finish(struct ckpt_item *item, struct socket *sock)
{
	const struct ckpt_inet *rec = record_of(item);
	u32 flags = le32_to_cpu(rec->flags);
	struct sock *sk = sock->sk;
	u8 shutdown = 0;

	if (flags & CKPT_INET_RCV_SHUTDOWN)
		shutdown |= RCV_SHUTDOWN;
	if (flags & CKPT_INET_SEND_SHUTDOWN)
		shutdown |= SEND_SHUTDOWN;
	lock_sock(sk);
	WRITE_ONCE(sk->sk_shutdown, shutdown);
	WRITE_ONCE(sk->sk_err, le32_to_cpu(rec->error));
	WRITE_ONCE(sk->sk_err_soft, le32_to_cpu(rec->soft_error));
	atomic_set(&sk->sk_drops, le32_to_cpu(rec->drops));
	release_sock(sk);
}
