// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which files of procfs there are, and what is behind them.
 *
 * A file is saved if all that it has is known: it is one of a list, by the operations
 * that it, or its entry, has. Those that the kernel gives to entries that only tell
 * something (proc_create_seq(), proc_create_single() and those of networks) keep
 * nothing but how far they have been read. Not in the list is what reading changes
 * (kmsg), what is decided once and for all by who opens it (kallsyms, modules), and what
 * modules make with operations of their own.
 *
 * An entry may be taken away while its files are open, which frees what is behind
 * them: ckpt_proc_use() keeps it, as the kernel's own operations do.
 */
#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "compat/private.h"
#include "procfs.h"

/* What an entry's count of users is below when it is being taken away. */
#define GOING	INT_MIN

struct kind {
	void *const *ops;
	unsigned int kind;
};

#define KIND(name, flags) { &ksym_addr(name), CKPT_PROC_KNOWN | (flags) }

/* By the operations of the file. */
static const struct kind kinds[] = {
	KIND(proc_single_file_operations, CKPT_PROC_SEQ),
	KIND(proc_pid_set_comm_operations, CKPT_PROC_SEQ),
	KIND(proc_fdinfo_file_operations, CKPT_PROC_SEQ),
	KIND(proc_pid_cmdline_ops, 0),
	KIND(proc_oom_score_adj_operations, 0),
	KIND(proc_oom_adj_operations, 0),
	KIND(proc_pid_set_timerslack_ns_operations, CKPT_PROC_SEQ),
#ifdef CONFIG_SCHED_DEBUG
	KIND(proc_pid_sched_operations, CKPT_PROC_SEQ),
#endif
#ifdef CONFIG_SCHED_AUTOGROUP
	KIND(proc_pid_sched_autogroup_operations, CKPT_PROC_SEQ),
#endif
#ifdef CONFIG_TIME_NS
	KIND(proc_timens_offsets_operations, CKPT_PROC_SEQ),
#endif
#ifdef CONFIG_PROC_CHILDREN
	KIND(proc_tid_children_operations, CKPT_PROC_SEQ),
#endif
#if defined(CONFIG_CHECKPOINT_RESTORE) && defined(CONFIG_POSIX_TIMERS)
	KIND(proc_timers_operations, CKPT_PROC_SEQ),
#endif
#ifdef CONFIG_AUDIT
	KIND(proc_loginuid_operations, 0),
	KIND(proc_sessionid_operations, 0),
#endif
#ifdef CONFIG_SECURITY
	KIND(proc_pid_attr_operations, CKPT_PROC_MM),
#endif
#ifdef CONFIG_USER_NS
	KIND(proc_uid_map_operations, CKPT_PROC_SEQ | CKPT_PROC_USERNS),
	KIND(proc_gid_map_operations, CKPT_PROC_SEQ | CKPT_PROC_USERNS),
	KIND(proc_projid_map_operations, CKPT_PROC_SEQ | CKPT_PROC_USERNS),
	KIND(proc_setgroups_operations, CKPT_PROC_SEQ | CKPT_PROC_USERNS),
#endif
#ifdef CONFIG_ELF_CORE
	KIND(proc_coredump_filter_operations, 0),
#endif
	KIND(proc_environ_operations, CKPT_PROC_MM),
	KIND(proc_auxv_operations, CKPT_PROC_MM),
	KIND(proc_mem_operations, CKPT_PROC_MM),
#ifdef CONFIG_PROC_PAGE_MONITOR
	KIND(proc_pagemap_operations, CKPT_PROC_MM),
	KIND(proc_clear_refs_operations, 0),
#endif
	KIND(proc_pid_maps_operations, CKPT_PROC_SEQ | CKPT_PROC_MAPS),
	KIND(proc_pid_smaps_operations, CKPT_PROC_SEQ | CKPT_PROC_MAPS),
	KIND(proc_pid_smaps_rollup_operations, CKPT_PROC_SEQ | CKPT_PROC_MAPS),
#ifdef CONFIG_NUMA
	KIND(proc_pid_numa_maps_operations, CKPT_PROC_SEQ | CKPT_PROC_MAPS),
#endif
	KIND(proc_mounts_operations, CKPT_PROC_SEQ | CKPT_PROC_MOUNTS),
	KIND(proc_mountinfo_operations, CKPT_PROC_SEQ | CKPT_PROC_MOUNTS),
	KIND(proc_mountstats_operations, CKPT_PROC_SEQ | CKPT_PROC_MOUNTS),
	KIND(proc_sys_file_operations, CKPT_PROC_SYSCTL),
};

