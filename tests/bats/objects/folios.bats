#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154
#
# Memory comes back in folios as large as its mappings allow, whatever becomes of
# the archive on its way.

load ../helpers

ENABLED=/sys/kernel/mm/transparent_hugepage/enabled

setup()
{
	common_setup
	# Else it depends on what has run before whether there is a huge page.
	echo 3 >/proc/sys/vm/drop_caches
	echo 1 >/proc/sys/vm/compact_memory
}

teardown()
{
	echo always >"$ENABLED"
	umount -l "$BATS_TEST_TMPDIR/huge" 2>/dev/null || :
	common_teardown
}

# kB of the program's memory that are in huge pages.
huge() { awk '/^AnonHugePages:/ { n += $2 } END { print n + 0 }' "/proc/$pid/smaps"; }

# Three whole huge pages are there, and none where they are not wanted.
huge_again()
{
	[ "$(huge)" -ge 6144 ]
	# The first mapping is madvise(MADV_NOHUGEPAGE): nh.
	awk '/^AnonHugePages:/ { n = $2 } /^VmFlags:.* nh( |$)/ { s += n; f++ }
		END { exit s != 0 || f != 1 }' "/proc/$pid/smaps"
}

# Another one, from the image of the first.
again()
{
	rm -f "$go"
	echo ready >"$out"
}

@test "large and huge pages are what they were, for all that can happen to them" {
	round_trip folios
}

@test "of a file in huge pages that is mapped privately only the copies are in the image" {
	local dir=$BATS_TEST_TMPDIR/huge

	mkdir "$dir"
	mount -t tmpfs -o huge=always none "$dir"
	every_way hugefile "$dir/file"
	start hugefile "$dir/file"
	grep -Eq '^(Shmem|File)PmdMapped: +[1-9]' "/proc/$pid/smaps"
	save
	[ "$(tar -tvf "$image" web/mm/1/pages | awk '{ print $3 }')" -lt 1000000 ]
	restore
	finish
	umount "$dir"
}

@test "writes of any size fill huge pages" {
	local size

	start folios
	save
	for size in 1000 4097 65537 3000001; do
		dd if="$image" of="$MNT/restore/commit" bs="$size" status=none
		huge_again
		finish
		again
	done
	python3 -c '
import random, sys
random.seed(7)
data = sys.stdin.buffer.read()
at = 0
while at < len(data):
    n = random.randrange(1, 1 << random.randrange(1, 22))
    sys.stdout.buffer.write(data[at:at + n])
    sys.stdout.buffer.flush()
    at += n' <"$image" | cat >"$MNT/restore/commit"
	huge_again
	finish
}

@test "an image that was restored is saved and restored in huge pages" {
	start folios
	save
	restore
	huge_again
	ctl snapshot web "pid=$pid" kill
	until_gone "$pid"
	cat "$MNT/web.tar" >"$BATS_TEST_TMPDIR/second.tar"
	ctl remove web
	cat "$BATS_TEST_TMPDIR/second.tar" >"$MNT/restore/commit"
	huge_again
	finish
}

@test "pages that come before their mappings are restored in small pages" {
	local other=$BATS_TEST_TMPDIR/other.tar

	start folios
	save
	tar -C "$BATS_TEST_TMPDIR" -xf "$image"
	tar -C "$BATS_TEST_TMPDIR" -cf "$other" web/mm/1/pages
	tar -C "$BATS_TEST_TMPDIR" --exclude=web/mm/1/pages -rf "$other" web
	cat "$other" >"$MNT/restore/commit"
	[ "$(huge)" = 0 ]
	finish
}

@test "what is not enabled any more is not used" {
	local half

	start folios
	save
	half=$(($(stat -c %s "$image") - 20480))
	echo never >"$ENABLED"
	restore
	[ "$(huge)" = 0 ]
	finish
	again
	# Collected as huge pages, which it then must not have.
	echo always >"$ENABLED"
	{
		head -c "$half" "$image"
		echo never >"$ENABLED"
		tail -c +"$((half + 1))" "$image"
	} >"$MNT/restore/commit"
	[ "$(huge)" = 0 ]
	finish
}

@test "a limit that is reached in the middle of huge pages leaves nothing" {
	local other=$BATS_TEST_TMPDIR/other group=/sys/fs/cgroup/folios size

	start folios
	save
	size=$(stat -c %s "$image")
	mkdir "$other"
	mount -t checkpointfs -o "stage_max=$((size / 2))" none "$other"
	refused ENOSPC bash -c "cat '$image' >'$other/restore/commit'"
	gone "$pid"
	umount "$other"
	# There is just enough, but not for the rest of the last huge page.
	mount -t checkpointfs -o "stage_max=$((size + 300000))" none "$other"
	cat "$image" >"$other/restore/commit"
	finish
	again
	umount "$other"

	mkdir "$group"
	echo $((size / 2)) >"$group/memory.max"
	bash -c "echo 0 >$group/cgroup.procs && exec cat '$image' >'$MNT/restore/commit'" && false
	gone "$pid"
	echo $((size * 3)) >"$group/memory.max"
	bash -c "echo 0 >$group/cgroup.procs && exec cat '$image' >'$MNT/restore/commit'"
	finish
	rmdir "$group"
}
