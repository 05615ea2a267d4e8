// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a socket of IPv4 or IPv6 uses network devices for: which it is bound to
 * and sends by, and the multicast groups of which it is a member there; also what it was
 * told by IPV6_PKTINFO, which may be an address alone.
 *
 * A device is known by its name; its index is another after a restore. Lists
 * of groups, and of whom is heard there, are changed by system calls of who is frozen
 * only. A group is joined first and then told whom to hear: its socket has no port yet by
 * which it would be found.
 */
#include <linux/igmp.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/netdevice.h>
#include <linux/slab.h>
#include <linux/sockptr.h>
#include <net/if_inet6.h>
#include <net/ipv6.h>

#include "inet.h"

int ckpt_device_name(struct net *net, int index, char name[16])
{
	struct net_device *dev;

	static_assert(IFNAMSIZ == 16);
	if (!index)
		return 0;
	guard(rcu)();
	dev = dev_get_by_index_rcu(net, index);
	if (!dev)
		return -ENODEV;
	strscpy_pad(name, dev->name, IFNAMSIZ);
	return 0;
}

int ckpt_device_index(struct net *net, const char name[16])
{
	struct net_device *dev;

	if (!*name)
		return 0;
	guard(rcu)();
	dev = dev_get_by_name_rcu(net, name);
	return dev ? dev->ifindex : -ENODEV;
}

/* ---- saved -------------------------------------------------------------------------- */

/*
 * Which of what may be had once has which index. In a stream, for which nobody may
 * ask, it is where the connection came from.
 */
static int index_of(const struct sock *sk, u32 use)
{
	if (sk->sk_type == SOCK_STREAM &&
	    (use == CKPT_INET_MULTICAST || use == CKPT_INET_MULTICAST6))
		return 0;
	switch (use) {
	case CKPT_INET_BOUND:
		return READ_ONCE(sk->sk_bound_dev_if);
	case CKPT_INET_UNICAST:
		return READ_ONCE(inet_sk(sk)->uc_index);
	case CKPT_INET_MULTICAST:
		return READ_ONCE(inet_sk(sk)->mc_index);
#if IS_BUILTIN(CONFIG_IPV6)
	case CKPT_INET_UNICAST6:
		return ckpt_inet_is_v6(sk) ? READ_ONCE(inet6_sk(sk)->ucast_oif) : 0;
	case CKPT_INET_MULTICAST6:
		return ckpt_inet_is_v6(sk) ? READ_ONCE(inet6_sk(sk)->mcast_oif) : 0;
#endif
	default:
		return 0;
	}
}

/*
 * The groups, each with @rec as far as there is @room, or counted where that is NULL;
 * *@odd: one hears nobody, and is left that way by no call that has succeeded. Return: how
 * many there are, or -ENODEV.
 */
static int list_members(struct sock *sk, struct ckpt_inet_device *rec, int room, bool *odd)
{
	struct ip_mc_socklist *mc;
	int nr = 0, err;

	guard(rcu)();
	for (mc = rcu_dereference(inet_sk(sk)->mc_list); mc; mc = rcu_dereference(mc->next_rcu)) {
		*odd |= mc->sfmode != MCAST_EXCLUDE && !rcu_access_pointer(mc->sflist);
		nr++;
		if (!rec || nr > room)
			continue;
		rec->use = cpu_to_le32(CKPT_INET_MEMBER);
		memcpy(rec->group, &mc->multi.imr_multiaddr, sizeof(__be32));
		memcpy(rec->local, &mc->multi.imr_address, sizeof(__be32));
		err = ckpt_device_name(sock_net(sk), mc->multi.imr_ifindex, rec++->name);
		if (err)
			return err;
	}
	return nr;
}

