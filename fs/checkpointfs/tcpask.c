// SPDX-License-Identifier: GPL-2.0-only
/*
 * A TCP socket that has asked for a connection and has not been answered: connect(2)
 * sleeps, or has returned EINPROGRESS.
 *
 * Nothing has been said yet, so nothing needs repair: it asks again, by connect(2), with
 * the rights of the writer and from the same address and port. Who slept in connect(2)
 * makes that call again, which finds a socket that asks and waits for it.
 *
 * The answer could come at any time. Between the freeze and a thaw, or the end of the
 * program, its packets are held back (nethold.c), those it asks with as well, so that its
 * peer does not know of a connection of which the image does not. Under the lock of the
 * socket, before the first record is written and after the last one, it is looked whether
 * it still asks: there is no way back to that without a call.
 *
 * A restore that succeeds lets it ask when all is there, one that fails has not asked
 * anybody. For that it takes the right to hold packets back, which is that of TCP_REPAIR;
 * without it the socket asks at once.
 *
 * Not kept: the number its stream was to begin with, whether it has asked for a cookie, how
 * often it has asked.
 */
#include <linux/capability.h>
#include <linux/file.h>
#include <linux/tcp.h>
#include <net/inet_connection_sock.h>
#include <net/tcp.h>

#include "inet.h"

/* ---- saved --------------------------------------------------------------------------- */

static struct ckpt_tcp_stream *asking_of(const struct ckpt_object *obj)
{
	struct ckpt_tcp_stream *stream = obj->priv;

	return stream && stream->asks ? stream : NULL;
}

static struct sock *sock_of(const struct ckpt_object *obj)
{
	return sock_from_file(obj->ptr)->sk;
}

int ckpt_tcp_ask_collect(struct ckpt_object *obj)
{
	struct ckpt_tcp_stream *stream;

	if (inet_sk_state_load(sock_of(obj)) != TCP_SYN_SENT)
		return 0;
	stream = ckpt_tcp_stream_create();
	if (!stream)
		return -ENOMEM;
	stream->asks = true;
	obj->priv = stream;
	return 0;
}

/* What is told of bytes counts from a number that the stream will not have again. */
static const char *obstacle(struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (sk->sk_state != TCP_SYN_SENT)
		return "a tcp connection that has just been made or refused";
	if (inet_test_bit(DEFER_CONNECT, sk) || tp->write_seq != tp->snd_una + 1)
		return "a tcp connection that begins with what is sent (TCP_FASTOPEN)";
	if (READ_ONCE(sk->sk_tsflags) & SOF_TIMESTAMPING_OPT_ID)
		return "numbers of bytes (SOF_TIMESTAMPING_OPT_ID) before there is a connection";
	return NULL;
}

static int refuse(struct ckpt_collect *c, struct ckpt_object *obj, const char *why)
{
	char who[CKPT_WHO_MAX];

	if (why)
		ckpt_refuse(c, "%s: %s cannot be saved",
			    ckpt_who(c, obj->ptr, who, sizeof(who)), why);
	return 0;
}

static int look(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct sock *sk = sock_of(obj);
	const char *why;

	lock_sock(sk);
	why = obstacle(sk);
	release_sock(sk);
	return refuse(c, obj, why);
}

/* Whoever has it outside, too, may hold its lock for as long as he likes. */
int ckpt_tcp_ask_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct ckpt_tcp_stream *stream = asking_of(obj);
	struct ckpt_nethold *hold;

	if (!stream || ckpt_file_shared(c, obj))
		return 0;
	if (c->con->holds) {
		hold = ckpt_tcp_hold(sock_of(obj), true);
		if (IS_ERR(hold))
			return PTR_ERR(hold);
		stream->hold = hold;
	}
	stream->verified = true;
	return look(c, obj);
}

int ckpt_tcp_ask_saved(struct ckpt_collect *c, struct ckpt_object *obj)
{
	const struct ckpt_tcp_stream *stream = asking_of(obj);

	if (!stream)
		return 0;
	/* It was shared when it was to be verified, and a moment later was not. */
	return stream->verified ? look(c, obj) :
		refuse(c, obj, "a tcp connection that others look at");
}

/* To be lost on its way costs no more than time: no hold is left. */
void ckpt_tcp_ask_thaw(struct ckpt_object *obj)
{
	if (asking_of(obj))
		ckpt_tcp_end_thaw(obj, 0);
}

/* ---- made again ------------------------------------------------------------------------ */

/* What it asks with has been dropped; it is sent again when the restore is over. */
static void keep_quiet(struct sock *sk)
{
	lock_sock(sk);
	if (sk->sk_state == TCP_SYN_SENT)
		inet_csk_clear_xmit_timer(sk, ICSK_TIME_RETRANS);
	release_sock(sk);
}

static int ask(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock)
{
	bool holds = ns_capable(sock_net(sock->sk)->user_ns, CAP_NET_ADMIN);
	int err = holds ? ckpt_tcp_hold_again(r, item, sock, true) : 0;

	if (!err)
		err = ckpt_tcp_connect(r, item, sock);
	if (!err && holds)
		keep_quiet(sock->sk);
	return err;
}

int ckpt_tcp_ask_complete(struct ckpt_restore *r)
{
	struct ckpt_item *item;
	unsigned long id;
	int err;

	xa_for_each(&ckpt_restore_img(r)->items[CKPT_TYPE_TCP], id, item) {
		const struct ckpt_tcp *rec = ckpt_item_body(item, CKPT_REC_TCP);

		if (le32_to_cpu(rec->state) != CKPT_TCP_ASKING)
			continue;
		err = ask(r, item, sock_from_file(item->made));
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}
