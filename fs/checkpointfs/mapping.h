/* SPDX-License-Identifier: GPL-2.0-only */
/* One mapping, in the kernel and in the image: what vmas.c asks of mapping.c. */
#ifndef _CKPT_MAPPING_H
#define _CKPT_MAPPING_H

#include <linux/types.h>

struct anon_vma_name;
struct ckpt_restore;
struct ckpt_vma;
struct vm_area_struct;

/* What cannot be saved of a mapping; NULL: nothing. mmap_lock is held. */
const char *ckpt_vma_obstacle(struct vm_area_struct *vma);
/* PR_SET_VMA_ANON_NAME; NULL: it has none. mmap_lock is held. */
const struct anon_vma_name *ckpt_vma_name(const struct vm_area_struct *vma);
/* Fill in @rec, of zeroes; @file is the id of its file. mmap_lock is held. */
void ckpt_vma_save(struct vm_area_struct *vma, u64 file, struct ckpt_vma *rec);

/*
 * The life of a new mapping in current's address space: _create() maps it, so
 * that pages can be installed, and _finish() protects it. A mapping that is
 * not finished merges with no other.
 */
int ckpt_mapping_create(struct ckpt_restore *r, const struct ckpt_vma *rec);
int ckpt_mapping_finish(struct ckpt_restore *r, const struct ckpt_vma *rec);
/*
 * In between: forbid it to merge, which _create() has done, and undo that; then it merges
 * when something is mapped next to it. @clear: VM_* that go with it. Return: 0 or -errno.
 */
int ckpt_mapping_keep_apart(const struct ckpt_vma *rec);
int ckpt_mapping_let_merge(const struct ckpt_vma *rec, unsigned long clear);
/* Name the mapping at @start; @size is that of @name with its NUL. */
int ckpt_mapping_name(unsigned long start, const char *name, size_t size);

#endif /* _CKPT_MAPPING_H */
