// SPDX-License-Identifier: GPL-2.0-only
/*
 * A thread: tasks/TID/task, and how its interrupted system call goes on.
 *
 * Saved: ids, place in the tree, name, exit signal, personality, scheduling,
 * what prctl(2) sets, the user addresses that the kernel keeps for it, what it has
 * used, how it is traced (tracee.c), and references to what it shares. A zombie has its
 * exit code, its credentials and what it has used, and nothing else, unless threads of its live.
 * What is not saved and not refused is listed with its reason in
 * Documentation/fields.rst.
 *
 * Restored by clone(2) from its parent, see restore.c; bind() here gives it
 * the rest, last of all.
 */
#include "../object.h"

/* The second record of its file, which has yet to be checked itself. */
static bool find_set(const struct ckpt_check *chk, const struct ckpt_semundo *undo,
		     struct ckpt_view *set)
{
	struct ckpt_cursor cur;
	const void *bytes;
	u64 len;

	bytes = chk->bytes(chk->priv, CKPT_TYPE_SEMAPHORES, le64_to_cpu(undo->semaphores), &len);
	if (!bytes)
		return false;
	ckpt_cursor_init(&cur, bytes, len);
	return ckpt_next(&cur, set) > 0 && ckpt_next(&cur, set) > 0 &&
	       set->type == CKPT_REC_SEMAPHORES;
}

/* As many adjustments as there are semaphores. */
static int check_undos(const struct ckpt_check *chk, const void *bytes, size_t size)
{
	struct ckpt_view view, set;
	struct ckpt_cursor cur;

	ckpt_cursor_init(&cur, bytes, size);
	while (ckpt_next(&cur, &view) > 0) {
		if (view.type != CKPT_REC_SEMUNDO)
			continue;
		if (!find_set(chk, view.body, &set) || set.count != view.count)
			return ckpt_bad(chk, "adjustments that are not of a set of semaphores");
		ckpt_relax();
	}
	return 0;
}

/* What prctl(2) has set for it last. */
static bool one_each(u32 flags)
{
	u32 ssb = flags & (CKPT_TASK_SSB_DISABLE | CKPT_TASK_SSB_FORCE | CKPT_TASK_SSB_NOEXEC);
	u32 ib = flags & (CKPT_TASK_IB_DISABLE | CKPT_TASK_IB_FORCE);

	return !(ssb & (ssb - 1)) && !(ib & (ib - 1));
}

/* Which of them has which number means nothing. */
static int check_core_group(const struct ckpt_check *chk, const void *bytes, size_t size)
{
	const struct ckpt_core_group *rec;
	struct ckpt_view view;
	int err;

	if (!ckpt_find(bytes, size, CKPT_REC_CORE_GROUP, &view))
		return 0;
	err = ckpt_check_once(chk, bytes, size, CKPT_REC_CORE_GROUP, &view);
	if (err)
		return err;
	rec = view.body;
	return rec->group ? 0 : ckpt_bad(chk, "a core scheduling group without a number");
}

static int check_joint(const struct ckpt_check *chk, const void *bytes, size_t size)
{
	const struct ckpt_joint *rec;
	struct ckpt_view view;
	int err;

	if (!ckpt_find(bytes, size, CKPT_REC_JOINT, &view))
		return 0;
	err = ckpt_check_once(chk, bytes, size, CKPT_REC_JOINT, &view);
	if (err)
		return err;
	rec = view.body;
	return rec->files || rec->fs || rec->io || rec->sysvsem ? 0 :
	       ckpt_bad(chk, "has nothing in common");
}

static int task_check(const struct ckpt_check *chk, u64 id,
		      const void *bytes, size_t size)
{
	const struct ckpt_task *t;
	struct ckpt_view view;
	bool zombie;
	int ret;

	ckpt_find(bytes, size, CKPT_REC_TASK, &view);
	t = view.body;
	if (le32_to_cpu(t->tid) != id)
		return ckpt_bad(chk, "tid is not that of the name");
	zombie = le32_to_cpu(t->state) == CKPT_TASK_ZOMBIE;
	if (zombie && !t->mm && (t->fdtable || t->fs || t->sighand))
		return ckpt_bad(chk, "a zombie with more than a process and credentials");
	if ((!zombie || t->mm) && !(t->mm && t->fdtable && t->fs && t->sighand))
		return ckpt_bad(chk, "a task without one of mm, fdtable, fs, sighand");
	if (!t->process || !t->creds)
		return ckpt_bad(chk, "a task without a process or credentials");
	if ((s32)le32_to_cpu(t->nice) < -20 || (s32)le32_to_cpu(t->nice) > 19)
		return ckpt_bad(chk, "nice is not between -20 and 19");
	if ((s32)le32_to_cpu(t->exit_signal) < -1 ||
	    (s32)le32_to_cpu(t->exit_signal) > CKPT_NSIG)
		return ckpt_bad(chk, "exit_signal is not a signal");
	if (!one_each(le32_to_cpu(t->flags)))
		return ckpt_bad(chk, "speculation that is controlled twice");
	ret = check_joint(chk, bytes, size);
	if (ret || zombie)
		return ret;
	return ckpt_check_tracee(chk, bytes, size) ?:
	       ckpt_check_once(chk, bytes, size, CKPT_REC_SCHED, &view) ?:
	       check_core_group(chk, bytes, size) ?:
	       ckpt_check_labels(chk, bytes, size, true) ?:
	       ckpt_check_task_policy(chk, bytes, size) ?:
	       check_undos(chk, bytes, size);
}

