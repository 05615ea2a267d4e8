/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System calls that wait, a table of them: each is made by a thread of
 * interrupted.c, and ends by a time-out, by a signal, or when it is woken.
 */
#ifndef CALLS_H
#define CALLS_H

#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/ipc.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "tasks.h"

#define TIMEOUT		20	/* s, of calls that end by it */
#define LONG_TIMEOUT	1000	/* s, of calls that tell what is left */

#ifndef SYS__newselect
#define SYS__newselect SYS_select
#endif

struct waiter {
	const struct row *row;
	pthread_t thread;
	volatile pid_t tid;
	volatile long long start, end;		/* ns, CLOCK_MONOTONIC */
	volatile long long left;		/* ns */
	volatile int result, error, done;
	int fds[2];
	aio_context_t ctx;
	int fd;
	int word;
	pid_t child;
};

enum kind { ENDS, LEFT, ENDLESS };

/* @call returns what the system call returned. */
struct row {
	const char *name;
	enum kind kind;
	int (*call)(struct waiter *w);
	int result, error;
	void (*wake)(struct waiter *w);
	void (*prepare)(struct waiter *w);
};

static long long now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static struct timespec timeout(struct waiter *w)
{
	return (struct timespec) {
		.tv_sec = w->row->kind == LEFT ? LONG_TIMEOUT : TIMEOUT,
	};
}

static struct timespec end_time(struct waiter *w)
{
	struct timespec ts = timeout(w);

	ts.tv_sec += w->start / 1000000000;
	ts.tv_nsec = w->start % 1000000000;
	return ts;
}

static void set_left(struct waiter *w, struct timespec left)
{
	w->left = left.tv_sec * 1000000000LL + left.tv_nsec;
}

/* ---- sleeps ---- */

static int call_nanosleep(struct waiter *w)
{
	struct timespec ts = timeout(w), left = { 0 };
	int ret = nanosleep(&ts, &left);

	set_left(w, left);
	return ret;
}

static int sleep_by(struct waiter *w, clockid_t clock, int flags,
		    struct timespec ts)
{
	struct timespec left = { 0 };

	errno = clock_nanosleep(clock, flags, &ts, &left);
	set_left(w, left);
	return errno ? -1 : 0;
}

static int call_clock_nanosleep(struct waiter *w)
{
	return sleep_by(w, CLOCK_BOOTTIME, 0, timeout(w));
}

static int call_clock_nanosleep_abs(struct waiter *w)
{
	return sleep_by(w, CLOCK_MONOTONIC, TIMER_ABSTIME, end_time(w));
}

static int call_clock_nanosleep_real(struct waiter *w)
{
	return sleep_by(w, CLOCK_REALTIME, 0, timeout(w));
}

/* ---- futex ---- */

static int futex(struct waiter *w, int op, const struct timespec *ts)
{
	return syscall(SYS_futex, &w->word, op, 0, ts, NULL,
		       FUTEX_BITSET_MATCH_ANY);
}

static int call_futex(struct waiter *w)
{
	struct timespec ts = timeout(w);

	return futex(w, FUTEX_WAIT_PRIVATE, &ts);
}

static int call_futex_shared(struct waiter *w)
{
	struct timespec ts = timeout(w);

	return futex(w, FUTEX_WAIT, &ts);
}

static int call_futex_abs(struct waiter *w)
{
	struct timespec ts = end_time(w);

	return futex(w, FUTEX_WAIT_BITSET_PRIVATE, &ts);
}

static int call_futex_endless(struct waiter *w)
{
	return futex(w, FUTEX_WAIT_PRIVATE, NULL);
}

static void wake_futex(struct waiter *w)
{
	check(syscall(SYS_futex, &w->word, FUTEX_WAKE_PRIVATE, 1) == 1);
}

/* ---- poll, select, epoll ---- */

static void make_pipe(struct waiter *w)
{
	check(!pipe(w->fds));
}

static void wake_pipe(struct waiter *w)
{
	check(write(w->fds[1], "x", 1) == 1);
}

static int poll_for(struct waiter *w, int ms)
{
	struct pollfd pfd = { .fd = w->fds[0], .events = POLLIN };

	return poll(&pfd, 1, ms);
}

static int call_poll(struct waiter *w)
{
	return poll_for(w, TIMEOUT * 1000);
}

static int call_poll_endless(struct waiter *w)
{
	return poll_for(w, -1);
}

/* The system calls themselves write back what is left; the library hides it. */
static int call_ppoll(struct waiter *w)
{
	struct pollfd pfd = { .fd = w->fds[0], .events = POLLIN };
	struct timespec ts = timeout(w);
	int ret = syscall(SYS_ppoll, &pfd, 1, &ts, NULL, 8);

	set_left(w, ts);
	return ret;
}

