// SPDX-License-Identifier: GPL-2.0-only
/*
 * One end of a pair of pseudoterminals, or a line: settings, and what is in it.
 *
 * That is what has been written by the other end and not been looked at yet
 * (tty_port.buf), what the line discipline has for who reads, and what it has to
 * echo. Only N_TTY is saved. Its buffers are private to it and no system call shows
 * them, so they are read, and filled, as they are: under tty_port.buf.lock and
 * termios_rwsem, which keep out who moves bytes, and tty_port.lock, which does so with
 * who writes. While it is saved nobody does: all who could are frozen, and what was on
 * its way has arrived.
 *
 * Of an end that is hung up only the settings are left.
 *
 * Into the buffer of a line hardware writes at any time: what it has from there on is what
 * has come after the freeze.
 */
#include <linux/bitmap.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/tty.h>
#include <linux/tty_flip.h>
#include <linux/workqueue.h>

#include "checkpointfs.h"
#include "compat/private.h"
#include "ttyend.h"

static_assert(CKPT_TTY_BUFFER == N_TTY_BUF_SIZE);
static_assert(sizeof_field(struct ckpt_tty_end, cc) == NCCS);
static_assert(CKPT_TTY_ICANON == ICANON && CKPT_TTY_EXTPROC == EXTPROC);

#define MASK(x)		((x) & (N_TTY_BUF_SIZE - 1))

/* @pair: of a line it is not the program's to say. */
static const struct {
	u32 image;
	unsigned int bit;
	bool pair;
} flag_bits[] = {
	{ CKPT_TTY_END_EXCLUSIVE, TTY_EXCLUSIVE },
	{ CKPT_TTY_END_ERROR, TTY_IO_ERROR, true },
	{ CKPT_TTY_END_ALONE, TTY_OTHER_CLOSED, true },
	{ CKPT_TTY_END_WAKEUP, TTY_DO_WRITE_WAKEUP },
};

/* ---- saved ------------------------------------------------------------------ */

/**
 * struct copy - of an end
 * @end:	what its record says
 * @len:	length of @bytes
 * @bytes:	its elements
 */
struct copy {
	struct ckpt_tty_end end;
	u32 len;
	u8 bytes[2 * CKPT_TTY_BUFFER + CKPT_TTY_BUFFER / 8 + CKPT_TTY_QUEUE];
};

/* Its settings never change: ioctl(2) on a ptmx means the other end. */
static bool has_settings(struct tty_struct *tty)
{
	struct ktermios *own = &tty->termios, *first = &tty->driver->init_termios;

	guard(rwsem_read)(&tty->termios_rwsem);
	return ckpt_tty_is_ptmx(tty) && memcmp(own, first, sizeof(*own));
}

static bool has_locked_settings(struct tty_struct *tty)
{
	guard(rwsem_read)(&tty->termios_rwsem);
	return memchr_inv(&tty->termios_locked, 0, sizeof(tty->termios_locked));
}

static bool has_other_discipline(struct tty_struct *tty)
{
	struct tty_ldisc *ld = tty_ldisc_ref_wait(tty);
	bool other;

	if (!ld)
		return false;
	other = ld->ops->num != N_TTY;
	tty_ldisc_deref(ld);
	return other;
}

const char *ckpt_tty_obstacle(struct tty_struct *tty)
{
	if (has_other_discipline(tty))
		return "a terminal with a line discipline (TIOCSETD)";
	if (has_settings(tty))
		return "a ptmx with settings of its own";
	if (has_locked_settings(tty))
		return "a terminal with locked settings (TIOCSLCKTRMIOS)";
	if (ckpt_tty_is_ptmx(tty) && test_bit(TTY_HUPPED, &tty->flags))
		return "a ptmx that has been hung up";
	return NULL;
}

/* What is echoed goes the other way. */
void ckpt_tty_settle(struct tty_struct *ptmx)
{
	if (ptmx->link)
		flush_work(&ptmx->link->port->buf.work);
	flush_work(&ptmx->port->buf.work);
}

