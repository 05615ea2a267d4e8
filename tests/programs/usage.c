// SPDX-License-Identifier: GPL-2.0-only
/*
 * What has been used goes on from what it was: CPU time, page faults, switches,
 * I/O, of a process, a thread, threads that have ended, children, a zombie; and all
 * have been started when they were.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "tasks.h"

#define MS	1000000LL
#define NR_IO	7

struct usage {
	struct rusage self, thread, children;
	long long process_clock, thread_clock;
	unsigned long long start, thread_start, io[NR_IO];
	long peak_rss, peak_vm;
};

static pid_t thread_tid;

static long long now(clockid_t clock)
{
	struct timespec ts;

	check(!clock_gettime(clock, &ts));
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static unsigned long long start_of(pid_t tid)
{
	char path[60], line[1024], *at;
	unsigned long long start;
	int field;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)tid);
	f = fopen(path, "r");
	check(f && fgets(line, sizeof(line), f));
	fclose(f);
	at = strrchr(line, ')');
	for (field = 2; field < 22; field++)
		at = strchr(at + 1, ' ');
	start = strtoull(at, NULL, 10);
	check(start);
	return start;
}

static void read_io(unsigned long long *io)
{
	FILE *f = fopen("/proc/self/io", "r");
	int i;

	check(f);
	for (i = 0; i < NR_IO; i++)
		check(fscanf(f, "%*s %llu", &io[i]) == 1);
	fclose(f);
}

static void read_usage(struct usage *u)
{
	char line[256];
	FILE *f;

	check(!getrusage(RUSAGE_SELF, &u->self));
	check(!getrusage(RUSAGE_THREAD, &u->thread));
	check(!getrusage(RUSAGE_CHILDREN, &u->children));
	u->process_clock = now(CLOCK_PROCESS_CPUTIME_ID);
	u->thread_clock = now(CLOCK_THREAD_CPUTIME_ID);
	u->start = start_of(getpid());
	u->thread_start = start_of(thread_tid);
	read_io(u->io);
	f = fopen("/proc/self/status", "r");
	check(f);
	while (fgets(line, sizeof(line), f)) {
		if (!strncmp(line, "VmPeak:", 7))
			u->peak_vm = strtol(line + 7, NULL, 10);
		if (!strncmp(line, "VmHWM:", 6))
			u->peak_rss = strtol(line + 6, NULL, 10);
	}
	fclose(f);
}

static long long ns(const struct timeval *tv)
{
	return tv->tv_sec * 1000000000LL + tv->tv_usec * 1000LL;
}

static void check_rusage(const struct rusage *old, const struct rusage *new)
{
	check(ns(&new->ru_utime) >= ns(&old->ru_utime));
	check(ns(&new->ru_stime) >= ns(&old->ru_stime));
	check(new->ru_maxrss >= old->ru_maxrss);
	check(new->ru_minflt >= old->ru_minflt);
	check(new->ru_majflt >= old->ru_majflt);
	check(new->ru_inblock >= old->ru_inblock);
	check(new->ru_oublock >= old->ru_oublock);
	check(new->ru_nvcsw >= old->ru_nvcsw);
	check(new->ru_nivcsw >= old->ru_nivcsw);
}

static void burn(long long amount)
{
	long long end = now(CLOCK_THREAD_CPUTIME_ID) + amount;

	while (now(CLOCK_THREAD_CPUTIME_ID) < end)
		getppid();
}

/* Memory that comes and goes: faults, and a peak. */
static void touch(void)
{
	size_t size = 8 << 20;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	check(p != MAP_FAILED);
	madvise(p, size, MADV_NOHUGEPAGE);
	memset(p, 1, size);
	munmap(p, size);
}

static void *ends(void *arg)
{
	burn(60 * MS);
	return arg;
}

static void *stays(void *arg)
{
	thread_tid = syscall(SYS_gettid);
	for (;;)
		pause();
	return arg;
}

static pid_t fork_burner(void)
{
	pid_t pid = fork();

	check(pid >= 0);
	if (!pid) {
		touch();
		burn(80 * MS);
		_exit(0);
	}
	return pid;
}

int main(void)
{
	struct usage before, after;
	struct rusage zombies;
	pthread_t id;
	pid_t zombie;
	int i;

	zombie = fork_burner();
	check(exited_with(fork_burner(), 0));
	wait_for_state(zombie, 'Z');
	check(!pthread_create(&id, NULL, stays, NULL));
	while (!thread_tid)
		nap(5);
	check(!pthread_create(&id, NULL, ends, NULL) && !pthread_join(id, NULL));
	touch();
	burn(120 * MS);
	read_usage(&before);
	check(ns(&before.children.ru_utime) + ns(&before.children.ru_stime) >= 70 * MS);
	check(before.process_clock >= before.thread_clock + 60 * MS);
	ready();
	read_usage(&after);
	check(after.start == before.start);
	check(after.thread_start == before.thread_start);
	check_rusage(&before.self, &after.self);
	check_rusage(&before.thread, &after.thread);
	check_rusage(&before.children, &after.children);
	check(after.process_clock >= before.process_clock);
	check(after.thread_clock >= before.thread_clock);
	/* The threads that have ended are still counted. */
	check(after.process_clock >= after.thread_clock + 60 * MS);
	for (i = 0; i < NR_IO; i++)
		check(after.io[i] >= before.io[i]);
	check(after.peak_rss >= before.peak_rss && after.peak_vm >= before.peak_vm);
	check(wait4(zombie, &i, 0, &zombies) == zombie && !i);
	check(ns(&zombies.ru_utime) + ns(&zombies.ru_stime) >= 70 * MS);
	check(zombies.ru_minflt >= 2048 && zombies.ru_maxrss >= 8192);
	return passed();
}
