// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptors of /dev/net/tun: those that are attached to a network device of tun or tap,
 * and those that are not. The first of a device has the device as well (tundevice.c);
 * packets that nobody has read are copied when a descriptor is collected (tunqueue.c),
 * what comes afterwards is lost.
 *
 * Opened again by its path, and attached when all are open (tunmake.c). tun may be a
 * module, whose symbols a module that does without it cannot name: so a
 * descriptor is known by the number of its device and by its operations' owner. What no
 * call tells of is read from struct tun_file and struct tun_struct (compat/private_net.h), with
 * rtnl held where others could change it.
 *
 * Refused: other network namespaces, eBPF programs, filters, queues of a device that
 * are outside; and of a device that goes with its descriptors, what it
 * could not have again. Not kept: what a device has counted, whose socket it is (sk_uid),
 * timestamps of packets.
 */
#include "../object.h"

#ifdef __KERNEL__

#include <linux/file.h>
#include <linux/if_tun.h>
#include <linux/kdev_t.h>
#include <linux/major.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/sock.h>

#include "../checkpointfs.h"
#include "../tun.h"

/**
 * struct tun_saved - obj->priv of a descriptor
 * @path:	that it was opened by
 * @queue:	packets, or NULL
 * @device:	that it was attached to when it was collected; never looked into
 * @place:	that it has there, as the others of that device have theirs at the same time
 * @detached:	it takes no part there
 */
struct tun_saved {
	char *path;
	struct ckpt_inet_queue *queue;
	const void *device;
	u32 place;
	bool detached;
};

static bool is_device(const struct file *file)
{
	const struct inode *inode = file_inode(file);

	static_assert(CKPT_TUN_MAJOR == MISC_MAJOR && CKPT_TUN_MINOR == TUN_MINOR);
	return S_ISCHR(inode->i_mode) && !(file->f_mode & FMODE_PATH) &&
	       inode->i_rdev == MKDEV(MISC_MAJOR, TUN_MINOR);
}

static bool tun_match(struct file *file)
{
	struct module *owner = file->f_op->owner;

	if (!is_device(file))
		return false;
	if (IS_BUILTIN(CONFIG_TUN))
		return !owner;
	return IS_MODULE(CONFIG_TUN) && owner && !strcmp(module_name(owner), "tun");
}

static struct fasync_struct *tun_async(struct file *file)
{
	return READ_ONCE(ckpt_tun_of(file)->fasync);
}

/* ---- saved ------------------------------------------------------------------------------ */

static const char *obstacle(const struct file *file)
{
	const struct ckpt_tun_struct *tun = ckpt_tun_attached(file);
	const struct ckpt_tun_file *tfile = ckpt_tun_of(file);
	const char *why;

	if (sock_net(&tfile->sk) != current->nsproxy->net_ns)
		return "a tun device of another network namespace";
	if (!tun)
		return NULL;
	if (tfile->napi_enabled != !!(tun->flags & IFF_NAPI) ||
	    tfile->napi_frags_enabled != !!(tun->flags & IFF_NAPI_FRAGS))
		return "a queue of a tun device with IFF_NAPI unlike others";
	why = ckpt_tun_obstacle(tun);
	/* One that did not take part when the device lost its filter has it still. */
	if (!why && rcu_access_pointer(tfile->sk.sk_filter))
		why = "a queue of a tun device with a filter";
	return why;
}

static int collect_queue(struct ckpt_collect *c, struct ckpt_object *obj, const char **why)
{
	struct tun_saved *saved = obj->priv;
	struct ckpt_inet_queue *queue = ckpt_tun_queue_copy(ckpt_tun_of(obj->ptr), why);

	if (IS_ERR_OR_NULL(queue))
		return PTR_ERR_OR_ZERO(queue);
	saved->queue = queue;
	return PTR_ERR_OR_ZERO(ckpt_collect_id(c, CKPT_TYPE_UDPDATA, queue, obj->id));
}

