/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the programs about tasks and signals share: to nap, to look at another
 * process from outside, to learn how it ended, and to set what is a file of proc.
 */
#ifndef TASKS_H
#define TASKS_H

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>

#include "program.h"

/* Sleeps for all of the time, whatever signals come. */
static inline void nap(unsigned int ms)
{
	struct timespec left = {
		.tv_sec = ms / 1000,
		.tv_nsec = ms % 1000 * 1000000L,
	};

	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

/* The state of a process as ps(1) shows it, '-' if there is none. */
static inline char state_of(pid_t pid)
{
	char path[40], line[512], *end;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "r");
	if (!f)
		return '-';
	end = fgets(line, sizeof(line), f) ? strrchr(line, ')') : NULL;
	fclose(f);
	return end ? end[2] : '-';
}

static inline void wait_for_state(pid_t pid, char state)
{
	while (state_of(pid) != state)
		nap(5);
}

/* How a child has ended, as waitpid(2) tells it. */
static inline int status_of(pid_t pid)
{
	int status, ret;

	do
		ret = waitpid(pid, &status, 0);
	while (ret == -1 && errno == EINTR);
	check(ret == pid);
	return status;
}

static inline int exited_with(pid_t pid, int code)
{
	int status = status_of(pid);

	if (status == code << 8)
		return 1;
	printf("process %d ended with status %#x\n", (int)pid, status);
	fflush(stdout);
	return 0;
}

static inline void write_to(const char *path, const char *line)
{
	int fd = open(path, O_WRONLY);

	check(fd >= 0);
	check(write(fd, line, strlen(line)) == (ssize_t)strlen(line));
	close(fd);
}

#endif
