// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages that the address spaces of an image share copy-on-write.
 *
 * A mapping with such pages gets an anon_vma forked from that of its source's
 * mapping while it has no page of its own, then the source's pages as fork
 * maps them, then its own. That can only begin when all mappings exist, and a
 * source must have its pages before others share them: so the first task that
 * comes here does it for all address spaces, in the order of their ids, which
 * has sources first. The tasks are parked; the work is done on their address
 * spaces from outside.
 *
 * ckpt_restore.connect_lock makes the others wait. mmap_lock of the source is held for
 * writing, that of the other nested in it, as in fork.
 */
#include <linux/mm.h>
#include <linux/rmap.h>
#include <linux/sched/mm.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "restore.h"
#include "uprobes.h"

static u64 run_start(const struct ckpt_run *run)
{
	return le64_to_cpu(run->start);
}

static u64 run_end(const struct ckpt_run *run)
{
	return run_start(run) + (u64)le32_to_cpu(run->pages) * PAGE_SIZE;
}

static bool is_source(const struct ckpt_run *run)
{
	return le32_to_cpu(run->kind) == CKPT_RUN_SOURCE;
}

/* Has the image mappings here between which fork could have shared pages? */
static bool compatible(const struct vm_area_struct *to, const struct vm_area_struct *from)
{
	const vm_flags_t other = VM_MAYSHARE | VM_IO | VM_PFNMAP | VM_MIXEDMAP | VM_HUGETLB;

	return to && from && from->anon_vma && !to->vm_file == !from->vm_file &&
	       !((to->vm_flags | from->vm_flags) & other) &&
	       to->vm_pgoff - (to->vm_start >> PAGE_SHIFT) ==
	       from->vm_pgoff - (from->vm_start >> PAGE_SHIFT);
}

static bool covers(const struct vm_area_struct *vma, const struct ckpt_run *run)
{
	return run_start(run) >= vma->vm_start && run_end(run) <= vma->vm_end;
}

static const struct ckpt_run *first_source(const struct ckpt_vma_runs *runs)
{
	const struct ckpt_run *run = runs->run;

	while (!is_source(run))
		run++;
	return run;
}

/* Pages are shared in whole entries of a page table: a huge one goes to pieces. */
static void split_edges(struct vm_area_struct *from, const struct ckpt_run *run)
{
	if (!IS_ALIGNED(run_start(run), PMD_SIZE))
		ksym(split_huge_pmd_address)(from, run_start(run), false, NULL);
	if (!IS_ALIGNED(run_end(run), PMD_SIZE))
		ksym(split_huge_pmd_address)(from, run_end(run), false, NULL);
}

