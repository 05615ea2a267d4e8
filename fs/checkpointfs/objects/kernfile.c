// SPDX-License-Identifier: GPL-2.0-only
/*
 * Regular files of sysfs and of the unified hierarchy of cgroups (kernfs).
 *
 * Opened again by their path, as the writer of the image may; and then of whoever had
 * opened them, whose rights decide what may be written to cgroup.procs. What they tell is
 * the kernel's, and new; how far that has been read is in seqfile.c.
 *
 * Refused are files that can be mapped (of devices), pressure triggers, a memory.peak that
 * was reset by this file, and what is there no more. By poll(2) they tell of a change
 * since they have been read: the new one has not been.
 *
 * kernfs_get_active() keeps what is behind a file.
 */
#include "../object.h"

#define KERN_FLAGS	(CKPT_O_FLAGS & ~(CKPT_O_PATH | CKPT_O_DIRECTORY | CKPT_O_TMPFILE))

static int kernfile_check(const struct ckpt_check *chk, u64 id,
			  const void *bytes, size_t size)
{
	const struct ckpt_kernfile *rec;
	struct ckpt_view view;
	int ret;

	ret = ckpt_check_named(chk, bytes, size, S_IFREG, KERN_FLAGS);
	if (!ret && ckpt_find(bytes, size, CKPT_REC_SEQFILE, &view))
		ret = ckpt_check_once(chk, bytes, size, CKPT_REC_SEQFILE, &view);
	if (!ret)
		ret = ckpt_check_once(chk, bytes, size, CKPT_REC_KERNFILE, &view);
	if (ret)
		return ret;
	rec = view.body;
	return rec->creds ? 0 : ckpt_bad(chk, "opened by nobody");
}

#ifdef __KERNEL__

#include <linux/file.h>
#include <linux/kernfs.h>
#include <linux/magic.h>
#include <linux/nsproxy.h>
#include <linux/seq_file.h>

#include "../checkpointfs.h"
#include "../compat/ksyms.h"
#include "../compat/private.h"
#include "../procfs.h"

static const struct kernfs_node *node_of(const struct file *file)
{
	return file_inode(file)->i_private;
}

static bool is_cgroup(const struct file *file)
{
	return file_inode(file)->i_sb->s_magic == CGROUP2_SUPER_MAGIC;
}

/* By what the file can do: of sysfs all but mmap(2). */
static bool is_known(const struct file *file)
{
	static void *const *const known[] = {
		&ksym_addr(sysfs_file_kfops_ro), &ksym_addr(sysfs_file_kfops_wo),
		&ksym_addr(sysfs_file_kfops_rw), &ksym_addr(sysfs_prealloc_kfops_ro),
		&ksym_addr(sysfs_prealloc_kfops_wo), &ksym_addr(sysfs_prealloc_kfops_rw),
		&ksym_addr(sysfs_bin_kfops_ro), &ksym_addr(sysfs_bin_kfops_wo),
		&ksym_addr(sysfs_bin_kfops_rw),
#ifdef CONFIG_CGROUPS
		&ksym_addr(cgroup_kf_single_ops), &ksym_addr(cgroup_kf_ops),
#endif
	};
	const struct kernfs_ops *ops = node_of(file)->attr.ops;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(known); i++)
		if (*known[i] == ops)
			return true;
	return false;
}

static bool kernfile_match(struct file *file)
{
	unsigned long magic = file_inode(file)->i_sb->s_magic;

	return (magic == SYSFS_MAGIC || magic == CGROUP2_SUPER_MAGIC) &&
	       file->f_op == ksym_addr(kernfs_file_fops) && is_known(file);
}

static bool is_seq(const struct file *file)
{
	return node_of(file)->flags & KERNFS_HAS_SEQ_SHOW;
}

static struct kernfs_open_file *open_of(const struct file *file)
{
	const struct seq_file *m = file->private_data;

	return m->private;
}

static void unuse(const struct file *file)
{
	ksym(kernfs_put_active)((struct kernfs_node *)node_of(file));
}

/* A file that was hidden for a while is there again, but what was open of it is released. */
static bool use(const struct file *file)
{
	if (!ksym(kernfs_get_active)((struct kernfs_node *)node_of(file)))
		return false;
	if (!open_of(file)->released)
		return true;
	unuse(file);
	return false;
}

/* ---- saved ------------------------------------------------------------------ */

static const char *cgroup_obstacle(const struct file *file)
{
	const struct ckpt_cgroup_file_ctx *ctx = open_of(file)->priv;

	if (READ_ONCE(ctx->psi.trigger))
		return "with a pressure trigger";
	/* It is in the list of those who have set the peak back. */
	if (READ_ONCE(ctx->peak.list.next))
		return "with a peak of its own";
	if (ctx->ns != current->nsproxy->cgroup_ns)
		return "of another cgroup namespace";
	return NULL;
}

