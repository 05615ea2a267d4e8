// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keyrings: session keyrings of processes, process keyrings of threads, thread keyrings;
 * who shares which; keys that others have too, and some that nobody else has; owners,
 * groups, permissions, contents, time-outs.
 *
 * Usage: keyring [user | inherit | outside | OBSTACLE | clear | foreign | session COMMAND...],
 * where a user has a keyring of each kind; the session keyring is that of who has started
 * it; a child has it, and the parent; something is not saved; what is left of these is
 * removed from the keyring of the user; a key of root's is made there; the command has a
 * session keyring of its own
 */
#define _GNU_SOURCE
#include <linux/keyctl.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "tasks.h"

#define LONG	3000		/* bytes */
#define DAY	(24 * 60 * 60)
#define POS_ALL	0x3f000000
#define USR_ALL	0x003f0000

static __thread char text[4096];
static char payload[LONG];

static long call(int op, long a, long b, long c, long d)
{
	return syscall(SYS_keyctl, op, a, b, c, d);
}

static int add(const char *type, const char *name, const void *bytes, size_t len, int ring)
{
	int key = syscall(SYS_add_key, type, name, bytes, len, ring);

	check(key > 0);
	return key;
}

static int add_text(const char *name, const char *bytes, int ring)
{
	return add("user", name, bytes, strlen(bytes), ring);
}

/* In the keyring of the user, whoever has it may link it. */
static int add_outside(const char *type, const char *bytes)
{
	int key = add(type, "ckpt:out", bytes, strlen(bytes), KEY_SPEC_USER_KEYRING);

	check(!call(KEYCTL_SETPERM, key, POS_ALL | USR_ALL, 0, 0));
	return key;
}

static int search(int ring, const char *type, const char *name)
{
	return call(KEYCTL_SEARCH, ring, (long)type, (long)name, 0);
}

static void join(const char *name)
{
	need(call(KEYCTL_JOIN_SESSION_KEYRING, (long)name, 0, 0, 0) > 0);
}

static int id_of(int ring)
{
	int id = call(KEYCTL_GET_KEYRING_ID, ring, 0, 0, 0);

	check(id > 0);
	return id;
}

static int has(int key, const void *bytes, long len)
{
	return call(KEYCTL_READ, key, (long)text, sizeof(text), 0) == len &&
	       !memcmp(text, bytes, len);
}

/* "keyring;0;4321;3f1f0000;_ses" */
static int is(int key, const char *format, ...)
{
	char wanted[200];
	va_list args;

	va_start(args, format);
	vsnprintf(wanted, sizeof(wanted), format, args);
	va_end(args);
	check(call(KEYCTL_DESCRIBE, key, (long)text, sizeof(text), 0) > 0);
	if (!strcmp(text, wanted))
		return 1;
	printf("%s, not %s\n", text, wanted);
	return 0;
}

static long links_of(int ring)
{
	return call(KEYCTL_READ, ring, (long)text, sizeof(text), 0) / (long)sizeof(int);
}

static int links_to(int ring, int key)
{
	int ids[64];
	long i, nr = call(KEYCTL_READ, ring, (long)ids, sizeof(ids), 0) / (long)sizeof(int);

	for (i = 0; i < nr; i++)
		if (ids[i] == key)
			return 1;
	return 0;
}

/* The line of /proc/keys says when, in units of whatever is left; or "perm". */
static int expires(int key)
{
	char line[512], flags[16], until[16] = "";
	FILE *f = fopen("/proc/keys", "r");
	unsigned int id;
	int usage;

	check(f);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%x %15s %d %15s", &id, flags, &usage, until) == 4 &&
		    (int)id == key)
			break;
	fclose(f);
	check((int)id == key);
	return strcmp(until, "perm") != 0;
}

/* What is left of a test in the keyring of the user, by which others have it, too. */
static void clear(void)
{
	static const char *const types[] = { "user", "logon", "keyring" };
	unsigned int i;
	int key;

	for (i = 0; i < 3; i++)
		while ((key = search(KEY_SPEC_USER_KEYRING, types[i], "ckpt:out")) > 0)
			check(!call(KEYCTL_UNLINK, key, KEY_SPEC_USER_KEYRING, 0, 0));
}

/* ---- all that there is ----------------------------------------------------------------- */

static struct shared {
	int session, process;	/* of the child */
} *shared;

static int existing, logon;	/* in the keyring of the user */
static int thread_is_right;
static pthread_barrier_t built;
static pid_t child;

