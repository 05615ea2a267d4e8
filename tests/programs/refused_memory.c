// SPDX-License-Identifier: GPL-2.0-only
/*
 * An address space with something that is not saved. A freeze refuses it, and
 * the program runs on with it.
 *
 * Usage: refused_memory WHAT, of the table at the end.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <glob.h>
#include <linux/mempolicy.h>
#include <linux/perf_event.h>
#include <linux/userfaultfd.h>
#include <sched.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "program.h"

#define PAGE	4096UL

static char *area;

/* Of the BIOS, which is memory that any kernel shows to root. */
static void set_mem(void)
{
	int fd = open("/dev/mem", O_RDONLY);

	need(fd >= 0);
	need(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0xf0000) != MAP_FAILED);
	close(fd);
}

/* The first that is memory, and whose driver lets others have it. It is not touched. */
static void set_pci(void)
{
	void *at = MAP_FAILED;
	glob_t found;
	size_t i;
	int fd;

	need(!glob("/sys/bus/pci/devices/*/resource[0-5]", 0, NULL, &found));
	for (i = 0; at == MAP_FAILED && i < found.gl_pathc; i++) {
		fd = open(found.gl_pathv[i], O_RDONLY);
		if (fd < 0)
			continue;
		at = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
		close(fd);
	}
	globfree(&found);
	need(at != MAP_FAILED);
}

/* Of a perf event: it cannot be made larger. */
static void set_special(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_DUMMY,
	};
	int fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);

	need(fd >= 0);
	check(mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) != MAP_FAILED);
	close(fd);
}

/* It may never be executed, as nothing could where it is when it was mapped. */
static void set_limit(void)
{
	char dir[] = "/tmp/limit.XXXXXX", path[40];
	int fd;

	check(mkdtemp(dir) && !mount("none", dir, "tmpfs", MS_NOEXEC, NULL));
	snprintf(path, sizeof(path), "%s/file", dir);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	check(fd >= 0 && !ftruncate(fd, PAGE));
	check(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED);
	check(!mount(NULL, dir, NULL, MS_REMOUNT | MS_BIND, NULL));
	check(!umount2(dir, MNT_DETACH) && !rmdir(dir));
}

/* Which is the file's, not the mapping's. */
static void set_deleted_policy(void)
{
	int fd = open("/dev/shm/policy", O_RDWR | O_CREAT, 0600);
	unsigned long node = 1;
	void *at;

	check(fd >= 0 && !unlink("/dev/shm/policy") && !ftruncate(fd, PAGE));
	at = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	check(at != MAP_FAILED);
	need(!syscall(SYS_mbind, at, PAGE, MPOL_BIND, &node, 8, 0));
}

/* The same shared memory by another struct file. */
static void set_map_file(void)
{
	char path[80];
	char *p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	check(p != MAP_FAILED);
	snprintf(path, sizeof(path), "/proc/self/map_files/%lx-%lx",
		 (unsigned long)p, (unsigned long)p + PAGE);
	need(open(path, O_RDONLY) >= 0);
}

/* A breakpoint in the vdso, as debuggers set it. */
static void set_vdso(void)
{
	unsigned long vdso = getauxval(AT_SYSINFO_EHDR);
	int fd = open("/proc/self/mem", O_RDWR);

	need(vdso && fd >= 0);
	check(pwrite(fd, "", 1, vdso + PAGE - 1) == 1);
	close(fd);
}

/* It is one mapping or none, and cannot be split. */
static void set_vdso_key(void)
{
	unsigned long vdso = getauxval(AT_SYSINFO_EHDR), len = PAGE;
	int key = pkey_alloc(0, 0);

	need(vdso && key >= 0);
	while (pkey_mprotect((void *)vdso, len, PROT_READ | PROT_EXEC, key)) {
		check(errno == EINVAL);
		len += PAGE;
	}
}

/* A page that is lost: whoever touches it gets SIGBUS. */
static void set_poison(void)
{
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_POISON };
	struct uffdio_register range = {
		.range = { (unsigned long)area, PAGE },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	struct uffdio_poison poison = { .range = range.range };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);

	area[PAGE] = 'n';
	need(fd >= 0 && !ioctl(fd, UFFDIO_API, &api));
	check(!ioctl(fd, UFFDIO_REGISTER, &range) && !ioctl(fd, UFFDIO_POISON, &poison));
	close(fd);
}

static const struct {
	const char *name;
	void (*set)(void);
} rows[] = {
	{ "mem", set_mem },
	{ "pci", set_pci },
	{ "special", set_special },
	{ "limit", set_limit },
	{ "deleted_policy", set_deleted_policy },
	{ "map_file", set_map_file },
	{ "vdso", set_vdso },
	{ "vdso_key", set_vdso_key },
	{ "poison", set_poison },
};

int main(int argc, char **argv)
{
	size_t i;

	area = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(argc == 2 && area != MAP_FAILED);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!strcmp(argv[1], rows[i].name))
			break;
	check(i < sizeof(rows) / sizeof(rows[0]));
	rows[i].set();
	ready();
	return passed();
}
