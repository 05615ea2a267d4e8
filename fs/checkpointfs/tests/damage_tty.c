// SPDX-License-Identifier: GPL-2.0-only
/*
 * Wrong terminals.
 */
#include "damage.h"

#define TTY(s, i)	BODY(s, TTY, i, TTY, tty)
#define PTY(s, i)	BODY(s, PTY, i, PTY, pty)
#define TTY_END(s, i)	BODY(s, PTY, i, TTY_END, tty_end)
#define TTY_BYTES(s)	((u8 *)pts_end(s) + sizeof(struct ckpt_tty_end))

/* The second of the two records. */
static struct ckpt_tty_end *pts_end(struct sample *s)
{
	struct ckpt_view view = {};
	struct ckpt_cursor cur;
	struct sample_file *file = sample_file(s, CKPT_TYPE_PTY, 1);

	ckpt_cursor_init(&cur, file->w.buf, file->w.len);
	while (ckpt_next(&cur, &view) > 0)
		;
	return (void *)view.body;
}

/* All are of a session that has the first pair for terminal, and 12 is in front. */
static struct ckpt_terminal *give_terminal(struct sample *s)
{
	static const u32 tgids[] = { 13, 12, 10 };
	struct ckpt_terminal *terminal = NULL;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tgids); i++) {
		PROCESS(s, tgids[i])->sid = cpu_to_le32(10);
		terminal = ckpt_add(&sample_file(s, CKPT_TYPE_PROCESS, tgids[i])->w,
				    CKPT_REC_TERMINAL, 0);
		terminal->pty = cpu_to_le64(1);
	}
	PROCESS(s, 10)->flags = cpu_to_le32(CKPT_PROCESS_LEADER);
	PTY(s, 1)->session = cpu_to_le32(10);
	PTY(s, 1)->pgrp = cpu_to_le32(12);
	return terminal;
}

DAMAGED(terminal, give_terminal(s))
DAMAGED(terminal_ended, give_terminal(s); PTY(s, 1)->pgrp = 0;
	PTY(s, 1)->ended = cpu_to_le64(1))
DAMAGED(terminal_lost, give_terminal(s)->old_pgrp = cpu_to_le32(12))
DAMAGED(terminal_of_none, give_terminal(s); PTY(s, 1)->session = 0; PTY(s, 1)->pgrp = 0)
DAMAGED(terminal_of_other, give_terminal(s); PTY(s, 1)->session = cpu_to_le32(12))
DAMAGED(terminal_unled, give_terminal(s)->pty = 0)
DAMAGED(terminal_other, give_terminal(s)->pty = cpu_to_le64(2))
DAMAGED(terminal_no_leader, give_terminal(s); PROCESS(s, 10)->flags = 0)
DAMAGED(terminal_never, struct ckpt_terminal *t = give_terminal(s);
	t->pty = 0; t->old_pgrp = cpu_to_le32(12); PROCESS(s, 10)->flags = 0)
DAMAGED(terminal_twice, give_terminal(s);
	ckpt_add(&sample_file(s, CKPT_TYPE_PROCESS, 10)->w, CKPT_REC_TERMINAL, 0))
/* A session of one process alone. */
static struct ckpt_terminal *lead_alone(struct sample *s, u32 tgid)
{
	struct ckpt_writer *w = &sample_file(s, CKPT_TYPE_PROCESS, tgid)->w;
	struct ckpt_process *process = PROCESS(s, tgid);
	struct ckpt_terminal *terminal;

	process->flags = cpu_to_le32(CKPT_PROCESS_LEADER);
	process->sid = cpu_to_le32(tgid);
	process->pgid = cpu_to_le32(tgid);
	PTY(s, 1)->session = cpu_to_le32(tgid);
	PTY(s, 1)->pgrp = cpu_to_le32(tgid);
	terminal = ckpt_add(w, CKPT_REC_TERMINAL, 0);
	terminal->pty = cpu_to_le64(1);
	return terminal;
}