static void copy_settings(struct copy *copy, struct tty_struct *tty)
{
	const struct ktermios *t = &tty->termios;
	struct ckpt_tty_end *end = &copy->end;
	u32 flags = 0;
	unsigned int i;

	end->side = cpu_to_le32(ckpt_tty_side(tty));
	end->iflag = cpu_to_le32(t->c_iflag);
	end->oflag = cpu_to_le32(t->c_oflag);
	end->cflag = cpu_to_le32(t->c_cflag);
	end->lflag = cpu_to_le32(t->c_lflag);
	end->line = t->c_line;
	memcpy(end->cc, t->c_cc, sizeof(end->cc));
	end->ispeed = cpu_to_le32(t->c_ispeed);
	end->ospeed = cpu_to_le32(t->c_ospeed);
	for (i = 0; i < ARRAY_SIZE(flag_bits); i++)
		if (!(flag_bits[i].pair && ckpt_tty_is_line(tty)) &&
		    test_bit(flag_bits[i].bit, &tty->flags))
			flags |= flag_bits[i].image;
	scoped_guard(spinlock_irq, &tty->flow.lock) {
		if (tty->flow.stopped)
			flags |= CKPT_TTY_END_STOPPED;
		if (tty->flow.tco_stopped)
			flags |= CKPT_TTY_END_HELD;
	}
	end->flags = cpu_to_le32(flags);
}

static void copy_ring(struct copy *copy, const u8 *ring, size_t tail, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		copy->bytes[copy->len++] = ring[MASK(tail + i)];
}

/* Behind the lines there may be marks of old. */
static void copy_marks(struct copy *copy, const struct ckpt_n_tty_data *n, u32 nr, u32 lines)
{
	u8 *marks = copy->bytes + copy->len;
	u32 i;

	memset(marks, 0, DIV_ROUND_UP(nr, 8));
	for (i = 0; i < lines; i++)
		if (test_bit(MASK(n->read_tail + i), n->read_flags))
			marks[i / 8] |= 1 << i % 8;
	copy->len += DIV_ROUND_UP(nr, 8);
}

/* Those two may have been left behind, when nothing is to be echoed. */
static const char *copy_echo(struct copy *copy, const struct ckpt_n_tty_data *n)
{
	size_t nr = n->echo_head - n->echo_tail;

	if (nr > CKPT_TTY_BUFFER)
		return "a terminal with more echo than it can hold";
	copy_ring(copy, n->echo_buf, n->echo_tail, nr);
	copy->end.echo = cpu_to_le32(nr);
	copy->end.echo_commit = cpu_to_le32(min(n->echo_commit - n->echo_tail, nr));
	copy->end.echo_mark = cpu_to_le32(min(n->echo_mark - n->echo_tail, nr));
	return NULL;
}

static const char *copy_discipline(struct copy *copy, const struct ckpt_n_tty_data *n)
{
	size_t nr = n->read_head - n->read_tail, lines = n->canon_head - n->read_tail;
	struct ckpt_tty_end *end = &copy->end;
	u32 flags = 0;

	if (nr > CKPT_TTY_BUFFER)
		return "a terminal with more input than it can hold";
	/* Without lines nobody keeps up with what has been read. */
	if (lines > nr || !n->icanon) {
		flags |= CKPT_TTY_END_STALE;
		lines = 0;
	}
	if (n->lnext)
		flags |= CKPT_TTY_END_LITERAL;
	if (n->erasing)
		flags |= CKPT_TTY_END_ERASING;
	if (n->push)
		flags |= CKPT_TTY_END_PUSH;
	end->flags |= cpu_to_le32(flags);
	end->read = cpu_to_le32(nr);
	end->lines = cpu_to_le32(lines);
	end->column = cpu_to_le32(n->column);
	end->canon_column = cpu_to_le32(n->canon_column);
	copy_ring(copy, n->read_buf, n->read_tail, nr);
	copy_marks(copy, n, nr, lines);
	return copy_echo(copy, n);
}

/* Ptys know of no errors, so what is flagged was not written by the other end. */
static const char *copy_queue(struct copy *copy, struct tty_port *port)
{
	u32 start = copy->len, count;
	struct tty_buffer *b;

	guard(spinlock_irqsave)(&port->lock);
	for (b = port->buf.head; b; b = b->next) {
		count = b->commit - b->read;
		if (count > CKPT_TTY_QUEUE - (copy->len - start))
			return "a terminal with more on its way than it can hold";
		if (b->flags && memchr_inv(flag_buf_ptr(b, b->read), TTY_NORMAL, count))
			return "a terminal with errors on their way";
		memcpy(copy->bytes + copy->len, char_buf_ptr(b, b->read), count);
		copy->len += count;
	}
	copy->end.queued = cpu_to_le32(copy->len - start);
	return NULL;
}

/*
 * Of what hardware has written, that for which there was no room; all else is later. Read as
 * flush_to_ldisc() does, whom the lock of the buffer keeps out.
 */
