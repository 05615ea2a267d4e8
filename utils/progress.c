// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copying a stream, and saying how far it is.
 *
 * sendfile(2) from an image, where it works, because memory then goes out by
 * reference. Into a restore every byte is written with write(2): sendfile(2)
 * may lose the error that the last piece ends in.
 */
#include <fcntl.h>
#include <sys/sendfile.h>
#include <time.h>
#include <unistd.h>

#include "ckpt.h"

#define PIECE	BIT(20)

/**
 * struct progress - what is said on the terminal
 * @done, @total: bytes
 * @last:	second in which something was said last, or the work began
 * @shown:	there is a line to be wiped out
 */
struct progress {
	u64 done;
	u64 total;
	time_t last;
	bool shown;
};

static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return now.tv_sec;
}

static void progress_add(struct progress *p, u64 bytes)
{
	time_t now = seconds();

	p->done += bytes;
	if (now <= p->last + !p->shown || !isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\rckpt: %llu MiB", p->done >> 20);
	if (p->total)
		fprintf(stderr, " of %llu (%llu%%)", p->total >> 20,
			p->done * 100 / p->total);
	p->last = now;
	p->shown = true;
}

static void progress_end(const struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
}

static int write_all(int out, const u8 *buf, size_t size)
{
	while (size) {
		ssize_t n = write(out, buf, size);

		if (n < 0 && errno == EINTR)
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

	while ((n = sendfile(out, in, NULL, PIECE)) > 0)
		progress_add(p, n);
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
		n = read(in, buf, PIECE);
		if (n < 0 && errno == EINTR)
			continue;
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

int copy_stream(int in, int out, u64 total, bool send)
{
	struct progress p = { .total = total, .last = seconds() };
	int ret;

	ret = send ? send_all(in, out, &p) : 1;
	if (ret > 0)
		ret = copy_all(in, out, &p);
	progress_end(&p);
	return ret;
}
