// SPDX-License-Identifier: GPL-2.0-only
/*
 * Locks of a file: flock(2), F_SETLK and F_OFD_SETLK; leases (lease.c).
 *
 * An object stands for an inode on which there are locks; of these it keeps the
 * ones whose owner is of the container. That is an open file, or for F_SETLK a
 * table of descriptors. They are had again when all tables are there, in the
 * way of any who has them by then. Who waits for one asks again.
 *
 * file_lock_context.flc_lock protects the lists.
 */
#include "../object.h"

static int check_lock(const struct ckpt_check *chk, const struct ckpt_lock *lock)
{
	bool posix = le32_to_cpu(lock->kind) == CKPT_LOCK_POSIX;

	if (!lock->file || posix != !!lock->fdtable)
		return ckpt_bad(chk, "a lock without an owner");
	if (le64_to_cpu(lock->start) > le64_to_cpu(lock->end))
		return ckpt_bad(chk, "a lock that ends before it begins");
	return ckpt_check_not_external(chk, le64_to_cpu(lock->file));
}

static int check_leases(const struct ckpt_check *chk, const void *bytes, size_t size)
{
	const struct ckpt_lease *lease;
	struct ckpt_view view;
	int err;
	u32 i;

	if (!ckpt_find(bytes, size, CKPT_REC_LEASES, &view))
		return 0;
	err = ckpt_check_once(chk, bytes, size, CKPT_REC_LEASES, &view);
	lease = view.elems;
	for (i = 0; !err && i < view.count; i++, lease++)
		err = lease->file ? ckpt_check_not_external(chk, le64_to_cpu(lease->file)) :
			ckpt_bad(chk, "a lease of no file");
	return err;
}

static int locks_check(const struct ckpt_check *chk, u64 id,
		       const void *bytes, size_t size)
{
	const struct ckpt_lock *lock;
	struct ckpt_view view;
	int ret = 0;
	u32 i;

	/* There, once and in front: ckpt_check_file() has seen to that. */
	if (!ckpt_find(bytes, size, CKPT_REC_LOCKS, &view))
		return ckpt_bad(chk, "locks");
	lock = view.elems;
	for (i = 0; !ret && i < view.count; i++)
		ret = check_lock(chk, lock + i);
	return ret ?: check_leases(chk, bytes, size);
}

#ifdef __KERNEL__

#include <linux/filelock.h>
#include <linux/fs.h>
#include <linux/security.h>

#include "../checkpointfs.h"
#include "../compat/ksyms.h"
#include "../lease.h"

/* ---- saved ------------------------------------------------------------------ */

static u32 kind_of(const struct file_lock *fl)
{
	if (fl->c.flc_flags & FL_FLOCK)
		return CKPT_LOCK_FLOCK;
	return fl->c.flc_flags & FL_OFDLCK ? CKPT_LOCK_OFD : CKPT_LOCK_POSIX;
}

static bool is_ours(struct ckpt_collect *c, const struct file_lock *fl)
{
	if (kind_of(fl) == CKPT_LOCK_POSIX)
		return ckpt_id(c, CKPT_TYPE_FDTABLE, fl->c.flc_owner);
	return ckpt_file_id(c, fl->c.flc_file);
}

static u32 count(struct ckpt_collect *c, const struct list_head *list)
{
	const struct file_lock *fl;
	u32 nr = 0;

	list_for_each_entry(fl, list, c.flc_list)
		nr += is_ours(c, fl);
	return nr;
}

static void save_lock(struct ckpt_collect *c, const struct file_lock *fl,
		      struct ckpt_lock *rec)
{
	u32 kind = kind_of(fl);

	rec->start = cpu_to_le64(fl->fl_start);
	rec->end = cpu_to_le64(fl->fl_end);
	rec->file = cpu_to_le64(ckpt_file_id(c, fl->c.flc_file));
	rec->kind = cpu_to_le32(kind);
	rec->type = cpu_to_le32(fl->c.flc_type == F_WRLCK ? CKPT_LOCK_WRITE :
							    CKPT_LOCK_READ);
	if (kind == CKPT_LOCK_POSIX)
		rec->fdtable = cpu_to_le64(ckpt_id(c, CKPT_TYPE_FDTABLE, fl->c.flc_owner));
	if (kind != CKPT_LOCK_OFD)
		rec->pid = cpu_to_le32(ckpt_lock_pid(c, &fl->c));
}

static struct ckpt_lock *save_list(struct ckpt_collect *c, const struct list_head *list,
				   struct ckpt_lock *rec)
{
	const struct file_lock *fl;

	list_for_each_entry(fl, list, c.flc_list)
		if (is_ours(c, fl))
			save_lock(c, fl, rec++);
	return rec;
}

/*
 * Those of the container change while the lock is given up only if somebody has got hold of
 * an open file of it.
 */
static int save_locks(struct ckpt_collect *c, struct ckpt_object *obj,
		      struct ckpt_writer *w)
{
	struct file_lock_context *ctx = locks_inode_context(obj->ptr);
	struct ckpt_locks *locks;
	u32 nr;

