// SPDX-License-Identifier: GPL-2.0-only
/*
 * Directories and fifos that have been deleted: open ones, working directories, who has
 * the same, what is in them, modes, owners and times.
 *
 * Usage: unnamed DIR
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "program.h"

#define TIME 1000000007

static int open_at(const char *name, int flags)
{
	int fd = open(name, flags);

	check(fd >= 0);
	return fd;
}

static void check_node(int fd, mode_t mode, uid_t uid)
{
	struct stat st;

	check(fstat(fd, &st) == 0);
	check(st.st_nlink == 0 && st.st_mode == mode && st.st_uid == uid && st.st_gid == 7);
	check(st.st_mtim.tv_sec == TIME && st.st_mtim.tv_nsec == 5);
}

static int same(int fd, int other)
{
	struct stat a, b;

	check(fstat(fd, &a) == 0 && fstat(other, &b) == 0);
	return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* Of a directory that is gone nothing is told, and nothing is made in it. */
static void check_dead(int fd)
{
	char room[256];

	check(syscall(SYS_getdents64, fd, room, sizeof(room)) == -1 && errno == ENOENT);
	check(openat(fd, "x", O_CREAT | O_WRONLY, 0600) == -1 && errno == ENOENT);
	check(faccessat(fd, ".", F_OK, 0) == 0);
}

static void set(int fd, mode_t mode, uid_t uid)
{
	const struct timespec times[2] = { { TIME, 3 }, { TIME, 5 } };

	check(fchown(fd, uid, 7) == 0 && fchmod(fd, mode) == 0 && futimens(fd, times) == 0);
}

/* Who writes to a fifo is not to be there twice. */
static pid_t child_in_cwd(int cwd, int writer)
{
	pid_t pid = fork();
	int here;

	check(pid >= 0);
	if (pid)
		return pid;
	close(writer);
	wait_to_go_on();
	here = open_at(".", O_RDONLY);
	check(same(here, cwd));
	_exit(0);
}

int main(int argc, char **argv)
{
	int dir, again, cwd, here, both, r, w, below, status;
	char text[64];
	pid_t child;

	check(argc == 2 && chdir(argv[1]) == 0);
	check(mkdir("gone", 0700) == 0 && mkdir("above", 0700) == 0);
	check(mkdir("above/below", 0700) == 0 && mkdir("cwd", 0700) == 0);
	dir = open_at("gone", O_RDONLY | O_DIRECTORY);
	again = open_at("gone", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	below = open_at("above/below", O_RDONLY);
	cwd = open_at("cwd", O_RDONLY);
	set(dir, 01751, 1234);
	set(below, 0555, 0);
	check(mkfifo("both", 0600) == 0 && mkfifo("pair", 0600) == 0);
	both = open_at("both", O_RDWR);
	r = open_at("pair", O_RDONLY | O_NONBLOCK);
	w = open_at("pair", O_WRONLY);
	check(write(both, "hello", 5) == 5 && write(w, "one", 3) == 3);
	set(both, 0644, 1234);
	check(rmdir("gone") == 0 && rmdir("above/below") == 0 && rmdir("above") == 0);
	check(unlink("both") == 0 && unlink("pair") == 0);
	check(chdir("cwd") == 0 && rmdir("../cwd") == 0);
	child = child_in_cwd(cwd, w);
	set(dir, 01751, 1234);
	set(below, 0555, 0);
	set(both, 0644, 1234);

	ready();

	check_node(dir, S_IFDIR | 01751, 1234);
	check_node(below, S_IFDIR | 0555, 0);
	check_node(both, S_IFIFO | 0644, 1234);
	check(same(dir, again) && !same(dir, below) && same(r, w) && !same(r, both));
	check(fcntl(again, F_GETFL) & O_NONBLOCK && fcntl(again, F_GETFD) == FD_CLOEXEC);
	check_dead(dir);
	check_dead(again);
	check_dead(below);
	check_dead(cwd);
	here = open_at(".", O_RDONLY);
	check(same(here, cwd) && !getcwd(text, sizeof(text)) && errno == ENOENT);
	check(read(both, text, sizeof(text)) == 5 && !memcmp(text, "hello", 5));
	check(write(both, "again", 5) == 5 && read(both, text, sizeof(text)) == 5);
	check(read(r, text, sizeof(text)) == 3 && !memcmp(text, "one", 3));
	check(read(r, text, sizeof(text)) == -1 && errno == EAGAIN);
	check(close(w) == 0 && read(r, text, sizeof(text)) == 0);
	check(waitpid(child, &status, 0) == child && status == 0);
	return passed();
}
