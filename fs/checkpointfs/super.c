// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mount: options, root directory, and the module itself.
 *
 * Each mount is an instance of its own with its own containers, log and
 * staged trees. struct ckpt_mount is made with the fs_context and goes with
 * the super block, after the last inode. Of the tree only the files of the
 * root directory and what is staged are pinned; a container's directory is
 * looked up when somebody looks, see dir.c.
 */
#include <linux/fs_context.h>
#include <linux/fs_parser.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/statfs.h>

#include "checkpointfs.h"
#include "nethold.h"
#include "compat/ksyms.h"

#define ROOT_INO	1
#define FIRST_INO	16	/* dir.c counts on more than the root's own */

u64 ckpt_new_inos(u64 nr)
{
	static atomic64_t next = ATOMIC64_INIT(FIRST_INO);

	return atomic64_fetch_add(nr, &next);
}

struct inode *ckpt_new_inode(struct super_block *sb, umode_t mode, u64 ino)
{
	struct inode *inode = new_inode(sb);

	if (!inode)
		return NULL;
	inode->i_ino = ino;
	inode->i_mode = mode;
	inode->i_uid = ckpt_mount(sb)->uid;
	inode->i_gid = ckpt_mount(sb)->gid;
	simple_inode_init_ts(inode);
	return inode;
}

static void evict_inode(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	ckpt_stage_evict(inode);
	ckpt_container_put(ckpt_inode_container(inode));
}

static int show_options(struct seq_file *seq, struct dentry *root)
{
	const struct ckpt_mount *m = ckpt_mount(root->d_sb);

	seq_printf(seq, ",uid=%u,gid=%u,mode=%o,stage_max=%llu",
		   from_kuid_munged(&init_user_ns, m->uid),
		   from_kgid_munged(&init_user_ns, m->gid), m->mode,
		   READ_ONCE(m->stage_max));
	if (READ_ONCE(m->checksum_all))
		seq_puts(seq, ",checksum=all");
	return 0;
}

static const struct super_operations checkpointfs_sops = {
	.statfs		= simple_statfs,
	.drop_inode	= generic_delete_inode,
	.evict_inode	= evict_inode,
	.show_options	= show_options,
};

/* The files of the root; their modes are limited by that of the root. */
static const struct {
	const char *name;
	umode_t mode;
	const struct file_operations *fops;
} root_files[] = {
	{ "control",	0666,	&checkpointfs_control_fops },
	{ "features",	0444,	&checkpointfs_features_fops },
	{ "log",	0444,	&checkpointfs_log_fops },
};

static int fill_root(struct super_block *sb, struct dentry *root)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(root_files); i++) {
		umode_t mode = root_files[i].mode & ckpt_mount(sb)->mode;
		struct dentry *dentry = d_alloc_name(root, root_files[i].name);
		struct inode *inode;

		if (!dentry)
			return -ENOMEM;
		inode = ckpt_new_inode(sb, S_IFREG | mode, ckpt_new_inos(1));
		if (!inode) {
			dput(dentry);
			return -ENOMEM;
		}
		inode->i_fop = root_files[i].fops;
		/* Its reference keeps it in the tree until kill_sb(). */
		d_add(dentry, inode);
	}
	return ckpt_stage_fill(sb, root);
}

static int fill_super(struct super_block *sb, struct fs_context *fc)
{
	struct ckpt_mount *m = ckpt_mount(sb);
	struct inode *inode;

	m->sb = sb;
	sb->s_magic = CHECKPOINTFS_MAGIC;
	sb->s_op = &checkpointfs_sops;
	sb->s_d_op = &checkpointfs_dops;
	sb->s_maxbytes = MAX_LFS_FILESIZE;
	sb->s_blocksize = PAGE_SIZE;
	sb->s_blocksize_bits = PAGE_SHIFT;
	sb->s_time_gran = 1;
	sb->s_iflags |= SB_I_NOEXEC | SB_I_NODEV;
	inode = ckpt_new_inode(sb, S_IFDIR | m->mode, ROOT_INO);
	if (!inode)
		return -ENOMEM;
	inode->i_op = &checkpointfs_root_iops;
	inode->i_fop = &checkpointfs_root_fops;
	sb->s_root = d_make_root(inode);
	if (!sb->s_root)
		return -ENOMEM;
	return fill_root(sb, sb->s_root);
}

static void mount_free(struct ckpt_mount *m)
{
	if (!m)
		return;
	ckpt_log_destroy(m->log);
	kfree(m);
}

/*
 * Dentries of containers are not pinned, so they must be gone before
 * kill_litter_super() drops a reference of each that it finds.
 */
static void kill_sb(struct super_block *sb)
{
	struct ckpt_mount *m = ckpt_mount(sb);

	if (sb->s_root) {
		ckpt_containers_destroy(m);
		ckpt_stage_drop(sb->s_root);
		shrink_dcache_parent(sb->s_root);
	}
	kill_litter_super(sb);
	mount_free(m);
}

enum option {
	OPT_UID,
	OPT_GID,
	OPT_MODE,
	OPT_STAGE_MAX,
	OPT_CHECKSUM,
};

static const struct constant_table checksum_values[] = {
	{ "all", true },
	{}
};

static const struct fs_parameter_spec options[] = {
	fsparam_uid("uid", OPT_UID),
	fsparam_gid("gid", OPT_GID),
	fsparam_u32oct("mode", OPT_MODE),
	fsparam_string("stage_max", OPT_STAGE_MAX),
	fsparam_enum("checksum", OPT_CHECKSUM, checksum_values),
	{}
};

