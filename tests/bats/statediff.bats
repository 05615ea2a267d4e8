#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# Everything that can be read under /proc/PID, of all tasks of a program, is
# the same before it is frozen and after it was restored, but for what
# tests/programs/procstate lists with a reason for each.
# shellcheck disable=SC2154

load helpers

KHUGEPAGED=/sys/kernel/mm/transparent_hugepage/khugepaged

# A huge page in the place of small ones has memory that nobody has asked for: at rest
# nothing is to make one.
setup_file()
{
	cat "$KHUGEPAGED/max_ptes_none" >"$BATS_FILE_TMPDIR/max_ptes_none"
	echo 0 >"$KHUGEPAGED/max_ptes_none"
}

teardown_file() { cat "$BATS_FILE_TMPDIR/max_ptes_none" >"$KHUGEPAGED/max_ptes_none"; }

same_state()
{
	"$PROGRAMS/procstate" save "$pid" "$BATS_TEST_TMPDIR/before"
	save
	restore
	becomes_the_same
}

# What waits for the writer's end, and what is still being settled, takes its time. With
# "held", while there are snapshots.
becomes_the_same()
{
	local tries

	for ((tries = 0; tries < 20; tries++)); do
		sleep 1
		"$PROGRAMS/procstate" save "$pid" "$BATS_TEST_TMPDIR/after"
		if "$PROGRAMS/procstate" compare "$BATS_TEST_TMPDIR/before" \
			"$BATS_TEST_TMPDIR/after" "$@" >"$BATS_TEST_TMPDIR/differences" 2>&1; then
			return
		fi
	done
	cat "$BATS_TEST_TMPDIR/differences"
	return 1
}

@test "what /proc tells of a program at rest is the same" {
	start menagerie "$BATS_TEST_TMPDIR/file" queues
	same_state
	kill -USR1 "$pid"
	until_gone "$pid"
}

@test "what /proc tells is the same after a freeze that was given up" {
	start menagerie "$BATS_TEST_TMPDIR/file" queues
	"$PROGRAMS/procstate" save "$pid" "$BATS_TEST_TMPDIR/before"
	ctl freeze web "pid=$pid"
	ctl thaw web
	ctl snapshot web "pid=$pid"
	ctl remove web
	becomes_the_same
}

# The program knows nothing of those who hold its memory, of two generations, nor what
# has been read of it.
@test "what /proc tells is the same while snapshots are held" {
	start menagerie "$BATS_TEST_TMPDIR/file" queues
	"$PROGRAMS/procstate" save "$pid" "$BATS_TEST_TMPDIR/before"
	ctl snapshot web "pid=$pid"
	becomes_the_same held
	ctl snapshot next "pid=$pid" since=web
	cat "$MNT/web.tar" "$MNT/next.tar" >"$BATS_TEST_TMPDIR/read.tar"
	[ -d "$MNT/web" ] && [ -d "$MNT/next" ]
	becomes_the_same held
	ctl remove web
	becomes_the_same held
	ctl remove next
	becomes_the_same
	kill -USR1 "$pid"
	until_gone "$pid"
}

# The task waits in the system call of that number, and with that first argument.
in_call()
{
	local number first

	read -r number first _ <"/proc/$1/syscall"
	[ "$number" = "$2" ] && [ "$first" = "${3-$first}" ]
}

@test "what /proc tells of Python at rest is the same" {
	start_command -r python3 -c '
import os, signal, subprocess, threading
threading.Thread(target=signal.pause, daemon=True).start()
child = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
print("ready", flush=True)
signal.sigwait([signal.SIGUSR1])
'
	# rt_sigtimedwait, pause and read, which is how a library is loaded, too
	until_true in_call "$pid" 128
	until_true in_call "$pid/task/$(ps -L -o tid= -p "$pid" | grep -vwF "$pid" | tr -d ' ')" 34
	until_true in_call "$(pgrep -P "$pid")" 0 0x0
	same_state
}
