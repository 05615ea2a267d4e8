// SPDX-License-Identifier: GPL-2.0-only
/*
 * Words for messages: where a container holds a file, and what kind it is.
 *
 * Only looked for when something is refused, so a search through all tables
 * and mappings of the frozen tasks will do. A task may be killed meanwhile:
 * what is looked at in it is referenced.
 */
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/in.h>
#include <linux/mm.h>
#include <linux/net.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <net/sock.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"

/* For iterate_fd(): one more than the descriptor, so that 0 goes on. */
static int match_fd(const void *ptr, struct file *file, unsigned int fd)
{
	return file == ptr || file_inode(file) == ptr ? fd + 1 : 0;
}

static int find_fd(struct task_struct *t, const void *ptr)
{
	struct files_struct *files;
	int fd;

	task_lock(t);
	files = t->files;
	if (files)
		atomic_inc(&files->count);
	task_unlock(t);
	if (!files)
		return -1;
	fd = iterate_fd(files, 0, match_fd, ptr) - 1;
	ksym(put_files_struct)(files);
	return fd;
}

static unsigned long find_mapping(struct task_struct *t, const void *ptr)
{
	struct mm_struct *mm = get_task_mm(t);
	struct vm_area_struct *vma;
	struct vma_iterator vmi;
	unsigned long at = 0;

	if (!mm)
		return 0;
	vma_iter_init(&vmi, mm, 0);
	mmap_read_lock(mm);
	for_each_vma(vmi, vma) {
		if (vma->vm_file && match_fd(ptr, vma->vm_file, 0)) {
			at = vma->vm_start;
			break;
		}
	}
	mmap_read_unlock(mm);
	mmput(mm);
	return at;
}

void ckpt_who_comm(struct ckpt_collect *c, pid_t nr, char comm[TASK_COMM_LEN])
{
	struct task_struct *t;

	guard(rcu)();
	t = pid_task(find_pid_ns(nr, c->con->caller_ns), PIDTYPE_PID);
	/* Without its lock it may be half of one name and half of another. */
	strscpy_pad(comm, t ? t->comm : "", TASK_COMM_LEN);
}

static bool find_in_task(struct ckpt_collect *c, struct task_struct *t,
			 const void *ptr, char *buf, size_t size)
{
	pid_t nr = ckpt_pid_nr(c, task_pid(t));
	char comm[TASK_COMM_LEN];
	int fd = find_fd(t, ptr);

	ckpt_who_comm(c, nr, comm);
	if (fd >= 0)
		snprintf(buf, size, "task %d (%s) fd %d", nr, comm, fd);
	else if (READ_ONCE(t->fs) == ptr || READ_ONCE(t->files) == ptr)
		snprintf(buf, size, "task %d (%s)", nr, comm);
	else
		return false;
	return true;
}

const char *ckpt_who(struct ckpt_collect *c, const void *ptr, char *buf, size_t size)
{
	char comm[TASK_COMM_LEN];
	unsigned long at = 0;
	unsigned int i;
	pid_t nr;

	for (i = 0; i < c->tasks->nr; i++)
		if (find_in_task(c, c->tasks->vec[i], ptr, buf, size))
			return buf;
	for (i = 0; i < c->tasks->nr && !at; i++) {
		at = find_mapping(c->tasks->vec[i], ptr);
		nr = ckpt_pid_nr(c, task_pid(c->tasks->vec[i]));
	}
	if (!at) {
		strscpy(buf, "an executable, or a file in flight", size);
		return buf;
	}
	ckpt_who_comm(c, nr, comm);
	snprintf(buf, size, "task %d (%s) mapping %lx", nr, comm, at);
	return buf;
}

static const char *inet_kind(const struct sock *sk)
{
	if (sk->sk_type == SOCK_RAW)
		return "a raw socket";
	switch (sk->sk_protocol) {
	case IPPROTO_TCP:
		return "a tcp socket";
	case IPPROTO_MPTCP:
		return "an mptcp socket";
	case IPPROTO_UDP:
		return "a udp socket";
	case IPPROTO_UDPLITE:
		return "a udp-lite socket";
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return "a ping socket";
	case IPPROTO_SCTP:
		return "an sctp socket";
	default:
		return "an internet socket";
	}
}

static const char *socket_kind(struct file *file)
{
	const struct socket *sock = sock_from_file(file);
	const struct sock *sk = sock ? sock->sk : NULL;

	if (!sk)
		return "socket";
	switch (sk->sk_family) {
	case AF_INET:
	case AF_INET6:
		return inet_kind(sk);
	case AF_NETLINK:
		return "a netlink socket";
	case AF_PACKET:
		return "a packet socket";
	case AF_VSOCK:
		return "a vsock socket";
	case AF_ALG:
		return "an af_alg socket";
	case AF_KEY:
		return "an af_key socket";
	case AF_XDP:
		return "an af_xdp socket";
	default:
		return "socket";
	}
}

/* By the name that its kind gives to every file, or its filesystem's type. */
const char *ckpt_file_kind(struct file *file)
{
	static const struct {
		const char *name, *kind;
	} kinds[] = {
		{ "[eventpoll]", "epoll" }, { "[eventfd]", "eventfd" },
		{ "[timerfd]", "timerfd" }, { "[signalfd]", "signalfd" },
		{ "[fanotify]", "fanotify" }, { "[io_uring]", "io_uring" },
		{ "[perf_event]", "perf_event" }, { "[userfaultfd]", "userfaultfd" },
		{ "pidfs", "pidfd" }, { "nsfs", "namespace" },
		{ "mqueue", "message queue" }, { "secretmem", "memfd_secret" },
	};
	const struct dentry *dentry = file_dentry(file);
	const struct inode *inode = d_inode(dentry);
	const char *name = dentry->d_name.name;
	unsigned int i;

	if (S_ISSOCK(inode->i_mode))
		return socket_kind(file);
	if (!strncmp(name, "memfd:", 6))
		return "memfd";
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(name, kinds[i].name) ||
		    !strcmp(inode->i_sb->s_type->name, kinds[i].name))
			return kinds[i].kind;
	return *name ? name : inode->i_sb->s_type->name;
}
