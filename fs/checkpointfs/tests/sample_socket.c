// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sockets: Unix, UDP, raw, netlink, TCP.
 */
#include "sample_add.h"

static void add_socket(struct sample *s, u64 file, u64 id, u64 peer)
{
	struct ckpt_unixsock *sock;
	struct ckpt_socket *rec;

	if (file) {
		rec = sample_unnamed(s, file, CKPT_TYPE_SOCKET, CKPT_REC_SOCKET);
		rec->socket = cpu_to_le64(id);
		rec->mode = cpu_to_le32(0140777);
	}
	sock = ADD(sample_add(s, CKPT_TYPE_UNIXSOCK, id), CKPT_REC_UNIXSOCK, 0);
	sock->file = cpu_to_le64(file);
	sock->peer = cpu_to_le64(peer);
	sock->creds = cpu_to_le64(1);
	sock->pid = cpu_to_le32(10);
	sock->type = cpu_to_le32(CKPT_UNIX_STREAM);
	sock->flags = cpu_to_le32(CKPT_UNIX_ESTABLISHED);
}

static void add_queue(struct sample *s, u64 id, u32 messages, u32 files)
{
	struct ckpt_writer *w = &sample_file(s, CKPT_TYPE_UNIXSOCK, id)->w;
	struct ckpt_sockopt *opt;

	ADD(w, CKPT_REC_UNIX_MESSAGES, messages);
	ADD(w, CKPT_REC_UNIX_FILES, files);
	ADD(w, CKPT_REC_SOCKOPTS, 2);
	opt = sample_elems(s, CKPT_TYPE_UNIXSOCK, id, CKPT_REC_SOCKOPTS) ?: (void *)sample_nowhere;
	opt[0].option = cpu_to_le32(CKPT_SO_PASSCRED);
	opt[1].option = cpu_to_le32(CKPT_SO_SNDBUF);
	ADD(w, CKPT_REC_SOCKFILTER, 1);
}

/* A pair, of which the first end has got two messages, one with itself in it. */
static void add_sockets(struct sample *s)
{
	struct ckpt_unix_message *message;
	struct ckpt_unixsock *sock;
	__le64 *file;

	add_socket(s, 32, 1, 2);
	add_queue(s, 1, 2, 1);
	add_socket(s, 33, 2, 1);
	add_queue(s, 2, 0, 0);
	sock = sample_body(s, CKPT_TYPE_UNIXSOCK, 1, CKPT_REC_UNIXSOCK) ?: (void *)sample_nowhere;
	sock->bytes = cpu_to_le64(8);
	message = sample_elems(s, CKPT_TYPE_UNIXSOCK, 1, CKPT_REC_UNIX_MESSAGES) ?:
		  (void *)sample_nowhere;
	message[0].sender = cpu_to_le64(2);
	message[0].len = cpu_to_le32(5);
	message[1] = message[0];
	message[1].len = cpu_to_le32(3);
	message[1].files = cpu_to_le32(1);
	message[1].flags = cpu_to_le32(CKPT_UNIX_MESSAGE_CREDS);
	message[1].ended = cpu_to_le64(1);
	file = sample_elems(s, CKPT_TYPE_UNIXSOCK, 1, CKPT_REC_UNIX_FILES) ?:
		(void *)sample_nowhere;
	*file = cpu_to_le64(32);
	sample_add(s, CKPT_TYPE_UNIXDATA, 1);
	sample_file(s, CKPT_TYPE_UNIXDATA, 1)->size = 8;
}

static void add_name(struct sample *s, u64 id, u32 kind, const char *name, u32 len)
{
	struct ckpt_writer *w = &sample_file(s, CKPT_TYPE_UNIXSOCK, id)->w;
	struct ckpt_unix_name *rec = ADD(w, CKPT_REC_UNIX_NAME, len);
	void *bytes = sample_elems(s, CKPT_TYPE_UNIXSOCK, id, CKPT_REC_UNIX_NAME);

	rec->kind = cpu_to_le32(kind);
	if (bytes)
		memcpy(bytes, name, len);
	if (kind == CKPT_UNIX_NAME_FILE) {
		rec->mode = cpu_to_le32(0140640);
		ckpt_add_path(w, CKPT_PATH_FILE, "/run/socket");
	}
}

