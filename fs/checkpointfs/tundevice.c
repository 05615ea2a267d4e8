// SPDX-License-Identifier: GPL-2.0-only
/*
 * The network devices of tun, as they are saved: what tun itself knows of one, the rest
 * that any network device has, and its addresses.
 *
 * All of it is read with rtnl held, which whoever changes it has to take; but for addresses
 * of IPv6, that come with what routers say, and have a lock of their own.
 *
 * A device that lasts (TUNSETPERSIST), or that somebody makes before the restore, is only
 * attached to again. One that goes with its descriptors has to be made again, so what
 * of it is not saved is refused. Not kept then, as that is its administrator's: routes
 * but those to its addresses, neighbours, queueing disciplines, its settings in
 * /proc/sys/net and in sysfs, other names; and what it has counted.
 */
#include <linux/cred.h>
#include <linux/ethtool.h>
#include <linux/if_tun.h>
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/nsproxy.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/addrconf.h>
#include <net/if_inet6.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>

#include "tun.h"

/* ---- flags ------------------------------------------------------------------------------- */

struct flag_pair {
	u32 image;
	unsigned int kernel;
};

static const struct flag_pair device_flags[] = {
	{ CKPT_TUN_NO_PI, IFF_NO_PI },
	{ CKPT_TUN_ONE_QUEUE, IFF_ONE_QUEUE },
	{ CKPT_TUN_VNET_HDR, IFF_VNET_HDR },
	{ CKPT_TUN_MULTI_QUEUE, IFF_MULTI_QUEUE },
	{ CKPT_TUN_NAPI, IFF_NAPI },
	{ CKPT_TUN_NAPI_FRAGS, IFF_NAPI_FRAGS },
};

/* Those that are not asked for by TUNSETIFF. */
static const struct flag_pair other_flags[] = {
	{ CKPT_TUN_PERSIST, IFF_PERSIST },
	{ CKPT_TUN_LE, CKPT_TUN_VNET_LE },
	{ CKPT_TUN_BE, CKPT_TUN_VNET_BE },
};

static const struct flag_pair link_flags[] = {
	{ CKPT_LINK_UP, IFF_UP },
	{ CKPT_LINK_DEBUG, IFF_DEBUG },
	{ CKPT_LINK_NOTRAILERS, IFF_NOTRAILERS },
	{ CKPT_LINK_NOARP, IFF_NOARP },
	{ CKPT_LINK_PROMISC, IFF_PROMISC },
	{ CKPT_LINK_ALLMULTI, IFF_ALLMULTI },
	{ CKPT_LINK_MULTICAST, IFF_MULTICAST },
	{ CKPT_LINK_PORTSEL, IFF_PORTSEL },
	{ CKPT_LINK_AUTOMEDIA, IFF_AUTOMEDIA },
	{ CKPT_LINK_DYNAMIC, IFF_DYNAMIC },
};

static u32 to_image(const struct flag_pair *flag, unsigned int nr, unsigned int kernel)
{
	u32 image = 0;

	for (; nr; nr--, flag++)
		if (kernel & flag->kernel)
			image |= flag->image;
	return image;
}

static unsigned int to_kernel(const struct flag_pair *flag, unsigned int nr, u32 image)
{
	unsigned int kernel = 0;

	for (; nr; nr--, flag++)
		if (image & flag->image)
			kernel |= flag->kernel;
	return kernel;
}

unsigned int ckpt_tun_iff(const struct ckpt_tun_device *rec)
{
	bool tap = le32_to_cpu(rec->kind) == CKPT_TUN_ETHERNET;

	return (tap ? IFF_TAP : IFF_TUN) |
	       to_kernel(device_flags, ARRAY_SIZE(device_flags), le32_to_cpu(rec->flags));
}

unsigned int ckpt_tun_link_flags(u32 link)
{
	return to_kernel(link_flags, ARRAY_SIZE(link_flags), link);
}

/* ---- what is not saved ------------------------------------------------------------------- */

