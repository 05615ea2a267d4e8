// SPDX-License-Identifier: GPL-2.0-only
/*
 * A task with an attribute that cannot be saved.
 *
 * Usage: refused NAME, of the table at the end. It says which task has the
 * attribute ("task TID") before it says that it is ready, and afterwards verifies that it
 * still has it, where that can be told.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/landlock.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <linux/types.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include "tasks.h"

/* Not in every C library's headers. */
#ifndef PR_SCHED_CORE
#define PR_SCHED_CORE 62
#endif

static pid_t subject;		/* who has it, if it is not the main thread */
static pid_t children[3];	/* end with us */

static void write_line(const char *path, const char *line)
{
	int fd = open(path, O_WRONLY);

	need(fd >= 0);
	need(write(fd, line, strlen(line)) == (ssize_t)strlen(line));
	close(fd);
}

/* A child that does what @set says and waits for its end. */
static void in_child(void (*set)(void))
{
	int fds[2], status;
	char byte;

	check(!pipe(fds));
	children[0] = fork();
	check(children[0] >= 0);
	if (!children[0]) {
		set();
		check(write(fds[1], "x", 1) == 1);
		close(fds[0]);
		close(fds[1]);
		for (;;)
			pause();
	}
	close(fds[1]);
	if (read(fds[0], &byte, 1) != 1) {
		check(waitpid(children[0], &status, 0) == children[0]);
		_exit(WEXITSTATUS(status));
	}
	close(fds[0]);
	subject = children[0];
}

/* ---- tracing ---- */

static void nothing(void)
{
}

static void set_tracer(void)
{
	in_child(nothing);
	need(!ptrace(PTRACE_SEIZE, subject, 0, 0));
}

static int is_tracer(void)
{
	int status;

	return !ptrace(PTRACE_INTERRUPT, subject, 0, 0) &&
	       waitpid(subject, &status, 0) == subject && WIFSTOPPED(status) &&
	       !ptrace(PTRACE_DETACH, subject, 0, 0);
}

/* Returns to the probed place with the breakpoint's leftovers. */
static __attribute__((noinline)) int probed(int n)
{
	asm volatile("nop\n\tnop\n\tnop\n\tnop\n\tnop");
	return n + 1;
}

static unsigned long offset_in_file(void *address)
{
	unsigned long start, end, offset, at = (unsigned long)address;
	FILE *f = fopen("/proc/self/maps", "r");
	char line[512];

	check(f);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%lx-%lx %*s %lx", &start, &end, &offset) == 3 &&
		    start <= at && at < end)
			break;
	fclose(f);
	return at - start + offset;
}

static void set_uprobe(void)
{
	struct perf_event_attr attr = { .size = sizeof(attr) };
	FILE *f = fopen("/sys/bus/event_source/devices/uprobe/type", "r");
	int fd;

	need(f);
	check(fscanf(f, "%u", &attr.type) == 1);
	fclose(f);
	attr.uprobe_path = (unsigned long)"/proc/self/exe";
	attr.probe_offset = offset_in_file(probed);
	fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
	need(fd >= 0);
	check(probed(1) == 2);
	close(fd);
}

static void set_perf_event(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_PAGE_FAULTS,
	};

	need(syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0) >= 0);
}

/* ---- system call filters ---- */

static void set_listener(void)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = { .len = 1, .filter = &allow };

	check(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	need(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		     SECCOMP_FILTER_FLAG_NEW_LISTENER, &program) >= 0);
}

static int is_filtered(void)
{
	return prctl(PR_GET_SECCOMP) == SECCOMP_MODE_FILTER;
}

/* ---- scheduling ---- */

static void set_cookie(void)
{
	need(!prctl(PR_SCHED_CORE, 1, 0, 0, 0));
}

/* ---- prctl() ---- */

static void set_speculation(void)
{
	need(!prctl(PR_SET_SPECULATION_CTRL, PR_SPEC_STORE_BYPASS, PR_SPEC_DISABLE,
		    0, 0));
}

/* ---- I/O, IPC, futexes ---- */

static void set_io_uring(void)
{
	struct io_uring_params params = { 0 };
	int fd = syscall(SYS_io_uring_setup, 1, &params);

	need(fd >= 0);
	close(fd);
}

static int semid, shmid;

