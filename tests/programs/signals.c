// SPDX-License-Identifier: GPL-2.0-only
/*
 * Signal state, also 32-bit: handlers with their flags and masks, blocked
 * masks and alternate stacks of threads, a handler that runs on such a stack,
 * and signals that are pending, for one thread or for the process, with what was sent
 * along and in their order.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "tasks.h"

#define QUEUED	20		/* of one realtime signal */
#define STACK	(64 * 1024)
#define SA_RESTORER 0x04000000	/* which the C library adds */

static char main_stack[STACK], thread_stack[STACK];
static pid_t process;
static volatile pid_t thread_tid;
static volatile sig_atomic_t in_handler, handled;
static volatile siginfo_t seen;

static void on_signal(int sig)
{
	handled = sig;
}

static void on_info(int sig, siginfo_t *info, void *context)
{
	handled = sig;
	memcpy((void *)&seen, info, sizeof(seen));
	(void)context;
}

/* Saved while it runs: the frame it returns through is on the other stack. */
static void on_usr2(int sig)
{
	volatile unsigned long long mine = 0x0123456789abcdefULL;
	stack_t stack;
	sigset_t blocked;

	check(!sigaltstack(NULL, &stack) && stack.ss_flags == SS_ONSTACK);
	in_handler = 1;
	wait_to_go_on();
	check(mine == 0x0123456789abcdefULL);
	check(!sigaltstack(NULL, &stack) && stack.ss_flags == SS_ONSTACK);
	check(!pthread_sigmask(SIG_SETMASK, NULL, &blocked));
	check(sigismember(&blocked, SIGUSR2) && sigismember(&blocked, SIGWINCH));
	in_handler = 0;
	(void)sig;
}

/* ---- handlers ---- */

static const struct {
	int sig;
	int flags;
	int blocks;
} handlers[] = {
	{ SIGHUP, SA_RESTART, SIGINT },
	{ SIGTERM, SA_NODEFER, SIGUSR1 },
	{ SIGALRM, SA_ONSTACK | SA_RESTART, 40 },
	{ SIGCHLD, SA_NOCLDSTOP | SA_NOCLDWAIT, SIGPIPE },
	{ SIGURG, SA_SIGINFO, 64 },
	{ SIGIO, SA_SIGINFO | SA_NODEFER, SIGHUP },
	{ 63, SA_SIGINFO | SA_RESTART, SIGTERM },
};

#define NR_HANDLERS (sizeof(handlers) / sizeof(handlers[0]))

static void set_handlers(void)
{
	unsigned int i;

	for (i = 0; i < NR_HANDLERS; i++) {
		struct sigaction action = { .sa_flags = handlers[i].flags };

		if (action.sa_flags & SA_SIGINFO)
			action.sa_sigaction = on_info;
		else
			action.sa_handler = on_signal;
		sigaddset(&action.sa_mask, handlers[i].blocks);
		check(!sigaction(handlers[i].sig, &action, NULL));
	}
	check(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
}

static void verify_handlers(void)
{
	struct sigaction action;
	unsigned int i;

	for (i = 0; i < NR_HANDLERS; i++) {
		int sig = handlers[i].sig, other;

		check(!sigaction(sig, NULL, &action));
		check((action.sa_flags & ~SA_RESTORER) == handlers[i].flags);
		if (handlers[i].flags & SA_SIGINFO)
			check(action.sa_sigaction == on_info);
		else
			check(action.sa_handler == on_signal);
		for (other = 1; other <= 64; other++)
			if (other < 32 || other > 33)
				check(sigismember(&action.sa_mask, other) ==
				      (other == handlers[i].blocks));
	}
	check(!sigaction(SIGPIPE, NULL, &action) && action.sa_handler == SIG_IGN);
	check(!sigaction(SIGINT, NULL, &action) && action.sa_handler == SIG_DFL);
	handled = 0;
	check(!kill(process, SIGHUP));
	check(handled == SIGHUP);
	check(!kill(process, SIGURG));
	check(handled == SIGURG && seen.si_code == SI_USER &&
	      seen.si_pid == process);
}

/* ---- masks ---- */

static const int main_blocks[] = { SIGUSR1, SIGINT, 35, 40, 41, 42, 64 };
static const int thread_blocks[] = { SIGUSR1, SIGINT, SIGTSTP, 35, 36, 40, 41, 42, 64 };

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))

static void block(const int *sigs, unsigned int n)
{
	sigset_t set;
	unsigned int i;

	sigemptyset(&set);
	for (i = 0; i < n; i++)
		sigaddset(&set, sigs[i]);
	check(!pthread_sigmask(SIG_SETMASK, &set, NULL));
}

static void verify_blocked(const int *sigs, unsigned int n)
{
	sigset_t set;
	unsigned int i;
	int sig;

	check(!pthread_sigmask(SIG_SETMASK, NULL, &set));
	for (sig = 1; sig <= 64; sig++) {
		int expected = 0;

		for (i = 0; i < n; i++)
			expected |= sigs[i] == sig;
		if (sig < 32 || sig > 33)
			check(sigismember(&set, sig) == expected);
	}
}

static void set_stack(char *stack)
{
	const stack_t s = { .ss_sp = stack, .ss_size = STACK };

	check(!sigaltstack(&s, NULL));
}

static void verify_stack(char *stack)
{
	stack_t s;

	check(!sigaltstack(NULL, &s));
	check(s.ss_sp == stack && s.ss_size == STACK && s.ss_flags == 0);
}

