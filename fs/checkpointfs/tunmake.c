// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptors of /dev/net/tun attached again, when all of them are open (objects/tun.c).
 *
 * To a device that is not there, which TUNSETIFF makes, with its checks: it gets all
 * that it had, and goes with its descriptors if the restore fails. To one that is there,
 * because it lasts or somebody has made it, with other checks of TUNSETIFF, if nobody
 * else is attached to it: it gets what descriptors set, for as long as the restore does not
 * fail, and keeps its addresses and what else an administrator sets. If somebody else
 * is, which the original may be, the restore ends; who comes meanwhile is found out.
 *
 * Descriptors get their places by the order in which they are attached: first those that
 * take part, then the others, each of which leaves at once.
 */
#include <linux/crc32.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_tun.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <net/rtnetlink.h>

#include "checkpointfs.h"
#include "tun.h"

/**
 * struct attaching - a device and its descriptors
 * @r:		restore
 * @item:	the first of them, which has the record
 * @rec:	of the device
 * @file:	the first, open
 * @net:	namespace of all of them
 * @queues:	all of them, by their places
 * @nr:		how many
 * @made:	it was not there
 */
struct attaching {
	struct ckpt_restore *r;
	struct ckpt_item *item;
	const struct ckpt_tun_device *rec;
	struct file *file;
	struct net *net;
	struct ckpt_item **queues;
	u32 nr;
	bool made;
};

/**
 * struct undo - item->priv of the first: what of its device is undone if the restore fails
 * @lasts:	it has been made to last
 * @settings:	it was there, and had the following
 * @header:	TUNSETVNETHDRSZ
 * @order:	ORDER of its flags
 * @debug:	TUNSETDEBUG
 * @offload:	TUNSETOFFLOAD
 * @wanted:	all features that it was to have
 * @filter:	TUNSETTXFILTER
 */
struct undo {
	bool lasts;
	bool settings;
	int header;
	unsigned int order;
	u32 debug;
	netdev_features_t offload;
	netdev_features_t wanted;
	struct ckpt_tap_filter filter;
};

#define ORDER	(CKPT_TUN_VNET_LE | CKPT_TUN_VNET_BE)

static bool has_flag(const struct attaching *a, u32 flag)
{
	return le32_to_cpu(a->rec->flags) & flag;
}

static int failed(const struct attaching *a, const char *what, int err)
{
	ckpt_restore_err(a->r, a->item, "device %.16s %s: %pe", a->rec->name, what, ERR_PTR(err));
	return err;
}

/* ---- asked for --------------------------------------------------------------------------- */

/* As ioctl(2), of what takes an address. */
static int ask(struct file *file, unsigned int cmd, const void *arg, size_t size)
{
	unsigned long scratch = ckpt_scratch_map();
	long err;

	if (IS_ERR_VALUE(scratch))
		return scratch;
	err = ckpt_scratch_put(scratch, arg, size);
	if (!err)
		err = ckpt_ioctl(file, cmd, scratch);
	ckpt_scratch_unmap(scratch);
	return min(err, 0L);
}

static int ask_number(struct file *file, unsigned int cmd, int value)
{
	return ask(file, cmd, &value, sizeof(value));
}

/* Of what takes a number itself. */
static int ask_plain(struct file *file, unsigned int cmd, unsigned long arg)
{
	return ckpt_ioctl(file, cmd, arg);
}

/* ---- attached ---------------------------------------------------------------------------- */

static int attach(const struct attaching *a, struct file *file, unsigned int flags)
{
	struct ifreq req = { .ifr_flags = ckpt_tun_iff(a->rec) | flags };

	strscpy(req.ifr_name, a->rec->name, IFNAMSIZ);
	return ask(file, TUNSETIFF, &req, sizeof(req));
}

static int detach(struct file *file)
{
	struct ifreq req = { .ifr_flags = IFF_DETACH_QUEUE };

	return ask(file, TUNSETQUEUE, &req, sizeof(req));
}

static bool index_is_free(const struct attaching *a)
{
	guard(rcu)();
	return !dev_get_by_index_rcu(a->net, le32_to_cpu(a->rec->index));
}

