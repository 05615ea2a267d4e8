// SPDX-License-Identifier: GPL-2.0-only
/*
 * memfd_create(2): memory with a descriptor, and a file without a path.
 *
 * Several open files may be of one memfd, opened again by /proc/PID/fd. The
 * first one that is found holds the memory: its size, seals, owner, and the
 * contents in files/ID/data (shmemdata.c); the others refer to it. All that
 * have it open or mapped must be of the container. It may be of huge pages (hugetlb.c).
 *
 * F_SEAL_FUTURE_WRITE leaves mappings alone that are older. If there is one that may be
 * written to, it is set when all is mapped, and nobody of the new tasks runs before. So all
 * mappings are made as older ones; one that is younger is refused (mapping.c).
 *
 * Not kept: inode number and timestamps.
 */
#include "../object.h"

#define MEMFD_FLAGS	(CKPT_O_FLAGS & ~(CKPT_O_PATH | CKPT_O_DIRECTORY | CKPT_O_TMPFILE))

/* @more: has it records that say more of the memory? */
static int check_other(const struct ckpt_check *chk, const struct ckpt_memfd *rec, u32 runs,
		       bool more)
{
	const struct ckpt_memfd *holder;
	struct ckpt_view view;

	holder = ckpt_check_record(chk, CKPT_TYPE_MEMFD, le64_to_cpu(rec->holder),
				   CKPT_REC_MEMFD, &view);
	if (!holder || holder->holder)
		return ckpt_bad(chk, "not the file that holds a memfd");
	if (rec->size || rec->pages || rec->seals || rec->mode || runs || more)
		return ckpt_bad(chk, "a memfd that another file holds");
	return 0;
}

static int memfd_check(const struct ckpt_check *chk, u64 id,
		       const void *bytes, size_t size)
{
	const struct ckpt_memfd *rec;
	const struct ckpt_file *file;
	struct ckpt_view view, name;
	u64 len;
	int ret;

	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_FILE, &view);
	if (ret)
		return ret;
	file = view.body;
	if (le32_to_cpu(file->flags) & ~MEMFD_FLAGS)
		return ckpt_bad(chk, "flags that this kind of file cannot have");
	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_MEMFD, &view);
	if (ret)
		return ret;
	rec = view.body;
	if (rec->holder)
		return check_other(chk, rec, view.count,
				   ckpt_find(bytes, size, CKPT_REC_POLICY, &name) ||
				   ckpt_find(bytes, size, CKPT_REC_HUGETLB, &name));
	if (!S_ISREG(le32_to_cpu(rec->mode)))
		return ckpt_bad(chk, "not the mode of a memfd");
	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_NAME, &name) ?:
		ckpt_check_policies(chk, bytes, size);
	if (ret)
		return ret;
	if (le32_to_cpu(rec->seals) & CKPT_MEMFD_SEALED_LATE &&
	    ckpt_find(bytes, size, CKPT_REC_HUGETLB, &name))
		return ckpt_bad(chk, "a memfd of huge pages that is sealed late");
	len = le64_to_cpu(rec->size);
	ret = ckpt_check_huge(chk, bytes, size, &len);
	if (!ret && len != le64_to_cpu(rec->size))
		return ckpt_bad(chk, "a part of a huge page");
	return ret ?: ckpt_check_pages(chk, CKPT_TYPE_SHMEMDATA, id, &view, len,
				       le64_to_cpu(rec->pages));
}

#ifdef __KERNEL__

#include <linux/cred.h>
#include <linux/fcntl.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/memfd.h>
#include <linux/mm.h>
#include <linux/mount.h>
#include <linux/pagemap.h>
#include <linux/shmem_fs.h>
#include <uapi/linux/memfd.h>
#include <asm/unistd.h>

#include "shmem.h"
#include "../compat/ksyms.h"
#include "../hugetlb.h"

#define PREFIX	"memfd:"

/* What nothing but the inode knows of: it can be set at any time. */
#define LATE_SEALS	(F_SEAL_FUTURE_WRITE | F_SEAL_SEAL)

