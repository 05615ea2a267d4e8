#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

@test "a fifo keeps its contents, and who has come and gone" {
	round_trip fifo "$BATS_TEST_TMPDIR"
}

@test "a fifo that is open outside is refused with EBUSY" {
	start fifo "$BATS_TEST_TMPDIR"
	exec 7<>"$BATS_TEST_TMPDIR/both"
	refused EBUSY ctl freeze web "pid=$pid"
	grep -q "task $pid ([^)]*) fd [0-9]*: the fifo is open outside of the container too" "$MNT/log"
	exec 7>&-
	finish
}

@test "a fifo that is in use is not restored into" {
	start fifo "$BATS_TEST_TMPDIR"
	save
	exec 7<>"$BATS_TEST_TMPDIR/both"
	refused EBUSY restore
	grep -q 'the fifo is in use' "$MNT/log"
	exec 7>&-
	restore
	finish
}

@test "two names of a fifo that are two fifos now are refused with ESTALE" {
	start fifo "$BATS_TEST_TMPDIR"
	save
	rm "$BATS_TEST_TMPDIR/other"
	mkfifo "$BATS_TEST_TMPDIR/other"
	refused ESTALE restore
}
