// SPDX-License-Identifier: GPL-2.0-only
/*
 * Contents on their way out, page by page.
 *
 * What has been committed and consists of pages goes out by reference: a read
 * copies from the page itself, a splice passes the page on. References are
 * taken under ckpt_container.reading, nothing else is done under it; what is
 * held stays good when the container is removed meanwhile.
 */
#include <linux/mm.h>
#include <linux/pipe_fs_i.h>
#include <linux/sched/signal.h>
#include <linux/splice.h>
#include <linux/uio.h>

#include "checkpointfs.h"

#define BATCH	64

bool ckpt_object_has_pages(const struct ckpt_object *obj)
{
	return obj->ops->pages && READ_ONCE(obj->con->state) == CKPT_COMMITTED;
}

/* Return: how many pages from the one at @pos on, or -errno. */
static long get_pages(struct ckpt_object *obj, loff_t pos, size_t len,
		      unsigned int room, struct page **pages)
{
	u64 nr = DIV_ROUND_UP(offset_in_page(pos) + len, PAGE_SIZE);
	struct ckpt_container *con = obj->con;
	long got = -ESTALE;

	if (down_read_killable(&con->reading))
		return -EINTR;
	if (!ckpt_container_dead(con))
		got = obj->ops->pages(obj, pos >> PAGE_SHIFT, min_t(u64, nr, room), pages);
	up_read(&con->reading);
	return got ?: -EIO;
}

size_t ckpt_copy_pages(struct page **pages, long nr, size_t offset, struct iov_iter *to)
{
	size_t done = 0;
	bool fault = false;
	long i;

	for (i = 0; i < nr; i++) {
		size_t n = min(PAGE_SIZE - offset, iov_iter_count(to));
		size_t copied = fault ? 0 : copy_page_to_iter(pages[i], offset, n, to);

		fault = copied < n;
		done += copied;
		offset = 0;
		put_page(pages[i]);
	}
	return done;
}

ssize_t ckpt_object_read_pages(struct ckpt_object *obj, loff_t pos, struct iov_iter *to)
{
	struct page *pages[BATCH];
	ssize_t done = 0;

	while (iov_iter_count(to)) {
		size_t offset = offset_in_page(pos), want, n;
		long got = get_pages(obj, pos, iov_iter_count(to), BATCH, pages);

		if (got < 0)
			return done ?: got;
		want = min(got * PAGE_SIZE - offset, iov_iter_count(to));
		n = ckpt_copy_pages(pages, got, offset, to);
		done += n;
		pos += n;
		if (n < want)
			return done ?: -EFAULT;
		if (fatal_signal_pending(current))
			return done ?: -EINTR;
		cond_resched();
	}
	return done;
}

static void release_page(struct splice_pipe_desc *spd, unsigned int i)
{
	put_page(spd->pages[i]);
}

/*
 * Describe @got pages; those that follow one another in a folio are one piece,
 * with one reference.
 */
static void fill_pieces(struct splice_pipe_desc *spd, struct page **pages, long got,
			size_t offset, size_t len)
{
	long i;

	for (i = 0; i < got; i++) {
		size_t n = min(PAGE_SIZE - offset, len);
		struct partial_page *last = spd->partial + spd->nr_pages - 1;

		if (i && pages[i] == pages[i - 1] + 1 &&
		    page_folio(pages[i]) == page_folio(pages[i - 1])) {
			put_page(pages[i]);
			last->len += n;
		} else {
			spd->pages[spd->nr_pages] = pages[i];
			spd->partial[spd->nr_pages++] = (struct partial_page) {
				.offset = offset,
				.len = n,
			};
		}
		len -= n;
		offset = 0;
	}
}

static ssize_t splice_some(struct ckpt_object *obj, loff_t pos,
			   struct pipe_inode_info *pipe, size_t len, unsigned int room)
{
	struct page *pages[PIPE_DEF_BUFFERS], *pieces[PIPE_DEF_BUFFERS];
	struct partial_page partial[PIPE_DEF_BUFFERS];
	struct splice_pipe_desc spd = {
		.pages = pieces,
		.partial = partial,
		.nr_pages_max = PIPE_DEF_BUFFERS,
		.ops = &nosteal_pipe_buf_ops,
		.spd_release = release_page,
	};
	long got = get_pages(obj, pos, len, min_t(unsigned int, room, PIPE_DEF_BUFFERS), pages);

	if (got < 0)
		return got;
	fill_pieces(&spd, pages, got, offset_in_page(pos), len);
	return splice_to_pipe(pipe, &spd);
}

ssize_t ckpt_object_splice_pages(struct ckpt_object *obj, loff_t pos,
				 struct pipe_inode_info *pipe, size_t len)
{
	ssize_t done = 0;

	if (pos >= obj->size)
		return 0;
	len = min_t(u64, len, obj->size - pos);
	while (len) {
		unsigned int used = pipe_occupancy(pipe->head, pipe->tail);
		ssize_t n;

		if (used >= pipe->max_usage)
			return done ?: -EAGAIN;
		n = splice_some(obj, pos, pipe, len, pipe->max_usage - used);
		if (n <= 0)
			return done ?: n;
		done += n;
		pos += n;
		len -= n;
		if (fatal_signal_pending(current))
			break;
		cond_resched();
	}
	return done;
}
