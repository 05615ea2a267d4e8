#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

@test "a directory on tmpfs that is half read gives the other half" {
	round_trip directory "$BATS_TEST_TMPDIR"
}

@test "a directory on ext4 that is half read gives the other half" {
	disk=$(mktemp -d /var/tmp/directory.XXXXXX)
	round_trip directory "$disk"
	rm -r "$disk"
}

@test "a directory that is a file now is refused with ESTALE" {
	start directory "$BATS_TEST_TMPDIR"
	save
	rm -r "$BATS_TEST_TMPDIR/many"
	touch "$BATS_TEST_TMPDIR/many"
	refused ESTALE restore
	grep -q 'many: not a file of the same type any more' "$MNT/log"
}
