// SPDX-License-Identifier: GPL-2.0-only
/*
 * restore/commit: an archive, or the name of a staged tree, becomes a program.
 *
 * Each open file is a writer of its own: first lines of text,
 *
 *	parent=PID			for what follows
 *	external=PID:FD=NUMBER		the same: which descriptor of the writer the
 *					program has for that one
 *	NAME [parent=PID] [external=PID:FD=NUMBER]...
 *					restore the staged tree restore/NAME, now
 *
 * then an archive. Text is printable and ends in a newline before the 512th byte;
 * the first block of an archive has a NUL by then, so writes of any size tell
 * the two apart. The write that completes the archive, or the line, does the
 * restore, with the rights of its caller, and returns its errno; after an
 * error all later writes return it too. Zeroes may follow an archive. What is
 * incomplete at the last close is dropped. w->lock serializes the users of an
 * open file; it is held during the restore.
 */
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/ptrace.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/splice.h>
#include <linux/uio.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "tar.h"

/* A name, parent=, and a few of external=, of which there may be more lines. */
#define LINE_SIZE	256

#define EXTERNALS_MAX	4096

enum writer_state {
	WRITER_TEXT,		/* lines, or not yet known */
	WRITER_ARCHIVE,		/* an archive is arriving */
	WRITER_DONE,		/* it has been restored */
	WRITER_FAILED,
};

/**
 * struct writer - an open restore/commit
 * @lock:	protects the rest; above the locks of inodes
 * @mount:	its mount
 * @restore:	the directory restore/, pinned by the open file
 * @state:	enum writer_state
 * @written:	something has been written
 * @error:	of WRITER_FAILED
 * @text:	what has arrived in WRITER_TEXT and is not a whole line
 * @len:	bytes of it
 * @parent:	parent=, or NULL
 * @externals:	external=; the numbers are looked up when the restore begins
 * @img:	of WRITER_ARCHIVE
 * @untar:	of WRITER_ARCHIVE and WRITER_DONE
 * @result:	line about the last restore
 * @shown:	what is being read, @result or that of the mount
 * @pos:	bytes of @shown that have been read
 */
struct writer {
	struct mutex lock;	/* the rest */
	struct ckpt_mount *mount;
	struct dentry *restore;
	enum writer_state state;
	bool written;
	int error;
	char text[TAR_BLOCK];
	size_t len;
	struct pid *parent;
	struct ckpt_externals externals;
	struct ckpt_image *img;
	struct ckpt_untar *untar;
	char result[sizeof_field(struct ckpt_mount, last)];
	char shown[sizeof_field(struct ckpt_mount, last)];
	size_t pos;
};

static void drop_archive(struct writer *w)
{
	ckpt_untar_destroy(w->untar);
	ckpt_image_destroy(w->img);
	w->untar = NULL;
	w->img = NULL;
}

static int fail(struct writer *w, int error)
{
	drop_archive(w);
	w->state = WRITER_FAILED;
	w->error = error;
	return error;
}

static int say(struct writer *w, int error)
{
	return ckpt_say(w->mount, "restore", error);
}

/* ---- the restore ------------------------------------------------------------- */

static void keep_result(struct writer *w, const char *name,
			const struct ckpt_restore_result *result)
{
	snprintf(w->result, sizeof(w->result), "%s pid=%d tasks=%u\n", name,
		 result->pid, result->nr_tasks);
	w->pos = 0;
	guard(mutex)(&w->mount->lock);
	strscpy(w->mount->last, w->result);
}

static bool interrupted(int err)
{
	return err == -EINTR || err == -ECANCELED ||
	       (err <= -ERESTARTSYS && err >= -ERESTART_RESTARTBLOCK);
}

/*
 * What has been written cannot be written again: EINTR is for a writer who
 * will not try, because it is he that has been killed. cat(1) would for ever.
 */
static int killed(struct writer *w, struct ckpt_image *img)
{
	if (fatal_signal_pending(current))
		return say(w, -EINTR);
	ckpt_err(w->mount, "restore: %s: a new task was killed", img->name);
	return -ECANCELED;
}

static int restore(struct writer *w, struct ckpt_image *img)
{
	struct ckpt_restore_result result = {};
	int err;

	err = say(w, ckpt_image_check(img));
	if (!err)
		err = say(w, ckpt_chain_build(img, w->restore));
	if (err) {
		ckpt_chain_return(img, false);
		return err;
	}
	err = ckpt_restore_image(img, w->parent, &w->externals, &result);
	ckpt_chain_return(img, !err);
	put_pid(w->parent);
	w->parent = NULL;
	w->externals.nr = 0;
	if (!err)
		keep_result(w, img->name, &result);
	if (interrupted(err))
		return killed(w, img);
	return err == -ENOMEM ? say(w, err) : err;
}

