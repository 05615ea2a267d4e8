// SPDX-License-Identifier: GPL-2.0-only
/*
 * POSIX message queues: messages of all lengths and priorities in their order, limits,
 * owners, times, for whom they count; who is to be told of a message, and how; names, and
 * queues without one; who waits to send and to receive.
 *
 * Usage: mqueue [outside | ended | thread | elsewhere | left [THIRD] | send NAME |
 * look NAME [TEXT] | disturb NAME [unlink]], where a child has one open, and nothing else; who
 * is to be told has ended, or is a thread; one is of another namespace; there are two
 * queues, and nobody waits; one is open for writing; what is in one, after TEXT has been
 * put there; it is used, or unlinked and made again, until the program is told to go on
 */
#define _GNU_SOURCE
#include <linux/netlink.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "handover.h"
#include "openfile.h"
#include "tasks.h"

#define LONG	8192
#define COSTLY	800		/* bytes that a message may have, of a queue that is counted */
#define COUNTED	4321		/* the user for whom it is */

static char text[LONG];
static mqd_t order, reader, path, told, child_told, silent, full, empty, unlinked, renamed;
static mqd_t flying, watched;
static int flight[2], over[2], account[2], ep;
static pid_t sender, receiver, listener, charged;

static mqd_t make(const char *name, long maxmsg, long msgsize)
{
	struct mq_attr attr = { .mq_maxmsg = maxmsg, .mq_msgsize = msgsize };
	mqd_t mq = mq_open(name, O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK, 0600, &attr);

	check(mq >= 0);
	return mq;
}

static void put(mqd_t mq, unsigned int priority, int byte, size_t len)
{
	memset(text, byte, len);
	check(mq_send(mq, text, len, priority) == 0);
}

static void take(mqd_t mq, unsigned int want, int byte, size_t len)
{
	unsigned int priority;
	size_t i;

	check(mq_receive(mq, text, LONG, &priority) == (ssize_t)len);
	check(priority == want);
	for (i = 0; i < len; i++)
		check(text[i] == byte);
}

static void nothing_in(mqd_t mq)
{
	check(mq_receive(mq, text, LONG, NULL) == -1 && errno == EAGAIN);
}

static struct stat stat_of(mqd_t mq)
{
	struct stat st;

	check(fstat(mq, &st) == 0);
	return st;
}

static int same(const struct stat *a, const struct stat *b)
{
	return a->st_mode == b->st_mode && a->st_uid == b->st_uid && a->st_gid == b->st_gid &&
	       a->st_nlink == b->st_nlink && a->st_size == b->st_size &&
	       a->st_atime == b->st_atime && a->st_mtime == b->st_mtime &&
	       a->st_ctime == b->st_ctime;
}

static int named(mqd_t mq, const char *want)
{
	char link[40], name[400] = "";

	snprintf(link, sizeof(link), "/proc/self/fd/%d", mq);
	check(readlink(link, name, sizeof(name) - 1) > 0);
	return !strcmp(name, want);
}

static struct mq_attr attr_of(mqd_t mq)
{
	struct mq_attr attr;

	check(mq_getattr(mq, &attr) == 0);
	return attr;
}

/* What a queue says of itself when it is read. */
static int says(mqd_t mq, const char *what)
{
	char line[100] = "";

	check(pread(mq, line, sizeof(line) - 1, 0) > 0);
	if (!strstr(line, what))
		printf("'%s' is not in %s", what, line);
	return !!strstr(line, what);
}

static void tell_by(mqd_t mq, int how, int sig, void *value)
{
	struct sigevent event = {
		.sigev_notify = how, .sigev_signo = sig, .sigev_value.sival_ptr = value,
	};

	check(mq_notify(mq, &event) == 0);
}

static void make_order(void)
{
	order = make("/ckpt-order", 10, LONG);
	put(order, 3, 'a', 10);
	put(order, 1, 'b', LONG);
	put(order, 3, 'c', 0);
	put(order, 32767, 'd', 4048);
	put(order, 3, 'e', 4049);
	put(order, 0, 'f', 1);
	check(fchmod(order, 0640) == 0 && fchown(order, 1234, 5678) == 0);
	reader = mq_open("/ckpt-order", O_RDONLY);
	path = open("/dev/mqueue/ckpt-order", O_RDONLY | O_CLOEXEC);
	check(reader >= 0 && path >= 0);
	check(lseek(path, 7, SEEK_SET) == 7);
}