static void set_sem_undo(void)
{
	struct sembuf op = { .sem_op = 1, .sem_flg = SEM_UNDO };

	semid = semget(IPC_PRIVATE, 1, 0600);
	need(semid >= 0);
	need(!semop(semid, &op, 1));
}

static int is_sem_undo(void)
{
	return semctl(semid, 0, GETVAL) == 1 && !semctl(semid, 0, IPC_RMID);
}

static void set_sysv_shm(void)
{
	shmid = shmget(IPC_PRIVATE, 4096, 0600);
	need(shmid >= 0);
}

static int is_sysv_shm(void)
{
	return !shmctl(shmid, IPC_RMID, NULL);
}

static int pi_futex;

static void *want_futex(void *arg)
{
	syscall(SYS_futex, &pi_futex, FUTEX_LOCK_PI, 0, NULL, NULL, 0);
	return arg;
}

static void set_pi_futex(void)
{
	pthread_t id;

	pi_futex = syscall(SYS_gettid);
	check(!pthread_create(&id, NULL, want_futex, NULL));
	while (!(*(volatile int *)&pi_futex & FUTEX_WAITERS))
		nap(5);
	nap(50);
}

static int is_pi_futex(void)
{
	return !syscall(SYS_futex, &pi_futex, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0);
}

/* ---- timers ---- */

static timer_t timer;

static void make_timer(clockid_t clock, int notify, pid_t tid)
{
	const struct itimerspec spec = { .it_value = { .tv_sec = 100000 } };
	struct sigevent event = { .sigev_notify = notify, .sigev_signo = SIGUSR1 };

	event._sigev_un._tid = tid;
	check(!timer_create(clock, &event, &timer));
	check(!timer_settime(timer, 0, &spec, NULL));
}

static int is_timer(void)
{
	struct itimerspec left;

	return !timer_gettime(timer, &left) && left.it_value.tv_sec > 90000;
}

/* On the CPU time of its parent. */
static void set_timer_outside(void)
{
	clockid_t clock;

	check(!clock_getcpuclockid(getppid(), &clock));
	make_timer(clock, SIGEV_NONE, 0);
}

static void *make_own_timer(void *arg)
{
	make_timer(CLOCK_MONOTONIC, SIGEV_THREAD_ID, syscall(SYS_gettid));
	return arg;
}

static void set_timer_of_thread(void)
{
	pthread_t id;

	check(!pthread_create(&id, NULL, make_own_timer, NULL) && !pthread_join(id, NULL));
}

/* ---- processes ---- */

static void take_terminal(void)
{
	check(setsid() > 0);
	need(open("/dev/tty9", O_RDWR) >= 0);
}

static void set_terminal(void)
{
	in_child(take_terminal);
}

static void *vfork_for_ever(void *arg)
{
	if (!vfork())
		for (;;)
			pause();
	return arg;
}

static void keep_vforking(void)
{
	pthread_t id;

	check(!pthread_create(&id, NULL, vfork_for_ever, NULL));
	nap(100);
}

/* A thread that waits in vfork() cannot stop with the others. */
static void set_stopping(void)
{
	char path[60];
	FILE *f;

	in_child(keep_vforking);
	check(!kill(subject, SIGSTOP));
	nap(200);
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", subject, subject + 1);
	f = fopen(path, "r");
	if (f && fscanf(f, "%d", &children[1]) != 1)
		children[1] = 0;
	if (f)
		fclose(f);
}

static pid_t sibling(int flags)
{
	pid_t pid = syscall(SYS_clone, flags | CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL);

	check(pid >= 0);
	if (!pid)
		for (;;)
			pause();
	return pid;
}

/* It has its descriptors with one brother, and its directory with another. */
static void set_shared_with_two(void)
{
	int fds[2];

	check(!pipe(fds));
	children[0] = fork();
	check(children[0] >= 0);
	if (!children[0]) {
		pid_t pids[2] = { sibling(CLONE_FS), sibling(CLONE_FS | CLONE_FILES) };

		check(!unshare(CLONE_FS));
		check(write(fds[1], pids, sizeof(pids)) == sizeof(pids));
		for (;;)
			pause();
	}
	check(read(fds[0], &children[1], sizeof(pid_t[2])) == sizeof(pid_t[2]));
	close(fds[0]);
	close(fds[1]);
	subject = children[2];
}

/* ---- rights ---- */

static void set_process_keyring(void)
{
	need(syscall(SYS_add_key, "user", "checkpointfs", "x", 1,
		     KEY_SPEC_PROCESS_KEYRING) >= 0);
}

