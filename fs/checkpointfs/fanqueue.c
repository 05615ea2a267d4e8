// SPDX-License-Identifier: GPL-2.0-only
/*
 * The queue of a fanotify group: noted as it is, and filled again.
 *
 * An event tells a file by a path, which is opened when it is read, or by handles and
 * names, and who did it by his struct pid. Equal ones are found by a hash of all that,
 * so that a new one is merged with one that is there: it is made again as well.
 *
 * fsnotify_group.notification_lock protects the queue and the table of hashes. Under it
 * references are taken, which never sleeps.
 */
#include <linux/fanotify.h>
#include <linux/fsnotify_backend.h>
#include <linux/hash.h>
#include <linux/path.h>
#include <linux/pid.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/stringhash.h>

#include "compat/ksyms.h"
#include "compat/private.h"
#include "fan.h"

#define LARGEST	(64 << 20)	/* bytes of a queue; no image has more */

/* What an event may say, by a path and by handles. */
#define PATH_MASK	FANOTIFY_PATH_EVENTS
#define HANDLE_MASK	(FANOTIFY_PATH_EVENTS | FANOTIFY_INODE_EVENTS | FANOTIFY_EVENT_FLAGS)

u64 ckpt_fan_fsid(const __kernel_fsid_t *fsid)
{
	return (u64)(u32)fsid->val[1] << 32 | (u32)fsid->val[0];
}

/* ---- noted -------------------------------------------------------------------- */

static const struct ckpt_fanotify_event *event_of(const struct fsnotify_event *event)
{
	return container_of(event, struct ckpt_fanotify_event, fse);
}

static const void *bytes_of(const struct ckpt_fanotify_fid_event *event)
{
	const void *inside = event->_inline_fh_buf;

	if (!(event->object_fh.flags & CKPT_FANOTIFY_FH_EXT_BUF))
		return inside;
	return *(const void *const *)PTR_ALIGN(inside, __alignof__(void *));
}

static void describe_object(const struct ckpt_fanotify_fid_event *event,
			    struct ckpt_fan_event *e, const void **part)
{
	e->kind = CKPT_FANEVENT_OBJECT;
	e->fsid = ckpt_fan_fsid(&event->fsid);
	e->len[CKPT_FAN_OBJECT] = event->object_fh.len;
	e->type[CKPT_FAN_OBJECT] = event->object_fh.type;
	part[CKPT_FAN_OBJECT] = bytes_of(event);
}

/* A name where there is none has no NUL either. */
static bool is_name(const char *name, size_t len)
{
	return !len || (len < PATH_MAX && strnlen(name, len + 1) == len);
}

/* Does the group get names, and is there one for each directory that is reported so? */
static bool has_names(const struct fsnotify_group *group, const struct ckpt_fan_event *e)
{
	bool name = e->len[CKPT_FAN_NAME], new_name = e->len[CKPT_FAN_NEW_NAME];

	if (!FAN_GROUP_FLAG(group, FAN_REPORT_NAME))
		return !name && !new_name && !e->len[CKPT_FAN_NEW_DIR];
	return (name || !e->len[CKPT_FAN_DIR]) && (new_name || !e->len[CKPT_FAN_NEW_DIR]);
}

/* Return: is it as this kernel's events are thought to be? */
static bool describe_name(const struct fsnotify_group *group,
			  const struct ckpt_fanotify_name_event *event,
			  struct ckpt_fan_event *e, const void **part)
{
	const struct ckpt_fanotify_info *info = &event->info;
	const u8 total[CKPT_FAN_HANDLES] = {
		info->dir_fh_totlen, info->dir2_fh_totlen, info->file_fh_totlen,
	};
	const unsigned char *at = info->buf;
	unsigned int i;

	e->kind = CKPT_FANEVENT_NAME;
	e->fsid = ckpt_fan_fsid(&event->fsid);
	for (i = 0; i < CKPT_FAN_HANDLES; at += total[i], i++) {
		const struct ckpt_fanotify_fh *fh = (const void *)at;

		if (!total[i])
			continue;
		if (total[i] != sizeof(*fh) + fh->len || fh->flags)
			return false;
		e->len[i] = fh->len;
		e->type[i] = fh->type;
		part[i] = at + sizeof(*fh);
	}
	e->len[CKPT_FAN_NAME] = info->name_len;
	e->len[CKPT_FAN_NEW_NAME] = info->name2_len;
	part[CKPT_FAN_NAME] = at;
	part[CKPT_FAN_NEW_NAME] = at + info->name_len + 1;
	return has_names(group, e) && is_name(part[CKPT_FAN_NAME], info->name_len) &&
	       is_name(part[CKPT_FAN_NEW_NAME], info->name2_len);
}