static int call_select(struct waiter *w)
{
	struct timeval tv = { .tv_sec = timeout(w).tv_sec };
	fd_set set;
	int ret;

	FD_ZERO(&set);
	FD_SET(w->fds[0], &set);
	ret = syscall(SYS__newselect, w->fds[0] + 1, &set, NULL, NULL, &tv);
	w->left = tv.tv_sec * 1000000000LL + tv.tv_usec * 1000LL;
	return ret;
}

static int pselect_for(struct waiter *w, struct timespec *ts)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(w->fds[0], &set);
	return syscall(SYS_pselect6, w->fds[0] + 1, &set, NULL, NULL, ts, NULL);
}

static int call_pselect(struct waiter *w)
{
	struct timespec ts = timeout(w);
	int ret = pselect_for(w, &ts);

	set_left(w, ts);
	return ret;
}

static int call_select_endless(struct waiter *w)
{
	return pselect_for(w, NULL);
}

static void make_epoll(struct waiter *w)
{
	struct epoll_event event = { .events = EPOLLIN };

	make_pipe(w);
	w->fd = epoll_create1(0);
	check(w->fd >= 0);
	check(!epoll_ctl(w->fd, EPOLL_CTL_ADD, w->fds[0], &event));
}

static int call_epoll_wait(struct waiter *w)
{
	struct epoll_event event;

	return epoll_wait(w->fd, &event, 1, TIMEOUT * 1000);
}

static int call_epoll_endless(struct waiter *w)
{
	struct epoll_event event;

	return epoll_wait(w->fd, &event, 1, -1);
}

/* ---- signals ---- */

static const int waited_for[] = { 50, 51 };

static void on_signal(int sig)
{
	(void)sig;
}

static void wake_by(struct waiter *w, int sig)
{
	check(!syscall(SYS_tgkill, getpid(), w->tid, sig));
}

static void wake_usr1(struct waiter *w)
{
	wake_by(w, SIGUSR1);
}

static void wake_usr2(struct waiter *w)
{
	wake_by(w, SIGUSR2);
}

static void wake_51(struct waiter *w)
{
	wake_by(w, waited_for[1]);
}

static int call_sigtimedwait(struct waiter *w)
{
	struct timespec ts = timeout(w);
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, waited_for[0]);
	return sigtimedwait(&set, NULL, &ts);
}

static int call_sigwaitinfo(struct waiter *w)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, waited_for[1]);
	(void)w;
	return sigwaitinfo(&set, NULL);
}

static int call_sigsuspend(struct waiter *w)
{
	sigset_t set, after;
	int ret, error;

	sigfillset(&set);
	sigdelset(&set, SIGUSR2);
	ret = sigsuspend(&set);
	error = errno;
	check(!pthread_sigmask(SIG_SETMASK, NULL, &after));
	check(sigismember(&after, SIGUSR2) && !sigismember(&after, SIGUSR1));
	errno = error;
	(void)w;
	return ret;
}

static int call_pause(struct waiter *w)
{
	(void)w;
	return pause();
}

/* ---- pipes and files ---- */

static int call_read(struct waiter *w)
{
	char byte;

	return read(w->fds[0], &byte, 1);
}

static void make_full_pipe(struct waiter *w)
{
	static char page[4096];

	make_pipe(w);
	check(!fcntl(w->fds[1], F_SETFL, O_NONBLOCK));
	while (write(w->fds[1], page, sizeof(page)) > 0)
		;
	check(errno == EAGAIN);
	check(!fcntl(w->fds[1], F_SETFL, 0));
}

static int call_write(struct waiter *w)
{
	return write(w->fds[1], "x", 1);
}

static void drain_pipe(struct waiter *w)
{
	static char pages[8192];

	check(read(w->fds[0], pages, sizeof(pages)) == sizeof(pages));
}

static void fifo_path(char *path, size_t size)
{
	const char *go = getenv("GO");

	snprintf(path, size, "%s.fifo", go ? go : "/tmp/interrupted");
}

static void make_fifo(struct waiter *w)
{
	char path[256];

	fifo_path(path, sizeof(path));
	unlink(path);
	check(!mkfifo(path, 0600));
	(void)w;
}

static int call_open(struct waiter *w)
{
	char path[256];

	fifo_path(path, sizeof(path));
	w->fd = open(path, O_RDONLY);
	return w->fd < 0 ? -1 : 0;
}

static void wake_open(struct waiter *w)
{
	char path[256];
	int fd;

	fifo_path(path, sizeof(path));
	fd = open(path, O_RDWR);
	check(fd >= 0);
	while (!w->done)
		nap(10);
	close(fd);
	unlink(path);
}

