// SPDX-License-Identifier: GPL-2.0-only
/*
 * Directories of which signals tell (F_NOTIFY): of each event, once or each time, by several
 * open files, descriptors and processes, with an owner and with none; a deleted directory;
 * a signal that nobody has taken; also 32-bit.
 *
 * Usage: dnotify [DIR]
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <sys/stat.h>

#include "openfile.h"
#include "tasks.h"

static const struct timespec at_once;

static int base;

static int directory(const char *name)
{
	int fd;

	check(!mkdirat(base, name, 0700) || errno == EEXIST);
	fd = openat(base, name, O_RDONLY | O_DIRECTORY);
	check(fd >= 0);
	return fd;
}

static void touch(int dir, const char *name)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL, 0600);

	check(fd >= 0 && close(fd) == 0);
}

/* Blocked in all tasks, and taken by asking. */
static int next(int sig)
{
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	if (sigtimedwait(&set, &info, &at_once) != sig)
		return -1;
	return info.si_code == POLL_MSG ? info.si_fd : -2;
}

static int watched(int fd, int sig, unsigned int events)
{
	check(fcntl(fd, F_SETSIG, sig) == 0);
	check(fcntl(fd, F_NOTIFY, (unsigned long)events) == 0);
	return fd;
}

/* ---- each event ---- */

static const unsigned int events[] = {
	DN_ACCESS, DN_MODIFY, DN_CREATE, DN_DELETE, DN_RENAME, DN_ATTRIB,
};

#define NR_EVENTS	(sizeof(events) / sizeof(events[0]))

static int each[NR_EVENTS], counts[NR_EVENTS];

static int signal_of(unsigned int event)
{
	return SIGRTMIN + 4 + event;
}

/* What there is in it afterwards is what there was before. */
static void do_everything(int dir)
{
	char c;
	int fd;

	touch(dir, "file");
	fd = openat(dir, "file", O_RDWR);
	check(fd >= 0 && write(fd, "x", 1) == 1 && pread(fd, &c, 1, 0) == 1);
	check(!fchmod(fd, 0640) && !close(fd));
	check(!renameat(dir, "file", dir, "other"));
	check(!unlinkat(dir, "other", 0));
}

static void count_signals(int *to)
{
	unsigned int i;
	int fd;

	for (i = 0; i < NR_EVENTS; i++)
		for (to[i] = 0; (fd = next(signal_of(i))) != -1; to[i]++)
			check(fd == each[i]);
}

static void make_each(void)
{
	unsigned int i;

	for (i = 0; i < NR_EVENTS; i++)
		each[i] = watched(directory("each"), signal_of(i), events[i] | DN_MULTISHOT);
	do_everything(each[0]);
	count_signals(counts);
	for (i = 0; i < NR_EVENTS; i++)
		check(counts[i] > 0);
}

static void check_each(void)
{
	int now[NR_EVENTS];

	count_signals(now);
	check(now[0] + now[1] + now[2] + now[3] + now[4] + now[5] == 0);
	do_everything(each[0]);
	count_signals(now);
	check(!memcmp(now, counts, sizeof(now)));
}

/* ---- once, twice, by another number, of nobody ---- */

#define SIG	(SIGRTMIN + 1)

static int once, over, young, old, number, nobody, deleted, pending, plain;

static void make_others(void)
{
	once = watched(directory("once"), SIG, DN_CREATE);
	over = watched(directory("over"), SIG, DN_CREATE);
	touch(over, "first");
	check(next(SIG) == over && next(SIG) == -1);

	/* Who has watched last is told first. */
	young = directory("order");
	old = watched(directory("order"), SIG, DN_DELETE | DN_MULTISHOT);
	watched(young, SIG, DN_DELETE | DN_MULTISHOT);
	check(young < old);

	/* The number by which it was asked for last. */
	number = directory("number");
	watched(number, SIG, DN_DELETE | DN_MULTISHOT);
	check(fcntl(number, F_DUPFD, 77) == 77);
	watched(77, SIG, DN_CREATE);

	nobody = watched(directory("nobody"), SIG, DN_CREATE | DN_MULTISHOT);
	check(fcntl(nobody, F_SETOWN, 0) == 0 && fcntl(nobody, F_GETOWN) == 0);

	deleted = watched(directory("deleted"), SIG, DN_ATTRIB | DN_MULTISHOT);
	check(!unlinkat(base, "deleted", AT_REMOVEDIR) && !fchmod(deleted, 0750));
	while (next(SIG) == deleted)
		;

	pending = watched(directory("pending"), SIGRTMIN + 2, DN_CREATE);
	touch(pending, "first");

	/* A signal without a number, of the process. */
	plain = directory("plain");
	check(fcntl(plain, F_NOTIFY, (unsigned long)DN_CREATE) == 0);
	check(fcntl(plain, F_GETOWN) == getpid());
}

