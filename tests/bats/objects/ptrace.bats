#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154

load ../helpers

@test "who is traced, how, and in which stop is kept" { every_way tracee; }

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
