// SPDX-License-Identifier: GPL-2.0-only
/*
 * One attribute of a task or process that is not its default; also 32-bit.
 *
 * Usage: attributes NAME, of the table at the end: set() brings it about,
 * holds() says whether it is still so. If it is another task's, "task TID" says whose.
 */
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "tasks.h"

/* Not in every C library's headers. */
#ifndef SYS_mseal
#define SYS_mseal 462
#endif
#ifndef PR_SET_MEMORY_MERGE
#define PR_SET_MEMORY_MERGE 67
#define PR_GET_MEMORY_MERGE 68
#endif

/* One line of a file under /proc/self. */
static const char *line_of(const char *path)
{
	static char line[256];
	FILE *f = fopen(path, "r");

	check(f);
	check(fgets(line, sizeof(line), f));
	fclose(f);
	return line;
}

/* ---- limits ---- */

static rlim_t limit_of(int which, int hard)
{
	static const rlim_t soft[RLIM_NLIMITS] = {
		[RLIMIT_CPU] = 100000, [RLIMIT_STACK] = 4 << 20,
		[RLIMIT_NOFILE] = 200, [RLIMIT_NICE] = 11, [RLIMIT_RTPRIO] = 22,
		[RLIMIT_NPROC] = 3000, [RLIMIT_AS] = 2000 << 20,
		[RLIMIT_DATA] = 1500 << 20,
	};

	return (soft[which] ?: (which + 1) * 1000000UL) + (hard ? 7 : 0);
}

static void set_limits(void)
{
	int i;

	for (i = 0; i < RLIM_NLIMITS; i++) {
		struct rlimit limit = { limit_of(i, 0), limit_of(i, 1) };

		if (i == RLIMIT_CORE)
			limit.rlim_max = RLIM_INFINITY;
		check(!setrlimit(i, &limit));
	}
}

static int limits_hold(void)
{
	struct rlimit limit;
	int i;

	for (i = 0; i < RLIM_NLIMITS; i++) {
		check(!getrlimit(i, &limit));
		if (limit.rlim_cur != limit_of(i, 0))
			return 0;
		if (limit.rlim_max != (i == RLIMIT_CORE ? RLIM_INFINITY :
				       limit_of(i, 1)))
			return 0;
	}
	return 1;
}

/* ---- nice: a thread's own ---- */

static pthread_barrier_t barrier;
static volatile int thread_nice;

static void *nice_thread(void *arg)
{
	check(!setpriority(PRIO_PROCESS, 0, 13));
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	thread_nice = getpriority(PRIO_PROCESS, 0);
	pthread_barrier_wait(&barrier);
	return arg;
}

static void set_nice(void)
{
	pthread_t id;

	check(!setpriority(PRIO_PROCESS, 0, -7));
	pthread_barrier_init(&barrier, NULL, 2);
	check(!pthread_create(&id, NULL, nice_thread, NULL));
	pthread_barrier_wait(&barrier);
}

static int nice_holds(void)
{
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	return getpriority(PRIO_PROCESS, 0) == -7 && thread_nice == 13;
}

/* ---- names ---- */

static const char name[] = "a) R 1 (\n\t\\ \xff";

static void set_comm(void)
{
	check(!prctl(PR_SET_NAME, name));
}

static int comm_holds(void)
{
	char now[16] = "";

	check(!prctl(PR_GET_NAME, now));
	return !strcmp(now, name);
}

/* ---- personality ---- */

#define PERSONA (ADDR_NO_RANDOMIZE | WHOLE_SECONDS | UNAME26 | STICKY_TIMEOUTS)

static void set_personality(void)
{
	check(personality(PERSONA) != -1);
}

static int personality_holds(void)
{
	return personality(0xffffffff) == PERSONA;
}

/* ---- what is killed first: by root, its minimum changes too ---- */

