// SPDX-License-Identifier: GPL-2.0-only
/*
 * Wrong sockets: Unix, UDP, raw, netlink, TCP.
 */
#include "damage.h"

#define SOCK(s, i)	BODY(s, UNIXSOCK, i, UNIXSOCK, unixsock)
#define MESSAGE(s)	ELEMS(s, UNIXSOCK, 1, UNIX_MESSAGES, unix_message)
#define SOCKOPT(s)	ELEMS(s, UNIXSOCK, 1, SOCKOPTS, sockopt)
DAMAGED(socket_flags, BODY(s, SOCKET, 32, FILE, file)->flags = cpu_to_le32(CKPT_O_WRONLY))
DAMAGED(socket_mode, BODY(s, SOCKET, 32, SOCKET, socket)->mode = cpu_to_le32(0100777))
DAMAGED(socket_other, BODY(s, SOCKET, 32, SOCKET, socket)->socket = cpu_to_le64(2))
DAMAGED(socket_none, BODY(s, SOCKET, 32, SOCKET, socket)->socket = 0)
DAMAGED(unix_file, SOCK(s, 1)->file = cpu_to_le64(20))
DAMAGED(unix_no_file, SOCK(s, 1)->file = 0)
DAMAGED(unix_type, SOCK(s, 1)->type = 0)
DAMAGED(unix_mixed, SOCK(s, 2)->type = cpu_to_le32(CKPT_UNIX_SEQPACKET))
DAMAGED(unix_itself, SOCK(s, 2)->peer = cpu_to_le64(2))
DAMAGED(unix_alone, SOCK(s, 1)->peer = 0)
DAMAGED(unix_closed, SOCK(s, 1)->flags |= cpu_to_le32(CKPT_UNIX_PEER_CLOSED))
DAMAGED(unix_apart, SOCK(s, 2)->flags = 0)
DAMAGED(unix_errno, SOCK(s, 1)->error = cpu_to_le32(512))
DAMAGED(unix_nobody, SOCK(s, 1)->pid = 0)
DAMAGED(unix_stranger, SOCK(s, 1)->pid = cpu_to_le32(99))
DAMAGED(unix_two_pids, SOCK(s, 1)->ended = cpu_to_le64(1))
DAMAGED(unix_no_creds, SOCK(s, 1)->creds = 0)
DAMAGED(unix_bytes, SOCK(s, 1)->bytes = cpu_to_le64(9))
DAMAGED(unix_data, sample_file(s, CKPT_TYPE_UNIXDATA, 1)->size++)
DAMAGED(unix_no_data, sample_remove(s, CKPT_TYPE_UNIXDATA, 1))
DAMAGED(unix_sender, MESSAGE(s)->sender = cpu_to_le64(1))
DAMAGED(unix_unsent, MESSAGE(s)->sender = 0)
DAMAGED(unix_empty, MESSAGE(s)[0].len = 0; MESSAGE(s)[1].len = cpu_to_le32(8))
DAMAGED(unix_long, MESSAGE(s)->len = cpu_to_le32(0x80000005))
DAMAGED(unix_no_flag, MESSAGE(s)->uid = cpu_to_le32(1))
DAMAGED(unix_from_nobody, MESSAGE(s)[1].ended = 0; MESSAGE(s)[1].pid = cpu_to_le32(99))
DAMAGED(unix_from_two, MESSAGE(s)[1].pid = cpu_to_le32(10))
DAMAGED(unix_files, MESSAGE(s)->files = cpu_to_le32(1))
DAMAGED(unix_many_files, MESSAGE(s)->files = cpu_to_le32(254))
DAMAGED(unix_null_file, *ELEMS(s, UNIXSOCK, 1, UNIX_FILES, parent) = (struct ckpt_parent){})
DAMAGED(unix_lost_file, ELEMS(s, UNIXSOCK, 1, UNIX_FILES, parent)->id = cpu_to_le64(99))
DAMAGED(sockopt_twice, SOCKOPT(s)[1].option = SOCKOPT(s)[0].option)
DAMAGED(sockopt_unknown, SOCKOPT(s)[1].option = cpu_to_le32(44))
DAMAGED(sockopt_again,
	ckpt_add(&sample_file(s, CKPT_TYPE_UNIXSOCK, 1)->w, CKPT_REC_SOCKOPTS, 0))
