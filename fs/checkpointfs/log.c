// SPDX-License-Identifier: GPL-2.0-only
/*
 * The log: what the last operations of a mount have to say to its users.
 *
 * A ring of bytes that holds whole lines. The position of a file is an offset
 * in the stream of all that was ever logged, so a reader goes on where it was
 * whatever comes in meanwhile; what it was too late for is skipped. A log
 * lives as long as its mount.
 *
 * ckpt_err() is called with all sorts of locks held, mmap_lock among them, so
 * nothing is taken inside ckpt_log.lock, and no user memory is touched there.
 */
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "checkpointfs.h"

#define RING_SIZE	65536		/* a power of 2 */
#define LINE_SIZE	1024		/* with its newline */

/**
 * struct ckpt_log - the messages of a mount
 * @lock:	protects the rest
 * @wait:	for new lines
 * @first:	offset of the oldest line that is still there
 * @next:	offset behind the newest
 * @line:	the line being made
 * @ring:	byte @offset is in slot @offset % RING_SIZE
 */
struct ckpt_log {
	struct mutex lock;
	wait_queue_head_t wait;
	u64 first;
	u64 next;
	char line[LINE_SIZE];
	char ring[RING_SIZE];
};

struct ckpt_log *ckpt_log_create(void)
{
	struct ckpt_log *log = kvzalloc(sizeof(*log), GFP_KERNEL_ACCOUNT);

	if (!log)
		return NULL;
	mutex_init(&log->lock);
	init_waitqueue_head(&log->wait);
	return log;
}

void ckpt_log_destroy(struct ckpt_log *log)
{
	kvfree(log);
}

static char *slot(struct ckpt_log *log, u64 offset)
{
	return &log->ring[offset % RING_SIZE];
}

/* Names and paths in it come from users; they must not look like lines. */
static void make_printable(char *line)
{
	for (; *line; line++)
		if (*line > 0 && (*line < ' ' || *line == 0x7f))
			*line = '?';
}

static void append(struct ckpt_log *log, size_t len)
{
	u64 next = log->next;
	size_t i;

	lockdep_assert_held(&log->lock);
	while (next + len - log->first > RING_SIZE)
		while (*slot(log, log->first++) != '\n')
			;
	for (i = 0; i < len; i++)
		*slot(log, next++) = log->line[i];
	WRITE_ONCE(log->next, next);
}

void ckpt_err(struct ckpt_mount *m, const char *fmt, ...)
{
	struct ckpt_log *log = m->log;
	va_list args;
	size_t len;

	might_sleep();
	scoped_guard(mutex, &log->lock) {
		va_start(args, fmt);
		len = vscnprintf(log->line, LINE_SIZE - 1, fmt, args);
		va_end(args);
		make_printable(log->line);
		pr_debug("%s\n", log->line);
		log->line[len] = '\n';
		append(log, len + 1);
	}
	wake_up_interruptible_poll(&log->wait,
				   EPOLLIN | EPOLLRDNORM | EPOLLPRI);
}

int ckpt_say(struct ckpt_mount *m, const char *what, int error)
{
	switch (error) {
	case -ENOMEM:
		ckpt_err(m, "%s: out of memory", what);
		break;
	case -EFAULT:
		ckpt_err(m, "%s: what is written cannot be read", what);
		break;
	case -EINTR:
		ckpt_err(m, "%s: the writer was killed", what);
		break;
	}
	return error;
}

static struct ckpt_log *file_log(const struct file *file)
{
	return ckpt_mount(file_inode(file)->i_sb)->log;
}

/* Copy lines from *@pos on; an offset that is gone becomes the oldest one. */
static size_t copy_out(struct ckpt_log *log, loff_t *pos, char *bytes,
		       size_t room)
{
	size_t i, n;

	guard(mutex)(&log->lock);
	if (*pos >= log->next)
		return 0;
	*pos = max_t(u64, *pos, log->first);
	n = min_t(u64, room, log->next - *pos);
	for (i = 0; i < n; i++)
		bytes[i] = *slot(log, *pos + i);
	return n;
}

static ssize_t log_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	size_t room = min_t(size_t, iov_iter_count(to), RING_SIZE);
	char *bytes __free(kvfree) = kvmalloc(room, GFP_KERNEL);
	loff_t pos = iocb->ki_pos;
	size_t n;

	if (!bytes)
		return -ENOMEM;
	n = copy_out(file_log(iocb->ki_filp), &pos, bytes, room);
	if (!n)
		return 0;
	n = copy_to_iter(bytes, n, to);
	if (!n)
		return -EFAULT;
	iocb->ki_pos = pos + n;
	return n;
}

/* The end is behind the newest line: from there, reads and polls see new ones. */
static loff_t log_llseek(struct file *file, loff_t offset, int whence)
{
	return generic_file_llseek_size(file, offset, whence, MAX_LFS_FILESIZE,
					READ_ONCE(file_log(file)->next));
}

static __poll_t log_poll(struct file *file, poll_table *wait)
{
	struct ckpt_log *log = file_log(file);

	poll_wait(file, &log->wait, wait);
	if (READ_ONCE(log->next) > READ_ONCE(file->f_pos))
		return EPOLLIN | EPOLLRDNORM | EPOLLPRI;
	return 0;
}

const struct file_operations checkpointfs_log_fops = {
	.owner		= THIS_MODULE,
	.open		= ckpt_open_read,
	.llseek		= log_llseek,
	.read_iter	= log_read_iter,
	.splice_read	= copy_splice_read,
	.poll		= log_poll,
};