static const char *obstacle(const struct file *file)
{
	const char *why;

	if (!use(file))
		return "that is there no more";
	why = is_cgroup(file) ? cgroup_obstacle(file) : NULL;
	unuse(file);
	return why;
}

static void refuse(struct ckpt_collect *c, struct file *file, const char *why)
{
	char who[CKPT_WHO_MAX];

	ckpt_refuse(c, "%s: %pD4 (%s, %s) cannot be saved",
		    ckpt_who(c, file, who, sizeof(who)), file,
		    file_inode(file)->i_sb->s_type->name, why);
}

static int kernfile_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct file *file = obj->ptr;
	const char *why = obstacle(file);
	struct ckpt_object *creds;
	char *text = NULL;

	if (why)
		refuse(c, file, why);
	else
		text = ckpt_path_collect_known(c, &file->f_path, file);
	if (IS_ERR(text))
		return PTR_ERR(text);
	obj->priv = text;
	creds = ckpt_collect_ref(c, CKPT_TYPE_CREDS, (void *)file->f_cred);
	return IS_ERR(creds) ? PTR_ERR(creds) : ckpt_file_collect(c, obj);
}

static int save_read(struct ckpt_collect *c, struct file *file, struct ckpt_writer *w)
{
	int err = -EFBIG;

	if (!is_seq(file))
		return 0;
	err = ckpt_seqfile_save(file->private_data, w);
	if (err != -EFBIG)
		return err;
	refuse(c, file, "with too much that is not read");
	return 0;
}

static int kernfile_save(struct ckpt_collect *c, struct ckpt_object *obj,
			 struct ckpt_writer *w)
{
	struct file *file = obj->ptr;
	struct ckpt_kernfile *rec;
	int err = ckpt_named_save(c, obj, w);

	if (err)
		return err;
	rec = ckpt_add(w, CKPT_REC_KERNFILE, 0);
	if (!rec)
		return w->error;
	rec->creds = cpu_to_le64(ckpt_id(c, CKPT_TYPE_CREDS, file->f_cred));
	return save_read(c, file, w);
}

/* ---- opened again ------------------------------------------------------------ */

static void *kernfile_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_kernfile *rec = ckpt_item_body(item, CKPT_REC_KERNFILE);
	struct file *file = ckpt_path_open(r, item, ckpt_file_flags(item), NULL);
	int err = 0;

	if (IS_ERR(file))
		return file;
	if (!kernfile_match(file) ||
	    (!is_seq(file) && ckpt_item_body(item, CKPT_REC_SEQFILE))) {
		ckpt_restore_err(r, item, "%pD4: not a file of sysfs or a cgroup that is saved",
				 file);
		err = -ESTALE;
	}
	if (!err)
		err = ckpt_file_set_opener(r, file, le64_to_cpu(rec->creds));
	if (!err && is_seq(file))
		err = ckpt_file_finish_still(r, item, file);
	else if (!err)
		err = ckpt_file_finish(r, item, file);
	if (!err)
		return file;
	fput(file);
	return ERR_PTR(err);
}

/* What it tells of the tasks is so by now. */
static int kernfile_bind(struct ckpt_restore *r, struct ckpt_item *item)
{
	struct file *file = item->made;

	if (!is_seq(file))
		return 0;
	return ckpt_seqfile_restore(r, item, file,
				    is_cgroup(file) ? CKPT_SEQ_INDEX : CKPT_SEQ_SINGLE);
}

static void forget(struct file *file)
{
	open_of(file)->event--;
}

static void kernfile_end(struct ckpt_item *item, bool failed)
{
	struct file *file = item->made;

	if (failed || !file || !use(file))
		return;
	ckpt_poll_again(file, forget);
	unuse(file);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_kernfile_ops = {
	.type = CKPT_TYPE_KERNFILE,
	.name = "kernfs file",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE | CKPT_ROW_LAST,
	.records = { CKPT_REC_FILE, CKPT_REC_PATH, CKPT_REC_INODE, CKPT_REC_KERNFILE,
		     CKPT_REC_SEQFILE },
	.max_size = 2 << 20,
	.check = kernfile_check,
	CKPT_KERNEL(.match = kernfile_match,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = kernfile_collect, .save = kernfile_save,
		    .release = ckpt_named_release,
		    .restore = kernfile_restore, .end = kernfile_end,
		    .drop = ckpt_file_put, .bind = kernfile_bind)
};
