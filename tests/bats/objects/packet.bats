#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2034,SC2154

load ../helpers

# Numbers of records: CKPT_REC_PACKET ...
packet=107 packets=109 ring=121 group=122

@test "packet sockets keep protocols, devices, packets, memberships, options and counts" {
	every_way packet
}

# What the programs in python begin with.
prelude="
import ctypes, errno, os, struct, time
from socket import *
def told(a):
    try:
        a.recv(1, MSG_DONTWAIT)
    except OSError as e:
        return e.errno"

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

	refuses 'a packet socket of SOCK_PACKET' 'a = socket(AF_PACKET, 10, htons(0x88b5))'
	refuses 'a socket that is bound to a device' "$a; a.setsockopt(SOL_SOCKET, 25, b'lo')"
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

# Takes descriptor 0 of process $1 again and again, as soon as there is one, until that is a
# packet socket: says so, and keeps it.
start_taker()
{
	python3 -c "
import ctypes, os, socket, time
libc = ctypes.CDLL(None)
print('looks', flush=True)
while True:
    try:
        process = os.pidfd_open($1)
        break
    except ProcessLookupError:
        pass
while True:
    fd = libc.syscall(438, process, 0, 0)
    if fd < 0:
        continue
    try:
        taken = socket.socket(fileno=fd)
    except OSError:
        os.close(fd)
        continue
    if taken.family == socket.AF_PACKET:
        print('taken', flush=True)
        time.sleep(1000)
    taken.close()" >"$BATS_TEST_TMPDIR/taker" 3>&- &
	taker=$!
	until_true grep -q looks "$BATS_TEST_TMPDIR/taker"
}

end_taker()
{
	kill -KILL "$taker"
	wait "$taker" || :
}

