// SPDX-License-Identifier: GPL-2.0-only
/*
 * What System V segments, semaphores and queues have in common: ids, keys, owners.
 *
 * They belong to a namespace, not to a task, and stay when tasks go. Of the
 * container are those that the kernel knows to be used by a task of it, or made
 * by one. They are made again by the calls that made them, and have their ids by
 * what /proc/sys/kernel/shm_next_id sets, which is looked at before it is
 * believed: others may take an id in between.
 *
 * kern_ipc_perm.lock protects an object; ipc_ids.rwsem, held for reading, keeps all
 * of them from being removed. Anybody may remove one at any other time and make
 * another, which has the same id or, once its memory is free, the same address: with
 * a reference that is excluded, and kern_ipc_perm.deleted tells what has happened.
 *
 * References to semaphores and queues say besides whose they are for now: those that a
 * restore is at, or a frozen container has, are no other restore's. Segments are attached.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/delay.h>
#include <linux/ipc_namespace.h>
#include <linux/mutex.h>
#include <linux/nsproxy.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/security.h>
#include <linux/user_namespace.h>
#include <uapi/linux/msg.h>
#include <uapi/linux/sem.h>
#include <uapi/linux/shm.h>
#include <asm/syscall.h>
#include <asm/unistd.h>

#include "semundo.h"
#include "sysvipc.h"
#include "compat/ksyms.h"

/* Others would have to be as quick each time. */
#define TRIES	100

/*
 * Held while a restore looks for one and makes it if there is none: two would take each
 * other's for somebody else's, and the ids that they set.
 */
static DEFINE_MUTEX(making);

static struct ipc_ids *ids_of(enum ckpt_ipc_kind kind)
{
	return &current->nsproxy->ipc_ns->ids[kind];
}

struct rw_semaphore *ckpt_ipc_rwsem(enum ckpt_ipc_kind kind)
{
	return &ids_of(kind)->rwsem;
}

struct kern_ipc_perm *ckpt_ipc_find(enum ckpt_ipc_kind kind, int id)
{
	struct kern_ipc_perm *perm;

	rcu_read_lock();
	perm = ksym(ipc_obtain_object_idr)(ids_of(kind), id);
	if (!IS_ERR(perm)) {
		spin_lock(&perm->lock);
		if (!perm->deleted && perm->id == id)
			return perm;
		spin_unlock(&perm->lock);
	}
	rcu_read_unlock();
	return NULL;
}

void ckpt_ipc_get(struct kern_ipc_perm *perm)
{
	refcount_inc(&perm->refcount);
}

void ckpt_ipc_put(enum ckpt_ipc_kind kind, struct kern_ipc_perm *perm)
{
	ksym(ipc_rcu_putref)(perm, kind == CKPT_IPC_SEMAPHORES ? ksym_addr(sem_rcu_free) :
				   kind == CKPT_IPC_QUEUES ? ksym_addr(msg_rcu_free) :
				   ksym_addr(shm_rcu_free));
}

bool ckpt_ipc_lock(struct kern_ipc_perm *perm)
{
	rcu_read_lock();
	spin_lock(&perm->lock);
	if (!perm->deleted)
		return true;
	ckpt_ipc_unlock(perm);
	return false;
}

void ckpt_ipc_unlock(struct kern_ipc_perm *perm)
{
	spin_unlock(&perm->lock);
	rcu_read_unlock();
}

/* ---- saved ------------------------------------------------------------------ */

bool ckpt_ipc_is_shared(struct ckpt_collect *c, const struct kern_ipc_perm *perm)
{
	while (refcount_read(&perm->refcount) > 2)
		if (!ckpt_look_again(c))
			return true;
	return false;
}

bool ckpt_ipc_is_here(struct task_struct *t)
{
	guard(task_lock)(t);
	return t->nsproxy && t->nsproxy->ipc_ns == current->nsproxy->ipc_ns;
}

static const struct kind_row {
	enum ckpt_ipc_kind kind;
	u32 type;
	void *(*find)(struct ckpt_collect *c, struct kern_ipc_perm *perm);
} kinds[] = {
	{ CKPT_IPC_SEMAPHORES, CKPT_TYPE_SEMAPHORES, ckpt_semaphores_find },
	{ CKPT_IPC_QUEUES, CKPT_TYPE_QUEUE, ckpt_queue_find },
	{ CKPT_IPC_SEGMENTS, CKPT_TYPE_SEGMENT, ckpt_segment_find },
};