#define OFFLOADS	(NETIF_F_HW_CSUM | NETIF_F_TSO | NETIF_F_TSO6 | NETIF_F_TSO_ECN | \
			 NETIF_F_GSO_UDP_L4)

/* A new device has all of them wanted, and none that it has; this one has been asked. */
static bool is_asked(const struct ckpt_tun_struct *tun)
{
	return (tun->dev->wanted_features & OFFLOADS) == tun->set_features;
}

/* Those of a new device, but for what TUNSETOFFLOAD sets. */
static bool has_usual_features(const struct ckpt_tun_struct *tun)
{
	const struct net_device *dev = tun->dev;
	netdev_features_t usual = dev->hw_features & ~(NETIF_F_SOFT_FEATURES_OFF |
						       NETIF_F_NOCACHE_COPY | NETIF_F_TSO_MANGLEID);

	if ((dev->wanted_features ^ usual) & ~OFFLOADS)
		return false;
	return is_asked(tun) ||
	       (!tun->set_features && (dev->wanted_features & OFFLOADS) == OFFLOADS);
}

static bool has_usual_speed(const struct ckpt_tun_struct *tun)
{
	const struct ethtool_link_settings *base = &tun->link_ksettings.base;

	return base->speed == SPEED_10000 && base->duplex == DUPLEX_FULL &&
	       base->port == PORT_TP && base->autoneg == AUTONEG_DISABLE;
}

#define V4_FLAGS	(IFA_F_PERMANENT | IFA_F_SECONDARY | IFA_F_DEPRECATED | \
			 IFA_F_NOPREFIXROUTE)
/* A link-local address may have been made up; it is kept, and not that it has been. */
#define V6_FLAGS	(IFA_F_PERMANENT | IFA_F_DEPRECATED | IFA_F_NOPREFIXROUTE | \
			 IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_TENTATIVE | \
			 IFA_F_STABLE_PRIVACY)

static bool has_usual_v4(const struct net_device *dev)
{
	struct in_device *in_dev = __in_dev_get_rtnl(dev);
	const struct in_ifaddr *ifa;

	if (!in_dev)
		return true;
	in_dev_for_each_ifa_rtnl(ifa, in_dev)
		if (READ_ONCE(ifa->ifa_flags) & ~V4_FLAGS)
			return false;
	return true;
}

#if IS_ENABLED(CONFIG_IPV6)

static bool has_usual_v6(struct inet6_dev *idev)
{
	const struct inet6_ifaddr *ifp;
	bool usual = true;

	read_lock_bh(&idev->lock);
	list_for_each_entry(ifp, &idev->addr_list, if_list)
		usual = usual && !(READ_ONCE(ifp->flags) & ~V6_FLAGS);
	read_unlock_bh(&idev->lock);
	return usual;
}

static const char *v6_obstacle(const struct net_device *dev)
{
	struct inet6_dev *idev = __in6_dev_get(dev);

	if (!idev)
		return NULL;
	if (idev->cnf.addr_gen_mode == IN6_ADDR_GEN_MODE_STABLE_PRIVACY)
		return "a tun device whose addresses have a secret (stable_secret)";
	if (!ipv6_addr_any(&idev->token))
		return "a tun device with a token of IPv6";
	if (!idev->cnf.disable_ipv6 != !dev_net(dev)->ipv6.devconf_dflt->disable_ipv6)
		return "a tun device with IPv6 unlike others (disable_ipv6)";
	return has_usual_v6(idev) ? NULL : "a tun device with a temporary address";
}

/* It makes its addresses when it has a carrier for the first time. */
static bool is_ready(const struct net_device *dev)
{
	const struct inet6_dev *idev = __in6_dev_get(dev);

	return !idev || READ_ONCE(idev->if_flags) & IF_READY;
}

static u32 image_addresses(const struct net_device *dev)
{
	const struct inet6_dev *idev = __in6_dev_get(dev);

	if (!idev)
		return CKPT_LINK_NO_IPV6;
	switch (READ_ONCE(idev->cnf.addr_gen_mode)) {
	case IN6_ADDR_GEN_MODE_EUI64:
		return CKPT_LINK_EUI64;
	case IN6_ADDR_GEN_MODE_RANDOM:
		return CKPT_LINK_RANDOM;
	default:
		return CKPT_LINK_NONE;
	}
}

