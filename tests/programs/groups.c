// SPDX-License-Identifier: GPL-2.0-only
/*
 * Process groups and sessions whose leader has ended and been waited for: who is in them,
 * who stays stopped, who can be signalled; and that their numbers are free when the last
 * member has gone.
 *
 * With a number as its argument it has a child of that pid until it is to go on.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "tasks.h"

/* Not in every C library's headers. */
#ifndef PIDFD_SIGNAL_PROCESS_GROUP
#define PIDFD_SIGNAL_PROCESS_GROUP (1UL << 2)
#endif

enum {
	FIRST, SECOND,		/* in a group of our session */
	STOPPED,		/* in the group of a session that is led by nobody */
	LEADER,			/* of another group in that session */
	ORPHAN,			/* in one more, which nobody leads */
	ALONE,			/* leads a group; its session has no other */
	PARENT,			/* leads a session, and has a zombie */
	LEFT,			/* in the group of that zombie, stopped */
	NR
};

static struct member {
	pid_t pid, pgid, sid;
} *members;

static int told[2], go_on[2], pidfd;
static volatile sig_atomic_t signals;

static void on_signal(int sig)
{
	signals++;
	(void)sig;
}

static void take_place(int nr)
{
	struct member *m = members + nr;
	char byte;

	*m = (struct member){ getpid(), getpgid(0), getsid(0) };
	close(go_on[1]);
	check(write(told[1], "x", 1) == 1);
	check(read(go_on[0], &byte, 1) == 0);
	check(getpgid(0) == m->pgid && getsid(0) == m->sid);
	check(signals == (nr == FIRST || nr == SECOND));
}

static void be_member(int nr)
{
	take_place(nr);
	_exit(0);
}

static pid_t spawn(void (*be)(int nr), int nr)
{
	pid_t pid = fork();

	check(pid >= 0);
	if (!pid) {
		be(nr);
		_exit(0);
	}
	return pid;
}

static void lead_group(int nr)
{
	check(!setpgid(0, 0));
	be_member(nr);
}

static void leave_group(int nr)
{
	check(!setpgid(0, 0));
	spawn(be_member, nr);
	if (nr == FIRST)
		spawn(be_member, SECOND);
}

static void leave_session(int nr)
{
	check(setsid() == getpid());
	if (nr == ALONE) {
		spawn(lead_group, ALONE);
		return;
	}
	spawn(be_member, STOPPED);
	spawn(lead_group, LEADER);
	check(exited_with(spawn(leave_group, ORPHAN), 0));
}

/* The zombie was the last by whom its group had a parent in its session. */
static void be_parent(int nr)
{
	pid_t zombie;

	check(setsid() == getpid());
	zombie = spawn(leave_group, LEFT);
	wait_for_state(zombie, 'Z');
	take_place(nr);
	check(getsid(zombie) == getpid() && exited_with(zombie, 0));
}

static void build(void)
{
	pid_t pid;
	char byte;
	int i;

	members = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	check(members != MAP_FAILED && !pipe(told) && !pipe(go_on));
	check(!prctl(PR_SET_CHILD_SUBREAPER, 1));
	pid = spawn(leave_group, FIRST);
	pidfd = syscall(SYS_pidfd_open, pid, 0);
	check(pidfd >= 0 && exited_with(pid, 0));
	check(exited_with(spawn(leave_session, STOPPED), 0));
	check(exited_with(spawn(leave_session, ALONE), 0));
	spawn(be_parent, PARENT);
	for (i = 0; i < NR; i++)
		check(read(told[0], &byte, 1) == 1);
	check(!kill(members[STOPPED].pid, SIGSTOP));
	check(!kill(members[LEFT].pid, SIGSTOP));
	wait_for_state(members[STOPPED].pid, 'T');
	wait_for_state(members[LEFT].pid, 'T');
	check(!fcntl(told[0], F_SETOWN, -members[FIRST].pgid));
}

static void verify_places(void)
{
	const struct member *m = members;
	int i;

	check(m[FIRST].pgid == m[SECOND].pgid && m[FIRST].sid == getsid(0));
	check(m[STOPPED].pgid == m[STOPPED].sid && m[LEADER].sid == m[STOPPED].sid);
	check(m[ORPHAN].sid == m[STOPPED].sid && m[ORPHAN].pgid != m[ORPHAN].pid);
	check(m[ALONE].pgid == m[ALONE].pid && m[ALONE].sid != m[ALONE].pid);
	for (i = 0; i < NR; i++)
		check(getpgid(m[i].pid) == m[i].pgid && getsid(m[i].pid) == m[i].sid);
	check(state_of(m[FIRST].pgid) == '-' && state_of(m[STOPPED].sid) == '-');
	check(state_of(m[ORPHAN].pgid) == '-' && state_of(m[ALONE].sid) == '-');
	check(m[LEFT].sid == m[PARENT].pid && state_of(m[LEFT].pgid) == 'Z');
}

/* One whose parent is of its session stops at a terminal's wish, an orphan does not. */
static void verify_signals(void)
{
	struct f_owner_ex owner = { 0 };
	int status;

	check(state_of(members[STOPPED].pid) == 'T' && state_of(members[LEFT].pid) == 'T');
	check(!fcntl(told[0], F_GETOWN_EX, &owner));
	check(owner.type == F_OWNER_PGRP && owner.pid == members[FIRST].pgid);
	check(!syscall(SYS_pidfd_send_signal, pidfd, SIGUSR1, NULL,
		       PIDFD_SIGNAL_PROCESS_GROUP));
	check(!kill(members[SECOND].pid, SIGTSTP) && !kill(members[ORPHAN].pid, SIGTSTP));
	check(waitpid(-members[FIRST].pgid, &status, WUNTRACED) == members[SECOND].pid);
	check(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTSTP);
	check(!kill(-members[FIRST].pgid, SIGCONT));
	check(!kill(-members[STOPPED].sid, SIGCONT) && !kill(-members[LEFT].pgid, SIGCONT));
}

static int has_pid(pid_t pid)
{
	struct clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid = (uintptr_t)&pid,
		.set_tid_size = 1,
	};
	int got = syscall(SYS_clone3, &args, sizeof(args));

	if (got == 0) {
		wait_to_go_on();
		_exit(0);
	}
	check(got == pid || errno == EEXIST);
	return got == pid;
}

/* A number that has no members any more is anybody's. */
static void verify_ends(void)
{
	int i, status;

	close(go_on[1]);
	for (i = 0; i < NR; i++) {
		check(waitpid(members[i].pid, &status, WUNTRACED) == members[i].pid);
		check(WIFEXITED(status) && !WEXITSTATUS(status));
	}
	for (i = 0; i < NR; i++) {
		check(kill(-members[i].pgid, 0) == -1 && errno == ESRCH);
		if (i == SECOND)
			continue;
		check(has_pid(members[i].pgid) && exited_with(members[i].pgid, 0));
	}
	check(has_pid(members[ALONE].sid) && exited_with(members[ALONE].sid, 0));
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

	if (argc == 2) {
		check(has_pid(atoi(argv[1])));
		ready();
		check(exited_with(atoi(argv[1]), 0));
		return passed();
	}
	check(!sigaction(SIGUSR1, &action, NULL));
	build();
	verify_places();
	printf("group %d\n", members[FIRST].pgid);
	ready();
	verify_places();
	verify_signals();
	verify_ends();
	return passed();
}