#define UNIX_NAME(s, i)	BODY(s, UNIXSOCK, i, UNIX_NAME, unix_name)
#define NAME_BYTES(s, i) ELEMS(s, UNIXSOCK, i, UNIX_NAME, unix_byte)
struct ckpt_unix_byte { char byte; };
#define SENDER(s)	ELEMS(s, UNIXSOCK, 4, UNIX_SENDERS, unix_sender)
#define PENDING(s)	ELEMS(s, UNIXSOCK, 3, UNIX_PENDING, parent)
#define WAITING(s)	BODY(s, UNIXSOCK, 5, UNIX_WAITING, unix_waiting)
DAMAGED(name_kind, UNIX_NAME(s, 3)->kind = cpu_to_le32(CKPT_UNIX_NAME_ABSTRACT))
DAMAGED(name_mode, UNIX_NAME(s, 3)->mode = cpu_to_le32(0100640))
DAMAGED(name_owner, UNIX_NAME(s, 4)->uid = cpu_to_le32(1))
DAMAGED(name_path, UNIX_NAME(s, 4)->kind = cpu_to_le32(CKPT_UNIX_NAME_FILE))
DAMAGED(name_no_path, UNIX_NAME(s, 3)->kind = cpu_to_le32(CKPT_UNIX_NAME_ONLY))
DAMAGED(name_open, NAME_BYTES(s, 3)[6].byte = 'x')
DAMAGED(name_short, NAME_BYTES(s, 3)[3].byte = 0)
DAMAGED(sender_late, SENDER(s)->message = cpu_to_le32(1))
DAMAGED(sender_open, SENDER(s)->name[1] = 'x')
DAMAGED(sender_long, SENDER(s)->len = cpu_to_le32(113))
DAMAGED(listener_dgram, SOCK(s, 3)->type = cpu_to_le32(CKPT_UNIX_DGRAM))
DAMAGED(listener_not, SOCK(s, 3)->flags = 0)
DAMAGED(listener_peer, SOCK(s, 3)->peer = cpu_to_le64(1))
DAMAGED(listener_busy, SOCK(s, 3)->flags |= cpu_to_le32(CKPT_UNIX_PEER_CLOSED))
DAMAGED(pending_other, PENDING(s)->id = cpu_to_le64(4))
DAMAGED(pending_none, PENDING(s)->id = 0)
DAMAGED(waiting_place, WAITING(s)->place = cpu_to_le32(1))
DAMAGED(waiting_elsewhere, WAITING(s)->listener = cpu_to_le64(1))
DAMAGED(waiting_nowhere, WAITING(s)->listener = 0)
DAMAGED(waiting_file, SOCK(s, 5)->file = cpu_to_le64(35))
#define INET(s)		BODY(s, UDP, 63, INET, inet)
#define DEVICE(s)	ELEMS(s, UDP, 63, INET_DEVICES, inet_device)
#define DATAGRAM(s)	ELEMS(s, UDP, 63, DATAGRAMS, datagram)
DAMAGED(inet_family, INET(s)->family = cpu_to_le32(CKPT_INET_IPV4))
DAMAGED(inet_mode, INET(s)->mode = cpu_to_le32(0100777))
DAMAGED(inet_flags, BODY(s, UDP, 63, FILE, file)->flags = cpu_to_le32(CKPT_O_WRONLY))
DAMAGED(inet_no_port, INET(s)->local_port = 0)
DAMAGED(inet_port, INET(s)->flags = 0)
DAMAGED(inet_lock, INET(s)->flags = cpu_to_le32(CKPT_INET_PORT_LOCK); INET(s)->local_port = 0)
DAMAGED(inet_address, INET(s)->local[15] = 0)
DAMAGED(inet_peer, INET(s)->peer_port = cpu_to_le16(1))
DAMAGED(inet_error, INET(s)->error = cpu_to_le32(512))
DAMAGED(inet_records,
	ckpt_add(&sample_file(s, CKPT_TYPE_UDP, 63)->w, CKPT_REC_INET, 0))
DAMAGED(device_use, DEVICE(s)->use = cpu_to_le32(8))
DAMAGED(device_order, DEVICE(s)[1].use = cpu_to_le32(CKPT_INET_BOUND))
DAMAGED(device_twice, DEVICE(s)[1].use = DEVICE(s)[0].use)
DAMAGED(device_address, DEVICE(s)->local[0] = 127)
DAMAGED(device_group, DEVICE(s)->group[0] = 0xff)
DAMAGED(device_name, DEVICE(s)->name[0] = 0; DEVICE(s)->name[1] = 0)
DAMAGED(device_text, memset(DEVICE(s)->name, 'x', 16))
#define ADDED(s)	ELEMS(s, UDP, 63, INET_HEADERS, inet_header)
DAMAGED(header_kind, ADDED(s)[0].header = cpu_to_le32(6))
DAMAGED(header_order, ADDED(s)[1].header = ADDED(s)[0].header)
DAMAGED(header_none, ADDED(s)[0].len = 0)
DAMAGED(header_odd, ADDED(s)[1].len = cpu_to_le32(12))
DAMAGED(header_short, ADDED(s)[0].len = cpu_to_le32(44))
DAMAGED(header_long, ADDED(s)[1].len = cpu_to_le32(2048))
DAMAGED(header_rest, ADDED(s)[0].bytes[4] = 1)
DAMAGED(header_again, ckpt_add(&sample_file(s, CKPT_TYPE_UDP, 63)->w, CKPT_REC_INET_HEADERS, 0))
#define PKTINFO(s)	(ELEMS(s, UDP, 63, INET_DEVICES, inet_device) + 2)
DAMAGED(pktinfo_nothing, PKTINFO(s)->group[15] = 0)
DAMAGED(pktinfo_local, PKTINFO(s)->local[0] = 1)
DAMAGED(pktinfo_order, PKTINFO(s)->use = cpu_to_le32(CKPT_INET_MULTICAST6))
DAMAGED(pktinfo_past, PKTINFO(s)->use = cpu_to_le32(CKPT_INET_PKTINFO6 + 1))
#define SOURCE(s)	ELEMS(s, UDP, 63, INET_SOURCES, inet_source)
DAMAGED(source_member, SOURCE(s)[1].member = cpu_to_le32(2))
DAMAGED(source_alone, SOURCE(s)[0].member = 0)
DAMAGED(source_mode, SOURCE(s)[0].mode = 0)
DAMAGED(source_modes, SOURCE(s)[1].mode = cpu_to_le32(CKPT_SOURCE_INCLUDE))
DAMAGED(source_again, ckpt_add(&sample_file(s, CKPT_TYPE_UDP, 63)->w, CKPT_REC_INET_SOURCES, 0))
DAMAGED(source_long, DEVICE(s)[1].use = cpu_to_le32(CKPT_INET_MEMBER);
	memset(DEVICE(s)[1].group + 4, 0, 12))
