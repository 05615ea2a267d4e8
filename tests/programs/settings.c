// SPDX-License-Identifier: GPL-2.0-only
/*
 * What prctl(2) sets, in one program: a parent, the child that has it all, a thread with
 * settings of its own, and a grandchild that is left to the child; also 32-bit.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "tasks.h"

/* Not in every C library's headers. */
#ifndef PR_SET_IO_FLUSHER
#define PR_SET_IO_FLUSHER 57
#define PR_GET_IO_FLUSHER 58
#endif
#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#define PR_SYS_DISPATCH_ON 1
#endif
#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_GET_MDWE 66
#endif

/* ---- system call user dispatch: of a thread ---- */

static volatile char blocks;		/* the selector: 0 allows */
static volatile int dispatched;

static void count_dispatch(int sig, siginfo_t *info, void *context)
{
	blocks = 0;
	dispatched = info->si_syscall;
	(void)sig;
	(void)context;
}

static pthread_barrier_t barrier;

static void *dispatches(void *arg)
{
	check(!prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 0, 0, &blocks));
	check(!prctl(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_LATE, 0, 0));
	check(!prctl(PR_SET_PDEATHSIG, SIGUSR2));
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	blocks = 1;
	syscall(SYS_getpgrp);
	check(dispatched == SYS_getpgrp && !blocks);
	check(prctl(PR_MCE_KILL_GET, 0, 0, 0, 0) == PR_MCE_KILL_LATE);
	return arg;
}

static int pdeath_signal(void)
{
	int sig = 0;

	check(!prctl(PR_GET_PDEATHSIG, &sig));
	return sig;
}

/* ---- the child ---- */

static int in_pipe[2];

/* Ends, and leaves its own child to whoever takes it. */
static pid_t leave_child(void)
{
	int fds[2];
	pid_t middle, pid;
	char byte;

	check(!pipe(fds));
	middle = fork();
	check(middle >= 0);
	if (!middle) {
		pid = fork();
		check(pid >= 0);
		if (!pid) {
			/* Until the last writer of this pipe is gone. */
			close(in_pipe[1]);
			check(!read(in_pipe[0], &byte, 1));
			_exit(9);
		}
		check(write(fds[1], &pid, sizeof(pid)) == sizeof(pid));
		_exit(0);
	}
	check(exited_with(middle, 0));
	check(read(fds[0], &pid, sizeof(pid)) == sizeof(pid));
	close(fds[0]);
	close(fds[1]);
	return pid;
}

static void child(int fd, int status)
{
	struct sigaction action = { .sa_sigaction = count_dispatch, .sa_flags = SA_SIGINFO };
	pthread_t thread;
	siginfo_t info;
	sigset_t set;
	pid_t left;

	check(!sigaction(SIGSYS, &action, NULL));
	check(!pipe(in_pipe));
	check(!prctl(PR_SET_CHILD_SUBREAPER, 1));
	left = leave_child();
	check(!prctl(PR_SET_PDEATHSIG, SIGURG));
	check(!prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0));
	check(!prctl(PR_SET_MDWE, 1, 0, 0, 0));
	check(!prctl(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_EARLY, 0, 0));
	check(!prctl(PR_SET_IO_FLUSHER, 1, 0, 0, 0));
	pthread_barrier_init(&barrier, NULL, 2);
	check(!pthread_create(&thread, NULL, dispatches, NULL));
	pthread_barrier_wait(&barrier);
	check(write(fd, "x", 1) == 1);
	wait_to_go_on();
	pthread_barrier_wait(&barrier);
	check(!pthread_join(thread, NULL));
	check(pdeath_signal() == SIGURG);
	check(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0) == 1);
	check(prctl(PR_GET_MDWE, 0, 0, 0, 0) == 1);
	check(mmap(NULL, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
	      MAP_FAILED);
	check(prctl(PR_MCE_KILL_GET, 0, 0, 0, 0) == PR_MCE_KILL_EARLY);
	check(prctl(PR_GET_IO_FLUSHER, 0, 0, 0, 0) == 1);
	close(in_pipe[1]);
	check(exited_with(left, 9));
	/* A subreaper still. */
	check(!pipe(in_pipe));
	left = leave_child();
	close(in_pipe[1]);
	check(exited_with(left, 9));
	/* And it is sent when the parent ends: it waits for that. */
	check(write(status, "x", 1) == 1);
	sigemptyset(&set);
	sigaddset(&set, SIGURG);
	while (sigwaitinfo(&set, &info) != SIGURG)
		;
	check(write(status, "y", 1) == 1);
	_exit(0);
}

