// SPDX-License-Identifier: GPL-2.0-only
/* The fields of the records of sockets. */
#include "schema.h"

static const struct ckpt_field socket_fields[] = {
	REF(ckpt_socket, socket, UNIXSOCK),
	FIELD(ckpt_socket, mode, FLAGS, .limit = 0177777),
	FIELD(ckpt_socket, uid, UINT), FIELD(ckpt_socket, gid, UINT),
	FIELD(ckpt_socket, reserved, RESERVED),
	{}
};

static const struct ckpt_field unixsock_fields[] = {
	FIELD(ckpt_unixsock, file, FILE_REF),
	REF(ckpt_unixsock, peer, UNIXSOCK),
	REF(ckpt_unixsock, creds, CREDS),
	REF(ckpt_unixsock, ended, ENDEDPID),
	FIELD(ckpt_unixsock, pid, UINT, .limit = PID_LIMIT),
	ENUM(ckpt_unixsock, type, CKPT_UNIX_SEQPACKET,
	     NAMES("none", "stream", "dgram", "seqpacket")),
	FLAGS(ckpt_unixsock, flags, CKPT_UNIX_FLAGS,
	      NAMES("established", "peer_closed", "rcv_shutdown", "send_shutdown",
		    "listening")),
	FIELD(ckpt_unixsock, error, UINT, .limit = 133),
	FIELD(ckpt_unixsock, backlog, UINT),
	FIELD(ckpt_unixsock, reserved, RESERVED),
	FIELD(ckpt_unixsock, bytes, UINT, .limit = S64_MAX),
	{}
};

static const struct ckpt_field unix_message_fields[] = {
	REF(ckpt_unix_message, sender, UNIXSOCK),
	REF(ckpt_unix_message, ended, ENDEDPID),
	FIELD(ckpt_unix_message, time, UINT, .limit = S64_MAX),
	FIELD(ckpt_unix_message, len, UINT, .limit = 8 << 20),
	FLAGS(ckpt_unix_message, flags, CKPT_UNIX_MESSAGE_FLAGS, NAMES("creds")),
	FIELD(ckpt_unix_message, pid, UINT, .limit = PID_LIMIT),
	FIELD(ckpt_unix_message, uid, UINT), FIELD(ckpt_unix_message, gid, UINT),
	FIELD(ckpt_unix_message, files, UINT, .limit = 253),
	{}
};

static const struct ckpt_field unix_file[] = {
	SCALAR("file", 8, FILE_REF),
	{}
};

static const struct ckpt_field unix_name_fields[] = {
	ENUM(ckpt_unix_name, kind, CKPT_UNIX_NAME_FILE,
	     NAMES("none", "only", "abstract", "file")),
	FIELD(ckpt_unix_name, mode, FLAGS, .limit = 0177777),
	FIELD(ckpt_unix_name, uid, UINT), FIELD(ckpt_unix_name, gid, UINT),
	{}
};

static const struct ckpt_field unix_sender_fields[] = {
	FIELD(ckpt_unix_sender, message, UINT),
	FIELD(ckpt_unix_sender, len, UINT, .limit = 109),
	FIELD(ckpt_unix_sender, name, BYTES),
	{}
};

static const struct ckpt_field unix_pending[] = {
	{ .name = "socket", .size = 8, .kind = CKPT_F_REF, .limit = CKPT_TYPE_UNIXSOCK },
	{}
};

static const struct ckpt_field unix_waiting_fields[] = {
	REF(ckpt_unix_waiting, listener, UNIXSOCK),
	FIELD(ckpt_unix_waiting, place, UINT),
	FIELD(ckpt_unix_waiting, reserved, RESERVED),
	{}
};

static const struct ckpt_field sockopt_fields[] = {
	ENUM(ckpt_sockopt, option, CKPT_SO_BUSY_POLL_BUDGET,
	     NAMES("none", "debug", "reuseaddr", "dontroute", "broadcast", "keepalive",
		   "oobinline", "no_check", "passcred", "passsec", "passpidfd", "rcvmark",
		   "rxq_ovfl", "wifi_status", "nofcs", "select_err_queue", "timestamp_old",
		   "timestampns_old", "timestamp_new", "timestampns_new", "priority",
		   "mark", "peek_off", "rcvlowat", "incoming_cpu", "busy_poll",
		   "prefer_busy_poll", "rcvtimeo", "sndtimeo", "linger", "sndbuf",
		   "rcvbuf", "buf_lock", "lock_filter", "reuseport", "zerocopy",
		   "txrehash", "timestamping_old", "timestamping_new", "timestamp_key",
		   "txtime", "max_pacing_rate", "reserve_mem", "busy_poll_budget")),
	FIELD(ckpt_sockopt, reserved, RESERVED),
	FIELD(ckpt_sockopt, value, HEX),
	{}
};

