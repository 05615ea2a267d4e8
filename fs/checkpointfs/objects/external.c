// SPDX-License-Identifier: GPL-2.0-only
/*
 * Open files that stay outside: external=PID:FD.
 *
 * Whoever freezes names a descriptor of the program; the open file behind it,
 * of whatever kind, is not saved, wherever the program has it. What the image
 * has of it are that name and how it may be used. Whoever restores gives one of
 * his own descriptors for each (external=PID:FD=NUMBER), and the program has
 * that open file then, as if it had been inherited.
 *
 * What the program has of an open file by other means than its descriptors
 * would be lost, and is refused: locks, signals to tasks of the container,
 * mappings (vmas.c).
 */
#include "../object.h"

static int external_check(const struct ckpt_check *chk, u64 id,
			  const void *bytes, size_t size)
{
	const struct ckpt_external *rec;
	const struct ckpt_file *file;
	struct ckpt_view view;
	u32 flags;
	int ret;

	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_FILE, &view);
	if (ret)
		return ret;
	file = view.body;
	flags = le32_to_cpu(file->flags);
	if ((flags & ~(CKPT_O_ACCMODE | CKPT_O_APPEND | CKPT_O_NONBLOCK) &&
	     flags != CKPT_O_PATH) || file->pos)
		return ckpt_bad(chk, "not the flags of its kind");
	if (ckpt_find(bytes, size, CKPT_REC_OWNER, &view))
		return ckpt_bad(chk, "an owner");
	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_EXTERNAL, &view);
	if (ret)
		return ret;
	rec = view.body;
	return rec->pid && view.count ? 0 : ckpt_bad(chk, "without a name");
}

#ifdef __KERNEL__

#include <linux/ctype.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/filelock.h>
#include <linux/pid.h>
#include <linux/sched/coredump.h>
#include <linux/sched/task.h>

#include "../checkpointfs.h"
#include "../compat/ksyms.h"

/* How long the text is that tells people what it was, with its NUL. */
#define TEXT_MAX	256

/* ---- words -------------------------------------------------------------------- */

/* A number that ends with @end; *@text goes behind that. */
static bool parse_number(char **text, char end, u32 *number)
{
	char *word = *text, *behind = strchrnul(word, end);

	if (*behind != end || !isdigit(*word))
		return false;
	*text = behind + !!end;
	*behind = '\0';
	return !kstrtou32(word, 10, number) && *number <= S32_MAX;
}

bool ckpt_external_parse(char *text, bool numbered, struct ckpt_external_word *word)
{
	*word = (struct ckpt_external_word){};
	return parse_number(&text, ':', &word->pid) && word->pid &&
	       parse_number(&text, numbered ? '=' : '\0', &word->fd) &&
	       (!numbered || parse_number(&text, '\0', &word->number));
}

/* ---- saved -------------------------------------------------------------------- */

/* @file: referenced; NULL: the table has no such descriptor. */
struct wanted {
	unsigned int fd;
	struct file *file;
};

static int take(const void *ptr, struct file *file, unsigned int fd)
{
	struct wanted *wanted = (struct wanted *)ptr;

	if (fd == wanted->fd)
		wanted->file = get_file(file);
	return 1;
}

/* The descriptors of a frozen task of that number, referenced; or NULL. */
static struct files_struct *table_of(struct ckpt_collect *c, pid_t nr)
{
	struct files_struct *files = NULL;
	struct task_struct *t;

	guard(rcu)();
	t = pid_task(find_vpid(nr), PIDTYPE_PID);
	if (!t || !ckpt_taskset_has(c->tasks, t))
		return NULL;
	task_lock(t);
	files = t->files;
	if (files)
		atomic_inc(&files->count);
	task_unlock(t);
	return files;
}

static int declare(struct ckpt_collect *c, const struct ckpt_external_word *word)
{
	struct files_struct *files = table_of(c, word->pid);
	struct wanted wanted = { .fd = word->fd };
	int err;

	if (files) {
		iterate_fd(files, word->fd, take, &wanted);
		ksym(put_files_struct)(files);
	}
	if (!wanted.file) {
		ckpt_err(c->mount, "%s: external=%u:%u: there is no such descriptor in it",
			 c->con->name, word->pid, word->fd);
		return -EBADF;
	}
	err = xa_insert(&c->externals, (unsigned long)wanted.file, (void *)word,
			GFP_KERNEL_ACCOUNT);
	if (err)
		fput(wanted.file);
	if (err == -EBUSY) {
		const struct ckpt_external_word *first =
			xa_load(&c->externals, (unsigned long)wanted.file);

		ckpt_err(c->mount, "%s: external=%u:%u is the same open file as external=%u:%u",
			 c->con->name, word->pid, word->fd, first->pid, first->fd);
		err = -EINVAL;
	}
	return err;
}

int ckpt_externals_declare(struct ckpt_collect *c, const struct ckpt_externals *all)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < all->nr; i++)
		err = declare(c, &all->words[i]);
	return err;
}

