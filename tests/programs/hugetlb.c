// SPDX-License-Identifier: GPL-2.0-only
/*
 * Huge pages of a pool: private mappings, with a child that has written to its own copy,
 * some of them read-only, unmapped in part, or never touched; shared ones; some of which
 * a little changes all the time; memfds; files of a hugetlbfs, one of them deleted; System V
 * segments.
 *
 * The pool has to have pages: /proc/sys/vm/nr_hugepages.
 *
 * Usage: hugetlb WHAT [DIRECTORY], of the table at the end; DIRECTORY is where a hugetlbfs
 * is mounted.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/memfd.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "program.h"
#include "tasks.h"

#define PAGE	4096UL
#define HUGE	(512 * PAGE)

/* Each page of the usual size has its number, and @seed. */
static void fill(char *at, unsigned int seed)
{
	size_t i;

	for (i = 0; i < HUGE; i += PAGE) {
		*(unsigned int *)(at + i) = seed + i / PAGE;
		at[i + PAGE - 1] = seed;
	}
}

static int filled(const char *at, unsigned int seed)
{
	size_t i;

	for (i = 0; i < HUGE; i += PAGE)
		if (*(const unsigned int *)(at + i) != seed + i / PAGE ||
		    at[i + PAGE - 1] != (char)seed)
			return 0;
	return 1;
}

static int empty(const char *at)
{
	size_t i;

	for (i = 0; i < HUGE; i++)
		if (at[i])
			return 0;
	return 1;
}

/*
 * How many huge pages has the mapping that begins at @at? -1: there is no such mapping, or
 * its pages are others; read from memory that is there anyway.
 */
static int pages_at(const void *at)
{
	static char line[400];
	unsigned long start, kb, sum = 0;
	int found = 0, huge = 0;
	FILE *f = fopen("/proc/self/smaps", "r");
	char more;

	check(f);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%*x %c", &start, &more) == 2)
			found = start == (unsigned long)at;
		else if (found && sscanf(line, "KernelPageSize: %lu", &kb) == 1)
			huge = kb == HUGE / 1024;
		else if (found && (sscanf(line, "Shared_Hugetlb: %lu", &kb) == 1 ||
				   sscanf(line, "Private_Hugetlb: %lu", &kb) == 1))
			sum += kb;
	}
	fclose(f);
	return huge ? (int)(sum / (HUGE / 1024)) : -1;
}

static char *map(size_t pages, int flags)
{
	char *at = mmap(NULL, pages * HUGE, PROT_READ | PROT_WRITE,
			MAP_ANONYMOUS | MAP_HUGETLB | flags, -1, 0);

	need(at != MAP_FAILED);
	return at;
}

/* ---- private ------------------------------------------------------------------- */

/* The child has written to its second page, when it says so, and to none of the rest. */
static void be_child(char *area, char *noreserve, const int *written)
{
	fill(area + HUGE, 300);
	check(write(written[1], "", 1) == 1 && !close(written[0]) && !close(written[1]));
	wait_to_go_on();
	check(filled(area, 100) && filled(area + HUGE, 300) && empty(area + 2 * HUGE));
	check(filled(noreserve, 500));
	_exit(7);
}

