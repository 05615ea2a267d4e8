#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

teardown()
{
	# What a program that has not come to its end has left.
	ip address delete 127.9.9.9/32 dev lo 2>/dev/null || :
	common_teardown
}

@test "netlink sockets keep ports, groups, peers, messages, options and their opener's rights" {
	every_way netlink
}

@test "who is in a group is told after a restore that messages were lost, and else not" {
	start netlink monitor
	ctl freeze web "pid=$pid"
	ctl thaw web
	finish
	grep -qx "error 0" "$out"

	start netlink monitor
	save
	restore
	finish
	grep -qx "error 105" "$out"

	start netlink tolerant
	save
	restore
	finish
	grep -qx "error 0" "$out"
}

@test "a netlink dump that has not been read to its end is refused by name" {
	start netlink dump
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep -E "task $pid \\([^)]*\\) fd [0-9]+: a netlink dump that .* cannot be saved" "$MNT/log"
	finish
}

# refuses 'words' of the program in python $2 ..., run by $3 ...
refuses()
{
	local words=$1 code=$2
	shift 2

	start_command -r "$@" python3 -c "
import os, struct, time
from socket import *
def opened(protocol):
    try:
        return socket(AF_NETLINK, SOCK_RAW, protocol)
    except OSError as error:
        print('not here:', error, flush=True)
        os._exit(0)
$code
print('ready', flush=True)
time.sleep(1000)"
	# Not every kernel has all protocols.
	if grep "^not here: .*$(strerror EPROTONOSUPPORT)" "$out"; then
		until_gone "$pid"
		return
	fi
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep -E "task $pid \\([^)]*\\) fd [0-9]+: $words cannot be saved" "$MNT/log"
	kill -KILL "$pid"
	until_gone "$pid"
}

@test "what a netlink socket is not saved with is refused by name" {
	refuses 'a netlink socket of netfilter' 's = opened(12)'
	refuses 'a netlink socket of the connector' 's = opened(11)'
	refuses 'a netlink socket of this protocol' 's = opened(7)'
	refuses 'a generic netlink socket that administers the network' 's = opened(16); s.bind((0, 0))'
	refuses 'a netlink socket that controls the audit system' 's = opened(9); s.bind((0, 0))'
	refuses 'a socket that is bound to a device' 's = opened(0); s.setsockopt(SOL_SOCKET, 25, b"lo")'
}

@test "a generic netlink socket of who does not administer the network is saved" {
	start_command -r setpriv --bounding-set=-net_admin --inh-caps=-net_admin python3 -c "
import os, struct, time
from socket import *
s = socket(AF_NETLINK, SOCK_RAW, 16)
s.bind((0, 1 << 15))
def ask(seq):
    # CTRL_CMD_GETFAMILY of the controller itself.
    s.send(struct.pack('=LHHLLBBHHH8s', 32, 16, 1, seq, 0, 3, 2, 0, 12, 2, b'nlctrl\0'))
ask(7)
print('ready', flush=True)
while not os.path.exists('$BATS_TEST_TMPDIR/go'):
    time.sleep(0.01)
s.getsockopt(SOL_SOCKET, SO_ERROR)
for seq in 7, 8:
    got = s.recv(65536)
    print(struct.unpack_from('=H', got, 4)[0], struct.unpack_from('=L', got, 8)[0], b'nlctrl' in got, flush=True)
    ask(8)
print(s.getsockname()[1], flush=True)"
	ready
	save
	restore
	: >"$go"
	until_gone "$pid"
	printf 'ready\n16 7 True\n16 8 True\n%u\n' $((1 << 15)) | diff - "$out"
}

@test "a netlink port that is taken fails a restore by name" {
	start netlink queue
	save
	python3 -c "
import sys, time
from socket import *
a = socket(AF_NETLINK, SOCK_RAW, 2)
a.bind((3000000071, 0))
open(sys.argv[1], 'w')
time.sleep(1000)" "$BATS_TEST_TMPDIR/taken" &
	until_true test -e "$BATS_TEST_TMPDIR/taken"
	refused EADDRINUSE restore
	grep -q "port 3000000071 of netlink cannot be had" "$MNT/log"
	gone "$pid"
	kill "$!"
	until_gone "$!"
	restore
	finish
}

# Restores as root without some of his rights.
restore_without()
{
	# shellcheck disable=SC2016
	setpriv --bounding-set="-$1" --inh-caps="-$1" \
		sh -c 'cat "$1" >"$2"' sh "$image" "$MNT/restore/commit"
}

# The program is without the rights that a writer is to be without.
start_without()
{
	start_command -r setpriv --bounding-set="-$1" --inh-caps="-$1" "$PROGRAMS/netlink" "$2"
	ready
}

@test "messages that may not be had fail a restore by name" {
	start_without net_admin queue
	save
	refused EPERM restore_without net_admin
	grep -q "may not have messages that others have sent" "$MNT/log"
	gone "$pid"
	restore
	finish
	# A pid of the image is signed by, another only by who may.
	start_without sys_admin queue
	save
	restore_without sys_admin
	finish
	start_without sys_admin other
	save
	refused EPERM restore_without sys_admin
	grep -q "its queue cannot be filled" "$MNT/log"
	restore
	finish
}

# The image with something else in its netlink socket.
edit() { "$TREE/tests/bats/image.py" "$image" "$image.bad" "$@" fix; }

# Numbers of records: CKPT_REC_NETLINK ...
socket=96 groups=97 messages=98

@test "an image cannot have what its writer may not: signatures, groups, options" {
	start_without setuid queue
	save_stream
	# It is signed by user 1.
	edit field files/ "$messages" 20 4 1
	image=$image.bad refused EPERM restore_without setuid
	grep -q "its queue cannot be filled" "$MNT/log"
	image=$image restore_without setuid
	finish
	start_without audit_read monitor
	save_stream
	# A group of the audit system, instead of that of addresses.
	edit field files/ "$socket" 8 4 5 field files/ "$groups" 0 4 1
	image=$image.bad refused EPERM restore_without audit_read
	grep -q "group 1 of netlink cannot be joined" "$MNT/log"
	gone "$pid"
	image=$image restore_without audit_read
	finish
	start_without net_broadcast monitor
	save_stream
	edit field files/ "$socket" 16 4 $((1 << 6))
	image=$image.bad refused EPERM restore_without net_broadcast
	grep -q "netlink option 8 cannot be set" "$MNT/log"
	gone "$pid"
	start_without net_admin monitor
	save_stream
	# Connected to a program, which only the kernel and administrators talk to.
	edit field files/ "$socket" 16 4 1 field files/ "$socket" 36 4 5
	image=$image.bad refused EPERM restore_without net_admin
	grep -q "its peer cannot be reached" "$MNT/log"
	gone "$pid"
}

@test "images of netlink sockets that are wrong are refused" {
	start netlink queue
	save_stream
	wrong_images <<-END
		# Who has opened it, protocol, group of its peer.
		EUCLEAN '' field files/ $socket 0 8 0
		EUCLEAN '' field files/ $socket 8 4 11
		EUCLEAN '' field files/ $socket 36 4 1
		# Of a message: its length, flags.
		EUCLEAN '' field files/ $messages 0 4 5
		EUCLEAN '' field files/ $messages 4 4 4
	END
	restore
	finish
}
