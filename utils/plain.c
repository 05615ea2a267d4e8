// SPDX-License-Identifier: GPL-2.0-only
/*
 * What was compressed, as it was before: a process of its own makes that of it,
 * and puts it into a pipe. If that fails the archive is not whole, which nobody
 * takes for one that is.
 */
#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ckpt.h"

#define PIECE	BIT(16)

/* As one file without a name. Return: 0 or -errno, said. */
static int decompress(struct archive *a, int in, int out)
{
	struct archive_entry *entry;
	static u8 buf[PIECE];
	ssize_t n = -1;
	int ret = 0;

	archive_read_support_filter_zstd(a);
	archive_read_support_filter_gzip(a);
	archive_read_support_filter_xz(a);
	archive_read_support_filter_lz4(a);
	archive_read_support_format_raw(a);
	if (archive_read_open_fd(a, in, PIECE) == ARCHIVE_OK &&
	    archive_read_next_header(a, &entry) == ARCHIVE_OK) {
		do {
			n = archive_read_data(a, buf, sizeof(buf));
			if (n > 0)
				ret = write_all(out, buf, n);
		} while (!ret && (n > 0 || n == ARCHIVE_RETRY));
	}
	if (n < 0)
		complain("%s", archive_error_string(a) ?: "nothing has been compressed");
	return n < 0 ? -EIO : ret;
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
