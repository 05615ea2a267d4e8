// SPDX-License-Identifier: GPL-2.0-only
/*
 * System V shared memory made again, by shmget(2), or found.
 *
 * Segments stay when the tasks are killed. One that is the same by id, key, makers,
 * size and time of change, attached by nobody, and last by nobody who lives, gets what the
 * image says, if the writer may change it; should the restore fail it gets its own back.
 * Any other with that id or key is in the way.
 *
 * Until the restore is over it counts as attached once more, by nobody: it would
 * else go when the first task detaches it that has it for a moment.
 *
 * Who looks at all segments looks at their files without kern_ipc_perm.lock: one is
 * exchanged with ipc_ids.rwsem held for writing, too.
 */
#include <linux/cred.h>
#include <linux/delay.h>
#include <linux/file.h>
#include <linux/ipc_namespace.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/shmem_fs.h>
#include <linux/slab.h>
#include <uapi/linux/shm.h>
#include <asm/unistd.h>

#include "compat/ksyms.h"
#include "compat/private.h"
#include "hugetlb.h"
#include "objects/shmem.h"
#include "restore.h"
#include "sysvipc.h"

/* Looks at segments, 1 ms each, until nobody has them attached any more. */
#define PATIENCE	300

struct ckpt_shmid_kernel *ckpt_segment_lock(const struct file *file)
{
	struct kern_ipc_perm *perm = ckpt_ipc_find(CKPT_IPC_SEGMENTS, file_inode(file)->i_ino);
	struct ckpt_shmid_kernel *shp;

	if (!perm)
		return NULL;
	shp = ckpt_segment_of(perm);
	if (shp->shm_file == file)
		return shp;
	ckpt_ipc_unlock(perm);
	return NULL;
}

/**
 * struct made - a segment until the restore is over
 * @r:		that
 * @found:	there was one, and what it was is in @old
 * @told:	why it cannot be made
 * @old:	its file is referenced, and its pids
 */
struct made {
	struct ckpt_restore *r;
	bool found;
	bool told;
	struct ckpt_shmid_kernel old;
};

static const struct ckpt_segment *record(const struct ckpt_item *item)
{
	return ckpt_item_body(item, CKPT_REC_SEGMENT);
}

static bool has_flag(const struct ckpt_item *item, u32 flag)
{
	return le32_to_cpu(record(item)->flags) & flag;
}

/* log2 of the size of its pages; 0: they are not huge. */
static unsigned int shift_of(const struct ckpt_item *item)
{
	const struct ckpt_hugetlb *huge = ckpt_item_body(item, CKPT_REC_HUGETLB);

	return huge ? le32_to_cpu(huge->shift) : 0;
}

/* As nobody but the writer, and root, may attach it yet. */
static long get_segment(const struct ckpt_item *item)
{
	const struct ckpt_ipc *ipc = ckpt_item_body(item, CKPT_REC_IPC);
	unsigned long flags = IPC_CREAT | IPC_EXCL | 0700;

	if (has_flag(item, CKPT_SEGMENT_NORESERVE))
		flags |= SHM_NORESERVE;
	if (shift_of(item))
		flags |= SHM_HUGETLB | (unsigned long)shift_of(item) << SHM_HUGE_SHIFT;
	return ckpt_syscall(__NR_shmget, le32_to_cpu(ipc->key),
			    le64_to_cpu(record(item)->size), flags, 0, 0, 0);
}

/* What the caller has just made. */
static bool is_own(const struct ckpt_shmid_kernel *shp)
{
	return shp->shm_creator == current && !list_empty_careful(&shp->shm_clist);
}

static struct file *make(const struct ckpt_item *item)
{
	const struct ckpt_ipc *ipc = ckpt_item_body(item, CKPT_REC_IPC);
	struct file *file = ERR_PTR(-EEXIST);
	struct ckpt_shmid_kernel *shp;
	struct kern_ipc_perm *perm;
	int err = ckpt_ipc_create(CKPT_IPC_SEGMENTS, item, get_segment);

