// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pairs of pseudoterminals: ptmx and pts, see pty(7).
 *
 * Stands for the ptmx, with which its pts goes: number, owner, window, packet
 * mode, session, and both ends (ttyend.c). All open files of both must be of the
 * container, and all who have it for controlling terminal; a pair whose ptmx is
 * closed is hung up, and keeps its number only.
 *
 * Made again in ptymake.c, with all of its files (tty.c). The new object is the
 * tty_struct of the pts. Not kept: timestamps of that.
 *
 * A line, which is any other terminal, stands for itself: see ttyline.c.
 */
#include "../object.h"

#define PTY_STATUS	0x7f	/* TIOCPKT_* */
#define PTY_INDEX_MAX	((1 << 20) - 1)

static int check_pair(const struct ckpt_check *chk, const void *bytes, size_t size,
		      const struct ckpt_pty *pty)
{
	if (!S_ISCHR(le32_to_cpu(pty->mode)))
		return ckpt_bad(chk, "not the mode of a terminal");
	if (le32_to_cpu(pty->index) > PTY_INDEX_MAX || le32_to_cpu(pty->flags) & CKPT_PTY_MODEM)
		return ckpt_bad(chk, "a number or modem lines that no pair has");
	if (le32_to_cpu(pty->status) & ~PTY_STATUS)
		return ckpt_bad(chk, "a status of packet mode that there is not");
	return ckpt_check_tty_ends(chk, bytes, size);
}

static int pty_check(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size)
{
	const struct ckpt_pty *pty;
	struct ckpt_view view;
	int ret;

	/* There, once and in front: ckpt_check_file() has seen to that. */
	if (!ckpt_find(bytes, size, CKPT_REC_PTY, &view))
		return ckpt_bad(chk, "pty");
	pty = view.body;
	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_PATH, &view);
	if (!ret)
		ret = ckpt_check_path(chk, &view, CKPT_PATH_FILE);
	if (!ret)
		ret = le32_to_cpu(pty->flags) & CKPT_PTY_LINE ?
			ckpt_check_line(chk, bytes, size, pty) :
			check_pair(chk, bytes, size, pty);
	return ret ?: ckpt_check_pty_session(chk, id, pty);
}

#ifdef __KERNEL__

#include <linux/cred.h>
#include <linux/file.h>
#include <linux/kdev_t.h>
#include <linux/magic.h>
#include <linux/major.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "../checkpointfs.h"
#include "../compat/ksyms.h"
#include "../compat/private.h"
#include "../groups.h"
#include "../ttyend.h"

/* ---- saved ----------------------------------------------------------------- */

static void pty_get(void *ptr)
{
	struct tty_struct *ptmx = ptr;

	tty_kref_get(ptmx->link);
	tty_kref_get(ptmx);
}

static void pty_put(void *ptr)
{
	struct tty_struct *ptmx = ptr;

	tty_kref_put(ptmx->link);
	tty_kref_put(ptmx);
}

/*
 * A file by which an end is open, of those of the container; the collection has
 * a reference to it. NULL: there is none.
 */
static struct file *own_file(struct ckpt_collect *c, struct tty_struct *tty)
{
	struct tty_file_private *priv;

	guard(spinlock)(&tty->files_lock);
	list_for_each_entry(priv, &tty->tty_files, list)
		if (ckpt_lookup(c, CKPT_TYPE_TTY, priv->file))
			return priv->file;
	return NULL;
}

/* For messages. */
static const char *whose(struct ckpt_collect *c, struct tty_struct *ptmx, char *buf, size_t size)
{
	struct file *file = own_file(c, ckpt_tty_pts(ptmx)) ?: own_file(c, ptmx);

	return file ? ckpt_who(c, file, buf, size) : "controlling terminal";
}

static void refuse(struct ckpt_collect *c, struct tty_struct *ptmx, const char *obstacle)
{
	char who[CKPT_WHO_MAX];

	ckpt_refuse(c, "%s: %s cannot be saved", whose(c, ptmx, who, sizeof(who)), obstacle);
}

