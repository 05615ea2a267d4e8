// SPDX-License-Identifier: GPL-2.0-only
/*
 * An address space as a whole: mm/ID/layout.
 *
 * Saved: the addresses that prctl(PR_SET_MM) names, where mmap() looks for
 * space, the vdso, the executed file, the auxiliary vector, dumpable, the
 * core dump filter, mlockall(MCL_FUTURE), membarrier(2), protection keys. Its mappings are
 * in vmas.c, their contents in pages.c; the three objects are one struct mm_struct and have
 * the same id.
 *
 * Not kept: statistics (peaks, faults), which address spaces KSM and
 * khugepaged have looked at, the random parts of an mmap() from the bottom up
 * or of the other word size.
 */
#include "../object.h"

/* By number, and of what the kernel has room for. */
static int check_ldt(const struct ckpt_check *chk, const void *bytes, size_t size)
{
	const struct ckpt_tls *entry;
	struct ckpt_view view;
	u32 i;
	int ret;

	if (!ckpt_find(bytes, size, CKPT_REC_LDT, &view))
		return 0;
	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_LDT, &view);
	if (ret)
		return ret;
	entry = view.elems;
	for (i = 0; i < view.count; i++) {
		if (le32_to_cpu(entry[i].entry_number) >= CKPT_LDT_ENTRIES ||
		    le32_to_cpu(entry[i].flags) & ~CKPT_TLS_FLAGS)
			return ckpt_bad(chk, "a descriptor that no LDT can have");
		if (i && le32_to_cpu(entry[i].entry_number) <=
			 le32_to_cpu(entry[i - 1].entry_number))
			return ckpt_bad(chk, "descriptors of an LDT in the wrong order");
	}
	return view.count ? 0 : ckpt_bad(chk, "an empty LDT");
}

/* The one that the kernel has taken is one of those that are not free. */
static int check_keys(const struct ckpt_check *chk, const struct ckpt_mm *rec)
{
	u16 allocated = le16_to_cpu(rec->keys) ^ CKPT_KEYS_NEW;
	u16 taken = le16_to_cpu(rec->exec_key);

	if (taken & (taken - 1) || taken & ~allocated)
		return ckpt_bad(chk, "an execute-only key that is not allocated, or several");
	return 0;
}

static int mm_check(const struct ckpt_check *chk, u64 id,
		    const void *bytes, size_t size)
{
	const struct ckpt_mm *rec;
	struct ckpt_view view;
	u32 flags;

	ckpt_find(bytes, size, CKPT_REC_MM, &view);
	rec = view.body;
	flags = le32_to_cpu(rec->flags);
	if (!rec->exe)
		return ckpt_bad(chk, "no file that was executed");
	if (view.count % 2)
		return ckpt_bad(chk, "half an entry in the auxiliary vector");
	if (!rec->vdso != !rec->vdso_size)
		return ckpt_bad(chk, "a vdso without size or address");
	if (!IS_ALIGNED(le64_to_cpu(rec->vdso), CKPT_PAGE_SIZE) ||
	    !IS_ALIGNED(le64_to_cpu(rec->mmap_base), CKPT_PAGE_SIZE))
		return ckpt_bad(chk, "vdso or mmap_base is no page");
	if (flags & CKPT_MM_LOCK_ONFAULT && !(flags & CKPT_MM_LOCK_FUTURE))
		return ckpt_bad(chk, "lock_onfault without lock_future");
	if (le32_to_cpu(rec->coredump_filter) >= 1 << 9)
		return ckpt_bad(chk, "coredump_filter has unknown bits");
	return ckpt_check_not_external(chk, le64_to_cpu(rec->exe)) ?:
	       check_keys(chk, rec) ?: check_ldt(chk, bytes, size);
}

#ifdef __KERNEL__

#include <linux/capability.h>
#include <linux/file.h>
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/prctl.h>
#include <linux/sched/coredump.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <asm/unistd.h>

#include "../aio.h"
#include "../checkpointfs.h"
#include "../compat/ksyms.h"
#include "../membarrier.h"

static void mm_get(void *ptr)
{
	mmgrab(ptr);
}

static void mm_put(void *ptr)
{
	mmdrop(ptr);
}

/* ---- collect ------------------------------------------------------------------- */

static bool has_flag(const struct mm_struct *mm, unsigned int bit)
{
	return test_bit(bit, &mm->flags);
}

static struct file *exe_file(struct mm_struct *mm)
{
	guard(rcu)();
	return get_file_rcu(&mm->exe_file);
}