DAMAGED(ip6opt_unknown, ELEMS(s, UDP, 63, IP6OPTS, sockopt)->option = cpu_to_le32(35))
DAMAGED(datagram_family, DATAGRAM(s)->family = 0)
DAMAGED(datagram_address, DATAGRAM(s)->from[4] = 1)
DAMAGED(datagram_flow, DATAGRAM(s)->flow = cpu_to_le32(1))
DAMAGED(datagram_label, DATAGRAM(s)[1].flow = cpu_to_le32(0x100000))
DAMAGED(datagram_dst, DATAGRAM(s)[1].spec_dst[0] = 1)
DAMAGED(datagram_long, DATAGRAM(s)->len = cpu_to_le32(65536))
DAMAGED(datagram_device, memset(DATAGRAM(s)->device, 'x', 16))
DAMAGED(datagram_bytes, DATAGRAM(s)[1].len = cpu_to_le32(1))
DAMAGED(datagram_data, sample_remove(s, CKPT_TYPE_UDPDATA, 63))
DAMAGED(datagram_alone, sample_remove(s, CKPT_TYPE_UDP, 63))
#define RAW(s, i)	BODY(s, RAW, i, RAW, raw)
#define RAW_INET(s, i)	BODY(s, RAW, i, INET, inet)
#define PACKET(s, i)	ELEMS(s, RAW, i, DATAGRAMS, datagram)
DAMAGED(raw_kind, RAW(s, 92)->kind = cpu_to_le32(3))
DAMAGED(raw_kind_none, RAW(s, 92)->kind = 0)
DAMAGED(raw_protocol, RAW(s, 92)->protocol = cpu_to_le32(263))
DAMAGED(raw_protocol_none, RAW(s, 92)->protocol = 0; RAW_INET(s, 92)->local_port = 0)
DAMAGED(raw_other, RAW(s, 92)->protocol = cpu_to_le32(2); RAW(s, 92)->filter[3] = 0)
DAMAGED(raw_lite, RAW_INET(s, 92)->flags |= cpu_to_le32(CKPT_INET_LITE))
DAMAGED(raw_lock, RAW_INET(s, 92)->flags |= cpu_to_le32(CKPT_INET_PORT_LOCK))
DAMAGED(raw_port, RAW_INET(s, 92)->flags = 0)
DAMAGED(raw_filter, RAW(s, 92)->filter[4] = 1)
DAMAGED(raw_filter_ping, RAW(s, 94)->filter[0] = 1)
DAMAGED(raw_sum_v4, RAW(s, 92)->flags = cpu_to_le32(CKPT_RAW_CHECKSUM))
DAMAGED(raw_sum_odd, RAW(s, 93)->checksum = cpu_to_le32(3))
DAMAGED(raw_sum_off, RAW(s, 93)->flags = 0)
DAMAGED(raw_sum_ping, RAW(s, 94)->flags = cpu_to_le32(CKPT_RAW_CHECKSUM))
DAMAGED(ping_protocol, RAW(s, 94)->protocol = cpu_to_le32(17))
DAMAGED(ping_port, RAW_INET(s, 94)->flags = 0)
DAMAGED(ping_connected, RAW_INET(s, 94)->flags = cpu_to_le32(CKPT_INET_CONNECTED);
	RAW_INET(s, 94)->local_port = 0)
DAMAGED(packet_family, PACKET(s, 93)->family = cpu_to_le32(CKPT_INET_IPV4))
DAMAGED(packet_port, PACKET(s, 92)->from_port = cpu_to_le16(1))
DAMAGED(packet_short, PACKET(s, 92)->len = cpu_to_le32(19);
	sample_file(s, CKPT_TYPE_UDPDATA, 92)->size = 19)
