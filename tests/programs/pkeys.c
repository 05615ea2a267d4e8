// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory protection keys stay what they were: which ones are allocated, which mapping has
 * which, what each thread may do with each, and who is told what when he does something
 * else. (also 32-bit)
 *
 *   pkeys         keys with holes between them, mappings of all kinds, threads, a child
 *   pkeys exec    no key of its own: the kernel takes one for code that cannot be read
 *   pkeys all     no key is left for that
 *   pkeys zero    key 0 is free
 *   pkeys stale   a mapping has a key, and none is allocated
 *   pkeys denied  a thread waits that may not even use its own stack
 *   pkeys write IMAGE COMMIT    is no test: writes one file to the other, and may itself
 *                 not write to its memory meanwhile
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "program.h"

#define PAGE	4096UL
#define PAGES	64UL

#define DENY(key)	(1u << 2 * (key))	/* no access */
#define READ(key)	(2u << 2 * (key))	/* no writes */
#define NOTHING_NEW	0xaaaaaa00u		/* no writes with keys 4 and up: to begin with */

static unsigned int read_pkru(void)
{
	unsigned int pkru, edx;

	asm volatile("rdpkru" : "=a"(pkru), "=d"(edx) : "c"(0));
	return pkru;
}

static void write_pkru(unsigned int pkru)
{
	asm volatile("wrpkru" : : "a"(pkru), "c"(0), "d"(0) : "memory");
}

/* ---- what is allowed ------------------------------------------------------------ */

static __thread sigjmp_buf back;
static __thread volatile int told_code, told_key;

static void on_segv(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	told_code = info->si_code;
	told_key = info->si_pkey;
	siglongjmp(back, 1);
}

static void catch_segv(void)
{
	struct sigaction act = { .sa_sigaction = on_segv, .sa_flags = SA_SIGINFO };

	check(!sigaction(SIGSEGV, &act, NULL));
}

#define ALLOWED	0
#define NEVER	-1	/* not by a key */

/* ALLOWED, NEVER, or the key that forbids it. A handler has other rights than we. */
static int try(char *at, int write)
{
	const unsigned int pkru = read_pkru();
	volatile char *p = at;

	if (!sigsetjmp(back, 1)) {
		if (write)
			p[1] = 'w';
		else
			(void)p[0];
		return ALLOWED;
	}
	write_pkru(pkru);
	return told_code == SEGV_PKUERR ? told_key : NEVER;
}

static int reading(char *at) { return try(at, 0); }
static int writing(char *at) { return try(at, 1); }

/* ---- mappings ------------------------------------------------------------------- */

/* All of ours, of which each line of smaps can be compared. */
static char *region, *next;

static void reserve(void)
{
	region = mmap(NULL, PAGES * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		      -1, 0);
	check(region != MAP_FAILED);
	next = region + PAGE;
}

static char *map(int fd, int flags, size_t pages)
{
	char *p = mmap(next, pages * PAGE, PROT_READ | PROT_WRITE, flags | MAP_FIXED, fd, 0);
	size_t i;

	check(p == next);
	next += (pages + 1) * PAGE;
	for (i = 0; i < pages; i++)
		p[i * PAGE] = 'a' + i;
	return p;
}

static char *map_anon(size_t pages) { return map(-1, MAP_PRIVATE | MAP_ANONYMOUS, pages); }

static char *with_key(char *p, size_t pages, int prot, int key)
{
	check(!pkey_mprotect(p, pages * PAGE, prot, key));
	return p;
}

static char *map_keyed(int key)
{
	return with_key(map_anon(2), 2, PROT_READ | PROT_WRITE, key);
}

/* Code that returns 42: mov $42, %eax; ret. */
static char *map_code(void)
{
	char *p = map_anon(1);

	memcpy(p, "\xb8\x2a\0\0\0\xc3", 6);
	check(!mprotect(p, PAGE, PROT_EXEC));
	return p;
}

static int call(char *code)
{
	int (*function)(void);

	memcpy(&function, &code, sizeof(function));
	return function();
}

/* What smaps tells of them: where they are, protection and offset, keys, flags. */
static char *read_smaps(void)
{
	char line[512], *text = calloc(1, 1 << 16);
	FILE *f = fopen("/proc/self/smaps", "r");
	unsigned long start, end;
	int own = 0, len = 0, part;

	check(f && text);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx %*s %*x%n", &start, &end, &part) == 2) {
			own = start >= (unsigned long)region &&
			      end <= (unsigned long)region + PAGES * PAGE;
			/* The file of shared memory has another number. */
			if (own)
				len += sprintf(text + len, "%.*s\n", part, line);
			continue;
		}
		if (own && (!strncmp(line, "VmFlags:", 8) ||
			    !strncmp(line, "ProtectionKey:", 14)))
			len += sprintf(text + len, "%s", line);
	}
	fclose(f);
	check(strstr(text, "ProtectionKey:"));
	return text;
}

