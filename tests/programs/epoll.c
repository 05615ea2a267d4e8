// SPDX-License-Identifier: GPL-2.0-only
/*
 * epoll: what is watched and for what, what has been reported and what has not.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

#include "openfile.h"

#define R 0
#define W 1
#define BIG 0x123456789abcdef0ULL

static int make(void)
{
	int ep = epoll_create1(0);

	check(ep >= 0);
	return ep;
}

static void ctl(int ep, int op, int fd, uint32_t events, uint64_t data)
{
	struct epoll_event e = { .events = events, .data.u64 = data };

	check(epoll_ctl(ep, op, fd, &e) == 0);
}

static void add(int ep, int fd, uint32_t events, uint64_t data)
{
	ctl(ep, EPOLL_CTL_ADD, fd, events, data);
}

/* The next event, 0 if there is none. */
static uint64_t next(int ep)
{
	struct epoll_event e;
	int n = epoll_wait(ep, &e, 1, 0);

	check(n >= 0);
	return n ? e.data.u64 : 0;
}

static int counter(unsigned int count)
{
	int fd = eventfd(count, EFD_NONBLOCK);

	check(fd >= 0);
	return fd;
}

static void put(int fd)
{
	uint64_t one = 1;

	check(write(fd, &one, sizeof(one)) == sizeof(one));
}

static void drain(int fd)
{
	char bytes[512];

	while (read(fd, bytes, sizeof(bytes)) > 0)
		;
}

/* ---- levels, edges, shots ----------------------------------------------------- */

static int level, quiet, edge, edge_new, shot, shot_armed, shot_hup;
static int filled[2], hup[2], ready_fd, quiet_fd, shot_fd, armed_fd, wide;

static void make_modes(void)
{
	ready_fd = counter(1);
	quiet_fd = counter(0);
	shot_fd = counter(1);
	armed_fd = counter(1);
	check(pipe(filled) == 0 && pipe(hup) == 0);
	check(write(filled[W], "data", 4) == 4);

	add(level = make(), ready_fd, EPOLLIN, BIG);
	check(next(level) == BIG);
	add(quiet = make(), quiet_fd, EPOLLIN, 2);
	add(edge = make(), filled[R], EPOLLIN | EPOLLET, 3);
	add(edge, quiet_fd, EPOLLIN | EPOLLET, 33);
	check(next(edge) == 3 && next(edge) == 0);
	add(edge_new = make(), ready_fd, EPOLLIN | EPOLLET, 4);
	add(shot = make(), shot_fd, EPOLLIN | EPOLLONESHOT, 5);
	check(next(shot) == 5 && next(shot) == 0);
	add(shot_armed = make(), armed_fd, EPOLLIN | EPOLLONESHOT, 6);
	/* It would tell of an end, were it armed. */
	check(write(hup[W], "x", 1) == 1);
	add(shot_hup = make(), hup[R], EPOLLIN | EPOLLONESHOT, 7);
	check(next(shot_hup) == 7);
	check(read(hup[R], &wide, 1) == 1);
}

static void check_modes(void)
{
	check(next(level) == BIG && next(level) == BIG);
	drain(ready_fd);
	check(next(level) == 0);
	check(next(edge) == 0 && write(filled[W], "more", 4) == 4);
	check(next(edge) == 3 && next(edge) == 0);
	/* Drained, it has nothing to tell; with more, it has. */
	check(next(edge_new) == 0);
	put(ready_fd);
	check(next(edge_new) == 4 && next(edge_new) == 0 && next(level) == BIG);
	check(next(quiet) == 0);
	put(quiet_fd);
	check(next(quiet) == 2 && next(edge) == 33 && next(edge) == 0);
	check(next(shot) == 0);
	put(shot_fd);
	check(next(shot) == 0);
	ctl(shot, EPOLL_CTL_MOD, shot_fd, EPOLLIN | EPOLLONESHOT, 55);
	check(next(shot) == 55 && next(shot) == 0);
	check(next(shot_armed) == 6 && next(shot_armed) == 0);
	check(close(hup[W]) == 0 && next(shot_hup) == 0);
	ctl(shot_hup, EPOLL_CTL_MOD, hup[R], EPOLLIN | EPOLLONESHOT, 77);
	check(next(shot_hup) == 77);
}

/* ---- numbers and order ---------------------------------------------------------- */

static int order, numbers, both, gone, reused, exclusive;

static void make_numbers(void)
{
	int fds[3], i, copy;

	order = make();
	for (i = 0; i < 3; i++)
		add(order, fds[i] = counter(0), EPOLLIN | EPOLLET, 100 + i);
	put(fds[1]);
	put(fds[2]);
	put(fds[0]);

	numbers = make();
	both = counter(0);
	copy = fcntl(both, F_DUPFD, 500);
	check(copy >= 500);
	add(numbers, both, EPOLLIN, 10);
	add(numbers, copy, EPOLLIN, 11);
	/* Still watched, and another file has the number. */
	gone = counter(0);
	copy = dup(gone);
	add(numbers, gone, EPOLLIN, 12);
	check(close(gone) == 0);
	reused = counter(0);
	check(reused == gone);
	add(numbers, reused, EPOLLIN, 13);
	gone = copy;
	exclusive = counter(0);
	add(numbers, exclusive, EPOLLIN | EPOLLEXCLUSIVE | EPOLLWAKEUP, 14);
	wide = 0;
}

