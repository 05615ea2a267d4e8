// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads and processes with labels of SELinux, of all kinds that can be set, each told by
 * a line of /proc/thread-self/attr, which stays the same. Without a policy the labels are
 * those that the kernel has for itself, and everything is allowed.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>

#include "tasks.h"

#define TEXT	1024

static const char *const kinds[] = {
	"current", "exec", "fscreate", "keycreate", "prev", "sockcreate",
};

#define NR_KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* In the order of the kinds; nobody sets the one before the last. */
static const char *const roles[][NR_KINDS] = {
	{ NULL },
	{ "unlabeled" },
	{ NULL, NULL, "file", "node" },
	{ "port", "netif", NULL, NULL, NULL, "netmsg" },
};

#define NR (sizeof(roles) / sizeof(roles[0]))

static int built[2], go_on[2];

static void open_kind(int *fd, const char *kind, int flags)
{
	char path[80];

	snprintf(path, sizeof(path), "/proc/thread-self/attr/%s", kind);
	*fd = open(path, flags);
	check(*fd >= 0);
}

static void set(const char *kind, const char *label)
{
	ssize_t len = strlen(label) + 1;
	int fd;

	open_kind(&fd, kind, O_WRONLY);
	check(write(fd, label, len) == len);
	close(fd);
}

static void describe(char *text)
{
	size_t len = 0, i;
	int fd;

	for (i = 0; i < NR_KINDS; i++) {
		char label[100] = "";

		open_kind(&fd, kinds[i], O_RDONLY);
		check(read(fd, label, sizeof(label) - 1) >= 0);
		close(fd);
		len += snprintf(text + len, TEXT - len, "%s: %s\n", kinds[i], label);
	}
}

static void is_called(const char *label)
{
	char text[TEXT], line[120];

	describe(text);
	snprintf(line, sizeof(line), "current: %s\n", label);
	check(!strncmp(text, line, strlen(line)));
}

static void live(const char *const *role)
{
	char before[TEXT], after[TEXT], byte;
	size_t i;

	for (i = 0; i < NR_KINDS; i++)
		if (role[i])
			set(kinds[i], role[i]);
	if (role[0])
		is_called(role[0]);
	describe(before);
	check(write(built[1], "x", 1) == 1);
	check(read(go_on[0], &byte, 1) == 1);
	describe(after);
	if (!strcmp(before, after))
		return;
	printf("was\n%sand is\n%s", before, after);
	fflush(stdout);
	_exit(1);
}

static void *thread(void *arg)
{
	live(arg);
	return NULL;
}

int main(void)
{
	pthread_t threads[NR];
	pid_t pids[NR];
	char byte;
	size_t i;

	check(!pipe(built) && !pipe(go_on));
	for (i = 0; i < NR; i++) {
		pids[i] = fork();
		check(pids[i] >= 0);
		if (pids[i])
			continue;
		live(roles[i]);
		_exit(0);
	}
	for (i = 0; i < NR; i++)
		check(!pthread_create(&threads[i], NULL, thread, (void *)roles[i]));
	for (i = 0; i < 2 * NR; i++)
		check(read(built[0], &byte, 1) == 1);
	ready();
	for (i = 0; i < 2 * NR; i++)
		check(write(go_on[1], "x", 1) == 1);
	for (i = 0; i < NR; i++) {
		check(!pthread_join(threads[i], NULL));
		check(exited_with(pids[i], 0));
	}
	return passed();
}
