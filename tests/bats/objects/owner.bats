#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

@test "an open file keeps who gets its signals, which, and by whose leave" {
	every_way owner
}