	if (err)
		return ERR_PTR(err);
	perm = ckpt_ipc_find_own(CKPT_IPC_SEGMENTS, le32_to_cpu(ipc->id),
				 le32_to_cpu(ipc->key));
	if (!perm)
		return file;
	shp = ckpt_segment_of(perm);
	if (is_own(shp) && shp->shm_nattch) {
		/* Somebody has come upon it. */
		ckpt_ipc_remove(CKPT_IPC_SEGMENTS, perm);
		return file;
	}
	if (is_own(shp)) {
		file = get_file(shp->shm_file);
		shp->shm_nattch++;
	}
	ckpt_ipc_unlock(perm);
	return file;
}

/*
 * Was the last to have it one who lives, or does its maker? A kernel thread may put down
 * what a program has left.
 */
static bool was_used(const struct ckpt_shmid_kernel *shp)
{
	const struct task_struct *t = pid_task(shp->shm_lprid, PIDTYPE_TGID);

	return (t && !(t->flags & PF_KTHREAD)) || !list_empty_careful(&shp->shm_clist);
}

static bool is_same(struct ckpt_shmid_kernel *shp, const struct ckpt_item *item)
{
	return shp->shm_ctim == le64_to_cpu(record(item)->ctime) && !was_used(shp) &&
	       !(shp->shm_perm.mode & SHM_DEST) && !has_flag(item, CKPT_SEGMENT_REMOVED) &&
	       ckpt_huge_shift(shp->shm_file) == shift_of(item) &&
	       (shift_of(item) || shmem_file(shp->shm_file));
}

/*
 * It is locked, and what it was: it is the caller's from now on, and attached, so that it is
 * in the way of other restores.
 */
static int seize(struct ckpt_shmid_kernel *shp, struct made *m)
{
	struct ckpt_shmid_kernel old = *shp;
	int err = ckpt_ipc_seize(CKPT_IPC_SEGMENTS, &shp->shm_perm);

	if (err)
		return err;
	m->old = old;
	get_file(m->old.shm_file);
	get_pid(m->old.shm_cprid);
	get_pid(m->old.shm_lprid);
	shp->shm_nattch++;
	m->found = true;
	return 0;
}

/* Return: as find(), or -EAGAIN: it may be another matter when nobody has it attached. */
static int look(const struct ckpt_item *item, struct made *m)
{
	const struct ckpt_ipc *ipc = ckpt_item_body(item, CKPT_REC_IPC);
	struct kern_ipc_perm *perm = ckpt_ipc_find(CKPT_IPC_SEGMENTS, le32_to_cpu(ipc->id));
	struct ckpt_shmid_kernel *shp;
	int err = -EEXIST;

	if (!perm)
		return 0;
	shp = ckpt_segment_of(perm);
	if (ckpt_ipc_same(perm, ipc) && shp->shm_segsz == le64_to_cpu(record(item)->size)) {
		if (shp->shm_nattch)
			err = -EAGAIN;
		else if (is_same(shp, item))
			err = seize(shp, m);
	}
	ckpt_ipc_unlock(perm);
	return err;
}

/*
 * The tasks that had it have gone; but who reads from their /proc keeps an address space
 * until he has read, which nothing tells of.
 * Return: 0: if one is there it has been found, and @m has what it was; or -errno.
 */
static int find(const struct ckpt_item *item, struct made *m)
{
	int err = look(item, m);

	while (err == -EAGAIN && m->r->waited++ < PATIENCE) {
		if (fatal_signal_pending(current))
			return -EINTR;
		usleep_range(500, 1000);
		err = look(item, m);
	}
	return err == -EAGAIN ? -EEXIST : err;
}

/*
 * It is attached by nobody of ours any more. @remove: nor is it to stay; the kernel would
 * have removed what was to go with the last attachment.
 */
static void let_go(const struct file *file, bool remove)
{
	struct ckpt_shmid_kernel *shp = ckpt_segment_lock(file);

	if (!shp)
		return;
	shp->shm_nattch--;
	/* From now on it is nobody's to take over, either. */
	if (remove)
		shp->shm_perm.mode |= SHM_DEST;
	if (remove || (!shp->shm_nattch && shp->shm_perm.mode & SHM_DEST))
		ckpt_ipc_remove(CKPT_IPC_SEGMENTS, &shp->shm_perm);
	else
		ckpt_ipc_unlock(&shp->shm_perm);
}

