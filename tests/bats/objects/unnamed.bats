#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

nothing_left() { [ -z "$(find "$1" -maxdepth 2 -name '.ckpt-*')" ]; }

@test "deleted directories and fifos, on tmpfs" {
	mkdir "$BATS_TEST_TMPDIR/dir"
	every_way unnamed "$BATS_TEST_TMPDIR/dir"
	nothing_left "$BATS_TEST_TMPDIR"
}

@test "deleted directories and fifos, on ext4" {
	disk=$(mktemp -d /var/tmp/unnamed.XXXXXX)
	every_way unnamed "$disk"
	[ -z "$(ls -A "$disk")" ]
	rmdir "$disk"
}

@test "where the directory above has gone meanwhile it is missed by name, and nothing is left" {
	mkdir "$BATS_TEST_TMPDIR/dir"
	start unnamed "$BATS_TEST_TMPDIR/dir"
	save
	rmdir "$BATS_TEST_TMPDIR/dir"
	refused ENOENT restore
	grep "unnamed/[0-9]*: $BATS_TEST_TMPDIR/dir: what was deleted cannot be made here: -ENOENT" \
		"$MNT/log"
	mkdir "$BATS_TEST_TMPDIR/dir"
	restore
	finish
	nothing_left "$BATS_TEST_TMPDIR"
}

@test "who may not make a directory there does not restore it" {
	local dir=$BATS_TEST_TMPDIR/dir

	mkdir -m 755 "$dir"
	start unnamed "$dir"
	save
	mount -t tmpfs -o ro none "$dir"
	refused EROFS restore
	umount "$dir"
	restore
	finish
}

@test "no image says that a directory is a fifo, or makes another kind of file" {
	mkdir "$BATS_TEST_TMPDIR/dir"
	start unnamed "$BATS_TEST_TMPDIR/dir"
	save_stream
	wrong_images <<-END
		EUCLEAN 'neither a directory nor a fifo' field unnamed/2 100 24 4 $((0100644))
		EUCLEAN 'neither a directory nor a fifo' field unnamed/2 100 24 4 $((0020666))
		EUCLEAN 'not the deleted file that it is of' field unnamed/2 100 24 4 $((0010644))
	END
	restore
	finish
}
