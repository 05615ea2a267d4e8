// SPDX-License-Identifier: GPL-2.0-only
/*
 * A task with an attribute that cannot be saved.
 *
 * Usage: refused NAME, of the table at the end. It says which task has the
 * attribute ("task TID"), and if that is one to be saved without the others ("alone"),
 * before it says that it is ready, and afterwards verifies that it still has it, where
 * that can be told.
 */
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/futex.h>
#include <linux/ioprio.h>
#include <linux/io_uring.h>
#include <linux/landlock.h>
#include <linux/perf_event.h>
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
#include <sys/syscall.h>
#include <sys/time.h>

#include "tasks.h"

static pid_t subject;		/* who has it, if it is not the main thread */
static int alone;		/* it is to be saved without the others */
static pid_t children[3];	/* end with us */
static int in_child_end;	/* of a pipe, of in_child() */

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
		in_child_end = fds[1];
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
	alone = 1;
}

static int is_tracer(void)
{
	int status;

	return !ptrace(PTRACE_INTERRUPT, subject, 0, 0) &&
	       waitpid(subject, &status, 0) == subject && WIFSTOPPED(status) &&
	       !ptrace(PTRACE_DETACH, subject, 0, 0);
}

static void seize_parent(void)
{
	need(!ptrace(PTRACE_SEIZE, getppid(), 0, 0));
}

static void set_tracee(void)
{
	in_child(seize_parent);
	alone = 1;
}

/* It is in a stop, waited for. */
static void wait_for_stop(int what)
{
	int status;

	check(waitpid(subject, &status, 0) == subject && WIFSTOPPED(status));
	check(status >> 8 == what);
}

/* In pause(), which it is let into again. */
static void set_tracer_of_calls(void)
{
	in_child(nothing);
	wait_for_state(subject, 'S');
	need(!ptrace(PTRACE_SEIZE, subject, 0, 0));
	check(!ptrace(PTRACE_INTERRUPT, subject, 0, 0));
	wait_for_stop(SIGTRAP | PTRACE_EVENT_STOP << 8);
	check(!ptrace(PTRACE_SYSCALL, subject, 0, 0));
	wait_for_stop(SIGTRAP);
	check(!ptrace(PTRACE_SYSCALL, subject, 0, 0));
	wait_for_state(subject, 'S');
}

static void set_ptrace_event(void)
{
	in_child(nothing);
	need(!ptrace(PTRACE_SEIZE, subject, 0, PTRACE_O_TRACEEXIT));
	check(!kill(subject, SIGTERM));
	wait_for_stop(SIGTERM);
	check(!ptrace(PTRACE_CONT, subject, 0, SIGTERM));
	wait_for_stop(SIGTRAP | PTRACE_EVENT_EXIT << 8);
}

/* No signal ends that. */
static int is_at_event(void)
{
	return !ptrace(PTRACE_CONT, subject, 0, 0);
}

static void set_listener_of_stops(void)
{
	in_child(nothing);
	need(!ptrace(PTRACE_SEIZE, subject, 0, 0));
	check(!kill(subject, SIGSTOP));
	wait_for_stop(SIGSTOP);
	check(!ptrace(PTRACE_CONT, subject, 0, SIGSTOP));
	wait_for_stop(SIGSTOP | PTRACE_EVENT_STOP << 8);
	check(!ptrace(PTRACE_LISTEN, subject, 0, 0));
}

static void set_suspended_seccomp(void)
{
	in_child(nothing);
	need(!ptrace(PTRACE_SEIZE, subject, 0, PTRACE_O_SUSPEND_SECCOMP));
}

/* It has more capabilities than its tracer, who could not begin any more. */
static void set_weak_tracer(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[_LINUX_CAPABILITY_U32S_3];

	in_child(nothing);
	need(!ptrace(PTRACE_SEIZE, subject, 0, 0));
	need(!syscall(SYS_capget, &header, caps));
	caps[0].effective &= ~(1u << CAP_SYS_PTRACE);
	caps[0].permitted &= ~(1u << CAP_SYS_PTRACE);
	need(!syscall(SYS_capset, &header, caps));
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

/* ---- of the processor ---- */

static void set_cpuid(void)
{
	need(!syscall(SYS_arch_prctl, ARCH_SET_CPUID, 0));
}

static int is_cpuid(void)
{
	return !syscall(SYS_arch_prctl, ARCH_GET_CPUID);
}

/* That it has none is for ever, on any processor. */
static void set_shadow_stack(void)
{
	need(!syscall(SYS_arch_prctl, ARCH_SHSTK_LOCK, ARCH_SHSTK_SHSTK));
}

/* Tiles of AMX. */
static void set_xstate(void)
{
	need(!syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, 18));
}

