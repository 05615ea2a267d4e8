// SPDX-License-Identifier: GPL-2.0-only
/*
 * Character devices that have no state: null, zero, full, random, urandom.
 *
 * What an open one has are its flags; so it does no harm that a task outside
 * of the container has the same one open. All other devices are refused.
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

#include "../checkpointfs.h"

static bool device_match(struct file *file)
{
	dev_t dev = file_inode(file)->i_rdev;

	return S_ISCHR(file_inode(file)->i_mode) && !(file->f_mode & FMODE_PATH) &&
	       stateless(MAJOR(dev), MINOR(dev));
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
	CKPT_KERNEL(.match = device_match,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = ckpt_named_collect, .save = ckpt_device_save,
		    .release = ckpt_named_release,
		    .restore = ckpt_named_restore, .drop = ckpt_file_put)
};
