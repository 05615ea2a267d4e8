#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# TCP connections to outside of the container.
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

port=7931

# What serves the program tcpout, and is not saved; @: what starts it elsewhere.
start_peer()
{
	go=$BATS_TEST_TMPDIR/go
	peer=$BATS_TEST_TMPDIR/peer
	GO=$go "$PROGRAMS/launch" -r "$peer" "$@" "$PROGRAMS/tcpout" peer "$port"
	grep -qx ready "$peer"
}

# It has heard what it had to, and no more.
peer_is_content()
{
	if grep "does not hold" "$peer"; then return 1; fi
}

# $2, for the $1st time.
peer_says() { [ "$(grep -cx "$2" "$peer")" = "$1" ]; }

@test "tcp connections to outside of the container go on, with what is in flight and what has ended" {
	start_peer
	every_way tcpout "$port" 127.0.0.1 ::1 ::ffff:127.0.0.1
	peer_is_content
}

@test "what a tcp peer outside says, or that it ends, while nobody is there to hear it, is heard later" {
	local way times=0

	start_peer
	for way in thaw freeze snapshot; do
		start tcpout "$port" 127.0.0.1
		times=$((times + 2))
		case $way in
		snapshot)
			ctl snapshot web "pid=$pid" kill
			until_gone "$pid" ;;
		*)
			ctl freeze web "pid=$pid" ;;
		esac
		: >"$go.frozen"
		until_true peer_says $times 'has closed'
		until_true peer_says $times 'has reset'
		cat "$MNT/web.tar" >"$BATS_TEST_TMPDIR/web.tar"
		if [ $way = thaw ]; then
			ctl thaw web
		else
			[ $way = snapshot ] || ctl commit web kill
			until_gone "$pid"
			ctl remove web
			cat "$BATS_TEST_TMPDIR/web.tar" >"$MNT/restore/commit"
		fi
		finish
		rm "$go.frozen"
		peer_is_content
	done
}

elsewhere() { [ "$(readlink /proc/self/ns/net)" != "$(readlink "/proc/$there/ns/net")" ]; }

# A network namespace $there, which is reached by 10.99.0.2, and fd99::2 if there is IPv6.
link_there()
{
	unshare -n sleep 1000 3>&- &
	there=$!
	until_true elsewhere
	ip link add ckpt0 type veth peer name ckpt1 netns "$there"
	ip addr add 10.99.0.1/24 dev ckpt0
	ip link set ckpt0 up
	nsenter -t "$there" -n sh -c 'ip addr add 10.99.0.2/24 dev ckpt1 && ip link set ckpt1 up'
	ip addr add fd99::1/64 dev ckpt0 nodad
	nsenter -t "$there" -n ip addr add fd99::2/64 dev ckpt1 nodad
}

unlink_there()
{
	ip link del ckpt0
	kill "$there"
}

@test "tcp connections over a network go on" {
	local there

	link_there
	start_peer nsenter -t "$there" -n
	every_way tcpout "$port" 10.99.0.2 fd99::2
	peer_is_content
	unlink_there
}

# What it hears it says again.
start_echo()
{
	"$PROGRAMS/launch" -r "$BATS_TEST_TMPDIR/echo" nsenter -t "$there" -n python3 -c '
import socket
server = socket.create_server(("10.99.0.2", 7933))
print("ready", flush=True)
caller, _ = server.accept()
while heard := caller.recv(65536):
    caller.sendall(heard)
caller.close()
print("heard all", flush=True)'
	grep -qx ready "$BATS_TEST_TMPDIR/echo"
}

# A program that talks to it without a pause, and looks at all that it hears.
start_talk()
{
	start_command -r python3 -c '
import os, socket, threading, time
there = socket.create_connection(("10.99.0.2", 7933))
said = heard = 0
def block(n):
    return b"%015d\n" % n * 256
def say():
    global said
    while heard < 50 or not os.path.exists(os.environ["GO"]):
        there.sendall(block(said))
        said += 1
        time.sleep(0.001)
    there.shutdown(socket.SHUT_WR)
speaker = threading.Thread(target=say)
speaker.start()
with there.makefile("rb") as f:
    while got := f.read(4096):
        assert got == block(heard), heard
        heard += 1
        if heard == 5:
            print("ready", flush=True)
speaker.join()
assert heard == said, (heard, said)
print("passed", flush=True)'
	ready
}

@test "a tcp connection over a network that loses packets goes on, and loses nothing" {
	local there times

	modprobe -q sch_netem || skip "this kernel cannot lose packets"
	link_there
	tc qdisc add dev ckpt0 root netem loss 5%
	nsenter -t "$there" -n tc qdisc add dev ckpt1 root netem loss 5%
	start_echo
	start_talk
	times=$(repeats 6)
	while ((times--)); do
		save
		restore
		ctl snapshot web "pid=$pid"
		ctl remove web
		ctl freeze web "pid=$pid"
		ctl thaw web
		run_on 20
	done
	finish
	until_true grep -qx 'heard all' "$BATS_TEST_TMPDIR/echo"
	tc -s qdisc show dev ckpt0 | grep -E 'dropped [1-9]'
	nsenter -t "$there" -n tc -s qdisc show dev ckpt1 | grep -E 'dropped [1-9]'
	unlink_there
}

