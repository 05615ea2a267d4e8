/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sockets of IPv4 and IPv6: what their object types share. inetsock.c has what
 * they are called, inetdev.c their devices, inetopt.c their options, inetheader.c what they
 * add to headers, inetqueue.c
 * the datagrams that have come, tcpend.c and tcpstream.c TCP connections, nethold.c the
 * packets of these, tcpask.c what asks for one.
 */
#ifndef _CKPT_INET_H
#define _CKPT_INET_H

#include <linux/net.h>
#include <linux/net_tstamp.h>
#include <linux/refcount.h>
#include <linux/skbuff.h>
#include <net/inet_sock.h>

#include "checkpointfs.h"
#include "nethold.h"

/* ---- inetsock.c -------------------------------------------------------------- */

/* Return: the socket of IPv4 or IPv6 that the file is, or NULL. */
const struct sock *ckpt_inet_of(struct file *file);
/* Is it one of that SOCK_* and IPPROTO_*? */
bool ckpt_inet_match(struct file *file, int type, int protocol);
struct fasync_struct *ckpt_inet_async(struct file *file);
/* Return: what no such socket may have, or NULL. */
const char *ckpt_inet_obstacle(struct sock *sk);
/* Refuse that. @why: what else there is, or NULL. */
int ckpt_inet_collect(struct ckpt_collect *c, struct ckpt_object *obj, const char *why);
/* Writes all that the check of these sockets wants. */
int ckpt_inet_save(struct ckpt_collect *c, struct ckpt_object *obj, struct ckpt_writer *w);
/* The same of a socket that is behind @holder, without what is of an open file. */
int ckpt_inet_save_sock(struct ckpt_collect *c, struct sock *sk, struct file *holder,
			struct ckpt_writer *w);
/**
 * ckpt_inet_create() - a new socket, with its owner and all options
 * @r: restore
 * @item: of such a socket
 * @type: SOCK_*
 * @protocol: IPPROTO_*, 0: the usual one of @type
 *
 * It has no address yet. Return: the file, owned by the caller, or ERR_PTR()
 * (reported).
 */
struct file *ckpt_inet_create(struct ckpt_restore *r, struct ckpt_item *item, int type,
			      int protocol);
/* All options of a new socket, whoever owns it. Return: 0 or -errno (reported). */
int ckpt_inet_set_up(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock);
/* Give it its address and port. Return: 0 or -errno (reported). */
int ckpt_inet_bind(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock);
/* Connect it to its peer. The same. */
int ckpt_inet_connect(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock);
/* What no call can set: errors, the ends that are shut down. */
void ckpt_inet_finish(struct ckpt_item *item, struct socket *sock);

static inline bool ckpt_inet_is_v6(const struct sock *sk)
{
	return IS_BUILTIN(CONFIG_IPV6) && sk->sk_family == AF_INET6;
}

/* As what the options and the headers are of: those of IPv4 may not be had there. */
static inline bool ckpt_inet_is_raw6(const struct sock *sk)
{
	return sk->sk_type == SOCK_RAW && ckpt_inet_is_v6(sk);
}

/* Does the socket get a time with that which only a device can have told? */
static inline bool ckpt_skb_told_by_device(const struct sock *sk, struct sk_buff *skb)
{
	return READ_ONCE(sk->sk_tsflags) & SOF_TIMESTAMPING_RAW_HARDWARE &&
	       skb_hwtstamps(skb)->hwtstamp;
}

/* Those of UDP-Lite are as those of UDP, with another number. */
static inline bool ckpt_inet_is_udp(const struct sock *sk)
{
	return sk->sk_family != AF_PACKET && sk->sk_type == SOCK_DGRAM &&
	       (sk->sk_protocol == IPPROTO_UDP || sk->sk_protocol == IPPROTO_UDPLITE);
}

/* ---- inetdev.c ---------------------------------------------------------------- */

