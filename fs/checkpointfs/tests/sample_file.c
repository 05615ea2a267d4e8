// SPDX-License-Identifier: GPL-2.0-only
/*
 * Open files of the kinds that have no file of their own here.
 */
#include "sample_add.h"

static struct ckpt_epoll *add_epoll(struct sample *s, u64 id, u64 watched)
{
	struct ckpt_writer *w = sample_add(s, CKPT_TYPE_EPOLL, id);
	struct ckpt_epoll_item *item;
	struct ckpt_epoll *epoll;

	sample_open_file(w, CKPT_TYPE_EPOLL, CKPT_O_RDWR);
	epoll = ADD(w, CKPT_REC_EPOLL, 1);
	item = sample_elems(s, CKPT_TYPE_EPOLL, id, CKPT_REC_EPOLL) ?: (void *)sample_nowhere;
	item->file = cpu_to_le64(watched);
	item->events = cpu_to_le32(1);
	return epoll;
}

static void add_namespace(struct sample *s)
{
	struct ckpt_writer *w = sample_add(s, CKPT_TYPE_NAMESPACE, 27);
	struct ckpt_namespace *namespace;

	sample_open_file(w, CKPT_TYPE_NAMESPACE, CKPT_O_RDONLY);
	namespace = ADD(w, CKPT_REC_NAMESPACE, 0);
	namespace->kind = cpu_to_le32(CKPT_NAMESPACE_NETWORK);
}

static void add_events(struct sample *s)
{
	struct ckpt_signalfd *signalfd;
	struct ckpt_eventfd *eventfd;
	struct ckpt_timerfd *timerfd;
	struct ckpt_epoll *epoll;
	struct ckpt_pidfd *pidfd;

	eventfd = sample_unnamed(s, 20, CKPT_TYPE_EVENTFD, CKPT_REC_EVENTFD);
	eventfd->count = cpu_to_le64(7);
	signalfd = sample_unnamed(s, 21, CKPT_TYPE_SIGNALFD, CKPT_REC_SIGNALFD);
	signalfd->mask = cpu_to_le64(0x30);
	timerfd = sample_unnamed(s, 22, CKPT_TYPE_TIMERFD, CKPT_REC_TIMERFD);
	timerfd->clock = cpu_to_le32(1);
	timerfd->flags = cpu_to_le32(CKPT_TIMERFD_ARMED);
	timerfd->value = cpu_to_le64(1000);
	epoll = add_epoll(s, 23, 20);
	epoll->depth = cpu_to_le32(1);
	epoll = add_epoll(s, 24, 23);
	epoll->depth = cpu_to_le32(2);
	pidfd = sample_unnamed(s, 25, CKPT_TYPE_PIDFD, CKPT_REC_PIDFD);
	pidfd->pid = cpu_to_le32(12);
	pidfd = sample_unnamed(s, 26, CKPT_TYPE_PIDFD, CKPT_REC_PIDFD);
	pidfd->ended = cpu_to_le64(1);
	ADD(sample_add(s, CKPT_TYPE_ENDEDPID, 1), CKPT_REC_ENDEDPID, 0);
}

/* One of a thread's, half read; a directory of a task; and one of none. */
static void add_procfile(struct sample *s)
{
	struct ckpt_writer *w = sample_named_file(s, 83, CKPT_TYPE_PROCFILE, 0, "/proc", 0100444);
	struct ckpt_procfile *file = ADD(w, CKPT_REC_PROCFILE, 5);
	struct ckpt_seqfile *seq;

	file->creds = cpu_to_le64(1);
	file->pid = cpu_to_le32(10);
	file->tid = cpu_to_le32(11);
	memcpy(ckpt_elems(file), "stat", 5);
	seq = ADD(w, CKPT_REC_SEQFILE, 3);
	seq->index = cpu_to_le64(1);
	seq->read_pos = cpu_to_le64(7);
	w = sample_named_file(s, 84, CKPT_TYPE_PROCFILE, CKPT_O_DIRECTORY, "/proc", 0040555);
	file = ADD(w, CKPT_REC_PROCFILE, 1);
	file->creds = cpu_to_le64(1);
	file->pid = cpu_to_le32(12);
	w = sample_named_file(s, 85, CKPT_TYPE_PROCFILE, 0, "/proc/meminfo", 0100444);
	file = ADD(w, CKPT_REC_PROCFILE, 1);
	file->creds = cpu_to_le64(1);
}

