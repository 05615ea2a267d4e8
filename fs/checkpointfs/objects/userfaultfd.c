// SPDX-License-Identifier: GPL-2.0-only
/*
 * userfaultfd(2): a descriptor that tells of the faults of an address space.
 *
 * Saved are what it has been asked for, and whose faults it tells of: its maker's, those
 * of another process of the container that has given it away, of a child that the kernel has
 * made one for (UFFD_EVENT_FORK), or of nobody any more. What is registered with it is
 * told of each mapping (uffd.c), and so is why no message has to be kept. Refused are one
 * of a process outside, and one with an event that somebody outside has caused.
 *
 * Made again by the first new task, by the call itself, for its own address space; then it is
 * turned to the one that it is for. Whoever may make both of these tasks could have given
 * it from the one to the other. Nobody else may have got hold of it by then: he could have
 * registered memory of the first task with it.
 */
#include "../object.h"

static int userfaultfd_check(const struct ckpt_check *chk, u64 id,
			     const void *bytes, size_t size)
{
	const struct ckpt_userfaultfd *rec;
	struct ckpt_view view;
	int ret;

	ret = ckpt_check_unnamed(chk, bytes, size, 0);
	if (!ret)
		ret = ckpt_check_once(chk, bytes, size, CKPT_REC_USERFAULTFD, &view);
	if (ret)
		return ret;
	rec = view.body;
	if (rec->features && !(le32_to_cpu(rec->flags) & CKPT_USERFAULTFD_API))
		return ckpt_bad(chk, "features that nobody has asked for");
	return 0;
}

#ifdef __KERNEL__

#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/ioctl.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/userfaultfd_k.h>
#include <asm/unistd.h>

#include "../checkpointfs.h"
#include "../compat/ksyms.h"
#include "../uffd.h"

/* UFFD_FEATURE_INITIALIZED of fs/userfaultfd.c: UFFDIO_API has been called. */
#define INITIALIZED	(1U << 31)

static const struct {
	u32 image;
	unsigned int kernel;
} flags[] = {
	{ CKPT_USERFAULTFD_USER, UFFD_USER_MODE_ONLY },
	{ CKPT_USERFAULTFD_NONBLOCK, UFFD_NONBLOCK },
	{ CKPT_USERFAULTFD_CLOEXEC, UFFD_CLOEXEC },
};

static bool userfaultfd_match(struct file *file)
{
	return file->f_op == ksym_addr(userfaultfd_fops);
}

static struct userfaultfd_ctx *ctx_of(const struct file *file)
{
	return file->private_data;
}

/* ---- saved ----------------------------------------------------------------- */

static bool has_event(struct userfaultfd_ctx *ctx)
{
	/*
	 * Who causes one waits until it is read, in a call that does not stop: tasks that are
	 * frozen cause none any more, so that no lock is needed.
	 */
	return waitqueue_active(&ctx->event_wqh) || atomic_read(&ctx->mmap_changing);
}

static int userfaultfd_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct file *file = obj->ptr;
	struct userfaultfd_ctx *ctx = ctx_of(file);
	unsigned int unknown = ctx->features & ~(CKPT_USERFAULTFD_FEATURES | INITIALIZED);
	char who[CKPT_WHO_MAX];
	int err;

	if (has_event(ctx))
		ckpt_refuse(c, "%s: a userfaultfd with an event that has not been read cannot be saved",
			    ckpt_who(c, file, who, sizeof(who)));
	if (unknown)
		ckpt_refuse(c, "%s: a userfaultfd with features %#x cannot be saved",
			    ckpt_who(c, file, who, sizeof(who)), unknown);
	err = xa_insert(&c->uffds, (unsigned long)ctx, obj, GFP_KERNEL_ACCOUNT);
	return err ?: ckpt_file_collect(c, obj);
}

/* All address spaces of the container are known now. */
static int userfaultfd_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct mm_struct *mm = ctx_of(obj->ptr)->mm;
	char who[CKPT_WHO_MAX];

	if (atomic_read(&mm->mm_users) && !ckpt_lookup(c, CKPT_TYPE_MM, mm))
		ckpt_refuse(c, "%s: a userfaultfd of a process outside of the container cannot be saved",
			    ckpt_who(c, obj->ptr, who, sizeof(who)));
	return 0;
}

static u32 image_flags(const struct file *file)
{
	const struct userfaultfd_ctx *ctx = ctx_of(file);
	u32 image = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++)
		if (ctx->flags & flags[i].kernel)
			image |= flags[i].image;
	if (ctx->features & INITIALIZED)
		image |= CKPT_USERFAULTFD_API;
	if (!(file->f_mode & FMODE_NOWAIT))
		image |= CKPT_USERFAULTFD_FORKED;
	return image;
}

static int userfaultfd_save(struct ckpt_collect *c, struct ckpt_object *obj,
			    struct ckpt_writer *w)
{
	const struct userfaultfd_ctx *ctx = ctx_of(obj->ptr);
	struct ckpt_userfaultfd *rec;
	int err;

	err = ckpt_file_save(c, obj, w);
	if (err)
		return err;
	rec = ckpt_add(w, CKPT_REC_USERFAULTFD, 0);
	if (!rec)
		return w->error;
	rec->mm = cpu_to_le64(ckpt_id(c, CKPT_TYPE_MM, ctx->mm));
	rec->features = cpu_to_le32(ctx->features & CKPT_USERFAULTFD_FEATURES);
	rec->flags = cpu_to_le32(image_flags(obj->ptr));
	return 0;
}

/* ---- made ------------------------------------------------------------------ */

/* What is at its path need not be what it is called. */
static bool is_device(unsigned int fd)
{
	struct file *file = fget(fd);
	bool is = file && file->f_op == ksym_addr(userfaultfd_dev_fops);

	if (file)
		fput(file);
	return is;
}