static int list_members6(struct sock *sk, struct ckpt_inet_device *rec, int room, bool *odd)
{
	int nr = 0;
#if IS_BUILTIN(CONFIG_IPV6)
	struct ipv6_mc_socklist *mc;
	int err;

	if (!ckpt_inet_is_v6(sk))
		return 0;
	guard(rcu)();
	for (mc = rcu_dereference(inet6_sk(sk)->ipv6_mc_list); mc;
	     mc = rcu_dereference(mc->next)) {
		*odd |= mc->sfmode != MCAST_EXCLUDE && !rcu_access_pointer(mc->sflist);
		nr++;
		if (!rec || nr > room)
			continue;
		rec->use = cpu_to_le32(CKPT_INET_MEMBER6);
		memcpy(rec->group, &mc->addr, sizeof(mc->addr));
		err = ckpt_device_name(sock_net(sk), mc->ifindex, rec++->name);
		if (err)
			return err;
	}
#endif
	return nr;
}

const char *ckpt_inet_devices_obstacle(struct sock *sk)
{
	bool odd = false;

	list_members(sk, NULL, 0, &odd);
	list_members6(sk, NULL, 0, &odd);
	return odd ? "a multicast group of which nobody is heard" : NULL;
}

/* Those of the group at @at, with *@rec as far as there is *@room. Return: how many there are. */
static u32 put_sources(struct ckpt_inet_source **rec, u32 *room, u32 at, unsigned int mode,
		       const void *addrs, size_t size, u32 nr)
{
	u32 i;

	for (i = 0; *room && i < nr; i++, (*rec)++, (*room)--) {
		(*rec)->member = cpu_to_le32(at);
		(*rec)->mode = cpu_to_le32(mode == MCAST_INCLUDE ? CKPT_SOURCE_INCLUDE :
								   CKPT_SOURCE_EXCLUDE);
		memcpy((*rec)->addr, addrs + i * size, size);
	}
	return nr;
}

/* Of all groups, the first of which is at @at. The same. */
static u32 list_sources(struct sock *sk, struct ckpt_inet_source *rec, u32 room, u32 at)
{
	struct ip_sf_socklist *list;
	struct ip_mc_socklist *mc;
	u32 nr = 0;

	guard(rcu)();
	for (mc = rcu_dereference(inet_sk(sk)->mc_list); mc;
	     mc = rcu_dereference(mc->next_rcu), at++) {
		list = rcu_dereference(mc->sflist);
		if (list)
			nr += put_sources(&rec, &room, at, mc->sfmode, list->sl_addr,
					  sizeof(list->sl_addr[0]), list->sl_count);
	}
#if IS_BUILTIN(CONFIG_IPV6)
	if (ckpt_inet_is_v6(sk)) {
		struct ip6_sf_socklist *list6;
		struct ipv6_mc_socklist *mc6;

		for (mc6 = rcu_dereference(inet6_sk(sk)->ipv6_mc_list); mc6;
		     mc6 = rcu_dereference(mc6->next), at++) {
			list6 = rcu_dereference(mc6->sflist);
			if (list6)
				nr += put_sources(&rec, &room, at, mc6->sfmode, list6->sl_addr,
						  sizeof(list6->sl_addr[0]), list6->sl_count);
		}
	}
#endif
	return nr;
}

static int save_sources(struct sock *sk, u32 first, struct ckpt_writer *w)
{
	u32 nr = list_sources(sk, NULL, 0, first);
	void *body = nr ? ckpt_add(w, CKPT_REC_INET_SOURCES, nr) : NULL;

	if (body && list_sources(sk, ckpt_elems(body), nr, first) != nr)
		return -EAGAIN;
	return w->error;
}

/* The device that is asked for, of which an address may have been given, too. */
static bool get_pktinfo(const struct sock *sk, struct in6_pktinfo *to)
{
#if IS_BUILTIN(CONFIG_IPV6)
	if (ckpt_inet_is_v6(sk)) {
		*to = inet6_sk(sk)->sticky_pktinfo;
		return to->ipi6_ifindex || !ipv6_addr_any(&to->ipi6_addr);
	}
#endif
	return false;
}

static int save_pktinfo(struct sock *sk, const struct in6_pktinfo *from,
			struct ckpt_inet_device *rec)
{
	rec->use = cpu_to_le32(CKPT_INET_PKTINFO6);
	memcpy(rec->group, &from->ipi6_addr, sizeof(rec->group));
	return ckpt_device_name(sock_net(sk), from->ipi6_ifindex, rec->name);
}

/*
 * Who takes a descriptor of the frozen program away (pidfd_getfd(2)) may change all this
 * between the counting and the writing: no more is written than there is room for.
 */
