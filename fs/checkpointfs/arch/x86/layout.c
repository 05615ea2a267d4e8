// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is x86's own in an address space: its word size, the vdso, where mmap()
 * looks for space, the contents of mm->context.
 *
 * The kernel lets a program have one vdso, of its own image, and maps it where
 * it is told only if there is room: so it comes first into the empty address
 * space. An image restored under a kernel with another vdso would jump into
 * the middle of other code; the checksum forbids it.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <asm/mmu_context.h>
#include <asm/vdso.h>

#include "../../checkpointfs.h"
#include "../../compat/ksyms.h"

static const struct vdso_image *vdso_image(bool is_32bit)
{
#ifdef CONFIG_COMPAT
	if (is_32bit)
		return &ksym_data(vdso_image_32);
#endif
	return &ksym_data(vdso_image_64);
}

/* What writes the program's core file. */
static struct linux_binfmt *binfmt(bool is_32bit)
{
#ifdef CONFIG_COMPAT_BINFMT_ELF
	if (is_32bit)
		return ksym_addr(compat_elf_format);
#endif
	return ksym_addr(elf_format);
}

bool ckpt_mm_is_32bit(const struct mm_struct *mm)
{
	return mm->task_size <= 1UL << 32;
}

static unsigned long vdso_start(const struct mm_struct *mm)
{
	return (unsigned long)mm->context.vdso;
}

static unsigned long vvar_start(const struct mm_struct *mm)
{
	return vdso_start(mm) + mm->context.vdso_image->sym_vvar_start;
}

/* ---- freeze -------------------------------------------------------------------- */

static bool has_ldt(const struct mm_struct *mm)
{
#ifdef CONFIG_MODIFY_LDT_SYSCALL
	return READ_ONCE(mm->context.ldt);
#else
	return false;
#endif
}

static bool has_foreign_vdso(const struct mm_struct *mm)
{
	const struct vdso_image *image = mm->context.vdso_image;

	return image && image != vdso_image(ckpt_mm_is_32bit(mm));
}