static void set_oom_score_adj(void)
{
	/* Without the capability that would set its minimum. */
	check(!setresuid(-1, 1, -1));
	check(!prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
	write_to("/proc/self/oom_score_adj", "321");
	check(!setresuid(-1, 0, -1));
}

static int oom_score_adj_holds(void)
{
	return !strcmp(line_of("/proc/self/oom_score_adj"), "321\n");
}

/* ---- dumpable, umask, no_new_privs ---- */

static void set_dumpable(void)
{
	check(prctl(PR_GET_DUMPABLE) == 1);
	check(!prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
}

static int dumpable_holds(void)
{
	return prctl(PR_GET_DUMPABLE) == 0;
}

static void set_umask(void)
{
	umask(0137);
}

static int umask_holds(void)
{
	return umask(0) == 0137;
}

static void set_no_new_privs(void)
{
	check(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

static int no_new_privs_holds(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

/* ---- exit signals ---- */

static volatile sig_atomic_t usr1_count, chld_count;
static pid_t usr1_child, silent_child;
static int child_pipe[2];

static void count_usr1(int sig)
{
	usr1_count++;
	(void)sig;
}

static void count_chld(int sig)
{
	chld_count++;
	(void)sig;
}

static pid_t clone_with(int sig)
{
	pid_t pid = syscall(SYS_clone, sig, NULL, NULL, NULL, NULL);
	char byte;

	check(pid >= 0);
	if (!pid) {
		close(child_pipe[1]);
		check(!read(child_pipe[0], &byte, 1));
		_exit(3);
	}
	return pid;
}

static void set_exit_signal(void)
{
	struct sigaction action = { .sa_handler = count_usr1, .sa_flags = SA_RESTART };

	check(!sigaction(SIGUSR1, &action, NULL));
	action.sa_handler = count_chld;
	check(!sigaction(SIGCHLD, &action, NULL));
	check(!pipe(child_pipe));
	usr1_child = clone_with(SIGUSR1);
	silent_child = clone_with(0);
}

static int exit_signal_holds(void)
{
	int status;

	check(waitpid(usr1_child, &status, WNOHANG) == -1 && errno == ECHILD);
	close(child_pipe[1]);
	check(waitpid(usr1_child, &status, __WCLONE) == usr1_child);
	check(WEXITSTATUS(status) == 3);
	check(waitpid(silent_child, &status, __WALL) == silent_child);
	return usr1_count == 1 && chld_count == 0;
}

/* ---- memory wide settings ---- */

static char *map_page(void)
{
	char *page = mmap(NULL, 3 * 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	/* One that has neighbours of the same kind would become one with them. */
	check(page != MAP_FAILED && !mprotect(page, 4096, PROT_NONE));
	check(!mprotect(page + 2 * 4096, 4096, PROT_NONE));
	return page + 4096;
}

/* As the line VmFlags of /proc/self/smaps has it. */
static int may_merge(const char *page)
{
	FILE *f = fopen("/proc/self/smaps", "r");
	unsigned long start = 0;
	char line[256];

	check(f);
	while (start != (unsigned long)page && fgets(line, sizeof(line), f))
		sscanf(line, "%lx-", &start);
	while (strncmp(line, "VmFlags:", 8))
		check(fgets(line, sizeof(line), f));
	fclose(f);
	return !!strstr(line, " mg");
}

static char *merged, *unmerged;

static void set_memory_merge(void)
{
	check(!prctl(PR_SET_MEMORY_MERGE, 1, 0, 0, 0));
	merged = map_page();
	unmerged = map_page();
	check(!madvise(unmerged, 4096, MADV_UNMERGEABLE));
}

static int memory_merge_holds(void)
{
	return prctl(PR_GET_MEMORY_MERGE, 0, 0, 0, 0) == 1 && may_merge(merged) &&
	       !may_merge(unmerged) && may_merge(map_page());
}

static const int barriers[] = {
	MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED,
	MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED,
	MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE,
	MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ,
};

static int membarrier(int command)
{
	return syscall(SYS_membarrier, command, 0, 0);
}

static void *rest(void *arg)
{
	for (;;)
		pause();
	return arg;
}

static void set_membarrier(void)
{
	pthread_t id;
	int i;

	check(!pthread_create(&id, NULL, rest, NULL));
	for (i = 0; i < 4; i++)
		check(!membarrier(barriers[i]));
}

static int membarrier_holds(void)
{
	return membarrier(MEMBARRIER_CMD_GET_REGISTRATIONS) ==
		(barriers[0] | barriers[1] | barriers[2] | barriers[3]) &&
	       !membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) &&
	       !membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE) &&
	       !membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ);
}

static void set_membarrier_core(void)
{
	check(!membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE));
}

/* It counts as one of both kinds to who asks, but can be used for its own only. */
static int membarrier_core_holds(void)
{
	return membarrier(MEMBARRIER_CMD_GET_REGISTRATIONS) == (barriers[1] | barriers[2]) &&
	       !membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE) &&
	       membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == -1 && errno == EPERM &&
	       membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ) == -1 && errno == EPERM;
}

