// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tables of descriptors: shared by threads, by processes, by nobody.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "program.h"

#define HIGH 777

static int to_child[2], from_child[2], own_fd;
static pid_t sharer, copier;
static pthread_t unsharer;
static int thread_go;

static int is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* Has the same table: what it opens is open in all. */
static int share(void *unused)
{
	char c;

	(void)unused;
	if (read(to_child[0], &c, 1) != 1)
		_exit(1);
	if (dup2(own_fd, 300) != 300 || write(from_child[1], "", 1) != 1)
		_exit(2);
	_exit(0);
}

/* Has a copy. */
static void copy(void)
{
	copier = fork();
	check(copier >= 0);
	if (copier)
		return;
	if (close(own_fd) < 0)
		_exit(1);
	wait_to_go_on();
	_exit(is_open(own_fd) || !is_open(HIGH) || is_open(302) ? 3 : 0);
}

/* A thread with a table of its own. */
static void *unshare_table(void *unused)
{
	(void)unused;
	check(unshare(CLONE_FILES) == 0);
	check(dup2(own_fd, 301) == 301);
	__atomic_store_n(&thread_go, 1, __ATOMIC_SEQ_CST);
	wait_to_go_on();
	check(is_open(301) && is_open(own_fd) && !is_open(300));
	return NULL;
}

int main(void)
{
	static char stack[65536];
	struct rlimit limit, low = { 64, 64 };
	struct stat a, b;
	int status;
	char c;

	check(getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > HIGH);
	own_fd = open("/dev/zero", O_RDONLY);
	check(own_fd >= 0 && pipe(to_child) == 0 && pipe(from_child) == 0);
	check(fcntl(own_fd, F_DUPFD_CLOEXEC, HIGH) == HIGH);
	check(dup2(own_fd, 500) == 500 && close(2) == 0);
	copy();
	check(pthread_create(&unsharer, NULL, unshare_table, NULL) == 0);
	while (!__atomic_load_n(&thread_go, __ATOMIC_SEQ_CST))
		usleep(1000);
	sharer = clone(share, stack + sizeof(stack), CLONE_FILES | SIGCHLD, NULL);
	check(sharer > 0);
	/* Descriptors above the limit stay. */
	check(setrlimit(RLIMIT_NOFILE, &low) == 0);

	ready();

	check(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	check(limit.rlim_cur == 64 && limit.rlim_max == 64);
	check(fcntl(HIGH, F_GETFD) == FD_CLOEXEC && fcntl(500, F_GETFD) == 0);
	check(fstat(HIGH, &a) == 0 && fstat(own_fd, &b) == 0 && a.st_rdev == b.st_rdev);
	check(!is_open(300) && !is_open(301) && !is_open(2));
	/* The lowest that is free. */
	check(dup(own_fd) == 2);
	check(write(to_child[1], "", 1) == 1 && read(from_child[0], &c, 1) == 1);
	check(is_open(300));
	check(waitpid(sharer, &status, 0) == sharer && status == 0);
	check(waitpid(copier, &status, 0) == copier && status == 0);
	check(pthread_join(unsharer, NULL) == 0);
	return passed();
}