static void check_numbers(void)
{
	uint64_t a, b;

	check(next(order) == 101 && next(order) == 102 && next(order) == 100);
	check(next(order) == 0);
	check(next(numbers) == 0);
	put(both);
	a = next(numbers);
	b = next(numbers);
	check(a + b == 21 && a != b);
	drain(both);
	check(next(numbers) == 0);
	put(gone);
	check(next(numbers) == 12);
	drain(gone);
	put(reused);
	check(next(numbers) == 13);
	ctl(numbers, EPOLL_CTL_DEL, reused, 0, 0);
	check(next(numbers) == 0);
	put(exclusive);
	check(next(numbers) == 14);
	check(close(exclusive) == 0 && next(numbers) == 0);
	check(close(gone) == 0 && next(numbers) == 0);
}

/* ---- nested ---------------------------------------------------------------------- */

static int outer, middle, inner, deep, ready_inner, over, over_edge;

static void make_nested(void)
{
	deep = counter(0);
	add(inner = make(), deep, EPOLLIN, 20);
	add(middle = make(), inner, EPOLLIN, 21);
	add(outer = make(), middle, EPOLLIN, 22);
	ready_inner = make();
	add(ready_inner, counter(1), EPOLLIN, 23);
	add(over = make(), ready_inner, EPOLLIN, 24);
	add(over_edge = make(), ready_inner, EPOLLIN | EPOLLET, 25);
	check(next(over_edge) == 25 && next(over_edge) == 0);
}

static void check_nested(void)
{
	check(next(outer) == 0 && next(middle) == 0 && next(inner) == 0);
	put(deep);
	check(next(outer) == 22 && next(middle) == 21 && next(inner) == 20);
	drain(deep);
	check(next(inner) == 0 && next(outer) == 0);
	check(next(over_edge) == 0 && next(over) == 24 && next(ready_inner) == 23);
}

/* ---- timers and signals ------------------------------------------------------------ */

static int timers, expired, later, signals, signal_fd, heard, told, asked;
static pid_t child;

static int timer(long seconds)
{
	struct itimerspec its = { .it_value = { .tv_sec = seconds, .tv_nsec = !seconds } };
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);

	check(fd >= 0 && timerfd_settime(fd, 0, &its, NULL) == 0);
	return fd;
}

static int make_signalfd(int sig)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, sig);
	check(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	fd = signalfd(-1, &set, SFD_NONBLOCK);
	check(fd >= 0);
	return fd;
}

/* It has an epoll of its own, for its own signals. */
static void be_child(void)
{
	int ep = make(), fd = make_signalfd(SIGUSR2), outer = make();
	uint64_t value;

	add(ep, fd, EPOLLIN, 1);
	add(outer, ep, EPOLLIN, 2);
	put(told);
	while (read(asked, &value, sizeof(value)) < 0)
		usleep(1000);
	check(next(ep) == 0 && next(outer) == 0);
	check(kill(getpid(), SIGUSR2) == 0);
	check(next(ep) == 1 && next(outer) == 2);
	drain(fd);
	check(next(outer) == 0);
	put(told);
	_exit(0);
}

static void make_events(void)
{
	uint64_t value;

	timers = make();
	add(timers, expired = timer(0), EPOLLIN | EPOLLET, 30);
	add(timers, later = timer(100000), EPOLLIN, 31);
	while (next(timers) != 30)
		;
	told = counter(0);
	asked = counter(0);
	child = fork();
	check(child >= 0);
	if (!child)
		be_child();
	while (read(told, &value, sizeof(value)) < 0)
		usleep(1000);
	signals = make();
	add(signals, signal_fd = make_signalfd(SIGUSR1), EPOLLIN, 40);
	add(signals, make_signalfd(SIGRTMIN + 2), EPOLLIN | EPOLLET, 42);
	add(heard = make(), make_signalfd(SIGRTMIN + 1), EPOLLIN | EPOLLET, 41);
	check(kill(getpid(), SIGUSR1) == 0 && kill(getpid(), SIGRTMIN + 2) == 0);
	/* Any signal is an edge. */
	check(kill(getpid(), SIGRTMIN + 1) == 0 && next(heard) == 41);
	check(next(heard) == 0);
}

static void check_events(void)
{
	struct itimerspec soon = { .it_value = { .tv_nsec = 1 } };
	uint64_t value;
	int status;

	check(next(timers) == 0);
	check(timerfd_settime(later, 0, &soon, NULL) == 0);
	while (next(timers) != 31)
		;
	check(read(expired, &value, sizeof(value)) == sizeof(value) && value == 1);

	put(asked);
	check(waitpid(child, &status, 0) == child && status == 0);
	check(next(heard) == 0);
	value = next(signals);
	check(value == 40 || value == 42);
	check(next(signals) == 82 - value);
	check(next(signals) == 40 && next(signals) == 40);
	drain(signal_fd);
	check(next(signals) == 0);
	check(kill(getpid(), SIGRTMIN + 1) == 0 && next(heard) == 41);
	check(next(heard) == 0);
}

/* ---- who waits ----------------------------------------------------------------------- */

static int waited, wakes;

static void *waiter(void *unused)
{
	struct epoll_event e;

	check(epoll_wait(waited, &e, 1, -1) == 1 && e.data.u64 == 50);
	return unused;
}

int main(void)
{
	struct dressed dressed;
	pthread_t thread;
	int ep, zero;

	make_events();
	make_modes();
	make_numbers();
	make_nested();
	wakes = counter(0);
	add(waited = make(), wakes, EPOLLIN, 50);
	check(pthread_create(&thread, NULL, waiter, NULL) == 0);
	ep = make();
	zero = dup2(counter(1), 0);
	add(ep, zero, EPOLLIN, 60);
	dressed = dress(ep, SIGWINCH);

	ready();

	/* Its child has the ends of all pipes. */
	check_dressed(&dressed, SIGWINCH);
	check_modes();
	check_numbers();
	check_nested();
	check_events();
	put(wakes);
	check(pthread_join(thread, NULL) == 0);
	check(next(dressed.copy) == 60 && next(dressed.fd) == 60);
	return passed();
}
