// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads that hold a value in every register, also 32-bit: general
 * registers, flags, FPU, vector registers with their control words, protection
 * keys and TLS bases. They wait in a loop that needs no register but the stack
 * pointer, or in a system call; then all values are compared.
 *
 * The stack pointer is the address of struct state, so no signal may come.
 */
#define _GNU_SOURCE
#include <cpuid.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "tasks.h"

#define FLAGS_CHECKED	0x240cd5	/* ID, AC, DF, OF, SF, ZF, AF, PF, CF */
#define FLAGS_ALWAYS	0x240400	/* those that cmp leaves alone */
#define MXCSR		0x7fc5		/* round to zero, all masked, some raised */
#define FCW		0x067f		/* round down, 53 bits, all masked */

enum { AX, BX, CX, DX, SI, DI, BP, R8, R9, R10, R11, R12, R13, R14, R15, NR_REGS };
enum { SSE, AVX, AVX512 };

#ifdef __x86_64__
#define NR_VECTORS	32
#define NR_OF_REGS	NR_REGS
#else
#define NR_OF_REGS	R8
#endif

/* The assembly below knows these offsets. */
struct state {
	union { unsigned long in[16]; char pad0[128]; };
	union { unsigned long out[16]; char pad1[128]; };
	unsigned long long stop;		/* 256 */
	unsigned long long saved_sp;		/* 264 */
	unsigned long long flags_in, flags_out;	/* 272, 280 */
	unsigned long long fs_in, gs_in;	/* 288, 296 */
	unsigned long long fs_out, gs_out;	/* 304, 312 */
	unsigned long long fs_saved, gs_saved;	/* 320, 328 */
	unsigned int level;			/* 336 */
	unsigned int mxcsr;			/* 340 */
	unsigned int fcw;			/* 344 */
	unsigned int pad2[41];
	unsigned char fx_in[512];		/* 512 */
	unsigned char fx_out[512];		/* 1024 */
	unsigned char pad3[512];
	unsigned char vec_in[32][64];		/* 2048 */
	unsigned char vec_out[32][64];		/* 4096 */
	unsigned long long mask_in[8];		/* 6144 */
	unsigned long long mask_out[8];		/* 6208 */
} __attribute__((aligned(64)));

_Static_assert(offsetof(struct state, stop) == 256, "stop");
_Static_assert(offsetof(struct state, level) == 336, "level");
_Static_assert(offsetof(struct state, fx_in) == 512, "fx_in");
_Static_assert(offsetof(struct state, vec_in) == 2048, "vec_in");
_Static_assert(offsetof(struct state, mask_out) == 6208, "mask_out");

/*
 * Two that wait in user mode, in a loop that keeps cx, or one that keeps all
 * flags, and two that wait in the system call that is in the registers.
 */
#define HOLD(name) extern void name(struct state *s)
HOLD(hold_and_compare);
HOLD(hold_and_jump);
HOLD(hold_in_syscall);
HOLD(hold_in_int80);

/* One value of x87 is 1/0, so that a flag is raised. */
#define LOAD_X87			\
	"	fninit\n"		\
	"	fldpi\n"		\
	"	fldl2e\n"		\
	"	fldlg2\n"		\
	"	fldln2\n"		\
	"	fldl2t\n"		\
	"	fldz\n"			\
	"	fld1\n"			\
	"	fdiv	%st(1), %st\n"

#ifdef __x86_64__

