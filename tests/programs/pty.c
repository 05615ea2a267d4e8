// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pairs of pseudoterminals: what is in them, both ways, in lines and without;
 * settings, window, packet mode, flow; ends that are closed, hung up, never opened.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>

#include "openfile.h"

struct pair {
	int ptmx, pts, nr;
};

static const char *name_of(const struct pair *p)
{
	static char path[40];

	snprintf(path, sizeof(path), "/dev/pts/%d", p->nr);
	return path;
}

static int open_pts(const struct pair *p, int flags)
{
	return open(name_of(p), flags | O_NOCTTY);
}

static struct pair open_pair(int flags)
{
	int ptmx = open("/dev/ptmx", O_RDWR | O_NOCTTY), unlock = 0;
	struct pair p = { .ptmx = ptmx, .pts = -1 };

	check(ptmx >= 0 && ioctl(ptmx, TIOCSPTLCK, &unlock) == 0);
	check(ioctl(ptmx, TIOCGPTN, &p.nr) == 0);
	check(fcntl(ptmx, F_SETFL, O_NONBLOCK) == 0);
	if (flags < 0)
		return p;
	p.pts = open_pts(&p, flags | O_NONBLOCK);
	check(p.pts >= 0);
	return p;
}

static void set_raw(int pts)
{
	struct termios t;

	check(tcgetattr(pts, &t) == 0);
	cfmakeraw(&t);
	check(tcsetattr(pts, TCSANOW, &t) == 0);
}

static int events(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLPRI | POLLOUT };

	check(poll(&p, 1, 0) >= 0);
	return p.revents;
}

static void put(int fd, const char *text)
{
	check(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
}

/* What is there arrives; the kernel may take its time for that. */
static void expect(int fd, const char *text)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t size = strlen(text), got = 0;
	char buf[256];
	ssize_t n;

	while (got < size) {
		check(poll(&p, 1, -1) == 1);
		n = read(fd, buf + got, sizeof(buf) - got);
		check(n > 0);
		got += n;
	}
	buf[got] = 0;
	if (strcmp(buf, text))
		printf("not \"%s\" but \"%s\"\n", text, buf);
	check(!strcmp(buf, text));
}

/* One read is one line, or what ^D has made of one. */
static void expect_line(int fd, const char *text)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char buf[256] = {};

	check(poll(&p, 1, -1) == 1);
	check(read(fd, buf, sizeof(buf)) == (ssize_t)strlen(text) && !strcmp(buf, text));
}

static void expect_nothing(int fd)
{
	char c;

	check(read(fd, &c, 1) == -1 && errno == EAGAIN);
}

static char pattern(size_t i)
{
	return 'a' + i * 7 % 26;
}

/* As much as there is room for. */
static size_t fill(int fd)
{
	size_t done = 0;
	char buf[1000];
	ssize_t n = 1;
	int i;

	while (n > 0) {
		for (i = 0; i < (int)sizeof(buf); i++)
			buf[i] = pattern(done + i);
		n = write(fd, buf, sizeof(buf));
		check(n > 0 || errno == EAGAIN);
		done += n > 0 ? n : 0;
	}
	return done;
}

static void drain(int fd, size_t size)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t done = 0;
	char buf[1500];
	ssize_t n, i;

	while (done < size) {
		check(poll(&p, 1, -1) == 1);
		n = read(fd, buf, sizeof(buf));
		check(n > 0);
		for (i = 0; i < n; i++)
			check(buf[i] == pattern(done + i));
		done += n;
	}
	check(done == size);
}

/* ---- lines ---------------------------------------------------------------- */

static struct pair lines;
static struct termios settings;
static int second;

