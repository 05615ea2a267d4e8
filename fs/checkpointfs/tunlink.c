// SPDX-License-Identifier: GPL-2.0-only
/*
 * A network device made again: what rtnetlink(7) sets of one, its addresses among them.
 *
 * All of it is asked for by messages of the new task's own, through a socket that lives as
 * long, so that the kernel's checks decide with the writer's rights. The
 * device makes no address of IPv6 for itself meanwhile, and asks nobody whether he has
 * one that it had; so sockets that have been bound to it find it at once. It may send
 * something when it comes up, as it did then: that waits behind what the image has.
 */
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/if_addr.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/net.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sched/signal.h>
#include <linux/skbuff.h>
#include <net/netlink.h>
#include <asm/unistd.h>

#include "checkpointfs.h"
#include "tun.h"

/* More than any message of ours. */
#define ROOM	1024

/* ---- asked for --------------------------------------------------------------------------- */

static struct file *open_socket(void)
{
	long fd = ckpt_syscall(__NR_socket, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, 0, 0, 0);
	struct file *file = ERR_PTR(fd);

	if (fd >= 0) {
		file = fget(fd) ?: ERR_PTR(-EBADF);
		close_fd(fd);
	}
	return file;
}

/* Return: what the kernel says to the message that has been sent. */
static int read_answer(struct socket *sock)
{
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
	} answer = {};
	struct kvec vec = { .iov_base = &answer, .iov_len = sizeof(answer) };
	struct msghdr msg = {};
	int len = kernel_recvmsg(sock, &msg, &vec, 1, sizeof(answer), MSG_DONTWAIT);

	if (len < 0)
		return len;
	if (len < (int)sizeof(answer) || answer.head.nlmsg_type != NLMSG_ERROR)
		return -EPROTO;
	return answer.error.error;
}

/* Consumes the message. It is heard, and answered, before the call returns. */
static int ask(struct file *file, struct sk_buff *skb)
{
	struct kvec vec = { .iov_base = skb->data, .iov_len = skb->len };
	struct socket *sock = sock_from_file(file);
	struct msghdr msg = {};
	int err;

	nlmsg_hdr(skb)->nlmsg_len = skb->len;
	err = kernel_sendmsg(sock, &msg, &vec, 1, skb->len);
	nlmsg_free(skb);
	return err < 0 ? err : read_answer(sock);
}

/* Return: a message with its header, *@body is what follows that; NULL: no memory. */
static struct sk_buff *message(int type, int flags, size_t size, void **body)
{
	struct sk_buff *skb = nlmsg_new(ROOM, GFP_KERNEL_ACCOUNT);
	struct nlmsghdr *head;

	if (!skb)
		return NULL;
	head = nlmsg_put(skb, 0, 0, type, size, NLM_F_REQUEST | NLM_F_ACK | flags);
	/* It is long enough. */
	*body = nlmsg_data(head);
	memset(*body, 0, size);
	return skb;
}

static struct sk_buff *link_message(const struct ckpt_tun_link *link, struct ifinfomsg **info)
{
	void *body;
	struct sk_buff *skb = message(RTM_SETLINK, 0, sizeof(**info), &body);

	if (!skb)
		return NULL;
	*info = body;
	(*info)->ifi_index = link->index;
	return skb;
}

/* ---- the device -------------------------------------------------------------------------- */

static int put_generation(struct sk_buff *skb, u8 mode)
{
	struct nlattr *spec = nla_nest_start_noflag(skb, IFLA_AF_SPEC), *family;

	if (!spec)
		return -EMSGSIZE;
	family = nla_nest_start_noflag(skb, AF_INET6);
	if (!family || nla_put_u8(skb, IFLA_INET6_ADDR_GEN_MODE, mode))
		return -EMSGSIZE;
	nla_nest_end(skb, family);
	nla_nest_end(skb, spec);
	return 0;
}

static int put_link(struct sk_buff *skb, const struct ckpt_tun_device *rec)
{
	bool tap = le32_to_cpu(rec->kind) == CKPT_TUN_ETHERNET;

	if ((tap && nla_put(skb, IFLA_ADDRESS, ETH_ALEN, rec->hwaddr)) ||
	    nla_put_u32(skb, IFLA_MTU, le32_to_cpu(rec->mtu)) ||
	    nla_put_u32(skb, IFLA_TXQLEN, le32_to_cpu(rec->queue_len)) ||
	    nla_put_u32(skb, IFLA_GROUP, le32_to_cpu(rec->group_nr)))
		return -EMSGSIZE;
	return rec->addresses ? put_generation(skb, IN6_ADDR_GEN_MODE_NONE) : 0;
}

static int ask_for_link(const struct ckpt_tun_link *link, struct file *file)
{
	struct ifinfomsg *info;
	struct sk_buff *skb = link_message(link, &info);
	int err;

	if (!skb)
		return -ENOMEM;
	err = put_link(skb, link->rec);
	if (!err)
		return ask(file, skb);
	nlmsg_free(skb);
	return err;
}

static int ask_for_flags(const struct ckpt_tun_link *link, struct file *file)
{
	struct ifinfomsg *info;
	struct sk_buff *skb = link_message(link, &info);

	if (!skb)
		return -ENOMEM;
	info->ifi_flags = ckpt_tun_link_flags(le32_to_cpu(link->rec->link));
	info->ifi_change = ckpt_tun_link_flags(CKPT_LINK_FLAGS);
	return ask(file, skb);
}