/* A listener in whose queue the other end of a connection is, named too. */
static void add_listener(struct sample *s)
{
	struct ckpt_unix_waiting *waiting;
	struct ckpt_unix_sender *sender;
	struct ckpt_unixsock *sock;
	__le64 *id;

	add_socket(s, 34, 3, 0);
	add_queue(s, 3, 0, 0);
	sock = sample_body(s, CKPT_TYPE_UNIXSOCK, 3, CKPT_REC_UNIXSOCK) ?: (void *)sample_nowhere;
	sock->flags = cpu_to_le32(CKPT_UNIX_LISTENING);
	add_name(s, 3, CKPT_UNIX_NAME_FILE, "socket", 7);
	ADD(&sample_file(s, CKPT_TYPE_UNIXSOCK, 3)->w, CKPT_REC_UNIX_PENDING, 1);
	id = sample_elems(s, CKPT_TYPE_UNIXSOCK, 3, CKPT_REC_UNIX_PENDING) ?:
		(void *)sample_nowhere;
	*id = cpu_to_le64(5);
	add_socket(s, 35, 4, 5);
	add_queue(s, 4, 0, 0);
	add_name(s, 4, CKPT_UNIX_NAME_ABSTRACT, "\0client", 7);
	ADD(&sample_file(s, CKPT_TYPE_UNIXSOCK, 4)->w, CKPT_REC_UNIX_SENDERS, 1);
	sender = sample_elems(s, CKPT_TYPE_UNIXSOCK, 4, CKPT_REC_UNIX_SENDERS) ?:
		 (void *)sample_nowhere;
	sender->len = cpu_to_le32(2);
	sender->name[0] = 'x';
	add_socket(s, 0, 5, 4);
	add_queue(s, 5, 0, 0);
	waiting = ADD(&sample_file(s, CKPT_TYPE_UNIXSOCK, 5)->w, CKPT_REC_UNIX_WAITING, 0);
	waiting->listener = cpu_to_le64(3);
}

/* Options of IPv4, and one of IPv6. */
static void add_headers(struct sample *s, struct ckpt_writer *w)
{
	struct ckpt_inet_header *header;

	ADD(w, CKPT_REC_INET_HEADERS, 2);
	header = sample_elems(s, CKPT_TYPE_UDP, 63, CKPT_REC_INET_HEADERS);
	/* Larger than what there is instead. */
	if (!header)
		return;
	header[0].header = cpu_to_le32(CKPT_HEADER_OPTIONS);
	header[0].len = cpu_to_le32(4);
	header[0].bytes[0] = 1;
	header[1].header = cpu_to_le32(CKPT_HEADER_LAST);
	header[1].len = cpu_to_le32(8);
	header[1].bytes[2] = 1;
}

/* One of IPv6, in a group, to which a datagram of each family has come. */
static void add_udp(struct sample *s)
{
	struct ckpt_inet *rec = sample_unnamed(s, 63, CKPT_TYPE_UDP, CKPT_REC_INET);
	struct ckpt_writer *w = &sample_file(s, CKPT_TYPE_UDP, 63)->w;
	struct ckpt_inet_device *device;
	struct ckpt_inet_source *source;
	struct ckpt_datagram *datagram;
	struct ckpt_udpcork *cork;
	struct ckpt_sockopt *opt;

	rec->family = cpu_to_le32(CKPT_INET_IPV6);
	rec->flags = cpu_to_le32(CKPT_INET_PORT | CKPT_INET_ADDR_LOCK);
	rec->mode = cpu_to_le32(0140777);
	rec->local[15] = 1;
	rec->local_port = cpu_to_le16(7);
	ADD(w, CKPT_REC_INET_DEVICES, 3);
	device = sample_elems(s, CKPT_TYPE_UDP, 63, CKPT_REC_INET_DEVICES) ?:
		(void *)sample_nowhere;
	device[0].use = cpu_to_le32(CKPT_INET_MULTICAST6);
	memcpy(device[0].name, "lo", 2);
	device[1].use = cpu_to_le32(CKPT_INET_MEMBER6);
	device[1].group[0] = 0xff;
	memcpy(device[1].name, "lo", 2);
	device[2].use = cpu_to_le32(CKPT_INET_PKTINFO6);
	device[2].group[15] = 1;
	ADD(w, CKPT_REC_INET_SOURCES, 2);
	source = sample_elems(s, CKPT_TYPE_UDP, 63, CKPT_REC_INET_SOURCES) ?:
		 (void *)sample_nowhere;
	source[0].member = cpu_to_le32(1);
	source[0].mode = cpu_to_le32(CKPT_SOURCE_EXCLUDE);
	source[1] = source[0];
	source[1].addr[15] = 1;
	ADD(w, CKPT_REC_IPOPTS, 0);
	ADD(w, CKPT_REC_IP6OPTS, 1);
	opt = sample_elems(s, CKPT_TYPE_UDP, 63, CKPT_REC_IP6OPTS) ?: (void *)sample_nowhere;
	opt->option = cpu_to_le32(CKPT_IP6_RECVPKTINFO);
	add_headers(s, w);
	ADD(w, CKPT_REC_UDPOPTS, 0);
	ADD(w, CKPT_REC_SOCKOPTS, 0);
	ADD(w, CKPT_REC_DATAGRAMS, 2);
	datagram = sample_elems(s, CKPT_TYPE_UDP, 63, CKPT_REC_DATAGRAMS) ?: (void *)sample_nowhere;
	datagram[0].family = cpu_to_le32(CKPT_INET_IPV4);
	datagram[0].len = cpu_to_le32(5);
	datagram[1].family = cpu_to_le32(CKPT_INET_IPV6);
	datagram[1].from[15] = 1;
	cork = ADD(w, CKPT_REC_UDPCORK, 0);
	cork->family = cpu_to_le32(CKPT_INET_IPV4);
	cork->len = cpu_to_le32(2);
	cork->to_port = cpu_to_le16(9);
	sample_add(s, CKPT_TYPE_UDPDATA, 63);
	sample_file(s, CKPT_TYPE_UDPDATA, 63)->size = 7;
}

