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
 * @copy:	contents of the runs, back to back
 * @map:	where there are pages; constant after the freeze
 */
struct ckpt_shared {
	struct rw_semaphore lock;
	struct file *file;
	struct ckpt_content *copy;
	struct ckpt_pagemap map;
};

#endif /* _CKPT_SHMEM_H */
