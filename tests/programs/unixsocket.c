// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pairs of UNIX sockets: messages of all types, read in part, with credentials;
 * ends that are closed and shut down; options, a filter, signals.
 */
#define _GNU_SOURCE
#include <linux/filter.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <linux/sockios.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>

#include "message.h"
#include "openfile.h"
#include "tasks.h"

#ifndef SO_PASSPIDFD
#define SO_PASSPIDFD	76
#endif

#define LARGE	100000

static int stream[2], dgram[2], packet[2], closed[2], unread[2], lonely[2], half[2];
static int dumb[2], options[2], filtered[2], peeked[2], shared[2], signaled[2], stamped[2];
static int alone[3], empty[2], waited[2];
static char large[LARGE];
static pid_t child, gone, waiter;

static void pair(int type, int *fd)
{
	check(socketpair(AF_UNIX, type, 0, fd) == 0);
}

static void nothing(int fd)
{
	char byte;

	check(recv(fd, &byte, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN);
}

static void at_end(int fd)
{
	char byte;

	check(recv(fd, &byte, 1, MSG_DONTWAIT) == 0);
}

static int polled(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT | POLLRDHUP };

	check(poll(&p, 1, 0) >= 0);
	return p.revents;
}

static void make_messages(void)
{
	size_t i;

	for (i = 0; i < LARGE; i++)
		large[i] = i * 7 + i / 256;
	pair(SOCK_STREAM | SOCK_CLOEXEC, stream);
	put(stream[0], "one");
	put(stream[0], "two");
	check(send(stream[0], large, LARGE, 0) == LARGE);
	put(stream[1], "back");
	check(recv(stream[1], large, 2, 0) == 2 && !memcmp(large, "on", 2));
	large[0] = 0;
	large[1] = 7;

	pair(SOCK_DGRAM, dgram);
	put(dgram[0], "datagram");
	put(dgram[0], "");
	check(send(dgram[0], large, LARGE, 0) == LARGE);
	put(dgram[1], "another");

	pair(SOCK_SEQPACKET, packet);
	put(packet[0], "packet");
	put(packet[0], "next");
}

static void check_messages(void)
{
	static char got[LARGE];
	size_t n = 0;
	int left;

	check(fcntl(stream[0], F_GETFD) == FD_CLOEXEC);
	check(ioctl(stream[1], SIOCINQ, &left) == 0 && left == LARGE + 4);
	check(ioctl(stream[0], SIOCOUTQ, &left) == 0 && left >= LARGE);
	check(recv(stream[1], got, 4, 0) == 4 && !memcmp(got, "etwo", 4));
	while (n < LARGE) {
		ssize_t more = recv(stream[1], got + n, LARGE - n, 0);

		check(more > 0);
		n += more;
	}
	check(!memcmp(got, large, LARGE));
	nothing(stream[1]);
	get(stream[0], "back");
	put(stream[1], "still there");
	get(stream[0], "still there");

	get(dgram[1], "datagram");
	get(dgram[1], "");
	check(recv(dgram[1], got, LARGE, 0) == LARGE && !memcmp(got, large, LARGE));
	nothing(dgram[1]);
	get(dgram[0], "another");
	put(dgram[0], "more");
	get(dgram[1], "more");

	check(recv(packet[1], got, 3, 0) == 3 && !memcmp(got, "pac", 3));
	get(packet[1], "next");
	put(packet[1], "answer");
	get(packet[0], "answer");
}

static void make_ends(void)
{
	char byte;

	pair(SOCK_STREAM, closed);
	put(closed[1], "last words");
	close(closed[1]);
	/* Who closes with something left to read gives the other an error. */
	pair(SOCK_STREAM, unread);
	put(unread[0], "never read");
	put(unread[1], "said before");
	close(unread[1]);
	pair(SOCK_DGRAM, lonely);
	put(lonely[1], "from the past");
	close(lonely[1]);
	pair(SOCK_STREAM, half);
	put(half[0], "before");
	check(shutdown(half[0], SHUT_WR) == 0);
	put(half[1], "after");
	pair(SOCK_SEQPACKET, dumb);
	put(dumb[0], "heard");
	check(shutdown(dumb[0], SHUT_RDWR) == 0);
	alone[0] = socket(AF_UNIX, SOCK_STREAM, 0);
	alone[1] = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	alone[2] = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	check(alone[0] >= 0 && alone[1] >= 0 && alone[2] >= 0);
	check(shutdown(alone[1], SHUT_RD) == 0);
	pair(SOCK_SEQPACKET, empty);
	check(close(empty[1]) == 0 && recv(empty[0], &byte, 1, 0) == 0);
}

