// SPDX-License-Identifier: GPL-2.0-only
/*
 * Leases: of whom nobody wants anything, of whom something is asked, and who asks.
 * What is asked for has to be left for as long as the program is.
 *
 * Usage: leases [DIR]
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "openfile.h"
#include "tasks.h"

static const char *dir;
static int told[64], told_fd[64];
static int rd[2], wr, asked, lowered, waited, both, blocked, inherited, orphaned, memory, deleted;
static int ask[2], answer[2];
static pid_t child;
static volatile int got;

static void count(int sig, siginfo_t *info, void *unused)
{
	(void)unused;
	told[sig]++;
	told_fd[sig] = info->si_fd;
}

static int file(const char *name, int flags)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return open(path, flags | O_CREAT, 0600);
}

static void be_told(int sig)
{
	struct sigaction action = { .sa_sigaction = count, .sa_flags = SA_SIGINFO | SA_RESTART };

	check(sigaction(sig, &action, NULL) == 0);
}

/* A descriptor with a lease, whose owner is told by a signal of its own. */
static int leased(const char *name, int flags, int type, int sig)
{
	int fd = file(name, flags);

	check(fd >= 0);
	be_told(sig);
	check(fcntl(fd, F_SETSIG, sig) == 0);
	check(fcntl(fd, F_SETLEASE, type) == 0);
	check(fcntl(fd, F_GETLEASE) == type);
	return fd;
}

/* An open that would have to wait, of which the one with the lease is told. */
static void want(const char *name, int flags)
{
	check(file(name, flags | O_NONBLOCK) == -1 && errno == EWOULDBLOCK);
}

/* Not any more. */
static void have(const char *name, int flags)
{
	int fd = file(name, flags | O_NONBLOCK);

	check(fd >= 0 && close(fd) == 0);
}

/* Of the process that took it, as /proc/locks has it. */
static void check_listed(int fd, const char *what, pid_t pid)
{
	char line[256], want[64];
	struct stat st;
	int found = 0;
	FILE *f = fopen("/proc/locks", "r");

	check(f && fstat(fd, &st) == 0);
	snprintf(want, sizeof(want), " %d %02x:%02x:%lu ", (int)pid,
		 (unsigned int)(st.st_dev >> 8), (unsigned int)(st.st_dev & 255), st.st_ino);
	while (fgets(line, sizeof(line), f))
		found |= strstr(line, want) && strstr(line, "LEASE") && strstr(line, what);
	fclose(f);
	check(found);
}

/* Takes a lease of a file that it shares, and gives it up when it is told so. */
static void be_child(void)
{
	const struct timespec moment = { .tv_nsec = 1000 * 1000 };
	char c;

	be_told(40);
	check(fcntl(inherited, F_SETSIG, 40) == 0);
	check(fcntl(inherited, F_SETLEASE, F_WRLCK) == 0);
	check(write(answer[1], "x", 1) == 1);
	check(read(ask[0], &c, 1) == 1);
	while (!told[40])
		nanosleep(&moment, NULL);
	check(fcntl(inherited, F_SETLEASE, F_UNLCK) == 0);
	_exit(0);
}

static void *wait_for_lease(void *unused)
{
	check(file("waited", O_RDWR) >= 0);
	got++;
	return unused;
}

static void make_undisturbed(void)
{
	int name;

	rd[0] = leased("read", O_RDONLY, F_RDLCK, 34);
	rd[1] = leased("read", O_RDONLY, F_RDLCK, 35);
	wr = leased("write", O_RDWR, F_WRLCK, 36);
	/* Told by another number, under which it is no more. */
	name = fcntl(wr, F_DUPFD, 77);
	check(name == 77 && fcntl(name, F_SETLEASE, F_WRLCK) == 0 && close(name) == 0);
	memory = memfd_create("lease", 0);
	check(memory >= 0 && fcntl(memory, F_SETLEASE, F_RDLCK) == 0);
	check(fcntl(memory, F_SETOWN, 0) == 0);
	deleted = leased("deleted", O_RDONLY, F_RDLCK, 37);
}

