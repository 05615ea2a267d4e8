// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory policies: set_mempolicy(2) of a task, mbind(2) of a mapping, or of shared memory.
 *
 * A policy names nodes, and the kernel makes of them those from which memory is to come:
 * as far as they are there, as far as the cpuset has them. Both are saved: the former is
 * what is set again, by the same calls; the latter has to come of it once more, unless
 * the program has named nodes relative to those that it may use.
 *
 * A policy of shared memory belongs to the memory, in whose inode it is found by offset.
 * The mapping by which it was set has it, too, where it means no more than to which a call
 * is made that changes it. So the one is set by a mapping made for that, before there are
 * contents; and the other is made for another mapping, of which it gets a copy.
 *
 * Of a frozen task nobody changes them, but for its cpuset: alloc_lock, mmap_lock and
 * shared_policy.lock protect them.
 */
#include <linux/cpuset.h>
#include <linux/mempolicy.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/mount.h>
#include <linux/nodemask.h>
#include <linux/shmem_fs.h>
#include <asm/unistd.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "mempolicy.h"
#include "uprobes.h"
#include "restore.h"

#ifdef CONFIG_NUMA

/* The numbers are the same, and these are all. */
#define SAME(image, kernel) static_assert((int)CKPT_POLICY_##image == (int)MPOL_##kernel)
SAME(PREFERRED, PREFERRED);
SAME(BIND, BIND);
SAME(INTERLEAVE, INTERLEAVE);
SAME(LOCAL, LOCAL);
SAME(PREFERRED_MANY, PREFERRED_MANY);
SAME(WEIGHTED, WEIGHTED_INTERLEAVE);
static_assert((int)CKPT_POLICY_WEIGHTED + 1 == (int)MPOL_MAX);

static const struct {
	u32 image;
	unsigned int kernel;
} policy_flags[] = {
	{ CKPT_POLICY_STATIC, MPOL_F_STATIC_NODES },
	{ CKPT_POLICY_RELATIVE, MPOL_F_RELATIVE_NODES },
	{ CKPT_POLICY_BALANCING, MPOL_F_NUMA_BALANCING },
};

/* ---- saved ----------------------------------------------------------------------- */

/* Those that the program has named, as far as the kernel remembers. */
static const nodemask_t *named_of(const struct mempolicy *pol)
{
	return pol->flags & MPOL_MODE_FLAGS ? &pol->w.user_nodemask : &pol->nodes;
}

static u32 nr_elems(const struct mempolicy *pol)
{
	nodemask_t all;

	if (pol->mode == MPOL_LOCAL)
		return 0;
	nodes_or(all, *named_of(pol), pol->nodes);
	return nodes_empty(all) ? 0 : 2 * (find_last_bit(all.bits, MAX_NUMNODES) / 64 + 1);
}

static void save_nodes(const struct mempolicy *pol, __le64 *word, u32 nr)
{
	unsigned int node;

	if (!nr)
		return;
	for_each_node_mask(node, *named_of(pol))
		word[node / 64 * 2] |= cpu_to_le64(BIT_ULL(node % 64));
	for_each_node_mask(node, pol->nodes)
		word[node / 64 * 2 + 1] |= cpu_to_le64(BIT_ULL(node % 64));
}

/* Its cpuset may be changed, and what follows from that. */
int ckpt_mempolicy_save_task(struct ckpt_writer *w, struct task_struct *t)
{
	struct ckpt_mempolicy *rec;
	struct mempolicy pol;
	u32 nr;

	scoped_guard(task_lock, t) {
		if (!t->mempolicy)
			return 0;
		pol = *t->mempolicy;
	}
	nr = nr_elems(&pol);
	rec = ckpt_add(w, CKPT_REC_MEMPOLICY, nr);
	if (!rec)
		return w->error;
	rec->mode = cpu_to_le32(pol.mode);
	rec->flags = cpu_to_le32(pol.flags & MPOL_MODE_FLAGS);
	save_nodes(&pol, ckpt_elems(rec), nr);
	return 0;
}

static int save_range(struct ckpt_writer *w, const struct mempolicy *pol, u64 start, u64 end)
{
	u32 nr = nr_elems(pol), flags = 0;
	struct ckpt_policy *rec = ckpt_add(w, CKPT_REC_POLICY, nr);
	unsigned int i;

	if (!rec)
		return w->error;
	for (i = 0; i < ARRAY_SIZE(policy_flags); i++)
		if (pol->flags & policy_flags[i].kernel)
			flags |= policy_flags[i].image;
	rec->start = cpu_to_le64(start);
	rec->end = cpu_to_le64(end);
	rec->mode = cpu_to_le32(pol->mode);
	rec->flags = cpu_to_le32(flags);
	rec->home = cpu_to_le32(pol->home_node + 1);
	save_nodes(pol, ckpt_elems(rec), nr);
	return 0;
}