static int tun_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct tun_saved *saved = kzalloc(sizeof(*saved), GFP_KERNEL_ACCOUNT);
	const char *why, *queued = NULL;
	struct file *file = obj->ptr;
	char who[CKPT_WHO_MAX];
	char *path;
	int err;

	if (!saved)
		return -ENOMEM;
	obj->priv = saved;
	rtnl_lock();
	saved->device = ckpt_tun_attached(file);
	why = obstacle(file);
	rtnl_unlock();
	if (saved->device) {
		err = collect_queue(c, obj, &queued);
		if (err)
			return err;
	}
	why = why ?: queued;
	if (why)
		ckpt_refuse(c, "%s: %s cannot be saved", ckpt_who(c, file, who, sizeof(who)), why);
	path = ckpt_path_collect(c, file_user_path(file), file, "");
	if (IS_ERR(path))
		return PTR_ERR(path);
	saved->path = path;
	return ckpt_file_collect(c, obj);
}

/* Is a descriptor of it outside of the container? */
static bool has_outsider(struct ckpt_collect *c, const struct ckpt_tun_struct *tun)
{
	const struct ckpt_tun_file *tfile;
	u32 i;

	for (i = 0; i < tun->numqueues; i++) {
		tfile = rtnl_dereference(tun->tfiles[i]);
		if (!ckpt_lookup(c, CKPT_TYPE_TUN, tfile->socket.file))
			return true;
	}
	list_for_each_entry(tfile, &tun->disabled, next)
		if (!ckpt_lookup(c, CKPT_TYPE_TUN, tfile->socket.file))
			return true;
	return false;
}

static bool is_shared(struct ckpt_collect *c, const struct file *file)
{
	const struct ckpt_tun_struct *tun = ckpt_tun_attached(file);

	return tun && has_outsider(c, tun);
}

static void refuse_shared(struct ckpt_collect *c, struct file *file)
{
	char who[CKPT_WHO_MAX];

	ckpt_refuse_shared(c, "%s: its tun device is attached to outside of the container too",
			   ckpt_who(c, file, who, sizeof(who)));
}

static const struct ckpt_tun_file *first_of(const struct ckpt_tun_struct *tun)
{
	if (tun->numqueues)
		return rtnl_dereference(tun->tfiles[0]);
	return list_first_entry(&tun->disabled, struct ckpt_tun_file, next);
}

static u32 place_of(const struct ckpt_tun_struct *tun, const struct ckpt_tun_file *tfile)
{
	u32 place = tun->numqueues;
	const struct list_head *at;

	if (!tfile->detached)
		return tfile->queue_index;
	for (at = tun->disabled.next; at != &tfile->next; at = at->next)
		place++;
	return place;
}

static void note_place(struct ckpt_collect *c, const struct ckpt_tun_struct *tun,
		       const struct ckpt_tun_file *tfile)
{
	const struct ckpt_object *obj = ckpt_lookup(c, CKPT_TYPE_TUN, tfile->socket.file);
	struct tun_saved *saved = obj ? obj->priv : NULL;

	if (!saved)
		return;
	saved->place = place_of(tun, tfile);
	saved->detached = tfile->detached;
}

/* Of all that are attached: who has got hold of one may have it change places at any time. */
static void note_places(struct ckpt_collect *c, const struct ckpt_tun_struct *tun)
{
	const struct ckpt_tun_file *tfile;
	u32 i;

	for (i = 0; i < tun->numqueues; i++)
		note_place(c, tun, rtnl_dereference(tun->tfiles[i]));
	list_for_each_entry(tfile, &tun->disabled, next)
		note_place(c, tun, tfile);
}

static int tun_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	const struct ckpt_tun_struct *tun;
	bool shared;

	rtnl_lock();
	shared = is_shared(c, obj->ptr);
	tun = ckpt_tun_attached(obj->ptr);
	if (tun)
		note_places(c, tun);
	rtnl_unlock();
	if (shared)
		refuse_shared(c, obj->ptr);
	return 0;
}

