// SPDX-License-Identifier: GPL-2.0-only
/*
 * timerfd: clocks, one-shot and periodic, by an absolute time or not, with
 * expirations that have not been read, canceled by a change of the clock.
 *
 * What a timer counts is compared with what a clock says around it, never with
 * a time that is written here.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/timerfd.h>

#include "openfile.h"

#define SEC	1000000000LL
#define MS	1000000LL
#define FAR	(100000 * SEC)

static const int clocks[] = {
	CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_BOOTTIME,
	CLOCK_REALTIME_ALARM, CLOCK_BOOTTIME_ALARM,
};

#define NR_CLOCKS	((int)(sizeof(clocks) / sizeof(clocks[0])))

static int relative[NR_CLOCKS], absolute[NR_CLOCKS], beats[NR_CLOCKS];
static int64_t until[NR_CLOCKS];
static int idle, fired, disarmed, both, grid, waited, unset;
static int64_t grid_start;
static volatile uint64_t heard;

/* Alarms are on the clock that they would wake the machine by. */
static int64_t now(int clock)
{
	struct timespec ts;

	if (clock == CLOCK_REALTIME_ALARM)
		clock = CLOCK_REALTIME;
	if (clock == CLOCK_BOOTTIME_ALARM)
		clock = CLOCK_BOOTTIME;
	check(clock_gettime(clock, &ts) == 0);
	return ts.tv_sec * SEC + ts.tv_nsec;
}

static struct timespec to_timespec(int64_t ns)
{
	return (struct timespec){ .tv_sec = ns / SEC, .tv_nsec = ns % SEC };
}

static int64_t to_ns(struct timespec ts)
{
	return ts.tv_sec * SEC + ts.tv_nsec;
}

static void set(int fd, int flags, int64_t value, int64_t interval)
{
	struct itimerspec its = {
		.it_value = to_timespec(value), .it_interval = to_timespec(interval),
	};

	check(timerfd_settime(fd, flags, &its, NULL) == 0);
}

static int make(int clock, int flags, int64_t value, int64_t interval)
{
	int fd = timerfd_create(clock, 0);

	check(fd >= 0);
	set(fd, flags, value, interval);
	return fd;
}

static uint64_t get(int fd)
{
	uint64_t ticks;

	check(read(fd, &ticks, sizeof(ticks)) == sizeof(ticks));
	return ticks;
}

static int is_quiet(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 0;
}

static int64_t left(int fd, int64_t *interval)
{
	struct itimerspec its;

	check(timerfd_gettime(fd, &its) == 0);
	if (interval)
		*interval = to_ns(its.it_interval);
	return to_ns(its.it_value);
}

/* Has expired, and nobody has looked. */
static void until_fired(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	check(poll(&p, 1, -1) == 1);
}

static void *waiter(void *unused)
{
	heard = get(waited);
	return unused;
}

static void make_timers(void)
{
	int i;

	for (i = 0; i < NR_CLOCKS; i++) {
		relative[i] = make(clocks[i], 0, FAR, 0);
		until[i] = now(clocks[i]) + FAR;
		absolute[i] = make(clocks[i], TFD_TIMER_ABSTIME, until[i], 7 * SEC);
		beats[i] = make(clocks[i], 0, 1 * MS, FAR);
		until_fired(beats[i]);
	}
	idle = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	fired = make(CLOCK_MONOTONIC, 0, 1, 0);
	until_fired(fired);
	disarmed = make(CLOCK_MONOTONIC, 0, 0, 3 * SEC);
	/* Some have been counted, and the next is far away. */
	both = make(CLOCK_MONOTONIC, 0, 1, FAR);
	until_fired(both);
	check(left(both, NULL) > 0);
	/* Each period is a step of the clock. */
	grid_start = now(CLOCK_MONOTONIC);
	grid = make(CLOCK_MONOTONIC, TFD_TIMER_ABSTIME, grid_start + MS, MS);
	until_fired(grid);
	waited = timerfd_create(CLOCK_MONOTONIC, 0);
	unset = make(CLOCK_REALTIME, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET,
		     now(CLOCK_REALTIME) + FAR, 0);
}

static void check_clock(int i)
{
	int64_t before, rest, interval;

	rest = left(relative[i], &interval);
	check(rest > 0 && rest <= FAR && interval == 0 && is_quiet(relative[i]));
	/* Those that have not been set by a time do not lose what they have. */
	check(rest > FAR - 50000 * SEC);

	before = now(clocks[i]);
	rest = left(absolute[i], &interval);
	check(before + rest <= until[i] && interval == 7 * SEC);
	check(now(clocks[i]) + rest >= until[i]);

	check(get(beats[i]) == 1 && is_quiet(beats[i]));
	rest = left(beats[i], &interval);
	check(rest > 0 && rest <= FAR && interval == FAR);
}

static void check_grid(void)
{
	uint64_t least, most, ticks;

	least = (now(CLOCK_MONOTONIC) - grid_start) / MS;
	ticks = get(grid);
	most = (now(CLOCK_MONOTONIC) - grid_start) / MS;
	check(ticks >= least && ticks <= most);
}

static void check_timers(void)
{
	int64_t interval;
	uint64_t ticks;
	int i;

	check_grid();
	for (i = 0; i < NR_CLOCKS; i++)
		check_clock(i);
	check(fcntl(idle, F_GETFL) == (O_RDWR | O_NONBLOCK));
	check(fcntl(idle, F_GETFD) == FD_CLOEXEC);
	check(left(idle, &interval) == 0 && interval == 0);
	check(read(idle, &ticks, sizeof(ticks)) == -1 && errno == EAGAIN);
	check(get(fired) == 1 && left(fired, NULL) == 0 && is_quiet(fired));
	check(left(disarmed, &interval) == 0 && interval == 3 * SEC && is_quiet(disarmed));
	check(get(both) == 1 && left(both, NULL) > 0 && is_quiet(both));
	check(is_quiet(unset) && left(unset, NULL) > 0);
}

/* Only where that is all of it: the clock is everybody's. */
static void step_clock(void)
{
	struct timespec ts;

	ts = to_timespec(now(CLOCK_REALTIME) + MS);
	check(clock_settime(CLOCK_REALTIME, &ts) == 0);
}

int main(int argc, char **argv)
{
	struct dressed dressed;
	pthread_t thread;
	uint64_t ticks;
	int canceled = -1;

	make_timers();
	dressed = dress(make(CLOCK_BOOTTIME, 0, FAR, 0), SIGUSR1);
	check(pthread_create(&thread, NULL, waiter, NULL) == 0);
	if (argc > 1 && !strcmp(argv[1], "clock")) {
		canceled = make(CLOCK_REALTIME, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET,
				now(CLOCK_REALTIME) + FAR, 0);
		step_clock();
		check(read(unset, &ticks, sizeof(ticks)) == -1 && errno == ECANCELED);
	}

	ready();

	check_timers();
	set(waited, 0, 1, 0);
	check(pthread_join(thread, NULL) == 0 && heard == 1);
	check_dressed(&dressed, SIGUSR1);
	if (canceled >= 0) {
		check(read(canceled, &ticks, sizeof(ticks)) == -1 && errno == ECANCELED);
		step_clock();
		until_fired(canceled);
		check(read(unset, &ticks, sizeof(ticks)) == -1 && errno == ECANCELED);
	}
	return passed();
}
