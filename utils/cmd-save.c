// SPDX-License-Identifier: GPL-2.0-only
/*
 * ckpt save: a running program to an archive.
 *
 * Without --kill the program runs on while its image is written (snapshot).
 * With --kill it stays frozen until the image is on the disk, and runs on if
 * it does not get there. A file is written under another name first, so that
 * an older image of that name is only replaced by a whole one.
 */
#include <fcntl.h>
#include <unistd.h>

#include "ckpt.h"

/* In an instance that others use too, a dead ckpt must not leave it frozen. */
#define TIMEOUT	600

struct args {
	const char *output;
	const char *mount;
	const char *name;
	bool kill;
	int pid;
};

/**
 * struct output - where the archive goes
 * @fd:		open for writing
 * @path:	wanted name; NULL: standard output, or what is no regular file
 * @temp:	name until it is whole
 */
struct output {
	int fd;
	const char *path;
	char *temp;
};

static int parse_pid(const char *text)
{
	char *end;
	long pid = strtol(text, &end, 10);

	return *end || pid < 1 || pid > S32_MAX ? 0 : pid;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct args *args = state->input;

	switch (key) {
	case 'o':
		args->output = strcmp(arg, "-") ? arg : NULL;
		return 0;
	case 'k':
		args->kill = true;
		return 0;
	case 'm':
		args->mount = arg;
		return 0;
	case 'n':
		args->name = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (args->pid)
			argp_usage(state);
		args->pid = parse_pid(arg);
		if (!args->pid)
			argp_error(state, "not a process id: %s", arg);
		return 0;
	case ARGP_KEY_END:
		if (!args->pid)
			argp_usage(state);
		if (!args->output && isatty(STDOUT_FILENO))
			argp_error(state, "an archive is nothing for a terminal: use -o");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* ---- the file ------------------------------------------------------------------- */

static int output_open(struct output *out, const char *path)
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
	out->fd = mkostemp(out->temp, O_CLOEXEC);	/* mode 0600 */
	return out->fd < 0 ? -errno : 0;
}

/* On the disk, and under its name. */
static int output_finish(struct output *out)
{
	if (fsync(out->fd) && errno != EINVAL && errno != EROFS)
		return -errno;
	if (!out->path)
		return 0;
	if (rename(out->temp, out->path))
		return -errno;
	free(out->temp);
	out->temp = NULL;
	return 0;
}

static void output_close(struct output *out)
{
	if (out->temp && out->fd >= 0)
		unlink(out->temp);
	free(out->temp);
	if (out->fd >= 0)
		close(out->fd);
}

/* ---- the program ---------------------------------------------------------------- */

static int copy_image(const struct instance *inst, const char *name,
		      struct output *out)
{
	char tar[CKPT_NAME_MAX + 5];
	struct stat st;
	int fd, ret;

	snprintf(tar, sizeof(tar), "%s.tar", name);
	fd = openat(inst->dir, tar, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = fstat(fd, &st) ? -errno : copy_stream(fd, out->fd, st.st_size, true);
	close(fd);
	return ret;
}

/* What fails on the program's side is told by the log, and named here. */
static int failed(const struct instance *inst, const char *what, int error)
{
	instance_print_log(inst);
	complain("%s: %s", what, strerror(-error));
	return error;
}

static int save(const struct instance *inst, const struct args *args,
		struct output *out)
{
	const char *name = args->name;
	char frozen[64];
	int ret;

	snprintf(frozen, sizeof(frozen), "process %d", args->pid);
	if (args->kill)
		ret = instance_control(inst, "freeze %s pid=%d timeout=%d",
				       name, args->pid, inst->own ? 0 : TIMEOUT);
	else
		ret = instance_control(inst, "snapshot %s pid=%d", name,
				       args->pid);
	if (ret)
		return failed(inst, frozen, ret);

	ret = copy_image(inst, name, out);
	if (!ret)
		ret = output_finish(out);
	if (ret) {
		failed(inst, "writing the image", ret);
		instance_control(inst, "%s %s", args->kill ? "thaw" : "remove", name);
		return ret;
	}
	if (args->kill)
		ret = instance_control(inst, "commit %s kill", name);
	if (!ret)
		ret = instance_control(inst, "remove %s", name);
	return ret ? failed(inst, frozen, ret) : 0;
}

enum status cmd_save(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "output", 'o', "FILE", 0, "Write to FILE, not to standard output" },
		{ "kill", 'k', NULL, 0, "Kill the program once its image is written" },
		{ "name", 'n', "NAME", 0, "Name of the container in the archive" },
		{ "mount", 'm', "DIR", 0, "Use the checkpointfs mounted there" },
		{}
	};
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "PID",
		.doc = "Save the process PID with all its descendants as an archive.",
	};
	char name[32];
	struct args args = { .name = name };
	struct instance inst;
	struct output out;
	int ret;

	snprintf(name, sizeof(name), "ckpt-%d", getpid());
	argp_parse(&argp, argc, argv, 0, NULL, &args);
	if (instance_open(&inst, args.mount))
		return STATUS_NONE;
	ret = output_open(&out, args.output);
	if (ret)
		complain("%s: %s", args.output, strerror(-ret));
	else
		ret = save(&inst, &args, &out);
	output_close(&out);
	instance_close(&inst);
	return status_of(ret);
}