static void add_rawsock(struct sample *s, u64 id, u32 kind, u32 family, u32 protocol, u32 len)
{
	struct ckpt_inet *rec = sample_unnamed(s, id, CKPT_TYPE_RAW, CKPT_REC_INET);
	struct ckpt_writer *w = &sample_file(s, CKPT_TYPE_RAW, id)->w;
	struct ckpt_datagram *datagram;
	struct ckpt_raw *raw;

	rec->family = cpu_to_le32(family);
	rec->flags = cpu_to_le32(CKPT_INET_PORT);
	rec->mode = cpu_to_le32(0140777);
	rec->local_port = cpu_to_le16(protocol);
	ADD(w, CKPT_REC_INET_DEVICES, 0);
	ADD(w, CKPT_REC_IPOPTS, 0);
	if (family == CKPT_INET_IPV6)
		ADD(w, CKPT_REC_IP6OPTS, 0);
	ADD(w, CKPT_REC_SOCKOPTS, 0);
	ADD(w, CKPT_REC_DATAGRAMS, 1);
	datagram = sample_elems(s, CKPT_TYPE_RAW, id, CKPT_REC_DATAGRAMS) ?: (void *)sample_nowhere;
	datagram->family = cpu_to_le32(family);
	datagram->len = cpu_to_le32(len);
	raw = ADD(w, CKPT_REC_RAW, 0);
	raw->kind = cpu_to_le32(kind);
	raw->protocol = cpu_to_le32(protocol);
	sample_add(s, CKPT_TYPE_UDPDATA, id);
	sample_file(s, CKPT_TYPE_UDPDATA, id)->size = len;
}

/* Of IPv4 and IPv6, with filters, and one that pings. */
static void add_raw(struct sample *s)
{
	struct ckpt_raw *raw;

	add_rawsock(s, 92, CKPT_RAW_RAW, CKPT_INET_IPV4, 1, 24);
	raw = sample_body(s, CKPT_TYPE_RAW, 92, CKPT_REC_RAW) ?: (void *)sample_nowhere;
	raw->filter[3] = 0x80;
	add_rawsock(s, 93, CKPT_RAW_RAW, CKPT_INET_IPV6, 58, 3);
	raw = sample_body(s, CKPT_TYPE_RAW, 93, CKPT_REC_RAW) ?: (void *)sample_nowhere;
	raw->flags = cpu_to_le32(CKPT_RAW_CHECKSUM);
	raw->checksum = cpu_to_le32(2);
	raw->filter[31] = 0x80;
	add_rawsock(s, 94, CKPT_RAW_PING, CKPT_INET_IPV6, 58, 8);
}