/* Return: what of its devices and groups is not saved, or NULL. */
const char *ckpt_inet_devices_obstacle(struct sock *sk);
/* Writes CKPT_REC_INET_DEVICES and ..._SOURCES. Return: w->error or -ENODEV. */
int ckpt_inet_devices_save(struct sock *sk, struct ckpt_writer *w);
/* Return: 0 or -errno (reported). */
int ckpt_inet_devices_restore(struct ckpt_restore *r, struct ckpt_item *item,
			      struct socket *sock);
/* Its name; @index 0: none. Return: 0 or -ENODEV. */
int ckpt_device_name(struct net *net, int index, char name[16]);
/* Its index; 0: an empty name. Return: that or -ENODEV. */
int ckpt_device_index(struct net *net, const char name[16]);

/* ---- reuseport.c: groups of sockets that share a port ---------------------------- */

/* Return: what of its group is not saved, or NULL. */
const char *ckpt_reuseport_obstacle(struct sock *sk);
/* All have been collected: is a program that chooses among them of the container alone? */
int ckpt_reuseport_verify(struct ckpt_collect *c, struct ckpt_object *obj);
/* Writes CKPT_REC_REUSEPORT, if it is in one. */
int ckpt_reuseport_save(struct sock *sk, struct ckpt_writer *w);
/* All of that type have been made: their places, and programs. Return: 0 or -errno (reported). */
int ckpt_reuseport_complete(struct ckpt_restore *r, u32 type);

/* ---- inetopt.c ---------------------------------------------------------------- */

/* Writes a record of options for each level that the socket has. */
int ckpt_inetopts_save(struct sock *sk, struct ckpt_writer *w);
/* Return: 0 or -errno (reported). */
int ckpt_inetopts_restore(struct ckpt_restore *r, struct ckpt_item *item,
			  struct socket *sock);

/* ---- inetheader.c --------------------------------------------------------------- */

/* Writes CKPT_REC_INET_HEADERS, if it has any. */
int ckpt_inet_headers_save(struct sock *sk, struct ckpt_writer *w);
/* Return: 0 or -errno (reported). */
int ckpt_inet_headers_restore(struct ckpt_restore *r, struct ckpt_item *item,
			      struct socket *sock);

/* ---- inetqueue.c ----------------------------------------------------------------- */

/**
 * struct ckpt_inet_queue - what was in the queue of a UDP, raw, ping or packet socket,
 *	or of a descriptor of /dev/net/tun, when it was collected
 * @ref:	of the two objects
 * @nr:		length of @elems
 * @size:	length of @bytes
 * @elems:	what is told of each, oldest first: struct ckpt_datagram, of a packet socket
 *		struct ckpt_packet_message, of tun struct ckpt_tun_packet
 * @bytes:	of all of them, and of the next
 * @cork:	a datagram of a UDP socket that is not complete
 * @corked:	is there one?
 */
struct ckpt_inet_queue {
	refcount_t ref;
	u32 nr;
	size_t size;
	void *elems;
	u8 *bytes;
	struct ckpt_udpcork cork;
	bool corked;
};

/**
 * struct ckpt_skbs - datagrams, referenced
 * @vec:	oldest first
 * @nr:		how many
 * @room:	of @vec
 */
struct ckpt_skbs {
	struct sk_buff **vec;
	u32 nr;
	u32 room;
};

/* All that is in the queue of a socket, of any family, be it empty. Return: 0 or -ENOMEM. */
int ckpt_skbs_grab(struct sock *sk, struct ckpt_skbs *skbs);

/**
 * struct ckpt_skb_teller - what an image tells of packets
 * @size:	of one, bytes
 * @tell:	fill that in, which is zero; *@why, NULL, is set to what cannot be saved. Return:
 *		false: it is left out
 */
struct ckpt_skb_teller {
	size_t size;
	bool (*tell)(const struct sock *sk, struct sk_buff *skb, void *elem, const char **why);
};

