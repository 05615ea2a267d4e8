// SPDX-License-Identifier: GPL-2.0-only
/*
 * A checkpointfs to work with: one's own, or one that is mounted.
 *
 * One's own is mounted nowhere (fsmount(2) without move_mount(2)): the paths
 * of the program and those of the tool stay in one mount namespace, nobody
 * else uses its names or sees its log, and when the process ends, by whatever
 * signal, the kernel drops it and thaws what it holds.
 */
#include <fcntl.h>
#include <mntent.h>
#include <sys/mount.h>
#include <unistd.h>

#include "ckpt.h"

#define FSTYPE	"checkpointfs"

/* Return: the root of a new instance, or -errno. */
static int mount_own(void)
{
	int fs = fsopen(FSTYPE, FSOPEN_CLOEXEC);
	int ret;

	if (fs < 0)
		return -errno;
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		ret = -errno;
	else
		ret = fsmount(fs, FSMOUNT_CLOEXEC,
			      MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
			      MOUNT_ATTR_NOEXEC);
	if (ret == -1)
		ret = -errno;
	close(fs);
	return ret;
}

static int open_dir(const char *path)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* Return: the same if its control can be written, or -errno. */
static int open_writable(const char *path)
{
	int dir = open_dir(path);

	if (dir >= 0 && faccessat(dir, "control", W_OK, AT_EACCESS)) {
		close(dir);
		return -EACCES;
	}
	return dir;
}

/* Return: the root of the youngest mount of those, or -errno. */
static int find_mounted(void)
{
	FILE *table = setmntent("/proc/self/mounts", "re");
	struct mntent *mount;
	int found = -ENODEV;

	while (table && (mount = getmntent(table))) {
		int dir;

		if (strcmp(mount->mnt_type, FSTYPE))
			continue;
		dir = open_writable(mount->mnt_dir);
		if (found >= 0 && dir < 0)
			continue;
		if (found >= 0)
			close(found);
		found = dir;
	}
	if (table)
		endmntent(table);
	return found;
}

int instance_open(struct instance *inst, const char *where)
{
	*inst = (struct instance){ .own = !where };
	inst->dir = where ? open_dir(where) : mount_own();
	if (!where && (inst->dir == -EPERM || inst->dir == -EACCES)) {
		inst->own = false;
		inst->dir = find_mounted();
	}
	if (inst->dir < 0) {
		complain("%s: %s", where ?: FSTYPE, strerror(-inst->dir));
		if (inst->dir == -ENODEV)
			complain("is the module loaded, and are you root?");
		return inst->dir;
	}
	inst->log = openat(inst->dir, "log", O_RDONLY | O_CLOEXEC);
	if (inst->log >= 0)
		lseek(inst->log, 0, SEEK_END);
	return 0;
}

void instance_close(struct instance *inst)
{
	if (inst->log >= 0)
		close(inst->log);
	close(inst->dir);
}

int instance_control(const struct instance *inst, const char *fmt, ...)
{
	char *command = NULL;
	va_list args;
	ssize_t n;
	int fd, ret = 0;

	va_start(args, fmt);
	n = vasprintf(&command, fmt, args);
	va_end(args);
	if (n < 0)
		return -ENOMEM;

	fd = openat(inst->dir, "control", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, command, n) < 0)
		ret = -errno;
	if (fd >= 0)
		close(fd);
	free(command);
	return ret;
}

void instance_print_log(const struct instance *inst)
{
	char buf[4096];
	ssize_t n;

	while (inst->log >= 0 && (n = read(inst->log, buf, sizeof(buf))) > 0)
		fwrite(buf, 1, n, stderr);
}
