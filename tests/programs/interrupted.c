// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls that wait while the program is frozen, each in a thread of its
 * own; also 32-bit.
 *
 * Usage: interrupted [obstacle] CALL..., of the table in calls.h. Each call
 *   - ends by its time-out, as if only time had passed: not before all of it
 *     is over, and not as late as it would if it had started again in full;
 *   - or waits without an end until the program is told to go on, then gets
 *     what it waits for;
 *   - or is interrupted by a signal then, and tells how much time is left.
 *
 * "ready" is said when the calls have waited for WAITED seconds. The file that
 * says to go on holds the milliseconds for which the program may have been stopped or
 * did not exist, by which relative time-outs end later. No time is compared with a clock
 * but where a call would have to end before its time.
 */
#define _GNU_SOURCE
#include "calls.h"

#define WAITED		6	/* s, before it is ready */
#define SLACK		3	/* s, less than WAITED */

#define NR_ROWS (sizeof(rows) / sizeof(rows[0]))

static struct waiter waiters[NR_ROWS];
static unsigned int nr;
static int failures;

#define fail(w, ...)				\
	do {					\
		printf("%s: ", (w)->row->name);	\
		printf(__VA_ARGS__);		\
		printf("\n");			\
		failures++;			\
	} while (0)

static const struct row *find(const char *name)
{
	unsigned int i;

	for (i = 0; i < NR_ROWS; i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	printf("no such call: %s\n", name);
	exit(2);
}

static void *body(void *arg)
{
	struct waiter *w = arg;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	check(!pthread_sigmask(SIG_UNBLOCK, &set, NULL));
	w->tid = syscall(SYS_gettid);
	w->start = now();
	w->result = w->row->call(w);
	w->error = w->result < 0 ? errno : 0;
	w->end = now();
	w->done = 1;
	return NULL;
}

static void start_all(char **names)
{
	unsigned int i;

	for (; names[nr]; nr++)
		waiters[nr].row = find(names[nr]);
	for (i = 0; i < nr; i++)
		if (waiters[i].row->prepare)
			waiters[i].row->prepare(&waiters[i]);
	for (i = 0; i < nr; i++)
		check(!pthread_create(&waiters[i].thread, NULL, body, &waiters[i]));
	for (i = 0; i < nr; i++)
		while (!waiters[i].start)
			nap(1);
}

/* Does it end within the next naps? For those only that should have ended. */
static int ends(struct waiter *w, unsigned int naps)
{
	while (!w->done && naps--)
		nap(20);
	return w->done;
}

static void verify_result(struct waiter *w)
{
	if (w->result != w->row->result || w->error != w->row->error)
		fail(w, "returned %d (%s) instead of %d (%s)", w->result,
		     strerror(w->error), w->row->result, strerror(w->row->error));
}

static void verify_end(struct waiter *w)
{
	if (!ends(w, 50)) {
		fail(w, "goes on after its time");
		return;
	}
	verify_result(w);
	if (w->end - w->start < TIMEOUT * 1000000000LL)
		fail(w, "ended after %lld ns", w->end - w->start);
}

static void verify_left(struct waiter *w, long long waited)
{
	if (!ends(w, 500)) {
		fail(w, "is not ended by a signal");
		return;
	}
	verify_result(w);
	/* Some count in microseconds, or in ticks. */
	if (w->left > LONG_TIMEOUT * 1000000000LL - waited + 1000)
		fail(w, "has %lld ns left, though %lld have passed", w->left, waited);
	if (w->left < LONG_TIMEOUT * 1000000000LL - (w->end - w->start) - 10000000)
		fail(w, "has %lld ns left after only %lld", w->left,
		     w->end - w->start);
}

static void verify_endless(struct waiter *w)
{
	if (!ends(w, 500)) {
		fail(w, "does not get what it waits for");
		return;
	}
	verify_result(w);
}

static void wake_endless(void)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		struct waiter *w = &waiters[i];

		if (w->row->kind == ENDS)
			continue;
		if (w->done) {
			fail(w, "has not waited: returned %d (%s)", w->result,
			     strerror(w->error));
			continue;
		}
		w->row->wake(w);
	}
}

/* Milliseconds for which the program did not exist. */
static long long absence(void)
{
	const char *go = getenv("GO");
	FILE *f = go ? fopen(go, "r") : NULL;
	long long ms = 0;

	if (!f)
		return 0;
	if (fscanf(f, "%lld", &ms) != 1)
		ms = 0;
	fclose(f);
	return ms;
}

static void sleep_until(long long time)
{
	const struct timespec ts = {
		.tv_sec = time / 1000000000,
		.tv_nsec = time % 1000000000,
	};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL))
		;
}

static int any_ends(void)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (waiters[i].row->kind == ENDS)
			return 1;
	return 0;
}

int main(int argc, char **argv)
{
	const struct sigaction action = { .sa_handler = on_signal };
	long long started, waited;
	unsigned int i;
	sigset_t set;

	check(argc > 1);
	sigfillset(&set);
	check(!pthread_sigmask(SIG_SETMASK, &set, NULL));
	check(!sigaction(SIGUSR1, &action, NULL));
	check(!sigaction(SIGUSR2, &action, NULL));
	/* What cannot be saved, as it is of a task outside, for who wants to be refused. */
	if (!strcmp(argv[1], "obstacle")) {
		check(syscall(SYS_pidfd_open, 1, 0) >= 0);
		argv++;
	}
	start_all(argv + 1);
	started = now();
	sleep_until(started + WAITED * 1000000000LL);
	waited = now() - started;
	ready();
	wake_endless();
	if (any_ends())
		sleep_until(started + (TIMEOUT + SLACK) * 1000000000LL +
			    absence() * 1000000);
	for (i = 0; i < nr; i++)
		if (waiters[i].row->kind == ENDS)
			verify_end(&waiters[i]);
		else if (waiters[i].row->kind == LEFT)
			verify_left(&waiters[i], waited);
		else
			verify_endless(&waiters[i]);
	fflush(stdout);
	return failures ? 1 : passed();
}