static const struct ckpt_field ipopt_fields[] = {
	ENUM(ckpt_sockopt, option, CKPT_IP_NODEFRAG,
	     NAMES("none", "tos", "ttl", "pktinfo", "recvttl", "recvtos", "recvopts",
		   "retopts", "passsec", "recvorigdstaddr", "checksum", "recvfragsize",
		   "recverr", "recverr_rfc4884", "freebind", "transparent",
		   "bind_address_no_port", "mtu_discover", "minttl", "local_port_range",
		   "multicast_ttl", "multicast_loop", "multicast_all", "hdrincl",
		   "nodefrag")),
	FIELD(ckpt_sockopt, reserved, RESERVED),
	FIELD(ckpt_sockopt, value, HEX),
	{}
};

static const struct ckpt_field ip6opt_fields[] = {
	ENUM(ckpt_sockopt, option, CKPT_IP6_MTU,
	     NAMES("none", "v6only", "unicast_hops", "multicast_hops", "multicast_loop",
		   "multicast_all", "mtu_discover", "tclass", "dontfrag",
		   "autoflowlabel", "flowinfo_send", "addr_preferences",
		   "minhopcount", "recverr", "recverr_rfc4884", "recvpktinfo",
		   "recvhoplimit", "recvrthdr", "recvhopopts", "recvdstopts",
		   "recvtclass", "flowinfo", "recvpathmtu", "recvorigdstaddr",
		   "recvfragsize", "2292pktinfo", "2292hoplimit", "2292rthdr",
		   "2292hopopts", "2292dstopts", "router_alert_isolate", "hdrincl",
		   "freebind", "transparent", "mtu")),
	FIELD(ckpt_sockopt, reserved, RESERVED),
	FIELD(ckpt_sockopt, value, HEX),
	{}
};

static const struct ckpt_field udpopt_fields[] = {
	ENUM(ckpt_sockopt, option, CKPT_UDP_RECV_CSCOV,
	     NAMES("none", "cork", "segment", "gro", "no_check6_tx", "no_check6_rx",
		   "send_cscov", "recv_cscov")),
	FIELD(ckpt_sockopt, reserved, RESERVED),
	FIELD(ckpt_sockopt, value, HEX),
	{}
};

static const struct ckpt_field tcpopt_fields[] = {
	ENUM(ckpt_sockopt, option, CKPT_TCP_TX_DELAY,
	     NAMES("none", "nodelay", "maxseg", "cork", "keepidle", "keepintvl", "keepcnt",
		   "syncnt", "linger2", "defer_accept", "window_clamp", "quickack",
		   "thin_linear_timeouts", "user_timeout", "fastopen",
		   "fastopen_connect", "fastopen_no_cookie", "save_syn",
		   "notsent_lowat", "inq", "tx_delay")),
	FIELD(ckpt_sockopt, reserved, RESERVED),
	FIELD(ckpt_sockopt, value, HEX),
	{}
};

static const struct ckpt_field tcp_fields[] = {
	ENUM(ckpt_tcp, state, CKPT_TCP_ASKING,
	     NAMES("none", "closed", "listening", "open", "asking")),
	ENUM(ckpt_tcp, call, CKPT_TCP_DISCONNECTING,
	     NAMES("none", "unconnected", "connecting", "connected", "disconnecting")),
	FLAGS(ckpt_tcp, flags, CKPT_TCP_FLAGS, NAMES("done", "congestion")),
	FIELD(ckpt_tcp, backlog, UINT, .limit = S32_MAX),
	FIELD(ckpt_tcp, congestion, TEXT),
	{}
};

