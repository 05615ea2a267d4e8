// SPDX-License-Identifier: GPL-2.0-only
/*
 * Open directories.
 *
 * The position is the filesystem's own cookie: it is put back by llseek(2),
 * as a program does that keeps one, and means the same entry as long as the
 * filesystem says so.
 */
#include "../object.h"

#define DIRECTORY_FLAGS	(CKPT_O_FLAGS & ~(CKPT_O_PATH | CKPT_O_WRONLY | CKPT_O_RDWR | \
			 CKPT_O_TMPFILE))

static int directory_check(const struct ckpt_check *chk, u64 id,
			   const void *bytes, size_t size)
{
	return ckpt_check_named(chk, bytes, size, S_IFDIR, DIRECTORY_FLAGS);
}

#ifdef __KERNEL__

#include <linux/file.h>
#include <linux/fs.h>

#include "../checkpointfs.h"

static bool directory_match(struct file *file)
{
	return S_ISDIR(file_inode(file)->i_mode) && !(file->f_mode & FMODE_PATH);
}

static bool stop(struct dir_context *ctx, const char *name, int len, loff_t pos,
		 u64 ino, unsigned int type)
{
	return false;
}

/*
 * ext4 takes no notice of a rewind after a first read at the end of the
 * directory. So the first read is made here, at the beginning, for nobody.
 */
static int read_nothing(struct file *file)
{
	struct dir_context ctx = { .actor = stop };

	return iterate_dir(file, &ctx);
}

static void *directory_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_file *rec = ckpt_item_body(item, CKPT_REC_FILE);
	struct file *file = ckpt_path_open(r, item, ckpt_file_flags(item), NULL);
	int err = 0;

	if (IS_ERR(file))
		return file;
	if (rec->pos)
		err = read_nothing(file);
	if (err)
		ckpt_restore_err(r, item, "the directory cannot be read (%d)", err);
	else
		err = ckpt_file_finish(r, item, file);
	if (!err)
		return file;
	fput(file);
	return ERR_PTR(err);
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
		    .restore = directory_restore, .drop = ckpt_file_put)
};