static struct pid *get_pgrp(struct tty_struct *pts)
{
	guard(spinlock_irq)(&pts->ctrl.lock);
	return get_pid(pts->ctrl.pgrp);
}

/* One that no task has the number of is kept as what it is. */
static int pty_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct tty_struct *pts = ckpt_tty_pts(obj->ptr);
	struct pid *pgrp;
	bool alive;
	int err = 0;

	/* That of a session outside is no matter of the image. */
	pgrp = !ckpt_tty_is_line(pts) || ckpt_terminal_led(c, pts) ? get_pgrp(pts) : NULL;
	if (!pgrp)
		return 0;
	scoped_guard(rcu)
		alive = pid_task(pgrp, PIDTYPE_TGID) || pid_task(pgrp, PIDTYPE_PGID);
	if (alive)
		err = ckpt_group_collect(c, pgrp, PIDTYPE_PGID);
	else
		err = PTR_ERR_OR_ZERO(ckpt_collect_ref(c, CKPT_TYPE_ENDEDPID, pgrp));
	put_pid(pgrp);
	return err;
}

static void pty_release(struct ckpt_object *obj)
{
	kfree(obj->priv);
}

/*
 * Return: 1 - all open files of an end are the container's, and no one else's; 0 - one is
 * not; -EAGAIN: a task outside holds one, too.
 */
static int look_at_files(struct ckpt_collect *c, struct tty_struct *tty)
{
	struct tty_file_private *priv;
	struct ckpt_object *obj;
	bool shared = false;

	guard(spinlock)(&tty->files_lock);
	list_for_each_entry(priv, &tty->tty_files, list) {
		obj = ckpt_lookup(c, CKPT_TYPE_TTY, priv->file);
		if (!obj)
			return 0;
		shared |= file_count(priv->file) > obj->refs + 1;
	}
	return shared ? -EAGAIN : 1;
}

/* The same; whoever looks at /proc/PID/fd has a file for a moment. */
static int files_inside(struct ckpt_collect *c, struct tty_struct *tty)
{
	int inside;

	do
		inside = look_at_files(c, tty);
	while (inside < 0 && ckpt_look_again(c));
	return inside;
}

/* Is the foreground group of the container, or has it ended? */
static bool pgrp_inside(struct ckpt_collect *c, struct tty_struct *pts)
{
	struct pid *pgrp = get_pgrp(pts);
	bool inside = !pgrp || ckpt_group_nr(c, pgrp, PIDTYPE_PGID);

	scoped_guard(rcu)
		inside |= !pid_task(pgrp, PIDTYPE_TGID) && !pid_task(pgrp, PIDTYPE_PGID) &&
			  ckpt_lookup(c, CKPT_TYPE_ENDEDPID, pgrp);
	put_pid(pgrp);
	return inside;
}

/*
 * Before any lock of the terminal is taken: who has it outside, too, may hold that for ever.
 *
 * Return: it is all of the container's, and its files keep it.
 */
static bool verify_shared(struct ckpt_collect *c, struct tty_struct *ptmx)
{
	struct tty_struct *pts = ptmx->link;
	int ptmx_inside = files_inside(c, ptmx), pts_inside = files_inside(c, pts);
	char who[CKPT_WHO_MAX];

	if (!ptmx_inside)
		ckpt_refuse_shared(c, "%s: the other end of the terminal pts/%d is outside of the container",
				   whose(c, ptmx, who, sizeof(who)), pts->index);
	else if (!pts_inside)
		ckpt_refuse_shared(c, "%s: the terminal pts/%d is open outside of the container too",
				   whose(c, ptmx, who, sizeof(who)), pts->index);
	else if (!ckpt_terminal_inside(c, pts))
		ckpt_refuse_shared(c, "%s: the terminal pts/%d controls tasks outside of the container",
				   whose(c, ptmx, who, sizeof(who)), pts->index);
	else if (ptmx_inside < 0 || pts_inside < 0)
		ckpt_refuse_shared(c, "%s: the terminal pts/%d is shared with a task outside of the container",
				   whose(c, ptmx, who, sizeof(who)), pts->index);
	else if (!pgrp_inside(c, pts))
		refuse(c, ptmx, "a foreground process group that is led from outside");
	else if (!own_file(c, ptmx) && !own_file(c, pts))
		refuse(c, ptmx, "a terminal that nobody has open any more");
	else
		return true;
	return false;
}

