// SPDX-License-Identifier: GPL-2.0-only
/*
 * The checks of fanotify: of a group with its events, and of its marks.
 *
 * The kernel relies on what it has put into an event itself when it writes it for a
 * reader, so no event may be here that it would not make. Pure functions.
 */
#include "../object.h"

/* Ways to tell a file by handles. */
#define BY_HANDLE	(CKPT_FANOTIFY_REPORT_FID | CKPT_FANOTIFY_REPORT_DIR_FID | \
			 CKPT_FANOTIFY_REPORT_NAME | CKPT_FANOTIFY_REPORT_TARGET_FID)
/* What needs CAP_SYS_ADMIN. */
#define PRIVILEGED	(CKPT_FANOTIFY_UNLIMITED_QUEUE | CKPT_FANOTIFY_UNLIMITED_MARKS | \
			 CKPT_FANOTIFY_REPORT_PIDFD | CKPT_FANOTIFY_REPORT_TID | \
			 CKPT_FANOTIFY_REPORT_FD_ERROR)
/* What the files of events may be opened with. */
#define OPEN_FLAGS	(CKPT_O_ACCMODE | CKPT_O_APPEND | CKPT_O_NONBLOCK | CKPT_O_DSYNC | \
			 CKPT_O_SYNC | CKPT_O_LARGEFILE | CKPT_O_NOATIME)

#define NO_HANDLE	255	/* type of one that could not be had: FILEID_INVALID */

static int check_group(const struct ckpt_check *chk, const struct ckpt_fanotify *rec)
{
	u32 flags = le32_to_cpu(rec->flags);

	if (le32_to_cpu(rec->event_flags) & ~OPEN_FLAGS)
		return ckpt_bad(chk, "flags that no file of an event is opened with");
	if (!(flags & CKPT_FANOTIFY_UNPRIVILEGED))
		return 0;
	if (le32_to_cpu(rec->kind) != CKPT_FANOTIFY_NOTIF || flags & PRIVILEGED ||
	    !(flags & BY_HANDLE))
		return ckpt_bad(chk, "more than a fanotify without privileges may");
	return 0;
}

static bool is_task(const struct ckpt_check *chk, const struct ckpt_fanevent *event)
{
	u32 pid = le32_to_cpu(event->pid);

	if (event->ended)
		return !pid;
	return !pid || chk->exists(chk->priv, CKPT_TYPE_TASK, pid);
}

static bool is_handle(u32 type, u32 len, bool bare)
{
	if (!len)
		return !type || (bare && type == NO_HANDLE);
	return !(len % 4) && type && type < NO_HANDLE;
}

static bool is_name(const u8 *name, u32 len)
{
	return !memchr(name, 0, len) && !memchr(name, '/', len);
}

static u32 bytes_of(const struct ckpt_fanevent *event)
{
	return le16_to_cpu(event->dir_len) + le16_to_cpu(event->new_dir_len) +
	       le16_to_cpu(event->object_len) + le16_to_cpu(event->name_len) +
	       le16_to_cpu(event->new_name_len);
}

static int check_lost(const struct ckpt_check *chk, const struct ckpt_view *view)
{
	const struct ckpt_fanevent *event = view->body;
	const struct ckpt_fanevent plain = {
		.kind = cpu_to_le32(CKPT_FANEVENT_LOST),
		.mask = cpu_to_le32(CKPT_FAN_OVERFLOW),
	};

	return !view->count && !memcmp(event, &plain, sizeof(plain)) ?
		0 : ckpt_bad(chk, "not how events are lost");
}

static int check_path(const struct ckpt_check *chk, const struct ckpt_view *view)
{
	const struct ckpt_fanevent *event = view->body;
	u32 mask = le32_to_cpu(event->mask), mode = le32_to_cpu(event->mode);
	const char *path = view->elems;

	if (!mask || mask & ~CKPT_FAN_PATH_EVENTS || bytes_of(event) || event->fsid ||
	    event->dir_type || event->new_dir_type || event->object_type)
		return ckpt_bad(chk, "not an event of a path");
	if (mode != S_IFREG && mode != S_IFDIR)
		return ckpt_bad(chk, "an event of what is neither a file nor a directory");
	if (!view->count || view->count > CKPT_PATH_MAX || path[0] != '/' ||
	    memchr(path, 0, view->count) != path + view->count - 1)
		return ckpt_bad(chk, "an event without a path");
	return 0;
}

