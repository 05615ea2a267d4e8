// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kinds of memory and ways of threads that few programs have; also 32-bit.
 *
 * Usage: corners NAME, of the table at the end.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/memfd.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "tasks.h"

/* Not in every C library's headers. */
#ifndef MAP_DROPPABLE
#define MAP_DROPPABLE	0x08
#endif
#ifndef MADV_COLD
#define MADV_COLD	20
#endif
#ifndef MFD_EXEC
#define MFD_EXEC	0x10U
#endif
#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC	0x20
#endif

#define PAGE		4096
#define PAGES		16
#define EXEC_CODE	42

static char *map(size_t pages, int flags)
{
	return mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | flags, -1, 0);
}

/* Is it among the flags of the mapping in smaps? */
static int has_flag(const char *start, const char *flag)
{
	FILE *f = fopen("/proc/self/smaps", "r");
	unsigned long at = 0;
	char line[512];

	check(f);
	while (at != (unsigned long)start && fgets(line, sizeof(line), f))
		sscanf(line, "%lx-", &at);
	while (strncmp(line, "VmFlags:", 8))
		check(fgets(line, sizeof(line), f));
	fclose(f);
	return !!strstr(line, flag);
}

/* ---- memory ---- */

/* Each page is what it was, or empty, at any time; and no fork has it. */
static void droppable(void)
{
	char *p = map(PAGES, MAP_DROPPABLE);
	pid_t pid;
	int i;

	need(p != MAP_FAILED);
	memset(p, 'd', PAGES * PAGE);
	check(has_flag(p, " dp"));
	ready();
	check(has_flag(p, " dp"));
	for (i = 0; i < PAGES * PAGE; i++)
		check((p[i] == 'd' || !p[i]) && p[i] == p[i & -PAGE]);
	memset(p, 'e', PAGES * PAGE);
	pid = fork();
	check(pid >= 0);
	if (!pid)
		_exit(p[0] ? 1 : 3);
	check(exited_with(pid, 3));
}

/* It is advice about what is there now, and changes nothing of it. */
static void cold(void)
{
	char *private = map(PAGES, MAP_PRIVATE), *shared = map(PAGES, MAP_SHARED);
	int i;

	check(private != MAP_FAILED && shared != MAP_FAILED);
	memset(private, 'p', PAGES * PAGE);
	memset(shared, 's', PAGES * PAGE);
	need(!madvise(private, PAGES * PAGE, MADV_COLD));
	check(!madvise(shared, PAGES / 2 * PAGE, MADV_COLD));
	ready();
	for (i = 0; i < PAGES * PAGE; i++)
		check(private[i] == 'p' && shared[i] == 's');
	check(!madvise(private, PAGES * PAGE, MADV_COLD));
}

/* A stack in the upper end of free room, which has grown, and grows on. */
static void growsdown(void)
{
	const size_t room = 2048;
	char *p = map(room, MAP_PRIVATE), *top = p + (room - 4) * PAGE;

	check(p != MAP_FAILED && !munmap(p, room * PAGE));
	check(mmap(top, 4 * PAGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED, -1, 0) == top);
	top[0] = 'f';
	top[-1] = 'g';
	top[-3 * PAGE] = 'h';
	ready();
	check(top[0] == 'f' && top[-1] == 'g' && top[-3 * PAGE] == 'h' && !top[-2 * PAGE]);
	check(has_flag(top - 3 * PAGE, " gd"));
	top[-9 * PAGE] = 'i';
	check(has_flag(top - 9 * PAGE, " gd"));
	check(top[-9 * PAGE] == 'i' && top[-3 * PAGE] == 'h');
	/* Nothing else has come into its way. */
	check(mmap(p + PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
		   -1, 0) == p + PAGE);
}

/* The program itself, which nobody can change, and can be executed. */
static void executable(void)
{
	const int seals = F_SEAL_EXEC | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE |
			  F_SEAL_FUTURE_WRITE;
	int from = open("/proc/self/exe", O_RDONLY), fd;
	char path[40], block[PAGE];
	struct stat st;
	ssize_t n;
	pid_t pid;

	fd = memfd_create("itself", MFD_EXEC | MFD_ALLOW_SEALING);
	check(from >= 0);
	need(fd >= 0);
	while ((n = read(from, block, sizeof(block))) > 0)
		check(write(fd, block, n) == n);
	close(from);
	check(!fchmod(fd, 0755));
	need(!fcntl(fd, F_ADD_SEALS, F_SEAL_EXEC));
	check(fcntl(fd, F_GET_SEALS) == seals);
	ready();
	check(fcntl(fd, F_GET_SEALS) == seals);
	check(!fstat(fd, &st) && (st.st_mode & 07777) == 0755);
	check(fchmod(fd, 0644) == -1 && errno == EPERM);
	check(write(fd, "x", 1) == -1 && errno == EPERM);
	pid = fork();
	check(pid >= 0);
	if (!pid) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		execl(path, "corners", "executed", NULL);
		_exit(1);
	}
	check(exited_with(pid, EXEC_CODE));
}

