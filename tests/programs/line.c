// SPDX-License-Identifier: GPL-2.0-only
/*
 * A serial line, which has nobody at its other end and hears itself (TIOCM_LOOP): settings,
 * window, modem lines, what has come and not been read, who has it for controlling
 * terminal and who is in front there, how it is open.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "tasks.h"

#define LINE "/dev/ttyS1"
#define QUEUED "queued\nhalf"

#ifndef TIOCM_LOOP
#define TIOCM_LOOP 0x8000
#endif

static const struct winsize window = { .ws_row = 33, .ws_col = 99, .ws_xpixel = 7 };

static int modem_lines(int line)
{
	int lines;

	check(ioctl(line, TIOCMGET, &lines) == 0);
	return lines & (TIOCM_DTR | TIOCM_RTS | TIOCM_LOOP);
}

/* By bytes and without echo: what it hears is not to be said again. */
static void set_up(int line, struct termios *t)
{
	int lines = TIOCM_LOOP, dropped = TIOCM_DTR;

	check(tcgetattr(line, t) == 0);
	cfmakeraw(t);
	cfsetspeed(t, B19200);
	t->c_cflag |= CLOCAL | CREAD;
	t->c_cc[VMIN] = 3;
	t->c_cc[VSUSP] = 'z';
	check(tcsetattr(line, TCSANOW, t) == 0 && tcgetattr(line, t) == 0);
	check(ioctl(line, TIOCSWINSZ, &window) == 0);
	check(ioctl(line, TIOCMBIS, &lines) == 0 && ioctl(line, TIOCMBIC, &dropped) == 0);
}

static void say(int line, const char *text)
{
	check(write(line, text, strlen(text)) == (ssize_t)strlen(text));
}

static int heard(int line)
{
	int n;

	check(ioctl(line, FIONREAD, &n) == 0);
	return n;
}

static void hear(int line, const char *text)
{
	char buf[64] = "";

	while (heard(line) < (int)strlen(text))
		nap(5);
	check(read(line, buf, sizeof(buf)) == (ssize_t)strlen(text) && !strcmp(buf, text));
}

static pid_t start_front(int line)
{
	pid_t pid = fork();

	check(pid >= 0);
	if (!pid) {
		setpgid(0, 0);
		for (;;)
			pause();
	}
	check(setpgid(pid, pid) == 0);
	check(tcsetpgrp(line, pid) == 0);
	return pid;
}

/* Whoever leads the session, of which @told hears. */
static int lead(int told)
{
	int line, by_name, exclusive = 0;
	struct winsize now;
	struct termios set = {}, t = {};
	pid_t front;

	check(setsid() == getpid());
	signal(SIGTTOU, SIG_IGN);
	line = open(LINE, O_RDWR | O_NONBLOCK);
	need(line >= 0 && ioctl(line, TIOCMGET, &exclusive) == 0);
	by_name = open("/dev/tty", O_RDONLY);
	check(by_name >= 0 && tcgetsid(line) == getpid());
	set_up(line, &set);
	say(line, QUEUED);
	while (heard(line) < (int)strlen(QUEUED))
		nap(5);
	check(ioctl(line, TIOCEXCL) == 0);
	front = start_front(line);
	check(modem_lines(line) == (TIOCM_LOOP | TIOCM_RTS));
	check(write(told, "r", 1) == 1);
	wait_to_go_on();

	check(tcgetattr(line, &t) == 0 && !memcmp(&t, &set, sizeof(t)));
	check(ioctl(by_name, TIOCGWINSZ, &now) == 0 && !memcmp(&now, &window, sizeof(now)));
	check(modem_lines(by_name) == (TIOCM_LOOP | TIOCM_RTS));
	check(ioctl(line, TIOCGEXCL, &exclusive) == 0 && exclusive);
	check(tcgetsid(by_name) == getpid() && tcgetpgrp(line) == front);
	/* Who reads has to be in front. */
	check(tcsetpgrp(line, getpgrp()) == 0);
	check(fcntl(line, F_GETFL) & O_NONBLOCK);
	check(!(fcntl(by_name, F_GETFL) & O_NONBLOCK));
	hear(by_name, QUEUED);
	say(line, "more\n");
	hear(by_name, "more\n");
	check(kill(front, SIGKILL) == 0 && waitpid(front, NULL, 0) == front);
	return 0;
}

int main(void)
{
	int told[2];
	char byte;
	pid_t pid;

	check(pipe(told) == 0);
	pid = fork();
	check(pid >= 0);
	if (!pid)
		_exit(lead(told[1]));
	close(told[1]);
	if (read(told[0], &byte, 1) != 1)
		_exit(1);
	ready();
	check(exited_with(pid, 0));
	return passed();
}