/**
 * ckpt_skbs_copy() - copy packets that have been grabbed, and let go of them
 * @sk: whose they are
 * @skbs: them
 * @teller: what is told of each
 * @why: what cannot be saved, or NULL; set to that
 * Return: the queue, with a reference that is the caller's; NULL: there are none, or
 * there is an obstacle; or ERR_PTR(-ENOMEM).
 */
struct ckpt_inet_queue *ckpt_skbs_copy(struct sock *sk, struct ckpt_skbs *skbs,
				       const struct ckpt_skb_teller *teller, const char **why);
/* An empty one, with room in front. Return: that or ERR_PTR(). */
struct sk_buff *ckpt_skb_alloc(u32 headers, u32 len);
/* The same with so many bytes in one piece, and so many in pages. */
struct sk_buff *ckpt_skb_alloc_parts(u32 linear, u32 paged);
/* It becomes as long as it was allocated for. */
void ckpt_skb_extend(struct sk_buff *skb, u32 len);
/* Whose it is then, if there is room. @drops: of the socket, when it came. Return: 0 or -errno. */
int ckpt_skb_enqueue(struct sock *sk, struct sk_buff *skb, u32 drops);

/**
 * struct ckpt_skb_maker - how the packets of an image become those of a new socket
 * @record:	CKPT_REC_*, whose elements they are
 * @size:	of such an element, bytes
 * @data:	CKPT_TYPE_* of what has their bytes
 * @make:	a packet as long as its element says, whose bytes are not there yet. Return: that
 *		or ERR_PTR()
 * @put:	put one that has its bytes into the queue, whose it is from then on. Return: 0;
 *		or -errno, and it is not
 */
struct ckpt_skb_maker {
	u32 record;
	size_t size;
	u32 data;
	struct sk_buff *(*make)(struct ckpt_restore *r, struct sock *sk, const void *elem);
	int (*put)(struct sock *sk, struct sk_buff *skb, const void *elem);
};

/* Is there anything to be put into it? */
bool ckpt_skbs_there(const struct ckpt_item *item, const struct ckpt_skb_maker *maker);
/* All of them, if there are any, the oldest first. Return: 0 or -errno (reported). */
int ckpt_skbs_fill(struct ckpt_restore *r, struct ckpt_item *item, struct sock *sk,
		   const struct ckpt_skb_maker *maker);

void ckpt_inet_queue_get(void *ptr);
void ckpt_inet_queue_put(void *ptr);
/* As ckpt_inet_collect(), and what is in its queue, which becomes obj->priv. */
int ckpt_inet_queue_collect(struct ckpt_collect *c, struct ckpt_object *obj, const char *why);
/* As ckpt_inet_save(), and that. */
int ckpt_inet_queue_save(struct ckpt_collect *c, struct ckpt_object *obj,
			 struct ckpt_writer *w);
/* Fill that of a new socket, which nobody else has. Return: 0 or -errno (reported). */
int ckpt_inet_queue_fill(struct ckpt_restore *r, struct ckpt_item *item, struct sock *sk);
/* Drop what others have sent to a UDP socket's port until it was connected again. */
void ckpt_inet_queue_trim(const struct ckpt_item *item, struct sock *sk);

/* ---- udpcork.c: a datagram that is not complete -------------------------------------- */

/* When the queue is collected: there will be bytes. */
int ckpt_udpcork_collect(struct ckpt_collect *c, struct ckpt_object *obj);
/* All have been: copy them, or refuse it. */
int ckpt_udpcork_verify(struct ckpt_collect *c, struct ckpt_object *obj);
/* Writes CKPT_REC_UDPCORK, if there is one. @queue: or NULL. */
int ckpt_udpcork_save(const struct ckpt_inet_queue *queue, struct ckpt_writer *w);
/* Of a new socket with its port and its peer. Return: 0 or -errno (reported). */
int ckpt_udpcork_restore(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock);

/* ---- objects/tcp.c: what TCP sockets share, whatever their state --------------------- */

