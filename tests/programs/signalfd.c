// SPDX-License-Identifier: GPL-2.0-only
/* signalfd: which signals, those that are pending, who waits for one. */
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/signalfd.h>

#include "openfile.h"

static int both, none, all, other;
static volatile int heard;

static int make(int flags, int a, int b)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	if (a)
		sigaddset(&set, a);
	if (b)
		sigaddset(&set, b);
	fd = signalfd(-1, &set, flags);
	check(fd >= 0);
	return fd;
}

static struct signalfd_siginfo get(int fd)
{
	struct signalfd_siginfo info;

	check(read(fd, &info, sizeof(info)) == sizeof(info));
	return info;
}

static int is_empty(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 0;
}

/* Waits in read(2) across the freeze. */
static void *waiter(void *unused)
{
	heard = get(other).ssi_signo;
	return unused;
}

int main(void)
{
	struct dressed dressed;
	pthread_t thread;
	sigset_t set;

	sigfillset(&set);
	check(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	both = make(SFD_CLOEXEC, SIGUSR1, SIGRTMIN + 3);
	none = make(SFD_NONBLOCK, 0, 0);
	all = signalfd(-1, &set, SFD_NONBLOCK);
	other = make(0, SIGUSR2, 0);
	dressed = dress(make(0, SIGHUP, SIGRTMAX), SIGWINCH);
	check(pthread_create(&thread, NULL, waiter, NULL) == 0);
	check(sigqueue(getpid(), SIGRTMIN + 3, (union sigval){ .sival_int = 77 }) == 0);
	check(kill(getpid(), SIGRTMAX) == 0);

	ready();

	check(fcntl(both, F_GETFD) == FD_CLOEXEC && fcntl(both, F_GETFL) == O_RDWR);
	check(fcntl(none, F_GETFL) == (O_RDWR | O_NONBLOCK));
	check(!is_empty(both) && is_empty(none) && !is_empty(dressed.fd));
	check(get(both).ssi_int == 77 && is_empty(both));
	check(get(dressed.copy).ssi_signo == (unsigned int)SIGRTMAX && is_empty(dressed.fd));
	check(is_empty(all));
	check(kill(getpid(), SIGUSR2) == 0 && pthread_join(thread, NULL) == 0);
	check(heard == SIGUSR2);
	check(kill(getpid(), SIGTERM) == 0);
	check(is_empty(both) && get(all).ssi_signo == SIGTERM);
	/* Its set can still be changed. */
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	check(signalfd(none, &set, 0) == none);
	check(kill(getpid(), SIGTERM) == 0 && get(none).ssi_signo == SIGTERM);
	check_dressed(&dressed, SIGWINCH);
	return passed();
}