static void lose_alone(struct sample *s, u32 tgid)
{
	struct ckpt_terminal *terminal = lead_alone(s, tgid);

	terminal->pty = 0;
	terminal->old_pgrp = cpu_to_le32(tgid);
	PTY(s, 1)->session = 0;
	PTY(s, 1)->pgrp = 0;
}

DAMAGED(terminal_left, give_terminal(s); damage_leave(s, 10); PTY(s, 1)->pgrp = cpu_to_le32(9))
DAMAGED(terminal_nowhere, give_terminal(s); PTY(s, 1)->pgrp = cpu_to_le32(9))
DAMAGED(terminal_lost_left, lose_alone(s, 12); damage_add_leader(s, 9);
	BODY(s, PROCESS, 12, TERMINAL, terminal)->old_pgrp = cpu_to_le32(9))
DAMAGED(terminal_lost_nowhere, lose_alone(s, 12);
	BODY(s, PROCESS, 12, TERMINAL, terminal)->old_pgrp = cpu_to_le32(9))
DAMAGED(terminal_alone, lead_alone(s, 12))
DAMAGED(terminal_zombie, lead_alone(s, 13))
DAMAGED(terminal_lost_alone, lose_alone(s, 12))
DAMAGED(terminal_lost_zombie, lose_alone(s, 13))
DAMAGED(terminal_closed, give_terminal(s); PTY(s, 1)->flags = cpu_to_le32(CKPT_PTY_CLOSED))
DAMAGED(pty_no_group, give_terminal(s); PTY(s, 1)->pgrp = 0)
DAMAGED(pty_two_groups, give_terminal(s); PTY(s, 1)->ended = cpu_to_le64(1))
DAMAGED(pty_group, PTY(s, 1)->pgrp = cpu_to_le32(10))
DAMAGED(pty_mode, PTY(s, 1)->mode = cpu_to_le32(0100620))
DAMAGED(pty_status, PTY(s, 1)->status = cpu_to_le32(0x80))
DAMAGED(pty_index, PTY(s, 1)->index = cpu_to_le32(1 << 20))
DAMAGED(pty_gone, sample_remove(s, CKPT_TYPE_PTY, 1))
DAMAGED(pty_path, ckpt_add_path(&sample_file(s, CKPT_TYPE_PTY, 1)->w, CKPT_PATH_FILE, "/"))
DAMAGED(pty_sides, TTY_END(s, 1)->side = cpu_to_le32(CKPT_TTY_PTS))
DAMAGED(pty_third, ckpt_add(&sample_file(s, CKPT_TYPE_PTY, 1)->w, CKPT_REC_TTY_END, 0))
DAMAGED(tty_no_pty, TTY(s, 67)->pty = 0)
DAMAGED(tty_pos, BODY(s, TTY, 68, FILE, file)->pos = cpu_to_le64(1))
DAMAGED(tty_side, TTY(s, 68)->side = cpu_to_le32(CKPT_TTY_PTMX))

