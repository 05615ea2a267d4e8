// SPDX-License-Identifier: GPL-2.0-only
/*
 * System V message queues: messages of all lengths in their order, the limit, who was
 * last, also a thread, owners and times; who waits to send and to receive.
 *
 * Usage: sysvmsg [left | look QUEUE SET [TEXT]]: two queues and a set of semaphores,
 * and nobody waits; what is in these, after TEXT has been put there
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>

#include "tasks.h"

#define KEY	0x5c0de021
#define LONG	8000

static struct message {
	long type;
	char text[LONG];
} message;

static int id, full, empty, set;
static const int *const queues[] = { &id, &full, &empty };
static pid_t sender, receiver;
static pid_t taker;
static pthread_t thread;
static int over[2];

static int get(key_t key)
{
	int queue = msgget(key, IPC_CREAT | IPC_EXCL | 0600);

	check(queue >= 0);
	return queue;
}

static void put(int queue, long type, int byte, size_t len)
{
	message.type = type;
	memset(message.text, byte, len);
	check(msgsnd(queue, &message, len, 0) == 0);
}

static void take(int queue, long want, long type, int byte, size_t len)
{
	size_t i;

	check(msgrcv(queue, &message, LONG, want, IPC_NOWAIT) == (ssize_t)len);
	check(message.type == type);
	for (i = 0; i < len; i++)
		check(message.text[i] == byte);
}

static struct msqid_ds stat_of(int queue)
{
	struct msqid_ds ds;

	check(msgctl(queue, IPC_STAT, &ds) == 0);
	return ds;
}

static void limit(int queue, unsigned long bytes)
{
	struct msqid_ds ds = stat_of(queue);

	ds.msg_qbytes = bytes;
	ds.msg_perm.mode = 0640;
	ds.msg_perm.uid = 1234;
	ds.msg_perm.gid = 5678;
	check(msgctl(queue, IPC_SET, &ds) == 0);
}

static int same(const struct msqid_ds *a, const struct msqid_ds *b)
{
	const struct ipc_perm *p = &a->msg_perm, *q = &b->msg_perm;

	return p->__key == q->__key && p->uid == q->uid && p->gid == q->gid &&
	       p->cuid == q->cuid && p->cgid == q->cgid && p->mode == q->mode &&
	       a->msg_stime == b->msg_stime && a->msg_rtime == b->msg_rtime &&
	       a->msg_ctime == b->msg_ctime && a->msg_qnum == b->msg_qnum &&
	       a->__msg_cbytes == b->__msg_cbytes && a->msg_qbytes == b->msg_qbytes &&
	       a->msg_lspid == b->msg_lspid && a->msg_lrpid == b->msg_lrpid;
}

/* Who waits and is given a message is remembered as a thread, all others as processes. */
static void *take_in_thread(void *unused)
{
	struct message taken;
	char byte;

	__atomic_store_n(&taker, gettid(), __ATOMIC_SEQ_CST);
	check(msgrcv(empty, &taken, LONG, 5, 0) == 1 && taken.text[0] == 'g');
	check(read(over[0], &byte, 1) == 1);
	return unused;
}

static void give_to_thread(void)
{
	pid_t tid;

	check(pipe(over) == 0 && !pthread_create(&thread, NULL, take_in_thread, NULL));
	do
		tid = __atomic_load_n(&taker, __ATOMIC_SEQ_CST);
	while (!tid || state_of(tid) != 'S');
	put(empty, 5, 'g', 1);
	check(stat_of(empty).msg_lrpid == tid);
}

static void make_queues(void)
{
	pid_t pid;

	id = get(KEY);
	put(id, 7, 'x', 10);
	pid = fork();
	check(pid >= 0);
	if (!pid) {
		take(id, 0, 7, 'x', 10);
		_exit(0);
	}
	check(status_of(pid) == 0);
	put(id, 3, 'a', 10);
	put(id, 1, 'b', LONG);
	put(id, 3, 'c', 0);
	put(id, 2147483647, 'd', 4048);
	put(id, 3, 'e', 4049);
	/* Less than there is in it. */
	limit(id, 9000);

	full = get(IPC_PRIVATE);
	limit(full, 100);
	put(full, 1, 'f', 90);
	empty = get(IPC_PRIVATE);
	give_to_thread();
}

