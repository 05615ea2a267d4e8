// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks of an image: of each of its files, and of the tail over all.
 *
 * Pure functions of hostile bytes, run in the kernel before a restore makes
 * anything, and by `ckpt check`. Whoever checks stands behind struct
 * ckpt_check and finds the files. Generic checks come from the schemas, a
 * row's own check() adds what is special to its type, tasktree.c and space.c
 * what holds between objects. Nothing is kept, so there is nothing to lock.
 */
#include "../object.h"

void ckpt_check_where(struct ckpt_check *chk, u32 type, u64 id)
{
	chk->type = type;
	chk->id = id;
}

static void report(const struct ckpt_check *chk, const char *what)
{
	static const char *const tops[] = { "header", "cpu", "tail" };
	const struct ckpt_object_ops *ops = ckpt_type(chk->type);
	char name[CKPT_FILE_NAME_MAX] = "";

	if (ops)
		ckpt_name_format(name, sizeof(name), ops, chk->id);
	else if (chk->id - CKPT_TOP_HEADER < ARRAY_SIZE(tops))
		snprintf(name, sizeof(name), "%s", tops[chk->id - CKPT_TOP_HEADER]);
	chk->report(chk->priv, name, what);
}

int ckpt_bad(const struct ckpt_check *chk, const char *what)
{
	report(chk, what);
	return -EUCLEAN;
}

int ckpt_unsupported(const struct ckpt_check *chk, const char *what)
{
	report(chk, what);
	return -EOPNOTSUPP;
}

const void *ckpt_check_record(const struct ckpt_check *chk, u32 type, u64 id, u16 rec,
			      struct ckpt_view *view)
{
	u64 size = 0;
	const void *bytes = chk->bytes(chk->priv, type, id, &size);

	return bytes && ckpt_find(bytes, size, rec, view) ? view->body : NULL;
}

const void *ckpt_check_body(const struct ckpt_check *chk, u32 type, u64 id)
{
	const struct ckpt_object_ops *ops = ckpt_type(type);
	struct ckpt_view view;

	if (!ops || !id)
		return NULL;
	return ckpt_check_record(chk, type, id, ops->records[0], &view);
}

/* ---- fields --------------------------------------------------------------- */

static bool text_sane(const char *text, size_t size)
{
	size_t len = strnlen(text, size);

	return len < size && !memchr_inv(text + len, 0, size - len);
}

static int bad_field(const struct ckpt_check *chk,
		     const struct ckpt_field *field, const char *why)
{
	char what[64];

	snprintf(what, sizeof(what), "%s %s", field->name, why);
	return ckpt_bad(chk, what);
}

static bool file_sane(const struct ckpt_check *chk, const struct ckpt_field *field,
		      u64 id)
{
	u32 type = chk->exists(chk->priv, CKPT_TYPE_NONE, id);

	return type && (field->limit || !(ckpt_type(type)->flags & CKPT_ROW_MAPPED));
}

static bool number_sane(const struct ckpt_check *chk,
			const struct ckpt_field *field, u64 value)
{
	switch (field->kind) {
	case CKPT_F_UINT:
		return !field->limit || value <= field->limit;
	case CKPT_F_FLAGS:
		return !(value & ~field->limit);
	case CKPT_F_ENUM:
		return value <= field->limit && (value || field->zero_ok);
	case CKPT_F_REF:
		return !value || chk->exists(chk->priv, field->limit, value);
	case CKPT_F_FILE_REF:
		return !value || file_sane(chk, field, value);
	case CKPT_F_TYPE:
		return value ? value <= U32_MAX && ckpt_type(value) :
			       field->zero_ok;
	}
	return true;
}

static int check_field(const struct ckpt_check *chk,
		       const struct ckpt_field *field, const void *base)
{
	const u8 *at = (const u8 *)base + field->offset;

	switch (field->kind) {
	case CKPT_F_TEXT:
		if (!text_sane((const char *)at, field->size))
			return bad_field(chk, field, "is no text");
		return 0;
	case CKPT_F_RESERVED:
		if (memchr_inv(at, 0, field->size))
			return ckpt_bad(chk, "reserved bytes are not zero");
		return 0;
	case CKPT_F_BYTES:
		return 0;
	}
	if (number_sane(chk, field, ckpt_field_get(field, base)))
		return 0;
	if (field->kind == CKPT_F_REF || field->kind == CKPT_F_FILE_REF)
		return bad_field(chk, field, "refers to what is not there");
	return bad_field(chk, field, "has no valid value");
}