static void check_order(void)
{
	check(named(order, "/ckpt-order") && named(path, "/dev/mqueue/ckpt-order"));
	check(attr_of(order).mq_flags == O_NONBLOCK && !attr_of(reader).mq_flags);
	check(attr_of(order).mq_maxmsg == 10 && attr_of(order).mq_msgsize == LONG);
	check(attr_of(path).mq_curmsgs == 6);
	check(fcntl(path, F_GETFD) == FD_CLOEXEC && lseek(path, 0, SEEK_CUR) == 7);
	check(mq_send(reader, "x", 1, 0) == -1 && errno == EBADF);
	check(says(order, "QSIZE:16300 "));
	take(reader, 32767, 'd', 4048);
	take(order, 3, 'a', 10);
	take(path, 3, 'c', 0);
	take(order, 3, 'e', 4049);
	take(order, 1, 'b', LONG);
	take(reader, 0, 'f', 1);
	nothing_in(order);
}

/* ---- who is told ---- */

static void make_told(void)
{
	sigset_t set;
	char byte;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 3);
	check(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	told = make("/ckpt-told", 3, 20);
	child_told = make("/ckpt-child-told", 3, 20);
	silent = make("/ckpt-silent", 3, 20);
	tell_by(told, SIGEV_SIGNAL, SIGRTMIN + 3, (void *)0x123456789abcUL);
	tell_by(silent, SIGEV_NONE, 0, NULL);
	check(pipe(over) == 0);
	listener = fork();
	check(listener >= 0);
	if (!listener) {
		siginfo_t info;

		tell_by(child_told, SIGEV_SIGNAL, SIGRTMIN + 3, (void *)7);
		check(write(over[1], "x", 1) == 1);
		check(sigwaitinfo(&set, &info) == SIGRTMIN + 3);
		check(info.si_code == SI_MESGQ && info.si_value.sival_int == 7);
		_exit(0);
	}
	check(read(over[0], &byte, 1) == 1);
}

static void check_told(void)
{
	struct timespec none = {};
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 3);
	check(says(silent, "NOTIFY:1 "));
	check(mq_notify(silent, NULL) == 0);
	tell_by(silent, SIGEV_NONE, 0, NULL);
	check(sigtimedwait(&set, NULL, &none) == -1 && errno == EAGAIN);
	put(told, 0, 'x', 1);
	check(sigtimedwait(&set, &info, &none) == SIGRTMIN + 3);
	check(info.si_code == SI_MESGQ && info.si_pid == getpid() && !info.si_uid);
	check(info.si_value.sival_ptr == (void *)0x123456789abcUL);
	take(told, 0, 'x', 1);
	put(told, 0, 'y', 1);
	check(sigtimedwait(&set, NULL, &none) == -1 && errno == EAGAIN);
	put(child_told, 0, 'x', 1);
	check(status_of(listener) == 0);
}

/* ---- who waits ---- */

static void be_patient(mqd_t mq)
{
	struct mq_attr attr = {};

	check(mq_setattr(mq, &attr, NULL) == 0);
}

static void make_waiters(void)
{
	full = make("/ckpt-full", 1, 50);
	put(full, 5, 'f', 40);
	empty = make("/ckpt-empty", 2, LONG);
	sender = fork();
	check(sender >= 0);
	if (!sender) {
		full = mq_open("/ckpt-full", O_WRONLY);
		put(full, 2, 's', 50);
		_exit(0);
	}
	receiver = fork();
	check(receiver >= 0);
	if (!receiver) {
		be_patient(empty);
		take(empty, 9, 'r', 3);
		_exit(0);
	}
	while (state_of(sender) != 'S' || state_of(receiver) != 'S')
		nap(1);
}

static void check_waiters(void)
{
	check(attr_of(empty).mq_flags == 0);
	put(empty, 9, 'r', 3);
	check(status_of(receiver) == 0);
	check(attr_of(full).mq_curmsgs == 1);
	take(full, 5, 'f', 40);
	check(status_of(sender) == 0);
	take(full, 2, 's', 50);
	nothing_in(full);
}

/* ---- without a name, in flight, watched ---- */

static void make_others(void)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET };

	unlinked = make("/ckpt-unlinked", 4, 100);
	put(unlinked, 1, 'u', 100);
	check(mq_unlink("/ckpt-unlinked") == 0);
	renamed = make("/ckpt-unlinked", 2, 10);
	put(renamed, 1, 'n', 10);

	flying = make("/ckpt-flying", 2, 10);
	put(flying, 8, 'g', 2);
	check(socketpair(AF_UNIX, SOCK_STREAM, 0, flight) == 0);
	send_fd(flight[0], flying);
	close(flying);

	watched = make("/ckpt-watched", 2, 10);
	ep = epoll_create1(0);
	check(ep >= 0 && epoll_ctl(ep, EPOLL_CTL_ADD, watched, &event) == 0);
	check(epoll_wait(ep, &event, 1, 0) == 1 && event.events == EPOLLOUT);
}