static void refuse_attributes(struct ckpt_collect *c, struct mm_struct *mm, u64 tid)
{
	const struct {
		bool has;
		const char *what;
	} attributes[] = {
		{ ckpt_membarrier_odd(mm), "a registration for membarrier(2) that has failed" },
		{ ckpt_layout_odd(mm), "addresses that prctl(PR_SET_MM) does not take" },
		{ mm_valid_pasid(mm), "memory shared with a device (SVA)" },
		{ mm->def_flags & ~VM_LOCKED_MASK, "a default for new mappings" },
		{ !rcu_access_pointer(mm->exe_file), "a program without a file" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(attributes); i++)
		if (attributes[i].has)
			ckpt_refuse(c, "task %llu: %s cannot be saved", tid,
				    attributes[i].what);
	ckpt_arch_mm_refuse(c, mm, tid);
}

static int collect_parts(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct ckpt_object *part;

	part = ckpt_collect_id(c, CKPT_TYPE_VMAS, obj->ptr, obj->id);
	if (IS_ERR(part))
		return PTR_ERR(part);
	part = ckpt_collect_id(c, CKPT_TYPE_PAGES, obj->ptr, obj->id);
	return PTR_ERR_OR_ZERO(part);
}

static int mm_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct mm_struct *mm = obj->ptr;
	struct ckpt_object *exe = NULL;
	struct file *file;
	int err;

	refuse_attributes(c, mm, obj->first);
	err = ckpt_aio_collect(c, mm, obj->first);
	if (err)
		return err;
	file = exe_file(mm);
	if (file) {
		exe = ckpt_collect_file(c, file, "task %llu executed file", obj->first);
		fput(file);
	}
	if (IS_ERR(exe) && PTR_ERR(exe) != -EOPNOTSUPP)
		return PTR_ERR(exe);
	if (!IS_ERR_OR_NULL(exe) && exe->ops->type == CKPT_TYPE_EXTERNAL)
		ckpt_refuse(c, "task %llu executed file: an external file cannot be saved",
			    obj->first);
	return collect_parts(c, obj);
}

/* ---- verify -------------------------------------------------------------------- */

/* A task that is not in the container and uses @mm: its id, 0: none. */
static pid_t outsider(struct ckpt_collect *c, const struct mm_struct *mm)
{
	struct task_struct *p, *t;

	guard(rcu)();
	for_each_process_thread(p, t)
		if (READ_ONCE(t->mm) == mm && !ckpt_taskset_has(c->tasks, t))
			return task_pid_vnr(t) ?: -1;
	return 0;
}

/*
 * Each task of the container has referred to it once. More users than that
 * may be someone who reads /proc/PID/maps just now, so look who it is.
 */
static int mm_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct mm_struct *mm = obj->ptr;
	pid_t pid;

	if (atomic_read(&mm->mm_users) <= obj->refs)
		return 0;
	pid = outsider(c, mm);
	if (pid)
		ckpt_refuse_shared(c, "task %llu: the address space is shared with task %d outside of the container",
				   obj->first, pid);
	return 0;
}

/* ---- save ---------------------------------------------------------------------- */

static u32 save_flags(const struct mm_struct *mm)
{
	u32 flags = ckpt_membarrier_flags(mm);

	if (ckpt_mm_is_32bit(mm))
		flags |= CKPT_MM_32BIT;
	if (!has_flag(mm, MMF_TOPDOWN))
		flags |= CKPT_MM_BOTTOM_UP;
	if (mm->def_flags & VM_LOCKED)
		flags |= CKPT_MM_LOCK_FUTURE;
	if (mm->def_flags & VM_LOCKONFAULT)
		flags |= CKPT_MM_LOCK_ONFAULT;
	if (has_flag(mm, MMF_DISABLE_THP))
		flags |= CKPT_MM_NO_THP;
	if (has_flag(mm, MMF_HAS_MDWE))
		flags |= CKPT_MM_MDWE;
	if (has_flag(mm, MMF_HAS_MDWE_NO_INHERIT))
		flags |= CKPT_MM_MDWE_NO_INHERIT;
	if (has_flag(mm, MMF_VM_MERGE_ANY))
		flags |= CKPT_MM_MERGE;
	return flags;
}

