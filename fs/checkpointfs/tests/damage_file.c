// SPDX-License-Identifier: GPL-2.0-only
/*
 * Wrong open files.
 */
#include "damage.h"

DAMAGED(no_file, sample_remove(s, CKPT_TYPE_PIPE, 2))
DAMAGED(no_pipe, sample_remove(s, CKPT_TYPE_PIPEBUF, 1))
DAMAGED(pipe_size, sample_file(s, CKPT_TYPE_PIPEDATA, 1)->size++)
DAMAGED(shmem_sum, BODY(s, SHMEM, 6, SHMEM, shmem)->pages = cpu_to_le64(3))
DAMAGED(shmem_beyond, BODY(s, SHMEM, 6, SHMEM, shmem)->size = cpu_to_le64(CKPT_PAGE_SIZE))
DAMAGED(shmem_source, ELEMS(s, SHMEM, 6, SHMEM, run)->kind = cpu_to_le32(CKPT_RUN_SOURCE))
DAMAGED(owner_type, BODY(s, PIPE, 2, OWNER, owner)->type = cpu_to_le32(CKPT_OWNER_GROUP))
DAMAGED(owner_by_thread,
	BODY(s, PIPE, 2, OWNER, owner)->type = cpu_to_le32(CKPT_OWNER_PROCESS))
DAMAGED(owner_absent, BODY(s, PIPE, 2, OWNER, owner)->pid = cpu_to_le32(99))
DAMAGED(owner_nobody, BODY(s, PIPE, 2, OWNER, owner)->pid = 0)
DAMAGED(owner_untyped, BODY(s, PIPE, 2, OWNER, owner)->type = 0)
DAMAGED(owner_fd, BODY(s, PIPE, 2, OWNER, owner)->fd = cpu_to_le32(3))
DAMAGED(owner_left, damage_leave(s, 0);
	BODY(s, PIPE, 2, OWNER, owner)->type = cpu_to_le32(CKPT_OWNER_GROUP);
	BODY(s, PIPE, 2, OWNER, owner)->pid = cpu_to_le32(9))
DAMAGED(owner_twice, ckpt_add(&sample_file(s, CKPT_TYPE_PIPE, 2)->w, CKPT_REC_OWNER, 0))
DAMAGED(owner_foreign, ckpt_add(&sample_file(s, CKPT_TYPE_FS, 1)->w, CKPT_REC_OWNER, 0))
DAMAGED(eventfd_count, BODY(s, EVENTFD, 20, EVENTFD, eventfd)->count = cpu_to_le64(U64_MAX))
DAMAGED(eventfd_mode, BODY(s, EVENTFD, 20, FILE, file)->flags = cpu_to_le32(CKPT_O_WRONLY))
DAMAGED(eventfd_pos, BODY(s, EVENTFD, 20, FILE, file)->pos = cpu_to_le64(1))
DAMAGED(signalfd_flags,
	BODY(s, SIGNALFD, 21, FILE, file)->flags |= cpu_to_le32(CKPT_O_DIRECT))
DAMAGED(timerfd_disarmed, BODY(s, TIMERFD, 22, TIMERFD, timerfd)->flags = 0)
DAMAGED(timerfd_canceled,
	BODY(s, TIMERFD, 22, TIMERFD, timerfd)->flags |= cpu_to_le32(CKPT_TIMERFD_CANCELED))
DAMAGED(timerfd_far, BODY(s, TIMERFD, 22, TIMERFD, timerfd)->value = cpu_to_le64(U64_MAX))
DAMAGED(epoll_itself, ELEMS(s, EPOLL, 23, EPOLL, epoll_item)->file = cpu_to_le64(23))
DAMAGED(epoll_circle, ELEMS(s, EPOLL, 23, EPOLL, epoll_item)->file = cpu_to_le64(24))
DAMAGED(epoll_nothing, ELEMS(s, EPOLL, 23, EPOLL, epoll_item)->file = 0)
DAMAGED(epoll_missing, ELEMS(s, EPOLL, 23, EPOLL, epoll_item)->file = cpu_to_le64(99))
DAMAGED(epoll_deep, BODY(s, EPOLL, 24, EPOLL, epoll)->depth = cpu_to_le32(9))
DAMAGED(epoll_sighand, BODY(s, EPOLL, 23, EPOLL, epoll)->sighand = cpu_to_le64(9))
DAMAGED(pidfd_thread, BODY(s, PIDFD, 25, PIDFD, pidfd)->pid = cpu_to_le32(11))
DAMAGED(pidfd_nobody, BODY(s, PIDFD, 25, PIDFD, pidfd)->pid = 0)
DAMAGED(pidfd_both, BODY(s, PIDFD, 26, PIDFD, pidfd)->pid = cpu_to_le32(12))
DAMAGED(namespace_none, BODY(s, NAMESPACE, 27, NAMESPACE, namespace)->kind = 0)
DAMAGED(namespace_kind, BODY(s, NAMESPACE, 27, NAMESPACE, namespace)->kind = cpu_to_le32(9))
DAMAGED(namespace_mode, BODY(s, NAMESPACE, 27, FILE, file)->flags = cpu_to_le32(CKPT_O_RDWR))
DAMAGED(namespace_pos, BODY(s, NAMESPACE, 27, FILE, file)->pos = cpu_to_le64(1))
DAMAGED(pidfd_nothing, sample_remove(s, CKPT_TYPE_ENDEDPID, 1))
DAMAGED(lock_no_file, ELEMS(s, LOCKS, 1, LOCKS, lock)->file = 0)
DAMAGED(lock_no_table, ELEMS(s, LOCKS, 1, LOCKS, lock)[1].fdtable = 0)
DAMAGED(lock_two_owners, ELEMS(s, LOCKS, 1, LOCKS, lock)->fdtable = cpu_to_le64(1))
DAMAGED(lock_backwards, ELEMS(s, LOCKS, 1, LOCKS, lock)[1].end = 0;
	ELEMS(s, LOCKS, 1, LOCKS, lock)[1].start = cpu_to_le64(1))
