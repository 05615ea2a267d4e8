// SPDX-License-Identifier: GPL-2.0-only
/*
 * Contents: bytes held in pages of their own, until a program gets them.
 *
 * What is written to restore/ is collected here, and what a snapshot has to
 * copy. The pages are such as anonymous memory is made of, charged to whoever
 * writes, so that a restore moves them into the new address spaces without
 * another copy. A content counts against the mount's stage_max with its size
 * in whole pages, holes too: so no loop over a size is longer than that
 * allows. c->lock serializes writers; who reads must know that nobody writes.
 */
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/pagevec.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"

int ckpt_stage_charge(struct ckpt_mount *m, u64 bytes)
{
	s64 old = atomic64_read(&m->staged);

	do {
		if (old > m->stage_max || bytes > m->stage_max - old) {
			ckpt_err(m, "restore: %llu bytes more than the %lld staged would exceed stage_max=%llu",
				 bytes, old, m->stage_max);
			return -ENOSPC;
		}
	} while (!atomic64_try_cmpxchg(&m->staged, &old, old + bytes));
	return 0;
}

void ckpt_stage_uncharge(struct ckpt_mount *m, u64 bytes)
{
	atomic64_sub(bytes, &m->staged);
}

struct ckpt_content *ckpt_content_create(struct ckpt_mount *m)
{
	struct ckpt_content *c;
	int err;

	err = ckpt_stage_charge(m, CKPT_STAGE_ENTRY);
	if (err)
		return ERR_PTR(err);
	c = kzalloc(sizeof(*c), GFP_KERNEL_ACCOUNT);
	if (!c) {
		ckpt_stage_uncharge(m, CKPT_STAGE_ENTRY);
		return ERR_PTR(-ENOMEM);
	}
	xa_init_flags(&c->pages, XA_FLAGS_ACCOUNT);
	mutex_init(&c->lock);
	c->mount = m;
	return c;
}

/* Free the pages from @first on, in batches: there may be millions. */
static void drop_pages(struct ckpt_content *c, pgoff_t first)
{
	XA_STATE(xas, &c->pages, first);
	struct folio_batch batch;
	struct page *page;

	folio_batch_init(&batch);
	do {
		xas_lock(&xas);
		xas_for_each(&xas, page, ULONG_MAX) {
			xas_store(&xas, NULL);
			if (!folio_batch_add(&batch, page_folio(page)))
				break;
		}
		xas_pause(&xas);
		xas_unlock(&xas);
		folios_put(&batch);
		cond_resched();
	} while (page);
}

void ckpt_content_destroy(struct ckpt_content *c)
{
	if (!c)
		return;
	drop_pages(c, 0);
	xa_destroy(&c->pages);
	ckpt_stage_uncharge(c->mount, CKPT_STAGE_ENTRY + PAGE_ALIGN(c->size));
	mutex_destroy(&c->lock);
	kfree(c);
}

/* Make room for @size bytes; c->size is for the caller to set. */
static int grow(struct ckpt_content *c, u64 size)
{
	u64 now = PAGE_ALIGN(c->size), want = PAGE_ALIGN(size);

	lockdep_assert_held(&c->lock);
	return want > now ? ckpt_stage_charge(c->mount, want - now) : 0;
}

/* Give back what @size bytes had charged and c->size does not need. */
static void ungrow(struct ckpt_content *c, u64 size)
{
	u64 now = PAGE_ALIGN(c->size), had = PAGE_ALIGN(size);

	lockdep_assert_held(&c->lock);
	if (had <= now)
		return;
	drop_pages(c, now >> PAGE_SHIFT);
	ckpt_stage_uncharge(c->mount, had - now);
}

static int charge_folio(struct folio *folio)
{
	if (mem_cgroup_disabled())
		return 0;
	return ksym(__mem_cgroup_charge)(folio, current->mm, GFP_KERNEL);
}

/* The page at @index; a new one is zeroed, whatever comes to be written. */
static struct page *get_or_add(struct ckpt_content *c, pgoff_t index)
{
	struct page *page = xa_load(&c->pages, index);
	struct folio *folio;
	int err;

