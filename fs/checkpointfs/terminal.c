// SPDX-License-Identifier: GPL-2.0-only
/*
 * The controlling terminal of a process: signal_struct.tty, which it has from the
 * leader of its session, and of a leader who has lost it, tty_old_pgrp.
 *
 * A process of a session that is led from outside is restored into the writer's, and
 * has the terminal of that.
 *
 * One of a session led from inside of the container, with all its members, is
 * saved: it is a pty or a line (objects/pty.c), that the leader gives its session and its
 * foreground group. All that is set here is what TIOCSCTTY, fork(2) and TIOCSPGRP
 * would have made of the new tasks. sighand_struct.siglock protects both fields.
 */
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "groups.h"
#include "restore.h"
#include "ttyend.h"

/**
 * struct terminal - of a process
 * @tty:	referenced, or NULL
 * @ptmx:	that of a pty, if it is of the session that the process is in, or the
 *		line itself; the same
 * @old_pgrp:	the same
 */
struct terminal {
	struct tty_struct *tty;
	struct tty_struct *ptmx;
	struct pid *old_pgrp;
};

/*
 * Before a ptmx goes the session is taken from its pts, under this lock; who has a pts
 * and is not of its session has nothing that holds the ptmx.
 */
static struct tty_struct *get_ptmx(struct tty_struct *pts, const struct pid *session)
{
	guard(spinlock)(&pts->ctrl.lock);
	return session && pts->ctrl.session == session ? tty_kref_get(ckpt_tty_ptmx(pts)) : NULL;
}

static bool can_be_saved(const struct tty_struct *tty)
{
	return ckpt_tty_is_pty(tty) || ckpt_tty_is_line(tty);
}

/* A zombie may have been waited for: it has nothing. */
static struct terminal get_terminal(struct ckpt_collect *c, struct signal_struct *sig)
{
	struct terminal t = {};
	struct task_struct *leader;
	unsigned long flags;

	guard(rcu)();
	leader = pid_task(sig->pids[PIDTYPE_SID], PIDTYPE_TGID);
	if (leader && !ckpt_taskset_has(c->tasks, leader))
		return t;
	leader = pid_task(sig->pids[PIDTYPE_TGID], PIDTYPE_TGID);
	if (!leader || !ksym(__lock_task_sighand)(leader, &flags))
		return t;
	t.tty = tty_kref_get(sig->tty);
	if (t.tty && can_be_saved(t.tty))
		t.ptmx = get_ptmx(t.tty, sig->pids[PIDTYPE_SID]);
	t.old_pgrp = get_pid(sig->tty_old_pgrp);
	unlock_task_sighand(leader, &flags);
	return t;
}

static void put_terminal(struct terminal *t)
{
	tty_kref_put(t->tty);
	tty_kref_put(t->ptmx);
	put_pid(t->old_pgrp);
}

static bool has_members(struct pid *pgrp)
{
	guard(rcu)();
	return pid_task(pgrp, PIDTYPE_PGID);
}

static bool leads_inside(struct ckpt_collect *c, struct pid *pid)
{
	struct task_struct *t;

	guard(rcu)();
	t = pid_task(pid, PIDTYPE_TGID);
	return t && ckpt_taskset_has(c->tasks, t);
}

int ckpt_terminal_collect(struct ckpt_collect *c, struct ckpt_object *process)
{
	struct terminal t = get_terminal(c, process->ptr);
	int err = 0;

	if (t.ptmx)
		err = PTR_ERR_OR_ZERO(ckpt_collect_ref(c, CKPT_TYPE_PTY, t.ptmx));
	else if (t.tty)
		ckpt_refuse(c, "task %llu: a controlling terminal (%s) that is %s cannot be saved",
			    process->id, tty_name(t.tty),
			    can_be_saved(t.tty) ? "of another session" : "a pty of the BSD kind");
	if (!err && t.old_pgrp)
		err = ckpt_group_collect(c, t.old_pgrp, PIDTYPE_PGID);
	if (t.old_pgrp && has_members(t.old_pgrp) && !ckpt_group_nr(c, t.old_pgrp, PIDTYPE_PGID))
		ckpt_refuse(c, "task %llu: the foreground process group of a terminal that it has lost, which is led from outside of the container, cannot be saved",
			    process->id);
	put_terminal(&t);
	return err;
}

/* A group without members is never hung up. */
int ckpt_terminal_save(struct ckpt_collect *c, struct ckpt_object *process,
		       struct ckpt_writer *w)
{
	struct terminal t = get_terminal(c, process->ptr);
	u32 old = ckpt_group_nr(c, t.old_pgrp, PIDTYPE_PGID);
	u64 pty = ckpt_id(c, CKPT_TYPE_PTY, t.ptmx);
	struct ckpt_terminal *rec;

	put_terminal(&t);
	if (!pty && !old)
		return 0;
	rec = ckpt_add(w, CKPT_REC_TERMINAL, 0);
	if (!rec)
		return w->error;
	rec->pty = cpu_to_le64(pty);
	if (!pty)
		rec->old_pgrp = cpu_to_le32(old);
	return 0;
}

static struct pid *get_session(struct tty_struct *tty)
{
	guard(spinlock_irq)(&tty->ctrl.lock);
	return get_pid(tty->ctrl.session);
}

