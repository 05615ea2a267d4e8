// SPDX-License-Identifier: GPL-2.0-only
/*
 * A tree of 300 processes, or as many as it is told, with process groups and sessions in it. Each
 * knows what its ids are and finds them unchanged, and is waited for by its parent.
 */
#include <signal.h>

#include "tasks.h"

#define MOST	300
#define FANOUT	3

static unsigned int nr_processes = MOST;

struct ids {
	pid_t pid, ppid, pgid, sid;
};

static int built[2], go_on[2];

static struct ids ids_now(void)
{
	return (struct ids) {
		.pid = getpid(),
		.ppid = getppid(),
		.pgid = getpgid(0),
		.sid = getsid(0),
	};
}

static int same_ids(const struct ids *a, const struct ids *b)
{
	return a->pid == b->pid && a->ppid == b->ppid && a->pgid == b->pgid &&
	       a->sid == b->sid;
}

/*
 * Of the children of each, the first leads a group, the second is in it, and
 * of the third every other one leads a session.
 */
static void take_place(unsigned int nr, pid_t elder)
{
	switch (nr % FANOUT) {
	case 1:
		check(!setpgid(0, 0));
		break;
	case 2:
		check(!setpgid(0, elder));
		break;
	case 0:
		if (nr % 2)
			check(setsid() == getpid());
		break;
	}
}

static void live(unsigned int nr);

static unsigned int grow(unsigned int nr, pid_t *children)
{
	unsigned int child = nr * FANOUT + 1, n = 0;

	for (; n < FANOUT && child < nr_processes; child++, n++) {
		children[n] = fork();
		check(children[n] >= 0);
		if (!children[n]) {
			take_place(child, n ? children[0] : 0);
			live(child);
			_exit(0);
		}
		if (child % FANOUT == 1)
			check(!setpgid(children[n], children[n]));
	}
	return n;
}

static void verify(unsigned int nr, const struct ids *before,
		   const pid_t *children, unsigned int n)
{
	struct ids now = ids_now();
	unsigned int i;

	if (!same_ids(before, &now)) {
		printf("process %u: pid %d->%d ppid %d->%d pgid %d->%d sid %d->%d\n", nr,
		       before->pid, now.pid, before->ppid, now.ppid,
		       before->pgid, now.pgid, before->sid, now.sid);
		fflush(stdout);
		_exit(1);
	}
	for (i = 0; i < n; i++)
		check(exited_with(children[i], 0));
	check(waitpid(-1, NULL, 0) == -1 && errno == ECHILD);
}

static void live(unsigned int nr)
{
	pid_t children[FANOUT];
	struct ids before = ids_now();
	unsigned int n;
	char byte;

	if (nr)
		close(go_on[1]);
	n = grow(nr, children);
	if (nr) {
		check(write(built[1], "x", 1) == 1);
		check(read(go_on[0], &byte, 1) == 0);
	} else {
		for (nr = 1; nr < nr_processes; nr++)
			check(read(built[0], &byte, 1) == 1);
		nr = 0;
		ready();
		/* Its own parent is another one after a restore. */
		before.ppid = getppid();
		close(go_on[1]);
	}
	verify(nr, &before, children, n);
}

int main(int argc, char *argv[])
{
	if (argc > 1)
		nr_processes = atoi(argv[1]);
	check(nr_processes > 0 && nr_processes <= MOST);
	check(!pipe(built) && !pipe(go_on));
	live(0);
	return passed();
}
