// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of a container's life, with containers that have no task: the end of
 * container.c, whose static functions they call. The mount is a real one.
 */
#include <kunit/test.h>
#include <linux/mount.h>

/* What the rows of a container's objects have been called for. */
static struct {
	unsigned int put;
	unsigned int release;
	int commit;
} calls;

static void count_put(void *ptr)
{
	calls.put++;
}

static void count_release(struct ckpt_object *obj)
{
	/* The object itself has gone before. */
	if (!obj->ptr)
		calls.release++;
}

static int try_commit(struct ckpt_object *obj, bool alone)
{
	return calls.commit;
}

static const struct ckpt_object_ops counting_row = {
	.type = CKPT_TYPE_MM,
	.name = "counting",
	.dir = "mm",
	.put = count_put,
	.commit = try_commit,
	.release = count_release,
};

static struct ckpt_mount *the_mount(struct kunit *test)
{
	struct vfsmount *mnt = test->priv;

	return ckpt_mount(mnt->mnt_sb);
}

static int container_test_init(struct kunit *test)
{
	struct file_system_type *type = get_fs_type("checkpointfs");
	struct vfsmount *mnt;

	KUNIT_ASSERT_NOT_NULL(test, type);
	mnt = kern_mount(type);
	put_filesystem(type);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, mnt);
	memset(&calls, 0, sizeof(calls));
	test->priv = mnt;
	return 0;
}

static void container_test_exit(struct kunit *test)
{
	if (!IS_ERR_OR_NULL(test->priv))
		kern_unmount(test->priv);
}

static void add_object(struct kunit *test, struct ckpt_container *con)
{
	struct ckpt_object *obj = kzalloc(sizeof(*obj), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, obj);
	obj->ops = &counting_row;
	obj->ptr = &calls;
	obj->con = con;
	list_add_tail(&obj->node, &con->objects);
	con->nr_objects++;
}

/* One in the mount's list, with an object, in the state; NULL: it failed. */
static struct ckpt_container *make(struct kunit *test, const char *name,
				   enum ckpt_state state)
{
	struct ckpt_container *con = container_create(the_mount(test), name);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, con);
	xa_init(&con->tasks->waits);
	KUNIT_ASSERT_EQ(test, take_name(con), 0);
	add_object(test, con);
	if (state != CKPT_NEW)
		WRITE_ONCE(con->state, CKPT_FROZEN);
	if (state == CKPT_COMMITTED)
		KUNIT_EXPECT_EQ(test, ckpt_container_commit(con, false, 0), 0);
	if (state == CKPT_DEAD)
		KUNIT_EXPECT_EQ(test, ckpt_container_thaw(con), 0);
	KUNIT_EXPECT_EQ(test, (int)con->state, (int)state);
	return con;
}

/* Whatever its state is, it goes. */
static void unmake(struct kunit *test, struct ckpt_container *con)
{
	if (con->state == CKPT_NEW) {
		forget(con);
		thaw(con, false);
		release(con);
	} else if (con->state != CKPT_DEAD) {
		KUNIT_EXPECT_EQ(test, ckpt_container_remove(con), 0);
	}
	KUNIT_EXPECT_TRUE(test, ckpt_container_dead(con));
	KUNIT_EXPECT_TRUE(test, list_empty(&con->node));
	KUNIT_EXPECT_EQ(test, refcount_read(&con->ref), 1U);
	ckpt_container_put(con);
}

static const struct valid_case {
	const char *name;
	bool valid;
} valid_cases[] = {
	{ "web", true },
	{ "-", true },
	{ "_a-Z09", true },
	{ "Control", true },
	{ "", false },
	{ ".", false },
	{ "..", false },
	{ "a.tar", false },
	{ "a/b", false },
	{ "a b", false },
	{ "a\n", false },
	{ "\xc3\xa4", false },
	{ "control", false },
	{ "features", false },
	{ "log", false },
	{ "restore", false },
};

