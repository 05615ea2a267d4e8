// SPDX-License-Identifier: GPL-2.0-only
/*
 * Groups of packet sockets that share what they hear (PACKET_FANOUT): who is in which, at
 * which place, and whose turn it is.
 *
 * A group is known by a number in its network namespace, lives as long as it has members, and
 * has nobody outside. Its members have no places while their device is down.
 *
 * Made again when all packet sockets are there: each hears what its members hear, and joins,
 * in the order of their places. Until all have, each would hear what is another's, so what
 * comes is thrown away, by a function in the place of the kernel's.
 *
 * fanout_mutex protects the list of groups; the lock of a group, who is at which place. A
 * socket keeps its group.
 *
 * Refused: groups with a program. Not kept: which packets the members have got of late
 * (PACKET_FANOUT_FLAG_ROLLOVER), fragments of packets that are not complete.
 */
#include <linux/file.h>
#include <linux/if_packet.h>
#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/netdevice.h>
#include <linux/sched/signal.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/sockptr.h>
#include <linux/sort.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "compat/ksyms.h"
#include "compat/private_net.h"
#include "packet.h"

#ifdef CONFIG_PACKET

static const u8 shares[] = {
	[CKPT_PACKET_SHARE_HASH] = PACKET_FANOUT_HASH,
	[CKPT_PACKET_SHARE_TURN] = PACKET_FANOUT_LB,
	[CKPT_PACKET_SHARE_CPU] = PACKET_FANOUT_CPU,
	[CKPT_PACKET_SHARE_FULL] = PACKET_FANOUT_ROLLOVER,
	[CKPT_PACKET_SHARE_RANDOM] = PACKET_FANOUT_RND,
	[CKPT_PACKET_SHARE_QUEUE] = PACKET_FANOUT_QM,
	[CKPT_PACKET_SHARE_CBPF] = PACKET_FANOUT_CBPF,
	[CKPT_PACKET_SHARE_EBPF] = PACKET_FANOUT_EBPF,
};

static const struct {
	u32 image;
	u16 kernel;
} flags[] = {
	{ CKPT_PACKET_GROUP_ROLLOVER, PACKET_FANOUT_FLAG_ROLLOVER },
	{ CKPT_PACKET_GROUP_INCOMING, PACKET_FANOUT_FLAG_IGNORE_OUTGOING },
	{ CKPT_PACKET_GROUP_DEFRAG, PACKET_FANOUT_FLAG_DEFRAG },
};

static struct ckpt_packet_sock *private_of(const struct sock *sk)
{
	return container_of((struct sock *)sk, struct ckpt_packet_sock, sk);
}

static struct ckpt_packet_fanout *group_of(const struct sock *sk)
{
	return READ_ONCE(private_of(sk)->fanout);
}

/* ---- saved ------------------------------------------------------------------------------ */

/* enum ckpt_packet_share, 0: none of them. */
static u32 share_of(const struct ckpt_packet_fanout *group)
{
	u32 i;

	for (i = 1; i < ARRAY_SIZE(shares); i++)
		if (shares[i] == group->type)
			return i;
	return 0;
}

static u32 flags_of(const struct ckpt_packet_fanout *group)
{
	u32 image = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flags); i++)
		if (group->flags & (flags[i].kernel >> 8))
			image |= flags[i].image;
	return image;
}

static bool is_known(const struct ckpt_packet_fanout *group)
{
	u8 known = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flags); i++)
		known |= flags[i].kernel >> 8;
	return share_of(group) && !(group->flags & ~known);
}

static bool has_program(const struct ckpt_packet_fanout *group)
{
	return (group->type == PACKET_FANOUT_CBPF || group->type == PACKET_FANOUT_EBPF) &&
	       rcu_access_pointer(group->bpf_prog);
}

/* Return: its place, or -ENODEV: its device is down. */
static int place_of(struct ckpt_packet_fanout *group, const struct sock *sk)
{
	unsigned int i;

	guard(spinlock)(&group->lock);
	for (i = 0; i < group->num_members; i++)
		if (rcu_access_pointer(group->arr[i]) == sk)
			return i;
	return -ENODEV;
}

const char *ckpt_packet_group_obstacle(const struct sock *sk)
{
	struct ckpt_packet_fanout *group = group_of(sk);

	if (!group)
		return NULL;
	if (!is_known(group))
		return "a packet socket of an unknown fanout group";
	if (has_program(group))
		return "a packet socket of a fanout group with a program";
	if (place_of(group, sk) < 0)
		return "a packet socket of a fanout group whose device is down";
	return NULL;
}

