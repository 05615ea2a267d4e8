// SPDX-License-Identifier: GPL-2.0-only
/*
 * Children that are traced, each in another way and in another stop: one that runs, one
 * that a signal has stopped, of which we have been told or have yet to be told, stops of job
 * control with and without PTRACE_SEIZE, one that is interrupted, one that has made a single
 * step, and a thread. They stay so, nothing is told twice, and they go on as their
 * tracer wants it.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>

#include "tasks.h"

enum { RUNS, TOLD, UNTOLD, ATTACHED, GROUP, INTERRUPTED, STEPPED, THREAD, NR };

#define EVENT(signal, event)	((signal) | (event) << 8)
#define VALUE(nr)		(1000 + (nr))

/* What the children say, in memory that is shared. */
static struct shared {
	volatile unsigned long ticks[NR];
	volatile int handled[NR];
	volatile int value[NR];
	volatile pid_t tid;
	volatile int fork, forked;
} *shared;

static pid_t children[NR];	/* of THREAD: its number, not that of its process */
static pid_t leader;		/* its process */
static int own;			/* number of a child */
static volatile sig_atomic_t signals;
static struct user_regs_struct regs;
static long debug_status;
static siginfo_t infos[NR];

static void on_sigchld(int sig)
{
	signals++;
	(void)sig;
}

/* ---- the children ---- */

static void on_sigusr1(int sig, siginfo_t *info, void *context)
{
	shared->handled[own]++;
	shared->value[own] = info->si_value.sival_int;
	(void)sig;
	(void)context;
}

static void fork_once(void)
{
	pid_t pid = fork();

	check(pid >= 0);
	if (!pid)
		_exit(0);
	check(exited_with(pid, 0));
	shared->fork = 0;
	shared->forked = 1;
}

static void *tick(void *arg)
{
	shared->tid = syscall(SYS_gettid);
	for (;;) {
		shared->ticks[THREAD]++;
		nap(5);
	}
	return arg;
}

/* Where it is, is in user mode. */
static void compute(void)
{
	for (;;)
		shared->ticks[own]++;
}

static void child(void)
{
	const struct sigaction action = {
		.sa_sigaction = on_sigusr1,
		.sa_flags = SA_SIGINFO,
	};
	pthread_t thread;

	check(!sigaction(SIGUSR1, &action, NULL));
	if (own == TOLD) {
		check(!ptrace(PTRACE_TRACEME, 0, 0, 0));
		raise(SIGSTOP);
	}
	if (own == STEPPED)
		compute();
	if (own == THREAD) {
		check(!pthread_create(&thread, NULL, tick, NULL));
		for (;;)
			nap(10);
	}
	for (;;) {
		shared->ticks[own]++;
		if (own == RUNS && shared->fork)
			fork_once();
		nap(5);
	}
}

static void spawn(int nr)
{
	pid_t pid = fork();

	check(pid >= 0);
	if (!pid) {
		signal(SIGCHLD, SIG_DFL);
		own = nr;
		child();
	}
	children[nr] = pid;
	if (nr != THREAD)
		return;
	leader = pid;
	while (!shared->tid)
		nap(5);
	children[nr] = shared->tid;
}

/* ---- what their tracer sees ---- */

static void wait_for_tick(int nr)
{
	unsigned long before = shared->ticks[nr];

	while (shared->ticks[nr] == before)
		nap(5);
}

static void wait_for_stop(pid_t pid, int what)
{
	int status, ret;

	do
		ret = waitpid(pid, &status, __WALL);
	while (ret == -1 && errno == EINTR);
	check(ret == pid);
	if (!WIFSTOPPED(status) || status >> 8 != what)
		printf("task %d: status %#x, not %#x\n", (int)pid, status, what);
	check(WIFSTOPPED(status) && status >> 8 == what);
}

/* Is there something that waitpid() has not said yet? It is not said by that. */
static int has_news(int nr)
{
	siginfo_t info = { 0 };

	check(!waitid(P_PID, children[nr], &info,
		      WSTOPPED | WEXITED | WNOHANG | WNOWAIT | __WALL));
	return info.si_pid;
}

static void let_go(int nr, int signal)
{
	check(!ptrace(PTRACE_CONT, children[nr], 0, signal));
}

static void seize(int nr, long options)
{
	check(!ptrace(PTRACE_SEIZE, children[nr], 0, options));
}

