// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ports of I/O that may be used: by ioperm(), which a thread and a child share with who has
 * made them until one of them changes it, and by iopl(); also 32-bit.
 *
 * Usage: ports [ioperm|iopl|none]: all of it, or one of the two, by a process that has given
 * up the right to it since, or neither.
 */
#define _GNU_SOURCE
#include <linux/capability.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/io.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "tasks.h"

/* Takes what is written to it, and does nothing with it. */
#define POST	0x80
/* Where there is nothing: of these every second one. */
#define SOME	0x5000
#define NR_SOME	0x100
#define LAST	0xffff

static __thread sigjmp_buf back;

static void on_fault(int sig)
{
	siglongjmp(back, 1);
	(void)sig;
}

static int may_use(unsigned int port)
{
	unsigned char byte;

	if (sigsetjmp(back, 1))
		return 0;
	asm volatile("inb %w1, %0" : "=a"(byte) : "d"(port));
	(void)byte;
	return 1;
}

/* @others: none of those that were asked for. */
static void check_ports(int post, int some, int last, int others)
{
	unsigned int i;

	check(may_use(POST) == post);
	check(may_use(POST - 1) == others && may_use(POST + 1) == others);
	for (i = 0; i < NR_SOME; i += 2) {
		check(may_use(SOME + i) == some);
		check(may_use(SOME + i + 1) == others);
	}
	check(may_use(SOME - 1) == others && may_use(SOME + NR_SOME) == others);
	check(may_use(LAST) == last && may_use(LAST - 1) == others);
}

static int allow(unsigned int first, unsigned int nr, int on)
{
	return syscall(SYS_ioperm, first, nr, on);
}

static void allow_some(void)
{
	unsigned int i;

	check(!allow(POST, 1, 1));
	for (i = 0; i < NR_SOME; i += 2)
		check(!allow(SOME + i, 1, 1));
	check(!allow(LAST, 1, 1));
}

/* Of the thread alone. */
static void give_up_right(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	check(!syscall(SYS_capget, &header, data));
	data[0].permitted &= ~(1U << CAP_SYS_RAWIO);
	data[0].effective &= ~(1U << CAP_SYS_RAWIO);
	data[0].inheritable &= ~(1U << CAP_SYS_RAWIO);
	check(!prctl(PR_CAPBSET_DROP, CAP_SYS_RAWIO, 0, 0, 0));
	check(!syscall(SYS_capset, &header, data));
	check(allow(POST + 1, 1, 1) == -1 && errno == EPERM);
}

/* Which it may lower, but not raise. */
static void check_level(unsigned int level)
{
	check(iopl(level + 1) == -1 && errno == EPERM);
	check(!iopl(level));
	if (!level)
		return;
	check(!iopl(level - 1));
	check(iopl(level) == -1 && errno == EPERM);
}

/* ---- threads ---- */

static void nothing(void)
{
}

/* It shares all that there is, and gives up a part of it when it has been restored. */
static void verify_sharer(void)
{
	check_ports(1, 1, 1, 0);
	check(!allow(POST, 1, 0));
	check_ports(0, 1, 1, 0);
}

static void keep_one(void)
{
	check(!allow(POST + 1, LAST - POST, 0));
}

static void verify_one(void)
{
	check_ports(1, 0, 0, 0);
}

static void keep_none(void)
{
	check(!allow(0, LAST + 1, 0));
}

static void verify_none(void)
{
	check_ports(0, 0, 0, 0);
}

static void raise_level(void)
{
	check(!iopl(3));
}

static void verify_level(void)
{
	check_ports(1, 1, 1, 1);
	check(!iopl(0));
	check_ports(1, 1, 1, 0);
}

/* With a level that is good for nothing, and no right to any. */
static void raise_without_right(void)
{
	check(!iopl(2));
	give_up_right();
}

static void verify_without_right(void)
{
	check_ports(1, 1, 1, 0);
	check_level(2);
	check_ports(1, 1, 1, 0);
}

static const struct kind {
	void (*set)(void);
	void (*verify)(void);
} kinds[] = {
	{ nothing, verify_sharer },
	{ keep_one, verify_one },
	{ keep_none, verify_none },
	{ raise_level, verify_level },
	{ raise_without_right, verify_without_right },
};

#define NR_KINDS	(sizeof(kinds) / sizeof(kinds[0]))

static pthread_barrier_t barrier;

static void *thread(void *arg)
{
	const struct kind *kind = arg;

	kind->set();
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	kind->verify();
	return NULL;
}

static void threads(void)
{
	pthread_t ids[NR_KINDS];
	unsigned int i;
	pid_t child;

	allow_some();
	check(!pthread_barrier_init(&barrier, NULL, NR_KINDS + 1));
	for (i = 0; i < NR_KINDS; i++)
		check(!pthread_create(&ids[i], NULL, thread, (void *)&kinds[i]));
	pthread_barrier_wait(&barrier);
	child = fork();
	check(child >= 0);
	if (!child) {
		wait_to_go_on();
		check_ports(1, 1, 1, 0);
		_exit(0);
	}
	check_ports(1, 1, 1, 0);
	ready();
	pthread_barrier_wait(&barrier);
	for (i = 0; i < NR_KINDS; i++)
		check(!pthread_join(ids[i], NULL));
	/* Whatever the others have done. */
	check_ports(1, 1, 1, 0);
	check(exited_with(child, 0));
}

/* ---- one alone ---- */

static void one(int some, unsigned int level)
{
	if (some)
		allow_some();
	check(!iopl(level));
	give_up_right();
	ready();
	check_ports(some || level == 3, some || level == 3, some || level == 3, level == 3);
	check(allow(POST + 1, 1, 1) == -1 && errno == EPERM);
	if (level < 3)
		check_level(level);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "all";

	check(signal(SIGSEGV, on_fault) != SIG_ERR);
	if (!strcmp(what, "all"))
		threads();
	else if (!strcmp(what, "ioperm"))
		one(1, 0);
	else if (!strcmp(what, "iopl"))
		one(0, 3);
	else if (!strcmp(what, "none"))
		one(0, 0);
	else
		return 2;
	return passed();
}
