// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory protection keys: which ones an address space has allocated, and which of them
 * the kernel has taken for mappings that are for execution alone.
 *
 * Both are in mm->context, under mmap_lock. The key of a mapping is told with it
 * (mapping.c); what a thread may do with each key is PKRU, one of its registers (regs.c).
 *
 * A mapping may have a key that its program has freed since, and the kernel's own is not for
 * pkey_mprotect(2). So as long as mappings are made all keys are allocated: each of them can
 * be given, and none is left that the kernel could take for PROT_EXEC, as it would where the
 * program had none left, or came from a machine without keys.
 */
#include <linux/mm.h>
#include <linux/pkeys.h>
#include <asm/mmu_context.h>

#include "../../checkpointfs.h"

#ifdef CONFIG_X86_INTEL_MEMORY_PROTECTION_KEYS

void ckpt_arch_keys_save(const struct mm_struct *mm, struct ckpt_mm *rec)
{
	int taken = mm->context.execute_only_pkey;

	/* Without them the map is empty. */
	if (!arch_pkeys_enabled())
		return;
	rec->keys = cpu_to_le16(mm->context.pkey_allocation_map ^ CKPT_KEYS_NEW);
	rec->exec_key = cpu_to_le16(taken < 0 ? 0 : BIT(taken));
}

static void set(struct mm_struct *mm, u16 allocated, int taken)
{
	if (!arch_pkeys_enabled())
		return;
	mm->context.pkey_allocation_map = allocated;
	mm->context.execute_only_pkey = taken;
}

#else

void ckpt_arch_keys_save(const struct mm_struct *mm, struct ckpt_mm *rec)
{
}

static void set(struct mm_struct *mm, u16 allocated, int taken)
{
}

#endif

int ckpt_arch_keys_apply(struct ckpt_restore *r, struct ckpt_item *item,
			 const struct ckpt_mm *rec)
{
	if ((rec->keys || rec->exec_key) && !arch_pkeys_enabled()) {
		ckpt_restore_err(r, item, "this machine has no memory protection keys");
		return -EOPNOTSUPP;
	}
	set(current->mm, BIT(CKPT_KEYS) - 1, -1);
	return 0;
}

void ckpt_arch_keys_finish(struct mm_struct *mm, const struct ckpt_mm *rec)
{
	u16 taken = le16_to_cpu(rec->exec_key);

	set(mm, le16_to_cpu(rec->keys) ^ CKPT_KEYS_NEW, ffs(taken) - 1);
}