static void private_memory(const char *unused)
{
	/* A hole, one for reading, one for nothing, one that is unmapped. */
	char *area = map(6, MAP_PRIVATE), *noreserve = map(2, MAP_PRIVATE | MAP_NORESERVE);
	char *untouched = map(1, MAP_PRIVATE), byte;
	int written[2];
	pid_t child;

	(void)unused;
	fill(area, 100);
	fill(area + HUGE, 200);
	fill(area + 3 * HUGE, 400);
	check(!mprotect(area + 3 * HUGE, HUGE, PROT_READ));
	fill(area + 4 * HUGE, 450);
	check(!mprotect(area + 4 * HUGE, HUGE, PROT_NONE));
	check(!munmap(area + 5 * HUGE, HUGE));
	fill(noreserve, 500);
	check(!madvise(noreserve, 2 * HUGE, MADV_DONTDUMP) && !pipe(written));
	child = fork();
	check(child >= 0);
	if (!child)
		be_child(area, noreserve, written);
	check(read(written[0], &byte, 1) == 1 && !close(written[0]) && !close(written[1]));
	ready();
	check(pages_at(area) == 2 && pages_at(area + 3 * HUGE) == 1);
	check(pages_at(area + 4 * HUGE) == 1);
	check(pages_at(noreserve) == 1 && pages_at(untouched) == 0);
	check(filled(area, 100) && filled(area + HUGE, 200) && empty(area + 2 * HUGE));
	check(filled(area + 3 * HUGE, 400) && empty(untouched));
	check(!mprotect(area + 4 * HUGE, HUGE, PROT_READ) && filled(area + 4 * HUGE, 450));
	check(filled(noreserve, 500) && empty(noreserve + HUGE));
	/* It can still be written to, and given back. */
	check(exited_with(child, 7));
	fill(area, 600);
	check(filled(area, 600) && !madvise(area, HUGE, MADV_DONTNEED) && empty(area));
	check(!munmap(area, 5 * HUGE));
}

/* ---- shared -------------------------------------------------------------------- */

static void shared_memory(const char *unused)
{
	char *area = map(4, MAP_SHARED), *noreserve = map(2, MAP_SHARED | MAP_NORESERVE);
	pid_t child;

	(void)unused;
	fill(area, 100);
	fill(area + 2 * HUGE, 200);
	check(!mprotect(area + 2 * HUGE, HUGE, PROT_READ));
	fill(noreserve + HUGE, 300);
	child = fork();
	check(child >= 0);
	if (!child) {
		wait_to_go_on();
		check(filled(area, 100) && filled(area + 2 * HUGE, 200));
		fill(area + HUGE, 400);
		fill(noreserve + HUGE, 500);
		_exit(7);
	}
	ready();
	check(exited_with(child, 7));
	check(filled(area, 100) && filled(area + HUGE, 400) && filled(area + 2 * HUGE, 200));
	check(filled(noreserve + HUGE, 500) && empty(noreserve));
	check(pages_at(area) == 2 && pages_at(area + 2 * HUGE) == 1);
	check(empty(area + 3 * HUGE));
}

/* ---- a little of both ------------------------------------------------------------- */

/* Beside what fill() writes, in one page of the usual size each. */
#define OWN_COUNT	(7 * PAGE + 100)
#define SHARED_COUNT	(300 * PAGE + 100)

static void counting(const char *unused)
{
	char *own = map(2, MAP_PRIVATE), *shared = map(2, MAP_SHARED);
	volatile unsigned int *own_count = (volatile unsigned int *)(own + OWN_COUNT);
	volatile unsigned int *shared_count = (volatile unsigned int *)(shared + SHARED_COUNT);
	unsigned int count = 0;

	(void)unused;
	fill(own, 100);
	fill(own + HUGE, 200);
	fill(shared + HUGE, 300);
	printf("ready\n");
	fflush(stdout);
	while (!told_to_go_on()) {
		check(*own_count == count && *shared_count == count);
		count++;
		*own_count = count;
		*shared_count = count;
		nap(20);
	}
	check(*own_count == count && *shared_count == count);
	check(filled(own, 100) && filled(own + HUGE, 200) && filled(shared + HUGE, 300));
	*shared_count = 0;
	check(empty(shared));
}

/* ---- memfds ---------------------------------------------------------------------- */

static int make_memfd(const char *name, size_t pages)
{
	int fd = memfd_create(name, MFD_HUGETLB | MFD_HUGE_2MB | MFD_ALLOW_SEALING);

	need(fd >= 0);
	check(!ftruncate(fd, pages * HUGE));
	return fd;
}

static char *map_file(int fd, size_t pages, int flags)
{
	char *at = mmap(NULL, pages * HUGE, PROT_READ | PROT_WRITE, flags, fd, 0);

	need(at != MAP_FAILED);
	return at;
}