/*
 * Where its ptmx was opened; or where another one of the same devpts can be, which is
 * kept by an open file of the pts.
 */
static char *path_text(struct ckpt_collect *c, struct tty_struct *ptmx)
{
	const struct ckpt_pts_fs_info *fsi = ptmx->driver_data;
	struct file *file = own_file(c, ptmx);
	char *text;

	if (file)
		return ckpt_path_collect(c, &file->f_path, file, "");
	text = ckpt_inode_text(c, d_inode(fsi->ptmx_dentry));
	if (!text)
		refuse(c, ptmx, "a terminal of a devpts that is not mounted");
	return text;
}

/* Whoever else has a line open may: it is the machine's. Only its session is one's own. */
static bool verify_line(struct ckpt_collect *c, struct tty_struct *tty)
{
	bool led = ckpt_terminal_led(c, tty);
	char who[CKPT_WHO_MAX];

	if (led && !ckpt_terminal_inside(c, tty))
		ckpt_refuse_shared(c, "%s: the terminal %s controls tasks outside of the container",
				   whose(c, tty, who, sizeof(who)), tty_name(tty));
	else if (led && !pgrp_inside(c, tty))
		refuse(c, tty, "a foreground process group that is led from outside");
	else if (!own_file(c, tty))
		refuse(c, tty, "a terminal that nobody has open any more");
	else
		return true;
	return false;
}

/* By which it is found again: /dev/tty leads to it only while there is one who has it. */
static struct file *line_file(struct ckpt_collect *c, struct tty_struct *tty)
{
	struct tty_file_private *priv;
	struct file *found = NULL;

	guard(spinlock)(&tty->files_lock);
	list_for_each_entry(priv, &tty->tty_files, list) {
		dev_t dev = file_inode(priv->file)->i_rdev;

		if (dev == MKDEV(TTYAUX_MAJOR, 0) ||
		    !ckpt_lookup(c, CKPT_TYPE_TTY, priv->file))
			continue;
		if (!found || dev == tty_devnum(tty))
			found = priv->file;
	}
	return found;
}

/* The settings of one that others have open, too, are theirs as well. */
static const char *line_obstacle(struct ckpt_collect *c, struct tty_struct *tty)
{
	if (!line_file(c, tty))
		return "a terminal that is open by /dev/tty only";
	return files_inside(c, tty) > 0 ? ckpt_line_obstacle(tty) : NULL;
}

static int line_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct tty_struct *tty = obj->ptr;
	const char *obstacle;
	struct file *file;
	char *text;

	if (!verify_line(c, tty))
		return 0;
	ckpt_tty_settle(tty);
	obstacle = line_obstacle(c, tty);
	if (obstacle)
		refuse(c, tty, obstacle);
	file = line_file(c, tty);
	if (!file)
		return 0;
	text = ckpt_path_collect(c, &file->f_path, file, "");
	if (IS_ERR(text))
		return PTR_ERR(text);
	obj->priv = text;
	return 0;
}

/*
 * Who has it open outside may hold its locks for as long as he likes. What has been
 * written may be a ^C, which is a signal: before these are saved.
 */
