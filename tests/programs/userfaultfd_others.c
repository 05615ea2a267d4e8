// SPDX-License-Identifier: GPL-2.0-only
/*
 * userfaultfd(2): pages that change between two images; descriptors of other processes; and
 * what cannot be saved, with which the program runs on.
 *
 * Usage: userfaultfd_others MODE, of the table at the end.
 */
#define _GNU_SOURCE
#include <sys/uio.h>
#include <sys/wait.h>

#include "handover.h"
#include "modes.h"
#include "tasks.h"
#include "userfaults.h"

static int uffd;
static char *missing;

/* ---- what changes between images ---- */

static int has_turned(void)
{
	char path[256];

	snprintf(path, sizeof(path), "%s.1", getenv("GO") ?: "");
	return access(path, F_OK) == 0;
}

/* Some pages get other contents, others another state, one both, and one neither. */
static void turn(void)
{
	missing[0] = 'A';
	protect(uffd, missing + PAGE, 1, 0);
	missing[PAGE] = 'B';
	protect(uffd, missing + 3 * PAGE, 1, 1);
	check(!madvise(missing + 4 * PAGE, 2 * PAGE, MADV_DONTNEED));
	zero(uffd, missing + 5 * PAGE);
	missing[6 * PAGE] = 'G';
	poison(uffd, missing + 7 * PAGE);
	nr_areas = 0;
	keep(missing, 8, ALL);
	printf("step 1\n");
	fflush(stdout);
}

/*
 * What the first byte of each page is; and m: it is not there, w: it is protected, z: it is
 * the page of zeroes, x: it is poisoned.
 */
static void verify_turn(const char *contents, const char *states)
{
	struct toucher t;
	char *at = missing;

	for (; *contents; contents++, states++, at += PAGE) {
		if (*states == 'x') {
			check(is_poisoned(at));
			continue;
		}
		start_touching(&t, at, *states == 'w' ? '!' : 0);
		if (*states == 'm') {
			check(told_of(uffd, at) == 0);
			check(!fill_in(uffd, (uintptr_t)at, *contents, 0));
		}
		if (*states == 'w') {
			check(told_of(uffd, at) & UFFD_PAGEFAULT_FLAG_WP);
			check(*at == *contents);
			protect(uffd, at, 1, 0);
		}
		check(touched(&t) == (*states == 'w' ? '!' : *states == 'z' ? 0 : *contents));
	}
}

static int turns(void)
{
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	int page, turned = 0;

	uffd = make(O_NONBLOCK | UFFD_USER_MODE_ONLY, UFFD_FEATURE_WP_UNPOPULATED |
		    UFFD_FEATURE_PAGEFAULT_FLAG_WP | UFFD_FEATURE_POISON);
	missing = anonymous(8);
	watch(uffd, missing, 8, UFFDIO_REGISTER_MODE_MISSING | UFFDIO_REGISTER_MODE_WP);
	for (page = 0; page < 6; page++)
		check(!fill_in(uffd, (uintptr_t)missing + page * PAGE, 'a' + page,
			       page == 1 || page == 2 ? UFFDIO_COPY_MODE_WP : 0));
	zero(uffd, missing + 6 * PAGE);
	keep(missing, 8, ALL);
	printf("ready\n");
	fflush(stdout);
	while (!turned && !told_to_go_on()) {
		turned = has_turned();
		if (turned)
			turn();
		nanosleep(&pause, NULL);
	}
	wait_to_go_on();
	verify_kept();
	if (turned)
		verify_turn("ABcd.?G?", "  wwmz x");
	else
		verify_turn("abcdef?.", " ww   zm");
	return passed();
}

/* ---- of others ---- */

static int tells_nowait(int fd)
{
	struct uffd_msg msg;
	struct iovec iov = { &msg, sizeof(msg) };

	check(preadv2(fd, &iov, 1, -1, RWF_NOWAIT) == -1);
	check(errno == EAGAIN || errno == EOPNOTSUPP);
	return errno == EAGAIN;
}

static int starts[2];	/* a byte for each child */

/* A child that asks for @at, which nobody has, when it is told to. */
static void __attribute__((noreturn)) be_child(volatile char *at)
{
	char byte;

	check(read(starts[0], &byte, 1) == 1);
	_exit(*at);
}

