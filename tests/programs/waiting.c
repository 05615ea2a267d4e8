// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads that wait in calls which the kernel never restarts, for long. None of
 * these calls may have returned however often the program was frozen.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ipc.h>
#include <sys/sem.h>

#include "program.h"

#define LONG_MS	(3600 * 1000)

static volatile int returned[3];
static volatile int entered[3];

static void *wait_signal(void *arg)
{
	const struct timespec time = { .tv_sec = 3600 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	entered[0] = 1;
	sigtimedwait(&set, NULL, &time);
	returned[0] = 1;
	return arg;
}

static void *wait_events(void *arg)
{
	int fd = *(int *)arg;
	struct epoll_event event;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	entered[1] = 1;
	epoll_pwait(fd, &event, 1, LONG_MS, &set);
	returned[1] = 1;
	return arg;
}

static void *wait_semaphore(void *arg)
{
	const struct timespec time = { .tv_sec = 3600 };
	struct sembuf op = { .sem_op = -1 };

	entered[2] = 1;
	semtimedop(*(int *)arg, &op, 1, &time);
	returned[2] = 1;
	return arg;
}

int main(void)
{
	int epoll = epoll_create1(0), sem = semget(IPC_PRIVATE, 1, 0600);
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	pthread_t thread;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	check(!pthread_sigmask(SIG_BLOCK, &set, NULL));
	check(epoll >= 0 && sem >= 0);
	check(!pthread_create(&thread, NULL, wait_signal, NULL));
	check(!pthread_create(&thread, NULL, wait_events, &epoll));
	check(!pthread_create(&thread, NULL, wait_semaphore, &sem));
	while (!entered[0] || !entered[1] || !entered[2])
		nanosleep(&pause, NULL);
	ready();
	check(!returned[0]);
	check(!returned[1]);
	check(!returned[2]);
	check(!semctl(sem, 0, IPC_RMID));
	passed();
	_exit(0);
}
