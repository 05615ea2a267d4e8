// SPDX-License-Identifier: GPL-2.0-only
/*
 * Terminals that are no pairs: serial lines, virtual consoles, the console. Each belongs
 * to the machine, and its files are opened again by their paths; it has to have the number
 * that it had.
 *
 * Who has a line for himself finds it as it was: settings, window, the modem lines that he
 * drives, and what has come and not been read. If anybody else has it open, when it is
 * saved or restored, all that is his as much as the program's, and is left as it is.
 * What has been written is the hardware's, and on its way.
 *
 * It is set when the restore has succeeded, for nobody could undo that: under its lock,
 * which keeps out who opens it or hangs it up.
 *
 * Not kept: what an administrator sets (setserial(8), TIOCSRS485, fonts, keymaps), a break
 * that is being sent, what a screen shows.
 */
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/kd.h>
#include <linux/kdev_t.h>
#include <linux/major.h>
#include <linux/tty.h>
#include <linux/vt.h>
#include <linux/vt_kern.h>
#include <linux/xarray.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "ttyend.h"

static_assert(CKPT_TTY_MODEM == (TIOCM_DTR | TIOCM_RTS | TIOCM_OUT1 | TIOCM_OUT2 | TIOCM_LOOP));

static const struct ckpt_pty *line_of(const struct ckpt_item *item)
{
	return ckpt_item_body(item, CKPT_REC_PTY);
}

bool ckpt_item_is_line(const struct ckpt_item *item)
{
	return le32_to_cpu(line_of(item)->flags) & CKPT_PTY_LINE;
}

/* ---- saved ---------------------------------------------------------------------- */

#ifdef CONFIG_VT
/* What graphical programs do to one, for which no record has a word. */
static const char *console_obstacle(struct tty_struct *tty)
{
	const struct vc_data *vc = tty->driver_data;

	if (tty->driver->major != TTY_MAJOR || tty->driver->minor_start != 1)
		return NULL;
	if (vc->vc_mode != KD_TEXT)
		return "a virtual console in graphics mode (KDSETMODE)";
	if (vc->vt_mode.mode != VT_AUTO)
		return "a virtual console that asks before it is left (VT_SETMODE)";
	switch (ksym(vt_do_kdgkbmode)(tty->index)) {
	case K_XLATE:
	case K_UNICODE:
		return NULL;
	default:
		return "a virtual console with its keyboard in raw mode (KDSKBMODE)";
	}
}
#else
static const char *console_obstacle(struct tty_struct *tty)
{
	return NULL;
}
#endif

const char *ckpt_line_obstacle(struct tty_struct *tty)
{
	return ckpt_tty_obstacle(tty) ?: console_obstacle(tty);
}

/* Hardware that is not there has none either. */
void ckpt_line_save_modem(struct tty_struct *tty, struct ckpt_pty *rec)
{
	int lines = tty->ops->tiocmget ? tty->ops->tiocmget(tty) : -EINVAL;

	if (lines < 0)
		return;
	rec->flags |= cpu_to_le32(CKPT_PTY_MODEM);
	rec->status = cpu_to_le32(lines & CKPT_TTY_MODEM);
}

/* ---- opened again ----------------------------------------------------------------- */

/**
 * struct line - that is opened
 * @r:		restore
 * @item:	its object
 * @tty:	referenced; NULL: no file of it is open yet
 * @files:	how many are
 * @readable:	one of them can be read
 */
struct line {
	struct ckpt_restore *r;
	struct ckpt_item *item;
	struct tty_struct *tty;
	size_t files;
	bool readable;
};

static int failed(const struct line *l, const char *what, int err)
{
	ckpt_restore_err(l->r, l->item, "%s: %pe", what, ERR_PTR(err));
	return err;
}

/* /dev/console may lead to a pty, and be another device on another machine. */
static struct tty_struct *same_line(const struct line *l, const struct file *file)
{
	struct tty_struct *tty;

	if (file->f_op != ksym_addr(tty_fops) && file->f_op != ksym_addr(console_fops))
		return NULL;
	tty = ckpt_file_tty(file);
	if (!ckpt_tty_is_line(tty) || (l->tty && l->tty != tty) ||
	    new_encode_dev(tty_devnum(tty)) != le32_to_cpu(line_of(l->item)->index))
		return NULL;
	return tty;
}