static void set_coredump_filter(void)
{
	write_to("/proc/self/coredump_filter", "0x7e");
}

static int coredump_filter_holds(void)
{
	return !strcmp(line_of("/proc/self/coredump_filter"), "0000007e\n");
}

static void set_mlockall(void)
{
	check(!mlockall(MCL_FUTURE | MCL_ONFAULT));
}

static int mlockall_holds(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	unsigned long before = 0, after = 0;
	char line[256];

	while (fgets(line, sizeof(line), f))
		sscanf(line, "VmLck: %lu", &before);
	check(mmap(NULL, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
	      MAP_FAILED);
	rewind(f);
	while (fgets(line, sizeof(line), f))
		sscanf(line, "VmLck: %lu", &after);
	fclose(f);
	return after == before + 1024;
}

#define PAGE 4096

static char *pages;

/* The first of three is not sealed, and the last can be written to. */
static void set_mseal(void)
{
	pages = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		     -1, 0);
	check(pages != MAP_FAILED);
	strcpy(pages + PAGE, "sealed");
	check(!mprotect(pages + PAGE, PAGE, PROT_READ));
	check(!syscall(SYS_mseal, pages + PAGE, 2 * PAGE, 0));
}

static int mseal_holds(void)
{
	pages[2 * PAGE]++;
	return !strcmp(pages + PAGE, "sealed") &&
	       mprotect(pages + PAGE, PAGE, PROT_WRITE) == -1 && errno == EPERM &&
	       madvise(pages + PAGE, PAGE, MADV_DONTNEED) == -1 && errno == EPERM &&
	       munmap(pages + 2 * PAGE, PAGE) == -1 && errno == EPERM &&
	       !mprotect(pages, PAGE, PROT_NONE);
}

/* ---- of the processor ---- */

static void set_tsc(void)
{
	check(!prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0));
}

static int tsc_holds(void)
{
	int mode = 0;

	check(!prctl(PR_GET_TSC, &mode, 0, 0, 0));
	return mode == PR_TSC_SIGSEGV;
}

static void set_nothing(void)
{
}

static int no_ban_holds(void)
{
	return !tsc_holds();
}

static void set_segment(unsigned int nr, uintptr_t base, unsigned int limit,
			unsigned int flags)
{
	const unsigned int desc[] = { nr, base, limit, flags };

	check(!syscall(SYS_modify_ldt, 0x11, desc, sizeof(desc)));
}

/* The one that the C library does not need. */
#if __SIZEOF_LONG__ == 4
#define FREE_SEGMENT "%%fs"
#else
#define FREE_SEGMENT "%%gs"
#endif

static unsigned char table[10 * 8];

static void read_table(unsigned char *to)
{
	check(syscall(SYS_modify_ldt, 0, to, sizeof(table)) == (long)sizeof(table));
}

/*
 * A data segment of 4 GiB, writable, usable, as 32-bit Wine has it; one to read only that
 * is not there, and an empty one at the end.
 */
