#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2034,SC2154

load ../helpers

# Number of a record: CKPT_REC_BPFMAP; and of kinds of maps, as bpf(2) has them.
bpfmap=125
hash=1 array=2 prog_array=3 percpu_hash=5 lru_hash=9 lpm_trie=11 array_of_maps=12 ring_buffer=27
bloom_filter=30

@test "maps of BPF keep kinds, sizes, flags, names, elements, and how they are open" {
	every_way bpfmap
}

@test "a map of BPF with many elements keeps all of them" { round_trip bpfmap 50000; }

# What the programs in python begin with.
prelude="
import ctypes, errno, mmap, os, struct, time
libc = ctypes.CDLL(None, use_errno=True)
kept = []
def bpf(command, *attr):
    text = ctypes.create_string_buffer(b''.join(attr), 128)
    result = libc.syscall(321, command, text, 128)
    if result < 0:
        raise OSError(ctypes.get_errno(), 'bpf')
    return result
def address(text):
    kept.append(ctypes.create_string_buffer(text, len(text)))
    return ctypes.addressof(kept[-1])
def make(kind, key=4, value=8, most=4, flags=0, rest=b''):
    return bpf(0, struct.pack('=5L', kind, key, value, most, flags), rest)
def put(fd, key, value):
    bpf(2, struct.pack('=L4xQQQ', fd, address(key) if key else 0, address(value), 0))
def get(fd, key, value):
    there = address(value)
    bpf(1, struct.pack('=L4xQQQ', fd, address(key) if key else 0, there, 0))
    return ctypes.string_at(there, len(value))
def number(fd):
    info = address(bytes(80))
    bpf(15, struct.pack('=LLQ', fd, 80, info))
    return struct.unpack('=LL', ctypes.string_at(info, 8))[1]
def program(fd):
    code = struct.pack('=BBhl', 0x18, 0x11, 0, fd) + bytes(8)
    code += struct.pack('=BBhl', 0xb7, 0, 0, 0) + struct.pack('=BBhl', 0x95, 0, 0, 0)
    return bpf(5, struct.pack('=LLQQ', 1, 4, address(code), address(b'GPL\0')))
def types():
    text = struct.pack('=HBBLLLLL', 0xeb9f, 1, 0, 24, 0, 16, 16, 5)
    text += struct.pack('=LLLL', 1, 1 << 24, 4, 32) + b'\0int\0'
    return bpf(18, struct.pack('=QQL', address(text), 0, len(text)))"

# refuses 'words' of the program in python $2, with the errno $3
refuses()
{
	start_python "$2"
	refused "${3:-EOPNOTSUPP}" ctl freeze web "pid=$pid"
	grep -E "task $pid( \\([^)]*\\) fd [0-9]+)?: $1" "$MNT/log"
	kill -KILL "$pid"
	until_gone "$pid"
}

@test "the elements of a map of BPF count against stage_max, and are given back" {
	local other=$BATS_TEST_TMPDIR/other

	start_python "a, b = make($array, value=1024, most=2048), make($hash, value=1000, most=9999)
for i in range(1024):
    put(b, struct.pack('=L', i), bytes(1000))" "print('passed')"
	mkdir "$other"
	mount -t checkpointfs -o stage_max=1m none "$other"
	MNT=$other refused ENOSPC ctl freeze web "pid=$pid"
	grep 'would exceed stage_max=1048576$' "$other/log"
	mount -o remount,stage_max=5m "$other"
	for _ in {1..3}; do
		MNT=$other ctl freeze web "pid=$pid"
		MNT=$other ctl thaw web
	done
	umount "$other"
	finish
}

@test "maps of BPF that hold other objects are refused by name" {
	refuses 'a bpf map of programs cannot be saved' "a = make($prog_array, value=4)"
	refuses 'a bpf map of maps cannot be saved' "
b = make($array)
a = make($array_of_maps, value=4, rest=struct.pack('=L', b))
os.close(b)"
	refuses 'a bpf ring buffer cannot be saved' "a = make($ring_buffer, 0, 0, 4096)"
}