/* A deleted directory, open, and a deleted fifo, of which a file is. */
static void add_unnamed_nodes(struct sample *s)
{
	static const u32 modes[] = { 0040700, 0010600 };
	struct ckpt_nameless *rec;
	struct ckpt_unnamed *node;
	struct ckpt_writer *w;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		w = sample_add(s, CKPT_TYPE_UNNAMED, i + 1);
		node = ADD(w, CKPT_REC_UNNAMED, 0);
		node->mode = cpu_to_le32(modes[i]);
		ckpt_add_path(w, CKPT_PATH_FILE, "/tmp");
	}
	w = sample_add(s, CKPT_TYPE_DELDIR, 87);
	sample_open_file(w, CKPT_TYPE_DELDIR, CKPT_O_DIRECTORY);
	rec = ADD(w, CKPT_REC_NAMELESS, 0);
	rec->unnamed = cpu_to_le64(1);
}

static void add_kernfile(struct sample *s)
{
	struct ckpt_writer *w = sample_named_file(s, 86, CKPT_TYPE_KERNFILE, CKPT_O_RDWR,
						  "/sys/fs/cgroup/cgroup.procs", 0100644);
	struct ckpt_kernfile *file = ADD(w, CKPT_REC_KERNFILE, 0);
	struct ckpt_seqfile *seq = ADD(w, CKPT_REC_SEQFILE, 0);

	file->creds = cpu_to_le64(1);
	seq->index = cpu_to_le64(1);
}

static struct ckpt_bpfmap *add_bpfmap(struct sample *s, u64 id, u32 kind, u64 bytes)
{
	struct ckpt_bpfmap *rec = sample_unnamed(s, id, CKPT_TYPE_BPFMAP, CKPT_REC_BPFMAP);

	rec->kind = cpu_to_le32(kind);
	rec->key_size = cpu_to_le32(4);
	rec->value_size = cpu_to_le32(12);
	rec->max_entries = cpu_to_le32(3);
	memcpy(rec->name, "sample", 6);
	sample_add(s, CKPT_TYPE_BPFDATA, id);
	sample_file(s, CKPT_TYPE_BPFDATA, id)->size = bytes;
	return rec;
}

/*
 * An array; a hash with two elements, each with values for two processors; a queue with
 * two; a bloom filter.
 */
static void add_bpfmaps(struct sample *s)
{
	struct ckpt_bpfmap *rec = add_bpfmap(s, 110, CKPT_BPFMAP_ARRAY, 3 * 16);

	rec->nr = cpu_to_le32(3);
	rec->flags = cpu_to_le32(CKPT_BPFMAP_FROZEN | CKPT_BPFMAP_NUMA_NODE);
	rec->node = cpu_to_le32(1);
	rec = add_bpfmap(s, 111, CKPT_BPFMAP_PERCPU_HASH, 2 * (8 + 2 * 16));
	rec->nr = cpu_to_le32(2);
	rec->cpus = cpu_to_le32(2);
	rec = add_bpfmap(s, 112, CKPT_BPFMAP_QUEUE, 2 * 16);
	rec->nr = cpu_to_le32(2);
	rec->key_size = 0;
	rec = add_bpfmap(s, 113, CKPT_BPFMAP_BLOOM_FILTER, 4 * 8);
	rec->nr = cpu_to_le32(4);
	rec->key_size = 0;
	rec->hashes = cpu_to_le32(15);
	rec->seed = cpu_to_le32(0x12345678);
}

