// SPDX-License-Identifier: GPL-2.0-only
/*
 * The files of a container: objects, the three at the top, NAME.tar.
 *
 * Records are bytes that never change and stay until the last reference to
 * the container goes, so they are copied without a lock. Contents are read
 * from the program while it is frozen, and from its snapshot afterwards; both
 * can be taken away at any time. A reader holds ckpt_container.reading while
 * it copies, and whoever thaws, commits or removes waits for it. Therefore
 * nothing a user can stretch is done under it: contents meant for user memory
 * are copied into a buffer first, since a page fault may take for ever.
 * Pages of a snapshot go out by reference, see contents.c.
 */
#include <linux/cred.h>
#include <linux/pipe_fs_i.h>
#include <linux/rwsem.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/splice.h>
#include <linux/uio.h>

#include "checkpointfs.h"

#define BUFFER_SIZE	65536

int ckpt_open_read(struct inode *inode, struct file *file)
{
	return file->f_mode & FMODE_WRITE ? -EACCES : 0;
}

/*
 * Passing a file on must not lend rights to what is written to it. And a
 * writer acts as himself: new tasks become his children, and what he belongs
 * to is not frozen.
 */
bool ckpt_may_write(const struct file *file)
{
	const struct cred *opener = file->f_cred, *writer = current_cred();

	return !(current->flags & (PF_KTHREAD | PF_USER_WORKER)) &&
	       opener->user_ns == writer->user_ns &&
	       uid_eq(opener->fsuid, writer->fsuid) &&
	       cap_issubset(writer->cap_effective, opener->cap_effective);
}

ssize_t ckpt_bytes_read(const void *bytes, u64 size, loff_t pos,
			struct iov_iter *to)
{
	size_t n;

	if (pos >= size || !iov_iter_count(to))
		return 0;
	n = copy_to_iter(bytes + pos,
			 min_t(u64, iov_iter_count(to), size - pos), to);
	return n ?: -EFAULT;
}

/* Is what is read from the program not what it was at the freeze? */
static bool has_run(const struct ckpt_container *con)
{
	return READ_ONCE(con->state) == CKPT_FROZEN && ckpt_tasks_left(con->tasks);
}

/*
 * What the tasks have in memory stays as it is until this returns, unless one
 * of them is killed: then it is not said to be good.
 */
static ssize_t read_locked(struct ckpt_object *obj, loff_t pos,
			   struct iov_iter *to)
{
	struct ckpt_container *con = obj->con;
	ssize_t n = -ESTALE;

	if (down_read_killable(&con->reading))
		return -EINTR;
	if (!ckpt_container_dead(con) && !has_run(con))
		n = obj->ops->read(obj, pos, to);
	if (has_run(con))
		n = -ESTALE;
	up_read(&con->reading);
	return n ?: -EIO;
}

/* A piece of at most @room bytes by way of @buffer. */
static ssize_t read_buffered(struct ckpt_object *obj, loff_t pos,
			     struct iov_iter *to, void *buffer, size_t room)
{
	struct kvec vec = {
		.iov_base = buffer,
		.iov_len = min(room, iov_iter_count(to)),
	};
	struct iov_iter iter;
	ssize_t n;

	iov_iter_kvec(&iter, ITER_DEST, &vec, 1, vec.iov_len);
	n = read_locked(obj, pos, &iter);
	if (n <= 0)
		return n;
	return copy_to_iter(buffer, n, to) ?: -EFAULT;
}

static ssize_t read_to_user(struct ckpt_object *obj, loff_t pos,
			    struct iov_iter *to)
{
	size_t room = min_t(size_t, iov_iter_count(to), BUFFER_SIZE);
	void *buffer __free(kvfree) = kvmalloc(room, GFP_KERNEL);
	ssize_t done = 0;

	if (!buffer)
		return -ENOMEM;
	while (iov_iter_count(to)) {
		ssize_t n = read_buffered(obj, pos + done, to, buffer, room);

		if (n < 0)
			return done ?: n;
		done += n;
		if (fatal_signal_pending(current))
			break;
		cond_resched();
	}
	return done;
}