@test "a map of BPF with types, or an order of use for each processor, is refused by name" {
	refuses 'a bpf map with an order of use for each processor cannot be saved' \
		"a = make($lru_hash, flags=2)"
	refuses 'a bpf map with types \(BTF\) cannot be saved' "
b = types()
a = make($array, value=4, rest=struct.pack('=LL16sLLLL', 0, 0, b'', 0, b, 1, 1))
os.close(b)"
}

@test "what else there is of BPF is refused by name" {
	refuses 'btf cannot be saved' 'a = types()'
	refuses 'bpf-prog cannot be saved' "
b = make($array)
a = program(b)
os.close(b)"
}

@test "a map of BPF that is mapped is refused by name" {
	refuses 'mapping [0-9a-f-]*: a mapped bpf map cannot be saved' "
a = make($array, most=512, flags=1024)
b = mmap.mmap(a, 4096)"
}

@test "a map of BPF that a program of it uses is refused by name" {
	refuses 'a bpf map that a program uses cannot be saved' "
a = make($array)
b = program(a)"
	grep -q 'bpf-prog cannot be saved' "$MNT/log"
	refuses 'a bpf map that a program uses cannot be saved' "
from socket import *
a = make($array)
b = program(a)
c = socket(AF_UNIX, SOCK_DGRAM)
c.setsockopt(SOL_SOCKET, 50, struct.pack('i', b))
os.close(b)"
}

@test "a map of BPF that is pinned, or open more than once, is shared" {
	local pins=$BATS_TEST_TMPDIR/pins

	mkdir "$pins"
	mount -t bpf none "$pins"
	refuses 'the bpf map is pinned, or open more than once' "
a = make($hash)
bpf(6, struct.pack('=QLL', address(b'$pins/map\0'), a, 0))" EBUSY
	umount "$pins"
	refuses 'the bpf map is pinned, or open more than once' "
a = make($hash)
b = bpf(14, struct.pack('=LLL', number(a), 0, 0))" EBUSY
}

@test "a map of BPF that is open for writing only is read by who may have it by its number" {
	start_python "a = make($hash, flags=16)"
	# shellcheck disable=SC2016
	refused EOPNOTSUPP setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin \
		sh -c 'echo "freeze web pid=$1" | cat >"$2"' sh "$pid" "$MNT/control"
	grep -q 'a bpf map that the caller may not read cannot be saved' "$MNT/log"
	ctl freeze web "pid=$pid"
	ctl thaw web
	kill -KILL "$pid"
	until_gone "$pid"
}

# One with an element, whose process has no right that its writer is to be without.
start_without()
{
	start_python "
a = make($lpm_trie, 8, 8, flags=1)
put(a, struct.pack('=L4s', 8, b'\n\0\0\0'), b'ten/8...')
os.dup2(a, 9)
os.execvp('setpriv', ['setpriv', '--bounding-set=-bpf,-sys_admin',
    '--inh-caps=-bpf,-sys_admin', 'python3', '-c', '''
import ctypes, os, struct, time
libc = ctypes.CDLL(None)
print(\"ready\", flush=True)
while not os.path.exists(\"$BATS_TEST_TMPDIR/go\"):
    time.sleep(0.01)
key = ctypes.create_string_buffer(struct.pack(\"=L4B\", 32, 10, 1, 2, 3), 8)
value = ctypes.create_string_buffer(8)
attr = struct.pack(\"=L4xQQQ\", 9, ctypes.addressof(key), ctypes.addressof(value), 0)
assert libc.syscall(321, 1, attr, len(attr)) == 0
print(value.raw.decode(), flush=True)'''])"
}

restore_without()
{
	# shellcheck disable=SC2016
	setpriv --bounding-set=-bpf,-sys_admin --inh-caps=-bpf,-sys_admin \
		sh -c 'cat "$1" >"$2"' sh "$image" "$MNT/restore/commit"
}

