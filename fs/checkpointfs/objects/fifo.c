// SPDX-License-Identifier: GPL-2.0-only
/*
 * Open files of named pipes.
 *
 * Each is opened again by its own path. The buffer (pipebuf.c) has been by
 * then, for both directions, so that no open has to wait for the other side,
 * and proves that the paths of all files of a fifo still lead to one fifo. One
 * that has been deleted has none, and is of what unnamed.c makes.
 */
#include "../object.h"

#define FIFO_FLAGS	(CKPT_O_FLAGS & ~(CKPT_O_PATH | CKPT_O_DIRECTORY | \
			 CKPT_O_RANDOM | CKPT_O_SEQUENTIAL | CKPT_O_NOREUSE | \
			 CKPT_O_TMPFILE))

static int fifo_check(const struct ckpt_check *chk, u64 id,
		      const void *bytes, size_t size)
{
	const struct ckpt_pipebuf *buf;
	const struct ckpt_file *file;
	const struct ckpt_pipe *pipe;
	struct ckpt_view view;
	int ret;

	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_PIPE, &view);
	if (ret)
		return ret;
	pipe = view.body;
	buf = ckpt_check_body(chk, CKPT_TYPE_PIPEBUF, le64_to_cpu(pipe->pipe));
	if (!buf || !(le32_to_cpu(buf->flags) & CKPT_PIPEBUF_FIFO))
		return ckpt_bad(chk, "not the buffer of a fifo");
	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_FILE, &view);
	if (ret)
		return ret;
	file = view.body;
	if ((le32_to_cpu(file->flags) & CKPT_O_ACCMODE) == CKPT_O_ACCMODE ||
	    file->pos || le32_to_cpu(file->flags) & ~FIFO_FLAGS)
		return ckpt_bad(chk, "not the flags of a fifo");
	if (ckpt_find(bytes, size, CKPT_REC_NAMELESS, &view))
		return ckpt_find(bytes, size, CKPT_REC_PATH, &view) ?
			ckpt_bad(chk, "a path to what has been deleted") :
			ckpt_check_nameless(chk, bytes, size, S_IFIFO);
	return ckpt_check_named(chk, bytes, size, S_IFIFO, FIFO_FLAGS);
}

#ifdef __KERNEL__

#include <linux/file.h>
#include <linux/magic.h>

#include "../checkpointfs.h"
#include "../compat/ksyms.h"
#include "../pipering.h"

static bool fifo_match(struct file *file)
{
	return ksym(get_pipe_info)(file, false) &&
	       file_inode(file)->i_sb->s_magic != PIPEFS_MAGIC;
}

static int fifo_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct file *file = obj->ptr;
	struct ckpt_object *buf;

	buf = ckpt_collect_ref(c, CKPT_TYPE_PIPEBUF, file_inode(file));
	if (IS_ERR(buf))
		return PTR_ERR(buf);
	if (!ckpt_is_unnamed(&file->f_path))
		return ckpt_named_collect(c, obj);
	return ckpt_unnamed_collect(c, &file->f_path, file, "") ?: ckpt_file_collect(c, obj);
}

/* Has poll(2) been told to keep quiet about the writer that is not there yet? */
static bool unmet(struct file *file)
{
	struct pipe_inode_info *pipe = file->private_data;

	return file->f_pipe == pipe->w_counter;
}

static int fifo_save(struct ckpt_collect *c, struct ckpt_object *obj,
		     struct ckpt_writer *w)
{
	struct file *file = obj->ptr;
	struct ckpt_pipe *rec;
	u32 flags = 0;
	int err;

	/* As it was then: its name may have been taken away since. */
	if (obj->priv)
		err = ckpt_named_save(c, obj, w);
	else
		err = ckpt_file_save(c, obj, w) ?: ckpt_unnamed_save(c, file_inode(file), w);
	if (err)
		return err;
	rec = ckpt_add(w, CKPT_REC_PIPE, 0);
	if (!rec)
		return w->error;
	rec->pipe = cpu_to_le64(ckpt_id(c, CKPT_TYPE_PIPEBUF, file_inode(file)));
	if (unmet(file))
		flags |= CKPT_PIPE_UNMET;
	if (file->f_mode & FMODE_NOWAIT)
		flags |= CKPT_PIPE_NOWAIT;
	rec->flags = cpu_to_le32(flags);
	return 0;
}

static void *fifo_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_pipe *rec = ckpt_item_body(item, CKPT_REC_PIPE);
	struct pipe_inode_info *pipe;
	struct ckpt_pipe_ends *ends;
	struct file *file;
	int err, flags;

	ends = ckpt_restored(r, CKPT_TYPE_PIPEBUF, le64_to_cpu(rec->pipe));
	if (IS_ERR(ends))
		return ends;
	/* Packet mode is no mode to open(2); the other side is there. */
	flags = ckpt_file_flags(item) & ~O_DIRECT;
	if (ckpt_item_body(item, CKPT_REC_NAMELESS))
		file = ckpt_unnamed_open(r, item, flags);
	else
		file = ckpt_path_open(r, item, flags, file_inode(ends->reader));
	if (IS_ERR(file))
		return file;
	pipe = file->private_data;
	if (pipe != ends->reader->private_data) {
		ckpt_restore_err(r, item, "of another fifo than its buffer");
		fput(file);
		return ERR_PTR(-ESTALE);
	}
	/* Where this was so no writer is there, so the counter has come to rest. */
	if (le32_to_cpu(rec->flags) & CKPT_PIPE_UNMET)
		file->f_pipe = pipe->w_counter;
	err = ckpt_file_finish(r, item, file);
	if (err) {
		fput(file);
		return ERR_PTR(err);
	}
	return file;
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_fifo_ops = {
	.type = CKPT_TYPE_FIFO,
	.name = "fifo",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE,
	.records = { CKPT_REC_FILE, CKPT_REC_PATH, CKPT_REC_INODE, CKPT_REC_PIPE,
		     CKPT_REC_NAMELESS },
	.max_size = 2 * CKPT_PATH_MAX,
	.check = fifo_check,
	CKPT_KERNEL(.match = fifo_match, .async = ckpt_pipe_async,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = fifo_collect, .save = fifo_save,
		    .release = ckpt_named_release,
		    .restore = fifo_restore, .drop = ckpt_file_put)
};
