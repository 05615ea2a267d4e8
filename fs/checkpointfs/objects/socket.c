// SPDX-License-Identifier: GPL-2.0-only
/*
 * UNIX sockets as open files.
 *
 * A file stands for a socket, and no other file does; what there is to say of
 * it is the socket's (unixsock.c). The file is made first, so that sockets find
 * each other, and the files that are in flight between them, by their files.
 *
 * Not kept: inode number and timestamps.
 */
#include "../object.h"

#define SOCKET_FLAGS	(CKPT_O_ACCMODE | CKPT_O_APPEND | CKPT_O_NONBLOCK | \
			 CKPT_O_NOATIME | CKPT_O_ASYNC)

static int socket_check(const struct ckpt_check *chk, u64 id,
			const void *bytes, size_t size)
{
	const struct ckpt_unixsock *sock;
	const struct ckpt_socket *rec;
	const struct ckpt_file *file;
	struct ckpt_view view;
	u32 flags;
	int ret;

	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_SOCKET, &view);
	if (ret)
		return ret;
	rec = view.body;
	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_FILE, &view);
	if (ret)
		return ret;
	file = view.body;
	flags = le32_to_cpu(file->flags);
	if (flags & ~SOCKET_FLAGS || (flags & CKPT_O_ACCMODE) != CKPT_O_RDWR || file->pos)
		return ckpt_bad(chk, "not the flags of a socket");
	if (!S_ISSOCK(le32_to_cpu(rec->mode)))
		return ckpt_bad(chk, "not the mode of a socket");
	sock = ckpt_check_body(chk, CKPT_TYPE_UNIXSOCK, le64_to_cpu(rec->socket));
	if (!sock || le64_to_cpu(sock->file) != id)
		return ckpt_bad(chk, "not the socket of this file");
	return 0;
}

#ifdef __KERNEL__

#include <linux/cred.h>
#include <linux/file.h>
#include <linux/net.h>
#include <net/sock.h>
#include <asm/unistd.h>

#include "../checkpointfs.h"
#include "../unixqueue.h"

static bool socket_match(struct file *file)
{
	const struct socket *sock = sock_from_file(file);

	return sock && sock->sk && sock->sk->sk_family == AF_UNIX;
}

static struct fasync_struct *socket_async(struct file *file)
{
	return READ_ONCE(sock_from_file(file)->wq.fasync_list);
}

static int socket_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct ckpt_object *sock;

	sock = ckpt_collect_ref(c, CKPT_TYPE_UNIXSOCK, sock_from_file(obj->ptr)->sk);
	return IS_ERR(sock) ? PTR_ERR(sock) : ckpt_file_collect(c, obj);
}

static int socket_save(struct ckpt_collect *c, struct ckpt_object *obj,
		       struct ckpt_writer *w)
{
	struct inode *inode = file_inode(obj->ptr);
	uid_t uid = from_kuid(current_user_ns(), inode->i_uid);
	gid_t gid = from_kgid(current_user_ns(), inode->i_gid);
	struct ckpt_socket *rec;
	int err;

	if (uid == (uid_t)-1 || gid == (gid_t)-1)
		return -EOVERFLOW;
	err = ckpt_file_save(c, obj, w);
	if (err)
		return err;
	rec = ckpt_add(w, CKPT_REC_SOCKET, 0);
	if (!rec)
		return w->error;
	rec->socket = cpu_to_le64(ckpt_id(c, CKPT_TYPE_UNIXSOCK, sock_from_file(obj->ptr)->sk));
	rec->mode = cpu_to_le32(inode->i_mode);
	rec->uid = cpu_to_le32(uid);
	rec->gid = cpu_to_le32(gid);
	return 0;
}

static void *socket_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_socket *rec = ckpt_item_body(item, CKPT_REC_SOCKET);
	const struct ckpt_unixsock *sock;
	struct file *file;
	int err;

	sock = ckpt_item_body(ckpt_item(ckpt_restore_img(r), CKPT_TYPE_UNIXSOCK,
					le64_to_cpu(rec->socket)),
			      CKPT_REC_UNIXSOCK);
	file = ckpt_file_from_fd(r, item,
				 ckpt_syscall(__NR_socket, AF_UNIX,
					      ckpt_unix_type(le32_to_cpu(sock->type)),
					      0, 0, 0, 0));
	if (IS_ERR(file))
		return file;
	err = ckpt_inode_owner(file, le32_to_cpu(rec->mode), le32_to_cpu(rec->uid),
			       le32_to_cpu(rec->gid));
	if (!err)
		return file;
	ckpt_restore_err(r, item, "the socket cannot have that owner: %pe", ERR_PTR(err));
	fput(file);
	return ERR_PTR(err);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_socket_ops = {
	.type = CKPT_TYPE_SOCKET,
	.name = "unix socket",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE,
	.records = { CKPT_REC_FILE, CKPT_REC_SOCKET },
	.max_size = 4096,
	.check = socket_check,
	CKPT_KERNEL(.match = socket_match, .async = socket_async,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = socket_collect, .save = socket_save,
		    .restore = socket_restore, .drop = ckpt_file_put)
};
