// SPDX-License-Identifier: GPL-2.0-only
/*
 * Children with watchpoints in their debug registers: the one has come to its own and is in
 * a stop of its tracer, the other's tracer has gone. They come to them again. A child of the
 * latter has no more than what DR7 was.
 */
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/user.h>

#include "tasks.h"

enum { STOPPED, LEFT, FORKED, NR };

/* DR7: the first one, of 8 bytes, when they are written to. */
#define ON_WRITE	(1 | 1 << 16 | 2 << 18)
#define HIT		1		/* in DR6: the first one */

static struct shared {
	volatile unsigned long watched[NR];
	volatile unsigned long ticks[NR];
	volatile int traps[NR];
	volatile int write;
	volatile int fork;
	volatile pid_t forked;
} *shared;

static pid_t children[NR];
static int own;

static void on_sigtrap(int sig)
{
	shared->traps[own]++;
	(void)sig;
}

static void fork_once(void)
{
	pid_t pid = fork();

	check(pid >= 0);
	while (!pid)
		nap(10);
	shared->fork = 0;
	shared->forked = pid;
}

static void child(void)
{
	check(signal(SIGTRAP, on_sigtrap) != SIG_ERR);
	for (;;) {
		if (own == LEFT && shared->fork)
			fork_once();
		if (own == STOPPED || shared->write)
			shared->watched[own]++;
		shared->ticks[own]++;
		nap(5);
	}
}

static unsigned long debug_register(int nr)
{
	return offsetof(struct user, u_debugreg) + nr * sizeof(long);
}

static void set(int nr, int reg, unsigned long value)
{
	need(!ptrace(PTRACE_POKEUSER, children[nr], debug_register(reg), value));
}

static unsigned long get(int nr, int reg)
{
	long value;

	errno = 0;
	value = ptrace(PTRACE_PEEKUSER, children[nr], debug_register(reg), 0);
	check(!errno);
	return value;
}

static void wait_for_stop(int nr, int what)
{
	int status;

	check(waitpid(children[nr], &status, 0) == children[nr]);
	check(WIFSTOPPED(status) && status >> 8 == what);
}

static void interrupt(int nr)
{
	check(!ptrace(PTRACE_INTERRUPT, children[nr], 0, 0));
	wait_for_stop(nr, SIGTRAP | PTRACE_EVENT_STOP << 8);
}

static void wait_for_tick(int nr)
{
	unsigned long before = shared->ticks[nr];

	while (shared->ticks[nr] == before)
		nap(5);
}

static void begin(int nr)
{
	children[nr] = fork();
	check(children[nr] >= 0);
	if (!children[nr]) {
		own = nr;
		child();
	}
	wait_for_tick(nr);
	check(!ptrace(PTRACE_SEIZE, children[nr], 0, 0));
	interrupt(nr);
	set(nr, 0, (unsigned long)&shared->watched[nr]);
	set(nr, 7, ON_WRITE);
}

static void come_to_it(void)
{
	unsigned long before = shared->watched[STOPPED];

	check(!ptrace(PTRACE_CONT, children[STOPPED], 0, 0));
	wait_for_stop(STOPPED, SIGTRAP);
	check(shared->watched[STOPPED] == before + 1);
	check(get(STOPPED, 6) & HIT);
}

static void verify_forked(void)
{
	check(!ptrace(PTRACE_SEIZE, children[FORKED], 0, 0));
	interrupt(FORKED);
	check(get(FORKED, 7) == ON_WRITE);
	check(!get(FORKED, 0));
}

int main(void)
{
	int nr;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	check(shared != MAP_FAILED);
	for (nr = 0; nr < FORKED; nr++)
		begin(nr);
	check(!ptrace(PTRACE_DETACH, children[LEFT], 0, 0));
	wait_for_tick(LEFT);
	shared->fork = 1;
	while (!shared->forked)
		nap(5);
	children[FORKED] = shared->forked;
	come_to_it();
	ready();
	check(get(STOPPED, 0) == (unsigned long)&shared->watched[STOPPED]);
	check(get(STOPPED, 7) == ON_WRITE);
	check(get(STOPPED, 6) & HIT);
	come_to_it();
	set(STOPPED, 7, 0);
	check(!ptrace(PTRACE_CONT, children[STOPPED], 0, 0));
	wait_for_tick(STOPPED);
	check(!shared->traps[STOPPED] && !shared->traps[LEFT]);
	shared->write = 1;
	while (!shared->traps[LEFT])
		nap(5);
	verify_forked();
	for (nr = NR - 1; nr >= 0; nr--) {
		check(!kill(children[nr], SIGKILL));
		check(status_of(children[nr]) == SIGKILL);
	}
	return passed();
}