void ckpt_arch_mm_refuse(struct ckpt_collect *c, struct mm_struct *mm, u64 tid)
{
	const struct {
		bool has;
		const char *what;
	} attributes[] = {
		{ mm->binfmt != binfmt(ckpt_mm_is_32bit(mm)), "a program that is no ELF file" },
		{ has_foreign_vdso(mm), "a vdso of another kind of program" },
		{ mm_lam_cr3_mask(mm), "linear address masking" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(attributes); i++)
		if (attributes[i].has)
			ckpt_refuse(c, "task %llu: %s cannot be saved", tid,
				    attributes[i].what);
}

static bool is_whole(const struct vm_area_struct *vma, unsigned long start,
		     unsigned long size, vm_flags_t flags)
{
	return vma->vm_start == start && vma->vm_end == start + size &&
	       !vma->vm_pgoff && !vma->anon_vma &&
	       (vma->vm_flags & ~VM_SOFTDIRTY) == (flags | VM_DONTEXPAND);
}

int ckpt_arch_vma_kind(struct vm_area_struct *vma)
{
	const struct vdso_image *image = vma->vm_mm->context.vdso_image;
	const char *name;

	if (vma->vm_file || !vma->vm_ops || !vma->vm_ops->name)
		return 0;
	name = vma->vm_ops->name(vma);
	if (!name || !image)
		return -EOPNOTSUPP;
	if (!strcmp(name, "[vdso]") &&
	    is_whole(vma, vdso_start(vma->vm_mm), image->size,
		     VM_READ | VM_EXEC | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC))
		return CKPT_VMA_VDSO;
	if (!strcmp(name, "[vvar]") &&
	    is_whole(vma, vvar_start(vma->vm_mm), -image->sym_vvar_start,
		     VM_READ | VM_MAYREAD | VM_IO | VM_DONTDUMP | VM_PFNMAP))
		return CKPT_VMA_VVAR;
	return -EOPNOTSUPP;
}

/*
 * The kernel has written the images before any program ran; one sum of each
 * is enough. Two who make it at once make the same.
 */
static u32 vdso_crc(const struct vdso_image *image)
{
	static struct {
		const struct vdso_image *image;
		u32 crc;
	} known[2];
	unsigned int i = image == &ksym_data(vdso_image_64);
	u32 crc;

	/* With the release below: who sees the image sees its sum. */
	if (smp_load_acquire(&known[i].image) == image)
		return known[i].crc;
	crc = ckpt_crc32c(0, image->data, image->size);
	known[i].crc = crc;
	/* After its sum. */
	smp_store_release(&known[i].image, image);
	return crc;
}

void ckpt_arch_mm_save(struct mm_struct *mm, struct ckpt_mm *rec)
{
	const struct vdso_image *image = mm->context.vdso_image;
	struct vm_area_struct *vma = image ? vma_lookup(mm, vdso_start(mm)) : NULL;
	unsigned long base = mm->mmap_base;

#ifdef CONFIG_HAVE_ARCH_COMPAT_MMAP_BASES
	if (ckpt_mm_is_32bit(mm))
		base = mm->mmap_compat_base;
#endif
	rec->mmap_base = cpu_to_le64(base);
	/* The program may have unmapped it. */
	if (!vma || ckpt_arch_vma_kind(vma) != CKPT_VMA_VDSO)
		return;
	rec->vdso = cpu_to_le64(vma->vm_start);
	rec->vdso_size = cpu_to_le32(image->size);
	rec->vdso_crc = cpu_to_le32(vdso_crc(image));
}

/* ---- restore ------------------------------------------------------------------- */

static int apply_vdso(struct ckpt_restore *r, struct ckpt_item *item,
		      const struct ckpt_mm *rec)
{
	const struct vdso_image *image = vdso_image(test_thread_flag(TIF_ADDR32));
	struct mm_struct *mm = current->mm;
	unsigned long start = le64_to_cpu(rec->vdso);
	int err;

	mm->context.vdso = NULL;
	mm->context.vdso_image = NULL;
	if (!start)
		return 0;
	if (le32_to_cpu(rec->vdso_size) != image->size ||
	    le32_to_cpu(rec->vdso_crc) != vdso_crc(image)) {
		ckpt_restore_err(r, item, "this kernel has another vdso");
		return -EOPNOTSUPP;
	}
	err = ksym(map_vdso_once)(image, start + image->sym_vvar_start);
	if (!err && vdso_start(mm) != start)
		err = -EEXIST;
	if (err)
		ckpt_restore_err(r, item, "no vdso at %#lx: %pe", start, ERR_PTR(err));
	return err;
}

static void set_base(struct mm_struct *mm, unsigned long base, bool legacy)
{
#ifdef CONFIG_HAVE_ARCH_COMPAT_MMAP_BASES
	if (test_thread_flag(TIF_ADDR32)) {
		mm->mmap_compat_base = base;
		if (legacy)
			mm->mmap_compat_legacy_base = base;
		return;
	}
#endif
	mm->mmap_base = base;
	if (legacy)
		mm->mmap_legacy_base = base;
}

int ckpt_arch_mm_apply(struct ckpt_restore *r, struct ckpt_item *item,
		       const struct ckpt_mm *rec)
{
	unsigned long base = le64_to_cpu(rec->mmap_base);
	u32 flags = le32_to_cpu(rec->flags);
	struct mm_struct *mm = current->mm;

	if (!(flags & CKPT_MM_32BIT) != !test_thread_flag(TIF_ADDR32)) {
		ckpt_restore_err(r, item, "is of another word size than its task");
		return -EUCLEAN;
	}
	if (base < ksym_data(mmap_min_addr) || base > TASK_SIZE) {
		ckpt_restore_err(r, item, "mmap_base %#lx is no user address", base);
		return -EUCLEAN;
	}
	if (has_ldt(mm)) {
		ckpt_restore_err(r, item, "would inherit the writer's LDT");
		return -EOPNOTSUPP;
	}
	if (mm_lam_cr3_mask(mm)) {
		ckpt_restore_err(r, item, "would inherit linear address masking");
		return -EOPNOTSUPP;
	}
	mm->task_size = TASK_SIZE;
	set_binfmt(binfmt(flags & CKPT_MM_32BIT));
	mm->context.flags = BIT(flags & CKPT_MM_32BIT ? MM_CONTEXT_UPROBE_IA32 :
							MM_CONTEXT_HAS_VSYSCALL);
	set_base(mm, base, flags & CKPT_MM_BOTTOM_UP);
	return apply_vdso(r, item, rec);
}
