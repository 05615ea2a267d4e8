// SPDX-License-Identifier: GPL-2.0-only
/*
 * Contents: bytes held in folios of their own, until a program gets them.
 *
 * What is written to restore/ is collected here, and what a snapshot has to
 * copy. The folios are such as anonymous memory is made of, charged to whoever
 * writes, so that a restore moves them into the new address spaces without
 * another copy: single pages, and larger ones where ckpt_content_place() has
 * told where they are going to. A folio belongs to nobody else, so its index
 * is that of its first page in the content. Each is zeroed before anything is
 * written to it: what is not written reads as zeroes.
 *
 * A content counts against the mount's stage_max with its size in whole pages,
 * holes too, and with all of its last folio: so no loop over a size is longer
 * than that allows. c->lock serializes writers; who reads must know that
 * nobody writes.
 */
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/pagevec.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"

/*
 * Contents may be of any size. Where they do not fit, whoever brings them is told so, and
 * nobody is killed to make room.
 */
#define GFP_CONTENT	(GFP_KERNEL | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

/* Of vmas: an address space with more has small runs, which large folios do not fit. */
#define VMAS_MAX	SZ_16M

/* Return: 0 or -ENOSPC; @old is what is staged. */
static int try_charge(struct ckpt_mount *m, u64 bytes, s64 *old)
{
	*old = atomic64_read(&m->staged);
	do {
		if (*old > m->stage_max || bytes > m->stage_max - *old)
			return -ENOSPC;
	} while (!atomic64_try_cmpxchg(&m->staged, old, *old + bytes));
	return 0;
}

int ckpt_stage_charge(struct ckpt_mount *m, u64 bytes)
{
	s64 old;
	int err = try_charge(m, bytes, &old);

	if (err)
		ckpt_err(m, "%llu bytes more than the %lld that are taken would exceed stage_max=%llu",
			 bytes, old, m->stage_max);
	return err;
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
	xa_init_flags(&c->folios, XA_FLAGS_ACCOUNT);
	mutex_init(&c->lock);
	c->mount = m;
	return c;
}

static pgoff_t folio_end(const struct folio *folio)
{
	return folio->index + folio_nr_pages(folio);
}

/*
 * Free the folios from page @first on, in batches: there may be millions. One
 * that begins before it stays.
 */
static void drop_folios(struct ckpt_content *c, pgoff_t first)
{
	XA_STATE(xas, &c->folios, first);
	struct folio_batch batch;
	struct folio *folio;

	folio_batch_init(&batch);
	do {
		xas_lock(&xas);
		/* A large one is in several entries, and goes with its last. */
		xas_for_each(&xas, folio, ULONG_MAX) {
			if (folio->index < first)
				continue;
			if (folio->index == xas.xa_index && !folio_batch_space(&batch))
				break;
			if (folio->index == xas.xa_index)
				folio_batch_add(&batch, folio);
			xas_store(&xas, NULL);
		}
		if (folio)
			xas_set(&xas, folio->index);
		xas_unlock(&xas);
		folios_put(&batch);
		cond_resched();
	} while (folio);
}

void ckpt_content_destroy(struct ckpt_content *c)
{
	if (!c)
		return;
	drop_folios(c, 0);
	xa_destroy(&c->folios);
	ckpt_stage_uncharge(c->mount, CKPT_STAGE_ENTRY + c->charged);
	if (c->extents)
		ckpt_stage_uncharge(c->mount, ckpt_extents_size(c->extents));
	ckpt_extents_destroy(c->extents);
	mutex_destroy(&c->lock);
	kfree(c);
}

/* ---- room -------------------------------------------------------------------- */

/* Have @bytes charged in all, without a word if that cannot be. */
static int try_reserve(struct ckpt_content *c, u64 bytes)
{
	s64 staged;
	int err = 0;

	if (bytes > c->charged)
		err = try_charge(c->mount, bytes - c->charged, &staged);
	if (!err)
		c->charged = max(c->charged, bytes);
	return err;
}

static int reserve(struct ckpt_content *c, u64 bytes)
{
	int err = 0;

	if (bytes > c->charged)
		err = ckpt_stage_charge(c->mount, bytes - c->charged);
	if (!err)
		c->charged = max(c->charged, bytes);
	return err;
}

