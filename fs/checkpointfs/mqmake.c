// SPDX-License-Identifier: GPL-2.0-only
/*
 * A POSIX message queue made again, by mq_open(2), or found.
 *
 * A queue with a name stays when the tasks are killed. One of the same name, limits and
 * owner, which nobody has open, is what is left of the program, and the writer's alone
 * until the restore is over, if he may remove it. What is in it is put aside, in a hidden
 * queue, so that the messages of the image can be sent to it as to a new one; if the
 * restore fails it is put back. Whoever else has opened one of them before all tasks are
 * there, or used it, makes the restore fail.
 *
 * One that was unlinked is made under a name of chance, which it loses at once. All open
 * files of a queue are opened once it has its messages, in the same way.
 */
#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/delay.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/ipc_namespace.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/mount.h>
#include <linux/mutex.h>
#include <linux/namei.h>
#include <linux/nsproxy.h>
#include <linux/pid.h>
#include <linux/random.h>
#include <linux/sched/signal.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/user_namespace.h>
#include <net/sock.h>
#include <asm/unistd.h>

#include "mqueue.h"
#include "netlink.h"
#include "restore.h"

/* How often to look again whether a queue is open elsewhere. */
#define TRIES	100

/* Held while a restore looks for a queue: two would take each other for somebody else. */
static DEFINE_MUTEX(making);

/**
 * struct made - a queue until the restore is over
 * @file:	it is open so, referenced
 * @aside:	of one that was found: a hidden queue with what was in it; else NULL
 * @name:	it has one, of the image
 * @files:	open files that have been made of it, but for @file
 * @notify:	whom it tells of a message because of the image, referenced; or NULL
 * @cookie:	what it is to tell a socket, counted there; NULL: none, or the queue has it
 * @mode:	of one that was found, as it was
 * @uid:	the same
 * @gid:	the same
 * @atime:	the same
 * @mtime:	the same
 * @ctime:	the same
 */
struct made {
	struct file *file;
	struct file *aside;
	const char *name;
	unsigned int files;
	struct pid *notify;
	struct sk_buff *cookie;
	umode_t mode;
	kuid_t uid;
	kgid_t gid;
	struct timespec64 atime, mtime, ctime;
};

static struct ckpt_mqueue_inode_info *queue_of(const struct file *file)
{
	return ckpt_mqueue_of(file_dentry(file));
}

unsigned int ckpt_mqueue_users(struct dentry *queue)
{
	guard(spinlock)(&queue->d_lock);
	return queue->d_lockref.count - !d_unhashed(queue);
}

/* Who has it open for a moment is given time. */
static bool has_users(struct dentry *queue, unsigned int known)
{
	unsigned int tries;

	for (tries = 0; tries < TRIES; tries++) {
		if (ckpt_mqueue_users(queue) <= known)
			return false;
		usleep_range(50, 100);
	}
	return true;
}

/* ---- a new one ------------------------------------------------------------------ */

static struct file *file_of(long fd)
{
	struct file *file;

	if (fd < 0)
		return ERR_PTR(fd);
	file = fget(fd) ?: ERR_PTR(-EBADF);
	close_fd(fd);
	return file;
}

static long open_new(unsigned long scratch, const char *name, long maxmsg, long msgsize)
{
	const struct mq_attr attr = { .mq_maxmsg = maxmsg, .mq_msgsize = msgsize };
	const int flags = O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK | O_CLOEXEC;
	unsigned long text = scratch + sizeof(attr);
	long err = ckpt_scratch_put(scratch, &attr, sizeof(attr));

	if (!err)
		err = ckpt_scratch_put(text, name, strlen(name) + 1);
	return err ?: ckpt_syscall(__NR_mq_open, text, flags, 0600, scratch, 0, 0);
}

static struct file *create(const char *name, long maxmsg, long msgsize)
{
	unsigned long scratch = ckpt_scratch_map();
	struct file *file;

	if (IS_ERR_VALUE(scratch))
		return ERR_PTR(scratch);
	file = file_of(open_new(scratch, name, maxmsg, msgsize));
	ckpt_scratch_unmap(scratch);
	return file;
}

/*
 * That the file has a reference to the name keeps it from being another's. With no other
 * one the name would lose its inode, which is the file's: so there is one more.
 */
static int unlink_queue(const struct file *file)
{
	struct vfsmount *mnt = file->f_path.mnt;
	struct inode *dir = d_inode(mnt->mnt_root);
	int err = mnt_want_write(mnt);
	struct dentry *queue;

	if (err)
		return err;
	inode_lock_nested(dir, I_MUTEX_PARENT);
	queue = dget(file_dentry(file));
	if (!d_unhashed(queue))
		err = vfs_unlink(&nop_mnt_idmap, dir, queue, NULL);
	inode_unlock(dir);
	dput(queue);
	mnt_drop_write(mnt);
	return err;
}