/* Without waiting for a carrier; what its flags are it gets with all other files. */
static int open_file(struct line *l, struct ckpt_item *item)
{
	int flags = ckpt_file_flags(item) | O_NOCTTY | O_NONBLOCK;
	struct tty_struct *tty;
	struct file *file;

	/* For /dev/tty it is ours for as long. */
	ckpt_terminal_set(l->tty);
	file = ckpt_path_open(l->r, item, flags, NULL);
	ckpt_terminal_set(NULL);
	if (IS_ERR(file))
		return PTR_ERR(file);
	item->priv = file;
	tty = same_line(l, file);
	if (!tty)
		return failed(l, "its path leads to another terminal", -ESTALE);
	if (!l->tty)
		l->tty = tty_kref_get(tty);
	l->files++;
	l->readable |= file->f_mode & FMODE_READ;
	return 0;
}

static bool is_dev_tty(const struct ckpt_item *item)
{
	const struct ckpt_device *dev = ckpt_item_body(item, CKPT_REC_DEVICE);

	return dev && le32_to_cpu(dev->major) == TTYAUX_MAJOR && !dev->minor;
}

static int open_files(struct line *l, bool dev_tty)
{
	struct ckpt_item *item;
	unsigned long id;

	xa_for_each(&ckpt_restore_img(l->r)->items[CKPT_TYPE_TTY], id, item) {
		const struct ckpt_tty *rec = ckpt_item_body(item, CKPT_REC_TTY);
		int err;

		if (le64_to_cpu(rec->pty) != l->item->id || is_dev_tty(item) != dev_tty)
			continue;
		err = open_file(l, item);
		if (err)
			return err;
		cond_resched();
	}
	return l->tty ? 0 : failed(l, "no open file of the image leads to it", -EUCLEAN);
}

static bool has_input(const struct ckpt_item *item)
{
	const struct ckpt_tty_end *end = ckpt_item_body(item, CKPT_REC_TTY_END);

	return end && (end->read || end->echo);
}

/* As TIOCSCTTY, and TIOCSTI: what he who reads next is to take for typed. */
static int may_have(const struct line *l)
{
	if (capable(CAP_SYS_ADMIN))
		return 0;
	if (line_of(l->item)->session && !l->readable)
		return failed(l, "to control a session it has to be readable", -EPERM);
	if (has_input(l->item))
		return failed(l, "what is in it needs CAP_SYS_ADMIN", -EPERM);
	return 0;
}

void *ckpt_line_make(struct ckpt_restore *r, struct ckpt_item *item)
{
	struct line l = { .r = r, .item = item };
	int err;

	err = open_files(&l, false);
	if (!err)
		err = open_files(&l, true);
	if (!err)
		err = may_have(&l);
	if (!err) {
		/* No pointer: for ckpt_line_finish(). */
		item->priv = (void *)l.files;
		return l.tty;
	}
	tty_kref_put(l.tty);
	return ERR_PTR(err);
}

/* ---- set ------------------------------------------------------------------------ */

static bool is_alone(struct tty_struct *tty, size_t files)
{
	guard(spinlock)(&tty->files_lock);
	return list_count_nodes(&tty->tty_files) == files;
}

/* That of a virtual console is the screen's. It is no news that it is as it was: no signal. */
static void set_window(struct tty_struct *tty, const struct ckpt_pty *rec)
{
	if (tty->ops->resize)
		return;
	guard(mutex)(&tty->winsize_mutex);
	tty->winsize = (struct winsize){
		.ws_row = le16_to_cpu(rec->rows),
		.ws_col = le16_to_cpu(rec->cols),
		.ws_xpixel = le16_to_cpu(rec->xpixel),
		.ws_ypixel = le16_to_cpu(rec->ypixel),
	};
}

static void set_modem(struct tty_struct *tty, const struct ckpt_pty *rec)
{
	u32 lines = le32_to_cpu(rec->status);

	if (le32_to_cpu(rec->flags) & CKPT_PTY_MODEM && tty->ops->tiocmset)
		tty->ops->tiocmset(tty, lines, ~lines & CKPT_TTY_MODEM);
}

void ckpt_line_finish(struct ckpt_item *item)
{
	struct tty_struct *tty = item->made;
	struct ckpt_view view;

	if (!ckpt_find(item->bytes, item->size, CKPT_REC_TTY_END, &view))
		return;
	tty_lock(tty);
	if (is_alone(tty, (size_t)item->priv)) {
		set_window(tty, line_of(item));
		ckpt_tty_line_restore(tty, &view);
		/* A carrier that goes matters no more, where CLOCAL says so. */
		set_modem(tty, line_of(item));
	}
	tty_unlock(tty);
}