static int restore_staged(struct writer *w, const char *name)
{
	struct ckpt_image *img = ckpt_image_create(w->mount);
	struct ckpt_staged *staged;
	int err;

	if (!img)
		return say(w, -ENOMEM);
	staged = ckpt_staged_lend(img, w->restore, name);
	if (IS_ERR(staged)) {
		err = say(w, PTR_ERR(staged));
	} else {
		err = restore(w, img);
		ckpt_staged_return(staged, !err);
	}
	ckpt_image_destroy(img);
	return err;
}

/* ---- lines ------------------------------------------------------------------------ */

/*
 * Whoever gets children must be one whom the writer could trace. And of his
 * pid namespace: one that is below would have to wait for them when it ends,
 * which does not end them.
 */
static bool may_adopt(struct pid *pid)
{
	struct task_struct *task = get_pid_task(pid, PIDTYPE_TGID);
	bool allowed;

	if (!task)
		return false;
	allowed = ns_of_pid(pid) == task_active_pid_ns(current) &&
		  ksym(ptrace_may_access)(task, PTRACE_MODE_ATTACH_REALCREDS);
	put_task_struct(task);
	return allowed;
}

static int set_parent(struct writer *w, char *number)
{
	struct pid *pid;
	pid_t nr;

	if (kstrtoint(number, 10, &nr) || nr <= 0) {
		ckpt_err(w->mount, "restore: parent=%s is no process id", number);
		return -EINVAL;
	}
	pid = find_get_pid(nr);
	if (!pid || !pid_has_task(pid, PIDTYPE_TGID)) {
		ckpt_err(w->mount, "restore: parent=%d is no process", nr);
		put_pid(pid);
		return -ESRCH;
	}
	if (!may_adopt(pid)) {
		ckpt_err(w->mount, "restore: parent=%d: no right to give it children", nr);
		put_pid(pid);
		return -EPERM;
	}
	put_pid(w->parent);
	w->parent = pid;
	return 0;
}

static int add_external(struct writer *w, char *value)
{
	struct ckpt_externals *all = &w->externals;
	struct ckpt_external_word word, *words;
	unsigned int i;

	if (!ckpt_external_parse(value, true, &word)) {
		ckpt_err(w->mount, "restore: external= takes PID:FD=NUMBER");
		return -EINVAL;
	}
	for (i = 0; i < all->nr; i++)
		if (all->words[i].pid == word.pid && all->words[i].fd == word.fd) {
			ckpt_err(w->mount, "restore: external=%u:%u is there twice",
				 word.pid, word.fd);
			return -EINVAL;
		}
	if (all->nr == EXTERNALS_MAX) {
		ckpt_err(w->mount, "restore: external= more than %u times", EXTERNALS_MAX);
		return -E2BIG;
	}
	words = krealloc_array(all->words, all->nr + 1, sizeof(*words), GFP_KERNEL_ACCOUNT);
	if (!words)
		return say(w, -ENOMEM);
	all->words = words;
	all->words[all->nr++] = word;
	return 0;
}

static const struct option {
	const char *text;
	int (*take)(struct writer *w, char *value);
} options[] = {
	{ "parent=", set_parent },
	{ "external=", add_external },
};

/* Return: NULL if @word is none. */
static const struct option *find_option(const char *word)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(options); i++)
		if (strstarts(word, options[i].text))
			return &options[i];
	return NULL;
}

static int take_options(struct writer *w, char *words)
{
	const struct option *option;
	char *word;
	int err = 0;

	while (!err && (word = strsep(&words, " "))) {
		option = find_option(word);
		if (!option) {
			ckpt_err(w->mount, "restore: '%s' is neither parent=PID nor external=PID:FD=NUMBER",
				 word);
			return -EINVAL;
		}
		err = option->take(w, word + strlen(option->text));
	}
	return err;
}

static int take_line(struct writer *w, char *line)
{
	const char *name;
	int err;

	if (find_option(line))
		return take_options(w, line);
	name = strsep(&line, " ");
	if (!ckpt_name_valid(name)) {
		ckpt_err(w->mount, "restore: '%s' is neither an archive nor the name of a staged tree",
			 name);
		return -EINVAL;
	}
	err = take_options(w, line);
	return err ?: restore_staged(w, name);
}

/* ---- writes ------------------------------------------------------------------------ */

static int feed_archive(struct writer *w, struct iov_iter *from)
{
	int ret = ckpt_untar_feed(w->untar, from);

	if (ret <= 0)
		return say(w, ret);
	if (w->state == WRITER_DONE)
		return 0;
	ret = restore(w, w->img);
	if (ret)
		return ret;
	ckpt_image_destroy(w->img);
	w->img = NULL;
	w->state = WRITER_DONE;
	return 0;
}

