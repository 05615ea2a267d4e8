// SPDX-License-Identifier: GPL-2.0-only
/*
 * inotify: watches with their numbers, and events that have not been read, of
 * which none is lost and none comes twice.
 *
 * Usage: inotify DIR
 */
#define _GNU_SOURCE
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "openfile.h"

static int unread, expected_nr, merged, lost, quiet, oneshot, async, ep;
static char expected[8192];
static int merged_bytes, lost_bytes;
static volatile int signals;

static void on_signal(int sig)
{
	signals += sig == SIGUSR2;
}

static void touch(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT, 0600);

	check(fd >= 0 && write(fd, "x", 1) == 1 && close(fd) == 0);
}

static int watch(int fd, const char *path, unsigned int mask)
{
	int wd = inotify_add_watch(fd, path, mask);

	check(wd >= 0);
	return wd;
}

static int make(void)
{
	int fd = inotify_init1(IN_NONBLOCK);

	check(fd >= 0);
	return fd;
}

static int pending(int fd)
{
	int bytes = -1;

	check(ioctl(fd, FIONREAD, &bytes) == 0);
	return bytes;
}

/* One event, without a name, and no more. */
static int reports(int fd, int wd, unsigned int mask)
{
	struct inotify_event event;

	return read(fd, &event, sizeof(event)) == sizeof(event) && event.wd == wd &&
	       event.mask == mask && !event.len;
}

static int is_empty(int fd)
{
	char byte[300];

	return read(fd, byte, sizeof(byte)) == -1 && errno == EAGAIN;
}

/* Numbers 1 to 7, of which 2 and 4 are gone. */
static void add_watches(int fd)
{
	check(watch(fd, ".", IN_ALL_EVENTS) == 1);
	check(watch(fd, "once", IN_OPEN) == 2);
	check(watch(fd, "file", IN_MODIFY | IN_ATTRIB) == 3);
	check(watch(fd, "victim", IN_DELETE_SELF) == 4);
	check(watch(fd, "sub", IN_ALL_EVENTS | IN_EXCL_UNLINK) == 5);
	check(watch(fd, "link", IN_ATTRIB | IN_DONT_FOLLOW) == 6);
	check(watch(fd, "/dev", IN_MOVE_SELF) == 7);
	check(inotify_rm_watch(fd, 2) == 0);
}

static void make_events(void)
{
	touch("file");
	check(rename("file", "sub/renamed") == 0 && rename("sub/renamed", "file") == 0);
	check(unlink("victim") == 0 && chmod("file", 0640) == 0);
	check(lchown("link", 7, 7) == 0 && mkdir("sub/dir", 0700) == 0);
	check(rmdir("sub/dir") == 0);
}

/* As many as are kept, and more: the rest is lost, which is said once. */
static void lose_events(void)
{
	int i, bytes;

	lost = make();
	watch(lost, "file", IN_MODIFY);
	watch(lost, "once", IN_MODIFY);
	do {
		bytes = pending(lost);
		for (i = 0; i < 8; i++)
			touch(i & 1 ? "file" : "once");
	} while (pending(lost) > bytes);
	lost_bytes = bytes;
}

/* Nothing of what a restore does with them is to be reported. */
static void open_files(void)
{
	int fd = open(".", O_TMPFILE | O_RDWR, 0600);

	check(fd >= 0 && write(fd, "text", 4) == 4);
	check(open("sub", O_RDONLY | O_DIRECTORY) >= 0 && open("fifo", O_RDWR) >= 0);
	fd = open("gone", O_RDWR | O_CREAT, 0600);
	check(fd >= 0 && unlink("gone") == 0 && open("once", O_RDONLY) >= 0);
}

static void prepare(void)
{
	touch("file");
	touch("once");
	touch("victim");
	check(mkdir("sub", 0700) == 0 || errno == EEXIST);
	check(mkfifo("fifo", 0600) == 0 || errno == EEXIST);
	check(symlink("nowhere", "link") == 0 || errno == EEXIST);
	check(signal(SIGUSR2, on_signal) != SIG_ERR);
}