static void send_value(int nr)
{
	const union sigval value = { .sival_int = VALUE(nr) };

	check(!sigqueue(children[nr], SIGUSR1, value));
}

static void look_at_siginfo(int nr)
{
	check(!ptrace(PTRACE_GETSIGINFO, children[nr], 0, &infos[nr]));
}

static void expect_siginfo(int nr, int signo, int code)
{
	siginfo_t info;

	check(!ptrace(PTRACE_GETSIGINFO, children[nr], 0, &info));
	check(info.si_signo == signo && info.si_code == code);
	check(!memcmp(&info, &infos[nr], sizeof(info)));
}

static long read_debug_status(int nr)
{
	long value;

	errno = 0;
	value = ptrace(PTRACE_PEEKUSER, children[nr],
		       offsetof(struct user, u_debugreg) + 6 * sizeof(long), 0);
	check(!errno);
	return value;
}

/* ---- to begin with ---- */

static void interrupt(int nr)
{
	check(!ptrace(PTRACE_INTERRUPT, children[nr], 0, 0));
	wait_for_stop(children[nr], EVENT(SIGTRAP, PTRACE_EVENT_STOP));
}

static void begin_signals(void)
{
	wait_for_stop(children[TOLD], SIGSTOP);
	let_go(TOLD, 0);
	wait_for_tick(TOLD);
	send_value(TOLD);
	wait_for_stop(children[TOLD], SIGUSR1);
	look_at_siginfo(TOLD);

	seize(UNTOLD, PTRACE_O_EXITKILL);
	send_value(UNTOLD);
	while (!has_news(UNTOLD))
		nap(5);

	seize(THREAD, 0);
	check(!syscall(SYS_tgkill, leader, children[THREAD], SIGUSR1));
	wait_for_stop(children[THREAD], SIGUSR1);
	look_at_siginfo(THREAD);
}

static void begin_groups(void)
{
	check(!ptrace(PTRACE_ATTACH, children[ATTACHED], 0, 0));
	wait_for_stop(children[ATTACHED], SIGSTOP);
	/* It gets to no system call. */
	check(!ptrace(PTRACE_SYSCALL, children[ATTACHED], 0, SIGSTOP));
	wait_for_stop(children[ATTACHED], SIGSTOP);

	seize(GROUP, 0);
	check(!kill(children[GROUP], SIGSTOP));
	wait_for_stop(children[GROUP], SIGSTOP);
	let_go(GROUP, SIGSTOP);
	wait_for_stop(children[GROUP], EVENT(SIGSTOP, PTRACE_EVENT_STOP));
	look_at_siginfo(GROUP);
}

static void begin(void)
{
	seize(RUNS, PTRACE_O_TRACEFORK | PTRACE_O_TRACESYSGOOD);
	begin_signals();
	begin_groups();
	seize(INTERRUPTED, 0);
	interrupt(INTERRUPTED);
	look_at_siginfo(INTERRUPTED);
	seize(STEPPED, 0);
	interrupt(STEPPED);
	check(!ptrace(PTRACE_SINGLESTEP, children[STEPPED], 0, 0));
	wait_for_stop(children[STEPPED], SIGTRAP);
	check(!ptrace(PTRACE_GETREGS, children[STEPPED], 0, &regs));
	debug_status = read_debug_status(STEPPED);
	look_at_siginfo(STEPPED);
}

/* ---- afterwards ---- */

static void verify_still(void)
{
	unsigned long before[NR];
	int nr;

	wait_for_tick(RUNS);
	for (nr = 0; nr < NR; nr++)
		before[nr] = shared->ticks[nr];
	nap(50);
	for (nr = RUNS + 1; nr < NR; nr++) {
		check(shared->ticks[nr] == before[nr]);
		check((has_news(nr) != 0) == (nr == UNTOLD));
		if (nr != THREAD)
			check(state_of(children[nr]) == 't');
	}
	check(!has_news(RUNS));
}

