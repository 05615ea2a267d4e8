// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes and threads with credentials of all sorts, made by root: ids that
 * all differ, groups, capability sets, securebits, no_new_privs. Each is
 * described by one line of text, from /proc and system calls, which stays the same;
 * the ones without rights cannot look for the file that says to go on, so the
 * first process tells them.
 */
#define _GNU_SOURCE
#include <linux/capability.h>
#include <linux/securebits.h>
#include <pthread.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "tasks.h"

#define CAP(n)	(1ULL << (n))
#define TEXT	8192

/* System calls: the C library would change all threads of the process. */
static void set_caps(unsigned long long effective, unsigned long long permitted,
		     unsigned long long inheritable)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct caps[2] = {
		{ effective, permitted, inheritable },
		{ effective >> 32, permitted >> 32, inheritable >> 32 },
	};

	check(!syscall(SYS_capset, &head, caps));
}

static void raise_ambient(int cap)
{
	check(!prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0));
}

/* ---- who there is ---- */

static void be_root(void)
{
}

static void be_nobody(void)
{
	check(!syscall(SYS_setgroups, 0, NULL));
	check(!syscall(SYS_setgid, 65534) && !syscall(SYS_setuid, 65534));
}

static void be_many(void)
{
	static const gid_t groups[] = { 7, 3, 100000, 5, 3, 70000 };

	check(!syscall(SYS_setgroups, 6, groups));
	check(!syscall(SYS_setresgid, 1001, 1002, 1003));
	check(!syscall(SYS_setresuid, 2001, 2002, 2003));
}

/* Set-user-id root, as it were, and back. */
static void be_setuid(void)
{
	check(!syscall(SYS_setresuid, 1000, 1000, 0));
}

static void be_server(void)
{
	check(setfsgid(4001) == 0);
	check(setfsuid(4000) == 0);
}

static void be_weak_root(void)
{
	set_caps(CAP(CAP_CHOWN) | CAP(CAP_KILL), CAP(CAP_CHOWN) | CAP(CAP_KILL) |
		 CAP(CAP_SYS_NICE), CAP(CAP_NET_RAW) | CAP(CAP_KILL));
}

static void be_without_bounds(void)
{
	int cap;

	for (cap = 1; cap <= CAP_LAST_CAP; cap += 3)
		check(!prctl(PR_CAPBSET_DROP, cap, 0, 0, 0));
	set_caps(CAP(CAP_BPF), CAP(CAP_BPF) | CAP(CAP_SYS_PTRACE), 0);
}

static void be_ambient(void)
{
	unsigned long long caps = CAP(CAP_NET_BIND_SERVICE) | CAP(CAP_SYS_TIME);

	check(!prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
	check(!syscall(SYS_setgid, 3000) && !syscall(SYS_setuid, 3000));
	set_caps(caps, caps, caps);
	raise_ambient(CAP_NET_BIND_SERVICE);
}

static void be_capable_user(void)
{
	check(!prctl(PR_SET_SECUREBITS,
		     SECBIT_KEEP_CAPS | SECBIT_NO_SETUID_FIXUP |
		     SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_NOROOT, 0, 0, 0));
	check(!syscall(SYS_setuid, 5000));
	set_caps(CAP(CAP_SETUID), CAP(CAP_SETUID) | CAP(CAP_SYS_ADMIN), 0);
}

static void be_locked(void)
{
	check(!prctl(PR_SET_SECUREBITS,
		     SECBIT_NOROOT | SECBIT_NOROOT_LOCKED |
		     SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_KEEP_CAPS_LOCKED,
		     0, 0, 0));
	check(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

static void be_dumpable(void)
{
	be_nobody();
	check(!prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}

static void (*const roles[])(void) = {
	be_root, be_nobody, be_many, be_setuid, be_server, be_weak_root,
	be_without_bounds, be_ambient, be_capable_user, be_locked, be_dumpable,
};

#define NR (sizeof(roles) / sizeof(roles[0]))

/* ---- what they are ---- */

/* The lines of status that tell of credentials: a task may read its own. */
static size_t add_status(char *text, size_t len)
{
	static const char *const words[] = { "Uid:", "Gid:", "Groups:", "CapInh:",
		"CapPrm:", "CapEff:", "CapBnd:", "CapAmb:", "NoNewPrivs:" };
	FILE *f = fopen("/proc/thread-self/status", "r");
	char line[1024];
	unsigned int i;

	check(f);
	while (fgets(line, sizeof(line), f))
		for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (!strncmp(line, words[i], strlen(words[i])))
				len += snprintf(text + len, TEXT - len, "%s", line);
	fclose(f);
	return len;
}

/* Whether it is dumpable its threads say together: not while they change. */
static void describe(char *text, int alone)
{
	size_t len = add_status(text, 0);

	snprintf(text + len, TEXT - len, "securebits: %#x\ndumpable: %d\n",
		 prctl(PR_GET_SECUREBITS), alone ? prctl(PR_GET_DUMPABLE) : -1);
}

static void compare(unsigned int nr, const char *before, const char *after)
{
	if (!strcmp(before, after))
		return;
	printf("credentials %u were\n%sand are\n%s", nr, before, after);
	fflush(stdout);
	_exit(1);
}

static int built[2], go_on[2];

static void live(unsigned int nr, int alone)
{
	char before[TEXT], after[TEXT], byte;

	roles[nr]();
	describe(before, alone);
	check(write(built[1], "x", 1) == 1);
	check(read(go_on[0], &byte, 1) == 1);
	describe(after, alone);
	compare(nr, before, after);
}

/* Of one process, each thread has its own. */
static void *thread(void *arg)
{
	live((unsigned int)(unsigned long)arg, 0);
	return NULL;
}

static void live_in_threads(void)
{
	pthread_t ids[NR];
	unsigned int i;

	for (i = 0; i < 6; i++)
		check(!pthread_create(&ids[i], NULL, thread,
				      (void *)(unsigned long)i));
	for (i = 0; i < 6; i++)
		check(!pthread_join(ids[i], NULL));
}

int main(void)
{
	pid_t pids[NR + 1];
	unsigned int i;
	char byte;

	check(getuid() == 0);
	check(!pipe(built) && !pipe(go_on));
	for (i = 0; i <= NR; i++) {
		pids[i] = fork();
		check(pids[i] >= 0);
		if (pids[i])
			continue;
		if (i < NR)
			live(i, 1);
		else
			live_in_threads();
		_exit(0);
	}
	for (i = 0; i < NR + 6; i++)
		check(read(built[0], &byte, 1) == 1);
	ready();
	for (i = 0; i < NR + 6; i++)
		check(write(go_on[1], "x", 1) == 1);
	for (i = 0; i <= NR; i++)
		check(exited_with(pids[i], 0));
	return passed();
}
