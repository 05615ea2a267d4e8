// SPDX-License-Identifier: GPL-2.0-only
/*
 * epoll_create(2): open files that are watched, and which of them are ready.
 *
 * An item is kept by epoll_ctl(2)'s arguments: the file, the number that it had
 * then, events, data. What it has still to report is kept as well: with
 * EPOLLET an event that was reported is not reported again, though the file is
 * still ready, and with EPOLLONESHOT nothing is until it is armed. The order
 * of those that are ready is that of the items in the image.
 *
 * A watched file need not be open under that number, or any. It is watched by
 * the struct file; no reference is held. A signalfd is watched for the signals
 * of the process that added it: its sighand_struct.
 *
 * eventpoll.mtx protects the items and eventpoll.lock who is on the ready
 * list. Files are asked for events with neither held: some are epolls.
 */
#include "../object.h"

#define MOST_DEPTH	8	/* of epolls that watch epolls; the kernel allows 5 */

static const struct ckpt_epoll *epoll_record(const struct ckpt_check *chk, u64 id)
{
	struct ckpt_view view;
	const void *bytes;
	u64 size = 0;

	bytes = chk->bytes(chk->priv, CKPT_TYPE_EPOLL, id, &size);
	return bytes && ckpt_find(bytes, size, CKPT_REC_EPOLL, &view) ? view.body : NULL;
}

/* An epoll watches such of a smaller depth only: so there are no circles. */
static int check_item(const struct ckpt_check *chk, u32 depth,
		      const struct ckpt_epoll_item *item)
{
	const struct ckpt_epoll *other = epoll_record(chk, le64_to_cpu(item->file));

	if (!item->file)
		return ckpt_bad(chk, "an item without a file");
	if (other && le32_to_cpu(other->depth) >= depth)
		return ckpt_bad(chk, "epolls that watch each other");
	return 0;
}

static int epoll_check(const struct ckpt_check *chk, u64 id,
		       const void *bytes, size_t size)
{
	const struct ckpt_epoll *rec;
	struct ckpt_view view;
	int ret;
	u32 i;

	ret = ckpt_check_unnamed(chk, bytes, size, CKPT_O_RDWR);
	if (!ret)
		ret = ckpt_check_once(chk, bytes, size, CKPT_REC_EPOLL, &view);
	if (ret)
		return ret;
	rec = view.body;
	if (le32_to_cpu(rec->depth) > MOST_DEPTH)
		return ckpt_bad(chk, "too deep");
	for (i = 0; !ret && i < view.count; i++)
		ret = check_item(chk, le32_to_cpu(rec->depth),
				 (const struct ckpt_epoll_item *)view.elems + i);
	return ret;
}

#ifdef __KERNEL__

#include <linux/bsearch.h>
#include <linux/device.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/poll.h>
#include <linux/rbtree.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <asm/unistd.h>

#include "../checkpointfs.h"
#include "../compat/ksyms.h"
#include "../compat/private.h"
#include "../procfs.h"

/* Bits of an item's events that are no events. */
#define MODE_BITS	((__force u32)(EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE))

static bool epoll_match(struct file *file)
{
	return file->f_op == ksym_addr(eventpoll_fops);
}

static struct ckpt_eventpoll *eventpoll(const struct file *file)
{
	return file->private_data;
}

static struct ckpt_epitem *first_item(const struct ckpt_eventpoll *ep)
{
	return rb_entry_safe(rb_first_cached(&ep->rbr), struct ckpt_epitem, rbn);
}

static struct ckpt_epitem *next_item(const struct ckpt_epitem *epi)
{
	return rb_entry_safe(rb_next(&epi->rbn), struct ckpt_epitem, rbn);
}

/* ---- saved ------------------------------------------------------------------ */

/**
 * struct watch - an item
 * @file:	referenced while it is collected, then the collection's
 * @fd:		number under which it was added
 * @events:	as epoll_ctl(2) has them
 * @data:	the same
 * @sighand:	of a signalfd: whose signals
 * @rank:	place on the ready list, from 1; 0: it is not there
 * @polled:	the file has events that are watched for
 */
struct watch {
	struct file *file;
	int fd;
	u32 events;
	u64 data;
	const struct sighand_struct *sighand;
	u32 rank;
	bool polled;
};

/**
 * struct watches - the items of an epoll
 * @nr:		how many
 * @depth:	of epolls below, as it is saved; 0: not known yet
 * @items:	in the order of the kernel's tree, then by rank
 */
