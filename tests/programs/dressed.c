// SPDX-License-Identifier: GPL-2.0-only
/*
 * Open files of every kind, each in all that may become of one: duplicated, closed on
 * exec, inherited by a child that keeps it, in flight in the queue of a UNIX socket, watched
 * by an epoll that another one watches, with an owner, a signal and O_ASYNC; and a second
 * one that is in flight and nowhere else. What of that a kind does not have it is without,
 * before and after.
 *
 * Usage: dressed DIR KIND ..., where kinds are in the table at the end, and DIR is a
 * directory that nobody else uses.
 */
#define _GNU_SOURCE
#include <linux/bpf.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/userfaultfd.h>
#include <mqueue.h>
#include <net/if.h>
#include <netinet/ip_icmp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/un.h>

#include "handover.h"
#include "inet.h"
#include "openfile.h"

#define MOST_KINDS	15	/* two signals of a program's 30 for each */
#define PROTOCOL	0x88b5
#define RAW_PROTOCOL	253

/* Two that are made together: one is looked at, by the other it gets something to read. */
struct ends {
	int fd, other;
};

/**
 * struct kind - a kind of open file
 * @open:	a new one; the other end is -1 if it needs none
 * @tell:	give it something to read; NULL: there is no way, or there is always
 *		something
 * @traits:	what it has, and what it cannot have
 */
struct kind {
	const char *name;
	struct ends (*open)(void);
	void (*tell)(const struct ends *e);
	unsigned int traits;
};

#define SIGNALS		1	/* O_ASYNC has an effect */
#define NOT_POLLED	2	/* there is nothing to wait for */
#define PLACE		4	/* O_PATH: no flags, no owner */

/* A name that is not taken. */
static const char *fresh(const char *stem)
{
	static char name[60];
	static int nr;

	snprintf(name, sizeof(name), "%s.%d.%d", stem, getpid(), nr++);
	return name;
}

static struct ends alone(int fd)
{
	check(fd >= 0);
	return (struct ends){ fd, -1 };
}

static struct ends two(int fd, int other)
{
	check(fd >= 0 && other >= 0);
	return (struct ends){ fd, other };
}

static void write_other(const struct ends *e)
{
	check(write(e->other, "x\n", 2) == 2);
}

static void count_up(int fd)
{
	check(eventfd_write(fd, 1) == 0);
}

/* ---- files ---------------------------------------------------------------------- */

static int make_file(const char *name)
{
	int fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_ASYNC, 0600);

	check(fd >= 0 && write(fd, "something", 9) == 9);
	return fd;
}

/* O_ASYNC is without an effect, and is shown. */
static struct ends asked(const char *name) { return alone(open(name, O_RDONLY | O_ASYNC)); }

static struct ends open_regular(void) { return alone(make_file(fresh("regular"))); }
static struct ends open_directory(void) { return asked("."); }
static struct ends open_place(void) { return alone(open(".", O_PATH)); }
static struct ends open_zero(void) { return alone(open("/dev/zero", O_RDWR | O_ASYNC)); }
static struct ends open_random(void) { return alone(open("/dev/random", O_RDONLY)); }
static struct ends open_memory(void) { return alone(memfd_create("dressed", 0)); }
static struct ends open_namespace(void) { return asked("/proc/self/ns/uts"); }
static struct ends open_status(void) { return asked("/proc/self/status"); }
static struct ends open_mounts(void) { return asked("/proc/self/mounts"); }
static struct ends open_mtu(void) { return asked("/sys/class/net/lo/mtu"); }

static struct ends open_deleted(void)
{
	const char *name = fresh("deleted");
	int fd = make_file(name);

	check(unlink(name) == 0);
	return alone(fd);
}

static struct ends open_deleted_directory(void)
{
	const char *name = fresh("directory");
	int fd;

	check(mkdir(name, 0700) == 0);
	fd = open(name, O_RDONLY | O_DIRECTORY);
	check(rmdir(name) == 0);
	return alone(fd);
}

static struct ends open_named_fifo(const char *name)
{
	int fd;

	check(mkfifo(name, 0600) == 0);
	fd = open(name, O_RDONLY | O_NONBLOCK);
	return two(fd, open(name, O_WRONLY));
}

static struct ends open_fifo(void) { return open_named_fifo(fresh("fifo")); }

static struct ends open_deleted_fifo(void)
{
	const char *name = fresh("nameless");
	struct ends e = open_named_fifo(name);

