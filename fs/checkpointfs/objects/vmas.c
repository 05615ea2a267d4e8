// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mappings of an address space: mm/ID/vmas.
 *
 * Saved: addresses, protection, file and offset, what mmap(), madvise() and
 * mlock() have set, protection keys, names, memory policies; then the runs of private
 * pages, see pagewalk.c.
 * And the rings of asynchronous I/O, which make themselves mappings, see aio.c; and what a
 * userfaultfd tells of, see uffd.c.
 * Each mapping is mapped again at its address, and stays one: neighbours that
 * the kernel would merge are kept apart until the end by a flag that forbids
 * it (VM_DONTEXPAND), so that a mapping of the image is one of the kernel's,
 * and /proc/PID/maps has the same lines. Nothing collapses their pages to huge
 * ones as long.
 *
 * Not kept: VM_ACCOUNT of what was mapped under another overcommit policy, and what
 * belongs to probes of others (uprobes.c).
 */
#include "../object.h"

#define ANY_KIND	(CKPT_VMA_NORESERVE | CKPT_VMA_LOCKED | CKPT_VMA_LOCKED_ONFAULT | \
			 CKPT_VMA_DONTFORK | CKPT_VMA_DONTDUMP | CKPT_VMA_SEQUENTIAL | \
			 CKPT_VMA_RANDOM | CKPT_VMA_HUGEPAGE | CKPT_VMA_NOHUGEPAGE | \
			 CKPT_VMA_MERGEABLE | CKPT_VMA_SEALED | CKPT_VMA_UFFD)

/* Huge pages of a pool are those of a file, though the kernel may have made it. */
#define HUGE_SHARED	CKPT_VMA_HUGETLB
#define HUGE_PRIVATE	(CKPT_VMA_HUGETLB | CKPT_VMA_UNRESERVED)

#define RING		(CKPT_VMA_DONTFORK | CKPT_VMA_DONTDUMP | CKPT_VMA_SEQUENTIAL | \
			 CKPT_VMA_RANDOM | CKPT_VMA_HUGEPAGE | CKPT_VMA_NOHUGEPAGE | \
			 CKPT_VMA_SEALED)

static const struct {
	bool file;
	u32 flags;
} kinds[] = {
	[CKPT_VMA_ANON] = { false, CKPT_VMA_FLAGS & ~HUGE_PRIVATE },
	[CKPT_VMA_FILE] = { true, ANY_KIND | CKPT_VMA_ACCOUNT | HUGE_PRIVATE },
	[CKPT_VMA_SHARED] = { true, ANY_KIND | CKPT_VMA_NAMED | HUGE_SHARED },
	[CKPT_VMA_VDSO] = { false, 0 },
	[CKPT_VMA_VVAR] = { false, 0 },
	[CKPT_VMA_AIO] = { false, RING },
};

static bool has_pages(const struct ckpt_vma *vma)
{
	u32 kind = le32_to_cpu(vma->kind);

	return (kind == CKPT_VMA_ANON || kind == CKPT_VMA_FILE) &&
	       !(le32_to_cpu(vma->flags) & CKPT_VMA_DROPPABLE);
}

/*
 * hugetlb locks and accounts none of them, and reserves where nothing else is said. Those of
 * which a userfaultfd tells are not saved.
 */
static int check_huge(const struct ckpt_check *chk, u32 flags)
{
	const u32 others = CKPT_VMA_LOCKED | CKPT_VMA_ACCOUNT | CKPT_VMA_UFFD;

	if (flags & CKPT_VMA_HUGETLB && flags & others)
		return ckpt_bad(chk, "flags that a mapping of huge pages cannot have");
	if (flags & CKPT_VMA_UNRESERVED &&
	    (!(flags & CKPT_VMA_HUGETLB) || flags & CKPT_VMA_NORESERVE))
		return ckpt_bad(chk, "not reserved, where nothing is or in two ways");
	return 0;
}