/* From @index on. Return: false if there is none; else @found is it, referenced, or NULL. */
static bool find_next(struct ckpt_collect *c, const struct kind_row *row, int *index,
		      void **found)
{
	struct ipc_ids *ids = ids_of(row->kind);
	struct kern_ipc_perm *perm;

	guard(rwsem_read)(&ids->rwsem);
	perm = idr_get_next(&ids->ipcs_idr, index);
	if (!perm)
		return false;
	guard(spinlock)(&perm->lock);
	*found = row->find(c, perm);
	return true;
}

/* The reference is given back. None of the container counts: only attachments do. */
static int collect(struct ckpt_collect *c, const struct kind_row *row, void *found)
{
	struct ckpt_object *obj = ckpt_collect_ref(c, row->type, found);

	ckpt_type(row->type)->put(found);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	obj->refs--;
	return 0;
}

static int collect_kind(struct ckpt_collect *c, const struct kind_row *row)
{
	int index, err = 0;
	void *found;

	for (index = 0; !err && find_next(c, row, &index, &found); index++) {
		if (found)
			err = collect(c, row, found);
		if (fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err;
}

int ckpt_ipc_collect_one(struct ckpt_collect *c, enum ckpt_ipc_kind kind,
			 struct kern_ipc_perm *perm)
{
	unsigned int i;

	ckpt_ipc_get(perm);
	ckpt_ipc_unlock(perm);
	for (i = 0; kinds[i].kind != kind; i++)
		;
	return collect(c, &kinds[i], perm);
}

static bool is_in_group(const struct cred *cred, kgid_t gid)
{
	return gid_eq(gid, cred->fsgid) ||
	       ksym(groups_search)(cred->group_info, gid);
}

/*
 * As ipcperms() answers @t. A call fails for many reasons before it is asked that, and a
 * tracer that has gone may have left anything in the registers: nobody is to bring what
 * is another's into an image, and so to have it set back by its restore.
 */
bool ckpt_ipc_may_use(struct task_struct *t, const struct kern_ipc_perm *perm)
{
	const struct cred *cred;
	umode_t mode = perm->mode;

	guard(rcu)();
	cred = __task_cred(t);
	if (uid_eq(cred->euid, perm->cuid) || uid_eq(cred->euid, perm->uid))
		mode >>= 6;
	else if (is_in_group(cred, perm->cgid) || is_in_group(cred, perm->gid))
		mode >>= 3;
	return mode & 06 || cap_raised(cred->cap_effective, CAP_IPC_OWNER);
}

/* Calls that wait for semaphores and messages, of both tables, and those of ipc(2). */
#define IPC_32	117

static const struct {
	bool compat;
	int nr;
	unsigned int sub;
	enum ckpt_ipc_kind kind;
} calls[] = {
	{ false, __NR_semop, 0, CKPT_IPC_SEMAPHORES },
	{ false, __NR_semtimedop, 0, CKPT_IPC_SEMAPHORES },
	{ false, __NR_msgsnd, 0, CKPT_IPC_QUEUES },
	{ false, __NR_msgrcv, 0, CKPT_IPC_QUEUES },
	{ true, 400, 0, CKPT_IPC_QUEUES },		/* msgsnd */
	{ true, 401, 0, CKPT_IPC_QUEUES },		/* msgrcv */
	{ true, 420, 0, CKPT_IPC_SEMAPHORES },		/* semtimedop_time64 */
	{ true, IPC_32, SEMOP, CKPT_IPC_SEMAPHORES },
	{ true, IPC_32, SEMTIMEDOP, CKPT_IPC_SEMAPHORES },
	{ true, IPC_32, MSGSND, CKPT_IPC_QUEUES },
	{ true, IPC_32, MSGRCV, CKPT_IPC_QUEUES },
};

static int collect_used(struct ckpt_collect *c, struct task_struct *t,
			enum ckpt_ipc_kind kind, int id)
{
	struct kern_ipc_perm *perm = ckpt_ipc_find(kind, id);

	if (!perm)
		return 0;
	if (ckpt_ipc_may_use(t, perm))
		return ckpt_ipc_collect_one(c, kind, perm);
	ckpt_ipc_unlock(perm);
	return 0;
}

/* What the call that @t is in, or has made last, is about. */
static int collect_call(struct ckpt_collect *c, struct task_struct *t)
{
	bool compat = task_thread_info(t)->status & TS_COMPAT;
	int nr = syscall_get_nr(t, task_pt_regs(t));
	unsigned long args[6];
	unsigned int i;

	syscall_get_arguments(t, task_pt_regs(t), args);
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		if (calls[i].compat != compat || calls[i].nr != nr)
			continue;
		if (!calls[i].sub)
			return collect_used(c, t, calls[i].kind, args[0]);
		if (calls[i].sub == (args[0] & 0xffff))
			return collect_used(c, t, calls[i].kind, args[1]);
	}
	return 0;
}

static int collect_calls(struct ckpt_collect *c)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < c->tasks->nr; i++) {
		struct task_struct *t = c->tasks->vec[i];

		if (!ckpt_ipc_is_here(t) || !try_get_task_stack(t))
			continue;
		err = collect_call(c, t);
		ksym(put_task_stack)(t);
		cond_resched();
	}
	return err;
}

