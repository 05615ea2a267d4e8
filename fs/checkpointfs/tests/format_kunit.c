// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of format/: names, records, checks.
 *
 * Run by KUnit in the kernel, and in user space by tests/format, which has a
 * <kunit/test.h> of its own. Tables: a case is a row.
 */
#include <kunit/test.h>

#include "damage.h"

/* ---- tables ----------------------------------------------------------------- */

static void test_types(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ckpt_types_check(), 0);
	KUNIT_EXPECT_NULL(test, ckpt_type(CKPT_TYPE_NONE));
	KUNIT_EXPECT_NULL(test, ckpt_type(CKPT_TYPE_LIMIT));
	KUNIT_EXPECT_NULL(test, ckpt_type(U32_MAX));
}

static void test_schemas(struct kunit *test)
{
	unsigned int type;

	for (type = 0; type <= CKPT_REC_LIMIT; type++) {
		const struct ckpt_schema *s = ckpt_schema(type);

		if (s && !ckpt_schema_sane(s))
			KUNIT_FAIL(test, "the fields of %s do not cover it", s->name);
	}
	KUNIT_EXPECT_NULL(test, ckpt_schema(0));
	KUNIT_EXPECT_NULL(test, ckpt_schema(U16_MAX));
}

static void test_crc(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ckpt_crc32c(0, "123456789", 9), 0xe3069283U);
	KUNIT_EXPECT_EQ(test, ckpt_crc32c(ckpt_crc32c(0, "1234", 4), "56789", 5),
			0xe3069283U);
	KUNIT_EXPECT_EQ(test, ckpt_crc32c(0, "", 0), 0U);
}

/* ---- names ------------------------------------------------------------------- */

static const struct name_case {
	const char *path;
	int result;
	u32 kind;
	u32 type;
	u64 id;
} name_cases[] = {
	{ "header", 0, CKPT_NAME_HEADER },
	{ "cpu", 0, CKPT_NAME_CPU },
	{ "tail", 0, CKPT_NAME_TAIL },
	{ "tasks/12/task", 0, CKPT_NAME_OBJECT, CKPT_TYPE_TASK, 12 },
	{ "tasks/12/cpu", 0, CKPT_NAME_OBJECT, CKPT_TYPE_REGS, 12 },
	{ "mm/18446744073709551615/pages", 0, CKPT_NAME_OBJECT, CKPT_TYPE_PAGES, U64_MAX },
	{ "creds/1", 0, CKPT_NAME_OBJECT, CKPT_TYPE_CREDS, 1 },
	{ "files/7/file", 0, CKPT_NAME_FILE, 0, 7 },
	{ "", -EISDIR },
	{ "/", -EISDIR },
	{ "tasks", -EISDIR },
	{ "tasks/", -EISDIR },
	{ "tasks/12", -EISDIR },
	{ "tasks/12/", -EISDIR },
	{ "creds/", -EISDIR },
	{ "creds/1/", -ENOENT },
	{ "creds/1/x", -ENOENT },
	{ "header/", -ENOENT },
	{ "headers", -ENOENT },
	{ "taskss/1/task", -ENOENT },
	{ "task/1/task", -ENOENT },
	{ "tasks//1/task", -ENOENT },
	{ "tasks/1//task", -ENOENT },
	{ "tasks/1/task/", -ENOENT },
	{ "tasks/0/task", -ENOENT },
	{ "tasks/01/task", -ENOENT },
	{ "tasks/+1/task", -ENOENT },
	{ "tasks/-1/task", -ENOENT },
	{ "tasks/ 1/task", -ENOENT },
	{ "tasks/0x1/task", -ENOENT },
	{ "tasks/1x/task", -ENOENT },
	{ "tasks/x", -ENOENT },
	{ "tasks/../header", -ENOENT },
	{ "./header", -ENOENT },
	{ "/header", -ENOENT },
	{ "mm/18446744073709551616/pages", -ENOENT },
	{ "mm/99999999999999999999999999/pages", -ENOENT },
};

