#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

@test "null, zero, full, random and urandom keep their flags" {
	round_trip device
}

@test "a device may be open outside of the container too" {
	# shellcheck disable=SC2016
	start_command bash -c 'exec 9<>/dev/null
		sleep 1001 <&9 >&9 2>&9 9>&- & echo $! && wait'
	until_true pgrep -fx 'sleep 1001'
	until_true test -s "$out"
	outside=$pid
	pid=$(<"$out")
	save
	restore
	[ "$(readlink "/proc/$pid/fd/1")" = /dev/null ]
	kill "$pid" "$outside"
	until_gone "$pid"
}

@test "another device by the same name is refused with ESTALE" {
	mknod "$BATS_TEST_TMPDIR/dev" c 1 3
	# shellcheck disable=SC2016
	start_command bash -c 'exec 3<"$1"; exec sleep 1000' bash "$BATS_TEST_TMPDIR/dev"
	until_true grep -qx sleep "/proc/$pid/comm"
	save
	rm "$BATS_TEST_TMPDIR/dev"
	mknod "$BATS_TEST_TMPDIR/dev" c 1 5
	refused ESTALE restore
	grep -q 'not the same device any more' "$MNT/log"
	rm "$BATS_TEST_TMPDIR/dev"
	# One whose open would wait: it is never opened.
	mkfifo "$BATS_TEST_TMPDIR/dev"
	refused ESTALE restore
}
