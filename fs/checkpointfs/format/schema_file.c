// SPDX-License-Identifier: GPL-2.0-only
/* The fields of the records of open files. */
#include "schema.h"

/* CKPT_O_*. */
#define OPEN_FLAGS							\
	NAMES("wronly", "rdwr", "append", "nonblock", "dsync", "sync",	\
	      "direct", "largefile", "directory", "nofollow", "noatime", \
	      "path", "random", "sequential", "noreuse", "async", "tmpfile", \
	      "unheard", "asked")

static const struct ckpt_field file_fields[] = {
	FIELD(ckpt_file, type, TYPE),
	FLAGS(ckpt_file, flags, CKPT_O_FLAGS, OPEN_FLAGS),
	FIELD(ckpt_file, pos, UINT, .limit = S64_MAX),
	{}
};

static const struct ckpt_field owner_fields[] = {
	FIELD(ckpt_owner, pid, UINT, .limit = PID_LIMIT),
	FIELD(ckpt_owner, type, ENUM, .limit = CKPT_OWNER_GROUP, .zero_ok = true,
	      .values = NAMES("none", "thread", "process", "group")),
	FIELD(ckpt_owner, uid, UINT), FIELD(ckpt_owner, euid, UINT),
	FIELD(ckpt_owner, signal, UINT, .limit = CKPT_NSIG),
	FLAGS(ckpt_owner, flags, CKPT_OWNER_FLAGS, NAMES("async")),
	FIELD(ckpt_owner, fd, UINT, .limit = S32_MAX),
	FIELD(ckpt_owner, reserved, RESERVED),
	{}
};

static const struct ckpt_field procfile_fields[] = {
	REF(ckpt_procfile, creds, CREDS),
	FIELD(ckpt_procfile, pid, UINT, .limit = PID_LIMIT),
	FIELD(ckpt_procfile, tid, UINT, .limit = PID_LIMIT),
	{}
};

static const struct ckpt_field kernfile_fields[] = {
	REF(ckpt_kernfile, creds, CREDS),
	{}
};

static const struct ckpt_field seqfile_fields[] = {
	FIELD(ckpt_seqfile, index, UINT),
	FIELD(ckpt_seqfile, read_pos, UINT, .limit = S64_MAX),
	{}
};

static const struct ckpt_field unnamed_fields[] = {
	FIELD(ckpt_unnamed, atime, INT), FIELD(ckpt_unnamed, mtime, INT),
	FIELD(ckpt_unnamed, atime_ns, UINT, .limit = NS_LIMIT),
	FIELD(ckpt_unnamed, mtime_ns, UINT, .limit = NS_LIMIT),
	FIELD(ckpt_unnamed, mode, FLAGS, .limit = 0177777),
	FIELD(ckpt_unnamed, uid, UINT), FIELD(ckpt_unnamed, gid, UINT),
	FIELD(ckpt_unnamed, reserved, RESERVED),
	{}
};

static const struct ckpt_field nameless_fields[] = {
	REF(ckpt_nameless, unnamed, UNNAMED),
	{}
};

static const struct ckpt_field inode_fields[] = {
	FIELD(ckpt_inode, mode, FLAGS, .limit = 0177777),
	FIELD(ckpt_inode, reserved, RESERVED),
	FIELD(ckpt_inode, size, UINT, .limit = S64_MAX),
	FIELD(ckpt_inode, dev, HEX),
	FIELD(ckpt_inode, ino, UINT),
	{}
};

static const struct ckpt_field device_fields[] = {
	FIELD(ckpt_device, major, UINT, .limit = (1 << 12) - 1),
	FIELD(ckpt_device, minor, UINT, .limit = (1 << 20) - 1),
	{}
};

static const struct ckpt_field pipe_fields[] = {
	REF(ckpt_pipe, pipe, PIPEBUF),
	FLAGS(ckpt_pipe, flags, CKPT_PIPE_FLAGS, NAMES("unmet", "nowait")),
	FIELD(ckpt_pipe, reserved, RESERVED),
	{}
};

