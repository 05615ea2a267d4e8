// SPDX-License-Identifier: GPL-2.0-only
/*
 * Regular files: offsets shared and not, every flag, odd names.
 *
 * Usage: regular DIR
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "program.h"

static const char *const names[] = {
	"plain", "with space", "with\nnewline", "gone (deleted)",
	"(unreachable)", "\xff\xfe not text", " ", "-", "deep/er/file",
};

#define NR_NAMES (sizeof(names) / sizeof(names[0]))

static const int flag_sets[] = {
	O_RDONLY, O_WRONLY, O_RDWR, O_RDWR | O_APPEND, O_RDONLY | O_NONBLOCK,
	O_WRONLY | O_SYNC, O_WRONLY | O_DSYNC, O_RDONLY | O_NOATIME,
	O_RDONLY | O_NOFOLLOW, O_RDWR | O_APPEND | O_NONBLOCK | O_CLOEXEC,
	O_WRONLY | O_CREAT, O_RDWR | O_CREAT | O_NOCTTY, 3,
};

#define NR_SETS (sizeof(flag_sets) / sizeof(flag_sets[0]))

static void make_dirs(void)
{
	mkdir("deep", 0755);
	mkdir("deep/er", 0755);
}

static int make(const char *name)
{
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0644);

	check(fd >= 0);
	check(dprintf(fd, "the file %s has these words in it", name) > 0);
	return fd;
}

/* A child that has the same open file moves it on, as before the restore. */
static void share_with_child(int fd, int *pipes, pid_t *child)
{
	char c;

	*child = fork();
	check(*child >= 0);
	if (*child)
		return;
	close(pipes[1]);
	if (read(pipes[0], &c, 1) != 1 || lseek(fd, 5, SEEK_CUR) < 0)
		_exit(1);
	_exit(0);
}

int main(int argc, char **argv)
{
	int fds[NR_NAMES], sets[NR_SETS], modes[NR_SETS], dup_fd, second, pipes[2];
	char path[64], link[PATH_MAX], text[64], *map;
	int status;
	pid_t child;
	size_t i;

	check(argc == 2 && chdir(argv[1]) == 0);
	make_dirs();
	for (i = 0; i < NR_NAMES; i++) {
		fds[i] = make(names[i]);
		check(lseek(fds[i], 3 + i, SEEK_SET) == (off_t)(3 + i));
	}
	for (i = 0; i < NR_SETS; i++) {
		sets[i] = open("plain", flag_sets[i], 0644);
		check(sets[i] >= 0);
		modes[i] = fcntl(sets[i], F_GETFL);
	}
	dup_fd = dup(fds[0]);
	second = open("plain", O_RDONLY);
	check(dup_fd >= 0 && second >= 0);
	check(posix_fadvise(second, 0, 0, POSIX_FADV_RANDOM) == 0);
	check(posix_fadvise(dup_fd, 0, 0, POSIX_FADV_SEQUENTIAL) == 0);
	/* Beyond the end, and a hole. */
	check(lseek(second, 1LL << 33, SEEK_SET) == 1LL << 33);
	map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fds[1], 0);
	check(map != MAP_FAILED);
	check(pipe(pipes) == 0);
	share_with_child(fds[0], pipes, &child);

	ready();

	for (i = 0; i < NR_NAMES; i++) {
		check(lseek(fds[i], 0, SEEK_CUR) == (off_t)(3 + i));
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[i]);
		check(readlink(path, link, sizeof(link)) > 0);
		check(pread(fds[i], text, 9, 0) == 9);
		check(!memcmp(text, "the file ", 9));
	}
	for (i = 0; i < NR_SETS; i++) {
		check(fcntl(sets[i], F_GETFL) == modes[i]);
		check(fcntl(sets[i], F_GETFD) ==
		      (flag_sets[i] & O_CLOEXEC ? FD_CLOEXEC : 0));
	}
	check(lseek(second, 0, SEEK_CUR) == 1LL << 33);
	/* One offset for both descriptors, and for the child. */
	check(lseek(dup_fd, 4, SEEK_CUR) == 7);
	check(lseek(fds[0], 0, SEEK_CUR) == 7);
	check(write(pipes[1], "", 1) == 1);
	check(waitpid(child, &status, 0) == child && status == 0);
	check(lseek(fds[0], 0, SEEK_CUR) == 12);
	/* Append goes to the end, wherever the offset is. */
	check(lseek(sets[3], 0, SEEK_SET) == 0 && write(sets[3], "!", 1) == 1);
	check(pread(fds[0], text, sizeof(text), 0) == 37 && text[36] == '!');
	check(!memcmp(map, "the file with space", 19));
	check(pwrite(fds[1], "THE", 3, 0) == 3 && !memcmp(map, "THE file", 8));
	return passed();
}
