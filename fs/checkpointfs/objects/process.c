// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the threads of a process share: processes/TGID.
 *
 * Process group and session, job control stop, limits, oom_score_adj, timers,
 * what its ended threads and children have used, and the signals pending for the
 * process; and its controlling terminal (terminal.c).
 */
#include "../object.h"

static bool time_sane(u64 time)
{
	return time <= CKPT_TIMER_TIME_MAX;
}

static bool left_sane(s64 left)
{
	return left >= -CKPT_TIMER_LEFT_MAX && left <= CKPT_TIMER_LEFT_MAX;
}

/* Which of its clocks a timer can have, timer_create(2) says. */
static int check_timer(const struct ckpt_check *chk, const struct ckpt_timer *t)
{
	u32 flags = le32_to_cpu(t->flags);
	s32 clock = le32_to_cpu(t->clock);

	if (clock < 0 ? !t->clock_tid : !!t->clock_tid)
		return ckpt_bad(chk, "a timer on the clock of no task");
	if (flags & CKPT_TIMER_RELATIVE && clock)
		return ckpt_bad(chk, "a relative timer on another clock than CLOCK_REALTIME");
	if (!time_sane(le64_to_cpu(t->expires)) && !left_sane(le64_to_cpu(t->expires)))
		return ckpt_bad(chk, "a timer expires at no time");
	if (flags & CKPT_TIMER_REARM && (flags & CKPT_TIMER_ARMED || !t->interval))
		return ckpt_bad(chk, "a timer goes on that has no interval, or has gone on");
	if (le32_to_cpu(t->notify) == CKPT_NOTIFY_NONE &&
	    flags & (CKPT_TIMER_ARMED | CKPT_TIMER_PENDING | CKPT_TIMER_REARM))
		return ckpt_bad(chk, "a timer that tells nobody expires");
	if ((s64)le64_to_cpu(t->overrun) < -1 || (s64)le64_to_cpu(t->overrun_last) < -1)
		return ckpt_bad(chk, "a timer with less than no overruns");
	return 0;
}

static int check_timers(const struct ckpt_check *chk, const void *bytes, size_t size)
{
	const struct ckpt_timer *timer;
	struct ckpt_view view;
	int ret = 0;
	u32 i;

	if (!ckpt_find(bytes, size, CKPT_REC_TIMERS, &view))
		return 0;
	timer = view.elems;
	for (i = 0; !ret && i < view.count; i++) {
		ret = check_timer(chk, &timer[i]);
		ckpt_relax();
	}
	return ret;
}

static int process_check(const struct ckpt_check *chk, u64 id,
			 const void *bytes, size_t size)
{
	const struct ckpt_process *p;
	const struct ckpt_rlimit *limit;
	struct ckpt_view view;
	u32 i;

	ckpt_find(bytes, size, CKPT_REC_PROCESS, &view);
	p = view.body;
	if (le32_to_cpu(p->tgid) != id)
		return ckpt_bad(chk, "tgid is not that of the name");
	if (view.count != CKPT_NRLIMITS)
		return ckpt_bad(chk, "not all limits");
	limit = view.elems;
	for (i = 0; i < view.count; i++)
		if (le64_to_cpu(limit[i].cur) > le64_to_cpu(limit[i].max))
			return ckpt_bad(chk, "a soft limit above its hard limit");
	if ((s32)le32_to_cpu(p->oom_score_adj) < -1000 ||
	    (s32)le32_to_cpu(p->oom_score_adj) > 1000)
		return ckpt_bad(chk, "oom_score_adj is not between -1000 and 1000");
	if ((s32)le32_to_cpu(p->oom_score_adj_min) < -1000 ||
	    (s32)le32_to_cpu(p->oom_score_adj_min) > 1000)
		return ckpt_bad(chk, "oom_score_adj_min is not between -1000 and 1000");
	if ((s32)le32_to_cpu(p->autogroup_nice) < -20 ||
	    (s32)le32_to_cpu(p->autogroup_nice) > 19)
		return ckpt_bad(chk, "autogroup_nice is not between -20 and 19");
	if (!left_sane(le64_to_cpu(p->real_left)))
		return ckpt_bad(chk, "ITIMER_REAL expires at no time");
	return check_timers(chk, bytes, size) ?: ckpt_check_terminal(chk, bytes, size, p);
}

#ifdef __KERNEL__

#include <linux/oom.h>
#include <linux/resource.h>
#include <linux/sched/signal.h>
#include <asm/unistd.h>