DAMAGED(packet_bytes, PACKET(s, 92)->len = cpu_to_le32(25))
DAMAGED(packet_data, sample_remove(s, CKPT_TYPE_UDPDATA, 92))
DAMAGED(packet_alone, sample_remove(s, CKPT_TYPE_RAW, 92))

#define NETLINK(s)	BODY(s, NETLINK, 90, NETLINK, netlink)
#define NL_MESSAGE(s)	ELEMS(s, NETLINK, 90, NETLINK_MESSAGES, netlink_message)
#define NL_GROUP(s)	((__le32 *)sample_elems(s, CKPT_TYPE_NETLINK, 90, CKPT_REC_NETLINK_GROUPS))
DAMAGED(netlink_mode, NETLINK(s)->mode = cpu_to_le32(0100777))
DAMAGED(netlink_creds, NETLINK(s)->creds = 0)
DAMAGED(netlink_creds_none, NETLINK(s)->creds = cpu_to_le64(99))
DAMAGED(netlink_protocol, NETLINK(s)->protocol = 0)
DAMAGED(netlink_protocol_none, NETLINK(s)->protocol = cpu_to_le32(11))
DAMAGED(netlink_type, NETLINK(s)->type = cpu_to_le32(3))
DAMAGED(netlink_flags, NETLINK(s)->flags |= cpu_to_le32(0x400))
DAMAGED(netlink_unconnected, NETLINK(s)->flags = 0)
DAMAGED(netlink_connected, NETLINK(s)->flags |= cpu_to_le32(CKPT_NETLINK_DISCONNECTED))
DAMAGED(netlink_portless, NETLINK(s)->portid = 0)
DAMAGED(netlink_dst_group, NETLINK(s)->dst_group = cpu_to_le32(33))
DAMAGED(netlink_error, NETLINK(s)->error = cpu_to_le32(512))
DAMAGED(netlink_longest, NETLINK(s)->longest = cpu_to_le32(32769))
DAMAGED(netlink_open, BODY(s, NETLINK, 90, FILE, file)->flags = cpu_to_le32(CKPT_O_WRONLY))
DAMAGED(netlink_group_zero, NL_GROUP(s)[0] = 0)
DAMAGED(netlink_group_twice, NL_GROUP(s)[1] = NL_GROUP(s)[0])
DAMAGED(netlink_group_large, NL_GROUP(s)[1] = cpu_to_le32(65536))
DAMAGED(netlink_signed, NL_MESSAGE(s)[0].pid = cpu_to_le32(1))
DAMAGED(netlink_nsid, NL_MESSAGE(s)[0].nsid = cpu_to_le32(1))
DAMAGED(netlink_nsid_large, NL_MESSAGE(s)[1].nsid = cpu_to_le32(BIT(31)))
DAMAGED(netlink_long, NL_MESSAGE(s)[0].len = cpu_to_le32((8 << 20) + 1))
DAMAGED(netlink_bytes, NL_MESSAGE(s)[0].len = 0)
DAMAGED(netlink_data, sample_remove(s, CKPT_TYPE_NETLINKDATA, 90))
DAMAGED(netlink_alone, sample_remove(s, CKPT_TYPE_NETLINK, 90))
#define TCP(s)		BODY(s, TCP, 64, TCP, tcp)
#define TCP_INET(s)	BODY(s, TCP, 64, INET, inet)
DAMAGED(tcp_state, TCP(s)->state = cpu_to_le32(CKPT_TCP_OPEN))
DAMAGED(tcp_call, TCP(s)->call = 0)
DAMAGED(tcp_backlog, TCP(s)->backlog = cpu_to_le32(BIT(31)))
DAMAGED(tcp_done, TCP(s)->flags = cpu_to_le32(CKPT_TCP_DONE))
DAMAGED(tcp_calls, TCP(s)->call = cpu_to_le32(CKPT_TCP_CONNECTED))
DAMAGED(tcp_no_port, TCP_INET(s)->flags = 0)
DAMAGED(tcp_congestion, memset(TCP(s)->congestion, 0, 16))
DAMAGED(tcp_connected, TCP_INET(s)->flags |= cpu_to_le32(CKPT_INET_CONNECTED))
DAMAGED(tcp_lite, TCP_INET(s)->flags |= cpu_to_le32(CKPT_INET_LITE))
DAMAGED(tcp_family, TCP_INET(s)->family = 0)
DAMAGED(tcp_address, TCP_INET(s)->local[4] = 1)
DAMAGED(tcp_options, ckpt_add(&sample_file(s, CKPT_TYPE_TCP, 64)->w, CKPT_REC_IP6OPTS, 0))
DAMAGED(tcp_keys, ckpt_add(&sample_file(s, CKPT_TYPE_TCP, 64)->w, CKPT_REC_TCPKEY, 1))
DAMAGED(tcp_no_keys, ckpt_add(&sample_file(s, CKPT_TYPE_TCPCONN, 65)->w, CKPT_REC_TCPKEY, 0))
#define ASKING(s)	BODY(s, TCP, 198, TCP, tcp)
#define ASKING_INET(s)	BODY(s, TCP, 198, INET, inet)
DAMAGED(asking_call, ASKING(s)->call = cpu_to_le32(CKPT_TCP_UNCONNECTED))
DAMAGED(asking_done, ASKING(s)->flags = cpu_to_le32(CKPT_TCP_DONE))
DAMAGED(asking_state, ASKING(s)->state = cpu_to_le32(CKPT_TCP_ASKING + 1))
DAMAGED(asking_closed, ASKING(s)->state = cpu_to_le32(CKPT_TCP_CLOSED))
DAMAGED(asking_nobody, ASKING_INET(s)->flags = cpu_to_le32(CKPT_INET_PORT);
	ASKING_INET(s)->peer_port = 0)
