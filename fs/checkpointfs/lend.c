// SPDX-License-Identifier: GPL-2.0-only
/*
 * A staged tree lends its files to an image, for the time of a restore.
 *
 * The image gets the contents themselves and the files are left without, so
 * that neither can change under the other. What cannot be used after all goes
 * back; a tree that has done its work is removed. The names are those of one
 * instant for each directory, not for the tree: whoever moves files while they
 * are lent gets an image that is refused. Locks are those of stage.c.
 */
#include <linux/fs.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "checkpointfs.h"

/**
 * struct loan - a file whose content an image has
 * @node:	in ckpt_staged.loans
 * @inode:	referenced; gets @content back
 * @content:	its bytes
 */
struct loan {
	struct list_head node;
	struct inode *inode;
	struct ckpt_content *content;
};

/**
 * struct ckpt_staged - a tree whose contents an image has
 * @tree:	restore/NAME, referenced; its inode's i_private points here
 * @img:	the image
 * @loans:	struct loan.node
 * @path:	of the file that is being added, from @tree on
 */
struct ckpt_staged {
	struct dentry *tree;
	struct ckpt_image *img;
	struct list_head loans;
	char path[CKPT_STAGE_DEPTH * (NAME_MAX + 1)];
};

static int refuse(struct ckpt_staged *s, const char *what, int err)
{
	ckpt_err(s->img->mount, "restore: %s/%.200s %s", s->img->name, s->path, what);
	return err;
}

static int add_file(struct ckpt_staged *s, struct ckpt_content *content)
{
	int err = ckpt_image_add(s->img, s->path, content);

	switch (err) {
	case -ENOENT:
		return refuse(s, "is no file of an image", -EOPNOTSUPP);
	case -EISDIR:
		return refuse(s, "is a file in the place of a directory", -EUCLEAN);
	}
	return err;
}

static int lend_file(struct ckpt_staged *s, struct inode *inode)
{
	struct loan *loan;
	int err;

	if (inode_permission(&nop_mnt_idmap, inode, MAY_READ))
		return refuse(s, "may not be read", -EACCES);
	loan = kmalloc(sizeof(*loan), GFP_KERNEL_ACCOUNT);
	if (!loan)
		return -ENOMEM;
	inode_lock(inode);
	loan->content = inode->i_private;
	err = loan->content ? add_file(s, loan->content) :
			      refuse(s, "is being restored", -EBUSY);
	if (!err) {
		ihold(inode);
		loan->inode = inode;
		inode->i_private = NULL;
		list_add(&loan->node, &s->loans);
	}
	inode_unlock(inode);
	if (err)
		kfree(loan);
	return err;
}

/* Directory locked: what has a name is pinned, and keeps it. */
static struct dentry *next_child(struct dentry *dir, struct dentry *child)
{
	struct hlist_node *node;

	spin_lock(&dir->d_lock);
	node = child ? child->d_sib.next : dir->d_children.first;
	while (node && !simple_positive(hlist_entry(node, struct dentry, d_sib)))
		node = node->next;
	spin_unlock(&dir->d_lock);
	return hlist_entry_safe(node, struct dentry, d_sib);
}

