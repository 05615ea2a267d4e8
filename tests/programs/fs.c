// SPDX-License-Identifier: GPL-2.0-only
/*
 * Working directory, root directory and umask: own, shared, and in a chroot.
 *
 * Usage: fs DIR
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "program.h"

static char deep[PATH_MAX];
static int thread_ready;

static void make_dirs(const char *dir)
{
	check(chdir(dir) == 0);
	check(mkdir("jail", 0755) == 0 || errno == EEXIST);
	check(mkdir("jail/in side", 0755) == 0 || errno == EEXIST);
	check(mkdir("left (deleted)", 0755) == 0 || errno == EEXIST);
	snprintf(deep, sizeof(deep), "%s/left (deleted)", dir);
}

static void check_cwd(const char *want)
{
	char cwd[PATH_MAX];

	check(getcwd(cwd, sizeof(cwd)) && !strcmp(cwd, want));
}

static mode_t get_umask(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return mask;
}

/* GO is out of reach in there: the parent says when, by the file "go". */
static void jailed(void)
{
	check(chroot("jail") == 0 && chdir("/in side") == 0);
	umask(0137);
	check(close(open("/in", O_CREAT | O_WRONLY, 0600)) == 0);
	while (access("/go", F_OK))
		usleep(10000);
	check_cwd("/in side");
	check(access("/etc", F_OK) < 0 && get_umask() == 0137);
	_exit(0);
}

/* Root in the jail, working directory outside of it. */
static void half_jailed(void)
{
	check(chroot("jail/in side") == 0);
	check(close(open("half-in", O_CREAT | O_WRONLY, 0600)) == 0);
	while (access("half-go", F_OK))
		usleep(10000);
	check(access("jail", F_OK) == 0 && access("/jail", F_OK) < 0);
	_exit(0);
}

/* A thread that does not share these with the others. */
static void *alone(void *unused)
{
	(void)unused;
	check(unshare(CLONE_FS) == 0 && chdir("/usr") == 0);
	umask(0777);
	__atomic_store_n(&thread_ready, 1, __ATOMIC_SEQ_CST);
	wait_to_go_on();
	check_cwd("/usr");
	check(get_umask() == 0777);
	return NULL;
}

static pid_t spawn(void (*run)(void))
{
	pid_t child = fork();

	check(child >= 0);
	if (!child)
		run();
	return child;
}

int main(int argc, char **argv)
{
	int status, dir;
	pthread_t thread;
	pid_t jail, half;

	check(argc == 2);
	make_dirs(argv[1]);
	unlink("jail/go");
	unlink("half-go");
	unlink("jail/in");
	unlink("half-in");
	jail = spawn(jailed);
	half = spawn(half_jailed);
	while (access("jail/in", F_OK) || access("half-in", F_OK))
		usleep(1000);
	dir = open(".", O_RDONLY | O_DIRECTORY);
	check(dir >= 0 && chdir(deep) == 0);
	umask(0027);
	check(pthread_create(&thread, NULL, alone, NULL) == 0);
	while (!__atomic_load_n(&thread_ready, __ATOMIC_SEQ_CST))
		usleep(1000);

	ready();

	check_cwd(deep);
	check(get_umask() == 0027);
	check(close(openat(dir, "jail/go", O_CREAT | O_WRONLY, 0600)) == 0);
	check(close(openat(dir, "half-go", O_CREAT | O_WRONLY, 0600)) == 0);
	check(waitpid(jail, &status, 0) == jail && status == 0);
	check(waitpid(half, &status, 0) == half && status == 0);
	check(pthread_join(thread, NULL) == 0);
	return passed();
}
