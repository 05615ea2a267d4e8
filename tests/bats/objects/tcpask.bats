#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# TCP sockets that have asked for a connection, and have not been answered.
# shellcheck disable=SC2030,SC2031,SC2034,SC2154

load ../helpers

LINEAR=/proc/sys/net/ipv4/tcp_syn_linear_timeouts

# They ask each second, and not after ever longer times.
setup()
{
	linear=$(<$LINEAR)
	echo 127 >$LINEAR
	common_setup
}

teardown()
{
	echo "$linear" >$LINEAR
	common_teardown
}

@test "tcp sockets that ask for a connection ask again, and who waits for that waits" {
	every_way tcpask
}

# One outside that listens and is full; it does what it is told.
start_server()
{
	coproc python3 -uc '
import sys
from socket import *
a = create_server(("127.0.0.1", 7941), backlog=1)
full = [create_connection(a.getsockname()) for i in range(2)]
a.setblocking(False)
print("listening")
def accept():
    global c
    try:
        c, _ = a.accept()
    except BlockingIOError:
        return "nobody"
    c.setblocking(True)
    return "somebody"
def await_somebody():
    a.setblocking(True)
    said = accept()
    a.setblocking(False)
    return said
def new():
    with create_connection(a.getsockname()):
        return await_somebody()
for line in sys.stdin:
    print(eval(line), flush=True)' 3>&-
	read -r said <&"${COPROC[0]}"
	[ "$said" = listening ]
}

# Returns what it says of $1.
server()
{
	echo "$1" >&"${COPROC[1]}"
	read -r said <&"${COPROC[0]}"
	echo "$said"
}

# It accepts whom it is full of, and then a new one at once.
make_room()
{
	[ "$(server 'accept()')" = somebody ]
	[ "$(server 'accept()')" = somebody ]
	[ "$(server 'new()')" = somebody ]
}

# A program that asks it; what is restored takes no right of that.
start_client()
{
	start_command -r setpriv --bounding-set=-net_admin --inh-caps=-net_admin python3 -c "
import fcntl, os, time
from socket import *
from select import *
f = open('$BATS_TEST_TMPDIR/locked', 'w')
fcntl.flock(f, fcntl.LOCK_EX)
b = socket()
b.setsockopt(SOL_TCP, TCP_SYNCNT, 99)
b.setblocking(False)
b.connect_ex(('127.0.0.1', 7941))
print('ready', flush=True)
while not os.path.exists('$BATS_TEST_TMPDIR/go'):
    time.sleep(0.01)
p = poll()
p.register(b, POLLOUT)
p.poll()
print(b.getsockopt(SOL_SOCKET, SO_ERROR), b.send(b'hello'), flush=True)
b.setblocking(True)
print(b.recv(5), flush=True)"
	ready
}

# How often any socket has asked again.
asked_again()
{
	awk '$1 == "TcpExt:" && !n { n = split($0, names) ; next }
		$1 == "TcpExt:" { for (i = 2; i <= n; i++) if (names[i] == "TCPSynRetrans") print $i }' \
		/proc/net/netstat
}
has_asked_again() { [ "$(asked_again)" -gt "$1" ]; }

# The one connection, of which nothing has been lost.
is_served()
{
	[ "$(server 'await_somebody()')" = somebody ]
	[ "$(server 'c.recv(5)')" = "b'hello'" ]
	[ "$(server 'accept()')" = nobody ]
	[ "$(server 'c.send(b"there")')" = 5 ]
	until_gone "$pid"
	grep -qx '0 5' "$out"
	grep -qx "b'there'" "$out"
}

@test "whom a tcp socket asks hears nothing while it is frozen, killed or half restored" {
	local times

	start_server
	start_client
	ctl freeze web "pid=$pid"
	make_room
	times=$(asked_again)
	until_true has_asked_again "$times"
	[ "$(server 'accept()')" = nobody ]
	image=$BATS_TEST_TMPDIR/web.tar
	cat "$MNT/web.tar" >"$image"
	ctl commit web kill
	until_gone "$pid"
	ctl remove web
	[ "$(server 'accept()')" = nobody ]
	# Locks are had when the sockets ask already.
	exec 5>"$BATS_TEST_TMPDIR/locked"
	flock 5
	refused EAGAIN restore
	exec 5>&-
	gone "$pid"
	[ "$(server 'accept()')" = nobody ]
	restore
	: >"$go"
	is_served
}

@test "a tcp socket that asks goes on with it when it is thawed" {
	start_server
	start_client
	ctl freeze web "pid=$pid"
	make_room
	[ "$(server 'accept()')" = nobody ]
	ctl thaw web
	: >"$go"
	is_served
}

@test "to restore a tcp socket that asks takes no right" {
	start_server
	start_client
	save
	make_room
	# shellcheck disable=SC2016
	setpriv --bounding-set=-net_admin --inh-caps=-net_admin \
		sh -c 'cat "$1" >"$2"' sh "$image" "$MNT/restore/commit"
	: >"$go"
	is_served
}

# refuses 'words' of the program in python $2, which has not been answered.
refuses()
{
	local prelude='
from socket import *
a, b = create_server(("127.0.0.1", 0), backlog=1), socket()
full = [create_connection(a.getsockname()) for i in range(2)]
b.setblocking(False)'

	start_python "$2" pass
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep -E "task $pid \\([^)]*\\) fd [0-9]+: $1 cannot be saved" "$MNT/log"
	kill -KILL "$pid"
	until_gone "$pid"
}

@test "what a tcp socket that asks is not saved with is refused by name" {
	local begins='a tcp connection that begins with what is sent \(TCP_FASTOPEN\)'

	refuses "$begins" '
b.setsockopt(SOL_TCP, 34, 1)
b.sendto(b"first", 0x20000000, a.getsockname())'
	refuses "$begins" '
b.setsockopt(SOL_TCP, 34, 1); b.setsockopt(SOL_TCP, 30, 1)
b.connect(a.getsockname())'
	refuses 'numbers of bytes \(SOF_TIMESTAMPING_OPT_ID\) before there is a connection' '
b.connect_ex(a.getsockname())
b.setsockopt(SOL_SOCKET, 37, 0x92)'
}
