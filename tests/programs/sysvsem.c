// SPDX-License-Identifier: GPL-2.0-only
/*
 * System V semaphores: values, who changed them last, owners and times; adjustments
 * of a process with threads, which are made when it ends; who waits.
 *
 * Usage: sysvsem [outside]: the parent has adjustments, too
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/ipc.h>
#include <sys/sem.h>

#include "tasks.h"

#define KEY	0x5c0de011
#define MANY	300

union semun {
	int val;
	struct semid_ds *buf;
	unsigned short *array;
};

static int id, many;
static pid_t keeper, waiter;
static int ask[2], tell[2];

static void op(int set, int nr, int by, int flags)
{
	struct sembuf buf = { .sem_num = nr, .sem_op = by, .sem_flg = flags };

	check(semop(set, &buf, 1) == 0);
}

static struct semid_ds stat_of(int set)
{
	struct semid_ds ds;
	union semun arg = { .buf = &ds };

	check(semctl(set, 0, IPC_STAT, arg) == 0);
	return ds;
}

static void own(void)
{
	struct semid_ds ds = stat_of(id);
	union semun arg = { .buf = &ds };

	ds.sem_perm.uid = 1234;
	ds.sem_perm.gid = 5678;
	ds.sem_perm.mode = 0640;
	check(semctl(id, 0, IPC_SET, arg) == 0);
}

static int same(const struct semid_ds *a, const struct semid_ds *b)
{
	const struct ipc_perm *p = &a->sem_perm, *q = &b->sem_perm;

	return p->__key == q->__key && p->uid == q->uid && p->gid == q->gid &&
	       p->cuid == q->cuid && p->cgid == q->cgid && p->mode == q->mode &&
	       a->sem_nsems == b->sem_nsems && a->sem_otime == b->sem_otime &&
	       a->sem_ctime == b->sem_ctime;
}

static void *in_thread(void *unused)
{
	op(id, 0, -1, SEM_UNDO);
	return unused;
}

/* Its end adds 3 to the first, takes 1 from the third, and 2 from the last of many. */
static void be_keeper(void)
{
	pthread_t thread;
	char byte;

	op(id, 0, -2, SEM_UNDO);
	check(!pthread_create(&thread, NULL, in_thread, NULL));
	check(!pthread_join(thread, NULL));
	op(id, 2, 1, SEM_UNDO);
	op(many, MANY - 1, 2, SEM_UNDO);
	check(write(tell[1], "t", 1) == 1 && read(ask[0], &byte, 1) == 1);
	_exit(0);
}

static void make_sets(void)
{
	unsigned short values[] = { 50, 0, 7 };
	union semun arg = { .array = values };
	pid_t pid;

	id = semget(KEY, 3, IPC_CREAT | IPC_EXCL | 0666);
	many = semget(IPC_PRIVATE, MANY, 0600);
	check(id >= 0 && many >= 0);
	check(semctl(id, 0, SETALL, arg) == 0);
	/* Changed last by one who has ended. */
	pid = fork();
	check(pid >= 0);
	if (!pid) {
		op(id, 1, 1, 0);
		op(id, 1, -1, 0);
		_exit(0);
	}
	check(status_of(pid) == 0);
	own();
}

static void start_children(void)
{
	char byte;

	check(pipe(ask) == 0 && pipe(tell) == 0);
	keeper = fork();
	check(keeper >= 0);
	if (!keeper)
		be_keeper();
	check(read(tell[0], &byte, 1) == 1);
	waiter = fork();
	check(waiter >= 0);
	if (!waiter) {
		op(id, 1, -3, 0);
		_exit(0);
	}
	while (semctl(id, 1, GETNCNT) != 1)
		nap(1);
}

static void check_values(const int pids[3])
{
	unsigned short values[MANY];
	union semun arg = { .array = values };
	int i;

	check(semctl(id, 0, GETALL, arg) == 0);
	check(values[0] == 47 && values[1] == 0 && values[2] == 8);
	for (i = 0; i < 3; i++)
		check(semctl(id, i, GETPID) == pids[i]);
	check(pids[0] == keeper && pids[2] == keeper);
	check(semctl(many, 0, GETALL, arg) == 0);
	check(values[0] == 0 && values[MANY - 1] == 2);
}

static void check_children(void)
{
	while (semctl(id, 1, GETNCNT) != 1)
		nap(1);
	op(id, 1, 3, 0);
	check(status_of(waiter) == 0 && semctl(id, 1, GETVAL) == 0);
	check(write(ask[1], "a", 1) == 1 && status_of(keeper) == 0);
	check(semctl(id, 0, GETVAL) == 50 && semctl(id, 2, GETVAL) == 7);
	check(semctl(many, MANY - 1, GETVAL) == 0);
}

int main(int argc, char **argv)
{
	struct semid_ds before, after;
	int pids[3], i;

	make_sets();
	start_children();
	for (i = 0; i < 3; i++)
		pids[i] = semctl(id, i, GETPID);
	before = stat_of(id);
	if (argc > 1 && !strcmp(argv[1], "outside"))
		op(many, 0, 1, SEM_UNDO);

	ready();

	after = stat_of(id);
	check(same(&before, &after) && semget(KEY, 0, 0) == id);
	if (argc == 1)
		check_values(pids);
	check_children();
	check(semctl(id, 0, IPC_RMID) == 0 && semctl(many, 0, IPC_RMID) == 0);
	return passed();
}
