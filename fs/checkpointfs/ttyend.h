/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What terminals have in common: their open files (objects/tty.c), the pairs
 * (pty.c, ptymake.c), the two ends of those (ttyend.c), terminals that are no pair
 * (ttyline.c), who has one for controlling terminal (terminal.c).
 */
#ifndef _CKPT_TTYEND_H
#define _CKPT_TTYEND_H

#include <linux/fs.h>
#include <linux/tty.h>
#include <linux/tty_driver.h>

#include "format/format.h"

struct ckpt_collect;
struct ckpt_item;
struct ckpt_object;
struct ckpt_restore;

/* The terminal of a file whose operations are those of one. */
static inline struct tty_struct *ckpt_file_tty(const struct file *file)
{
	return ((struct tty_file_private *)file->private_data)->tty;
}

/* One of a pair, and not one of the BSD kind. */
static inline bool ckpt_tty_is_pty(const struct tty_struct *tty)
{
	return tty->driver->type == TTY_DRIVER_TYPE_PTY &&
	       tty->driver->flags & TTY_DRIVER_DEVPTS_MEM;
}

/* No pair: a serial line, a virtual console ... */
static inline bool ckpt_tty_is_line(const struct tty_struct *tty)
{
	return tty->driver->type != TTY_DRIVER_TYPE_PTY;
}

static inline bool ckpt_tty_is_ptmx(const struct tty_struct *tty)
{
	return !ckpt_tty_is_line(tty) && tty->driver->subtype == PTY_TYPE_MASTER;
}

/* What stands for the pair of which @tty is either end; a line stands for itself. */
static inline struct tty_struct *ckpt_tty_ptmx(struct tty_struct *tty)
{
	return ckpt_tty_is_line(tty) || ckpt_tty_is_ptmx(tty) ? tty : tty->link;
}

/* Of the same, what programs take for a terminal. */
static inline struct tty_struct *ckpt_tty_pts(struct tty_struct *ptmx)
{
	return ckpt_tty_is_line(ptmx) ? ptmx : ptmx->link;
}

static inline u32 ckpt_tty_side(const struct tty_struct *tty)
{
	if (ckpt_tty_is_line(tty))
		return CKPT_TTY_LINE;
	return ckpt_tty_is_ptmx(tty) ? CKPT_TTY_PTMX : CKPT_TTY_PTS;
}

/* ---- ttyend.c ------------------------------------------------------------- */

/* Return: what it is about an end that cannot be saved, or NULL. */
const char *ckpt_tty_obstacle(struct tty_struct *tty);
/* What has been written to either end, or to a line, arrives, as far as there is room for it. */
void ckpt_tty_settle(struct tty_struct *ptmx);
/* Writes CKPT_REC_TTY_END, or sets @obstacle to what cannot be saved. */
int ckpt_tty_end_save(struct tty_struct *tty, struct ckpt_writer *w, const char **obstacle);
/* Give a new end, which nobody uses, what it had. Return: 0 or -errno. */
int ckpt_tty_end_restore(struct tty_struct *tty, const struct ckpt_view *view);
/* Set what only shows when all files are as they were, and nobody opens any. */
void ckpt_tty_end_finish(struct tty_struct *tty, const struct ckpt_tty_end *end);

/* The same for a line, which is ours alone and locked: as far as it can be so. */
void ckpt_tty_line_restore(struct tty_struct *tty, const struct ckpt_view *view);

/* ---- ttyline.c -------------------------------------------------------------- */

/* Is it the object of a line? */
bool ckpt_item_is_line(const struct ckpt_item *item);
/* As ckpt_tty_obstacle(), of a line that is the container's alone. */
const char *ckpt_line_obstacle(struct tty_struct *tty);
/* Which modem lines it drives, for the record. */
void ckpt_line_save_modem(struct tty_struct *tty, struct ckpt_pty *rec);
/* As ckpt_object_ops.restore. */
void *ckpt_line_make(struct ckpt_restore *r, struct ckpt_item *item);
/* The restore has succeeded, and nothing of it runs yet: it is set, if it is ours alone. */
void ckpt_line_finish(struct ckpt_item *item);

/* ---- ptymake.c -------------------------------------------------------------- */

/* As ckpt_object_ops.restore. Until then item->priv may be an open ptmx. */
void *ckpt_pty_make(struct ckpt_restore *r, struct ckpt_item *item);
/* The restore has succeeded: whoever may can open it. */
void ckpt_pty_finish(struct ckpt_item *item);

/* ---- terminal.c ------------------------------------------------------------- */

/* Announce the controlling terminal of a process, or refuse it. */
int ckpt_terminal_collect(struct ckpt_collect *c, struct ckpt_object *process);
/* Writes CKPT_REC_TERMINAL, if there is anything to tell. */
int ckpt_terminal_save(struct ckpt_collect *c, struct ckpt_object *process,
		       struct ckpt_writer *w);
/* Is the session whose controlling terminal @pts is all of the container? */
bool ckpt_terminal_inside(struct ckpt_collect *c, struct tty_struct *pts);
/* Is there one, and who leads it of the container? */
bool ckpt_terminal_led(struct ckpt_collect *c, struct tty_struct *tty);
/* Current's process has none from now on, or @tty. */
void ckpt_terminal_set(struct tty_struct *tty);
/*
 * Give a new process, which has none and is parked, that of current, the writer, whose
 * session it is in. Takes tasklist_lock.
 */
void ckpt_terminal_inherit(struct task_struct *t);
/* Give current, the leader of a process, the terminal that the item tells of. */
int ckpt_terminal_restore(struct ckpt_restore *r, struct ckpt_item *process);

#endif /* _CKPT_TTYEND_H */
