// SPDX-License-Identifier: GPL-2.0-only
/*
 * fanotify: groups of all kinds with their marks, and events that have not been read, of
 * which none is lost and none comes twice.
 *
 * Usage: fanotify DIR, which is a filesystem that nobody else uses.
 *
 * What is expected of a group is what its twin says, which was made in the same way and
 * has been told of the same.
 */
#define _GNU_SOURCE
#include <linux/capability.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/fanotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "openfile.h"

/* What a group that gives descriptors has told. */
struct told {
	uint64_t mask;
	pid_t pid;
	ino_t ino;
	int pidfd;
};

/* A group, its twin, what that has told, and what /proc says of the marks. */
struct group {
	int fd, twin;
	char expected[16384];
	ssize_t bytes;
	char marks[4096];
};

static struct group names, handles, lost, merged, paths, pidfds, bare, ignoring, asking, heard;
static struct told told[32], told_pidfds[8];
static int nr_told, nr_pidfds, ep, writer, unheard, unheard_flags, asked;
static pid_t kid;

static void touch(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT, 0600);

	check(fd >= 0 && write(fd, "x", 1) == 1 && close(fd) == 0);
}

static void look(void)
{
	int fd = open("plain", O_RDONLY);

	check(fd >= 0 && close(fd) == 0);
}

static int make(unsigned int flags, unsigned int open_flags)
{
	int fd = fanotify_init(flags | FAN_NONBLOCK, open_flags);

	check(fd >= 0);
	return fd;
}

static void mark(int fd, unsigned int how, uint64_t mask, const char *path)
{
	check(fanotify_mark(fd, FAN_MARK_ADD | how, mask, AT_FDCWD, path) == 0);
}

static int pending(int fd)
{
	int bytes = -1;

	check(ioctl(fd, FIONREAD, &bytes) == 0);
	return bytes;
}

static ssize_t drain(int fd, char *buf, size_t size)
{
	ssize_t n, all = 0;

	while ((n = read(fd, buf + all, size - all)) > 0)
		all += n;
	check(n == -1 && errno == EAGAIN);
	return all;
}

static int is_empty(int fd)
{
	char buf[4096];

	return drain(fd, buf, sizeof(buf)) == 0;
}

/* What is there of marks and flags. */
static void read_marks(int fd, char *buf, size_t size)
{
	char line[1024], path[40];
	size_t len = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "r");
	check(file);
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, "fanotify", 8))
			len += snprintf(buf + len, size - len, "%s", line);
	check(len > 0 && len < size && fclose(file) == 0);
}

static int same_marks(const struct group *g)
{
	char now[sizeof(g->marks)];

	read_marks(g->fd, now, sizeof(now));
	return !strcmp(now, g->marks);
}

/* A process that does something and ends, or stays. */
static pid_t act(void (*what)(void), int stay)
{
	pid_t pid;
	char byte;
	int p[2];

	check(pipe(p) == 0);
	pid = fork();
	check(pid >= 0);
	if (!pid) {
		what();
		check(write(p[1], "x", 1) == 1);
		while (stay)
			pause();
		_exit(0);
	}
	check(read(p[0], &byte, 1) == 1 && close(p[0]) == 0 && close(p[1]) == 0);
	if (!stay)
		check(waitpid(pid, NULL, 0) == pid);
	return pid;
}

/* ---- events with descriptors ------------------------------------------------------ */

static int event_pidfd(const struct fanotify_event_metadata *event)
{
	const struct fanotify_event_info_pidfd *info = (const void *)(event + 1);

	if (event->event_len < sizeof(*event) + sizeof(*info))
		return -1;
	check(info->hdr.info_type == FAN_EVENT_INFO_TYPE_PIDFD);
	return info->pidfd;
}

static int read_told(int fd, struct told *to, int most)
{
	const struct fanotify_event_metadata *event;
	/* Room for one, with a pidfd. */
	uint64_t buf[4];
	struct stat st;
	int nr = 0;

	for (;; nr++, to++) {
		ssize_t n = read(fd, buf, sizeof(buf));

		if (n == -1 && errno == EAGAIN)
			return nr;
		event = (const void *)buf;
		check(n == (ssize_t)event->event_len && nr < most);
		check(fstat(event->fd, &st) == 0);
		check(fcntl(event->fd, F_GETFL) & O_NOATIME);
		check(fcntl(event->fd, F_GETFD) == FD_CLOEXEC && close(event->fd) == 0);
		*to = (struct told){ event->mask, event->pid, st.st_ino, event_pidfd(event) };
	}
}

/* Of whom the descriptor is: it can be asked for the child, and not had of the ended one. */
static int same_told(const struct told *a, const struct told *b)
{
	if (a->mask != b->mask || a->pid != b->pid || a->ino != b->ino)
		return 0;
	return a->pidfd < 0 ? a->pidfd == b->pidfd : b->pidfd >= 0;
}

