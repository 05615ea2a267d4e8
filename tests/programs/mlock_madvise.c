// SPDX-License-Identifier: GPL-2.0-only
/*
 * What mlock(), mlockall(), madvise() and prctl() set stays set: the flags of
 * all mappings in smaps, and what they do. (also 32-bit)
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "program.h"

#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif
#ifndef MLOCK_ONFAULT
#define MLOCK_ONFAULT 1
#endif

#define PAGE	4096UL
#define PAGES	8UL

static char *map(void)
{
	/* A page between them, so that each is a mapping of its own. */
	char *p = mmap(NULL, (PAGES + 1) * PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	check(p != MAP_FAILED);
	check(!munmap(p + PAGES * PAGE, PAGE));
	memset(p, 'x', PAGES * PAGE / 2);
	return p;
}

/* Lines of all mappings that have a state which is restored. */
static char *read_smaps(void)
{
	static const char *const names[] = { "Rss:", "Locked:", "VmFlags:", "Anonymous:" };
	char line[512], *text = calloc(1, 1 << 18);
	unsigned long start, end;
	FILE *f = fopen("/proc/self/smaps", "r");
	size_t i, len = 0;
	int own = 0;

	check(f && text);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2) {
			/* Only ours: the C library's change as it runs. */
			own = end - start == PAGES * PAGE && !strchr(line, '/');
			if (own)
				len += sprintf(text + len, "%s", line);
			continue;
		}
		for (i = 0; own && i < sizeof(names) / sizeof(names[0]); i++)
			if (!strncmp(line, names[i], strlen(names[i])))
				len += sprintf(text + len, "%s", line);
	}
	fclose(f);
	return text;
}

static unsigned long status_kb(const char *name)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	unsigned long kb = 0;

	check(f);
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, name, strlen(name)))
			kb = strtoul(line + strlen(name) + 1, NULL, 10);
	fclose(f);
	return kb;
}

int main(void)
{
	static const int advice[] = {
		MADV_DONTFORK, MADV_WIPEONFORK, MADV_DONTDUMP, MADV_SEQUENTIAL,
		MADV_RANDOM, MADV_HUGEPAGE, MADV_NOHUGEPAGE, MADV_MERGEABLE,
	};
	char *area[sizeof(advice) / sizeof(advice[0])], *locked, *onfault, *future;
	char *before, *after, filter[16] = "";
	unsigned long kb;
	int status;
	size_t i;
	pid_t child;
	FILE *f;

	for (i = 0; i < sizeof(advice) / sizeof(advice[0]); i++) {
		area[i] = map();
		check(!madvise(area[i], PAGES * PAGE, advice[i]) || errno == EINVAL);
	}
	locked = map();
	check(!mlock(locked, PAGES * PAGE));
	onfault = map();
	check(!mlock2(onfault, PAGES * PAGE, MLOCK_ONFAULT));
	/* Not every kernel knows names. */
	prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, map(), PAGES * PAGE, "a name");
	f = fopen("/proc/self/coredump_filter", "w");
	check(f && fputs("0x15", f) >= 0 && !fclose(f));
	check(!prctl(PR_SET_DUMPABLE, 0));
	check(!mlockall(MCL_FUTURE));
	kb = status_kb("VmLck:");
	before = read_smaps();
	ready();
	check(status_kb("VmLck:") >= kb);
	check(!prctl(PR_GET_DUMPABLE));
	after = read_smaps();
	if (strcmp(before, after))
		printf("before:\n%safter:\n%s", before, after);
	check(!strcmp(before, after));
	f = fopen("/proc/self/coredump_filter", "r");
	check(f && fgets(filter, sizeof(filter), f) && strtoul(filter, NULL, 16) == 0x15);
	fclose(f);

	/* New mappings are locked, until that is undone. */
	kb = status_kb("VmLck:");
	future = map();
	check(status_kb("VmLck:") == kb + PAGES * PAGE / 1024);
	check(!munmap(future, PAGES * PAGE) && !munlockall());
	check(status_kb("VmLck:") == 0);

	child = fork();
	check(child >= 0);
	if (!child) {
		unsigned char vec;

		check(mincore(area[0], PAGE, &vec) == -1 && errno == ENOMEM);
		check(!area[1][0] && area[2][0] == 'x');
		_exit(3);
	}
	check(waitpid(child, &status, 0) == child);
	check(WIFEXITED(status) && WEXITSTATUS(status) == 3);
	return passed();
}
