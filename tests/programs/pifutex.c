// SPDX-License-Identifier: GPL-2.0-only
/*
 * PI futexes that are held and waited for while the program is frozen; also 32-bit.
 *
 * Usage: pifutex WHAT, of the table at the end. Who is to get a mutex, and in which
 * order, is told by the kernel alone, and only if it knows of all who wait: so before
 * one is given up it is looked at where they sleep.
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "tasks.h"

#define NR(array) (sizeof(array) / sizeof(array[0]))
#define LONG	3600	/* s, that never pass */
#define SHORT	5	/* s, that pass before it is verified */

struct waiter {
	int priority;		/* of SCHED_FIFO, 0: none */
	clockid_t clock;	/* of the time-out, -1: none */
	int seconds;
	pthread_mutex_t *mutex;
	pthread_t thread;
	volatile pid_t tid;
	volatile int result, place;
	struct timespec end;
};

static volatile int taken;
static volatile int handled;

static pid_t own_tid(void)
{
	return syscall(SYS_gettid);
}

/* ---- what a thread does in the kernel ---- */

/* Not if it is stopped, while it should be there. */
static int waits_for_futex(pid_t tid)
{
	char path[40], symbol[80] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/wchan", (int)tid);
	f = fopen(path, "r");
	if (f && !fgets(symbol, sizeof(symbol), f))
		symbol[0] = '\0';
	if (f)
		fclose(f);
	return !strncmp(symbol, "futex_", 6) || !strncmp(symbol, "rt_mutex_", 9);
}

static void wait_for_waiter(const volatile pid_t *tid)
{
	while (!*tid || !waits_for_futex(*tid))
		nap(5);
}

/* As the kernel counts it: -1 - priority of a real-time one, else 20 + nice. */
static int effective_priority(void)
{
	char path[40], line[512], *word;
	FILE *f;
	int i;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)own_tid());
	f = fopen(path, "r");
	check(f && fgets(line, sizeof(line), f));
	fclose(f);
	word = strrchr(line, ')');
	for (i = 2; word && i < 18; i++)
		word = strchr(word + 1, ' ');
	check(word);
	return strtol(word, NULL, 10);
}

static void set_priority(int priority)
{
	const struct sched_param param = { .sched_priority = priority };

	if (priority)
		check(!sched_setscheduler(0, SCHED_FIFO, &param));
}

static void init_mutex(pthread_mutex_t *mutex, int robust)
{
	pthread_mutexattr_t attr;

	check(!pthread_mutexattr_init(&attr));
	check(!pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT));
	check(!pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED));
	if (robust)
		check(!pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST));
	check(!pthread_mutex_init(mutex, &attr));
}

static void *shared_memory(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	check(p != MAP_FAILED);
	return p;
}

static struct timespec later(clockid_t clock, int seconds)
{
	struct timespec ts;

	check(!clock_gettime(clock, &ts));
	ts.tv_sec += seconds;
	return ts;
}

static int is_over(clockid_t clock, const struct timespec *end)
{
	struct timespec ts;

	check(!clock_gettime(clock, &ts));
	return ts.tv_sec > end->tv_sec ||
	       (ts.tv_sec == end->tv_sec && ts.tv_nsec >= end->tv_nsec);
}

/* ---- mutexes of the C library ---- */

static void *ask(void *arg)
{
	struct waiter *w = arg;

	set_priority(w->priority);
	if (w->seconds)
		w->end = later(w->clock, w->seconds);
	w->tid = own_tid();
	w->result = w->seconds ? pthread_mutex_clocklock(w->mutex, w->clock, &w->end) :
		    pthread_mutex_lock(w->mutex);
	if (w->result == ETIMEDOUT) {
		check(is_over(w->clock, &w->end));
		return NULL;
	}
	w->place = ++taken;
	if (w->result == EOWNERDEAD)
		check(!pthread_mutex_consistent(w->mutex));
	check(!pthread_mutex_unlock(w->mutex));
	return NULL;
}

static void start_waiter(struct waiter *w, void *(*body)(void *))
{
	check(!pthread_create(&w->thread, NULL, body, w));
	wait_for_waiter(&w->tid);
}

static void on_signal(int sig)
{
	(void)sig;
	handled++;
}

