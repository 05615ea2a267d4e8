// SPDX-License-Identifier: GPL-2.0-only
/*
 * Listeners of seccomp filters: calls that wait for an answer, and that are made later, of
 * processes and threads that share a filter; listeners that are watched, in flight, shared
 * and waited in, and one that has been closed; also 32-bit.
 *
 * Usage: listener [MODE], of the table at the end: what is refused.
 */
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include "handover.h"
#include "modes.h"
#include "openfile.h"
#include "tasks.h"

#define KILLABLE	SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV

/* ---- filters and listeners ---- */

static int install(unsigned int nr, unsigned int action, unsigned int flags)
{
	struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = 4, .filter = insns };

	check(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

/* From now on somebody else answers for @nr: who has this. */
static int leave(unsigned int nr, unsigned int flags)
{
	int fd = install(nr, SECCOMP_RET_USER_NOTIF, flags | SECCOMP_FILTER_FLAG_NEW_LISTENER);

	check(fd >= 0);
	return fd;
}

static int denied(unsigned int nr, int error)
{
	return syscall(nr, 0) == -1 && errno == error;
}

static struct seccomp_notif get(int listener)
{
	struct seccomp_notif got = {};

	check(!ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &got));
	return got;
}

static void answer(int listener, uint64_t id, int value)
{
	struct seccomp_notif_resp resp = { .id = id, .val = value };

	check(!ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &resp));
}

/* The next call is @nr, of that task. */
static void serve(int listener, pid_t tid, int nr, int value)
{
	struct seccomp_notif got = get(listener);

	check((pid_t)got.pid == tid && got.data.nr == nr);
	answer(listener, got.id, value);
}

static short events_of(int listener, int timeout)
{
	struct pollfd p = { .fd = listener, .events = POLLIN | POLLOUT };

	check(poll(&p, 1, timeout) >= 0);
	return p.revents;
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* Who asks waits until something comes, and is not told that there is nothing. */
static void has_nothing(int listener)
{
	const struct itimerval often = { { .tv_usec = 50000 }, { .tv_usec = 50000 } };
	const struct itimerval never = {};
	struct sigaction action = { .sa_handler = on_alarm };
	struct seccomp_notif got = {};

	check(!sigaction(SIGALRM, &action, NULL));
	check(!setitimer(ITIMER_REAL, &often, NULL));
	check(ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &got) == -1 && errno == EINTR);
	check(!setitimer(ITIMER_REAL, &never, NULL));
}

/* ---- who asks: a child, which hands its listener over ---- */

struct worker {
	pid_t pid;
	int listener, go;
};

static struct worker start_worker(void (*run)(int to, int go))
{
	struct worker w;
	int pair[2], go[2];

	check(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair) && !pipe(go));
	fflush(stdout);
	w.pid = fork();
	check(w.pid >= 0);
	if (!w.pid) {
		close(pair[0]);
		run(pair[1], go[0]);
		fflush(stdout);
		_exit(0);
	}
	w.go = go[1];
	w.listener = receive_fd(pair[0]);
	close(pair[0]);
	close(pair[1]);
	return w;
}

static void wait_for_go(int go)
{
	char byte;

	check(read(go, &byte, 1) == 1);
}

static void tell_to_go(const struct worker *w)
{
	check(write(w->go, "g", 1) == 1);
}

/* And nothing is left of the way. */
static void hand_over(int to, int listener)
{
	send_fd(to, listener);
	close(listener);
	close(to);
}

static void ask_twice(int to, int go, unsigned int flags)
{
	hand_over(to, leave(SYS_getppid, flags));
	check(syscall(SYS_getppid) == 4711);
	wait_for_go(go);
	check(syscall(SYS_getppid) == 4712);
}

static void ask_now(int to, int go)
{
	ask_twice(to, go, 0);
}

static void ask_killable(int to, int go)
{
	ask_twice(to, go, KILLABLE);
}

