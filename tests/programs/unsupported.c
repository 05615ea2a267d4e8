// SPDX-License-Identifier: GPL-2.0-only
/*
 * One open file of a kind that is not saved, or that carries what is not.
 *
 * Usage: unsupported KIND DIR, where KIND is one of the table at the end.
 * Without a checkpoint it only shows that the kind can be had. Where the kernel may do
 * without it that is one system call, whose failure says so.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <linux/memfd.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "program.h"

static int plain(void)
{
	return open("plain", O_RDWR | O_CREAT, 0600);
}

static int make_packet(void) { return socket(AF_PACKET, SOCK_PACKET, htons(0x88b5)); }
static int make_netlink(void) { return socket(AF_NETLINK, SOCK_RAW, 11); }
static int make_secret(void) { return syscall(SYS_memfd_secret, 0); }
static int make_pidfd(void) { return syscall(SYS_pidfd_open, 1, 0); }
static int make_proc(void) { return open("/proc/kallsyms", O_RDONLY); }
static int make_procdir(void) { return open("/proc/1", O_RDONLY); }
static int make_own(void) { return open("/mnt/log", O_RDONLY); }
static int make_kmsg(void) { return open("/dev/kmsg", O_RDONLY); }

/* Of one in which nobody lives any more. */
static int make_namespace(void)
{
	int own = open("/proc/self/ns/uts", O_RDONLY), fd;

	if (own < 0 || unshare(CLONE_NEWUTS))
		return -1;
	fd = open("/proc/self/ns/uts", O_RDONLY);
	return setns(own, CLONE_NEWUTS) || close(own) ? -1 : fd;
}

static int make_namespace_mounted(void)
{
	int fd = open("namespace", O_RDWR | O_CREAT, 0600);

	if (fd < 0 || close(fd) ||
	    syscall(SYS_mount, "/proc/self/ns/uts", "namespace", NULL, MS_BIND, NULL))
		return -1;
	return open("namespace", O_RDONLY);
}

static int make_fanotify(void)
{
	return fanotify_init(FAN_CLASS_NOTIF, O_RDONLY);
}

/* Somebody who is no descendant of the program, shares nothing with it, and opens a file. */
static void open_outside(int stay)
{
	pid_t pid = fork();

	check(pid >= 0);
	if (pid) {
		check(waitpid(pid, NULL, 0) == pid);
		return;
	}
	if (fork())
		_exit(0);
	close_range(3, ~0U, 0);
	close(open("plain", O_RDONLY));
	while (stay)
		pause();
	_exit(0);
}

static void until_told(int group)
{
	int bytes = 0;

	while (!bytes)
		check(ioctl(group, FIONREAD, &bytes) == 0);
}

/* Where the kernel asks anybody. */
static int make_fanotify_question(void)
{
	int group = fanotify_init(FAN_CLASS_CONTENT, O_RDONLY), fd = plain();

	if (fd < 0 || fanotify_mark(group, FAN_MARK_ADD, FAN_OPEN_PERM, AT_FDCWD, "plain"))
		return -1;
	open_outside(0);
	until_told(group);
	return group;
}

/* It is a child that waits, which goes on when the program has ended. */
static int make_fanotify_inside(void)
{
	int group = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, O_RDONLY), fd = plain();
	pid_t pid;

	if (fd < 0 || fanotify_mark(group, FAN_MARK_ADD, FAN_OPEN_PERM, AT_FDCWD, "plain"))
		return -1;
	pid = fork();
	check(pid >= 0);
	if (!pid) {
		close(group);
		open("plain", O_RDONLY);
		_exit(0);
	}
	until_told(group);
	return group;
}

static int make_fanotify_answer(void)
{
	struct fanotify_event_metadata event;
	int group = make_fanotify_question();

	if (group < 0 || read(group, &event, sizeof(event)) != sizeof(event))
		return -1;
	return close(event.fd) ? -1 : group;
}

static int make_fanotify_deleted(void)
{
	int group = make_fanotify();

	close(plain());
	if (fanotify_mark(group, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "plain") || close(plain()))
		return -1;
	return unlink("plain") ? -1 : group;
}

static int make_fanotify_nowhere(void)
{
	int group = make_fanotify(), fd = plain();

	if (fd < 0 || fanotify_mark(group, FAN_MARK_ADD, FAN_MODIFY, AT_FDCWD, "plain"))
		return -1;
	return unlink("plain") ? -1 : group;
}

