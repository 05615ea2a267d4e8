// SPDX-License-Identifier: GPL-2.0-only
/*
 * ckpt features: what this kernel and its checkpointfs can save and restore.
 */
#include <fcntl.h>
#include <unistd.h>

#include "ckpt.h"

static error_t parse(int key, char *arg, struct argp_state *state)
{
	if (key == 'm') {
		*(const char **)state->input = arg;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

enum status cmd_features(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "mount", 'm', "DIR", 0, "Use the checkpointfs mounted there" },
		{}
	};
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.doc = "List what can be saved and restored: NAME yes | no | partial (reason)",
	};
	const char *where = NULL;
	struct instance inst;
	int fd, ret;

	argp_parse(&argp, argc, argv, 0, NULL, &where);
	if (instance_open(&inst, where))
		return STATUS_NONE;
	fd = openat(inst.dir, "features", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		ret = -errno;
	else
		ret = copy_stream(fd, STDOUT_FILENO, 0);
	if (ret)
		complain("features: %s", strerror(-ret));
	if (fd >= 0)
		close(fd);
	instance_close(&inst);
	return status_of(ret);
}
