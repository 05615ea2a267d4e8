// SPDX-License-Identifier: GPL-2.0-only
/* Namespaces of the container, open: each is still the one in which the program lives. */
#define _GNU_SOURCE
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "openfile.h"

static const struct {
	const char *name;
	int type;
} kinds[] = {
	{ "mnt", CLONE_NEWNS }, { "cgroup", CLONE_NEWCGROUP }, { "uts", CLONE_NEWUTS },
	{ "ipc", CLONE_NEWIPC }, { "user", CLONE_NEWUSER }, { "pid", CLONE_NEWPID },
	{ "net", CLONE_NEWNET }, { "time", 0x80 /* CLONE_NEWTIME */ },
	{ "pid_for_children", CLONE_NEWPID }, { "time_for_children", 0x80 },
};

#define KINDS	((int)(sizeof(kinds) / sizeof(kinds[0])))

static int fds[KINDS], quick, owner;

static int open_kind(const char *name, int flags)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/ns/%s", name);
	fd = open(path, flags);
	check(fd >= 0);
	return fd;
}

/* Is it of the namespace of that kind in which the program lives? */
static void check_own(int fd, const char *name, int type)
{
	struct stat it, own;
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/ns/%s", name);
	check(fstat(fd, &it) == 0 && stat(path, &own) == 0);
	check(it.st_ino == own.st_ino && it.st_dev == own.st_dev);
	check(ioctl(fd, NS_GET_NSTYPE) == type);
}

int main(void)
{
	struct dressed dressed;
	int i;

	for (i = 0; i < KINDS; i++)
		fds[i] = open_kind(kinds[i].name, O_RDONLY);
	/* It sends no signals, and shows that it is to. */
	quick = open_kind("net", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_ASYNC);
	owner = ioctl(fds[0], NS_GET_USERNS);
	check(owner >= 0);
	dressed = dress(open_kind("ipc", O_RDONLY), SIGUSR1);

	ready();

	for (i = 0; i < KINDS; i++) {
		check_own(fds[i], kinds[i].name, kinds[i].type);
		check(fcntl(fds[i], F_GETFD) == 0);
	}
	check_own(quick, "net", CLONE_NEWNET);
	check(fcntl(quick, F_GETFD) == FD_CLOEXEC);
	check(fcntl(quick, F_GETFL) == (fcntl(fds[0], F_GETFL) | O_NONBLOCK | O_ASYNC));
	check_own(owner, "user", CLONE_NEWUSER);
	check_own(dressed.fd, "ipc", CLONE_NEWIPC);
	check_dressed(&dressed, SIGUSR1);
	check(setns(fds[2], CLONE_NEWUTS) == 0);
	return passed();
}
