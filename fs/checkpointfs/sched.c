// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a task is scheduled, and where.
 *
 * Policy with its parameters, utilization clamps, CPUs, memory policy (mempolicy.c), I/O
 * priority, timer slack, core scheduling groups. All are set by the system calls that a
 * program would use, in the new task itself, before the limits of its process and its own
 * credentials: what the writer may not have it does not get. A clone begins
 * with those of the writer, so that each is set where it differs.
 *
 * The tasks are frozen, but may be killed: io_context is looked at under
 * alloc_lock (task_lock()).
 */
#include <linux/cpumask.h>
#include <linux/iocontext.h>
#include <linux/ioprio.h>
#include <linux/prctl.h>
#include <linux/sched/autogroup.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <uapi/linux/sched/types.h>
#include <asm/unistd.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "mempolicy.h"
#include "restore.h"
#include "sched.h"

static const u32 policies[] = {
	[SCHED_NORMAL] = CKPT_SCHED_NORMAL,
	[SCHED_FIFO] = CKPT_SCHED_FIFO,
	[SCHED_RR] = CKPT_SCHED_RR,
	[SCHED_BATCH] = CKPT_SCHED_BATCH,
	[SCHED_IDLE] = CKPT_SCHED_IDLE,
	[SCHED_DEADLINE] = CKPT_SCHED_DEADLINE,
};

static u32 policy_of(const struct task_struct *t)
{
	return t->policy < ARRAY_SIZE(policies) ? policies[t->policy] : 0;
}

/* ---- I/O contexts ---------------------------------------------------------------- */

static u32 ioprio_of(struct task_struct *t)
{
	guard(task_lock)(t);
	return t->io_context ? t->io_context->ioprio : IOPRIO_DEFAULT;
}

int ckpt_sched_make_io(void)
{
	if (current->io_context)
		return 0;
	return ckpt_syscall(__NR_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_DEFAULT, 0, 0, 0);
}

static int restore_ioprio(const struct ckpt_sched *rec)
{
	u32 ioprio = le32_to_cpu(rec->ioprio);

	if (ioprio_of(current) == ioprio)
		return 0;
	return ckpt_syscall(__NR_ioprio_set, IOPRIO_WHO_PROCESS, 0, ioprio, 0, 0, 0);
}

/* ---- processors ----------------------------------------------------------------------- */

/* All that there could be is what a task has that has asked for none. */
static bool has_affinity(const struct task_struct *t)
{
	return t->user_cpus_ptr &&
	       !cpumask_subset(cpu_possible_mask, t->user_cpus_ptr);
}

static u32 nr_words(const struct task_struct *t)
{
	return has_affinity(t) ? cpumask_last(t->user_cpus_ptr) / 64 + 1 : 0;
}

static void save_affinity(const struct task_struct *t, __le64 *word, u32 nr)
{
	unsigned int cpu;

	for_each_cpu(cpu, t->user_cpus_ptr)
		if (cpu / 64 < nr)
			word[cpu / 64] |= cpu_to_le64(BIT_ULL(cpu % 64));
}

static int read_affinity(struct cpumask *mask, const struct ckpt_view *view)
{
	const __le64 *word = view->elems;
	unsigned int cpu;

	cpumask_clear(mask);
	for (cpu = 0; cpu < view->count * 64; cpu++) {
		if (!(le64_to_cpu(word[cpu / 64]) & BIT_ULL(cpu % 64)))
			continue;
		if (cpu >= nr_cpu_ids || !cpu_possible(cpu))
			return cpu;
		cpumask_set_cpu(cpu, mask);
	}
	return -1;
}

static int restore_affinity(struct ckpt_newtask *t, const struct ckpt_view *view,
			    unsigned long scratch)
{
	cpumask_var_t mask;
	int missing, err;

	if (!view->count && !has_affinity(current))
		return 0;
	if (!alloc_cpumask_var(&mask, GFP_KERNEL))
		return -ENOMEM;
	cpumask_copy(mask, cpu_possible_mask);
	missing = view->count ? read_affinity(mask, view) : -1;
	if (missing >= 0) {
		ckpt_restore_err(t->r, t->item, "processor %d is not there", missing);
		err = -EOPNOTSUPP;
	} else {
		err = ckpt_scratch_put(scratch, cpumask_bits(mask), cpumask_size());
	}
	if (!err)
		err = ckpt_syscall(__NR_sched_setaffinity, 0, cpumask_size(), scratch, 0, 0, 0);
	free_cpumask_var(mask);
	return err;
}

