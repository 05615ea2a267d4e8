// SPDX-License-Identifier: GPL-2.0-only
/*
 * A set of System V semaphores made again, by semget(2), or found.
 *
 * A set stays when the tasks are killed, and then has their adjustments. One that is
 * the same by id, key, makers and size, to which nobody has adjustments, for which
 * nobody waits and which nobody who lives has used, is the writer's alone until the restore
 * is over. Values and adjustments are given at once, when all tasks have their entries for
 * the latter, unless somebody has used it meanwhile; should the restore fail after
 * that, it gets its own again.
 */
#include <linux/cred.h>
#include <linux/nsproxy.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include <uapi/linux/ipc.h>
#include <uapi/linux/sem.h>
#include <asm/unistd.h>

#include "restore.h"
#include "sysvipc.h"
#include "compat/ksyms.h"
#include "compat/private.h"

/* As many calls as ipc/sem.c goes on without simple ones when there is no more need. */
#define EXCLUDED	10

/* ---- a set as it is ----------------------------------------------------------- */

/* Those that are in one have let their semaphore go when this returns. It is locked. */
static void exclude_simple_calls(struct ckpt_sem_array *set)
{
	bool excluded = set->use_global_lock;
	int i;

	WRITE_ONCE(set->use_global_lock, EXCLUDED);
	for (i = 0; !excluded && i < set->sem_nsems; i++) {
		spin_lock(&set->sems[i].lock);
		spin_unlock(&set->sems[i].lock);
	}
}

struct ckpt_sem_array *ckpt_set_lock(struct kern_ipc_perm *perm, u32 nr)
{
	struct ckpt_sem_array *set = ckpt_set_of(perm);

	if (!ckpt_ipc_lock(perm))
		return NULL;
	if (set->sem_nsems == nr) {
		exclude_simple_calls(set);
		return set;
	}
	ckpt_ipc_unlock(perm);
	return NULL;
}

void ckpt_set_forget(struct ckpt_set_state *v)
{
	u32 i;

	if (!v)
		return;
	for (i = 0; i < v->nr; i++)
		put_pid(v->sems[i].pid);
	kvfree(v);
}

struct ckpt_set_state *ckpt_set_room(u32 nr)
{
	struct ckpt_set_state *v = kvzalloc(struct_size(v, sems, nr), GFP_KERNEL_ACCOUNT);

	if (v)
		v->nr = nr;
	return v;
}

bool ckpt_set_note(struct ckpt_sem_array *set, struct ckpt_set_state *v)
{
	u32 i;

	v->ctime = set->sem_ctime;
	for (i = 0; i < v->nr; i++) {
		const struct ckpt_sem *sem = &set->sems[i];

		v->sems[i].val = sem->semval;
		v->sems[i].pid = get_pid(sem->sempid);
		v->otime = max(v->otime, sem->sem_otime);
	}
	return ckpt_ipc_fill(&v->ipc, &set->sem_perm);
}

bool ckpt_set_has_waiters(const struct ckpt_sem_array *set)
{
	bool has = !list_empty(&set->pending_alter) || !list_empty(&set->pending_const);
	int i;

	for (i = 0; !has && i < set->sem_nsems; i++) {
		const struct ckpt_sem *sem = &set->sems[i];

		has = !list_empty(&sem->pending_alter) || !list_empty(&sem->pending_const);
	}
	return has;
}

/*
 * A call with SEM_UNDO that has failed, or has been made good, leaves some that are zero.
 * Simple calls change one without this lock, of which any moment is as good as another.
 */
bool ckpt_set_adjusts(const struct ckpt_sem_undo *undo, const struct ckpt_sem_array *set)
{
	int i;

	for (i = 0; i < set->sem_nsems; i++)
		if (READ_ONCE(undo->semadj[i]))
			return true;
	return false;
}

bool ckpt_set_is_adjusted(struct ckpt_collect *c, const struct ckpt_sem_array *set)
{
	const struct ckpt_sem_undo *undo;

	list_for_each_entry(undo, &set->list_id, list_id)
		if (!(c && xa_load(&c->undos, (unsigned long)undo->ulp)) &&
		    ckpt_set_adjusts(undo, set))
			return true;
	return false;
}

/* ---- made again --------------------------------------------------------------- */

/**
 * struct made - a set until the restore is over
 * @found:	there was one, as noted in @old
 * @given:	it has what the image says
 * @undos:	by the lists of new tasks: their adjustments to it, in the image
 * @old:	how it was; of a new one all is 0
 */
struct made {
	bool found;
	bool given;
	struct xarray undos;
	struct ckpt_set_state *old;
};

static u32 count(const struct ckpt_item *item)
{
	struct ckpt_view view;

	ckpt_find(item->bytes, item->size, CKPT_REC_SEMAPHORES, &view);
	return view.count;
}

static long get_set(const struct ckpt_item *item)
{
	const struct ckpt_ipc *ipc = ckpt_item_body(item, CKPT_REC_IPC);

	return ckpt_syscall(__NR_semget, le32_to_cpu(ipc->key), count(item),
			    IPC_CREAT | IPC_EXCL | 0600, 0, 0, 0);
}

