// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process group or session that outlives its leader: leaders/NUMBER.
 *
 * What is left of the process that had made it: a struct pid without a task, which
 * has its number for as long as there are members (groups.c). The new one is made as
 * clone() makes one for a task whose number is chosen, with the same rights. It belongs
 * to the members from the first of them on; if the restore fails before that, it is given up.
 */
#include "../object.h"

static int leader_check(const struct ckpt_check *chk, u64 id,
			const void *bytes, size_t size)
{
	const struct ckpt_leader *rec;
	const __le32 *session;
	struct ckpt_view view;

	ckpt_find(bytes, size, CKPT_REC_LEADER, &view);
	rec = view.body;
	if (le32_to_cpu(rec->pid) != id)
		return ckpt_bad(chk, "the number is not that of the name");
	if (chk->exists(chk->priv, CKPT_TYPE_TASK, id))
		return ckpt_bad(chk, "a leader that is gone, and there");
	session = ckpt_check_session(chk, le32_to_cpu(rec->sid));
	if (rec->sid && (!session || *session != rec->sid))
		return ckpt_bad(chk, "the session has no leader");
	return 0;
}

#ifdef __KERNEL__

#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>

#include "../checkpointfs.h"
#include "../compat/ksyms.h"
#include "../groups.h"

static void leader_get(void *ptr)
{
	get_pid(ptr);
}

static void leader_put(void *ptr)
{
	put_pid(ptr);
}

/* That of its members, which are frozen. */
static u32 session_of(struct ckpt_collect *c, struct pid *pid)
{
	struct task_struct *t;

	guard(rcu)();
	t = pid_task(pid, PIDTYPE_PGID) ?: pid_task(pid, PIDTYPE_SID);
	return t ? ckpt_process_group(c, t->signal, PIDTYPE_SID) : 0;
}

static int leader_save(struct ckpt_collect *c, struct ckpt_object *obj,
		       struct ckpt_writer *w)
{
	struct ckpt_leader *rec = ckpt_add(w, CKPT_REC_LEADER, 0);

	if (!rec)
		return w->error;
	rec->pid = cpu_to_le32(obj->id);
	rec->sid = cpu_to_le32(session_of(c, obj->ptr));
	return 0;
}

static void *leader_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	pid_t nr = item->id;
	struct pid *pid = ksym(alloc_pid)(task_active_pid_ns(current), &nr, 1);

	if (IS_ERR(pid) && PTR_ERR(pid) == -EEXIST)
		ckpt_restore_err(r, item, "pid %d is in use", nr);
	else if (IS_ERR(pid))
		ckpt_restore_err(r, item, "pid %d cannot be had: %pe", nr, pid);
	return IS_ERR(pid) ? pid : get_pid(pid);
}

/* Nobody has joined. */
static void leader_end(struct ckpt_item *item, bool failed)
{
	if (item->made && !item->priv)
		ksym(free_pid)(item->made);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_leader_ops = {
	.type = CKPT_TYPE_LEADER,
	.name = "ended leader",
	.dir = "leaders",
	.records = { CKPT_REC_LEADER },
	.max_size = 4096,
	.check = leader_check,
	CKPT_KERNEL(.get = leader_get, .put = leader_put,
		    .save = leader_save, .restore = leader_restore,
		    .end = leader_end, .drop = leader_put)
};