# Of one connection, which does what it is told.
start_server()
{
	coproc python3 -uc '
import struct, sys, time
from socket import *
a = create_server(("127.0.0.1", 7932))
print("listening")
def accept():
    global c
    c, _ = a.accept()
    return c.recv(5)
def reset():
    c.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    c.close()
def until_reset():
    try:
        while True:
            c.send(b"x")
            time.sleep(0.01)
    except OSError as e:
        return type(e).__name__
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

# A program that has a connection to it, and nothing that takes another right to restore;
# $1: what it does when it is to go on.
start_client()
{
	start_command -r setpriv --bounding-set=-net_admin --inh-caps=-net_admin python3 -c "
import fcntl, os, time
from socket import *
f = open('$BATS_TEST_TMPDIR/locked', 'w')
fcntl.flock(f, fcntl.LOCK_EX)
b = socket()
b.setsockopt(SOL_SOCKET, SO_SNDBUF, 9000)
b.connect(('127.0.0.1', 7932))
b.send(b'hello')
print('ready', flush=True)
while not os.path.exists('$BATS_TEST_TMPDIR/go'):
    time.sleep(0.01)
$1"
	ready
	[ "$(server 'accept()')" = "b'hello'" ]
}

@test "a tcp peer outside hears nothing of a restore that fails, and the next one finds it" {
	start_server
	start_client 'b.send(b"again"); print(b.recv(5, MSG_WAITALL))'
	save
	[ "$(server 'c.send(b"early")')" = 5 ]
	# shellcheck disable=SC2016
	refused EPERM setpriv --bounding-set=-net_admin --inh-caps=-net_admin \
		sh -c 'cat "$1" >"$2"' sh "$image" "$MNT/restore/commit"
	grep "may not be repaired (TCP_REPAIR)" "$MNT/log"
	# Locks are had when the connections have been made.
	exec 5>"$BATS_TEST_TMPDIR/locked"
	flock 5
	refused EAGAIN restore
	refused EAGAIN restore
	exec 5>&-
	gone "$pid"
	restore
	refused EEXIST restore
	: >"$go"
	until_gone "$pid"
	grep -qx "b'early'" "$out"
	[ "$(server 'c.recv(5, MSG_WAITALL)')" = "b'again'" ]
	[ "$(server 'c.recv(5)')" = "b''" ]
}

@test "packets are held back for as long as hold= says, unless somebody connects anew" {
	local word from

	start_server
	start_client pass
	for word in hold hold=x hold=-1 hold=604801 'hold=1 hold=2'; do
		refused EINVAL ctl snapshot web "pid=$pid" kill "$word"
	done
	refused EINVAL ctl snapshot web "pid=$pid" hold=1
	grep "snapshot: hold= needs kill" "$MNT/log"
	refused EINVAL ctl freeze web "pid=$pid" hold=1
	# For no time, and for some; the peer learns that nobody is there.
	ctl snapshot web "pid=$pid" kill hold=0
	until_gone "$pid"
	[ "$(server 'until_reset()')" = ConnectionResetError ]
	ctl remove web
	start_client pass
	ctl freeze web "pid=$pid"
	ctl commit web kill hold=2
	until_gone "$pid"
	[ "$(server 'until_reset()')" = ConnectionResetError ]
	ctl remove web
	# Who has the same addresses and ports is not kept waiting, and keeps them.
	start_client pass
	[ "$(server 'setattr(sys, "old", c)')" = None ]
	ctl snapshot web "pid=$pid" kill hold=604800
	until_gone "$pid"
	image=$BATS_TEST_TMPDIR/web.tar
	cat "$MNT/web.tar" >"$image"
	from=$(server 'c.getpeername()[1]')
	python3 -c "
from socket import *
b = socket()
b.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
b.bind(('127.0.0.1', $from))
b.connect(('127.0.0.1', 7932))
b.send(b'anew!')
b.recv(1)" &
	[ "$(server 'accept()')" = "b'anew!'" ]
	refused EADDRNOTAVAIL restore
	grep "its peer cannot be reached" "$MNT/log"
	[ "$(server 'c.send(b"x")')" = 1 ]
	wait "$!"
}

@test "of a program that ran on an image has tcp connections of another time" {
	start_server
	start_client '
try:
    while True:
        b.send(b"x")
        time.sleep(0.01)
except OSError as e:
    print(type(e).__name__)'
	ctl snapshot web "pid=$pid"
	image=$BATS_TEST_TMPDIR/web.tar
	cat "$MNT/web.tar" >"$image"
	ctl remove web
	# It has not been in the way of the connection.
	[ "$(server 'c.send(b"x")')" = 1 ]
	[ "$(server 'reset()')" = None ]
	kill -KILL "$pid"
	until_gone "$pid"
	restore
	: >"$go"
	until_gone "$pid"
	grep -Ex 'ConnectionResetError|BrokenPipeError' "$out"
}

@test "ckpt save --kill lets tcp peers outside wait for ckpt restore, as long as --hold says" {
	start_server
	start_client 'print(b.recv(5, MSG_WAITALL))'
	image=$BATS_TEST_TMPDIR/web.tar
	ckpt save --hold 9 -o "$image" "$pid" || :
	[ ! -e "$image" ]
	# Its instance is gone when it has ended.
	ckpt save --kill -o "$image" "$pid"
	until_gone "$pid"
	[ "$(server 'c.send(b"early")')" = 5 ]
	ckpt restore "$image"
	: >"$go"
	until_gone "$pid"
	grep -qx "b'early'" "$out"
	[ "$(server 'c.recv(5)')" = "b''" ]
	start_client pass
	ckpt save --kill --hold 0 -o "$image" "$pid"
	until_gone "$pid"
	[ "$(server 'until_reset()')" = ConnectionResetError ]
}
