/* SPDX-License-Identifier: GPL-2.0-only */
/* Adjustments of System V semaphores (SEM_UNDO): semundo.c. */
#ifndef _CKPT_SEMUNDO_H
#define _CKPT_SEMUNDO_H

#include "restore.h"

/* Collect the sets to which tasks have adjustments; c->undos is filled. */
int ckpt_semundo_collect(struct ckpt_collect *c);
/* Writes CKPT_REC_SEMUNDO, one for each set. */
int ckpt_semundo_save(struct ckpt_collect *c, struct task_struct *t, struct ckpt_writer *w);
/* In the context of @t; the sets are there. */
int ckpt_semundo_restore(struct ckpt_newtask *t);

#endif /* _CKPT_SEMUNDO_H */
