#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

# Numbers of records: CKPT_REC_TUN ...
tun=123 tun_device=124

setup()
{
	[ -e /dev/net/tun ] || modprobe tun
	common_setup
}

# What a test that has failed may have left.
teardown()
{
	local device

	for device in /sys/class/net/ckpt*; do
		[ ! -e "$device" ] || ip link del "${device##*/}" || :
	done
	common_teardown
}

@test "descriptors of tun keep devices, queues, addresses, packets, filters and settings" {
	every_way tun
}

# What the programs in python have: devices are asked for by tap(NAME, FLAGS ...).
prelude="
import ctypes, errno, fcntl, os, struct, sys, time
from socket import *
TUN, TAP, QUEUES, NO_PI, HEADER = 1, 2, 0x100, 0x1000, 0x4000
libc = ctypes.CDLL(None, use_errno=True)
def tap(name, flags=TAP | NO_PI):
    fd = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, 0x400454ca, struct.pack('16sH22x', name.encode(), flags))
    return fd
def persist(fd, on=1):
    libc.ioctl(fd, 0x400454cb, on)
def owner(fd, uid):
    libc.ioctl(fd, 0x400454cc, uid)
def number(fd, call):
    return struct.unpack('i', fcntl.ioctl(fd, call, bytes(4)))[0]
def put(name, text, to=2):
    s = socket(AF_PACKET, SOCK_RAW)
    s.bind((name, 0))
    s.send(bytes([2, 0, 0, 0, 0, to, 2, 0, 0, 0, 0, 1, 0x88, 0xb5]) + text)
def get(fd):
    while True:
        try:
            frame = os.read(fd, 2000)
        except BlockingIOError:
            return None
        if frame[12:14] == bytes([0x88, 0xb5]):
            return frame[14:]
"

says_passed="
print('passed', flush=True)"

# refuses 'words' of the program in python $2
refuses()
{
	start_python "$2"
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep -F "$1 cannot be saved" "$MNT/log"
	kill -KILL "$pid"
	until_gone "$pid"
}

# One that is not saved, until end_other.
start_other()
{
	: >"$BATS_TEST_TMPDIR/other"
	python3 -c "$prelude
$1
print('ready', flush=True)
time.sleep(1000)" >"$BATS_TEST_TMPDIR/other" 3>&- &
	other=$!
	until_true grep -q ready "$BATS_TEST_TMPDIR/other"
}

end_other()
{
	kill "$other"
	wait "$other" || :
}

exists() { [ -e "/sys/class/net/$1" ]; }
is_gone() { ! exists "$1"; }
attribute() { echo "$(<"/sys/class/net/$1/$2")"; }

@test "what a tun device is not saved with is refused by name" {
	refuses 'a tun device with a filter (TUNATTACHFILTER)' "
a = tap('ckpt0')
code = ctypes.create_string_buffer(struct.pack('HBBI', 6, 0, 0, 0xffffffff), 8)
fcntl.ioctl(a, 0x401054d5, struct.pack('HxxxxxxQ', 1, ctypes.addressof(code)))"
	refuses 'a tun device with an eBPF program' "
a = tap('ckpt0')
code = ctypes.create_string_buffer(struct.pack('=BBhiBBhi', 0xb7, 0, 0, 0, 0x95, 0, 0, 0), 16)
words = ctypes.create_string_buffer(b'GPL')
attr = struct.pack('=IIQQ', 1, 2, ctypes.addressof(code), ctypes.addressof(words)).ljust(128, b'\\0')
program = libc.syscall(321, 5, ctypes.create_string_buffer(attr, 128), 128)
assert program >= 0
fcntl.ioctl(a, 0x800454e0, struct.pack('i', program))
os.close(program)"
	refuses 'a tun device with an alias' "
a = tap('ckpt0')
os.system('ip link set ckpt0 alias another')"
	refuses 'a tun device of another network namespace' "
here = os.open('/proc/self/ns/net', os.O_RDONLY)
assert libc.unshare(0x40000000) == 0
a = tap('ckpt0')
assert libc.setns(here, 0) == 0
os.close(here)"
}

@test "a tun device that is part of a bridge is refused, unless it lasts" {
	ip link add ckptbr0 type bridge
	refuses 'a tun device that is part of another one' "
a = tap('ckpt0')
os.system('ip link set ckpt0 master ckptbr0')"
	is_gone ckpt0
	start_python "
a = tap('ckpt0')
persist(a)
os.system('ip link set ckpt0 master ckptbr0 up')" "
put('ckpt0', b'to who is there')
assert get(a) == b'to who is there'$says_passed"
	save
	exists ckpt0
	ip link del ckpt0
	refused ENODEV restore
	grep -q "device ckpt0 has to be there" "$MNT/log"
	gone "$pid"
	is_gone ckpt0
	ip tuntap add ckpt0 mode tap
	ip link set ckpt0 master ckptbr0 up
	restore
	finish
	[ -e /sys/class/net/ckptbr0/brif/ckpt0 ]
}

