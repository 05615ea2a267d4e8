#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

@test "O_PATH of every type of file leads to the same place" {
	round_trip opath "$BATS_TEST_TMPDIR"
}
