// SPDX-License-Identifier: GPL-2.0-only
/*
 * Leases: fcntl(2) F_SETLEASE.
 *
 * Who has a lease of a file is told by a signal when another wants to open it,
 * who waits until the lease is given up, or is taken away when its time is over.
 * Saved are the leases of open files of the container, with who has been asked
 * to give his up and the time that is left for it. Had again as by fcntl(), with
 * its checks: by the owner of the file or with CAP_LEASE, while nobody has the
 * file open in a way that it forbids. Who gets the signal is the open file's
 * owner (owner.c), which is there by then.
 *
 * Others may ask for a lease at any time, the tasks being frozen or not: what is
 * saved is looked at before the signals are, so that none is asked for of whom
 * nobody has been told. file_lock_context.flc_lock protects the list and what is
 * in it.
 */
#include <linux/filelock.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/pid_namespace.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "lease.h"

#define PENDING	(FL_UNLOCK_PENDING | FL_DOWNGRADE_PENDING)

/**
 * struct leases - of an inode, &ckpt_object.priv
 * @nr:		how many there are
 * @vec:	as they are written
 */
struct leases {
	u32 nr;
	struct ckpt_lease vec[] __counted_by(nr);
};

/* ---- of locks of any kind ------------------------------------------------------ */

u32 ckpt_lock_pid(struct ckpt_collect *c, const struct file_lock_core *flc)
{
	struct pid *pid;

	guard(rcu)();
	pid = find_pid_ns(flc->flc_pid, &init_pid_ns);
	return pid ? ckpt_pid_nr(c, pid) : 0;
}

pid_t ckpt_lock_kernel_pid(u32 nr)
{
	guard(rcu)();
	return pid_nr(find_vpid(nr));
}

/* ---- saved ------------------------------------------------------------------- */

static u32 count(struct ckpt_collect *c, struct file_lock_context *ctx, bool *foreign)
{
	const struct file_lease *fl;
	u32 nr = 0;

	guard(spinlock)(&ctx->flc_lock);
	list_for_each_entry(fl, &ctx->flc_lease, c.flc_list) {
		if (!ckpt_file_id(c, fl->c.flc_file))
			continue;
		nr++;
		*foreign |= (fl->c.flc_flags & ~PENDING) != FL_LEASE;
	}
	return nr;
}

/* What is over is over when somebody looks. */
static u64 left(unsigned long then)
{
	if (!then)
		return 0;
	return time_after(then, jiffies) ? jiffies64_to_nsecs(then - jiffies) : 1;
}

static void save_lease(struct ckpt_collect *c, const struct file_lease *fl,
		       struct ckpt_lease *rec)
{
	const struct fasync_struct *fa = fl->fl_fasync;
	u32 flags = 0;

	if (fl->c.flc_flags & FL_UNLOCK_PENDING)
		flags |= CKPT_LEASE_UNLOCK;
	if (fl->c.flc_flags & FL_DOWNGRADE_PENDING)
		flags |= CKPT_LEASE_DOWNGRADE;
	rec->file = cpu_to_le64(ckpt_file_id(c, fl->c.flc_file));
	rec->unlock_left = cpu_to_le64(left(fl->fl_break_time));
	rec->downgrade_left = cpu_to_le64(left(fl->fl_downgrade_time));
	rec->type = cpu_to_le32(fl->c.flc_type == F_WRLCK ? CKPT_LOCK_WRITE :
							    CKPT_LOCK_READ);
	rec->flags = cpu_to_le32(flags);
	rec->pid = cpu_to_le32(ckpt_lock_pid(c, &fl->c));
	/* It changes under the lock, and goes with the lease. */
	rec->fd = cpu_to_le32(fa ? fa->fa_fd : 0);
}

/*
 * Some may be taken away since they were counted. One is new only by somebody who has got
 * hold of the file, and is had as if it were after the freeze.
 */
static void save_leases(struct ckpt_collect *c, struct file_lock_context *ctx,
			struct leases *leases)
{
	const struct file_lease *fl;
	u32 nr = 0;

	guard(spinlock)(&ctx->flc_lock);
	list_for_each_entry(fl, &ctx->flc_lease, c.flc_list)
		if (nr < leases->nr && ckpt_file_id(c, fl->c.flc_file))
			save_lease(c, fl, &leases->vec[nr++]);
	leases->nr = nr;
}

int ckpt_leases_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct file_lock_context *ctx = locks_inode_context(obj->ptr);
	struct leases *leases;
	char who[CKPT_WHO_MAX];
	bool foreign = false;
	u32 nr = count(c, ctx, &foreign);

	if (foreign)
		ckpt_refuse(c, "%s: a delegation cannot be saved",
			    ckpt_who(c, obj->ptr, who, sizeof(who)));
	if (!nr)
		return 0;
	leases = kvzalloc(struct_size(leases, vec, nr), GFP_KERNEL_ACCOUNT);
	if (!leases)
		return -ENOMEM;
	leases->nr = nr;
	save_leases(c, ctx, leases);
	obj->priv = leases;
	return 0;
}