static void set_session_keyring(void)
{
	need(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) >= 0);
}

static void set_keyring_setting(void)
{
	need(syscall(SYS_keyctl, KEYCTL_SET_REQKEY_KEYRING,
		     KEY_REQKEY_DEFL_SESSION_KEYRING) >= 0);
}

static void set_landlock(void)
{
	struct landlock_ruleset_attr attr = {
		.handled_access_fs = LANDLOCK_ACCESS_FS_MAKE_BLOCK,
	};
	int fd = syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);

	need(fd >= 0);
	check(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	need(!syscall(SYS_landlock_restrict_self, fd, 0));
	close(fd);
}

static void set_label(void)
{
	write_line("/proc/self/attr/exec", "exec unconfined");
}

/* ---- namespaces ---- */

static void unshare_user(void)
{
	need(!unshare(CLONE_NEWUSER));
}

static void set_user_ns(void)
{
	in_child(unshare_user);
}

#define NAMESPACE(name, flag)			\
static void unshare_##name(void)		\
{						\
	need(!unshare(flag));			\
}						\
static void set_##name##_ns(void)		\
{						\
	in_child(unshare_##name);		\
}

NAMESPACE(mount, CLONE_NEWNS)
NAMESPACE(net, CLONE_NEWNET)
NAMESPACE(ipc, CLONE_NEWIPC)
NAMESPACE(uts, CLONE_NEWUTS)
NAMESPACE(cgroup, CLONE_NEWCGROUP)
NAMESPACE(time, CLONE_NEWTIME)
NAMESPACE(pid_children, CLONE_NEWPID)

static void set_pid_ns(void)
{
	pid_t pid = syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, NULL, NULL, NULL, NULL);

	need(pid >= 0);
	if (!pid)
		for (;;)
			pause();
	children[0] = pid;
	subject = pid;
}

/* ---- */

static const struct {
	const char *name;
	void (*set)(void);
	int (*is)(void);
} attributes[] = {
	{ "tracer", set_tracer, is_tracer },
	{ "uprobe", set_uprobe, NULL },
	{ "perf_event", set_perf_event, NULL },
	{ "seccomp_listener", set_listener, is_filtered },
	{ "cookie", set_cookie, NULL },
	{ "speculation", set_speculation, NULL },
	{ "io_uring", set_io_uring, NULL },
	{ "sem_undo", set_sem_undo, is_sem_undo },
	{ "sysv_shm", set_sysv_shm, is_sysv_shm },
	{ "pi_futex", set_pi_futex, is_pi_futex },
	{ "timer_outside", set_timer_outside, is_timer },
	{ "timer_of_thread", set_timer_of_thread, is_timer },
	{ "terminal", set_terminal, NULL },
	{ "stopping", set_stopping, NULL },
	{ "shared_with_two", set_shared_with_two, NULL },
	{ "process_keyring", set_process_keyring, NULL },
	{ "session_keyring", set_session_keyring, NULL },
	{ "keyring_setting", set_keyring_setting, NULL },
	{ "landlock", set_landlock, NULL },
	{ "label", set_label, NULL },
	{ "user_ns", set_user_ns, NULL },
	{ "mount_ns", set_mount_ns, NULL },
	{ "net_ns", set_net_ns, NULL },
	{ "ipc_ns", set_ipc_ns, NULL },
	{ "uts_ns", set_uts_ns, NULL },
	{ "cgroup_ns", set_cgroup_ns, NULL },
	{ "time_ns", set_time_ns, NULL },
	{ "pid_children_ns", set_pid_children_ns, NULL },
	{ "pid_ns", set_pid_ns, NULL },
};

static void end_children(void)
{
	int i;

	for (i = 2; i >= 0; i--) {
		if (!children[i])
			continue;
		check(!kill(children[i], 0));
		check(!kill(children[i], SIGKILL));
		waitpid(children[i], NULL, __WALL);
	}
}

int main(int argc, char **argv)
{
	unsigned int i;

	check(argc == 2);
	for (i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		if (strcmp(attributes[i].name, argv[1]))
			continue;
		attributes[i].set();
		printf("task %d\n", subject ?: getpid());
		ready();
		check(!attributes[i].is || attributes[i].is());
		end_children();
		fflush(stdout);
		return passed();
	}
	printf("no such attribute: %s\n", argv[1]);
	return 2;
}
