#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

@test "a pipe keeps its contents, packets, size, owner and all its ends" {
	round_trip pipe "$BATS_TEST_TMPDIR"
}

@test "a pipeline of the shell goes on where it was" {
	# shellcheck disable=SC2016
	start_command bash -c 'seq 1 20000 | while read -r n; do echo "$n"; done |
		awk "{ sum += \$1 } END { print sum; print \"passed\" }"'
	until_true pgrep -P "$pid" -x awk
	save
	restore
	until_gone "$pid"
	[ "$(head -n 1 "$out")" = 200010000 ]
	[ "$(tail -n 1 "$out")" = passed ]
}

@test "a pipe whose other end is outside is refused with EBUSY" {
	# shellcheck disable=SC2016
	start_command bash -c 'sleep 1001 | sleep 1002; true'
	until_true pgrep -P "$pid" -fx 'sleep 1002'
	child=$(pgrep -P "$pid" -fx 'sleep 1002')
	refused EBUSY ctl freeze web "pid=$child"
	grep -q "task $child ([^)]*) fd 0: the pipe is open outside of the container too" "$MNT/log"
	[ ! -e "$MNT/web" ]
	ctl freeze web "pid=$pid"
	ctl thaw web
}
