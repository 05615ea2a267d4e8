// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tables of descriptors: which number stands for which open file.
 *
 * Stands for a files_struct, of which the collection holds a reference; no
 * task can change it, so files_struct.file_lock is taken for form. A table
 * that a task outside shares is refused. Made again in the first task that
 * has it, where those of its locks are found that belong to it (locks.c). It has the
 * directories of which signals tell (dnotify.c), too.
 */
#include "../object.h"

/* They ascend. Return: NULL if there is none of that number. */
static const struct ckpt_fd *find_fd(const struct ckpt_view *table, u32 number)
{
	const struct ckpt_fd *fd = table->elems;
	u32 low = 0, high = table->count;

	while (low < high) {
		u32 middle = low + (high - low) / 2;

		if (le32_to_cpu(fd[middle].fd) == number)
			return fd + middle;
		if (le32_to_cpu(fd[middle].fd) < number)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* A watch of nothing would end one that there is. */
static int check_dnotify(const struct ckpt_check *chk, const struct ckpt_view *table,
			 const void *bytes, size_t size)
{
	const struct ckpt_dnotify *rec;
	struct ckpt_view view;
	int err;
	u32 i;

	if (!ckpt_find(bytes, size, CKPT_REC_DNOTIFY, &view))
		return 0;
	err = ckpt_check_once(chk, bytes, size, CKPT_REC_DNOTIFY, &view);
	if (!err && view.count > table->count)
		err = ckpt_bad(chk, "more directories of which signals tell than descriptors");
	rec = view.elems;
	for (i = 0; !err && i < view.count; i++) {
		const struct ckpt_fd *fd = find_fd(table, le32_to_cpu(rec[i].fd));

		if (!fd)
			return ckpt_bad(chk, "signals that tell of no descriptor");
		if (!(le32_to_cpu(rec[i].events) & ~CKPT_DN_MULTISHOT))
			return ckpt_bad(chk, "signals that tell of no event");
		err = ckpt_check_not_external(chk, le64_to_cpu(fd->file));
		ckpt_relax();
	}
	return err;
}

static int fdtable_check(const struct ckpt_check *chk, u64 id,
			 const void *bytes, size_t size)
{
	const struct ckpt_fd *fd;
	struct ckpt_view view;
	u32 i;

	/* There, once and in front: ckpt_check_file() has seen to that. */
	if (!ckpt_find(bytes, size, CKPT_REC_FDTABLE, &view))
		return ckpt_bad(chk, "fdtable");
	fd = view.elems;
	for (i = 0; i < view.count; i++) {
		if (!fd[i].file)
			return ckpt_bad(chk, "a descriptor without a file");
		if (i && le32_to_cpu(fd[i].fd) <= le32_to_cpu(fd[i - 1].fd))
			return ckpt_bad(chk, "descriptors that do not ascend");
	}
	return check_dnotify(chk, &view, bytes, size);
}

#ifdef __KERNEL__

#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/mutex.h>
#include <linux/resource.h>
#include <linux/sched/signal.h>
#include <asm/unistd.h>

#include "../checkpointfs.h"
#include "../compat/ksyms.h"
#include "../dnotify.h"

static void fdtable_get(void *ptr)
{
	struct files_struct *files = ptr;

	atomic_inc(&files->count);
}

static void fdtable_put(void *ptr)
{
	ksym(put_files_struct)(ptr);
}

/**
 * struct descriptor - one descriptor of a table
 * @files: the table
 * @file: referenced
 * @fd: its number
 * @cloexec: closed by execve(2)
 */
struct descriptor {
	struct files_struct *files;
	struct file *file;
	unsigned int fd;
	bool cloexec;
};

static int take(const void *ptr, struct file *file, unsigned int fd)
{
	struct descriptor *d = (struct descriptor *)ptr;

	d->file = get_file(file);
	d->fd = fd;
	d->cloexec = close_on_exec(fd, d->files);
	return 1;
}

/* The first descriptor from @fd on; the caller drops d->file. */
static bool next_fd(struct files_struct *files, unsigned int fd, struct descriptor *d)
{
	d->files = files;
	return iterate_fd(files, fd, take, d);
}

static int collect_fd(struct ckpt_collect *c, const struct descriptor *d, pid_t pid,
		      const char *comm)
{
	struct ckpt_object *obj = ckpt_collect_file(c, d->file, "task %d (%s) fd %u",
						    pid, comm, d->fd);

	if (IS_ERR(obj))
		return PTR_ERR(obj) == -EOPNOTSUPP ? 0 : PTR_ERR(obj);
	obj->has_fd = true;
	return 0;
}

static int fdtable_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	const u32 most = ckpt_schema(CKPT_REC_FDTABLE)->max;
	/* Of the first task that has the table, for messages. */
	pid_t pid = obj->first;
	char comm[TASK_COMM_LEN];
	struct descriptor d;
	unsigned int fd;
	u32 nr = 0;
	int err = 0;

	ckpt_who_comm(c, pid, comm);
	for (fd = 0; !err && next_fd(obj->ptr, fd, &d); fd = d.fd + 1) {
		err = collect_fd(c, &d, pid, comm);
		fput(d.file);
		nr++;
		cond_resched();
	}
	if (nr > most)
		ckpt_refuse(c, "task %d (%s): more than %u descriptors cannot be saved",
			    pid, comm, most);
	return err;
}

/* One reference is the collection's own. */
static int fdtable_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct files_struct *files = obj->ptr;

	if (atomic_read(&files->count) > obj->refs + 1)
		ckpt_refuse_shared(c, "task %llu: its descriptors are shared with a task outside",
				   obj->first);
	return ckpt_dnotify_verify(obj);
}