static void check_others(void)
{
	struct epoll_event event;

	check(stat_of(unlinked).st_nlink == 0);
	check(mq_open("/ckpt-unlinked", O_RDWR | O_CREAT | O_EXCL, 0600, NULL) == -1);
	take(unlinked, 1, 'u', 100);
	nothing_in(unlinked);
	take(renamed, 1, 'n', 10);

	flying = receive_fd(flight[1]);
	take(flying, 8, 'g', 2);
	nothing_in(flying);

	check(epoll_wait(ep, &event, 1, 0) == 0);
	put(watched, 0, 'w', 1);
	check(epoll_wait(ep, &event, 1, 0) == 1 && event.events == (EPOLLIN | EPOLLOUT));
}

/* ---- for whom it counts ---- */

static mqd_t make_costly(const char *name)
{
	struct mq_attr attr = { .mq_maxmsg = 10, .mq_msgsize = COSTLY };

	return mq_open(name, O_RDWR | O_CREAT, 0600, &attr);
}

static void be_charged(void)
{
	const struct rlimit limit = { 15 * COSTLY, 15 * COSTLY };
	mqd_t mq;
	char byte;

	check(setrlimit(RLIMIT_MSGQUEUE, &limit) == 0);
	check(setresgid(COUNTED, COUNTED, COUNTED) == 0);
	check(setresuid(COUNTED, COUNTED, COUNTED) == 0);
	mq = make_costly("/ckpt-charged");
	check(mq >= 0);
	check(make_costly("/ckpt-too-much") == -1 && errno == EMFILE);
	check(write(account[1], "x", 1) == 1);
	check(read(account[1], &byte, 1) == 1);
	check(stat_of(mq).st_uid == COUNTED);
	check(make_costly("/ckpt-too-much") == -1 && errno == EMFILE);
	check(mq_close(mq) == 0 && mq_unlink("/ckpt-charged") == 0);
	mq = make_costly("/ckpt-too-much");
	check(mq >= 0 && mq_unlink("/ckpt-too-much") == 0);
	_exit(0);
}

static void make_charged(void)
{
	char byte;

	check(socketpair(AF_UNIX, SOCK_STREAM, 0, account) == 0);
	charged = fork();
	check(charged >= 0);
	if (!charged)
		be_charged();
	check(read(account[0], &byte, 1) == 1);
}

static void check_charged(void)
{
	check(write(account[0], "x", 1) == 1 && status_of(charged) == 0);
}

/* ---- other uses ---- */

static int be_shared(void)
{
	pid_t child;

	order = make("/ckpt-order", 2, 10);
	child = fork();
	check(child >= 0);
	if (!child) {
		check(mq_close(order) == 0);
		reader = mq_open("/ckpt-order", O_RDONLY);
		check(reader >= 0);
		for (;;)
			pause();
	}
	while (state_of(child) != 'S')
		nap(1);
	ready();
	check(kill(child, SIGKILL) == 0 && waitpid(child, NULL, 0) == child);
	check(mq_unlink("/ckpt-order") == 0);
	return passed();
}

/* It shares the table of descriptors, so that its end closes nothing. */
static int be_told_and_end(void *unused)
{
	(void)unused;
	tell_by(order, SIGEV_SIGNAL, SIGUSR1, NULL);
	return 0;
}

static int outlive(void)
{
	static char stack[65536];
	pid_t child;

	order = make("/ckpt-order", 2, 10);
	child = clone(be_told_and_end, stack + sizeof(stack), CLONE_FILES | SIGCHLD, NULL);
	check(child > 0 && status_of(child) == 0);
	ready();
	check(mq_unlink("/ckpt-order") == 0);
	return passed();
}

/* As the library does, which makes the socket, and does not close it. */
static int tell_thread(void)
{
	static char cookie[32];
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD, .sigev_value.sival_ptr = cookie,
	};

	event.sigev_signo = socket(AF_NETLINK, SOCK_RAW, NETLINK_USERSOCK);
	order = make("/ckpt-order", 2, 10);
	check(syscall(SYS_mq_notify, order, &event) == 0);
	check(close(event.sigev_signo) == 0);
	ready();
	check(mq_unlink("/ckpt-order") == 0);
	return passed();
}

static int be_elsewhere(void)
{
	check(pipe(over) == 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, flight) == 0);
	sender = fork();
	check(sender >= 0);
	if (!sender) {
		check(unshare(CLONE_NEWIPC) == 0);
		send_fd(flight[0], make("/ckpt-order", 2, 10));
		_exit(0);
	}
	check(status_of(sender) == 0);
	order = receive_fd(flight[1]);
	ready();
	return passed();
}