/* ---- scheduling ---- */

static void write_autogroup(void)
{
	write_line("/proc/self/autogroup", "5");
}

/* Of a session that is led from outside. */
static void set_autogroup(void)
{
	in_child(write_autogroup);
	alone = 1;
}

/* ---- I/O, IPC, futexes ---- */

static void set_io_uring(void)
{
	struct io_uring_params params = { 0 };
	int fd = syscall(SYS_io_uring_setup, 1, &params);

	need(fd >= 0);
	close(fd);
}

/* One child has it, another wants it, and only @nr of them is to be saved. */
static void share_pi_futex(unsigned int nr)
{
	volatile int *futex = mmap(NULL, sizeof(*futex), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	check(futex != MAP_FAILED);
	children[1] = fork();
	check(children[1] >= 0);
	if (!children[1]) {
		syscall(SYS_futex, futex, FUTEX_LOCK_PI, 0, NULL, NULL, 0);
		for (;;)
			pause();
	}
	while (*futex != children[1])
		nap(5);
	children[0] = fork();
	check(children[0] >= 0);
	if (!children[0]) {
		syscall(SYS_futex, futex, FUTEX_LOCK_PI, 0, NULL, NULL, 0);
		_exit(1);
	}
	while (!(*futex & FUTEX_WAITERS))
		nap(5);
	wait_for_state(children[0], 'S');
	subject = children[nr];
	alone = 1;
}

/* So that the kernel knows of one outside who waits. */
static void set_held_pi_futex(void)
{
	share_pi_futex(1);
}

static void set_wanted_pi_futex(void)
{
	share_pi_futex(0);
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

static volatile int vforked;

static void *vfork_for_ever(void *arg)
{
	if (!vfork()) {
		vforked = 1;
		for (;;)
			pause();
	}
	return arg;
}

static void keep_vforking(void)
{
	pthread_t id;

	check(!pthread_create(&id, NULL, vfork_for_ever, NULL));
	while (!vforked)
		nap(5);
}

/* A thread that waits in vfork() cannot stop with the others, of which one is traced. */
static void set_stopping(void)
{
	char path[60];
	int status;
	FILE *f;

	in_child(keep_vforking);
	check(!ptrace(PTRACE_SEIZE, subject, NULL, NULL));
	check(!kill(subject, SIGSTOP));
	check(waitpid(subject, &status, __WALL) == subject && status >> 8 == SIGSTOP);
	check(!ptrace(PTRACE_CONT, subject, NULL, SIGSTOP));
	check(waitpid(subject, &status, __WALL) == subject && status >> 16 == PTRACE_EVENT_STOP);
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", subject, subject + 1);
	f = fopen(path, "r");
	if (f && fscanf(f, "%d", &children[1]) != 1)
		children[1] = 0;
	if (f)
		fclose(f);
}

/* ---- what is shared with others ---- */

static void give_io_context(void)
{
	/* Whoever has none shares none. */
	check(!syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0,
		       IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 6)));
}

static void share_with_child(int flags)
{
	children[0] = syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);
	check(children[0] >= 0);
	if (!children[0])
		for (;;)
			pause();
	subject = children[0];
	alone = 1;
}

static void set_io_outside(void)
{
	give_io_context();
	share_with_child(CLONE_IO);
}

static void set_undos_outside(void)
{
	share_with_child(CLONE_SYSVSEM);
}

static void set_fs_outside(void)
{
	share_with_child(CLONE_FS);
}