/* Return: what is not saved of one, or NULL. */
const char *ckpt_tcp_obstacle(const struct sock *sk);
/* Writes CKPT_REC_TCP and, if it has its own, CKPT_REC_TCPKEY. @call: SS_* of its struct socket. */
int ckpt_tcp_save(struct sock *sk, u32 call, struct ckpt_writer *w);
/* Its congestion control and keys. Return: 0 or -errno (reported). */
int ckpt_tcp_set_up(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock);

/* ---- objects/tcpwaiting.c --------------------------------------------------------------- */

/* Who has connected to a socket, if it listens, and has not been accepted. */
int ckpt_tcp_collect_waiting(struct ckpt_collect *c, struct ckpt_object *listener);

/* ---- tcpend.c: an end of a TCP connection, be it open or waiting to be accepted ------------- */

struct ckpt_tcp_stream;

/*
 * All have been collected: find the other end. If that is outside, hold the packets back.
 * Nobody outside has its socket, and nobody its lock. Return: 0 or -errno.
 */
int ckpt_tcp_end_find(struct ckpt_collect *c, struct sock *sk, struct ckpt_tcp_stream *stream);
/* Then: copy what it has to send. Return: 0 or -ENOMEM; *@why: what cannot be saved, or NULL. */
int ckpt_tcp_end_verify(struct sock *sk, struct ckpt_tcp_stream *stream, const char **why);
/* All have been verified: what it has received. Writes CKPT_REC_TCPCONN. The same. */
int ckpt_tcp_end_save(struct sock *sk, struct ckpt_tcp_stream *stream, struct ckpt_writer *w,
		      const char **why);
/* Hold its packets back; @asks: and what it asks with. Return: that, or ERR_PTR(). */
struct ckpt_nethold *ckpt_tcp_hold(const struct sock *sk, bool asks);
/* The same of a new socket, until ckpt_tcp_end_over(). Return: 0 or -errno (reported). */
int ckpt_tcp_hold_again(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock,
			bool asks);
/* As ckpt_inet_connect(), whatever its options. */
int ckpt_tcp_connect(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock);
/* The program runs on, or has been killed: its packets are held back so long, 0: no more. */
void ckpt_tcp_end_thaw(struct ckpt_object *obj, unsigned int hold);
/* Connect a new socket, with what it has received. Return: 0 or -errno (reported). */
int ckpt_tcp_end_make(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock);
/* All ends have been made: they go on. Return: 0 or -errno (reported). */
int ckpt_tcp_ends_go_on(struct ckpt_restore *r);
/* The restore is over: the packets of @sk pass, or are held back as before. @sk: or NULL. */
void ckpt_tcp_end_over(struct ckpt_item *item, struct sock *sk, bool abandoned);

/* ---- tcpstream.c --------------------------------------------------------------------- */

/**
 * struct ckpt_tcp_stream - a TCP connection, as it was when it was collected
 * @ref:	of the two objects
 * @listener:	in whose queue it waits to be accepted, or NULL
 * @peer:	the other end, while both are saved; NULL: it is closed, or outside
 * @obstacle:	what the other end is that cannot be saved, or NULL
 * @verified:	@peer has been looked for, or @asks to be true
 * @asks:	it is none yet, but asked for: nothing but @hold is meant
 * @hold:	its packets are held back, or NULL
 * @rec:	all but the bytes
 * @urgent:	which of them are
 * @queued:	what has not been acknowledged
 * @nr_queued:	how many bytes
 * @unread:	what has been received
 * @nr_unread:	the same
 */
struct ckpt_tcp_stream {
	refcount_t ref;
	const struct ckpt_object *listener;
	const struct ckpt_tcp_stream *peer;
	const char *obstacle;
	bool verified;
	bool asks;
	struct ckpt_nethold *hold;
	struct ckpt_tcpconn rec;
	struct ckpt_tcpurgent urgent;
	u8 *queued;
	size_t nr_queued;
	u8 *unread;
	size_t nr_unread;
};