static void add_seccomp_listener(struct sample *s)
{
	struct ckpt_listener *rec = sample_unnamed(s, 130, CKPT_TYPE_LISTENER, CKPT_REC_LISTENER);

	rec->filter = cpu_to_le64(2);
	rec->flags = cpu_to_le32(CKPT_LISTENER_SYNC);
}

/* Two pages of four, of a file without a name, which is twice open. */
static void add_deleted(struct sample *s)
{
	struct ckpt_writer *w = sample_add(s, CKPT_TYPE_DELETED, 60);
	struct ckpt_deleted *deleted;
	struct ckpt_run *run;

	sample_open_file(w, CKPT_TYPE_DELETED, CKPT_O_RDWR | CKPT_O_TMPFILE | CKPT_O_DIRECTORY);
	deleted = ADD(w, CKPT_REC_DELETED, 1);
	deleted->size = cpu_to_le64(4 * CKPT_PAGE_SIZE);
	deleted->pages = cpu_to_le64(2);
	deleted->mode = cpu_to_le32(0100600);
	deleted->flags = cpu_to_le32(CKPT_DELETED_LINKABLE);
	run = sample_elems(s, CKPT_TYPE_DELETED, 60, CKPT_REC_DELETED) ?: (void *)sample_nowhere;
	sample_set_run(run, CKPT_PAGE_SIZE, 2, CKPT_RUN_PAGES);
	ckpt_add_path(w, CKPT_PATH_FILE, "/tmp");
	sample_add(s, CKPT_TYPE_SHMEMDATA, 60);
	sample_file(s, CKPT_TYPE_SHMEMDATA, 60)->size = 2 * CKPT_PAGE_SIZE;
	deleted = sample_unnamed(s, 61, CKPT_TYPE_DELETED, CKPT_REC_DELETED);
	deleted->holder = cpu_to_le64(60);
}

static void add_inotify(struct sample *s)
{
	struct ckpt_writer *w = sample_add(s, CKPT_TYPE_INOTIFY, 62);
	struct ckpt_inotify_event *event;
	struct ckpt_watches *watches;
	struct ckpt_watch *watch;

	sample_open_file(w, CKPT_TYPE_INOTIFY, CKPT_O_NONBLOCK);
	event = ADD(w, CKPT_REC_INOTIFY_EVENT, 5);
	event->wd = cpu_to_le32(1);
	event->mask = cpu_to_le32(2);
	event->flags = cpu_to_le32(CKPT_INOTIFY_ON_CHILD);
	memcpy(event + 1, "name", 5);
	event = ADD(w, CKPT_REC_INOTIFY_EVENT, 1);
	event->wd = cpu_to_le32(-1);
	event->mask = cpu_to_le32(0x4000);

	w = sample_add(s, CKPT_TYPE_WATCHES, 62);
	watches = ADD(w, CKPT_REC_WATCHES, 0);
	watches->next = cpu_to_le32(2);
	watch = ADD(w, CKPT_REC_WATCH, 5);
	watch->wd = cpu_to_le32(1);
	watch->mask = cpu_to_le32(2);
	watch->mode = cpu_to_le32(0040000);
	memcpy(watch + 1, "/tmp", 5);
}

static struct ckpt_writer *add_group(struct sample *s, u64 id, u32 kind, u32 flags)
{
	struct ckpt_writer *w = sample_add(s, CKPT_TYPE_FANOTIFY, id);
	struct ckpt_fanotify *group;

	sample_open_file(w, CKPT_TYPE_FANOTIFY, CKPT_O_RDWR);
	group = ADD(w, CKPT_REC_FANOTIFY, 0);
	group->kind = cpu_to_le32(kind);
	group->flags = cpu_to_le32(flags);
	group->event_flags = cpu_to_le32(CKPT_O_LARGEFILE);
	return w;
}

static struct ckpt_fanevent *add_event(struct ckpt_writer *w, u32 kind, u32 mask,
				       const char *bytes, u32 size)
{
	struct ckpt_fanevent *event = ADD(w, CKPT_REC_FANEVENT, size);

	event->kind = cpu_to_le32(kind);
	event->mask = cpu_to_le32(mask);
	memcpy(event + 1, bytes, size);
	return event;
}