/* As /proc/PID/status tells it: exactly, and not as the counters have it at hand. */
static u64 peak_rss(struct mm_struct *mm)
{
	u64 now = get_mm_counter_sum(mm, MM_ANONPAGES) +
		  get_mm_counter_sum(mm, MM_FILEPAGES) +
		  get_mm_counter_sum(mm, MM_SHMEMPAGES);

	return max(mm->hiwater_rss, now);
}

static int mm_save(struct ckpt_collect *c, struct ckpt_object *obj,
		   struct ckpt_writer *w)
{
	struct mm_struct *mm = obj->ptr;
	unsigned int count = ckpt_auxv_count(mm);
	struct ckpt_mm *rec = ckpt_add(w, CKPT_REC_MM, count);
	struct file *exe;

	if (!rec)
		return w->error;
	if (mmap_read_lock_killable(mm))
		return -EINTR;
	ckpt_layout_save(mm, rec);
	rec->flags = cpu_to_le32(save_flags(mm));
	rec->peak_rss = cpu_to_le64(peak_rss(mm));
	rec->peak_vm = cpu_to_le64(get_mm_hiwater_vm(mm));
	ckpt_arch_mm_save(mm, rec);
	ckpt_arch_keys_save(mm, rec);
	mmap_read_unlock(mm);

	exe = exe_file(mm);
	rec->exe = cpu_to_le64(ckpt_file_id(c, exe));
	if (exe)
		fput(exe);
	rec->dumpable = cpu_to_le32(__get_dumpable(mm->flags));
	rec->coredump_filter = cpu_to_le32((mm->flags & MMF_DUMP_FILTER_MASK) >>
					   MMF_DUMP_FILTER_SHIFT);
	ckpt_auxv_save(mm, ckpt_elems(rec), count);
	return ckpt_arch_ldt_save(mm, w);
}

/* ---- restore ------------------------------------------------------------------- */

/* What prctl(PR_SET_MM_EXE_FILE) asks of a file, and of who sets it. */
static int may_be_exe(struct file *file)
{
	struct user_namespace *ns = current_user_ns();

	if (!ns_capable(ns, CAP_CHECKPOINT_RESTORE) && !ns_capable(ns, CAP_SYS_ADMIN))
		return -EPERM;
	if (!S_ISREG(file_inode(file)->i_mode) || file->f_mode & FMODE_PATH ||
	    file->f_path.mnt->mnt_flags & MNT_NOEXEC ||
	    file_inode(file)->i_sb->s_iflags & SB_I_NOEXEC)
		return -EACCES;
	return file_permission(file, MAY_EXEC);
}

static int apply_exe(struct ckpt_restore *r, struct ckpt_item *item,
		     const struct ckpt_mm *rec)
{
	struct file *file = ckpt_restored_file(r, le64_to_cpu(rec->exe));
	int err = file ? may_be_exe(file) : -EUCLEAN;

	if (!err)
		err = ksym(replace_mm_exe_file)(current->mm, file);
	if (err)
		ckpt_restore_err(r, item, "the executed file cannot be set: %pe", ERR_PTR(err));
	return err;
}

static int apply_layout(struct ckpt_restore *r, struct ckpt_item *item)
{
	unsigned long scratch = ckpt_scratch_map();
	long err;

	if (IS_ERR_VALUE(scratch)) {
		ckpt_restore_err(r, item, "no room for arguments: %pe", (void *)scratch);
		return scratch;
	}
	err = ckpt_arch_ldt_set(scratch, item);
	if (!err)
		err = ckpt_layout_set(scratch, item);
	/*
	 * Whoever reads /proc/PID/cmdline reads pages of the program. They are
	 * not there yet, and must not come to be: hide them until the end.
	 */
	ckpt_layout_args(current->mm, NULL);
	ckpt_scratch_unmap(scratch);
	if (err)
		ckpt_restore_err(r, item, "the layout is refused: %pe", ERR_PTR(err));
	return err;
}

