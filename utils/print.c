// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records for people and for programs, by the tables of format/schema*.c.
 *
 * Nothing here knows a record: a new one is printed as soon as it has a
 * schema. Malformed records end a file's output with a word that says so.
 */
#include <json-c/json.h>

#include "ckpt.h"

/* ---- values -------------------------------------------------------------------- */

#define VALUE_MAX	512

static void hex(char *out, const u8 *bytes, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		sprintf(out + 2 * i, "%02x", bytes[i]);
	out[2 * size] = 0;
}

/* "read|write", and what has no name as a number. */
static void flags_text(char *out, const struct ckpt_field *field, u64 value)
{
	const char *const *name = field->values;
	unsigned int bit;

	*out = 0;
	if (!name) {
		sprintf(out, "0%llo", value);
		return;
	}
	for (bit = 0; name[bit]; bit++) {
		if (!(value & BIT_ULL(bit)))
			continue;
		sprintf(out + strlen(out), "%s%s", *out ? "|" : "", name[bit]);
		value &= ~BIT_ULL(bit);
	}
	if (value)
		sprintf(out + strlen(out), "%s0x%llx", *out ? "|" : "", value);
	if (!*out)
		sprintf(out, "-");
}

static void enum_text(char *out, const struct ckpt_field *field, u64 value)
{
	if (value <= field->limit && field->values)
		sprintf(out, "%s", field->values[value]);
	else
		sprintf(out, "%llu?", value);
}

static void ref_text(char *out, const struct image *img,
		     const struct ckpt_field *field, u64 value)
{
	const struct ckpt_object_ops *ops = ckpt_type(field->limit);
	const struct file *file = NULL;

	if (field->kind == CKPT_F_FILE_REF) {
		file = value ? image_open_file(img, value) : NULL;
		ops = file ? file->ops : NULL;
	}
	if (!value)
		sprintf(out, "-");
	else if (ops)
		ckpt_name_format(out, VALUE_MAX, ops, value);
	else
		sprintf(out, "%llu?", value);
}

static void type_text(char *out, u64 value)
{
	const struct ckpt_object_ops *ops =
		value < CKPT_TYPE_LIMIT ? ckpt_type(value) : NULL;

	if (ops)
		sprintf(out, "%s", ops->name);
	else
		sprintf(out, value ? "%llu?" : "-", value);
}

static void value_text(char out[VALUE_MAX], const struct image *img,
		       const struct ckpt_field *field, const void *base)
{
	const u8 *at = (const u8 *)base + field->offset;
	u64 value = ckpt_field_get(field, base);

	switch (field->kind) {
	case CKPT_F_UINT:
		sprintf(out, "%llu", value);
		break;
	case CKPT_F_INT:
		sprintf(out, "%lld", (long long)value);
		break;
	case CKPT_F_FLAGS:
		flags_text(out, field, value);
		break;
	case CKPT_F_ENUM:
		enum_text(out, field, value);
		break;
	case CKPT_F_REF:
	case CKPT_F_FILE_REF:
		ref_text(out, img, field, value);
		break;
	case CKPT_F_TYPE:
		type_text(out, value);
		break;
	case CKPT_F_TEXT:
		snprintf(out, VALUE_MAX, "%.*s", field->size, (const char *)at);
		break;
	case CKPT_F_BYTES:
		hex(out, at, min_t(size_t, field->size, VALUE_MAX / 2 - 1));
		break;
	default:
		sprintf(out, "0x%llx", value);
	}
}

/* ---- for people ------------------------------------------------------------------ */

/* Names of programs and paths are the image's: no control characters. */
static void put_text(FILE *out, const char *text, size_t size)
{
	for (; size && *text; size--, text++)
		if ((u8)*text < ' ' || *text == 0x7f || *text == '\\')
			fprintf(out, "\\x%02x", (u8)*text);
		else
			fputc(*text, out);
}

static void print_fields(FILE *out, const struct image *img,
			 const struct ckpt_field *field, const void *base,
			 const char *form)
{
	char value[VALUE_MAX];

	for (; field && field->name; field++) {
		if (field->kind == CKPT_F_RESERVED)
			continue;
		value_text(value, img, field, base);
		fprintf(out, form, field->name);
		put_text(out, value, sizeof(value));
	}
}

static void print_elements(FILE *out, const struct image *img,
			   const struct ckpt_schema *s,
			   const struct ckpt_view *view)
{
	const u8 *elem = view->elems;
	char byte[3];
	u32 i;

	if (s->text) {
		fputs("\n    text            ", out);
		put_text(out, view->elems, view->count);
		return;
	}
	for (i = 0; i < view->count; i++, elem += s->elem) {
		if (s->elem_fields) {
			fprintf(out, "\n    %4u:", i);
			print_fields(out, img, s->elem_fields, elem, " %s ");
			continue;
		}
		if (i % 32 == 0)
			fprintf(out, "\n    %5x ", i);
		hex(byte, elem, 1);
		fputs(byte, out);
	}
}