static struct ckpt_fanmark *add_mark(struct ckpt_writer *w, u32 kind, u32 mask, u32 mode)
{
	struct ckpt_fanmark *mark = ADD(w, CKPT_REC_FANMARK, 5);

	mark->kind = cpu_to_le32(kind);
	mark->mask = cpu_to_le32(mask);
	mark->mode = cpu_to_le32(mode);
	memcpy(mark + 1, "/tmp", 5);
	return mark;
}

/* One that tells of handles and names, and one that tells of paths. */
static void add_fanotify(struct sample *s)
{
	const u32 names = CKPT_FANOTIFY_REPORT_FID | CKPT_FANOTIFY_REPORT_DIR_FID |
			  CKPT_FANOTIFY_REPORT_NAME;
	struct ckpt_writer *w = add_group(s, 95, CKPT_FANOTIFY_NOTIF, names);
	struct ckpt_fanevent *event;
	struct ckpt_fanmarks *marks;
	struct ckpt_fanmark *mark;

	event = add_event(w, CKPT_FANEVENT_NAME, CKPT_FAN_RENAME, "dir1dir2ab", 10);
	event->pid = cpu_to_le32(12);
	event->dir_len = cpu_to_le16(4);
	event->new_dir_len = cpu_to_le16(4);
	event->name_len = cpu_to_le16(1);
	event->new_name_len = cpu_to_le16(1);
	event->dir_type = cpu_to_le16(1);
	event->new_dir_type = cpu_to_le16(1);
	event = add_event(w, CKPT_FANEVENT_OBJECT, 0x4, "file", 4);
	event->object_len = cpu_to_le16(4);
	event->object_type = cpu_to_le16(1);

	w = sample_add(s, CKPT_TYPE_FANMARKS, 95);
	marks = ADD(w, CKPT_REC_FANMARKS, 0);
	marks->marks = cpu_to_le32(1);
	mark = add_mark(w, CKPT_FANMARK_INODE, CKPT_FAN_ON_FLAGS | CKPT_FAN_RENAME, 0040000);
	mark->fsid = cpu_to_le64(7);
	mark->flags = cpu_to_le32(CKPT_FANMARK_IGNORE | CKPT_FANMARK_SURV_MODIFY);
	mark->ignored = cpu_to_le32(2);
	mark->handle_type = cpu_to_le32(1);
	mark->handle_len = cpu_to_le32(4);
	memcpy(mark->handle, "dir1", 4);

	w = add_group(s, 96, CKPT_FANOTIFY_CONTENT, CKPT_FANOTIFY_UNLIMITED_QUEUE);
	event = add_event(w, CKPT_FANEVENT_PATH, 0x20, "/tmp", 5);
	event->ended = cpu_to_le64(1);
	event->mode = cpu_to_le32(0040000);
	add_event(w, CKPT_FANEVENT_LOST, CKPT_FAN_OVERFLOW, "", 0);

	w = sample_add(s, CKPT_TYPE_FANMARKS, 96);
	marks = ADD(w, CKPT_REC_FANMARKS, 0);
	marks->marks = cpu_to_le32(2);
	add_mark(w, CKPT_FANMARK_MOUNT, 0x20, 0040000);
	add_mark(w, CKPT_FANMARK_FILESYSTEM, CKPT_FAN_PERMISSIONS, 0);
}

