// SPDX-License-Identifier: GPL-2.0-only
/*
 * System V semaphores: a set, sem/ID.
 *
 * Of the container are those to which a task of it has adjustments (SEM_UNDO), in
 * whose semop(2) one is, or was last, and those of which it has been the last to
 * change one. Saved are values, who changed each last, times, owners and mode. Who
 * waits is not in the set while he is frozen: his call is made again. The
 * adjustments are the task's (semundo.c).
 *
 * kern_ipc_perm.lock protects a set, and inside of it sem.lock each of them against
 * simple calls, unless these are excluded (ckpt_set_lock()). It is held over all of a set
 * at once, as GETALL and SETALL hold it: what a call changes of several is one change. How
 * a set is made again is in semmake.c.
 */
#include "../object.h"

static int semaphores_check(const struct ckpt_check *chk, u64 id,
			    const void *bytes, size_t size)
{
	const struct ckpt_semaphore *sem;
	struct ckpt_view view;
	u32 i;
	int err = ckpt_check_once(chk, bytes, size, CKPT_REC_SEMAPHORES, &view);

	if (err)
		return err;
	if (!view.count)
		return ckpt_bad(chk, "a set of no semaphores");
	for (i = 0, sem = view.elems; i < view.count; i++, sem++)
		if (sem->pid && sem->ended)
			return ckpt_bad(chk, "a process that has and has not ended");
	return 0;
}

#ifdef __KERNEL__

#include <linux/pid.h>
#include <linux/spinlock.h>

#include "../compat/private.h"
#include "../sysvipc.h"

#define MOST	(1 << 16)	/* sem_num is a short */

/* ---- saved ------------------------------------------------------------------ */

void *ckpt_semaphores_find(struct ckpt_collect *c, struct kern_ipc_perm *perm)
{
	struct ckpt_sem_array *set = ckpt_set_of(perm);
	bool ours = false;
	int i;

	for (i = 0; !ours && i < set->sem_nsems; i++) {
		struct ckpt_sem *sem = &set->sems[i];

		spin_lock(&sem->lock);
		ours = sem->sempid && ckpt_ipc_is_ours(c, sem->sempid);
		spin_unlock(&sem->lock);
	}
	if (!ours)
		return NULL;
	ckpt_ipc_get(perm);
	return perm;
}

static void semaphores_get(void *ptr)
{
	ckpt_ipc_get(ptr);
}

static void semaphores_put(void *ptr)
{
	ckpt_ipc_put(CKPT_IPC_SEMAPHORES, ptr);
}

static int collect_pids(struct ckpt_collect *c, struct ckpt_set_state *v)
{
	int err = 0;
	u32 i;

	for (i = 0; !err && i < v->nr; i++) {
		err = ckpt_ipc_collect_pid(c, v->sems[i].pid);
		cond_resched();
	}
	return err;
}

static void refuse(struct ckpt_collect *c, const struct ckpt_object *obj, const char *why)
{
	const struct kern_ipc_perm *perm = obj->ptr;

	ckpt_refuse(c, "System V semaphores %d: %s cannot be saved", perm->id, why);
}

static int semaphores_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	const char *why = "a set that has just been removed";
	struct ckpt_sem_array *set;
	struct ckpt_set_state *v;
	/* It never changes. */
	u32 nr = ckpt_set_of(obj->ptr)->sem_nsems;

	if (nr > MOST) {
		refuse(c, obj, "so many");
		return 0;
	}
	v = ckpt_set_room(nr);
	if (!v)
		return -ENOMEM;
	obj->priv = v;
	v->held = ckpt_ipc_is_shared(c, obj->ptr);
	set = ckpt_set_lock(obj->ptr, nr);
	if (set) {
		why = !ckpt_set_note(set, v) ? "an owner of another user namespace" :
		      !ckpt_ipc_may_read(&set->sem_perm) ? "a set that the caller may not read" :
		      NULL;
		ckpt_ipc_unlock(&set->sem_perm);
	}
	if (why)
		refuse(c, obj, why);
	return collect_pids(c, v);
}

static void semaphores_release(struct ckpt_object *obj)
{
	ckpt_set_forget(obj->priv);
}

