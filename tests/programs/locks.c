// SPDX-License-Identifier: GPL-2.0-only
/*
 * Locks of files: by open file, by process, shared and exclusive, of ranges,
 * and who waits for one.
 *
 * Usage: locks [DIR]
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/file.h>

#include "openfile.h"
#include "tasks.h"

static const char *dir;
static int exclusive, copy, shared[2], ranges, others, ofd, waited, waited_posix;
static int ask[2], answer[2];
static pid_t child;
static volatile int got;

static int file(const char *name)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	check(fd >= 0);
	return fd;
}

static int lock(int fd, int cmd, int type, off_t start, off_t len)
{
	struct flock l = { .l_type = type, .l_start = start, .l_len = len };

	return fcntl(fd, cmd, &l);
}

/* Who is in the way of locking that, as F_GETLK tells another process. */
static struct flock holder(int fd, off_t start, off_t len)
{
	struct flock l = { .l_type = F_WRLCK, .l_start = start, .l_len = len };

	check(fcntl(fd, F_GETLK, &l) == 0);
	return l;
}

/* Holds a lock of its own, looks at ours when it is asked, then lets go. */
static void be_child(pid_t parent)
{
	struct flock l;
	char c;

	check(lock(others, F_SETLK, F_WRLCK, 0, 0) == 0);
	check(lock(waited_posix, F_SETLK, F_WRLCK, 7, 1) == 0);
	check(write(answer[1], "x", 1) == 1);
	check(read(ask[0], &c, 1) == 1);
	l = holder(ranges, 0, 0);
	check(l.l_type == F_RDLCK && l.l_start == 10 && l.l_len == 5);
	check(l.l_pid == parent);
	l = holder(ranges, 15, 0);
	check(l.l_type == F_WRLCK && l.l_start == 100 && l.l_len == 0);
	l = holder(ofd, 0, 0);
	check(l.l_type == F_WRLCK && l.l_pid == -1 && l.l_start == 3 && l.l_len == 4);
	check(lock(waited_posix, F_SETLK, F_UNLCK, 0, 0) == 0);
	check(write(answer[1], "x", 1) == 1);
	check(read(ask[0], &c, 1) == 1);
	_exit(0);
}

static void *wait_flock(void *unused)
{
	int fd = file("waited");

	check(flock(fd, LOCK_EX) == 0);
	got++;
	return unused;
}

/* Of the process, as its other threads' locks are. */
static void *wait_posix(void *unused)
{
	check(lock(waited_posix, F_SETLKW, F_WRLCK, 0, 0) == 0);
	got++;
	return unused;
}

static void make_locks(void)
{
	exclusive = file("exclusive");
	copy = dup(exclusive);
	check(flock(exclusive, LOCK_EX) == 0 && close(exclusive) == 0);
	shared[0] = file("shared");
	shared[1] = file("shared");
	check(flock(shared[0], LOCK_SH) == 0 && flock(shared[1], LOCK_SH) == 0);
	ranges = file("ranges");
	check(lock(ranges, F_SETLK, F_RDLCK, 10, 5) == 0);
	check(lock(ranges, F_SETLK, F_WRLCK, 100, 0) == 0);
	others = file("others");
	ofd = file("ofd");
	check(lock(ofd, F_OFD_SETLK, F_WRLCK, 3, 4) == 0);
	waited = file("waited");
	check(flock(waited, LOCK_SH) == 0);
	waited_posix = file("posix");
}

static void check_locks(void)
{
	int other = file("exclusive");
	struct flock l;
	char c;

	check(flock(other, LOCK_SH | LOCK_NB) == -1 && errno == EWOULDBLOCK);
	check(flock(copy, LOCK_EX | LOCK_NB) == 0);
	check(flock(copy, LOCK_UN) == 0 && flock(other, LOCK_EX | LOCK_NB) == 0);

	check(flock(shared[0], LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK);
	check(flock(shared[1], LOCK_UN) == 0);
	check(flock(shared[0], LOCK_EX | LOCK_NB) == 0);

	l = holder(others, 5, 1);
	check(l.l_type == F_WRLCK && l.l_pid == child && l.l_start == 0 && l.l_len == 0);
	/* Its own locks are in nobody's way. */
	check(holder(ranges, 0, 0).l_type == F_UNLCK);
	other = file("ofd");
	check(lock(other, F_OFD_SETLK, F_RDLCK, 6, 1) == -1 && errno == EAGAIN);
	check(lock(other, F_OFD_SETLK, F_RDLCK, 7, 1) == 0);

	check(got == 0);
	check(write(ask[1], "x", 1) == 1 && read(answer[0], &c, 1) == 1);
	check(flock(waited, LOCK_UN) == 0);
}

int main(int argc, char **argv)
{
	pid_t parent = getpid();
	pthread_t threads[2];
	char c;

	dir = argc > 1 ? argv[1] : "/tmp";
	make_locks();
	check(pipe(ask) == 0 && pipe(answer) == 0);
	child = fork();
	check(child >= 0);
	if (!child)
		be_child(parent);
	check(read(answer[0], &c, 1) == 1);
	check(pthread_create(&threads[0], NULL, wait_flock, NULL) == 0);
	check(pthread_create(&threads[1], NULL, wait_posix, NULL) == 0);

	ready();

	check_locks();
	check(pthread_join(threads[0], NULL) == 0 && pthread_join(threads[1], NULL) == 0);
	check(write(ask[1], "x", 1) == 1 && status_of(child) == 0);
	/* With its owner gone the lock is. */
	check(lock(others, F_SETLK, F_WRLCK, 0, 0) == 0);
	return passed();
}