static void *be_thread(void *unused)
{
	(void)unused;
	add_text("ckpt:thread", "thread", KEY_SPEC_THREAD_KEYRING);
	pthread_barrier_wait(&built);
	wait_to_go_on();
	thread_is_right = search(KEY_SPEC_THREAD_KEYRING, "user", "ckpt:thread") > 0 &&
		links_of(KEY_SPEC_THREAD_KEYRING) == 1 &&
		is(KEY_SPEC_THREAD_KEYRING, "keyring;0;0;%08x;_tid", POS_ALL | 0x10000) &&
		search(KEY_SPEC_PROCESS_KEYRING, "user", "ckpt:second") > 0;
	/* The main thread finds it there. */
	add_text("ckpt:of thread", "x", KEY_SPEC_PROCESS_KEYRING);
	return NULL;
}

static void be_child(void)
{
	check(call(KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 0, 0, 0) == -1);
	add_text("ckpt:child", "child", KEY_SPEC_PROCESS_KEYRING);
	shared->process = id_of(KEY_SPEC_PROCESS_KEYRING);
	wait_to_go_on();
	check(search(KEY_SPEC_PROCESS_KEYRING, "user", "ckpt:child") > 0);
	check(links_of(KEY_SPEC_PROCESS_KEYRING) == 1);
	check(call(KEYCTL_GET_KEYRING_ID, KEY_SPEC_THREAD_KEYRING, 0, 0, 0) == -1);
	shared->session = id_of(KEY_SPEC_SESSION_KEYRING);
	shared->process = id_of(KEY_SPEC_PROCESS_KEYRING);
	add_text("ckpt:late", "late", KEY_SPEC_SESSION_KEYRING);
	/* It ends when the other has seen that it is the same keyring. */
	while (shared->process)
		nap(5);
	_exit(0);
}

static void build(void)
{
	int first, second;

	memset(payload, 'p', sizeof(payload));
	payload[0] = 0;
	payload[LONG - 1] = 0;
	join("ckpt session");
	first = add_text("ckpt:first", "one", KEY_SPEC_SESSION_KEYRING);
	check(!call(KEYCTL_LINK, first, KEY_SPEC_PROCESS_KEYRING, 0, 0));
	second = add("user", "ckpt:second", payload, LONG, KEY_SPEC_PROCESS_KEYRING);
	check(!call(KEYCTL_SET_TIMEOUT, second, 2 * DAY, 0, 0));
	check(!call(KEYCTL_SETPERM, second, POS_ALL | 0x1b, 0, 0));
	check(!call(KEYCTL_CHOWN, second, 1234, 1235, 0));
	/* As systemd tells a service who it is: nobody may link it. */
	check(!call(KEYCTL_SETPERM, add_text("ckpt:invocation", "id", KEY_SPEC_SESSION_KEYRING),
		    0x0b0b0000, 0, 0));
	check(!call(KEYCTL_LINK, KEY_SPEC_USER_KEYRING, KEY_SPEC_SESSION_KEYRING, 0, 0));
	existing = add_outside("user", "outside");
	check(!call(KEYCTL_LINK, existing, KEY_SPEC_SESSION_KEYRING, 0, 0));
	logon = add_outside("logon", "x");
	check(!call(KEYCTL_LINK, logon, KEY_SPEC_THREAD_KEYRING, 0, 0));
	check(!call(KEYCTL_LINK, KEY_SPEC_PROCESS_KEYRING, KEY_SPEC_THREAD_KEYRING, 0, 0));
	check(!call(KEYCTL_SET_TIMEOUT, id_of(KEY_SPEC_PROCESS_KEYRING), 3 * DAY, 0, 0));
	check(!call(KEYCTL_CHOWN, KEY_SPEC_SESSION_KEYRING, -1, 4321, 0));
	check(!call(KEYCTL_SETPERM, KEY_SPEC_SESSION_KEYRING, POS_ALL | 0x3300, 0, 0));
}