static void ask_later(int to, int go)
{
	hand_over(to, leave(SYS_getppid, 0));
	wait_for_go(go);
	check(syscall(SYS_getppid) == 4713);
}

static void end(int to, int go)
{
	(void)go;
	hand_over(to, leave(SYS_getppid, 0));
}

static void check_path(void)
{
	check(denied(SYS_getsid, ENOSYS) && denied(SYS_getppid, EDOM));
}

/* A filter whose listener is closed, one that is listened to, one that denies. */
static void build_path(int to, int go)
{
	int listener;
	pid_t child;

	close(leave(SYS_getsid, 0));
	listener = leave(SYS_getpgrp, KILLABLE);
	check(!ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS,
		     SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP));
	check(!install(SYS_getppid, SECCOMP_RET_ERRNO | EDOM, SECCOMP_FILTER_FLAG_LOG));
	check_path();
	hand_over(to, listener);
	child = fork();
	check(child >= 0);
	if (!child) {
		check(!install(SYS_getuid, SECCOMP_RET_ERRNO | EXDEV, 0));
		wait_for_go(go);
		check(syscall(SYS_getpgrp) == 82);
		check(denied(SYS_getuid, EXDEV));
		check_path();
		fflush(stdout);
		_exit(0);
	}
	check(syscall(SYS_getpgrp) == 81);
	check_path();
	check(exited_with(child, 0));
}

static pthread_barrier_t barrier;
static volatile pid_t asker;

static void *ask_thread(void *arg)
{
	asker = syscall(SYS_gettid);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	check(syscall(SYS_getppid) == 99);
	return arg;
}

/* It listens to itself: all threads have the filter of the one. */
static void have_threads(int to, int go)
{
	pthread_t thread;
	int listener;

	pthread_barrier_init(&barrier, NULL, 2);
	check(!pthread_create(&thread, NULL, ask_thread, NULL));
	pthread_barrier_wait(&barrier);
	listener = leave(SYS_getppid, SECCOMP_FILTER_FLAG_TSYNC |
			 SECCOMP_FILTER_FLAG_TSYNC_ESRCH);
	pthread_barrier_wait(&barrier);
	check(events_of(listener, -1) == POLLIN);
	send_fd(to, listener);
	wait_for_go(go);
	serve(listener, asker, SYS_getppid, 99);
	check(!pthread_join(thread, NULL));
}

/* ---- all of it ---- */

static struct worker now, path, threads, later, flying;
static int ep, flight[2];
static pid_t server;

static void watch(int listener)
{
	struct epoll_event event = { .events = EPOLLIN };

	ep = epoll_create1(0);
	check(ep >= 0 && !epoll_ctl(ep, EPOLL_CTL_ADD, listener, &event));
}

static void fly(int listener)
{
	check(!socketpair(AF_UNIX, SOCK_STREAM, 0, flight));
	send_fd(flight[0], listener);
	close(listener);
}

/* A process that waits for the call of another. */
static void start_server(const struct worker *w)
{
	fflush(stdout);
	server = fork();
	check(server >= 0);
	if (!server) {
		serve(w->listener, w->pid, SYS_getppid, 4713);
		_exit(0);
	}
	wait_for_state(server, 'S');
}

/* Once the last task that has the filter is gone its listener knows. */
static void check_end(const struct worker *w, int listener)
{
	check(exited_with(w->pid, 0));
	check(events_of(listener, 0) == POLLHUP);
}

static void check_now(void)
{
	struct epoll_event event;

	check(epoll_wait(ep, &event, 1, -1) == 1 && event.events == EPOLLIN);
	check(events_of(now.listener, 0) == POLLIN);
	serve(now.listener, now.pid, SYS_getppid, 4711);
	has_nothing(now.listener);
	check(!epoll_wait(ep, &event, 1, 0));
	tell_to_go(&now);
	serve(now.listener, now.pid, SYS_getppid, 4712);
	check_end(&now, now.listener);
}

