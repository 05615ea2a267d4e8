#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

@test "a timerfd keeps its clock, its times, and what it has counted" {
	every_way timerfd clock
}
