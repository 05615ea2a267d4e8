// SPDX-License-Identifier: GPL-2.0-only
/*
 * The walk from the frozen tasks to every object that they reach.
 *
 * Rows announce what their objects refer to; each pointer becomes one object
 * with one id, however many refer to it. When nothing new appears, objects are
 * compared with the outside (verify), then serialized (save). Obstacles are
 * counted, not returned, so that one freeze names all of them.
 *
 * All of this runs in the write() of the freezer while every task is frozen,
 * so the graph does not change, and only this thread touches the collection.
 */
#include <linux/delay.h>
#include <linux/file.h>
#include <linux/fs_struct.h>
#include <linux/pid_namespace.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "joint.h"
#include "sysvipc.h"

/* Looks at files, 50 us each, before one is said to be shared: 10 ms in all. */
#define PATIENCE	200

/* About as many as most have. */
#define PROCESS_OBJECTS	12
#define THREAD_OBJECTS	3

struct object_key {
	const struct ckpt_object_ops *ops;
	const void *ptr;
};

static u32 object_hash_key(const void *data, u32 len, u32 seed)
{
	const struct object_key *key = data;

	return jhash_2words(hash_ptr(key->ops, 32), hash_ptr(key->ptr, 32), seed);
}

static u32 object_hash(const void *data, u32 len, u32 seed)
{
	const struct ckpt_object *obj = data;
	struct object_key key = { .ops = obj->ops, .ptr = obj->ptr };

	return object_hash_key(&key, sizeof(key), seed);
}

static int object_cmp(struct rhashtable_compare_arg *arg, const void *data)
{
	const struct object_key *key = arg->key;
	const struct ckpt_object *obj = data;

	return key->ops != obj->ops || key->ptr != obj->ptr;
}

static const struct rhashtable_params object_params = {
	.head_offset = offsetof(struct ckpt_object, hash),
	.key_len = sizeof(struct object_key),
	.hashfn = object_hash_key,
	.obj_hashfn = object_hash,
	.obj_cmpfn = object_cmp,
	.automatic_shrinking = false,
};

static struct ckpt_object *lookup(struct ckpt_collect *c,
				  const struct ckpt_object_ops *ops, const void *ptr)
{
	struct object_key key = { .ops = ops, .ptr = ptr };
	struct ckpt_object *obj = c->latest[ops->type];

	if (obj && obj->ptr == ptr)
		return obj;
	obj = rhashtable_lookup_fast(&c->hash, &key, object_params);
	if (obj)
		c->latest[ops->type] = obj;
	return obj;
}

struct ckpt_object *ckpt_lookup(struct ckpt_collect *c, u32 type, const void *ptr)
{
	return lookup(c, ckpt_type(type), ptr);
}

u64 ckpt_id(struct ckpt_collect *c, u32 type, const void *ptr)
{
	struct ckpt_object *obj = ptr ? ckpt_lookup(c, type, ptr) : NULL;

	return obj ? obj->id : 0;
}

static struct ckpt_object *object_create(struct ckpt_collect *c,
					 const struct ckpt_object_ops *ops,
					 void *ptr, u64 id)
{
	struct ckpt_object *obj = kzalloc(sizeof(*obj), GFP_KERNEL_ACCOUNT);
	int err;

	if (!obj)
		return ERR_PTR(-ENOMEM);
	obj->ops = ops;
	obj->ptr = ptr;
	obj->id = id;
	obj->con = c->con;
	obj->first = c->referrer ? c->referrer->id : id;
	err = rhashtable_insert_fast(&c->hash, &obj->hash, object_params);
	if (err) {
		kfree(obj);
		return ERR_PTR(err);
	}
	if (ops->get)
		ops->get(ptr);
	list_add_tail(&obj->node, &c->con->objects);
	c->con->nr_objects++;
	return obj;
}

static struct ckpt_object *collect_ref(struct ckpt_collect *c,
				       const struct ckpt_object_ops *ops,
				       void *ptr, u64 id)
{
	struct ckpt_object *obj = lookup(c, ops, ptr);

	if (!obj)
		obj = object_create(c, ops, ptr, id);
	if (!IS_ERR(obj))
		obj->refs++;
	return obj;
}

