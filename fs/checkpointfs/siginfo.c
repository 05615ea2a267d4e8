// SPDX-License-Identifier: GPL-2.0-only
/*
 * Queues of pending signals, of a thread or of a process.
 *
 * A queue is read under siglock into memory allocated before: signals may
 * still be sent to a frozen task. It is filled again with
 * do_send_sig_info(), which numbers nothing anew: code, sender and value are
 * those of the image. Only a sender's own siginfo can say that it comes from
 * the kernel, and an image is no more trusted than rt_sigqueueinfo(2): what
 * claims to be the kernel's is accepted from those with CAP_SYS_ADMIN only.
 */
#include <linux/capability.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "siginfo.h"
#include "timers.h"

void ckpt_siginfo_describe(struct ckpt_siginfo *to, const kernel_siginfo_t *from)
{
	const u8 *fields = (const u8 *)from + offsetof(kernel_siginfo_t, _sifields);
	size_t len = sizeof(*from) - offsetof(kernel_siginfo_t, _sifields);

	memset(to, 0, sizeof(*to));
	to->signo = cpu_to_le32(from->si_signo);
	to->error = cpu_to_le32(from->si_errno);
	to->code = cpu_to_le32(from->si_code);
	memcpy(to->fields, fields, min(len, sizeof(to->fields)));
}

/* ITIMER_REAL is about to send its signal, for which it needs siglock. */
static void lock_alarm(struct task_struct *t)
{
	for (;;) {
		spin_lock_irq(&t->sighand->siglock);
		if (ckpt_alarm_settled(t->signal))
			return;
		spin_unlock_irq(&t->sighand->siglock);
		cpu_relax();
	}
}

/* Return: the length of the queue, of which the first @room are in @to. */
static unsigned int read_queue(struct task_struct *t, struct ckpt_process *alarm,
			       struct ckpt_siginfo *to, unsigned int room, u64 *pending)
{
	struct sigpending *queue = alarm ? &t->signal->shared_pending : &t->pending;
	struct sigqueue *q;
	unsigned int n = 0;

	lock_alarm(t);
	*pending = queue->signal.sig[0];
	list_for_each_entry(q, &queue->list, list) {
		if (q->flags & SIGQUEUE_PREALLOC) {
			*pending &= ~sigmask(q->info.si_signo);
			continue;
		}
		if (n < room)
			ckpt_siginfo_describe(&to[n], &q->info);
		n++;
	}
	if (alarm)
		ckpt_alarm_save(t->signal, alarm);
	spin_unlock_irq(&t->sighand->siglock);
	return n;
}

int ckpt_siginfo_save(struct ckpt_writer *w, struct task_struct *t,
		      struct ckpt_process *alarm, u64 *pending, void **body)
{
	u16 record = alarm ? CKPT_REC_SHARED_SIGNALS : CKPT_REC_SIGNALS;
	struct ckpt_siginfo *info = NULL;
	unsigned int room = 0, n;

	while ((n = read_queue(t, alarm, info, room, pending)) > room) {
		kvfree(info);
		room = n + 16;
		info = kvmalloc_array(room, sizeof(*info), GFP_KERNEL_ACCOUNT);
		if (!info)
			return -ENOMEM;
	}
	*body = ckpt_add(w, record, n);
	if (*body)
		memcpy(ckpt_elems(*body), info, n * sizeof(*info));
	kvfree(info);
	return *body ? 0 : w->error;
}

void ckpt_siginfo_undescribe(kernel_siginfo_t *to, const struct ckpt_siginfo *from)
{
	u8 *fields = (u8 *)to + offsetof(kernel_siginfo_t, _sifields);
	size_t len = sizeof(*to) - offsetof(kernel_siginfo_t, _sifields);

	clear_siginfo(to);
	to->si_signo = le32_to_cpu(from->signo);
	to->si_errno = le32_to_cpu(from->error);
	to->si_code = le32_to_cpu(from->code);
	memcpy(fields, from->fields, min(len, sizeof(from->fields)));
}

/* What an interval timer sends, which anyone may have. */
static bool from_itimer(const kernel_siginfo_t *info, enum pid_type type)
{
	return type == PIDTYPE_TGID && info->si_code == SI_KERNEL && !info->si_pid &&
	       !info->si_uid && (info->si_signo == SIGALRM ||
				 info->si_signo == SIGVTALRM || info->si_signo == SIGPROF);
}

/* As rt_sigqueueinfo(2) to oneself, which may fake all but the kernel's. */
static bool may_send(const kernel_siginfo_t *info, enum pid_type type)
{
	return (info->si_code < 0 && info->si_code != SI_TKILL) ||
	       from_itimer(info, type) || capable(CAP_SYS_ADMIN);
}

static int send(const kernel_siginfo_t *info, enum pid_type type)
{
	kernel_siginfo_t copy = *info;

	return ksym(do_send_sig_info)(copy.si_signo, &copy, current, type);
}

int ckpt_siginfo_restore(const struct ckpt_siginfo *info, u32 nr, u64 pending,
			 enum pid_type type)
{
	struct sigpending *queue = type == PIDTYPE_PID ?
		&current->pending : &current->signal->shared_pending;
	u32 i;

	for (i = 0; i < nr; i++) {
		kernel_siginfo_t k;
		int err;

		ckpt_siginfo_undescribe(&k, &info[i]);
		if (!valid_signal(k.si_signo) || !k.si_signo || sig_kernel_only(k.si_signo))
			return -EUCLEAN;
		if (!may_send(&k, type) && k.si_code != SI_USER && k.si_code != SI_TKILL)
			return -EPERM;
		err = send(&k, type);
		if (err)
			return err;
	}
	/* Some had no room in the queue when they were sent: the bit is all. */
	guard(spinlock_irq)(&current->sighand->siglock);
	queue->signal.sig[0] |= pending & ~(sigmask(SIGKILL) | sigmask(SIGSTOP));
	recalc_sigpending();
	return 0;
}