@test "a tun device with a descriptor outside is refused" {
	start_python "a = tap('ckpt0', TAP | NO_PI | QUEUES)" "$says_passed"
	start_other "a = tap('ckpt0', TAP | NO_PI | QUEUES)"
	refused EBUSY ctl freeze web "pid=$pid"
	grep "task $pid ([^)]*) fd [0-9]*: its tun device is attached to outside" "$MNT/log"
	end_other
	ctl freeze web "pid=$pid"
	ctl thaw web
	finish
}

@test "a tun device that lasts is attached to again, and keeps what others have set" {
	start_python "
a = tap('ckpt0')
persist(a)
owner(a, 1234)
os.system('ip link set ckpt0 mtu 1300 up')
put('ckpt0', b'before')" "
assert get(a) == b'before'
put('ckpt0', b'afterwards')
assert get(a) == b'afterwards'$says_passed"
	save
	exists ckpt0
	ip link set ckpt0 mtu 1200
	restore
	[ "$(attribute ckpt0 mtu)" = 1200 ]
	save
	# It is made again, and lasts.
	ip link del ckpt0
	restore
	[ "$(attribute ckpt0 mtu)" = 1200 ]
	[ "$(attribute ckpt0 owner)" = 1234 ]
	finish
	exists ckpt0
	[ "$(attribute ckpt0 tun_flags)" = 0x1802 ]
}

@test "a tun device that somebody else has by then fails a restore by name" {
	local flags

	for flags in 'TAP | NO_PI' 'TAP | NO_PI | QUEUES'; do
		start_python "a = tap('ckpt0', $flags)" "$says_passed"
		save
		is_gone ckpt0
		start_other "a = tap('ckpt0', $flags)"
		refused EBUSY restore
		grep -q "device ckpt0 is in use" "$MNT/log"
		gone "$pid"
		exists ckpt0
		end_other
		restore
		finish
		is_gone ckpt0
	done
	# Not of tun at all.
	start_python "a = tap('ckpt0')"
	save
	ip link add ckpt0 type veth peer name ckpt1
	refused EINVAL restore
	grep -q "device ckpt0 cannot be attached to" "$MNT/log"
	ip link del ckpt0
}

@test "a restore that fails leaves no tun device, even one that was to last" {
	start_python "
a = tap('ckpt0')
persist(a)
b = tap('ckpt1', TAP | NO_PI | QUEUES)
c = tap('ckpt1', TAP | NO_PI | QUEUES)
s = socket(AF_INET, SOCK_DGRAM)
s.bind(('127.0.0.1', 7936))" "$says_passed"
	save
	ip link del ckpt0
	start_other "s = socket(AF_INET, SOCK_DGRAM)
s.bind(('127.0.0.1', 7936))"
	refused EADDRINUSE restore
	gone "$pid"
	until_true is_gone ckpt0
	until_true is_gone ckpt1
	end_other
	restore
	exists ckpt0
	exists ckpt1
	finish
}

@test "a tun device that was there keeps what was set of it if the restore fails" {
	start_python "
a = tap('ckpt0', TAP | NO_PI | HEADER)
persist(a)
fcntl.ioctl(a, 0x400454d8, struct.pack('i', 12))
os.system('ip link set ckpt0 up')
s = socket(AF_INET, SOCK_DGRAM)
s.bind(('127.0.0.1', 7936))" "
assert number(a, 0x800454d7) == 12$says_passed"
	save
	start_other "
a = tap('ckpt0', TAP | NO_PI | HEADER)
fcntl.ioctl(a, 0x400454d8, struct.pack('i', 20))
fcntl.ioctl(a, 0x400454dc, struct.pack('i', 1))
fcntl.ioctl(a, 0x400454d1, struct.pack('HH6s', 0, 1, bytes([2, 0, 0, 0, 0, 9])))"
	end_other
	start_other "s = socket(AF_INET, SOCK_DGRAM)
s.bind(('127.0.0.1', 7936))"
	refused EADDRINUSE restore
	gone "$pid"
	end_other
	# What is sent to another address is not to be read.
	start_other "
a = tap('ckpt0', TAP | NO_PI | HEADER)
assert number(a, 0x800454d7) == 20
assert number(a, 0x800454dd) == 1
seen = b''
while b'for 9' not in seen:
    for to in 2, 9:
        put('ckpt0', b'for %d' % to, to)
    time.sleep(0.01)
    try:
        while True:
            seen += os.read(a, 2000)
    except BlockingIOError:
        pass
assert b'for 2' not in seen"
	end_other
	restore
	finish
	exists ckpt0
}