void ckpt_tcp_stream_get(void *ptr);
void ckpt_tcp_stream_put(void *ptr);
/* Return: an empty one, with a reference that is the caller's, or NULL. */
struct ckpt_tcp_stream *ckpt_tcp_stream_create(void);
/* In one of the states that have a stream? */
bool ckpt_tcp_connected(const struct sock *sk);
/*
 * Copy what a connection has to send. Nobody outside has its socket. Return: 0 or
 * -ENOMEM; *@why: what cannot be saved, or NULL.
 */
int ckpt_tcp_stream_queued(struct sock *sk, struct ckpt_tcp_stream *stream, const char **why);
/* And what it has received: when the first has been done for all. The same. */
int ckpt_tcp_stream_unread(struct sock *sk, struct ckpt_tcp_stream *stream, const char **why);
/*
 * Copy what has been received of one that is closed, whose lock the caller has. Return: 0,
 * -ENOMEM, or what else: it cannot be saved.
 */
int ckpt_tcp_stream_rest(struct sock *sk, struct ckpt_tcp_stream *stream);
/* Fill a new socket, that will be closed, with that. @fin: and its end. Return: 0 or -errno. */
int ckpt_tcp_stream_refill(struct sock *sk, struct ckpt_item *data, u32 len, bool fin);
/* A new socket is to be repaired, and will begin there. */
int ckpt_tcp_stream_begin(struct socket *sock, const struct ckpt_tcpconn *rec);
/* It is connected: with what it has received. */
int ckpt_tcp_stream_fill(struct socket *sock, struct ckpt_item *data,
			 const struct ckpt_tcpconn *rec);
/* All are: the first @sent bytes of what it has to send. */
int ckpt_tcp_stream_queue(struct socket *sock, struct ckpt_item *data,
			  const struct ckpt_tcpconn *rec, u32 sent);
/* All have that: go on, with the rest. */
int ckpt_tcp_stream_start(struct socket *sock, struct ckpt_item *data,
			  const struct ckpt_tcpconn *rec, u32 sent);
/* What it has sent has been lost: it does not wait for that to show. */
void ckpt_tcp_stream_hurry(struct sock *sk);
/* It will be closed without a word. */
void ckpt_tcp_silence(struct sock *sk);

/* ---- tcpask.c: a socket that asks for a connection, and has not been answered --------------- */

/* If it is one: obj->priv is set. Return: 0 or -ENOMEM. */
int ckpt_tcp_ask_collect(struct ckpt_object *obj);
/* All have been collected: is it one still, and can it be saved? From now on it stays one. */
int ckpt_tcp_ask_verify(struct ckpt_collect *c, struct ckpt_object *obj);
/* All has been written: has it been one until now? */
int ckpt_tcp_ask_saved(struct ckpt_collect *c, struct ckpt_object *obj);
/* The program runs on, or has been killed. */
void ckpt_tcp_ask_thaw(struct ckpt_object *obj);
/* Of all new sockets that are to: ask. Return: 0 or -errno (reported). */
int ckpt_tcp_ask_complete(struct ckpt_restore *r);

/* ---- tcpurgent.c --------------------------------------------------------------------- */

/* As ckpt_tcp_stream_queued() and ..._unread() do, with the lock. Return: 0 or -EUCLEAN. */
int ckpt_tcp_urgent_queued(const struct sock *sk, struct ckpt_tcp_stream *stream);
int ckpt_tcp_urgent_unread(const struct sock *sk, struct ckpt_tcp_stream *stream);
/* Writes CKPT_REC_TCPURGENT, if there is any. */
int ckpt_tcp_urgent_save(const struct ckpt_tcp_stream *stream, struct ckpt_writer *w);
/* A new socket, which has sent nothing and has what it has received. */
void ckpt_tcp_urgent_restore(const struct ckpt_item *item, struct sock *sk);

#endif /* _CKPT_INET_H */
