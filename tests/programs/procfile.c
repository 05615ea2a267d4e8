// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files and directories of procfs: of itself, of another thread, of a child, of a zombie, and of
 * no task, at the beginning, half read, at the end, and half read by lines.
 *
 * Usage: procfile [event|mem]
 *   event: only what tells of events
 *   mem: only what needs to trace
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "program.h"

static char text[1 << 17];

/* Bytes from where it is to the end, in @text. */
static size_t read_rest(int fd)
{
	size_t size = 0;
	ssize_t n;

	while ((n = read(fd, text + size, sizeof(text) - 1 - size)) > 0)
		size += n;
	check(n == 0);
	text[size] = 0;
	return size;
}

static int open_at(const char *path, int flags)
{
	int fd = open(path, flags);

	check(fd >= 0);
	return fd;
}

static int open_of(pid_t pid, const char *name, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return open_at(path, flags);
}

/* The file tells of that task, from the beginning. */
static void check_stat(int fd, pid_t pid)
{
	check(lseek(fd, 0, SEEK_SET) == 0 && read_rest(fd));
	check(atoi(text) == pid && strchr(text, '('));
}

/* ---- tasks ------------------------------------------------------------------------- */

static int pipes[2];
static volatile pid_t thread_tid;

static void *thread(void *arg)
{
	char byte;

	prctl(PR_SET_NAME, "thread");
	thread_tid = syscall(SYS_gettid);
	while (read(pipes[0], &byte, 1) < 0)
		;
	return arg;
}

static pid_t make_child(void)
{
	pid_t pid = fork();

	check(pid >= 0);
	if (!pid) {
		char byte;

		prctl(PR_SET_NAME, "child");
		close(pipes[1]);
		while (read(pipes[0], &byte, 1) < 0)
			;
		_exit(0);
	}
	return pid;
}

static pid_t make_zombie(void)
{
	pid_t pid = fork();
	siginfo_t info;

	check(pid >= 0);
	if (!pid)
		_exit(3);
	check(waitid(P_PID, pid, &info, WEXITED | WNOWAIT) == 0);
	return pid;
}

/* ---- what is kept ------------------------------------------------------------------- */

/* Files of which a part has been read: what is left is what follows. */
static struct half {
	const char *path;
	int flags;
	size_t part;		/* bytes that are read in front */
	int fd;
	char *whole;		/* the text that it had, if it does not change */
	size_t size;
} halves[] = {
	{ .path = "/proc/self/cmdline", .flags = O_RDONLY, .part = 4 },
	{ .path = "/proc/self/environ", .flags = O_RDONLY, .part = 3 },
	{ .path = "/proc/self/auxv", .flags = O_RDONLY, .part = 16 },
	{ .path = "/proc/self/limits", .flags = O_RDONLY, .part = 100 },
	{ .path = "/proc/self/mounts", .flags = O_RDONLY, .part = 10 },
	{ .path = "/proc/version", .flags = O_RDONLY | O_NONBLOCK, .part = 6 },
	{ .path = "/proc/filesystems", .flags = O_RDONLY, .part = 11 },
	{ .path = "/proc/devices", .flags = O_RDONLY, .part = 30 },
	{ .path = "/proc/sys/kernel/ostype", .flags = O_RDONLY, .part = 2 },
	{ .path = "/proc/cmdline", .flags = O_RDONLY | O_CLOEXEC, .part = 1 },
	{ .path = "/proc/net/route", .flags = O_RDONLY, .part = 5 },
	{ .path = "/proc/self/timerslack_ns", .flags = O_RDWR, .part = 2 },
	{ .path = "/proc/self/oom_adj", .flags = O_RDWR, .part = 1 },
	{ .path = "/proc/self/loginuid", .flags = O_RDONLY, .part = 1 },
	{ .path = "/proc/self/sessionid", .flags = O_RDONLY, .part = 1 },
	{ .path = "/proc/self/uid_map", .flags = O_RDONLY, .part = 11 },
	{ .path = "/proc/self/setgroups", .flags = O_RDONLY, .part = 3 },
	{ .path = "/proc/self/timens_offsets", .flags = O_RDONLY, .part = 9 },
	{ .path = "/proc/self/fdinfo/0", .flags = O_RDONLY, .part = 5 },
	{ .path = "/proc/sysvipc/sem", .flags = O_RDONLY, .part = 7 },
	{ .path = "/proc/sysvipc/msg", .flags = O_RDONLY, .part = 150 },
	{ .path = "/proc/sysvipc/shm", .flags = O_RDONLY, .part = 12 },
};