static int pty_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct tty_struct *ptmx = obj->ptr;
	const char *obstacle;
	char *text;

	if (ckpt_tty_is_line(ptmx))
		return line_verify(c, obj);
	if (!verify_shared(c, ptmx))
		return 0;
	ckpt_tty_settle(ptmx);
	obstacle = ckpt_tty_obstacle(ptmx) ?: ckpt_tty_obstacle(ptmx->link);
	if (obstacle)
		refuse(c, ptmx, obstacle);
	text = path_text(c, ptmx);
	if (IS_ERR(text))
		return PTR_ERR(text);
	obj->priv = text;
	return 0;
}

static bool is_closed(struct tty_struct *ptmx)
{
	return !READ_ONCE(ptmx->count);
}

/*
 * Of one that is closed the name is gone, but not what is open, and stays so as long as it is
 * the container's; if that is by /dev/tty nobody can tell whose it is.
 */
static const struct inode *inode_of(struct ckpt_collect *c, struct tty_struct *ptmx)
{
	struct tty_struct *pts = ptmx->link;
	struct tty_file_private *priv;

	if (!is_closed(ptmx))
		return d_inode(pts->driver_data);
	guard(spinlock)(&pts->files_lock);
	list_for_each_entry(priv, &pts->tty_files, list)
		if (ckpt_lookup(c, CKPT_TYPE_TTY, priv->file) &&
		    file_inode(priv->file)->i_sb->s_magic == DEVPTS_SUPER_MAGIC)
			return file_inode(priv->file);
	return NULL;
}

static int save_owner(struct ckpt_collect *c, struct tty_struct *ptmx, struct ckpt_pty *rec)
{
	const struct inode *inode = inode_of(c, ptmx);
	uid_t uid;
	gid_t gid;

	rec->mode = cpu_to_le32(S_IFCHR);
	if (!inode)
		return 0;
	uid = from_kuid(current_user_ns(), inode->i_uid);
	gid = from_kgid(current_user_ns(), inode->i_gid);
	if (uid == (uid_t)-1 || gid == (gid_t)-1)
		return -EOVERFLOW;
	rec->mode = cpu_to_le32(inode->i_mode);
	rec->uid = cpu_to_le32(uid);
	rec->gid = cpu_to_le32(gid);
	return 0;
}

static void save_window(struct tty_struct *pts, struct ckpt_pty *rec)
{
	guard(mutex)(&pts->winsize_mutex);
	rec->rows = cpu_to_le16(pts->winsize.ws_row);
	rec->cols = cpu_to_le16(pts->winsize.ws_col);
	rec->xpixel = cpu_to_le16(pts->winsize.ws_xpixel);
	rec->ypixel = cpu_to_le16(pts->winsize.ws_ypixel);
}

static void save_session(struct ckpt_collect *c, struct tty_struct *pts, struct ckpt_pty *rec)
{
	guard(spinlock_irq)(&pts->ctrl.lock);
	rec->status = cpu_to_le32(pts->ctrl.pktstatus);
	if (!pts->ctrl.session)
		return;
	rec->session = cpu_to_le32(ckpt_pid_nr(c, pts->ctrl.session));
	rec->pgrp = cpu_to_le32(ckpt_group_nr(c, pts->ctrl.pgrp, PIDTYPE_PGID));
	if (!rec->pgrp)
		rec->ended = cpu_to_le64(ckpt_id(c, CKPT_TYPE_ENDEDPID, pts->ctrl.pgrp));
}

static int save_pair(struct ckpt_collect *c, struct tty_struct *ptmx, struct ckpt_writer *w)
{
	struct ckpt_pty *rec = ckpt_add(w, CKPT_REC_PTY, 0);
	u32 flags = 0;

	if (!rec)
		return w->error;
	rec->index = cpu_to_le32(ptmx->index);
	if (test_bit(TTY_PTY_LOCK, &ptmx->flags))
		flags |= CKPT_PTY_LOCKED;
	if (ptmx->ctrl.packet)
		flags |= CKPT_PTY_PACKET;
	if (is_closed(ptmx))
		flags |= CKPT_PTY_CLOSED;
	rec->flags = cpu_to_le32(flags);
	save_window(ptmx->link, rec);
	save_session(c, ptmx->link, rec);
	return save_owner(c, ptmx, rec);
}