/* ---- saved ------------------------------------------------------------------ */

/* Of the usual pages, in the kernel's own tmpfs. */
static bool is_small(const struct file *file)
{
	const struct inode *inode = file_inode(file);

	return S_ISREG(inode->i_mode) && shmem_mapping(file->f_mapping) &&
	       file->f_op == inode->i_fop && file->f_path.mnt->mnt_flags & MNT_INTERNAL;
}

/* As memfd_create() makes it. */
static bool memfd_match(struct file *file)
{
	return (is_small(file) || ckpt_huge_internal(file)) && !IS_PRIVATE(file_inode(file)) &&
	       !strncmp(file->f_path.dentry->d_name.name, PREFIX, strlen(PREFIX));
}

static struct ckpt_object *contents_of(struct ckpt_collect *c, const struct ckpt_object *obj)
{
	return ckpt_lookup(c, CKPT_TYPE_SHMEMDATA, file_inode(obj->ptr));
}

/* All have some, if it is that nothing may be sealed. */
static u32 seals_of(struct file *file)
{
	return ksym(memfd_fcntl)(file, F_GET_SEALS, 0);
}

static bool is_sealed_late(struct file *file)
{
	return seals_of(file) & F_SEAL_FUTURE_WRITE && mapping_writably_mapped(file->f_mapping);
}

static const char *obstacle(struct file *file)
{
	if (is_small(file) && !RB_EMPTY_ROOT(&SHMEM_I(file_inode(file))->xattrs.rb_root))
		return "extended attributes of a memfd";
	if (!is_small(file) && is_sealed_late(file))
		return "a memfd of huge pages that is sealed and mapped for writing";
	if (!(file->f_mode & FMODE_READ))
		return "a memfd that is first found open for writing only";
	return NULL;
}

static int memfd_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct file *file = obj->ptr;
	struct ckpt_object *contents;
	char who[CKPT_WHO_MAX];
	const char *why;

	contents = ckpt_collect_id(c, CKPT_TYPE_SHMEMDATA, file_inode(file), obj->id);
	if (IS_ERR(contents))
		return PTR_ERR(contents);
	why = contents->id == obj->id ? obstacle(file) : NULL;
	if (why)
		ckpt_refuse(c, "%s: %s cannot be saved",
			    ckpt_who(c, file, who, sizeof(who)), why);
	return ckpt_file_collect(c, obj);
}

/* Each open file has one reference to the name that they share. */
static bool is_shared(struct ckpt_collect *c, const struct ckpt_object *obj)
{
	const struct ckpt_object *contents = contents_of(c, obj);
	const struct file *file = obj->ptr;

	while (d_count(file->f_path.dentry) > contents->refs)
		if (!ckpt_look_again(c))
			return true;
	return ckpt_file_shared(c, obj);
}

static int memfd_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	char who[CKPT_WHO_MAX];

	if (is_shared(c, obj))
		ckpt_refuse_shared(c, "%s: the memfd is shared with a task outside of the container",
				   ckpt_who(c, obj->ptr, who, sizeof(who)));
	return 0;
}

static int save_name(const struct file *file, struct ckpt_writer *w)
{
	const char *name = file->f_path.dentry->d_name.name + strlen(PREFIX);
	size_t size = strlen(name) + 1;
	void *rec = ckpt_add(w, CKPT_REC_NAME, size);

	if (!rec)
		return w->error;
	memcpy(ckpt_elems(rec), name, size);
	return 0;
}