static void set_vfork_outside(void)
{
	const int rights = PROT_READ | PROT_WRITE;
	pid_t *brother = mmap(NULL, 4096, rights, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	check(brother != MAP_FAILED);
	children[0] = fork();
	check(children[0] >= 0);
	if (!children[0]) {
		if (!syscall(SYS_clone, CLONE_VFORK | CLONE_PARENT | SIGCHLD, NULL, NULL, NULL,
			     NULL))
			*brother = getpid();
		for (;;)
			pause();
	}
	while (!*(volatile pid_t *)brother)
		nap(5);
	wait_for_state(children[0], 'D');
	children[1] = *brother;
	subject = children[0];
	alone = 1;
}

static int wait_for_ever(void *arg)
{
	while (pause())
		;
	return !arg;
}

static void set_sighand_outside(void)
{
	static char stack[16384] __attribute__((aligned(16)));

	children[0] = clone(wait_for_ever, stack + sizeof(stack),
			    CLONE_VM | CLONE_SIGHAND | SIGCHLD, NULL);
	check(children[0] > 0);
	subject = children[0];
	alone = 1;
}

/* The first one that starts a process group, whose parent then ends. */
static pid_t group_of_orphan(void)
{
	pid_t pid, group;
	int fds[2];

	check(!pipe(fds));
	pid = fork();
	check(pid >= 0);
	if (!pid) {
		group = fork();
		if (!group) {
			check(!setpgid(0, 0));
			group = getpid();
			check(write(fds[1], &group, sizeof(group)) == sizeof(group));
			close(fds[0]);
			close(fds[1]);
			for (;;)
				pause();
		}
		_exit(group < 0);
	}
	check(exited_with(pid, 0));
	check(read(fds[0], &group, sizeof(group)) == sizeof(group));
	close(fds[0]);
	close(fds[1]);
	return group;
}

static void set_group_outside(void)
{
	children[1] = group_of_orphan();
	share_with_child(0);
	alone = 0;
	check(!setpgid(subject, children[1]));
}

/* ---- rights ---- */

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

/* ---- namespaces ---- */

static void unshare_user(void)
{
	need(!unshare(CLONE_NEWUSER));
}

static void set_user_ns(void)
{
	in_child(unshare_user);
}

/* Of what is executed there; by main(), as "other_owner FD". */
static void execute_in_user_ns(void)
{
	char end[12];

	unshare_user();
	snprintf(end, sizeof(end), "%d", in_child_end);
	execl("/proc/self/exe", "refused", "other_owner", end, NULL);
	_exit(1);
}

static void set_other_owner(void)
{
	in_child(execute_in_user_ns);
}

static int be_other_owner(int end)
{
	check(write(end, "x", 1) == 1);
	close(end);
	return wait_for_ever(NULL);
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
	{ "tracee", set_tracee, NULL },
	{ "tracer_of_calls", set_tracer_of_calls, is_tracer },
	{ "ptrace_event", set_ptrace_event, is_at_event },
	{ "listened_to", set_listener_of_stops, NULL },
	{ "suspended_seccomp", set_suspended_seccomp, is_tracer },
	{ "weak_tracer", set_weak_tracer, is_tracer },
	{ "perf_event", set_perf_event, NULL },
	{ "cpuid", set_cpuid, is_cpuid },
	{ "shadow_stack", set_shadow_stack, NULL },
	{ "xstate", set_xstate, NULL },
	{ "autogroup", set_autogroup, NULL },
	{ "io_uring", set_io_uring, NULL },
	{ "held_pi_futex", set_held_pi_futex, NULL },
	{ "wanted_pi_futex", set_wanted_pi_futex, NULL },
	{ "timer_outside", set_timer_outside, is_timer },
	{ "timer_of_thread", set_timer_of_thread, is_timer },
	{ "stopping", set_stopping, NULL },
	{ "io_outside", set_io_outside, NULL },
	{ "undos_outside", set_undos_outside, NULL },
	{ "fs_outside", set_fs_outside, NULL },
	{ "vfork_outside", set_vfork_outside, NULL },
	{ "sighand_outside", set_sighand_outside, NULL },
	{ "group_outside", set_group_outside, NULL },
	{ "landlock", set_landlock, NULL },
	{ "user_ns", set_user_ns, NULL },
	{ "other_owner", set_other_owner, NULL },
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

	if (argc == 3)
		return be_other_owner(atoi(argv[2]));
	check(argc == 2);
	for (i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		if (strcmp(attributes[i].name, argv[1]))
			continue;
		attributes[i].set();
		printf("task %d\n%s", subject ?: getpid(), alone ? "alone\n" : "");
		ready();
		check(!attributes[i].is || attributes[i].is());
		end_children();
		fflush(stdout);
		return passed();
	}
	printf("no such attribute: %s\n", argv[1]);
	return 2;
}