	check(unlink(name) == 0);
	return e;
}

static struct ends open_pipe(void)
{
	int fd[2];

	check(pipe(fd) == 0);
	return two(fd[0], fd[1]);
}

/* ---- terminals -------------------------------------------------------------------- */

static struct ends open_ptmx(void)
{
	int ptmx = posix_openpt(O_RDWR | O_NOCTTY);

	check(ptmx >= 0 && grantpt(ptmx) == 0 && unlockpt(ptmx) == 0);
	return two(ptmx, open(ptsname(ptmx), O_RDWR | O_NOCTTY));
}

static struct ends open_pts(void)
{
	struct ends e = open_ptmx();

	return two(e.other, e.fd);
}

/* ---- what the kernel counts and tells ------------------------------------------------ */

static struct ends open_eventfd(void) { return alone(eventfd(0, 0)); }
static void tell_eventfd(const struct ends *e) { count_up(e->fd); }

static struct ends open_signalfd(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	return alone(signalfd(-1, &set, 0));
}

static void tell_signalfd(const struct ends *e)
{
	(void)e;
	check(kill(getpid(), SIGUSR2) == 0);
}

static struct ends open_timerfd(void) { return alone(timerfd_create(CLOCK_MONOTONIC, 0)); }

static void tell_timerfd(const struct ends *e)
{
	struct itimerspec soon = { .it_value.tv_nsec = 1 };

	check(timerfd_settime(e->fd, 0, &soon, NULL) == 0);
}

static void watch(int ep, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	check(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event) == 0);
}

static struct ends open_epoll(void)
{
	int ep = epoll_create1(0), counter = eventfd(0, 0);

	watch(ep, counter);
	return two(ep, counter);
}

static void tell_epoll(const struct ends *e) { count_up(e->other); }

static struct ends open_inotify(void)
{
	const char *name = fresh("watched");
	int fd = inotify_init(), file = make_file(name);

	check(inotify_add_watch(fd, name, IN_MODIFY) > 0);
	return two(fd, file);
}

static struct ends open_fanotify(void)
{
	const char *name = fresh("heard");
	int fd = fanotify_init(FAN_CLASS_NOTIF, O_RDONLY), file = make_file(name);

	check(fanotify_mark(fd, FAN_MARK_ADD, FAN_MODIFY, AT_FDCWD, name) == 0);
	return two(fd, file);
}

/* The other end is the process. */
static struct ends open_pidfd(void)
{
	pid_t pid = fork();

	check(pid >= 0);
	while (!pid)
		pause();
	return two(syscall(SYS_pidfd_open, pid, 0), pid);
}

static void tell_pidfd(const struct ends *e) { check(kill(e->other, SIGKILL) == 0); }

static struct ends open_userfaultfd(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	int fd = syscall(SYS_userfaultfd, O_NONBLOCK | UFFD_USER_MODE_ONLY);

	check(fd >= 0 && ioctl(fd, UFFDIO_API, &api) == 0);
	return alone(fd);
}

static struct ends open_mqueue(void)
{
	struct mq_attr attr = { .mq_maxmsg = 2, .mq_msgsize = 8 };
	mqd_t fd = mq_open("/ckpt-dressed", O_RDWR | O_CREAT | O_EXCL, 0600, &attr);

	check(fd >= 0 && mq_unlink("/ckpt-dressed") == 0);
	return alone(fd);
}

static void tell_mqueue(const struct ends *e) { check(mq_send(e->fd, "x", 1, 0) == 0); }

static struct ends open_map(void)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1,
	};

	return alone(syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)));
}

/* ---- UNIX sockets -------------------------------------------------------------------- */

static struct ends open_pair(int type)
{
	int fd[2];

	check(socketpair(AF_UNIX, type, 0, fd) == 0);
	return two(fd[0], fd[1]);
}

static struct ends open_stream(void) { return open_pair(SOCK_STREAM); }
static struct ends open_dgram(void) { return open_pair(SOCK_DGRAM); }
static struct ends open_seqpacket(void) { return open_pair(SOCK_SEQPACKET); }

/* It gets a name of its own. */
static struct ends open_listener(void)
{
	struct sockaddr_un none = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	check(bind(fd, (struct sockaddr *)&none, sizeof(none.sun_family)) == 0);
	check(listen(fd, 5) == 0);
	return alone(fd);
}

