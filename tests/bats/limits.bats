#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154
#
# Limits of memory, of who saves and restores and of the program: what does not fit is
# refused and nobody is killed, and what takes no memory does fit.

load helpers

setup_file() { many_pids; }

setup()
{
	common_setup
	control=/sys/fs/cgroup/cgroup.subtree_control
	group=/sys/fs/cgroup/limits
	controllers=$(<"$control")
	ratio=$(</proc/sys/vm/overcommit_ratio)
	# What is on a tmpfs is promised as well.
	disk=$(mktemp -d /var/tmp/limits.XXXXXX)
	echo +memory >"$control"
	mkdir "$group"
}

teardown()
{
	echo 0 >/proc/sys/vm/overcommit_memory
	echo "$ratio" >/proc/sys/vm/overcommit_ratio
	rm -r "$disk"
	common_teardown
	[ ! -d "$group" ] || rmdir "$group"
	[[ $controllers == *memory* ]] || echo -memory >"$control" || :
}

# The command is run by somebody of the cgroup.
in_group()
(
	echo "$BASHPID" >"$group/cgroup.procs"
	"$@"
)

# out_of_memory WHAT COMMAND...: it is refused to somebody of the cgroup, for lack of memory,
# which the log says of WHAT.
out_of_memory()
{
	local what=$1 log
	shift

	exec {log}<"$MNT/log"
	cat <&"$log" >/dev/null
	refused ENOMEM in_group "$@"
	grep -qx "$what: out of memory" <&"$log"
	exec {log}<&-
}

nobody_killed() { grep -qx 'oom_kill 0' "$group/memory.events"; }
nothing_staged() { [ -z "$(find "$MNT/restore" -mindepth 1 ! -name commit)" ]; }

@test "a snapshot and a commit whose copies do not fit the caller's cgroup are refused" {
	start filled 24 4
	echo 12M >"$group/memory.max"
	out_of_memory snapshot ctl snapshot web "pid=$pid"
	[ ! -e "$MNT/web" ]
	nobody_killed
	# To freeze takes no copy.
	in_group ctl freeze web "pid=$pid"
	out_of_memory commit ctl commit web kill
	nobody_killed
	# It is frozen as before, and for another to keep.
	cat "$MNT/web.tar" >"$BATS_TEST_TMPDIR/first.tar"
	ctl commit web
	cmp "$MNT/web.tar" "$BATS_TEST_TMPDIR/first.tar"
	ctl remove web
	finish
}

@test "private memory is not copied, and fits the smallest cgroup" {
	start filled 0 48
	echo 12M >"$group/memory.max"
	in_group ctl snapshot web "pid=$pid" kill
	until_all_gone
	# What is written to a tmpfs would count.
	in_group cksum "$MNT/web.tar"
	nobody_killed
	cat "$MNT/web.tar" >"$MNT/restore/commit"
	ctl remove web
	finish
}

@test "a restore that does not fit the writer's cgroup is refused" {
	start filled 24 24
	save
	for size in 8M 16M 40M; do
		echo "$size" >"$group/memory.max"
		out_of_memory restore restore
		nobody_killed
		nothing_staged
		gone "$pid"
	done
	echo max >"$group/memory.max"
	in_group restore
	# It is of that cgroup now, and so is its memory.
	grep -qx "$pid" "$group/cgroup.procs"
	finish
}

@test "a snapshot takes nothing of what the program's cgroup may have" {
	echo "$BASHPID" >"$group/cgroup.procs"
	start filled 8 32
	echo "$BASHPID" >/sys/fs/cgroup/cgroup.procs
	echo $(($(<"$group/memory.current") + (2 << 20))) >"$group/memory.max"
	ctl snapshot web "pid=$pid"
	ctl snapshot next "pid=$pid" since=web
	cat "$MNT/web.tar" >"$BATS_TEST_TMPDIR/web.tar"
	nobody_killed
	finish
	nobody_killed
}

# As much as is promised by now, and so little more that the program could not fork.
commit_strictly()
{
	local kb

	kb=$(sed -n 's/^Committed_AS: *\([0-9]*\) kB/\1/p' /proc/meminfo)
	echo $((kb + (32 << 10))) >/proc/sys/vm/overcommit_kbytes
	echo 2 >/proc/sys/vm/overcommit_memory
}

@test "strict overcommit and RLIMIT_AS leave no room for a fork, and enough for a snapshot" {
	local kb

	start filled 8 96
	kb=$(sed -n 's/^VmSize:\s*\([0-9]*\) kB/\1/p' "/proc/$pid/status")
	prlimit --pid "$pid" --as=$(((kb + 1024) << 10))
	commit_strictly
	ctl snapshot web "pid=$pid"
	cat "$MNT/web.tar" >"$disk/first.tar"
	ctl snapshot next "pid=$pid" since=web kill
	until_all_gone
	[ "$(</proc/sys/vm/overcommit_memory)" = 2 ]
	cmp "$MNT/web.tar" "$disk/first.tar"
	ctl remove next
	ctl remove web
	# What the program had is there again, and no more.
	cat "$disk/first.tar" >"$MNT/restore/commit"
	[ "$(prlimit --pid "$pid" --as --noheadings --raw --output SOFT)" = $(((kb + 1024) << 10)) ]
	finish
}
