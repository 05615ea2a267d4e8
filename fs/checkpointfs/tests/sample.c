// SPDX-License-Identifier: GPL-2.0-only
/*
 * A small valid image for tests: see sample.h.
 *
 * Files are few, so they are found by looking at all of them.
 */
#include "sample.h"

#define CODE	0x400000ULL
#define STACK	0x7fff00000000ULL
#define FRAME	(16 * CKPT_PAGE_SIZE)

/* ---- files ---------------------------------------------------------------- */

struct sample_file *sample_file(struct sample *s, u32 type, u64 id)
{
	unsigned int i;

	for (i = 0; i < s->nr; i++)
		if (s->files[i].type == type && s->files[i].id == id)
			return s->files + i;
	return NULL;
}

struct ckpt_writer *sample_add(struct sample *s, u32 type, u64 id)
{
	struct sample_file *file = s->files + s->nr++;

	*file = (struct sample_file){ .type = type, .id = id };
	return &file->w;
}

void sample_remove(struct sample *s, u32 type, u64 id)
{
	struct sample_file *file = sample_file(s, type, id);

	ckpt_writer_free(&file->w);
	*file = s->files[--s->nr];
}

static bool find_record(struct sample *s, u32 type, u64 id, u16 record,
			struct ckpt_view *view)
{
	struct sample_file *file = sample_file(s, type, id);

	return file && ckpt_find(file->w.buf, file->w.len, record, view);
}

void *sample_body(struct sample *s, u32 type, u64 id, u16 record)
{
	struct ckpt_view view;

	return find_record(s, type, id, record, &view) ? (void *)view.body : NULL;
}

void *sample_elems(struct sample *s, u32 type, u64 id, u16 record)
{
	struct ckpt_view view;

	return find_record(s, type, id, record, &view) ? (void *)view.elems : NULL;
}

void sample_free(struct sample *s)
{
	while (s->nr)
		ckpt_writer_free(&s->files[--s->nr].w);
}

/* ---- what is in them ------------------------------------------------------ */

/* A record's fixed part; where there is no memory, one that nobody reads. */
#define ADD(w, type, count) (ckpt_add(w, type, count) ?: nowhere)
static u64 nowhere[512];

static void add_top(struct sample *s)
{
	struct ckpt_header *header;
	struct ckpt_cpu *cpu;

	header = ADD(sample_add(s, 0, CKPT_TOP_HEADER), CKPT_REC_HEADER, 0);
	header->magic = cpu_to_le64(CKPT_HEADER_MAGIC);
	header->format = cpu_to_le32(CKPT_FORMAT_VERSION);
	header->arch = cpu_to_le32(CKPT_ARCH_X86_64);
	header->page_size = cpu_to_le32(CKPT_PAGE_SIZE);
	header->nr_tasks = cpu_to_le32(4);
	memset(header->id, 0x5a, sizeof(header->id));
	memcpy(header->name, "sample", 6);
	cpu = ADD(sample_add(s, 0, CKPT_TOP_CPU), CKPT_REC_CPU, CKPT_CPU_WORDS);
	memcpy(cpu->vendor, "GenuineIntel", 12);
}

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

/* One that sleeps, and has a signal waiting for it. */
static void add_sleeper(struct sample *s, u32 tid)
{
	struct ckpt_breakpoints *breakpoints;
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
	w = &sample_file(s, CKPT_TYPE_SIGNALS, tid)->w;
	w->len = 0;
	ADD(w, CKPT_REC_SIGNALS, 1);
	info = sample_elems(s, CKPT_TYPE_SIGNALS, tid, CKPT_REC_SIGNALS) ?:
		(void *)nowhere;
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
	info = sample_elems(s, CKPT_TYPE_TASK, tid, CKPT_REC_TRACEE) ?: (void *)nowhere;
	info->signo = cpu_to_le32(5);
	info->code = cpu_to_le32(2);
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
		(void *)nowhere;
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
	struct ckpt_seccomp *filter;
	struct ckpt_writer *w;
	struct ckpt_fd *fd;

	ADD(sample_add(s, CKPT_TYPE_SIGHAND, 1), CKPT_REC_SIGHAND, CKPT_NSIG);
	ADD(sample_add(s, CKPT_TYPE_SIGHAND, 2), CKPT_REC_SIGHAND, CKPT_NSIG);
	ADD(sample_add(s, CKPT_TYPE_CREDS, 1), CKPT_REC_CREDS, 2);
	add_keys(s);
	ADD(sample_add(s, CKPT_TYPE_SECCOMP, 1), CKPT_REC_SECCOMP, 1);
	filter = ADD(sample_add(s, CKPT_TYPE_SECCOMP, 2), CKPT_REC_SECCOMP, 1);
	filter->previous = cpu_to_le64(1);
	w = sample_add(s, CKPT_TYPE_FS, 1);
	ADD(w, CKPT_REC_FS, 0);
	ckpt_add_path(w, CKPT_PATH_CWD, "/tmp");
	ckpt_add_path(w, CKPT_PATH_ROOT, "/");
	w = sample_add(s, CKPT_TYPE_FDTABLE, 1);
	ADD(w, CKPT_REC_FDTABLE, 2);
	fd = sample_elems(s, CKPT_TYPE_FDTABLE, 1, CKPT_REC_FDTABLE) ?: (void *)nowhere;
	fd[0].file = cpu_to_le64(1);
	fd[1].fd = cpu_to_le32(3);
	fd[1].file = cpu_to_le64(2);
}

static void set_run(struct ckpt_run *run, u64 start, u32 pages, u32 kind)
{
	run->start = cpu_to_le64(start);
	run->pages = cpu_to_le32(pages);
	run->kind = cpu_to_le32(kind);
}

static void add_policy(struct ckpt_writer *w, u64 start, u64 end)
{
	struct ckpt_policy *rec = ADD(w, CKPT_REC_POLICY, 2);
	__le64 *nodes = (__le64 *)(rec + 1);

	rec->start = cpu_to_le64(start);
	rec->end = cpu_to_le64(end);
	rec->mode = cpu_to_le32(CKPT_POLICY_BIND);
	rec->flags = cpu_to_le32(CKPT_POLICY_STATIC);
	rec->home = cpu_to_le32(1);
	nodes[0] = cpu_to_le64(3);
	nodes[1] = cpu_to_le64(1);
}

static void add_open_file(struct ckpt_writer *w, u32 type, u32 flags)
{
	struct ckpt_file *file = ADD(w, CKPT_REC_FILE, 0);

	file->type = cpu_to_le32(type);
	file->flags = cpu_to_le32(flags);
}

static struct ckpt_writer *add_named_file(struct sample *s, u64 id, u32 type,
					  u32 flags, const char *path, u32 mode)
{
	struct ckpt_writer *w = sample_add(s, type, id);
	struct ckpt_inode *inode;

	add_open_file(w, type, flags);
	ckpt_add_path(w, CKPT_PATH_FILE, path);
	inode = ADD(w, CKPT_REC_INODE, 0);
	inode->mode = cpu_to_le32(mode);
	return w;
}

/* Two huge pages, as small as can be: of each a half has been written to. */
static void add_shmem(struct sample *s, u64 id)
{
	struct ckpt_writer *w = sample_add(s, CKPT_TYPE_SHMEM, id);
	struct ckpt_hugetlb *huge;
	struct ckpt_shmem *shmem;
	struct ckpt_run *run;

	add_open_file(w, CKPT_TYPE_SHMEM, CKPT_O_RDWR);
	shmem = ADD(w, CKPT_REC_SHMEM, 1);
	shmem->size = cpu_to_le64(4 * CKPT_PAGE_SIZE);
	shmem->pages = cpu_to_le64(2);
	run = sample_elems(s, CKPT_TYPE_SHMEM, id, CKPT_REC_SHMEM) ?: (void *)nowhere;
	set_run(run, CKPT_PAGE_SIZE, 2, CKPT_RUN_PAGES);
	huge = ADD(w, CKPT_REC_HUGETLB, 0);
	huge->shift = cpu_to_le32(13);
	sample_add(s, CKPT_TYPE_SHMEMDATA, id);
	sample_file(s, CKPT_TYPE_SHMEMDATA, id)->size = 2 * CKPT_PAGE_SIZE;
}

/* A file that no path leads to, with a record of its own. */
static void *add_unnamed(struct sample *s, u64 id, u32 type, u16 record)
{
	struct ckpt_writer *w = sample_add(s, type, id);

	add_open_file(w, type, CKPT_O_RDWR);
	return ADD(w, record, 0);
}

