// SPDX-License-Identifier: GPL-2.0-only
/*
 * The character devices that have no state.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "program.h"

static const struct {
	const char *name;
	int minor, flags;
} devices[] = {
	{ "/dev/null", 3, O_RDWR },
	{ "/dev/null", 3, O_WRONLY | O_APPEND | O_CLOEXEC },
	{ "/dev/zero", 5, O_RDONLY },
	{ "/dev/full", 7, O_RDWR | O_NONBLOCK },
	{ "/dev/random", 8, O_RDONLY },
	{ "/dev/urandom", 9, O_RDWR },
};

#define DEVICES (sizeof(devices) / sizeof(devices[0]))

int main(void)
{
	int fds[DEVICES], flags[DEVICES];
	char text[8] = "text";
	struct stat st;
	size_t i;

	for (i = 0; i < DEVICES; i++) {
		fds[i] = open(devices[i].name, devices[i].flags);
		check(fds[i] >= 0);
		flags[i] = fcntl(fds[i], F_GETFL);
	}

	ready();

	for (i = 0; i < DEVICES; i++) {
		check(fstat(fds[i], &st) == 0 && S_ISCHR(st.st_mode));
		check(st.st_rdev == makedev(1, devices[i].minor));
		check(fcntl(fds[i], F_GETFL) == flags[i]);
		check(fcntl(fds[i], F_GETFD) ==
		      (devices[i].flags & O_CLOEXEC ? FD_CLOEXEC : 0));
	}
	check(read(fds[0], text, 1) == 0 && write(fds[1], text, 4) == 4);
	check(read(fds[2], text, 4) == 4 && text[0] == 0 && text[3] == 0);
	check(write(fds[3], text, 1) == -1 && errno == ENOSPC);
	check(read(fds[4], text, 8) == 8 && read(fds[5], text, 8) == 8);
	return passed();
}
