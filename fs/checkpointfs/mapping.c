// SPDX-License-Identifier: GPL-2.0-only
/*
 * One mapping: what the image has of it, and how it is made again.
 *
 * Flags of the kernel and of the image are translated by one table. Made again
 * by the task itself, by mmap(), madvise(), mlock2(), pkey_mprotect() and mseal(), with
 * their checks and limits (and by userfaultfd(2): uffdmake.c); a flag that has no system
 * call is refused when it is saved. Runs under the mmap_lock of an address space in which
 * nobody else is yet.
 */
#include <linux/hugetlb.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/pkeys.h>
#include <linux/prctl.h>
#include <linux/shmem_fs.h>

#include "aio.h"
#include "bpfmap.h"
#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "hugetlb.h"
#include "mapping.h"
#include "packet.h"

static const struct {
	u32 image;
	vm_flags_t kernel;
	int advice;
} flags[] = {
	{ CKPT_VMA_GROWSDOWN,		VM_GROWSDOWN,	-1 },
	{ CKPT_VMA_NORESERVE,		VM_NORESERVE,	-1 },
	{ CKPT_VMA_LOCKED,		VM_LOCKED,	-1 },
	{ CKPT_VMA_LOCKED_ONFAULT,	VM_LOCKONFAULT,	-1 },
	{ CKPT_VMA_DONTFORK,		VM_DONTCOPY,	MADV_DONTFORK },
	{ CKPT_VMA_WIPEONFORK,		VM_WIPEONFORK,	MADV_WIPEONFORK },
	{ CKPT_VMA_DONTDUMP,		VM_DONTDUMP,	MADV_DONTDUMP },
	{ CKPT_VMA_SEQUENTIAL,		VM_SEQ_READ,	MADV_SEQUENTIAL },
	{ CKPT_VMA_RANDOM,		VM_RAND_READ,	MADV_RANDOM },
	{ CKPT_VMA_HUGEPAGE,		VM_HUGEPAGE,	MADV_HUGEPAGE },
	{ CKPT_VMA_NOHUGEPAGE,		VM_NOHUGEPAGE,	MADV_NOHUGEPAGE },
	{ CKPT_VMA_MERGEABLE,		VM_MERGEABLE,	MADV_MERGEABLE },
	{ CKPT_VMA_ACCOUNT,		VM_ACCOUNT,	-1 },
	{ CKPT_VMA_DROPPABLE,		VM_DROPPABLE,	-1 },
	{ CKPT_VMA_SEALED,		VM_SEALED,	-1 },
	{ CKPT_VMA_HUGETLB,		VM_HUGETLB,	-1 },
	{ CKPT_VMA_UFFD_MISSING,	VM_UFFD_MISSING, -1 },
	{ CKPT_VMA_UFFD_WP,		VM_UFFD_WP,	-1 },
	{ CKPT_VMA_UFFD_MINOR,		VM_UFFD_MINOR,	-1 },
};

static_assert(CKPT_PROT_READ == PROT_READ && CKPT_PROT_WRITE == PROT_WRITE &&
	      CKPT_PROT_EXEC == PROT_EXEC);
static_assert(CKPT_PROT_READ == VM_READ && CKPT_PROT_WRITE == VM_WRITE &&
	      CKPT_PROT_EXEC == VM_EXEC);

/* ---- freeze -------------------------------------------------------------------- */

/*
 * Seals that keep a new mapping from ever being written to, though the file may be. If one
 * may that is older than F_SEAL_FUTURE_WRITE, all are made before that seal (memfd.c).
 */
static bool is_write_sealed(const struct file *file)
{
	return shmem_mapping(file->f_mapping) && !mapping_writably_mapped(file->f_mapping) &&
	       SHMEM_I(file_inode(file))->seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE);
}

