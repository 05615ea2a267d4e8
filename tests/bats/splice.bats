#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154
#
# Contents that go out by reference, into pipes, sockets and files, are those
# that read(2) gives, and stay so whatever becomes of the image and the program.

load helpers

setup()
{
	common_setup
	start_command python3 -c '
import mmap, os, signal, sys
def memory(pages, advice):
    m = mmap.mmap(-1, pages * 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    m.madvise(advice)
    for page in range(pages):
        m[page * 4096:page * 4096 + 4096] = page.to_bytes(4, "little") * 1024
    return m
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
# Children have few pages of their own; they end with their parent.
r, w = os.pipe()
for child in range(10):
    if not os.fork():
        os.close(w)
        os.read(r, 1)
        os._exit(0)
small, huge = memory(1100, mmap.MADV_NOHUGEPAGE), memory(1024, mmap.MADV_HUGEPAGE)
# Runs of a page each.
single = mmap.mmap(-1, 600 * 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
single.madvise(mmap.MADV_NOHUGEPAGE)
for page in range(0, 600, 2):
    single[page * 4096:page * 4096 + 4096] = (page + 5000).to_bytes(4, "little") * 1024
print("ready", flush=True)
signal.sigwait([signal.SIGUSR1])
small[:] = bytes(len(small))
huge[:] = bytes(len(huge))
print("overwritten", flush=True)
signal.sigwait([signal.SIGUSR1])
'
	until_true grep -q ready "$out"
	ctl snapshot web "pid=$pid"
	[ "$(echo "$MNT"/web/mm/*/pages | wc -w)" = 11 ]
	pages=$(stat -c '%s %n' "$MNT"/web/mm/*/pages | sort -n | tail -n 1 | cut -d ' ' -f 2)
	cat "$pages" >"$BATS_TEST_TMPDIR/pages"
	cat "$MNT/web.tar" >"$BATS_TEST_TMPDIR/web.tar"
	[ "$(stat -c %s "$BATS_TEST_TMPDIR/pages")" -gt $((2400 * 4096)) ]
}

python() { python3 -c "from os import *; from builtins import open as file; import fcntl, socket, sys, threading, time; $1" "${@:2}"; }

# Moves the file $2 with the function move() of the code $1, from offset $3 on.
moved()
{
	python '
exec(sys.argv[1])
src, offset = sys.argv[2], int(sys.argv[4])
with file(src, "rb") as f, file(sys.argv[3], "rb") as expected:
    expected.seek(offset)
    want = expected.read()
    got = bytes(move(f.fileno(), offset, len(want)))
    sys.exit(got != want)
' "$@"
}

for_all()
{
	local offset

	for offset in 0 1 511 4095 40965 4194304; do
		moved "$1" "$pages" "$BATS_TEST_TMPDIR/pages" "$offset"
		moved "$1" "$MNT/web.tar" "$BATS_TEST_TMPDIR/web.tar" "$offset"
	done
}

@test "splice into a pipe gives what read gives" {
	for_all '
def move(fd, offset, size):
    got = bytearray()
    r, w = pipe()
    fcntl.fcntl(w, 1031, 1 << 20)
    lseek(fd, offset, SEEK_SET)
    while True:
        n = splice(fd, w, 300000)
        if n == 0:
            return got
        while n:
            piece = read(r, n)
            got += piece
            n -= len(piece)
'
}

@test "sendfile into a socket gives what read gives" {
	for_all '
def move(fd, offset, size):
    got = bytearray()
    a, b = socket.socketpair()
    def receive():
        while len(got) < size:
            got.extend(b.recv(1 << 20))
    t = threading.Thread(target=receive)
    t.start()
    while True:
        n = sendfile(a.fileno(), fd, offset, size)
        if n == 0:
            break
        offset += n
    t.join()
    return got
'
}

@test "sendfile into a file gives what read gives" {
	for_all '
def move(fd, offset, size):
    with file("/tmp/moved", "w+b") as f:
        while True:
            n = sendfile(f.fileno(), fd, offset, 1 << 24)
            if n == 0:
                break
            offset += n
        f.seek(0)
        return f.read()
'
}

# Between two filesystems there is no copy_file_range(), of nobody; within the mount,
# archive_input.bats has it.
@test "copy_file_range to another filesystem is refused with EXDEV, and cp copies" {
	local from copy=$BATS_TEST_TMPDIR/copy

	for from in "$pages" "$MNT/web.tar"; do
		python '
import errno
with file(sys.argv[1], "rb") as f, file(sys.argv[2], "w+b") as out:
    try:
        n = copy_file_range(f.fileno(), out.fileno(), 1 << 20, 0, 0)
        sys.exit("copied %d bytes" % n)
    except OSError as e:
        sys.exit(e.errno != errno.EXDEV)
' "$from" "$copy"
		[ ! -s "$copy" ]
	done
	cp "$pages" "$copy"
	cmp "$copy" "$BATS_TEST_TMPDIR/pages"
	cp --reflink=auto --sparse=always "$MNT/web.tar" "$copy"
	cmp "$copy" "$BATS_TEST_TMPDIR/web.tar"
}

@test "what is in a pipe stays when the program overwrites it and the image goes" {
	python '
fd = open(sys.argv[1], O_RDONLY)
r, w = pipe()
fcntl.fcntl(w, 1031, 1 << 20)
lseek(fd, 1 << 20, SEEK_SET)
n = 0
while n < 200 * 4096:
    n += splice(fd, w, 200 * 4096 - n)
close(fd)
def control(line):
    fd = open(sys.argv[3] + "/control", O_WRONLY)
    write(fd, line.encode())
    close(fd)
control("remove web")
kill(int(sys.argv[4]), 10)
while "overwritten" not in file(sys.argv[5]).read():
    kill(int(sys.argv[4]), 0)
    time.sleep(0.05)
got = b""
while len(got) < n:
    got += read(r, n - len(got))
with file(sys.argv[2], "rb") as f:
    f.seek(1 << 20)
    sys.exit(got != f.read(n))
' "$pages" "$BATS_TEST_TMPDIR/pages" "$MNT" "$pid" "$out"
	kill -USR1 "$pid"
	until_gone "$pid"
}

@test "an image that is spliced out is restored" {
	ctl remove web
	ctl snapshot web "pid=$pid" kill
	until_gone "$pid"
	python '
src = open(sys.argv[1], O_RDONLY)
dst = open(sys.argv[2] + "/restore/commit", O_WRONLY)
while sendfile(dst, src, None, 1 << 20):
    pass
close(dst)
' "$MNT/web.tar" "$MNT"
	kill -USR1 "$pid"
	until_true grep -q overwritten "$out"
	kill -USR1 "$pid"
	until_gone "$pid"
}
