/* SPDX-License-Identifier: GPL-2.0-only */
/* POSIX message queues: objects/mqueue.c, objects/mqfile.c, mqmake.c. */
#ifndef _CKPT_MQUEUE_H
#define _CKPT_MQUEUE_H

#include "checkpointfs.h"
#include "compat/private.h"

static inline struct ckpt_mqueue_inode_info *ckpt_mqueue_of(const struct dentry *queue)
{
	return container_of(d_inode(queue), struct ckpt_mqueue_inode_info, vfs_inode);
}

/* Does somebody wait to send or to receive? @q is locked. */
static inline bool ckpt_mqueue_has_waiters(const struct ckpt_mqueue_inode_info *q)
{
	return !list_empty(&q->e_wait_q[0].list) || !list_empty(&q->e_wait_q[1].list);
}

/*
 * Of the references to the name of a queue, how many are not the filesystem's, which has
 * one for as long as it is linked. Who unlinks it has one for as long as that takes.
 */
unsigned int ckpt_mqueue_users(struct dentry *queue);

/*
 * Open the queue of the item (MQUEUE) @id once more, for an item that is a file; it is
 * not finished. Return: the file, owned by the caller, or ERR_PTR() (reported if it has
 * a path).
 */
struct file *ckpt_mqueue_open(struct ckpt_restore *r, u64 id, struct ckpt_item *item);
/* As ckpt_object_ops.restore, .end, .bind. */
void *ckpt_mqueue_make(struct ckpt_restore *r, struct ckpt_item *item);
void ckpt_mqueue_end(struct ckpt_item *item, bool failed);
int ckpt_mqueue_finish(struct ckpt_restore *r, struct ckpt_item *item);

#endif /* _CKPT_MQUEUE_H */
