// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of the files of an image: DIR/ID, or DIR/ID/PART.
 *
 * The rows say which directories and parts there are. An id has one spelling
 * only, so that two paths never mean the same object.
 */
#include "../object.h"

/* Reads a decimal id, and moves *@text behind it. Return: 0 if it is none. */
static u64 parse_id(const char **text)
{
	const char *p = *text;
	u64 id = 0;

	if (*p < '1' || *p > '9')
		return 0;
	for (; *p >= '0' && *p <= '9'; p++)
		if (check_mul_overflow(id, 10, &id) ||
		    check_add_overflow(id, (u64)(*p - '0'), &id))
			return 0;
	*text = p;
	return id;
}

/* The rest of @path if it begins with the component @word, else NULL. */
static const char *after(const char *path, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(path, word, len) || (path[len] && path[len] != '/'))
		return NULL;
	return path + len;
}

/* The end of a path, with or without a slash after a directory. */
static bool at_end(const char *rest)
{
	return !*rest || !strcmp(rest, "/");
}

/* @rest is what follows DIR in the path. */
static int parse_row(const struct ckpt_object_ops *ops, const char *rest,
		     struct ckpt_name *name)
{
	u64 id;

	if (at_end(rest))
		return -EISDIR;
	rest++;
	id = parse_id(&rest);
	if (!id)
		return -ENOENT;
	if (ops->part) {
		if (at_end(rest))
			return -EISDIR;
		if (*rest != '/' || strcmp(rest + 1, ops->part))
			return -ENOENT;
	} else if (*rest) {
		return -ENOENT;
	}
	name->id = id;
	name->ops = ops->flags & CKPT_ROW_FILE ? NULL : ops;
	name->kind = name->ops ? CKPT_NAME_OBJECT : CKPT_NAME_FILE;
	return 0;
}

static int parse_top(const char *path, struct ckpt_name *name)
{
	static const char *const tops[] = {
		[CKPT_NAME_HEADER] = "header",
		[CKPT_NAME_CPU] = "cpu",
		[CKPT_NAME_TAIL] = "tail",
	};
	unsigned int i;

	for (i = CKPT_NAME_HEADER; i < ARRAY_SIZE(tops); i++) {
		if (strcmp(path, tops[i]))
			continue;
		*name = (struct ckpt_name){ .kind = i };
		return 0;
	}
	return -ENOENT;
}

int ckpt_name_parse(const char *path, struct ckpt_name *name)
{
	int best = -ENOENT;
	unsigned int i;

	if (at_end(path))
		return -EISDIR;
	if (!parse_top(path, name))
		return 0;
	for (i = 0; i < ckpt_nr_types; i++) {
		const char *rest = after(path, ckpt_types[i]->dir);
		int ret = rest ? parse_row(ckpt_types[i], rest, name) : -ENOENT;

		if (!ret)
			return 0;
		if (ret == -EISDIR)
			best = ret;
	}
	return best;
}

int ckpt_name_format(char *buf, size_t size, const struct ckpt_object_ops *ops, u64 id)
{
	return snprintf(buf, size, "%s/%llu%s%s", ops->dir,
			(unsigned long long)id, ops->part ? "/" : "",
			ops->part ?: "");
}