static char *before;

static void note_mappings(void) { before = read_smaps(); }

static void same_mappings(void)
{
	char *after = read_smaps();

	if (strcmp(before, after))
		printf("before:\n%safter:\n%s", before, after);
	check(!strcmp(before, after));
	free(after);
}

static void ready_in_place(void)
{
	note_mappings();
	ready();
	same_mappings();
}

/* ---- threads -------------------------------------------------------------------- */

/* Those of main(), in the order of the keys: 2 and 6 are free, 4 is the kernel's. */
static char *one, *three, *five, *six, *seven, *code;

#define MAIN_PKRU	(NOTHING_NEW | DENY(2) | READ(3) | DENY(4) | DENY(5))
#define OTHER_PKRU	(DENY(1) | DENY(3) | READ(5) | DENY(7) | DENY(15))
#define CAUGHT_PKRU	(READ(1) | DENY(5) | DENY(14))
#define HANDLER_PKRU	(READ(3) | DENY(7))

static pthread_barrier_t barrier;

static void *other_thread(void *unused)
{
	write_pkru(OTHER_PKRU);
	pthread_barrier_wait(&barrier);
	wait_to_go_on();
	check(read_pkru() == OTHER_PKRU);
	check(reading(one) == 1 && writing(one) == 1);
	check(reading(three) == 3);
	check(reading(five) == ALLOWED && *five == 'a' && writing(five) == 5);
	check(reading(six) == ALLOWED && writing(six) == ALLOWED);
	check(reading(seven) == 7);
	/* Only for main() has the kernel closed it. */
	check(reading(code) == ALLOWED && call(code) == 42);
	check(read_pkru() == OTHER_PKRU);
	return unused;
}

static void on_usr1(int sig)
{
	(void)sig;
	/* The kernel's choice for handlers. */
	check(read_pkru() != CAUGHT_PKRU);
	write_pkru(HANDLER_PKRU);
	pthread_barrier_wait(&barrier);
	wait_to_go_on();
	check(read_pkru() == HANDLER_PKRU);
	check(writing(one) == ALLOWED && writing(three) == 3 && reading(seven) == 7);
}

/* Frozen in the handler, it has what it had before when that is left. */
static void *catching_thread(void *unused)
{
	signal(SIGUSR1, on_usr1);
	write_pkru(CAUGHT_PKRU);
	check(!pthread_kill(pthread_self(), SIGUSR1));
	check(read_pkru() == CAUGHT_PKRU);
	check(writing(one) == 1 && writing(three) == ALLOWED);
	return unused;
}

/* ---- a child -------------------------------------------------------------------- */

/* It has pages in common with its parent, with another key, and keys of its own. */
static pid_t start_child(char *shared)
{
	int ready_pipe[2];
	pid_t child;
	char c;

	check(!pipe(ready_pipe));
	child = fork();
	check(child >= 0);
	if (child) {
		close(ready_pipe[1]);
		check(read(ready_pipe[0], &c, 1) == 1);
		close(ready_pipe[0]);
		return child;
	}
	check(pkey_alloc(0, 0) == 2);
	with_key(shared, 2, PROT_READ | PROT_WRITE, 2);
	write_pkru(NOTHING_NEW | READ(2) | DENY(3));
	note_mappings();
	check(write(ready_pipe[1], "x", 1) == 1);
	wait_to_go_on();
	same_mappings();
	check(read_pkru() == (NOTHING_NEW | READ(2) | DENY(3)));
	check(shared[0] == 'a' && shared[PAGE] == 'b' && writing(shared) == 2);
	check(reading(three) == 3);
	write_pkru(0);
	check(writing(shared) == ALLOWED && shared[1] == 'w');
	check(pkey_alloc(0, 0) == 6);
	_exit(7);
}

static void end_child(pid_t child)
{
	int status;

	check(waitpid(child, &status, 0) == child);
	check(WIFEXITED(status) && WEXITSTATUS(status) == 7);
}

/* ---- all of it ------------------------------------------------------------------ */

static char *parts, *from_file, *locked, *closed;

static void take_keys(void)
{
	int key;

	for (key = 1; key <= 3; key++)
		check(pkey_alloc(0, 0) == key);
	code = map_code();
	for (key = 5; key <= 7; key++)
		check(pkey_alloc(0, 0) == key);
}

