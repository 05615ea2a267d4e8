// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads that control speculation each in its own way: what of it the machine has, and
 * at least one of PR_SPEC_STORE_BYPASS and PR_SPEC_INDIRECT_BRANCH.
 */
#include <pthread.h>
#include <sys/prctl.h>

#include "program.h"

#ifndef PR_SPEC_DISABLE_NOEXEC
#define PR_SPEC_DISABLE_NOEXEC (1UL << 4)
#endif

#define NR_OF(array) (sizeof(array) / sizeof((array)[0]))

static const struct setting {
	unsigned long which, control;
} settings[] = {
	{ PR_SPEC_STORE_BYPASS, PR_SPEC_ENABLE },
	{ PR_SPEC_STORE_BYPASS, PR_SPEC_DISABLE },
	{ PR_SPEC_STORE_BYPASS, PR_SPEC_FORCE_DISABLE },
	{ PR_SPEC_STORE_BYPASS, PR_SPEC_DISABLE_NOEXEC },
	{ PR_SPEC_INDIRECT_BRANCH, PR_SPEC_DISABLE },
	{ PR_SPEC_INDIRECT_BRANCH, PR_SPEC_FORCE_DISABLE },
	{ PR_SPEC_L1D_FLUSH, PR_SPEC_ENABLE },
};

static pthread_barrier_t built, told;

static int get(unsigned long which)
{
	return prctl(PR_GET_SPECULATION_CTRL, which, 0, 0, 0);
}

static int can_be_set(unsigned long which)
{
	return get(which) > 0 && get(which) & PR_SPEC_PRCTL;
}

static void *thread(void *arg)
{
	const struct setting *s = arg;
	int had[3], i;

	if (can_be_set(s->which))
		check(!prctl(PR_SET_SPECULATION_CTRL, s->which, s->control, 0, 0));
	for (i = 0; i < 3; i++)
		had[i] = get(i);
	pthread_barrier_wait(&built);
	pthread_barrier_wait(&told);
	for (i = 0; i < 3; i++)
		check(get(i) == had[i]);
	if (!can_be_set(s->which))
		return NULL;
	check(get(s->which) == (int)(PR_SPEC_PRCTL | s->control));
	/* For ever, or not. */
	check(!!prctl(PR_SET_SPECULATION_CTRL, s->which, PR_SPEC_ENABLE, 0, 0) ==
	      (s->control == PR_SPEC_FORCE_DISABLE));
	return NULL;
}

int main(void)
{
	pthread_t threads[NR_OF(settings)];
	unsigned int i;

	need(can_be_set(PR_SPEC_STORE_BYPASS) || can_be_set(PR_SPEC_INDIRECT_BRANCH));
	check(!pthread_barrier_init(&built, NULL, NR_OF(settings) + 1));
	check(!pthread_barrier_init(&told, NULL, NR_OF(settings) + 1));
	for (i = 0; i < NR_OF(settings); i++)
		check(!pthread_create(&threads[i], NULL, thread, (void *)&settings[i]));
	pthread_barrier_wait(&built);
	ready();
	pthread_barrier_wait(&told);
	for (i = 0; i < NR_OF(settings); i++)
		check(!pthread_join(threads[i], NULL));
	return passed();
}
