// SPDX-License-Identifier: GPL-2.0-only
/*
 * Huge pages of a pool: MAP_HUGETLB, MFD_HUGETLB, SHM_HUGETLB, hugetlbfs.
 *
 * They are never swapped, never split, and belong to a file even where no program has
 * one: a mapping of huge pages without a file has one that the kernel makes for it. A shared
 * mapping's pages are that file's, a private one's are the mapping's, as soon as it
 * has written to them. Nobody but the fault handler of hugetlb puts them into page
 * tables, with what it counts; so they are filled by its own faults: get_user_pages()
 * brings a page in, and contents are copied to it.
 *
 * What is made copy-on-write by fork takes a page of the pool when it is written to, and
 * where that has none left, a child loses its own. A snapshot must do that to no
 * program. So a commit copies them while the program is frozen, as it copies shared
 * memory.
 *
 * mmap_lock is held by callers as they say. Pages of a frozen address space stay where
 * they are, or are moved by the kernel; get_user_pages() waits for that.
 */
#include <linux/bvec.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/hugetlb.h>
#include <linux/magic.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/mount.h>
#include <linux/pagemap.h>
#include <linux/pagevec.h>
#include <linux/pagewalk.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/swapops.h>
#include <linux/uio.h>
#include <linux/userfaultfd_k.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "compat/private.h"
#include "hugetlb.h"

/* ---- files ----------------------------------------------------------------------- */

bool ckpt_huge_file(const struct file *file)
{
	const struct inode *inode = file_inode(file);

	return is_file_hugepages(file) && inode->i_sb->s_magic == HUGETLBFS_MAGIC;
}

bool ckpt_huge_internal(const struct file *file)
{
	const struct inode *inode = file_inode(file);

	return ckpt_huge_file(file) && S_ISREG(inode->i_mode) && file->f_op == inode->i_fop &&
	       file->f_path.mnt->mnt_flags & MNT_INTERNAL;
}

bool ckpt_huge_anonymous(const struct file *file)
{
	return ckpt_huge_internal(file) && !IS_PRIVATE(file_inode(file)) &&
	       !strcmp(file->f_path.dentry->d_name.name, HUGETLB_ANON_FILE);
}

int ckpt_huge_save(struct ckpt_writer *w, struct file *file)
{
	struct ckpt_hugetlb *rec = ckpt_add(w, CKPT_REC_HUGETLB, 0);

	if (!rec)
		return w->error;
	rec->shift = cpu_to_le32(huge_page_shift(hstate_file(file)));
	return 0;
}

static int add_folios(struct ckpt_pagemap *map, struct folio_batch *batch)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < folio_batch_count(batch); i++)
		err = ckpt_pagemap_add(map, folio_pos(batch->folios[i]),
				       folio_nr_pages(batch->folios[i]), CKPT_RUN_PAGES);
	return err;
}

