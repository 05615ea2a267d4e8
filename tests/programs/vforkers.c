// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who waits with CLONE_VFORK for another than a child with its memory: for a child with memory
 * of its own, a brother, with the same memory or another, and a thread.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>

#include "tasks.h"

enum { CHILD, BROTHER, TWIN, THREAD, NR };

static const int flags[NR] = {
	[CHILD] = SIGCHLD,
	[BROTHER] = CLONE_PARENT | SIGCHLD,
	[TWIN] = CLONE_PARENT | CLONE_VM | SIGCHLD,
	[THREAD] = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_FS | CLONE_FILES,
};

static int let[NR][2], own[NR][2], said[2];
static char stack[65536] __attribute__((aligned(16)));

/* What it says of itself he can read when he goes on. */
static int other(void *arg)
{
	int nr = (int)(long)arg;
	pid_t tid = syscall(SYS_gettid);
	char byte;

	check(write(said[1], &tid, sizeof(tid)) == sizeof(tid));
	check(read(let[nr][0], &byte, 1) == 1);
	check(write(own[nr][1], &tid, sizeof(tid)) == sizeof(tid));
	syscall(SYS_exit, 3);
	return 0;
}

static void waiter(int nr)
{
	pid_t pid, tid;

	if (flags[nr] & CLONE_VM) {
		pid = clone(other, stack + sizeof(stack), CLONE_VFORK | flags[nr],
			    (void *)(long)nr);
	} else {
		pid = syscall(SYS_clone, CLONE_VFORK | flags[nr], NULL, NULL, NULL, NULL);
		if (!pid)
			other((void *)(long)nr);
	}
	check(fcntl(own[nr][0], F_SETFL, O_NONBLOCK) == 0);
	check(read(own[nr][0], &tid, sizeof(tid)) == sizeof(tid) && tid == pid);
	_exit(4);
}

int main(void)
{
	pid_t waiters[NR], others[NR];
	int nr;

	check(!pipe(said));
	for (nr = 0; nr < NR; nr++) {
		check(!pipe(let[nr]) && !pipe(own[nr]));
		waiters[nr] = fork();
		check(waiters[nr] >= 0);
		if (!waiters[nr])
			waiter(nr);
		check(read(said[0], &others[nr], sizeof(pid_t)) == sizeof(pid_t));
		wait_for_state(waiters[nr], 'D');
	}
	ready();
	for (nr = 0; nr < NR; nr++) {
		wait_for_state(waiters[nr], 'D');
		check(write(let[nr][1], "x", 1) == 1);
		check(exited_with(waiters[nr], 4));
		if (flags[nr] & CLONE_PARENT)
			check(exited_with(others[nr], 3));
	}
	return passed();
}
