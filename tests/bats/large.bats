#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154
#
# Memory that several processors save: it is of one instant all the same.

load helpers

setup_file() { many_pids; }

setup()
{
	common_setup
	swap=/var/tmp/swap
	fallocate -l 128M "$swap"
	chmod 600 "$swap"
	mkswap -q "$swap"
	swapon "$swap"
}

teardown()
{
	clean_up
	swapoff "$swap"
	rm "$swap"
	common_teardown
}

@test "large memory that is written to all the time is saved as it was, in every way" {
	every_way large "$(repeats 100)"
}

@test "images of large memory, and differences to them, are each of one instant" {
	start large "$(repeats 100)"
	ctl snapshot older "pid=$pid"
	ctl snapshot younger "pid=$pid" since=older
	ctl freeze web "pid=$pid"
	ctl commit web kill
	until_all_gone
	cat "$MNT/older.tar" >"$BATS_TEST_TMPDIR/older.tar"
	ctl remove older
	cat "$MNT/younger.tar" >"$BATS_TEST_TMPDIR/younger.tar"
	ctl remove younger
	cat "$MNT/web.tar" >"$MNT/restore/commit"
	ctl remove web
	finish
	rm "$go"
	echo ready >"$out"
	tar -C "$MNT/restore" -xf "$BATS_TEST_TMPDIR/older.tar"
	rm "$BATS_TEST_TMPDIR/older.tar"
	cat "$BATS_TEST_TMPDIR/younger.tar" >"$MNT/restore/commit"
	finish
}
