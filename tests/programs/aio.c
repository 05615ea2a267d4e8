// SPDX-License-Identifier: GPL-2.0-only
/*
 * Contexts of asynchronous I/O (io_setup(2)), by the system calls themselves; also 32-bit.
 *
 * Usage: aio [MODE], of the table at the end. Without one: contexts whose rings have been
 * read from in part, by a system call or by the program itself as libaio does it, one
 * that is empty and waited for by a thread, and one that has been destroyed before others.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "modes.h"
#include "tasks.h"

#define PAGE		4096UL
#define MANY		300	/* requests of the large one */
#define UNREAD		7	/* events that it keeps */

/* As the kernel has it, and libaio. */
struct ring {
	unsigned int id, nr, head, tail;
	unsigned int magic, compat, incompat, header;
	struct io_event events[];
};

static int program;		/* a file to read from */
static int told;		/* an eventfd */
static char buffer[16];

static aio_context_t set_up(unsigned int nr)
{
	aio_context_t ctx = 0;

	need(!syscall(SYS_io_setup, nr, &ctx));
	return ctx;
}

static struct ring *ring_of(aio_context_t ctx)
{
	return (struct ring *)(uintptr_t)ctx;
}

static size_t size_of(const struct ring *ring)
{
	return sizeof(*ring) + ring->nr * sizeof(struct io_event);
}

static int submit(aio_context_t ctx, int op, int fd, uint64_t tag)
{
	struct iocb iocb = {
		.aio_data = tag,
		.aio_lio_opcode = op,
		.aio_fildes = fd,
	};
	struct iocb *iocbs[] = { &iocb };

	if (op == IOCB_CMD_PREAD) {
		iocb.aio_buf = (uintptr_t)buffer;
		iocb.aio_nbytes = tag % sizeof(buffer) + 1;
	} else if (op == IOCB_CMD_POLL) {
		iocb.aio_buf = 1;	/* POLLIN */
	}
	if (told) {
		iocb.aio_flags = IOCB_FLAG_RESFD;
		iocb.aio_resfd = told;
	}
	return syscall(SYS_io_submit, ctx, 1, iocbs);
}

static void read_some(aio_context_t ctx, uint64_t tag)
{
	check(submit(ctx, IOCB_CMD_PREAD, program, tag) == 1);
}

static int get(aio_context_t ctx, long least, long most, struct io_event *events)
{
	return syscall(SYS_io_getevents, ctx, least, most, events, NULL);
}

static void verify(const struct io_event *event, uint64_t tag)
{
	check(event->data == tag);
	check(event->res == (int64_t)(tag % sizeof(buffer) + 1) && !event->res2);
}

/* As libaio does, where there is one. */
static void reap(aio_context_t ctx, uint64_t tag)
{
	volatile struct ring *ring = ring_of(ctx);
	struct io_event event;

	check(ring->head != ring->tail && ring->magic == 0xa10a10a1);
	__sync_synchronize();
	event = *(struct io_event *)&ring->events[ring->head];
	verify(&event, tag);
	__sync_synchronize();
	ring->head = (ring->head + 1) % ring->nr;
}

/* ---- what is kept ---- */

static struct kept {
	aio_context_t ctx;
	struct ring *copy;
	uint64_t first;			/* tag of the event that is read next */
	uint64_t next;			/* and of the one that is made next */
} kept[3];

static void keep(struct kept *k)
{
	struct ring *ring = ring_of(k->ctx);

	k->copy = malloc(size_of(ring));
	check(k->copy);
	memcpy(k->copy, ring, size_of(ring));
}

/* All that was in the ring, but for the kernel's number. */
static void verify_kept(const struct kept *k)
{
	struct ring *ring = ring_of(k->ctx);

	k->copy->id = ring->id;
	check(!memcmp(ring, k->copy, size_of(ring)));
}

static void verify_empty(aio_context_t ctx)
{
	const struct timespec at_once = { 0 };
	struct io_event event;

	check(!syscall(SYS_io_getevents, ctx, 1, 1, &event, &at_once));
}

