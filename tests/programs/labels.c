// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads and processes with labels of AppArmor of all sorts, of profiles that label.bats
 * has loaded: one that confines nothing, one that allows all, one that lets nobody out;
 * several at once, a hat, and labels for the next execve(2), which then come true. Each is
 * described by what the kernel tells of it, and that stays the same.
 *
 * "labels one ROLE" is a process with one of them; "labels held" one that no_new_privs keeps
 * from ever having less than two.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sys/prctl.h>

#include "tasks.h"

#define CURRENT	"/proc/thread-self/attr/current"
#define EXEC	"/proc/thread-self/attr/exec"
#define TOKEN	"00000000deadbeef"

#define TEXT	1024

static void be_free(void)
{
	write_to(CURRENT, "changeprofile ckpt_free");
}

static void be_open(void)
{
	write_to(CURRENT, "changeprofile ckpt_open");
}

static void be_locked(void)
{
	write_to(CURRENT, "changeprofile ckpt_locked");
}

static void be_both(void)
{
	be_open();
	write_to(CURRENT, "stack ckpt_locked");
}

static void wear_hat(void)
{
	be_open();
	write_to(CURRENT, "changehat " TOKEN "^hat");
}

static void be_exec(void)
{
	be_open();
	write_to(EXEC, "exec ckpt_locked");
}

static void be_stack(void)
{
	be_open();
	write_to(EXEC, "stack ckpt_free");
}

static void wear_hat_for_exec(void)
{
	wear_hat();
	write_to(EXEC, "exec ckpt_locked");
}

/* Threads and processes have all of them; a process executes itself if it has a @next. */
static const struct role {
	const char *name;
	void (*be)(void);
	const char *label, *next;
} roles[] = {
	{ "unconfined", NULL, "unconfined", NULL },
	{ "free", be_free, "ckpt_free (unconfined)", NULL },
	{ "open", be_open, "ckpt_open (enforce)", NULL },
	{ "locked", be_locked, "ckpt_locked (enforce)", NULL },
	{ "both", be_both, "ckpt_locked//&ckpt_open (enforce)", NULL },
	{ "hat", wear_hat, "ckpt_open//hat (enforce)", NULL },
	{ "exec", be_exec, "ckpt_open (enforce)", "ckpt_locked (enforce)" },
	{ "stack", be_stack, "ckpt_open (enforce)", "ckpt_free//&ckpt_open (mixed)" },
	{ "hat_exec", wear_hat_for_exec, "ckpt_open//hat (enforce)", "ckpt_locked (enforce)" },
};

#define NR (sizeof(roles) / sizeof(roles[0]))

static void add_label(char *text, const char *name)
{
	size_t len = strlen(text);
	char path[80];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/thread-self/attr/%s", name);
	fd = open(path, O_RDONLY);
	check(fd >= 0);
	/* EINVAL: there is none. */
	got = read(fd, text + len, TEXT - len - 1);
	check(got >= 0 || errno == EINVAL);
	text[len + (got > 0 ? got : 0)] = '\0';
	if (got <= 0)
		strcat(text, "none\n");
	close(fd);
}

static void describe(char *text)
{
	text[0] = '\0';
	add_label(text, "current");
	add_label(text, "prev");
	add_label(text, "exec");
}

static void is_called(const char *label)
{
	char text[TEXT] = "";

	add_label(text, "current");
	text[strcspn(text, "\n")] = '\0';
	if (!strcmp(text, label))
		return;
	printf("is %s, not %s\n", text, label);
	fflush(stdout);
	_exit(1);
}

/* Whoever does not know the token is killed. */
static void take_off(const struct role *role)
{
	if (role->be == wear_hat) {
		write_to(CURRENT, "changehat " TOKEN "^");
		is_called("ckpt_open (enforce)");
	}
	/* Nor is it let out. */
	if (role->be == be_locked) {
		int fd = open(CURRENT, O_WRONLY);

		check(fd >= 0);
		check(write(fd, "changeprofile ckpt_free", 23) == -1 && errno == EACCES);
		close(fd);
	}
}

static void execute(const struct role *role)
{
	execl("/proc/self/exe", "labels", "called", role->next, NULL);
	check(0);
}

static int built[2], go_on[2];

static void live(const struct role *role)
{
	char before[TEXT], after[TEXT], byte;

	if (role->be)
		role->be();
	is_called(role->label);
	describe(before);
	check(write(built[1], "x", 1) == 1);
	check(read(go_on[0], &byte, 1) == 1);
	describe(after);
	if (strcmp(before, after)) {
		printf("%s was\n%sand is\n%s", role->name, before, after);
		fflush(stdout);
		_exit(1);
	}
	take_off(role);
}

static void *thread(void *arg)
{
	live(arg);
	return NULL;
}

static int be_one(const char *name)
{
	unsigned int i;
	char text[TEXT], now[TEXT];

	for (i = 0; i < NR && strcmp(roles[i].name, name); i++)
		;
	check(i < NR);
	if (roles[i].be)
		roles[i].be();
	describe(text);
	ready();
	describe(now);
	check(!strcmp(text, now));
	return passed();
}

/* With no_new_privs, and two labels of which one came later. */
static int be_held(void)
{
	be_open();
	check(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	write_to(CURRENT, "stack ckpt_locked");
	ready();
	return passed();
}

int main(int argc, char **argv)
{
	pthread_t threads[NR];
	pid_t pids[NR];
	unsigned int i;
	char byte;

	if (argc == 3 && !strcmp(argv[1], "called")) {
		is_called(argv[2]);
		return 0;
	}
	if (argc == 3 && !strcmp(argv[1], "one"))
		return be_one(argv[2]);
	if (argc == 2 && !strcmp(argv[1], "held"))
		return be_held();
	check(!pipe(built) && !pipe(go_on));
	for (i = 0; i < NR; i++) {
		pids[i] = fork();
		check(pids[i] >= 0);
		if (pids[i])
			continue;
		live(&roles[i]);
		if (roles[i].next)
			execute(&roles[i]);
		_exit(0);
	}
	for (i = 0; i < NR; i++)
		check(!pthread_create(&threads[i], NULL, thread, (void *)&roles[i]));
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