static void test_names(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(name_cases); i++) {
		const struct name_case *c = name_cases + i;
		struct ckpt_name name = {};

		KUNIT_EXPECT_EQ_MSG(test, ckpt_name_parse(c->path, &name), c->result,
				    "%s", c->path);
		if (c->result)
			continue;
		KUNIT_EXPECT_EQ_MSG(test, (u32)name.kind, c->kind, "%s", c->path);
		KUNIT_EXPECT_EQ_MSG(test, name.id, c->id, "%s", c->path);
		KUNIT_EXPECT_PTR_EQ_MSG(test, name.ops, ckpt_type(c->type), "%s", c->path);
	}
}

static void test_names_round(struct kunit *test)
{
	char path[CKPT_FILE_NAME_MAX];
	struct ckpt_name name = {};
	unsigned int i;
	int len;

	for (i = 0; i < ckpt_nr_types; i++) {
		const struct ckpt_object_ops *ops = ckpt_types[i];

		len = ckpt_name_format(path, sizeof(path), ops, U64_MAX);
		KUNIT_EXPECT_LT(test, len, (int)sizeof(path));
		KUNIT_EXPECT_EQ(test, ckpt_name_parse(path, &name), 0);
		KUNIT_EXPECT_EQ(test, name.id, U64_MAX);
		if (!(ops->flags & CKPT_ROW_FILE))
			KUNIT_EXPECT_PTR_EQ(test, name.ops, ops);
	}
}

/* ---- records ------------------------------------------------------------------ */

/* One byte of a path record "/x" changed: offset, value. */
static const struct byte_case {
	unsigned int offset;
	u8 value;
} byte_cases[] = {
	{ 0, 0 },		/* type: none */
	{ 0, 63 },		/* ... without a schema */
	{ 1, 1 },		/* ... above all */
	{ 2, 0 },		/* version: too old */
	{ 2, 2 },		/* ... too new */
	{ 4, 16 },		/* fixed: another size */
	{ 8, 2 },		/* count: the NUL is not the last byte */
	{ 8, 4 },		/* ... size stays, but not the text */
	{ 8, 9 },		/* ... more than there are */
	{ 9, 0xff },		/* ... more than is allowed */
	{ 11, 0xff },		/* ... overflow */
	{ 12, 24 },		/* size: less than its parts */
	{ 12, 33 },		/* ... not rounded */
	{ 12, 40 },		/* ... beyond the file */
	{ 15, 0xff },		/* ... overflow */
	{ 24, 0 },		/* text: a NUL inside */
	{ 26, 'y' },		/* ... no NUL at the end */
	{ 27, 1 },		/* padding: not zero */
};

static void test_records(struct kunit *test)
{
	struct ckpt_writer w = {};
	struct ckpt_cursor cur;
	struct ckpt_view view;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, ckpt_add_path(&w, CKPT_PATH_CWD, "/x"), 0);
	KUNIT_ASSERT_EQ(test, w.len, (size_t)32);
	for (i = 0; i < w.len; i++) {
		ckpt_cursor_init(&cur, w.buf, i);
		KUNIT_EXPECT_EQ_MSG(test, ckpt_next(&cur, &view), i ? -EUCLEAN : 0,
				    "%u bytes", i);
	}
	for (i = 0; i < ARRAY_SIZE(byte_cases); i++) {
		u8 *at = w.buf + byte_cases[i].offset, old = *at;

		*at = byte_cases[i].value;
		ckpt_cursor_init(&cur, w.buf, w.len);
		KUNIT_EXPECT_EQ_MSG(test, ckpt_next(&cur, &view), -EUCLEAN, "row %u", i);
		*at = old;
	}
	ckpt_cursor_init(&cur, w.buf, w.len);
	KUNIT_EXPECT_EQ(test, ckpt_next(&cur, &view), 1);
	KUNIT_EXPECT_EQ(test, (u32)view.type, (u32)CKPT_REC_PATH);
	KUNIT_EXPECT_EQ(test, view.count, 3U);
	KUNIT_EXPECT_STREQ(test, (const char *)view.elems, "/x");
	KUNIT_EXPECT_EQ(test, ckpt_next(&cur, &view), 0);
	ckpt_writer_free(&w);
}

/* What a writer held before must not be seen in the padding of the next file. */
static void test_writer_again(struct kunit *test)
{
	struct ckpt_writer w = {};
	struct ckpt_fs *fs;

	KUNIT_ASSERT_EQ(test, ckpt_add_path(&w, CKPT_PATH_CWD, "/a/long/path"), 0);
	w.len = 0;
	fs = ckpt_add(&w, CKPT_REC_FS, 0);
	KUNIT_ASSERT_NOT_NULL(test, fs);
	KUNIT_EXPECT_EQ(test, fs->umask, 0U);
	KUNIT_EXPECT_EQ(test, fs->reserved, 0U);
	ckpt_writer_free(&w);
}

