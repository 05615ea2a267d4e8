// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copying a stream, and saying how far it is.
 *
 * sendfile(2) where it works, because memory then goes out of an image by
 * reference; read(2) and write(2) from what is no file.
 */
#include <fcntl.h>
#include <poll.h>
#include <sys/sendfile.h>
#include <time.h>
#include <unistd.h>

#include "ckpt.h"

#define PIECE	BIT(20)

#define BAR	24	/* characters */
#define FIRST	1000	/* ms before anything is said */
#define PAUSE	100	/* ms from one line to the next */

volatile sig_atomic_t stop_copying;

/**
 * struct progress - what is said on the terminal
 * @done, @total: bytes
 * @begun:	time, ms
 * @last:	time when something was said last, ms
 * @shown:	there is a line to be wiped out
 */
struct progress {
	u64 done;
	u64 total;
	u64 begun;
	u64 last;
	bool shown;
};

static u64 now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

static void put_bar(u64 done, u64 total)
{
	unsigned int full = done >= total ? BAR : done * BAR / total, i;

	fputs(" [", stderr);
	for (i = 0; i < BAR; i++)
		fputc(i < full ? '#' : '.', stderr);
	fprintf(stderr, "] %3llu%%", done >= total ? 100 : done * 100 / total);
}

static void put_line(const struct progress *p, u64 elapsed)
{
	u64 rate = p->done * 1000 / elapsed, left;

	fputs("\rckpt:", stderr);
	if (p->total)
		put_bar(p->done, p->total);
	fprintf(stderr, " %llu MiB, %llu MiB/s", p->done >> 20, rate >> 20);
	if (p->total > p->done && rate) {
		left = (p->total - p->done) / rate;
		fprintf(stderr, ", %llu:%02llu left", left / 60, left % 60);
	}
	fputs("\033[K", stderr);
}

static void progress_add(struct progress *p, u64 bytes)
{
	u64 now = now_ms();

	p->done += bytes;
	if (now < p->begun + FIRST || now < p->last + PAUSE || !isatty(STDERR_FILENO))
		return;
	put_line(p, now - p->begun);
	p->last = now;
	p->shown = true;
}

static void progress_end(const struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
}

/*
 * Is a call that failed to be made again? Descriptors that others have, too, may be set not
 * to block by them; of one that blocks EAGAIN is a failure.
 */
static bool try_again(int fd, short events)
{
	struct pollfd ready = { .fd = fd, .events = events };

	if (stop_copying)
		return false;
	if (errno != EAGAIN)
		return errno == EINTR;
	if (!(fcntl(fd, F_GETFL) & O_NONBLOCK))
		return false;
	poll(&ready, 1, -1);
	return true;
}

ssize_t read_some(int in, u8 *buf, size_t size)
{
	ssize_t n;

	do
		n = read(in, buf, size);
	while (n < 0 && try_again(in, POLLIN));
	return n;
}

int write_all(int out, const u8 *buf, size_t size)
{
	while (size) {
		ssize_t n = write(out, buf, size);

		if (n < 0 && try_again(out, POLLOUT))
			continue;
		if (n < 0)
			return -errno;
		buf += n;
		size -= n;
	}
	return 0;
}

/* Return: 0 at the end, 1 if sendfile(2) cannot do it, or -errno. */
static int send_all(int in, int out, struct progress *p)
{
	ssize_t n;

	do {
		n = stop_copying ? -1 : sendfile(out, in, NULL, PIECE);
		if (stop_copying)
			return -EINTR;
		if (n > 0)
			progress_add(p, n);
	} while (n > 0 || (n < 0 && try_again(out, POLLOUT)));
	if (n < 0 && errno == EINVAL)
		return 1;
	return n < 0 ? -errno : 0;
}

static int copy_all(int in, int out, struct progress *p)
{
	u8 *buf = malloc(PIECE);
	int ret = buf ? 0 : -ENOMEM;
	ssize_t n;

	while (!ret) {
		if (stop_copying) {
			ret = -EINTR;
			break;
		}
		n = read_some(in, buf, PIECE);
		if (n <= 0) {
			ret = n < 0 ? -errno : 0;
			break;
		}
		ret = write_all(out, buf, n);
		progress_add(p, n);
	}
	free(buf);
	return ret;
}

int copy_stream(int in, int out, u64 total)
{
	u64 now = now_ms();
	struct progress p = { .total = total, .begun = now, .last = now };
	int ret;

	/* commit tells of a failure as often as it is asked: none is lost to a piece before it. */
	ret = send_all(in, out, &p);
	if (ret > 0)
		ret = copy_all(in, out, &p);
	progress_end(&p);
	return ret;
}