DAMAGED(tty_device, BODY(s, TTY, 68, DEVICE, device)->minor = cpu_to_le32(2))
DAMAGED(tty_console, BODY(s, TTY, 69, DEVICE, device)->minor = cpu_to_le32(1))
DAMAGED(tty_pathless, TTY(s, 70)->flags = 0)
DAMAGED(tty_nowhere, TTY(s, 70)->pty = cpu_to_le64(1); TTY(s, 70)->flags = 0)
DAMAGED(tty_hung_up, TTY(s, 67)->flags = cpu_to_le32(CKPT_TTY_HUNG_UP))
DAMAGED(tty_closed, TTY(s, 67)->pty = cpu_to_le64(2))
DAMAGED(tty_read_only, BODY(s, TTY, 67, FILE, file)->flags = cpu_to_le32(CKPT_O_RDONLY))
DAMAGED(tty_flags, BODY(s, TTY, 70, FILE, file)->flags |= cpu_to_le32(CKPT_O_PATH))
DAMAGED(end_short, pts_end(s)->queued = cpu_to_le32(3))
DAMAGED(end_long, pts_end(s)->read = cpu_to_le32(4097))
DAMAGED(end_lines, pts_end(s)->lines = cpu_to_le32(6))
DAMAGED(end_unmarked, pts_end(s)->lines = cpu_to_le32(2))
DAMAGED(end_marked, TTY_BYTES(s)[5] |= 8)
DAMAGED(end_padding, TTY_BYTES(s)[5] |= 128)
DAMAGED(end_stale, pts_end(s)->flags = cpu_to_le32(CKPT_TTY_END_STALE))
DAMAGED(end_shut, pts_end(s)->flags = cpu_to_le32(CKPT_TTY_END_SHUT))
DAMAGED(end_endless, TTY_END(s, 1)->lflag = cpu_to_le32(CKPT_TTY_ICANON))
DAMAGED(end_extproc, TTY_END(s, 1)->lflag = cpu_to_le32(CKPT_TTY_ICANON | CKPT_TTY_EXTPROC))
DAMAGED(echo_torn, TTY_BYTES(s)[6] = 0xff)
DAMAGED(echo_open, TTY_BYTES(s)[7] = 'x'; TTY_BYTES(s)[9] = 0xff)
DAMAGED(echo_commit, pts_end(s)->echo_commit = cpu_to_le32(2))
DAMAGED(echo_mark, pts_end(s)->echo_mark = cpu_to_le32(5))

DAMAGED(line_pair, PTY(s, 1)->flags |= cpu_to_le32(CKPT_PTY_LINE))
DAMAGED(line_no_line, PTY(s, 3)->flags = 0)
DAMAGED(line_locked, PTY(s, 3)->flags |= cpu_to_le32(CKPT_PTY_LOCKED))
DAMAGED(line_modem, PTY(s, 3)->flags &= ~cpu_to_le32(CKPT_PTY_MODEM))
DAMAGED(line_status, PTY(s, 3)->status = cpu_to_le32(1))
DAMAGED(line_mode, PTY(s, 3)->mode = cpu_to_le32(0020660))
DAMAGED(line_owner, PTY(s, 3)->uid = cpu_to_le32(1))
DAMAGED(line_side, TTY_END(s, 3)->side = cpu_to_le32(CKPT_TTY_PTS))
DAMAGED(line_error, TTY_END(s, 3)->flags = cpu_to_le32(CKPT_TTY_END_ERROR))
DAMAGED(line_shut, TTY_END(s, 3)->flags = cpu_to_le32(CKPT_TTY_END_SHUT))
DAMAGED(line_lines, TTY_END(s, 3)->lines = cpu_to_le32(1))
DAMAGED(line_window, PTY(s, 4)->rows = cpu_to_le16(1))
DAMAGED(line_shared, PTY(s, 4)->flags |= cpu_to_le32(CKPT_PTY_MODEM))
DAMAGED(line_two_ends, ckpt_add(&sample_file(s, CKPT_TYPE_PTY, 3)->w, CKPT_REC_TTY_END, 0))
DAMAGED(line_file, TTY(s, 87)->side = cpu_to_le32(CKPT_TTY_PTS))
DAMAGED(line_hung_up, TTY(s, 87)->flags = cpu_to_le32(CKPT_TTY_HUNG_UP))
DAMAGED(line_device, BODY(s, TTY, 87, DEVICE, device)->minor = cpu_to_le32(66))
DAMAGED(line_tty0, BODY(s, TTY, 87, DEVICE, device)->minor = 0)
DAMAGED(line_null, BODY(s, TTY, 88, DEVICE, device)->minor = cpu_to_le32(2))
DAMAGED(pair_modem, PTY(s, 1)->flags |= cpu_to_le32(CKPT_PTY_MODEM))
DAMAGED(pair_file, TTY(s, 68)->side = cpu_to_le32(CKPT_TTY_LINE))

