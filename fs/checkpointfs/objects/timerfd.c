// SPDX-License-Identifier: GPL-2.0-only
/*
 * timerfd_create(2): a timer that counts its expirations for a reader.
 *
 * All of it is read at one instant, under the lock of its wait queue. A timer
 * that was set by an absolute time keeps that, and so counts what passes while
 * the program does not exist; any other goes on with what was left of it. A
 * periodic timer is not armed again until its expirations are looked at: it is
 * saved as if timerfd_gettime(2) had just done so.
 *
 * Not kept: that the clock was set while the program did not exist, which
 * TFD_TIMER_CANCEL_ON_SET would tell.
 */
#include "../object.h"

static int timerfd_check(const struct ckpt_check *chk, u64 id,
			 const void *bytes, size_t size)
{
	const struct ckpt_timerfd *rec;
	struct ckpt_view view;
	u32 flags;
	int ret;

	ret = ckpt_check_unnamed(chk, bytes, size, CKPT_O_RDWR);
	if (!ret)
		ret = ckpt_check_once(chk, bytes, size, CKPT_REC_TIMERFD, &view);
	if (ret)
		return ret;
	rec = view.body;
	flags = le32_to_cpu(rec->flags);
	if (flags & CKPT_TIMERFD_CANCELED && !(flags & CKPT_TIMERFD_CANCEL_ON_SET))
		return ckpt_bad(chk, "canceled, which it cannot be");
	if (!(flags & CKPT_TIMERFD_ARMED) && rec->value)
		return ckpt_bad(chk, "a time at which nothing happens");
	return 0;
}

#ifdef __KERNEL__

#include <linux/alarmtimer.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/time_namespace.h>
#include <linux/timerfd.h>
#include <asm/unistd.h>

#include "../checkpointfs.h"
#include "../compat/ksyms.h"
#include "../compat/private.h"

static bool timerfd_match(struct file *file)
{
	return file->f_op == ksym_addr(timerfd_fops);
}

/* ---- saved ----------------------------------------------------------------- */

static bool is_alarm(const struct ckpt_timerfd_ctx *ctx)
{
	return ctx->clockid == CLOCK_REALTIME_ALARM ||
	       ctx->clockid == CLOCK_BOOTTIME_ALARM;
}

static struct hrtimer *timer_of(struct ckpt_timerfd_ctx *ctx)
{
	return is_alarm(ctx) ? &ctx->t.alarm.timer : &ctx->t.tmr;
}

static ktime_t expires(const struct ckpt_timerfd_ctx *ctx)
{
	return is_alarm(ctx) ? ctx->t.alarm.node.expires :
			       hrtimer_get_expires(&ctx->t.tmr);
}

/* Less than zero: it has expired so long ago. */
static ktime_t remaining(struct ckpt_timerfd_ctx *ctx)
{
	return is_alarm(ctx) ? alarm_expires_remaining(&ctx->t.alarm) :
			       hrtimer_expires_remaining(&ctx->t.tmr);
}

/* Its expiration may be under way on another CPU, and wait for our lock. */
static void lock_settled(struct ckpt_timerfd_ctx *ctx)
{
	for (;;) {
		spin_lock_irq(&ctx->wqh.lock);
		if (hrtimer_is_queued(timer_of(ctx)) || !hrtimer_active(timer_of(ctx)))
			return;
		spin_unlock_irq(&ctx->wqh.lock);
		cpu_relax();
	}
}

/* An instant of the host as the freezer's time namespace has it. */
static ktime_t own_time(int clock, ktime_t host)
{
	struct timespec64 ts = ktime_to_timespec64(host);

	if (clock == CLOCK_MONOTONIC)
		timens_add_monotonic(&ts);
	else if (clock == CLOCK_BOOTTIME || clock == CLOCK_BOOTTIME_ALARM)
		timens_add_boottime(&ts);
	return timespec64_to_ktime(ts);
}

/* When it expires next, and what has been counted by now. */
static void save_times(struct ckpt_timerfd_ctx *ctx, struct ckpt_timerfd *rec, u32 *flags)
{
	ktime_t left = remaining(ctx), at = expires(ctx);
	bool again = ctx->expired && ctx->tintv;
	u64 ticks = ctx->ticks;

	/* Not due: its clock has been set back. */
	if (again && left > 0) {
		ticks--;
	} else if (again) {
		u64 late;

		ticks += div64_u64_rem(-left, ctx->tintv, &late);
		at = ktime_add_safe(at - left, ctx->tintv - late);
		left = ctx->tintv - late;
	}
	rec->ticks = cpu_to_le64(ticks);
	rec->interval = cpu_to_le64(ctx->tintv);
	if (!again && !hrtimer_is_queued(timer_of(ctx)))
		return;
	*flags |= CKPT_TIMERFD_ARMED;
	/* Due by now: its interrupt has yet to come. */
	if (*flags & CKPT_TIMERFD_ABSTIME)
		rec->value = cpu_to_le64(max(own_time(ctx->clockid, at), 1LL));
	else
		rec->value = cpu_to_le64(max(left, 1LL));
}

