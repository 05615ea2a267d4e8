// SPDX-License-Identifier: GPL-2.0-only
/*
 * Children that have ended and are not waited for yet: with every sort of exit
 * code, by signals, as leaders of their own group and session, and with an exit
 * signal other than SIGCHLD. Their parent
 * learns how each ended, and is told of it by no second signal.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "tasks.h"

static const int exit_codes[] = { 0, 1, 2, 42, 127, 128, 255 };
static const int kill_signals[] = { SIGKILL, SIGTERM, SIGHUP, SIGUSR1, SIGPIPE,
				    SIGALRM, 34, 64 };
static const int fault_signals[] = { SIGSEGV, SIGABRT, SIGFPE, SIGILL, SIGQUIT };

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define NR	(LEN(exit_codes) + LEN(kill_signals) + LEN(fault_signals) + 3)

static struct child {
	pid_t pid;
	int status;
} children[NR];
static unsigned int nr;
static volatile sig_atomic_t told, told_usr1;

static void on_sigchld(int sig)
{
	told++;
	(void)sig;
}

static void on_sigusr1(int sig)
{
	told_usr1++;
	(void)sig;
}

static void die_of(int sig)
{
	sigset_t none;

	signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	raise(sig);
	_exit(99);
}

static void add(pid_t pid, int status)
{
	check(pid > 0);
	children[nr].pid = pid;
	children[nr++].status = status;
}

static void make(const int *how, unsigned int n, int by_signal)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		pid_t pid = fork();

		if (!pid) {
			if (by_signal)
				die_of(how[i]);
			_exit(how[i]);
		}
		add(pid, by_signal ? how[i] : how[i] << 8);
	}
}

static void make_leaders(void)
{
	pid_t pid = fork();

	if (!pid) {
		setpgid(0, 0);
		_exit(11);
	}
	add(pid, 11 << 8);
	pid = fork();
	if (!pid) {
		setsid();
		_exit(12);
	}
	add(pid, 12 << 8);
	pid = syscall(SYS_clone, SIGUSR1, NULL, NULL, NULL, NULL);
	if (!pid)
		_exit(13);
	add(pid, 13 << 8);
}

static void wait_until_dead(void)
{
	siginfo_t info;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		while (waitid(P_PID, children[i].pid, &info,
			      WEXITED | WNOWAIT | __WALL))
			check(errno == EINTR);
		check(state_of(children[i].pid) == 'Z');
	}
}

static void reap_all(void)
{
	unsigned int i;
	int status;

	for (i = 0; i < nr; i++) {
		check(state_of(children[i].pid) == 'Z');
		check(getpgid(children[i].pid) > 0);
		check(waitpid(children[i].pid, &status, __WALL | WNOHANG) ==
		      children[i].pid);
		if (status != children[i].status) {
			printf("child %u ended with 0x%x, not 0x%x\n", i, status,
			       children[i].status);
			check(status == children[i].status);
		}
	}
	check(waitpid(-1, &status, __WALL) == -1 && errno == ECHILD);
}

int main(void)
{
	const struct rlimit no_core = { 0, 0 };
	struct sigaction action = { .sa_handler = on_sigchld };
	pid_t group, session;
	int before, before_usr1;

	check(!setrlimit(RLIMIT_CORE, &no_core));
	check(!sigaction(SIGCHLD, &action, NULL));
	make(exit_codes, LEN(exit_codes), 0);
	make(kill_signals, LEN(kill_signals), 1);
	make(fault_signals, LEN(fault_signals), 1);
	action.sa_handler = on_sigusr1;
	check(!sigaction(SIGUSR1, &action, NULL));
	make_leaders();
	wait_until_dead();
	check(told > 0 && told_usr1 == 1);
	before = told;
	before_usr1 = told_usr1;
	group = getpgid(children[nr - 3].pid);
	session = getsid(children[nr - 2].pid);
	check(group == children[nr - 3].pid && session == children[nr - 2].pid);
	ready();
	check(getpgid(children[nr - 3].pid) == group);
	check(getsid(children[nr - 2].pid) == session);
	reap_all();
	check(told == before && told_usr1 == before_usr1);
	return passed();
}
