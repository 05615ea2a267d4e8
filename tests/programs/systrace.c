// SPDX-License-Identifier: GPL-2.0-only
/*
 * Children whose system calls are traced, each at another point: in user mode, asleep in a
 * call of each kind that goes on by itself, at the entry of a call, told of or not, at its
 * exit, at the entry of one that is emulated, and at that of restart_syscall(2). Their tracer
 * sees each entry once and each exit once, with the arguments and results that he would see
 * without us. Another tracer checks the same of a child that never rests.
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/user.h>

#include "tasks.h"

enum {
	COMPUTES, READS, SLEEPS, POLLS, EPOLLS, WAITS, SUSPENDS, VFORKS, ENTERS, UNTOLD, PLAIN,
	EXITS, RESTARTS, EMULATED, COMPUTES_EMULATED, NR
};

#define CALL_STOP	(SIGTRAP | 0x80)
#define EVENT(signal, event)	((signal) | (event) << 8)
#define MESSAGE_ENTRY	1	/* PTRACE_EVENTMSG_SYSCALL_ENTRY */
#define MESSAGE_EXIT	2
#define NO_CALL		5000
#define EMULATED_RESULT	77
#define ERESTARTNOHAND	514
#define ERESTART_RESTARTBLOCK	516

/* What the children say and hear, in memory that is shared. */
static struct shared {
	volatile int begun[NR], go[NR], vforked, rest;
	volatile long result[NR];
	volatile int done[NR], handled;
	volatile unsigned long calls;
	unsigned int futex;
} *shared;

static pid_t children[NR], busy;
static int pipes[NR][2], epoll;
static siginfo_t infos[NR];
static struct user_regs_struct regs[NR];

/* ---- the children ---- */

static void on_sigusr1(int sig)
{
	shared->handled++;
	(void)sig;
}

static long write_byte(int nr)
{
	return syscall(SYS_write, pipes[nr][1], "x", 1);
}

static long sleep_for(time_t seconds)
{
	const struct timespec time = { .tv_sec = seconds };

	return syscall(SYS_nanosleep, &time, NULL);
}

static long suspend(void)
{
	sigset_t none;

	check(signal(SIGUSR1, on_sigusr1) != SIG_ERR);
	sigemptyset(&none);
	return sigsuspend(&none);
}

static long wait_in_vfork(void)
{
	pid_t pid = vfork();

	if (!pid) {
		while (!shared->vforked)
			nap(5);
		_exit(0);
	}
	return pid;
}

static long call(int nr)
{
	const struct timespec long_time = { .tv_sec = 100000 };
	struct epoll_event event;
	char byte;

	switch (nr) {
	case READS:
		return syscall(SYS_read, pipes[nr][0], &byte, 1);
	case SLEEPS:
	case RESTARTS:
		return sleep_for(2);
	case POLLS:
		return syscall(SYS_poll, NULL, 0, 2000);
	case EPOLLS:
		return syscall(SYS_epoll_wait, epoll, &event, 1, 100000000);
	case WAITS:
		return syscall(SYS_futex, &shared->futex, FUTEX_WAIT, 0, &long_time, NULL, 0);
	case SUSPENDS:
		return suspend();
	case VFORKS:
		return wait_in_vfork();
	case EMULATED:
	case COMPUTES_EMULATED:
		return syscall(NO_CALL, 1, 2, 3, 4, 5, 6);
	default:
		return write_byte(nr);
	}
}

static void child(int nr)
{
	shared->begun[nr] = 1;
	while (!shared->go[nr])
		;
	shared->result[nr] = call(nr);
	if (shared->result[nr] == -1)
		shared->result[nr] = -errno;
	syscall(SYS_umask, 0123);
	shared->done[nr] = 1;
	for (;;)
		pause();
}

/* ---- what their tracer sees ---- */

static int wait_for_any_stop(pid_t pid)
{
	int status, ret;

	do
		ret = waitpid(pid, &status, __WALL);
	while (ret == -1 && errno == EINTR);
	check(ret == pid);
	check(WIFSTOPPED(status));
	return status >> 8;
}

static void wait_for_stop(pid_t pid, int what)
{
	int stop = wait_for_any_stop(pid);

	if (stop != what)
		printf("task %d: stop %#x, not %#x\n", (int)pid, stop, what);
	check(stop == what);
}

static void let_go(int nr, int how, int signal)
{
	check(!ptrace(how, children[nr], 0, signal));
}

/* Is there something that waitpid() has not said yet? It is not said by that. */
static int has_news(pid_t pid)
{
	siginfo_t info = { 0 };

	check(!waitid(P_PID, pid, &info, WSTOPPED | WEXITED | WNOHANG | WNOWAIT | __WALL));
	return info.si_pid;
}

static struct __ptrace_syscall_info look(pid_t pid)
{
	struct __ptrace_syscall_info info = { 0 };

