/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory whose faults a userfaultfd(2) tells of, saved and made again: uffd.c, uffdmake.c. */
#ifndef _CKPT_UFFD_H
#define _CKPT_UFFD_H

#include <linux/types.h>

struct ckpt_collect;
struct ckpt_item;
struct ckpt_memory;
struct ckpt_restore;
struct ckpt_writer;
struct file;
struct mm_struct;
struct task_struct;

/*
 * Refuse mappings that are registered with a userfaultfd that the container does not have.
 * @tid: a task that has @mm, for the log. Return: 0 or -ESRCH.
 */
int ckpt_uffd_verify(struct ckpt_collect *c, struct mm_struct *mm, u64 tid);
/**
 * ckpt_uffd_save() - a record for each mapping that is registered, in their order
 * @c: the collection
 * @mm: of frozen tasks, its mmap_lock held
 * @memory: of @mm: gets to know which pages have no contents and need none
 * @w: where the records go
 *
 * Return: 0, -EBUSY if somebody outside has registered one since they were verified, or
 * another -errno.
 */
int ckpt_uffd_save(struct ckpt_collect *c, struct mm_struct *mm, struct ckpt_memory *memory,
		   struct ckpt_writer *w);
/* Is somebody waiting for who reads a userfaultfd of the task's memory, or answers? A hint. */
bool ckpt_uffd_waits(struct task_struct *t);

/*
 * An ioctl(2) of a userfaultfd, by current, with @arg of @size bytes, which it may change.
 * @scratch is mapped. Return: 0 or -errno.
 */
int ckpt_uffd_call(struct file *file, unsigned int cmd, unsigned long scratch,
		   void *arg, size_t size);
/*
 * For current's new address space. _register(): all mappings of an item (VMAS) are there
 * and empty, and none merges; _finish(): they have their pages.
 */
int ckpt_uffd_register(struct ckpt_restore *r, struct ckpt_item *item);
int ckpt_uffd_finish(struct ckpt_restore *r, struct ckpt_item *item);

#endif /* _CKPT_UFFD_H */