#ifdef __KERNEL__

#include <linux/pid_namespace.h>
#include <linux/rseq.h>
#include <linux/sched/jobctl.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/seccomp.h>

#include "../checkpointfs.h"
#include "../compat/ksyms.h"
#include "../joint.h"
#include "../label.h"
#include "../pifutex.h"
#include "../restart.h"
#include "../sched.h"
#include "../seccomp.h"
#include "../semundo.h"
#include "../settings.h"
#include "../tracee.h"
#include "../uprobes.h"
#include "../usage.h"
#include "../vfork.h"

static void task_get(void *ptr)
{
	get_task_struct(ptr);
}

static void task_put(void *ptr)
{
	put_task_struct(ptr);
}

static bool is_zombie(const struct task_struct *t)
{
	return t->exit_state;
}

static int collect_shared(struct ckpt_collect *c, struct task_struct *t)
{
	const struct {
		u32 type;
		void *ptr;
	} shared[] = {
		{ CKPT_TYPE_SIGHAND, t->sighand },
		{ CKPT_TYPE_FS, t->fs },
		{ CKPT_TYPE_FDTABLE, t->files },
		{ CKPT_TYPE_MM, t->mm },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(shared); i++) {
		struct ckpt_object *obj =
			ckpt_collect_ref(c, shared[i].type, shared[i].ptr);

		if (IS_ERR(obj))
			return PTR_ERR(obj);
	}
	return 0;
}

static int task_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct task_struct *t = obj->ptr;
	struct ckpt_object *part;
	u64 tgid = obj->id;

	/* A zombie may lose its number; a thread has a process that is frozen. */
	if (!thread_group_leader(t))
		tgid = ckpt_pid_nr(c, task_tgid(t));
	part = ckpt_collect_id(c, CKPT_TYPE_PROCESS, t->signal, tgid);
	if (IS_ERR(part))
		return PTR_ERR(part);
	/* Whose a zombie was waitid(2) tells. */
	part = ckpt_collect_ref(c, CKPT_TYPE_CREDS, (void *)t->real_cred);
	if (IS_ERR(part))
		return PTR_ERR(part);
	/* For creds.c: not only who has opened a file has them. */
	part->priv = t;
	if (is_zombie(t) && ckpt_living(t))
		return PTR_ERR_OR_ZERO(ckpt_collect_ref(c, CKPT_TYPE_SIGHAND, t->sighand));
	if (is_zombie(t))
		return 0;
	ckpt_refuse_task(c, t);
	ckpt_tracee_collect(c, t);
	ckpt_sched_collect(c, t);
	ckpt_label_collect(c, t);
	ckpt_vfork_collect(c, t);
	ckpt_restart_collect(c, t);
	ckpt_pifutex_collect(c, t);
	part = ckpt_collect_id(c, CKPT_TYPE_REGS, t, obj->id);
	if (IS_ERR(part))
		return PTR_ERR(part);
	part = ckpt_collect_id(c, CKPT_TYPE_SIGNALS, t, obj->id);
	if (IS_ERR(part))
		return PTR_ERR(part);
	return ckpt_seccomp_collect(c, t) ?: collect_shared(c, t);
}

/*
 * Whose child it will be cloned from: the leader of a thread, else a parent. A leader
 * that has ended will have what a living thread has until all are there.
 */
static struct task_struct *usual_creator(struct ckpt_collect *c, struct task_struct *t)
{
	struct task_struct *p = thread_group_leader(t) ? t->real_parent : t->group_leader;

	return ckpt_taskset_has(c->tasks, p) ? ckpt_living(p) : NULL;
}

static struct task_struct *find_task(struct ckpt_collect *c, u64 nr)
{
	unsigned int i;

