// SPDX-License-Identifier: GPL-2.0-only
/*
 * A POSIX message queue, open: mq_open(3).
 *
 * The queue itself, which several of these may be of, is in mqueue.c. One that was
 * opened by a path, as under /dev/mqueue, has that, and is opened again by it. Who waits
 * to send or to receive does so again: his call is made again, with a time of day at
 * which it ends.
 */
#include "../object.h"

#define MQFILE_FLAGS	(CKPT_O_FLAGS & ~(CKPT_O_PATH | CKPT_O_DIRECTORY | CKPT_O_TMPFILE))

static int mqfile_check(const struct ckpt_check *chk, u64 id,
			const void *bytes, size_t size)
{
	const struct ckpt_file *file;
	struct ckpt_view view;
	int err = ckpt_check_once(chk, bytes, size, CKPT_REC_FILE, &view);

	if (err)
		return err;
	file = view.body;
	if (le32_to_cpu(file->flags) & ~MQFILE_FLAGS)
		return ckpt_bad(chk, "flags that this kind of file cannot have");
	err = ckpt_check_once(chk, bytes, size, CKPT_REC_MQFILE, &view);
	if (err)
		return err;
	if (!((const struct ckpt_mqfile *)view.body)->queue)
		return ckpt_bad(chk, "the file of no queue");
	if (!ckpt_find(bytes, size, CKPT_REC_PATH, &view) &&
	    !ckpt_find(bytes, size, CKPT_REC_INODE, &view))
		return 0;
	return ckpt_check_named(chk, bytes, size, S_IFREG, MQFILE_FLAGS);
}

#ifdef __KERNEL__

#include <linux/file.h>
#include <linux/ipc_namespace.h>
#include <linux/mount.h>
#include <linux/nsproxy.h>

#include "../compat/ksyms.h"
#include "../mqueue.h"

static bool mqfile_match(struct file *file)
{
#ifdef CONFIG_POSIX_MQUEUE
	return file->f_op == ksym_addr(mqueue_file_operations);
#else
	return false;
#endif
}

/* mq_open() takes the mount that the kernel has for itself. */
static bool has_path(const struct file *file)
{
	return !(file->f_path.mnt->mnt_flags & MNT_INTERNAL);
}

static int mqfile_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct file *file = obj->ptr;
	struct ckpt_object *queue = ckpt_collect_ref(c, CKPT_TYPE_MQUEUE, file_dentry(file));

	if (IS_ERR(queue))
		return PTR_ERR(queue);
	return has_path(file) ? ckpt_named_collect(c, obj) : ckpt_file_collect(c, obj);
}

static int mqfile_save(struct ckpt_collect *c, struct ckpt_object *obj,
		       struct ckpt_writer *w)
{
	struct file *file = obj->ptr;
	struct ckpt_mqfile *rec;
	int err = has_path(file) ? ckpt_named_save(c, obj, w) : ckpt_file_save(c, obj, w);

	if (err)
		return err;
	rec = ckpt_add(w, CKPT_REC_MQFILE, 0);
	if (!rec)
		return w->error;
	rec->queue = cpu_to_le64(ckpt_id(c, CKPT_TYPE_MQUEUE, file_dentry(file)));
	return 0;
}

static void *mqfile_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_mqfile *rec = ckpt_item_body(item, CKPT_REC_MQFILE);
	struct file *file = ckpt_mqueue_open(r, le64_to_cpu(rec->queue), item);

	if (IS_ERR(file) && ckpt_item_body(item, CKPT_REC_PATH))
		return file;
	return ckpt_file_made(r, item, file);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_mqfile_ops = {
	.type = CKPT_TYPE_MQFILE,
	.name = "open posix message queue",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE,
	.records = { CKPT_REC_FILE, CKPT_REC_MQFILE, CKPT_REC_PATH, CKPT_REC_INODE },
	.max_size = 2 * CKPT_PATH_MAX,
	.check = mqfile_check,
	CKPT_KERNEL(.match = mqfile_match,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = mqfile_collect, .save = mqfile_save,
		    .release = ckpt_named_release,
		    .restore = mqfile_restore, .drop = ckpt_file_put)
};
