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
	echo 2 >/sys/kernel/mm/ksm/run
	swapoff "$swap"
	rm "$swap"
	common_teardown
}

@test "memory in swap is saved and restored" {
	every_way swapped
	grep -x '[1-9][0-9]* kB are in swap' "$out"
}

@test "memory in swap is read from a committed image" {
	start swapped
	ctl freeze web "pid=$pid"
	ctl commit web kill
	until_gone "$pid"
	cat "$MNT/web.tar" >"$MNT/restore/commit"
	ctl remove web
	finish
}

# The same slot of swap is the same page; what is in memory in one generation and
# in swap in the other is in both images.
@test "memory in swap is as it was in the image before" {
	start swapped
	grep -x '[1-9][0-9]* kB are in swap' "$out"
	ctl snapshot g0 "pid=$pid"
	cat "$MNT/g0.tar" >"$BATS_TEST_TMPDIR/g0.tar"
	ctl snapshot g1 "pid=$pid" since=g0 kill
	until_gone "$pid"
	[ "$(tar -tvf "$MNT/g1.tar" | awk '/pages$/ { n += $3 } END { print n }')" -lt \
		"$(tar -tvf "$MNT/g0.tar" | awk '/pages$/ { n += $3 } END { print n }')" ]
	ctl remove g0
	tar -C "$MNT/restore" -xf "$BATS_TEST_TMPDIR/g0.tar"
	cat "$MNT/g1.tar" >"$MNT/restore/commit"
	ctl remove g1
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

merge_pages()
{
	echo 1 >/sys/kernel/mm/ksm/run
	echo 1000 >/sys/kernel/mm/ksm/pages_to_scan
}

# As many images of it as there are to be, and then all of them in any order.
images_of_shifting()
{
	local i times=$1

	merge_pages
	start shifting 32
	for ((i = 0; i < times; i++)); do
		ctl snapshot "web$i" "pid=$pid"
	done
	finish
	for i in $(seq 0 "$((times - 1))" | shuf); do
		# It goes on from where it was, for another time.
		rm "$go"
		echo ready >"$out"
		cat "$MNT/web$i.tar" >"$MNT/restore/commit"
		finish
		ctl remove "web$i"
	done
}

@test "images of a program whose memory never rests, some in swap, are each of one instant" {
	images_of_shifting "$(repeats 12)"
}

migrated() { sed -n 's/^pgmigrate_success //p' /proc/vmstat; }

# Pages are moved while they are shared and looked at.
@test "images are of one instant while the kernel compacts its memory" {
	local compactor before

	before=$(migrated)
	until [ -e "$BATS_TEST_TMPDIR/enough" ]; do
		echo 1 >/proc/sys/vm/compact_memory
		nap
	done &
	compactor=$!
	images_of_shifting "$(repeats 6)"
	: >"$BATS_TEST_TMPDIR/enough"
	wait "$compactor"
	[ "$(migrated)" -gt "$before" ]
}

# The program has its pages merged with those of a child.
are_merged()
{
	[ "$(<"/proc/$pid/ksm_merging_pages")" -ge 300 ]
	[ "$(<"/proc/$(pgrep -P "$pid")/ksm_merging_pages")" -ge 300 ]
	[ "$(</sys/kernel/mm/ksm/pages_sharing)" -ge 500 ]
}

@test "pages that the kernel has merged are saved and restored" {
	merge_pages
	start_if_possible merged
	are_merged
	save
	restore
	finish
}

@test "a snapshot leaves merged pages merged, and is not changed by who parts them" {
	merge_pages
	start_if_possible merged
	are_merged
	ctl snapshot web "pid=$pid"
	are_merged
	cat "$MNT/web.tar" >"$BATS_TEST_TMPDIR/first.tar"
	# It writes to all of them.
	finish
	cmp "$MNT/web.tar" "$BATS_TEST_TMPDIR/first.tar"
	rm "$go"
	echo ready >"$out"
	cat "$MNT/web.tar" >"$MNT/restore/commit"
	ctl remove web
	finish
}

@test "large and huge pages go to swap and come back" { every_way folios; }