static const char *check_line(struct tty_struct *tty)
{
	const struct ckpt_n_tty_data *n = tty->disc_data;
	struct tty_buffer *b = tty->port->buf.head;

	if (!READ_ONCE(n->no_room))
		return NULL;
	for (; b; b = smp_load_acquire(&b->next)) /* as the buffer's writer releases it */
		if (smp_load_acquire(&b->commit) != b->read) /* the same */
			return "a terminal with more input than it can hold";
	return NULL;
}

/* The discipline cannot go while it is referenced. */
static const char *copy_end(struct copy *copy, struct tty_struct *tty)
{
	struct tty_ldisc *ld = tty_ldisc_ref_wait(tty);
	const char *obstacle = NULL;

	tty_buffer_lock_exclusive(tty->port);
	scoped_guard(rwsem_write, &tty->termios_rwsem) {
		copy_settings(copy, tty);
		if (!ld)
			copy->end.flags |= cpu_to_le32(CKPT_TTY_END_SHUT);
		else if (ld->ops->num == N_TTY)
			obstacle = copy_discipline(copy, tty->disc_data);
		else
			obstacle = "a terminal with a line discipline (TIOCSETD)";
	}
	if (!obstacle && !ckpt_tty_is_line(tty))
		obstacle = copy_queue(copy, tty->port);
	else if (!obstacle)
		obstacle = ld ? check_line(tty) : "a terminal that has been hung up";
	tty_buffer_unlock_exclusive(tty->port);
	if (ld)
		tty_ldisc_deref(ld);
	return obstacle ?: ckpt_tty_end_flaw(&copy->end, copy->bytes, copy->len);
}

int ckpt_tty_end_save(struct tty_struct *tty, struct ckpt_writer *w, const char **obstacle)
{
	struct copy *copy __free(kvfree) = kvzalloc(sizeof(*copy), GFP_KERNEL_ACCOUNT);
	struct ckpt_tty_end *rec;

	if (!copy)
		return -ENOMEM;
	*obstacle = copy_end(copy, tty);
	if (*obstacle)
		return 0;
	rec = ckpt_add(w, CKPT_REC_TTY_END, copy->len);
	if (!rec)
		return w->error;
	*rec = copy->end;
	memcpy(ckpt_elems(rec), copy->bytes, copy->len);
	return 0;
}

/* ---- restored ----------------------------------------------------------------- */

static bool same_settings(struct tty_struct *tty, const struct ktermios *t)
{
	guard(rwsem_read)(&tty->termios_rwsem);
	return !memcmp(&tty->termios, t, sizeof(*t));
}

static struct ktermios settings_of(const struct ckpt_tty_end *end)
{
	struct ktermios t = {
		.c_iflag = le32_to_cpu(end->iflag),
		.c_oflag = le32_to_cpu(end->oflag),
		.c_cflag = le32_to_cpu(end->cflag),
		.c_lflag = le32_to_cpu(end->lflag),
		.c_line = end->line,
		.c_ispeed = le32_to_cpu(end->ispeed),
		.c_ospeed = le32_to_cpu(end->ospeed),
	};

	memcpy(t.c_cc, end->cc, sizeof(t.c_cc));
	return t;
}

static int restore_settings(struct tty_struct *tty, const struct ckpt_tty_end *end)
{
	struct ktermios t = settings_of(end);

	if (!ckpt_tty_is_ptmx(tty))
		tty_set_termios(tty, &t);
	/* Some it does not take, and nobody has ever had them. */
	return same_settings(tty, &t) ? 0 : -EUCLEAN;
}

/* What depends on the settings alone is there. */
static void fill_discipline(struct ckpt_n_tty_data *n, const struct ckpt_tty_end *end,
			    const struct ckpt_tty_parts *parts)
{
	u32 read = le32_to_cpu(end->read), echo = le32_to_cpu(end->echo), i;
	u32 flags = le32_to_cpu(end->flags);

	memcpy(n->read_buf, parts->read, read);
	bitmap_zero(n->read_flags, N_TTY_BUF_SIZE);
	for (i = 0; i < read; i++)
		if (parts->marks[i / 8] & 1 << i % 8)
			__set_bit(i, n->read_flags);
	/* Not at 0: there is a place before the first. */
	n->read_tail = N_TTY_BUF_SIZE;
	n->line_start = n->read_tail;
	n->read_head = n->read_tail + read;
	n->commit_head = n->read_head;
	n->canon_head = flags & CKPT_TTY_END_STALE ? n->read_tail - 1 :
			n->read_tail + le32_to_cpu(end->lines);
	memcpy(n->echo_buf, parts->echo, echo);
	n->echo_tail = 0;
	n->echo_head = echo;
	n->echo_commit = le32_to_cpu(end->echo_commit);
	n->echo_mark = le32_to_cpu(end->echo_mark);
	n->column = le32_to_cpu(end->column);
	n->canon_column = le32_to_cpu(end->canon_column);
	n->lnext = !!(flags & CKPT_TTY_END_LITERAL);
	n->erasing = !!(flags & CKPT_TTY_END_ERASING);
	n->push = !!(flags & CKPT_TTY_END_PUSH);
	n->lookahead_count = 0;
}