/* In two groups, connected, with a message of the kernel and one of a program. */
static void add_netlink(struct sample *s)
{
	struct ckpt_netlink *rec = sample_unnamed(s, 90, CKPT_TYPE_NETLINK, CKPT_REC_NETLINK);
	struct ckpt_writer *w = &sample_file(s, CKPT_TYPE_NETLINK, 90)->w;
	struct ckpt_netlink_message *message;
	__le32 *group;

	rec->creds = cpu_to_le64(1);
	rec->protocol = cpu_to_le32(CKPT_NETLINK_ROUTE);
	rec->type = cpu_to_le32(CKPT_NETLINK_RAW);
	rec->flags = cpu_to_le32(CKPT_NETLINK_CONNECTED | CKPT_NETLINK_EXT_ACK);
	rec->mode = cpu_to_le32(0140777);
	rec->portid = cpu_to_le32(10);
	rec->dst_group = cpu_to_le32(32);
	ADD(w, CKPT_REC_NETLINK_GROUPS, 2);
	group = sample_elems(s, CKPT_TYPE_NETLINK, 90, CKPT_REC_NETLINK_GROUPS) ?:
		(void *)sample_nowhere;
	group[0] = cpu_to_le32(1);
	group[1] = cpu_to_le32(33);
	ADD(w, CKPT_REC_SOCKOPTS, 0);
	ADD(w, CKPT_REC_NETLINK_MESSAGES, 2);
	message = sample_elems(s, CKPT_TYPE_NETLINK, 90, CKPT_REC_NETLINK_MESSAGES) ?:
		  (void *)sample_nowhere;
	message[0].len = cpu_to_le32(5);
	message[1].len = cpu_to_le32(3);
	message[1].flags = cpu_to_le32(CKPT_NETLINK_MESSAGE_CREDS | CKPT_NETLINK_MESSAGE_NSID);
	message[1].portid = cpu_to_le32(1000);
	message[1].pid = cpu_to_le32(1000);
	message[1].nsid = cpu_to_le32(2);
	sample_add(s, CKPT_TYPE_NETLINKDATA, 90);
	sample_file(s, CKPT_TYPE_NETLINKDATA, 90)->size = 8;
}

/* It listens. */
static void add_tcp(struct sample *s)
{
	struct ckpt_inet *rec = sample_unnamed(s, 64, CKPT_TYPE_TCP, CKPT_REC_INET);
	struct ckpt_writer *w = &sample_file(s, CKPT_TYPE_TCP, 64)->w;
	struct ckpt_tcp *tcp;

	rec->family = cpu_to_le32(CKPT_INET_IPV4);
	rec->flags = cpu_to_le32(CKPT_INET_PORT | CKPT_INET_PORT_LOCK);
	rec->mode = cpu_to_le32(0140777);
	rec->local_port = cpu_to_le16(7);
	ADD(w, CKPT_REC_INET_DEVICES, 0);
	ADD(w, CKPT_REC_IPOPTS, 0);
	ADD(w, CKPT_REC_TCPOPTS, 0);
	ADD(w, CKPT_REC_SOCKOPTS, 0);
	tcp = ADD(w, CKPT_REC_TCP, 0);
	tcp->state = cpu_to_le32(CKPT_TCP_LISTENING);
	tcp->call = cpu_to_le32(CKPT_TCP_UNCONNECTED);
	memcpy(tcp->congestion, "cubic", 5);
	ADD(w, CKPT_REC_TCPKEY, 2);
	ADD(w, CKPT_REC_REUSEPORT, 1);
}

/* It has been connected; four bytes have not been read, nor has the end. */
static void add_ended(struct sample *s)
{
	struct ckpt_inet *rec = sample_unnamed(s, 199, CKPT_TYPE_TCP, CKPT_REC_INET);
	struct ckpt_writer *w = &sample_file(s, CKPT_TYPE_TCP, 199)->w;
	struct ckpt_tcpunread *unread;
	struct ckpt_tcp *tcp;

	rec->family = cpu_to_le32(CKPT_INET_IPV4);
	rec->mode = cpu_to_le32(0140777);
	ADD(w, CKPT_REC_INET_DEVICES, 0);
	ADD(w, CKPT_REC_IPOPTS, 0);
	ADD(w, CKPT_REC_TCPOPTS, 0);
	ADD(w, CKPT_REC_SOCKOPTS, 0);
	tcp = ADD(w, CKPT_REC_TCP, 0);
	tcp->state = cpu_to_le32(CKPT_TCP_CLOSED);
	tcp->call = cpu_to_le32(CKPT_TCP_CONNECTED);
	tcp->flags = cpu_to_le32(CKPT_TCP_DONE);
	memcpy(tcp->congestion, "cubic", 5);
	unread = ADD(w, CKPT_REC_TCPUNREAD, 0);
	unread->len = cpu_to_le32(4);
	unread->flags = cpu_to_le32(CKPT_TCPUNREAD_END);
	sample_add(s, CKPT_TYPE_TCPDATA, 199);
	sample_file(s, CKPT_TYPE_TCPDATA, 199)->size = 4;
}