int ckpt_ipc_collect(struct ckpt_collect *c)
{
	int err = ckpt_semundo_collect(c);
	unsigned int i;

	if (!err)
		err = collect_calls(c);
	for (i = 0; !err && i < ARRAY_SIZE(kinds); i++)
		err = collect_kind(c, &kinds[i]);
	return err;
}

bool ckpt_ipc_fill(struct ckpt_ipc *rec, const struct kern_ipc_perm *perm)
{
	struct user_namespace *ns = current_user_ns();

	rec->id = cpu_to_le32(perm->id);
	rec->key = cpu_to_le32(perm->key);
	rec->mode = cpu_to_le32(perm->mode & 0777);
	rec->uid = cpu_to_le32(from_kuid(ns, perm->uid));
	rec->gid = cpu_to_le32(from_kgid(ns, perm->gid));
	rec->cuid = cpu_to_le32(from_kuid(ns, perm->cuid));
	rec->cgid = cpu_to_le32(from_kgid(ns, perm->cgid));
	return ~rec->uid && ~rec->gid && ~rec->cuid && ~rec->cgid;
}

bool ckpt_ipc_may_read(struct kern_ipc_perm *perm)
{
	return !ksym(ipcperms)(current->nsproxy->ipc_ns, perm, 0444);
}

/* Who has been waiting for a message and got it is a thread, all others are processes. */
bool ckpt_ipc_is_ours(struct ckpt_collect *c, struct pid *pid)
{
	struct task_struct *t;

	guard(rcu)();
	t = pid_task(pid, PIDTYPE_PID);
	return t && ckpt_lookup(c, CKPT_TYPE_TASK, t);
}

bool ckpt_ipc_is_foreign(struct ckpt_collect *c, struct pid *pid)
{
	struct task_struct *t;

	guard(rcu)();
	t = pid_task(pid, PIDTYPE_PID);
	return t && !ckpt_lookup(c, CKPT_TYPE_TASK, t);
}

/* Of one outside the number is all there will be: it may be another's then. */
int ckpt_ipc_collect_pid(struct ckpt_collect *c, struct pid *pid)
{
	if (!pid || ckpt_ipc_is_ours(c, pid) || !ckpt_pid_nr(c, pid))
		return 0;
	return PTR_ERR_OR_ZERO(ckpt_collect_ref(c, CKPT_TYPE_ENDEDPID, pid));
}

void ckpt_ipc_save_pid(struct ckpt_collect *c, struct pid *pid, __le32 *nr, __le64 *ended)
{
	if (!pid)
		return;
	*ended = cpu_to_le64(ckpt_id(c, CKPT_TYPE_ENDEDPID, pid));
	if (!*ended)
		*nr = cpu_to_le32(ckpt_pid_nr(c, pid));
}

/* ---- made again --------------------------------------------------------------- */

struct pid *ckpt_ipc_pid(struct ckpt_restore *r, __le32 nr, __le64 ended)
{
	struct pid *pid;

	if (!ended)
		return nr ? find_get_pid(le32_to_cpu(nr)) ?: ERR_PTR(-ESRCH) : NULL;
	pid = ckpt_restored(r, CKPT_TYPE_ENDEDPID, le64_to_cpu(ended));
	return IS_ERR(pid) ? pid : get_pid(pid);
}