static void check_ends(void)
{
	char byte;

	get(closed[0], "last words");
	at_end(closed[0]);
	check(send(closed[0], "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
	check(polled(closed[0]) == (POLLIN | POLLOUT | POLLHUP | POLLRDHUP));
	get(unread[0], "said before");
	check(recv(unread[0], &byte, 1, 0) == -1 && errno == ECONNRESET);
	at_end(unread[0]);
	get(lonely[0], "from the past");
	check(send(lonely[0], "x", 1, 0) == -1 && errno == ECONNREFUSED);
	check(send(lonely[0], "x", 1, 0) == -1 && errno == ENOTCONN);
	get(half[1], "before");
	at_end(half[1]);
	check(send(half[0], "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
	get(half[0], "after");
	put(half[1], "and more");
	get(half[0], "and more");
	get(dumb[1], "heard");
	at_end(dumb[0]);
	at_end(dumb[1]);
	check(recv(alone[0], &byte, 1, 0) == -1 && errno == EINVAL);
	check(send(alone[1], "x", 1, 0) == -1 && errno == ENOTCONN);
	check(polled(alone[1]) == (POLLIN | POLLOUT | POLLRDHUP));
	check(recv(alone[2], &byte, 1, 0) == -1 && errno == ENOTCONN);
	check(polled(alone[0]) == (POLLHUP | POLLOUT));
	at_end(empty[0]);
}

/* Who has made a pair, or sent a message, and has ended since. */
static pid_t from_ended(int fd)
{
	pid_t pid = fork();

	check(pid >= 0);
	if (!pid) {
		put(fd, "from a child");
		_exit(0);
	}
	check(status_of(pid) == 0);
	return pid;
}

static int on = 1;

static void make_stamped(void)
{
	pair(SOCK_DGRAM, stamped);
	check(setsockopt(stamped[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) == 0);
	check(setsockopt(stamped[1], SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) == 0);
	put(stamped[0], "mine");
	gone = from_ended(stamped[0]);
}

/* Who has sent the next message; it has a time that has passed. */
static struct ucred sender(int fd, const char *text)
{
	char got[100] = "", control[200];
	struct iovec iov = { got, sizeof(got) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct timespec now, then = {};
	struct ucred cred = {};
	struct cmsghdr *cmsg;

	check(recvmsg(fd, &msg, MSG_DONTWAIT) == (ssize_t)strlen(text) && !strcmp(got, text));
	for (cmsg = CMSG_FIRSTHDR(&msg); cmsg; cmsg = CMSG_NXTHDR(&msg, cmsg)) {
		if (cmsg->cmsg_type == SCM_CREDENTIALS)
			memcpy(&cred, CMSG_DATA(cmsg), sizeof(cred));
		if (cmsg->cmsg_type == SO_TIMESTAMPNS)
			memcpy(&then, CMSG_DATA(cmsg), sizeof(then));
	}
	check(clock_gettime(CLOCK_REALTIME, &now) == 0);
	check(then.tv_sec > 0 && (then.tv_sec < now.tv_sec || then.tv_nsec < now.tv_nsec));
	return cred;
}

static void check_stamped(void)
{
	struct ucred cred = sender(stamped[1], "mine");
	socklen_t len = sizeof(cred);

	check(cred.pid == getpid() && cred.uid == getuid() && cred.gid == getgid());
	cred = sender(stamped[1], "from a child");
	check(cred.pid == gone && cred.uid == getuid());
	check(getsockopt(stamped[0], SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0);
	check(cred.pid == getpid() && cred.uid == geteuid() && cred.gid == getegid());
	check(getsockopt(alone[0], SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0);
	check(cred.pid == 0 && cred.uid == (uid_t)-1);
}

static const struct {
	int name, value;
} ints[] = {
	{ SO_PASSCRED, 1 }, { SO_PASSSEC, 1 }, { SO_PASSPIDFD, 1 }, { SO_PRIORITY, 5 },
	{ SO_MARK, 77 }, { SO_RCVLOWAT, 3 }, { SO_SNDBUF, 30000 }, { SO_RCVBUF, 20000 },
	{ SO_KEEPALIVE, 1 }, { SO_OOBINLINE, 1 }, { SO_BROADCAST, 1 }, { SO_REUSEADDR, 1 },
	{ SO_DONTROUTE, 1 }, { SO_NO_CHECK, 1 }, { SO_RXQ_OVFL, 1 }, { SO_TIMESTAMP, 1 },
	{ SO_PEEK_OFF, 4 }, { SO_BUSY_POLL, 20 }, { SO_LOCK_FILTER, 1 },
};

#define NR_INTS	(sizeof(ints) / sizeof(ints[0]))

static int before[NR_INTS];

static int option(int fd, int name)
{
	socklen_t len = sizeof(int);
	int value = -1;

	check(getsockopt(fd, SOL_SOCKET, name, &value, &len) == 0);
	return value;
}

static const struct timeval receive = { .tv_sec = 7, .tv_usec = 500000 }, never = { .tv_sec = -1 };
static const struct linger lingering = { .l_onoff = 1, .l_linger = 9 };

static void make_options(void)
{
	struct stat st;
	size_t i;

	pair(SOCK_STREAM, options);
	for (i = 0; i < NR_INTS; i++) {
		check(setsockopt(options[0], SOL_SOCKET, ints[i].name, &ints[i].value,
				 sizeof(int)) == 0);
		before[i] = option(options[0], ints[i].name);
		check(before[i] >= ints[i].value);
	}
	check(setsockopt(options[0], SOL_SOCKET, SO_RCVTIMEO, &receive, sizeof(receive)) == 0);
	check(setsockopt(options[0], SOL_SOCKET, SO_SNDTIMEO, &never, sizeof(never)) == 0);
	check(setsockopt(options[0], SOL_SOCKET, SO_LINGER, &lingering, sizeof(lingering)) == 0);
	check(fchmod(options[1], 0600) == 0 && fchown(options[1], 1234, 5678) == 0);
	check(fstat(options[1], &st) == 0 && st.st_mode == (S_IFSOCK | 0600));
}

static void check_options(void)
{
	struct linger linger;
	struct timeval tv;
	socklen_t len;
	struct stat st;
	size_t i;

	for (i = 0; i < NR_INTS; i++)
		if (option(options[0], ints[i].name) != before[i])
			printf("option %d is %d, was %d\n", ints[i].name,
			       option(options[0], ints[i].name), before[i]);
	for (i = 0; i < NR_INTS; i++)
		check(option(options[0], ints[i].name) == before[i]);
	check(option(options[1], SO_PASSCRED) == 0 && option(options[1], SO_PEEK_OFF) == -1);
	len = sizeof(tv);
	check(getsockopt(options[0], SOL_SOCKET, SO_RCVTIMEO, &tv, &len) == 0);
	check(tv.tv_sec == receive.tv_sec && tv.tv_usec == receive.tv_usec);
	len = sizeof(linger);
	check(getsockopt(options[0], SOL_SOCKET, SO_LINGER, &linger, &len) == 0);
	check(linger.l_onoff == 1 && linger.l_linger == 9);
	check(fstat(options[1], &st) == 0 && st.st_mode == (S_IFSOCK | 0600));
	check(st.st_uid == 1234 && st.st_gid == 5678);
	/* It waits for nothing, though it is not O_NONBLOCK. */
	while (send(options[0], large, 4000, 0) > 0)
		;
	check(errno == EAGAIN);
}

/* Lets datagrams pass that do not begin with an x, the first bytes of them. */
static struct sock_filter program[] = {
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 'x', 0, 1),
	BPF_STMT(BPF_RET | BPF_K, 0),
	BPF_STMT(BPF_RET | BPF_K, 4),
};

static void make_filtered(void)
{
	struct sock_fprog prog = { .len = 4, .filter = program };

	pair(SOCK_DGRAM, filtered);
	put(filtered[0], "x from before");
	check(setsockopt(filtered[1], SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) == 0);
	put(filtered[0], "x is not heard");
	put(filtered[0], "shortened");
}

static void check_filtered(void)
{
	struct sock_filter got[8];
	socklen_t len = 8;

	get(filtered[1], "x from before");
	get(filtered[1], "shor");
	nothing(filtered[1]);
	put(filtered[0], "x is still not heard");
	put(filtered[0], "and shortened");
	get(filtered[1], "and ");
	nothing(filtered[1]);
	check(getsockopt(filtered[1], SOL_SOCKET, SO_GET_FILTER, got, &len) == 0 && len == 4);
	check(!memcmp(got, program, sizeof(program)));
}

static void make_peeked(void)
{
	char got[10];

	pair(SOCK_STREAM, peeked);
	check(setsockopt(peeked[1], SOL_SOCKET, SO_PEEK_OFF, (int[]){ 0 }, sizeof(int)) == 0);
	put(peeked[0], "abcdefg");
	check(recv(peeked[1], got, 3, MSG_PEEK) == 3 && !memcmp(got, "abc", 3));
}

static void check_peeked(void)
{
	char got[10];

	check(recv(peeked[1], got, 2, MSG_PEEK) == 2 && !memcmp(got, "de", 2));
	get(peeked[1], "abcdefg");
}

static volatile sig_atomic_t signals;

static void count(int sig)
{
	signals += sig == SIGUSR2;
}

/* A child that answers, by an end that both have. */
static void be_child(void)
{
	char got[10];

	while (read(shared[1], got, 4) != 4 || memcmp(got, "ping", 4))
		;
	put(shared[1], "pong");
	_exit(0);
}

static int ep[2], edge[2], told[2];

/* One that has told of its event and one that has not, in an epoll in an epoll. */
static void make_watched(void)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data.u32 = 1 };

	pair(SOCK_STREAM, edge);
	pair(SOCK_STREAM, told);
	ep[0] = epoll_create1(0);
	ep[1] = epoll_create1(0);
	check(epoll_ctl(ep[0], EPOLL_CTL_ADD, told[1], &event) == 0);
	put(told[0], "told");
	check(epoll_wait(ep[0], &event, 1, 0) == 1 && event.data.u32 == 1);
	event = (struct epoll_event){ .events = EPOLLIN | EPOLLET, .data.u32 = 2 };
	check(epoll_ctl(ep[0], EPOLL_CTL_ADD, edge[1], &event) == 0);
	put(edge[0], "edge");
	event = (struct epoll_event){ .events = EPOLLIN, .data.u32 = 3 };
	check(epoll_ctl(ep[1], EPOLL_CTL_ADD, ep[0], &event) == 0);
}

static void check_watched(void)
{
	struct epoll_event events[2];

	check(epoll_wait(ep[1], events, 2, 0) == 1 && events[0].data.u32 == 3);
	check(epoll_wait(ep[0], events, 2, 0) == 1 && events[0].data.u32 == 2);
	check(epoll_wait(ep[0], events, 2, 0) == 0);
	put(told[0], "again");
	check(epoll_wait(ep[0], events, 2, 0) == 1 && events[0].data.u32 == 1);
}

/* One that waits, with a time-out, which the kernel would end if it were stopped. */
static void make_waiter(void)
{
	const struct timeval hour = { .tv_sec = 3600 };
	char got[10];

	pair(SOCK_SEQPACKET, waited);
	waiter = fork();
	check(waiter >= 0);
	if (!waiter) {
		check(setsockopt(waited[1], SOL_SOCKET, SO_RCVTIMEO, &hour, sizeof(hour)) == 0);
		check(recv(waited[1], got, sizeof(got), 0) == 4 && !memcmp(got, "wake", 4));
		_exit(0);
	}
	wait_for_state(waiter, 'S');
}

int main(void)
{
	struct dressed dressed;

	make_waiter();
	make_messages();
	make_ends();
	make_stamped();
	make_options();
	make_filtered();
	make_peeked();
	make_watched();
	pair(SOCK_STREAM, shared);
	child = fork();
	check(child >= 0);
	if (!child)
		be_child();
	pair(SOCK_DGRAM, signaled);
	check(signal(SIGUSR2, count) != SIG_ERR);
	set_owner(signaled[1], F_OWNER_PID, getpid(), SIGUSR2);
	check(fcntl(signaled[1], F_SETFL, O_RDWR | O_ASYNC) == 0);
	put(signaled[0], "one signal");
	check(signals == 1);
	dressed = dress(socket(AF_UNIX, SOCK_STREAM, 0), SIGUSR1);

	ready();

	check(signals == 1);
	check_owner(signaled[1], F_OWNER_PID, getpid(), SIGUSR2);
	put(signaled[0], "another");
	check(signals == 2);
	check_messages();
	check_ends();
	check_stamped();
	check_options();
	check_filtered();
	check_peeked();
	check_watched();
	put(waited[0], "wake");
	check(status_of(waiter) == 0);
	put(shared[0], "ping");
	check(status_of(child) == 0);
	get(shared[0], "pong");
	check_dressed(&dressed, SIGUSR1);
	return passed();
}