/* Fill @e in, and where its parts are. Return: 0, or what is odd about it. */
static u32 describe(const struct fsnotify_group *group, const struct ckpt_fanotify_event *event,
		    struct ckpt_fan_event *e, const void **part)
{
	u32 known = HANDLE_MASK;
	unsigned int i;

	*e = (struct ckpt_fan_event){ .mask = event->mask, .pid = event->pid };
	switch (event->type) {
	case CKPT_FANOTIFY_TYPE_OVERFLOW:
		e->kind = CKPT_FANEVENT_LOST;
		known = FAN_Q_OVERFLOW;
		break;
	case CKPT_FANOTIFY_TYPE_PATH:
		e->kind = CKPT_FANEVENT_PATH;
		e->path = container_of(event, struct ckpt_fanotify_path_event, fae)->path;
		known = PATH_MASK;
		break;
	case CKPT_FANOTIFY_TYPE_FID:
		describe_object(container_of(event, struct ckpt_fanotify_fid_event, fae), e,
				part);
		break;
	case CKPT_FANOTIFY_TYPE_FID_NAME:
		if (!describe_name(group, container_of(event, struct ckpt_fanotify_name_event,
						       fae), e, part))
			return CKPT_FAN_UNKNOWN;
		break;
	case CKPT_FANOTIFY_TYPE_PATH_PERM:
		return CKPT_FAN_PERMISSION;
	case CKPT_FANOTIFY_TYPE_FS_ERROR:
		return CKPT_FAN_ERROR;
	default:
		return CKPT_FAN_UNKNOWN;
	}
	for (i = 0; i < CKPT_FAN_PARTS; i++)
		e->size += e->len[i];
	return e->mask & ~known ? CKPT_FAN_UNKNOWN : 0;
}

static size_t room_of(const struct ckpt_fan_event *e)
{
	return ALIGN(sizeof(*e) + e->size, __alignof__(*e));
}

static void append(struct ckpt_fan_queue *q, const struct ckpt_fan_event *e,
		   const void *const *part)
{
	struct ckpt_fan_event *to = (void *)(q->events + q->size);
	u8 *at = to->bytes;
	unsigned int i;

	*to = *e;
	for (i = 0; i < CKPT_FAN_PARTS; at += e->len[i], i++)
		if (e->len[i])
			memcpy(at, part[i], e->len[i]);
	get_pid(to->pid);
	path_get(&to->path);
	q->size += room_of(e);
}

/* Return: how much room they all need, or too much; they are in @q if that is in @room. */
static size_t copy_events(struct fsnotify_group *group, struct ckpt_fan_queue *q, size_t room)
{
	const void *part[CKPT_FAN_PARTS];
	const struct fsnotify_event *event;
	struct ckpt_fan_event e;
	size_t need = 0;
	u32 odd;

	guard(spinlock)(&group->notification_lock);
	q->odd = list_empty(&group->fanotify_data.access_list) ? 0 : CKPT_FAN_PERMISSION;
	list_for_each_entry(event, &group->notification_list, list) {
		odd = describe(group, event_of(event), &e, part);
		q->odd |= odd;
		if (!odd)
			need += room_of(&e);
		if (need > LARGEST)
			break;
	}
	if (need > room)
		return need;
	list_for_each_entry(event, &group->notification_list, list)
		if (!describe(group, event_of(event), &e, part))
			append(q, &e, part);
	return need;
}

struct ckpt_fan_queue *ckpt_fan_queue_get(struct fsnotify_group *group)
{
	struct ckpt_fan_queue *q;
	size_t need = 0, room;

	for (;;) {
		/* Some more come meanwhile. */
		room = min_t(size_t, need + need / 8, LARGEST);
		q = kvzalloc(struct_size(q, events, room), GFP_KERNEL_ACCOUNT);
		if (!q)
			return ERR_PTR(-ENOMEM);
		need = copy_events(group, q, room);
		if (need <= room)
			return q;
		if (need > LARGEST) {
			q->odd |= CKPT_FAN_TOO_MANY;
			return q;
		}
		kvfree(q);
	}
}