static void start_children(void)
{
	sender = fork();
	check(sender >= 0);
	if (!sender) {
		put(full, 2, 's', 50);
		_exit(0);
	}
	receiver = fork();
	check(receiver >= 0);
	if (!receiver) {
		check(msgrcv(empty, &message, LONG, 9, 0) == 3 && message.text[0] == 'r');
		_exit(0);
	}
	while (state_of(sender) != 'S' || state_of(receiver) != 'S')
		nap(1);
}

static void check_queues(void)
{
	take(id, 1, 1, 'b', LONG);
	take(id, 3, 3, 'a', 10);
	take(id, 0, 3, 'c', 0);
	take(id, 0, 2147483647, 'd', 4048);
	take(id, 0, 3, 'e', 4049);
	check(msgrcv(id, &message, LONG, 0, IPC_NOWAIT) == -1 && errno == ENOMSG);
}

static void check_children(void)
{
	put(empty, 8, 'q', 1);
	put(empty, 9, 'r', 3);
	check(status_of(receiver) == 0);
	take(empty, 0, 8, 'q', 1);
	take(full, 0, 1, 'f', 90);
	check(status_of(sender) == 0);
	take(full, 0, 2, 's', 50);
}

/* The text that is in it, which stays. */
static const char *peek(int queue)
{
	ssize_t len = msgrcv(queue, &message, LONG - 1, 0, IPC_NOWAIT | MSG_COPY);

	check(len >= 0);
	message.text[len] = 0;
	return message.text;
}

static void put_text(int queue, const char *text)
{
	message.type = 1;
	strcpy(message.text, text);
	check(msgsnd(queue, &message, strlen(text), 0) == 0);
}

static int look_at(char **argv)
{
	int queue = atoi(argv[2]);
	struct msqid_ds ds;

	set = atoi(argv[3]);
	if (argv[4]) {
		check(msgrcv(queue, &message, LONG, 0, IPC_NOWAIT) > 0);
		put_text(queue, argv[4]);
		check(semctl(set, 0, SETVAL, 9) == 0);
	}
	ds = stat_of(queue);
	printf("%s %d: %o %d %lu %lu %lld %lld %d %d\n", peek(queue), semctl(set, 0, GETVAL),
	       ds.msg_perm.mode, ds.msg_perm.uid, (unsigned long)ds.msg_qnum,
	       (unsigned long)ds.msg_qbytes, (long long)ds.msg_stime, (long long)ds.msg_ctime,
	       ds.msg_lspid, semctl(set, 0, GETPID));
	return 0;
}

static int be_left(void)
{
	struct sembuf four = { .sem_op = 4 };

	id = get(KEY);
	full = get(IPC_PRIVATE);
	set = semget(IPC_PRIVATE, 1, 0600);
	check(set >= 0 && semop(set, &four, 1) == 0);
	put_text(id, "saved");
	put_text(full, "other");
	printf("ids %d %d %d\n", id, full, set);

	ready();

	check(!strcmp(peek(id), "saved") && !strcmp(peek(full), "other"));
	check(semctl(set, 0, GETVAL) == 4 && semctl(set, 0, GETPID) == getpid());
	check(msgctl(id, IPC_RMID, NULL) == 0 && msgctl(full, IPC_RMID, NULL) == 0);
	check(semctl(set, 0, IPC_RMID) == 0);
	return passed();
}

int main(int argc, char **argv)
{
	struct msqid_ds before[3], after[3];
	int i;

	if (argc > 2)
		return look_at(argv);
	if (argc > 1)
		return be_left();
	make_queues();
	start_children();
	for (i = 0; i < 3; i++)
		before[i] = stat_of(*queues[i]);

	ready();

	for (i = 0; i < 3; i++) {
		after[i] = stat_of(*queues[i]);
		check(same(&before[i], &after[i]));
	}
	check(msgget(KEY, 0) == id);
	check_queues();
	check_children();
	check(write(over[1], "o", 1) == 1 && !pthread_join(thread, NULL));
	for (i = 0; i < 3; i++)
		check(msgctl(*queues[i], IPC_RMID, NULL) == 0);
	return passed();
}
