// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program that others watch by uprobes: it and its child call what is watched again and
 * again, and say at the end what the probes have left in their memory.
 *
 * Usage: uprobe [inside FILE | copy FROM TO]
 *
 * It says where in its file there is what can be probed ("at NAME OFFSET"): two functions,
 * each in a page of its own, one of which the program has written to; the semaphore that
 * counts probes; and what it is in while it waits when FILE is there (inside), or copies
 * a file (copy); also 32-bit.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>

#include "tasks.h"

#define PAGE		4096
#define BYTES		128
#define BREAKPOINT	0xcc

/* Of instructions that are not executed where they are, while somebody watches. */
#ifdef __x86_64__
#define ADD(n)	"	lea " #n "(%rdi), %eax\n"
#else
#define ADD(n)	"	mov 4(%esp), %eax\n"		\
		"	add $" #n ", %eax\n"
#endif

/* In a page of its own. */
#define ALONE(name)	"	.balign 4096, 0x90\n"		\
			"	.globl " #name "\n"		\
			"	.type " #name ", @function\n"	\
			#name ":\n"

asm("	.pushsection .text.alone, \"ax\", @progbits\n"
	ALONE(probed)
	ADD(1)
	"	ret\n"
	ALONE(patched)
	ADD(2)
	"	ret\n"
	"	.balign 4096, 0x90\n"
	"	.popsection\n");

#define CODE(name) extern int name(int n)

CODE(probed);
CODE(patched);

/* Its bytes: the compiler takes no function for that. */
static unsigned char *code_of(int (*function)(int n))
{
	unsigned char *code = (unsigned char *)function;

	asm("" : "+r"(code));
	return code;
}

/* Written to by nobody but whoever watches, once both processes have it. */
static struct {
	volatile unsigned short semaphore;
	volatile int mark;
} __attribute__((aligned(PAGE))) counted = { .mark = 1 };

static unsigned char before[2][BYTES];

static unsigned long offset_in_file(unsigned long at)
{
	unsigned long start, end, offset;
	FILE *f = fopen("/proc/self/maps", "r");
	char line[512];
	int found = 0;

	check(f);
	while (!found && fgets(line, sizeof(line), f))
		found = sscanf(line, "%lx-%lx %*s %lx", &start, &end, &offset) == 3 &&
			start <= at && at < end;
	fclose(f);
	check(found);
	return at - start + offset;
}

static void tell(const char *name, unsigned long address)
{
	printf("at %s 0x%lx\n", name, offset_in_file(address));
}

/* A breakpoint of the program's own, where nobody comes to. */
static void patch(void)
{
	unsigned char *code = code_of(patched);

	check(!mprotect(code, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC));
	code[BYTES / 2] = BREAKPOINT;
	check(!mprotect(code, PAGE, PROT_READ | PROT_EXEC));
}

static void call(void)
{
	while (!told_to_go_on()) {
		check(probed(1) == 2);
		check(patched(1) == 3);
		nap(10);
	}
}

static const char *left_in(const volatile unsigned char *is, const unsigned char *was)
{
	unsigned int i;

	for (i = 1; i < BYTES; i++)
		if (is[i] != was[i])
			return "broken";
	if (is[0] == was[0])
		return "whole";
	return is[0] == BREAKPOINT ? "watched" : "broken";
}

static void report(const char *who)
{
	printf("%s probed %s patched %s semaphore %u\n", who,
	       left_in(code_of(probed), before[0]), left_in(code_of(patched), before[1]),
	       counted.semaphore);
	fflush(stdout);
	check(counted.mark == 2);
}

static __attribute__((noinline, noclone)) int inside(void)
{
	ready();
	return 1;
}

/* Ends in that, so that the same address is replaced twice. */
static __attribute__((noinline, noclone)) int outside(void)
{
	return inside();
}

static __attribute__((noinline, noclone)) int copy(const char *from, const char *to)
{
	static char bytes[65536];
	int in = open(from, O_RDONLY), out = open(to, O_WRONLY);
	ssize_t n;

	check(in >= 0 && out >= 0);
	while ((n = read(in, bytes, sizeof(bytes))) > 0)
		check(write(out, bytes, n) == n);
	check(!n && !close(out));
	close(in);
	return 1;
}

static int wait_inside(const char *path)
{
	while (access(path, F_OK))
		nap(5);
	check(outside() == 1);
	return passed();
}

int main(int argc, char **argv)
{
	pid_t child;

	if (argc == 4 && !strcmp(argv[1], "copy"))
		return copy(argv[2], argv[3]) == 1 ? 0 : 1;
	tell("inside", (unsigned long)inside);
	tell("outside", (unsigned long)outside);
	tell("copy", (unsigned long)copy);
	tell("semaphore", (unsigned long)&counted.semaphore);
	tell("probed", (unsigned long)probed);
	tell("patched", (unsigned long)patched);
	fflush(stdout);
	if (argc == 3 && !strcmp(argv[1], "inside"))
		return wait_inside(argv[2]);
	patch();
	memcpy(before[0], code_of(probed), BYTES);
	memcpy(before[1], code_of(patched), BYTES);
	counted.mark = 2;
	child = fork();
	check(child >= 0);
	if (!child) {
		call();
		report("child");
		_exit(0);
	}
	printf("ready\n");
	fflush(stdout);
	call();
	check(exited_with(child, 0));
	report("parent");
	return passed();
}