static struct ckpt_epoll *add_epoll(struct sample *s, u64 id, u64 watched)
{
	struct ckpt_writer *w = sample_add(s, CKPT_TYPE_EPOLL, id);
	struct ckpt_epoll_item *item;
	struct ckpt_epoll *epoll;

	add_open_file(w, CKPT_TYPE_EPOLL, CKPT_O_RDWR);
	epoll = ADD(w, CKPT_REC_EPOLL, 1);
	item = sample_elems(s, CKPT_TYPE_EPOLL, id, CKPT_REC_EPOLL) ?: (void *)nowhere;
	item->file = cpu_to_le64(watched);
	item->events = cpu_to_le32(1);
	return epoll;
}

static void add_namespace(struct sample *s)
{
	struct ckpt_writer *w = sample_add(s, CKPT_TYPE_NAMESPACE, 27);
	struct ckpt_namespace *namespace;

	add_open_file(w, CKPT_TYPE_NAMESPACE, CKPT_O_RDONLY);
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

	eventfd = add_unnamed(s, 20, CKPT_TYPE_EVENTFD, CKPT_REC_EVENTFD);
	eventfd->count = cpu_to_le64(7);
	signalfd = add_unnamed(s, 21, CKPT_TYPE_SIGNALFD, CKPT_REC_SIGNALFD);
	signalfd->mask = cpu_to_le64(0x30);
	timerfd = add_unnamed(s, 22, CKPT_TYPE_TIMERFD, CKPT_REC_TIMERFD);
	timerfd->clock = cpu_to_le32(1);
	timerfd->flags = cpu_to_le32(CKPT_TIMERFD_ARMED);
	timerfd->value = cpu_to_le64(1000);
	epoll = add_epoll(s, 23, 20);
	epoll->depth = cpu_to_le32(1);
	epoll = add_epoll(s, 24, 23);
	epoll->depth = cpu_to_le32(2);
	pidfd = add_unnamed(s, 25, CKPT_TYPE_PIDFD, CKPT_REC_PIDFD);
	pidfd->pid = cpu_to_le32(12);
	pidfd = add_unnamed(s, 26, CKPT_TYPE_PIDFD, CKPT_REC_PIDFD);
	pidfd->ended = cpu_to_le64(1);
	ADD(sample_add(s, CKPT_TYPE_ENDEDPID, 1), CKPT_REC_ENDEDPID, 0);
}

/* Twice open, with two pages that have been written to. */
static void add_memfd(struct sample *s)
{
	struct ckpt_writer *w = sample_add(s, CKPT_TYPE_MEMFD, 30);
	struct ckpt_memfd *memfd;
	struct ckpt_run *run;

	add_open_file(w, CKPT_TYPE_MEMFD, CKPT_O_RDWR);
	memfd = ADD(w, CKPT_REC_MEMFD, 1);
	memfd->size = cpu_to_le64(4 * CKPT_PAGE_SIZE);
	memfd->pages = cpu_to_le64(2);
	memfd->mode = cpu_to_le32(0100777);
	run = sample_elems(s, CKPT_TYPE_MEMFD, 30, CKPT_REC_MEMFD) ?: (void *)nowhere;
	set_run(run, CKPT_PAGE_SIZE, 2, CKPT_RUN_PAGES);
	memcpy(ADD(w, CKPT_REC_NAME, 5), "name", 5);
	add_policy(w, 0, CKPT_PAGE_SIZE);
	add_policy(w, CKPT_PAGE_SIZE, 8 * CKPT_PAGE_SIZE);
	sample_add(s, CKPT_TYPE_SHMEMDATA, 30);
	sample_file(s, CKPT_TYPE_SHMEMDATA, 30)->size = 2 * CKPT_PAGE_SIZE;
	memfd = add_unnamed(s, 31, CKPT_TYPE_MEMFD, CKPT_REC_MEMFD);
	memfd->holder = cpu_to_le64(30);
}

/* What is in front of the record of every System V object. */
static struct ckpt_writer *add_ipc(struct sample *s, u32 type, u32 number)
{
	struct ckpt_writer *w = sample_add(s, type, 1);
	struct ckpt_ipc *ipc = ADD(w, CKPT_REC_IPC, 0);

	ipc->id = cpu_to_le32(number);
	ipc->mode = cpu_to_le32(0640);
	return w;
}

/* One attachment of four pages, of which two have been written to. */
static void add_segment(struct sample *s)
{
	struct ckpt_writer *w = add_ipc(s, CKPT_TYPE_SEGMENT, 7);
	struct ckpt_segment *segment = ADD(w, CKPT_REC_SEGMENT, 1);
	struct ckpt_attach *attach;
	struct ckpt_run *run;

	segment->size = cpu_to_le64(4 * CKPT_PAGE_SIZE);
	segment->pages = cpu_to_le64(2);
	segment->maker = cpu_to_le32(10);
	segment->last_ended = cpu_to_le64(1);
	segment->flags = cpu_to_le32(CKPT_SEGMENT_REMOVED);
	run = sample_elems(s, CKPT_TYPE_SEGMENT, 1, CKPT_REC_SEGMENT) ?: (void *)nowhere;
	set_run(run, CKPT_PAGE_SIZE, 2, CKPT_RUN_PAGES);
	sample_add(s, CKPT_TYPE_SEGMENTDATA, 1);
	sample_file(s, CKPT_TYPE_SEGMENTDATA, 1)->size = 2 * CKPT_PAGE_SIZE;
	attach = add_unnamed(s, 71, CKPT_TYPE_ATTACH, CKPT_REC_ATTACH);
	attach->segment = cpu_to_le64(1);
}

/* Two semaphores with adjustments of the first task, and a queue of two messages. */
static void add_semaphores(struct sample *s)
{
	struct ckpt_writer *w = add_ipc(s, CKPT_TYPE_SEMAPHORES, 8);
	struct ckpt_semaphore *sem;
	struct ckpt_semundo *undo;
	struct ckpt_message *msg;
	struct ckpt_queue *queue;

	ADD(w, CKPT_REC_SEMAPHORES, 2);
	sem = sample_elems(s, CKPT_TYPE_SEMAPHORES, 1, CKPT_REC_SEMAPHORES) ?: (void *)nowhere;
	sem[0].ended = cpu_to_le64(1);
	sem[1].pid = cpu_to_le32(10);
	sem[1].value = cpu_to_le32(32767);
	undo = ADD(&sample_file(s, CKPT_TYPE_TASK, 10)->w, CKPT_REC_SEMUNDO, 2);
	undo->semaphores = cpu_to_le64(1);

	w = add_ipc(s, CKPT_TYPE_QUEUE, 9);
	queue = ADD(w, CKPT_REC_QUEUE, 0);
	queue->limit = cpu_to_le64(16384);
	queue->sender = cpu_to_le32(10);
	queue->receiver_ended = cpu_to_le64(1);
	msg = ADD(w, CKPT_REC_MESSAGE, 3);
	msg->type = cpu_to_le64(1);
	msg = ADD(w, CKPT_REC_MESSAGE, 0);
	msg->type = cpu_to_le64(S64_MAX);
}

/* One with two messages and a process that is told, open by mq_open() and by a path. */
static void add_mqueue(struct sample *s)
{
	struct ckpt_writer *w = sample_add(s, CKPT_TYPE_MQUEUE, 1);
	struct ckpt_mqueue *queue = ADD(w, CKPT_REC_MQUEUE, 0);
	struct ckpt_mqmessage *msg;
	struct ckpt_mqfile *file;

	queue->maxmsg = cpu_to_le32(2);
	queue->msgsize = cpu_to_le32(3);
	queue->mode = cpu_to_le32(0100600);
	queue->owner = cpu_to_le32(10);
	queue->notify = cpu_to_le32(CKPT_MQUEUE_SIGNAL);
	queue->signal = cpu_to_le32(10);
	memcpy(ADD(w, CKPT_REC_NAME, 5), "name", 5);
	msg = ADD(w, CKPT_REC_MQMESSAGE, 3);
	msg->priority = cpu_to_le32(32767);
	ADD(w, CKPT_REC_MQMESSAGE, 0);
	file = add_unnamed(s, 81, CKPT_TYPE_MQFILE, CKPT_REC_MQFILE);
	file->queue = cpu_to_le64(1);
	w = add_named_file(s, 82, CKPT_TYPE_MQFILE, 0, "/dev/mqueue/name", 0100600);
	file = ADD(w, CKPT_REC_MQFILE, 0);
	file->queue = cpu_to_le64(1);
}

