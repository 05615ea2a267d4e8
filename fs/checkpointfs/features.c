// SPDX-License-Identifier: GPL-2.0-only
/*
 * features: what this kernel and module can save and restore, a line each.
 *
 * Constant text, made of three tables: the object types, what some of them
 * leave out, and what is refused as a whole. A name is one word, for scripts.
 */
#include <linux/seq_file.h>

#include "checkpointfs.h"

/* Types of which a part is refused. */
static const struct {
	const char *type;
	const char *refused;
} partial[] = {
	{ "task",		"no tracer, speculation control or namespace" },
	{ "seccomp filter",	"no listener" },
	{ "credentials",	"no user namespace or keyrings" },
	{ "deleted file",	"without extended attributes, where there is O_TMPFILE" },
	{ "directory",		"not deleted" },
	{ "pidfd",		"of tasks of the container only" },
	{ "inotify watches",	"of what has a name" },
	{ "file locks",		"no leases" },
	{ "unix socket",	"no out-of-band data or peers outside" },
	{ "tcp socket",		"nobody waits to be accepted" },
	{ "tcp connection",	"both ends open in the container, no urgent data" },
	{ "udp socket",		"no UDP_ENCAP, IP options or what is not complete" },
	{ "terminal",		"ptys with both ends inside only" },
	{ "external file",	"one of the restorer's; not mapped, locked or with an owner" },
	{ "device",		"null, zero, full, random and urandom only" },
};

/* What no type stands for. */
static const char *const supported[] = {
	"incremental",
};

/* The same, refused. A row goes in the change that saves it. */
static const char *const refused[] = {
	"tracer",
	"landlock",
	"keyrings",
	"core-scheduling",
	"mbind",
	"namespaces",
	"cgroups",
	"hugetlb",
	"memfd-hugetlb",
	"userfaultfd",
	"aio",
	"sysv-ipc",
	"mqueue",
	"deleted-directories",
	"leases",
	"fanotify",
	"mptcp",
	"udp-lite",
	"raw",
	"netlink",
	"io_uring",
	"perf",
	"bpf",
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