DAMAGED(lock_kind, ELEMS(s, LOCKS, 1, LOCKS, lock)->kind = cpu_to_le32(4))
DAMAGED(lease_no_file, ELEMS(s, LOCKS, 1, LEASES, lease)->file = 0)
DAMAGED(lease_missing, ELEMS(s, LOCKS, 1, LEASES, lease)->file = cpu_to_le64(99))
DAMAGED(lease_external, ELEMS(s, LOCKS, 1, LEASES, lease)->file = cpu_to_le64(80))
DAMAGED(lease_type, ELEMS(s, LOCKS, 1, LEASES, lease)->type = 0)
DAMAGED(lease_flags, ELEMS(s, LOCKS, 1, LEASES, lease)->flags = cpu_to_le32(4))
DAMAGED(lease_for_ever, ELEMS(s, LOCKS, 1, LEASES, lease)->unlock_left = cpu_to_le64(U64_MAX))
DAMAGED(lease_twice, ckpt_add(&sample_file(s, CKPT_TYPE_LOCKS, 1)->w, CKPT_REC_LEASES, 1))
DAMAGED(memfd_holder, BODY(s, MEMFD, 31, MEMFD, memfd)->holder = cpu_to_le64(31))
DAMAGED(memfd_twice, BODY(s, MEMFD, 31, MEMFD, memfd)->size = cpu_to_le64(1))
DAMAGED(memfd_mode, BODY(s, MEMFD, 30, MEMFD, memfd)->mode = cpu_to_le32(0010777))
DAMAGED(memfd_pages, BODY(s, MEMFD, 30, MEMFD, memfd)->pages = cpu_to_le64(3))
DAMAGED(memfd_huge,
	*(struct ckpt_hugetlb *)ckpt_add(&sample_file(s, CKPT_TYPE_MEMFD, 30)->w,
					 CKPT_REC_HUGETLB, 0) =
	(struct ckpt_hugetlb){ .shift = cpu_to_le32(14) })
#define SEAL_LATE(s)	\
	(BODY(s, MEMFD, 30, MEMFD, memfd)->seals = cpu_to_le32(CKPT_MEMFD_SEALED_LATE))
DAMAGED(memfd_late, SEAL_LATE(s))
DAMAGED(memfd_late_huge,
	SEAL_LATE(s);
	*(struct ckpt_hugetlb *)ckpt_add(&sample_file(s, CKPT_TYPE_MEMFD, 30)->w,
					 CKPT_REC_HUGETLB, 0) =
	(struct ckpt_hugetlb){ .shift = cpu_to_le32(14) })
DAMAGED(memfd_huge_part,
	*(struct ckpt_hugetlb *)ckpt_add(&sample_file(s, CKPT_TYPE_MEMFD, 30)->w,
					 CKPT_REC_HUGETLB, 0) =
	(struct ckpt_hugetlb){ .shift = cpu_to_le32(15) })
DAMAGED(memfd_huge_other,
	ckpt_add(&sample_file(s, CKPT_TYPE_MEMFD, 31)->w, CKPT_REC_HUGETLB, 0))
DAMAGED(memfd_contents, sample_remove(s, CKPT_TYPE_SHMEMDATA, 30))

