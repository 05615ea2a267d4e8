// SPDX-License-Identifier: GPL-2.0-only
/*
 * ckpt save: a running program to an archive.
 *
 * Without --kill the program runs on while its image is written (snapshot).
 * With --kill it stays frozen until the image is on the disk, and runs on if
 * it does not get there.
 */
#include <fcntl.h>
#include <unistd.h>

#include "ckpt.h"

/* In an instance that others use too, a dead ckpt must not leave it frozen. */
#define TIMEOUT	600

enum { OPTION_EVERY = 256, OPTION_KEEP, OPTION_EXTERNAL, OPTION_HOLD };

static int parse_pid(const char *text)
{
	char *end;
	long pid = strtol(text, &end, 10);

	return *end || pid < 1 || pid > S32_MAX ? 0 : pid;
}

static unsigned int parse_number(const char *text, struct argp_state *state)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (*end || n < 1 || n > 1000000)
		argp_error(state, "not a number from 1 to 1000000: %s", text);
	return n;
}

/* What the options are together. */
static void check_args(const struct save_args *args, struct argp_state *state)
{
	if (!args->pid)
		argp_usage(state);
	if (args->keep && !args->every)
		argp_error(state, "--keep is for --every");
	if (*args->hold && !args->kill)
		argp_error(state, "--hold is for --kill");
	if (args->every && args->kill)
		argp_error(state, "--every does not go with --kill");
	if (args->every && !args->output)
		argp_error(state, "--every needs a directory: -o");
	if (!args->output && isatty(STDOUT_FILENO))
		argp_error(state, "an archive is nothing for a terminal: use -o");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct save_args *args = state->input;

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
	case OPTION_EXTERNAL:
		if (strpbrk(arg, " \t\n"))
			argp_error(state, "not PID:FD: %s", arg);
		append(&args->external, " external=%s", arg);
		return 0;
	case OPTION_HOLD:
		if (!*arg || arg[strspn(arg, "0123456789")])
			argp_error(state, "not a number of seconds: %s", arg);
		append(&args->hold, " hold=%s", arg);
		return 0;
	case OPTION_EVERY:
		args->every = parse_number(arg, state);
		return 0;
	case OPTION_KEEP:
		args->keep = parse_number(arg, state);
		return 0;
	case ARGP_KEY_ARG:
		if (args->pid)
			argp_usage(state);
		args->pid = parse_pid(arg);
		if (!args->pid)
			argp_error(state, "not a process id: %s", arg);
		return 0;
	case ARGP_KEY_END:
		check_args(args, state);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
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
	ret = fstat(fd, &st) ? -errno : copy_stream(fd, out->fd, st.st_size);
	close(fd);
	return ret;
}

int save_container(const struct instance *inst, const char *name, struct output *out)
{
	int ret = copy_image(inst, name, out);

	return ret ?: output_finish(out);
}

/* What fails on the program's side is told by the log, and named here. */
static int failed(const struct instance *inst, const char *what, int error)
{
	instance_print_log(inst);
	complain("%s: %s", what, strerror(-error));
	return error;
}

static int save(const struct instance *inst, const struct save_args *args,
		struct output *out)
{
	const char *name = args->name;
	char frozen[64];
	int ret;

	snprintf(frozen, sizeof(frozen), "process %d", args->pid);
	if (args->kill)
		ret = instance_control(inst, "freeze %s pid=%d timeout=%d%s", name,
				       args->pid, inst->own ? 0 : TIMEOUT, args->external);
	else
		ret = instance_control(inst, "snapshot %s pid=%d%s", name,
				       args->pid, args->external);
	if (ret)
		return failed(inst, frozen, ret);

	ret = save_container(inst, name, out);
	if (ret) {
		failed(inst, "writing the image", ret);
		instance_control(inst, "%s %s", args->kill ? "thaw" : "remove", name);
		return ret;
	}
	if (args->kill)
		ret = instance_control(inst, "commit %s kill%s", name, args->hold);
	if (!ret)
		ret = instance_control(inst, "remove %s", name);
	return ret ? failed(inst, frozen, ret) : 0;
}

enum status cmd_save(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "output", 'o', "FILE", 0, "Write to FILE, not to standard output" },
		{ "kill", 'k', NULL, 0, "Kill the program once its image is written" },
		{ "hold", OPTION_HOLD, "SECONDS", 0,
		  "Hold back packets of its TCP connections for so long, or until a restore (60)" },
		{ "name", 'n', "NAME", 0, "Name of the container in the archive" },
		{ "mount", 'm', "DIR", 0, "Use the checkpointfs mounted there" },
		{ "external", OPTION_EXTERNAL, "PID:FD", 0,
		  "Leave out the open file that this is" },
		{ "every", OPTION_EVERY, "SECONDS", 0,
		  "Go on saving what has changed, to files in the directory FILE" },
		{ "keep", OPTION_KEEP, "NUMBER", 0, "Keep so many of them (8)" },
		{}
	};
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "PID",
		.doc = "Save the process PID with all its descendants as an archive.",
	};
	char name[32];
	struct save_args args = { .name = name };
	struct instance inst;
	enum status status;
	struct output out;
	int ret;

	snprintf(name, sizeof(name), "ckpt-%d", getpid());
	append(&args.external, "%s", "");
	append(&args.hold, "%s", "");
	argp_parse(&argp, argc, argv, 0, NULL, &args);
	if (instance_open(&inst, args.mount))
		return STATUS_NONE;
	if (args.every) {
		status = save_series(&inst, &args);
		instance_close(&inst);
		return status;
	}
	ret = output_open(&out, args.output);
	if (ret)
		complain("%s: %s", args.output, strerror(-ret));
	else
		ret = save(&inst, &args, &out);
	output_close(&out);
	instance_close(&inst);
	return status_of(ret);
}
