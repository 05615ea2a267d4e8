#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154

load ../helpers

breakpoints=112		# the number of the record

@test "who is traced, how, and in which stop is kept" { every_way tracee; }

@test "watchpoints are kept, with their tracer and without" { every_way watchpoints; }

@test "a task in a stop of its tracer can be killed while it is frozen" {
	local task

	start tracee
	in_stop
	ctl freeze web "pid=$pid"
	kill -KILL "$task"
	until_true is_dead "$task"
	# It is no longer of one moment.
	refused ESTALE cat "$MNT/web.tar"
	refused EBUSY ctl commit web
	[ ! -e "$MNT/web" ]
	pkill -KILL -x tracee
	until_gone "$pid"
}

# The second child is in a stop from the beginning to the end.
in_stop()
{
	task=$(pgrep -P "$pid" | sed -n 2p)
	grep -q '^State:.t' "/proc/$task/status"
}

is_dead() { grep -q '^State:.[ZX]' "/proc/$1/status" || gone "$1"; }

@test "a tracee that is killed with its tracer leaves nothing" {
	start tracee
	save
	restore
	pkill -KILL -x tracee
	until_gone "$pid"
}

# Its capabilities are taken out of the image; reference 112 of the task's file.
@test "nobody traces what his credentials do not let him trace" {
	local creds made=$BATS_TEST_TMPDIR/made.tar

	start tracee
	save_stream
	creds=$(tar -xOf "$image" "web/tasks/$pid/task" | od -An -tu8 -j 112 -N 8 | tr -d ' ')
	"$TREE/tests/bats/image.py" "$image" "$made" field "creds/$creds" 18 48 8 0 \
		field "creds/$creds" 18 56 8 0 fix
	refused EPERM bash -c "cat '$made' >'$MNT/restore/commit'"
	grep -q "task $pid has no right to trace it" "$MNT/log"
	gone "$pid"
	restore
	finish
}

# Unlike the writer, who may have an event of perf anywhere.
@test "no breakpoint is set in the memory of the kernel" {
	local made=$BATS_TEST_TMPDIR/made.tar

	start watchpoints
	save_stream
	"$TREE/tests/bats/image.py" "$image" "$made" \
		field tasks/ $breakpoints 0 8 0xffffffff81000000 fix
	refused EINVAL bash -c "cat '$made' >'$MNT/restore/commit'"
	grep -q "cpu: breakpoints that no task can have" "$MNT/log"
	gone "$pid"
	restore
	finish
}
