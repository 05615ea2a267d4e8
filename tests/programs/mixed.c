// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program of 64 bits, which executes its build of 32 bits, which executes that of 64
 * again; also 32-bit, the other way round. Each has forked once more. They share
 * memory and wait in it for a futex; and each has a handler, a timer and a thread of its own.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include "tasks.h"

#define DEPTH	3
#define WAITERS	4		/* at each depth */
#define LONG	100000

/* The same in both. */
struct shared {
	uint32_t arrived, turn, sum, lock;
};

static struct shared *shared;
static volatile sig_atomic_t handled;
static __thread uint32_t own = 7;

static void on_signal(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	handled = info->si_value.sival_int;
}

static void add(uint32_t what)
{
	while (__atomic_exchange_n(&shared->lock, 1, __ATOMIC_SEQ_CST))
		nap(1);
	shared->sum += what;
	__atomic_store_n(&shared->lock, 0, __ATOMIC_SEQ_CST);
}

/* Whoever comes into it waits until all may go on. */
static void wait_for_turn(void)
{
	__atomic_add_fetch(&shared->arrived, 1, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&shared->turn, __ATOMIC_SEQ_CST))
		syscall(SYS_futex, &shared->turn, FUTEX_WAIT, 0, NULL, NULL, 0);
}

static void *thread(void *arg)
{
	own = 9;
	wait_for_turn();
	check(own == 9);
	add(100);
	return arg;
}

/* Of this process, in its own ABI. */
static void verify(void)
{
	const union sigval value = { .sival_int = 4711 };
	struct itimerval timer;

	check(own == 7);
	check(!sigqueue(getpid(), SIGUSR1, value) && handled == 4711);
	check(!getitimer(ITIMER_REAL, &timer));
	check(timer.it_value.tv_sec > LONG / 2 && timer.it_interval.tv_sec == 5);
}

/* All but this one wait. */
static void let_go_on(void)
{
	while (__atomic_load_n(&shared->arrived, __ATOMIC_SEQ_CST) != DEPTH * WAITERS - 1)
		nap(5);
	ready();
	__atomic_store_n(&shared->turn, 1, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &shared->turn, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/* A process, its child, and a thread of each. */
static void live(int first)
{
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };
	const struct itimerval timer = { .it_value.tv_sec = LONG, .it_interval.tv_sec = 5 };
	pthread_t id;
	pid_t pid = fork();

	check(pid >= 0);
	check(!sigaction(SIGUSR1, &action, NULL));
	check(!setitimer(ITIMER_REAL, &timer, NULL));
	check(!pthread_create(&id, NULL, thread, NULL));
	if (!pid) {
		wait_for_turn();
		verify();
		add(10);
		check(!pthread_join(id, NULL));
		_exit(0);
	}
	if (first)
		let_go_on();
	else
		wait_for_turn();
	verify();
	add(1);
	check(!pthread_join(id, NULL) && exited_with(pid, 0));
}

/* The name of the other build ends with 32, or has it no more. */
static void execute_other(int fd, int depth)
{
	char path[PATH_MAX] = "", numbers[2][12];
	size_t len;

	check(readlink("/proc/self/exe", path, sizeof(path) - 3) > 0);
	len = strlen(path);
	if (sizeof(long) == 8)
		strcpy(path + len, "32");
	else
		path[len - 2] = '\0';
	snprintf(numbers[0], sizeof(numbers[0]), "%d", fd);
	snprintf(numbers[1], sizeof(numbers[1]), "%d", depth);
	execl(path, path, numbers[0], numbers[1], (char *)NULL);
	check(!"executed");
}

static pid_t go_deeper(int fd, int depth)
{
	pid_t pid;

	if (depth == DEPTH)
		return 0;
	fflush(stdout);
	pid = fork();
	check(pid >= 0);
	if (!pid)
		execute_other(fd, depth + 1);
	return pid;
}

int main(int argc, char **argv)
{
	int depth = argc == 3 ? atoi(argv[2]) : 1;
	int fd = argc == 3 ? atoi(argv[1]) : memfd_create("mixed", 0);
	pid_t pid;

	check(fd >= 0 && !ftruncate(fd, sizeof(*shared)));
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	check(shared != MAP_FAILED);
	pid = go_deeper(fd, depth);
	live(depth == 1);
	check(!pid || exited_with(pid, 0));
	fflush(stdout);
	if (depth > 1)
		return 0;
	check(shared->sum == DEPTH * (2 * 100 + 10 + 1));
	return passed();
}
