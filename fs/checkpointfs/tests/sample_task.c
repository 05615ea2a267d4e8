// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes, their threads, keys and what they share.
 */
#include "sample_add.h"

static void add_task(struct sample *s, u32 tid, u32 tgid, u32 ppid, u64 mm)
{
	struct ckpt_core_group *group;
	struct ckpt_sched *sched;
	struct ckpt_usage *usage;
	struct ckpt_task *task;
	struct ckpt_regs *regs;

	task = ADD(sample_add(s, CKPT_TYPE_TASK, tid), CKPT_REC_TASK, 0);
	task->tid = cpu_to_le32(tid);
	task->tgid = cpu_to_le32(tgid);
	task->ppid = cpu_to_le32(ppid);
	task->exit_signal = cpu_to_le32(tid == tgid ? 17 : -1);
	task->state = cpu_to_le32(CKPT_TASK_RUNNING);
	memcpy(task->comm, "sample", 6);
	task->process = cpu_to_le64(tgid);
	task->mm = cpu_to_le64(mm);
	task->fdtable = cpu_to_le64(1);
	task->fs = cpu_to_le64(1);
	task->sighand = cpu_to_le64(mm);
	task->creds = cpu_to_le64(1);
	task->seccomp = cpu_to_le64(2);

	regs = ADD(sample_add(s, CKPT_TYPE_REGS, tid), CKPT_REC_REGS, 0);
	regs->cs = cpu_to_le64(0x33);
	regs->ip = cpu_to_le64(CODE);
	ADD(sample_add(s, CKPT_TYPE_SIGNALS, tid), CKPT_REC_SIGNALS, 0);
	sched = ADD(&sample_file(s, CKPT_TYPE_TASK, tid)->w, CKPT_REC_SCHED, 1);
	sched->policy = cpu_to_le32(CKPT_SCHED_NORMAL);
	group = ADD(&sample_file(s, CKPT_TYPE_TASK, tid)->w, CKPT_REC_CORE_GROUP, 0);
	group->group = cpu_to_le32(tgid);
	if (tid == tgid)
		ADD(&sample_file(s, CKPT_TYPE_TASK, tid)->w, CKPT_REC_MEMPOLICY, 2);
	usage = ADD(&sample_file(s, CKPT_TYPE_TASK, tid)->w, CKPT_REC_USAGE, 0);
	usage->who = cpu_to_le32(CKPT_USAGE_TASK);
	usage->utime = cpu_to_le64(1000000000);
}

static struct ckpt_label *add_label(struct ckpt_writer *w, u16 kind, const char *text)
{
	size_t len = strlen(text) + 1;
	struct ckpt_label *label = ADD(w, CKPT_REC_LABEL, len);

	label->module = cpu_to_le16(CKPT_LABEL_APPARMOR);
	label->kind = cpu_to_le16(kind);
	memcpy(label + 1, text, len);
	return label;
}

/* With a hat on, and a label for its next execve(2). */
static void add_labels(struct sample *s, u32 tid)
{
	struct ckpt_writer *w = &sample_file(s, CKPT_TYPE_TASK, tid)->w;

	add_label(w, CKPT_LABEL_HAT, "web//hat")->token = cpu_to_le64(0xdeadbeef);
	add_label(w, CKPT_LABEL_EXEC, "other")->flags = cpu_to_le32(CKPT_LABEL_STACK);
}

/* One that sleeps, and has a signal waiting for it. */
static void add_sleeper(struct sample *s, u32 tid)
{
	struct ckpt_breakpoints *breakpoints;
	struct ckpt_port_run *ports;
	struct ckpt_restart *restart;
	struct ckpt_siginfo *info;
	struct ckpt_writer *w;

	w = &sample_file(s, CKPT_TYPE_TASK, tid)->w;
	restart = ADD(w, CKPT_REC_RESTART, 0);
	restart->kind = cpu_to_le32(CKPT_RESTART_NANOSLEEP);
	restart->clock = cpu_to_le32(1);
	restart->left = cpu_to_le64(1000000);
	ADD(&sample_file(s, CKPT_TYPE_REGS, tid)->w, CKPT_REC_TLS, 1);
	breakpoints = ADD(&sample_file(s, CKPT_TYPE_REGS, tid)->w, CKPT_REC_BREAKPOINTS, 0);
	breakpoints->address[1] = cpu_to_le64(0x10000);
	breakpoints->control = cpu_to_le64(0x900007);
	breakpoints->set = cpu_to_le32(2);
	ADD(&sample_file(s, CKPT_TYPE_REGS, tid)->w, CKPT_REC_PORTS, 2);
	ports = sample_elems(s, CKPT_TYPE_REGS, tid, CKPT_REC_PORTS) ?: (void *)sample_nowhere;
	ports[0].first = cpu_to_le16(0x80);
	ports[0].last = cpu_to_le16(0x80);
	ports[1].first = cpu_to_le16(0xff00);
	ports[1].last = cpu_to_le16(0xffff);
	w = &sample_file(s, CKPT_TYPE_SIGNALS, tid)->w;
	w->len = 0;
	ADD(w, CKPT_REC_SIGNALS, 1);
	info = sample_elems(s, CKPT_TYPE_SIGNALS, tid, CKPT_REC_SIGNALS) ?:
		(void *)sample_nowhere;
	info->signo = cpu_to_le32(10);
}