	scoped_guard(spinlock, &ctx->flc_lock)
		nr = count(c, &ctx->flc_flock) + count(c, &ctx->flc_posix);
	locks = ckpt_add(w, CKPT_REC_LOCKS, nr);
	if (!locks)
		return w->error;
	guard(spinlock)(&ctx->flc_lock);
	if (count(c, &ctx->flc_flock) + count(c, &ctx->flc_posix) != nr)
		return -EAGAIN;
	save_list(c, &ctx->flc_posix, save_list(c, &ctx->flc_flock, ckpt_elems(locks)));
	return 0;
}

static int locks_save(struct ckpt_collect *c, struct ckpt_object *obj,
		      struct ckpt_writer *w)
{
	return save_locks(c, obj, w) ?: ckpt_leases_save(obj, w);
}

/* ---- had again --------------------------------------------------------------- */

static void *owner_of(struct ckpt_restore *r, const struct ckpt_lock *rec, struct file *file)
{
	const struct ckpt_item *table;

	if (!rec->fdtable)
		return file;
	table = ckpt_item(ckpt_restore_img(r), CKPT_TYPE_FDTABLE, le64_to_cpu(rec->fdtable));
	/* NULL: no task of the image has it. */
	return table->priv;
}

static void fill(struct file_lock *fl, const struct ckpt_lock *rec, struct file *file)
{
	static const unsigned int flags[] = {
		[CKPT_LOCK_FLOCK] = FL_FLOCK,
		[CKPT_LOCK_POSIX] = FL_POSIX,
		[CKPT_LOCK_OFD] = FL_POSIX | FL_OFDLCK,
	};
	u32 kind = le32_to_cpu(rec->kind);

	fl->c.flc_file = file;
	fl->c.flc_flags = flags[kind];
	fl->c.flc_type = le32_to_cpu(rec->type) == CKPT_LOCK_WRITE ? F_WRLCK : F_RDLCK;
	fl->c.flc_pid = kind == CKPT_LOCK_OFD ? -1 : ckpt_lock_kernel_pid(le32_to_cpu(rec->pid));
	fl->fl_start = le64_to_cpu(rec->start);
	fl->fl_end = le64_to_cpu(rec->end);
}

/* The kernel checks this before it makes the lock. */
static int may_lock(struct file *file, const struct file_lock *fl)
{
	fmode_t need = fl->c.flc_type == F_WRLCK ? FMODE_WRITE : FMODE_READ;

	if (fl->c.flc_flags & FL_FLOCK)
		need = FMODE_READ | FMODE_WRITE;
	if (!(file->f_mode & need) || file->f_mode & FMODE_PATH)
		return -EBADF;
#ifdef CONFIG_SECURITY
	return ksym(security_file_lock)(file, fl->c.flc_type);
#else
	return 0;
#endif
}

static int take(struct file *file, struct file_lock *fl)
{
	int err = may_lock(file, fl);

	if (err)
		return err;
	if (!(fl->c.flc_flags & FL_FLOCK))
		return vfs_lock_file(file, F_SETLK, fl, NULL);
	if (file->f_op->flock)
		return file->f_op->flock(file, F_SETLK, fl);
	return locks_lock_file_wait(file, fl);
}

static int restore_lock(struct ckpt_restore *r, struct ckpt_item *item,
			const struct ckpt_lock *rec)
{
	struct file *file = ckpt_restored_file(r, le64_to_cpu(rec->file));
	struct file_lock *fl;
	int err = -ENOMEM;

	if (IS_ERR(file))
		return PTR_ERR(file);
	fl = locks_alloc_lock();
	if (fl) {
		fill(fl, rec, file);
		fl->c.flc_owner = owner_of(r, rec, file);
		err = fl->c.flc_owner ? take(file, fl) : -EUCLEAN;
		locks_free_lock(fl);
	}
	if (err)
		ckpt_restore_err(r, item, "%pD4 cannot be locked: %pe", file, ERR_PTR(err));
	return err;
}

static int locks_bind(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_lock *rec;
	struct ckpt_view view;
	int err = 0;
	u32 i;

	ckpt_find(item->bytes, item->size, CKPT_REC_LOCKS, &view);
	rec = view.elems;
	for (i = 0; !err && i < view.count; i++) {
		err = restore_lock(r, item, rec + i);
		cond_resched();
	}
	return err ?: ckpt_leases_restore(r, item);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_locks_ops = {
	.type = CKPT_TYPE_LOCKS,
	.name = "file locks",
	.dir = "locks",
	.flags = CKPT_ROW_LAST,
	.records = { CKPT_REC_LOCKS, CKPT_REC_LEASES },
	.max_size = 88 * (1 << 20) + 4096,
	.check = locks_check,
	CKPT_KERNEL(.verify = ckpt_leases_verify, .save = locks_save,
		    .release = ckpt_leases_release, .bind = locks_bind)
};
