// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory policies of tasks, of mappings, and of shared memory. With several nodes memory
 * has to come from where they say, with one they are still to be there.
 *
 * Usage: mempolicy [DIR [alone] | many]; DIR is of a tmpfs, and alone without a child
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/mempolicy.h>
#include <pthread.h>
#include <sched.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>

#include "tasks.h"

#define PAGE	4096UL
#define PAGES	8
#define BITS	1025
#define WEIGHTED	6
#ifndef MPOL_F_NUMA_BALANCING
#define MPOL_F_NUMA_BALANCING	(1 << 13)
#endif
#ifndef SYS_set_mempolicy_home_node
#define SYS_set_mempolicy_home_node	450
#endif

struct policy {
	int mode;
	unsigned long nodes[16];
};

/* All nodes that there are, the last one, and one that is not. */
static unsigned long all, last;
#define ABSENT	(1UL << 5)

static int set(void *at, size_t len, int mode, unsigned long nodes)
{
	unsigned long mask[16] = { nodes };

	return syscall(SYS_mbind, at, len, mode, mask, BITS, 0);
}

static void bind_to(void *at, size_t len, int mode, unsigned long nodes)
{
	check(set(at, len, mode, nodes) == 0);
}

/* Of the memory there; NULL: of the task. */
static struct policy get(void *at)
{
	struct policy p = {};

	check(!syscall(SYS_get_mempolicy, &p.mode, p.nodes, BITS, at, at ? MPOL_F_ADDR : 0));
	return p;
}

static void check_is(void *at, int mode, unsigned long nodes)
{
	struct policy p = get(at);

	if (p.mode != mode || p.nodes[0] != nodes)
		printf("%#x of %#lx instead of %#x of %#lx\n", p.mode, p.nodes[0], mode, nodes);
	check(p.mode == mode && p.nodes[0] == nodes);
}

/* The node of a page, which is there from now on. */
static int node_of(char *at)
{
	int node;

	*at += 1;
	check(!syscall(SYS_get_mempolicy, &node, NULL, 0, at, MPOL_F_NODE | MPOL_F_ADDR));
	return node;
}

static int last_node(void)
{
	return 63 - __builtin_clzl(all);
}

static char *map(size_t pages, int flags, int fd)
{
	char *p = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, flags, fd, 0);

	check(p != MAP_FAILED);
	return p;
}

/* ---- of mappings ---- */

static struct {
	int mode;
	unsigned long nodes;
	char *at;
} own[9];

/* What is named beside the nodes that there are is remembered, too. */
static void make_own(void)
{
	size_t i, nr = 0;

#define OWN(m, n) (own[nr].mode = (m), own[nr++].nodes = (n))
	OWN(MPOL_BIND, last);
	OWN(MPOL_PREFERRED, last);
	OWN(MPOL_LOCAL, 0);
	OWN(MPOL_INTERLEAVE, all);
	OWN(MPOL_BIND | MPOL_F_STATIC_NODES, last | ABSENT);
	OWN(MPOL_INTERLEAVE | MPOL_F_RELATIVE_NODES, ABSENT);
	OWN(MPOL_PREFERRED_MANY, last);
	OWN(WEIGHTED, all);
	OWN(MPOL_BIND | MPOL_F_NUMA_BALANCING, all | ABSENT);
	for (i = 0; i < nr; i++) {
		own[i].at = map(PAGES, MAP_PRIVATE | MAP_ANONYMOUS, -1);
		bind_to(own[i].at, PAGES * PAGE, own[i].mode, own[i].nodes);
		own[i].at[0] = 'a' + i;
	}
}

static void check_own(void)
{
	size_t i;

	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		check(own[i].at[0] == (char)('a' + i));
		check_is(own[i].at, own[i].mode, own[i].nodes);
		check_is(own[i].at + (PAGES - 1) * PAGE, own[i].mode, own[i].nodes);
	}
	check(node_of(own[0].at + PAGE) == last_node());
	check(node_of(own[1].at + PAGE) == last_node());
	check(node_of(own[4].at + PAGE) == last_node());
	check(node_of(own[6].at + PAGE) == last_node());
	if (all == 3)
		check(node_of(own[3].at + PAGE) != node_of(own[3].at + 2 * PAGE));
}

/* ---- with a home node, of files, of the vdso ---- */

static char *home, *file, *private_file, *vdso;

