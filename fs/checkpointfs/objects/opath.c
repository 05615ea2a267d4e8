// SPDX-License-Identifier: GPL-2.0-only
/*
 * O_PATH: a place in the tree held open, whatever is there.
 *
 * Files of any type, symbolic links among them. They have no position, and
 * nothing of the object at that place is opened, neither at first nor again.
 */
#include "../object.h"

#define OPATH_FLAGS	(CKPT_O_PATH | CKPT_O_DIRECTORY | CKPT_O_NOFOLLOW)

static int opath_check(const struct ckpt_check *chk, u64 id,
		       const void *bytes, size_t size)
{
	const struct ckpt_file *file;
	struct ckpt_view view;

	/* There, once and in front: ckpt_check_file() has seen to that. */
	if (!ckpt_find(bytes, size, CKPT_REC_FILE, &view))
		return ckpt_bad(chk, "file");
	file = view.body;
	if (!(le32_to_cpu(file->flags) & CKPT_O_PATH) || file->pos)
		return ckpt_bad(chk, "not what O_PATH opens");
	return ckpt_check_named(chk, bytes, size, 0, OPATH_FLAGS);
}

#ifdef __KERNEL__

#include <linux/file.h>

#include "../checkpointfs.h"

static bool opath_match(struct file *file)
{
	return file->f_mode & FMODE_PATH;
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_opath_ops = {
	.type = CKPT_TYPE_OPATH,
	.name = "O_PATH",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE,
	.records = { CKPT_REC_FILE, CKPT_REC_PATH, CKPT_REC_INODE },
	.max_size = 2 * CKPT_PATH_MAX,
	.check = opath_check,
	CKPT_KERNEL(.match = opath_match,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = ckpt_named_collect, .save = ckpt_named_save,
		    .release = ckpt_named_release,
		    .restore = ckpt_named_restore, .drop = ckpt_file_put)
};