#define HALVES (sizeof(halves) / sizeof(halves[0]))

static void make_halves(void)
{
	unsigned int i;

	for (i = 0; i < HALVES; i++) {
		struct half *h = &halves[i];

		h->fd = open_at(h->path, h->flags);
		h->size = read_rest(h->fd);
		check(h->size > h->part);
		h->whole = memcpy(malloc(h->size), text, h->size);
		check(h->whole && lseek(h->fd, 0, SEEK_SET) == 0);
		check(read(h->fd, text, h->part) == (ssize_t)h->part);
	}
}

static void check_halves(void)
{
	unsigned int i;

	for (i = 0; i < HALVES; i++) {
		struct half *h = &halves[i];

		check(lseek(h->fd, 0, SEEK_CUR) == (off_t)h->part);
		check((fcntl(h->fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK)) ==
		      (h->flags & (O_ACCMODE | O_NONBLOCK)));
		check(read_rest(h->fd) == h->size - h->part);
		check(!memcmp(text, h->whole + h->part, h->size - h->part));
		check(lseek(h->fd, 0, SEEK_SET) == 0);
		check(read_rest(h->fd) == h->size && !memcmp(text, h->whole, h->size));
	}
}

/* ---- descriptors, and System V objects --------------------------------------------- */

#define NUMBER	700		/* of a descriptor: no task that is new has it */

static struct {
	int own, child, thread, open;
	int queue;
} told_of;

/* An eventfd, before there are children; and so that a line of queues is read in part. */
static void make_told(void)
{
	int event = eventfd(3, 0);

	check(event >= 0 && dup2(event, NUMBER) == NUMBER && !close(event));
	told_of.queue = msgget(IPC_PRIVATE, 0600);
	check(told_of.queue >= 0 && msgsnd(told_of.queue, "\1\0\0\0\0\0\0\0", 0, 0) == 0);
}

static void open_told(pid_t child)
{
	char rest[64];

	snprintf(rest, sizeof(rest), "fdinfo/%d", NUMBER);
	told_of.own = open_of(getpid(), rest, O_RDONLY);
	told_of.child = open_of(child, rest, O_RDONLY);
	snprintf(rest, sizeof(rest), "task/%d/fdinfo/%d", thread_tid, NUMBER);
	told_of.thread = open_of(getpid(), rest, O_RDONLY);
	/* It tells of the file before it. */
	told_of.open = told_of.thread + 1;
	snprintf(rest, sizeof(rest), "fdinfo/%d", told_of.thread);
	check(open_of(getpid(), rest, O_RDONLY) == told_of.open);
}

static void check_count(int fd, int count)
{
	const char *line;

	check(lseek(fd, 0, SEEK_SET) == 0 && read_rest(fd));
	line = strstr(text, "eventfd-count:");
	check(line && strtol(line + 14, NULL, 16) == count);
}

static void check_told(void)
{
	uint64_t more = 4;

	check_count(told_of.own, 3);
	check_count(told_of.child, 3);
	check(write(NUMBER, &more, sizeof(more)) == sizeof(more));
	check_count(told_of.thread, 7);
	check(read_rest(told_of.open) && strstr(text, "pos:"));
	check(close(NUMBER) == 0 && lseek(told_of.own, 0, SEEK_SET) == 0);
	check(read(told_of.own, text, 1) == -1 && errno == ENOENT);
	check_count(told_of.child, 7);
	check(msgctl(told_of.queue, IPC_RMID, NULL) == 0);
}

