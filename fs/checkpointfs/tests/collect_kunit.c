// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the object hash and of the walk, with rows and pointers of no kind:
 * the end of collect.c, whose static functions they call.
 */
#include <kunit/test.h>

#define NR_POINTERS	20000

static unsigned int gets;

static void count_get(void *ptr)
{
	gets++;
}

/* Node i of a graph with cycles refers to two others. */
static int collect_graph(struct ckpt_collect *c, struct ckpt_object *obj);

static const struct ckpt_object_ops file_row_a = {
	.type = CKPT_TYPE_REGULAR, .name = "a", .dir = "files", .get = count_get,
};

static const struct ckpt_object_ops file_row_b = {
	.type = CKPT_TYPE_PIPE, .name = "b", .dir = "files", .get = count_get,
};

static const struct ckpt_object_ops mm_row = {
	.type = CKPT_TYPE_MM, .name = "c", .dir = "mm",
};

static const struct ckpt_object_ops graph_row = {
	.type = CKPT_TYPE_CREDS, .name = "d", .dir = "creds", .get = count_get,
	.collect = collect_graph,
};

static u8 pointers[NR_POINTERS];

static int collect_graph(struct ckpt_collect *c, struct ckpt_object *obj)
{
	unsigned int i = (u8 *)obj->ptr - pointers;
	unsigned int next[] = { (i * 7 + 1) % 1000, (i * 3 + 2) % 1000 };
	unsigned int n;

	for (n = 0; n < ARRAY_SIZE(next); n++) {
		struct ckpt_object *to = collect_counted(c, &graph_row,
							 pointers + next[n]);

		if (IS_ERR(to))
			return PTR_ERR(to);
	}
	return 0;
}

static int collect_test_init(struct kunit *test)
{
	struct ckpt_collect *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, c);
	c->con = kunit_kzalloc(test, sizeof(*c->con), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, c->con);
	c->tasks = kunit_kzalloc(test, sizeof(*c->tasks), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, c->tasks);
	INIT_LIST_HEAD(&c->con->objects);
	KUNIT_ASSERT_EQ(test, rhashtable_init(&c->hash, &object_params), 0);
	gets = 0;
	test->priv = c;
	return 0;
}

static void collect_test_exit(struct kunit *test)
{
	struct ckpt_collect *c = test->priv;

	rhashtable_destroy(&c->hash);
	ckpt_objects_free(c->con);
}

static void test_same(struct kunit *test)
{
	struct ckpt_collect *c = test->priv;
	struct ckpt_object *obj = collect_counted(c, &file_row_a, pointers);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, obj);
	KUNIT_EXPECT_EQ(test, obj->refs, 1U);
	KUNIT_EXPECT_PTR_EQ(test, collect_counted(c, &file_row_a, pointers), obj);
	KUNIT_EXPECT_PTR_EQ(test, collect_ref(c, &file_row_a, pointers, 77), obj);
	KUNIT_EXPECT_PTR_EQ(test, lookup(c, &file_row_a, pointers), obj);
	KUNIT_EXPECT_EQ(test, obj->refs, 3U);
	KUNIT_EXPECT_EQ(test, obj->id, 1ULL);
	KUNIT_EXPECT_EQ(test, gets, 1U);
	KUNIT_EXPECT_EQ(test, c->con->nr_objects, 1U);
}

/* A pointer that two rows know is two objects. */
static void test_rows(struct kunit *test)
{
	struct ckpt_collect *c = test->priv;
	struct ckpt_object *a, *b, *mm;

	a = collect_counted(c, &file_row_a, pointers);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, a);
	KUNIT_EXPECT_NULL(test, lookup(c, &file_row_b, pointers));
	b = collect_counted(c, &file_row_b, pointers);
	mm = collect_counted(c, &mm_row, pointers);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, b);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, mm);
	KUNIT_EXPECT_PTR_NE(test, a, b);
	KUNIT_EXPECT_PTR_EQ(test, lookup(c, &file_row_a, pointers), a);
	KUNIT_EXPECT_PTR_EQ(test, lookup(c, &file_row_b, pointers), b);
	/* Ids count per directory. */
	KUNIT_EXPECT_EQ(test, a->id, 1ULL);
	KUNIT_EXPECT_EQ(test, b->id, 2ULL);
	KUNIT_EXPECT_EQ(test, mm->id, 1ULL);
	KUNIT_EXPECT_EQ(test, gets, 2U);
}