static void check_memfd(int fd, const char *name, size_t pages)
{
	char path[40], text[100] = "", want[100];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	check(readlink(path, text, sizeof(text) - 1) > 0);
	snprintf(want, sizeof(want), "/memfd:%s (deleted)", name);
	check(!strcmp(text, want) && !fstat(fd, &st));
	check(st.st_size == (off_t)(pages * HUGE) && st.st_blksize == (blksize_t)HUGE);
}

static void memfds(const char *unused)
{
	/* One that is shared with a child, and has a private mapping with a page of its own. */
	int fd = make_memfd("huge", 4), sealed = make_memfd("sealed", 1), empty_fd, cut;
	char *area = map_file(fd, 4, MAP_SHARED), *closed, *own, *at, *cut_area;
	unsigned int first;
	struct stat st;
	pid_t child;

	(void)unused;
	fill(area, 100);
	fill(area + 2 * HUGE, 200);
	own = map_file(fd, 4, MAP_PRIVATE);
	fill(own + 2 * HUGE, 300);
	check(!fchmod(fd, 0640) && lseek(fd, 77, SEEK_SET) == 77);

	at = map_file(sealed, 1, MAP_SHARED);
	fill(at, 400);
	check(!munmap(at, HUGE));
	check(!fcntl(sealed, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW));
	empty_fd = make_memfd("empty", 0);
	/* Nothing but the mapping is left of it. */
	closed = map_file(make_memfd("closed", 1), 1, MAP_SHARED);
	fill(closed, 500);
	/* More is mapped than there is. */
	cut = make_memfd("cut", 3);
	cut_area = map_file(cut, 3, MAP_SHARED);
	fill(cut_area, 700);
	fill(cut_area + 2 * HUGE, 750);
	check(!ftruncate(cut, HUGE));

	child = fork();
	check(child >= 0);
	if (!child) {
		wait_to_go_on();
		check(filled(area, 100) && filled(own + 2 * HUGE, 300));
		fill(area + HUGE, 600);
		_exit(7);
	}
	ready();
	check_memfd(fd, "huge", 4);
	check_memfd(sealed, "sealed", 1);
	check_memfd(empty_fd, "empty", 0);
	check_memfd(cut, "cut", 1);
	check(!fstat(fd, &st) && st.st_mode == (S_IFREG | 0640));
	check(lseek(fd, 0, SEEK_CUR) == 77);
	check(fcntl(fd, F_GET_SEALS) == 0);
	check(fcntl(sealed, F_GET_SEALS) == (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW));
	check(exited_with(child, 7));
	check(filled(area, 100) && filled(area + HUGE, 600) && filled(area + 2 * HUGE, 200));
	check(filled(own, 100) && filled(own + HUGE, 600) && filled(own + 2 * HUGE, 300));
	check(pages_at(area) == 3 && filled(closed, 500) && filled(cut_area, 700));
	check(pread(sealed, &first, sizeof(first), 0) == (ssize_t)sizeof(first) && first == 400);
	at = mmap(NULL, HUGE, PROT_READ, MAP_PRIVATE, sealed, 0);
	need(at != MAP_FAILED);
	check(filled(at, 400));
}

/* ---- files ----------------------------------------------------------------------- */

static int make_file(const char *path, size_t pages)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);

	need(fd >= 0);
	check(!ftruncate(fd, pages * HUGE));
	return fd;
}