static void put_text(mqd_t mq, const char *what)
{
	check(mq_send(mq, what, strlen(what), 0) == 0);
}

/* The text that is in it, which stays. */
static const char *peek(mqd_t mq)
{
	ssize_t len = mq_receive(mq, text, LONG, NULL);

	if (len < 0)
		return "nothing";
	text[len] = 0;
	put_text(mq, text);
	return text;
}

static int look_at(char **argv)
{
	mqd_t mq = mq_open(argv[2], O_RDWR | O_NONBLOCK);
	struct timespec times[2] = { { .tv_sec = 1000000000 }, { .tv_sec = 1000000001 } };
	struct stat st;

	check(mq >= 0);
	if (argv[3]) {
		check(mq_receive(mq, text, LONG, NULL) > 0);
		put_text(mq, argv[3]);
	}
	st = stat_of(mq);
	printf("%s: %o %d %ld %lld\n", peek(mq), st.st_mode, st.st_uid,
	       attr_of(mq).mq_curmsgs, (long long)st.st_mtime);
	check(futimens(mq, times) == 0);
	return 0;
}

static int send_only(const char *name)
{
	order = mq_open(name, O_WRONLY);
	check(order >= 0);
	put_text(order, "secret");
	ready();
	put_text(order, "secret");
	return passed();
}

/* What it has sent it takes again; nothing of that comes first or lasts. */
static int disturb(const char *name, int unlinks)
{
	struct mq_attr attr = { .mq_maxmsg = 3, .mq_msgsize = 100 };

	while (!told_to_go_on()) {
		mqd_t mq = mq_open(name, O_RDWR | O_NONBLOCK | (unlinks ? O_CREAT : 0), 0600,
				   &attr);

		check(mq >= 0 || errno == ENOENT);
		if (mq < 0)
			continue;
		if (!unlinks && !mq_send(mq, "mine", 4, 9))
			mq_receive(mq, text, LONG, NULL);
		if (unlinks)
			mq_unlink(name);
		mq_close(mq);
	}
	return 0;
}

static int be_left(const char *third)
{
	order = make("/ckpt-order", 3, 100);
	told = make("/ckpt-told", 2, 100);
	put_text(order, "saved");
	put_text(told, "other");
	tell_by(told, SIGEV_SIGNAL, SIGURG, NULL);
	if (third)
		full = make(third, 9, 1000);

	ready();

	check(says(told, "SIGNO:23 "));
	check(!strcmp(peek(order), "saved") && !strcmp(peek(told), "other"));
	check(mq_unlink("/ckpt-order") == 0 && mq_unlink("/ckpt-told") == 0);
	if (third)
		check(mq_unlink(third) == 0);
	return passed();
}

static int be_other(char **argv)
{
	if (!strcmp(argv[1], "outside"))
		return be_shared();
	if (!strcmp(argv[1], "ended"))
		return outlive();
	if (!strcmp(argv[1], "thread"))
		return tell_thread();
	if (!strcmp(argv[1], "send"))
		return send_only(argv[2]);
	if (!strcmp(argv[1], "disturb"))
		return disturb(argv[2], !!argv[3]);
	if (!strcmp(argv[1], "elsewhere"))
		return be_elsewhere();
	if (!strcmp(argv[1], "left"))
		return be_left(argv[2]);
	return look_at(argv);
}

static void unlink_all(void)
{
	static const char *const names[] = {
		"/ckpt-order", "/ckpt-told", "/ckpt-child-told", "/ckpt-silent", "/ckpt-full",
		"/ckpt-empty", "/ckpt-unlinked", "/ckpt-flying", "/ckpt-watched",
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		check(mq_unlink(names[i]) == 0);
}

int main(int argc, char **argv)
{
	mqd_t *const all[] = { &order, &told, &silent, &full, &empty, &unlinked, &renamed };
	const int nr = sizeof(all) / sizeof(all[0]);
	struct stat before[nr], after;
	struct dressed d;
	int i;

	if (argc > 1)
		return be_other(argv);
	make_order();
	make_told();
	make_waiters();
	make_others();
	make_charged();
	d = dress(make("/ckpt-dressed", 1, 1), SIGUSR1);
	for (i = 0; i < nr; i++)
		before[i] = stat_of(*all[i]);

	ready();

	for (i = 0; i < nr; i++) {
		after = stat_of(*all[i]);
		check(same(&before[i], &after));
	}
	check_dressed(&d, SIGUSR1);
	check(mq_unlink("/ckpt-dressed") == 0);
	check_order();
	check_waiters();
	check_others();
	check_told();
	check_charged();
	unlink_all();
	return passed();
}