int ckpt_ipc_may_make(const struct ckpt_ipc *rec)
{
	struct user_namespace *ns = current_user_ns();
	kuid_t uid = make_kuid(ns, le32_to_cpu(rec->cuid));
	kgid_t gid = make_kgid(ns, le32_to_cpu(rec->cgid));

	if (!uid_valid(uid) || !gid_valid(gid) ||
	    !uid_valid(make_kuid(ns, le32_to_cpu(rec->uid))) ||
	    !gid_valid(make_kgid(ns, le32_to_cpu(rec->gid))))
		return -EINVAL;
	if (!uid_eq(uid, current_euid()) && !ns_capable(ns, CAP_SETUID))
		return -EPERM;
	if (!gid_eq(gid, current_egid()) && !ns_capable(ns, CAP_SETGID))
		return -EPERM;
	return 0;
}

/* As /proc/sys/kernel/shm_next_id sets it; -1: it is not set. */
static void set_next(struct ipc_ids *ids, int id)
{
	guard(rwsem_write)(&ids->rwsem);
	ids->next_id = id;
}

static bool is_taken(struct ipc_ids *ids, int id)
{
	guard(rcu)();
	return !IS_ERR(ksym(ipc_obtain_object_idr)(ids, id));
}

static long remove_id(enum ckpt_ipc_kind kind, int id)
{
	switch (kind) {
	case CKPT_IPC_SEMAPHORES:
		return ckpt_syscall(__NR_semctl, id, 0, IPC_RMID, 0, 0, 0);
	case CKPT_IPC_QUEUES:
		return ckpt_syscall(__NR_msgctl, id, IPC_RMID, 0, 0, 0, 0);
	default:
		return ckpt_syscall(__NR_shmctl, id, IPC_RMID, 0, 0, 0, 0);
	}
}

static int create(enum ckpt_ipc_kind kind, const struct ckpt_item *item,
		  long (*get)(const struct ckpt_item *item))
{
	const struct ckpt_ipc *rec = ckpt_item_body(item, CKPT_REC_IPC);
	struct ipc_namespace *ns = current->nsproxy->ipc_ns;
	struct ipc_ids *ids = ids_of(kind);
	int id = le32_to_cpu(rec->id), tries;

	lockdep_assert_held(&making);
	if (!ns_capable(ns->user_ns, CAP_CHECKPOINT_RESTORE) &&
	    !ns_capable(ns->user_ns, CAP_SYS_ADMIN))
		return -EPERM;
	for (tries = 0; tries < TRIES && !is_taken(ids, id); tries++) {
		long made;

		set_next(ids, id);
		made = get(item);
		if (made == id)
			return 0;
		if (made < 0) {
			set_next(ids, -1);
			return made;
		}
		remove_id(kind, made);
	}
	return -EEXIST;
}

int ckpt_ipc_create(enum ckpt_ipc_kind kind, const struct ckpt_item *item,
		    long (*get)(const struct ckpt_item *item))
{
	guard(mutex)(&making);
	return create(kind, item, get);
}

struct kern_ipc_perm *ckpt_ipc_find_own(enum ckpt_ipc_kind kind, int id, key_t key)
{
	struct kern_ipc_perm *perm = ckpt_ipc_find(kind, id);

	if (!perm || (perm->key == key && uid_eq(perm->uid, current_euid()) &&
		      uid_eq(perm->cuid, current_euid())))
		return perm;
	ckpt_ipc_unlock(perm);
	return NULL;
}

struct kern_ipc_perm *ckpt_ipc_get_own(enum ckpt_ipc_kind kind, int id, key_t key)
{
	struct kern_ipc_perm *perm = ckpt_ipc_find_own(kind, id, key);

	if (!perm)
		return ERR_PTR(-EEXIST);
	ckpt_ipc_get(perm);
	ckpt_ipc_unlock(perm);
	return perm;
}

static int ask_security(enum ckpt_ipc_kind kind, struct kern_ipc_perm *perm)
{
#ifdef CONFIG_SECURITY
	switch (kind) {
	case CKPT_IPC_SEMAPHORES:
		return ksym(security_sem_semctl)(perm, IPC_SET);
	case CKPT_IPC_QUEUES:
		return ksym(security_msg_queue_msgctl)(perm, IPC_SET);
	default:
		return ksym(security_shm_shmctl)(perm, IPC_SET);
	}
#else
	return 0;
#endif
}