static void test_writer(struct kunit *test)
{
	struct ckpt_writer w = {};
	struct ckpt_view view;
	unsigned int i;

	for (i = 0; i < 1000; i++)
		KUNIT_ASSERT_NOT_NULL(test, ckpt_add(&w, CKPT_REC_CREDS, i % 7));
	KUNIT_EXPECT_FALSE(test, ckpt_find(w.buf, w.len, CKPT_REC_FS, &view));
	KUNIT_ASSERT_NOT_NULL(test, ckpt_add(&w, CKPT_REC_FS, 0));
	KUNIT_EXPECT_TRUE(test, ckpt_find(w.buf, w.len, CKPT_REC_FS, &view));

	KUNIT_EXPECT_NULL(test, ckpt_add(&w, CKPT_REC_SIGHAND, CKPT_NSIG + 1));
	KUNIT_EXPECT_EQ(test, w.error, -E2BIG);
	KUNIT_EXPECT_NULL(test, ckpt_add(&w, CKPT_REC_FS, 0));
	KUNIT_EXPECT_EQ(test, ckpt_add_path(&w, CKPT_PATH_CWD, "/"), -E2BIG);
	ckpt_writer_free(&w);
	KUNIT_EXPECT_NULL(test, ckpt_add(&w, CKPT_REC_LIMIT, 0));
	ckpt_writer_free(&w);
}

/* ---- whole images -------------------------------------------------------------- */

/* Damage that the tail does not tell must not be seen by it. */
DAMAGED(flipped_bit, TASK(s, 12)->start_time ^= cpu_to_le64(1))
DAMAGED(tail_type, TAIL(s)[5].type ^= cpu_to_le32(1))
DAMAGED(tail_id, TAIL(s)[5].id ^= cpu_to_le64(1))
DAMAGED(tail_size, TAIL(s)[5].size ^= cpu_to_le64(8))
DAMAGED(tail_crc, TAIL(s)[5].crc ^= cpu_to_le32(1))
DAMAGED(tail_no_crc, TAIL(s)[5].flags = 0)
DAMAGED(tail_twice, TAIL(s)[5] = TAIL(s)[6])
DAMAGED(tail_magic, BODY(s, NONE, CKPT_TOP_TAIL, TAIL, tail)->magic = 0)
DAMAGED(tail_image, BODY(s, NONE, CKPT_TOP_TAIL, TAIL, tail)->id[0] = 0)
DAMAGED(tail_missing, sample_remove(s, 0, CKPT_TOP_TAIL))
DAMAGED(file_missing, sample_remove(s, CKPT_TYPE_SIGHAND, 2))
DAMAGED(file_unlisted, ckpt_add(sample_add(s, CKPT_TYPE_SIGHAND, 3),
				CKPT_REC_SIGHAND, CKPT_NSIG))

static const struct damage_case unsealed_cases[] = {
#define ROW(damage, result) { #damage, damage, result }
	ROW(flipped_bit, -EBADMSG),	ROW(tail_type, -EUCLEAN),
	ROW(tail_id, -EUCLEAN),		ROW(tail_size, -EUCLEAN),
	ROW(tail_crc, -EBADMSG),	ROW(tail_no_crc, -EUCLEAN),
	ROW(tail_twice, -EUCLEAN),	ROW(tail_magic, -EUCLEAN),
	ROW(tail_image, -EUCLEAN),	ROW(tail_missing, -EUCLEAN),
	ROW(file_missing, -EUCLEAN),	ROW(file_unlisted, -EUCLEAN),
#undef ROW
};

static void try_damage(struct kunit *test, const struct damage_case *c, bool seal)
{
	struct sample *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	KUNIT_ASSERT_EQ(test, sample_build(s), 0);
	if (c->damage)
		c->damage(s);
	if (seal)
		KUNIT_EXPECT_EQ(test, sample_seal(s), 0);
	KUNIT_EXPECT_EQ_MSG(test, sample_check(s), c->result, "%s (%s)", c->name,
			    s->error);
	KUNIT_EXPECT_EQ_MSG(test, s->errors, c->result ? 1U : 0U, "%s: reports", c->name);
	sample_free(s);
}

