// SPDX-License-Identifier: GPL-2.0-only
/*
 * The private pages of an address space, from the freeze until the image is
 * dropped.
 *
 * While the program is frozen they are read from it; a commit replaces it by a
 * snapshot. A reader takes references to a few pages under the lock and copies
 * without it, since where he copies to may fault for as long as it likes. What
 * he holds stays as it was: the snapshot makes the program copy a page before
 * it writes to it. After a thaw without a commit he reads pages of a running
 * program; the container is dead by then, and his caller drops them.
 *
 * Huge pages of a pool (hugetlb.c) are in no snapshot: a commit copies them, and
 * what an older image has of them is found by comparing the copies.
 */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include <linux/userfaultfd_k.h>

#include "checkpointfs.h"
#include "hugetlb.h"
#include "uprobes.h"

#define BATCH	64

struct ckpt_memory *ckpt_memory_create(struct mm_struct *mm)
{
	struct ckpt_memory *m = kzalloc(sizeof(*m), GFP_KERNEL_ACCOUNT);

	if (!m)
		return NULL;
	init_rwsem(&m->lock);
	mmgrab(mm);
	m->mm = mm;
	mmgrab(mm);
	m->origin = mm;
	xa_init_flags(&m->unprobed, XA_FLAGS_ACCOUNT);
	xa_init_flags(&m->returns, XA_FLAGS_ACCOUNT);
	m->map.poisoned = &m->poisoned;
	return m;
}

static void put_mm(struct mm_struct *mm, bool snapshot)
{
	if (snapshot)
		mmput(mm);
	else
		mmdrop(mm);
}

void ckpt_memory_destroy(struct ckpt_memory *m)
{
	if (!m)
		return;
	put_mm(m->mm, m->snapshot);
	mmdrop(m->origin);
	ckpt_pagemap_free(&m->map);
	ckpt_pagemap_free(&m->poisoned);
	ckpt_pagemap_free(&m->huge);
	ckpt_content_destroy(m->copy);
	ckpt_uprobes_drop(&m->unprobed);
	xa_destroy(&m->returns);
	kfree(m);
}

/* ---- huge pages of a pool ------------------------------------------------------ */

/* Of the program's mappings, which the caller keeps from ending. */
static int find_huge(struct ckpt_memory *m, unsigned long *bad)
{
	int err;

	if (m->found)
		return 0;
	err = mmap_read_lock_killable(m->mm);
	if (err)
		return err;
	err = ckpt_huge_scan(&m->huge, m->mm, bad);
	mmap_read_unlock(m->mm);
	if (err)
		ckpt_pagemap_free(&m->huge);
	m->found = !err;
	return err;
}

/* Return: their contents, NULL: there are none, or ERR_PTR(). */
static struct ckpt_content *copy_huge(struct ckpt_memory *m, struct ckpt_mount *mount)
{
	struct ckpt_content *copy;
	unsigned long bad;
	int err = find_huge(m, &bad);

	if (err)
		return ERR_PTR(err);
	if (!m->huge.nr)
		return NULL;
	copy = ckpt_content_create(mount);
	if (IS_ERR(copy))
		return copy;
	err = ckpt_huge_copy(m->mm, &m->huge, copy);
	if (!err)
		return copy;
	ckpt_content_destroy(copy);
	return ERR_PTR(err);
}

/* The page of the copy that is at @addr, or NULL; no reference is taken. */
static struct page *copied_page(const struct ckpt_memory *m, u64 addr)
{
	const struct ckpt_pagerun *run = m->copy ? ckpt_pagemap_at(&m->huge, addr) : NULL;

	if (!run)
		return NULL;
	return ckpt_content_page(m->copy, run->first + ((addr - run->start) >> PAGE_SHIFT));
}

static bool same_contents(struct page *a, struct page *b)
{
	const void *x = kmap_local_page(a), *y = kmap_local_page(b);
	bool same = !memcmp(x, y, PAGE_SIZE);

	kunmap_local(y);
	kunmap_local(x);
	return same;
}

/* Has the older image, which is kept, the same at @addr? */
static bool is_inherited(const struct ckpt_memory *m, const struct ckpt_memory *older, u64 addr)
{
	struct page *was = older ? copied_page(older, addr) : NULL;
	struct page *is = was ? copied_page(m, addr) : NULL;

	return is && same_contents(was, is);
}

