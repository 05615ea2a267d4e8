// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the list of runs: the end of pagewalk.c. */
#include <kunit/test.h>

#define AT(n)	((u64)(n) * PAGE_SIZE)

/* What is added, in turn; a run that is @apart is not one with that before it. */
static const struct {
	u64 start;
	u32 pages, kind;
	bool apart;
} pagemap_small[] = {
	{ AT(1), 2, CKPT_RUN_PAGES },
	{ AT(3), 1, CKPT_RUN_PAGES },
	{ AT(4), 1, CKPT_RUN_PARENT },
	{ AT(2000), 3, CKPT_RUN_PAGES },
}, pagemap_huge[] = {
	{ AT(512), 512, CKPT_RUN_PAGES },
	{ AT(1024), 100, CKPT_RUN_PARENT, true },
	{ AT(1124), 412, CKPT_RUN_PAGES },
	{ AT(4096), 512, CKPT_RUN_PAGES },
};

/* What comes of both. */
static const struct ckpt_pagerun pagemap_merged[] = {
	{ .start = AT(1), .first = 0, .pages = 3, .kind = CKPT_RUN_PAGES },
	{ .start = AT(4), .first = 3, .pages = 1, .kind = CKPT_RUN_PARENT },
	{ .start = AT(512), .first = 3, .pages = 512, .kind = CKPT_RUN_PAGES },
	{ .start = AT(1024), .first = 515, .pages = 100, .kind = CKPT_RUN_PARENT },
	{ .start = AT(1124), .first = 515, .pages = 412, .kind = CKPT_RUN_PAGES },
	{ .start = AT(2000), .first = 927, .pages = 3, .kind = CKPT_RUN_PAGES },
	{ .start = AT(4096), .first = 930, .pages = 512, .kind = CKPT_RUN_PAGES },
};

static void pagemap_make(struct kunit *test, struct ckpt_pagemap *small,
			 struct ckpt_pagemap *huge)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pagemap_small); i++)
		KUNIT_ASSERT_EQ(test, 0, ckpt_pagemap_add(small, pagemap_small[i].start,
							  pagemap_small[i].pages,
							  pagemap_small[i].kind));
	for (i = 0; i < ARRAY_SIZE(pagemap_huge); i++) {
		huge->closed |= pagemap_huge[i].apart;
		KUNIT_ASSERT_EQ(test, 0, ckpt_pagemap_add(huge, pagemap_huge[i].start,
							  pagemap_huge[i].pages,
							  pagemap_huge[i].kind));
	}
}

static void test_merge(struct kunit *test)
{
	struct ckpt_pagemap small = {}, huge = {};
	unsigned int i;

	pagemap_make(test, &small, &huge);
	KUNIT_EXPECT_EQ(test, 0, ckpt_pagemap_merge(&small, &huge));
	KUNIT_ASSERT_EQ(test, small.nr, ARRAY_SIZE(pagemap_merged));
	for (i = 0; i < ARRAY_SIZE(pagemap_merged); i++) {
		const struct ckpt_pagerun *run = &small.runs[i], *want = &pagemap_merged[i];

		KUNIT_EXPECT_EQ_MSG(test, run->start, want->start, "run %u", i);
		KUNIT_EXPECT_EQ_MSG(test, run->first, want->first, "run %u", i);
		KUNIT_EXPECT_EQ_MSG(test, run->pages, want->pages, "run %u", i);
		KUNIT_EXPECT_EQ_MSG(test, run->kind, want->kind, "run %u", i);
		KUNIT_EXPECT_PTR_EQ(test, run, ckpt_pagemap_at(&small, want->start));
		if (want->kind == CKPT_RUN_PAGES)
			KUNIT_EXPECT_PTR_EQ(test, run, ckpt_pagemap_find(&small, want->first));
	}
	KUNIT_EXPECT_EQ(test, small.pages, 1442);
	KUNIT_EXPECT_TRUE(test, small.inherits);
	KUNIT_EXPECT_FALSE(test, small.shares);
	KUNIT_EXPECT_NULL(test, ckpt_pagemap_at(&small, AT(5)));
	ckpt_pagemap_free(&small);
	ckpt_pagemap_free(&huge);
}

/* Nothing is added to what there is, and all to nothing. */
static void test_merge_empty(struct kunit *test)
{
	struct ckpt_pagemap small = {}, huge = {}, none = {};

	pagemap_make(test, &small, &huge);
	KUNIT_EXPECT_EQ(test, 0, ckpt_pagemap_merge(&small, &none));
	KUNIT_EXPECT_EQ(test, small.nr, 3);
	KUNIT_EXPECT_EQ(test, 0, ckpt_pagemap_merge(&none, &huge));
	KUNIT_EXPECT_EQ(test, none.nr, huge.nr);
	KUNIT_EXPECT_EQ(test, none.pages, huge.pages);
	ckpt_pagemap_free(&small);
	ckpt_pagemap_free(&huge);
	ckpt_pagemap_free(&none);
}

static struct kunit_case pagemap_tests[] = {
	KUNIT_CASE(test_merge),
	KUNIT_CASE(test_merge_empty),
	{}
};

static struct kunit_suite pagemap_suite = {
	.name = "checkpointfs_pagemap",
	.test_cases = pagemap_tests,
};

kunit_test_suite(pagemap_suite);
