#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

@test "what PR_SET_MM sets is kept: addresses, heap, arguments, environment, auxv" {
	every_way layout addresses
}

@test "that of a 32-bit program is" { every_way layout32 addresses; }

@test "a file that a program says it executes is kept" {
	every_way layout exe "$BATS_TEST_TMPDIR/executed"
	every_way layout32 exe "$BATS_TEST_TMPDIR/executed"
}

@test "one that is deleted is" { every_way layout deleted "$BATS_TEST_TMPDIR/executed"; }

@test "one that may not be executed any more is refused with EACCES" {
	local dir=$BATS_TEST_TMPDIR/files

	mkdir "$dir"
	mount -t tmpfs none "$dir"
	start layout exe "$dir/executed"
	save
	mount -o remount,noexec "$dir"
	refused EACCES restore
	grep -q 'mm/[0-9]*/layout: the executed file cannot be set' "$MNT/log"
	gone "$pid"
	mount -o remount,exec "$dir"
	restore
	finish
	umount "$dir"
}

# Record 30: start_code, brk, arg_start; the executed file.
@test "addresses that prctl() does not take are refused" {
	start layout addresses
	save_stream
	wrong_images <<-'END'
		EINVAL 'the layout is refused' field mm/ 30 0 8 0
		EINVAL 'the layout is refused' field mm/ 30 0 8 0x7ffffffde000
		EINVAL 'the layout is refused' field mm/ 30 40 8 0x100000
		EINVAL 'the layout is refused' field mm/ 30 56 8 0x7ffffffde000
		EINVAL,EUCLEAN 'mm/1/layout' field mm/ 30 56 8 0xffffffff81000000
		EUCLEAN 'no file that was executed' field mm/ 30 112 8 0
		EUCLEAN 'mm/1/layout' field mm/ 30 112 8 99999
	END
	restore
	finish
}
