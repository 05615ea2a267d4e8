// SPDX-License-Identifier: GPL-2.0-only
/*
 * userfaultfd(2): descriptors, and memory whose faults they tell of.
 *
 * Usage: userfaultfd [MODE], of the table at the end. Without one: several descriptors of one
 * address space; pages that are missing, write-protected, poisoned, only not mapped; who
 * waits for one, told of or not.
 */
#define _GNU_SOURCE
#include "modes.h"
#include "userfaults.h"

/* ---- the usual ---- */

static int uffd, sparse, async, fresh;
static char *missing, *shared, *minor, *behind, *holes, *empty, *changing, *code, *large;
static struct toucher unread, answered;

static void make_missing(void)
{
	missing = anonymous(9);
	watch(uffd, missing, 9, UFFDIO_REGISTER_MODE_MISSING | UFFDIO_REGISTER_MODE_WP);
	check(!fill_in(uffd, (uintptr_t)missing, 'a', 0));
	zero(uffd, missing + PAGE);
	check(!fill_in(uffd, (uintptr_t)missing + 3 * PAGE, 'd', UFFDIO_COPY_MODE_WP));
	poison(uffd, missing + 4 * PAGE);
	check(!fill_in(uffd, (uintptr_t)missing + 6 * PAGE, 'g', 0));
	check(!fill_in(uffd, (uintptr_t)missing + 8 * PAGE, 0, 0));
}

static void make_shared(void)
{
	int fd = memfd_create("shared", 0);

	check(fd >= 0 && !ftruncate(fd, 4 * PAGE));
	shared = map(4, MAP_SHARED, fd);
	shared[0] = 's';
	shared[PAGE] = 't';
	watch(uffd, shared, 4, UFFDIO_REGISTER_MODE_WP);
	protect(uffd, shared + PAGE, 2, 1);
	close(fd);
}

/* Pages 0 and 2 of four are mapped. */
static void make_minor(void)
{
	int fd = memfd_create("minor", 0);

	check(fd >= 0 && !ftruncate(fd, 4 * PAGE));
	behind = map(4, MAP_SHARED, fd);
	memset(behind, 'm', 4 * PAGE);
	minor = map(4, MAP_SHARED, fd);
	watch(uffd, minor, 4, UFFDIO_REGISTER_MODE_MINOR | UFFDIO_REGISTER_MODE_WP);
	show(uffd, minor);
	show(uffd, minor + 2 * PAGE);
	protect(uffd, minor + 2 * PAGE, 1, 1);
	close(fd);
}

static void make_holes(void)
{
	holes = map(3, MAP_SHARED | MAP_ANONYMOUS, -1);
	watch(uffd, holes, 3, UFFDIO_REGISTER_MODE_MISSING);
	check(!fill_in(uffd, (uintptr_t)holes, 'h', 0));
	check(!fill_in(uffd, (uintptr_t)holes + 2 * PAGE, 0, 0));
}

/* One page of a huge page is protected, and all of another. */
static void make_large(void)
{
	char *at = anonymous(3 * HUGE / PAGE);

	large = (char *)(((uintptr_t)at + HUGE - 1) & ~(HUGE - 1));
	madvise(large, 2 * HUGE, MADV_HUGEPAGE);
	memset(large, 'l', 2 * HUGE);
	watch(uffd, large, 2 * HUGE / PAGE, UFFDIO_REGISTER_MODE_WP);
	protect(uffd, large + PAGE, 1, 1);
	protect(uffd, large + HUGE, HUGE / PAGE, 1);
}

static void make_others(void)
{
	int fd = open("/proc/self/exe", O_RDONLY);

	empty = anonymous(4);
	empty[0] = 'e';
	watch(sparse, empty, 4, UFFDIO_REGISTER_MODE_WP);
	protect(sparse, empty, 4, 1);

	changing = anonymous(4);
	memset(changing, 'c', 4 * PAGE);
	watch(async, changing, 4, UFFDIO_REGISTER_MODE_WP);
	protect(async, changing, 4, 1);
	check(fd >= 0);
	code = map(2, MAP_PRIVATE, fd);
	code[PAGE] = 'x';
	watch(async, code, 2, UFFDIO_REGISTER_MODE_WP);
	protect(async, code, 2, 1);
	close(fd);
}