/* What it has, and no more: its SEEK_DATA takes holes for data. */
int ckpt_huge_find(struct file *file, struct ckpt_pagemap *map)
{
	struct folio_batch batch;
	pgoff_t next = 0;
	int err = 0;

	folio_batch_init(&batch);
	while (!err && filemap_get_folios(file->f_mapping, &next, ULONG_MAX, &batch)) {
		err = add_folios(map, &batch);
		folios_put(&batch);
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err;
}

struct file *ckpt_huge_create(u64 size, unsigned int shift)
{
	return ksym(hugetlb_file_setup)(HUGETLB_ANON_FILE, size, VM_NORESERVE,
					HUGETLB_ANONHUGE_INODE, shift);
}

struct file *ckpt_huge_segment(const char *name, u64 size, unsigned int shift, bool reserve)
{
	return ksym(hugetlb_file_setup)(name, ALIGN(size, 1ULL << shift),
					reserve ? 0 : VM_NORESERVE, HUGETLB_SHMFS_INODE, shift);
}

unsigned int ckpt_huge_shift(const struct file *file)
{
	return ckpt_huge_file(file) ? huge_page_shift(hstate_inode(file_inode(file))) : 0;
}

/* Regions are of pages that are reserved, and of those that are there. */
bool ckpt_huge_reserves(const struct file *file)
{
	const struct address_space *mapping = &file_inode(file)->i_data;
	struct resv_map *reserved = mapping->i_private_data;
	const struct file_region *region;
	unsigned long pages = 0;

	scoped_guard(spinlock, &reserved->lock) {
		list_for_each_entry(region, &reserved->regions, link)
			pages += region->to - region->from;
	}
	return pages > mapping->nrpages >> (ckpt_huge_shift(file) - PAGE_SHIFT);
}

/* ---- mappings, saved --------------------------------------------------------------- */

/* What hugetlb notes of a private mapping, in bits of a pointer. */
static unsigned long notes(const struct vm_area_struct *vma)
{
	if (vma->vm_flags & VM_MAYSHARE)
		return 0;
	return (unsigned long)vma->vm_private_data;
}

const char *ckpt_huge_obstacle(const struct vm_area_struct *vma)
{
	if (!ckpt_huge_file(vma->vm_file))
		return "hugetlb memory of a device";
	if (notes(vma) & CKPT_HPAGE_RESV_UNMAPPED)
		return "hugetlb memory of which the pool had too few pages";
	if (vma->vm_flags & __VM_UFFD_FLAGS)
		return "hugetlb memory of which a userfaultfd tells";
	return NULL;
}

bool ckpt_huge_unreserved(const struct vm_area_struct *vma)
{
	return !(vma->vm_flags & (VM_MAYSHARE | VM_NORESERVE)) &&
	       !(notes(vma) & CKPT_HPAGE_RESV_OWNER);
}

/**
 * struct scan - a walk under way
 * @map:	what has been found
 * @bad:	address of what cannot be saved
 */
struct scan {
	struct ckpt_pagemap *map;
	unsigned long bad;
};

/* Is it the mapping's own page, not its file's? -EOPNOTSUPP: it has no contents. */
static int look_at(pte_t entry, bool *own)
{
	struct page *page;

	*own = false;
	if (huge_pte_none(entry))
		return 0;
	if (pte_present(entry)) {
		page = pte_page(entry);
	} else {
		swp_entry_t place = pte_to_swp_entry(entry);

		if (!is_migration_entry(place))
			return -EOPNOTSUPP;
		page = pfn_swap_entry_to_page(place);
	}
	*own = PageAnon(page);
	return 0;
}

/* A lock that the walk holds keeps the entry; this one, what it leads to. */
static int scan_entry(pte_t *pte, unsigned long hmask, unsigned long addr,
		      unsigned long next, struct mm_walk *walk)
{
	spinlock_t *ptl = huge_pte_lock(hstate_vma(walk->vma), walk->mm, pte);
	struct scan *s = walk->private;
	bool own;
	int err = look_at(huge_ptep_get(walk->mm, addr, pte), &own);

	spin_unlock(ptl);
	s->bad = addr;
	if (!err && own)
		err = ckpt_pagemap_add(s->map, addr, (next - addr) >> PAGE_SHIFT,
				       CKPT_RUN_PAGES);
	if (!err && fatal_signal_pending(current))
		err = -EINTR;
	return err;
}

static const struct mm_walk_ops scan_ops = {
	.hugetlb_entry = scan_entry,
	.walk_lock = PGWALK_RDLOCK,
};

int ckpt_huge_scan(struct ckpt_pagemap *map, struct mm_struct *mm, unsigned long *bad)
{
	struct scan s = { .map = map };
	struct vm_area_struct *vma;
	VMA_ITERATOR(vmi, mm, 0);
	int err = 0;

	mmap_assert_locked(mm);
	for_each_vma(vmi, vma) {
		if (!is_vm_hugetlb_page(vma) || !ckpt_vma_private(vma))
			continue;
		map->closed = true;
		err = ksym(walk_page_range)(mm, vma->vm_start, vma->vm_end, &scan_ops, &s);
		if (err)
			break;
		cond_resched();
	}
	*bad = s.bad;
	return err;
}

/* How many pages of its folio are there from @page on? */
static u32 pages_from(struct page *page)
{
	struct folio *folio = page_folio(page);

	return folio_nr_pages(folio) - folio_page_idx(folio, page);
}

/* PROT_NONE mappings have pages too: FOLL_FORCE. Return: referenced, or ERR_PTR(). */
static struct page *get_page_at(struct mm_struct *mm, unsigned long addr)
{
	struct page *page;
	long got = mmap_read_lock_killable(mm);

	if (got)
		return ERR_PTR(got);
	got = get_user_pages_remote(mm, addr, 1, FOLL_FORCE, &page, NULL);
	mmap_read_unlock(mm);
	if (got == 1)
		return page;
	return ERR_PTR(got < 0 ? got : -EIO);
}

/* Up to the end of the huge page. Return: how many pages, or -errno. */
static long copy_some(struct mm_struct *mm, unsigned long addr, u32 most,
		      struct ckpt_content *copy, u64 index)
{
	struct page *page = get_page_at(mm, addr);
	struct iov_iter from;
	struct bio_vec vec;
	ssize_t n;
	u32 nr;

	if (IS_ERR(page))
		return PTR_ERR(page);
	nr = min(most, pages_from(page));
	bvec_set_page(&vec, page, nr * PAGE_SIZE, 0);
	iov_iter_bvec(&from, ITER_SOURCE, &vec, 1, vec.bv_len);
	n = ckpt_content_write(copy, (loff_t)index << PAGE_SHIFT, &from);
	put_page(page);
	if (n < 0)
		return n;
	if (n < vec.bv_len)
		return fatal_signal_pending(current) ? -EINTR : -ENOMEM;
	return nr;
}

static int copy_run(struct mm_struct *mm, const struct ckpt_pagerun *run,
		    struct ckpt_content *copy)
{
	u32 done = 0;

	while (done < run->pages) {
		long n = copy_some(mm, run->start + (u64)done * PAGE_SIZE, run->pages - done,
				   copy, run->first + done);

		if (n < 0)
			return n;
		done += n;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

int ckpt_huge_copy(struct mm_struct *mm, const struct ckpt_pagemap *map,
		   struct ckpt_content *copy)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < map->nr; i++)
		err = copy_run(mm, &map->runs[i], copy);
	return err;
}

/* ---- made again ---------------------------------------------------------------- */

/* Holes of the content read as zeroes, and the page may be a copy of a file's. */
static int fill_page(struct page *to, struct ckpt_content *content, u64 index)
{
	struct folio *from = ckpt_content_take(content, index, 1);

	if (IS_ERR(from))
		return PTR_ERR(from);
	if (!from) {
		clear_highpage(to);
		return 0;
	}
	copy_highpage(to, folio_page(from, 0));
	folio_put(from);
	return 0;
}

static int fill_pages(struct page *page, u32 nr, struct ckpt_content *content, u64 index)
{
	u32 i;
	int err = 0;

	for (i = 0; !err && i < nr; i++) {
		err = fill_page(nth_page(page, i), content, index + i);
		cond_resched();
	}
	return err;
}

int ckpt_huge_install(struct vm_area_struct *vma, unsigned long addr, u32 pages,
		      struct ckpt_content *content, u64 index)
{
	while (pages) {
		struct page *page;
		long got = get_user_pages_remote(vma->vm_mm, addr, 1, FOLL_WRITE, &page, NULL);
		u32 nr;
		int err;

		/* A program would get SIGBUS. */
		if (got != 1)
			return got == -EFAULT ? -ENOMEM : got ?: -EIO;
		nr = min(pages, pages_from(page));
		err = fill_pages(page, nr, content, index);
		put_page(page);
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		if (err)
			return err;
		addr += nr * PAGE_SIZE;
		index += nr;
		pages -= nr;
	}
	return 0;
}

static int install_at(unsigned long at, u32 pages, struct ckpt_content *content, u64 index)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	int err = mmap_read_lock_killable(mm);

	if (err)
		return err;
	vma = vma_lookup(mm, at);
	err = vma && is_vm_hugetlb_page(vma) ?
		ckpt_huge_install(vma, at, pages, content, index) : -EUCLEAN;
	mmap_read_unlock(mm);
	return err;
}

/* By a mapping for that alone, in an address space that has nothing else yet. */
int ckpt_huge_fill(struct file *file, u64 pos, u32 pages, struct ckpt_content *content,
		   u64 index)
{
	unsigned long size = huge_page_size(hstate_file(file)), at;
	u64 first = round_down(pos, size);
	u64 len = round_up(pos + (u64)pages * PAGE_SIZE, size) - first;
	int err;

	at = vm_mmap(file, 0, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, first);
	if (IS_ERR_VALUE(at))
		return at;
	err = install_at(at + (pos - first), pages, content, index);
	return vm_munmap(at, len) ?: err;
}
