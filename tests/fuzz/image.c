// SPDX-License-Identifier: GPL-2.0-only
/*
 * The checks of an image on arbitrary bytes.
 *
 * An input is a sequence of files: name with its NUL, size in 4 bytes, and
 * bytes, except for contents, of which the checks know the size only. What
 * cannot be a file of an image is left out. The image is checked as it is,
 * and once more with a true tail, as no fuzzer guesses checksums.
 */
#include "tests/sample.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/**
 * struct input - what is left of the fuzzer's bytes
 * @pos:	next of them
 * @end:	behind the last
 */
struct input {
	const u8 *pos;
	const u8 *end;
};

static const char *take_name(struct input *in)
{
	const char *name = (const char *)in->pos;
	const u8 *nul = in->pos == in->end ? NULL :
			memchr(in->pos, 0, in->end - in->pos);

	if (!nul)
		return NULL;
	in->pos = nul + 1;
	return name;
}

static bool take_size(struct input *in, u32 *size)
{
	__le32 raw;

	if (in->end - in->pos < (ptrdiff_t)sizeof(raw))
		return false;
	memcpy(&raw, in->pos, sizeof(raw));
	in->pos += sizeof(raw);
	*size = le32_to_cpu(raw);
	return true;
}

static bool taken(struct sample *s, u32 type, u64 id)
{
	bool file = type && ckpt_type(type)->flags & CKPT_ROW_FILE;
	unsigned int i;

	for (i = 0; i < s->nr; i++) {
		const struct sample_file *other = s->files + i;

		if (other->id != id)
			continue;
		if (other->type == type ||
		    (file && other->type &&
		     ckpt_type(other->type)->flags & CKPT_ROW_FILE))
			return true;
	}
	return false;
}

static void add(struct sample *s, const struct ckpt_name *name,
		const u8 *bytes, u32 size, bool raw)
{
	static const u8 tops[] = { 0, CKPT_TOP_HEADER, CKPT_TOP_CPU, CKPT_TOP_TAIL };
	const struct ckpt_object_ops *ops = name->ops;
	bool top = name->kind < ARRAY_SIZE(tops);
	u64 id = top ? tops[name->kind] : name->id;

	if (name->kind == CKPT_NAME_FILE) {
		/* Bytes are aligned where records are read. */
		struct ckpt_writer copy = {};

		if (!ckpt_add_bytes(&copy, bytes, size))
			ops = ckpt_file_row(copy.buf, copy.len);
		ckpt_writer_free(&copy);
	}
	if ((!ops && !top) || taken(s, ops ? ops->type : 0, id))
		return;
	sample_add(s, ops ? ops->type : 0, id);
	if (raw)
		s->files[s->nr - 1].size = size;
	else if (size)
		ckpt_add_bytes(&s->files[s->nr - 1].w, bytes, size);
}

static void parse(struct sample *s, struct input in)
{
	const char *path;
	u32 size;

	/* One is left for the tail. */
	while (s->nr < SAMPLE_FILES - 1) {
		struct ckpt_name name = {};
		bool known, raw;

		path = take_name(&in);
		if (!path || !take_size(&in, &size))
			return;
		known = !ckpt_name_parse(path, &name);
		raw = known && name.ops && name.ops->flags & CKPT_ROW_RAW;
		if (!raw)
			size = min_t(size_t, size, in.end - in.pos);
		if (known)
			add(s, &name, in.pos, size, raw);
		if (!raw)
			in.pos += size;
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct sample s;

	parse(&s, (struct input){ data, data + size });
	sample_check(&s);
	if (!sample_seal(&s))
		sample_check(&s);
	sample_free(&s);
	return 0;
}
