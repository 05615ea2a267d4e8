// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who waits in vfork(), and for whom: CLONE_VFORK, with whatever else.
 *
 * It waits until the other executes a program or ends, outside of any freezer's reach. That
 * is a child, by CLONE_PARENT a brother, by CLONE_THREAD a thread. Nobody says who waits for a
 * task, but what he waits for (vfork_done) is on his stack.
 *
 * vfork_done is changed under the task's alloc_lock (task_lock()), by itself, or by who waits and
 * is killed. The tasks are frozen; those outside are only looked at.
 */
#include <linux/cgroup.h>
#include <linux/completion.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "vfork.h"

/* ---- saved ----------------------------------------------------------------------- */

/*
 * Frozen, but not in get_signal(): its call has not returned, and no signal wakes it. The
 * freezer of the whole system, or of cgroups of version 1, may have it as well.
 */
static bool may_wait(struct task_struct *t)
{
	return (long)task_pt_regs(t)->ax == -ENOSYS &&
	       READ_ONCE(t->__state) & (TASK_UNINTERRUPTIBLE | TASK_FROZEN);
}

static bool waits_for(const struct task_struct *t, const struct task_struct *other)
{
	unsigned long at = (unsigned long)READ_ONCE(other->vfork_done);

	return at - (unsigned long)task_stack_page(t) < THREAD_SIZE;
}

static struct task_struct *child_of(struct task_struct *t)
{
	struct task_struct *child;

	guard(read_lock)(&ksym_data(tasklist_lock));
	list_for_each_entry(child, &t->children, sibling)
		if (waits_for(t, child))
			return child;
	return NULL;
}

struct task_struct *ckpt_vfork_child(struct ckpt_collect *c, struct task_struct *t)
{
	struct task_struct *other = may_wait(t) ? child_of(t) : NULL;
	unsigned int i;

	if (other || !may_wait(t))
		return other;
	for (i = 0; i < c->tasks->nr; i++)
		if (waits_for(t, c->tasks->vec[i]))
			return c->tasks->vec[i];
	return NULL;
}

/* Whom it waits for outside: the id, 0: nobody. */
static pid_t outsider(const struct task_struct *t)
{
	struct task_struct *p, *other;

	guard(rcu)();
	for_each_process_thread(p, other)
		if (waits_for(t, other))
			return task_pid_vnr(other) ?: -1;
	return 0;
}

void ckpt_vfork_collect(struct ckpt_collect *c, struct task_struct *t)
{
	pid_t pid;

	if (!may_wait(t) || ckpt_vfork_child(c, t))
		return;
	pid = outsider(t);
	if (pid)
		ckpt_refuse_shared(c, "task %d: it waits in vfork() for task %d, which is outside of the container",
				   task_pid_vnr(t), pid);
}

/* ---- made again --------------------------------------------------------------------- */

/* Who waits for us is told when we exec() or exit. */
void ckpt_vfork_begin(struct ckpt_newtask *t)
{
	if (!t->vforker)
		return;
	guard(task_lock)(current);
	current->vfork_done = &t->vforker->vfork;
}

/* Return: had @t yet to tell @from? If not it has told, and is through with it. */
static bool tell(struct task_struct *t, struct completion *from, struct completion *to)
{
	guard(task_lock)(t);
	if (t->vfork_done != from)
		return false;
	t->vfork_done = to;
	return true;
}

void ckpt_vfork_wait(struct ckpt_newtask *t)
{
	DECLARE_COMPLETION_ONSTACK(vfork);
	struct task_struct *other = t->vfork_child->task;
	int killed = 0;

	/* On the stack, where the next freeze looks for it. */
	if (tell(other, &t->vfork, &vfork)) {
		ksym(cgroup_enter_frozen)();
		killed = wait_for_completion_state(&vfork, TASK_KILLABLE | TASK_FREEZABLE);
		ksym(cgroup_leave_frozen)(false);
	}
	if (killed)
		tell(other, &vfork, NULL);
	else
		current_pt_regs()->ax = t->vfork_nr;
}