#define BPF_HASH(s)	BODY(s, BPFMAP, 111, BPFMAP, bpfmap)
#define BPF_ARRAY(s)	BODY(s, BPFMAP, 110, BPFMAP, bpfmap)
DAMAGED(bpfmap_kind, BPF_HASH(s)->kind = cpu_to_le32(99))
DAMAGED(bpfmap_no_kind, BPF_HASH(s)->kind = 0)
DAMAGED(bpfmap_flags, BPF_HASH(s)->flags = cpu_to_le32(CKPT_BPFMAP_FLAGS + 1))
DAMAGED(bpfmap_key, BPF_HASH(s)->key_size = 0)
DAMAGED(bpfmap_key_long, BPF_HASH(s)->key_size = cpu_to_le32(CKPT_BPFMAP_KEY + 1))
DAMAGED(bpfmap_key_array, BPF_ARRAY(s)->key_size = cpu_to_le32(8))
DAMAGED(bpfmap_value, BPF_HASH(s)->value_size = 0)
DAMAGED(bpfmap_value_long, BPF_HASH(s)->value_size = cpu_to_le32(CKPT_BPFMAP_CPU_VALUE + 1))
DAMAGED(bpfmap_value_sign, BPF_ARRAY(s)->value_size = cpu_to_le32(1U << 31))
DAMAGED(bpfmap_none, BPF_HASH(s)->max_entries = 0)
DAMAGED(bpfmap_node, BPF_ARRAY(s)->flags = 0)
DAMAGED(bpfmap_cpus, BPF_HASH(s)->cpus = cpu_to_le32(CKPT_BPFMAP_CPUS + 1))
DAMAGED(bpfmap_no_cpus, BPF_HASH(s)->cpus = 0)
DAMAGED(bpfmap_cpus_array, BPF_ARRAY(s)->cpus = cpu_to_le32(1))
DAMAGED(bpfmap_more, BPF_HASH(s)->max_entries = cpu_to_le32(1))
DAMAGED(bpfmap_fewer, BPF_ARRAY(s)->nr = cpu_to_le32(2))
DAMAGED(bpfmap_bytes, BPF_HASH(s)->nr = cpu_to_le32(3))
DAMAGED(bpfmap_wraps, BPF_ARRAY(s)->value_size = cpu_to_le32(S32_MAX);
	BPF_ARRAY(s)->max_entries = BPF_ARRAY(s)->nr = cpu_to_le32(U32_MAX))
DAMAGED(bpfmap_name, memset(BPF_HASH(s)->name, 'x', 16))
DAMAGED(bpfmap_mode, BODY(s, BPFMAP, 111, FILE, file)->flags = cpu_to_le32(CKPT_O_ACCMODE))
DAMAGED(bpfmap_data, sample_remove(s, CKPT_TYPE_BPFDATA, 111))
DAMAGED(bpfmap_alone, sample_remove(s, CKPT_TYPE_BPFMAP, 111))
DAMAGED(bpfmap_mapped, VMA(s, 1)[0].file = cpu_to_le64(110))
#define BPF_QUEUE(s)	BODY(s, BPFMAP, 112, BPFMAP, bpfmap)
DAMAGED(bpfmap_queue_key, BPF_QUEUE(s)->key_size = cpu_to_le32(4))
DAMAGED(bpfmap_queue_more, BPF_QUEUE(s)->max_entries = cpu_to_le32(1))
DAMAGED(bpfmap_queue_bytes, BPF_QUEUE(s)->nr = cpu_to_le32(1))
#define BPF_FILTER(s)	BODY(s, BPFMAP, 113, BPFMAP, bpfmap)
DAMAGED(bpfmap_filter_hashes, BPF_FILTER(s)->hashes = cpu_to_le32(16))
DAMAGED(bpfmap_filter_words, BPF_FILTER(s)->nr = cpu_to_le32(3);
	sample_file(s, CKPT_TYPE_BPFDATA, 113)->size = 3 * 8)
DAMAGED(bpfmap_filter_none, BPF_FILTER(s)->nr = 0;
	sample_file(s, CKPT_TYPE_BPFDATA, 113)->size = 0)
DAMAGED(bpfmap_filter_seed, BPF_FILTER(s)->flags = cpu_to_le32(CKPT_BPFMAP_ZERO_SEED))
DAMAGED(bpfmap_hashes, BPF_HASH(s)->hashes = cpu_to_le32(1))
DAMAGED(bpfmap_seed, BPF_HASH(s)->seed = cpu_to_le32(1))

DAMAGED(external_flags, BODY(s, EXTERNAL, 80, FILE, file)->flags |= cpu_to_le32(CKPT_O_PATH))
DAMAGED(external_pos, BODY(s, EXTERNAL, 80, FILE, file)->pos = cpu_to_le64(1))
DAMAGED(external_pid, BODY(s, EXTERNAL, 80, EXTERNAL, external)->pid = 0)
DAMAGED(external_fd, BODY(s, EXTERNAL, 80, EXTERNAL, external)->fd = cpu_to_le32(1U << 31))
DAMAGED(external_text, memset(BODY(s, EXTERNAL, 80, EXTERNAL, external) + 1, 'x', 11))

