// SPDX-License-Identifier: GPL-2.0-only
/*
 * Filters of system calls: seccomp/ID.
 *
 * Each is a program of classic BPF as it was handed to seccomp(2), and the filter
 * that it was put upon. What tasks share they share again: filters are a tree, of
 * which each task has a path, and threads can take over each other's path only if
 * theirs is the beginning of it. A filter never changes, so that it does not
 * matter who shares it outside, but of one with a listener (listener.c), whom he would
 * lose: that is refused. One whose listener has been closed is as one without.
 * What seccomp(2) does about speculation is an attribute of the task (refuse.c).
 *
 * Restored by seccomp(2) in the new tasks, with the writer's rights, one task
 * at a time (ckpt_restore.seccomp_lock): the first that needs a filter puts it upon
 * its path, others take the path as far as it is there, as clone(2) does. A task
 * holds its path until it dies; that it has one is certain under its siglock.
 * That is the last thing that they do, or, if there are listeners, the first: these are
 * open files, which others refer to. What a new task does in the kernel no filter sees.
 */
#include "../object.h"

/* Each knows the other, so that no two have the same. */
static int check_listener(const struct ckpt_check *chk, u64 id, const struct ckpt_seccomp *rec)
{
	const struct ckpt_listener *listener;
	struct ckpt_view view;

	if (!rec->listener)
		return le32_to_cpu(rec->flags) & CKPT_SECCOMP_KILLABLE ?
			ckpt_bad(chk, "waits for a listener that it has not") : 0;
	listener = ckpt_check_record(chk, CKPT_TYPE_LISTENER, le32_to_cpu(rec->listener),
				     CKPT_REC_LISTENER, &view);
	if (!listener || le64_to_cpu(listener->filter) != id)
		return ckpt_bad(chk, "has the listener of another filter");
	return 0;
}

static int seccomp_check(const struct ckpt_check *chk, u64 id,
			 const void *bytes, size_t size)
{
	const struct ckpt_seccomp *rec;
	struct ckpt_view view;

	ckpt_find(bytes, size, CKPT_REC_SECCOMP, &view);
	rec = view.body;
	/* So a path ends. */
	if (le64_to_cpu(rec->previous) >= id)
		return ckpt_bad(chk, "a filter upon a later one");
	if (!view.count)
		return ckpt_bad(chk, "a filter without instructions");
	return check_listener(chk, id, rec);
}

#ifdef __KERNEL__

#include <linux/capability.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/filter.h>
#include <linux/sched/signal.h>
#include <linux/seccomp.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/unistd.h>

#include "../checkpointfs.h"
#include "../compat/ksyms.h"
#include "../compat/private.h"
#include "../restore.h"
#include "../seccomp.h"

static_assert(CKPT_SECCOMP_INSNS == BPF_MAXINSNS);
static_assert(sizeof(struct ckpt_bpf) == sizeof(struct sock_filter));

/* ---- saved ------------------------------------------------------------------- */

static struct ckpt_seccomp_filter *filter_of(const struct task_struct *t)
{
	return t->seccomp.mode == SECCOMP_MODE_FILTER ? (void *)t->seccomp.filter : NULL;
}

/* Who may see it: as ptrace(PTRACE_SECCOMP_GET_FILTER) has it. */
static bool may_read(void)
{
	return capable(CAP_SYS_ADMIN) && current->seccomp.mode == SECCOMP_MODE_DISABLED;
}

/* Each filter after the one that it is put upon. */
static int collect_path(struct ckpt_collect *c, struct ckpt_seccomp_filter *leaf)
{
	struct ckpt_seccomp_filter *f, **path __free(kvfree) = NULL;
	unsigned int nr = 0, i;

	for (f = leaf; f; f = f->prev)
		nr++;
	path = kvmalloc_array(nr, sizeof(*path), GFP_KERNEL_ACCOUNT);
	if (!path)
		return -ENOMEM;
	for (f = leaf, i = nr; f; f = f->prev)
		path[--i] = f;
	for (i = 0; i < nr; i++) {
		struct ckpt_object *obj = ckpt_collect_ref(c, CKPT_TYPE_SECCOMP, path[i]);

		if (IS_ERR(obj))
			return PTR_ERR(obj);
	}
	return 0;
}

/* The task, which is frozen, has a reference until the collection is over. */
int ckpt_seccomp_collect(struct ckpt_collect *c, struct task_struct *t)
{
	struct ckpt_seccomp_filter *leaf = filter_of(t);

	if (!leaf)
		return 0;
	if (!may_read()) {
		ckpt_refuse(c, "task %d: its seccomp filters are shown to CAP_SYS_ADMIN only",
			    task_pid_vnr(t));
		return 0;
	}
	return collect_path(c, leaf);
}

u64 ckpt_seccomp_id(struct ckpt_collect *c, const struct task_struct *t)
{
	return ckpt_id(c, CKPT_TYPE_SECCOMP, filter_of(t));
}

static int seccomp_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	const struct ckpt_seccomp_filter *f = obj->ptr;

	if (!f->prog->orig_prog)
		ckpt_refuse(c, "task %llu: a seccomp filter without a program cannot be saved",
			    obj->first);
	return 0;
}

