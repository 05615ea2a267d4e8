#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

# Numbers of records: CKPT_REC_PACKET ...
packet=107 packets=109

@test "packet sockets keep protocols, devices, packets, memberships, options and counts" {
	every_way packet
}

# starts the program in python $1, which is ready at its end; $2 is what it does then
start_python()
{
	start_command -r python3 -c "
import ctypes, errno, os, struct, time
from socket import *
def told(a):
    try:
        a.recv(1, MSG_DONTWAIT)
    except OSError as e:
        return e.errno
$1
print('ready', flush=True)
while not os.path.exists('$BATS_TEST_TMPDIR/go'):
    time.sleep(0.01)
${2-}"
	ready
}

# refuses 'words' of the program in python $2
refuses()
{
	start_python "$2"
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep -E "task $pid \\([^)]*\\) fd [0-9]+: $1 cannot be saved" "$MNT/log"
	kill -KILL "$pid"
	until_gone "$pid"
}

@test "what a packet socket is not saved with is refused by name" {
	local a='a = socket(AF_PACKET, SOCK_RAW, htons(0x88b5)); a.bind(("lo", 0x88b5))'

	refuses 'a packet socket with a ring' "$a; a.setsockopt(263, 5, struct.pack('=4L', 4096, 1, 2048, 2))"
	refuses 'a packet socket with a ring' "$a; a.setsockopt(263, 13, struct.pack('=4L', 4096, 1, 2048, 2))"
	refuses 'a packet socket of a fanout group' "$a; a.setsockopt(263, 18, 77)"
	refuses 'a packet socket of SOCK_PACKET' 'a = socket(AF_PACKET, 10, htons(0x88b5))'
	refuses 'a socket that is bound to a device' "$a; a.setsockopt(SOL_SOCKET, 25, b'lo')"
	refuses 'a socket with time stamps of packets .*' "$a; a.setsockopt(SOL_SOCKET, 37, 16)"
	refuses 'an error that has not been read .*' "$a
a.setsockopt(SOL_SOCKET, 37, 2)
a.sendto(bytes(60), ('lo', 0x88b6))"
	refuses 'a socket of another network namespace' "
libc, here = ctypes.CDLL(None), os.open('/proc/self/ns/net', 0)
assert libc.unshare(0x40000000) == 0
a = socket(AF_PACKET, SOCK_RAW, 0)
assert libc.setns(here, 0) == 0
os.close(here)"
}

@test "packets that are not saved are refused by name" {
	refuses 'a packet with a VLAN tag in it' "
a = socket(AF_PACKET, SOCK_RAW, 0)
a.bind(('lo', 3))
b = socket(AF_PACKET, SOCK_RAW, 0)
b.sendto(bytes(12) + struct.pack('>HHH', 0x8100, 5, 0x88b5) + bytes(50), ('lo', 0x8100))"
	refuses 'a packet that has been cut in its headers' "
a = socket(AF_PACKET, SOCK_RAW, 0)
code = ctypes.create_string_buffer(struct.pack('HBBI', 6, 0, 0, 10))
a.setsockopt(SOL_SOCKET, 26, struct.pack('HP', 1, ctypes.addressof(code)))
a.bind(('lo', 0x88b5))
a.sendto(bytes(12) + struct.pack('>H', 0x88b5) + bytes(46), ('lo', 0x88b5))"
	refuses 'a packet of several segments' "
a = socket(AF_PACKET, SOCK_RAW, 0)
a.bind(('lo', 0x800))
b = create_server(('127.0.0.1', 0))
c = socket()
c.setsockopt(IPPROTO_TCP, TCP_MAXSEG, 1000)
c.connect(b.getsockname())
c.sendall(bytes(5000))"
}

