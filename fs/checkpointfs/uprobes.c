// SPDX-License-Identifier: GPL-2.0-only
/*
 * Uprobes: what somebody outside has put into a program, to see where it goes.
 *
 * perf, bpftrace and uprobe_events have the kernel write breakpoints over instructions in
 * every private mapping of a file, count up what guards a probe (the semaphores of SDT), map
 * a page of their own, [uprobes], and put its address where a function returns to. None of
 * that is the program's, nor may it be seen in another machine: an image has the memory as
 * it would be without. It is what the kernel makes of it when the probe is taken away,
 * which is the first byte that it keeps of the instruction, and not what the file has by
 * now; a page which is then as the file's is left to the mapping.
 *
 * Such pages are noted: copied, without the traces, for all who read them later. What is
 * frozen does not change by itself, so that a copy stays true whatever probes come and go
 * afterwards; those that have come are noted before the program is read again, and when
 * its snapshot is made. A probe is in the kernel's tree before its first breakpoint, and
 * longer than the last. Where functions are to return to is known of the tasks, when they
 * are saved (ckpt_memory.returns).
 *
 * A new address space gets its breakpoints from the kernel as well, as soon as it has
 * mappings, and before it has its pages: they are taken away, and put back when the pages
 * are there. So it has those that there are where it runs, the same, others or none.
 *
 * Locks: mmap_lock, held for writing by whoever writes a breakpoint or counts up or down
 * in the memory of a task that is not current; the lock of the tree nests in it.
 */
#include <linux/highmem.h>
#include <linux/hugetlb.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/sched/coredump.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/swapops.h>
#include <linux/uprobes.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "compat/private.h"
#include "uprobes.h"

/* ---- pages ----------------------------------------------------------------------- */

/*
 * Is there one that is not present: in swap, or just being moved? A page of the file has not
 * to come, for who has it to give may be frozen.
 */
static bool is_away(struct mm_struct *mm, unsigned long addr)
{
	pmd_t *pmd = ckpt_find_pmd(mm, addr);
	spinlock_t *ptl;
	pte_t *pte;
	bool away;

	if (!pmd)
		return false;
	pte = ksym(__pte_offset_map_lock)(mm, pmd, addr, &ptl);
	if (!pte)
		return !pmd_none(pmdp_get_lockless(pmd));
	away = is_swap_pte(ptep_get(pte));
	pte_unmap_unlock(pte, ptl);
	return away;
}

/* Return: a reference to the private page there, NULL if there is none, or ERR_PTR(). */
static struct page *private_page(struct mm_struct *mm, unsigned long addr)
{
	struct page *page;
	long got = 1;

	addr &= PAGE_MASK;
	if (!ckpt_grab_pages(mm, addr, 1, &page)) {
		if (!is_away(mm, addr))
			return NULL;
		got = get_user_pages_remote(mm, addr, 1, FOLL_FORCE, &page, NULL);
	}
	/* It has gone meanwhile; it is poisoned, which the scan of all pages says. */
	if (got == -EFAULT || got == -EHWPOISON)
		return NULL;
	if (got != 1)
		return ERR_PTR(got ?: -EIO);
	if (PageAnon(page))
		return page;
	put_page(page);
	return NULL;
}

/* ---- tasks ----------------------------------------------------------------------- */

/* It ends the step before it stops, so that none is ever seen. */
bool ckpt_uprobes_stepping(struct task_struct *t)
{
	return t->utask && t->utask->active_uprobe;
}

bool ckpt_uprobes_own(const struct vm_area_struct *vma)
{
	return !vma->vm_file && vma->vm_private_data == ksym_addr(xol_mapping);
}

unsigned int ckpt_uprobes_nr_own(struct mm_struct *mm)
{
	struct vm_area_struct *vma;
	VMA_ITERATOR(vmi, mm, 0);
	unsigned int nr = 0;

	mmap_assert_locked(mm);
	if (!READ_ONCE(mm->uprobes_state.xol_area))
		return 0;
	for_each_vma(vmi, vma)
		nr += ckpt_uprobes_own(vma);
	return nr;
}

/**
 * struct addresses - of a mapping, or of a part of it
 * @start:	the first
 * @end:	excluded
 */
struct addresses {
	unsigned long start, end;
};