static int save_memory(struct file *file, struct ckpt_shared *shared, struct ckpt_writer *w)
{
	struct inode *inode = file_inode(file);
	uid_t uid = from_kuid(current_user_ns(), inode->i_uid);
	gid_t gid = from_kgid(current_user_ns(), inode->i_gid);
	struct ckpt_memfd *rec;
	int err;

	if (uid == (uid_t)-1 || gid == (gid_t)-1)
		return -EOVERFLOW;
	err = ckpt_shmem_scan(file, &shared->map);
	if (err)
		return err;
	shared->file = get_file(file);
	rec = ckpt_add(w, CKPT_REC_MEMFD, shared->map.nr);
	if (!rec)
		return w->error;
	rec->size = cpu_to_le64(i_size_read(inode));
	rec->pages = cpu_to_le64(shared->map.pages);
	rec->seals = cpu_to_le32(seals_of(file) |
				 (is_sealed_late(file) ? CKPT_MEMFD_SEALED_LATE : 0));
	rec->mode = cpu_to_le32(inode->i_mode);
	rec->uid = cpu_to_le32(uid);
	rec->gid = cpu_to_le32(gid);
	ckpt_pagemap_save(&shared->map, ckpt_elems(rec));
	err = save_name(file, w);
	if (!err && ckpt_huge_file(file))
		return ckpt_huge_save(w, file);
	return err ?: ckpt_mempolicy_save_shared(w, inode);
}

static int memfd_save(struct ckpt_collect *c, struct ckpt_object *obj,
		      struct ckpt_writer *w)
{
	struct ckpt_object *contents = contents_of(c, obj);
	struct ckpt_memfd *rec;
	int err = ckpt_file_save(c, obj, w);

	if (err)
		return err;
	if (contents->id == obj->id)
		return save_memory(obj->ptr, contents->priv, w);
	rec = ckpt_add(w, CKPT_REC_MEMFD, 0);
	if (!rec)
		return w->error;
	rec->holder = cpu_to_le64(contents->id);
	return 0;
}

/* ---- made again --------------------------------------------------------------- */

static unsigned int create_flags(const struct ckpt_item *item)
{
	const struct ckpt_hugetlb *huge = ckpt_item_body(item, CKPT_REC_HUGETLB);
	const struct ckpt_memfd *rec = ckpt_item_body(item, CKPT_REC_MEMFD);
	unsigned int flags = MFD_ALLOW_SEALING | MFD_EXEC;

	if (le32_to_cpu(rec->seals) & F_SEAL_EXEC && !(le32_to_cpu(rec->mode) & 0111))
		flags = MFD_NOEXEC_SEAL;
	if (huge)
		flags |= MFD_HUGETLB | le32_to_cpu(huge->shift) << MFD_HUGE_SHIFT;
	return flags;
}

static long create(const struct ckpt_item *item, const struct ckpt_view *name)
{
	const struct ckpt_memfd *rec = ckpt_item_body(item, CKPT_REC_MEMFD);
	unsigned long scratch = ckpt_scratch_map();
	long fd, err;

	if (IS_ERR_VALUE(scratch))
		return scratch;
	fd = ckpt_scratch_put(scratch, name->elems, name->count);
	if (!fd)
		fd = ckpt_syscall(__NR_memfd_create, scratch, create_flags(item), 0, 0, 0, 0);
	ckpt_scratch_unmap(scratch);
	if (fd < 0)
		return fd;
	err = ckpt_syscall(__NR_ftruncate, fd, le64_to_cpu(rec->size), 0, 0, 0, 0);
	if (!err)
		return fd;
	close_fd(fd);
	return err;
}

/* The owner, while it is the writer's; seals forbid whatever comes after them. */
static int fill_in(struct file *file, const struct ckpt_memfd *rec,
		   const struct ckpt_view *runs, struct ckpt_content *content)
{
	u32 seals = le32_to_cpu(rec->seals);
	int err = ckpt_shmem_fill(file, runs, content, NULL);

	if (seals & CKPT_MEMFD_SEALED_LATE)
		seals &= ~(CKPT_MEMFD_SEALED_LATE | LATE_SEALS);
	if (!err)
		err = ckpt_inode_owner(file, le32_to_cpu(rec->mode), le32_to_cpu(rec->uid),
				       le32_to_cpu(rec->gid));
	if (!err && seals & ~seals_of(file))
		err = ksym(memfd_fcntl)(file, F_ADD_SEALS, seals);
	return err;
}