static const struct ckpt_field pipebuf_fields[] = {
	FIELD(ckpt_pipebuf, slots, UINT),
	FLAGS(ckpt_pipebuf, flags, CKPT_PIPEBUF_FLAGS, NAMES("fifo")),
	FIELD(ckpt_pipebuf, bytes, UINT, .limit = S64_MAX),
	FIELD(ckpt_pipebuf, mode, FLAGS, .limit = 0177777),
	FIELD(ckpt_pipebuf, uid, UINT), FIELD(ckpt_pipebuf, gid, UINT),
	FIELD(ckpt_pipebuf, reserved, RESERVED),
	{}
};

static const struct ckpt_field pipe_buf_fields[] = {
	FIELD(ckpt_pipe_buf, len, UINT),
	FLAGS(ckpt_pipe_buf, flags, CKPT_PIPE_BUF_FLAGS, NAMES("packet")),
	{}
};

static const struct ckpt_field eventfd_fields[] = {
	FIELD(ckpt_eventfd, count, UINT),
	FLAGS(ckpt_eventfd, flags, CKPT_EVENTFD_FLAGS, NAMES("semaphore")),
	FIELD(ckpt_eventfd, reserved, RESERVED),
	{}
};

static const struct ckpt_field signalfd_fields[] = {
	FIELD(ckpt_signalfd, mask, HEX),
	{}
};

static const struct ckpt_field timerfd_fields[] = {
	FIELD(ckpt_timerfd, clock, UINT),
	FLAGS(ckpt_timerfd, flags, CKPT_TIMERFD_FLAGS,
	      NAMES("armed", "abstime", "cancel_on_set", "canceled")),
	FIELD(ckpt_timerfd, value, UINT, .limit = S64_MAX),
	FIELD(ckpt_timerfd, interval, UINT, .limit = S64_MAX),
	FIELD(ckpt_timerfd, ticks, UINT),
	{}
};

static const struct ckpt_field userfaultfd_fields[] = {
	REF(ckpt_userfaultfd, mm, MM),
	FLAGS(ckpt_userfaultfd, features, CKPT_USERFAULTFD_FEATURES,
	      NAMES("wp", "event_fork", "event_remap", "event_remove", "missing_hugetlbfs",
		    "missing_shmem", "event_unmap", "sigbus", "thread_id", "minor_hugetlbfs",
		    "minor_shmem", "exact_address", "wp_hugetlbfs_shmem", "wp_unpopulated",
		    "poison", "wp_async", "move")),
	FLAGS(ckpt_userfaultfd, flags, CKPT_USERFAULTFD_FLAGS,
	      NAMES("api", "user", "nonblock", "cloexec", "forked")),
	{}
};

static const struct ckpt_field listener_fields[] = {
	REF(ckpt_listener, filter, SECCOMP),
	FLAGS(ckpt_listener, flags, CKPT_LISTENER_FLAGS, NAMES("sync")),
	FIELD(ckpt_listener, reserved, RESERVED),
	{}
};

static const struct ckpt_field epoll_fields[] = {
	REF(ckpt_epoll, sighand, SIGHAND),
	FIELD(ckpt_epoll, depth, UINT),
	FIELD(ckpt_epoll, reserved, RESERVED),
	{}
};

static const struct ckpt_field epoll_item_fields[] = {
	FIELD(ckpt_epoll_item, file, FILE_REF),
	FIELD(ckpt_epoll_item, data, HEX),
	FIELD(ckpt_epoll_item, fd, UINT, .limit = S32_MAX),
	FIELD(ckpt_epoll_item, events, HEX),
	FLAGS(ckpt_epoll_item, flags, CKPT_EPOLL_FLAGS, NAMES("ready", "reported")),
	FIELD(ckpt_epoll_item, reserved, RESERVED),
	{}
};

static const struct ckpt_field bpfmap_fields[] = {
	ENUM(ckpt_bpfmap, kind, CKPT_BPFMAP_BLOOM_FILTER,
	     NAMES("none", "array", "hash", "percpu_array", "percpu_hash", "lru_hash",
		   "lru_percpu_hash", "lpm_trie", "queue", "stack", "bloom_filter")),
	FLAGS(ckpt_bpfmap, flags, CKPT_BPFMAP_FLAGS,
	      NAMES("no_prealloc", "numa_node", "zero_seed", "rdonly_prog", "wronly_prog",
		    "mmapable", "inner_map", "frozen")),
	FIELD(ckpt_bpfmap, key_size, UINT, .limit = CKPT_BPFMAP_KEY),
	FIELD(ckpt_bpfmap, value_size, UINT, .limit = S32_MAX),
	FIELD(ckpt_bpfmap, max_entries, UINT),
	FIELD(ckpt_bpfmap, node, UINT, .limit = S32_MAX),
	FIELD(ckpt_bpfmap, cpus, UINT, .limit = CKPT_BPFMAP_CPUS),
	FIELD(ckpt_bpfmap, nr, UINT),
	FIELD(ckpt_bpfmap, hashes, UINT, .limit = CKPT_BPFMAP_HASHES),
	FIELD(ckpt_bpfmap, seed, HEX), FIELD(ckpt_bpfmap, name, TEXT),
	{}
};