asm("	.pushsection .text\n"
	"	.macro	vectors op, base\n"
	"	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
	"	\\op	\\base+64*\\n, \\n\n"
	"	.endr\n"
	"	.endm\n"
	"	.macro	load_xmm at, n\n"
	"	movaps	\\at(%rdi), %xmm\\n\n"
	"	.endm\n"
	"	.macro	load_ymm at, n\n"
	"	vmovaps	\\at(%rdi), %ymm\\n\n"
	"	.endm\n"
	"	.macro	load_zmm at, n\n"
	"	vmovaps	\\at(%rdi), %zmm\\n\n"
	"	.endm\n"
	"	.macro	store_xmm at, n\n"
	"	movaps	%xmm\\n, \\at(%rdi)\n"
	"	.endm\n"
	"	.macro	store_ymm at, n\n"
	"	vmovaps	%ymm\\n, \\at(%rdi)\n"
	"	.endm\n"
	"	.macro	store_zmm at, n\n"
	"	vmovaps	%zmm\\n, \\at(%rdi)\n"
	"	.endm\n"
	"	.macro	high_zmm op, base\n"
	"	.irp	n, 16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
	"	\\op	\\base+64*\\n, \\n\n"
	"	.endr\n"
	"	.endm\n"

	"load_vectors:\n"
	"	cmpl	$1, 336(%rdi)\n"
	"	je	1f\n"
	"	ja	2f\n"
	"	vectors	load_xmm 2048\n"
	"	ret\n"
	"1:	vectors	load_ymm 2048\n"
	"	ret\n"
	"2:	vectors	load_zmm 2048\n"
	"	high_zmm load_zmm 2048\n"
	"	.irp	n, 0,1,2,3,4,5,6,7\n"
	"	kmovw	6144+8*\\n(%rdi), %k\\n\n"
	"	.endr\n"
	"	ret\n"

	"store_vectors:\n"
	"	cmpl	$1, 336(%rdi)\n"
	"	je	1f\n"
	"	ja	2f\n"
	"	vectors	store_xmm 4096\n"
	"	ret\n"
	"1:	vectors	store_ymm 4096\n"
	"	ret\n"
	"2:	vectors	store_zmm 4096\n"
	"	high_zmm store_zmm 4096\n"
	"	.irp	n, 0,1,2,3,4,5,6,7\n"
	"	kmovw	%k\\n, 6208+8*\\n(%rdi)\n"
	"	.endr\n"
	"	ret\n"

	/* arch_prctl(op, the word at the offset, or its address) */
	"	.macro	get_base op, at\n"
	"	movl	$158, %eax\n"
	"	movl	$\\op, %edi\n"
	"	leaq	\\at(%rsp), %rsi\n"
	"	syscall\n"
	"	.endm\n"
	"	.macro	set_base op, at\n"
	"	movl	$158, %eax\n"
	"	movl	$\\op, %edi\n"
	"	movq	\\at(%rsp), %rsi\n"
	"	syscall\n"
	"	.endm\n"

	"	.macro	hold name, wait\n"
	"	.globl	\\name\n"
	"\\name:\n"
	"	pushq	%rbx\n"
	"	pushq	%rbp\n"
	"	pushq	%r12\n"
	"	pushq	%r13\n"
	"	pushq	%r14\n"
	"	pushq	%r15\n"
	"	pushfq\n"
	LOAD_X87
	"	fldcw	344(%rdi)\n"
	"	ldmxcsr	340(%rdi)\n"
	"	call	load_vectors\n"
	"	movq	%rsp, 264(%rdi)\n"
	"	movq	%rdi, %rsp\n"
	"	get_base 0x1003 320\n"
	"	get_base 0x1004 328\n"
	"	set_base 0x1002 288\n"
	"	set_base 0x1001 296\n"
	"	fxsave64 512(%rsp)\n"
	"	movq	%rsp, %rdi\n"
	"	movq	264(%rsp), %rsp\n"
	"	pushq	272(%rdi)\n"
	"	popfq\n"
	"	movq	%rdi, %rsp\n"
	"	movq	0(%rsp), %rax\n"
	"	movq	8(%rsp), %rbx\n"
	"	movq	16(%rsp), %rcx\n"
	"	movq	24(%rsp), %rdx\n"
	"	movq	32(%rsp), %rsi\n"
	"	movq	40(%rsp), %rdi\n"
	"	movq	48(%rsp), %rbp\n"
	"	.irp	n, 8,9,10,11,12,13,14,15\n"
	"	movq	8*\\n-8(%rsp), %r\\n\n"
	"	.endr\n"
	"	\\wait\n"
	"	movq	%rax, 128(%rsp)\n"
	"	movq	%rbx, 136(%rsp)\n"
	"	movq	%rcx, 144(%rsp)\n"
	"	movq	%rdx, 152(%rsp)\n"
	"	movq	%rsi, 160(%rsp)\n"
	"	movq	%rdi, 168(%rsp)\n"
	"	movq	%rbp, 176(%rsp)\n"
	"	.irp	n, 8,9,10,11,12,13,14,15\n"
	"	movq	%r\\n, 128+8*\\n-8(%rsp)\n"
	"	.endr\n"
	"	movq	%rsp, %rdi\n"
	"	movq	264(%rdi), %rsp\n"
	"	pushfq\n"
	"	popq	280(%rdi)\n"
	"	movq	(%rsp), %rax\n"
	"	pushq	%rax\n"
	"	popfq\n"
	"	fxsave64 1024(%rdi)\n"
	"	call	store_vectors\n"
	"	movq	%rdi, %rbx\n"
	"	movq	%rdi, %rsp\n"
	"	get_base 0x1003 304\n"
	"	get_base 0x1004 312\n"
	"	set_base 0x1002 320\n"
	"	set_base 0x1001 328\n"
	"	movq	264(%rbx), %rsp\n"
	"	fninit\n"
	"	popfq\n"
	"	popq	%r15\n"
	"	popq	%r14\n"
	"	popq	%r13\n"
	"	popq	%r12\n"
	"	popq	%rbp\n"
	"	popq	%rbx\n"
	"	ret\n"
	"	.endm\n"

	"	.macro	compare_loop\n"
	"777:	cmpl	$0, 256(%rsp)\n"
	"	je	777b\n"
	"	.endm\n"
	"	.macro	jump_loop\n"
	"777:	movl	256(%rsp), %ecx\n"
	"	jecxz	777b\n"
	"	.endm\n"
	"	.macro	call_80\n"
	"	int	$0x80\n"
	"	.endm\n"
	"	hold	hold_and_compare compare_loop\n"
	"	hold	hold_and_jump jump_loop\n"
	"	hold	hold_in_syscall syscall\n"
	"	hold	hold_in_int80 call_80\n"
	"	.popsection\n"
);