/* By one who lives. */
static bool was_used(const struct ckpt_sem_array *set)
{
	int i;

	for (i = 0; i < set->sem_nsems; i++)
		if (pid_task(set->sems[i].sempid, PIDTYPE_TGID))
			return true;
	return false;
}

/*
 * Its program's end may have used it, and others may have set values since. A new one of the
 * same id has not been used yet, or has been made at another time.
 */
static bool is_as_old(const struct ckpt_set_state *v, const struct ckpt_item *item)
{
	const struct ckpt_semaphores *rec = ckpt_item_body(item, CKPT_REC_SEMAPHORES);
	time64_t ctime = le64_to_cpu(rec->ctime), otime = le64_to_cpu(rec->otime);

	if (!otime)
		return v->ctime == ctime;
	return v->ctime >= ctime && v->otime >= otime;
}

static bool note_left(struct kern_ipc_perm *perm, struct ckpt_item *item)
{
	struct ckpt_sem_array *set = ckpt_set_of(perm);
	const struct made *m = item->priv;

	if (set->sem_nsems != m->old->nr)
		return false;
	exclude_simple_calls(set);
	return ckpt_set_note(set, m->old) && is_as_old(m->old, item) &&
	       !ckpt_set_is_adjusted(NULL, set) && !ckpt_set_has_waiters(set) && !was_used(set);
}

static const struct ckpt_ipc_maker maker = {
	.kind = CKPT_IPC_SEMAPHORES,
	.get = get_set,
	.note = note_left,
};

static struct made *made_create(struct ckpt_item *item)
{
	struct made *m = kzalloc(sizeof(*m), GFP_KERNEL_ACCOUNT);

	if (!m)
		return NULL;
	m->old = ckpt_set_room(count(item));
	if (!m->old) {
		kfree(m);
		return NULL;
	}
	xa_init(&m->undos);
	item->priv = m;
	return m;
}

static void made_destroy(struct ckpt_item *item)
{
	struct made *m = item->priv;

	xa_destroy(&m->undos);
	ckpt_set_forget(m->old);
	kfree(m);
	item->priv = NULL;
}

/* What ckpt_ipc_have() notes is in item->priv. */
void *ckpt_set_make(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_ipc *ipc = ckpt_item_body(item, CKPT_REC_IPC);
	struct made *m = made_create(item);
	struct kern_ipc_perm *perm;

	if (!m)
		return ERR_PTR(-ENOMEM);
	perm = ckpt_ipc_have(&maker, item, &m->found);
	if (IS_ERR(perm)) {
		ckpt_restore_err(r, item, "System V semaphores %u, key %#x, cannot be made: %pe",
				 ckpt_ipc_number(item), le32_to_cpu(ipc->key), perm);
		made_destroy(item);
	}
	return perm;
}

/* Each task that keeps a list in its image does this, at the same time as others. */
int ckpt_set_expect(struct ckpt_item *item, const void *list, const __le16 *values)
{
	struct made *m = item->priv;
	int err = xa_insert(&m->undos, (unsigned long)list, (void *)values,
			    GFP_KERNEL_ACCOUNT);

	return err == -EBUSY ? -EUCLEAN : err;
}

/* Times and values. The pids are the caller's still. */
static void put_in(struct ckpt_sem_array *set, const struct ckpt_set_state *v)
{
	u32 i;

	set->sem_ctime = v->ctime;
	for (i = 0; i < v->nr; i++) {
		struct ckpt_sem *sem = &set->sems[i];

		sem->semval = v->sems[i].val;
		ckpt_ipc_set_pid(&sem->sempid, v->sems[i].pid);
		sem->sem_otime = v->otime;
	}
}

/* As SETALL does, for values that are new: a task of ours may have yet to end. */
static void forget_adjustments(struct ckpt_sem_array *set)
{
	struct ckpt_sem_undo *undo;

	list_for_each_entry(undo, &set->list_id, list_id)
		memset(undo->semadj, 0, set->sem_nsems * sizeof(*undo->semadj));
}

/*
 * Up and down again at once: no value is changed by that, but who waits for the one that it
 * has is told of it.
 */
static void tell_waiters(struct kern_ipc_perm *perm, u32 nr)
{
	struct ipc_namespace *ns = current->nsproxy->ipc_ns;
	struct ckpt_sem_array *set = ckpt_set_of(perm);
	u32 i;

	for (i = 0; i < nr; i++) {
		short by = READ_ONCE(set->sems[i].semval) ? -1 : 1;
		struct sembuf ops[] = {
			{ .sem_num = i, .sem_op = by, .sem_flg = IPC_NOWAIT },
			{ .sem_num = i, .sem_op = -by, .sem_flg = IPC_NOWAIT },
		};

		ksym(__do_semtimedop)(perm->id, ops, 2, NULL, ns);
		cond_resched();
	}
}