static const struct ckpt_field pidfd_fields[] = {
	FIELD(ckpt_pidfd, pid, UINT, .limit = PID_LIMIT),
	FLAGS(ckpt_pidfd, flags, CKPT_PIDFD_FLAGS, NAMES("thread")),
	REF(ckpt_pidfd, ended, ENDEDPID),
	{}
};

static const struct ckpt_field namespace_fields[] = {
	ENUM(ckpt_namespace, kind, CKPT_NAMESPACE_TIME,
	     NAMES("none", "mount", "cgroup", "uts", "ipc", "user", "pid", "network", "time")),
	FIELD(ckpt_namespace, reserved, RESERVED),
	{}
};

static const struct ckpt_field endedpid_fields[] = {
	FIELD(ckpt_endedpid, pid, UINT, .limit = PID_LIMIT),
	FLAGS(ckpt_endedpid, flags, CKPT_ENDEDPID_FLAGS, NAMES("leader")),
	{}
};

static const struct ckpt_field locks_fields[] = {
	FIELD(ckpt_locks, reserved, RESERVED),
	{}
};

static const struct ckpt_field lock_fields[] = {
	FIELD(ckpt_lock, start, UINT, .limit = S64_MAX),
	FIELD(ckpt_lock, end, UINT, .limit = S64_MAX),
	FIELD(ckpt_lock, file, FILE_REF),
	REF(ckpt_lock, fdtable, FDTABLE),
	ENUM(ckpt_lock, kind, CKPT_LOCK_OFD, NAMES("none", "flock", "posix", "ofd")),
	ENUM(ckpt_lock, type, CKPT_LOCK_WRITE, NAMES("none", "read", "write")),
	FIELD(ckpt_lock, pid, UINT, .limit = PID_LIMIT),
	FIELD(ckpt_lock, reserved, RESERVED),
	{}
};

static const struct ckpt_field lease_fields[] = {
	FIELD(ckpt_lease, file, FILE_REF),
	FIELD(ckpt_lease, unlock_left, UINT, .limit = S64_MAX),
	FIELD(ckpt_lease, downgrade_left, UINT, .limit = S64_MAX),
	ENUM(ckpt_lease, type, CKPT_LOCK_WRITE, NAMES("none", "read", "write")),
	FLAGS(ckpt_lease, flags, CKPT_LEASE_FLAGS, NAMES("unlock", "downgrade")),
	FIELD(ckpt_lease, pid, UINT, .limit = PID_LIMIT),
	FIELD(ckpt_lease, fd, UINT, .limit = S32_MAX),
	{}
};

static const struct ckpt_field external_fields[] = {
	FIELD(ckpt_external, pid, UINT, .limit = PID_LIMIT),
	FIELD(ckpt_external, fd, UINT, .limit = S32_MAX),
	{}
};

static const struct ckpt_field memfd_fields[] = {
	REF(ckpt_memfd, holder, MEMFD),
	FIELD(ckpt_memfd, size, UINT, .limit = S64_MAX),
	FIELD(ckpt_memfd, pages, UINT),
	FIELD(ckpt_memfd, seals, HEX),
	FIELD(ckpt_memfd, mode, FLAGS, .limit = 0177777),
	FIELD(ckpt_memfd, uid, UINT), FIELD(ckpt_memfd, gid, UINT),
	{}
};

