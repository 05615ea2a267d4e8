#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154

load ../helpers

@test "every option of sockets that the kernel knows is kept, or refused by name" {
	every_way sockopts
}

@test "options of sockets that are refused are so by name" {
	local row words seen=0

	"$PROGRAMS/sockopts" refused >"$BATS_TEST_TMPDIR/rows"
	while read -r row words; do
		start sockopts "$row"
		refused EOPNOTSUPP ctl freeze web "pid=$pid"
		grep -F ": $words" "$MNT/log" | grep -F "cannot be saved"
		: >"$go"
		until_gone "$pid"
		grep -qx passed "$out"
		seen=$((seen + 1))
	done <"$BATS_TEST_TMPDIR/rows"
	[ "$seen" -ge 1 ]
}

@test "sockets that are told when packets came and left keep that, with their numbers" {
	every_way stamps
}

# refuses 'words' of the program in python $2 ...
refuses()
{
	start_command -r python3 -c "
import os, struct, time
from socket import *
a, b = socket(), socket()
a.bind(('127.0.0.1', 0))
a.listen()
b.connect(a.getsockname())
c, _ = a.accept()
$2
print('ready', flush=True)
time.sleep(1000)"
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep -E "task $pid \\([^)]*\\) fd [0-9]+: $1 cannot be saved" "$MNT/log"
	kill -KILL "$pid"
	until_gone "$pid"
}

@test "what a socket has yet to be told of its packets is refused by name" {
	# The peer takes no more, so the last byte stays here: TX_ACK, SOFTWARE.
	refuses 'a byte on its way that will be told of .*' '
b.setblocking(False)
try:
    while True: b.send(bytes(100000))
except BlockingIOError: pass
b.setsockopt(SOL_SOCKET, 32, 1 << 24)
b.setsockopt(SOL_SOCKET, 37, 1 << 9 | 1 << 4)
b.send(b"x")'
	# Nobody has read that it has left: TX_SOFTWARE, SOFTWARE.
	refuses 'an error that has not been read .*' '
b.setsockopt(SOL_SOCKET, 37, 1 << 1 | 1 << 4)
b.send(b"x")
while b.getsockopt(SOL_TCP, TCP_INFO, 104)[24:28] != bytes(4): pass'
}

# Record 74: behind the sizes of its buffers and SO_TXREHASH it has SO_TIMESTAMPING, SO_TXTIME
# and SO_MAX_PACING_RATE.
@test "options of sockets that cannot be are refused by a restore, which leaves nothing" {
	start_python "
import struct
from socket import *
a = socket(AF_INET, SOCK_DGRAM)
a.setsockopt(SOL_SOCKET, 37, 1 << 3 | 1 << 4 | 1 << 7)
a.setsockopt(SOL_SOCKET, 61, struct.pack('iI', 1, 2))
a.setsockopt(SOL_SOCKET, 47, 123456)" "
print(*(a.getsockopt(SOL_SOCKET, n, 8).hex() for n in (37, 61, 47)), flush=True)"
	save_stream
	wrong_images <<-'END'
		EINVAL 'socket option 37 cannot be set' field files 74 56 8 0x10018
		EINVAL 'socket option 37 cannot be set' field files 74 56 8 0x8098
		EINVAL 'socket option 37 cannot be set' field files 74 56 8 0x40000000
		EINVAL 'socket option 37 cannot be set' field files 74 56 8 0x100000098
		EINVAL 'socket option 37 cannot be set' field files 74 64 4 39
		EINVAL 'socket option 61 cannot be set' field files 74 72 8 0x400000005
		EINVAL 'socket option 61 cannot be set' field files 74 72 8 0xc00000001
		EINVAL 'socket option 61 cannot be set' field files 74 72 8 0x200000001
		EUCLEAN 'options that do not ascend' field files 74 80 4 40
		EUCLEAN 'files/' field files 74 80 4 44
	END
	restore
	says "9800000000000000 0100000002000000 40e2010000000000"
}

@test "groups of sockets of one port keep their order, and the program that chooses by it" {
	every_way reuseport
}

# program 'what': python that makes the socket a, with a program of its group
program_of_group()
{
	start_command -r python3 -c "
import ctypes, os, struct, time
from socket import *
a = socket(AF_INET, SOCK_DGRAM)
a.setsockopt(SOL_SOCKET, 15, 1)
def classic(s):
    insns = ctypes.create_string_buffer(struct.pack('HBBI', 6, 0, 0, 0))
    s.setsockopt(SOL_SOCKET, 51, struct.pack('HxxxxxxQ', 1, ctypes.addressof(insns)))
def extended(s):
    insns = ctypes.create_string_buffer(bytes([0xb7] + 7 * [0] + [0x95] + 7 * [0]))
    license = ctypes.create_string_buffer(b'GPL')
    attr = ctypes.create_string_buffer(struct.pack('IIQQIIQI', 1, 2, ctypes.addressof(insns),
                                                   ctypes.addressof(license), 0, 0, 0, 0))
    fd = ctypes.CDLL(None).syscall(321, 5, attr, 44)
    assert fd >= 0
    s.setsockopt(SOL_SOCKET, 52, fd)
    os.close(fd)
$1
print('ready', flush=True)
time.sleep(1000)"
	ready
}

