// SPDX-License-Identifier: GPL-2.0-only
/*
 * eventfd(2): a counter behind a descriptor.
 *
 * Saved are the count, read under the lock of its wait queue, and semaphore
 * mode. Who waits for it waits again by himself. The counter is refused where
 * the kernel holds it as well, to signal it: it would signal a dead one.
 *
 * Not kept: the id in /proc/PID/fdinfo.
 */
#include "../object.h"

static int eventfd_check(const struct ckpt_check *chk, u64 id,
			 const void *bytes, size_t size)
{
	const struct ckpt_eventfd *rec;
	struct ckpt_view view;
	int ret;

	ret = ckpt_check_unnamed(chk, bytes, size, CKPT_O_RDWR);
	if (!ret)
		ret = ckpt_check_once(chk, bytes, size, CKPT_REC_EVENTFD, &view);
	if (ret)
		return ret;
	rec = view.body;
	return le64_to_cpu(rec->count) == U64_MAX ?
		ckpt_bad(chk, "a count that cannot be reached") : 0;
}

#ifdef __KERNEL__

#include <linux/eventfd.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <asm/unistd.h>

#include "../checkpointfs.h"
#include "../compat/ksyms.h"
#include "../compat/private.h"

static bool eventfd_match(struct file *file)
{
	return file->f_op == ksym_addr(eventfd_fops);
}

static u64 get_count(struct ckpt_eventfd_ctx *ctx)
{
	guard(spinlock_irq)(&ctx->wqh.lock);
	return ctx->count;
}

static int eventfd_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct file *file = obj->ptr;
	struct ckpt_eventfd_ctx *ctx = file->private_data;
	char who[CKPT_WHO_MAX];

	if (kref_read(&ctx->kref) > 1)
		ckpt_refuse(c, "%s: an eventfd that the kernel signals cannot be saved",
			    ckpt_who(c, file, who, sizeof(who)));
	/* Where only the kernel's signals lead. */
	else if (get_count(ctx) == U64_MAX)
		ckpt_refuse(c, "%s: an eventfd that has overflowed cannot be saved",
			    ckpt_who(c, file, who, sizeof(who)));
	return ckpt_file_collect(c, obj);
}

static int eventfd_save(struct ckpt_collect *c, struct ckpt_object *obj,
			struct ckpt_writer *w)
{
	const struct file *file = obj->ptr;
	struct ckpt_eventfd_ctx *ctx = file->private_data;
	struct ckpt_eventfd *rec;
	int err;

	err = ckpt_file_save(c, obj, w);
	if (err)
		return err;
	rec = ckpt_add(w, CKPT_REC_EVENTFD, 0);
	if (!rec)
		return w->error;
	rec->count = cpu_to_le64(get_count(ctx));
	if (ctx->flags & EFD_SEMAPHORE)
		rec->flags = cpu_to_le32(CKPT_EVENTFD_SEMAPHORE);
	return 0;
}

/* The call that makes it takes 32 bits. */
static long add_count(int fd, u64 count)
{
	unsigned long scratch = ckpt_scratch_map();
	long ret;

	if (IS_ERR_VALUE(scratch))
		return scratch;
	ret = ckpt_scratch_put(scratch, &count, sizeof(count));
	if (!ret)
		ret = ckpt_syscall(__NR_write, fd, scratch, sizeof(count), 0, 0, 0);
	ckpt_scratch_unmap(scratch);
	return min(ret, 0L);
}

static long make(const struct ckpt_eventfd *rec)
{
	bool semaphore = le32_to_cpu(rec->flags) & CKPT_EVENTFD_SEMAPHORE;
	u64 count = le64_to_cpu(rec->count);
	u32 low = min_t(u64, count, U32_MAX);
	long fd, err = 0;

	fd = ckpt_syscall(__NR_eventfd2, low, semaphore ? EFD_SEMAPHORE : 0, 0, 0, 0, 0);
	if (fd >= 0 && count > low)
		err = add_count(fd, count - low);
	if (!err)
		return fd;
	close_fd(fd);
	return err;
}

static void *eventfd_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	return ckpt_file_from_fd(r, item, make(ckpt_item_body(item, CKPT_REC_EVENTFD)));
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_eventfd_ops = {
	.type = CKPT_TYPE_EVENTFD,
	.name = "eventfd",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE,
	.records = { CKPT_REC_FILE, CKPT_REC_EVENTFD },
	.max_size = 4096,
	.check = eventfd_check,
	CKPT_KERNEL(.match = eventfd_match,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = eventfd_collect, .save = eventfd_save,
		    .restore = eventfd_restore, .drop = ckpt_file_put)
};