#else

asm("	.pushsection .text\n"
	"	.macro	hold name, wait\n"
	"	.globl	\\name\n"
	"\\name:\n"
	"	pushl	%ebx\n"
	"	pushl	%ebp\n"
	"	pushl	%esi\n"
	"	pushl	%edi\n"
	"	pushfl\n"
	"	movl	24(%esp), %edi\n"
	LOAD_X87
	"	fldcw	344(%edi)\n"
	"	ldmxcsr	340(%edi)\n"
	"	.irp	n, 0,1,2,3,4,5,6,7\n"
	"	movaps	2048+64*\\n(%edi), %xmm\\n\n"
	"	.endr\n"
	"	fxsave	512(%edi)\n"
	"	movl	%esp, 264(%edi)\n"
	"	pushl	272(%edi)\n"
	"	popfl\n"
	"	movl	%edi, %esp\n"
	"	movl	0(%esp), %eax\n"
	"	movl	4(%esp), %ebx\n"
	"	movl	8(%esp), %ecx\n"
	"	movl	12(%esp), %edx\n"
	"	movl	16(%esp), %esi\n"
	"	movl	20(%esp), %edi\n"
	"	movl	24(%esp), %ebp\n"
	"	\\wait\n"
	"	movl	%eax, 128(%esp)\n"
	"	movl	%ebx, 132(%esp)\n"
	"	movl	%ecx, 136(%esp)\n"
	"	movl	%edx, 140(%esp)\n"
	"	movl	%esi, 144(%esp)\n"
	"	movl	%edi, 148(%esp)\n"
	"	movl	%ebp, 152(%esp)\n"
	"	movl	%esp, %edi\n"
	"	movl	264(%edi), %esp\n"
	"	pushfl\n"
	"	popl	280(%edi)\n"
	"	movl	(%esp), %eax\n"
	"	pushl	%eax\n"
	"	popfl\n"
	"	fxsave	1024(%edi)\n"
	"	.irp	n, 0,1,2,3,4,5,6,7\n"
	"	movaps	%xmm\\n, 4096+64*\\n(%edi)\n"
	"	.endr\n"
	"	fninit\n"
	"	popfl\n"
	"	popl	%edi\n"
	"	popl	%esi\n"
	"	popl	%ebp\n"
	"	popl	%ebx\n"
	"	ret\n"
	"	.endm\n"

	"	.macro	compare_loop\n"
	"777:	cmpl	$0, 256(%esp)\n"
	"	je	777b\n"
	"	.endm\n"
	"	.macro	jump_loop\n"
	"777:	movl	256(%esp), %ecx\n"
	"	jecxz	777b\n"
	"	.endm\n"
	"	.macro	call_80\n"
	"	int	$0x80\n"
	"	.endm\n"
	"	hold	hold_and_compare compare_loop\n"
	"	hold	hold_and_jump jump_loop\n"
	"	hold	hold_in_int80 call_80\n"
	"	.popsection\n"
);

