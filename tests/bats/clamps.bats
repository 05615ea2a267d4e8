#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154
#
# Clamps of utilization, which only the debug kernel has.

load helpers

@test "clamps of utilization are kept, of each thread" { every_way uclamp; }

@test "a restored task has no clamps of utilization of who restores it" {
	start plain
	save
	uclampset -m 100 -M 500 sh -c "cat '$image' >'$MNT/restore/commit'"
	uclampset -p "$pid" | grep -E ' min: 0 max: 1024$'
	finish
	start plain
	save
	# Those of a policy in real time.
	chrt -f 1 sh -c "cat '$image' >'$MNT/restore/commit'"
	uclampset -p "$pid" | grep -E ' min: 0 max: 1024$'
	finish
}
