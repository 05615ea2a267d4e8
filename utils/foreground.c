// SPDX-License-Identifier: GPL-2.0-only
/*
 * A restored program in the foreground of the terminal that it was given, as a shell
 * has its jobs: ckpt waits behind it, is stopped when it is, and sends it on.
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ckpt.h"

/* Our controlling terminal, if it is among @fds; -1: it is not. */
static int find_terminal(const int *fds, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (tcgetpgrp(fds[i]) > 0)
			return fds[i];
	return -1;
}

/* The foreground of @tty, from one group to another, unless a third has it. */
static bool pass(int tty, pid_t from, pid_t to)
{
	return tcgetpgrp(tty) == from && !tcsetpgrp(tty, to);
}

/* It asked for the terminal just before it got it, or before we, who have it, knew. */
static bool is_late(int tty, pid_t group, int sig)
{
	pid_t foreground = tcgetpgrp(tty);

	return (sig == SIGTTIN || sig == SIGTTOU) &&
	       (foreground == group || foreground == getpgrp());
}

static int wait_for_end(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return status;
}

/*
 * A job that is stopped is told by SIGCONT that it goes on, which we send on; one that runs
 * in the background is not told that it has got the terminal: it looks.
 */
static int wait_as_job(pid_t pid, pid_t group, int tty)
{
	const struct timespec soon = { .tv_nsec = 200 * 1000 * 1000 };
	bool stopped = false;
	int status, ret;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGCONT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (;;) {
		if (pass(tty, getpgrp(), group) || stopped)
			kill(-group, SIGCONT);
		ret = waitpid(pid, &status, WUNTRACED | WNOHANG);
		if (ret < 0)
			return -errno;
		stopped = ret && WIFSTOPPED(status);
		if (ret && !stopped)
			return status;
		if (!ret) {
			sigtimedwait(&set, NULL, tcgetpgrp(tty) == group ? NULL : &soon);
		} else if (!is_late(tty, group, WSTOPSIG(status))) {
			pass(tty, group, getpgrp());
			raise(SIGSTOP);
		}
	}
}

int wait_in_foreground(pid_t pid, const int *fds, size_t nr)
{
	int tty = find_terminal(fds, nr), status;
	pid_t group = getpgid(pid);

	/* Of our own group, it is stopped and sent on with us. */
	if (tty < 0 || group < 0 || group == getpgrp())
		return wait_for_end(pid);
	/* It is not the foreground that gives the terminal to others. */
	signal(SIGTTOU, SIG_IGN);
	status = wait_as_job(pid, group, tty);
	pass(tty, group, getpgrp());
	return status;
}