/* What mprotect() may make of a mapping that mmap() has just made. */
static vm_flags_t usual_limits(const struct vm_area_struct *vma)
{
	vm_flags_t may = VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;
	const struct file *file = vma->vm_file;

	if (!file)
		return may;
	if (vma->vm_flags & VM_MAYSHARE && !(file->f_mode & FMODE_WRITE))
		may &= ~VM_MAYWRITE;
	else if (vma->vm_flags & VM_SHARED && is_write_sealed(file))
		may &= ~VM_MAYWRITE;
	if (file->f_path.mnt->mnt_flags & MNT_NOEXEC ||
	    file_inode(file)->i_sb->s_iflags & SB_I_NOEXEC)
		may &= ~VM_MAYEXEC;
	return may;
}

static vm_flags_t known_flags(void)
{
	vm_flags_t known = VM_READ | VM_WRITE | VM_EXEC | VM_SHARED | VM_MAYREAD |
			   VM_MAYWRITE | VM_MAYEXEC | VM_MAYSHARE | VM_SOFTDIRTY |
			   ARCH_VM_PKEY_FLAGS;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++)
		known |= flags[i].kernel;
	return known;
}

static const struct {
	vm_flags_t flag;
	const char *what;
} obstacles[] = {
	{ VM_PFNMAP | VM_MIXEDMAP | VM_IO, "memory of a device" },
	{ VM_SHADOW_STACK, "a shadow stack" },
	{ VM_SYNC, "MAP_SYNC" },
};

/*
 * The ring of asynchronous I/O, and huge pages, cannot be made larger. Those of packet
 * sockets are memory of the kernel.
 */
static vm_flags_t kind_flags(struct vm_area_struct *vma, int ring, int packets)
{
	if (packets)
		return VM_MIXEDMAP;
	return ring || vma->vm_flags & VM_HUGETLB ? VM_DONTEXPAND : 0;
}

const char *ckpt_vma_obstacle(struct vm_area_struct *vma)
{
	int kind = ckpt_arch_vma_kind(vma), ring = ckpt_aio_ring(vma);
	int packets = ckpt_packet_mapping(vma);
	vm_flags_t own = kind_flags(vma, ring, packets);
	unsigned int i;

	if (kind)
		return kind < 0 ? "a special mapping, or a changed vdso" : NULL;
	if (vma->vm_file && ckpt_bpfmap_is(vma->vm_file))
		return "a mapped bpf map";
	for (i = 0; i < ARRAY_SIZE(obstacles); i++)
		if (vma->vm_flags & ~own & obstacles[i].flag)
			return obstacles[i].what;
	if (ring < 0)
		return "asynchronous I/O of another process, or a part of its ring";
	if (packets < 0)
		return "a part of the rings of a packet socket, or a private mapping of them";
	if (vma->vm_flags & ~(known_flags() | own))
		return "a mapping with special flags";
	if ((vma->vm_flags & (VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC)) != usual_limits(vma))
		return "a limit to its protection";
	return vma->vm_flags & VM_HUGETLB ? ckpt_huge_obstacle(vma) : NULL;
}

static u32 vma_kind(struct vm_area_struct *vma)
{
	int kind = ckpt_arch_vma_kind(vma);

	if (kind > 0)
		return kind;
	if (ckpt_aio_ring(vma) > 0)
		return CKPT_VMA_AIO;
	if (vma->vm_flags & VM_MAYSHARE)
		return CKPT_VMA_SHARED;
	return vma->vm_file ? CKPT_VMA_FILE : CKPT_VMA_ANON;
}

/* anon_vma_name() is a function that is not exported where it is not nothing. */
const struct anon_vma_name *ckpt_vma_name(const struct vm_area_struct *vma)
{
#ifdef CONFIG_ANON_VMA_NAME
	return vma->anon_name;
#else
	return NULL;
#endif
}