static void set_ldt(void)
{
	unsigned int *word = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	check(word != MAP_FAILED);
	*word = 0x1234567;
	set_segment(5, (uintptr_t)word, 0xfffff, 0x51);
	set_segment(7, 0x98765432, 0x1234, 0x2b);
	set_segment(9, 0, 0, 0x28);
	asm volatile("mov %0, " FREE_SEGMENT : : "r"(5 << 3 | 7));
	read_table(table);
}

static int ldt_holds(void)
{
	unsigned char now[sizeof(table)];
	unsigned int selector, word;

	asm volatile("mov " FREE_SEGMENT ", %0" : "=r"(selector));
	asm volatile("movl " FREE_SEGMENT ":0, %0" : "=r"(word));
	read_table(now);
	return !memcmp(now, table, sizeof(now)) && (selector & 0xffff) == (5 << 3 | 7) &&
	       word == 0x1234567;
}

#if __SIZEOF_LONG__ == 4
static volatile int stop;

/* Goes to a code segment of the table, calls sched_yield() there, and comes back. */
static void *run_elsewhere(void *arg)
{
	asm volatile("pushl %[own]\n\tcall 1f\n"
		     "1:\taddl $2f - 1b, (%%esp)\n\tlret\n"
		     "2:\tmovl $158, %%eax\n\tint $0x80\n\tcmpl $0, (%[stop])\n\tjz 2b\n\t"
		     "pushl %[user]\n\tcall 3f\n"
		     "3:\taddl $4f - 3b, (%%esp)\n\tlret\n4:"
		     : : [own] "i"(6 << 3 | 7), [user] "i"(0x23), [stop] "r"(&stop)
		     : "eax", "memory", "cc");
	return arg;
}

static pthread_t elsewhere;

static void set_own_code(void)
{
	set_segment(6, 0, 0xfffff, 0x55);
	check(!pthread_create(&elsewhere, NULL, run_elsewhere, NULL));
	nap(100);
}

static int own_code_holds(void)
{
	stop = 1;
	return !pthread_join(elsewhere, NULL);
}
#endif

/* ---- */

static const struct {
	const char *name;
	void (*set)(void);
	int (*holds)(void);
	int once;			/* holds() ends it */
} attributes[] = {
	{ "limits", set_limits, limits_hold, 0 },
	{ "nice", set_nice, nice_holds, 1 },
	{ "comm", set_comm, comm_holds, 0 },
	{ "personality", set_personality, personality_holds, 0 },
	{ "oom_score_adj", set_oom_score_adj, oom_score_adj_holds, 0 },
	{ "dumpable", set_dumpable, dumpable_holds, 0 },
	{ "umask", set_umask, umask_holds, 1 },
	{ "no_new_privs", set_no_new_privs, no_new_privs_holds, 0 },
	{ "exit_signal", set_exit_signal, exit_signal_holds, 1 },
	{ "memory_merge", set_memory_merge, memory_merge_holds, 0 },
	{ "membarrier", set_membarrier, membarrier_holds, 0 },
	{ "membarrier_core", set_membarrier_core, membarrier_core_holds, 0 },
	{ "coredump_filter", set_coredump_filter, coredump_filter_holds, 0 },
	{ "mlockall", set_mlockall, mlockall_holds, 0 },
	{ "mseal", set_mseal, mseal_holds, 0 },
	{ "tsc", set_tsc, tsc_holds, 0 },
	{ "no_ban", set_nothing, no_ban_holds, 0 },
	{ "ldt", set_ldt, ldt_holds, 0 },
#if __SIZEOF_LONG__ == 4
	{ "own_code", set_own_code, own_code_holds, 1 },
#endif
};

int main(int argc, char **argv)
{
	unsigned int i;

	check(argc == 2);
	for (i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		if (strcmp(attributes[i].name, argv[1]))
			continue;
		attributes[i].set();
		check(attributes[i].once || attributes[i].holds());
		ready();
		check(attributes[i].holds());
		return passed();
	}
	printf("no such attribute: %s\n", argv[1]);
	return 2;
}