int ckpt_mempolicy_save_mappings(struct ckpt_writer *w, struct mm_struct *mm)
{
	struct vm_area_struct *vma;
	VMA_ITERATOR(vmi, mm, 0);
	int err = 0;

	for_each_vma(vmi, vma) {
		if (!err && vma->vm_policy && !ckpt_uprobes_own(vma))
			err = save_range(w, vma->vm_policy, vma->vm_start, vma->vm_end);
	}
	return err;
}

/* A copy of the first policy that ends above @index. Return: is there one? */
static bool next_shared(struct shared_policy *sp, pgoff_t index, struct sp_node *at,
			struct mempolicy *pol)
{
	struct sp_node *found = NULL;
	struct rb_node *n;

	guard(read_lock)(&sp->lock);
	for (n = sp->root.rb_node; n; ) {
		struct sp_node *p = rb_entry(n, struct sp_node, nd);

		if (p->end > index)
			found = p;
		n = p->end > index ? n->rb_left : n->rb_right;
	}
	if (!found)
		return false;
	*at = *found;
	*pol = *found->policy;
	return true;
}

int ckpt_mempolicy_save_shared(struct ckpt_writer *w, struct inode *inode)
{
	struct sp_node at = {};
	struct mempolicy pol;
	int err = 0;

	/* hugetlb has none but those of its mappings. */
	if (!shmem_mapping(inode->i_mapping))
		return 0;
	while (!err && next_shared(&SHMEM_I(inode)->policy, at.end, &at, &pol)) {
		err = save_range(w, &pol, (u64)at.start << PAGE_SHIFT,
				 (u64)at.end << PAGE_SHIFT);
		cond_resched();
	}
	return err;
}

/* ---- set again --------------------------------------------------------------------- */

/**
 * struct policy - as it is set
 * @mode:	MPOL_* with MPOL_F_*
 * @home:	node, or -1
 * @named:	by the program
 * @had:	of these it has had memory from here
 */
struct policy {
	unsigned int mode;
	int home;
	u64 named[CKPT_NODE_WORDS];
	u64 had[CKPT_NODE_WORDS];
};

/* The first version of a task's record has only what was named. */
static void read_nodes(struct policy *p, const struct ckpt_view *view, bool pairs)
{
	const __le64 *word = view->elems;
	u32 i;

	for (i = 0; i < view->count; i++) {
		if (pairs && i % 2)
			p->had[i / 2] = le64_to_cpu(word[i]);
		else
			p->named[pairs ? i / 2 : i] = le64_to_cpu(word[i]);
	}
	if (!pairs)
		memcpy(p->had, p->named, sizeof(p->had));
}

static void read_range(struct policy *p, const struct ckpt_view *view)
{
	const struct ckpt_policy *rec = view->body;
	u32 flags = le32_to_cpu(rec->flags);
	unsigned int i;

	*p = (struct policy){
		.mode = le32_to_cpu(rec->mode),
		.home = (int)le32_to_cpu(rec->home) - 1,
	};
	for (i = 0; i < ARRAY_SIZE(policy_flags); i++)
		if (flags & policy_flags[i].image)
			p->mode |= policy_flags[i].kernel;
	read_nodes(p, view, true);
}

static bool has_bit(const u64 *words, unsigned int node)
{
	return words[node / 64] & BIT_ULL(node % 64);
}

static bool may_have(int node)
{
	return node < MAX_NUMNODES && node_state(node, N_MEMORY) &&
	       node_isset(node, cpuset_current_mems_allowed);
}

/* The calls would do without a node that is not there. */
static int check_nodes(const struct policy *p)
{
	unsigned int node;

	if (p->home >= 0 && (p->home >= MAX_NUMNODES || !node_online(p->home)))
		return -ENODEV;
	if (p->mode & MPOL_F_RELATIVE_NODES)
		return 0;
	for (node = 0; node < CKPT_NODE_WORDS * 64; node++)
		if (has_bit(p->had, node) && !may_have(node))
			return -ENODEV;
	return 0;
}

