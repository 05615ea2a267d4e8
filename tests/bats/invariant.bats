#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# All files of an image are of one instant: the sum of what processes move
# between their private memory, shared memory and pipes is the same in each. On the debug
# kernel there are fewer images: REPEAT in helpers.bash.
# shellcheck disable=SC2154

load helpers

@test "the sum over three processes is the same in 1000 images" {
	start bank
	"$PROGRAMS/audit" "$MNT" "$pid" "$(repeats 1000)"
	finish
}

@test "the sum is the same in a program restored again and again" {
	local i times

	times=$(repeats 10)
	start bank
	for ((i = 0; i < times; i++)); do
		save
		restore
		"$PROGRAMS/audit" "$MNT" "$pid" 5
	done
	finish
}
