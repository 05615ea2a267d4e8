#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

@test "tcp connections keep what is in flight, what has ended, options and who has accepted them" {
	# An end that has been closed is known for that long.
	echo 3600 >/proc/sys/net/ipv4/tcp_fin_timeout
	every_way tcpconn
	echo 60 >/proc/sys/net/ipv4/tcp_fin_timeout
}

@test "to restore tcp connections needs a right, and none is left if it fails" {
	# It has no right that its writer is to be without.
	start_command -r setpriv --bounding-set=-net_admin --inh-caps=-net_admin python3 -c "
import fcntl, os, time
from socket import *
a, b = socket(), socket()
# No more than anybody may ask for.
for s in a, b:
    s.setsockopt(SOL_SOCKET, SO_SNDBUF, 9000)
a.bind(('127.0.0.1', 7921))
a.listen()
b.connect(a.getsockname())
c, _ = a.accept()
b.send(b'in flight')
create_connection(a.getsockname()).close()
d, _ = a.accept()
e = create_connection(a.getsockname())
e.send(b'waiting')
f = open('$BATS_TEST_TMPDIR/locked', 'w')
fcntl.flock(f, fcntl.LOCK_EX)
print('ready', flush=True)
while not os.path.exists('$BATS_TEST_TMPDIR/go'):
    time.sleep(0.01)
print(c.recv(100), d.recv(100), a.accept()[0].recv(100), flush=True)"
	ready
	save
	# shellcheck disable=SC2016
	refused EPERM setpriv --bounding-set=-net_admin --inh-caps=-net_admin \
		sh -c 'cat "$1" >"$2"' sh "$image" "$MNT/restore/commit"
	grep "may not be repaired (TCP_REPAIR)" "$MNT/log"
	# Locks are had when the connections go on already.
	exec 5>"$BATS_TEST_TMPDIR/locked"
	flock 5
	refused EAGAIN restore
	exec 5>&-
	gone "$pid"
	restore
	: >"$go"
	until_gone "$pid"
	grep -qx "b'in flight' b'' b'waiting'" "$out"
}