/*
 * Has it been set so that memory comes from where it came? A node that is named as such
 * may have come. What a change of the cpuset has made of a policy cannot always be set.
 */
static int check_result(const struct policy *p, const struct mempolicy *pol)
{
	unsigned int node;

	if (!pol || pol->mode != (p->mode & ~MPOL_MODE_FLAGS))
		return -EINVAL;
	if (pol->mode == MPOL_LOCAL || p->mode & MPOL_F_RELATIVE_NODES)
		return 0;
	for (node = 0; node < CKPT_NODE_WORDS * 64; node++) {
		bool has = node < MAX_NUMNODES && node_isset(node, pol->nodes);

		if (has_bit(p->had, node) && !has)
			return -ENODEV;
		if (has && !has_bit(p->had, node) && !(p->mode & MPOL_F_STATIC_NODES))
			return -EINVAL;
	}
	return 0;
}

/* Bits of the named nodes, with one more than are read. */
#define NR_BITS	(sizeof_field(struct policy, named) * 8 + 1)

static int set_task(const struct policy *p, unsigned long scratch)
{
	int err = check_nodes(p);

	if (!err)
		err = ckpt_scratch_put(scratch, p->named, sizeof(p->named));
	if (!err)
		err = ckpt_syscall(__NR_set_mempolicy, p->mode, scratch, NR_BITS, 0, 0, 0);
	if (err)
		return err;
	guard(task_lock)(current);
	return check_result(p, current->mempolicy);
}

/* Return: @err as it is to be seen. */
static int report(struct ckpt_restore *r, struct ckpt_item *item, const char *where, int err)
{
	if (err == -ENODEV) {
		ckpt_restore_err(r, item, "%sthis machine, or its cpuset, has not all nodes of the memory policy",
				 where);
		return -EOPNOTSUPP;
	}
	ckpt_restore_err(r, item, "%sthe memory policy may not be set: %pe", where, ERR_PTR(err));
	return err;
}

int ckpt_mempolicy_restore_task(struct ckpt_newtask *t, unsigned long scratch)
{
	const struct ckpt_mempolicy *rec;
	struct policy p = { .home = -1 };
	struct ckpt_view view;
	int err;

	if (!ckpt_find(t->item->bytes, t->item->size, CKPT_REC_MEMPOLICY, &view))
		return current->mempolicy ?
			ckpt_syscall(__NR_set_mempolicy, MPOL_DEFAULT, 0, 0, 0, 0, 0) : 0;
	rec = view.body;
	p.mode = le32_to_cpu(rec->mode) | le32_to_cpu(rec->flags);
	read_nodes(&p, &view, view.version > 1);
	err = set_task(&p, scratch);
	return err ? report(t->r, t->item, "", err) : 0;
}

/* The first mapping in the range, which is one. */
static int check_mapping(const struct policy *p, unsigned long start)
{
	struct vm_area_struct *vma;
	int err = -EINVAL;

	mmap_read_lock(current->mm);
	vma = vma_lookup(current->mm, start);
	if (vma)
		err = check_result(p, vma->vm_policy);
	mmap_read_unlock(current->mm);
	return err;
}

/* The pages that are there stay where they are. */
static int set_mapping(const struct policy *p, unsigned long start, unsigned long len,
		       unsigned long scratch)
{
	int err = ckpt_scratch_put(scratch, p->named, sizeof(p->named));

	if (!err)
		err = ckpt_syscall(__NR_mbind, start, len, p->mode, scratch, NR_BITS, 0);
	if (!err && p->home >= 0)
		err = ckpt_syscall(__NR_set_mempolicy_home_node, start, len, p->home, 0, 0, 0);
	return err ?: check_mapping(p, start);
}

/* The mapping of the image gets what the scratch has. */
static int copy_policy(unsigned long start, unsigned long end, unsigned long scratch)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *from, *to;
	struct mempolicy *pol;
	int err = -EUCLEAN;

	mmap_write_lock(mm);
	from = vma_lookup(mm, scratch);
	to = vma_lookup(mm, start);
	if (from && to && to->vm_start == start && to->vm_end == end && !to->vm_policy) {
		pol = ksym(__mpol_dup)(from->vm_policy);
		err = PTR_ERR_OR_ZERO(pol);
		if (!err) {
			vma_start_write(to);
			to->vm_policy = pol;
		}
	}
	mmap_write_unlock(mm);
	return err;
}