static int make_fanotify_pidfd(void)
{
	int group = fanotify_init(FAN_CLASS_NOTIF | FAN_REPORT_PIDFD, O_RDONLY), fd = plain();

	if (fd < 0 || fanotify_mark(group, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "plain"))
		return -1;
	open_outside(1);
	until_told(group);
	return group;
}

/* Of the directory's filesystem, which has none yet. */
static int make_fanotify_error(void)
{
	int group = fanotify_init(FAN_CLASS_NOTIF | FAN_REPORT_FID, O_RDONLY);

	return fanotify_mark(group, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_FS_ERROR, AT_FDCWD,
			     ".") ? -1 : group;
}

static int make_socket(void)
{
	int fd[2];

	return socketpair(AF_UNIX, SOCK_STREAM, 0, fd) ||
	       send(fd[0], "x", 1, MSG_OOB) != 1 ? -1 : fd[1];
}

static int make_uring(void)
{
	struct io_uring_params params = {};

	return syscall(SYS_io_uring_setup, 4, &params);
}

static int make_perf(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_DUMMY,
		.size = sizeof(attr),
	};

	return syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

static int make_epoll(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	int ep = epoll_create1(0);

	return epoll_ctl(ep, EPOLL_CTL_ADD, make_perf(), &event) ? -1 : ep;
}

static int make_notification_pipe(void)
{
	int p[2];

	return pipe2(p, O_EXCL) ? -1 : p[0];
}

static int make_deleted(void)
{
	int fd = open("victim", O_RDWR | O_CREAT, 0600);

	return unlink("victim") ? -1 : fd;
}

/* It is watched, and has no name any more. */
static int make_inotify(void)
{
	int fd = inotify_init(), file = open("victim", O_RDWR | O_CREAT, 0600);

	if (file < 0 || inotify_add_watch(fd, "victim", IN_MODIFY) < 0)
		return -1;
	return unlink("victim") ? -1 : fd;
}

static int make_deleted_xattr(void)
{
	int fd = make_deleted();

	return fsetxattr(fd, "trusted.test", "value", 5, 0) ? -1 : fd;
}

static int make_deleted_fifo(void)
{
	int fd;

	if (mkfifo("victim", 0600))
		return -1;
	fd = open("victim", O_RDWR);
	return fsetxattr(fd, "trusted.test", "value", 5, 0) || unlink("victim") ? -1 : fd;
}

static int make_deleted_dir(void)
{
	int fd;

	if (mkdir("victims", 0700))
		return -1;
	fd = open("victims", O_RDONLY | O_DIRECTORY);
	return fsetxattr(fd, "trusted.test", "value", 5, 0) || rmdir("victims") ? -1 : fd;
}

static int make_deleted_cwd(void)
{
	if (mkdir("victims", 0700) || chdir("victims") ||
	    setxattr(".", "trusted.test", "value", 5, 0))
		return -1;
	return rmdir("../victims");
}

static int make_proc_cwd(void) { return chdir("/proc/self"); }

/* Another file now has the name. */
static int make_replaced(void)
{
	int fd = open("victim", O_RDWR | O_CREAT, 0600);

	if (link("victim", "other") || unlink("victim"))
		return -1;
	return close(open("victim", O_RDWR | O_CREAT, 0600)) ? -1 : fd;
}

/* A file system is mounted over the file. */
static int make_hidden(void)
{
	int fd;

	if (mkdir("below", 0700))
		return -1;
	fd = open("below/file", O_RDWR | O_CREAT, 0600);
	if (syscall(SYS_mount, "tmpfs", "below", "tmpfs", 0, NULL))
		return -1;
	return fd;
}

/* The same, and the file is deleted. */
static int make_deleted_hidden(void)
{
	int fd;

	if (mkdir("below", 0700))
		return -1;
	fd = open("below", O_TMPFILE | O_RDWR, 0600);
	if (syscall(SYS_mount, "tmpfs", "below", "tmpfs", 0, NULL))
		return -1;
	return fd;
}

/* The same file by another name, and both names are gone. */
static int make_two_names(void)
{
	int fd = open("victim", O_RDWR | O_CREAT, 0600);

	if (link("victim", "other") || open("other", O_RDWR) < 0)
		return -1;
	return unlink("victim") || unlink("other") ? -1 : fd;
}