#include "../checkpointfs.h"
#include "../compat/ksyms.h"
#include "../groups.h"
#include "../sched.h"
#include "../settings.h"
#include "../siginfo.h"
#include "../timers.h"
#include "../ttyend.h"
#include "../usage.h"

static_assert(CKPT_NRLIMITS == RLIM_NLIMITS);
static_assert(RLIM_INFINITY == ~0UL);

/*
 * Return: a thread, which stays as it is while it is frozen; NULL: it is a
 * zombie, that whoever is outside may take away at any time.
 */
static struct task_struct *living_thread(struct signal_struct *sig)
{
	struct task_struct *leader, *t;

	guard(rcu)();
	leader = pid_task(READ_ONCE(sig->pids[PIDTYPE_TGID]), PIDTYPE_TGID);
	if (!leader)
		return NULL;
	for_each_thread(leader, t)
		if (!t->exit_state)
			return t;
	return NULL;
}

/*
 * Has its parent, who is outside, waited for the zombie? Its ids go one after the
 * other, this one first, so that what was seen before this is asked was whole.
 * The freeze fails then: check_zombies().
 */
static bool is_reaped(struct signal_struct *sig)
{
	guard(rcu)();
	/* The looks at the others come before. */
	smp_rmb();
	return !pid_task(READ_ONCE(sig->pids[PIDTYPE_TGID]), PIDTYPE_TGID);
}

static bool is_inside(struct ckpt_collect *c, struct signal_struct *sig, enum pid_type type)
{
	return ckpt_process_group(c, sig, type);
}

/* Restored, it would be in the writer's group, and not in his session. */
static void refuse_outer_group(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct signal_struct *sig = obj->ptr;

	if (is_inside(c, sig, PIDTYPE_SID) && !is_inside(c, sig, PIDTYPE_PGID) &&
	    !is_reaped(sig))
		ckpt_refuse_shared(c, "task %llu: its process group, but not its session, is led from outside of the container",
				   obj->id);
}

static int collect_group(struct ckpt_collect *c, struct signal_struct *sig, enum pid_type type)
{
	struct pid *pid;
	int err;

	scoped_guard(rcu)
		pid = get_pid(READ_ONCE(sig->pids[type]));
	if (!pid)
		return 0;
	err = ckpt_group_collect(c, pid, type);
	put_pid(pid);
	return err;
}

static int process_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct task_struct *t = living_thread(obj->ptr);
	int err;

	if (t) {
		ckpt_timers_collect(c, obj->ptr);
		ckpt_ptracer_collect(c, t->group_leader);
	}
	err = collect_group(c, obj->ptr, PIDTYPE_PGID);
	if (!err)
		err = collect_group(c, obj->ptr, PIDTYPE_SID);
	return err ?: ckpt_terminal_collect(c, obj);
}

static bool leader_is_inside(struct ckpt_collect *c, struct signal_struct *sig)
{
	struct task_struct *t;

	guard(rcu)();
	t = pid_task(READ_ONCE(sig->pids[PIDTYPE_SID]), PIDTYPE_TGID);
	return t && ckpt_taskset_has(c->tasks, t);
}

/* Restored, it would be in the autogroup of who clones it: the writer, or its parent. */
static void refuse_outer_autogroup(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct signal_struct *sig = obj->ptr;
	struct task_struct *t = living_thread(sig);

	if (t && !leader_is_inside(c, sig) && ckpt_autogroup_nice(t))
		ckpt_refuse(c, "task %llu: a nice value of its autogroup cannot be saved",
			    obj->id);
}

static int process_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	refuse_outer_autogroup(c, obj);
	refuse_outer_group(c, obj);
	return 0;
}

static void save_limits(struct signal_struct *sig, struct ckpt_rlimit *to)
{
	unsigned int i;

	for (i = 0; i < RLIM_NLIMITS; i++) {
		to[i].cur = cpu_to_le64(sig->rlim[i].rlim_cur);
		to[i].max = cpu_to_le64(sig->rlim[i].rlim_max);
	}
}

/* What a process of which a thread lives has. */
static int save_living(struct ckpt_collect *c, struct task_struct *t,
		       struct ckpt_process *process, struct ckpt_writer *w)
{
	struct ckpt_shared_signals *rec;
	u64 pending;
	int err;

