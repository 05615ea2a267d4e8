// SPDX-License-Identifier: GPL-2.0-only
/*
 * For which barriers an address space is registered: membarrier(2).
 *
 * mm_struct.membarrier_state, of which each processor has a copy for what it runs: so
 * it is registered again by the system call, in one of the tasks that have it. The
 * copies of those that run none of it change with the next switch.
 */
#include <linux/sched/mm.h>
#include <uapi/linux/membarrier.h>
#include <asm/unistd.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "membarrier.h"

#ifdef CONFIG_MEMBARRIER

/* What registering for one leaves in the state. */
static const struct {
	u32 flag;
	int state;
	int command;
} barriers[] = {
	{ CKPT_MM_BARRIER_GLOBAL,
	  MEMBARRIER_STATE_GLOBAL_EXPEDITED_READY | MEMBARRIER_STATE_GLOBAL_EXPEDITED,
	  MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED },
	{ CKPT_MM_BARRIER_PRIVATE,
	  MEMBARRIER_STATE_PRIVATE_EXPEDITED_READY | MEMBARRIER_STATE_PRIVATE_EXPEDITED,
	  MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED },
	{ CKPT_MM_BARRIER_CORE,
	  MEMBARRIER_STATE_PRIVATE_EXPEDITED_SYNC_CORE_READY |
	  MEMBARRIER_STATE_PRIVATE_EXPEDITED_SYNC_CORE | MEMBARRIER_STATE_PRIVATE_EXPEDITED,
	  MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE },
	{ CKPT_MM_BARRIER_RSEQ,
	  MEMBARRIER_STATE_PRIVATE_EXPEDITED_RSEQ_READY |
	  MEMBARRIER_STATE_PRIVATE_EXPEDITED_RSEQ | MEMBARRIER_STATE_PRIVATE_EXPEDITED,
	  MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ },
};

u32 ckpt_membarrier_flags(const struct mm_struct *mm)
{
	int state = atomic_read(&mm->membarrier_state);
	unsigned int i;
	u32 flags = 0;

	for (i = 0; i < ARRAY_SIZE(barriers); i++)
		if ((state & barriers[i].state) == barriers[i].state)
			flags |= barriers[i].flag;
	return flags;
}

bool ckpt_membarrier_odd(const struct mm_struct *mm)
{
	int state = atomic_read(&mm->membarrier_state);
	u32 flags = ckpt_membarrier_flags(mm);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(barriers); i++)
		if (flags & barriers[i].flag)
			state &= ~barriers[i].state;
	return state;
}

void ckpt_membarrier_forget(struct mm_struct *mm)
{
	atomic_set(&mm->membarrier_state, 0);
}

static int register_again(u32 flags)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < ARRAY_SIZE(barriers); i++)
		if (flags & barriers[i].flag)
			err = ckpt_syscall(__NR_membarrier, barriers[i].command, 0, 0, 0, 0, 0);
	return err;
}

#else

u32 ckpt_membarrier_flags(const struct mm_struct *mm)
{
	return 0;
}

bool ckpt_membarrier_odd(const struct mm_struct *mm)
{
	return false;
}

void ckpt_membarrier_forget(struct mm_struct *mm)
{
}

static int register_again(u32 flags)
{
	return flags & CKPT_MM_BARRIERS ? -ENOSYS : 0;
}

#endif

int ckpt_membarrier_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_mm *rec = ckpt_item_body(item, CKPT_REC_MM);
	int err = register_again(le32_to_cpu(rec->flags));

	if (err)
		ckpt_restore_err(r, item, "membarrier(2) is refused: %pe", ERR_PTR(err));
	return err;
}
