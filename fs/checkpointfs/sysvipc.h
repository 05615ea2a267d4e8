/* SPDX-License-Identifier: GPL-2.0-only */
/* What segments, semaphores and queues of System V share: sysvipc.c. */
#ifndef _CKPT_SYSVIPC_H
#define _CKPT_SYSVIPC_H

#include <linux/ipc.h>

#include "checkpointfs.h"
#include "compat/private.h"

struct ckpt_shared;

/* In the order of ipc_namespace.ids. */
enum ckpt_ipc_kind {
	CKPT_IPC_SEMAPHORES,
	CKPT_IPC_QUEUES,
	CKPT_IPC_SEGMENTS,
};

/**
 * ckpt_ipc_find() - the object of that id, in the caller's namespace
 * Return: the object, locked and under rcu_read_lock(), or NULL.
 */
struct kern_ipc_perm *ckpt_ipc_find(enum ckpt_ipc_kind kind, int id);
/* One more reference: it is locked, or has one already. */
void ckpt_ipc_get(struct kern_ipc_perm *perm);
void ckpt_ipc_put(enum ckpt_ipc_kind kind, struct kern_ipc_perm *perm);
/* As ckpt_ipc_find(), if it has not been removed. The caller has a reference. */
bool ckpt_ipc_lock(struct kern_ipc_perm *perm);
void ckpt_ipc_unlock(struct kern_ipc_perm *perm);
/* Who holds it for writing may exchange what is in an object besides. */
struct rw_semaphore *ckpt_ipc_rwsem(enum ckpt_ipc_kind kind);
/*
 * Has anybody a reference but the namespace, and the container? Who has one for a moment is
 * given time. A restore has one to the set or queue that it has found or made, until it is
 * over: if nobody has, none is about to change it, and none will while the container has one.
 */
bool ckpt_ipc_is_shared(struct ckpt_collect *c, const struct kern_ipc_perm *perm);
/* Is its namespace the caller's? A task of another is refused, but later. */
bool ckpt_ipc_is_here(struct task_struct *t);
/* Has @t the rights that any use takes? It is locked. */
bool ckpt_ipc_may_use(struct task_struct *t, const struct kern_ipc_perm *perm);
/* Collect what no mapping leads to, by all other traces of the container's tasks. */
int ckpt_ipc_collect(struct ckpt_collect *c);

/* One of semaphores or messages, that is locked: it is unlocked then. */
int ckpt_ipc_collect_one(struct ckpt_collect *c, enum ckpt_ipc_kind kind,
			 struct kern_ipc_perm *perm);

/* Return: false if the caller's user namespace does not know an owner. */
bool ckpt_ipc_fill(struct ckpt_ipc *rec, const struct kern_ipc_perm *perm);
/* Is that a task of the container? One that lives outside? @pid may be NULL. */
bool ckpt_ipc_is_ours(struct ckpt_collect *c, struct pid *pid);
bool ckpt_ipc_is_foreign(struct ckpt_collect *c, struct pid *pid);
/* One that is remembered. @pid may be NULL. */
int ckpt_ipc_collect_pid(struct ckpt_collect *c, struct pid *pid);
void ckpt_ipc_save_pid(struct ckpt_collect *c, struct pid *pid, __le32 *nr, __le64 *ended);
/* May the caller read it? Who may send need not, nor change a semaphore. It is locked. */
bool ckpt_ipc_may_read(struct kern_ipc_perm *perm);

/* Return: referenced; NULL: there is none; or ERR_PTR(). */
struct pid *ckpt_ipc_pid(struct ckpt_restore *r, __le32 nr, __le64 ended);

/* May the caller make what these have made? 0, -EINVAL or -EPERM. */
int ckpt_ipc_may_make(const struct ckpt_ipc *rec);
/**
 * ckpt_ipc_create() - make an object with the id of the image
 * @kind: of it
 * @item: with a record CKPT_REC_IPC
 * @get: shmget(2) or its like; returns what that does
 *
 * Return: 0; -EEXIST: the id or the key is taken; -EPERM; or what @get says.
 */
int ckpt_ipc_create(enum ckpt_ipc_kind kind, const struct ckpt_item *item,
		    long (*get)(const struct ckpt_item *item));