# What is made of it goes without the locks of who could change it. Chance has to find the
# moment: each time for a hundred sockets.
@test "a packet socket that somebody takes while it is made is not restored" {
	start_python "kept = [socket(AF_PACKET, SOCK_RAW, 0) for i in range(100)]" "print('passed')"
	save
	for _ in {1..50}; do
		start_taker "$pid"
		if refused EBUSY restore; then break; fi
		[ "$(<"$BATS_TEST_TMPDIR/taker")" = looks ]
		end_taker
		kill -KILL "$pid"
		until_gone "$pid"
	done
	grep -q taken "$BATS_TEST_TMPDIR/taker"
	grep -q 'somebody else has taken the packet socket$' "$MNT/log"
	gone "$pid"
	end_taker
	restore
	finish
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

@test "a packet socket is had by who may open one only" {
	start_without net_raw
	save
	refused EPERM restore_without net_raw
	grep -q "packet socket cannot be made" "$MNT/log"
	gone "$pid"
	restore
	says "$said"
}

# Those of the machine, and whether the loopback device is promiscuous.
packet_sockets() { cat /proc/net/packet /sys/class/net/lo/flags; }

@test "images of packet sockets that are wrong are refused, and leave none" {
	local before

	before=$(packet_sockets)
	start_without net_raw
	[ "$(packet_sockets)" != "$before" ]
	save_stream
	wrong_images <<-END
		# Of the socket: type, protocol, mode, error, flags, device.
		EUCLEAN '' field files/ $packet 0 4 3
		EUCLEAN '' field files/ $packet 4 4 0x10000
		EUCLEAN '' field files/ $packet 8 4 0x81ff
		EUCLEAN '' field files/ $packet 20 4 134
		EUCLEAN '' field files/ $packet 40 4 2
		EUCLEAN '' field files/ $packet 40 4 1 field files/ $packet 4 4 0
		EUCLEAN '' field files/ $packet 63 1 0x78
		ENODEV 'device xx cannot be heard' field files/ $packet 48 2 0x7878
		# Of what its device receives: kind, how often, address, device.
		EUCLEAN '' field files/ $packet 64 4 5
		EUCLEAN '' field files/ $packet 68 4 0
		EUCLEAN '' field files/ $packet 68 4 1025
		EUCLEAN '' field files/ $packet 72 4 33
		EUCLEAN '' field files/ $packet 80 1 1
		EINVAL '' field files/ $packet 72 4 7
		EUCLEAN '' field files/ $packet 112 2 0
		ENODEV 'device xx cannot be used' field files/ $packet 112 2 0x7878
		# Of a packet: length, protocol, kind, address, sum, tag, places, device.
		EUCLEAN '' field files/ $packets 0 4 8
		EUCLEAN '' field files/ $packets 0 4 0x20001
		EUCLEAN '' field files/ $packets 24 2 0x8100
		EUCLEAN '' field files/ $packets 28 1 8
		EUCLEAN '' field files/ $packets 29 1 33
		EUCLEAN '' field files/ $packets 30 1 3
		EUCLEAN '' field files/ $packets 31 1 2
		EUCLEAN '' field files/ $packets 31 1 1
		EUCLEAN '' field files/ $packets 32 2 1
		EUCLEAN '' field files/ $packets 36 2 10
		EUCLEAN '' field files/ $packets 38 2 1
		EUCLEAN '' field files/ $packets 30 1 2 field files/ $packets 40 2 10
		EUCLEAN '' field files/ $packets 80 2 0
		ENODEV 'its queue cannot be filled' field files/ $packets 80 2 0x7878
	END
	[ "$(packet_sockets)" = "$before" ]
	restore
	says "$said"
}

# ---- rings ------------------------------------------------------------------------------

@test "rings of packet sockets keep their frames, blocks and places, however they are mapped" {
	every_way packetring
}

# a packet socket "a" with a ring of a version $1, as asked for by $2, mapped at "m"
ring()
{
	echo "
import mmap
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
a = socket(AF_PACKET, SOCK_DGRAM, 0)
a.setsockopt(263, 10, $1)
a.setsockopt(263, 5, struct.pack('=7L', $2))
size = struct.unpack('=7L', struct.pack('=7L', $2))
size = size[0] * size[1]
m = mmap.mmap(a.fileno(), size)
a.bind(('lo', 0x88b5))
def word(at):
    return struct.unpack_from('=I', m, at)[0]
def half(at):
    return struct.unpack_from('=H', m, at)[0]
def put(number):
    a.sendto(struct.pack('=I', number), ('lo', 0x88b5))"
}

@test "rings of packet sockets that are not saved are refused by name" {
	refuses 'a packet socket with a ring and PACKET_COPY_THRESH' \
		"$(ring 1 '4096, 2, 2048, 4, 0, 0, 0')
a.setsockopt(263, 7, 1)"
	refuses 'a packet socket with a ring of unknown features' "$(ring 2 '4096, 2, 2048, 4, 0, 0, 2')"
}

# refuses the mapping that the program in python $1 has
refuses_mapping()
{
	start_python "$1"
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep "task $pid: mapping .*: a part of the rings of a packet socket, or a private mapping of them cannot be saved" "$MNT/log"
	kill -KILL "$pid"
	until_gone "$pid"
}

@test "mappings of a ring that are not all of it, or private, are refused by name" {
	local two='4096, 2, 2048, 4, 0, 0, 0'

	refuses_mapping "$(ring 1 "$two")
p = libc.mmap(None, size, 3, 1, a.fileno(), 0)
assert libc.munmap(ctypes.c_void_p(p + 4096), 4096) == 0"
	refuses_mapping "$(ring 1 "$two")
p = libc.mmap(None, size, 3, 1, a.fileno(), 0)
assert libc.mprotect(ctypes.c_void_p(p), 4096, 1) == 0"
	refuses_mapping "$(ring 1 "$two")
m = mmap.mmap(a.fileno(), size, flags=mmap.MAP_PRIVATE)"
}

@test "a ring that a task outside has mapped too is not saved" {
	local child

	start_python "$(ring 1 '4096, 2, 2048, 4, 0, 0, 0')
libc.mmap(None, size, 3, 1, a.fileno(), 0)
m.close()
r, w = os.pipe()
if not os.fork():
    a.close()
    os.write(w, b'x')
    while True:
        time.sleep(1)
os.read(r, 1)
a.close()"
	child=$(pgrep -P "$pid")
	refused EBUSY ctl freeze web "pid=$child"
	grep "a ring is shared with a task outside of the container" "$MNT/log"
	kill -KILL "$child" "$pid"
	until_gone "$child" "$pid"
}

@test "what comes into a ring after the freeze is lost, and its place is free" {
	start_python "$(ring 1 '4096, 2, 1024, 8, 0, 0, 0')
put(1)
while not word(0):
    time.sleep(0.01)" "
assert [word(i * 1024) & 1 for i in range(8)] == [1] + 7 * [0]
put(2)
while not word(1024):
    time.sleep(0.01)
assert [word(half(i * 1024 + 12) + i * 1024) for i in range(2)] == [1, 2]
assert struct.unpack('II', a.getsockopt(263, 6, 8)) == (2, 0)
print('passed', flush=True)"
	image=$BATS_TEST_TMPDIR/web.tar
	ctl freeze web "pid=$pid"
	python3 -c '
from socket import *
a = socket(AF_PACKET, SOCK_DGRAM, 0)
for i in range(20):
    a.sendto(b"late", ("lo", 0x88b5))'
	tar -C "$MNT" -cf "$image" web
	ctl commit web kill
	until_gone "$pid"
	ctl remove web
	restore
	finish
}

# Sends numbers to it, one after the other, until it is killed. $flood is its pid.
flood()
{
	python3 - >/dev/null 2>&1 3>&- <<-'EOF' &
		import itertools, os, struct
		from socket import *
		os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
		a = socket(AF_PACKET, SOCK_DGRAM, 0)
		for i in itertools.count():
		    a.sendto(struct.pack("=I", i), ("lo", 0x88b5))
	EOF
	flood=$!
}

# a ring of version $1, as asked for by $2, has all and no more than what had come at one
# instant, in the order in which $3 finds it, while more is coming
one_instant()
{
	flood
	start_python "$(ring "$1" "$2")
while not (word(0) if $1 == 1 else word(12)):
    time.sleep(0.01)" "
$3
first = list(numbers())
assert first == list(range(first[0], first[0] + len(first))), first
packets, drops = struct.unpack_from('II', a.getsockopt(263, 6, 12))
assert packets - drops == len(first), (packets, drops, len(first))
if not drops:
    put(first[-1] + 1)
    while len(first) == len(list(numbers())):
        time.sleep(0.01)
    assert list(numbers()) == first + [first[-1] + 1]
print('passed', flush=True)"
	save
	kill "$flood"
	wait "$flood" || :
	restore
	finish
}

@test "a ring of frames is of one instant, though it is being filled" {
	one_instant 1 '65536, 64, 128, 32768, 0, 0, 0' "
def numbers():
    n = 0
    while n < 32768 and word(n * 128):
        yield word(n * 128 + half(n * 128 + 12))
        n += 1
    assert not any(word(i * 128) for i in range(n, 32768))"
}

@test "a ring of blocks is of one instant, though it is being filled" {
	one_instant 2 '4096, 1024, 2048, 2048, 65535, 0, 0' "
def numbers():
    for b in range(1024):
        at = b * 4096 + word(b * 4096 + 16)
        for i in range(word(b * 4096 + 12)):
            yield word(at + half(at + 24))
            at += word(at)
        if not word(b * 4096 + 8):
            break
    assert not any(word(i * 4096 + 8) for i in range(b + 1, 1024))"
}

@test "a ring counts against stage_max" {
	local other=$BATS_TEST_TMPDIR/other

	start_python "$(ring 1 '65536, 32, 2048, 1024, 0, 0, 0')"
	mkdir "$other"
	mount -t checkpointfs -o stage_max=1m none "$other"
	MNT=$other refused ENOSPC ctl freeze web "pid=$pid"
	grep 'would exceed stage_max=1048576$' "$other/log"
	umount "$other"
	kill -KILL "$pid"
	until_gone "$pid"
}

@test "images of rings that are wrong are refused, and leave no socket" {
	local before part

	before=$(packet_sockets)
	start_python "$(ring 2 '8192, 2, 2048, 8, 60000, 16, 1')
put(7)
while not word(12):
    time.sleep(0.01)" "
assert word(12) == 1 and word(64 + half(64 + 24)) == 7
put(8)
while word(12) == 1:
    time.sleep(0.01)
assert word(64 + word(64) + half(64 + word(64) + 24)) == 8
print('passed', flush=True)"
	save_stream
	wrong_images <<-END
		# Of the ring: kind, size of blocks, how many, of frames, which is filled, flags.
		EUCLEAN '' field files/ $ring 0 4 3
		EUCLEAN '' field files/ $ring 0 4 2
		EUCLEAN '' field files/ $ring 4 4 4096
		EUCLEAN '' field files/ $ring 4 4 8200
		EUCLEAN '' field files/ $ring 4 4 0
		EUCLEAN '' field files/ $ring 8 4 3
		EUCLEAN '' field files/ $ring 8 4 0
		EUCLEAN '' field files/ $ring 12 4 0
		EUCLEAN '' field files/ $ring 12 4 2040
		EUCLEAN '' field files/ $ring 12 4 16384
		EINVAL 'its ring cannot be made' field files/ $ring 12 4 16
		EUCLEAN '' field files/ $ring 16 4 2
		EUCLEAN '' field files/ $ring 20 4 2
		# Room in a block, its time, where packets are in it.
		EUCLEAN '' field files/ $ring 24 4 8192
		EUCLEAN '' field files/ $ring 24 4 32
		EUCLEAN '' field files/ $ring 28 4 65536
		EUCLEAN '' field files/ $ring 32 4 0
		EUCLEAN '' field files/ $ring 32 4 8200
		EUCLEAN '' field files/ $ring 32 4 169
		EUCLEAN '' field files/ $ring 32 4 72
		EUCLEAN '' field files/ $ring 36 4 48
		EUCLEAN '' field files/ $ring 36 4 8192
	END
	# Less in it than it says, and nothing at all.
	part=$(tar -tf "$image" | sed -n 's|^[^/]*/\(files/[0-9]*/ring\)$|\1|p')
	wrong_images <<-END
		EUCLEAN '' grow $part -8
		EUCLEAN '' drop $part
	END
	[ "$(packet_sockets)" = "$before" ]
	restore
	finish
}

# ---- groups -----------------------------------------------------------------------------

@test "packet sockets of a fanout group share what they hear as before" {
	every_way packetgroup
}

# two packet sockets of device $1 in group 77, which take turns
group()
{
	echo "
socks = [socket(AF_PACKET, SOCK_DGRAM, 0) for i in range(2)]
for a in socks:
    a.bind(('$1', 0x88b5))
    a.setsockopt(263, 18, 77 | 1 << 16)"
}

@test "fanout groups that are not saved are refused by name" {
	refuses 'a packet socket of a fanout group with a program' "
a = socket(AF_PACKET, SOCK_DGRAM, 0)
a.bind(('lo', 0x88b5))
a.setsockopt(263, 18, 77 | 6 << 16)
code = ctypes.create_string_buffer(struct.pack('HBBI', 6, 0, 0, 0))
a.setsockopt(263, 22, struct.pack('HP', 1, ctypes.addressof(code)))"
	refuses 'a packet socket of an unknown fanout group' "
a = socket(AF_PACKET, SOCK_DGRAM, 0)
a.bind(('lo', 0x88b5))
a.setsockopt(263, 18, 77 | 0x100 << 16)"
	ip link add ckpt0 type veth peer name ckpt1
	ip link set ckpt0 up
	refuses 'a packet socket of a fanout group whose device is down' "$(group ckpt0)
os.system('ip link set ckpt0 down')"
	ip link del ckpt0
}

@test "a fanout group with a member outside is not saved" {
	local child

	start_python "$(group lo)
r, w = os.pipe()
if not os.fork():
    socks.pop().close()
    os.write(w, b'x')
    while True:
        time.sleep(1)
os.read(r, 1)
socks.pop(0).close()"
	child=$(pgrep -P "$pid")
	refused EBUSY ctl freeze web "pid=$child"
	grep "its fanout group is shared with a task outside of the container" "$MNT/log"
	kill -KILL "$child" "$pid"
	until_gone "$child" "$pid"
}

@test "a fanout group of a number that another one has is not restored" {
	local other

	many_pids
	start_python "$(group lo)" "
for n in range(4):
    a.sendto(b'%d' % n, ('lo', 0x88b5))
assert [told(a) for a in socks] == 2 * [None]
print('passed', flush=True)"
	save
	python3 - "$BATS_TEST_TMPDIR/other" 3>&- <<-'EOF' &
		import sys, time
		from socket import *
		a = socket(AF_PACKET, SOCK_DGRAM, 0)
		a.bind(("lo", 0x88b5))
		a.setsockopt(263, 18, 77 | 1 << 16)
		open(sys.argv[1], "w").close()
		time.sleep(1000)
	EOF
	other=$!
	until_true test -e "$BATS_TEST_TMPDIR/other"
	refused EEXIST restore
	grep "place 0 of fanout group 77 cannot be had" "$MNT/log"
	gone "$pid"
	kill "$other"
	wait "$other" || :
	restore
	finish
}

@test "images of fanout groups that are wrong are refused, and leave no socket" {
	local before

	before=$(packet_sockets)
	start_python "$(group lo)" "
a.sendto(b'x', ('lo', 0x88b5))
assert sorted(str(told(a)) for a in socks) == ['11', 'None']
print('passed', flush=True)"
	save_stream
	wrong_images <<-END
		# Number, how, flags, members, place, whose turn, who had room.
		EUCLEAN '' field files/ $group 0 4 0x10000
		EUCLEAN '' field files/ $group 4 4 0
		EUCLEAN '' field files/ $group 4 4 9
		EUCLEAN '' field files/ $group 4 4 1 field files/ $group 20 4 1
		EINVAL '' field files/ $group 4 4 3
		EUCLEAN '' field files/ $group 8 4 8
		EUCLEAN '' field files/ $group 12 4 0
		EUCLEAN '' field files/ $group 12 4 65537
		EINVAL '' field files/ $group 12 4 1
		EEXIST '' field files/ $group 16 4 200
		EUCLEAN '' field files/ $group 16 4 256
		EUCLEAN '' field files/ $group 24 4 1
		EUCLEAN '' field files/ $group 32 4 1
	END
	[ "$(packet_sockets)" = "$before" ]
	restore
	finish
}
