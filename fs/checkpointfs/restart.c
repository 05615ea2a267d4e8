// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls that were interrupted by the freeze and go on by themselves.
 *
 * A call that returns -ERESTARTSYS or the like is made again with the same
 * registers, and needs nothing. One that returns -ERESTART_RESTARTBLOCK keeps
 * what it needs in the task's restart block: an enumeration tells the image
 * which kind it is, and what is left of its time replaces the time at which
 * it ends, because the clock it ends by is another one after the restore.
 */
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/posix-timers.h>
#include <linux/restart_block.h>
#include <linux/sched/task_stack.h>
#include <linux/thread_info.h>
#include <asm/syscall.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "restart.h"
#include "waits.h"

/* Bits of futex.arg[2] of the record. */
#define FUTEX_RECORD_SHARED	1
#define FUTEX_RECORD_REALTIME	2

/* Does the call that @t was stopped in return through restart_syscall(2)? */
static bool is_pending(struct task_struct *t)
{
	struct pt_regs *regs = task_pt_regs(t);

	return syscall_get_nr(t, regs) != -1 &&
	       syscall_get_error(t, regs) == -ERESTART_RESTARTBLOCK;
}

/* CPU time of its own process, as clock_nanosleep(2) calls it in the kernel. */
static bool is_own_cpu_clock(clockid_t clock)
{
	return clock < 0 && !CPUCLOCK_PID(clock) && CPUCLOCK_WHICH(clock) < CPUCLOCK_MAX;
}

static u32 kind_of(const struct restart_block *rb)
{
	const void *fn = rb->fn;

	if (fn == ksym_addr(hrtimer_nanosleep_restart) ||
	    (fn == ksym_addr(posix_cpu_nsleep_restart) &&
	     is_own_cpu_clock(rb->nanosleep.clockid)))
		return CKPT_RESTART_NANOSLEEP;
	if (fn == ksym_addr(futex_wait_restart))
		return CKPT_RESTART_FUTEX;
	if (fn == ksym_addr(do_restart_poll))
		return CKPT_RESTART_POLL;
	return 0;
}

void ckpt_restart_collect(struct ckpt_collect *c, struct task_struct *t)
{
	if (is_pending(t) && !kind_of(&t->restart_block))
		/* Its number is that of restart_syscall() from the second time on. */
		ckpt_refuse(c, "task %d: interrupted call %ps cannot be saved",
			    task_pid_vnr(t), t->restart_block.fn);
}

static s64 clock_now(clockid_t clock)
{
	switch (clock) {
	case CLOCK_REALTIME:
		return ktime_get_real_ns();
	case CLOCK_BOOTTIME:
		return ktime_get_boottime_ns();
	case CLOCK_TAI:
		return ktime_get_clocktai_ns();
	default:
		return ktime_get_ns();
	}
}

/* A wait for a time of day or of CPU ends at that time, whenever it is restored. */
static bool is_absolute(clockid_t clock)
{
	return clock == CLOCK_REALTIME || clock == CLOCK_TAI || clock < 0;
}

static void save_expiry(struct ckpt_restart *rec, clockid_t clock, s64 expires)
{
	s64 left = is_absolute(clock) ? expires : expires - clock_now(clock);

	rec->clock = cpu_to_le32(clock);
	rec->left = cpu_to_le64(max(left, 0));
	rec->flags |= cpu_to_le32(CKPT_RESTART_TIMED);
}

static s64 restore_expiry(const struct ckpt_restart *rec)
{
	clockid_t clock = le32_to_cpu(rec->clock);
	s64 left = min_t(u64, le64_to_cpu(rec->left), KTIME_MAX / 2);

	return is_absolute(clock) ? left : clock_now(clock) + left;
}

static void save_nanosleep(struct ckpt_restart *rec, const struct restart_block *rb)
{
	save_expiry(rec, rb->nanosleep.clockid, rb->nanosleep.expires);
	rec->arg[0] = cpu_to_le64(rb->nanosleep.type);
	rec->arg[1] = cpu_to_le64((unsigned long)rb->nanosleep.rmtp);
}

static void save_futex(struct ckpt_restart *rec, const struct restart_block *rb)
{
	u64 flags = 0;

	if (rb->futex.flags & CKPT_FUTEX_FLAGS_SHARED)
		flags |= FUTEX_RECORD_SHARED;
	if (rb->futex.flags & CKPT_FUTEX_FLAGS_CLOCKRT)
		flags |= FUTEX_RECORD_REALTIME;
	if (rb->futex.flags & CKPT_FUTEX_FLAGS_HAS_TIMEOUT)
		save_expiry(rec, flags & FUTEX_RECORD_REALTIME ?
			    CLOCK_REALTIME : CLOCK_MONOTONIC, rb->futex.time);
	rec->arg[0] = cpu_to_le64((unsigned long)rb->futex.uaddr);
	rec->arg[1] = cpu_to_le64(rb->futex.val);
	rec->arg[2] = cpu_to_le64(flags);
	rec->arg[3] = cpu_to_le64(rb->futex.bitset);
}

static void save_poll(struct ckpt_restart *rec, const struct restart_block *rb)
{
	if (rb->poll.has_timeout)
		save_expiry(rec, CLOCK_MONOTONIC,
			    (s64)rb->poll.tv_sec * NSEC_PER_SEC + rb->poll.tv_nsec);
	rec->arg[0] = cpu_to_le64((unsigned long)rb->poll.ufds);
	rec->arg[1] = cpu_to_le64(rb->poll.nfds);
}