static int check_vma(const struct ckpt_check *chk, const struct ckpt_vma *vma)
{
	u32 kind = le32_to_cpu(vma->kind), flags = le32_to_cpu(vma->flags);
	u64 offset = le64_to_cpu(vma->offset), last;

	if (!vma->file == kinds[kind].file)
		return ckpt_bad(chk, "a mapping of a file has none, or another has one");
	if (kind == CKPT_VMA_FILE && chk->exists(chk->priv, CKPT_TYPE_ATTACH,
						 le64_to_cpu(vma->file)))
		return ckpt_bad(chk, "a private mapping of System V shared memory");
	if (vma->file && chk->exists(chk->priv, CKPT_TYPE_BPFMAP, le64_to_cpu(vma->file)))
		return ckpt_bad(chk, "a mapping of a bpf map");
	if (flags & ~kinds[kind].flags)
		return ckpt_bad(chk, "flags that this kind of mapping cannot have");
	if (vma->key && (kind == CKPT_VMA_VDSO || kind == CKPT_VMA_VVAR))
		return ckpt_bad(chk, "a vdso with a protection key");
	if (flags & CKPT_VMA_LOCKED_ONFAULT && !(flags & CKPT_VMA_LOCKED))
		return ckpt_bad(chk, "locked_onfault without locked");
	if (!IS_ALIGNED(offset, CKPT_PAGE_SIZE) || (offset && !vma->file))
		return ckpt_bad(chk, "an offset that no mapping has");
	if (check_add_overflow(offset, le64_to_cpu(vma->end) - le64_to_cpu(vma->start),
			       &last) || last > S64_MAX)
		return ckpt_bad(chk, "a mapping beyond the end of any file");
	return check_huge(chk, flags) ?: ckpt_check_not_external(chk, le64_to_cpu(vma->file));
}

/* The vdso is where the layout says, and there is one. */
static int check_vdso(const struct ckpt_check *chk, u64 id,
		      const struct ckpt_view *vmas)
{
	const struct ckpt_mm *mm = ckpt_check_body(chk, CKPT_TYPE_MM, id);
	const struct ckpt_vma *vma = vmas->elems;
	u32 i, vdso = 0, vvar = 0;

	for (i = 0; i < vmas->count; i++, vma++) {
		vvar += le32_to_cpu(vma->kind) == CKPT_VMA_VVAR;
		if (le32_to_cpu(vma->kind) != CKPT_VMA_VDSO)
			continue;
		vdso++;
		if (!mm || vma->start != mm->vdso)
			return ckpt_bad(chk, "the vdso is not where the layout says");
	}
	if (vdso > 1 || vvar != vdso || (mm && !vdso != !mm->vdso))
		return ckpt_bad(chk, "vdso and vvar do not belong together");
	return 0;
}

static int check_runs(const struct ckpt_check *chk, const void *bytes, size_t size,
		      const struct ckpt_view *vmas)
{
	const struct ckpt_vma *vma = vmas->elems, *end = vma + vmas->count;
	const struct ckpt_run *run;
	struct ckpt_view runs;
	u32 i;
	int err = ckpt_check_once(chk, bytes, size, CKPT_REC_RUNS, &runs);

	if (err)
		return err;
	run = runs.elems;
	for (i = 0; i < runs.count; i++, run++) {
		while (vma < end && le64_to_cpu(vma->end) <= le64_to_cpu(run->start))
			vma++;
		if (vma == end || !has_pages(vma))
			return ckpt_bad(chk, "pages in a mapping that has none of its own");
	}
	return 0;
}

static const struct ckpt_vma *next_named(const struct ckpt_vma *vma,
					 const struct ckpt_vma *end)
{
	while (vma < end && !(le32_to_cpu(vma->flags) & CKPT_VMA_NAMED))
		vma++;
	return vma;
}

