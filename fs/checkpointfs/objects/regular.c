// SPDX-License-Identifier: GPL-2.0-only
/*
 * Regular files, reached by their path.
 *
 * Flags, position and advice are kept; the contents are on disk and stay
 * there. A file whose size is another one at the restore is not the one that
 * the program knew, and ends it. Executables and files that are only mapped
 * are objects of this type too.
 */
#include "../object.h"

#define REGULAR_FLAGS	(CKPT_O_FLAGS & ~(CKPT_O_PATH | CKPT_O_DIRECTORY))

static int regular_check(const struct ckpt_check *chk, u64 id,
			 const void *bytes, size_t size)
{
	return ckpt_check_named(chk, bytes, size, S_IFREG, REGULAR_FLAGS);
}

#ifdef __KERNEL__

#include <linux/file.h>
#include <linux/mount.h>

#include "../checkpointfs.h"

/* Files of the kernel's own mounts (memfd, namespaces ...) have no path. */
static bool regular_match(struct file *file)
{
	return S_ISREG(file_inode(file)->i_mode) && !(file->f_mode & FMODE_PATH) &&
	       !(file->f_path.mnt->mnt_flags & MNT_INTERNAL);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_regular_ops = {
	.type = CKPT_TYPE_REGULAR,
	.name = "regular file",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE,
	.records = { CKPT_REC_FILE, CKPT_REC_PATH, CKPT_REC_INODE },
	.max_size = 2 * CKPT_PATH_MAX,
	.check = regular_check,
	CKPT_KERNEL(.match = regular_match,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = ckpt_named_collect, .save = ckpt_named_save,
		    .release = ckpt_named_release,
		    .restore = ckpt_named_restore, .drop = ckpt_file_put)
};