static const struct ckpt_field tcpconn_fields[] = {
	FIELD(ckpt_tcpconn, peer, UINT),
	FLAGS(ckpt_tcpconn, flags, CKPT_TCPCONN_FLAGS,
	      NAMES("sack", "timestamps", "scaled", "send_end", "rcv_end",
		    "outside")),
	FIELD(ckpt_tcpconn, timestamp, UINT),
	FIELD(ckpt_tcpconn, snd_seq, UINT),
	FIELD(ckpt_tcpconn, queued, UINT, .limit = CKPT_TCPCONN_BYTES),
	FIELD(ckpt_tcpconn, sent, UINT), FIELD(ckpt_tcpconn, snd_wl1, UINT),
	FIELD(ckpt_tcpconn, snd_wnd, UINT, .limit = 1 << 30),
	FIELD(ckpt_tcpconn, max_window, UINT, .limit = 1 << 30),
	FIELD(ckpt_tcpconn, rcv_seq, UINT),
	FIELD(ckpt_tcpconn, unread, UINT, .limit = CKPT_TCPCONN_BYTES),
	FIELD(ckpt_tcpconn, rcv_wup, UINT),
	FIELD(ckpt_tcpconn, rcv_wnd, UINT, .limit = 1 << 30),
	FIELD(ckpt_tcpconn, mss, UINT),
	FIELD(ckpt_tcpconn, snd_wscale, UINT, .limit = 14),
	FIELD(ckpt_tcpconn, rcv_wscale, UINT, .limit = 14),
	FIELD(ckpt_tcpconn, reserved, RESERVED),
	{}
};

static const struct ckpt_field tcpurgent_fields[] = {
	FIELD(ckpt_tcpurgent, queued, UINT, .limit = CKPT_TCPCONN_BYTES),
	FIELD(ckpt_tcpurgent, state, ENUM, .limit = CKPT_URGENT_READ, .zero_ok = true,
	      .values = NAMES("none", "expected", "unread", "read")),
	FIELD(ckpt_tcpurgent, place, UINT, .limit = CKPT_TCPCONN_BYTES),
	FIELD(ckpt_tcpurgent, byte, UINT, .limit = 255),
	{}
};

static const struct ckpt_field tcpkey_fields[] = {
	FIELD(ckpt_tcpkey, fastopen, BYTES),
	{}
};

static const struct ckpt_field tcpunread_fields[] = {
	FIELD(ckpt_tcpunread, len, UINT, .limit = CKPT_TCPCONN_BYTES),
	FLAGS(ckpt_tcpunread, flags, CKPT_TCPUNREAD_FLAGS, NAMES("end")),
	{}
};

static const struct ckpt_field tcpwaiting_fields[] = {
	REF(ckpt_tcpwaiting, listener, TCP),
	{}
};

static const struct ckpt_field inet_fields[] = {
	ENUM(ckpt_inet, family, CKPT_INET_IPV6, NAMES("none", "ipv4", "ipv6")),
	FLAGS(ckpt_inet, flags, CKPT_INET_FLAGS,
	      NAMES("port", "port_lock", "addr_lock", "connected", "rcv_shutdown",
		    "send_shutdown", "lite")),
	FIELD(ckpt_inet, mode, FLAGS, .limit = 0177777),
	FIELD(ckpt_inet, uid, UINT), FIELD(ckpt_inet, gid, UINT),
	FIELD(ckpt_inet, error, UINT, .limit = 133),
	FIELD(ckpt_inet, soft_error, UINT, .limit = 133),
	FIELD(ckpt_inet, drops, UINT),
	FIELD(ckpt_inet, local, BYTES), FIELD(ckpt_inet, peer, BYTES),
	FIELD(ckpt_inet, local_port, UINT), FIELD(ckpt_inet, peer_port, UINT),
	FIELD(ckpt_inet, reserved, RESERVED),
	{}
};

static const struct ckpt_field inet_device_fields[] = {
	ENUM(ckpt_inet_device, use, CKPT_INET_PKTINFO6,
	     NAMES("none", "bound", "unicast", "unicast6", "multicast", "multicast6",
		   "member", "member6", "pktinfo6")),
	FIELD(ckpt_inet_device, local, BYTES), FIELD(ckpt_inet_device, group, BYTES),
	FIELD(ckpt_inet_device, name, TEXT),
	{}
};

static const struct ckpt_field inet_header_fields[] = {
	ENUM(ckpt_inet_header, header, CKPT_HEADER_LAST,
	     NAMES("none", "options", "hop", "first", "route", "last")),
	FIELD(ckpt_inet_header, len, UINT,
	      .limit = sizeof_field(struct ckpt_inet_header, bytes)),
	FIELD(ckpt_inet_header, bytes, BYTES),
	{}
};