int ckpt_ipc_seize(enum ckpt_ipc_kind kind, struct kern_ipc_perm *perm)
{
	struct ipc64_perm own = {
		.uid = from_kuid(current_user_ns(), current_euid()),
		.gid = from_kgid(current_user_ns(), current_egid()),
		.mode = 0700,
	};
	struct kern_ipc_perm *it = ksym(ipcctl_obtain_check)(current->nsproxy->ipc_ns,
							     ids_of(kind), perm->id, IPC_SET,
							     &own, 0);
	int err = IS_ERR(it) ? PTR_ERR(it) : ask_security(kind, perm);

	if (err)
		return err;
	perm->uid = current_euid();
	perm->gid = current_egid();
	perm->cuid = current_euid();
	perm->cgid = current_egid();
	perm->mode = (perm->mode & ~0777) | own.mode;
	return 0;
}

bool ckpt_ipc_same(const struct kern_ipc_perm *perm, const struct ckpt_ipc *rec)
{
	struct user_namespace *ns = current_user_ns();

	return perm->id == le32_to_cpu(rec->id) && perm->key == (key_t)le32_to_cpu(rec->key) &&
	       uid_eq(perm->cuid, make_kuid(ns, le32_to_cpu(rec->cuid))) &&
	       gid_eq(perm->cgid, make_kgid(ns, le32_to_cpu(rec->cgid)));
}

/*
 * As ckpt_ipc_find(), or ERR_PTR(-EEXIST): somebody has a reference. Who has one for a
 * moment is given time.
 */
static struct kern_ipc_perm *find_idle(enum ckpt_ipc_kind kind, int id)
{
	unsigned int tries;

	for (tries = 0; tries < TRIES; tries++) {
		struct kern_ipc_perm *perm = ckpt_ipc_find(kind, id);

		if (!perm || refcount_read(&perm->refcount) == 1)
			return perm;
		ckpt_ipc_unlock(perm);
		usleep_range(50, 100);
	}
	return ERR_PTR(-EEXIST);
}

int ckpt_ipc_number(const struct ckpt_item *item)
{
	const struct ckpt_ipc *rec = ckpt_item_body(item, CKPT_REC_IPC);

	return le32_to_cpu(rec->id);
}

struct kern_ipc_perm *ckpt_ipc_have(const struct ckpt_ipc_maker *maker,
				    struct ckpt_item *item, bool *found)
{
	const struct ckpt_ipc *rec = ckpt_item_body(item, CKPT_REC_IPC);
	int id = ckpt_ipc_number(item), err = ckpt_ipc_may_make(rec);
	struct kern_ipc_perm *perm;

	if (err)
		return ERR_PTR(err);
	guard(mutex)(&making);
	perm = find_idle(maker->kind, id);
	if (IS_ERR(perm))
		return perm;
	*found = perm;
	if (!perm) {
		err = create(maker->kind, item, maker->get);
		return err ? ERR_PTR(err) :
			     ckpt_ipc_get_own(maker->kind, id, le32_to_cpu(rec->key));
	}
	err = ckpt_ipc_same(perm, rec) && maker->note(perm, item) ?
		ckpt_ipc_seize(maker->kind, perm) : -EEXIST;
	if (!err)
		ckpt_ipc_get(perm);
	ckpt_ipc_unlock(perm);
	return err ? ERR_PTR(err) : perm;
}

void ckpt_ipc_set_pid(struct pid **at, struct pid *pid)
{
	put_pid(*at);
	*at = get_pid(pid);
}

void ckpt_ipc_set_owner(struct kern_ipc_perm *perm, const struct ckpt_ipc *rec)
{
	struct user_namespace *ns = current_user_ns();

	perm->uid = make_kuid(ns, le32_to_cpu(rec->uid));
	perm->gid = make_kgid(ns, le32_to_cpu(rec->gid));
	perm->cuid = make_kuid(ns, le32_to_cpu(rec->cuid));
	perm->cgid = make_kgid(ns, le32_to_cpu(rec->cgid));
	perm->mode = (perm->mode & ~0777) | le32_to_cpu(rec->mode);
}

void ckpt_ipc_hand_over(const struct ckpt_item *item)
{
	if (!ckpt_ipc_lock(item->made))
		return;
	ckpt_ipc_set_owner(item->made, ckpt_item_body(item, CKPT_REC_IPC));
	ckpt_ipc_unlock(item->made);
}

void ckpt_ipc_remove(enum ckpt_ipc_kind kind, struct kern_ipc_perm *perm)
{
	int id = perm->id;

	perm->cuid = current_euid();
	ckpt_ipc_unlock(perm);
	remove_id(kind, id);
}
