/* SPDX-License-Identifier: GPL-2.0-only */
/* For which barriers an address space is registered: what mm.c asks of membarrier.c. */
#ifndef _CKPT_MEMBARRIER_H
#define _CKPT_MEMBARRIER_H

#include <linux/types.h>

struct ckpt_item;
struct ckpt_restore;
struct mm_struct;

/* CKPT_MM_BARRIER_*. */
u32 ckpt_membarrier_flags(const struct mm_struct *mm);
/* Has a registration failed, and left something behind? */
bool ckpt_membarrier_odd(const struct mm_struct *mm);
/* What a new address space has of the writer's. */
void ckpt_membarrier_forget(struct mm_struct *mm);
/* Register current's for what the item (MM) says. Return: 0 or -errno (reported). */
int ckpt_membarrier_restore(struct ckpt_restore *r, struct ckpt_item *item);

#endif /* _CKPT_MEMBARRIER_H */