DAMAGED(asking_port, ASKING_INET(s)->flags = cpu_to_le32(CKPT_INET_CONNECTED))
DAMAGED(asking_shut, ASKING_INET(s)->flags |= cpu_to_le32(CKPT_INET_SEND_SHUTDOWN))
DAMAGED(asking_conn, BODY(s, TCPCONN, 65, TCP, tcp)->state = cpu_to_le32(CKPT_TCP_ASKING))
DAMAGED(asking_unread, ckpt_add(&sample_file(s, CKPT_TYPE_TCP, 198)->w, CKPT_REC_TCPUNREAD, 0))
#define CORK(s)		BODY(s, UDP, 63, UDPCORK, udpcork)
DAMAGED(cork_family, CORK(s)->family = 0)
DAMAGED(cork_long, CORK(s)->len = cpu_to_le32(65528))
DAMAGED(cork_bytes, CORK(s)->len = cpu_to_le32(1))
DAMAGED(cork_address, CORK(s)->to[4] = 1)
DAMAGED(cork_port, CORK(s)->to_port = 0)
DAMAGED(cork_reserved, CORK(s)->reserved[4] = 1)
DAMAGED(cork_again, ckpt_add(&sample_file(s, CKPT_TYPE_UDP, 63)->w, CKPT_REC_UDPCORK, 0))
#define UNREAD(s)	BODY(s, TCP, 199, TCPUNREAD, tcpunread)
DAMAGED(unread_bytes, UNREAD(s)->len = cpu_to_le32(3))
DAMAGED(unread_flags, UNREAD(s)->flags = cpu_to_le32(2))
DAMAGED(unread_data, sample_remove(s, CKPT_TYPE_TCPDATA, 199))
DAMAGED(unread_alone, sample_remove(s, CKPT_TYPE_TCP, 199))
DAMAGED(unread_again, ckpt_add(&sample_file(s, CKPT_TYPE_TCP, 199)->w, CKPT_REC_TCPUNREAD, 0))
DAMAGED(unread_listens, ckpt_add(&sample_file(s, CKPT_TYPE_TCP, 64)->w, CKPT_REC_TCPUNREAD, 0))
DAMAGED(unread_none, sample_add(s, CKPT_TYPE_TCPDATA, 64))
#define PLACED(s)	BODY(s, TCP, 64, REUSEPORT, reuseport)
DAMAGED(placed_later, PLACED(s)->place = cpu_to_le32(1))
DAMAGED(placed_far, PLACED(s)->place = cpu_to_le32(65536))
DAMAGED(placed_reserved, PLACED(s)->reserved = cpu_to_le32(1))
DAMAGED(placed_again, ckpt_add(&sample_file(s, CKPT_TYPE_TCP, 64)->w, CKPT_REC_REUSEPORT, 0))
DAMAGED(placed_conn, ckpt_add(&sample_file(s, CKPT_TYPE_TCPCONN, 65)->w, CKPT_REC_REUSEPORT, 0))
#define CONN(s, i)	BODY(s, TCPCONN, i, TCPCONN, tcpconn)
DAMAGED(conn_peer, CONN(s, 65)->peer = cpu_to_le64(65))
DAMAGED(conn_alone, CONN(s, 65)->peer = 0)
DAMAGED(conn_unsent, CONN(s, 65)->rcv_seq = cpu_to_le32(1))
DAMAGED(conn_sent, CONN(s, 66)->sent = cpu_to_le32(4))
DAMAGED(conn_end, CONN(s, 65)->flags = cpu_to_le32(CKPT_TCPCONN_RCV_END))
DAMAGED(conn_outside, CONN(s, 65)->flags = cpu_to_le32(CKPT_TCPCONN_OUTSIDE))
DAMAGED(conn_scaled, CONN(s, 65)->snd_wscale = 1)
DAMAGED(conn_shift, CONN(s, 65)->flags = cpu_to_le32(CKPT_TCPCONN_SCALED);
	CONN(s, 65)->snd_wscale = 15)