/* As seccomp_filter.users counts them: tasks whose latest it is, and filters upon it. */
static unsigned int count_users(struct ckpt_collect *c, const struct ckpt_seccomp_filter *f)
{
	const struct ckpt_object *other;
	unsigned int nr = 0, i;

	for (i = 0; i < c->tasks->nr; i++)
		nr += filter_of(c->tasks->vec[i]) == f;
	list_for_each_entry(other, &c->con->objects, node) {
		const struct ckpt_seccomp_filter *next = other->ptr;

		if (other->ops->type == CKPT_TYPE_SECCOMP)
			nr += next->prev == f && refcount_read(&next->users);
		cond_resched();
	}
	return nr;
}

/* obj->priv is its listener, if the container has it. */
static int seccomp_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	const struct ckpt_seccomp_filter *f = obj->ptr;

	if (!obj->priv && READ_ONCE(f->notif))
		ckpt_refuse_shared(c, "task %llu: the listener of its seccomp filter is outside of the container",
				   obj->first);
	else if (obj->priv && refcount_read(&f->users) > count_users(c, f))
		ckpt_refuse_shared(c, "task %llu: its seccomp filter, which has a listener, is shared with a task outside of the container",
				   obj->first);
	return 0;
}

static int seccomp_save(struct ckpt_collect *c, struct ckpt_object *obj,
			struct ckpt_writer *w)
{
	const struct ckpt_seccomp_filter *f = obj->ptr;
	const struct sock_fprog_kern *prog = f->prog->orig_prog;
	struct ckpt_seccomp *rec = ckpt_add(w, CKPT_REC_SECCOMP, prog->len);
	const struct ckpt_object *listener = obj->priv;
	struct ckpt_bpf *to;
	unsigned int i;

	if (!rec)
		return w->error;
	rec->previous = cpu_to_le64(ckpt_id(c, CKPT_TYPE_SECCOMP, f->prev));
	rec->flags = cpu_to_le32(f->log ? CKPT_SECCOMP_LOG : 0);
	if (listener) {
		rec->listener = cpu_to_le32(listener->id);
		if (f->wait_killable_recv)
			rec->flags |= cpu_to_le32(CKPT_SECCOMP_KILLABLE);
	}
	to = ckpt_elems(rec);
	for (i = 0; i < prog->len; i++) {
		to[i].code = cpu_to_le16(prog->filter[i].code);
		to[i].jt = prog->filter[i].jt;
		to[i].jf = prog->filter[i].jf;
		to[i].k = cpu_to_le32(prog->filter[i].k);
	}
	return 0;
}

/* ---- made again ---------------------------------------------------------------- */

static struct ckpt_item *previous(struct ckpt_restore *r, const struct ckpt_item *item)
{
	const struct ckpt_seccomp *rec = ckpt_item_body(item, CKPT_REC_SECCOMP);

	return ckpt_item(ckpt_restore_img(r), CKPT_TYPE_SECCOMP, le64_to_cpu(rec->previous));
}

/* What seccomp(2) asks of who has a filter at all. */
static bool may_filter(void)
{
	return task_no_new_privs(current) ||
	       ns_capable_noaudit(current_user_ns(), CAP_SYS_ADMIN);
}

static void enter_mode(unsigned int nr)
{
	guard(spinlock_irq)(&current->sighand->siglock);
	current->seccomp.mode = SECCOMP_MODE_FILTER;
	atomic_set(&current->seccomp.filter_count, nr);
	/* As in the kernel: whoever sees the flag sees mode and filter. */
	smp_mb__before_atomic();
	set_task_syscall_work(current, SECCOMP);
}

/* Take the path that ends with @item from the task that has made it. */
static int share(struct ckpt_restore *r, struct ckpt_item *item)
{
	struct task_struct *maker = ((struct ckpt_newtask *)item->priv)->task;
	unsigned int nr = 0;
	unsigned long irq;
	int err = 0;

	if (!may_filter())
		return -EACCES;
	if (!ksym(__lock_task_sighand)(maker, &irq))
		return -ECANCELED;
	if (maker->seccomp.filter) {
		current->seccomp.filter = item->made;
		ksym(get_seccomp_filter)(current);
	} else {
		err = -ECANCELED;
	}
	unlock_task_sighand(maker, &irq);
	if (err)
		return err;
	for (; item; item = previous(r, item))
		nr++;
	enter_mode(nr);
	return 0;
}

static int put_program(unsigned long scratch, unsigned long insns, unsigned int nr)
{
	struct sock_fprog prog = { .len = nr, .filter = (void __user *)insns };
#ifdef CONFIG_COMPAT
	struct compat_sock_fprog compat = { .len = nr, .filter = insns };

	if (in_compat_syscall())
		return ckpt_scratch_put(scratch, &compat, sizeof(compat));
#endif
	return ckpt_scratch_put(scratch, &prog, sizeof(prog));
}