/* Those of another user cannot look for the file. */
static int go_on[2];

static void wait_for_main(void)
{
	char byte;

	check(read(go_on[0], &byte, 1) == 1);
}

/* Which no ancestor is, but which the other one allows. */
static void trace(int fd)
{
	pid_t pid;

	check(read(fd, &pid, sizeof(pid)) == sizeof(pid));
	check(!setresuid(1234, 1234, 1234));
	wait_for_main();
	check(!ptrace(PTRACE_SEIZE, pid, 0, 0));
	_exit(0);
}

static char read_byte(int fd)
{
	char byte = 0;

	check(read(fd, &byte, 1) == 1);
	return byte;
}

/* Beyond the limit of another user, whose next execve() fails. */
static void exceed(int fd)
{
	const struct rlimit none = { 0, 0 };
	char *const argv[] = { "false", NULL };

	check(!setrlimit(RLIMIT_NPROC, &none));
	check(!setresuid(1234, 1234, 1234));
	check(!prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
	check(write(fd, "x", 1) == 1);
	wait_for_main();
	check(execv("/bin/false", argv) == -1 && errno == EAGAIN);
	_exit(0);
}

/* The parent of the child is between us and it, so that it can end. */
static pid_t start_between(int fd, int status)
{
	pid_t pid = fork();

	check(pid >= 0);
	if (pid)
		return pid;
	signal(SIGCHLD, SIG_DFL);
	pid = fork();
	check(pid >= 0);
	if (!pid)
		child(fd, status);
	_exit(exited_with(pid, 0) ? 0 : 1);
}

/* One that has failed will not write what we are about to read. */
static void give_up(int sig)
{
	siginfo_t info = { 0 };

	(void)sig;
	if (!waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) &&
	    info.si_code == CLD_EXITED && info.si_status)
		_exit(1);
}

int main(void)
{
	int fds[2], status[2], pids[2];
	pid_t between, other, limited, tracer;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGURG);
	sigprocmask(SIG_BLOCK, &set, NULL);
	check(!pipe(fds) && !pipe(status) && !pipe(pids) && !pipe(go_on));
	signal(SIGCHLD, give_up);
	tracer = fork();
	check(tracer >= 0);
	if (!tracer)
		trace(pids[0]);
	other = fork();
	check(other >= 0);
	if (!other) {
		check(!setresuid(1234, 1234, 1234));
		check(!prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
		/* Not every kernel has it. */
		prctl(PR_SET_PTRACER, tracer);
		check(write(fds[1], "x", 1) == 1);
		for (;;)
			pause();
	}
	check(read_byte(fds[0]) == 'x');
	check(write(pids[1], &other, sizeof(other)) == sizeof(other));
	between = start_between(fds[1], status[1]);
	check(read_byte(fds[0]) == 'x');
	limited = fork();
	check(limited >= 0);
	if (!limited)
		exceed(fds[1]);
	check(read_byte(fds[0]) == 'x');
	ready();
	check(write(go_on[1], "xx", 2) == 2);
	check(exited_with(limited, 0));
	check(exited_with(tracer, 0));
	check(read_byte(status[0]) == 'x');
	kill(between, SIGKILL);
	check(status_of(between) == SIGKILL);
	check(read_byte(status[0]) == 'y');
	kill(other, SIGKILL);
	check(status_of(other) == SIGKILL);
	return passed();
}