static const struct ckpt_field inet_source_fields[] = {
	FIELD(ckpt_inet_source, member, UINT),
	ENUM(ckpt_inet_source, mode, CKPT_SOURCE_EXCLUDE, NAMES("none", "include", "exclude")),
	FIELD(ckpt_inet_source, addr, BYTES),
	{}
};

static const struct ckpt_field reuseport_fields[] = {
	FIELD(ckpt_reuseport, place, UINT, .limit = U16_MAX),
	FIELD(ckpt_reuseport, reserved, RESERVED),
	{}
};

static const struct ckpt_field datagram_fields[] = {
	ENUM(ckpt_datagram, family, CKPT_INET_IPV6, NAMES("none", "ipv4", "ipv6")),
	FIELD(ckpt_datagram, len, UINT, .limit = U16_MAX),
	FIELD(ckpt_datagram, time, UINT, .limit = S64_MAX),
	FIELD(ckpt_datagram, from, BYTES), FIELD(ckpt_datagram, to, BYTES),
	FIELD(ckpt_datagram, from_port, UINT), FIELD(ckpt_datagram, to_port, UINT),
	FIELD(ckpt_datagram, ttl, UINT), FIELD(ckpt_datagram, tos, HEX),
	FIELD(ckpt_datagram, fragment, UINT),
	FIELD(ckpt_datagram, flow, UINT, .limit = 0xfffff),
	FIELD(ckpt_datagram, mark, HEX), FIELD(ckpt_datagram, drops, UINT),
	FIELD(ckpt_datagram, spec_dst, BYTES),
	FIELD(ckpt_datagram, device, TEXT),
	{}
};

static const struct ckpt_field udpcork_fields[] = {
	ENUM(ckpt_udpcork, family, CKPT_INET_IPV6, NAMES("none", "ipv4", "ipv6")),
	FIELD(ckpt_udpcork, len, UINT, .limit = CKPT_UDPCORK_BYTES),
	FIELD(ckpt_udpcork, from, BYTES), FIELD(ckpt_udpcork, to, BYTES),
	FIELD(ckpt_udpcork, to_port, UINT), FIELD(ckpt_udpcork, ttl, UINT),
	FIELD(ckpt_udpcork, reserved, RESERVED),
	{}
};

static const struct ckpt_field raw_fields[] = {
	ENUM(ckpt_raw, kind, CKPT_RAW_PING, NAMES("none", "raw", "ping")),
	FIELD(ckpt_raw, protocol, UINT, .limit = CKPT_RAW_PROTOCOL),
	FLAGS(ckpt_raw, flags, CKPT_RAW_FLAGS, NAMES("checksum")),
	FIELD(ckpt_raw, checksum, UINT, .limit = S32_MAX),
	FIELD(ckpt_raw, filter, BYTES),
	{}
};

static const struct ckpt_field packet_fields[] = {
	ENUM(ckpt_packet, type, CKPT_PACKET_DGRAM, NAMES("none", "raw", "dgram")),
	FIELD(ckpt_packet, protocol, UINT, .limit = U16_MAX),
	FIELD(ckpt_packet, mode, FLAGS, .limit = 0177777),
	FIELD(ckpt_packet, uid, UINT), FIELD(ckpt_packet, gid, UINT),
	FIELD(ckpt_packet, error, UINT, .limit = 133),
	FIELD(ckpt_packet, drops, UINT), FIELD(ckpt_packet, received, UINT),
	FIELD(ckpt_packet, dropped, UINT), FIELD(ckpt_packet, freezes, UINT),
	FLAGS(ckpt_packet, flags, CKPT_PACKET_FLAGS, NAMES("down")),
	FIELD(ckpt_packet, reserved, RESERVED), FIELD(ckpt_packet, device, TEXT),
	{}
};

static const struct ckpt_field packet_member_fields[] = {
	ENUM(ckpt_packet_member, kind, CKPT_PACKET_UNICAST,
	     NAMES("none", "multicast", "promisc", "allmulti", "unicast")),
	FIELD(ckpt_packet_member, count, UINT, .limit = CKPT_PACKET_COUNT),
	FIELD(ckpt_packet_member, len, UINT, .limit = 32),
	FIELD(ckpt_packet_member, reserved, RESERVED),
	FIELD(ckpt_packet_member, addr, BYTES), FIELD(ckpt_packet_member, device, TEXT),
	{}
};