static void build(void)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int other = make();

	lose_events();
	unread = make();
	add_watches(unread);
	add_watches(other);
	open_files();
	make_events();
	merged = make();
	watch(merged, ".", IN_MODIFY);
	touch("file");
	merged_bytes = pending(merged);
	check(merged_bytes > 0);
	quiet = make();
	check(watch(quiet, "sub", IN_CREATE) == 1);
	oneshot = make();
	check(watch(oneshot, "once", IN_MODIFY | IN_ONESHOT) == 1);
	async = make();
	check(watch(async, "once", IN_ATTRIB) == 1);
	set_owner(async, F_OWNER_PID, getpid(), SIGUSR2);
	check(fcntl(async, F_SETFL, O_ASYNC) == 0);

	expected_nr = read(other, expected, sizeof(expected));
	check(expected_nr > 500 && pending(unread) == expected_nr && close(other) == 0);

	ep = epoll_create1(0);
	check(ep >= 0);
	event.data.fd = unread;
	check(epoll_ctl(ep, EPOLL_CTL_ADD, unread, &event) == 0);
	event.data.fd = quiet;
	check(epoll_ctl(ep, EPOLL_CTL_ADD, quiet, &event) == 0);
}

static void check_queues(void)
{
	struct epoll_event event;
	char got[sizeof(expected)];

	check(signals == 0);
	check(epoll_wait(ep, &event, 1, 0) == 1 && event.data.fd == unread);
	check(epoll_wait(ep, &event, 1, 0) == 0);
	check(pending(unread) == expected_nr && read(unread, got, sizeof(got)) == expected_nr);
	check(!memcmp(got, expected, expected_nr) && is_empty(unread));
	check(pending(lost) == lost_bytes && is_empty(quiet) && is_empty(oneshot));
	/* The same as the last one: it is not queued again. */
	touch("file");
	check(pending(merged) == merged_bytes);
	check(pending(lost) == lost_bytes);
}

static void check_watches(void)
{
	struct epoll_event event;

	check(chmod("sub", 0710) == 0 && chmod("sub", 0700) == 0);
	check(pending(unread) > 0);
	while (!is_empty(unread))
		;
	check(watch(unread, "once", IN_ATTRIB) == 8 && watch(unread, "link", IN_ATTRIB |
							     IN_DONT_FOLLOW) == 6);
	check(lchown("link", 8, 8) == 0 && inotify_rm_watch(unread, 1) == 0);
	while (!is_empty(unread))
		;
	check(lchown("link", 7, 7) == 0 && reports(unread, 6, IN_ATTRIB) && is_empty(unread));
	check(inotify_rm_watch(unread, 2) == -1 && inotify_rm_watch(unread, 4) == -1);
	check(inotify_rm_watch(unread, 7) == 0 && reports(unread, 7, IN_IGNORED));

	touch("once");
	check(reports(oneshot, 1, IN_MODIFY) && reports(oneshot, 1, IN_IGNORED));
	check(is_empty(oneshot) && inotify_rm_watch(oneshot, 1) == -1);
	check(signals == 0 && chmod("once", 0600) == 0 && signals == 1);
	check(epoll_ctl(ep, EPOLL_CTL_DEL, unread, NULL) == 0);
	touch("sub/new");
	check(epoll_wait(ep, &event, 1, 0) == 1 && event.data.fd == quiet);
	check(pending(quiet) == sizeof(struct inotify_event) + 16);
}

int main(int argc, char **argv)
{
	struct dressed dressed;

	check(argc == 2 && (mkdir(argv[1], 0700) == 0 || errno == EEXIST));
	check(chdir(argv[1]) == 0);
	unlink("sub/new");
	prepare();
	build();
	dressed = dress(make(), SIGUSR1);

	ready();

	check_queues();
	check_watches();
	check_dressed(&dressed, SIGUSR1);
	return passed();
}
