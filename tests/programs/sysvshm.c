// SPDX-License-Identifier: GPL-2.0-only
/*
 * System V shared memory: with and without a key, attached several times and by
 * several processes, in pieces, read-only, to be executed, removed, locked, detached,
 * made by one who has ended; also 32-bit.
 *
 * Usage: sysvshm [detached | look ID [TEXT]]: two segments are attached by nobody; what
 * shmctl() says of one, and what is in it, after TEXT has been put there
 */
#define _GNU_SOURCE
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>

#include "tasks.h"

#define PAGE	4096
#define SIZE	(5 * PAGE + 100)
#define KEY	0x5c0de001
#define KEY2	0x5c0de002
#define KEEPS	6

static int ids[KEEPS];
static struct shmid_ds before[KEEPS];
static char *map, *again, *readonly, *removed, *code, *orphan, *pieces;
static pid_t child;
static int ask[2], tell[2];

static int get(key_t key, size_t size, int flags)
{
	int id = shmget(key, size, flags | (key ? IPC_CREAT | IPC_EXCL : 0));

	check(id >= 0);
	return id;
}

static char *attach(int id, int flags)
{
	char *at = shmat(id, NULL, flags);

	check(at != (char *)-1);
	return at;
}

static void own(int id, uid_t uid, gid_t gid, mode_t mode)
{
	struct shmid_ds ds;

	check(shmctl(id, IPC_STAT, &ds) == 0);
	ds.shm_perm.uid = uid;
	ds.shm_perm.gid = gid;
	ds.shm_perm.mode = mode;
	check(shmctl(id, IPC_SET, &ds) == 0);
}

/* Made by one who has ended, and made as another. */
static int make_orphan(void)
{
	int made[2], go[2], id;
	char byte;
	pid_t maker;

	check(pipe(made) == 0 && pipe(go) == 0);
	maker = fork();
	check(maker >= 0);
	if (!maker) {
		check(setegid(78) == 0 && seteuid(77) == 0);
		id = get(IPC_PRIVATE, PAGE, 0600);
		check(write(made[1], &id, sizeof(id)) == sizeof(id));
		check(read(go[0], &byte, 1) == 1);
		_exit(0);
	}
	check(read(made[0], &id, sizeof(id)) == sizeof(id));
	orphan = attach(id, 0);
	strcpy(orphan, "orphan");
	check(write(go[1], "g", 1) == 1 && status_of(maker) == 0);
	check(!close(made[0]) && !close(made[1]) && !close(go[0]) && !close(go[1]));
	return id;
}

static void make_segments(void)
{
	static const unsigned char text[] = { 0xb8, 42, 0, 0, 0, 0xc3 };

	ids[0] = get(KEY, SIZE, 0666);
	map = attach(ids[0], 0);
	again = attach(ids[0], 0);
	readonly = attach(ids[0], SHM_RDONLY);
	strcpy(map, "start");
	strcpy(map + 3 * PAGE - 3, "middle");
	/* Behind the end of what was asked for, but not of the page. */
	strcpy(map + 5 * PAGE + 2000, "beyond");
	own(ids[0], 1234, 5678, 0640);

	ids[1] = get(IPC_PRIVATE, PAGE, 0600);
	removed = attach(ids[1], 0);
	strcpy(removed, "removed");
	check(shmctl(ids[1], IPC_RMID, NULL) == 0);

	ids[2] = get(KEY2, 2 * PAGE, 0600 | SHM_NORESERVE);
	check(shmctl(ids[2], SHM_LOCK, NULL) == 0);

	ids[3] = get(IPC_PRIVATE, PAGE, 0700);
	code = attach(ids[3], SHM_EXEC);
	memcpy(code, text, sizeof(text));

	ids[4] = make_orphan();

	ids[5] = get(IPC_PRIVATE, 6 * PAGE, 0400);
	pieces = attach(ids[5], 0);
	memset(pieces, 'p', 6 * PAGE);
	check(munmap(pieces + PAGE, PAGE) == 0);
	check(mprotect(pieces + 3 * PAGE, PAGE, PROT_READ) == 0);
	check(mlock(pieces + 4 * PAGE, PAGE) == 0);
}

/* Writes where it is told, and says so. */
static void be_child(void)
{
	char byte;

	check(shmdt(readonly) == 0);
	check(read(ask[0], &byte, 1) == 1);
	check(!strcmp(map, "parent"));
	strcpy(again + 4 * PAGE, "child");
	check(write(tell[1], "t", 1) == 1);
	check(read(ask[0], &byte, 1) == 1);
	_exit(0);
}

static int same(const struct shmid_ds *a, const struct shmid_ds *b)
{
	const struct ipc_perm *p = &a->shm_perm, *q = &b->shm_perm;

	return p->__key == q->__key && p->uid == q->uid && p->gid == q->gid &&
	       p->cuid == q->cuid && p->cgid == q->cgid && p->mode == q->mode &&
	       a->shm_segsz == b->shm_segsz && a->shm_atime == b->shm_atime &&
	       a->shm_dtime == b->shm_dtime && a->shm_ctime == b->shm_ctime &&
	       a->shm_cpid == b->shm_cpid && a->shm_lpid == b->shm_lpid &&
	       a->shm_nattch == b->shm_nattch;
}