/* It makes the descriptor and gives it away. */
static pid_t make_giver(int *fd, int stays)
{
	int pair[2];
	pid_t child;

	check(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	child = fork();
	check(child >= 0);
	if (!child) {
		char *at = anonymous(2);
		int own = make(O_NONBLOCK | UFFD_USER_MODE_ONLY, 0);

		missing = at;
		watch(own, at, 2, UFFDIO_REGISTER_MODE_MISSING);
		send_fd(pair[0], own);
		check(write(pair[0], &at, sizeof(at)) == sizeof(at));
		close(own);
		close(pair[0]);
		close(pair[1]);
		if (!stays)
			_exit(0);
		be_child(at);
	}
	close(pair[0]);
	*fd = receive_fd(pair[1]);
	check(read(pair[1], &missing, sizeof(missing)) == sizeof(missing));
	close(pair[1]);
	return child;
}

static int forked = -1;

static void *read_fork(void *arg)
{
	struct uffd_msg msg;

	(void)arg;
	wait_readable(uffd);
	check(read(uffd, &msg, sizeof(msg)) == sizeof(msg) && msg.event == UFFD_EVENT_FORK);
	forked = msg.arg.fork.ufd;
	return NULL;
}

static pid_t fork_and_tell(char *at)
{
	pthread_t thread;
	pid_t child;

	check(!pthread_create(&thread, NULL, read_fork, NULL));
	child = fork();
	check(child >= 0);
	if (!child)
		be_child(at);
	check(!pthread_join(thread, NULL) && forked >= 0);
	return child;
}

static int family(void)
{
	int given, gone, status;
	pid_t giver, dead, child;
	char *theirs, *at;

	check(!pipe(starts));
	dead = make_giver(&gone, 0);
	check(!status_of(dead));
	giver = make_giver(&given, 1);
	theirs = missing;
	at = anonymous(2);
	uffd = make(O_NONBLOCK, UFFD_FEATURE_EVENT_FORK);
	watch(uffd, at, 2, UFFDIO_REGISTER_MODE_MISSING);
	child = fork_and_tell(at);
	check(tells_nowait(uffd) && tells_nowait(given) && !tells_nowait(forked));
	check(fill_in(gone, (uintptr_t)theirs, 'g', 0) == -1 && errno == ESRCH);

	ready();

	check(tells_nowait(uffd) && tells_nowait(given) && !tells_nowait(forked));
	check(fill_in(gone, (uintptr_t)theirs, 'g', 0) == -1 && errno == ESRCH);
	check(write(starts[1], "go", 2) == 2);
	check(told_of(given, theirs) == 0);
	check(!fill_in(given, (uintptr_t)theirs, 3, 0));
	status = status_of(giver);
	check(WIFEXITED(status) && WEXITSTATUS(status) == 3);
	check(told_of(forked, at) == 0);
	check(!fill_in(forked, (uintptr_t)at, 4, 0));
	status = status_of(child);
	check(WIFEXITED(status) && WEXITSTATUS(status) == 4);
	check(!fill_in(uffd, (uintptr_t)at, 5, 0) && *at == 5);
	return passed();
}

/* ---- what is refused ---- */

/* A process outside, which has what its parent has, but for the open files of a shell. */
static void make_orphan(void (*run)(int fd), int fd)
{
	pid_t child = fork();

	check(child >= 0);
	if (!child) {
		if (fork())
			_exit(0);
		check(!close(0) && !close(1) && !close(2));
		setsid();
		if (run)
			run(fd);
		wait_to_go_on();
		_exit(0);
	}
	check(!status_of(child));
}

static int outside(void)
{
	uffd = make(O_NONBLOCK | UFFD_USER_MODE_ONLY, 0);
	missing = anonymous(2);
	watch(uffd, missing, 2, UFFDIO_REGISTER_MODE_MISSING);
	check(!fill_in(uffd, (uintptr_t)missing, 'a', 0));
	make_orphan(NULL, -1);
	close(uffd);
	ready();
	check(missing[0] == 'a');
	return passed();
}

static void give(int fd)
{
	char *at = anonymous(2);
	int own = make(O_NONBLOCK | UFFD_USER_MODE_ONLY, 0);

	watch(own, at, 2, UFFDIO_REGISTER_MODE_MISSING);
	send_fd(fd, own);
	close(own);
	close(fd);
}

static int elsewhere(void)
{
	int pair[2];

	check(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	make_orphan(give, pair[0]);
	uffd = receive_fd(pair[1]);
	close(pair[0]);
	close(pair[1]);
	ready();
	return passed();
}

/* Huge pages of a pool. */
static int pool(void)
{
	uffd = make(O_NONBLOCK | UFFD_USER_MODE_ONLY, 0);
	missing = map(HUGE / PAGE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1);
	watch(uffd, missing, HUGE / PAGE, UFFDIO_REGISTER_MODE_MISSING);
	ready();
	check(has_flag(missing, " um"));
	return passed();
}

static void *read_zeroes(void *arg)
{
	int fd = open("/dev/zero", O_RDONLY);

	check(fd >= 0 && read(fd, arg, 1) == 1);
	close(fd);
	return NULL;
}

/* A system call waits for a page. */
static int kernel(void)
{
	pthread_t thread;

	uffd = make(O_NONBLOCK, 0);
	missing = anonymous(2);
	watch(uffd, missing, 2, UFFDIO_REGISTER_MODE_MISSING);
	check(!pthread_create(&thread, NULL, read_zeroes, missing));
	wait_readable(uffd);
	ready();
	check(told_of(uffd, missing) & UFFD_PAGEFAULT_FLAG_WRITE);
	check(!fill_in(uffd, (uintptr_t)missing, 'a', 0));
	check(!pthread_join(thread, NULL));
	check(!missing[0] && missing[1] == 'a');
	return passed();
}

static void *forget(void *arg)
{
	check(!madvise(arg, PAGE, MADV_DONTNEED));
	return NULL;
}

/* Somebody is to be told that pages go, and has not been yet. */
static int event(void)
{
	struct uffd_msg msg;
	pthread_t thread;

	uffd = make(O_NONBLOCK, UFFD_FEATURE_EVENT_REMOVE);
	missing = anonymous(2);
	watch(uffd, missing, 2, UFFDIO_REGISTER_MODE_MISSING);
	check(!pthread_create(&thread, NULL, forget, missing));
	wait_readable(uffd);
	ready();
	check(read(uffd, &msg, sizeof(msg)) == sizeof(msg) && msg.event == UFFD_EVENT_REMOVE);
	check(!pthread_join(thread, NULL));
	return passed();
}

static const struct mode modes[] = {
	{ "turns", turns },
	{ "family", family },
	{ "outside", outside },
	{ "pool", pool },
	{ "elsewhere", elsewhere },
	{ "kernel", kernel },
	{ "event", event },
	{}
};

int main(int argc, char **argv)
{
	return run_mode(modes, argc > 1 ? argv[1] : "");
}