static struct file *make_empty(const struct ckpt_item *item)
{
	struct ckpt_view name;
	struct file *file;
	long fd;

	/* Its check has found it there. */
	ckpt_find(item->bytes, item->size, CKPT_REC_NAME, &name);
	fd = create(item, &name);
	if (fd < 0)
		return ERR_PTR(fd);
	file = fget(fd) ?: ERR_PTR(-EBADF);
	close_fd(fd);
	return file;
}

/* As by /proc/PID/fd. */
static struct file *open_again(struct file *file, const struct ckpt_item *item)
{
	return file_open_root(&file->f_path, "", ckpt_file_flags(item) | O_LARGEFILE, 0);
}

/* Its only open file: @file, or by what it is to be had. */
static struct file *fill(struct ckpt_restore *r, const struct ckpt_item *item,
			 struct file *file)
{
	struct ckpt_item *data = ckpt_item(ckpt_restore_img(r), CKPT_TYPE_SHMEMDATA, item->id);
	struct file *first = file;
	struct ckpt_view view;
	int err;

	ckpt_find(item->bytes, item->size, CKPT_REC_MEMFD, &view);
	err = fill_in(file, view.body, &view, data->content);
	if (!err && (ckpt_file_flags(item) & O_ACCMODE) == O_RDWR)
		return file;
	file = err ? ERR_PTR(err) : open_again(first, item);
	fput(first);
	return file;
}

/* What is meant where a memfd of huge pages cannot be made; NULL: what is said. */
static const char *meaning(const struct ckpt_item *item, const struct file *file)
{
	if (!ckpt_item_body(item, CKPT_REC_HUGETLB))
		return NULL;
	if (file == ERR_PTR(-ENOMEM))
		return "the pool has too few huge pages";
	return file == ERR_PTR(-ENODEV) ? "this machine has no huge pages of that size" : NULL;
}

static void *made(struct ckpt_restore *r, struct ckpt_item *item, struct file *file)
{
	const char *why = meaning(item, file);

	if (!why)
		return ckpt_file_made(r, item, file);
	ckpt_restore_err(r, item, "%s: %pe", why, file);
	return file;
}

static void *make(struct ckpt_restore *r, struct ckpt_item *item)
{
	struct file *file = make_empty(item);
	int err;

	if (IS_ERR(file))
		return made(r, item, file);
	err = ckpt_mempolicy_restore_shared(r, item, file);
	if (err) {
		fput(file);
		return ERR_PTR(err);
	}
	return made(r, item, fill(r, item, file));
}

static void *memfd_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_memfd *rec = ckpt_item_body(item, CKPT_REC_MEMFD);
	struct file *file;

	if (!rec->holder)
		return make(r, item);
	file = ckpt_restored_file(r, le64_to_cpu(rec->holder));
	return IS_ERR(file) ? file : ckpt_file_made(r, item, open_again(file, item));
}

/* All is mapped. As F_ADD_SEALS does it, but by an open file that may be for reading only. */
static int memfd_bind(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_memfd *rec = ckpt_item_body(item, CKPT_REC_MEMFD);
	struct inode *inode = file_inode(item->made);
	u32 seals = le32_to_cpu(rec->seals);

	if (!(seals & CKPT_MEMFD_SEALED_LATE))
		return 0;
	inode_lock(inode);
	SHMEM_I(inode)->seals |= seals & LATE_SEALS;
	inode_unlock(inode);
	return 0;
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_memfd_ops = {
	.type = CKPT_TYPE_MEMFD,
	.name = "memfd",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE | CKPT_ROW_LAST,
	.records = { CKPT_REC_FILE, CKPT_REC_MEMFD, CKPT_REC_NAME, CKPT_REC_HUGETLB,
		     CKPT_REC_POLICY },
	.max_size = 320 << 20,
	.check = memfd_check,
	CKPT_KERNEL(.match = memfd_match,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = memfd_collect, .verify = memfd_verify,
		    .save = memfd_save,
		    .restore = memfd_restore, .drop = ckpt_file_put,
		    .bind = memfd_bind)
};
