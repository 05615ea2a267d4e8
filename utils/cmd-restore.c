// SPDX-License-Identifier: GPL-2.0-only
/*
 * ckpt restore: the program of an archive, running again.
 *
 * The new tasks are children of this process, and so of init once it has
 * ended; with --wait it stays, and ends as the program does. Images that the
 * archive is a difference to are staged first; which of them it needs is for
 * the kernel to find. What is compressed becomes what it was on its way there.
 *
 * restore/commit takes lines of text before an archive. They are for the one who restores
 * to write, not for the one who has made the archive: which parent the program gets, and
 * which of our descriptors.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ckpt.h"

/**
 * struct args - the command line
 * @paths:	archives, the one to be restored last
 * @nr:		how many; 0: standard input
 * @mount:	instance to use, or NULL
 * @lines:	what the kernel is told before the archive; NULL: nothing
 * @given:	descriptors that the program gets
 * @nr_given:	how many
 * @wait:	end as the program does
 */
struct args {
	char **paths;
	size_t nr;
	const char *mount;
	char *lines;
	int given[64];
	size_t nr_given;
	bool wait;
};

enum { OPTION_EXTERNAL = 256 };

#define BLOCK	512	/* of an archive; no line is as long */

static const char *image_of(const struct args *args)
{
	return args->nr ? args->paths[args->nr - 1] : "-";
}

/* One that is not open would be the next one that is opened here. */
static void parse_external(struct args *args, const char *text, struct argp_state *state)
{
	unsigned int pid, fd, number;
	int end = 0;

	if (sscanf(text, "%u:%u=%u%n", &pid, &fd, &number, &end) != 3 || text[end])
		argp_error(state, "not PID:FD=NUMBER: %s", text);
	if (fcntl(number, F_GETFD) < 0)
		argp_error(state, "descriptor %u is not open", number);
	if (args->nr_given == ARRAY_SIZE(args->given))
		argp_error(state, "--external more than %zu times", args->nr_given);
	args->given[args->nr_given++] = number;
	append(&args->lines, "external=%u:%u=%u\n", pid, fd, number);
}

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
	case OPTION_EXTERNAL:
		parse_external(args, arg, state);
		return 0;
	case ARGP_KEY_ARGS:
		args->paths = state->argv + state->next;
		args->nr = state->argc - state->next;
		return 0;
	case ARGP_KEY_SUCCESS:
		if (!strcmp(image_of(args), "-") && isatty(STDIN_FILENO))
			argp_error(state, "no archive comes from a terminal: name one");
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

/* It has been made as soon as the end of the archive had come, whatever came then. */
static void say_rest(const struct instance *inst, int pid, int error)
{
	instance_print_log(inst);
	complain("process %d is restored, but after its archive: %s", pid, strerror(-error));
}

/* Would restore/commit take for a line what an archive cannot begin with? */
static bool is_line(const u8 *bytes, size_t size)
{
	size_t i = 0;

	while (i < size && bytes[i] >= ' ' && bytes[i] <= '~')
		i++;
	return i < size && bytes[i] == '\n';
}

/* Return: bytes of the first block, fewer than BLOCK at the end; or -errno, said. */
static ssize_t read_first(int image, u8 block[BLOCK])
{
	size_t size = 0;
	ssize_t n = 1;

	while (n > 0 && size < BLOCK) {
		n = read_some(image, block + size, BLOCK - size);
		size += n > 0 ? n : 0;
	}
	if (n < 0) {
		n = -errno;
		complain("restore: %s", strerror(-n));
		return n;
	}
	if (is_line(block, size)) {
		complain("the archive does not begin as one, but with a line of text");
		return -EUCLEAN;
	}
	return size;
}