/* What the image has of @run, in @image. */
static int compare_run(const struct ckpt_memory *m, const struct ckpt_memory *older,
		       const struct ckpt_pagerun *run, struct ckpt_pagemap *image)
{
	u64 addr = run->start, end = run->start + (u64)run->pages * PAGE_SIZE;
	int err = 0;

	/* A run lies within one mapping. */
	image->closed = true;
	for (; !err && addr < end; addr += PAGE_SIZE) {
		err = ckpt_pagemap_add(image, addr, 1, is_inherited(m, older, addr) ?
				       CKPT_RUN_PARENT : CKPT_RUN_PAGES);
		if (fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err;
}

/* To the pages that have been found in page tables. */
static int add_huge(struct ckpt_memory *m, const struct ckpt_memory *older, unsigned long *bad)
{
	struct ckpt_pagemap image = {};
	int err = find_huge(m, bad);
	size_t i;

	if (err)
		return err;
	if (!older)
		return ckpt_pagemap_merge(&m->map, &m->huge);
	for (i = 0; !err && i < m->huge.nr; i++)
		err = compare_run(m, older, &m->huge.runs[i], &image);
	if (!err)
		err = ckpt_pagemap_merge(&m->map, &image);
	ckpt_pagemap_free(&image);
	return err;
}

/* ---- seal -------------------------------------------------------------------- */

/*
 * A child's lock, then its source's, then that of an older snapshot: whoever
 * takes several for reading does it in this order.
 */
static int scan_beside(struct ckpt_memory *m, struct mm_struct *source,
		       const struct ckpt_memory *older, unsigned long *bad)
{
	int err;

	if (older)
		down_read_nested(&older->mm->mmap_lock, SINGLE_DEPTH_NESTING + 1);
	err = ckpt_pagemap_scan(m, source, older, bad);
	if (older)
		up_read(&older->mm->mmap_lock);
	return err;
}

static int scan_locked(struct ckpt_memory *m, struct mm_struct *source,
		       const struct ckpt_memory *older, unsigned long *bad)
{
	int err;

	if (!source)
		return scan_beside(m, NULL, older, bad);
	down_read_nested(&source->mmap_lock, SINGLE_DEPTH_NESTING);
	err = scan_beside(m, source, older, bad);
	up_read(&source->mmap_lock);
	return err;
}

static int scan_alive(struct ckpt_memory *m, struct mm_struct *source,
		      const struct ckpt_memory *older, unsigned long *bad)
{
	int err = mmap_read_lock_killable(m->mm);

	if (err)
		return err;
	/* Of a snapshot they are noted already, and it does not show them. */
	if (!m->snapshot)
		err = ckpt_uprobes_note(m, m->mm, 0, TASK_SIZE_MAX);
	if (!err)
		err = scan_locked(m, source, older, bad);
	mmap_read_unlock(m->mm);
	return err;
}

/*
 * Both are the frozen programs', or snapshots of the same instant; whoever
 * replaces the one by the other is who calls this. @older is a snapshot that
 * its container keeps for the time of the call.
 */
int ckpt_memory_scan(struct ckpt_memory *m, const struct ckpt_memory *older,
		     unsigned long *bad)
{
	struct mm_struct *source = m->source ? m->source->mm : NULL;
	int err;

	/* A frozen task can still be killed. */
	if (!mmget_not_zero(m->mm))
		return -ESRCH;
	if (source && !mmget_not_zero(source))
		source = NULL;
	err = scan_alive(m, source, older, bad);
	if (!err)
		err = add_huge(m, older, bad);
	if (source)
		mmput(source);
	mmput(m->mm);
	return err;
}

/* ---- commit ------------------------------------------------------------------ */

u64 ckpt_memory_weight(const struct ckpt_memory *m)
{
	return m->snapshot ? 0 : (u64)get_mm_counter(m->mm, MM_ANONPAGES) << PAGE_SHIFT;
}

static int replace(struct ckpt_memory *m, struct ckpt_mount *mount, struct ckpt_ahead *ahead,
		   bool alone)
{
	struct ckpt_content *copy = copy_huge(m, mount);
	struct mm_struct *snapshot;

	if (IS_ERR(copy))
		return PTR_ERR(copy);
	snapshot = ckpt_snapshot_mm(m->mm, ckpt_ahead_take(ahead, m->mm), &ahead->tables, m,
				    alone);
	if (IS_ERR(snapshot)) {
		ckpt_content_destroy(copy);
		return PTR_ERR(snapshot);
	}
	scoped_guard(rwsem_write, &m->lock) {
		m->mm = snapshot;
		m->copy = copy;
		m->snapshot = true;
	}
	return 0;
}

int ckpt_memory_commit(struct ckpt_memory *m, struct ckpt_mount *mount,
		       struct ckpt_ahead *ahead, bool alone)
{
	struct mm_struct *mm = m->mm;
	int err;

	if (m->snapshot)
		return 0;
	if (!mmget_not_zero(mm))
		return -ESRCH;
	err = replace(m, mount, ahead, alone);
	mmput(mm);
	if (!err)
		mmdrop(mm);
	return err;
}

/* ---- reading ----------------------------------------------------------------- */

/*
 * PROT_NONE mappings have pages too: FOLL_FORCE. What is in swap comes back,
 * into the snapshot if there is one.
 */
static long fault_pages(struct mm_struct *mm, unsigned long addr, unsigned int nr,
			struct page **pages)
{
	long got = get_user_pages_remote(mm, addr, nr, FOLL_FORCE, pages, NULL);
	struct vm_area_struct *vma = got == -EFAULT ? vma_lookup(mm, addr) : NULL;

	if (!vma || !userfaultfd_missing(vma))
		return got;
	/*
	 * The program has given it up (MADV_FREE), and the kernel has taken it since.
	 * Elsewhere it reads as zeroes then; here the program itself would have to say so.
	 */
	pages[0] = ZERO_PAGE(0);
	get_page(pages[0]);
	return 1;
}

/* References to pages of the copy. Return: how many, 0 if @addr is in none. */
static long get_copied(const struct ckpt_memory *m, unsigned long addr, unsigned int nr,
		       struct page **pages)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		pages[i] = copied_page(m, addr + i * PAGE_SIZE);
		if (!pages[i])
			break;
		get_page(pages[i]);
	}
	return i;
}