/* Of no length if there is none, or where it was no more: a program may move anything. */
static struct addresses own_page(struct mm_struct *mm)
{
	const struct ckpt_xol_area *area = (void *)READ_ONCE(mm->uprobes_state.xol_area);
	const struct vm_area_struct *vma;

	mmap_assert_locked(mm);
	vma = area ? vma_lookup(mm, area->vaddr) : NULL;
	if (!vma || vma->vm_start != area->vaddr || !ckpt_uprobes_own(vma))
		return (struct addresses) {};
	return (struct addresses) { vma->vm_start, vma->vm_end };
}

static bool is_in(const struct addresses *range, unsigned long addr)
{
	return addr >= range->start && addr < range->end;
}

static const struct return_instance *returns_of(const struct task_struct *t)
{
	return t->utask ? t->utask->return_instances : NULL;
}

/* Are there pages of which the image can have another than there is? Or none. */
static bool may_be_noted(struct mm_struct *mm, unsigned long addr)
{
	const struct vm_area_struct *vma = vma_lookup(mm, addr);

	return !vma || (ckpt_vma_private(vma) && !is_vm_hugetlb_page(vma));
}

/*
 * Is what a return probe has replaced not where it can be put back, or no address? What
 * 32-bit programs return to is not looked for.
 */
static bool has_odd_return(struct task_struct *t, struct mm_struct *mm,
			   const struct addresses *own)
{
	const struct return_instance *ri = returns_of(t);

	if (ri && (!own->end || !user_64bit_mode(task_pt_regs(t))))
		return true;
	for (; ri; ri = ri->next)
		if (ri->orig_ret_vaddr >= TASK_SIZE_MAX || !may_be_noted(mm, ri->stack) ||
		    !may_be_noted(mm, ri->stack + sizeof(u64) - 1))
			return true;
	return false;
}

/* How far above the stack's end, at most, is the frame of a signal that is being handled? */
#define HANDLER_DEPTH	SZ_1M

/* In a struct sigcontext, two words behind the address where it goes on. */
#define SEGMENTS	((u64)__USER_DS << 48 | __USER_CS)

/*
 * A signal that has come when a function had returned to the probes' page, and was not back
 * yet: it will go on within the code there. The address where that begins is also in use for
 * those that have yet to return, and is left in places that are used no longer.
 */
static bool goes_on_in(const struct addresses *own, const u64 *words, unsigned int i,
		       unsigned int nr)
{
	return is_in(own, words[i]) &&
	       (words[i] != own->start || (i + 2 < nr && words[i + 2] == SEGMENTS));
}

/*
 * Without a fault: what is mapped there may be a file of which a frozen task is asked (FUSE),
 * or memory of which one is told (userfaultfd). A signal would have made the page a private
 * one, where there are such. Return: false: nobody can tell what is there.
 */
static bool read_page(struct vm_area_struct *vma, unsigned long addr, void *bytes)
{
	struct page *page;

	if (is_vm_hugetlb_page(vma))
		return false;
	if (ckpt_vma_private(vma))
		page = private_page(vma->vm_mm, addr);
	else if (!ckpt_grab_pages(vma->vm_mm, addr, 1, &page))
		return false;
	if (IS_ERR(page))
		return false;
	memset(bytes, 0, PAGE_SIZE);
	if (!page)
		return true;
	memcpy_from_page(bytes, page, 0, PAGE_SIZE);
	put_page(page);
	return true;
}

static bool is_on_stack(const struct addresses *own, struct vm_area_struct *vma,
			unsigned long sp)
{
	/* The last two of a page are looked at once more, with what is behind them. */
	const unsigned int again = 2, nr = again + PAGE_SIZE / sizeof(u64);
	u64 *words __free(kfree) = kcalloc(nr, sizeof(*words), GFP_KERNEL);
	unsigned long end = min(vma->vm_end, sp + HANDLER_DEPTH), at;
	unsigned int i;

	/* Nobody can tell. */
	if (!words)
		return true;
	for (at = sp & PAGE_MASK; at < end && !fatal_signal_pending(current); at += PAGE_SIZE) {
		if (!read_page(vma, at, words + again))
			return true;
		if (at < sp)
			memset(words + again, 0, ALIGN(offset_in_page(sp), sizeof(*words)));
		for (i = 0; i < nr; i++)
			if (goes_on_in(own, words, i, nr))
				return true;
		memcpy(words, words + nr - again, again * sizeof(*words));
		cond_resched();
	}
	return false;
}

