// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the threads of a process share: processes/TGID.
 *
 * Process group and session, job control stop, limits, oom_score_adj, and the
 * signals pending for the process. A group or session whose leader is not in
 * the container is the outside's: the restored process joins its writer's.
 * Timers, a controlling terminal and the like are refused (refuse.c).
 */
#include "../object.h"

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
	return 0;
}

#ifdef __KERNEL__

#include <linux/oom.h>
#include <linux/resource.h>
#include <linux/sched/signal.h>
#include <asm/unistd.h>

#include "../checkpointfs.h"
#include "../siginfo.h"

static_assert(CKPT_NRLIMITS == RLIM_NLIMITS);
static_assert(RLIM_INFINITY == ~0UL);

/*
 * Return: the leader, which stays as it is while it is frozen; NULL: it is a
 * zombie, that whoever is outside may take away at any time.
 */
static struct task_struct *living_leader(struct signal_struct *sig)
{
	struct task_struct *t;

	guard(rcu)();
	t = pid_task(sig->pids[PIDTYPE_TGID], PIDTYPE_TGID);
	return t && !t->exit_state ? t : NULL;
}

static pid_t inside(struct ckpt_collect *c, struct pid *pid)
{
	struct task_struct *t;

	guard(rcu)();
	t = pid_task(pid, PIDTYPE_TGID);
	return t && ckpt_taskset_has(c->tasks, t) ? ckpt_pid_nr(c, pid) : 0;
}

/* There is no leader, neither inside nor outside, and all members are inside. */
static bool leader_is_dead(struct ckpt_collect *c, struct pid *pid,
			   enum pid_type type)
{
	struct task_struct *t;

	guard(rcu)();
	if (pid_task(pid, PIDTYPE_TGID))
		return false;
	do_each_pid_task(pid, type, t) {
		if (!ckpt_taskset_has(c->tasks, t))
			return false;
	} while_each_pid_task(pid, type, t);
	return true;
}

static void refuse_dead_leader(struct ckpt_collect *c, struct ckpt_object *obj,
			       enum pid_type type)
{
	struct signal_struct *sig = obj->ptr;

	if (leader_is_dead(c, sig->pids[type], type))
		ckpt_refuse(c, "task %llu: a %s whose leader is gone cannot be saved",
			    obj->id,
			    type == PIDTYPE_SID ? "session" : "process group");
}

/* Restored, it would be in the writer's group, and not in his session. */
static void refuse_outer_group(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct signal_struct *sig = obj->ptr;

	if (inside(c, sig->pids[PIDTYPE_SID]) && !inside(c, sig->pids[PIDTYPE_PGID]))
		ckpt_refuse_shared(c, "task %llu: its process group, but not its session, is led from outside of the container",
				   obj->id);
}

static int process_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	refuse_dead_leader(c, obj, PIDTYPE_PGID);
	refuse_dead_leader(c, obj, PIDTYPE_SID);
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

static int save_shared_signals(struct signal_struct *sig, struct task_struct *t,
			       struct ckpt_writer *w)
{
	struct ckpt_shared_signals *rec;
	u64 pending;
	int err;

	err = ckpt_siginfo_save(w, CKPT_REC_SHARED_SIGNALS, t,
				&sig->shared_pending, &pending, (void **)&rec);
	if (!err)
		rec->pending = cpu_to_le64(pending);
	return err;
}

static int process_save(struct ckpt_collect *c, struct ckpt_object *obj,
			struct ckpt_writer *w)
{
	struct signal_struct *sig = obj->ptr;
	struct ckpt_process *rec = ckpt_add(w, CKPT_REC_PROCESS, RLIM_NLIMITS);
	struct task_struct *leader = living_leader(sig);
	u32 flags = 0;

	if (!rec)
		return w->error;
	rec->tgid = cpu_to_le32(obj->id);
	rec->pgid = cpu_to_le32(inside(c, sig->pids[PIDTYPE_PGID]));
	rec->sid = cpu_to_le32(inside(c, sig->pids[PIDTYPE_SID]));
	rec->oom_score_adj = cpu_to_le32(sig->oom_score_adj);
	if (sig->flags & SIGNAL_STOP_STOPPED) {
		flags |= CKPT_PROCESS_STOPPED;
		rec->stop_code = cpu_to_le32(sig->group_exit_code);
	}
	if (sig->flags & SIGNAL_STOP_CONTINUED)
		flags |= CKPT_PROCESS_CONTINUED;
	if (sig->leader)
		flags |= CKPT_PROCESS_LEADER;
	rec->flags = cpu_to_le32(flags);
	save_limits(sig, ckpt_elems(rec));
	return leader ? save_shared_signals(sig, leader, w) : 0;
}

/*
 * prlimit(2) checks each against the writer's rights. It wants user memory,
 * of which a page is borrowed.
 */
static int set_limits(const struct ckpt_rlimit *from, unsigned long scratch)
{
	unsigned int i;

	for (i = 0; i < RLIM_NLIMITS; i++) {
		struct rlimit64 limit = {
			.rlim_cur = le64_to_cpu(from[i].cur),
			.rlim_max = le64_to_cpu(from[i].max),
		};
		int err = ckpt_scratch_put(scratch, &limit, sizeof(limit));

		if (err)
			return err;
		err = ckpt_syscall(__NR_prlimit64, 0, i, scratch, 0, 0, 0);
		if (err)
			return err;
	}
	return 0;
}

static int restore_limits(struct ckpt_restore *r, struct ckpt_item *item,
			  const struct ckpt_rlimit *from)
{
	unsigned long scratch = ckpt_scratch_map();
	int err;

	if (IS_ERR_VALUE(scratch))
		return scratch;
	err = set_limits(from, scratch);
	ckpt_scratch_unmap(scratch);
	if (err)
		ckpt_restore_err(r, item, "a limit may not be set: %pe", ERR_PTR(err));
	return err;
}

/* Lower the score needs no right; below the writer's own needs CAP_SYS_RESOURCE. */
static int restore_oom(struct ckpt_restore *r, struct ckpt_item *item, int adj)
{
	if (adj < current->signal->oom_score_adj_min && !capable(CAP_SYS_RESOURCE)) {
		ckpt_restore_err(r, item, "oom_score_adj may not be lowered to %d", adj);
		return -EACCES;
	}
	current->signal->oom_score_adj = adj;
	return 0;
}

static int process_bind(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_process *rec;
	struct ckpt_view view;
	int err;

	ckpt_find(item->bytes, item->size, CKPT_REC_PROCESS, &view);
	rec = view.body;
	err = restore_limits(r, item, view.elems);
	if (!err)
		err = restore_oom(r, item, le32_to_cpu(rec->oom_score_adj));
	if (err || !ckpt_find(item->bytes, item->size, CKPT_REC_SHARED_SIGNALS, &view))
		return err;
	err = ckpt_siginfo_restore(view.elems, view.count,
				   le64_to_cpu(*(const __le64 *)view.body),
				   PIDTYPE_TGID);
	if (err)
		ckpt_restore_err(r, item, "a pending signal cannot be queued: %pe",
				 ERR_PTR(err));
	return err;
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_process_ops = {
	.type = CKPT_TYPE_PROCESS,
	.name = "process",
	.dir = "processes",
	.records = { CKPT_REC_PROCESS, CKPT_REC_SHARED_SIGNALS },
	.max_size = 16 * 1024 * 1024,
	.check = process_check,
	CKPT_KERNEL(.verify = process_verify, .save = process_save,
		    .bind = process_bind)
};
