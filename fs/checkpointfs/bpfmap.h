/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Maps of BPF: what their object types (objects/bpfmap.c, bpfdata.c) know of the elements
 * of one, copied and put in again by bpfelems.c.
 */
#ifndef _CKPT_BPFMAP_H
#define _CKPT_BPFMAP_H

#include <linux/bpf.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/refcount.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"

/**
 * struct ckpt_bpf_elems - what was in a map when it was collected
 * @ref:	of the two objects
 * @mount:	against whose stage_max they count
 * @charged:	with so many bytes
 * @rec:	the record of the map, as it is saved
 * @size:	length of @bytes
 * @bytes:	the elements, as bpfmap.c lays them out; NULL: there are none
 */
struct ckpt_bpf_elems {
	refcount_t ref;
	struct ckpt_mount *mount;
	u64 charged;
	struct ckpt_bpfmap rec;
	size_t size;
	u8 *bytes;
};

#ifdef CONFIG_BPF_SYSCALL

static inline bool ckpt_bpfmap_is(const struct file *file)
{
	return file->f_op == ksym_addr(bpf_map_fops);
}

void ckpt_bpf_elems_get(void *ptr);
void ckpt_bpf_elems_put(void *ptr);
/**
 * ckpt_bpf_elems_copy() - copy what is in a map
 * @m: whose stage_max it counts against
 * @map: one that nobody changes meanwhile; of what somebody does all the same, some is
 *	in the copy
 * @rec: all of its record but the number of elements, and the seed
 * @obstacle: set to what cannot be saved, or NULL
 * Return: the elements, with a reference that is the caller's; NULL: there is an
 * obstacle; or ERR_PTR(): -ENOMEM, -ENOSPC (reported), -EINTR.
 */
struct ckpt_bpf_elems *ckpt_bpf_elems_copy(struct ckpt_mount *m, struct bpf_map *map,
					   const struct ckpt_bpfmap *rec, const char **obstacle);
/**
 * ckpt_bpf_elems_fill() - put the elements of the image into a new map
 * @r: the restore
 * @item: the map's
 * @fd: of the map, open for writing, in the table of the current task
 * Return: 0 or -errno (reported).
 */
int ckpt_bpf_elems_fill(struct ckpt_restore *r, struct ckpt_item *item, int fd);

/* As bpf(2), with all of its checks; what @attr points at is the kernel's. */
long ckpt_bpf(enum bpf_cmd cmd, union bpf_attr *attr);
/* A descriptor of another open file, @mode O_RDONLY or O_WRONLY, of the map of @fd. */
long ckpt_bpfmap_open_again(int fd, int mode);

#else

static inline bool ckpt_bpfmap_is(const struct file *file)
{
	return false;
}

static inline void ckpt_bpf_elems_get(void *ptr)
{
}

static inline void ckpt_bpf_elems_put(void *ptr)
{
}

static inline struct ckpt_bpf_elems *
ckpt_bpf_elems_copy(struct ckpt_mount *m, struct bpf_map *map, const struct ckpt_bpfmap *rec,
		    const char **obstacle)
{
	return ERR_PTR(-ENOSYS);
}

static inline int ckpt_bpf_elems_fill(struct ckpt_restore *r, struct ckpt_item *item, int fd)
{
	return -ENOSYS;
}

static inline long ckpt_bpf(enum bpf_cmd cmd, union bpf_attr *attr)
{
	return -ENOSYS;
}

static inline long ckpt_bpfmap_open_again(int fd, int mode)
{
	return -ENOSYS;
}

#endif

#endif /* _CKPT_BPFMAP_H */
