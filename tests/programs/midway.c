// SPDX-License-Identifier: GPL-2.0-only
/*
 * A child in the midst of a core dump, or of an execve() that waits for the end of a
 * thread. A freeze refuses it, and cuts neither of them short.
 *
 * Usage: midway dump, where core_pattern names a program that does not read the core
 * before this one is to go on; or midway exec. "task TID" says who is refused.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include "tasks.h"

#define CORE_SIZE	(4 << 20)	/* more than a pipe takes */
#define EXEC_CODE	42

static volatile pid_t *thread_tid;	/* in memory that both have */

static void *rest(void *arg)
{
	*thread_tid = syscall(SYS_gettid);
	for (;;)
		pause();
	return arg;
}

static void add_thread(void)
{
	pthread_t id;

	check(!pthread_create(&id, NULL, rest, NULL));
	while (!*thread_tid)
		nap(5);
}

static pid_t start_child(void (*run)(void))
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	check(pid >= 0);
	if (!pid) {
		run();
		_exit(1);
	}
	return pid;
}

/* ---- core dumps ---- */

static void crash(void)
{
	char *core = mmap(NULL, CORE_SIZE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	check(core != MAP_FAILED);
	memset(core, 'c', CORE_SIZE);
	add_thread();
	abort();
}

static int is_dumping(pid_t pid)
{
	char path[40], line[256];
	int dumping = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "r");
	check(f);
	while (!dumping && fgets(line, sizeof(line), f))
		dumping = !strcmp(line, "CoreDumping:\t1\n");
	fclose(f);
	return dumping;
}

static void dump(void)
{
	pid_t pid = start_child(crash);
	int status;

	while (!is_dumping(pid)) {
		check(state_of(pid) != 'Z');
		nap(5);
	}
	printf("task %d\n", (int)pid);
	ready();
	status = status_of(pid);
	check(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	/* That is said of whole ones only. */
	check(WCOREDUMP(status));
}

/* ---- execve() ---- */

static void on_signal(int sig)
{
	(void)sig;
	execl("/proc/self/exe", "midway", "executed", NULL);
	_exit(1);
}

static void execute_when_told(void)
{
	check(signal(SIGUSR1, on_signal) != SIG_ERR);
	add_thread();
	for (;;)
		pause();
}

/* The thread that it ends stays in a stop of its tracer. */
static void exec(void)
{
	pid_t pid = start_child(execute_when_told), tid;
	int status;

	while (!*thread_tid)
		nap(5);
	tid = *thread_tid;
	check(!ptrace(PTRACE_SEIZE, tid, 0, PTRACE_O_TRACEEXIT));
	check(!syscall(SYS_tgkill, pid, pid, SIGUSR1));
	check(waitpid(tid, &status, __WALL) == tid && WIFSTOPPED(status));
	check(status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8));
	printf("task %d\n", (int)tid);
	ready();
	check(!waitpid(pid, &status, WNOHANG));
	check(!ptrace(PTRACE_CONT, tid, 0, 0));
	check(waitpid(tid, &status, __WALL) == tid && !WIFSTOPPED(status));
	check(exited_with(pid, EXEC_CODE));
}

int main(int argc, char **argv)
{
	check(argc == 2);
	if (!strcmp(argv[1], "executed"))
		return EXEC_CODE;
	thread_tid = mmap(NULL, sizeof(*thread_tid), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	check(thread_tid != MAP_FAILED);
	if (!strcmp(argv[1], "dump"))
		dump();
	else
		exec();
	return passed();
}