/* As ckpt_ipc_find(), if the caller has made it, and not another since. */
struct kern_ipc_perm *ckpt_ipc_find_own(enum ckpt_ipc_kind kind, int id, key_t key);
/* The same, of semaphores or a queue. Return: referenced, not locked; or ERR_PTR(-EEXIST). */
struct kern_ipc_perm *ckpt_ipc_get_own(enum ckpt_ipc_kind kind, int id, key_t key);
/*
 * Make it the caller's alone, if he may do so by IPC_SET: who may, may remove it too.
 * It is locked.
 */
int ckpt_ipc_seize(enum ckpt_ipc_kind kind, struct kern_ipc_perm *perm);
/* Is it what the record tells of, by all that never changes? It is locked. */
bool ckpt_ipc_same(const struct kern_ipc_perm *perm, const struct ckpt_ipc *rec);

/**
 * struct ckpt_ipc_maker - how sets, or queues, are made again
 * @kind:	which
 * @get:	semget(2) or msgget(2); returns what that does
 * @note:	one of the same id, key and makers is there: has nobody used it since
 *		its program died? Notes what it is like. It is locked.
 */
struct ckpt_ipc_maker {
	enum ckpt_ipc_kind kind;
	long (*get)(const struct ckpt_item *item);
	bool (*note)(struct kern_ipc_perm *perm, struct ckpt_item *item);
};

/**
 * ckpt_ipc_have() - have a set or queue with the id of the image
 * @maker: of its kind
 * @item: with a record CKPT_REC_IPC
 * @found: set to whether it was there
 *
 * Return: it, referenced; it is the caller's. ERR_PTR(-EEXIST): another is in the way, or
 * somebody uses it; -EPERM; or what maker->get() says.
 */
struct kern_ipc_perm *ckpt_ipc_have(const struct ckpt_ipc_maker *maker,
				    struct ckpt_item *item, bool *found);
/* The id in its record CKPT_REC_IPC. */
int ckpt_ipc_number(const struct ckpt_item *item);
/* References are taken and given back; @pid may be NULL. */
void ckpt_ipc_set_pid(struct pid **at, struct pid *pid);
/* Owner and mode as in the record: when the restore cannot fail any more. It is locked. */
void ckpt_ipc_set_owner(struct kern_ipc_perm *perm, const struct ckpt_ipc *rec);
/* The same to semaphores or a queue that @item is of. */
void ckpt_ipc_hand_over(const struct ckpt_item *item);
/* Unlocks and removes it: the restore has made it, whosever it is by now. */
void ckpt_ipc_remove(enum ckpt_ipc_kind kind, struct kern_ipc_perm *perm);

/* ---- semmake.c, objects/semaphores.c -------------------------------------------- */

/**
 * struct ckpt_set_state - a set of semaphores as it is at one moment
 * @ipc:	what it has in common with others
 * @ctime:	of it
 * @otime:	of it
 * @held:	somebody outside has it, who may be about to change it
 * @nr:		how many semaphores
 * @sems:	them; the pids are referenced
 */
struct ckpt_set_state {
	struct ckpt_ipc ipc;
	time64_t ctime, otime;
	bool held;
	u32 nr;
	struct {
		int val;
		struct pid *pid;
	} sems[];
};

static inline struct ckpt_sem_array *ckpt_set_of(struct kern_ipc_perm *perm)
{
	return container_of(perm, struct ckpt_sem_array, sem_perm);
}

/*
 * Has a task of the container been the last to use it? It is locked. Return: @perm,
 * referenced; or NULL.
 */
void *ckpt_semaphores_find(struct ckpt_collect *c, struct kern_ipc_perm *perm);
/*
 * As ckpt_ipc_lock(), and against simple calls as well, which take a semaphore's lock only.
 * Return: NULL if it has been removed, or is not of as many.
 */
struct ckpt_sem_array *ckpt_set_lock(struct kern_ipc_perm *perm, u32 nr);
/* Return: room for a set of as many, or NULL. */
struct ckpt_set_state *ckpt_set_room(u32 nr);
/* It is locked by ckpt_set_lock(). Return: false if an owner has no number here. */
bool ckpt_set_note(struct ckpt_sem_array *set, struct ckpt_set_state *v);
/* Free it with its references. @v may be NULL. */
void ckpt_set_forget(struct ckpt_set_state *v);
/*
 * Those of the container are frozen, and not in any of these lists. It is locked by
 * ckpt_set_lock().
 */