void ckpt_externals_forget(struct ckpt_collect *c)
{
	unsigned long file;
	void *word;

	xa_for_each(&c->externals, file, word)
		fput((struct file *)file);
	xa_destroy(&c->externals);
}

/* What it is, is told by who has declared it. */
static bool external_match(struct file *file)
{
	return false;
}

static int external_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	char who[CKPT_WHO_MAX];

	ckpt_owner_refuse(c, obj->ptr);
	/* mq_notify(3): a process of the container may be the queue's to tell. */
	if (!strcmp(file_inode(obj->ptr)->i_sb->s_type->name, "mqueue"))
		ckpt_refuse(c, "%s: a message queue cannot be external",
			    ckpt_who(c, obj->ptr, who, sizeof(who)));
	return 0;
}

static bool has_lock(struct ckpt_collect *c, const struct list_head *list,
		     const struct file *file)
{
	const struct file_lock_core *flc;

	list_for_each_entry(flc, list, flc_list)
		if (flc->flc_file == file || ckpt_id(c, CKPT_TYPE_FDTABLE, flc->flc_owner))
			return true;
	return false;
}

static int external_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct file_lock_context *ctx = locks_inode_context(file_inode(obj->ptr));
	char who[CKPT_WHO_MAX];
	bool locked = false;

	if (!ctx)
		return 0;
	scoped_guard(spinlock, &ctx->flc_lock)
		locked = has_lock(c, &ctx->flc_flock, obj->ptr) ||
			 has_lock(c, &ctx->flc_posix, obj->ptr) ||
			 has_lock(c, &ctx->flc_lease, obj->ptr);
	if (locked)
		ckpt_refuse(c, "%s: locks of an external file cannot be saved",
			    ckpt_who(c, obj->ptr, who, sizeof(who)));
	return 0;
}

/* Bits of the flags by which one may do with it what one may with @file. */
static u32 access_of(const struct file *file)
{
	if (file->f_mode & FMODE_PATH)
		return CKPT_O_PATH;
	switch (file->f_mode & (FMODE_READ | FMODE_WRITE)) {
	case FMODE_READ:
		return 0;
	case FMODE_WRITE:
		return CKPT_O_WRONLY;
	case FMODE_READ | FMODE_WRITE:
		return CKPT_O_RDWR;
	default:
		return CKPT_O_ACCMODE;
	}
}

static u32 status_of(const struct file *file)
{
	u32 flags = 0;

	if (file->f_mode & FMODE_PATH)
		return 0;
	if (file->f_flags & O_APPEND)
		flags |= CKPT_O_APPEND;
	if (file->f_flags & O_NONBLOCK)
		flags |= CKPT_O_NONBLOCK;
	return flags;
}

static int external_save(struct ckpt_collect *c, struct ckpt_object *obj,
			 struct ckpt_writer *w)
{
	const struct ckpt_external_word *word = xa_load(&c->externals, (unsigned long)obj->ptr);
	struct ckpt_external *rec;
	struct ckpt_file *file;
	const char *text;
	size_t len;

	text = file_path(obj->ptr, c->page, PATH_MAX);
	if (IS_ERR(text))
		text = "?";
	len = min_t(size_t, strlen(text), TEXT_MAX - 1);
	file = ckpt_add(w, CKPT_REC_FILE, 0);
	if (!file)
		return w->error;
	file->type = cpu_to_le32(obj->ops->type);
	file->flags = cpu_to_le32(access_of(obj->ptr) | status_of(obj->ptr));
	rec = ckpt_add(w, CKPT_REC_EXTERNAL, len + 1);
	if (!rec)
		return w->error;
	rec->pid = cpu_to_le32(word->pid);
	rec->fd = cpu_to_le32(word->fd);
	memcpy(ckpt_elems(rec), text, len);
	return 0;
}

/* ---- given --------------------------------------------------------------------- */

static struct ckpt_external_word *find_word(const struct ckpt_externals *given,
					    const struct ckpt_external *rec)
{
	unsigned int i;

	for (i = 0; i < given->nr; i++)
		if (given->words[i].pid == le32_to_cpu(rec->pid) &&
		    given->words[i].fd == le32_to_cpu(rec->fd))
			return &given->words[i];
	return NULL;
}

static bool may_replace(struct file *file, u32 flags)
{
	u32 access = access_of(file), need = flags & (CKPT_O_ACCMODE | CKPT_O_PATH);

	if (file->f_op == &checkpointfs_commit_fops)
		return false;
	if ((status_of(file) ^ flags) & CKPT_O_APPEND)
		return false;
	if (access == CKPT_O_PATH || need == CKPT_O_PATH)
		return access == need;
	return access == need || access == CKPT_O_RDWR || need == CKPT_O_ACCMODE;
}

/* As FIONBIO, or F_SETFL, would by the program. Return: was it not so before? */
static bool set_nonblock(struct file *file, bool nonblock)
{
	guard(spinlock)(&file->f_lock);
	if (!(file->f_flags & O_NONBLOCK) == !nonblock)
		return false;
	file->f_flags ^= O_NONBLOCK;
	return true;
}