static void check_others(void)
{
	siginfo_t info;
	sigset_t set;

	check(next(SIG) == -1);
	touch(once, "first");
	check(next(SIG) == once);
	touch(once, "second");
	touch(over, "second");
	check(next(SIG) == -1);

	touch(young, "file");
	check(!unlinkat(young, "file", 0));
	check(next(SIG) == young && next(SIG) == old && next(SIG) == -1);

	touch(number, "file");
	check(next(SIG) == 77);
	check(!unlinkat(number, "file", 0));
	check(next(SIG) == 77 && next(SIG) == -1);
	/* One descriptor of the open file that is closed ends it. */
	check(close(number) == 0);
	touch(77, "file");
	check(next(SIG) == -1);

	touch(nobody, "file");
	check(next(SIG) == -1 && fcntl(nobody, F_GETOWN) == 0);

	check(!fchmod(deleted, 0500) && next(SIG) == deleted);
	while (next(SIG) == deleted)
		;
	check(next(SIGRTMIN + 2) == pending && next(SIGRTMIN + 2) == -1);
	touch(pending, "second");
	check(next(SIGRTMIN + 2) == -1);

	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	check(sigtimedwait(&set, &info, &at_once) == -1);
	touch(plain, "first");
	check(sigtimedwait(&set, &info, &at_once) == SIGIO);
	touch(plain, "second");
	check(sigtimedwait(&set, &info, &at_once) == -1);
	check(fcntl(plain, F_GETOWN) == getpid() && fcntl(plain, F_GETSIG) == 0);
}

/* ---- several tables of descriptors ---- */

static pthread_barrier_t barrier;
static int shared;
static pid_t child;

/* Who is told is he who has been first. */
static void make_shared(void)
{
	int done[2];
	char c;

	check(!pipe(done));
	shared = watched(directory("shared"), SIGRTMIN + 3, DN_CREATE | DN_MULTISHOT);
	child = fork();
	check(child >= 0);
	if (!child) {
		check(fcntl(shared, F_DUPFD, 88) == 88);
		check(fcntl(88, F_NOTIFY, (unsigned long)(DN_CREATE | DN_MULTISHOT)) == 0);
		check(write(done[1], "x", 1) == 1);
		wait_to_go_on();
		check(next(SIGRTMIN + 3) == -1);
		for (;;)
			pause();
	}
	check(read(done[0], &c, 1) == 1 && fcntl(shared, F_GETOWN) == getpid());
}

static void check_shared(void)
{
	int first, second;

	touch(shared, "first");
	first = next(SIGRTMIN + 3);
	second = next(SIGRTMIN + 3);
	check((first == shared && second == 88) || (first == 88 && second == shared));
	check(next(SIGRTMIN + 3) == -1);
	check(kill(child, SIGKILL) == 0 && status_of(child) == SIGKILL);
	touch(shared, "second");
	check(next(SIGRTMIN + 3) == shared && next(SIGRTMIN + 3) == -1);
}

/* With a table of its own; it becomes the owner by its number, for the process. */
static void *thread(void *unused)
{
	int own;

	check(!unshare(CLONE_FILES));
	own = watched(directory("thread"), SIGRTMIN + 3, DN_CREATE);
	check(close(shared) == 0);
	check(fcntl(own, F_GETOWN) == 0);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	touch(own, "first");
	check(next(SIGRTMIN + 3) == own && next(SIGRTMIN + 3) == -1);
	return unused;
}

int main(int argc, char **argv)
{
	char dir[4096];
	pthread_t id;
	sigset_t set;

	snprintf(dir, sizeof(dir), "%s/dnotify.XXXXXX", argc > 1 ? argv[1] : "/tmp");
	check(mkdtemp(dir));
	base = open(dir, O_RDONLY | O_DIRECTORY);
	check(base >= 0);
	sigfillset(&set);
	check(!sigprocmask(SIG_BLOCK, &set, NULL));
	make_each();
	make_others();
	make_shared();
	check(!pthread_barrier_init(&barrier, NULL, 2));
	check(!pthread_create(&id, NULL, thread, NULL));
	pthread_barrier_wait(&barrier);

	ready();

	check_each();
	check_others();
	check_shared();
	pthread_barrier_wait(&barrier);
	check(!pthread_join(id, NULL));
	return passed();
}
