// SPDX-License-Identifier: GPL-2.0-only
/* The fields of the records of terminals. */
#include "schema.h"

#define TTY_SIDES NAMES("none", "ptmx", "pts", "line")

static const struct ckpt_field tty_fields[] = {
	REF(ckpt_tty, pty, PTY),
	ENUM(ckpt_tty, side, CKPT_TTY_LINE, TTY_SIDES),
	FLAGS(ckpt_tty, flags, CKPT_TTY_FLAGS, NAMES("hung_up")),
	{}
};

static const struct ckpt_field pty_fields[] = {
	REF(ckpt_pty, session, PROCESS),
	FIELD(ckpt_pty, pgrp, UINT, .limit = PID_LIMIT),
	REF(ckpt_pty, ended, ENDEDPID),
	FIELD(ckpt_pty, index, UINT),
	FLAGS(ckpt_pty, flags, CKPT_PTY_FLAGS,
	      NAMES("locked", "packet", "closed", "line", "modem")),
	FIELD(ckpt_pty, status, HEX),
	FIELD(ckpt_pty, mode, FLAGS, .limit = 0177777),
	FIELD(ckpt_pty, uid, UINT),
	FIELD(ckpt_pty, gid, UINT),
	FIELD(ckpt_pty, rows, UINT),
	FIELD(ckpt_pty, cols, UINT),
	FIELD(ckpt_pty, xpixel, UINT),
	FIELD(ckpt_pty, ypixel, UINT),
	{}
};

static const struct ckpt_field tty_end_fields[] = {
	ENUM(ckpt_tty_end, side, CKPT_TTY_LINE, TTY_SIDES),
	FLAGS(ckpt_tty_end, flags, CKPT_TTY_END_FLAGS,
	      NAMES("shut", "stopped", "held", "exclusive", "error", "alone",
		    "wakeup", "literal", "erasing", "push", "stale")),
	FIELD(ckpt_tty_end, iflag, HEX),
	FIELD(ckpt_tty_end, oflag, HEX),
	FIELD(ckpt_tty_end, cflag, HEX),
	FIELD(ckpt_tty_end, lflag, HEX),
	FIELD(ckpt_tty_end, line, UINT),
	FIELD(ckpt_tty_end, cc, BYTES),
	FIELD(ckpt_tty_end, ispeed, UINT),
	FIELD(ckpt_tty_end, ospeed, UINT),
	FIELD(ckpt_tty_end, read, UINT, .limit = CKPT_TTY_BUFFER),
	FIELD(ckpt_tty_end, lines, UINT, .limit = CKPT_TTY_BUFFER),
	FIELD(ckpt_tty_end, echo, UINT, .limit = CKPT_TTY_BUFFER),
	FIELD(ckpt_tty_end, echo_commit, UINT, .limit = CKPT_TTY_BUFFER),
	FIELD(ckpt_tty_end, echo_mark, UINT, .limit = CKPT_TTY_BUFFER),
	FIELD(ckpt_tty_end, queued, UINT, .limit = CKPT_TTY_QUEUE),
	FIELD(ckpt_tty_end, column, UINT),
	FIELD(ckpt_tty_end, canon_column, UINT),
	FIELD(ckpt_tty_end, reserved, RESERVED),
	{}
};

static const struct ckpt_field terminal_fields[] = {
	REF(ckpt_terminal, pty, PTY),
	FIELD(ckpt_terminal, old_pgrp, UINT, .limit = PID_LIMIT),
	FIELD(ckpt_terminal, reserved, RESERVED),
	{}
};

const struct ckpt_schema ckpt_schema_tty = RECORD("tty", tty);
const struct ckpt_schema ckpt_schema_pty = RECORD("pty", pty);
const struct ckpt_schema ckpt_schema_tty_end =
	RECORD("tty_end", tty_end, .elem = 1, .max = 1 << 16);
const struct ckpt_schema ckpt_schema_terminal = RECORD("terminal", terminal);