/* Whoever may open this need not ask for more. Return: a descriptor or -errno. */
static long create_by_device(unsigned int kernel)
{
	static const char path[] = "/dev/userfaultfd";
	unsigned long scratch = ckpt_scratch_map();
	long device, fd = -EPERM;

	if (IS_ERR_VALUE(scratch))
		return scratch;
	device = ckpt_scratch_put(scratch, path, sizeof(path));
	if (!device)
		device = ckpt_syscall(__NR_open, scratch, O_RDWR | O_NONBLOCK | O_NOCTTY,
				      0, 0, 0, 0);
	ckpt_scratch_unmap(scratch);
	if (device < 0)
		return -EPERM;
	if (is_device(device))
		fd = ckpt_syscall(__NR_ioctl, device, USERFAULTFD_IOC_NEW, kernel, 0, 0, 0);
	close_fd(device);
	return fd;
}

static long create(u32 image)
{
	unsigned int kernel = 0, i;
	long fd;

	for (i = 0; i < ARRAY_SIZE(flags); i++)
		if (image & flags[i].image)
			kernel |= flags[i].kernel;
	fd = ckpt_syscall(__NR_userfaultfd, kernel, 0, 0, 0, 0, 0);
	return fd == -EPERM ? create_by_device(kernel) : fd;
}

static int set_api(struct file *file, u32 features)
{
	struct uffdio_api api = { .api = UFFD_API, .features = features };
	unsigned long scratch = ckpt_scratch_map();
	int err;

	if (IS_ERR_VALUE(scratch))
		return scratch;
	err = ckpt_uffd_call(file, UFFDIO_API, scratch, &api, sizeof(api));
	ckpt_scratch_unmap(scratch);
	return err;
}

static bool has_registered(struct mm_struct *mm, const struct userfaultfd_ctx *ctx)
{
	struct vm_area_struct *vma;
	VMA_ITERATOR(vmi, mm, 0);
	bool found = false;

	mmap_read_lock(mm);
	for_each_vma(vmi, vma)
		found |= vma->vm_userfaultfd_ctx.ctx == ctx;
	mmap_read_unlock(mm);
	return found;
}

/* Whoever has had it for a moment may have used it, too. */
static bool is_ours(struct file *file)
{
	struct userfaultfd_ctx *ctx = ctx_of(file);

	return ckpt_file_is_ours(file) && refcount_read(&ctx->refcount) == 1 &&
	       !has_registered(current->mm, ctx);
}

static int turn_to(struct file *file, struct mm_struct *mm)
{
	struct userfaultfd_ctx *ctx = ctx_of(file);
	struct mm_struct *own = ctx->mm;

	if (mm == own)
		return 0;
	if (!is_ours(file))
		return -EBUSY;
	/* The descriptor's reference. */
	mmgrab(mm);
	ctx->mm = mm;
	mmdrop(own);
	return 0;
}

/* One of which nothing is left but what a descriptor holds. Return: it, referenced, or NULL. */
static struct mm_struct *gone_mm(void)
{
	struct mm_struct *mm = ksym(mm_alloc)();

	if (!mm)
		return NULL;
#ifdef CONFIG_MEMCG
	RCU_INIT_POINTER(mm->owner, NULL);
#endif
	mm->task_size = current->mm->task_size;
	mmgrab(mm);
	mmput(mm);
	return mm;
}

static int turn_to_nobody(struct file *file)
{
	struct mm_struct *mm = gone_mm();
	int err = mm ? turn_to(file, mm) : -ENOMEM;

	if (mm)
		mmdrop(mm);
	return err;
}

static int turn_to_id(struct ckpt_restore *r, struct file *file, u64 id)
{
	struct mm_struct *mm = ckpt_restored_mm(r, id);
	int err = mm ? turn_to(file, mm) : -ESRCH;

	if (mm)
		mmput(mm);
	return err;
}

static int prepare(struct ckpt_restore *r, struct file *file,
		   const struct ckpt_userfaultfd *rec)
{
	u32 image = le32_to_cpu(rec->flags);
	int err = 0;

	if (image & CKPT_USERFAULTFD_FORKED)
		file->f_mode &= ~FMODE_NOWAIT;
	if (image & CKPT_USERFAULTFD_API)
		err = set_api(file, le32_to_cpu(rec->features));
	if (err)
		return err;
	return rec->mm ? turn_to_id(r, file, le64_to_cpu(rec->mm)) : turn_to_nobody(file);
}

static struct file *make(struct ckpt_restore *r, const struct ckpt_userfaultfd *rec)
{
	long fd = create(le32_to_cpu(rec->flags));
	struct file *file;
	int err;

	if (fd < 0)
		return ERR_PTR(fd);
	file = fget(fd);
	close_fd(fd);
	if (!file)
		return ERR_PTR(-EBADF);
	err = prepare(r, file, rec);
	if (!err)
		return file;
	fput(file);
	return ERR_PTR(err);
}

static void *userfaultfd_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	return ckpt_file_made(r, item,
			      make(r, ckpt_item_body(item, CKPT_REC_USERFAULTFD)));
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_userfaultfd_ops = {
	.type = CKPT_TYPE_USERFAULTFD,
	.name = "userfaultfd",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE,
	.records = { CKPT_REC_FILE, CKPT_REC_USERFAULTFD },
	.max_size = 4096,
	.check = userfaultfd_check,
	CKPT_KERNEL(.match = userfaultfd_match,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = userfaultfd_collect, .verify = userfaultfd_verify,
		    .save = userfaultfd_save,
		    .restore = userfaultfd_restore, .drop = ckpt_file_put)
};
