// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages shared copy-on-write over three generations: shared as long as nobody
 * writes, private afterwards. What is shared is read from smaps, and has to
 * be at the end what it was before the program waited. (also 32-bit)
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/wait.h>

#include "program.h"

#define PAGE	4096UL
#define PAGES	1024UL

static char *area;
static volatile int *steps;		/* shared: how far everybody is */

static char byte(size_t page, int who) { return page * 3 + who; }

static void write_part(int who)
{
	size_t i;

	for (i = who; i < PAGES; i += 16)
		area[i * PAGE] = byte(i, who);
}

/* Who has written a page that @who sees: each writes before it forks. */
static int writer(size_t page, int who)
{
	return (int)(page % 16) <= who ? (int)(page % 16) : 0;
}

static void verify(int who)
{
	size_t i;

	for (i = 0; i < PAGES; i++)
		check(area[i * PAGE] == byte(i, writer(i, who)));
}

/* A line of the mapping's entry in smaps, in pages. */
static unsigned long smaps(const char *name)
{
	FILE *f = fopen("/proc/self/smaps", "r");
	unsigned long start, end, kb, found = 0;
	char line[512], has[64];
	int inside = 0;

	check(f);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			inside = start <= (unsigned long)area && (unsigned long)area < end;
		else if (inside && sscanf(line, "%63[^:]: %lu kB", has, &kb) == 2 &&
			 !strcmp(has, name))
			found = kb / 4;
	}
	fclose(f);
	return found;
}

struct sharing {
	unsigned long rss, pss, shared, private;
};

static struct sharing sharing(void)
{
	return (struct sharing) {
		.rss = smaps("Rss"),
		.pss = smaps("Pss"),
		.shared = smaps("Shared_Clean") + smaps("Shared_Dirty"),
		.private = smaps("Private_Clean") + smaps("Private_Dirty"),
	};
}

static void step(int who, int to)
{
	steps[who] = to;
	for (who = 0; who < 3; who++)
		while (steps[who] < to)
			usleep(1000);
}

/* One generation; each makes the next. */
static void live(int who)
{
	struct sharing before, after;
	pid_t child = 0;
	int status;

	/* The first leaves its pages alone: others share them with it. */
	if (who)
		write_part(who);
	if (who < 2) {
		child = fork();
		check(child >= 0);
		if (!child) {
			live(who + 1);
			_exit(0);
		}
	}
	step(who, 1);
	before = sharing();
	step(who, 2);
	if (who)
		wait_to_go_on();
	else
		ready();
	after = sharing();
	if (memcmp(&before, &after, sizeof(before)))
		printf("%d: rss %lu %lu, pss %lu %lu, shared %lu %lu, private %lu %lu\n", who,
		       before.rss, after.rss, before.pss, after.pss,
		       before.shared, after.shared, before.private, after.private);
	check(before.rss == after.rss && before.shared == after.shared &&
	      before.private == after.private);
	check(before.pss - after.pss + 4 <= 8);
	verify(who);
	step(who, 3);

	/* A write is seen by who writes, and by nobody else. */
	area[8 * PAGE + who] = 'A' + who;
	step(who, 4);
	check(area[8 * PAGE + who] == 'A' + who);
	check(who == 2 || area[8 * PAGE + who + 1] == 0);
	if (child) {
		check(waitpid(child, &status, 0) == child);
		check(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
}

int main(void)
{
	size_t i;

	area = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	steps = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	check(area != MAP_FAILED && steps != MAP_FAILED);
	check(!madvise(area, PAGES * PAGE, MADV_NOHUGEPAGE));
	for (i = 0; i < PAGES; i++)
		area[i * PAGE] = byte(i, 0);
	live(0);
	return passed();
}
