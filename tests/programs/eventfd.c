// SPDX-License-Identifier: GPL-2.0-only
/* eventfd: counts, semaphore mode, and who shares and waits for them. */
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/eventfd.h>

#include "openfile.h"

static int zero, some, most, wide, semaphore, asks, answers;
static struct dressed dressed;

static int revents(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };

	check(poll(&p, 1, 0) >= 0);
	return p.revents;
}

static void put(int fd, uint64_t value)
{
	check(write(fd, &value, sizeof(value)) == sizeof(value));
}

static uint64_t get(int fd)
{
	uint64_t value;

	check(read(fd, &value, sizeof(value)) == sizeof(value));
	return value;
}

/* Waits in read(2) across the freeze. */
static void *waiter(void *unused)
{
	put(answers, get(asks) + 1);
	return unused;
}

int main(void)
{
	uint64_t value = 1;
	pthread_t thread;

	zero = eventfd(0, 0);
	some = eventfd(7, EFD_CLOEXEC | EFD_NONBLOCK);
	most = eventfd(0, EFD_NONBLOCK);
	put(most, UINT64_MAX - 1);
	wide = eventfd(UINT32_MAX, 0);
	put(wide, 1);
	semaphore = eventfd(3, EFD_SEMAPHORE | EFD_NONBLOCK);
	asks = eventfd(0, 0);
	answers = eventfd(0, EFD_SEMAPHORE);
	dressed = dress(eventfd(42, 0), SIGUSR1);
	check(pthread_create(&thread, NULL, waiter, NULL) == 0);

	ready();

	check(revents(zero) == POLLOUT && revents(most) == POLLIN);
	check(revents(some) == (POLLIN | POLLOUT));
	check(fcntl(some, F_GETFL) == (O_RDWR | O_NONBLOCK));
	check(fcntl(some, F_GETFD) == FD_CLOEXEC);
	check(get(some) == 7 && read(some, &value, 8) == -1 && errno == EAGAIN);
	check(write(most, &value, 8) == -1 && errno == EAGAIN);
	check(get(most) == UINT64_MAX - 1);
	check(get(wide) == 1ULL << 32);
	check(get(semaphore) == 1 && get(semaphore) == 1 && get(semaphore) == 1);
	check(read(semaphore, &value, 8) == -1 && errno == EAGAIN);
	put(zero, 5);
	check(get(zero) == 5);
	put(asks, 11);
	check(pthread_join(thread, NULL) == 0);
	put(answers, 1);
	for (value = 0; value < 13; value++)
		check(get(answers) == 1);
	check(revents(answers) == POLLOUT);
	check_dressed(&dressed, SIGUSR1);
	check(get(dressed.copy) == 42 && revents(dressed.fd) == POLLOUT);
	return passed();
}
