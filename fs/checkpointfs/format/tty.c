// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks of what is in a terminal, and who has it for controlling terminal.
 *
 * The bytes of an end go into the kernel's own buffers as they are, so all that
 * the line discipline relies upon is asked for here. Pure functions.
 */
#include "../object.h"

/* Sequences in the buffer of echoed bytes: an escape, an operation, for one an argument. */
#define ECHO_ESCAPE	0xff
#define ECHO_ERASE_TAB	0x82

bool ckpt_tty_split(const struct ckpt_tty_end *end, const void *bytes, u32 size,
		    struct ckpt_tty_parts *parts)
{
	u32 read = le32_to_cpu(end->read);

	parts->read = bytes;
	parts->marks = parts->read + read;
	parts->echo = parts->marks + DIV_ROUND_UP(read, 8);
	parts->queued = parts->echo + le32_to_cpu(end->echo);
	/* The schema's limits are far from any overflow. */
	return parts->queued + le32_to_cpu(end->queued) == parts->read + size;
}

/* Length of the sequence at @at; 0: it is not all there. */
static u32 echo_step(const u8 *echo, u32 at, u32 size)
{
	u32 len = 1;

	if (echo[at] == ECHO_ESCAPE)
		len = at + 1 < size && echo[at + 1] == ECHO_ERASE_TAB ? 3 : 2;
	return len <= size - at ? len : 0;
}

/* Whole sequences only; those two end between some. */
static bool echo_sane(const struct ckpt_tty_end *end, const u8 *echo)
{
	u32 size = le32_to_cpu(end->echo), commit = le32_to_cpu(end->echo_commit);
	u32 mark = le32_to_cpu(end->echo_mark), at = 0, step = 1;
	bool has_commit = !commit, has_mark = !mark;

	while (step && at < size) {
		step = echo_step(echo, at, size);
		at += step;
		has_commit |= at == commit;
		has_mark |= at == mark;
	}
	return step && has_commit && has_mark;
}

static bool marked(const u8 *marks, u32 i)
{
	return marks[i / 8] & 1 << i % 8;
}

/* Lines end where they do, and the last of them where they all do. */
static bool lines_sane(const struct ckpt_tty_end *end, const u8 *marks)
{
	u32 read = le32_to_cpu(end->read), lines = le32_to_cpu(end->lines);
	u32 i;

	if (lines > read || (le32_to_cpu(end->flags) & CKPT_TTY_END_STALE && lines))
		return false;
	for (i = lines; i < round_up(read, 8); i++)
		if (marked(marks, i))
			return false;
	return !lines || marked(marks, lines - 1);
}

/* Who reads lines reads up to the end of the last: one in front of them has none. */
static bool endless(const struct ckpt_tty_end *end)
{
	const u32 mode = CKPT_TTY_ICANON | CKPT_TTY_EXTPROC;

	return le32_to_cpu(end->flags) & CKPT_TTY_END_STALE &&
	       (le32_to_cpu(end->lflag) & mode) == CKPT_TTY_ICANON;
}

/* One that is hung up has nothing, but what is on its way to it; a ptmx never is. */
static bool shut_sane(const struct ckpt_tty_end *end)
{
	const u32 typed = CKPT_TTY_END_LITERAL | CKPT_TTY_END_ERASING |
			  CKPT_TTY_END_PUSH | CKPT_TTY_END_STALE;
	u32 flags = le32_to_cpu(end->flags);

	if (!(flags & CKPT_TTY_END_SHUT))
		return true;
	return le32_to_cpu(end->side) == CKPT_TTY_PTS && !(flags & typed) &&
	       !end->read && !end->echo && !end->column && !end->canon_column;
}

const char *ckpt_tty_end_flaw(const struct ckpt_tty_end *end, const void *bytes, u32 size)
{
	struct ckpt_tty_parts parts;

	if (!ckpt_tty_split(end, bytes, size, &parts))
		return "a terminal with more or less in it than it says";
	if (!lines_sane(end, parts.marks))
		return "a terminal with lines that do not end where they should";
	if (endless(end))
		return "a terminal with a line that never ends";
	if (!echo_sane(end, parts.echo))
		return "a terminal with echo that breaks off";
	if (!shut_sane(end))
		return "a terminal that is hung up and has something in it, or is a ptmx";
	return NULL;
}

int ckpt_check_tty_ends(const struct ckpt_check *chk, const void *bytes, size_t size)
{
	struct ckpt_cursor cur;
	struct ckpt_view view;
	u32 side = 0;
	int ret = 0;

	ckpt_cursor_init(&cur, bytes, size);
	while (!ret && ckpt_next(&cur, &view) > 0) {
		const struct ckpt_tty_end *end = view.body;
		const char *flaw;

		if (view.type != CKPT_REC_TTY_END)
			continue;
		if (le32_to_cpu(end->side) != ++side)
			return ckpt_bad(chk, "not the two sides of a pair");
		flaw = ckpt_tty_end_flaw(end, view.elems, view.count);
		if (flaw)
			ret = ckpt_bad(chk, flaw);
	}
	if (!ret && side != CKPT_TTY_PTS)
		return ckpt_bad(chk, "not the two sides of a pair");
	return ret;
}

