#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

range=/proc/sys/net/ipv4/ping_group_range

setup()
{
	[ -e /dev/net/tun ] || modprobe tun
	common_setup
	groups=$(<"$range")
	echo "0 0" >"$range"
}

teardown()
{
	echo "$groups" >"$range"
	common_teardown
}

# Each kind of open file is duplicated, inherited, in flight, watched by an epoll that is
# watched, closed on exec, and has an owner and a signal, all at once.
dressed() { every_way dressed "$BATS_TEST_TMPDIR" "$@"; }

@test "files and places are the same wherever they are held, and have their owners" {
	dressed regular directory place deleted deleted-directory deleted-fifo zero random \
		memory namespace map status mounts mtu
}

@test "what tells of events is the same wherever it is held, and tells of them" {
	dressed pipe fifo ptmx pts eventfd signalfd timerfd epoll inotify fanotify pidfd \
		userfaultfd mqueue
}

@test "sockets are the same wherever they are held, and tell of what comes" {
	dressed stream dgram seqpacket listener udp tcp-listener tcp raw ping packet netlink tun
}
