#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154
#
# After a commit the program runs on and the image stays what it was.

load helpers

# Of a program that has ended: as it was when the program was saved.
again()
{
	rm "$go"
	echo ready >"$out"
	cat "$1" >"$MNT/restore/commit"
}

@test "a committed image does not change while the program writes to all its memory" {
	local i

	start scribble "$BATS_TEST_TMPDIR/file"
	ctl freeze web "pid=$pid"
	cat "$MNT/web.tar" >"$BATS_TEST_TMPDIR/frozen.tar"
	ctl commit web
	for i in 1 2 3; do
		sleep 0.5
		cmp "$MNT/web.tar" "$BATS_TEST_TMPDIR/frozen.tar"
	done
	finish
	cmp "$MNT/web.tar" "$BATS_TEST_TMPDIR/frozen.tar"
	# The dead program goes on from where it was.
	again "$MNT/web.tar"
	ctl remove web
	finish
}

@test "shared memory of which stage_max allows no copy is not committed" {
	local other=$BATS_TEST_TMPDIR/other

	start shared_anon
	mkdir "$other"
	mount -t checkpointfs -o stage_max=64k none "$other"
	MNT=$other refused ENOSPC ctl snapshot web "pid=$pid"
	MNT=$other ctl freeze web "pid=$pid"
	MNT=$other refused ENOSPC ctl commit web
	# A line for each, and nothing is lost.
	[ "$(grep -c 'would exceed stage_max=65536$' "$other/log")" = 2 ]
	[ "$(wc -l <"$other/log")" = 2 ]
	grep -q '^web frozen ' "$other/control"
	mount -o remount,stage_max=4M "$other"
	MNT=$other ctl commit web
	finish
	again "$other/web.tar"
	finish
	umount "$other"
}

@test "what is read over a commit is of one instant" {
	local tar

	start scribble "$BATS_TEST_TMPDIR/file"
	ctl freeze web "pid=$pid"
	cat "$MNT/web.tar" >"$BATS_TEST_TMPDIR/frozen.tar"
	(dd if="$MNT/web.tar" of="$BATS_TEST_TMPDIR/over.tar" bs=5000 status=none) &
	tar=$!
	sleep 0.1
	ctl commit web
	wait "$tar"
	cmp "$BATS_TEST_TMPDIR/over.tar" "$BATS_TEST_TMPDIR/frozen.tar"
	ctl remove web
	finish
}

@test "many images of a running program are each of one instant" {
	local i

	start scribble "$BATS_TEST_TMPDIR/file"
	for i in 1 2 3 4 5; do
		ctl snapshot "web$i" "pid=$pid"
	done
	finish
	for i in 5 2 4 1 3; do
		again "$MNT/web$i.tar"
		sleep 0.2
		finish
		ctl remove "web$i"
	done
}

@test "a restored program can be saved and restored again, and its image has the same size" {
	local program i size last

	for program in anon cow shared_anon mappings mlock_madvise; do
		start "$program"
		last=
		for i in 1 2 3; do
			save
			size=$(tar -tvf "$image" | awk '/\/(pages|data)$/ { n += $3 } END { print n }')
			[ -z "$last" ] || [ "$size" = "$last" ]
			last=$size
			restore
		done
		finish
	done
}
