// SPDX-License-Identifier: GPL-2.0-only
/*
 * Timers of all kinds: long ones keep their time, short ones lose no tick and
 * count none twice; ids are kept, and the number of the next; also 32-bit.
 *
 * Signals are blocked and taken one by one. On clocks of CPU time, of the time of day and
 * of TAI a periodic timer has expired once for each interval on the clock, whatever has
 * happened to the program; on others as often, but for the time in which it was not there.
 * What a timer says is compared with what its clock says before and after that.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include "tasks.h"

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

#define LONG	100000		/* s: no test lasts that long */
#define MS	1000000LL

static timer_t timer_of(int id)
{
	return (timer_t)(intptr_t)id;
}

static long long now(clockid_t clock)
{
	struct timespec ts;

	check(!clock_gettime(clock, &ts));
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static struct timespec to_timespec(long long ns)
{
	struct timespec ts = { ns / 1000000000, ns % 1000000000 };

	return ts;
}

static int make(clockid_t clock, int notify, int signo, int value, pid_t tid)
{
	struct sigevent event = { .sigev_notify = notify, .sigev_signo = signo };
	int id;

	event.sigev_value.sival_int = value;
	event.sigev_notify_thread_id = tid;
	/* The library has threads of its own for SIGEV_THREAD. */
	return syscall(SYS_timer_create, clock, &event, &id) ? -1 : id;
}

static void set(int id, int flags, long long first, long long interval)
{
	struct itimerspec spec = { to_timespec(interval), to_timespec(first) };

	check(!timer_settime(timer_of(id), flags, &spec, NULL));
}

static long long left(int id)
{
	struct itimerspec spec;

	check(!timer_gettime(timer_of(id), &spec));
	return spec.it_value.tv_sec * 1000000000LL + spec.it_value.tv_nsec;
}

/* ---- how long a timer has run ---- */

/* What a clock says before and after something. */
struct moment {
	long long from, to;
};

/* While the program waits to go on: CLOCK_MONOTONIC, CLOCK_BOOTTIME. */
static struct moment absence[2];

static void stay_away(void (*wait)(void))
{
	absence[0].from = now(CLOCK_MONOTONIC);
	absence[1].from = now(CLOCK_BOOTTIME);
	wait();
	absence[0].to = now(CLOCK_MONOTONIC);
	absence[1].to = now(CLOCK_BOOTTIME);
}

/* The clock that a timer goes by. */
static clockid_t measure_of(clockid_t clock, int flags)
{
	if (clock == CLOCK_REALTIME && !flags)
		return CLOCK_MONOTONIC;
	if (clock == CLOCK_REALTIME_ALARM)
		return CLOCK_REALTIME;
	return clock == CLOCK_BOOTTIME_ALARM ? CLOCK_BOOTTIME : clock;
}

static long long most_since(struct moment then, struct moment at)
{
	return at.to - then.from;
}

static long long least_since(clockid_t measure, struct moment then, struct moment at)
{
	long long away = 0;

	if (measure == CLOCK_MONOTONIC)
		away = absence[0].to - absence[0].from;
	if (measure == CLOCK_BOOTTIME)
		away = absence[1].to - absence[1].from;
	return at.from - then.to - away;
}

static void check_ticks(clockid_t measure, struct moment then, struct moment at, long long ticks)
{
	long long least = least_since(measure, then, at) / MS;
	long long most = most_since(then, at) / MS;

	if (ticks < least || ticks > most)
		printf("clock %d: %lld ticks, not %lld to %lld\n", (int)measure, ticks, least,
		       most);
	check(ticks >= least && ticks <= most);
}

/* Takes a pending signal, or returns 0. */
static int take(int signo, siginfo_t *info)
{
	const struct timespec none = { 0 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signo);
	return sigtimedwait(&set, info, &none) == signo;
}

static void wait_signal(int signo, siginfo_t *info)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signo);
	while (sigwaitinfo(&set, info) != signo)
		check(errno == EINTR);
}

static int is_timers(const siginfo_t *info, int id, int value)
{
	return info->si_code == SI_TIMER && info->si_timerid == id &&
	       info->si_value.sival_int == value;
}

