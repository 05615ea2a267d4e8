// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pairs of pseudoterminals made again (objects/pty.c), with their files (tty.c).
 *
 * The kernel gives each new ptmx the lowest number that is free, so ptmx is opened
 * until it has the one that is wanted; those of the whole image are had in one go, and
 * those in between are closed again. The files of the pts are opened next, what has been
 * hung up first, and then everything is set and filled that this would have changed.
 * All of it in the first new task.
 *
 * A pair is locked (TIOCSPTLCK) until the whole restore has succeeded, but while the
 * files are opened, when others with rights to it can, too. Who still has it open then,
 * or has it for controlling terminal, ends the restore; what he did there is undone, as
 * everything is set anew.
 */
#include <linux/fcntl.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/kdev_t.h>
#include <linux/major.h>
#include <linux/namei.h>
#include <linux/sched/signal.h>
#include <linux/xarray.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "ttyend.h"

/* ---- numbers ------------------------------------------------------------------ */

static const char *path_of(const struct ckpt_item *item)
{
	struct ckpt_view view;

	/* Its check has found it there. */
	return ckpt_find(item->bytes, item->size, CKPT_REC_PATH, &view) ? view.elems : "";
}

static u32 index_of(const struct ckpt_item *item)
{
	const struct ckpt_pty *rec = ckpt_item_body(item, CKPT_REC_PTY);

	return le32_to_cpu(rec->index);
}

/* Return: a new ptmx, owned by the caller, or ERR_PTR() (reported). */
static struct file *open_ptmx(struct ckpt_restore *r, struct ckpt_item *item)
{
	struct path path __free(path_put) = {};
	const char *text = path_of(item);
	struct file *file;
	int err;

	err = kern_path(text, LOOKUP_FOLLOW, &path);
	if (!err && (!S_ISCHR(d_inode(path.dentry)->i_mode) ||
		     d_inode(path.dentry)->i_rdev != MKDEV(TTYAUX_MAJOR, 2)))
		err = -ESTALE;
	file = err ? ERR_PTR(err) : file_open_root(&path, "", O_RDWR | O_NOCTTY, 0);
	if (!IS_ERR(file) && file->f_op != ksym_addr(ptmx_fops)) {
		fput(file);
		file = ERR_PTR(-ESTALE);
	}
	if (IS_ERR(file))
		ckpt_restore_err(r, item, "%s: no terminal can be had: %pe", text, file);
	return file;
}

/**
 * struct search - for numbers
 * @wanted:	items that have none yet
 * @last:	the greatest of theirs
 * @others:	open files whose numbers nobody wants
 */
struct search {
	struct xarray wanted;
	u32 last;
	struct xarray others;
};

/* All that are had by the same path. */
static int want_numbers(struct ckpt_restore *r, struct ckpt_item *first, struct search *s)
{
	struct ckpt_item *item;
	unsigned long id;

	xa_for_each(&ckpt_restore_img(r)->items[CKPT_TYPE_PTY], id, item) {
		u32 index = index_of(item);
		int err;

		if (item->priv || item->made || ckpt_item_is_line(item) ||
		    strcmp(path_of(item), path_of(first)))
			continue;
		err = xa_insert(&s->wanted, index, item, GFP_KERNEL_ACCOUNT);
		if (err == -EBUSY) {
			ckpt_restore_err(r, item, "there are two pts/%u", index);
			return -EUCLEAN;
		}
		if (err)
			return err;
		s->last = max(s->last, index);
		cond_resched();
	}
	return 0;
}

/* Whoever wants the least number that is free gets it. Return: the number, or -errno. */
static int take_number(struct ckpt_restore *r, struct ckpt_item *first, struct search *s)
{
	struct file *file = open_ptmx(r, first);
	struct ckpt_item *item;
	int index, err;

	if (IS_ERR(file))
		return PTR_ERR(file);
	index = ckpt_file_tty(file)->index;
	item = xa_erase(&s->wanted, index);
	if (item) {
		item->priv = file;
		return index;
	}
	err = xa_insert(&s->others, index, file, GFP_KERNEL_ACCOUNT);
	if (!err)
		return index;
	__fput_sync(file);
	return err;
}