DAMAGED(deleted_holder, BODY(s, DELETED, 61, DELETED, deleted)->holder = cpu_to_le64(61))
DAMAGED(deleted_twice, BODY(s, DELETED, 61, DELETED, deleted)->pages = cpu_to_le64(1))
DAMAGED(deleted_mode, BODY(s, DELETED, 60, DELETED, deleted)->mode = cpu_to_le32(0040600))
DAMAGED(deleted_size, BODY(s, DELETED, 60, DELETED, deleted)->size = cpu_to_le64(4096))
DAMAGED(deleted_huge, BODY(s, DELETED, 60, DELETED, deleted)->size = cpu_to_le64(S64_MAX))
DAMAGED(deleted_time,
	BODY(s, DELETED, 60, DELETED, deleted)->mtime_ns = cpu_to_le32(1000000000))
DAMAGED(deleted_path, BODY(s, DELETED, 60, PATH, path)->role = cpu_to_le32(CKPT_PATH_CWD))
DAMAGED(deleted_flags,
	BODY(s, DELETED, 60, FILE, file)->flags |= cpu_to_le32(CKPT_O_PATH))
DAMAGED(deleted_parent, ELEMS(s, DELETED, 60, DELETED, run)->kind =
	cpu_to_le32(CKPT_RUN_PARENT))
DAMAGED(inotify_event,
	BODY(s, INOTIFY, 62, INOTIFY_EVENT, inotify_event)->mask = cpu_to_le32(0x1000))
DAMAGED(inotify_nothing, BODY(s, INOTIFY, 62, INOTIFY_EVENT, inotify_event)->mask = 0)
DAMAGED(inotify_lost,
	BODY(s, INOTIFY, 62, INOTIFY_EVENT, inotify_event)->mask = cpu_to_le32(0x4000))
DAMAGED(inotify_wd, BODY(s, INOTIFY, 62, INOTIFY_EVENT, inotify_event)->wd = 0)
DAMAGED(inotify_flags, BODY(s, INOTIFY, 62, FILE, file)->flags = cpu_to_le32(CKPT_O_RDWR))
DAMAGED(inotify_watches, sample_remove(s, CKPT_TYPE_WATCHES, 62))
DAMAGED(watches_alone, sample_remove(s, CKPT_TYPE_INOTIFY, 62))
DAMAGED(watches_next, BODY(s, WATCHES, 62, WATCHES, watches)->next = cpu_to_le32(BIT(31)))
DAMAGED(watch_wd, BODY(s, WATCHES, 62, WATCH, watch)->wd = 0)
DAMAGED(watch_mask, BODY(s, WATCHES, 62, WATCH, watch)->mask = cpu_to_le32(0x20000000))
DAMAGED(watch_mode, BODY(s, WATCHES, 62, WATCH, watch)->mode = cpu_to_le32(0040755))
DAMAGED(watch_path, ELEMS(s, WATCHES, 62, WATCH, watch)->wd = cpu_to_le32(0x706d7461))

/* What the first event is made of. */
#define FAN_BYTES(s, id) \
	((u8 *)sample_elems(s, CKPT_TYPE_FANOTIFY, id, CKPT_REC_FANEVENT))

DAMAGED(fan_kind, BODY(s, FANOTIFY, 95, FANOTIFY, fanotify)->kind = cpu_to_le32(4))
DAMAGED(fan_open,
	BODY(s, FANOTIFY, 96, FANOTIFY, fanotify)->event_flags = cpu_to_le32(CKPT_O_DIRECT))
DAMAGED(fan_rights, BODY(s, FANOTIFY, 96, FANOTIFY, fanotify)->flags =
	cpu_to_le32(CKPT_FANOTIFY_UNPRIVILEGED))
DAMAGED(fan_marks, sample_remove(s, CKPT_TYPE_FANMARKS, 95))
DAMAGED(fan_task, BODY(s, FANOTIFY, 95, FANEVENT, fanevent)->pid = cpu_to_le32(99))
DAMAGED(fan_both, BODY(s, FANOTIFY, 96, FANEVENT, fanevent)->pid = cpu_to_le32(12))
DAMAGED(fan_told, BODY(s, FANOTIFY, 96, FANEVENT, fanevent)->kind = cpu_to_le32(3))
DAMAGED(fan_untold, BODY(s, FANOTIFY, 95, FANEVENT, fanevent)->kind = cpu_to_le32(2))
DAMAGED(fan_error, BODY(s, FANOTIFY, 95, FANEVENT, fanevent)->mask = cpu_to_le32(0x8000))
DAMAGED(fan_permission, BODY(s, FANOTIFY, 95, FANEVENT, fanevent)->mask |= cpu_to_le32(0x10000))
DAMAGED(fan_lost, BODY(s, FANOTIFY, 96, FANEVENT, fanevent)->kind = cpu_to_le32(1))
DAMAGED(fan_attrib, BODY(s, FANOTIFY, 96, FANEVENT, fanevent)->mask = cpu_to_le32(4))
DAMAGED(fan_fifo, BODY(s, FANOTIFY, 96, FANEVENT, fanevent)->mode = cpu_to_le32(0010000))
DAMAGED(fan_relative, FAN_BYTES(s, 96)[0] = 't')
DAMAGED(fan_short, FAN_BYTES(s, 96)[2] = 0)
DAMAGED(fan_long, FAN_BYTES(s, 96)[4] = 'x')
DAMAGED(fan_sum, BODY(s, FANOTIFY, 95, FANEVENT, fanevent)->name_len = cpu_to_le16(2))
DAMAGED(fan_torn, BODY(s, FANOTIFY, 95, FANEVENT, fanevent)->dir_len = cpu_to_le16(3);
	BODY(s, FANOTIFY, 95, FANEVENT, fanevent)->name_len = cpu_to_le16(2))