/* Give back what c->size does not need. */
static void trim(struct ckpt_content *c)
{
	pgoff_t end = PAGE_ALIGN(c->size) >> PAGE_SHIFT;
	struct folio *last;
	u64 bytes;

	lockdep_assert_held(&c->lock);
	drop_folios(c, end);
	last = xa_load(&c->folios, end);
	if (last)
		end = folio_end(last);
	bytes = (u64)end << PAGE_SHIFT;
	if (bytes < c->charged) {
		ckpt_stage_uncharge(c->mount, c->charged - bytes);
		c->charged = bytes;
	}
}

/* Where the pages go is for speed: if it cannot be known, single pages do. */
void ckpt_content_place(struct ckpt_content *c, struct ckpt_content *vmas)
{
	struct ckpt_extents *extents;
	struct iov_iter iter;
	struct kvec vec;
	s64 staged;

	if (c->size || c->extents || vmas->size > VMAS_MAX)
		return;
	vec = (struct kvec){ kvmalloc(vmas->size, GFP_KERNEL_ACCOUNT | __GFP_NOWARN),
			     vmas->size };
	if (ZERO_OR_NULL_PTR(vec.iov_base))
		return;
	iov_iter_kvec(&iter, ITER_DEST, &vec, 1, vec.iov_len);
	extents = ckpt_content_read(vmas, 0, &iter) == vec.iov_len ?
		ckpt_extents_create(vec.iov_base, vec.iov_len) : NULL;
	kvfree(vec.iov_base);
	if (extents && !try_charge(c->mount, ckpt_extents_size(extents), &staged))
		c->extents = extents;
	else
		ckpt_extents_destroy(extents);
}

/* ---- folios ------------------------------------------------------------------ */

static int charge_folio(struct folio *folio, gfp_t gfp)
{
	if (mem_cgroup_disabled())
		return 0;
	return ksym(__mem_cgroup_charge)(folio, current->mm, gfp);
}

static struct folio *alloc_charged(gfp_t zero)
{
	struct folio *folio = folio_alloc(GFP_CONTENT | GFP_HIGHUSER_MOVABLE | zero, 0);

	if (folio && charge_folio(folio, GFP_CONTENT)) {
		folio_put(folio);
		return NULL;
	}
	return folio;
}

static struct folio *alloc_page_folio(void)
{
	return alloc_charged(__GFP_ZERO);
}

struct folio *ckpt_content_new_page(void)
{
	return alloc_charged(0);
}

static struct folio *alloc_large(const struct ckpt_fit *fit)
{
	struct folio *folio = ckpt_shelf_take(fit->order, fit->more);

	if (folio && charge_folio(folio, GFP_TRANSHUGE_LIGHT)) {
		folio_put(folio);
		return NULL;
	}
	return folio;
}

static void erase(struct ckpt_content *c, struct folio *folio)
{
	if (folio_test_large(folio))
		xa_store_range(&c->folios, folio->index, folio_end(folio) - 1, NULL, GFP_KERNEL);
	else
		xa_erase(&c->folios, folio->index);
}

/* The content owns @folio, unless it fails. */
static int insert(struct ckpt_content *c, struct folio *folio, pgoff_t first)
{
	int err;

	folio->index = first;
	if (folio_test_large(folio))
		err = xa_err(xa_store_range(&c->folios, first, folio_end(folio) - 1, folio,
					    GFP_CONTENT));
	else
		err = xa_err(xa_store(&c->folios, first, folio, GFP_CONTENT));
	if (err)
		erase(c, folio);
	return err;
}

/* NULL: not in this size. */
static struct folio *add_large(struct ckpt_content *c, const struct ckpt_fit *fit)
{
	pgoff_t end = fit->first + (1UL << fit->order), at = fit->first;
	struct folio *folio;

	if (xa_find(&c->folios, &at, end - 1, XA_PRESENT) ||
	    try_reserve(c, (u64)end << PAGE_SHIFT))
		return NULL;
	folio = alloc_large(fit);
	if (folio && insert(c, folio, fit->first)) {
		folio_put(folio);
		folio = NULL;
	}
	return folio;
}

static struct folio *add_page(struct ckpt_content *c, pgoff_t index)
{
	struct folio *folio = alloc_page_folio();

	if (folio && insert(c, folio, index)) {
		folio_put(folio);
		folio = NULL;
	}
	return folio ?: ERR_PTR(-ENOMEM);
}

int ckpt_content_add(struct ckpt_content *c, pgoff_t index, struct folio *folio)
{
	guard(mutex)(&c->lock);
	return insert(c, folio, index);
}