static void look(struct shmid_ds *ds)
{
	int i;

	for (i = 0; i < KEEPS; i++)
		check(shmctl(ids[i], IPC_STAT, &ds[i]) == 0);
}

static void check_segments(void)
{
	struct shmid_ds now[KEEPS];
	int i;

	look(now);
	for (i = 0; i < KEEPS; i++)
		check(same(&before[i], &now[i]));
	check(shmget(KEY, SIZE, 0) == ids[0] && shmget(KEY2, 1, 0) == ids[2]);
	check(!strcmp(readonly, "start") && !strcmp(readonly + 3 * PAGE - 3, "middle"));
	check(!strcmp(readonly + 5 * PAGE + 2000, "beyond") && !readonly[PAGE]);
	check(mprotect(readonly, PAGE, PROT_READ | PROT_WRITE) == -1 && errno == EACCES);
	check(!strcmp(removed, "removed") && !strcmp(orphan, "orphan"));
	check(((int (*)(void))code)() == 42);
}

/* One attachment is one, in however many pieces. */
static void check_pieces(void)
{
	unsigned char there;

	check(pieces[0] == 'p' && pieces[2 * PAGE] == 'p' && pieces[5 * PAGE] == 'p');
	check(mincore(pieces + PAGE, PAGE, &there) == -1 && errno == ENOMEM);
	check(shmdt(pieces) == 0);
	check(mincore(pieces + 4 * PAGE, PAGE, &there) == -1 && errno == ENOMEM);
}

static void check_child(void)
{
	struct shmid_ds ds;
	char byte;

	strcpy(map, "parent");
	check(write(ask[1], "a", 1) == 1 && read(tell[0], &byte, 1) == 1);
	check(!strcmp(map + 4 * PAGE, "child") && !strcmp(readonly + 4 * PAGE, "child"));
	check(shmctl(ids[0], IPC_STAT, &ds) == 0 && ds.shm_nattch == 5);
	check(write(ask[1], "a", 1) == 1 && status_of(child) == 0);
	check(shmctl(ids[0], IPC_STAT, &ds) == 0 && ds.shm_nattch == 3);
}

/* What was removed goes with its last attachment, the rest when it is told. */
static void check_end(void)
{
	struct shmid_ds ds;
	char *at;

	check(shmdt(removed) == 0);
	check(shmctl(ids[1], IPC_STAT, &ds) == -1 && errno == EINVAL);
	at = attach(ids[2], 0);
	check(!strcmp(at + PAGE, "detached"));
	check(shmctl(ids[2], SHM_UNLOCK, NULL) == 0);
	check(shmctl(ids[0], IPC_RMID, NULL) == 0 && shmctl(ids[2], IPC_RMID, NULL) == 0);
	check(shmctl(ids[3], IPC_RMID, NULL) == 0 && shmctl(ids[4], IPC_RMID, NULL) == 0);
	/* It may be gone, where what is detached does not stay (shm_rmid_forced). */
	shmctl(ids[5], IPC_RMID, NULL);
}

static void fill_detached(void)
{
	char *at = attach(ids[2], 0);

	strcpy(at + PAGE, "detached");
	if (getenv("FORCED"))
		return;
	check(shmdt(at) == 0);
}

static int be_detached(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		ids[i] = get(KEY + i, PAGE, 0600);
		if (!getenv("FORCED")) {
			map = attach(ids[i], 0);
			strcpy(map, "saved");
			check(shmdt(map) == 0);
		}
		printf("id %d\n", ids[i]);
	}
	ready();
	for (i = 0; i < 2; i++) {
		map = attach(ids[i], 0);
		check(!strcmp(map, "saved"));
		check(shmctl(ids[i], IPC_RMID, NULL) == 0);
	}
	return passed();
}

static int look_at(int argc, char **argv)
{
	int id = atoi(argv[2]);
	struct shmid_ds ds;
	char *at;

	if (argc > 3) {
		at = attach(id, 0);
		strcpy(at, argv[3]);
		check(shmdt(at) == 0);
	}
	check(shmctl(id, IPC_STAT, &ds) == 0);
	printf("%x %o %d %d %d %lld %lld %lld %lu", ds.shm_perm.__key, ds.shm_perm.mode,
	       ds.shm_perm.uid, ds.shm_cpid, ds.shm_lpid, (long long)ds.shm_atime,
	       (long long)ds.shm_dtime, (long long)ds.shm_ctime,
	       (unsigned long)ds.shm_nattch);
	at = attach(id, SHM_RDONLY);
	printf(" %s\n", at);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 2)
		return look_at(argc, argv);
	if (argc > 1 && !strcmp(argv[1], "detached"))
		return be_detached();
	make_segments();
	fill_detached();
	check(pipe(ask) == 0 && pipe(tell) == 0);
	child = fork();
	check(child >= 0);
	if (!child)
		be_child();
	/* It has detached one. */
	do
		check(shmctl(ids[0], IPC_STAT, &before[0]) == 0);
	while (before[0].shm_nattch != 5);
	look(before);

	ready();

	check_segments();
	check_pieces();
	check_child();
	check_end();
	return passed();
}