/* With the index that it had, if it can be had. Return: -EBUSY: there is one. */
static int make_device(struct attaching *a)
{
	int err = 0;

	if (index_is_free(a))
		err = ask_number(a->file, TUNSETIFINDEX, le32_to_cpu(a->rec->index));
	if (!err)
		err = attach(a, a->file, IFF_TUN_EXCL);
	a->made = !err;
	return err;
}

/* ---- undone ------------------------------------------------------------------------------ */

/* Of one that goes with nobody, when nobody has changed it yet. */
static void note_settings(const struct attaching *a)
{
	const struct ckpt_tun_struct *tun;
	struct undo *undo = a->item->priv;

	rtnl_lock();
	tun = ckpt_tun_attached(a->file);
	if (tun) {
		undo->header = tun->vnet_hdr_sz;
		undo->order = tun->flags & ORDER;
		undo->debug = tun->msg_enable;
		undo->offload = tun->set_features;
		undo->wanted = tun->dev->wanted_features;
		undo->filter = tun->txflt;
	}
	undo->settings = tun;
	rtnl_unlock();
}

/* As tun does it: who looks has no lock. */
static void put_filter(struct ckpt_tap_filter *to, const struct ckpt_tap_filter *from)
{
	WRITE_ONCE(to->count, 0);
	/* Who sees any of the new ones sees that there are none. */
	smp_wmb();
	memcpy(to->mask, from->mask, sizeof(to->mask));
	memcpy(to->addr, from->addr, sizeof(to->addr));
	/* Who sees how many there are sees them. */
	smp_wmb();
	WRITE_ONCE(to->count, from->count);
}

static void put_settings(struct file *file, const struct undo *undo)
{
	struct ckpt_tun_struct *tun;

	rtnl_lock();
	tun = ckpt_tun_attached(file);
	if (tun) {
		tun->vnet_hdr_sz = undo->header;
		tun->flags = (tun->flags & ~ORDER) | undo->order;
		tun->msg_enable = undo->debug;
		put_filter(&tun->txflt, &undo->filter);
		tun->set_features = undo->offload;
		tun->dev->wanted_features = undo->wanted;
		netdev_update_features(tun->dev);
	}
	rtnl_unlock();
}

/* A device that is not to last goes with its descriptors, whoever holds them still. */
void ckpt_tun_end(struct ckpt_item *item, bool failed)
{
	struct undo *undo = item->priv;

	item->priv = NULL;
	if (undo && failed && undo->lasts)
		vfs_ioctl(item->made, TUNSETPERSIST, 0);
	if (undo && failed && undo->settings)
		put_settings(item->made, undo);
	kfree(undo);
}

/* ---- the first of a device ---------------------------------------------------------------- */

/* Has another one a descriptor of the device? To one of several queues we could be attached. */
static bool is_used(const struct attaching *a)
{
	const struct ckpt_tun_struct *tun;
	const struct net_device *dev;
	bool used = false;

	rtnl_lock();
	dev = __dev_get_by_name(a->net, a->rec->name);
	if (dev && dev->rtnl_link_ops && !strcmp(dev->rtnl_link_ops->kind, "tun")) {
		tun = netdev_priv(dev);
		used = tun->numqueues || tun->numdisabled;
	}
	rtnl_unlock();
	return used;
}

/* It may have gone, and be one that we have made; that does not last yet. */
static int check_existing(const struct attaching *a)
{
	const struct ckpt_tun_struct *tun;
	int err = 0;

	rtnl_lock();
	tun = ckpt_tun_attached(a->file);
	if (!tun || !(tun->flags & IFF_PERSIST))
		err = -EBUSY;
	else if (tun->dev->type != le32_to_cpu(a->rec->type))
		err = -EINVAL;
	rtnl_unlock();
	return err;
}

static int use_device(struct attaching *a)
{
	int err;

	if (is_used(a))
		return failed(a, "is in use", -EBUSY);
	err = ask_number(a->file, TUNSETIFINDEX, 0) ?: attach(a, a->file, 0);
	if (!err)
		err = check_existing(a);
	if (!err)
		note_settings(a);
	return err ? failed(a, "cannot be attached to", err) : 0;
}