static const struct ckpt_field packetopt_fields[] = {
	ENUM(ckpt_sockopt, option, CKPT_PACKET_QDISC_BYPASS,
	     NAMES("none", "auxdata", "origdev", "vnet_hdr_sz", "copy_thresh", "version",
		   "reserve", "loss", "timestamp", "ignore_outgoing", "tx_has_off",
		   "qdisc_bypass")),
	FIELD(ckpt_sockopt, reserved, RESERVED),
	FIELD(ckpt_sockopt, value, HEX),
	{}
};

static const struct ckpt_field packet_message_fields[] = {
	FIELD(ckpt_packet_message, len, UINT, .limit = CKPT_PACKET_BYTES),
	FIELD(ckpt_packet_message, whole, UINT),
	FIELD(ckpt_packet_message, time, UINT, .limit = S64_MAX),
	FIELD(ckpt_packet_message, mark, HEX), FIELD(ckpt_packet_message, drops, UINT),
	FIELD(ckpt_packet_message, protocol, HEX), FIELD(ckpt_packet_message, hatype, UINT),
	FIELD(ckpt_packet_message, kind, UINT, .limit = 7),
	FIELD(ckpt_packet_message, halen, UINT, .limit = 32),
	FIELD(ckpt_packet_message, sum, ENUM, .limit = CKPT_PACKET_SUM_MISSING,
	      .zero_ok = true, .values = NAMES("unknown", "valid", "missing")),
	FIELD(ckpt_packet_message, tagged, UINT, .limit = 1),
	FIELD(ckpt_packet_message, tag, HEX), FIELD(ckpt_packet_message, tag_protocol, HEX),
	FIELD(ckpt_packet_message, network, UINT),
	FIELD(ckpt_packet_message, sum_start, UINT),
	FIELD(ckpt_packet_message, sum_place, UINT),
	FIELD(ckpt_packet_message, reserved, RESERVED),
	FIELD(ckpt_packet_message, addr, BYTES), FIELD(ckpt_packet_message, device, TEXT),
	{}
};

static const struct ckpt_field packet_ring_fields[] = {
	ENUM(ckpt_packet_ring, kind, CKPT_PACKET_RING_TX, NAMES("none", "rx", "tx")),
	FIELD(ckpt_packet_ring, block_size, UINT, .limit = S32_MAX),
	FIELD(ckpt_packet_ring, blocks, UINT),
	FIELD(ckpt_packet_ring, frame_size, UINT, .limit = S32_MAX),
	FIELD(ckpt_packet_ring, head, UINT),
	FLAGS(ckpt_packet_ring, flags, CKPT_PACKET_RING_FLAGS, NAMES("hash")),
	FIELD(ckpt_packet_ring, room, UINT, .limit = S32_MAX),
	FIELD(ckpt_packet_ring, timeout, UINT, .limit = U16_MAX),
	FIELD(ckpt_packet_ring, next, UINT, .limit = S32_MAX),
	FIELD(ckpt_packet_ring, last, UINT, .limit = S32_MAX),
	FIELD(ckpt_packet_ring, sequence, UINT),
	{}
};

static const struct ckpt_field packet_group_fields[] = {
	FIELD(ckpt_packet_group, group, UINT, .limit = U16_MAX),
	ENUM(ckpt_packet_group, share, CKPT_PACKET_SHARE_EBPF,
	     NAMES("none", "hash", "turn", "cpu", "full", "random", "queue", "cbpf", "ebpf")),
	FLAGS(ckpt_packet_group, flags, CKPT_PACKET_GROUP_FLAGS,
	      NAMES("rollover", "incoming", "defrag")),
	FIELD(ckpt_packet_group, most, UINT, .limit = CKPT_PACKET_MEMBERS),
	FIELD(ckpt_packet_group, place, UINT, .limit = CKPT_PACKET_MEMBERS - 1),
	FIELD(ckpt_packet_group, turn, UINT),
	FIELD(ckpt_packet_group, other, UINT, .limit = CKPT_PACKET_MEMBERS - 1),
	FIELD(ckpt_packet_group, reserved, RESERVED),
	FIELD(ckpt_packet_group, moved, UINT, .limit = S64_MAX),
	FIELD(ckpt_packet_group, moved_huge, UINT, .limit = S64_MAX),
	FIELD(ckpt_packet_group, failed, UINT, .limit = S64_MAX),
	{}
};

