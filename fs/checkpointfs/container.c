// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a container; its state changes here and nowhere else.
 *
 * A freeze puts a container into the mount's list while it is still NEW, so
 * that its name is taken; nobody else finds it before it is FROZEN. Then it is
 * committed, or thawed by a command, by its time-out or by umount.
 *
 * Locks: con->lock serializes the changes of state and is held over the whole
 * of each. ckpt_mount.lock protects the list and the names and is taken inside
 * it. Readers of the tree take neither: objects live as long as the last
 * reference. Contents go earlier, when the container is dead: con->reading
 * keeps them, and the program frozen, while somebody copies them.
 */
#include <linux/delay.h>
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "checkpointfs.h"
#include "members.h"

static struct workqueue_struct *timeouts;

static const char *const state_names[] = {
	[CKPT_NEW] = "new",
	[CKPT_FROZEN] = "frozen",
	[CKPT_COMMITTED] = "committed",
	[CKPT_DEAD] = "dead",
};

const char *ckpt_state_name(enum ckpt_state state)
{
	return state_names[state];
}

bool ckpt_name_valid(const char *name)
{
	static const char *const taken[] = { "control", "features", "log", "restore" };
	size_t len = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

	return len && len <= CKPT_NAME_MAX && !name[len] &&
	       match_string(taken, ARRAY_SIZE(taken), name) < 0;
}

void ckpt_container_get(struct ckpt_container *con)
{
	refcount_inc(&con->ref);
}

static void container_free(struct ckpt_container *con)
{
	ckpt_objects_free(con);
	ckpt_index_free(con);
	put_pid_ns(con->caller_ns);
	put_pid(con->root);
	kfree(con->tasks);
	kfree(con);
}

void ckpt_container_put(struct ckpt_container *con)
{
	if (con && refcount_dec_and_test(&con->ref))
		container_free(con);
}

static struct ckpt_container *find_locked(struct ckpt_mount *m, const char *name)
{
	struct ckpt_container *con;

	lockdep_assert_held(&m->lock);
	list_for_each_entry(con, &m->containers, node)
		if (!strcmp(con->name, name))
			return con;
	return NULL;
}

struct ckpt_container *ckpt_container_find(struct ckpt_mount *m, const char *name)
{
	struct ckpt_container *con;

	guard(mutex)(&m->lock);
	con = find_locked(m, name);
	if (!con || con->state == CKPT_NEW)
		return NULL;
	ckpt_container_get(con);
	return con;
}

/* Take it out of the mount; the list's reference goes. */
static void forget(struct ckpt_container *con)
{
	scoped_guard(mutex, &con->mount->lock) {
		WRITE_ONCE(con->state, CKPT_DEAD);
		list_del_init(&con->node);
	}
	ckpt_container_put(con);
}

static void thaw(struct ckpt_container *con, bool kill)
{
	if (kill)
		ckpt_objects_kill(con);
	scoped_guard(rwsem_write, &con->reading)
		ckpt_objects_unpin(con);
	ckpt_thaw_tasks(con->tasks, kill);
	WRITE_ONCE(con->pause, ktime_us_delta(ktime_get(), con->stopped));
	if (!kill)
		ckpt_objects_thaw(con, 0);
}

/*
 * The memory that the dead container's image holds goes now, not with the
 * last file that is open, or in a reclaim that evicts its inodes.
 */
static void release(struct ckpt_container *con)
{
	scoped_guard(rwsem_write, &con->reading)
		ckpt_objects_release(con);
	ckpt_tree_forget(con);
}

/* The caller holds con->lock and a reference, and the state is FROZEN. */
static void thaw_and_forget(struct ckpt_container *con)
{
	lockdep_assert_held(&con->lock);
	/* Dead first: from now on nobody begins to read the program's memory. */
	forget(con);
	thaw(con, false);
	release(con);
}