static u32 count_fds(struct files_struct *files)
{
	struct descriptor d;
	unsigned int fd;
	u32 nr = 0;

	for (fd = 0; next_fd(files, fd, &d); fd = d.fd + 1) {
		fput(d.file);
		nr++;
	}
	return nr;
}

static int save_fds(struct ckpt_collect *c, struct ckpt_object *obj, struct ckpt_writer *w)
{
	u32 nr = count_fds(obj->ptr);
	struct ckpt_fdtable *table = ckpt_add(w, CKPT_REC_FDTABLE, nr);
	struct descriptor d;
	struct ckpt_fd *rec;
	unsigned int fd;

	if (!table)
		return w->error;
	rec = ckpt_elems(table);
	for (fd = 0; nr && next_fd(obj->ptr, fd, &d); fd = d.fd + 1) {
		rec->fd = cpu_to_le32(d.fd);
		rec->flags = cpu_to_le32(d.cloexec ? CKPT_FD_CLOEXEC : 0);
		rec->file = cpu_to_le64(ckpt_file_id(c, d.file));
		fput(d.file);
		/* Only if somebody shared the table and left since. */
		if (!rec->file)
			return -EAGAIN;
		rec++;
		nr--;
	}
	return nr ? -EAGAIN : 0;
}

static int fdtable_save(struct ckpt_collect *c, struct ckpt_object *obj,
			struct ckpt_writer *w)
{
	return save_fds(c, obj, w) ?: ckpt_dnotify_save(obj, w);
}

int ckpt_fdtable_clear(void)
{
	return ckpt_syscall(__NR_close_range, 0, ~0U, 0, 0, 0, 0);
}

static int install(struct ckpt_restore *r, struct ckpt_item *item,
		   const struct ckpt_view *view)
{
	const struct ckpt_fd *rec = view->elems;
	u32 i;

	for (i = 0; i < view->count; i++, rec++) {
		u32 flags = le32_to_cpu(rec->flags) & CKPT_FD_CLOEXEC ? O_CLOEXEC : 0;
		struct file *file = ckpt_restored_file(r, le64_to_cpu(rec->file));
		int err;

		if (IS_ERR(file))
			return PTR_ERR(file);
		err = ksym(replace_fd)(le32_to_cpu(rec->fd), file, flags);
		if (err) {
			ckpt_restore_err(r, item, "descriptor %u cannot be had (%d)",
					 le32_to_cpu(rec->fd), err);
			return err;
		}
		cond_resched();
	}
	return 0;
}

/* prlimit(2) of RLIMIT_NOFILE, with its checks. */
static int set_limit(const struct rlimit64 *limit)
{
	unsigned long scratch = ckpt_scratch_map();
	int err;

	if (IS_ERR_VALUE(scratch))
		return scratch;
	err = ckpt_scratch_put(scratch, limit, sizeof(*limit));
	if (!err)
		err = ckpt_syscall(__NR_prlimit64, 0, RLIMIT_NOFILE, scratch, 0, 0, 0);
	ckpt_scratch_unmap(scratch);
	return err;
}

/*
 * A program that has lowered its limit keeps the descriptors above it; so the
 * limit is raised for it, as far as the writer may, until the process gets its
 * own (process_bind()). Threads with tables of their own raise one limit.
 */
int ckpt_fdtable_room(struct ckpt_restore *r, struct ckpt_item *item, u64 need)
{
	static DEFINE_MUTEX(lock);
	struct rlimit64 high = { .rlim_cur = need };
	int err;

	guard(mutex)(&lock);
	if (need <= rlimit(RLIMIT_NOFILE))
		return 0;
	high.rlim_max = max_t(u64, need, rlimit_max(RLIMIT_NOFILE));
	err = set_limit(&high);
	if (err)
		ckpt_restore_err(r, item, "RLIMIT_NOFILE cannot be raised to %llu (%d)",
				 need, err);
	return err;
}

static int fdtable_apply(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_fd *fd;
	struct ckpt_view view;
	u64 need = 0;
	int err;

	/* Its check has found it there. */
	if (!ckpt_find(item->bytes, item->size, CKPT_REC_FDTABLE, &view))
		return -EUCLEAN;
	err = ckpt_fdtable_clear();
	if (err)
		return err;
	fd = view.elems;
	if (view.count)
		need = (u64)le32_to_cpu(fd[view.count - 1].fd) + 1;
	err = ckpt_fdtable_room(r, item, need);
	item->priv = current->files;
	return err ?: install(r, item, &view);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_fdtable_ops = {
	.type = CKPT_TYPE_FDTABLE,
	.name = "descriptors",
	.dir = "fdtables",
	.records = { CKPT_REC_FDTABLE, CKPT_REC_DNOTIFY },
	.max_size = 24 * (1 << 20) + 4096,
	.check = fdtable_check,
	CKPT_KERNEL(.get = fdtable_get, .put = fdtable_put,
		    .collect = fdtable_collect, .verify = fdtable_verify,
		    .save = fdtable_save, .release = ckpt_dnotify_release,
		    .apply = fdtable_apply, .bind = ckpt_dnotify_restore)
};