/* Those of the highest priority get it first, though others have asked before them. */
static void verify_order(void)
{
	static pthread_mutex_t mutex;
	struct waiter w[] = {
		{ .priority = 20, .mutex = &mutex }, { .priority = 10, .mutex = &mutex },
		{ .priority = 30, .mutex = &mutex }, { .mutex = &mutex },
	};
	const struct sigaction action = { .sa_handler = on_signal };
	unsigned int i;

	check(!sigaction(SIGUSR1, &action, NULL));
	init_mutex(&mutex, 0);
	check(!pthread_mutex_lock(&mutex));
	for (i = 0; i < NR(w); i++)
		start_waiter(&w[i], ask);
	check(effective_priority() == -31);
	ready();
	for (i = 0; i < NR(w); i++)
		wait_for_waiter(&w[i].tid);
	check(effective_priority() == -31 && sched_getscheduler(0) == SCHED_OTHER);
	i = handled;
	check(!pthread_kill(w[1].thread, SIGUSR1));
	while (handled == (int)i)
		nap(5);
	wait_for_waiter(&w[1].tid);
	check(!taken);
	check(!pthread_mutex_unlock(&mutex));
	check(effective_priority() == 20);
	for (i = 0; i < NR(w); i++)
		check(!pthread_join(w[i].thread, NULL) && !w[i].result);
	check(w[2].place == 1 && w[0].place == 2 && w[1].place == 3 && w[3].place == 4);
	check(!pthread_mutex_lock(&mutex) && !pthread_mutex_unlock(&mutex));
}

/* The same of processes. */
static void verify_shared(void)
{
	struct {
		pthread_mutex_t mutex;
		volatile int taken, first;
	} *area = shared_memory(sizeof(*area));
	pid_t child[2];
	int i;

	init_mutex(&area->mutex, 0);
	check(!pthread_mutex_lock(&area->mutex));
	for (i = 0; i < 2; i++) {
		child[i] = fork();
		check(child[i] >= 0);
		if (child[i])
			continue;
		set_priority(1 + i);
		check(!pthread_mutex_lock(&area->mutex));
		if (!area->taken++)
			area->first = 1 + i;
		check(!pthread_mutex_unlock(&area->mutex));
		_exit(0);
	}
	for (i = 0; i < 2; i++)
		wait_for_waiter(&child[i]);
	ready();
	for (i = 0; i < 2; i++)
		wait_for_waiter(&child[i]);
	check(effective_priority() == -3 && !area->taken);
	check(!pthread_mutex_unlock(&area->mutex));
	check(exited_with(child[0], 0) && exited_with(child[1], 0));
	check(area->taken == 2 && area->first == 2);
}

static void verify_timed(void)
{
	static pthread_mutex_t mutex;
	struct waiter w[] = {
		{ .clock = CLOCK_REALTIME, .seconds = SHORT },
		{ .clock = CLOCK_MONOTONIC, .seconds = SHORT },
		{ .clock = CLOCK_REALTIME, .seconds = LONG },
		{ .clock = CLOCK_MONOTONIC, .seconds = LONG },
	};
	unsigned int i;

	init_mutex(&mutex, 0);
	check(!pthread_mutex_lock(&mutex));
	for (i = 0; i < NR(w); i++) {
		w[i].mutex = &mutex;
		start_waiter(&w[i], ask);
	}
	ready();
	for (i = 0; i < 2; i++)
		check(!pthread_join(w[i].thread, NULL) && w[i].result == ETIMEDOUT);
	for (i = 2; i < NR(w); i++)
		wait_for_waiter(&w[i].tid);
	check(!taken && !pthread_mutex_unlock(&mutex));
	for (i = 2; i < NR(w); i++)
		check(!pthread_join(w[i].thread, NULL) && !w[i].result);
	check(taken == 2);
}

/* ---- owners that end ---- */

static volatile int may_end;

static void *hold(void *arg)
{
	struct waiter *w = arg;

	check(!pthread_mutex_lock(w->mutex));
	w->tid = own_tid();
	while (!may_end)
		nap(5);
	return NULL;
}

static pid_t hold_in_child(pthread_mutex_t *mutex, volatile int *held)
{
	pid_t child = fork();

	check(child >= 0);
	if (child) {
		while (!*held)
			nap(5);
		return child;
	}
	check(!pthread_mutex_lock(mutex));
	*held = 1;
	for (;;)
		pause();
}

static void end(pid_t child)
{
	check(!kill(child, SIGKILL) && waitpid(child, NULL, 0) == child);
}