/* @alone: nobody else has it open. */
static int save_line(struct ckpt_collect *c, struct tty_struct *tty, bool alone,
		     struct ckpt_writer *w)
{
	struct ckpt_pty *rec = ckpt_add(w, CKPT_REC_PTY, 0);

	if (!rec)
		return w->error;
	rec->index = cpu_to_le32(new_encode_dev(tty_devnum(tty)));
	rec->mode = cpu_to_le32(S_IFCHR);
	rec->flags = cpu_to_le32(CKPT_PTY_LINE);
	if (ckpt_terminal_led(c, tty))
		save_session(c, tty, rec);
	rec->status = 0;
	if (!alone)
		return 0;
	save_window(tty, rec);
	ckpt_line_save_modem(tty, rec);
	return 0;
}

static int line_save(struct ckpt_collect *c, struct ckpt_object *obj, struct ckpt_writer *w)
{
	struct tty_struct *tty = obj->ptr;
	bool alone = files_inside(c, tty) > 0;
	const char *obstacle = NULL;
	int err;

	err = save_line(c, tty, alone, w);
	if (!err)
		err = ckpt_add_path(w, CKPT_PATH_FILE, obj->priv);
	/* Others may have left since it was verified. */
	if (!err && alone)
		obstacle = ckpt_line_obstacle(tty);
	if (!err && alone && !obstacle)
		err = ckpt_tty_end_save(tty, w, &obstacle);
	if (obstacle)
		refuse(c, tty, obstacle);
	else if (!err)
		verify_line(c, tty);
	return err;
}

static int pty_save(struct ckpt_collect *c, struct ckpt_object *obj, struct ckpt_writer *w)
{
	struct tty_struct *ptmx = obj->ptr;
	const char *obstacle = NULL;
	int err;

	if (ckpt_tty_is_line(ptmx))
		return line_save(c, obj, w);
	err = save_pair(c, ptmx, w);
	if (!err)
		err = ckpt_add_path(w, CKPT_PATH_FILE, obj->priv);
	if (!err)
		err = ckpt_tty_end_save(ptmx, w, &obstacle);
	if (!err && !obstacle)
		err = ckpt_tty_end_save(ptmx->link, w, &obstacle);
	if (obstacle)
		refuse(c, ptmx, obstacle);
	else if (!err)
		/* Nobody has come meanwhile, whose session this would be, or bytes. */
		verify_shared(c, ptmx);
	return err;
}

/* ---- made again: ptymake.c, ttyline.c ------------------------------------------ */

static void *pty_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	return ckpt_item_is_line(item) ? ckpt_line_make(r, item) : ckpt_pty_make(r, item);
}

/* One that has a number and has not been made has failed. */
static void pty_end(struct ckpt_item *item, bool failed)
{
	if (ckpt_item_is_line(item)) {
		if (!failed)
			ckpt_line_finish(item);
		return;
	}
	if (item->priv)
		__fput_sync(item->priv);
	item->priv = NULL;
	if (!failed)
		ckpt_pty_finish(item);
}

static void pty_drop(void *ptr)
{
	tty_kref_put(ptr);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_pty_ops = {
	.type = CKPT_TYPE_PTY,
	.name = "pty",
	.dir = "ptys",
	.records = { CKPT_REC_PTY, CKPT_REC_PATH, CKPT_REC_TTY_END },
	.max_size = 256 * 1024,
	.check = pty_check,
	CKPT_KERNEL(.get = pty_get, .put = pty_put,
		    .collect = pty_collect, .verify = pty_verify,
		    .save = pty_save, .release = pty_release,
		    .restore = pty_restore, .end = pty_end, .drop = pty_drop)
};
