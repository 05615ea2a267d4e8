// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files that the kernel writes when they are read: struct seq_file.
 *
 * It goes from one thing that it tells of to the next, and counts them in its own way:
 * the index of the next one, and where in the file that is, are kept. What it has
 * written of those before and nobody has read yet is one moment's and is kept as well:
 * half a number must not be followed by half of another. But who reads it trusts that
 * the kernel has written it: so only one who could make the kernel say anything may
 * restore that.
 *
 * An index is never set: the new file is read up to there, as its own functions expect
 * it. If it tells of less by now, that is the end of it. Where the index is a number of
 * this boot, as that of mounts is, the byte counts, as it does for lseek(2). What tells
 * of one thing alone is not read again, which some drivers take for having been told.
 *
 * seq_file.lock protects all of it, also from who has got the file by pidfd_getfd(2).
 */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "checkpointfs.h"
#include "procfs.h"

int ckpt_seqfile_save(struct seq_file *m, struct ckpt_writer *w)
{
	struct ckpt_seqfile *rec;
	int err = mutex_lock_killable(&m->lock);

	if (err)
		return err;
	if (m->count > ckpt_schema(CKPT_REC_SEQFILE)->max) {
		err = -EFBIG;
	} else if (m->index || m->read_pos || m->count) {
		rec = ckpt_add(w, CKPT_REC_SEQFILE, m->count);
		err = rec ? 0 : w->error;
		if (rec) {
			rec->index = cpu_to_le64(m->index);
			rec->read_pos = cpu_to_le64(m->read_pos);
			memcpy(ckpt_elems(rec), m->buf + m->from, m->count);
		}
	}
	mutex_unlock(&m->lock);
	return err;
}

/* By its own operation, if it has one: that of an entry which may be taken away. */
static ssize_t read_on(struct file *file, size_t bytes, loff_t *pos)
{
	struct iov_iter to;
	struct kiocb kiocb;
	ssize_t n;

	init_sync_kiocb(&kiocb, file);
	kiocb.ki_pos = *pos;
	iov_iter_discard(&to, ITER_DEST, bytes);
	n = file->f_op->read_iter ? file->f_op->read_iter(&kiocb, &to) :
				    seq_read_iter(&kiocb, &to);
	*pos = kiocb.ki_pos;
	return n;
}

/*
 * Until what has been written goes up to there. That is read, and no more: it would
 * write of the next thing.
 */
static ssize_t read_up_to(struct file *file, u64 index, u64 end)
{
	const struct seq_file *m = file->private_data;
	loff_t pos = 0;

	while ((u64)m->index < index && pos + m->count < end) {
		ssize_t n = read_on(file, m->count ?: 1, &pos);

		if (n <= 0)
			return n;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

static ssize_t go_to(struct file *file, const struct ckpt_seqfile *rec, size_t unread,
		     enum ckpt_seq how)
{
	struct seq_file *m = file->private_data;
	u64 pos = le64_to_cpu(rec->read_pos);

	switch (how) {
	case CKPT_SEQ_INDEX:
		return read_up_to(file, le64_to_cpu(rec->index), U64_MAX);
	case CKPT_SEQ_BYTES:
		/* With nothing unread, the next read goes there by itself. */
		return unread ? read_up_to(file, U64_MAX, pos + unread) : 0;
	default:
		scoped_guard(mutex, &m->lock)
			m->index = !!rec->index;
		return 0;
	}
}

static int put_unread(struct seq_file *m, const struct ckpt_view *view)
{
	size_t size;
	void *buf;

	if (!view->count)
		return 0;
	size = max_t(size_t, roundup_pow_of_two(view->count), PAGE_SIZE);
	buf = kvmalloc(size, GFP_KERNEL_ACCOUNT);
	if (!buf)
		return -ENOMEM;
	memcpy(buf, view->elems, view->count);
	kvfree(m->buf);
	m->buf = buf;
	m->size = size;
	return 0;
}

int ckpt_seqfile_restore(struct ckpt_restore *r, struct ckpt_item *item, struct file *file,
			 enum ckpt_seq how)
{
	const struct ckpt_file *open = ckpt_item_body(item, CKPT_REC_FILE);
	const struct ckpt_seqfile *rec;
	struct seq_file *m = file->private_data;
	struct ckpt_view view;
	ssize_t err;

	file->f_pos = le64_to_cpu(open->pos);
	if (!ckpt_find(item->bytes, item->size, CKPT_REC_SEQFILE, &view))
		return 0;
	rec = view.body;
	if (!(file->f_mode & FMODE_READ)) {
		ckpt_restore_err(r, item, "half read: it is not open for reading");
		return -EUCLEAN;
	}
	if (view.count && !capable(CAP_SYS_ADMIN)) {
		ckpt_restore_err(r, item, "half read: what has not been read may not be set");
		return -EPERM;
	}
	err = go_to(file, rec, view.count, how);
	if (!err && (view.count || how != CKPT_SEQ_BYTES)) {
		guard(mutex)(&m->lock);
		err = put_unread(m, &view);
		m->from = 0;
		m->count = err ? 0 : view.count;
		m->read_pos = le64_to_cpu(rec->read_pos);
	}
	if (err)
		ckpt_restore_err(r, item, "cannot be read up to where it was (%zd)", err);
	return err;
}

/* ---- what it tells by poll(2) ---------------------------------------------------- */

/* Whom a file's poll() lets wait: on procfs and sysfs there is at most one queue. */
struct found {
	poll_table table;
	wait_queue_head_t *queue;
};

static void find_queue(struct file *file, wait_queue_head_t *queue, poll_table *table)
{
	container_of(table, struct found, table)->queue = queue;
}

void ckpt_poll_again(struct file *file, void (*forget)(struct file *file))
{
	struct found found = {};

	if (!file->f_op->poll)
		return;
	init_poll_funcptr(&found.table, find_queue);
	vfs_poll(file, &found.table);
	if (!found.queue)
		return;
	forget(file);
	wake_up_interruptible_poll(found.queue, EPOLLERR | EPOLLPRI);
}
