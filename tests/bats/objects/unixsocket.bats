#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

@test "a pair of unix sockets keeps its messages, ends, options and filter" {
	every_way unixsocket
}

@test "open files in flight between unix sockets arrive, whatever they are" {
	every_way unixflight
}

@test "unix sockets keep their names, and listeners who waits to be accepted" {
	every_way unixnames "$BATS_TEST_TMPDIR"
}

@test "a unix socket's file that is gone is made again, and goes if the restore fails" {
	start unixnames "$BATS_TEST_TMPDIR"
	save
	rm "$BATS_TEST_TMPDIR/named" "$BATS_TEST_TMPDIR/renamed"
	ln -s nowhere "$BATS_TEST_TMPDIR/renamed"
	refused ENOTSOCK restore
	grep -q "renamed: cannot be the name of a socket" "$MNT/log"
	[ ! -e "$BATS_TEST_TMPDIR/named" ]
	[ -S "$BATS_TEST_TMPDIR/listener" ]
	rm "$BATS_TEST_TMPDIR/renamed"
	restore
	[ -S "$BATS_TEST_TMPDIR/renamed" ]
	# Its names are taken.
	refused EEXIST restore
	finish
}

# refuses 'words' ERRNO, of the program in python $1.
refuses()
{
	start_command -r python3 -c "
import os, sys, time
from os import chdir, link, unlink
from socket import *
$1
print('ready', flush=True)
time.sleep(1000)"
	refused "$3" ctl freeze web "pid=$pid"
	grep -E "task $pid \\([^)]*\\) fd [0-9]+[:,] $2" "$MNT/log"
}

@test "what a unix socket is not saved with is refused by name" {
	refuses "chdir('$BATS_TEST_TMPDIR'); s = socket(AF_UNIX); s.bind('a'); link('a', 'b'); unlink('a')" \
		'a unix socket that is found by another link cannot be saved' EOPNOTSUPP
	refuses 'a, b = socketpair(); a.send(b"urgent", MSG_OOB)' \
		'out-of-band data cannot be saved' EOPNOTSUPP
	refuses 'a, b = socketpair(); a.send(b"urgent", MSG_OOB); b.recv(1, MSG_OOB)' \
		'the mark of out-of-band data cannot be saved' EOPNOTSUPP
	refuses 'a, b = socketpair(); send_fds(a, [b"x"], [os.open("/dev/kmsg", os.O_RDONLY)])' \
		'device 1:11 cannot be saved' EOPNOTSUPP
	refuses 'a, b = socketpair(); c = os.open("/dev/kmsg", os.O_RDONLY); send_fds(a, [b"x"], [c]); os.close(c)' \
		'in flight: device 1:11 cannot be saved' EOPNOTSUPP
}

@test "a unix socket that is connected to one outside is refused by name" {
	start_command -r python3 -c '
import os, socket, time
a, b = socket.socketpair()
if os.fork():
    b.close()
else:
    a.close()
print("ready", flush=True)
time.sleep(1000)'
	# Each has closed its end.
	until_true are_ready 2
	child=$(pgrep -P "$pid")
	refused EOPNOTSUPP ctl freeze web "pid=$child"
	grep -E "task $child \\([^)]*\\) fd [0-9]+: credentials of a process outside" "$MNT/log"
	grep -E "task $child \\([^)]*\\) fd [0-9]+: a unix socket is connected to one outside" "$MNT/log"
	ctl freeze web "pid=$pid"
	ctl thaw web
}

@test "who is connected to a unix socket from outside is an obstacle until he has gone" {
	start_command -r python3 -c '
import time
from socket import *
datagrams, listener = socket(AF_UNIX, SOCK_DGRAM), socket(AF_UNIX)
datagrams.bind("\0strangers send")
listener.bind("\0strangers wait")
listener.listen()
print("ready", flush=True)
time.sleep(1000)'
	python3 -c '
import sys, time
from socket import *
datagrams, client = socket(AF_UNIX, SOCK_DGRAM), socket(AF_UNIX)
datagrams.connect("\0strangers send")
datagrams.send(b"a message")
client.connect("\0strangers wait")
open(sys.argv[1], "w")
time.sleep(1000)' "$BATS_TEST_TMPDIR/connected" &
	until_true test -e "$BATS_TEST_TMPDIR/connected"
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep "task $pid ([^)]*) fd 3: a unix socket is connected to from outside" "$MNT/log"
	grep "task $pid ([^)]*) fd 4: a unix socket is connected to one outside" "$MNT/log"
	grep "task $pid ([^)]*) fd 4: credentials of a process outside" "$MNT/log"
	kill "$!"
	until_gone "$!"
	ctl freeze web "pid=$pid"
	ctl thaw web
}

# A server and its client in asyncio, and a child at the other end of a pipe of multiprocessing,
# which are a socketpair() each; all of them at work.
@test "python's asyncio and multiprocessing go on with their sockets" {
	cat >"$BATS_TEST_TMPDIR/server.py" <<-'EOF'
		import asyncio, multiprocessing, os, sys

		def double(pipe):
		    while (number := pipe.recv()) is not None:
		        pipe.send(2 * number)

		async def serve(reader, writer):
		    while line := await reader.readline():
		        writer.write(line.upper())
		        await writer.drain()
		    writer.close()

		async def ask(reader, writer, line):
		    writer.write(line + b"\n")
		    assert await reader.readline() == line.upper() + b"\n"

		async def main():
		    here, there = multiprocessing.Pipe()
		    child = multiprocessing.get_context("fork").Process(target=double, args=(there,))
		    child.start()
		    await asyncio.start_unix_server(serve, sys.argv[1])
		    first = await asyncio.open_unix_connection(sys.argv[1])
		    await ask(*first, b"before")
		    print("ready", flush=True)
		    number = 0
		    while number < 20 or not os.path.exists(os.environ["GO"]):
		        number += 1
		        await ask(*first, b"line %d" % number)
		        here.send(number)
		        assert here.recv() == 2 * number
		        await asyncio.sleep(0.001)
		    await ask(*await asyncio.open_unix_connection(sys.argv[1]), b"after")
		    here.send(None)
		    child.join()
		    assert child.exitcode == 0
		    print("passed", flush=True)
		    os._exit(0)

		asyncio.run(main())
	EOF
	start_command -r python3 "$BATS_TEST_TMPDIR/server.py" "$BATS_TEST_TMPDIR/socket"
	ready
	for _ in 1 2 3; do
		save
		restore
	done
	finish
}