void ckpt_vma_save(struct vm_area_struct *vma, u64 file, struct ckpt_vma *rec)
{
	u32 kind = vma_kind(vma), image = 0;
	unsigned int i;

	rec->start = cpu_to_le64(vma->vm_start);
	rec->end = cpu_to_le64(vma->vm_end);
	rec->kind = cpu_to_le32(kind);
	rec->prot = cpu_to_le32(vma->vm_flags & CKPT_PROT_MASK);
	if (kind == CKPT_VMA_VDSO || kind == CKPT_VMA_VVAR)
		return;
	for (i = 0; i < ARRAY_SIZE(flags); i++)
		if (vma->vm_flags & flags[i].kernel)
			image |= flags[i].image;
	if (ckpt_vma_name(vma))
		image |= CKPT_VMA_NAMED;
	if (vma->vm_flags & VM_HUGETLB && ckpt_huge_unreserved(vma))
		image |= CKPT_VMA_UNRESERVED;
	rec->flags = cpu_to_le32(image);
	rec->key = cpu_to_le32(vma_pkey(vma));
	rec->file = cpu_to_le64(file);
	if (vma->vm_file)
		rec->offset = cpu_to_le64((u64)vma->vm_pgoff << PAGE_SHIFT);
}

/* ---- restore ------------------------------------------------------------------- */

static bool is_special(const struct ckpt_vma *rec)
{
	u32 kind = le32_to_cpu(rec->kind);

	return kind == CKPT_VMA_VDSO || kind == CKPT_VMA_VVAR;
}

/* Made by aio.c, and mapped when it is made. */
static bool is_ring(const struct ckpt_vma *rec)
{
	return le32_to_cpu(rec->kind) == CKPT_VMA_AIO;
}

/*
 * A private mapping is accounted if it has been writable: it is mapped so, and
 * protected when its pages are there.
 */
static bool is_protected_later(const struct ckpt_vma *rec)
{
	return le32_to_cpu(rec->flags) & CKPT_VMA_ACCOUNT &&
	       !(le32_to_cpu(rec->prot) & CKPT_PROT_WRITE);
}

static bool is_huge(const struct ckpt_vma *rec)
{
	return le32_to_cpu(rec->flags) & CKPT_VMA_HUGETLB;
}

/* Its huge pages are filled as if it wrote to them, which its protection may forbid. */
static bool is_opened(const struct ckpt_vma *rec)
{
	return is_huge(rec) && le32_to_cpu(rec->kind) == CKPT_VMA_FILE &&
	       !(le32_to_cpu(rec->prot) & CKPT_PROT_WRITE);
}

/*
 * hugetlb makes a file as long as what is mapped for writing, which it need not be when it
 * has been cut since: so that comes afterwards, from open_huge().
 */
static unsigned long map_prot(const struct ckpt_vma *rec)
{
	unsigned long prot = le32_to_cpu(rec->prot);

	if (is_huge(rec))
		prot &= ~PROT_WRITE;
	else if (is_protected_later(rec))
		prot |= PROT_WRITE;
	return prot;
}

static unsigned long map_flags(const struct ckpt_vma *rec)
{
	u32 kind = le32_to_cpu(rec->kind), image = le32_to_cpu(rec->flags);
	unsigned long map = MAP_FIXED_NOREPLACE;

	if (image & CKPT_VMA_DROPPABLE)
		map |= MAP_DROPPABLE;
	else
		map |= kind == CKPT_VMA_SHARED ? MAP_SHARED : MAP_PRIVATE;
	if (kind == CKPT_VMA_ANON)
		map |= MAP_ANONYMOUS;
	if (image & CKPT_VMA_GROWSDOWN)
		map |= MAP_GROWSDOWN;
	if (image & (CKPT_VMA_NORESERVE | CKPT_VMA_UNRESERVED))
		map |= MAP_NORESERVE;
	return map;
}

