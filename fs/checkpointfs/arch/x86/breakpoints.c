// SPDX-License-Identifier: GPL-2.0-only
/*
 * Breakpoints and watchpoints of the processor, which a tracer sets by PTRACE_POKEUSER.
 *
 * The kernel has an event of perf for each, and DR7 as it was written. A fork() has the
 * latter alone. The events are made again as they were made, by the kernel's own function
 * for that request, which asks nobody for a tracer: they stay when he has gone, until the
 * task executes another file. DR6 is of its stop, see step.c.
 *
 * Who sets them is its tracer, who is frozen. That function counts on a task that cannot exit
 * meanwhile, which would leave its event behind: so a new task sets its own. What the kernel
 * writes to its memory does not count.
 */
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <linux/ptrace.h>
#include <asm/debugreg.h>
#include <asm/user.h>

#include "../../checkpointfs.h"
#include "../../compat/ksyms.h"
#include "../../restore.h"
#include "regs.h"

#define CONTROL		7	/* DR7 */
#define DR_ENABLE_BOTH	(DR_LOCAL_ENABLE | DR_GLOBAL_ENABLE)
#define DR_CONTROL_ALL	((1UL << DR_CONTROL_SIZE) - 1)

static_assert(HBP_NUM == ARRAY_SIZE(((struct ckpt_breakpoints *)0)->address));

unsigned int ckpt_breakpoints_nr(const struct task_struct *t)
{
	unsigned int i, nr = 0;

	for (i = 0; i < HBP_NUM; i++)
		nr += !!READ_ONCE(t->thread.ptrace_bps[i]);
	return nr;
}

int ckpt_breakpoints_save(const struct task_struct *t, struct ckpt_writer *w)
{
	struct ckpt_breakpoints *rec;
	unsigned int i;

	if (!ckpt_breakpoints_nr(t) && !t->thread.ptrace_dr7)
		return 0;
	rec = ckpt_add(w, CKPT_REC_BREAKPOINTS, 0);
	if (!rec)
		return w->error;
	for (i = 0; i < HBP_NUM; i++) {
		const struct perf_event *bp = t->thread.ptrace_bps[i];

		if (!bp)
			continue;
		rec->address[i] = cpu_to_le64(bp->hw.info.address);
		rec->set |= cpu_to_le32(1U << i);
	}
	rec->control = cpu_to_le64(t->thread.ptrace_dr7);
	return 0;
}

static int set_register(unsigned int nr, u64 value)
{
	unsigned long at = offsetof(struct user, u_debugreg) + nr * sizeof(long);

	return ksym(arch_ptrace)(current, PTRACE_POKEUSR, at, value);
}

/* The two bits in DR7 that enable DR0 + @i, and the four that say for what. */
static u64 control_of(unsigned int i)
{
	return (u64)DR_ENABLE_BOTH << (i * DR_ENABLE_SIZE) |
	       (u64)DR_CONTROL_ALL << (DR_CONTROL_SHIFT + i * DR_CONTROL_SIZE);
}

/* What is to be there first, and then what it is to do, if anything. */
static int set_all(const struct ckpt_breakpoints *rec)
{
	u64 all = le64_to_cpu(rec->control), control = 0;
	unsigned int i;

	for (i = 0; i < HBP_NUM; i++) {
		int err;

		if (!(le32_to_cpu(rec->set) & 1U << i))
			continue;
		err = set_register(i, le64_to_cpu(rec->address[i]));
		if (err)
			return err;
		if (all >> (i * DR_ENABLE_SIZE) & DR_ENABLE_BOTH)
			control |= all & control_of(i);
	}
	return control ? set_register(CONTROL, control) : 0;
}

int ckpt_breakpoints_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_breakpoints *rec =
		item ? ckpt_item_body(item, CKPT_REC_BREAKPOINTS) : NULL;
	int err = rec ? set_all(rec) : 0;

	/* Whatever the writer has: of DR7 it is what it reads as. */
	current->thread.virtual_dr6 = 0;
	current->thread.ptrace_dr7 = rec ? le64_to_cpu(rec->control) : 0;
	if (err)
		ckpt_restore_err(r, item, "breakpoints that no task can have: %pe", ERR_PTR(err));
	return err;
}
