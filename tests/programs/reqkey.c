// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads of which each has said in its own way which keyring gets the keys that
 * request_key(2) makes, and a child that has it from its parent.
 */
#include <linux/keyctl.h>
#include <pthread.h>
#include <sys/syscall.h>

#include "tasks.h"

static const int choices[] = {
	KEY_REQKEY_DEFL_DEFAULT, KEY_REQKEY_DEFL_THREAD_KEYRING, KEY_REQKEY_DEFL_PROCESS_KEYRING,
	KEY_REQKEY_DEFL_SESSION_KEYRING, KEY_REQKEY_DEFL_USER_KEYRING,
	KEY_REQKEY_DEFL_USER_SESSION_KEYRING, KEY_REQKEY_DEFL_REQUESTOR_KEYRING,
};

#define NR (sizeof(choices) / sizeof(choices[0]))

static pthread_barrier_t built, told;

/* Return: what it was. */
static int choose(int choice)
{
	return syscall(SYS_keyctl, KEYCTL_SET_REQKEY_KEYRING, choice, 0, 0, 0);
}

static int chosen(void)
{
	return choose(KEY_REQKEY_DEFL_NO_CHANGE);
}

static void *thread(void *arg)
{
	int choice = *(const int *)arg;

	check(choose(choice) == KEY_REQKEY_DEFL_DEFAULT);
	pthread_barrier_wait(&built);
	pthread_barrier_wait(&told);
	check(chosen() == choice);
	return NULL;
}

int main(void)
{
	pthread_t threads[NR];
	int pipes[2];
	unsigned int i;
	pid_t child;
	char byte;

	check(!pipe(pipes));
	check(choose(KEY_REQKEY_DEFL_USER_KEYRING) == KEY_REQKEY_DEFL_DEFAULT);
	child = fork();
	check(child >= 0);
	if (!child) {
		close(pipes[1]);
		check(chosen() == KEY_REQKEY_DEFL_USER_KEYRING);
		check(read(pipes[0], &byte, 1) == 0);
		check(chosen() == KEY_REQKEY_DEFL_USER_KEYRING);
		_exit(0);
	}
	check(choose(KEY_REQKEY_DEFL_DEFAULT) == KEY_REQKEY_DEFL_USER_KEYRING);
	check(!pthread_barrier_init(&built, NULL, NR + 1));
	check(!pthread_barrier_init(&told, NULL, NR + 1));
	for (i = 0; i < NR; i++)
		check(!pthread_create(&threads[i], NULL, thread, (void *)&choices[i]));
	pthread_barrier_wait(&built);
	ready();
	pthread_barrier_wait(&told);
	for (i = 0; i < NR; i++)
		check(!pthread_join(threads[i], NULL));
	close(pipes[1]);
	check(exited_with(child, 0));
	return passed();
}