static void make_mappings(void)
{
	int fd = open("/proc/self/exe", O_RDONLY);

	check(fd >= 0);
	one = map_keyed(1);
	three = map_keyed(3);
	five = map_keyed(5);
	six = map_keyed(6);
	/* Neighbours that differ in nothing but that. */
	parts = map_anon(4);
	with_key(parts, 1, PROT_READ | PROT_WRITE, 1);
	with_key(parts + 2 * PAGE, 1, PROT_READ | PROT_WRITE, 3);
	with_key(parts + 3 * PAGE, 1, PROT_READ | PROT_WRITE, 6);
	seven = with_key(map(-1, MAP_SHARED | MAP_ANONYMOUS, 2), 2,
			 PROT_READ | PROT_WRITE, 7);
	/* Some pages are ours, others the file's. */
	from_file = mmap(next, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd, 0);
	check(from_file == next);
	next += 4 * PAGE;
	from_file[PAGE] = 'f';
	with_key(from_file, 3, PROT_READ, 1);
	locked = map_anon(2);
	check(!mlock(locked, 2 * PAGE));
	with_key(locked, 2, PROT_READ | PROT_WRITE, 5);
	closed = with_key(map_anon(1), 1, PROT_NONE, 7);
	check(!close(fd));
	check(!pkey_free(2) && !pkey_free(6));
}

static void verify_mappings(void)
{
	check(read_pkru() == MAIN_PKRU);
	check(reading(one) == ALLOWED && writing(one) == ALLOWED);
	check(one[0] == 'a' && one[PAGE] == 'b');
	check(reading(three) == ALLOWED && writing(three) == 3 && three[PAGE] == 'b');
	check(reading(five) == 5 && writing(five) == 5);
	check(writing(six) == 6 && six[PAGE] == 'b');
	check(writing(parts) == ALLOWED && writing(parts + PAGE) == ALLOWED);
	check(writing(parts + 2 * PAGE) == 3 && writing(parts + 3 * PAGE) == 6);
	check(parts[0] == 'a' && parts[3 * PAGE] == 'd');
	check(writing(seven) == 7 && seven[PAGE] == 'b');
	check(writing(from_file) == NEVER);
	check(!memcmp(from_file, "\177ELF", 4) && from_file[PAGE] == 'f');
	check(reading(locked) == 5);
	check(reading(closed) == NEVER);
	check(read_pkru() == MAIN_PKRU);
	write_pkru(0);
	check(five[0] == 'a' && five[PAGE] == 'b' && locked[PAGE] == 'b');
	check(writing(five) == ALLOWED && writing(seven) == ALLOWED);
	write_pkru(MAIN_PKRU);
}

/* Code that cannot be read has the key that it had, and so has what comes later. */
static void verify_code(int key)
{
	char *later;

	check(call(code) == 42 && reading(code) == key);
	check(pkey_free(key) == -1 && errno == EINVAL);
	check(pkey_mprotect(region, PAGE, PROT_NONE, key) == -1 && errno == EINVAL);
	later = map_code();
	check(call(later) == 42 && reading(later) == key);
	check(!mprotect(later, PAGE, PROT_READ | PROT_EXEC));
	check(reading(later) == ALLOWED);
}

/* The lowest ones that are free, in turn. */
static void verify_free(int key)
{
	check(pkey_mprotect(region, PAGE, PROT_NONE, key) == -1 && errno == EINVAL);
	check(pkey_alloc(0, 0) == key);
	check(!pkey_mprotect(region, PAGE, PROT_NONE, key));
}

static void test_all(void)
{
	pthread_t other, catching;
	pid_t child;

	check(!pthread_barrier_init(&barrier, NULL, 3));
	take_keys();
	make_mappings();
	child = start_child(one);
	check(!pthread_create(&other, NULL, other_thread, NULL));
	check(!pthread_create(&catching, NULL, catching_thread, NULL));
	pthread_barrier_wait(&barrier);
	write_pkru(MAIN_PKRU);
	ready_in_place();
	verify_mappings();
	check(!pthread_join(other, NULL) && !pthread_join(catching, NULL));
	verify_code(4);
	verify_free(2);
	verify_free(6);
	verify_free(8);
	end_child(child);
}

/* ---- and what is rare ----------------------------------------------------------- */

/* mmap() takes one as mprotect() does, and it is the same. */
static void test_exec(void)
{
	int fd = open("/proc/self/exe", O_RDONLY);

	check(fd >= 0);
	code = map_code();
	from_file = mmap(next, PAGE, PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd, 0);
	check(from_file == next && !close(fd));
	next += 2 * PAGE;
	check(call(code) == 42 && reading(code) == 1 && reading(from_file) == 1);
	ready_in_place();
	check(reading(from_file) == 1);
	verify_code(1);
	verify_free(2);
}