DAMAGED(fan_type, BODY(s, FANOTIFY, 95, FANEVENT, fanevent)->dir_type = 0)
DAMAGED(fan_moved, BODY(s, FANOTIFY, 95, FANEVENT, fanevent)->mask = cpu_to_le32(0x40))
DAMAGED(fan_nameless, BODY(s, FANOTIFY, 95, FANEVENT, fanevent)->name_len = 0;
	BODY(s, FANOTIFY, 95, FANEVENT, fanevent)->new_name_len = cpu_to_le16(2))
DAMAGED(fan_slash, FAN_BYTES(s, 95)[8] = '/')
DAMAGED(fan_names, BODY(s, FANOTIFY, 95, FANOTIFY, fanotify)->flags &=
	~cpu_to_le32(CKPT_FANOTIFY_REPORT_NAME))
DAMAGED(fanmarks_alone, sample_remove(s, CKPT_TYPE_FANOTIFY, 95))
DAMAGED(fanmarks_nr, BODY(s, FANMARKS, 95, FANMARKS, fanmarks)->marks = cpu_to_le32(2))
DAMAGED(fanmark_mask, BODY(s, FANMARKS, 95, FANMARK, fanmark)->mask = cpu_to_le32(0x4000))
DAMAGED(fanmark_mode, BODY(s, FANMARKS, 95, FANMARK, fanmark)->mode = cpu_to_le32(0040755))
DAMAGED(fanmark_rest, BODY(s, FANMARKS, 95, FANMARK, fanmark)->handle[4] = 1)
DAMAGED(fanmark_torn, BODY(s, FANMARKS, 95, FANMARK, fanmark)->handle_len = cpu_to_le32(3))
DAMAGED(fanmark_handle, BODY(s, FANMARKS, 96, FANMARK, fanmark)->handle_type = cpu_to_le32(1))
DAMAGED(fanmark_fsid, BODY(s, FANMARKS, 96, FANMARK, fanmark)->fsid = cpu_to_le64(1))
DAMAGED(fanmark_evictable, BODY(s, FANMARKS, 96, FANMARK, fanmark)->flags =
	cpu_to_le32(CKPT_FANMARK_EVICTABLE))
DAMAGED(fanmark_ignore, BODY(s, FANMARKS, 95, FANMARK, fanmark)->flags =
	cpu_to_le32(CKPT_FANMARK_IGNORE))
DAMAGED(fanmark_ignored, BODY(s, FANMARKS, 96, FANMARK, fanmark)->ignored =
	cpu_to_le32(0x40000000))
DAMAGED(fanmark_child, BODY(s, FANMARKS, 96, FANMARK, fanmark)->mask |=
	cpu_to_le32(CKPT_FAN_ON_CHILD))
DAMAGED(fanmark_path, ELEMS(s, FANMARKS, 95, FANMARK, watch)->wd = cpu_to_le32(0x706d7461))