#else

static const char *v6_obstacle(const struct net_device *dev)
{
	return NULL;
}

static bool is_ready(const struct net_device *dev)
{
	return true;
}

static u32 image_addresses(const struct net_device *dev)
{
	return CKPT_LINK_NO_IPV6;
}

#endif

/* What of it nobody could make again. */
static const char *lost(const struct ckpt_tun_struct *tun)
{
	struct net_device *dev = tun->dev;

	if (netdev_has_any_upper_dev(dev))
		return "a tun device that is part of another one";
	if (rcu_access_pointer(dev->ifalias))
		return "a tun device with an alias";
	if (tun->rx_batched)
		return "a tun device that gathers packets (ethtool -C)";
	if (!has_usual_speed(tun))
		return "a tun device with a speed of its own (ethtool -s)";
	if (!has_usual_features(tun))
		return "a tun device with other features (ethtool -K)";
	if (!has_usual_v4(dev))
		return "a tun device with an address of an unknown kind";
	return v6_obstacle(dev);
}

const char *ckpt_tun_obstacle(const struct ckpt_tun_struct *tun)
{
	ASSERT_RTNL();
	if (dev_net(tun->dev) != current->nsproxy->net_ns)
		return "a tun device of another network namespace";
	if (rcu_access_pointer(tun->steering_prog) || rcu_access_pointer(tun->filter_prog))
		return "a tun device with an eBPF program";
	if (dev_xdp_prog_count(tun->dev))
		return "a tun device with an XDP program";
	if (tun->filter_attached)
		return "a tun device with a filter (TUNATTACHFILTER)";
	return tun->flags & IFF_PERSIST ? NULL : lost(tun);
}

/* ---- addresses --------------------------------------------------------------------------- */

struct addrs {
	struct ckpt_tun_addr *vec;
	u32 nr;
};

/* As the kernel tells them: nothing runs out of what is used for ever. */
static void set_lifetime(struct ckpt_tun_addr *rec, u32 valid, u32 preferred,
			 unsigned long stamp)
{
	unsigned long passed = (jiffies - stamp) / HZ;

	if (preferred != INFINITY_LIFE_TIME) {
		preferred -= min_t(unsigned long, preferred, passed);
		if (valid != INFINITY_LIFE_TIME)
			valid -= min_t(unsigned long, valid - 1, passed);
	}
	rec->valid = cpu_to_le32(valid);
	rec->preferred = cpu_to_le32(min(valid, preferred));
}

static int list_v4(const struct net_device *dev, struct addrs *a)
{
	struct in_device *in_dev = __in_dev_get_rtnl(dev);
	const struct in_ifaddr *ifa;

	if (!in_dev)
		return 0;
	in_dev_for_each_ifa_rtnl(ifa, in_dev) {
		struct ckpt_tun_addr *rec = a->vec + a->nr;
		u32 flags = READ_ONCE(ifa->ifa_flags);

		if (a->nr++ == CKPT_TUN_ADDRS)
			return -E2BIG;
		rec->family = cpu_to_le32(CKPT_INET_IPV4);
		rec->prefix = cpu_to_le32(ifa->ifa_prefixlen);
		if (flags & IFA_F_NOPREFIXROUTE)
			rec->flags = cpu_to_le32(CKPT_ADDR_NOPREFIXROUTE);
		rec->scope = cpu_to_le32(ifa->ifa_scope);
		rec->metric = cpu_to_le32(ifa->ifa_rt_priority);
		rec->protocol = cpu_to_le32(ifa->ifa_proto);
		memcpy(rec->addr, &ifa->ifa_local, sizeof(ifa->ifa_local));
		memcpy(rec->peer, &ifa->ifa_address, sizeof(ifa->ifa_address));
		memcpy(rec->broadcast, &ifa->ifa_broadcast, sizeof(ifa->ifa_broadcast));
		strscpy_pad(rec->label, ifa->ifa_label, sizeof(rec->label));
		if (!(flags & IFA_F_PERMANENT))
			set_lifetime(rec, max(ifa->ifa_valid_lft, 1U), ifa->ifa_preferred_lft,
				     ifa->ifa_tstamp);
		else
			set_lifetime(rec, INFINITY_LIFE_TIME,
				     flags & IFA_F_DEPRECATED ? 0 : INFINITY_LIFE_TIME, jiffies);
	}
	return 0;
}