	if (page)
		return page;
	folio = folio_alloc(GFP_HIGHUSER_MOVABLE | __GFP_ZERO, 0);
	if (!folio)
		return ERR_PTR(-ENOMEM);
	page = folio_page(folio, 0);
	err = charge_folio(folio);
	if (!err)
		err = xa_err(xa_store(&c->pages, index, page, GFP_KERNEL));
	if (err) {
		folio_put(folio);
		return ERR_PTR(err);
	}
	return page;
}

/* Copy up to the end of the page. Return: bytes, or -errno. */
static ssize_t write_page(struct ckpt_content *c, loff_t pos, struct iov_iter *from)
{
	size_t offset = offset_in_page(pos);
	size_t n = min(PAGE_SIZE - offset, iov_iter_count(from));
	struct page *page;
	size_t copied;

	if (fatal_signal_pending(current))
		return -EINTR;
	page = get_or_add(c, pos >> PAGE_SHIFT);
	if (IS_ERR(page))
		return PTR_ERR(page);
	copied = copy_page_from_iter(page, offset, n, from);
	cond_resched();
	return copied ?: -EFAULT;
}

/* The same for all of @from. Return: 0 or what ended it; *@pos tells how far. */
static int write_pages(struct ckpt_content *c, loff_t *pos, struct iov_iter *from)
{
	while (iov_iter_count(from)) {
		ssize_t n = write_page(c, *pos, from);

		if (n < 0)
			return n;
		*pos += n;
	}
	return 0;
}

ssize_t ckpt_content_write(struct ckpt_content *c, loff_t pos, struct iov_iter *from)
{
	loff_t end, at = pos;
	int err;

	if (!iov_iter_count(from))
		return 0;
	if (pos < 0 || iov_iter_count(from) > MAX_RW_COUNT ||
	    check_add_overflow(pos, (loff_t)iov_iter_count(from), &end) ||
	    end > MAX_LFS_FILESIZE - PAGE_SIZE)
		return -EFBIG;
	if (mutex_lock_killable(&c->lock))
		return -EINTR;
	err = grow(c, end);
	if (!err) {
		u64 old = max_t(u64, c->size, end);

		err = write_pages(c, &at, from);
		if (at > pos)
			WRITE_ONCE(c->size, max_t(u64, c->size, at));
		ungrow(c, old);
	}
	mutex_unlock(&c->lock);
	return at > pos ? at - pos : err;
}

ssize_t ckpt_content_read(struct ckpt_content *c, loff_t pos, struct iov_iter *to)
{
	u64 size = READ_ONCE(c->size);
	loff_t at = pos;

	while (at < size && iov_iter_count(to)) {
		size_t offset = offset_in_page(at);
		size_t n = min3((u64)iov_iter_count(to), (u64)PAGE_SIZE - offset,
				size - at);
		struct page *page = xa_load(&c->pages, at >> PAGE_SHIFT);
		size_t copied;

		copied = page ? copy_page_to_iter(page, offset, n, to) :
				iov_iter_zero(n, to);
		at += copied;
		if (copied < n)
			return at > pos ? at - pos : -EFAULT;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return at - pos;
}

int ckpt_content_truncate(struct ckpt_content *c, u64 size)
{
	struct page *page;
	u64 old;
	int err;

	if (size > MAX_LFS_FILESIZE - PAGE_SIZE)
		return -EFBIG;
	if (mutex_lock_killable(&c->lock))
		return -EINTR;
	err = grow(c, size);
	if (!err) {
		old = c->size;
		WRITE_ONCE(c->size, size);
		ungrow(c, old);
		/* What is cut off must not come back when the file grows. */
		page = xa_load(&c->pages, size >> PAGE_SHIFT);
		if (page && offset_in_page(size))
			memzero_page(page, offset_in_page(size),
				     PAGE_SIZE - offset_in_page(size));
	}
	mutex_unlock(&c->lock);
	return err;
}

struct page *ckpt_content_take(struct ckpt_content *c, pgoff_t index)
{
	struct page *page = xa_erase(&c->pages, index);

	if (!page)
		return NULL;
	c->taken = true;
	/* Whoever finds the page in a page table sees its contents. */
	__folio_mark_uptodate(page_folio(page));
	return page;
}
