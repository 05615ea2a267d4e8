#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2016,SC2154
#
# A freeze by cgroup: all that is in it and below, also what the kernel does not list.

load helpers

setup()
{
	common_setup
	group=/sys/fs/cgroup/cgroups
	mkdir -p "$group/below"
}

teardown()
{
	common_teardown
	rmdir "$group/below" "$group"
}

# The program in a shell that waits for it. $child is its pid.
start_child()
{
	start_command -r bash -c '"$0" & wait' "$PROGRAMS/$1"
	ready
	child=$(pgrep -P "$pid")
}

enter() { echo "$2" >"$1/cgroup.procs"; }
said() { [ "$(tail -n 1 "$MNT/log")" = "$1" ]; }

@test "a cgroup is saved with those below it and its zombies, each once" {
	local tasks

	start_child zombie
	enter "$group" "$pid"
	enter "$group/below" "$child"
	tasks=$(printf '%s\n' "$pid" "$child"; pgrep -P "$child")
	[ "$(wc -l <<<"$tasks")" -gt 20 ]
	image=$BATS_TEST_TMPDIR/web.tar
	ctl freeze web "pid=$child" cgroup=/cgroups cgroup=/cgroups/below
	[ "$(ls "$MNT/web/tasks")" = "$(sort <<<"$tasks")" ]
	tar -C "$MNT" -cf "$image" web
	ctl commit web kill
	until_all_gone
	until_gone "$pid"
	ctl remove web
	restore
	finish
}

@test "a child that has been moved out of the cgroup is refused, and named" {
	start_child plain
	enter "$group" "$pid"
	refused EBUSY ctl freeze web cgroup=/cgroups
	grep -xF "task $pid: its child $child is outside of the container" "$MNT/log"
	enter "$group/below" "$child"
	ctl freeze web cgroup=/cgroups
	ctl thaw web
	finish
}

@test "a cgroup that does not exist, is none, or has no tasks is refused" {
	refused ENOENT ctl freeze web cgroup=/cgroups/none
	said 'cgroup /cgroups/none: -ENOENT'
	refused ENOTDIR ctl freeze web cgroup=/cgroups/cgroup.procs
	said 'cgroup /cgroups/cgroup.procs: -ENOTDIR'
	refused ESRCH ctl freeze web cgroup=/cgroups
	said 'freeze: all of its processes have ended'
}

@test "the cgroup of the caller is refused" {
	local where

	for where in "$group" "$group/below"; do
		refused EDEADLK bash -c "echo 0 >$where/cgroup.procs
			echo freeze web cgroup=/cgroups >$MNT/control"
		tail -n 1 "$MNT/log" | grep 'is the one that asks'
	done
	[ ! -e "$MNT/web" ]
}
