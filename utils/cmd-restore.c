// SPDX-License-Identifier: GPL-2.0-only
/*
 * ckpt restore: the program of an archive, running again.
 *
 * The new tasks are children of this process, and so of init once it has
 * ended; with --wait it stays, and ends as the program does.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ckpt.h"

struct args {
	const char *path;
	const char *mount;
	bool wait;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct args *args = state->input;

	switch (key) {
	case 'm':
		args->mount = arg;
		return 0;
	case 'w':
		args->wait = true;
		return 0;
	case ARGP_KEY_ARG:
		if (args->path)
			argp_usage(state);
		args->path = arg;
		return 0;
	case ARGP_KEY_END:
		if (!args->path)
			argp_usage(state);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* What `commit` says of the restore: NAME pid=PID tasks=N. */
static int result_pid(int commit)
{
	char line[256], *word;
	ssize_t n = pread(commit, line, sizeof(line) - 1, 0);

	if (n < 0 && errno == ESPIPE)
		n = read(commit, line, sizeof(line) - 1);
	if (n < 0)
		return -errno;
	line[n] = 0;
	word = strstr(line, " pid=");
	return word ? atoi(word + 5) : -ENODATA;
}

/* Return: the first new process, or -errno, said. */
static int bring_back(const struct instance *inst, int image)
{
	int commit = openat(inst->dir, "restore/commit", O_RDWR | O_CLOEXEC);
	struct stat st = {};
	int ret;

	if (commit < 0) {
		ret = -errno;
		complain("restore/commit: %s", strerror(-ret));
		return ret;
	}
	fstat(image, &st);
	ret = copy_stream(image, commit, st.st_size, false);
	if (!ret)
		ret = result_pid(commit);
	close(commit);
	if (ret == -ENODATA || !ret) {
		complain("the archive ends too early");
		ret = -EUCLEAN;
	} else if (ret < 0) {
		instance_print_log(inst);
		complain("restore: %s", strerror(-ret));
	}
	return ret;
}

/* Ends as the program has ended: with its status, or by its signal. */
static enum status wait_for(int pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno == EINTR)
			continue;
		complain("process %d: %s", pid, strerror(errno));
		return STATUS_FAILED;
	}
	if (!WIFSIGNALED(status))
		return WEXITSTATUS(status);
	signal(WTERMSIG(status), SIG_DFL);
	raise(WTERMSIG(status));
	return 128 + WTERMSIG(status);
}

enum status cmd_restore(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "wait", 'w', NULL, 0, "Wait until the program ends, and end as it does" },
		{ "mount", 'm', "DIR", 0, "Use the checkpointfs mounted there" },
		{}
	};
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "FILE",
		.doc = "Restore the program in the archive FILE (or -) and print its process id.",
	};
	struct args args = {};
	struct instance inst;
	int image, pid;

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	image = strcmp(args.path, "-") ? open(args.path, O_RDONLY | O_CLOEXEC) :
					 STDIN_FILENO;
	if (image < 0) {
		complain("%s: %s", args.path, strerror(errno));
		return STATUS_FAILED;
	}
	if (instance_open(&inst, args.mount))
		return STATUS_NONE;
	pid = bring_back(&inst, image);
	close(image);
	instance_close(&inst);
	if (pid < 0)
		return status_of(pid);
	printf("%d\n", pid);
	fflush(stdout);
	return args.wait ? wait_for(pid) : STATUS_OK;
}