/* ---- long ones ---- */

#define CPU(which, thread)	((~0U << 3) | (thread) << 2 | (which))

static struct long_timer {
	clockid_t clock;
	int flags;
	int notify;
	int id;
	long long before;
	struct moment then;
} long_timers[] = {
	{ CLOCK_REALTIME, 0, SIGEV_SIGNAL, 0, 0, { 0, 0 } },
	{ CLOCK_REALTIME, TIMER_ABSTIME, SIGEV_SIGNAL, 0, 0, { 0, 0 } },
	{ CLOCK_REALTIME, TIMER_ABSTIME, SIGEV_NONE, 0, 0, { 0, 0 } },
	{ CLOCK_MONOTONIC, 0, SIGEV_SIGNAL, 0, 0, { 0, 0 } },
	{ CLOCK_MONOTONIC, TIMER_ABSTIME, SIGEV_THREAD, 0, 0, { 0, 0 } },
	{ CLOCK_MONOTONIC, 0, SIGEV_NONE, 0, 0, { 0, 0 } },
	{ CLOCK_BOOTTIME, 0, SIGEV_THREAD_ID, 0, 0, { 0, 0 } },
	{ CLOCK_TAI, TIMER_ABSTIME, SIGEV_SIGNAL, 0, 0, { 0, 0 } },
	{ CLOCK_TAI, 0, SIGEV_NONE, 0, 0, { 0, 0 } },
	{ CLOCK_REALTIME_ALARM, 0, SIGEV_SIGNAL, 0, 0, { 0, 0 } },
	{ CLOCK_BOOTTIME_ALARM, 0, SIGEV_NONE, 0, 0, { 0, 0 } },
	{ CLOCK_PROCESS_CPUTIME_ID, 0, SIGEV_SIGNAL, 0, 0, { 0, 0 } },
	{ CLOCK_PROCESS_CPUTIME_ID, 0, SIGEV_NONE, 0, 0, { 0, 0 } },
	{ CLOCK_THREAD_CPUTIME_ID, 0, SIGEV_SIGNAL, 0, 0, { 0, 0 } },
	{ CPU(0, 0), 0, SIGEV_SIGNAL, 0, 0, { 0, 0 } },
	{ CPU(1, 1), TIMER_ABSTIME, SIGEV_SIGNAL, 0, 0, { 0, 0 } },
};

#define NR_LONG (sizeof(long_timers) / sizeof(long_timers[0]))

static pid_t thread_tid;

/* What is left of it, and when that was. */
static long long read_long(const struct long_timer *t, struct moment *at)
{
	clockid_t measure = measure_of(t->clock, t->flags);
	long long ns;

	at->from = now(measure);
	ns = left(t->id);
	at->to = now(measure);
	return ns;
}

static void make_long(void)
{
	struct long_timer *t;
	long long first;

	for (t = long_timers; t < long_timers + NR_LONG; t++) {
		/* A gap in the numbers. */
		check(!timer_delete(timer_of(make(CLOCK_MONOTONIC, SIGEV_SIGNAL,
						  SIGUSR1, 0, 0))));
		t->id = make(t->clock, t->notify, SIGUSR1, 3,
			     t->notify == SIGEV_THREAD_ID ? thread_tid : 0);
		if (t->id < 0 && (errno == EPERM || errno == EOPNOTSUPP))
			continue;
		check(t->id >= 0);
		first = t->flags ? now(t->clock) : 0;
		set(t->id, t->flags, first + LONG * 1000 * MS, 7 * MS);
		t->before = read_long(t, &t->then);
		check(t->before > 0 && t->before <= LONG * 1000 * MS);
	}
}

static void check_long(void)
{
	struct long_timer *t;
	struct itimerspec spec;
	struct moment at;
	long long gone;

	for (t = long_timers; t < long_timers + NR_LONG; t++) {
		if (t->id < 0)
			continue;
		gone = t->before - read_long(t, &at);
		check(gone <= most_since(t->then, at));
		check(gone >= least_since(measure_of(t->clock, t->flags), t->then, at));
		check(!timer_gettime(timer_of(t->id), &spec));
		check(spec.it_interval.tv_nsec == 7 * MS);
		check(timer_getoverrun(timer_of(t->id)) == 0);
	}
}

