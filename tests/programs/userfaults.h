/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls of userfaultfd(2), threads that fault, and what each page is, as /proc/self/pagemap
 * knows it.
 */
#ifndef USERFAULTS_H
#define USERFAULTS_H

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "program.h"

#define PAGE		4096UL
#define HUGE		(2UL << 20)

/* Of pagemap: there, in swap or a mark of the kernel's, write-protected by userfaultfd. */
#define THERE		(1ULL << 63)
#define MARKED		(1ULL << 62)
#define PROTECTED	(1ULL << 57)
#define ALL		(THERE | MARKED | PROTECTED)

/* ---- descriptors ---- */

static inline int make(int flags, uint64_t features)
{
	struct uffdio_api api = { .api = UFFD_API, .features = features };
	int fd = syscall(SYS_userfaultfd, flags);

	need(fd >= 0);
	need(!ioctl(fd, UFFDIO_API, &api));
	return fd;
}

static inline void watch(int fd, void *at, unsigned long pages, uint64_t mode)
{
	struct uffdio_register arg = {
		.range = { (uintptr_t)at, pages * PAGE }, .mode = mode,
	};

	check(!ioctl(fd, UFFDIO_REGISTER, &arg));
}

static inline int fill_in(int fd, uintptr_t at, char c, uint64_t mode)
{
	char page[PAGE];
	struct uffdio_copy arg = {
		.dst = at, .src = (uintptr_t)page, .len = PAGE, .mode = mode,
	};

	memset(page, c, sizeof(page));
	return ioctl(fd, UFFDIO_COPY, &arg);
}

static inline void zero(int fd, void *at)
{
	struct uffdio_zeropage arg = { .range = { (uintptr_t)at, PAGE } };

	check(!ioctl(fd, UFFDIO_ZEROPAGE, &arg));
}

static inline void show(int fd, void *at)
{
	struct uffdio_continue arg = { .range = { (uintptr_t)at, PAGE } };

	check(!ioctl(fd, UFFDIO_CONTINUE, &arg));
}

static inline void poison(int fd, void *at)
{
	struct uffdio_poison arg = { .range = { (uintptr_t)at, PAGE } };

	check(!ioctl(fd, UFFDIO_POISON, &arg));
}

static inline void protect(int fd, void *at, unsigned long pages, int on)
{
	struct uffdio_writeprotect arg = {
		.range = { (uintptr_t)at, pages * PAGE },
		.mode = on ? UFFDIO_WRITEPROTECT_MODE_WP : 0,
	};

	check(!ioctl(fd, UFFDIO_WRITEPROTECT, &arg));
}

static inline void wait_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	check(poll(&p, 1, -1) == 1 && p.revents == POLLIN);
}

static char *known;	/* of which another message may come */

/* The flags of the message of a fault at @at, which comes sooner or later. */
static inline uint64_t told_of(int fd, const void *at)
{
	struct uffd_msg msg;

	for (;;) {
		wait_readable(fd);
		if (read(fd, &msg, sizeof(msg)) < 0) {
			check(errno == EAGAIN);
			continue;
		}
		check(msg.event == UFFD_EVENT_PAGEFAULT);
		if (msg.arg.pagefault.address == (uintptr_t)at)
			return msg.arg.pagefault.flags;
		check(msg.arg.pagefault.address == (uintptr_t)known);
	}
}

/* What the kernel says of it: protocol, features, calls. */
static inline void interface_of(int fd, char line[80])
{
	char path[40];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "r");
	check(f);
	do
		check(fgets(line, 80, f));
	while (strncmp(line, "API:", 4));
	fclose(f);
}

/* ---- pages ---- */

static inline char *map(unsigned long pages, int flags, int fd)
{
	char *at = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, flags, fd, 0);

	check(at != MAP_FAILED);
	return at;
}

static inline char *anonymous(unsigned long pages)
{
	return map(pages, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static inline uint64_t state_of_page(const void *at)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);
	uint64_t entry;

	check(fd >= 0);
	check(pread(fd, &entry, sizeof(entry), (uintptr_t)at / PAGE * sizeof(entry)) ==
	      sizeof(entry));
	close(fd);
	return entry & ALL;
}

static struct area {
	char *at;
	unsigned long pages;
	uint64_t mask;
	uint64_t states[2 * HUGE / PAGE];
} areas[10];
static int nr_areas;

/* From here on the pages are to be what they are, as far as @mask says. */
static inline void keep(char *at, unsigned long pages, uint64_t mask)
{
	struct area *a = &areas[nr_areas++];
	unsigned long i;

	a->at = at;
	a->pages = pages;
	a->mask = mask;
	for (i = 0; i < pages; i++)
		a->states[i] = state_of_page(at + i * PAGE) & mask;
}

static inline void verify_kept(void)
{
	unsigned long i;
	int n;

	for (n = 0; n < nr_areas; n++)
		for (i = 0; i < areas[n].pages; i++)
			check((state_of_page(areas[n].at + i * PAGE) & areas[n].mask) ==
			      areas[n].states[i]);
}

/* Has its mapping that flag in smaps, as " um"? */
static inline int has_flag(const void *at, const char *flag)
{
	unsigned long start, end, wanted = (uintptr_t)at;
	FILE *f = fopen("/proc/self/smaps", "r");
	char line[512];
	int inside = 0, has = 0;

	check(f);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			inside = start <= wanted && wanted < end;
		if (inside && !strncmp(line, "VmFlags:", 8))
			has = !!strstr(line, flag);
	}
	fclose(f);
	return has;
}

/* ---- who faults ---- */

struct toucher {
	pthread_t thread;
	volatile char *at;
	char written;
	volatile char got;
};

static inline void *touch(void *arg)
{
	struct toucher *t = arg;

	if (t->written)
		*t->at = t->written;
	t->got = *t->at;
	return NULL;
}

/* A thread reads the page, or writes to it first. */
static inline void start_touching(struct toucher *t, char *at, char written)
{
	t->at = at;
	t->written = written;
	check(!pthread_create(&t->thread, NULL, touch, t));
}

static inline char touched(struct toucher *t)
{
	check(!pthread_join(t->thread, NULL));
	return t->got;
}

static sigjmp_buf after_bus;

static inline void on_bus(int signal)
{
	siglongjmp(after_bus, signal);
}

static inline int is_poisoned(volatile char *at)
{
	struct sigaction action = { .sa_handler = on_bus }, old;
	volatile int got = 0;

	check(!sigaction(SIGBUS, &action, &old));
	if (sigsetjmp(after_bus, 1))
		got = 1;
	else
		got = *at ? 0 : 0;
	check(!sigaction(SIGBUS, &old, NULL));
	return got;
}

#endif