static void put_old(struct made *m)
{
	fput(m->old.shm_file);
	put_pid(m->old.shm_cprid);
	put_pid(m->old.shm_lprid);
}

/*
 * But for its file, which is put back where it was taken away. @idle: nobody has attached it
 * since, whose trace would be lost.
 */
static void put_back(struct ckpt_shmid_kernel *shp, const struct ckpt_shmid_kernel *old,
		     bool idle)
{
	shp->shm_perm.uid = old->shm_perm.uid;
	shp->shm_perm.gid = old->shm_perm.gid;
	shp->shm_perm.cuid = old->shm_perm.cuid;
	shp->shm_perm.cgid = old->shm_perm.cgid;
	shp->shm_perm.mode = (old->shm_perm.mode & 0777) | (shp->shm_perm.mode & ~0777);
	shp->shm_ctim = old->shm_ctim;
	ckpt_ipc_set_pid(&shp->shm_cprid, old->shm_cprid);
	if (!idle)
		return;
	shp->shm_atim = old->shm_atim;
	shp->shm_dtim = old->shm_dtim;
	ckpt_ipc_set_pid(&shp->shm_lprid, old->shm_lprid);
}

/*
 * The segment's memory from now on. It is locked, and ipc_ids.rwsem held for writing. Whether
 * its pages are locked, and on whose account, belongs to the memory.
 */
static void set_memory(struct ckpt_shmid_kernel *shp, struct file *file, umode_t mode,
		       struct ucounts *ucounts)
{
	fput(shp->shm_file);
	shp->shm_file = get_file(file);
	shp->shm_perm.mode = (shp->shm_perm.mode & ~SHM_LOCKED) | (mode & SHM_LOCKED);
	shp->mlock_ucounts = ucounts;
}

/* Memory of its own instead of what it has, which may have been (un)locked meanwhile. */
static int exchange(struct ckpt_shmid_kernel *old, struct file *file)
{
	struct ckpt_shmid_kernel *shp;
	int err = -EEXIST;

	guard(rwsem_write)(ckpt_ipc_rwsem(CKPT_IPC_SEGMENTS));
	shp = ckpt_segment_lock(old->shm_file);
	if (!shp)
		return err;
	if (shp->shm_nattch == 1) {
		old->mlock_ucounts = shp->mlock_ucounts;
		old->shm_perm.mode &= ~SHM_LOCKED;
		old->shm_perm.mode |= shp->shm_perm.mode & SHM_LOCKED;
		file_inode(file)->i_ino = shp->shm_perm.id;
		set_memory(shp, file, 0, NULL);
		err = 0;
	}
	ckpt_ipc_unlock(&shp->shm_perm);
	return err;
}

/* It has been found, and nothing else has been done to it. */
static void return_found(const struct made *m)
{
	struct ckpt_shmid_kernel *shp = ckpt_segment_lock(m->old.shm_file);

	if (!shp)
		return;
	put_back(shp, &m->old, shp->shm_nattch == 1);
	ckpt_ipc_unlock(&shp->shm_perm);
	let_go(m->old.shm_file, false);
}

/* As shmget(2) does it. */
static struct file *make_memory(const struct ckpt_item *item, key_t key)
{
	bool noreserve = has_flag(item, CKPT_SEGMENT_NORESERVE);
	u64 size = le64_to_cpu(record(item)->size);
	char name[16];

	snprintf(name, sizeof(name), "SYSV%08x", key);
	if (shift_of(item))
		return ckpt_huge_segment(name, size, shift_of(item), !noreserve);
	if (ksym_data(sysctl_overcommit_memory) == OVERCOMMIT_NEVER)
		noreserve = false;
	return shmem_kernel_file_setup(name, size, noreserve ? VM_NORESERVE : 0);
}

static struct file *take_over(const struct ckpt_item *item, struct made *m)
{
	struct file *file = make_memory(item, m->old.shm_perm.key);
	int err = PTR_ERR_OR_ZERO(file);