static int take_numbers(struct ckpt_restore *r, struct ckpt_item *first, struct search *s)
{
	struct ckpt_item *item;
	unsigned long missing;
	int index = 0;

	while (!xa_empty(&s->wanted) && index <= s->last) {
		index = take_number(r, first, s);
		if (index < 0)
			return index;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	xa_for_each(&s->wanted, missing, item) {
		ckpt_restore_err(r, item, "pts/%lu is in use", missing);
		return -EBUSY;
	}
	return 0;
}

/* Those that are not wanted go at once: the next pair may be of another path. */
static int find_numbers(struct ckpt_restore *r, struct ckpt_item *first)
{
	struct search s = {};
	unsigned long index;
	struct file *file;
	int err;

	xa_init(&s.wanted);
	xa_init(&s.others);
	err = want_numbers(r, first, &s);
	if (!err)
		err = take_numbers(r, first, &s);
	xa_for_each(&s.others, index, file) {
		__fput_sync(file);
		cond_resched();
	}
	xa_destroy(&s.others);
	xa_destroy(&s.wanted);
	return err;
}

/* ---- made again --------------------------------------------------------------- */

/**
 * struct pair - a new pair, until it is as the one that it stands for
 * @r:		restore
 * @item:	its object
 * @rec:	its record
 * @ptmx:	open file
 * @pts:	the other end
 * @peer:	an open file of that, which the image does not have
 * @files:	how many open files it has, with @peer
 * @hung_up:	some of them have been
 */
struct pair {
	struct ckpt_restore *r;
	struct ckpt_item *item;
	const struct ckpt_pty *rec;
	struct file *ptmx;
	struct tty_struct *pts;
	struct file *peer;
	size_t files;
	bool hung_up;
};

static bool has_flag(const struct pair *p, u32 flag)
{
	return le32_to_cpu(p->rec->flags) & flag;
}

static int failed(const struct pair *p, const char *what, int err)
{
	ckpt_restore_err(p->r, p->item, "pts/%u: %s: %pe", index_of(p->item), what, ERR_PTR(err));
	return err;
}

/* A pts that needs no path, nor the rights to it. */
static struct file *open_peer(struct pair *p, int flags)
{
	long fd = ckpt_ioctl(p->ptmx, TIOCGPTPEER, flags | O_NOCTTY);
	struct file *file = fd < 0 ? ERR_PTR(fd) : fget(fd) ?: ERR_PTR(-EBADF);

	if (fd >= 0)
		close_fd(fd);
	if (IS_ERR(file))
		failed(p, "cannot be opened", PTR_ERR(file));
	return file;
}

/* As /dev/tty: it is ours for as long. */
static struct file *open_named(struct pair *p, struct ckpt_item *item)
{
	struct file *file;

	ckpt_terminal_set(p->pts);
	file = ckpt_path_open(p->r, item, ckpt_file_flags(item) | O_NOCTTY, NULL);
	ckpt_terminal_set(NULL);
	if (IS_ERR(file))
		return file;
	if (file->f_op == ksym_addr(tty_fops) && ckpt_file_tty(file) == p->pts)
		return file;
	__fput_sync(file);
	return ERR_PTR(failed(p, "its path leads to another terminal", -ESTALE));
}

static int open_file(struct pair *p, struct ckpt_item *item)
{
	const struct ckpt_tty *rec = ckpt_item_body(item, CKPT_REC_TTY);
	bool named = ckpt_item_body(item, CKPT_REC_PATH);
	struct file *file;

	file = named ? open_named(p, item) : open_peer(p, ckpt_file_flags(item));
	if (IS_ERR(file))
		return PTR_ERR(file);
	item->priv = file;
	p->files++;
	p->hung_up |= le32_to_cpu(rec->flags) & CKPT_TTY_HUNG_UP;
	return 0;
}

/* Those of the pts that have been hung up, or those that have not. */
static int open_files(struct pair *p, u32 hung_up)
{
	struct ckpt_item *item;
	unsigned long id;

	xa_for_each(&ckpt_restore_img(p->r)->items[CKPT_TYPE_TTY], id, item) {
		const struct ckpt_tty *rec = ckpt_item_body(item, CKPT_REC_TTY);
		int err;

		if (le64_to_cpu(rec->pty) != p->item->id || le32_to_cpu(rec->flags) != hung_up ||
		    le32_to_cpu(rec->side) != CKPT_TTY_PTS)
			continue;
		err = open_file(p, item);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

/* The one open file of ptmx gets it. */
static int give_ptmx(struct pair *p)
{
	struct ckpt_item *item;
	unsigned long id;

	if (has_flag(p, CKPT_PTY_CLOSED))
		return 0;
	xa_for_each(&ckpt_restore_img(p->r)->items[CKPT_TYPE_TTY], id, item) {
		const struct ckpt_tty *rec = ckpt_item_body(item, CKPT_REC_TTY);

		if (le64_to_cpu(rec->pty) != p->item->id ||
		    le32_to_cpu(rec->side) != CKPT_TTY_PTMX)
			continue;
		item->priv = get_file(p->ptmx);
		return 0;
	}
	return failed(p, "no open file of the image is its ptmx", -EUCLEAN);
}

static const struct ckpt_tty_end *end_of(const struct ckpt_item *item, u32 side,
					 struct ckpt_view *view)
{
	struct ckpt_cursor cur;

	/* Its check has found both. */
	ckpt_cursor_init(&cur, item->bytes, item->size);
	while (ckpt_next(&cur, view) > 0) {
		const struct ckpt_tty_end *end = view->body;

		if (view->type == CKPT_REC_TTY_END && le32_to_cpu(end->side) == side)
			return end;
	}
	return NULL;
}

static int open_any_peer(struct pair *p)
{
	struct file *file = open_peer(p, O_RDWR);

	if (IS_ERR(file))
		return PTR_ERR(file);
	p->peer = file;
	p->files++;
	return 0;
}

static void close_peer(struct pair *p)
{
	if (!p->peer)
		return;
	__fput_sync(p->peer);
	p->peer = NULL;
	p->files--;
}

static bool is_shut(const struct pair *p)
{
	struct ckpt_view view;
	const struct ckpt_tty_end *end = end_of(p->item, CKPT_TTY_PTS, &view);

	return end && le32_to_cpu(end->flags) & CKPT_TTY_END_SHUT;
}

/*
 * What has been hung up comes first. Unless that is how it is, the pts is then opened
 * again, as somebody has done since, even if he is gone.
 */
static int make_files(struct pair *p)
{
	int err;

	err = open_any_peer(p);
	if (!err)
		err = open_files(p, CKPT_TTY_HUNG_UP);
	/* Then all of them are, by its end. */
	if (err || has_flag(p, CKPT_PTY_CLOSED))
		return err;
	if (p->hung_up || is_shut(p))
		tty_vhangup(p->pts);
	if (is_shut(p))
		return 0;
	if (p->hung_up) {
		close_peer(p);
		err = open_any_peer(p);
	}
	return err ?: open_files(p, 0);
}

/*
 * Who opens a pts is among its files before he looks at the lock, so from now on there
 * are only ours; or somebody has come while they were opened.
 */
static int lock_pair(struct pair *p)
{
	struct tty_struct *pts = p->pts;
	bool alone;

	set_bit(TTY_PTY_LOCK, &pts->link->flags);
	scoped_guard(spinlock, &pts->files_lock)
		alone = list_count_nodes(&pts->tty_files) == p->files;
	/* He may have closed it again. */
	scoped_guard(spinlock_irq, &pts->ctrl.lock)
		alone = alone && !pts->ctrl.session;
	return alone ? 0 : failed(p, "somebody else has opened it", -EBUSY);
}

static int make_owner(struct pair *p)
{
	u32 mode = le32_to_cpu(p->rec->mode);
	int err;

	/* Of one that is closed nobody may have known. */
	if (has_flag(p, CKPT_PTY_CLOSED) && mode == S_IFCHR)
		return 0;
	err = ckpt_inode_owner(p->peer, mode, le32_to_cpu(p->rec->uid),
			       le32_to_cpu(p->rec->gid));
	return err ? failed(p, "cannot have that owner", err) : 0;
}

static int fill_end(struct pair *p, u32 side, struct tty_struct *tty)
{
	struct ckpt_view view;
	int err = -EUCLEAN;

	if (end_of(p->item, side, &view))
		err = ckpt_tty_end_restore(tty, &view);
	return err ? failed(p, "cannot be what it was", err) : 0;
}

/* Whatever is on its way, both ways, is not of the image. */
static int fill_ends(struct pair *p)
{
	struct tty_struct *ptmx = p->pts->link;
	int err;

	tty_driver_flush_buffer(ptmx);
	tty_driver_flush_buffer(p->pts);
	err = fill_end(p, CKPT_TTY_PTMX, ptmx);
	return err ?: fill_end(p, CKPT_TTY_PTS, p->pts);
}

/* What is in it first, for nothing of it may be taken for news. */
static void set_modes(struct pair *p)
{
	const struct ckpt_pty *rec = p->rec;
	struct tty_struct *ptmx = p->pts->link;
	struct winsize window = {
		.ws_row = le16_to_cpu(rec->rows),
		.ws_col = le16_to_cpu(rec->cols),
		.ws_xpixel = le16_to_cpu(rec->xpixel),
		.ws_ypixel = le16_to_cpu(rec->ypixel),
	};

	/* It has no process group yet, to which this would be a signal. */
	tty_do_resize(p->pts, &window);
	scoped_guard(spinlock_irq, &ptmx->ctrl.lock)
		ptmx->ctrl.packet = has_flag(p, CKPT_PTY_PACKET);
	scoped_guard(spinlock_irq, &p->pts->ctrl.lock)
		p->pts->ctrl.pktstatus = le32_to_cpu(rec->status);
}

static int make_pair(struct pair *p)
{
	int err;

	clear_bit(TTY_PTY_LOCK, &p->pts->link->flags);
	err = make_files(p);
	if (!err)
		err = lock_pair(p);
	if (!err)
		err = make_owner(p);
	close_peer(p);
	if (err || has_flag(p, CKPT_PTY_CLOSED))
		return err;
	err = fill_ends(p);
	if (!err)
		err = give_ptmx(p);
	if (!err)
		set_modes(p);
	return err;
}

void *ckpt_pty_make(struct ckpt_restore *r, struct ckpt_item *item)
{
	struct pair p = { .r = r, .item = item, .rec = ckpt_item_body(item, CKPT_REC_PTY) };
	int err = item->priv ? 0 : find_numbers(r, item);

	if (err)
		return ERR_PTR(err);
	p.ptmx = item->priv;
	item->priv = NULL;
	p.pts = tty_kref_get(ckpt_file_tty(p.ptmx)->link);
	err = make_pair(&p);
	/* The last one, if it is closed or this has failed: all else is hung up. */
	__fput_sync(p.ptmx);
	if (!err)
		return p.pts;
	tty_kref_put(p.pts);
	return ERR_PTR(err);
}

/*
 * The files of the image still hold it. Who has tried to open it meanwhile has been
 * turned away, but has left an error behind, as he would on any that is locked; and a
 * line discipline on one that was hung up, which does not make it open again.
 */
void ckpt_pty_finish(struct ckpt_item *item)
{
	const struct ckpt_pty *rec = ckpt_item_body(item, CKPT_REC_PTY);
	u32 flags = le32_to_cpu(rec->flags);
	struct tty_struct *pts = item->made;
	struct ckpt_view view;

	if (flags & CKPT_PTY_CLOSED)
		return;
	tty_lock(pts);
	ckpt_tty_end_finish(pts->link, end_of(item, CKPT_TTY_PTMX, &view));
	ckpt_tty_end_finish(pts, end_of(item, CKPT_TTY_PTS, &view));
	assign_bit(TTY_PTY_LOCK, &pts->link->flags, flags & CKPT_PTY_LOCKED);
	tty_unlock(pts);
}