static int give(struct ckpt_image *img, struct ckpt_item *item,
		const struct ckpt_externals *given)
{
	const struct ckpt_file *open = ckpt_item_body(item, CKPT_REC_FILE);
	const struct ckpt_external *rec;
	struct ckpt_external_word *word;
	struct ckpt_view view;
	struct file *file;

	/* Its check has found it there. */
	if (!ckpt_find(item->bytes, item->size, CKPT_REC_EXTERNAL, &view))
		return -EUCLEAN;
	rec = view.body;
	word = find_word(given, rec);
	if (!word) {
		ckpt_err(img->mount, "%s: external=%u:%u=NUMBER is missing, for what was %s",
			 img->name, le32_to_cpu(rec->pid), le32_to_cpu(rec->fd),
			 (const char *)view.elems);
		return -EBADF;
	}
	if (word->used) {
		ckpt_err(img->mount, "%s: external=%u:%u is in the image twice",
			 img->name, word->pid, word->fd);
		return -EUCLEAN;
	}
	word->used = true;
	file = fget_raw(word->number);
	if (!file) {
		ckpt_err(img->mount, "%s: external=%u:%u=%u is no descriptor of the writer",
			 img->name, word->pid, word->fd, word->number);
		return -EBADF;
	}
	if (!may_replace(file, le32_to_cpu(open->flags))) {
		fput(file);
		ckpt_err(img->mount, "%s: external=%u:%u=%u may not be used as the program does",
			 img->name, word->pid, word->fd, word->number);
		return -EACCES;
	}
	word->changed = set_nonblock(file, le32_to_cpu(open->flags) & CKPT_O_NONBLOCK);
	item->priv = file;
	return 0;
}

/*
 * The numbers are those of the caller, whom others may have made write here: only one
 * whom who has opened it could trace, so as to have his descriptors.
 */
static int may_give(struct ckpt_image *img, const struct file *commit)
{
	const struct cred *opener = commit->f_cred, *writer = current_cred();

	if (get_dumpable(current->mm) == SUID_DUMP_USER &&
	    uid_eq(opener->uid, writer->uid) && uid_eq(opener->euid, writer->euid) &&
	    uid_eq(opener->suid, writer->suid) && gid_eq(opener->gid, writer->gid) &&
	    gid_eq(opener->egid, writer->egid) && gid_eq(opener->sgid, writer->sgid))
		return 0;
	ckpt_err(img->mount, "%s: external=: the writer is another than who has opened commit",
		 img->name);
	return -EPERM;
}

static int all_used(const struct ckpt_image *img, const struct ckpt_externals *given)
{
	unsigned int i;

	for (i = 0; i < given->nr; i++)
		if (!given->words[i].used) {
			ckpt_err(img->mount, "%s: external=%u:%u is not in the image",
				 img->name, given->words[i].pid, given->words[i].fd);
			return -EINVAL;
		}
	return 0;
}

int ckpt_externals_give(struct ckpt_image *img, const struct ckpt_externals *given)
{
	struct ckpt_item *item;
	unsigned long id;
	unsigned int i;
	int err = given->nr ? may_give(img, given->commit) : 0;

	for (i = 0; i < given->nr; i++) {
		given->words[i].used = false;
		given->words[i].changed = false;
	}
	if (err)
		return err;
	xa_for_each(&img->items[CKPT_TYPE_EXTERNAL], id, item) {
		err = give(img, item, given);
		if (err)
			return err;
		cond_resched();
	}
	return all_used(img, given);
}

static void take_back(struct ckpt_item *item, const struct ckpt_externals *given, bool failed)
{
	struct ckpt_external_word *word;

	word = find_word(given, ckpt_item_body(item, CKPT_REC_EXTERNAL));
	if (failed && word->changed)
		set_nonblock(item->priv, !(((struct file *)item->priv)->f_flags & O_NONBLOCK));
	fput(item->priv);
	item->priv = NULL;
}

void ckpt_externals_take_back(struct ckpt_image *img, const struct ckpt_externals *given,
			      bool failed)
{
	struct ckpt_item *item;
	unsigned long id;

	xa_for_each(&img->items[CKPT_TYPE_EXTERNAL], id, item) {
		if (item->priv)
			take_back(item, given, failed);
		cond_resched();
	}
}

static void *external_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	return get_file(item->priv);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_external_ops = {
	.type = CKPT_TYPE_EXTERNAL,
	.name = "external file",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE | CKPT_ROW_SHAREABLE,
	.records = { CKPT_REC_FILE, CKPT_REC_EXTERNAL },
	.max_size = 4096,
	.check = external_check,
	CKPT_KERNEL(.match = external_match,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = external_collect, .verify = external_verify,
		    .save = external_save,
		    .restore = external_restore, .drop = ckpt_file_put)
};
