// SPDX-License-Identifier: GPL-2.0-only
/*
 * launch [-r] OUT COMMAND [ARGUMENT...]
 *
 * Starts a command as the tests want it: a session leader and the child of init,
 * with /dev/null as its input, the file OUT as its output and no other descriptor,
 * in the root directory. Its pid is in OUT.pid before this ends, and it has become the
 * command. With -r it ends when the command has written the line "ready", or is no more.
 *
 * launch -g PID...
 *
 * Ends when there are no such processes any more, not even zombies.
 *
 * In C for the emulated processor's sake, and so that waiting costs it nothing.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "program.h"

static const struct timespec moment = { .tv_nsec = 2 * 1000 * 1000 };

/* The command; @to_init is at its end when it is the child of init. */
static void __attribute__((noreturn))
become(const char *out, int to_init, char *argv[])
{
	char byte;

	(void)!read(to_init, &byte, 1);
	setsid();
	(void)!chdir("/");
	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	if (open("/dev/null", O_RDONLY) != STDIN_FILENO ||
	    open(out, O_WRONLY | O_CREAT | O_TRUNC, 0666) != STDOUT_FILENO)
		err(127, "%s", out);
	dup2(STDOUT_FILENO, STDERR_FILENO);
	/* When it has become the command: that is how the other sees it. */
	close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
	execvp(argv[0], argv);
	err(127, "%s", argv[0]);
}

static void write_pid(const char *out, pid_t pid)
{
	char name[4096];
	FILE *file;

	snprintf(name, sizeof(name), "%s.pid", out);
	file = fopen(name, "w");
	if (!file || fprintf(file, "%d\n", pid) < 0 || fclose(file))
		err(1, "%s", name);
}

/* Until the file @out has the line "ready", or the process is no more. */
static void wait_until_ready(const char *out, int pidfd)
{
	int inotify = inotify_init1(IN_NONBLOCK);
	struct pollfd fds[] = {
		{ .fd = inotify, .events = POLLIN },
		{ .fd = pidfd, .events = POLLIN },
	};
	char line[4096];
	FILE *file;

	check(inotify >= 0 && inotify_add_watch(inotify, out, IN_MODIFY) >= 0);
	file = fopen(out, "r");
	check(file);
	for (;;) {
		while (fgets(line, sizeof(line), file)) {
			if (!strcmp(line, "ready\n"))
				return;
			if (!strchr(line, '\n')) {
				/* There is more to come. */
				fseek(file, -(long)strlen(line), SEEK_CUR);
				break;
			}
		}
		clearerr(file);
		if (fds[1].revents)
			return;
		check(poll(fds, 2, -1) > 0);
		(void)!read(inotify, line, sizeof(line));
	}
}

static void wait_until_gone(pid_t pid)
{
	struct pollfd end = { .fd = pidfd_open(pid, 0), .events = POLLIN };

	if (end.fd >= 0)
		check(poll(&end, 1, -1) == 1);
	/* Its parent takes note of it. */
	while (!kill(pid, 0))
		nanosleep(&moment, NULL);
}

int main(int argc, char *argv[])
{
	int wait_for_it = argc > 1 && !strcmp(argv[1], "-r"), gate[2], pids[2], pidfd, i;
	const char *out = argv[1 + wait_for_it];
	pid_t middle, pid;

	if (argc > 2 && !strcmp(argv[1], "-g")) {
		for (i = 2; i < argc; i++)
			wait_until_gone(atoi(argv[i]));
		return 0;
	}
	check(argc > 2 + wait_for_it && !pipe(gate) && !pipe(pids));
	if (unlink(out) && errno != ENOENT)
		err(1, "%s", out);
	middle = fork();
	check(middle >= 0);
	if (!middle) {
		close(gate[1]);
		close(pids[0]);
		pid = fork();
		if (!pid)
			become(out, gate[0], argv + 2 + wait_for_it);
		_exit(write(pids[1], &pid, sizeof(pid)) != sizeof(pid));
	}
	check(waitpid(middle, NULL, 0) == middle);
	check(read(pids[0], &pid, sizeof(pid)) == sizeof(pid) && pid > 0);
	pidfd = pidfd_open(pid, 0);
	check(pidfd >= 0);
	write_pid(out, pid);
	if (wait_for_it)
		close(open(out, O_WRONLY | O_CREAT, 0666));
	close(gate[1]);
	close(pids[1]);
	check(read(pids[0], &pid, sizeof(pid)) == 0);
	if (wait_for_it)
		wait_until_ready(out, pidfd);
	return 0;
}
