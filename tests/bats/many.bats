#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154
#
# More tasks than go into one piece of any loop over them.

load helpers

setup_file() { many_pids; }

@test "a program of 1000 threads goes on" { every_way many "$(repeats 1000)" 0; }

@test "a program of 200 processes goes on" { every_way many 0 "$(repeats 200)"; }

@test "a program of 300 threads and 100 processes goes on" {
	every_way many "$(repeats 300)" "$(repeats 100)"
}
