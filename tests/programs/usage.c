// SPDX-License-Identifier: GPL-2.0-only
/*
 * What has been used goes on from what it was: CPU time, page faults, switches,
 * I/O, of a process, a thread, threads that have ended, children, a zombie; and all
 * have been started when they were.
 *
 * Before it waits it uses of everything much more than it does while it waits, so that
 * what is counted twice, or as something else, is seen: nothing grows by half. What goes
 * on in the meantime is counted by the program, or is taken from the clock of the process,
 * which does not jump from one look at it to the next.
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
	struct rusage self, thread, children, zombie;
	long long clock_before;		/* of the process; again when these are read */
	long long process_clock, thread_clock;
	unsigned long long start, thread_start, io[NR_IO];
	long peak_rss, peak_vm;
};

enum { RCHAR, WCHAR, SYSCR, SYSCW, READ_BYTES, WRITE_BYTES, CANCELLED_BYTES };

static pid_t thread_tid, zombie;
static long polls;

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

	memset(u, 0, sizeof(*u));
	u->clock_before = now(CLOCK_PROCESS_CPUTIME_ID);
	check(!getrusage(RUSAGE_SELF, &u->self));
	check(!getrusage(RUSAGE_THREAD, &u->thread));
	check(!getrusage(RUSAGE_CHILDREN, &u->children));
	check(!syscall(SYS_waitid, P_PID, zombie, NULL, WEXITED | WNOWAIT, &u->zombie));
	u->thread_clock = now(CLOCK_THREAD_CPUTIME_ID);
	u->process_clock = now(CLOCK_PROCESS_CPUTIME_ID);
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

static long long cpu_time(const struct rusage *r)
{
	return ns(&r->ru_utime) + ns(&r->ru_stime);
}

/* Not by half. */
static int grew_little(long long old, long long new)
{
	return new >= old && new - old <= old / 2;
}

static void check_rusage(const struct rusage *old, const struct rusage *new, long long used)
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
	/* Parts of a microsecond are not told. */
	check(cpu_time(new) - cpu_time(old) <= used + 2000);
	check(grew_little(old->ru_minflt, new->ru_minflt));
	check(grew_little(old->ru_maxrss, new->ru_maxrss));
	check(grew_little(old->ru_oublock, new->ru_oublock));
	check(new->ru_nvcsw - polls <= old->ru_nvcsw + old->ru_nvcsw / 2);
}

/* It has ended. Its switches are those that it had, and those of its second death. */
static void check_zombie(const struct rusage *old, const struct rusage *new)
{
	check(cpu_time(old) >= 70 * MS && grew_little(cpu_time(old), cpu_time(new)));
	check(old->ru_minflt >= 2048 && grew_little(old->ru_minflt, new->ru_minflt));
	check(old->ru_maxrss >= 8192 && grew_little(old->ru_maxrss, new->ru_maxrss));
	check(new->ru_nvcsw >= old->ru_nvcsw);
}

static void check_io(const unsigned long long *old, const unsigned long long *new)
{
	int i;

	for (i = 0; i < NR_IO; i++)
		check(new[i] >= old[i]);
	check(grew_little(old[RCHAR], new[RCHAR]) && grew_little(old[SYSCR], new[SYSCR]));
	check(grew_little(old[WCHAR], new[WCHAR]) && grew_little(old[SYSCW], new[SYSCW]));
	check(grew_little(old[WRITE_BYTES], new[WRITE_BYTES]));
	check(grew_little(old[CANCELLED_BYTES], new[CANCELLED_BYTES]));
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

/* Blocks that are written to, of which most are not when their file goes. */
static void transfer(void)
{
	char path[] = "/var/tmp/usage.XXXXXX", block[4096] = "";
	int from = open("/dev/zero", O_RDONLY), to = mkstemp(path), i;

	check(from >= 0 && to >= 0 && !unlink(path));
	for (i = 0; i < 512; i++) {
		check(read(from, block, sizeof(block)) == sizeof(block));
		check(write(to, block, sizeof(block)) == sizeof(block));
	}
	close(from);
	close(to);
}

/* Sleeps: voluntary switches. Returns what the dearest of them has cost. */
static long long sleep_often(void)
{
	const struct timespec moment = { .tv_nsec = 1000 };
	long long most = 0;
	int i;

	for (i = 0; i < 300; i++) {
		long long before = now(CLOCK_PROCESS_CPUTIME_ID), cost;

		nanosleep(&moment, NULL);
		cost = now(CLOCK_PROCESS_CPUTIME_ID) - before;
		most = cost > most ? cost : most;
	}
	return most;
}

/* Says that it is ready, and looks at its clock whenever it wakes. */
static void wait_and_watch(void)
{
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	long long last = now(CLOCK_PROCESS_CPUTIME_ID), clock, limit = last / 2;

	printf("ready\n");
	fflush(stdout);
	while (!told_to_go_on()) {
		nanosleep(&pause, NULL);
		polls++;
		clock = now(CLOCK_PROCESS_CPUTIME_ID);
		check(clock >= last && clock - last < limit);
		last = clock;
	}
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

static void check_usage(const struct usage *before, const struct usage *after)
{
	long long used = after->process_clock - before->clock_before;

	check(after->start == before->start);
	check(after->thread_start == before->thread_start);
	check_rusage(&before->self, &after->self, used);
	check_rusage(&before->thread, &after->thread, used);
	/* None has been waited for. */
	check(!memcmp(&before->children, &after->children, sizeof(before->children)));
	check_zombie(&before->zombie, &after->zombie);
	check(after->process_clock >= before->process_clock);
	check(after->thread_clock >= before->thread_clock);
	check(after->thread_clock - before->thread_clock <= used);
	/* The threads that have ended are still counted. */
	check(after->process_clock >= after->thread_clock + 60 * MS);
	check_io(before->io, after->io);
	check(grew_little(before->peak_rss, after->peak_rss));
	check(grew_little(before->peak_vm, after->peak_vm));
}

int main(void)
{
	struct usage before, after;
	struct rusage waited;
	long long dearest;
	pthread_t id;
	int status;

	zombie = fork_burner();
	check(exited_with(fork_burner(), 0));
	wait_for_state(zombie, 'Z');
	check(!pthread_create(&id, NULL, stays, NULL));
	while (!thread_tid)
		nap(5);
	check(!pthread_create(&id, NULL, ends, NULL) && !pthread_join(id, NULL));
	touch();
	transfer();
	dearest = sleep_often();
	burn(120 * MS);
	/* So that a jump by half of it is more than a wait can cost. */
	while (now(CLOCK_PROCESS_CPUTIME_ID) < 100 * dearest)
		burn(MS);
	read_usage(&before);
	check(cpu_time(&before.children) >= 70 * MS);
	check(before.process_clock >= before.thread_clock + 60 * MS);
	wait_and_watch();
	read_usage(&after);
	check_usage(&before, &after);
	check(wait4(zombie, &status, 0, &waited) == zombie && !status);
	check_zombie(&after.zombie, &waited);
	return passed();
}