/* ---- policies --------------------------------------------------------------------------- */

void ckpt_sched_collect(struct ckpt_collect *c, struct task_struct *t)
{
	if (!policy_of(t))
		ckpt_refuse(c, "task %d: scheduling policy %u cannot be saved",
			    task_pid_vnr(t), t->policy);
}

#ifdef CONFIG_UCLAMP_TASK

/* One call that sets a policy and the upper clamp leaves the lower one what it was. */
static bool has_util_min(const struct task_struct *t)
{
	bool rt = t->policy == SCHED_FIFO || t->policy == SCHED_RR;
	u32 usual = rt ? ksym_data(sysctl_sched_uclamp_util_min_rt_default) : 0;

	return t->uclamp_req[UCLAMP_MIN].user_defined ||
	       t->uclamp_req[UCLAMP_MIN].value != usual;
}

static bool has_util_max(const struct task_struct *t)
{
	return t->uclamp_req[UCLAMP_MAX].user_defined;
}

static bool has_clamps(const struct task_struct *t)
{
	return has_util_min(t) || has_util_max(t);
}

static u32 save_clamps(const struct task_struct *t, struct ckpt_sched *rec)
{
	u32 flags = 0;

	if (has_util_min(t)) {
		flags |= CKPT_SCHED_UTIL_MIN;
		rec->util_min = cpu_to_le32(t->uclamp_req[UCLAMP_MIN].value);
	}
	if (has_util_max(t)) {
		flags |= CKPT_SCHED_UTIL_MAX;
		rec->util_max = cpu_to_le32(t->uclamp_req[UCLAMP_MAX].value);
	}
	return flags;
}

#else

static bool has_clamps(const struct task_struct *t)
{
	return false;
}

static u32 save_clamps(const struct task_struct *t, struct ckpt_sched *rec)
{
	return 0;
}

#endif

static u32 save_policy(const struct task_struct *t, struct ckpt_sched *rec)
{
	u32 flags = t->sched_reset_on_fork ? CKPT_SCHED_RESET_ON_FORK : 0;

	rec->policy = cpu_to_le32(policy_of(t));
	rec->priority = cpu_to_le32(t->rt_priority);
	if (t->policy == SCHED_DEADLINE) {
		rec->runtime = cpu_to_le64(t->dl.dl_runtime);
		rec->deadline = cpu_to_le64(t->dl.dl_deadline);
		rec->period = cpu_to_le64(t->dl.dl_period);
		if (t->dl.flags & SCHED_FLAG_RECLAIM)
			flags |= CKPT_SCHED_RECLAIM;
		if (t->dl.flags & SCHED_FLAG_DL_OVERRUN)
			flags |= CKPT_SCHED_OVERRUN;
	} else if (t->se.custom_slice) {
		rec->runtime = cpu_to_le64(t->se.slice);
	}
	return flags;
}

/* ---- core scheduling --------------------------------------------------------------------- */

#ifdef CONFIG_SCHED_CORE

/* Groups are numbered as they are come upon. Return: 0 or -ENOMEM. */
static int number_of_cookie(struct ckpt_collect *c, unsigned long cookie, u32 *group)
{
	void *entry = xa_load(&c->cookies, cookie);

	if (!entry) {
		entry = xa_mk_value(++c->nr_cookies);
		if (xa_err(xa_store(&c->cookies, cookie, entry, GFP_KERNEL_ACCOUNT)))
			return -ENOMEM;
	}
	*group = xa_to_value(entry);
	return 0;
}

/* One that tasks outside are in as well is one of its own afterwards. */
static int save_core(struct ckpt_collect *c, const struct task_struct *t, struct ckpt_writer *w)
{
	unsigned long cookie = READ_ONCE(t->core_cookie);
	struct ckpt_core_group *rec;
	u32 group;

	if (!cookie)
		return 0;
	if (number_of_cookie(c, cookie, &group))
		return -ENOMEM;
	rec = ckpt_add(w, CKPT_REC_CORE_GROUP, 0);
	if (!rec)
		return w->error;
	rec->group = cpu_to_le32(group);
	return 0;
}

#else

static int save_core(struct ckpt_collect *c, const struct task_struct *t, struct ckpt_writer *w)
{
	return 0;
}