/* What the kernel counts on where it writes an event for its reader. */
static int check_handles(const struct ckpt_check *chk, const struct ckpt_view *view, u32 flags)
{
	const struct ckpt_fanevent *event = view->body;
	bool rename = le32_to_cpu(event->mask) & CKPT_FAN_RENAME;
	u32 names = le16_to_cpu(event->name_len) + le16_to_cpu(event->new_name_len);
	bool bare = le32_to_cpu(event->kind) == CKPT_FANEVENT_OBJECT;

	if (event->mode || bytes_of(event) != view->count)
		return ckpt_bad(chk, "not an event of handles");
	if (!is_handle(le16_to_cpu(event->dir_type), le16_to_cpu(event->dir_len), false) ||
	    !is_handle(le16_to_cpu(event->new_dir_type), le16_to_cpu(event->new_dir_len), false) ||
	    !is_handle(le16_to_cpu(event->object_type), le16_to_cpu(event->object_len), bare))
		return ckpt_bad(chk, "not a file handle");
	if (bare)
		return event->dir_len || event->new_dir_len || names || rename ?
			ckpt_bad(chk, "an event of a directory without it") : 0;
	if (!(flags & CKPT_FANOTIFY_REPORT_DIR_FID) ||
	    (names && !(flags & CKPT_FANOTIFY_REPORT_NAME)))
		return ckpt_bad(chk, "an event of a directory that is not to be told");
	if ((event->new_dir_len || event->new_name_len) && !rename)
		return ckpt_bad(chk, "two names of what has not been renamed");
	if ((event->new_dir_len && !event->new_name_len) ||
	    (rename && event->dir_len && !event->name_len))
		return ckpt_bad(chk, "a rename without names");
	return is_name((const u8 *)view->elems + view->count - names, names) ?
		0 : ckpt_bad(chk, "not a name");
}

static int check_event(const struct ckpt_check *chk, const struct ckpt_view *view, u32 flags,
		       unsigned int *lost)
{
	const struct ckpt_fanevent *event = view->body;
	u32 mask = le32_to_cpu(event->mask);

	if (!is_task(chk, event))
		return ckpt_bad(chk, "an event of a task that is not there");
	if (le32_to_cpu(event->kind) == CKPT_FANEVENT_LOST)
		return (*lost)++ ? ckpt_bad(chk, "events are lost twice") :
				   check_lost(chk, view);
	if ((le32_to_cpu(event->kind) == CKPT_FANEVENT_PATH) != !(flags & BY_HANDLE))
		return ckpt_bad(chk, "an event that is not told so");
	if (le32_to_cpu(event->kind) == CKPT_FANEVENT_PATH)
		return check_path(chk, view);
	if (!(mask & CKPT_FAN_HANDLE_EVENTS) ||
	    mask & ~(CKPT_FAN_HANDLE_EVENTS | CKPT_FAN_ON_FLAGS))
		return ckpt_bad(chk, "no event of fanotify");
	return check_handles(chk, view, flags);
}

int ckpt_check_fanotify(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size)
{
	const struct ckpt_fanotify *rec;
	unsigned int lost = 0;
	struct ckpt_cursor cur;
	struct ckpt_view view;
	int ret = ckpt_check_unnamed(chk, bytes, size, CKPT_O_RDWR);

	if (!ret)
		ret = ckpt_check_once(chk, bytes, size, CKPT_REC_FANOTIFY, &view);
	if (ret)
		return ret;
	rec = view.body;
	ret = check_group(chk, rec);
	ckpt_cursor_init(&cur, bytes, size);
	while (!ret && ckpt_next(&cur, &view) > 0) {
		if (view.type == CKPT_REC_FANEVENT)
			ret = check_event(chk, &view, le32_to_cpu(rec->flags), &lost);
		ckpt_relax();
	}
	if (!ret && !chk->exists(chk->priv, CKPT_TYPE_FANMARKS, id))
		return ckpt_bad(chk, "marks are missing");
	return ret;
}