#define PROCFILE(s, id)	BODY(s, PROCFILE, id, PROCFILE, procfile)
DAMAGED(procfile_task, PROCFILE(s, 83)->pid = cpu_to_le32(99))
DAMAGED(procfile_thread, PROCFILE(s, 83)->tid = cpu_to_le32(99))
DAMAGED(procfile_nobody, PROCFILE(s, 83)->pid = 0)
DAMAGED(procfile_alone, PROCFILE(s, 83)->pid = 0; PROCFILE(s, 83)->tid = 0)
DAMAGED(procfile_opener, PROCFILE(s, 85)->creds = 0)
DAMAGED(procfile_creds, PROCFILE(s, 85)->creds = cpu_to_le64(99))
DAMAGED(procfile_inode, BODY(s, PROCFILE, 85, INODE, inode)->mode = cpu_to_le32(0020444))
DAMAGED(procfile_flags, BODY(s, PROCFILE, 85, FILE, file)->flags = cpu_to_le32(CKPT_O_PATH))
DAMAGED(procfile_read, BODY(s, PROCFILE, 83, SEQFILE, seqfile)->read_pos = cpu_to_le64(U64_MAX))
DAMAGED(procfile_twice, ckpt_add(&sample_file(s, CKPT_TYPE_PROCFILE, 83)->w, CKPT_REC_SEQFILE, 0))
DAMAGED(procfile_dir, ckpt_add(&sample_file(s, CKPT_TYPE_PROCFILE, 84)->w, CKPT_REC_SEQFILE, 0))
#define NODE(s, id)	BODY(s, UNNAMED, id, UNNAMED, unnamed)
DAMAGED(unnamed_mode, NODE(s, 1)->mode = cpu_to_le32(0100600))
DAMAGED(unnamed_time, NODE(s, 1)->mtime_ns = cpu_to_le32(1000000000))
DAMAGED(unnamed_path, BODY(s, UNNAMED, 2, PATH, path)->role = cpu_to_le32(CKPT_PATH_CWD))
DAMAGED(deldir_fifo, BODY(s, DELDIR, 87, NAMELESS, nameless)->unnamed = cpu_to_le64(2))
DAMAGED(deldir_nothing, BODY(s, DELDIR, 87, NAMELESS, nameless)->unnamed = 0)
DAMAGED(deldir_flags, BODY(s, DELDIR, 87, FILE, file)->flags = cpu_to_le32(CKPT_O_WRONLY))
DAMAGED(kernfile_opener, BODY(s, KERNFILE, 86, KERNFILE, kernfile)->creds = 0)
DAMAGED(kernfile_creds, BODY(s, KERNFILE, 86, KERNFILE, kernfile)->creds = cpu_to_le64(99))
DAMAGED(kernfile_inode, BODY(s, KERNFILE, 86, INODE, inode)->mode = cpu_to_le32(0040644))
DAMAGED(kernfile_flags, BODY(s, KERNFILE, 86, FILE, file)->flags =
	cpu_to_le32(CKPT_O_DIRECTORY))
DAMAGED(kernfile_twice, ckpt_add(&sample_file(s, CKPT_TYPE_KERNFILE, 86)->w, CKPT_REC_SEQFILE, 0))

DAMAGED(regular_flags,
	BODY(s, REGULAR, 1, FILE, file)->flags |= cpu_to_le32(CKPT_O_DIRECTORY))

DAMAGED(file_kind, BODY(s, REGULAR, 1, FILE, file)->type = cpu_to_le32(CKPT_TYPE_MM))
DAMAGED(file_pos, BODY(s, REGULAR, 1, FILE, file)->pos = cpu_to_le64(BIT_ULL(63)))
DAMAGED(record_foreign, ckpt_add(&sample_file(s, CKPT_TYPE_CREDS, 1)->w, CKPT_REC_FS, 0))
DAMAGED(record_twice, ckpt_add(&sample_file(s, CKPT_TYPE_CREDS, 1)->w, CKPT_REC_CREDS, 0))
DAMAGED(record_half, sample_file(s, CKPT_TYPE_CREDS, 1)->w.len -= 8)
DAMAGED(file_empty, sample_file(s, CKPT_TYPE_CREDS, 1)->w.len = 0)
#define DNOTIFY(s) ELEMS(s, FDTABLE, 1, DNOTIFY, dnotify)
DAMAGED(dnotify_no_fd, DNOTIFY(s)->fd = cpu_to_le32(8))
DAMAGED(dnotify_first_fd, DNOTIFY(s)->fd = 0)
DAMAGED(dnotify_no_event, DNOTIFY(s)->events = cpu_to_le32(CKPT_DN_MULTISHOT))
DAMAGED(dnotify_event, DNOTIFY(s)->events = cpu_to_le32(1 << 7))
DAMAGED(dnotify_many, sample_file(s, CKPT_TYPE_FDTABLE, 1)->w.len = 0;
	ckpt_add(&sample_file(s, CKPT_TYPE_FDTABLE, 1)->w, CKPT_REC_FDTABLE, 0);
	ckpt_add(&sample_file(s, CKPT_TYPE_FDTABLE, 1)->w, CKPT_REC_DNOTIFY, 1))
DAMAGED(dnotify_external, ELEMS(s, FDTABLE, 1, FDTABLE, fd)[2].file = cpu_to_le64(80))
DAMAGED(dnotify_twice,
	ckpt_add(&sample_file(s, CKPT_TYPE_FDTABLE, 1)->w, CKPT_REC_DNOTIFY, 1))