/* One of them has been told of, and waits for an answer. */
static void make_touchers(void)
{
	known = missing + 5 * PAGE;
	start_touching(&answered, known, 0);
	check(!(told_of(uffd, known) & UFFD_PAGEFAULT_FLAG_WRITE));
	start_touching(&unread, missing + 2 * PAGE, 0);
	wait_readable(uffd);
}

static void verify_missing(void)
{
	struct toucher t;

	check(!unread.got && !answered.got);
	check(!fill_in(uffd, (uintptr_t)known, 'f', 0));
	check(touched(&answered) == 'f');
	check(told_of(uffd, missing + 2 * PAGE) == 0);
	check(!fill_in(uffd, (uintptr_t)missing + 2 * PAGE, 'c', 0));
	check(touched(&unread) == 'c');

	check(missing[0] == 'a' && missing[6 * PAGE] == 'g');
	check(!missing[PAGE] && !missing[8 * PAGE]);
	missing[PAGE] = 'b';
	check(is_poisoned(missing + 4 * PAGE));
	check(missing[3 * PAGE] == 'd');
	start_touching(&t, missing + 3 * PAGE, 'D');
	check(told_of(uffd, missing + 3 * PAGE) ==
	      (UFFD_PAGEFAULT_FLAG_WP | UFFD_PAGEFAULT_FLAG_WRITE));
	protect(uffd, missing + 3 * PAGE, 1, 0);
	check(touched(&t) == 'D');
	start_touching(&t, missing + 7 * PAGE, 0);
	check(told_of(uffd, missing + 7 * PAGE) == 0);
	zero(uffd, missing + 7 * PAGE);
	check(touched(&t) == 0);
}

static void verify_shared(void)
{
	struct toucher t;
	unsigned char in[3];

	check(shared[0] == 's' && shared[PAGE] == 't');
	shared[0] = 'S';
	start_touching(&t, shared + 2 * PAGE, 'u');
	check(told_of(uffd, shared + 2 * PAGE) & UFFD_PAGEFAULT_FLAG_WP);
	protect(uffd, shared + PAGE, 2, 0);
	check(touched(&t) == 'u');
	shared[PAGE] = 'T';

	check(minor[0] == 'm' && minor[2 * PAGE] == 'm');
	start_touching(&t, minor + PAGE, 0);
	check(told_of(uffd, minor + PAGE) & UFFD_PAGEFAULT_FLAG_MINOR);
	behind[PAGE] = 'M';
	show(uffd, minor + PAGE);
	check(touched(&t) == 'M');

	check(!mincore(holes, 3 * PAGE, in) && in[0] & 1 && !(in[1] & 1) && in[2] & 1);
	check(holes[0] == 'h' && !holes[2 * PAGE]);
	start_touching(&t, holes + PAGE, 0);
	check(told_of(uffd, holes + PAGE) == 0);
	check(!fill_in(uffd, (uintptr_t)holes + PAGE, 'i', 0));
	check(touched(&t) == 'i');
}

static void verify_others(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct toucher t;
	unsigned long i;

	start_touching(&t, empty + 3 * PAGE, 'E');
	check(told_of(sparse, empty + 3 * PAGE) & UFFD_PAGEFAULT_FLAG_WP);
	protect(sparse, empty, 4, 0);
	check(touched(&t) == 'E' && empty[0] == 'e');

	changing[0] = 'C';
	check(!(state_of_page(changing) & PROTECTED) && state_of_page(changing + PAGE) & PROTECTED);
	check(code[1] == 'E' && code[PAGE] == 'x');
	code[0] = 'X';
	check(!(state_of_page(code) & PROTECTED) && state_of_page(code + PAGE) & PROTECTED);

	for (i = 0; i < 2 * HUGE; i += PAGE)
		check(large[i] == 'l');
	large[0] = 'L';
	start_touching(&t, large + HUGE, 'L');
	check(told_of(uffd, large + HUGE) & UFFD_PAGEFAULT_FLAG_WP);
	protect(uffd, large + HUGE, 1, 0);
	check(touched(&t) == 'L');

	/* The last one has not been asked for anything yet. */
	check(ioctl(fresh, UFFDIO_WAKE, &api) == -1 && errno == EINVAL);
	check(!ioctl(fresh, UFFDIO_API, &api));
	check(ioctl(fresh, UFFDIO_API, &api) == -1 && errno == EINVAL);
}

