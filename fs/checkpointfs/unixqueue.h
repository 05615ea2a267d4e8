/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The queue of a UNIX socket: what the objects of a socket (objects/unixsock.c,
 * unixdata.c) know of it, saved and filled again by unixqueue.c.
 */
#ifndef _CKPT_UNIXQUEUE_H
#define _CKPT_UNIXQUEUE_H

#include <linux/net.h>
#include <linux/refcount.h>
#include <linux/uidgid.h>
#include <net/af_unix.h>

#include "checkpointfs.h"

/**
 * struct ckpt_unix_letter - a message in a queue
 * @sender:	address of the socket that has sent it, or of the connection that
 *		it stands for: only to be looked for, who reads it may free that
 * @closed:	that socket had been closed
 * @name:	of it, if it had, referenced; or NULL
 * @pid:	of the one who has sent it, referenced; NULL
 * @uid, @gid:	of the same, or invalid
 * @time:	when it came
 * @len:	bytes
 * @files:	how many of the queue's files
 */
struct ckpt_unix_letter {
	struct sock *sender;
	bool closed;
	struct unix_address *name;
	struct pid *pid;
	kuid_t uid;
	kgid_t gid;
	ktime_t time;
	u32 len;
	u32 files;
};

/**
 * struct ckpt_unix_queue - what was in a queue when it was collected
 * @ref:	of the two objects
 * @nr:		length of @letters
 * @nr_files:	length of @files
 * @size:	length of @bytes
 * @letters:	oldest first
 * @files:	of all messages
 * @bytes:	of all messages
 * @listening:	they stand for connections
 * @pinned:	@files, and connections, are referenced: ckpt_unix_queue_unpin()
 */
struct ckpt_unix_queue {
	refcount_t ref;
	u32 nr;
	u32 nr_files;
	size_t size;
	struct ckpt_unix_letter *letters;
	struct file **files;
	u8 *bytes;
	bool listening;
	bool pinned;
};

void ckpt_unix_queue_get(void *ptr);
void ckpt_unix_queue_put(void *ptr);

/**
 * ckpt_unix_queue_copy() - copy what is in the queue of a socket
 * @sk: whose readers are frozen
 * @obstacle: set to what cannot be saved, or NULL
 * Return: the queue, with a reference that is the caller's; NULL: it is empty,
 * or there is an obstacle; or ERR_PTR(-ENOMEM).
 */
struct ckpt_unix_queue *ckpt_unix_queue_copy(struct sock *sk, const char **obstacle);
/* What it refers to has been collected, which has references of its own. */
void ckpt_unix_queue_unpin(struct ckpt_unix_queue *queue);

/* SOCK_* of enum ckpt_unix_type. */
int ckpt_unix_type(u32 type);

/**
 * struct ckpt_unix_post - a message for the queue of a new socket
 * @to:		the socket, which nobody else has
 * @from:	its sender, which gets no part of the blame
 * @rec:	of the message
 * @bytes:	rec->len of them
 * @files:	rec->files of them
 * @pid:	of the one who has sent it, or NULL
 */
struct ckpt_unix_post {
	struct sock *to;
	struct socket *from;
	const struct ckpt_unix_message *rec;
	void *bytes;
	struct file **files;
	struct pid *pid;
};

/* Send it. Return: 0 or -errno. */
int ckpt_unix_queue_send(const struct ckpt_unix_post *post);

/*
 * May the writer sign a message like that? As scm_check_creds() asks of who sends
 * SCM_CREDENTIALS.
 */
bool ckpt_may_claim(kuid_t uid, kgid_t gid);

/* ---- unixmake.c ------------------------------------------------------------- */

/* As ckpt_object_ops.restore and .end; the socket's reference is the caller's. */
void *ckpt_unix_make(struct ckpt_restore *r, struct ckpt_item *item);
void ckpt_unix_end(struct ckpt_item *item, bool failed);

#endif /* _CKPT_UNIXQUEUE_H */
