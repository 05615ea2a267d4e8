// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a shmat(2) has given: a file of its own by which a segment is mapped.
 *
 * All that fork(), mprotect() and munmap() have made of one attachment are mappings
 * of the same file, and shmdt(2) takes those together. No descriptor leads to it. A
 * restore attaches the segment once more, keeps the file, and maps that.
 */
#include "../object.h"

static int attach_check(const struct ckpt_check *chk, u64 id,
			const void *bytes, size_t size)
{
	const struct ckpt_attach *rec;
	const struct ckpt_file *file;
	struct ckpt_view view;
	u32 flags;
	int err;

	/* There, once and in front: ckpt_check_file() has seen to that. */
	ckpt_find(bytes, size, CKPT_REC_FILE, &view);
	file = view.body;
	flags = le32_to_cpu(file->flags);
	if ((flags && flags != CKPT_O_RDWR) || file->pos)
		return ckpt_bad(chk, "not the flags of its kind");
	err = ckpt_check_once(chk, bytes, size, CKPT_REC_ATTACH, &view);
	if (err)
		return err;
	rec = view.body;
	return rec->segment ? 0 : ckpt_bad(chk, "an attachment of nothing");
}

#ifdef __KERNEL__

#include <linux/file.h>
#include <linux/ipc_namespace.h>
#include <linux/mm.h>
#include <linux/nsproxy.h>
#include <uapi/linux/shm.h>
#include <asm/unistd.h>

#include "../compat/ksyms.h"
#include "../compat/private.h"
#include "../sysvipc.h"

static bool attach_match(struct file *file)
{
	return file->f_op == ksym_addr(shm_file_operations) ||
	       file->f_op == ksym_addr(shm_file_operations_huge);
}

static struct file *memory_of(const struct file *file)
{
	const struct ckpt_shm_file_data *sfd = file->private_data;

	return sfd->file;
}

static int attach_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct file *file = obj->ptr;
	const struct ckpt_shm_file_data *sfd = file->private_data;
	struct ckpt_object *segment;
	char who[CKPT_WHO_MAX];

	if (sfd->ns != current->nsproxy->ipc_ns) {
		ckpt_refuse(c, "%s: System V shared memory of another IPC namespace cannot be saved",
			    ckpt_who(c, file, who, sizeof(who)));
		return 0;
	}
	segment = ckpt_collect_ref(c, CKPT_TYPE_SEGMENT, memory_of(file));
	if (IS_ERR(segment))
		return PTR_ERR(segment);
	return ckpt_file_collect(c, obj);
}

/* Each mapping of the container has referred to it. */
static int attach_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct ckpt_object *segment = ckpt_lookup(c, CKPT_TYPE_SEGMENT, memory_of(obj->ptr));

	if (segment)
		ckpt_segment_account(c, segment, obj->refs);
	return 0;
}

static int attach_save(struct ckpt_collect *c, struct ckpt_object *obj,
		       struct ckpt_writer *w)
{
	int err = ckpt_file_save(c, obj, w);
	struct ckpt_attach *rec = err ? NULL : ckpt_add(w, CKPT_REC_ATTACH, 0);

	if (!rec)
		return err ?: w->error;
	rec->segment = cpu_to_le64(ckpt_id(c, CKPT_TYPE_SEGMENT, memory_of(obj->ptr)));
	return 0;
}

/* Referenced, unless somebody has put another segment in its place. */
static struct file *mapped_at(unsigned long at, const struct file *memory)
{
	struct file *file = ERR_PTR(-EIDRM);
	struct vm_area_struct *vma;

	mmap_read_lock(current->mm);
	vma = vma_lookup(current->mm, at);
	if (vma && vma->vm_file && attach_match(vma->vm_file) &&
	    memory_of(vma->vm_file) == memory)
		file = get_file(vma->vm_file);
	mmap_read_unlock(current->mm);
	return file;
}

/* The first new task has nothing else in its address space yet. */
static struct file *attach(const struct file *memory, bool readonly)
{
	struct inode *inode = file_inode(memory);
	unsigned long at = ckpt_syscall(__NR_shmat, inode->i_ino, 0,
					readonly ? SHM_RDONLY : 0, 0, 0, 0);
	struct file *file;
	int err;

	if (IS_ERR_VALUE(at))
		return ERR_PTR(at);
	file = mapped_at(at, memory);
	err = vm_munmap(at, PAGE_ALIGN(i_size_read(inode)));
	if (!err || IS_ERR(file))
		return file;
	fput(file);
	return ERR_PTR(err);
}

static void *attach_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_attach *rec = ckpt_item_body(item, CKPT_REC_ATTACH);
	struct file *memory = ckpt_restored(r, CKPT_TYPE_SEGMENT, le64_to_cpu(rec->segment));

	if (IS_ERR(memory))
		return memory;
	return ckpt_file_made(r, item, attach(memory, !ckpt_file_flags(item)));
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_attach_ops = {
	.type = CKPT_TYPE_ATTACH,
	.name = "sysv attachment",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE | CKPT_ROW_MAPPED,
	.records = { CKPT_REC_FILE, CKPT_REC_ATTACH },
	.max_size = 4096,
	.check = attach_check,
	CKPT_KERNEL(.match = attach_match,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = attach_collect, .verify = attach_verify,
		    .save = attach_save,
		    .restore = attach_restore, .drop = ckpt_file_put)
};
