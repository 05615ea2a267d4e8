// SPDX-License-Identifier: GPL-2.0-only
/*
 * UDP sockets of IPv4 and IPv6, and those of UDP-Lite, which are the same with another
 * protocol number and two more options.
 *
 * An open file and its socket, whose address, peer, options and devices are as
 * those of others (inetsock.c), with the datagrams that had come when it was
 * collected (inetqueue.c), and one that it has begun to send (udpcork.c). What comes
 * afterwards is lost, as the network may lose it. Its queue is filled before it has a
 * port, so that nothing comes before.
 */
#include "../object.h"

#ifdef __KERNEL__

#include <linux/file.h>
#include <linux/udp.h>
#include <net/sock.h>

#include "../inet.h"

static bool udp_match(struct file *file)
{
	return ckpt_inet_match(file, SOCK_DGRAM, IPPROTO_UDP) ||
	       ckpt_inet_match(file, SOCK_DGRAM, IPPROTO_UDPLITE);
}

static const char *obstacle(const struct sock *sk)
{
	return READ_ONCE(udp_sk(sk)->encap_type) ? "encapsulation (UDP_ENCAP)" : NULL;
}

static int udp_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	int err = ckpt_inet_queue_collect(c, obj, obstacle(sock_from_file(obj->ptr)->sk));

	return err ?: ckpt_udpcork_collect(c, obj);
}

static int udp_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	return ckpt_reuseport_verify(c, obj) ?: ckpt_udpcork_verify(c, obj);
}

static int udp_save(struct ckpt_collect *c, struct ckpt_object *obj, struct ckpt_writer *w)
{
	return ckpt_inet_queue_save(c, obj, w) ?: ckpt_udpcork_save(obj->priv, w);
}

static void udp_release(struct ckpt_object *obj)
{
	ckpt_inet_queue_put(obj->priv);
}

static void *udp_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_inet *rec = ckpt_item_body(item, CKPT_REC_INET);
	bool lite = le32_to_cpu(rec->flags) & CKPT_INET_LITE;
	struct file *file = ckpt_inet_create(r, item, SOCK_DGRAM,
					     lite ? IPPROTO_UDPLITE : IPPROTO_UDP);
	struct socket *sock;
	int err;

	if (IS_ERR(file))
		return file;
	sock = sock_from_file(file);
	err = ckpt_inet_queue_fill(r, item, sock->sk);
	if (!err)
		err = ckpt_inet_bind(r, item, sock);
	if (!err)
		err = ckpt_inet_connect(r, item, sock);
	if (!err && sock->sk->sk_state == TCP_ESTABLISHED)
		ckpt_inet_queue_trim(item, sock->sk);
	if (!err)
		err = ckpt_udpcork_restore(r, item, sock);
	if (err) {
		fput(file);
		return ERR_PTR(err);
	}
	ckpt_inet_finish(item, sock);
	return file;
}

static int udp_complete(struct ckpt_restore *r)
{
	return ckpt_reuseport_complete(r, CKPT_TYPE_UDP);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_udp_ops = {
	.type = CKPT_TYPE_UDP,
	.name = "udp socket",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE,
	.records = { CKPT_REC_FILE, CKPT_REC_INET, CKPT_REC_INET_DEVICES, CKPT_REC_IPOPTS,
		     CKPT_REC_IP6OPTS, CKPT_REC_UDPOPTS, CKPT_REC_SOCKOPTS,
		     CKPT_REC_SOCKFILTER, CKPT_REC_DATAGRAMS, CKPT_REC_INET_SOURCES,
		     CKPT_REC_REUSEPORT, CKPT_REC_UDPCORK, CKPT_REC_INET_HEADERS },
	.max_size = 64 << 20,
	.check = ckpt_check_udp,
	CKPT_KERNEL(.match = udp_match, .async = ckpt_inet_async,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = udp_collect, .verify = udp_verify,
		    .save = udp_save, .release = udp_release,
		    .restore = udp_restore, .complete = udp_complete, .drop = ckpt_file_put)
};