/* One of a thread's, half read; a directory of a task; and one of none. */
static void add_procfile(struct sample *s)
{
	struct ckpt_writer *w = add_named_file(s, 83, CKPT_TYPE_PROCFILE, 0, "/proc", 0100444);
	struct ckpt_procfile *file = ADD(w, CKPT_REC_PROCFILE, 5);
	struct ckpt_seqfile *seq;

	file->creds = cpu_to_le64(1);
	file->pid = cpu_to_le32(10);
	file->tid = cpu_to_le32(11);
	memcpy(ckpt_elems(file), "stat", 5);
	seq = ADD(w, CKPT_REC_SEQFILE, 3);
	seq->index = cpu_to_le64(1);
	seq->read_pos = cpu_to_le64(7);
	w = add_named_file(s, 84, CKPT_TYPE_PROCFILE, CKPT_O_DIRECTORY, "/proc", 0040555);
	file = ADD(w, CKPT_REC_PROCFILE, 1);
	file->creds = cpu_to_le64(1);
	file->pid = cpu_to_le32(12);
	w = add_named_file(s, 85, CKPT_TYPE_PROCFILE, 0, "/proc/meminfo", 0100444);
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
	add_open_file(w, CKPT_TYPE_DELDIR, CKPT_O_DIRECTORY);
	rec = ADD(w, CKPT_REC_NAMELESS, 0);
	rec->unnamed = cpu_to_le64(1);
}

static void add_kernfile(struct sample *s)
{
	struct ckpt_writer *w = add_named_file(s, 86, CKPT_TYPE_KERNFILE, CKPT_O_RDWR,
					       "/sys/fs/cgroup/cgroup.procs", 0100644);
	struct ckpt_kernfile *file = ADD(w, CKPT_REC_KERNFILE, 0);
	struct ckpt_seqfile *seq = ADD(w, CKPT_REC_SEQFILE, 0);

	file->creds = cpu_to_le64(1);
	seq->index = cpu_to_le64(1);
}

static void add_socket(struct sample *s, u64 file, u64 id, u64 peer)
{
	struct ckpt_unixsock *sock;
	struct ckpt_socket *rec;

	if (file) {
		rec = add_unnamed(s, file, CKPT_TYPE_SOCKET, CKPT_REC_SOCKET);
		rec->socket = cpu_to_le64(id);
		rec->mode = cpu_to_le32(0140777);
	}
	sock = ADD(sample_add(s, CKPT_TYPE_UNIXSOCK, id), CKPT_REC_UNIXSOCK, 0);
	sock->file = cpu_to_le64(file);
	sock->peer = cpu_to_le64(peer);
	sock->creds = cpu_to_le64(1);
	sock->pid = cpu_to_le32(10);
	sock->type = cpu_to_le32(CKPT_UNIX_STREAM);
	sock->flags = cpu_to_le32(CKPT_UNIX_ESTABLISHED);
}

static void add_queue(struct sample *s, u64 id, u32 messages, u32 files)
{
	struct ckpt_writer *w = &sample_file(s, CKPT_TYPE_UNIXSOCK, id)->w;
	struct ckpt_sockopt *opt;

	ADD(w, CKPT_REC_UNIX_MESSAGES, messages);
	ADD(w, CKPT_REC_UNIX_FILES, files);
	ADD(w, CKPT_REC_SOCKOPTS, 2);
	opt = sample_elems(s, CKPT_TYPE_UNIXSOCK, id, CKPT_REC_SOCKOPTS) ?: (void *)nowhere;
	opt[0].option = cpu_to_le32(CKPT_SO_PASSCRED);
	opt[1].option = cpu_to_le32(CKPT_SO_SNDBUF);
	ADD(w, CKPT_REC_SOCKFILTER, 1);
}

/* A pair, of which the first end has got two messages, one with itself in it. */
static void add_sockets(struct sample *s)
{
	struct ckpt_unix_message *message;
	struct ckpt_unixsock *sock;
	__le64 *file;

	add_socket(s, 32, 1, 2);
	add_queue(s, 1, 2, 1);
	add_socket(s, 33, 2, 1);
	add_queue(s, 2, 0, 0);
	sock = sample_body(s, CKPT_TYPE_UNIXSOCK, 1, CKPT_REC_UNIXSOCK) ?: (void *)nowhere;
	sock->bytes = cpu_to_le64(8);
	message = sample_elems(s, CKPT_TYPE_UNIXSOCK, 1, CKPT_REC_UNIX_MESSAGES) ?:
		  (void *)nowhere;
	message[0].sender = cpu_to_le64(2);
	message[0].len = cpu_to_le32(5);
	message[1] = message[0];
	message[1].len = cpu_to_le32(3);
	message[1].files = cpu_to_le32(1);
	message[1].flags = cpu_to_le32(CKPT_UNIX_MESSAGE_CREDS);
	message[1].ended = cpu_to_le64(1);
	file = sample_elems(s, CKPT_TYPE_UNIXSOCK, 1, CKPT_REC_UNIX_FILES) ?: (void *)nowhere;
	*file = cpu_to_le64(32);
	sample_add(s, CKPT_TYPE_UNIXDATA, 1);
	sample_file(s, CKPT_TYPE_UNIXDATA, 1)->size = 8;
}

static void add_name(struct sample *s, u64 id, u32 kind, const char *name, u32 len)
{
	struct ckpt_writer *w = &sample_file(s, CKPT_TYPE_UNIXSOCK, id)->w;
	struct ckpt_unix_name *rec = ADD(w, CKPT_REC_UNIX_NAME, len);
	void *bytes = sample_elems(s, CKPT_TYPE_UNIXSOCK, id, CKPT_REC_UNIX_NAME);

	rec->kind = cpu_to_le32(kind);
	if (bytes)
		memcpy(bytes, name, len);
	if (kind == CKPT_UNIX_NAME_FILE) {
		rec->mode = cpu_to_le32(0140640);
		ckpt_add_path(w, CKPT_PATH_FILE, "/run/socket");
	}
}

/* A listener in whose queue the other end of a connection is, named too. */
static void add_listener(struct sample *s)
{
	struct ckpt_unix_waiting *waiting;
	struct ckpt_unix_sender *sender;
	struct ckpt_unixsock *sock;
	__le64 *id;

	add_socket(s, 34, 3, 0);
	add_queue(s, 3, 0, 0);
	sock = sample_body(s, CKPT_TYPE_UNIXSOCK, 3, CKPT_REC_UNIXSOCK) ?: (void *)nowhere;
	sock->flags = cpu_to_le32(CKPT_UNIX_LISTENING);
	add_name(s, 3, CKPT_UNIX_NAME_FILE, "socket", 7);
	ADD(&sample_file(s, CKPT_TYPE_UNIXSOCK, 3)->w, CKPT_REC_UNIX_PENDING, 1);
	id = sample_elems(s, CKPT_TYPE_UNIXSOCK, 3, CKPT_REC_UNIX_PENDING) ?: (void *)nowhere;
	*id = cpu_to_le64(5);
	add_socket(s, 35, 4, 5);
	add_queue(s, 4, 0, 0);
	add_name(s, 4, CKPT_UNIX_NAME_ABSTRACT, "\0client", 7);
	ADD(&sample_file(s, CKPT_TYPE_UNIXSOCK, 4)->w, CKPT_REC_UNIX_SENDERS, 1);
	sender = sample_elems(s, CKPT_TYPE_UNIXSOCK, 4, CKPT_REC_UNIX_SENDERS) ?:
		 (void *)nowhere;
	sender->len = cpu_to_le32(2);
	sender->name[0] = 'x';
	add_socket(s, 0, 5, 4);
	add_queue(s, 5, 0, 0);
	waiting = ADD(&sample_file(s, CKPT_TYPE_UNIXSOCK, 5)->w, CKPT_REC_UNIX_WAITING, 0);
	waiting->listener = cpu_to_le64(3);
}

