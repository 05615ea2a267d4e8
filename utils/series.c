// SPDX-License-Identifier: GPL-2.0-only
/*
 * ckpt save --every: the last states of a program, always to be restored.
 *
 * DIR/NAME-000001.tar and so on, each a difference to the one before, so that
 * all of them together, in the order of their names, are what `ckpt restore`
 * takes. The generation that was saved last is kept in the instance, for the
 * next to be compared with. When there are twice as many files as are to be
 * kept, the oldest become one: it is written beside them, gets the name of the
 * youngest of them and has its id, and only then they go. So at no moment, not
 * even if the power fails, is there a state that cannot be restored, and all
 * that is written is written once more on average.
 */
#include <dirent.h>
#include <poll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "ckpt.h"

#define KEEP		8
#define NUMBER_MAX	999999
#define NAME_SIZE	72

/**
 * struct series - a series under way
 * @inst:	instance
 * @args:	command line
 * @keep:	files to keep, at least
 * @program:	pidfd
 * @first:	number of the oldest file; that of the next if there is none
 * @next:	number that the next file gets
 * @last:	number of the generation that is kept in the instance, 0: none
 * @signals:	that end it
 */
struct series {
	const struct instance *inst;
	const struct save_args *args;
	unsigned int keep;
	int program;
	unsigned int first;
	unsigned int next;
	unsigned int last;
	sigset_t signals;
};

/* ---- names ---------------------------------------------------------------------- */

static char *container_name(const struct series *s, unsigned int number, char name[NAME_SIZE])
{
	snprintf(name, NAME_SIZE, "%.56s-%06u", s->args->name, number);
	return name;
}

/* Return: allocated, or NULL. */
static char *file_path(const struct series *s, unsigned int number)
{
	char name[NAME_SIZE], *path;

	if (asprintf(&path, "%s/%s.tar", s->args->output, container_name(s, number, name)) < 0)
		return NULL;
	return path;
}

/* Return: 0 if it is not the name of a file of this series. */
static unsigned int number_of(const struct series *s, const char *name)
{
	char expected[NAME_SIZE + 8], container[NAME_SIZE];
	size_t len = strlen(name);
	unsigned int number;

	if (len < 10 || strcmp(name + len - 4, ".tar"))
		return 0;
	number = strtoul(name + len - 10, NULL, 10);
	snprintf(expected, sizeof(expected), "%s.tar", container_name(s, number, container));
	return strcmp(name, expected) ? 0 : number;
}

/* What an earlier series of that name has left belongs to this one. */
static int find_files(struct series *s)
{
	DIR *dir = opendir(s->args->output);
	struct dirent *entry;

	if (!dir)
		return -errno;
	s->first = NUMBER_MAX;
	s->next = 1;
	while ((entry = readdir(dir))) {
		unsigned int number = number_of(s, entry->d_name);

		if (!number)
			continue;
		s->first = min(s->first, number);
		s->next = max(s->next, number + 1);
	}
	closedir(dir);
	s->first = min(s->first, s->next);
	return s->next > NUMBER_MAX ? -EOVERFLOW : 0;
}

/* ---- one more ------------------------------------------------------------------- */

static void drop(struct series *s, unsigned int number)
{
	char name[NAME_SIZE];

	if (number)
		instance_control(s->inst, "remove %s", container_name(s, number, name));
}

static int write_file(struct series *s, unsigned int number)
{
	char *path = file_path(s, number), name[NAME_SIZE];
	struct output out;
	int ret;

	if (!path)
		return -ENOMEM;
	ret = output_open(&out, path);
	if (!ret)
		ret = save_container(s->inst, container_name(s, number, name), &out);
	if (ret && ret != -EINTR)
		complain("%s: %s", path, strerror(-ret));
	output_close(&out);
	free(path);
	return ret;
}

static int take_snapshot(struct series *s)
{
	char name[NAME_SIZE], last[NAME_SIZE];
	int ret;

	container_name(s, s->next, name);
	if (s->last)
		ret = instance_control(s->inst, "snapshot %s pid=%d since=%s%s", name,
				       s->args->pid, container_name(s, s->last, last),
				       s->args->external);
	else
		ret = instance_control(s->inst, "snapshot %s pid=%d%s", name,
				       s->args->pid, s->args->external);
	return ret;
}

static bool has_ended(const struct series *s)
{
	struct pollfd fd = { .fd = s->program, .events = POLLIN };

	return poll(&fd, 1, 0) > 0;
}

static int save_next(struct series *s)
{
	int ret = take_snapshot(s);

	if (ret) {
		if (!has_ended(s)) {
			instance_print_log(s->inst);
			complain("process %d: %s", s->args->pid, strerror(-ret));
		}
		return ret;
	}
	ret = write_file(s, s->next);
	if (ret) {
		/* What comes next is a difference to what has been written. */
		drop(s, s->next);
		return ret;
	}
	drop(s, s->last);
	s->last = s->next++;
	return 0;
}