static void tell_listener(const struct ends *e)
{
	struct sockaddr_un name;
	socklen_t len = sizeof(name);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	check(getsockname(e->fd, (struct sockaddr *)&name, &len) == 0);
	check(connect(fd, (struct sockaddr *)&name, len) == 0);
}

/* ---- sockets of IPv4 ------------------------------------------------------------------- */

static int bound(int type, int protocol)
{
	union address a = loopback(AF_INET);
	int fd = socket(AF_INET, type, protocol);

	check(fd >= 0 && bind(fd, &a.any, size_of(&a)) == 0);
	return fd;
}

static void send_to(int fd, const union address *a, const void *bytes, size_t size)
{
	check(sendto(fd, bytes, size, 0, &a->any, size_of(a)) == (ssize_t)size);
}

static struct ends open_udp(void) { return alone(bound(SOCK_DGRAM, 0)); }

static void tell_udp(const struct ends *e)
{
	union address a = name(e->fd);

	send_to(e->fd, &a, "x", 1);
}

static struct ends open_tcp_listener(void)
{
	int fd = bound(SOCK_STREAM, 0);

	check(listen(fd, 5) == 0);
	return alone(fd);
}

static int connect_to(int listener)
{
	union address a = name(listener);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	check(fd >= 0 && connect(fd, &a.any, size_of(&a)) == 0);
	return fd;
}

static void tell_tcp_listener(const struct ends *e) { check(connect_to(e->fd) >= 0); }

/* Accepted by one that goes on to listen where nobody else may. */
static struct ends open_tcp(void)
{
	int listener = open_tcp_listener().fd, other = connect_to(listener);

	return two(accept(listener, NULL, NULL), other);
}

static struct ends open_raw(void) { return alone(bound(SOCK_RAW, RAW_PROTOCOL)); }

static void tell_raw(const struct ends *e)
{
	union address a = loopback(AF_INET);

	send_to(e->fd, &a, "x", 1);
}

static struct ends open_ping(void) { return alone(bound(SOCK_DGRAM, IPPROTO_ICMP)); }

static void tell_ping(const struct ends *e)
{
	struct icmphdr echo = { .type = ICMP_ECHO };
	union address a = loopback(AF_INET);

	send_to(e->fd, &a, &echo, sizeof(echo));
}

/* ---- other sockets ---------------------------------------------------------------------- */

static struct sockaddr_ll frames(void)
{
	return (struct sockaddr_ll){
		.sll_family = AF_PACKET, .sll_protocol = htons(PROTOCOL),
		.sll_ifindex = if_nametoindex("lo"), .sll_halen = 6,
	};
}

static struct ends open_packet(void)
{
	struct sockaddr_ll a = frames();
	int fd = socket(AF_PACKET, SOCK_DGRAM, 0);