/* Files whose text may change: they can be read, or cannot, as before. */
static struct other {
	const char *path;
	int flags, fd, error;
} others[] = {
	{ .path = "/proc/self/autogroup", .flags = O_RDWR },
	{ .path = "/proc/self/timers", .flags = O_RDONLY },
	{ .path = "/proc/self/attr/current", .flags = O_RDWR },
	{ .path = "/proc/self/clear_refs", .flags = O_WRONLY },
	{ .path = "/proc/self/gid_map", .flags = O_RDONLY },
	{ .path = "/proc/self/projid_map", .flags = O_RDONLY },
	{ .path = "/proc/thread-self/children", .flags = O_RDONLY },
	{ .path = "/proc/kpageflags", .flags = O_RDONLY },
	{ .path = "/proc/kpagecount", .flags = O_RDONLY },
};

#define OTHERS (sizeof(others) / sizeof(others[0]))

static int error_of(const struct other *o)
{
	return pread(o->fd, text, 8, 0) < 0 ? errno : 0;
}

static void make_others(void)
{
	unsigned int i;

	for (i = 0; i < OTHERS; i++) {
		others[i].fd = open_at(others[i].path, others[i].flags);
		others[i].error = error_of(&others[i]);
	}
}

static void check_others(void)
{
	unsigned int i;

	for (i = 0; i < OTHERS; i++)
		check(error_of(&others[i]) == others[i].error);
	check(write(others[3].fd, "1", 1) == 1);
}

/* Each line that is left has its addresses behind those of the one before. */
static void check_maps(int fd)
{
	unsigned long last = 0, from, to;
	char rights[5], *line, *next;

	check(read_rest(fd));
	for (line = text; *line; line = next) {
		check(sscanf(line, "%lx-%lx %4s", &from, &to, rights) == 3);
		check(from >= last && to > from);
		last = to;
		next = strchr(line, '\n');
		check(next);
		next++;
	}
}

/* ---- events -------------------------------------------------------------------------- */

static int ready_events(int epoll)
{
	struct epoll_event event;
	int n = epoll_wait(epoll, &event, 1, 0);

	check(n >= 0);
	return n ? (int)(event.events & (EPOLLPRI | EPOLLERR)) : 0;
}

static int told(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLPRI };

	check(poll(&p, 1, 0) >= 0);
	return p.revents & POLLPRI;
}

static void add(int epoll, int fd, unsigned int events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	check(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0);
}

static char below[64];

/* Something happens to the mounts of all, which a file is told of that has not asked. */
static int events(void)
{
	int asked = open_at("/proc/self/mounts", O_RDONLY);
	int pending = open_at("/proc/self/mountinfo", O_RDONLY);
	int watched = open_at("/proc/self/mounts", O_RDONLY);
	int edge = open_at("/proc/self/mounts", O_RDONLY);
	int name = open_at("/proc/sys/kernel/hostname", O_RDONLY);
	int epoll = epoll_create1(0), edges = epoll_create1(0);

	check(epoll >= 0 && edges >= 0);
	add(epoll, watched, EPOLLPRI);
	add(edges, edge, EPOLLPRI | EPOLLET);
	snprintf(below, sizeof(below), "/tmp/procfile-%d", getpid());
	check(mkdir(below, 0700) == 0);
	need(syscall(SYS_mount, "none", below, "tmpfs", 0, NULL) == 0);
	check(told(asked) && !told(asked));

	ready();

	/* What has happened is not forgotten; what has been told may be told again. */
	check(told(pending) && !told(pending));
	check(ready_events(epoll) && !ready_events(epoll));
	check(ready_events(edges) && !ready_events(edges));
	told(asked);
	told(name);
	check(!told(asked) && !told(name));
	check(syscall(SYS_umount2, below, 0) == 0 && rmdir(below) == 0);
	check(told(asked) && told(pending) && ready_events(epoll) && ready_events(edges));
	return passed();
}

