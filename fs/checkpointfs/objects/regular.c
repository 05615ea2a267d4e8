// SPDX-License-Identifier: GPL-2.0-only
/*
 * Regular files, reached by their path; those without one are in deleted.c.
 *
 * Flags, position and advice are kept; the contents are on disk and stay
 * there. A file whose size is another one at the restore is not the one that
 * the program knew, and ends it. Executables and files that are only mapped
 * are objects of this type too.
 */
#include "../object.h"

#define REGULAR_FLAGS	(CKPT_O_FLAGS & ~CKPT_O_PATH)

static int regular_check(const struct ckpt_check *chk, u64 id,
			 const void *bytes, size_t size)
{
	const struct ckpt_file *file;
	struct ckpt_view view;
	u32 flags;

	/* There, once and in front: ckpt_check_file() has seen to that. */
	if (!ckpt_find(bytes, size, CKPT_REC_FILE, &view))
		return ckpt_bad(chk, "file");
	file = view.body;
	flags = le32_to_cpu(file->flags);
	if (flags & CKPT_O_DIRECTORY && !(flags & CKPT_O_TMPFILE))
		return ckpt_bad(chk, "flags that this kind of file cannot have");
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
	       !(file->f_path.mnt->mnt_flags & MNT_INTERNAL) &&
	       file_user_inode(file)->i_nlink;
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
