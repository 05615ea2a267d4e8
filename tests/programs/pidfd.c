// SPDX-License-Identifier: GPL-2.0-only
/* pidfd: of oneself, a child, a thread, a zombie, and of who has gone. */
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/stat.h>

#include "openfile.h"
#include "tasks.h"

#define THREAD	O_EXCL		/* PIDFD_THREAD */
#define PIDFD	3		/* P_PIDFD */

static int self, living, thread, zombie, gone[3], gone_thread;
static volatile pid_t tid, short_tid;
static pid_t child, dead;
static volatile int caught;

static int make(pid_t pid, int flags)
{
	int fd = syscall(SYS_pidfd_open, pid, flags);

	check(fd >= 0);
	return fd;
}

static int kill_by(int fd, int sig)
{
	return syscall(SYS_pidfd_send_signal, fd, sig, NULL, 0);
}

static int revents(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	check(poll(&p, 1, 0) >= 0);
	return p.revents;
}

static void on_signal(int sig)
{
	caught = sig;
}

static void *body(void *unused)
{
	tid = gettid();
	for (;;)
		pause();
	return unused;
}

static void *short_body(void *unused)
{
	short_tid = gettid();
	gone_thread = make(short_tid, THREAD);
	return unused;
}

static pid_t start(int ends)
{
	pid_t pid = fork();

	check(pid >= 0);
	while (!pid) {
		if (ends)
			_exit(7);
		pause();
	}
	return pid;
}

static ino_t inode(int fd)
{
	struct stat st;

	check(fstat(fd, &st) == 0);
	return st.st_ino;
}

int main(void)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = 9 };
	struct dressed dressed;
	pthread_t t;
	siginfo_t info;
	int i, ep;

	signal(SIGUSR1, on_signal);
	check(pthread_create(&t, NULL, body, NULL) == 0);
	while (!tid)
		nap(1);
	child = start(0);
	self = make(getpid(), 0);
	living = make(child, O_NONBLOCK);
	thread = make(tid, THREAD);
	dead = start(1);
	zombie = make(dead, 0);
	while (!revents(zombie))
		nap(1);
	/* Two of one, one of another. */
	for (i = 0; i < 2; i++) {
		pid_t pid = start(1);

		gone[i] = make(pid, 0);
		if (i)
			gone[2] = make(pid, 0);
		check(waitpid(pid, NULL, 0) == pid);
	}
	check(pthread_create(&t, NULL, short_body, NULL) == 0);
	check(pthread_join(t, NULL) == 0);
	while (kill_by(gone_thread, 0) == 0)
		nap(1);
	ep = epoll_create1(0);
	check(epoll_ctl(ep, EPOLL_CTL_ADD, living, &event) == 0);
	check(epoll_ctl(ep, EPOLL_CTL_ADD, gone[0], &event) == 0);
	dressed = dress(make(getpid(), 0), SIGUSR2);

	ready();

	check(kill_by(self, SIGUSR1) == 0);
	while (caught != SIGUSR1)
		nap(1);
	check(revents(self) == 0 && revents(thread) == 0 && revents(living) == 0);
	check(fcntl(living, F_GETFL) == (O_RDWR | O_NONBLOCK));
	check(fcntl(living, F_GETFD) == FD_CLOEXEC);
	check(kill_by(thread, 0) == 0);
	check(revents(zombie) == POLLIN);
	check(waitid(PIDFD, zombie, &info, WEXITED) == 0);
	check(info.si_pid == dead && info.si_status == 7);
	check(revents(zombie) == (POLLIN | POLLHUP));
	for (i = 0; i < 3; i++) {
		check(kill_by(gone[i], 0) == -1 && errno == ESRCH);
		check(waitid(PIDFD, gone[i], &info, WEXITED) == -1 && errno == ECHILD);
		check(revents(gone[i]) == (POLLIN | POLLHUP));
	}
	check(kill_by(gone_thread, 0) == -1 && errno == ESRCH);
	check(inode(gone[1]) == inode(gone[2]) && inode(gone[0]) != inode(gone[1]));
	check(inode(self) == inode(dressed.fd));
	check(epoll_wait(ep, &event, 1, 0) == 1);
	check(epoll_ctl(ep, EPOLL_CTL_DEL, gone[0], NULL) == 0);
	check(epoll_wait(ep, &event, 1, 0) == 0);
	check_dressed(&dressed, SIGUSR2);
	check(kill_by(living, SIGKILL) == 0);
	check(epoll_wait(ep, &event, 1, -1) == 1);
	check(waitpid(child, NULL, 0) == child);
	return passed();
}