static void test_absent(struct kunit *test)
{
	struct ckpt_collect *c = test->priv;

	KUNIT_EXPECT_EQ(test, ckpt_id(c, CKPT_TYPE_MM, NULL), 0ULL);
	KUNIT_EXPECT_EQ(test, ckpt_id(c, CKPT_TYPE_MM, pointers), 0ULL);
	KUNIT_EXPECT_NULL(test, ckpt_lookup(c, CKPT_TYPE_MM, pointers));
}

/* The table grows, at last by a worker, while it is looked into. */
static void test_many(struct kunit *test)
{
	struct ckpt_collect *c = test->priv;
	unsigned int i, wrong = 0;

	for (i = 0; i < NR_POINTERS; i++) {
		struct ckpt_object *obj = collect_counted(c, &file_row_a, pointers + i);

		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, obj);
		wrong += obj->id != i + 1;
		obj = lookup(c, &file_row_a, pointers + i / 2);
		wrong += !obj || obj->id != i / 2 + 1;
	}
	for (i = 0; i < NR_POINTERS; i++) {
		struct ckpt_object *obj = lookup(c, &file_row_a, pointers + i);

		wrong += !obj || obj->ptr != pointers + i || obj->refs != 1;
		wrong += !!lookup(c, &file_row_b, pointers + i);
	}
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	KUNIT_EXPECT_EQ(test, gets, (unsigned int)NR_POINTERS);
	KUNIT_EXPECT_EQ(test, c->con->nr_objects, (u32)NR_POINTERS);
}

/* Each object that can be reached is collected once, and knows by whom. */
static void test_walk(struct kunit *test)
{
	struct ckpt_collect *c = test->priv;
	struct ckpt_object *obj;
	unsigned int refs = 0;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, collect_counted(c, &graph_row, pointers));
	KUNIT_ASSERT_EQ(test, collect_all(c), 0);
	list_for_each_entry(obj, &c->con->objects, node) {
		refs += obj->refs;
		KUNIT_EXPECT_LE(test, obj->first, obj->id);
	}
	KUNIT_EXPECT_EQ(test, gets, c->con->nr_objects);
	KUNIT_EXPECT_EQ(test, refs, 2 * c->con->nr_objects + 1);
	KUNIT_EXPECT_GT(test, c->con->nr_objects, 100U);
}

/* The archive has them by row, those of a row by age. */
static void test_order(struct kunit *test)
{
	static const struct ckpt_object_ops *const rows[] = {
		&mm_row, &file_row_b, &graph_row, &file_row_a,
	};
	struct ckpt_collect *c = test->priv;
	struct ckpt_object *obj, *last = NULL;
	unsigned int i;

	for (i = 0; i < 100; i++)
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test,
					     collect_counted(c, rows[i % 4], pointers + i));
	sort_objects(c->con);
	list_for_each_entry(obj, &c->con->objects, node) {
		if (last && last->ops == obj->ops)
			KUNIT_EXPECT_LT(test, last->id, obj->id);
		/* Another row begins: none of it may have been before. */
		else if (last)
			KUNIT_EXPECT_PTR_EQ(test, obj->ptr, (void *)(pointers +
					    (obj->ops == rows[0] ? 0 :
					     obj->ops == rows[1] ? 1 :
					     obj->ops == rows[2] ? 2 : 3)));
		last = obj;
	}
}

static struct kunit_case collect_cases[] = {
	KUNIT_CASE(test_same),
	KUNIT_CASE(test_rows),
	KUNIT_CASE(test_absent),
	KUNIT_CASE(test_many),
	KUNIT_CASE(test_walk),
	KUNIT_CASE(test_order),
	{}
};

static struct kunit_suite collect_suite = {
	.name = "checkpointfs_collect",
	.init = collect_test_init,
	.exit = collect_test_exit,
	.test_cases = collect_cases,
};

kunit_test_suite(collect_suite);
