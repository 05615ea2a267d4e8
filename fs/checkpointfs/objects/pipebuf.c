// SPDX-License-Identifier: GPL-2.0-only
/*
 * The buffer of a pipe or fifo: its size, its owner, what is in it.
 *
 * Stands for the inode, whose pipe lives as long as it is open anywhere. Its
 * contents are copied when it is collected (pipering.c). All files of the pipe
 * must be of the container. Made again as both ends (struct ckpt_pipe_ends),
 * filled, from which the files of the image are then made (pipe.c, fifo.c).
 *
 * Not kept: inode number and timestamps of an anonymous pipe.
 */
#include "../object.h"

#define MAX_SLOTS	0x80000U	/* 2 GiB: all that F_SETPIPE_SZ takes */

/* Sum of the buffers' lengths; true if each is one that a pipe can hold. */
static bool sum_bufs(const struct ckpt_view *view, u64 *sum)
{
	const struct ckpt_pipe_buf *buf = view->elems;
	u32 i, len;

	*sum = 0;
	for (i = 0; i < view->count; i++) {
		len = le32_to_cpu(buf[i].len);
		/* A packet is empty when its writer's memory was not there. */
		if (len > CKPT_PAGE_SIZE || (!len && !buf[i].flags))
			return false;
		*sum += len;
	}
	return true;
}

static int check_owner(const struct ckpt_check *chk, const struct ckpt_pipebuf *rec)
{
	u32 mode = le32_to_cpu(rec->mode);
	u32 flags = le32_to_cpu(rec->flags);

	if (flags & CKPT_PIPEBUF_FIFO ? mode || rec->uid || rec->gid :
					!S_ISFIFO(mode))
		return ckpt_bad(chk, "not the mode of a pipe");
	return 0;
}

static int pipebuf_check(const struct ckpt_check *chk, u64 id,
			 const void *bytes, size_t size)
{
	const struct ckpt_pipebuf *rec;
	struct ckpt_view view;
	u64 sum, stored = 0;
	u32 slots;

	/* There, once and in front: ckpt_check_file() has seen to that. */
	if (!ckpt_find(bytes, size, CKPT_REC_PIPEBUF, &view))
		return ckpt_bad(chk, "pipebuf");
	rec = view.body;
	slots = le32_to_cpu(rec->slots);
	if (!slots || slots > MAX_SLOTS || slots & (slots - 1))
		return ckpt_bad(chk, "not the size of a pipe");
	if (view.count > slots || !sum_bufs(&view, &sum))
		return ckpt_bad(chk, "more in a pipe than it can hold");
	chk->bytes(chk->priv, CKPT_TYPE_PIPEDATA, id, &stored);
	if (sum != le64_to_cpu(rec->bytes) || sum != stored)
		return ckpt_bad(chk, "not as many bytes as its buffers say");
	return check_owner(chk, rec);
}

#ifdef __KERNEL__

#include <linux/cred.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/magic.h>

#include "../checkpointfs.h"
#include "../compat/ksyms.h"
#include "../compat/private.h"
#include "../pipering.h"

/* ---- saved ----------------------------------------------------------------- */

static bool is_fifo(const struct inode *inode)
{
	return inode->i_sb->s_magic != PIPEFS_MAGIC;
}

static int pipebuf_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct ckpt_pipe_contents *contents;
	struct inode *inode = obj->ptr;
	char who[CKPT_WHO_MAX];
	struct ckpt_object *data;
	const char *obstacle;
	int err;

	contents = kzalloc(sizeof(*contents), GFP_KERNEL_ACCOUNT);
	if (!contents)
		return -ENOMEM;
	refcount_set(&contents->ref, 1);
	obj->priv = contents;
	err = ckpt_pipe_copy(inode->i_pipe, contents, &obstacle);
	if (err)
		return err;
	if (obstacle) {
		ckpt_refuse(c, "%s: %s cannot be saved",
			    ckpt_who(c, inode, who, sizeof(who)), obstacle);
		return 0;
	}
	if (!contents->size)
		return 0;
	data = ckpt_collect_id(c, CKPT_TYPE_PIPEDATA, contents, obj->id);
	return PTR_ERR_OR_ZERO(data);
}