#endif

int ckpt_sched_find_cores(struct ckpt_restore *r)
{
	struct xarray firsts;
	unsigned int i;
	int err = 0;

	xa_init(&firsts);
	for (i = 0; i < r->nr && !err; i++) {
		struct ckpt_newtask *t = &r->new[i];
		const struct ckpt_core_group *rec =
			ckpt_item_body(t->item, CKPT_REC_CORE_GROUP);

		if (!rec || ckpt_is_zombie(t))
			continue;
		t->core = xa_load(&firsts, le32_to_cpu(rec->group));
		if (t->core)
			continue;
		t->core = t;
		err = xa_err(xa_store(&firsts, le32_to_cpu(rec->group), t, GFP_KERNEL_ACCOUNT));
	}
	xa_destroy(&firsts);
	return err;
}

static int set_core(struct ckpt_newtask *t, int command, pid_t pid)
{
	long err = ckpt_syscall(__NR_prctl, PR_SCHED_CORE, command, pid,
				PR_SCHED_CORE_SCOPE_THREAD, 0, 0);

	if (!err)
		return 0;
	/* No two processors share a core, or the kernel has no word for it. */
	if (err == -ENODEV || err == -EINVAL) {
		ckpt_restore_err(t->r, t->item, "this machine has no core scheduling");
		return -EOPNOTSUPP;
	}
	ckpt_restore_err(t->r, t->item, "a core scheduling group is refused: %pe", ERR_PTR(err));
	return err;
}

int ckpt_sched_begin_core(struct ckpt_newtask *t)
{
	return t->core == t ? set_core(t, PR_SCHED_CORE_CREATE, 0) : 0;
}

int ckpt_sched_join_core(struct ckpt_newtask *t)
{
	if (!t->core || t->core == t)
		return 0;
	return set_core(t, PR_SCHED_CORE_SHARE_FROM, task_pid_vnr(t->core->task));
}

/* ---- saving and restoring --------------------------------------------------------------- */

int ckpt_sched_save(struct ckpt_collect *c, struct task_struct *t, struct ckpt_writer *w)
{
	u32 words = nr_words(t);
	struct ckpt_sched *rec = ckpt_add(w, CKPT_REC_SCHED, words);

	if (!rec)
		return w->error;
	rec->flags = cpu_to_le32(save_policy(t, rec) | save_clamps(t, rec));
	rec->ioprio = cpu_to_le32(ioprio_of(t));
	rec->timer_slack = cpu_to_le64(t->timer_slack_ns);
	rec->default_timer_slack = cpu_to_le64(t->default_timer_slack_ns);
	if (words)
		save_affinity(t, ckpt_elems(rec), words);
	return save_core(c, t, w) ?: ckpt_mempolicy_save_task(w, t);
}

/*
 * A clamp that the image has not is the writer's, if there is one, or that of the policy
 * before: with one of them the other is set as well, -1 for what the policy gives.
 */
static void read_clamps(const struct ckpt_sched *rec, struct sched_attr *attr)
{
	u32 flags = le32_to_cpu(rec->flags);
	bool min = flags & CKPT_SCHED_UTIL_MIN, max = flags & CKPT_SCHED_UTIL_MAX;

	if (!min && !max && !has_clamps(current))
		return;
	attr->sched_util_min = min ? le32_to_cpu(rec->util_min) : -1;
	attr->sched_util_max = max ? le32_to_cpu(rec->util_max) : -1;
	attr->sched_flags |= SCHED_FLAG_UTIL_CLAMP;
}

static u32 number_of(u32 policy)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(policies); i++)
		if (policies[i] == policy)
			break;
	return i;
}

static void read_policy(const struct ckpt_newtask *t, const struct ckpt_sched *rec,
			struct sched_attr *attr)
{
	u32 flags = le32_to_cpu(rec->flags);

	*attr = (struct sched_attr){
		.size = sizeof(*attr),
		.sched_policy = number_of(le32_to_cpu(rec->policy)),
		.sched_priority = le32_to_cpu(rec->priority),
		.sched_nice = le32_to_cpu(t->rec->nice),
		.sched_runtime = le64_to_cpu(rec->runtime),
		.sched_deadline = le64_to_cpu(rec->deadline),
		.sched_period = le64_to_cpu(rec->period),
	};
	if (flags & CKPT_SCHED_RESET_ON_FORK)
		attr->sched_flags |= SCHED_FLAG_RESET_ON_FORK;
	if (flags & CKPT_SCHED_RECLAIM)
		attr->sched_flags |= SCHED_FLAG_RECLAIM;
	if (flags & CKPT_SCHED_OVERRUN)
		attr->sched_flags |= SCHED_FLAG_DL_OVERRUN;
	read_clamps(rec, attr);
}

