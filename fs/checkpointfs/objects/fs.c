// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where a task stands: working directory, root directory, umask.
 *
 * Stands for a fs_struct, of which the collection holds a reference. Both
 * directories are kept as texts that lead to them from the freezer's root
 * (path.c), and entered again by chdir(2) and chroot(2), whose rights the
 * writer must have; the root that is the freezer's becomes the writer's. A working
 * directory that has been deleted is one that unnamed.c makes, entered as by fchdir(2):
 * its text is that of the root.
 */
#include "../object.h"

static int fs_check(const struct ckpt_check *chk, u64 id,
		    const void *bytes, size_t size)
{
	static const u32 roles[] = { CKPT_PATH_CWD, CKPT_PATH_ROOT };
	struct ckpt_cursor cur;
	struct ckpt_view view;
	unsigned int nr = 0;
	int ret;

	ckpt_cursor_init(&cur, bytes, size);
	while (ckpt_next(&cur, &view) > 0) {
		if (view.type != CKPT_REC_PATH)
			continue;
		if (nr == ARRAY_SIZE(roles))
			return ckpt_bad(chk, "too many paths");
		ret = ckpt_check_path(chk, &view, roles[nr++]);
		if (ret)
			return ret;
	}
	if (nr != ARRAY_SIZE(roles))
		return ckpt_bad(chk, "a path is missing");
	return ckpt_find(bytes, size, CKPT_REC_NAMELESS, &view) ?
		ckpt_check_nameless(chk, bytes, size, S_IFDIR) : 0;
}

#ifdef __KERNEL__

#include <linux/fs_struct.h>
#include <linux/namei.h>
#include <linux/slab.h>
#include <asm/unistd.h>

#include "../checkpointfs.h"
#include "../compat/ksyms.h"

/**
 * struct fs_paths - obj->priv
 * @cwd: text of the working directory
 * @root: text of the root directory
 * @deleted: the working directory, if it has been, referenced by its object
 */
struct fs_paths {
	char *cwd;
	char *root;
	const struct inode *deleted;
};

static void fs_get(void *ptr)
{
	struct fs_struct *fs = ptr;

	guard(spinlock)(&fs->lock);
	fs->users++;
}

static void fs_put(void *ptr)
{
	struct fs_struct *fs = ptr;
	int left;

	scoped_guard(spinlock, &fs->lock)
		left = --fs->users;
	if (!left)
		ksym(free_fs_struct)(fs);
}

static int collect_path(struct ckpt_collect *c, struct fs_struct *fs,
			const struct path *path, const char *what, char **text)
{
	char *got = ckpt_path_collect(c, path, fs, what);

	if (IS_ERR(got))
		return PTR_ERR(got);
	*text = got;
	return 0;
}

static int fs_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct path cwd __free(path_put) = {};
	struct path root __free(path_put) = {};
	struct fs_struct *fs = obj->ptr;
	struct fs_paths *paths;
	int err;

	paths = kzalloc(sizeof(*paths), GFP_KERNEL_ACCOUNT);
	if (!paths)
		return -ENOMEM;
	obj->priv = paths;
	get_fs_pwd(fs, &cwd);
	get_fs_root(fs, &root);
	if (!ckpt_is_unnamed(&cwd)) {
		err = collect_path(c, fs, &cwd, " working directory", &paths->cwd);
	} else {
		paths->deleted = d_inode(cwd.dentry);
		err = ckpt_unnamed_collect(c, &cwd, fs, " working directory");
	}
	if (err)
		return err;
	return collect_path(c, fs, &root, " root directory", &paths->root);
}

static void fs_release(struct ckpt_object *obj)
{
	struct fs_paths *paths = obj->priv;

	if (!paths)
		return;
	kfree(paths->cwd);
	kfree(paths->root);
	kfree(paths);
}

/* One reference is the collection's own. */
static int fs_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct fs_struct *fs = obj->ptr;
	char who[CKPT_WHO_MAX];

	if (READ_ONCE(fs->users) > obj->refs + 1)
		ckpt_refuse_shared(c, "%s: its directories are shared with a task outside",
				   ckpt_who(c, fs, who, sizeof(who)));
	return 0;
}