static void pipebuf_release(struct ckpt_object *obj)
{
	ckpt_pipe_contents_put(obj->priv);
}

/*
 * All files of the pipe have been counted into obj->refs. With more of them
 * there is somebody outside, who may also have read since, and left again.
 */
static bool is_shared(const struct ckpt_object *obj)
{
	const struct ckpt_pipe_contents *contents = obj->priv;
	const struct inode *inode = obj->ptr;
	struct pipe_inode_info *pipe = inode->i_pipe;

	guard(mutex)(&pipe->mutex);
	return READ_ONCE(pipe->files) > obj->refs || pipe->head != contents->head ||
	       pipe->tail != contents->tail;
}

static int pipebuf_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	const struct inode *inode = obj->ptr;
	char who[CKPT_WHO_MAX];

	if (is_shared(obj))
		ckpt_refuse_shared(c, "%s: %s is open outside of the container too",
				   ckpt_who(c, inode, who, sizeof(who)),
				   is_fifo(inode) ? "the fifo" : "the pipe");
	return 0;
}

/* Whose an anonymous pipe is matters to who may open it through /proc. */
static int save_owner(const struct inode *inode, struct ckpt_pipebuf *rec)
{
	uid_t uid = from_kuid(current_user_ns(), inode->i_uid);
	gid_t gid = from_kgid(current_user_ns(), inode->i_gid);

	if (is_fifo(inode)) {
		rec->flags = cpu_to_le32(CKPT_PIPEBUF_FIFO);
		return 0;
	}
	if (uid == (uid_t)-1 || gid == (gid_t)-1)
		return -EOVERFLOW;
	rec->mode = cpu_to_le32(inode->i_mode);
	rec->uid = cpu_to_le32(uid);
	rec->gid = cpu_to_le32(gid);
	return 0;
}

static int pipebuf_save(struct ckpt_collect *c, struct ckpt_object *obj,
			struct ckpt_writer *w)
{
	const struct ckpt_pipe_contents *contents = obj->priv;
	struct ckpt_pipebuf *rec = ckpt_add(w, CKPT_REC_PIPEBUF, contents->nr);

	if (!rec)
		return w->error;
	rec->slots = cpu_to_le32(contents->slots);
	rec->bytes = cpu_to_le64(contents->size);
	if (contents->nr)
		memcpy(ckpt_elems(rec), contents->bufs,
		       contents->nr * sizeof(*contents->bufs));
	return save_owner(obj->ptr, rec);
}

/* ---- made again ------------------------------------------------------------- */

static void pipebuf_drop(void *ptr)
{
	struct ckpt_pipe_ends *ends = ptr;

	/* At once: a reader must find the last writer gone when it runs. */
	if (ends->reader)
		__fput_sync(ends->reader);
	if (ends->writer)
		__fput_sync(ends->writer);
	kfree(ends);
}

static int open_pipe(struct ckpt_restore *r, struct ckpt_item *item,
		     struct ckpt_pipe_ends *ends)
{
	const struct ckpt_pipebuf *rec = ckpt_item_body(item, CKPT_REC_PIPEBUF);
	struct file *files[2];
	int err;

	err = ksym(create_pipe_files)(files, 0);
	if (!err) {
		ends->reader = files[0];
		ends->writer = files[1];
		err = ckpt_inode_owner(ends->reader, le32_to_cpu(rec->mode),
				       le32_to_cpu(rec->uid), le32_to_cpu(rec->gid));
	}
	if (err)
		ckpt_restore_err(r, item, "the pipe cannot be made (%d)", err);
	return err;
}

/* Any file of the fifo: it is their path that leads to it. */
static struct ckpt_item *find_fifo(struct ckpt_restore *r, u64 id)
{
	struct ckpt_image *img = ckpt_restore_img(r);
	struct ckpt_item *item;
	unsigned long index;

	xa_for_each(&img->items[CKPT_TYPE_FIFO], index, item) {
		const struct ckpt_pipe *rec = ckpt_item_body(item, CKPT_REC_PIPE);

		if (le64_to_cpu(rec->pipe) == id)
			return item;
		cond_resched();
	}
	return NULL;
}

