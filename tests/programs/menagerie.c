// SPDX-License-Identifier: GPL-2.0-only
/*
 * A little of everything, at rest, to be looked at through /proc before and
 * after: threads, children, a zombie and a stopped process, a process group without a
 * leader, descriptors and mappings of all sorts that are saved, signals that are pending,
 * limits. It waits for SIGUSR1 and not for a file, so that nothing in it moves.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/userfaultfd.h>
#include <mqueue.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "tasks.h"

#define PAGE 4096

static int pipe_fds[2];
static pid_t children[4];
static volatile pid_t threads[2];

static void on_signal(int sig)
{
	(void)sig;
}

static void make_mappings(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600), i;
	char *p;

	check(fd >= 0 && !ftruncate(fd, 16 * PAGE));
	p = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		 -1, 0);
	check(p != MAP_FAILED);
	for (i = 0; i < 64; i += 3)
		p[i * PAGE] = i;
	check(!mprotect(p + 8 * PAGE, 4 * PAGE, PROT_READ));
	check(!mprotect(p + 16 * PAGE, 4 * PAGE, PROT_NONE));
	check(!mlock(p + 24 * PAGE, 4 * PAGE));
	check(!madvise(p + 32 * PAGE, 4 * PAGE, MADV_DONTFORK));
	check(!madvise(p + 40 * PAGE, 4 * PAGE, MADV_DONTDUMP));
	prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, p + 48 * PAGE, 4 * PAGE, "a name");
	p = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	check(p != MAP_FAILED);
	p[3 * PAGE] = 1;
	p = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	check(p != MAP_FAILED);
	p[5 * PAGE] = 1;
	p = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		 -1, 0);
	check(p != MAP_FAILED);
	p[7 * PAGE] = 1;
	p = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_STACK, -1, 0);
	check(p != MAP_FAILED);
	close(fd);
}

static void make_descriptors(const char *path)
{
	int fd = open(path, O_RDWR | O_APPEND);

	check(fd >= 0);
	check(write(fd, "0123456789", 10) == 10);
	check(lseek(fd, 4, SEEK_SET) == 4);
	check(dup2(fd, 20) == 20);
	check(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) >= 0);
	check(open("/", O_RDONLY | O_DIRECTORY) >= 0);
	check(open(path, O_PATH) >= 0);
	check(open("/dev/zero", O_RDWR) >= 0);
	check(open("/dev/urandom", O_RDONLY) >= 0);
	check(!pipe2(pipe_fds, O_NONBLOCK | O_CLOEXEC));
	check(write(pipe_fds[1], "some bytes", 10) == 10);
}

/* Its faults are told of: one page is not there, one of zeroes is protected. */
static void make_registered(void)
{
	char *p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct uffdio_range all = { .start = (unsigned long)p, .len = 4 * PAGE };
	struct uffdio_range one = { .start = (unsigned long)p, .len = PAGE };
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_PAGEFAULT_FLAG_WP };
	struct uffdio_register range = {
		.range = all, .mode = UFFDIO_REGISTER_MODE_MISSING | UFFDIO_REGISTER_MODE_WP,
	};
	struct uffdio_zeropage zero = { .range = one };
	struct uffdio_writeprotect protect = {
		.range = one, .mode = UFFDIO_WRITEPROTECT_MODE_WP,
	};
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);

	check(p != MAP_FAILED && fd >= 0);
	memset(p + PAGE, 'm', 2 * PAGE);
	check(!ioctl(fd, UFFDIO_API, &api) && !ioctl(fd, UFFDIO_REGISTER, &range));
	check(!ioctl(fd, UFFDIO_ZEROPAGE, &zero) && !ioctl(fd, UFFDIO_WRITEPROTECT, &protect));
}

