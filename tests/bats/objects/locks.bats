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

# The first of several roots makes what no task has for itself.
@test "they are kept if the oldest process has ended" {
	python3 -c '
import os, time
pid = os.fork()
if not pid:
    os._exit(0)
os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
print(pid, flush=True)
time.sleep(3600)' >"$BATS_TEST_TMPDIR/zombie" 3>&- &
	parent=$!
	until_true test -s "$BATS_TEST_TMPDIR/zombie"
	zombie=$(<"$BATS_TEST_TMPDIR/zombie")
	start locks "$BATS_TEST_TMPDIR"
	[ "$zombie" -lt "$pid" ]
	image=$BATS_TEST_TMPDIR/web.tar
	ctl freeze web "pid=$zombie" "pid=$pid"
	cat "$MNT/web.tar" >"$image"
	kill -KILL "$parent"
	wait "$parent" || :
	ctl commit web kill
	until_gone "$pid"
	until_gone "$zombie"
	ctl remove web
	restore
	finish
}