DAMAGED(conn_window, CONN(s, 65)->snd_wnd = cpu_to_le32(1))
DAMAGED(conn_bytes, CONN(s, 65)->unread = cpu_to_le32(2))
DAMAGED(conn_data, sample_remove(s, CKPT_TYPE_TCPDATA, 66))
DAMAGED(conn_state, BODY(s, TCPCONN, 65, TCP, tcp)->state = cpu_to_le32(CKPT_TCP_CLOSED))
DAMAGED(conn_port, BODY(s, TCPCONN, 65, INET, inet)->peer_port = 0)
DAMAGED(conn_name, BODY(s, TCPCONN, 66, INET, inet)->peer_port = cpu_to_le16(64))
DAMAGED(conn_mss, CONN(s, 65)->mss = 0)
DAMAGED(conn_shut, CONN(s, 65)->flags = cpu_to_le32(CKPT_TCPCONN_SEND_END))
#define URGENT(s, i)	BODY(s, TCPCONN, i, TCPURGENT, tcpurgent)
DAMAGED(urgent_queued, URGENT(s, 66)->queued = cpu_to_le32(4))
DAMAGED(urgent_state, URGENT(s, 65)->state = cpu_to_le32(4))
DAMAGED(urgent_place, URGENT(s, 65)->place = cpu_to_le32(3))
DAMAGED(urgent_none, URGENT(s, 66)->place = cpu_to_le32(1))
DAMAGED(urgent_byte, URGENT(s, 65)->state = cpu_to_le32(CKPT_URGENT_READ);
	URGENT(s, 65)->byte = cpu_to_le32(1))
#define TCPWAITING(s)	BODY(s, TCPWAITING, 75, TCPWAITING, tcpwaiting)
#define TCPWAITING_CONN(s) BODY(s, TCPWAITING, 75, TCPCONN, tcpconn)
DAMAGED(tcpwaiting_nobody, TCPWAITING(s)->listener = 0)
DAMAGED(tcpwaiting_conn, TCPWAITING(s)->listener = cpu_to_le64(65))
DAMAGED(tcpwaiting_deaf, TCP(s)->state = cpu_to_le32(CKPT_TCP_CLOSED))
DAMAGED(tcpwaiting_port, TCP_INET(s)->local_port = cpu_to_le16(8))
DAMAGED(tcpwaiting_open, TCPWAITING_CONN(s)->flags = 0)
DAMAGED(tcpwaiting_used, TCPWAITING_CONN(s)->queued = cpu_to_le32(1);
	sample_file(s, CKPT_TYPE_TCPDATA, 75)->size = 1)
DAMAGED(tcpwaiting_peer, TCPWAITING_CONN(s)->peer = cpu_to_le64(65))
DAMAGED(tcpwaiting_call, BODY(s, TCPWAITING, 75, TCP, tcp)->call =
	cpu_to_le32(CKPT_TCP_CONNECTING))
DAMAGED(tcpwaiting_data, sample_remove(s, CKPT_TYPE_TCPDATA, 75))