static void check_of_path(void)
{
	struct seccomp_notif got;

	serve(path.listener, path.pid, SYS_getpgrp, 81);
	tell_to_go(&path);
	got = get(path.listener);
	check((pid_t)got.pid != path.pid && got.data.nr == SYS_getpgrp);
	check(events_of(path.listener, 0) == POLLOUT);
	answer(path.listener, got.id, 82);
	check_end(&path, path.listener);
}

static int be_all(void)
{
	struct dressed dressed;
	int listener;

	now = start_worker(ask_now);
	path = start_worker(build_path);
	threads = start_worker(have_threads);
	later = start_worker(ask_later);
	flying = start_worker(ask_later);
	check(events_of(now.listener, -1) == POLLIN);
	check(events_of(path.listener, -1) == POLLIN);
	check(!events_of(later.listener, 0));
	watch(now.listener);
	fly(flying.listener);
	start_server(&later);
	dressed = dress(now.listener, SIGUSR1);

	ready();

	check_dressed(&dressed, SIGUSR1);
	check_now();
	check_of_path();
	check(events_of(threads.listener, -1) == POLLIN);
	tell_to_go(&threads);
	check_end(&threads, threads.listener);
	check(!events_of(later.listener, 0));
	tell_to_go(&later);
	check(exited_with(server, 0));
	check_end(&later, later.listener);
	listener = receive_fd(flight[1]);
	tell_to_go(&flying);
	serve(listener, flying.pid, SYS_getppid, 4713);
	check_end(&flying, listener);
	return passed();
}

/* ---- others ---- */

/* Two filters, each of a process of its own. */
static int be_two(void)
{
	struct worker a = start_worker(ask_later), b = start_worker(ask_later);

	printf("task %d\n", a.pid);
	ready();
	tell_to_go(&b);
	serve(b.listener, b.pid, SYS_getppid, 4713);
	tell_to_go(&a);
	serve(a.listener, a.pid, SYS_getppid, 4713);
	check_end(&a, a.listener);
	check_end(&b, b.listener);
	return passed();
}

/* What has been got is answered, and the answer arrives. */
static int be_answering(void (*run)(int to, int go))
{
	struct worker w = start_worker(run);
	struct seccomp_notif got = get(w.listener);

	printf("task %d\n", w.pid);
	ready();
	check(events_of(w.listener, 0) == POLLOUT);
	answer(w.listener, got.id, 4711);
	tell_to_go(&w);
	serve(w.listener, w.pid, SYS_getppid, 4712);
	check_end(&w, w.listener);
	return passed();
}

static int be_got(void)
{
	return be_answering(ask_now);
}

static int be_got_killable(void)
{
	return be_answering(ask_killable);
}

static int be_outside(void)
{
	struct worker w = start_worker(ask_later);

	printf("task %d\n", w.pid);
	ready();
	tell_to_go(&w);
	serve(w.listener, w.pid, SYS_getppid, 4713);
	check_end(&w, w.listener);
	return passed();
}

/* The child has the listener, its parent the filter as well. */
static int be_shared(void)
{
	int listener = leave(SYS_getppid, 0);
	pid_t child = fork();

	check(child >= 0);
	if (!child) {
		struct seccomp_notif got = get(listener);

		answer(listener, got.id, 4714);
		_exit(0);
	}
	close(listener);
	wait_for_state(child, 'S');
	printf("task %d\n", child);
	ready();
	check(syscall(SYS_getppid) == 4714);
	check(exited_with(child, 0));
	return passed();
}

static int be_left(void)
{
	struct worker w = start_worker(end);

	check_end(&w, w.listener);
	ready();
	check(events_of(w.listener, 0) == POLLHUP);
	return passed();
}

static const struct mode modes[] = {
	{ "two", be_two }, { "got", be_got }, { "got_killable", be_got_killable },
	{ "outside", be_outside }, { "shared", be_shared }, { "left", be_left },
	{}
};

int main(int argc, char **argv)
{
	return argc > 1 ? run_mode(modes, argv[1]) : be_all();
}