static void verify(void)
{
	int first = search(KEY_SPEC_SESSION_KEYRING, "user", "ckpt:first");
	int second = search(KEY_SPEC_PROCESS_KEYRING, "user", "ckpt:second");

	check(is(KEY_SPEC_SESSION_KEYRING, "keyring;0;4321;%08x;ckpt session", POS_ALL | 0x3300));
	check(is(KEY_SPEC_PROCESS_KEYRING, "keyring;0;0;%08x;_pid", POS_ALL | 0x10000));
	check(is(KEY_SPEC_THREAD_KEYRING, "keyring;0;0;%08x;_tid", POS_ALL | 0x10000));
	check(first > 0 && has(first, "one", 3));
	check(links_to(KEY_SPEC_SESSION_KEYRING, first));
	check(links_to(KEY_SPEC_PROCESS_KEYRING, first));
	check(second > 0 && has(second, payload, LONG));
	check(is(second, "user;1234;1235;%08x;ckpt:second", POS_ALL | 0x1b));
	check(is(search(KEY_SPEC_SESSION_KEYRING, "user", "ckpt:invocation"),
		 "user;0;0;0b0b0000;ckpt:invocation"));
	check(expires(second) && !expires(first));
	check(expires(id_of(KEY_SPEC_PROCESS_KEYRING)));
	check(!expires(id_of(KEY_SPEC_SESSION_KEYRING)));
	check(links_to(KEY_SPEC_SESSION_KEYRING, existing) && has(existing, "outside", 7));
	check(links_to(KEY_SPEC_USER_KEYRING, existing));
	check(links_to(KEY_SPEC_THREAD_KEYRING, logon));
	check(links_to(KEY_SPEC_SESSION_KEYRING, id_of(KEY_SPEC_USER_KEYRING)));
	check(links_to(KEY_SPEC_THREAD_KEYRING, id_of(KEY_SPEC_PROCESS_KEYRING)));
	check(links_of(KEY_SPEC_THREAD_KEYRING) == 2);
	/* One key, by whichever keyring. */
	check(!call(KEYCTL_UPDATE, first, (long)"changed", 7, 0));
	check(has(search(KEY_SPEC_PROCESS_KEYRING, "user", "ckpt:first"), "changed", 7));
}

static int be_all(void)
{
	pthread_t thread;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	check(shared != MAP_FAILED);
	build();
	child = fork();
	check(child >= 0);
	if (!child)
		be_child();
	check(!pthread_barrier_init(&built, NULL, 2));
	check(!pthread_create(&thread, NULL, be_thread, NULL));
	pthread_barrier_wait(&built);
	while (!shared->process)
		nap(5);
	ready();
	verify();
	check(!pthread_join(thread, NULL));
	check(thread_is_right);
	check(search(KEY_SPEC_PROCESS_KEYRING, "user", "ckpt:of thread") > 0);
	check(links_of(KEY_SPEC_PROCESS_KEYRING) == 3);
	while (search(KEY_SPEC_SESSION_KEYRING, "user", "ckpt:late") < 0)
		nap(5);
	check(links_of(KEY_SPEC_SESSION_KEYRING) == 5);
	check(shared->session == id_of(KEY_SPEC_SESSION_KEYRING));
	check(shared->process != id_of(KEY_SPEC_PROCESS_KEYRING));
	shared->process = 0;
	check(exited_with(child, 0));
	clear();
	return passed();
}

/* ---- some of it -------------------------------------------------------------------------- */

/* Says by what numbers a hostile image may try to get at others. */
static int be_user(void)
{
	int first;

	/* As long as it has no other, the keyring of the user is in that of its session. */
	existing = add_outside("user", "outside");
	join(NULL);
	first = add_text("ckpt:first", "one", KEY_SPEC_SESSION_KEYRING);
	check(!call(KEYCTL_LINK, existing, KEY_SPEC_PROCESS_KEYRING, 0, 0));
	printf("user keyring %d\n", id_of(KEY_SPEC_USER_KEYRING));
	ready();
	first = search(KEY_SPEC_SESSION_KEYRING, "user", "ckpt:first");
	check(has(first, "one", 3));
	check(is(KEY_SPEC_SESSION_KEYRING, "keyring;%d;%d;%08x;_ses", getuid(), getgid(),
		 POS_ALL | 0x30000));
	check(search(KEY_SPEC_PROCESS_KEYRING, "user", "ckpt:out") == existing);
	clear();
	return passed();
}

static int be_inherited(void)
{
	int session = id_of(KEY_SPEC_SESSION_KEYRING);
	int key = add_text("ckpt:inherited", "x", KEY_SPEC_SESSION_KEYRING);

	ready();
	check(id_of(KEY_SPEC_SESSION_KEYRING) == session);
	check(search(KEY_SPEC_SESSION_KEYRING, "user", "ckpt:inherited") == key);
	return passed();
}

