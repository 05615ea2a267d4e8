#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

@test "tcp sockets that listen or are not connected keep addresses, options and ends" {
	every_way tcp
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
$2
print('ready', flush=True)
time.sleep(1000)"
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep -E "task $pid \\([^)]*\\) fd [0-9]+(, not accepted)?: $1 cannot be saved" "$MNT/log"
	kill -KILL "$pid"
	until_gone "$pid"
}

@test "what a tcp socket is not saved with is refused by name" {
	refuses 'a tcp connection that has been reset' '
b.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
b.connect(a.getsockname()); b.close()'
	refuses 'a tcp connection whose other end is closed .*' '
b.connect(a.getsockname()); c, _ = a.accept(); c.setblocking(False)
try:
    while True: c.send(bytes(100000))
except BlockingIOError: c.close()'
	refuses 'a tcp connection to itself' 'b.bind(("127.0.0.1", 0)); b.connect(b.getsockname())'
	refuses 'a tcp connection that its other end has not made yet' \
		'a.setsockopt(SOL_TCP, TCP_DEFER_ACCEPT, 9); b.connect(a.getsockname())'
	grep -F 'a tcp connection that has yet to say something (TCP_DEFER_ACCEPT)' "$MNT/log"
	refuses 'urgent data of a tcp connection that is closed' '
b.connect(a.getsockname()); c, _ = a.accept(); c.send(b"x", MSG_OOB)
b.shutdown(SHUT_WR); c.shutdown(SHUT_WR)
while c.getsockopt(SOL_TCP, TCP_INFO, 1) != b"\7": pass
while b.getsockopt(SOL_TCP, TCP_INFO, 1) != b"\7": pass'
	refuses 'a socket in repair .*' 'b.setsockopt(SOL_TCP, 19, 1)'
}

@test "a tcp port that is taken fails a restore by name" {
	start_command -r python3 -c "
import os, time
from socket import *
a = socket()
a.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
a.bind(('127.0.0.1', 7920))
a.listen()
print('ready', flush=True)
c, _ = a.accept()
print(c.recv(100), flush=True)"
	ready
	save
	python3 -c "
import sys, time
from socket import *
a = socket()
a.bind(('127.0.0.1', 7920))
a.listen()
open(sys.argv[1], 'w')
time.sleep(1000)" "$BATS_TEST_TMPDIR/taken" &
	until_true test -e "$BATS_TEST_TMPDIR/taken"
	refused EADDRINUSE restore
	grep -q "address 127.0.0.1 port 7920 cannot be had" "$MNT/log"
	gone "$pid"
	kill "$!"
	until_gone "$!"
	restore
	python3 -c "
from socket import *
create_connection(('127.0.0.1', 7920)).send(b'at last')"
	until_gone "$pid"
	grep -qx "b'at last'" "$out"
}
