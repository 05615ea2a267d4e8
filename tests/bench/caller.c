// SPDX-License-Identifier: GPL-2.0-only
/*
 * A resident caller: a small process that saves and restores when it is asked.
 *
 * Each line of its standard input is obeyed, and answered by a line with 0 or an
 * errno:
 *
 *   control PATH LINE	writes LINE to PATH
 *   copy SRC DST	copies a file with sendfile(2)
 *   save SRC DST PATH LINE	writes LINE to PATH, then copies
 *
 * It is small because the writer of restore/commit forks: what a large one has to
 * pay for its own memory says nothing about checkpointfs.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <unistd.h>

static int control(const char *path, const char *line)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), status;

	if (fd < 0)
		return errno;
	status = write(fd, line, strlen(line)) < 0 ? errno : 0;
	close(fd);
	return status;
}

static int copy(const char *src, const char *dst)
{
	int from = open(src, O_RDONLY | O_CLOEXEC), to, status;
	ssize_t n;

	if (from < 0)
		return errno;
	to = open(dst, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (to < 0) {
		status = errno;
	} else {
		while ((n = sendfile(to, from, NULL, 1 << 30)) > 0)
			;
		status = n < 0 ? errno : 0;
		close(to);
	}
	close(from);
	return status;
}

static int obey(const char *what, char *first)
{
	char *second, *path;

	if (!strcmp(what, "control"))
		return control(first, strtok(NULL, "\n"));
	second = strtok(NULL, "\n ");
	if (!strcmp(what, "copy"))
		return copy(first, second);
	path = strtok(NULL, " ");
	return control(path, strtok(NULL, "\n")) ?: copy(first, second);
}

int main(void)
{
	char line[4096];

	/* What it restores are its children. */
	signal(SIGCHLD, SIG_IGN);
	while (fgets(line, sizeof(line), stdin)) {
		char *what = strtok(line, " ");

		printf("%d\n", obey(what, strtok(NULL, " ")));
		fflush(stdout);
	}
	return 0;
}