struct watches {
	u32 nr;
	u32 depth;
	struct watch items[];
};

static int compare(const struct file *file, int fd, const struct file *other, int other_fd)
{
	if (file != other)
		return file < other ? -1 : 1;
	return fd < other_fd ? -1 : fd > other_fd;
}

static int compare_watch(const void *key, const void *elem)
{
	const struct ckpt_epitem *epi = key;
	const struct watch *watch = elem;

	return compare(epi->ffd.file, epi->ffd.fd, watch->file, watch->fd);
}

/* Whose signals a signalfd is watched for: its only wait queue is theirs. */
static const struct sighand_struct *watched_sighand(const struct ckpt_epitem *epi)
{
	wait_queue_head_t *queue = epi->pwqlist ? epi->pwqlist->whead : NULL;

	return queue ? container_of(queue, struct sighand_struct, signalfd_wqh) : NULL;
}

/* False: the last reference to the file has gone, and so will the item. */
static bool take_item(const struct ckpt_epitem *epi, struct watch *watch)
{
	struct file *file = epi->ffd.file;

	if (!atomic_long_inc_not_zero(&file->f_count))
		return false;
	watch->file = file;
	watch->fd = epi->ffd.fd;
	watch->events = (__force u32)epi->event.events;
	watch->data = epi->event.data;
	if (file->f_op == ksym_addr(signalfd_fops))
		watch->sighand = watched_sighand(epi);
	return true;
}

/* The items, each with a reference to its file, in the order of compare(). */
static struct watches *take_items(struct ckpt_eventpoll *ep)
{
	const struct ckpt_epitem *epi;
	struct watches *w;
	u32 nr = 0;

	guard(mutex)(&ep->mtx);
	for (epi = first_item(ep); epi; epi = next_item(epi))
		nr++;
	w = kvzalloc(struct_size(w, items, nr), GFP_KERNEL_ACCOUNT);
	if (!w)
		return NULL;
	for (epi = first_item(ep); epi; epi = next_item(epi))
		w->nr += take_item(epi, &w->items[w->nr]);
	return w;
}

/* After the files have been asked: what they tell by then has been noted here. */
static void rank_items(struct ckpt_eventpoll *ep, struct watches *w)
{
	const struct ckpt_epitem *epi;
	struct watch *watch;
	u32 rank = 0;

	guard(mutex)(&ep->mtx);
	guard(spinlock_irq)(&ep->lock);
	list_for_each_entry(epi, &ep->rdllist, rdllink) {
		watch = bsearch(epi, w->items, w->nr, sizeof(*watch), compare_watch);
		if (watch)
			watch->rank = ++rank;
	}
}

/*
 * An epoll would forget, when asked by us, the signals that it waits for on
 * behalf of others; a signalfd tells of ours; and a file of procfs would forget that
 * something has happened.
 */
static bool has_events(struct file *file, u32 events)
{
	if (ckpt_proc_is(file_dentry(file)))
		return false;
	if (epoll_match(file))
		return !list_empty_careful(&eventpoll(file)->rdllist);
	if (file->f_op == ksym_addr(signalfd_fops))
		return false;
	return vfs_poll(file, NULL) & (__force __poll_t)events;
}

static int collect_watch(struct ckpt_collect *c, const struct ckpt_object *obj,
			 struct watch *watch)
{
	struct ckpt_object *target;
	char who[CKPT_WHO_MAX] = "";

	/* To be named if it is refused; to search for a name takes its time. */
	if (!ckpt_file_known(c, watch->file))
		ckpt_who(c, obj->ptr, who, sizeof(who));
	target = ckpt_collect_file(c, watch->file, "%s, watching fd %d", who, watch->fd);
	if (IS_ERR(target))
		return PTR_ERR(target) == -EOPNOTSUPP ? 0 : PTR_ERR(target);
	/* It is no reference: who has them must be of the container all the same. */
	target->refs--;
	target->has_fd = true;
	/* Of one that is replaced nothing has been reported. */
	if (watch->events & (__force u32)EPOLLET && target->ops->type != CKPT_TYPE_EXTERNAL)
		watch->polled = has_events(watch->file, watch->events);
	return 0;
}

static bool is_busy_polling(const struct ckpt_eventpoll *ep)
{
#ifdef CONFIG_NET_RX_BUSY_POLL
	return ep->busy_poll_usecs || ep->busy_poll_budget || ep->prefer_busy_poll;
#else
	return false;
#endif
}

