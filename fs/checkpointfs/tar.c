// SPDX-License-Identifier: GPL-2.0-only
/*
 * NAME.tar: the tree of a container as one stream, made while it is read.
 *
 * What is kept is where each member begins, in the index; headers are written
 * into a block on the stack when somebody reads them. So any number of readers
 * may be at any offset, and no lock is needed but that of the contents. The
 * format is ustar; numbers too large for its octal digits are in base 256, as
 * GNU tar writes them and everybody reads them.
 */
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "checkpointfs.h"
#include "tar.h"

#define TAR_RECORD	10240	/* an archive's size is a multiple of it */

enum member_kind {
	MEMBER_TREE,		/* NAME/ */
	MEMBER_HEADER,
	MEMBER_CPU,
	MEMBER_TAIL,
	MEMBER_DIR,		/* DIR/ of the object */
	MEMBER_ID,		/* DIR/ID/ of the object */
	MEMBER_FILE,		/* of the object */
};

static bool member_is_dir(const struct ckpt_member *member)
{
	return member->kind == MEMBER_TREE || member->kind == MEMBER_DIR ||
	       member->kind == MEMBER_ID;
}

static const struct ckpt_bytes *member_bytes(const struct ckpt_container *con,
					     const struct ckpt_member *member)
{
	switch (member->kind) {
	case MEMBER_HEADER:
		return &con->header;
	case MEMBER_CPU:
		return &con->cpu;
	default:
		return &con->tail;
	}
}

static u64 member_size(const struct ckpt_container *con,
		       const struct ckpt_member *member)
{
	if (member_is_dir(member))
		return 0;
	if (member->obj)
		return member->obj->size;
	return member_bytes(con, member)->size;
}

/* ---- layout --------------------------------------------------------------- */

static void add_member(struct ckpt_container *con, enum member_kind kind,
		       struct ckpt_object *obj)
{
	struct ckpt_index *index = con->index;
	struct ckpt_member *member = &index->members[index->nr_members++];

	member->kind = kind;
	member->obj = obj;
	member->offset = index->tar_size;
	index->tar_size += TAR_BLOCK;
	index->tar_size += round_up(member_size(con, member), TAR_BLOCK);
}

static u32 count_members(const struct ckpt_index *index)
{
	u32 d, n = MEMBER_TAIL + 1 + index->nr;

	for (d = 0; d < index->nr_dirs; d++)
		if (index->dirs[d].end)
			n += 1 + index->dirs[d].nr_ids;
	return n;
}

/* A directory stands before the first file in it. */
static void add_object(struct ckpt_container *con, struct ckpt_object *obj,
		       unsigned long *seen)
{
	if (!__test_and_set_bit(con->index->dir_of[obj->ops->type], seen))
		add_member(con, MEMBER_DIR, obj);
	if (obj->leads && obj->ops->part)
		add_member(con, MEMBER_ID, obj);
	add_member(con, MEMBER_FILE, obj);
}

int ckpt_tar_build(struct ckpt_container *con)
{
	DECLARE_BITMAP(seen, CKPT_TYPE_LIMIT) = {};
	struct ckpt_index *index = con->index;
	struct ckpt_object *obj;

	index->members = kvmalloc_array(count_members(index),
					sizeof(*index->members),
					GFP_KERNEL_ACCOUNT);
	if (!index->members)
		return -ENOMEM;
	add_member(con, MEMBER_TREE, NULL);
	add_member(con, MEMBER_HEADER, NULL);
	add_member(con, MEMBER_CPU, NULL);
	list_for_each_entry(obj, &con->objects, node)
		add_object(con, obj, seen);
	add_member(con, MEMBER_TAIL, NULL);
	/* Two blocks of zeroes, and what the last record needs to be full. */
	index->tar_size += 2 * TAR_BLOCK;
	index->tar_size = roundup_u64(index->tar_size, TAR_RECORD);
	return 0;
}

/* ---- header blocks ---------------------------------------------------------- */

/* Octal with a NUL behind it, or in base 256 where the digits do not suffice. */
static void put_number(char *field, size_t size, u64 value)
{
	size_t i;

	if (value >> (3 * (size - 1)) == 0) {
		field[size - 1] = '\0';
		for (i = size - 1; i-- > 0; value >>= 3)
			field[i] = '0' + (value & 7);
		return;
	}
	for (i = size; i-- > 0; value >>= 8)
		field[i] = value & 0xff;
	field[0] |= 0x80;
}

/* Below the name of the container, which goes into the prefix. */
static void put_name(char *name, size_t size, const struct ckpt_member *member)
{
	const struct ckpt_object *obj = member->obj;

	switch (member->kind) {
	case MEMBER_HEADER:
		strscpy(name, "header", size);
		break;
	case MEMBER_CPU:
		strscpy(name, "cpu", size);
		break;
	case MEMBER_TAIL:
		strscpy(name, "tail", size);
		break;
	case MEMBER_DIR:
		snprintf(name, size, "%s/", obj->ops->dir);
		break;
	case MEMBER_ID:
		snprintf(name, size, "%s/%llu/", obj->ops->dir, obj->id);
		break;
	default:
		ckpt_name_format(name, size, obj->ops, obj->id);
	}
}