/* ---- ones that expire while their signals are blocked ---- */

#define TICKS	30

static struct {
	clockid_t clock;
	int flags;
	int id;
	struct moment then;
} ticking[] = {
	{ CLOCK_REALTIME, 0, 0, { 0, 0 } }, { CLOCK_REALTIME, TIMER_ABSTIME, 0, { 0, 0 } },
	{ CLOCK_MONOTONIC, 0, 0, { 0, 0 } }, { CLOCK_BOOTTIME, TIMER_ABSTIME, 0, { 0, 0 } },
	{ CLOCK_TAI, 0, 0, { 0, 0 } }, { CLOCK_BOOTTIME_ALARM, 0, 0, { 0, 0 } },
};

#define NR_TICKING (sizeof(ticking) / sizeof(ticking[0]))

static int once, again, silent, stale, fresh;

static void make_ticking(void)
{
	unsigned int i;

	for (i = 0; i < NR_TICKING; i++) {
		clockid_t measure = measure_of(ticking[i].clock, ticking[i].flags);
		long long start = now(measure);

		ticking[i].id = make(ticking[i].clock, SIGEV_SIGNAL, SIGRTMIN + i, 40 + i, 0);
		if (ticking[i].id < 0)
			continue;
		set(ticking[i].id, ticking[i].flags, (ticking[i].flags ? start : 0) + MS, MS);
		ticking[i].then.from = start;
		ticking[i].then.to = ticking[i].flags ? start : now(measure);
	}
	once = make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGRTMIN + 10, 50, 0);
	set(once, 0, MS, 0);
	/* Its signal is pending, and it has been set anew. */
	again = make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGRTMIN + 11, 51, 0);
	set(again, 0, MS, 0);
	silent = make(CLOCK_MONOTONIC, SIGEV_NONE, 0, 0, 0);
	set(silent, 0, MS, 0);
	/* Never set; and one that is not there any more, but its signal is. */
	fresh = make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0, 0);
	stale = make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGRTMIN + 12, 52, 0);
	set(stale, 0, MS, 0);
	nap(2 * TICKS);
	set(again, 0, LONG * 1000 * MS, 0);
	check(!timer_delete(timer_of(stale)));
}

/* One signal stands for all ticks until it is taken. */
static void check_one(unsigned int i)
{
	clockid_t measure = measure_of(ticking[i].clock, ticking[i].flags);
	struct moment at;
	long long ticks;
	siginfo_t info;

	at.from = now(measure);
	check(take(SIGRTMIN + i, &info));
	at.to = now(measure);
	check(is_timers(&info, ticking[i].id, 40 + i));
	check(timer_getoverrun(timer_of(ticking[i].id)) == info.si_overrun);
	ticks = 1 + info.si_overrun;
	check_ticks(measure, ticking[i].then, at, ticks);
	check(ticks > TICKS);
	/* It goes on. */
	at.from = now(measure);
	wait_signal(SIGRTMIN + i, &info);
	at.to = now(measure);
	check(is_timers(&info, ticking[i].id, 40 + i));
	check_ticks(measure, ticking[i].then, at, ticks + 1 + info.si_overrun);
	set(ticking[i].id, 0, 0, 0);
}

static void check_ticking(void)
{
	siginfo_t info;
	unsigned int i;

	for (i = 0; i < NR_TICKING; i++)
		if (ticking[i].id >= 0)
			check_one(i);
	check(take(SIGRTMIN + 10, &info) && is_timers(&info, once, 50));
	check(!info.si_overrun && !take(SIGRTMIN + 10, &info) && !left(once));
	check(take(SIGRTMIN + 11, &info) && is_timers(&info, again, 51));
	check(!take(SIGRTMIN + 11, &info) && left(again) > LONG / 2 * 1000 * MS);
	check(!left(silent) && !left(fresh));
	check(take(SIGRTMIN + 12, &info) && info.si_value.sival_int == 52);
	check(!take(SIGRTMIN + 12, &info));
}