static int open_fifo(struct ckpt_restore *r, struct ckpt_item *item,
		     struct ckpt_pipe_ends *ends)
{
	struct ckpt_item *fifo = find_fifo(r, item->id);
	struct pipe_inode_info *pipe;
	struct file *file;
	unsigned int others;

	if (!fifo) {
		ckpt_restore_err(r, item, "no file of the image opens the fifo");
		return -EUCLEAN;
	}
	if (ckpt_item_body(fifo, CKPT_REC_NAMELESS))
		file = ckpt_unnamed_open(r, fifo, O_RDWR | O_NONBLOCK);
	else
		file = ckpt_path_open(r, fifo, O_RDWR | O_NONBLOCK, NULL);
	if (IS_ERR(file))
		return PTR_ERR(file);
	ends->reader = file;
	/* It is closed when the program watches its files again (inotify). */
	file->f_mode = (file->f_mode & ~FMODE_FSNOTIFY_MASK) | FMODE_NONOTIFY;
	pipe = ksym(get_pipe_info)(file, false);
	if (!pipe)
		return -ESTALE;
	scoped_guard(spinlock, &file_inode(file)->i_lock)
		others = pipe->files - 1;
	if (others) {
		ckpt_restore_err(r, fifo, "the fifo is in use");
		return -EBUSY;
	}
	return 0;
}

static int set_size(struct ckpt_restore *r, struct ckpt_item *item,
		    struct file *file, u32 slots)
{
	long size = (long)slots * PAGE_SIZE;
	long got = ksym(pipe_fcntl)(file, F_GETPIPE_SZ, 0);

	if (got != size)
		got = ksym(pipe_fcntl)(file, F_SETPIPE_SZ, size);
	if (got == size)
		return 0;
	ckpt_restore_err(r, item, "a pipe of %ld bytes cannot be had (%ld)", size, got);
	return got < 0 ? got : -EINVAL;
}

static int fill(struct ckpt_restore *r, struct ckpt_item *item, struct file *file)
{
	struct ckpt_item *data = ckpt_item(ckpt_restore_img(r), CKPT_TYPE_PIPEDATA,
					   item->id);
	struct ckpt_view view;
	int err = -EUCLEAN;

	/* Its check has found it there. */
	if (ckpt_find(item->bytes, item->size, CKPT_REC_PIPEBUF, &view))
		err = ckpt_pipe_fill(file, &view, data ? data->content : NULL);
	if (err)
		ckpt_restore_err(r, item, "the pipe cannot be filled (%d)", err);
	return err;
}

static int make(struct ckpt_restore *r, struct ckpt_item *item,
		struct ckpt_pipe_ends *ends)
{
	const struct ckpt_pipebuf *rec = ckpt_item_body(item, CKPT_REC_PIPEBUF);
	struct file *file;
	int err;

	if (le32_to_cpu(rec->flags) & CKPT_PIPEBUF_FIFO)
		err = open_fifo(r, item, ends);
	else
		err = open_pipe(r, item, ends);
	if (err)
		return err;
	file = ends->writer ?: ends->reader;
	err = set_size(r, item, file, le32_to_cpu(rec->slots));
	return err ?: fill(r, item, file);
}

static void *pipebuf_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	struct ckpt_pipe_ends *ends = kzalloc(sizeof(*ends), GFP_KERNEL_ACCOUNT);
	int err;

	if (!ends)
		return ERR_PTR(-ENOMEM);
	err = make(r, item, ends);
	if (err) {
		pipebuf_drop(ends);
		return ERR_PTR(err);
	}
	return ends;
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_pipebuf_ops = {
	.type = CKPT_TYPE_PIPEBUF,
	.name = "pipe buffer",
	.dir = "pipes",
	.part = "pipe",
	.records = { CKPT_REC_PIPEBUF },
	.max_size = 8 * MAX_SLOTS + 4096,
	.check = pipebuf_check,
	CKPT_KERNEL(.collect = pipebuf_collect, .verify = pipebuf_verify,
		    .save = pipebuf_save, .release = pipebuf_release,
		    .restore = pipebuf_restore, .drop = pipebuf_drop)
};
