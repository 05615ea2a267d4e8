// SPDX-License-Identifier: GPL-2.0-only
/*
 * System V shared memory: a segment, shm/ID/segment.
 *
 * Of the container are those that its tasks have attached (attach.c), and those that
 * a living task of it has made. It is known by its file, which holds the memory;
 * the contents are in shm/ID/data (shmemdata.c). Saved are key, owners, mode, times,
 * who has made and attached it, SHM_LOCK, and that it has been removed.
 *
 * kern_ipc_perm.lock protects all of struct shmid_kernel; shm_clist is protected by
 * the alloc_lock of its creator, inside of that.
 *
 * How it is made again is in segmake.c. Not kept: to which control group its memory
 * is charged, and for whom locked pages count: the writer's; the name of a removed one
 * in /proc/PID/maps, which told the key.
 */
#include "../object.h"

static int segment_check(const struct ckpt_check *chk, u64 id,
			 const void *bytes, size_t size)
{
	const struct ckpt_segment *rec;
	const struct ckpt_ipc *ipc;
	struct ckpt_view view;
	u64 len;
	int err;

	ckpt_find(bytes, size, CKPT_REC_IPC, &view);
	ipc = view.body;
	err = ckpt_check_once(chk, bytes, size, CKPT_REC_SEGMENT, &view);
	if (err)
		return err;
	rec = view.body;
	if (!rec->size)
		return ckpt_bad(chk, "a segment of no size");
	if (le32_to_cpu(rec->flags) & CKPT_SEGMENT_REMOVED && ipc->key)
		return ckpt_bad(chk, "a segment that has been removed and has a key");
	if ((rec->maker && rec->maker_ended) || (rec->last && rec->last_ended))
		return ckpt_bad(chk, "a process that has and has not ended");
	/* Huge pages may have more of it than was asked for. */
	len = le64_to_cpu(rec->size);
	err = ckpt_check_policies(chk, bytes, size) ?: ckpt_check_huge(chk, bytes, size, &len);
	return err ?: ckpt_check_pages(chk, CKPT_TYPE_SEGMENTDATA, id, &view, len,
				       le64_to_cpu(rec->pages));
}

#ifdef __KERNEL__

#include <linux/file.h>
#include <linux/pid.h>
#include <linux/shmem_fs.h>
#include <linux/slab.h>

#include "shmem.h"
#include "../compat/private.h"
#include "../hugetlb.h"
#include "../sysvipc.h"

/* ---- saved ------------------------------------------------------------------ */

/**
 * struct segment - from the collection on
 * @ipc:	what will be written
 * @rec:	the same, but for what refers to other objects
 * @maker:	referenced, or NULL
 * @last:	the same
 * @attached:	how often it is, anywhere
 * @mapped:	how often by the container, as far as that has been counted
 * @counted:	how many of its attachments have been; and it itself
 * @readable:	by the caller, who may read what the container has attached anyway
 * @refused:	so that nothing else need be said of it
 */
struct segment {
	struct ckpt_ipc ipc;
	struct ckpt_segment rec;
	struct pid *maker, *last;
	unsigned long attached;
	unsigned long mapped;
	unsigned int counted;
	bool readable;
	bool refused;
};

/* Its creator is known for as long as it lives. */
static struct task_struct *creator(struct ckpt_collect *c, struct ckpt_shmid_kernel *shp)
{
	if (list_empty_careful(&shp->shm_clist) ||
	    !ckpt_lookup(c, CKPT_TYPE_TASK, shp->shm_creator))
		return NULL;
	return shp->shm_creator;
}

void *ckpt_segment_find(struct ckpt_collect *c, struct kern_ipc_perm *perm)
{
	struct ckpt_shmid_kernel *shp = ckpt_segment_of(perm);

	return creator(c, shp) ? get_file(shp->shm_file) : NULL;
}

/* Of huge pages it is known by what is reserved. */
static bool is_unreserved(const struct file *file)
{
	if (ckpt_huge_file(file))
		return !ckpt_huge_reserves(file);
	return SHMEM_I(file_inode(file))->flags & VM_NORESERVE;
}