static int attach_first(struct attaching *a)
{
	int err = -EBUSY;

	if (!has_flag(a, CKPT_TUN_THERE))
		err = make_device(a);
	else if (ckpt_device_index(a->net, a->rec->name) <= 0)
		return failed(a, "has to be there, for not all that it had was saved", -ENODEV);
	if (err && err != -EBUSY)
		return failed(a, "cannot be made", err);
	return err ? use_device(a) : 0;
}

static int attach_queue(struct attaching *a, struct ckpt_item *item)
{
	const struct ckpt_tun *rec = ckpt_item_body(item, CKPT_REC_TUN);
	int err = 0;

	if (item != a->item)
		err = attach(a, item->made, 0);
	if (!err && le32_to_cpu(rec->flags) & CKPT_TUN_DETACHED)
		err = detach(item->made);
	return err ? failed(a, "cannot have another queue", err) : 0;
}

/* Of that name, with our queues and no others, each in its place? */
static bool is_ours(const struct attaching *a)
{
	const struct ckpt_tun_struct *tun = ckpt_tun_attached(a->file);
	u32 i;

	ASSERT_RTNL();
	if (!tun || strcmp(tun->dev->name, a->rec->name) ||
	    tun->numqueues + tun->numdisabled != a->nr)
		return false;
	for (i = 0; i < a->nr; i++) {
		const struct ckpt_tun_file *tfile = ckpt_tun_of(a->queues[i]->made);

		if (rcu_access_pointer(tfile->tun) != tun)
			return false;
		if (i < tun->numqueues && tfile->queue_index != i)
			return false;
	}
	return true;
}

static int attach_queues(struct attaching *a)
{
	bool ours;
	int err = attach_first(a);
	u32 i;

	for (i = 0; !err && i < a->nr; i++) {
		err = fatal_signal_pending(current) ? -EINTR : attach_queue(a, a->queues[i]);
		cond_resched();
	}
	if (err)
		return err;
	rtnl_lock();
	ours = is_ours(a);
	rtnl_unlock();
	return ours ? 0 : failed(a, "has been changed by another", -EBUSY);
}

/* ---- what descriptors set ---------------------------------------------------------------- */

#define NR_HASHES	64

/* As tun does it. */
static u32 hash_of(const u8 addr[ETH_ALEN])
{
	return ether_crc(ETH_ALEN, addr) >> 26;
}

/*
 * Addresses of groups with these hashes. There are all of them among those that begin with
 * the same five bytes. Return: how many.
 */
static u32 find_groups(u64 hashes, u8 (*addr)[ETH_ALEN])
{
	u8 group[ETH_ALEN] = { 0x01, 0x00, 0x5e };
	u32 nr = 0, last;

	for (last = 0; hashes && last < 256; last++) {
		group[5] = last;
		if (!(hashes & BIT_ULL(hash_of(group))))
			continue;
		hashes &= ~BIT_ULL(hash_of(group));
		memcpy(addr[nr++], group, ETH_ALEN);
	}
	return nr;
}

/* What is hashed are the addresses behind the exact ones. */
static int set_filter(const struct attaching *a)
{
	/* As struct tun_filter, with room for them. */
	struct {
		u16 flags;
		u16 count;
		u8 addr[CKPT_TUN_EXACT + NR_HASHES][ETH_ALEN];
	} filter = {};
	u32 exact = le32_to_cpu(a->rec->exact);
	u64 hashed = le64_to_cpu(a->rec->hashed);

	static_assert(offsetof(typeof(filter), addr) == offsetof(struct tun_filter, addr));
	if (le32_to_cpu(a->rec->kind) != CKPT_TUN_ETHERNET)
		return 0;
	filter.count = exact;
	memcpy(filter.addr, a->rec->filter, sizeof(a->rec->filter));
	if (hashed == U64_MAX)
		filter.flags = TUN_FLT_ALLMULTI;
	else
		filter.count += find_groups(hashed, filter.addr + CKPT_TUN_EXACT);
	return ask(a->file, TUNSETTXFILTER, &filter, sizeof(filter));
}

static unsigned long offloads(const struct attaching *a)
{
	u32 image = le32_to_cpu(a->rec->offload);

	return (image & CKPT_TUN_CSUM ? TUN_F_CSUM : 0) |
	       (image & CKPT_TUN_TSO4 ? TUN_F_TSO4 : 0) |
	       (image & CKPT_TUN_TSO6 ? TUN_F_TSO6 : 0) |
	       (image & CKPT_TUN_TSO_ECN ? TUN_F_TSO_ECN : 0) |
	       (image & CKPT_TUN_USO ? TUN_F_USO4 | TUN_F_USO6 : 0);
}

