// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of UNIX sockets: what they are called, and how they are found.
 *
 * A socket that is bound to a file is found by its inode, which need not have
 * the path that the socket is called by. The file outlives the program, and is
 * there when this is restored: it is taken over as it is, for its owner, mode
 * and other names, by whoever could have unlinked it and made another like it.
 * Nothing has changed in its directory should the restore fail. Where no file
 * is left one is made.
 *
 * An accepted socket is called as its listener, and not found; nor is one whose
 * file has been unlinked. unix_sock.bindlock protects the name; the two tables
 * have locks for each of their lists, taken as af_unix.c does.
 */
#include <linux/cred.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/slab.h>
#include <linux/stat.h>
#include <net/sock.h>
#include <asm/unistd.h>

#include "compat/ksyms.h"
#include "unixname.h"

#define NAME_AT	offsetof(struct sockaddr_un, sun_path)

/* ---- saved ------------------------------------------------------------------- */

struct unix_address *ckpt_unix_address(const struct sock *sk)
{
	/* Orders what it points to after it: pairs with who has set it. */
	return smp_load_acquire(&unix_sk(sk)->addr);
}

static bool has_file(const struct sock *sk)
{
	return !hlist_unhashed(&sk->sk_bind_node);
}

/* In the upper half of the table are those that are found by name. */
static bool is_abstract(const struct sock *sk)
{
	return sk->sk_hash > UNIX_HASH_MOD;
}

char *ckpt_unix_name_collect(struct ckpt_collect *c, struct sock *sk, const void *ptr)
{
	const struct path *path = &unix_sk(sk)->path;
	char who[CKPT_WHO_MAX];

	if (!ckpt_unix_address(sk) || !has_file(sk))
		return NULL;
	if (!d_unlinked(path->dentry))
		return ckpt_path_collect(c, path, ptr, " name");
	if (d_inode(path->dentry)->i_nlink)
		ckpt_refuse(c, "%s: a unix socket that is found by another link cannot be saved",
			    ckpt_who(c, ptr, who, sizeof(who)));
	return NULL;
}

static int save_owner(const struct path *path, struct ckpt_unix_name *rec)
{
	const struct inode *inode = d_inode(path->dentry);
	uid_t uid = from_kuid(current_user_ns(), inode->i_uid);
	gid_t gid = from_kgid(current_user_ns(), inode->i_gid);

	if (uid == (uid_t)-1 || gid == (gid_t)-1)
		return -EOVERFLOW;
	rec->mode = cpu_to_le32(inode->i_mode);
	rec->uid = cpu_to_le32(uid);
	rec->gid = cpu_to_le32(gid);
	return 0;
}

int ckpt_unix_name_save(struct sock *sk, const char *path, struct ckpt_writer *w)
{
	const struct unix_address *addr = ckpt_unix_address(sk);
	u32 kind = CKPT_UNIX_NAME_ONLY;
	struct ckpt_unix_name *rec;
	int err = 0;

	if (!addr)
		return 0;
	rec = ckpt_add(w, CKPT_REC_UNIX_NAME, addr->len - NAME_AT);
	if (!rec)
		return w->error;
	memcpy(ckpt_elems(rec), addr->name->sun_path, addr->len - NAME_AT);
	if (path) {
		kind = CKPT_UNIX_NAME_FILE;
		err = save_owner(&unix_sk(sk)->path, rec);
	} else if (is_abstract(sk)) {
		kind = CKPT_UNIX_NAME_ABSTRACT;
	}
	rec->kind = cpu_to_le32(kind);
	return err ?: path ? ckpt_add_path(w, CKPT_PATH_FILE, path) : 0;
}

/* ---- made again ---------------------------------------------------------------- */

static struct unix_address *make_address(const void *name, u32 len)
{
	struct unix_address *addr = kmalloc(sizeof(*addr) + NAME_AT + len, GFP_KERNEL_ACCOUNT);

	if (!addr)
		return NULL;
	refcount_set(&addr->refcnt, 1);
	addr->len = NAME_AT + len;
	addr->name->sun_family = AF_UNIX;
	memcpy(addr->name->sun_path, name, len);
	return addr;
}

int ckpt_unix_call(struct sock *sk, const void *name, u32 len)
{
	struct unix_address *addr = make_address(name, len);

	if (!addr)
		return -ENOMEM;
	/* Orders its contents before it, for who reads it without a lock. */
	smp_store_release(&unix_sk(sk)->addr, addr);
	return 0;
}