static int check_names(const struct ckpt_check *chk, const void *bytes, size_t size,
		       const struct ckpt_view *vmas)
{
	const struct ckpt_vma *vma = vmas->elems, *end = vma + vmas->count;
	const struct ckpt_vma_name *name;
	struct ckpt_cursor cur;
	struct ckpt_view view;

	ckpt_cursor_init(&cur, bytes, size);
	while (ckpt_next(&cur, &view) > 0) {
		if (view.type != CKPT_REC_VMA_NAME)
			continue;
		name = view.body;
		vma = next_named(vma, end);
		if (vma == end || vma->start != name->start)
			return ckpt_bad(chk, "a name for no mapping");
		vma++;
	}
	if (next_named(vma, end) != end)
		return ckpt_bad(chk, "a mapping without its name");
	return 0;
}

/* Of one mapping each. */
static int check_policies(const struct ckpt_check *chk, const void *bytes, size_t size,
			  const struct ckpt_view *vmas)
{
	const struct ckpt_vma *vma = vmas->elems, *end = vma + vmas->count;
	const struct ckpt_policy *rec;
	struct ckpt_cursor cur;
	struct ckpt_view view;
	int err = ckpt_check_policies(chk, bytes, size);

	if (err)
		return err;
	ckpt_cursor_init(&cur, bytes, size);
	while (ckpt_next(&cur, &view) > 0) {
		if (view.type != CKPT_REC_POLICY)
			continue;
		rec = view.body;
		while (vma < end && le64_to_cpu(vma->start) < le64_to_cpu(rec->start))
			vma++;
		if (vma == end || vma->start != rec->start || vma->end != rec->end)
			return ckpt_bad(chk, "a policy of no mapping");
	}
	return 0;
}

static const struct ckpt_vma *next_ring(const struct ckpt_vma *vma,
					const struct ckpt_vma *end)
{
	while (vma < end && le32_to_cpu(vma->kind) != CKPT_VMA_AIO)
		vma++;
	return vma;
}

/* The header has the place of one, the kernel keeps one free, and has one to spare. */
static int check_ring(const struct ckpt_check *chk, const struct ckpt_vma *vma,
		      const struct ckpt_view *view)
{
	u64 len = le64_to_cpu(vma->end) - le64_to_cpu(vma->start);
	u64 slots = len / sizeof(struct ckpt_aio_event) - 1;
	const struct ckpt_aio *rec = view->body;
	u32 asked = le32_to_cpu(rec->asked);

	if (!IS_ALIGNED(len, CKPT_PAGE_SIZE) || slots > CKPT_AIO_SLOTS_MAX)
		return ckpt_bad(chk, "a ring of a size that none has");
	if (!asked || 2 * (u64)asked + 2 > slots)
		return ckpt_bad(chk, "a ring for no requests, or for more than it has room for");
	if (le32_to_cpu(rec->head) >= slots || le32_to_cpu(rec->tail) >= slots ||
	    view->count > slots)
		return ckpt_bad(chk, "events beyond the end of a ring");
	return 0;
}

/* One for each mapping of one. */
static int check_rings(const struct ckpt_check *chk, const void *bytes, size_t size,
		       const struct ckpt_view *vmas)
{
	const struct ckpt_vma *vma = vmas->elems, *end = vma + vmas->count;
	const struct ckpt_aio *rec;
	struct ckpt_cursor cur;
	struct ckpt_view view;
	int err;

	ckpt_cursor_init(&cur, bytes, size);
	while (ckpt_next(&cur, &view) > 0) {
		if (view.type != CKPT_REC_AIO)
			continue;
		rec = view.body;
		vma = next_ring(vma, end);
		if (vma == end || vma->start != rec->start)
			return ckpt_bad(chk, "a ring for no mapping");
		err = check_ring(chk, vma, &view);
		if (err)
			return err;
		vma++;
	}
	if (next_ring(vma, end) != end)
		return ckpt_bad(chk, "a mapping without its ring");
	return 0;
}