static void type_lines(void)
{
	struct winsize size = { .ws_row = 50, .ws_col = 132, .ws_xpixel = 7 };

	lines = open_pair(O_RDWR);
	second = open_pts(&lines, O_RDONLY);
	check(second >= 0);
	check(tcgetattr(lines.pts, &settings) == 0);
	settings.c_cc[VINTR] = 'Q' & 31;
	settings.c_cc[VEOL] = ';';
	settings.c_iflag &= ~IXON;
	check(cfsetspeed(&settings, B9600) == 0);
	check(tcsetattr(lines.pts, TCSANOW, &settings) == 0);
	check(tcgetattr(lines.pts, &settings) == 0);
	check(ioctl(lines.ptmx, TIOCSWINSZ, &size) == 0);
	check(fchmod(lines.pts, 0640) == 0 && fchown(lines.pts, 1000, 1000) == 0);
	put(lines.ptmx, "one\ntwo\004thr;four\026");
	/* It is all there when the echo is. */
	expect(lines.ptmx, "one\r\ntwothr;four^\b");
	put(lines.pts, "said\n");
}

static void check_lines(void)
{
	static struct termios now;
	struct winsize size;
	struct stat st;

	check(tcgetattr(lines.pts, &now) == 0 && !memcmp(&now, &settings, sizeof(now)));
	check(ioctl(lines.pts, TIOCGWINSZ, &size) == 0);
	check(size.ws_row == 50 && size.ws_col == 132 && size.ws_xpixel == 7);
	check(fstat(lines.pts, &st) == 0 && st.st_mode == (S_IFCHR | 0640));
	check(st.st_uid == 1000 && st.st_gid == 1000);
	check(st.st_rdev == makedev(136, lines.nr));
	expect(lines.ptmx, "said\r\n");
	expect_line(lines.pts, "one\n");
	expect_line(second, "two");
	expect_line(lines.pts, "thr;");
	expect_nothing(lines.pts);
	/* ^V is still to come into effect; then one character is taken back. */
	put(lines.ptmx, "\021x\177!\n");
	expect_line(lines.pts, "four\021!\n");
	expect(lines.ptmx, "^Qx\b \b!\r\n");
	check(close(second) == 0 && !(events(lines.ptmx) & POLLHUP));
}

/* ---- bytes, both ways ------------------------------------------------------ */

static struct pair full;
static size_t there, back;

static void fill_both(void)
{
	full = open_pair(O_RDWR);
	set_raw(full.pts);
	there = fill(full.ptmx);
	back = fill(full.pts);
	/* More than who reads can be given at once: some is still on its way. */
	check(there > 4096 && back > 4096);
}

static void check_both(void)
{
	drain(full.pts, there);
	drain(full.ptmx, back);
	put(full.ptmx, "after");
	expect(full.pts, "after");
}

/* ---- modes ------------------------------------------------------------------ */

static struct pair packet, stopped;

static void set_modes(void)
{
	int on = 1;

	packet = open_pair(O_RDWR);
	check(ioctl(packet.ptmx, TIOCPKT, &on) == 0);
	put(packet.pts, "text");
	check(tcflow(packet.pts, TCOOFF) == 0);
	check(ioctl(packet.ptmx, TIOCSPTLCK, &on) == 0);
	check(ioctl(packet.pts, TIOCEXCL) == 0);

	/* ^S: what is typed then is echoed later. */
	stopped = open_pair(O_RDWR);
	put(stopped.ptmx, "x");
	expect(stopped.ptmx, "x");
	put(stopped.ptmx, "\023");
	while (events(stopped.pts) & POLLOUT)
		;
	put(stopped.ptmx, "y\tz\177\177");
}

