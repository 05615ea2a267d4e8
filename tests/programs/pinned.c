// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory into which somebody else writes as a device does by DMA: into the pages that he has
 * pinned, whatever has become of the mapping meanwhile.
 *
 *	pinned			has the memory
 *	pinned PID ADDRESS	pins the pages of that process for writing, and writes to them
 *				when it is told to go on
 *
 * The second is process_vm_writev(2), which pins pages first and then reads its own memory:
 * that is not there yet, and whoever comes there waits until it is (userfaultfd).
 *
 * On SIGUSR1 the first writes to each of its pages, which gives it another one if they are
 * copy-on-write; says so; and verifies in the end that the others have written to those that
 * it has. On SIGUSR2 it verifies that nobody has.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "program.h"

#define PAGE	4096UL
#define PAGES	8UL
#define SIZE	(PAGES * PAGE)
#define OLD	0x1111111111111111UL
#define DEVICE	0x2222222222222222UL
#define PROGRAM	0x3333333333333333UL
#define WORDS	(PAGE / sizeof(long))

/* ---- who has the memory -------------------------------------------------------- */

static unsigned long *memory;

static int all_are(unsigned long want)
{
	size_t i;

	for (i = 0; i < PAGES * WORDS; i++)
		if (memory[i] != want)
			return 0;
	return 1;
}

static int program(void)
{
	sigset_t set;
	size_t i;
	int nr;

	memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(memory != MAP_FAILED && !madvise(memory, SIZE, MADV_NOHUGEPAGE));
	for (i = 0; i < PAGES * WORDS; i++)
		memory[i] = OLD;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	check(!sigprocmask(SIG_BLOCK, &set, NULL));
	printf("%p\nready\n", memory);
	fflush(stdout);
	check(!sigwait(&set, &nr));
	if (nr == SIGUSR2) {
		check(all_are(OLD));
		return passed();
	}
	for (i = 0; i < PAGES; i++)
		memory[i * WORDS] = PROGRAM;
	printf("written\n");
	fflush(stdout);
	wait_to_go_on();
	check(all_are(DEVICE));
	return passed();
}

/* ---- who pins it ------------------------------------------------------------------ */

static pid_t target;
static struct iovec here[PAGES], there;

/* It pins what it writes to in one piece at once. */
static void *transfer(void *unused __attribute__((unused)))
{
	check(process_vm_writev(target, here, PAGES, &there, 1, 0) == (ssize_t)SIZE);
	return NULL;
}

static char *missing(int uffd)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	char *source = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);

	check(source != MAP_FAILED && !ioctl(uffd, UFFDIO_API, &api));
	range.range.start = (unsigned long)source;
	range.range.len = PAGE;
	check(!ioctl(uffd, UFFDIO_REGISTER, &range));
	return source;
}

static void provide(int uffd, char *source)
{
	static unsigned long words[WORDS] __attribute__((aligned(PAGE)));
	struct uffdio_copy copy = {
		.dst = (unsigned long)source,
		.src = (unsigned long)words,
		.len = PAGE,
	};
	size_t i;

	for (i = 0; i < WORDS; i++)
		words[i] = DEVICE;
	check(!ioctl(uffd, UFFDIO_COPY, &copy));
}

static int pinner(unsigned long address)
{
	int uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	struct pollfd event = { .fd = uffd, .events = POLLIN };
	struct uffd_msg msg;
	pthread_t thread;
	char *source;
	size_t i;

	need(uffd >= 0);
	source = missing(uffd);
	for (i = 0; i < PAGES; i++)
		here[i] = (struct iovec){ source, PAGE };
	there = (struct iovec){ (void *)address, SIZE };
	check(!pthread_create(&thread, NULL, transfer, NULL));
	check(poll(&event, 1, -1) == 1 && read(uffd, &msg, sizeof(msg)) == sizeof(msg));
	check(msg.event == UFFD_EVENT_PAGEFAULT);
	ready();
	provide(uffd, source);
	check(!pthread_join(thread, NULL));
	return passed();
}

int main(int argc, char *argv[])
{
	if (argc == 1)
		return program();
	check(argc == 3);
	target = atoi(argv[1]);
	return pinner(strtoul(argv[2], NULL, 0));
}
