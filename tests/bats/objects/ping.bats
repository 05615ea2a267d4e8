#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

range=/proc/sys/net/ipv4/ping_group_range

setup()
{
	common_setup
	groups=$(cat "$range")
	echo "0 0" >"$range"
}

teardown()
{
	echo "$groups" >"$range"
	common_teardown
}

@test "ping sockets keep identifiers, addresses, peers and answers" {
	every_way ping
}

start_pinging()
{
	start_command -r python3 -c "
import os, struct, time
from socket import *
a = socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP)
a.bind(('127.0.0.1', 7919))
${1-pass}
print('ready', flush=True)
while not os.path.exists('$BATS_TEST_TMPDIR/go'):
    time.sleep(0.01)
a.sendto(struct.pack('>BBHHH', 8, 0, 0, 0, 5), ('127.0.0.1', 0))
print(*struct.unpack('>BBxxHH', a.recv(8)), flush=True)"
	ready
}

says()
{
	: >"$go"
	until_gone "$pid"
	grep -qx "$1" "$out"
}

@test "a ping socket is had by who may open one only, with its identifier" {
	start_pinging
	save
	echo "1 0" >"$range"
	refused EACCES restore
	grep -q "raw socket" "$MNT/log"
	gone "$pid"
	echo "0 0" >"$range"
	python3 -c "
import sys, time
from socket import *
a = socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP)
a.setsockopt(SOL_SOCKET, SO_REUSEADDR, 0)
a.bind(('127.0.0.1', 7919))
open(sys.argv[1], 'w')
time.sleep(1000)" "$BATS_TEST_TMPDIR/taken" &
	until_true test -e "$BATS_TEST_TMPDIR/taken"
	refused EADDRINUSE restore
	grep -q "address 127.0.0.1 port 7919 cannot be had" "$MNT/log"
	gone "$pid"
	kill "$!"
	until_gone "$!"
	restore
	says "0 0 7919 5"
}

@test "what a ping socket is not saved with is refused by name" {
	start_pinging "a.setsockopt(SOL_IP, 23, 1)
a.sendto(struct.pack('>BBHHH', 8, 0, 0, 0, 5), ('127.0.0.1', 0))"
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep -E "task $pid \\([^)]*\\) fd [0-9]+: a checksum that has not been read .* cannot be saved" "$MNT/log"
	kill -KILL "$pid"
	until_gone "$pid"
}