bool ckpt_terminal_led(struct ckpt_collect *c, struct tty_struct *tty)
{
	struct pid *session = get_session(tty);
	bool led = session && leads_inside(c, session);

	put_pid(session);
	return led;
}

bool ckpt_terminal_inside(struct ckpt_collect *c, struct tty_struct *pts)
{
	struct pid *session = get_session(pts);
	struct task_struct *t;
	bool inside;

	if (!session)
		return true;
	inside = leads_inside(c, session);
	rcu_read_lock();
	do_each_pid_task(session, PIDTYPE_SID, t) {
		if (READ_ONCE(t->signal->tty) == pts && !ckpt_taskset_has(c->tasks, t))
			inside = false;
	} while_each_pid_task(session, PIDTYPE_SID, t);
	rcu_read_unlock();
	put_pid(session);
	return inside;
}

/* ---- had again ------------------------------------------------------------------ */

void ckpt_terminal_set(struct tty_struct *tty)
{
	struct tty_struct *old;

	tty_kref_get(tty);
	scoped_guard(spinlock_irq, &current->sighand->siglock) {
		old = current->signal->tty;
		current->signal->tty = tty;
	}
	tty_kref_put(old);
}

/*
 * As fork(2): the writer's terminal is hung up with this lock held for reading, so that
 * he and the new process have it, or none of them.
 */
void ckpt_terminal_inherit(struct task_struct *t)
{
	guard(write_lock_irq)(&ksym_data(tasklist_lock));
	if (!pid_alive(t))
		return;
	scoped_guard(spinlock, &current->sighand->siglock)
		t->signal->tty = tty_kref_get(current->signal->tty);
}

/*
 * The group exists when all tasks do, though its members have yet to join it. If its
 * leader has been killed the number may be a stranger's, who is not to be signalled:
 * the new ones are the nursery's children. One that had ended is an object.
 */
static struct pid *get_group(struct ckpt_restore *r, u32 nr)
{
	struct pid *pid = ckpt_restored(r, CKPT_TYPE_LEADER, nr);
	struct task_struct *t;

	if (pid)
		return IS_ERR(pid) ? pid : get_pid(pid);
	pid = find_get_pid(nr);
	scoped_guard(rcu) {
		t = pid_task(pid, PIDTYPE_TGID);
		if (t && rcu_access_pointer(t->real_parent) == ckpt_nursery)
			return pid;
	}
	put_pid(pid);
	return ERR_PTR(-ESRCH);
}

static struct pid *foreground(struct ckpt_restore *r, const struct ckpt_pty *pty)
{
	struct pid *pid;

	if (pty->pgrp)
		return get_group(r, le32_to_cpu(pty->pgrp));
	pid = ckpt_restored(r, CKPT_TYPE_ENDEDPID, le64_to_cpu(pty->ended));
	return IS_ERR(pid) ? pid : get_pid(pid);
}

/* Of its own session, and not of the writer's. */
static bool leads_session(void)
{
	return current->signal->leader && task_session(current) == task_tgid(current);
}

/* As TIOCSCTTY and TIOCSPGRP, on a terminal that has no session yet. */
static int lead_session(struct ckpt_restore *r, struct tty_struct *pts,
			const struct ckpt_pty *pty)
{
	struct pid *pgrp;
	bool taken;

	if (!leads_session())
		return -EPERM;
	pgrp = foreground(r, pty);
	if (IS_ERR(pgrp))
		return PTR_ERR(pgrp);
	scoped_guard(spinlock_irq, &pts->ctrl.lock) {
		taken = pts->ctrl.session;
		if (!taken) {
			pts->ctrl.session = get_pid(task_session(current));
			swap(pts->ctrl.pgrp, pgrp);
		}
	}
	put_pid(pgrp);
	return taken ? -EBUSY : 0;
}

static int lose_terminal(struct ckpt_restore *r, u32 pgrp)
{
	struct pid *pid;

	if (!leads_session())
		return -EPERM;
	pid = get_group(r, pgrp);
	if (IS_ERR(pid))
		return PTR_ERR(pid);
	scoped_guard(spinlock_irq, &current->sighand->siglock)
		swap(current->signal->tty_old_pgrp, pid);
	put_pid(pid);
	return 0;
}

static int have_terminal(struct ckpt_restore *r, struct ckpt_item *process, u64 id)
{
	struct ckpt_item *item = ckpt_item(ckpt_restore_img(r), CKPT_TYPE_PTY, id);
	const struct ckpt_pty *pty = ckpt_item_body(item, CKPT_REC_PTY);
	struct tty_struct *pts = ckpt_restored(r, CKPT_TYPE_PTY, id);
	int err = 0;

	if (IS_ERR(pts))
		return PTR_ERR(pts);
	if (le32_to_cpu(pty->session) == process->id)
		err = lead_session(r, pts, pty);
	if (!err)
		ckpt_terminal_set(pts);
	return err;
}

int ckpt_terminal_restore(struct ckpt_restore *r, struct ckpt_item *process)
{
	const struct ckpt_terminal *rec = ckpt_item_body(process, CKPT_REC_TERMINAL);
	int err;

	if (!rec)
		return 0;
	err = rec->pty ? have_terminal(r, process, le64_to_cpu(rec->pty)) :
			 lose_terminal(r, le32_to_cpu(rec->old_pgrp));
	if (err)
		ckpt_restore_err(r, process, "it cannot have its terminal: %pe",
				 ERR_PTR(err));
	return err;
}