static const struct ckpt_field tun_fields[] = {
	REF(ckpt_tun, first, TUN),
	FLAGS(ckpt_tun, flags, CKPT_TUN_QUEUE_FLAGS, NAMES("detached")),
	FIELD(ckpt_tun, place, UINT, .limit = CKPT_TUN_QUEUES - 1),
	FIELD(ckpt_tun, index, UINT, .limit = S32_MAX),
	FIELD(ckpt_tun, sndbuf, UINT, .limit = S32_MAX),
	FIELD(ckpt_tun, last, UINT, .limit = S32_MAX),
	FIELD(ckpt_tun, reserved, RESERVED),
	{}
};

static const struct ckpt_field tun_packet_fields[] = {
	FIELD(ckpt_tun_packet, len, UINT, .limit = CKPT_PACKET_BYTES),
	FIELD(ckpt_tun_packet, protocol, HEX),
	FIELD(ckpt_tun_packet, sum, ENUM, .limit = CKPT_PACKET_SUM_MISSING,
	      .zero_ok = true, .values = NAMES("unknown", "valid", "missing")),
	FIELD(ckpt_tun_packet, tagged, UINT, .limit = 1),
	FIELD(ckpt_tun_packet, tag, HEX), FIELD(ckpt_tun_packet, tag_protocol, HEX),
	FIELD(ckpt_tun_packet, sum_start, UINT), FIELD(ckpt_tun_packet, sum_place, UINT),
	FIELD(ckpt_tun_packet, segments, ENUM, .limit = CKPT_TUN_UDP,
	      .zero_ok = true, .values = NAMES("whole", "tcp4", "tcp6", "udp")),
	FIELD(ckpt_tun_packet, ecn, UINT, .limit = 1),
	FIELD(ckpt_tun_packet, segment, UINT),
	FIELD(ckpt_tun_packet, headers, UINT, .limit = CKPT_TUN_HEADERS),
	{}
};

static const struct ckpt_field tun_device_fields[] = {
	ENUM(ckpt_tun_device, kind, CKPT_TUN_ETHERNET, NAMES("none", "tun", "tap")),
	FLAGS(ckpt_tun_device, flags, CKPT_TUN_FLAGS,
	      NAMES("no_pi", "one_queue", "vnet_hdr", "multi_queue", "napi", "napi_frags",
		    "persist", "le", "be", "owner", "group", "asked", "no_carrier",
		    "there", "unready")),
	FIELD(ckpt_tun_device, owner, UINT), FIELD(ckpt_tun_device, group, UINT),
	FIELD(ckpt_tun_device, header, UINT, .limit = S32_MAX),
	FLAGS(ckpt_tun_device, offload, CKPT_TUN_OFFLOADS,
	      NAMES("csum", "tso4", "tso6", "tso_ecn", "uso")),
	FIELD(ckpt_tun_device, debug, HEX),
	FIELD(ckpt_tun_device, queues, UINT, .limit = CKPT_TUN_QUEUES),
	FIELD(ckpt_tun_device, index, UINT, .limit = S32_MAX),
	FIELD(ckpt_tun_device, type, UINT, .limit = U16_MAX),
	FIELD(ckpt_tun_device, mtu, UINT, .limit = U16_MAX),
	FIELD(ckpt_tun_device, queue_len, UINT, .limit = S32_MAX),
	FLAGS(ckpt_tun_device, link, CKPT_LINK_FLAGS,
	      NAMES("up", "debug", "notrailers", "noarp", "promisc", "allmulti", "multicast",
		    "portsel", "automedia", "dynamic")),
	FIELD(ckpt_tun_device, group_nr, UINT),
	FIELD(ckpt_tun_device, addresses, ENUM, .limit = CKPT_LINK_RANDOM, .zero_ok = true,
	      .values = NAMES("no_ipv6", "eui64", "none", "random")),
	FIELD(ckpt_tun_device, exact, UINT, .limit = CKPT_TUN_EXACT),
	FIELD(ckpt_tun_device, hashed, HEX),
	FIELD(ckpt_tun_device, hwaddr, BYTES), FIELD(ckpt_tun_device, filter, BYTES),
	FIELD(ckpt_tun_device, reserved, RESERVED), FIELD(ckpt_tun_device, name, TEXT),
	{}
};