static int map(struct ckpt_restore *r, const struct ckpt_vma *rec)
{
	unsigned long start = le64_to_cpu(rec->start), at;
	struct file *file = NULL;

	if (rec->file) {
		file = ckpt_restored_file(r, le64_to_cpu(rec->file));
		if (!file)
			return -EUCLEAN;
		if (ckpt_huge_file(file) != is_huge(rec))
			return -ESTALE;
	}
	at = vm_mmap(file, start, le64_to_cpu(rec->end) - start, map_prot(rec),
		     map_flags(rec), le64_to_cpu(rec->offset));
	if (IS_ERR_VALUE(at))
		return at;
	return at == start ? 0 : -EEXIST;
}

static long advise(unsigned long start, unsigned long len, u32 image)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		long err;

		if (!(image & flags[i].image) || flags[i].advice < 0)
			continue;
		err = ckpt_syscall(__NR_madvise, start, len, flags[i].advice, 0, 0, 0);
		if (err)
			return err;
	}
	return 0;
}

/* The mapping that @rec is now; mmap_lock is held. */
static struct vm_area_struct *find_whole(const struct ckpt_vma *rec)
{
	struct vm_area_struct *vma = vma_lookup(current->mm, le64_to_cpu(rec->start));

	if (!vma || vma->vm_start != le64_to_cpu(rec->start) ||
	    vma->vm_end != le64_to_cpu(rec->end))
		return NULL;
	return vma;
}

static int open_huge(const struct ckpt_vma *rec)
{
	unsigned long start = le64_to_cpu(rec->start), len = le64_to_cpu(rec->end) - start;
	u32 prot = le32_to_cpu(rec->prot);

	if (is_opened(rec))
		prot |= PROT_READ | PROT_WRITE;
	return prot & PROT_WRITE ? ckpt_syscall(__NR_mprotect, start, len, prot, 0, 0, 0) : 0;
}

/*
 * It has been mapped with MAP_NORESERVE, and so has no reservation. Without the flag it is
 * what fork() leaves of one that has.
 */
static void keep_unreserved(struct vm_area_struct *vma, const struct ckpt_vma *rec)
{
	if (le32_to_cpu(rec->flags) & CKPT_VMA_UNRESERVED)
		vm_flags_clear(vma, VM_NORESERVE);
}

/*
 * Forbid it to merge, which one of huge pages never does, nor one of rings of a packet
 * socket. Another file whose driver forbids that itself maps something else than pages of the
 * file, and no image has that.
 */
int ckpt_mapping_keep_apart(const struct ckpt_vma *rec)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	int err = 0;

	mmap_write_lock(mm);
	vma = find_whole(rec);
	if (!vma)
		err = -EUCLEAN;
	else if (vma->vm_flags & VM_HUGETLB)
		keep_unreserved(vma, rec);
	else if (vma->vm_flags & VM_SPECIAL)
		err = ckpt_packet_mapping(vma) > 0 ? 0 : -EOPNOTSUPP;
	else
		vm_flags_set(vma, VM_DONTEXPAND);
	mmap_write_unlock(mm);
	return err;
}

int ckpt_mapping_let_merge(const struct ckpt_vma *rec, unsigned long clear)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;

	mmap_write_lock(mm);
	vma = find_whole(rec);
	if (vma && !(vma->vm_flags & VM_HUGETLB))
		vm_flags_clear(vma, VM_DONTEXPAND | clear);
	mmap_write_unlock(mm);
	return vma ? 0 : -EUCLEAN;
}

/*
 * mlock() would bring pages in where the image's are to come. So lock on fault
 * first: this is where the writer's rights and limits are looked at.
 */
int ckpt_mapping_create(struct ckpt_restore *r, const struct ckpt_vma *rec)
{
	unsigned long start = le64_to_cpu(rec->start), len = le64_to_cpu(rec->end) - start;
	u32 image = le32_to_cpu(rec->flags);
	int err;

	if (is_special(rec) || is_ring(rec))
		return 0;
	err = map(r, rec);
	if (!err)
		err = advise(start, len, image);
	if (!err && image & CKPT_VMA_LOCKED)
		err = ckpt_syscall(__NR_mlock2, start, len, MLOCK_ONFAULT, 0, 0, 0);
	if (!err && is_huge(rec))
		err = open_huge(rec);
	return err ?: ckpt_mapping_keep_apart(rec);
}