/* As bind(2) asks. @addr: made of the name, of which a file's has its end as well. */
static int may_bind(struct socket *sock, const struct ckpt_view *name,
		    struct sockaddr_storage *addr)
{
	struct sockaddr_un *to = (struct sockaddr_un *)addr;

	*addr = (struct sockaddr_storage){ .ss_family = AF_UNIX };
	if (name->count > sizeof(to->sun_path) + 1)
		return -EUCLEAN;
	memcpy((void *)to + NAME_AT, name->elems, name->count);
#ifdef CONFIG_SECURITY_NETWORK
	return ksym(security_socket_bind)(sock, (struct sockaddr *)addr,
					  NAME_AT + name->count);
#else
	return 0;
#endif
}

static int bind_abstract(struct socket *sock, const struct ckpt_view *name)
{
	struct sockaddr_storage addr;
	int err = may_bind(sock, name, &addr);

	return err ?: kernel_bind(sock, (struct sockaddr *)&addr, NAME_AT + name->count);
}

static void move_in_table(struct sock *sk, u32 hash)
{
	struct unix_table *table = &sock_net(sk)->unx.table;
	u32 first = min(sk->sk_hash, hash), second = max(sk->sk_hash, hash);

	spin_lock(&table->locks[first]);
	if (second != first)
		spin_lock(&table->locks[second]);
	sk_del_node_init(sk);
	sk->sk_hash = hash;
	sk_add_node(sk, &table->buckets[hash]);
	if (second != first)
		spin_unlock(&table->locks[second]);
	spin_unlock(&table->locks[first]);
}

/* Whom a look-up of the path finds from now on, unless it finds another already. */
static int add_to_inodes(struct sock *sk, const struct inode *inode)
{
	struct hlist_head *bucket = (struct hlist_head *)ksym_addr(bsd_socket_buckets) +
				    sk->sk_hash;
	spinlock_t *lock = (spinlock_t *)ksym_addr(bsd_socket_locks) + sk->sk_hash;
	const struct dentry *dentry;
	struct sock *other;

	guard(spinlock)(lock);
	sk_for_each_bound(other, bucket) {
		dentry = unix_sk(other)->path.dentry;
		if (dentry && d_backing_inode(dentry) == inode)
			return -EADDRINUSE;
	}
	sk_add_bind_node(sk, bucket);
	return 0;
}

static int bind_file(struct sock *sk, const struct path *path, const struct ckpt_view *name)
{
	struct unix_sock *u = unix_sk(sk);
	struct inode *inode = d_backing_inode(path->dentry);
	int err;

	guard(mutex)(&u->bindlock);
	u->path = *path;
	path_get(path);
	err = ckpt_unix_call(sk, name->elems, name->count);
	if (err)
		return err;
	move_in_table(sk, inode->i_ino & UNIX_HASH_MOD);
	return add_to_inodes(sk, inode);
}

/*
 * Could the writer have unlinked the file and bound another with its owner? The
 * mode, and all else of it, he could set then.
 */
static int may_take(const struct path *path)
{
	struct dentry *parent = dget_parent(path->dentry);
	struct inode *inode = d_backing_inode(path->dentry), *dir = d_inode(parent);
	struct mnt_idmap *idmap = mnt_idmap(path->mnt);
	int err = inode_permission(idmap, dir, MAY_WRITE | MAY_EXEC);

	if (!err && (check_sticky(idmap, dir, inode) || IS_APPEND(dir) ||
		     IS_IMMUTABLE(inode) || IS_APPEND(inode)))
		err = -EPERM;
	if (!err && !(vfsuid_eq_kuid(i_uid_into_vfsuid(idmap, inode), current_fsuid()) &&
		      vfsgid_in_group_p(i_gid_into_vfsgid(idmap, inode))) &&
	    !capable_wrt_inode_uidgid(idmap, inode, CAP_CHOWN))
		err = -EPERM;
	dput(parent);
	return err;
}

static int take(struct sock *sk, const struct path *path, const struct ckpt_view *name)
{
	int err;

	if (!d_is_special(path->dentry) || !S_ISSOCK(d_inode(path->dentry)->i_mode))
		return -ENOTSOCK;
	err = mnt_want_write(path->mnt);
	if (err)
		return err;
	err = may_take(path);
	if (!err)
		err = bind_file(sk, path, name);
	mnt_drop_write(path->mnt);
	return err;
}