static void make_asked(void)
{
	sigset_t set;

	asked = leased("asked", O_RDWR, F_WRLCK, 41);
	want("asked", O_WRONLY);
	check(told[41] == 1 && told_fd[41] == asked && fcntl(asked, F_GETLEASE) == F_UNLCK);
	lowered = leased("lowered", O_RDWR, F_WRLCK, 42);
	want("lowered", O_RDONLY);
	check(told[42] == 1 && fcntl(lowered, F_GETLEASE) == F_RDLCK);
	both = leased("both", O_RDONLY, F_WRLCK, 43);
	want("both", O_RDONLY);
	want("both", O_WRONLY);
	check(told[43] == 2 && fcntl(both, F_GETLEASE) == F_UNLCK);
	blocked = leased("blocked", O_RDWR, F_WRLCK, 44);
	sigemptyset(&set);
	sigaddset(&set, 44);
	check(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	want("blocked", O_RDONLY);
	waited = leased("waited", O_RDWR, F_WRLCK, 45);
}

static void make_inherited(void)
{
	char path[4096], c;

	snprintf(path, sizeof(path), "%s/deleted", dir);
	check(unlink(path) == 0);
	inherited = file("inherited", O_RDWR);
	orphaned = file("orphaned", O_RDONLY);
	check(inherited >= 0 && orphaned >= 0);
	child = fork();
	check(child >= 0);
	if (!child)
		_exit(fcntl(orphaned, F_SETLEASE, F_RDLCK) ? 1 : 0);
	check(exited_with(child, 0) && fcntl(orphaned, F_GETLEASE) == F_RDLCK);
	check(fcntl(orphaned, F_GETOWN) == 0);
	check(pipe(ask) == 0 && pipe(answer) == 0);
	child = fork();
	check(child >= 0);
	if (!child)
		be_child();
	check(read(answer[0], &c, 1) == 1);
}

static void check_undisturbed(void)
{
	char path[40];

	check(fcntl(rd[0], F_GETLEASE) == F_RDLCK && fcntl(rd[1], F_GETLEASE) == F_RDLCK);
	check(fcntl(wr, F_GETLEASE) == F_WRLCK && fcntl(deleted, F_GETLEASE) == F_RDLCK);
	check(fcntl(wr, F_GETOWN) == getpid() && fcntl(wr, F_GETSIG) == 36);
	check_listed(rd[0], "READ", getpid());
	check_listed(wr, "ACTIVE", getpid());
	check(!told[34] && !told[35] && !told[36]);
	have("read", O_RDONLY);
	want("read", O_WRONLY);
	check(told[34] == 1 && told[35] == 1);
	want("write", O_RDONLY);
	check(told[36] == 1 && told_fd[36] == 77);
	check(fcntl(wr, F_SETLEASE, F_UNLCK) == 0);
	have("write", O_RDWR);

	check(fcntl(memory, F_GETLEASE) == F_RDLCK && fcntl(memory, F_GETOWN) == 0);
	check(fcntl(orphaned, F_GETLEASE) == F_RDLCK && fcntl(orphaned, F_GETOWN) == 0);
	check(!told[37]);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", deleted);
	check(open(path, O_WRONLY | O_NONBLOCK) == -1 && errno == EWOULDBLOCK);
	check(told[37] == 1 && fcntl(deleted, F_GETLEASE) == F_UNLCK);
}

/* Nobody is told again. */
static void check_asked(void)
{
	const struct timespec none = {};
	siginfo_t info = {};
	sigset_t set;

	check_listed(asked, "BREAKING", getpid());
	check(fcntl(asked, F_GETLEASE) == F_UNLCK);
	want("asked", O_WRONLY);
	check(told[41] == 1 && fcntl(asked, F_SETLEASE, F_UNLCK) == 0);
	have("asked", O_WRONLY);

	check(fcntl(lowered, F_GETLEASE) == F_RDLCK);
	want("lowered", O_RDONLY);
	check(told[42] == 1);
	check(fcntl(lowered, F_SETLEASE, F_UNLCK) == 0);
	have("lowered", O_RDONLY);

	check(fcntl(both, F_GETLEASE) == F_UNLCK);
	check(fcntl(both, F_SETLEASE, F_UNLCK) == 0);
	have("both", O_WRONLY);
	check(told[43] == 2);

	sigemptyset(&set);
	sigaddset(&set, 44);
	check(sigtimedwait(&set, &info, &none) == 44 && info.si_fd == blocked);
	check(sigtimedwait(&set, &info, &none) == -1 && errno == EAGAIN);
	check(fcntl(blocked, F_GETLEASE) == F_RDLCK);
	check(told[45] == 1 && got == 0 && fcntl(waited, F_GETLEASE) == F_UNLCK);
}

int main(int argc, char **argv)
{
	pthread_t thread;
	int fd;

	dir = argc > 1 ? argv[1] : "/tmp";
	make_undisturbed();
	make_asked();
	make_inherited();
	check(pthread_create(&thread, NULL, wait_for_lease, NULL) == 0);
	while (!__atomic_load_n(&told[45], __ATOMIC_SEQ_CST))
		nap(1);

	ready();

	check_undisturbed();
	check_asked();
	check(fcntl(waited, F_SETLEASE, F_UNLCK) == 0);
	check(pthread_join(thread, NULL) == 0 && got == 1 && told[45] == 1);
	check_listed(inherited, "ACTIVE", child);
	check(fcntl(inherited, F_GETOWN) == child);
	check(write(ask[1], "x", 1) == 1);
	/* Until the child gives it up. */
	fd = file("inherited", O_RDONLY);
	check(fd >= 0 && exited_with(child, 0));
	return passed();
}