static int save_wait(struct ckpt_writer *w, u32 call, u64 left, u32 got, bool compat)
{
	struct ckpt_restart *rec = ckpt_add(w, CKPT_REC_RESTART, 0);

	if (!rec)
		return w->error;
	rec->kind = cpu_to_le32(CKPT_RESTART_WAIT);
	rec->flags = cpu_to_le32(compat ? CKPT_RESTART_COMPAT : 0);
	rec->call = cpu_to_le32(call);
	rec->arg[0] = cpu_to_le64(got);
	if (left == CKPT_WAIT_FOREVER)
		return 0;
	rec->flags |= cpu_to_le32(CKPT_RESTART_TIMED);
	rec->left = cpu_to_le64(left);
	return 0;
}

int ckpt_restart_save(struct ckpt_collect *c, struct task_struct *t,
		      struct ckpt_writer *w)
{
	const struct restart_block *rb = &t->restart_block;
	struct ckpt_restart *rec;
	u32 kind, call, got;
	u64 left;

	if (ckpt_wait_left(c->tasks, t, &call, &left, &got))
		return save_wait(w, call, left, got, task_thread_info(t)->status & TS_COMPAT);
	if (!is_pending(t))
		return 0;
	kind = kind_of(rb);
	rec = ckpt_add(w, CKPT_REC_RESTART, 0);
	if (!rec)
		return w->error;
	rec->kind = cpu_to_le32(kind);
	if (rb->arch_data & TS_COMPAT)
		rec->flags = cpu_to_le32(CKPT_RESTART_COMPAT);
	switch (kind) {
	case CKPT_RESTART_NANOSLEEP:
		save_nanosleep(rec, rb);
		break;
	case CKPT_RESTART_FUTEX:
		save_futex(rec, rb);
		break;
	case CKPT_RESTART_POLL:
		save_poll(rec, rb);
		break;
	}
	return 0;
}

static int restore_nanosleep(struct restart_block *rb, const struct ckpt_restart *rec)
{
	u64 type = le64_to_cpu(rec->arg[0]);
	clockid_t clock = le32_to_cpu(rec->clock);

	if (type > TT_COMPAT)
		return -EUCLEAN;
	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC &&
	    clock != CLOCK_BOOTTIME && clock != CLOCK_TAI && !is_own_cpu_clock(clock))
		return -EUCLEAN;
	rb->nanosleep.clockid = clock;
	rb->nanosleep.type = type;
	rb->nanosleep.rmtp = (void __user *)le64_to_cpu(rec->arg[1]);
	rb->nanosleep.expires = restore_expiry(rec);
	rb->fn = clock < 0 ? ksym_addr(posix_cpu_nsleep_restart) :
		ksym_addr(hrtimer_nanosleep_restart);
	return 0;
}

static int restore_futex(struct restart_block *rb, const struct ckpt_restart *rec)
{
	u64 flags = le64_to_cpu(rec->arg[2]);

	if (flags & ~(FUTEX_RECORD_SHARED | FUTEX_RECORD_REALTIME))
		return -EUCLEAN;
	rb->futex.uaddr = (u32 __user *)le64_to_cpu(rec->arg[0]);
	rb->futex.val = le64_to_cpu(rec->arg[1]);
	rb->futex.bitset = le64_to_cpu(rec->arg[3]);
	rb->futex.flags = CKPT_FUTEX_FLAGS_SIZE_32;
	if (flags & FUTEX_RECORD_SHARED)
		rb->futex.flags |= CKPT_FUTEX_FLAGS_SHARED;
	if (flags & FUTEX_RECORD_REALTIME)
		rb->futex.flags |= CKPT_FUTEX_FLAGS_CLOCKRT;
	if (le32_to_cpu(rec->flags) & CKPT_RESTART_TIMED) {
		rb->futex.flags |= CKPT_FUTEX_FLAGS_HAS_TIMEOUT;
		rb->futex.time = restore_expiry(rec);
	}
	rb->fn = ksym_addr(futex_wait_restart);
	return 0;
}

static int restore_poll(struct restart_block *rb, const struct ckpt_restart *rec)
{
	if (le64_to_cpu(rec->arg[1]) > INT_MAX)
		return -EUCLEAN;
	rb->poll.ufds = (struct pollfd __user *)le64_to_cpu(rec->arg[0]);
	rb->poll.nfds = le64_to_cpu(rec->arg[1]);
	rb->poll.has_timeout = !!(le32_to_cpu(rec->flags) & CKPT_RESTART_TIMED);
	if (rb->poll.has_timeout) {
		struct timespec64 end = ns_to_timespec64(restore_expiry(rec));

		rb->poll.tv_sec = end.tv_sec;
		rb->poll.tv_nsec = end.tv_nsec;
	}
	rb->fn = ksym_addr(do_restart_poll);
	return 0;
}

int ckpt_restart_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	struct restart_block *rb = &current->restart_block;
	const struct ckpt_restart *rec = ckpt_item_body(item, CKPT_REC_RESTART);
	int err;

	rb->fn = ksym_addr(do_no_restart_syscall);
	if (!rec)
		return 0;
	rb->arch_data = le32_to_cpu(rec->flags) & CKPT_RESTART_COMPAT ? TS_COMPAT : 0;
	switch (le32_to_cpu(rec->kind)) {
	case CKPT_RESTART_NANOSLEEP:
		err = restore_nanosleep(rb, rec);
		break;
	case CKPT_RESTART_FUTEX:
		err = restore_futex(rb, rec);
		break;
	case CKPT_RESTART_POLL:
		err = restore_poll(rb, rec);
		break;
	case CKPT_RESTART_WAIT:
		/* Made again by ckpt_wait_again(), at the very end. */
		err = 0;
		break;
	default:
		err = -EUCLEAN;
	}
	if (err)
		ckpt_restore_err(r, item, "a restart block that no call leaves");
	return err;
}
