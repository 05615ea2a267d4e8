// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who gets the signals of an open file: F_SETOWN, F_SETSIG, O_ASYNC.
 *
 * Attributes of a struct file of any kind, saved with it (openfile.c). An
 * owner that has ended is none, as fcntl(2) says. Set again when all tasks
 * exist, with the user ids of the one who had set it, because they decide
 * whom he may signal; and when all files are what they were, since what fills a
 * queue would be news, and one may have asked for SIGKILL. fown_struct.lock
 * protects what is read here.
 */
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/pid.h>
#include <asm/unistd.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "dnotify.h"
#include "groups.h"

static const enum pid_type kernel_types[] = {
	[CKPT_OWNER_THREAD] = PIDTYPE_PID,
	[CKPT_OWNER_PROCESS] = PIDTYPE_TGID,
	[CKPT_OWNER_GROUP] = PIDTYPE_PGID,
};

/*
 * What a number of that type is looked up as. Who watches or leases a file that has no owner
 * becomes it by the number of the thread that asks; so can others by F_SETOWN. The kernel takes
 * that of any thread for its process, though it does not tell it (F_GETOWN).
 */
static enum pid_type found_as(enum pid_type type)
{
	return type == PIDTYPE_TGID ? PIDTYPE_PID : type;
}

/**
 * struct owner - of a file, as the kernel has it
 * @pid:	referenced; NULL: there is none, or it has ended
 * @type:	enum ckpt_owner_type
 * @uid:	of the one who has set it
 * @euid:	the same: effective
 * @signal:	0: SIGIO
 */
struct owner {
	struct pid *pid;
	u32 type;
	kuid_t uid;
	kuid_t euid;
	int signal;
};

static bool get_owner(const struct file *file, struct owner *owner)
{
	struct fown_struct *fown = file_f_owner(file);

	*owner = (struct owner){ .type = CKPT_OWNER_THREAD };
	if (!fown)
		return false;
	guard(read_lock_irq)(&fown->lock);
	guard(rcu)();
	owner->signal = fown->signum;
	if (!fown->pid || !pid_task(fown->pid, found_as(fown->pid_type)))
		return owner->signal;
	owner->pid = get_pid(fown->pid);
	while (kernel_types[owner->type] != fown->pid_type)
		owner->type++;
	owner->uid = fown->uid;
	owner->euid = fown->euid;
	return true;
}

static bool is_inside(struct ckpt_collect *c, const struct owner *owner)
{
	enum pid_type type = kernel_types[owner->type];
	struct task_struct *t;

	if (type == PIDTYPE_PGID)
		return ckpt_group_nr(c, owner->pid, type);
	guard(rcu)();
	t = pid_task(owner->pid, found_as(type));
	return t && ckpt_lookup(c, CKPT_TYPE_TASK, t);
}

/* Does a task of the container get the signals? */
static bool is_signalled(struct ckpt_collect *c, const struct owner *owner)
{
	enum pid_type type = found_as(kernel_types[owner->type]);
	struct task_struct *t;

	guard(rcu)();
	do_each_pid_task(owner->pid, type, t) {
		if (ckpt_taskset_has(c->tasks, t))
			return true;
	} while_each_pid_task(owner->pid, type, t);
	return false;
}

void ckpt_owner_refuse(struct ckpt_collect *c, struct file *file)
{
	char who[CKPT_WHO_MAX];
	struct owner owner;

	if (ckpt_dnotify_has(file))
		ckpt_refuse(c, "%s: signals on events (F_NOTIFY) of an external file cannot be saved",
			    ckpt_who(c, file, who, sizeof(who)));
	if (!get_owner(file, &owner) || !owner.pid)
		return;
	if (is_signalled(c, &owner))
		ckpt_refuse(c, "%s: an owner (F_SETOWN) of an external file cannot be saved",
			    ckpt_who(c, file, who, sizeof(who)));
	put_pid(owner.pid);
}

int ckpt_owner_collect(struct ckpt_collect *c, struct file *file)
{
	char who[CKPT_WHO_MAX];
	struct owner owner;
	int err = 0;

	if (!get_owner(file, &owner) || !owner.pid)
		return 0;
	if (owner.type == CKPT_OWNER_GROUP)
		err = ckpt_group_collect(c, owner.pid, PIDTYPE_PGID);
	if (!is_inside(c, &owner))
		ckpt_refuse(c, "%s: an owner (F_SETOWN) outside of the container cannot be saved",
			    ckpt_who(c, file, who, sizeof(who)));
	else if (!kuid_has_mapping(current_user_ns(), owner.uid) ||
		 !kuid_has_mapping(current_user_ns(), owner.euid))
		ckpt_refuse(c, "%s: an owner (F_SETOWN) set by an unknown user cannot be saved",
			    ckpt_who(c, file, who, sizeof(who)));
	put_pid(owner.pid);
	return err;
}