/* The folio that page @index is in: the largest that fits and can be had. */
static struct folio *get_or_add(struct ckpt_content *c, pgoff_t index)
{
	struct folio *folio = xa_load(&c->folios, index);
	unsigned int max = CKPT_HUGE_ORDER;
	struct ckpt_fit fit;

	if (folio)
		return folio;
	while (c->extents && ckpt_extents_fit(c->extents, index, max, &fit)) {
		folio = add_large(c, &fit);
		if (folio)
			return folio;
		max = fit.order - 1;
	}
	return add_page(c, index);
}

struct page *ckpt_content_page(struct ckpt_content *c, pgoff_t index)
{
	struct folio *folio = xa_load(&c->folios, index);

	return folio ? folio_page(folio, index - folio->index) : NULL;
}

/* ---- writing and reading ------------------------------------------------------ */

/* Copy up to the end of the folio. Return: bytes, or -errno. */
static ssize_t write_folio(struct ckpt_content *c, loff_t pos, struct iov_iter *from)
{
	struct folio *folio;
	size_t offset, n, copied;

	if (fatal_signal_pending(current))
		return -EINTR;
	folio = get_or_add(c, pos >> PAGE_SHIFT);
	if (IS_ERR(folio))
		return PTR_ERR(folio);
	offset = pos - ((loff_t)folio->index << PAGE_SHIFT);
	n = min(folio_size(folio) - offset, iov_iter_count(from));
	copied = copy_page_from_iter(folio_page(folio, 0), offset, n, from);
	cond_resched();
	return copied ?: -EFAULT;
}

/* The same for all of @from. Return: 0 or what ended it; *@pos tells how far. */
static int write_folios(struct ckpt_content *c, loff_t *pos, struct iov_iter *from)
{
	while (iov_iter_count(from)) {
		ssize_t n = write_folio(c, *pos, from);

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
	err = reserve(c, PAGE_ALIGN(end));
	if (!err) {
		err = write_folios(c, &at, from);
		if (at > pos)
			WRITE_ONCE(c->size, max_t(u64, c->size, at));
		if (at < end)
			trim(c);
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
		struct page *page = ckpt_content_page(c, at >> PAGE_SHIFT);
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

/* What is cut off must not come back when the file grows. */
static void zero_rest(struct ckpt_content *c, u64 size)
{
	struct folio *folio = xa_load(&c->folios, size >> PAGE_SHIFT);
	size_t offset;

	if (!folio)
		return;
	offset = size - ((u64)folio->index << PAGE_SHIFT);
	folio_zero_range(folio, offset, folio_size(folio) - offset);
}

int ckpt_content_truncate(struct ckpt_content *c, u64 size)
{
	int err;

	if (size > MAX_LFS_FILESIZE - PAGE_SIZE)
		return -EFBIG;
	if (mutex_lock_killable(&c->lock))
		return -EINTR;
	err = reserve(c, PAGE_ALIGN(size));
	if (!err) {
		bool shorter = size < c->size;

		WRITE_ONCE(c->size, size);
		if (shorter) {
			trim(c);
			zero_rest(c, size);
		}
	}
	mutex_unlock(&c->lock);
	return err;
}

/* ---- taking ------------------------------------------------------------------- */

/* A page of its own instead of one in a folio that is not wanted as it is. */
static struct folio *copy_out(struct folio *folio, pgoff_t index)
{
	struct folio *copy = alloc_page_folio();

	if (!copy)
		return ERR_PTR(-ENOMEM);
	copy_highpage(folio_page(copy, 0), folio_page(folio, index - folio->index));
	return copy;
}

struct folio *ckpt_content_take(struct ckpt_content *c, pgoff_t index, unsigned int max)
{
	struct folio *folio = xa_load(&c->folios, index);

	if (!folio)
		return NULL;
	if (folio->index != index || folio_nr_pages(folio) > max) {
		folio = copy_out(folio, index);
		if (IS_ERR(folio))
			return folio;
	} else {
		c->taken = true;
		erase(c, folio);
	}
	/* Whoever finds the folio in a page table sees its contents. */
	__folio_mark_uptodate(folio);
	return folio;
}

struct folio *ckpt_content_zeroes(void)
{
	struct folio *folio = alloc_page_folio();

	if (!folio)
		return ERR_PTR(-ENOMEM);
	__folio_mark_uptodate(folio);
	return folio;
}