static void test_valid(struct kunit *test)
{
	char name[CKPT_NAME_MAX + 2];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(valid_cases); i++)
		KUNIT_EXPECT_EQ_MSG(test, ckpt_name_valid(valid_cases[i].name),
				    valid_cases[i].valid, "%s", valid_cases[i].name);
	memset(name, 'x', sizeof(name));
	name[CKPT_NAME_MAX + 1] = 0;
	KUNIT_EXPECT_FALSE(test, ckpt_name_valid(name));
	name[CKPT_NAME_MAX] = 0;
	KUNIT_EXPECT_TRUE(test, ckpt_name_valid(name));
}

static int commit(struct ckpt_container *con)
{
	return ckpt_container_commit(con, false, 0);
}

static int commit_kill(struct ckpt_container *con)
{
	return ckpt_container_commit(con, true, 0);
}

/* What each command does in each state. */
static const struct life_case {
	enum ckpt_state before;
	int (*command)(struct ckpt_container *con);
	int result;
	enum ckpt_state after;
} life_cases[] = {
	{ CKPT_NEW, commit, -EBUSY, CKPT_NEW },
	{ CKPT_NEW, commit_kill, -EBUSY, CKPT_NEW },
	{ CKPT_NEW, ckpt_container_thaw, -EBUSY, CKPT_NEW },
	{ CKPT_NEW, ckpt_container_remove, -EBUSY, CKPT_NEW },
	{ CKPT_FROZEN, commit, 0, CKPT_COMMITTED },
	{ CKPT_FROZEN, commit_kill, 0, CKPT_COMMITTED },
	{ CKPT_FROZEN, ckpt_container_thaw, 0, CKPT_DEAD },
	{ CKPT_FROZEN, ckpt_container_remove, 0, CKPT_DEAD },
	{ CKPT_COMMITTED, commit, -EBUSY, CKPT_COMMITTED },
	{ CKPT_COMMITTED, commit_kill, -EBUSY, CKPT_COMMITTED },
	{ CKPT_COMMITTED, ckpt_container_thaw, -EBUSY, CKPT_COMMITTED },
	{ CKPT_COMMITTED, ckpt_container_remove, 0, CKPT_DEAD },
	{ CKPT_DEAD, commit, -ENOENT, CKPT_DEAD },
	{ CKPT_DEAD, commit_kill, -ENOENT, CKPT_DEAD },
	{ CKPT_DEAD, ckpt_container_thaw, -ENOENT, CKPT_DEAD },
	{ CKPT_DEAD, ckpt_container_remove, -ENOENT, CKPT_DEAD },
};

static void test_life(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(life_cases); i++) {
		const struct life_case *k = life_cases + i;
		struct ckpt_container *con = make(test, "life", k->before);

		KUNIT_EXPECT_EQ_MSG(test, k->command(con), k->result, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, (int)con->state, (int)k->after, "row %u", i);
		unmake(test, con);
		/* Each object was let go once, on each way. */
		KUNIT_EXPECT_EQ_MSG(test, calls.put, i + 1, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, calls.release, i + 1, "row %u", i);
	}
}

/* Who finds it by its name, and who may have the name. */
static void test_find(struct kunit *test)
{
	static const bool found[] = {
		[CKPT_NEW] = false,
		[CKPT_FROZEN] = true,
		[CKPT_COMMITTED] = true,
		[CKPT_DEAD] = false,
	};
	struct ckpt_mount *m = the_mount(test);
	enum ckpt_state state;

	KUNIT_EXPECT_NULL(test, ckpt_container_find(m, "web"));
	for (state = CKPT_NEW; state <= CKPT_DEAD; state++) {
		struct ckpt_container *con = make(test, "web", state);
		struct ckpt_container *other = container_create(m, "web");
		struct ckpt_container *it = ckpt_container_find(m, "web");

		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, other);
		KUNIT_EXPECT_PTR_EQ(test, it, found[state] ? con : NULL);
		ckpt_container_put(it);
		KUNIT_EXPECT_NULL(test, ckpt_container_find(m, "we"));
		if (state != CKPT_DEAD) {
			KUNIT_EXPECT_EQ(test, take_name(other), -EEXIST);
		} else {
			KUNIT_EXPECT_EQ(test, take_name(other), 0);
			forget(other);
		}
		ckpt_container_put(other);
		unmake(test, con);
	}
	KUNIT_EXPECT_TRUE(test, list_empty(&m->containers));
}

