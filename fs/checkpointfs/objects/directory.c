// SPDX-License-Identifier: GPL-2.0-only
/*
 * Open directories.
 *
 * The position is the filesystem's own cookie: it is put back by llseek(2),
 * as a program does that keeps one, and means the same entry as long as the
 * filesystem says so.
 */
#include "../object.h"

#define DIRECTORY_FLAGS	(CKPT_O_FLAGS & ~(CKPT_O_PATH | CKPT_O_WRONLY | CKPT_O_RDWR))

static int directory_check(const struct ckpt_check *chk, u64 id,
			   const void *bytes, size_t size)
{
	return ckpt_check_named(chk, bytes, size, S_IFDIR, DIRECTORY_FLAGS);
}

#ifdef __KERNEL__

#include <linux/file.h>

#include "../checkpointfs.h"

static bool directory_match(struct file *file)
{
	return S_ISDIR(file_inode(file)->i_mode) && !(file->f_mode & FMODE_PATH);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_directory_ops = {
	.type = CKPT_TYPE_DIRECTORY,
	.name = "directory",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE,
	.records = { CKPT_REC_FILE, CKPT_REC_PATH, CKPT_REC_INODE },
	.max_size = 2 * CKPT_PATH_MAX,
	.check = directory_check,
	CKPT_KERNEL(.match = directory_match,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = ckpt_named_collect, .save = ckpt_named_save,
		    .release = ckpt_named_release,
		    .restore = ckpt_named_restore, .drop = ckpt_file_put)
};