#endif

static unsigned int cpuid_7(int reg)
{
	unsigned int r[4] = { 0 };

	__get_cpuid_count(7, 0, &r[0], &r[1], &r[2], &r[3]);
	return r[reg];
}

static unsigned int vector_level(void)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx512f"))
		return AVX512;
	if (__builtin_cpu_supports("avx"))
		return AVX;
#endif
	return SSE;
}

/* ---- protection keys ---- */

static int has_pkeys(void)
{
	return cpuid_7(2) & (1 << 4);	/* OSPKE */
}

static unsigned int read_pkru(void)
{
	unsigned int pkru, edx;

	asm volatile("rdpkru" : "=a"(pkru), "=d"(edx) : "c"(0));
	return pkru;
}

static void write_pkru(unsigned int pkru)
{
	asm volatile("wrpkru" : : "a"(pkru), "c"(0), "d"(0));
}

/* ---- */

enum kind { COMPARE, JUMP, IN_SYSCALL, IN_INT80, NR };

static struct state *states[NR];
static int pipes[NR][2];
static char *buffers[NR];

static int syscall_kind(int kind)
{
	return kind == IN_SYSCALL || kind == IN_INT80;
}

static void fill(struct state *s, int kind)
{
	unsigned int i, j;

	for (i = 0; i < NR_REGS; i++)
		s->in[i] = (unsigned long)(0x9e3779b97f4a7c15ULL * (i + 1 + 16 * kind));
	for (i = 0; i < 32; i++)
		for (j = 0; j < 64; j++)
			s->vec_in[i][j] = i * 7 + j * 13 + kind;
	for (i = 0; i < 8; i++)
		s->mask_in[i] = (0x1111 * (i + 1)) & 0xffff;
	s->level = vector_level();
	s->mxcsr = MXCSR;
	s->fcw = FCW;
	s->flags_in = 0x240cd5 | 0x202;
	s->fs_in = 0x123456789000ULL + kind * 8;
	s->gs_in = 0x7000000ULL + kind * 4096;
	if (kind == IN_SYSCALL) {
		s->in[AX] = SYS_read;
		s->in[DI] = pipes[kind][0];
		s->in[SI] = (unsigned long)buffers[kind];
		s->in[DX] = 1;
	} else if (kind == IN_INT80) {
		s->in[AX] = 3;
		s->in[BX] = pipes[kind][0];
		s->in[CX] = (unsigned long)buffers[kind];
		s->in[DX] = 1;
	}
}

static void expect(int same, const char *what, unsigned int nr, int kind)
{
	if (same)
		return;
	printf("kind %d: %s %u has changed\n", kind, what, nr);
	fflush(stdout);
	_exit(1);
}

/* What a system call leaves in a register is its own affair. */
static int register_counts(unsigned int nr, int kind)
{
	switch (kind) {
	case JUMP:
		return nr != CX;
	case IN_SYSCALL:
		return nr != AX && nr != CX && nr != R11;
	case IN_INT80:
		return nr != AX && (nr < R8 || nr > R11);
	default:
		return 1;
	}
}

