// SPDX-License-Identifier: GPL-2.0-only
/*
 * A thread's own signal state: tasks/TID/signals.
 *
 * Mask, the mask that an interrupted sigsuspend() puts back, alternate stack,
 * and the signals pending for this thread with all their siginfo. Those that a
 * POSIX timer has queued come with the timer.
 */
#include "../object.h"

static int signals_check(const struct ckpt_check *chk, u64 id,
			 const void *bytes, size_t size)
{
	const struct ckpt_siginfo *info;
	struct ckpt_view view;
	u32 i;

	ckpt_find(bytes, size, CKPT_REC_SIGNALS, &view);
	info = view.elems;
	for (i = 0; i < view.count; i++)
		if (!info[i].signo || le32_to_cpu(info[i].signo) > CKPT_NSIG)
			return ckpt_bad(chk, "a queued signal without a valid number");
	return 0;
}

#ifdef __KERNEL__

#include <linux/sched/signal.h>

#include "../checkpointfs.h"
#include "../siginfo.h"

static int signals_save(struct ckpt_collect *c, struct ckpt_object *obj,
			struct ckpt_writer *w)
{
	struct task_struct *t = obj->ptr;
	struct ckpt_signals *rec;
	u64 pending;
	int err;

	err = ckpt_siginfo_save(w, t, NULL, &pending, (void **)&rec);
	if (err)
		return err;
	rec->blocked = cpu_to_le64(t->blocked.sig[0]);
	rec->saved = cpu_to_le64(t->saved_sigmask.sig[0]);
	rec->pending = cpu_to_le64(pending);
	rec->stack = cpu_to_le64(t->sas_ss_sp);
	rec->stack_size = cpu_to_le64(t->sas_ss_size);
	rec->stack_flags = cpu_to_le32(t->sas_ss_flags);
	if (test_tsk_restore_sigmask(t))
		rec->flags = cpu_to_le32(CKPT_SIGNALS_RESTORE_MASK);
	return 0;
}

/*
 * Last of all that a task does: from here on its signals are its own. What
 * was sent to it while it was being made was meant for its writer.
 */
static int signals_bind(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_signals *rec;
	struct ckpt_view view;
	int err;

	ckpt_find(item->bytes, item->size, CKPT_REC_SIGNALS, &view);
	rec = view.body;
	current->sas_ss_sp = le64_to_cpu(rec->stack);
	current->sas_ss_size = le64_to_cpu(rec->stack_size);
	current->sas_ss_flags = le32_to_cpu(rec->stack_flags);
	err = ckpt_siginfo_restore(view.elems, view.count,
				   le64_to_cpu(rec->pending), PIDTYPE_PID);
	if (err)
		ckpt_restore_err(r, item, "a pending signal cannot be queued: %pe",
				 ERR_PTR(err));
	return err;
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_signals_ops = {
	.type = CKPT_TYPE_SIGNALS,
	.name = "signals",
	.dir = "tasks",
	.part = "signals",
	.records = { CKPT_REC_SIGNALS },
	.max_size = 16 * 1024 * 1024,
	.check = signals_check,
	CKPT_KERNEL(.save = signals_save, .bind = signals_bind)
};