/* All signalfds of an epoll are added again by one process. */
static const char *obstacle(struct ckpt_collect *c, const struct ckpt_eventpoll *ep,
			    const struct watches *w)
{
	const struct sighand_struct *sighand = NULL;
	u32 i;

	if (is_busy_polling(ep))
		return "busy polling";
	for (i = 0; i < w->nr; i++) {
		const struct watch *watch = &w->items[i];

		if (watch->file->f_op != ksym_addr(signalfd_fops))
			continue;
		if (!ckpt_id(c, CKPT_TYPE_SIGHAND, watch->sighand))
			return "watching for signals of a process outside";
		if (sighand && sighand != watch->sighand)
			return "watching for signals of several processes";
		sighand = watch->sighand;
	}
	return NULL;
}

static int epoll_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct ckpt_eventpoll *ep = eventpoll(obj->ptr);
	struct watches *w = take_items(ep);
	char who[CKPT_WHO_MAX];
	const char *why;
	int err = 0;
	u32 i;

	if (!w)
		return -ENOMEM;
	obj->priv = w;
	why = obstacle(c, ep, w);
	if (why)
		ckpt_refuse(c, "%s: %s (epoll) cannot be saved",
			    ckpt_who(c, obj->ptr, who, sizeof(who)), why);
	for (i = 0; i < w->nr; i++) {
		err = err ?: collect_watch(c, obj, &w->items[i]);
		cond_resched();
	}
	rank_items(ep, w);
	for (i = 0; i < w->nr; i++)
		fput(w->items[i].file);
	return err ?: ckpt_file_collect(c, obj);
}

static void epoll_release(struct ckpt_object *obj)
{
	kvfree(obj->priv);
}

/*
 * The kernel allows few epolls on top of each other, and no circles. They have been looked at
 * one after the other, though: who has got hold of them may have made one of that.
 *
 * Return: that, more than @most: too much.
 */
static u32 depth_of(struct ckpt_collect *c, struct ckpt_object *obj, u32 most)
{
	struct watches *w = obj->priv;
	struct ckpt_object *below;
	u32 i, depth = 0;

	if (w->depth || !most)
		return w->depth ?: 1;
	for (i = 0; depth < most && i < w->nr; i++) {
		below = ckpt_lookup(c, CKPT_TYPE_EPOLL, w->items[i].file);
		if (below)
			depth = max(depth, depth_of(c, below, most - 1));
	}
	if (depth < most)
		w->depth = depth + 1;
	return depth + 1;
}

static bool is_disarmed(u32 events)
{
	return !(events & ~MODE_BITS);
}

static void save_item(struct ckpt_collect *c, const struct watch *watch,
		      struct ckpt_epoll_item *rec)
{
	u32 flags = 0;

	if (watch->rank)
		flags |= CKPT_EPOLL_READY;
	else if (watch->polled)
		flags |= CKPT_EPOLL_REPORTED;
	rec->file = cpu_to_le64(ckpt_file_id(c, watch->file));
	rec->data = cpu_to_le64(watch->data);
	rec->fd = cpu_to_le32(watch->fd);
	rec->events = cpu_to_le32(watch->events);
	rec->flags = cpu_to_le32(flags);
}

static int epoll_save(struct ckpt_collect *c, struct ckpt_object *obj,
		      struct ckpt_writer *w)
{
	u32 depth = depth_of(c, obj, MOST_DEPTH), i, ranked = 0, last = 0;
	const struct watches *watches = obj->priv;
	struct ckpt_epoll_item *rec;
	struct ckpt_epoll *epoll;
	int err;

	if (depth > MOST_DEPTH)
		return -EAGAIN;
	err = ckpt_file_save(c, obj, w);
	if (err)
		return err;
	epoll = ckpt_add(w, CKPT_REC_EPOLL, watches->nr);
	if (!epoll)
		return w->error;
	epoll->depth = cpu_to_le32(depth);
	rec = ckpt_elems(epoll);
	for (i = 0; i < watches->nr; i++)
		ranked += !!watches->items[i].rank;
	for (i = 0; i < watches->nr; i++) {
		const struct watch *watch = &watches->items[i];

		if (watch->sighand)
			epoll->sighand = cpu_to_le64(ckpt_id(c, CKPT_TYPE_SIGHAND,
							     watch->sighand));
		save_item(c, watch, rec + (watch->rank ? watch->rank - 1 : ranked + last++));
	}
	return 0;
}

