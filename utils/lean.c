// SPDX-License-Identifier: GPL-2.0-only
/*
 * What ckpt leaves to ckpt-images.
 *
 * To load the libraries that read archives of any kind and print JSON, and those
 * that they need in turn, takes longer than to save a small program, which needs
 * none of them. So there are two programs of the same sources: ckpt-images,
 * linked with all but this file, and ckpt, linked with this file instead of
 * what needs a library. Each function here stands for one of there, and has
 * ckpt-images begin anew with the same command line. Until then nothing
 * has been done but to open descriptors, which are closed on exec, or are to be open.
 */
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "ckpt.h"

/* From the directory of ckpt: as they are built, as they are installed. */
static const char *const places[] = {
	"ckpt-images", "../libexec/checkpointfs/ckpt-images",
};

/* Return: -errno. */
static int execute(void)
{
	char path[PATH_MAX + 64];
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX);
	size_t i;

	if (n < 0)
		return -errno;
	while (n && path[n - 1] != '/')
		n--;
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		snprintf(path + n, sizeof(path) - n, "%s", places[i]);
		execv(path, command_line);
		if (errno != ENOENT)
			break;
	}
	return -errno;
}

static _Noreturn void run_images(void)
{
	complain("ckpt-images: %s", strerror(-execute()));
	exit(STATUS_FAILED);
}

enum status cmd_show(int argc, char **argv)
{
	run_images();
}

enum status cmd_check(int argc, char **argv)
{
	run_images();
}

enum status cmd_merge(int argc, char **argv)
{
	run_images();
}

int stage_archive(const struct instance *inst, const char *path, const char *name)
{
	run_images();
}

/* Before the archive is opened: a named pipe would be closed, and what is in it lost. */
void prepare_stage(void)
{
	run_images();
}

/* Who writes to a named pipe is to find that somebody reads it, always. */
int open_plain(int image)
{
	struct stat st;

	if (!fstat(image, &st) && S_ISFIFO(st.st_mode))
		fcntl(image, F_SETFD, 0);
	run_images();
}

enum status save_series(const struct instance *inst, const struct save_args *args)
{
	run_images();
}