@test "a map of BPF is had by who may make one only" {
	start_without
	save
	refused EPERM restore_without
	grep -q "bpf map cannot be made" "$MNT/log"
	gone "$pid"
	restore
	says 'ten/8...'
}

@test "images of maps of BPF that are wrong are refused" {
	start_python "
a = make($hash)
put(a, b'key.', b'a value.')" "
assert get(a, b'key.', bytes(8)) == b'a value.'
print('passed', flush=True)"
	save_stream
	wrong_images <<-END
		# Kind, flags, sizes, how many there may be, node, processors, how many there are,
		# hashes, seed, name.
		EUCLEAN '' field files/ $bpfmap 0 4 0
		EUCLEAN '' field files/ $bpfmap 0 4 99
		EUCLEAN '' field files/ $bpfmap 0 4 1
		EUCLEAN '' field files/ $bpfmap 4 4 0x10000
		EUCLEAN '' field files/ $bpfmap 8 4 0
		EUCLEAN '' field files/ $bpfmap 8 4 0x400001
		EUCLEAN '' field files/ $bpfmap 12 4 0
		EUCLEAN '' field files/ $bpfmap 12 4 0x80000000
		EUCLEAN '' field files/ $bpfmap 12 4 17
		EUCLEAN '' field files/ $bpfmap 16 4 0
		EUCLEAN '' field files/ $bpfmap 20 4 1
		EUCLEAN '' field files/ $bpfmap 24 4 1
		EUCLEAN '' field files/ $bpfmap 28 4 2
		EUCLEAN '' field files/ $bpfmap 28 4 0xffffffff
		EUCLEAN '' field files/ $bpfmap 32 4 1
		EUCLEAN '' field files/ $bpfmap 36 4 1
		EUCLEAN '' field files/ $bpfmap 55 1 0x78
		# What the kernel does not make.
		E2BIG '' field files/ $bpfmap 16 4 0xffffffff
		EINVAL '' field files/ $bpfmap 4 4 0x20
		EINVAL '' field files/ $bpfmap 4 4 0x18
		EINVAL '' field files/ $bpfmap 4 4 2 field files/ $bpfmap 20 4 100000
		EINVAL 'the bpf map cannot be made' field files/ $bpfmap 40 1 0x2f
		# A prefix that is longer than its address.
		EINVAL 'its elements cannot be put in' field files/ $bpfmap 0 4 7 field files/ $bpfmap 4 4 1 field files/ $bpfmap 8 4 8
	END
	restore
	finish
}

@test "a bloom filter is of the size that the kernel gives it" {
	start_python "
a = make($bloom_filter, 0, 8, 20)
put(a, None, b'a value.')" "
assert get(a, None, b'a value.') == b'a value.'
print('passed', flush=True)"
	save_stream
	wrong_images <<-END
		# As many hashes as usual make 256 bits for 20 values, and 512 for 40.
		EUCLEAN '' field files/ $bpfmap 28 4 1
		EUCLEAN '' field files/ $bpfmap 32 4 16
		EINVAL 'its elements cannot be put in' field files/ $bpfmap 16 4 40
	END
	restore
	finish
}

@test "values of processors are not given to another number of them" {
	start_python "a = make($percpu_hash)" "
value = bytes(range(8)) * (os.sysconf('SC_NPROCESSORS_CONF') + 64)
put(a, b'key.', value)
print('passed', flush=True)"
	save_stream
	wrong_images <<-END
		EOPNOTSUPP 'a map with values of 8000 processors, and here are ' field files/ $bpfmap 24 4 8000
	END
	restore
	finish
}

@test "a map of BPF that is frozen, and open for reading, is saved when it is read again" {
	start_python "
a = make($hash)
put(a, b'key.', b'a value.')
b = bpf(14, struct.pack('=LLL', number(a), 0, 8))
bpf(22, struct.pack('=L', a))
os.close(a)" "
assert get(b, b'key.', bytes(8)) == b'a value.'
try:
    put(b, b'key.', b'another.')
except OSError as e:
    assert e.errno == errno.EPERM
    print('passed', flush=True)"
	save
	restore
	save
	restore
	finish
}