/* ---- made again --------------------------------------------------------------- */

static int compare_node(const void *key, const struct rb_node *node)
{
	const struct ckpt_epoll_filefd *ffd = key;
	const struct ckpt_epitem *epi = rb_entry(node, struct ckpt_epitem, rbn);

	return compare(ffd->file, ffd->fd, epi->ffd.file, epi->ffd.fd);
}

static struct ckpt_epitem *find_item(struct ckpt_eventpoll *ep, struct file *file, int fd)
{
	struct ckpt_epoll_filefd ffd = { .file = file, .fd = fd };
	struct rb_node *node;

	lockdep_assert_held(&ep->mtx);
	node = rb_find(&ffd, &ep->rbr.rb_root, compare_node);
	return rb_entry_safe(node, struct ckpt_epitem, rbn);
}

static void unready(struct ckpt_epitem *epi)
{
	list_del_init(&epi->rdllink);
	if (epi->event.events & EPOLLWAKEUP)
		__pm_relax(rcu_dereference_raw(epi->ws));
}

/* What epoll_ctl(2) cannot say: that it has nothing to report for now. */
static void settle(struct ckpt_eventpoll *ep, struct file *file,
		   const struct ckpt_epoll_item *rec)
{
	u32 events = le32_to_cpu(rec->events);
	struct ckpt_epitem *epi;

	guard(mutex)(&ep->mtx);
	epi = find_item(ep, file, le32_to_cpu(rec->fd));
	if (!epi)
		return;
	guard(spinlock_irq)(&ep->lock);
	if (is_disarmed(events))
		epi->event.events = (__force __poll_t)events;
	else if (!(le32_to_cpu(rec->flags) & CKPT_EPOLL_REPORTED))
		return;
	unready(epi);
}

/*
 * In a table of descriptors that nobody needs yet: the number under which a
 * file is added is a part of the item.
 */
static int add(struct file *epoll, struct file *file, const struct ckpt_epoll_item *rec)
{
	struct epoll_event event = {
		.events = (__force __poll_t)le32_to_cpu(rec->events),
		.data = le64_to_cpu(rec->data),
	};
	int fd = le32_to_cpu(rec->fd), epfd = !fd, err;

	err = ksym(replace_fd)(epfd, epoll, 0);
	if (!err)
		err = ksym(replace_fd)(fd, file, 0);
	if (!err)
		err = ksym(do_epoll_ctl)(epfd, EPOLL_CTL_ADD, fd, &event, false);
	/* Without the right to keep the machine awake it is ignored. */
	if (!err && le32_to_cpu(rec->events) & ~(__force u32)event.events)
		err = -EPERM;
	close_fd(fd);
	close_fd(epfd);
	return err;
}

static int add_item(struct ckpt_restore *r, struct ckpt_item *item, struct file *epoll,
		    const struct ckpt_epoll_item *rec)
{
	struct file *file = ckpt_restored_file(r, le64_to_cpu(rec->file));
	int err;

	if (IS_ERR(file))
		return PTR_ERR(file);
	err = add(epoll, file, rec);
	if (err)
		ckpt_restore_err(r, item, "file %llu cannot be watched: %pe",
				 le64_to_cpu(rec->file), ERR_PTR(err));
	else
		settle(eventpoll(epoll), file, rec);
	return err;
}

static u64 need_fds(const struct ckpt_view *view)
{
	const struct ckpt_epoll_item *rec = view->elems;
	u64 need = 2;
	u32 i;

	for (i = 0; i < view->count; i++)
		need = max_t(u64, need, le32_to_cpu(rec[i].fd) + 1ULL);
	return need;
}

static int add_items(struct ckpt_restore *r, struct ckpt_item *item, struct file *epoll)
{
	const struct ckpt_epoll_item *rec;
	struct ckpt_view view;
	int err;
	u32 i;

	/* Its check has found it there. */
	if (!ckpt_find(item->bytes, item->size, CKPT_REC_EPOLL, &view))
		return -EUCLEAN;
	rec = view.elems;
	err = ckpt_fdtable_room(r, item, need_fds(&view));
	for (i = 0; !err && i < view.count; i++) {
		err = add_item(r, item, epoll, rec + i);
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err;
}

static void *epoll_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	return ckpt_file_from_fd(r, item, ckpt_syscall(__NR_epoll_create1, 0, 0, 0, 0, 0, 0));
}

