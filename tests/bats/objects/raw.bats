#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2034,SC2154

load ../helpers

# Numbers of records: CKPT_REC_RAW ...
raw=106 names=80 packets=85

@test "raw sockets keep protocols, addresses, peers, packets, options and filters" {
	every_way raw
}

# What the programs in python begin with.
prelude="
import os, struct, sys, time
from socket import *"

# refuses 'words' of the program in python $2
refuses()
{
	start_python "$2"
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep -E "task $pid \\([^)]*\\) fd [0-9]+: $1 cannot be saved" "$MNT/log"
	kill -KILL "$pid"
	until_gone "$pid"
}

@test "what a raw socket is not saved with is refused by name" {
	local a='a = socket(AF_INET, SOCK_RAW, 253); a.bind(("127.0.0.1", 0))'
	local to='("127.0.0.1", 0)'

	refuses 'a raw socket with IP_ROUTER_ALERT' "$a; a.setsockopt(SOL_IP, 5, 1)"
	refuses 'a packet that is not complete .*' "$a; a.sendto(b'x', MSG_MORE, $to)"
	refuses 'IP options of a datagram' "$a
b = socket(AF_INET, SOCK_RAW, 253)
b.setsockopt(SOL_IP, IP_OPTIONS, bytes([1, 1, 1, 0]))
b.sendto(b'x', $to)
b.close()"
	refuses 'a checksum that has not been read .*' "$a; a.setsockopt(SOL_IP, 23, 1); a.sendto(b'x', $to)"
	refuses 'an error that has not been read .*' "
a = socket(AF_INET, SOCK_RAW, 252)
a.setsockopt(SOL_IP, 11, 1)
a.bind(('127.0.0.2', 0))
# Of what is shorter nobody is told.
a.sendto(bytes(8), $to)"
}

# Not every kernel can route multicast packets.
@test "a raw socket of multicast routing is refused by name" {
	[ -e /proc/net/ip_mr_vif ] || skip "this kernel does not route multicast packets"
	refuses 'a raw socket of multicast routing' '
a = socket(AF_INET, SOCK_RAW, IPPROTO_IGMP)
a.setsockopt(SOL_IP, 200, 1)'
	refuses 'a raw socket of multicast routing' '
a = socket(AF_INET, SOCK_RAW, IPPROTO_IGMP)
a.setsockopt(SOL_IP, 209, struct.pack("=L", 7))'
	[ -e /proc/net/ip6_mr_vif ] || return 0
	refuses 'a raw socket of multicast routing' '
a = socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6)
a.setsockopt(IPPROTO_IPV6, 200, 1)'
	refuses 'a raw socket with IP_ROUTER_ALERT' '
a = socket(AF_INET6, SOCK_RAW, IPPROTO_RAW)
a.setsockopt(IPPROTO_IPV6, 22, 0)'
}

# One to whom a packet has come, and who has no right that its writer is to be without;
# what it says of it in the end is in $said.
start_without()
{
	start_command -r python3 -c "
import os
from socket import *
a = socket(AF_INET, SOCK_RAW, 253)
a.bind(('127.0.0.1', 0))
a.sendto(b'to itself', ('127.0.0.1', 0))
os.dup2(a.fileno(), 9)
os.execvp('setpriv', ['setpriv', '--bounding-set=-$1', '--inh-caps=-$1', 'python3', '-c', '''
import os, time
from socket import *
a = socket(AF_INET, SOCK_RAW, 253, 9)
print(\"ready\", flush=True)
while not os.path.exists(\"$BATS_TEST_TMPDIR/go\"):
    time.sleep(0.01)
got, where = a.recvfrom(100)
print(got[20:], where, flush=True)'''])"
	ready
	said="b'to itself' ('127.0.0.1', 0)"
}

restore_without()
{
	# shellcheck disable=SC2016
	setpriv --bounding-set="-$1" --inh-caps="-$1" \
		sh -c 'cat "$1" >"$2"' sh "$image" "$MNT/restore/commit"
}