static int be_outside(void)
{
	join(NULL);
	child = fork();
	check(child >= 0);
	if (!child) {
		wait_to_go_on();
		_exit(0);
	}
	ready();
	check(exited_with(child, 0));
	return passed();
}

/* ---- what is not saved ------------------------------------------------------------------- */

static void link_outside(void)
{
	check(!call(KEYCTL_LINK, KEY_SPEC_USER_KEYRING, KEY_SPEC_SESSION_KEYRING, 0, 0));
	check(!call(KEYCTL_LINK, add("keyring", "ckpt:out", NULL, 0, KEY_SPEC_USER_KEYRING),
		    KEY_SPEC_SESSION_KEYRING, 0, 0));
	check(!call(KEYCTL_LINK, KEY_SPEC_PROCESS_KEYRING,
		    search(KEY_SPEC_USER_KEYRING, "keyring", "ckpt:out"), 0, 0));
}

static void set_logon(void)
{
	add("logon", "ckpt:logon", "x", 1, KEY_SPEC_SESSION_KEYRING);
}

static void set_nested(void)
{
	add_text("ckpt:first", "one",
		 add("keyring", "ckpt nested", NULL, 0, KEY_SPEC_SESSION_KEYRING));
}

static void set_unreadable(void)
{
	int key = add_text("ckpt:first", "one", KEY_SPEC_SESSION_KEYRING);

	check(!call(KEYCTL_SETPERM, key, 0x01010000, 0, 0));
}

static void set_unseen(void)
{
	int key = add_text("ckpt:first", "one", KEY_SPEC_SESSION_KEYRING);

	check(!call(KEYCTL_SETPERM, key, 0, 0, 0));
}

static void set_revoked(void)
{
	check(!call(KEYCTL_REVOKE, add_text("ckpt:first", "one", KEY_SPEC_PROCESS_KEYRING),
		    0, 0, 0));
}

static void set_revoked_keyring(void)
{
	check(!call(KEYCTL_REVOKE, KEY_SPEC_SESSION_KEYRING, 0, 0, 0));
}

static void set_restricted(void)
{
	check(!call(KEYCTL_RESTRICT_KEYRING, id_of(KEY_SPEC_SESSION_KEYRING), 0, 0, 0));
}

/* It is made for the real user, and used by another. */
static void set_other_owner(void)
{
	check(!setresuid(-1, 1234, 0));
	add_text("ckpt:first", "one", KEY_SPEC_THREAD_KEYRING);
}

/* What is opened is kept by whom it was. */
static void set_opener(void)
{
	check(open("/proc/self/stat", O_RDONLY) >= 0);
	join(NULL);
}

static const struct {
	const char *name;
	void (*set)(void);
} obstacles[] = {
	{ "linked", link_outside },
	{ "logon", set_logon },
	{ "nested", set_nested },
	{ "unreadable", set_unreadable },
	{ "unseen", set_unseen },
	{ "revoked", set_revoked },
	{ "revoked_keyring", set_revoked_keyring },
	{ "restricted", set_restricted },
	{ "other_owner", set_other_owner },
	{ "opener", set_opener },
};

static int be_refused(const char *name)
{
	unsigned int i;

	for (i = 0; i < sizeof(obstacles) / sizeof(obstacles[0]); i++) {
		if (strcmp(obstacles[i].name, name))
			continue;
		join(NULL);
		obstacles[i].set();
		ready();
		if (geteuid())
			check(!seteuid(0));
		if (obstacles[i].set == link_outside)
			clear();
		return passed();
	}
	printf("no such obstacle: %s\n", name);
	return 2;
}

int main(int argc, char **argv)
{
	if (argc == 1)
		return be_all();
	if (!strcmp(argv[1], "session") && argc > 2) {
		join(NULL);
		execvp(argv[2], argv + 2);
		check(0);
	}
	if (!strcmp(argv[1], "clear")) {
		clear();
		return 0;
	}
	if (!strcmp(argv[1], "foreign")) {
		printf("%d\n", add_text("ckpt:out", "foreign", KEY_SPEC_USER_KEYRING));
		return 0;
	}
	if (!strcmp(argv[1], "user"))
		return be_user();
	if (!strcmp(argv[1], "inherit"))
		return be_inherited();
	if (!strcmp(argv[1], "outside"))
		return be_outside();
	return be_refused(argv[1]);
}