static int vmas_check(const struct ckpt_check *chk, u64 id,
		      const void *bytes, size_t size)
{
	const struct ckpt_vma *vma;
	struct ckpt_view vmas;
	int err;
	u32 i;

	ckpt_find(bytes, size, CKPT_REC_VMAS, &vmas);
	for (i = 0, vma = vmas.elems; i < vmas.count; i++, vma++) {
		err = check_vma(chk, vma);
		if (err)
			return err;
	}
	err = check_vdso(chk, id, &vmas);
	if (!err)
		err = check_runs(chk, bytes, size, &vmas);
	if (!err)
		err = check_names(chk, bytes, size, &vmas);
	if (!err)
		err = check_rings(chk, bytes, size, &vmas);
	if (!err)
		err = ckpt_check_uffds(chk, id, bytes, size, &vmas);
	return err ?: check_policies(chk, bytes, size, &vmas);
}

#ifdef __KERNEL__

#include <linux/file.h>
#include <linux/hugetlb.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/pkeys.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/shmem_fs.h>

#include "../aio.h"
#include "../checkpointfs.h"
#include "../compat/ksyms.h"
#include "../mapping.h"
#include "../mempolicy.h"
#include "../uffd.h"
#include "../uprobes.h"

/* ---- collect ------------------------------------------------------------------- */

/**
 * struct mapping - what is looked at in a mapping without mmap_lock
 * @start:	address
 * @end:	address, excluded
 * @file:	referenced, or NULL: it has none, or the kernel's own of a ring
 * @obstacle:	what cannot be saved of it, or NULL
 */
struct mapping {
	unsigned long start, end;
	struct file *file;
	const char *obstacle;
};

/* The first mapping at or above @addr, but for those of probes. Return: is there one? */
static bool next_mapping(struct mm_struct *mm, unsigned long addr, struct mapping *m)
{
	struct vm_area_struct *vma;

	mmap_read_lock(mm);
	vma = find_vma(mm, addr);
	while (vma && ckpt_uprobes_own(vma))
		vma = find_vma(mm, vma->vm_end);
	if (vma) {
		*m = (struct mapping) {
			.start = vma->vm_start,
			.end = vma->vm_end,
			.obstacle = ckpt_vma_obstacle(vma),
		};
		if (vma->vm_file && !ckpt_aio_ring(vma))
			m->file = get_file(vma->vm_file);
	}
	mmap_read_unlock(mm);
	return vma;
}

/* @last: the file that was collected last, or NULL; mostly it is mapped several times. */
static int collect_mapping(struct ckpt_collect *c, u64 tid, const struct mapping *m,
			   struct ckpt_object **last)
{
	struct ckpt_object *file;

	if (m->obstacle) {
		ckpt_refuse(c, "task %llu: mapping %lx-%lx: %s cannot be saved",
			    tid, m->start, m->end, m->obstacle);
		return 0;
	}
	if (!m->file)
		return 0;
	if (*last && (*last)->ptr == m->file) {
		(*last)->refs++;
		return 0;
	}
	file = ckpt_collect_file(c, m->file, "task %llu: mapping %lx-%lx",
				 tid, m->start, m->end);
	if (IS_ERR(file))
		return PTR_ERR(file) == -EOPNOTSUPP ? 0 : PTR_ERR(file);
	if (file->ops->type == CKPT_TYPE_EXTERNAL)
		ckpt_refuse(c, "task %llu: mapping %lx-%lx: an external file cannot be saved",
			    tid, m->start, m->end);
	else
		*last = file;
	return 0;
}

/*
 * Rows look at files with locks inside of which memory may be faulted in, so
 * mmap_lock is dropped for each. Nobody changes the mappings meanwhile, those
 * who could are frozen; but who has a userfaultfd of them may divide them.
 */
static int vmas_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct mm_struct *mm = obj->ptr;
	u64 tid = ckpt_lookup(c, CKPT_TYPE_MM, mm)->first;
	struct ckpt_object *last = NULL;
	struct mapping m = {};
	int err = 0;

	if (!mmget_not_zero(mm))
		return -ESRCH;
	while (!err && next_mapping(mm, m.end, &m)) {
		err = collect_mapping(c, tid, &m, &last);
		if (m.file)
			fput(m.file);
		if (fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	mmput(mm);
	return err;
}

/* ---- verify -------------------------------------------------------------------- */

/* All open files of the container are known now. */
static int vmas_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	return ckpt_uffd_verify(c, obj->ptr, ckpt_lookup(c, CKPT_TYPE_MM, obj->ptr)->first);
}