static const struct damage_case cases[] = {
#define ROW(damage, result) { #damage, damage, result }
	ROW(terminal_left, 0),		ROW(terminal_nowhere, -EUCLEAN),
	ROW(terminal_lost_left, 0),	ROW(terminal_lost_nowhere, -EUCLEAN),
	ROW(terminal, 0),		ROW(terminal_ended, 0),
	ROW(terminal_lost, -EUCLEAN),	ROW(terminal_of_none, -EUCLEAN),
	ROW(terminal_of_other, -EUCLEAN), ROW(terminal_unled, -EUCLEAN),
	ROW(terminal_other, -EUCLEAN),	ROW(terminal_no_leader, -EUCLEAN),
	ROW(terminal_never, -EUCLEAN),	ROW(terminal_twice, -EUCLEAN),
	ROW(terminal_alone, 0),		ROW(terminal_zombie, -EUCLEAN),
	ROW(terminal_lost_alone, 0),	ROW(terminal_lost_zombie, -EUCLEAN),
	ROW(terminal_closed, -EUCLEAN),	ROW(pty_no_group, -EUCLEAN),
	ROW(pty_two_groups, -EUCLEAN),	ROW(pty_group, -EUCLEAN),
	ROW(pty_mode, -EUCLEAN),	ROW(pty_status, -EUCLEAN),
	ROW(pty_index, -EUCLEAN),	ROW(pty_gone, -EUCLEAN),
	ROW(pty_path, -EUCLEAN),	ROW(pty_sides, -EUCLEAN),
	ROW(pty_third, -EUCLEAN),	ROW(tty_no_pty, -EUCLEAN),
	ROW(tty_pos, -EUCLEAN),		ROW(tty_side, -EUCLEAN),
	ROW(tty_device, -EUCLEAN),	ROW(tty_console, -EUCLEAN),
	ROW(tty_pathless, -EUCLEAN),	ROW(tty_nowhere, -EUCLEAN),
	ROW(tty_hung_up, -EUCLEAN),	ROW(tty_closed, -EUCLEAN),
	ROW(tty_read_only, -EUCLEAN),	ROW(tty_flags, -EUCLEAN),
	ROW(end_short, -EUCLEAN),	ROW(end_long, -EUCLEAN),
	ROW(end_lines, -EUCLEAN),	ROW(end_unmarked, -EUCLEAN),
	ROW(end_marked, -EUCLEAN),	ROW(end_padding, -EUCLEAN),
	ROW(end_stale, -EUCLEAN),	ROW(end_shut, -EUCLEAN),
	ROW(end_endless, -EUCLEAN),	ROW(end_extproc, 0),
	ROW(echo_torn, -EUCLEAN),	ROW(echo_open, -EUCLEAN),
	ROW(echo_commit, -EUCLEAN),	ROW(echo_mark, -EUCLEAN),
	ROW(line_pair, -EUCLEAN),	ROW(line_no_line, -EUCLEAN),
	ROW(line_locked, -EUCLEAN),	ROW(line_modem, -EUCLEAN),
	ROW(line_status, -EUCLEAN),	ROW(line_mode, -EUCLEAN),
	ROW(line_owner, -EUCLEAN),	ROW(line_side, -EUCLEAN),
	ROW(line_error, -EUCLEAN),	ROW(line_shut, -EUCLEAN),
	ROW(line_lines, -EUCLEAN),	ROW(line_window, -EUCLEAN),
	ROW(line_shared, -EUCLEAN),	ROW(line_two_ends, -EUCLEAN),
	ROW(line_file, -EUCLEAN),	ROW(line_hung_up, -EUCLEAN),
	ROW(line_device, -EUCLEAN),	ROW(line_tty0, 0),
	ROW(line_null, -EUCLEAN),	ROW(pair_modem, -EUCLEAN),
	ROW(pair_file, -EUCLEAN),
#undef ROW
};

const struct damage_table damage_ttys = { cases, ARRAY_SIZE(cases) };
