// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fields of every record, as tables: those of the three files at the top here, the
 * others in schema_*.c by area.
 *
 * Checks, printing and the format document go by these tables, so that a
 * record is described once. Each byte of a record's fixed part and of its
 * elements belongs to exactly one field: ckpt_schema_sane() proves it, in a
 * test. Constant, without a life or a lock.
 */
#include "schema.h"

static const struct ckpt_field header_fields[] = {
	FIELD(ckpt_header, magic, HEX),
	FIELD(ckpt_header, format, UINT),
	ENUM(ckpt_header, arch, CKPT_ARCH_X86_64, NAMES("none", "x86_64")),
	FIELD(ckpt_header, page_size, UINT),
	FIELD(ckpt_header, nr_tasks, UINT),
	FIELD(ckpt_header, time, UINT),
	FIELD(ckpt_header, compat, HEX),
	FIELD(ckpt_header, incompat, HEX),
	FIELD(ckpt_header, id, BYTES),
	FIELD(ckpt_header, parent, BYTES),
	FIELD(ckpt_header, name, TEXT),
	FIELD(ckpt_header, release, TEXT),
	FIELD(ckpt_header, version, TEXT),
	FIELD(ckpt_header, machine, TEXT),
	{}
};

static const struct ckpt_field cpu_fields[] = {
	FIELD(ckpt_cpu, xfeatures, HEX),
	FIELD(ckpt_cpu, xsave_size, UINT, .limit = 1 << 16),
	FIELD(ckpt_cpu, reserved, RESERVED),
	FIELD(ckpt_cpu, vendor, TEXT),
	{}
};

static const struct ckpt_field cpu_word[] = {
	SCALAR("word", 4, HEX),
	{}
};

static const struct ckpt_field tail_fields[] = {
	FIELD(ckpt_tail, magic, HEX),
	FIELD(ckpt_tail, id, BYTES),
	{}
};

static const struct ckpt_field tail_file_fields[] = {
	FIELD(ckpt_tail_file, type, TYPE, .zero_ok = true),
	FIELD(ckpt_tail_file, crc, HEX),
	FIELD(ckpt_tail_file, id, UINT),
	FIELD(ckpt_tail_file, size, UINT),
	FLAGS(ckpt_tail_file, flags, CKPT_TAIL_FLAGS, NAMES("crc")),
	FIELD(ckpt_tail_file, reserved, RESERVED),
	{}
};

const struct ckpt_schema ckpt_schema_header = RECORD("header", header);
const struct ckpt_schema ckpt_schema_cpu =
	RECORD("cpu", cpu, ELEMS(4, CKPT_CPU_WORDS, cpu_word));
const struct ckpt_schema ckpt_schema_tail = RECORD("tail", tail, STRUCTS(tail_file, 1 << 24));

#define ROW(number, label) \
	[CKPT_REC_##number] = &ckpt_schema_##label,
static const struct ckpt_schema *const schemas[CKPT_REC_LIMIT] = {
	CKPT_SCHEMAS(ROW)
};

const struct ckpt_schema *ckpt_schema(u16 record_type)
{
	return record_type < CKPT_REC_LIMIT ? schemas[record_type] : NULL;
}

static u64 sign_extend(u64 value, unsigned int bytes)
{
	u64 sign = BIT_ULL(bytes * 8 - 1);

	return bytes < 8 && value & sign ? value | ~(sign - 1) : value;
}

u64 ckpt_field_get(const struct ckpt_field *field, const void *base)
{
	const u8 *at = (const u8 *)base + field->offset;
	unsigned int i = min_t(unsigned int, field->size, 8);
	u64 value = 0;

	while (i)
		value = value << 8 | at[--i];
	if (field->kind == CKPT_F_INT)
		value = sign_extend(value, field->size);
	return value;
}

static bool number_size(unsigned int size)
{
	return size == 1 || size == 2 || size == 4 || size == 8;
}

/* Has every bit of the mask, or every value of the enum, a name? */
static bool names_cover(const struct ckpt_field *field)
{
	u64 nr = 0;

	if (!field->values)
		return field->kind != CKPT_F_ENUM;
	while (field->values[nr])
		nr++;
	if (field->kind == CKPT_F_FLAGS)
		return nr < 64 && field->limit == BIT_ULL(nr) - 1;
	return field->kind == CKPT_F_ENUM && nr == field->limit + 1;
}

/* Do the fields cover @size bytes in order, without a gap or an overlap? */
static bool fields_cover(const struct ckpt_field *field, unsigned int size)
{
	unsigned int at = 0;

	for (; field->name; field++) {
		if (field->offset != at || !field->size)
			return false;
		if (field->kind < CKPT_F_TEXT && !number_size(field->size))
			return false;
		if (!names_cover(field))
			return false;
		at += field->size;
	}
	return at == size;
}

bool ckpt_schema_sane(const struct ckpt_schema *s)
{
	if (!s->version || s->min_version > s->version)
		return false;
	if (s->fixed % 8 || (s->elem && !s->max) || (!s->elem && s->max))
		return false;
	if (s->fields ? !fields_cover(s->fields, s->fixed) : s->fixed)
		return false;
	if (s->elem_fields)
		return fields_cover(s->elem_fields, s->elem);
	return s->elem <= 1;
}
