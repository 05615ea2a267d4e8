#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154

load ../helpers

pool=/proc/sys/vm/nr_hugepages

setup()
{
	common_setup
	sync
	echo 3 >/proc/sys/vm/drop_caches
	echo 1 >/proc/sys/vm/compact_memory
	resize 24
}

teardown()
{
	clean_up
	[ -z "${huge-}" ] || ! mountpoint -q "$huge" || umount -l "$huge"
	echo 0 >"$pool"
	common_teardown
}

resize()
{
	echo "$1" >"$pool"
	[ "$(<"$pool")" = "$1" ] || skip "there is not memory enough in one piece"
}

mount_huge()
{
	huge=$BATS_TEST_TMPDIR/huge
	mkdir "$huge"
	mount -t hugetlbfs -o pagesize=2M none "$huge"
}

free_pages() { sed -n 's/^HugePages_Free: *//p' /proc/meminfo; }
reserved_pages() { sed -n 's/^HugePages_Rsvd: *//p' /proc/meminfo; }
pool_is() { [ "$(free_pages) $(reserved_pages)" = "$1" ]; }

@test "private huge pages are kept, each process's own" {
	every_way hugetlb private
	until_true pool_is "24 0"
}

@test "shared huge pages are one memory for all who share them" {
	every_way hugetlb shared
	until_true pool_is "24 0"
}

@test "a memfd of huge pages keeps its contents, seals, name, and who maps it" {
	every_way hugetlb memfd
	until_true pool_is "24 0"
}

@test "mappings of files of a hugetlbfs are kept, also of deleted ones" {
	mount_huge
	every_way hugetlb file "$huge"
	until_true pool_is "24 0"
}

@test "System V segments of huge pages are kept" {
	every_way hugetlb sysv
	until_true pool_is "24 0"
}

@test "a file that has no huge pages any more is refused" {
	mount_huge
	start hugetlb file "$huge"
	save
	until_true umount "$huge"
	dd if=/dev/zero of="$huge/named" bs=2M count=3 status=none
	refused ESTALE restore
	grep 'its file has huge pages where it had none, or none where it had some' "$MNT/log"
}

@test "as many huge pages are reserved as were, and shared ones are taken once" {
	local before

	start hugetlb private
	before=$(reserved_pages)
	save
	until_true pool_is "24 0"
	restore
	[ "$(reserved_pages)" = "$before" ]
	finish
	start hugetlb shared
	before="$(free_pages) $(reserved_pages)"
	save
	restore
	[ "$(free_pages) $(reserved_pages)" = "$before" ]
	finish
}

@test "a committed image of huge pages is as it was, whatever the program does" {
	local what

	for what in private shared memfd; do
		start hugetlb "$what"
		ctl snapshot web "pid=$pid"
		finish
		cat "$MNT/web.tar" >"$BATS_TEST_TMPDIR/web.tar"
		cmp "$MNT/web.tar" "$BATS_TEST_TMPDIR/web.tar"
		ctl remove web
		rm "$go"
		echo ready >"$out"
		cat "$BATS_TEST_TMPDIR/web.tar" >"$MNT/restore/commit"
		finish
	done
}

@test "of huge pages what is as it was is in the older image only" {
	local what

	for what in private shared counting; do
		start hugetlb "$what"
		ctl snapshot g0 "pid=$pid"
		run_on 2
		ctl snapshot g1 "pid=$pid" since=g0 kill
		until_gone "$pid"
		cat "$MNT/g0.tar" >"$BATS_TEST_TMPDIR/g0.tar"
		cat "$MNT/g1.tar" >"$BATS_TEST_TMPDIR/g1.tar"
		[ "$(stat -c %s "$BATS_TEST_TMPDIR/g1.tar")" -lt 2097152 ]
		ctl remove g1
		ctl remove g0
		tar -C "$MNT/restore" -xf "$BATS_TEST_TMPDIR/g0.tar"
		cat "$BATS_TEST_TMPDIR/g1.tar" >"$MNT/restore/commit"
		finish
	done
}

@test "huge pages of which stage_max allows no copy are not committed" {
	local other=$BATS_TEST_TMPDIR/other

	start hugetlb private
	mkdir "$other"
	mount -t checkpointfs -o stage_max=1m none "$other"
	MNT=$other refused ENOSPC ctl snapshot web "pid=$pid"
	grep 'would exceed stage_max=1048576$' "$other/log"
	umount "$other"
	finish
	until_true pool_is "24 0"
}

@test "a restore for which the pool has too few pages leaves nothing, and says so" {
	local what

	for what in private shared memfd; do
		start hugetlb "$what"
		save
		until_true pool_is "24 0"
		resize 2
		refused ENOMEM restore
		grep 'the pool has too few huge pages' "$MNT/log"
		until_true pool_is "2 0"
		resize 24
		restore
		finish
	done
}

@test "a child whose huge page the pool had to take from it is refused by name" {
	resize 1
	start hugetlb stolen
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep 'hugetlb memory of which the pool had too few pages cannot be saved' "$MNT/log"
	finish
}
