// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parents that wait in vfork() for a child that executes another program, or
 * ends, only after all is verified to go on. What the child has stored
 * in the memory of both is there.
 */
#include "tasks.h"

#define EXEC_CODE	42
#define EXIT_CODE	7

static volatile int stored;

static void child(int executes, int fd)
{
	check(write(fd, "x", 1) == 1);
	wait_to_go_on();
	stored = 4711;
	if (executes) {
		execl("/proc/self/exe", "vfork", "executed", NULL);
		_exit(99);
	}
	_exit(EXIT_CODE);
}

static void parent(int executes, int fd)
{
	pid_t pid = vfork(), self = getpid();

	check(pid >= 0);
	if (!pid)
		child(executes, fd);
	check(told_to_go_on());
	check(stored == 4711);
	check(getpid() == self);
	check(exited_with(pid, executes ? EXEC_CODE : EXIT_CODE));
	_exit(0);
}

int main(int argc, char **argv)
{
	pid_t pids[4];
	int i, fds[2];
	char byte;

	if (argc > 1 && !strcmp(argv[1], "executed"))
		return EXEC_CODE;
	check(!pipe(fds));
	for (i = 0; i < 4; i++) {
		pids[i] = fork();
		check(pids[i] >= 0);
		if (!pids[i])
			parent(i % 2, fds[1]);
	}
	for (i = 0; i < 4; i++)
		check(read(fds[0], &byte, 1) == 1);
	for (i = 0; i < 4 && getenv("GO"); i++)
		wait_for_state(pids[i], 'D');
	ready();
	for (i = 0; i < 4; i++)
		check(exited_with(pids[i], 0));
	return passed();
}