/* A mapping that is older than the seal, and one that is not. */
static int make_memfd_sealed(void)
{
	int fd = memfd_create("sealed", MFD_ALLOW_SEALING);

	if (ftruncate(fd, 4096) ||
	    mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED)
		return -1;
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE))
		return -1;
	return mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED ? -1 : fd;
}

static int make_memfd_xattr(void)
{
	int fd = memfd_create("attributes", 0);

	return fsetxattr(fd, "trusted.test", "value", 5, 0) ? -1 : fd;
}

static int make_memfd_writer(void)
{
	int fd = memfd_create("written", 0), writer;
	char path[30];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	writer = open(path, O_WRONLY);
	return close(fd) ? -1 : writer;
}

/* Only the kernel may count as far as that: when it has read something. */
static int make_eventfd_overflow(void)
{
	const uint64_t most = UINT64_MAX - 1;
	int fd = eventfd(0, 0);
	char byte;
	struct iocb read_one = {
		.aio_lio_opcode = IOCB_CMD_PREAD, .aio_fildes = plain(),
		.aio_buf = (uintptr_t)&byte, .aio_nbytes = 1,
		.aio_flags = IOCB_FLAG_RESFD, .aio_resfd = fd,
	}, *list = &read_one;
	aio_context_t context = 0;
	struct io_event event;

	if (write(fd, &most, sizeof(most)) != sizeof(most) ||
	    syscall(SYS_io_setup, 1, &context) ||
	    syscall(SYS_io_submit, context, 1, &list) != 1 ||
	    syscall(SYS_io_getevents, context, 1, 1, &event, NULL) != 1)
		return -1;
	return syscall(SYS_io_destroy, context) ? -1 : fd;
}

static int make_eventfd_signalled(void)
{
	int fd = eventfd(0, 0), ring = make_uring();

	return syscall(SYS_io_uring_register, ring, IORING_REGISTER_EVENTFD, &fd, 1) ? -1 : fd;
}

/* More than the disk has room for, as the kernel will learn when it writes it. */
static int make_write_error(void)
{
	static char bytes[4 << 20];
	int fd = plain();

	return write(fd, bytes, sizeof(bytes)) == sizeof(bytes) ? fd : -1;
}

static int make_deleted_lease(void)
{
	int fd = open("leased", O_RDWR | O_CREAT, 0600);

	return fd < 0 || unlink("leased") || fcntl(fd, F_SETLEASE, F_WRLCK) ? -1 : fd;
}

/* Whoever has started it is not in the container. */
static int make_owner(void)
{
	int p[2];

	return pipe(p) || fcntl(p[0], F_SETOWN, 1) ? -1 : p[0];
}

static const struct {
	const char *name;
	int (*make)(void);
	int optional;
} kinds[] = {
#define KIND(name) { #name, make_##name, 0 }
#define OPTIONAL(name) { #name, make_##name, 1 }
	OPTIONAL(fanotify_question), OPTIONAL(fanotify_answer),
	OPTIONAL(fanotify_inside), OPTIONAL(netlink),
	OPTIONAL(notification_pipe), OPTIONAL(packet), OPTIONAL(perf), OPTIONAL(secret),
	OPTIONAL(uring),
	KIND(epoll), KIND(inotify), KIND(socket), KIND(pidfd),
	KIND(namespace), KIND(namespace_mounted), KIND(proc), KIND(procdir), KIND(own), KIND(kmsg),
	KIND(deleted_xattr), KIND(deleted_fifo), KIND(deleted_dir), KIND(deleted_cwd),
	KIND(proc_cwd), KIND(replaced), KIND(hidden), KIND(deleted_hidden), KIND(deleted_lease),
	KIND(owner), KIND(two_names), KIND(memfd_sealed),
	KIND(memfd_xattr), KIND(memfd_writer), KIND(eventfd_overflow),
	KIND(eventfd_signalled), KIND(write_error),
	KIND(fanotify_deleted), KIND(fanotify_nowhere), KIND(fanotify_pidfd),
	KIND(fanotify_error),
};

int main(int argc, char **argv)
{
	size_t i;
	int made;

	check(argc == 3 && chdir(argv[2]) == 0);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(argv[1], kinds[i].name))
			break;
	check(i < sizeof(kinds) / sizeof(kinds[0]));
	made = kinds[i].make();
	if (kinds[i].optional)
		need(made >= 0);
	check(made >= 0);
	ready();
	return passed();
}