static bool is_returning(struct task_struct *t)
{
	struct pt_regs *regs = task_pt_regs(t);
	struct mm_struct *mm = get_task_mm(t);
	struct vm_area_struct *vma;
	struct addresses own;
	bool returning;

	if (!mm)
		return false;
	mmap_read_lock(mm);
	own = own_page(mm);
	vma = vma_lookup(mm, regs->sp);
	returning = has_odd_return(t, mm, &own) || is_in(&own, regs->ip);
	if (!returning && vma && own.end && user_64bit_mode(regs))
		returning = is_on_stack(&own, vma, regs->sp);
	mmap_read_unlock(mm);
	mmput(mm);
	return returning;
}

/* Most have nothing of the kind, and there may be thousands. */
bool ckpt_uprobes_returning(struct task_struct *t)
{
	const struct mm_struct *mm = READ_ONCE(t->mm);

	return mm && (returns_of(t) || READ_ONCE(mm->uprobes_state.xol_area)) &&
	       is_returning(t);
}

/*
 * What has been replaced twice is the same for both: a function that ends in another. Else
 * one of two tasks has left a stack that the other has come to, and nobody can tell which.
 */
int ckpt_uprobes_save(struct ckpt_collect *c, struct task_struct *t)
{
	const struct return_instance *ri = returns_of(t);
	struct ckpt_memory *m;

	if (!ri)
		return 0;
	m = ckpt_lookup(c, CKPT_TYPE_PAGES, t->mm)->priv;
	for (; ri; ri = ri->next) {
		void *value = xa_mk_value(ri->orig_ret_vaddr);
		int err = xa_insert(&m->returns, ri->stack, value, GFP_KERNEL_ACCOUNT);

		if (err && err != -EBUSY)
			return err;
		if (err && xa_load(&m->returns, ri->stack) != value)
			ckpt_refuse(c, "task %d: a return probe of another task's stack cannot be saved",
				    task_pid_vnr(t));
	}
	return 0;
}

/* ---- probes ---------------------------------------------------------------------- */

/**
 * struct probe - what is told of a probe of a file
 * @offset:	of its instruction
 * @counter:	offset of what is counted up for it; 0: nothing
 * @set:	it may be in memory, so that @byte is known
 * @byte:	the first one of the instruction
 */
struct probe {
	loff_t offset;
	loff_t counter;
	bool set;
	u8 byte;
};

/* Of UPROBE_COPY_INSN, which is that of kernel/events/uprobes.c. */
#define COPIED	0

/* The first probe of the file at @from or behind it. Return: is there one? */
static bool next_probe(const struct inode *inode, loff_t from, struct probe *probe)
{
	const struct rb_root *tree = ksym_addr(uprobes_tree);
	const struct ckpt_uprobe *found = NULL;
	struct rb_node *n;

	guard(read_lock)(ksym_addr(uprobes_treelock));
	for (n = tree->rb_node; n; ) {
		const struct ckpt_uprobe *u = rb_entry(n, struct ckpt_uprobe, rb_node);
		bool before = u->inode == inode ? u->offset < from : u->inode < inode;

		if (!before)
			found = u;
		n = before ? n->rb_right : n->rb_left;
	}
	if (!found || found->inode != inode)
		return false;
	*probe = (struct probe) {
		.offset = found->offset,
		.counter = found->ref_ctr_offset,
		.set = test_bit(COPIED, &found->flags),
	};
	/* As in handle_swbp(): the bit is set when that is there. */
	smp_rmb();
	if (probe->set)
		probe->byte = found->arch.insn[0];
	return true;
}

/* Can there be breakpoints in it? They stay in what has become writable. */
static bool may_be_probed(const struct vm_area_struct *vma)
{
	return vma->vm_file && (vma->vm_flags & (VM_HUGETLB | VM_MAYEXEC | VM_MAYSHARE)) ==
			       VM_MAYEXEC;
}

static bool may_have_counters(const struct vm_area_struct *vma)
{
	return vma->vm_file && (vma->vm_flags & (VM_WRITE | VM_SHARED)) == VM_WRITE;
}

static loff_t offset_of(const struct vm_area_struct *vma, unsigned long addr)
{
	return ((loff_t)vma->vm_pgoff << PAGE_SHIFT) + (addr - vma->vm_start);
}

