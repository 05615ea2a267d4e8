// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ring of a pipe: copied out buffer by buffer, and filled again.
 *
 * A buffer is what one read(2) gets at most in packet mode, so their borders
 * are kept; whose page each of them was does not matter to a reader. The copy
 * is made under the pipe's mutex and does not change afterwards.
 */
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/sched/signal.h>
#include <linux/uio.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "pipering.h"

void ckpt_pipe_contents_get(void *ptr)
{
	struct ckpt_pipe_contents *contents = ptr;

	refcount_inc(&contents->ref);
}

void ckpt_pipe_contents_put(void *ptr)
{
	struct ckpt_pipe_contents *contents = ptr;

	if (!contents || !refcount_dec_and_test(&contents->ref))
		return;
	kvfree(contents->bufs);
	kvfree(contents->bytes);
	kfree(contents);
}

/* Does the buffer count? An empty one holds a place, and nothing else. */
static bool counts(const struct pipe_buffer *buf)
{
	return buf->len || buf->flags & PIPE_BUF_FLAG_PACKET;
}

/* Return: NULL, or what it is about the pipe that is not saved. */
static const char *measure(const struct pipe_inode_info *pipe,
			   struct ckpt_pipe_contents *contents)
{
	unsigned int i;

	lockdep_assert_held(&pipe->mutex);
	contents->head = pipe->head;
	contents->tail = pipe->tail;
	if (pipe_has_watch_queue(pipe))
		return "a notification pipe";
	contents->slots = pipe->max_usage;
	for (i = pipe->tail; i != pipe->head; i++) {
		const struct pipe_buffer *buf = pipe_buf(pipe, i);

		if (!counts(buf))
			continue;
		/* By splice(2) from a socket; no write(2) would fit it in again. */
		if (buf->len > PAGE_SIZE)
			return "a pipe with a piece of more than a page in it";
		contents->nr++;
		contents->size += buf->len;
	}
	return NULL;
}

/* Waits, as a reader would, for pages that are still being read from disk. */
static int copy_buf(struct pipe_inode_info *pipe, struct pipe_buffer *buf, u8 *to)
{
	struct kvec vec = { .iov_base = to, .iov_len = buf->len };
	struct iov_iter iter;
	int err = pipe_buf_confirm(pipe, buf);

	if (err)
		return err;
	iov_iter_kvec(&iter, ITER_DEST, &vec, 1, buf->len);
	if (copy_page_to_iter(buf->page, buf->offset, buf->len, &iter) != buf->len)
		return -EIO;
	return 0;
}

static int copy_bufs(struct pipe_inode_info *pipe, struct ckpt_pipe_contents *contents)
{
	const gfp_t gfp = GFP_KERNEL_ACCOUNT | __GFP_NOWARN;
	struct ckpt_pipe_buf *rec;
	unsigned int i;
	u8 *to;

	contents->bufs = kvcalloc(contents->nr, sizeof(*rec), gfp);
	contents->bytes = kvmalloc(contents->size, gfp);
	if (!contents->bufs || !contents->bytes)
		return -ENOMEM;
	rec = contents->bufs;
	to = contents->bytes;
	for (i = pipe->tail; i != pipe->head; i++) {
		struct pipe_buffer *buf = pipe_buf(pipe, i);
		int err;

		if (!counts(buf))
			continue;
		err = copy_buf(pipe, buf, to);
		if (err)
			return err;
		to += buf->len;
		rec->len = cpu_to_le32(buf->len);
		if (buf->flags & PIPE_BUF_FLAG_PACKET)
			rec->flags = cpu_to_le32(CKPT_PIPE_BUF_PACKET);
		rec++;
	}
	return 0;
}

int ckpt_pipe_copy(struct pipe_inode_info *pipe, struct ckpt_pipe_contents *contents,
		   const char **obstacle)
{
	int err;

	guard(mutex)(&pipe->mutex);
	*obstacle = measure(pipe, contents);
	if (*obstacle)
		return 0;
	err = copy_bufs(pipe, contents);
	if (err != -EIO && err != -ENODATA)
		return err;
	*obstacle = "a pipe whose contents cannot be read";
	return 0;
}

/*
 * Each buffer becomes a packet of its own: nothing is merged. One byte stands
 * in for an empty packet, which no write(2) makes.
 */
static int write_bufs(struct file *file, const struct ckpt_view *view,
		      struct ckpt_content *content)
{
	u8 *page __free(kfree) = kzalloc(PAGE_SIZE, GFP_KERNEL_ACCOUNT);
	const struct ckpt_pipe_buf *buf = view->elems;
	loff_t pos = 0;
	u32 i;

	if (!page)
		return -ENOMEM;
	for (i = 0; i < view->count; i++) {
		size_t len = le32_to_cpu(buf[i].len);
		struct kvec vec = { .iov_base = page, .iov_len = len };
		struct iov_iter to;
		ssize_t n;

		iov_iter_kvec(&to, ITER_DEST, &vec, 1, len);
		n = len ? ckpt_content_read(content, pos, &to) : 0;
		if (n != len)
			return n < 0 ? n : -EUCLEAN;
		pos += len;
		len = len ?: 1;
		n = kernel_write(file, page, len, NULL);
		if (n != len)
			return n < 0 ? n : -EIO;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

/* The packets become what they were; the pipe is still ours alone. */
static void set_bufs(struct pipe_inode_info *pipe, const struct ckpt_view *view)
{
	const struct ckpt_pipe_buf *rec = view->elems;
	u32 i;

	guard(mutex)(&pipe->mutex);
	for (i = 0; i < view->count && pipe->tail + i != pipe->head; i++) {
		struct pipe_buffer *buf = pipe_buf(pipe, pipe->tail + i);

		buf->len = le32_to_cpu(rec[i].len);
		if (!(le32_to_cpu(rec[i].flags) & CKPT_PIPE_BUF_PACKET))
			buf->flags = PIPE_BUF_FLAG_CAN_MERGE;
	}
}

int ckpt_pipe_fill(struct file *file, const struct ckpt_view *view,
		   struct ckpt_content *content)
{
	int err;

	if (!view->count)
		return 0;
	scoped_guard(spinlock, &file->f_lock)
		file->f_flags |= O_DIRECT | O_NONBLOCK;
	err = write_bufs(file, view, content);
	if (!err)
		set_bufs(file->private_data, view);
	return err;
}

struct fasync_struct *ckpt_pipe_async(struct file *file)
{
	const struct pipe_inode_info *pipe = file_inode(file)->i_pipe;

	return READ_ONCE(*(file->f_mode & FMODE_READ ? &pipe->fasync_readers :
							&pipe->fasync_writers));
}