struct ckpt_object *ckpt_collect_id(struct ckpt_collect *c, u32 type, void *ptr, u64 id)
{
	return collect_ref(c, ckpt_type(type), ptr, id);
}

/* Ids count per directory: the types that share one share its first row. */
static u64 *next_id(struct ckpt_collect *c, const struct ckpt_object_ops *ops)
{
	unsigned int i;

	for (i = 0; strcmp(ckpt_types[i]->dir, ops->dir); i++)
		;
	return &c->next_id[ckpt_types[i]->type];
}

static struct ckpt_object *collect_counted(struct ckpt_collect *c,
					   const struct ckpt_object_ops *ops, void *ptr)
{
	struct ckpt_object *obj = lookup(c, ops, ptr);

	if (obj) {
		obj->refs++;
		return obj;
	}
	return collect_ref(c, ops, ptr, ++*next_id(c, ops));
}

struct ckpt_object *ckpt_collect_ref(struct ckpt_collect *c, u32 type, void *ptr)
{
	return collect_counted(c, ckpt_type(type), ptr);
}

static const struct ckpt_object_ops *file_row(struct ckpt_collect *c, struct file *file)
{
	unsigned int i;

	if (xa_load(&c->externals, (unsigned long)file))
		return ckpt_type(CKPT_TYPE_EXTERNAL);
	for (i = 0; i < ckpt_nr_types; i++)
		if (ckpt_types[i]->match && ckpt_types[i]->match(file))
			return ckpt_types[i];
	return NULL;
}

bool ckpt_file_known(struct ckpt_collect *c, struct file *file)
{
	return file_row(c, file);
}

struct ckpt_object *ckpt_collect_file(struct ckpt_collect *c, struct file *file,
				      const char *who, ...)
{
	const struct ckpt_object_ops *ops = file_row(c, file);
	struct va_format vaf = { .fmt = who };
	va_list args;

	if (ops)
		return collect_counted(c, ops, file);
	va_start(args, who);
	vaf.va = &args;
	if (S_ISCHR(file_inode(file)->i_mode) || S_ISBLK(file_inode(file)->i_mode))
		ckpt_refuse(c, "%pV: device %u:%u cannot be saved", &vaf,
			    MAJOR(file_inode(file)->i_rdev),
			    MINOR(file_inode(file)->i_rdev));
	else
		ckpt_refuse(c, "%pV: %s cannot be saved", &vaf, ckpt_file_kind(file));
	va_end(args);
	return ERR_PTR(-EOPNOTSUPP);
}

u64 ckpt_file_id(struct ckpt_collect *c, struct file *file)
{
	const struct ckpt_object_ops *ops = file ? file_row(c, file) : NULL;
	struct ckpt_object *obj = ops ? lookup(c, ops, file) : NULL;
	unsigned int i;

	/* Since it was collected somebody may have taken its name away. */
	for (i = 0; file && !obj && i < ckpt_nr_types; i++)
		if (ckpt_types[i]->match)
			obj = lookup(c, ckpt_types[i], file);
	return obj ? obj->id : 0;
}

void ckpt_refuse(struct ckpt_collect *c, const char *fmt, ...)
{
	struct va_format vaf = { .fmt = fmt };
	va_list args;

	va_start(args, fmt);
	vaf.va = &args;
	ckpt_err(c->mount, "%pV", &vaf);
	va_end(args);
	c->refused++;
}

void ckpt_refuse_shared(struct ckpt_collect *c, const char *fmt, ...)
{
	struct va_format vaf = { .fmt = fmt };
	va_list args;

	va_start(args, fmt);
	vaf.va = &args;
	ckpt_refuse(c, "%pV", &vaf);
	va_end(args);
	c->shared++;
}

pid_t ckpt_pid_nr(struct ckpt_collect *c, struct pid *pid)
{
	return pid_nr_ns(pid, c->con->caller_ns);
}

static pid_t task_nr(struct ckpt_collect *c, struct task_struct *t)
{
	guard(rcu)();
	return ckpt_pid_nr(c, task_pid(t));
}

/* A zombie vanishes when its parent, who may be outside, has waited for it. */
static int vanished(struct ckpt_collect *c)
{
	ckpt_err(c->mount, "%s: a zombie has been waited for while it was collected",
		 c->con->name);
	return -ESRCH;
}