static int usual(void)
{
	char before[3][80], after[80];

	uffd = make(O_NONBLOCK | O_CLOEXEC | UFFD_USER_MODE_ONLY,
		    UFFD_FEATURE_PAGEFAULT_FLAG_WP | UFFD_FEATURE_MISSING_SHMEM |
		    UFFD_FEATURE_MINOR_SHMEM | UFFD_FEATURE_WP_HUGETLBFS_SHMEM |
		    UFFD_FEATURE_POISON);
	sparse = make(O_NONBLOCK, UFFD_FEATURE_WP_UNPOPULATED);
	async = make(UFFD_USER_MODE_ONLY, UFFD_FEATURE_WP_ASYNC);
	fresh = syscall(SYS_userfaultfd, UFFD_USER_MODE_ONLY);
	check(fresh >= 0);
	make_missing();
	make_shared();
	make_minor();
	make_holes();
	make_large();
	make_others();
	make_touchers();
	keep(missing, 9, ALL);
	keep(shared, 4, PROTECTED);
	keep(minor, 4, THERE | PROTECTED);
	keep(large, 2 * HUGE / PAGE, ALL);
	keep(empty, 4, ALL);
	keep(changing, 4, ALL);
	keep(code, 2, PROTECTED);
	interface_of(uffd, before[0]);
	interface_of(sparse, before[1]);
	interface_of(async, before[2]);

	ready();

	interface_of(uffd, after);
	check(!strcmp(before[0], after));
	interface_of(sparse, after);
	check(!strcmp(before[1], after));
	interface_of(async, after);
	check(!strcmp(before[2], after));
	check(fcntl(uffd, F_GETFL) == (O_RDONLY | O_NONBLOCK));
	check(fcntl(uffd, F_GETFD) == FD_CLOEXEC);
	check(fcntl(async, F_GETFL) == O_RDONLY && fcntl(async, F_GETFD) == 0);
	check(has_flag(missing, " um") && has_flag(missing, " uw"));
	check(has_flag(minor, " ui") && !has_flag(minor, " um") && !has_flag(behind, " ui"));
	verify_kept();
	verify_missing();
	verify_shared();
	verify_others();
	return passed();
}

/* ---- one mapping, one descriptor ---- */

static int single(void)
{
	struct toucher t;

	uffd = make(O_NONBLOCK | UFFD_USER_MODE_ONLY, 0);
	missing = anonymous(4);
	watch(uffd, missing, 4, UFFDIO_REGISTER_MODE_MISSING | UFFDIO_REGISTER_MODE_WP);
	zero(uffd, missing);
	check(!fill_in(uffd, (uintptr_t)missing + PAGE, 'a', 0));
	keep(missing, 4, ALL);
	ready();
	verify_kept();
	check(!missing[0] && missing[PAGE] == 'a');
	start_touching(&t, missing + 2 * PAGE, 0);
	check(told_of(uffd, missing + 2 * PAGE) == 0);
	check(!fill_in(uffd, (uintptr_t)missing + 2 * PAGE, 'b', 0));
	check(touched(&t) == 'b');
	return passed();
}

/* The same, by a device that asks for no capability. */
static int device(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	int fd = open("/dev/userfaultfd", O_RDWR | O_CLOEXEC);

	need(fd >= 0);
	/* One that tells of faults of the kernel's, too. */
	uffd = ioctl(fd, USERFAULTFD_IOC_NEW, O_NONBLOCK);
	check(uffd >= 0 && !close(fd) && !ioctl(uffd, UFFDIO_API, &api));
	missing = anonymous(2);
	watch(uffd, missing, 2, UFFDIO_REGISTER_MODE_MISSING);
	zero(uffd, missing);
	keep(missing, 2, ALL);
	ready();
	verify_kept();
	check(!missing[0]);
	return passed();
}

static const struct mode modes[] = {
	{ "usual", usual },
	{ "single", single },
	{ "device", device },
	{}
};

int main(int argc, char **argv)
{
	return run_mode(modes, argc > 1 ? argv[1] : "usual");
}