static int check_fields(const struct ckpt_check *chk,
			const struct ckpt_field *field, const void *base)
{
	int ret = 0;

	for (; !ret && field->name; field++)
		ret = check_field(chk, field, base);
	return ret;
}

static int check_record(const struct ckpt_check *chk,
			const struct ckpt_view *view)
{
	const struct ckpt_schema *s = ckpt_schema(view->type);
	const u8 *elem = view->elems;
	int ret = 0;
	u32 i;

	if (s->fields)
		ret = check_fields(chk, s->fields, view->body);
	if (!s->elem_fields)
		return ret;
	for (i = 0; !ret && i < view->count; i++, elem += s->elem) {
		ret = check_fields(chk, s->elem_fields, elem);
		ckpt_relax();
	}
	return ret;
}

/* ---- files of objects ----------------------------------------------------- */

static bool row_has(const u16 *records, u16 type)
{
	for (; *records; records++)
		if (*records == type)
			return true;
	return false;
}

/* What an open file of any kind may have besides. */
static const u16 open_file_records[] = { CKPT_REC_OWNER, 0 };

static bool is_allowed(const u16 *allowed, u16 type)
{
	return row_has(allowed, type) ||
	       (allowed[0] == CKPT_REC_FILE && row_has(open_file_records, type));
}

/* All records of a file: allowed ones, the first of them once, in front. */
static int check_records(const struct ckpt_check *chk, const u16 *allowed,
			 const void *bytes, size_t size)
{
	struct ckpt_cursor cur;
	struct ckpt_view view;
	bool first = true, main;
	int ret;

	ckpt_cursor_init(&cur, bytes, size);
	while ((ret = ckpt_next(&cur, &view)) > 0) {
		if (!is_allowed(allowed, view.type))
			return ckpt_bad(chk, "a record that does not belong");
		main = view.type == allowed[0];
		if (first != main)
			return ckpt_bad(chk, "records in the wrong order");
		first = false;
		ret = check_record(chk, &view);
		if (ret)
			return ret;
	}
	if (ret)
		return ckpt_bad(chk, "a record is malformed");
	return first ? ckpt_bad(chk, "the file is empty") : 0;
}

const struct ckpt_object_ops *ckpt_file_row(const void *bytes, size_t size)
{
	const struct ckpt_object_ops *ops;
	const struct ckpt_file *file;
	struct ckpt_cursor cur;
	struct ckpt_view view;

	ckpt_cursor_init(&cur, bytes, size);
	if (ckpt_next(&cur, &view) <= 0 || view.type != CKPT_REC_FILE)
		return NULL;
	file = view.body;
	ops = ckpt_type(le32_to_cpu(file->type));
	return ops && ops->flags & CKPT_ROW_FILE ? ops : NULL;
}

/* The first row of a directory is what its other parts belong to, or one that says so. */
static bool part_belongs(const struct ckpt_check *chk,
			 const struct ckpt_object_ops *ops, u64 id)
{
	const struct ckpt_object_ops *main;
	unsigned int i;

	for (i = 0; strcmp(ckpt_types[i]->dir, ops->dir); i++)
		;
	main = ckpt_types[i];
	if (ops == main || ops->flags & (CKPT_ROW_FILE | CKPT_ROW_WHOLE))
		return true;
	if (chk->exists(chk->priv, main->flags & CKPT_ROW_FILE ?
			CKPT_TYPE_NONE : main->type, id))
		return true;
	for (; i < ckpt_nr_types; i++)
		if (ckpt_types[i]->flags & CKPT_ROW_WHOLE &&
		    !strcmp(ckpt_types[i]->dir, ops->dir) &&
		    chk->exists(chk->priv, ckpt_types[i]->type, id))
			return true;
	return false;
}

int ckpt_check_file(struct ckpt_check *chk, const struct ckpt_object_ops *ops,
		    u64 id, const void *bytes, size_t size)
{
	int ret;

	if (!part_belongs(chk, ops, id))
		return ckpt_bad(chk, "part of an object that is not there");
	if (ops->flags & CKPT_ROW_RAW)
		return ops->check ? ops->check(chk, id, bytes, size) : 0;
	if (size > ops->max_size)
		return ckpt_bad(chk, "the file is too large");
	ret = check_records(chk, ops->records, bytes, size);
	if (ret)
		return ret;
	if (ops->flags & CKPT_ROW_FILE && ckpt_file_row(bytes, size) != ops)
		return ckpt_bad(chk, "the kind of file is wrong");
	if (ops->flags & CKPT_ROW_FILE)
		ret = ckpt_check_owner(chk, bytes, size);
	if (ret)
		return ret;
	return ops->check ? ops->check(chk, id, bytes, size) : 0;
}