static int share_runs(struct vm_area_struct *to, struct vm_area_struct *from,
		      const struct ckpt_vma_runs *runs)
{
	size_t i;

	/* What somebody who looked in from outside may have brought in. */
	zap_page_range_single(to, to->vm_start, to->vm_end - to->vm_start, NULL);
	for (i = 0; i < runs->nr; i++) {
		const struct ckpt_run *run = runs->run + i;
		int err;

		if (!is_source(run))
			continue;
		if (!covers(to, run) || !covers(from, run))
			return -EUCLEAN;
		split_edges(from, run);
		err = ckpt_share_range(to, from, run_start(run), run_end(run), NULL);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

static int share_locked(struct mm_struct *mm, struct mm_struct *source,
			const struct ckpt_vma_runs *runs)
{
	u64 addr = run_start(first_source(runs));
	struct vm_area_struct *to = vma_lookup(mm, addr);
	struct vm_area_struct *from = vma_lookup(source, addr);
	int err;

	if (!compatible(to, from))
		return -EUCLEAN;
	if (!list_empty(&to->anon_vma_chain))
		return -EEXIST;
	vma_start_write(from);
	vma_start_write(to);
	/* With what somebody has put into it just now. */
	ckpt_uprobes_inherit(mm, source);
	err = ksym(anon_vma_fork)(to, from);
	return err ?: share_runs(to, from, runs);
}

static int share_vma(struct mm_struct *mm, struct mm_struct *source,
		     const struct ckpt_vma_runs *runs)
{
	int err = mmap_write_lock_killable(source);

	if (err)
		return err;
	mmap_write_lock_nested(mm, SINGLE_DEPTH_NESTING);
	err = share_locked(mm, source, runs);
	mmap_write_unlock(mm);
	ksym(flush_tlb_mm_range)(source, 0, TLB_FLUSH_ALL, 0, true);
	mmap_write_unlock(source);
	return err;
}

static int connect_mappings(struct ckpt_restore *r, struct ckpt_item *item,
			    struct mm_struct *mm, struct mm_struct *source,
			    struct ckpt_lineage *lineage)
{
	struct ckpt_item *pages = ckpt_item(ckpt_restore_img(r), CKPT_TYPE_PAGES, item->id);
	const struct ckpt_vma *vma;
	struct ckpt_vma_runs runs;
	struct ckpt_space space;

	ckpt_space_init(&space, item);
	while ((vma = ckpt_space_next(&space, &runs))) {
		int err;

		if (!runs.shares)
			continue;
		err = share_vma(mm, source, &runs);
		if (!err && pages)
			err = ckpt_install_runs(mm, &runs, pages->content, lineage);
		/* Killed, because something else has failed. */
		if (err == -EINTR)
			return err;
		if (err) {
			ckpt_restore_err(r, item, "mapping %llx: %spages cannot be shared: %pe",
					 le64_to_cpu(vma->start),
					 err == -EEXIST ? CKPT_LOOKED_IN : "", ERR_PTR(err));
			return err;
		}
	}
	return 0;
}

static int connect_mms(struct ckpt_restore *r, struct ckpt_item *item,
		       struct mm_struct *mm, struct mm_struct *source)
{
	struct ckpt_lineage *lineage = ckpt_lineage_create(ckpt_restore_img(r), item);
	int err;

	if (IS_ERR(lineage))
		return PTR_ERR(lineage);
	err = connect_mappings(r, item, mm, source, lineage);
	ckpt_lineage_destroy(lineage);
	return err;
}

static int connect_space(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_vmas *body = ckpt_item_body(item, CKPT_REC_VMAS);
	struct mm_struct *mm, *source;
	int err = -ESRCH;

	mm = ckpt_restored(r, CKPT_TYPE_MM, item->id);
	source = ckpt_restored(r, CKPT_TYPE_MM, le64_to_cpu(body->source));
	if (!mm || !source) {
		ckpt_restore_err(r, item, "no task has it, or mm %llu that it shares pages with",
				 le64_to_cpu(body->source));
		return -EUCLEAN;
	}
	/* A new task that has been killed takes its address space with it. */
	if (!mmget_not_zero(mm))
		return -ESRCH;
	if (mmget_not_zero(source)) {
		err = connect_mms(r, item, mm, source);
		mmput(source);
	}
	mmput(mm);
	return err;
}

static int connect_all(struct ckpt_restore *r)
{
	struct ckpt_item *item;
	unsigned long id;

	xa_for_each(&r->img->items[CKPT_TYPE_VMAS], id, item) {
		const struct ckpt_vmas *body = ckpt_item_body(item, CKPT_REC_VMAS);
		int err = body->source ? connect_space(r, item) : 0;

		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

int ckpt_connect_spaces(struct ckpt_restore *r)
{
	int err = 0;

	if (mutex_lock_killable(&r->connect_lock))
		return -EINTR;
	/* Half of it cannot be done again: whoever comes next has to see the error. */
	if (!r->connected)
		err = READ_ONCE(r->error) ?: connect_all(r);
	if (err)
		ckpt_restore_fail(r, err);
	r->connected = !err;
	mutex_unlock(&r->connect_lock);
	return err;
}