static u32 flags_of(const struct ckpt_shmid_kernel *shp)
{
	u32 flags = 0;

	if (shp->shm_perm.mode & SHM_DEST)
		flags |= CKPT_SEGMENT_REMOVED;
	if (shp->shm_perm.mode & SHM_LOCKED)
		flags |= CKPT_SEGMENT_LOCKED;
	if (is_unreserved(shp->shm_file))
		flags |= CKPT_SEGMENT_NORESERVE;
	return flags;
}

/* Return: false if an owner has no number here. */
static bool note(struct ckpt_collect *c, struct ckpt_shmid_kernel *shp, struct segment *s)
{
	s->rec.size = cpu_to_le64(shp->shm_segsz);
	s->rec.atime = cpu_to_le64(shp->shm_atim);
	s->rec.dtime = cpu_to_le64(shp->shm_dtim);
	s->rec.ctime = cpu_to_le64(shp->shm_ctim);
	s->rec.task = cpu_to_le32(ckpt_id(c, CKPT_TYPE_TASK, creator(c, shp)));
	s->rec.flags = cpu_to_le32(flags_of(shp));
	s->maker = get_pid(shp->shm_cprid);
	s->last = get_pid(shp->shm_lprid);
	s->attached = shp->shm_nattch;
	return ckpt_ipc_fill(&s->ipc, &shp->shm_perm);
}

static int collect_parts(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct segment *s = obj->priv;
	struct ckpt_object *contents;
	int err = ckpt_ipc_collect_pid(c, s->maker);

	if (!err)
		err = ckpt_ipc_collect_pid(c, s->last);
	if (err)
		return err;
	contents = ckpt_collect_id(c, CKPT_TYPE_SEGMENTDATA, obj->ptr, obj->id);
	return PTR_ERR_OR_ZERO(contents);
}

static int segment_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct segment *s = kzalloc(sizeof(*s), GFP_KERNEL_ACCOUNT);
	unsigned long id = file_inode(obj->ptr)->i_ino;
	struct ckpt_shmid_kernel *shp;
	const char *why = NULL;

	if (!s)
		return -ENOMEM;
	obj->priv = s;
	if (!shmem_file(obj->ptr) && !ckpt_huge_internal(obj->ptr)) {
		ckpt_refuse(c, "System V shared memory %lu: memory of a device cannot be saved",
			    id);
		s->refused = true;
		return 0;
	}
	shp = ckpt_segment_lock(obj->ptr);
	if (!shp) {
		why = "one that has just been removed";
	} else {
		if (!note(c, shp, s))
			why = "an owner of another user namespace";
		s->readable = ckpt_ipc_may_read(&shp->shm_perm);
		ckpt_ipc_unlock(&shp->shm_perm);
	}
	if (why)
		ckpt_refuse(c, "System V shared memory %lu: %s cannot be saved", id, why);
	s->refused = why;
	return collect_parts(c, obj);
}

static void segment_release(struct ckpt_object *obj)
{
	struct segment *s = obj->priv;

	if (!s)
		return;
	put_pid(s->maker);
	put_pid(s->last);
	kfree(s);
}

/* Each attachment has a reference to the name, and so has the segment. */
static bool is_open(struct ckpt_collect *c, const struct ckpt_object *segment)
{
	const struct file *file = segment->ptr;

	while (d_count(file->f_path.dentry) > segment->refs + 1)
		if (!ckpt_look_again(c))
			return true;
	return false;
}

void ckpt_segment_account(struct ckpt_collect *c, struct ckpt_object *segment,
			  unsigned long mapped)
{
	unsigned long id = file_inode(segment->ptr)->i_ino;
	struct segment *s = segment->priv;

	s->mapped += mapped;
	if (++s->counted <= segment->refs || s->refused)
		return;
	if (s->attached > s->mapped)
		ckpt_refuse_shared(c, "System V shared memory %lu: it is attached by a task outside of the container",
				   id);
	else if (is_open(c, segment))
		ckpt_refuse(c, "System V shared memory %lu: memory that is open as a file cannot be saved",
			    id);
}