/* ---- the files at the top ------------------------------------------------- */

static int check_top(struct ckpt_check *chk, u64 top, const u16 *record,
		     const void *bytes, size_t size)
{
	ckpt_check_where(chk, 0, top);
	if (!bytes)
		return ckpt_bad(chk, "is missing");
	return check_records(chk, record, bytes, size);
}

static int check_parent_id(const struct ckpt_check *chk, const struct ckpt_header *header)
{
	bool difference = le64_to_cpu(header->incompat) & CKPT_INCOMPAT_PARENT;

	if (difference == !memchr_inv(header->parent, 0, sizeof(header->parent)))
		return ckpt_bad(chk, "a parent without its feature bit, or that without it");
	if (difference && !memcmp(header->parent, header->id, sizeof(header->id)))
		return ckpt_bad(chk, "is its own parent");
	return 0;
}

int ckpt_check_header(struct ckpt_check *chk, const void *bytes, size_t size)
{
	static const u16 record[] = { CKPT_REC_HEADER, 0 };
	const struct ckpt_header *header = NULL;
	struct ckpt_view view;
	int ret;

	/* Said before a schema of another format can find fault. */
	if (bytes && ckpt_find(bytes, size, CKPT_REC_HEADER, &view)) {
		ckpt_check_where(chk, 0, CKPT_TOP_HEADER);
		header = view.body;
		if (le64_to_cpu(header->magic) != CKPT_HEADER_MAGIC)
			return ckpt_bad(chk, "not an image");
		if (le32_to_cpu(header->format) != CKPT_FORMAT_VERSION)
			return ckpt_unsupported(chk, "of another format version");
		if (le32_to_cpu(header->arch) != CKPT_ARCH_X86_64)
			return ckpt_unsupported(chk, "of another architecture");
		if (le32_to_cpu(header->page_size) != CKPT_PAGE_SIZE)
			return ckpt_unsupported(chk, "of another page size");
		if (le64_to_cpu(header->incompat) & ~CKPT_INCOMPAT_KNOWN)
			return ckpt_unsupported(chk, "needs an unknown feature");
	}
	ret = check_top(chk, CKPT_TOP_HEADER, record, bytes, size);
	return ret ?: check_parent_id(chk, header);
}

int ckpt_check_cpu(struct ckpt_check *chk, const void *bytes, size_t size)
{
	static const u16 record[] = { CKPT_REC_CPU, 0 };

	return check_top(chk, CKPT_TOP_CPU, record, bytes, size);
}

int ckpt_check_tail(struct ckpt_check *chk, const void *bytes, size_t size,
		    const u8 id[16])
{
	static const u16 record[] = { CKPT_REC_TAIL, 0 };
	const struct ckpt_tail *tail;
	struct ckpt_view view;
	int ret;

	ret = check_top(chk, CKPT_TOP_TAIL, record, bytes, size);
	if (ret)
		return ret;
	ckpt_find(bytes, size, CKPT_REC_TAIL, &view);
	tail = view.body;
	if (le64_to_cpu(tail->magic) != CKPT_TAIL_MAGIC)
		return ckpt_bad(chk, "not a tail");
	if (memcmp(tail->id, id, sizeof(tail->id)))
		return ckpt_bad(chk, "of another image");
	return 0;
}

/* ---- the whole ------------------------------------------------------------ */

/* Does one entry of the tail tell the truth? */
static int check_entry(struct ckpt_check *chk, const struct ckpt_tail_file *entry)
{
	u32 type = le32_to_cpu(entry->type), want = le32_to_cpu(entry->crc);
	u64 id = le64_to_cpu(entry->id), size = 0;
	bool raw = type && ckpt_type(type)->flags & CKPT_ROW_RAW;
	const void *bytes;
	u32 crc = want;
	int ret = 0;

	ckpt_check_where(chk, 0, CKPT_TOP_TAIL);
	if (type ? !id : id != CKPT_TOP_HEADER && id != CKPT_TOP_CPU)
		return ckpt_bad(chk, "an entry without a name");
	ckpt_check_where(chk, type, id);
	bytes = chk->bytes(chk->priv, type, id, &size);
	if (type ? !chk->exists(chk->priv, type, id) : !bytes)
		return ckpt_bad(chk, "is missing");
	if (size != le64_to_cpu(entry->size))
		return ckpt_bad(chk, "is not as long as the tail says");

	if (!(le32_to_cpu(entry->flags) & CKPT_TAIL_CRC)) {
		if (!raw || want)
			return ckpt_bad(chk, "has no checksum");
		return 0;
	}
	if (!raw)
		crc = ckpt_crc32c(0, bytes, size);
	else if (chk->crc)
		ret = chk->crc(chk->priv, type, id, &crc);
	if (ret || crc == want)
		return ret;
	report(chk, "the checksum is wrong");
	return -EBADMSG;
}