static unsigned long address_of(const struct vm_area_struct *vma, loff_t offset)
{
	return vma->vm_start + (offset - offset_of(vma, vma->vm_start));
}

static bool maps(const struct vm_area_struct *vma, const struct inode *inode, loff_t offset)
{
	return file_inode(vma->vm_file) == inode && offset >= offset_of(vma, vma->vm_start) &&
	       offset < offset_of(vma, vma->vm_end);
}

/* ---- without them ------------------------------------------------------------------ */

/* Return: has @bytes, a copy of the page at @addr, been changed? */
static bool remove_breakpoints(const struct vm_area_struct *vma, unsigned long addr, void *bytes)
{
	loff_t from = offset_of(vma, addr), end = from + PAGE_SIZE;
	const struct inode *inode;
	struct probe probe;
	bool changed = false;

	if (!may_be_probed(vma))
		return false;
	inode = file_inode(vma->vm_file);
	for (; next_probe(inode, from, &probe) && probe.offset < end; from = probe.offset + 1) {
		u8 *byte = bytes + offset_in_page(probe.offset);

		if (!probe.set || *byte != UPROBE_SWBP_INSN)
			continue;
		*byte = probe.byte;
		changed = true;
	}
	return changed;
}

/* Return: 0, 1, or -errno. */
static int has_breakpoint(struct mm_struct *mm, unsigned long addr)
{
	struct page *page = private_page(mm, addr);
	uprobe_opcode_t byte;

	if (IS_ERR_OR_NULL(page))
		return PTR_ERR_OR_ZERO(page);
	memcpy_from_page((char *)&byte, page, offset_in_page(addr), sizeof(byte));
	put_page(page);
	return byte == UPROBE_SWBP_INSN;
}

/* How often is it in the program? Return: that, or -errno. */
static int count_breakpoints(struct mm_struct *mm, const struct inode *inode,
			     const struct probe *probe)
{
	struct vm_area_struct *vma;
	VMA_ITERATOR(vmi, mm, 0);
	int nr = 0;

	for_each_vma(vmi, vma) {
		int has;

		if (!may_be_probed(vma) || !maps(vma, inode, probe->offset))
			continue;
		has = has_breakpoint(mm, address_of(vma, probe->offset));
		if (has < 0)
			return has;
		nr += has;
	}
	return nr;
}

/* The kernel counts in the first mapping that has the counter. */
static bool counts_in(struct vm_area_struct *vma, const struct probe *probe)
{
	const struct inode *inode = file_inode(vma->vm_file);
	VMA_ITERATOR(vmi, vma->vm_mm, 0);
	struct vm_area_struct *it;

	for_each_vma(vmi, it)
		if (may_have_counters(it) && maps(it, inode, probe->counter))
			return it == vma;
	return false;
}

/*
 * One that is counted for before there was a mapping of its counter may not be in it.
 * Return: has @bytes, a copy of the page at @addr, been changed? Or -errno.
 */
static int remove_counts(struct vm_area_struct *vma, unsigned long addr, void *bytes)
{
	loff_t start = offset_of(vma, addr), end = start + PAGE_SIZE, from = 0;
	const struct inode *inode;
	struct probe probe;
	int changed = 0;

	if (!may_have_counters(vma))
		return 0;
	inode = file_inode(vma->vm_file);
	for (; next_probe(inode, from, &probe); from = probe.offset + 1) {
		s16 *counter = bytes + offset_in_page(probe.counter);
		int nr;

		if (!probe.set || !probe.counter || probe.counter < start ||
		    probe.counter >= end || !counts_in(vma, &probe))
			continue;
		nr = count_breakpoints(vma->vm_mm, inode, &probe);
		if (nr < 0)
			return nr;
		nr = min(nr, max_t(int, *counter, 0));
		*counter -= nr;
		changed |= nr > 0;
	}
	return changed;
}

/**
 * struct notes - pages that are being noted
 * @m:		whose; @m->unprobed gets them
 * @range:	where they are looked for
 * @code:	where functions return to instead of @m->returns; 0: nowhere
 */
struct notes {
	struct ckpt_memory *m;
	struct addresses range;
	u64 code;
};

/*
 * Where there is something else now, the function has been left by another way. An address
 * may lie in two pages. Return: has @bytes, a copy of the page at @addr, been changed?
 */