/* One of IPv6, in a group, to which a datagram of each family has come. */
static void add_udp(struct sample *s)
{
	struct ckpt_inet *rec = add_unnamed(s, 63, CKPT_TYPE_UDP, CKPT_REC_INET);
	struct ckpt_writer *w = &sample_file(s, CKPT_TYPE_UDP, 63)->w;
	struct ckpt_inet_device *device;
	struct ckpt_inet_source *source;
	struct ckpt_datagram *datagram;
	struct ckpt_udpcork *cork;
	struct ckpt_sockopt *opt;

	rec->family = cpu_to_le32(CKPT_INET_IPV6);
	rec->flags = cpu_to_le32(CKPT_INET_PORT | CKPT_INET_ADDR_LOCK);
	rec->mode = cpu_to_le32(0140777);
	rec->local[15] = 1;
	rec->local_port = cpu_to_le16(7);
	ADD(w, CKPT_REC_INET_DEVICES, 2);
	device = sample_elems(s, CKPT_TYPE_UDP, 63, CKPT_REC_INET_DEVICES) ?: (void *)nowhere;
	device[0].use = cpu_to_le32(CKPT_INET_MULTICAST6);
	memcpy(device[0].name, "lo", 2);
	device[1].use = cpu_to_le32(CKPT_INET_MEMBER6);
	device[1].group[0] = 0xff;
	memcpy(device[1].name, "lo", 2);
	ADD(w, CKPT_REC_INET_SOURCES, 2);
	source = sample_elems(s, CKPT_TYPE_UDP, 63, CKPT_REC_INET_SOURCES) ?: (void *)nowhere;
	source[0].member = cpu_to_le32(1);
	source[0].mode = cpu_to_le32(CKPT_SOURCE_EXCLUDE);
	source[1] = source[0];
	source[1].addr[15] = 1;
	ADD(w, CKPT_REC_IPOPTS, 0);
	ADD(w, CKPT_REC_IP6OPTS, 1);
	opt = sample_elems(s, CKPT_TYPE_UDP, 63, CKPT_REC_IP6OPTS) ?: (void *)nowhere;
	opt->option = cpu_to_le32(CKPT_IP6_RECVPKTINFO);
	ADD(w, CKPT_REC_UDPOPTS, 0);
	ADD(w, CKPT_REC_SOCKOPTS, 0);
	ADD(w, CKPT_REC_DATAGRAMS, 2);
	datagram = sample_elems(s, CKPT_TYPE_UDP, 63, CKPT_REC_DATAGRAMS) ?: (void *)nowhere;
	datagram[0].family = cpu_to_le32(CKPT_INET_IPV4);
	datagram[0].len = cpu_to_le32(5);
	datagram[1].family = cpu_to_le32(CKPT_INET_IPV6);
	datagram[1].from[15] = 1;
	cork = ADD(w, CKPT_REC_UDPCORK, 0);
	cork->family = cpu_to_le32(CKPT_INET_IPV4);
	cork->len = cpu_to_le32(2);
	cork->to_port = cpu_to_le16(9);
	sample_add(s, CKPT_TYPE_UDPDATA, 63);
	sample_file(s, CKPT_TYPE_UDPDATA, 63)->size = 7;
}

static void add_rawsock(struct sample *s, u64 id, u32 kind, u32 family, u32 protocol, u32 len)
{
	struct ckpt_inet *rec = add_unnamed(s, id, CKPT_TYPE_RAW, CKPT_REC_INET);
	struct ckpt_writer *w = &sample_file(s, CKPT_TYPE_RAW, id)->w;
	struct ckpt_datagram *datagram;
	struct ckpt_raw *raw;

	rec->family = cpu_to_le32(family);
	rec->flags = cpu_to_le32(CKPT_INET_PORT);
	rec->mode = cpu_to_le32(0140777);
	rec->local_port = cpu_to_le16(protocol);
	ADD(w, CKPT_REC_INET_DEVICES, 0);
	ADD(w, CKPT_REC_IPOPTS, 0);
	if (family == CKPT_INET_IPV6)
		ADD(w, CKPT_REC_IP6OPTS, 0);
	ADD(w, CKPT_REC_SOCKOPTS, 0);
	ADD(w, CKPT_REC_DATAGRAMS, 1);
	datagram = sample_elems(s, CKPT_TYPE_RAW, id, CKPT_REC_DATAGRAMS) ?: (void *)nowhere;
	datagram->family = cpu_to_le32(family);
	datagram->len = cpu_to_le32(len);
	raw = ADD(w, CKPT_REC_RAW, 0);
	raw->kind = cpu_to_le32(kind);
	raw->protocol = cpu_to_le32(protocol);
	sample_add(s, CKPT_TYPE_UDPDATA, id);
	sample_file(s, CKPT_TYPE_UDPDATA, id)->size = len;
}

/* Of IPv4 and IPv6, with filters, and one that pings. */
static void add_raw(struct sample *s)
{
	struct ckpt_raw *raw;

	add_rawsock(s, 92, CKPT_RAW_RAW, CKPT_INET_IPV4, 1, 24);
	raw = sample_body(s, CKPT_TYPE_RAW, 92, CKPT_REC_RAW) ?: (void *)nowhere;
	raw->filter[3] = 0x80;
	add_rawsock(s, 93, CKPT_RAW_RAW, CKPT_INET_IPV6, 58, 3);
	raw = sample_body(s, CKPT_TYPE_RAW, 93, CKPT_REC_RAW) ?: (void *)nowhere;
	raw->flags = cpu_to_le32(CKPT_RAW_CHECKSUM);
	raw->checksum = cpu_to_le32(2);
	raw->filter[31] = 0x80;
	add_rawsock(s, 94, CKPT_RAW_PING, CKPT_INET_IPV6, 58, 8);
}

/* One that receives in blocks, with a packet in the second of two, and one that sends. */
static void add_rings(struct sample *s)
{
	struct ckpt_writer *w = &sample_file(s, CKPT_TYPE_PACKET, 95)->w;
	struct ckpt_packet_ring *ring = ADD(w, CKPT_REC_PACKETRING, 0);

	ring->kind = cpu_to_le32(CKPT_PACKET_RING_RX);
	ring->block_size = cpu_to_le32(CKPT_PAGE_SIZE);
	ring->blocks = cpu_to_le32(2);
	ring->frame_size = cpu_to_le32(2048);
	ring->head = cpu_to_le32(1);
	ring->flags = cpu_to_le32(CKPT_PACKET_RING_HASH);
	ring->room = cpu_to_le32(15);
	ring->timeout = cpu_to_le32(10);
	ring->last = cpu_to_le32(64);
	ring->next = cpu_to_le32(264);
	ring->sequence = cpu_to_le64(3);
	ring = ADD(w, CKPT_REC_PACKETRING, 0);
	ring->kind = cpu_to_le32(CKPT_PACKET_RING_TX);
	ring->block_size = cpu_to_le32(CKPT_PAGE_SIZE);
	ring->blocks = cpu_to_le32(1);
	ring->frame_size = cpu_to_le32(1024);
	ring->head = cpu_to_le32(3);
	sample_add(s, CKPT_TYPE_PACKETRING, 95);
	sample_file(s, CKPT_TYPE_PACKETRING, 95)->size = 3 * CKPT_PAGE_SIZE;
}

/* With others, to whom it gives what it has no room for. */
static void add_fanout(struct sample *s)
{
	struct ckpt_writer *w = &sample_file(s, CKPT_TYPE_PACKET, 95)->w;
	struct ckpt_packet_group *group = ADD(w, CKPT_REC_PACKETGROUP, 0);

	group->group = cpu_to_le32(7);
	group->share = cpu_to_le32(CKPT_PACKET_SHARE_TURN);
	group->flags = cpu_to_le32(CKPT_PACKET_GROUP_ROLLOVER);
	group->most = cpu_to_le32(4);
	group->place = cpu_to_le32(1);
	group->turn = cpu_to_le32(9);
	group->other = cpu_to_le32(2);
	group->moved = cpu_to_le64(3);
}

/*
 * One that has a device promiscuous, to which a packet has come without its sum; with rings,
 * and in a group.
 */
