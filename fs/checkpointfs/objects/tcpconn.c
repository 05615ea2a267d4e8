// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP connections that are open files of the container (tcpend.c).
 *
 * The ends of a program that is killed vanish without a word: what is left of
 * them would be in the way of those that are restored, or tell peers outside.
 *
 * Not kept: what TCP has learnt of the path between the two, among this whether it
 * tells of congestion (ECN), and what TCP_INFO counts.
 */
#include "../object.h"

#ifdef __KERNEL__

#include <linux/file.h>

#include "../inet.h"

static bool tcpconn_match(struct file *file)
{
	return ckpt_inet_match(file, SOCK_STREAM, IPPROTO_TCP) &&
	       ckpt_tcp_connected(sock_from_file(file)->sk);
}

static struct sock *sock_of(const struct ckpt_object *obj)
{
	return sock_from_file(obj->ptr)->sk;
}

/* ---- saved --------------------------------------------------------------------------- */

static int tcpconn_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct ckpt_tcp_stream *stream = ckpt_tcp_stream_create();
	int err;

	if (!stream)
		return -ENOMEM;
	obj->priv = stream;
	err = ckpt_inet_collect(c, obj, ckpt_tcp_obstacle(sock_of(obj)));
	return err ?: PTR_ERR_OR_ZERO(ckpt_collect_id(c, CKPT_TYPE_TCPDATA, stream, obj->id));
}

static int refuse(struct ckpt_collect *c, struct ckpt_object *obj, const char *why)
{
	char who[CKPT_WHO_MAX];

	if (why)
		ckpt_refuse(c, "%s: %s cannot be saved",
			    ckpt_who(c, obj->ptr, who, sizeof(who)), why);
	return 0;
}

static int tcpconn_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	const char *why;
	int err;

	/* Whoever has it outside, too, may hold its lock for as long as he sends. */
	if (ckpt_file_shared(c, obj))
		return 0;
	err = ckpt_tcp_end_find(c, sock_of(obj), obj->priv);
	if (!err)
		err = ckpt_tcp_end_verify(sock_of(obj), obj->priv, &why);
	return err ?: refuse(c, obj, why);
}

/*
 * What may change by itself only goes on, towards an end: what the stream tells,
 * which is read last, has all of it, or it is closed.
 */
static int tcpconn_save(struct ckpt_collect *c, struct ckpt_object *obj, struct ckpt_writer *w)
{
	const char *why;
	int err = ckpt_inet_save(c, obj, w);

	if (!err)
		err = ckpt_tcp_save(sock_of(obj), sock_from_file(obj->ptr)->state, w);
	if (!err)
		err = ckpt_tcp_end_save(sock_of(obj), obj->priv, w, &why);
	return err ?: refuse(c, obj, why);
}

/*
 * Whoever has got hold of it since the freeze, by pidfd_getfd(), may hold its lock, too: with
 * him it goes on.
 */
static void tcpconn_kill(struct ckpt_object *obj)
{
	if (file_count((struct file *)obj->ptr) <= obj->refs + 1)
		ckpt_tcp_silence(sock_of(obj));
}

static void tcpconn_release(struct ckpt_object *obj)
{
	ckpt_tcp_stream_put(obj->priv);
}

/* ---- made again ------------------------------------------------------------------------ */

static void *tcpconn_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	struct file *file = ckpt_inet_create(r, item, SOCK_STREAM, 0);
	int err;

	if (IS_ERR(file))
		return file;
	err = ckpt_tcp_end_make(r, item, sock_from_file(file));
	if (!err)
		return file;
	fput(file);
	return ERR_PTR(err);
}

static void tcpconn_end(struct ckpt_item *item, bool failed)
{
	struct sock *sk = item->made ? sock_from_file(item->made)->sk : NULL;

	if (failed && sk)
		ckpt_tcp_silence(sk);
	ckpt_tcp_end_over(item, sk, failed);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_tcpconn_ops = {
	.type = CKPT_TYPE_TCPCONN,
	.name = "tcp connection",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE,
	.records = { CKPT_REC_FILE, CKPT_REC_INET, CKPT_REC_INET_DEVICES, CKPT_REC_IPOPTS,
		     CKPT_REC_IP6OPTS, CKPT_REC_TCPOPTS, CKPT_REC_SOCKOPTS,
		     CKPT_REC_SOCKFILTER, CKPT_REC_TCP, CKPT_REC_TCPCONN, CKPT_REC_TCPURGENT,
		     CKPT_REC_TCPKEY, CKPT_REC_INET_HEADERS },
	.max_size = 1 << 20,
	.check = ckpt_check_tcpconn,
	CKPT_KERNEL(.match = tcpconn_match, .async = ckpt_inet_async,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = tcpconn_collect, .verify = tcpconn_verify,
		    .save = tcpconn_save, .kill = tcpconn_kill, .thaw = ckpt_tcp_end_thaw,
		    .release = tcpconn_release, .restore = tcpconn_restore,
		    .end = tcpconn_end, .drop = ckpt_file_put)
};
