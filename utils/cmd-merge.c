// SPDX-License-Identifier: GPL-2.0-only
/*
 * ckpt merge: one full image of a chain of differences.
 */
#include <unistd.h>

#include "ckpt.h"

/**
 * struct args - the command line
 * @output:	file to write, NULL: standard output
 * @paths:	images, the youngest last
 * @nr:		how many
 */
struct args {
	const char *output;
	char **paths;
	size_t nr;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct args *args = state->input;

	switch (key) {
	case 'o':
		args->output = strcmp(arg, "-") ? arg : NULL;
		return 0;
	case ARGP_KEY_ARGS:
		args->paths = state->argv + state->next;
		args->nr = state->argc - state->next;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_usage(state);
		return 0;
	case ARGP_KEY_END:
		if (!args->output && isatty(STDOUT_FILENO))
			argp_error(state, "an archive is nothing for a terminal: use -o");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

enum status cmd_merge(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "output", 'o', "FILE", 0, "Write to FILE, not to standard output" },
		{}
	};
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "[PARENT...] IMAGE",
		.doc = "Make one image of IMAGE and those that it is a difference to.",
	};
	struct args args = {};

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	return status_of(merge_files(args.paths, args.nr, args.output));
}
