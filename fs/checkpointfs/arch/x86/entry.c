// SPDX-License-Identifier: GPL-2.0-only
/*
 * The instruction by which a task has made the system call that it is in.
 *
 * It lies right before the address at which the task goes on, and has two bytes: syscall, or
 * int $0x80, which is also what stands there for sysenter. The kernel relies on that when it
 * makes a call again. A new task that is to begin at the entry of a call goes through it:
 * there its registers are set again to what they were.
 */
#include <linux/mm.h>
#include <linux/ptrace.h>
#include <linux/sched/task_stack.h>
#include <asm/processor-flags.h>

#include "../../checkpointfs.h"
#include "regs.h"

#define LENGTH	2

bool ckpt_entry_is_there(struct task_struct *t)
{
	static const u8 syscall[LENGTH] = { 0x0f, 0x05 }, int80[LENGTH] = { 0xcd, 0x80 };
	unsigned long at = task_pt_regs(t)->ip - LENGTH;
	u8 code[LENGTH];

	if (access_process_vm(t, at, code, LENGTH, FOLL_FORCE) != LENGTH)
		return false;
	return !memcmp(code, syscall, LENGTH) || !memcmp(code, int80, LENGTH);
}

/* It makes neither a step nor a stop at a breakpoint there: it has been there before. */
void ckpt_entry_begin(struct pt_regs *saved)
{
	struct pt_regs *regs = current_pt_regs();

	*saved = *regs;
	regs->ip -= LENGTH;
	regs->ax = regs->orig_ax;
	regs->orig_ax = -1;
	regs->flags = (regs->flags & ~X86_EFLAGS_TF) | X86_EFLAGS_RF;
}

void ckpt_entry_end(struct task_struct *t, const struct pt_regs *saved)
{
	*task_pt_regs(t) = *saved;
}