/* There is room for as many as before, and nothing gets lost for want of it. */
static void use_up(struct kept *k)
{
	unsigned int nr = ring_of(k->ctx)->nr, unread = k->next - k->first, made = 0;
	struct io_event *events = calloc(nr, sizeof(*events));
	unsigned int i;

	check(events);
	while (submit(k->ctx, IOCB_CMD_PREAD, program, k->next) == 1) {
		k->next++;
		made++;
	}
	check(errno == EAGAIN);
	check(made && unread + made < nr);
	check(get(k->ctx, unread + made, nr, events) == (int)(unread + made));
	for (i = 0; i < unread + made; i++)
		verify(&events[i], k->first++);
	verify_empty(k->ctx);
	free(events);
}

/* ---- the usual ---- */

static void make_small(struct kept *k)
{
	struct io_event event;

	k->ctx = set_up(1);
	read_some(k->ctx, 0);
	read_some(k->ctx, 1);
	read_some(k->ctx, 2);
	check(get(k->ctx, 1, 1, &event) == 1);
	verify(&event, 0);
	k->first = 1;
	k->next = 3;
}

/* Its events lie across the end. */
static void make_large(struct kept *k)
{
	struct ring *ring;

	k->ctx = set_up(MANY);
	ring = ring_of(k->ctx);
	check(ring->nr > 2 * MANY);
	while (k->next < ring->nr + UNREAD / 2) {
		read_some(k->ctx, k->next++);
		if (k->next - k->first > UNREAD)
			reap(k->ctx, k->first++);
	}
	check(ring->tail < ring->head);
	check(!madvise(ring, (size_of(ring) + PAGE - 1) & -PAGE, MADV_DONTFORK));
}

/* Does the mapping at @at have this among its VmFlags? */
static int has_flag(const void *at, const char *flag)
{
	unsigned long start, end, wanted = (unsigned long)at;
	char line[512];
	FILE *f = fopen("/proc/self/smaps", "r");
	int inside = 0, has = 0;

	check(f);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			inside = start == wanted;
		if (inside && !strncmp(line, "VmFlags:", 8))
			has = !!strstr(line, flag);
	}
	fclose(f);
	return has;
}

static volatile int got;

static void *wait_for_event(void *arg)
{
	struct io_event event;

	got = get(*(aio_context_t *)arg, 1, 1, &event);
	verify(&event, 5);
	return NULL;
}

static int usual(void)
{
	aio_context_t gone, empty;
	pthread_t thread;
	uint64_t times;

	make_small(&kept[0]);
	gone = set_up(10);
	make_large(&kept[1]);
	check(!syscall(SYS_io_destroy, gone));
	kept[2].ctx = set_up(20);
	check(!mprotect(ring_of(kept[2].ctx), PAGE, PROT_READ));
	told = eventfd(0, 0);
	empty = set_up(2);
	read_some(empty, 3);
	reap(empty, 3);
	check(!pthread_create(&thread, NULL, wait_for_event, &empty));
	keep(&kept[0]);
	keep(&kept[1]);
	keep(&kept[2]);
	ready();
	verify_kept(&kept[0]);
	verify_kept(&kept[1]);
	verify_kept(&kept[2]);
	check(has_flag(ring_of(kept[1].ctx), " dc"));
	check(!has_flag(ring_of(kept[0].ctx), " dc") && has_flag(ring_of(kept[0].ctx), " de"));
	check(!got);
	read_some(empty, 5);
	check(!pthread_join(thread, NULL) && got == 1);
	check(read(told, &times, sizeof(times)) == sizeof(times) && times == 2);
	told = 0;
	reap(kept[0].ctx, kept[0].first++);
	reap(kept[1].ctx, kept[1].first++);
	check(!mprotect(ring_of(kept[2].ctx), PAGE, PROT_READ | PROT_WRITE));
	use_up(&kept[0]);
	use_up(&kept[1]);
	use_up(&kept[2]);
	use_up(&kept[1]);
	check(!syscall(SYS_io_destroy, kept[1].ctx));
	check(syscall(SYS_io_destroy, kept[1].ctx) == -1 && errno == EINVAL);
	kept[1].ctx = set_up(3);
	read_some(kept[1].ctx, 9);
	reap(kept[1].ctx, 9);
	return passed();
}

static int single(void)
{
	make_large(&kept[0]);
	keep(&kept[0]);
	ready();
	verify_kept(&kept[0]);
	use_up(&kept[0]);
	use_up(&kept[0]);
	return passed();
}

/* ---- requests under way, all the time ---- */