static struct file *create_hidden(long maxmsg, long msgsize)
{
	struct file *file;
	char name[40];
	int err;

	snprintf(name, sizeof(name), "checkpointfs-%016llx", get_random_u64());
	file = create(name, maxmsg, msgsize);
	if (IS_ERR(file))
		return file;
	err = unlink_queue(file);
	if (!err)
		return file;
	fput(file);
	return ERR_PTR(err);
}

static struct file *create_by(const struct ckpt_mqueue *rec, const char *name)
{
	u32 maxmsg = le32_to_cpu(rec->maxmsg), msgsize = le32_to_cpu(rec->msgsize);

	return name ? create(name, maxmsg, msgsize) : create_hidden(maxmsg, msgsize);
}

/* It counts for the real user. Only the writer's own limit matters, whoever it is. */
static struct file *create_for(const struct ckpt_mqueue *rec, const char *name)
{
	u32 uid = le32_to_cpu(rec->account);
	const struct cred *writers;
	struct file *file;
	long err;

	if (uid_eq(current_uid(), make_kuid(current_user_ns(), uid)))
		return create_by(rec, name);
	writers = get_current_cred();
	err = ckpt_syscall(__NR_setresuid, uid, -1, -1, 0, 0, 0);
	file = err ? ERR_PTR(err) : create_by(rec, name);
	/* Consumes the reference, and undoes what the call has done. */
	commit_creds((struct cred *)writers);
	return file;
}

/* ---- whose it is ------------------------------------------------------------------- */

/* What the writer may do has been asked, and nobody is told (inotify). */
static void set_owner(struct inode *inode, umode_t mode, kuid_t uid, kgid_t gid)
{
	guard(rwsem_write)(&inode->i_rwsem);
	inode->i_mode = mode;
	inode->i_uid = uid;
	inode->i_gid = gid;
}

/*
 * May the writer give it the owner and mode of the record? Until it has them for good
 * nobody opens it but him, and who may do anything.
 */
static int seize(struct file *file, const struct ckpt_mqueue *rec)
{
	struct inode *inode = file_inode(file);
	umode_t mode = le32_to_cpu(rec->mode);
	int err = ckpt_inode_owner(file, mode, le32_to_cpu(rec->uid), le32_to_cpu(rec->gid));

	/* A bit of it may have been dropped. */
	if (!err && inode->i_mode != mode)
		err = -EPERM;
	if (!err)
		set_owner(inode, S_IFREG | 0600, current_fsuid(), current_fsgid());
	return err;
}

/* ---- one that was there ----------------------------------------------------------- */

/* Is it what the record tells of, by all that stays while it is not used? */
static bool is_same(const struct dentry *queue, const struct ckpt_mqueue *rec)
{
	const struct ckpt_mqueue_inode_info *q = ckpt_mqueue_of(queue);
	struct user_namespace *ns = current_user_ns();

	return q->attr.mq_maxmsg == le32_to_cpu(rec->maxmsg) &&
	       q->attr.mq_msgsize == le32_to_cpu(rec->msgsize) &&
	       uid_eq(q->vfs_inode.i_uid, make_kuid(ns, le32_to_cpu(rec->uid))) &&
	       gid_eq(q->vfs_inode.i_gid, make_kgid(ns, le32_to_cpu(rec->gid))) &&
	       q->ucounts && q->ucounts->ns == ns &&
	       uid_eq(q->ucounts->uid, make_kuid(ns, le32_to_cpu(rec->account)));
}

/* Nobody waits, and nobody is to be told. @known: references to the name. */
static bool is_idle(struct dentry *queue, unsigned int known)
{
	struct ckpt_mqueue_inode_info *q = ckpt_mqueue_of(queue);

	if (has_users(queue, known))
		return false;
	guard(spinlock)(&q->lock);
	return !q->notify_owner && !ckpt_mqueue_has_waiters(q);
}

/* What is in one is in the other, whatever that is for. */
static void swap_messages(struct ckpt_mqueue_inode_info *q, struct ckpt_mqueue_inode_info *o)
{
	guard(spinlock)(&q->lock);
	spin_lock_nested(&o->lock, SINGLE_DEPTH_NESTING);
	swap(q->msg_tree, o->msg_tree);
	swap(q->msg_tree_rightmost, o->msg_tree_rightmost);
	swap(q->attr.mq_curmsgs, o->attr.mq_curmsgs);
	swap(q->qsize, o->qsize);
	spin_unlock(&o->lock);
}

