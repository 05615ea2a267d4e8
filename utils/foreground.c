// SPDX-License-Identifier: GPL-2.0-only
/*
 * A restored program in the foreground of the terminal that it was given, as a shell
 * has its jobs: ckpt waits behind it, is stopped when it is, and sends it on.
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ckpt.h"

/* The terminal among @fds in whose foreground this process is; -1: none. */
static int find_terminal(const int *fds, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (tcgetpgrp(fds[i]) == getpgrp())
			return fds[i];
	return -1;
}

static void give(int tty, pid_t group)
{
	if (tty < 0)
		return;
	tcsetpgrp(tty, group);
	if (group != getpgrp())
		kill(-group, SIGCONT);
}

int wait_in_foreground(pid_t pid, const int *fds, size_t nr)
{
	pid_t group = getpgid(pid);
	int tty = find_terminal(fds, nr), status;

	/* It is not the foreground that gives the terminal to others. */
	signal(SIGTTOU, SIG_IGN);
	if (group < 0 || group == getpgrp())
		tty = -1;
	give(tty, group);
	for (;;) {
		if (waitpid(pid, &status, tty < 0 ? 0 : WUNTRACED) < 0) {
			if (errno == EINTR)
				continue;
			status = -errno;
			break;
		}
		if (!WIFSTOPPED(status))
			break;
		give(tty, getpgrp());
		raise(SIGSTOP);
		give(tty, group);
	}
	give(tty, getpgrp());
	return status;
}