/* ---- fewer ---------------------------------------------------------------------- */

static int unlink_older(struct series *s, unsigned int end)
{
	char *path = NULL;

	for (; s->first < end; s->first++) {
		free(path);
		path = file_path(s, s->first);
		if (!path)
			return -ENOMEM;
		unlink(path);
	}
	if (path)
		sync_dir_of(path);
	free(path);
	return 0;
}

static int merge_paths(char **paths, size_t nr)
{
	struct image img;
	bool full;
	int ret = image_load_all(&img, paths[nr - 1]);

	if (ret)
		return ret;
	full = !is_difference(&img);
	image_free(&img);
	return full ? 0 : merge_files(paths, nr, paths[nr - 1]);
}

/* All files up to that number become one, of its name. */
static int merge_until(struct series *s, unsigned int last)
{
	size_t nr = last - s->first + 1, i;
	char **paths = calloc(nr, sizeof(*paths));
	int ret = paths ? 0 : -ENOMEM;
	size_t found = 0;

	for (i = 0; !ret && i < nr; i++) {
		paths[found] = file_path(s, s->first + i);
		if (!paths[found])
			ret = -ENOMEM;
		else if (!access(paths[found], F_OK))
			found++;
		else
			free(paths[found]);
	}
	if (!ret)
		ret = merge_paths(paths, found);
	if (!ret)
		ret = unlink_older(s, last);
	for (i = 0; paths && i < found; i++)
		free(paths[i]);
	free(paths);
	return ret;
}

static int prune(struct series *s)
{
	if (s->next - s->first < 2 * s->keep)
		return 0;
	return merge_until(s, s->next - s->keep);
}

/* ---- the whole ------------------------------------------------------------------ */

static void stop(int signal)
{
	stop_copying = 1;
}

static void handle_signals(struct series *s)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = stop };
	size_t i;

	sigemptyset(&s->signals);
	for (i = 0; i < ARRAY_SIZE(signals); i++) {
		sigaction(signals[i], &action, NULL);
		sigaddset(&s->signals, signals[i]);
	}
}

static s64 now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Return: 0 when it is time, 1 when something else has happened. */
static int wait_once(const struct series *s, s64 due, const sigset_t *unblocked)
{
	struct pollfd fd = { .fd = s->program, .events = POLLIN };
	s64 left = max(due - now_ms(), (s64)0);
	struct timespec time = {
		.tv_sec = left / 1000,
		.tv_nsec = left % 1000 * 1000000,
	};

	return ppoll(&fd, 1, &time, unblocked) != 0;
}

/*
 * Return: is another one to be taken? Signals come while it waits, and not
 * between its looking whether one has come and that.
 */
static bool wait_until(const struct series *s, s64 due)
{
	sigset_t unblocked;
	int ret = 1;

	sigprocmask(SIG_BLOCK, &s->signals, &unblocked);
	while (ret && !stop_copying && !has_ended(s))
		ret = wait_once(s, due, &unblocked);
	sigprocmask(SIG_SETMASK, &unblocked, NULL);
	return !ret;
}

/* A program that cannot be saved now may be so later; but not for the first time. */
static int run(struct series *s)
{
	s64 due = now_ms();
	int ret;

	do {
		ret = save_next(s);
		if (ret && (!s->last || ret == -EINTR || has_ended(s)))
			break;
		if (!ret)
			ret = prune(s);
		if (ret == -ENOMEM || stop_copying)
			break;
		due = max(due + s->args->every * 1000LL, now_ms());
	} while (wait_until(s, due));
	return ret;
}

static void say_end(const struct series *s)
{
	char name[NAME_SIZE];

	fprintf(stderr, "ckpt: process %d %s; ", s->args->pid,
		has_ended(s) ? "has ended" : "is saved no longer");
	if (s->last)
		fprintf(stderr, "its last state is %s.tar\n",
			container_name(s, s->last, name));
	else
		fputs("there is no state of it\n", stderr);
}

enum status save_series(const struct instance *inst, const struct save_args *args)
{
	struct series s = { .inst = inst, .args = args, .keep = args->keep ?: KEEP };
	int ret;

	s.program = syscall(SYS_pidfd_open, args->pid, 0);
	if (s.program < 0) {
		complain("process %d: %s", args->pid, strerror(errno));
		return STATUS_FAILED;
	}
	ret = find_files(&s);
	if (ret) {
		complain("%s: %s", args->output, strerror(-ret));
	} else {
		handle_signals(&s);
		ret = run(&s);
		if (s.last || stop_copying || has_ended(&s))
			say_end(&s);
		if (s.last || stop_copying)
			ret = 0;
		drop(&s, s.last);
	}
	close(s.program);
	return status_of(ret);
}
