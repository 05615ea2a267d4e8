// SPDX-License-Identifier: GPL-2.0-only
/* The checks of sockets of IPv4 and IPv6. Pure functions. */
#include "../object.h"

static bool is_zero(const u8 *bytes, size_t size)
{
	return !memchr_inv(bytes, 0, size);
}

/* Of IPv4 the first four bytes. */
static bool fits_family(const u8 addr[16], __le32 family)
{
	return le32_to_cpu(family) == CKPT_INET_IPV6 || is_zero(addr + 4, 12);
}

static int check_names(const struct ckpt_check *chk, const struct ckpt_inet *rec)
{
	u32 flags = le32_to_cpu(rec->flags);

	if (!S_ISSOCK(le32_to_cpu(rec->mode)))
		return ckpt_bad(chk, "not the mode of a socket");
	if (!fits_family(rec->local, rec->family) || !fits_family(rec->peer, rec->family))
		return ckpt_bad(chk, "an address that is too long");
	if (flags & CKPT_INET_PORT && !rec->local_port)
		return ckpt_bad(chk, "found by no port");
	if (flags & CKPT_INET_PORT_LOCK && !(flags & CKPT_INET_PORT))
		return ckpt_bad(chk, "has asked for no port");
	if (flags & CKPT_INET_ADDR_LOCK && is_zero(rec->local, sizeof(rec->local)))
		return ckpt_bad(chk, "has asked for no address");
	if (!(flags & CKPT_INET_CONNECTED) &&
	    (rec->peer_port || !is_zero(rec->peer, sizeof(rec->peer))))
		return ckpt_bad(chk, "a peer of what is not connected");
	return 0;
}

static int check_device(const struct ckpt_check *chk, const struct ckpt_inet *sock,
			const struct ckpt_inet_device *rec)
{
	bool v6 = le32_to_cpu(sock->family) == CKPT_INET_IPV6;
	u32 use = le32_to_cpu(rec->use);
	size_t group = 0;

	if (use == CKPT_INET_MEMBER)
		group = 4;
	else if (use == CKPT_INET_MEMBER6 || use == CKPT_INET_PKTINFO6)
		group = 16;
	if (!v6 && (use == CKPT_INET_UNICAST6 || use == CKPT_INET_MULTICAST6 ||
		    use == CKPT_INET_MEMBER6 || use == CKPT_INET_PKTINFO6))
		return ckpt_bad(chk, "not a device of IPv4");
	if (use != CKPT_INET_MULTICAST && use != CKPT_INET_MEMBER &&
	    !is_zero(rec->local, sizeof(rec->local)))
		return ckpt_bad(chk, "a device by an address");
	if (!is_zero(rec->group + group, sizeof(rec->group) - group))
		return ckpt_bad(chk, "not a group");
	if (!rec->name[0] && (use != CKPT_INET_PKTINFO6 || is_zero(rec->group, 16)))
		return ckpt_bad(chk, "a device without a name");
	return 0;
}

/* In the order of their uses, of which all but groups are there once. */
static int check_devices(const struct ckpt_check *chk, const struct ckpt_inet *sock,
			 const void *bytes, size_t size)
{
	const struct ckpt_inet_device *rec;
	struct ckpt_view view;
	u32 i, last = 0;
	int ret;

	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_INET_DEVICES, &view);
	if (ret)
		return ret;
	rec = view.elems;
	for (i = 0; !ret && i < view.count; i++, rec++) {
		u32 use = le32_to_cpu(rec->use);

		if (use < last || (use == last && use != CKPT_INET_MEMBER &&
				   use != CKPT_INET_MEMBER6))
			return ckpt_bad(chk, "devices that do not ascend");
		last = use;
		ret = check_device(chk, sock, rec);
	}
	return ret;
}

