#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

setup()
{
	common_setup
	limit=$(</proc/sys/fs/inotify/max_queued_events)
	echo 100 >/proc/sys/fs/inotify/max_queued_events
}

teardown()
{
	echo "$limit" >/proc/sys/fs/inotify/max_queued_events
	common_teardown
}

@test "inotify on tmpfs keeps watches, their numbers, and what has not been read" {
	every_way inotify "$BATS_TEST_TMPDIR/watched"
}

@test "inotify on ext4 keeps watches, their numbers, and what has not been read" {
	disk=$(mktemp -d /var/tmp/inotify.XXXXXX)
	round_trip inotify "$disk/watched"
	rm -r "$disk"
}

@test "what cannot be watched again, or not kept, fails the restore" {
	start inotify "$BATS_TEST_TMPDIR/watched"
	image=$BATS_TEST_TMPDIR/web.tar
	ctl freeze web "pid=$pid"
	cat "$MNT/web.tar" >"$image"
	ctl commit web kill
	until_gone "$pid"
	ctl remove web
	mv "$BATS_TEST_TMPDIR/watched/link" "$BATS_TEST_TMPDIR/link"
	refused ENOENT restore
	grep 'web: files/[0-9]*/watches: .*/link: not found' "$MNT/log"
	mkdir "$BATS_TEST_TMPDIR/watched/link"
	refused ESTALE restore
	grep 'watches: .*/link: not a file of the same type any more' "$MNT/log"
	rmdir "$BATS_TEST_TMPDIR/watched/link"
	mv "$BATS_TEST_TMPDIR/link" "$BATS_TEST_TMPDIR/watched/link"
	echo 10 >/proc/sys/fs/inotify/max_queued_events
	refused ENOSPC restore
	grep 'the inotify cannot be made: ' "$MNT/log"
	echo 100 >/proc/sys/fs/inotify/max_queued_events

	# Two watches of one number, and of one file: of those behind the path in the
	# first record, which is as long.
	path=$BATS_TEST_TMPDIR/watched/file
	second=$((24 + 16 + 16 + (${#path} + 1 + 7) / 8 * 8 + 16))
	wrong_images <<-END
		EUCLEAN 'once: cannot be watched as 1: ' set $(watches_of 2) $second 4 1
		EEXIST 'file: cannot be watched as 2: ' set $(watches_of 2) $((second + 16 + ${#path} - 4)) 4 0x656c6966
	END
	restore
	finish
}

# The file of the inotify with that many watches.
watches_of()
{
	ckpt show --json "$image" | jq -r "[.[] | select(.file | endswith(\"/watches\"))
		| select([.records[] | select(.record == \"watch\")] | length == $1)][0].file"
}
