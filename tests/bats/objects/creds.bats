#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only

load ../helpers

@test "ids, groups, capabilities and securebits of processes and threads are kept" {
	round_trip credentials
}