/* ---- of CPU time ---- */

static struct cpu_ticks {
	clockid_t clock;
	long long interval;
	int signo;
	int id;
	long long taken;
} cpu_ticks[] = {
	{ CLOCK_PROCESS_CPUTIME_ID, 40 * MS, 0, 0, 0 },
	{ CLOCK_THREAD_CPUTIME_ID, 50 * MS, 0, 0, 0 },
};

static void make_cpu(void)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		cpu_ticks[i].signo = SIGRTMIN + 20 + i;
		cpu_ticks[i].id = make(cpu_ticks[i].clock, SIGEV_SIGNAL,
				       cpu_ticks[i].signo, 60 + i, 0);
		check(cpu_ticks[i].id >= 0);
		set(cpu_ticks[i].id, TIMER_ABSTIME, cpu_ticks[i].interval,
		    cpu_ticks[i].interval);
	}
}

static void burn(long long ns)
{
	long long end = now(CLOCK_THREAD_CPUTIME_ID) + ns;

	while (now(CLOCK_THREAD_CPUTIME_ID) < end)
		;
}

/* All that must have expired has, and nothing else. */
static void check_cpu(struct cpu_ticks *t)
{
	int tries;

	for (tries = 0; tries < 3000; tries++) {
		long long before = now(t->clock) / t->interval, after;
		siginfo_t info;

		while (take(t->signo, &info))
			t->taken += 1 + info.si_overrun;
		after = now(t->clock) / t->interval;
		check(t->taken <= after);
		if (before == after && t->taken == before)
			return;
		burn(MS);
	}
	printf("%lld ticks of %lld\n", t->taken, now(t->clock) / t->interval);
	check(0);
}

/* ---- threads: one is sent a signal, one sleeps by the clock of the process ---- */

static volatile int quit;
static int thread_timer;
static struct moment thread_then;

static void *waits(void *arg)
{
	struct moment at;
	siginfo_t info;

	thread_tid = syscall(SYS_gettid);
	while (!quit)
		nap(5);
	at.from = now(CLOCK_MONOTONIC);
	check(take(SIGRTMIN + 13, &info) && is_timers(&info, thread_timer, 53));
	at.to = now(CLOCK_MONOTONIC);
	check_ticks(CLOCK_MONOTONIC, thread_then, at, 1 + info.si_overrun);
	check(info.si_overrun >= TICKS);
	return arg;
}

static volatile long long slept_until;

static void *sleeps(void *arg)
{
	const struct timespec ts = { .tv_nsec = 400 * MS };

	slept_until = now(CLOCK_PROCESS_CPUTIME_ID) + 400 * MS;
	check(!clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, 0, &ts, NULL));
	check(now(CLOCK_PROCESS_CPUTIME_ID) >= slept_until);
	return arg;
}

/* ---- interval timers ---- */

static void set_itimer(int which, int first, int first_us, int interval_us)
{
	struct itimerval timer = {
		.it_value = { first, first_us }, .it_interval = { 0, interval_us },
	};

	check(!setitimer(which, &timer, NULL));
}

static long long to_ns(struct timeval tv)
{
	return tv.tv_sec * 1000000000LL + tv.tv_usec * 1000LL;
}

static void check_itimer(int which, int interval_us)
{
	struct itimerval timer;

	check(!getitimer(which, &timer));
	check(timer.it_value.tv_sec <= LONG && timer.it_value.tv_sec > LONG / 2);
	check(timer.it_interval.tv_usec == interval_us && !timer.it_interval.tv_sec);
}

/* ITIMER_REAL, which goes by CLOCK_MONOTONIC; parts of a microsecond are not told. */
static long long read_real(struct moment *at)
{
	struct itimerval timer;

	at->from = now(CLOCK_MONOTONIC);
	check(!getitimer(ITIMER_REAL, &timer));
	at->to = now(CLOCK_MONOTONIC);
	return to_ns(timer.it_value);
}

static void check_real(long long before, struct moment then)
{
	struct moment at;
	long long gone = before - read_real(&at);

	check(gone <= most_since(then, at) + 1000);
	check(gone >= least_since(CLOCK_MONOTONIC, then, at) - 1000);
}

