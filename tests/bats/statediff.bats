#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# Everything that can be read under /proc/PID, of all tasks of a program, is
# the same before it is frozen and after it was restored, but for what
# tests/programs/procstate lists with a reason for each.
# shellcheck disable=SC2154

load helpers

same_state()
{
	"$PROGRAMS/procstate" save "$pid" "$BATS_TEST_TMPDIR/before"
	save
	restore
	# What waits for the writer's end and what is still being settled.
	sleep 1
	"$PROGRAMS/procstate" save "$pid" "$BATS_TEST_TMPDIR/after"
	"$PROGRAMS/procstate" compare "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
}

@test "what /proc tells of a program at rest is the same" {
	start menagerie "$BATS_TEST_TMPDIR/file"
	same_state
	kill -USR1 "$pid"
	until_gone "$pid"
}

@test "what /proc tells is the same after a freeze that was given up" {
	start menagerie "$BATS_TEST_TMPDIR/file"
	"$PROGRAMS/procstate" save "$pid" "$BATS_TEST_TMPDIR/before"
	ctl freeze web "pid=$pid"
	ctl thaw web
	ctl snapshot web "pid=$pid"
	ctl remove web
	sleep 1
	"$PROGRAMS/procstate" save "$pid" "$BATS_TEST_TMPDIR/after"
	"$PROGRAMS/procstate" compare "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
}

@test "what /proc tells of Python at rest is the same" {
	start_command -r python3 -c '
import os, signal, subprocess, threading
threading.Thread(target=signal.pause, daemon=True).start()
child = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
print("ready", flush=True)
signal.sigwait([signal.SIGUSR1])
'
	sleep 1
	same_state
}