/* One whose tracer has been told that it has made a single step. */
static void add_tracee(struct sample *s, u32 tid, u32 tracer)
{
	struct ckpt_tracee *rec = ADD(&sample_file(s, CKPT_TYPE_TASK, tid)->w, CKPT_REC_TRACEE, 1);
	struct ckpt_siginfo *info;

	rec->tracer = cpu_to_le32(tracer);
	rec->flags = cpu_to_le32(CKPT_TRACEE_SEIZED | CKPT_TRACEE_STEP | CKPT_TRACEE_TF);
	rec->options = cpu_to_le32(CKPT_TRACEE_EXITKILL);
	rec->stop = cpu_to_le32(CKPT_TRACEE_SIGNAL);
	rec->debug_status = cpu_to_le64(0x4000);
	info = sample_elems(s, CKPT_TYPE_TASK, tid, CKPT_REC_TRACEE) ?: (void *)sample_nowhere;
	info->signo = cpu_to_le32(5);
	info->code = cpu_to_le32(2);
}

static void add_joint(struct sample *s, u32 tid, u32 io, u32 sysvsem)
{
	struct ckpt_joint *rec = ADD(&sample_file(s, CKPT_TYPE_TASK, tid)->w, CKPT_REC_JOINT, 0);

	rec->io = cpu_to_le32(io);
	rec->sysvsem = cpu_to_le32(sysvsem);
}

static void add_zombie(struct sample *s, u32 tid, u32 ppid)
{
	struct ckpt_task *task;

	task = ADD(sample_add(s, CKPT_TYPE_TASK, tid), CKPT_REC_TASK, 0);
	task->tid = cpu_to_le32(tid);
	task->tgid = cpu_to_le32(tid);
	task->ppid = cpu_to_le32(ppid);
	task->process = cpu_to_le64(tid);
	task->exit_signal = cpu_to_le32(17);
	task->state = cpu_to_le32(CKPT_TASK_ZOMBIE);
	task->exit_code = cpu_to_le32(0x300);
	task->creds = cpu_to_le64(1);
}

/* One that has expired, and one on the clock of its process. */
static void add_timers(struct sample *s, u32 tgid)
{
	struct ckpt_writer *w = &sample_file(s, CKPT_TYPE_PROCESS, tgid)->w;
	struct ckpt_usage *usage;
	struct ckpt_timer *timer;

	ADD(w, CKPT_REC_TIMERS, 2);
	timer = sample_elems(s, CKPT_TYPE_PROCESS, tgid, CKPT_REC_TIMERS) ?:
		(void *)sample_nowhere;
	timer[0].id = cpu_to_le32(3);
	timer[0].notify = cpu_to_le32(CKPT_NOTIFY_SIGNAL);
	timer[0].signo = cpu_to_le32(14);
	timer[0].flags = cpu_to_le32(CKPT_TIMER_RELATIVE | CKPT_TIMER_PENDING |
				     CKPT_TIMER_REARM);
	timer[0].expires = cpu_to_le64(-1000);
	timer[0].interval = cpu_to_le64(1000000);
	timer[1].clock = cpu_to_le32(-6);
	timer[1].clock_tid = cpu_to_le32(tgid);
	timer[1].notify = cpu_to_le32(CKPT_NOTIFY_NONE);
	timer[1].expires = cpu_to_le64(1000000);
	usage = ADD(w, CKPT_REC_USAGE, 0);
	usage->who = cpu_to_le32(CKPT_USAGE_ENDED);
	usage = ADD(w, CKPT_REC_USAGE, 0);
	usage->who = cpu_to_le32(CKPT_USAGE_CHILDREN);
}

static void add_process(struct sample *s, u32 tgid)
{
	struct ckpt_writer *w = sample_add(s, CKPT_TYPE_PROCESS, tgid);
	struct ckpt_process *process = ADD(w, CKPT_REC_PROCESS, CKPT_NRLIMITS);

	process->tgid = cpu_to_le32(tgid);
	process->pgid = cpu_to_le32(10);
	ADD(w, CKPT_REC_SHARED_SIGNALS, 0);
	add_timers(s, tgid);
}

