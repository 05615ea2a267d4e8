// SPDX-License-Identifier: GPL-2.0-only
/*
 * PI futexes: who holds one, and who waits for one.
 *
 * Whose such a futex is says the word in memory: a thread id, which is restored. The
 * kernel knows of it only for as long as somebody waits (futex_pi_state, an rt_mutex),
 * and a wait ends when the task is stopped: as a rule by ERESTARTNOINTR, but with the
 * futex if that has been handed over, or is now, for the kernel looks once more after
 * it has seen that it is to stop, and puts the word right. So no word is left that has
 * the id of one who asks for it again. When the call is made again it finds the owner
 * by the word, who has been made before anybody runs, and lends him its priority. An
 * owner who unlocks it before that finds that nobody waits, and that is not unusual.
 * A wait that cannot be made again like that is one of waits.c.
 *
 * That takes that both are in the container. The tasks are frozen, and kept from dying
 * by their guards.
 */
#include <uapi/linux/futex.h>
#include <linux/mm.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <asm/syscall.h>
#include <asm/unistd.h>

#include "checkpointfs.h"
#include "pifutex.h"
#include "waits.h"

/* Numbers of the 32-bit table: futex(2) with times of 32 and of 64 bits. */
#define NR_FUTEX_32		240
#define NR_FUTEX_TIME64_32 422

static bool is_in_futex(struct task_struct *t)
{
	int nr = syscall_get_nr(t, task_pt_regs(t));

	if (task_thread_info(t)->status & TS_COMPAT)
		return nr == NR_FUTEX_32 || nr == NR_FUTEX_TIME64_32;
	return nr == __NR_futex;
}

int ckpt_futex_command(struct task_struct *t, unsigned long args[6])
{
	if (!is_in_futex(t))
		return -1;
	syscall_get_arguments(t, task_pt_regs(t), args);
	return (int)args[1] & FUTEX_CMD_MASK;
}

/* Where the PI futex is that @t asks for when it goes on; 0: it does not. */
static unsigned long wanted_by(struct ckpt_collect *c, struct task_struct *t)
{
	unsigned long args[6];
	u32 call, got;
	u64 left;

	switch (ckpt_futex_command(t, args)) {
	case FUTEX_LOCK_PI:
	case FUTEX_LOCK_PI2:
		if (syscall_get_error(t, task_pt_regs(t)) != -ERESTARTNOINTR)
			return 0;
		return args[0];
	case FUTEX_WAIT_REQUEUE_PI:
		return ckpt_wait_left(c->tasks, t, &call, &left, &got) ? args[4] : 0;
	default:
		return 0;
	}
}

static bool is_inside(struct ckpt_collect *c, pid_t nr)
{
	struct task_struct *t;

	guard(rcu)();
	t = pid_task(find_pid_ns(nr, c->con->caller_ns), PIDTYPE_PID);
	return t && ckpt_taskset_has(c->tasks, t);
}

/* If the word cannot be read the call says so when it is made again. */
static void collect_wanted(struct ckpt_collect *c, struct task_struct *t)
{
	unsigned long at = wanted_by(c, t);
	pid_t owner;
	u32 word;

	if (!at || access_process_vm(t, at, &word, sizeof(word), 0) != sizeof(word))
		return;
	owner = word & FUTEX_TID_MASK;
	if (owner && !is_inside(c, owner))
		ckpt_refuse_shared(c, "task %d: the owner %d of a PI futex that it waits for is no task of the container",
				   task_pid_vnr(t), owner);
}

void ckpt_pifutex_collect(struct ckpt_collect *c, struct task_struct *t)
{
	/* None of the container waits any more. */
	if (!list_empty(&t->pi_state_list))
		ckpt_refuse_shared(c, "task %d: a PI futex that it holds is waited for by a task outside of the container",
				   task_pid_vnr(t));
	collect_wanted(c, t);
}
