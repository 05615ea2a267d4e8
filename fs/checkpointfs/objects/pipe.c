// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ends of anonymous pipes.
 *
 * A pipe has one buffer (pipebuf.c) and any number of open files: the two of
 * pipe(2), and those opened through /proc/PID/fd. Each is made again, so that
 * the last reader and the last writer are noticed as they would have been.
 */
#include "../object.h"

#define PIPE_FLAGS	(CKPT_O_ACCMODE | CKPT_O_APPEND | CKPT_O_NONBLOCK | \
			 CKPT_O_DSYNC | CKPT_O_SYNC | CKPT_O_DIRECT | \
			 CKPT_O_LARGEFILE | CKPT_O_NOATIME | CKPT_O_ASYNC)

static int pipe_check(const struct ckpt_check *chk, u64 id,
		      const void *bytes, size_t size)
{
	const struct ckpt_pipebuf *buf;
	const struct ckpt_file *file;
	const struct ckpt_pipe *pipe;
	struct ckpt_view view;
	u32 flags;
	int ret;

	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_PIPE, &view);
	if (ret)
		return ret;
	pipe = view.body;
	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_FILE, &view);
	if (ret)
		return ret;
	file = view.body;
	flags = le32_to_cpu(file->flags);
	if (flags & ~PIPE_FLAGS || (flags & CKPT_O_ACCMODE) == CKPT_O_ACCMODE ||
	    file->pos)
		return ckpt_bad(chk, "not the flags of a pipe");
	buf = ckpt_check_body(chk, CKPT_TYPE_PIPEBUF, le64_to_cpu(pipe->pipe));
	if (!buf || le32_to_cpu(buf->flags) & CKPT_PIPEBUF_FIFO)
		return ckpt_bad(chk, "not the buffer of a pipe");
	if (le32_to_cpu(pipe->flags) & CKPT_PIPE_UNMET)
		return ckpt_bad(chk, "what only a fifo can be");
	return 0;
}

#ifdef __KERNEL__

#include <linux/file.h>
#include <linux/magic.h>

#include "../checkpointfs.h"
#include "../compat/ksyms.h"
#include "../pipering.h"

static bool pipe_match(struct file *file)
{
	return ksym(get_pipe_info)(file, false) &&
	       file_inode(file)->i_sb->s_magic == PIPEFS_MAGIC;
}

static int pipe_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct ckpt_object *buf;

	buf = ckpt_collect_ref(c, CKPT_TYPE_PIPEBUF, file_inode(obj->ptr));
	return IS_ERR(buf) ? PTR_ERR(buf) : ckpt_file_collect(c, obj);
}

static int pipe_save(struct ckpt_collect *c, struct ckpt_object *obj,
		     struct ckpt_writer *w)
{
	struct file *file = obj->ptr;
	struct ckpt_pipe *rec;
	int err;

	err = ckpt_file_save(c, obj, w);
	if (err)
		return err;
	rec = ckpt_add(w, CKPT_REC_PIPE, 0);
	if (!rec)
		return w->error;
	rec->pipe = cpu_to_le64(ckpt_id(c, CKPT_TYPE_PIPEBUF, file_inode(file)));
	if (file->f_mode & FMODE_NOWAIT)
		rec->flags = cpu_to_le32(CKPT_PIPE_NOWAIT);
	return 0;
}

/* One of the two first ends, while there are any, or another file. */
static struct file *open_end(struct ckpt_pipe_ends *ends, int flags)
{
	int mode = flags & O_ACCMODE;

	if (mode == O_RDONLY && !ends->reader_taken) {
		ends->reader_taken = true;
		return get_file(ends->reader);
	}
	if (mode == O_WRONLY && !ends->writer_taken) {
		ends->writer_taken = true;
		return get_file(ends->writer);
	}
	/* Packet mode is no mode to open(2): ckpt_file_finish() sets it. */
	return file_open_root(&ends->reader->f_path, "", flags & ~O_DIRECT, 0);
}

static void *pipe_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_pipe *rec = ckpt_item_body(item, CKPT_REC_PIPE);
	struct ckpt_pipe_ends *ends;
	struct file *file;
	int err;

	ends = ckpt_restored(r, CKPT_TYPE_PIPEBUF, le64_to_cpu(rec->pipe));
	if (IS_ERR(ends))
		return ends;
	file = open_end(ends, ckpt_file_flags(item));
	if (IS_ERR(file)) {
		ckpt_restore_err(r, item, "the pipe cannot be opened again (%ld)",
				 PTR_ERR(file));
		return file;
	}
	if (le32_to_cpu(rec->flags) & CKPT_PIPE_NOWAIT)
		file->f_mode |= FMODE_NOWAIT;
	err = ckpt_file_finish(r, item, file);
	if (err) {
		fput(file);
		return ERR_PTR(err);
	}
	return file;
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_pipe_ops = {
	.type = CKPT_TYPE_PIPE,
	.name = "pipe",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE,
	.records = { CKPT_REC_FILE, CKPT_REC_PIPE },
	.max_size = 4096,
	.check = pipe_check,
	CKPT_KERNEL(.match = pipe_match, .async = ckpt_pipe_async,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = pipe_collect, .save = pipe_save,
		    .restore = pipe_restore, .drop = ckpt_file_put)
};