int ckpt_packet_group_collect(struct ckpt_collect *c, const struct sock *sk)
{
	unsigned long group = (unsigned long)group_of(sk), nr;

	if (!group)
		return 0;
	nr = xa_to_value(xa_load(&c->fanouts, group));
	return xa_err(xa_store(&c->fanouts, group, xa_mk_value(nr + 1), GFP_KERNEL_ACCOUNT));
}

/* One that has joined since it was collected counts as outside. */
bool ckpt_packet_group_shared(struct ckpt_collect *c, const struct sock *sk)
{
	const struct ckpt_packet_fanout *group = group_of(sk);

	return group && refcount_read(&group->sk_ref) !=
			xa_to_value(xa_load(&c->fanouts, (unsigned long)group));
}

int ckpt_packet_group_save(const struct sock *sk, struct ckpt_writer *w)
{
	const struct ckpt_packet_rollover *rollover = private_of(sk)->rollover;
	struct ckpt_packet_fanout *group = group_of(sk);
	struct ckpt_packet_group *rec;
	int place;

	if (!group)
		return 0;
	place = place_of(group, sk);
	if (place < 0)
		return place;
	rec = ckpt_add(w, CKPT_REC_PACKETGROUP, 0);
	if (!rec)
		return w->error;
	rec->group = cpu_to_le32(group->id);
	rec->share = cpu_to_le32(share_of(group));
	rec->flags = cpu_to_le32(flags_of(group));
	rec->most = cpu_to_le32(group->max_num_members);
	rec->place = cpu_to_le32(place);
	if (group->type == PACKET_FANOUT_LB)
		rec->turn = cpu_to_le32(atomic_read(&group->rr_cur));
	if (!rollover)
		return 0;
	rec->other = cpu_to_le32(READ_ONCE(rollover->sock));
	rec->moved = cpu_to_le64(atomic_long_read(&rollover->num));
	rec->moved_huge = cpu_to_le64(atomic_long_read(&rollover->num_huge));
	rec->failed = cpu_to_le64(atomic_long_read(&rollover->num_failed));
	return 0;
}

/* ---- made again ------------------------------------------------------------------------- */

/**
 * struct member - a new socket on its way into its group
 * @item:	of the socket
 * @rec:	what is to be said of the group
 * @sock:	the socket
 * @func:	by which it hears
 */
struct member {
	struct ckpt_item *item;
	const struct ckpt_packet_group *rec;
	struct socket *sock;
	typeof_member(struct packet_type, func) func;
};

static int ignore(struct sk_buff *skb, struct net_device *dev, struct packet_type *type,
		  struct net_device *origin)
{
	consume_skb(skb);
	return 0;
}

static bool exists(const struct net *net, u32 id)
{
	struct list_head *all = ksym_addr(fanout_list);
	struct mutex *lock = ksym_addr(fanout_mutex);
	struct ckpt_packet_fanout *group;

	guard(mutex)(lock);
	list_for_each_entry(group, all, list)
		if (group->id == id && read_pnet(&group->net) == net)
			return true;
	return false;
}

static int ask(struct socket *sock, const struct ckpt_packet_group *rec)
{
	struct fanout_args args = {
		.id = le32_to_cpu(rec->group),
		.type_flags = shares[le32_to_cpu(rec->share)],
		.max_num_members = le32_to_cpu(rec->most),
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flags); i++)
		if (le32_to_cpu(rec->flags) & flags[i].image)
			args.type_flags |= flags[i].kernel;
	return do_sock_setsockopt(sock, false, SOL_PACKET, PACKET_FANOUT,
				  KERNEL_SOCKPTR(&args), sizeof(args));
}

static void set_counts(const struct sock *sk, const struct ckpt_packet_group *rec)
{
	struct ckpt_packet_rollover *rollover = private_of(sk)->rollover;
	struct ckpt_packet_fanout *group = group_of(sk);

	if (group->type == PACKET_FANOUT_LB)
		atomic_set(&group->rr_cur, le32_to_cpu(rec->turn));
	if (!rollover)
		return;
	WRITE_ONCE(rollover->sock, le32_to_cpu(rec->other));
	atomic_long_set(&rollover->num, le64_to_cpu(rec->moved));
	atomic_long_set(&rollover->num_huge, le64_to_cpu(rec->moved_huge));
	atomic_long_set(&rollover->num_failed, le64_to_cpu(rec->failed));
}

/*
 * One of another program, that has been there before the first of ours or has got between
 * them, is none of ours.
 */
static int join(const struct member *m)
{
	u32 place = le32_to_cpu(m->rec->place);
	struct sock *sk = m->sock->sk;
	int err;

	if (!place && exists(sock_net(sk), le32_to_cpu(m->rec->group)))
		return -EEXIST;
	err = ask(m->sock, m->rec);
	if (err)
		return err;
	/* A program of the control group may have said that all is well. */
	if (!group_of(sk))
		return -EPERM;
	return place_of(group_of(sk), sk) == place ? 0 : -EEXIST;
}