static const struct ckpt_field deleted_fields[] = {
	REF(ckpt_deleted, holder, DELETED),
	FIELD(ckpt_deleted, size, UINT, .limit = S64_MAX),
	FIELD(ckpt_deleted, pages, UINT),
	FIELD(ckpt_deleted, atime, INT), FIELD(ckpt_deleted, mtime, INT),
	FIELD(ckpt_deleted, atime_ns, UINT, .limit = NS_LIMIT),
	FIELD(ckpt_deleted, mtime_ns, UINT, .limit = NS_LIMIT),
	FIELD(ckpt_deleted, mode, FLAGS, .limit = 0177777),
	FIELD(ckpt_deleted, uid, UINT), FIELD(ckpt_deleted, gid, UINT),
	FLAGS(ckpt_deleted, flags, CKPT_DELETED_FLAGS, NAMES("linkable")),
	{}
};

static const struct ckpt_field inotify_event_fields[] = {
	FIELD(ckpt_inotify_event, wd, INT),
	FIELD(ckpt_inotify_event, mask, HEX),
	FIELD(ckpt_inotify_event, cookie, UINT),
	FLAGS(ckpt_inotify_event, flags, CKPT_INOTIFY_FLAGS, NAMES("on_child", "open_exec")),
	{}
};

static const struct ckpt_field watches_fields[] = {
	FIELD(ckpt_watches, next, UINT, .limit = S32_MAX),
	FIELD(ckpt_watches, reserved, RESERVED),
	{}
};

static const struct ckpt_field watch_fields[] = {
	FIELD(ckpt_watch, wd, UINT, .limit = S32_MAX),
	FIELD(ckpt_watch, mask, HEX),
	FIELD(ckpt_watch, mode, FLAGS, .limit = 0177777),
	FIELD(ckpt_watch, reserved, RESERVED),
	{}
};

static const struct ckpt_field fanotify_fields[] = {
	ENUM(ckpt_fanotify, kind, CKPT_FANOTIFY_PRE_CONTENT,
	     NAMES("none", "notif", "content", "pre_content")),
	FLAGS(ckpt_fanotify, flags, CKPT_FANOTIFY_FLAGS,
	      NAMES("cloexec", "nonblock", "unlimited_queue", "unlimited_marks",
		    "enable_audit", "report_pidfd", "report_tid", "report_fid",
		    "report_dir_fid", "report_name", "report_target_fid",
		    "report_fd_error", "unprivileged", "event_cloexec")),
	FLAGS(ckpt_fanotify, event_flags, CKPT_O_FLAGS, OPEN_FLAGS),
	FIELD(ckpt_fanotify, reserved, RESERVED),
	{}
};

static const struct ckpt_field fanevent_fields[] = {
	FIELD(ckpt_fanevent, fsid, HEX),
	REF(ckpt_fanevent, ended, ENDEDPID),
	FIELD(ckpt_fanevent, pid, UINT, .limit = PID_LIMIT),
	ENUM(ckpt_fanevent, kind, CKPT_FANEVENT_NAME,
	     NAMES("none", "lost", "path", "object", "name")),
	FIELD(ckpt_fanevent, mask, HEX),
	FIELD(ckpt_fanevent, mode, FLAGS, .limit = 0177777),
	FIELD(ckpt_fanevent, dir_len, UINT, .limit = CKPT_HANDLE_MAX),
	FIELD(ckpt_fanevent, new_dir_len, UINT, .limit = CKPT_HANDLE_MAX),
	FIELD(ckpt_fanevent, object_len, UINT, .limit = CKPT_HANDLE_MAX),
	FIELD(ckpt_fanevent, name_len, UINT, .limit = CKPT_PATH_MAX - 1),
	FIELD(ckpt_fanevent, new_name_len, UINT, .limit = CKPT_PATH_MAX - 1),
	FIELD(ckpt_fanevent, dir_type, UINT, .limit = 255),
	FIELD(ckpt_fanevent, new_dir_type, UINT, .limit = 255),
	FIELD(ckpt_fanevent, object_type, UINT, .limit = 255),
	{}
};

static const struct ckpt_field fanmarks_fields[] = {
	FIELD(ckpt_fanmarks, marks, UINT),
	FIELD(ckpt_fanmarks, reserved, RESERVED),
	{}
};