/* Return: the first new process, or -errno, said. */
static int bring_back(const struct instance *inst, const char *lines, int image)
{
	u8 block[BLOCK];
	ssize_t size = read_first(image, block);
	struct stat st = {};
	int ret, pid, commit;

	if (size < 0)
		return size;
	commit = openat(inst->dir, "restore/commit", O_RDWR | O_CLOEXEC);
	if (commit < 0) {
		ret = -errno;
		complain("restore/commit: %s", strerror(-ret));
		return ret;
	}
	fstat(image, &st);
	ret = lines ? write_all(commit, (const u8 *)lines, strlen(lines)) : 0;
	if (!ret)
		ret = write_all(commit, block, size);
	if (!ret)
		ret = copy_stream(image, commit, st.st_size);
	pid = result_pid(commit);
	close(commit);
	if (pid > 0) {
		if (ret)
			say_rest(inst, pid, ret);
		return pid;
	}
	if (!ret) {
		complain("the archive ends too early");
		return -EUCLEAN;
	}
	instance_print_log(inst);
	complain("restore: %s", strerror(-ret));
	return ret;
}

static void parent_name(size_t i, char name[32])
{
	snprintf(name, 32, "parent-%d-%zu", getpid(), i + 1);
}

/* If it is there. */
static void drop_parent(const struct instance *inst, const char *name)
{
	char path[48];

	snprintf(path, sizeof(path), "restore/%s", name);
	unlinkat(inst->dir, path, AT_REMOVEDIR);
}

/* The same on top of the archives before it. */
static int bring_back_chain(const struct instance *inst, const struct args *args, int image)
{
	char name[32];
	size_t i;
	int ret = 0;

	for (i = 0; ret >= 0 && i + 1 < args->nr; i++) {
		parent_name(i, name);
		ret = stage_archive(inst, args->paths[i], name);
	}
	if (ret >= 0)
		ret = bring_back(inst, args->lines, image);
	/* What has been used is gone, and the others are of no use. */
	while (i--) {
		parent_name(i, name);
		drop_parent(inst, name);
	}
	return ret;
}

/* Who talks to the program is to see when it does not talk any more. */
static void close_given(const struct args *args)
{
	size_t i;

	for (i = 0; i < args->nr_given; i++)
		if (args->given[i] > STDERR_FILENO && !isatty(args->given[i]))
			close(args->given[i]);
}

/* Ends as the program has ended: with its status, or by its signal. */
static enum status wait_for(int pid, const struct args *args)
{
	int status;

	close_given(args);
	status = wait_in_foreground(pid, args->given, args->nr_given);
	if (status < 0) {
		complain("process %d: %s", pid, strerror(-status));
		return STATUS_FAILED;
	}
	if (!WIFSIGNALED(status))
		return WEXITSTATUS(status);
	signal(WTERMSIG(status), SIG_DFL);
	/* If it has left a core, ours is not to take the place of that. */
	prctl(PR_SET_DUMPABLE, 0);
	raise(WTERMSIG(status));
	return 128 + WTERMSIG(status);
}

/* Return: a descriptor, or -errno, said. */
static int open_image(const char *path)
{
	int image = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	int ret = image < 0 ? -errno : is_compressed(image);

	if (!ret)
		return image;
	if (ret > 0)
		ret = open_plain(image);
	if (image > STDIN_FILENO)
		close(image);
	if (ret == -ENODATA) {
		complain("%s: nothing is in it", path);
		return -EUCLEAN;
	}
	if (ret < 0)
		complain("%s: %s", path, strerror(-ret));
	return ret;
}

enum status cmd_restore(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "wait", 'w', NULL, 0, "Wait until the program ends, and end as it does" },
		{ "external", OPTION_EXTERNAL, "PID:FD=NUMBER", 0,
		  "Give it this descriptor for what was left out" },
		{ "mount", 'm', "DIR", 0, "Use the checkpointfs mounted there" },
		{}
	};
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "[[PARENT...] FILE]",
		.doc = "Restore the program in the archive FILE (- or none: standard input), compressed or not, a difference to others or not, and print its process id.",
	};
	struct args args = {};
	struct instance inst;
	int image, pid;

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	/* Whoever ignores it in us would have it that our children cannot be waited for. */
	signal(SIGCHLD, SIG_DFL);
	if (args.nr > 1)
		prepare_stage();
	image = open_image(image_of(&args));
	if (image < 0)
		return status_of(image);
	if (instance_open(&inst, args.mount))
		return STATUS_NONE;
	pid = bring_back_chain(&inst, &args, image);
	close(image);
	instance_close(&inst);
	if (pid < 0)
		return status_of(pid);
	printf("%d\n", pid);
	fflush(stdout);
	return args.wait ? wait_for(pid, &args) : STATUS_OK;
}