static int reports(int epoll)
{
	struct epoll_event event;

	return epoll_wait(epoll, &event, 1, 0);
}

/* Pending is the signal of a timer, of which an edge-triggered epoll has told. */
static int tell_once(void)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int epoll = epoll_create1(0), fd;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	fd = signalfd(-1, &set, 0);
	check(epoll >= 0 && fd >= 0);
	check(!epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
	check(reports(epoll) == 1 && !reports(epoll));
	return epoll;
}

/* ---- in children, each of which has said that it has its state ---- */

static int said;

static void say_and_wait(void)
{
	check(write(said, "x", 1) == 1);
	wait_to_go_on();
}

static int is_pending(int signo)
{
	sigset_t pending;

	sigpending(&pending);
	return sigismember(&pending, signo);
}

/* Most of it in user mode. */
static void spin(void)
{
	volatile int i;

	for (i = 0; i < 1000000; i++)
		;
	burn(MS);
}

#define CPU_INTERVAL	(20 * MS)

/* Their ends lie on a grid, on the clock of the process. */
static struct cpu_itimer {
	int which, signo;
	clockid_t clock;
	long long first, taken;
} cpu_itimers[] = {
	{ ITIMER_PROF, SIGPROF, CPU(0, 0), 0, 0 },
	{ ITIMER_VIRTUAL, SIGVTALRM, CPU(1, 0), 0, 0 },
};

/* When it expires next, on a clock that goes by ticks. */
static long long end_of(const struct cpu_itimer *t)
{
	struct itimerval timer;
	long long before;

	do {
		before = now(t->clock);
		check(!getitimer(t->which, &timer));
	} while (now(t->clock) != before);
	check(to_ns(timer.it_interval) == CPU_INTERVAL);
	check(to_ns(timer.it_value) > 0);
	return before + to_ns(timer.it_value);
}

static void take_tick(struct cpu_itimer *t)
{
	siginfo_t info;

	while (!take(t->signo, &info))
		spin();
	check(info.si_code == SI_KERNEL);
	t->taken++;
}

/* It has expired once for each step of its end, of which some have been told as one. */
static void check_grid(const struct cpu_itimer *t)
{
	/* Parts of a microsecond are not told. */
	long long steps = end_of(t) - t->first + 1000;

	check(steps % CPU_INTERVAL <= 2000);
	check(t->taken <= steps / CPU_INTERVAL);
}

static void cpu_child(void)
{
	unsigned int i, round;

	for (i = 0; i < 2; i++) {
		set_itimer(cpu_itimers[i].which, 0, CPU_INTERVAL / 1000, CPU_INTERVAL / 1000);
		cpu_itimers[i].first = end_of(&cpu_itimers[i]);
	}
	while (!is_pending(SIGPROF) || !is_pending(SIGVTALRM))
		spin();
	stay_away(say_and_wait);
	for (round = 0; round < 3; round++)
		for (i = 0; i < 2; i++) {
			take_tick(&cpu_itimers[i]);
			check_grid(&cpu_itimers[i]);
		}
}

/* SIGALRM is pending, and that of a timer; both go on. */
static void alarm_child(void)
{
	long long start, taken = 0;
	siginfo_t info;
	int epoll;

	set(make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGRTMIN, 54, 0), 0, MS, 0);
	start = now(CLOCK_MONOTONIC);
	set_itimer(ITIMER_REAL, 0, 1000, 1000);
	while (!is_pending(SIGALRM) || !is_pending(SIGRTMIN))
		nap(1);
	epoll = tell_once();
	stay_away(say_and_wait);
	check(!reports(epoll));
	check(take(SIGRTMIN, &info) && info.si_value.sival_int == 54);
	check(take(SIGALRM, &info) && info.si_code == SI_KERNEL);
	for (taken = 1; taken < 20; taken++) {
		wait_signal(SIGALRM, &info);
		check(taken + 1 <= (now(CLOCK_MONOTONIC) - start) / MS);
	}
}