	for (i = 0; i < c->tasks->nr; i++)
		if (ckpt_id(c, CKPT_TYPE_TASK, c->tasks->vec[i]) == nr)
			return ckpt_living(c->tasks->vec[i]);
	return NULL;
}

/* Who had it before, NULL: it is the first that has it, or has it from its creator. */
static struct task_struct *had_before(struct ckpt_collect *c, struct task_struct *t,
				      u32 type, void *ptr, void *creators)
{
	struct ckpt_object *obj;

	if (ptr == creators)
		return NULL;
	obj = ckpt_lookup(c, type, ptr);
	if (obj->first == ckpt_pid_nr(c, task_pid(t)) ||
	    obj->first == ckpt_pid_nr(c, task_tgid(t)))
		return NULL;
	return find_task(c, obj->first);
}

/*
 * The memory and the signal table that it shares with another it has from that one, who may
 * have cloned it as his brother, or whose clone has lost its parent. He comes before it in the
 * list. Whoever shares the table shares the memory. All else it may have from anyone (joint.c).
 */
static struct task_struct *creator(struct ckpt_collect *c, struct task_struct *task)
{
	struct task_struct *p = usual_creator(c, task), *t = ckpt_living(task), *other;

	if (!t)
		return p;
	other = had_before(c, t, CKPT_TYPE_SIGHAND, t->sighand, p ? p->sighand : NULL);
	if (!other)
		other = had_before(c, t, CKPT_TYPE_MM, t->mm, p ? p->mm : NULL);
	return other ?: p;
}

/*
 * A child in another cgroup: who waits for it would wait in vain. One that nobody
 * waits for is gone as soon as it has ended (members.c).
 */
static void verify_children(struct ckpt_collect *c, struct task_struct *t)
{
	struct task_struct *child;

	read_lock(&ksym_data(tasklist_lock));
	list_for_each_entry(child, &t->children, sibling)
		if (!ckpt_taskset_has(c->tasks, child) && child->exit_state != EXIT_DEAD)
			break;
	if (list_entry_is_head(child, &t->children, sibling))
		child = NULL;
	else
		get_task_struct(child);
	read_unlock(&ksym_data(tasklist_lock));
	if (!child)
		return;
	ckpt_refuse_shared(c, "task %d: its child %d is outside of the container",
			   task_pid_vnr(t), task_pid_vnr(child));
	put_task_struct(child);
}

static int task_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct task_struct *t = obj->ptr;

	if (is_zombie(t))
		return 0;
	verify_children(c, t);
	ckpt_tracer_verify(c, t);
	ckpt_joint_verify(c, t);
	return 0;
}

static int exit_code_of(const struct task_struct *t)
{
	return t->signal->flags & SIGNAL_GROUP_EXIT ?
		t->signal->group_exit_code : t->exit_code;
}

static void save_place(struct ckpt_collect *c, struct ckpt_object *obj,
		       struct ckpt_task *rec)
{
	struct task_struct *t = obj->ptr, *maker = creator(c, t);
	u64 process = ckpt_id(c, CKPT_TYPE_PROCESS, t->signal);

	rec->tid = cpu_to_le32(obj->id);
	rec->tgid = cpu_to_le32(process);
	/* Of those that are not in the container only the address counts. */
	rec->ppid = cpu_to_le32(ckpt_id(c, CKPT_TYPE_TASK, READ_ONCE(t->real_parent)));
	if (maker != usual_creator(c, t))
		rec->maker = cpu_to_le32(ckpt_id(c, CKPT_TYPE_TASK, maker));
	rec->exit_signal = cpu_to_le32(t->exit_signal);
	rec->process = cpu_to_le64(process);
	rec->nice = cpu_to_le32(task_nice(t));
	rec->personality = cpu_to_le32(t->personality);
	rec->start_time = cpu_to_le64(ckpt_start_time(t));
	__get_task_comm(rec->comm, sizeof(rec->comm), t);
}

static void save_shared(struct ckpt_collect *c, struct task_struct *t,
			struct ckpt_task *rec)
{
	rec->mm = cpu_to_le64(ckpt_id(c, CKPT_TYPE_MM, t->mm));
	rec->fdtable = cpu_to_le64(ckpt_id(c, CKPT_TYPE_FDTABLE, t->files));
	rec->fs = cpu_to_le64(ckpt_id(c, CKPT_TYPE_FS, t->fs));
	rec->sighand = cpu_to_le64(ckpt_id(c, CKPT_TYPE_SIGHAND, t->sighand));
}