# One with a tap of root's, and no right to make another.
start_without()
{
	start_command -r python3 -c "$prelude
a = tap('ckpt0')
owner(a, 0)
os.dup2(a, 9)
os.execvp('setpriv', ['setpriv', '--bounding-set=-$1', '--inh-caps=-$1', 'python3', '-c', '''
import os, time
print(\"ready\", flush=True)
while not os.path.exists(\"$BATS_TEST_TMPDIR/go\"):
    time.sleep(0.01)
print(\"passed\", flush=True)'''])"
	ready
}

restore_without()
{
	# shellcheck disable=SC2016
	setpriv --bounding-set="-$1" --inh-caps="-$1" \
		sh -c 'cat "$1" >"$2"' sh "$image" "$MNT/restore/commit"
}

@test "a tun device is made by who may make one, and attached to by its owner" {
	start_without net_admin
	save
	refused EPERM restore_without net_admin
	grep -q "device ckpt0 cannot be made" "$MNT/log"
	gone "$pid"
	ip tuntap add ckpt0 mode tap user 1234
	refused EPERM restore_without net_admin
	grep -q "device ckpt0 cannot be attached to" "$MNT/log"
	ip link del ckpt0
	ip tuntap add ckpt0 mode tap user root
	restore_without net_admin
	finish
}

@test "an index that another device has by then is not had again" {
	local index

	start_python "a = tap('ckpt0')
index = if_nametoindex('ckpt0')" "
assert if_nametoindex('ckpt0') != index$says_passed"
	index=$(attribute ckpt0 ifindex)
	save
	ip link add ckpt2 index "$index" type veth peer name ckpt3
	restore
	finish
}

@test "images of tun devices that are wrong are refused, and leave none" {
	start_python "
a = tap('ckpt0', TAP | NO_PI | QUEUES)
os.system('ip link set ckpt0 address 02:00:00:00:00:05 up; ip addr add 10.95.0.1/24 dev ckpt0')
put('ckpt0', b'before')" "
assert get(a) == b'before'
assert os.popen('ip -4 addr show ckpt0').read().count('inet 10.95.0.1/24') == 1$says_passed"
	save_stream
	wrong_images /sys/class/net/ckpt0 <<-END
		# Of the descriptor: device, flags, place, index, room, what was read.
		EUCLEAN '' field files/ $tun 0 8 4711
		EUCLEAN '' field files/ $tun 0 8 0
		EUCLEAN '' field files/ $tun 8 4 1
		EUCLEAN '' field files/ $tun 8 4 2
		EUCLEAN '' field files/ $tun 12 4 1
		EUCLEAN '' field files/ $tun 16 4 1
		EUCLEAN '' field files/ $tun 20 4 0
		EUCLEAN '' field files/ $tun 24 4 0x80000000
		# Of what waits: length, sum, tag, segments.
		EUCLEAN '' field files/ $tun 32 4 0
		EUCLEAN '' field files/ $tun 32 4 0x20001
		EUCLEAN '' field files/ $tun 38 1 3
		EUCLEAN '' field files/ $tun 39 1 1
		EUCLEAN '' field files/ $tun 48 1 4
		EUCLEAN '' field files/ $tun 48 1 1
		# Of the device: kind, flags, header, queues, number, size, flags, filter, name.
		EUCLEAN '' field files/ $tun_device 0 4 1
		EUCLEAN '' field files/ $tun_device 4 4 0x8000
		EUCLEAN '' field files/ $tun_device 16 4 9
		EUCLEAN 'device ckpt0 lacks a queue' field files/ $tun_device 28 4 2
		EUCLEAN '' field files/ $tun_device 28 4 257
		EUCLEAN '' field files/ $tun_device 32 4 0
		EUCLEAN '' field files/ $tun_device 40 4 67
		EUCLEAN '' field files/ $tun_device 48 4 0x400
		EUCLEAN '' field files/ $tun_device 60 4 9
		EUCLEAN '' field files/ $tun_device 72 1 1
		EUCLEAN '' field files/ $tun_device 128 4 0x25252525
		EINVAL 'cannot be made' field files/ $tun_device 128 4 0x2f2f2f2f
		# More than any queue can be, and less than what waits in it.
		EINVAL 'device ckpt0 cannot be made as it was' field files/ $tun_device 40 4 0xffff
		ENOSPC 'its queue cannot be filled' field files/ $tun_device 44 4 0
		# Of an address: family, network, flags, time, itself.
		EUCLEAN '' field files/ $tun_device 144 4 3
		EUCLEAN '' field files/ $tun_device 148 4 33
		EUCLEAN '' field files/ $tun_device 152 4 2
		EUCLEAN '' field files/ $tun_device 168 4 0
		EUCLEAN '' field files/ $tun_device 176 4 0
	END
	restore
	finish
}