#if IS_ENABLED(CONFIG_IPV6)

static const struct flag_pair v6_flags[] = {
	{ CKPT_ADDR_NOPREFIXROUTE, IFA_F_NOPREFIXROUTE },
	{ CKPT_ADDR_NODAD, IFA_F_NODAD },
	{ CKPT_ADDR_HOMEADDRESS, IFA_F_HOMEADDRESS },
	{ CKPT_ADDR_TENTATIVE, IFA_F_TENTATIVE },
};

static void describe_v6(const struct inet6_ifaddr *ifp, struct ckpt_tun_addr *rec)
{
	u32 flags = READ_ONCE(ifp->flags);

	rec->family = cpu_to_le32(CKPT_INET_IPV6);
	rec->prefix = cpu_to_le32(ifp->prefix_len);
	rec->flags = cpu_to_le32(to_image(v6_flags, ARRAY_SIZE(v6_flags), flags));
	rec->metric = cpu_to_le32(READ_ONCE(ifp->rt_priority));
	rec->protocol = cpu_to_le32(READ_ONCE(ifp->ifa_proto));
	memcpy(rec->addr, &ifp->addr, sizeof(ifp->addr));
	memcpy(rec->peer, &ifp->peer_addr, sizeof(ifp->peer_addr));
	set_lifetime(rec, max(READ_ONCE(ifp->valid_lft), 1U), READ_ONCE(ifp->prefered_lft),
		     READ_ONCE(ifp->tstamp));
}

static int list_v6(const struct net_device *dev, struct addrs *a)
{
	struct inet6_dev *idev = __in6_dev_get(dev);
	const struct inet6_ifaddr *ifp;
	int err = 0;

	if (!idev)
		return 0;
	read_lock_bh(&idev->lock);
	list_for_each_entry(ifp, &idev->addr_list, if_list) {
		if (a->nr == CKPT_TUN_ADDRS) {
			err = -E2BIG;
			break;
		}
		describe_v6(ifp, a->vec + a->nr++);
	}
	read_unlock_bh(&idev->lock);
	return err;
}

#else

static int list_v6(const struct net_device *dev, struct addrs *a)
{
	return 0;
}

#endif

/* ---- saved ------------------------------------------------------------------------------- */

static u32 image_offload(netdev_features_t features)
{
	return (features & NETIF_F_HW_CSUM ? CKPT_TUN_CSUM : 0) |
	       (features & NETIF_F_TSO ? CKPT_TUN_TSO4 : 0) |
	       (features & NETIF_F_TSO6 ? CKPT_TUN_TSO6 : 0) |
	       (features & NETIF_F_TSO_ECN ? CKPT_TUN_TSO_ECN : 0) |
	       (features & NETIF_F_GSO_UDP_L4 ? CKPT_TUN_USO : 0);
}

static u32 image_flags(const struct ckpt_tun_struct *tun)
{
	u32 flags = to_image(device_flags, ARRAY_SIZE(device_flags), tun->flags) |
		    to_image(other_flags, ARRAY_SIZE(other_flags), tun->flags);

	if (uid_valid(tun->owner))
		flags |= CKPT_TUN_OWNER;
	if (gid_valid(tun->group))
		flags |= CKPT_TUN_GROUP;
	if (is_asked(tun))
		flags |= CKPT_TUN_ASKED;
	if (!netif_carrier_ok(tun->dev))
		flags |= CKPT_TUN_NO_CARRIER;
	if (!netif_carrier_ok(tun->dev) && tun->dev->flags & IFF_UP && !is_ready(tun->dev))
		flags |= CKPT_TUN_UNREADY;
	if (tun->flags & IFF_PERSIST && lost(tun))
		flags |= CKPT_TUN_THERE;
	return flags;
}