/* Kernels that have but one order of bytes say so to who asks for the other. */
static int set_order(const struct attaching *a)
{
	int err = ask_number(a->file, TUNSETVNETLE, !!has_flag(a, CKPT_TUN_LE)), big;

	if (err)
		return err;
	big = ask_number(a->file, TUNSETVNETBE, !!has_flag(a, CKPT_TUN_BE));
	return big == -EINVAL && !has_flag(a, CKPT_TUN_BE) ? 0 : big;
}

static int set_up(const struct attaching *a)
{
	int err = ask_number(a->file, TUNSETVNETHDRSZ, le32_to_cpu(a->rec->header));

	if (!err)
		err = set_order(a);
	if (!err && has_flag(a, CKPT_TUN_ASKED))
		err = ask_plain(a->file, TUNSETOFFLOAD, offloads(a));
	if (!err)
		err = set_filter(a);
	if (!err)
		err = ask_plain(a->file, TUNSETDEBUG, le32_to_cpu(a->rec->debug));
	return err ? failed(a, "cannot be as it was", err) : 0;
}

/* No call sets these, or of one alone. */
static void set_numbers(struct ckpt_item *item)
{
	const struct ckpt_tun *rec = ckpt_item_body(item, CKPT_REC_TUN);
	struct file *file = item->made;

	file->f_pos = le32_to_cpu(rec->last);
	WRITE_ONCE(ckpt_tun_of(file)->sk.sk_sndbuf, le32_to_cpu(rec->sndbuf));
}

/* ---- a new device ------------------------------------------------------------------------ */

static int set_owner(const struct attaching *a)
{
	int err = 0;

	if (has_flag(a, CKPT_TUN_OWNER))
		err = ask_plain(a->file, TUNSETOWNER, le32_to_cpu(a->rec->owner));
	if (!err && has_flag(a, CKPT_TUN_GROUP))
		err = ask_plain(a->file, TUNSETGROUP, le32_to_cpu(a->rec->group));
	return err;
}

/* Its hardware address is set first, as long as it is one of Ethernet. */
static int set_type(const struct attaching *a)
{
	u32 usual = le32_to_cpu(a->rec->kind) == CKPT_TUN_ETHERNET ? ARPHRD_ETHER : ARPHRD_NONE;
	u32 type = le32_to_cpu(a->rec->type);

	return type == usual ? 0 : ask_plain(a->file, TUNSETLINK, type);
}

static void get_link(const struct attaching *a, struct ckpt_tun_link *link)
{
	struct ckpt_view view;

	/* Its check has found it there. */
	ckpt_find(a->item->bytes, a->item->size, CKPT_REC_TUN_DEVICE, &view);
	link->rec = a->rec;
	link->addr = view.elems;
	link->nr = view.count;
	link->index = ckpt_device_index(a->net, a->rec->name);
}

static int prepare(const struct attaching *a)
{
	struct ckpt_tun_link link;
	int err;

	if (!a->made)
		return 0;
	get_link(a, &link);
	err = min(link.index, 0) ?: ckpt_tun_link_prepare(&link);
	if (!err)
		err = set_type(a);
	return err ? failed(a, "cannot be made as it was", err) : 0;
}

static int make_last(const struct attaching *a)
{
	struct undo *undo = a->item->priv;
	int err = ask_plain(a->file, TUNSETPERSIST, 1);

	undo->lasts = !err;
	return err;
}

static int start(const struct attaching *a)
{
	struct ckpt_tun_link link;
	int err = 0;

	if (a->made && has_flag(a, CKPT_TUN_UNREADY))
		err = ask_number(a->file, TUNSETCARRIER, 0);
	if (!err && a->made) {
		get_link(a, &link);
		err = min(link.index, 0) ?: ckpt_tun_link_start(&link);
	}
	if (!err && has_flag(a, CKPT_TUN_NO_CARRIER))
		err = ask_number(a->file, TUNSETCARRIER, 0);
	if (!err && a->made)
		err = set_owner(a);
	if (!err && a->made && has_flag(a, CKPT_TUN_PERSIST))
		err = make_last(a);
	return err ? failed(a, "cannot be started as it was", err) : 0;
}

