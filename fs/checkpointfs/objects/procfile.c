// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files and directories of procfs.
 *
 * One of a task of the container is reached again by the number that the new task has in
 * procfs (procway.c); all tasks exist by then, and nothing of what they will be: so the
 * position in what the file tells is had again when they are. Files that are not of a
 * task are reached by their path. What they tell is the kernel's, and new.
 *
 * Who has opened a file decides what some of them tell, or let be written: it is opened
 * as the writer of the image may, and is then of whoever had opened it. Which kinds of
 * files there are is in prockind.c; the others are refused, and so are files of tasks
 * outside, or that have ended, or of an address space or mounts that are not the task's any
 * more, and pressure triggers.
 *
 * By poll(2) some tell that something has happened. Nobody knows whether it has between
 * the freeze and the restore: so the new one says it once.
 */
#include "../object.h"

#define PROC_FLAGS	(CKPT_O_FLAGS & ~(CKPT_O_PATH | CKPT_O_TMPFILE))

static int check_place(const struct ckpt_check *chk, const struct ckpt_procfile *rec,
		       const char *rest)
{
	u32 pid = le32_to_cpu(rec->pid), tid = le32_to_cpu(rec->tid);

	if (!pid && (tid || *rest))
		return ckpt_bad(chk, "a place below no task");
	if ((pid && !chk->exists(chk->priv, CKPT_TYPE_TASK, pid)) ||
	    (tid && !chk->exists(chk->priv, CKPT_TYPE_TASK, tid)))
		return ckpt_bad(chk, "of a task that is not there");
	return 0;
}

static int procfile_check(const struct ckpt_check *chk, u64 id,
			  const void *bytes, size_t size)
{
	const struct ckpt_procfile *rec;
	const struct ckpt_inode *inode;
	struct ckpt_view view;
	u32 mode;
	int ret;

	ret = ckpt_check_named(chk, bytes, size, 0, PROC_FLAGS);
	if (!ret)
		ret = ckpt_check_once(chk, bytes, size, CKPT_REC_INODE, &view);
	if (ret)
		return ret;
	inode = view.body;
	mode = le32_to_cpu(inode->mode);
	if (!S_ISREG(mode) && !S_ISDIR(mode))
		return ckpt_bad(chk, "neither a file nor a directory");
	if (ckpt_find(bytes, size, CKPT_REC_SEQFILE, &view)) {
		ret = ckpt_check_once(chk, bytes, size, CKPT_REC_SEQFILE, &view);
		if (!ret && S_ISDIR(mode))
			return ckpt_bad(chk, "a directory that is read as a file");
	}
	if (!ret)
		ret = ckpt_check_once(chk, bytes, size, CKPT_REC_PROCFILE, &view);
	if (ret)
		return ret;
	rec = view.body;
	if (!rec->creds)
		return ckpt_bad(chk, "opened by nobody");
	return check_place(chk, rec, view.elems);
}

#ifdef __KERNEL__

#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/file.h>
#include <linux/fs_struct.h>
#include <linux/nsproxy.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "../checkpointfs.h"
#include "../compat/private.h"
#include "../procfs.h"

/* Of others the regular files are refused by their filesystem's name. */
static bool procfile_match(struct file *file)
{
	umode_t mode = file_inode(file)->i_mode;

	if (!ckpt_proc_is(file_dentry(file)) || file->f_mode & FMODE_PATH)
		return false;
	return S_ISDIR(mode) || (S_ISREG(mode) && ckpt_proc_kind(file));
}

static unsigned int kind_of(struct file *file)
{
	return S_ISDIR(file_inode(file)->i_mode) ? CKPT_PROC_KNOWN : ckpt_proc_kind(file);
}

/* ---- saved ------------------------------------------------------------------ */

static const struct mm_struct *mm_of(struct pid *pid)
{
	struct task_struct *t = get_pid_task(pid, PIDTYPE_PID);
	const struct mm_struct *mm = NULL;

	if (!t)
		return NULL;
	scoped_guard(task_lock, t)
		mm = t->mm;
	put_task_struct(t);
	return mm;
}

/* Whose directory it is in, from nearest to it. */
static struct pid *nearest(const struct ckpt_procplace *place)
{
	return place->thread ?: place->pid;
}

/* Those of the freezer become those of the writer. */
static bool has_other_mounts(struct ckpt_collect *c, const struct seq_file *m)
{
	const struct ckpt_proc_mounts *mounts = m->private;

	return mounts->ns != current->nsproxy->mnt_ns || !path_equal(&mounts->root, &c->root);
}