static const struct ckpt_field tun_addr_fields[] = {
	ENUM(ckpt_tun_addr, family, CKPT_INET_IPV6, NAMES("none", "ipv4", "ipv6")),
	FIELD(ckpt_tun_addr, prefix, UINT, .limit = 128),
	FLAGS(ckpt_tun_addr, flags, CKPT_ADDR_FLAGS,
	      NAMES("noprefixroute", "nodad", "homeaddress", "tentative")),
	FIELD(ckpt_tun_addr, scope, UINT, .limit = U8_MAX),
	FIELD(ckpt_tun_addr, metric, UINT),
	FIELD(ckpt_tun_addr, protocol, UINT, .limit = U8_MAX),
	FIELD(ckpt_tun_addr, valid, UINT), FIELD(ckpt_tun_addr, preferred, UINT),
	FIELD(ckpt_tun_addr, addr, BYTES), FIELD(ckpt_tun_addr, peer, BYTES),
	FIELD(ckpt_tun_addr, broadcast, BYTES), FIELD(ckpt_tun_addr, reserved, RESERVED),
	FIELD(ckpt_tun_addr, label, TEXT),
	{}
};

static const struct ckpt_field netlink_fields[] = {
	REF(ckpt_netlink, creds, CREDS),
	ENUM(ckpt_netlink, protocol, CKPT_NETLINK_RDMA,
	     NAMES("none", "route", "usersock", "sock_diag", "xfrm", "audit", "fib_lookup",
		   "uevent", "generic", "crypto", "rdma")),
	ENUM(ckpt_netlink, type, CKPT_NETLINK_DGRAM, NAMES("none", "raw", "dgram")),
	FLAGS(ckpt_netlink, flags, CKPT_NETLINK_FLAGS,
	      NAMES("connected", "disconnected", "congested", "pktinfo", "broadcast_error",
		    "no_enobufs", "listen_all_nsid", "cap_ack", "ext_ack", "strict_chk")),
	FIELD(ckpt_netlink, mode, FLAGS, .limit = 0177777),
	FIELD(ckpt_netlink, uid, UINT), FIELD(ckpt_netlink, gid, UINT),
	FIELD(ckpt_netlink, portid, UINT), FIELD(ckpt_netlink, dst_portid, UINT),
	FIELD(ckpt_netlink, dst_group, UINT, .limit = 32),
	FIELD(ckpt_netlink, error, UINT, .limit = 133),
	FIELD(ckpt_netlink, drops, UINT),
	FIELD(ckpt_netlink, longest, UINT, .limit = 32768),
	{}
};

/* No protocol has that many. */
static const struct ckpt_field netlink_group[] = {
	{ .name = "group", .size = 4, .kind = CKPT_F_UINT, .limit = U16_MAX },
	{}
};

static const struct ckpt_field netlink_message_fields[] = {
	FIELD(ckpt_netlink_message, len, UINT, .limit = 8 << 20),
	FLAGS(ckpt_netlink_message, flags, CKPT_NETLINK_MESSAGE_FLAGS, NAMES("creds", "nsid")),
	FIELD(ckpt_netlink_message, portid, UINT), FIELD(ckpt_netlink_message, group, UINT),
	FIELD(ckpt_netlink_message, pid, UINT, .limit = PID_LIMIT),
	FIELD(ckpt_netlink_message, uid, UINT), FIELD(ckpt_netlink_message, gid, UINT),
	FIELD(ckpt_netlink_message, nsid, UINT, .limit = S32_MAX),
	{}
};

const struct ckpt_schema ckpt_schema_socket = RECORD("socket", socket);
const struct ckpt_schema ckpt_schema_unixsock = RECORD("unixsock", unixsock);
const struct ckpt_schema ckpt_schema_unix_messages =
	BARE("unix_messages", STRUCTS(unix_message, 1 << 20));
const struct ckpt_schema ckpt_schema_unix_files =
	BARE("unix_files", ELEMS(8, 1 << 20, unix_file));
const struct ckpt_schema ckpt_schema_unix_name =
	RECORD("unix_name", unix_name, .elem = 1, .max = 109);