	if (process->sid == process->tgid)
		process->autogroup_nice = cpu_to_le32(ckpt_autogroup_nice(t));
	ckpt_ptracer_save(c, t->group_leader, process);
	ckpt_itimers_save(t->signal, process);
	err = ckpt_siginfo_save(w, t, process, &pending, (void **)&rec);
	if (err)
		return err;
	rec->pending = cpu_to_le64(pending);
	return ckpt_timers_save(c, t->signal, w);
}

static int process_save(struct ckpt_collect *c, struct ckpt_object *obj,
			struct ckpt_writer *w)
{
	struct signal_struct *sig = obj->ptr;
	struct ckpt_process *rec = ckpt_add(w, CKPT_REC_PROCESS, RLIM_NLIMITS);
	struct task_struct *t = living_thread(sig);
	u32 flags = 0;
	int err = 0;

	if (!rec)
		return w->error;
	rec->tgid = cpu_to_le32(obj->id);
	rec->pgid = cpu_to_le32(ckpt_process_group(c, sig, PIDTYPE_PGID));
	rec->sid = cpu_to_le32(ckpt_process_group(c, sig, PIDTYPE_SID));
	rec->oom_score_adj = cpu_to_le32(sig->oom_score_adj);
	rec->oom_score_adj_min = cpu_to_le32(sig->oom_score_adj_min);
	if (sig->flags & SIGNAL_STOP_STOPPED)
		flags |= CKPT_PROCESS_STOPPED;
	if (sig->group_stop_count)
		flags |= CKPT_PROCESS_STOPPING;
	if (flags)
		rec->stop_code = cpu_to_le32(sig->group_exit_code);
	if (sig->flags & SIGNAL_STOP_CONTINUED)
		flags |= CKPT_PROCESS_CONTINUED;
	if (sig->leader)
		flags |= CKPT_PROCESS_LEADER;
	if (sig->is_child_subreaper)
		flags |= CKPT_PROCESS_SUBREAPER;
	rec->flags = cpu_to_le32(flags);
	rec->next_timer = cpu_to_le32(sig->next_posix_timer_id);
	save_limits(sig, ckpt_elems(rec));
	if (t)
		err = save_living(c, t, rec, w);
	if (!err)
		err = ckpt_terminal_save(c, obj, w);
	return err ?: ckpt_usage_save_process(w, sig);
}

/* As prlimit(1) calls them. */
static const char *const limit_names[RLIM_NLIMITS] = {
	[RLIMIT_CPU] = "cpu", [RLIMIT_FSIZE] = "fsize", [RLIMIT_DATA] = "data",
	[RLIMIT_STACK] = "stack", [RLIMIT_CORE] = "core", [RLIMIT_RSS] = "rss",
	[RLIMIT_NPROC] = "nproc", [RLIMIT_NOFILE] = "nofile", [RLIMIT_MEMLOCK] = "memlock",
	[RLIMIT_AS] = "as", [RLIMIT_LOCKS] = "locks", [RLIMIT_SIGPENDING] = "sigpending",
	[RLIMIT_MSGQUEUE] = "msgqueue", [RLIMIT_NICE] = "nice", [RLIMIT_RTPRIO] = "rtprio",
	[RLIMIT_RTTIME] = "rttime",
};

/*
 * prlimit(2) checks each against the writer's rights. It wants user memory,
 * of which a page is borrowed.
 */
static int set_limit(const struct ckpt_rlimit *from, unsigned int nr, unsigned long scratch)
{
	struct rlimit64 limit = {
		.rlim_cur = le64_to_cpu(from->cur),
		.rlim_max = le64_to_cpu(from->max),
	};
	int err = ckpt_scratch_put(scratch, &limit, sizeof(limit));

	return err ?: ckpt_syscall(__NR_prlimit64, 0, nr, scratch, 0, 0, 0);
}

static int map_scratch(struct ckpt_restore *r, struct ckpt_item *item,
		       unsigned long *scratch)
{
	*scratch = ckpt_scratch_map();
	if (!IS_ERR_VALUE(*scratch))
		return 0;
	ckpt_restore_err(r, item, "no room for arguments: %pe", (void *)*scratch);
	return *scratch;
}

static int restore_timers(struct ckpt_restore *r, struct ckpt_item *item)
{
	unsigned long scratch;
	int err = map_scratch(r, item, &scratch);

	if (err)
		return err;
	err = ckpt_timers_make(r, item, scratch);
	ckpt_scratch_unmap(scratch);
	return err;
}

