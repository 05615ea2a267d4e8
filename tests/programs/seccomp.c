// SPDX-License-Identifier: GPL-2.0-only
/*
 * Children in strict mode, with filters that allow next to nothing, with filters upon
 * each other, and with threads that share some; also 32-bit. "alone" is one process
 * that has lost the right to have its filter.
 */
#define _GNU_SOURCE
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "tasks.h"

#define LOAD_NR		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))
#define RETURN(action)	BPF_STMT(BPF_RET | BPF_K, (action))
/* Skips an instruction for all other calls. */
#define FOR(nr)		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (nr), 0, 1)
#define LENGTH(array)	(sizeof(array) / sizeof((array)[0]))

static int install(struct sock_filter *insns, unsigned short nr, unsigned int flags)
{
	struct sock_fprog program = { .len = nr, .filter = insns };

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

/* From now on @nr fails with @error. */
static int deny(unsigned int nr, int error, unsigned int flags)
{
	struct sock_filter insns[] = {
		LOAD_NR, FOR(nr), RETURN(SECCOMP_RET_ERRNO | error), RETURN(SECCOMP_RET_ALLOW),
	};

	return install(insns, LENGTH(insns), flags);
}

static int denied(unsigned int nr, int error)
{
	return syscall(nr, 0) == -1 && errno == error;
}

static int status_has(const char *wanted)
{
	char line[128];
	int found = 0;
	FILE *f = fopen("/proc/thread-self/status", "r");

	check(f);
	while (!found && fgets(line, sizeof(line), f))
		found = !strcmp(line, wanted);
	fclose(f);
	return found;
}

/* ---- children: each says that it has its state, and waits for a byte ---- */

static char wait_for_byte(int in, int out)
{
	char byte = 0;

	check(write(out, "x", 1) == 1);
	check(read(in, &byte, 1) == 1);
	return byte;
}

static void strict(int in, int out)
{
	check(!prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT));
	if (wait_for_byte(in, out) == 'k')
		syscall(SYS_getppid);
	syscall(SYS_exit, 0);
}