static void note(struct made *m, const struct inode *inode)
{
	m->mode = inode->i_mode;
	m->uid = inode->i_uid;
	m->gid = inode->i_gid;
	m->atime = inode_get_atime(inode);
	m->mtime = inode_get_mtime(inode);
	m->ctime = inode_get_ctime(inode);
}

/* As nobody has changed it but the restore, whose writer may. */
static void put_back(const struct made *m)
{
	struct inode *inode = file_inode(m->file);

	set_owner(inode, m->mode, m->uid, m->gid);
	inode_set_atime_to_ts(inode, m->atime);
	inode_set_mtime_to_ts(inode, m->mtime);
	inode_set_ctime_to_ts(inode, m->ctime);
}

static struct file *open_found(struct dentry *queue)
{
	struct path path = { .mnt = current->nsproxy->ipc_ns->mq_mnt, .dentry = queue };

	return dentry_open(&path, O_RDWR | O_NONBLOCK, current_cred());
}

/* Who has opened it in the last moment is seen by now. */
static int seize_found(struct made *m, const struct ckpt_mqueue *rec)
{
	int err;

	note(m, file_inode(m->file));
	err = seize(m->file, rec);
	if (!err && !is_idle(file_dentry(m->file), 2))
		err = -EEXIST;
	if (err)
		put_back(m);
	return err;
}

/* @queue: a reference that the caller has. Who may change its mode may remove it, too. */
static int take_over(struct made *m, const struct ckpt_mqueue *rec, struct dentry *queue)
{
	struct file *file;
	int err;

	if (!is_same(queue, rec) || !is_idle(queue, 1))
		return -EEXIST;
	if (!inode_owner_or_capable(&nop_mnt_idmap, d_inode(queue)))
		return -EPERM;
	file = create_hidden(1, 1);
	if (IS_ERR(file))
		return PTR_ERR(file);
	m->aside = file;
	file = open_found(queue);
	if (IS_ERR(file))
		return PTR_ERR(file);
	m->file = file;
	err = seize_found(m, rec);
	if (err) {
		m->file = NULL;
		fput(file);
		return err;
	}
	swap_messages(queue_of(file), queue_of(m->aside));
	return 0;
}

static int find(struct made *m, const struct ckpt_mqueue *rec)
{
	struct dentry *root = current->nsproxy->ipc_ns->mq_mnt->mnt_root;
	struct dentry *queue = lookup_positive_unlocked(m->name, root, strlen(m->name));
	int err;

	/* Gone meanwhile: it was in the way all the same. */
	if (IS_ERR(queue))
		return PTR_ERR(queue) == -ENOENT ? -EEXIST : PTR_ERR(queue);
	err = take_over(m, rec, queue);
	dput(queue);
	return err;
}

static int have(struct made *m, const struct ckpt_mqueue *rec)
{
	struct file *file;

	guard(mutex)(&making);
	file = create_for(rec, m->name);
	if (file == ERR_PTR(-EEXIST) && m->name)
		return find(m, rec);
	if (IS_ERR(file))
		return PTR_ERR(file);
	m->file = file;
	return seize(file, rec);
}

/* ---- the messages of the image ----------------------------------------------------- */

static size_t longest(const struct ckpt_item *item)
{
	struct ckpt_cursor cur;
	struct ckpt_view view;
	size_t len = 0;

	ckpt_cursor_init(&cur, item->bytes, item->size);
	while (ckpt_next(&cur, &view) > 0)
		if (view.type == CKPT_REC_MQMESSAGE)
			len = max_t(size_t, len, view.count);
	return len;
}

static long send(int fd, unsigned long at, const struct ckpt_view *view)
{
	const struct ckpt_mqmessage *rec = view->body;

	if (copy_to_user((void __user *)at, view->elems, view->count))
		return -ENOMEM;
	return ckpt_syscall(__NR_mq_timedsend, fd, at, view->count,
			    le32_to_cpu(rec->priority), 0, 0);
}