/* What was taken for text until now is the first part of an archive. */
static int begin_archive(struct writer *w)
{
	struct kvec vec = { w->text, w->len };
	struct iov_iter iter;

	w->img = ckpt_image_create(w->mount);
	if (!w->img)
		return say(w, -ENOMEM);
	w->untar = ckpt_untar_create(w->img);
	if (!w->untar)
		return say(w, -ENOMEM);
	w->state = WRITER_ARCHIVE;
	iov_iter_kvec(&iter, ITER_SOURCE, &vec, 1, w->len);
	return feed_archive(w, &iter);
}

static size_t text_length(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && text[n] >= ' ' && text[n] <= '~')
		n++;
	return n;
}

/* A line, if there is a whole one. @last: nothing follows what has arrived. */
static int take_text(struct writer *w, bool last)
{
	size_t n = text_length(w->text, w->len);
	char line[LINE_SIZE];

	if (n == w->len && n < sizeof(w->text))
		return 0;
	if (n == sizeof(w->text) || w->text[n] != '\n')
		return begin_archive(w);
	if (n >= sizeof(line)) {
		ckpt_err(w->mount, "restore: '%.64s...' is too long a line", w->text);
		return -EINVAL;
	}
	memcpy(line, w->text, n);
	line[n] = '\0';
	w->len -= n + 1;
	memmove(w->text, w->text + n + 1, w->len);
	if (!find_option(line) && (w->len || !last)) {
		ckpt_err(w->mount, "restore: something follows the line '%s'", line);
		return -EINVAL;
	}
	return take_line(w, line);
}

static int feed_text(struct writer *w, struct iov_iter *from)
{
	int err = 0;

	while (!err && w->state == WRITER_TEXT && iov_iter_count(from)) {
		size_t n = min(sizeof(w->text) - w->len, iov_iter_count(from));
		size_t had;

		if (copy_from_iter(w->text + w->len, n, from) != n)
			return say(w, -EFAULT);
		w->len += n;
		do {
			had = w->len;
			err = take_text(w, !iov_iter_count(from));
		} while (!err && w->state == WRITER_TEXT && w->len && w->len < had);
	}
	if (!err && iov_iter_count(from))
		err = feed_archive(w, from);
	return err;
}

static ssize_t commit_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct writer *w = iocb->ki_filp->private_data;
	size_t n = iov_iter_count(from);
	int err;

	if (!ckpt_may_write(iocb->ki_filp)) {
		ckpt_err(w->mount, "restore: the writer has more rights than who opened commit, or is a thread of the kernel");
		return -EPERM;
	}
	if (mutex_lock_killable(&w->lock))
		return -EINTR;
	w->written = true;
	switch (w->state) {
	case WRITER_TEXT:
		err = feed_text(w, from);
		break;
	case WRITER_FAILED:
		err = w->error;
		break;
	default:
		err = feed_archive(w, from);
	}
	if (err && w->state != WRITER_FAILED)
		fail(w, err);
	mutex_unlock(&w->lock);
	return err ?: n;
}

/* Who has written what became nothing is not to take what was before for its result. */
static void show_result(struct writer *w)
{
	guard(mutex)(&w->mount->lock);
	if (w->state == WRITER_ARCHIVE)
		*w->shown = '\0';
	else
		strscpy(w->shown, w->written ? w->result : w->mount->last);
}

static ssize_t commit_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct writer *w = iocb->ki_filp->private_data;
	size_t n, want;

	if (mutex_lock_killable(&w->lock))
		return -EINTR;
	if (!w->pos)
		show_result(w);
	want = min(strlen(w->shown) - w->pos, iov_iter_count(to));
	n = copy_to_iter(w->shown + w->pos, want, to);
	w->pos += n;
	mutex_unlock(&w->lock);
	return n || !want ? n : -EFAULT;
}

static int commit_open(struct inode *inode, struct file *file)
{
	struct writer *w = kzalloc(sizeof(*w), GFP_KERNEL_ACCOUNT);

	if (!w)
		return -ENOMEM;
	mutex_init(&w->lock);
	w->mount = ckpt_mount(inode->i_sb);
	w->restore = file->f_path.dentry->d_parent;
	w->externals.commit = file;
	file->private_data = w;
	return stream_open(inode, file);
}

static int commit_release(struct inode *inode, struct file *file)
{
	struct writer *w = file->private_data;

	if (w->state == WRITER_ARCHIVE)
		ckpt_err(w->mount, "restore: closed before the end of the archive, which is dropped");
	else if (w->state == WRITER_TEXT && w->len)
		ckpt_err(w->mount, "restore: closed before the end of the line");
	drop_archive(w);
	put_pid(w->parent);
	kfree(w->externals.words);
	mutex_destroy(&w->lock);
	kfree(w);
	return 0;
}

const struct file_operations checkpointfs_commit_fops = {
	.owner		= THIS_MODULE,
	.open		= commit_open,
	.read_iter	= commit_read_iter,
	.write_iter	= commit_write_iter,
	.splice_write	= iter_file_splice_write,
	.release	= commit_release,
};