/* Of groups of which it is a member, in their order; if it has no such there is no record. */
static int check_sources(const struct ckpt_check *chk, const void *bytes, size_t size)
{
	const struct ckpt_inet_source *rec;
	const struct ckpt_inet_device *dev;
	struct ckpt_view view, devices;
	u32 i, at, use;
	int ret;

	if (!ckpt_find(bytes, size, CKPT_REC_INET_SOURCES, &view))
		return 0;
	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_INET_SOURCES, &view);
	if (ret)
		return ret;
	ckpt_find(bytes, size, CKPT_REC_INET_DEVICES, &devices);
	for (i = 0, rec = view.elems, dev = devices.elems; i < view.count; i++, rec++) {
		at = le32_to_cpu(rec->member);
		use = at < devices.count ? le32_to_cpu(dev[at].use) : CKPT_INET_BOUND;
		if (use != CKPT_INET_MEMBER && use != CKPT_INET_MEMBER6)
			return ckpt_bad(chk, "who sends to no group");
		if (i && (at < le32_to_cpu(rec[-1].member) ||
			  (rec->member == rec[-1].member && rec->mode != rec[-1].mode)))
			return ckpt_bad(chk, "senders that do not ascend");
		if (use == CKPT_INET_MEMBER && !is_zero(rec->addr + 4, 12))
			return ckpt_bad(chk, "an address that is too long");
	}
	return 0;
}

static int check_header(const struct ckpt_check *chk, const struct ckpt_inet *sock,
			const struct ckpt_inet_header *rec)
{
	bool v6 = le32_to_cpu(rec->header) != CKPT_HEADER_OPTIONS;
	u32 len = le32_to_cpu(rec->len);

	if (v6 && le32_to_cpu(sock->family) != CKPT_INET_IPV6)
		return ckpt_bad(chk, "headers of IPv6");
	if (!len || len % (v6 ? 8 : 4) || (!v6 && len > 40))
		return ckpt_bad(chk, "a header of a length that it cannot have");
	return is_zero(rec->bytes + len, sizeof(rec->bytes) - len) ? 0 :
		ckpt_bad(chk, "a header behind its end");
}

static int check_headers(const struct ckpt_check *chk, const struct ckpt_inet *sock,
			 const void *bytes, size_t size)
{
	const struct ckpt_inet_header *rec;
	struct ckpt_view view;
	u32 i, last = 0;
	int ret;

	if (!ckpt_find(bytes, size, CKPT_REC_INET_HEADERS, &view))
		return 0;
	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_INET_HEADERS, &view);
	for (i = 0, rec = view.elems; !ret && i < view.count; i++, rec++) {
		if (le32_to_cpu(rec->header) <= last)
			return ckpt_bad(chk, "headers that do not ascend");
		last = le32_to_cpu(rec->header);
		ret = check_header(chk, sock, rec);
	}
	return ret;
}

static int check_reuseport(const struct ckpt_check *chk, const void *bytes, size_t size)
{
	const struct ckpt_reuseport *rec;
	struct ckpt_view view;
	int ret;

	if (!ckpt_find(bytes, size, CKPT_REC_REUSEPORT, &view))
		return 0;
	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_REUSEPORT, &view);
	if (ret)
		return ret;
	rec = view.body;
	return rec->place && view.count ? ckpt_bad(chk, "not the first, with a program") : 0;
}

/* What all of them have; @sock: set to its record. */
static int check_inet(const struct ckpt_check *chk, const void *bytes, size_t size,
		      const struct ckpt_inet **sock)
{
	struct ckpt_view view;
	int ret;

	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_INET, &view);
	if (ret)
		return ret;
	*sock = view.body;
	ret = check_names(chk, *sock);
	if (!ret)
		ret = check_devices(chk, *sock, bytes, size) ?: check_sources(chk, bytes, size);
	if (!ret)
		ret = check_reuseport(chk, bytes, size) ?:
		      check_headers(chk, *sock, bytes, size);
	if (!ret)
		ret = ckpt_check_options(chk, bytes, size, CKPT_REC_IPOPTS);
	if (!ret && le32_to_cpu((*sock)->family) == CKPT_INET_IPV6)
		ret = ckpt_check_options(chk, bytes, size, CKPT_REC_IP6OPTS);
	else if (!ret && ckpt_find(bytes, size, CKPT_REC_IP6OPTS, &view))
		ret = ckpt_bad(chk, "options of IPv6");
	return ret ?: ckpt_check_sockopts(chk, bytes, size);
}