/* A number of bytes with k, M or G behind it; cuts @text there. */
static int parse_size(char *text, u64 *size)
{
	static const char units[] = "kmg";
	char *suffix = text + strspn(text, "0123456789");
	unsigned int shift = 0;
	u64 n;

	if (*suffix) {
		const char *unit = strchr(units, tolower(*suffix));

		if (!unit || suffix[1])
			return -EINVAL;
		shift = 10 * (unit - units + 1);
		*suffix = '\0';
	}
	if (kstrtou64(text, 10, &n) || n > U64_MAX >> shift)
		return -EINVAL;
	*size = n << shift;
	return 0;
}

static int parse_param(struct fs_context *fc, struct fs_parameter *param)
{
	struct ckpt_mount *m = fc->s_fs_info;
	struct fs_parse_result result;
	int option = fs_parse(fc, options, param, &result);

	switch (option) {
	case OPT_UID:
		m->uid = result.uid;
		return 0;
	case OPT_GID:
		m->gid = result.gid;
		return 0;
	case OPT_MODE:
		if (result.uint_32 & ~01777)
			return invalf(fc, "mode=%o is none of a directory",
				      result.uint_32);
		m->mode = result.uint_32;
		return 0;
	case OPT_STAGE_MAX:
		if (parse_size(param->string, &m->stage_max))
			return invalf(fc, "stage_max= takes bytes, or a number with k, M or G");
		return 0;
	case OPT_CHECKSUM:
		m->checksum_all = result.uint_32;
		return 0;
	default:
		return option;
	}
}

static int get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, fill_super);
}

/* Limits may change while it is mounted; who owns it may not. */
static int reconfigure(struct fs_context *fc)
{
	const struct ckpt_mount *new = fc->s_fs_info;
	struct ckpt_mount *m = ckpt_mount(fc->root->d_sb);

	if (!uid_eq(m->uid, new->uid) || !gid_eq(m->gid, new->gid) ||
	    m->mode != new->mode)
		return invalf(fc, "uid=, gid= and mode= cannot be changed by a remount");
	WRITE_ONCE(m->stage_max, new->stage_max);
	WRITE_ONCE(m->checksum_all, new->checksum_all);
	return 0;
}

static void free_fc(struct fs_context *fc)
{
	mount_free(fc->s_fs_info);
}

static const struct fs_context_operations context_ops = {
	.parse_param	= parse_param,
	.get_tree	= get_tree,
	.reconfigure	= reconfigure,
	.free		= free_fc,
};

static void set_defaults(struct ckpt_mount *m)
{
	m->stage_max = (u64)totalram_pages() * PAGE_SIZE / 4;
	m->uid = current_fsuid();
	m->gid = current_fsgid();
	m->mode = 0700;
}

/* A remount starts from what is, and brings no log of its own. */
static int init_fs_context(struct fs_context *fc)
{
	struct ckpt_mount *m = kzalloc(sizeof(*m), GFP_KERNEL_ACCOUNT);

	if (!m)
		return -ENOMEM;
	mutex_init(&m->lock);
	INIT_LIST_HEAD(&m->containers);
	if (fc->purpose == FS_CONTEXT_FOR_RECONFIGURE) {
		const struct ckpt_mount *old = ckpt_mount(fc->root->d_sb);

		m->stage_max = old->stage_max;
		m->checksum_all = old->checksum_all;
		m->uid = old->uid;
		m->gid = old->gid;
		m->mode = old->mode;
	} else {
		set_defaults(m);
		m->log = ckpt_log_create();
		if (!m->log) {
			kfree(m);
			return -ENOMEM;
		}
	}
	fc->s_fs_info = m;
	fc->ops = &context_ops;
	return 0;
}

static struct file_system_type checkpointfs_type = {
	.owner			= THIS_MODULE,
	.name			= "checkpointfs",
	.init_fs_context	= init_fs_context,
	.parameters		= options,
	.kill_sb		= kill_sb,
};

static int __init checkpointfs_init(void)
{
	int err = ckpt_ksyms_resolve();

	if (!err)
		err = ckpt_layouts_check();
	if (err)
		return err;
	err = ckpt_types_check();
	if (err) {
		pr_err("the table of object types contradicts itself\n");
		return err;
	}
	err = ckpt_container_init();
	if (err)
		return err;
	err = ckpt_nethold_init();
	if (err)
		goto out_container;
	ckpt_shelf_init();
	err = ckpt_restore_init();
	if (err)
		goto out_nethold;
	err = register_filesystem(&checkpointfs_type);
	if (err)
		goto out_restore;
	return 0;

out_restore:
	ckpt_restore_exit();
out_nethold:
	ckpt_nethold_exit();
out_container:
	ckpt_container_exit();
	return err;
}

static void __exit checkpointfs_exit(void)
{
	unregister_filesystem(&checkpointfs_type);
	ckpt_restore_exit();
	ckpt_shelf_exit();
	ckpt_nethold_exit();
	ckpt_container_exit();
}

module_init(checkpointfs_init);
module_exit(checkpointfs_exit);

MODULE_ALIAS_FS("checkpointfs");
MODULE_DESCRIPTION("Checkpoint and restart of containers as a filesystem");
MODULE_LICENSE("GPL");
