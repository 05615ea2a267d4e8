// SPDX-License-Identifier: GPL-2.0-only
/*
 * signalfd(2): a set of signals to be read. The signals themselves are those
 * that are pending for whoever reads (signals.c, process.c).
 */
#include "../object.h"

static int signalfd_check(const struct ckpt_check *chk, u64 id,
			  const void *bytes, size_t size)
{
	struct ckpt_view view;
	int ret;

	ret = ckpt_check_unnamed(chk, bytes, size, CKPT_O_RDWR);
	return ret ?: ckpt_check_once(chk, bytes, size, CKPT_REC_SIGNALFD, &view);
}

#ifdef __KERNEL__

#include <linux/file.h>
#include <linux/signal.h>
#include <asm/unistd.h>

#include "../checkpointfs.h"
#include "../compat/ksyms.h"
#include "../compat/private.h"

static bool signalfd_match(struct file *file)
{
	return file->f_op == ksym_addr(signalfd_fops);
}

static int signalfd_save(struct ckpt_collect *c, struct ckpt_object *obj,
			 struct ckpt_writer *w)
{
	const struct file *file = obj->ptr;
	const struct ckpt_signalfd_ctx *ctx = file->private_data;
	struct ckpt_signalfd *rec;
	int err;

	err = ckpt_file_save(c, obj, w);
	if (err)
		return err;
	rec = ckpt_add(w, CKPT_REC_SIGNALFD, 0);
	if (!rec)
		return w->error;
	/* The kernel keeps the signals that are not wanted. */
	rec->mask = cpu_to_le64(~ctx->sigmask.sig[0]);
	return 0;
}

static long make(const struct ckpt_signalfd *rec)
{
	sigset_t set = { .sig[0] = le64_to_cpu(rec->mask) };
	unsigned long scratch = ckpt_scratch_map();
	long fd;

	if (IS_ERR_VALUE(scratch))
		return scratch;
	fd = ckpt_scratch_put(scratch, &set, sizeof(set));
	if (!fd)
		fd = ckpt_syscall(__NR_signalfd4, -1, scratch, sizeof(set), 0, 0, 0);
	ckpt_scratch_unmap(scratch);
	return fd;
}

static void *signalfd_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	return ckpt_file_from_fd(r, item, make(ckpt_item_body(item, CKPT_REC_SIGNALFD)));
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_signalfd_ops = {
	.type = CKPT_TYPE_SIGNALFD,
	.name = "signalfd",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE,
	.records = { CKPT_REC_FILE, CKPT_REC_SIGNALFD },
	.max_size = 4096,
	.check = signalfd_check,
	CKPT_KERNEL(.match = signalfd_match,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = ckpt_file_collect, .save = signalfd_save,
		    .restore = signalfd_restore, .drop = ckpt_file_put)
};