static void test_none_left(void)
{
	int key;

	for (key = 1; key < 16; key++)
		check(pkey_alloc(0, 0) == key);
	check(pkey_alloc(0, 0) == -1 && errno == ENOSPC);
	code = map_code();
	check(reading(code) == ALLOWED);
	ready_in_place();
	check(call(code) == 42 && reading(code) == ALLOWED);
	check(pkey_alloc(0, 0) == -1 && errno == ENOSPC);
	check(!pkey_free(9));
	code = map_code();
	verify_code(9);
}

static void test_zero(void)
{
	one = map_anon(2);
	check(!pkey_free(0));
	ready_in_place();
	check(one[PAGE] == 'b' && writing(one) == ALLOWED);
	verify_free(0);
	verify_free(1);
}

static void test_stale(void)
{
	int key = pkey_alloc(0, PKEY_DISABLE_WRITE);

	one = map_keyed(0);
	with_key(one, 2, PROT_READ | PROT_WRITE, key);
	check(key == 1 && !pkey_free(key));
	ready_in_place();
	check(one[PAGE] == 'b' && writing(one) == key);
	verify_free(key);
}

#ifdef __x86_64__
#include <sys/rseq.h>

/* The kernel would write there whenever we have not run for a while. */
static void no_rseq(void)
{
	char *area = (char *)__builtin_thread_pointer() + __rseq_offset;

	check(!__rseq_size || !syscall(SYS_rseq, area, 32, RSEQ_FLAG_UNREGISTER, RSEQ_SIG));
}

/* A system call with these rights, out of registers. @pkru: what they are after it. */
static long call_with(unsigned int rights, unsigned int *pkru, long nr, long a, long b, long c)
{
	unsigned int had = read_pkru(), got;
	long ret;

	asm volatile("mov	%[rights], %%eax\n"
		     "	xor	%%ecx, %%ecx\n"
		     "	xor	%%edx, %%edx\n"
		     "	wrpkru\n"
		     "	mov	%[nr], %%rax\n"
		     "	mov	%[c], %%rdx\n"
		     "	syscall\n"
		     "	mov	%%rax, %[ret]\n"
		     "	xor	%%ecx, %%ecx\n"
		     "	rdpkru\n"
		     "	mov	%%eax, %[got]\n"
		     "	mov	%[had], %%eax\n"
		     "	xor	%%edx, %%edx\n"
		     "	wrpkru"
		     : [ret] "=&r"(ret), [got] "=&r"(got)
		     : [rights] "r"(rights), [had] "r"(had), [nr] "r"(nr),
		       "D"(a), "S"(b), [c] "r"(c)
		     : "rax", "rcx", "rdx", "r11", "memory");
	if (pkru)
		*pkru = got;
	return ret;
}

static int pipe_fds[2];

static void *denied_thread(void *unused)
{
	unsigned int pkru;
	char c;

	no_rseq();
	pthread_barrier_wait(&barrier);
	/* Until the other end is closed. */
	check(!call_with(~0u, &pkru, SYS_read, pipe_fds[0], (long)&c, 1));
	check(pkru == ~0u);
	return unused;
}

static void test_denied(void)
{
	pthread_t denied;

	check(!pipe(pipe_fds) && !pthread_barrier_init(&barrier, NULL, 2));
	check(!pthread_create(&denied, NULL, denied_thread, NULL));
	pthread_barrier_wait(&barrier);
	ready();
	check(!close(pipe_fds[1]));
	check(!pthread_join(denied, NULL));
}

static int write_denied(const char *image, const char *commit)
{
	int from = open(image, O_RDONLY), to = open(commit, O_WRONLY);
	struct stat st;
	char *p;
	off_t at;
	long n;

	check(from >= 0 && to >= 0 && !fstat(from, &st));
	p = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, from, 0);
	check(p != MAP_FAILED);
	no_rseq();
	for (at = 0; at < st.st_size; at += n) {
		n = call_with(READ(0), NULL, SYS_write, to, (long)p + at, st.st_size - at);
		check(n > 0);
	}
	check(!call_with(READ(0), NULL, SYS_close, to, 0, 0));
	return passed();
}
#else
static void test_denied(void) { check(0); }
static int write_denied(const char *image, const char *commit) { return !image && !commit; }
#endif

int main(int argc, char *argv[])
{
	static const struct {
		const char *name;
		void (*test)(void);
	} tests[] = {
		{ "exec", test_exec }, { "all", test_none_left }, { "zero", test_zero },
		{ "stale", test_stale }, { "denied", test_denied },
	};
	int key = pkey_alloc(0, 0);
	size_t i;

	need(key >= 0);
	check(!pkey_free(key));
	if (argc == 4)
		return write_denied(argv[2], argv[3]);
	reserve();
	catch_segv();
	if (argc == 1) {
		test_all();
		return passed();
	}
	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		if (!strcmp(argv[1], tests[i].name)) {
			tests[i].test();
			return passed();
		}
	return 1;
}
