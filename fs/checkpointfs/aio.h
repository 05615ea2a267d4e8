/* SPDX-License-Identifier: GPL-2.0-only */
/* Contexts of io_setup(2), saved and made again: aio.c. */
#ifndef _CKPT_AIO_H
#define _CKPT_AIO_H

#include <linux/types.h>

struct ckpt_aio;
struct ckpt_collect;
struct ckpt_vma;
struct ckpt_writer;
struct mm_struct;
struct vm_area_struct;

/*
 * Is it the ring of a context of its address space? 1; 0: of none; -EOPNOTSUPP: a part
 * of it, or one of another address space. mmap_lock is held.
 */
int ckpt_aio_ring(struct vm_area_struct *vma);

/**
 * ckpt_aio_collect() - wait until no request is under way, refuse what will not end
 * @c: the collection
 * @mm: of frozen tasks
 * @tid: one of them, for the log
 *
 * Return: 0 or -EINTR.
 */
int ckpt_aio_collect(struct ckpt_collect *c, struct mm_struct *mm, u64 tid);
/* A record for each mapping that is a ring, in their order. Return: 0 or -errno. */
int ckpt_aio_save(struct ckpt_collect *c, struct mm_struct *mm, u64 tid,
		  struct ckpt_writer *w);

/**
 * ckpt_aio_create() - make a context in current's address space
 * @vma: the place of its ring, where nothing is mapped yet
 * @rec: that ring, which the check has found to fit
 * @events: its slots
 * @nr: how many
 *
 * Return: 0; -EOPNOTSUPP: on this machine no ring is as small as that; or what io_setup(2)
 * or mremap(2) say.
 */
int ckpt_aio_create(const struct ckpt_vma *vma, const struct ckpt_aio *rec,
		    const void *events, u32 nr);

#endif /* _CKPT_AIO_H */