/* As bind(2) and who came after it have made it. */
static long make_file(const char *text, const struct ckpt_unix_name *rec)
{
	umode_t mode = le32_to_cpu(rec->mode);
	unsigned long scratch = ckpt_scratch_map();
	long err;

	if (IS_ERR_VALUE(scratch))
		return scratch;
	err = ckpt_scratch_put(scratch, text, strlen(text) + 1);
	if (!err)
		err = ckpt_syscall(__NR_mknod, scratch, S_IFSOCK | 0600, 0, 0, 0, 0);
	if (!err) {
		err = ckpt_syscall(__NR_lchown, scratch, le32_to_cpu(rec->uid),
				   le32_to_cpu(rec->gid), 0, 0, 0);
		if (!err)
			err = ckpt_syscall(__NR_fchmodat2, AT_FDCWD, scratch, mode & S_IALLUGO,
					   AT_SYMLINK_NOFOLLOW, 0, 0);
		if (err)
			ckpt_syscall(__NR_unlink, scratch, 0, 0, 0, 0, 0);
	}
	ckpt_scratch_unmap(scratch);
	return err;
}

/* The one that is there, or a new one, which item->priv remembers. */
static int find_file(struct ckpt_item *item, const char *text,
		     const struct ckpt_unix_name *rec, struct path *path)
{
	struct path *made;
	int err = kern_path(text, 0, path);

	if (err != -ENOENT)
		return err;
	made = kmalloc(sizeof(*made), GFP_KERNEL_ACCOUNT);
	if (!made)
		return -ENOMEM;
	err = make_file(text, rec) ?: kern_path(text, 0, path);
	if (err) {
		kfree(made);
		return err;
	}
	*made = *path;
	path_get(made);
	item->priv = made;
	return 0;
}

static int restore_file(struct ckpt_item *item, struct socket *sock,
			const struct ckpt_view *name)
{
	struct path path __free(path_put) = {};
	struct sockaddr_storage addr;
	struct ckpt_view text;
	int err = may_bind(sock, name, &addr);

	/* Its check has found it there. */
	ckpt_find(item->bytes, item->size, CKPT_REC_PATH, &text);
	if (!err)
		err = find_file(item, text.elems, name->body, &path);
	return err ?: take(sock->sk, &path, name);
}

int ckpt_unix_name_restore(struct ckpt_restore *r, struct ckpt_item *item,
			   struct socket *sock)
{
	const struct ckpt_unix_name *rec;
	struct ckpt_view name, path;
	int err;

	if (!ckpt_find(item->bytes, item->size, CKPT_REC_UNIX_NAME, &name))
		return 0;
	rec = name.body;
	switch (le32_to_cpu(rec->kind)) {
	case CKPT_UNIX_NAME_FILE:
		err = restore_file(item, sock, &name);
		break;
	case CKPT_UNIX_NAME_ABSTRACT:
		err = bind_abstract(sock, &name);
		break;
	default:
		err = ckpt_unix_call(sock->sk, name.elems, name.count);
	}
	if (!err)
		return 0;
	if (ckpt_find(item->bytes, item->size, CKPT_REC_PATH, &path))
		ckpt_restore_err(r, item, "%s: cannot be the name of a socket: %pe",
				 (const char *)path.elems, ERR_PTR(err));
	else
		ckpt_restore_err(r, item, "its name cannot be had: %pe", ERR_PTR(err));
	return err;
}

static void unlink_made(const struct path *path)
{
	struct dentry *parent = dget_parent(path->dentry);
	struct inode *dir = d_inode(parent);

	if (!mnt_want_write(path->mnt)) {
		inode_lock_nested(dir, I_MUTEX_PARENT);
		if (path->dentry->d_parent == parent && !d_unhashed(path->dentry))
			vfs_unlink(mnt_idmap(path->mnt), dir, path->dentry, NULL);
		inode_unlock(dir);
		mnt_drop_write(path->mnt);
	}
	dput(parent);
}

void ckpt_unix_name_end(struct ckpt_item *item, bool failed)
{
	struct path *path = item->priv;

	if (!path)
		return;
	item->priv = NULL;
	if (failed)
		unlink_made(path);
	path_put(path);
	kfree(path);
}