int ckpt_inet_devices_save(struct sock *sk, struct ckpt_writer *w)
{
	int index[CKPT_INET_MEMBER];
	bool odd;
	int nr = list_members(sk, NULL, 0, &odd), nr6 = list_members6(sk, NULL, 0, &odd), err;
	struct ckpt_inet_device *rec;
	struct in6_pktinfo info = {};
	bool has_info = get_pktinfo(sk, &info);
	u32 use, single = 0;
	void *body;

	for (use = CKPT_INET_BOUND; use < CKPT_INET_MEMBER; use++) {
		index[use] = index_of(sk, use);
		single += !!index[use];
	}
	body = ckpt_add(w, CKPT_REC_INET_DEVICES, single + nr + nr6 + has_info);
	if (!body)
		return w->error;
	rec = ckpt_elems(body);
	for (use = CKPT_INET_BOUND; use < CKPT_INET_MEMBER; use++) {
		if (!index[use])
			continue;
		rec->use = cpu_to_le32(use);
		if (use == CKPT_INET_MULTICAST)
			memcpy(rec->local, &inet_sk(sk)->mc_addr, sizeof(__be32));
		err = ckpt_device_name(sock_net(sk), index[use], rec++->name);
		if (err)
			return err;
	}
	err = list_members(sk, rec, nr, &odd);
	if (err == nr)
		err = list_members6(sk, rec + nr, nr6, &odd);
	else if (err >= 0)
		err = -EAGAIN;
	if (err >= 0 && err != nr6)
		err = -EAGAIN;
	if (err >= 0 && has_info)
		err = save_pktinfo(sk, &info, rec + nr + nr6);
	return err < 0 ? err : save_sources(sk, single, w);
}

/* ---- had again ----------------------------------------------------------------------- */

static int set(struct socket *sock, int level, int option, void *value, int len)
{
	return do_sock_setsockopt(sock, false, level, option, KERNEL_SOCKPTR(value), len);
}

static int set_v4(struct socket *sock, const struct ckpt_inet_device *rec, int index, int option)
{
	struct ip_mreqn req = { .imr_ifindex = index };

	memcpy(&req.imr_multiaddr, rec->group, sizeof(__be32));
	memcpy(&req.imr_address, rec->local, sizeof(__be32));
	return set(sock, SOL_IP, option, &req, sizeof(req));
}

static int join_v6(struct socket *sock, const struct ckpt_inet_device *rec, int index)
{
	struct ipv6_mreq req = { .ipv6mr_ifindex = index };

	memcpy(&req.ipv6mr_multiaddr, rec->group, sizeof(req.ipv6mr_multiaddr));
	return set(sock, SOL_IPV6, IPV6_ADD_MEMBERSHIP, &req, sizeof(req));
}

static int set_pktinfo(struct socket *sock, const struct ckpt_inet_device *rec, int index)
{
	struct in6_pktinfo info = { .ipi6_ifindex = index };

	memcpy(&info.ipi6_addr, rec->group, sizeof(info.ipi6_addr));
	return set(sock, SOL_IPV6, IPV6_PKTINFO, &info, sizeof(info));
}

static int use_device(struct socket *sock, const struct ckpt_inet_device *rec)
{
	int index = ckpt_device_index(sock_net(sock->sk), rec->name);
	__be32 number = htonl(index);

	if (index < 0)
		return index;
	switch (le32_to_cpu(rec->use)) {
	case CKPT_INET_BOUND:
		return set(sock, SOL_SOCKET, SO_BINDTOIFINDEX, &index, sizeof(index));
	case CKPT_INET_UNICAST:
		return set(sock, SOL_IP, IP_UNICAST_IF, &number, sizeof(number));
	case CKPT_INET_UNICAST6:
		return set(sock, SOL_IPV6, IPV6_UNICAST_IF, &number, sizeof(number));
	case CKPT_INET_MULTICAST:
		return set_v4(sock, rec, index, IP_MULTICAST_IF);
	case CKPT_INET_MULTICAST6:
		return set(sock, SOL_IPV6, IPV6_MULTICAST_IF, &index, sizeof(index));
	case CKPT_INET_MEMBER:
		return set_v4(sock, rec, index, IP_ADD_MEMBERSHIP);
	case CKPT_INET_PKTINFO6:
		return set_pktinfo(sock, rec, index);
	default:
		return join_v6(sock, rec, index);
	}
}