static int check_datagram(const struct ckpt_check *chk, const struct ckpt_inet *sock,
			  const struct ckpt_datagram *rec)
{
	bool v4 = le32_to_cpu(rec->family) == CKPT_INET_IPV4;

	if (!v4 && le32_to_cpu(sock->family) == CKPT_INET_IPV4)
		return ckpt_bad(chk, "a datagram of IPv6");
	if (!fits_family(rec->from, rec->family) || !fits_family(rec->to, rec->family))
		return ckpt_bad(chk, "an address that is too long");
	if (v4 ? !!rec->flow : !is_zero(rec->spec_dst, sizeof(rec->spec_dst)))
		return ckpt_bad(chk, "what its family does not have");
	return 0;
}

/* The header of what a raw socket of IPv4 gets is in its bytes, without options. */
static int check_packet(const struct ckpt_check *chk, const struct ckpt_inet *sock,
			const struct ckpt_raw *raw, const struct ckpt_datagram *rec)
{
	bool header = le32_to_cpu(raw->kind) == CKPT_RAW_RAW &&
		      le32_to_cpu(sock->family) == CKPT_INET_IPV4;

	if (rec->family != sock->family)
		return ckpt_bad(chk, "a packet of another family");
	if (rec->from_port || rec->to_port)
		return ckpt_bad(chk, "a port of a packet");
	if (header && le32_to_cpu(rec->len) < CKPT_RAW_HEADER)
		return ckpt_bad(chk, "a packet without its header");
	return 0;
}

/* *@len: of one that is not complete, 0: there is none. */
static int check_cork(const struct ckpt_check *chk, const void *bytes, size_t size,
		      const struct ckpt_inet *sock, u64 *len)
{
	const struct ckpt_udpcork *rec;
	struct ckpt_view view;
	int ret;

	*len = 0;
	if (!ckpt_find(bytes, size, CKPT_REC_UDPCORK, &view))
		return 0;
	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_UDPCORK, &view);
	if (ret)
		return ret;
	rec = view.body;
	*len = le32_to_cpu(rec->len);
	if (le32_to_cpu(rec->family) == CKPT_INET_IPV6 &&
	    le32_to_cpu(sock->family) == CKPT_INET_IPV4)
		return ckpt_bad(chk, "a datagram of IPv6");
	if (!fits_family(rec->from, rec->family) || !fits_family(rec->to, rec->family))
		return ckpt_bad(chk, "an address that is too long");
	if (!rec->to_port || !(le32_to_cpu(sock->flags) & CKPT_INET_PORT))
		return ckpt_bad(chk, "a datagram without a port");
	return 0;
}

/* Of the socket @id. @raw: what it is besides, or NULL. */
static int check_queue(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size,
		       const struct ckpt_inet *sock, const struct ckpt_raw *raw)
{
	const struct ckpt_datagram *rec;
	struct ckpt_view view;
	u64 sum = 0, stored = 0;
	int ret;
	u32 i;

	ret = check_cork(chk, bytes, size, sock, &sum);
	if (!ret)
		ret = ckpt_check_once(chk, bytes, size, CKPT_REC_DATAGRAMS, &view);
	if (ret)
		return ret;
	rec = view.elems;
	for (i = 0; !ret && i < view.count; i++) {
		ret = check_datagram(chk, sock, rec + i);
		if (!ret && raw)
			ret = check_packet(chk, sock, raw, rec + i);
		sum += le32_to_cpu(rec[i].len);
		ckpt_relax();
	}
	if (ret)
		return ret;
	chk->bytes(chk->priv, CKPT_TYPE_UDPDATA, id, &stored);
	return sum == stored ? 0 : ckpt_bad(chk, "not as many bytes as its datagrams say");
}

int ckpt_check_udp(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size)
{
	const struct ckpt_inet *sock;
	int ret;

	ret = ckpt_check_unnamed(chk, bytes, size, CKPT_O_RDWR);
	if (!ret)
		ret = check_inet(chk, bytes, size, &sock);
	if (!ret)
		ret = ckpt_check_options(chk, bytes, size, CKPT_REC_UDPOPTS);
	if (ret)
		return ret;
	if (sock->local_port && !(le32_to_cpu(sock->flags) & CKPT_INET_PORT))
		return ckpt_bad(chk, "a port by which it is not found");
	return check_queue(chk, id, bytes, size, sock, NULL);
}