/* ---- pending ---- */

static void queue_to_thread(pid_t tid, int sig, int value)
{
	siginfo_t info = { .si_signo = sig, .si_code = SI_QUEUE };

	info.si_pid = 1000 + value;
	info.si_uid = 2000 + value;
	info.si_errno = value;
	info.si_value.sival_int = value;
	check(!syscall(SYS_rt_tgsigqueueinfo, process, tid, sig, &info));
}

/* One that finds no room in the queue has nothing but its bit in the set. */
static void send_without_room(int sig)
{
	struct rlimit limit, none;

	check(!getrlimit(RLIMIT_SIGPENDING, &limit));
	none = limit;
	none.rlim_cur = 0;
	check(!setrlimit(RLIMIT_SIGPENDING, &none));
	check(!syscall(SYS_tgkill, process, process, sig));
	check(!setrlimit(RLIMIT_SIGPENDING, &limit));
}

static void send_all(void)
{
	union sigval value;
	int i;

	/* The order in which they are sent is none in which they come. */
	for (i = 0; i < QUEUED; i++) {
		value.sival_int = 100 + i;
		check(!sigqueue(process, 42, value));
		value.sival_int = 200 + i;
		check(!sigqueue(process, 40, value));
		queue_to_thread(thread_tid, 41, 300 + i);
		queue_to_thread(process, 41, 400 + i);
	}
	value.sival_ptr = main_stack;
	check(!sigqueue(process, 64, value));
	check(!kill(process, SIGUSR1));
	check(!kill(process, SIGUSR1));		/* makes no second one */
	check(!syscall(SYS_tgkill, process, thread_tid, SIGUSR1));
	check(!syscall(SYS_tgkill, process, thread_tid, SIGTSTP));
	send_without_room(SIGINT);
}

/* The C library's own makes no difference between tgkill() and kill(). */
static int dequeue(const sigset_t *set, siginfo_t *info)
{
	const struct timespec at_once = { 0 };

	return syscall(SYS_rt_sigtimedwait, set, info, &at_once, 8);
}

/* The next one, which must be this. */
static siginfo_t take(const sigset_t *set, int sig)
{
	siginfo_t info;

	check(dequeue(set, &info) == sig);
	check(info.si_signo == sig);
	return info;
}

static void take_none(const sigset_t *set)
{
	check(dequeue(set, NULL) == -1 && errno == EAGAIN);
}

static void take_queued(const sigset_t *set, int sig, int first)
{
	int i;

	for (i = 0; i < QUEUED; i++) {
		siginfo_t info = take(set, sig);

		check(info.si_code == SI_QUEUE);
		check(info.si_value.sival_int == first + i);
		if (sig == 41) {
			check(info.si_pid == 1000 + first + i);
			check(info.si_uid == 2000U + first + i);
			check(info.si_errno == first + i);
		} else {
			check(info.si_pid == process);
			check(info.si_uid == getuid());
		}
	}
}

static void verify_pending_of_thread(void)
{
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, 41);
	take_queued(&set, 41, 300);
	take_none(&set);
	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	info = take(&set, SIGTSTP);
	check(info.si_code == SI_TKILL && info.si_pid == process);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	info = take(&set, SIGUSR1);
	check(info.si_code == SI_TKILL && info.si_pid == process);
}

static void verify_pending_of_process(void)
{
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	info = take(&set, SIGUSR1);
	check(info.si_code == SI_USER && info.si_pid == process);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	info = take(&set, SIGINT);
	check(info.si_code == SI_USER && info.si_pid == 0);
	/* A thread's own signals come before those of the process. */
	sigfillset(&set);
	take_queued(&set, 41, 400);
	take_queued(&set, 40, 200);
	take_queued(&set, 42, 100);
	info = take(&set, 64);
	check(info.si_value.sival_ptr == main_stack);
	take_none(&set);
}

/* ---- */

static pthread_barrier_t barrier;

static void *thread(void *unused)
{
	struct sigaction action = { .sa_handler = on_usr2, .sa_flags = SA_ONSTACK };

	thread_tid = syscall(SYS_gettid);
	set_stack(thread_stack);
	sigaddset(&action.sa_mask, SIGWINCH);
	check(!sigaction(SIGUSR2, &action, NULL));
	block(thread_blocks, LEN(thread_blocks));
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	/* Here the handler runs until the program is to go on. */
	check(!raise(SIGUSR2));
	verify_blocked(thread_blocks, LEN(thread_blocks));
	verify_stack(thread_stack);
	verify_pending_of_thread();
	return unused;
}

int main(void)
{
	pthread_t id;

	process = getpid();
	/* A shell starts what runs in its background with SIGINT ignored. */
	signal(SIGINT, SIG_DFL);
	set_handlers();
	set_stack(main_stack);
	block(main_blocks, LEN(main_blocks));
	pthread_barrier_init(&barrier, NULL, 2);
	check(!pthread_create(&id, NULL, thread, NULL));
	pthread_barrier_wait(&barrier);
	send_all();
	pthread_barrier_wait(&barrier);
	while (!in_handler && !told_to_go_on())
		nap(10);
	ready();
	check(!pthread_join(id, NULL) && !in_handler);
	verify_blocked(main_blocks, LEN(main_blocks));
	verify_stack(main_stack);
	verify_handlers();
	verify_pending_of_process();
	return passed();
}
