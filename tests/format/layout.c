// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints the schemas for Documentation/tables, which makes the tables of the
 * format document of them. Tab-separated; a line per record, then its fields:
 *
 *	record NUMBER NAME VERSION FIXED ELEM TEXT MAX
 *	fixed|elem OFFSET SIZE NAME VALUES
 *	type NUMBER NAME PATH
 */
#include "object.h"

static void print_values(const struct ckpt_field *field)
{
	const char *sep = "", *bit = field->kind == CKPT_F_FLAGS ? "bit " : "";
	unsigned int i = *bit || field->zero_ok ? 0 : 1;

	for (; field->values && field->values[i]; i++, sep = ", ")
		printf("%s%s%u %s", sep, bit, i, field->values[i]);
}

static void print_fields(const char *part, const struct ckpt_field *field)
{
	for (; field && field->name; field++) {
		printf("%s\t%u\t%u\t%s\t", part, field->offset, field->size,
		       field->name);
		print_values(field);
		putchar('\n');
	}
}

int main(void)
{
	unsigned int i;

	for (i = 0; i < CKPT_REC_LIMIT; i++) {
		const struct ckpt_schema *s = ckpt_schema(i);

		if (!s)
			continue;
		printf("record\t%u\t%s\t%u\t%u\t%u\t%u\t%u\n", i, s->name,
		       s->version, s->fixed, s->elem, s->text, s->max);
		print_fields("fixed", s->fields);
		print_fields("elem", s->elem_fields);
	}
	for (i = 0; i < ckpt_nr_types; i++) {
		const struct ckpt_object_ops *ops = ckpt_types[i];

		printf("type\t%u\t%s\t%s/ID%s%s\n", ops->type, ops->name, ops->dir,
		       ops->part ? "/" : "", ops->part ?: "");
	}
	return 0;
}