static void timed_out(struct work_struct *work)
{
	struct ckpt_container *con =
		container_of(to_delayed_work(work), struct ckpt_container, timeout);

	scoped_guard(mutex, &con->lock)
		if (con->state == CKPT_FROZEN) {
			ckpt_err(con->mount, "%s: thawed, because its time-out is over",
				 con->name);
			thaw_and_forget(con);
		}
	ckpt_container_put(con);
}

static void start_timeout(struct ckpt_container *con, unsigned int seconds)
{
	if (!seconds)
		return;
	con->deadline = (jiffies + seconds * HZ) ?: 1;
	ckpt_container_get(con);
	queue_delayed_work(timeouts, &con->timeout, seconds * HZ);
}

/* Not waiting for it: it may be waiting for con->lock, and finds the state. */
static void stop_timeout(struct ckpt_container *con)
{
	WRITE_ONCE(con->deadline, 0);
	if (cancel_delayed_work(&con->timeout))
		ckpt_container_put(con);
}

static struct ckpt_container *container_create(struct ckpt_mount *m, const char *name)
{
	struct ckpt_container *con = kzalloc(sizeof(*con), GFP_KERNEL_ACCOUNT);

	if (!con)
		return ERR_PTR(-ENOMEM);
	con->tasks = kzalloc(sizeof(*con->tasks), GFP_KERNEL_ACCOUNT);
	if (!con->tasks) {
		kfree(con);
		return ERR_PTR(-ENOMEM);
	}
	refcount_set(&con->ref, 1);
	con->mount = m;
	mutex_init(&con->lock);
	init_rwsem(&con->reading);
	INIT_LIST_HEAD(&con->objects);
	ckpt_ahead_init(&con->ahead);
	INIT_DELAYED_WORK(&con->timeout, timed_out);
	current_fsuid_fsgid(&con->uid, &con->gid);
	strscpy(con->name, name);
	con->caller_ns = get_pid_ns(task_active_pid_ns(current));
	return con;
}

static int take_name(struct ckpt_container *con)
{
	struct ckpt_mount *m = con->mount;

	scoped_guard(mutex, &m->lock) {
		if (!find_locked(m, con->name)) {
			ckpt_container_get(con);
			list_add_tail(&con->node, &m->containers);
			return 0;
		}
	}
	ckpt_err(m, "%s: there is a container of that name", con->name);
	return -EEXIST;
}

static int check_frozen(struct ckpt_container *con)
{
	if (ckpt_tasks_frozen(con->tasks))
		return 0;
	ckpt_err(con->mount, "%s: one of its tasks was killed while it was frozen",
		 con->name);
	return -EBUSY;
}

static int collect(struct ckpt_container *con, const struct ckpt_externals *externals)
{
	con->root = get_pid(task_tgid(con->tasks->vec[0]));
	con->root_tgid = pid_nr_ns(con->root, con->caller_ns);
	con->nr_tasks = con->tasks->nr;
	ktime_get_real_ts64(&con->time);
	return ckpt_since_check(con) ?: ckpt_collect_objects(con, externals) ?:
	       check_frozen(con);
}

static void set_state(struct ckpt_container *con, enum ckpt_state state)
{
	guard(mutex)(&con->mount->lock);
	WRITE_ONCE(con->state, state);
}

static int stop(struct ckpt_container *con, const struct ckpt_freeze_args *args)
{
	con->stopped = ktime_get();
	return ckpt_freeze_tasks(con->mount, args->roots, args->nr_roots, con->tasks);
}

static int freeze(struct ckpt_container *con, const struct ckpt_freeze_args *args)
{
	int err;

	con->holds = true;
	err = stop(con, args);
	if (err)
		return err;
	err = collect(con, &args->externals) ?: ckpt_seal(con) ?: check_frozen(con);
	if (err) {
		thaw(con, false);
		return err;
	}
	ckpt_guard_relax(con->tasks);
	set_state(con, CKPT_FROZEN);
	start_timeout(con, args->timeout);
	return 0;
}