@test "a program of a group of sockets that cannot be saved is refused by name" {
	program_of_group "a.bind(('127.0.0.1', 0)); extended(a)"
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep -E 'fd [0-9]+: an eBPF program of a SO_REUSEPORT group cannot be saved' "$MNT/log"
	kill -KILL "$pid"
	until_gone "$pid"

	# Another one that is not of the container is in the group.
	program_of_group "a.bind(('127.0.0.1', 7921)); classic(a)"
	python3 -c "
import sys, time
from socket import *
a = socket(AF_INET, SOCK_DGRAM)
a.setsockopt(SOL_SOCKET, 15, 1)
a.bind(('127.0.0.1', 7921))
open(sys.argv[1], 'w')
time.sleep(1000)" "$BATS_TEST_TMPDIR/other" &
	until_true test -e "$BATS_TEST_TMPDIR/other"
	refused EBUSY ctl freeze web "pid=$pid"
	grep -E 'fd [0-9]+: the program of its SO_REUSEPORT group chooses sockets outside' "$MNT/log"
	kill "$!"
	until_gone "$!"
	ctl freeze web "pid=$pid"
	ctl thaw web
	kill -KILL "$pid"
	until_gone "$pid"
}

# Record 134, of the only socket: its place, and behind that the program.
@test "a group of sockets that cannot be is refused by a restore, which leaves nothing" {
	program_of_group "a.bind(('127.0.0.1', 7922)); classic(a)"
	save_stream
	wrong_images <<-'END'
		EUCLEAN 'not the first, with a program' field files 134 0 4 1
		EUCLEAN 'files/' field files 134 0 4 0x10000
		EUCLEAN 'files/' field files 134 4 4 1
		EINVAL 'the program of its group cannot be attached' field files 134 8 2 0xffff
		EINVAL 'the program of its group cannot be attached' field files 134 8 2 5
	END
	restore
	kill -KILL "$pid"
	until_gone "$pid"
}

@test "sockets that add options or extension headers to what they send still do" {
	every_way headers
}

# Record 137, of the only socket: which it is, how long, and that.
@test "headers that cannot be are refused by a restore, which leaves nothing" {
	start_command -r python3 -c "
import os, time
from socket import *
a = socket(AF_INET, SOCK_DGRAM)
a.setsockopt(SOL_IP, IP_OPTIONS, bytes([1, 1, 1, 0]))
print('ready', flush=True)
while not os.path.exists('$BATS_TEST_TMPDIR/go'):
    time.sleep(0.01)
print(a.getsockopt(SOL_IP, IP_OPTIONS, 40).hex(), flush=True)"
	ready
	save_stream
	"$TREE/tests/bats/hostile.py" "$MNT" "$image" <<-'END'
		EUCLEAN 'headers of IPv6' field files 137 0 4 2 fix
		EUCLEAN 'files/' field files 137 0 4 6 fix
		EUCLEAN 'a header of a length that it cannot have' field files 137 4 4 0 fix
		EUCLEAN 'a header of a length that it cannot have' field files 137 4 4 44 fix
		EUCLEAN 'a header behind its end' field files 137 12 4 1 fix
		EINVAL 'header 1 of what it sends cannot be set' field files 137 8 4 0x207 fix
		EINVAL 'header 1 of what it sends cannot be set' field files 137 8 4 0x2707 fix
	END
	restore
	: >"$go"
	until_gone "$pid"
	grep -x 01010100 "$out"
}

@test "to restore an extension header takes the right to send it" {
	[ -e /proc/net/if_inet6 ] || skip "this kernel has no IPv6"
	# Its restorer is to be without it, so it must be without it, too.
	start_command -r python3 -c "
import os
from socket import *
a = socket(AF_INET6, SOCK_DGRAM)
a.setsockopt(IPPROTO_IPV6, 54, bytes([0, 0, 1, 4, 0, 0, 0, 0]))
os.dup2(a.fileno(), 9)
os.execlp('setpriv', 'setpriv', '--bounding-set=-net_raw', '--inh-caps=-net_raw',
          'python3', '-c', '''
import os, time
from socket import *
print(\"ready\", flush=True)
while not os.path.exists(\"$BATS_TEST_TMPDIR/go\"):
    time.sleep(0.01)
print(socket(fileno=9).getsockopt(IPPROTO_IPV6, 54, 40).hex(), flush=True)''')"
	ready
	save
	# shellcheck disable=SC2016
	refused EPERM setpriv --bounding-set=-net_raw --inh-caps=-net_raw \
		sh -c 'cat "$1" >"$2"' sh "$image" "$MNT/restore/commit"
	grep "header 2 of what it sends cannot be set" "$MNT/log"
	gone "$pid"
	restore
	: >"$go"
	until_gone "$pid"
	grep -x 0000010400000000 "$out"
}