	check(ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) > 0);
	return info;
}

static struct __ptrace_syscall_info expect_entry(pid_t pid, unsigned long call)
{
	struct __ptrace_syscall_info info = look(pid);

	if (info.op != PTRACE_SYSCALL_INFO_ENTRY || info.entry.nr != call)
		printf("task %d: op %d, call %d, not the entry of %d\n", (int)pid, info.op,
		       (int)info.entry.nr, (int)call);
	check(info.op == PTRACE_SYSCALL_INFO_ENTRY && info.entry.nr == call);
	return info;
}

static void expect_exit(pid_t pid, long result)
{
	struct __ptrace_syscall_info info = look(pid);

	if (info.op != PTRACE_SYSCALL_INFO_EXIT || info.exit.rval != result)
		printf("task %d: op %d, result %ld, not an exit with %ld\n", (int)pid, info.op,
		       (long)info.exit.rval, result);
	check(info.op == PTRACE_SYSCALL_INFO_EXIT && info.exit.rval == result);
	check(info.exit.is_error == (result < 0));
}

static void next_stop(int nr)
{
	int stop;

	let_go(nr, PTRACE_SYSCALL, 0);
	stop = wait_for_any_stop(children[nr]);
	/* Of the child of vfork(). */
	if (stop == SIGCHLD) {
		let_go(nr, PTRACE_SYSCALL, 0);
		stop = wait_for_any_stop(children[nr]);
	}
	check(stop == (nr == PLAIN ? SIGTRAP : CALL_STOP));
}

/* To the first stop, in user mode, and on from there. */
static void begin(int nr, int how)
{
	children[nr] = fork();
	check(children[nr] >= 0);
	if (!children[nr])
		child(nr);
	/* fork() itself makes calls when it has returned. */
	while (!shared->begun[nr])
		nap(5);
	check(!ptrace(PTRACE_SEIZE, children[nr], 0, nr == PLAIN ? 0 : PTRACE_O_TRACESYSGOOD));
	check(!ptrace(PTRACE_INTERRUPT, children[nr], 0, 0));
	wait_for_stop(children[nr], EVENT(SIGTRAP, PTRACE_EVENT_STOP));
	let_go(nr, how, 0);
}

static void begin_call(int nr, int how)
{
	begin(nr, how);
	shared->go[nr] = 1;
}

static void enter(int nr)
{
	begin_call(nr, PTRACE_SYSCALL);
	wait_for_stop(children[nr], nr == PLAIN ? SIGTRAP : CALL_STOP);
}

static void note(int nr)
{
	check(!ptrace(PTRACE_GETSIGINFO, children[nr], 0, &infos[nr]));
	check(!ptrace(PTRACE_GETREGS, children[nr], 0, &regs[nr]));
}

static void expect_noted(int nr)
{
	struct user_regs_struct now;
	unsigned long message;
	siginfo_t info;

	check(!ptrace(PTRACE_GETSIGINFO, children[nr], 0, &info));
	check(!memcmp(&info, &infos[nr], sizeof(info)));
	check(!ptrace(PTRACE_GETREGS, children[nr], 0, &now));
	check(!memcmp(&now, &regs[nr], sizeof(now)));
	check(!ptrace(PTRACE_GETEVENTMSG, children[nr], 0, &message));
	check(message == (nr == EXITS ? MESSAGE_EXIT : MESSAGE_ENTRY));
}

/* From the exit of its call to the end of what it does. */
static void finish(int nr, long result)
{
	next_stop(nr);
	check(expect_entry(children[nr], SYS_umask).entry.args[0] == 0123);
	next_stop(nr);
	check(look(children[nr]).op == PTRACE_SYSCALL_INFO_EXIT || nr == PLAIN);
	let_go(nr, PTRACE_CONT, 0);
	while (!shared->done[nr])
		nap(5);
	if (shared->result[nr] != result)
		printf("child %d: result %ld, not %ld\n", nr, shared->result[nr], result);
	check(shared->result[nr] == result);
}

/* ---- to begin with ---- */

static void begin_sleepers(void)
{
	int nr;

	for (nr = READS; nr <= VFORKS; nr++) {
		enter(nr);
		/* Setting the handler. */
		for (; nr == SUSPENDS && look(children[nr]).entry.nr != SYS_rt_sigsuspend;) {
			next_stop(nr);
			next_stop(nr);
		}
		let_go(nr, PTRACE_SYSCALL, 0);
		wait_for_state(children[nr], nr == VFORKS ? 'D' : 'S');
	}
}

