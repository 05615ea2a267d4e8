// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records: the cursor that reads them, the writer that makes them.
 *
 * All offset arithmetic of the format is here. A cursor goes over bytes that
 * it does not own and trusts none of them. A writer owns a growing buffer,
 * until its user takes it or ckpt_writer_free(); one user at a time, so there
 * is no lock.
 */
#include "format.h"

#define RECORD_ALIGN	8
#define WRITER_ROOM	256		/* first allocation: most files fit */
#define WRITER_MAX	BIT(31)		/* of one file */

static_assert(sizeof(struct ckpt_record) == 16);

/* Size of a record; cannot overflow: count and sizes of elements are 32 bits. */
static u64 record_size(u32 fixed, u32 count, u32 elem)
{
	return ALIGN(sizeof(struct ckpt_record) + fixed + (u64)count * elem,
		     RECORD_ALIGN);
}

void ckpt_cursor_init(struct ckpt_cursor *cur, const void *bytes, size_t size)
{
	cur->pos = bytes;
	cur->end = size ? cur->pos + size : cur->pos;
}

/* One string: a NUL at the end of the elements and nowhere before it. */
static bool text_sane(const u8 *text, u32 count)
{
	return count && !text[count - 1] && !memchr(text, 0, count - 1);
}

/* Are the bytes at @rec a record of @s within @left bytes? */
static bool record_sane(const struct ckpt_schema *s,
			const struct ckpt_record *rec, size_t left)
{
	u16 version = le16_to_cpu(rec->version);
	u32 count = le32_to_cpu(rec->count);
	u32 size = le32_to_cpu(rec->size);
	const u8 *elems = (const u8 *)(rec + 1) + s->fixed;
	const u8 *pad;

	if (version < s->min_version || version > s->version)
		return false;
	if (le32_to_cpu(rec->fixed) != s->fixed || count > s->max)
		return false;
	if (size > left || size != record_size(s->fixed, count, s->elem))
		return false;
	if (s->text && !text_sane(elems, count))
		return false;
	pad = elems + (size_t)count * s->elem;
	return !memchr_inv(pad, 0, (const u8 *)rec + size - pad);
}

int ckpt_next(struct ckpt_cursor *cur, struct ckpt_view *view)
{
	const struct ckpt_record *rec = (const void *)cur->pos;
	size_t left = cur->end - cur->pos;
	const struct ckpt_schema *s;

	if (!left)
		return 0;
	if (left < sizeof(*rec))
		return -EUCLEAN;
	s = ckpt_schema(le16_to_cpu(rec->type));
	if (!s || !record_sane(s, rec, left))
		return -EUCLEAN;

	view->type = le16_to_cpu(rec->type);
	view->version = le16_to_cpu(rec->version);
	view->body = rec + 1;
	view->elems = (const u8 *)view->body + s->fixed;
	view->count = le32_to_cpu(rec->count);
	cur->pos += le32_to_cpu(rec->size);
	return 1;
}

bool ckpt_find(const void *bytes, size_t size, u16 type, struct ckpt_view *view)
{
	struct ckpt_cursor cur;

	ckpt_cursor_init(&cur, bytes, size);
	while (ckpt_next(&cur, view) > 0)
		if (view->type == type)
			return true;
	return false;
}

/* Doubles: a file written piece by piece is copied a few times at most. */
static int writer_grow(struct ckpt_writer *w, size_t more)
{
	size_t room = max_t(size_t, w->room, WRITER_ROOM);
	u8 *buf;

	if (more > WRITER_MAX - w->len)
		return -EFBIG;
	while (room < w->len + more)
		room *= 2;
	if (room == w->room)
		return 0;
	buf = ckpt_alloc(room);
	if (!buf)
		return -ENOMEM;
	if (w->len)
		memcpy(buf, w->buf, w->len);
	ckpt_free(w->buf);
	w->buf = buf;
	w->room = room;
	return 0;
}

/* Return: @size zeroed bytes at the end of the buffer, or NULL. */
static void *writer_take(struct ckpt_writer *w, size_t size)
{
	void *at;

	if (!w->error)
		w->error = writer_grow(w, size);
	if (w->error)
		return NULL;
	/* A writer may be used again for the next file: old bytes are there. */
	at = memset(w->buf + w->len, 0, size);
	w->len += size;
	return at;
}

void *ckpt_add(struct ckpt_writer *w, u16 type, u32 count)
{
	const struct ckpt_schema *s = ckpt_schema(type);
	struct ckpt_record *rec;
	u64 size;

	if (!w->error && (!s || count > s->max))
		w->error = -E2BIG;
	if (w->error)
		return NULL;
	size = record_size(s->fixed, count, s->elem);
	rec = size < WRITER_MAX ? writer_take(w, size) : NULL;
	if (!rec) {
		w->error = w->error ?: -EFBIG;
		return NULL;
	}
	rec->type = cpu_to_le16(type);
	rec->version = cpu_to_le16(s->version);
	rec->fixed = cpu_to_le32(s->fixed);
	rec->count = cpu_to_le32(count);
	rec->size = cpu_to_le32(size);
	return rec + 1;
}

void *ckpt_elems(void *body)
{
	struct ckpt_record *rec = (struct ckpt_record *)body - 1;

	return (u8 *)body + le32_to_cpu(rec->fixed);
}

int ckpt_add_path(struct ckpt_writer *w, u32 role, const char *path)
{
	size_t size = strlen(path) + 1;
	struct ckpt_path *rec;

	if (size > CKPT_PATH_MAX && !w->error)
		w->error = -ENAMETOOLONG;
	rec = ckpt_add(w, CKPT_REC_PATH, size);
	if (!rec)
		return w->error;
	rec->role = cpu_to_le32(role);
	memcpy(ckpt_elems(rec), path, size);
	return 0;
}

int ckpt_add_bytes(struct ckpt_writer *w, const void *bytes, size_t size)
{
	void *at = writer_take(w, size);

	if (!at)
		return w->error;
	memcpy(at, bytes, size);
	return 0;
}

void ckpt_writer_free(struct ckpt_writer *w)
{
	ckpt_free(w->buf);
	*w = (struct ckpt_writer){};
}