	if (!err) {
		err = exchange(&m->old, file);
		if (err)
			fput(file);
	}
	if (!err)
		return file;
	return_found(m);
	return ERR_PTR(err);
}

static int fill(struct ckpt_restore *r, struct ckpt_item *item, struct file *file,
		struct made *m)
{
	struct ckpt_item *data = ckpt_item(ckpt_restore_img(r), CKPT_TYPE_SEGMENTDATA, item->id);
	struct ckpt_view runs;
	int err;

	/* Its check has found it there. */
	ckpt_find(item->bytes, item->size, CKPT_REC_SEGMENT, &runs);
	err = ckpt_mempolicy_restore_shared(r, item, file);
	m->told = err;
	if (!err)
		err = ckpt_shmem_fill(file, &runs, data->content, NULL);
	if (!err && has_flag(item, CKPT_SEGMENT_LOCKED))
		err = ckpt_syscall(__NR_shmctl, file_inode(file)->i_ino, SHM_LOCK, 0, 0, 0, 0);
	return err;
}

static void unlock_pages(struct file *file, umode_t mode, struct ucounts *ucounts)
{
	if (mode & SHM_LOCKED)
		ksym(shmem_lock)(file, 0, ucounts);
}

static bool is_attached(const struct file *file)
{
	struct ckpt_shmid_kernel *shp = ckpt_segment_lock(file);
	bool attached = shp && shp->shm_nattch > 1;

	if (shp)
		ckpt_ipc_unlock(&shp->shm_perm);
	return attached;
}

/* As find() waits; also if the writer has been killed, for that would lose what it had. */
static void wait_detached(struct ckpt_restore *r, const struct file *file)
{
	while (is_attached(file) && r->waited++ < PATIENCE)
		usleep_range(500, 1000);
}

/* Return: does it have its memory again? Not if somebody has attached it. */
static bool give_back(const struct made *m, struct file *file)
{
	struct ckpt_shmid_kernel *shp;
	bool idle;

	guard(rwsem_write)(ckpt_ipc_rwsem(CKPT_IPC_SEGMENTS));
	shp = ckpt_segment_lock(file);
	if (!shp)
		return false;
	idle = shp->shm_nattch == 1;
	put_back(shp, &m->old, idle);
	if (idle) {
		unlock_pages(file, shp->shm_perm.mode, shp->mlock_ucounts);
		set_memory(shp, m->old.shm_file, m->old.shm_perm.mode, m->old.mlock_ucounts);
	}
	ckpt_ipc_unlock(&shp->shm_perm);
	return idle;
}

/* What it had is nobody's any more. */
static void drop_old(const struct made *m)
{
	unlock_pages(m->old.shm_file, m->old.shm_perm.mode, m->old.mlock_ucounts);
}

static void undo(const struct made *m, struct file *file)
{
	if (!m->found) {
		let_go(file, true);
		return;
	}
	wait_detached(m->r, file);
	if (give_back(m, file)) {
		let_go(m->old.shm_file, false);
	} else {
		drop_old(m);
		let_go(file, false);
	}
}

static void settle(const struct ckpt_item *item, const struct made *m)
{
	struct ckpt_shmid_kernel *shp = ckpt_segment_lock(item->made);

	if (shp) {
		ckpt_ipc_set_owner(&shp->shm_perm, ckpt_item_body(item, CKPT_REC_IPC));
		ckpt_ipc_unlock(&shp->shm_perm);
	}
	if (m->found)
		drop_old(m);
	let_go(item->made, false);
}

void ckpt_segment_end(struct ckpt_item *item, bool failed)
{
	struct made *m = item->priv;

	if (!m)
		return;
	if (failed)
		undo(m, item->made);
	else
		settle(item, m);
	if (m->found)
		put_old(m);
	kfree(m);
	item->priv = NULL;
}

static struct file *have(struct ckpt_restore *r, struct ckpt_item *item, struct made *m)
{
	struct file *file;
	int err = ckpt_ipc_may_make(ckpt_item_body(item, CKPT_REC_IPC)) ?: find(item, m);