static void begin_restart(void)
{
	enter(RESTARTS);
	let_go(RESTARTS, PTRACE_SYSCALL, 0);
	wait_for_state(children[RESTARTS], 'S');
	check(!ptrace(PTRACE_INTERRUPT, children[RESTARTS], 0, 0));
	wait_for_stop(children[RESTARTS], CALL_STOP);
	expect_exit(children[RESTARTS], -ERESTART_RESTARTBLOCK);
	next_stop(RESTARTS);
	expect_entry(children[RESTARTS], SYS_restart_syscall);
}

static void begin_all(void)
{
	begin(COMPUTES, PTRACE_SYSCALL);
	begin(COMPUTES_EMULATED, PTRACE_SYSEMU);
	enter(ENTERS);
	enter(PLAIN);
	enter(EXITS);
	next_stop(EXITS);
	begin_call(EMULATED, PTRACE_SYSEMU);
	wait_for_stop(children[EMULATED], CALL_STOP);
	begin_call(UNTOLD, PTRACE_SYSCALL);
	while (!has_news(children[UNTOLD]))
		nap(5);
	begin_sleepers();
	begin_restart();
	note(ENTERS);
	note(PLAIN);
	note(EXITS);
	note(EMULATED);
}

/* ---- a tracer and a child that never rest ---- */

static const int sequence[] = { SYS_umask, SYS_nanosleep, SYS_write, SYS_poll, SYS_read };

static void work(void)
{
	const struct timespec time = { .tv_nsec = 100000 };
	struct pollfd ready;
	int fds[2], got;
	unsigned int i;

	check(!pipe(fds));
	ready = (struct pollfd){ .fd = fds[0], .events = POLLIN };
	umask(0);
	check(!ptrace(PTRACE_TRACEME, 0, 0, 0));
	raise(SIGSTOP);
	for (i = 1;; i++) {
		check(syscall(SYS_umask, i & 0777) == ((i - 1) & 0777));
		check(!syscall(SYS_nanosleep, &time, NULL));
		check(syscall(SYS_write, fds[1], &i, sizeof(i)) == sizeof(i));
		check(syscall(SYS_poll, &ready, 1, 1000000) == 1);
		check(syscall(SYS_read, fds[0], &got, sizeof(got)) == sizeof(got));
		check(got == (int)i);
	}
}

static long result_of(unsigned long call, unsigned int i)
{
	switch (call) {
	case SYS_umask:
		return (i - 1) & 0777;
	case SYS_nanosleep:
		return 0;
	case SYS_poll:
		return 1;
	default:
		return sizeof(int);
	}
}

static void trace(void)
{
	pid_t pid = fork();
	unsigned int i, n;

	check(pid >= 0);
	if (!pid)
		work();
	wait_for_stop(pid, SIGSTOP);
	check(!ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD));
	/* To the first of its calls. */
	check(!ptrace(PTRACE_SYSCALL, pid, 0, 0));
	wait_for_stop(pid, CALL_STOP);
	while (look(pid).op != PTRACE_SYSCALL_INFO_ENTRY || look(pid).entry.nr != SYS_umask) {
		check(!ptrace(PTRACE_SYSCALL, pid, 0, 0));
		wait_for_stop(pid, CALL_STOP);
	}
	for (i = 1; !shared->rest; i++)
		for (n = 0; n < sizeof(sequence) / sizeof(sequence[0]); n++) {
			expect_entry(pid, sequence[n]);
			check(!ptrace(PTRACE_SYSCALL, pid, 0, 0));
			wait_for_stop(pid, CALL_STOP);
			expect_exit(pid, result_of(sequence[n], i));
			shared->calls++;
			check(!ptrace(PTRACE_SYSCALL, pid, 0, 0));
			wait_for_stop(pid, CALL_STOP);
		}
	check(!kill(pid, SIGKILL));
	check(status_of(pid) == SIGKILL);
	_exit(0);
}

/* ---- afterwards ---- */

static void verify_still(void)
{
	int nr;

	for (nr = ENTERS; nr <= EMULATED; nr++) {
		check(state_of(children[nr]) == 't');
		check((has_news(children[nr]) != 0) == (nr == UNTOLD));
	}
	check(!has_news(children[COMPUTES]));
	check(!has_news(children[COMPUTES_EMULATED]));
	expect_noted(ENTERS);
	expect_noted(PLAIN);
	expect_noted(EXITS);
	expect_noted(EMULATED);
}

static void expect_byte(int nr)
{
	char bytes[2];

	check(read(pipes[nr][0], bytes, sizeof(bytes)) == 1);
}

