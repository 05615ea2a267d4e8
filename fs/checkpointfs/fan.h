/* SPDX-License-Identifier: GPL-2.0-only */
/* fanotify: what its object types, its queue and the making of its marks share. */
#ifndef _CKPT_FAN_H
#define _CKPT_FAN_H

#include <linux/path.h>
#include <linux/types.h>

#include "checkpointfs.h"

struct fsnotify_group;
struct pid;

/* ---- fanqueue.c: events -------------------------------------------------------- */

/* What an event may be made of, in the order of its record. */
enum ckpt_fan_part {
	CKPT_FAN_DIR,
	CKPT_FAN_NEW_DIR,
	CKPT_FAN_OBJECT,
	CKPT_FAN_HANDLES,		/* as many of them are file handles */
	CKPT_FAN_NAME = CKPT_FAN_HANDLES,
	CKPT_FAN_NEW_NAME,
	CKPT_FAN_PARTS,
};

/* What is in a queue and cannot be saved: bits. */
enum ckpt_fan_odd {
	CKPT_FAN_PERMISSION	= 1 << 0,
	CKPT_FAN_ERROR		= 1 << 1,
	CKPT_FAN_UNKNOWN	= 1 << 2,
	CKPT_FAN_TOO_MANY	= 1 << 3,
};

/**
 * struct ckpt_fan_event - an event as it is in the queue
 * @path:	of CKPT_FANEVENT_PATH, referenced
 * @text:	the caller's: what leads there
 * @pid:	who did it, referenced; NULL if events were lost
 * @fsid:	as in the record
 * @kind:	enum ckpt_fanevent_kind
 * @mask:	FAN_*
 * @len:	bytes of each part
 * @type:	of each file handle
 * @size:	length of @bytes
 * @bytes:	the parts
 */
struct ckpt_fan_event {
	struct path path;
	char *text;
	struct pid *pid;
	u64 fsid;
	u32 kind;
	u32 mask;
	u16 len[CKPT_FAN_PARTS];
	u16 type[CKPT_FAN_HANDLES];
	u32 size;
	u8 bytes[];
};

/**
 * struct ckpt_fan_queue - a queue as it was at one moment
 * @odd:	enum ckpt_fan_odd
 * @size:	bytes of @events
 * @events:	see ckpt_fan_next()
 */
struct ckpt_fan_queue {
	u32 odd;
	size_t size;
	u8 events[] __aligned(8);
};

/* As fsnotify_group.fanotify_data and the image have it. */
u64 ckpt_fan_fsid(const __kernel_fsid_t *fsid);
/* Return: what is in the queue and is not odd, with references; or ERR_PTR(-ENOMEM). */
struct ckpt_fan_queue *ckpt_fan_queue_get(struct fsnotify_group *group);
/* May be NULL. */
void ckpt_fan_queue_put(struct ckpt_fan_queue *q);
/* The one behind @event, or the first for NULL; NULL: there is none. */
struct ckpt_fan_event *ckpt_fan_next(struct ckpt_fan_queue *q, struct ckpt_fan_event *event);

/**
 * ckpt_fan_insert() - put an event at the end of the queue of a new group
 * @group: nobody else has it
 * @view: CKPT_REC_FANEVENT, checked
 * @pid: who did it, or NULL
 * @path: what its path leads to, where it has one
 *
 * Takes references of its own. Return: 0, -ENOMEM, -ENOSPC.
 */
int ckpt_fan_insert(struct fsnotify_group *group, const struct ckpt_view *view,
		    struct pid *pid, const struct path *path);

/* ---- fanmake.c: marks made again ------------------------------------------------- */

/* FSNOTIFY_MARK_FLAG_*: what is kept of them, and what comes by itself. */
#define CKPT_FAN_MARK_KEPT	(FSNOTIFY_MARK_FLAG_IGNORED_SURV_MODIFY | \
				 FSNOTIFY_MARK_FLAG_NO_IREF | \
				 FSNOTIFY_MARK_FLAG_HAS_IGNORE_FLAGS)
#define CKPT_FAN_MARK_DERIVED	(FSNOTIFY_MARK_FLAG_ALIVE | FSNOTIFY_MARK_FLAG_ATTACHED | \
				 FSNOTIFY_MARK_FLAG_HAS_FSID | FSNOTIFY_MARK_FLAG_WEAK_FSID)

/* Those that are kept as CKPT_FANMARK_*. */
u32 ckpt_fan_mark_image(unsigned int flags);

/**
 * struct ckpt_fan_handle - how a program knows an inode
 * @type:	as name_to_handle_at(2) has it
 * @len:	bytes of @bytes; 0: it has none
 * @bytes:	struct fid, and zeroes
 */
struct ckpt_fan_handle {
	u32 type;
	u32 len;
	u8 bytes[CKPT_HANDLE_MAX] __aligned(4);
};

void ckpt_fan_handle_get(struct inode *inode, struct ckpt_fan_handle *handle);
/* As ckpt_object_ops.restore. */
void *ckpt_fan_marks_make(struct ckpt_restore *r, struct ckpt_item *item);

#endif /* _CKPT_FAN_H */
