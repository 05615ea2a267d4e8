// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a task's end does to System V semaphores: SEM_UNDO.
 *
 * A task has a list of sets, with an adjustment to each semaphore of them, which
 * threads share, and whoever is cloned with CLONE_SYSVSEM (joint.c). The first of them in the
 * container keeps the list in its image. It has one again by a semop(2) that changes
 * nothing, and gets the adjustments when the set gets its values.
 *
 * sem_undo_list.lock protects a list; adjustments change in calls of those who share
 * it, who are frozen, or not there yet, and where others set a semaphore.
 */
#include <linux/nsproxy.h>
#include <linux/refcount.h>
#include <linux/sched/signal.h>
#include <linux/sem.h>
#include <linux/slab.h>

#include "checkpointfs.h"
#include "semundo.h"
#include "sysvipc.h"
#include "compat/ksyms.h"
#include "compat/private.h"

static struct ckpt_sem_undo_list *list_of(const struct task_struct *t)
{
	return (void *)t->sysvsem.undo_list;
}

static struct ckpt_sem_undo *find_undo(struct ckpt_sem_undo_list *list, int id)
{
	struct ckpt_sem_undo *undo;

	lockdep_assert_held(&list->lock);
	list_for_each_entry(undo, &list->list_proc, list_proc)
		if (undo->semid == id)
			return undo;
	return NULL;
}

/* ---- saved ------------------------------------------------------------------ */

/**
 * struct sets - those of a list
 * @nr:		how many
 * @ids:	their ids; -1: it has been removed
 */
struct sets {
	size_t nr;
	int ids[];
};

/* Return: to be freed (kvfree()); or NULL. */
static struct sets *look(struct ckpt_sem_undo_list *list)
{
	struct ckpt_sem_undo *undo;
	struct sets *sets;
	size_t nr;

	scoped_guard(spinlock, &list->lock)
		nr = list_count_nodes(&list->list_proc);
	sets = kvzalloc(struct_size(sets, ids, nr), GFP_KERNEL_ACCOUNT);
	if (!sets)
		return NULL;
	guard(spinlock)(&list->lock);
	list_for_each_entry(undo, &list->list_proc, list_proc)
		if (sets->nr < nr)
			sets->ids[sets->nr++] = undo->semid;
	return sets;
}

/*
 * A call leaves some that are zero when they add up to that, and then has used the set. It
 * does also when it is not allowed: these say nothing of whose the set is.
 */
static bool has_used(struct task_struct *t, struct kern_ipc_perm *perm)
{
	struct ckpt_sem_undo_list *list = list_of(t);
	const struct ckpt_sem_undo *undo;

	guard(spinlock)(&list->lock);
	undo = find_undo(list, perm->id);
	return undo && (ckpt_set_adjusts(undo, ckpt_set_of(perm)) || ckpt_ipc_may_use(t, perm));
}

static int collect_set(struct ckpt_collect *c, struct task_struct *t, int id)
{
	struct kern_ipc_perm *perm = id < 0 ? NULL : ckpt_ipc_find(CKPT_IPC_SEMAPHORES, id);

	if (!perm)
		return 0;
	if (has_used(t, perm))
		return ckpt_ipc_collect_one(c, CKPT_IPC_SEMAPHORES, perm);
	ckpt_ipc_unlock(perm);
	return 0;
}

static int collect_sets(struct ckpt_collect *c, struct task_struct *t)
{
	struct sets *sets __free(kvfree) = look(list_of(t));
	int err = sets ? 0 : -ENOMEM;
	size_t i;

	for (i = 0; !err && i < sets->nr; i++) {
		err = collect_set(c, t, sets->ids[i]);
		cond_resched();
	}
	return err;
}

int ckpt_semundo_collect(struct ckpt_collect *c)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < c->tasks->nr; i++) {
		struct task_struct *t = c->tasks->vec[i];
		struct ckpt_sem_undo_list *list = list_of(t);

		cond_resched();
		/* Each pthread_create() makes an empty one. */
		if (!list || list_empty(&list->list_proc) || !ckpt_ipc_is_here(t))
			continue;
		err = xa_insert(&c->undos, (unsigned long)list, t, GFP_KERNEL_ACCOUNT);
		if (!err)
			err = collect_sets(c, t);
		else if (err == -EBUSY)
			err = 0;
	}
	return err;
}

