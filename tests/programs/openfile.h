/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What any open file may be besides of its kind: duplicated, inherited by a
 * child that shares it, closed on exec, non-blocking, with an owner for its
 * signals. dress() makes it all that, check_dressed() says whether it still is.
 */
#ifndef OPENFILE_H
#define OPENFILE_H

#include <fcntl.h>
#include <linux/kcmp.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "program.h"

struct dressed {
	int fd, copy, flags;
	pid_t child;
};

static inline void set_owner(int fd, int type, pid_t pid, int sig)
{
	struct f_owner_ex owner = { .type = type, .pid = pid };

	check(fcntl(fd, F_SETOWN_EX, &owner) == 0);
	check(fcntl(fd, F_SETSIG, sig) == 0);
}

static inline void check_owner(int fd, int type, pid_t pid, int sig)
{
	struct f_owner_ex owner = {};

	check(fcntl(fd, F_GETOWN_EX, &owner) == 0);
	check((int)owner.type == type && owner.pid == pid);
	check(fcntl(fd, F_GETSIG) == sig);
}

/* Descriptors of two processes, or of one, that are one open file. */
static inline int same_file(pid_t a, int x, pid_t b, int y)
{
	return syscall(SYS_kcmp, a, b, KCMP_FILE, x, y) == 0;
}

/* The same file by another open file. */
static inline int open_again(int fd, int flags)
{
	char path[40];
	int new;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	new = open(path, flags);
	check(new >= 0);
	return new;
}

/* @sig is a signal that the file does not send while this lasts. */
static inline struct dressed dress(int fd, int sig)
{
	struct dressed d = { .fd = fd };

	check(fd >= 0);
	check(fcntl(fd, F_SETFD, 0) == 0);
	d.copy = fcntl(fd, F_DUPFD_CLOEXEC, 100);
	check(d.copy >= 100);
	check(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0);
	d.flags = fcntl(fd, F_GETFL);
	set_owner(fd, F_OWNER_PID, getpid(), sig);
	d.child = fork();
	check(d.child >= 0);
	if (!d.child)
		for (;;)
			pause();
	return d;
}

static inline void check_dressed(const struct dressed *d, int sig)
{
	check(fcntl(d->copy, F_GETFL) == d->flags);
	check(fcntl(d->fd, F_GETFD) == 0 && fcntl(d->copy, F_GETFD) == FD_CLOEXEC);
	check_owner(d->copy, F_OWNER_PID, getpid(), sig);
	check(same_file(getpid(), d->fd, getpid(), d->copy));
	check(same_file(getpid(), d->fd, d->child, d->fd));
	check(same_file(getpid(), d->fd, d->child, d->copy));
	check(kill(d->child, SIGKILL) == 0);
	check(waitpid(d->child, NULL, 0) == d->child);
}

#endif
