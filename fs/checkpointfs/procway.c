// SPDX-License-Identifier: GPL-2.0-only
/*
 * The way to a file of procfs: a path and, if it is a task's, whose, and what follows.
 *
 * A task has a number in each pid namespace that it is in, and procfs is mounted for one
 * of them: so the number is no part of the way. The text that is saved leads to the root
 * of procfs then, and all that is below the task's directory is another.
 *
 * A name for something of a network is forgotten when it is looked up once more, and the
 * file stays: so the text is made of the mount's and of the names above the file, and
 * leads to the same entry, by another inode.
 *
 * A file that tells of a descriptor (fdinfo/N) is found only while there is one of that
 * number, and tells of whatever has it when it is read. New tasks get theirs later: so there is
 * a placeholder meanwhile.
 *
 * No locks: names of procfs are not moved, and each keeps those above it. The tables of
 * descriptors of new tasks are nobody's but the first one's, in which all of this is, while
 * the others wait for it: see joint.c.
 */
#include <linux/dcache.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/pid.h>
#include <linux/proc_fs.h>
#include <linux/slab.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "procfs.h"
#include "restore.h"

/* ---- saved ------------------------------------------------------------------ */

/* The task, which may be going: only compared. */
static const struct task_struct *task_of(struct pid *pid)
{
	guard(rcu)();
	return pid_task(pid, PIDTYPE_PID);
}

static const char *task_obstacle(struct ckpt_collect *c, struct pid *pid)
{
	const struct task_struct *t = task_of(pid);

	if (!t)
		return "of a task that has ended";
	return ckpt_lookup(c, CKPT_TYPE_TASK, t) ? NULL : "of a task outside of the container";
}

static const char *place_obstacle(struct ckpt_collect *c, const struct path *path,
				  const struct ckpt_procplace *place)
{
	const char *why;

	if (!place->pid)
		return NULL;
	if (path->mnt->mnt_root != path->dentry->d_sb->s_root)
		return "of a task, by a mount of a part of proc";
	why = task_obstacle(c, place->pid);
	return !why && place->thread ? task_obstacle(c, place->thread) : why;
}

/* Does the text lead from the freezer's root to this very file? Return: that, or -ENOMEM. */
static int leads_to(struct ckpt_collect *c, const char *text, const struct path *path)
{
	struct path found;
	bool same;
	int err;

	err = vfs_path_lookup(c->root.dentry, c->root.mnt, text, 0, &found);
	if (err)
		return err == -ENOMEM ? err : 0;
	same = found.mnt == path->mnt && ckpt_proc_same(found.dentry, path->dentry);
	path_put(&found);
	return same;
}

/* The components from the @nr'th last on, with the slash in front. */
static char *last_components(char *text, unsigned int nr)
{
	char *at = text + strlen(text);

	while (nr && at > text)
		nr -= *--at == '/';
	return at;
}

/* The mount's, and what is below it: a name of a network may have been forgotten since. */
static char *text_of(struct ckpt_collect *c, const struct path *path)
{
	const struct path root = { .mnt = path->mnt, .dentry = path->mnt->mnt_root };
	char *mount __free(kfree) = NULL;
	unsigned int depth = 0;
	struct dentry *dentry;
	char *text;

	text = d_path(&root, c->page, PATH_MAX);
	if (IS_ERR(text))
		return text;
	mount = kstrdup(strcmp(text, "/") ? text : "", GFP_KERNEL_ACCOUNT);
	if (!mount)
		return ERR_PTR(-ENOMEM);
	for (dentry = path->dentry; dentry != root.dentry && !IS_ROOT(dentry);
	     dentry = dentry->d_parent)
		depth++;
	text = dentry_path_raw(path->dentry, c->page, PATH_MAX);
	if (IS_ERR(text))
		return text;
	text = kasprintf(GFP_KERNEL_ACCOUNT, "%s%s", mount, last_components(text, depth));
	return text ?: ERR_PTR(-ENOMEM);
}

/* What comes before the task's directory is the way to the root of procfs. */
static void split_text(struct ckpt_procway *way)
{
	const struct ckpt_procplace *place = &way->place;

	way->rest = last_components(way->text, place->rest);
	*last_components(way->text, place->rest + (place->thread ? 3 : 1)) = 0;
	if (*way->rest == '/')
		way->rest++;
}

const char *ckpt_procway_collect(struct ckpt_collect *c, struct file *file,
				 struct ckpt_procway *way)
{
	const char *why;
	char *text;
	int leads;

	ckpt_proc_place(file->f_path.dentry, &way->place);
	why = place_obstacle(c, &file->f_path, &way->place);
	if (why)
		return why;
	text = text_of(c, &file->f_path);
	if (IS_ERR(text))
		return text == ERR_PTR(-ENAMETOOLONG) ? "longer than a path may be" : text;
	way->text = text;
	leads = strlen(text) < PATH_MAX ? leads_to(c, text, &file->f_path) : 0;
	if (leads <= 0)
		return leads ? ERR_PTR(leads) : "leads to another file";
	if (way->place.pid)
		split_text(way);
	return NULL;
}

/* ---- opened again ------------------------------------------------------------ */

static const struct ckpt_procfile *record_of(const struct ckpt_item *item)
{
	return ckpt_item_body(item, CKPT_REC_PROCFILE);
}

/* As it is written in procfs: a number of its pid namespace. */
static int write_way(char *text, struct super_block *sb, const struct ckpt_view *view,
		     struct pid *pid, struct pid *thread)
{
	struct pid_namespace *ns = proc_pid_ns(sb);
	pid_t nr = pid_nr_ns(pid, ns), tid = thread ? pid_nr_ns(thread, ns) : 1;
	int len;