/* An image that cannot be kept leaves the program frozen. */
static void test_commit_fails(struct kunit *test)
{
	struct ckpt_container *con = make(test, "web", CKPT_FROZEN);

	start_timeout(con, 3600);
	calls.commit = -ENOMEM;
	KUNIT_EXPECT_EQ(test, ckpt_container_commit(con, true, 0), -ENOMEM);
	KUNIT_EXPECT_EQ(test, (int)con->state, (int)CKPT_FROZEN);
	KUNIT_EXPECT_EQ(test, calls.put, 0U);
	KUNIT_EXPECT_NE(test, con->deadline, 0UL);
	calls.commit = 0;
	KUNIT_EXPECT_EQ(test, ckpt_container_commit(con, true, 0), 0);
	KUNIT_EXPECT_EQ(test, calls.put, 1U);
	KUNIT_EXPECT_EQ(test, calls.release, 0U);
	KUNIT_EXPECT_EQ(test, con->deadline, 0UL);
	unmake(test, con);
}

static void test_timeout(struct kunit *test)
{
	struct ckpt_container *con = make(test, "web", CKPT_FROZEN);

	start_timeout(con, 0);
	KUNIT_EXPECT_EQ(test, con->deadline, 0UL);
	KUNIT_EXPECT_EQ(test, refcount_read(&con->ref), 2U);
	start_timeout(con, 3600);
	KUNIT_EXPECT_EQ(test, refcount_read(&con->ref), 3U);
	/* Now, not in an hour. */
	flush_delayed_work(&con->timeout);
	KUNIT_EXPECT_TRUE(test, ckpt_container_dead(con));
	KUNIT_EXPECT_EQ(test, calls.put, 1U);
	unmake(test, con);
}

/* It comes when the commit is over: the work did not see that it was cancelled. */
static void test_late_timeout(struct kunit *test)
{
	struct ckpt_container *con = make(test, "web", CKPT_COMMITTED);

	start_timeout(con, 3600);
	flush_delayed_work(&con->timeout);
	KUNIT_EXPECT_EQ(test, (int)con->state, (int)CKPT_COMMITTED);
	KUNIT_EXPECT_EQ(test, refcount_read(&con->ref), 2U);
	KUNIT_EXPECT_EQ(test, calls.release, 0U);
	unmake(test, con);
}

static void test_destroy(struct kunit *test)
{
	struct ckpt_container *frozen = make(test, "frozen", CKPT_FROZEN);
	struct ckpt_container *late = make(test, "late", CKPT_FROZEN);
	struct ckpt_container *committed = make(test, "committed", CKPT_COMMITTED);

	start_timeout(late, 3600);
	ckpt_containers_destroy(the_mount(test));
	KUNIT_EXPECT_TRUE(test, list_empty(&the_mount(test)->containers));
	KUNIT_EXPECT_EQ(test, calls.put, 3U);
	KUNIT_EXPECT_EQ(test, calls.release, 3U);
	unmake(test, frozen);
	unmake(test, late);
	unmake(test, committed);
}

static struct kunit_case container_cases[] = {
	KUNIT_CASE(test_valid),
	KUNIT_CASE(test_life),
	KUNIT_CASE(test_find),
	KUNIT_CASE(test_commit_fails),
	KUNIT_CASE(test_timeout),
	KUNIT_CASE(test_late_timeout),
	KUNIT_CASE(test_destroy),
	{}
};

static struct kunit_suite container_suite = {
	.name = "checkpointfs_container",
	.init = container_test_init,
	.exit = container_test_exit,
	.test_cases = container_cases,
};

kunit_test_suite(container_suite);