/* ---- asynchronous I/O ---- */

static void make_context(struct waiter *w)
{
	check(!syscall(SYS_io_setup, 4, &w->ctx));
	w->fd = open("/proc/self/exe", O_RDONLY);
	check(w->fd >= 0);
}

static void submit(struct waiter *w)
{
	static char byte;
	struct iocb iocb = {
		.aio_lio_opcode = IOCB_CMD_PREAD,
		.aio_fildes = w->fd,
		.aio_buf = (uintptr_t)&byte,
		.aio_nbytes = 1,
	};
	struct iocb *iocbs[] = { &iocb };

	check(syscall(SYS_io_submit, w->ctx, 1, iocbs) == 1);
}

static void make_event(struct waiter *w)
{
	make_context(w);
	submit(w);
}

static int call_getevents(struct waiter *w)
{
	struct timespec ts = timeout(w);
	struct io_event event;

	return syscall(SYS_io_getevents, w->ctx, 1, 1, &event, &ts);
}

static int call_pgetevents(struct waiter *w)
{
	struct timespec ts = timeout(w);
	struct io_event event;

	return syscall(SYS_io_pgetevents, w->ctx, 1, 1, &event, &ts, NULL);
}

/* There is one of two, or none of one. */
static int getevents_endless(struct waiter *w, long least)
{
	struct io_event events[2] = { { .res = 0 } };
	int ret = syscall(SYS_io_getevents, w->ctx, least, 2, events, NULL), i;

	for (i = 0; i < ret; i++)
		check(events[i].res == 1);
	return ret;
}

static int call_getevents_endless(struct waiter *w)
{
	return getevents_endless(w, 1);
}

static int call_getevents_more(struct waiter *w)
{
	return getevents_endless(w, 2);
}

/* ---- children, semaphores ---- */

static void make_child(struct waiter *w)
{
	char byte;

	make_pipe(w);
	w->child = fork();
	check(w->child >= 0);
	if (!w->child) {
		close(w->fds[1]);
		check(read(w->fds[0], &byte, 1) == 1);
		_exit(5);
	}
}

static int call_waitpid(struct waiter *w)
{
	int status, ret = waitpid(w->child, &status, 0);

	if (ret != w->child)
		return -1;
	check(WIFEXITED(status) && WEXITSTATUS(status) == 5);
	return 0;
}

static int call_waitid(struct waiter *w)
{
	siginfo_t info = { 0 };
	int ret = waitid(P_PID, w->child, &info, WEXITED);

	if (!ret)
		check(info.si_pid == w->child && info.si_status == 5);
	return ret;
}

static void make_semaphore(struct waiter *w)
{
	w->fd = semget(IPC_PRIVATE, 1, 0600);
	check(w->fd >= 0);
}

static int call_semtimedop(struct waiter *w)
{
	struct sembuf op = { .sem_op = -1 };
	struct timespec ts = timeout(w);
	int ret = semtimedop(w->fd, &op, 1, &ts), error = errno;

	semctl(w->fd, 0, IPC_RMID);
	errno = error;
	return ret;
}

static int call_semop(struct waiter *w)
{
	struct sembuf op = { .sem_op = -1 };
	int ret = semop(w->fd, &op, 1), error = errno;

	semctl(w->fd, 0, IPC_RMID);
	errno = error;
	return ret;
}

static void wake_semop(struct waiter *w)
{
	struct sembuf op = { .sem_op = 1 };

	check(!semop(w->fd, &op, 1));
}

/* ---- message queues, until a time of day ---- */

static void open_queue(struct waiter *w, int messages)
{
	struct mq_attr attr = { .mq_maxmsg = 1, .mq_msgsize = 1 };
	char name[40];

	snprintf(name, sizeof(name), "/%s", w->row->name);
	w->fd = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
	check(w->fd >= 0 && !mq_unlink(name));
	if (messages)
		check(!mq_send(w->fd, "x", 1, 0));
}

static void make_queue(struct waiter *w)
{
	open_queue(w, 0);
}

static void make_full_queue(struct waiter *w)
{
	open_queue(w, 1);
}

static struct timespec time_of_day(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_sec += TIMEOUT;
	return ts;
}

static int call_mq_timedreceive(struct waiter *w)
{
	struct timespec ts = time_of_day();
	char byte;

	return mq_timedreceive(w->fd, &byte, 1, NULL, &ts);
}

static int call_mq_timedsend(struct waiter *w)
{
	struct timespec ts = time_of_day();

	return mq_timedsend(w->fd, "y", 1, 0, &ts);
}

static int call_mq_receive(struct waiter *w)
{
	char byte;

	return mq_receive(w->fd, &byte, 1, NULL);
}