static int prepare_anon_vma(unsigned long start)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	int err = 0;

	mmap_read_lock(mm);
	vma = vma_lookup(mm, start);
	if (vma && !vma->anon_vma)
		err = ksym(__anon_vma_prepare)(vma);
	mmap_read_unlock(mm);
	return err;
}

/*
 * Without an anon_vma it would not stay accounted. Where nothing is said of a key it
 * stays what it is, keys.c has seen to that.
 */
static int protect(const struct ckpt_vma *rec)
{
	unsigned long start = le64_to_cpu(rec->start), len = le64_to_cpu(rec->end) - start;
	u32 prot = le32_to_cpu(rec->prot), key = le32_to_cpu(rec->key);
	int err = is_protected_later(rec) ? prepare_anon_vma(start) : 0;

	if (!err && key)
		err = ckpt_syscall(__NR_pkey_mprotect, start, len, prot, key, 0, 0);
	else if (!err)
		err = ckpt_syscall(__NR_mprotect, start, len, prot, 0, 0, 0);
	return err;
}

/* It merges with nothing, and is locked by nobody: the kernel sees to both. */
static int finish_ring(const struct ckpt_vma *rec)
{
	unsigned long start = le64_to_cpu(rec->start), len = le64_to_cpu(rec->end) - start;
	u32 image = le32_to_cpu(rec->flags);
	long err = advise(start, len, image);

	if (!err && (rec->key || le32_to_cpu(rec->prot) != (CKPT_PROT_READ | CKPT_PROT_WRITE)))
		err = protect(rec);
	if (!err && image & CKPT_VMA_SEALED)
		err = ckpt_syscall(__NR_mseal, start, len, 0, 0, 0, 0);
	return err;
}

int ckpt_mapping_finish(struct ckpt_restore *r, const struct ckpt_vma *rec)
{
	unsigned long start = le64_to_cpu(rec->start), len = le64_to_cpu(rec->end) - start;
	u32 image = le32_to_cpu(rec->flags);
	bool locked;
	int err = 0;

	if (is_special(rec))
		return 0;
	if (is_ring(rec))
		return finish_ring(rec);
	locked = (image & CKPT_VMA_LOCKED) && !(image & CKPT_VMA_LOCKED_ONFAULT);
	if (is_protected_later(rec) || is_opened(rec) || rec->key)
		err = protect(rec);
	if (!err)
		err = ckpt_mapping_let_merge(rec, locked ? VM_LOCKONFAULT : 0);
	/*
	 * As mlock() does, and as there, what cannot be brought in is left out. Where a
	 * userfaultfd is to tell of it, nobody would answer now.
	 */
	if (!err && locked && !(image & (CKPT_VMA_UFFD_MISSING | CKPT_VMA_UFFD_MINOR)))
		ckpt_syscall(__NR_madvise, start, len, MADV_POPULATE_READ, 0, 0, 0);
	if (!err && image & CKPT_VMA_SEALED)
		err = ckpt_syscall(__NR_mseal, start, len, 0, 0, 0, 0);
	return err;
}

int ckpt_mapping_name(unsigned long start, const char *name, size_t size)
{
	struct vm_area_struct *vma;
	unsigned long scratch, len = 0;
	long err;

	mmap_read_lock(current->mm);
	vma = vma_lookup(current->mm, start);
	if (vma)
		len = vma->vm_end - start;
	mmap_read_unlock(current->mm);
	scratch = ckpt_scratch_map();
	if (IS_ERR_VALUE(scratch))
		return scratch;
	err = ckpt_scratch_put(scratch, name, size);
	if (!err)
		err = ckpt_syscall(__NR_prctl, PR_SET_VMA, PR_SET_VMA_ANON_NAME, start,
				   len, scratch, 0);
	ckpt_scratch_unmap(scratch);
	return err;
}
