#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154
#
# Programs that end as soon as they run again: their image is whole, though nobody has
# read it by then. Each is restored from it, and ends again.

load helpers

setup_file() { many_pids; }

# Its memory has been let go of by all but the image.
restore_from_what_is_left()
{
	until_all_gone
	image=$BATS_TEST_TMPDIR/web.tar
	cat "$MNT/web.tar" >"$image"
	ctl remove web
	restore
}

# It finds the signal when it runs again, before it does anything else: it comes while the
# program is frozen, and so is not in the image.
ends_in_the_thaw()
{
	local i times

	times=$(repeats 10)
	start dying
	for ((i = 0; i < times; i++)); do
		ctl freeze web "pid=$pid"
		kill "-$1" "$pid"
		ctl commit web
		restore_from_what_is_left
	done
	finish
}

ends_after_snapshot()
{
	local i times

	times=$(repeats 20)
	start dying
	for ((i = 0; i < times; i++)); do
		ctl snapshot web "pid=$pid"
		kill "-$1" "$pid"
		restore_from_what_is_left
	done
	finish
}

@test "a program that ends by exit_group in the thaw is in the image" { ends_in_the_thaw USR1; }
@test "a program that executes another one in the thaw is in the image" { ends_in_the_thaw USR2; }
@test "a program that ends right after a snapshot is in the image" { ends_after_snapshot USR1; }
@test "a program that executes another one right after it is" { ends_after_snapshot USR2; }
@test "a program that is killed right after a snapshot is" { ends_after_snapshot KILL; }