static void check_told(int fd, const struct told *expected, int nr)
{
	struct told got[32];
	int i;

	check(read_told(fd, got, 32) == nr);
	for (i = 0; i < nr; i++) {
		check(same_told(got + i, expected + i));
		if (got[i].pidfd >= 0)
			check(syscall(SYS_pidfd_send_signal, got[i].pidfd, 0, NULL, 0) == 0 &&
			      close(got[i].pidfd) == 0);
	}
}

/* ---- groups ------------------------------------------------------------------------- */

static int make_names(void)
{
	int fd = make(FAN_CLASS_NOTIF | FAN_REPORT_DFID_NAME_TARGET, O_RDONLY);

	mark(fd, 0, FAN_CREATE | FAN_DELETE | FAN_RENAME | FAN_ATTRIB | FAN_MODIFY | FAN_ONDIR |
	     FAN_EVENT_ON_CHILD, ".");
	mark(fd, FAN_MARK_ONLYDIR, FAN_RENAME | FAN_MOVE_SELF | FAN_DELETE_SELF | FAN_ONDIR, "sub");
	return fd;
}

static int make_handles(void)
{
	int fd = make(FAN_CLASS_NOTIF | FAN_REPORT_FID | FAN_UNLIMITED_MARKS, O_RDONLY);

	mark(fd, FAN_MARK_FILESYSTEM, FAN_ATTRIB | FAN_DELETE_SELF | FAN_CREATE | FAN_ONDIR, ".");
	return fd;
}

static int make_lost(void)
{
	int fd = make(FAN_CLASS_NOTIF | FAN_REPORT_DFID_NAME, O_RDONLY);

	mark(fd, 0, FAN_CREATE | FAN_ONDIR, "sub");
	return fd;
}

static int make_paths(void)
{
	int fd = make(FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_UNLIMITED_QUEUE | FAN_REPORT_TID,
		      O_RDONLY | O_NOATIME | O_CLOEXEC);

	mark(fd, FAN_MARK_MOUNT, FAN_OPEN | FAN_MODIFY | FAN_CLOSE | FAN_ONDIR, ".");
	return fd;
}

static int make_pidfds(void)
{
	int fd = make(FAN_CLASS_NOTIF | FAN_REPORT_PIDFD, O_RDONLY | O_NOATIME | O_CLOEXEC);

	mark(fd, 0, FAN_OPEN, "plain");
	return fd;
}

/* Made by one who may do less, for the moment. */
static int make_bare(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[2], less[2];
	int fd;

	check(syscall(SYS_capget, &head, caps) == 0);
	memcpy(less, caps, sizeof(caps));
	less[0].effective &= ~(1U << CAP_SYS_ADMIN);
	check(syscall(SYS_capset, &head, less) == 0);
	fd = make(FAN_CLASS_NOTIF | FAN_REPORT_FID, O_RDONLY);
	check(syscall(SYS_capset, &head, caps) == 0);
	mark(fd, 0, FAN_OPEN, "plain");
	check(fanotify_mark(fd, FAN_MARK_ADD | FAN_MARK_MOUNT, FAN_OPEN, AT_FDCWD, ".") == -1 &&
	      errno == EPERM);
	return fd;
}

/* What is ignored for good, until it is modified, and was until it was. */
static void make_ignoring(struct group *g)
{
	g->fd = make(FAN_CLASS_NOTIF, O_RDONLY | O_NOATIME | O_CLOEXEC);
	mark(g->fd, 0, FAN_OPEN | FAN_MODIFY, "until");
	mark(g->fd, FAN_MARK_IGNORED_MASK, FAN_OPEN, "until");
	mark(g->fd, FAN_MARK_IGNORED_MASK | FAN_MARK_IGNORED_SURV_MODIFY, FAN_MODIFY, "ever");
	mark(g->fd, 0, FAN_MODIFY | FAN_CLOSE_WRITE, "ever");
	mark(g->fd, FAN_MARK_IGNORED_MASK, FAN_MODIFY, "was");
	mark(g->fd, FAN_MARK_IGNORE_SURV | FAN_MARK_EVICTABLE, FAN_OPEN, "cached");
	mark(g->fd, FAN_MARK_IGNORE_SURV, FAN_ACCESS | FAN_EVENT_ON_CHILD | FAN_ONDIR, "sub");
	mark(g->fd, 0, FAN_ACCESS, "/dev");
	touch("was");
	check(is_empty(g->fd));
	writer = open("until", O_WRONLY);
	check(writer >= 0 && is_empty(g->fd));
}