static const struct damage_case cases[] = {
#define ROW(damage, result) { #damage, damage, result }
	ROW(socket_flags, -EUCLEAN),	ROW(socket_mode, -EUCLEAN),
	ROW(socket_other, -EUCLEAN),	ROW(socket_none, -EUCLEAN),
	ROW(unix_file, -EUCLEAN),	ROW(unix_no_file, -EUCLEAN),
	ROW(unix_type, -EUCLEAN),	ROW(unix_mixed, -EUCLEAN),
	ROW(unix_itself, -EUCLEAN),	ROW(unix_alone, -EUCLEAN),
	ROW(unix_closed, -EUCLEAN),	ROW(unix_apart, -EUCLEAN),
	ROW(unix_errno, -EUCLEAN),	ROW(unix_nobody, -EUCLEAN),
	ROW(unix_stranger, -EUCLEAN),	ROW(unix_two_pids, -EUCLEAN),
	ROW(unix_no_creds, -EUCLEAN),	ROW(unix_bytes, -EUCLEAN),
	ROW(unix_data, -EUCLEAN),	ROW(unix_no_data, -EUCLEAN),
	ROW(unix_sender, -EUCLEAN),	ROW(unix_unsent, -EUCLEAN),
	ROW(unix_empty, -EUCLEAN),	ROW(unix_long, -EUCLEAN),
	ROW(unix_no_flag, -EUCLEAN),	ROW(unix_from_nobody, -EUCLEAN),
	ROW(unix_from_two, -EUCLEAN),	ROW(unix_files, -EUCLEAN),
	ROW(unix_many_files, -EUCLEAN),	ROW(unix_null_file, -EUCLEAN),
	ROW(unix_lost_file, -EUCLEAN),	ROW(sockopt_twice, -EUCLEAN),
	ROW(sockopt_unknown, -EUCLEAN),	ROW(sockopt_again, -EUCLEAN),
	ROW(name_kind, -EUCLEAN),	ROW(name_mode, -EUCLEAN),
	ROW(name_owner, -EUCLEAN),	ROW(name_path, -EUCLEAN),
	ROW(name_no_path, -EUCLEAN),	ROW(name_open, -EUCLEAN),
	ROW(name_short, -EUCLEAN),	ROW(sender_late, -EUCLEAN),
	ROW(sender_open, -EUCLEAN),	ROW(sender_long, -EUCLEAN),
	ROW(listener_dgram, -EUCLEAN),	ROW(listener_not, -EUCLEAN),
	ROW(listener_peer, -EUCLEAN),	ROW(listener_busy, -EUCLEAN),
	ROW(pending_other, -EUCLEAN),	ROW(pending_none, -EUCLEAN),
	ROW(waiting_place, -EUCLEAN),	ROW(waiting_elsewhere, -EUCLEAN),
	ROW(waiting_nowhere, -EUCLEAN),	ROW(waiting_file, -EUCLEAN),
	ROW(inet_family, -EUCLEAN),	ROW(inet_mode, -EUCLEAN),
	ROW(inet_flags, -EUCLEAN),	ROW(inet_no_port, -EUCLEAN),
	ROW(inet_port, -EUCLEAN),	ROW(inet_lock, -EUCLEAN),
	ROW(inet_address, -EUCLEAN),	ROW(inet_peer, -EUCLEAN),
	ROW(inet_error, -EUCLEAN),	ROW(inet_records, -EUCLEAN),
	ROW(device_use, -EUCLEAN),	ROW(device_order, -EUCLEAN),
	ROW(device_twice, -EUCLEAN),	ROW(device_address, -EUCLEAN),
	ROW(device_group, -EUCLEAN),	ROW(device_name, -EUCLEAN),
	ROW(device_text, -EUCLEAN),	ROW(ip6opt_unknown, -EUCLEAN),
	ROW(datagram_family, -EUCLEAN),	ROW(datagram_address, -EUCLEAN),
	ROW(datagram_flow, -EUCLEAN),	ROW(datagram_label, -EUCLEAN),
	ROW(datagram_dst, -EUCLEAN),	ROW(datagram_long, -EUCLEAN),
	ROW(datagram_device, -EUCLEAN),	ROW(datagram_bytes, -EUCLEAN),
	ROW(datagram_data, -EUCLEAN),	ROW(datagram_alone, -EUCLEAN),
	ROW(netlink_mode, -EUCLEAN),	ROW(netlink_creds, -EUCLEAN),
	ROW(netlink_creds_none, -EUCLEAN), ROW(netlink_protocol, -EUCLEAN),
	ROW(netlink_protocol_none, -EUCLEAN), ROW(netlink_type, -EUCLEAN),
	ROW(netlink_flags, -EUCLEAN),	ROW(netlink_unconnected, -EUCLEAN),
	ROW(netlink_connected, -EUCLEAN), ROW(netlink_portless, -EUCLEAN),
	ROW(netlink_dst_group, -EUCLEAN), ROW(netlink_error, -EUCLEAN),
	ROW(netlink_longest, -EUCLEAN),	ROW(netlink_open, -EUCLEAN),
	ROW(netlink_group_zero, -EUCLEAN), ROW(netlink_group_twice, -EUCLEAN),
	ROW(netlink_group_large, -EUCLEAN), ROW(netlink_signed, -EUCLEAN),
	ROW(netlink_nsid, -EUCLEAN),	ROW(netlink_nsid_large, -EUCLEAN),
	ROW(netlink_long, -EUCLEAN),	ROW(netlink_bytes, -EUCLEAN),
	ROW(netlink_data, -EUCLEAN),	ROW(netlink_alone, -EUCLEAN),
	ROW(raw_kind, -EUCLEAN),	ROW(raw_kind_none, -EUCLEAN),
	ROW(raw_protocol, -EUCLEAN),	ROW(raw_protocol_none, -EUCLEAN),
	ROW(raw_other, -EUCLEAN),	ROW(raw_lite, -EUCLEAN),
	ROW(raw_lock, -EUCLEAN),	ROW(raw_port, -EUCLEAN),
	ROW(raw_filter, -EUCLEAN),	ROW(raw_filter_ping, -EUCLEAN),
	ROW(raw_sum_v4, -EUCLEAN),	ROW(raw_sum_odd, -EUCLEAN),
	ROW(raw_sum_off, -EUCLEAN),	ROW(raw_sum_ping, -EUCLEAN),
	ROW(ping_protocol, -EUCLEAN),	ROW(ping_port, -EUCLEAN),
	ROW(ping_connected, -EUCLEAN),	ROW(packet_family, -EUCLEAN),
	ROW(packet_port, -EUCLEAN),	ROW(packet_short, -EUCLEAN),
	ROW(packet_bytes, -EUCLEAN),	ROW(packet_data, -EUCLEAN),
	ROW(packet_alone, -EUCLEAN),	ROW(tcp_state, -EUCLEAN),
	ROW(tcp_call, -EUCLEAN),	ROW(tcp_backlog, -EUCLEAN),
	ROW(tcp_done, -EUCLEAN),	ROW(tcp_calls, -EUCLEAN),
	ROW(tcp_no_port, -EUCLEAN),	ROW(tcp_congestion, -EUCLEAN),
	ROW(tcp_connected, -EUCLEAN),	ROW(tcp_lite, -EUCLEAN),
	ROW(tcp_family, -EUCLEAN),	ROW(tcp_address, -EUCLEAN),
	ROW(tcp_options, -EUCLEAN),	ROW(conn_peer, -EUCLEAN),
	ROW(conn_alone, -EUCLEAN),	ROW(conn_unsent, -EUCLEAN),
	ROW(conn_sent, -EUCLEAN),	ROW(conn_end, -EUCLEAN),
	ROW(conn_scaled, -EUCLEAN),	ROW(conn_outside, -EUCLEAN),
	ROW(conn_shift, -EUCLEAN),	ROW(conn_window, -EUCLEAN),
	ROW(conn_bytes, -EUCLEAN),	ROW(conn_data, -EUCLEAN),
	ROW(conn_state, -EUCLEAN),	ROW(conn_port, -EUCLEAN),
	ROW(conn_name, -EUCLEAN),	ROW(conn_mss, -EUCLEAN),
	ROW(conn_shut, -EUCLEAN),	ROW(urgent_queued, -EUCLEAN),
	ROW(urgent_state, -EUCLEAN),	ROW(urgent_place, -EUCLEAN),
	ROW(urgent_none, -EUCLEAN),	ROW(urgent_byte, -EUCLEAN),
	ROW(tcpwaiting_nobody, -EUCLEAN), ROW(tcpwaiting_conn, -EUCLEAN),
	ROW(tcpwaiting_deaf, -EUCLEAN),	ROW(tcpwaiting_port, -EUCLEAN),
	ROW(tcpwaiting_open, -EUCLEAN),	ROW(tcpwaiting_used, -EUCLEAN),
	ROW(tcpwaiting_peer, -EUCLEAN),	ROW(tcpwaiting_call, -EUCLEAN),
	ROW(tcpwaiting_data, -EUCLEAN),
	ROW(source_member, -EUCLEAN),	ROW(source_alone, -EUCLEAN),
	ROW(source_mode, -EUCLEAN),	ROW(source_modes, -EUCLEAN),
	ROW(source_again, -EUCLEAN),	ROW(source_long, -EUCLEAN),
	ROW(cork_family, -EUCLEAN),	ROW(cork_long, -EUCLEAN),
	ROW(cork_bytes, -EUCLEAN),	ROW(cork_address, -EUCLEAN),
	ROW(cork_port, -EUCLEAN),	ROW(cork_reserved, -EUCLEAN),
	ROW(cork_again, -EUCLEAN),	ROW(unread_bytes, -EUCLEAN),
	ROW(unread_flags, -EUCLEAN),	ROW(unread_data, -EUCLEAN),
	ROW(unread_alone, -EUCLEAN),	ROW(unread_again, -EUCLEAN),
	ROW(unread_listens, -EUCLEAN),	ROW(unread_none, -EUCLEAN),
	ROW(placed_later, -EUCLEAN),	ROW(placed_far, -EUCLEAN),
	ROW(placed_reserved, -EUCLEAN),	ROW(placed_again, -EUCLEAN),
	ROW(placed_conn, -EUCLEAN),	ROW(tcp_keys, -EUCLEAN),
	ROW(tcp_no_keys, -EUCLEAN),
	ROW(asking_call, -EUCLEAN),	ROW(asking_done, -EUCLEAN),
	ROW(asking_state, -EUCLEAN),	ROW(asking_closed, -EUCLEAN),
	ROW(asking_nobody, -EUCLEAN),	ROW(asking_port, -EUCLEAN),
	ROW(asking_shut, -EUCLEAN),	ROW(asking_conn, -EUCLEAN),
	ROW(asking_unread, -EUCLEAN),
	ROW(header_kind, -EUCLEAN),	ROW(header_order, -EUCLEAN),
	ROW(header_none, -EUCLEAN),	ROW(header_odd, -EUCLEAN),
	ROW(header_short, -EUCLEAN),	ROW(header_long, -EUCLEAN),
	ROW(header_rest, -EUCLEAN),	ROW(header_again, -EUCLEAN),
	ROW(pktinfo_nothing, -EUCLEAN),	ROW(pktinfo_local, -EUCLEAN),
	ROW(pktinfo_order, -EUCLEAN),	ROW(pktinfo_past, -EUCLEAN),
#undef ROW
};

const struct damage_table damage_sockets = { cases, ARRAY_SIZE(cases) };
