// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process of 300 threads, or as many as it is told, that run, sleep, wait for each
 * other and read from a pipe; also 32-bit. Each keeps its id, name, thread-local storage,
 * stack, blocked signals and counters, and can be joined at the end.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/rseq.h>
#include <sys/syscall.h>

#include "tasks.h"

#define MOST	300
#define DEPTH	20

struct thread {
	pthread_t id;
	unsigned int nr;
	pid_t tid;
	volatile unsigned long count;
};

static unsigned int nr_threads = MOST;
static struct thread threads[MOST];
static __thread unsigned long number;
static __thread unsigned char area[3000];
static volatile int stop;
static int pipe_fds[2];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t built;
static pthread_mutex_t robust[MOST / 10];

static int my_signal(unsigned int nr)
{
	return SIGRTMIN + nr % 20;
}

static void run(struct thread *t)
{
	char byte;

	switch (t->nr % 4) {
	case 0:
		while (!stop) {
			t->count++;
			nap(200);
		}
		break;
	case 1:
		pthread_mutex_lock(&lock);
		while (!stop)
			pthread_cond_wait(&cond, &lock);
		pthread_mutex_unlock(&lock);
		break;
	case 2:
		check(read(pipe_fds[0], &byte, 1) == 1);
		check(byte == 'x');
		break;
	default:
		while (!stop) {
			t->count++;
			sched_yield();
			if (t->nr > 3)
				nap(300);
		}
	}
}

/* Its frames hold values that only it knows. */
static unsigned long descend(struct thread *t, unsigned int depth)
{
	volatile unsigned long mine[8];
	unsigned long sum = 0;
	unsigned int i;

	for (i = 0; i < 8; i++)
		mine[i] = t->nr * 1000UL + depth * 8 + i;
	if (depth)
		sum = descend(t, depth - 1);
	else
		run(t);
	for (i = 0; i < 8; i++) {
		check(mine[i] == t->nr * 1000UL + depth * 8 + i);
		sum += mine[i];
	}
	return sum;
}

static unsigned long expected_sum(unsigned int nr)
{
	unsigned long sum = 0;
	unsigned int i;

	for (i = 0; i < (DEPTH + 1) * 8; i++)
		sum += nr * 1000UL + i;
	return sum;
}

/* The kernel still tells where the thread runs. */
static void check_rseq(void)
{
#ifdef __x86_64__
	struct rseq *rseq = (void *)((char *)__builtin_thread_pointer() +
				     __rseq_offset);
	unsigned int tries, cpu, cpus = sysconf(_SC_NPROCESSORS_CONF);

	if (!__rseq_size)
		return;
	for (tries = 0; tries < 1000; tries++) {
		check(!syscall(SYS_getcpu, &cpu, NULL, NULL));
		check(cpu < cpus);
		if (*(volatile __u32 *)&rseq->cpu_id == cpu)
			return;
	}
	check(!"rseq knows the processor");
#endif
}

static void verify(struct thread *t, pthread_t self)
{
	char name[16], expected[16];
	sigset_t blocked;
	unsigned int i;

	check(pthread_equal(pthread_self(), self));
	check(syscall(SYS_gettid) == t->tid);
	check(number == t->nr * 3UL + 1);
	for (i = 0; i < sizeof(area); i++)
		check(area[i] == (unsigned char)(t->nr + i));
	check(!prctl(PR_GET_NAME, name));
	snprintf(expected, sizeof(expected), "thread (%u)", t->nr);
	check(!strcmp(name, expected));
	check(!pthread_sigmask(SIG_SETMASK, NULL, &blocked));
	check(sigismember(&blocked, my_signal(t->nr)));
	check(!sigismember(&blocked, my_signal(t->nr + 1)));
	check_rseq();
}

static void *body(void *arg)
{
	struct thread *t = arg;
	char name[16];
	sigset_t set;
	unsigned int i;
	uintptr_t sum;

	t->tid = syscall(SYS_gettid);
	number = t->nr * 3UL + 1;
	for (i = 0; i < sizeof(area); i++)
		area[i] = t->nr + i;
	snprintf(name, sizeof(name), "thread (%u)", t->nr);
	prctl(PR_SET_NAME, name);
	sigemptyset(&set);
	sigaddset(&set, my_signal(t->nr));
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	if (t->nr % 10 == 0)
		check(!pthread_mutex_lock(&robust[t->nr / 10]));
	pthread_barrier_wait(&built);
	sum = descend(t, DEPTH);
	verify(t, t->id);
	/* A lock that it holds at its end goes to the next, who is told. */
	return (void *)sum;
}

static void make_robust(void)
{
	pthread_mutexattr_t attr;
	unsigned int i;

	check(!pthread_mutexattr_init(&attr));
	check(!pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST));
	for (i = 0; i < nr_threads / 10; i++)
		check(!pthread_mutex_init(&robust[i], &attr));
}

static void start_all(void)
{
	pthread_attr_t attr;
	unsigned int i;

	check(!pthread_attr_init(&attr));
	check(!pthread_attr_setstacksize(&attr, 128 * 1024));
	check(!pthread_barrier_init(&built, NULL, nr_threads + 1));
	for (i = 0; i < nr_threads; i++) {
		threads[i].nr = i;
		check(!pthread_create(&threads[i].id, &attr, body, &threads[i]));
	}
	pthread_barrier_wait(&built);
}

static void join_all(void)
{
	unsigned int i;
	void *result;

	for (i = 0; i < nr_threads; i++) {
		check(!pthread_join(threads[i].id, &result));
		check((uintptr_t)result == expected_sum(i));
	}
	for (i = 0; i < nr_threads / 10; i++)
		check(pthread_mutex_lock(&robust[i]) == EOWNERDEAD);
}

int main(int argc, char *argv[])
{
	unsigned long before;
	unsigned int i;
	pid_t tid = syscall(SYS_gettid);

	if (argc > 1)
		nr_threads = atoi(argv[1]);
	check(nr_threads >= 10 && nr_threads <= MOST);
	check(!pipe(pipe_fds));
	make_robust();
	number = 12345;
	start_all();
	ready();
	check(syscall(SYS_gettid) == tid && getpid() == tid);
	check(number == 12345);
	before = threads[0].count;
	while (threads[0].count == before)
		nap(20);
	pthread_mutex_lock(&lock);
	stop = 1;
	pthread_cond_broadcast(&cond);
	pthread_mutex_unlock(&lock);
	for (i = 0; i < nr_threads; i++)
		if (i % 4 == 2)
			check(write(pipe_fds[1], "x", 1) == 1);
	join_all();
	return passed();
}