/* The values again. Somebody may wait for them who is the writer, too, or root. */
static void take_back(struct kern_ipc_perm *perm, const struct ckpt_set_state *old)
{
	struct ckpt_sem_array *set = ckpt_set_lock(perm, old->nr);
	bool waiters;

	if (!set)
		return;
	forget_adjustments(set);
	put_in(set, old);
	waiters = ckpt_set_has_waiters(set);
	ckpt_ipc_unlock(perm);
	if (waiters)
		tell_waiters(perm, old->nr);
}

/* It is whose it was; and there is no trace of new tasks, nor of the writer. */
static void put_back(struct kern_ipc_perm *perm, const struct ckpt_set_state *old)
{
	struct ckpt_sem_array *set = ckpt_set_lock(perm, old->nr);
	u32 i;

	if (!set)
		return;
	ckpt_ipc_set_owner(perm, &old->ipc);
	for (i = 0; i < old->nr; i++) {
		struct ckpt_sem *sem = &set->sems[i];

		if (sem->sempid != task_tgid(current) && pid_task(sem->sempid, PIDTYPE_TGID))
			continue;
		ckpt_ipc_set_pid(&sem->sempid, old->sems[i].pid);
		sem->sem_otime = old->otime;
	}
	ckpt_ipc_unlock(perm);
}

static void undo(struct kern_ipc_perm *perm, const struct made *m)
{
	if (!m->found) {
		if (ckpt_ipc_lock(perm))
			ckpt_ipc_remove(CKPT_IPC_SEMAPHORES, perm);
		return;
	}
	if (m->given)
		take_back(perm, m->old);
	put_back(perm, m->old);
}

void ckpt_set_end(struct ckpt_item *item, bool failed)
{
	if (!item->priv)
		return;
	if (failed)
		undo(item->made, item->priv);
	else
		ckpt_ipc_hand_over(item);
	made_destroy(item);
}

/* What the image says, as it will be. */
static struct ckpt_set_state *values_of(struct ckpt_restore *r, const struct ckpt_item *item)
{
	const struct ckpt_semaphores *rec = ckpt_item_body(item, CKPT_REC_SEMAPHORES);
	const struct ckpt_semaphore *sem = ckpt_elems((void *)rec);
	struct ckpt_set_state *v = ckpt_set_room(count(item));
	u32 i;

	if (!v)
		return ERR_PTR(-ENOMEM);
	v->ctime = le64_to_cpu(rec->ctime);
	v->otime = le64_to_cpu(rec->otime);
	for (i = 0; i < v->nr; i++, sem++) {
		struct pid *pid = ckpt_ipc_pid(r, sem->pid, sem->ended);

		if (IS_ERR(pid)) {
			ckpt_set_forget(v);
			return ERR_CAST(pid);
		}
		v->sems[i].val = le32_to_cpu(sem->value);
		v->sems[i].pid = pid;
		cond_resched();
	}
	return v;
}

/*
 * By anybody outside, who is the writer, too, or root. The calls that give new tasks their
 * entries leave other traces. It is locked.
 */
static bool is_untouched(const struct ckpt_sem_array *set, const struct made *m)
{
	bool same = !m->found || set->sem_ctime == m->old->ctime;
	u32 i;

	for (i = 0; same && i < m->old->nr; i++)
		same = set->sems[i].semval == m->old->sems[i].val;
	return same && !ckpt_set_is_adjusted(NULL, set) && !ckpt_set_has_waiters(set);
}

static void give_adjustments(struct ckpt_sem_array *set, struct made *m)
{
	struct ckpt_sem_undo *undo;
	int i;

	list_for_each_entry(undo, &set->list_id, list_id) {
		const __le16 *values = xa_load(&m->undos, (unsigned long)undo->ulp);

		for (i = 0; values && i < set->sem_nsems; i++)
			undo->semadj[i] = le16_to_cpu(values[i]);
	}
}

/* Values and adjustments are one: who comes next finds both, and so does a task that dies. */
static int give(struct ckpt_restore *r, struct ckpt_item *item, const struct ckpt_set_state *v)
{
	struct ckpt_sem_array *set = ckpt_set_lock(item->made, v->nr);
	struct made *m = item->priv;
	int err = 0;

	if (!set)
		return -EIDRM;
	/* A task that dies says so before its list goes, and another's may have its address. */
	if (READ_ONCE(r->error))
		err = -ECANCELED;
	else if (!is_untouched(set, m))
		err = -EBUSY;
	if (!err) {
		put_in(set, v);
		give_adjustments(set, m);
		m->given = true;
	}
	ckpt_ipc_unlock(&set->sem_perm);
	return err;
}

int ckpt_set_finish(struct ckpt_restore *r, struct ckpt_item *item)
{
	struct ckpt_set_state *v = values_of(r, item);
	int err = PTR_ERR_OR_ZERO(v);

	if (!err) {
		err = give(r, item, v);
		ckpt_set_forget(v);
	}
	if (err && err != -ECANCELED)
		ckpt_restore_err(r, item, "cannot be finished: %pe", ERR_PTR(err));
	return err;
}
