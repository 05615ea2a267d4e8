#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154

load ../helpers

@test "all registers are kept, in user mode and in system calls" { every_way registers; }
@test "all registers of a 32-bit program are kept" { every_way registers32; }

@test "registers are kept over many freezes" {
	local program i

	for program in registers registers32; do
		start $program
		for ((i = 0; i < 20; i++)); do
			ctl snapshot "s$i" "pid=$pid"
			ctl remove "s$i"
		done
		finish
	done
}
