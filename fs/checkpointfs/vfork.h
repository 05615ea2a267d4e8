/* SPDX-License-Identifier: GPL-2.0-only */
/* Who waits in vfork(): vfork.c. */
#ifndef _CKPT_VFORK_H
#define _CKPT_VFORK_H

#include "restore.h"

/* Whom of the container @t waits for in vfork(), or NULL. */
struct task_struct *ckpt_vfork_child(struct ckpt_collect *c, struct task_struct *t);
/* Refuse to save @t if that one is outside. */
void ckpt_vfork_collect(struct ckpt_collect *c, struct task_struct *t);

/* In the context of @t, before anything else: who waits for it is known. */
void ckpt_vfork_begin(struct ckpt_newtask *t);
/*
 * What vfork() does after the clone: wait for the other, as the one that was saved did. Only
 * restore.ref keeps what is looked at.
 */
void ckpt_vfork_wait(struct ckpt_newtask *t);

#endif /* _CKPT_VFORK_H */