/* From now on it may make some for itself. */
static int ask_for_generation(const struct ckpt_tun_link *link, struct file *file)
{
	static const u8 modes[] = {
		[CKPT_LINK_EUI64] = IN6_ADDR_GEN_MODE_EUI64,
		[CKPT_LINK_NONE] = IN6_ADDR_GEN_MODE_NONE,
		[CKPT_LINK_RANDOM] = IN6_ADDR_GEN_MODE_RANDOM,
	};
	struct ifinfomsg *info;
	struct sk_buff *skb;
	int err;

	if (!link->rec->addresses)
		return 0;
	skb = link_message(link, &info);
	if (!skb)
		return -ENOMEM;
	err = put_generation(skb, modes[le32_to_cpu(link->rec->addresses)]);
	if (!err)
		return ask(file, skb);
	nlmsg_free(skb);
	return err;
}

/* ---- addresses --------------------------------------------------------------------------- */

static bool is_v6(const struct ckpt_tun_addr *rec)
{
	return le32_to_cpu(rec->family) == CKPT_INET_IPV6;
}

static u32 addr_flags(const struct ckpt_tun_addr *rec)
{
	u32 flags = le32_to_cpu(rec->flags);

	return (flags & CKPT_ADDR_NOPREFIXROUTE ? IFA_F_NOPREFIXROUTE : 0) |
	       (flags & CKPT_ADDR_NODAD ? IFA_F_NODAD : 0) |
	       (flags & CKPT_ADDR_HOMEADDRESS ? IFA_F_HOMEADDRESS : 0);
}

/* One of IPv4 has a peer always, which may be itself. */
static int put_addr(struct sk_buff *skb, const struct ckpt_tun_addr *rec)
{
	size_t size = is_v6(rec) ? sizeof(struct in6_addr) : sizeof(struct in_addr);
	bool has_peer = !is_v6(rec) || memchr_inv(rec->peer, 0, sizeof(rec->peer));

	if (nla_put(skb, IFA_LOCAL, size, rec->addr) ||
	    nla_put(skb, IFA_ADDRESS, size, has_peer ? rec->peer : rec->addr))
		return -EMSGSIZE;
	if (memchr_inv(rec->broadcast, 0, sizeof(rec->broadcast)) &&
	    nla_put(skb, IFA_BROADCAST, sizeof(rec->broadcast), rec->broadcast))
		return -EMSGSIZE;
	return rec->label[0] ? nla_put_string(skb, IFA_LABEL, rec->label) : 0;
}

static int put_use(struct sk_buff *skb, const struct ckpt_tun_addr *rec, u32 flags)
{
	struct ifa_cacheinfo times = {
		.ifa_prefered = le32_to_cpu(rec->preferred),
		.ifa_valid = le32_to_cpu(rec->valid),
	};

	if (rec->metric && nla_put_u32(skb, IFA_RT_PRIORITY, le32_to_cpu(rec->metric)))
		return -EMSGSIZE;
	if (rec->protocol && nla_put_u8(skb, IFA_PROTO, le32_to_cpu(rec->protocol)))
		return -EMSGSIZE;
	return nla_put_u32(skb, IFA_FLAGS, flags) ?:
	       nla_put(skb, IFA_CACHEINFO, sizeof(times), &times);
}

static int ask_for_addr(const struct ckpt_tun_link *link, struct file *file,
			const struct ckpt_tun_addr *rec, u32 flags)
{
	struct ifaddrmsg *ifa;
	struct sk_buff *skb;
	void *body;
	int err;

	skb = message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, sizeof(*ifa), &body);
	if (!skb)
		return -ENOMEM;
	ifa = body;
	ifa->ifa_family = is_v6(rec) ? AF_INET6 : AF_INET;
	ifa->ifa_prefixlen = le32_to_cpu(rec->prefix);
	ifa->ifa_scope = le32_to_cpu(rec->scope);
	ifa->ifa_index = link->index;
	err = put_addr(skb, rec) ?: put_use(skb, rec, flags);
	if (!err)
		return ask(file, skb);
	nlmsg_free(skb);
	return err;
}

/*
 * Nobody is asked whether he has an address that was known to be its own: as if it was to be
 * so always, which is taken back when it has it.
 */
static int add_addr(const struct ckpt_tun_link *link, struct file *file,
		    const struct ckpt_tun_addr *rec)
{
	bool known = is_v6(rec) && !(le32_to_cpu(rec->flags) & CKPT_ADDR_TENTATIVE);
	u32 flags = addr_flags(rec);
	int err = ask_for_addr(link, file, rec, flags | (known ? IFA_F_NODAD : 0));

	if (!err && known && !(flags & IFA_F_NODAD))
		err = ask_for_addr(link, file, rec, flags);
	return err;
}

/*
 * One of IPv4 goes behind those that are there, one of IPv6 before those that reach as far:
 * so the last one of these first.
 */
static int add_addrs(const struct ckpt_tun_link *link, struct file *file)
{
	u32 v4 = 0, i;
	int err = 0;

	while (v4 < link->nr && !is_v6(&link->addr[v4]))
		v4++;
	for (i = 0; !err && i < link->nr; i++) {
		u32 at = i < v4 ? i : link->nr - 1 - (i - v4);

		err = fatal_signal_pending(current) ? -EINTR :
						      add_addr(link, file, &link->addr[at]);
		cond_resched();
	}
	return err;
}

/* ---- both halves ------------------------------------------------------------------------- */

int ckpt_tun_link_prepare(const struct ckpt_tun_link *link)
{
	struct file *file = open_socket();
	int err;

	if (IS_ERR(file))
		return PTR_ERR(file);
	err = ask_for_link(link, file);
	fput(file);
	return err;
}

int ckpt_tun_link_start(const struct ckpt_tun_link *link)
{
	struct file *file = open_socket();
	int err;

	if (IS_ERR(file))
		return PTR_ERR(file);
	err = ask_for_flags(link, file);
	if (!err)
		err = add_addrs(link, file);
	if (!err)
		err = ask_for_generation(link, file);
	fput(file);
	return err;
}
