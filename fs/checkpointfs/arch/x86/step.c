// SPDX-License-Identifier: GPL-2.0-only
/*
 * Single steps that a tracer has its tracee make.
 *
 * The trap flag is among the registers of the task, and marked as the tracer's
 * (TIF_FORCED_TF): whoever reads the registers does not see it. All of that stays when the
 * step has been made, until the tracee is let go the next time. What the debug exception has
 * told lies in virtual_dr6. A task that is parked or in a stop has all of it in memory.
 */
#include <linux/sched/task_stack.h>
#include <linux/thread_info.h>
#include <asm/processor-flags.h>
#include <asm/ptrace.h>

#include "../../checkpointfs.h"
#include "../../compat/ksyms.h"
#include "regs.h"

bool ckpt_step_made(struct task_struct *t)
{
	return test_tsk_thread_flag(t, TIF_SINGLESTEP) || test_tsk_thread_flag(t, TIF_FORCED_TF);
}

bool ckpt_step_blocks(struct task_struct *t)
{
	return test_tsk_thread_flag(t, TIF_BLOCKSTEP);
}

u32 ckpt_step_flags(struct task_struct *t)
{
	u32 flags = 0;

	if (test_tsk_thread_flag(t, TIF_SINGLESTEP))
		flags |= CKPT_TRACEE_STEP;
	if (test_tsk_thread_flag(t, TIF_FORCED_TF))
		flags |= CKPT_TRACEE_TF;
	return flags;
}

u64 ckpt_step_status(const struct task_struct *t)
{
	return t->thread.virtual_dr6;
}

/* Its registers are on its stack, which goes with it if it has been killed. */
void ckpt_step_restore(struct task_struct *t, u32 flags, u64 status)
{
	t->thread.virtual_dr6 = status;
	if (flags & CKPT_TRACEE_STEP) {
		set_tsk_thread_flag(t, TIF_SINGLESTEP);
		set_task_syscall_work(t, SYSCALL_EXIT_TRAP);
	}
	if (!(flags & CKPT_TRACEE_TF) || !try_get_task_stack(t))
		return;
	set_tsk_thread_flag(t, TIF_FORCED_TF);
	task_pt_regs(t)->flags |= X86_EFLAGS_TF;
	ksym(put_task_stack)(t);
}
