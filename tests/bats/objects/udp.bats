#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

@test "udp sockets keep addresses, peers, datagrams, options, devices and groups" {
	every_way udp
}

@test "udp-lite sockets keep the same, and what checksums are to cover" {
	every_way udp lite
}

@test "members of multicast groups hear the same senders, and not the others" {
	every_way sources
}

@test "datagrams that are begun are sent when they are complete" {
	every_way cork
}

# Record 135: of the only socket that has begun one, to its own port.
@test "a datagram that is not complete and cannot be is refused by a restore, which leaves nothing" {
	start_python "
from socket import *
a = socket(AF_INET, SOCK_DGRAM)
a.bind(('127.0.0.1', 0))
a.sendto(b'begun', MSG_MORE, a.getsockname())" "
a.send(b', ended')
print(a.recv(100), flush=True)"
	save_stream
	wrong_images <<-'END'
		EUCLEAN 'files/' field files 135 0 4 3
		EUCLEAN 'a datagram of IPv6' field files 135 0 4 2
		EUCLEAN 'not as many bytes' field files 135 4 4 4
		EUCLEAN 'files/' field files 135 4 4 65528
		EUCLEAN 'an address that is too long' field files 135 28 4 1
		EUCLEAN 'a datagram without a port' field files 135 40 2 0
		EADDRNOTAVAIL 'not complete cannot be had' field files 135 8 4 0x0200007f
		EADDRNOTAVAIL,ENETUNREACH,EINVAL 'not complete cannot be had' field files 135 24 4 0xfa0200e0
	END
	restore
	says "b'begun, ended'"
}

# Record 133: of the first socket, which is a member of two groups, a sender to the second one.
@test "senders to groups that cannot be are refused by a restore, which leaves nothing" {
	start_python "
from socket import *
a = socket(AF_INET, SOCK_DGRAM)
a.setsockopt(SOL_IP, 35, inet_aton('239.1.2.3') + inet_aton('127.0.0.1'))
a.setsockopt(SOL_IP, 39, inet_aton('239.1.2.4') + inet_aton('127.0.0.1') * 2)"
	save_stream
	wrong_images <<-'END'
		EUCLEAN 'who sends to no group' field files 133 0 4 2
		EUCLEAN 'who sends to no group' field files 133 0 4 0xffffffff
		EUCLEAN 'files/' field files 133 4 4 0
		EUCLEAN 'files/' field files 133 4 4 3
		EUCLEAN 'an address that is too long' field files 133 12 4 1
		ENODEV 'device nolo cannot be used' field files 81 24 4 0x6f6c6f6e
	END
	restore
	kill -KILL "$pid"
	until_gone "$pid"
}

# refuses 'words' of the program in python $2 ...
refuses()
{
	start_command -r python3 -c "
import os, struct, time
from socket import *
a, b = (socket(AF_INET, SOCK_DGRAM) for _ in range(2))
a.bind(('127.0.0.1', 0))
b.connect(a.getsockname())
$2
print('ready', flush=True)
time.sleep(1000)"
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep -E "task $pid \\([^)]*\\) fd [0-9]+: $1 cannot be saved" "$MNT/log"
	kill -KILL "$pid"
	until_gone "$pid"
}

@test "what a udp socket is not saved with is refused by name" {
	refuses 'a datagram that is not complete .*' \
		'b.sendmsg([b"x"], [(SOL_IP, IP_TOS, struct.pack("i", 8))], MSG_MORE)'
	refuses 'a datagram that is not complete .*' '
a.setsockopt(SOL_IP, IP_MULTICAST_IF, inet_aton("127.0.0.1"))
a.sendto(b"x", MSG_MORE, ("239.1.2.3", 9))'
	refuses 'IP options of a datagram' 'b.setsockopt(SOL_IP, IP_OPTIONS, bytes([1, 1, 1, 0])); b.send(b"x")'
	refuses 'an error that has not been read .*' 'b.setsockopt(SOL_IP, 11, 1); a.close(); b.send(b"x")'
	refuses 'a checksum that has not been read .*' 'a.setsockopt(SOL_IP, 23, 1); b.send(b"x")'
}

@test "a udp port that is taken, and datagrams that may not be had, fail a restore by name" {
	# It has no right that its writer is to be without.
	start_command -r setpriv --bounding-set=-net_raw --inh-caps=-net_raw python3 -c "
import os, time
from socket import *
a = socket(AF_INET, SOCK_DGRAM)
a.bind(('127.0.0.1', 7919))
a.sendto(b'to itself', a.getsockname())
print('ready', flush=True)
while not os.path.exists('$BATS_TEST_TMPDIR/go'):
    time.sleep(0.01)
print(*a.recvfrom(100), flush=True)"
	ready
	save
	python3 -c "
import sys, time
from socket import *
a = socket(AF_INET, SOCK_DGRAM)
a.bind(('127.0.0.1', 7919))
open(sys.argv[1], 'w')
time.sleep(1000)" "$BATS_TEST_TMPDIR/taken" &
	until_true test -e "$BATS_TEST_TMPDIR/taken"
	refused EADDRINUSE restore
	grep -q "address 127.0.0.1 port 7919 cannot be had" "$MNT/log"
	gone "$pid"
	kill "$!"
	until_gone "$!"
	# shellcheck disable=SC2016
	refused EPERM setpriv --bounding-set=-net_raw --inh-caps=-net_raw \
		sh -c 'cat "$1" >"$2"' sh "$image" "$MNT/restore/commit"
	grep -q "may not have datagrams that others have sent" "$MNT/log"
	restore
	: >"$go"
	until_gone "$pid"
	grep -qx "b'to itself' ('127.0.0.1', 7919)" "$out"
}