	if (!nr || !tid)
		return -ESRCH;
	if (thread)
		len = snprintf(text, PATH_MAX, "%d/task/%d/%s", nr, tid,
			       (const char *)view->elems);
	else
		len = snprintf(text, PATH_MAX, "%d/%s", nr, (const char *)view->elems);
	return len < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* Return: of fdinfo/N the number, else -1. */
static int descriptor_in(const char *rest)
{
	int fd;

	return !strncmp(rest, "fdinfo/", 7) && !kstrtoint(rest + 7, 10, &fd) ? fd : -1;
}

static void use_table(struct files_struct *files)
{
	guard(task_lock)(current);
	current->files = files;
}

/* Make @fd of @t @file; NULL: close it. */
static int set_descriptor(struct ckpt_newtask *t, unsigned int fd, struct file *file)
{
	struct files_struct *own = current->files, *files;
	int err;

	scoped_guard(task_lock, t->task) {
		files = t->task->files;
		if (files)
			atomic_inc(&files->count);
	}
	if (!files)
		return -ESRCH;
	use_table(files);
	err = ksym(replace_fd)(fd, file, 0);
	use_table(own);
	ksym(put_files_struct)(files);
	return err < 0 ? err : 0;
}

static int put_placeholder(struct ckpt_restore *r, struct ckpt_item *item,
			   struct ckpt_newtask *t, unsigned int fd, const struct path *root)
{
	struct file *file;
	int err;

	if (!t->rec->fdtable)
		return -ESRCH;
	err = ckpt_fdtable_room(r, item, (u64)fd + 1);
	if (err)
		return err;
	file = dentry_open(root, O_PATH, current_cred());
	if (IS_ERR(file))
		return PTR_ERR(file);
	err = set_descriptor(t, fd, file);
	fput(file);
	return err;
}

static int look_up(struct path *root, const char *text, struct path *found)
{
	return vfs_path_lookup(root->dentry, root->mnt, text,
			       LOOKUP_NO_SYMLINKS | LOOKUP_NO_XDEV | LOOKUP_BENEATH, found);
}

/* The item of the task from whose directory on the text goes. */
static struct ckpt_newtask *task_in(struct ckpt_restore *r, const struct ckpt_procfile *rec)
{
	return ckpt_item(r->img, CKPT_TYPE_TASK, le32_to_cpu(rec->tid ?: rec->pid))->priv;
}

static int look_up_descriptor(struct ckpt_restore *r, struct ckpt_item *item, unsigned int fd,
			      struct path *root, const char *text, struct path *found)
{
	struct ckpt_newtask *t = task_in(r, record_of(item));
	int err = put_placeholder(r, item, t, fd, root);

	if (err)
		return err;
	err = look_up(root, text, found);
	set_descriptor(t, fd, NULL);
	return err;
}

/* From the root of procfs, where @path leads at first; the pids are those of the new tasks. */
static int walk(struct ckpt_restore *r, struct ckpt_item *item, struct path *path,
		struct pid *pid, struct pid *thread)
{
	char *text __free(kfree) = kmalloc(PATH_MAX, GFP_KERNEL);
	struct path root = *path, found;
	struct ckpt_view view;
	int err, fd;

	if (!text)
		return -ENOMEM;
	if (!ckpt_proc_is(root.dentry) || !IS_ROOT(root.dentry))
		return -ESTALE;
	/* Its check has found it there. */
	ckpt_find(item->bytes, item->size, CKPT_REC_PROCFILE, &view);
	err = write_way(text, root.dentry->d_sb, &view, pid, thread);
	if (err)
		return err;
	fd = descriptor_in(view.elems);
	err = fd < 0 ? look_up(&root, text, &found) :
		       look_up_descriptor(r, item, fd, &root, text, &found);
	if (err)
		return err;
	path_put(&root);
	*path = found;
	return 0;
}

static bool is_place(const struct path *path, const struct pid *pid, const struct pid *thread)
{
	struct ckpt_procplace place;

	if (!ckpt_proc_is(path->dentry))
		return false;
	ckpt_proc_place(path->dentry, &place);
	return place.pid == pid && place.thread == thread;
}

static struct file *open_place(struct ckpt_restore *r, struct ckpt_item *item,
			       struct pid *pid, struct pid *thread)
{
	struct path path __free(path_put) = {};
	int flags = ckpt_file_flags(item), err = 0;
	struct ckpt_view view;
	const char *text;

	text = ckpt_path_find(r, item, flags, &path);
	if (IS_ERR(text))
		return ERR_CAST(text);
	/* Its check has found it there. */
	ckpt_find(item->bytes, item->size, CKPT_REC_PROCFILE, &view);
	if (pid)
		err = walk(r, item, &path, pid, thread);
	if (!err && !is_place(&path, pid, thread))
		err = -ESTALE;
	if (!err)
		return ckpt_path_open_found(r, item, flags, &path, text);
	ckpt_restore_err(r, item, "%s: does not lead to the file %s of task %u (%d)", text,
			 (const char *)view.elems, le32_to_cpu(record_of(item)->pid), err);
	return ERR_PTR(err);
}

struct file *ckpt_procway_open(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_procfile *rec = record_of(item);
	struct pid *pid = NULL, *thread = NULL;
	struct file *file = ERR_PTR(-ESRCH);

	if (rec->pid)
		pid = find_get_pid(le32_to_cpu(rec->pid));
	if (rec->tid)
		thread = find_get_pid(le32_to_cpu(rec->tid));
	if (!rec->pid == !pid && !rec->tid == !thread)
		file = open_place(r, item, pid, thread);
	else
		ckpt_restore_err(r, item, "task %u is there no more", le32_to_cpu(rec->pid));
	put_pid(pid);
	put_pid(thread);
	return file;
}
