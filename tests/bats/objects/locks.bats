#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

@test "files keep their locks, with owners and who waits" {
	every_way locks "$BATS_TEST_TMPDIR"
}

@test "a file that another has locked meanwhile is refused with EAGAIN" {
	start locks "$BATS_TEST_TMPDIR"
	save
	exec 7<>"$BATS_TEST_TMPDIR/exclusive"
	flock -s 7
	refused EAGAIN restore
	grep -q 'exclusive cannot be locked' "$MNT/log"
	exec 7>&-
	restore
	finish
}