static int save_queue(struct ckpt_collect *c, struct ckpt_object *obj, struct ckpt_writer *w)
{
	const struct tun_saved *saved = obj->priv;
	const struct ckpt_tun_file *tfile = ckpt_tun_of(obj->ptr);
	const struct ckpt_tun_struct *tun = ckpt_tun_attached(obj->ptr);
	u32 nr = saved->queue ? saved->queue->nr : 0;
	struct ckpt_tun *rec = ckpt_add(w, CKPT_REC_TUN, nr);

	if (!rec)
		return w->error;
	rec->sndbuf = cpu_to_le32(tfile->sk.sk_sndbuf);
	rec->last = cpu_to_le32(((const struct file *)obj->ptr)->f_pos);
	if (nr)
		memcpy(ckpt_elems(rec), saved->queue->elems, nr * sizeof(struct ckpt_tun_packet));
	if (!tun) {
		rec->index = cpu_to_le32(tfile->ifindex);
		return 0;
	}
	if (!!tfile->detached != saved->detached || place_of(tun, tfile) != saved->place)
		return -EAGAIN;
	rec->first = cpu_to_le64(ckpt_id(c, CKPT_TYPE_TUN, first_of(tun)->socket.file));
	rec->flags = cpu_to_le32(saved->detached ? CKPT_TUN_DETACHED : 0);
	rec->place = cpu_to_le32(saved->place);
	return first_of(tun) == tfile ? ckpt_tun_device_save(tun, w) : 0;
}

static int tun_save(struct ckpt_collect *c, struct ckpt_object *obj, struct ckpt_writer *w)
{
	const struct tun_saved *saved = obj->priv;
	int err = ckpt_device_save_as(c, obj, saved->path, w);
	char who[CKPT_WHO_MAX];
	const char *why;
	bool shared;

	if (err)
		return err;
	/*
	 * Whoever administers the device may have changed it since it was looked at, and what
	 * has been saved of its other descriptors tells of it.
	 */
	rtnl_lock();
	why = ckpt_tun_attached(obj->ptr) == saved->device ?
		obstacle(obj->ptr) : "a tun device that is being deleted";
	shared = !why && is_shared(c, obj->ptr);
	if (!why && !shared)
		err = save_queue(c, obj, w);
	rtnl_unlock();
	if (why)
		ckpt_refuse(c, "%s: %s cannot be saved",
			    ckpt_who(c, obj->ptr, who, sizeof(who)), why);
	if (shared)
		refuse_shared(c, obj->ptr);
	return err;
}

static void tun_release(struct ckpt_object *obj)
{
	struct tun_saved *saved = obj->priv;

	if (!saved)
		return;
	ckpt_inet_queue_put(saved->queue);
	kfree(saved->path);
	kfree(saved);
}

/* ---- opened again ------------------------------------------------------------------------ */

static void *tun_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	struct file *file = ckpt_path_open(r, item, ckpt_file_flags(item), NULL);

	if (IS_ERR(file))
		return file;
	if (tun_match(file))
		return ckpt_file_made(r, item, file);
	ckpt_restore_err(r, item, "its path leads to another driver");
	fput(file);
	return ERR_PTR(-ENODEV);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_tun_ops = {
	.type = CKPT_TYPE_TUN,
	.name = "tun descriptor",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE,
	.records = { CKPT_REC_FILE, CKPT_REC_PATH, CKPT_REC_INODE, CKPT_REC_DEVICE,
		     CKPT_REC_TUN, CKPT_REC_TUN_DEVICE },
	.max_size = 4 << 20,
	.check = ckpt_check_tun,
	CKPT_KERNEL(.match = tun_match, .async = tun_async,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = tun_collect, .verify = tun_verify, .save = tun_save,
		    .release = tun_release, .restore = tun_restore,
		    .complete = ckpt_tun_attach_all, .end = ckpt_tun_end,
		    .drop = ckpt_file_put)
};