static int fs_save(struct ckpt_collect *c, struct ckpt_object *obj,
		   struct ckpt_writer *w)
{
	struct ckpt_fs *rec = ckpt_add(w, CKPT_REC_FS, 0);
	const struct fs_paths *paths = obj->priv;
	const struct fs_struct *fs = obj->ptr;
	int err;

	if (!rec)
		return w->error;
	rec->umask = cpu_to_le32(fs->umask & 0777);
	err = ckpt_add_path(w, CKPT_PATH_CWD, paths->deleted ? "/" : paths->cwd);
	if (!err)
		err = ckpt_add_path(w, CKPT_PATH_ROOT, paths->root);
	return err || !paths->deleted ? err : ckpt_unnamed_save(c, paths->deleted, w);
}

/* Return: the path in that role, or NULL. */
static const char *find_path(const void *bytes, size_t size, u32 role,
			     struct ckpt_view *view)
{
	const struct ckpt_path *path;
	struct ckpt_cursor cur;

	ckpt_cursor_init(&cur, bytes, size);
	while (ckpt_next(&cur, view) > 0) {
		path = view->body;
		if (view->type == CKPT_REC_PATH && le32_to_cpu(path->role) == role)
			return view->elems;
	}
	return NULL;
}

/* chdir() or chroot(); paths are resolved from the root in force. */
static int enter(struct ckpt_restore *r, struct ckpt_item *item, u32 role,
		 unsigned int call)
{
	unsigned long scratch;
	struct ckpt_view view;
	const char *path;
	int err;

	path = find_path(item->bytes, item->size, role, &view);
	/* Its check has found it there. */
	if (!path)
		return -EUCLEAN;
	if (role == CKPT_PATH_ROOT && !strcmp(path, "/"))
		return 0;
	scratch = ckpt_scratch_map();
	if (IS_ERR_VALUE(scratch))
		return scratch;
	err = ckpt_scratch_put(scratch, path, view.count);
	if (!err)
		err = ckpt_syscall(call, scratch, 0, 0, 0, 0, 0);
	ckpt_scratch_unmap(scratch);
	if (err)
		ckpt_restore_err(r, item, "%s: cannot be made the %s directory (%d)",
				 path, role == CKPT_PATH_ROOT ? "root" : "working", err);
	return err;
}

/* As fchdir(2) does. */
static int enter_deleted(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct path *path = ckpt_unnamed_path(r, item);
	int err;

	if (IS_ERR(path))
		return PTR_ERR(path);
	err = path_permission(path, MAY_EXEC | MAY_CHDIR);
	if (err)
		ckpt_restore_err(r, item, "what was deleted cannot be made the working directory (%d)",
				 err);
	else
		ksym(set_fs_pwd)(current->fs, path);
	return err;
}

static int fs_apply(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_fs *rec = ckpt_item_body(item, CKPT_REC_FS);
	int err;

	err = enter(r, item, CKPT_PATH_CWD, __NR_chdir);
	if (!err && ckpt_item_body(item, CKPT_REC_NAMELESS))
		err = enter_deleted(r, item);
	if (!err)
		err = enter(r, item, CKPT_PATH_ROOT, __NR_chroot);
	if (err)
		return err;
	ckpt_syscall(__NR_umask, le32_to_cpu(rec->umask), 0, 0, 0, 0, 0);
	return 0;
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_fs_ops = {
	.type = CKPT_TYPE_FS,
	.name = "directories",
	.dir = "fs",
	.records = { CKPT_REC_FS, CKPT_REC_PATH, CKPT_REC_NAMELESS },
	.max_size = 4 * CKPT_PATH_MAX,
	.check = fs_check,
	CKPT_KERNEL(.get = fs_get, .put = fs_put, .collect = fs_collect,
		    .verify = fs_verify, .save = fs_save, .release = fs_release,
		    .apply = fs_apply)
};