/* Would mbind(2) of the mapping change memory whose policies are in the image? */
static bool is_shared(unsigned long start)
{
	struct vm_area_struct *vma;
	bool shared = false;

	mmap_read_lock(current->mm);
	vma = vma_lookup(current->mm, start);
	if (vma && vma->vm_ops && vma->vm_ops->set_policy)
		shared = vma->vm_file->f_path.mnt->mnt_flags & MNT_INTERNAL ||
			 !file_inode(vma->vm_file)->i_nlink;
	mmap_read_unlock(current->mm);
	return shared;
}

static int restore_mapping(const struct policy *p, unsigned long start, unsigned long end,
			   unsigned long scratch)
{
	int err;

	if (!is_shared(start))
		return set_mapping(p, start, end - start, scratch);
	err = set_mapping(p, scratch, CKPT_SCRATCH_SIZE, scratch);
	return err ?: copy_policy(start, end, scratch);
}

static int restore_shared(const struct policy *p, struct file *file, u64 start, u64 end,
			  unsigned long scratch)
{
	unsigned long at = vm_mmap(file, 0, end - start, PROT_NONE, MAP_SHARED, start);
	int err;

	if (IS_ERR_VALUE(at))
		return at;
	err = set_mapping(p, at, end - start, scratch);
	/* With it left the program would have more than it had. */
	return vm_munmap(at, end - start) ?: err;
}

static int restore_range(struct ckpt_restore *r, struct ckpt_item *item, struct file *file,
			 const struct ckpt_view *view, unsigned long scratch)
{
	const struct ckpt_policy *rec = view->body;
	u64 start = le64_to_cpu(rec->start), end = le64_to_cpu(rec->end);
	char where[40];
	struct policy p;
	int err;

	read_range(&p, view);
	err = check_nodes(&p);
	if (!err)
		err = file ? restore_shared(&p, file, start, end, scratch) :
			     restore_mapping(&p, start, end, scratch);
	if (!err)
		return 0;
	snprintf(where, sizeof(where), "%llx-%llx: ", start, end);
	return report(r, item, where, err);
}

/* @file: of which they are; NULL: of current's mappings. */
static int restore_ranges(struct ckpt_restore *r, struct ckpt_item *item, struct file *file,
			  unsigned long scratch)
{
	struct ckpt_cursor cur;
	struct ckpt_view view;
	int err = 0;

	ckpt_cursor_init(&cur, item->bytes, item->size);
	while (!err && ckpt_next(&cur, &view) > 0) {
		if (view.type == CKPT_REC_POLICY)
			err = restore_range(r, item, file, &view, scratch);
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err;
}

#else

int ckpt_mempolicy_save_task(struct ckpt_writer *w, struct task_struct *t)
{
	return 0;
}

int ckpt_mempolicy_save_mappings(struct ckpt_writer *w, struct mm_struct *mm)
{
	return 0;
}

int ckpt_mempolicy_save_shared(struct ckpt_writer *w, struct inode *inode)
{
	return 0;
}

int ckpt_mempolicy_restore_task(struct ckpt_newtask *t, unsigned long scratch)
{
	struct ckpt_view view;

	if (!ckpt_find(t->item->bytes, t->item->size, CKPT_REC_MEMPOLICY, &view))
		return 0;
	ckpt_restore_err(t->r, t->item, "this kernel has no memory policies");
	return -EOPNOTSUPP;
}

static int restore_ranges(struct ckpt_restore *r, struct ckpt_item *item, struct file *file,
			  unsigned long scratch)
{
	ckpt_restore_err(r, item, "this kernel has no memory policies");
	return -EOPNOTSUPP;
}

#endif

static int restore_any(struct ckpt_restore *r, struct ckpt_item *item, struct file *file)
{
	unsigned long scratch;
	struct ckpt_view view;
	int err;

	if (!ckpt_find(item->bytes, item->size, CKPT_REC_POLICY, &view))
		return 0;
	scratch = ckpt_scratch_map();
	if (IS_ERR_VALUE(scratch)) {
		ckpt_restore_err(r, item, "no room for arguments: %pe", (void *)scratch);
		return scratch;
	}
	err = restore_ranges(r, item, file, scratch);
	ckpt_scratch_unmap(scratch);
	return err;
}

int ckpt_mempolicy_restore_mappings(struct ckpt_restore *r, struct ckpt_item *item)
{
	return restore_any(r, item, NULL);
}

int ckpt_mempolicy_restore_shared(struct ckpt_restore *r, struct ckpt_item *item,
				  struct file *file)
{
	return restore_any(r, item, file);
}