/* With and without a name; somebody is to be told of the next message in one of them. */
static void make_queues(void)
{
	struct mq_attr attr = { .mq_maxmsg = 3, .mq_msgsize = 9 };
	struct sigevent event = { .sigev_notify = SIGEV_NONE };
	mqd_t named, unlinked;

	mq_unlink("/menagerie");
	unlinked = mq_open("/menagerie", O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
	check(unlinked >= 0 && !mq_unlink("/menagerie"));
	check(!mq_notify(unlinked, &event));
	named = mq_open("/menagerie", O_RDWR | O_CREAT | O_EXCL, 0640, &attr);
	check(named >= 0 && !mq_send(named, "some", 4, 2) && !mq_send(named, "bytes", 5, 7));
	check(mq_open("/menagerie", O_RDONLY) >= 0);
}

static void *thread(void *arg)
{
	sigset_t set;

	prctl(PR_SET_NAME, "a thread");
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, 40);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	setpriority(PRIO_PROCESS, 0, 5);
	syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), 40);
	*(volatile pid_t *)arg = syscall(SYS_gettid);
	for (;;)
		pause();
	return arg;
}

/* It listens to itself, for a call that it does not make. */
static void make_listener(void)
{
	struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpgrp, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = 4, .filter = insns };

	check(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		      SECCOMP_FILTER_FLAG_NEW_LISTENER, &program) >= 0);
}

static void be_child(void)
{
	check(setsid() > 0);
	umask(0123);
	check(!chdir("/tmp"));
	prctl(PR_SET_NAME, "a child");
	signal(SIGTERM, SIG_IGN);
	make_listener();
	for (;;)
		pause();
}

static pid_t spawn(void)
{
	pid_t pid = fork();

	while (!pid)
		pause();
	return pid;
}

/* Its leader has ended. */
static void make_group(void)
{
	pid_t leader = spawn();

	children[3] = spawn();
	check(!setpgid(leader, 0) && !setpgid(children[3], leader));
	check(!kill(leader, SIGKILL) && waitpid(leader, NULL, 0) == leader);
}

static void make_children(void)
{
	children[0] = fork();
	if (!children[0])
		be_child();
	children[1] = spawn();
	wait_for_state(children[1], 'S');
	check(!kill(children[1], SIGSTOP));
	wait_for_state(children[1], 'T');
	children[2] = fork();
	if (!children[2])
		_exit(3);
	wait_for_state(children[2], 'Z');
	make_group();
}

int main(int argc, char **argv)
{
	const struct rlimit limit = { 100, 200 };
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	union sigval value = { .sival_int = 5 };
	pthread_t id;
	sigset_t set;
	int nr;

	check(argc == 2 || argc == 3);
	check(!sigaction(SIGHUP, &action, NULL));
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGWINCH);
	sigaddset(&set, 50);
	check(!pthread_sigmask(SIG_BLOCK, &set, NULL));
	check(!setrlimit(RLIMIT_NOFILE, &limit));
	make_mappings(argv[1]);
	make_descriptors(argv[1]);
	make_registered();
	/* A second word: with POSIX message queues. */
	if (argc == 3)
		make_queues();
	check(!pthread_create(&id, NULL, thread, (void *)&threads[0]));
	check(!pthread_create(&id, NULL, thread, (void *)&threads[1]));
	make_children();
	check(!sigqueue(getpid(), 50, value));
	check(!kill(getpid(), SIGWINCH));
	/* All of them wait, but the one that is stopped and the zombie. */
	wait_for_state(children[0], 'S');
	wait_for_state(children[3], 'S');
	for (nr = 0; nr < 2; nr++) {
		while (!threads[nr])
			nap(5);
		wait_for_state(threads[nr], 'S');
	}
	nap(200);
	printf("ready\n");
	fflush(stdout);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	check(sigwaitinfo(&set, NULL) == SIGUSR1);
	for (nr = 0; nr < 4; nr++)
		kill(children[nr], SIGKILL);
	mq_unlink("/menagerie");
	return 0;
}
