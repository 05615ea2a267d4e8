// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether an image will be restored: asked before anybody has it, by the checks that a
 * restore makes.
 *
 * Tasks are frozen while they are saved; what they have others may have got hold of
 * (pidfd_getfd(2)), and change between one look at it and the next. Each look is safe, but
 * what they tell may not fit together. Then there is no image, instead of one that is refused
 * when the program is gone. What only the frozen change is not looked at: of many tasks that
 * would take as long as a third of all that is done before the program runs again.
 *
 * The index does not change any more: no lock.
 */
#include "checkpointfs.h"

static const struct ckpt_dir *dir_of(const struct ckpt_index *index, u32 type)
{
	return &index->dirs[index->dir_of[type]];
}

/* The first object at @i or behind it in @dir that is of @type; CKPT_TYPE_NONE: any open file. */
static struct ckpt_object *first_from(const struct ckpt_index *index, const struct ckpt_dir *dir,
				      u32 i, u32 type)
{
	for (; i < dir->end; i++) {
		const struct ckpt_object_ops *ops = index->objects[i]->ops;

		if (type ? ops->type == type : ops->flags & CKPT_ROW_FILE)
			return index->objects[i];
	}
	return NULL;
}

static struct ckpt_object *find(const struct ckpt_container *con, u32 type, u64 id)
{
	const struct ckpt_index *index = con->index;
	const struct ckpt_dir *dir;
	struct ckpt_object *obj;
	s64 at;

	if (type && !ckpt_type(type))
		return NULL;
	dir = dir_of(index, type ?: CKPT_TYPE_REGULAR);
	at = ckpt_index_find(index, dir, id);
	obj = at < 0 ? NULL : first_from(index, dir, at, type);
	return obj && obj->id == id ? obj : NULL;
}

static u32 check_exists(void *priv, u32 type, u64 id)
{
	const struct ckpt_object *obj = find(priv, type, id);

	return obj ? obj->ops->type : 0;
}

static const void *check_bytes(void *priv, u32 type, u64 id, u64 *size)
{
	const struct ckpt_object *obj = find(priv, type, id);

	*size = obj ? obj->size : 0;
	return obj ? obj->bytes : NULL;
}

static u64 check_next(void *priv, u32 type, u64 after)
{
	const struct ckpt_container *con = priv;
	const struct ckpt_index *index = con->index;
	const struct ckpt_dir *dir = dir_of(index, type);
	u32 low = dir->start, high = dir->end;
	struct ckpt_object *obj;

	while (low < high) {
		u32 middle = low + (high - low) / 2;

		if (index->objects[middle]->id <= after)
			low = middle + 1;
		else
			high = middle;
	}
	obj = first_from(index, dir, low, type);
	return obj ? obj->id : 0;
}

static void check_report(void *priv, const char *where, const char *what)
{
	struct ckpt_container *con = priv;

	ckpt_err(con->mount, "%s: %s: %s: changed from outside of the container while it was saved",
		 con->name, where, what);
}

/* Of a task, and of nobody who is not frozen. */
static bool is_of_frozen(u32 type)
{
	switch (type) {
	case CKPT_TYPE_TASK:
	case CKPT_TYPE_REGS:
	case CKPT_TYPE_SIGNALS:
	case CKPT_TYPE_PROCESS:
	case CKPT_TYPE_LEADER:
	case CKPT_TYPE_ENDEDPID:
	case CKPT_TYPE_SIGHAND:
	case CKPT_TYPE_CREDS:
	case CKPT_TYPE_SECCOMP:
	case CKPT_TYPE_FS:
	case CKPT_TYPE_FDTABLE:
	case CKPT_TYPE_MM:
	case CKPT_TYPE_VMAS:
		return true;
	default:
		return false;
	}
}

int ckpt_sound_check(struct ckpt_container *con)
{
	struct ckpt_check chk = {
		.exists = check_exists,
		.bytes = check_bytes,
		.next = check_next,
		.report = check_report,
		.priv = con,
	};
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < ckpt_nr_types; i++)
		if (!is_of_frozen(ckpt_types[i]->type))
			err = ckpt_check_type(&chk, ckpt_types[i]);
	/* It may be another time. */
	return err && err != -ENOMEM ? -EAGAIN : err;
}
