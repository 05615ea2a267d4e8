// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls that wait for the answer of a seccomp listener, when a freeze begins.
 *
 * A stop interrupts such a call, which is made again. That is no loss while the listener
 * has not heard of it; when it has, its answer would find nobody, and it would be asked
 * again for what it may have done. So that is looked for before anything is stopped: only
 * where a task has a filter with a listener, since it takes a look at all descriptors. A
 * call of which the listener hears after that is as one that a signal interrupts.
 *
 * A filter stays as long as its task has it, which is certain under the task's siglock; a
 * listener as long as its open file.
 */
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/seccomp.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "compat/private.h"
#include "seccomp.h"

static bool has_listener(struct task_struct *t)
{
	const struct ckpt_seccomp_filter *f;
	bool found = false;
	unsigned long irq;

	if (READ_ONCE(t->seccomp.mode) != SECCOMP_MODE_FILTER ||
	    !ksym(__lock_task_sighand)(t, &irq))
		return false;
	for (f = (void *)t->seccomp.filter; f && !found; f = f->prev)
		found = READ_ONCE(f->notif);
	unlock_task_sighand(t, &irq);
	return found;
}

/**
 * struct listener - an open one
 * @file:	referenced
 * @fd:		its number
 */
struct listener {
	struct file *file;
	unsigned int fd;
};

static int take(const void *ptr, struct file *file, unsigned int fd)
{
	struct listener *l = (struct listener *)ptr;

	if (file->f_op != ksym_addr(seccomp_notify_ops))
		return 0;
	l->file = get_file(file);
	l->fd = fd;
	return 1;
}

/* Has it got something that it has not answered? */
static int check_listener(struct ckpt_mount *m, struct task_struct *t, const struct listener *l)
{
	__poll_t events = vfs_poll(l->file, NULL);

	/* The poll of a listener says so of a signal. */
	if (events & EPOLLERR)
		return -EINTR;
	if (!(events & EPOLLOUT))
		return 0;
	ckpt_err(m, "task %d fd %u: a seccomp listener with a system call to answer cannot be saved",
		 task_pid_vnr(t), l->fd);
	return -EOPNOTSUPP;
}

static int check_table(struct ckpt_mount *m, struct task_struct *t, struct files_struct *files)
{
	struct listener l = {};
	int err = 0;

	for (; !err && iterate_fd(files, l.fd, take, &l); l.fd++) {
		err = check_listener(m, t, &l);
		fput(l.file);
		cond_resched();
	}
	return err;
}

static int check_task(struct ckpt_mount *m, struct task_struct *t)
{
	struct files_struct *files;
	int err;

	/* The leader has been looked at. */
	if (!thread_group_leader(t) &&
	    READ_ONCE(t->files) == READ_ONCE(t->group_leader->files))
		return 0;
	task_lock(t);
	files = t->files;
	if (files)
		atomic_inc(&files->count);
	task_unlock(t);
	if (!files)
		return 0;
	err = check_table(m, t, files);
	ksym(put_files_struct)(files);
	return err;
}

int ckpt_notified_check(struct ckpt_mount *m, struct task_struct *const *vec, unsigned int nr)
{
	bool listened = false;
	unsigned int i;
	int err = 0;

	for (i = 0; !listened && i < nr; i++)
		listened = has_listener(vec[i]);
	for (i = 0; listened && !err && i < nr; i++)
		err = check_task(m, vec[i]);
	return err;
}

bool ckpt_notified_waits(struct task_struct *t)
{
	const unsigned int killable = TASK_KILLABLE;

	return (READ_ONCE(t->__state) & killable) == killable && has_listener(t);
}
