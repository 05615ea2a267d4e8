// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets of TCP connections, held back.
 *
 * A connection to outside of the container must not go on between the freeze and a thaw
 * or a restore: what it acknowledged meanwhile would be lost, and when its program is
 * killed the kernel would answer the peer with a reset. So its packets are dropped, both
 * ways, as a network may drop them; TCP sends them again, and the peer sees a delay.
 * What has arrived and is not acknowledged, since that is dropped, arrives again.
 *
 * A hold has holders: a container that is frozen, a restore that is under way. It may
 * be left for a time when a container is killed. It belongs to no mount then: who
 * restores is another process, maybe with another mount. What is left ends by a restore,
 * by its time, with its network namespace, with the module, or when somebody of this
 * machine connects anew by the same addresses and ports, of whom it must not be in the
 * way. Of a socket that has only asked for a connection that is held back, too: by its own
 * asking it would not end.
 *
 * The hooks are in a network namespace for as long as there is a hold in it. They find
 * a hold under RCU; all else is under holds_lock, which nobody takes who has the lock
 * of a socket.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/jhash.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <linux/workqueue.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <net/tcp.h>

#include "nethold.h"

/**
 * struct ckpt_nethold - a connection whose packets are held back
 * @hash:	by @conn; read under RCU
 * @node:	in all_holds; empty: its network namespace is gone, and @hash is in
 *		no table
 * @conn:	the connection
 * @holders:	how many have yet to give it back
 * @until:	jiffies: it is left until then; 0: it is not
 * @over:	it has been left, and others have its name now; set without a lock
 * @asks:	it is of one that asks; for good, since while it is there nobody else has
 *		its name
 * @rcu:	the hooks may look at it that long
 */
struct ckpt_nethold {
	struct rhash_head hash;
	struct list_head node;
	struct ckpt_connection conn;
	unsigned int holders;
	unsigned long until;
	bool over;
	bool asks;
	struct rcu_head rcu;
};

/* Of a network namespace: how many holds there are. */
struct hold_net {
	unsigned int nr;
};

static DEFINE_MUTEX(holds_lock);
static LIST_HEAD(all_holds);
static struct rhashtable holds;
static unsigned int hold_net_id;

static const struct rhashtable_params hold_params = {
	.head_offset = offsetof(struct ckpt_nethold, hash),
	.key_offset = offsetof(struct ckpt_nethold, conn),
	.key_len = sizeof(struct ckpt_connection),
	.automatic_shrinking = true,
};

/* ---- the hooks -------------------------------------------------------------------- */

/* Return: its header, maybe in @room; NULL: it is not TCP. */
static const struct tcphdr *read_v4(const struct sk_buff *skb, u8 *from, u8 *to,
				    struct tcphdr *room)
{
	const struct iphdr *ip = ip_hdr(skb);

	/* Whole when it arrives, and not in fragments yet when it leaves. */
	if (ip->protocol != IPPROTO_TCP || ip->frag_off & htons(IP_OFFSET))
		return NULL;
	memcpy(from, &ip->saddr, sizeof(ip->saddr));
	memcpy(to, &ip->daddr, sizeof(ip->daddr));
	return skb_header_pointer(skb, skb_network_offset(skb) + ip_hdrlen(skb),
				  sizeof(*room), room);
}

/* The same. Of fragments the first has it, without which the others are nothing. */
static const struct tcphdr *read_v6(const struct sk_buff *skb, u8 *from, u8 *to,
				    struct tcphdr *room)
{
	const struct ipv6hdr *ip = ipv6_hdr(skb);
	unsigned short fragment = 0;
	unsigned int at = 0;

	if (ipv6_find_hdr(skb, &at, IPPROTO_TCP, &fragment, NULL) < 0 || fragment)
		return NULL;
	memcpy(from, &ip->saddr, sizeof(ip->saddr));
	memcpy(to, &ip->daddr, sizeof(ip->daddr));
	return skb_header_pointer(skb, at, sizeof(*room), room);
}

static bool asks_anew(const struct tcphdr *tcp)
{
	return tcp->syn && !tcp->ack;
}

/* Under rcu_read_lock(). Who sends is not told: to him it is lost on its way. */
static unsigned int hold_back(void *unused, struct sk_buff *skb,
			      const struct nf_hook_state *state)
{
	struct ckpt_connection conn = {
		.net = state->net,
		.v6 = state->pf == NFPROTO_IPV6,
	};
	bool arrives = state->hook == NF_INET_LOCAL_IN;
	u8 *from = arrives ? conn.peer : conn.local, *to = arrives ? conn.local : conn.peer;
	const struct tcphdr *tcp;
	struct ckpt_nethold *hold;
	struct tcphdr room;

	tcp = conn.v6 ? read_v6(skb, from, to, &room) : read_v4(skb, from, to, &room);
	if (!tcp)
		return NF_ACCEPT;
	conn.local_port = arrives ? tcp->dest : tcp->source;
	conn.peer_port = arrives ? tcp->source : tcp->dest;
	hold = rhashtable_lookup(&holds, &conn, hold_params);
	if (!hold || READ_ONCE(hold->over))
		return NF_ACCEPT;
	if (arrives)
		return NF_DROP;
	if (asks_anew(tcp) && !READ_ONCE(hold->asks)) {
		WRITE_ONCE(hold->over, true);
		return NF_ACCEPT;
	}
	kfree_skb_reason(skb, SKB_DROP_REASON_NETFILTER_DROP);
	return NF_STOLEN;
}

