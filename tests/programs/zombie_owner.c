// SPDX-License-Identifier: GPL-2.0-only
/*
 * A child of another user that has ended: waitid() tells whose it was.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/wait.h>

#include "program.h"

#define OWNER	12345

static void see(pid_t pid, int options)
{
	siginfo_t info = {};

	check(!waitid(P_PID, pid, &info, WEXITED | options));
	check(info.si_uid == OWNER && info.si_status == 7);
}

int main(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(setresuid(OWNER, OWNER, OWNER) ? 1 : 7);
	check(pid > 0);
	see(pid, WNOWAIT);
	ready();
	see(pid, 0);
	return passed();
}
