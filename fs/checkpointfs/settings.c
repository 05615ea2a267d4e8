// SPDX-License-Identifier: GPL-2.0-only
/*
 * What prctl(2) sets for a task, and is in no object of its own.
 *
 * The machine check policy, PR_SET_IO_FLUSHER, PR_SET_TSC, speculation, system call user
 * dispatch, the parent death signal, who may trace it; and what the kernel notes of its
 * past: that setuid() has gone past RLIMIT_NPROC, that it has not called execve(), or has
 * made use of a capability, as any new task of a restore has whose number is chosen.
 * What needs a right is set by prctl(2) itself with the writer's; the rest is
 * assigned by the task, as nobody else writes to it.
 */
#include <linux/prctl.h>
#include <linux/rculist.h>
#include <linux/sched/signal.h>
#include <linux/syscall_user_dispatch.h>
#include <asm/unistd.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "compat/private.h"
#include "restore.h"
#include "settings.h"
#include "arch/x86/regs.h"

/* PR_SET_IO_FLUSHER. */
#define IO_FLUSHER	(PF_MEMALLOC_NOIO | PF_LOCAL_THROTTLE)

static const struct {
	u32 flag;
	unsigned int pf;
} assigned[] = {
	{ CKPT_TASK_MCE_KILL, PF_MCE_PROCESS },
	{ CKPT_TASK_MCE_EARLY, PF_MCE_EARLY },
	{ CKPT_TASK_NPROC_EXCEEDED, PF_NPROC_EXCEEDED },
	{ CKPT_TASK_FORKNOEXEC, PF_FORKNOEXEC },
	{ CKPT_TASK_SUPERPRIV, PF_SUPERPRIV },
};

/* PR_SET_SPECULATION_CTRL. */
static const struct {
	unsigned long which;
	const char *name;
	unsigned long standard;
} speculations[] = {
	{ PR_SPEC_STORE_BYPASS, "PR_SPEC_STORE_BYPASS", PR_SPEC_ENABLE },
	{ PR_SPEC_INDIRECT_BRANCH, "PR_SPEC_INDIRECT_BRANCH", PR_SPEC_ENABLE },
	{ PR_SPEC_L1D_FLUSH, "PR_SPEC_L1D_FLUSH", PR_SPEC_DISABLE },
};

static const struct {
	u32 flag;
	unsigned long which, control;
} speculation_flags[] = {
	{ CKPT_TASK_SSB_DISABLE, PR_SPEC_STORE_BYPASS, PR_SPEC_DISABLE },
	{ CKPT_TASK_SSB_FORCE, PR_SPEC_STORE_BYPASS, PR_SPEC_FORCE_DISABLE },
	{ CKPT_TASK_SSB_NOEXEC, PR_SPEC_STORE_BYPASS, PR_SPEC_DISABLE_NOEXEC },
	{ CKPT_TASK_IB_DISABLE, PR_SPEC_INDIRECT_BRANCH, PR_SPEC_DISABLE },
	{ CKPT_TASK_IB_FORCE, PR_SPEC_INDIRECT_BRANCH, PR_SPEC_FORCE_DISABLE },
	{ CKPT_TASK_L1D_FLUSH, PR_SPEC_L1D_FLUSH, PR_SPEC_ENABLE },
};

/* Return: 0 if that is not a task's to control on this machine. */
static unsigned long speculation(struct task_struct *t, unsigned long which)
{
	int control = ksym(arch_prctl_spec_ctrl_get)(t, which);

	return control > 0 && control & PR_SPEC_PRCTL ? control & ~PR_SPEC_PRCTL : 0;
}

static u32 save_speculation(struct task_struct *t)
{
	unsigned int i;
	u32 flags = 0;

	for (i = 0; i < ARRAY_SIZE(speculation_flags); i++)
		if (speculation(t, speculation_flags[i].which) == speculation_flags[i].control)
			flags |= speculation_flags[i].flag;
	return flags;
}

u32 ckpt_settings_flags(struct task_struct *t)
{
	unsigned int i;
	u32 flags = 0;

	if (t->flags & IO_FLUSHER && !t->exit_state)
		flags |= CKPT_TASK_IO_FLUSHER;
	if (ckpt_regs_no_tsc(t) && !t->exit_state)
		flags |= CKPT_TASK_NO_TSC;
	if (!t->exit_state)
		flags |= save_speculation(t);
	for (i = 0; i < ARRAY_SIZE(assigned); i++)
		if (t->flags & assigned[i].pf)
			flags |= assigned[i].flag;
	return flags;
}

int ckpt_settings_save(struct ckpt_writer *w, const struct task_struct *t)
{
	struct ckpt_dispatch *rec;

	if (!test_task_syscall_work(t, SYSCALL_USER_DISPATCH))
		return 0;
	rec = ckpt_add(w, CKPT_REC_DISPATCH, 0);
	if (!rec)
		return w->error;
	rec->selector = cpu_to_le64((unsigned long)t->syscall_dispatch.selector);
	rec->start = cpu_to_le64(t->syscall_dispatch.offset);
	rec->size = cpu_to_le64(t->syscall_dispatch.len);
	return 0;
}

static int restore_io_flusher(const struct ckpt_newtask *t)
{
	bool is = current->flags & IO_FLUSHER;
	bool wants = le32_to_cpu(t->rec->flags) & CKPT_TASK_IO_FLUSHER;

	return is == wants ? 0 :
		ckpt_syscall(__NR_prctl, PR_SET_IO_FLUSHER, wants, 0, 0, 0, 0);
}

