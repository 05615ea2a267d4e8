// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process in sigsuspend(), also 32-bit: a signal that was blocked before and
 * is let through meanwhile ends it, and the mask from before is put back.
 * And one that is frozen with its signal sent and the handler not run yet.
 */
#include <signal.h>

#include "tasks.h"

static volatile sig_atomic_t usr1, usr2;

static void on_usr1(int sig)
{
	sigset_t blocked;

	check(!sigprocmask(SIG_SETMASK, NULL, &blocked));
	check(!sigismember(&blocked, SIGUSR2) && sigismember(&blocked, SIGHUP));
	usr1++;
	(void)sig;
}

static void on_usr2(int sig)
{
	usr2++;
	(void)sig;
}

static void child(void)
{
	sigset_t before, during, after;

	signal(SIGUSR1, on_usr1);
	signal(SIGUSR2, on_usr2);
	sigemptyset(&before);
	sigaddset(&before, SIGUSR1);
	sigaddset(&before, SIGUSR2);
	sigaddset(&before, 50);
	check(!sigprocmask(SIG_SETMASK, &before, NULL));
	sigemptyset(&during);
	sigaddset(&during, SIGHUP);
	check(sigsuspend(&during) == -1 && errno == EINTR);
	check(told_to_go_on());
	check(usr1 == 1 && usr2 == 0);
	check(!sigprocmask(SIG_SETMASK, NULL, &after));
	check(sigismember(&after, SIGUSR1) && sigismember(&after, SIGUSR2));
	check(sigismember(&after, 50) && !sigismember(&after, SIGHUP));
	_exit(0);
}

int main(void)
{
	pid_t pid = fork();

	check(pid >= 0);
	if (!pid)
		child();
	wait_for_state(pid, 'S');
	nap(200);
	ready();
	/* Thawed, it is about to wait again. */
	wait_for_state(pid, 'S');
	check(!kill(pid, SIGUSR1));
	check(exited_with(pid, 0));
	return passed();
}
