// SPDX-License-Identifier: GPL-2.0-only
/*
 * Character devices that have no state: null, zero, full, random, urandom.
 *
 * What an open one has are its flags; so it does no harm that a task outside
 * of the container has the same one open. All other devices are refused. So is O_ASYNC of
 * random and urandom until there is entropy, of which they tell once: not for long.
 */
#include "../object.h"

#define DEVICE_FLAGS	(CKPT_O_FLAGS & ~(CKPT_O_PATH | CKPT_O_DIRECTORY | CKPT_O_TMPFILE))

#define MEM_MAJOR_NR	1	/* the memory devices */

static bool stateless(u32 major, u32 minor)
{
	static const u32 minors[] = { 3, 5, 7, 8, 9 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(minors); i++)
		if (major == MEM_MAJOR_NR && minor == minors[i])
			return true;
	return false;
}

static int device_check(const struct ckpt_check *chk, u64 id,
			const void *bytes, size_t size)
{
	const struct ckpt_device *dev;
	struct ckpt_view view;
	int ret;

	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_DEVICE, &view);
	if (ret)
		return ret;
	dev = view.body;
	if (!stateless(le32_to_cpu(dev->major), le32_to_cpu(dev->minor)))
		return ckpt_bad(chk, "a device that is never saved");
	return ckpt_check_named(chk, bytes, size, S_IFCHR, DEVICE_FLAGS);
}

#ifdef __KERNEL__

#include <linux/file.h>
#include <linux/kdev_t.h>
#include <linux/random.h>

#include "../checkpointfs.h"

static bool device_match(struct file *file)
{
	dev_t dev = file_inode(file)->i_rdev;

	return S_ISCHR(file_inode(file)->i_mode) && !(file->f_mode & FMODE_PATH) &&
	       stateless(MAJOR(dev), MINOR(dev));
}

/* All has been told: it does not matter any more who is in the list, and by what number. */
static struct fasync_struct *device_async(struct file *file)
{
	return NULL;
}

static int device_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct file *file = obj->ptr;
	char who[CKPT_WHO_MAX];

	if (file->f_flags & FASYNC && file->f_op->fasync && !rng_is_initialized())
		ckpt_refuse(c, "%s: signals on events (O_ASYNC) cannot be saved",
			    ckpt_who(c, file, who, sizeof(who)));
	return ckpt_named_collect(c, obj);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_device_ops = {
	.type = CKPT_TYPE_DEVICE,
	.name = "device",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE | CKPT_ROW_SHAREABLE,
	.records = { CKPT_REC_FILE, CKPT_REC_PATH, CKPT_REC_INODE, CKPT_REC_DEVICE },
	.max_size = 2 * CKPT_PATH_MAX,
	.check = device_check,
	CKPT_KERNEL(.match = device_match, .async = device_async,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = device_collect, .save = ckpt_device_save,
		    .release = ckpt_named_release,
		    .restore = ckpt_named_restore, .drop = ckpt_file_put)
};