static u32 depth_in(const struct ckpt_item *item)
{
	const struct ckpt_epoll *rec = ckpt_item_body(item, CKPT_REC_EPOLL);

	return le32_to_cpu(rec->depth);
}

/*
 * One that is in flight is made before the queues of all sockets have been filled, which it
 * would take for news. Those that are watched by others come before them, for the same
 * reason.
 */
static int epoll_complete(struct ckpt_restore *r)
{
	struct xarray *items = &ckpt_restore_img(r)->items[CKPT_TYPE_EPOLL];
	struct ckpt_item *item;
	unsigned long id;
	u32 depth;
	int err;

	for (depth = 0; depth <= MOST_DEPTH; depth++) {
		xa_for_each(items, id, item) {
			err = depth_in(item) == depth ? add_items(r, item, item->made) : 0;
			if (err)
				return err;
			cond_resched();
		}
	}
	return 0;
}

/* ---- signals -------------------------------------------------------------------- */

static u64 epoll_sighand(const struct ckpt_item *item)
{
	const struct ckpt_epoll *rec = ckpt_item_body(item, CKPT_REC_EPOLL);

	return le64_to_cpu(rec->sighand);
}

/* The first new task has added it, as one that waits for its own signals. */
static void wait_for_own(struct ckpt_epitem *epi)
{
	struct ckpt_eppoll_entry *pwq = epi->pwqlist;
	wait_queue_head_t *own = &current->sighand->signalfd_wqh;

	if (!pwq || !pwq->whead)
		return;
	remove_wait_queue(pwq->whead, &pwq->wait);
	if (epi->event.events & EPOLLEXCLUSIVE)
		add_wait_queue_exclusive(own, &pwq->wait);
	else
		add_wait_queue(own, &pwq->wait);
	pwq->whead = own;
}

static void for_signalfds(struct ckpt_restore *r, struct ckpt_item *item,
			  void (*what)(struct ckpt_eventpoll *ep, struct ckpt_epitem *epi,
				       const struct ckpt_epoll_item *rec))
{
	struct ckpt_eventpoll *ep = eventpoll(item->made);
	const struct ckpt_epoll_item *rec;
	struct ckpt_epitem *epi;
	struct ckpt_view view;
	u32 i;

	ckpt_find(item->bytes, item->size, CKPT_REC_EPOLL, &view);
	rec = view.elems;
	guard(mutex)(&ep->mtx);
	for (i = 0; i < view.count; i++, rec++) {
		struct file *file = ckpt_restored_file(r, le64_to_cpu(rec->file));

		if (file->f_op != ksym_addr(signalfd_fops))
			continue;
		epi = find_item(ep, file, le32_to_cpu(rec->fd));
		if (epi)
			what(ep, epi, rec);
	}
}

static void move_item(struct ckpt_eventpoll *ep, struct ckpt_epitem *epi,
		      const struct ckpt_epoll_item *rec)
{
	wait_for_own(epi);
}

static void settle_item(struct ckpt_eventpoll *ep, struct ckpt_epitem *epi,
			const struct ckpt_epoll_item *rec)
{
	guard(spinlock_irq)(&ep->lock);
	if (epi->event.events & EPOLLET && !(le32_to_cpu(rec->flags) & CKPT_EPOLL_READY))
		unready(epi);
}

/*
 * In a task of the process whose signals it waits for; they are pending by
 * now. As if one had just come, all look whether they have events.
 */
static int epoll_bind(struct ckpt_restore *r, struct ckpt_item *item)
{
	for_signalfds(r, item, move_item);
	wake_up(&current->sighand->signalfd_wqh);
	for_signalfds(r, item, settle_item);
	return 0;
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_epoll_ops = {
	.type = CKPT_TYPE_EPOLL,
	.name = "epoll",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE,
	.records = { CKPT_REC_FILE, CKPT_REC_EPOLL },
	.max_size = (32 << 20) + 4096,
	.check = epoll_check,
	CKPT_KERNEL(.match = epoll_match,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = epoll_collect, .save = epoll_save,
		    .release = epoll_release,
		    .restore = epoll_restore, .complete = epoll_complete,
		    .drop = ckpt_file_put,
		    .sighand = epoll_sighand, .bind = epoll_bind)
};