struct ckpt_fan_event *ckpt_fan_next(struct ckpt_fan_queue *q, struct ckpt_fan_event *event)
{
	u8 *at = event ? (u8 *)event + room_of(event) : q->events;

	return at < q->events + q->size ? (void *)at : NULL;
}

void ckpt_fan_queue_put(struct ckpt_fan_queue *q)
{
	struct ckpt_fan_event *e = NULL;

	while (q && (e = ckpt_fan_next(q, e))) {
		put_pid(e->pid);
		path_put(&e->path);
		kfree(e->text);
		cond_resched();
	}
	kvfree(q);
}

/* ---- made again --------------------------------------------------------------- */

static __kernel_fsid_t fsid_of(const struct ckpt_fanevent *rec, unsigned int *hash)
{
	u64 fsid = le64_to_cpu(rec->fsid);

	*hash ^= hash_32((u32)fsid, CKPT_FANOTIFY_HASH_BITS) ^
		 hash_32((u32)(fsid >> 32), CKPT_FANOTIFY_HASH_BITS);
	return (__kernel_fsid_t){ .val = { (u32)fsid, (u32)(fsid >> 32) } };
}

static unsigned int hash_handle(u32 type, const u8 *bytes, u32 len)
{
	return full_name_hash((void *)((unsigned long)type | (unsigned long)len << 8),
			      (const char *)bytes, len);
}

static unsigned int hash_name(const u8 *name, u32 len)
{
	return len ? full_name_hash((void *)(unsigned long)len, (const char *)name, len) : 0;
}

static struct ckpt_fanotify_event *make_path(const struct path *path, unsigned int *hash)
{
	struct kmem_cache *cache = ksym_data(fanotify_path_event_cachep);
	struct ckpt_fanotify_path_event *event = kmem_cache_alloc(cache, GFP_KERNEL_ACCOUNT);

	if (!event)
		return NULL;
	event->fae.type = CKPT_FANOTIFY_TYPE_PATH;
	event->path = *path;
	path_get(path);
	*hash ^= hash_ptr(path->dentry, CKPT_FANOTIFY_HASH_BITS) ^
		 hash_ptr(path->mnt, CKPT_FANOTIFY_HASH_BITS);
	return &event->fae;
}

static struct ckpt_fanotify_event *make_object(const struct ckpt_fanevent *rec,
					       const u8 *bytes, unsigned int *hash)
{
	u32 len = le16_to_cpu(rec->object_len), type = le16_to_cpu(rec->object_type);
	struct kmem_cache *cache = ksym_data(fanotify_fid_event_cachep);
	struct ckpt_fanotify_fid_event *event = kmem_cache_alloc(cache, GFP_KERNEL_ACCOUNT);
	void *outside = NULL;

	if (!event)
		return NULL;
	event->fae.type = CKPT_FANOTIFY_TYPE_FID;
	event->fsid = fsid_of(rec, hash);
	event->object_fh = (struct ckpt_fanotify_fh){ .type = type, .len = len };
	if (len <= CKPT_FANOTIFY_INLINE_FH_LEN) {
		memcpy(event->_inline_fh_buf, bytes, len);
	} else {
		outside = kmemdup(bytes, len, GFP_KERNEL_ACCOUNT);
		if (!outside) {
			kmem_cache_free(cache, event);
			return NULL;
		}
		event->object_fh.flags = CKPT_FANOTIFY_FH_EXT_BUF;
		*(void **)PTR_ALIGN((void *)event->_inline_fh_buf, __alignof__(void *)) = outside;
	}
	*hash ^= hash_handle(type, bytes, len);
	return &event->fae;
}

