// SPDX-License-Identifier: GPL-2.0-only
/*
 * Breakpoints and watchpoints of the processor, which a tracer sets by PTRACE_POKEUSER.
 *
 * The kernel has an event of perf for each, and DR7 as it was written. The events are made
 * again as they were made, by the kernel's own function for that request, which asks nobody
 * for a tracer: they stay when he has gone, until the task executes another file. DR6 is of
 * its stop, see step.c.
 *
 * Who sets them is its tracer, who is frozen, or parked.
 */
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <linux/ptrace.h>
#include <asm/user.h>

#include "../../checkpointfs.h"
#include "../../compat/ksyms.h"
#include "regs.h"

#define CONTROL	7	/* DR7 */

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

		if (bp)
			rec->address[i] = cpu_to_le64(bp->hw.info.address);
	}
	rec->control = cpu_to_le64(t->thread.ptrace_dr7);
	return 0;
}

static int set_register(struct task_struct *t, unsigned int nr, u64 value)
{
	unsigned long at = offsetof(struct user, u_debugreg) + nr * sizeof(long);

	return value ? ksym(arch_ptrace)(t, PTRACE_POKEUSR, at, value) : 0;
}

/* What is to be there first, and then what it is to do. */
int ckpt_breakpoints_write(struct task_struct *t, const struct ckpt_breakpoints *rec)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < HBP_NUM; i++)
		err = set_register(t, i, le64_to_cpu(rec->address[i]));
	return err ?: set_register(t, CONTROL, le64_to_cpu(rec->control));
}
