// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who gets the signals of an open file: a thread, a process, also by the number of one of
 * its threads, a group, nobody; set by another user; signals that are sent, and one that
 * is not.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/socket.h>

#include "openfile.h"

#ifndef F_GETOWNER_UIDS
#define F_GETOWNER_UIDS	17
#endif

#define R 0
#define W 1

static int by_thread[2], by_process[2], by_group[2], by_dead[2], by_user[2];
static int plain, only_signal[2], sends[2], by_number[2], silent, deadly[2];
static volatile pid_t tid;
static pid_t child;

static void *thread(void *unused)
{
	tid = gettid();
	for (;;)
		pause();
	return unused;
}

static void uids_of(int fd, uid_t *uids)
{
	check(fcntl(fd, F_GETOWNER_UIDS, uids) == 0);
}

static void make_owners(void)
{
	pthread_t t;
	pid_t dead;

	setpgid(0, 0);
	check(pthread_create(&t, NULL, thread, NULL) == 0);
	while (!tid)
		usleep(1000);
	check(pipe(by_thread) == 0 && pipe(by_process) == 0 && pipe(by_group) == 0);
	check(pipe(by_dead) == 0 && pipe(by_user) == 0 && pipe(only_signal) == 0);
	child = fork();
	if (!child)
		for (;;)
			pause();
	set_owner(by_thread[R], F_OWNER_TID, tid, SIGUSR1);
	set_owner(by_process[R], F_OWNER_PID, child, 0);
	set_owner(by_group[W], F_OWNER_PGRP, getpgrp(), SIGRTMIN);

	dead = fork();
	if (!dead)
		_exit(0);
	set_owner(by_dead[R], F_OWNER_PID, dead, SIGUSR2);
	check(waitpid(dead, NULL, 0) == dead);

	check(setresuid(1234, 5678, 0) == 0);
	set_owner(by_user[R], F_OWNER_PID, getpid(), 0);
	check(setresuid(0, 0, 0) == 0);
	check(fcntl(only_signal[R], F_SETSIG, SIGRTMAX) == 0);

	plain = open("/dev/null", O_RDWR);
	set_owner(plain, F_OWNER_PID, child, SIGUSR1);
}

static void check_owners(void)
{
	struct f_owner_ex none = {};
	uid_t uids[2];

	check_owner(by_thread[R], F_OWNER_TID, tid, SIGUSR1);
	check_owner(by_process[R], F_OWNER_PID, child, 0);
	check_owner(by_group[W], F_OWNER_PGRP, getpgrp(), SIGRTMIN);
	check(fcntl(by_dead[R], F_GETOWN_EX, &none) == 0 && none.pid == 0);
	check(fcntl(by_dead[R], F_GETSIG) == SIGUSR2);
	check_owner(by_user[R], F_OWNER_PID, getpid(), 0);
	uids_of(by_user[R], uids);
	check(uids[0] == 1234 && uids[1] == 5678);
	uids_of(by_process[R], uids);
	check(uids[0] == 0 && uids[1] == 0);
	check(fcntl(only_signal[R], F_GETOWN_EX, &none) == 0 && none.pid == 0);
	check(fcntl(only_signal[R], F_GETSIG) == SIGRTMAX);
	check(fcntl(by_thread[W], F_GETOWN) == 0 && fcntl(by_thread[W], F_GETSIG) == 0);
	check_owner(plain, F_OWNER_PID, child, SIGUSR1);
}

/* The signals tell a descriptor that has been closed since. */
static void make_sender(void)
{
	int fd;

	check(pipe(sends) == 0);
	fd = fcntl(sends[R], F_DUPFD, 77);
	set_owner(fd, F_OWNER_PID, getpid(), SIGRTMIN + 1);
	check(fcntl(fd, F_SETFL, O_ASYNC) == 0);
	check(fd == 77 && close(fd) == 0);
	check(pipe(by_number) == 0 && fcntl(by_number[R], F_SETOWN, tid) == 0);
	check(fcntl(by_number[R], F_SETSIG, SIGRTMIN + 1) == 0);
	check(fcntl(by_number[R], F_SETFL, O_ASYNC) == 0);
	/* Shown, and without an effect. */
	silent = open("/dev/zero", O_RDONLY | O_ASYNC);
	check(silent >= 0);
}

static void check_sender(void)
{
	struct timespec none = {};
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 1);
	check(fcntl(sends[R], F_GETFL) == (O_RDONLY | O_ASYNC));
	check(sigtimedwait(&set, &info, &none) == -1);
	check(write(sends[W], "x", 1) == 1);
	check(sigwaitinfo(&set, &info) == SIGRTMIN + 1);
	check(info.si_fd == 77 && info.si_code == POLL_IN);
	check(sigtimedwait(&set, &info, &none) == -1);
	check(fcntl(sends[R], F_SETFL, 0) == 0 && write(sends[W], "x", 1) == 1);
	check(sigtimedwait(&set, &info, &none) == -1);
	check(write(by_number[W], "x", 1) == 1);
	check(sigtimedwait(&set, &info, &none) == SIGRTMIN + 1 && info.si_fd == by_number[R]);
	check(fcntl(silent, F_GETFL) & O_ASYNC);
}

/* Whatever comes next is the end of it. */
static void make_deadly(void)
{
	check(socketpair(AF_UNIX, SOCK_STREAM, 0, deadly) == 0);
	check(write(deadly[W], "harmless", 8) == 8);
	set_owner(deadly[R], F_OWNER_PID, getpid(), SIGKILL);
	check(fcntl(deadly[R], F_SETFL, O_ASYNC) == 0);
}

static void check_deadly(void)
{
	char got[8];

	check_owner(deadly[R], F_OWNER_PID, getpid(), SIGKILL);
	check(fcntl(deadly[R], F_GETFL) & O_ASYNC);
	check(read(deadly[R], got, 8) == 8 && !memcmp(got, "harmless", 8));
	check(fcntl(deadly[R], F_SETFL, 0) == 0 && write(deadly[W], "x", 1) == 1);
}

int main(void)
{
	struct dressed dressed;
	sigset_t set;

	/* In all threads. */
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 1);
	check(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	make_owners();
	make_sender();
	make_deadly();
	dressed = dress(open("/", O_RDONLY), SIGUSR2);
	ready();
	check_dressed(&dressed, SIGUSR2);
	check_owners();
	check_sender();
	check_deadly();
	kill(child, SIGKILL);
	return passed();
}