static void files(const char *dir)
{
	char path[200], gone_path[200];
	char *area, *own, *gone_area, *gone_own;
	struct stat st;
	pid_t child;
	int fd, gone;

	check(dir);
	snprintf(path, sizeof(path), "%s/named", dir);
	snprintf(gone_path, sizeof(gone_path), "%s/gone", dir);
	unlink(path);
	fd = make_file(path, 3);
	area = map_file(fd, 3, MAP_SHARED);
	own = map_file(fd, 3, MAP_PRIVATE);
	fill(area, 100);
	/* Instead of the file's page, and where it has none. */
	fill(own, 150);
	fill(own + HUGE, 200);

	gone = make_file(gone_path, 2);
	gone_area = map_file(gone, 2, MAP_SHARED);
	gone_own = map_file(gone, 2, MAP_PRIVATE);
	fill(gone_area + HUGE, 300);
	fill(gone_own, 350);
	check(!unlink(gone_path));

	child = fork();
	check(child >= 0);
	if (!child) {
		wait_to_go_on();
		check(filled(own, 150) && filled(gone_own, 350));
		fill(area + 2 * HUGE, 400);
		fill(gone_area, 450);
		_exit(7);
	}
	ready();
	check(exited_with(child, 7));
	check(filled(area, 100) && filled(own, 150) && filled(own + HUGE, 200));
	check(filled(area + 2 * HUGE, 400) && filled(own + 2 * HUGE, 400));
	check(filled(gone_area, 450) && filled(gone_area + HUGE, 300));
	check(filled(gone_own, 350) && filled(gone_own + HUGE, 300));
	check(pages_at(area) == 2 && pages_at(gone_area) == 2);
	check(!fstat(gone, &st) && !st.st_nlink && st.st_size == 2 * (off_t)HUGE);
	check(!fstat(fd, &st) && st.st_nlink == 1 && !unlink(path));
}

/* ---- System V -------------------------------------------------------------------- */

#define KEY	0x5c0de0f1

static int make_segment(key_t key, size_t size, int flags)
{
	int id = shmget(key, size, IPC_CREAT | SHM_HUGETLB | flags | 0600);

	need(id >= 0);
	return id;
}

static char *attach(int id, int flags)
{
	char *at = shmat(id, NULL, flags);

	check(at != (char *)-1);
	return at;
}

static void segments(const char *unused)
{
	/* Not a whole number of huge pages. */
	int id = make_segment(KEY, HUGE + 100, IPC_EXCL);
	int removed = make_segment(IPC_PRIVATE, 2 * HUGE, SHM_NORESERVE);
	char *area = attach(id, 0), *readonly = attach(id, SHM_RDONLY), *gone = attach(removed, 0);
	struct shmid_ds before, ds;
	pid_t child;

	(void)unused;
	fill(area, 100);
	strcpy(area + HUGE + 5000, "beyond");
	check(!shmctl(id, IPC_STAT, &before));
	check(!shmctl(removed, IPC_RMID, NULL));
	fill(gone + HUGE, 200);
	child = fork();
	check(child >= 0);
	if (!child) {
		wait_to_go_on();
		check(filled(area, 100) && filled(gone + HUGE, 200));
		fill(gone, 300);
		_exit(7);
	}
	ready();
	check(exited_with(child, 7));
	check(filled(area, 100) && filled(readonly, 100));
	check(!strcmp(readonly + HUGE + 5000, "beyond") && pages_at(readonly) == 2);
	check(filled(gone, 300) && filled(gone + HUGE, 200));
	check(!shmctl(id, IPC_STAT, &ds) && ds.shm_segsz == HUGE + 100);
	check(ds.shm_ctime == before.shm_ctime && ds.shm_cpid == getpid());
	check(shmget(KEY, 0, 0) == id && !shmctl(id, IPC_RMID, NULL));
	check(!shmdt(area) && !shmdt(readonly) && !shmdt(gone));
}

/* ---- too few -------------------------------------------------------------------- */

/* The pool has one page: that it is shared with the child does not help it. */
static void stolen(const char *unused)
{
	char *area = map(1, MAP_PRIVATE);
	pid_t child;

	(void)unused;
	fill(area, 100);
	child = fork();
	check(child >= 0);
	if (!child) {
		wait_to_go_on();
		_exit(7);
	}
	fill(area, 200);
	ready();
	check(exited_with(child, 7) && filled(area, 200));
}

static const struct {
	const char *name;
	void (*run)(const char *dir);
} rows[] = {
	{ "private", private_memory },
	{ "shared", shared_memory },
	{ "counting", counting },
	{ "memfd", memfds },
	{ "file", files },
	{ "sysv", segments },
	{ "stolen", stolen },
};

int main(int argc, char **argv)
{
	size_t i;

	check(argc == 2 || argc == 3);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!strcmp(argv[1], rows[i].name))
			break;
	check(i < sizeof(rows) / sizeof(rows[0]));
	rows[i].run(argv[2]);
	return passed();
}