static bool restore_returns(const struct notes *n, unsigned long addr, void *bytes)
{
	const unsigned long size = sizeof(n->code);
	unsigned long at;
	bool changed = false;
	void *entry;

	if (!n->code)
		return false;
	xa_for_each_range(&n->m->returns, at, entry, addr - size + 1, addr + PAGE_SIZE - 1) {
		unsigned long from = max(at, addr), to = min(at + size, addr + PAGE_SIZE);
		u64 is = n->code, was = xa_to_value(entry);

		if (memcmp(bytes + (from - addr), (u8 *)&is + (from - at), to - from))
			continue;
		memcpy(bytes + (from - addr), (u8 *)&was + (from - at), to - from);
		changed = true;
	}
	return changed;
}

/* Return: a page that is as @page would be without probes, NULL if it is, or ERR_PTR(). */
static struct page *make_copy(const struct notes *n, struct vm_area_struct *vma,
			      unsigned long addr, struct page *page)
{
	struct page *copy = alloc_page(GFP_KERNEL_ACCOUNT);
	bool changed;
	void *bytes;
	int ret;

	if (!copy)
		return ERR_PTR(-ENOMEM);
	bytes = page_address(copy);
	memcpy_from_page(bytes, page, 0, PAGE_SIZE);
	changed = restore_returns(n, addr, bytes);
	changed |= remove_breakpoints(vma, addr, bytes);
	ret = remove_counts(vma, addr, bytes);
	if (ret > 0 || (!ret && changed))
		return copy;
	put_page(copy);
	return ERR_PTR(ret);
}

/* ---- notes ----------------------------------------------------------------------------- */

/* As the kernel looks at it when it takes the last breakpoint from a page. */
static bool is_as_in_file(const struct vm_area_struct *vma, unsigned long addr,
			  struct page *copy)
{
	struct page *page = NULL;
	void *bytes;
	bool same;

	if (vma->vm_file)
		page = find_get_page(file_inode(vma->vm_file)->i_mapping,
				     offset_of(vma, addr) >> PAGE_SHIFT);
	if (!page)
		return false;
	bytes = kmap_local_page(page);
	same = PageUptodate(page) && !memcmp(bytes, page_address(copy), PAGE_SIZE);
	kunmap_local(bytes);
	put_page(page);
	return same;
}

static int note_page(const struct notes *n, struct vm_area_struct *vma, unsigned long addr)
{
	struct xarray *pages = &n->m->unprobed;
	unsigned long index = addr >> PAGE_SHIFT;
	struct page *page, *copy;
	int err;

	if (xa_load(pages, index))
		return 0;
	page = private_page(vma->vm_mm, addr);
	if (IS_ERR_OR_NULL(page))
		return PTR_ERR_OR_ZERO(page);
	copy = make_copy(n, vma, addr & PAGE_MASK, page);
	put_page(page);
	if (IS_ERR_OR_NULL(copy))
		return PTR_ERR_OR_ZERO(copy);
	err = xa_insert(pages, index, copy, GFP_KERNEL_ACCOUNT);
	/* Another reader may have been quicker. */
	if (err) {
		put_page(copy);
		return err == -EBUSY ? 0 : err;
	}
	if (is_as_in_file(vma, addr & PAGE_MASK, copy))
		xa_set_mark(pages, index, CKPT_AS_IN_FILE);
	return 0;
}