/* The address of one who sends, or of a group, as the kernel has it. */
static void make_address(struct __kernel_sockaddr_storage *to, bool v6, const u8 addr[16])
{
	struct sockaddr_in6 *to6 = (struct sockaddr_in6 *)to;
	struct sockaddr_in *to4 = (struct sockaddr_in *)to;

	to->ss_family = v6 ? AF_INET6 : AF_INET;
	if (v6)
		memcpy(&to6->sin6_addr, addr, sizeof(to6->sin6_addr));
	else
		memcpy(&to4->sin_addr, addr, sizeof(to4->sin_addr));
}

/* @rec: the first of @nr, all of the same group. */
static int hear_sources(struct socket *sock, const struct ckpt_inet_device *dev,
			const struct ckpt_inet_source *rec, u32 nr)
{
	bool v6 = le32_to_cpu(dev->use) == CKPT_INET_MEMBER6;
	int index = ckpt_device_index(sock_net(sock->sk), dev->name), err;
	struct group_filter *filter;
	u32 i;

	if (index < 0)
		return index;
	filter = kvzalloc(GROUP_FILTER_SIZE(nr), GFP_KERNEL_ACCOUNT);
	if (!filter)
		return -ENOMEM;
	filter->gf_interface = index;
	filter->gf_fmode = le32_to_cpu(rec->mode) == CKPT_SOURCE_INCLUDE ? MCAST_INCLUDE :
									   MCAST_EXCLUDE;
	filter->gf_numsrc = nr;
	make_address(&filter->gf_group, v6, dev->group);
	for (i = 0; i < nr; i++)
		make_address(&filter->gf_slist_flex[i], v6, rec[i].addr);
	err = set(sock, v6 ? SOL_IPV6 : SOL_IP, MCAST_MSFILTER, filter, GROUP_FILTER_SIZE(nr));
	kvfree(filter);
	return err;
}

/* @dev: the elements among which the groups are. */
static int restore_sources(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock,
			   const struct ckpt_inet_device *dev)
{
	const struct ckpt_inet_source *rec, *end;
	struct ckpt_view view;
	u32 nr, at;
	int err = 0;

	if (!ckpt_find(item->bytes, item->size, CKPT_REC_INET_SOURCES, &view))
		return 0;
	end = (const struct ckpt_inet_source *)view.elems + view.count;
	for (rec = view.elems; !err && rec < end; rec += nr) {
		for (nr = 1; rec + nr < end && rec[nr].member == rec->member; nr++)
			;
		at = le32_to_cpu(rec->member);
		err = hear_sources(sock, dev + at, rec, nr);
		if (err)
			ckpt_restore_err(r, item,
					 "%u senders to a group on %.16s cannot be told apart: %pe",
					 nr, dev[at].name, ERR_PTR(err));
		cond_resched();
	}
	return err;
}

/* A group that is joined goes to the head of the list: so the last one first. */
int ckpt_inet_devices_restore(struct ckpt_restore *r, struct ckpt_item *item,
			      struct socket *sock)
{
	const struct ckpt_inet_device *rec;
	struct ckpt_view view;
	u32 i, single = 0;
	int err = 0;

	/* Its check has found it there, and what there is once in front. */
	ckpt_find(item->bytes, item->size, CKPT_REC_INET_DEVICES, &view);
	rec = view.elems;
	while (single < view.count && le32_to_cpu(rec[single].use) < CKPT_INET_MEMBER)
		single++;
	for (i = 0; !err && i < view.count; i++) {
		u32 at = i < single ? i : view.count - 1 - (i - single);

		err = use_device(sock, &rec[at]);
		if (err)
			ckpt_restore_err(r, item, "device %.16s cannot be used: %pe",
					 rec[at].name, ERR_PTR(err));
		cond_resched();
	}
	return err ?: restore_sources(r, item, sock, view.elems);
}
