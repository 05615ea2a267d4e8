#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

@test "working directory, root and umask come back, shared or not" {
	round_trip fs "$BATS_TEST_TMPDIR"
}

@test "a working directory that is gone is refused with ENOENT" {
	start fs "$BATS_TEST_TMPDIR"
	save
	rmdir "$BATS_TEST_TMPDIR/left (deleted)"
	refused ENOENT restore
	grep -q 'cannot be made the working directory' "$MNT/log"
	mkdir "$BATS_TEST_TMPDIR/left (deleted)"
	restore
	finish
}

# All of them come back in one address space, again and again.
@test "threads keep a working directory each" {
	round_trip thread_fs
	round_trip thread_fs32
	start thread_fs
	save
	for _ in $(seq "$(repeats 50)"); do
		restore
		kill -KILL "$pid"
		until_gone "$pid"
	done
	restore
	finish
}
