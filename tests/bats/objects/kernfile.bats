#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

setup()
{
	common_setup
	group=/sys/fs/cgroup/kernfile
	mkdir -p "$group"
}

teardown()
{
	common_teardown
	[ ! -e "$group" ] || rmdir "$group"
}

@test "files of sysfs and of a cgroup go on where they were, and forget no event" {
	every_way kernfile "$group"
}

@test "who has opened cgroup.procs decides what may be written, not who restores it" {
	local dir=$BATS_TEST_TMPDIR

	until [ "$dir" = / ]; do
		chmod a+x "$dir"
		dir=$(dirname "$dir")
	done
	chmod 666 "$group/cgroup.procs"
	start_command -r setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$PROGRAMS/kernfile" "$group" denied
	ready
	save
	restore
	finish
}

# refuses LINES WORDS: a file that bash opens so as number 5 is refused.
refuses()
{
	# shellcheck disable=SC2016
	start_command -r bash -c "set -eu; $1
		echo ready
		"'while [ ! -e "$GO" ]; do sleep 0.05; done
		echo passed' bash
	ready
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep -E "task $pid \(bash\) fd 5: .*$2 cannot be saved" "$MNT/log"
	finish
}

@test "a pressure trigger of a cgroup is refused" {
	[ -e "$group/memory.pressure" ] || skip "this kernel does not measure pressure"
	refuses "exec 5<>$group/memory.pressure; printf 'some 150000 1000000\0' >&5" \
		'memory.pressure \(cgroup2, with a pressure trigger\)'
}

@test "a peak that has been set back is refused" {
	local control=/sys/fs/cgroup/cgroup.subtree_control before

	before=$(<"$control")
	echo +memory >"$control"
	refuses "exec 5<>$group/memory.peak; echo reset >&5" \
		'memory.peak \(cgroup2, with a peak of its own\)'
	[[ $before = *memory* ]] || echo -memory >"$control"
}

@test "a file of a cgroup that is there no more is refused" {
	refuses "exec 5<$group/cgroup.events; rmdir $group" \
		'cgroup.events \(cgroup2, that is there no more\)'
}

@test "a file of a cgroup that has been away, and is there again, is refused" {
	[ -e "$group/cgroup.pressure" ] || skip "this kernel does not measure pressure"
	refuses "exec 5<$group/memory.pressure; read -r line <&5
		echo 0 >$group/cgroup.pressure; echo 1 >$group/cgroup.pressure" \
		'memory.pressure \(cgroup2, that is there no more\)'
}

@test "a cgroup that is not there at the restore is missed by name" {
	# shellcheck disable=SC2016
	start_command -r bash -c 'exec 5<'"$group"'/cgroup.events; echo ready
		while [ ! -e "$GO" ]; do sleep 0.05; done; echo passed'
	ready
	save
	rmdir "$group"
	refused ENOENT restore
	grep "kernfile/cgroup.events: not found" "$MNT/log"
	mkdir "$group"
	restore
	finish
}

@test "no image leads to a file that is none of sysfs or a cgroup" {
	# shellcheck disable=SC2016
	start_command -r bash -c 'exec 5</sys/kernel/notes; echo ready
		while [ ! -e "$GO" ]; do sleep 0.05; done; echo passed'
	ready
	save_stream
	tar -C "$BATS_TEST_TMPDIR" -xf "$image"
	file=$(grep -rlaP '/sys/kernel/notes\x00' "$BATS_TEST_TMPDIR/web/files")
	file=${file#"$BATS_TEST_TMPDIR/web/"}
	wrong_images <<-END
		# /proc//////uptime, which is empty.
		ESTALE 'uptime: not a file of sysfs or a cgroup that is saved' field $file 21 8 8 0x2f2f2f636f72702f field $file 21 16 8 0x6d697470752f2f2f field $file 21 24 1 0x65 field $file 41 8 8 0
		# /////kernel/notes, /sys/kernel/////s; a directory; another size; opened by
		# nobody; a regular file.
		ENOENT '/////kernel/notes: not found' field $file 21 8 4 0x2f2f2f2f
		ENOENT '/sys/kernel/////s: not found' field $file 21 20 4 0x2f2f2f2f
		EUCLEAN '' field $file 41 0 4 $((0040555))
		ESTALE 'has changed in size' field $file 41 8 8 1
		EUCLEAN '' field $file 99 0 8 0
		EUCLEAN '' field $file 99 0 8 99
		EUCLEAN '' field $file 40 0 4 20
	END
	restore
	finish
}