static int busy(void)
{
	char path[256];
	const char *go = getenv("GO");
	uint64_t submitted = 0, ended = 0;
	aio_context_t ctx = set_up(16);
	struct io_event event;
	int fd, said = 0;

	snprintf(path, sizeof(path), "%s.synced", go ? go : "/tmp/aio");
	fd = open(path, O_RDWR | O_CREAT, 0600);
	check(fd >= 0);
	while (!said || !told_to_go_on()) {
		/* By a worker of the kernel. */
		while (submitted - ended < 8) {
			check(submit(ctx, IOCB_CMD_FSYNC, fd, submitted) == 1);
			submitted++;
		}
		check(get(ctx, 1, 1, &event) == 1);
		check(!event.res && event.data < submitted);
		ended++;
		if (!said && ended == 100) {
			said = 1;
			printf("ready\n");
			fflush(stdout);
		}
	}
	for (; ended < submitted; ended++)
		check(get(ctx, 1, 1, &event) == 1 && !event.res);
	verify_empty(ctx);
	unlink(path);
	return passed();
}

/* ---- what is refused ---- */

static int fds[2];

static int polls(void)
{
	aio_context_t ctx = set_up(1);
	struct io_event event;

	check(!pipe(fds));
	need(submit(ctx, IOCB_CMD_POLL, fds[0], 1) == 1);
	ready();
	verify_empty(ctx);
	check(write(fds[1], "x", 1) == 1);
	check(get(ctx, 1, 1, &event) == 1 && event.data == 1 && event.res & 1);
	return passed();
}

static aio_context_t submitter;
static volatile pid_t submitting;

static void *submit_read(void *arg)
{
	(void)arg;
	submitting = syscall(SYS_gettid);
	check(submit(submitter, IOCB_CMD_PREAD, fds[0], 16) == 1);
	return NULL;
}

static int is_in_submit(void)
{
	char path[40];
	int nr = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/syscall", (int)submitting);
	f = fopen(path, "r");
	if (!f)
		return 0;
	if (fscanf(f, "%d", &nr) != 1)
		nr = -1;
	fclose(f);
	return nr == SYS_io_submit;
}

/* A pipe makes io_submit() wait. */
static int reads_pipe(void)
{
	struct io_event event;
	pthread_t thread;

	check(!pipe(fds));
	submitter = set_up(1);
	check(!pthread_create(&thread, NULL, submit_read, NULL));
	while (!is_in_submit())
		nap(10);
	ready();
	verify_empty(submitter);
	check(write(fds[1], "x", 1) == 1);
	check(!pthread_join(thread, NULL));
	check(get(submitter, 1, 1, &event) == 1);
	check(event.data == 16 && event.res == 1);
	return passed();
}

static int unmapped(void)
{
	aio_context_t ctx = set_up(1);

	check(!munmap(ring_of(ctx), PAGE));
	ready();
	return passed();
}

static int written_to(void)
{
	aio_context_t ctx = set_up(1);

	ring_of(ctx)->incompat = 1;
	ready();
	ring_of(ctx)->incompat = 0;
	read_some(ctx, 1);
	reap(ctx, 1);
	return passed();
}

static int split(void)
{
	aio_context_t ctx = set_up(MANY);

	check(!mprotect((char *)ring_of(ctx) + PAGE, PAGE, PROT_READ));
	ready();
	return passed();
}

/* The mapping is inherited, the context is not. */
static int forks(void)
{
	aio_context_t ctx = set_up(1);
	pid_t child;

	check(!pipe(fds));
	child = fork();
	check(child >= 0);
	if (!child) {
		close(fds[1]);
		check(!read(fds[0], buffer, 1));
		check(submit(ctx, IOCB_CMD_PREAD, program, 1) == -1 && errno == EINVAL);
		_exit(0);
	}
	close(fds[0]);
	ready();
	close(fds[1]);
	check(!status_of(child));
	read_some(ctx, 1);
	reap(ctx, 1);
	return passed();
}

static const struct mode modes[] = {
	{ "usual", usual },
	{ "single", single },
	{ "busy", busy },
	{ "poll", polls },
	{ "pipe", reads_pipe },
	{ "unmapped", unmapped },
	{ "written", written_to },
	{ "split", split },
	{ "forks", forks },
	{}
};

int main(int argc, char **argv)
{
	program = open("/proc/self/exe", O_RDONLY);
	check(program >= 0);
	return run_mode(modes, argc > 1 ? argv[1] : "usual");
}