	check(fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	return alone(fd);
}

static void tell_packet(const struct ends *e)
{
	struct sockaddr_ll a = frames();

	check(sendto(e->fd, "x", 1, 0, (struct sockaddr *)&a, sizeof(a)) == 1);
}

static struct ends open_netlink(void) { return alone(socket(AF_NETLINK, SOCK_RAW, 0)); }

/* The kernel says that it has understood that there is nothing to do. */
static void tell_netlink(const struct ends *e)
{
	struct nlmsghdr nothing = {
		.nlmsg_len = sizeof(nothing), .nlmsg_type = NLMSG_NOOP,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
	};

	check(send(e->fd, &nothing, sizeof(nothing), 0) == sizeof(nothing));
}

static struct ends open_tun(void) { return alone(open("/dev/net/tun", O_RDWR)); }

/* ---- the table ---------------------------------------------------------------------------- */

static const struct kind kinds[] = {
	{ "regular", open_regular, NULL, NOT_POLLED },
	{ "directory", open_directory, NULL, NOT_POLLED },
	{ "place", open_place, NULL, PLACE | NOT_POLLED },
	{ "deleted", open_deleted, NULL, NOT_POLLED },
	{ "deleted-directory", open_deleted_directory, NULL, NOT_POLLED },
	{ "deleted-fifo", open_deleted_fifo, write_other, SIGNALS },
	{ "zero", open_zero, NULL, NOT_POLLED },
	{ "random", open_random, NULL, 0 },
	{ "memory", open_memory, NULL, NOT_POLLED },
	{ "namespace", open_namespace, NULL, NOT_POLLED },
	{ "map", open_map, NULL, 0 },
	{ "status", open_status, NULL, NOT_POLLED },
	{ "mounts", open_mounts, NULL, 0 },
	{ "mtu", open_mtu, NULL, 0 },
	{ "pipe", open_pipe, write_other, SIGNALS },
	{ "fifo", open_fifo, write_other, SIGNALS },
	{ "ptmx", open_ptmx, write_other, SIGNALS },
	{ "pts", open_pts, write_other, SIGNALS },
	{ "eventfd", open_eventfd, tell_eventfd, 0 },
	{ "signalfd", open_signalfd, tell_signalfd, 0 },
	{ "timerfd", open_timerfd, tell_timerfd, 0 },
	{ "epoll", open_epoll, tell_epoll, 0 },
	{ "inotify", open_inotify, write_other, SIGNALS },
	{ "fanotify", open_fanotify, write_other, 0 },
	{ "pidfd", open_pidfd, tell_pidfd, 0 },
	{ "userfaultfd", open_userfaultfd, NULL, 0 },
	{ "mqueue", open_mqueue, tell_mqueue, 0 },
	{ "stream", open_stream, write_other, SIGNALS },
	{ "dgram", open_dgram, write_other, SIGNALS },
	{ "seqpacket", open_seqpacket, write_other, SIGNALS },
	{ "listener", open_listener, tell_listener, SIGNALS },
	{ "udp", open_udp, tell_udp, SIGNALS },
	{ "tcp-listener", open_tcp_listener, tell_tcp_listener, SIGNALS },
	{ "tcp", open_tcp, write_other, SIGNALS },
	{ "raw", open_raw, tell_raw, SIGNALS },
	{ "ping", open_ping, tell_ping, SIGNALS },
	{ "packet", open_packet, tell_packet, SIGNALS },
	{ "netlink", open_netlink, tell_netlink, SIGNALS },
	{ "tun", open_tun, NULL, SIGNALS },
};

static const struct kind *find_kind(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	printf("%s: no such kind\n", name);
	exit(1);
}

/* ---- dressed -------------------------------------------------------------------------------- */

/**
 * struct worn - what an open file has on
 * @flags:	of fcntl(2), and of the one that is in flight only
 * @signal:	of the file; the other one sends the one behind
 * @ready:	the epolls have something to tell
 * @mode:	what is in flight only is
 */
struct worn {
	const struct kind *kind;
	struct ends it, away;
	int copy, flight[2], inner, outer, flags[2], signal, owner, ready;
	pid_t who;
	mode_t mode;
};

static struct worn all[MOST_KINDS];
static int nr_all;
static pid_t child;

static mode_t mode_of(int fd)
{
	struct stat st;

	check(fstat(fd, &st) == 0);
	return st.st_mode;
}

/* Return: the flags that it has then. */
static int give_owner(const struct worn *w, int fd, int sig)
{
	if (!(w->kind->traits & PLACE)) {
		set_owner(fd, w->owner, w->who, sig);
		check(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK | O_ASYNC) == 0);
		check(fcntl(fd, F_GETFL) & O_ASYNC || !(w->kind->traits & SIGNALS));
	}
	return fcntl(fd, F_GETFL);
}

static int is_ready(int ep)
{
	struct epoll_event event;
	int n = epoll_wait(ep, &event, 1, 0);

	check(n >= 0);
	return n;
}

/* Is it refused by epoll, as it has to be? */
static int is_not_polled(const struct worn *w)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl(w->inner, EPOLL_CTL_ADD, w->it.fd, &event) == -1 &&
	       errno == (w->kind->traits & PLACE ? EBADF : EPERM);
}

static void make_epolls(struct worn *w)
{
	w->inner = epoll_create1(EPOLL_CLOEXEC);
	w->outer = epoll_create1(0);
	watch(w->outer, w->inner);
	if (w->kind->traits & NOT_POLLED)
		check(is_not_polled(w));
	else
		watch(w->inner, w->it.fd);
	w->ready = is_ready(w->outer);
	check(!w->ready || !w->kind->tell);
}