static int compare_entries(const void *a, const void *b)
{
	const struct ckpt_tail_file *x = *(const struct ckpt_tail_file **)a;
	const struct ckpt_tail_file *y = *(const struct ckpt_tail_file **)b;
	u32 xt = le32_to_cpu(x->type), yt = le32_to_cpu(y->type);
	u64 xi = le64_to_cpu(x->id), yi = le64_to_cpu(y->id);

	if (xt != yt)
		return xt < yt ? -1 : 1;
	return xi < yi ? -1 : xi > yi;
}

/* No file is listed twice; needs an order, which the tail need not have. */
static int check_distinct(struct ckpt_check *chk, const struct ckpt_view *tail)
{
	const struct ckpt_tail_file *entry = tail->elems;
	const struct ckpt_tail_file **order;
	int ret = 0;
	u32 i;

	order = ckpt_alloc((size_t)tail->count * sizeof(*order));
	if (!order)
		return -ENOMEM;
	for (i = 0; i < tail->count; i++)
		order[i] = entry + i;
	ckpt_sort(order, tail->count, sizeof(*order), compare_entries);
	for (i = 1; !ret && i < tail->count; i++)
		if (!compare_entries(&order[i - 1], &order[i]))
			ret = ckpt_bad(chk, "a file is listed twice");
	ckpt_free(order);
	return ret;
}

static u64 count_files(const struct ckpt_check *chk)
{
	u64 id, nr = 2;		/* header and cpu */
	unsigned int i;

	for (i = 0; i < ckpt_nr_types; i++)
		for (id = 0; (id = chk->next(chk->priv, ckpt_types[i]->type, id));)
			nr++;
	return nr;
}

static int check_listing(struct ckpt_check *chk, const void *bytes, size_t size)
{
	const struct ckpt_tail_file *entry;
	struct ckpt_view tail;
	int ret = 0;
	u32 i;

	ckpt_find(bytes, size, CKPT_REC_TAIL, &tail);
	entry = tail.elems;
	/* More entries than files would mean work without bounds. */
	if (tail.count != count_files(chk))
		return ckpt_bad(chk, "does not list all files, and no others");
	ret = check_distinct(chk, &tail);
	for (i = 0; !ret && i < tail.count; i++) {
		ret = check_entry(chk, entry + i);
		ckpt_relax();
	}
	return ret;
}

/* header, cpu and tail: after them, every byte of metadata is as written. */
static int check_tops(struct ckpt_check *chk)
{
	const struct ckpt_header *header;
	struct ckpt_view view;
	const void *bytes;
	u64 size = 0;
	int ret;

	bytes = chk->bytes(chk->priv, 0, CKPT_TOP_HEADER, &size);
	ret = ckpt_check_header(chk, bytes, size);
	if (ret)
		return ret;
	ckpt_find(bytes, size, CKPT_REC_HEADER, &view);
	header = view.body;

	bytes = chk->bytes(chk->priv, 0, CKPT_TOP_TAIL, &size);
	ret = ckpt_check_tail(chk, bytes, size, header->id);
	if (!ret)
		ret = check_listing(chk, bytes, size);
	if (ret)
		return ret;
	bytes = chk->bytes(chk->priv, 0, CKPT_TOP_CPU, &size);
	return ckpt_check_cpu(chk, bytes, size);
}

int ckpt_check_type(struct ckpt_check *chk, const struct ckpt_object_ops *ops)
{
	const void *bytes;
	u64 id = 0, size;
	int ret;

	while ((id = chk->next(chk->priv, ops->type, id))) {
		ckpt_check_where(chk, ops->type, id);
		size = 0;
		bytes = chk->bytes(chk->priv, ops->type, id, &size);
		ret = ckpt_check_file(chk, ops, id, bytes, size);
		if (ret)
			return ret;
		ckpt_relax();
	}
	return 0;
}

int ckpt_check_image(struct ckpt_check *chk)
{
	unsigned int i;
	int ret;

	ret = check_tops(chk);
	for (i = 0; !ret && i < ckpt_nr_types; i++)
		ret = ckpt_check_type(chk, ckpt_types[i]);
	if (!ret)
		ret = ckpt_check_tasks(chk);
	if (!ret)
		ret = ckpt_check_spaces(chk);
	if (!ret)
		ret = ckpt_check_parents(chk);
	return ret;
}