/* What filters of this protocol are made of: bytes. */
static size_t size_of_filter(const struct ckpt_inet *sock, const struct ckpt_raw *raw)
{
	bool v6 = le32_to_cpu(sock->family) == CKPT_INET_IPV6;

	if (le32_to_cpu(raw->kind) != CKPT_RAW_RAW ||
	    le32_to_cpu(raw->protocol) != (v6 ? CKPT_RAW_ICMP6 : CKPT_RAW_ICMP))
		return 0;
	return v6 ? 32 : 4;
}

/* It has no port but the number of its protocol, until that is taken from it. */
static int check_raw_names(const struct ckpt_check *chk, const struct ckpt_inet *sock,
			   const struct ckpt_raw *raw)
{
	u32 protocol = le32_to_cpu(raw->protocol), flags = le32_to_cpu(sock->flags);

	if (!protocol)
		return ckpt_bad(chk, "a raw socket of no protocol");
	if (flags & (CKPT_INET_PORT_LOCK | CKPT_INET_ADDR_LOCK))
		return ckpt_bad(chk, "asked for what it cannot ask for");
	if (le16_to_cpu(sock->local_port) != (flags & CKPT_INET_PORT ? protocol : 0))
		return ckpt_bad(chk, "a port that is not its protocol");
	return 0;
}

static int check_ping_names(const struct ckpt_check *chk, const struct ckpt_inet *sock,
			    const struct ckpt_raw *raw)
{
	bool v6 = le32_to_cpu(sock->family) == CKPT_INET_IPV6;
	u32 flags = le32_to_cpu(sock->flags);

	if (le32_to_cpu(raw->protocol) != (v6 ? CKPT_RAW_ICMP6 : CKPT_RAW_ICMP))
		return ckpt_bad(chk, "not a protocol that pings");
	if (!(flags & CKPT_INET_PORT) && (sock->local_port || flags & CKPT_INET_CONNECTED))
		return ckpt_bad(chk, "a port by which it is not found");
	return 0;
}

static int check_raw(const struct ckpt_check *chk, const struct ckpt_inet *sock,
		     const struct ckpt_raw *raw)
{
	bool v6 = le32_to_cpu(sock->family) == CKPT_INET_IPV6;
	size_t filter = size_of_filter(sock, raw);

	if (le32_to_cpu(sock->flags) & CKPT_INET_LITE)
		return ckpt_bad(chk, "a raw socket of UDP-Lite");
	if (raw->flags && (!v6 || le32_to_cpu(raw->kind) != CKPT_RAW_RAW))
		return ckpt_bad(chk, "checksums of what has none");
	if (raw->checksum && (!raw->flags || le32_to_cpu(raw->checksum) & 1))
		return ckpt_bad(chk, "not a place of a checksum");
	if (!is_zero(raw->filter + filter, sizeof(raw->filter) - filter))
		return ckpt_bad(chk, "a filter of what has none");
	return le32_to_cpu(raw->kind) == CKPT_RAW_RAW ? check_raw_names(chk, sock, raw) :
							check_ping_names(chk, sock, raw);
}

int ckpt_check_raw(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size)
{
	const struct ckpt_inet *sock;
	struct ckpt_view view;
	int ret;

	ret = ckpt_check_unnamed(chk, bytes, size, CKPT_O_RDWR);
	if (!ret)
		ret = check_inet(chk, bytes, size, &sock);
	if (!ret)
		ret = ckpt_check_once(chk, bytes, size, CKPT_REC_RAW, &view);
	if (!ret)
		ret = check_raw(chk, sock, view.body);
	return ret ?: check_queue(chk, id, bytes, size, sock, view.body);
}

/* What every TCP socket has. */
static int check_tcp(const struct ckpt_check *chk, const void *bytes, size_t size,
		     const struct ckpt_inet **sock, const struct ckpt_tcp **rec)
{
	struct ckpt_view view;
	int ret;

	ret = check_inet(chk, bytes, size, sock);
	if (!ret)
		ret = ckpt_check_options(chk, bytes, size, CKPT_REC_TCPOPTS);
	if (!ret)
		ret = ckpt_check_once(chk, bytes, size, CKPT_REC_TCP, &view);
	if (ret)
		return ret;
	*rec = view.body;
	if (le32_to_cpu((*sock)->flags) & CKPT_INET_LITE)
		return ckpt_bad(chk, "a stream of UDP-Lite");
	if (!(*rec)->congestion[0])
		return ckpt_bad(chk, "no congestion control");
	if (!ckpt_find(bytes, size, CKPT_REC_TCPKEY, &view))
		return 0;
	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_TCPKEY, &view);
	return ret ?: view.count ? 0 : ckpt_bad(chk, "keys, and none");
}