static void add_packet(struct sample *s)
{
	struct ckpt_writer *w = sample_add(s, CKPT_TYPE_PACKET, 95);
	struct ckpt_packet_message *message;
	struct ckpt_packet_member *member;
	struct ckpt_packet *rec;
	struct ckpt_sockopt *opt;

	add_open_file(w, CKPT_TYPE_PACKET, CKPT_O_RDWR);
	rec = ADD(w, CKPT_REC_PACKET, 1);
	rec->type = cpu_to_le32(CKPT_PACKET_RAW);
	rec->protocol = cpu_to_le32(3);
	rec->mode = cpu_to_le32(0140777);
	memcpy(rec->device, "lo", 2);
	member = sample_elems(s, CKPT_TYPE_PACKET, 95, CKPT_REC_PACKET) ?: (void *)nowhere;
	member->kind = cpu_to_le32(CKPT_PACKET_PROMISC);
	member->count = cpu_to_le32(2);
	memcpy(member->device, "lo", 2);
	ADD(w, CKPT_REC_PACKETOPTS, 2);
	opt = sample_elems(s, CKPT_TYPE_PACKET, 95, CKPT_REC_PACKETOPTS) ?: (void *)nowhere;
	opt[0].option = cpu_to_le32(CKPT_PACKET_AUXDATA);
	opt[1].option = cpu_to_le32(CKPT_PACKET_VERSION);
	opt[1].value = cpu_to_le64(2);
	ADD(w, CKPT_REC_SOCKOPTS, 0);
	ADD(w, CKPT_REC_PACKETS, 1);
	message = sample_elems(s, CKPT_TYPE_PACKET, 95, CKPT_REC_PACKETS) ?: (void *)nowhere;
	message->len = cpu_to_le32(40);
	message->network = cpu_to_le16(14);
	message->halen = 6;
	message->addr[5] = 1;
	message->sum = CKPT_PACKET_SUM_MISSING;
	message->sum_start = cpu_to_le16(34);
	message->sum_place = cpu_to_le16(6);
	message->tagged = 1;
	message->tag = cpu_to_le16(5);
	message->tag_protocol = cpu_to_le16(0x8100);
	memcpy(message->device, "lo", 2);
	sample_add(s, CKPT_TYPE_UDPDATA, 95);
	sample_file(s, CKPT_TYPE_UDPDATA, 95)->size = 40;
	add_rings(s);
	add_fanout(s);
}

static struct ckpt_tun *add_tun(struct sample *s, u64 id, u32 packets)
{
	struct ckpt_writer *w = add_named_file(s, id, CKPT_TYPE_TUN, CKPT_O_RDWR, "/dev/net/tun",
					       0020666);
	struct ckpt_device *device = ADD(w, CKPT_REC_DEVICE, 0);
	struct ckpt_tun *rec;

	device->major = cpu_to_le32(10);
	device->minor = cpu_to_le32(200);
	rec = ADD(w, CKPT_REC_TUN, packets);
	rec->first = cpu_to_le64(96);
	rec->sndbuf = cpu_to_le32(1000);
	rec->last = cpu_to_le32(60);
	return rec;
}

/* Of two queues, the second of which takes no part, with an address of either sort. */
static void add_tap(struct sample *s)
{
	struct ckpt_tun_device *device;
	struct ckpt_tun_packet *packet;
	struct ckpt_tun_addr *addr;
	struct ckpt_tun *rec;

	add_tun(s, 96, 1);
	packet = sample_elems(s, CKPT_TYPE_TUN, 96, CKPT_REC_TUN) ?: (void *)nowhere;
	packet->len = cpu_to_le32(100);
	packet->protocol = cpu_to_le16(0x86dd);
	packet->sum = CKPT_PACKET_SUM_MISSING;
	packet->sum_start = cpu_to_le16(54);
	packet->sum_place = cpu_to_le16(16);
	packet->tagged = 1;
	packet->tag_protocol = cpu_to_le16(0x8100);
	packet->segments = CKPT_TUN_TCP6;
	packet->segment = cpu_to_le16(10);
	packet->headers = cpu_to_le32(74);
	sample_add(s, CKPT_TYPE_UDPDATA, 96);
	sample_file(s, CKPT_TYPE_UDPDATA, 96)->size = 100;
	device = ADD(&sample_file(s, CKPT_TYPE_TUN, 96)->w, CKPT_REC_TUN_DEVICE, 2);
	device->kind = cpu_to_le32(CKPT_TUN_ETHERNET);
	device->flags = cpu_to_le32(CKPT_TUN_MULTI_QUEUE | CKPT_TUN_VNET_HDR | CKPT_TUN_ASKED);
	device->header = cpu_to_le32(12);
	device->offload = cpu_to_le32(CKPT_TUN_CSUM | CKPT_TUN_TSO6);
	device->queues = cpu_to_le32(2);
	device->index = cpu_to_le32(7);
	device->type = cpu_to_le32(1);
	device->mtu = cpu_to_le32(1500);
	device->queue_len = cpu_to_le32(500);
	device->link = cpu_to_le32(CKPT_LINK_UP);
	device->addresses = cpu_to_le32(CKPT_LINK_EUI64);
	device->exact = cpu_to_le32(1);
	device->hwaddr[0] = 2;
	device->filter[0] = 2;
	memcpy(device->name, "tap0", 4);
	addr = sample_elems(s, CKPT_TYPE_TUN, 96, CKPT_REC_TUN_DEVICE) ?: (void *)nowhere;
	addr->family = cpu_to_le32(CKPT_INET_IPV4);
	addr->prefix = cpu_to_le32(24);
	addr->valid = cpu_to_le32(60);
	addr->addr[0] = 10;
	addr->peer[0] = 10;
	memcpy(addr->label, "tap0", 4);
	addr++;
	addr->family = cpu_to_le32(CKPT_INET_IPV6);
	addr->prefix = cpu_to_le32(64);
	addr->valid = cpu_to_le32(U32_MAX);
	addr->preferred = cpu_to_le32(U32_MAX);
	addr->addr[0] = 0xfe;
	addr->addr[1] = 0x80;
	rec = add_tun(s, 97, 0);
	rec->flags = cpu_to_le32(CKPT_TUN_DETACHED);
	rec->place = cpu_to_le32(1);
}

