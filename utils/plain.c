// SPDX-License-Identifier: GPL-2.0-only
/*
 * What was compressed, as it was before: a process of its own makes that of it,
 * and puts it into a pipe. If that fails the archive is not whole, which nobody
 * takes for one that is: checksums come last, and what is before them is held back
 * until they are found right.
 */
#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ckpt.h"

#define PIECE	BIT(16)

/* The one that comes last may be of a byte: the end of an archive is in that before it. */
#define HELD	2

static ssize_t fill(struct archive *a, void *in, const void **buf)
{
	static u8 piece[PIECE];
	ssize_t n = read_some(*(int *)in, piece, PIECE);

	if (n < 0)
		archive_set_error(a, errno, "%s", strerror(errno));
	*buf = piece;
	return n;
}

/* What comes out goes on when HELD more pieces have come. Return: 0 or -errno, not said: -EIO. */
static int pass_on(struct archive *a, int out)
{
	static u8 buf[HELD + 1][PIECE];
	ssize_t size[HELD + 1] = {}, n = 0;
	unsigned int i = 0, held;
	int ret = 0;

	while (!ret && (n = archive_read_data(a, buf[i], PIECE)) > 0) {
		size[i] = n;
		i = (i + 1) % (HELD + 1);
		ret = write_all(out, buf[i], size[i]);
	}
	if (n < 0)
		return -EIO;
	/* At i is what has gone already, the oldest of what has not behind it. */
	for (held = 0; !ret && held < HELD; held++) {
		i = (i + 1) % (HELD + 1);
		ret = write_all(out, buf[i], size[i]);
	}
	return ret;
}

/* As one file without a name. Return: 0 or -errno, said. */
static int decompress(struct archive *a, int in, int out)
{
	struct archive_entry *entry;
	int ret = -EIO;

	archive_read_support_filter_zstd(a);
	archive_read_support_filter_gzip(a);
	archive_read_support_filter_xz(a);
	archive_read_support_filter_lz4(a);
	archive_read_support_format_raw(a);
	if (archive_read_open(a, &in, NULL, fill, NULL) == ARCHIVE_OK &&
	    archive_read_next_header(a, &entry) == ARCHIVE_OK)
		ret = pass_on(a, out);
	if (ret == -EIO)
		complain("%s", archive_error_string(a) ?: "nothing has been compressed");
	return ret;
}

/* The child of nobody who would have to wait for it. */
static _Noreturn void run(int in, const int fds[2])
{
	struct archive *a;
	pid_t pid = fork();

	if (pid)
		_exit(pid < 0);
	close(fds[0]);
	a = archive_read_new();
	_exit(!a || decompress(a, in, fds[1]));
}

int open_plain(int image)
{
	int fds[2], status;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (!pid)
		run(image, fds);
	close(fds[1]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status) {
		close(fds[0]);
		return -EAGAIN;
	}
	return fds[0];
}
