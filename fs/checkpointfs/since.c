// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a new image need not have, because an older one of the program has it.
 *
 * The older container is committed and in the same mount. Its objects are
 * paired with the new ones by what they are of: the same address space, the
 * same shared memory; ids may differ. While the new image is sealed the older
 * one's contents are kept by its ckpt_container.reading, so a removal waits for
 * that; before and after, it may go at any time.
 */
#include <linux/pid.h>

#include "checkpointfs.h"

struct ckpt_container *ckpt_since_get(struct ckpt_mount *m, const char *name)
{
	struct ckpt_container *older = ckpt_container_find(m, name);
	int err;

	if (!older) {
		ckpt_err(m, "snapshot: since=%s: there is no container of that name", name);
		return ERR_PTR(-ENOENT);
	}
	err = ckpt_container_permission(older);
	if (!err && READ_ONCE(older->state) != CKPT_COMMITTED) {
		ckpt_err(m, "snapshot: since=%s: is %s, not committed", name,
			 ckpt_state_name(older->state));
		err = -EBUSY;
	}
	if (err) {
		ckpt_container_put(older);
		return ERR_PTR(err);
	}
	return older;
}

int ckpt_since_check(const struct ckpt_container *con)
{
	if (!con->since || con->since->root == con->root)
		return 0;
	ckpt_err(con->mount, "%s: since=%s: that is another program", con->name,
		 con->since->name);
	return -EINVAL;
}

int ckpt_since_begin(struct ckpt_container *con)
{
	struct ckpt_container *older = con->since;

	if (!older)
		return 0;
	if (down_read_killable(&older->reading))
		return -EINTR;
	if (!ckpt_container_dead(older))
		return 0;
	up_read(&older->reading);
	ckpt_err(con->mount, "%s: since=%s: that has been removed meanwhile", con->name,
		 older->name);
	return -ENOENT;
}

void ckpt_since_end(struct ckpt_container *con)
{
	if (con->since)
		up_read(&con->since->reading);
}

static struct ckpt_object *object_at(const struct ckpt_index *index, const struct ckpt_dir *dir,
				     s64 pos)
{
	return pos >= dir->start && pos < dir->end ? index->objects[pos] : NULL;
}

/*
 * Ids are given in the order of the walk: it often has the same one, or one
 * near to it. So that many objects do not take the square of their number, it
 * is looked for from there, to both sides.
 */
struct ckpt_object *ckpt_since_object(const struct ckpt_object *obj,
				      bool (*same)(const struct ckpt_object *older,
						   const struct ckpt_object *obj))
{
	const struct ckpt_index *index;
	const struct ckpt_dir *dir;
	s64 near, i;

	if (!obj->con->since)
		return NULL;
	index = obj->con->since->index;
	dir = &index->dirs[index->dir_of[obj->ops->type]];
	near = ckpt_index_find(index, dir, obj->id);
	if (near < 0)
		near = dir->end;
	for (i = 0; i <= (s64)dir->end - dir->start; i++) {
		struct ckpt_object *sides[] = {
			object_at(index, dir, near - i), object_at(index, dir, near + i),
		};
		unsigned int side;

		for (side = 0; side < ARRAY_SIZE(sides); side++)
			if (sides[side] && sides[side]->ops == obj->ops &&
			    same(sides[side], obj))
				return sides[side];
	}
	return NULL;
}

int ckpt_since_save(const struct ckpt_object *obj, const struct ckpt_object *older,
		    struct ckpt_writer *w)
{
	struct ckpt_parent *rec = ckpt_add(w, CKPT_REC_PARENT, 0);

	if (!rec)
		return w->error;
	rec->id = cpu_to_le64(older->id);
	obj->con->inherits = true;
	return 0;
}

void ckpt_since_header(const struct ckpt_container *con, struct ckpt_header *header)
{
	const struct ckpt_header *older;
	struct ckpt_view view;

	if (!con->inherits)
		return;
	ckpt_find(con->since->header.bytes, con->since->header.size, CKPT_REC_HEADER, &view);
	older = view.body;
	memcpy(header->parent, older->id, sizeof(header->parent));
	header->incompat |= cpu_to_le64(CKPT_INCOMPAT_PARENT);
}