/* Of one the owner is dead, of one he dies by a signal, of one he ends. */
static void verify_robust(void)
{
	struct {
		pthread_mutex_t of_dead, of_child, of_thread;
		volatile int held[2];
	} *area = shared_memory(sizeof(*area));
	struct waiter holder = { .mutex = &area->of_thread };
	struct waiter w[] = { { .mutex = &area->of_child }, { .mutex = &area->of_thread } };
	pid_t child;

	init_mutex(&area->of_dead, 1);
	init_mutex(&area->of_child, 1);
	init_mutex(&area->of_thread, 1);
	end(hold_in_child(&area->of_dead, &area->held[0]));
	child = hold_in_child(&area->of_child, &area->held[1]);
	check(!pthread_create(&holder.thread, NULL, hold, &holder));
	while (!holder.tid)
		nap(5);
	start_waiter(&w[0], ask);
	start_waiter(&w[1], ask);
	ready();
	wait_for_waiter(&w[0].tid);
	wait_for_waiter(&w[1].tid);
	check(!taken);
	may_end = 1;
	end(child);
	check(!pthread_join(holder.thread, NULL));
	check(!pthread_join(w[0].thread, NULL) && w[0].result == EOWNERDEAD);
	check(!pthread_join(w[1].thread, NULL) && w[1].result == EOWNERDEAD);
	check(pthread_mutex_lock(&area->of_dead) == EOWNERDEAD);
	check(!pthread_mutex_consistent(&area->of_dead));
	check(!pthread_mutex_unlock(&area->of_dead));
	check(!pthread_mutex_lock(&area->of_dead) && !pthread_mutex_lock(&area->of_child) &&
	      !pthread_mutex_lock(&area->of_thread));
}

/* ---- condition variables that move their waiters to the mutex ---- */

struct condition {
	int mutex;		/* a PI futex */
	int value;		/* another one, changed by who wakes */
};

static long futex(int *word, int op, int val, const void *time, int *other, int val3)
{
	return syscall(SYS_futex, word, op, val, time, other, val3);
}

