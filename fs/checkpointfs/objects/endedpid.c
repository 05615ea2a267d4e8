// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is left of a task that has ended and been waited for: a struct pid
 * without a task, which pidfds (pidfd.c) and sockets (unixsock.c) keep. All that
 * a program can tell is which of them are of the same one, and by a socket the
 * number that it had, which may be another's by now.
 */
#include "../object.h"

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
	return 0;
}

/*
 * It has a number for a moment, like that of a clone that fails; from then on
 * nobody finds it by any, and it may have that of the one that has ended.
 */
static void *endedpid_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_endedpid *rec = ckpt_item_body(item, CKPT_REC_ENDEDPID);
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

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_endedpid_ops = {
	.type = CKPT_TYPE_ENDEDPID,
	.name = "ended task",
	.dir = "pids",
	.records = { CKPT_REC_ENDEDPID },
	.max_size = 4096,
	CKPT_KERNEL(.get = endedpid_get, .put = endedpid_put,
		    .save = endedpid_save,
		    .restore = endedpid_restore, .drop = endedpid_put)
};