/* Nothing of what a restore does is allowed. */
static void confined(int in, int out)
{
	struct sock_filter insns[] = {
		LOAD_NR,
		FOR(SYS_read), RETURN(SECCOMP_RET_ALLOW),
		FOR(SYS_write), RETURN(SECCOMP_RET_ALLOW),
		FOR(SYS_exit_group), RETURN(SECCOMP_RET_ALLOW),
		RETURN(SECCOMP_RET_KILL_PROCESS),
	};

	check(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	check(!setresuid(1234, 1234, 1234));
	check(!install(insns, LENGTH(insns), SECCOMP_FILTER_FLAG_SPEC_ALLOW));
	if (wait_for_byte(in, out) == 'k')
		syscall(SYS_getppid);
	_exit(0);
}

static volatile int trapped;

static void on_trap(int sig, siginfo_t *info, void *context)
{
	trapped = info->si_syscall;
	(void)sig;
	(void)context;
}

/* Four of them, of which a child has all and one more. */
static void several(int in, int out)
{
	struct sigaction action = { .sa_sigaction = on_trap, .sa_flags = SA_SIGINFO };
	struct sock_filter trap[] = {
		LOAD_NR, FOR(SYS_getpgrp), RETURN(SECCOMP_RET_TRAP | 5),
		RETURN(SECCOMP_RET_ALLOW),
	};
	pid_t pid;

	check(!sigaction(SIGSYS, &action, NULL));
	check(!deny(SYS_getppid, EAGAIN, 0));
	check(!deny(SYS_getppid, EPERM, SECCOMP_FILTER_FLAG_LOG));
	check(!deny(SYS_getsid, EXDEV, 0));
	check(!install(trap, LENGTH(trap), 0));
	pid = fork();
	check(pid >= 0);
	if (!pid)
		check(!deny(SYS_getpgid, EDOM, 0));
	wait_for_byte(in, out);
	/* The latest has its way. */
	check(denied(SYS_getppid, EPERM) && denied(SYS_getsid, EXDEV));
	syscall(SYS_getpgrp);
	check(trapped == SYS_getpgrp);
	check(denied(SYS_getpgid, EDOM) == !pid);
	check(status_has(pid ? "Seccomp_filters:\t4\n" : "Seccomp_filters:\t5\n"));
	check(status_has("Seccomp:\t2\n") && status_has("NoNewPrivs:\t0\n"));
	if (pid)
		check(exited_with(pid, 0));
	fflush(stdout);
	_exit(0);
}

static pthread_barrier_t barrier;

/* Until all are made, until the leader has its byte, until all have both filters. */
static void wait_for_others(unsigned int times)
{
	while (times--)
		pthread_barrier_wait(&barrier);
}

static void *sharer(void *arg)
{
	wait_for_others(3);
	check(denied(SYS_getppid, EAGAIN) && denied(SYS_getsid, EXDEV));
	check(status_has("Seccomp_filters:\t2\n"));
	return arg;
}

/* It has a filter that the leader has not, and shares it with a thread that it makes. */
static void *maker(void *arg)
{
	pthread_t thread;

	check(!deny(SYS_getppid, EAGAIN, 0));
	check(!pthread_create(&thread, NULL, sharer, NULL));
	wait_for_others(2);
	/* That is possible only if the other's filter is the very same. */
	check(!deny(SYS_getsid, EXDEV, SECCOMP_FILTER_FLAG_TSYNC));
	wait_for_others(1);
	check(!pthread_join(thread, NULL));
	return arg;
}

static void threads(int in, int out)
{
	pthread_t thread;

	pthread_barrier_init(&barrier, NULL, 3);
	check(!pthread_create(&thread, NULL, maker, NULL));
	wait_for_others(1);
	check(status_has("Seccomp:\t0\n"));
	wait_for_byte(in, out);
	check(status_has("Seccomp:\t0\n"));
	wait_for_others(2);
	check(!pthread_join(thread, NULL));
	check(denied(SYS_getppid, EAGAIN) && denied(SYS_getsid, EXDEV));
	fflush(stdout);
	_exit(0);
}

/* ---- */

static const struct {
	void (*run)(int in, int out);
	unsigned int processes;
	char byte;
	int ends_by;
} children[] = {
	{ strict, 1, 'g', 0 }, { strict, 1, 'k', SIGKILL },
	{ confined, 1, 'g', 0 }, { confined, 1, 'k', SIGSYS },
	{ several, 2, 'g', 0 }, { threads, 1, 'g', 0 },
};

static int to_child[LENGTH(children)];

static pid_t start_child(unsigned int i)
{
	int in[2], out[2];
	unsigned int n;
	pid_t pid;
	char byte;

	check(!pipe(in) && !pipe(out));
	fflush(stdout);
	pid = fork();
	check(pid >= 0);
	if (!pid) {
		children[i].run(in[0], out[1]);
		_exit(1);
	}
	for (n = 0; n < children[i].processes; n++)
		check(read(out[0], &byte, 1) == 1);
	to_child[i] = in[1];
	return pid;
}

static void end_child(unsigned int i, pid_t pid)
{
	unsigned int n;

	for (n = 0; n < children[i].processes; n++)
		check(write(to_child[i], &children[i].byte, 1) == 1);
	check((status_of(pid) & ~0x80) == children[i].ends_by);
}

static void drop_right(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[2];

	check(!syscall(SYS_capget, &head, caps));
	caps[0].effective &= ~(1U << CAP_SYS_ADMIN);
	caps[0].permitted &= ~(1U << CAP_SYS_ADMIN);
	check(!prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN, 0, 0, 0));
	check(!syscall(SYS_capset, &head, caps));
}

static int alone(void)
{
	check(!deny(SYS_getppid, EAGAIN, 0));
	drop_right();
	check(deny(SYS_getsid, EXDEV, 0) == -1 && errno == EACCES);
	ready();
	check(denied(SYS_getppid, EAGAIN) && !denied(SYS_getsid, EXDEV));
	return passed();
}

int main(int argc, char **argv)
{
	pid_t pids[LENGTH(children)];
	unsigned int i;

	if (argc == 2 && !strcmp(argv[1], "alone"))
		return alone();
	for (i = 0; i < LENGTH(children); i++)
		pids[i] = start_child(i);
	ready();
	for (i = 0; i < LENGTH(children); i++)
		end_child(i, pids[i]);
	return passed();
}