/* Only who is not connected any more has it, and has what belongs to it. */
static int check_unread(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size,
			const struct ckpt_tcp *tcp)
{
	bool there = chk->exists(chk->priv, CKPT_TYPE_TCPDATA, id);
	const struct ckpt_tcpunread *rec;
	struct ckpt_view view;
	u64 stored = 0;
	int ret;

	if (!ckpt_find(bytes, size, CKPT_REC_TCPUNREAD, &view))
		return there ? ckpt_bad(chk, "a stream of what has none") : 0;
	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_TCPUNREAD, &view);
	if (ret)
		return ret;
	rec = view.body;
	if (le32_to_cpu(tcp->state) != CKPT_TCP_CLOSED)
		return ckpt_bad(chk, "unread, and not closed");
	if (!there)
		return ckpt_bad(chk, "a connection without a stream");
	chk->bytes(chk->priv, CKPT_TYPE_TCPDATA, id, &stored);
	return le32_to_cpu(rec->len) == stored ? 0 :
		ckpt_bad(chk, "not as many bytes as a connection says");
}

/* Whose first bytes are said when it is answered. */
static int check_asking(const struct ckpt_check *chk, const struct ckpt_inet *sock,
			const struct ckpt_tcp *tcp)
{
	u32 flags = le32_to_cpu(sock->flags);

	if (!(flags & CKPT_INET_CONNECTED) || !(flags & CKPT_INET_PORT) ||
	    flags & (CKPT_INET_RCV_SHUTDOWN | CKPT_INET_SEND_SHUTDOWN) ||
	    le32_to_cpu(tcp->call) != CKPT_TCP_CONNECTING ||
	    le32_to_cpu(tcp->flags) & CKPT_TCP_DONE)
		return ckpt_bad(chk, "not one that can ask");
	return 0;
}

int ckpt_check_tcp(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size)
{
	const struct ckpt_inet *sock;
	const struct ckpt_tcp *rec;
	bool listening, asking;
	int ret;

	ret = ckpt_check_unnamed(chk, bytes, size, CKPT_O_RDWR);
	if (!ret)
		ret = check_tcp(chk, bytes, size, &sock, &rec);
	if (ret)
		return ret;
	listening = le32_to_cpu(rec->state) == CKPT_TCP_LISTENING;
	asking = le32_to_cpu(rec->state) == CKPT_TCP_ASKING;
	if ((le32_to_cpu(sock->flags) & CKPT_INET_CONNECTED && !asking) ||
	    le32_to_cpu(rec->state) == CKPT_TCP_OPEN)
		return ckpt_bad(chk, "a connection");
	if (asking && check_asking(chk, sock, rec))
		return -EUCLEAN;
	if (listening && (!(le32_to_cpu(sock->flags) & CKPT_INET_PORT) ||
			  le32_to_cpu(rec->call) != CKPT_TCP_UNCONNECTED ||
			  le32_to_cpu(rec->flags) & CKPT_TCP_DONE))
		return ckpt_bad(chk, "not one that can listen");
	return check_unread(chk, id, bytes, size, rec);
}

bool ckpt_tcpconn_fits(const struct ckpt_tcpconn *from, const struct ckpt_tcpconn *to)
{
	u32 received = le32_to_cpu(to->rcv_seq) + le32_to_cpu(to->unread) -
		       le32_to_cpu(from->snd_seq);

	if (received > le32_to_cpu(from->queued))
		return false;
	if (!(le32_to_cpu(to->flags) & CKPT_TCPCONN_RCV_END))
		return true;
	return le32_to_cpu(from->flags) & CKPT_TCPCONN_SEND_END &&
	       received == le32_to_cpu(from->queued);
}

/* As IPv6 has it, which may be connected to an address of IPv4. */
static void widen(const struct ckpt_inet *sock, const u8 addr[16], u8 wide[16])
{
	memcpy(wide, addr, 16);
	if (le32_to_cpu(sock->family) == CKPT_INET_IPV6)
		return;
	memset(wide, 0, 10);
	memset(wide + 10, 0xff, 2);
	memcpy(wide + 12, addr, 4);
}

