// SPDX-License-Identifier: GPL-2.0-only
/*
 * Process groups and sessions: which processes are in which.
 *
 * One has the number of the process that has made it, its leader. When that has
 * ended the kernel keeps the number for as long as there are members: a struct pid
 * without a task, which is an object of its own (objects/leader.c) if they are all
 * of the container. A group or session whose leader is outside, or which has members
 * there and no leader any more, is the outside's: the restored process joins its
 * writer's.
 *
 * signal_struct.pids and the lists of members are protected by tasklist_lock, and
 * for readers by RCU.
 */
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "groups.h"
#include "restore.h"

/* ---- freeze ---------------------------------------------------------------------- */

static bool is_member_outside(struct ckpt_collect *c, struct pid *pid, enum pid_type type)
{
	struct task_struct *t;

	do_each_pid_task(pid, type, t) {
		if (!ckpt_taskset_has(c->tasks, t))
			return true;
	} while_each_pid_task(pid, type, t);
	return false;
}

/* It has no leader, but members, all of them inside. */
static bool is_left_inside(struct ckpt_collect *c, struct pid *pid, enum pid_type type)
{
	guard(rcu)();
	return !pid_task(pid, PIDTYPE_TGID) && pid_task(pid, type) &&
	       !is_member_outside(c, pid, type);
}

/*
 * Who is outside may join a group meanwhile, or leave it: it is looked at once, and the
 * object remembers of which type it was found to be.
 */
int ckpt_group_collect(struct ckpt_collect *c, struct pid *pid, enum pid_type type)
{
	struct ckpt_object *leader;

	if (!ckpt_pid_nr(c, pid) || !is_left_inside(c, pid, type))
		return 0;
	leader = ckpt_collect_id(c, CKPT_TYPE_LEADER, pid, ckpt_pid_nr(c, pid));
	if (IS_ERR(leader))
		return PTR_ERR(leader);
	leader->priv = (void *)((unsigned long)leader->priv | BIT(type));
	return 0;
}

u32 ckpt_group_nr(struct ckpt_collect *c, struct pid *pid, enum pid_type type)
{
	struct ckpt_object *leader;
	struct task_struct *t;

	guard(rcu)();
	t = pid_task(pid, PIDTYPE_TGID);
	if (t)
		return ckpt_taskset_has(c->tasks, t) ? ckpt_pid_nr(c, pid) : 0;
	leader = ckpt_lookup(c, CKPT_TYPE_LEADER, pid);
	return leader && (unsigned long)leader->priv & BIT(type) ? leader->id : 0;
}

u32 ckpt_process_group(struct ckpt_collect *c, struct signal_struct *sig, enum pid_type type)
{
	guard(rcu)();
	return ckpt_group_nr(c, READ_ONCE(sig->pids[type]), type);
}

/* ---- restore --------------------------------------------------------------------- */

/*
 * Where a new process is to go. The number of a leader that has ended is its members'
 * from the first of them on: when these are all gone it may be anybody's.
 */
static struct pid *find_group(struct ckpt_newtask *t, u32 nr, struct ckpt_item *gone)
{
	struct ckpt_item *item = ckpt_item(t->r->img, CKPT_TYPE_TASK, nr);
	struct ckpt_newtask *leader = item ? item->priv : NULL;
	struct pid *pid;

	lockdep_assert_held(&ksym_data(tasklist_lock));
	if (leader)
		return pid_alive(leader->task) ? task_pid(leader->task) : NULL;
	pid = gone ? gone->made : NULL;
	if (!pid || !gone->priv)
		return pid;
	return pid_task(pid, PIDTYPE_PGID) || pid_task(pid, PIDTYPE_SID) ? pid : NULL;
}

void ckpt_group_join(struct ckpt_newtask *t, enum pid_type type, u32 nr)
{
	struct ckpt_item *gone = ckpt_item(t->r->img, CKPT_TYPE_LEADER, nr);
	struct pid *pid;

	guard(write_lock_irq)(&ksym_data(tasklist_lock));
	pid = nr ? find_group(t, nr, gone) : current->signal->pids[type];
	if (!pid || !pid_alive(t->task) || t->task->signal->pids[type] == pid)
		return;
	ksym(change_pid)(t->task, type, pid);
	if (gone)
		gone->priv = pid;
}

/*
 * When the last one dies by whom a process group has a parent in its session, those of
 * it that are stopped are hung up: that was so when the zombie died, and is not to
 * be so again. The parent is there, so its session does not end when the child leaves.
 */
void ckpt_session_leave(struct ckpt_newtask *t)
{
	struct task_struct *task = t->task, *parent;
	struct pid *session;

	guard(write_lock_irq)(&ksym_data(tasklist_lock));
	if (!pid_alive(task))
		return;
	session = task_session(task);
	parent = rcu_dereference_protected(task->real_parent,
					   lockdep_is_held(&ksym_data(tasklist_lock)));
	if (session == task_pid(task) || session != task_session(parent))
		return;
	t->session = get_pid(session);
	ksym(change_pid)(task, PIDTYPE_SID, task_pid(task));
}

/* If the parent has been killed meanwhile it may have ended. */
void ckpt_session_return(struct ckpt_newtask *t)
{
	if (!t->session)
		return;
	scoped_guard(write_lock_irq, &ksym_data(tasklist_lock))
		if (pid_alive(t->task) && pid_task(t->session, PIDTYPE_SID))
			ksym(change_pid)(t->task, PIDTYPE_SID, t->session);
	put_pid(t->session);
	t->session = NULL;
}