/* As many objects as waking a worker is worth; of one of so many bytes, the parts. */
#define FEW	4
#define LARGE	SZ_64M

/* Large ones, one after the other. @nr: how many there are in all */
static int keep_large(struct ckpt_container *con, u64 *nr)
{
	struct ckpt_object *obj;

	list_for_each_entry(obj, &con->objects, node) {
		const struct ckpt_object_ops *ops = obj->ops;
		int err = 0;

		if (ops->weight && ops->weight(obj) >= LARGE)
			err = ops->commit(obj, true);
		if (err)
			return err;
		*nr += !!ops->commit;
		cond_resched();
	}
	return 0;
}

/**
 * struct keeping - objects that are being committed
 * @lock:	protects @next
 * @con:	their container
 * @next:	the first that nobody has begun; or the head of the list
 */
struct keeping {
	struct mutex lock;	/* next */
	struct ckpt_container *con;
	struct ckpt_object *next;
};

static struct ckpt_object *next_object(struct keeping *k)
{
	struct ckpt_object *obj;

	guard(mutex)(&k->lock);
	obj = k->next;
	list_for_each_entry_from(obj, &k->con->objects, node) {
		if (obj->ops->commit) {
			k->next = list_next_entry(obj, node);
			return obj;
		}
		cond_resched();
	}
	k->next = obj;
	return NULL;
}

/* One that has been committed already says so. */
static int keep_object(void *arg)
{
	struct ckpt_object *obj = next_object(arg);

	return obj ? obj->ops->commit(obj, false) ?: 1 : 0;
}

static int keep_contents(struct ckpt_container *con)
{
	struct keeping k = { .con = con };
	u64 nr = 0;
	int err;

	guard(rwsem_write)(&con->reading);
	err = keep_large(con, &nr);
	if (err)
		return err;
	mutex_init(&k.lock);
	k.next = list_first_entry(&con->objects, struct ckpt_object, node);
	err = ckpt_team_run(nr / FEW, keep_object, &k);
	mutex_destroy(&k.lock);
	return err;
}

/* A killed container is gone when the command returns. */
static void wait_dead(struct task_struct **vec, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		while (!READ_ONCE(vec[i]->exit_state) && !fatal_signal_pending(current))
			usleep_range(50, 200);
}

static void kill_all(struct ckpt_container *con, unsigned int hold)
{
	unsigned int nr = con->tasks->nr, i;
	struct task_struct **vec = kvmalloc_array(nr, sizeof(*vec), GFP_KERNEL);

	for (i = 0; vec && i < nr; i++)
		vec[i] = get_task_struct(con->tasks->vec[i]);
	thaw(con, true);
	if (vec)
		wait_dead(vec, nr);
	for (i = 0; vec && i < nr; i++)
		put_task_struct(vec[i]);
	kvfree(vec);
	ckpt_objects_thaw(con, hold);
}

/* What of the snapshot can be made while the program runs. */
static int make_ahead(struct ckpt_container *con, const struct ckpt_freeze_args *args)
{
	struct ckpt_taskset tasks = {};
	int err = ckpt_members_list(con->mount, args->roots, args->nr_roots, &tasks);

	if (!err)
		ckpt_ahead_make(&con->ahead, &tasks);
	ckpt_members_drop(&tasks);
	return err;
}

/*
 * The shortest pause: what can be told from what has been kept is told when the
 * program runs again. One that is to be killed waits for that, since it is lost
 * if that fails.
 */
static int snapshot(struct ckpt_container *con, const struct ckpt_freeze_args *args,
		    bool kill)
{
	int err;

	con->holds = kill && args->hold;
	err = make_ahead(con, args) ?: stop(con, args);
	if (err)
		return err;
	/* It may have written to its memory, dying, before that was kept. */
	err = collect(con, &args->externals) ?: keep_contents(con) ?: check_frozen(con);
	if (!kill)
		thaw(con, false);
	if (!err)
		err = ckpt_seal(con);
	if (err) {
		if (kill)
			thaw(con, false);
		return err;
	}
	if (kill)
		kill_all(con, args->hold);
	set_state(con, CKPT_COMMITTED);
	return 0;
}

