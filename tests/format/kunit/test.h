/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * As much of KUnit as fs/checkpointfs/tests uses, for a program that runs the
 * same tests in user space: an expectation that fails is printed and counted,
 * an assertion also ends its test.
 */
#ifndef _KUNIT_TEST_H
#define _KUNIT_TEST_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GFP_KERNEL	0

struct kunit {
	const char *name;
	unsigned int failures;
	jmp_buf end;
	void *mem[1024];
	unsigned int nr_mem;
};

struct kunit_case {
	void (*run)(struct kunit *test);
	const char *name;
};

struct kunit_suite {
	const char *name;
	struct kunit_case *test_cases;
};

#define KUNIT_CASE(f) { .run = f, .name = #f }

/* Return: @ok, after telling what did not hold. */
static inline bool kunit_hold(struct kunit *test, bool ok, const char *what,
			      const char *file, int line)
{
	if (!ok) {
		test->failures++;
		printf("%s:%d: %s\n", file, line, what);
	}
	return ok;
}

#define KUNIT_HOLD(test, ok, what) \
	kunit_hold(test, ok, what, __FILE__, __LINE__)

#define KUNIT_FAIL(test, ...) do {					\
	KUNIT_HOLD(test, false, "failed:");				\
	printf("  " __VA_ARGS__);					\
	putchar('\n');							\
} while (0)

#define KUNIT_EXPECT_EQ_MSG(test, a, b, ...) do {			\
	long long _x = (long long)(a), _y = (long long)(b);		\
									\
	if (!KUNIT_HOLD(test, _x == _y, #a " == " #b)) {		\
		printf("  %lld, %lld: ", _x, _y);			\
		printf(__VA_ARGS__);					\
		putchar('\n');						\
	}								\
} while (0)
#define KUNIT_EXPECT_EQ(test, a, b)	KUNIT_EXPECT_EQ_MSG(test, a, b, "-")
#define KUNIT_EXPECT_LT(test, a, b)	KUNIT_HOLD(test, (a) < (b), #a " < " #b)
#define KUNIT_EXPECT_TRUE(test, a)	KUNIT_HOLD(test, a, #a)
#define KUNIT_EXPECT_FALSE(test, a)	KUNIT_HOLD(test, !(a), "not " #a)
#define KUNIT_EXPECT_NULL(test, a)	KUNIT_HOLD(test, !(a), #a " is NULL")
#define KUNIT_EXPECT_PTR_EQ_MSG(test, a, b, ...) \
	KUNIT_EXPECT_EQ_MSG(test, (uintptr_t)(a), (uintptr_t)(b), __VA_ARGS__)
#define KUNIT_EXPECT_PTR_EQ(test, a, b)	KUNIT_EXPECT_PTR_EQ_MSG(test, a, b, "-")
#define KUNIT_EXPECT_STREQ(test, a, b)	KUNIT_HOLD(test, !strcmp(a, b), #a)

/* Ends the test if the last expectation did not hold. */
static inline void kunit_must(struct kunit *test, bool ok)
{
	if (!ok)
		longjmp(test->end, 1);
}

#define KUNIT_ASSERT_TRUE(test, a)	kunit_must(test, KUNIT_HOLD(test, a, #a))
#define KUNIT_ASSERT_EQ(test, a, b)	KUNIT_ASSERT_TRUE(test, (a) == (b))
#define KUNIT_ASSERT_NOT_NULL(test, a)	KUNIT_ASSERT_TRUE(test, (a) != NULL)

static inline void *kunit_kzalloc(struct kunit *test, size_t size, int gfp)
{
	void *mem = calloc(1, size);

	if (mem && test->nr_mem < sizeof(test->mem) / sizeof(test->mem[0]))
		test->mem[test->nr_mem++] = mem;
	return mem;
}

static inline bool kunit_run(const struct kunit_case *c)
{
	static struct kunit test;

	test = (struct kunit){ .name = c->name };
	if (!setjmp(test.end))
		c->run(&test);
	while (test.nr_mem)
		free(test.mem[--test.nr_mem]);
	printf("%s %s\n", test.failures ? "not ok" : "ok", test.name);
	return !test.failures;
}

/* One suite a program. */
#define kunit_test_suite(suite) \
	const struct kunit_suite *const kunit_program = &(suite)

extern const struct kunit_suite *const kunit_program;

int main(void)
{
	const struct kunit_case *c;
	unsigned int passed = 0, failed = 0;

	for (c = kunit_program->test_cases; c->run; c++)
		kunit_run(c) ? passed++ : failed++;
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}

#endif /* _KUNIT_TEST_H */
