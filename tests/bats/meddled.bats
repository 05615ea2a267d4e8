#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154
#
# Whoever may trace a program can take its open files by pidfd_getfd(2), and change them while
# it is saved: messages, members, watches, locks come and go between one look and the next.
# Then there is an image that fits together, or none, and a word why; and the kernel is well.

load helpers

setup_file() { many_pids; }

setup()
{
	[ -e /dev/net/tun ] || modprobe tun
	common_setup
}

teardown()
{
	stop_meddling
	[ ! -e /sys/class/net/ckptmeddled ] || ip link del ckptmeddled
	common_teardown
}

meddle()
{
	"$PROGRAMS/meddler" "$1" "$pid" "$BATS_TEST_TMPDIR" >/dev/null 2>&1 3>&- &
	meddler=$!
}

stop_meddling()
{
	[ -n "${meddler-}" ] || return 0
	kill "$meddler"
	wait "$meddler" || :
	meddler=
}

meddled()
{
	start_if_possible meddled "$1" "$BATS_TEST_TMPDIR"
	meddle "$1"
	image=$BATS_TEST_TMPDIR/web.tar
	"$TREE/tests/bats/meddled.py" "$MNT" "$pid" "$(repeats 100)" "$image" >&3
	# It has not given up.
	kill -0 "$meddler"
	stop_meddling
	ckpt check "$image"
	save
	restore
	finish
}

@test "unix sockets are accepted, read and connected while they are saved" { meddled unix; }
@test "epolls are changed while they are saved" { meddled epoll; }
@test "sockets join groups and get filters and rings while they are saved" { meddled inet; }
@test "queues of a tun device come and go while they are saved" { meddled tun; }
@test "watches, locks and leases come and go while they are saved" { meddled files; }