int ckpt_leases_save(struct ckpt_object *obj, struct ckpt_writer *w)
{
	const struct leases *leases = obj->priv;
	void *rec;

	if (!leases || !leases->nr)
		return 0;
	rec = ckpt_add(w, CKPT_REC_LEASES, leases->nr);
	if (!rec)
		return w->error;
	memcpy(ckpt_elems(rec), leases->vec, leases->nr * sizeof(leases->vec[0]));
	return 0;
}

void ckpt_leases_release(struct ckpt_object *obj)
{
	kvfree(obj->priv);
}

/* ---- had again ----------------------------------------------------------------- */

/*
 * The call makes the task an owner that has none; the image's has none. Meanwhile it is
 * nobody's, who could be signalled: the number of the idle tasks is that of no task. What is
 * of an inode is one item's, so that nobody else does this by the file now.
 */
static int set_lease(struct file *file, const struct ckpt_lease *rec)
{
	int type = le32_to_cpu(rec->type) == CKPT_LOCK_WRITE ? F_WRLCK : F_RDLCK;
	int err = file_f_owner_allocate(file);
	bool owned;

	if (err)
		return err;
	owned = file_f_owner(file)->pid;
	if (!owned)
		__f_setown(file, task_pid(&init_task), PIDTYPE_TGID, 1);
	err = ksym(fcntl_setlease)(le32_to_cpu(rec->fd), file, type);
	if (!owned)
		__f_setown(file, NULL, PIDTYPE_TGID, 1);
	return err;
}

/*
 * In how many jiffies, from which it takes what is not given up; never later than
 * this machine would have it, who may wait for ever.
 */
static unsigned long time_of(u64 ns)
{
	int most = READ_ONCE(*(int *)ksym_addr(lease_break_time));
	u64 at = nsecs_to_jiffies64(ns);

	if (most > 0 && (!ns || at > (u64)most * HZ))
		at = (u64)most * HZ;
	else if (!ns)
		return 0;
	return jiffies + max(at, 1ULL) ?: 1;
}

/* Time is there without the asking: of what has been asked for and given. */
static void resume_lease(struct file_lease *fl, const struct ckpt_lease *rec)
{
	u32 flags = le32_to_cpu(rec->flags);

	fl->c.flc_pid = ckpt_lock_kernel_pid(le32_to_cpu(rec->pid));
	if (flags & CKPT_LEASE_UNLOCK)
		fl->c.flc_flags |= FL_UNLOCK_PENDING;
	if (flags & CKPT_LEASE_DOWNGRADE)
		fl->c.flc_flags |= FL_DOWNGRADE_PENDING;
	if (flags & CKPT_LEASE_UNLOCK || rec->unlock_left)
		fl->fl_break_time = time_of(le64_to_cpu(rec->unlock_left));
	if (flags & CKPT_LEASE_DOWNGRADE || rec->downgrade_left)
		fl->fl_downgrade_time = time_of(le64_to_cpu(rec->downgrade_left));
}

static int find_and_resume(struct file *file, const struct ckpt_lease *rec)
{
	struct file_lock_context *ctx = locks_inode_context(file_inode(file));
	struct file_lease *fl;

	guard(spinlock)(&ctx->flc_lock);
	list_for_each_entry(fl, &ctx->flc_lease, c.flc_list) {
		if (fl->c.flc_file != file)
			continue;
		resume_lease(fl, rec);
		return 0;
	}
	return -EAGAIN;
}

static int for_leases(struct ckpt_restore *r, struct ckpt_item *item,
		      const struct ckpt_view *view,
		      int (*have)(struct file *file, const struct ckpt_lease *rec))
{
	const struct ckpt_lease *rec = view->elems;
	int err = 0;
	u32 i;

	for (i = 0; !err && i < view->count; i++, rec++) {
		struct file *file = ckpt_restored_file(r, le64_to_cpu(rec->file));

		if (IS_ERR(file))
			return PTR_ERR(file);
		err = have(file, rec);
		if (err)
			ckpt_restore_err(r, item, "%pD4: the lease cannot be had: %pe",
					 file, ERR_PTR(err));
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err;
}

/* All of them before one is asked for: then no other can be had. */
int ckpt_leases_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	struct ckpt_view view;

	if (!ckpt_find(item->bytes, item->size, CKPT_REC_LEASES, &view))
		return 0;
	return for_leases(r, item, &view, set_lease) ?:
		for_leases(r, item, &view, find_and_resume);
}