static int call_mq_send(struct waiter *w)
{
	return mq_send(w->fd, "y", 1, 0);
}

static void wake_mq_receive(struct waiter *w)
{
	check(!mq_send(w->fd, "x", 1, 0));
}

static void wake_mq_send(struct waiter *w)
{
	char byte;

	check(mq_receive(w->fd, &byte, 1, NULL) == 1 && byte == 'x');
}

/* ---- the table ---- */

static const struct row rows[] = {
	{ "nanosleep", ENDS, call_nanosleep, 0, 0, NULL, NULL },
	{ "clock_nanosleep", ENDS, call_clock_nanosleep, 0, 0, NULL, NULL },
	{ "clock_nanosleep_abs", ENDS, call_clock_nanosleep_abs, 0, 0, NULL, NULL },
	{ "futex", ENDS, call_futex, -1, ETIMEDOUT, NULL, NULL },
	{ "futex_shared", ENDS, call_futex_shared, -1, ETIMEDOUT, NULL, NULL },
	{ "futex_abs", ENDS, call_futex_abs, -1, ETIMEDOUT, NULL, NULL },
	{ "poll", ENDS, call_poll, 0, 0, NULL, make_pipe },
	{ "ppoll", ENDS, call_ppoll, 0, 0, NULL, make_pipe },
	{ "select", ENDS, call_select, 0, 0, NULL, make_pipe },
	{ "pselect", ENDS, call_pselect, 0, 0, NULL, make_pipe },
	{ "epoll_wait", ENDS, call_epoll_wait, 0, 0, NULL, make_epoll },
	{ "sigtimedwait", ENDS, call_sigtimedwait, -1, EAGAIN, NULL, NULL },
	{ "semtimedop", ENDS, call_semtimedop, -1, EAGAIN, NULL, make_semaphore },

	{ "mq_timedreceive", ENDS, call_mq_timedreceive, -1, ETIMEDOUT, NULL, make_queue },
	{ "mq_timedsend", ENDS, call_mq_timedsend, -1, ETIMEDOUT, NULL, make_full_queue },

	{ "getevents", ENDS, call_getevents, 0, 0, NULL, make_context },
	{ "pgetevents", ENDS, call_pgetevents, 0, 0, NULL, make_context },

	{ "nanosleep_left", LEFT, call_nanosleep, -1, EINTR, wake_usr1, NULL },
	{ "clock_nanosleep_left", LEFT, call_clock_nanosleep, -1, EINTR, wake_usr1, NULL },
	{ "real_nanosleep_left", LEFT, call_clock_nanosleep_real, -1, EINTR, wake_usr1, NULL },
	{ "ppoll_left", LEFT, call_ppoll, -1, EINTR, wake_usr1, make_pipe },
	{ "select_left", LEFT, call_select, -1, EINTR, wake_usr1, make_pipe },
	{ "pselect_left", LEFT, call_pselect, -1, EINTR, wake_usr1, make_pipe },

	{ "pause", ENDLESS, call_pause, -1, EINTR, wake_usr1, NULL },
	{ "sigsuspend", ENDLESS, call_sigsuspend, -1, EINTR, wake_usr2, NULL },
	{ "sigwaitinfo", ENDLESS, call_sigwaitinfo, 51, 0, wake_51, NULL },
	{ "futex_endless", ENDLESS, call_futex_endless, 0, 0, wake_futex, NULL },
	{ "poll_endless", ENDLESS, call_poll_endless, 1, 0, wake_pipe, make_pipe },
	{ "select_endless", ENDLESS, call_select_endless, 1, 0, wake_pipe, make_pipe },
	{ "epoll_endless", ENDLESS, call_epoll_endless, 1, 0, wake_pipe, make_epoll },
	{ "getevents_endless", ENDLESS, call_getevents_endless, 1, 0, submit, make_context },
	{ "getevents_more", ENDLESS, call_getevents_more, 2, 0, submit, make_event },
	{ "mq_receive", ENDLESS, call_mq_receive, 1, 0, wake_mq_receive, make_queue },
	{ "mq_send", ENDLESS, call_mq_send, 0, 0, wake_mq_send, make_full_queue },
	{ "read", ENDLESS, call_read, 1, 0, wake_pipe, make_pipe },
	{ "write", ENDLESS, call_write, 1, 0, drain_pipe, make_full_pipe },
	{ "open", ENDLESS, call_open, 0, 0, wake_open, make_fifo },
	{ "waitpid", ENDLESS, call_waitpid, 0, 0, wake_pipe, make_child },
	{ "waitid", ENDLESS, call_waitid, 0, 0, wake_pipe, make_child },
	{ "semop", ENDLESS, call_semop, 0, 0, wake_semop, make_semaphore },
};

#endif /* CALLS_H */
