// SPDX-License-Identifier: GPL-2.0-only
/*
 * Controlling terminals: a session with a job in the foreground that reads, one
 * that was stopped because it wanted to, and one that has ended; and a session that
 * has lost its terminal.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <termios.h>

#include "tasks.h"

static int open_pair(char path[40])
{
	int ptmx = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC), unlock = 0, nr;

	check(ptmx >= 0 && ioctl(ptmx, TIOCSPTLCK, &unlock) == 0);
	check(ioctl(ptmx, TIOCGPTN, &nr) == 0);
	snprintf(path, 40, "/dev/pts/%d", nr);
	return ptmx;
}

/* Number of the controlling terminal of a process, as ps(1) shows it. */
static int terminal_of(pid_t pid)
{
	char path[40], line[512], *end;
	int nr = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "r");
	check(f && fgets(line, sizeof(line), f));
	fclose(f);
	end = strrchr(line, ')');
	check(end && sscanf(end + 2, "%*c %*d %*d %*d %d", &nr) == 1);
	return nr;
}

static void put(int fd, const char *text)
{
	check(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
}

/* A job: reads a line, maybe not before it may, and is done when it is that one. */
static pid_t start_job(int tty, const char *line, int in_front)
{
	pid_t pid = fork();
	char buf[64];
	ssize_t n;

	check(pid >= 0);
	if (pid) {
		check(setpgid(pid, pid) == 0 || errno == EACCES);
		return pid;
	}
	setpgid(0, 0);
	while (in_front && tcgetpgrp(tty) != getpid())
		nap(5);
	n = read(tty, buf, sizeof(buf));
	_exit(n == (ssize_t)strlen(line) && !memcmp(buf, line, n) ? 7 : 1);
}

/* As a shell is: @told says that its jobs are there. */
static int lead(const char *path, int told)
{
	pid_t front, behind, ended;
	int tty, again;

	check(setsid() == getpid());
	tty = open(path, O_RDWR);
	check(tty >= 0 && tcgetsid(tty) == getpid() && tcgetpgrp(tty) == getpid());
	again = open("/dev/tty", O_RDWR);
	check(again >= 0);
	signal(SIGTTOU, SIG_IGN);

	front = start_job(tty, "front\n", 1);
	check(tcsetpgrp(tty, front) == 0);
	behind = start_job(again, "behind\n", 0);
	wait_for_state(behind, 'T');
	wait_for_state(front, 'S');
	ended = fork();
	if (!ended)
		_exit(3);
	wait_for_state(ended, 'Z');
	put(told, "r");
	wait_to_go_on();

	check(tcgetpgrp(again) == front && tcgetsid(again) == getpid());
	check(terminal_of(ended) == terminal_of(getpid()) && terminal_of(ended) > 0);
	check(terminal_of(behind) == terminal_of(getpid()));
	check(state_of(behind) == 'T' && exited_with(ended, 3));
	put(told, "f");
	check(exited_with(front, 7));
	/* Its group is no more, and still in front. */
	check(tcgetpgrp(tty) == front);
	check(tcsetpgrp(tty, behind) == 0 && kill(-behind, SIGCONT) == 0);
	put(told, "b");
	check(exited_with(behind, 7));
	check(tcsetpgrp(tty, getpgrp()) == 0);
	put(told, "d");
	return 0;
}

/* One whose foreground group has ended, and nobody has taken its place. */
static int lead_none(const char *path, int told)
{
	pid_t job, other;
	int tty, status;

	check(setsid() == getpid());
	tty = open(path, O_RDWR);
	signal(SIGTTOU, SIG_IGN);
	job = start_job(tty, "x\n", 0);
	check(kill(job, SIGKILL) == 0);
	check(tcsetpgrp(tty, job) == 0 && waitpid(job, NULL, 0) == job);
	put(told, "r");
	wait_to_go_on();

	check(tcgetpgrp(tty) == job);
	/* So everybody else is in the background. */
	other = start_job(tty, "y\n", 0);
	check(waitpid(other, &status, WUNTRACED) == other && WIFSTOPPED(status) &&
	      WSTOPSIG(status) == SIGTTIN);
	kill(other, SIGKILL);
	check(waitpid(other, NULL, 0) == other);
	put(told, "d");
	return 0;
}

/* One that has lost it: when it ends its foreground group is told, whose leader has ended. */
static int lead_lost(const char *path, int ptmx, int told)
{
	pid_t front, first;
	int tty;

	check(setsid() == getpid());
	tty = open(path, O_RDWR);
	signal(SIGTTOU, SIG_IGN);
	first = fork();
	front = first ? fork() : 0;
	if (!front) {
		close(ptmx);
		for (;;)
			pause();
	}
	signal(SIGHUP, SIG_IGN);
	check(setpgid(first, first) == 0 && setpgid(front, first) == 0);
	check(tcsetpgrp(tty, first) == 0);
	check(kill(first, SIGKILL) == 0 && waitpid(first, NULL, 0) == first);
	check(write(told, &front, sizeof(front)) == sizeof(front));
	check(close(ptmx) == 0);
	while (terminal_of(getpid()))
		nap(5);
	put(told, "r");
	wait_to_go_on();

	check(terminal_of(getpid()) == 0 && open("/dev/tty", O_RDWR) == -1);
	return 0;
}

static void expect(int fd, char what)
{
	char c;

	check(read(fd, &c, 1) == 1 && c == what);
}

int main(void)
{
	char path[3][40];
	int p[3][2], ptmx[3], i;
	pid_t pid[3], front;

	check(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
	for (i = 0; i < 3; i++) {
		check(pipe(p[i]) == 0);
		ptmx[i] = open_pair(path[i]);
	}
	for (i = 0; i < 3; i++) {
		pid[i] = fork();
		check(pid[i] >= 0);
		if (pid[i])
			continue;
		if (i == 2)
			_exit(lead_lost(path[2], ptmx[2], p[2][1]));
		close(ptmx[2]);
		_exit(i ? lead_none(path[1], p[1][1]) : lead(path[0], p[0][1]));
	}
	check(read(p[2][0], &front, sizeof(front)) == sizeof(front));
	check(close(ptmx[2]) == 0);
	for (i = 0; i < 3; i++)
		expect(p[i][0], 'r');

	ready();

	expect(p[0][0], 'f');
	put(ptmx[0], "front\n");
	expect(p[0][0], 'b');
	put(ptmx[0], "behind\n");
	expect(p[0][0], 'd');
	check(exited_with(pid[0], 0));
	expect(p[1][0], 'd');
	check(exited_with(pid[1], 0));
	/* When that was lost it was not told, but now it is. */
	check(exited_with(pid[2], 0) && status_of(front) == SIGHUP);
	return passed();
}