/* ---- save ---------------------------------------------------------------------- */

/*
 * The address space that this one was forked from, or one further up that is
 * in the container: that of the nearest ancestor that has another.
 */
static struct mm_struct *find_source(struct ckpt_collect *c, struct ckpt_object *obj)
{
	u64 tid = ckpt_lookup(c, CKPT_TYPE_MM, obj->ptr)->first;
	struct ckpt_object *source;
	struct task_struct *t;
	struct mm_struct *mm = NULL;

	guard(rcu)();
	t = pid_task(find_pid_ns(tid, c->con->caller_ns), PIDTYPE_PID);
	while (t && (!mm || mm == obj->ptr)) {
		t = rcu_dereference(t->real_parent);
		if (!ckpt_taskset_has(c->tasks, t))
			return NULL;
		mm = READ_ONCE(t->mm);
	}
	source = mm ? ckpt_lookup(c, CKPT_TYPE_MM, mm) : NULL;
	return source && source->id < obj->id ? mm : NULL;
}

static void note_source(struct ckpt_collect *c, struct ckpt_object *obj,
			struct ckpt_memory *memory)
{
	struct mm_struct *source = find_source(c, obj);

	memory->tid = ckpt_lookup(c, CKPT_TYPE_MM, obj->ptr)->first;
	if (!source)
		return;
	memory->source = ckpt_lookup(c, CKPT_TYPE_PAGES, source)->priv;
	memory->source_id = ckpt_id(c, CKPT_TYPE_MM, source);
}

static int save_vmas(struct ckpt_collect *c, struct mm_struct *mm, struct ckpt_writer *w)
{
	struct ckpt_vmas *rec = ckpt_add(w, CKPT_REC_VMAS,
					 mm->map_count - ckpt_uprobes_nr_own(mm));
	struct vm_area_struct *vma;
	VMA_ITERATOR(vmi, mm, 0);
	struct file *last = NULL;
	struct ckpt_vma *elem;
	u64 id = 0;

	if (!rec)
		return w->error;
	elem = ckpt_elems(rec);
	for_each_vma(vmi, vma) {
		if (ckpt_uprobes_own(vma))
			continue;
		if (vma->vm_file != last)
			id = ckpt_file_id(c, vma->vm_file);
		last = vma->vm_file;
		ckpt_vma_save(vma, id, elem++);
	}
	return 0;
}

static int save_names(struct mm_struct *mm, struct ckpt_writer *w)
{
	struct vm_area_struct *vma;
	VMA_ITERATOR(vmi, mm, 0);

	for_each_vma(vmi, vma) {
		const struct anon_vma_name *name = ckpt_vma_name(vma);
		struct ckpt_vma_name *rec;
		size_t size;

		if (!name || ckpt_uprobes_own(vma))
			continue;
		size = strlen(name->name) + 1;
		rec = ckpt_add(w, CKPT_REC_VMA_NAME, size);
		if (!rec)
			return w->error;
		rec->start = cpu_to_le64(vma->vm_start);
		memcpy(ckpt_elems(rec), name->name, size);
	}
	return 0;
}

static int vmas_save(struct ckpt_collect *c, struct ckpt_object *obj,
		     struct ckpt_writer *w)
{
	struct mm_struct *mm = obj->ptr;
	u64 tid = ckpt_lookup(c, CKPT_TYPE_MM, mm)->first;
	int err;

	obj->priv = ckpt_lookup(c, CKPT_TYPE_PAGES, mm)->priv;
	note_source(c, obj, obj->priv);
	if (!mmget_not_zero(mm))
		return -ESRCH;
	mmap_read_lock(mm);
	err = save_vmas(c, mm, w);
	if (!err)
		err = save_names(mm, w);
	if (!err)
		err = ckpt_mempolicy_save_mappings(w, mm);
	if (!err)
		err = ckpt_uffd_save(c, mm, obj->priv, w);
	mmap_read_unlock(mm);
	if (err == -EBUSY)
		ckpt_refuse_shared(c, "task %llu: somebody outside of the container registers its memory with a userfaultfd",
				   tid);
	if (!err)
		err = ckpt_aio_save(c, mm, tid, w);
	mmput(mm);
	return err;
}

