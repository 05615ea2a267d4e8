// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of which large folios fit in runs of pages: the end of extent.c. The
 * kernel's setting is that huge pages are for all mappings that may have them.
 */
#include <kunit/test.h>

#define HUGE	512

/* In pages: the address of the first mapping, of which runs are in the others. */
#define BASE	(1024 * HUGE)

static const struct {
	u64 start, end;
	u32 flags;
} extent_vmas[] = {
	{ BASE, BASE + 4 * HUGE, 0 },
	{ BASE + 8 * HUGE, BASE + 12 * HUGE, CKPT_VMA_NOHUGEPAGE },
	{ BASE + 16 * HUGE, BASE + 17 * HUGE, 0 },
};

static const struct {
	u64 start;
	u32 pages;
	u32 kind;
} extent_runs[] = {
	/* Too small, or nowhere whole: no extents. */
	{ BASE, 16, CKPT_RUN_SOURCE },
	{ BASE + 17, 20, CKPT_RUN_PAGES },
	/* One whole huge page between pages of both sorts. */
	{ BASE + 500, 2 * HUGE + 40 - 500, CKPT_RUN_PAGES },
	{ BASE + 8 * HUGE, HUGE, CKPT_RUN_PAGES },
	/* Not within its mapping; only checked images are right. */
	{ BASE + 16 * HUGE, HUGE + 1, CKPT_RUN_PAGES },
	{ -1ULL >> PAGE_SHIFT, 0xffffffff, CKPT_RUN_PAGES },
};

/* Index of the first page of each run. */
#define SECOND	20
#define THIRD	(SECOND + 2 * HUGE + 40 - 500)
#define FOURTH	(THIRD + HUGE)

static const struct {
	u64 index;
	unsigned int max;
	struct ckpt_fit fit;
} extent_cases[] = {
	{ 0, 9, {} },
	{ 19, 9, {} },
	{ SECOND, 9, {} },
	{ SECOND + 11, 9, {} },
	{ SECOND + 12, 9, { SECOND + 12, 9, 0 } },
	{ SECOND + 300, 9, { SECOND + 12, 9, 0 } },
	{ SECOND + 300, 8, { SECOND + 12 + 288, 4, 15 } },
	{ SECOND + 12 + HUGE, 9, { SECOND + 12 + HUGE, 4, 1 } },
	{ SECOND + 12 + HUGE + 31, 9, { SECOND + 12 + HUGE + 16, 4, 0 } },
	{ SECOND + 12 + HUGE + 32, 9, {} },
	{ SECOND + 300, 3, {} },
	{ THIRD, 9, { THIRD, 4, 31 } },
	{ FOURTH - 1, 9, { FOURTH - 16, 4, 0 } },
	{ FOURTH, 9, {} },
	{ FOURTH + HUGE, 9, {} },
	{ FOURTH + HUGE + 100, 9, {} },
	{ -1ULL, 9, {} },
};

static void add_vmas(struct ckpt_writer *w)
{
	struct ckpt_vma *vma;
	unsigned int i;
	void *rec;

	rec = ckpt_add(w, CKPT_REC_VMAS, ARRAY_SIZE(extent_vmas));
	if (!rec)
		return;
	vma = ckpt_elems(rec);
	for (i = 0; i < ARRAY_SIZE(extent_vmas); i++, vma++) {
		vma->start = cpu_to_le64(extent_vmas[i].start << PAGE_SHIFT);
		vma->end = cpu_to_le64(extent_vmas[i].end << PAGE_SHIFT);
		vma->kind = cpu_to_le32(CKPT_VMA_ANON);
		vma->flags = cpu_to_le32(extent_vmas[i].flags);
	}
}

static void add_runs(struct ckpt_writer *w)
{
	struct ckpt_run *run;
	unsigned int i;
	void *rec;

	rec = ckpt_add(w, CKPT_REC_RUNS, ARRAY_SIZE(extent_runs));
	if (!rec)
		return;
	run = ckpt_elems(rec);
	for (i = 0; i < ARRAY_SIZE(extent_runs); i++, run++) {
		run->start = cpu_to_le64(extent_runs[i].start << PAGE_SHIFT);
		run->pages = cpu_to_le32(extent_runs[i].pages);
		run->kind = cpu_to_le32(extent_runs[i].kind);
	}
}

static void test_fit(struct kunit *test)
{
	struct ckpt_extents *x;
	struct ckpt_writer w = {};
	unsigned int i;

	add_vmas(&w);
	add_runs(&w);
	KUNIT_ASSERT_EQ(test, w.error, 0);
	x = ckpt_extents_create(w.buf, w.len);
	ckpt_writer_free(&w);
	KUNIT_ASSERT_NOT_NULL(test, x);
	for (i = 0; i < ARRAY_SIZE(extent_cases); i++) {
		struct ckpt_fit fit = {};
		bool fits = ckpt_extents_fit(x, extent_cases[i].index, extent_cases[i].max,
					     &fit);

		KUNIT_EXPECT_EQ_MSG(test, fits, extent_cases[i].fit.order > 0, "case %u", i);
		KUNIT_EXPECT_MEMEQ_MSG(test, &fit, &extent_cases[i].fit, sizeof(fit),
				       "case %u", i);
	}
	ckpt_extents_destroy(x);
}

/* Cut anywhere, the records are no records, and there are no extents. */
static void test_cut(struct kunit *test)
{
	struct ckpt_writer w = {};
	size_t size;

	add_vmas(&w);
	add_runs(&w);
	KUNIT_ASSERT_EQ(test, w.error, 0);
	for (size = 0; size < w.len; size++)
		KUNIT_EXPECT_NULL(test, ckpt_extents_create(w.buf, size));
	ckpt_writer_free(&w);
}

static struct kunit_case extent_tests[] = {
	KUNIT_CASE(test_fit),
	KUNIT_CASE(test_cut),
	{}
};

static struct kunit_suite extent_suite = {
	.name = "checkpointfs_extent",
	.test_cases = extent_tests,
};

kunit_test_suite(extent_suite);
