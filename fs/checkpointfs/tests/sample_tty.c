// SPDX-License-Identifier: GPL-2.0-only
/*
 * Terminals.
 */
#include "sample_add.h"

static struct ckpt_tty *add_tty(struct sample *s, struct ckpt_writer *w, u64 pty, u32 side)
{
	struct ckpt_tty *tty = ADD(w, CKPT_REC_TTY, 0);

	tty->pty = cpu_to_le64(pty);
	tty->side = cpu_to_le32(side);
	return tty;
}

static struct ckpt_tty_end *add_end(struct ckpt_writer *w, u32 side, const char *bytes, u32 size)
{
	struct ckpt_tty_end *end = ADD(w, CKPT_REC_TTY_END, size);

	end->side = cpu_to_le32(side);
	memcpy(end + 1, bytes, size);
	return end;
}

static struct ckpt_pty *add_pty(struct sample *s, u64 id, u32 flags)
{
	struct ckpt_writer *w = sample_add(s, CKPT_TYPE_PTY, id);
	struct ckpt_pty *pty = ADD(w, CKPT_REC_PTY, 0);
	struct ckpt_tty_end *end;

	pty->index = cpu_to_le32(id);
	pty->flags = cpu_to_le32(flags);
	pty->mode = cpu_to_le32(0020620);
	ckpt_add_path(w, CKPT_PATH_FILE, "/dev/ptmx");
	end = add_end(w, CKPT_TTY_PTMX, "ok\0", 3);
	end->flags = cpu_to_le32(CKPT_TTY_END_STALE);
	end->read = cpu_to_le32(2);
	/* A line and a half; an echo of which the first byte can be written; two bytes. */
	end = add_end(w, CKPT_TTY_PTS, "ab\ncd\4x\377\202\1yz", 12);
	end->read = cpu_to_le32(5);
	end->lines = cpu_to_le32(3);
	end->echo = cpu_to_le32(4);
	end->echo_commit = cpu_to_le32(1);
	end->echo_mark = cpu_to_le32(4);
	end->queued = cpu_to_le32(2);
	return pty;
}

/* A pair with three open files, one of them by /dev/tty, and one that has been hung up. */
static void add_terminals(struct sample *s)
{
	struct ckpt_device *device;
	struct ckpt_writer *w;
	struct ckpt_tty *tty;

	add_pty(s, 1, CKPT_PTY_LOCKED);
	w = sample_add(s, CKPT_TYPE_TTY, 67);
	sample_open_file(w, CKPT_TYPE_TTY, CKPT_O_RDWR);
	add_tty(s, w, 1, CKPT_TTY_PTMX);
	w = sample_named_file(s, 68, CKPT_TYPE_TTY, CKPT_O_RDWR, "/dev/pts/1", 0020620);
	device = ADD(w, CKPT_REC_DEVICE, 0);
	device->major = cpu_to_le32(136);
	device->minor = cpu_to_le32(1);
	add_tty(s, w, 1, CKPT_TTY_PTS);
	w = sample_named_file(s, 69, CKPT_TYPE_TTY, CKPT_O_RDWR, "/dev/tty", 0020666);
	device = ADD(w, CKPT_REC_DEVICE, 0);
	device->major = cpu_to_le32(5);
	add_tty(s, w, 1, CKPT_TTY_PTS);
	add_pty(s, 2, CKPT_PTY_CLOSED);
	w = sample_add(s, CKPT_TYPE_TTY, 70);
	sample_open_file(w, CKPT_TYPE_TTY, CKPT_O_WRONLY);
	tty = add_tty(s, w, 2, CKPT_TTY_PTS);
	tty->flags = cpu_to_le32(CKPT_TTY_HUNG_UP);
}

static struct ckpt_pty *add_line(struct sample *s, u64 id, u32 minor)
{
	struct ckpt_writer *w = sample_add(s, CKPT_TYPE_PTY, id);
	struct ckpt_pty *pty = ADD(w, CKPT_REC_PTY, 0);

	pty->index = cpu_to_le32(4 << 8 | minor);
	pty->flags = cpu_to_le32(CKPT_PTY_LINE);
	pty->mode = cpu_to_le32(0020000);
	ckpt_add_path(w, CKPT_PATH_FILE, "/dev/ttyS1");
	return pty;
}

static void add_line_file(struct sample *s, u64 id, u64 line, u32 major, u32 minor)
{
	struct ckpt_writer *w = sample_named_file(s, id, CKPT_TYPE_TTY, CKPT_O_RDWR,
						  "/dev/ttyS1", 0020660);
	struct ckpt_device *device = ADD(w, CKPT_REC_DEVICE, 0);

	device->major = cpu_to_le32(major);
	device->minor = cpu_to_le32(minor);
	add_tty(s, w, line, CKPT_TTY_LINE);
}

/* A line with two open files, by its name and /dev/console; and one that is shared. */
static void add_lines(struct sample *s)
{
	struct ckpt_pty *pty = add_line(s, 3, 65);
	struct ckpt_tty_end *end;

	pty->flags |= cpu_to_le32(CKPT_PTY_MODEM);
	pty->status = cpu_to_le32(0x8006);
	pty->rows = cpu_to_le16(24);
	end = add_end(&sample_file(s, CKPT_TYPE_PTY, 3)->w, CKPT_TTY_LINE, "a\n\2", 3);
	end->read = cpu_to_le32(2);
	end->lines = cpu_to_le32(2);
	add_line_file(s, 87, 3, 4, 65);
	add_line_file(s, 88, 3, 5, 1);
	add_line(s, 4, 66);
	add_line_file(s, 89, 4, 4, 66);
}

void sample_add_ttys(struct sample *s)
{
	add_terminals(s);
	add_lines(s);
}