@test "a packet socket whose device is gone is refused by name, and so is what has come by one" {
	refuses 'a packet socket of a device that is gone' "
os.system('ip link add ckpt0 type veth peer name ckpt1')
a = socket(AF_PACKET, SOCK_RAW, 0)
a.bind(('ckpt0', 3))
os.system('ip link del ckpt0')"
	refuses 'a packet of a device that is gone' "
a = socket(AF_PACKET, SOCK_RAW, htons(0x88b5))
b = socket(AF_PACKET, SOCK_DGRAM, 0)
os.system('ip link add ckpt0 type veth peer name ckpt1; ip link set ckpt0 up; ip link set ckpt1 up')
while told(a):
    b.sendto(b'x', ('ckpt1', 0x88b5, 0, 0, bytes(6)))
    b.sendto(b'x', ('ckpt1', 0x88b5, 0, 0, bytes(6)))
    time.sleep(0.01)
os.system('ip link del ckpt0')"
}

@test "a packet socket knows that its device is down, and whether it has been told" {
	ip link add ckpt0 type veth peer name ckpt1
	start_python "
a, b, c = (socket(AF_PACKET, SOCK_DGRAM, 0) for i in range(3))
a.bind(('ckpt0', 0x88b5))
b.bind(('ckpt0', 0x88b5))
assert told(b) == errno.ENETDOWN" "
assert told(a) == errno.ENETDOWN
assert told(a) == errno.EAGAIN == told(b)
os.system('ip link set ckpt0 up; ip link set ckpt1 up')
while told(a):
    c.sendto(b'x', ('ckpt1', 0x88b5, 0, 0, bytes(6)))
    time.sleep(0.01)
assert told(b) is None
print('passed', flush=True)"
	save
	restore
	finish
	ip link del ckpt0
}

@test "a packet socket whose device is not there fails a restore by name" {
	ip link add ckpt0 type veth peer name ckpt1
	start_python "
a = socket(AF_PACKET, SOCK_DGRAM, 0)
a.bind(('ckpt0', 0x88b5))" "
assert a.getsockname()[:2] == ('ckpt0', 0x88b5)
print('passed', flush=True)"
	save
	ip link del ckpt0
	refused ENODEV restore
	grep -q "device ckpt0 cannot be heard" "$MNT/log"
	gone "$pid"
	# One of that name, whose number is another.
	ip link add ckpt2 type veth peer name ckpt3
	ip link add ckpt0 type veth peer name ckpt1
	restore
	finish
	ip link del ckpt0
	ip link del ckpt2
}

@test "what comes to a packet socket after the freeze is lost, and is not counted" {
	start_python "
a = socket(AF_PACKET, SOCK_DGRAM, 0)
a.bind(('lo', 0x88b5))
a.sendto(b'before', ('lo', 0x88b5))" "
assert a.recv(10, MSG_DONTWAIT) == b'before'
assert told(a) == errno.EAGAIN
a.sendto(b'afterwards', ('lo', 0x88b5))
assert a.recv(10, MSG_DONTWAIT) == b'afterwards'
assert struct.unpack('II', a.getsockopt(263, 6, 8)) == (2, 0)
print('passed', flush=True)"
	image=$BATS_TEST_TMPDIR/web.tar
	ctl freeze web "pid=$pid"
	python3 -c '
from socket import *
socket(AF_PACKET, SOCK_DGRAM, 0).sendto(b"late", ("lo", 0x88b5))'
	tar -C "$MNT" -cf "$image" web
	ctl commit web kill
	until_gone "$pid"
	ctl remove web
	restore
	finish
}

# One to whom a packet has come, who has its device promiscuous, and no right that its
# writer is to be without; what it says of the packet in the end is in $said.
start_without()
{
	start_command -r python3 -c "
import os, struct
from socket import *
a = socket(AF_PACKET, SOCK_DGRAM, 0)
a.bind(('lo', 0x88b5))
a.setsockopt(263, 1, struct.pack('iHH8s', if_nametoindex('lo'), 1, 0, b''))
a.sendto(b'to itself', ('lo', 0x88b5))
os.dup2(a.fileno(), 9)
os.execvp('setpriv', ['setpriv', '--bounding-set=-$1', '--inh-caps=-$1', 'python3', '-c', '''
import os, time
from socket import *
a = socket(AF_PACKET, SOCK_DGRAM, 0, 9)
print(\"ready\", flush=True)
while not os.path.exists(\"$BATS_TEST_TMPDIR/go\"):
    time.sleep(0.01)
print(*a.recvfrom(100), flush=True)'''])"
	ready
	said="b'to itself' ('lo', 34997, 0, 772, b'\\x00\\x00\\x00\\x00\\x00\\x00')"
}