/* ---- all of it --------------------------------------------------------------------------- */

/* Who takes part comes first. */
static int check_places(const struct attaching *a)
{
	bool detached = false;
	u32 i;

	for (i = 0; i < a->nr; i++) {
		const struct ckpt_tun *rec;

		if (!a->queues[i])
			return failed(a, "lacks a queue", -EUCLEAN);
		rec = ckpt_item_body(a->queues[i], CKPT_REC_TUN);
		if (detached && !rec->flags)
			return failed(a, "has queues in the wrong order", -EUCLEAN);
		detached = le32_to_cpu(rec->flags) & CKPT_TUN_DETACHED;
	}
	return 0;
}

static int restore_device(struct ckpt_restore *r, struct ckpt_item *item,
			  struct ckpt_item **queues)
{
	struct attaching a = {
		.r = r,
		.item = item,
		.rec = ckpt_item_body(item, CKPT_REC_TUN_DEVICE),
		.file = item->made,
		.queues = queues,
	};
	struct undo *undo = kzalloc(sizeof(*undo), GFP_KERNEL_ACCOUNT);
	int err;
	u32 i;

	item->priv = undo;
	if (!undo)
		return -ENOMEM;
	a.net = sock_net(&ckpt_tun_of(a.file)->sk);
	a.nr = le32_to_cpu(a.rec->queues);
	err = check_places(&a);
	if (!err)
		err = attach_queues(&a);
	if (!err)
		err = prepare(&a);
	if (!err)
		err = set_up(&a);
	for (i = 0; !err && i < a.nr; i++) {
		set_numbers(queues[i]);
		err = ckpt_tun_queue_fill(r, queues[i]);
	}
	return err ?: start(&a);
}

static int restore_unattached(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_tun *rec = ckpt_item_body(item, CKPT_REC_TUN);
	int err;

	set_numbers(item);
	if (!rec->index)
		return 0;
	err = ask_number(item->made, TUNSETIFINDEX, le32_to_cpu(rec->index));
	if (err)
		ckpt_restore_err(r, item, "its device cannot have index %u: %pe",
				 le32_to_cpu(rec->index), ERR_PTR(err));
	return err;
}

/* For each device, its descriptors by their places: in the first one's priv. */
static int sort_queues(struct ckpt_restore *r, struct xarray *items)
{
	struct ckpt_item *item;
	unsigned long id;

	xa_for_each(items, id, item) {
		const struct ckpt_tun *rec = ckpt_item_body(item, CKPT_REC_TUN);
		struct ckpt_item *first = ckpt_item(ckpt_restore_img(r), CKPT_TYPE_TUN,
						    le64_to_cpu(rec->first));
		const struct ckpt_tun_device *device;
		struct ckpt_item **queues;

		cond_resched();
		if (!first)
			continue;
		if (!first->priv) {
			device = ckpt_item_body(first, CKPT_REC_TUN_DEVICE);
			first->priv = kcalloc(le32_to_cpu(device->queues), sizeof(*queues),
					      GFP_KERNEL_ACCOUNT);
		}
		queues = first->priv;
		if (!queues)
			return -ENOMEM;
		if (queues[le32_to_cpu(rec->place)]) {
			ckpt_restore_err(r, item, "another descriptor has its place");
			return -EUCLEAN;
		}
		queues[le32_to_cpu(rec->place)] = item;
	}
	return 0;
}

int ckpt_tun_attach_all(struct ckpt_restore *r)
{
	struct xarray *items = &ckpt_restore_img(r)->items[CKPT_TYPE_TUN];
	struct ckpt_item *item;
	unsigned long id;
	int err = sort_queues(r, items);

	xa_for_each(items, id, item) {
		const struct ckpt_tun *rec = ckpt_item_body(item, CKPT_REC_TUN);
		struct ckpt_item **queues = item->priv;

		/* From now on it tells what is to be undone. */
		item->priv = NULL;
		if (!err && queues)
			err = restore_device(r, item, queues);
		else if (!err && !rec->first)
			err = restore_unattached(r, item);
		kfree(queues);
		cond_resched();
	}
	return err;
}
