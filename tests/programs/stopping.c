// SPDX-License-Identifier: GPL-2.0-only
/*
 * Children whose stop by a signal is not complete, since one of their threads waits in vfork():
 * it becomes so when that thread is there, and the parent is told once; or a SIGCONT ends it.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>

#include "tasks.h"

enum { BY_STOP, BY_TTY, CONTINUED, NR };

static const int by[NR] = { SIGSTOP, SIGTTIN, SIGSTOP };
static pid_t children[NR];
static int let[NR][2], said[2];
static volatile sig_atomic_t signals;
static volatile int begun;	/* by the child, whose memory it is, too */

static void on_sigchld(int sig)
{
	signals++;
	(void)sig;
}

static void *wait_for_child(void *arg)
{
	int nr = (int)(long)arg;
	pid_t child = vfork();
	char byte;

	if (!child) {
		begun = 1;
		_exit(read(let[nr][0], &byte, 1) != 1);
	}
	check(child > 0 && exited_with(child, 0));
	return arg;
}

static void be_child(int nr)
{
	pthread_t thread;

	signal(SIGCHLD, SIG_DFL);
	check(!pthread_create(&thread, NULL, wait_for_child, (void *)(long)nr));
	while (!begun)
		nap(1);
	check(write(said[1], "x", 1) == 1);
	check(!pthread_join(thread, NULL));
	_exit(4);
}

static void start(int nr)
{
	char byte;

	check(!pipe(let[nr]));
	children[nr] = fork();
	check(children[nr] >= 0);
	if (!children[nr])
		be_child(nr);
	/* SIGTTIN is ignored in a group without a parent in its session. */
	if (nr == BY_TTY)
		check(!setpgid(children[nr], children[nr]));
	check(read(said[0], &byte, 1) == 1);
	check(!kill(children[nr], by[nr]));
	wait_for_state(children[nr], 'T');
}

static int told(int nr, int options)
{
	int status;
	pid_t pid = waitpid(children[nr], &status, options | WNOHANG);

	check(pid == 0 || pid == children[nr]);
	return pid ? status : -1;
}

/* One signal more than there were, and no other for a while. */
static void wait_for_signal(int before)
{
	while (signals == before)
		nap(5);
	nap(50);
	check(signals == before + 1);
}

static void let_go(int nr)
{
	check(write(let[nr][1], "x", 1) == 1);
}

static void complete(int nr)
{
	int before = signals, status;

	let_go(nr);
	while ((status = told(nr, WUNTRACED)) == -1)
		nap(5);
	check(WIFSTOPPED(status) && WSTOPSIG(status) == by[nr]);
	wait_for_signal(before);
	check(told(nr, WUNTRACED | WCONTINUED) == -1 && state_of(children[nr]) == 'T');
	check(!kill(children[nr], SIGCONT));
	check(exited_with(children[nr], 4));
}

/* What was not complete is told as if it had been, and then been continued. */
static void go_on(int nr)
{
	int before = signals, status;

	check(!kill(children[nr], SIGCONT));
	while (state_of(children[nr]) == 'T')
		nap(5);
	wait_for_signal(before);
	check(told(nr, WUNTRACED) == -1);
	status = told(nr, WCONTINUED);
	check(status != -1 && WIFCONTINUED(status));
	check(told(nr, WUNTRACED | WCONTINUED) == -1);
	let_go(nr);
	check(exited_with(children[nr], 4));
}

int main(void)
{
	const struct sigaction action = { .sa_handler = on_sigchld };
	int nr;

	check(!sigaction(SIGCHLD, &action, NULL));
	check(!pipe(said));
	for (nr = 0; nr < NR; nr++)
		start(nr);
	ready();
	for (nr = 0; nr < NR; nr++) {
		/* It is on its way from the freezer's trap back into its stop. */
		wait_for_state(children[nr], 'T');
		check(told(nr, WUNTRACED | WCONTINUED) == -1);
	}
	check(!signals);
	complete(BY_STOP);
	complete(BY_TTY);
	go_on(CONTINUED);
	return passed();
}