@test "a raw socket is had by who may open one only" {
	start_without net_raw
	save
	refused EPERM restore_without net_raw
	grep -q "raw socket" "$MNT/log"
	gone "$pid"
	restore
	says "$said"
}

# More packets than its buffer, which was made smaller since, would take.
@test "a raw socket has no more in its queue than its writer could have put there" {
	start_python "
a = socket(AF_INET, SOCK_RAW, 253)
a.bind(('127.0.0.1', 0))
a.setsockopt(SOL_SOCKET, 33, 4 << 20)
for i in range(100):
    a.sendto(bytes(20000), ('127.0.0.1', 0))
a.setsockopt(SOL_SOCKET, SO_RCVBUF, 10000)
os.execvp('setpriv', ['setpriv', '--bounding-set=-net_admin', '--inh-caps=-net_admin', 'python3', '-c', '''
import os, time
from socket import *
a = socket(AF_INET, SOCK_RAW, 253, %d)
print(\"ready\", flush=True)
while not os.path.exists(\"$BATS_TEST_TMPDIR/go\"):
    time.sleep(0.01)
for i in range(100):
    assert len(a.recv(65536, MSG_DONTWAIT)) == 20020
print(\"all\", flush=True)''' % os.dup2(a.fileno(), 9)])"
	save
	refused ENOBUFS restore_without net_admin
	grep -q "its queue cannot be filled" "$MNT/log"
	gone "$pid"
	restore
	says all
}

# How many the machine has.
raw_sockets() { sed -n 's/^RAW: inuse //p' /proc/net/sockstat; }

@test "images of raw sockets that are wrong are refused, and leave none" {
	local bytes before

	before=$(raw_sockets)
	start_without net_raw
	save_stream
	bytes=$(tar -tf "$image" | sed -n 's,^web/\(.*/datagrams\)$,\1,p')
	[ -n "$bytes" ]
	wrong_images <<-END
		# Kinds, protocols, flags, places, filters; ports, those who have asked for them.
		EUCLEAN '' field files/ $raw 0 4 2
		EUCLEAN '' field files/ $raw 0 4 3
		EUCLEAN '' field files/ $raw 4 4 0
		EUCLEAN '' field files/ $raw 4 4 17
		EUCLEAN '' field files/ $raw 4 4 263
		EUCLEAN '' field files/ $raw 8 4 1
		EUCLEAN '' field files/ $raw 12 4 2
		EUCLEAN '' field files/ $raw 16 4 1
		EUCLEAN '' field files/ $names 4 4 0
		EUCLEAN '' field files/ $names 4 4 3
		EUCLEAN '' field files/ $names 4 4 65
		EUCLEAN '' field files/ $names 64 2 99
		# A ping socket that is one of UDP.
		EUCLEAN '' field files/ $raw 0 4 2 field files/ $raw 4 4 17
		# Of a packet: its family, length, sender, port.
		EUCLEAN '' field files/ $packets 0 4 2
		EUCLEAN '' field files/ $packets 4 4 19
		EUCLEAN '' field files/ $packets 4 4 30
		EUCLEAN '' field files/ $packets 48 2 1
		EUCLEAN '' field files/ $packets 16 1 126
		# And of its header: version, options that are not there, service, hops, protocol.
		EUCLEAN 'its queue cannot be filled' set $bytes 0 1 0x65
		EUCLEAN '' set $bytes 0 1 0x4f
		EUCLEAN '' set $bytes 0 1 0x40
		EUCLEAN '' set $bytes 1 1 1
		EUCLEAN '' set $bytes 8 1 1
		EUCLEAN '' set $bytes 9 1 17
		EUCLEAN '' set $bytes 12 4 0
		EUCLEAN '' set $bytes 16 4 0
	END
	[ "$(raw_sockets)" = "$before" ]
	restore
	says "$said"
}
