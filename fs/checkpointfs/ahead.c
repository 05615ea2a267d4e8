// SPDX-License-Identifier: GPL-2.0-only
/*
 * Snapshots begun while the programs still run, so that the freeze is short.
 *
 * Nothing here can fail for the one who asks: what has not been made ahead is
 * made at the freeze, and what the program has changed since is found there.
 * A task may end, fork or execute another file meanwhile; its old address space
 * is then found by nobody. The rights are those of the freeze, which looks at
 * them again and says what is wrong.
 */
#include <linux/mm.h>
#include <linux/ptrace.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"

void ckpt_ahead_init(struct ckpt_ahead *ahead)
{
	xa_init_flags(&ahead->mms, XA_FLAGS_ACCOUNT);
	spin_lock_init(&ahead->tables.lock);
	INIT_LIST_HEAD(&ahead->tables.list);
}

/* The address space's users are held by the caller, its struct by the entry. */
static void make(struct ckpt_ahead *ahead, struct mm_struct *mm)
{
	struct mm_struct *snapshot;

	if (xa_load(&ahead->mms, (unsigned long)mm))
		return;
	snapshot = ckpt_snapshot_ahead(mm, &ahead->tables);
	if (!snapshot)
		return;
	if (xa_insert(&ahead->mms, (unsigned long)mm, snapshot, GFP_KERNEL_ACCOUNT)) {
		mmput(snapshot);
		return;
	}
	mmgrab(mm);
}

/* Last of all, when the freeze is near. */
static void make_huge(struct ckpt_ahead *ahead)
{
	struct mm_struct *snapshot;
	unsigned long index;

	xa_for_each(&ahead->mms, index, snapshot) {
		struct mm_struct *mm = (struct mm_struct *)index;

		if (fatal_signal_pending(current))
			return;
		if (!mmget_not_zero(mm))
			continue;
		ckpt_snapshot_huge(snapshot, mm, &ahead->tables);
		mmput(mm);
		cond_resched();
	}
}

void ckpt_ahead_make(struct ckpt_ahead *ahead, const struct ckpt_taskset *tasks)
{
	const struct mm_struct *last = current->mm;
	unsigned int i;

	for (i = 0; i < tasks->nr && !fatal_signal_pending(current); i++) {
		struct task_struct *t = tasks->vec[i];
		struct mm_struct *mm;

		/* A hint: the threads of a process follow one another. */
		if (t->flags & PF_KTHREAD || READ_ONCE(t->mm) == last)
			continue;
		mm = ksym(mm_access)(t, PTRACE_MODE_ATTACH_REALCREDS);
		if (IS_ERR_OR_NULL(mm))
			continue;
		if (mm != current->mm)
			make(ahead, mm);
		last = mm;
		mmput(mm);
		cond_resched();
	}
	if (!list_empty(&ahead->tables.list))
		make_huge(ahead);
}

struct mm_struct *ckpt_ahead_take(struct ckpt_ahead *ahead, struct mm_struct *mm)
{
	struct mm_struct *snapshot = xa_erase(&ahead->mms, (unsigned long)mm);

	if (snapshot)
		mmdrop(mm);
	return snapshot;
}

void ckpt_ahead_drop(struct ckpt_ahead *ahead)
{
	struct mm_struct *snapshot;
	unsigned long index;

	xa_for_each(&ahead->mms, index, snapshot) {
		mmdrop((struct mm_struct *)index);
		mmput(snapshot);
		cond_resched();
	}
	xa_destroy(&ahead->mms);
	ckpt_share_drop_tables(&ahead->tables);
}