/* By those of the entry. */
static const struct kind entries[] = {
	KIND(proc_seq_ops, CKPT_PROC_SEQ),
	KIND(proc_single_ops, CKPT_PROC_SEQ),
	KIND(proc_net_seq_ops, CKPT_PROC_SEQ),
	KIND(proc_net_single_ops, CKPT_PROC_SEQ),
	KIND(sysvipc_proc_ops, CKPT_PROC_SEQ | CKPT_PROC_IPC),
	KIND(stat_proc_ops, CKPT_PROC_SEQ),
	KIND(cpuinfo_proc_ops, CKPT_PROC_SEQ),
#ifdef CONFIG_SLUB_DEBUG
	KIND(slabinfo_proc_ops, CKPT_PROC_SEQ),
#endif
#ifdef CONFIG_PROC_PAGE_MONITOR
	KIND(kpagecount_proc_ops, 0),
	KIND(kpageflags_proc_ops, 0),
#endif
#ifdef CONFIG_SWAP
	KIND(swaps_proc_ops, CKPT_PROC_SEQ),
#endif
#ifdef CONFIG_PSI
	KIND(psi_io_proc_ops, CKPT_PROC_SEQ | CKPT_PROC_PSI),
	KIND(psi_memory_proc_ops, CKPT_PROC_SEQ | CKPT_PROC_PSI),
	KIND(psi_cpu_proc_ops, CKPT_PROC_SEQ | CKPT_PROC_PSI),
#endif
};

static const struct ckpt_proc_inode *proc_inode(const struct inode *inode)
{
	return container_of(inode, struct ckpt_proc_inode, vfs_inode);
}

bool ckpt_proc_is(const struct dentry *dentry)
{
	return dentry->d_sb->s_magic == PROC_SUPER_MAGIC;
}

/* Nothing on procfs is ever moved, and a name keeps those above it. */
void ckpt_proc_place(const struct dentry *dentry, struct ckpt_procplace *place)
{
	/* The uppermost three of its components, from above. */
	const struct dentry *top[3] = {};
	unsigned int depth = 0;

	for (; !IS_ROOT(dentry); dentry = dentry->d_parent) {
		top[2] = top[1];
		top[1] = top[0];
		top[0] = dentry;
		depth++;
	}
	*place = (struct ckpt_procplace){ .rest = depth };
	if (top[0])
		place->pid = proc_inode(d_inode(top[0]))->pid;
	if (!place->pid)
		return;
	place->rest = depth - 1;
	if (!top[2] || strcmp(top[1]->d_name.name, "task"))
		return;
	place->thread = proc_inode(d_inode(top[2]))->pid;
	place->rest = depth - 3;
}

/* Of a descriptor: fdinfo/N. */
static bool is_fdinfo(const struct ckpt_proc_inode *inode)
{
	return inode->vfs_inode.i_fop == ksym_addr(proc_fdinfo_file_operations);
}

bool ckpt_proc_same(const struct dentry *a, const struct dentry *b)
{
	const struct ckpt_proc_inode *left = proc_inode(d_inode(a));
	const struct ckpt_proc_inode *right = proc_inode(d_inode(b));
	struct ckpt_procplace here, there;

	if (left == right)
		return true;
	ckpt_proc_place(a, &here);
	ckpt_proc_place(b, &there);
	if (here.pid != there.pid || here.thread != there.thread)
		return false;
	if (is_fdinfo(left) && is_fdinfo(right))
		return left->fd == right->fd;
	return left->pde && left->pde == right->pde;
}

static unsigned int find(const struct kind *table, unsigned int nr, const void *ops)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (*table[i].ops == ops)
			return table[i].kind;
	return 0;
}

unsigned int ckpt_proc_kind(struct file *file)
{
	const struct ckpt_proc_dir_entry *entry = proc_inode(file_inode(file))->pde;

	if (entry)
		return find(entries, ARRAY_SIZE(entries), entry->proc_ops);
	return find(kinds, ARRAY_SIZE(kinds), file->f_op);
}

bool ckpt_proc_use(struct file *file)
{
	struct ckpt_proc_dir_entry *entry = proc_inode(file_inode(file))->pde;

	return !entry || atomic_inc_unless_negative(&entry->in_use);
}

void ckpt_proc_unuse(struct file *file)
{
	struct ckpt_proc_dir_entry *entry = proc_inode(file_inode(file))->pde;

	/* The last one tells who waits to take it away. */
	if (entry && atomic_dec_return(&entry->in_use) == GOING)
		complete(entry->pde_unload_completion);
}

const struct mm_struct *ckpt_proc_mm(struct file *file, unsigned int kind)
{
	const struct ckpt_proc_maps_private *maps;

	if (kind & CKPT_PROC_MM)
		return file->private_data;
	maps = ((struct seq_file *)file->private_data)->private;
	return maps->mm;
}
