// SPDX-License-Identifier: GPL-2.0-only
/*
 * Headers of tar archives as others write them: what they say of a member.
 *
 * Pure functions of hostile bytes, without a lock. Times, owners and the like
 * mean nothing to an image and are not looked at; what changes how contents
 * are to be read, and is not understood, is refused.
 */
#include <linux/kstrtox.h>
#include <linux/unaligned.h>

#include "checkpointfs.h"
#include "tar.h"

/* ---- header blocks -------------------------------------------------------------- */

static bool parse_binary(const u8 *text, size_t len, u64 *value)
{
	/* The second bit is the sign. */
	u64 v = text[0] & 0x7f;
	size_t i;

	if (v & 0x40)
		return false;
	for (i = 1; i < len; i++) {
		if (v >> 56)
			return false;
		v = v << 8 | text[i];
	}
	*value = v;
	return true;
}

static bool parse_octal(const char *text, size_t len, u64 *value)
{
	u64 v = 0;
	size_t i = 0;

	while (i < len && text[i] == ' ')
		i++;
	for (; i < len && text[i] >= '0' && text[i] <= '7'; i++) {
		if (v >> 61)
			return false;
		v = v << 3 | (text[i] - '0');
	}
	for (; i < len; i++)
		if (text[i] && text[i] != ' ')
			return false;
	*value = v;
	return true;
}

bool ckpt_tarhead_size(const struct tar_header *h, u64 *size)
{
	if (h->size[0] & 0x80)
		return parse_binary((const u8 *)h->size, sizeof(h->size), size);
	return parse_octal(h->size, sizeof(h->size), size);
}

/* Eight at a time: in lanes of 16 bits, each enough for 128 words. */
u64 ckpt_tarhead_sum(const struct tar_header *h)
{
	const u64 lanes = 0x00ff00ff00ff00ff;
	const char *bytes = (const char *)h;
	u64 sum = 0;
	size_t i;

	for (i = 0; i < TAR_BLOCK; i += sizeof(sum)) {
		u64 word = get_unaligned((const u64 *)(bytes + i));

		sum += (word & lanes) + (word >> 8 & lanes);
	}
	return (sum & U16_MAX) + (sum >> 16 & U16_MAX) + (sum >> 32 & U16_MAX) + (sum >> 48);
}

/* The sum is of the header with spaces where the sum is. */
bool ckpt_tarhead_right(const struct tar_header *h)
{
	u64 sum = ckpt_tarhead_sum(h) + sizeof(h->chksum) * ' ', want;
	size_t i;

	for (i = 0; i < sizeof(h->chksum); i++)
		sum -= (u8)h->chksum[i];
	return parse_octal(h->chksum, sizeof(h->chksum), &want) && sum == want;
}

void ckpt_tarhead_path(const struct tar_header *h, char *path)
{
	size_t len = 0, name = strnlen(h->name, sizeof(h->name));

	if (!memcmp(h->magic, "ustar", sizeof(h->magic)))
		len = strnlen(h->prefix, sizeof(h->prefix));
	memcpy(path, h->prefix, len);
	if (len)
		path[len++] = '/';
	memcpy(path + len, h->name, name);
	path[len + name] = '\0';
}

bool ckpt_tarhead_normalize(char *path)
{
	char *from = path, *to = path;

	if (*path == '/')
		return false;
	while (*from) {
		size_t len = strcspn(from, "/");

		if (len == 2 && !memcmp(from, "..", 2))
			return false;
		if (len && !(len == 1 && *from == '.')) {
			if (to > path)
				*to++ = '/';
			memmove(to, from, len);
			to += len;
		}
		from += len;
		if (*from)
			from++;
	}
	*to = '\0';
	return true;
}

/* ---- extended headers ---------------------------------------------------------- */

static const char *set_path(struct ckpt_extended *ext, const char *path, size_t len)
{
	if (!len || len >= sizeof(ext->path) || memchr(path, 0, len))
		return "has a path that no file can have";
	memcpy(ext->path, path, len);
	ext->path[len] = '\0';
	ext->has_path = true;
	return NULL;
}

/* A keyword of a pax header; the value ends in a NUL. */
static const char *take_keyword(struct ckpt_extended *ext, bool global,
				const char *key, const char *value, size_t len)
{
	bool path = !strcmp(key, "path"), size = !strcmp(key, "size");

	if (strstarts(key, "GNU.sparse.") || !strcmp(key, "SUN.holesdata") ||
	    !strcmp(key, "SCHILY.realsize"))
		return "describes a sparse file";
	if (global && (path || size))
		return "gives all members one path or size";
	if (path)
		return set_path(ext, value, len);
	if (size) {
		if (kstrtou64(value, 10, &ext->size))
			return "has a size that is no number";
		ext->has_size = true;
	}
	return NULL;
}

/*
 * A record of a pax header is "LENGTH KEY=VALUE\n", LENGTH is of all of it.
 * Return: the record after it, with NULs behind key and value, or NULL.
 */
static char *cut_keyword(char *record, const char *end, char **key, char **value)
{
	char *p = record, *next;
	size_t len = 0;

	/* There is a NUL at the end. */
	for (; *p >= '0' && *p <= '9' && len <= TAR_EXTENDED_MAX; p++)
		len = len * 10 + (*p - '0');
	*key = p + 1;
	if (*p != ' ' || len > end - record)
		return NULL;
	next = record + len;
	if (next <= *key || next[-1] != '\n')
		return NULL;
	p = memchr(*key, '=', next - *key);
	if (!p)
		return NULL;
	*p = '\0';
	*value = p + 1;
	next[-1] = '\0';
	return next;
}

const char *ckpt_tarhead_extended(struct ckpt_extended *ext, char typeflag,
				  char *text, size_t size)
{
	char *at = text, *end = text + size, *key, *value;
	const char *wrong = NULL;

	/* A long name of a link (K) comes before a link, which is refused. */
	if (typeflag == 'K')
		return NULL;
	if (typeflag == 'L')
		return set_path(ext, text, strnlen(text, size));
	while (!wrong && at < end) {
		at = cut_keyword(at, end, &key, &value);
		if (!at)
			return "has a malformed extended header";
		wrong = take_keyword(ext, typeflag == 'g', key, value, at - 1 - value);
	}
	return wrong;
}
