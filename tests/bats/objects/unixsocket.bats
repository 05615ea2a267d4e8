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

# refuses 'words' ERRNO, of the program in python $1.
refuses()
{
	start_command python3 -c "
import os, socket, sys, time
from socket import *
$1
print('ready', flush=True)
time.sleep(1000)"
	until_true ready_or_gone
	refused "$3" ctl freeze web "pid=$pid"
	grep -E "task $pid fd [0-9]+[:,] $2" "$MNT/log"
}

@test "what a unix socket is not saved with is refused by name" {
	refuses 's = socket(AF_UNIX); s.bind("\0name of a test")' \
		'a unix socket with a name cannot be saved' EOPNOTSUPP
	refuses 'a, b = socketpair(); a.send(b"urgent", MSG_OOB)' \
		'out-of-band data cannot be saved' EOPNOTSUPP
	refuses 'a, b = socketpair(); a.send(b"urgent", MSG_OOB); b.recv(1, MSG_OOB)' \
		'the mark of out-of-band data cannot be saved' EOPNOTSUPP
	refuses 'a, b = socketpair(); a.setsockopt(SOL_SOCKET, 37, 16)' \
		'a socket with time stamps of packets .* cannot be saved' EOPNOTSUPP
	refuses 'a, b = socketpair(); send_fds(a, [b"x"], [os.open("/dev/kmsg", os.O_RDONLY)])' \
		'device 1:11 cannot be saved' EOPNOTSUPP
	refuses 'a, b = socketpair(); c = os.open("/dev/kmsg", os.O_RDONLY); send_fds(a, [b"x"], [c]); os.close(c)' \
		'in flight: device 1:11 cannot be saved' EOPNOTSUPP
}

@test "a unix socket that is connected to one outside is refused by name" {
	start_command python3 -c '
import os, socket, time
a, b = socket.socketpair()
if os.fork():
    b.close()
    print("ready", flush=True)
else:
    a.close()
time.sleep(1000)'
	until_true ready_or_gone
	child=$(pgrep -P "$pid")
	refused EOPNOTSUPP ctl freeze web "pid=$child"
	grep -E "task $child fd [0-9]+: credentials of a process outside" "$MNT/log"
	grep -E "task $child fd [0-9]+: a unix socket is connected to one outside" "$MNT/log"
	ctl freeze web "pid=$pid"
	ctl thaw web
}
