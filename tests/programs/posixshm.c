// SPDX-License-Identifier: GPL-2.0-only
/*
 * POSIX shared memory, also 32-bit: one object that keeps its name, one that has lost it
 * when it was mapped, one of which a descriptor is left; a named and an unlinked
 * semaphore. A child has them too, and waits for the semaphores.
 */
#define _GNU_SOURCE
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "tasks.h"

#define PAGE	4096
#define SIZE	(3 * PAGE)

enum { NAMED, UNLINKED, OPEN, NR };

static const char *const texts[NR] = { "named", "unlinked", "open" };
static char names[NR][40], sem_names[2][40];
static char *maps[NR];
static sem_t *sems[2];
static int left;

static void make(int nr)
{
	int fd;

	snprintf(names[nr], sizeof(names[nr]), "/posixshm.%s.%d", texts[nr], (int)getpid());
	fd = shm_open(names[nr], O_RDWR | O_CREAT | O_EXCL, 0640);
	check(fd >= 0 && !ftruncate(fd, SIZE));
	maps[nr] = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	check(maps[nr] != MAP_FAILED);
	strcpy(maps[nr] + PAGE, texts[nr]);
	if (nr != NAMED)
		check(!shm_unlink(names[nr]));
	if (nr == OPEN)
		left = fd;
	else
		close(fd);
}

static void make_semaphore(int nr)
{
	snprintf(sem_names[nr], sizeof(sem_names[nr]), "/posixshm.%d.%d", nr, (int)getpid());
	sems[nr] = sem_open(sem_names[nr], O_CREAT | O_EXCL, 0600, 0);
	check(sems[nr] != SEM_FAILED);
	if (nr)
		check(!sem_unlink(sem_names[nr]));
}

static void wait_for(sem_t *sem)
{
	while (sem_wait(sem))
		check(errno == EINTR);
}

/* What it writes is seen by its parent. */
static void be_child(void)
{
	int i;

	wait_for(sems[0]);
	wait_for(sems[1]);
	check(told_to_go_on());
	for (i = 0; i < NR; i++) {
		check(!strcmp(maps[i] + PAGE, texts[i]));
		maps[i][2 * PAGE] = 'a' + i;
	}
	_exit(3);
}

static void check_named(void)
{
	struct stat st;
	char text[16];
	int fd;

	fd = shm_open(names[NAMED], O_RDONLY, 0);
	check(fd >= 0 && !fstat(fd, &st));
	check(st.st_size == SIZE && (st.st_mode & 0777) == 0640 && st.st_nlink == 1);
	check(pread(fd, text, 6, PAGE) == 6 && !strcmp(text, texts[NAMED]));
	/* It is the same memory. */
	maps[NAMED][0] = 'N';
	check(pread(fd, text, 1, 0) == 1 && text[0] == 'N');
	close(fd);
	check(!shm_unlink(names[NAMED]) && !sem_unlink(sem_names[0]));
}

int main(void)
{
	struct stat st;
	pid_t pid;
	int i;

	umask(0);
	for (i = 0; i < NR; i++)
		make(i);
	for (i = 0; i < 2; i++)
		make_semaphore(i);
	pid = fork();
	check(pid >= 0);
	if (!pid)
		be_child();
	wait_for_state(pid, 'S');
	ready();
	for (i = 0; i < NR; i++)
		check(!strcmp(maps[i] + PAGE, texts[i]) && !maps[i][2 * PAGE]);
	for (i = 1; i < NR; i++)
		check(shm_open(names[i], O_RDONLY, 0) == -1 && errno == ENOENT);
	check(!fstat(left, &st) && st.st_size == SIZE && !st.st_nlink);
	for (i = 0; i < 2; i++)
		check(!sem_post(sems[i]));
	check(exited_with(pid, 3));
	for (i = 0; i < NR; i++)
		check(maps[i][2 * PAGE] == 'a' + i);
	check(pread(left, maps[UNLINKED], 1, 2 * PAGE) == 1 && maps[UNLINKED][0] == 'a' + OPEN);
	check_named();
	return passed();
}