static struct ckpt_fanotify_event *make_name(const struct ckpt_fanevent *rec,
					     const u8 *bytes, unsigned int *hash)
{
	const u32 name_len = le16_to_cpu(rec->name_len);
	const u32 new_name_len = le16_to_cpu(rec->new_name_len);
	const u32 type[CKPT_FAN_HANDLES] = {
		le16_to_cpu(rec->dir_type), le16_to_cpu(rec->new_dir_type),
		le16_to_cpu(rec->object_type),
	};
	const u32 len[CKPT_FAN_HANDLES] = {
		le16_to_cpu(rec->dir_len), le16_to_cpu(rec->new_dir_len),
		le16_to_cpu(rec->object_len),
	};
	size_t size = sizeof(struct ckpt_fanotify_name_event) + name_len + new_name_len + 2;
	struct ckpt_fanotify_name_event *event;
	u32 total[CKPT_FAN_HANDLES];
	unsigned char *at;
	unsigned int i;

	for (i = 0; i < CKPT_FAN_HANDLES; i++) {
		total[i] = len[i] ? sizeof(struct ckpt_fanotify_fh) + len[i] : 0;
		size += total[i];
	}
	/* Zeroed: behind a name there is a NUL, also where there is none. */
	event = kvzalloc(size, GFP_KERNEL_ACCOUNT);
	if (!event)
		return NULL;
	event->fae.type = CKPT_FANOTIFY_TYPE_FID_NAME;
	event->fsid = fsid_of(rec, hash);
	event->info.dir_fh_totlen = total[CKPT_FAN_DIR];
	event->info.dir2_fh_totlen = total[CKPT_FAN_NEW_DIR];
	event->info.file_fh_totlen = total[CKPT_FAN_OBJECT];
	event->info.name_len = name_len;
	event->info.name2_len = new_name_len;
	at = event->info.buf;
	for (i = 0; i < CKPT_FAN_HANDLES; at += total[i], bytes += len[i], i++) {
		struct ckpt_fanotify_fh *fh = (void *)at;

		if (!len[i])
			continue;
		fh->type = type[i];
		fh->len = len[i];
		memcpy(at + sizeof(*fh), bytes, len[i]);
		*hash ^= hash_handle(type[i], bytes, len[i]);
	}
	memcpy(at, bytes, name_len);
	memcpy(at + name_len + 1, bytes + name_len, new_name_len);
	*hash ^= hash_name(bytes, name_len) ^ hash_name(bytes + name_len, new_name_len);
	return &event->fae;
}

static struct ckpt_fanotify_event *make_event(const struct ckpt_view *view,
					      const struct path *path, unsigned int *hash)
{
	const struct ckpt_fanevent *rec = view->body;

	switch (le32_to_cpu(rec->kind)) {
	case CKPT_FANEVENT_PATH:
		return make_path(path, hash);
	case CKPT_FANEVENT_OBJECT:
		return make_object(rec, view->elems, hash);
	default:
		return make_name(rec, view->elems, hash);
	}
}

/*
 * Called under the lock of the queue, for whatever has been added to it: that events were
 * lost is merged with nothing.
 */
static void add_hash(struct fsnotify_group *group, struct fsnotify_event *event)
{
	struct ckpt_fanotify_event *e = container_of(event, struct ckpt_fanotify_event, fse);
	struct hlist_head *table = group->fanotify_data.merge_hash;

	if (event != group->overflow_event)
		hlist_add_head(&e->merge_list, table + (e->hash & CKPT_FANOTIFY_HTABLE_MASK));
}

int ckpt_fan_insert(struct fsnotify_group *group, const struct ckpt_view *view,
		    struct pid *pid, const struct path *path)
{
	const struct ckpt_fanevent *rec = view->body;
	struct ckpt_fanotify_event *event;
	unsigned int hash = 0;
	bool is_dir;

	if (le32_to_cpu(rec->kind) == CKPT_FANEVENT_LOST) {
		/* It has one for that, and says that it was not the one that came. */
		ksym(fsnotify_insert_event)(group, group->overflow_event, NULL, NULL);
		return 0;
	}
	event = make_event(view, path, &hash);
	if (!event)
		return -ENOMEM;
	fsnotify_init_event(&event->fse);
	INIT_HLIST_NODE(&event->merge_list);
	event->mask = le32_to_cpu(rec->mask);
	event->pid = get_pid(pid);
	is_dir = event->mask & FAN_ONDIR;
	event->hash = hash ^ hash_long((unsigned long)pid | is_dir, CKPT_FANOTIFY_HASH_BITS);
	if (!ksym(fsnotify_insert_event)(group, &event->fse, NULL, add_hash))
		return 0;
	group->ops->free_event(group, &event->fse);
	return -ENOSPC;
}