static bool is_name_of(const struct ckpt_inet *sock, const struct ckpt_inet *peer)
{
	u8 local[16], reached[16];

	widen(sock, sock->local, local);
	widen(peer, peer->peer, reached);
	return !memcmp(local, reached, sizeof(local)) && sock->local_port == peer->peer_port;
}

/* An end that is open, or that waits to be accepted. */
static const void *bytes_of_end(const struct ckpt_check *chk, u64 id, u64 *size)
{
	return chk->bytes(chk->priv, CKPT_TYPE_TCPCONN, id, size) ?:
	       chk->bytes(chk->priv, CKPT_TYPE_TCPWAITING, id, size);
}

/* Does each end say the same of the other? Whose file may not have been checked yet. */
static int check_ends(const struct ckpt_check *chk, u64 id, const struct ckpt_inet *sock,
		      const struct ckpt_tcpconn *rec)
{
	struct ckpt_view conn, inet;
	const struct ckpt_tcpconn *peer;
	const void *bytes;
	u64 size = 0;

	if (le32_to_cpu(rec->flags) & CKPT_TCPCONN_OUTSIDE)
		return rec->peer ? ckpt_bad(chk, "the other end is outside, and is not") : 0;
	if (!rec->peer && le32_to_cpu(rec->flags) & CKPT_TCPCONN_RCV_END)
		return 0;
	bytes = bytes_of_end(chk, le64_to_cpu(rec->peer), &size);
	if (!bytes || !ckpt_find(bytes, size, CKPT_REC_TCPCONN, &conn) ||
	    !ckpt_find(bytes, size, CKPT_REC_INET, &inet))
		return ckpt_bad(chk, "a connection to nothing");
	peer = conn.body;
	if (le64_to_cpu(rec->peer) == id || le64_to_cpu(peer->peer) != id ||
	    !is_name_of(sock, inet.body) || !is_name_of(inet.body, sock))
		return ckpt_bad(chk, "connected to one that is not to it");
	if (!ckpt_tcpconn_fits(rec, peer))
		return ckpt_bad(chk, "the other end has what was not sent");
	return 0;
}

static int check_stream(const struct ckpt_check *chk, u64 id, const struct ckpt_inet *sock,
			const struct ckpt_tcpconn *rec)
{
	u32 queued = le32_to_cpu(rec->queued), unread = le32_to_cpu(rec->unread);
	u32 flags = le32_to_cpu(rec->flags);
	u64 stored = 0;

	if (!(flags & CKPT_TCPCONN_SCALED) && (rec->snd_wscale || rec->rcv_wscale))
		return ckpt_bad(chk, "windows that are not scaled");
	if (!(flags & CKPT_TCPCONN_SEND_END) !=
	    !(le32_to_cpu(sock->flags) & CKPT_INET_SEND_SHUTDOWN))
		return ckpt_bad(chk, "shut down, or not, unlike its end");
	if (le32_to_cpu(rec->sent) > queued)
		return ckpt_bad(chk, "has sent more than it had");
	if (le32_to_cpu(rec->max_window) < le32_to_cpu(rec->snd_wnd))
		return ckpt_bad(chk, "a window larger than the largest");
	if (!rec->mss)
		return ckpt_bad(chk, "segments of nothing");
	if (!chk->exists(chk->priv, CKPT_TYPE_TCPDATA, id))
		return ckpt_bad(chk, "a connection without a stream");
	chk->bytes(chk->priv, CKPT_TYPE_TCPDATA, id, &stored);
	if ((u64)queued + unread != stored)
		return ckpt_bad(chk, "not as many bytes as a connection says");
	return check_ends(chk, id, sock, rec);
}

