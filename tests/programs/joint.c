// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who has what in common with tasks that are no relatives, each thing with another: tables
 * of descriptors, directories, I/O contexts, semaphore adjustments, memory; also 32-bit.
 *
 * Each task is told what to do next, and to look whether another has done it.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/syscall.h>

#include "tasks.h"

#define IOPRIO_SELF	1		/* IOPRIO_WHO_PROCESS */
#define IOPRIO(level)	(2 << 13 | (level))	/* IOPRIO_CLASS_BE */

enum {
	TWO, TWO_DIR, TWO_BOTH,		/* the last has from each of the others */
	IO, IO_BROTHER,
	UNDO, UNDO_ORPHAN,		/* one has an adjustment already */
	LATE, LATE_ORPHAN,
	GRAND, MIDDLE, CHILD,		/* the first and the last */
	OLD, LEADER, THREAD,		/* the same */
	MEMORY, ENDED,			/* a thread whose leader has ended */
	FILES, OWN, MIXED,		/* the memory of one, descriptors of the other */
	NR
};

static int ask[NR][2], tell[2];
static int set;
static volatile int word;

static void change(int sem, int flags)
{
	struct sembuf buf = { .sem_num = sem, .sem_op = -1, .sem_flg = flags };

	check(semop(set, &buf, 1) == 0);
}

static int is_in_proc(void)
{
	char path[64];

	return getcwd(path, sizeof(path)) && !strcmp(path, "/proc");
}

/* No stdio, and no thread's own memory but errno: some share all of it. */
static void obey(int n, char what)
{
	switch (what) {
	case 'c':
		check(!chdir("/proc"));
		break;
	case 'C':
		check(is_in_proc());
		break;
	case 'N':
		check(!is_in_proc());
		break;
	case 'd':
		check(dup2(0, 60) == 60);
		break;
	case 'D':
		check(fcntl(60, F_GETFD) >= 0);
		break;
	case 'E':
		check(fcntl(60, F_GETFD) == -1);
		break;
	case 'i':
		check(!syscall(SYS_ioprio_set, IOPRIO_SELF, 0, IOPRIO(3)));
		break;
	case 'I':
		check(syscall(SYS_ioprio_get, IOPRIO_SELF, 0) == IOPRIO(3));
		break;
	case 'u':
		change(n >= LATE, SEM_UNDO);
		break;
	case 'w':
		word = 7;
		break;
	case 'W':
		check(word == 7);
		break;
	case 'O':
		check(!word);
		break;
	}
}

static int serve(void *arg)
{
	int n = (int)(long)arg, pid = syscall(SYS_getpid);
	char what = 0;

	for (;;) {
		check(write(tell[1], &pid, sizeof(pid)) == sizeof(pid));
		if (what == 'q')
			_exit(0);
		check(read(ask[n][0], &what, 1) == 1);
		obey(n, what);
	}
}

/* Return: its pid. */
static pid_t hear(void)
{
	pid_t pid;

	check(read(tell[0], &pid, sizeof(pid)) == sizeof(pid));
	return pid;
}

static pid_t make(int n, char what)
{
	check(write(ask[n][1], &what, 1) == 1);
	return hear();
}

/* ---- how they come to be ---- */

/* With its memory copied, as by fork(). */
static void start(int n, int flags)
{
	pid_t pid = syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);

	check(pid >= 0);
	if (!pid)
		serve((void *)(long)n);
}

static char stacks[3][65536] __attribute__((aligned(16)));

#define THREAD_FLAGS	(CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_FS | CLONE_FILES)

static void start_on(char *stack, int (*run)(void *arg), int n, int flags)
{
	check(clone(run, stack + sizeof(stacks[0]), flags, (void *)(long)n) > 0);
}

static void be_two(void)
{
	start(TWO_DIR, CLONE_PARENT | CLONE_FS);
	start(TWO_BOTH, CLONE_PARENT | CLONE_FS | CLONE_FILES);
	check(!unshare(CLONE_FS));
	serve((void *)TWO);
}

static void be_io(void)
{
	check(!syscall(SYS_ioprio_set, IOPRIO_SELF, 0, IOPRIO(6)));
	start(IO_BROTHER, CLONE_PARENT | CLONE_IO);
	serve((void *)IO);
}

static void leave_orphans(void)
{
	start(UNDO, CLONE_SYSVSEM);
	start(UNDO_ORPHAN, CLONE_SYSVSEM);
	_exit(0);
}

static void leave_late_ones(void)
{
	start(LATE, CLONE_SYSVSEM);
	start(LATE_ORPHAN, CLONE_SYSVSEM);
	_exit(0);
}