/**
 * ckpt_object_read() - bytes of an object's file
 * @obj: of a container that the caller has a reference to
 * @pos: offset
 * @to: where they go
 *
 * The file ends at obj->size, whatever the row has to say.
 * Return: how many; 0 at the end; -ESTALE once the container is dead.
 */
ssize_t ckpt_object_read(struct ckpt_object *obj, loff_t pos,
			 struct iov_iter *to)
{
	size_t surplus = 0;
	ssize_t n;

	if (ckpt_container_dead(obj->con))
		return -ESTALE;
	if (!(obj->ops->flags & CKPT_ROW_RAW))
		return ckpt_bytes_read(obj->bytes, obj->size, pos, to);
	if (pos >= obj->size || !iov_iter_count(to))
		return 0;
	if (iov_iter_count(to) > obj->size - pos) {
		surplus = iov_iter_count(to) - (obj->size - pos);
		iov_iter_truncate(to, obj->size - pos);
	}
	if (ckpt_object_has_pages(obj))
		n = ckpt_object_read_pages(obj, pos, to);
	else if (user_backed_iter(to))
		n = read_to_user(obj, pos, to);
	else
		n = read_locked(obj, pos, to);
	iov_iter_reexpand(to, iov_iter_count(to) + surplus);
	return n;
}

static ssize_t object_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	const struct ckpt_bytes *top;
	struct ckpt_object *obj = ckpt_inode_object(inode, &top);
	ssize_t n;

	if (obj)
		n = ckpt_object_read(obj, iocb->ki_pos, to);
	else if (ckpt_container_dead(ckpt_inode_container(inode)))
		n = -ESTALE;
	else
		n = ckpt_bytes_read(top->bytes, top->size, iocb->ki_pos, to);
	if (n > 0)
		iocb->ki_pos += n;
	return n;
}

static ssize_t tar_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	ssize_t n;

	n = ckpt_tar_read(ckpt_inode_container(inode), iocb->ki_pos, to);
	if (n > 0)
		iocb->ki_pos += n;
	return n;
}

static ssize_t object_splice_read(struct file *in, loff_t *ppos,
				  struct pipe_inode_info *pipe, size_t len,
				  unsigned int flags)
{
	const struct ckpt_bytes *top;
	struct ckpt_object *obj = ckpt_inode_object(file_inode(in), &top);
	ssize_t n;

	if (!obj || !ckpt_object_has_pages(obj))
		return copy_splice_read(in, ppos, pipe, len, flags);
	n = ckpt_object_splice_pages(obj, *ppos, pipe, len);
	if (n > 0)
		*ppos += n;
	return n;
}

/* Up to where contents begin or end. */
static ssize_t tar_splice_piece(struct file *in, loff_t *ppos,
				struct pipe_inode_info *pipe, size_t len,
				unsigned int flags)
{
	loff_t pos = *ppos;
	struct ckpt_object *obj;
	ssize_t n;

	obj = ckpt_tar_contents(ckpt_inode_container(file_inode(in)), &pos, &len);
	if (!obj)
		return copy_splice_read(in, ppos, pipe, len, flags);
	n = ckpt_object_splice_pages(obj, pos, pipe, len);
	if (n > 0)
		*ppos += n;
	return n;
}

/* What there is room for: many contents are smaller, and each has a header. */
static ssize_t tar_splice_read(struct file *in, loff_t *ppos,
			       struct pipe_inode_info *pipe, size_t len,
			       unsigned int flags)
{
	ssize_t done = 0;

	do {
		ssize_t n = tar_splice_piece(in, ppos, pipe, len - done, flags);

		if (n <= 0)
			return done ?: n;
		done += n;
	} while (done < len && !fatal_signal_pending(current) &&
		 !pipe_full(pipe->head, pipe->tail, pipe->max_usage));
	return done;
}

const struct file_operations checkpointfs_object_fops = {
	.owner		= THIS_MODULE,
	.open		= ckpt_open_read,
	.llseek		= generic_file_llseek,
	.read_iter	= object_read_iter,
	.splice_read	= object_splice_read,
};

const struct file_operations checkpointfs_tar_fops = {
	.owner		= THIS_MODULE,
	.open		= ckpt_open_read,
	.llseek		= generic_file_llseek,
	.read_iter	= tar_read_iter,
	.splice_read	= tar_splice_read,
};