/* ---- memory --------------------------------------------------------------------------- */

static volatile int value = 4711;

static int memory(void)
{
	unsigned long at = (unsigned long)&value;
	unsigned long long entry = 0;
	pid_t child;
	int own, others, map, n = 0;

	check(pipe(pipes) == 0);
	child = make_child();
	own = open_at("/proc/self/mem", O_RDWR);
	others = open_of(child, "mem", O_RDWR);
	map = open_at("/proc/self/pagemap", O_RDONLY);
	check(lseek(own, at, SEEK_SET) == (off_t)at);
	check(lseek(map, at / 4096 * 8, SEEK_SET) == (off_t)(at / 4096 * 8));

	ready();

	check(read(own, &n, sizeof(n)) == sizeof(n) && n == 4711);
	n = 4712;
	check(pwrite(own, &n, sizeof(n), at) == sizeof(n) && value == 4712);
	check(pread(others, &n, sizeof(n), at) == sizeof(n) && n == 4711);
	check(read(map, &entry, sizeof(entry)) == sizeof(entry) && entry >> 63);
	/* Where it is in the machine is told to root only, whoever has restored it. */
	check(!(entry & ((1ULL << 55) - 1)) == !!geteuid());
	check(close(pipes[1]) == 0 && waitpid(child, NULL, 0) == child);
	return passed();
}

/* ---- all of it ------------------------------------------------------------------------ */

/* Entries that @calls calls of getdents(2) give, at most; few of them in each. */
static int entries(int fd, int calls)
{
	char room[200];
	int nr = 0;
	long n, at;

	while (calls-- && (n = syscall(SYS_getdents64, fd, room, sizeof(room))) > 0)
		for (at = 0; at < n; at += *(unsigned short *)(room + at + 16))
			nr++;
	return nr;
}

static int count_entries(DIR *dir)
{
	int n = 0;

	while (readdir(dir))
		n++;
	return n;
}

static struct {
	int self, task, sys, tasks;
	int left;	/* entries of sys that have not been read */
} dirs;

static void open_dirs(pid_t child)
{
	int total, part;

	dirs.self = open_at("/proc/self", O_RDONLY | O_DIRECTORY);
	dirs.task = open_of(child, "task", O_RDONLY | O_DIRECTORY);
	dirs.sys = open_at("/proc/sys/kernel", O_RDONLY | O_DIRECTORY);
	dirs.tasks = open_at("/proc", O_RDONLY | O_DIRECTORY);
	total = entries(dirs.sys, -1);
	check(lseek(dirs.sys, 0, SEEK_SET) == 0);
	part = entries(dirs.sys, 2);
	check(part > 0 && part < total);
	dirs.left = total - part;
}

static void check_dirs(pid_t child)
{
	char name[32];
	int fd;

	check(faccessat(dirs.self, "stat", F_OK, 0) == 0);
	check(faccessat(dirs.task, "..", F_OK, 0) == 0);
	check_stat(openat(dirs.self, "stat", O_RDONLY), getpid());
	snprintf(name, sizeof(name), "%d/comm", child);
	fd = openat(dirs.task, name, O_RDONLY);
	check(fd >= 0 && read_rest(fd) == 6 && !strcmp(text, "child\n"));
	check(faccessat(dirs.sys, "ostype", F_OK, 0) == 0);
	check(faccessat(dirs.tasks, "self", F_OK, 0) == 0);
	check(entries(dirs.sys, -1) == dirs.left);
}

