// SPDX-License-Identifier: GPL-2.0-only
/*
 * mount.checkpointfs: what mount(8) calls for `mount -t checkpointfs`.
 *
 * Says which option is wrong, where the kernel could only answer EINVAL, and
 * takes names of users and groups for uid= and gid=. libmount does the rest.
 */
#include <errno.h>
#include <getopt.h>
#include <grp.h>
#include <libmount/libmount.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FSTYPE	"checkpointfs"

static bool is_number(const char *text, int base)
{
	char *end;

	errno = 0;
	strtoull(text, &end, base);
	return *text >= '0' && *text <= '9' && !*end && !errno;
}

/* Each rewrites its value if the kernel wants it otherwise. NULL: invalid. */
static const char *parse_uid(const char *value, char buf[16])
{
	struct passwd *user;

	if (is_number(value, 10))
		return value;
	user = getpwnam(value);
	if (!user)
		return NULL;
	snprintf(buf, 16, "%u", user->pw_uid);
	return buf;
}

static const char *parse_gid(const char *value, char buf[16])
{
	struct group *group;

	if (is_number(value, 10))
		return value;
	group = getgrnam(value);
	if (!group)
		return NULL;
	snprintf(buf, 16, "%u", group->gr_gid);
	return buf;
}

static const char *parse_mode(const char *value, char buf[16])
{
	return is_number(value, 8) && strtoul(value, NULL, 8) <= 01777 ?
	       value : NULL;
}

/* A size in bytes, or with a suffix in the units that the kernel knows. */
static const char *parse_size(const char *value, char buf[16])
{
	size_t digits = strspn(value, "0123456789");
	const char *suffix = value + digits;

	if (!digits || (*suffix && !strchr("kKmMgG", *suffix)))
		return NULL;
	return *suffix && suffix[1] ? NULL : value;
}

static const char *parse_checksum(const char *value, char buf[16])
{
	return !strcmp(value, "all") ? value : NULL;
}

static const struct option_row {
	const char *name;
	const char *(*parse)(const char *value, char buf[16]);
} rows[] = {
	{ "uid",	parse_uid },
	{ "gid",	parse_gid },
	{ "mode",	parse_mode },
	{ "stage_max",	parse_size },
	{ "checksum",	parse_checksum },
};

/* Puts the option to @options for the kernel. Return: 0 or -1, said. */
static int add_option(char **options, const char *name, const char *value)
{
	char buf[16];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(name, rows[i].name))
			continue;
		value = value ? rows[i].parse(value, buf) : NULL;
		if (value)
			return mnt_optstr_append_option(options, name, value);
		fprintf(stderr, "mount.checkpointfs: %s: not a valid value\n", name);
		return -1;
	}
	/* ro, nosuid, x-...: mount(8)'s own, and what only the kernel knows. */
	return mnt_optstr_append_option(options, name, value);
}

/* Return: the options for the kernel, or NULL, said. */
static char *check_options(const char *text)
{
	char *copy = strdup(text), *next = copy, *name, *value, *options = NULL;
	size_t name_size, value_size;
	int ret = copy ? 0 : -1;

	while (!ret && *next && !mnt_optstr_next_option(&next, &name, &name_size,
							&value, &value_size)) {
		char *n = strndup(name, name_size);
		char *v = value ? strndup(value, value_size) : NULL;

		ret = n && (v || !value) ? add_option(&options, n, v) : -1;
		free(n);
		free(v);
	}
	free(copy);
	if (!ret && !options)
		options = strdup("");
	return ret ? NULL : options;
}

static int mount_it(struct libmnt_context *cxt, const char *source,
		    const char *target)
{
	char message[BUFSIZ] = "";
	int ret;

	if (mnt_context_set_fstype(cxt, FSTYPE) ||
	    mnt_context_set_source(cxt, source) ||
	    mnt_context_set_target(cxt, target))
		return MNT_EX_SYSERR;
	ret = mnt_context_mount(cxt);
	ret = mnt_context_get_excode(cxt, ret, message, sizeof(message));
	if (*message)
		fprintf(stderr, "mount.checkpointfs: %s: %s\n", target, message);
	return ret;
}

int main(int argc, char **argv)
{
	struct libmnt_context *cxt;
	char *options = NULL;
	int c, ret = MNT_EX_USAGE;

	mnt_init_debug(0);
	cxt = mnt_new_context();
	if (!cxt || mnt_context_init_helper(cxt, MNT_ACT_MOUNT, 0))
		return MNT_EX_SYSERR;
	if (argc < 3 || argv[1][0] == '-') {
		fputs("Usage: mount.checkpointfs SOURCE DIR [-fnrsvw] [-o OPTIONS]\n"
		      "Options: uid= gid= mode= stage_max= checksum=all\n", stderr);
		goto out_free;
	}
	while ((c = getopt(argc - 2, argv + 2, "fnrsvwN:o:t:")) != -1) {
		if (c == 'o') {
			free(options);
			options = check_options(optarg);
			if (!options)
				goto out_free;
		}
		if (mnt_context_helper_setopt(cxt, c, c == 'o' ? options : optarg))
			goto out_free;
	}
	ret = mount_it(cxt, argv[1], argv[2]);
out_free:
	free(options);
	mnt_free_context(cxt);
	return ret;
}