static int note_breakpoints(const struct notes *n, struct vm_area_struct *vma)
{
	loff_t from = offset_of(vma, max(vma->vm_start, n->range.start));
	loff_t end = offset_of(vma, min(vma->vm_end, n->range.end));
	const struct inode *inode = file_inode(vma->vm_file);
	struct probe probe;
	int err = 0;

	for (; !err && next_probe(inode, from, &probe); from = probe.offset + 1) {
		if (probe.offset >= end)
			break;
		if (probe.set)
			err = note_page(n, vma, address_of(vma, probe.offset));
		if (fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err;
}

/* Many have theirs in one page, which is looked at once for all of them. */
static int note_counters(const struct notes *n, struct vm_area_struct *vma)
{
	const struct inode *inode = file_inode(vma->vm_file);
	unsigned long last = 0, page;
	struct probe probe;
	loff_t from = 0;
	int err = 0;

	for (; !err && next_probe(inode, from, &probe); from = probe.offset + 1) {
		page = address_of(vma, probe.counter) & PAGE_MASK;
		if (probe.set && probe.counter && maps(vma, inode, probe.counter) &&
		    is_in(&n->range, page) && page != last) {
			err = note_page(n, vma, page);
			last = page;
		}
		if (fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err;
}

static int note_files(const struct notes *n, struct mm_struct *mm)
{
	struct vm_area_struct *vma;
	VMA_ITERATOR(vmi, mm, n->range.start);
	int err = 0;

	if (!test_bit(MMF_HAS_UPROBES, &mm->flags))
		return 0;
	for_each_vma_range(vmi, vma, n->range.end) {
		if (may_be_probed(vma))
			err = note_breakpoints(n, vma);
		if (!err && may_have_counters(vma))
			err = note_counters(n, vma);
		if (err)
			return err;
	}
	return 0;
}

static int note_address(const struct notes *n, struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma = vma_lookup(mm, addr);

	return vma && ckpt_vma_private(vma) ? note_page(n, vma, addr) : 0;
}

/* An address may begin in the page before. */
static int note_returns(struct notes *n, struct mm_struct *mm)
{
	unsigned long from = max(n->range.start, sizeof(u64)) - sizeof(u64), at;
	void *entry;
	int err = 0;

	if (xa_empty(&n->m->returns))
		return 0;
	n->code = own_page(mm).start;
	xa_for_each_range(&n->m->returns, at, entry, from, n->range.end - 1) {
		err = note_address(n, mm, at) ?: note_address(n, mm, at + sizeof(u64) - 1);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

int ckpt_uprobes_note(struct ckpt_memory *m, struct mm_struct *mm, unsigned long start,
		      unsigned long end)
{
	struct notes n = { .m = m, .range = { start, end } };

	mmap_assert_locked(mm);
	/* First, so that a page which has both is noted with both. */
	return note_returns(&n, mm) ?: note_files(&n, mm);
}

void ckpt_uprobes_drop(struct xarray *pages)
{
	unsigned long index;
	struct page *page;

	xa_for_each(pages, index, page)
		put_page(page);
	xa_destroy(pages);
}

/* ---- restore --------------------------------------------------------------------------- */

/*
 * Where the writer has a return probe on its way out of a function, a clone with an address
 * space of its own has it too, and a work pending that maps the page for it.
 */
void ckpt_uprobes_shed(void)
{
	struct uprobe_task *utask = current->utask;

	if (!utask)
		return;
	ksym(task_work_cancel)(current, &utask->dup_xol_work);
	ksym(uprobe_free_utask)(current);
}

/*
 * All private pages that there are in mappings of files are such traces. Without its
 * anon_vma a mapping can come to share pages with another once more, see connect.c.
 */
void ckpt_uprobes_withdraw(struct mm_struct *mm)
{
	struct vm_area_struct *vma;
	VMA_ITERATOR(vmi, mm, 0);

	if (!test_bit(MMF_HAS_UPROBES, &mm->flags))
		return;
	mmap_write_lock(mm);
	for_each_vma(vmi, vma) {
		if (!vma->vm_file || !vma->anon_vma || vma->vm_flags & VM_MAYSHARE)
			continue;
		vma_start_write(vma);
		zap_page_range_single(vma, vma->vm_start, vma->vm_end - vma->vm_start, NULL);
		ksym(unlink_anon_vmas)(vma);
	}
	/* Counters that wait for their mapping. No task has come upon a breakpoint yet. */
	if (!mm->uprobes_state.xol_area)
		ksym(uprobe_clear_state)(mm);
	clear_bit(MMF_HAS_UPROBES, &mm->flags);
	clear_bit(MMF_RECALC_UPROBES, &mm->flags);
	mmap_write_unlock(mm);
}

/* As fork does it: else who comes upon a breakpoint is killed by SIGTRAP. */
void ckpt_uprobes_inherit(struct mm_struct *mm, struct mm_struct *source)
{
	ksym(uprobe_dup_mmap)(source, mm);
}

/* Where there is one already, nothing is done, and nothing is counted. */
void ckpt_uprobes_insert(struct mm_struct *mm)
{
	struct vm_area_struct *vma;
	VMA_ITERATOR(vmi, mm, 0);

	mmap_write_lock(mm);
	for_each_vma(vmi, vma)
		if (vma->vm_file)
			ksym(uprobe_mmap)(vma);
	mmap_write_unlock(mm);
}