static int segment_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct segment *s = obj->priv;

	if (!obj->refs && !s->readable && !s->refused) {
		ckpt_refuse(c, "System V shared memory %lu: one that the caller may not read cannot be saved",
			    file_inode(obj->ptr)->i_ino);
		s->refused = true;
	}
	ckpt_segment_account(c, obj, 0);
	return 0;
}

/* It is locked. */
static bool is_as_noted(const struct ckpt_shmid_kernel *shp, const struct ckpt_shared *shared)
{
	return shp->shm_nattch == shared->attached && shp->shm_lprid == shared->last &&
	       shp->shm_atim == shared->atime && shp->shm_dtim == shared->dtime;
}

/* Who commits may be in another IPC namespace. */
int ckpt_segment_look_again(const struct ckpt_object *obj, const struct ckpt_shared *shared)
{
	struct kern_ipc_perm *perm = shared->segment;
	bool same = perm && ckpt_ipc_lock(perm);

	if (same) {
		same = is_as_noted(ckpt_segment_of(perm), shared) &&
		       ckpt_segment_of(perm)->shm_file == obj->ptr;
		ckpt_ipc_unlock(perm);
	}
	if (!same)
		ckpt_err(obj->con->mount, "%s: somebody outside has used System V shared memory %lu meanwhile",
			 obj->con->name, file_inode(obj->ptr)->i_ino);
	return same ? 0 : -EBUSY;
}

/* What look_again() compares. */
static void keep_uses(const struct ckpt_object *obj, struct ckpt_shared *shared)
{
	struct ckpt_shmid_kernel *shp = ckpt_segment_lock(obj->ptr);
	const struct segment *s = obj->priv;

	if (shp) {
		ckpt_ipc_get(&shp->shm_perm);
		shared->segment = &shp->shm_perm;
		ckpt_ipc_unlock(&shp->shm_perm);
	}
	shared->attached = s->attached;
	shared->last = get_pid(s->last);
	shared->atime = le64_to_cpu(s->rec.atime);
	shared->dtime = le64_to_cpu(s->rec.dtime);
}

static int segment_save(struct ckpt_collect *c, struct ckpt_object *obj,
			struct ckpt_writer *w)
{
	struct ckpt_shared *shared = ckpt_lookup(c, CKPT_TYPE_SEGMENTDATA, obj->ptr)->priv;
	struct segment *s = obj->priv;
	struct ckpt_segment *rec;
	struct ckpt_ipc *ipc;
	int err = ckpt_shmem_scan(obj->ptr, &shared->map);

	keep_uses(obj, shared);
	if (!err)
		err = ckpt_segment_look_again(obj, shared);
	if (err)
		return err;
	shared->file = get_file(obj->ptr);
	ipc = ckpt_add(w, CKPT_REC_IPC, 0);
	if (!ipc)
		return w->error;
	*ipc = s->ipc;
	rec = ckpt_add(w, CKPT_REC_SEGMENT, shared->map.nr);
	if (!rec)
		return w->error;
	*rec = s->rec;
	rec->pages = cpu_to_le64(shared->map.pages);
	ckpt_ipc_save_pid(c, s->maker, &rec->maker, &rec->maker_ended);
	ckpt_ipc_save_pid(c, s->last, &rec->last, &rec->last_ended);
	ckpt_pagemap_save(&shared->map, ckpt_elems(rec));
	if (ckpt_huge_file(obj->ptr))
		return ckpt_huge_save(w, obj->ptr);
	return ckpt_mempolicy_save_shared(w, file_inode(obj->ptr));
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_segment_ops = {
	.type = CKPT_TYPE_SEGMENT,
	.name = "sysv shared memory",
	.dir = "shm",
	.part = "segment",
	.flags = CKPT_ROW_LAST,
	.records = { CKPT_REC_IPC, CKPT_REC_SEGMENT, CKPT_REC_HUGETLB, CKPT_REC_POLICY },
	.max_size = 320 << 20,
	.check = segment_check,
	CKPT_KERNEL(.get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = segment_collect, .verify = segment_verify,
		    .save = segment_save, .release = segment_release,
		    .restore = ckpt_segment_make, .end = ckpt_segment_end,
		    .drop = ckpt_file_put, .bind = ckpt_segment_finish)
};
