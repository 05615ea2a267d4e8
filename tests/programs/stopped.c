// SPDX-License-Identifier: GPL-2.0-only
/*
 * Children stopped by job control: one whose stop its parent has been told
 * of, one whose stop it has not asked for yet, one with threads, and one that
 * was continued, of which it has not heard yet. They stay as they are, nothing is told
 * twice, and SIGCONT lets them go on.
 */
#include <pthread.h>
#include <signal.h>

#include "tasks.h"

enum { TOLD, UNTOLD, THREADS, BY_TTY, CONTINUED, NR };

static pid_t children[NR];
static volatile sig_atomic_t signals;
static volatile int thread_counts[3];

static void on_sigchld(int sig)
{
	signals++;
	(void)sig;
}

static void *count(void *arg)
{
	volatile int *n = arg;

	for (;;) {
		++*n;
		nap(5);
	}
	return NULL;
}

/* Ends when it is told to by a file, and only while it is not stopped. */
static void child(int nr)
{
	pthread_t thread;
	int i;

	if (nr == THREADS)
		for (i = 0; i < 3; i++)
			pthread_create(&thread, NULL, count,
				       (void *)&thread_counts[i]);
	signal(SIGTERM, SIG_DFL);
	for (;;)
		nap(10);
}

static void spawn(int nr)
{
	children[nr] = fork();
	check(children[nr] >= 0);
	if (!children[nr]) {
		signal(SIGCHLD, SIG_DFL);
		child(nr);
	}
	/* SIGTTIN is ignored in a group without a parent in its session. */
	if (nr == BY_TTY)
		check(!setpgid(children[nr], children[nr]));
}

static int told(int nr, int options)
{
	int status;
	pid_t pid = waitpid(children[nr], &status, options | WNOHANG);

	check(pid == 0 || pid == children[nr]);
	return pid ? status : -1;
}

/* Of threads, the last one to stop tells. */
static void wait_until_told(int nr)
{
	int status;

	while ((status = told(nr, WUNTRACED)) == -1)
		nap(5);
	check(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
}

static void stop_all(void)
{
	static const int by[NR] = { SIGSTOP, SIGSTOP, SIGSTOP, SIGTTIN, SIGSTOP };
	int nr;

	for (nr = 0; nr < NR; nr++) {
		check(!kill(children[nr], by[nr]));
		wait_for_state(children[nr], 'T');
	}
	wait_until_told(TOLD);
	wait_until_told(THREADS);
	wait_until_told(CONTINUED);
	check(!kill(children[CONTINUED], SIGCONT));
	while (state_of(children[CONTINUED]) == 'T')
		nap(5);
	/* All that there is to signal has been signalled. */
	nap(500);
}

static void verify_states(void)
{
	static const char states[NR] = { 'T', 'T', 'T', 'T', 'S' };
	int nr;

	for (nr = 0; nr < NR; nr++)
		if (states[nr] == 'T')
			check(state_of(children[nr]) == 'T');
		else
			check(state_of(children[nr]) != 'T');
}

static void verify_told(void)
{
	int status;

	check(told(TOLD, WUNTRACED | WCONTINUED) == -1);
	check(told(THREADS, WUNTRACED | WCONTINUED) == -1);
	status = told(UNTOLD, WUNTRACED);
	check(status != -1 && WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
	check(told(UNTOLD, WUNTRACED) == -1);
	status = told(BY_TTY, WUNTRACED);
	check(status != -1 && WIFSTOPPED(status) && WSTOPSIG(status) == SIGTTIN);
	status = told(CONTINUED, WCONTINUED);
	check(status != -1 && WIFCONTINUED(status));
	check(told(CONTINUED, WCONTINUED | WUNTRACED) == -1);
}

int main(void)
{
	const struct sigaction action = { .sa_handler = on_sigchld };
	int nr, before, status;

	check(!sigaction(SIGCHLD, &action, NULL));
	for (nr = 0; nr < NR; nr++)
		spawn(nr);
	nap(100);
	stop_all();
	before = signals;
	ready();
	check(signals == before);
	/* It is on its way from the freezer's trap back into its stop. */
	for (nr = 0; nr < CONTINUED; nr++)
		wait_for_state(children[nr], 'T');
	check(signals == before);
	verify_states();
	verify_told();
	/* A signal waits until the stop is over. */
	for (nr = 0; nr < NR; nr++)
		check(!kill(children[nr], SIGTERM));
	nap(50);
	verify_states();
	check(told(TOLD, WCONTINUED | WUNTRACED) == -1);
	for (nr = 0; nr < NR; nr++) {
		check(!kill(children[nr], SIGCONT));
		do
			status = status_of(children[nr]);
		while (!WIFSIGNALED(status));
		check(WTERMSIG(status) == SIGTERM);
	}
	return passed();
}