/* What most tasks have, and have inherited: then there is nothing but nice to be set. */
static bool is_usual(const struct sched_attr *attr)
{
	return attr->sched_policy == SCHED_NORMAL && !attr->sched_flags &&
	       !attr->sched_priority && !attr->sched_runtime &&
	       current->policy == SCHED_NORMAL && !current->sched_reset_on_fork &&
	       !current->se.custom_slice;
}

/* Nice first: one that is scheduled by other means keeps it for later. */
static int restore_policy(struct ckpt_newtask *t, const struct ckpt_sched *rec,
			  unsigned long scratch)
{
	int nice = le32_to_cpu(t->rec->nice), err = 0;
	struct sched_attr attr;

	read_policy(t, rec, &attr);
	if (nice != task_nice(current))
		err = ckpt_syscall(__NR_setpriority, PRIO_PROCESS, 0, nice, 0, 0, 0);
	if (err || is_usual(&attr))
		return err;
	err = ckpt_scratch_put(scratch, &attr, sizeof(attr));
	return err ?: ckpt_syscall(__NR_sched_setattr, 0, scratch, 0, 0, 0, 0);
}

static int restore_all(struct ckpt_newtask *t, unsigned long scratch)
{
	const struct ckpt_sched *rec;
	struct ckpt_view view;
	const char *what;
	int err;

	ckpt_find(t->item->bytes, t->item->size, CKPT_REC_SCHED, &view);
	rec = view.body;
	what = "CPU affinity";
	err = restore_affinity(t, &view, scratch);
	if (!err) {
		what = "scheduling policy or nice";
		err = restore_policy(t, rec, scratch);
	}
	if (!err) {
		what = "I/O priority";
		err = restore_ioprio(rec);
	}
	if (err)
		ckpt_restore_err(t->r, t->item, "%s may not be set: %pe", what, ERR_PTR(err));
	else
		err = ckpt_mempolicy_restore_task(t, scratch);
	/* What fork() and prctl(PR_SET_TIMERSLACK) can do, anyone may. */
	current->timer_slack_ns = le64_to_cpu(rec->timer_slack);
	current->default_timer_slack_ns = le64_to_cpu(rec->default_timer_slack);
	return err;
}

/*
 * Is anything to be set whose arguments lie in memory? Threads that are restored at once
 * would wait for each other to map some.
 */
static bool needs_scratch(const struct ckpt_newtask *t)
{
	struct sched_attr attr;
	struct ckpt_view view;

	if (ckpt_find(t->item->bytes, t->item->size, CKPT_REC_MEMPOLICY, &view))
		return true;
	ckpt_find(t->item->bytes, t->item->size, CKPT_REC_SCHED, &view);
	read_policy(t, view.body, &attr);
	return view.count || has_affinity(current) || !is_usual(&attr);
}

int ckpt_sched_restore(struct ckpt_newtask *t)
{
	unsigned long scratch;
	int err;

	if (!needs_scratch(t))
		return restore_all(t, 0);
	scratch = ckpt_scratch_map();
	if (IS_ERR_VALUE(scratch)) {
		ckpt_restore_err(t->r, t->item, "no room for arguments: %pe", (void *)scratch);
		return scratch;
	}
	err = restore_all(t, scratch);
	ckpt_scratch_unmap(scratch);
	return err;
}

/* ---- autogroups ------------------------------------------------------------------------------ */

/* The kernel tells what an autogroup has to /proc only. */
int ckpt_autogroup_nice(struct task_struct *t)
{
	int value = 0;
#ifdef CONFIG_SCHED_AUTOGROUP
	char text[64] = "";
	struct seq_file seq = { .buf = text, .size = sizeof(text) - 1 };
	const char *nice;

	ksym(proc_sched_autogroup_show_task)(t, &seq);
	nice = strstr(text, " nice ");
	if (nice && sscanf(nice, " nice %d", &value) != 1)
		value = 0;
#endif
	return value;
}
