// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of signal handlers that threads share: sighand/ID.
 *
 * All 64 actions, as rt_sigaction(2) has them. Of the kernel's own marks in the
 * flags one is kept: that a 32-bit call has set the action, whose handler gets
 * the frame of a 32-bit program. Another (SA_IMMUTABLE) is transient and never
 * there in a frozen task.
 */
#include "../object.h"

static int sighand_check(const struct ckpt_check *chk, u64 id,
			 const void *bytes, size_t size)
{
	struct ckpt_view view;

	ckpt_find(bytes, size, CKPT_REC_SIGHAND, &view);
	if (view.count != CKPT_NSIG)
		return ckpt_bad(chk, "not one action for each signal");
	return 0;
}

#ifdef __KERNEL__

#include <linux/sched/signal.h>

#include "../checkpointfs.h"

static_assert(CKPT_NSIG == _NSIG);

#ifdef SA_IA32_ABI
static_assert(SA_IA32_ABI == CKPT_SA_32BIT);
#endif
#define KEPT_FLAGS	(UAPI_SA_FLAGS | CKPT_SA_32BIT)

static bool is_x32(const struct sighand_struct *sighand)
{
#ifdef SA_X32_ABI
	unsigned int i;

	for (i = 0; i < CKPT_NSIG; i++)
		if (sighand->action[i].sa.sa_flags & SA_X32_ABI)
			return true;
#endif
	return false;
}

static int sighand_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct sighand_struct *sighand = obj->ptr;

	if (refcount_read(&sighand->count) > obj->refs)
		ckpt_refuse_shared(c, "task %llu: its signal table is shared with a task outside of the container",
				   obj->first);
	if (is_x32(sighand))
		ckpt_refuse(c, "task %llu: a signal handler of the x32 ABI cannot be saved",
			    obj->first);
	return 0;
}

static int sighand_save(struct ckpt_collect *c, struct ckpt_object *obj,
			struct ckpt_writer *w)
{
	struct sighand_struct *sighand = obj->ptr;
	struct ckpt_sigaction *to;
	void *body = ckpt_add(w, CKPT_REC_SIGHAND, CKPT_NSIG);
	unsigned int i;

	if (!body)
		return w->error;
	to = ckpt_elems(body);
	/* The tasks that could change it are frozen: siglock is not needed. */
	for (i = 0; i < CKPT_NSIG; i++) {
		const struct sigaction *sa = &sighand->action[i].sa;

		to[i].handler = cpu_to_le64((unsigned long)sa->sa_handler);
		to[i].flags = cpu_to_le64(sa->sa_flags & KEPT_FLAGS);
		to[i].restorer = cpu_to_le64((unsigned long)sa->sa_restorer);
		to[i].mask = cpu_to_le64(sa->sa_mask.sig[0]);
	}
	return 0;
}

/* SIGKILL and SIGSTOP have no action of their own: sigaction(2) refuses it. */
static bool has_action(unsigned int sig)
{
	return !sig_kernel_only(sig);
}

static int sighand_apply(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_sigaction *from;
	struct ckpt_view view;
	unsigned int i;

	ckpt_find(item->bytes, item->size, CKPT_REC_SIGHAND, &view);
	from = view.elems;
	/* All signals are blocked: no handler runs before the task does. */
	guard(spinlock_irq)(&current->sighand->siglock);
	for (i = 0; i < CKPT_NSIG; i++) {
		struct sigaction *sa = &current->sighand->action[i].sa;

		if (!has_action(i + 1))
			continue;
		sa->sa_handler = (__sighandler_t)le64_to_cpu(from[i].handler);
		sa->sa_flags = le64_to_cpu(from[i].flags) & KEPT_FLAGS;
		sa->sa_restorer = (__sigrestore_t)le64_to_cpu(from[i].restorer);
		sa->sa_mask.sig[0] = le64_to_cpu(from[i].mask);
		sigdelsetmask(&sa->sa_mask, sigmask(SIGKILL) | sigmask(SIGSTOP));
	}
	return 0;
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_sighand_ops = {
	.type = CKPT_TYPE_SIGHAND,
	.name = "signal table",
	.dir = "sighand",
	.records = { CKPT_REC_SIGHAND },
	.max_size = 4096,
	.check = sighand_check,
	CKPT_KERNEL(.verify = sighand_verify, .save = sighand_save,
		    .apply = sighand_apply)
};