/*
 * Number of semaphores, and the object; 0: it is not there any more, which those of
 * whom it was are told when it is saved itself.
 */
static u32 look_up(struct ckpt_collect *c, int id, u64 *object)
{
	struct kern_ipc_perm *perm = ckpt_ipc_find(CKPT_IPC_SEMAPHORES, id);
	u32 nr;

	if (!perm)
		return 0;
	*object = ckpt_id(c, CKPT_TYPE_SEMAPHORES, perm);
	nr = ckpt_set_of(perm)->sem_nsems;
	ckpt_ipc_unlock(perm);
	return *object ? nr : 0;
}

/* Those to a set that has been removed are not there any more: they have as many as it. */
static bool copy_adjustments(struct ckpt_sem_undo_list *list, int id, __le16 *value, u32 nr)
{
	const struct ckpt_sem_undo *undo;
	u32 i;

	guard(spinlock)(&list->lock);
	undo = find_undo(list, id);
	if (!undo)
		return false;
	for (i = 0; i < nr; i++)
		value[i] = cpu_to_le16(undo->semadj[i]);
	return true;
}

static int save_set(struct ckpt_collect *c, struct ckpt_sem_undo_list *list, int id,
		    struct ckpt_writer *w)
{
	struct ckpt_semundo *rec;
	u64 object = 0;
	u32 nr = id < 0 ? 0 : look_up(c, id, &object);

	if (!nr)
		return 0;
	rec = ckpt_add(w, CKPT_REC_SEMUNDO, nr);
	if (!rec)
		return w->error;
	rec->semaphores = cpu_to_le64(object);
	if (copy_adjustments(list, id, ckpt_elems(rec), nr))
		return 0;
	ckpt_err(c->mount, "%s: somebody outside has removed System V semaphores %d",
		 c->con->name, id);
	return -EBUSY;
}

int ckpt_semundo_save(struct ckpt_collect *c, struct task_struct *t, struct ckpt_writer *w)
{
	struct ckpt_sem_undo_list *list = list_of(t);
	struct sets *sets __free(kvfree) = NULL;
	int err = 0;
	size_t i;

	if (!list || xa_load(&c->undos, (unsigned long)list) != t)
		return 0;
	sets = look(list);
	if (!sets)
		return -ENOMEM;
	for (i = 0; !err && i < sets->nr; i++) {
		err = save_set(c, list, sets->ids[i], w);
		cond_resched();
	}
	return err;
}

/* ---- made again --------------------------------------------------------------- */

/* It waits for nothing, and whether that was in vain is nothing to us. */
static long have_undo(int id)
{
	struct sembuf op = { .sem_flg = SEM_UNDO | IPC_NOWAIT };
	long err = ksym(__do_semtimedop)(id, &op, 1, NULL, current->nsproxy->ipc_ns);

	return err == -EAGAIN ? 0 : err;
}

/*
 * It gets them with its values (semmake.c): who dies before gives it nothing. Its check has
 * seen that there are as many as in the set.
 */
static int restore_set(struct ckpt_newtask *t, const struct ckpt_view *view)
{
	const struct ckpt_semundo *rec = view->body;
	struct ckpt_item *item = ckpt_item(t->r->img, CKPT_TYPE_SEMAPHORES,
					   le64_to_cpu(rec->semaphores));
	int err = have_undo(ckpt_ipc_number(item));

	return err ?: ckpt_set_expect(item, list_of(current), view->elems);
}

int ckpt_semundo_restore(struct ckpt_newtask *t)
{
	struct ckpt_cursor cur;
	struct ckpt_view view;
	int err = 0;

	ckpt_cursor_init(&cur, t->item->bytes, t->item->size);
	while (!err && ckpt_next(&cur, &view) > 0) {
		if (view.type == CKPT_REC_SEMUNDO)
			err = restore_set(t, &view);
		cond_resched();
	}
	if (err)
		ckpt_restore_err(t->r, t->item, "semaphore adjustments are refused: %pe",
				 ERR_PTR(err));
	return err;
}