static void add_locks(struct sample *s)
{
	struct ckpt_lease *lease;
	struct ckpt_lock *lock;

	ADD(sample_add(s, CKPT_TYPE_LOCKS, 1), CKPT_REC_LOCKS, 2);
	lock = sample_elems(s, CKPT_TYPE_LOCKS, 1, CKPT_REC_LOCKS) ?: (void *)sample_nowhere;
	lock[0].end = cpu_to_le64(S64_MAX);
	lock[0].file = cpu_to_le64(1);
	lock[0].kind = cpu_to_le32(CKPT_LOCK_FLOCK);
	lock[0].type = cpu_to_le32(CKPT_LOCK_WRITE);
	lock[1] = lock[0];
	lock[1].fdtable = cpu_to_le64(1);
	lock[1].kind = cpu_to_le32(CKPT_LOCK_POSIX);
	ADD(&sample_file(s, CKPT_TYPE_LOCKS, 1)->w, CKPT_REC_LEASES, 1);
	lease = sample_elems(s, CKPT_TYPE_LOCKS, 1, CKPT_REC_LEASES) ?: (void *)sample_nowhere;
	lease->file = cpu_to_le64(1);
	lease->unlock_left = cpu_to_le64(1000000000);
	lease->type = cpu_to_le32(CKPT_LOCK_WRITE);
	lease->flags = cpu_to_le32(CKPT_LEASE_UNLOCK);
	lease->fd = cpu_to_le32(3);
}

static void add_files(struct sample *s)
{
	struct ckpt_pipebuf *buf;
	struct ckpt_pipe_buf *piece;
	struct ckpt_external *external;
	struct ckpt_device *device;
	struct ckpt_owner *owner;
	struct ckpt_pipe *pipe;
	struct ckpt_writer *w;

	sample_named_file(s, 1, CKPT_TYPE_REGULAR, CKPT_O_RDWR | CKPT_O_APPEND,
			  "/bin/sample", 0100755);
	sample_named_file(s, 3, CKPT_TYPE_DIRECTORY, CKPT_O_DIRECTORY, "/tmp", 0041777);
	sample_named_file(s, 4, CKPT_TYPE_OPATH, CKPT_O_PATH, "/etc/fstab", 0100644);
	w = sample_named_file(s, 5, CKPT_TYPE_DEVICE, CKPT_O_RDWR, "/dev/null", 0020666);
	device = ADD(w, CKPT_REC_DEVICE, 0);
	device->major = cpu_to_le32(1);
	device->minor = cpu_to_le32(3);

	w = sample_add(s, CKPT_TYPE_EXTERNAL, 80);
	sample_open_file(w, CKPT_TYPE_EXTERNAL, CKPT_O_RDWR);
	external = ADD(w, CKPT_REC_EXTERNAL, 11);
	external->pid = cpu_to_le32(11);
	external->fd = cpu_to_le32(2);
	memcpy(external + 1, "/dev/pts/1", 11);

	w = sample_add(s, CKPT_TYPE_PIPE, 2);
	sample_open_file(w, CKPT_TYPE_PIPE, CKPT_O_WRONLY);
	pipe = ADD(w, CKPT_REC_PIPE, 0);
	pipe->pipe = cpu_to_le64(1);
	owner = ADD(w, CKPT_REC_OWNER, 0);
	owner->pid = cpu_to_le32(11);
	owner->type = cpu_to_le32(CKPT_OWNER_THREAD);

	buf = ADD(sample_add(s, CKPT_TYPE_PIPEBUF, 1), CKPT_REC_PIPEBUF, 1);
	buf->slots = cpu_to_le32(16);
	buf->bytes = cpu_to_le64(100);
	buf->mode = cpu_to_le32(0010600);
	piece = sample_elems(s, CKPT_TYPE_PIPEBUF, 1, CKPT_REC_PIPEBUF) ?:
		(void *)sample_nowhere;
	piece->len = cpu_to_le32(100);
	sample_add(s, CKPT_TYPE_PIPEDATA, 1);
	sample_file(s, CKPT_TYPE_PIPEDATA, 1)->size = 100;
}

void sample_add_files(struct sample *s)
{
	add_files(s);
	add_events(s);
	add_namespace(s);
	add_locks(s);
	add_bpfmaps(s);
	add_seccomp_listener(s);
	add_deleted(s);
	add_inotify(s);
	add_fanotify(s);
	add_procfile(s);
	add_kernfile(s);
	add_unnamed_nodes(s);
}