/* What a new task has of the writer's memory, and no program asked for. */
static int apply_flags(struct ckpt_restore *r, struct ckpt_item *item,
		       const struct ckpt_mm *rec)
{
	struct mm_struct *mm = current->mm;
	u32 flags = le32_to_cpu(rec->flags);

	if (has_flag(mm, MMF_HAS_MDWE) || has_flag(mm, MMF_VM_MERGE_ANY)) {
		ckpt_restore_err(r, item, "would inherit PR_SET_MDWE or PR_SET_MEMORY_MERGE");
		return -EOPNOTSUPP;
	}
	/* No user has that but by fs.suid_dumpable: root writes the core file. */
	if (le32_to_cpu(rec->dumpable) == CKPT_DUMPABLE_ROOT && !capable(CAP_SYS_ADMIN)) {
		ckpt_restore_err(r, item, "dumpable by root only may not be set");
		return -EPERM;
	}
	if (flags & CKPT_MM_LOCK_FUTURE && !can_do_mlock()) {
		ckpt_restore_err(r, item, "memory may not be locked");
		return -EPERM;
	}
	clear_bit(MMF_DISABLE_THP, &mm->flags);
	assign_bit(MMF_TOPDOWN, &mm->flags, !(flags & CKPT_MM_BOTTOM_UP));
	set_mask_bits(&mm->flags, MMF_DUMP_FILTER_MASK,
		      (unsigned long)le32_to_cpu(rec->coredump_filter) <<
		      MMF_DUMP_FILTER_SHIFT);
	ckpt_membarrier_forget(mm);
	return 0;
}

/* Into an empty address space: the mappings come next, with VMAS. */
static int mm_apply(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_mm *rec = ckpt_item_body(item, CKPT_REC_MM);
	int err;

	mmgrab(current->mm);
	item->made = current->mm;
	ckpt_layout_args(current->mm, NULL);
	err = apply_exe(r, item, rec);
	if (!err)
		err = apply_flags(r, item, rec);
	if (!err)
		err = ckpt_arch_keys_apply(r, item, rec);
	if (!err)
		err = ckpt_arch_mm_apply(r, item, rec);
	return err ?: apply_layout(r, item);
}

/* Which mappings may be merged is told of each: until they are bound they are left alone. */
static int bind_merge(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_mm *rec = ckpt_item_body(item, CKPT_REC_MM);
	int err = 0;

	if (le32_to_cpu(rec->flags) & CKPT_MM_MERGE)
		err = ckpt_syscall(__NR_prctl, PR_SET_MEMORY_MERGE, 1, 0, 0, 0, 0);
	if (err)
		ckpt_restore_err(r, item, "PR_SET_MEMORY_MERGE is refused: %pe", ERR_PTR(err));
	return err;
}

static int mm_bind(struct ckpt_restore *r, struct ckpt_item *item)
{
	int err = ckpt_connect_spaces(r);

	if (!err)
		err = ckpt_membarrier_restore(r, item);
	return err ?: bind_merge(r, item);
}

static void finish(struct mm_struct *mm, const struct ckpt_mm *rec)
{
	u32 flags = le32_to_cpu(rec->flags);

	ckpt_layout_args(mm, rec);
	set_mask_bits(&mm->flags, MMF_DUMPABLE_MASK, (unsigned long)le32_to_cpu(rec->dumpable));
	mmap_write_lock(mm);
	assign_bit(MMF_DISABLE_THP, &mm->flags, flags & CKPT_MM_NO_THP);
	if (flags & CKPT_MM_MDWE)
		set_bit(MMF_HAS_MDWE, &mm->flags);
	if (flags & CKPT_MM_MDWE_NO_INHERIT)
		set_bit(MMF_HAS_MDWE_NO_INHERIT, &mm->flags);
	/* Until now those of the writer's memory. What there is now counts besides. */
	mm->hiwater_rss = le64_to_cpu(rec->peak_rss);
	mm->hiwater_vm = le64_to_cpu(rec->peak_vm);
	if (flags & CKPT_MM_LOCK_FUTURE)
		mm->def_flags |= VM_LOCKED;
	if (flags & CKPT_MM_LOCK_ONFAULT)
		mm->def_flags |= VM_LOCKONFAULT;
	ckpt_arch_keys_finish(mm, rec);
	mmap_write_unlock(mm);
}

void ckpt_mm_finish(struct ckpt_image *img)
{
	struct ckpt_item *item;
	unsigned long id;

	xa_for_each(&img->items[CKPT_TYPE_MM], id, item)
		if (item->made)
			finish(item->made, ckpt_item_body(item, CKPT_REC_MM));
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_mm_ops = {
	.type = CKPT_TYPE_MM,
	.name = "address space",
	.dir = "mm",
	.part = "layout",
	.records = { CKPT_REC_MM, CKPT_REC_LDT },
	.max_size = 256 * 1024,
	.check = mm_check,
	CKPT_KERNEL(.get = mm_get, .put = mm_put, .collect = mm_collect,
		    .verify = mm_verify, .save = mm_save, .drop = mm_put,
		    .apply = mm_apply, .bind = mm_bind)
};