static void save_addresses(struct task_struct *t, struct ckpt_task *rec)
{
	rec->clear_child_tid = cpu_to_le64((unsigned long)t->clear_child_tid);
	rec->robust_list = cpu_to_le64((unsigned long)t->robust_list);
#ifdef CONFIG_COMPAT
	rec->compat_robust_list =
		cpu_to_le64((unsigned long)t->compat_robust_list);
#endif
	rec->rseq = cpu_to_le64((unsigned long)t->rseq);
	rec->rseq_len = cpu_to_le32(t->rseq_len);
	rec->rseq_sig = cpu_to_le32(t->rseq_sig);
}

/* How @t, or a thread that lives while it does not, is to be cloned. */
static u32 save_clone_flags(struct ckpt_collect *c, struct task_struct *t)
{
	struct task_struct *maker = creator(c, t);
	u32 flags;

	t = ckpt_living(t);
	flags = ckpt_joint_flags(t, maker);
	if (!user_64bit_mode(task_pt_regs(t)) || test_tsk_thread_flag(t, TIF_ADDR32))
		flags |= CKPT_TASK_32BIT;
	return flags;
}

static u32 save_flags(struct ckpt_collect *c, struct task_struct *t,
		      struct ckpt_task *rec)
{
	u32 flags = ckpt_settings_flags(t) | save_clone_flags(c, t);
	struct task_struct *child = ckpt_vfork_child(c, t);

	if (task_no_new_privs(t))
		flags |= CKPT_TASK_NO_NEW_PRIVS;
	if (t->seccomp.mode == SECCOMP_MODE_STRICT)
		flags |= CKPT_TASK_STRICT;
	if (READ_ONCE(t->jobctl) & JOBCTL_STOP_CONSUME)
		flags |= CKPT_TASK_STOPPING;
	if (child) {
		flags |= CKPT_TASK_VFORKING;
		rec->vfork_child = cpu_to_le32(ckpt_pid_nr(c, task_pid(child)));
	}
	return flags;
}

static int save_zombie(struct ckpt_collect *c, struct task_struct *t,
		       struct ckpt_task *rec, struct ckpt_writer *w)
{
	struct task_struct *thread = ckpt_living(t);
	u32 flags = ckpt_settings_flags(t);

	rec->state = cpu_to_le32(CKPT_TASK_ZOMBIE);
	rec->exit_code = cpu_to_le32(exit_code_of(t));
	if (thread) {
		save_shared(c, thread, rec);
		flags |= save_clone_flags(c, t);
	}
	rec->flags = cpu_to_le32(flags);
	return ckpt_usage_save_task(w, t) ?:
	       thread ? ckpt_joint_save(c, t, creator(c, t), w) : 0;
}

static int task_save(struct ckpt_collect *c, struct ckpt_object *obj,
		     struct ckpt_writer *w)
{
	struct task_struct *t = obj->ptr;
	struct ckpt_task *rec = ckpt_add(w, CKPT_REC_TASK, 0);
	int err;

	if (!rec)
		return w->error;
	save_place(c, obj, rec);
	rec->creds = cpu_to_le64(ckpt_id(c, CKPT_TYPE_CREDS, t->real_cred));
	if (is_zombie(t))
		return save_zombie(c, t, rec, w);
	rec->state = cpu_to_le32(CKPT_TASK_RUNNING);
	save_shared(c, t, rec);
	save_addresses(t, rec);
	rec->flags = cpu_to_le32(save_flags(c, t, rec));
	rec->pdeath_signal = cpu_to_le32(t->pdeath_signal);
	rec->seccomp = cpu_to_le64(ckpt_seccomp_id(c, t));
	err = ckpt_sched_save(c, t, w) ?: ckpt_settings_save(w, t) ?: ckpt_semundo_save(c, t, w);
	if (!err)
		err = ckpt_usage_save_task(w, t) ?: ckpt_joint_save(c, t, creator(c, t), w);
	if (!err)
		err = ckpt_label_save_task(w, t);
	if (!err)
		err = ckpt_uprobes_save(c, t);
	return err ?: ckpt_restart_save(c, t, w) ?: ckpt_tracee_save(c, t, w);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_task_ops = {
	.type = CKPT_TYPE_TASK,
	.name = "task",
	.dir = "tasks",
	.part = "task",
	.records = { CKPT_REC_TASK, CKPT_REC_RESTART, CKPT_REC_USAGE,
		     CKPT_REC_SCHED, CKPT_REC_CORE_GROUP, CKPT_REC_MEMPOLICY,
		     CKPT_REC_DISPATCH, CKPT_REC_SEMUNDO, CKPT_REC_TRACEE, CKPT_REC_JOINT,
		     CKPT_REC_LABEL },
	.max_size = 4 << 20,
	.check = task_check,
	CKPT_KERNEL(.get = task_get, .put = task_put, .collect = task_collect,
		    .verify = task_verify, .save = task_save)
};