static int collect_tasks(struct ckpt_collect *c)
{
	unsigned int i;

	for (i = 0; i < c->tasks->nr; i++) {
		struct task_struct *t = c->tasks->vec[i];
		pid_t nr = task_nr(c, t);
		struct ckpt_object *obj;

		if (!nr)
			return vanished(c);
		obj = ckpt_collect_id(c, CKPT_TYPE_TASK, t, nr);
		if (IS_ERR(obj))
			return PTR_ERR(obj);
	}
	return 0;
}

/* All that has been said of zombies was so until now. */
static int check_zombies(struct ckpt_collect *c)
{
	unsigned int i;

	for (i = 0; i < c->tasks->nr; i++)
		if (!task_nr(c, c->tasks->vec[i]))
			return vanished(c);
	return 0;
}

/* The list grows at its end while it is walked. */
static int collect_all(struct ckpt_collect *c)
{
	struct ckpt_object *obj;
	int failed = ckpt_joint_collect(c) ?: collect_tasks(c) ?: ckpt_ipc_collect(c);

	if (failed)
		return failed;
	list_for_each_entry(obj, &c->con->objects, node) {
		int err;

		c->referrer = obj;
		err = obj->ops->collect ? obj->ops->collect(c, obj) : 0;
		if (err == -EAGAIN)
			ckpt_say_why(obj, err);
		if (err)
			return err;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

bool ckpt_look_again(struct ckpt_collect *c)
{
	if (!c->patience)
		return false;
	c->patience--;
	usleep_range(50, 100);
	return true;
}

/* Whoever looks at /proc/PID/fd holds a file for a moment: that is given time. */
bool ckpt_file_shared(struct ckpt_collect *c, const struct ckpt_object *obj)
{
	while (file_count((struct file *)obj->ptr) > obj->refs + 1)
		if (!ckpt_look_again(c))
			return true;
	return false;
}

/*
 * A struct file that a task outside holds too: its position would be shared
 * before the restore and not after. One reference is the collection's own.
 * Mappings share nothing of a file but its contents, so one that is only mapped
 * may have been inherited from outside.
 */
static void verify_file(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct file *file = obj->ptr;
	char who[CKPT_WHO_MAX];

	if (!obj->has_fd || !ckpt_file_shared(c, obj))
		return;
	ckpt_refuse_shared(c, "%s: %pD4 is shared with a task outside of the container",
			   ckpt_who(c, file, who, sizeof(who)), file);
}

static int verify_all(struct ckpt_collect *c)
{
	struct ckpt_object *obj;

	list_for_each_entry(obj, &c->con->objects, node) {
		int err = obj->ops->verify ? obj->ops->verify(c, obj) : 0;

		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		if (err)
			return err;
		if ((obj->ops->flags & CKPT_ROW_FILE) &&
		    !(obj->ops->flags & CKPT_ROW_SHAREABLE))
			verify_file(c, obj);
		cond_resched();
	}
	return 0;
}

static int save_all(struct ckpt_collect *c)
{
	struct ckpt_writer w = {};
	struct ckpt_object *obj;
	int err = 0;

	list_for_each_entry(obj, &c->con->objects, node) {
		if (obj->ops->flags & CKPT_ROW_RAW)
			continue;
		err = obj->ops->save(c, obj, &w);
		if (!err)
			err = ckpt_keep_object(&w, obj);
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		if (err) {
			ckpt_say_why(obj, err);
			break;
		}
		cond_resched();
	}
	ckpt_writer_free(&w);
	return err;
}

/* The order of the archive: by row, in each row by age. */
static void sort_objects(struct ckpt_container *con)
{
	struct list_head rows[CKPT_TYPE_LIMIT];
	struct ckpt_object *obj, *next;
	unsigned int i;

	for (i = 0; i < CKPT_TYPE_LIMIT; i++)
		INIT_LIST_HEAD(&rows[i]);
	list_for_each_entry_safe(obj, next, &con->objects, node)
		list_move_tail(&obj->node, &rows[obj->ops->type]);
	for (i = 0; i < ckpt_nr_types; i++)
		list_splice_tail(&rows[ckpt_types[i]->type], &con->objects);
}

static int refusal(const struct ckpt_collect *c)
{
	if (!c->refused)
		return 0;
	return c->refused == c->shared ? -EBUSY : -EOPNOTSUPP;
}

static int collect_tree(struct ckpt_collect *c, const struct ckpt_externals *externals)
{
	int err = ckpt_externals_declare(c, externals);

	if (!err)
		err = collect_all(c);
	if (!err)
		err = verify_all(c);
	if (!err)
		err = refusal(c);
	if (err)
		return err;
	sort_objects(c->con);
	err = save_all(c) ?: check_zombies(c);
	/* Saving may still meet what it cannot write. */
	return err ?: refusal(c);
}

/* Growing is work for another thread, that would run now. */
static int init_hash(struct ckpt_collect *c)
{
	struct rhashtable_params params = object_params;
	unsigned int nr = 0, i;

	for (i = 0; i < c->tasks->nr && nr < U16_MAX; i++)
		nr += thread_group_leader(c->tasks->vec[i]) ? PROCESS_OBJECTS : THREAD_OBJECTS;
	params.nelem_hint = min(nr, U16_MAX);
	return rhashtable_init(&c->hash, &params);
}

int ckpt_collect_objects(struct ckpt_container *con, const struct ckpt_externals *externals)
{
	char *page __free(kfree) = kmalloc(PATH_MAX, GFP_KERNEL);
	struct ckpt_collect *c __free(kfree) = kzalloc(sizeof(*c), GFP_KERNEL);
	int err;

	if (!page || !c)
		return -ENOMEM;
	c->con = con;
	c->mount = con->mount;
	c->tasks = con->tasks;
	c->now = ktime_get_ns();
	c->page = page;
	c->patience = PATIENCE;
	xa_init(&c->externals);
	err = init_hash(c);
	if (err)
		return err;
	xa_init(&c->joint);
	xa_init(&c->undos);
	xa_init(&c->keyrings);
	xa_init(&c->cookies);
	xa_init(&c->uffds);
	xa_init(&c->fanouts);
	get_fs_root(current->fs, &c->root);
	err = collect_tree(c, externals);
	ckpt_externals_forget(c);
	path_put(&c->root);
	xa_destroy(&c->cookies);
	xa_destroy(&c->uffds);
	xa_destroy(&c->fanouts);
	xa_destroy(&c->keyrings);
	xa_destroy(&c->undos);
	xa_destroy(&c->joint);
	rhashtable_destroy(&c->hash);
	return err;
}

void ckpt_objects_kill(struct ckpt_container *con)
{
	struct ckpt_object *obj;

	list_for_each_entry(obj, &con->objects, node) {
		if (obj->ops->kill)
			obj->ops->kill(obj);
		cond_resched();
	}
}

void ckpt_objects_thaw(struct ckpt_container *con, unsigned int hold)
{
	struct ckpt_object *obj;

	list_for_each_entry(obj, &con->objects, node) {
		if (obj->ops->thaw)
			obj->ops->thaw(obj, hold);
		cond_resched();
	}
}

void ckpt_objects_unpin(struct ckpt_container *con)
{
	struct ckpt_object *obj;

	list_for_each_entry(obj, &con->objects, node) {
		if (obj->ptr && obj->ops->put)
			obj->ops->put(obj->ptr);
		obj->ptr = NULL;
		cond_resched();
	}
}

void ckpt_objects_release(struct ckpt_container *con)
{
	struct ckpt_object *obj;

	list_for_each_entry(obj, &con->objects, node) {
		if (obj->ops->release)
			obj->ops->release(obj);
		cond_resched();
	}
}

void ckpt_objects_free(struct ckpt_container *con)
{
	struct ckpt_object *obj, *next;

	list_for_each_entry_safe(obj, next, &con->objects, node) {
		list_del(&obj->node);
		kvfree(obj->bytes);
		kfree(obj);
		cond_resched();
	}
	con->nr_objects = 0;
	kvfree(con->header.bytes);
	kvfree(con->cpu.bytes);
	kvfree(con->tail.bytes);
	con->header.bytes = NULL;
	con->cpu.bytes = NULL;
	con->tail.bytes = NULL;
}

#ifdef CONFIG_CHECKPOINTFS_KUNIT_TEST
#include "tests/collect_kunit.c"
#endif