/* ---- seal ---------------------------------------------------------------------- */

static int save_runs(const struct ckpt_pagemap *map, struct ckpt_writer *w)
{
	struct ckpt_runs *rec = ckpt_add(w, CKPT_REC_RUNS, map->nr);

	if (!rec)
		return w->error;
	rec->pages = cpu_to_le64(map->pages);
	ckpt_pagemap_save(map, ckpt_elems(rec));
	return 0;
}

/* Only one that shares pages has a source. */
static void save_source(struct ckpt_object *obj, const struct ckpt_memory *memory)
{
	struct ckpt_view view;

	if (ckpt_find(obj->bytes, obj->size, CKPT_REC_VMAS, &view))
		((struct ckpt_vmas *)view.body)->source = cpu_to_le64(memory->source_id);
}

static bool same_space(const struct ckpt_object *older, const struct ckpt_object *obj)
{
	const struct ckpt_memory *was = older->priv, *is = obj->priv;

	return was->origin == is->origin;
}

static int vmas_seal(struct ckpt_object *obj, struct ckpt_writer *w)
{
	const struct ckpt_object *older = ckpt_since_object(obj, same_space);
	struct ckpt_memory *memory = obj->priv;
	unsigned long bad;
	int err = ckpt_memory_scan(memory, older ? older->priv : NULL, &bad);

	if (err == -EOPNOTSUPP)
		ckpt_err(obj->con->mount, "task %llu: the page at %lx, poisoned or in a device, cannot be saved",
			 memory->tid, bad);
	else if (err == -ESRCH)
		ckpt_err(obj->con->mount, "task %llu: was killed while it was frozen",
			 memory->tid);
	if (err)
		return err;
	if (memory->map.shares)
		save_source(obj, memory);
	err = save_runs(&memory->map, w);
	if (!err && memory->map.inherits)
		err = ckpt_since_save(obj, older, w);
	return err;
}

/* ---- restore ------------------------------------------------------------------- */

static int apply_names(struct ckpt_restore *r, struct ckpt_item *item)
{
	struct ckpt_cursor cur;
	struct ckpt_view view;
	int err = 0;

	ckpt_cursor_init(&cur, item->bytes, item->size);
	while (!err && ckpt_next(&cur, &view) > 0) {
		const struct ckpt_vma_name *name = view.body;

		if (view.type != CKPT_REC_VMA_NAME)
			continue;
		err = ckpt_mapping_name(le64_to_cpu(name->start), view.elems, view.count);
		if (err)
			ckpt_restore_err(r, item, "mapping %llx: cannot be named %s: %pe",
					 le64_to_cpu(name->start),
					 (const char *)view.elems, ERR_PTR(err));
	}
	return err;
}

static void report(struct ckpt_restore *r, struct ckpt_item *item,
		   const struct ckpt_vma *vma, int err)
{
	const char *why = "";

	if (err == -ENOMEM && le32_to_cpu(vma->flags) & CKPT_VMA_HUGETLB)
		why = "the pool has too few huge pages: ";
	else if (err == -ESTALE)
		why = "its file has huge pages where it had none, or none where it had some: ";
	ckpt_restore_err(r, item, "mapping %llx-%llx: %s%pe", le64_to_cpu(vma->start),
			 le64_to_cpu(vma->end), why, ERR_PTR(err));
}