/* The same: who opens the new one is in those. */
static bool has_other_ipc(const struct seq_file *m)
{
	const struct ckpt_ipc_proc_iter *iter = m->private;

	return iter->ns != current->nsproxy->ipc_ns ||
	       iter->pid_ns != task_active_pid_ns(current);
}

/* What is behind it is in use. */
static const char *kind_obstacle(struct ckpt_collect *c, struct file *file, unsigned int kind,
				 const struct ckpt_procplace *place)
{
	const struct seq_file *m = file->private_data;
	const struct mm_struct *mm;

	if (kind & (CKPT_PROC_MAPS | CKPT_PROC_MM)) {
		mm = ckpt_proc_mm(file, kind);
		if (!mm || mm != mm_of(nearest(place)))
			return "of an address space that its task does not have any more";
	}
	if (kind & CKPT_PROC_MOUNTS && has_other_mounts(c, m))
		return "of mounts seen from another root";
	if (kind & CKPT_PROC_USERNS && m->private != current_user_ns())
		return "of another user namespace";
	if (kind & CKPT_PROC_IPC && has_other_ipc(m))
		return "of another IPC or pid namespace";
	if (kind & CKPT_PROC_PSI && READ_ONCE(m->private))
		return "with a pressure trigger";
	if (file->f_pos < 0)
		return "at a kernel's address";
	return NULL;
}

static const char *obstacle(struct ckpt_collect *c, struct file *file,
			    const struct ckpt_procplace *place)
{
	const char *why;

	/* A directory of threads keeps the next one there. */
	if (S_ISDIR(file_inode(file)->i_mode))
		return file->private_data ? "of threads that is half read" : NULL;
	if (!ckpt_proc_use(file))
		return "that is there no more";
	why = kind_obstacle(c, file, ckpt_proc_kind(file), place);
	ckpt_proc_unuse(file);
	return why;
}

static int procfile_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct ckpt_procway *way = kzalloc(sizeof(*way), GFP_KERNEL_ACCOUNT);
	struct file *file = obj->ptr;
	struct ckpt_object *creds;
	char who[CKPT_WHO_MAX];
	const char *why;

	if (!way)
		return -ENOMEM;
	obj->priv = way;
	why = ckpt_procway_collect(c, file, way) ?: obstacle(c, file, &way->place);
	if (IS_ERR(why))
		return PTR_ERR(why);
	if (why)
		ckpt_refuse(c, "%s: %pD4 (proc, %s) cannot be saved",
			    ckpt_who(c, file, who, sizeof(who)), file, why);
	creds = ckpt_collect_ref(c, CKPT_TYPE_CREDS, (void *)file->f_cred);
	return IS_ERR(creds) ? PTR_ERR(creds) : ckpt_file_collect(c, obj);
}

static void procfile_release(struct ckpt_object *obj)
{
	struct ckpt_procway *way = obj->priv;

	if (way)
		kfree(way->text);
	kfree(way);
}

static int save_place(struct ckpt_collect *c, struct file *file, const struct ckpt_procway *way,
		      struct ckpt_writer *w)
{
	const struct ckpt_procplace *place = &way->place;
	const char *rest = place->pid ? way->rest : "";
	size_t size = strlen(rest) + 1;
	struct ckpt_procfile *rec = ckpt_add(w, CKPT_REC_PROCFILE, size);

	if (!rec)
		return w->error;
	rec->creds = cpu_to_le64(ckpt_id(c, CKPT_TYPE_CREDS, file->f_cred));
	if (place->pid)
		rec->pid = cpu_to_le32(ckpt_pid_nr(c, place->pid));
	if (place->thread)
		rec->tid = cpu_to_le32(ckpt_pid_nr(c, place->thread));
	memcpy(ckpt_elems(rec), rest, size);
	return 0;
}

static int save_read(struct ckpt_collect *c, struct file *file, struct ckpt_writer *w)
{
	char who[CKPT_WHO_MAX];
	int err = -ENOENT;

	if (!(kind_of(file) & CKPT_PROC_SEQ))
		return 0;
	if (ckpt_proc_use(file)) {
		err = ckpt_seqfile_save(file->private_data, w);
		ckpt_proc_unuse(file);
	}
	if (err == -ENOENT || err == -EFBIG) {
		ckpt_refuse(c, "%s: %pD4 (proc, %s) cannot be saved",
			    ckpt_who(c, file, who, sizeof(who)), file,
			    err == -EFBIG ? "with too much that is not read" :
					    "that is there no more");
		err = 0;
	}
	return err;
}