struct ckpt_container *ckpt_container_freeze(struct ckpt_mount *m,
					     const struct ckpt_freeze_args *args,
					     enum ckpt_how how)
{
	struct ckpt_container *con = container_create(m, args->name), *since = NULL;
	int err;

	if (IS_ERR(con))
		return con;
	if (*args->since)
		since = ckpt_since_get(m, args->since);
	err = IS_ERR(since) ? PTR_ERR(since) : take_name(con);
	if (!err) {
		scoped_guard(mutex, &con->lock) {
			con->since = since;
			err = how == CKPT_FREEZE ? freeze(con, args) :
			      snapshot(con, args, how == CKPT_SNAPSHOT_KILL);
			con->since = NULL;
		}
		ckpt_ahead_drop(&con->ahead);
		if (err) {
			forget(con);
			release(con);
		}
	}
	if (!IS_ERR(since))
		ckpt_container_put(since);
	if (!err)
		return con;
	ckpt_container_put(con);
	return ERR_PTR(err);
}

static int not_frozen(struct ckpt_container *con)
{
	ckpt_err(con->mount, "%s: is %s, not frozen", con->name,
		 ckpt_state_name(con->state));
	return con->state == CKPT_DEAD ? -ENOENT : -EBUSY;
}

int ckpt_container_commit(struct ckpt_container *con, bool kill, unsigned int hold)
{
	int err;

	guard(mutex)(&con->lock);
	if (con->state != CKPT_FROZEN)
		return not_frozen(con);
	err = check_frozen(con);
	if (!err) {
		err = keep_contents(con);
		if (err)
			return err;
		/* It may have written to its memory, dying, before that was kept. */
		err = check_frozen(con);
	}
	stop_timeout(con);
	if (err) {
		thaw_and_forget(con);
		return err;
	}
	WRITE_ONCE(con->state, CKPT_COMMITTED);
	if (kill)
		kill_all(con, hold);
	else
		thaw(con, false);
	return 0;
}

int ckpt_container_thaw(struct ckpt_container *con)
{
	guard(mutex)(&con->lock);
	if (con->state != CKPT_FROZEN)
		return not_frozen(con);
	stop_timeout(con);
	thaw_and_forget(con);
	return 0;
}

int ckpt_container_remove(struct ckpt_container *con)
{
	guard(mutex)(&con->lock);
	switch (con->state) {
	case CKPT_FROZEN:
		stop_timeout(con);
		thaw_and_forget(con);
		return 0;
	case CKPT_COMMITTED:
		forget(con);
		release(con);
		return 0;
	default:
		return not_frozen(con);
	}
}

static struct ckpt_container *first_container(struct ckpt_mount *m)
{
	struct ckpt_container *con;

	guard(mutex)(&m->lock);
	con = list_first_entry_or_null(&m->containers, struct ckpt_container, node);
	if (con)
		ckpt_container_get(con);
	return con;
}

/*
 * Nobody can open, read or command any more: the super block is going. What
 * may still run is a time-out, which the mount must outlive.
 */
void ckpt_containers_destroy(struct ckpt_mount *m)
{
	struct ckpt_container *con;

	while ((con = first_container(m))) {
		ckpt_container_remove(con);
		ckpt_container_put(con);
	}
	flush_workqueue(timeouts);
}

int __init ckpt_container_init(void)
{
	timeouts = alloc_workqueue("checkpointfs", WQ_UNBOUND, 0);
	return timeouts ? 0 : -ENOMEM;
}

void ckpt_container_exit(void)
{
	destroy_workqueue(timeouts);
}

#ifdef CONFIG_CHECKPOINTFS_KUNIT_TEST
#include "tests/container_kunit.c"
#endif