/* One function for all mappings, in turn. */
static int for_mappings(struct ckpt_restore *r, struct ckpt_item *item,
			int (*apply)(struct ckpt_restore *r, const struct ckpt_vma *vma))
{
	/* Else the kernel adds PROT_EXEC to what it is told. */
	unsigned int personality = current->personality;
	const struct ckpt_vma *vma;
	struct ckpt_vma_runs runs;
	struct ckpt_space space;
	int err = 0;

	current->personality &= ~READ_IMPLIES_EXEC;
	ckpt_space_init(&space, item);
	while (!err && (vma = ckpt_space_next(&space, &runs))) {
		err = apply(r, vma);
		if (err)
			report(r, item, vma, err);
		if (fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	current->personality = personality;
	return err;
}

/* A mapping may have a key of an address space that has none any more. */
static int check_machine(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_vma *vma;
	struct ckpt_view view;
	u32 i;

	if (arch_pkeys_enabled() ||
	    !ckpt_find(item->bytes, item->size, CKPT_REC_VMAS, &view))
		return 0;
	for (i = 0, vma = view.elems; i < view.count; i++, vma++) {
		if (!vma->key)
			continue;
		ckpt_restore_err(r, item, "this machine has no memory protection keys");
		return -EOPNOTSUPP;
	}
	return 0;
}

static int apply_ring(struct ckpt_restore *r, struct ckpt_item *item,
		      const struct ckpt_vma *vma, const struct ckpt_view *view)
{
	int err = ckpt_aio_create(vma, view->body, view->elems, view->count);

	if (err == -EOPNOTSUPP)
		ckpt_restore_err(r, item, "asynchronous I/O at %llx: with this number of processors, rings are larger",
				 le64_to_cpu(vma->start));
	else if (err)
		ckpt_restore_err(r, item, "asynchronous I/O at %llx: cannot be set up: %pe",
				 le64_to_cpu(vma->start), ERR_PTR(err));
	return err;
}

/* All that has a place of its own is there, so that none is in the way of another. */
static int apply_rings(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_vma *vma, *end;
	struct ckpt_cursor cur;
	struct ckpt_view view;
	int err = 0;

	if (!ckpt_find(item->bytes, item->size, CKPT_REC_VMAS, &view))
		return 0;
	vma = view.elems;
	end = vma + view.count;
	ckpt_cursor_init(&cur, item->bytes, item->size);
	while (!err && ckpt_next(&cur, &view) > 0) {
		if (view.type != CKPT_REC_AIO)
			continue;
		vma = next_ring(vma, end);
		err = apply_ring(r, item, vma++, &view);
		if (fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err;
}

static int vmas_apply(struct ckpt_restore *r, struct ckpt_item *item)
{
	int err = check_machine(r, item) ?: for_mappings(r, item, ckpt_mapping_create);

	if (!err)
		err = apply_rings(r, item);
	if (!err)
		err = apply_names(r, item);
	if (!err)
		err = ckpt_mempolicy_restore_mappings(r, item);
	if (!err)
		err = ckpt_uffd_register(r, item);
	/* Nothing maps a file, or changes a mapping of one, until the pages are there. */
	if (!err)
		ckpt_uprobes_withdraw(current->mm);
	return err;
}

/* All pages are there, so protect them, and let mappings merge again. */
static int vmas_bind(struct ckpt_restore *r, struct ckpt_item *item)
{
	int err = for_mappings(r, item, ckpt_mapping_finish);

	if (err)
		return err;
	/* Before pages are write-protected, which would have to be told of. */
	ckpt_uprobes_insert(current->mm);
	return ckpt_uffd_finish(r, item);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_vmas_ops = {
	.type = CKPT_TYPE_VMAS,
	.name = "mappings",
	.dir = "mm",
	.part = "vmas",
	.records = { CKPT_REC_VMAS, CKPT_REC_RUNS, CKPT_REC_VMA_NAME, CKPT_REC_POLICY,
		     CKPT_REC_AIO, CKPT_REC_UFFD, CKPT_REC_PARENT },
	.max_size = 320 << 20,
	.check = vmas_check,
	CKPT_KERNEL(.collect = vmas_collect, .verify = vmas_verify, .save = vmas_save,
		    .seal = vmas_seal, .apply = vmas_apply, .bind = vmas_bind)
};