void print_file(FILE *out, const struct image *img, const struct file *file)
{
	char name[CKPT_FILE_NAME_MAX];
	struct ckpt_cursor cur;
	struct ckpt_view view;
	int ret = 0;

	file_name(file, name);
	fprintf(out, "%s: %llu bytes", name, file->size);
	if (file->ops && file->ops->flags & CKPT_ROW_RAW) {
		fprintf(out, " of contents, crc32c 0x%08x\n", file->crc);
		return;
	}
	ckpt_cursor_init(&cur, file->bytes, file->size);
	while ((ret = ckpt_next(&cur, &view)) > 0) {
		const struct ckpt_schema *s = ckpt_schema(view.type);

		fprintf(out, "\n  %s", s->name);
		if (s->elem)
			fprintf(out, " [%u]", view.count);
		print_fields(out, img, s->fields, view.body, "\n    %-15s ");
		print_elements(out, img, s, &view);
	}
	fputs(ret ? "\n  (a record is malformed)\n" : "\n", out);
}

/* ---- for programs ---------------------------------------------------------------- */

static struct json_object *json_text(const char *text)
{
	return json_object_new_string(text);
}

static struct json_object *json_flags(const struct ckpt_field *field, u64 value)
{
	struct json_object *array;
	unsigned int bit;

	if (!field->values)
		return json_object_new_uint64(value);
	array = json_object_new_array();
	for (bit = 0; field->values[bit]; bit++) {
		if (value & BIT_ULL(bit))
			json_object_array_add(array, json_text(field->values[bit]));
		value &= ~BIT_ULL(bit);
	}
	if (value)
		json_object_array_add(array, json_object_new_uint64(value));
	return array;
}

/* Numbers stay numbers; addresses and words of bits are text in hexadecimal. */
static struct json_object *json_value(const struct image *img,
				      const struct ckpt_field *field,
				      const void *base)
{
	u64 value = ckpt_field_get(field, base);
	char text[VALUE_MAX];

	switch (field->kind) {
	case CKPT_F_UINT:
		return json_object_new_uint64(value);
	case CKPT_F_INT:
		return json_object_new_int64(value);
	case CKPT_F_FLAGS:
		return json_flags(field, value);
	case CKPT_F_REF:
	case CKPT_F_FILE_REF:
		if (!value)
			return NULL;
	}
	value_text(text, img, field, base);
	return json_object_new_string(text);
}

static void json_fields(struct json_object *obj, const struct image *img,
			const struct ckpt_field *field, const void *base)
{
	for (; field && field->name; field++)
		if (field->kind != CKPT_F_RESERVED)
			json_object_object_add(obj, field->name,
					       json_value(img, field, base));
}

static struct json_object *json_bytes(const u8 *bytes, size_t size)
{
	char *text = malloc(2 * size + 1);
	struct json_object *obj;

	if (!text)
		return NULL;
	hex(text, bytes, size);
	obj = json_text(text);
	free(text);
	return obj;
}

static struct json_object *json_elements(const struct image *img,
					 const struct ckpt_schema *s,
					 const struct ckpt_view *view)
{
	const struct ckpt_field *field = s->elem_fields;
	const u8 *elem = view->elems;
	struct json_object *array, *obj;
	u32 i;

	if (s->text)
		return json_text(view->elems);
	if (!field)
		return json_bytes(elem, view->count);
	array = json_object_new_array();
	for (i = 0; i < view->count; i++, elem += s->elem) {
		if (field->size == s->elem) {
			/* A bare number. */
			obj = json_value(img, field, elem);
		} else {
			obj = json_object_new_object();
			json_fields(obj, img, field, elem);
		}
		json_object_array_add(array, obj);
	}
	return array;
}

struct json_object *json_of_file(const struct image *img, const struct file *file)
{
	struct json_object *obj = json_object_new_object(), *records, *record;
	char name[CKPT_FILE_NAME_MAX];
	struct ckpt_cursor cur;
	struct ckpt_view view;

	file_name(file, name);
	json_object_object_add(obj, "file", json_text(name));
	json_object_object_add(obj, "size", json_object_new_uint64(file->size));
	if (file->ops && file->ops->flags & CKPT_ROW_RAW) {
		json_object_object_add(obj, "crc32c",
				       json_object_new_uint64(file->crc));
		return obj;
	}
	records = json_object_new_array();
	json_object_object_add(obj, "records", records);
	ckpt_cursor_init(&cur, file->bytes, file->size);
	while (ckpt_next(&cur, &view) > 0) {
		const struct ckpt_schema *s = ckpt_schema(view.type);

		record = json_object_new_object();
		json_object_object_add(record, "record",
				       json_text(s->name));
		json_fields(record, img, s->fields, view.body);
		if (s->elem)
			json_object_object_add(record, s->text ? "text" : "elements",
					       json_elements(img, s, &view));
		json_object_array_add(records, record);
	}
	return obj;
}