static void put_checksum(struct tar_header *h)
{
	memset(h->chksum, ' ', sizeof(h->chksum));
	put_number(h->chksum, sizeof(h->chksum) - 1, ckpt_tarhead_sum(h));
}

static void fill_header(struct tar_header *h, const struct ckpt_container *con,
			const struct ckpt_member *member)
{
	bool dir = member_is_dir(member);

	memset(h, 0, sizeof(*h));
	if (member->kind == MEMBER_TREE) {
		snprintf(h->name, sizeof(h->name), "%s/", con->name);
	} else {
		strscpy(h->prefix, con->name, sizeof(h->prefix));
		put_name(h->name, sizeof(h->name), member);
	}
	put_number(h->mode, sizeof(h->mode), dir ? 0500 : 0400);
	put_number(h->uid, sizeof(h->uid),
		   from_kuid_munged(&init_user_ns, con->uid));
	put_number(h->gid, sizeof(h->gid),
		   from_kgid_munged(&init_user_ns, con->gid));
	put_number(h->size, sizeof(h->size), member_size(con, member));
	put_number(h->mtime, sizeof(h->mtime), con->time.tv_sec);
	h->typeflag = dir ? '5' : '0';
	memcpy(h->magic, "ustar", sizeof(h->magic));
	memcpy(h->version, "00", sizeof(h->version));
	put_checksum(h);
}

/* ---- reading ------------------------------------------------------------------ */

/* The member whose header, contents or padding is at @pos. */
static u32 member_at(const struct ckpt_index *index, u64 pos)
{
	u32 low = 0, high = index->nr_members;

	while (high - low > 1) {
		u32 middle = low + (high - low) / 2;

		if (index->members[middle].offset <= pos)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* Where the next member begins, or the archive ends. */
static u64 member_end(const struct ckpt_index *index, u32 i)
{
	if (i + 1 < index->nr_members)
		return index->members[i + 1].offset;
	return index->tar_size;
}

static ssize_t read_header(struct ckpt_container *con,
			   const struct ckpt_member *member, u64 pos,
			   struct iov_iter *to)
{
	struct tar_header h;

	fill_header(&h, con, member);
	return ckpt_bytes_read(&h, sizeof(h), pos, to);
}

static ssize_t read_zeroes(u64 nr, struct iov_iter *to)
{
	return iov_iter_zero(min_t(u64, nr, iov_iter_count(to)), to) ?: -EFAULT;
}

/* Some bytes of one member, at @pos of the archive. */
static ssize_t read_member(struct ckpt_container *con, u32 i, u64 pos,
			   struct iov_iter *to)
{
	const struct ckpt_member *member = &con->index->members[i];
	u64 size = member_size(con, member);
	u64 left = member_end(con->index, i) - pos;

	pos -= member->offset;
	if (pos < TAR_BLOCK)
		return read_header(con, member, pos, to);
	pos -= TAR_BLOCK;
	if (pos >= size)
		return read_zeroes(left, to);
	if (member->obj)
		return ckpt_object_read(member->obj, pos, to);
	return ckpt_bytes_read(member_bytes(con, member)->bytes, size, pos, to);
}

ssize_t ckpt_tar_read(struct ckpt_container *con, loff_t pos,
		      struct iov_iter *to)
{
	const struct ckpt_index *index = con->index;
	u32 i = member_at(index, pos);
	ssize_t done = 0;

	while (iov_iter_count(to) && pos < index->tar_size) {
		ssize_t n;

		if (ckpt_container_dead(con))
			return done ?: -ESTALE;
		n = read_member(con, i, pos, to);
		if (n <= 0)
			return done ?: n;
		pos += n;
		done += n;
		if (pos >= member_end(index, i))
			i++;
		if (fatal_signal_pending(current))
			break;
		cond_resched();
	}
	return done;
}

struct ckpt_object *ckpt_tar_contents(struct ckpt_container *con, loff_t *pos, size_t *len)
{
	const struct ckpt_index *index = con->index;
	u64 end = min_t(u64, index->tar_size, *pos + (u64)*len);
	u32 i;

	if (*pos >= index->tar_size)
		return NULL;
	for (i = member_at(index, *pos); i < index->nr_members; i++) {
		const struct ckpt_member *member = &index->members[i];
		u64 start = member->offset + TAR_BLOCK;
		u64 size = member_size(con, member);

		if (start >= end)
			return NULL;
		if (!member->obj || !size || start + size <= *pos ||
		    !ckpt_object_has_pages(member->obj))
			continue;
		if (*pos < start) {
			*len = start - *pos;
			return NULL;
		}
		*pos -= start;
		*len = min_t(u64, *len, size - *pos);
		return member->obj;
	}
	return NULL;
}