static int restore_tsc(const struct ckpt_newtask *t)
{
	bool bans = le32_to_cpu(t->rec->flags) & CKPT_TASK_NO_TSC;

	return ckpt_regs_no_tsc(current) == bans ? 0 :
		ckpt_syscall(__NR_prctl, PR_SET_TSC, bans ? PR_TSC_SIGSEGV : PR_TSC_ENABLE,
			     0, 0, 0, 0);
}

/* Return: 0 if it has no wish, and what the kernel has by itself will do. */
static unsigned long wanted_speculation(const struct ckpt_newtask *t, unsigned long which)
{
	u32 flags = le32_to_cpu(t->rec->flags);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(speculation_flags); i++)
		if (speculation_flags[i].which == which && flags & speculation_flags[i].flag)
			return speculation_flags[i].control;
	return 0;
}

/* It has what the writer has, which may not be taken back: then prctl(2) says so. */
static int restore_speculation(const struct ckpt_newtask *t)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(speculations); i++) {
		unsigned long which = speculations[i].which;
		unsigned long has = speculation(current, which);
		unsigned long wants = wanted_speculation(t, which);
		int err = 0;

		if (!wants && has)
			wants = speculations[i].standard;
		if (wants != has)
			err = ckpt_syscall(__NR_prctl, PR_SET_SPECULATION_CTRL, which, wants,
					   0, 0, 0);
		if (!err && wants != speculation(current, which))
			err = -ENXIO;
		if (!err)
			continue;
		ckpt_restore_err(t->r, t->item, "%s is refused: %pe", speculations[i].name,
				 ERR_PTR(err));
		return err;
	}
	return 0;
}

static int restore_dispatch(const struct ckpt_newtask *t)
{
	const struct ckpt_dispatch *rec = ckpt_item_body(t->item, CKPT_REC_DISPATCH);

	if (!rec)
		return 0;
	return ckpt_syscall(__NR_prctl, PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON,
			    le64_to_cpu(rec->start), le64_to_cpu(rec->size),
			    le64_to_cpu(rec->selector), 0);
}

int ckpt_settings_restore(struct ckpt_newtask *t)
{
	int err = restore_io_flusher(t);

	if (err) {
		ckpt_restore_err(t->r, t->item, "PR_SET_IO_FLUSHER is refused: %pe",
				 ERR_PTR(err));
		return err;
	}
	err = restore_tsc(t);
	if (err) {
		ckpt_restore_err(t->r, t->item, "PR_SET_TSC is refused: %pe", ERR_PTR(err));
		return err;
	}
	err = restore_speculation(t);
	if (err)
		return err;
	err = restore_dispatch(t);
	if (err)
		ckpt_restore_err(t->r, t->item, "system call user dispatch is refused: %pe",
				 ERR_PTR(err));
	return err;
}

void ckpt_settings_finish(struct ckpt_newtask *t)
{
	u32 flags = le32_to_cpu(t->rec->flags);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(assigned); i++) {
		current->flags &= ~assigned[i].pf;
		if (flags & assigned[i].flag)
			current->flags |= assigned[i].pf;
	}
	current->personality = le32_to_cpu(t->rec->personality);
	current->pdeath_signal = le32_to_cpu(t->rec->pdeath_signal);
}

/* ---- Yama ----------------------------------------------------------------------- */

#ifdef CONFIG_SECURITY_YAMA

/* Has it allowed somebody to trace it? @tracer: by whom; NULL: by anyone. */
static bool find_tracer(struct task_struct *leader, struct task_struct **tracer)
{
	struct ckpt_ptrace_relation *relation;

	RCU_LOCKDEP_WARN(!rcu_read_lock_held(), "the list of Yama");
	list_for_each_entry_rcu(relation, (struct list_head *)ksym_addr(ptracer_relations),
				node) {
		if (relation->invalid || relation->tracee != leader)
			continue;
		*tracer = relation->tracer;
		return true;
	}
	return false;
}

void ckpt_ptracer_collect(struct ckpt_collect *c, struct task_struct *leader)
{
	struct task_struct *tracer = NULL;
	bool outside;

	scoped_guard(rcu)
		outside = find_tracer(leader, &tracer) && tracer &&
			  !ckpt_taskset_has(c->tasks, tracer);
	if (outside)
		ckpt_refuse(c, "task %d: a tracer outside that it has allowed (PR_SET_PTRACER) cannot be saved",
			    task_pid_vnr(leader));
}

void ckpt_ptracer_save(struct ckpt_collect *c, struct task_struct *leader,
		       struct ckpt_process *rec)
{
	struct task_struct *tracer = NULL;

	guard(rcu)();
	if (!find_tracer(leader, &tracer))
		return;
	rec->flags |= cpu_to_le32(CKPT_PROCESS_PTRACER);
	rec->ptracer = cpu_to_le32(ckpt_id(c, CKPT_TYPE_TASK, tracer));
}

#else

void ckpt_ptracer_collect(struct ckpt_collect *c, struct task_struct *leader)
{
}

void ckpt_ptracer_save(struct ckpt_collect *c, struct task_struct *leader,
		       struct ckpt_process *rec)
{
}

#endif

int ckpt_ptracer_restore(struct ckpt_restore *r, struct ckpt_item *item,
			 const struct ckpt_process *rec)
{
	unsigned long tracer = le32_to_cpu(rec->ptracer) ?: PR_SET_PTRACER_ANY;
	int err;

	if (!(le32_to_cpu(rec->flags) & CKPT_PROCESS_PTRACER))
		return 0;
	err = ckpt_syscall(__NR_prctl, PR_SET_PTRACER, tracer, 0, 0, 0, 0);
	if (err)
		ckpt_restore_err(r, item, "PR_SET_PTRACER is refused: %pe", ERR_PTR(err));
	return err;
}
