// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attributes of a task that no object type saves: each is refused by name.
 *
 * A row is taken out of the table in the change that saves its attribute.
 * Documentation/fields.rst lists every field of the kernel's structures; those
 * it calls "refused" are refused here, or by the object type it names.
 *
 * The tasks are frozen, but may be killed meanwhile: what a task gives up when
 * it exits is looked at under its alloc_lock (task_lock()).
 */
#include <linux/lsm_hooks.h>
#include <linux/nsproxy.h>
#include <linux/perf_event.h>
#include <linux/pid_namespace.h>
#include <linux/sched/coredump.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/seccomp.h>
#include <linux/security.h>
#include <linux/slab.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "compat/private.h"
#include "label.h"
#include "uprobes.h"
#include "arch/x86/regs.h"

static bool has_seccomp(struct task_struct *t)
{
	return t->seccomp.mode != SECCOMP_MODE_DISABLED;
}

/* It has done what its filter kills for: a mode that the kernel has no name for. */
static bool dies_by_seccomp(struct task_struct *t)
{
	return t->seccomp.mode > SECCOMP_MODE_FILTER;
}

static bool has_core_cookie(struct task_struct *t)
{
#ifdef CONFIG_SCHED_CORE
	return t->core_cookie;
#else
	return false;
#endif
}

static bool has_io_uring(struct task_struct *t)
{
	return t->io_uring;
}

static bool has_perf_events(struct task_struct *t)
{
#ifdef CONFIG_PERF_EVENTS
	const struct perf_event_context *ctx;

	if (!list_empty(&t->perf_event_list))
		return true;
	guard(rcu)();
	ctx = rcu_dereference_raw(t->perf_event_ctxp);
	/* Breakpoints that a tracer has set are such, too. */
	return ctx && READ_ONCE(ctx->nr_events) > ckpt_breakpoints_nr(t);
#else
	return false;
#endif
}

static bool has_user_events(struct task_struct *t)
{
#ifdef CONFIG_USER_EVENTS
	return t->user_event_mm;
#else
	return false;
#endif
}

static bool is_dumping(struct task_struct *t)
{
	return t->signal->core_state || t->signal->group_exec_task;
}

/*
 * Some threads have stopped, one that cannot yet keeps the others waiting: in which stop this
 * one is then, its tracer decides.
 */
static bool is_traced_stopping(struct task_struct *t)
{
	return t->ptrace && t->signal->group_stop_count;
}

/* ---- rights ------------------------------------------------------------------ */

/* KEYCTL_ASSUME_AUTHORITY: it makes a key that somebody waits for. */
static bool makes_key(struct task_struct *t)
{
#ifdef CONFIG_KEYS
	const struct cred *cred;

	guard(rcu)();
	cred = __task_cred(t);
	return cred->request_key_auth;
#else
	return false;
#endif
}

static bool has_landlock_domain(struct task_struct *t)
{
#ifdef CONFIG_SECURITY_LANDLOCK
	void *const *domain;

	/* Only then is it an offset, and not a size. */
	if (!ksym_data(landlock_initialized))
		return false;
	guard(rcu)();
	domain = __task_cred(t)->security + ksym_data(landlock_blob_sizes).lbs_cred;
	return *domain;
#else
	return false;
#endif
}

/* Of a file that it may not read: who may trace it is decided by another. */
static bool has_other_owner(struct task_struct *t)
{
	guard(task_lock)(t);
	return t->mm && t->mm->user_ns != current_user_ns();
}

/* ---- namespaces -------------------------------------------------------------- */

static bool other_pid_ns(struct task_struct *t)
{
	return task_active_pid_ns(t) != task_active_pid_ns(current);
}

/* Those that a task has by its nsproxy, "a mount namespace of its own". */
static const struct namespace_row {
	const char *name;
	size_t offset;
} namespaces[] = {
	{ "a mount namespace", offsetof(struct nsproxy, mnt_ns) },
	{ "a network namespace", offsetof(struct nsproxy, net_ns) },
	{ "an IPC namespace", offsetof(struct nsproxy, ipc_ns) },
	{ "a UTS namespace", offsetof(struct nsproxy, uts_ns) },
	{ "a cgroup namespace", offsetof(struct nsproxy, cgroup_ns) },
	{ "a time namespace", offsetof(struct nsproxy, time_ns) },
	{ "a time namespace for children",
	  offsetof(struct nsproxy, time_ns_for_children) },
	{ "a pid namespace for children",
	  offsetof(struct nsproxy, pid_ns_for_children) },
};

static bool other_ns(struct task_struct *t, const struct namespace_row *row)
{
	void *own = *(void **)((void *)current->nsproxy + row->offset);

	guard(task_lock)(t);
	return t->nsproxy && *(void **)((void *)t->nsproxy + row->offset) != own;
}

/*
 * What a task has, as the log says it: "a uprobe cannot be saved". A task
 * that is made has what is inherited from the one who restores it.
 */
static const struct attribute_row {
	const char *name;
	bool (*has)(struct task_struct *t);
	bool inherited;
} attributes[] = {
	{ "a death by seccomp under way", dies_by_seccomp },
	{ "io_uring", has_io_uring },
	{ "a uprobe under way", ckpt_uprobes_stepping },
	{ "a return probe", ckpt_uprobes_returning },
	{ "a perf event", has_perf_events },
	{ "a user event", has_user_events, true },
	{ "a core dump or exec under way", is_dumping },
	{ "a tracer and a stop by a signal under way", is_traced_stopping },
	{ "the authority to make a key", makes_key, true },
	{ "a Landlock domain", has_landlock_domain, true },
	{ "an address space of another user namespace", has_other_owner },
	{ "a pid namespace of its own", other_pid_ns },
};

void ckpt_refuse_task(struct ckpt_collect *c, struct task_struct *t)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(attributes); i++)
		if (attributes[i].has(t))
			ckpt_refuse(c, "task %d: %s cannot be saved",
				    task_pid_vnr(t), attributes[i].name);
	for (i = 0; i < ARRAY_SIZE(namespaces); i++)
		if (other_ns(t, &namespaces[i]))
			ckpt_refuse(c, "task %d: %s of its own cannot be saved",
				    task_pid_vnr(t), namespaces[i].name);
}

static int refuse_inherited(struct ckpt_mount *m, const char *name)
{
	ckpt_err(m, "restore: the new tasks would inherit %s of the one who restores", name);
	return -EOPNOTSUPP;
}

int ckpt_refuse_writer(struct ckpt_mount *m)
{
	const char *name = ckpt_regs_inherited(current);
	int err = name ? refuse_inherited(m, name) : 0;
	unsigned int i;

	if (has_seccomp(current))
		err = refuse_inherited(m, "a seccomp filter");
	if (ckpt_label_pending(current))
		err = refuse_inherited(m, "a hat, or a security label for what is made or executed next,");
	if (has_core_cookie(current))
		err = refuse_inherited(m, "a core scheduling cookie");
	for (i = 0; i < ARRAY_SIZE(attributes); i++) {
		if (!attributes[i].inherited || !attributes[i].has(current))
			continue;
		err = refuse_inherited(m, attributes[i].name);
	}
	return err;
}