/* Number of the descriptor that its signals tell; -1: it sends none. */
static int async_fd(const struct ckpt_object *obj)
{
	const struct fasync_struct *fa;

	if (!obj->ops->async)
		return -1;
	guard(rcu)();
	for (fa = obj->ops->async(obj->ptr); fa; fa = READ_ONCE(fa->fa_next))
		if (fa->fa_file == obj->ptr)
			return fa->fa_fd;
	return -1;
}

static void save_pid(struct ckpt_collect *c, const struct owner *owner,
		     struct ckpt_owner *rec)
{
	if (!owner->pid)
		return;
	rec->pid = cpu_to_le32(ckpt_pid_nr(c, owner->pid));
	rec->type = cpu_to_le32(owner->type);
	rec->uid = cpu_to_le32(from_kuid(current_user_ns(), owner->uid));
	rec->euid = cpu_to_le32(from_kuid(current_user_ns(), owner->euid));
}

int ckpt_owner_save(struct ckpt_collect *c, struct ckpt_object *obj,
		    struct ckpt_writer *w)
{
	int fd = async_fd(obj), err = 0;
	struct ckpt_owner *rec;
	struct owner owner;

	if (!get_owner(obj->ptr, &owner) && fd < 0)
		return 0;
	rec = ckpt_add(w, CKPT_REC_OWNER, 0);
	if (rec) {
		save_pid(c, &owner, rec);
		rec->signal = cpu_to_le32(owner.signal);
		rec->flags = cpu_to_le32(fd < 0 ? 0 : CKPT_OWNER_ASYNC);
		rec->fd = cpu_to_le32(max(fd, 0));
	} else {
		err = w->error;
	}
	put_pid(owner.pid);
	return err;
}

/* ---- set again ----------------------------------------------------------------- */

static int set_pid(struct file *file, const struct ckpt_owner *rec)
{
	struct pid *pid = find_get_pid(le32_to_cpu(rec->pid));

	if (!pid)
		return -ESRCH;
	__f_setown(file, pid, kernel_types[le32_to_cpu(rec->type)], 1);
	put_pid(pid);
	return 0;
}

/* By who has these user ids, as far as the writer may be him. */
static int set_pid_as(struct file *file, const struct ckpt_owner *rec)
{
	uid_t uid = le32_to_cpu(rec->uid), euid = le32_to_cpu(rec->euid);
	const struct cred *writers;
	int err;

	if (uid_eq(current_uid(), make_kuid(current_user_ns(), uid)) &&
	    uid_eq(current_euid(), make_kuid(current_user_ns(), euid)))
		return set_pid(file, rec);
	writers = get_current_cred();
	err = ckpt_syscall(__NR_setresuid, uid, euid, -1, 0, 0, 0);
	if (!err)
		err = set_pid(file, rec);
	/* Consumes the reference, and undoes what the call has done. */
	commit_creds((struct cred *)writers);
	return err;
}

static int set_owner(struct file *file, const struct ckpt_owner *rec)
{
	int err = file_f_owner_allocate(file);

	if (err)
		return err;
	file_f_owner(file)->signum = le32_to_cpu(rec->signal);
	if (rec->pid)
		err = set_pid_as(file, rec);
	if (err || !(le32_to_cpu(rec->flags) & CKPT_OWNER_ASYNC))
		return err;
	if (!file->f_op->fasync)
		return -EINVAL;
	err = file->f_op->fasync(le32_to_cpu(rec->fd), file, 1);
	/* A terminal takes one if it has none. */
	if (!rec->pid)
		__f_setown(file, NULL, PIDTYPE_TGID, 1);
	return min(err, 0);
}

static int restore_owner(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_owner *rec = ckpt_item_body(item, CKPT_REC_OWNER);
	int err = rec ? set_owner(item->made, rec) : 0;

	if (err)
		ckpt_restore_err(r, item, "its signals cannot have that owner: %pe",
				 ERR_PTR(err));
	return err;
}

static int restore_row(struct ckpt_restore *r, const struct ckpt_object_ops *ops)
{
	struct ckpt_item *item;
	unsigned long id;

	xa_for_each(&ckpt_restore_img(r)->items[ops->type], id, item) {
		int err = restore_owner(r, item);

		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

int ckpt_owners_restore(struct ckpt_restore *r)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < ckpt_nr_types; i++)
		if (ckpt_types[i]->flags & CKPT_ROW_FILE)
			err = restore_row(r, ckpt_types[i]);
	return err;
}
