// SPDX-License-Identifier: GPL-2.0-only
/*
 * pidfd_open(2): a descriptor for a process or thread of the container.
 *
 * Made again when all tasks exist. One of a task that has ended and been waited
 * for refers to a pid of which nothing is left but itself (endedpid.c). One of
 * a task outside is refused: to a restored program it would be a stranger.
 */
#include "../object.h"

static int pidfd_check(const struct ckpt_check *chk, u64 id,
		       const void *bytes, size_t size)
{
	const struct ckpt_pidfd *rec;
	struct ckpt_view view;
	u32 type = CKPT_TYPE_PROCESS;
	int ret;

	ret = ckpt_check_unnamed(chk, bytes, size, CKPT_O_RDWR);
	if (!ret)
		ret = ckpt_check_once(chk, bytes, size, CKPT_REC_PIDFD, &view);
	if (ret)
		return ret;
	rec = view.body;
	if (le32_to_cpu(rec->flags) & CKPT_PIDFD_THREAD)
		type = CKPT_TYPE_TASK;
	if (rec->ended ? !!rec->pid : !chk->exists(chk->priv, type, le32_to_cpu(rec->pid)))
		return ckpt_bad(chk, "of a task that is not there");
	return 0;
}

#ifdef __KERNEL__

#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/pid.h>
#include <linux/pidfs.h>
#include <uapi/linux/pidfd.h>
#include <asm/unistd.h>

#include "../checkpointfs.h"
#include "../compat/ksyms.h"

static bool pidfd_match(struct file *file)
{
	return file->f_op == ksym_addr(pidfs_file_operations);
}

static bool is_thread(const struct file *file)
{
	return file->f_flags & PIDFD_THREAD;
}

/* A pid whose task has ended is without any; a zombie has its own still. */
static struct task_struct *task_of(const struct file *file)
{
	guard(rcu)();
	return pid_task(file_inode(file)->i_private,
			is_thread(file) ? PIDTYPE_PID : PIDTYPE_TGID);
}

static int pidfd_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct file *file = obj->ptr;
	struct task_struct *t = task_of(file);
	char who[CKPT_WHO_MAX];
	struct ckpt_object *ended;

	if (!t) {
		ended = ckpt_collect_ref(c, CKPT_TYPE_ENDEDPID, file_inode(file)->i_private);
		if (IS_ERR(ended))
			return PTR_ERR(ended);
	} else if (!ckpt_lookup(c, CKPT_TYPE_TASK, t)) {
		ckpt_refuse(c, "%s: a pidfd of a task outside of the container cannot be saved",
			    ckpt_who(c, file, who, sizeof(who)));
	}
	return ckpt_file_collect(c, obj);
}

static int pidfd_save(struct ckpt_collect *c, struct ckpt_object *obj,
		      struct ckpt_writer *w)
{
	const struct file *file = obj->ptr;
	struct pid *pid = file_inode(file)->i_private;
	struct ckpt_pidfd *rec;
	int err;

	err = ckpt_file_save(c, obj, w);
	if (err)
		return err;
	rec = ckpt_add(w, CKPT_REC_PIDFD, 0);
	if (!rec)
		return w->error;
	if (is_thread(file))
		rec->flags = cpu_to_le32(CKPT_PIDFD_THREAD);
	rec->ended = cpu_to_le64(ckpt_id(c, CKPT_TYPE_ENDEDPID, pid));
	if (!rec->ended)
		rec->pid = cpu_to_le32(ckpt_pid_nr(c, pid));
	return 0;
}

static void *open_ended(struct ckpt_restore *r, struct ckpt_item *item,
			const struct ckpt_pidfd *rec)
{
	u32 thread = le32_to_cpu(rec->flags) & CKPT_PIDFD_THREAD ? PIDFD_THREAD : 0;
	struct pid *pid = ckpt_restored(r, CKPT_TYPE_ENDEDPID, le64_to_cpu(rec->ended));
	struct file *file;

	if (IS_ERR(pid))
		return pid;
	file = ksym(pidfs_alloc_file)(pid, O_RDWR);
	if (!IS_ERR(file))
		file->f_flags |= thread;
	return ckpt_file_made(r, item, file);
}

static void *pidfd_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_pidfd *rec = ckpt_item_body(item, CKPT_REC_PIDFD);
	u32 thread = le32_to_cpu(rec->flags) & CKPT_PIDFD_THREAD ? PIDFD_THREAD : 0;

	if (rec->ended)
		return open_ended(r, item, rec);
	return ckpt_file_from_fd(r, item, ckpt_syscall(__NR_pidfd_open, le32_to_cpu(rec->pid),
						       thread, 0, 0, 0, 0));
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_pidfd_ops = {
	.type = CKPT_TYPE_PIDFD,
	.name = "pidfd",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE,
	.records = { CKPT_REC_FILE, CKPT_REC_PIDFD },
	.max_size = 4096,
	.check = pidfd_check,
	CKPT_KERNEL(.match = pidfd_match, .own_flags = PIDFD_THREAD,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = pidfd_collect, .save = pidfd_save,
		    .restore = pidfd_restore, .drop = ckpt_file_put)
};
