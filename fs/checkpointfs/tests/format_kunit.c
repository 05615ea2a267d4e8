// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of format/: names, records, checks.
 *
 * Run by KUnit in the kernel, and in user space by tests/format, which has a
 * <kunit/test.h> of its own. Tables: a case is a row.
 */
#include <kunit/test.h>

#include "sample.h"

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

#define BODY(s, TYPE, id, REC, type) \
	((struct ckpt_##type *)sample_body(s, CKPT_TYPE_##TYPE, id, CKPT_REC_##REC))
#define ELEMS(s, TYPE, id, REC, type) \
	((struct ckpt_##type *)sample_elems(s, CKPT_TYPE_##TYPE, id, CKPT_REC_##REC))
#define HEADER(s) BODY(s, NONE, CKPT_TOP_HEADER, HEADER, header)
#define TASK(s, tid) BODY(s, TASK, tid, TASK, task)
#define PROCESS(s, tgid) BODY(s, PROCESS, tgid, PROCESS, process)
#define TIMER(s, tgid) ELEMS(s, PROCESS, tgid, TIMERS, timer)
#define TAIL(s) ELEMS(s, NONE, CKPT_TOP_TAIL, TAIL, tail_file)
#define VMA(s, id) ELEMS(s, VMAS, id, VMAS, vma)
#define RUN(s, id) ELEMS(s, VMAS, id, RUNS, run)

/* What is done to a sound image, one function a row. */
#define DAMAGED(what, ...) \
	static void what(struct sample *s) { __VA_ARGS__; }

DAMAGED(bad_magic, HEADER(s)->magic ^= cpu_to_le64(1))
DAMAGED(bad_format, HEADER(s)->format = cpu_to_le32(2))
DAMAGED(bad_arch, HEADER(s)->arch = cpu_to_le32(2))
DAMAGED(bad_page_size, HEADER(s)->page_size = cpu_to_le32(16384))
DAMAGED(bad_incompat, HEADER(s)->incompat = cpu_to_le64(BIT_ULL(63)))
DAMAGED(bad_name, memset(HEADER(s)->name, 'x', 64))
DAMAGED(bad_name_tail, HEADER(s)->name[40] = 'x')
DAMAGED(bad_nr_tasks, HEADER(s)->nr_tasks = cpu_to_le32(5))
DAMAGED(has_parent, HEADER(s)->parent[3] = 1)
DAMAGED(no_cpu, sample_remove(s, 0, CKPT_TOP_CPU))
DAMAGED(cpu_reserved, BODY(s, NONE, CKPT_TOP_CPU, CPU, cpu)->reserved = cpu_to_le32(1))

DAMAGED(no_parent_task, TASK(s, 12)->ppid = cpu_to_le32(99))
DAMAGED(own_parent, TASK(s, 12)->ppid = cpu_to_le32(12))
DAMAGED(cycle, TASK(s, 10)->ppid = cpu_to_le32(12))
DAMAGED(no_leader, TASK(s, 11)->tgid = cpu_to_le32(12))
DAMAGED(other_process, TASK(s, 11)->process = cpu_to_le64(12))
DAMAGED(other_mm, TASK(s, 11)->mm = cpu_to_le64(2))
DAMAGED(no_mm, TASK(s, 11)->mm = cpu_to_le64(9))
DAMAGED(bad_state, TASK(s, 11)->state = cpu_to_le32(3))
DAMAGED(bad_flags, TASK(s, 11)->flags = cpu_to_le32(BIT(31)))
DAMAGED(ssb_twice, TASK(s, 11)->flags = cpu_to_le32(CKPT_TASK_SSB_DISABLE |
						    CKPT_TASK_SSB_NOEXEC))
DAMAGED(ib_twice, TASK(s, 11)->flags = cpu_to_le32(CKPT_TASK_IB_DISABLE |
						   CKPT_TASK_IB_FORCE))
DAMAGED(task_reserved, TASK(s, 11)->reserved = cpu_to_le64(1))
DAMAGED(bad_comm, memset(TASK(s, 11)->comm, 'x', CKPT_COMM_LEN))
DAMAGED(tid_not_id, TASK(s, 11)->tid = cpu_to_le32(13))
DAMAGED(big_tid, TASK(s, 11)->tid = cpu_to_le32(1 << 22))
DAMAGED(vfork_nobody, TASK(s, 10)->flags = cpu_to_le32(CKPT_TASK_VFORKING))
DAMAGED(vfork_unasked, TASK(s, 10)->vfork_child = cpu_to_le32(12))
DAMAGED(thread_signal, TASK(s, 11)->exit_signal = cpu_to_le32(17))
DAMAGED(leader_no_signal, TASK(s, 10)->exit_signal = cpu_to_le32(-1))
DAMAGED(thread_ppid, TASK(s, 11)->ppid = cpu_to_le32(12))
DAMAGED(zombie_parent, TASK(s, 12)->ppid = cpu_to_le32(13);
	TASK(s, 13)->ppid = cpu_to_le32(10))
DAMAGED(vfork_other, TASK(s, 11)->flags = cpu_to_le32(CKPT_TASK_VFORKING);
	TASK(s, 11)->vfork_child = cpu_to_le32(12))
DAMAGED(vfork_thread, TASK(s, 10)->flags = cpu_to_le32(CKPT_TASK_VFORKING);
	TASK(s, 10)->vfork_child = cpu_to_le32(11))
DAMAGED(zombie_runs, TASK(s, 13)->state = cpu_to_le32(CKPT_TASK_RUNNING))
DAMAGED(zombie_mm, TASK(s, 13)->mm = cpu_to_le64(1))
DAMAGED(zombie_alone, TASK(s, 13)->mm = cpu_to_le64(1);
	TASK(s, 13)->fdtable = cpu_to_le64(1); TASK(s, 13)->fs = cpu_to_le64(1);
	TASK(s, 13)->sighand = cpu_to_le64(1))
DAMAGED(zombie_bare, TASK(s, 10)->state = cpu_to_le32(CKPT_TASK_ZOMBIE);
	TASK(s, 12)->ppid = cpu_to_le32(11);
	TASK(s, 10)->mm = 0; TASK(s, 10)->fdtable = 0;
	TASK(s, 10)->fs = 0; TASK(s, 10)->sighand = 0)
DAMAGED(zombie_leads, TASK(s, 10)->state = cpu_to_le32(CKPT_TASK_ZOMBIE);
	TASK(s, 12)->ppid = cpu_to_le32(11))
DAMAGED(zombie_other_mm, TASK(s, 10)->state = cpu_to_le32(CKPT_TASK_ZOMBIE);
	TASK(s, 12)->ppid = cpu_to_le32(11);
	TASK(s, 10)->mm = cpu_to_le64(2))
DAMAGED(maker_nobody, TASK(s, 12)->maker = cpu_to_le32(99))
DAMAGED(maker_itself, TASK(s, 12)->maker = cpu_to_le32(12))
DAMAGED(maker_clone, TASK(s, 10)->maker = cpu_to_le32(12))
DAMAGED(maker_zombie, TASK(s, 12)->maker = cpu_to_le32(13))
DAMAGED(maker_of_thread, TASK(s, 11)->maker = cpu_to_le32(12))
DAMAGED(maker_thread, TASK(s, 10)->maker = cpu_to_le32(11))
DAMAGED(zombie_creds, TASK(s, 13)->creds = 0)
DAMAGED(zombie_thread, TASK(s, 13)->tgid = cpu_to_le32(12);
	TASK(s, 13)->process = cpu_to_le64(12))
DAMAGED(vfork_zombie, TASK(s, 12)->flags = cpu_to_le32(CKPT_TASK_VFORKING);
	TASK(s, 12)->vfork_child = cpu_to_le32(13))
DAMAGED(no_regs, sample_remove(s, CKPT_TYPE_REGS, 11))
DAMAGED(no_task, sample_remove(s, CKPT_TYPE_TASK, 11);
	HEADER(s)->nr_tasks = cpu_to_le32(3))
DAMAGED(no_process, sample_remove(s, CKPT_TYPE_PROCESS, 12))
DAMAGED(no_group_leader, PROCESS(s, 12)->pgid = cpu_to_le32(11))
DAMAGED(no_session_leader, PROCESS(s, 12)->sid = cpu_to_le32(11))
DAMAGED(group_of_session, PROCESS(s, 12)->sid = cpu_to_le32(12))
DAMAGED(session_of_other, PROCESS(s, 12)->sid = cpu_to_le32(12);
	PROCESS(s, 12)->pgid = cpu_to_le32(12);
	PROCESS(s, 13)->sid = cpu_to_le32(10);
	PROCESS(s, 13)->pgid = cpu_to_le32(13))
DAMAGED(leader_in_group, PROCESS(s, 10)->sid = cpu_to_le32(10);
	PROCESS(s, 12)->sid = cpu_to_le32(10);
	PROCESS(s, 13)->sid = cpu_to_le32(10);
	PROCESS(s, 10)->pgid = cpu_to_le32(12))
DAMAGED(group_outside, PROCESS(s, 12)->sid = cpu_to_le32(12);
	PROCESS(s, 12)->pgid = 0)
DAMAGED(group_nowhere, PROCESS(s, 10)->sid = cpu_to_le32(10);
	PROCESS(s, 12)->sid = cpu_to_le32(10);
	PROCESS(s, 13)->sid = cpu_to_le32(10);
	PROCESS(s, 12)->pgid = 0)
DAMAGED(leads_no_session, PROCESS(s, 12)->flags = cpu_to_le32(CKPT_PROCESS_LEADER))

static struct ckpt_leader *add_leader(struct sample *s, u32 nr)
{
	struct ckpt_leader *leader =
		ckpt_add(sample_add(s, CKPT_TYPE_LEADER, nr), CKPT_REC_LEADER, 0);

	leader->pid = cpu_to_le32(nr);
	return leader;
}

/* 12 is left in a group, or a session, that 9 had made. */
static void leave(struct sample *s, u32 sid)
{
	add_leader(s, 9)->sid = cpu_to_le32(sid);
	PROCESS(s, 12)->pgid = cpu_to_le32(9);
	PROCESS(s, 12)->sid = cpu_to_le32(sid);
}

#define ENDED(s) BODY(s, ENDEDPID, 1, ENDEDPID, endedpid)
DAMAGED(left_group, leave(s, 0))
DAMAGED(left_session, leave(s, 9))
DAMAGED(left_nowhere, leave(s, 8))
DAMAGED(left_elsewhere, leave(s, 9); PROCESS(s, 12)->sid = 0)
DAMAGED(left_number, add_leader(s, 9)->pid = cpu_to_le32(8))
DAMAGED(left_task, add_leader(s, 12))
DAMAGED(left_ended, leave(s, 0); ENDED(s)->pid = cpu_to_le32(9);
	ENDED(s)->flags = cpu_to_le32(CKPT_ENDEDPID_LEADER))
DAMAGED(ended_nobody, ENDED(s)->pid = cpu_to_le32(9);
	ENDED(s)->flags = cpu_to_le32(CKPT_ENDEDPID_LEADER))

#define SCHED(s, tid) BODY(s, TASK, tid, SCHED, sched)
DAMAGED(sched_policy, SCHED(s, 10)->policy = cpu_to_le32(7))
DAMAGED(sched_priority, SCHED(s, 10)->priority = cpu_to_le32(100))
DAMAGED(sched_clamp, SCHED(s, 10)->util_max = cpu_to_le32(1025))
#define CORE(s, tid) BODY(s, TASK, tid, CORE_GROUP, core_group)
DAMAGED(core_group_none, CORE(s, 10)->group = 0)
DAMAGED(core_group_reserved, CORE(s, 10)->reserved = cpu_to_le32(1))
DAMAGED(core_group_twice, ckpt_add(&sample_file(s, CKPT_TYPE_TASK, 10)->w,
				   CKPT_REC_CORE_GROUP, 0))
DAMAGED(oom_least, PROCESS(s, 10)->oom_score_adj_min = cpu_to_le32(-1001))
DAMAGED(autogroup_nice, PROCESS(s, 10)->autogroup_nice = cpu_to_le32(20))
DAMAGED(pdeath_signal, TASK(s, 11)->pdeath_signal = cpu_to_le32(65))
DAMAGED(ptracer_nobody, PROCESS(s, 10)->ptracer = cpu_to_le32(99))
#define TRACEE(s) BODY(s, TASK, 12, TRACEE, tracee)
DAMAGED(tracee_of_nobody, TRACEE(s)->tracer = 0)
DAMAGED(tracee_of_zombie, TRACEE(s)->tracer = cpu_to_le32(13))
DAMAGED(tracee_of_itself, TRACEE(s)->tracer = cpu_to_le32(12))
DAMAGED(tracee_runs, TRACEE(s)->stop = cpu_to_le32(CKPT_TRACEE_RUNS))
DAMAGED(tracee_no_stop, TRACEE(s)->stop = 0)
DAMAGED(tracee_group, TRACEE(s)->stop = cpu_to_le32(CKPT_TRACEE_GROUP))
DAMAGED(tracee_trapped, TRACEE(s)->stop = cpu_to_le32(CKPT_TRACEE_TRAP))
DAMAGED(tracee_attached, TRACEE(s)->flags = 0)
DAMAGED(tracee_not_seized, TRACEE(s)->stop = cpu_to_le32(CKPT_TRACEE_TRAP);
	TRACEE(s)->flags = 0)
DAMAGED(tracee_interrupted, TRACEE(s)->flags = cpu_to_le32(CKPT_TRACEE_INTERRUPT))
DAMAGED(tracee_code, TRACEE(s)->code = cpu_to_le32(1 << 16))
DAMAGED(tracee_code_of_signal, TRACEE(s)->code = cpu_to_le32(CKPT_NSIG))
DAMAGED(tracee_code_of_none, TRACEE(s)->code = cpu_to_le32(CKPT_NSIG + 1))
DAMAGED(tracee_code_of_trap, TRACEE(s)->code = cpu_to_le32(5 | 128 << 8))
DAMAGED(tracee_code_of_event, TRACEE(s)->stop = cpu_to_le32(CKPT_TRACEE_TRAP);
	TRACEE(s)->code = cpu_to_le32(5 | 1 << 8))
DAMAGED(tracee_trap_told, TRACEE(s)->stop = cpu_to_le32(CKPT_TRACEE_TRAP);
	TRACEE(s)->code = cpu_to_le32(5 | 128 << 8))
DAMAGED(tracee_twice,
	ckpt_add(&sample_file(s, CKPT_TYPE_TASK, 12)->w, CKPT_REC_TRACEE, 1))
DAMAGED(tracee_vforks, TASK(s, 12)->flags = cpu_to_le32(CKPT_TASK_VFORKING))
#define BREAKPOINTS(s) BODY(s, REGS, 11, BREAKPOINTS, breakpoints)
DAMAGED(breakpoint_not_set, BREAKPOINTS(s)->set = cpu_to_le32(1))
DAMAGED(breakpoint_at_none, BREAKPOINTS(s)->set = cpu_to_le32(3))
DAMAGED(breakpoint_fifth, BREAKPOINTS(s)->set = cpu_to_le32(0x12))
#define FILTER(s, id) BODY(s, SECCOMP, id, SECCOMP, seccomp)
DAMAGED(filter_upon_itself, FILTER(s, 2)->previous = cpu_to_le64(2))
DAMAGED(filter_upon_later, FILTER(s, 1)->previous = cpu_to_le64(2))
DAMAGED(filter_upon_none, FILTER(s, 2)->previous = cpu_to_le64(9))
DAMAGED(filter_flags, FILTER(s, 1)->flags = cpu_to_le32(2))
DAMAGED(no_filter, TASK(s, 10)->seccomp = cpu_to_le64(9))
DAMAGED(filter_empty, sample_file(s, CKPT_TYPE_SECCOMP, 1)->w.len = 0;
	ckpt_add(&sample_file(s, CKPT_TYPE_SECCOMP, 1)->w, CKPT_REC_SECCOMP, 0))
DAMAGED(timer_no_clock, TIMER(s, 10)[1].clock_tid = 0)
DAMAGED(timer_no_task, TIMER(s, 10)[1].clock_tid = cpu_to_le32(99))
DAMAGED(timer_clock_of, TIMER(s, 10)[0].clock_tid = cpu_to_le32(10))
DAMAGED(timer_relative, TIMER(s, 10)[0].clock = cpu_to_le32(1))
DAMAGED(timer_id, TIMER(s, 10)[0].id = cpu_to_le32(-1))
DAMAGED(timer_never, TIMER(s, 10)[0].expires = cpu_to_le64(BIT_ULL(63)))
DAMAGED(timer_no_interval, TIMER(s, 10)[0].interval = 0)
DAMAGED(timer_interval, TIMER(s, 10)[0].interval = cpu_to_le64(BIT_ULL(63)))
DAMAGED(timer_twice, TIMER(s, 10)[0].flags |= cpu_to_le32(CKPT_TIMER_ARMED))
DAMAGED(timer_none, TIMER(s, 10)[1].flags = cpu_to_le32(CKPT_TIMER_PENDING))
DAMAGED(timer_notify, TIMER(s, 10)[1].notify = cpu_to_le32(5))
DAMAGED(timer_overrun, TIMER(s, 10)[0].overrun = cpu_to_le64(-2))
DAMAGED(timer_next, PROCESS(s, 10)->next_timer = cpu_to_le32(-1))
DAMAGED(alarm_never, PROCESS(s, 10)->real_left = cpu_to_le64(BIT_ULL(62)))
DAMAGED(alarm_interval, PROCESS(s, 10)->real_interval = cpu_to_le64(BIT_ULL(63)))
DAMAGED(usage_long, BODY(s, TASK, 10, USAGE, usage)->utime = cpu_to_le64(BIT_ULL(63)))
DAMAGED(usage_nobody, BODY(s, TASK, 10, USAGE, usage)->who = 0)

/* Returns its elements, of which there are two. */
static struct ckpt_tls *add_ldt(struct sample *s)
{
	struct ckpt_tls *entry;

	ckpt_add(&sample_file(s, CKPT_TYPE_MM, 1)->w, CKPT_REC_LDT, 2);
	entry = ELEMS(s, MM, 1, LDT, tls);
	entry[0].entry_number = cpu_to_le32(3);
	entry[1].entry_number = cpu_to_le32(CKPT_LDT_ENTRIES - 1);
	return entry;
}

DAMAGED(ldt, add_ldt(s))
DAMAGED(ldt_twice, add_ldt(s); add_ldt(s))
DAMAGED(ldt_empty, ckpt_add(&sample_file(s, CKPT_TYPE_MM, 1)->w, CKPT_REC_LDT, 0))
DAMAGED(ldt_number, add_ldt(s)[1].entry_number = cpu_to_le32(CKPT_LDT_ENTRIES))
DAMAGED(ldt_order, add_ldt(s)->entry_number = cpu_to_le32(CKPT_LDT_ENTRIES - 1))
DAMAGED(ldt_flags, add_ldt(s)->flags = cpu_to_le32(0x80))

/* Which are not as in a new program, and which of them is for code; the sample has 6, 4. */
static void set_keys(struct sample *s, u16 keys, u16 exec_key)
{
	struct ckpt_mm *mm = BODY(s, MM, 1, MM, mm);

	mm->keys = cpu_to_le16(keys);
	mm->exec_key = cpu_to_le16(exec_key);
}

DAMAGED(keys_new, set_keys(s, 0, 0))
DAMAGED(keys_all, set_keys(s, 0xfffe, 0x8000))
DAMAGED(keys_none, set_keys(s, 1, 0))
DAMAGED(keys_zero, set_keys(s, 0, 1))
DAMAGED(keys_zero_free, set_keys(s, 1, 1))
DAMAGED(keys_free, set_keys(s, 6, 8))
DAMAGED(keys_two, set_keys(s, 6, 6))
DAMAGED(vma_key, VMA(s, 1)->key = cpu_to_le32(15))
DAMAGED(vma_key_high, VMA(s, 1)->key = cpu_to_le32(16))
DAMAGED(vma_huge, VMA(s, 1)[2].flags |= cpu_to_le32(CKPT_VMA_HUGETLB))
DAMAGED(vma_huge_private,
	VMA(s, 1)->flags = cpu_to_le32(CKPT_VMA_HUGETLB | CKPT_VMA_UNRESERVED))
DAMAGED(vma_huge_anon, VMA(s, 1)[1].flags = cpu_to_le32(CKPT_VMA_HUGETLB))
DAMAGED(vma_huge_locked,
	VMA(s, 1)->flags = cpu_to_le32(CKPT_VMA_HUGETLB | CKPT_VMA_LOCKED))
DAMAGED(vma_huge_account,
	VMA(s, 1)->flags = cpu_to_le32(CKPT_VMA_HUGETLB | CKPT_VMA_ACCOUNT))
DAMAGED(vma_unreserved, VMA(s, 1)->flags = cpu_to_le32(CKPT_VMA_UNRESERVED))
DAMAGED(vma_unreserved_shared,
	VMA(s, 1)[2].flags |= cpu_to_le32(CKPT_VMA_HUGETLB | CKPT_VMA_UNRESERVED))
DAMAGED(vma_unreserved_twice,
	VMA(s, 1)->flags = cpu_to_le32(CKPT_VMA_HUGETLB | CKPT_VMA_UNRESERVED |
				       CKPT_VMA_NORESERVE))
#define HUGETLB(s)	BODY(s, SHMEM, 6, HUGETLB, hugetlb)
DAMAGED(huge_small, HUGETLB(s)->shift = cpu_to_le32(12))
DAMAGED(huge_large, HUGETLB(s)->shift = cpu_to_le32(CKPT_HUGE_SHIFT_MAX + 1))
DAMAGED(huge_part, HUGETLB(s)->shift = cpu_to_le32(15))
DAMAGED(huge_reserved, HUGETLB(s)->reserved = cpu_to_le32(1))
DAMAGED(huge_twice, ckpt_add(&sample_file(s, CKPT_TYPE_SHMEM, 6)->w, CKPT_REC_HUGETLB, 0))
DAMAGED(no_vmas, sample_remove(s, CKPT_TYPE_VMAS, 2))
DAMAGED(vma_empty, VMA(s, 1)->end = VMA(s, 1)->start)
DAMAGED(vma_unaligned, VMA(s, 1)->start ^= cpu_to_le64(8))
DAMAGED(vma_overlap, VMA(s, 1)[1] = VMA(s, 1)[0])
DAMAGED(vma_kernel, VMA(s, 1)[1].end = cpu_to_le64(0xffffffff80000000ULL))
DAMAGED(vma_no_file, VMA(s, 1)->file = cpu_to_le64(77))
DAMAGED(run_outside, RUN(s, 1)->pages = cpu_to_le32(16))
DAMAGED(run_empty, RUN(s, 1)->pages = 0)
DAMAGED(run_overlap, RUN(s, 1)[1] = RUN(s, 1)[0])
DAMAGED(run_far, RUN(s, 1)[1].start = cpu_to_le64(0xfffffffffffff000ULL))
DAMAGED(run_unaligned, RUN(s, 1)->start ^= cpu_to_le64(1))
DAMAGED(run_sum, BODY(s, VMAS, 1, RUNS, runs)->pages = cpu_to_le64(7))
DAMAGED(pages_short, sample_file(s, CKPT_TYPE_PAGES, 1)->size -= CKPT_PAGE_SIZE)
DAMAGED(source_self, BODY(s, VMAS, 2, VMAS, vmas)->source = cpu_to_le64(2))
DAMAGED(source_later, BODY(s, VMAS, 1, VMAS, vmas)->source = cpu_to_le64(2))
DAMAGED(source_none, BODY(s, VMAS, 2, VMAS, vmas)->source = 0)
DAMAGED(source_lacks, RUN(s, 2)[1].pages = cpu_to_le32(5))
DAMAGED(source_below, VMA(s, 2)[1].start = cpu_to_le64(0x7ffe00000000ULL);
	RUN(s, 2)[1].start = cpu_to_le64(0x7ffe00000000ULL))

DAMAGED(no_file, sample_remove(s, CKPT_TYPE_PIPE, 2))
DAMAGED(no_pipe, sample_remove(s, CKPT_TYPE_PIPEBUF, 1))
DAMAGED(pipe_size, sample_file(s, CKPT_TYPE_PIPEDATA, 1)->size++)
DAMAGED(shmem_sum, BODY(s, SHMEM, 6, SHMEM, shmem)->pages = cpu_to_le64(3))
DAMAGED(shmem_beyond, BODY(s, SHMEM, 6, SHMEM, shmem)->size = cpu_to_le64(CKPT_PAGE_SIZE))
DAMAGED(shmem_source, ELEMS(s, SHMEM, 6, SHMEM, run)->kind = cpu_to_le32(CKPT_RUN_SOURCE))
DAMAGED(owner_type, BODY(s, PIPE, 2, OWNER, owner)->type = cpu_to_le32(CKPT_OWNER_PROCESS))
DAMAGED(owner_nobody, BODY(s, PIPE, 2, OWNER, owner)->pid = 0)
DAMAGED(owner_untyped, BODY(s, PIPE, 2, OWNER, owner)->type = 0)
DAMAGED(owner_fd, BODY(s, PIPE, 2, OWNER, owner)->fd = cpu_to_le32(3))
DAMAGED(owner_left, leave(s, 0);
	BODY(s, PIPE, 2, OWNER, owner)->type = cpu_to_le32(CKPT_OWNER_GROUP);
	BODY(s, PIPE, 2, OWNER, owner)->pid = cpu_to_le32(9))
DAMAGED(owner_twice, ckpt_add(&sample_file(s, CKPT_TYPE_PIPE, 2)->w, CKPT_REC_OWNER, 0))
DAMAGED(owner_foreign, ckpt_add(&sample_file(s, CKPT_TYPE_FS, 1)->w, CKPT_REC_OWNER, 0))
DAMAGED(eventfd_count, BODY(s, EVENTFD, 20, EVENTFD, eventfd)->count = cpu_to_le64(U64_MAX))
DAMAGED(eventfd_mode, BODY(s, EVENTFD, 20, FILE, file)->flags = cpu_to_le32(CKPT_O_WRONLY))
DAMAGED(eventfd_pos, BODY(s, EVENTFD, 20, FILE, file)->pos = cpu_to_le64(1))
DAMAGED(signalfd_flags,
	BODY(s, SIGNALFD, 21, FILE, file)->flags |= cpu_to_le32(CKPT_O_DIRECT))
DAMAGED(timerfd_disarmed, BODY(s, TIMERFD, 22, TIMERFD, timerfd)->flags = 0)
DAMAGED(timerfd_canceled,
	BODY(s, TIMERFD, 22, TIMERFD, timerfd)->flags |= cpu_to_le32(CKPT_TIMERFD_CANCELED))
DAMAGED(timerfd_far, BODY(s, TIMERFD, 22, TIMERFD, timerfd)->value = cpu_to_le64(U64_MAX))
DAMAGED(epoll_itself, ELEMS(s, EPOLL, 23, EPOLL, epoll_item)->file = cpu_to_le64(23))
DAMAGED(epoll_circle, ELEMS(s, EPOLL, 23, EPOLL, epoll_item)->file = cpu_to_le64(24))
DAMAGED(epoll_nothing, ELEMS(s, EPOLL, 23, EPOLL, epoll_item)->file = 0)
DAMAGED(epoll_missing, ELEMS(s, EPOLL, 23, EPOLL, epoll_item)->file = cpu_to_le64(99))
DAMAGED(epoll_deep, BODY(s, EPOLL, 24, EPOLL, epoll)->depth = cpu_to_le32(9))
DAMAGED(epoll_sighand, BODY(s, EPOLL, 23, EPOLL, epoll)->sighand = cpu_to_le64(9))
DAMAGED(pidfd_thread, BODY(s, PIDFD, 25, PIDFD, pidfd)->pid = cpu_to_le32(11))
DAMAGED(pidfd_nobody, BODY(s, PIDFD, 25, PIDFD, pidfd)->pid = 0)
DAMAGED(pidfd_both, BODY(s, PIDFD, 26, PIDFD, pidfd)->pid = cpu_to_le32(12))
DAMAGED(namespace_none, BODY(s, NAMESPACE, 27, NAMESPACE, namespace)->kind = 0)
DAMAGED(namespace_kind, BODY(s, NAMESPACE, 27, NAMESPACE, namespace)->kind = cpu_to_le32(9))
DAMAGED(namespace_mode, BODY(s, NAMESPACE, 27, FILE, file)->flags = cpu_to_le32(CKPT_O_RDWR))
DAMAGED(namespace_pos, BODY(s, NAMESPACE, 27, FILE, file)->pos = cpu_to_le64(1))
DAMAGED(pidfd_nothing, sample_remove(s, CKPT_TYPE_ENDEDPID, 1))
DAMAGED(lock_no_file, ELEMS(s, LOCKS, 1, LOCKS, lock)->file = 0)
DAMAGED(lock_no_table, ELEMS(s, LOCKS, 1, LOCKS, lock)[1].fdtable = 0)
DAMAGED(lock_two_owners, ELEMS(s, LOCKS, 1, LOCKS, lock)->fdtable = cpu_to_le64(1))
DAMAGED(lock_backwards, ELEMS(s, LOCKS, 1, LOCKS, lock)[1].end = 0;
	ELEMS(s, LOCKS, 1, LOCKS, lock)[1].start = cpu_to_le64(1))
DAMAGED(lock_kind, ELEMS(s, LOCKS, 1, LOCKS, lock)->kind = cpu_to_le32(4))
DAMAGED(lease_no_file, ELEMS(s, LOCKS, 1, LEASES, lease)->file = 0)
DAMAGED(lease_missing, ELEMS(s, LOCKS, 1, LEASES, lease)->file = cpu_to_le64(99))
DAMAGED(lease_external, ELEMS(s, LOCKS, 1, LEASES, lease)->file = cpu_to_le64(80))
DAMAGED(lease_type, ELEMS(s, LOCKS, 1, LEASES, lease)->type = 0)
DAMAGED(lease_flags, ELEMS(s, LOCKS, 1, LEASES, lease)->flags = cpu_to_le32(4))
DAMAGED(lease_for_ever, ELEMS(s, LOCKS, 1, LEASES, lease)->unlock_left = cpu_to_le64(U64_MAX))
DAMAGED(lease_twice, ckpt_add(&sample_file(s, CKPT_TYPE_LOCKS, 1)->w, CKPT_REC_LEASES, 1))
DAMAGED(memfd_holder, BODY(s, MEMFD, 31, MEMFD, memfd)->holder = cpu_to_le64(31))
DAMAGED(memfd_twice, BODY(s, MEMFD, 31, MEMFD, memfd)->size = cpu_to_le64(1))
DAMAGED(memfd_mode, BODY(s, MEMFD, 30, MEMFD, memfd)->mode = cpu_to_le32(0010777))
DAMAGED(memfd_pages, BODY(s, MEMFD, 30, MEMFD, memfd)->pages = cpu_to_le64(3))
DAMAGED(memfd_huge,
	*(struct ckpt_hugetlb *)ckpt_add(&sample_file(s, CKPT_TYPE_MEMFD, 30)->w,
					 CKPT_REC_HUGETLB, 0) =
	(struct ckpt_hugetlb){ .shift = cpu_to_le32(14) })
#define SEAL_LATE(s)	\
	(BODY(s, MEMFD, 30, MEMFD, memfd)->seals = cpu_to_le32(CKPT_MEMFD_SEALED_LATE))
DAMAGED(memfd_late, SEAL_LATE(s))
DAMAGED(memfd_late_huge,
	SEAL_LATE(s);
	*(struct ckpt_hugetlb *)ckpt_add(&sample_file(s, CKPT_TYPE_MEMFD, 30)->w,
					 CKPT_REC_HUGETLB, 0) =
	(struct ckpt_hugetlb){ .shift = cpu_to_le32(14) })
DAMAGED(memfd_huge_part,
	*(struct ckpt_hugetlb *)ckpt_add(&sample_file(s, CKPT_TYPE_MEMFD, 30)->w,
					 CKPT_REC_HUGETLB, 0) =
	(struct ckpt_hugetlb){ .shift = cpu_to_le32(15) })
DAMAGED(memfd_huge_other,
	ckpt_add(&sample_file(s, CKPT_TYPE_MEMFD, 31)->w, CKPT_REC_HUGETLB, 0))
DAMAGED(memfd_contents, sample_remove(s, CKPT_TYPE_SHMEMDATA, 30))
#define SOCK(s, i)	BODY(s, UNIXSOCK, i, UNIXSOCK, unixsock)
#define MESSAGE(s)	ELEMS(s, UNIXSOCK, 1, UNIX_MESSAGES, unix_message)
#define SOCKOPT(s)	ELEMS(s, UNIXSOCK, 1, SOCKOPTS, sockopt)
DAMAGED(socket_flags, BODY(s, SOCKET, 32, FILE, file)->flags = cpu_to_le32(CKPT_O_WRONLY))
DAMAGED(socket_mode, BODY(s, SOCKET, 32, SOCKET, socket)->mode = cpu_to_le32(0100777))
DAMAGED(socket_other, BODY(s, SOCKET, 32, SOCKET, socket)->socket = cpu_to_le64(2))
DAMAGED(socket_none, BODY(s, SOCKET, 32, SOCKET, socket)->socket = 0)
DAMAGED(unix_file, SOCK(s, 1)->file = cpu_to_le64(20))
DAMAGED(unix_no_file, SOCK(s, 1)->file = 0)
DAMAGED(unix_type, SOCK(s, 1)->type = 0)
DAMAGED(unix_mixed, SOCK(s, 2)->type = cpu_to_le32(CKPT_UNIX_SEQPACKET))
DAMAGED(unix_itself, SOCK(s, 2)->peer = cpu_to_le64(2))
DAMAGED(unix_alone, SOCK(s, 1)->peer = 0)
DAMAGED(unix_closed, SOCK(s, 1)->flags |= cpu_to_le32(CKPT_UNIX_PEER_CLOSED))
DAMAGED(unix_apart, SOCK(s, 2)->flags = 0)
DAMAGED(unix_errno, SOCK(s, 1)->error = cpu_to_le32(512))
DAMAGED(unix_nobody, SOCK(s, 1)->pid = 0)
DAMAGED(unix_stranger, SOCK(s, 1)->pid = cpu_to_le32(99))
DAMAGED(unix_two_pids, SOCK(s, 1)->ended = cpu_to_le64(1))
DAMAGED(unix_no_creds, SOCK(s, 1)->creds = 0)
DAMAGED(unix_bytes, SOCK(s, 1)->bytes = cpu_to_le64(9))
DAMAGED(unix_data, sample_file(s, CKPT_TYPE_UNIXDATA, 1)->size++)
DAMAGED(unix_no_data, sample_remove(s, CKPT_TYPE_UNIXDATA, 1))
DAMAGED(unix_sender, MESSAGE(s)->sender = cpu_to_le64(1))
DAMAGED(unix_unsent, MESSAGE(s)->sender = 0)
DAMAGED(unix_empty, MESSAGE(s)[0].len = 0; MESSAGE(s)[1].len = cpu_to_le32(8))
DAMAGED(unix_long, MESSAGE(s)->len = cpu_to_le32(0x80000005))
DAMAGED(unix_no_flag, MESSAGE(s)->uid = cpu_to_le32(1))
DAMAGED(unix_from_nobody, MESSAGE(s)[1].ended = 0; MESSAGE(s)[1].pid = cpu_to_le32(99))
DAMAGED(unix_from_two, MESSAGE(s)[1].pid = cpu_to_le32(10))
DAMAGED(unix_files, MESSAGE(s)->files = cpu_to_le32(1))
DAMAGED(unix_many_files, MESSAGE(s)->files = cpu_to_le32(254))
DAMAGED(unix_null_file, *ELEMS(s, UNIXSOCK, 1, UNIX_FILES, parent) = (struct ckpt_parent){})
DAMAGED(unix_lost_file, ELEMS(s, UNIXSOCK, 1, UNIX_FILES, parent)->id = cpu_to_le64(99))
DAMAGED(sockopt_twice, SOCKOPT(s)[1].option = SOCKOPT(s)[0].option)
DAMAGED(sockopt_unknown, SOCKOPT(s)[1].option = cpu_to_le32(44))
DAMAGED(sockopt_again,
	ckpt_add(&sample_file(s, CKPT_TYPE_UNIXSOCK, 1)->w, CKPT_REC_SOCKOPTS, 0))
#define UNIX_NAME(s, i)	BODY(s, UNIXSOCK, i, UNIX_NAME, unix_name)
#define NAME_BYTES(s, i) ELEMS(s, UNIXSOCK, i, UNIX_NAME, unix_byte)
struct ckpt_unix_byte { char byte; };
#define SENDER(s)	ELEMS(s, UNIXSOCK, 4, UNIX_SENDERS, unix_sender)
#define PENDING(s)	ELEMS(s, UNIXSOCK, 3, UNIX_PENDING, parent)
#define WAITING(s)	BODY(s, UNIXSOCK, 5, UNIX_WAITING, unix_waiting)
DAMAGED(name_kind, UNIX_NAME(s, 3)->kind = cpu_to_le32(CKPT_UNIX_NAME_ABSTRACT))
DAMAGED(name_mode, UNIX_NAME(s, 3)->mode = cpu_to_le32(0100640))
DAMAGED(name_owner, UNIX_NAME(s, 4)->uid = cpu_to_le32(1))
DAMAGED(name_path, UNIX_NAME(s, 4)->kind = cpu_to_le32(CKPT_UNIX_NAME_FILE))
DAMAGED(name_no_path, UNIX_NAME(s, 3)->kind = cpu_to_le32(CKPT_UNIX_NAME_ONLY))
DAMAGED(name_open, NAME_BYTES(s, 3)[6].byte = 'x')
DAMAGED(name_short, NAME_BYTES(s, 3)[3].byte = 0)
DAMAGED(sender_late, SENDER(s)->message = cpu_to_le32(1))
DAMAGED(sender_open, SENDER(s)->name[1] = 'x')
DAMAGED(sender_long, SENDER(s)->len = cpu_to_le32(113))
DAMAGED(listener_dgram, SOCK(s, 3)->type = cpu_to_le32(CKPT_UNIX_DGRAM))
DAMAGED(listener_not, SOCK(s, 3)->flags = 0)
DAMAGED(listener_peer, SOCK(s, 3)->peer = cpu_to_le64(1))
DAMAGED(listener_busy, SOCK(s, 3)->flags |= cpu_to_le32(CKPT_UNIX_PEER_CLOSED))
DAMAGED(pending_other, PENDING(s)->id = cpu_to_le64(4))
DAMAGED(pending_none, PENDING(s)->id = 0)
DAMAGED(waiting_place, WAITING(s)->place = cpu_to_le32(1))
DAMAGED(waiting_elsewhere, WAITING(s)->listener = cpu_to_le64(1))
DAMAGED(waiting_nowhere, WAITING(s)->listener = 0)
DAMAGED(waiting_file, SOCK(s, 5)->file = cpu_to_le64(35))
#define INET(s)		BODY(s, UDP, 63, INET, inet)
#define DEVICE(s)	ELEMS(s, UDP, 63, INET_DEVICES, inet_device)
#define DATAGRAM(s)	ELEMS(s, UDP, 63, DATAGRAMS, datagram)
DAMAGED(inet_family, INET(s)->family = cpu_to_le32(CKPT_INET_IPV4))
DAMAGED(inet_mode, INET(s)->mode = cpu_to_le32(0100777))
DAMAGED(inet_flags, BODY(s, UDP, 63, FILE, file)->flags = cpu_to_le32(CKPT_O_WRONLY))
DAMAGED(inet_no_port, INET(s)->local_port = 0)
DAMAGED(inet_port, INET(s)->flags = 0)
DAMAGED(inet_lock, INET(s)->flags = cpu_to_le32(CKPT_INET_PORT_LOCK); INET(s)->local_port = 0)
DAMAGED(inet_address, INET(s)->local[15] = 0)
DAMAGED(inet_peer, INET(s)->peer_port = cpu_to_le16(1))
DAMAGED(inet_error, INET(s)->error = cpu_to_le32(512))
DAMAGED(inet_records,
	ckpt_add(&sample_file(s, CKPT_TYPE_UDP, 63)->w, CKPT_REC_INET, 0))
DAMAGED(device_use, DEVICE(s)->use = cpu_to_le32(8))
DAMAGED(device_order, DEVICE(s)[1].use = cpu_to_le32(CKPT_INET_BOUND))
DAMAGED(device_twice, DEVICE(s)[1].use = DEVICE(s)[0].use)
DAMAGED(device_address, DEVICE(s)->local[0] = 127)
DAMAGED(device_group, DEVICE(s)->group[0] = 0xff)
DAMAGED(device_name, DEVICE(s)->name[0] = 0; DEVICE(s)->name[1] = 0)
DAMAGED(device_text, memset(DEVICE(s)->name, 'x', 16))
#define SOURCE(s)	ELEMS(s, UDP, 63, INET_SOURCES, inet_source)
DAMAGED(source_member, SOURCE(s)[1].member = cpu_to_le32(2))
DAMAGED(source_alone, SOURCE(s)[0].member = 0)
DAMAGED(source_mode, SOURCE(s)[0].mode = 0)
DAMAGED(source_modes, SOURCE(s)[1].mode = cpu_to_le32(CKPT_SOURCE_INCLUDE))
DAMAGED(source_again, ckpt_add(&sample_file(s, CKPT_TYPE_UDP, 63)->w, CKPT_REC_INET_SOURCES, 0))
DAMAGED(source_long, DEVICE(s)[1].use = cpu_to_le32(CKPT_INET_MEMBER);
	memset(DEVICE(s)[1].group + 4, 0, 12))
DAMAGED(ip6opt_unknown, ELEMS(s, UDP, 63, IP6OPTS, sockopt)->option = cpu_to_le32(34))
DAMAGED(datagram_family, DATAGRAM(s)->family = 0)
DAMAGED(datagram_address, DATAGRAM(s)->from[4] = 1)
DAMAGED(datagram_flow, DATAGRAM(s)->flow = cpu_to_le32(1))
DAMAGED(datagram_label, DATAGRAM(s)[1].flow = cpu_to_le32(0x100000))
DAMAGED(datagram_dst, DATAGRAM(s)[1].spec_dst[0] = 1)
DAMAGED(datagram_long, DATAGRAM(s)->len = cpu_to_le32(65536))
DAMAGED(datagram_device, memset(DATAGRAM(s)->device, 'x', 16))
DAMAGED(datagram_bytes, DATAGRAM(s)[1].len = cpu_to_le32(1))
DAMAGED(datagram_data, sample_remove(s, CKPT_TYPE_UDPDATA, 63))
DAMAGED(datagram_alone, sample_remove(s, CKPT_TYPE_UDP, 63))
#define RAW(s, i)	BODY(s, RAW, i, RAW, raw)
#define RAW_INET(s, i)	BODY(s, RAW, i, INET, inet)
#define PACKET(s, i)	ELEMS(s, RAW, i, DATAGRAMS, datagram)
DAMAGED(raw_kind, RAW(s, 92)->kind = cpu_to_le32(3))
DAMAGED(raw_kind_none, RAW(s, 92)->kind = 0)
DAMAGED(raw_protocol, RAW(s, 92)->protocol = cpu_to_le32(263))
DAMAGED(raw_protocol_none, RAW(s, 92)->protocol = 0; RAW_INET(s, 92)->local_port = 0)
DAMAGED(raw_other, RAW(s, 92)->protocol = cpu_to_le32(2); RAW(s, 92)->filter[3] = 0)
DAMAGED(raw_lite, RAW_INET(s, 92)->flags |= cpu_to_le32(CKPT_INET_LITE))
DAMAGED(raw_lock, RAW_INET(s, 92)->flags |= cpu_to_le32(CKPT_INET_PORT_LOCK))
DAMAGED(raw_port, RAW_INET(s, 92)->flags = 0)
DAMAGED(raw_filter, RAW(s, 92)->filter[4] = 1)
DAMAGED(raw_filter_ping, RAW(s, 94)->filter[0] = 1)
DAMAGED(raw_sum_v4, RAW(s, 92)->flags = cpu_to_le32(CKPT_RAW_CHECKSUM))
DAMAGED(raw_sum_odd, RAW(s, 93)->checksum = cpu_to_le32(3))
DAMAGED(raw_sum_off, RAW(s, 93)->flags = 0)
DAMAGED(raw_sum_ping, RAW(s, 94)->flags = cpu_to_le32(CKPT_RAW_CHECKSUM))
DAMAGED(ping_protocol, RAW(s, 94)->protocol = cpu_to_le32(17))
DAMAGED(ping_port, RAW_INET(s, 94)->flags = 0)
DAMAGED(ping_connected, RAW_INET(s, 94)->flags = cpu_to_le32(CKPT_INET_CONNECTED);
	RAW_INET(s, 94)->local_port = 0)
DAMAGED(packet_family, PACKET(s, 93)->family = cpu_to_le32(CKPT_INET_IPV4))
DAMAGED(packet_port, PACKET(s, 92)->from_port = cpu_to_le16(1))
DAMAGED(packet_short, PACKET(s, 92)->len = cpu_to_le32(19);
	sample_file(s, CKPT_TYPE_UDPDATA, 92)->size = 19)
DAMAGED(packet_bytes, PACKET(s, 92)->len = cpu_to_le32(25))
DAMAGED(packet_data, sample_remove(s, CKPT_TYPE_UDPDATA, 92))
DAMAGED(packet_alone, sample_remove(s, CKPT_TYPE_RAW, 92))
#define FRAMES(s)	BODY(s, PACKET, 95, PACKET, packet)
#define FRAME(s)	ELEMS(s, PACKET, 95, PACKETS, packet_message)
#define PROMISC(s)	ELEMS(s, PACKET, 95, PACKET, packet_member)
DAMAGED(frames_type, FRAMES(s)->type = 0)
DAMAGED(frames_protocol, FRAMES(s)->protocol = cpu_to_le32(0x10000))
DAMAGED(frames_mode, FRAMES(s)->mode = cpu_to_le32(0100777))
DAMAGED(frames_device, memset(FRAMES(s)->device, 'x', 16))
DAMAGED(frames_flags, FRAMES(s)->flags = cpu_to_le32(CKPT_PACKET_FLAGS + 1))
DAMAGED(frames_down, FRAMES(s)->flags = cpu_to_le32(CKPT_PACKET_DOWN);
	memset(FRAMES(s)->device, 0, 16))
DAMAGED(frames_option, ELEMS(s, PACKET, 95, PACKETOPTS, sockopt)->option = cpu_to_le32(12))
DAMAGED(promisc_kind, PROMISC(s)->kind = cpu_to_le32(5))
DAMAGED(promisc_none, PROMISC(s)->count = 0)
DAMAGED(promisc_often, PROMISC(s)->count = cpu_to_le32(1025))
DAMAGED(promisc_long, PROMISC(s)->len = cpu_to_le32(33))
DAMAGED(promisc_address, PROMISC(s)->addr[0] = 1)
DAMAGED(promisc_device, memset(PROMISC(s)->device, 0, 16))
DAMAGED(frame_long, FRAME(s)->len = cpu_to_le32(0x20001))
DAMAGED(frame_bytes, FRAME(s)->len = cpu_to_le32(41))
DAMAGED(frame_kind, FRAME(s)->kind = 8)
DAMAGED(frame_halen, FRAME(s)->halen = 33)
DAMAGED(frame_address, FRAME(s)->halen = 5)
DAMAGED(frame_header, FRAME(s)->network = cpu_to_le16(41))
DAMAGED(frame_sum, FRAME(s)->sum = 3)
DAMAGED(frame_sum_there, FRAME(s)->sum = CKPT_PACKET_SUM_VALID)
DAMAGED(frame_sum_behind, FRAME(s)->sum_place = cpu_to_le16(7))
DAMAGED(frame_tag, FRAME(s)->tag_protocol = cpu_to_le16(0x800))
DAMAGED(frame_untagged, FRAME(s)->tagged = 0)
DAMAGED(frame_tagged_twice, FRAME(s)->tagged = 2)
DAMAGED(frame_tag_in_it, FRAME(s)->protocol = cpu_to_le16(0x8100))
DAMAGED(frame_device, memset(FRAME(s)->device, 0, 16))
DAMAGED(frame_data, sample_remove(s, CKPT_TYPE_UDPDATA, 95))
DAMAGED(frame_alone, sample_remove(s, CKPT_TYPE_PACKET, 95))
#define BLOCKS(s)	BODY(s, PACKET, 95, PACKETRING, packet_ring)
DAMAGED(blocks_kind, BLOCKS(s)->kind = cpu_to_le32(3))
DAMAGED(blocks_order, BLOCKS(s)->kind = cpu_to_le32(CKPT_PACKET_RING_TX))
DAMAGED(blocks_size, BLOCKS(s)->block_size = cpu_to_le32(2 * CKPT_PAGE_SIZE))
DAMAGED(blocks_size_odd, BLOCKS(s)->block_size = cpu_to_le32(CKPT_PAGE_SIZE + 16))
DAMAGED(blocks_size_none, BLOCKS(s)->block_size = 0)
DAMAGED(blocks_none, BLOCKS(s)->blocks = 0)
DAMAGED(blocks_many, BLOCKS(s)->blocks = cpu_to_le32(3))
DAMAGED(blocks_frame, BLOCKS(s)->frame_size = cpu_to_le32(2040))
DAMAGED(blocks_frame_none, BLOCKS(s)->frame_size = 0)
DAMAGED(blocks_frame_long, BLOCKS(s)->frame_size = cpu_to_le32(CKPT_PAGE_SIZE + 16))
DAMAGED(blocks_head, BLOCKS(s)->head = cpu_to_le32(2))
DAMAGED(blocks_flags, BLOCKS(s)->flags = cpu_to_le32(CKPT_PACKET_RING_FLAGS + 1))
DAMAGED(blocks_room, BLOCKS(s)->room = cpu_to_le32(CKPT_PAGE_SIZE - 48))
DAMAGED(blocks_room_used, BLOCKS(s)->room = cpu_to_le32(17))
DAMAGED(blocks_timeout, BLOCKS(s)->timeout = cpu_to_le32(0x10000))
DAMAGED(blocks_next, BLOCKS(s)->next = cpu_to_le32(CKPT_PAGE_SIZE + 8))
DAMAGED(blocks_next_odd, BLOCKS(s)->next = cpu_to_le32(265))
DAMAGED(blocks_next_short, BLOCKS(s)->next = cpu_to_le32(104))
DAMAGED(blocks_next_none, BLOCKS(s)->next = 0)
DAMAGED(blocks_last, BLOCKS(s)->last = cpu_to_le32(56))
DAMAGED(blocks_last_behind, BLOCKS(s)->last = cpu_to_le32(272))
DAMAGED(blocks_last_empty, BLOCKS(s)->last = cpu_to_le32(264))
DAMAGED(blocks_version, ELEMS(s, PACKET, 95, PACKETOPTS, sockopt)[1].value = cpu_to_le64(1))
DAMAGED(blocks_data, sample_remove(s, CKPT_TYPE_PACKETRING, 95))
#define FANOUT(s)	BODY(s, PACKET, 95, PACKETGROUP, packet_group)
DAMAGED(fanout_number, FANOUT(s)->group = cpu_to_le32(0x10000))
DAMAGED(fanout_share, FANOUT(s)->share = cpu_to_le32(9))
DAMAGED(fanout_share_none, FANOUT(s)->share = 0)
DAMAGED(fanout_flags, FANOUT(s)->flags = cpu_to_le32(CKPT_PACKET_GROUP_FLAGS + 1))
DAMAGED(fanout_most, FANOUT(s)->most = cpu_to_le32(CKPT_PACKET_MEMBERS + 1))
DAMAGED(fanout_place, FANOUT(s)->place = cpu_to_le32(4))
DAMAGED(fanout_turn, FANOUT(s)->share = cpu_to_le32(CKPT_PACKET_SHARE_HASH))
DAMAGED(fanout_other, FANOUT(s)->other = cpu_to_le32(CKPT_PACKET_MEMBERS))
DAMAGED(fanout_nobody, FANOUT(s)->flags = 0)
DAMAGED(fanout_twice, FANOUT(s)->share = cpu_to_le32(CKPT_PACKET_SHARE_FULL);
	FANOUT(s)->turn = 0)
DAMAGED(fanout_moved, FANOUT(s)->moved = cpu_to_le64(BIT_ULL(63)))
DAMAGED(fanout_deaf, FRAMES(s)->protocol = 0)
DAMAGED(fanout_down, FRAMES(s)->flags = cpu_to_le32(CKPT_PACKET_DOWN))
#define QUEUE(s, id)	BODY(s, TUN, id, TUN, tun)
#define TAP(s)		BODY(s, TUN, 96, TUN_DEVICE, tun_device)
#define TAP_ADDR(s)	ELEMS(s, TUN, 96, TUN_DEVICE, tun_addr)
#define TAP_PACKET(s)	ELEMS(s, TUN, 96, TUN, tun_packet)
DAMAGED(tun_major, BODY(s, TUN, 97, DEVICE, device)->major = cpu_to_le32(1))
DAMAGED(tun_minor, BODY(s, TUN, 97, DEVICE, device)->minor = cpu_to_le32(3))
DAMAGED(tun_pos, BODY(s, TUN, 97, FILE, file)->pos = cpu_to_le64(1))
DAMAGED(tun_flags, BODY(s, TUN, 97, FILE, file)->flags = cpu_to_le32(CKPT_O_PATH))
DAMAGED(tun_first, QUEUE(s, 97)->first = cpu_to_le64(98))
DAMAGED(tun_itself, QUEUE(s, 97)->first = cpu_to_le64(97))
DAMAGED(tun_nothing, QUEUE(s, 96)->first = 0)
DAMAGED(tun_alone, QUEUE(s, 97)->first = 0)
DAMAGED(tun_place, QUEUE(s, 97)->place = cpu_to_le32(2))
DAMAGED(tun_places, QUEUE(s, 97)->place = cpu_to_le32(256))
DAMAGED(tun_second, QUEUE(s, 96)->place = cpu_to_le32(1))
DAMAGED(tun_index, QUEUE(s, 97)->index = cpu_to_le32(1))
DAMAGED(tun_sndbuf, QUEUE(s, 97)->sndbuf = 0)
DAMAGED(tun_sndbuf_large, QUEUE(s, 97)->sndbuf = cpu_to_le32(0x80000000))
DAMAGED(tun_last, QUEUE(s, 97)->last = cpu_to_le32(0x80000000))
DAMAGED(tun_detached, QUEUE(s, 96)->flags = cpu_to_le32(CKPT_TUN_DETACHED))
DAMAGED(tun_queue_flags, QUEUE(s, 97)->flags = cpu_to_le32(CKPT_TUN_QUEUE_FLAGS + 1))
DAMAGED(tap_kind, TAP(s)->kind = 0)
DAMAGED(tap_not_tap, TAP(s)->kind = cpu_to_le32(CKPT_TUN_IP))
DAMAGED(tap_flags, TAP(s)->flags = cpu_to_le32(CKPT_TUN_FLAGS + 1))
DAMAGED(tap_single, TAP(s)->flags = cpu_to_le32(CKPT_TUN_ASKED))
DAMAGED(tap_not_asked, TAP(s)->flags = cpu_to_le32(CKPT_TUN_MULTI_QUEUE))
DAMAGED(tap_frags, TAP(s)->flags |= cpu_to_le32(CKPT_TUN_NAPI_FRAGS))
DAMAGED(tap_unready, TAP(s)->flags |= cpu_to_le32(CKPT_TUN_UNREADY))
DAMAGED(tap_there, TAP(s)->flags |= cpu_to_le32(CKPT_TUN_THERE))
DAMAGED(tap_owner, TAP(s)->owner = cpu_to_le32(1))
DAMAGED(tap_group, TAP(s)->group = cpu_to_le32(1))
DAMAGED(tap_header, TAP(s)->header = cpu_to_le32(9))
DAMAGED(tap_header_large, TAP(s)->header = cpu_to_le32(0x80000000))
DAMAGED(tap_offload, TAP(s)->offload = cpu_to_le32(CKPT_TUN_OFFLOADS + 1))
DAMAGED(tap_queues, TAP(s)->queues = cpu_to_le32(257))
DAMAGED(tap_no_queues, TAP(s)->queues = 0)
DAMAGED(tap_no_index, TAP(s)->index = 0)
DAMAGED(tap_type, TAP(s)->type = cpu_to_le32(0x10000))
DAMAGED(tap_mtu, TAP(s)->mtu = cpu_to_le32(67))
DAMAGED(tap_mtu_large, TAP(s)->mtu = cpu_to_le32(0x10000))
DAMAGED(tap_link, TAP(s)->link = cpu_to_le32(CKPT_LINK_FLAGS + 1))
DAMAGED(tap_addresses, TAP(s)->addresses = cpu_to_le32(4))
DAMAGED(tap_no_ipv6, TAP(s)->addresses = 0)
DAMAGED(tap_exact, TAP(s)->exact = cpu_to_le32(9))
DAMAGED(tap_filter, TAP(s)->exact = 0)
DAMAGED(tap_hashed, TAP(s)->hashed = cpu_to_le64(1))
DAMAGED(tap_group_address, TAP(s)->hwaddr[0] = 3)
DAMAGED(tap_no_address, TAP(s)->hwaddr[0] = 0)
DAMAGED(tap_name, memset(TAP(s)->name, 'x', 16))
DAMAGED(tap_no_name, memset(TAP(s)->name, 0, 16))
DAMAGED(tap_pattern, TAP(s)->name[3] = '%')
DAMAGED(tap_reserved, TAP(s)->reserved[0] = 1)
DAMAGED(tap_addr_family, TAP_ADDR(s)->family = cpu_to_le32(3))
DAMAGED(tap_addr_order,
	TAP_ADDR(s)[1].family = TAP_ADDR(s)->family; TAP_ADDR(s)->family = cpu_to_le32(2))
DAMAGED(tap_addr_prefix, TAP_ADDR(s)->prefix = cpu_to_le32(33))
DAMAGED(tap_addr_prefix6, TAP_ADDR(s)[1].prefix = cpu_to_le32(129))
DAMAGED(tap_addr_flags, TAP_ADDR(s)->flags = cpu_to_le32(CKPT_ADDR_NODAD))
DAMAGED(tap_addr_flags6, TAP_ADDR(s)[1].flags = cpu_to_le32(CKPT_ADDR_FLAGS + 1))
DAMAGED(tap_addr_scope, TAP_ADDR(s)[1].scope = cpu_to_le32(1))
DAMAGED(tap_addr_valid, TAP_ADDR(s)->valid = 0)
DAMAGED(tap_addr_preferred, TAP_ADDR(s)->preferred = cpu_to_le32(61))
DAMAGED(tap_addr_none, TAP_ADDR(s)->addr[0] = 0)
DAMAGED(tap_addr_long, TAP_ADDR(s)->addr[4] = 1)
DAMAGED(tap_addr_peer, TAP_ADDR(s)->peer[4] = 1)
DAMAGED(tap_addr_broadcast, TAP_ADDR(s)[1].broadcast[0] = 1)
DAMAGED(tap_addr_label, memset(TAP_ADDR(s)->label, 0, 16))
DAMAGED(tap_addr_label6, TAP_ADDR(s)[1].label[0] = 'x')
DAMAGED(tap_packet_none, TAP_PACKET(s)->len = 0)
DAMAGED(tap_packet_bytes, TAP_PACKET(s)->len = cpu_to_le32(101))
DAMAGED(tap_packet_sum, TAP_PACKET(s)->sum = 3)
DAMAGED(tap_packet_sum_there, TAP_PACKET(s)->sum = CKPT_PACKET_SUM_VALID)
DAMAGED(tap_packet_sum_behind, TAP_PACKET(s)->sum_place = cpu_to_le16(47))
DAMAGED(tap_packet_tagged, TAP_PACKET(s)->tagged = 2)
DAMAGED(tap_packet_tag, TAP_PACKET(s)->tag_protocol = cpu_to_le16(0x800))
DAMAGED(tap_packet_untagged, TAP_PACKET(s)->tagged = 0)
DAMAGED(tap_packet_segments, TAP_PACKET(s)->segments = 4)
DAMAGED(tap_packet_whole, TAP_PACKET(s)->segments = CKPT_TUN_WHOLE)
DAMAGED(tap_packet_segment, TAP_PACKET(s)->segment = 0)
DAMAGED(tap_packet_headers, TAP_PACKET(s)->headers = cpu_to_le32(101))
DAMAGED(tap_packet_ecn, TAP_PACKET(s)->ecn = 1; TAP_PACKET(s)->segments = CKPT_TUN_UDP)
DAMAGED(tap_packet_detached, QUEUE(s, 97)->flags = 0; QUEUE(s, 96)->flags = cpu_to_le32(1))
DAMAGED(tap_data, sample_remove(s, CKPT_TYPE_UDPDATA, 96))
DAMAGED(tap_gone, sample_remove(s, CKPT_TYPE_TUN, 96))
#define BPF_HASH(s)	BODY(s, BPFMAP, 111, BPFMAP, bpfmap)
#define BPF_ARRAY(s)	BODY(s, BPFMAP, 110, BPFMAP, bpfmap)
DAMAGED(bpfmap_kind, BPF_HASH(s)->kind = cpu_to_le32(99))
DAMAGED(bpfmap_no_kind, BPF_HASH(s)->kind = 0)
DAMAGED(bpfmap_flags, BPF_HASH(s)->flags = cpu_to_le32(CKPT_BPFMAP_FLAGS + 1))
DAMAGED(bpfmap_key, BPF_HASH(s)->key_size = 0)
DAMAGED(bpfmap_key_long, BPF_HASH(s)->key_size = cpu_to_le32(CKPT_BPFMAP_KEY + 1))
DAMAGED(bpfmap_key_array, BPF_ARRAY(s)->key_size = cpu_to_le32(8))
DAMAGED(bpfmap_value, BPF_HASH(s)->value_size = 0)
DAMAGED(bpfmap_value_long, BPF_HASH(s)->value_size = cpu_to_le32(CKPT_BPFMAP_CPU_VALUE + 1))
DAMAGED(bpfmap_value_sign, BPF_ARRAY(s)->value_size = cpu_to_le32(1U << 31))
DAMAGED(bpfmap_none, BPF_HASH(s)->max_entries = 0)
DAMAGED(bpfmap_node, BPF_ARRAY(s)->flags = 0)
DAMAGED(bpfmap_cpus, BPF_HASH(s)->cpus = cpu_to_le32(CKPT_BPFMAP_CPUS + 1))
DAMAGED(bpfmap_no_cpus, BPF_HASH(s)->cpus = 0)
DAMAGED(bpfmap_cpus_array, BPF_ARRAY(s)->cpus = cpu_to_le32(1))
DAMAGED(bpfmap_more, BPF_HASH(s)->max_entries = cpu_to_le32(1))
DAMAGED(bpfmap_fewer, BPF_ARRAY(s)->nr = cpu_to_le32(2))
DAMAGED(bpfmap_bytes, BPF_HASH(s)->nr = cpu_to_le32(3))
DAMAGED(bpfmap_wraps, BPF_ARRAY(s)->value_size = cpu_to_le32(S32_MAX);
	BPF_ARRAY(s)->max_entries = BPF_ARRAY(s)->nr = cpu_to_le32(U32_MAX))
DAMAGED(bpfmap_name, memset(BPF_HASH(s)->name, 'x', 16))
DAMAGED(bpfmap_mode, BODY(s, BPFMAP, 111, FILE, file)->flags = cpu_to_le32(CKPT_O_ACCMODE))
DAMAGED(bpfmap_data, sample_remove(s, CKPT_TYPE_BPFDATA, 111))
DAMAGED(bpfmap_alone, sample_remove(s, CKPT_TYPE_BPFMAP, 111))
DAMAGED(bpfmap_mapped, VMA(s, 1)[0].file = cpu_to_le64(110))
#define BPF_QUEUE(s)	BODY(s, BPFMAP, 112, BPFMAP, bpfmap)
DAMAGED(bpfmap_queue_key, BPF_QUEUE(s)->key_size = cpu_to_le32(4))
DAMAGED(bpfmap_queue_more, BPF_QUEUE(s)->max_entries = cpu_to_le32(1))
DAMAGED(bpfmap_queue_bytes, BPF_QUEUE(s)->nr = cpu_to_le32(1))
#define BPF_FILTER(s)	BODY(s, BPFMAP, 113, BPFMAP, bpfmap)
DAMAGED(bpfmap_filter_hashes, BPF_FILTER(s)->hashes = cpu_to_le32(16))
DAMAGED(bpfmap_filter_words, BPF_FILTER(s)->nr = cpu_to_le32(3);
	sample_file(s, CKPT_TYPE_BPFDATA, 113)->size = 3 * 8)
DAMAGED(bpfmap_filter_none, BPF_FILTER(s)->nr = 0;
	sample_file(s, CKPT_TYPE_BPFDATA, 113)->size = 0)
DAMAGED(bpfmap_filter_seed, BPF_FILTER(s)->flags = cpu_to_le32(CKPT_BPFMAP_ZERO_SEED))
DAMAGED(bpfmap_hashes, BPF_HASH(s)->hashes = cpu_to_le32(1))
DAMAGED(bpfmap_seed, BPF_HASH(s)->seed = cpu_to_le32(1))
#define NETLINK(s)	BODY(s, NETLINK, 90, NETLINK, netlink)
#define NL_MESSAGE(s)	ELEMS(s, NETLINK, 90, NETLINK_MESSAGES, netlink_message)
#define NL_GROUP(s)	((__le32 *)sample_elems(s, CKPT_TYPE_NETLINK, 90, CKPT_REC_NETLINK_GROUPS))
DAMAGED(netlink_mode, NETLINK(s)->mode = cpu_to_le32(0100777))
DAMAGED(netlink_creds, NETLINK(s)->creds = 0)
DAMAGED(netlink_creds_none, NETLINK(s)->creds = cpu_to_le64(99))
DAMAGED(netlink_protocol, NETLINK(s)->protocol = 0)
DAMAGED(netlink_protocol_none, NETLINK(s)->protocol = cpu_to_le32(10))
DAMAGED(netlink_type, NETLINK(s)->type = cpu_to_le32(3))
DAMAGED(netlink_flags, NETLINK(s)->flags |= cpu_to_le32(0x400))
DAMAGED(netlink_unconnected, NETLINK(s)->flags = 0)
DAMAGED(netlink_connected, NETLINK(s)->flags |= cpu_to_le32(CKPT_NETLINK_DISCONNECTED))
DAMAGED(netlink_portless, NETLINK(s)->portid = 0)
DAMAGED(netlink_dst_group, NETLINK(s)->dst_group = cpu_to_le32(33))
DAMAGED(netlink_error, NETLINK(s)->error = cpu_to_le32(512))
DAMAGED(netlink_longest, NETLINK(s)->longest = cpu_to_le32(32769))
DAMAGED(netlink_open, BODY(s, NETLINK, 90, FILE, file)->flags = cpu_to_le32(CKPT_O_WRONLY))
DAMAGED(netlink_group_zero, NL_GROUP(s)[0] = 0)
DAMAGED(netlink_group_twice, NL_GROUP(s)[1] = NL_GROUP(s)[0])
DAMAGED(netlink_group_large, NL_GROUP(s)[1] = cpu_to_le32(65536))
DAMAGED(netlink_signed, NL_MESSAGE(s)[0].pid = cpu_to_le32(1))
DAMAGED(netlink_nsid, NL_MESSAGE(s)[0].nsid = cpu_to_le32(1))
DAMAGED(netlink_nsid_large, NL_MESSAGE(s)[1].nsid = cpu_to_le32(BIT(31)))
DAMAGED(netlink_long, NL_MESSAGE(s)[0].len = cpu_to_le32((8 << 20) + 1))
DAMAGED(netlink_bytes, NL_MESSAGE(s)[0].len = 0)
DAMAGED(netlink_data, sample_remove(s, CKPT_TYPE_NETLINKDATA, 90))
DAMAGED(netlink_alone, sample_remove(s, CKPT_TYPE_NETLINK, 90))
#define TCP(s)		BODY(s, TCP, 64, TCP, tcp)
#define TCP_INET(s)	BODY(s, TCP, 64, INET, inet)
DAMAGED(tcp_state, TCP(s)->state = cpu_to_le32(CKPT_TCP_OPEN))
DAMAGED(tcp_call, TCP(s)->call = 0)
DAMAGED(tcp_backlog, TCP(s)->backlog = cpu_to_le32(BIT(31)))
DAMAGED(tcp_done, TCP(s)->flags = cpu_to_le32(CKPT_TCP_DONE))
DAMAGED(tcp_calls, TCP(s)->call = cpu_to_le32(CKPT_TCP_CONNECTED))
DAMAGED(tcp_no_port, TCP_INET(s)->flags = 0)
DAMAGED(tcp_congestion, memset(TCP(s)->congestion, 0, 16))
DAMAGED(tcp_connected, TCP_INET(s)->flags |= cpu_to_le32(CKPT_INET_CONNECTED))
DAMAGED(tcp_lite, TCP_INET(s)->flags |= cpu_to_le32(CKPT_INET_LITE))
DAMAGED(tcp_family, TCP_INET(s)->family = 0)
DAMAGED(tcp_address, TCP_INET(s)->local[4] = 1)
DAMAGED(tcp_options, ckpt_add(&sample_file(s, CKPT_TYPE_TCP, 64)->w, CKPT_REC_IP6OPTS, 0))
DAMAGED(tcp_keys, ckpt_add(&sample_file(s, CKPT_TYPE_TCP, 64)->w, CKPT_REC_TCPKEY, 1))
DAMAGED(tcp_no_keys, ckpt_add(&sample_file(s, CKPT_TYPE_TCPCONN, 65)->w, CKPT_REC_TCPKEY, 0))
#define CORK(s)		BODY(s, UDP, 63, UDPCORK, udpcork)
DAMAGED(cork_family, CORK(s)->family = 0)
DAMAGED(cork_long, CORK(s)->len = cpu_to_le32(65528))
DAMAGED(cork_bytes, CORK(s)->len = cpu_to_le32(1))
DAMAGED(cork_address, CORK(s)->to[4] = 1)
DAMAGED(cork_port, CORK(s)->to_port = 0)
DAMAGED(cork_reserved, CORK(s)->reserved[4] = 1)
DAMAGED(cork_again, ckpt_add(&sample_file(s, CKPT_TYPE_UDP, 63)->w, CKPT_REC_UDPCORK, 0))
#define UNREAD(s)	BODY(s, TCP, 199, TCPUNREAD, tcpunread)
DAMAGED(unread_bytes, UNREAD(s)->len = cpu_to_le32(3))
DAMAGED(unread_flags, UNREAD(s)->flags = cpu_to_le32(2))
DAMAGED(unread_data, sample_remove(s, CKPT_TYPE_TCPDATA, 199))
DAMAGED(unread_alone, sample_remove(s, CKPT_TYPE_TCP, 199))
DAMAGED(unread_again, ckpt_add(&sample_file(s, CKPT_TYPE_TCP, 199)->w, CKPT_REC_TCPUNREAD, 0))
DAMAGED(unread_listens, ckpt_add(&sample_file(s, CKPT_TYPE_TCP, 64)->w, CKPT_REC_TCPUNREAD, 0))
DAMAGED(unread_none, sample_add(s, CKPT_TYPE_TCPDATA, 64))
#define PLACED(s)	BODY(s, TCP, 64, REUSEPORT, reuseport)
DAMAGED(placed_later, PLACED(s)->place = cpu_to_le32(1))
DAMAGED(placed_far, PLACED(s)->place = cpu_to_le32(65536))
DAMAGED(placed_reserved, PLACED(s)->reserved = cpu_to_le32(1))
DAMAGED(placed_again, ckpt_add(&sample_file(s, CKPT_TYPE_TCP, 64)->w, CKPT_REC_REUSEPORT, 0))
DAMAGED(placed_conn, ckpt_add(&sample_file(s, CKPT_TYPE_TCPCONN, 65)->w, CKPT_REC_REUSEPORT, 0))
#define CONN(s, i)	BODY(s, TCPCONN, i, TCPCONN, tcpconn)
DAMAGED(conn_peer, CONN(s, 65)->peer = cpu_to_le64(65))
DAMAGED(conn_alone, CONN(s, 65)->peer = 0)
DAMAGED(conn_unsent, CONN(s, 65)->rcv_seq = cpu_to_le32(1))
DAMAGED(conn_sent, CONN(s, 66)->sent = cpu_to_le32(4))
DAMAGED(conn_end, CONN(s, 65)->flags = cpu_to_le32(CKPT_TCPCONN_RCV_END))
DAMAGED(conn_outside, CONN(s, 65)->flags = cpu_to_le32(CKPT_TCPCONN_OUTSIDE))
DAMAGED(conn_scaled, CONN(s, 65)->snd_wscale = 1)
DAMAGED(conn_shift, CONN(s, 65)->flags = cpu_to_le32(CKPT_TCPCONN_SCALED);
	CONN(s, 65)->snd_wscale = 15)
DAMAGED(conn_window, CONN(s, 65)->snd_wnd = cpu_to_le32(1))
DAMAGED(conn_bytes, CONN(s, 65)->unread = cpu_to_le32(2))
DAMAGED(conn_data, sample_remove(s, CKPT_TYPE_TCPDATA, 66))
DAMAGED(conn_state, BODY(s, TCPCONN, 65, TCP, tcp)->state = cpu_to_le32(CKPT_TCP_CLOSED))
DAMAGED(conn_port, BODY(s, TCPCONN, 65, INET, inet)->peer_port = 0)
DAMAGED(conn_name, BODY(s, TCPCONN, 66, INET, inet)->peer_port = cpu_to_le16(64))
DAMAGED(conn_mss, CONN(s, 65)->mss = 0)
DAMAGED(conn_shut, CONN(s, 65)->flags = cpu_to_le32(CKPT_TCPCONN_SEND_END))
#define URGENT(s, i)	BODY(s, TCPCONN, i, TCPURGENT, tcpurgent)
DAMAGED(urgent_queued, URGENT(s, 66)->queued = cpu_to_le32(4))
DAMAGED(urgent_state, URGENT(s, 65)->state = cpu_to_le32(4))
DAMAGED(urgent_place, URGENT(s, 65)->place = cpu_to_le32(3))
DAMAGED(urgent_none, URGENT(s, 66)->place = cpu_to_le32(1))
DAMAGED(urgent_byte, URGENT(s, 65)->state = cpu_to_le32(CKPT_URGENT_READ);
	URGENT(s, 65)->byte = cpu_to_le32(1))
#define TCPWAITING(s)	BODY(s, TCPWAITING, 75, TCPWAITING, tcpwaiting)
#define TCPWAITING_CONN(s) BODY(s, TCPWAITING, 75, TCPCONN, tcpconn)
DAMAGED(tcpwaiting_nobody, TCPWAITING(s)->listener = 0)
DAMAGED(tcpwaiting_conn, TCPWAITING(s)->listener = cpu_to_le64(65))
DAMAGED(tcpwaiting_deaf, TCP(s)->state = cpu_to_le32(CKPT_TCP_CLOSED))
DAMAGED(tcpwaiting_port, TCP_INET(s)->local_port = cpu_to_le16(8))
DAMAGED(tcpwaiting_open, TCPWAITING_CONN(s)->flags = 0)
DAMAGED(tcpwaiting_used, TCPWAITING_CONN(s)->queued = cpu_to_le32(1);
	sample_file(s, CKPT_TYPE_TCPDATA, 75)->size = 1)
DAMAGED(tcpwaiting_peer, TCPWAITING_CONN(s)->peer = cpu_to_le64(65))
DAMAGED(tcpwaiting_call, BODY(s, TCPWAITING, 75, TCP, tcp)->call =
	cpu_to_le32(CKPT_TCP_CONNECTING))
DAMAGED(tcpwaiting_data, sample_remove(s, CKPT_TYPE_TCPDATA, 75))
#define TTY(s, i)	BODY(s, TTY, i, TTY, tty)
#define PTY(s, i)	BODY(s, PTY, i, PTY, pty)
#define TTY_END(s, i)	BODY(s, PTY, i, TTY_END, tty_end)
#define TTY_BYTES(s)	((u8 *)pts_end(s) + sizeof(struct ckpt_tty_end))

/* The second of the two records. */
static struct ckpt_tty_end *pts_end(struct sample *s)
{
	struct ckpt_view view = {};
	struct ckpt_cursor cur;
	struct sample_file *file = sample_file(s, CKPT_TYPE_PTY, 1);

	ckpt_cursor_init(&cur, file->w.buf, file->w.len);
	while (ckpt_next(&cur, &view) > 0)
		;
	return (void *)view.body;
}

/* All are of a session that has the first pair for terminal, and 12 is in front. */
static struct ckpt_terminal *give_terminal(struct sample *s)
{
	static const u32 tgids[] = { 13, 12, 10 };
	struct ckpt_terminal *terminal = NULL;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tgids); i++) {
		PROCESS(s, tgids[i])->sid = cpu_to_le32(10);
		terminal = ckpt_add(&sample_file(s, CKPT_TYPE_PROCESS, tgids[i])->w,
				    CKPT_REC_TERMINAL, 0);
		terminal->pty = cpu_to_le64(1);
	}
	PROCESS(s, 10)->flags = cpu_to_le32(CKPT_PROCESS_LEADER);
	PTY(s, 1)->session = cpu_to_le32(10);
	PTY(s, 1)->pgrp = cpu_to_le32(12);
	return terminal;
}

DAMAGED(terminal, give_terminal(s))
DAMAGED(terminal_ended, give_terminal(s); PTY(s, 1)->pgrp = 0;
	PTY(s, 1)->ended = cpu_to_le64(1))
DAMAGED(terminal_lost, give_terminal(s)->old_pgrp = cpu_to_le32(12))
DAMAGED(terminal_of_none, give_terminal(s); PTY(s, 1)->session = 0; PTY(s, 1)->pgrp = 0)
DAMAGED(terminal_of_other, give_terminal(s); PTY(s, 1)->session = cpu_to_le32(12))
DAMAGED(terminal_unled, give_terminal(s)->pty = 0)
DAMAGED(terminal_other, give_terminal(s)->pty = cpu_to_le64(2))
DAMAGED(terminal_no_leader, give_terminal(s); PROCESS(s, 10)->flags = 0)
DAMAGED(terminal_never, struct ckpt_terminal *t = give_terminal(s);
	t->pty = 0; t->old_pgrp = cpu_to_le32(12); PROCESS(s, 10)->flags = 0)
DAMAGED(terminal_twice, give_terminal(s);
	ckpt_add(&sample_file(s, CKPT_TYPE_PROCESS, 10)->w, CKPT_REC_TERMINAL, 0))
/* A session of one process alone. */
static struct ckpt_terminal *lead_alone(struct sample *s, u32 tgid)
{
	struct ckpt_writer *w = &sample_file(s, CKPT_TYPE_PROCESS, tgid)->w;
	struct ckpt_process *process = PROCESS(s, tgid);
	struct ckpt_terminal *terminal;

	process->flags = cpu_to_le32(CKPT_PROCESS_LEADER);
	process->sid = cpu_to_le32(tgid);
	process->pgid = cpu_to_le32(tgid);
	PTY(s, 1)->session = cpu_to_le32(tgid);
	PTY(s, 1)->pgrp = cpu_to_le32(tgid);
	terminal = ckpt_add(w, CKPT_REC_TERMINAL, 0);
	terminal->pty = cpu_to_le64(1);
	return terminal;
}

static void lose_alone(struct sample *s, u32 tgid)
{
	struct ckpt_terminal *terminal = lead_alone(s, tgid);

	terminal->pty = 0;
	terminal->old_pgrp = cpu_to_le32(tgid);
	PTY(s, 1)->session = 0;
	PTY(s, 1)->pgrp = 0;
}

DAMAGED(terminal_left, give_terminal(s); leave(s, 10); PTY(s, 1)->pgrp = cpu_to_le32(9))
DAMAGED(terminal_nowhere, give_terminal(s); PTY(s, 1)->pgrp = cpu_to_le32(9))
DAMAGED(terminal_lost_left, lose_alone(s, 12); add_leader(s, 9);
	BODY(s, PROCESS, 12, TERMINAL, terminal)->old_pgrp = cpu_to_le32(9))
DAMAGED(terminal_lost_nowhere, lose_alone(s, 12);
	BODY(s, PROCESS, 12, TERMINAL, terminal)->old_pgrp = cpu_to_le32(9))
DAMAGED(terminal_alone, lead_alone(s, 12))
DAMAGED(terminal_zombie, lead_alone(s, 13))
DAMAGED(terminal_lost_alone, lose_alone(s, 12))
DAMAGED(terminal_lost_zombie, lose_alone(s, 13))
DAMAGED(terminal_closed, give_terminal(s); PTY(s, 1)->flags = cpu_to_le32(CKPT_PTY_CLOSED))
DAMAGED(pty_no_group, give_terminal(s); PTY(s, 1)->pgrp = 0)
DAMAGED(pty_two_groups, give_terminal(s); PTY(s, 1)->ended = cpu_to_le64(1))
DAMAGED(pty_group, PTY(s, 1)->pgrp = cpu_to_le32(10))
DAMAGED(pty_mode, PTY(s, 1)->mode = cpu_to_le32(0100620))
DAMAGED(pty_status, PTY(s, 1)->status = cpu_to_le32(0x80))
DAMAGED(pty_index, PTY(s, 1)->index = cpu_to_le32(1 << 20))
DAMAGED(pty_gone, sample_remove(s, CKPT_TYPE_PTY, 1))
DAMAGED(pty_path, ckpt_add_path(&sample_file(s, CKPT_TYPE_PTY, 1)->w, CKPT_PATH_FILE, "/"))
DAMAGED(pty_sides, TTY_END(s, 1)->side = cpu_to_le32(CKPT_TTY_PTS))
DAMAGED(pty_third, ckpt_add(&sample_file(s, CKPT_TYPE_PTY, 1)->w, CKPT_REC_TTY_END, 0))
DAMAGED(tty_no_pty, TTY(s, 67)->pty = 0)
DAMAGED(tty_pos, BODY(s, TTY, 68, FILE, file)->pos = cpu_to_le64(1))
DAMAGED(tty_side, TTY(s, 68)->side = cpu_to_le32(CKPT_TTY_PTMX))
DAMAGED(external_flags, BODY(s, EXTERNAL, 80, FILE, file)->flags |= cpu_to_le32(CKPT_O_PATH))
DAMAGED(external_pos, BODY(s, EXTERNAL, 80, FILE, file)->pos = cpu_to_le64(1))
DAMAGED(external_pid, BODY(s, EXTERNAL, 80, EXTERNAL, external)->pid = 0)
DAMAGED(external_fd, BODY(s, EXTERNAL, 80, EXTERNAL, external)->fd = cpu_to_le32(1U << 31))
DAMAGED(external_text, memset(BODY(s, EXTERNAL, 80, EXTERNAL, external) + 1, 'x', 11))
DAMAGED(tty_device, BODY(s, TTY, 68, DEVICE, device)->minor = cpu_to_le32(2))
DAMAGED(tty_console, BODY(s, TTY, 69, DEVICE, device)->minor = cpu_to_le32(1))
DAMAGED(tty_pathless, TTY(s, 70)->flags = 0)
DAMAGED(tty_nowhere, TTY(s, 70)->pty = cpu_to_le64(1); TTY(s, 70)->flags = 0)
DAMAGED(tty_hung_up, TTY(s, 67)->flags = cpu_to_le32(CKPT_TTY_HUNG_UP))
DAMAGED(tty_closed, TTY(s, 67)->pty = cpu_to_le64(2))
DAMAGED(tty_read_only, BODY(s, TTY, 67, FILE, file)->flags = cpu_to_le32(CKPT_O_RDONLY))
DAMAGED(tty_flags, BODY(s, TTY, 70, FILE, file)->flags |= cpu_to_le32(CKPT_O_PATH))
DAMAGED(end_short, pts_end(s)->queued = cpu_to_le32(3))
DAMAGED(end_long, pts_end(s)->read = cpu_to_le32(4097))
DAMAGED(end_lines, pts_end(s)->lines = cpu_to_le32(6))
DAMAGED(end_unmarked, pts_end(s)->lines = cpu_to_le32(2))
DAMAGED(end_marked, TTY_BYTES(s)[5] |= 8)
DAMAGED(end_padding, TTY_BYTES(s)[5] |= 128)
DAMAGED(end_stale, pts_end(s)->flags = cpu_to_le32(CKPT_TTY_END_STALE))
DAMAGED(end_shut, pts_end(s)->flags = cpu_to_le32(CKPT_TTY_END_SHUT))
DAMAGED(end_endless, TTY_END(s, 1)->lflag = cpu_to_le32(CKPT_TTY_ICANON))
DAMAGED(end_extproc, TTY_END(s, 1)->lflag = cpu_to_le32(CKPT_TTY_ICANON | CKPT_TTY_EXTPROC))
DAMAGED(echo_torn, TTY_BYTES(s)[6] = 0xff)
DAMAGED(echo_open, TTY_BYTES(s)[7] = 'x'; TTY_BYTES(s)[9] = 0xff)
DAMAGED(echo_commit, pts_end(s)->echo_commit = cpu_to_le32(2))
DAMAGED(echo_mark, pts_end(s)->echo_mark = cpu_to_le32(5))
DAMAGED(deleted_holder, BODY(s, DELETED, 61, DELETED, deleted)->holder = cpu_to_le64(61))
DAMAGED(deleted_twice, BODY(s, DELETED, 61, DELETED, deleted)->pages = cpu_to_le64(1))
DAMAGED(deleted_mode, BODY(s, DELETED, 60, DELETED, deleted)->mode = cpu_to_le32(0040600))
DAMAGED(deleted_size, BODY(s, DELETED, 60, DELETED, deleted)->size = cpu_to_le64(4096))
DAMAGED(deleted_huge, BODY(s, DELETED, 60, DELETED, deleted)->size = cpu_to_le64(S64_MAX))
DAMAGED(deleted_time,
	BODY(s, DELETED, 60, DELETED, deleted)->mtime_ns = cpu_to_le32(1000000000))
DAMAGED(deleted_path, BODY(s, DELETED, 60, PATH, path)->role = cpu_to_le32(CKPT_PATH_CWD))
DAMAGED(deleted_flags,
	BODY(s, DELETED, 60, FILE, file)->flags |= cpu_to_le32(CKPT_O_PATH))
DAMAGED(deleted_parent, ELEMS(s, DELETED, 60, DELETED, run)->kind =
	cpu_to_le32(CKPT_RUN_PARENT))
DAMAGED(inotify_event,
	BODY(s, INOTIFY, 62, INOTIFY_EVENT, inotify_event)->mask = cpu_to_le32(0x1000))
DAMAGED(inotify_nothing, BODY(s, INOTIFY, 62, INOTIFY_EVENT, inotify_event)->mask = 0)
DAMAGED(inotify_lost,
	BODY(s, INOTIFY, 62, INOTIFY_EVENT, inotify_event)->mask = cpu_to_le32(0x4000))
DAMAGED(inotify_wd, BODY(s, INOTIFY, 62, INOTIFY_EVENT, inotify_event)->wd = 0)
DAMAGED(inotify_flags, BODY(s, INOTIFY, 62, FILE, file)->flags = cpu_to_le32(CKPT_O_RDWR))
DAMAGED(inotify_watches, sample_remove(s, CKPT_TYPE_WATCHES, 62))
DAMAGED(watches_alone, sample_remove(s, CKPT_TYPE_INOTIFY, 62))
DAMAGED(watches_next, BODY(s, WATCHES, 62, WATCHES, watches)->next = cpu_to_le32(BIT(31)))
DAMAGED(watch_wd, BODY(s, WATCHES, 62, WATCH, watch)->wd = 0)
DAMAGED(watch_mask, BODY(s, WATCHES, 62, WATCH, watch)->mask = cpu_to_le32(0x20000000))
DAMAGED(watch_mode, BODY(s, WATCHES, 62, WATCH, watch)->mode = cpu_to_le32(0040755))
DAMAGED(watch_path, ELEMS(s, WATCHES, 62, WATCH, watch)->wd = cpu_to_le32(0x706d7461))

/* What the first event is made of. */
#define FAN_BYTES(s, id) \
	((u8 *)sample_elems(s, CKPT_TYPE_FANOTIFY, id, CKPT_REC_FANEVENT))

DAMAGED(fan_kind, BODY(s, FANOTIFY, 95, FANOTIFY, fanotify)->kind = cpu_to_le32(4))
DAMAGED(fan_open,
	BODY(s, FANOTIFY, 96, FANOTIFY, fanotify)->event_flags = cpu_to_le32(CKPT_O_DIRECT))
DAMAGED(fan_rights, BODY(s, FANOTIFY, 96, FANOTIFY, fanotify)->flags =
	cpu_to_le32(CKPT_FANOTIFY_UNPRIVILEGED))
DAMAGED(fan_marks, sample_remove(s, CKPT_TYPE_FANMARKS, 95))
DAMAGED(fan_task, BODY(s, FANOTIFY, 95, FANEVENT, fanevent)->pid = cpu_to_le32(99))
DAMAGED(fan_both, BODY(s, FANOTIFY, 96, FANEVENT, fanevent)->pid = cpu_to_le32(12))
DAMAGED(fan_told, BODY(s, FANOTIFY, 96, FANEVENT, fanevent)->kind = cpu_to_le32(3))
DAMAGED(fan_untold, BODY(s, FANOTIFY, 95, FANEVENT, fanevent)->kind = cpu_to_le32(2))
DAMAGED(fan_error, BODY(s, FANOTIFY, 95, FANEVENT, fanevent)->mask = cpu_to_le32(0x8000))
DAMAGED(fan_permission, BODY(s, FANOTIFY, 95, FANEVENT, fanevent)->mask |= cpu_to_le32(0x10000))
DAMAGED(fan_lost, BODY(s, FANOTIFY, 96, FANEVENT, fanevent)->kind = cpu_to_le32(1))
DAMAGED(fan_attrib, BODY(s, FANOTIFY, 96, FANEVENT, fanevent)->mask = cpu_to_le32(4))
DAMAGED(fan_fifo, BODY(s, FANOTIFY, 96, FANEVENT, fanevent)->mode = cpu_to_le32(0010000))
DAMAGED(fan_relative, FAN_BYTES(s, 96)[0] = 't')
DAMAGED(fan_short, FAN_BYTES(s, 96)[2] = 0)
DAMAGED(fan_long, FAN_BYTES(s, 96)[4] = 'x')
DAMAGED(fan_sum, BODY(s, FANOTIFY, 95, FANEVENT, fanevent)->name_len = cpu_to_le16(2))
DAMAGED(fan_torn, BODY(s, FANOTIFY, 95, FANEVENT, fanevent)->dir_len = cpu_to_le16(3);
	BODY(s, FANOTIFY, 95, FANEVENT, fanevent)->name_len = cpu_to_le16(2))
DAMAGED(fan_type, BODY(s, FANOTIFY, 95, FANEVENT, fanevent)->dir_type = 0)
DAMAGED(fan_moved, BODY(s, FANOTIFY, 95, FANEVENT, fanevent)->mask = cpu_to_le32(0x40))
DAMAGED(fan_nameless, BODY(s, FANOTIFY, 95, FANEVENT, fanevent)->name_len = 0;
	BODY(s, FANOTIFY, 95, FANEVENT, fanevent)->new_name_len = cpu_to_le16(2))
DAMAGED(fan_slash, FAN_BYTES(s, 95)[8] = '/')
DAMAGED(fan_names, BODY(s, FANOTIFY, 95, FANOTIFY, fanotify)->flags &=
	~cpu_to_le32(CKPT_FANOTIFY_REPORT_NAME))
DAMAGED(fanmarks_alone, sample_remove(s, CKPT_TYPE_FANOTIFY, 95))
DAMAGED(fanmarks_nr, BODY(s, FANMARKS, 95, FANMARKS, fanmarks)->marks = cpu_to_le32(2))
DAMAGED(fanmark_mask, BODY(s, FANMARKS, 95, FANMARK, fanmark)->mask = cpu_to_le32(0x4000))
DAMAGED(fanmark_mode, BODY(s, FANMARKS, 95, FANMARK, fanmark)->mode = cpu_to_le32(0040755))
DAMAGED(fanmark_rest, BODY(s, FANMARKS, 95, FANMARK, fanmark)->handle[4] = 1)
DAMAGED(fanmark_torn, BODY(s, FANMARKS, 95, FANMARK, fanmark)->handle_len = cpu_to_le32(3))
DAMAGED(fanmark_handle, BODY(s, FANMARKS, 96, FANMARK, fanmark)->handle_type = cpu_to_le32(1))
DAMAGED(fanmark_fsid, BODY(s, FANMARKS, 96, FANMARK, fanmark)->fsid = cpu_to_le64(1))
DAMAGED(fanmark_evictable, BODY(s, FANMARKS, 96, FANMARK, fanmark)->flags =
	cpu_to_le32(CKPT_FANMARK_EVICTABLE))
DAMAGED(fanmark_ignore, BODY(s, FANMARKS, 95, FANMARK, fanmark)->flags =
	cpu_to_le32(CKPT_FANMARK_IGNORE))
DAMAGED(fanmark_ignored, BODY(s, FANMARKS, 96, FANMARK, fanmark)->ignored =
	cpu_to_le32(0x40000000))
DAMAGED(fanmark_child, BODY(s, FANMARKS, 96, FANMARK, fanmark)->mask |=
	cpu_to_le32(CKPT_FAN_ON_CHILD))
DAMAGED(fanmark_path, ELEMS(s, FANMARKS, 95, FANMARK, watch)->wd = cpu_to_le32(0x706d7461))

DAMAGED(segment_size, BODY(s, SEGMENT, 1, SEGMENT, segment)->size = 0)
DAMAGED(segment_pages, BODY(s, SEGMENT, 1, SEGMENT, segment)->pages = cpu_to_le64(3))
DAMAGED(segment_key, BODY(s, SEGMENT, 1, IPC, ipc)->key = cpu_to_le32(1))
DAMAGED(segment_mode, BODY(s, SEGMENT, 1, IPC, ipc)->mode = cpu_to_le32(01000))
DAMAGED(segment_id, BODY(s, SEGMENT, 1, IPC, ipc)->id = cpu_to_le32(BIT(31)))
DAMAGED(segment_maker, BODY(s, SEGMENT, 1, SEGMENT, segment)->maker_ended = cpu_to_le64(1))
DAMAGED(segment_last, BODY(s, SEGMENT, 1, SEGMENT, segment)->last = cpu_to_le32(99))
DAMAGED(segment_huge,
	BODY(s, SEGMENT, 1, SEGMENT, segment)->size = cpu_to_le64(1);
	*(struct ckpt_hugetlb *)ckpt_add(&sample_file(s, CKPT_TYPE_SEGMENT, 1)->w,
					 CKPT_REC_HUGETLB, 0) =
	(struct ckpt_hugetlb){ .shift = cpu_to_le32(14) })
DAMAGED(segment_huge_beyond,
	BODY(s, SEGMENT, 1, SEGMENT, segment)->size = cpu_to_le64(1);
	*(struct ckpt_hugetlb *)ckpt_add(&sample_file(s, CKPT_TYPE_SEGMENT, 1)->w,
					 CKPT_REC_HUGETLB, 0) =
	(struct ckpt_hugetlb){ .shift = cpu_to_le32(13) })
DAMAGED(segment_contents, sample_remove(s, CKPT_TYPE_SEGMENTDATA, 1))
DAMAGED(segment_parent, ELEMS(s, SEGMENT, 1, SEGMENT, run)->kind =
	cpu_to_le32(CKPT_RUN_PARENT))
DAMAGED(semaphores_twice,
	ckpt_add(&sample_file(s, CKPT_TYPE_SEMAPHORES, 1)->w, CKPT_REC_SEMAPHORES, 0))
DAMAGED(semaphore_value, ELEMS(s, SEMAPHORES, 1, SEMAPHORES, semaphore)->value =
	cpu_to_le32(32768))
DAMAGED(semaphore_pid, ELEMS(s, SEMAPHORES, 1, SEMAPHORES, semaphore)->pid = cpu_to_le32(10))
DAMAGED(semundo_nothing, BODY(s, TASK, 10, SEMUNDO, semundo)->semaphores = 0)
DAMAGED(semundo_others, BODY(s, TASK, 10, SEMUNDO, semundo)->semaphores = cpu_to_le64(2))
DAMAGED(semundo_fewer, struct ckpt_semundo *undo =
	ckpt_add(&sample_file(s, CKPT_TYPE_TASK, 10)->w, CKPT_REC_SEMUNDO, 1);
	if (undo)
		undo->semaphores = cpu_to_le64(1))
DAMAGED(queue_limit, BODY(s, QUEUE, 1, QUEUE, queue)->limit = cpu_to_le64(BIT(31)))
DAMAGED(queue_sender, BODY(s, QUEUE, 1, QUEUE, queue)->sender_ended = cpu_to_le64(1))
DAMAGED(message_type, BODY(s, QUEUE, 1, MESSAGE, message)->type = 0)
DAMAGED(message_negative, BODY(s, QUEUE, 1, MESSAGE, message)->type = cpu_to_le64(U64_MAX))
#define MQUEUE(s)	BODY(s, MQUEUE, 1, MQUEUE, mqueue)
DAMAGED(mqueue_nothing, MQUEUE(s)->maxmsg = 0)
DAMAGED(mqueue_size, MQUEUE(s)->msgsize = cpu_to_le32(2))
DAMAGED(mqueue_huge, MQUEUE(s)->maxmsg = cpu_to_le32(65537))
DAMAGED(mqueue_mode, MQUEUE(s)->mode = cpu_to_le32(0010600))
DAMAGED(mqueue_time, MQUEUE(s)->mtime_ns = cpu_to_le32(1000000000))
DAMAGED(mqueue_owner, MQUEUE(s)->owner = cpu_to_le32(99))
DAMAGED(mqueue_nobody, MQUEUE(s)->owner = 0)
DAMAGED(mqueue_untold, MQUEUE(s)->notify = 0)
DAMAGED(mqueue_silent, MQUEUE(s)->notify = cpu_to_le32(CKPT_MQUEUE_SILENT))
DAMAGED(mqueue_signal, MQUEUE(s)->signal = cpu_to_le32(65))
DAMAGED(mqueue_twice, struct ckpt_writer *w = &sample_file(s, CKPT_TYPE_MQUEUE, 1)->w;
	void *name = ckpt_add(w, CKPT_REC_NAME, 2);
	if (name)
		memcpy(ckpt_elems(name), "a", 2))
DAMAGED(mqueue_name,
	((char *)sample_elems(s, CKPT_TYPE_MQUEUE, 1, CKPT_REC_NAME))[1] = '/')
DAMAGED(mqueue_full, ckpt_add(&sample_file(s, CKPT_TYPE_MQUEUE, 1)->w, CKPT_REC_MQMESSAGE, 0))
DAMAGED(mqueue_order, BODY(s, MQUEUE, 1, MQMESSAGE, mqmessage)->priority = 0;
	struct ckpt_writer *w = &sample_file(s, CKPT_TYPE_MQUEUE, 1)->w;
	struct ckpt_mqmessage *msg = ckpt_add(w, CKPT_REC_MQMESSAGE, 0);
	MQUEUE(s)->maxmsg = cpu_to_le32(3);
	if (msg)
		msg->priority = cpu_to_le32(1))
DAMAGED(mqmessage_priority, BODY(s, MQUEUE, 1, MQMESSAGE, mqmessage)->priority =
	cpu_to_le32(32768))
DAMAGED(mqfile_nothing, BODY(s, MQFILE, 81, MQFILE, mqfile)->queue = 0)
DAMAGED(mqfile_other, BODY(s, MQFILE, 81, MQFILE, mqfile)->queue = cpu_to_le64(2))
DAMAGED(mqfile_flags, BODY(s, MQFILE, 81, FILE, file)->flags = cpu_to_le32(CKPT_O_PATH))
DAMAGED(mqfile_inode, BODY(s, MQFILE, 82, INODE, inode)->mode = cpu_to_le32(0010600))
DAMAGED(mqfile_path, ckpt_add_path(&sample_file(s, CKPT_TYPE_MQFILE, 81)->w, CKPT_PATH_FILE,
				   "/dev/mqueue/name"))
#define KEY(s, id)	BODY(s, KEY, id, KEY, key)
#define LINKS(s, TYPE, id) ((__le64 *)sample_elems(s, CKPT_TYPE_##TYPE, id, CKPT_REC_KEYS))
DAMAGED(key_kind, KEY(s, 3)->kind = 0)
DAMAGED(key_other_kind, KEY(s, 3)->kind = cpu_to_le32(4))
DAMAGED(key_special, KEY(s, 4)->serial = cpu_to_le32(-2))
DAMAGED(key_nothing, KEY(s, 4)->serial = 0)
DAMAGED(key_perm, KEY(s, 3)->perm = cpu_to_le32(0x40))
DAMAGED(key_time, KEY(s, 3)->expiry = cpu_to_le64(BIT_ULL(63)))
DAMAGED(key_type, KEY(s, 3)->type[0] = 'x')
DAMAGED(key_type_long, memset(KEY(s, 4)->type, 'x', 32))
DAMAGED(key_type_none, memset(KEY(s, 4)->type, 0, 32))
DAMAGED(key_ring_type, KEY(s, 2)->type[0] = 'x')
DAMAGED(key_ring_name, ((char *)sample_elems(s, CKPT_TYPE_KEY, 2, CKPT_REC_KEY))[0] = '.')
DAMAGED(key_no_name, struct ckpt_writer *w = &sample_file(s, CKPT_TYPE_KEY, 4)->w;
	w->len = 0;
	struct ckpt_key *key = ckpt_add(w, CKPT_REC_KEY, 1);
	if (key)
		*key = (struct ckpt_key){ .kind = cpu_to_le32(CKPT_KEY_EXISTING),
					  .serial = cpu_to_le32(1), .type = "user" })
DAMAGED(key_not_made, KEY(s, 1)->kind = cpu_to_le32(CKPT_KEY_EXISTING))
DAMAGED(key_not_read, KEY(s, 3)->kind = cpu_to_le32(CKPT_KEY_EXISTING))
DAMAGED(key_unread, KEY(s, 4)->kind = cpu_to_le32(CKPT_KEY_USER))
DAMAGED(key_empty, struct ckpt_writer *w = &sample_file(s, CKPT_TYPE_KEY, 3)->w;
	w->len -= 24;
	ckpt_add(w, CKPT_REC_PAYLOAD, 0))
DAMAGED(key_twice, ckpt_add(&sample_file(s, CKPT_TYPE_KEY, 3)->w, CKPT_REC_PAYLOAD, 1))
DAMAGED(key_links_twice, ckpt_add(&sample_file(s, CKPT_TYPE_KEY, 2)->w, CKPT_REC_KEYS, 0))
DAMAGED(key_links_none, sample_file(s, CKPT_TYPE_KEY, 2)->w.len -= 16)
DAMAGED(key_link_nothing, LINKS(s, KEY, 1)[0] = 0)
DAMAGED(key_link_gone, LINKS(s, KEY, 1)[0] = cpu_to_le64(99))
DAMAGED(creds_session, LINKS(s, CREDS, 1)[0] = cpu_to_le64(3))
DAMAGED(creds_process, LINKS(s, CREDS, 1)[1] = cpu_to_le64(4))
DAMAGED(creds_gone, LINKS(s, CREDS, 1)[2] = cpu_to_le64(99))
DAMAGED(creds_keyrings_twice, ckpt_add(&sample_file(s, CKPT_TYPE_CREDS, 1)->w,
				       CKPT_REC_KEYS, 3))
DAMAGED(creds_two_keyrings, struct ckpt_writer *w = &sample_file(s, CKPT_TYPE_CREDS, 1)->w;
	w->len -= 40;
	ckpt_add(w, CKPT_REC_KEYS, 2))
#define PROCFILE(s, id)	BODY(s, PROCFILE, id, PROCFILE, procfile)
DAMAGED(procfile_task, PROCFILE(s, 83)->pid = cpu_to_le32(99))
DAMAGED(procfile_thread, PROCFILE(s, 83)->tid = cpu_to_le32(99))
DAMAGED(procfile_nobody, PROCFILE(s, 83)->pid = 0)
DAMAGED(procfile_alone, PROCFILE(s, 83)->pid = 0; PROCFILE(s, 83)->tid = 0)
DAMAGED(procfile_opener, PROCFILE(s, 85)->creds = 0)
DAMAGED(procfile_creds, PROCFILE(s, 85)->creds = cpu_to_le64(99))
DAMAGED(procfile_inode, BODY(s, PROCFILE, 85, INODE, inode)->mode = cpu_to_le32(0020444))
DAMAGED(procfile_flags, BODY(s, PROCFILE, 85, FILE, file)->flags = cpu_to_le32(CKPT_O_PATH))
DAMAGED(procfile_read, BODY(s, PROCFILE, 83, SEQFILE, seqfile)->read_pos = cpu_to_le64(U64_MAX))
DAMAGED(procfile_twice, ckpt_add(&sample_file(s, CKPT_TYPE_PROCFILE, 83)->w, CKPT_REC_SEQFILE, 0))
DAMAGED(procfile_dir, ckpt_add(&sample_file(s, CKPT_TYPE_PROCFILE, 84)->w, CKPT_REC_SEQFILE, 0))
#define NODE(s, id)	BODY(s, UNNAMED, id, UNNAMED, unnamed)
DAMAGED(unnamed_mode, NODE(s, 1)->mode = cpu_to_le32(0100600))
DAMAGED(unnamed_time, NODE(s, 1)->mtime_ns = cpu_to_le32(1000000000))
DAMAGED(unnamed_path, BODY(s, UNNAMED, 2, PATH, path)->role = cpu_to_le32(CKPT_PATH_CWD))
DAMAGED(deldir_fifo, BODY(s, DELDIR, 87, NAMELESS, nameless)->unnamed = cpu_to_le64(2))
DAMAGED(deldir_nothing, BODY(s, DELDIR, 87, NAMELESS, nameless)->unnamed = 0)
DAMAGED(deldir_flags, BODY(s, DELDIR, 87, FILE, file)->flags = cpu_to_le32(CKPT_O_WRONLY))
DAMAGED(kernfile_opener, BODY(s, KERNFILE, 86, KERNFILE, kernfile)->creds = 0)
DAMAGED(kernfile_creds, BODY(s, KERNFILE, 86, KERNFILE, kernfile)->creds = cpu_to_le64(99))
DAMAGED(kernfile_inode, BODY(s, KERNFILE, 86, INODE, inode)->mode = cpu_to_le32(0040644))
DAMAGED(kernfile_flags, BODY(s, KERNFILE, 86, FILE, file)->flags =
	cpu_to_le32(CKPT_O_DIRECTORY))
DAMAGED(kernfile_twice, ckpt_add(&sample_file(s, CKPT_TYPE_KERNFILE, 86)->w, CKPT_REC_SEQFILE, 0))
DAMAGED(attach_nothing, BODY(s, ATTACH, 71, ATTACH, attach)->segment = 0)
DAMAGED(attach_flags, BODY(s, ATTACH, 71, FILE, file)->flags = cpu_to_le32(CKPT_O_WRONLY))
DAMAGED(attach_fd, ELEMS(s, FDTABLE, 1, FDTABLE, fd)->file = cpu_to_le64(71))
DAMAGED(attach_private, VMA(s, 1)[0].file = cpu_to_le64(71))
DAMAGED(regular_flags,
	BODY(s, REGULAR, 1, FILE, file)->flags |= cpu_to_le32(CKPT_O_DIRECTORY))
DAMAGED(vma_unnamed, VMA(s, 1)[2].flags = 0)

#define RING(s)		BODY(s, VMAS, 1, AIO, aio)

DAMAGED(ring_no_mapping, RING(s)->start = VMA(s, 1)[2].start)
DAMAGED(ring_no_kind, VMA(s, 1)[3].kind = cpu_to_le32(CKPT_VMA_ANON))
DAMAGED(ring_twice,
	*(struct ckpt_aio *)ckpt_add(&sample_file(s, CKPT_TYPE_VMAS, 1)->w, CKPT_REC_AIO, 0) =
	*RING(s))
DAMAGED(ring_none, VMA(s, 1)[1].kind = cpu_to_le32(CKPT_VMA_AIO); VMA(s, 1)[1].key = 0)
DAMAGED(ring_file, VMA(s, 1)[3].file = cpu_to_le64(1))
DAMAGED(ring_offset, VMA(s, 1)[3].offset = cpu_to_le64(CKPT_PAGE_SIZE))
DAMAGED(ring_locked, VMA(s, 1)[3].flags = cpu_to_le32(CKPT_VMA_LOCKED))
DAMAGED(ring_dontfork, VMA(s, 1)[3].flags = cpu_to_le32(CKPT_VMA_DONTFORK))
DAMAGED(ring_head, RING(s)->head = cpu_to_le32(2047))
DAMAGED(ring_tail, RING(s)->tail = cpu_to_le32(2047))
DAMAGED(ring_last, RING(s)->head = RING(s)->tail = cpu_to_le32(2046))
DAMAGED(ring_asked_none, RING(s)->asked = 0)
DAMAGED(ring_asked_all, RING(s)->asked = cpu_to_le32(1022))
DAMAGED(ring_asked_more, RING(s)->asked = cpu_to_le32(1023))
DAMAGED(ring_asked_many, RING(s)->asked = cpu_to_le32(CKPT_AIO_MAX + 1))
DAMAGED(ring_small,
	VMA(s, 1)[3].end = cpu_to_le64(le64_to_cpu(VMA(s, 1)[3].start) + CKPT_PAGE_SIZE))
DAMAGED(ring_huge,
	VMA(s, 1)[3].end = cpu_to_le64(le64_to_cpu(VMA(s, 1)[3].start) + (257ULL << 20)))

#define UFFD(s)		BODY(s, USERFAULTFD, 110, USERFAULTFD, userfaultfd)
#define REGISTERED(s)	BODY(s, VMAS, 1, UFFD, uffd)
#define STATE(s)	ELEMS(s, VMAS, 1, UFFD, uffd_run)

/* The fifth mapping becomes one of shared memory. */
static void share(struct sample *s, u32 flags, u32 state)
{
	VMA(s, 1)[4].kind = cpu_to_le32(CKPT_VMA_SHARED);
	VMA(s, 1)[4].file = cpu_to_le64(6);
	VMA(s, 1)[4].flags = cpu_to_le32(flags);
	STATE(s)[0].flags = STATE(s)[1].flags = cpu_to_le32(state);
}

DAMAGED(uffd_feature, UFFD(s)->features |= cpu_to_le32(1 << 17))
DAMAGED(uffd_flags, UFFD(s)->flags |= cpu_to_le32(1 << 5))
DAMAGED(uffd_early, UFFD(s)->flags = 0)
DAMAGED(uffd_not_ready, UFFD(s)->flags = 0; UFFD(s)->features = 0)
DAMAGED(uffd_other, UFFD(s)->mm = cpu_to_le64(2))
DAMAGED(uffd_nobody, UFFD(s)->mm = 0)
DAMAGED(uffd_no_mm, UFFD(s)->mm = cpu_to_le64(99))
DAMAGED(uffd_mode, BODY(s, USERFAULTFD, 110, FILE, file)->flags = cpu_to_le32(CKPT_O_RDWR))
DAMAGED(uffd_gone, sample_remove(s, CKPT_TYPE_USERFAULTFD, 110))
DAMAGED(uffd_no_file, REGISTERED(s)->file = 0)
DAMAGED(uffd_no_uffd, REGISTERED(s)->file = cpu_to_le64(20))
DAMAGED(uffd_no_mapping, REGISTERED(s)->start = VMA(s, 1)[2].start)
DAMAGED(uffd_no_mode, VMA(s, 1)[4].flags = 0)
DAMAGED(uffd_none, VMA(s, 1)[1].flags = cpu_to_le32(CKPT_VMA_UFFD_WP))
DAMAGED(uffd_ring, VMA(s, 1)[3].flags = cpu_to_le32(CKPT_VMA_UFFD_WP))
DAMAGED(uffd_twice,
	*(struct ckpt_uffd *)ckpt_add(&sample_file(s, CKPT_TYPE_VMAS, 1)->w, CKPT_REC_UFFD, 0) =
	*REGISTERED(s))
DAMAGED(state_empty, STATE(s)->pages = 0)
DAMAGED(state_unaligned, STATE(s)->start ^= cpu_to_le64(8))
DAMAGED(state_order, STATE(s)[1].start = STATE(s)[0].start)
DAMAGED(state_below, STATE(s)->start = VMA(s, 1)[3].start)
DAMAGED(state_above, STATE(s)[2].start = VMA(s, 1)[4].end)
DAMAGED(state_long, STATE(s)[2].pages = cpu_to_le32(U32_MAX))
DAMAGED(state_none, STATE(s)->flags = 0)
DAMAGED(state_unknown, STATE(s)->flags = cpu_to_le32(1 << 4))
DAMAGED(state_two, STATE(s)->flags = cpu_to_le32(CKPT_UFFD_RUN_ZERO | CKPT_UFFD_RUN_MAPPED))
DAMAGED(state_poison, STATE(s)[2].flags |= cpu_to_le32(CKPT_UFFD_RUN_PROTECTED))
DAMAGED(state_unprotected, VMA(s, 1)[4].flags = cpu_to_le32(CKPT_VMA_UFFD_MISSING))
DAMAGED(state_mapped, STATE(s)->flags = cpu_to_le32(CKPT_UFFD_RUN_MAPPED))
DAMAGED(state_shared_zero, share(s, CKPT_VMA_UFFD_MINOR, CKPT_UFFD_RUN_ZERO))
DAMAGED(state_shared_mapped, share(s, CKPT_VMA_UFFD_MINOR, CKPT_UFFD_RUN_MAPPED))
DAMAGED(uffd_huge,
	share(s, CKPT_VMA_UFFD_MINOR | CKPT_VMA_HUGETLB, CKPT_UFFD_RUN_MAPPED))
DAMAGED(state_locked, share(s, CKPT_VMA_UFFD_MISSING | CKPT_VMA_LOCKED, CKPT_UFFD_RUN_MAPPED))

#define POLICY(s)	BODY(s, VMAS, 1, POLICY, policy)
#define RANGE(s)	BODY(s, MEMFD, 30, POLICY, policy)

DAMAGED(policy_nowhere, *(__le64 *)(POLICY(s) + 1) = 0)
DAMAGED(policy_local, POLICY(s)->mode = cpu_to_le32(CKPT_POLICY_LOCAL))
DAMAGED(policy_default, POLICY(s)->mode = 0)
DAMAGED(policy_mode, POLICY(s)->mode = cpu_to_le32(CKPT_POLICY_WEIGHTED + 1))
DAMAGED(policy_flags, POLICY(s)->flags |= cpu_to_le32(CKPT_POLICY_RELATIVE))
DAMAGED(policy_home, POLICY(s)->mode = cpu_to_le32(CKPT_POLICY_INTERLEAVE))
DAMAGED(policy_far, POLICY(s)->home = cpu_to_le32(CKPT_NODE_WORDS * 64 + 1))
DAMAGED(policy_no_mapping, POLICY(s)->start = VMA(s, 1)->end)
DAMAGED(policy_part,
	POLICY(s)->end = cpu_to_le64(le64_to_cpu(POLICY(s)->start) + CKPT_PAGE_SIZE))
DAMAGED(policy_unaligned, RANGE(s)->start = cpu_to_le64(1))
DAMAGED(policy_no_page, RANGE(s)->end = 0)
DAMAGED(policy_beyond, RANGE(s)->end = cpu_to_le64(1ULL << 63))
DAMAGED(policy_overlap, RANGE(s)->end = cpu_to_le64(2 * CKPT_PAGE_SIZE))
DAMAGED(policy_other,
	*(struct ckpt_policy *)ckpt_add(&sample_file(s, CKPT_TYPE_MEMFD, 31)->w,
					CKPT_REC_POLICY, 2) = *RANGE(s))
DAMAGED(policy_half,
	*(struct ckpt_policy *)ckpt_add(&sample_file(s, CKPT_TYPE_VMAS, 1)->w,
					CKPT_REC_POLICY, 1) = *POLICY(s))
DAMAGED(mempolicy_twice,
	ckpt_add(&sample_file(s, CKPT_TYPE_TASK, 10)->w, CKPT_REC_MEMPOLICY, 2))
DAMAGED(mempolicy_half,
	ckpt_add(&sample_file(s, CKPT_TYPE_TASK, 11)->w, CKPT_REC_MEMPOLICY, 1))

/* Of the first version, with more than that could have. */
static void mempolicy_old(struct sample *s)
{
	struct ckpt_record *rec = ckpt_add(&sample_file(s, CKPT_TYPE_TASK, 11)->w,
					   CKPT_REC_MEMPOLICY, CKPT_NODE_WORDS + 2);

	rec[-1].version = cpu_to_le16(1);
}
DAMAGED(file_kind, BODY(s, REGULAR, 1, FILE, file)->type = cpu_to_le32(CKPT_TYPE_MM))
DAMAGED(file_pos, BODY(s, REGULAR, 1, FILE, file)->pos = cpu_to_le64(BIT_ULL(63)))
DAMAGED(record_foreign, ckpt_add(&sample_file(s, CKPT_TYPE_CREDS, 1)->w, CKPT_REC_FS, 0))
DAMAGED(record_twice, ckpt_add(&sample_file(s, CKPT_TYPE_CREDS, 1)->w, CKPT_REC_CREDS, 0))
DAMAGED(record_half, sample_file(s, CKPT_TYPE_CREDS, 1)->w.len -= 8)
DAMAGED(file_empty, sample_file(s, CKPT_TYPE_CREDS, 1)->w.len = 0)

#define PARENT 0xa5
#define VMAS(s, id) (&sample_file(s, CKPT_TYPE_VMAS, id)->w)

DAMAGED(difference, sample_differ(s, PARENT))
DAMAGED(parent_bit, HEADER(s)->incompat = cpu_to_le64(CKPT_INCOMPAT_PARENT))
DAMAGED(parent_no_bit, sample_differ(s, PARENT); HEADER(s)->incompat = 0)
DAMAGED(parent_self, sample_differ(s, HEADER(s)->id[0]))
DAMAGED(parent_full, sample_differ(s, 0); HEADER(s)->incompat = 0)
DAMAGED(parent_unnamed, sample_differ(s, PARENT); RUN(s, 2)->kind = cpu_to_le32(CKPT_RUN_PARENT);
	BODY(s, VMAS, 2, RUNS, runs)->pages = 0;
	sample_file(s, CKPT_TYPE_PAGES, 2)->size = 0)
DAMAGED(parent_zero, sample_differ(s, PARENT); BODY(s, VMAS, 1, PARENT, parent)->id = 0)
DAMAGED(parent_unused, sample_differ(s, PARENT); ckpt_add(VMAS(s, 2), CKPT_REC_PARENT, 0);
	BODY(s, VMAS, 2, PARENT, parent)->id = cpu_to_le64(2))
DAMAGED(parent_twice, sample_differ(s, PARENT); ckpt_add(VMAS(s, 1), CKPT_REC_PARENT, 0))
/* The same of the parent's spaces, in two. */
DAMAGED(parent_shared, sample_differ(s, PARENT); RUN(s, 2)->kind = cpu_to_le32(CKPT_RUN_PARENT);
	BODY(s, VMAS, 2, RUNS, runs)->pages = 0;
	sample_file(s, CKPT_TYPE_PAGES, 2)->size = 0;
	ckpt_add(VMAS(s, 2), CKPT_REC_PARENT, 0);
	BODY(s, VMAS, 2, PARENT, parent)->id = cpu_to_le64(1))
DAMAGED(parent_empty, sample_differ(s, PARENT); RUN(s, 1)[1].kind = cpu_to_le32(CKPT_RUN_PARENT);
	BODY(s, VMAS, 1, RUNS, runs)->pages = 0; sample_remove(s, CKPT_TYPE_PAGES, 1))
DAMAGED(parent_outside, sample_differ(s, PARENT); RUN(s, 1)->pages = cpu_to_le32(16))
DAMAGED(parent_overlap, sample_differ(s, PARENT); RUN(s, 1)[1].start = RUN(s, 1)->start)

static const struct damage_case {
	const char *name;
	void (*damage)(struct sample *s);
	int result;
} damage_cases[] = {
#define ROW(damage, result) { #damage, damage, result }
	ROW(bad_magic, -EUCLEAN),	ROW(bad_format, -EOPNOTSUPP),
	ROW(bad_arch, -EOPNOTSUPP),	ROW(bad_page_size, -EOPNOTSUPP),
	ROW(bad_incompat, -EOPNOTSUPP),	ROW(bad_name, -EUCLEAN),
	ROW(bad_name_tail, -EUCLEAN),	ROW(bad_nr_tasks, -EUCLEAN),
	ROW(has_parent, -EUCLEAN),	ROW(no_cpu, -EUCLEAN),
	ROW(cpu_reserved, -EUCLEAN),	ROW(no_parent_task, -EUCLEAN),
	ROW(own_parent, -EUCLEAN),	ROW(cycle, -EUCLEAN),
	ROW(no_leader, -EUCLEAN),	ROW(other_process, -EUCLEAN),
	ROW(other_mm, -EUCLEAN),	ROW(no_mm, -EUCLEAN),
	ROW(bad_state, -EUCLEAN),	ROW(bad_flags, -EUCLEAN),
	ROW(ssb_twice, -EUCLEAN),	ROW(ib_twice, -EUCLEAN),
	ROW(task_reserved, -EUCLEAN),
	ROW(bad_comm, -EUCLEAN),	ROW(tid_not_id, -EUCLEAN),
	ROW(big_tid, -EUCLEAN),		ROW(vfork_nobody, -EUCLEAN),
	ROW(vfork_unasked, -EUCLEAN),	ROW(thread_signal, -EUCLEAN),
	ROW(leader_no_signal, -EUCLEAN), ROW(thread_ppid, -EUCLEAN),
	ROW(zombie_parent, -EUCLEAN),	ROW(vfork_other, -EUCLEAN),
	ROW(vfork_thread, -EUCLEAN),	ROW(zombie_runs, -EUCLEAN),
	ROW(zombie_mm, -EUCLEAN),	ROW(zombie_thread, -EUCLEAN),
	ROW(maker_nobody, -EUCLEAN),	ROW(maker_itself, -EUCLEAN),
	ROW(maker_clone, -EUCLEAN),	ROW(maker_zombie, -EUCLEAN),
	ROW(maker_of_thread, -EUCLEAN),	ROW(maker_thread, -EUCLEAN),
	ROW(zombie_creds, -EUCLEAN),	ROW(zombie_alone, -EUCLEAN),
	ROW(zombie_leads, 0),		ROW(zombie_bare, -EUCLEAN),
	ROW(zombie_other_mm, -EUCLEAN),
	ROW(vfork_zombie, -EUCLEAN),	ROW(no_regs, -EUCLEAN),
	ROW(no_task, -EUCLEAN),		ROW(no_process, -EUCLEAN),
	ROW(no_group_leader, -EUCLEAN),	ROW(no_session_leader, -EUCLEAN),
	ROW(group_of_session, -EUCLEAN), ROW(leads_no_session, -EUCLEAN),
	ROW(left_group, 0),		ROW(left_session, 0),
	ROW(left_nowhere, -EUCLEAN),	ROW(left_elsewhere, -EUCLEAN),
	ROW(left_number, -EUCLEAN),	ROW(left_task, -EUCLEAN),
	ROW(left_ended, 0),		ROW(ended_nobody, -EUCLEAN),
	ROW(owner_left, 0),		ROW(terminal_left, 0),
	ROW(terminal_nowhere, -EUCLEAN), ROW(terminal_lost_left, 0),
	ROW(terminal_lost_nowhere, -EUCLEAN),
	ROW(sched_policy, -EUCLEAN),	ROW(sched_priority, -EUCLEAN),
	ROW(sched_clamp, -EUCLEAN),	ROW(oom_least, -EUCLEAN),
	ROW(core_group_none, -EUCLEAN),	ROW(core_group_reserved, -EUCLEAN),
	ROW(core_group_twice, -EUCLEAN),
	ROW(autogroup_nice, -EUCLEAN),
	ROW(pdeath_signal, -EUCLEAN),	ROW(ptracer_nobody, -EUCLEAN),
	ROW(tracee_of_nobody, -EUCLEAN), ROW(tracee_of_zombie, -EUCLEAN),
	ROW(tracee_of_itself, -EUCLEAN), ROW(tracee_runs, -EUCLEAN),
	ROW(tracee_no_stop, -EUCLEAN),	ROW(tracee_group, -EUCLEAN),
	ROW(tracee_trapped, 0),		ROW(tracee_attached, 0),
	ROW(tracee_not_seized, -EUCLEAN), ROW(tracee_interrupted, -EUCLEAN),
	ROW(tracee_code, -EUCLEAN),	ROW(tracee_twice, -EUCLEAN),
	ROW(tracee_code_of_signal, 0),	ROW(tracee_code_of_none, -EUCLEAN),
	ROW(tracee_code_of_trap, -EUCLEAN), ROW(tracee_code_of_event, -EUCLEAN),
	ROW(tracee_trap_told, 0),
	ROW(breakpoint_not_set, -EUCLEAN), ROW(breakpoint_at_none, 0),
	ROW(breakpoint_fifth, -EUCLEAN),
	ROW(tracee_vforks, -EUCLEAN),
	ROW(filter_upon_itself, -EUCLEAN), ROW(filter_upon_later, -EUCLEAN),
	ROW(filter_upon_none, -EUCLEAN), ROW(filter_flags, -EUCLEAN),
	ROW(no_filter, -EUCLEAN),	ROW(filter_empty, -EUCLEAN),
	ROW(timer_no_clock, -EUCLEAN),	ROW(timer_no_task, -EUCLEAN),
	ROW(timer_clock_of, -EUCLEAN),	ROW(timer_relative, -EUCLEAN),
	ROW(timer_id, -EUCLEAN),	ROW(timer_never, -EUCLEAN),
	ROW(timer_no_interval, -EUCLEAN), ROW(timer_interval, -EUCLEAN),
	ROW(timer_twice, -EUCLEAN),	ROW(timer_none, -EUCLEAN),
	ROW(timer_notify, -EUCLEAN),	ROW(timer_overrun, -EUCLEAN),
	ROW(timer_next, -EUCLEAN),	ROW(alarm_never, -EUCLEAN),
	ROW(alarm_interval, -EUCLEAN),	ROW(usage_long, -EUCLEAN),
	ROW(usage_nobody, -EUCLEAN),
	ROW(session_of_other, -EUCLEAN), ROW(leader_in_group, -EUCLEAN),
	ROW(group_outside, -EUCLEAN),	ROW(group_nowhere, -EUCLEAN),
	ROW(ldt, 0),			ROW(ldt_twice, -EUCLEAN),
	ROW(ldt_empty, -EUCLEAN),	ROW(ldt_number, -EUCLEAN),
	ROW(ldt_order, -EUCLEAN),	ROW(ldt_flags, -EUCLEAN),
	ROW(keys_new, 0),		ROW(keys_all, 0),
	ROW(keys_none, 0),		ROW(keys_zero, 0),
	ROW(keys_zero_free, -EUCLEAN),	ROW(keys_free, -EUCLEAN),
	ROW(keys_two, -EUCLEAN),	ROW(vma_key, 0),
	ROW(vma_key_high, -EUCLEAN),
	ROW(vma_huge, 0),		ROW(vma_huge_private, 0),
	ROW(vma_huge_anon, -EUCLEAN),	ROW(vma_huge_locked, -EUCLEAN),
	ROW(vma_huge_account, -EUCLEAN), ROW(vma_unreserved, -EUCLEAN),
	ROW(vma_unreserved_shared, -EUCLEAN), ROW(vma_unreserved_twice, -EUCLEAN),
	ROW(huge_small, -EUCLEAN),	ROW(huge_large, -EUCLEAN),
	ROW(huge_part, -EUCLEAN),	ROW(huge_reserved, -EUCLEAN),
	ROW(huge_twice, -EUCLEAN),
	ROW(no_vmas, -EUCLEAN),		ROW(vma_empty, -EUCLEAN),
	ROW(vma_unaligned, -EUCLEAN),	ROW(vma_overlap, -EUCLEAN),
	ROW(vma_kernel, -EUCLEAN),	ROW(vma_no_file, -EUCLEAN),
	ROW(run_outside, -EUCLEAN),	ROW(run_empty, -EUCLEAN),
	ROW(run_overlap, -EUCLEAN),	ROW(run_far, -EUCLEAN),
	ROW(run_unaligned, -EUCLEAN),	ROW(run_sum, -EUCLEAN),
	ROW(pages_short, -EUCLEAN),	ROW(source_self, -EUCLEAN),
	ROW(source_later, -EUCLEAN),	ROW(source_none, -EUCLEAN),
	ROW(source_lacks, -EUCLEAN),	ROW(source_below, -EUCLEAN),
	ROW(no_file, -EUCLEAN),		ROW(no_pipe, -EUCLEAN),
	ROW(pipe_size, -EUCLEAN),	ROW(shmem_sum, -EUCLEAN),
	ROW(shmem_beyond, -EUCLEAN),	ROW(shmem_source, -EUCLEAN),
	ROW(owner_type, -EUCLEAN),	ROW(owner_nobody, -EUCLEAN),
	ROW(owner_untyped, -EUCLEAN),	ROW(owner_fd, -EUCLEAN),
	ROW(owner_twice, -EUCLEAN),	ROW(owner_foreign, -EUCLEAN),
	ROW(eventfd_count, -EUCLEAN),	ROW(eventfd_mode, -EUCLEAN),
	ROW(eventfd_pos, -EUCLEAN),	ROW(signalfd_flags, -EUCLEAN),
	ROW(timerfd_disarmed, -EUCLEAN), ROW(timerfd_canceled, -EUCLEAN),
	ROW(timerfd_far, -EUCLEAN),
	ROW(epoll_itself, -EUCLEAN),	ROW(epoll_circle, -EUCLEAN),
	ROW(epoll_nothing, -EUCLEAN),	ROW(epoll_missing, -EUCLEAN),
	ROW(epoll_deep, -EUCLEAN),	ROW(epoll_sighand, -EUCLEAN),
	ROW(pidfd_thread, -EUCLEAN),	ROW(pidfd_nobody, -EUCLEAN),
	ROW(namespace_none, -EUCLEAN),	ROW(namespace_kind, -EUCLEAN),
	ROW(namespace_mode, -EUCLEAN),	ROW(namespace_pos, -EUCLEAN),
	ROW(pidfd_both, -EUCLEAN),	ROW(pidfd_nothing, -EUCLEAN),
	ROW(lock_no_file, -EUCLEAN),	ROW(lock_no_table, -EUCLEAN),
	ROW(lock_two_owners, -EUCLEAN),	ROW(lock_backwards, -EUCLEAN),
	ROW(lock_kind, -EUCLEAN),
	ROW(lease_no_file, -EUCLEAN),	ROW(lease_missing, -EUCLEAN),
	ROW(lease_external, -EUCLEAN),	ROW(lease_type, -EUCLEAN),
	ROW(lease_flags, -EUCLEAN),	ROW(lease_for_ever, -EUCLEAN),
	ROW(lease_twice, -EUCLEAN),
	ROW(memfd_holder, -EUCLEAN),	ROW(memfd_twice, -EUCLEAN),
	ROW(memfd_mode, -EUCLEAN),	ROW(memfd_pages, -EUCLEAN),
	ROW(memfd_contents, -EUCLEAN),
	ROW(memfd_late, 0),		ROW(memfd_late_huge, -EUCLEAN),
	ROW(memfd_huge, 0),		ROW(memfd_huge_part, -EUCLEAN),
	ROW(memfd_huge_other, -EUCLEAN),
	ROW(policy_nowhere, -EUCLEAN),	ROW(policy_local, -EUCLEAN),
	ROW(policy_default, -EUCLEAN),	ROW(policy_mode, -EUCLEAN),
	ROW(policy_flags, -EUCLEAN),	ROW(policy_home, -EUCLEAN),
	ROW(policy_far, -EUCLEAN),	ROW(policy_no_mapping, -EUCLEAN),
	ROW(policy_part, -EUCLEAN),	ROW(policy_unaligned, -EUCLEAN),
	ROW(policy_no_page, -EUCLEAN),	ROW(policy_beyond, -EUCLEAN),
	ROW(policy_overlap, -EUCLEAN),	ROW(policy_other, -EUCLEAN),
	ROW(policy_half, -EUCLEAN),
	ROW(mempolicy_twice, -EUCLEAN),	ROW(mempolicy_half, -EUCLEAN),
	ROW(mempolicy_old, -EUCLEAN),
	ROW(socket_flags, -EUCLEAN),	ROW(socket_mode, -EUCLEAN),
	ROW(socket_other, -EUCLEAN),	ROW(socket_none, -EUCLEAN),
	ROW(unix_file, -EUCLEAN),	ROW(unix_no_file, -EUCLEAN),
	ROW(unix_type, -EUCLEAN),	ROW(unix_mixed, -EUCLEAN),
	ROW(unix_itself, -EUCLEAN),	ROW(unix_alone, -EUCLEAN),
	ROW(unix_closed, -EUCLEAN),	ROW(unix_apart, -EUCLEAN),
	ROW(unix_errno, -EUCLEAN),	ROW(unix_nobody, -EUCLEAN),
	ROW(unix_stranger, -EUCLEAN),	ROW(unix_two_pids, -EUCLEAN),
	ROW(unix_no_creds, -EUCLEAN),	ROW(unix_bytes, -EUCLEAN),
	ROW(unix_data, -EUCLEAN),	ROW(unix_no_data, -EUCLEAN),
	ROW(unix_sender, -EUCLEAN),	ROW(unix_unsent, -EUCLEAN),
	ROW(unix_empty, -EUCLEAN),	ROW(unix_long, -EUCLEAN),
	ROW(unix_no_flag, -EUCLEAN),	ROW(unix_from_nobody, -EUCLEAN),
	ROW(unix_from_two, -EUCLEAN),	ROW(unix_files, -EUCLEAN),
	ROW(unix_many_files, -EUCLEAN),	ROW(unix_null_file, -EUCLEAN),
	ROW(unix_lost_file, -EUCLEAN),	ROW(sockopt_twice, -EUCLEAN),
	ROW(sockopt_unknown, -EUCLEAN),	ROW(sockopt_again, -EUCLEAN),
	ROW(name_kind, -EUCLEAN),	ROW(name_mode, -EUCLEAN),
	ROW(name_owner, -EUCLEAN),	ROW(name_path, -EUCLEAN),
	ROW(name_no_path, -EUCLEAN),	ROW(name_open, -EUCLEAN),
	ROW(name_short, -EUCLEAN),	ROW(sender_late, -EUCLEAN),
	ROW(sender_open, -EUCLEAN),	ROW(sender_long, -EUCLEAN),
	ROW(listener_dgram, -EUCLEAN),	ROW(listener_not, -EUCLEAN),
	ROW(listener_peer, -EUCLEAN),	ROW(listener_busy, -EUCLEAN),
	ROW(pending_other, -EUCLEAN),	ROW(pending_none, -EUCLEAN),
	ROW(waiting_place, -EUCLEAN),	ROW(waiting_elsewhere, -EUCLEAN),
	ROW(waiting_nowhere, -EUCLEAN),	ROW(waiting_file, -EUCLEAN),
	ROW(inet_family, -EUCLEAN),	ROW(inet_mode, -EUCLEAN),
	ROW(inet_flags, -EUCLEAN),	ROW(inet_no_port, -EUCLEAN),
	ROW(inet_port, -EUCLEAN),	ROW(inet_lock, -EUCLEAN),
	ROW(inet_address, -EUCLEAN),	ROW(inet_peer, -EUCLEAN),
	ROW(inet_error, -EUCLEAN),	ROW(inet_records, -EUCLEAN),
	ROW(device_use, -EUCLEAN),	ROW(device_order, -EUCLEAN),
	ROW(device_twice, -EUCLEAN),	ROW(device_address, -EUCLEAN),
	ROW(device_group, -EUCLEAN),	ROW(device_name, -EUCLEAN),
	ROW(device_text, -EUCLEAN),	ROW(ip6opt_unknown, -EUCLEAN),
	ROW(datagram_family, -EUCLEAN),	ROW(datagram_address, -EUCLEAN),
	ROW(datagram_flow, -EUCLEAN),	ROW(datagram_label, -EUCLEAN),
	ROW(datagram_dst, -EUCLEAN),	ROW(datagram_long, -EUCLEAN),
	ROW(datagram_device, -EUCLEAN),	ROW(datagram_bytes, -EUCLEAN),
	ROW(datagram_data, -EUCLEAN),	ROW(datagram_alone, -EUCLEAN),
	ROW(netlink_mode, -EUCLEAN),	ROW(netlink_creds, -EUCLEAN),
	ROW(netlink_creds_none, -EUCLEAN), ROW(netlink_protocol, -EUCLEAN),
	ROW(netlink_protocol_none, -EUCLEAN), ROW(netlink_type, -EUCLEAN),
	ROW(netlink_flags, -EUCLEAN),	ROW(netlink_unconnected, -EUCLEAN),
	ROW(netlink_connected, -EUCLEAN), ROW(netlink_portless, -EUCLEAN),
	ROW(netlink_dst_group, -EUCLEAN), ROW(netlink_error, -EUCLEAN),
	ROW(netlink_longest, -EUCLEAN),	ROW(netlink_open, -EUCLEAN),
	ROW(netlink_group_zero, -EUCLEAN), ROW(netlink_group_twice, -EUCLEAN),
	ROW(netlink_group_large, -EUCLEAN), ROW(netlink_signed, -EUCLEAN),
	ROW(netlink_nsid, -EUCLEAN),	ROW(netlink_nsid_large, -EUCLEAN),
	ROW(netlink_long, -EUCLEAN),	ROW(netlink_bytes, -EUCLEAN),
	ROW(netlink_data, -EUCLEAN),	ROW(netlink_alone, -EUCLEAN),
	ROW(raw_kind, -EUCLEAN),	ROW(raw_kind_none, -EUCLEAN),
	ROW(raw_protocol, -EUCLEAN),	ROW(raw_protocol_none, -EUCLEAN),
	ROW(raw_other, -EUCLEAN),	ROW(raw_lite, -EUCLEAN),
	ROW(raw_lock, -EUCLEAN),	ROW(raw_port, -EUCLEAN),
	ROW(raw_filter, -EUCLEAN),	ROW(raw_filter_ping, -EUCLEAN),
	ROW(raw_sum_v4, -EUCLEAN),	ROW(raw_sum_odd, -EUCLEAN),
	ROW(raw_sum_off, -EUCLEAN),	ROW(raw_sum_ping, -EUCLEAN),
	ROW(ping_protocol, -EUCLEAN),	ROW(ping_port, -EUCLEAN),
	ROW(ping_connected, -EUCLEAN),	ROW(packet_family, -EUCLEAN),
	ROW(packet_port, -EUCLEAN),	ROW(packet_short, -EUCLEAN),
	ROW(packet_bytes, -EUCLEAN),	ROW(packet_data, -EUCLEAN),
	ROW(packet_alone, -EUCLEAN),
	ROW(frames_type, -EUCLEAN),	ROW(frames_protocol, -EUCLEAN),
	ROW(frames_mode, -EUCLEAN),	ROW(frames_device, -EUCLEAN),
	ROW(frames_flags, -EUCLEAN),	ROW(frames_down, -EUCLEAN),
	ROW(frames_option, -EUCLEAN),	ROW(promisc_kind, -EUCLEAN),
	ROW(promisc_none, -EUCLEAN),	ROW(promisc_often, -EUCLEAN),
	ROW(promisc_long, -EUCLEAN),	ROW(promisc_address, -EUCLEAN),
	ROW(promisc_device, -EUCLEAN),	ROW(frame_long, -EUCLEAN),
	ROW(frame_bytes, -EUCLEAN),	ROW(frame_kind, -EUCLEAN),
	ROW(frame_halen, -EUCLEAN),	ROW(frame_address, -EUCLEAN),
	ROW(frame_header, -EUCLEAN),	ROW(frame_sum, -EUCLEAN),
	ROW(frame_sum_there, -EUCLEAN),	ROW(frame_sum_behind, -EUCLEAN),
	ROW(frame_tag, -EUCLEAN),	ROW(frame_untagged, -EUCLEAN),
	ROW(frame_tagged_twice, -EUCLEAN), ROW(frame_tag_in_it, -EUCLEAN),
	ROW(frame_device, -EUCLEAN),	ROW(frame_data, -EUCLEAN),
	ROW(frame_alone, -EUCLEAN),
	ROW(blocks_kind, -EUCLEAN),	ROW(blocks_order, -EUCLEAN),
	ROW(blocks_size, -EUCLEAN),	ROW(blocks_size_odd, -EUCLEAN),
	ROW(blocks_size_none, -EUCLEAN), ROW(blocks_none, -EUCLEAN),
	ROW(blocks_many, -EUCLEAN),	ROW(blocks_frame, -EUCLEAN),
	ROW(blocks_frame_none, -EUCLEAN), ROW(blocks_frame_long, -EUCLEAN),
	ROW(blocks_head, -EUCLEAN),	ROW(blocks_flags, -EUCLEAN),
	ROW(blocks_room, -EUCLEAN),	ROW(blocks_room_used, -EUCLEAN),
	ROW(blocks_timeout, -EUCLEAN),	ROW(blocks_next, -EUCLEAN),
	ROW(blocks_next_odd, -EUCLEAN),	ROW(blocks_next_short, -EUCLEAN),
	ROW(blocks_next_none, -EUCLEAN), ROW(blocks_last, -EUCLEAN),
	ROW(blocks_last_behind, -EUCLEAN), ROW(blocks_last_empty, -EUCLEAN),
	ROW(blocks_version, -EUCLEAN),	ROW(blocks_data, -EUCLEAN),
	ROW(fanout_number, -EUCLEAN),	ROW(fanout_share, -EUCLEAN),
	ROW(fanout_share_none, -EUCLEAN), ROW(fanout_flags, -EUCLEAN),
	ROW(fanout_most, -EUCLEAN),	ROW(fanout_place, -EUCLEAN),
	ROW(fanout_turn, -EUCLEAN),	ROW(fanout_other, -EUCLEAN),
	ROW(fanout_nobody, -EUCLEAN),	ROW(fanout_twice, -EUCLEAN),
	ROW(fanout_moved, -EUCLEAN),	ROW(fanout_deaf, -EUCLEAN),
	ROW(fanout_down, -EUCLEAN),
	ROW(tun_major, -EUCLEAN),	ROW(tun_minor, -EUCLEAN),
	ROW(tun_pos, -EUCLEAN),		ROW(tun_flags, -EUCLEAN),
	ROW(tun_first, -EUCLEAN),	ROW(tun_itself, -EUCLEAN),
	ROW(tun_nothing, -EUCLEAN),	ROW(tun_alone, -EUCLEAN),
	ROW(tun_place, -EUCLEAN),	ROW(tun_places, -EUCLEAN),
	ROW(tun_second, -EUCLEAN),	ROW(tun_index, -EUCLEAN),
	ROW(tun_sndbuf, -EUCLEAN),	ROW(tun_sndbuf_large, -EUCLEAN),
	ROW(tun_last, -EUCLEAN),
	ROW(tun_detached, -EUCLEAN),	ROW(tun_queue_flags, -EUCLEAN),
	ROW(tap_kind, -EUCLEAN),	ROW(tap_not_tap, -EUCLEAN),
	ROW(tap_flags, -EUCLEAN),	ROW(tap_single, -EUCLEAN),
	ROW(tap_not_asked, -EUCLEAN),	ROW(tap_frags, -EUCLEAN),
	ROW(tap_there, -EUCLEAN),	ROW(tap_owner, -EUCLEAN),
	ROW(tap_group, -EUCLEAN),	ROW(tap_header, -EUCLEAN),
	ROW(tap_header_large, -EUCLEAN), ROW(tap_offload, -EUCLEAN),
	ROW(tap_queues, -EUCLEAN),	ROW(tap_no_queues, -EUCLEAN),
	ROW(tap_no_index, -EUCLEAN),	ROW(tap_type, -EUCLEAN),
	ROW(tap_mtu, -EUCLEAN),		ROW(tap_mtu_large, -EUCLEAN),
	ROW(tap_link, -EUCLEAN),	ROW(tap_addresses, -EUCLEAN),
	ROW(tap_no_ipv6, -EUCLEAN),	ROW(tap_exact, -EUCLEAN),
	ROW(tap_filter, -EUCLEAN),	ROW(tap_hashed, -EUCLEAN),
	ROW(tap_group_address, -EUCLEAN), ROW(tap_no_address, -EUCLEAN),
	ROW(tap_name, -EUCLEAN),	ROW(tap_no_name, -EUCLEAN),
	ROW(tap_pattern, -EUCLEAN),	ROW(tap_reserved, -EUCLEAN),
	ROW(tap_addr_family, -EUCLEAN),	ROW(tap_addr_order, -EUCLEAN),
	ROW(tap_addr_prefix, -EUCLEAN),	ROW(tap_addr_prefix6, -EUCLEAN),
	ROW(tap_addr_flags, -EUCLEAN),	ROW(tap_addr_flags6, -EUCLEAN),
	ROW(tap_addr_scope, -EUCLEAN),	ROW(tap_addr_valid, -EUCLEAN),
	ROW(tap_addr_preferred, -EUCLEAN), ROW(tap_addr_none, -EUCLEAN),
	ROW(tap_addr_long, -EUCLEAN),	ROW(tap_addr_peer, -EUCLEAN),
	ROW(tap_addr_broadcast, -EUCLEAN), ROW(tap_addr_label, -EUCLEAN),
	ROW(tap_addr_label6, -EUCLEAN),	ROW(tap_packet_none, -EUCLEAN),
	ROW(tap_packet_bytes, -EUCLEAN), ROW(tap_packet_sum, -EUCLEAN),
	ROW(tap_packet_sum_there, -EUCLEAN), ROW(tap_packet_sum_behind, -EUCLEAN),
	ROW(tap_packet_tagged, -EUCLEAN), ROW(tap_packet_tag, -EUCLEAN),
	ROW(tap_packet_untagged, -EUCLEAN), ROW(tap_packet_segments, -EUCLEAN),
	ROW(tap_packet_whole, -EUCLEAN), ROW(tap_packet_segment, -EUCLEAN),
	ROW(tap_packet_headers, -EUCLEAN), ROW(tap_packet_ecn, -EUCLEAN),
	ROW(tap_packet_detached, -EUCLEAN), ROW(tap_data, -EUCLEAN),
	ROW(tap_gone, -EUCLEAN),	ROW(tap_unready, -EUCLEAN),
	ROW(bpfmap_kind, -EUCLEAN),	ROW(bpfmap_no_kind, -EUCLEAN),
	ROW(bpfmap_flags, -EUCLEAN),	ROW(bpfmap_key, -EUCLEAN),
	ROW(bpfmap_key_long, -EUCLEAN),	ROW(bpfmap_key_array, -EUCLEAN),
	ROW(bpfmap_value, -EUCLEAN),	ROW(bpfmap_value_long, -EUCLEAN),
	ROW(bpfmap_value_sign, -EUCLEAN), ROW(bpfmap_none, -EUCLEAN),
	ROW(bpfmap_node, -EUCLEAN),	ROW(bpfmap_cpus, -EUCLEAN),
	ROW(bpfmap_no_cpus, -EUCLEAN),	ROW(bpfmap_cpus_array, -EUCLEAN),
	ROW(bpfmap_more, -EUCLEAN),	ROW(bpfmap_fewer, -EUCLEAN),
	ROW(bpfmap_bytes, -EUCLEAN),	ROW(bpfmap_wraps, -EUCLEAN),
	ROW(bpfmap_name, -EUCLEAN),	ROW(bpfmap_mode, -EUCLEAN),
	ROW(bpfmap_data, -EUCLEAN),	ROW(bpfmap_alone, -EUCLEAN),
	ROW(bpfmap_mapped, -EUCLEAN),	ROW(bpfmap_queue_key, -EUCLEAN),
	ROW(bpfmap_queue_more, -EUCLEAN), ROW(bpfmap_queue_bytes, -EUCLEAN),
	ROW(bpfmap_filter_hashes, -EUCLEAN), ROW(bpfmap_filter_words, -EUCLEAN),
	ROW(bpfmap_filter_none, -EUCLEAN), ROW(bpfmap_filter_seed, -EUCLEAN),
	ROW(bpfmap_hashes, -EUCLEAN),	ROW(bpfmap_seed, -EUCLEAN),
	ROW(tcp_state, -EUCLEAN),	ROW(tcp_call, -EUCLEAN),
	ROW(tcp_backlog, -EUCLEAN),	ROW(tcp_done, -EUCLEAN),
	ROW(tcp_calls, -EUCLEAN),	ROW(tcp_no_port, -EUCLEAN),
	ROW(tcp_congestion, -EUCLEAN),	ROW(tcp_connected, -EUCLEAN),
	ROW(tcp_lite, -EUCLEAN),
	ROW(tcp_family, -EUCLEAN),	ROW(tcp_address, -EUCLEAN),
	ROW(tcp_options, -EUCLEAN),
	ROW(conn_peer, -EUCLEAN),	ROW(conn_alone, -EUCLEAN),
	ROW(conn_unsent, -EUCLEAN),	ROW(conn_sent, -EUCLEAN),
	ROW(conn_end, -EUCLEAN),	ROW(conn_scaled, -EUCLEAN),
	ROW(conn_outside, -EUCLEAN),
	ROW(conn_shift, -EUCLEAN),	ROW(conn_window, -EUCLEAN),
	ROW(conn_bytes, -EUCLEAN),	ROW(conn_data, -EUCLEAN),
	ROW(source_member, -EUCLEAN),	ROW(source_alone, -EUCLEAN),
	ROW(source_mode, -EUCLEAN),
	ROW(source_modes, -EUCLEAN),	ROW(source_again, -EUCLEAN),
	ROW(source_long, -EUCLEAN),
	ROW(cork_family, -EUCLEAN),	ROW(cork_long, -EUCLEAN),
	ROW(cork_bytes, -EUCLEAN),	ROW(cork_address, -EUCLEAN),
	ROW(cork_port, -EUCLEAN),	ROW(cork_reserved, -EUCLEAN),
	ROW(cork_again, -EUCLEAN),
	ROW(unread_bytes, -EUCLEAN),	ROW(unread_flags, -EUCLEAN),
	ROW(unread_data, -EUCLEAN),	ROW(unread_alone, -EUCLEAN),
	ROW(unread_again, -EUCLEAN),	ROW(unread_listens, -EUCLEAN),
	ROW(unread_none, -EUCLEAN),
	ROW(placed_later, -EUCLEAN),	ROW(placed_far, -EUCLEAN),
	ROW(placed_reserved, -EUCLEAN),	ROW(placed_again, -EUCLEAN),
	ROW(placed_conn, -EUCLEAN),
	ROW(tcp_keys, -EUCLEAN),	ROW(tcp_no_keys, -EUCLEAN),
	ROW(conn_state, -EUCLEAN),	ROW(conn_port, -EUCLEAN),
	ROW(conn_name, -EUCLEAN),	ROW(conn_mss, -EUCLEAN),
	ROW(conn_shut, -EUCLEAN),
	ROW(urgent_queued, -EUCLEAN),	ROW(urgent_state, -EUCLEAN),
	ROW(urgent_place, -EUCLEAN),	ROW(urgent_none, -EUCLEAN),
	ROW(urgent_byte, -EUCLEAN),
	ROW(tcpwaiting_nobody, -EUCLEAN), ROW(tcpwaiting_conn, -EUCLEAN),
	ROW(tcpwaiting_deaf, -EUCLEAN),	ROW(tcpwaiting_port, -EUCLEAN),
	ROW(tcpwaiting_open, -EUCLEAN),	ROW(tcpwaiting_used, -EUCLEAN),
	ROW(tcpwaiting_peer, -EUCLEAN),	ROW(tcpwaiting_call, -EUCLEAN),
	ROW(tcpwaiting_data, -EUCLEAN),
	ROW(terminal, 0),		ROW(terminal_ended, 0),
	ROW(terminal_lost, -EUCLEAN),	ROW(terminal_of_none, -EUCLEAN),
	ROW(terminal_of_other, -EUCLEAN), ROW(terminal_unled, -EUCLEAN),
	ROW(terminal_other, -EUCLEAN),	ROW(terminal_no_leader, -EUCLEAN),
	ROW(terminal_never, -EUCLEAN),	ROW(terminal_twice, -EUCLEAN),
	ROW(terminal_alone, 0),		ROW(terminal_zombie, -EUCLEAN),
	ROW(terminal_lost_alone, 0),	ROW(terminal_lost_zombie, -EUCLEAN),
	ROW(terminal_closed, -EUCLEAN), ROW(pty_no_group, -EUCLEAN),
	ROW(pty_two_groups, -EUCLEAN),	ROW(pty_group, -EUCLEAN),
	ROW(pty_mode, -EUCLEAN),	ROW(pty_status, -EUCLEAN),
	ROW(pty_index, -EUCLEAN),	ROW(pty_gone, -EUCLEAN),
	ROW(pty_path, -EUCLEAN),	ROW(pty_sides, -EUCLEAN),
	ROW(pty_third, -EUCLEAN),	ROW(tty_no_pty, -EUCLEAN),
	ROW(tty_pos, -EUCLEAN),		ROW(tty_side, -EUCLEAN),
	ROW(external_flags, -EUCLEAN),	ROW(external_pos, -EUCLEAN),
	ROW(external_pid, -EUCLEAN),	ROW(external_fd, -EUCLEAN),
	ROW(external_text, -EUCLEAN),
	ROW(tty_device, -EUCLEAN),	ROW(tty_console, -EUCLEAN),
	ROW(tty_pathless, -EUCLEAN),	ROW(tty_nowhere, -EUCLEAN),
	ROW(tty_hung_up, -EUCLEAN),	ROW(tty_closed, -EUCLEAN),
	ROW(tty_read_only, -EUCLEAN),	ROW(tty_flags, -EUCLEAN),
	ROW(end_short, -EUCLEAN),	ROW(end_long, -EUCLEAN),
	ROW(end_lines, -EUCLEAN),	ROW(end_unmarked, -EUCLEAN),
	ROW(end_marked, -EUCLEAN),	ROW(end_padding, -EUCLEAN),
	ROW(end_stale, -EUCLEAN),	ROW(end_shut, -EUCLEAN),
	ROW(end_endless, -EUCLEAN),	ROW(end_extproc, 0),
	ROW(echo_torn, -EUCLEAN),	ROW(echo_open, -EUCLEAN),
	ROW(echo_commit, -EUCLEAN),	ROW(echo_mark, -EUCLEAN),
	ROW(deleted_holder, -EUCLEAN),
	ROW(deleted_twice, -EUCLEAN),	ROW(deleted_mode, -EUCLEAN),
	ROW(deleted_size, -EUCLEAN),	ROW(deleted_huge, -EUCLEAN),
	ROW(deleted_time, -EUCLEAN),	ROW(deleted_path, -EUCLEAN),
	ROW(deleted_flags, -EUCLEAN),	ROW(deleted_parent, -EUCLEAN),
	ROW(segment_size, -EUCLEAN),	ROW(segment_pages, -EUCLEAN),
	ROW(segment_key, -EUCLEAN),	ROW(segment_mode, -EUCLEAN),
	ROW(segment_id, -EUCLEAN),	ROW(segment_maker, -EUCLEAN),
	ROW(segment_last, -EUCLEAN),	ROW(segment_contents, -EUCLEAN),
	ROW(segment_huge, 0),		ROW(segment_huge_beyond, -EUCLEAN),
	ROW(segment_parent, -EUCLEAN),	ROW(attach_nothing, -EUCLEAN),
	ROW(semaphores_twice, -EUCLEAN),	ROW(semaphore_value, -EUCLEAN),
	ROW(semaphore_pid, -EUCLEAN),	ROW(semundo_nothing, -EUCLEAN),
	ROW(semundo_others, -EUCLEAN),	ROW(semundo_fewer, -EUCLEAN),
	ROW(queue_limit, -EUCLEAN),	ROW(queue_sender, -EUCLEAN),
	ROW(message_type, -EUCLEAN),	ROW(message_negative, -EUCLEAN),
	ROW(mqueue_nothing, -EUCLEAN),	ROW(mqueue_size, -EUCLEAN),
	ROW(mqueue_huge, -EUCLEAN),	ROW(mqueue_mode, -EUCLEAN),
	ROW(mqueue_time, -EUCLEAN),	ROW(mqueue_owner, -EUCLEAN),
	ROW(mqueue_nobody, -EUCLEAN),	ROW(mqueue_untold, -EUCLEAN),
	ROW(mqueue_silent, -EUCLEAN),	ROW(mqueue_signal, -EUCLEAN),
	ROW(mqueue_twice, -EUCLEAN),	ROW(mqueue_name, -EUCLEAN),
	ROW(mqueue_full, -EUCLEAN),	ROW(mqueue_order, -EUCLEAN),
	ROW(mqmessage_priority, -EUCLEAN), ROW(mqfile_nothing, -EUCLEAN),
	ROW(mqfile_other, -EUCLEAN),	ROW(mqfile_flags, -EUCLEAN),
	ROW(mqfile_inode, -EUCLEAN),	ROW(mqfile_path, -EUCLEAN),
	ROW(key_kind, -EUCLEAN), ROW(key_other_kind, -EUCLEAN),
	ROW(key_special, -EUCLEAN), ROW(key_nothing, -EUCLEAN),
	ROW(key_perm, -EUCLEAN), ROW(key_time, -EUCLEAN),
	ROW(key_type, -EUCLEAN), ROW(key_type_long, -EUCLEAN),
	ROW(key_type_none, -EUCLEAN), ROW(key_ring_type, -EUCLEAN),
	ROW(key_ring_name, -EUCLEAN), ROW(key_no_name, -EUCLEAN),
	ROW(key_not_made, -EUCLEAN), ROW(key_not_read, -EUCLEAN),
	ROW(key_unread, -EUCLEAN), ROW(key_empty, -EUCLEAN),
	ROW(key_twice, -EUCLEAN), ROW(key_links_twice, -EUCLEAN),
	ROW(key_links_none, -EUCLEAN), ROW(key_link_nothing, -EUCLEAN),
	ROW(key_link_gone, -EUCLEAN), ROW(creds_session, -EUCLEAN),
	ROW(creds_process, -EUCLEAN), ROW(creds_gone, -EUCLEAN),
	ROW(creds_keyrings_twice, -EUCLEAN),
	ROW(creds_two_keyrings, -EUCLEAN),
	ROW(procfile_task, -EUCLEAN),	ROW(procfile_thread, -EUCLEAN),
	ROW(procfile_nobody, -EUCLEAN),	ROW(procfile_alone, -EUCLEAN),
	ROW(procfile_opener, -EUCLEAN),	ROW(procfile_creds, -EUCLEAN),
	ROW(procfile_inode, -EUCLEAN),	ROW(procfile_flags, -EUCLEAN),
	ROW(procfile_read, -EUCLEAN),	ROW(procfile_twice, -EUCLEAN),
	ROW(unnamed_mode, -EUCLEAN),	ROW(unnamed_time, -EUCLEAN),
	ROW(unnamed_path, -EUCLEAN),	ROW(deldir_fifo, -EUCLEAN),
	ROW(deldir_nothing, -EUCLEAN),	ROW(deldir_flags, -EUCLEAN),
	ROW(procfile_dir, -EUCLEAN),	ROW(kernfile_opener, -EUCLEAN),
	ROW(kernfile_creds, -EUCLEAN),	ROW(kernfile_inode, -EUCLEAN),
	ROW(kernfile_flags, -EUCLEAN),	ROW(kernfile_twice, -EUCLEAN),
	ROW(attach_flags, -EUCLEAN),	ROW(attach_fd, -EUCLEAN),
	ROW(attach_private, -EUCLEAN),
	ROW(regular_flags, -EUCLEAN),	ROW(inotify_event, -EUCLEAN),
	ROW(inotify_nothing, -EUCLEAN),	ROW(inotify_lost, -EUCLEAN),
	ROW(inotify_wd, -EUCLEAN),	ROW(inotify_flags, -EUCLEAN),
	ROW(inotify_watches, -EUCLEAN),	ROW(watches_alone, -EUCLEAN),
	ROW(watches_next, -EUCLEAN),	ROW(watch_wd, -EUCLEAN),
	ROW(watch_mask, -EUCLEAN),	ROW(watch_mode, -EUCLEAN),
	ROW(watch_path, -EUCLEAN),
	ROW(fan_kind, -EUCLEAN),	ROW(fan_open, -EUCLEAN),
	ROW(fan_rights, -EUCLEAN),	ROW(fan_marks, -EUCLEAN),
	ROW(fan_task, -EUCLEAN),	ROW(fan_both, -EUCLEAN),
	ROW(fan_told, -EUCLEAN),	ROW(fan_untold, -EUCLEAN),
	ROW(fan_error, -EUCLEAN),	ROW(fan_permission, -EUCLEAN),
	ROW(fan_lost, -EUCLEAN),	ROW(fan_attrib, -EUCLEAN),
	ROW(fan_fifo, -EUCLEAN),	ROW(fan_relative, -EUCLEAN),
	ROW(fan_short, -EUCLEAN),	ROW(fan_long, -EUCLEAN),
	ROW(fan_sum, -EUCLEAN),		ROW(fan_torn, -EUCLEAN),
	ROW(fan_type, -EUCLEAN),	ROW(fan_moved, -EUCLEAN),
	ROW(fan_nameless, -EUCLEAN),	ROW(fan_slash, -EUCLEAN),
	ROW(fan_names, -EUCLEAN),	ROW(fanmarks_alone, -EUCLEAN),
	ROW(fanmarks_nr, -EUCLEAN),	ROW(fanmark_mask, -EUCLEAN),
	ROW(fanmark_mode, -EUCLEAN),	ROW(fanmark_rest, -EUCLEAN),
	ROW(fanmark_torn, -EUCLEAN),	ROW(fanmark_handle, -EUCLEAN),
	ROW(fanmark_fsid, -EUCLEAN),	ROW(fanmark_evictable, -EUCLEAN),
	ROW(fanmark_ignore, -EUCLEAN),	ROW(fanmark_ignored, -EUCLEAN),
	ROW(fanmark_child, -EUCLEAN),	ROW(fanmark_path, -EUCLEAN),
	ROW(ring_no_mapping, -EUCLEAN),	ROW(ring_no_kind, -EUCLEAN),
	ROW(ring_twice, -EUCLEAN),	ROW(ring_none, -EUCLEAN),
	ROW(ring_file, -EUCLEAN),	ROW(ring_offset, -EUCLEAN),
	ROW(ring_locked, -EUCLEAN),	ROW(ring_dontfork, 0),
	ROW(ring_head, -EUCLEAN),	ROW(ring_tail, -EUCLEAN),
	ROW(ring_last, 0),		ROW(ring_asked_none, -EUCLEAN),
	ROW(ring_asked_all, 0),		ROW(ring_asked_more, -EUCLEAN),
	ROW(ring_asked_many, -EUCLEAN),	ROW(ring_small, -EUCLEAN),
	ROW(ring_huge, -EUCLEAN),
	ROW(uffd_feature, -EUCLEAN),	ROW(uffd_flags, -EUCLEAN),
	ROW(uffd_early, -EUCLEAN),	ROW(uffd_not_ready, -EUCLEAN),
	ROW(uffd_other, -EUCLEAN),	ROW(uffd_nobody, -EUCLEAN),
	ROW(uffd_no_mm, -EUCLEAN),	ROW(uffd_mode, -EUCLEAN),
	ROW(uffd_gone, -EUCLEAN),	ROW(uffd_no_file, -EUCLEAN),
	ROW(uffd_no_uffd, -EUCLEAN),	ROW(uffd_no_mapping, -EUCLEAN),
	ROW(uffd_no_mode, -EUCLEAN),	ROW(uffd_none, -EUCLEAN),
	ROW(uffd_ring, -EUCLEAN),	ROW(uffd_twice, -EUCLEAN),
	ROW(state_empty, -EUCLEAN),	ROW(state_unaligned, -EUCLEAN),
	ROW(state_order, -EUCLEAN),	ROW(state_below, -EUCLEAN),
	ROW(state_above, -EUCLEAN),	ROW(state_long, -EUCLEAN),
	ROW(state_none, -EUCLEAN),	ROW(state_unknown, -EUCLEAN),
	ROW(state_two, -EUCLEAN),	ROW(state_poison, -EUCLEAN),
	ROW(state_unprotected, -EUCLEAN), ROW(state_mapped, -EUCLEAN),
	ROW(state_shared_zero, -EUCLEAN), ROW(state_shared_mapped, 0),
	ROW(state_locked, 0),		ROW(uffd_huge, -EUCLEAN),
	ROW(vma_unnamed, -EUCLEAN),	ROW(file_kind, -EUCLEAN),
	ROW(file_pos, -EUCLEAN),	ROW(record_foreign, -EUCLEAN),
	ROW(record_twice, -EUCLEAN),	ROW(record_half, -EUCLEAN),
	ROW(file_empty, -EUCLEAN),
	ROW(difference, 0),		ROW(parent_bit, -EUCLEAN),
	ROW(parent_no_bit, -EUCLEAN),	ROW(parent_self, -EUCLEAN),
	ROW(parent_full, -EUCLEAN),	ROW(parent_unnamed, -EUCLEAN),
	ROW(parent_zero, -EUCLEAN),	ROW(parent_unused, -EUCLEAN),
	ROW(parent_twice, -EUCLEAN),	ROW(parent_shared, -EUCLEAN),
	ROW(parent_empty, -EUCLEAN),	ROW(parent_outside, -EUCLEAN),
	ROW(parent_overlap, -EUCLEAN),
#undef ROW
};

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
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(damage_cases); i++)
		try_damage(test, damage_cases + i, true);
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
