/* SPDX-License-Identifier: GPL-2.0-only */
/* Files of procfs: what prockind.c, procway.c, seqfile.c and objects/ share. */
#ifndef _CKPT_PROCFS_H
#define _CKPT_PROCFS_H

#include <linux/bits.h>
#include <linux/types.h>

struct ckpt_collect;
struct ckpt_item;
struct ckpt_restore;
struct ckpt_writer;
struct dentry;
struct file;
struct mm_struct;
struct pid;
struct seq_file;

/* ---- prockind.c: which files of procfs are saved ------------------------------ */

#define CKPT_PROC_KNOWN		BIT(0)	/* it is one of those that are */
#define CKPT_PROC_SEQ		BIT(1)	/* a seq_file is behind it */
#define CKPT_PROC_MAPS		BIT(2)	/* the seq_file is of an address space */
#define CKPT_PROC_MM		BIT(3)	/* an address space is behind it */
#define CKPT_PROC_MOUNTS	BIT(4)	/* the seq_file is of a mount namespace */
#define CKPT_PROC_PSI		BIT(5)	/* the seq_file may have a pressure trigger */
#define CKPT_PROC_SYSCTL	BIT(6)	/* the last event that was told is behind it */
#define CKPT_PROC_USERNS	BIT(7)	/* the seq_file is of a user namespace */
#define CKPT_PROC_IPC		BIT(8)	/* the seq_file is of an IPC namespace */

/**
 * struct ckpt_procplace - where in procfs a file is
 * @pid:	of the task in whose directory; NULL: of none
 * @thread:	of the one in whose task/TID in that; NULL: of none
 * @rest:	components of the path that follow
 */
struct ckpt_procplace {
	struct pid *pid;
	struct pid *thread;
	unsigned int rest;
};

/* Is it on procfs? */
bool ckpt_proc_is(const struct dentry *dentry);
/* Of a name on procfs. The pids live as long as it is held. */
void ckpt_proc_place(const struct dentry *dentry, struct ckpt_procplace *place);
/*
 * Are the two of a mount the same? Of an entry for a network each look-up makes another
 * inode, and of a descriptor each that comes after it has been closed.
 */
bool ckpt_proc_same(const struct dentry *a, const struct dentry *b);
/* Return: CKPT_PROC_* of an open file on procfs that is no directory; 0: not saved. */
unsigned int ckpt_proc_kind(struct file *file);
/*
 * What is behind a file is there until ckpt_proc_unuse(); else who has made it has gone
 * and taken it away. Return: is it?
 */
bool ckpt_proc_use(struct file *file);
void ckpt_proc_unuse(struct file *file);
/* The address space of one with CKPT_PROC_MAPS or CKPT_PROC_MM, which is in use. */
const struct mm_struct *ckpt_proc_mm(struct file *file, unsigned int kind);

/* ---- procway.c: from a file of procfs to a text, and back ------------------------ */

/**
 * struct ckpt_procway - the way to a file
 * @text:	of the file, or of the root of procfs if it is a task's ("" is "/" there);
 *		owned
 * @rest:	in that: below the task's directory
 * @place:	in procfs
 */
struct ckpt_procway {
	char *text;
	const char *rest;
	struct ckpt_procplace place;
};

/* Return: why there is no way to @file that can be saved; NULL, and @way; or ERR_PTR(). */
const char *ckpt_procway_collect(struct ckpt_collect *c, struct file *file,
				 struct ckpt_procway *way);
/* Open the file of an item again. Return: the file, or ERR_PTR() (reported). */
struct file *ckpt_procway_open(struct ckpt_restore *r, struct ckpt_item *item);

/* ---- seqfile.c: files that the kernel writes when they are read ---------------- */

/* Writes CKPT_REC_SEQFILE, if there is something to say. Return: w->error, -EFBIG or -EINTR. */
int ckpt_seqfile_save(struct seq_file *m, struct ckpt_writer *w);
/* What tells how far such a file has been read. */
enum ckpt_seq {
	CKPT_SEQ_INDEX,
	CKPT_SEQ_BYTES,		/* the index is of this boot */
	CKPT_SEQ_SINGLE,	/* it tells of one thing */
};

/* Go on in @file, a new one, where its item says. Return: 0 or -errno (reported). */
int ckpt_seqfile_restore(struct ckpt_restore *r, struct ckpt_item *item, struct file *file,
			 enum ckpt_seq how);
/*
 * Something may have happened that poll(2) would have told of: it does so once, after
 * @forget has made @file forget what it told last; and who waits for that looks again.
 */
void ckpt_poll_again(struct file *file, void (*forget)(struct file *file));

#endif /* _CKPT_PROCFS_H */
