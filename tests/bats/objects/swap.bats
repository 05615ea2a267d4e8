#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154
load ../helpers

setup()
{
	common_setup
	swap=/var/tmp/swap
	fallocate -l 64M "$swap"
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

@test "memory in swap is saved and restored" {
	round_trip swapped
	grep -x '[1-9][0-9]* kB are in swap' "$out"
}

@test "memory in swap is read from a committed image" {
	start swapped
	ctl freeze web "pid=$pid"
	ctl commit web kill
	until_true gone "$pid"
	cat "$MNT/web.tar" >"$MNT/restore/commit"
	ctl remove web
	finish
}

@test "memory that goes to swap while it is saved, and comes back, is right" {
	start anon
	ctl freeze web "pid=$pid"
	cat "$MNT/web.tar" >"$BATS_TEST_TMPDIR/first.tar"
	echo 1 >/proc/sys/vm/drop_caches
	swapoff "$swap"
	swapon "$swap"
	cmp "$MNT/web.tar" "$BATS_TEST_TMPDIR/first.tar"
	ctl thaw web
	finish
}
