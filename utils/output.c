// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where an archive goes: a file that gets its name when it is whole.
 *
 * Until then it has none, or another one where the filesystem wants it to, so that
 * an older file of that name is only replaced by a whole one, whatever happens: what
 * has the name is on the disk, and what never gets it is gone with the process.
 */
#include <fcntl.h>
#include <libgen.h>
#include <unistd.h>

#include "ckpt.h"

/* Return: a descriptor, or -1. Without proc it would not get a name. */
static int open_nameless(const char *path)
{
	char *copy = access("/proc/self/fd", F_OK) ? NULL : strdup(path);
	int fd = copy ? open(dirname(copy), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600) : -1;

	free(copy);
	return fd;
}

/* One that nobody else has, for a moment: only a name that is new can be had at once. */
static int give_name(struct output *out)
{
	char self[32];
	int fd = mkostemp(out->temp, O_CLOEXEC);

	if (fd < 0)
		return -errno;
	close(fd);
	snprintf(self, sizeof(self), "/proc/self/fd/%d", out->fd);
	out->nameless = false;
	if (unlink(out->temp) ||
	    linkat(AT_FDCWD, self, AT_FDCWD, out->temp, AT_SYMLINK_FOLLOW) || fsync(out->fd))
		return -errno;
	return 0;
}

int output_open(struct output *out, const char *path)
{
	struct stat st;

	*out = (struct output){ .fd = STDOUT_FILENO };
	if (!path)
		return 0;
	if (!stat(path, &st) && !S_ISREG(st.st_mode)) {
		out->fd = open(path, O_WRONLY | O_CLOEXEC);
		return out->fd < 0 ? -errno : 0;
	}
	out->path = path;
	if (asprintf(&out->temp, "%s.XXXXXX", path) < 0) {
		out->temp = NULL;
		return -ENOMEM;
	}
	out->fd = open_nameless(path);
	out->nameless = out->fd >= 0;
	if (out->fd < 0)
		out->fd = mkostemp(out->temp, O_CLOEXEC);	/* mode 0600 */
	return out->fd < 0 ? -errno : 0;
}

int sync_dir_of(const char *path)
{
	char *copy = strdup(path);
	int fd, ret = -ENOMEM;

	if (!copy)
		return ret;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ret = fd < 0 || (fsync(fd) && errno != EINVAL && errno != EROFS) ? -errno : 0;
	if (fd >= 0)
		close(fd);
	free(copy);
	return ret;
}

int output_finish(struct output *out)
{
	int ret;

	if (fsync(out->fd) && errno != EINVAL && errno != EROFS)
		return -errno;
	if (!out->path)
		return 0;
	ret = out->nameless ? give_name(out) : 0;
	if (ret)
		return ret;
	if (rename(out->temp, out->path))
		return -errno;
	free(out->temp);
	out->temp = NULL;
	return sync_dir_of(out->path);
}

void output_close(struct output *out)
{
	if (out->temp && out->fd >= 0 && !out->nameless)
		unlink(out->temp);
	free(out->temp);
	if (out->fd >= 0)
		close(out->fd);
}
