// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files that have no name any more, or never had one, or have another by now:
 * contents with holes, times, owners; mapped, run, locked, and open in several ways.
 *
 * Usage: deleted DIR
 */
#define _GNU_SOURCE
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "openfile.h"
#include "tasks.h"

#define PAGE	4096
#define SIZE	(100 * PAGE + 123)

static int plain, reader, appender, place, closed, tmpfile_fd, excl, below, suid, hidden;
static int renamed, linked, made, locked, locker, wronly, empty;
static char *map, *closed_map, *private_map;
static int tmpfile_flags, made_flags;
static pid_t child, runner;

static int fresh(const char *name, int flags, mode_t mode)
{
	int fd;

	unlink(name);
	fd = open(name, flags | O_CREAT | O_EXCL, mode);
	check(fd >= 0);
	return fd;
}

/* A file that loses its name at once. */
static int gone(const char *name, int flags)
{
	int fd = fresh(name, flags, 0600);

	check(unlink(name) == 0);
	return fd;
}

static char *map_file(int fd, int flags)
{
	char *at = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, flags, fd, 0);

	check(at != MAP_FAILED);
	return at;
}

/* @text is as long as what is written for ever. */
static void put(int fd, const char *text, off_t at)
{
	check(pwrite(fd, text, strlen(text), at) == (ssize_t)strlen(text));
}

static int has(int fd, const char *text, off_t at)
{
	char got[40];

	return pread(fd, got, strlen(text), at) == (ssize_t)strlen(text) &&
	       !memcmp(got, text, strlen(text));
}

static void set_attributes(int fd)
{
	const struct timespec times[] = { { 1000000000, 500000000 }, { 1234567890, 250000000 } };

	check(fchmod(fd, 0640) == 0 && fchown(fd, 1234, 5678) == 0);
	check(futimens(fd, times) == 0);
}

static void make_plain(void)
{
	plain = fresh("plain", O_RDWR | O_CLOEXEC, 0600);
	check(ftruncate(plain, SIZE) == 0);
	put(plain, "start", 0);
	put(plain, "middle", 50 * PAGE - 3);
	put(plain, "end", SIZE - 3);
	check(lseek(plain, 77, SEEK_SET) == 77);
	reader = open_again(plain, O_RDONLY);
	appender = open_again(plain, O_WRONLY | O_APPEND);
	place = open("plain", O_PATH);
	check(place >= 0);
	check(lseek(reader, 5, SEEK_SET) == 5);
	check(unlink("plain") == 0);
	map = map_file(plain, MAP_SHARED);
	private_map = map_file(plain, MAP_PRIVATE);
	private_map[0] = 'S';
	set_attributes(plain);
	empty = gone("empty", O_RDONLY);
	wronly = gone("wronly", O_WRONLY);
	put(wronly, "written", 3 * PAGE + 5);
	locked = gone("locked", O_RDWR);
	locker = open_again(locked, O_RDWR);
	check(flock(locked, LOCK_EX) == 0);
	suid = gone("suid", O_RDWR);
	check(fchown(suid, 99, 99) == 0 && fchmod(suid, 06755) == 0);

	/* Nothing but the mapping is left of it. */
	closed = gone("closed", O_RDWR);
	check(ftruncate(closed, SIZE) == 0);
	closed_map = map_file(closed, MAP_SHARED);
	strcpy(closed_map + 9 * PAGE, "mapped");
	check(close(closed) == 0);
}

static void make_nameless(void)
{
	tmpfile_fd = open(".", O_TMPFILE | O_RDWR, 0600);
	check(tmpfile_fd >= 0);
	put(tmpfile_fd, "temporary", 0);
	tmpfile_flags = fcntl(tmpfile_fd, F_GETFL);
	excl = open(".", O_TMPFILE | O_RDWR | O_EXCL, 0600);
	check(excl >= 0);

	check(mkdir("sub", 0700) == 0 && mkdir("sub/sub", 0700) == 0);
	below = gone("sub/sub/file", O_RDWR);
	put(below, "below", 0);
	check(rmdir("sub/sub") == 0 && rmdir("sub") == 0);
}

static void link_fd(int fd, const char *name)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	unlink(name);
	check(linkat(AT_FDCWD, path, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0);
}

static int same_inode(int fd, const char *name)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && stat(name, &b) == 0 && a.st_ino == b.st_ino &&
	       a.st_dev == b.st_dev;
}

/* What still has a name has its contents on disk. */
static void make_named(void)
{
	renamed = fresh("old", O_RDWR, 0600);
	check(rename("old", "new") == 0);
	linked = fresh("first", O_RDWR, 0600);
	unlink("second");
	check(link("first", "second") == 0);
	hidden = fresh("first", O_RDWR, 0600);
	made = open(".", O_TMPFILE | O_RDWR, 0600);
	check(made >= 0);
	link_fd(made, "made");
	made_flags = fcntl(made, F_GETFL);
	/* Until it has looked, overlayfs knows no name of a new link. */
	check(same_inode(linked, "second") && same_inode(made, "made"));
}

