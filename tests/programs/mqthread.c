// SPDX-License-Identifier: GPL-2.0-only
/*
 * mq_notify(3) by SIGEV_THREAD: by the library's thread, which has a netlink socket for it,
 * and by sockets of the program's own: what is to be told, and what has been told and not
 * been read; also 32-bit.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/netlink.h>
#include <mqueue.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "program.h"

#define COOKIE	32
#define WOKEN	1	/* NOTIFY_WOKENUP and NOTIFY_REMOVED of the kernel */
#define REMOVED	2

static const char *const names[] = {
	"/ckpt-thread", "/ckpt-own", "/ckpt-second", "/ckpt-woken", "/ckpt-removed",
	"/ckpt-child",
};

enum { THREAD, OWN, SECOND, WAKES, REMOVES, CHILD, NR };

static mqd_t queues[NR];
static int own, child_says[2], child_goes[2];
static pid_t child;

static void make(int which)
{
	struct mq_attr attr = { .mq_maxmsg = 2, .mq_msgsize = 10 };

	queues[which] = mq_open(names[which], O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
	check(queues[which] != (mqd_t)-1);
}

static void put(int which)
{
	check(!mq_send(queues[which], "m", 1, 0));
}

/* ---- the library's thread ---- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t called = PTHREAD_COND_INITIALIZER;
static int value;

static void be_called(union sigval arg)
{
	pthread_mutex_lock(&lock);
	value = arg.sival_int;
	pthread_cond_signal(&called);
	pthread_mutex_unlock(&lock);
}

static void tell_function(int arg)
{
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD, .sigev_notify_function = be_called,
		.sigev_value.sival_int = arg,
	};

	check(!mq_notify(queues[THREAD], &event));
}

static void check_function(int arg)
{
	char byte[10];

	put(THREAD);
	pthread_mutex_lock(&lock);
	while (value != arg)
		pthread_cond_wait(&called, &lock);
	pthread_mutex_unlock(&lock);
	check(mq_receive(queues[THREAD], byte, sizeof(byte), NULL) == 1);
}

/* ---- sockets of one's own ---- */

static int tell_socket(int which, int fd, char first)
{
	char cookie[COOKIE] = { first, 'c', [COOKIE - 2] = 'k' };
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD, .sigev_signo = fd,
		.sigev_value.sival_ptr = cookie,
	};

	return syscall(SYS_mq_notify, queues[which], &event);
}

static void is_told(int fd, char first, char how)
{
	const char wanted[COOKIE] = { first, 'c', [COOKIE - 2] = 'k', how };
	char got[COOKIE + 1];

	check(recv(fd, got, sizeof(got), 0) == COOKIE);
	check(!memcmp(got, wanted, COOKIE));
}

static int make_socket(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	check(fd >= 0);
	return fd;
}

/* Told by a socket that it shares with its parent; it has registered itself. */
static void be_child(void)
{
	char byte;

	check(!tell_socket(CHILD, own, '5'));
	check(write(child_says[1], "x", 1) == 1);
	check(read(child_goes[0], &byte, 1) == 1);
	check(tell_socket(CHILD, own, '6') == -1 && errno == EBUSY);
	put(CHILD);
	check(write(child_says[1], "x", 1) == 1);
	check(read(child_goes[0], &byte, 1) == 1);
	_exit(0);
}

static void start_child(void)
{
	char byte;

	check(!pipe(child_says) && !pipe(child_goes));
	child = fork();
	check(child >= 0);
	if (!child)
		be_child();
	check(read(child_says[0], &byte, 1) == 1);
}

static void check_child(void)
{
	int status;
	char byte;

	check(write(child_goes[1], "x", 1) == 1);
	check(read(child_says[0], &byte, 1) == 1);
	is_told(own, '5', WOKEN);
	check(write(child_goes[1], "x", 1) == 1);
	check(waitpid(child, &status, 0) == child && !status);
}

int main(void)
{
	int i;

	for (i = 0; i < NR; i++)
		make(i);
	own = make_socket();
	check(!tell_socket(WAKES, own, '3'));
	put(WAKES);
	check(!tell_socket(REMOVES, own, '4'));
	check(!syscall(SYS_mq_notify, queues[REMOVES], NULL));
	check(!tell_socket(OWN, own, '1'));
	check(!tell_socket(SECOND, own, '2'));
	start_child();
	tell_function(4711);

	ready();

	is_told(own, '3', WOKEN);
	is_told(own, '4', REMOVED);
	check(recv(own, &i, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN);
	check(tell_socket(OWN, own, '6') == -1 && errno == EBUSY);
	put(SECOND);
	is_told(own, '2', WOKEN);
	check(!syscall(SYS_mq_notify, queues[OWN], NULL));
	is_told(own, '1', REMOVED);
	check(!tell_socket(OWN, own, '7'));
	put(OWN);
	is_told(own, '7', WOKEN);
	check_child();
	check_function(4711);
	tell_function(4712);
	check_function(4712);
	for (i = 0; i < NR; i++)
		check(!mq_unlink(names[i]));
	return passed();
}
