/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What format/ and the checks in objects/ take from their surroundings.
 *
 * In the kernel these are its own headers. In user space the few names that
 * those files use are defined here, with the kernel's meaning, so that one
 * source serves the module, utils/ and the fuzzer.
 */
#ifndef _CKPT_SHIM_H
#define _CKPT_SHIM_H

#ifdef __KERNEL__

#include <asm/byteorder.h>
#include <linux/align.h>
#include <linux/array_size.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/stat.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>

/* The part of a row that exists in the kernel only: see object.h. */
#define CKPT_KERNEL(...) __VA_ARGS__

/* Charged to the caller's memory cgroup: users choose how much it is. */
static inline void *ckpt_alloc(size_t size)
{
	return kvzalloc(size, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
}

static inline void ckpt_free(const void *ptr)
{
	kvfree(ptr);
}

/* In loops over what an image may have many of. */
static inline void ckpt_relax(void)
{
	cond_resched();
}

static inline void ckpt_sort(void *base, size_t n, size_t size,
			     int (*cmp)(const void *a, const void *b))
{
	sort(base, n, size, cmp, NULL);
}

#else /* user space */

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <linux/types.h>

#define CKPT_KERNEL(...)

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s8 s8;
typedef __s16 s16;
typedef __s32 s32;
typedef __s64 s64;

#define U8_MAX		UINT8_MAX
#define U16_MAX		UINT16_MAX
#define U32_MAX		UINT32_MAX
#define U64_MAX		UINT64_MAX
#define S32_MAX		INT32_MAX
#define S64_MAX		INT64_MAX

#define le16_to_cpu(x)	le16toh(x)
#define le32_to_cpu(x)	le32toh(x)
#define le64_to_cpu(x)	le64toh(x)
#define cpu_to_le16(x)	htole16(x)
#define cpu_to_le32(x)	htole32(x)
#define cpu_to_le64(x)	htole64(x)

#define BIT(nr)			(1UL << (nr))
#define BIT_ULL(nr)		(1ULL << (nr))
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define sizeof_field(type, f)	sizeof(((type *)0)->f)
#define ALIGN(x, a)		(((x) + ((a) - 1)) & ~((__typeof__(x))(a) - 1))
#define IS_ALIGNED(x, a)	(((x) & ((__typeof__(x))(a) - 1)) == 0)
#define round_up(x, a)		ALIGN(x, a)
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))

#define min(a, b) ({			\
	__typeof__(a) _a = (a);		\
	__typeof__(b) _b = (b);		\
	_a < _b ? _a : _b; })
#define max(a, b) ({			\
	__typeof__(a) _a = (a);		\
	__typeof__(b) _b = (b);		\
	_a > _b ? _a : _b; })
#define min_t(type, a, b)	min((type)(a), (type)(b))
#define max_t(type, a, b)	max((type)(a), (type)(b))

#define check_add_overflow(a, b, d)	__builtin_add_overflow(a, b, d)
#define check_mul_overflow(a, b, d)	__builtin_mul_overflow(a, b, d)

/* Return: the first of @n bytes that is not @c, or NULL. */
static inline void *memchr_inv(const void *p, int c, size_t n)
{
	const u8 *b = p;

	for (; n; b++, n--)
		if (*b != (u8)c)
			return (void *)b;
	return NULL;
}

static inline void *ckpt_alloc(size_t size)
{
	return calloc(1, size);
}

static inline void ckpt_free(const void *ptr)
{
	free((void *)ptr);
}

static inline void ckpt_relax(void)
{
}

static inline void ckpt_sort(void *base, size_t n, size_t size,
			     int (*cmp)(const void *a, const void *b))
{
	if (n)
		qsort(base, n, size, cmp);
}

#endif

#endif /* _CKPT_SHIM_H */