/* A process whose program has been removed meanwhile. */
static void start_runner(void)
{
	char copy[200];
	int p[2];

	snprintf(copy, sizeof(copy), "rm -f runner; cp /proc/%d/exe runner", getpid());
	check(system(copy) == 0 && pipe2(p, O_CLOEXEC) == 0);
	runner = fork();
	check(runner >= 0);
	if (!runner) {
		execl("runner", "runner", "run", NULL);
		_exit(1);
	}
	check(close(p[1]) == 0 && read(p[0], copy, 1) == 0 && close(p[0]) == 0);
	check(unlink("runner") == 0);
}

/* Writes what it is told into the shared memory; a look into a hole may fill it. */
static void be_child(void)
{
	while (map[100] != 'g')
		nap(1);
	map[101] = 'o';
	closed_map[3 * PAGE] = 'k';
	_exit(0);
}

static void check_attributes(void)
{
	struct stat st;

	check(fstat(plain, &st) == 0 && st.st_size == SIZE && st.st_nlink == 0);
	check(st.st_mode == (S_IFREG | 0640) && st.st_uid == 1234 && st.st_gid == 5678);
	check(st.st_mtim.tv_sec == 1234567890 && st.st_mtim.tv_nsec == 250000000);
	check(st.st_atim.tv_sec == 1000000000 && st.st_atim.tv_nsec == 500000000);
	/* Four pages have been written to, of a hundred. */
	check(st.st_blocks <= 6 * PAGE / 512);
	check(lseek(plain, 0, SEEK_CUR) == 77 && lseek(reader, 0, SEEK_CUR) == 5);
	check(lseek(reader, 0, SEEK_HOLE) == PAGE);
	check(lseek(reader, PAGE, SEEK_DATA) == 49 * PAGE);
	check(lseek(reader, 49 * PAGE, SEEK_HOLE) == 51 * PAGE);
	check(lseek(reader, 51 * PAGE, SEEK_DATA) == 100 * PAGE);
	check(fstat(suid, &st) == 0 && st.st_mode == (S_IFREG | 06755));
	check(st.st_uid == 99 && st.st_gid == 99);
	check(fstat(empty, &st) == 0 && st.st_size == 0 && st.st_nlink == 0);
}

static void check_contents(void)
{
	struct stat st;

	check(has(reader, "start", 0) && has(plain, "middle", 50 * PAGE - 3));
	check(!memcmp(map + SIZE - 3, "end", 3));
	check(private_map[0] == 'S' && !memcmp(private_map + 50 * PAGE - 3, "middle", 6));
	check(fcntl(reader, F_GETFL) == (O_RDONLY | 0100000));
	check(fcntl(appender, F_GETFL) == (O_WRONLY | O_APPEND | 0100000));
	check(fcntl(place, F_GETFL) == O_PATH && fcntl(plain, F_GETFD) == FD_CLOEXEC);
	check(fstat(place, &st) == 0 && st.st_size == SIZE);
	check(write(appender, "more", 4) == 4 && fstat(place, &st) == 0);
	check(st.st_size == SIZE + 4 && !memcmp(map + SIZE, "more", 4));
	check(has(open_again(wronly, O_RDONLY), "written", 3 * PAGE + 5));
	check(has(below, "below", 0) && !strcmp(closed_map + 9 * PAGE, "mapped"));
	check(flock(locker, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK);
	check(flock(locked, LOCK_UN) == 0 && flock(locker, LOCK_EX | LOCK_NB) == 0);
}

static void check_names(void)
{
	char path[40];

	check(has(tmpfile_fd, "temporary", 0) && fcntl(tmpfile_fd, F_GETFL) == tmpfile_flags);
	link_fd(tmpfile_fd, "linked");
	check(same_inode(tmpfile_fd, "linked"));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", excl);
	check(linkat(AT_FDCWD, path, AT_FDCWD, "never", AT_SYMLINK_FOLLOW) == -1);
	check(errno == ENOENT);
	check(same_inode(renamed, "new") && same_inode(linked, "second"));
	check(same_inode(hidden, "first") && same_inode(made, "made"));
	check(fcntl(made, F_GETFL) == made_flags);
}

int main(int argc, char **argv)
{
	struct dressed dressed;

	if (argc == 2 && !strcmp(argv[1], "run")) {
		wait_to_go_on();
		return 7;
	}
	check(argc == 2 && chdir(argv[1]) == 0);
	make_plain();
	make_nameless();
	make_named();
	start_runner();
	child = fork();
	check(child >= 0);
	if (!child)
		be_child();
	dressed = dress(gone("dressed", O_RDWR), SIGUSR1);

	ready();

	check_attributes();
	check_contents();
	check_names();
	map[100] = 'g';
	check(exited_with(child, 0));
	check(map[101] == 'o' && closed_map[3 * PAGE] == 'k');
	check(exited_with(runner, 7));
	check_dressed(&dressed, SIGUSR1);
	return passed();
}
