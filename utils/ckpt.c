// SPDX-License-Identifier: GPL-2.0-only
/*
 * ckpt: save running programs, restore and inspect them.
 *
 * A table of commands; what each does is in its cmd-*.c file, or in that of
 * ckpt-images, which is linked with this file as well (lean.c).
 */
#include <fcntl.h>
#include <unistd.h>

#include "ckpt.h"

static const struct command commands[] = {
	{ "save",	"save a running program to an image",	cmd_save },
	{ "restore",	"bring the program of an image back",	cmd_restore },
	{ "show",	"print what is in an image",		cmd_show },
	{ "check",	"prove an image whole and sane",	cmd_check },
	{ "merge",	"make one image of a chain of differences", cmd_merge },
	{ "features",	"what this kernel can save and restore", cmd_features },
};

char **command_line;

void append(char **to, const char *fmt, ...)
{
	char *more, *all;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&more, fmt, args) < 0 || asprintf(&all, "%s%s", *to ?: "", more) < 0) {
		complain("out of memory");
		exit(STATUS_FAILED);
	}
	va_end(args);
	free(*to);
	free(more);
	*to = all;
}

void complain(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fputs("ckpt: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
}

enum status status_of(int error)
{
	switch (error) {
	case 0:
		return STATUS_OK;
	case -EUCLEAN:
	case -EBADMSG:
		return STATUS_CORRUPT;
	case -EOPNOTSUPP:
	case -EBUSY:
		return STATUS_REFUSED;
	}
	return STATUS_FAILED;
}

static void list_commands(FILE *out)
{
	size_t i;

	fputs("Usage: ckpt COMMAND [ARGUMENT...]\n\n", out);
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(out, "  %-10s%s\n", commands[i].name,
			commands[i].summary);
	fputs("\n'ckpt COMMAND --help' tells more; see also ckpt(1).\n", out);
}

/* It gets an argv of its own: argp calls the program by the first, and sorts the others. */
static enum status run(const struct command *command, int argc, char **argv)
{
	char **args = calloc(argc + 1, sizeof(*args)), name[32];
	enum status status;

	if (!args) {
		complain("out of memory");
		return STATUS_FAILED;
	}
	snprintf(name, sizeof(name), "ckpt %s", command->name);
	memcpy(args, argv, argc * sizeof(*args));
	args[0] = name;
	status = command->run(argc, args);
	free(args);
	return status;
}

/* What is opened then must not take the place of one that is closed, and be written to. */
static void fill_standard(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/", O_PATH | O_CLOEXEC);
}

int main(int argc, char **argv)
{
	size_t i;

	command_line = argv;
	fill_standard();
	argp_err_exit_status = STATUS_USAGE;
	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help"))) {
		list_commands(stdout);
		return STATUS_OK;
	}
	for (i = 0; argc > 1 && i < ARRAY_SIZE(commands); i++)
		if (!strcmp(argv[1], commands[i].name))
			return run(commands + i, argc - 1, argv + 1);
	if (argc > 1)
		complain("no such command: %s", argv[1]);
	list_commands(stderr);
	return STATUS_USAGE;
}