static void dress_up(struct worn *w, const char *name)
{
	static const int owners[] = { F_OWNER_PID, F_OWNER_PGRP, F_OWNER_TID };

	w->kind = find_kind(name);
	w->signal = SIGRTMIN + 2 * nr_all;
	w->owner = owners[nr_all % 3];
	w->who = w->owner == F_OWNER_PGRP ? getpgrp() : getpid();
	check(socketpair(AF_UNIX, SOCK_STREAM, 0, w->flight) == 0);

	w->it = w->kind->open();
	check(fcntl(w->it.fd, F_SETFD, 0) == 0);
	w->flags[0] = give_owner(w, w->it.fd, w->signal);
	w->copy = fcntl(w->it.fd, F_DUPFD_CLOEXEC, 200);
	check(w->copy >= 200);
	send_fd(w->flight[0], w->copy);
	make_epolls(w);

	w->away = w->kind->open();
	w->flags[1] = give_owner(w, w->away.fd, w->signal + 1);
	w->mode = mode_of(w->away.fd);
	send_fd(w->flight[0], w->away.fd);
	check(close(w->away.fd) == 0);
}

/* ---- the same afterwards ------------------------------------------------------------------- */

static int is_signalled(int sig, siginfo_t *info)
{
	struct timespec none = {};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	return sigtimedwait(&set, info, &none) == sig;
}

static void check_own(const struct worn *w, int fd, int sig, int flags)
{
	check(fcntl(fd, F_GETFL) == flags);
	if (!(w->kind->traits & PLACE))
		check_owner(fd, w->owner, w->who, sig);
}

static void check_shared(const struct worn *w)
{
	int landed = receive_fd(w->flight[1]);

	check(fcntl(w->it.fd, F_GETFD) == 0 && fcntl(w->copy, F_GETFD) == FD_CLOEXEC);
	check(same_file(getpid(), w->it.fd, getpid(), w->copy));
	check(same_file(getpid(), w->it.fd, getpid(), landed));
	check(same_file(getpid(), w->it.fd, child, w->it.fd));
	check(same_file(getpid(), w->it.fd, child, w->copy));
	check(close(landed) == 0);
}

static void check_still(const struct worn *w)
{
	int landed;

	check_own(w, w->it.fd, w->signal, w->flags[0]);
	check_shared(w);
	landed = receive_fd(w->flight[1]);
	check_own(w, landed, w->signal + 1, w->flags[1]);
	check(mode_of(landed) == w->mode);
	check(close(landed) == 0);
	check(is_ready(w->outer) == w->ready && is_ready(w->inner) == w->ready);
	check(!(w->kind->traits & NOT_POLLED) || is_not_polled(w));
}

static void check_silent(const struct worn *w)
{
	siginfo_t info;

	check(!is_signalled(w->signal, &info) && !is_signalled(w->signal + 1, &info));
}

/* It says so by the number under which it was asked to. */
static void check_signal(const struct worn *w)
{
	siginfo_t info;
	sigset_t set;

	if (!(w->kind->traits & SIGNALS)) {
		check(!is_signalled(w->signal, &info));
		return;
	}
	sigemptyset(&set);
	sigaddset(&set, w->signal);
	check(sigwaitinfo(&set, &info) == w->signal);
	check(info.si_code == POLL_IN && info.si_fd == w->it.fd);
}

static void check_told(const struct worn *w)
{
	struct epoll_event event;

	if (!w->kind->tell)
		return;
	w->kind->tell(&w->it);
	check(epoll_wait(w->outer, &event, 1, -1) == 1 && event.data.fd == w->inner);
	check(epoll_wait(w->inner, &event, 1, -1) == 1 && event.data.fd == w->it.fd);
	check_signal(w);
}

static void for_all(const char *what, void (*step)(const struct worn *w))
{
	int i;

	for (i = 0; i < nr_all; i++) {
		printf("%s: %s\n", all[i].kind->name, what);
		fflush(stdout);
		step(&all[i]);
	}
}

/* All that files send, and what the signalfd is for. */
static void block_signals(void)
{
	sigset_t set;
	int sig;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	for (sig = SIGRTMIN; sig <= SIGRTMAX; sig++)
		sigaddset(&set, sig);
	check(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void end_children(const struct worn *w)
{
	if (w->kind->open != open_pidfd)
		return;
	end(w->it.other);
	end(w->away.other);
}

int main(int argc, char **argv)
{
	check(argc > 2 && argc - 2 <= MOST_KINDS && chdir(argv[1]) == 0);
	block_signals();
	for (nr_all = 0; nr_all < argc - 2; nr_all++)
		dress_up(&all[nr_all], argv[nr_all + 2]);
	child = fork();
	check(child >= 0);
	while (!child)
		pause();

	ready();

	for_all("sends no signal", check_silent);
	for_all("is as it was", check_still);
	for_all("tells", check_told);
	end(child);
	for_all("ends", end_children);
	return passed();
}