static long send_all(const struct ckpt_item *item, int fd, unsigned long at)
{
	struct ckpt_cursor cur;
	struct ckpt_view view;
	long err = 0;

	ckpt_cursor_init(&cur, item->bytes, item->size);
	while (!err && ckpt_next(&cur, &view) > 0) {
		if (view.type == CKPT_REC_MQMESSAGE)
			err = send(fd, at, &view);
		if (fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err;
}

static long fill(const struct ckpt_item *item, struct file *file)
{
	size_t size = PAGE_ALIGN(longest(item) + 1);
	unsigned long at = vm_mmap(NULL, 0, size, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, 0);
	long fd, err;

	if (IS_ERR_VALUE(at))
		return at;
	fd = get_unused_fd_flags(O_CLOEXEC);
	err = min(fd, 0L);
	if (!err) {
		fd_install(fd, get_file(file));
		err = send_all(item, fd, at);
		close_fd(fd);
	}
	return vm_munmap(at, size) ?: err;
}

/* What has been made when it fails goes in ckpt_mqueue_end(). */
void *ckpt_mqueue_make(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_mqueue *rec = ckpt_item_body(item, CKPT_REC_MQUEUE);
	struct made *m = kzalloc(sizeof(*m), GFP_KERNEL_ACCOUNT);
	struct ckpt_view name;
	long err;

	if (!m)
		return ERR_PTR(-ENOMEM);
	item->priv = m;
	if (ckpt_find(item->bytes, item->size, CKPT_REC_NAME, &name))
		m->name = name.elems;
	err = have(m, rec);
	if (!err)
		err = fill(item, m->file);
	if (!err)
		return get_file(m->file);
	ckpt_restore_err(r, item, "POSIX message queue %s%s cannot be made: %pe",
			 m->name ? "/" : "without a name", m->name ?: "", ERR_PTR(err));
	return ERR_PTR(err);
}

struct file *ckpt_mqueue_open(struct ckpt_restore *r, u64 id, struct ckpt_item *item)
{
	int flags = (ckpt_file_flags(item) & ~(O_TMPFILE | FASYNC)) | O_LARGEFILE;
	struct file *queue = ckpt_restored(r, CKPT_TYPE_MQUEUE, id), *file;
	struct made *m;

	if (IS_ERR(queue))
		return queue;
	if (ckpt_item_body(item, CKPT_REC_PATH))
		file = ckpt_path_open(r, item, flags, file_inode(queue));
	else
		file = dentry_open(&queue->f_path, flags, current_cred());
	if (IS_ERR(file))
		return file;
	m = ckpt_item(ckpt_restore_img(r), CKPT_TYPE_MQUEUE, id)->priv;
	m->files++;
	return file;
}

/* ---- when all tasks are there ------------------------------------------------------- */

static void set_times(struct inode *inode, const struct ckpt_mqueue *rec)
{
	struct timespec64 ts = { le64_to_cpu(rec->atime), le32_to_cpu(rec->atime_ns) };

	inode_set_atime_to_ts(inode, ts);
	ts = (struct timespec64) { le64_to_cpu(rec->mtime), le32_to_cpu(rec->mtime_ns) };
	inode_set_mtime_to_ts(inode, ts);
	ts = (struct timespec64) { le64_to_cpu(rec->ctime), le32_to_cpu(rec->ctime_ns) };
	inode_set_ctime_to_ts(inode, ts);
}

/* All that may fail of a notification by SIGEV_THREAD. */
static int prepare_socket(struct ckpt_restore *r, struct ckpt_item *item, struct made *m)
{
	const struct ckpt_mqnotify *rec = ckpt_item_body(item, CKPT_REC_MQNOTIFY);
	struct sk_buff *skb;
	struct file *file;

	if (!rec)
		return 0;
	file = ckpt_restored(r, CKPT_TYPE_NETLINK, le64_to_cpu(rec->socket));
	if (IS_ERR(file))
		return PTR_ERR(file);
	skb = ckpt_netlink_reserve(sock_from_file(file)->sk, rec->cookie, sizeof(rec->cookie));
	if (IS_ERR(skb))
		return PTR_ERR(skb);
	m->cookie = skb;
	return 0;
}

/* The queue has a reference of the socket. */
static void set_socket(struct ckpt_mqueue_inode_info *q, struct made *m)
{
	q->notify.sigev_notify = SIGEV_THREAD;
	q->notify_sock = m->cookie->sk;
	q->notify_cookie = m->cookie;
	m->cookie = NULL;
	sock_hold(q->notify_sock);
}

/* As mq_notify(2) does it, in the name of a process that may not have it open. */
static void set_notify(struct ckpt_mqueue_inode_info *q, const struct ckpt_mqueue *rec,
		       struct made *m, struct pid *owner)
{
	const struct task_struct *t;

	q->notify.sigev_notify = SIGEV_NONE;
	if (m->cookie)
		set_socket(q, m);
	if (le32_to_cpu(rec->notify) == CKPT_MQUEUE_SIGNAL) {
		q->notify.sigev_notify = SIGEV_SIGNAL;
		q->notify.sigev_signo = le32_to_cpu(rec->signal);
		q->notify.sigev_value.sival_ptr = (void __user *)le64_to_cpu(rec->value);
		guard(rcu)();
		t = pid_task(owner, PIDTYPE_TGID);
		q->notify_self_exec_id = t ? READ_ONCE(t->self_exec_id) : 0;
		if (le32_to_cpu(rec->flags) & CKPT_MQUEUE_EXECED)
			q->notify_self_exec_id--;
	}
	q->notify_owner = get_pid(owner);
	q->notify_user_ns = get_user_ns(current_user_ns());
}

struct content {
	u64 nr, bytes;
};

static struct content content_of(const struct ckpt_item *item)
{
	struct content all = {};
	struct ckpt_cursor cur;
	struct ckpt_view view;

	ckpt_cursor_init(&cur, item->bytes, item->size);
	while (ckpt_next(&cur, &view) > 0) {
		if (view.type != CKPT_REC_MQMESSAGE)
			continue;
		all.nr++;
		all.bytes += view.count;
	}
	return all;
}

/* Unless somebody has used it: it is the writer's still, so that few can. */
static int connect(struct ckpt_item *item, struct made *m, struct pid *owner)
{
	const struct ckpt_mqueue *rec = ckpt_item_body(item, CKPT_REC_MQUEUE);
	struct ckpt_mqueue_inode_info *q = queue_of(m->file);
	const struct content all = content_of(item);

	if (!is_idle(file_dentry(m->file), m->files + 1))
		return -EBUSY;
	guard(spinlock)(&q->lock);
	if (q->attr.mq_curmsgs != all.nr || q->qsize != all.bytes || q->notify_owner)
		return -EBUSY;
	if (owner) {
		set_notify(q, rec, m, owner);
		m->notify = get_pid(owner);
	}
	return 0;
}

static int finish(struct ckpt_restore *r, struct ckpt_item *item, struct made *m)
{
	const struct ckpt_mqueue *rec = ckpt_item_body(item, CKPT_REC_MQUEUE);
	struct user_namespace *ns = current_user_ns();
	struct inode *inode = file_inode(m->file);
	struct pid *owner = NULL;
	int err = prepare_socket(r, item, m);

	if (err)
		return err;
	if (rec->owner) {
		owner = find_get_pid(le32_to_cpu(rec->owner));
		if (!owner)
			return -ESRCH;
	}
	err = connect(item, m, owner);
	put_pid(owner);
	if (err)
		return err;
	set_owner(inode, le32_to_cpu(rec->mode), make_kuid(ns, le32_to_cpu(rec->uid)),
		  make_kgid(ns, le32_to_cpu(rec->gid)));
	set_times(inode, rec);
	return 0;
}

int ckpt_mqueue_finish(struct ckpt_restore *r, struct ckpt_item *item)
{
	int err = finish(r, item, item->priv);

	if (err)
		ckpt_restore_err(r, item, "cannot be finished: %pe", ERR_PTR(err));
	return err;
}

/* ---- when the restore is over --------------------------------------------------------- */

/* Its last close of the queue need not find that it is the one: a table may be shared. */
static void forget_notify(struct ckpt_mqueue_inode_info *q, struct pid *owner)
{
	struct user_namespace *ns = NULL;
	struct sk_buff *cookie = NULL;
	struct sock *sk = NULL;

	scoped_guard(spinlock, &q->lock) {
		if (!owner || q->notify_owner != owner)
			return;
		if (q->notify.sigev_notify == SIGEV_THREAD) {
			cookie = q->notify_cookie;
			sk = q->notify_sock;
		}
		ns = q->notify_user_ns;
		q->notify_owner = NULL;
		q->notify_user_ns = NULL;
	}
	put_pid(owner);
	put_user_ns(ns);
	kfree_skb(cookie);
	if (sk)
		sock_put(sk);
}

static void undo(const struct made *m)
{
	struct inode *inode = file_inode(m->file);

	forget_notify(queue_of(m->file), m->notify);
	if (!m->aside) {
		/* It may be another's, whom the writer need not be to take it away again. */
		set_owner(inode, inode->i_mode, current_fsuid(), inode->i_gid);
		unlink_queue(m->file);
		return;
	}
	swap_messages(queue_of(m->file), queue_of(m->aside));
	put_back(m);
}

void ckpt_mqueue_end(struct ckpt_item *item, bool failed)
{
	struct made *m = item->priv;

	if (!m)
		return;
	item->priv = NULL;
	if (m->file) {
		if (failed)
			undo(m);
		fput(m->file);
	}
	if (m->aside)
		fput(m->aside);
	kfree_skb(m->cookie);
	put_pid(m->notify);
	kfree(m);
}
