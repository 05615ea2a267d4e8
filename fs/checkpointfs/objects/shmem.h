/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared memory: what its file (shmem.c) and its contents (shmemdata.c) share. */
#ifndef _CKPT_SHMEM_H
#define _CKPT_SHMEM_H

#include "../checkpointfs.h"

/**
 * struct ckpt_shared - contents of shared memory
 * @lock:	held for reading while pages are read from @file, for writing
 *		while @copy takes its place
 * @file:	the program's, referenced; NULL once there is a copy
 * @copy:	contents of the runs of @map, back to back
 * @map:	where there are pages; constant after the freeze
 * @image:	the same, of which those that an older image has are that
 *		image's; constant once the container has been sealed. Empty: the
 *		image has all of @map.
 * @ino, @generation: of its inode: another memory may get the same again, in
 *		theory, and then its contents differ
 * @size:	bytes
 * @flags:	CKPT_SHMEM_*
 */
struct ckpt_shared {
	struct rw_semaphore lock;
	struct file *file;
	struct ckpt_content *copy;
	struct ckpt_pagemap map;
	struct ckpt_pagemap image;
	u64 ino;
	u32 generation;
	u64 size;
	u32 flags;
};

/* mbind(2) of shared memory is the memory's, not the mapping's. */
bool ckpt_shmem_has_policy(struct inode *inode);
/* Find the pages of a file of the kernel's own tmpfs. Its position is kept. */
int ckpt_shmem_scan(struct file *file, struct ckpt_pagemap *map);
/*
 * Put the contents of the runs into one; what has been put there is taken out.
 * @lineage: where those are that the image's parents have, or NULL
 */
int ckpt_shmem_fill(struct file *file, const struct ckpt_view *runs,
		    struct ckpt_content *content, struct ckpt_lineage *lineage);

/* What the image has, in runs. */
static inline const struct ckpt_pagemap *ckpt_shared_image(const struct ckpt_shared *s)
{
	return s->image.nr ? &s->image : &s->map;
}

#endif /* _CKPT_SHMEM_H */