/* ---- marks ---------------------------------------------------------------------- */

/* By handles a file is told by the filesystem's number, and an inode by its own. */
static bool is_told(const struct ckpt_fanmark *mark, u32 group)
{
	u32 type = le32_to_cpu(mark->handle_type), len = le32_to_cpu(mark->handle_len);

	if (memchr_inv(mark->handle + len, 0, sizeof(mark->handle) - len))
		return false;
	if (!(group & BY_HANDLE) && mark->fsid)
		return false;
	if (!(group & BY_HANDLE) || le32_to_cpu(mark->kind) != CKPT_FANMARK_INODE)
		return !len && !type;
	return is_handle(type, len, false);
}

/* What the kernel would not have let be ignored, or be heard of, without saying so. */
static bool may_be(const struct ckpt_fanmark *mark, u32 group)
{
	u32 flags = le32_to_cpu(mark->flags), ignored = le32_to_cpu(mark->ignored);
	bool inode = le32_to_cpu(mark->kind) == CKPT_FANMARK_INODE;
	bool dir = inode && S_ISDIR(le32_to_cpu(mark->mode));

	if (flags & CKPT_FANMARK_EVICTABLE && !inode)
		return false;
	if (flags & CKPT_FANMARK_IGNORE) {
		if (!(flags & CKPT_FANMARK_SURV_MODIFY) && (dir || !inode))
			return false;
	} else if (ignored & CKPT_FAN_ON_FLAGS) {
		return false;
	}
	if (dir)
		return true;
	return !(ignored & CKPT_FAN_ON_CHILD) &&
	       (!(le32_to_cpu(mark->mask) & CKPT_FAN_ON_CHILD) ||
		group & CKPT_FANOTIFY_REPORT_DIR_FID);
}

static int check_mark(const struct ckpt_check *chk, const struct ckpt_view *view, u32 group)
{
	const u32 known = CKPT_FAN_HANDLE_EVENTS | CKPT_FAN_PERMISSIONS | CKPT_FAN_FS_ERROR |
			  CKPT_FAN_ON_FLAGS;
	const struct ckpt_fanmark *mark = view->body;
	u32 mode = le32_to_cpu(mark->mode);
	const char *path = view->elems;

	if (le32_to_cpu(mark->mask) & ~known || le32_to_cpu(mark->ignored) & ~known)
		return ckpt_bad(chk, "not the masks of a mark");
	if (le32_to_cpu(mark->kind) == CKPT_FANMARK_FILESYSTEM ? mode : !mode || mode & ~S_IFMT)
		return ckpt_bad(chk, "not a type of file");
	if (!is_told(mark, group))
		return ckpt_bad(chk, "not how events tell of a file");
	if (!may_be(mark, group))
		return ckpt_bad(chk, "a mark that cannot be");
	return path[0] == '/' ? 0 : ckpt_bad(chk, "a path that does not begin at the root");
}

int ckpt_check_fanmarks(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size)
{
	const struct ckpt_fanotify *group;
	const struct ckpt_fanmarks *rec;
	struct ckpt_cursor cur;
	struct ckpt_view view;
	u32 nr = 0;
	int ret;

	group = ckpt_check_record(chk, CKPT_TYPE_FANOTIFY, id, CKPT_REC_FANOTIFY, &view);
	if (!group)
		return ckpt_bad(chk, "marks of no fanotify");
	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_FANMARKS, &view);
	if (ret)
		return ret;
	rec = view.body;
	ckpt_cursor_init(&cur, bytes, size);
	while (!ret && ckpt_next(&cur, &view) > 0) {
		if (view.type != CKPT_REC_FANMARK)
			continue;
		ret = check_mark(chk, &view, le32_to_cpu(group->flags));
		nr++;
		ckpt_relax();
	}
	if (!ret && nr != le32_to_cpu(rec->marks))
		return ckpt_bad(chk, "not as many marks as there are");
	return ret;
}