static void check_modes(void)
{
	char buf[8];
	int on;

	check(ioctl(packet.ptmx, TIOCGPKT, &on) == 0 && on);
	check(ioctl(packet.ptmx, TIOCGPTLCK, &on) == 0 && on);
	check(ioctl(packet.pts, TIOCGEXCL, &on) == 0 && on);
	check(ioctl(packet.ptmx, TIOCGEXCL, &on) == 0 && !on);
	check(events(packet.ptmx) & POLLPRI);
	check(read(packet.ptmx, buf, 8) == 1 && buf[0] == TIOCPKT_STOP);
	check(read(packet.ptmx, buf, 8) == 5 && !memcmp(buf, "\0text", 5));
	check(write(packet.pts, "x", 1) == -1 && errno == EAGAIN);
	/* Nor does it start by what is typed. */
	put(packet.ptmx, "\021");
	check(write(packet.pts, "x", 1) == -1 && errno == EAGAIN);
	check(tcflow(packet.pts, TCOON) == 0);
	check(read(packet.ptmx, buf, 8) == 1 && buf[0] == TIOCPKT_START);
	check(open_pts(&packet, O_RDWR) == -1 && errno == EIO);

	expect_nothing(stopped.ptmx);
	put(stopped.ptmx, "\021");
	expect(stopped.ptmx, "y\tz\b \b\b\b\b\b\b\b");
	put(stopped.ptmx, "\n");
	expect_line(stopped.pts, "xy\n");
}

/* ---- ends that are not there ------------------------------------------------- */

static struct pair unopened, left, closed, again, shut;
static int old;

static void leave(void)
{
	struct pair gap;

	unopened = open_pair(-1);
	left = open_pair(O_RDWR);
	put(left.pts, "bye");
	check(close(left.pts) == 0);
	/* Its number is free, and those behind it are not. */
	gap = open_pair(O_RDWR);
	closed = open_pair(O_RDWR);
	check(close(closed.ptmx) == 0);
	again = open_pair(O_RDWR);
	old = again.pts;
	check(ioctl(old, TIOCVHANGUP) == 0);
	again.pts = open_pts(&again, O_RDWR | O_NONBLOCK);
	check(again.pts >= 0);
	put(again.ptmx, "new\n");
	shut = open_pair(O_RDWR);
	check(ioctl(shut.pts, TIOCVHANGUP) == 0);
	check(close(gap.pts) == 0 && close(gap.ptmx) == 0);
}

static void check_hung_up(int fd)
{
	char c;

	check(read(fd, &c, 1) == 0);
	check(write(fd, "x", 1) == -1 && errno == EIO);
	check(events(fd) & POLLHUP);
}

static void check_left(void)
{
	struct stat st;
	char c;

	expect_nothing(unopened.ptmx);
	check(!(events(unopened.ptmx) & POLLHUP));
	unopened.pts = open_pts(&unopened, O_RDWR);
	put(unopened.pts, "first");
	expect(unopened.ptmx, "first");

	check(events(left.ptmx) & POLLHUP);
	expect(left.ptmx, "bye");
	check(read(left.ptmx, &c, 1) == -1 && errno == EIO);
	left.pts = open_pts(&left, O_RDWR);
	put(left.pts, "back");
	expect(left.ptmx, "back");

	check_hung_up(closed.pts);
	check(fstat(closed.pts, &st) == 0 && st.st_rdev == makedev(136, closed.nr));
	check(access(name_of(&closed), F_OK) == -1);

	check_hung_up(old);
	expect_line(again.pts, "new\n");
	check_hung_up(shut.pts);
	check(close(shut.pts) == 0);
	shut.pts = open_pts(&shut, O_RDWR);
	put(shut.ptmx, "alive\n");
	expect_line(shut.pts, "alive\n");
}

/* ---- the files ----------------------------------------------------------------- */

static volatile sig_atomic_t told;

static void note(int sig)
{
	told = sig;
}

int main(void)
{
	struct pair async;
	struct dressed d;

	signal(SIGUSR1, note);
	signal(SIGHUP, SIG_IGN);
	type_lines();
	fill_both();
	set_modes();
	leave();
	async = open_pair(O_RDWR);
	d = dress(async.pts, SIGUSR1);
	check(fcntl(async.pts, F_SETFL, fcntl(async.pts, F_GETFL) | O_ASYNC) == 0);
	d.flags |= O_ASYNC;

	ready();

	check_lines();
	check_both();
	check_modes();
	check_left();
	check_dressed(&d, SIGUSR1);
	told = 0;
	put(async.ptmx, "x\n");
	expect_line(async.pts, "x\n");
	while (told != SIGUSR1)
		poll(NULL, 0, 1);
	return passed();
}