/* It answers whether a file may be opened, and another read, where the kernel has that. */
static void make_asking(struct group *g)
{
	g->fd = make(FAN_CLASS_PRE_CONTENT, O_RDONLY);
	if (fanotify_mark(g->fd, FAN_MARK_ADD, FAN_OPEN_PERM, AT_FDCWD, "guarded")) {
		check(errno == EINVAL && close(g->fd) == 0);
		g->fd = -1;
		return;
	}
	mark(g->fd, 0, FAN_ACCESS_PERM, "asked");
	asked = open("asked", O_RDONLY);
	check(asked >= 0);
}

/* What is done by a descriptor that it has given is not told. */
static void make_heard(struct group *g)
{
	struct fanotify_event_metadata event;

	g->fd = make(FAN_CLASS_NOTIF, O_RDWR);
	mark(g->fd, 0, FAN_OPEN | FAN_ACCESS | FAN_MODIFY, "heard");
	check(close(open("heard", O_RDONLY)) == 0);
	check(read(g->fd, &event, sizeof(event)) == sizeof(event) && event.mask == FAN_OPEN);
	unheard = event.fd;
	unheard_flags = fcntl(unheard, F_GETFL);
	check(unheard >= 0 && write(unheard, "y", 1) == 1 && is_empty(g->fd));
}

/* ---- what happens --------------------------------------------------------------------- */

static void make_changes(void)
{
	touch("file");
	check(rename("file", "sub/renamed") == 0 && rename("sub/renamed", "file") == 0);
	check(rename("file", "other") == 0 && rename("other", "file") == 0);
	check(unlink("victim") == 0 && chmod("file", 0640) == 0);
	check(mkdir("new", 0700) == 0 && chmod("new", 0710) == 0 && rmdir("new") == 0);
	check(chmod("sub", 0710) == 0 && chmod("sub", 0700) == 0);
}

/* More than are kept, if the limit is 100. */
static void make_many(void)
{
	char name[20];
	int i;

	for (i = 0; i < 120; i++) {
		snprintf(name, sizeof(name), "sub/%d", i);
		check(mkdir(name, 0700) == 0 && rmdir(name) == 0);
	}
}

static void open_all(void)
{
	int fd = open("sub", O_RDONLY | O_DIRECTORY);

	check(fd >= 0 && close(fd) == 0);
	touch("plain");
	look();
}

static void make_twins(struct group *g, int (*how)(void))
{
	g->fd = how();
	g->twin = how();
}

static void read_twin(struct group *g)
{
	g->bytes = drain(g->twin, g->expected, sizeof(g->expected));
	check(g->bytes > 0 && pending(g->fd) == g->bytes && close(g->twin) == 0);
}

static void read_told_twins(void)
{
	int i;

	nr_told = read_told(paths.twin, told, 32);
	check(nr_told > 4 && close(paths.twin) == 0);
	nr_pidfds = read_told(pidfds.twin, told_pidfds, 8);
	check(nr_pidfds == 3 && told_pidfds[1].pidfd == FAN_NOPIDFD && close(pidfds.twin) == 0);
	for (i = 0; i < 3; i += 2)
		check(told_pidfds[i].pidfd >= 0 && close(told_pidfds[i].pidfd) == 0);
}

static void prepare(void)
{
	static const char *const files[] = {
		"file", "victim", "plain", "until", "ever", "was", "cached", "guarded", "again",
		"asked", "heard",
	};
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		touch(files[i]);
	check(mkdir("sub", 0700) == 0 || errno == EEXIST);
}

static void make_groups(void)
{
	make_ignoring(&ignoring);
	make_asking(&asking);
	make_heard(&heard);
	make_twins(&names, make_names);
	make_twins(&handles, make_handles);
	make_twins(&lost, make_lost);
	make_twins(&paths, make_paths);
	make_twins(&pidfds, make_pidfds);
	bare.fd = make_bare();
	merged.fd = make(FAN_CLASS_NOTIF | FAN_REPORT_FID, O_RDONLY);
	mark(merged.fd, 0, FAN_MODIFY, "again");
}

static void build(void)
{
	struct group *all[] = {
		&names, &handles, &lost, &merged, &paths, &pidfds, &bare, &ignoring, &asking,
		&heard,
	};
	struct epoll_event event = { .events = EPOLLIN };
	size_t i;

	make_groups();
	open_all();
	act(look, 0);
	kid = act(look, 1);
	touch("again");
	make_changes();
	make_many();

	/* From here on nothing happens there. */
	read_twin(&names);
	read_twin(&handles);
	read_twin(&lost);
	read_told_twins();
	merged.bytes = pending(merged.fd);
	check(merged.bytes > 0);
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i]->fd >= 0)
			read_marks(all[i]->fd, all[i]->marks, sizeof(all[i]->marks));
	ep = epoll_create1(0);
	check(ep >= 0 && epoll_ctl(ep, EPOLL_CTL_ADD, merged.fd, &event) == 0);
}

/* ---- what has become of it ------------------------------------------------------------ */