/* ---- lines ------------------------------------------------------------------- */

/* What hardware says of itself, and what others write, is not of an image. */
static bool line_end_sane(const struct ckpt_tty_end *end)
{
	const u32 foreign = CKPT_TTY_END_SHUT | CKPT_TTY_END_ERROR | CKPT_TTY_END_ALONE;

	return le32_to_cpu(end->side) == CKPT_TTY_LINE && !end->queued &&
	       !(le32_to_cpu(end->flags) & foreign);
}

static bool line_sane(const struct ckpt_pty *pty)
{
	u32 flags = le32_to_cpu(pty->flags), status = le32_to_cpu(pty->status);

	return !(flags & ~(CKPT_PTY_LINE | CKPT_PTY_MODEM)) &&
	       !(status & (flags & CKPT_PTY_MODEM ? ~CKPT_TTY_MODEM : ~0u)) &&
	       le32_to_cpu(pty->mode) == S_IFCHR && !pty->uid && !pty->gid;
}

/* Without an end it is one that others have open, too: its settings are theirs. */
int ckpt_check_line(const struct ckpt_check *chk, const void *bytes, size_t size,
		    const struct ckpt_pty *pty)
{
	struct ckpt_cursor cur;
	struct ckpt_view view;
	unsigned int ends = 0;

	if (!line_sane(pty))
		return ckpt_bad(chk, "not what a line has");
	ckpt_cursor_init(&cur, bytes, size);
	while (ckpt_next(&cur, &view) > 0) {
		const char *flaw;

		if (view.type != CKPT_REC_TTY_END)
			continue;
		if (ends++ || !line_end_sane(view.body))
			return ckpt_bad(chk, "not the end of a line");
		flaw = ckpt_tty_end_flaw(view.body, view.elems, view.count);
		if (flaw)
			return ckpt_bad(chk, flaw);
	}
	if (!ends && (pty->flags != cpu_to_le32(CKPT_PTY_LINE) ||
		      pty->rows || pty->cols || pty->xpixel || pty->ypixel))
		return ckpt_bad(chk, "the settings of a line that is shared");
	return 0;
}

/* ---- who has it -------------------------------------------------------------- */

static const struct ckpt_terminal *terminal_of(const struct ckpt_check *chk, u64 process)
{
	struct ckpt_view view;

	return ckpt_check_record(chk, CKPT_TYPE_PROCESS, process, CKPT_REC_TERMINAL, &view);
}

/* A process that leads a session gives its terminal up before it is a zombie. */
static bool leads(const struct ckpt_check *chk, const struct ckpt_process *process)
{
	const struct ckpt_task *task;

	if (!process || !(le32_to_cpu(process->flags) & CKPT_PROCESS_LEADER))
		return false;
	task = ckpt_check_body(chk, CKPT_TYPE_TASK, le32_to_cpu(process->tgid));
	return task && (le32_to_cpu(task->state) != CKPT_TASK_ZOMBIE || task->mm);
}

int ckpt_check_pty_session(const struct ckpt_check *chk, u64 id, const struct ckpt_pty *pty)
{
	u32 sid = le32_to_cpu(pty->session);
	const struct ckpt_terminal *terminal;

	if (!sid)
		return pty->pgrp || pty->ended ?
			ckpt_bad(chk, "a foreground group without a session") : 0;
	if (!pty->pgrp == !pty->ended)
		return ckpt_bad(chk, "a session without a foreground group, or with two");
	if (pty->pgrp && !ckpt_check_session(chk, le32_to_cpu(pty->pgrp)))
		return ckpt_bad(chk, "a foreground group that is not there");
	if (le32_to_cpu(pty->flags) & CKPT_PTY_CLOSED)
		return ckpt_bad(chk, "the session of a terminal that is gone");
	terminal = terminal_of(chk, sid);
	if (!leads(chk, ckpt_check_body(chk, CKPT_TYPE_PROCESS, sid)) ||
	    !terminal || le64_to_cpu(terminal->pty) != id)
		return ckpt_bad(chk, "of a session whose leader does not have it");
	return 0;
}

int ckpt_check_terminal(const struct ckpt_check *chk, const void *bytes, size_t size,
			const struct ckpt_process *process)
{
	const struct ckpt_terminal *terminal;
	const struct ckpt_pty *pty;
	struct ckpt_view view;
	int ret;

	if (!ckpt_find(bytes, size, CKPT_REC_TERMINAL, &view))
		return 0;
	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_TERMINAL, &view);
	if (ret)
		return ret;
	terminal = view.body;
	if (!terminal->pty == !terminal->old_pgrp)
		return ckpt_bad(chk, "has a terminal and has lost it, or neither");
	if (terminal->old_pgrp && !ckpt_check_session(chk, le32_to_cpu(terminal->old_pgrp)))
		return ckpt_bad(chk, "had a foreground group that is not there");
	if (terminal->old_pgrp && !leads(chk, process))
		return ckpt_bad(chk, "has lost a terminal that it never had");
	pty = ckpt_check_body(chk, CKPT_TYPE_PTY, le64_to_cpu(terminal->pty));
	if (pty && (!pty->session || pty->session != process->sid))
		return ckpt_bad(chk, "has the terminal of another session");
	return 0;
}
