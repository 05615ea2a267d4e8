// SPDX-License-Identifier: GPL-2.0-only
/*
 * features: what this kernel and module can save and restore, a line each.
 *
 * Constant text, made of three tables: the object types, what some of them
 * leave out, and what is refused as a whole. A name is one word, for scripts.
 */
#include <linux/seq_file.h>

#include "checkpointfs.h"

/* Types of which a part is refused, though nobody outside has it. */
static const struct {
	const char *type;
	const char *refused;
} partial[] = {
	{ "task",		"no tracer outside or of calls, no namespace" },
	{ "registers",		"no port rights or dynamic XSAVE components" },
	{ "process",		"no clock of others" },
	{ "signal table",	"no handlers of the x32 ABI" },
	{ "credentials",	"no user namespace" },
	{ "key",		"keyrings, keys of others, and those that can be read" },
	{ "directories",	"not of proc" },
	{ "address space",	"of ELF files only; no linear address masking" },
	{ "mappings",		"no devices, no request of AIO under way" },
	{ "proc file",		"of tasks of the container or none, of a known kind" },
	{ "kernfs file",	"of sysfs and cgroup2; no pressure trigger, not of devices" },
	{ "deleted file",	"no xattrs, exclusive lease or mbind, where there is O_TMPFILE" },
	{ "deleted node",	"no xattrs; not of the kernel's own filesystems" },
	{ "pty",		"both ends inside, no line discipline of its own" },
	{ "O_PATH",		"not deleted, not of proc" },
	{ "pipe buffer",	"no notification pipe" },
	{ "shared memory",	"not open as a file" },
	{ "memfd",		"no extended attributes" },
	{ "eventfd",		"not one that the kernel signals" },
	{ "userfaultfd",	"memory and descriptor inside, no hugetlb, no event under way" },
	{ "seccomp listener",	"with all tasks of its filter, no system call to answer" },
	{ "bpf map",		"no BTF, programs, pins, mappings, or map of other objects" },
	{ "epoll",		"no busy polling, signalfds of one process" },
	{ "pidfd",		"of tasks of the container only" },
	{ "namespace",		"the container's own only" },
	{ "inotify watches",	"of what has a name" },
	{ "fanotify",		"no permission event that waits, no error of a filesystem" },
	{ "fanotify marks",	"of what has a name" },
	{ "sysv shared memory",	"attached, or made by a living task" },
	{ "unix socket",	"no out-of-band data or peers outside" },
	{ "unix socket state",	"no out-of-band data or peers outside" },
	{ "tcp socket",		"no eBPF program of a group, no data before it is connected" },
	{ "tcp connection",	"not while it is being answered or reset" },
	{ "tcp connection that waits", "not one that has been reset" },
	{ "tun descriptor",	"no eBPF, XDP or TUNATTACHFILTER, no device of a bridge" },
	{ "netlink socket",	"no dump in progress, no netfilter or connector" },
	{ "packet socket",
		"no fanout by a program, segments that came together or SOCK_PACKET" },
	{ "raw socket",
		"no IP_ROUTER_ALERT, multicast routing, packets with IP options or not complete" },
	{ "udp socket",		"no UDP_ENCAP or datagrams with IP options" },
	{ "terminal",		"ptys with both ends inside; serial lines, consoles by number" },
	{ "external file",	"one of the restorer's; not mapped, locked or with an owner" },
	{ "device",		"null, zero, full, random and urandom only" },
};

/* What no type stands for. */
static const char *const supported[] = {
	"incremental",
	"aio",
	"hugetlb",
	"ptrace",
	"uprobes",
	"core-scheduling",
	"dnotify",
};

/* The same, refused. A row goes in the change that saves it. */
static const char *const refused[] = {
	"landlock",
	"namespaces",
	"cgroups",
	"memfd_secret",
	"shadow-stack",
	"mptcp",
	"io_uring",
	"perf",
	"bpf-programs",
};

static const char *left_out(const struct ckpt_object_ops *ops)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(partial); i++)
		if (!strcmp(partial[i].type, ops->name))
			return partial[i].refused;
	return NULL;
}

static void show_name(struct seq_file *seq, const char *name)
{
	for (; *name; name++)
		seq_putc(seq, *name == ' ' ? '-' : *name);
}

static int features_show(struct seq_file *seq, void *unused)
{
	unsigned int i;

	for (i = 0; i < ckpt_nr_types; i++) {
		const char *reason = left_out(ckpt_types[i]);

		show_name(seq, ckpt_types[i]->name);
		if (reason)
			seq_printf(seq, " partial (%s)\n", reason);
		else
			seq_puts(seq, " yes\n");
	}
	for (i = 0; i < ARRAY_SIZE(supported); i++)
		seq_printf(seq, "%s yes\n", supported[i]);
	for (i = 0; i < ARRAY_SIZE(refused); i++)
		seq_printf(seq, "%s no\n", refused[i]);
	return 0;
}

static int features_open(struct inode *inode, struct file *file)
{
	int err = ckpt_open_read(inode, file);

	return err ?: single_open(file, features_show, NULL);
}

const struct file_operations checkpointfs_features_fops = {
	.owner		= THIS_MODULE,
	.open		= features_open,
	.llseek		= seq_lseek,
	.read_iter	= seq_read_iter,
	.splice_read	= copy_splice_read,
	.release	= single_release,
};