static int join_all(struct ckpt_restore *r, const struct member *members, u32 nr,
		    ckpt_packet_attend *attend)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		const struct member *m = members + i;
		int err = attend(r, m->item, m->sock);

		if (err)
			return err;
		err = join(m);
		if (err) {
			ckpt_restore_err(r, m->item, "place %u of fanout group %u cannot be had: %pe",
					 le32_to_cpu(m->rec->place),
					 le32_to_cpu(m->rec->group), ERR_PTR(err));
			return err;
		}
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

static int compare_places(const void *a, const void *b)
{
	u32 one = le32_to_cpu(((const struct member *)a)->rec->place);
	u32 other = le32_to_cpu(((const struct member *)b)->rec->place);

	return (one > other) - (one < other);
}

/* As many as @room, or all of them if that is 0. Return: how many there are. */
static u32 find_members(struct ckpt_restore *r, struct member *members, u32 room)
{
	struct ckpt_item *item;
	unsigned long id;
	u32 nr = 0;

	xa_for_each(&ckpt_restore_img(r)->items[CKPT_TYPE_PACKET], id, item) {
		const void *rec = ckpt_item_body(item, CKPT_REC_PACKETGROUP);

		cond_resched();
		if (!rec)
			continue;
		if (nr < room)
			members[nr] = (struct member) {
				.item = item,
				.rec = rec,
				.sock = sock_from_file(item->made),
			};
		nr++;
	}
	return nr;
}

/*
 * Who has got the socket by now, where it is on its way through another one (SCM_RIGHTS), may
 * give it rings, or take them away. That sets the function, too, under the socket's lock, and
 * then it is the right one.
 */
static void stop_hearing(struct member *m)
{
	struct sock *sk = m->sock->sk;
	struct packet_type *hook = &private_of(sk)->prot_hook;

	lock_sock(sk);
	m->func = hook->func;
	WRITE_ONCE(hook->func, ignore);
	release_sock(sk);
}

static void hear_again(const struct member *m)
{
	struct sock *sk = m->sock->sk;
	struct packet_type *hook = &private_of(sk)->prot_hook;

	lock_sock(sk);
	if (hook->func == ignore)
		WRITE_ONCE(hook->func, m->func);
	release_sock(sk);
}

static int restore_members(struct ckpt_restore *r, struct member *members, u32 nr,
			   ckpt_packet_attend *attend)
{
	int err;
	u32 i;

	for (i = 0; i < nr; i++)
		stop_hearing(&members[i]);
	err = join_all(r, members, nr, attend);
	for (i = 0; i < nr; i++) {
		if (!err)
			set_counts(members[i].sock->sk, members[i].rec);
		hear_again(&members[i]);
	}
	/* Nobody is in a function of ours any more. */
	synchronize_net();
	return err;
}

int ckpt_packet_groups_restore(struct ckpt_restore *r, ckpt_packet_attend *attend)
{
	u32 nr = find_members(r, NULL, 0);
	struct member *members;
	int err;

	if (!nr)
		return 0;
	members = kvcalloc(nr, sizeof(*members), GFP_KERNEL_ACCOUNT);
	if (!members)
		return -ENOMEM;
	find_members(r, members, nr);
	sort(members, nr, sizeof(*members), compare_places, NULL);
	err = restore_members(r, members, nr, attend);
	kvfree(members);
	return err;
}

#else /* CONFIG_PACKET */

/* Where packet sockets are a module, its lists are not to be had. */
const char *ckpt_packet_group_obstacle(const struct sock *sk)
{
	const struct ckpt_packet_sock *po = container_of(sk, struct ckpt_packet_sock, sk);

	return READ_ONCE(po->fanout) ? "a packet socket of a fanout group" : NULL;
}

int ckpt_packet_group_collect(struct ckpt_collect *c, const struct sock *sk)
{
	return 0;
}

bool ckpt_packet_group_shared(struct ckpt_collect *c, const struct sock *sk)
{
	return false;
}

int ckpt_packet_group_save(const struct sock *sk, struct ckpt_writer *w)
{
	return 0;
}

int ckpt_packet_groups_restore(struct ckpt_restore *r, ckpt_packet_attend *attend)
{
	struct ckpt_item *item;
	unsigned long id;

	xa_for_each(&ckpt_restore_img(r)->items[CKPT_TYPE_PACKET], id, item) {
		if (!ckpt_item_body(item, CKPT_REC_PACKETGROUP))
			continue;
		ckpt_restore_err(r, item, "fanout groups cannot be made by this kernel");
		return -EOPNOTSUPP;
	}
	return 0;
}

#endif /* CONFIG_PACKET */
