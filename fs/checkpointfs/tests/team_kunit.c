// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work in parts: each is done once, whoever does it, and an error ends it.
 */
#include <kunit/test.h>
#include <linux/delay.h>

#define PARTS	5000
/* Of nobody else here. */
#define SOMEBODY	KUIDT_INIT(4711)

/**
 * struct work - what is to be done
 * @next:	the first part that nobody has begun
 * @done:	how often each has been done
 * @fails:	which one fails; none if it is PARTS
 * @workers:	how many parts others than the caller have done
 * @caller:	who asked for it
 * @slow:	the caller takes his time, until somebody helps
 */
struct work {
	atomic_t next;
	atomic_t done[PARTS];
	int fails;
	atomic_t workers;
	struct task_struct *caller;
	bool slow;
};

static int count_part(void *arg)
{
	struct work *w = arg;
	int i = atomic_fetch_inc(&w->next);

	if (i >= PARTS)
		return 0;
	if (i == w->fails)
		return -EUCLEAN;
	if (current != w->caller) {
		atomic_inc(&w->workers);
		if (w->slow && !uid_eq(current_fsuid(), SOMEBODY))
			return -EPERM;
	} else if (w->slow && !atomic_read(&w->workers)) {
		usleep_range(2000, 3000);
	}
	atomic_inc(&w->done[i]);
	return 1;
}

static struct work *make_work(struct kunit *test)
{
	struct work *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, w);
	w->fails = PARTS;
	w->caller = current;
	return w;
}

static void test_all_once(struct kunit *test)
{
	static const u64 most[] = { 0, 1, 7, U64_MAX };
	unsigned int n, i;

	for (n = 0; n < ARRAY_SIZE(most); n++) {
		struct work *w = make_work(test);

		KUNIT_EXPECT_EQ(test, ckpt_team_run(most[n], count_part, w), 0);
		for (i = 0; i < PARTS; i++)
			KUNIT_ASSERT_EQ(test, atomic_read(&w->done[i]), 1);
		if (!most[n])
			KUNIT_EXPECT_EQ(test, atomic_read(&w->workers), 0);
	}
}

/* What others have begun is finished when this returns: nothing is done twice, or by halves. */
static void test_error(struct kunit *test)
{
	struct work *w = make_work(test);
	int i;

	w->fails = PARTS / 2;
	KUNIT_EXPECT_EQ(test, ckpt_team_run(U64_MAX, count_part, w), -EUCLEAN);
	for (i = 0; i < w->fails; i++)
		KUNIT_ASSERT_EQ(test, atomic_read(&w->done[i]), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->done[w->fails]), 0);
}

/* Who gets a processor helps, and has the caller's rights. */
static void test_rights(struct kunit *test)
{
	struct work *w = make_work(test);
	const struct cred *old;
	struct cred *cred;

	if (num_online_cpus() < 2)
		kunit_skip(test, "there is one processor");
	cred = prepare_creds();
	KUNIT_ASSERT_NOT_NULL(test, cred);
	cred->fsuid = SOMEBODY;
	w->slow = true;
	old = override_creds(cred);
	KUNIT_EXPECT_EQ(test, ckpt_team_run(U64_MAX, count_part, w), 0);
	revert_creds(old);
	put_cred(cred);
	KUNIT_EXPECT_GT(test, atomic_read(&w->workers), 0);
}

static struct kunit_case team_cases[] = {
	KUNIT_CASE(test_all_once),
	KUNIT_CASE(test_rights),
	KUNIT_CASE(test_error),
	{}
};

static struct kunit_suite team_suite = {
	.name = "checkpointfs_team",
	.test_cases = team_cases,
};

kunit_test_suite(team_suite);
