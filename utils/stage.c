// SPDX-License-Identifier: GPL-2.0-only
/*
 * Archives unpacked into restore/, as parents of what is restored.
 *
 * Only names that an image has are made, so nothing leads out of there.
 */
#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <unistd.h>

#include "ckpt.h"

#define PIECE	BIT(20)

/* The directories above @path. */
static int make_dirs(int dir, char *path)
{
	char *slash = path;

	while ((slash = strchr(slash, '/'))) {
		int ret;

		*slash = 0;
		ret = mkdirat(dir, path, 0700) && errno != EEXIST ? -errno : 0;
		*slash++ = '/';
		if (ret)
			return ret;
	}
	return 0;
}

static int copy_data(struct archive *a, int fd)
{
	static u8 buf[PIECE];
	int ret = 0;
	ssize_t n;

	do {
		n = archive_read_data(a, buf, sizeof(buf));
		if (n > 0)
			ret = write_all(fd, buf, n);
	} while (!ret && (n > 0 || n == ARCHIVE_RETRY));
	return n < 0 ? say_archive(a, NULL) : ret;
}

static int stage_member(int dir, struct archive *a, const char *path)
{
	struct ckpt_name parsed = {};
	char copy[CKPT_NAME_MAX + 1 + CKPT_FILE_NAME_MAX];
	int fd, ret = ckpt_name_parse(path, &parsed);

	if (ret)
		return ret == -EISDIR ? 0 : ret;
	snprintf(copy, sizeof(copy), "%s", path);
	ret = make_dirs(dir, copy);
	if (ret)
		return ret;
	fd = openat(dir, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	ret = copy_data(a, fd);
	close(fd);
	return ret;
}

static int stage_members(int dir, struct archive *a)
{
	struct archive_entry *entry;
	int ret;

	while ((ret = archive_read_next_header(a, &entry)) != ARCHIVE_EOF) {
		const char *path;

		if (ret == ARCHIVE_RETRY)
			continue;
		if (ret < ARCHIVE_WARN)
			return say_archive(a, NULL);
		path = inside_archive(archive_entry_pathname(entry) ?: "");
		ret = archive_entry_filetype(entry) == AE_IFREG ?
		      stage_member(dir, a, path) : 0;
		if (ret) {
			complain("%s: %s", path, strerror(-ret));
			return ret;
		}
	}
	return 0;
}

static int open_tree(const struct instance *inst, const char *name)
{
	char path[CKPT_NAME_MAX + 16];
	int dir;

	snprintf(path, sizeof(path), "restore/%s", name);
	if (mkdirat(inst->dir, path, 0700))
		return -errno;
	dir = openat(inst->dir, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return dir < 0 ? -errno : dir;
}

/* Here it can be done. */
void prepare_stage(void)
{
}

int stage_archive(const struct instance *inst, const char *path, const char *name)
{
	int dir = open_tree(inst, name), ret;
	struct archive *a = archive_read_new();

	if (dir < 0 || !a) {
		complain("restore/%s: %s", name, strerror(a ? -dir : ENOMEM));
		ret = a ? dir : -ENOMEM;
		goto out_free;
	}
	archive_read_support_filter_all(a);
	archive_read_support_format_tar(a);
	archive_read_support_format_cpio(a);
	if (archive_read_open_filename(a, path, PIECE) == ARCHIVE_OK)
		ret = stage_members(dir, a);
	else
		ret = say_archive(a, path);
out_free:
	if (a)
		archive_read_free(a);
	if (dir >= 0)
		close(dir);
	return ret;
}