static void test_image(struct kunit *test)
{
	static const struct damage_case none = { "a sound image" };

	try_damage(test, &none, false);
}

static void test_damage(struct kunit *test)
{
	static const struct damage_table *const tables[] = {
		&damage_tasks, &damage_memory, &damage_files, &damage_ipc,
		&damage_sockets, &damage_packets, &damage_ttys,
	};
	const struct damage_case *c;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tables); i++)
		for (c = tables[i]->cases; c < tables[i]->cases + tables[i]->nr; c++)
			try_damage(test, c, true);
}

static void test_tail(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(unsealed_cases); i++)
		try_damage(test, unsealed_cases + i, false);
}

/* What a parent lacks; itself it is sound. */
DAMAGED(lacks_nothing, (void)s)
DAMAGED(lacks_id, HEADER(s)->id[0] ^= 1)
DAMAGED(lacks_space, sample_remove(s, CKPT_TYPE_VMAS, 1))
DAMAGED(lacks_first, RUN(s, 1)->start = cpu_to_le64(le64_to_cpu(RUN(s, 1)->start) + 4096))
DAMAGED(lacks_last, RUN(s, 1)->pages = cpu_to_le32(1))
DAMAGED(lacks_own, RUN(s, 1)->kind = cpu_to_le32(CKPT_RUN_SOURCE))
DAMAGED(lacks_shared, ELEMS(s, SHMEM, 6, SHMEM, run)->pages = cpu_to_le32(1))
DAMAGED(has_more, RUN(s, 1)->pages = cpu_to_le32(9);
	RUN(s, 1)->start = cpu_to_le64(le64_to_cpu(RUN(s, 1)->start) - 4096))
DAMAGED(has_older, RUN(s, 1)->kind = cpu_to_le32(CKPT_RUN_PARENT))

static const struct damage_case lack_cases[] = {
#define ROW(damage, result) { #damage, damage, result }
	ROW(lacks_nothing, 0),		ROW(lacks_id, -EUCLEAN),
	ROW(lacks_space, -EUCLEAN),	ROW(lacks_first, -EUCLEAN),
	ROW(lacks_last, -EUCLEAN),	ROW(lacks_own, -EUCLEAN),
	ROW(lacks_shared, -EUCLEAN),	ROW(has_more, 0),
	ROW(has_older, 0),
#undef ROW
};

static void try_parent(struct kunit *test, const struct damage_case *c)
{
	struct sample *s = kunit_kzalloc(test, 2 * sizeof(*s), GFP_KERNEL), *parent = s + 1;

	KUNIT_ASSERT_NOT_NULL(test, s);
	KUNIT_ASSERT_EQ(test, sample_build(s), 0);
	KUNIT_ASSERT_EQ(test, sample_build(parent), 0);
	sample_differ(s, HEADER(parent)->id[0]);
	memset(HEADER(s)->id, 1, sizeof(HEADER(s)->id));
	c->damage(parent);
	KUNIT_EXPECT_EQ_MSG(test, sample_check_difference(s, parent), c->result,
			    "%s (%s)", c->name, s->error);
	KUNIT_EXPECT_EQ_MSG(test, s->errors, c->result ? 1U : 0U, "%s: reports", c->name);
	sample_free(parent);
	sample_free(s);
}

static void test_difference(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lack_cases); i++)
		try_parent(test, lack_cases + i);
}

static struct kunit_case format_cases[] = {
	KUNIT_CASE(test_types),
	KUNIT_CASE(test_schemas),
	KUNIT_CASE(test_crc),
	KUNIT_CASE(test_names),
	KUNIT_CASE(test_names_round),
	KUNIT_CASE(test_records),
	KUNIT_CASE(test_writer),
	KUNIT_CASE(test_writer_again),
	KUNIT_CASE(test_image),
	KUNIT_CASE(test_damage),
	KUNIT_CASE(test_tail),
	KUNIT_CASE(test_difference),
	{}
};

static struct kunit_suite format_suite = {
	.name = "checkpointfs_format",
	.test_cases = format_cases,
};

kunit_test_suite(format_suite);