int main(int argc, char **argv)
{
	int own, another, threads, comm, dead, score, global, maps, rollup, net;
	int meminfo, stat, by_pread;
	char rest[4096], early[64], *line;
	pid_t child, zombie;
	pthread_t handle;
	ssize_t left, n;
	DIR *fds;

	if (argc > 1 && !strcmp(argv[1], "event"))
		return events();
	if (argc > 1 && !strcmp(argv[1], "mem"))
		return memory();
	check(pipe(pipes) == 0);
	make_told();
	child = make_child();
	zombie = make_zombie();
	check(pthread_create(&handle, NULL, thread, NULL) == 0);
	while (!thread_tid)
		usleep(1000);

	own = open_at("/proc/self/stat", O_RDONLY);
	another = open_of(child, "stat", O_RDONLY);
	snprintf(rest, sizeof(rest), "task/%d/stat", thread_tid);
	threads = open_of(getpid(), rest, O_RDONLY);
	comm = open_of(thread_tid, "comm", O_RDONLY);
	dead = open_of(zombie, "stat", O_RDONLY);
	score = open_at("/proc/self/oom_score_adj", O_RDWR);
	global = open_at("/proc/meminfo", O_RDONLY);
	net = open_at("/proc/net/unix", O_RDONLY);
	rollup = open_of(child, "smaps_rollup", O_RDONLY);
	open_dirs(child);
	open_told(child);
	make_halves();
	make_others();

	/* Two lines of its mappings. */
	maps = open_at("/proc/self/maps", O_RDONLY);
	for (n = 0; n < 2;) {
		check(read(maps, rest, 1) == 1);
		n += *rest == '\n';
	}
	/* Half of what was so in one moment has been read, and is not so any more. */
	meminfo = open_at("/proc/meminfo", O_RDONLY);
	stat = open_at("/proc/self/stat", O_RDONLY);
	prctl(PR_SET_NAME, "before");
	check(read(stat, early, 3) == 3 && read(meminfo, early, 20) == 20);
	prctl(PR_SET_NAME, "after");
	/* By one who does not move the position. */
	by_pread = open_at("/proc/uptime", O_RDONLY);
	check(pread(by_pread, early, 3, 0) == 3 && lseek(by_pread, 0, SEEK_CUR) == 0);
	/* Descriptors are behind the dots. */
	fds = opendir("/proc/self/fd");
	check(fds && readdir(fds) && readdir(fds) && readdir(fds));
	left = count_entries(fds);
	rewinddir(fds);
	check(readdir(fds) && readdir(fds) && readdir(fds));

	ready();

	check_stat(own, getpid());
	check_stat(another, child);
	check(strstr(text, "(child)"));
	check_stat(threads, thread_tid);
	check(strstr(text, "(thread)"));
	check(read_rest(comm) == 7 && !strcmp(text, "thread\n"));
	check_stat(dead, zombie);
	check(strstr(text, ") Z "));
	check(read_rest(score) && write(score, "7", 1) == 1);
	check(lseek(score, 0, SEEK_SET) == 0 && read_rest(score) && atoi(text) == 7);
	check(read_rest(global) && strstr(text, "MemFree:"));
	check(read_rest(net) && strstr(text, "Inode Path"));
	check(read_rest(rollup) && strstr(text, "[rollup]"));
	check_dirs(child);
	check_halves();
	check_others();
	check_told();

	/* The third line, which had been written with the two before. */
	check_maps(maps);
	check(lseek(maps, 0, SEEK_SET) == 0);
	check_maps(maps);
	check(read_rest(meminfo) && (line = strstr(text, "MemFree:")));
	check(read_rest(stat) && strstr(text, "(before)"));
	check_stat(stat, getpid());
	check(strstr(text, "(after)"));
	check(lseek(by_pread, 0, SEEK_CUR) == 0 && pread(by_pread, rest, 5, 3) == 5);
	check(read_rest(by_pread) && strchr(text, '.'));
	check(count_entries(fds) == left);

	check(close(pipes[1]) == 0 && waitpid(child, NULL, 0) == child);
	/* Of one who is no more nothing is told. */
	check(pread(another, text, 100, 0) == -1 && errno == ESRCH);
	check(waitpid(zombie, &another, 0) == zombie && WEXITSTATUS(another) == 3);
	return passed();
}