static void take(int *mutex)
{
	int none = 0;

	if (!__atomic_compare_exchange_n(mutex, &none, own_tid(), 0, __ATOMIC_SEQ_CST,
					 __ATOMIC_SEQ_CST))
		check(!futex(mutex, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
}

static int is_mine(int *mutex)
{
	return (__atomic_load_n(mutex, __ATOMIC_SEQ_CST) & FUTEX_TID_MASK) == own_tid();
}

static void give(int *mutex)
{
	int mine = own_tid();

	if (!__atomic_compare_exchange_n(mutex, &mine, 0, 0, __ATOMIC_SEQ_CST,
					 __ATOMIC_SEQ_CST))
		check(!futex(mutex, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
}

/* Returns 0 with the mutex, or the errno without it. */
static int sleep_on(struct condition *c, int value, clockid_t clock, const struct timespec *end)
{
	int op = FUTEX_WAIT_REQUEUE_PI | (clock == CLOCK_REALTIME ? FUTEX_CLOCK_REALTIME : 0);

	return futex(&c->value, op, value, end, &c->mutex, 0) ? errno : 0;
}

/* With the mutex. Return: how many have been moved to it. */
static long wake_all(struct condition *c)
{
	int value = __atomic_add_fetch(&c->value, 1, __ATOMIC_SEQ_CST);

	return futex(&c->value, FUTEX_CMP_REQUEUE_PI, 1, (void *)1000, &c->mutex, value);
}

static struct condition *condition, *other_condition;

static void *wait_on(struct waiter *w, struct condition *c)
{
	set_priority(w->priority);
	if (w->seconds)
		w->end = later(w->clock, w->seconds);
	w->tid = own_tid();
	w->result = sleep_on(c, 0, w->clock, w->seconds ? &w->end : NULL);
	if (!w->result) {
		check(is_mine(&c->mutex));
		w->place = ++taken;
		give(&c->mutex);
	}
	return NULL;
}

static void *wait_on_one(void *arg)
{
	return wait_on(arg, condition);
}

static void *wait_on_other(void *arg)
{
	return wait_on(arg, other_condition);
}

/* Some have been moved to the mutex, others wait for that. */
static void verify_requeued(void)
{
	struct condition c[2] = { { 0, 0 }, { 0, 0 } };
	struct waiter moved[] = {
		{ .clock = -1 }, { .clock = CLOCK_REALTIME, .seconds = LONG },
		{ .clock = CLOCK_MONOTONIC, .seconds = LONG, .priority = 40 },
		{ .clock = CLOCK_REALTIME, .seconds = SHORT },
		{ .clock = CLOCK_MONOTONIC, .seconds = SHORT },
	};
	struct waiter waiting[] = {
		{ .clock = -1 }, { .clock = CLOCK_MONOTONIC, .seconds = LONG },
		{ .clock = CLOCK_MONOTONIC, .seconds = SHORT },
	};
	unsigned int i;

	condition = &c[0];
	other_condition = &c[1];
	take(&c[0].mutex);
	for (i = 0; i < NR(waiting); i++)
		start_waiter(&waiting[i], wait_on_other);
	for (i = 0; i < NR(moved); i++)
		start_waiter(&moved[i], wait_on_one);
	check(wake_all(&c[0]) == (long)NR(moved));
	check(effective_priority() == -41);
	ready();
	check(!pthread_join(moved[3].thread, NULL) && moved[3].result == ETIMEDOUT);
	check(!pthread_join(moved[4].thread, NULL) && moved[4].result == ETIMEDOUT);
	check(!pthread_join(waiting[2].thread, NULL) && waiting[2].result == ETIMEDOUT);
	for (i = 0; i < 3; i++)
		wait_for_waiter(&moved[i].tid);
	check(effective_priority() == -41 && !taken);
	give(&c[0].mutex);
	for (i = 0; i < 3; i++)
		check(!pthread_join(moved[i].thread, NULL) && !moved[i].result);
	check(taken == 3 && moved[2].place == 1);
	for (i = 0; i < 2; i++)
		wait_for_waiter(&waiting[i].tid);
	take(&c[1].mutex);
	check(wake_all(&c[1]) == 2);
	give(&c[1].mutex);
	for (i = 0; i < 2; i++)
		check(!pthread_join(waiting[i].thread, NULL) && !waiting[i].result);
	check(taken == 5 && !c[0].mutex && !c[1].mutex);
}

/* ---- an owner that computes ---- */

static struct timespec soon(clockid_t clock, long ns)
{
	struct timespec ts = later(clock, 0);

	ts.tv_nsec += ns;
	if (ts.tv_nsec >= 1000000000) {
		ts.tv_nsec -= 1000000000;
		ts.tv_sec++;
	}
	return ts;
}

/* Again and again: who has slept once while the owner did not run spins no more. */
static void *ask_again(void *arg)
{
	struct waiter *w = arg;

	do {
		w->end = soon(CLOCK_MONOTONIC, 50000000);
		w->result = pthread_mutex_clocklock(w->mutex, CLOCK_MONOTONIC, &w->end);
	} while (w->result == ETIMEDOUT);
	check(!w->result);
	taken++;
	check(!pthread_mutex_unlock(w->mutex));
	return NULL;
}

static void compute(void)
{
	volatile unsigned long sum = 0;
	unsigned int i;

	for (i = 0; i < 100000; i++)
		sum += i;
}

/* Who waits spins in the kernel, if there is a processor for him. */
static void verify_spinning(void)
{
	static pthread_mutex_t mutex;
	struct waiter w = { .mutex = &mutex };

	init_mutex(&mutex, 0);
	check(!pthread_mutex_lock(&mutex));
	check(!pthread_create(&w.thread, NULL, ask_again, &w));
	while (!(*(volatile unsigned int *)&mutex & FUTEX_WAITERS))
		compute();
	printf("ready\n");
	fflush(stdout);
	while (!told_to_go_on())
		compute();
	check(!taken && !pthread_mutex_unlock(&mutex));
	check(!pthread_join(w.thread, NULL) && taken == 1);
}

/* ---- all at once, for as long as it takes ---- */

#define THREADS		5	/* of a process */
#define PROCESSES	2
#define MORE_ROUNDS	20	/* that each makes before it may end */

/* @one and @two are equal whenever nobody has the mutex. */
struct guarded {
	volatile unsigned long one, two;
};

static struct turmoil {
	pthread_mutex_t mutex;
	struct guarded of_mutex;
	struct condition condition;
	struct guarded of_condition;
	volatile int stop;
	volatile unsigned long rounds[PROCESSES][THREADS];
} *turmoil;

static unsigned int process;
static pid_t other;

static void change(struct guarded *g, int dally)
{
	check(g->one == g->two);
	g->one++;
	if (dally)
		nap(1);
	g->two++;
	check(g->one == g->two);
}

static void lock_it(unsigned long round)
{
	struct timespec end = soon(CLOCK_REALTIME, 1000000);
	int ret;

	ret = round % 16 == 1 ? pthread_mutex_timedlock(&turmoil->mutex, &end) :
	      pthread_mutex_lock(&turmoil->mutex);
	if (ret == ETIMEDOUT)
		return;
	check(!ret);
	change(&turmoil->of_mutex, round % 8 == 2);
	check(!pthread_mutex_unlock(&turmoil->mutex));
}

static void wait_for_it(void)
{
	struct condition *c = &turmoil->condition;
	struct timespec end = later(CLOCK_MONOTONIC, 1);
	int value, err;

	take(&c->mutex);
	value = c->value;
	give(&c->mutex);
	err = sleep_on(c, value, CLOCK_MONOTONIC, &end);
	check(!err || err == EAGAIN || err == ETIMEDOUT);
	if (err)
		take(&c->mutex);
	check(is_mine(&c->mutex));
	change(&turmoil->of_condition, 0);
	give(&c->mutex);
}

static void wake_them(unsigned long round)
{
	take(&turmoil->condition.mutex);
	check(wake_all(&turmoil->condition) >= 0 || errno == EAGAIN);
	change(&turmoil->of_condition, round % 8 == 2);
	give(&turmoil->condition.mutex);
	nap(1);
}

static void *fight(void *arg)
{
	unsigned int nr = (unsigned long)arg;
	volatile unsigned long *round = &turmoil->rounds[process][nr];

	set_priority(nr == 0 ? 1 : 0);
	for (; !turmoil->stop; ++*round) {
		if (nr < 3)
			lock_it(*round);
		else if (nr == 3)
			wait_for_it();
		else
			wake_them(*round);
		if (nr == 0)
			nap(2);
	}
	return NULL;
}

/* The first of the processes says when it is enough, and disturbs them until then. */
static void run_threads(void (*meanwhile)(pthread_t *threads))
{
	pthread_t threads[THREADS];
	unsigned long i;

	for (i = 0; i < THREADS; i++)
		check(!pthread_create(&threads[i], NULL, fight, (void *)i));
	meanwhile(threads);
	for (i = 0; i < THREADS; i++)
		check(!pthread_join(threads[i], NULL));
}

static int have_made(const unsigned long *before, unsigned long more)
{
	const volatile unsigned long *now = &turmoil->rounds[0][0];
	unsigned int i;

	for (i = 0; i < PROCESSES * THREADS; i++)
		if (now[i] < before[i] + more)
			return 0;
	return 1;
}

static void wait_for_rounds(const unsigned long *before, unsigned long more)
{
	while (!have_made(before, more)) {
		check(!waitpid(other, NULL, WNOHANG));
		nap(5);
	}
}

static void disturb(pthread_t *threads)
{
	unsigned long before[PROCESSES * THREADS] = { 0 };
	unsigned int i;

	wait_for_rounds(before, 1);
	printf("ready\n");
	fflush(stdout);
	for (i = 0; !told_to_go_on(); i++) {
		check(!pthread_kill(threads[i % THREADS], SIGUSR1));
		nap(5);
	}
	for (i = 0; i < PROCESSES * THREADS; i++)
		before[i] = turmoil->rounds[i / THREADS][i % THREADS];
	wait_for_rounds(before, MORE_ROUNDS);
	turmoil->stop = 1;
}

static void look_on(pthread_t *threads)
{
	(void)threads;
}

static void verify_turmoil(void)
{
	const struct sigaction action = { .sa_handler = on_signal };

	check(!sigaction(SIGUSR1, &action, NULL));
	turmoil = shared_memory(sizeof(*turmoil));
	init_mutex(&turmoil->mutex, 0);
	other = fork();
	check(other >= 0);
	if (!other) {
		process = 1;
		run_threads(look_on);
		_exit(0);
	}
	run_threads(disturb);
	check(exited_with(other, 0));
	check(turmoil->of_mutex.one == turmoil->of_mutex.two && turmoil->of_mutex.one);
	check(turmoil->of_condition.one == turmoil->of_condition.two);
	check(handled && !turmoil->condition.mutex);
}

static const struct {
	const char *name;
	void (*verify)(void);
} rows[] = {
	{ "order", verify_order },
	{ "shared", verify_shared },
	{ "timed", verify_timed },
	{ "robust", verify_robust },
	{ "requeued", verify_requeued },
	{ "spinning", verify_spinning },
	{ "turmoil", verify_turmoil },
};

int main(int argc, char **argv)
{
	unsigned int i;

	check(argc == 2);
	for (i = 0; i < NR(rows); i++) {
		if (strcmp(rows[i].name, argv[1]))
			continue;
		rows[i].verify();
		return passed();
	}
	printf("no such thing: %s\n", argv[1]);
	return 2;
}