/* By a task outside that is alive. */
static bool is_used(struct ckpt_collect *c, const struct ckpt_set_state *v)
{
	u32 i;

	for (i = 0; i < v->nr; i++)
		if (ckpt_ipc_is_foreign(c, v->sems[i].pid))
			return true;
	return false;
}

static const char *shared_by(struct ckpt_collect *c, struct ckpt_sem_array *set)
{
	if (ckpt_set_is_adjusted(c, set))
		return "has adjustments (SEM_UNDO)";
	return ckpt_set_has_waiters(set) ? "waits" : NULL;
}

static int semaphores_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct ckpt_set_state *v = obj->priv;
	struct ckpt_sem_array *set = v ? ckpt_set_lock(obj->ptr, v->nr) : NULL;
	const char *what = NULL;

	if (set) {
		what = shared_by(c, set);
		ckpt_ipc_unlock(&set->sem_perm);
	}
	if (v && !what && (v->held || is_used(c, v)))
		what = "uses them";
	if (what)
		ckpt_refuse_shared(c, "System V semaphores %u: a task outside of the container %s",
				   le32_to_cpu(v->ipc.id), what);
	return 0;
}

/* Values, adjustments to them and who waits have not been looked at all at once. */
static bool is_as_noted(struct ckpt_collect *c, struct ckpt_sem_array *set,
			const struct ckpt_set_state *v)
{
	bool same = set->sem_ctime == v->ctime && !shared_by(c, set);
	u32 i;

	for (i = 0; same && i < v->nr; i++)
		same = set->sems[i].semval == v->sems[i].val &&
		       set->sems[i].sempid == v->sems[i].pid;
	return same;
}

/* The adjustments have been saved, with the tasks. */
static int look_again(struct ckpt_collect *c, const struct ckpt_object *obj)
{
	const struct ckpt_set_state *v = obj->priv;
	struct ckpt_sem_array *set = ckpt_set_lock(obj->ptr, v->nr);
	bool same = set && is_as_noted(c, set, v);

	if (set)
		ckpt_ipc_unlock(&set->sem_perm);
	if (!same)
		ckpt_err(c->mount, "%s: somebody outside has used System V semaphores %u meanwhile",
			 c->con->name, le32_to_cpu(v->ipc.id));
	return same ? 0 : -EBUSY;
}

static int semaphores_save(struct ckpt_collect *c, struct ckpt_object *obj,
			   struct ckpt_writer *w)
{
	struct ckpt_set_state *v = obj->priv;
	int err = look_again(c, obj);
	struct ckpt_semaphores *rec;
	struct ckpt_semaphore *sem;
	struct ckpt_ipc *ipc;
	u32 i;

	if (err)
		return err;
	ipc = ckpt_add(w, CKPT_REC_IPC, 0);
	if (!ipc)
		return w->error;
	*ipc = v->ipc;
	rec = ckpt_add(w, CKPT_REC_SEMAPHORES, v->nr);
	if (!rec)
		return w->error;
	rec->ctime = cpu_to_le64(v->ctime);
	rec->otime = cpu_to_le64(v->otime);
	for (i = 0, sem = ckpt_elems(rec); i < v->nr; i++, sem++) {
		sem->value = cpu_to_le32(v->sems[i].val);
		ckpt_ipc_save_pid(c, v->sems[i].pid, &sem->pid, &sem->ended);
		cond_resched();
	}
	return 0;
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_semaphores_ops = {
	.type = CKPT_TYPE_SEMAPHORES,
	.name = "sysv semaphores",
	.dir = "sem",
	.flags = CKPT_ROW_LAST,
	.records = { CKPT_REC_IPC, CKPT_REC_SEMAPHORES },
	.max_size = 2 << 20,
	.check = semaphores_check,
	CKPT_KERNEL(.get = semaphores_get, .put = semaphores_put,
		    .collect = semaphores_collect, .verify = semaphores_verify,
		    .save = semaphores_save, .release = semaphores_release,
		    .restore = ckpt_set_make, .end = ckpt_set_end,
		    .drop = semaphores_put, .bind = ckpt_set_finish)
};