static const struct ckpt_field fanmark_fields[] = {
	FIELD(ckpt_fanmark, fsid, HEX),
	ENUM(ckpt_fanmark, kind, CKPT_FANMARK_FILESYSTEM,
	     NAMES("none", "inode", "mount", "filesystem")),
	FLAGS(ckpt_fanmark, flags, CKPT_FANMARK_FLAGS,
	      NAMES("surv_modify", "evictable", "ignore")),
	FIELD(ckpt_fanmark, mask, HEX),
	FIELD(ckpt_fanmark, ignored, HEX),
	FIELD(ckpt_fanmark, mode, FLAGS, .limit = 0177777),
	FIELD(ckpt_fanmark, handle_type, UINT, .limit = 255),
	FIELD(ckpt_fanmark, handle_len, UINT, .limit = CKPT_HANDLE_MAX),
	FIELD(ckpt_fanmark, reserved, RESERVED),
	FIELD(ckpt_fanmark, handle, BYTES),
	{}
};

const struct ckpt_schema ckpt_schema_file = RECORD("file", file);
const struct ckpt_schema ckpt_schema_owner = RECORD("owner", owner);
const struct ckpt_schema ckpt_schema_procfile =
	RECORD("procfile", procfile, TEXT(CKPT_PATH_MAX));
const struct ckpt_schema ckpt_schema_kernfile = RECORD("kernfile", kernfile);
const struct ckpt_schema ckpt_schema_unnamed = RECORD("unnamed", unnamed);
const struct ckpt_schema ckpt_schema_nameless = RECORD("nameless", nameless);
const struct ckpt_schema ckpt_schema_seqfile =
	RECORD("seqfile", seqfile, .elem = 1, .max = 1 << 20);
const struct ckpt_schema ckpt_schema_inode = RECORD("inode", inode);
const struct ckpt_schema ckpt_schema_device = RECORD("device", device);
const struct ckpt_schema ckpt_schema_pipe = RECORD("pipe", pipe);
const struct ckpt_schema ckpt_schema_pipebuf =
	RECORD("pipebuf", pipebuf, STRUCTS(pipe_buf, 1 << 20));
const struct ckpt_schema ckpt_schema_eventfd = RECORD("eventfd", eventfd);
const struct ckpt_schema ckpt_schema_signalfd = RECORD("signalfd", signalfd);
const struct ckpt_schema ckpt_schema_timerfd = RECORD("timerfd", timerfd);
const struct ckpt_schema ckpt_schema_userfaultfd = RECORD("userfaultfd", userfaultfd);
const struct ckpt_schema ckpt_schema_listener = RECORD("listener", listener);
const struct ckpt_schema ckpt_schema_bpfmap = RECORD("bpfmap", bpfmap);
const struct ckpt_schema ckpt_schema_pidfd = RECORD("pidfd", pidfd);
const struct ckpt_schema ckpt_schema_namespace = RECORD("namespace", namespace);
const struct ckpt_schema ckpt_schema_endedpid = {
	.name = "endedpid",
	.version = 3,
	.min_version = 1,
	.fixed = sizeof(struct ckpt_endedpid),
	.fields = endedpid_fields,
};
const struct ckpt_schema ckpt_schema_locks = RECORD("locks", locks, STRUCTS(lock, 1 << 20));
const struct ckpt_schema ckpt_schema_leases = BARE("leases", STRUCTS(lease, 1 << 20));
const struct ckpt_schema ckpt_schema_external = RECORD("external", external, TEXT(256));
const struct ckpt_schema ckpt_schema_memfd = RECORD("memfd", memfd, RUN_ELEMS);
const struct ckpt_schema ckpt_schema_name = BARE("name", TEXT(256));
const struct ckpt_schema ckpt_schema_deleted = RECORD("deleted", deleted, RUN_ELEMS);
const struct ckpt_schema ckpt_schema_inotify_event =
	RECORD("inotify_event", inotify_event, TEXT(256));
const struct ckpt_schema ckpt_schema_watches = RECORD("watches", watches);
const struct ckpt_schema ckpt_schema_watch = RECORD("watch", watch, TEXT(CKPT_PATH_MAX));
const struct ckpt_schema ckpt_schema_fanotify = RECORD("fanotify", fanotify);
const struct ckpt_schema ckpt_schema_fanevent =
	RECORD("fanevent", fanevent, .elem = 1, .max = 3 * CKPT_PATH_MAX);
const struct ckpt_schema ckpt_schema_fanmarks = RECORD("fanmarks", fanmarks);
const struct ckpt_schema ckpt_schema_fanmark =
	RECORD("fanmark", fanmark, TEXT(CKPT_PATH_MAX));
const struct ckpt_schema ckpt_schema_epoll =
	RECORD("epoll", epoll, STRUCTS(epoll_item, 1 << 20));