static const struct damage_case cases[] = {
#define ROW(damage, result) { #damage, damage, result }
	ROW(owner_left, 0),		ROW(no_file, -EUCLEAN),
	ROW(no_pipe, -EUCLEAN),		ROW(pipe_size, -EUCLEAN),
	ROW(shmem_sum, -EUCLEAN),	ROW(shmem_beyond, -EUCLEAN),
	ROW(shmem_source, -EUCLEAN),	ROW(owner_type, -EUCLEAN),
	ROW(owner_nobody, -EUCLEAN),	ROW(owner_untyped, -EUCLEAN),
	ROW(owner_fd, -EUCLEAN),	ROW(owner_twice, -EUCLEAN),
	ROW(owner_foreign, -EUCLEAN),	ROW(eventfd_count, -EUCLEAN),
	ROW(eventfd_mode, -EUCLEAN),	ROW(eventfd_pos, -EUCLEAN),
	ROW(signalfd_flags, -EUCLEAN),	ROW(timerfd_disarmed, -EUCLEAN),
	ROW(timerfd_canceled, -EUCLEAN), ROW(timerfd_far, -EUCLEAN),
	ROW(epoll_itself, -EUCLEAN),	ROW(epoll_circle, -EUCLEAN),
	ROW(epoll_nothing, -EUCLEAN),	ROW(epoll_missing, -EUCLEAN),
	ROW(epoll_deep, -EUCLEAN),	ROW(epoll_sighand, -EUCLEAN),
	ROW(pidfd_thread, -EUCLEAN),	ROW(pidfd_nobody, -EUCLEAN),
	ROW(namespace_none, -EUCLEAN),	ROW(namespace_kind, -EUCLEAN),
	ROW(namespace_mode, -EUCLEAN),	ROW(namespace_pos, -EUCLEAN),
	ROW(pidfd_both, -EUCLEAN),	ROW(pidfd_nothing, -EUCLEAN),
	ROW(lock_no_file, -EUCLEAN),	ROW(lock_no_table, -EUCLEAN),
	ROW(lock_two_owners, -EUCLEAN),	ROW(lock_backwards, -EUCLEAN),
	ROW(lock_kind, -EUCLEAN),	ROW(lease_no_file, -EUCLEAN),
	ROW(lease_missing, -EUCLEAN),	ROW(lease_external, -EUCLEAN),
	ROW(lease_type, -EUCLEAN),	ROW(lease_flags, -EUCLEAN),
	ROW(lease_for_ever, -EUCLEAN),	ROW(lease_twice, -EUCLEAN),
	ROW(memfd_holder, -EUCLEAN),	ROW(memfd_twice, -EUCLEAN),
	ROW(memfd_mode, -EUCLEAN),	ROW(memfd_pages, -EUCLEAN),
	ROW(memfd_contents, -EUCLEAN),	ROW(memfd_late, 0),
	ROW(memfd_late_huge, -EUCLEAN),	ROW(memfd_huge, 0),
	ROW(memfd_huge_part, -EUCLEAN),	ROW(memfd_huge_other, -EUCLEAN),
	ROW(bpfmap_kind, -EUCLEAN),	ROW(bpfmap_no_kind, -EUCLEAN),
	ROW(bpfmap_flags, -EUCLEAN),	ROW(bpfmap_key, -EUCLEAN),
	ROW(bpfmap_key_long, -EUCLEAN),	ROW(bpfmap_key_array, -EUCLEAN),
	ROW(bpfmap_value, -EUCLEAN),	ROW(bpfmap_value_long, -EUCLEAN),
	ROW(bpfmap_value_sign, -EUCLEAN), ROW(bpfmap_none, -EUCLEAN),
	ROW(bpfmap_node, -EUCLEAN),	ROW(bpfmap_cpus, -EUCLEAN),
	ROW(bpfmap_no_cpus, -EUCLEAN),	ROW(bpfmap_cpus_array, -EUCLEAN),
	ROW(bpfmap_more, -EUCLEAN),	ROW(bpfmap_fewer, -EUCLEAN),
	ROW(bpfmap_bytes, -EUCLEAN),	ROW(bpfmap_wraps, -EUCLEAN),
	ROW(bpfmap_name, -EUCLEAN),	ROW(bpfmap_mode, -EUCLEAN),
	ROW(bpfmap_data, -EUCLEAN),	ROW(bpfmap_alone, -EUCLEAN),
	ROW(bpfmap_mapped, -EUCLEAN),	ROW(bpfmap_queue_key, -EUCLEAN),
	ROW(bpfmap_queue_more, -EUCLEAN), ROW(bpfmap_queue_bytes, -EUCLEAN),
	ROW(bpfmap_filter_hashes, -EUCLEAN), ROW(bpfmap_filter_words, -EUCLEAN),
	ROW(bpfmap_filter_none, -EUCLEAN), ROW(bpfmap_filter_seed, -EUCLEAN),
	ROW(bpfmap_hashes, -EUCLEAN),	ROW(bpfmap_seed, -EUCLEAN),
	ROW(external_flags, -EUCLEAN),	ROW(external_pos, -EUCLEAN),
	ROW(external_pid, -EUCLEAN),	ROW(external_fd, -EUCLEAN),
	ROW(external_text, -EUCLEAN),	ROW(deleted_holder, -EUCLEAN),
	ROW(deleted_twice, -EUCLEAN),	ROW(deleted_mode, -EUCLEAN),
	ROW(deleted_size, -EUCLEAN),	ROW(deleted_huge, -EUCLEAN),
	ROW(deleted_time, -EUCLEAN),	ROW(deleted_path, -EUCLEAN),
	ROW(deleted_flags, -EUCLEAN),	ROW(deleted_parent, -EUCLEAN),
	ROW(procfile_task, -EUCLEAN),	ROW(procfile_thread, -EUCLEAN),
	ROW(procfile_nobody, -EUCLEAN),	ROW(procfile_alone, -EUCLEAN),
	ROW(procfile_opener, -EUCLEAN),	ROW(procfile_creds, -EUCLEAN),
	ROW(procfile_inode, -EUCLEAN),	ROW(procfile_flags, -EUCLEAN),
	ROW(procfile_read, -EUCLEAN),	ROW(procfile_twice, -EUCLEAN),
	ROW(unnamed_mode, -EUCLEAN),	ROW(unnamed_time, -EUCLEAN),
	ROW(unnamed_path, -EUCLEAN),	ROW(deldir_fifo, -EUCLEAN),
	ROW(deldir_nothing, -EUCLEAN),	ROW(deldir_flags, -EUCLEAN),
	ROW(procfile_dir, -EUCLEAN),	ROW(kernfile_opener, -EUCLEAN),
	ROW(kernfile_creds, -EUCLEAN),	ROW(kernfile_inode, -EUCLEAN),
	ROW(kernfile_flags, -EUCLEAN),	ROW(kernfile_twice, -EUCLEAN),
	ROW(regular_flags, -EUCLEAN),	ROW(inotify_event, -EUCLEAN),
	ROW(inotify_nothing, -EUCLEAN),	ROW(inotify_lost, -EUCLEAN),
	ROW(inotify_wd, -EUCLEAN),	ROW(inotify_flags, -EUCLEAN),
	ROW(inotify_watches, -EUCLEAN),	ROW(watches_alone, -EUCLEAN),
	ROW(watches_next, -EUCLEAN),	ROW(watch_wd, -EUCLEAN),
	ROW(watch_mask, -EUCLEAN),	ROW(watch_mode, -EUCLEAN),
	ROW(watch_path, -EUCLEAN),	ROW(fan_kind, -EUCLEAN),
	ROW(fan_open, -EUCLEAN),	ROW(fan_rights, -EUCLEAN),
	ROW(fan_marks, -EUCLEAN),	ROW(fan_task, -EUCLEAN),
	ROW(fan_both, -EUCLEAN),	ROW(fan_told, -EUCLEAN),
	ROW(fan_untold, -EUCLEAN),	ROW(fan_error, -EUCLEAN),
	ROW(fan_permission, -EUCLEAN),	ROW(fan_lost, -EUCLEAN),
	ROW(fan_attrib, -EUCLEAN),	ROW(fan_fifo, -EUCLEAN),
	ROW(fan_relative, -EUCLEAN),	ROW(fan_short, -EUCLEAN),
	ROW(fan_long, -EUCLEAN),	ROW(fan_sum, -EUCLEAN),
	ROW(fan_torn, -EUCLEAN),	ROW(fan_type, -EUCLEAN),
	ROW(fan_moved, -EUCLEAN),	ROW(fan_nameless, -EUCLEAN),
	ROW(fan_slash, -EUCLEAN),	ROW(fan_names, -EUCLEAN),
	ROW(fanmarks_alone, -EUCLEAN),	ROW(fanmarks_nr, -EUCLEAN),
	ROW(fanmark_mask, -EUCLEAN),	ROW(fanmark_mode, -EUCLEAN),
	ROW(fanmark_rest, -EUCLEAN),	ROW(fanmark_torn, -EUCLEAN),
	ROW(fanmark_handle, -EUCLEAN),	ROW(fanmark_fsid, -EUCLEAN),
	ROW(fanmark_evictable, -EUCLEAN), ROW(fanmark_ignore, -EUCLEAN),
	ROW(fanmark_ignored, -EUCLEAN),	ROW(fanmark_child, -EUCLEAN),
	ROW(fanmark_path, -EUCLEAN),	ROW(file_kind, -EUCLEAN),
	ROW(file_pos, -EUCLEAN),	ROW(record_foreign, -EUCLEAN),
	ROW(record_twice, -EUCLEAN),	ROW(record_half, -EUCLEAN),
	ROW(file_empty, -EUCLEAN),
	ROW(owner_by_thread, 0),	ROW(owner_absent, -EUCLEAN),
	ROW(dnotify_no_fd, -EUCLEAN),	ROW(dnotify_first_fd, 0),
	ROW(dnotify_no_event, -EUCLEAN), ROW(dnotify_event, -EUCLEAN),
	ROW(dnotify_many, -EUCLEAN),	ROW(dnotify_external, -EUCLEAN),
	ROW(dnotify_twice, -EUCLEAN),
#undef ROW
};

const struct damage_table damage_files = { cases, ARRAY_SIZE(cases) };