restore_without()
{
	# shellcheck disable=SC2016
	setpriv --bounding-set="-$1" --inh-caps="-$1" \
		sh -c 'cat "$1" >"$2"' sh "$image" "$MNT/restore/commit"
}

says()
{
	: >"$go"
	until_gone "$pid"
	grep -qxF "$1" "$out"
}

@test "a packet socket is had by who may open one only" {
	start_without net_raw
	save
	refused EPERM restore_without net_raw
	grep -q "packet socket cannot be made" "$MNT/log"
	gone "$pid"
	restore
	says "$said"
}

edit() { "$TREE/tests/bats/image.py" "$image" "$image.bad" "$@" fix; }
bad() { cat "$image.bad" >"$MNT/restore/commit"; }

# Those of the machine, and whether the loopback device is promiscuous.
packet_sockets() { cat /proc/net/packet /sys/class/net/lo/flags; }

# wrong ERRNO FIELD...: as image.py knows them.
wrong()
{
	local errno=$1
	shift

	edit "$@"
	refused "$errno" bad
	gone "$pid"
}

@test "images of packet sockets that are wrong are refused, and leave none" {
	local before

	before=$(packet_sockets)
	start_without net_raw
	[ "$(packet_sockets)" != "$before" ]
	save_stream
	# Of the socket: type, protocol, mode, error, flags, device.
	wrong EUCLEAN field files/ "$packet" 0 4 3
	wrong EUCLEAN field files/ "$packet" 4 4 0x10000
	wrong EUCLEAN field files/ "$packet" 8 4 0x81ff
	wrong EUCLEAN field files/ "$packet" 20 4 134
	wrong EUCLEAN field files/ "$packet" 40 4 2
	wrong EUCLEAN field files/ "$packet" 40 4 1 field files/ "$packet" 4 4 0
	wrong EUCLEAN field files/ "$packet" 63 1 0x78
	wrong ENODEV field files/ "$packet" 48 2 0x7878
	grep -q "device xx cannot be heard" "$MNT/log"
	# Of what its device receives: kind, how often, address, device.
	wrong EUCLEAN field files/ "$packet" 64 4 5
	wrong EUCLEAN field files/ "$packet" 68 4 0
	wrong EUCLEAN field files/ "$packet" 68 4 1025
	wrong EUCLEAN field files/ "$packet" 72 4 33
	wrong EUCLEAN field files/ "$packet" 80 1 1
	wrong EINVAL field files/ "$packet" 72 4 7
	wrong EUCLEAN field files/ "$packet" 112 2 0
	wrong ENODEV field files/ "$packet" 112 2 0x7878
	grep -q "device xx cannot be used" "$MNT/log"
	# Of a packet: length, protocol, kind, address, sum, tag, places, device.
	wrong EUCLEAN field files/ "$packets" 0 4 8
	wrong EUCLEAN field files/ "$packets" 0 4 0x20001
	wrong EUCLEAN field files/ "$packets" 24 2 0x8100
	wrong EUCLEAN field files/ "$packets" 28 1 8
	wrong EUCLEAN field files/ "$packets" 29 1 33
	wrong EUCLEAN field files/ "$packets" 30 1 3
	wrong EUCLEAN field files/ "$packets" 31 1 2
	wrong EUCLEAN field files/ "$packets" 31 1 1
	wrong EUCLEAN field files/ "$packets" 32 2 1
	wrong EUCLEAN field files/ "$packets" 36 2 10
	wrong EUCLEAN field files/ "$packets" 38 2 1
	wrong EUCLEAN field files/ "$packets" 30 1 2 field files/ "$packets" 40 2 10
	wrong EUCLEAN field files/ "$packets" 80 2 0
	wrong ENODEV field files/ "$packets" 80 2 0x7878
	grep -q "its queue cannot be filled" "$MNT/log"
	[ "$(packet_sockets)" = "$before" ]
	restore
	says "$said"
}