static int restore_discipline(struct tty_struct *tty, const struct ckpt_tty_end *end,
			      const struct ckpt_tty_parts *parts)
{
	bool shut = le32_to_cpu(end->flags) & CKPT_TTY_END_SHUT;
	struct tty_ldisc *ld = tty_ldisc_ref_wait(tty);
	int err = 0;

	/* Somebody has opened it since it was hung up, or set another discipline. */
	if (!ld != shut || (ld && ld->ops->num != N_TTY))
		err = -EBUSY;
	if (!err && ld) {
		guard(rwsem_write)(&tty->termios_rwsem);
		fill_discipline(tty->disc_data, end, parts);
	}
	if (ld)
		tty_ldisc_deref(ld);
	return err;
}

/* The lock keeps out who writes, and nobody else gets the limit. */
static bool insert(struct tty_port *port, const u8 *bytes, u32 nr)
{
	int limit = port->buf.mem_limit;
	size_t done;

	guard(spinlock_irqsave)(&port->lock);
	/* Which many small pieces may have gone beyond. */
	tty_buffer_set_limit(port, 2 * CKPT_TTY_QUEUE);
	done = tty_insert_flip_string(port, bytes, nr);
	tty_buffer_set_limit(port, limit);
	tty_flip_buffer_push(port);
	return done == nr;
}

/*
 * As if it was written by the other end now. It stays there, for there is no more
 * room than there was; but XON and XOFF in it are obeyed again, see _finish().
 */
static int restore_queue(struct tty_struct *tty, const u8 *bytes, u32 nr)
{
	bool done = !nr || insert(tty->port, bytes, nr);

	flush_work(&tty->port->buf.work);
	return done ? 0 : -ENOMEM;
}

static void set_flow(struct tty_struct *tty, u32 flags)
{
	guard(spinlock_irq)(&tty->flow.lock);
	tty->flow.stopped = flags & CKPT_TTY_END_STOPPED;
	tty->flow.tco_stopped = flags & CKPT_TTY_END_HELD;
}

int ckpt_tty_end_restore(struct tty_struct *tty, const struct ckpt_view *view)
{
	const struct ckpt_tty_end *end = view->body;
	struct ckpt_tty_parts parts;
	int err;

	/* Its check has seen to that. */
	if (!ckpt_tty_split(end, view->elems, view->count, &parts))
		return -EUCLEAN;
	err = restore_settings(tty, end);
	if (!err)
		err = restore_discipline(tty, end, &parts);
	/* What is stopped echoes nothing meanwhile. */
	set_flow(tty, le32_to_cpu(end->flags));
	return err ?: restore_queue(tty, parts.queued, le32_to_cpu(end->queued));
}

void ckpt_tty_end_finish(struct tty_struct *tty, const struct ckpt_tty_end *end)
{
	u32 flags = le32_to_cpu(end->flags);
	unsigned int i;

	set_flow(tty, flags);
	for (i = 0; i < ARRAY_SIZE(flag_bits); i++)
		if (!(flag_bits[i].pair && ckpt_tty_is_line(tty)))
			assign_bit(flag_bits[i].bit, &tty->flags, flags & flag_bits[i].image);
}

/*
 * What a driver does not take it leaves, as it does for tcsetattr(3). If the line has been
 * hung up since it was opened there is nothing to fill.
 */
void ckpt_tty_line_restore(struct tty_struct *tty, const struct ckpt_view *view)
{
	const struct ckpt_tty_end *end = view->body;
	struct ktermios t = settings_of(end);
	struct ckpt_tty_parts parts;

	tty_set_termios(tty, &t);
	if (ckpt_tty_split(end, view->elems, view->count, &parts))
		restore_discipline(tty, end, &parts);
	ckpt_tty_end_finish(tty, end);
}