/* ---- threads ---- */

static volatile int quit;
static volatile int own_word;

/* The library, whose word it is no more, does not learn of its end. */
static void *cleared(void *arg)
{
	pid_t tid = syscall(SYS_gettid);

	check(syscall(SYS_set_tid_address, &own_word) == tid);
	own_word = tid;
	while (!quit)
		nap(5);
	syscall(SYS_exit, 0);
	return arg;
}

static void tid_address(void)
{
	pthread_t id;
	int tid;

	check(!pthread_create(&id, NULL, cleared, NULL));
	while (!own_word)
		nap(5);
	tid = own_word;
	ready();
	check(own_word == tid);
	quit = 1;
	while (own_word)
		syscall(SYS_futex, &own_word, FUTEX_WAIT, tid, NULL, NULL, 0);
}

#if __SIZEOF_LONG__ == 8
#include <sys/rseq.h>

/*
 * Adds one to a number that belongs to a processor, so slowly that a thread is nearly
 * always in the middle of it. Whoever has been there meanwhile is not to be lost: so it
 * begins anew if it was interrupted. Return: has it been done?
 */
static int add_slowly(struct rseq *rseq, volatile uint64_t *number)
{
	asm volatile goto(".pushsection .data.rseq_cs, \"aw\"\n"
			  ".balign 32\n"
			  "3:\t.long 0, 0\n\t.quad 1f, 2f - 1f, 4f\n"
			  ".popsection\n\t"
			  "leaq 3b(%%rip), %%rax\n\t"
			  "movq %%rax, %[cs]\n"
			  "1:\tmovq %[number], %%rcx\n\t"
			  "movl $20000, %%edx\n"
			  "5:\tdecl %%edx\n\t"
			  "jnz 5b\n\t"
			  "incq %%rcx\n\t"
			  "movq %%rcx, %[number]\n"
			  "2:\n"
			  ".pushsection .text.rseq_abort, \"ax\"\n"
			  ".byte 0x0f, 0xb9, 0x3d\n"
			  ".long %c[signature]\n"
			  "4:\tjmp %l[aborted]\n"
			  ".popsection"
			  : : [cs] "m"(rseq->rseq_cs), [number] "m"(*number),
			      [signature] "i"(RSEQ_SIG)
			  : "rax", "rcx", "rdx", "memory", "cc" : aborted);
	return 1;
aborted:
	return 0;
}

static volatile uint64_t number;
static cpu_set_t one;

struct adder {
	pthread_t id;
	volatile int started;
	uint64_t done;
};

static void *adds(void *arg)
{
	struct rseq *rseq = (void *)((char *)__builtin_thread_pointer() + __rseq_offset);
	struct adder *adder = arg;

	check(!sched_setaffinity(0, sizeof(one), &one));
	adder->started = 1;
	while (!quit)
		adder->done += add_slowly(rseq, &number);
	return NULL;
}

/* Two on one processor, of which one at most is in user mode. */
static void rseq(void)
{
	struct adder adders[2] = { 0 };
	cpu_set_t all;
	int i, cpu = 0;

	need(__rseq_size);
	check(!sched_getaffinity(0, sizeof(all), &all));
	while (!CPU_ISSET(cpu, &all))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	for (i = 0; i < 2; i++)
		check(!pthread_create(&adders[i].id, NULL, adds, &adders[i]));
	while (!adders[0].started || !adders[1].started)
		nap(5);
	ready();
	quit = 1;
	for (i = 0; i < 2; i++)
		check(!pthread_join(adders[i].id, NULL));
	check(number == adders[0].done + adders[1].done);
	check(number);
}
#else
static void rseq(void)
{
	need(!"a build of 64 bits");
}
#endif

/* ---- */

static const struct {
	const char *name;
	void (*run)(void);
} corners[] = {
	{ "droppable", droppable },
	{ "cold", cold },
	{ "growsdown", growsdown },
	{ "executable", executable },
	{ "tid_address", tid_address },
	{ "rseq", rseq },
};

int main(int argc, char **argv)
{
	unsigned int i;

	check(argc == 2);
	if (!strcmp(argv[1], "executed"))
		return EXEC_CODE;
	for (i = 0; i < sizeof(corners) / sizeof(corners[0]); i++)
		if (!strcmp(corners[i].name, argv[1])) {
			corners[i].run();
			return passed();
		}
	printf("no such corner: %s\n", argv[1]);
	return 2;
}