static void check_twin(const struct group *g)
{
	char got[sizeof(g->expected)];

	check(drain(g->fd, got, sizeof(got)) == g->bytes);
	check(!memcmp(got, g->expected, g->bytes) && is_empty(g->fd) && same_marks(g));
}

static void check_bare(void)
{
	const pid_t pids[] = { getpid(), 0, 0 };
	const struct fanotify_event_metadata *event;
	uint64_t buf[128];
	char *at = (char *)buf;
	size_t i;

	check(drain(bare.fd, at, sizeof(buf)) > 0 && same_marks(&bare));
	for (i = 0; i < 3; i++, at += event->event_len) {
		event = (const void *)at;
		check(event->mask == FAN_OPEN && event->pid == pids[i]);
	}
	check(fanotify_mark(bare.fd, FAN_MARK_ADD | FAN_MARK_MOUNT, FAN_OPEN, AT_FDCWD,
			    ".") == -1 && errno == EPERM);
}

static void check_ignoring(void)
{
	struct told got[4];
	int fd;

	check(same_marks(&ignoring) && is_empty(ignoring.fd));
	fd = open("until", O_RDONLY);
	check(fd >= 0 && close(fd) == 0 && is_empty(ignoring.fd));
	check(write(writer, "x", 1) == 1 && close(writer) == 0);
	check(read_told(ignoring.fd, got, 4) == 1 && got[0].mask == FAN_MODIFY);
	fd = open("until", O_RDONLY);
	check(fd >= 0 && close(fd) == 0);
	check(read_told(ignoring.fd, got, 4) == 1 && got[0].mask == FAN_OPEN);
	touch("ever");
	touch("ever");
	check(read_told(ignoring.fd, got, 4) == 1 && got[0].mask == FAN_CLOSE_WRITE);
}

static int open_guarded(void)
{
	return open("guarded", O_RDONLY);
}

static int read_asked(void)
{
	char byte;

	return pread(asked, &byte, 1, 0);
}

/* A child does it, is asked about, and may not. */
static void deny(int (*what)(void), uint64_t mask)
{
	struct fanotify_response response = { .response = FAN_DENY };
	struct fanotify_event_metadata event;
	pid_t pid = fork();
	int status;

	check(pid >= 0);
	if (!pid)
		_exit(what() != -1 || errno != EPERM);
	while (read(asking.fd, &event, sizeof(event)) != sizeof(event))
		check(errno == EAGAIN);
	response.fd = event.fd;
	check(event.mask == mask && event.pid == pid);
	check(write(asking.fd, &response, sizeof(response)) == sizeof(response));
	check(close(event.fd) == 0 && waitpid(pid, &status, 0) == pid && status == 0);
}

static void check_asking(void)
{
	if (asking.fd < 0)
		return;
	check(same_marks(&asking) && is_empty(asking.fd));
	deny(open_guarded, FAN_OPEN_PERM);
	deny(read_asked, FAN_ACCESS_PERM);
}

static void check_heard(void)
{
	struct fanotify_event_metadata event;
	char byte;
	int fd;

	check(same_marks(&heard) && is_empty(heard.fd));
	check(fcntl(unheard, F_GETFL) == unheard_flags && lseek(unheard, 0, SEEK_CUR) == 1);
	check(write(unheard, "z", 1) == 1 && pread(unheard, &byte, 1, 0) == 1 && byte == 'y');
	check(close(unheard) == 0 && is_empty(heard.fd));
	fd = open("heard", O_RDONLY);
	check(fd >= 0 && read(fd, &byte, 1) == 1 && close(fd) == 0);
	check(read(heard.fd, &event, sizeof(event)) == sizeof(event));
	check(event.mask == (FAN_OPEN | FAN_ACCESS) && close(event.fd) == 0);
}

int main(int argc, char **argv)
{
	struct dressed dressed;
	struct epoll_event event;

	check(argc == 2 && chdir(argv[1]) == 0);
	prepare();
	build();
	dressed = dress(make(FAN_CLASS_CONTENT, O_RDWR), SIGUSR1);

	ready();

	check(epoll_wait(ep, &event, 1, 0) == 1);
	check_told(paths.fd, told, nr_told);
	check_told(pidfds.fd, told_pidfds, nr_pidfds);
	check(same_marks(&paths) && same_marks(&pidfds));
	check_bare();
	check_twin(&lost);
	check_twin(&names);
	check_twin(&handles);
	/* The same as what is there: it is merged with that. */
	touch("again");
	check(pending(merged.fd) == merged.bytes && same_marks(&merged));
	check_ignoring();
	check_heard();
	check_asking();
	check(kill(kid, SIGKILL) == 0 && waitpid(kid, NULL, 0) == kid);
	check_dressed(&dressed, SIGUSR1);
	return passed();
}