static void make_others(const char *dir)
{
	size_t size = PAGE;
	char path[4096];
	int fd;

	home = map(PAGES, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	bind_to(home, PAGES * PAGE, MPOL_BIND, all);
	check(!syscall(SYS_set_mempolicy_home_node, home, PAGES * PAGE, last_node(), 0));
	snprintf(path, sizeof(path), "%s/file", dir);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	check(fd >= 0 && ftruncate(fd, 4 * PAGE) == 0);
	file = map(4, MAP_SHARED, fd);
	private_file = map(4, MAP_PRIVATE, fd);
	close(fd);
	bind_to(file, 2 * PAGE, MPOL_BIND, last);
	bind_to(private_file + 2 * PAGE, 2 * PAGE, MPOL_PREFERRED, last);
	vdso = (char *)getauxval(AT_SYSINFO_EHDR);
	check(vdso);
	/* All of it or nothing, and it does not say how large it is. */
	while (set(vdso, size, MPOL_INTERLEAVE, all)) {
		check(errno == EINVAL && size < 64 * PAGE);
		size += PAGE;
	}
}

static void check_others(void)
{
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	check(sched_setaffinity(0, sizeof(first), &first) == 0);
	check_is(home, MPOL_BIND, all);
	check(node_of(home) == last_node());
	check_is(file, MPOL_BIND, last);
	check_is(file + 2 * PAGE, MPOL_PREFERRED, last);
	check_is(private_file + 2 * PAGE, MPOL_PREFERRED, last);
	check_is(vdso, MPOL_INTERLEAVE, all);
}

/* ---- of shared memory ---- */

static char *anon, *segment, *one, *other;
static int memfd, outside;

/* A policy is the memory's: which mapping has set it, and whether it is there, is the same. */
static void make_shared(void)
{
	char *p;
	int id;

	anon = map(PAGES, MAP_SHARED | MAP_ANONYMOUS, -1);
	bind_to(anon + 2 * PAGE, 2 * PAGE, MPOL_BIND | MPOL_F_STATIC_NODES, last | ABSENT);
	anon[2 * PAGE] = 's';
	id = shmget(IPC_PRIVATE, PAGES * PAGE, IPC_CREAT | 0600);
	segment = shmat(id, NULL, 0);
	check(segment != (void *)-1 && shmctl(id, IPC_RMID, NULL) == 0);
	bind_to(segment, PAGES * PAGE, MPOL_INTERLEAVE, all);
	bind_to(segment + PAGE, PAGE, MPOL_PREFERRED, last);

	memfd = memfd_create("policy", MFD_ALLOW_SEALING);
	check(memfd >= 0 && ftruncate(memfd, PAGES * PAGE) == 0);
	p = map(4 * PAGES, MAP_SHARED, memfd);
	bind_to(p + PAGE, PAGE, MPOL_BIND, last);
	bind_to(p + 2 * PAGE, PAGE, MPOL_PREFERRED_MANY, all);
	check(!syscall(SYS_set_mempolicy_home_node, p + 2 * PAGE, PAGE, last_node(), 0));
	bind_to(p + 2 * PAGES * PAGE, PAGES * PAGE, MPOL_INTERLEAVE, all);
	p[PAGE] = 'm';
	check(munmap(p, 4 * PAGES * PAGE) == 0);
	/* The mapping's own, which the memory has no more. */
	one = map(PAGES, MAP_SHARED, memfd);
	other = map(PAGES, MAP_SHARED, memfd);
	bind_to(one + 4 * PAGE, 2 * PAGE, MPOL_BIND, last);
	bind_to(other + 4 * PAGE, 2 * PAGE, MPOL_PREFERRED, last);
	check(fcntl(memfd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_SEAL) == 0);
	outside = memfd_create("none", 0);
	check(outside >= 0);
}

static void check_shared(void)
{
	char *p;

	check_is(anon, MPOL_DEFAULT, 0);
	check_is(anon + 2 * PAGE, MPOL_BIND | MPOL_F_STATIC_NODES, last | ABSENT);
	check(anon[2 * PAGE] == 's' && node_of(anon + 2 * PAGE) == last_node());
	check(node_of(anon + 3 * PAGE) == last_node());
	check_is(anon + 4 * PAGE, MPOL_DEFAULT, 0);
	check_is(segment, MPOL_INTERLEAVE, all);
	check_is(segment + PAGE, MPOL_PREFERRED, last);
	check_is(segment + 2 * PAGE, MPOL_INTERLEAVE, all);
	check(node_of(segment + PAGE) == last_node());

	p = map(4 * PAGES, MAP_SHARED, memfd);
	check_is(p, MPOL_DEFAULT, 0);
	check_is(p + PAGE, MPOL_BIND, last);
	check(p[PAGE] == 'm' && node_of(p + PAGE) == last_node());
	check_is(p + 2 * PAGE, MPOL_PREFERRED_MANY, all);
	check(node_of(p + 2 * PAGE) == last_node());
	check_is(p + 3 * PAGE, MPOL_DEFAULT, 0);
	check_is(p + 4 * PAGE, MPOL_PREFERRED, last);
	check_is(p + 6 * PAGE, MPOL_DEFAULT, 0);
	check_is(p + 2 * PAGES * PAGE, MPOL_INTERLEAVE, all);
	check_is(p + (3 * PAGES - 1) * PAGE, MPOL_INTERLEAVE, all);
	check_is(p + 3 * PAGES * PAGE, MPOL_DEFAULT, 0);
	/* By its own it may have a home node, or not. */
	check(!syscall(SYS_set_mempolicy_home_node, one + 4 * PAGE, 2 * PAGE, 0, 0));
	check(syscall(SYS_set_mempolicy_home_node, other + 4 * PAGE, 2 * PAGE, 0, 0) == -1 &&
	      errno == EOPNOTSUPP);
	check(syscall(SYS_set_mempolicy_home_node, p, PAGE, 0, 0) == -1 && errno == ENOENT);
	p = map(PAGES, MAP_SHARED, outside);
	check_is(p, MPOL_DEFAULT, 0);
}

/* ---- of tasks ---- */

static volatile int go;

static void set_own(int mode, unsigned long nodes)
{
	unsigned long mask[16] = { nodes };

	check(!syscall(SYS_set_mempolicy, mode, mask, BITS));
}

static void *be_thread(void *unused)
{
	set_own(MPOL_PREFERRED, last);
	go = 1;
	while (go == 1)
		nap(2);
	check_is(NULL, MPOL_PREFERRED, last);
	set_own(MPOL_DEFAULT, 0);
	return unused;
}

static pid_t make_child(void)
{
	pid_t child = fork();

	check(child >= 0);
	if (!child) {
		set_own(MPOL_INTERLEAVE | MPOL_F_RELATIVE_NODES, last | ABSENT);
		*(volatile char *)anon = 1;
		wait_to_go_on();
		check_is(NULL, MPOL_INTERLEAVE | MPOL_F_RELATIVE_NODES, last | ABSENT);
		check_is(anon + 2 * PAGE, MPOL_BIND | MPOL_F_STATIC_NODES, last | ABSENT);
		check_is(own[0].at, MPOL_BIND, last);
		_exit(0);
	}
	while (!*(volatile char *)anon)
		nap(2);
	return child;
}

/* ---- very many ---- */

#define MANY	5000

/* One page each, so that none is merged with the next. */
static int many(void)
{
	char *p = map(2 * MANY, MAP_PRIVATE | MAP_ANONYMOUS, -1), *shared;
	int fd = memfd_create("many", 0);
	size_t i;

	check(fd >= 0);
	shared = map(2 * MANY, MAP_SHARED, fd);
	for (i = 0; i < 2 * MANY; i += 2) {
		bind_to(p + i * PAGE, PAGE, i % 4 ? MPOL_INTERLEAVE : MPOL_BIND, all);
		bind_to(shared + i * PAGE, PAGE, i % 4 ? MPOL_PREFERRED : MPOL_BIND, last);
	}
	/* The memory's only. */
	check(munmap(shared, 2 * MANY * PAGE) == 0);

	ready();

	shared = map(2 * MANY, MAP_SHARED, fd);
	for (i = 0; i < 2 * MANY; i += 2) {
		check_is(p + i * PAGE, i % 4 ? MPOL_INTERLEAVE : MPOL_BIND, all);
		check_is(p + (i + 1) * PAGE, MPOL_DEFAULT, 0);
		check_is(shared + i * PAGE, i % 4 ? MPOL_PREFERRED : MPOL_BIND, last);
		check_is(shared + (i + 1) * PAGE, MPOL_DEFAULT, 0);
	}
	return passed();
}

int main(int argc, char **argv)
{
	unsigned long mask[16];
	pthread_t thread;
	pid_t child = 0;
	int mode;

	need(!syscall(SYS_get_mempolicy, &mode, mask, BITS, NULL, 0));
	check(!syscall(SYS_get_mempolicy, NULL, &all, 65, NULL, MPOL_F_MEMS_ALLOWED));
	last = 1UL << last_node();
	if (argc > 1 && !strcmp(argv[1], "many"))
		return many();
	make_own();
	make_others(argc > 1 ? argv[1] : "/dev/shm");
	make_shared();
	check(pthread_create(&thread, NULL, be_thread, NULL) == 0);
	while (!go)
		nap(2);
	set_own(MPOL_BIND | MPOL_F_STATIC_NODES, all | ABSENT);
	if (argc < 3)
		child = make_child();

	ready();

	check_is(NULL, MPOL_BIND | MPOL_F_STATIC_NODES, all | ABSENT);
	set_own(MPOL_DEFAULT, 0);
	go = 2;
	check(pthread_join(thread, NULL) == 0);
	check(!child || exited_with(child, 0));
	check_own();
	check_others();
	check_shared();
	return passed();
}