/* It has expired once, and is far from doing so again. */
static void seldom_child(void)
{
	const struct itimerval timer = {
		.it_value.tv_usec = 1000, .it_interval.tv_sec = LONG,
	};
	struct moment then;
	siginfo_t info;

	then.from = now(CLOCK_MONOTONIC);
	check(!setitimer(ITIMER_REAL, &timer, NULL));
	then.to = now(CLOCK_MONOTONIC);
	while (!is_pending(SIGALRM))
		nap(1);
	stay_away(say_and_wait);
	check(take(SIGALRM, &info) && info.si_code == SI_KERNEL);
	check(!take(SIGALRM, &info));
	/* As if the second time had been set with the first. */
	check_real(LONG * 1000 * MS + MS, then);
}

/* An alarm() that is to come, after one that is pending. It tells seconds. */
static void once_child(void)
{
	struct moment then;
	siginfo_t info;

	set_itimer(ITIMER_REAL, 0, 1000, 0);
	while (!is_pending(SIGALRM))
		nap(1);
	then.from = now(CLOCK_MONOTONIC);
	check(!alarm(LONG));
	then.to = now(CLOCK_MONOTONIC);
	stay_away(say_and_wait);
	check(take(SIGALRM, &info) && !take(SIGALRM, &info));
	check_real(LONG * 1000 * MS, then);
	check(alarm(0) > 0 && !alarm(0));
}

static void (*const children[])(void) = {
	cpu_child, alarm_child, seldom_child, once_child,
};

#define NR_CHILDREN (sizeof(children) / sizeof(children[0]))

static pid_t start_child(void (*child)(void))
{
	int fds[2];
	pid_t pid;
	char byte;

	check(!pipe(fds));
	fflush(stdout);
	pid = fork();
	check(pid >= 0);
	if (!pid) {
		said = fds[1];
		child();
		fflush(stdout);
		_exit(0);
	}
	close(fds[1]);
	check(read(fds[0], &byte, 1) == 1);
	close(fds[0]);
	return pid;
}

int main(void)
{
	pid_t pids[NR_CHILDREN];
	pthread_t waiter, sleeper;
	struct moment real_then;
	long long real_before;
	unsigned int i;
	sigset_t all;
	int last;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	for (i = 0; i < NR_CHILDREN; i++)
		pids[i] = start_child(children[i]);
	check(!pthread_create(&waiter, NULL, waits, NULL));
	while (!thread_tid)
		nap(5);
	check(!pthread_create(&sleeper, NULL, sleeps, NULL));
	while (!slept_until)
		nap(5);
	set_itimer(ITIMER_REAL, LONG, 0, 3000);
	real_before = read_real(&real_then);
	set_itimer(ITIMER_VIRTUAL, LONG, 0, 4000);
	set_itimer(ITIMER_PROF, LONG, 0, 8000);
	make_long();
	make_cpu();
	thread_timer = make(CLOCK_MONOTONIC, SIGEV_THREAD_ID, SIGRTMIN + 13, 53, thread_tid);
	thread_then.from = now(CLOCK_MONOTONIC);
	set(thread_timer, 0, MS, MS);
	thread_then.to = now(CLOCK_MONOTONIC);
	make_ticking();
	last = make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0, 0);
	check_cpu(&cpu_ticks[0]);
	check_cpu(&cpu_ticks[1]);
	stay_away(ready);
	check(make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0, 0) == last + 1);
	check_ticking();
	check_cpu(&cpu_ticks[0]);
	check_cpu(&cpu_ticks[1]);
	check_long();
	check_itimer(ITIMER_REAL, 3000);
	check_real(real_before, real_then);
	check_itimer(ITIMER_VIRTUAL, 4000);
	check_itimer(ITIMER_PROF, 8000);
	quit = 1;
	check(!pthread_join(waiter, NULL));
	while (now(CLOCK_PROCESS_CPUTIME_ID) < slept_until)
		burn(MS);
	/* It is woken by a tick. */
	while (pthread_tryjoin_np(sleeper, NULL))
		burn(MS);
	for (i = 0; i < NR_CHILDREN; i++)
		check(exited_with(pids[i], 0));
	return passed();
}