bool ckpt_set_has_waiters(const struct ckpt_sem_array *set);
/* Does @undo change any of them? The set is locked. */
bool ckpt_set_adjusts(const struct ckpt_sem_undo *undo, const struct ckpt_sem_array *set);
/* By a list that is not of the container. @c: NULL: by any. It is locked. */
bool ckpt_set_is_adjusted(struct ckpt_collect *c, const struct ckpt_sem_array *set);
/*
 * The list of adjustments of a new task is to have these, of the image, as many as the set
 * of @item has semaphores. Return: 0 or -errno.
 */
int ckpt_set_expect(struct ckpt_item *item, const void *list, const __le16 *values);
/* As ckpt_object_ops.restore, .end, .bind. */
void *ckpt_set_make(struct ckpt_restore *r, struct ckpt_item *item);
void ckpt_set_end(struct ckpt_item *item, bool failed);
int ckpt_set_finish(struct ckpt_restore *r, struct ckpt_item *item);

/* ---- quemake.c, objects/queue.c ------------------------------------------------- */

/**
 * struct ckpt_queue_state - what there is of a queue but messages
 * @ipc:	what will be written
 * @rec:	the same, but for who was last
 * @sender:	referenced, or NULL
 * @receiver:	the same
 * @bytes:	of all messages
 * @nr:		of messages
 * @waited:	somebody waits, who is not of the container: it is frozen
 * @held:	somebody outside has it, who may be about to change it
 */
struct ckpt_queue_state {
	struct ckpt_ipc ipc;
	struct ckpt_queue rec;
	struct pid *sender, *receiver;
	unsigned long bytes, nr;
	bool waited, held;
};

static inline struct ckpt_msg_queue *ckpt_queue_of(struct kern_ipc_perm *perm)
{
	return container_of(perm, struct ckpt_msg_queue, q_perm);
}

/* Somebody waits to send or to receive. It is locked. */
bool ckpt_queue_has_waiters(const struct ckpt_msg_queue *q);
/* Return: false if an owner has no number here. It is locked. */
bool ckpt_queue_note(struct ckpt_msg_queue *q, struct ckpt_queue_state *n);
/*
 * Who sends or takes a message leaves a trace: if there is none, the messages are the same
 * ones, unless somebody who has a reference has exchanged them. It is locked.
 */
bool ckpt_queue_is_as_noted(const struct ckpt_msg_queue *q, const struct ckpt_queue_state *n);
/* Give back its references. */
void ckpt_queue_forget(struct ckpt_queue_state *n);
/* The same as ckpt_semaphores_find(). */
void *ckpt_queue_find(struct ckpt_collect *c, struct kern_ipc_perm *perm);
/* As ckpt_object_ops.restore, .complete, .end, .bind. */
void *ckpt_queue_make(struct ckpt_restore *r, struct ckpt_item *item);
int ckpt_queue_fill_all(struct ckpt_restore *r);
void ckpt_queue_end(struct ckpt_item *item, bool failed);
int ckpt_queue_finish(struct ckpt_restore *r, struct ckpt_item *item);

/* ---- segmake.c, objects/segment.c ----------------------------------------------- */

/* Bits of its mode above those of a file's: linux/ipc/shm.c. */
#define SHM_DEST	01000
#define SHM_LOCKED	02000

static inline struct ckpt_shmid_kernel *ckpt_segment_of(struct kern_ipc_perm *perm)
{
	return container_of(perm, struct ckpt_shmid_kernel, shm_perm);
}

/* As ckpt_ipc_find(); NULL: @file is no segment's any more. */
struct ckpt_shmid_kernel *ckpt_segment_lock(const struct file *file);
/* A segment that a task of the container has made: its file, referenced; or NULL. */
void *ckpt_segment_find(struct ckpt_collect *c, struct kern_ipc_perm *perm);
/*
 * One of its attachments, or the segment itself, has been verified: it is mapped
 * @mapped times. The last of them finds out whether it is elsewhere too.
 */
void ckpt_segment_account(struct ckpt_collect *c, struct ckpt_object *segment,
			  unsigned long mapped);
/*
 * Is it attached as often as when it was saved, and has nobody attached or detached it
 * since? Who does so leaves a trace, and none of the container does. Return: 0 or -EBUSY
 * (reported).
 */
int ckpt_segment_look_again(const struct ckpt_object *obj, const struct ckpt_shared *shared);
/* As ckpt_object_ops.restore, .end, .bind. */
void *ckpt_segment_make(struct ckpt_restore *r, struct ckpt_item *item);
void ckpt_segment_end(struct ckpt_item *item, bool failed);
int ckpt_segment_finish(struct ckpt_restore *r, struct ckpt_item *item);

#endif /* _CKPT_SYSVIPC_H */
