// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of object types.
 *
 * Made from CKPT_OBJECT_TYPES(), constant from the start. The list gives each
 * type its number and its place in the archive; everything else about a type
 * is in the row that its file under objects/ ends in. ckpt_types_check() is
 * run once, when the module is loaded and when a tool starts.
 */
#include "../object.h"

#define CKPT_TYPE_ROW(NAME, number, ops) &ckpt_##ops##_ops,

const struct ckpt_object_ops *const ckpt_types[] = {
	CKPT_OBJECT_TYPES(CKPT_TYPE_ROW)
};

#undef CKPT_TYPE_ROW

const unsigned int ckpt_nr_types = ARRAY_SIZE(ckpt_types);

/* A number given twice is an error here: two enumerators, one array slot. */
#define CKPT_TYPE_ROW(NAME, number, ops) \
	[CKPT_TYPE_##NAME] = &ckpt_##ops##_ops,

static const struct ckpt_object_ops *const by_number[CKPT_TYPE_LIMIT] = {
	CKPT_OBJECT_TYPES(CKPT_TYPE_ROW)
};

#undef CKPT_TYPE_ROW

const struct ckpt_object_ops *ckpt_type(u32 number)
{
	return number < CKPT_TYPE_LIMIT ? by_number[number] : NULL;
}

static bool same_file(const struct ckpt_object_ops *a,
		      const struct ckpt_object_ops *b)
{
	if (strcmp(a->dir, b->dir))
		return false;
	if (!a->part || !b->part)
		return true;
	return !strcmp(a->part, b->part);
}

static bool row_sane(const struct ckpt_object_ops *ops)
{
	unsigned int i;

	if (!ops->name || !ops->dir || ckpt_type(ops->type) != ops)
		return false;
	if (ops->flags & CKPT_ROW_RAW)
		return !ops->records[0] && ops->part;
	if (!ops->records[0] || !ops->max_size)
		return false;
	if (ops->flags & CKPT_ROW_FILE &&
	    (ops->records[0] != CKPT_REC_FILE || !ops->part))
		return false;
	for (i = 0; ops->records[i]; i++)
		if (i == CKPT_ROW_RECORDS || !ckpt_schema(ops->records[i]))
			return false;
	return true;
}

/* Only kinds of open files share a file name: the record tells them apart. */
static bool rows_distinct(const struct ckpt_object_ops *a,
			  const struct ckpt_object_ops *b)
{
	if (!strcmp(a->name, b->name))
		return false;
	if (a->flags & b->flags & CKPT_ROW_FILE)
		return same_file(a, b);
	return !same_file(a, b);
}

int ckpt_types_check(void)
{
	unsigned int i, j;

	for (i = 0; i < ckpt_nr_types; i++) {
		if (!row_sane(ckpt_types[i]))
			return -EINVAL;
		for (j = 0; j < i; j++)
			if (!rows_distinct(ckpt_types[i], ckpt_types[j]))
				return -EINVAL;
	}
	return 0;
}