static unsigned int kernel_flags(const struct ckpt_seccomp *rec)
{
	unsigned int flags = SECCOMP_FILTER_FLAG_SPEC_ALLOW;
	u32 image = le32_to_cpu(rec->flags);

	if (image & CKPT_SECCOMP_LOG)
		flags |= SECCOMP_FILTER_FLAG_LOG;
	if (image & CKPT_SECCOMP_KILLABLE)
		flags |= SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	if (rec->listener)
		flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	return flags;
}

/* For listener_restore(). It is that of no other filter. */
static int keep_listener(struct ckpt_newtask *t, u32 id, unsigned int fd)
{
	struct ckpt_item *item = ckpt_item(t->r->img, CKPT_TYPE_LISTENER, id);

	item->priv = fget(fd);
	close_fd(fd);
	return item->priv ? 0 : -EBADF;
}

static int install(struct ckpt_newtask *t, struct ckpt_item *item, unsigned long scratch)
{
	const unsigned long insns = scratch + sizeof(struct sock_fprog);
	const struct ckpt_seccomp *rec;
	struct ckpt_view view;
	long ret;

	ckpt_find(item->bytes, item->size, CKPT_REC_SECCOMP, &view);
	rec = view.body;
	ret = ckpt_scratch_put(insns, view.elems, view.count * sizeof(struct ckpt_bpf));
	if (!ret)
		ret = put_program(scratch, insns, view.count);
	if (!ret)
		ret = ckpt_syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, kernel_flags(rec),
				   scratch, 0, 0, 0);
	if (ret < 0)
		return ret;
	item->made = current->seccomp.filter;
	item->priv = t;
	return rec->listener ? keep_listener(t, le32_to_cpu(rec->listener), ret) : 0;
}

/* What is there already of the path to @leaf, and then the rest of it. */
static int make_path(struct ckpt_newtask *t, struct ckpt_item *leaf, unsigned long scratch)
{
	struct ckpt_item *item, **missing __free(kvfree) = NULL;
	unsigned int nr = 0, i;
	int err = 0;

	for (item = leaf; item && !item->made; item = previous(t->r, item)) {
		nr++;
		cond_resched();
	}
	if (item)
		err = share(t->r, item);
	if (err || !nr)
		return err;
	missing = kvmalloc_array(nr, sizeof(*missing), GFP_KERNEL_ACCOUNT);
	if (!missing)
		return -ENOMEM;
	for (item = leaf, i = 0; i < nr; item = previous(t->r, item))
		missing[i++] = item;
	while (!err && nr--) {
		err = install(t, missing[nr], scratch);
		cond_resched();
	}
	return err;
}

/* What cannot be shared with a task that has failed is that one's to tell of. */
static int fail(struct ckpt_newtask *t, int err)
{
	if (err != -ECANCELED)
		ckpt_restore_err(t->r, t->item, "seccomp may not be set: %pe", ERR_PTR(err));
	return ckpt_restore_fail(t->r, err);
}

/* Whoever comes after one that has failed knows of it. */
static int restore_locked(struct ckpt_newtask *t, struct ckpt_item *leaf, unsigned long scratch)
{
	int err = READ_ONCE(t->r->error) ? -ECANCELED : make_path(t, leaf, scratch);

	return err ? fail(t, err) : 0;
}

static int restore_filters(struct ckpt_newtask *t, struct ckpt_item *leaf)
{
	unsigned long scratch = ckpt_scratch_map();
	int err;

	if (IS_ERR_VALUE(scratch))
		return fail(t, scratch);
	err = mutex_lock_killable(&t->r->seccomp_lock);
	if (!err) {
		err = restore_locked(t, leaf, scratch);
		mutex_unlock(&t->r->seccomp_lock);
	}
	ckpt_scratch_unmap(scratch);
	return err;
}

bool ckpt_seccomp_comes_first(const struct ckpt_newtask *t)
{
	return t->rec->seccomp && !xa_empty(&t->r->img->items[CKPT_TYPE_LISTENER]);
}

int ckpt_seccomp_restore(struct ckpt_newtask *t)
{
	struct ckpt_item *leaf = ckpt_item(t->r->img, CKPT_TYPE_SECCOMP,
					   le64_to_cpu(t->rec->seccomp));
	int err;

	/* The writer has none (refuse.c), so none is inherited. */
	if (current->seccomp.mode != SECCOMP_MODE_DISABLED)
		return 0;
	err = leaf ? restore_filters(t, leaf) : 0;
	if (err || !(le32_to_cpu(t->rec->flags) & CKPT_TASK_STRICT))
		return err;
	err = ckpt_syscall(__NR_seccomp, SECCOMP_SET_MODE_STRICT, 0, 0, 0, 0, 0);
	return err ? fail(t, err) : 0;
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_seccomp_ops = {
	.type = CKPT_TYPE_SECCOMP,
	.name = "seccomp filter",
	.dir = "seccomp",
	.records = { CKPT_REC_SECCOMP },
	.max_size = 64 * 1024,
	.check = seccomp_check,
	CKPT_KERNEL(.collect = seccomp_collect, .verify = seccomp_verify,
		    .save = seccomp_save)
};