/*
 * Where a packet has the addresses that the socket knows: on its way in when they have
 * been translated back, on its way out before they are.
 */
static const struct nf_hook_ops hooks[] = {
	{
		.hook = hold_back,
		.pf = NFPROTO_INET,
		.hooknum = NF_INET_LOCAL_IN,
		.priority = NF_IP_PRI_NAT_SRC + 1,
	}, {
		.hook = hold_back,
		.pf = NFPROTO_INET,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = NF_IP_PRI_FIRST,
	},
};

/* ---- holds -------------------------------------------------------------------------- */

static int take_net(struct net *net)
{
	struct hold_net *of_net = net_generic(net, hold_net_id);
	int err = 0;

	lockdep_assert_held(&holds_lock);
	if (!of_net->nr)
		err = nf_register_net_hooks(net, hooks, ARRAY_SIZE(hooks));
	if (!err)
		of_net->nr++;
	return err;
}

static void leave_net(struct net *net)
{
	struct hold_net *of_net = net_generic(net, hold_net_id);

	lockdep_assert_held(&holds_lock);
	if (!--of_net->nr)
		nf_unregister_net_hooks(net, hooks, ARRAY_SIZE(hooks));
}

static struct ckpt_nethold *create(const struct ckpt_connection *conn)
{
	struct ckpt_nethold *hold = kzalloc(sizeof(*hold), GFP_KERNEL_ACCOUNT);
	int err;

	if (!hold)
		return ERR_PTR(-ENOMEM);
	hold->conn = *conn;
	err = take_net(conn->net);
	if (err)
		goto out_free;
	err = rhashtable_insert_fast(&holds, &hold->hash, hold_params);
	if (err)
		goto out_net;
	list_add_tail(&hold->node, &all_holds);
	return hold;

out_net:
	leave_net(conn->net);
out_free:
	kfree(hold);
	return ERR_PTR(err);
}

static void stop(struct ckpt_nethold *hold)
{
	rhashtable_remove_fast(&holds, &hold->hash, hold_params);
	list_del_init(&hold->node);
	leave_net(hold->conn.net);
}

static void drop_unused(struct ckpt_nethold *hold)
{
	lockdep_assert_held(&holds_lock);
	if (hold->holders || hold->until)
		return;
	if (!list_empty(&hold->node))
		stop(hold);
	kfree_rcu(hold, rcu);
}

struct ckpt_nethold *ckpt_nethold_get(const struct ckpt_connection *conn, bool asks)
{
	struct ckpt_nethold *hold;

	guard(mutex)(&holds_lock);
	hold = rhashtable_lookup_fast(&holds, conn, hold_params);
	if (!hold)
		hold = create(conn);
	if (IS_ERR(hold))
		return hold;
	hold->holders++;
	if (asks)
		WRITE_ONCE(hold->asks, true);
	/* Whose it is now did not leave it. */
	if (hold->over) {
		hold->until = 0;
		WRITE_ONCE(hold->over, false);
	}
	return hold;
}

void ckpt_nethold_put(struct ckpt_nethold *hold)
{
	guard(mutex)(&holds_lock);
	hold->holders--;
	drop_unused(hold);
}

void ckpt_nethold_end(struct ckpt_nethold *hold)
{
	guard(mutex)(&holds_lock);
	hold->holders--;
	hold->until = 0;
	drop_unused(hold);
}

/* ---- what is left ---------------------------------------------------------------------- */

static struct delayed_work ends;

/* Once a second, while there are any: what is left are few, and it is not for long. */
static void look_for_ends(struct work_struct *work)
{
	struct ckpt_nethold *hold, *next;
	bool more = false;

	guard(mutex)(&holds_lock);
	list_for_each_entry_safe(hold, next, &all_holds, node) {
		if (!hold->until)
			continue;
		if (time_before(jiffies, hold->until)) {
			more = true;
			continue;
		}
		hold->until = 0;
		drop_unused(hold);
	}
	if (more)
		queue_delayed_work(system_wq, &ends, HZ);
}

void ckpt_nethold_leave(struct ckpt_nethold *hold, unsigned int seconds)
{
	guard(mutex)(&holds_lock);
	hold->holders--;
	if (seconds && !list_empty(&hold->node)) {
		hold->until = (jiffies + seconds * HZ) ?: 1;
		queue_delayed_work(system_wq, &ends, HZ);
	}
	drop_unused(hold);
}

/* Nobody has a socket there; who has a hold gives it back later. */
static void __net_exit net_exit(struct net *net)
{
	struct ckpt_nethold *hold, *next;

	guard(mutex)(&holds_lock);
	list_for_each_entry_safe(hold, next, &all_holds, node) {
		if (hold->conn.net != net)
			continue;
		stop(hold);
		hold->until = 0;
		drop_unused(hold);
	}
}

static struct pernet_operations net_ops = {
	.exit	= net_exit,
	.id	= &hold_net_id,
	.size	= sizeof(struct hold_net),
};

int __init ckpt_nethold_init(void)
{
	int err = rhashtable_init(&holds, &hold_params);

	if (err)
		return err;
	INIT_DELAYED_WORK(&ends, look_for_ends);
	err = register_pernet_subsys(&net_ops);
	if (err)
		rhashtable_destroy(&holds);
	return err;
}

/* No container is left, and no restore. */
void ckpt_nethold_exit(void)
{
	unregister_pernet_subsys(&net_ops);
	cancel_delayed_work_sync(&ends);
	/* A hook may still run. */
	synchronize_net();
	rhashtable_destroy(&holds);
}
