// SPDX-License-Identifier: GPL-2.0-only
/* The fields of the records of what tasks and processes have. */
#include "schema.h"

static const struct ckpt_field task_fields[] = {
	FIELD(ckpt_task, tid, UINT, .limit = PID_LIMIT),
	REF(ckpt_task, tgid, TASK),
	REF(ckpt_task, ppid, TASK),
	FIELD(ckpt_task, exit_signal, INT),
	ENUM(ckpt_task, state, CKPT_TASK_ZOMBIE,
	     NAMES("none", "running", "zombie")),
	FLAGS(ckpt_task, flags, CKPT_TASK_FLAGS,
	      NAMES("no_new_privs", "vforking", "32bit", "forknoexec",
		    "strict", "sysvsem", "io", "mce_kill", "mce_early",
		    "io_flusher", "nproc_exceeded", "superpriv", "no_tsc",
		    "ssb_disable", "ssb_force", "ssb_noexec", "ib_disable",
		    "ib_force", "l1d_flush", "stopping")),
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
	FIELD(ckpt_task, reserved, RESERVED),
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

static const struct ckpt_field core_group_fields[] = {
	FIELD(ckpt_core_group, group, UINT),
	FIELD(ckpt_core_group, reserved, RESERVED),
	{}
};

static const struct ckpt_field label_fields[] = {
	ENUM(ckpt_label, module, CKPT_LABEL_SMACK, NAMES("none", "apparmor", "selinux", "smack")),
	ENUM(ckpt_label, kind, CKPT_LABEL_HAT,
	     NAMES("none", "current", "exec", "fscreate", "keycreate", "prev", "sockcreate",
		   "hat")),
	FLAGS(ckpt_label, flags, CKPT_LABEL_FLAGS, NAMES("stack")),
	FIELD(ckpt_label, token, HEX),
	{}
};

static const struct ckpt_field joint_fields[] = {
	REF(ckpt_joint, files, TASK),
	REF(ckpt_joint, fs, TASK),
	REF(ckpt_joint, io, TASK),
	REF(ckpt_joint, sysvsem, TASK),
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

static const struct ckpt_field breakpoints_fields[] = {
	FIELD(ckpt_breakpoints, address[0], ADDR),
	FIELD(ckpt_breakpoints, address[1], ADDR),
	FIELD(ckpt_breakpoints, address[2], ADDR),
	FIELD(ckpt_breakpoints, address[3], ADDR),
	FIELD(ckpt_breakpoints, control, HEX),
	FLAGS(ckpt_breakpoints, set, 0xf, NAMES("dr0", "dr1", "dr2", "dr3")),
	FIELD(ckpt_breakpoints, reserved, RESERVED),
	{}
};

static const struct ckpt_field ports_fields[] = {
	FIELD(ckpt_ports, level, UINT, .limit = 3),
	FIELD(ckpt_ports, reserved, RESERVED),
	{}
};

static const struct ckpt_field port_run_fields[] = {
	FIELD(ckpt_port_run, first, HEX),
	FIELD(ckpt_port_run, last, HEX),
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

static const struct ckpt_field tracee_fields[] = {
	REF(ckpt_tracee, tracer, TASK),
	FLAGS(ckpt_tracee, flags, CKPT_TRACEE_FLAGS,
	      NAMES("seized", "by_itself", "interrupt", "notify", "dequeued", "step", "tf")),
	FLAGS(ckpt_tracee, options, CKPT_TRACEE_OPTIONS,
	      NAMES("sysgood", "fork", "vfork", "clone", "exec", "vfork_done", "exit",
		    "seccomp", "exitkill")),
	ENUM(ckpt_tracee, stop, CKPT_TRACEE_GROUP,
	     NAMES("none", "runs", "signal", "trap", "group")),
	FIELD(ckpt_tracee, code, UINT, .limit = U16_MAX),
	FIELD(ckpt_tracee, stop_signal, UINT, .limit = CKPT_NSIG),
	FIELD(ckpt_tracee, message, UINT),
	FIELD(ckpt_tracee, debug_status, HEX),
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

static const struct ckpt_field process_fields[] = {
	REF(ckpt_process, tgid, TASK),
	FIELD(ckpt_process, pgid, UINT, .limit = PID_LIMIT),
	FIELD(ckpt_process, sid, UINT, .limit = PID_LIMIT),
	FLAGS(ckpt_process, flags, CKPT_PROCESS_FLAGS,
	      NAMES("stopped", "continued", "leader", "alarm", "subreaper",
		    "ptracer", "stopping")),
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

static const struct ckpt_field leader_fields[] = {
	FIELD(ckpt_leader, pid, UINT, .limit = PID_LIMIT),
	FIELD(ckpt_leader, sid, UINT, .limit = PID_LIMIT),
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

static const struct ckpt_field key_fields[] = {
	FIELD(ckpt_key, expiry, UINT, .limit = S64_MAX),
	ENUM(ckpt_key, kind, CKPT_KEY_EXISTING, NAMES("none", "keyring", "user", "existing")),
	FIELD(ckpt_key, serial, UINT, .limit = S32_MAX),
	FIELD(ckpt_key, uid, UINT), FIELD(ckpt_key, gid, UINT),
	FIELD(ckpt_key, perm, FLAGS, .limit = CKPT_KEY_PERM),
	FIELD(ckpt_key, reserved, RESERVED),
	FIELD(ckpt_key, type, TEXT),
	{}
};

static const struct ckpt_field key_link[] = {
	{ .name = "key", .size = 8, .kind = CKPT_F_REF, .limit = CKPT_TYPE_KEY },
	{}
};

static const struct ckpt_field creds_fields[] = {
	FIELD(ckpt_creds, uid, UINT), FIELD(ckpt_creds, gid, UINT),
	FIELD(ckpt_creds, suid, UINT), FIELD(ckpt_creds, sgid, UINT),
	FIELD(ckpt_creds, euid, UINT), FIELD(ckpt_creds, egid, UINT),
	FIELD(ckpt_creds, fsuid, UINT), FIELD(ckpt_creds, fsgid, UINT),
	FIELD(ckpt_creds, securebits, HEX),
	FIELD(ckpt_creds, reqkey, UINT, .limit = 7),
	FIELD(ckpt_creds, inheritable, HEX),
	FIELD(ckpt_creds, permitted, HEX),
	FIELD(ckpt_creds, effective, HEX),
	FIELD(ckpt_creds, bounding, HEX),
	FIELD(ckpt_creds, ambient, HEX),
	{}
};

static const struct ckpt_field seccomp_fields[] = {
	REF(ckpt_seccomp, previous, SECCOMP),
	FLAGS(ckpt_seccomp, flags, CKPT_SECCOMP_FLAGS, NAMES("log", "killable")),
	REF(ckpt_seccomp, listener, LISTENER),
	{}
};

const struct ckpt_field ckpt_bpf_fields[] = {
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

static const struct ckpt_field dnotify_fields[] = {
	FIELD(ckpt_dnotify, fd, UINT, .limit = S32_MAX),
	FLAGS(ckpt_dnotify, events, CKPT_DN_FLAGS,
	      NAMES("access", "modify", "create", "delete", "rename", "attrib", "multishot")),
	{}
};

const struct ckpt_schema ckpt_schema_task = RECORD("task", task);
const struct ckpt_schema ckpt_schema_restart = RECORD("restart", restart);
const struct ckpt_schema ckpt_schema_regs = RECORD("regs", regs);
const struct ckpt_schema ckpt_schema_xstate = BARE("xstate", .elem = 1, .max = 1 << 16);
const struct ckpt_schema ckpt_schema_signals =
	RECORD("signals", signals, STRUCTS(siginfo, 1 << 16));
const struct ckpt_schema ckpt_schema_tracee =
	RECORD("tracee", tracee, STRUCTS(siginfo, 1));
const struct ckpt_schema ckpt_schema_process =
	RECORD("process", process, STRUCTS(rlimit, CKPT_NRLIMITS));
const struct ckpt_schema ckpt_schema_leader = RECORD("leader", leader);
const struct ckpt_schema ckpt_schema_shared_signals =
	RECORD("shared_signals", shared_signals, STRUCTS(siginfo, 1 << 16));
const struct ckpt_schema ckpt_schema_sighand =
	RECORD("sighand", sighand, STRUCTS(sigaction, CKPT_NSIG));
const struct ckpt_schema ckpt_schema_seccomp =
	RECORD("seccomp", seccomp, FILTER(CKPT_SECCOMP_INSNS));
const struct ckpt_schema ckpt_schema_key = RECORD("key", key, TEXT(4096));
const struct ckpt_schema ckpt_schema_keys = BARE("keys", ELEMS(8, 1 << 16, key_link));
const struct ckpt_schema ckpt_schema_payload =
	BARE("payload", .elem = 1, .max = CKPT_KEY_PAYLOAD_MAX);
const struct ckpt_schema ckpt_schema_creds =
	RECORD("creds", creds, ELEMS(4, 1 << 16, creds_group));
const struct ckpt_schema ckpt_schema_fs = RECORD("fs", fs);
const struct ckpt_schema ckpt_schema_fdtable = RECORD("fdtable", fdtable, STRUCTS(fd, 1 << 20));
const struct ckpt_schema ckpt_schema_dnotify = BARE("dnotify", STRUCTS(dnotify, 1 << 20));
const struct ckpt_schema ckpt_schema_path = RECORD("path", path, TEXT(CKPT_PATH_MAX));
const struct ckpt_schema ckpt_schema_usage = RECORD("usage", usage);
const struct ckpt_schema ckpt_schema_sched =
	RECORD("sched", sched, ELEMS(8, CKPT_CPU_SET_WORDS, cpu_set));
const struct ckpt_schema ckpt_schema_core_group = RECORD("core_group", core_group);
const struct ckpt_schema ckpt_schema_label = RECORD("label", label, TEXT(CKPT_LABEL_MAX));
const struct ckpt_schema ckpt_schema_joint = RECORD("joint", joint);
const struct ckpt_schema ckpt_schema_mempolicy = {
	.name = "mempolicy",
	.version = 2,
	.min_version = 1,
	.fixed = sizeof(struct ckpt_mempolicy),
	.fields = mempolicy_fields,
	NODES,
};
const struct ckpt_schema ckpt_schema_dispatch = RECORD("dispatch", dispatch);
const struct ckpt_schema ckpt_schema_timers = RECORD("timers", timers, STRUCTS(timer, 1 << 17));
const struct ckpt_schema ckpt_schema_breakpoints = RECORD("breakpoints", breakpoints);
const struct ckpt_schema ckpt_schema_ports =
	RECORD("ports", ports, STRUCTS(port_run, CKPT_PORT_RUNS));
const struct ckpt_schema ckpt_schema_tls = BARE("tls", STRUCTS(tls, 3));
const struct ckpt_schema ckpt_schema_ldt = BARE("ldt", STRUCTS(tls, CKPT_LDT_ENTRIES));
