// SPDX-License-Identifier: GPL-2.0-only
/*
 * Listeners of seccomp filters: descriptors by which a program answers for the system calls
 * that a filter leaves to it (SECCOMP_RET_USER_NOTIF).
 *
 * Saved are whose listener it is, and what it has been asked for. Not kept: the number of
 * the next notification, which is by chance. A call that waits for an answer is interrupted
 * by the freeze and made again, so that the listener gets another notification of it. One
 * that it has got already, and not answered, is refused before anything is stopped
 * (notified.c): the answer would find nobody.
 *
 * The filter makes its listener, in the first task that gets it (seccomp.c), before
 * objects are made; so it is only taken from there, item->priv, whose owner the item is.
 */
#include "../object.h"

static int listener_check(const struct ckpt_check *chk, u64 id,
			  const void *bytes, size_t size)
{
	const struct ckpt_seccomp *filter;
	const struct ckpt_listener *rec;
	struct ckpt_view view;
	int ret;

	ret = ckpt_check_unnamed(chk, bytes, size, CKPT_O_RDWR);
	if (!ret)
		ret = ckpt_check_once(chk, bytes, size, CKPT_REC_LISTENER, &view);
	if (ret)
		return ret;
	rec = view.body;
	filter = ckpt_check_body(chk, CKPT_TYPE_SECCOMP, le64_to_cpu(rec->filter));
	if (!filter || le32_to_cpu(filter->listener) != id)
		return ckpt_bad(chk, "the listener of no filter, or of one that has another");
	return 0;
}

#ifdef __KERNEL__

#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/seccomp.h>

#include "../checkpointfs.h"
#include "../compat/ksyms.h"
#include "../compat/private.h"

static bool listener_match(struct file *file)
{
	return file->f_op == ksym_addr(seccomp_notify_ops);
}

static struct ckpt_seccomp_filter *filter_of(const struct file *file)
{
	return file->private_data;
}

/*
 * The calls that our stop has interrupted have left the list, but the number of those to be
 * got is what it was: who asks for one would be told that there is none, instead of waiting.
 */
static void forget_interrupted(struct ckpt_seccomp_filter *f)
{
	guard(mutex)(&f->notify_lock);
	if (list_empty(&f->notif->notifications))
		atomic_set(&f->notif->requests, 0);
}

/* All tasks have announced their filters before any open file is collected. */
static int listener_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct ckpt_seccomp_filter *f = filter_of(obj->ptr);
	struct ckpt_object *filter = ckpt_lookup(c, CKPT_TYPE_SECCOMP, f);
	char who[CKPT_WHO_MAX];

	if (obj->id > U32_MAX)
		return -EOVERFLOW;
	if (filter)
		filter->priv = obj;
	else
		ckpt_refuse(c, "%s: a listener of a seccomp filter that no task of the container has cannot be saved",
			    ckpt_who(c, obj->ptr, who, sizeof(who)));
	forget_interrupted(f);
	return ckpt_file_collect(c, obj);
}

static int listener_save(struct ckpt_collect *c, struct ckpt_object *obj,
			 struct ckpt_writer *w)
{
	const struct ckpt_seccomp_filter *f = filter_of(obj->ptr);
	struct ckpt_listener *rec;
	int err = ckpt_file_save(c, obj, w);

	if (err)
		return err;
	rec = ckpt_add(w, CKPT_REC_LISTENER, 0);
	if (!rec)
		return w->error;
	rec->filter = cpu_to_le64(ckpt_id(c, CKPT_TYPE_SECCOMP, f));
	if (READ_ONCE(f->notif->flags) & SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP)
		rec->flags = cpu_to_le32(CKPT_LISTENER_SYNC);
	return 0;
}

static struct file *prepare(struct file *file, const struct ckpt_listener *rec)
{
	int err;

	if (!(le32_to_cpu(rec->flags) & CKPT_LISTENER_SYNC))
		return file;
	err = ckpt_ioctl(file, SECCOMP_IOCTL_NOTIF_SET_FLAGS,
			 SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
	if (!err)
		return file;
	fput(file);
	return ERR_PTR(err);
}

static void *listener_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	struct file *file = item->priv;

	if (!file) {
		ckpt_restore_err(r, item, "the listener of a filter that no task has");
		return ERR_PTR(-EUCLEAN);
	}
	item->priv = NULL;
	return ckpt_file_made(r, item, prepare(file, ckpt_item_body(item, CKPT_REC_LISTENER)));
}

static void listener_end(struct ckpt_item *item, bool failed)
{
	if (item->priv)
		fput(item->priv);
	item->priv = NULL;
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_listener_ops = {
	.type = CKPT_TYPE_LISTENER,
	.name = "seccomp listener",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE,
	.records = { CKPT_REC_FILE, CKPT_REC_LISTENER },
	.max_size = 4096,
	.check = listener_check,
	CKPT_KERNEL(.match = listener_match,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = listener_collect, .save = listener_save,
		    .restore = listener_restore, .end = listener_end, .drop = ckpt_file_put)
};