/* A reference to the page @first as it is without probes; or how many of @nr need none. */
static long get_unprobed(struct ckpt_memory *m, unsigned long first, unsigned int *nr,
			 struct page **pages)
{
	unsigned long found = first;
	struct page *page = xa_find(&m->unprobed, &found, first + *nr - 1, XA_PRESENT);

	if (!page)
		return 0;
	if (found > first) {
		*nr = found - first;
		return 0;
	}
	get_page(page);
	*pages = page;
	return 1;
}

/*
 * mmap_lock is held. Probes may come and go while the program is frozen; what has been
 * noted of them stays.
 */
static long get_pages_at(struct ckpt_memory *m, unsigned long addr, unsigned int nr,
			 struct page **pages)
{
	long got = 0;

	if (!m->snapshot)
		got = ckpt_uprobes_note(m, m->mm, addr, addr + nr * PAGE_SIZE);
	if (!got)
		got = get_unprobed(m, addr >> PAGE_SHIFT, &nr, pages);
	if (!got && m->snapshot)
		got = ckpt_grab_pages(m->mm, addr, nr, pages);
	return got ?: fault_pages(m->mm, addr, nr, pages);
}

/* The same of one run of the contents, from their page @index on. */
static long get_run(struct ckpt_memory *m, u64 index, unsigned int nr, struct page **pages)
{
	const struct ckpt_pagerun *run = ckpt_pagemap_find(&m->map, index);
	u64 skip = index - run->first;
	unsigned long addr = run->start + skip * PAGE_SIZE;

	nr = min_t(u64, nr, run->pages - skip);
	return get_copied(m, addr, nr, pages) ?: get_pages_at(m, addr, nr, pages);
}

/* Of several runs, for many are of a page or two. */
static long get_runs(struct ckpt_memory *m, u64 index, unsigned int nr, struct page **pages)
{
	long got = 0;

	while (got < nr) {
		long n = get_run(m, index + got, nr - got, pages + got);

		if (n <= 0)
			return got ?: n;
		got += n;
	}
	return got;
}

/* References to up to @nr pages of the contents from @index on. */
static long get_pages(struct ckpt_memory *m, u64 index, unsigned int nr,
		      struct page **pages)
{
	long got;

	if (!mmget_not_zero(m->mm))
		return -ESTALE;
	got = mmap_read_lock_killable(m->mm);
	if (!got) {
		got = get_runs(m, index, min_t(u64, nr, m->map.pages - index), pages);
		mmap_read_unlock(m->mm);
	}
	mmput(m->mm);
	return got ?: -EIO;
}

long ckpt_memory_pages(struct ckpt_memory *m, u64 index, unsigned int nr,
		       struct page **pages)
{
	guard(rwsem_read)(&m->lock);
	return m->snapshot ? get_pages(m, index, nr, pages) : -ESTALE;
}

static long get_pages_locked(struct ckpt_memory *m, u64 index, unsigned int nr,
			     struct page **pages)
{
	guard(rwsem_read)(&m->lock);
	return get_pages(m, index, nr, pages);
}

ssize_t ckpt_memory_read(struct ckpt_memory *m, loff_t pos, struct iov_iter *to)
{
	u64 size = m->map.pages << PAGE_SHIFT;
	struct page *pages[BATCH];
	ssize_t done = 0;

	while (iov_iter_count(to) && pos < size) {
		size_t offset = offset_in_page(pos);
		unsigned int nr = min_t(u64, BATCH, DIV_ROUND_UP(offset + iov_iter_count(to),
								 PAGE_SIZE));
		long got = get_pages_locked(m, pos >> PAGE_SHIFT, nr, pages);
		size_t want, n;

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
