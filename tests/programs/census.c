// SPDX-License-Identifier: GPL-2.0-only
/*
 * census before FILE CLOCK
 *
 * Notes in FILE which processes, how many mounts and how many references to the module
 * there are.
 *
 * census after FILE CLOCK SPLATS
 *
 * Kills what processes there are that were not, unmounts every checkpointfs but /mnt, and
 * waits until all is as it was. Fails if that does not happen, or if the kernel's log has
 * a line since the last one with " bats: " that matches one of the extended regular
 * expressions in the file SPLATS.
 *
 * The process CLOCK and its children come and go as they like. It runs before and after
 * each test: in C for the emulated processor's sake.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <mntent.h>
#include <regex.h>
#include <signal.h>
#include <stddef.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include "program.h"

#define GUEST_ONLY	"/ckpt/run"
#define MOUNT_POINT	"/mnt"
#define PIDS_MAX	(1 << 16)
#define LOG_BYTES	(1 << 19)
#define READ_ALL	3	/* klogctl(2): the last so many bytes */

struct census {
	int mounts;
	int references;		/* -1: it is no module */
	int nr_pids;
	int pids[PIDS_MAX];
};

static struct census before, now;

/* The parent of a process, 0 if there is no such process. */
static int parent_of(int pid)
{
	char name[64], stat[4096], *end;
	FILE *file;
	size_t len;

	snprintf(name, sizeof(name), "/proc/%d/stat", pid);
	file = fopen(name, "r");
	if (!file)
		return 0;
	len = fread(stat, 1, sizeof(stat) - 1, file);
	fclose(file);
	stat[len] = 0;
	/* The program's name may have anything in it; behind it is the state. */
	end = strrchr(stat, ')');
	return end && strlen(end) > 4 ? atoi(end + 4) : 0;
}

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* The processes that are neither threads of the kernel, nor the clock, nor this one. */
static void count_pids(struct census *c, int clock)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	int pid, parent;

	check(proc);
	c->nr_pids = 0;
	while ((entry = readdir(proc))) {
		pid = isdigit(entry->d_name[0]) ? atoi(entry->d_name) : 0;
		if (!pid || pid == 2 || pid == clock || pid == getpid())
			continue;
		parent = parent_of(pid);
		if (parent == 2 || (clock && parent == clock))
			continue;
		/* It may have gone in the meantime, but for init. */
		if (!parent && pid != 1)
			continue;
		check(c->nr_pids < PIDS_MAX);
		c->pids[c->nr_pids++] = pid;
	}
	closedir(proc);
	qsort(c->pids, c->nr_pids, sizeof(c->pids[0]), compare);
}

static void count_mounts(struct census *c)
{
	FILE *file = fopen("/proc/self/mountinfo", "r");
	int byte;

	check(file);
	c->mounts = 0;
	while ((byte = getc(file)) != EOF)
		c->mounts += byte == '\n';
	fclose(file);
}

static void count_references(struct census *c)
{
	FILE *file = fopen("/sys/module/checkpointfs/refcnt", "r");

	c->references = -1;
	if (!file)
		return;
	check(fscanf(file, "%d", &c->references) == 1);
	fclose(file);
}

static void count(struct census *c, int clock)
{
	count_pids(c, clock);
	count_mounts(c);
	count_references(c);
}

static void note(const char *name)
{
	FILE *file = fopen(name, "w");

	check(file && fwrite(&before, offsetof(struct census, pids[before.nr_pids]), 1,
			     file) == 1 && !fclose(file));
}

static void recall(const char *name)
{
	FILE *file = fopen(name, "r");

	check(file && fread(&before, 1, sizeof(before), file) >= sizeof(int) * 4);
	fclose(file);
}

/* The number of processes that are @now and were not @before: it kills them. */
static int kill_new(void)
{
	int i, nr = 0;

	for (i = 0; i < now.nr_pids; i++) {
		if (bsearch(&now.pids[i], before.pids, before.nr_pids,
			    sizeof(before.pids[0]), compare))
			continue;
		kill(now.pids[i], SIGKILL);
		nr++;
	}
	return nr;
}

static void unmount_others(void)
{
	FILE *file = setmntent("/proc/self/mounts", "r");
	struct mntent *mount;

	check(file);
	while ((mount = getmntent(file)))
		if (!strcmp(mount->mnt_type, "checkpointfs") &&
		    strcmp(mount->mnt_dir, MOUNT_POINT) && umount2(mount->mnt_dir, 0))
			printf("%s: %s\n", mount->mnt_dir, strerror(errno));
	endmntent(file);
}

static void say(const char *when, const struct census *c, int new)
{
	printf("%s: new processes %d mounts %d references %d\n", when, new, c->mounts,
	       c->references);
}

/* Returns 0 when all is as it was. */
static int clean_up(int clock)
{
	const struct timespec pause = { .tv_nsec = 50 * 1000 * 1000 };
	int tries, new = 0;

	for (tries = 0; tries < 300; tries++) {
		count(&now, clock);
		new = kill_new();
		if (!new) {
			if (now.mounts == before.mounts && now.references == before.references)
				return 0;
			unmount_others();
		}
		nanosleep(&pause, NULL);
	}
	say("before", &before, 0);
	say("after", &now, new);
	fflush(stdout);
	(void)!system("ps -ejH --ppid 2 -p 2 --deselect");
	return 1;
}

/* All lines of a file as one expression. */
static void compile(regex_t *splat, const char *name)
{
	static char all[1 << 16];
	char line[4096];
	FILE *file = fopen(name, "r");

	check(file);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = 0;
		check(strlen(all) + strlen(line) + 4 < sizeof(all));
		if (*line)
			sprintf(all + strlen(all), "%s(%s)", *all ? "|" : "", line);
	}
	fclose(file);
	check(!regcomp(splat, all, REG_EXTENDED | REG_NOSUB));
}

/* Returns 1, and says what, if the kernel has complained since the test began. */
static int complaints(const char *splats)
{
	static char log[LOG_BYTES + 1];
	char *line, *at, *end, *begin = log;
	regex_t splat;
	int len, bad = 0;

	compile(&splat, splats);
	len = klogctl(READ_ALL, log, LOG_BYTES);
	check(len >= 0);
	log[len] = 0;
	for (at = log; (at = strstr(at, " bats: ")); at++)
		begin = at;
	for (line = begin; *line; line = end + 1) {
		end = strchrnul(line, '\n');
		len = !*end;
		*end = 0;
		if (!bad && regexec(&splat, line, 0, NULL, 0) == 0)
			bad = 1;
		if (bad)
			printf("%s\n", line);
		if (len)
			break;
	}
	return bad;
}

int main(int argc, char *argv[])
{
	int clock, bad;

	/* It kills: nowhere but in the guest. */
	check(argc >= 4 && !access(GUEST_ONLY, F_OK));
	clock = atoi(argv[3]);
	if (!strcmp(argv[1], "before")) {
		count(&before, clock);
		note(argv[2]);
		return 0;
	}
	check(argc == 5 && !strcmp(argv[1], "after"));
	recall(argv[2]);
	bad = clean_up(clock);
	return complaints(argv[4]) || bad;
}