static struct ckpt_writer *add_key(struct sample *s, u64 id, u32 kind, const char *type,
				   const char *description)
{
	size_t len = strlen(description) + 1;
	struct ckpt_writer *w = sample_add(s, CKPT_TYPE_KEY, id);
	struct ckpt_key *key = ADD(w, CKPT_REC_KEY, len);

	key->kind = cpu_to_le32(kind);
	key->serial = cpu_to_le32(S32_MAX - id);
	key->perm = cpu_to_le32(CKPT_KEY_PERM);
	memcpy(key->type, type, strlen(type));
	memcpy(key + 1, description, len);
	return w;
}

/* A session keyring that links to what is made again and what is not; one of the process. */
static void add_keys(struct sample *s)
{
	__le64 *id = ADD(add_key(s, 1, CKPT_KEY_KEYRING, "keyring", "_ses"), CKPT_REC_KEYS, 3);

	id[0] = cpu_to_le64(2);
	id[1] = cpu_to_le64(3);
	id[2] = cpu_to_le64(4);
	ADD(add_key(s, 2, CKPT_KEY_KEYRING, "keyring", "_pid"), CKPT_REC_KEYS, 0);
	memcpy(ADD(add_key(s, 3, CKPT_KEY_USER, "user", "mine"), CKPT_REC_PAYLOAD, 3), "\0\1\2",
	       3);
	add_key(s, 4, CKPT_KEY_EXISTING, "logon", "a:b");
	id = ADD(&sample_file(s, CKPT_TYPE_CREDS, 1)->w, CKPT_REC_KEYS, 3);
	id[0] = cpu_to_le64(1);
	id[1] = cpu_to_le64(2);
}

static void add_shared(struct sample *s)
{
	struct ckpt_dnotify *dnotify;
	struct ckpt_seccomp *filter;
	struct ckpt_writer *w;
	struct ckpt_fd *fd;

	ADD(sample_add(s, CKPT_TYPE_SIGHAND, 1), CKPT_REC_SIGHAND, CKPT_NSIG);
	ADD(sample_add(s, CKPT_TYPE_SIGHAND, 2), CKPT_REC_SIGHAND, CKPT_NSIG);
	w = sample_add(s, CKPT_TYPE_CREDS, 1);
	ADD(w, CKPT_REC_CREDS, 2);
	add_label(w, CKPT_LABEL_CURRENT, "web");
	add_keys(s);
	ADD(sample_add(s, CKPT_TYPE_SECCOMP, 1), CKPT_REC_SECCOMP, 1);
	filter = ADD(sample_add(s, CKPT_TYPE_SECCOMP, 2), CKPT_REC_SECCOMP, 1);
	filter->previous = cpu_to_le64(1);
	filter->flags = cpu_to_le32(CKPT_SECCOMP_KILLABLE);
	filter->listener = cpu_to_le32(130);
	w = sample_add(s, CKPT_TYPE_FS, 1);
	ADD(w, CKPT_REC_FS, 0);
	ckpt_add_path(w, CKPT_PATH_CWD, "/tmp");
	ckpt_add_path(w, CKPT_PATH_ROOT, "/");
	w = sample_add(s, CKPT_TYPE_FDTABLE, 1);
	ADD(w, CKPT_REC_FDTABLE, 3);
	fd = sample_elems(s, CKPT_TYPE_FDTABLE, 1, CKPT_REC_FDTABLE) ?: (void *)sample_nowhere;
	fd[0].file = cpu_to_le64(1);
	fd[1].fd = cpu_to_le32(3);
	fd[1].file = cpu_to_le64(2);
	fd[2].fd = cpu_to_le32(7);
	fd[2].file = cpu_to_le64(3);
	ADD(w, CKPT_REC_DNOTIFY, 1);
	dnotify = sample_elems(s, CKPT_TYPE_FDTABLE, 1, CKPT_REC_DNOTIFY) ?: (void *)sample_nowhere;
	dnotify->fd = cpu_to_le32(7);
	dnotify->events = cpu_to_le32(CKPT_DN_CREATE | CKPT_DN_MULTISHOT);
}

void sample_add_tasks(struct sample *s)
{
	add_task(s, 10, 10, 0, 1);
	add_task(s, 11, 10, 0, 1);
	add_task(s, 12, 12, 10, 2);
	add_sleeper(s, 11);
	add_tracee(s, 12, 11);
	add_labels(s, 11);
	add_joint(s, 12, 10, 11);
	add_zombie(s, 13, 12);
	add_process(s, 10);
	add_process(s, 12);
	add_process(s, 13);
	add_shared(s);
}