/* It asks to be connected. */
static void add_asking(struct sample *s)
{
	struct ckpt_inet *rec = sample_unnamed(s, 198, CKPT_TYPE_TCP, CKPT_REC_INET);
	struct ckpt_writer *w = &sample_file(s, CKPT_TYPE_TCP, 198)->w;
	struct ckpt_tcp *tcp;

	rec->family = cpu_to_le32(CKPT_INET_IPV4);
	rec->flags = cpu_to_le32(CKPT_INET_PORT | CKPT_INET_CONNECTED);
	rec->mode = cpu_to_le32(0140777);
	rec->local_port = cpu_to_le16(11);
	rec->peer_port = cpu_to_le16(12);
	ADD(w, CKPT_REC_INET_DEVICES, 0);
	ADD(w, CKPT_REC_IPOPTS, 0);
	ADD(w, CKPT_REC_TCPOPTS, 0);
	ADD(w, CKPT_REC_SOCKOPTS, 0);
	tcp = ADD(w, CKPT_REC_TCP, 0);
	tcp->state = cpu_to_le32(CKPT_TCP_ASKING);
	tcp->call = cpu_to_le32(CKPT_TCP_CONNECTING);
	memcpy(tcp->congestion, "cubic", 5);
}

/* What every end of a connection has. */
static struct ckpt_tcpconn *fill_conn(struct ckpt_writer *w, struct ckpt_inet *rec, u16 port,
				      u16 peer_port)
{
	struct ckpt_tcpconn *conn;
	struct ckpt_tcp *tcp;

	rec->family = cpu_to_le32(CKPT_INET_IPV4);
	rec->flags = cpu_to_le32(CKPT_INET_PORT | CKPT_INET_CONNECTED);
	rec->mode = cpu_to_le32(0140777);
	rec->local_port = cpu_to_le16(port);
	rec->peer_port = cpu_to_le16(peer_port);
	ADD(w, CKPT_REC_INET_DEVICES, 0);
	ADD(w, CKPT_REC_IPOPTS, 0);
	ADD(w, CKPT_REC_TCPOPTS, 0);
	ADD(w, CKPT_REC_SOCKOPTS, 0);
	tcp = ADD(w, CKPT_REC_TCP, 0);
	tcp->state = cpu_to_le32(CKPT_TCP_OPEN);
	tcp->call = cpu_to_le32(CKPT_TCP_CONNECTED);
	memcpy(tcp->congestion, "cubic", 5);
	conn = ADD(w, CKPT_REC_TCPCONN, 0);
	conn->mss = cpu_to_le16(1000);
	return conn;
}

/* One end of a connection, which has 3 bytes from the other, that knows of no answer. */
static void add_conn(struct sample *s, u64 id, u64 peer, u32 unread, u32 queued)
{
	struct ckpt_inet *rec = sample_unnamed(s, id, CKPT_TYPE_TCPCONN, CKPT_REC_INET);
	struct ckpt_writer *w = &sample_file(s, CKPT_TYPE_TCPCONN, id)->w;
	struct ckpt_tcpconn *conn = fill_conn(w, rec, id, peer);
	struct ckpt_tcpurgent *urgent;

	conn->peer = cpu_to_le64(peer);
	conn->unread = cpu_to_le32(unread);
	conn->queued = cpu_to_le32(queued);
	urgent = ADD(w, CKPT_REC_TCPURGENT, 0);
	urgent->queued = cpu_to_le32(queued);
	urgent->state = cpu_to_le32(unread ? CKPT_URGENT_UNREAD : CKPT_URGENT_NONE);
	sample_add(s, CKPT_TYPE_TCPDATA, id);
	sample_file(s, CKPT_TYPE_TCPDATA, id)->size = unread + queued;
}

/* It waits for the socket that listens; the other end has been closed. */
static void add_waiting(struct sample *s, u64 id)
{
	struct ckpt_writer *w = sample_add(s, CKPT_TYPE_TCPWAITING, id);
	struct ckpt_tcpwaiting *waiting = ADD(w, CKPT_REC_TCPWAITING, 0);
	struct ckpt_tcpconn *conn;

	waiting->listener = cpu_to_le64(64);
	conn = fill_conn(w, ADD(w, CKPT_REC_INET, 0), 7, 9);
	conn->flags = cpu_to_le32(CKPT_TCPCONN_RCV_END);
	sample_add(s, CKPT_TYPE_TCPDATA, id);
}

void sample_add_sockets(struct sample *s)
{
	add_sockets(s);
	add_listener(s);
	add_udp(s);
	add_raw(s);
	add_netlink(s);
	add_tcp(s);
	add_ended(s);
	add_asking(s);
	add_conn(s, 65, 66, 3, 0);
	add_conn(s, 66, 65, 0, 3);
	add_waiting(s, 75);
}