/* The options are what they were: its child is traced as well. */
static void verify_runs(void)
{
	unsigned long message;

	shared->fork = 1;
	wait_for_stop(children[RUNS], EVENT(SIGTRAP, PTRACE_EVENT_FORK));
	check(!ptrace(PTRACE_GETEVENTMSG, children[RUNS], 0, &message));
	wait_for_stop(message, EVENT(SIGTRAP, PTRACE_EVENT_STOP));
	let_go(RUNS, 0);
	check(!ptrace(PTRACE_CONT, (pid_t)message, 0, 0));
	/* As its tracer, before its parent; who has then a signal. */
	check(exited_with(message, 0));
	wait_for_stop(children[RUNS], SIGCHLD);
	let_go(RUNS, 0);
	while (!shared->forked)
		nap(5);
}

static void verify_signals(void)
{
	expect_siginfo(TOLD, SIGUSR1, SI_QUEUE);
	let_go(TOLD, 0);
	wait_for_tick(TOLD);
	check(!shared->handled[TOLD]);
	send_value(TOLD);
	wait_for_stop(children[TOLD], SIGUSR1);
	let_go(TOLD, SIGUSR1);
	wait_for_tick(TOLD);
	check(shared->handled[TOLD] == 1 && shared->value[TOLD] == VALUE(TOLD));

	wait_for_stop(children[UNTOLD], SIGUSR1);
	check(!has_news(UNTOLD));
	let_go(UNTOLD, SIGUSR1);
	wait_for_tick(UNTOLD);
	check(shared->handled[UNTOLD] == 1 && shared->value[UNTOLD] == VALUE(UNTOLD));

	expect_siginfo(THREAD, SIGUSR1, SI_TKILL);
	let_go(THREAD, 0);
	wait_for_tick(THREAD);
	check(!shared->handled[THREAD]);
}

static void verify_groups(void)
{
	siginfo_t info;

	check(ptrace(PTRACE_GETSIGINFO, children[ATTACHED], 0, &info) == -1 && errno == EINVAL);
	let_go(ATTACHED, 0);
	wait_for_tick(ATTACHED);

	expect_siginfo(GROUP, SIGSTOP, EVENT(SIGSTOP, PTRACE_EVENT_STOP));
	check(!kill(children[GROUP], SIGCONT));
	let_go(GROUP, 0);
	wait_for_stop(children[GROUP], EVENT(SIGTRAP, PTRACE_EVENT_STOP));
	let_go(GROUP, 0);
	wait_for_stop(children[GROUP], SIGCONT);
	let_go(GROUP, 0);
	wait_for_tick(GROUP);
}

static void verify_stepped(void)
{
	struct user_regs_struct now;

	expect_siginfo(STEPPED, SIGTRAP, infos[STEPPED].si_code);
	check(!ptrace(PTRACE_GETREGS, children[STEPPED], 0, &now));
	check(!memcmp(&now, &regs, sizeof(regs)));
	check(read_debug_status(STEPPED) == debug_status);
	check(!ptrace(PTRACE_SINGLESTEP, children[STEPPED], 0, 0));
	wait_for_stop(children[STEPPED], SIGTRAP);
	check(!ptrace(PTRACE_GETREGS, children[STEPPED], 0, &now));
	check(now.rip != regs.rip && now.rsp == regs.rsp);
	let_go(STEPPED, 0);
	wait_for_tick(STEPPED);
}

/* SIGKILL ends a stop. */
static void end(int nr)
{
	int status;

	check(!kill(nr == THREAD ? leader : children[nr], SIGKILL));
	do
		check(waitpid(children[nr], &status, __WALL) == children[nr]);
	while (WIFSTOPPED(status));
	check(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	if (nr == THREAD)
		check(status_of(leader) == SIGKILL);
}

int main(void)
{
	const struct sigaction action = { .sa_handler = on_sigchld, .sa_flags = SA_RESTART };
	int nr, before;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	check(shared != MAP_FAILED);
	check(!sigaction(SIGCHLD, &action, NULL));
	for (nr = 0; nr < NR; nr++)
		spawn(nr);
	begin();
	/* All that there is to signal has been signalled. */
	nap(500);
	before = signals;
	ready();
	check(signals == before);
	verify_still();
	check(signals == before);
	verify_runs();
	verify_signals();
	verify_groups();
	expect_siginfo(INTERRUPTED, SIGTRAP, EVENT(SIGTRAP, PTRACE_EVENT_STOP));
	let_go(INTERRUPTED, 0);
	wait_for_tick(INTERRUPTED);
	verify_stepped();
	for (nr = 0; nr < NR; nr++)
		end(nr);
	return passed();
}