static int procfile_save(struct ckpt_collect *c, struct ckpt_object *obj,
			 struct ckpt_writer *w)
{
	const struct ckpt_procway *way = obj->priv;
	struct file *file = obj->ptr;
	int err = ckpt_file_save(c, obj, w);

	if (!err)
		err = ckpt_add_path(w, CKPT_PATH_FILE, *way->text ? way->text : "/");
	if (!err)
		err = ckpt_inode_save(&file->f_path, w);
	if (!err)
		err = save_place(c, file, way, w);
	return err ?: save_read(c, file, w);
}

/* ---- opened again ------------------------------------------------------------ */

static const struct ckpt_procfile *record_of(const struct ckpt_item *item)
{
	return ckpt_item_body(item, CKPT_REC_PROCFILE);
}

/* Has the task one of its own? That of one which is none is still its maker's. */
static bool has_mm(struct ckpt_restore *r, u32 tid)
{
	const struct ckpt_task *rec;

	rec = ckpt_item_body(ckpt_item(ckpt_restore_img(r), CKPT_TYPE_TASK, tid), CKPT_REC_TASK);
	return rec->mm;
}

static bool is_as_wanted(struct ckpt_restore *r, struct ckpt_item *item, struct file *file)
{
	unsigned int kind = kind_of(file);
	const struct ckpt_procfile *rec = record_of(item);
	struct ckpt_procplace place;

	if (!kind)
		return false;
	if (!(kind & CKPT_PROC_SEQ) && ckpt_item_body(item, CKPT_REC_SEQFILE))
		return false;
	if (!(kind & (CKPT_PROC_MAPS | CKPT_PROC_MM)))
		return true;
	ckpt_proc_place(file->f_path.dentry, &place);
	return place.pid && has_mm(r, le32_to_cpu(rec->tid ?: rec->pid)) &&
	       ckpt_proc_mm(file, kind) == mm_of(nearest(&place));
}

static void *procfile_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	struct file *file = ckpt_procway_open(r, item);
	int err = 0;

	if (IS_ERR(file))
		return file;
	if (!is_as_wanted(r, item, file)) {
		ckpt_restore_err(r, item, "%pD4: a file of proc that is not saved", file);
		err = -ESTALE;
	}
	if (!err)
		err = ckpt_file_set_opener(r, file, le64_to_cpu(record_of(item)->creds));
	if (!err && kind_of(file) & CKPT_PROC_SEQ)
		err = ckpt_file_finish_still(r, item, file);
	else if (!err)
		err = ckpt_file_finish(r, item, file);
	if (!err)
		return file;
	fput(file);
	return ERR_PTR(err);
}

/* What the tasks have is there by now. */
static int procfile_bind(struct ckpt_restore *r, struct ckpt_item *item)
{
	struct file *file = item->made;
	int err;

	if (!(kind_of(file) & CKPT_PROC_SEQ))
		return 0;
	if (!ckpt_proc_use(file)) {
		ckpt_restore_err(r, item, "%pD4: is there no more", file);
		return -ESTALE;
	}
	err = ckpt_seqfile_restore(r, item, file, kind_of(file) & CKPT_PROC_MOUNTS ?
						  CKPT_SEQ_BYTES : CKPT_SEQ_INDEX);
	ckpt_proc_unuse(file);
	return err;
}

static void forget(struct file *file)
{
	unsigned int kind = kind_of(file);

	if (kind & CKPT_PROC_SEQ)
		((struct seq_file *)file->private_data)->poll_event--;
	if (kind & CKPT_PROC_SYSCTL)
		file->private_data = (void *)((unsigned long)file->private_data - 1);
}

static void procfile_end(struct ckpt_item *item, bool failed)
{
	struct file *file = item->made;

	if (failed || !file || S_ISDIR(file_inode(file)->i_mode) || !ckpt_proc_use(file))
		return;
	ckpt_poll_again(file, forget);
	ckpt_proc_unuse(file);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_procfile_ops = {
	.type = CKPT_TYPE_PROCFILE,
	.name = "proc file",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE | CKPT_ROW_LAST,
	.records = { CKPT_REC_FILE, CKPT_REC_PATH, CKPT_REC_INODE, CKPT_REC_PROCFILE,
		     CKPT_REC_SEQFILE },
	.max_size = 2 << 20,
	.check = procfile_check,
	CKPT_KERNEL(.match = procfile_match,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = procfile_collect, .save = procfile_save,
		    .release = procfile_release,
		    .restore = procfile_restore, .end = procfile_end,
		    .drop = ckpt_file_put, .bind = procfile_bind)
};