static void save_timer(struct ckpt_timerfd_ctx *ctx, struct ckpt_timerfd *rec)
{
	u32 flags = 0;

	lock_settled(ctx);
	/* A call that fails with ECANCELED sets the timer, and not these flags. */
	if (ctx->settime_flags & TFD_TIMER_ABSTIME || ctx->might_cancel)
		flags |= CKPT_TIMERFD_ABSTIME;
	if (ctx->settime_flags & TFD_TIMER_CANCEL_ON_SET || ctx->might_cancel)
		flags |= CKPT_TIMERFD_CANCEL_ON_SET;
	if (ctx->might_cancel && ctx->moffs == KTIME_MAX)
		flags |= CKPT_TIMERFD_CANCELED;
	save_times(ctx, rec, &flags);
	spin_unlock_irq(&ctx->wqh.lock);
	rec->clock = cpu_to_le32(ctx->clockid);
	rec->flags = cpu_to_le32(flags);
}

static int timerfd_save(struct ckpt_collect *c, struct ckpt_object *obj,
			struct ckpt_writer *w)
{
	const struct file *file = obj->ptr;
	struct ckpt_timerfd *rec;
	int err;

	err = ckpt_file_save(c, obj, w);
	if (err)
		return err;
	rec = ckpt_add(w, CKPT_REC_TIMERFD, 0);
	if (!rec)
		return w->error;
	save_timer(file->private_data, rec);
	return 0;
}

/* ---- made again ------------------------------------------------------------- */

static long set_time(int fd, const struct ckpt_timerfd *rec)
{
	u32 flags = le32_to_cpu(rec->flags);
	int how = (flags & CKPT_TIMERFD_ABSTIME ? TFD_TIMER_ABSTIME : 0) |
		  (flags & CKPT_TIMERFD_CANCEL_ON_SET ? TFD_TIMER_CANCEL_ON_SET : 0);
	struct timespec64 value = ns_to_timespec64(le64_to_cpu(rec->value));
	struct timespec64 interval = ns_to_timespec64(le64_to_cpu(rec->interval));
	struct __kernel_itimerspec its = {
		.it_value = { value.tv_sec, value.tv_nsec },
		.it_interval = { interval.tv_sec, interval.tv_nsec },
	};
	unsigned long scratch = ckpt_scratch_map();
	long err;

	if (IS_ERR_VALUE(scratch))
		return scratch;
	err = ckpt_scratch_put(scratch, &its, sizeof(its));
	if (!err)
		err = ckpt_syscall(__NR_timerfd_settime, fd, how, scratch, 0, 0, 0);
	/* The clock has been set just now: that has been told, and to us. */
	if (err == -ECANCELED)
		err = ckpt_syscall(__NR_timerfd_settime, fd, how, scratch, 0, 0, 0);
	ckpt_scratch_unmap(scratch);
	return err;
}

/* It may have expired since: what was counted before is added. */
static void set_state(struct file *file, const struct ckpt_timerfd *rec)
{
	struct ckpt_timerfd_ctx *ctx = file->private_data;

	guard(spinlock_irq)(&ctx->wqh.lock);
	ctx->ticks += le64_to_cpu(rec->ticks);
	if (le32_to_cpu(rec->flags) & CKPT_TIMERFD_CANCELED)
		ctx->moffs = KTIME_MAX;
}

static long make(const struct ckpt_timerfd *rec)
{
	long fd = ckpt_syscall(__NR_timerfd_create, le32_to_cpu(rec->clock), 0, 0, 0, 0, 0);
	long err;

	if (fd < 0)
		return fd;
	err = set_time(fd, rec);
	if (!err)
		return fd;
	close_fd(fd);
	return err;
}

static void *timerfd_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_timerfd *rec = ckpt_item_body(item, CKPT_REC_TIMERFD);
	struct file *file = ckpt_file_from_fd(r, item, make(rec));

	if (!IS_ERR(file))
		set_state(file, rec);
	return file;
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_timerfd_ops = {
	.type = CKPT_TYPE_TIMERFD,
	.name = "timerfd",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE,
	.records = { CKPT_REC_FILE, CKPT_REC_TIMERFD },
	.max_size = 4096,
	.check = timerfd_check,
	CKPT_KERNEL(.match = timerfd_match,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = ckpt_file_collect, .save = timerfd_save,
		    .restore = timerfd_restore, .drop = ckpt_file_put)
};