static int restore_limits(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_rlimit *limits;
	struct ckpt_view view;
	unsigned long scratch;
	unsigned int i;
	int err = map_scratch(r, item, &scratch);

	if (err)
		return err;
	ckpt_find(item->bytes, item->size, CKPT_REC_PROCESS, &view);
	limits = view.elems;
	for (i = 0; !err && i < RLIM_NLIMITS; i++) {
		err = set_limit(&limits[i], i, scratch);
		if (err)
			ckpt_restore_err(r, item, "limit %s may not be set: %pe",
					 limit_names[i], ERR_PTR(err));
	}
	ckpt_scratch_unmap(scratch);
	return err;
}

/* To raise the score needs no right; below the writer's least needs CAP_SYS_RESOURCE. */
static int restore_oom(struct ckpt_restore *r, struct ckpt_item *item,
		       const struct ckpt_process *rec)
{
	int adj = le32_to_cpu(rec->oom_score_adj);
	int least = le32_to_cpu(rec->oom_score_adj_min);

	if (min(adj, least) < current->signal->oom_score_adj_min &&
	    !capable(CAP_SYS_RESOURCE)) {
		ckpt_restore_err(r, item, "oom_score_adj may not be lowered to %d",
				 min(adj, least));
		return -EACCES;
	}
	current->signal->oom_score_adj = adj;
	current->signal->oom_score_adj_min = least;
	return 0;
}

/* Of the session that it has begun. Who has not CAP_SYS_ADMIN may not ask often. */
static int restore_autogroup(struct ckpt_restore *r, struct ckpt_item *item,
			     const struct ckpt_process *rec)
{
	int err = 0;
#ifdef CONFIG_SCHED_AUTOGROUP
	int nice = le32_to_cpu(rec->autogroup_nice);

	if (rec->sid != rec->tgid || nice == ckpt_autogroup_nice(current))
		return 0;
	do {
		err = ksym(proc_sched_autogroup_set_nice)(current, nice);
	} while (err == -EAGAIN && !schedule_timeout_killable(HZ / 10) &&
		 !fatal_signal_pending(current));
	if (err)
		ckpt_restore_err(r, item, "nice of its autogroup may not be %d: %pe", nice,
				 ERR_PTR(err));
#endif
	return err;
}

static int restore_pending(struct ckpt_restore *r, struct ckpt_item *item)
{
	struct ckpt_view view;
	int err;

	if (!ckpt_find(item->bytes, item->size, CKPT_REC_SHARED_SIGNALS, &view))
		return 0;
	err = ckpt_siginfo_restore(view.elems, view.count,
				   le64_to_cpu(*(const __le64 *)view.body),
				   PIDTYPE_TGID);
	if (err)
		ckpt_restore_err(r, item, "a pending signal cannot be queued: %pe",
				 ERR_PTR(err));
	return err;
}

static int process_bind(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_process *rec = ckpt_item_body(item, CKPT_REC_PROCESS);
	int err = restore_timers(r, item);

	if (!err)
		err = restore_oom(r, item, rec);
	if (!err)
		err = restore_autogroup(r, item, rec);
	if (!err)
		err = ckpt_ptracer_restore(r, item, rec);
	return err;
}

/*
 * The program may have put the limits on itself after all that @bind does. A timer's
 * signal is queued even if there is one of its number: it comes later.
 */
static int process_queue(struct ckpt_restore *r, struct ckpt_item *item)
{
	int err = restore_limits(r, item);

	if (!err)
		err = restore_pending(r, item);
	if (!err)
		ckpt_timers_queue(item);
	return err;
}

static int process_arm(struct ckpt_restore *r, struct ckpt_item *item)
{
	ckpt_itimers_arm(ckpt_item_body(item, CKPT_REC_PROCESS));
	ckpt_timers_arm(item);
	return 0;
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_process_ops = {
	.type = CKPT_TYPE_PROCESS,
	.name = "process",
	.dir = "processes",
	.records = { CKPT_REC_PROCESS, CKPT_REC_SHARED_SIGNALS, CKPT_REC_TIMERS,
		     CKPT_REC_TERMINAL, CKPT_REC_USAGE },
	.max_size = 32 * 1024 * 1024,
	.check = process_check,
	CKPT_KERNEL(.collect = process_collect, .verify = process_verify,
		    .save = process_save, .bind = process_bind, .queue = process_queue,
		    .arm = process_arm)
};