static struct ckpt_bpfmap *add_bpfmap(struct sample *s, u64 id, u32 kind, u64 bytes)
{
	struct ckpt_bpfmap *rec = add_unnamed(s, id, CKPT_TYPE_BPFMAP, CKPT_REC_BPFMAP);

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

/* In two groups, connected, with a message of the kernel and one of a program. */
static void add_netlink(struct sample *s)
{
	struct ckpt_netlink *rec = add_unnamed(s, 90, CKPT_TYPE_NETLINK, CKPT_REC_NETLINK);
	struct ckpt_writer *w = &sample_file(s, CKPT_TYPE_NETLINK, 90)->w;
	struct ckpt_netlink_message *message;
	__le32 *group;

	rec->creds = cpu_to_le64(1);
	rec->protocol = cpu_to_le32(CKPT_NETLINK_ROUTE);
	rec->type = cpu_to_le32(CKPT_NETLINK_RAW);
	rec->flags = cpu_to_le32(CKPT_NETLINK_CONNECTED | CKPT_NETLINK_EXT_ACK);
	rec->mode = cpu_to_le32(0140777);
	rec->portid = cpu_to_le32(10);
	rec->dst_group = cpu_to_le32(32);
	ADD(w, CKPT_REC_NETLINK_GROUPS, 2);
	group = sample_elems(s, CKPT_TYPE_NETLINK, 90, CKPT_REC_NETLINK_GROUPS) ?:
		(void *)nowhere;
	group[0] = cpu_to_le32(1);
	group[1] = cpu_to_le32(33);
	ADD(w, CKPT_REC_SOCKOPTS, 0);
	ADD(w, CKPT_REC_NETLINK_MESSAGES, 2);
	message = sample_elems(s, CKPT_TYPE_NETLINK, 90, CKPT_REC_NETLINK_MESSAGES) ?:
		  (void *)nowhere;
	message[0].len = cpu_to_le32(5);
	message[1].len = cpu_to_le32(3);
	message[1].flags = cpu_to_le32(CKPT_NETLINK_MESSAGE_CREDS | CKPT_NETLINK_MESSAGE_NSID);
	message[1].portid = cpu_to_le32(1000);
	message[1].pid = cpu_to_le32(1000);
	message[1].nsid = cpu_to_le32(2);
	sample_add(s, CKPT_TYPE_NETLINKDATA, 90);
	sample_file(s, CKPT_TYPE_NETLINKDATA, 90)->size = 8;
}

/* It listens. */
static void add_tcp(struct sample *s)
{
	struct ckpt_inet *rec = add_unnamed(s, 64, CKPT_TYPE_TCP, CKPT_REC_INET);
	struct ckpt_writer *w = &sample_file(s, CKPT_TYPE_TCP, 64)->w;
	struct ckpt_tcp *tcp;

	rec->family = cpu_to_le32(CKPT_INET_IPV4);
	rec->flags = cpu_to_le32(CKPT_INET_PORT | CKPT_INET_PORT_LOCK);
	rec->mode = cpu_to_le32(0140777);
	rec->local_port = cpu_to_le16(7);
	ADD(w, CKPT_REC_INET_DEVICES, 0);
	ADD(w, CKPT_REC_IPOPTS, 0);
	ADD(w, CKPT_REC_TCPOPTS, 0);
	ADD(w, CKPT_REC_SOCKOPTS, 0);
	tcp = ADD(w, CKPT_REC_TCP, 0);
	tcp->state = cpu_to_le32(CKPT_TCP_LISTENING);
	tcp->call = cpu_to_le32(CKPT_TCP_UNCONNECTED);
	memcpy(tcp->congestion, "cubic", 5);
	ADD(w, CKPT_REC_TCPKEY, 2);
	ADD(w, CKPT_REC_REUSEPORT, 1);
}

/* It has been connected; four bytes have not been read, nor has the end. */
static void add_ended(struct sample *s)
{
	struct ckpt_inet *rec = add_unnamed(s, 199, CKPT_TYPE_TCP, CKPT_REC_INET);
	struct ckpt_writer *w = &sample_file(s, CKPT_TYPE_TCP, 199)->w;
	struct ckpt_tcpunread *unread;
	struct ckpt_tcp *tcp;

	rec->family = cpu_to_le32(CKPT_INET_IPV4);
	rec->mode = cpu_to_le32(0140777);
	ADD(w, CKPT_REC_INET_DEVICES, 0);
	ADD(w, CKPT_REC_IPOPTS, 0);
	ADD(w, CKPT_REC_TCPOPTS, 0);
	ADD(w, CKPT_REC_SOCKOPTS, 0);
	tcp = ADD(w, CKPT_REC_TCP, 0);
	tcp->state = cpu_to_le32(CKPT_TCP_CLOSED);
	tcp->call = cpu_to_le32(CKPT_TCP_CONNECTED);
	tcp->flags = cpu_to_le32(CKPT_TCP_DONE);
	memcpy(tcp->congestion, "cubic", 5);
	unread = ADD(w, CKPT_REC_TCPUNREAD, 0);
	unread->len = cpu_to_le32(4);
	unread->flags = cpu_to_le32(CKPT_TCPUNREAD_END);
	sample_add(s, CKPT_TYPE_TCPDATA, 199);
	sample_file(s, CKPT_TYPE_TCPDATA, 199)->size = 4;
}

/* What every end of a connection has. */
static struct ckpt_tcpconn *fill_conn(struct ckpt_writer *w, struct ckpt_inet *rec, u16 port,
				      u16 peer_port)
{
	struct ckpt_tcpconn *conn;
	struct ckpt_tcp *tcp;

	rec->family = cpu_to_le32(CKPT_INET_IPV4);
	rec->flags = cpu_to_le32(CKPT_INET_PORT | CKPT_INET_CONNECTED);
	rec->mode = cpu_to_le32(0140777);
	rec->local_port = cpu_to_le16(port);
	rec->peer_port = cpu_to_le16(peer_port);
	ADD(w, CKPT_REC_INET_DEVICES, 0);
	ADD(w, CKPT_REC_IPOPTS, 0);
	ADD(w, CKPT_REC_TCPOPTS, 0);
	ADD(w, CKPT_REC_SOCKOPTS, 0);
	tcp = ADD(w, CKPT_REC_TCP, 0);
	tcp->state = cpu_to_le32(CKPT_TCP_OPEN);
	tcp->call = cpu_to_le32(CKPT_TCP_CONNECTED);
	memcpy(tcp->congestion, "cubic", 5);
	conn = ADD(w, CKPT_REC_TCPCONN, 0);
	conn->mss = cpu_to_le16(1000);
	return conn;
}

/* One end of a connection, which has 3 bytes from the other, that knows of no answer. */
static void add_conn(struct sample *s, u64 id, u64 peer, u32 unread, u32 queued)
{
	struct ckpt_inet *rec = add_unnamed(s, id, CKPT_TYPE_TCPCONN, CKPT_REC_INET);
	struct ckpt_writer *w = &sample_file(s, CKPT_TYPE_TCPCONN, id)->w;
	struct ckpt_tcpconn *conn = fill_conn(w, rec, id, peer);
	struct ckpt_tcpurgent *urgent;

	conn->peer = cpu_to_le64(peer);
	conn->unread = cpu_to_le32(unread);
	conn->queued = cpu_to_le32(queued);
	urgent = ADD(w, CKPT_REC_TCPURGENT, 0);
	urgent->queued = cpu_to_le32(queued);
	urgent->state = cpu_to_le32(unread ? CKPT_URGENT_UNREAD : CKPT_URGENT_NONE);
	sample_add(s, CKPT_TYPE_TCPDATA, id);
	sample_file(s, CKPT_TYPE_TCPDATA, id)->size = unread + queued;
}

/* It waits for the socket that listens; the other end has been closed. */
static void add_waiting(struct sample *s, u64 id)
{
	struct ckpt_writer *w = sample_add(s, CKPT_TYPE_TCPWAITING, id);
	struct ckpt_tcpwaiting *waiting = ADD(w, CKPT_REC_TCPWAITING, 0);
	struct ckpt_tcpconn *conn;

	waiting->listener = cpu_to_le64(64);
	conn = fill_conn(w, ADD(w, CKPT_REC_INET, 0), 7, 9);
	conn->flags = cpu_to_le32(CKPT_TCPCONN_RCV_END);
	sample_add(s, CKPT_TYPE_TCPDATA, id);
}

/* Two pages of four, of a file without a name, which is twice open. */
static void add_deleted(struct sample *s)
{
	struct ckpt_writer *w = sample_add(s, CKPT_TYPE_DELETED, 60);
	struct ckpt_deleted *deleted;
	struct ckpt_run *run;

	add_open_file(w, CKPT_TYPE_DELETED, CKPT_O_RDWR | CKPT_O_TMPFILE | CKPT_O_DIRECTORY);
	deleted = ADD(w, CKPT_REC_DELETED, 1);
	deleted->size = cpu_to_le64(4 * CKPT_PAGE_SIZE);
	deleted->pages = cpu_to_le64(2);
	deleted->mode = cpu_to_le32(0100600);
	deleted->flags = cpu_to_le32(CKPT_DELETED_LINKABLE);
	run = sample_elems(s, CKPT_TYPE_DELETED, 60, CKPT_REC_DELETED) ?: (void *)nowhere;
	set_run(run, CKPT_PAGE_SIZE, 2, CKPT_RUN_PAGES);
	ckpt_add_path(w, CKPT_PATH_FILE, "/tmp");
	sample_add(s, CKPT_TYPE_SHMEMDATA, 60);
	sample_file(s, CKPT_TYPE_SHMEMDATA, 60)->size = 2 * CKPT_PAGE_SIZE;
	deleted = add_unnamed(s, 61, CKPT_TYPE_DELETED, CKPT_REC_DELETED);
	deleted->holder = cpu_to_le64(60);
}

static void add_inotify(struct sample *s)
{
	struct ckpt_writer *w = sample_add(s, CKPT_TYPE_INOTIFY, 62);
	struct ckpt_inotify_event *event;
	struct ckpt_watches *watches;
	struct ckpt_watch *watch;

	add_open_file(w, CKPT_TYPE_INOTIFY, CKPT_O_NONBLOCK);
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

	add_open_file(w, CKPT_TYPE_FANOTIFY, CKPT_O_RDWR);
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

static struct ckpt_tty *add_tty(struct sample *s, struct ckpt_writer *w, u64 pty, u32 side)
{
	struct ckpt_tty *tty = ADD(w, CKPT_REC_TTY, 0);

	tty->pty = cpu_to_le64(pty);
	tty->side = cpu_to_le32(side);
	return tty;
}

static struct ckpt_tty_end *add_end(struct ckpt_writer *w, u32 side, const char *bytes, u32 size)
{
	struct ckpt_tty_end *end = ADD(w, CKPT_REC_TTY_END, size);

	end->side = cpu_to_le32(side);
	memcpy(end + 1, bytes, size);
	return end;
}

static struct ckpt_pty *add_pty(struct sample *s, u64 id, u32 flags)
{
	struct ckpt_writer *w = sample_add(s, CKPT_TYPE_PTY, id);
	struct ckpt_pty *pty = ADD(w, CKPT_REC_PTY, 0);
	struct ckpt_tty_end *end;

	pty->index = cpu_to_le32(id);
	pty->flags = cpu_to_le32(flags);
	pty->mode = cpu_to_le32(0020620);
	ckpt_add_path(w, CKPT_PATH_FILE, "/dev/ptmx");
	end = add_end(w, CKPT_TTY_PTMX, "ok\0", 3);
	end->flags = cpu_to_le32(CKPT_TTY_END_STALE);
	end->read = cpu_to_le32(2);
	/* A line and a half; an echo of which the first byte can be written; two bytes. */
	end = add_end(w, CKPT_TTY_PTS, "ab\ncd\4x\377\202\1yz", 12);
	end->read = cpu_to_le32(5);
	end->lines = cpu_to_le32(3);
	end->echo = cpu_to_le32(4);
	end->echo_commit = cpu_to_le32(1);
	end->echo_mark = cpu_to_le32(4);
	end->queued = cpu_to_le32(2);
	return pty;
}

/* A pair with three open files, one of them by /dev/tty, and one that has been hung up. */
static void add_terminals(struct sample *s)
{
	struct ckpt_device *device;
	struct ckpt_writer *w;
	struct ckpt_tty *tty;

	add_pty(s, 1, CKPT_PTY_LOCKED);
	w = sample_add(s, CKPT_TYPE_TTY, 67);
	add_open_file(w, CKPT_TYPE_TTY, CKPT_O_RDWR);
	add_tty(s, w, 1, CKPT_TTY_PTMX);
	w = add_named_file(s, 68, CKPT_TYPE_TTY, CKPT_O_RDWR, "/dev/pts/1", 0020620);
	device = ADD(w, CKPT_REC_DEVICE, 0);
	device->major = cpu_to_le32(136);
	device->minor = cpu_to_le32(1);
	add_tty(s, w, 1, CKPT_TTY_PTS);
	w = add_named_file(s, 69, CKPT_TYPE_TTY, CKPT_O_RDWR, "/dev/tty", 0020666);
	device = ADD(w, CKPT_REC_DEVICE, 0);
	device->major = cpu_to_le32(5);
	add_tty(s, w, 1, CKPT_TTY_PTS);
	add_pty(s, 2, CKPT_PTY_CLOSED);
	w = sample_add(s, CKPT_TYPE_TTY, 70);
	add_open_file(w, CKPT_TYPE_TTY, CKPT_O_WRONLY);
	tty = add_tty(s, w, 2, CKPT_TTY_PTS);
	tty->flags = cpu_to_le32(CKPT_TTY_HUNG_UP);
}

static void add_locks(struct sample *s)
{
	struct ckpt_lease *lease;
	struct ckpt_lock *lock;

	ADD(sample_add(s, CKPT_TYPE_LOCKS, 1), CKPT_REC_LOCKS, 2);
	lock = sample_elems(s, CKPT_TYPE_LOCKS, 1, CKPT_REC_LOCKS) ?: (void *)nowhere;
	lock[0].end = cpu_to_le64(S64_MAX);
	lock[0].file = cpu_to_le64(1);
	lock[0].kind = cpu_to_le32(CKPT_LOCK_FLOCK);
	lock[0].type = cpu_to_le32(CKPT_LOCK_WRITE);
	lock[1] = lock[0];
	lock[1].fdtable = cpu_to_le64(1);
	lock[1].kind = cpu_to_le32(CKPT_LOCK_POSIX);
	ADD(&sample_file(s, CKPT_TYPE_LOCKS, 1)->w, CKPT_REC_LEASES, 1);
	lease = sample_elems(s, CKPT_TYPE_LOCKS, 1, CKPT_REC_LEASES) ?: (void *)nowhere;
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

	add_named_file(s, 1, CKPT_TYPE_REGULAR, CKPT_O_RDWR | CKPT_O_APPEND,
		       "/bin/sample", 0100755);
	add_named_file(s, 3, CKPT_TYPE_DIRECTORY, CKPT_O_DIRECTORY, "/tmp", 0041777);
	add_named_file(s, 4, CKPT_TYPE_OPATH, CKPT_O_PATH, "/etc/fstab", 0100644);
	w = add_named_file(s, 5, CKPT_TYPE_DEVICE, CKPT_O_RDWR, "/dev/null", 0020666);
	device = ADD(w, CKPT_REC_DEVICE, 0);
	device->major = cpu_to_le32(1);
	device->minor = cpu_to_le32(3);

	w = sample_add(s, CKPT_TYPE_EXTERNAL, 80);
	add_open_file(w, CKPT_TYPE_EXTERNAL, CKPT_O_RDWR);
	external = ADD(w, CKPT_REC_EXTERNAL, 11);
	external->pid = cpu_to_le32(11);
	external->fd = cpu_to_le32(2);
	memcpy(external + 1, "/dev/pts/1", 11);

	w = sample_add(s, CKPT_TYPE_PIPE, 2);
	add_open_file(w, CKPT_TYPE_PIPE, CKPT_O_WRONLY);
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
		(void *)nowhere;
	piece->len = cpu_to_le32(100);
	sample_add(s, CKPT_TYPE_PIPEDATA, 1);
	sample_file(s, CKPT_TYPE_PIPEDATA, 1)->size = 100;
}

static void set_vma(struct ckpt_vma *vma, u64 start, u64 file, u32 kind)
{
	vma->start = cpu_to_le64(start);
	vma->end = cpu_to_le64(start + FRAME);
	vma->file = cpu_to_le64(file);
	vma->kind = cpu_to_le32(kind);
	vma->prot = cpu_to_le32(CKPT_PROT_READ | CKPT_PROT_WRITE);
}

/* Room for 2047 events, of which three have been made and one is read. */
static void add_ring(struct ckpt_writer *w, u64 start)
{
	struct ckpt_aio *rec = ADD(w, CKPT_REC_AIO, 3);

	rec->start = cpu_to_le64(start);
	rec->asked = cpu_to_le32(1000);
	rec->head = cpu_to_le32(1);
	rec->tail = cpu_to_le32(3);
}

/* The userfaultfd of an address space. */
static void add_userfaultfd(struct sample *s, u64 id, u64 mm)
{
	struct ckpt_writer *w = sample_add(s, CKPT_TYPE_USERFAULTFD, id);
	struct ckpt_userfaultfd *rec;

	add_open_file(w, CKPT_TYPE_USERFAULTFD, CKPT_O_NONBLOCK);
	rec = ADD(w, CKPT_REC_USERFAULTFD, 0);
	rec->mm = cpu_to_le64(mm);
	rec->features = cpu_to_le32(0x8001);
	rec->flags = cpu_to_le32(CKPT_USERFAULTFD_API | CKPT_USERFAULTFD_USER);
}

static void set_state(struct ckpt_uffd_run *run, u64 start, u32 pages, u32 flags)
{
	run->start = cpu_to_le64(start);
	run->pages = cpu_to_le32(pages);
	run->flags = cpu_to_le32(flags);
}

/* Registered: zeroes, of which nobody may write to the first, and a page that is poisoned. */
static void add_registration(struct sample *s, u64 id, u64 start, u64 file)
{
	struct ckpt_uffd *rec = ADD(&sample_file(s, CKPT_TYPE_VMAS, id)->w, CKPT_REC_UFFD, 3);
	struct ckpt_uffd_run *run;

	rec->start = cpu_to_le64(start);
	rec->file = cpu_to_le64(file);
	run = sample_elems(s, CKPT_TYPE_VMAS, id, CKPT_REC_UFFD) ?: (void *)nowhere;
	set_state(run, start, 1, CKPT_UFFD_RUN_ZERO | CKPT_UFFD_RUN_PROTECTED);
	set_state(run + 1, start + CKPT_PAGE_SIZE, 2, CKPT_UFFD_RUN_ZERO);
	set_state(run + 2, start + 5 * CKPT_PAGE_SIZE, 1, CKPT_UFFD_RUN_POISON);
}

/*
 * Five mappings, and a run in two: the second one's pages may be the parent's.
 */
static void add_mm(struct sample *s, u64 id, u64 source)
{
	struct ckpt_writer *w;
	struct ckpt_vma_name *name;
	struct ckpt_vmas *vmas;
	struct ckpt_runs *runs;
	struct ckpt_vma *vma;
	struct ckpt_run *run;
	struct ckpt_mm *mm;

	mm = ADD(sample_add(s, CKPT_TYPE_MM, id), CKPT_REC_MM, 0);
	mm->exe = cpu_to_le64(1);
	mm->dumpable = cpu_to_le32(CKPT_DUMPABLE_USER);
	mm->start_stack = cpu_to_le64(STACK);
	mm->keys = cpu_to_le16(0x6);
	mm->exec_key = cpu_to_le16(0x4);

	w = sample_add(s, CKPT_TYPE_VMAS, id);
	vmas = ADD(w, CKPT_REC_VMAS, 5);
	vmas->source = cpu_to_le64(source);
	vma = sample_elems(s, CKPT_TYPE_VMAS, id, CKPT_REC_VMAS) ?: (void *)nowhere;
	set_vma(vma, CODE, 1, CKPT_VMA_FILE);
	set_vma(vma + 1, STACK, 0, CKPT_VMA_ANON);
	set_vma(vma + 2, STACK + 2 * FRAME, 6, CKPT_VMA_SHARED);
	set_vma(vma + 3, STACK + 4 * FRAME, 0, CKPT_VMA_AIO);
	set_vma(vma + 4, STACK + 6 * FRAME, 0, CKPT_VMA_ANON);
	vma[1].key = cpu_to_le32(1);
	vma[2].flags = cpu_to_le32(CKPT_VMA_NAMED);
	vma[4].flags = cpu_to_le32(CKPT_VMA_UFFD_MISSING | CKPT_VMA_UFFD_WP);
	runs = ADD(w, CKPT_REC_RUNS, 2);
	runs->pages = cpu_to_le64(source ? 2 : 6);
	run = sample_elems(s, CKPT_TYPE_VMAS, id, CKPT_REC_RUNS) ?: (void *)nowhere;
	set_run(run, CODE + CKPT_PAGE_SIZE, 2, CKPT_RUN_PAGES);
	set_run(run + 1, STACK, 4, source ? CKPT_RUN_SOURCE : CKPT_RUN_PAGES);
	name = ADD(w, CKPT_REC_VMA_NAME, 5);
	name->start = cpu_to_le64(STACK + 2 * FRAME);
	memcpy(name + 1, "name", 5);
	add_policy(w, STACK, STACK + FRAME);
	add_policy(w, STACK + 2 * FRAME, STACK + 3 * FRAME);
	add_ring(w, STACK + 4 * FRAME);
	add_registration(s, id, STACK + 6 * FRAME, 109 + id);
	add_userfaultfd(s, 109 + id, id);
	sample_add(s, CKPT_TYPE_PAGES, id);
	sample_file(s, CKPT_TYPE_PAGES, id)->size =
		(source ? 2 : 6) * CKPT_PAGE_SIZE;
}

int sample_build(struct sample *s)
{
	unsigned int i;

	*s = (struct sample){};
	add_top(s);
	add_task(s, 10, 10, 0, 1);
	add_task(s, 11, 10, 0, 1);
	add_task(s, 12, 12, 10, 2);
	add_sleeper(s, 11);
	add_tracee(s, 12, 11);
	add_zombie(s, 13, 12);
	add_process(s, 10);
	add_process(s, 12);
	add_process(s, 13);
	add_shared(s);
	add_files(s);
	add_events(s);
	add_namespace(s);
	add_locks(s);
	add_memfd(s);
	add_sockets(s);
	add_listener(s);
	add_udp(s);
	add_raw(s);
	add_packet(s);
	add_tap(s);
	add_bpfmaps(s);
	add_netlink(s);
	add_tcp(s);
	add_ended(s);
	add_conn(s, 65, 66, 3, 0);
	add_conn(s, 66, 65, 0, 3);
	add_waiting(s, 75);
	add_deleted(s);
	add_terminals(s);
	add_inotify(s);
	add_fanotify(s);
	add_segment(s);
	add_mqueue(s);
	add_procfile(s);
	add_kernfile(s);
	add_unnamed_nodes(s);
	add_semaphores(s);
	add_shmem(s, 6);
	add_mm(s, 1, 0);
	add_mm(s, 2, 1);
	for (i = 0; i < s->nr; i++)
		if (s->files[i].w.error)
			return s->files[i].w.error;
	return sample_seal(s);
}

int sample_seal(struct sample *s)
{
	const struct ckpt_header *header = sample_body(s, 0, CKPT_TOP_HEADER,
						       CKPT_REC_HEADER);
	struct ckpt_tail_file *entry;
	struct ckpt_tail *tail;
	struct ckpt_writer *w;
	unsigned int i;

	if (sample_file(s, 0, CKPT_TOP_TAIL))
		sample_remove(s, 0, CKPT_TOP_TAIL);
	w = sample_add(s, 0, CKPT_TOP_TAIL);
	tail = ckpt_add(w, CKPT_REC_TAIL, s->nr - 1);
	if (!tail)
		return w->error;
	tail->magic = cpu_to_le64(CKPT_TAIL_MAGIC);
	if (header)
		memcpy(tail->id, header->id, sizeof(tail->id));
	entry = ckpt_elems(tail);
	for (i = 0; i < s->nr - 1; i++, entry++) {
		const struct sample_file *file = s->files + i;

		entry->type = cpu_to_le32(file->type);
		entry->id = cpu_to_le64(file->id);
		entry->size = cpu_to_le64(file->w.len + file->size);
		if (!file->w.buf)
			continue;
		entry->flags = cpu_to_le32(CKPT_TAIL_CRC);
		entry->crc = cpu_to_le32(ckpt_crc32c(0, file->w.buf, file->w.len));
	}
	return 0;
}

/* ---- what the checks ask -------------------------------------------------- */

static u32 exists(void *priv, u32 type, u64 id)
{
	struct sample *s = priv;
	unsigned int i;

	for (i = 0; i < s->nr; i++) {
		u32 has = s->files[i].type;

		if (!has || s->files[i].id != id)
			continue;
		if (has == type || (!type && ckpt_type(has)->flags & CKPT_ROW_FILE))
			return has;
	}
	return 0;
}

static const void *bytes(void *priv, u32 type, u64 id, u64 *size)
{
	struct sample_file *file = sample_file(priv, type, id);

	*size = file ? file->w.len + file->size : 0;
	return file ? file->w.buf : NULL;
}

static u64 next(void *priv, u32 type, u64 after)
{
	struct sample *s = priv;
	unsigned int i;
	u64 least = 0;

	for (i = 0; i < s->nr; i++) {
		u64 id = s->files[i].id;

		if (s->files[i].type == type && id > after &&
		    (!least || id < least))
			least = id;
	}
	return least;
}

static void report(void *priv, const char *where, const char *what)
{
	struct sample *s = priv;

	s->errors++;
	snprintf(s->error, sizeof(s->error), "%s: %s", where, what);
}

static struct ckpt_check check_of(struct sample *s)
{
	s->errors = 0;
	return (struct ckpt_check) {
		.exists = exists,
		.bytes = bytes,
		.next = next,
		.report = report,
		.priv = s,
	};
}

int sample_check(struct sample *s)
{
	struct ckpt_check chk = check_of(s);

	return ckpt_check_image(&chk);
}

int sample_check_difference(struct sample *s, struct sample *parent)
{
	struct ckpt_check chk = check_of(s), other = check_of(parent);

	return ckpt_check_difference(&chk, &other);
}

/* ---- a difference ----------------------------------------------------------- */

static void name_parent(struct sample *s, u32 type, u64 id)
{
	struct ckpt_parent *parent;

	parent = ADD(&sample_file(s, type, id)->w, CKPT_REC_PARENT, 0);
	parent->id = cpu_to_le64(id);
}

/* The first run of space 1 and that of the shared memory are the parent's. */
void sample_differ(struct sample *s, u8 parent)
{
	struct ckpt_header *header = sample_body(s, 0, CKPT_TOP_HEADER, CKPT_REC_HEADER);
	struct ckpt_runs *runs = sample_body(s, CKPT_TYPE_VMAS, 1, CKPT_REC_RUNS);
	struct ckpt_shmem *shmem = sample_body(s, CKPT_TYPE_SHMEM, 6, CKPT_REC_SHMEM);
	struct ckpt_run *run = sample_elems(s, CKPT_TYPE_VMAS, 1, CKPT_REC_RUNS);

	header->incompat = cpu_to_le64(CKPT_INCOMPAT_PARENT);
	memset(header->parent, parent, sizeof(header->parent));
	run->kind = cpu_to_le32(CKPT_RUN_PARENT);
	runs->pages = cpu_to_le64(4);
	sample_file(s, CKPT_TYPE_PAGES, 1)->size = 4 * CKPT_PAGE_SIZE;
	run = sample_elems(s, CKPT_TYPE_SHMEM, 6, CKPT_REC_SHMEM);
	run->kind = cpu_to_le32(CKPT_RUN_PARENT);
	shmem->pages = 0;
	sample_file(s, CKPT_TYPE_SHMEMDATA, 6)->size = 0;
	name_parent(s, CKPT_TYPE_VMAS, 1);
	name_parent(s, CKPT_TYPE_SHMEM, 6);
}
