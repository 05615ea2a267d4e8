// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is left of a task that has ended and been waited for: a struct pid
 * without a task, which pidfds (pidfd.c) and sockets (unixsock.c) keep. All that
 * a program can tell is which of them are of the same one, and by a socket the
 * number that it had, which may be another's by now. One whose process group lives
 * on is that leader (leader.c): by a pidfd the group can be signalled.
 */
#include "../object.h"

static int endedpid_check(const struct ckpt_check *chk, u64 id,
			  const void *bytes, size_t size)
{
	const struct ckpt_endedpid *rec;
	struct ckpt_view view;

	ckpt_find(bytes, size, CKPT_REC_ENDEDPID, &view);
	rec = view.body;
	if (le32_to_cpu(rec->flags) & CKPT_ENDEDPID_LEADER &&
	    !chk->exists(chk->priv, CKPT_TYPE_LEADER, le32_to_cpu(rec->pid)))
		return ckpt_bad(chk, "the leader of no group");
	return 0;
}

#ifdef __KERNEL__

#include <linux/pid.h>
#include <linux/pid_namespace.h>

#include "../checkpointfs.h"
#include "../compat/ksyms.h"

static void endedpid_get(void *ptr)
{
	get_pid(ptr);
}

static void endedpid_put(void *ptr)
{
	put_pid(ptr);
}

static int endedpid_save(struct ckpt_collect *c, struct ckpt_object *obj,
			 struct ckpt_writer *w)
{
	struct ckpt_endedpid *rec = ckpt_add(w, CKPT_REC_ENDEDPID, 0);

	if (!rec)
		return w->error;
	rec->pid = cpu_to_le32(ckpt_pid_nr(c, obj->ptr));
	if (ckpt_lookup(c, CKPT_TYPE_LEADER, obj->ptr))
		rec->flags = cpu_to_le32(CKPT_ENDEDPID_LEADER);
	return 0;
}

/*
 * It has a number for a moment, like that of a clone that fails; from then on
 * nobody finds it by any, and it may have that of the one that has ended.
 */
static struct pid *make_ended(struct ckpt_restore *r, struct ckpt_item *item,
			      const struct ckpt_endedpid *rec)
{
	struct pid *pid = ksym(alloc_pid)(task_active_pid_ns(current), NULL, 0);

	if (IS_ERR(pid)) {
		ckpt_restore_err(r, item, "no pid can be had: %pe", pid);
		return pid;
	}
	get_pid(pid);
	ksym(free_pid)(pid);
	if (rec->pid)
		pid->numbers[pid->level].nr = le32_to_cpu(rec->pid);
	return pid;
}

static void *endedpid_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_endedpid *rec = ckpt_item_body(item, CKPT_REC_ENDEDPID);
	struct pid *pid;

	if (!(le32_to_cpu(rec->flags) & CKPT_ENDEDPID_LEADER))
		return make_ended(r, item, rec);
	pid = ckpt_restored(r, CKPT_TYPE_LEADER, le32_to_cpu(rec->pid));
	return IS_ERR(pid) ? pid : get_pid(pid);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_endedpid_ops = {
	.type = CKPT_TYPE_ENDEDPID,
	.name = "ended task",
	.dir = "pids",
	.records = { CKPT_REC_ENDEDPID },
	.max_size = 4096,
	.check = endedpid_check,
	CKPT_KERNEL(.get = endedpid_get, .put = endedpid_put,
		    .save = endedpid_save,
		    .restore = endedpid_restore, .drop = endedpid_put)
};