static void be_grandparent(void)
{
	pid_t pid = syscall(SYS_clone, CLONE_FS | CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL);

	check(pid >= 0);
	if (pid)
		serve((void *)GRAND);
	start(CHILD, CLONE_FS | CLONE_FILES);
	check(!unshare(CLONE_FS | CLONE_FILES));
	serve((void *)MIDDLE);
}

static void be_old(void)
{
	pid_t pid = syscall(SYS_clone, CLONE_FS | CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL);

	check(pid >= 0);
	if (pid)
		serve((void *)OLD);
	start_on(stacks[0], serve, THREAD, THREAD_FLAGS);
	check(!unshare(CLONE_FS | CLONE_FILES));
	serve((void *)LEADER);
}

static int end_before_thread(void *arg)
{
	start_on(stacks[1], serve, ENDED, THREAD_FLAGS);
	syscall(SYS_exit, 0);
	return !arg;
}

static void be_memory(void)
{
	start_on(stacks[0], end_before_thread, 0,
		 CLONE_VM | CLONE_PARENT | CLONE_FS | SIGCHLD);
	serve((void *)MEMORY);
}

static void be_files(void)
{
	pid_t pid = syscall(SYS_clone, CLONE_PARENT | CLONE_FILES | SIGCHLD, NULL, NULL, NULL,
			    NULL);

	check(pid >= 0);
	if (pid)
		serve((void *)FILES);
	start_on(stacks[0], serve, MIXED, CLONE_VM | CLONE_PARENT | CLONE_FILES | SIGCHLD);
	check(!unshare(CLONE_FILES));
	serve((void *)OWN);
}

static void begin(void (*run)(void), int nr)
{
	pid_t pid = fork();

	check(pid >= 0);
	if (!pid)
		run();
	while (nr--)
		hear();
}

/* ---- what they then see ---- */

static void check_tables(int first, int other, int none)
{
	make(first, 'c');
	make(other, 'C');
	make(none, 'N');
	make(first, 'd');
	make(other, 'D');
	make(none, 'E');
}

static void check_two(void)
{
	make(TWO_DIR, 'c');
	make(TWO_BOTH, 'C');
	make(TWO, 'N');
	make(TWO, 'd');
	make(TWO_BOTH, 'D');
	make(TWO_DIR, 'E');
}

static void check_memory(void)
{
	make(ENDED, 'w');
	make(MEMORY, 'W');
	make(MEMORY, 'c');
	make(ENDED, 'C');
	make(MIXED, 'd');
	make(FILES, 'D');
	make(OWN, 'E');
	make(MIXED, 'w');
	make(OWN, 'W');
	make(FILES, 'O');
}

/* Whoever is the last takes it back. */
static void check_undone(int first, int last, int sem)
{
	check(semctl(set, sem, GETVAL) == 4);
	check(exited_with(make(first, 'q'), 0));
	check(semctl(set, sem, GETVAL) == 4);
	check(exited_with(make(last, 'q'), 0));
	check(semctl(set, sem, GETVAL) == 5);
}

int main(void)
{
	unsigned short values[] = { 5, 5 };
	int i, status;

	check(!prctl(PR_SET_CHILD_SUBREAPER, 1));
	check(!pipe(tell));
	for (i = 0; i < NR; i++)
		check(!pipe(ask[i]));
	set = semget(IPC_PRIVATE, 2, 0600);
	check(set >= 0);
	check(!semctl(set, 0, SETALL, values));

	begin(be_two, 3);
	begin(be_io, 2);
	begin(leave_orphans, 2);
	begin(leave_late_ones, 2);
	for (i = 0; i < 2; i++)
		check(wait(&status) > 0 && !status);
	begin(be_grandparent, 3);
	begin(be_old, 3);
	begin(be_memory, 2);
	begin(be_files, 3);
	make(UNDO, 'u');
	ready();

	check_two();
	make(IO, 'i');
	make(IO_BROTHER, 'I');
	make(LATE, 'u');
	check_undone(UNDO, UNDO_ORPHAN, 0);
	check_undone(LATE, LATE_ORPHAN, 1);
	check_tables(GRAND, CHILD, MIDDLE);
	check_tables(OLD, THREAD, LEADER);
	check_memory();
	for (i = 0; i < NR; i++)
		if (i != THREAD && (i < UNDO || i > LATE_ORPHAN))
			make(i, 'q');
	while (wait(&status) > 0)
		check(!status);
	check(!semctl(set, 0, IPC_RMID));
	return passed();
}