/* All files of @dir, whose path has @len bytes; calls itself CKPT_STAGE_DEPTH times. */
static int lend_dir(struct ckpt_staged *s, struct dentry *dir, unsigned int depth, size_t len)
{
	struct inode *inode = d_inode(dir);
	struct dentry *child = NULL;
	int err = 0;

	if (inode_permission(&nop_mnt_idmap, inode, MAY_READ | MAY_EXEC))
		return refuse(s, "may not be searched", -EACCES);
	inode_lock_shared_nested(inode, I_MUTEX_PARENT + depth);
	while (!err && (child = next_child(dir, child))) {
		size_t more = snprintf(s->path + len, sizeof(s->path) - len, "%s%s",
				       len ? "/" : "", child->d_name.name);

		if (!d_is_dir(child))
			err = lend_file(s, d_inode(child));
		else if (depth + 1 < CKPT_STAGE_DEPTH)
			err = lend_dir(s, child, depth + 1, len + more);
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	inode_unlock_shared(inode);
	return err;
}

/* Find the tree, and keep others from lending or removing it. */
static int take_tree(struct ckpt_staged *s, struct dentry *restore)
{
	struct qstr name = QSTR_INIT(s->img->name, strlen(s->img->name));
	struct dentry *tree = d_hash_and_lookup(restore, &name);
	struct inode *inode;
	int err;

	if (IS_ERR_OR_NULL(tree) || !d_is_dir(tree)) {
		ckpt_err(s->img->mount, "restore: nothing is staged as %s", s->img->name);
		if (!IS_ERR(tree))
			dput(tree);
		return -ENOENT;
	}
	inode = d_inode(tree);
	inode_lock(inode);
	err = ckpt_stage_claim(inode);
	if (!err)
		inode->i_private = s;
	inode_unlock(inode);
	if (err) {
		ckpt_err(s->img->mount, "restore: %s is being %s", s->img->name,
			 err == -EBUSY ? "restored" : "removed");
		dput(tree);
		return err;
	}
	s->tree = tree;
	return 0;
}

static bool has_id(struct ckpt_content *header, const u8 id[16])
{
	u8 bytes[sizeof(struct ckpt_record) + sizeof(struct ckpt_header)] __aligned(8);
	struct kvec vec = { bytes, sizeof(bytes) };
	const struct ckpt_header *rec;
	struct ckpt_view view;
	struct iov_iter iter;
	ssize_t n;

	iov_iter_kvec(&iter, ITER_DEST, &vec, 1, sizeof(bytes));
	n = ckpt_content_read(header, 0, &iter);
	if (n != sizeof(bytes) || !ckpt_find(bytes, n, CKPT_REC_HEADER, &view))
		return false;
	rec = view.body;
	return !memcmp(rec->id, id, sizeof(rec->id));
}

/* Is @tree the image of that id, as far as its header says? */
static bool is_image(struct dentry *tree, const u8 id[16])
{
	struct qstr name = QSTR_INIT("header", strlen("header"));
	struct dentry *header = d_hash_and_lookup(tree, &name);
	struct inode *inode;
	bool found = false;

	if (IS_ERR_OR_NULL(header))
		return false;
	inode = d_inode(header);
	if (d_is_reg(header) && !inode_permission(&nop_mnt_idmap, inode, MAY_READ)) {
		inode_lock_shared(inode);
		found = inode->i_private && has_id(inode->i_private, id);
		inode_unlock_shared(inode);
	}
	dput(header);
	return found;
}

bool ckpt_staged_find(struct dentry *restore, const u8 id[16],
		      char name[CKPT_NAME_MAX + 1])
{
	struct inode *inode = d_inode(restore);
	struct dentry *tree = NULL;

	inode_lock_shared_nested(inode, I_MUTEX_PARENT);
	while ((tree = next_child(restore, tree)))
		if (d_is_dir(tree) && is_image(tree, id)) {
			strscpy(name, tree->d_name.name, CKPT_NAME_MAX + 1);
			break;
		}
	inode_unlock_shared(inode);
	return tree;
}

struct ckpt_staged *ckpt_staged_lend(struct ckpt_image *img, struct dentry *restore,
				     const char *name)
{
	struct ckpt_staged *s = kzalloc(sizeof(*s), GFP_KERNEL_ACCOUNT);
	int err;

	if (!s)
		return ERR_PTR(-ENOMEM);
	INIT_LIST_HEAD(&s->loans);
	img->borrowed = true;
	strscpy(img->name, name);
	s->img = img;
	err = take_tree(s, restore);
	if (err) {
		kfree(s);
		return ERR_PTR(err);
	}
	err = lend_dir(s, s->tree, 0, 0);
	if (err) {
		ckpt_staged_return(s, false);
		return ERR_PTR(err);
	}
	return s;
}

/* Return: were pages missing? */
static bool return_loans(struct ckpt_staged *s)
{
	struct loan *loan, *next;
	bool taken = false;

	list_for_each_entry_safe(loan, next, &s->loans, node) {
		taken |= loan->content->taken;
		inode_lock(loan->inode);
		loan->inode->i_private = loan->content;
		inode_unlock(loan->inode);
		iput(loan->inode);
		kfree(loan);
		cond_resched();
	}
	return taken;
}

void ckpt_staged_return(struct ckpt_staged *s, bool restored)
{
	struct inode *inode = d_inode(s->tree);
	bool taken = return_loans(s);

	if (taken && !restored)
		ckpt_err(s->img->mount, "restore: %s is not staged any more: its memory was handed over",
			 s->img->name);
	inode_lock(inode);
	inode->i_private = NULL;
	if (restored || taken)
		inode->i_flags |= S_DEAD;
	inode_unlock(inode);
	if (restored || taken)
		simple_recursive_removal(s->tree, NULL);
	dput(s->tree);
	kfree(s);
}
