// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the checks of open files, and of paths, have in common.
 *
 * A path is text that the restore hands to a lookup with the writer's rights,
 * so all that is asked here is that it begins at the root. Pure functions.
 */
#include "../object.h"

int ckpt_check_once(const struct ckpt_check *chk, const void *bytes, size_t size,
		    u16 type, struct ckpt_view *view)
{
	struct ckpt_cursor cur;
	struct ckpt_view next;
	unsigned int nr = 0;

	ckpt_cursor_init(&cur, bytes, size);
	while (ckpt_next(&cur, &next) > 0) {
		if (next.type != type)
			continue;
		*view = next;
		nr++;
	}
	return nr == 1 ? 0 : ckpt_bad(chk, ckpt_schema(type)->name);
}

int ckpt_check_path(const struct ckpt_check *chk, const struct ckpt_view *view,
		    u32 role)
{
	const struct ckpt_path *path = view->body;
	const char *text = view->elems;

	if (le32_to_cpu(path->role) != role)
		return ckpt_bad(chk, "a path in the wrong role");
	if (text[0] != '/')
		return ckpt_bad(chk, "a path that does not begin at the root");
	return 0;
}

/* Is the owner of an open file's signals a task of the image? */
static bool owner_exists(const struct ckpt_check *chk, const struct ckpt_owner *owner)
{
	u64 pid = le32_to_cpu(owner->pid);

	switch (le32_to_cpu(owner->type)) {
	case CKPT_OWNER_THREAD:
	case CKPT_OWNER_PROCESS:
		return pid && chk->exists(chk->priv, CKPT_TYPE_TASK, pid);
	case CKPT_OWNER_GROUP:
		return ckpt_check_session(chk, pid);
	default:
		return !pid && !owner->uid && !owner->euid;
	}
}

int ckpt_check_owner(const struct ckpt_check *chk, const void *bytes, size_t size)
{
	const struct ckpt_owner *owner;
	struct ckpt_view view;
	int ret;

	if (!ckpt_find(bytes, size, CKPT_REC_OWNER, &view))
		return 0;
	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_OWNER, &view);
	if (ret)
		return ret;
	owner = view.body;
	if (!owner_exists(chk, owner))
		return ckpt_bad(chk, "signals for who is not there");
	if (owner->fd && !owner->flags)
		return ckpt_bad(chk, "a descriptor for signals that are not sent");
	return 0;
}

static int check_inode(const struct ckpt_check *chk, const struct ckpt_inode *inode,
		       u32 type)
{
	u32 mode = le32_to_cpu(inode->mode);

	if (type && (mode & S_IFMT) != type)
		return ckpt_bad(chk, "an inode of the wrong type");
	if (!S_ISREG(mode) && inode->size)
		return ckpt_bad(chk, "a size of what has none");
	return 0;
}

int ckpt_check_named(const struct ckpt_check *chk, const void *bytes, size_t size,
		     u32 type, u32 flags)
{
	struct ckpt_view file, path, inode;
	int ret;

	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_FILE, &file);
	if (!ret)
		ret = ckpt_check_once(chk, bytes, size, CKPT_REC_PATH, &path);
	if (!ret)
		ret = ckpt_check_once(chk, bytes, size, CKPT_REC_INODE, &inode);
	if (!ret)
		ret = ckpt_check_path(chk, &path, CKPT_PATH_FILE);
	if (!ret)
		ret = check_inode(chk, inode.body, type);
	if (ret)
		return ret;
	if (le32_to_cpu(((const struct ckpt_file *)file.body)->flags) & ~flags)
		return ckpt_bad(chk, "flags that this kind of file cannot have");
	return 0;
}

int ckpt_check_unnamed(const struct ckpt_check *chk, const void *bytes, size_t size,
		       u32 mode)
{
	const u32 any = CKPT_O_APPEND | CKPT_O_NONBLOCK | CKPT_O_NOATIME | CKPT_O_ASYNC;
	const struct ckpt_file *file;
	struct ckpt_view view;
	int ret;

	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_FILE, &view);
	if (ret)
		return ret;
	file = view.body;
	if ((le32_to_cpu(file->flags) & ~any) != mode || file->pos)
		return ckpt_bad(chk, "not the flags of its kind");
	return 0;
}

int ckpt_check_nameless(const struct ckpt_check *chk, const void *bytes, size_t size, u32 mode)
{
	const struct ckpt_nameless *rec;
	const struct ckpt_unnamed *of;
	struct ckpt_view view;
	int ret = ckpt_check_once(chk, bytes, size, CKPT_REC_NAMELESS, &view);

	if (ret)
		return ret;
	rec = view.body;
	of = ckpt_check_body(chk, CKPT_TYPE_UNNAMED, le64_to_cpu(rec->unnamed));
	if (!of || (le32_to_cpu(of->mode) & S_IFMT) != mode)
		return ckpt_bad(chk, "not the deleted file that it is of");
	return 0;
}

int ckpt_check_not_external(const struct ckpt_check *chk, u64 file)
{
	if (!file || !chk->exists(chk->priv, CKPT_TYPE_EXTERNAL, file))
		return 0;
	return ckpt_bad(chk, "an external file where there can be none");
}

/*
 * Such memory is there once: its pages are no other object's. They may be in
 * the parent image if it is of a kind that can be; see ckpt_paged[].
 */
static bool own_runs(const struct ckpt_view *runs)
{
	const struct ckpt_run *run = runs->elems;
	bool inherits = runs->type == CKPT_REC_SHMEM;
	u32 i;

	for (i = 0; i < runs->count; i++) {
		u32 kind = le32_to_cpu(run[i].kind);

		if (kind != CKPT_RUN_PAGES && !(inherits && kind == CKPT_RUN_PARENT))
			return false;
	}
	return true;
}

int ckpt_check_pages(const struct ckpt_check *chk, u32 type, u64 id,
		     const struct ckpt_view *runs, u64 size, u64 pages)
{
	u64 sum, content = 0;
	int err;

	if (size > S64_MAX - CKPT_PAGE_SIZE)
		return ckpt_bad(chk, "larger than any file");
	err = ckpt_check_runs(chk, runs->elems, runs->count,
			      round_up(size, (u64)CKPT_PAGE_SIZE), &sum);
	if (err)
		return err;
	if (!chk->exists(chk->priv, type, id))
		return ckpt_bad(chk, "contents are missing");
	chk->bytes(chk->priv, type, id, &content);
	if (sum != pages || content != sum * CKPT_PAGE_SIZE)
		return ckpt_bad(chk, "runs and contents differ in size");
	if (!own_runs(runs))
		return ckpt_bad(chk, "pages of a source, though it has none");
	return 0;
}

int ckpt_check_huge(const struct ckpt_check *chk, const void *bytes, size_t size, u64 *len)
{
	const struct ckpt_hugetlb *rec;
	struct ckpt_view view;
	u64 page;
	int err;

	if (!ckpt_find(bytes, size, CKPT_REC_HUGETLB, &view))
		return 0;
	err = ckpt_check_once(chk, bytes, size, CKPT_REC_HUGETLB, &view);
	if (err)
		return err;
	rec = view.body;
	page = 1ULL << le32_to_cpu(rec->shift);
	if (page <= CKPT_PAGE_SIZE)
		return ckpt_bad(chk, "huge pages that are none");
	if (*len > S64_MAX - page)
		return ckpt_bad(chk, "larger than any file");
	*len = round_up(*len, page);
	return 0;
}
