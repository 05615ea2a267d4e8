// SPDX-License-Identifier: GPL-2.0-only
/*
 * Restores the image in the first argument by the commit file in the second,
 * from a thread whose process has no other any more, and waits for the child
 * that it has got.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "program.h"

static void *restore(void *arg)
{
	char **argv = arg, *bytes, state = 0;
	int in, out, status;
	struct stat st;
	FILE *stat;

	while (state != 'Z') {
		stat = fopen("/proc/self/stat", "r");
		check(stat && fscanf(stat, "%*d %*s %c", &state) == 1);
		fclose(stat);
	}
	in = open(argv[1], O_RDONLY | O_CLOEXEC);
	out = open(argv[2], O_WRONLY | O_CLOEXEC);
	check(in >= 0 && out >= 0 && !fstat(in, &st));
	bytes = malloc(st.st_size);
	check(bytes && read(in, bytes, st.st_size) == st.st_size);
	check(write(out, bytes, st.st_size) == st.st_size);
	ready();
	check(wait(&status) > 0 && WIFEXITED(status) && !WEXITSTATUS(status));
	passed();
	exit(0);
}

int main(int argc, char **argv)
{
	pthread_t thread;

	check(argc == 3);
	check(!pthread_create(&thread, NULL, restore, argv));
	pthread_exit(NULL);
}