const struct ckpt_schema ckpt_schema_unix_senders =
	BARE("unix_senders", STRUCTS(unix_sender, 1 << 18));
const struct ckpt_schema ckpt_schema_unix_pending =
	BARE("unix_pending", ELEMS(8, 1 << 16, unix_pending));
const struct ckpt_schema ckpt_schema_unix_waiting = RECORD("unix_waiting", unix_waiting);
const struct ckpt_schema ckpt_schema_sockopts = BARE("sockopts", STRUCTS(sockopt, 64));
const struct ckpt_schema ckpt_schema_sockfilter = BARE("sockfilter", FILTER(4096));
const struct ckpt_schema ckpt_schema_inet = RECORD("inet", inet);
const struct ckpt_schema ckpt_schema_inet_devices =
	BARE("inet_devices", STRUCTS(inet_device, 1 << 12));
const struct ckpt_schema ckpt_schema_inet_headers =
	BARE("inet_headers", STRUCTS(inet_header, 5));
const struct ckpt_schema ckpt_schema_inet_sources =
	BARE("inet_sources", STRUCTS(inet_source, 1 << 16));
const struct ckpt_schema ckpt_schema_reuseport =
	RECORD("reuseport", reuseport, FILTER(4096));
const struct ckpt_schema ckpt_schema_ipopts =
	BARE("ipopts", ELEMS(sizeof(struct ckpt_sockopt), 64, ipopt_fields));
const struct ckpt_schema ckpt_schema_ip6opts =
	BARE("ip6opts", ELEMS(sizeof(struct ckpt_sockopt), 64, ip6opt_fields));
const struct ckpt_schema ckpt_schema_udpopts =
	BARE("udpopts", ELEMS(sizeof(struct ckpt_sockopt), 64, udpopt_fields));
const struct ckpt_schema ckpt_schema_tcp = RECORD("tcp", tcp);
const struct ckpt_schema ckpt_schema_tcpconn = RECORD("tcpconn", tcpconn);
const struct ckpt_schema ckpt_schema_tcpurgent = RECORD("tcpurgent", tcpurgent);
const struct ckpt_schema ckpt_schema_tcpwaiting = RECORD("tcpwaiting", tcpwaiting);
const struct ckpt_schema ckpt_schema_tcpopts =
	BARE("tcpopts", ELEMS(sizeof(struct ckpt_sockopt), 64, tcpopt_fields));
const struct ckpt_schema ckpt_schema_tcpkey = BARE("tcpkey", STRUCTS(tcpkey, 2));
const struct ckpt_schema ckpt_schema_tcpunread = RECORD("tcpunread", tcpunread);
const struct ckpt_schema ckpt_schema_datagrams = BARE("datagrams", STRUCTS(datagram, 1 << 19));
const struct ckpt_schema ckpt_schema_udpcork = RECORD("udpcork", udpcork);
const struct ckpt_schema ckpt_schema_raw = RECORD("raw", raw);
const struct ckpt_schema ckpt_schema_packet =
	RECORD("packet", packet, STRUCTS(packet_member, 1 << 10));
const struct ckpt_schema ckpt_schema_packetopts =
	BARE("packetopts", ELEMS(sizeof(struct ckpt_sockopt), 64, packetopt_fields));
const struct ckpt_schema ckpt_schema_packets = BARE("packets", STRUCTS(packet_message, 1 << 19));
const struct ckpt_schema ckpt_schema_packet_ring = RECORD("packet_ring", packet_ring);
const struct ckpt_schema ckpt_schema_packet_group = RECORD("packet_group", packet_group);
const struct ckpt_schema ckpt_schema_tun =
	RECORD("tun", tun, STRUCTS(tun_packet, CKPT_TUN_PACKETS));
const struct ckpt_schema ckpt_schema_tun_device =
	RECORD("tun_device", tun_device, STRUCTS(tun_addr, CKPT_TUN_ADDRS));
const struct ckpt_schema ckpt_schema_netlink = RECORD("netlink", netlink);
const struct ckpt_schema ckpt_schema_netlink_groups =
	BARE("netlink_groups", ELEMS(4, 1 << 12, netlink_group));
const struct ckpt_schema ckpt_schema_netlink_messages =
	BARE("netlink_messages", STRUCTS(netlink_message, 1 << 20));