static int save_owner(const struct ckpt_tun_struct *tun, struct ckpt_tun_device *rec)
{
	uid_t uid = from_kuid(current_user_ns(), tun->owner);
	gid_t gid = from_kgid(current_user_ns(), tun->group);

	if (uid_valid(tun->owner)) {
		if (uid == (uid_t)-1)
			return -EOVERFLOW;
		rec->owner = cpu_to_le32(uid);
	}
	if (gid_valid(tun->group)) {
		if (gid == (gid_t)-1)
			return -EOVERFLOW;
		rec->group = cpu_to_le32(gid);
	}
	return 0;
}

/* Addresses that are hashed count as long as there is one that is not. */
static void save_filter(const struct ckpt_tap_filter *filter, struct ckpt_tun_device *rec)
{
	u32 exact = min_t(u32, filter->count, CKPT_TUN_EXACT);

	static_assert(sizeof_field(struct ckpt_tun_device, filter) ==
		      sizeof_field(struct ckpt_tap_filter, addr));
	if (!exact)
		return;
	rec->exact = cpu_to_le32(exact);
	rec->hashed = cpu_to_le64((u64)filter->mask[1] << 32 | filter->mask[0]);
	memcpy(rec->filter, filter->addr, exact * sizeof(*filter->addr));
}

static void save_link(const struct net_device *dev, struct ckpt_tun_device *rec)
{
	rec->index = cpu_to_le32(dev->ifindex);
	rec->type = cpu_to_le32(dev->type);
	rec->mtu = cpu_to_le32(dev->mtu);
	rec->queue_len = cpu_to_le32(dev->tx_queue_len);
	rec->link = cpu_to_le32(to_image(link_flags, ARRAY_SIZE(link_flags), dev_get_flags(dev)));
	rec->group_nr = cpu_to_le32(dev->group);
	rec->addresses = cpu_to_le32(image_addresses(dev));
	strscpy_pad(rec->name, dev->name, sizeof(rec->name));
}

static int save_device(const struct ckpt_tun_struct *tun, struct ckpt_tun_device *rec)
{
	bool tap = tun->flags & IFF_TAP;

	rec->kind = cpu_to_le32(tap ? CKPT_TUN_ETHERNET : CKPT_TUN_IP);
	rec->flags = cpu_to_le32(image_flags(tun));
	rec->header = cpu_to_le32(tun->vnet_hdr_sz);
	if (is_asked(tun))
		rec->offload = cpu_to_le32(image_offload(tun->set_features));
	rec->debug = cpu_to_le32(tun->msg_enable);
	rec->queues = cpu_to_le32(tun->numqueues + tun->numdisabled);
	if (tap) {
		memcpy(rec->hwaddr, tun->dev->dev_addr, sizeof(rec->hwaddr));
		save_filter(&tun->txflt, rec);
	}
	save_link(tun->dev, rec);
	return save_owner(tun, rec);
}

int ckpt_tun_device_save(const struct ckpt_tun_struct *tun, struct ckpt_writer *w)
{
	struct addrs a = {};
	struct ckpt_tun_device *rec;
	int err;

	ASSERT_RTNL();
	/* How many there are is known under a lock only, where no memory can be had. */
	a.vec = kvcalloc(CKPT_TUN_ADDRS, sizeof(*a.vec), GFP_KERNEL_ACCOUNT);
	if (!a.vec)
		return -ENOMEM;
	err = list_v4(tun->dev, &a);
	if (!err)
		err = list_v6(tun->dev, &a);
	rec = err ? NULL : ckpt_add(w, CKPT_REC_TUN_DEVICE, a.nr);
	if (rec) {
		memcpy(ckpt_elems(rec), a.vec, a.nr * sizeof(*a.vec));
		err = save_device(tun, rec);
	} else if (!err) {
		err = w->error;
	}
	kvfree(a.vec);
	return err;
}
