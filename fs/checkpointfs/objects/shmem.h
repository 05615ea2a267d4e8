/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files whose contents are in the image: what those of shared memory (shmem.c,
 * memfd.c) and deleted ones (deleted.c) share with their contents (shmemdata.c).
 */
#ifndef _CKPT_SHMEM_H
#define _CKPT_SHMEM_H

#include "../checkpointfs.h"
#include "../mempolicy.h"

/**
 * struct ckpt_shared - contents of shared memory, or of a deleted file
 * @lock:	held for reading while pages are read from @file, for writing
 *		while @copy takes its place
 * @file:	the program's, referenced; NULL once there is a copy, or that, if
 *		it is a file itself
 * @copy:	contents of the runs of @map, back to back
 * @dir:	of a deleted file: where a copy is made, unless it has huge pages;
 *		else empty
 * @copied:	@file is that copy
 * @map:	where there are pages; constant after the freeze
 * @image:	the same, of which those that an older image has are that
 *		image's; constant once the container has been sealed. Empty: the
 *		image has all of @map.
 * @ino, @generation: of its inode: another memory may get the same again, in
 *		theory, and then its contents differ
 * @size:	bytes
 * @flags:	CKPT_SHMEM_*
 * @name:	of a deleted file: the dentry that its open files share
 * @verified:	the same: how many of those have been
 * @known:	the same: references to @name that the container accounts for
 * @foreign:	the same: references to these files that it does not
 * @segment:	of a System V segment: that, referenced, or NULL
 * @attached:	the same: how often
 * @last:	the same: by whom last, referenced, or NULL
 * @atime:	the same: when it was attached last
 * @dtime:	the same: when it was detached last
 */
struct ckpt_shared {
	struct rw_semaphore lock;
	struct file *file;
	struct ckpt_content *copy;
	struct path dir;
	bool copied;
	struct ckpt_pagemap map;
	struct ckpt_pagemap image;
	u64 ino;
	u32 generation;
	u64 size;
	u32 flags;
	const struct dentry *name;
	u32 verified;
	long known;
	long foreign;
	struct kern_ipc_perm *segment;
	unsigned long attached;
	struct pid *last;
	time64_t atime, dtime;
};

/* mbind(2) of shared memory is the memory's, not the mapping's. */
bool ckpt_shmem_has_policy(struct inode *inode);
/* Find the pages of a file that are in no hole. Its position is kept. */
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
