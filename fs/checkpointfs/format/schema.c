// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fields of every record, as tables.
 *
 * Checks, printing and the format document go by these tables, so that a
 * record is described once. Each byte of a record's fixed part and of its
 * elements belongs to exactly one field: ckpt_schema_sane() proves it, in a
 * test. Constant, without a life or a lock.
 */
#include "format.h"

#define FIELD(type, member, KIND, ...) {			\
	.name = #member,					\
	.offset = offsetof(struct type, member),		\
	.size = sizeof_field(struct type, member),		\
	.kind = CKPT_F_##KIND,					\
	__VA_ARGS__						\
}

/* For elements that are a bare number. */
#define SCALAR(label, bytes, KIND) \
	{ .name = (label), .size = (bytes), .kind = CKPT_F_##KIND }
#define REF(type, member, TYPE) \
	FIELD(type, member, REF, .limit = CKPT_TYPE_##TYPE)
#define FLAGS(type, member, mask, names) \
	FIELD(type, member, FLAGS, .limit = (mask), .values = (names))
#define ENUM(type, member, last, names) \
	FIELD(type, member, ENUM, .limit = (last), .values = (names))
#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })

#define PID_LIMIT	((1 << 22) - 1)		/* greatest pid there can be */
#define NS_LIMIT	999999999		/* ns in a second, less one */

/* ---- header, cpu, tail ---------------------------------------------------- */

static const struct ckpt_field header_fields[] = {
	FIELD(ckpt_header, magic, HEX),
	FIELD(ckpt_header, format, UINT),
	ENUM(ckpt_header, arch, CKPT_ARCH_X86_64, NAMES("none", "x86_64")),
	FIELD(ckpt_header, page_size, UINT),
	FIELD(ckpt_header, nr_tasks, UINT),
	FIELD(ckpt_header, time, UINT),
	FIELD(ckpt_header, compat, HEX),
	FIELD(ckpt_header, incompat, HEX),
	FIELD(ckpt_header, id, BYTES),
	FIELD(ckpt_header, parent, BYTES),
	FIELD(ckpt_header, name, TEXT),
	FIELD(ckpt_header, release, TEXT),
	FIELD(ckpt_header, version, TEXT),
	FIELD(ckpt_header, machine, TEXT),
	{}
};

static const struct ckpt_field cpu_fields[] = {
	FIELD(ckpt_cpu, xfeatures, HEX),
	FIELD(ckpt_cpu, xsave_size, UINT, .limit = 1 << 16),
	FIELD(ckpt_cpu, reserved, RESERVED),
	FIELD(ckpt_cpu, vendor, TEXT),
	{}
};

static const struct ckpt_field cpu_word[] = {
	SCALAR("word", 4, HEX),
	{}
};

static const struct ckpt_field tail_fields[] = {
	FIELD(ckpt_tail, magic, HEX),
	FIELD(ckpt_tail, id, BYTES),
	{}
};

static const struct ckpt_field tail_file_fields[] = {
	FIELD(ckpt_tail_file, type, TYPE, .zero_ok = true),
	FIELD(ckpt_tail_file, crc, HEX),
	FIELD(ckpt_tail_file, id, UINT),
	FIELD(ckpt_tail_file, size, UINT),
	FLAGS(ckpt_tail_file, flags, CKPT_TAIL_FLAGS, NAMES("crc")),
	FIELD(ckpt_tail_file, reserved, RESERVED),
	{}
};

/* ---- tasks ---------------------------------------------------------------- */

static const struct ckpt_field task_fields[] = {
	FIELD(ckpt_task, tid, UINT, .limit = PID_LIMIT),
	REF(ckpt_task, tgid, TASK),
	REF(ckpt_task, ppid, TASK),
	FIELD(ckpt_task, exit_signal, INT),
	ENUM(ckpt_task, state, CKPT_TASK_ZOMBIE,
	     NAMES("none", "running", "zombie")),
	FLAGS(ckpt_task, flags, CKPT_TASK_FLAGS,
	      NAMES("no_new_privs", "vforking", "32bit", "forknoexec",
		    "tid_addr", "sysvsem", "io", "mce_kill", "mce_early",
		    "io_flusher", "nproc_exceeded", "superpriv", "no_tsc",
		    "strict")),
	FIELD(ckpt_task, exit_code, HEX),
	FIELD(ckpt_task, personality, HEX),
	FIELD(ckpt_task, nice, INT),
	REF(ckpt_task, vfork_child, TASK),
	FIELD(ckpt_task, comm, TEXT),
	REF(ckpt_task, process, PROCESS),
	REF(ckpt_task, mm, MM),
	REF(ckpt_task, fdtable, FDTABLE),
	REF(ckpt_task, fs, FS),
	REF(ckpt_task, sighand, SIGHAND),
	REF(ckpt_task, creds, CREDS),
	FIELD(ckpt_task, set_child_tid, ADDR),
	FIELD(ckpt_task, clear_child_tid, ADDR),
	FIELD(ckpt_task, robust_list, ADDR),
	FIELD(ckpt_task, compat_robust_list, ADDR),
	FIELD(ckpt_task, rseq, ADDR),
	FIELD(ckpt_task, rseq_len, UINT),
	FIELD(ckpt_task, rseq_sig, HEX),
	FIELD(ckpt_task, start_time, UINT),
	FIELD(ckpt_task, pdeath_signal, UINT, .limit = CKPT_NSIG),
	REF(ckpt_task, maker, TASK),
	REF(ckpt_task, seccomp, SECCOMP),
	{}
};

static const struct ckpt_field dispatch_fields[] = {
	FIELD(ckpt_dispatch, selector, ADDR),
	FIELD(ckpt_dispatch, start, ADDR),
	FIELD(ckpt_dispatch, size, UINT),
	{}
};

static const struct ckpt_field sched_fields[] = {
	ENUM(ckpt_sched, policy, CKPT_SCHED_DEADLINE,
	     NAMES("none", "normal", "fifo", "rr", "batch", "idle", "deadline")),
	FLAGS(ckpt_sched, flags, CKPT_SCHED_FLAGS,
	      NAMES("reset_on_fork", "reclaim", "overrun", "util_min",
		    "util_max")),
	FIELD(ckpt_sched, priority, UINT, .limit = 99),
	FIELD(ckpt_sched, ioprio, HEX),
	FIELD(ckpt_sched, util_min, UINT, .limit = 1024),
	FIELD(ckpt_sched, util_max, UINT, .limit = 1024),
	FIELD(ckpt_sched, runtime, UINT),
	FIELD(ckpt_sched, deadline, UINT),
	FIELD(ckpt_sched, period, UINT),
	FIELD(ckpt_sched, timer_slack, UINT),
	FIELD(ckpt_sched, default_timer_slack, UINT),
	{}
};

static const struct ckpt_field cpu_set[] = {
	SCALAR("cpus", 8, HEX),
	{}
};

static const struct ckpt_field mempolicy_fields[] = {
	FIELD(ckpt_mempolicy, mode, UINT, .limit = U8_MAX),
	FIELD(ckpt_mempolicy, flags, HEX),
	{}
};

static const struct ckpt_field node_set[] = {
	SCALAR("nodes", 8, HEX),
	{}
};

#define TIME(member) \
	FIELD(ckpt_usage, member, UINT, .limit = CKPT_USAGE_TIME_MAX)

static const struct ckpt_field usage_fields[] = {
	ENUM(ckpt_usage, who, CKPT_USAGE_CHILDREN,
	     NAMES("none", "task", "ended", "children")),
	FIELD(ckpt_usage, reserved, RESERVED),
	TIME(utime), TIME(stime), TIME(gtime),
	TIME(runtime),
	TIME(told_utime), TIME(told_stime),
	FIELD(ckpt_usage, nvcsw, UINT), FIELD(ckpt_usage, nivcsw, UINT),
	FIELD(ckpt_usage, min_flt, UINT), FIELD(ckpt_usage, maj_flt, UINT),
	FIELD(ckpt_usage, inblock, UINT), FIELD(ckpt_usage, oublock, UINT),
	FIELD(ckpt_usage, maxrss, UINT),
	FIELD(ckpt_usage, rchar, UINT), FIELD(ckpt_usage, wchar, UINT),
	FIELD(ckpt_usage, syscr, UINT), FIELD(ckpt_usage, syscw, UINT),
	FIELD(ckpt_usage, read_bytes, UINT),
	FIELD(ckpt_usage, write_bytes, UINT),
	FIELD(ckpt_usage, cancelled_write_bytes, UINT),
	{}
};

static const struct ckpt_field restart_fields[] = {
	ENUM(ckpt_restart, kind, CKPT_RESTART_WAIT,
	     NAMES("none", "nanosleep", "futex", "poll", "wait")),
	FLAGS(ckpt_restart, flags, CKPT_RESTART_FLAGS,
	      NAMES("timed", "compat")),
	FIELD(ckpt_restart, clock, INT),
	FIELD(ckpt_restart, call, UINT),
	FIELD(ckpt_restart, left, UINT),
	FIELD(ckpt_restart, arg[0], HEX),
	FIELD(ckpt_restart, arg[1], HEX),
	FIELD(ckpt_restart, arg[2], HEX),
	FIELD(ckpt_restart, arg[3], HEX),
	FIELD(ckpt_restart, arg[4], HEX),
	{}
};

static const struct ckpt_field regs_fields[] = {
	FIELD(ckpt_regs, r15, HEX), FIELD(ckpt_regs, r14, HEX),
	FIELD(ckpt_regs, r13, HEX), FIELD(ckpt_regs, r12, HEX),
	FIELD(ckpt_regs, bp, HEX), FIELD(ckpt_regs, bx, HEX),
	FIELD(ckpt_regs, r11, HEX), FIELD(ckpt_regs, r10, HEX),
	FIELD(ckpt_regs, r9, HEX), FIELD(ckpt_regs, r8, HEX),
	FIELD(ckpt_regs, ax, INT), FIELD(ckpt_regs, cx, HEX),
	FIELD(ckpt_regs, dx, HEX), FIELD(ckpt_regs, si, HEX),
	FIELD(ckpt_regs, di, HEX), FIELD(ckpt_regs, orig_ax, INT),
	FIELD(ckpt_regs, ip, ADDR), FIELD(ckpt_regs, cs, HEX),
	FIELD(ckpt_regs, flags, HEX), FIELD(ckpt_regs, sp, ADDR),
	FIELD(ckpt_regs, ss, HEX),
	FIELD(ckpt_regs, fs_base, ADDR), FIELD(ckpt_regs, gs_base, ADDR),
	FIELD(ckpt_regs, ds, HEX), FIELD(ckpt_regs, es, HEX),
	FIELD(ckpt_regs, fs, HEX), FIELD(ckpt_regs, gs, HEX),
	FIELD(ckpt_regs, fault_address, HEX), FIELD(ckpt_regs, trap, INT),
	FIELD(ckpt_regs, error, HEX),
	{}
};

static const struct ckpt_field tls_fields[] = {
	FIELD(ckpt_tls, entry_number, UINT),
	FIELD(ckpt_tls, base, HEX),
	FIELD(ckpt_tls, limit, HEX),
	FIELD(ckpt_tls, flags, HEX),
	{}
};

static const struct ckpt_field siginfo_fields[] = {
	FIELD(ckpt_siginfo, signo, UINT, .limit = CKPT_NSIG),
	FIELD(ckpt_siginfo, error, INT),
	FIELD(ckpt_siginfo, code, INT),
	FIELD(ckpt_siginfo, reserved, RESERVED),
	FIELD(ckpt_siginfo, fields, BYTES),
	{}
};

static const struct ckpt_field signals_fields[] = {
	FIELD(ckpt_signals, blocked, HEX),
	FIELD(ckpt_signals, saved, HEX),
	FIELD(ckpt_signals, pending, HEX),
	FIELD(ckpt_signals, stack, ADDR),
	FIELD(ckpt_signals, stack_size, UINT),
	FIELD(ckpt_signals, stack_flags, HEX),
	FLAGS(ckpt_signals, flags, CKPT_SIGNALS_FLAGS, NAMES("restore_mask")),
	{}
};

/* ---- processes ------------------------------------------------------------ */

static const struct ckpt_field process_fields[] = {
	REF(ckpt_process, tgid, TASK),
	FIELD(ckpt_process, pgid, UINT, .limit = PID_LIMIT),
	FIELD(ckpt_process, sid, UINT, .limit = PID_LIMIT),
	FLAGS(ckpt_process, flags, CKPT_PROCESS_FLAGS,
	      NAMES("stopped", "continued", "leader", "alarm", "subreaper",
		    "ptracer")),
	FIELD(ckpt_process, stop_code, HEX),
	FIELD(ckpt_process, oom_score_adj, INT),
	FIELD(ckpt_process, next_timer, UINT, .limit = S32_MAX),
	FIELD(ckpt_process, oom_score_adj_min, INT),
	FIELD(ckpt_process, real_left, INT),
	FIELD(ckpt_process, real_interval, UINT, .limit = CKPT_TIMER_TIME_MAX),
	FIELD(ckpt_process, virtual_end, UINT, .limit = CKPT_TIMER_TIME_MAX),
	FIELD(ckpt_process, virtual_interval, UINT, .limit = CKPT_TIMER_TIME_MAX),
	FIELD(ckpt_process, prof_end, UINT, .limit = CKPT_TIMER_TIME_MAX),
	FIELD(ckpt_process, prof_interval, UINT, .limit = CKPT_TIMER_TIME_MAX),
	FIELD(ckpt_process, autogroup_nice, INT),
	REF(ckpt_process, ptracer, TASK),
	{}
};

static const struct ckpt_field timers_fields[] = {
	FIELD(ckpt_timers, reserved, RESERVED),
	{}
};

static const struct ckpt_field timer_fields[] = {
	FIELD(ckpt_timer, id, UINT, .limit = S32_MAX),
	FIELD(ckpt_timer, clock, INT),
	REF(ckpt_timer, clock_tid, TASK),
	ENUM(ckpt_timer, notify, CKPT_NOTIFY_THREAD_ID,
	     NAMES("no", "signal", "none", "thread", "thread_id")),
	FIELD(ckpt_timer, signo, INT),
	REF(ckpt_timer, tid, TASK),
	FLAGS(ckpt_timer, flags, CKPT_TIMER_FLAGS,
	      NAMES("relative", "armed", "pending", "rearm")),
	FIELD(ckpt_timer, pending_overrun, UINT, .limit = S32_MAX),
	FIELD(ckpt_timer, value, HEX),
	FIELD(ckpt_timer, expires, INT),
	FIELD(ckpt_timer, interval, UINT, .limit = CKPT_TIMER_TIME_MAX),
	FIELD(ckpt_timer, overrun, INT),
	FIELD(ckpt_timer, overrun_last, INT),
	{}
};

static const struct ckpt_field rlimit_fields[] = {
	FIELD(ckpt_rlimit, cur, INT),
	FIELD(ckpt_rlimit, max, INT),
	{}
};

static const struct ckpt_field shared_signals_fields[] = {
	FIELD(ckpt_shared_signals, pending, HEX),
	{}
};

static const struct ckpt_field sighand_fields[] = {
	FIELD(ckpt_sighand, reserved, RESERVED),
	{}
};

static const struct ckpt_field sigaction_fields[] = {
	FIELD(ckpt_sigaction, handler, ADDR),
	FIELD(ckpt_sigaction, flags, HEX),
	FIELD(ckpt_sigaction, restorer, ADDR),
	FIELD(ckpt_sigaction, mask, HEX),
	{}
};

static const struct ckpt_field creds_fields[] = {
	FIELD(ckpt_creds, uid, UINT), FIELD(ckpt_creds, gid, UINT),
	FIELD(ckpt_creds, suid, UINT), FIELD(ckpt_creds, sgid, UINT),
	FIELD(ckpt_creds, euid, UINT), FIELD(ckpt_creds, egid, UINT),
	FIELD(ckpt_creds, fsuid, UINT), FIELD(ckpt_creds, fsgid, UINT),
	FIELD(ckpt_creds, securebits, HEX),
	FIELD(ckpt_creds, reserved, RESERVED),
	FIELD(ckpt_creds, inheritable, HEX),
	FIELD(ckpt_creds, permitted, HEX),
	FIELD(ckpt_creds, effective, HEX),
	FIELD(ckpt_creds, bounding, HEX),
	FIELD(ckpt_creds, ambient, HEX),
	{}
};

static const struct ckpt_field seccomp_fields[] = {
	REF(ckpt_seccomp, previous, SECCOMP),
	FLAGS(ckpt_seccomp, flags, CKPT_SECCOMP_FLAGS, NAMES("log")),
	FIELD(ckpt_seccomp, reserved, RESERVED),
	{}
};

static const struct ckpt_field bpf_fields[] = {
	FIELD(ckpt_bpf, code, HEX),
	FIELD(ckpt_bpf, jt, UINT), FIELD(ckpt_bpf, jf, UINT),
	FIELD(ckpt_bpf, k, HEX),
	{}
};

static const struct ckpt_field creds_group[] = {
	SCALAR("group", 4, UINT),
	{}
};

static const struct ckpt_field fs_fields[] = {
	FIELD(ckpt_fs, umask, FLAGS, .limit = 0777),
	FIELD(ckpt_fs, reserved, RESERVED),
	{}
};

static const struct ckpt_field path_fields[] = {
	ENUM(ckpt_path, role, CKPT_PATH_FILE,
	     NAMES("none", "cwd", "root", "file")),
	FIELD(ckpt_path, reserved, RESERVED),
	{}
};

static const struct ckpt_field fdtable_fields[] = {
	FIELD(ckpt_fdtable, reserved, RESERVED),
	{}
};

static const struct ckpt_field fd_fields[] = {
	FIELD(ckpt_fd, fd, UINT, .limit = S32_MAX),
	FLAGS(ckpt_fd, flags, CKPT_FD_FLAGS, NAMES("cloexec")),
	FIELD(ckpt_fd, file, FILE_REF),
	{}
};

/* ---- memory --------------------------------------------------------------- */

static const struct ckpt_field mm_fields[] = {
	FIELD(ckpt_mm, start_code, ADDR), FIELD(ckpt_mm, end_code, ADDR),
	FIELD(ckpt_mm, start_data, ADDR), FIELD(ckpt_mm, end_data, ADDR),
	FIELD(ckpt_mm, start_brk, ADDR), FIELD(ckpt_mm, brk, ADDR),
	FIELD(ckpt_mm, start_stack, ADDR),
	FIELD(ckpt_mm, arg_start, ADDR), FIELD(ckpt_mm, arg_end, ADDR),
	FIELD(ckpt_mm, env_start, ADDR), FIELD(ckpt_mm, env_end, ADDR),
	FIELD(ckpt_mm, mmap_base, ADDR),
	FIELD(ckpt_mm, vdso, ADDR),
	FIELD(ckpt_mm, vdso_size, UINT),
	FIELD(ckpt_mm, vdso_crc, HEX),
	FIELD(ckpt_mm, exe, FILE_REF),
	FIELD(ckpt_mm, dumpable, ENUM, .limit = CKPT_DUMPABLE_ROOT,
	      .zero_ok = true, .values = NAMES("no", "user", "root")),
	FLAGS(ckpt_mm, flags, CKPT_MM_FLAGS,
	      NAMES("32bit", "bottom_up", "lock_future", "lock_onfault", "no_thp",
		    "mdwe", "mdwe_no_inherit")),
	FIELD(ckpt_mm, coredump_filter, HEX),
	FIELD(ckpt_mm, reserved, RESERVED),
	FIELD(ckpt_mm, peak_rss, UINT),
	FIELD(ckpt_mm, peak_vm, UINT),
	{}
};

static const struct ckpt_field mm_auxv[] = {
	SCALAR("word", 8, HEX),
	{}
};

static const struct ckpt_field vmas_fields[] = {
	REF(ckpt_vmas, source, MM),
	{}
};

static const struct ckpt_field vma_fields[] = {
	FIELD(ckpt_vma, start, ADDR),
	FIELD(ckpt_vma, end, ADDR),
	FIELD(ckpt_vma, file, FILE_REF),
	FIELD(ckpt_vma, offset, HEX),
	ENUM(ckpt_vma, kind, CKPT_VMA_VVAR,
	     NAMES("none", "anon", "file", "shared", "vdso", "vvar")),
	FLAGS(ckpt_vma, prot, CKPT_PROT_MASK, NAMES("read", "write", "exec")),
	FLAGS(ckpt_vma, flags, CKPT_VMA_FLAGS,
	      NAMES("growsdown", "noreserve", "locked", "locked_onfault",
		    "dontfork", "wipeonfork", "dontdump", "sequential",
		    "random", "hugepage", "nohugepage", "mergeable",
		    "named", "account", "droppable")),
	FIELD(ckpt_vma, reserved, RESERVED),
	{}
};

static const struct ckpt_field runs_fields[] = {
	FIELD(ckpt_runs, pages, UINT),
	{}
};

static const struct ckpt_field run_fields[] = {
	FIELD(ckpt_run, start, ADDR),
	FIELD(ckpt_run, pages, UINT),
	ENUM(ckpt_run, kind, CKPT_RUN_PARENT,
	     NAMES("none", "pages", "source", "parent")),
	{}
};

static const struct ckpt_field parent_fields[] = {
	FIELD(ckpt_parent, id, UINT),
	{}
};

static const struct ckpt_field vma_name_fields[] = {
	FIELD(ckpt_vma_name, start, ADDR),
	{}
};

/* ---- open files ----------------------------------------------------------- */

static const struct ckpt_field file_fields[] = {
	FIELD(ckpt_file, type, TYPE),
	FLAGS(ckpt_file, flags, CKPT_O_FLAGS,
	      NAMES("wronly", "rdwr", "append", "nonblock", "dsync", "sync",
		    "direct", "largefile", "directory", "nofollow", "noatime",
		    "path", "random", "sequential", "noreuse", "async", "tmpfile")),
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

static const struct ckpt_field shmem_fields[] = {
	FIELD(ckpt_shmem, size, UINT, .limit = S64_MAX),
	FIELD(ckpt_shmem, pages, UINT),
	FLAGS(ckpt_shmem, flags, CKPT_SHMEM_FLAGS, NAMES("noreserve")),
	FIELD(ckpt_shmem, reserved, RESERVED),
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

static const struct ckpt_field pidfd_fields[] = {
	FIELD(ckpt_pidfd, pid, UINT, .limit = PID_LIMIT),
	FLAGS(ckpt_pidfd, flags, CKPT_PIDFD_FLAGS, NAMES("thread")),
	REF(ckpt_pidfd, ended, ENDEDPID),
	{}
};

static const struct ckpt_field endedpid_fields[] = {
	FIELD(ckpt_endedpid, pid, UINT, .limit = PID_LIMIT),
	FIELD(ckpt_endedpid, reserved, RESERVED),
	{}
};

static const struct ckpt_field socket_fields[] = {
	REF(ckpt_socket, socket, UNIXSOCK),
	FIELD(ckpt_socket, mode, FLAGS, .limit = 0177777),
	FIELD(ckpt_socket, uid, UINT), FIELD(ckpt_socket, gid, UINT),
	FIELD(ckpt_socket, reserved, RESERVED),
	{}
};

static const struct ckpt_field unixsock_fields[] = {
	FIELD(ckpt_unixsock, file, FILE_REF),
	REF(ckpt_unixsock, peer, UNIXSOCK),
	REF(ckpt_unixsock, creds, CREDS),
	REF(ckpt_unixsock, ended, ENDEDPID),
	FIELD(ckpt_unixsock, pid, UINT, .limit = PID_LIMIT),
	ENUM(ckpt_unixsock, type, CKPT_UNIX_SEQPACKET,
	     NAMES("none", "stream", "dgram", "seqpacket")),
	FLAGS(ckpt_unixsock, flags, CKPT_UNIX_FLAGS,
	      NAMES("established", "peer_closed", "rcv_shutdown", "send_shutdown",
		    "listening")),
	FIELD(ckpt_unixsock, error, UINT, .limit = 133),
	FIELD(ckpt_unixsock, backlog, UINT),
	FIELD(ckpt_unixsock, reserved, RESERVED),
	FIELD(ckpt_unixsock, bytes, UINT, .limit = S64_MAX),
	{}
};

static const struct ckpt_field unix_message_fields[] = {
	REF(ckpt_unix_message, sender, UNIXSOCK),
	REF(ckpt_unix_message, ended, ENDEDPID),
	FIELD(ckpt_unix_message, time, UINT, .limit = S64_MAX),
	FIELD(ckpt_unix_message, len, UINT, .limit = 8 << 20),
	FLAGS(ckpt_unix_message, flags, CKPT_UNIX_MESSAGE_FLAGS, NAMES("creds")),
	FIELD(ckpt_unix_message, pid, UINT, .limit = PID_LIMIT),
	FIELD(ckpt_unix_message, uid, UINT), FIELD(ckpt_unix_message, gid, UINT),
	FIELD(ckpt_unix_message, files, UINT, .limit = 253),
	{}
};

static const struct ckpt_field unix_file[] = {
	SCALAR("file", 8, FILE_REF),
	{}
};

static const struct ckpt_field unix_name_fields[] = {
	ENUM(ckpt_unix_name, kind, CKPT_UNIX_NAME_FILE,
	     NAMES("none", "only", "abstract", "file")),
	FIELD(ckpt_unix_name, mode, FLAGS, .limit = 0177777),
	FIELD(ckpt_unix_name, uid, UINT), FIELD(ckpt_unix_name, gid, UINT),
	{}
};

static const struct ckpt_field unix_sender_fields[] = {
	FIELD(ckpt_unix_sender, message, UINT),
	FIELD(ckpt_unix_sender, len, UINT, .limit = 109),
	FIELD(ckpt_unix_sender, name, BYTES),
	{}
};

static const struct ckpt_field unix_pending[] = {
	{ .name = "socket", .size = 8, .kind = CKPT_F_REF, .limit = CKPT_TYPE_UNIXSOCK },
	{}
};

static const struct ckpt_field unix_waiting_fields[] = {
	REF(ckpt_unix_waiting, listener, UNIXSOCK),
	FIELD(ckpt_unix_waiting, place, UINT),
	FIELD(ckpt_unix_waiting, reserved, RESERVED),
	{}
};

static const struct ckpt_field sockopt_fields[] = {
	ENUM(ckpt_sockopt, option, CKPT_SO_TXREHASH,
	     NAMES("none", "debug", "reuseaddr", "dontroute", "broadcast", "keepalive",
		   "oobinline", "no_check", "passcred", "passsec", "passpidfd", "rcvmark",
		   "rxq_ovfl", "wifi_status", "nofcs", "select_err_queue", "timestamp_old",
		   "timestampns_old", "timestamp_new", "timestampns_new", "priority",
		   "mark", "peek_off", "rcvlowat", "incoming_cpu", "busy_poll",
		   "prefer_busy_poll", "rcvtimeo", "sndtimeo", "linger", "sndbuf",
		   "rcvbuf", "buf_lock", "lock_filter", "reuseport", "zerocopy",
		   "txrehash")),
	FIELD(ckpt_sockopt, reserved, RESERVED),
	FIELD(ckpt_sockopt, value, HEX),
	{}
};

static const struct ckpt_field ipopt_fields[] = {
	ENUM(ckpt_sockopt, option, CKPT_IP_MULTICAST_ALL,
	     NAMES("none", "tos", "ttl", "pktinfo", "recvttl", "recvtos", "recvopts",
		   "retopts", "passsec", "recvorigdstaddr", "checksum", "recvfragsize",
		   "recverr", "recverr_rfc4884", "freebind", "transparent",
		   "bind_address_no_port", "mtu_discover", "minttl", "local_port_range",
		   "multicast_ttl", "multicast_loop", "multicast_all")),
	FIELD(ckpt_sockopt, reserved, RESERVED),
	FIELD(ckpt_sockopt, value, HEX),
	{}
};

static const struct ckpt_field ip6opt_fields[] = {
	ENUM(ckpt_sockopt, option, CKPT_IP6_2292DSTOPTS,
	     NAMES("none", "v6only", "unicast_hops", "multicast_hops", "multicast_loop",
		   "multicast_all", "mtu_discover", "tclass", "dontfrag",
		   "autoflowlabel", "flowinfo_send", "addr_preferences",
		   "minhopcount", "recverr", "recverr_rfc4884", "recvpktinfo",
		   "recvhoplimit", "recvrthdr", "recvhopopts", "recvdstopts",
		   "recvtclass", "flowinfo", "recvpathmtu", "recvorigdstaddr",
		   "recvfragsize", "2292pktinfo", "2292hoplimit", "2292rthdr",
		   "2292hopopts", "2292dstopts")),
	FIELD(ckpt_sockopt, reserved, RESERVED),
	FIELD(ckpt_sockopt, value, HEX),
	{}
};

static const struct ckpt_field udpopt_fields[] = {
	ENUM(ckpt_sockopt, option, CKPT_UDP_NO_CHECK6_RX,
	     NAMES("none", "cork", "segment", "gro", "no_check6_tx", "no_check6_rx")),
	FIELD(ckpt_sockopt, reserved, RESERVED),
	FIELD(ckpt_sockopt, value, HEX),
	{}
};

static const struct ckpt_field tcpopt_fields[] = {
	ENUM(ckpt_sockopt, option, CKPT_TCP_TX_DELAY,
	     NAMES("none", "nodelay", "maxseg", "cork", "keepidle", "keepintvl", "keepcnt",
		   "syncnt", "linger2", "defer_accept", "window_clamp", "quickack",
		   "thin_linear_timeouts", "user_timeout", "fastopen",
		   "fastopen_connect", "fastopen_no_cookie", "save_syn",
		   "notsent_lowat", "inq", "tx_delay")),
	FIELD(ckpt_sockopt, reserved, RESERVED),
	FIELD(ckpt_sockopt, value, HEX),
	{}
};

static const struct ckpt_field tcp_fields[] = {
	ENUM(ckpt_tcp, state, CKPT_TCP_OPEN, NAMES("none", "closed", "listening", "open")),
	ENUM(ckpt_tcp, call, CKPT_TCP_DISCONNECTING,
	     NAMES("none", "unconnected", "connecting", "connected", "disconnecting")),
	FLAGS(ckpt_tcp, flags, CKPT_TCP_FLAGS, NAMES("done", "congestion")),
	FIELD(ckpt_tcp, backlog, UINT, .limit = S32_MAX),
	FIELD(ckpt_tcp, congestion, TEXT),
	{}
};

static const struct ckpt_field tcpconn_fields[] = {
	REF(ckpt_tcpconn, peer, TCPCONN),
	FLAGS(ckpt_tcpconn, flags, CKPT_TCPCONN_FLAGS,
	      NAMES("sack", "timestamps", "scaled", "send_end", "rcv_end")),
	FIELD(ckpt_tcpconn, timestamp, UINT),
	FIELD(ckpt_tcpconn, snd_seq, UINT),
	FIELD(ckpt_tcpconn, queued, UINT, .limit = CKPT_TCPCONN_BYTES),
	FIELD(ckpt_tcpconn, sent, UINT), FIELD(ckpt_tcpconn, snd_wl1, UINT),
	FIELD(ckpt_tcpconn, snd_wnd, UINT, .limit = 1 << 30),
	FIELD(ckpt_tcpconn, max_window, UINT, .limit = 1 << 30),
	FIELD(ckpt_tcpconn, rcv_seq, UINT),
	FIELD(ckpt_tcpconn, unread, UINT, .limit = CKPT_TCPCONN_BYTES),
	FIELD(ckpt_tcpconn, rcv_wup, UINT),
	FIELD(ckpt_tcpconn, rcv_wnd, UINT, .limit = 1 << 30),
	FIELD(ckpt_tcpconn, mss, UINT),
	FIELD(ckpt_tcpconn, snd_wscale, UINT, .limit = 14),
	FIELD(ckpt_tcpconn, rcv_wscale, UINT, .limit = 14),
	FIELD(ckpt_tcpconn, reserved, RESERVED),
	{}
};

static const struct ckpt_field inet_fields[] = {
	ENUM(ckpt_inet, family, CKPT_INET_IPV6, NAMES("none", "ipv4", "ipv6")),
	FLAGS(ckpt_inet, flags, CKPT_INET_FLAGS,
	      NAMES("port", "port_lock", "addr_lock", "connected", "rcv_shutdown",
		    "send_shutdown")),
	FIELD(ckpt_inet, mode, FLAGS, .limit = 0177777),
	FIELD(ckpt_inet, uid, UINT), FIELD(ckpt_inet, gid, UINT),
	FIELD(ckpt_inet, error, UINT, .limit = 133),
	FIELD(ckpt_inet, soft_error, UINT, .limit = 133),
	FIELD(ckpt_inet, drops, UINT),
	FIELD(ckpt_inet, local, BYTES), FIELD(ckpt_inet, peer, BYTES),
	FIELD(ckpt_inet, local_port, UINT), FIELD(ckpt_inet, peer_port, UINT),
	FIELD(ckpt_inet, reserved, RESERVED),
	{}
};

static const struct ckpt_field inet_device_fields[] = {
	ENUM(ckpt_inet_device, use, CKPT_INET_MEMBER6,
	     NAMES("none", "bound", "unicast", "unicast6", "multicast", "multicast6",
		   "member", "member6")),
	FIELD(ckpt_inet_device, local, BYTES), FIELD(ckpt_inet_device, group, BYTES),
	FIELD(ckpt_inet_device, name, TEXT),
	{}
};

static const struct ckpt_field datagram_fields[] = {
	ENUM(ckpt_datagram, family, CKPT_INET_IPV6, NAMES("none", "ipv4", "ipv6")),
	FIELD(ckpt_datagram, len, UINT, .limit = U16_MAX),
	FIELD(ckpt_datagram, time, UINT, .limit = S64_MAX),
	FIELD(ckpt_datagram, from, BYTES), FIELD(ckpt_datagram, to, BYTES),
	FIELD(ckpt_datagram, from_port, UINT), FIELD(ckpt_datagram, to_port, UINT),
	FIELD(ckpt_datagram, ttl, UINT), FIELD(ckpt_datagram, tos, HEX),
	FIELD(ckpt_datagram, fragment, UINT),
	FIELD(ckpt_datagram, flow, UINT, .limit = 0xfffff),
	FIELD(ckpt_datagram, mark, HEX), FIELD(ckpt_datagram, drops, UINT),
	FIELD(ckpt_datagram, spec_dst, BYTES),
	FIELD(ckpt_datagram, device, TEXT),
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

/* ---- terminals ------------------------------------------------------------ */

#define TTY_SIDES NAMES("none", "ptmx", "pts")

static const struct ckpt_field tty_fields[] = {
	REF(ckpt_tty, pty, PTY),
	ENUM(ckpt_tty, side, CKPT_TTY_PTS, TTY_SIDES),
	FLAGS(ckpt_tty, flags, CKPT_TTY_FLAGS, NAMES("hung_up")),
	{}
};

static const struct ckpt_field pty_fields[] = {
	REF(ckpt_pty, session, PROCESS),
	REF(ckpt_pty, pgrp, PROCESS),
	REF(ckpt_pty, ended, ENDEDPID),
	FIELD(ckpt_pty, index, UINT, .limit = (1 << 20) - 1),
	FLAGS(ckpt_pty, flags, CKPT_PTY_FLAGS, NAMES("locked", "packet", "closed")),
	FIELD(ckpt_pty, status, HEX),
	FIELD(ckpt_pty, mode, FLAGS, .limit = 0177777),
	FIELD(ckpt_pty, uid, UINT),
	FIELD(ckpt_pty, gid, UINT),
	FIELD(ckpt_pty, rows, UINT),
	FIELD(ckpt_pty, cols, UINT),
	FIELD(ckpt_pty, xpixel, UINT),
	FIELD(ckpt_pty, ypixel, UINT),
	{}
};

static const struct ckpt_field tty_end_fields[] = {
	ENUM(ckpt_tty_end, side, CKPT_TTY_PTS, TTY_SIDES),
	FLAGS(ckpt_tty_end, flags, CKPT_TTY_END_FLAGS,
	      NAMES("shut", "stopped", "held", "exclusive", "error", "alone",
		    "wakeup", "literal", "erasing", "push", "stale")),
	FIELD(ckpt_tty_end, iflag, HEX),
	FIELD(ckpt_tty_end, oflag, HEX),
	FIELD(ckpt_tty_end, cflag, HEX),
	FIELD(ckpt_tty_end, lflag, HEX),
	FIELD(ckpt_tty_end, line, UINT),
	FIELD(ckpt_tty_end, cc, BYTES),
	FIELD(ckpt_tty_end, ispeed, UINT),
	FIELD(ckpt_tty_end, ospeed, UINT),
	FIELD(ckpt_tty_end, read, UINT, .limit = CKPT_TTY_BUFFER),
	FIELD(ckpt_tty_end, lines, UINT, .limit = CKPT_TTY_BUFFER),
	FIELD(ckpt_tty_end, echo, UINT, .limit = CKPT_TTY_BUFFER),
	FIELD(ckpt_tty_end, echo_commit, UINT, .limit = CKPT_TTY_BUFFER),
	FIELD(ckpt_tty_end, echo_mark, UINT, .limit = CKPT_TTY_BUFFER),
	FIELD(ckpt_tty_end, queued, UINT, .limit = CKPT_TTY_QUEUE),
	FIELD(ckpt_tty_end, column, UINT),
	FIELD(ckpt_tty_end, canon_column, UINT),
	FIELD(ckpt_tty_end, reserved, RESERVED),
	{}
};

static const struct ckpt_field terminal_fields[] = {
	REF(ckpt_terminal, pty, PTY),
	REF(ckpt_terminal, old_pgrp, PROCESS),
	FIELD(ckpt_terminal, reserved, RESERVED),
	{}
};

/* ---- the table ------------------------------------------------------------ */

/* A record of struct @type alone; ELEMS and TEXT add what may follow it. */
#define RECORD(label, type, ...) {				\
	.name = (label),					\
	.version = 1,						\
	.min_version = 1,					\
	.fixed = sizeof(struct ckpt_##type),			\
	.fields = type##_fields,				\
	__VA_ARGS__						\
}

#define ELEMS(bytes, most, table) \
	.elem = (bytes), .max = (most), .elem_fields = (table)
#define STRUCTS(type, most) \
	ELEMS(sizeof(struct ckpt_##type), most, type##_fields)
#define TEXT(most)	.elem = 1, .text = true, .max = (most)

/* tls, xstate and name have no fixed part. */
#define BARE(label, ...) \
	{ .name = (label), .version = 1, .min_version = 1, __VA_ARGS__ }

static const struct ckpt_schema schemas[CKPT_REC_LIMIT] = {
	[CKPT_REC_HEADER] = RECORD("header", header),
	[CKPT_REC_CPU] = RECORD("cpu", cpu,
				ELEMS(4, CKPT_CPU_WORDS, cpu_word)),
	[CKPT_REC_TAIL] = RECORD("tail", tail, STRUCTS(tail_file, 1 << 24)),
	[CKPT_REC_TASK] = RECORD("task", task),
	[CKPT_REC_RESTART] = RECORD("restart", restart),
	[CKPT_REC_REGS] = RECORD("regs", regs),
	[CKPT_REC_XSTATE] = BARE("xstate", .elem = 1, .max = 1 << 16),
	[CKPT_REC_SIGNALS] = RECORD("signals", signals,
				    STRUCTS(siginfo, 1 << 16)),
	[CKPT_REC_PROCESS] = RECORD("process", process,
				    STRUCTS(rlimit, CKPT_NRLIMITS)),
	[CKPT_REC_SHARED_SIGNALS] = RECORD("shared_signals", shared_signals,
					   STRUCTS(siginfo, 1 << 16)),
	[CKPT_REC_SIGHAND] = RECORD("sighand", sighand,
				    STRUCTS(sigaction, CKPT_NSIG)),
	[CKPT_REC_SECCOMP] = RECORD("seccomp", seccomp,
				    STRUCTS(bpf, CKPT_SECCOMP_INSNS)),
	[CKPT_REC_CREDS] = RECORD("creds", creds,
				  ELEMS(4, 1 << 16, creds_group)),
	[CKPT_REC_FS] = RECORD("fs", fs),
	[CKPT_REC_FDTABLE] = RECORD("fdtable", fdtable,
				    STRUCTS(fd, 1 << 20)),
	[CKPT_REC_PATH] = RECORD("path", path, TEXT(CKPT_PATH_MAX)),
	[CKPT_REC_USAGE] = RECORD("usage", usage),
	[CKPT_REC_SCHED] = RECORD("sched", sched,
				  ELEMS(8, CKPT_CPU_SET_WORDS, cpu_set)),
	[CKPT_REC_MEMPOLICY] = RECORD("mempolicy", mempolicy,
				      ELEMS(8, CKPT_NODE_WORDS, node_set)),
	[CKPT_REC_DISPATCH] = RECORD("dispatch", dispatch),
	[CKPT_REC_TIMERS] = RECORD("timers", timers, STRUCTS(timer, 1 << 17)),
	[CKPT_REC_TLS] = BARE("tls", STRUCTS(tls, 3)),
	[CKPT_REC_MM] = RECORD("mm", mm, ELEMS(8, 128, mm_auxv)),
	[CKPT_REC_VMAS] = RECORD("vmas", vmas, STRUCTS(vma, 1 << 20)),
	[CKPT_REC_RUNS] = RECORD("runs", runs, STRUCTS(run, 1 << 24)),
	[CKPT_REC_VMA_NAME] = RECORD("vma_name", vma_name, TEXT(256)),
	[CKPT_REC_PARENT] = RECORD("parent", parent),
	[CKPT_REC_FILE] = RECORD("file", file),
	[CKPT_REC_OWNER] = RECORD("owner", owner),
	[CKPT_REC_INODE] = RECORD("inode", inode),
	[CKPT_REC_DEVICE] = RECORD("device", device),
	[CKPT_REC_PIPE] = RECORD("pipe", pipe),
	[CKPT_REC_PIPEBUF] = RECORD("pipebuf", pipebuf,
				    STRUCTS(pipe_buf, 1 << 20)),
	[CKPT_REC_SHMEM] = RECORD("shmem", shmem, STRUCTS(run, 1 << 24)),
	[CKPT_REC_EVENTFD] = RECORD("eventfd", eventfd),
	[CKPT_REC_SIGNALFD] = RECORD("signalfd", signalfd),
	[CKPT_REC_TIMERFD] = RECORD("timerfd", timerfd),
	[CKPT_REC_PIDFD] = RECORD("pidfd", pidfd),
	[CKPT_REC_ENDEDPID] = { .name = "endedpid", .version = 2, .min_version = 1,
				.fixed = sizeof(struct ckpt_endedpid),
				.fields = endedpid_fields },
	[CKPT_REC_SOCKET] = RECORD("socket", socket),
	[CKPT_REC_UNIXSOCK] = RECORD("unixsock", unixsock),
	[CKPT_REC_UNIX_MESSAGES] = BARE("unix_messages", STRUCTS(unix_message, 1 << 20)),
	[CKPT_REC_UNIX_FILES] = BARE("unix_files", ELEMS(8, 1 << 20, unix_file)),
	[CKPT_REC_UNIX_NAME] = RECORD("unix_name", unix_name, .elem = 1, .max = 109),
	[CKPT_REC_UNIX_SENDERS] = BARE("unix_senders", STRUCTS(unix_sender, 1 << 18)),
	[CKPT_REC_UNIX_PENDING] = BARE("unix_pending", ELEMS(8, 1 << 16, unix_pending)),
	[CKPT_REC_UNIX_WAITING] = RECORD("unix_waiting", unix_waiting),
	[CKPT_REC_SOCKOPTS] = BARE("sockopts", STRUCTS(sockopt, 64)),
	[CKPT_REC_SOCKFILTER] = BARE("sockfilter", STRUCTS(bpf, 4096)),
	[CKPT_REC_INET] = RECORD("inet", inet),
	[CKPT_REC_INET_DEVICES] = BARE("inet_devices", STRUCTS(inet_device, 1 << 12)),
	[CKPT_REC_IPOPTS] = BARE("ipopts", ELEMS(sizeof(struct ckpt_sockopt), 64, ipopt_fields)),
	[CKPT_REC_IP6OPTS] = BARE("ip6opts",
				  ELEMS(sizeof(struct ckpt_sockopt), 64, ip6opt_fields)),
	[CKPT_REC_UDPOPTS] = BARE("udpopts",
				  ELEMS(sizeof(struct ckpt_sockopt), 64, udpopt_fields)),
	[CKPT_REC_TCP] = RECORD("tcp", tcp),
	[CKPT_REC_TCPCONN] = RECORD("tcpconn", tcpconn),
	[CKPT_REC_TCPOPTS] = BARE("tcpopts",
				  ELEMS(sizeof(struct ckpt_sockopt), 64, tcpopt_fields)),
	[CKPT_REC_DATAGRAMS] = BARE("datagrams", STRUCTS(datagram, 1 << 19)),
	[CKPT_REC_LOCKS] = RECORD("locks", locks, STRUCTS(lock, 1 << 20)),
	[CKPT_REC_MEMFD] = RECORD("memfd", memfd, STRUCTS(run, 1 << 24)),
	[CKPT_REC_NAME] = BARE("name", TEXT(256)),
	[CKPT_REC_DELETED] = RECORD("deleted", deleted, STRUCTS(run, 1 << 24)),
	[CKPT_REC_INOTIFY_EVENT] = RECORD("inotify_event", inotify_event, TEXT(256)),
	[CKPT_REC_WATCHES] = RECORD("watches", watches),
	[CKPT_REC_WATCH] = RECORD("watch", watch, TEXT(CKPT_PATH_MAX)),
	[CKPT_REC_TTY] = RECORD("tty", tty),
	[CKPT_REC_PTY] = RECORD("pty", pty),
	[CKPT_REC_TTY_END] = RECORD("tty_end", tty_end, .elem = 1, .max = 1 << 16),
	[CKPT_REC_TERMINAL] = RECORD("terminal", terminal),
	[CKPT_REC_EPOLL] = RECORD("epoll", epoll, STRUCTS(epoll_item, 1 << 20)),
};

const struct ckpt_schema *ckpt_schema(u16 record_type)
{
	if (record_type >= CKPT_REC_LIMIT || !schemas[record_type].name)
		return NULL;
	return &schemas[record_type];
}

static u64 sign_extend(u64 value, unsigned int bytes)
{
	u64 sign = BIT_ULL(bytes * 8 - 1);

	return bytes < 8 && value & sign ? value | ~(sign - 1) : value;
}

u64 ckpt_field_get(const struct ckpt_field *field, const void *base)
{
	const u8 *at = (const u8 *)base + field->offset;
	unsigned int i = min_t(unsigned int, field->size, 8);
	u64 value = 0;

	while (i)
		value = value << 8 | at[--i];
	if (field->kind == CKPT_F_INT)
		value = sign_extend(value, field->size);
	return value;
}

static bool number_size(unsigned int size)
{
	return size == 1 || size == 2 || size == 4 || size == 8;
}

/* Has every bit of the mask, or every value of the enum, a name? */
static bool names_cover(const struct ckpt_field *field)
{
	u64 nr = 0;

	if (!field->values)
		return field->kind != CKPT_F_ENUM;
	while (field->values[nr])
		nr++;
	if (field->kind == CKPT_F_FLAGS)
		return nr < 64 && field->limit == BIT_ULL(nr) - 1;
	return field->kind == CKPT_F_ENUM && nr == field->limit + 1;
}

/* Do the fields cover @size bytes in order, without a gap or an overlap? */
static bool fields_cover(const struct ckpt_field *field, unsigned int size)
{
	unsigned int at = 0;

	for (; field->name; field++) {
		if (field->offset != at || !field->size)
			return false;
		if (field->kind < CKPT_F_TEXT && !number_size(field->size))
			return false;
		if (!names_cover(field))
			return false;
		at += field->size;
	}
	return at == size;
}

bool ckpt_schema_sane(const struct ckpt_schema *s)
{
	if (!s->version || s->min_version > s->version)
		return false;
	if (s->fixed % 8 || (s->elem && !s->max) || (!s->elem && s->max))
		return false;
	if (s->fields ? !fields_cover(s->fields, s->fixed) : s->fixed)
		return false;
	if (s->elem_fields)
		return fields_cover(s->elem_fields, s->elem);
	return s->elem <= 1;
}