static void compare_general(struct state *s, int kind)
{
	unsigned long long flags = kind == JUMP ? FLAGS_CHECKED : FLAGS_ALWAYS;
	unsigned int i;

	for (i = 0; i < NR_OF_REGS; i++)
		if (register_counts(i, kind))
			expect(s->in[i] == s->out[i], "register", i, kind);
	if (syscall_kind(kind))
		expect(s->out[AX] == 1, "result", 0, kind);
	expect(!((s->flags_in ^ s->flags_out) & flags), "flags", 0, kind);
#ifdef __x86_64__
	expect(s->fs_in == s->fs_out, "fs base", 0, kind);
	expect(s->gs_in == s->gs_out, "gs base", 0, kind);
#endif
}

static void compare_vectors(struct state *s, int kind)
{
	static const unsigned int widths[] = { 16, 32, 64 };
	unsigned int i, nr = s->level == AVX512 ? 32 : 16;

	/* Control, status and tag words; then what is behind the pointers. */
	expect(!memcmp(s->fx_in, s->fx_out, 6), "x87 state", 0, kind);
	expect(*(unsigned short *)s->fx_out == FCW, "x87 control word", 0, kind);
	expect(s->fx_out[2] & 4, "x87 status word", 0, kind);
	expect(!memcmp(s->fx_in + 24, s->fx_out + 24, 4), "mxcsr", 0, kind);
	expect(*(unsigned int *)(s->fx_out + 24) == MXCSR, "mxcsr", 1, kind);
	for (i = 0; i < 8; i++)
		expect(!memcmp(s->fx_in + 32 + 16 * i, s->fx_out + 32 + 16 * i, 10),
		       "x87 register", i, kind);
	if (sizeof(long) == 4)
		nr = 8;
	for (i = 0; i < nr; i++)
		expect(!memcmp(s->vec_in[i], s->vec_out[i], widths[s->level]),
		       "vector register", i, kind);
	for (i = 0; i < 8 && s->level == AVX512; i++)
		expect(s->mask_in[i] == (s->mask_out[i] & 0xffff), "mask register",
		       i, kind);
}

static void hold(struct state *s, int kind)
{
	switch (kind) {
	case COMPARE:
		hold_and_compare(s);
		break;
	case JUMP:
		hold_and_jump(s);
		break;
#ifdef __x86_64__
	case IN_SYSCALL:
		hold_in_syscall(s);
		break;
#endif
	case IN_INT80:
		hold_in_int80(s);
		break;
	}
}

static pthread_barrier_t barrier;

static void *body(void *arg)
{
	const unsigned int pkru = 0x55555550;
	int kind = (intptr_t)arg;
	struct state *s = states[kind];

	fill(s, kind);
	if (has_pkeys())
		write_pkru(pkru);
	pthread_barrier_wait(&barrier);
	hold(s, kind);
	if (has_pkeys())
		expect(read_pkru() == pkru, "pkru", 0, kind);
	compare_general(s, kind);
	compare_vectors(s, kind);
	if (syscall_kind(kind))
		expect(*buffers[kind] == 'x', "what was read", 0, kind);
	return NULL;
}

static int wanted(int kind)
{
	return kind != IN_SYSCALL || sizeof(long) == 8;
}

static void start_thread(pthread_t *id, int kind)
{
	char *low = mmap(NULL, 16384, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	check(low != MAP_FAILED);
	states[kind] = (void *)low;
	buffers[kind] = low + 12288;
	check(!pipe(pipes[kind]));
	check(!pthread_create(id, NULL, body, (void *)(intptr_t)kind));
}

int main(void)
{
	pthread_t ids[NR];
	sigset_t all;
	int kind;

	_Static_assert(sizeof(struct state) <= 12288, "state");
	sigfillset(&all);
	check(!pthread_sigmask(SIG_SETMASK, &all, NULL));
	check(!pthread_barrier_init(&barrier, NULL, sizeof(long) == 8 ? NR + 1 : NR));
	for (kind = 0; kind < NR; kind++)
		if (wanted(kind))
			start_thread(&ids[kind], kind);
	pthread_barrier_wait(&barrier);
	nap(300);
	ready();
	for (kind = 0; kind < NR; kind++) {
		if (!wanted(kind))
			continue;
		if (syscall_kind(kind))
			check(write(pipes[kind][1], "x", 1) == 1);
		*(volatile unsigned long long *)&states[kind]->stop = 1;
		check(!pthread_join(ids[kind], NULL));
	}
	return passed();
}