/* Where it has none that record need not be. */
static int check_urgent(const struct ckpt_check *chk, const struct ckpt_tcpconn *conn,
			const void *bytes, size_t size)
{
	const struct ckpt_tcpurgent *rec;
	struct ckpt_view view;
	u32 state;
	int ret;

	if (!ckpt_find(bytes, size, CKPT_REC_TCPURGENT, &view))
		return 0;
	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_TCPURGENT, &view);
	if (ret)
		return ret;
	rec = view.body;
	state = le32_to_cpu(rec->state);
	if (le32_to_cpu(rec->queued) > le32_to_cpu(conn->queued) ||
	    (state > CKPT_URGENT_EXPECTED &&
	     le32_to_cpu(rec->place) >= le32_to_cpu(conn->unread)))
		return ckpt_bad(chk, "urgent data where there is none");
	if ((rec->place && !state) || (rec->byte && state != CKPT_URGENT_UNREAD))
		return ckpt_bad(chk, "no urgent data");
	return 0;
}

/* What every connection has, open or waiting. */
static int check_conn(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size,
		      const struct ckpt_tcp **tcp, const struct ckpt_tcpconn **rec)
{
	const struct ckpt_inet *sock;
	struct ckpt_view view;
	int ret;

	ret = check_tcp(chk, bytes, size, &sock, tcp);
	if (ret)
		return ret;
	if (!(le32_to_cpu(sock->flags) & CKPT_INET_CONNECTED) ||
	    !(le32_to_cpu(sock->flags) & CKPT_INET_PORT) || !sock->peer_port ||
	    le32_to_cpu((*tcp)->state) != CKPT_TCP_OPEN)
		return ckpt_bad(chk, "not a connection");
	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_TCPCONN, &view);
	if (ret)
		return ret;
	*rec = view.body;
	ret = check_urgent(chk, *rec, bytes, size);
	return ret ?: check_stream(chk, id, sock, *rec);
}

int ckpt_check_tcpconn(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size)
{
	const struct ckpt_tcpconn *rec;
	const struct ckpt_tcp *tcp;
	int ret;

	ret = ckpt_check_unnamed(chk, bytes, size, CKPT_O_RDWR);
	if (!ret)
		ret = check_conn(chk, id, bytes, size, &tcp, &rec);
	if (ret)
		return ret;
	if (le32_to_cpu(tcp->call) != CKPT_TCP_CONNECTED &&
	    le32_to_cpu(tcp->call) != CKPT_TCP_CONNECTING)
		return ckpt_bad(chk, "not connected");
	return 0;
}

/* It is of the family of whom it waits for, and has come to his port. */
static int check_listener(const struct ckpt_check *chk, const struct ckpt_inet *sock, u64 id)
{
	const struct ckpt_inet *listener;
	const struct ckpt_tcp *tcp;
	struct ckpt_view view;
	const void *bytes;
	u64 size = 0;

	bytes = chk->bytes(chk->priv, CKPT_TYPE_TCP, id, &size);
	if (!bytes || !ckpt_find(bytes, size, CKPT_REC_TCP, &view))
		return ckpt_bad(chk, "waits for nobody");
	tcp = view.body;
	if (!ckpt_find(bytes, size, CKPT_REC_INET, &view))
		return ckpt_bad(chk, "waits for nobody");
	listener = view.body;
	if (le32_to_cpu(tcp->state) != CKPT_TCP_LISTENING ||
	    listener->family != sock->family || listener->local_port != sock->local_port)
		return ckpt_bad(chk, "waits for one who does not accept it");
	return 0;
}

int ckpt_check_tcpwaiting(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size)
{
	const struct ckpt_tcpwaiting *waiting;
	const struct ckpt_tcpconn *rec;
	const struct ckpt_tcp *tcp;
	struct ckpt_view view;
	int ret;

	/* There, once and in front: ckpt_check_file() has seen to that. */
	if (!ckpt_find(bytes, size, CKPT_REC_TCPWAITING, &view))
		return ckpt_bad(chk, "tcpwaiting");
	waiting = view.body;
	ret = check_conn(chk, id, bytes, size, &tcp, &rec);
	if (ret)
		return ret;
	if (chk->exists(chk->priv, CKPT_TYPE_NONE, id))
		return ckpt_bad(chk, "both open and waiting");
	if (le32_to_cpu(tcp->call) != CKPT_TCP_CONNECTED || rec->queued ||
	    le32_to_cpu(rec->flags) & CKPT_TCPCONN_SEND_END)
		return ckpt_bad(chk, "used before it is accepted");
	ckpt_find(bytes, size, CKPT_REC_INET, &view);
	return check_listener(chk, view.body, le64_to_cpu(waiting->listener));
}