	if (err)
		return ERR_PTR(err);
	file = m->found ? take_over(item, m) : make(item);
	if (IS_ERR(file))
		return file;
	err = fill(r, item, file, m);
	if (!err)
		return file;
	undo(m, file);
	fput(file);
	return ERR_PTR(err);
}

/* What is meant, where it is of huge pages. */
static const char *meaning(const struct ckpt_item *item, const struct file *file)
{
	if (!shift_of(item))
		return "";
	if (file == ERR_PTR(-ENOMEM))
		return "the pool has too few huge pages: ";
	if (file == ERR_PTR(-ENODEV) || file == ERR_PTR(-EINVAL))
		return "no huge pages of that size here, or larger than kernel.shmmax: ";
	return "";
}

void *ckpt_segment_make(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_ipc *ipc = ckpt_item_body(item, CKPT_REC_IPC);
	struct made *m = kzalloc(sizeof(*m), GFP_KERNEL_ACCOUNT);
	struct file *file;

	if (!m)
		return ERR_PTR(-ENOMEM);
	m->r = r;
	file = have(r, item, m);
	if (!IS_ERR(file)) {
		item->priv = m;
		return file;
	}
	if (!m->told)
		ckpt_restore_err(r, item, "System V shared memory %u, key %#x, cannot be made: %s%pe",
				 le32_to_cpu(ipc->id), le32_to_cpu(ipc->key),
				 meaning(item, file), file);
	if (m->found)
		put_old(m);
	kfree(m);
	return file;
}

/* ---- when it has been attached by all who had it ------------------------------------ */

/* We have made it. One that exits has given up its list, or will look at it yet. */
static void give_to_creator(struct ckpt_shmid_kernel *shp, u32 tid)
{
	struct task_struct *t = tid ? pid_task(find_vpid(tid), PIDTYPE_PID) : NULL;

	if (!list_empty_careful(&shp->shm_clist) && shp->shm_creator == current) {
		task_lock(current);
		list_del_init(&shp->shm_clist);
		task_unlock(current);
	}
	if (!t || !list_empty_careful(&shp->shm_clist))
		return;
	task_lock(t);
	if (!(t->flags & PF_EXITING)) {
		shp->shm_creator = t;
		list_add(&shp->shm_clist, &t->sysvshm.shm_clist);
	}
	task_unlock(t);
}

static int assign(const struct ckpt_item *item, struct pid *maker, struct pid *last)
{
	struct ckpt_shmid_kernel *shp = ckpt_segment_lock(item->made);
	const struct ckpt_segment *rec = record(item);

	if (!shp)
		return -EIDRM;
	shp->shm_atim = le64_to_cpu(rec->atime);
	shp->shm_dtim = le64_to_cpu(rec->dtime);
	shp->shm_ctim = le64_to_cpu(rec->ctime);
	ckpt_ipc_set_pid(&shp->shm_cprid, maker);
	ckpt_ipc_set_pid(&shp->shm_lprid, last);
	give_to_creator(shp, le32_to_cpu(rec->task));
	ckpt_ipc_unlock(&shp->shm_perm);
	return 0;
}

static int finish(struct ckpt_restore *r, const struct ckpt_item *item)
{
	const struct ckpt_segment *rec = record(item);
	struct pid *maker = ckpt_ipc_pid(r, rec->maker, rec->maker_ended), *last;
	int err;

	if (IS_ERR(maker))
		return PTR_ERR(maker);
	last = ckpt_ipc_pid(r, rec->last, rec->last_ended);
	err = PTR_ERR_OR_ZERO(last);
	if (!err && has_flag(item, CKPT_SEGMENT_REMOVED))
		err = ckpt_syscall(__NR_shmctl, file_inode(item->made)->i_ino, IPC_RMID,
				   0, 0, 0, 0);
	if (!err)
		err = assign(item, maker, last);
	put_pid(maker);
	if (!IS_ERR(last))
		put_pid(last);
	return err;
}

int ckpt_segment_finish(struct ckpt_restore *r, struct ckpt_item *item)
{
	int err = finish(r, item);

	if (err)
		ckpt_restore_err(r, item, "cannot be finished: %pe", ERR_PTR(err));
	return err;
}
