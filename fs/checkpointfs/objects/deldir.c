// SPDX-License-Identifier: GPL-2.0-only
/*
 * Open directories that have been deleted: which one (unnamed.c), flags and position.
 */
#include "../object.h"

#define DELDIR_FLAGS	(CKPT_O_FLAGS & ~(CKPT_O_PATH | CKPT_O_WRONLY | CKPT_O_RDWR | \
			 CKPT_O_TMPFILE))

static int deldir_check(const struct ckpt_check *chk, u64 id,
			const void *bytes, size_t size)
{
	const struct ckpt_file *file;
	struct ckpt_view view;

	/* There, once and in front: ckpt_check_file() has seen to that. */
	if (!ckpt_find(bytes, size, CKPT_REC_FILE, &view))
		return ckpt_bad(chk, "file");
	file = view.body;
	if (le32_to_cpu(file->flags) & ~DELDIR_FLAGS)
		return ckpt_bad(chk, "flags that this kind of file cannot have");
	return ckpt_check_nameless(chk, bytes, size, S_IFDIR);
}

#ifdef __KERNEL__

#include <linux/file.h>

#include "../checkpointfs.h"

static bool deldir_match(struct file *file)
{
	return S_ISDIR(file_inode(file)->i_mode) && !(file->f_mode & FMODE_PATH) &&
	       ckpt_is_unnamed(&file->f_path);
}

static int deldir_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct file *file = obj->ptr;

	return ckpt_unnamed_collect(c, &file->f_path, file, "") ?: ckpt_file_collect(c, obj);
}

static int deldir_save(struct ckpt_collect *c, struct ckpt_object *obj,
		       struct ckpt_writer *w)
{
	return ckpt_file_save(c, obj, w) ?: ckpt_unnamed_save(c, file_inode(obj->ptr), w);
}

static void *deldir_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	struct file *file = ckpt_unnamed_open(r, item, ckpt_file_flags(item));
	int err;

	if (IS_ERR(file))
		return file;
	err = ckpt_file_finish(r, item, file);
	if (!err)
		return file;
	fput(file);
	return ERR_PTR(err);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_deldir_ops = {
	.type = CKPT_TYPE_DELDIR,
	.name = "deleted directory",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE,
	.records = { CKPT_REC_FILE, CKPT_REC_NAMELESS },
	.max_size = 4096,
	.check = deldir_check,
	CKPT_KERNEL(.match = deldir_match,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = deldir_collect, .save = deldir_save,
		    .restore = deldir_restore, .drop = ckpt_file_put)
};
