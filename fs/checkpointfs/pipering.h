/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the objects of a pipe know of each other: its files (objects/pipe.c,
 * fifo.c), its buffer (pipebuf.c) and the bytes in it (pipedata.c).
 */
#ifndef _CKPT_PIPERING_H
#define _CKPT_PIPERING_H

#include <linux/fs.h>
#include <linux/pipe_fs_i.h>
#include <linux/refcount.h>
#include <linux/slab.h>

#include "format/format.h"

struct ckpt_content;

/**
 * struct ckpt_pipe_contents - what was in a pipe when it was collected
 * @ref:	of the two objects
 * @head, @tail: of the ring at that time
 * @slots:	of the ring
 * @nr:		length of @bufs
 * @size:	length of @bytes
 * @bufs:	as in the image
 * @bytes:	of all buffers, oldest first
 */
struct ckpt_pipe_contents {
	refcount_t ref;
	unsigned int head;
	unsigned int tail;
	unsigned int slots;
	unsigned int nr;
	size_t size;
	struct ckpt_pipe_buf *bufs;
	u8 *bytes;
};

void ckpt_pipe_contents_get(void *ptr);
void ckpt_pipe_contents_put(void *ptr);

/**
 * ckpt_pipe_copy() - copy what is in a pipe
 * @pipe: a pipe
 * @contents: zeroed, but for @ref; filled in
 * @obstacle: set to what cannot be saved, or NULL
 * Return: 0 or -errno.
 */
int ckpt_pipe_copy(struct pipe_inode_info *pipe, struct ckpt_pipe_contents *contents,
		   const char **obstacle);
/**
 * ckpt_pipe_fill() - put back into a new pipe what was in it
 * @file: open for writing; nobody else has the pipe. Its flags change.
 * @view: of CKPT_REC_PIPEBUF
 * @content: the bytes
 * Return: 0 or -errno.
 */
int ckpt_pipe_fill(struct file *file, const struct ckpt_view *view,
		   struct ckpt_content *content);

/* The list of those whom @file, an end of a pipe, sends signals. */
struct fasync_struct *ckpt_pipe_async(struct file *file);

/**
 * struct ckpt_pipe_ends - a new pipe, while its files are being made
 * @reader:	of an anonymous pipe the end to read from; of a fifo an open file
 *		for both directions, with which no other open blocks
 * @writer:	of an anonymous pipe the other end
 * @reader_taken, @writer_taken: given to a file of the image; an end that is
 *		never taken is closed before the program runs
 */
struct ckpt_pipe_ends {
	struct file *reader;
	struct file *writer;
	bool reader_taken;
	bool writer_taken;
};

#endif /* _CKPT_PIPERING_H */