static void verify_calls(void)
{
	int nr;

	shared->go[COMPUTES] = 1;
	wait_for_stop(children[COMPUTES], CALL_STOP);
	wait_for_stop(children[UNTOLD], CALL_STOP);
	check(!has_news(children[UNTOLD]));
	for (nr = 0; nr < NR; nr++) {
		if (nr != COMPUTES && nr != ENTERS && nr != UNTOLD && nr != EXITS)
			continue;
		if (nr != EXITS) {
			check((int)expect_entry(children[nr], SYS_write).entry.args[0] ==
			      pipes[nr][1]);
			next_stop(nr);
		}
		expect_exit(children[nr], 1);
		finish(nr, 1);
		expect_byte(nr);
	}
	check(!ptrace(PTRACE_SYSCALL, children[PLAIN], 0, 0));
	wait_for_stop(children[PLAIN], SIGTRAP);
	let_go(PLAIN, PTRACE_CONT, 0);
	while (!shared->done[PLAIN])
		nap(5);
	expect_byte(PLAIN);
}

static void emulate(int nr)
{
	struct __ptrace_syscall_info info = expect_entry(children[nr], NO_CALL);
	struct user_regs_struct now;
	int i;

	for (i = 0; i < 6; i++)
		check((int)info.entry.args[i] == i + 1);
	check(!ptrace(PTRACE_GETREGS, children[nr], 0, &now));
	now.rax = EMULATED_RESULT;
	check(!ptrace(PTRACE_SETREGS, children[nr], 0, &now));
	let_go(nr, PTRACE_CONT, 0);
	while (!shared->done[nr])
		nap(5);
	check(shared->result[nr] == EMULATED_RESULT);
}

static void verify_emulated(void)
{
	emulate(EMULATED);
	shared->go[COMPUTES_EMULATED] = 1;
	wait_for_stop(children[COMPUTES_EMULATED], CALL_STOP);
	emulate(COMPUTES_EMULATED);
}

static void expect_end(int nr, long result)
{
	wait_for_stop(children[nr], CALL_STOP);
	expect_exit(children[nr], result);
	finish(nr, result);
}

static void verify_suspended(void)
{
	check(!kill(children[SUSPENDS], SIGUSR1));
	wait_for_stop(children[SUSPENDS], CALL_STOP);
	expect_exit(children[SUSPENDS], -ERESTARTNOHAND);
	let_go(SUSPENDS, PTRACE_SYSCALL, 0);
	wait_for_stop(children[SUSPENDS], SIGUSR1);
	let_go(SUSPENDS, PTRACE_CONT, SIGUSR1);
	while (!shared->done[SUSPENDS])
		nap(5);
	check(shared->handled == 1 && shared->result[SUSPENDS] == -EINTR);
}

static void verify_vfork(void)
{
	struct __ptrace_syscall_info info;

	shared->vforked = 1;
	wait_for_stop(children[VFORKS], CALL_STOP);
	info = look(children[VFORKS]);
	check(info.op == PTRACE_SYSCALL_INFO_EXIT && info.exit.rval > 0);
	/* Its signal comes before the next call. */
	wait_for_state(info.exit.rval, 'Z');
	finish(VFORKS, info.exit.rval);
}

static void verify_sleepers(void)
{
	/* Those that wait for no time are where they were. */
	check(!has_news(children[READS]));
	check(!has_news(children[EPOLLS]));
	check(!has_news(children[WAITS]));
	check(!has_news(children[SUSPENDS]));
	check(!has_news(children[VFORKS]));
	check(write_byte(READS) == 1);
	expect_end(READS, 1);
	check(write_byte(EPOLLS) == 1);
	expect_end(EPOLLS, 1);
	check(syscall(SYS_futex, &shared->futex, FUTEX_WAKE, 1, NULL, NULL, 0) == 1);
	expect_end(WAITS, 0);
	verify_suspended();
	verify_vfork();
	expect_end(SLEEPS, 0);
	expect_end(POLLS, 0);
	let_go(RESTARTS, PTRACE_SYSCALL, 0);
	expect_end(RESTARTS, 0);
}

static void verify_busy(void)
{
	unsigned long before = shared->calls;

	while (shared->calls < before + 20) {
		check(!waitpid(busy, NULL, WNOHANG));
		nap(5);
	}
	shared->rest = 1;
	check(exited_with(busy, 0));
}

static void make_pipes(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	int nr;

	for (nr = 0; nr < NR; nr++)
		check(!pipe(pipes[nr]));
	epoll = epoll_create1(0);
	check(epoll >= 0);
	check(!epoll_ctl(epoll, EPOLL_CTL_ADD, pipes[EPOLLS][0], &event));
}

int main(void)
{
	int nr;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	check(shared != MAP_FAILED);
	make_pipes();
	begin_all();
	fflush(stdout);
	busy = fork();
	check(busy >= 0);
	if (!busy)
		trace();
	while (shared->calls < 20) {
		check(!waitpid(busy, NULL, WNOHANG));
		nap(5);
	}
	ready();
	verify_still();
	verify_calls();
	verify_emulated();
	verify_sleepers();
	verify_busy();
	for (nr = 0; nr < NR; nr++) {
		check(!kill(children[nr], SIGKILL));
		check(status_of(children[nr]) == SIGKILL);
	}
	return passed();
}
